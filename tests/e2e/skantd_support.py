# SPDX-License-Identifier: Apache-2.0
"""skantd as end-to-end tests run it: a configuration, a state folder, the mock as its upstream."""
import json
import os
import signal
import socket
import sqlite3
import subprocess
import time

from mockapi import Mock
from support import SKANT, SLOWER, Result, SkantTest

SKANTD = os.path.join(os.path.dirname(SKANT), "skantd")
PATIENCE = 60 * SLOWER  # seconds: the sanitizers are slow


def wait_until(is_so, what, seconds=PATIENCE):
    """Waits for something to become true and gives it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = is_so()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s: {what}")


class Daemon:
    """One that runs."""

    def __init__(self, test, *args, env=None, stdout=None):
        self.test = test
        self.errors = open(test.path("skantd.log"), "ab")  # pylint: disable=consider-using-with
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(test.path("notify"))
        self.notify.settimeout(PATIENCE)
        env = {**(env or test.daemon_env()), "NOTIFY_SOCKET": test.path("notify")}
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [*test.prefix, SKANTD, "run", "-c", test.path("skantd.yaml"), *args], cwd=test.dir, stdin=subprocess.DEVNULL,
            stdout=stdout or subprocess.DEVNULL, stderr=self.errors, env=env)
        self.said = []

    def wait_ready(self):
        """READY=1 came; or it ended, which is said."""
        end = time.monotonic() + PATIENCE
        self.notify.settimeout(0.1)
        while time.monotonic() < end:
            try:
                self.said.append(self.notify.recv(65536).decode())
                if "READY=1" in self.said[-1]:
                    return self
            except socket.timeout:
                if self.process.poll() is not None:
                    raise AssertionError(f"skantd ended with {self.process.returncode}: {self.test.log()}") from None
        raise AssertionError("skantd did not get ready: " + self.test.log())

    @property
    def pid(self):
        """Of skantd itself: it replaces what started it."""
        return self.process.pid

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, status=0):
        """TERM; it has to end with this status within ten seconds (more with a sanitizer)."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self._end(status)

    def kill(self):
        self.process.kill()
        self._end(-signal.SIGKILL)

    def _end(self, status):
        found = self.process.wait(PATIENCE)
        self._close()
        assert found == status, f"skantd ended with {found}, not {status}: {self.test.log()}"

    def _close(self):
        self.errors.close()
        self.notify.close()
        if os.path.exists(self.test.path("notify")):
            os.unlink(self.test.path("notify"))

    def abandon(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._close()


class DaemonTest(SkantTest):
    """A test with a state folder; self.mock, when there is one, is upstream."""

    mock = None
    prefix = ()  # what starts skantd somewhere else, such as in a namespace

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("state"), 0o700)

    def start_mock(self, script=None, **options):
        self.mock = Mock(script, **options)
        self.addCleanup(self.mock.abandon)
        return self.mock

    def daemon_env(self, *kinds):
        more = self.mock.env(*(kinds or ("compliance",))) if self.mock else {}
        return self.env(**more)

    def configure(self, feeds=None, sinks=None, **top):
        """Writes skantd.yaml; JSON is YAML. A feed of activities from the beginning, a file with JSON lines."""
        config = {"version": 1, "state_dir": self.path("state"),
                  "feeds": feeds if feeds is not None else [self.activities()],
                  "sinks": sinks if sinks is not None else [self.file_sink()], **top}
        if self.mock:
            config.setdefault("api", {})
            config["api"].setdefault("requests_per_minute", 6000)
        self.write("skantd.yaml", json.dumps(config, indent=1))
        return config

    def activities(self, **more):
        return {"name": "audit", "type": "activities", "start": "beginning", "poll": "5s", **more}

    def ingest(self, **more):
        return {"name": "apps", "type": "ingest", "socket": self.path("ingest.sock"), **more}

    def file_sink(self, **more):
        return {"name": "file", "type": "file", "path": self.path("out.jsonl"), "format": "json", **more}

    def skantd(self, *args, stdin=b"", env=None, timeout=120):
        command, *rest = args
        done = subprocess.run([*self.prefix, SKANTD, command, "-c", self.path("skantd.yaml"), *rest], cwd=self.dir, input=stdin,
                              capture_output=True, timeout=timeout, env=env or self.daemon_env(), check=False)
        return Result(done)

    def once(self, *args, status=0, **more):
        done = self.skantd("run", "--once", *args, **more)
        self.assertEqual(done.status, status, done.err)
        return done

    def start(self, *args, **more):
        daemon = Daemon(self, *args, **more)
        self.addCleanup(daemon.abandon)
        return daemon.wait_ready()

    def log(self):
        with open(self.path("skantd.log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def lines(self, name="out.jsonl"):
        """The events that the file sink has written whole."""
        if not os.path.exists(self.path(name)):
            return []
        with open(self.path(name), encoding="utf-8") as f:
            return [json.loads(line) for line in f if line.endswith("\n")]

    def events(self, feed="audit", name="out.jsonl"):
        return [e for e in self.lines(name) if e["feed"] == feed]

    def status(self):
        done = self.skantd("status", "--json")
        self.assertEqual(done.status, 0, done.err)
        return json.loads(done.out)

    def sink_status(self, name="file"):
        return next(s for s in self.status()["sinks"] if s["name"] == name)

    def upstream_ids(self, kind="compliance"):
        """All ids that the mock lists, asked for apart from skantd."""
        ids, cursor = [], None
        while True:
            query = {"limit": 5000, **({"after_id": cursor} if cursor else {})}
            page = self.mock.get("/v1/compliance/activities", kind, query=query).json
            ids += [row["id"] for row in page["data"]]
            if not page["has_more"]:
                return ids
            cursor = page["last_id"]

    def assert_each_once(self, ids=None, name="out.jsonl"):
        found = [e["id"] for e in self.events(name=name)]
        wanted = self.upstream_ids() if ids is None else ids
        self.assertEqual(sorted(found), sorted(wanted))

    def let_bodies_go(self, last):
        """Up to this event, as if their time were over."""
        base = sqlite3.connect(self.path("state", "spool.db"))
        with base:
            base.execute("DELETE FROM bodies WHERE seq <= ?", (last,))
            base.execute("INSERT OR REPLACE INTO marks (name, seq, chain, observed) SELECT 'bodies', seq, chain, observed "
                         "FROM ledger WHERE seq = ?", (last,))
        base.close()

    def let_rows_go(self, last):
        """Those of the ledger up to this event, likewise."""
        self.let_bodies_go(last)
        base = sqlite3.connect(self.path("state", "spool.db"))
        with base:
            base.execute("INSERT OR REPLACE INTO marks (name, seq, chain, observed) SELECT 'ledger', seq, chain, observed "
                         "FROM ledger WHERE seq = ?", (last,))
            base.execute("DELETE FROM ledger WHERE seq <= ?", (last,))
        base.close()

    def wait_for_events(self, count, feed="audit", name="out.jsonl"):
        return wait_until(lambda: len(self.events(feed, name)) >= count, f"{count} events of {feed}")
