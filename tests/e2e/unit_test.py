# SPDX-License-Identifier: Apache-2.0
"""What skantd brings along for systemd: the unit, its catalog of messages, its group. And what the unit forbids is
nothing that skantd does."""
import os
import re
import shutil
import signal
import socket
import subprocess
import unittest

import journald
from pipeline_support import journal_sink
from skantd_support import SKANTD, DaemonTest, wait_until
from support import SkantTest, once

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
SYSTEMD = os.path.join(PROJECT, "forwarder", "systemd")
EXPOSURE = 20  # tenths

has_systemd = unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd-analyze")


def read(*names):
    with open(os.path.join(*names), encoding="utf-8") as f:
        return f.read()


def unit_text(sbin="/usr/sbin"):
    return read(SYSTEMD, "skantd.service.in").replace("@sbindir@", sbin)


def settings(key):
    """The values of all lines of a key, in order."""
    return re.findall(rf"^{key}=(.*)$", unit_text(), re.MULTILINE)


def classes():
    """{MESSAGE_ID: name} of all event classes."""
    found = re.findall(r'X\([A-Z_]+,\s*"([a-z-]+)",\s*"([0-9a-f]{32})"\)', read(PROJECT, "forwarder", "event.h"))
    return {ident: name for name, ident in found}


class UnitTest(SkantTest):
    def run_systemd(self, *command):
        return subprocess.run(command, cwd=self.dir, capture_output=True, text=True, timeout=60, env=self.env(),
                              check=False)

    def analyze(self, verb, text, *options):
        """systemd-analyze on a unit whose program is there: (status, output)."""
        shutil.copy("/bin/true", self.path("skantd"))
        self.write("skantd.service", text)
        done = self.run_systemd("systemd-analyze", verb, "--no-pager", *options, "./skantd.service")
        return done.returncode, done.stdout + done.stderr


@has_systemd
class Unit(UnitTest):
    def test_it_is_understood_without_a_word(self):
        self.assertEqual(self.analyze("verify", unit_text(self.dir), "--man=no"), (0, ""))

    def test_a_directive_that_nobody_knows_would_be_noticed(self):
        text = unit_text(self.dir).replace("ProtectClock=", "ProtectClocks=")
        self.assertIn("ProtectClocks", self.analyze("verify", text, "--man=no")[1])

    def test_it_is_exposed_no_more_than_it_has_to_be(self):
        status, report = self.analyze("security", unit_text(self.dir), "--offline=yes", f"--threshold={EXPOSURE}")
        self.assertEqual(status, 0, report)
        self.assertIn("Overall exposure level", report)

    def test_the_threshold_would_fail_a_unit_without_hardening(self):
        text = f"[Service]\nExecStart={self.dir}/skantd run\n"
        self.assertEqual(self.analyze("security", text, "--offline=yes", f"--threshold={EXPOSURE}")[0], 1)

    def test_its_users_are_not_mapped_so_that_senders_can_be_told_apart(self):
        self.assertEqual(settings("PrivateUsers"), [])

    def test_journald_does_not_limit_its_rate(self):
        self.assertEqual(settings("LogRateLimitIntervalSec"), ["0"])

    def test_each_group_is_systemds_or_ours(self):
        ours = re.findall(r"^g (\S+)", read(SYSTEMD, "skant.sysusers"), re.MULTILINE)
        self.assertEqual(settings("SupplementaryGroups"), [" ".join(["systemd-journal", *ours])])


@has_systemd
class Group(UnitTest):
    def test_it_is_made_once(self):
        os.makedirs(self.path("etc"))
        for _ in range(2):
            done = self.run_systemd("systemd-sysusers", f"--root={self.dir}", os.path.join(SYSTEMD, "skant.sysusers"))
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(re.findall(r"^skant:", read(self.path("etc", "group")), re.MULTILINE), ["skant:"])


@has_systemd
class Catalog(UnitTest):
    def compile(self):
        """The compiled catalog as journalctl shows it: {MESSAGE_ID: text}."""
        os.makedirs(self.path("usr", "lib", "systemd", "catalog"))
        shutil.copy(os.path.join(SYSTEMD, "skant.catalog"), self.path("usr", "lib", "systemd", "catalog"))
        done = self.run_systemd("journalctl", "--update-catalog", f"--root={self.dir}")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        shown = self.run_systemd("journalctl", f"--root={self.dir}", "--dump-catalog", "--no-pager")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        parts = re.split(r"^-- ([0-9a-f]{32})$", shown.stdout, flags=re.MULTILINE)[1:]
        return dict(zip(parts[::2], parts[1::2]))

    def test_it_compiles_and_explains_each_class_of_events_and_nothing_else(self):
        self.assertEqual(sorted(self.compile()), sorted(classes()))

    def test_each_entry_has_a_subject_and_says_who_wrote_it_and_where_to_read_on(self):
        for ident, text in self.compile().items():
            for line in ("Subject: ", "Defined-By: skant\n", "Documentation: man:skantd(8)\n"):
                self.assertIn(line, text, classes().get(ident))


def filtered():
    """The system calls that SystemCallFilter= lets pass."""
    def calls_of(name):
        listed = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", name], check=True,
                                capture_output=True, text=True).stdout
        found = set()
        for line in listed.splitlines()[1:]:
            word = line.strip()
            if word and not word.startswith("#"):
                found |= calls_of(word) if word.startswith("@") else {word}
        return found

    passing = set()
    for line in settings("SystemCallFilter"):
        for name in line.lstrip("~").split():
            found = calls_of(name) if name.startswith("@") else {name}
            passing = passing - found if line.startswith("~") else passing | found
    return passing


@has_systemd
@once
@journald.needed
@unittest.skipUnless(shutil.which("strace"), "there is no strace")
@unittest.skipIf(os.geteuid(), "it needs root, to reach into journald's namespace")
class SystemCalls(DaemonTest):
    """What skantd does between start and stop, by strace; TLS to the API is what TLS to a receiver is."""

    def test_the_filter_lets_all_pass_that_skantd_calls(self):
        journal = journald.Journald()
        self.addCleanup(journal.close)
        self.start_mock(activities=300, self_feed="off")
        sockets = {"udp": socket.socket(type=socket.SOCK_DGRAM), "tcp": socket.socket()}
        for s in sockets.values():
            self.addCleanup(s.close)
            s.bind(("127.0.0.1", 0))
        sockets["tcp"].listen()
        self.configure(feeds=[self.activities(), self.ingest(group="nogroup")],
                       sinks=[self.file_sink(), {"name": "journal", "type": "journald", **journal_sink(journal)},
                              {"name": "pipe", "type": "stdout"},
                              *({"name": name, "type": "syslog", "transport": name,
                                 "address": f"localhost:{s.getsockname()[1]}"} for name, s in sockets.items())],
                       metrics={"textfile": self.path("skant.prom"), "listen": self.path("metrics.sock")})
        traced = subprocess.Popen(  # pylint: disable=consider-using-with
            ["strace", "-f", "-qq", "-o", self.path("trace"), SKANTD, "run", "-c", self.path("skantd.yaml")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.daemon_env())
        self.addCleanup(traced.wait)
        self.addCleanup(traced.kill)
        self.wait_for_events(300)
        self.assertEqual(self.skantd("emit", stdin=b'{"event":"api_call"}\n').status, 0)
        self.wait_for_events(1, "apps")
        wait_until(lambda: os.path.exists(self.path("skant.prom")), "metrics")
        with open(self.path("trace"), encoding="utf-8", errors="replace") as f:
            os.kill(int(f.readline().split()[0]), signal.SIGTERM)
        self.assertEqual(traced.wait(60), 0)
        with open(self.path("trace"), encoding="utf-8", errors="replace") as f:
            called = set(re.findall(r"^\d+ +([a-z0-9_]+)\(", f.read(), re.MULTILINE))
        self.assertIn("epoll_wait", called)
        self.assertEqual(called - filtered(), set())


@has_systemd
@journald.needed
@unittest.skipIf(os.geteuid(), "it needs root, to reach into journald's namespace")
class OwnLog(DaemonTest):
    """What a service writes to its standard error, as systemd sets it up."""

    def test_an_error_is_one_for_journald_too(self):
        self.write("skantd.yaml", "version: 1\nnonsense: 1\n")
        journal = journald.Journald()
        self.addCleanup(journal.close)
        script = 'JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec "$@"'
        journal.call("systemd-cat", "-t", "skantd", "sh", "-c", script, "sh", SKANTD, "run", "-c",
                     self.path("skantd.yaml"))
        wait_until(journal.entries, "the log")
        entry = journal.entries("SYSLOG_IDENTIFIER=skantd", "_TRANSPORT=stdout")[0]
        self.assertEqual(entry["PRIORITY"], "3", entry)
        self.assertTrue(entry["MESSAGE"].startswith("skantd: error: "), entry)
        self.assertEqual(journal.entries("SYSLOG_IDENTIFIER=skantd", "_TRANSPORT=journal"), [])
