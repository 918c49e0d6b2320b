# SPDX-License-Identifier: Apache-2.0
"""A real journald of the test's own, in a mount namespace: nothing of the machine's journal is touched."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

PROGRAM = "/lib/systemd/systemd-journald"
PATIENCE = 30

SETUP = r"""
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/journal /run/log/journal /run/systemd/journald.conf.d
if [ "$1" != volatile ]; then
	mkdir -p /var/log/journal
	[ -z "$2" ] || mount -t tmpfs -o "size=$2" tmpfs "$1"
	mount --bind "$1" /var/log/journal
	touch /run/systemd/journal/flushed
fi
cp "$3" /run/systemd/journald.conf.d/test.conf
exec sleep 100000
"""

# Holds the socket as systemd does, so that what is queued outlives journald.
HOLDER = r"""
import os, signal, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/run/systemd/journal/socket")
os.chmod("/run/systemd/journal/socket", 0o666)
while True:
    child = os.fork()
    if child == 0:
        os.dup2(s.fileno(), 3)
        os.set_inheritable(3, True)  # when it is 3 already, too
        os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
        os.execv(sys.argv[1], sys.argv[1:])
    with open(sys.argv[2] if len(sys.argv) > 2 else "/run/journald.pid", "w") as f:
        f.write(str(child))
    os.waitpid(child, 0)
"""


def why_not():
    """Why there can be no journald here, or None."""
    if not os.path.exists(PROGRAM):
        return "systemd-journald is not installed"
    done = subprocess.run(["unshare", *_user(), "-m", "mount", "-t", "tmpfs", "tmpfs", "/run"], capture_output=True,
                          check=False)
    return None if done.returncode == 0 else "no mount namespace: " + done.stderr.decode().strip()


def _user():
    return [] if os.geteuid() == 0 else ["-U", "-r"]


WHY_NOT = why_not()
needed = unittest.skipIf(WHY_NOT, str(WHY_NOT))


def forget_last(file, text, count):
    """Takes the last entries out of the index of a field, as if journald had been killed before it got there
    (systemd's Journal File Format: a data object's n_entries)."""
    with open(file, "r+b") as f:
        data = f.read()
        compact = int.from_bytes(data[12:16], "little") & 16
        start = data.index(text.encode()) - (72 if compact else 64)
        size = int.from_bytes(data[start + 8:start + 16], "little")
        assert (data[start], data[start + 1]) == (1, 0) and start + size == data.index(text.encode()) + len(text)
        entries = int.from_bytes(data[start + 56:start + 64], "little")
        assert entries >= count
        f.seek(start + 56)
        f.write((entries - count).to_bytes(8, "little"))
        if entries == count:
            f.seek(start + 40)  # entry_offset
            f.write(bytes(8))


class Journald:
    """Lines are those of [Journal]. size: of a file system of its own ("40M")."""

    def __init__(self, *lines, volatile=False, size=None, held=False, start=True, env=None):
        self.dir = tempfile.mkdtemp(prefix="skant-journal-")
        self.held, self.process, self.holder = held, None, None
        self.env = {**os.environ, **(env or {})}
        config = os.path.join(self.dir, "test.conf")
        folder = os.path.join(self.dir, "j")
        os.mkdir(folder)
        if not os.path.isdir("/var/log/journal") and not volatile:
            os.makedirs("/var/log/journal")
        usual = ["ReadKMsg=no", "Audit=no", "ForwardToSyslog=no", "RateLimitIntervalSec=0",
                 "Storage=" + ("volatile" if volatile else "persistent")]
        with open(config, "w", encoding="ascii") as f:
            f.write("[Journal]\n" + "\n".join([*usual, *lines]) + "\n")
        self.space = subprocess.Popen(  # pylint: disable=consider-using-with
            ["unshare", *_user(), "-m", "sh", "-c", SETUP, "sh", "volatile" if volatile else folder, size or "", config],
            stdin=subprocess.DEVNULL)
        self.prefix = ["nsenter", "-t", str(self.space.pid), *(["-U", "--preserve-credentials"] if _user() else []), "-m"]
        self._wait(lambda: self.call("test", "-e", "/run/systemd/journald.conf.d/test.conf") == 0, "the namespace")
        if start:
            self.start()

    def _wait(self, is_so, what):
        end = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < end, f"not in time: {what}"
            time.sleep(0.02)

    def call(self, *args):
        """The exit status of a command in there."""
        return subprocess.run([*self.prefix, *args], check=False, capture_output=True).returncode

    def run(self, *args, **more):
        return subprocess.run([*self.prefix, *args], check=True, capture_output=True, **more).stdout

    def start(self):
        if self.held:
            self.holder = subprocess.Popen(  # pylint: disable=consider-using-with
                [*self.prefix, "python3", "-c", HOLDER, PROGRAM], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=self.env)
            self._wait(lambda: self.call("test", "-s", "/run/journald.pid") == 0, "the holder")
        else:
            self.call("rm", "-f", "/run/systemd/journal/socket")
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                [*self.prefix, PROGRAM], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.env)
        self._wait(lambda: self.call("test", "-S", "/run/systemd/journal/socket") == 0, "journald's socket")

    @property
    def pid(self):
        return int(self.run("cat", "/run/journald.pid")) if self.held else self.process.pid

    def send(self, number):
        """Of one that is held the last may have ended and the next not have begun."""
        def is_sent():
            try:
                os.kill(self.pid, number)
            except (ProcessLookupError, ValueError):
                if not self.held:
                    raise
                return False
            return True

        self._wait(is_sent, "a journald to signal")

    def kill(self, number=signal.SIGKILL):
        self.send(number)
        if not self.held:
            self.process.wait(PATIENCE)
            self.process = None

    def entries(self, *matches):
        """What journalctl shows, all fields, oldest first."""
        out = self.run("journalctl", "-q", "-a", "-o", "json", *(matches or ("SYSLOG_IDENTIFIER=skantd",)))
        return [json.loads(line) for line in out.splitlines()]

    def ids(self, feed="audit", *matches):
        """Ids of the events of a feed, as often as they are there."""
        out = self.run("journalctl", "-q", "-o", "export", "--output-fields=ANTHROPIC_ACTIVITY_ID", f"SKANT_FEED={feed}",
                       *matches)
        # Fields in the form with a length: NAME, newline, 8 bytes, the value.
        mark = b"ANTHROPIC_ACTIVITY_ID\n"
        found, at = [], out.find(mark)
        while at >= 0:
            start = at + len(mark)
            size = int.from_bytes(out[start:start + 8], "little")
            found.append(out[start + 8:start + 8 + size].decode())
            at = out.find(mark, start + 8 + size)
        plain = [line.split(b"=", 1)[1].decode() for line in out.splitlines()
                 if line.startswith(b"ANTHROPIC_ACTIVITY_ID=")]
        return found + plain

    def close(self):
        held = self.pid if self.held else None
        for process in (self.holder, self.process):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        if held:
            os.kill(held, signal.SIGKILL)
        self.space.kill()
        self.space.wait()
        shutil.rmtree(self.dir, True)
