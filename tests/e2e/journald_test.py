# SPDX-License-Identifier: Apache-2.0
"""The journald sink against a real journald: what it does to us, and what of it is noticed."""
import collections
import json
import os
import random
import shutil
import signal
import subprocess
import time
import unittest

import journald
from skantd_support import SKANTD, DaemonTest, wait_until
from support import has_sanitizer, once


class JournalTest(DaemonTest):
    def start_journal(self, *lines, **options):
        self.journal = journald.Journald(*lines, **options)
        self.addCleanup(self.journal.close)
        self.prefix = self.journal.prefix

    def configure_journal(self, feeds=None, **sink):
        self.configure(feeds=feeds, sinks=[{"name": "journal", "type": "journald", **sink}])

    def into_unit(self):
        """What a shell has to say to be in the control group of the unit; "": there can be none."""
        group = "/sys/fs/cgroup/system.slice/skantd.service"
        if os.path.isdir("/sys/fs/cgroup/unified"):
            group = "/sys/fs/cgroup/unified/system.slice/skantd.service"
        move = f"echo $$ > {group}/cgroup.procs; "
        try:
            os.makedirs(group, exist_ok=True)
            self.addCleanup(subprocess.run, ["rmdir", group], check=False, stderr=subprocess.DEVNULL)
            subprocess.run(["sh", "-c", move], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return ""
        return move

    def wait_delivered(self, count, seconds=60):
        def is_there():
            sink = self.sink_status("journal")
            return sink["delivered"] >= count and sink["pending"] == 0
        wait_until(is_there, f"{count} events are delivered", seconds)

    def assert_each_once_in_journal(self, kills=0):
        """A journald that is killed may leave the entry that it is at in some indexes and not in others: it is sent again,
        and the second one says so."""
        counts = collections.Counter(self.journal.ids())
        wanted = collections.Counter(self.upstream_ids())
        doubles = counts - wanted
        self.assertEqual({i: n for i, n in (wanted - counts).items()}, {}, "missing")
        self.assertLessEqual(doubles.total(), kills, f"there too often: {doubles}")
        if doubles:
            marked = collections.Counter(self.journal.ids("audit", "SKANT_REPLAY=1"))
            self.assertEqual(doubles - marked, {}, "there too often, and not marked")


@journald.needed
class Stored(JournalTest):
    def test_each_activity_is_there_once_and_proved_durable(self):
        self.start_journal()
        self.start_mock(activities=3000, self_feed="off")
        self.configure_journal()
        self.once()
        self.assert_each_once_in_journal()
        sink = self.sink_status("journal")
        self.assertEqual(sink["durable"], self.status()["spool"]["head"])
        done = self.skantd("verify", "--sink", "journal")
        self.assertEqual(done.status, 0, done.text + done.err)

    def test_two_sinks_share_a_journal_when_their_events_are_others(self):
        others = ["access", "activity", "compliance", "content", "person", "report", "sign-in", "workspace"]
        self.start_journal()
        self.start_mock(activities=300, self_feed="off")
        self.configure(sinks=[{"name": "journal", "type": "journald", "filter": {"classes": others}},
                              {"name": "keys", "type": "journald", "facility": "user", "filter": {"classes": ["key"]}}])
        self.once()
        self.assert_each_once_in_journal()
        entries = self.journal.entries("SYSLOG_IDENTIFIER=skantd")
        self.assertEqual({(e["SYSLOG_FACILITY"], "_api_key_" in "_" + e["ANTHROPIC_ACTIVITY_TYPE"]) for e in entries},
                         {("1", True), ("13", False)})
        for name in ("journal", "keys"):
            done = self.skantd("verify", "--sink", name)
            self.assertEqual(done.status, 0, done.text + done.err)

    def test_what_was_vacuumed_is_said_to_have_gone_and_is_not_missing(self):
        self.start_journal()
        self.start_mock(activities=100, self_feed="off")
        self.configure_journal()
        self.once()
        self.journal.run("journalctl", "--rotate")
        self.journal.run("journalctl", "--vacuum-time=1us")
        self.mock.add(20)
        self.once()
        self.assertEqual(len(self.journal.ids()), 20)
        done = self.skantd("verify", "--sink", "journal")
        self.assertEqual(done.status, 0, done.text + done.err)
        self.assertIn("sink 'journal': 100 from 1 to 100 are older than all that it still holds", done.text)

    def test_bytes_that_somebody_changed_in_the_journals_file_are_altered(self):
        self.start_journal("Compress=no")
        self.start_mock(activities=100, self_feed="off")
        self.configure_journal()
        self.once()
        self.journal.run("journalctl", "--rotate")
        entries = [e for e in self.journal.entries("SKANT_FEED=audit") if "@" in e["ANTHROPIC_JSON"]]
        fields = ("ANTHROPIC_JSON", "ANTHROPIC_ACTIVITY_ID", "SKANT_HASH", "SKANT_CHAIN")
        for field, entry in zip(fields, entries):
            self.change_field(field, entry[field], "@" if field == "ANTHROPIC_JSON" else "")
        done = self.skantd("verify", "--json", "--sink", "journal")
        self.assertEqual(done.status, 1, done.text + done.err)
        altered = sorted(d["seq"] for d in json.loads(done.out)["differences"] if d["kind"] == "altered")
        self.assertEqual(altered, sorted(int(e["SKANT_SEQ"]) for e in entries[:len(fields)]))

    def change_field(self, field, value, behind):
        """Another letter in the journal's files: the one in front of what is named, else the last."""
        old = f"{field}={value}".encode()
        at = (old.index(behind.encode()) if behind else len(old)) - 1
        new = old[:at] + (b"1" if old[at:at + 1] == b"0" else b"0") + old[at + 1:]
        changed = 0
        for root, _, names in os.walk(os.path.join(self.journal.dir, "j")):
            for name in names:
                with open(os.path.join(root, name), "r+b") as f:
                    text = f.read()
                    if old in text:
                        f.seek(text.index(old))
                        f.write(new)
                        changed += 1
        self.assertEqual(changed, 1, field)

    def test_fields_can_be_searched_and_hold_what_upstream_said(self):
        self.start_journal()
        self.start_mock(activities=200, self_feed="off")
        self.configure_journal()
        self.once()
        rows = self.mock.get("/v1/compliance/activities", "compliance", query={"limit": 200}).json["data"]
        row = next(r for r in rows if r["type"] == "platform_api_key_created")
        entry = self.journal.entries("ANTHROPIC_ACTIVITY_ID=" + row["id"])[0]
        self.assertEqual(json.loads(entry["ANTHROPIC_JSON"]), row)
        self.assertEqual(entry["ANTHROPIC_ACTIVITY_TYPE"], row["type"])
        self.assertEqual(entry["ANTHROPIC_API_KEY_ID"], row["api_key_id"])
        self.assertEqual(entry["SYSLOG_IDENTIFIER"], "skantd")
        self.assertEqual(entry["SYSLOG_FACILITY"], "13")
        self.assertEqual(entry["_TRANSPORT"], "journal")
        self.assertEqual(len(entry["MESSAGE_ID"]), 32)
        self.assertTrue(self.journal.entries("ANTHROPIC_ACTIVITY_TYPE=platform_api_key_created"))

    def test_no_text_from_outside_makes_a_field_a_line_or_an_entry(self):
        self.start_journal()
        evil = "x\nPRIORITY=0\nMESSAGE=forged\n\nMESSAGE=another\x1b[31m\u0000\u202e"
        self.configure_journal(feeds=[self.ingest()])
        daemon = self.start()
        record = {"event": "api_call", "timestamp": "2026-11-01T12:00:00Z", "model": evil, "workspace": evil}
        done = self.skantd("emit", stdin=json.dumps(record).encode() + b"\n")
        self.assertEqual(done.status, 0, done.err)
        wait_until(lambda: self.journal.ids("apps"), "the record is in the journal")
        daemon.stop()
        entries = self.journal.entries("SKANT_FEED=apps")
        self.assertEqual(len(entries), 1)
        self.assertEqual(entries[0]["PRIORITY"], "6")
        message = entries[0]["MESSAGE"]
        self.assertNotIn("\n", message)
        self.assertNotIn("\x1b", message)
        model = entries[0]["ANTHROPIC_MODEL"]
        self.assertEqual(bytes(model).decode() if isinstance(model, list) else model, evil)
        self.assertEqual(self.journal.entries("MESSAGE=forged"), [])
        self.assertEqual(self.journal.entries("MESSAGE=another"), [])

    def test_a_record_that_no_datagram_holds_is_there_whole(self):
        self.start_journal()
        self.configure_journal(feeds=[self.ingest(max_record="4MiB")])
        daemon = self.start()
        record = {"event": "api_call", "timestamp": "2026-11-01T12:00:00Z", "model": "m" * 2_000_000}
        done = self.skantd("emit", stdin=json.dumps(record).encode() + b"\n")
        self.assertEqual(done.status, 0, done.err)
        wait_until(lambda: self.journal.ids("apps"), "the record is in the journal")
        daemon.stop()
        self.assertEqual(len(self.journal.entries("SKANT_FEED=apps")[0]["ANTHROPIC_MODEL"]), 2_000_000)

    @unittest.skipUnless(os.geteuid() == 0, "another user is needed for it, so root is")
    def test_what_another_user_forges_is_not_taken_for_ours(self):
        self.start_journal()
        self.start_mock(activities=50, self_feed="off")
        self.configure_journal()
        self.once()
        entry = self.journal.entries("SKANT_SEQ=7")[0]
        fields = "".join(f"{k}={entry[k]}\n" for k in ("MESSAGE", "SYSLOG_IDENTIFIER", "SKANT_SEQ", "SKANT_HASH",
                                                       "SKANT_CHAIN", "ANTHROPIC_ACTIVITY_ID"))
        self.journal.run("setpriv", "--reuid=65534", "--clear-groups", "logger", "--journald",
                         input=fields.encode())
        wait_until(lambda: len(self.journal.entries("SKANT_SEQ=7")) == 2, "the forged entry is there")
        done = self.skantd("verify", "--sink", "journal")
        self.assertEqual(done.status, 0, done.text + done.err)

    def as_unit(self, uid):
        """Has the daemon started as another user and, if there can be one, in the unit. Whether there can."""
        move, program = self.into_unit(), shutil.copy(SKANTD, self.path("daemon"))
        os.chmod(self.dir, 0o755)
        os.chmod(self.path("skantd.yaml"), 0o644)
        os.chown(self.path("state"), uid, uid)
        drop = f"setpriv --reuid={uid} --regid={uid} --groups=0"
        self.prefix = [*self.journal.prefix, "sh", "-c", f'{move}shift; exec {drop} {program} "$@"', "sh"]
        return bool(move)

    @unittest.skipUnless(os.geteuid() == 0, "another user is needed for it, so root is")
    def test_root_verifies_what_another_user_s_daemon_sent(self):
        self.start_journal()
        self.start_mock(activities=50, self_feed="off")
        self.configure_journal()
        has_unit = self.as_unit(61234)
        self.once(env={**self.daemon_env(), "HOME": "/nowhere", "XDG_CONFIG_HOME": "/nowhere",
                       "SKANT_CA_FILE": shutil.copy(self.mock.ca_file, self.dir)})
        self.prefix = self.journal.prefix
        self.assertEqual({e["_UID"] for e in self.journal.entries("SKANT_FEED=audit")}, {"61234"})
        owner = os.stat(self.path("state"))
        for uid in (61234, 61235) if has_unit else (61234,):  # a dynamic user's number changes
            os.chown(self.path("state"), uid, owner.st_gid)
            done = self.skantd("verify", "--sink", "journal")
            self.assertEqual(done.status, 0, done.text + done.err)
            self.assertRegex(done.text, r"sink 'journal': ([1-9]\d*) of ours were read back, \1 were expected")


@once
@journald.needed
class Faults(JournalTest):
    def test_it_waits_for_a_journald_that_is_not_there(self):
        self.start_journal(start=False)
        self.start_mock(activities=100, self_feed="off")
        self.configure_journal()
        daemon = self.start()
        wait_until(lambda: self.sink_status("journal").get("failures", 0) > 1, "it is tried again")
        self.assertIn("journald", self.sink_status("journal")["error"])
        self.assertEqual(self.sink_status("journal")["confirmed"], 0)
        self.journal.start()
        self.wait_delivered(100)
        daemon.stop()
        self.assert_each_once_in_journal()

    def test_a_stalled_journald_holds_up_nobody_else_and_gets_all_once_it_goes_on(self):
        self.start_journal()
        self.start_mock(activities=10, self_feed="off")
        self.configure(sinks=[{"name": "journal", "type": "journald"}, self.file_sink()])
        daemon = self.start()
        self.wait_delivered(10)
        self.journal.send(signal.SIGSTOP)
        self.mock.add(2000)
        self.wait_for_events(2010)
        time.sleep(2)
        self.assertGreater(self.sink_status("journal")["pending"], 0)
        self.journal.send(signal.SIGCONT)
        self.wait_delivered(2010)
        daemon.stop()
        self.assert_each_once_in_journal()
        self.assert_each_once()

    def test_what_waits_in_the_queue_of_a_stalled_journald_is_not_sent_twice(self):
        self.start_journal()
        self.start_mock(activities=10, self_feed="off")
        self.configure_journal()
        daemon = self.start()
        self.wait_delivered(10)
        self.journal.send(signal.SIGSTOP)
        self.mock.add(20)
        wait_until(lambda: self.status()["spool"]["head"] >= 31, "they are in the spool")
        time.sleep(3)
        daemon.kill()
        daemon = self.start()
        time.sleep(1)
        self.journal.send(signal.SIGCONT)
        self.wait_delivered(30)
        daemon.stop()
        self.assert_each_once_in_journal()

    def restart(self, number, held):
        self.start_journal(held=held)
        self.start_mock(activities=100, self_feed="off")
        self.configure_journal()
        daemon = self.start()
        self.wait_delivered(100)
        for n in range(4):
            self.mock.add(3000)
            time.sleep(0.3 + 1.7 * random.Random(n).random())
            self.journal.kill(number)
            if not held:
                self.journal.start()
        self.wait_delivered(12100)
        daemon.stop()
        self.assert_each_once_in_journal(kills=4 if number == signal.SIGKILL else 0)

    def test_what_died_in_the_queue_with_journald_is_sent_again(self):
        self.restart(signal.SIGKILL, held=False)

    def test_a_journald_that_is_restarted_in_order_loses_nothing_and_doubles_nothing(self):
        self.restart(signal.SIGTERM, held=True)

    def test_kill_9_of_skantd_doubles_nothing(self):
        self.start_journal()
        self.start_mock(activities=100, self_feed="off")
        self.configure_journal()
        rng = random.Random(5)
        for n in range(3 if has_sanitizer() else 12):
            daemon = self.start()
            self.mock.add(500)
            time.sleep(rng.random() * 0.6)
            daemon.kill()
        self.once()
        self.assert_each_once_in_journal()

    def test_rotation_and_vacuum_meanwhile_disturb_nothing(self):
        self.start_journal()
        self.start_mock(activities=100, self_feed="off")
        self.configure_journal()
        daemon = self.start()
        for n in range(5):
            self.mock.add(800)
            self.journal.run("journalctl", "--rotate")
        self.wait_delivered(4100)
        daemon.stop()
        self.assert_each_once_in_journal()
        self.assertEqual(self.sink_status("journal")["unproven"], 0)

    @once
    def test_a_journal_that_forgets_at_once_is_said_and_never_fed_for_ever(self):
        self.start_journal("SystemMaxUse=8M", "SystemMaxFileSize=1M", size="64M")
        self.start_mock(activities=40000, self_feed="off")
        self.configure_journal()
        self.once(timeout=300)
        sink = self.sink_status("journal")
        self.assertEqual(sink["pending"], 0)
        counts = collections.Counter(self.journal.ids())
        self.assertLessEqual(max(counts.values()), 2)
        self.assertLessEqual(sum(n - 1 for n in counts.values()), sink["unproven"] + sink["resent"])

    def test_a_journal_in_memory_is_stored_and_never_called_durable(self):
        self.start_journal(volatile=True)
        self.start_mock(activities=300, self_feed="off")
        self.configure_journal()
        self.once()
        sink = self.sink_status("journal")
        self.assertEqual(sink["durable"], 0)
        self.assert_each_once_in_journal()

    def test_after_a_reboot_that_forgot_the_journal_what_was_proved_is_not_sent_again(self):
        self.start_journal(volatile=True)
        self.start_mock(activities=300, self_feed="off")
        self.configure_journal()
        self.once()
        self.journal.kill()
        self.journal.call("sh", "-c", "rm -rf /run/log/journal/*")
        self.journal.start()
        self.mock.add(20)
        self.once()
        self.assertEqual(len(self.journal.ids()), 20)
        self.assertEqual(self.sink_status("journal")["unproven"], 0)

    @unittest.skipUnless(os.geteuid() == 0, "another user is needed for it, so root is")
    def test_a_journal_that_may_not_be_read_stops_the_sink_and_nothing_is_sent(self):
        self.start_journal()
        self.journal.run("logger", "--journald", input=b"MESSAGE=hello\n")
        self.start_mock(activities=30, self_feed="off")
        self.configure_journal()
        env = {**self.daemon_env(), "SKANT_CA_FILE": shutil.copy(self.mock.ca_file, self.dir)}
        for folder, names, files in [*os.walk(self.dir), *os.walk(self.home)]:
            for name in [folder, *(os.path.join(folder, n) for n in names + files)]:
                os.chown(name, 65534, 65534)
        self.prefix = [*self.journal.prefix, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        for path in (self.path("skantd.yaml"), SKANTD):
            if subprocess.run([*self.prefix, "test", "-r", path], check=False).returncode:
                self.skipTest(f"another user cannot read {path}")
        done = self.once(status=1, env=env)
        self.assertIn("systemd-journal", done.err)
        self.assertEqual(self.journal.ids(), [])

    @unittest.skipUnless(os.geteuid() == 0, "a control group is needed for it, so root is")
    def test_what_a_rate_limit_drops_is_noticed_and_comes_once_it_lets_it(self):
        move = self.into_unit()
        if not move:
            self.skipTest("no control group can be made")
        self.start_journal("RateLimitIntervalSec=4s", "RateLimitBurst=200")
        self.start_mock(activities=4000, self_feed="off")
        self.configure_journal()
        self.prefix = [*self.journal.prefix, "sh", "-c", move + 'exec "$@"', "sh"]
        daemon = self.start()
        wait_until(lambda: "rate limit" in self.sink_status("journal").get("error", ""), "it is said")
        self.wait_delivered(4000, 180)
        self.assertGreater(self.sink_status("journal")["resent"], 0)
        daemon.stop()
        self.assert_each_once_in_journal()


@journald.needed
class Check(JournalTest):
    def test_check_sends_test_messages_and_says_what_it_found(self):
        self.start_journal()
        self.configure_journal(feeds=[self.ingest()])
        done = self.skantd("check", "--sink", "journal")
        self.assertEqual(done.status, 0, done.err)
        self.assertIn("a message of 1000000 bytes: stored and read back", done.text)
        self.assertIn("proved durable", done.text)

    def test_its_test_messages_are_not_taken_for_events(self):
        self.start_journal()
        self.start_mock(activities=50, self_feed="off")
        self.configure_journal()
        self.once()
        self.assertEqual(self.skantd("check", "--sink", "journal").status, 0)
        done = self.skantd("verify", "--sink", "journal")
        self.assertEqual(done.status, 0, done.text + done.err)
        self.assertEqual(len(self.journal.entries("ANTHROPIC_ACTIVITY_TYPE=skantd.probe")), 4)
        export = self.journal.run("journalctl", "-q", "-a", "-o", "json", "-t", "skantd")
        done = self.skantd("verify", "--export", "-", stdin=export)
        self.assertEqual(done.status, 0, done.text + done.err)


if __name__ == "__main__":
    unittest.main()
