# SPDX-License-Identifier: Apache-2.0
"""What a soak run is made of: the mock upstream, receivers for every sink, skantd, and a look at it from outside."""
import collections
import json
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from journald import Journald  # noqa: E402  pylint: disable=wrong-import-position
from mockapi import Mock  # noqa: E402  pylint: disable=wrong-import-position
from pipeline_support import is_open, journal_sink, make_certificates  # noqa: E402  pylint: disable=wrong-import-position
from receivers import free_port  # noqa: E402  pylint: disable=wrong-import-position

SKANTD = os.path.join(os.path.dirname(os.environ["SKANT"]), "skantd")
EXACT = ("journal", "file")  # each event once, whatever happens
# Each at least once, and what comes again is marked. Of unix nothing is promised, but the kernel loses none of its
# datagrams, and the receiver is never killed here.
MARKED = ("pipe", "tcp", "tls", "relp", "relp-tls", "unix")
HOPED = ("udp",)  # nothing is promised
SINKS = EXACT + MARKED + HOPED
LISTENING = ("tcp", "tls", "relp", "relp-tls")
WINDOW = {"bytes": "1MiB", "seconds": 5}  # bodies stay in the spool as long
MAX_BYTES = 1 << 30  # of the spool
PATIENCE = 120  # seconds

RSYSLOG = """
global(workDirectory="{dir}/rsyslog" maxMessageSize="256k" defaultNetstreamDriverCAFile="{dir}/tls/ca.pem"
       defaultNetstreamDriverCertFile="{dir}/tls/localhost.pem" defaultNetstreamDriverKeyFile="{dir}/tls/localhost.key")
module(load="imudp") module(load="imtcp") module(load="imrelp" tls.tlslib="openssl")
module(load="imuxsock" SysSock.Use="off")
{rulesets}
input(type="imuxsock" socket="{dir}/log.sock" createPath="on" ruleset="unix" useSpecialParser="off" rateLimit.Interval="0")
input(type="imudp" address="127.0.0.1" port="{udp}" ruleset="udp")
input(type="imtcp" address="127.0.0.1" port="{tcp}" ruleset="tcp")
input(type="imtcp" address="127.0.0.1" port="{tls}" ruleset="tls" streamDriver.name="ossl" streamDriver.mode="1"
      streamDriver.authMode="x509/name" permittedPeer=["skantd"])
input(type="imrelp" address="127.0.0.1" port="{relp}" ruleset="relp" maxDataSize="256k")
input(type="imrelp" address="127.0.0.1" port="{relp-tls}" ruleset="relp-tls" maxDataSize="256k" tls="on"
      tls.caCert="{dir}/tls/ca.pem" tls.myCert="{dir}/tls/localhost.pem" tls.myPrivKey="{dir}/tls/localhost.key"
      tls.authMode="name" tls.permittedPeer=["skantd"])
"""
RULESET = """ruleset(name="{name}") {{
    action(type="omfile" file="{dir}/{name}.log" template="RSYSLOG_SyslogProtocol23Format") }}
"""


def wait_until(is_so, what, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


class Bench:
    """Everything but skantd, in one folder; as a context manager it ends what it began."""

    def __init__(self, folder, sinks=SINKS, bodies="7d"):
        self.dir, self.sinks, self.daemon = folder, sinks, None
        self.readers = []
        self.ports = {name: free_port() for name in ("udp", *LISTENING)}
        os.makedirs(self.path("state"), 0o700)
        os.makedirs(self.path("rsyslog"))
        make_certificates(self.path("tls"), "localhost", "skantd")
        self.log = open(self.path("log"), "ab")  # pylint: disable=consider-using-with
        self.mock = Mock(activities=0, self_feed="off")
        self.journald = Journald("SystemMaxUse=4G")
        self.rsyslog = self._start_rsyslog()
        self._configure(bodies)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.daemon, self.rsyslog, *self.readers):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        self.journald.close()
        self.mock.abandon()
        self.log.write(f"the mock ended with {self.mock.status}: {self.mock.stderr}\n".encode())
        self.log.close()

    def _start_rsyslog(self):
        rulesets = "".join(RULESET.format(name=name, dir=self.dir) for name in (*self.ports, "unix"))
        with open(self.path("rsyslog.conf"), "w", encoding="ascii") as f:
            f.write(RSYSLOG.format(dir=self.dir, rulesets=rulesets, **self.ports))
        rsyslog = subprocess.Popen(  # pylint: disable=consider-using-with
            ["rsyslogd", "-n", "-f", self.path("rsyslog.conf"), "-i", self.path("rsyslog.pid")],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        wait_until(lambda: os.path.exists(self.path("log.sock")) and all(is_open(self.ports[n]) for n in LISTENING),
                   "rsyslogd listens")
        return rsyslog

    def _configure(self, bodies):
        def syslog(name, **more):
            return {"name": name, "type": "syslog", "transport": name.replace("-", "+"),
                    "address": f"localhost:{self.ports[name]}", "max_message": 60000, "replay_window": WINDOW, **more}

        tls = {"ca_file": self.path("tls", "ca.pem"), "cert_file": self.path("tls", "skantd.pem"),
               "key_file": self.path("tls", "skantd.key")}
        sinks = [{"name": "journal", "type": "journald", **journal_sink(self.journald)},
                 {"name": "file", "type": "file", "path": self.path("file.jsonl"), "rotate": {"size": "1GiB"}},
                 {"name": "pipe", "type": "stdout", "replay_window": WINDOW},
                 {"name": "unix", "type": "syslog", "transport": "unix", "address": self.path("log.sock"),
                  "format": "rfc5424", "max_message": 60000, "replay_window": WINDOW},
                 syslog("udp"), syslog("tcp"), syslog("tls", tls=tls), syslog("relp"), syslog("relp-tls", tls=tls)]
        config = {"version": 1, "state_dir": self.path("state"), "api": {"requests_per_minute": 6000},
                  "feeds": [{"name": "audit", "type": "activities", "start": "beginning", "poll": "5s"},
                            {"name": "apps", "type": "ingest", "socket": self.path("ingest.sock")}],
                  "sinks": [sink for sink in sinks if sink["name"] in self.sinks],
                  "retention": {"bodies": bodies, "max_bytes": MAX_BYTES}, "metrics": {"textfile": self.path("skant.prom")}}
        with open(self.path("skantd.yaml"), "w", encoding="ascii") as f:
            json.dump(config, f, indent=1)  # JSON is YAML

    def env(self):
        return {**os.environ, **self.mock.env("compliance")}

    def start(self):
        """Each one has a pipe of its own, as the child of a collector has; what was read of it is pipe-N.jsonl."""
        with open(self.path(f"pipe-{len(self.readers)}.jsonl"), "wb") as output:
            reader = subprocess.Popen(  # pylint: disable=consider-using-with
                ["cat"], stdin=subprocess.PIPE, stdout=output, stderr=self.log)
        self.readers.append(reader)
        self.daemon = subprocess.Popen(  # pylint: disable=consider-using-with
            [SKANTD, "run", "-c", self.path("skantd.yaml")], stdin=subprocess.DEVNULL, stdout=reader.stdin,
            stderr=self.log, env=self.env())
        reader.stdin.close()
        return self.daemon

    def status(self):
        done = subprocess.run([SKANTD, "status", "--json", "-c", self.path("skantd.yaml")], env=self.env(), check=False,
                              capture_output=True)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def stop(self, daemon):
        """TERM, and exit status 0."""
        daemon.send_signal(signal.SIGTERM)
        status = daemon.wait(PATIENCE)
        if status:
            raise AssertionError(f"skantd ended with {status}; see {self.path('log')}")

    def upstream(self):
        """All ids that the mock has."""
        ids, cursor = [], None
        while True:
            query = {"limit": 5000, **({"after_id": cursor} if cursor else {})}
            page = self.mock.get("/v1/compliance/activities", "compliance", query=query).json
            ids += [row["id"] for row in page["data"]]
            if not page["has_more"]:
                return ids
            cursor = page["last_id"]

    def _events(self, *names):
        """Those of files with JSON lines; a line that a killed skantd left half is none."""
        for name in names:
            with open(self.path(name), encoding="utf-8", errors="replace") as f:
                yield from (json.loads(line) for line in f if line.endswith("\n"))

    def received(self, sink):
        """[(id, marked as a replay)] of the activities that a sink's receiver has, in its order."""
        if sink == "journal":
            return [(e["ANTHROPIC_ACTIVITY_ID"], "SKANT_REPLAY" in e)
                    for e in self.journald.entries("SKANT_FEED=audit") if "ANTHROPIC_ACTIVITY_ID" in e]
        if sink in ("file", "pipe"):
            names = ["file.jsonl"] if sink == "file" else [f"pipe-{n}.jsonl" for n in range(len(self.readers))]
            return [(e["id"], e.get("replay", False)) for e in self._events(*names) if e["feed"] == "audit"]
        if not os.path.exists(self.path(sink + ".log")):
            return []
        with open(self.path(sink + ".log"), encoding="utf-8", errors="replace") as f:
            return [(found[1], 'skantReplay="1"' in line) for line in f
                    if 'skantFeed="audit"' in line and (found := re.search(r'activityId="([^"]+)"', line))]


class Look:
    """One look at a process: memory in KiB, descriptors, threads, how often it was woken."""

    def __init__(self, pid):
        def field(text, name):
            return int(re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)[1])

        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            status = f.read()
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
            self.pss = field(f.read(), "Pss")
        self.anon, self.threads = field(status, "RssAnon"), field(status, "Threads")
        self.descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        self.wakes = 0
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as f:
                self.wakes += field(f.read(), "voluntary_ctxt_switches")
        self.time = time.monotonic()


def judge(bench, wanted):
    """Compares each receiver with upstream; (table of counts, list of what is wrong)."""
    table, wrong = {}, []
    for sink in (s for s in SINKS if s in bench.sinks):
        got = bench.received(sink)
        times = collections.Counter(i for i, _ in got)
        seen, unmarked = set(), 0
        for ident, is_marked in got:
            unmarked += ident in seen and not is_marked
            seen.add(ident)
        counts = {"received": len(got), "missing": len(set(wanted) - seen), "unexpected": len(seen - set(wanted)),
                  "again": sum(n - 1 for n in times.values()), "unmarked": unmarked}
        table[sink] = counts
        bad = ["unexpected"] + (["missing", "again"] if sink in EXACT else ["missing", "unmarked"] if sink in MARKED
                                else [])
        wrong += [f"{sink}: {counts[k]} {k}" for k in bad if counts[k]]
    return table, wrong
