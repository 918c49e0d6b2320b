# SPDX-License-Identifier: Apache-2.0
"""skantd with receivers that are broken in different ways at once: none of them is in the way of the file, of the others,
of memory or of the end, and each has everything once it takes it."""
import os
import re
import socket
import struct
import threading
import time
import unittest

from skantd_support import DaemonTest, wait_until
from support import once, timed

SLOWNAME = os.environ.get("SLOWNAME")
NAME = "slow.example.com"
FIRST = 1000
FILLING = 14_000  # events after which caches have got as large as they may
WAITING = 20_000
ALLOWANCE = 2048  # KiB that memory may grow by while WAITING more events wait
STEP = 2000
PROMPT = 10  # seconds
READS, STALLS, RESETS = "reads", "stalls", "resets"


class Receiver:
    """syslog over TCP with octet counts. It reads, accepts without reading, or breaks off in the midst of a frame each
    SOME bytes. It listens from the start or later, at a port that is its own from the start."""

    SOME = 30_000

    def __init__(self, test, does, listens=True):
        self.does, self.connections, self.streams = does, 0, []
        self.server = socket.socket()
        self.server.bind(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        test.addCleanup(self.server.close)
        if listens:
            self.listen()

    def listen(self):
        self.server.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            self.connections += 1
            self.streams.append(bytearray())
            threading.Thread(target=self._serve, args=(connection, self.streams[-1]), daemon=True).start()

    def _serve(self, connection, stream):
        with connection:
            while True:
                if self.does == STALLS:
                    time.sleep(0.05)
                    continue
                try:
                    part = connection.recv(4096 if self.does == RESETS else 1 << 16)
                except OSError:
                    return
                if not part:
                    return
                stream += part
                if self.does == RESETS and len(stream) > self.SOME:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return

    def events(self):
        """[(id, marked as a replay)] of the activities that came whole, in their order."""
        found = []
        for stream in list(self.streams):
            data, at = bytes(stream), 0
            while (space := data.find(b" ", at)) >= 0:
                end = space + 1 + int(data[at:space])
                if end > len(data):
                    break
                message, at = data[space + 1:end], end
                if b'skantFeed="audit"' in message:
                    ident = re.search(rb'activityId="([^"]+)"', message)[1].decode()
                    found.append((ident, b'skantReplay="1"' in message))
        return found


def anonymous_memory(pid):
    """In KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(r"^RssAnon:\s+(\d+)", f.read(), re.MULTILINE)[1])


@once
@unittest.skipUnless(SLOWNAME, "$SLOWNAME is not set")
class BrokenReceivers(DaemonTest):
    def configure_all(self, receivers):
        def syslog(name):
            host = NAME if name == "unnamed" else "127.0.0.1"
            return {"name": name, "type": "syslog", "transport": "tcp", "address": f"{host}:{receivers[name].port}"}

        self.configure(sinks=[self.file_sink(), *map(syslog, receivers)])

    def slow_env(self):
        self.write("unanswered", "")
        return {**self.daemon_env(), "LD_PRELOAD": SLOWNAME, "SLOWNAME": NAME, "SLOWNAME_FILE": self.path("unanswered")}

    def assert_has_all(self, name, receiver):
        seen, unmarked = set(), []
        for ident, is_marked in receiver.events():
            if ident in seen and not is_marked:
                unmarked.append(ident)
            seen.add(ident)
        self.assertEqual(len(set(self.upstream_ids()) - seen), 0, f"{name} lacks some")
        self.assertEqual(unmarked, [], f"{name} has some twice without a mark")

    def assert_stops_in_time(self, daemon):
        begin = time.monotonic()
        daemon.stop()
        self.assertLess(time.monotonic() - begin, PROMPT)

    def written(self):
        """How many activities the file has."""
        with open(self.path("out.jsonl"), "rb") as f:
            return sum(b'"feed":"audit"' in line for line in f)

    def add(self, count):
        """So many events come, and the file has them promptly."""
        wanted = self.written()
        for _ in range(count // STEP):
            self.mock.add(STEP)
            wanted += STEP
            wait_until(lambda: self.written() >= wanted, f"{wanted} in the file", PROMPT)  # pylint: disable=cell-var-from-loop

    @timed
    def test_broken_receivers_hold_up_nobody_and_get_all_once_they_take_it(self):
        self.start_mock(activities=FIRST, self_feed="off")
        receivers = {"good": Receiver(self, READS), "stalls": Receiver(self, STALLS), "resets": Receiver(self, RESETS),
                     "later": Receiver(self, READS, listens=False), "unnamed": Receiver(self, READS)}
        self.configure_all(receivers)
        daemon = self.start(env=self.slow_env())
        self.wait_for_events(FIRST)
        wait_until(lambda: receivers["resets"].connections >= 3, "some connections are reset")
        self.add(FILLING)
        before = anonymous_memory(daemon.pid)
        self.add(WAITING)
        self.assertLess(anonymous_memory(daemon.pid) - before, ALLOWANCE, "KiB of memory for what waits")
        count = FIRST + FILLING + WAITING
        wait_until(lambda: len(receivers["good"].events()) >= count, "the good receiver has all", PROMPT)
        pending = {s["name"]: s["pending"] for s in self.status()["sinks"]}
        for name in ("stalls", "resets", "later", "unnamed"):
            self.assertGreater(pending[name], WAITING, pending)
        self.assert_stops_in_time(daemon)

        daemon = self.start(env=self.slow_env())  # and while they are broken, they come back one after the other
        receivers["stalls"].does = receivers["resets"].does = READS
        receivers["later"].listen()
        os.unlink(self.path("unanswered"))
        wait_until(lambda: all(s["pending"] == 0 for s in self.status()["sinks"]), "all is delivered", 150)
        self.assert_stops_in_time(daemon)
        time.sleep(1)  # what is in the sockets
        self.assert_each_once()
        for name, receiver in receivers.items():
            self.assert_has_all(name, receiver)


if __name__ == "__main__":
    unittest.main()
