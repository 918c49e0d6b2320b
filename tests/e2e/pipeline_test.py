# SPDX-License-Identifier: Apache-2.0
"""The recipes of docs/pipelines.md, run as they stand there: paths and ports are replaced, nothing else."""
import collections
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import unittest

import journald
from pipeline_support import is_open, journal_sink, make_certificates
from receivers import NO_SYSLOG_NG, UNPACKED, free_port
from skantd_support import SKANTD, DaemonTest, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
GUIDE = os.path.join(os.path.dirname(os.path.dirname(HERE)), "docs", "pipelines.md")
ACTIVITIES = 300
JOURNAL_REMOTE = os.path.join(UNPACKED, "lib", "systemd")
IMPROG = glob.glob("/usr/lib/*/rsyslog/improg.so")

has_rsyslog = unittest.skipUnless(shutil.which("rsyslogd"), "there is no rsyslogd")


def recipe(title):
    """The fenced blocks of one section: {info string: text}."""
    with open(GUIDE, encoding="utf-8") as f:
        section = f.read().split(f"\n## {title}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^```(\S[^\n]*)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))


def adapted(text, changes):
    """The text with each of these replaced; each has to be there."""
    for old, new in changes.items():
        assert old in text, f"the recipe has no {old}"
        text = text.replace(old, new)
    return text


class PipelineTest(DaemonTest):
    """Subclasses have a recipe, start its receiver and compare what has come with what upstream has."""

    def setUp(self):
        super().setUp()
        self.receiver = None
        self.start_mock(activities=ACTIVITIES, self_feed="off")

    def start_receiver(self, command, is_up, env=None):
        with open(self.path("receiver.log"), "ab") as log:
            self.receiver = subprocess.Popen(  # pylint: disable=consider-using-with
                command, cwd=self.dir, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)
        self.addCleanup(self.end_receiver, signal.SIGKILL)
        wait_until(lambda: self.receiver.poll() is not None or is_up(), f"{command[0]} is up")
        self.assertIsNone(self.receiver.poll(), self.receiver_log())

    def receiver_log(self):
        with open(self.path("receiver.log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def end_receiver(self, number=signal.SIGTERM):
        if self.receiver and self.receiver.poll() is None:
            self.receiver.send_signal(number)
            self.receiver.wait(60)

    def start_rsyslog(self, text, is_up, prefix=()):
        os.makedirs(self.path("work"), exist_ok=True)
        self.write("rsyslog.conf", text)
        checked = subprocess.run(["rsyslogd", "-N1", "-f", self.path("rsyslog.conf")], capture_output=True, text=True,
                                 check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.start_receiver([*prefix, "rsyslogd", "-n", "-f", self.path("rsyslog.conf"), "-i",
                             self.path("rsyslogd.pid")], is_up)

    def configure_sinks(self, text):
        """skantd.yaml with the recipe's sinks, word for word but for places."""
        self.write("skantd.yaml", f"version: 1\nstate_dir: {self.path('state')}\n"
                   "api: {requests_per_minute: 6000}\n"
                   "feeds: [{name: audit, type: activities, start: beginning}]\n" + text)

    def tls_places(self, port):
        return {"siem.example.com:6514": f"localhost:{port}", "/etc/skant/tls/ca.pem": self.path("tls", "ca.pem"),
                "/etc/skant/tls/cert.pem": self.path("tls", "skantd.pem"),
                "key_file: siem-key": "key_file: " + self.path("tls", "skantd.key")}

    def received(self, name):
        """Ids of activities in a file of the receiver, in the order of its lines."""
        with open(self.path(name), encoding="utf-8") as f:
            return [re.search(r'activityId="([^"]+)"', line)[1] for line in f if 'skantFeed="audit"' in line]

    def assert_has_all_once(self, name):
        wanted = self.upstream_ids()
        self.assertEqual(len(wanted), ACTIVITIES)
        wait_until(lambda: os.path.exists(self.path(name)) and len(self.received(name)) >= len(wanted),
                   f"{len(wanted)} events in {name}")
        self.assertEqual(collections.Counter(self.received(name)), collections.Counter(wanted))

    def assert_verified(self, name):
        done = self.skantd("verify", "--export", self.path(name))
        self.assertEqual(done.status, 0, done.text + done.err)

    def assert_probed(self, sink):
        done = self.skantd("check", "--sink", sink)
        self.assertEqual(done.status, 0, done.text + done.err)


@has_rsyslog
class Rsyslog(PipelineTest):
    def start_tls(self, **more):
        parts, port = recipe("rsyslog over TLS"), free_port()
        make_certificates(self.path("tls"), "localhost", "skantd")
        self.start_rsyslog(adapted(parts["rsyslog"], {
            'port="6514"': f'port="{port}"', "/etc/rsyslog.d/tls/ca.pem": self.path("tls", "ca.pem"),
            "/etc/rsyslog.d/tls/cert.pem": self.path("tls", "localhost.pem"),
            "/etc/rsyslog.d/tls/key.pem": self.path("tls", "localhost.key"),
            "/var/log/anthropic.log": self.path("anthropic.log"), **more}), lambda: is_open(port))
        self.configure_sinks(adapted(parts["yaml"], self.tls_places(port)))

    def test_over_tls(self):
        self.start_tls()
        self.once()
        self.assert_has_all_once("anthropic.log")
        self.assert_verified("anthropic.log")

    def test_over_tls_messages_of_the_size_that_is_configured_come_whole(self):
        self.start_tls()
        self.assert_probed("siem")
        self.once()
        self.assert_has_all_once("anthropic.log")
        self.assert_verified("anthropic.log")  # test messages are not taken for events

    def start_relp(self):
        parts, port = recipe("rsyslog over RELP"), free_port()
        self.start_rsyslog(adapted(parts["rsyslog"], {'port="2514"': f'port="{port}"',
                                                      "/var/log/anthropic.log": self.path("anthropic.log")}),
                           lambda: is_open(port))
        self.configure_sinks(adapted(parts["yaml"], {"127.0.0.1:2514": f"127.0.0.1:{port}"}))

    def test_over_relp(self):
        self.start_relp()
        self.once()
        self.assert_has_all_once("anthropic.log")
        self.assert_verified("anthropic.log")

    def test_over_relp_what_was_answered_for_is_in_the_file_when_rsyslogd_is_killed(self):
        self.start_relp()
        self.once()
        self.end_receiver(signal.SIGKILL)
        self.assertEqual(sorted(self.received("anthropic.log")), sorted(self.upstream_ids()))

    def test_by_its_socket_with_the_times_of_the_events(self):
        parts = recipe("rsyslog on this machine, by its socket")
        path = self.path("r.sock")
        self.start_rsyslog(adapted(parts["rsyslog"], {"/run/rsyslog-skant.sock": path,
                                                      "/var/log/anthropic.log": self.path("anthropic.log")}),
                           lambda: os.path.exists(path))
        self.configure_sinks(adapted(parts["yaml"], {"/run/rsyslog-skant.sock": path}))
        self.once()
        self.assert_has_all_once("anthropic.log")
        with open(self.path("anthropic.log"), encoding="utf-8") as f:
            times = re.findall(r"^<\d+>1 (\S{19})\S* .*createdAt=\"(\S{19})", f.read(), re.MULTILINE)
        self.assertGreaterEqual(len(times), ACTIVITIES)
        self.assertEqual([t for t in times if t[0] != t[1]], [])

    @unittest.skipUnless(IMPROG, "this rsyslog has no improg")
    def test_as_the_parent(self):
        parts = recipe("rsyslog as the parent: improg")
        self.configure_sinks(parts["yaml"])
        self.write("start", "#!/bin/sh\n" + "".join(f"export {k}='{v}'\n" for k, v in self.daemon_env().items()
                                                    if not k.endswith(("_KEY", "_TOKEN"))) +
                   f"export ANTHROPIC_COMPLIANCE_API_KEY=$(cat {self.mock.credential_file('compliance')})\n"
                   f"exec {SKANTD} run -c {self.path('skantd.yaml')}\n")
        os.chmod(self.path("start"), 0o755)
        self.start_rsyslog(adapted(parts["rsyslog"], {
            "/usr/local/sbin/skantd run -c /etc/skant/skantd.yaml": self.path("start"),
            "/var/log/anthropic.jsonl": self.path("anthropic.jsonl")}), lambda: True)
        self.wait_for_events(ACTIVITIES, name="anthropic.jsonl")
        self.assert_each_once(name="anthropic.jsonl")


@unittest.skipIf(NO_SYSLOG_NG, NO_SYSLOG_NG)
class SyslogNg(PipelineTest):
    def start_tls(self):
        parts, port = recipe("syslog-ng over TLS"), free_port()
        make_certificates(self.path("tls"), "localhost", "skantd")
        self.write("syslog-ng.conf", adapted(parts["syslog-ng"], {
            "0.0.0.0": "127.0.0.1", "port(6514)": f"port({port})",
            "/etc/syslog-ng/tls/ca.pem": self.path("tls", "ca.pem"),
            "/etc/syslog-ng/tls/cert.pem": self.path("tls", "localhost.pem"),
            "/etc/syslog-ng/tls/key.pem": self.path("tls", "localhost.key"),
            "/var/log/anthropic.log": self.path("anthropic.log")}))
        library = os.path.join(UNPACKED, "usr", "lib", "syslog-ng")
        modules = os.path.join(library, "3.38")
        command = [os.path.join(UNPACKED, "usr", "sbin", "syslog-ng"), f"--module-path={modules}", "-F", "--no-caps",
                   "--stderr", "-f", self.path("syslog-ng.conf"), "-R", self.path("persist"), "-c", self.path("ctl"),
                   "-p", self.path("syslog-ng.pid")]
        self.start_receiver(command, lambda: is_open(port), self.env(LD_LIBRARY_PATH=f"{library}:{modules}"))
        self.configure_sinks(adapted(parts["yaml"], self.tls_places(port)))

    def test_over_tls(self):
        self.start_tls()
        self.once()
        self.assert_has_all_once("anthropic.log")
        self.assert_verified("anthropic.log")

    def test_over_tls_messages_of_the_size_that_is_configured_come_whole(self):
        self.start_tls()
        self.assert_probed("siem")


@journald.needed
@unittest.skipIf(os.geteuid(), "it needs root, to reach into journald's namespace")
class FromTheJournal(PipelineTest):
    def setUp(self):
        super().setUp()
        self.journald = journald.Journald()
        self.addCleanup(self.journald.close)

    def deliver(self, sinks):
        places = ", ".join(f"{key}: {value}" for key, value in journal_sink(self.journald).items())
        self.configure_sinks(adapted(sinks, {"type: journald": f"type: journald, {places}"}))
        self.once()

    def assert_same_fields(self, entries):
        """What came out has each event once, its upstream bytes included."""
        def fields(entry):
            return {k: v for k, v in entry.items() if k.startswith(("ANTHROPIC_", "SKANT_"))}

        there = {e["SKANT_SEQ"]: fields(e) for e in self.journald.entries() if "SKANT_SEQ" in e}
        self.assertGreaterEqual(len(there), ACTIVITIES)
        self.assertEqual(sorted(e["SKANT_SEQ"] for e in entries), sorted(there))
        self.assertEqual({e["SKANT_SEQ"]: fields(e) for e in entries}, there)

    @has_rsyslog
    def test_to_rsyslog(self):
        parts = recipe("rsyslog from the journal")
        self.deliver(parts["yaml"])
        self.start_rsyslog(adapted(parts["rsyslog"], {"/var/spool/rsyslog": self.path("work"),
                                                      "/var/log/anthropic.jsonl": self.path("anthropic.jsonl")}),
                           lambda: True, self.journald.prefix)
        wait_until(lambda: len(self.lines("anthropic.jsonl")) >= ACTIVITIES, "the journal's entries")
        self.end_receiver()
        self.assert_same_fields(self.lines("anthropic.jsonl"))
        self.assert_verified("anthropic.jsonl")

    def in_its_own_etc(self, name, text, *command):
        """A command for journald's namespace, with /etc/systemd/NAME there."""
        path = self.write(name, text)
        script = f'mount -t tmpfs tmpfs /etc/systemd && cp "{path}" /etc/systemd/ && exec "$@"'
        return [*self.journald.prefix, "unshare", "-m", "sh", "-c", script, "-", *command]

    @unittest.skipUnless(os.path.exists(os.path.join(JOURNAL_REMOTE, "systemd-journal-remote")),
                         "no systemd-journal-remote is unpacked (tests/support/setup.sh test)")
    def test_to_a_remote_journal(self):
        parts = recipe("systemd-journal-upload to systemd-journal-remote")
        port, there = free_port(), self.path("remote")
        make_certificates(self.path("tls"), "localhost", "skantd")
        os.makedirs(there)
        places = {"/etc/systemd/tls/ca.pem": self.path("tls", "ca.pem"),
                  "/etc/systemd/tls/cert.pem": self.path("tls", "localhost.pem"),
                  "/etc/systemd/tls/key.pem": self.path("tls", "localhost.key")}
        self.deliver(parts["yaml"])
        self.start_receiver(self.in_its_own_etc(
            "journal-remote.conf", adapted(parts["ini remote"], places),
            os.path.join(JOURNAL_REMOTE, "systemd-journal-remote"), f"--listen-https=127.0.0.1:{port}",
            f"--output={there}"), lambda: is_open(port))
        upload = subprocess.Popen(  # pylint: disable=consider-using-with
            self.in_its_own_etc("journal-upload.conf", adapted(parts["ini upload"], {
                "collector.example.com:19532": f"localhost:{port}", **places}),
                os.path.join(JOURNAL_REMOTE, "systemd-journal-upload"), f"--save-state={self.path('upload.state')}"),
            stderr=subprocess.PIPE)
        self.addCleanup(upload.stderr.close)
        self.addCleanup(upload.wait)
        self.addCleanup(upload.kill)
        wanted = len(self.journald.entries())
        wait_until(lambda: upload.poll() is not None or len(self.remote_entries(there)) >= wanted, "the upload")
        self.assertIsNone(upload.poll(), upload.stderr.read() if upload.poll() is not None else "")
        self.assert_same_fields([e for e in self.remote_entries(there) if "SKANT_SEQ" in e])
        self.write("export.jsonl", "".join(json.dumps(e) + "\n" for e in self.remote_entries(there)))
        self.assert_verified("export.jsonl")

    def remote_entries(self, folder):
        done = subprocess.run(["journalctl", f"--directory={folder}", "-q", "-a", "-o", "json",
                               "SYSLOG_IDENTIFIER=skantd"], check=False, capture_output=True)
        return [json.loads(line) for line in done.stdout.splitlines()]


class Guide(unittest.TestCase):
    def test_each_recipe_is_run_by_a_test_or_marked_as_taken_from_documentation(self):
        with open(GUIDE, encoding="utf-8") as f:
            sections = f.read().split("\n## ")[1:]
        unmarked = [s.split("\n")[0] for s in sections if "*From documentation*" not in s]
        with open(os.path.join(HERE, "pipeline_test.py"), encoding="utf-8") as f:
            tests = f.read()
        self.assertTrue(unmarked)
        self.assertEqual([title for title in unmarked if f'recipe("{title}")' not in tests], [])

    def test_each_test_that_the_guide_on_reliability_names_is_there(self):
        with open(os.path.join(os.path.dirname(GUIDE), "reliability.md"), encoding="utf-8") as f:
            text = f.read()
        self.assertNotIn("`tests/e2e/run", text, "that needs $SKANT, which `make check-e2e` sets")
        rows = re.findall(r"\| ([^|]*) \|$", text, re.MULTILINE)
        named = [(m[0], m[1]) for row in rows for m in re.findall(r"([a-z_]+): `([a-z0-9_]+)`", row)]
        self.assertTrue(named)
        for file, name in named:
            with open(os.path.join(HERE, f"{file}_test.py"), encoding="utf-8") as f:
                self.assertIn(f"def test_{name}(", f.read())

    def test_recipes_that_read_the_journal_take_events_and_not_what_skantd_says_itself(self):
        with open(GUIDE, encoding="utf-8") as f:
            blocks = re.findall(r"^```\S[^\n]*\n(.*?)^```$", f.read(), re.MULTILINE | re.DOTALL)
        readers = [block for block in blocks if "SYSLOG_IDENTIFIER" in block]
        self.assertGreater(len(readers), 5)
        self.assertEqual([b for b in readers if "_TRANSPORT" not in b and "SKANT_SEQ" not in b], [])
