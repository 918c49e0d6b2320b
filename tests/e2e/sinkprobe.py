# SPDX-License-Identifier: Apache-2.0
"""One sink alone, driven command by command (tests/support/sinkprobe.c)."""
import json
import os
import signal
import subprocess
import threading

from support import SKANT

PROGRAM = os.environ.get("SINKPROBE") or os.path.join(os.path.dirname(SKANT), "sinkprobe")
PATIENCE = 180


def event_id(number):
    return f"activity_{number:08d}"


class SinkProbe:
    """count events with bodies of body bytes; settings are those of the sink. prefix starts it somewhere else."""

    def __init__(self, test, count, kind, *, body=420, prefix=(), **settings):
        values = [f"{k}={v}" for k, v in settings.items()]
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [*prefix, PROGRAM, f"{count}:{body}", kind, *values], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        test.addCleanup(self.abandon)

    def ask(self, command):
        """What it answers; waits for it."""
        self.begin(command)
        return self.answer()

    def begin(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def answer(self):
        watch = threading.Timer(PATIENCE, self.process.kill)
        watch.start()
        line = self.process.stdout.readline()
        watch.cancel()
        assert line, f"sinkprobe ended with {self.process.wait()}"
        return json.loads(line)

    def deliver(self, first, last, *words):
        return self.ask(" ".join(["deliver", str(first), str(last), *words]))

    def stop(self):
        """Has the sink return at once."""
        self.process.send_signal(signal.SIGTERM)

    def kill(self):
        self.process.kill()
        self._end()

    def quit(self):
        """Closes the sink."""
        self.begin("quit")
        return self._end()

    def _end(self):
        status = self.process.wait(PATIENCE)
        self.process.stdin.close()
        self.process.stdout.close()
        return status

    def abandon(self):
        if self.process.poll() is None:
            self.process.kill()
            self._end()
