# SPDX-License-Identifier: Apache-2.0
"""What skantd brings along for systemd: the unit, its catalog of messages, its group. And what the unit forbids is
nothing that skantd does."""
import os
import re
import shutil
import subprocess
import unittest

from support import SkantTest

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
