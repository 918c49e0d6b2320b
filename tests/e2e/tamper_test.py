# SPDX-License-Identifier: Apache-2.0
"""How do you know that nothing is missing? What somebody did to a sink's file, an export or the spool, and what `skantd
verify` says of it; and what has gone in the ordinary way, of which it says nothing worse."""
import json
import sqlite3
import subprocess
import time

from mockapi import ACTIVITIES
from skantd_support import SKANTD, DaemonTest
from support import SLOWER, single

COUNT = 30


@single
class Tampering(DaemonTest):
    def deliver(self, **sink):
        self.start_mock(activities=COUNT, self_feed="off")
        self.configure(sinks=[self.file_sink(**sink)])
        self.once()
        with open(self.path("out.jsonl"), encoding="utf-8") as f:
            return f.readlines()

    def verify(self, *args, status=0):
        done = self.skantd("verify", "--json", *args)
        self.assertEqual(done.status, status, done.text + done.err)
        return json.loads(done.out)

    def of_file(self, lines, status=1):
        self.write("out.jsonl", "".join(lines))
        return [(d["kind"], d["seq"]) for d in self.verify("--sink", "file", status=status)["differences"]]

    def of_export(self, lines, *args, status=1):
        self.write("part.jsonl", "".join(lines))
        report = self.verify("--export", self.path("part.jsonl"), *args, status=status)
        return [(d["kind"], d.get("seq")) for d in report["differences"]], " ".join(report["notes"])

    def change_spool(self, *statements):
        base = sqlite3.connect(self.path("state", "spool.db"))
        with base:
            for statement in statements:
                base.execute(statement)
        base.close()

    def test_upstream_bytes_that_were_taken_out_of_a_line_show(self):
        places = {"json": lambda e: e, "ecs": lambda e: e["skant"], "ocsf": lambda e: e["unmapped"]["skant"]}
        for form, place in places.items():
            with self.subTest(form=form):
                lines = self.deliver(format=form)
                event = json.loads(lines[9])
                del place(event)["upstream"]
                bare = json.dumps(event) + "\n"
                self.assertEqual(self.of_file(lines[:9] + [bare] + lines[10:]), [("missing", 10), ("altered", 10)])
                self.assertEqual(self.of_export(lines[:9] + [bare] + lines[10:])[0], [("altered", 10)])
                # It says that they were left out, or the receiver keeps none: no more than that is known.
                place(event)["truncated"] = True
                self.assertIn("1 of them are without the upstream bytes",
                              self.of_export(lines[:9] + [json.dumps(event)], status=0)[1])
                self.assertIn("1 of them are without the upstream bytes", self.of_export([bare], status=0)[1])
                self.tearDown()
                self.setUp()

    def test_a_member_that_stands_in_a_line_twice_shows(self):
        lines = self.deliver()
        for more in ('"upstream":{"id":"forged"}', '"upstre\\u0061m":{"id":"forged"}', '"seq":10'):
            with self.subTest(more=more):
                forged = lines[:9] + [lines[9].rstrip()[:-1] + "," + more + "}\n"] + lines[10:]
                self.assertEqual(self.of_file(forged), [("missing", 10)])
                self.assertEqual({kind for kind, _ in self.of_export(forged)[0]}, {"missing", "altered"})

    def test_lines_of_a_file_in_another_order_show(self):
        lines = self.deliver()
        lines[9], lines[10] = lines[10], lines[9]
        self.assertEqual(self.of_file(lines), [("unexpected", 10)])

    def test_a_marked_double_with_another_id_shows_without_a_ledger(self):
        lines = self.deliver()
        double = lines[9].replace('"seq"', '"replay":true,"seq"', 1)
        forged = double.replace(json.loads(double)["id"], "activity_forged")
        for line, status in ((double, 0), (forged, 1)):
            self.write("part.jsonl", "".join(lines[:10] + [line] + lines[10:]))
            done = subprocess.run([SKANTD, "verify", "--export", "part.jsonl"], cwd=self.dir, capture_output=True,
                                  env=self.env(), timeout=60, check=False)
            self.assertEqual(done.returncode, status, done.stdout)

    def test_what_is_only_counted_is_told_from_where_to_where(self):
        lines = self.deliver()
        last = json.loads(lines[-1])
        last["seq"] = 2500
        self.write("part.jsonl", lines[0] + json.dumps(last) + "\n")
        done = subprocess.run([SKANTD, "verify", "--export", "part.jsonl"], cwd=self.dir, capture_output=True, env=self.env(),
                              timeout=60, check=False)
        self.assertIn(b"missing: and 1498 more, of events 1002 to 2499\n", done.stdout)

    def test_what_upstream_lists_is_compared_under_whatever_time_it_was_stored(self):
        self.deliver()
        self.change_spool("UPDATE ledger SET time = 0, hash = zeroblob(32) WHERE seq = 7")
        where = {d["where"] for d in self.verify(status=1)["differences"] if d.get("seq") == 7}
        self.assertIn("upstream of 'audit'", where)

    def test_what_skantd_owes_to_a_sink_is_said(self):
        self.deliver()
        self.change_spool("UPDATE sinks SET start = 4, confirmed = 20")
        notes = " ".join(self.verify()["notes"])
        self.assertIn("sink 'file': it began behind event 4: nothing before is expected of it", notes)
        self.assertIn(f"sink 'file': {COUNT - 20} events from 21 on wait to be delivered", notes)
        self.change_spool("DELETE FROM sinks")
        self.assertIn("sink 'file': nothing was delivered to it yet", " ".join(self.verify()["notes"]))

    def test_what_is_stored_and_delivered_while_it_looks_is_not_unexpected(self):
        self.deliver()
        self.mock.script({"faults": [{"match": {"path": ACTIVITIES, "times": 1}, "do": {"delay_ms": 3000}}]})
        for args in ((), ("--export", "-")):
            looks = subprocess.Popen([SKANTD, "verify", "-c", "skantd.yaml", *args], cwd=self.dir, env=self.daemon_env(),
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            time.sleep(1 * SLOWER)
            self.mock.add(5)
            self.once()
            with open(self.path("out.jsonl"), "rb") as f:
                out, _ = looks.communicate(f.read() if args else b"")
            self.assertEqual(looks.returncode, 0, out)

    def test_dead_letters_are_missing_at_a_receiver_that_cannot_be_read_back(self):
        self.deliver()
        self.configure(sinks=[{"name": "file", "type": "syslog", "transport": "tcp", "address": "127.0.0.1:9"}])
        self.assertEqual(self.verify()["missing"], 0)
        self.change_spool("INSERT INTO exceptions (sink, seq, rejected, reason, at) VALUES ('file', 7, 1, 'no thanks', 1)",
                          "INSERT INTO exceptions (sink, seq, rejected, reason, at) VALUES ('file', 8, 0, 'forgot', 1)")
        report = self.verify(status=1)
        self.assertEqual([(d["kind"], d["seq"], d["text"]) for d in report["differences"]],
                         [("missing", 7, "a dead letter: no thanks")])
        self.assertEqual(self.verify("--to", "2020-01-01")["missing"], 0)

    def test_feeds_that_nobody_upstream_is_asked_about_are_said(self):
        self.deliver()
        self.configure(feeds=[self.ingest()])
        notes = " ".join(self.verify()["notes"])
        self.assertIn("feed 'audit' has stored events and is not configured", notes)
        self.assertIn("upstream has no list of the events of 'apps'", notes)


    def test_what_rotation_has_taken_is_not_missing_and_what_somebody_else_has_is(self):
        self.deliver(rotate={"size": "8KiB", "keep": 2})
        report = self.verify()
        self.assertRegex(" ".join(report["notes"]), "sink 'file': [0-9]+ from 1 to [0-9]+ are older than all that it still")
        with open(self.path("out.jsonl.1"), encoding="utf-8") as f:
            lines = f.readlines()
        self.write("out.jsonl.1", "".join(lines[:2] + lines[3:]))
        self.assertEqual([(d["kind"], d["seq"]) for d in self.verify(status=1)["differences"]],
                         [("missing", json.loads(lines[2])["seq"])])
        # As many files as are kept are not there: no rotation has taken one.
        self.write("out.jsonl.2", "")
        self.assertGreater(self.verify(status=1)["missing"], 1)
