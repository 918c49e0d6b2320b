# SPDX-License-Identifier: Apache-2.0
"""skantd as a whole: from the mock of the API over the spool to a file, its life, status, replay, verify."""
import datetime
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import unittest

from skantd_support import SKANTD, DaemonTest, wait_until
from support import SKANT, make_key, single

GUIDE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "skantd.md")
SERVICE_USER = 61234  # systemd takes such for a dynamic user


def chain_over(events):
    """The chain as docs/events.md says, over events from the first on."""
    chain = bytes(32)
    for event in events:
        ident = event["id"].encode()
        chain = hashlib.sha256(chain + len(ident).to_bytes(8, "big") + ident + bytes.fromhex(event["hash"])).digest()
        yield chain.hex()


class Once(DaemonTest):
    def test_each_activity_is_delivered_once_and_a_second_run_adds_none(self):
        self.start_mock(activities=2500, self_feed="off")
        self.configure()
        self.once()
        self.assert_each_once()
        self.once()
        self.assert_each_once()

    def test_events_come_in_the_order_of_time_with_sequence_numbers_without_a_gap(self):
        self.start_mock(activities=700, self_feed="off")
        self.configure()
        self.once()
        lines = self.lines()
        self.assertEqual([e["seq"] for e in lines], list(range(1, len(lines) + 1)))
        times = [datetime.datetime.fromisoformat(e["time"][:26].rstrip("Z") + "+00:00") for e in self.events()]
        self.assertEqual(times, sorted(times))

    def test_hash_and_chain_can_be_computed_by_anybody(self):
        self.start_mock(activities=300, self_feed="off")
        self.configure()
        self.once()
        with open(self.path("out.jsonl"), "rb") as f:
            for line in f:
                upstream = line[line.index(b'"upstream":') + len(b'"upstream":'):].rstrip(b"\n")[:-1]
                self.assertEqual(hashlib.sha256(upstream).hexdigest(), json.loads(line)["hash"])
        lines = self.lines()
        self.assertEqual([e["chain"] for e in lines], list(chain_over(lines)))

    def test_a_sink_that_cannot_take_anything_is_exit_1_and_the_others_have_all(self):
        self.start_mock(activities=50, self_feed="off")
        os.mkdir(self.path("folder"))
        self.configure(sinks=[self.file_sink(), self.file_sink(name="bad", path=self.path("folder"))])
        done = self.once(status=1)
        self.assertIn("sink 'bad'", done.err)
        self.assert_each_once()

    def test_a_feed_that_may_have_been_renamed_is_said_once(self):
        self.start_mock(activities=5, self_feed="off")
        self.configure()
        self.assertNotIn("is new and begins", self.once().err)
        self.configure(feeds=[self.activities(name="other", start="now"), self.ingest()])
        self.assertIn("feed 'other' is new and begins at its 'start'; 'audit', which has stored events", self.once().err)
        self.assertNotIn("is new and begins", self.once().err)

    def test_a_reload_while_a_sink_is_waited_for_ends_as_well(self):
        self.start_mock(activities=5, self_feed="off")
        away = {"name": "away", "type": "syslog", "transport": "tcp", "address": "127.0.0.1:1"}
        self.configure(sinks=[self.file_sink(), away])
        daemon = self.start("--once")
        wait_until(lambda: "sink 'away' cannot deliver" in self.log(), "the sink is tried")
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: daemon.process.poll() is not None, "it ends")
        self.assertEqual(daemon.process.returncode, 1)
        self.assertIn("the configuration was read again", self.log())
        self.assert_each_once()

    def test_a_refused_credential_is_exit_1_and_said(self):
        self.start_mock(activities=5, self_feed="off")
        self.configure()
        env = {**self.daemon_env(), "ANTHROPIC_COMPLIANCE_API_KEY": make_key(5, "sk-ant-" + "api01-")}
        done = self.once(status=1, env=env)
        self.assertIn("401", done.err)
        self.assertNotIn(make_key(5, "sk-ant-" + "api01-"), done.err)

    def test_a_sink_that_is_new_gets_what_the_spool_still_has(self):
        self.start_mock(activities=40, self_feed="off")
        self.configure()
        self.once()
        self.configure(sinks=[self.file_sink(), self.file_sink(name="later", path=self.path("later.jsonl")),
                              self.file_sink(name="fresh", path=self.path("fresh.jsonl"), start="now")])
        self.once()
        self.assert_each_once(name="later.jsonl")
        self.assertEqual(self.events(name="fresh.jsonl"), [])

    def test_a_filter_lets_only_some_pass(self):
        self.start_mock(activities=500, self_feed="off")
        self.configure(sinks=[self.file_sink(), self.file_sink(name="keys", path=self.path("keys.jsonl"),
                                                               filter={"types": ["platform_api_key_*"]})])
        self.once()
        wanted = [e["id"] for e in self.events() if e["type"].startswith("platform_api_key_")]
        self.assertTrue(wanted)
        self.assertEqual([e["id"] for e in self.events(name="keys.jsonl")], wanted)


class Life(DaemonTest):
    def test_it_tells_the_service_manager_and_the_log_that_it_starts_and_stops(self):
        self.start_mock(activities=10, self_feed="off")
        self.configure()
        daemon = self.start()
        self.wait_for_events(10)
        self.assertRegex(daemon.notify.recv(65536).decode(), r"STATUS=\d+ events?, ")
        daemon.stop()
        self.assertEqual([e["type"] for e in self.events("skantd")], ["skantd.started", "skantd.stopped"])

    def test_what_happens_meanwhile_comes_by_itself(self):
        self.start_mock(activities=10, self_feed="off")
        self.configure()
        daemon = self.start()
        self.wait_for_events(10)
        self.mock.add(7)
        self.wait_for_events(17)
        daemon.stop()
        self.assert_each_once()

    def test_a_second_one_on_the_same_state_folder_is_refused(self):
        self.start_mock(activities=1, self_feed="off")
        self.configure()
        daemon = self.start()
        done = self.skantd("run")
        self.assertEqual(done.status, 3, done.err)
        self.assertIn(str(daemon.process.pid), done.err)
        daemon.stop()

    def test_a_reload_takes_a_new_sink_in(self):
        self.start_mock(activities=10, self_feed="off")
        self.configure()
        daemon = self.start()
        self.wait_for_events(10)
        self.configure(sinks=[self.file_sink(), self.file_sink(name="more", path=self.path("more.jsonl"))])
        daemon.signal(signal.SIGHUP)
        self.wait_for_events(10, name="more.jsonl")
        daemon.stop()
        self.assert_each_once()
        self.assert_each_once(name="more.jsonl")

    def test_a_bad_reload_changes_nothing_and_is_said(self):
        self.start_mock(activities=10, self_feed="off")
        self.configure()
        daemon = self.start()
        self.write("skantd.yaml.bad", "version: 1\nsinks: 7\n")
        good = self.path("skantd.yaml.good")
        os.rename(self.path("skantd.yaml"), good)
        os.rename(self.path("skantd.yaml.bad"), self.path("skantd.yaml"))
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: "the configuration from before holds" in self.log(), "the refusal in the log")
        done = self.skantd("status", "--json", "--state-dir", self.path("state"))
        self.assertEqual(done.status, 0, done.err)
        self.assertIn("skantd.yaml:2:", json.loads(done.out)["reload_error"])
        self.assertRegex(done.err, "skantd.yaml:2:.* what follows is of the skantd that has the state folder '.*/state'")
        os.rename(good, self.path("skantd.yaml"))
        self.mock.add(3)
        self.wait_for_events(13)
        daemon.stop()


class Trouble(DaemonTest):
    def test_a_credential_that_cannot_be_used_stops_neither_a_reload_nor_another_feed(self):
        mock = self.start_mock(activities=5, self_feed="off")
        self.write("key", mock.env("compliance")["ANTHROPIC_COMPLIANCE_API_KEY"])
        os.chmod(self.path("key"), 0o600)
        key = {"file": self.path("key")}
        self.configure(feeds=[self.activities(credential=key), self.ingest()])
        daemon = self.start()
        self.wait_for_events(5)
        os.chmod(self.path("key"), 0o644)
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: "has mode 0644" in (self.status().get("reload_error") or ""), "the reload was refused")
        self.assertIn("has mode 0644", wait_until(lambda: self.status()["feeds"][0].get("error"), "what it lacks"))
        daemon.stop()
        daemon = self.start()
        done = self.skantd("emit", stdin=b'{"event":"api_call"}\n')
        self.assertIn("1 stored", done.err)
        alerts = wait_until(lambda: [a for a in self.status()["alerts"] if a["alert"] == "refused"], "the alert")
        self.assertRegex(alerts[0]["text"], "^credential file '[^']+' has mode 0644: ")
        mock.add(2)
        self.write("key", mock.env("admin")["ANTHROPIC_ADMIN_KEY"])
        os.chmod(self.path("key"), 0o600)
        self.wait_for_events(7)
        daemon.stop()

    def test_a_spool_that_is_full_goes_on_once_a_reload_gives_it_more_room(self):
        self.start_mock(activities=300, self_feed="off")
        self.configure(retention={"max_bytes": "64KiB"})
        daemon = self.start()
        wait_until(lambda: "has reached retention.max_bytes" in self.log(), "the spool is full")
        self.configure()
        daemon.signal(signal.SIGHUP)
        self.wait_for_events(300)
        daemon.stop()
        self.assert_each_once()

    def test_it_ends_with_the_reader_of_its_standard_output(self):
        self.start_mock(activities=10, self_feed="off")
        self.configure(sinks=[self.file_sink(), {"name": "pipe", "type": "stdout", "format": "json"}])
        reader, writer = os.pipe()
        daemon = self.start(stdout=writer)
        os.close(writer)
        self.wait_for_events(10)
        os.close(reader)
        self.assertEqual(daemon.process.wait(60), 75, self.log())
        self.assertIn("the reader of standard output has gone", self.log())
        self.once()  # the lock is free

    def test_a_named_pipe_gets_another_reader(self):
        self.start_mock(activities=10, self_feed="off")
        self.configure(sinks=[{"name": "pipe", "type": "stdout", "format": "json"}])
        os.mkfifo(self.path("fifo"))
        reader = os.open(self.path("fifo"), os.O_RDONLY | os.O_NONBLOCK)
        writer = os.open(self.path("fifo"), os.O_WRONLY)
        daemon = self.start(stdout=writer)
        os.close(writer)
        wait_until(lambda: self.sink_status("pipe")["pending"] == 0, "all is written")
        os.close(reader)
        self.mock.add(5)
        wait_until(lambda: "the reader of standard output has gone" in self.log(), "the log")
        reader = os.open(self.path("fifo"), os.O_RDONLY | os.O_NONBLOCK)
        wait_until(lambda: self.sink_status("pipe")["pending"] == 0, "all is written")
        os.close(reader)
        daemon.stop()

    def test_that_the_spool_is_full_reaches_the_receivers(self):
        self.start_mock(activities=300, self_feed="off")
        self.configure(retention={"max_bytes": "64KiB"})
        daemon = self.start()
        wait_until(lambda: any(e["upstream"].get("alert") == "full" for e in self.events("skantd")), "the alert")
        daemon.stop()

    def test_a_sink_that_needs_a_person_is_said_until_it_delivers(self):
        self.start_mock(activities=10, self_feed="off")
        os.mkdir(self.path("bad.jsonl"))
        self.configure(sinks=[self.file_sink(), self.file_sink(name="bad", path=self.path("bad.jsonl"))])
        daemon = self.start()
        wait_until(lambda: "sink 'bad' needs help: " in self.log(), "the log")
        alerts = wait_until(lambda: [e["upstream"] for e in self.events("skantd") if "alert" in e["upstream"]], "the alert")
        self.assertEqual((alerts[0]["alert"], alerts[0]["sink"], alerts[0]["state"]), ("sink-broken", "bad", "on"))
        self.assertEqual([a["sink"] for a in self.status()["alerts"]], ["bad"])
        os.rmdir(self.path("bad.jsonl"))
        self.wait_for_events(10, name="bad.jsonl")
        wait_until(lambda: "sink 'bad' delivers again" in self.log(), "the log")
        wait_until(lambda: not self.status()["alerts"], "the end of the alert")
        daemon.stop()

    def test_a_sink_that_is_taken_out_has_no_alert_any_more(self):
        self.start_mock(activities=10, self_feed="off")
        os.mkdir(self.path("bad.jsonl"))
        self.configure(sinks=[self.file_sink(), self.file_sink(name="bad", path=self.path("bad.jsonl"))])
        daemon = self.start()
        wait_until(lambda: self.status()["alerts"], "the alert")
        self.configure()
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: "was read again" in self.log(), "the reload")
        self.assertEqual(self.status()["alerts"], [])
        daemon.stop()


class Watch(DaemonTest):
    def alerts(self, event):
        return [e for e in self.events("skantd") if e["type"] == event and e["upstream"]["alert"] == "quiet"]

    def test_a_quiet_feed_stays_so_over_a_reload_and_a_restart(self):
        self.start_mock(activities=10, self_feed="off")
        self.configure(health={"quiet_after": "3s"})
        daemon = self.start()
        wait_until(lambda: self.alerts("skantd.alert"), "the alert")
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: "was read again" in self.log(), "the reload")
        time.sleep(1.5)
        daemon.stop()
        daemon = self.start()
        time.sleep(1.5)
        self.assertEqual(self.alerts("skantd.alert_over"), [])
        self.mock.add(1)
        wait_until(lambda: self.alerts("skantd.alert_over"), "the end of the alert")
        daemon.stop()
        self.assertEqual(len(self.alerts("skantd.alert")), 1)

    def test_reloads_do_not_hide_that_a_feed_is_quiet(self):
        self.start_mock(activities=10, self_feed="off")
        self.configure(health={"quiet_after": "5s"})
        daemon = self.start()
        self.wait_for_events(10)
        for _ in range(12):
            daemon.signal(signal.SIGHUP)
            daemon.wait_ready()
            time.sleep(1)
            if self.alerts("skantd.alert"):
                break
        daemon.stop()
        self.assertEqual(len(self.alerts("skantd.alert")), 1)

    def test_a_quiet_feed_that_is_not_watched_any_more_has_no_alert(self):
        self.start_mock(activities=10, self_feed="off")
        self.configure(health={"quiet_after": "1s"})
        daemon = self.start()
        wait_until(lambda: self.alerts("skantd.alert"), "the alert")
        self.configure(health={"quiet_after": 0})
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: self.alerts("skantd.alert_over"), "the end of the alert")
        daemon.stop()

    def test_usr1_writes_the_status_to_the_log(self):
        self.start_mock(activities=10, self_feed="off")
        self.configure()
        daemon = self.start()
        self.wait_for_events(10)
        daemon.signal(signal.SIGUSR1)
        wait_until(lambda: "sink    file" in self.log(), "the status in the log")
        daemon.stop()

    def test_heartbeats_tell_the_counts_and_the_head_of_the_chain(self):
        self.start_mock(activities=10, self_feed="off")
        self.configure(health={"heartbeat": "1s"})
        daemon = self.start()
        self.wait_for_events(10)
        wait_until(lambda: self.sink_status()["pending"] == 0, "nothing waits")
        before = len(self.beats())
        self.mock.add(3)
        self.wait_for_events(13)
        wait_until(lambda: len(self.beats()) >= before + 10, "ten more heartbeats")
        daemon.stop()
        lines = self.lines()
        for beat in self.beats():
            told = beat["upstream"]
            self.assertLess(told["head"]["seq"], beat["seq"])
            last = lines[told["head"]["seq"] - 1]
            self.assertEqual((beat["class"], beat["severity"]), ("heartbeat", "info"))
            self.assertEqual(told["head"], {"seq": last["seq"], "chain": last["chain"]})
            self.assertEqual(beat["message"], f"{last['seq']} events are in the ledger")
            self.assertLess(told["sinks"]["file"], beat["seq"])
        told = self.beats()[-1]["upstream"]
        self.assertEqual(told["feeds"], {"audit": 13})
        self.assertGreater(told["sinks"]["file"], 13)
        self.assertEqual(list(chain_over(lines)), [e["chain"] for e in lines])

    def beats(self):
        return [e for e in self.events("skantd") if e["type"] == "skantd.heartbeat"]


class Kill(DaemonTest):
    def test_kill_9_at_many_moments_loses_and_doubles_nothing(self):
        self.start_mock(activities=3000, self_feed="off")
        self.configure(feeds=[self.activities(poll="5s")])
        for n in range(12):
            daemon = self.start()
            self.wait_for_events(min(3000, 150 * n))
            daemon.kill()
        self.once()
        self.assert_each_once()
        lines = self.lines()
        self.assertEqual([e["seq"] for e in lines], list(range(1, len(lines) + 1)))

    def test_status_tells_how_it_stands_with_and_without_a_daemon(self):
        self.start_mock(activities=25, self_feed="off")
        self.configure()
        daemon = self.start()
        self.wait_for_events(25)
        wait_until(lambda: self.sink_status()["pending"] == 0, "nothing waits")
        status = self.status()
        self.assertTrue(status["running"])
        self.assertEqual(status["pid"], daemon.process.pid)
        self.assertEqual(self.sink_status()["proof"], {"durable": status["spool"]["head"]})
        self.assertIn("sink    file", self.skantd("status").text)
        daemon.stop()
        status = self.status()
        self.assertFalse(status["running"])
        self.assertEqual(self.sink_status()["pending"], 0)

    def test_no_credential_is_anywhere_but_where_it_was_given(self):
        self.start_mock(activities=30, self_feed="off")
        self.configure()
        daemon = self.start("--log-level", "debug", "--request-log", self.path("requests.jsonl"))
        self.wait_for_events(30)
        with open(f"/proc/{daemon.process.pid}/cmdline", "rb") as f:
            argv = f.read()
        daemon.stop()
        key = self.mock.key("compliance").encode()
        self.assertNotIn(key, argv)
        for folder, _, names in os.walk(self.dir):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as f:
                        self.assertNotIn(key, f.read(), path)


class Refusing:
    """A RELP receiver that answers each tenth message with 500, as long as it is told to."""

    def __init__(self):
        self.refuses, self.count = True, 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.server.getsockname()[1]}"
        threading.Thread(target=self.run, daemon=True).start()

    def close(self):
        self.server.close()

    def run(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                while self.answer(connection, stream):
                    pass

    def answer(self, connection, stream):
        head = b""
        while head.count(b" ") < 3 and not head.endswith(b"\n"):
            byte = stream.read(1)
            if not byte:
                return False
            head += byte
        number, command, length = head.split()
        if not head.endswith(b"\n"):
            stream.read(int(length) + 1)
        text = b"200 OK\nrelp_version=0\ncommands=syslog" if command == b"open" else b"200 OK"
        if command == b"syslog":
            self.count += 1
            text = b"500 no thanks" if self.refuses and self.count % 10 == 0 else text
        connection.sendall(b"%s rsp %d %s\n" % (number, len(text), text))
        return command != b"close"


class DeadLetters(DaemonTest):
    def test_they_are_said_with_the_reason_and_can_be_sent_again(self):
        self.start_mock(activities=50, self_feed="off")
        receiver = Refusing()
        self.addCleanup(receiver.close)
        self.configure(sinks=[{"name": "relay", "type": "syslog", "transport": "relp", "address": receiver.address}])
        done = self.once(status=1)
        self.assertRegex(done.err, "sink 'relay': [0-9]+ events are dead letters from event [0-9]+ on: .*no thanks")
        receiver.refuses = False
        self.once()
        self.assertEqual(self.status()["sinks"][0]["rejected"], 5)
        self.assertEqual(self.skantd("replay", "--sink", "relay", "--dead").status, 0)
        self.once()
        self.assertEqual(receiver.count, 55)


class Replay(DaemonTest):
    def test_what_was_delivered_goes_out_again_marked(self):
        self.start_mock(activities=20, self_feed="off")
        self.configure()
        self.once()
        done = self.skantd("replay", "--sink", "file", "--from", "2000-01-01")
        self.assertEqual(done.status, 0, done.err)
        self.once()
        again = [e for e in self.events() if e.get("replay")]
        self.assertEqual(len(again), 20)
        self.assertEqual(len(self.events()), 40)

    def test_a_running_daemon_does_it_at_once(self):
        self.start_mock(activities=20, self_feed="off")
        self.configure()
        daemon = self.start()
        self.wait_for_events(20)
        for count in (40, 60):
            self.assertEqual(self.skantd("replay", "--sink", "file", "--from", "2000-01-01").status, 0)
            self.wait_for_events(count)
        daemon.stop()

    def dead_letters(self, *seqs):
        """Has the spool say that the file sink was not able to deliver these."""
        base = sqlite3.connect(self.path("state", "spool.db"))
        with base:
            base.executemany("INSERT INTO exceptions (sink, seq, rejected, reason, at) VALUES ('file', ?, 1, 'no', 1)",
                             [(seq,) for seq in seqs])
        base.close()

    def test_dead_letters_are_counted_and_sent(self):
        self.start_mock(activities=20, self_feed="off")
        self.configure()
        self.once()
        self.dead_letters(3, 11)
        done = self.skantd("replay", "--sink", "file", "--dead")
        self.assertEqual(done.status, 0, done.err)
        self.assertIn("2 dead letters of 'file' are sent again as soon as skantd runs", done.err)
        self.once()
        self.assertEqual([e["seq"] for e in self.lines() if e.get("replay")], [3, 11])

    def test_what_is_not_kept_any_more_is_said_and_stays_a_dead_letter(self):
        self.start_mock(activities=20, self_feed="off")
        self.configure()
        self.once()
        self.dead_letters(3, 11)
        self.let_bodies_go(5)
        for _ in range(2):
            done = self.skantd("replay", "--sink", "file", "--dead")
            self.assertIn("1 dead letter of 'file' cannot be sent any more: what it held is not kept", done.err)
            self.once()
        self.assertEqual([e["seq"] for e in self.lines() if e.get("replay")], [11])
        done = self.skantd("replay", "--sink", "file", "--from", "2000-01-01")
        self.assertIn("events 1 to 5 cannot be sent any more", done.err)
        self.assertIn("events 6 to 20 are sent to 'file' again", done.err)
        self.let_bodies_go(20)
        done = self.skantd("replay", "--sink", "file", "--from", "2000-01-01")
        self.assertIn("events 1 to 20 cannot be sent any more", done.err)
        self.assertNotIn("again", done.err)

    def test_without_a_dead_letter_nothing_is_sent_and_that_is_said(self):
        self.start_mock(activities=20, self_feed="off")
        self.configure()
        self.once()
        done = self.skantd("replay", "--sink", "file", "--dead")
        self.assertEqual(done.status, 0, done.err)
        self.assertIn("'file' has no dead letters: nothing is sent", done.err)
        self.dead_letters(3)
        done = self.skantd("replay", "--sink", "file", "--dead", "--to", "2000-01-01")
        self.assertIn("'file' has no dead letters of that time: nothing is sent", done.err)
        self.once()
        self.assertEqual([e for e in self.lines() if e.get("replay")], [])

    def test_what_a_clock_that_was_ahead_has_stored_is_found_and_the_clock_is_told(self):
        self.start_mock(activities=20, self_feed="off")
        self.configure()
        self.once()
        base = sqlite3.connect(self.path("state", "spool.db"))
        with base:
            for table in ("ledger", "marks"):
                base.execute(f"UPDATE {table} SET observed = observed + 7200000000000")
        base.close()
        self.mock.add(1)
        self.assertRegex(self.once().err, r"the ledger's last event was stored at 20[^ ]+Z, [0-9]+[smh] ahead of this machine")
        done = self.skantd("replay", "--sink", "file", "--from", "2000-01-01")
        self.assertIn("events 1 to 21 are sent", done.err)
        with open(self.path("out.jsonl"), encoding="utf-8") as f:
            lines = f.readlines()
        self.write("out.jsonl", "".join(lines[:-1]))
        self.assertIn("1 missing", self.skantd("verify", "--sink", "file").text)

    def test_it_has_to_be_said_what_and_where_to(self):
        self.configure()
        for args in ((), ("--sink", "file"), ("--sink", "nobody", "--dead"), ("--dead",)):
            done = self.skantd("replay", *args)
            self.assertEqual(done.status, 2, args)


@single
class Verify(DaemonTest):
    def deliver(self, count=30):
        self.start_mock(activities=count, self_feed="off")
        self.configure()
        self.once()

    def verify(self, *args, status=0):
        done = self.skantd("verify", "--json", *args)
        self.assertEqual(done.status, status, done.text + done.err)
        return json.loads(done.out)

    def test_nothing_is_wrong_when_nothing_is(self):
        self.deliver()
        report = self.verify()
        self.assertEqual([report[k] for k in ("missing", "unexpected", "altered", "gaps")], [0, 0, 0, 0])

    def test_a_ledger_without_events_is_called_that(self):
        self.configure(feeds=[self.ingest()])
        self.once()
        self.assertEqual(self.verify()["notes"][0], "ledger: it has no events yet")

    def test_a_line_that_the_receiver_lost_is_missing(self):
        self.deliver()
        with open(self.path("out.jsonl"), encoding="utf-8") as f:
            lines = f.readlines()
        self.write("out.jsonl", "".join(lines[:10] + lines[11:]))
        report = self.verify("--export", self.path("out.jsonl"), status=1)
        self.assertEqual((report["missing"], report["altered"]), (1, 0))
        self.assertEqual(report["differences"][0]["seq"], 11)

    def test_what_was_before_a_sink_began_is_not_expected_of_it(self):
        self.deliver()
        self.configure(sinks=[self.file_sink(), self.file_sink(name="fresh", path=self.path("fresh.jsonl"), start="now")])
        self.once()
        self.mock.add(5)
        self.once()
        self.assertEqual(len(self.events(name="fresh.jsonl")), 5)
        self.assertEqual(self.verify("--sink", "fresh")["missing"], 0)
        with open(self.path("fresh.jsonl"), encoding="utf-8") as f:
            lines = f.readlines()
        self.write("fresh.jsonl", "".join(lines[1:]))
        self.assertEqual(self.verify("--sink", "fresh", status=1)["missing"], 1)

    def test_what_is_not_kept_any_more_is_owed_to_a_sink_that_was_there_and_to_no_new_one(self):
        self.deliver()
        self.mock.add(5)
        self.configure(sinks=[self.file_sink(name="other", path=self.path("other.jsonl"))])
        self.once()
        self.let_bodies_go(32)
        self.configure(sinks=[self.file_sink(), self.file_sink(name="fresh", path=self.path("fresh.jsonl"))])
        done = self.once()
        self.assertIn("sink 'file': events 31 to 32 are not kept any more", done.err)
        self.assertNotIn("'fresh'", done.err)
        self.assertEqual([e["seq"] for e in self.lines("fresh.jsonl")], [33, 34, 35])
        self.assertEqual(self.verify("--sink", "fresh")["missing"], 0)
        self.assertEqual(self.verify("--sink", "file", status=1)["missing"], 2)

    def test_what_upstream_has_and_the_ledger_has_not_is_missing(self):
        self.deliver()
        self.mock.add(2, seconds_ago=3600)
        self.assertEqual(self.verify(status=1)["missing"], 2)

    def test_what_is_older_than_the_ledger_is_compared_with_nothing(self):
        self.deliver()
        self.let_rows_go(10)
        notes = " ".join(self.verify()["notes"])
        self.assertIn("sink 'file': 10 are older than the ledger, and were not compared with anything", notes)
        self.assertRegex(notes, "upstream of 'audit' is compared from .* on: of what is older the ledger does not hold all")
        notes = " ".join(self.verify("--export", self.path("out.jsonl"))["notes"])
        self.assertIn("export: events 1 to 10 are older than the ledger, and were not compared with it", notes)

    def test_each_side_that_cannot_be_asked_is_said(self):
        self.deliver()
        self.configure(feeds=[self.activities(name=name, credential={"file": self.path(name)}) for name in ("one", "two")])
        done = self.skantd("verify")
        self.assertEqual(done.status, 2, done.text)
        for name in ("one", "two"):
            self.assertRegex(done.err, f"feed '{name}': cannot read the credential file")

    def test_what_was_stored_under_another_filter_is_not_unexpected(self):
        self.deliver()
        self.configure(feeds=[self.activities(filter={"types": ["platform_api_key_*"]})])
        report = self.verify()
        self.assertEqual((report["missing"], report["unexpected"]), (0, 0))
        self.let_bodies_go(30)
        report = self.verify()
        self.assertIn("whose body has gone it is not known whether the feed's filter", " ".join(report["notes"]))

    def test_that_a_configuration_leaves_something_out_is_said(self):
        few = {"types": ["platform_api_key_*"]}
        self.deliver()
        self.assertNotIn("filter", " ".join(self.verify()["notes"]) + self.skantd("check").text)
        self.configure(feeds=[self.activities(filter=few, skip_own=True)], sinks=[self.file_sink(filter=few)])
        notes = " ".join(self.verify()["notes"])
        self.assertIn("the feed has a filter; what it leaves out is not stored", notes)
        self.assertIn("not missed (skip_own)", notes)
        self.assertIn("sink 'file': the sink has a filter; what it leaves out is not expected", notes)
        said = self.skantd("check").text
        self.assertIn("does not hold what its filter leaves out", said)
        self.assertIn("(skip_own)", said)

    def test_what_has_just_happened_is_missing_only_for_whoever_asks_about_it(self):
        self.deliver()
        self.mock.add(2)
        report = self.verify()
        self.assertEqual(report["missing"], 0)
        self.assertIn("newer activities may still be on their way", " ".join(report["notes"]))
        self.assertEqual(self.verify("--to", "2100-01-01", status=1)["missing"], 2)

    def test_a_feed_that_has_not_been_read_for_long_shows(self):
        self.deliver()
        self.mock.advance(1800)
        self.mock.add(2, seconds_ago=1800)
        self.configure(health={"stale_after": "1m"})
        self.mock.add(3, seconds_ago=120 + 1800)
        self.assertGreaterEqual(self.verify(status=1)["missing"], 3)

    def test_a_ledger_that_was_tampered_with_shows(self):
        self.deliver()
        base = sqlite3.connect(self.path("state", "spool.db"))
        with base:
            base.execute("UPDATE bodies SET body = CAST(replace(CAST(body AS TEXT), 'user', 'usor') AS BLOB) WHERE seq = 7")
            base.execute("UPDATE ledger SET hash = zeroblob(32) WHERE seq = 8")
        base.close()
        report = self.verify(status=1)
        self.assertGreaterEqual(report["altered"], 1)
        self.assertIn(7, [d.get("seq") for d in report["differences"]])
        self.assertIn("30 activities listed, 29 of them are here, byte for byte", " ".join(report["notes"]))

    def test_an_id_a_hash_or_a_chain_that_was_changed_at_the_receiver_shows(self):
        self.deliver()
        with open(self.path("out.jsonl"), encoding="utf-8") as f:
            lines = f.readlines()
        for number, member in ((10, "id"), (15, "hash"), (20, "chain")):
            value = json.loads(lines[number])[member]
            changed = value[:-1] + ("0" if value[-1] != "0" else "1")
            lines[number] = lines[number].replace(f'"{member}":"{value}"', f'"{member}":"{changed}"', 1)
        self.write("out.jsonl", "".join(lines))
        report = self.verify("--sink", "file", status=1)
        self.assertEqual((report["missing"], report["altered"]), (3, 3))
        self.assertEqual([d["seq"] for d in report["differences"]], [11, 11, 16, 16, 21, 21])
        # Without their neighbours, and as a copy of an event that is there as well.
        with open(self.path("part.jsonl"), "w", encoding="utf-8") as f:
            f.writelines(lines[8:21:2] + [lines[15].replace('"seq"', '"replay":true,"seq"', 1)])
        report = self.verify("--export", self.path("part.jsonl"), status=1)
        self.assertLessEqual({11, 16, 21}, {d["seq"] for d in report["differences"] if d["kind"] == "altered"})

    def test_an_export_is_checked_without_a_ledger(self):
        self.deliver()
        os.rename(self.path("out.jsonl"), self.path("export.jsonl"))
        env = self.env()
        done = subprocess.run([SKANTD, "verify", "--export", "export.jsonl"], cwd=self.dir, capture_output=True, env=env,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"from 1 to 30, checked by itself: what is before and behind them is not known", done.stdout)
        with open(self.path("export.jsonl"), encoding="utf-8") as f:
            lines = f.readlines()
        lines[4], lines[5] = lines[5], lines[4]
        lines[9] = lines[9].replace('"user', '"usor', 1)
        self.write("export.jsonl", "".join(lines))
        done = subprocess.run([SKANTD, "verify", "--export", "export.jsonl"], cwd=self.dir, capture_output=True, env=env,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"stands behind event", done.stdout)
        self.assertIn(b"altered", done.stdout)

    def test_an_id_that_was_cut_to_fit_is_none_that_was_changed(self):
        self.start_mock(activities=10, self_feed="off")
        self.configure(sinks=[self.file_sink(format="ecs", max_message=480)])
        self.once()
        self.assertEqual({len(e["skant"]["id"]) for e in self.lines()}, {24})
        done = subprocess.run([SKANTD, "verify", "--export", "out.jsonl"], cwd=self.dir, capture_output=True, env=self.env(),
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(b"of 9 events, whose id may have been cut to make them fit, it cannot be told", done.stdout)
        self.assertNotIn("cut to make", " ".join(self.verify("--export", self.path("out.jsonl"))["notes"]))

    def test_of_an_export_in_which_nothing_is_ours_there_is_no_verdict(self):
        self.deliver()
        self.write("strange.yaml", "version: 1\nfeeds: []\n")
        self.write("empty", "")
        for name in ("nowhere", "strange.yaml", "empty", "."):
            for more in ((), ("--json",)):
                done = self.skantd("verify", "--export", self.path(name), *more)
                self.assertEqual((done.status, done.out), (3, b""), name)
                self.assertIn(name, done.err)

    def test_but_what_is_wrong_with_the_ledger_is_told_all_the_same(self):
        self.deliver()
        base = sqlite3.connect(self.path("state", "spool.db"))
        with base:
            base.execute("UPDATE bodies SET body = x'7b7d' WHERE seq = 7")
        base.close()
        done = self.skantd("verify", "--export", self.path("nowhere"))
        self.assertEqual(done.status, 3)
        self.assertIn("0 missing, 0 unexpected, 1 altered", done.text)

    def test_how_far_an_export_reaches_is_said(self):
        self.deliver()
        with open(self.path("out.jsonl"), encoding="utf-8") as f:
            lines = f.readlines()
        notes = " ".join(self.verify("--export", self.path("out.jsonl"))["notes"])
        self.assertNotIn("not looked for", notes)
        self.write("part.jsonl", "".join(lines[4:20]))
        notes = " ".join(self.verify("--export", self.path("part.jsonl"))["notes"])
        self.assertIn("begins with event 5: events 1 to 4 of the ledger are before it and were not looked for", notes)
        self.assertIn(f"ends with event 20: events 21 to {len(lines)} of the ledger are behind it", notes)

    def test_no_more_is_expected_of_a_sinks_export_than_its_filter_lets_pass(self):
        self.start_mock(activities=200, self_feed="off")
        self.configure(sinks=[self.file_sink(), self.file_sink(name="keys", path=self.path("keys.jsonl"),
                                                               filter={"types": ["platform_api_key_*"]})])
        self.once()
        with open(self.path("keys.jsonl"), encoding="utf-8") as f:
            lines = f.readlines()
        self.assertTrue(3 < len(lines) < 100, len(lines))
        self.assertGreater(self.verify("--export", self.path("keys.jsonl"), status=1)["missing"], 0)
        self.verify("--export", self.path("keys.jsonl"), "--sink", "keys")
        self.write("cut.jsonl", "".join(lines[:1] + lines[2:]))
        report = self.verify("--export", self.path("cut.jsonl"), "--sink", "keys", status=1)
        self.assertEqual(([report[k] for k in ("missing", "unexpected", "altered")],
                          [d["seq"] for d in report["differences"]]), ([1, 0, 0], [json.loads(lines[1])["seq"]]))

    def test_an_export_of_each_format_is_checked(self):
        formats = ("json", "ecs", "ocsf", "cef", "rfc5424", "rfc3164")
        self.start_mock(activities=50, self_feed="off")
        self.configure(sinks=[self.file_sink(name=f, path=self.path(f), format=f) for f in formats])
        self.once()
        for name in formats:
            with self.subTest(name):
                with open(self.path(name), encoding="utf-8") as f:
                    lines = f.readlines()
                self.verify("--export", self.path(name))
                # As the manual says: what stands beside the upstream bytes is not proved, they are where they are there.
                has_bytes = name in ("json", "ecs", "ocsf")
                parts = [line.partition('"upstream":') for line in lines]
                readable = [head.replace("example.com", "examp1e.com") + mark + body for head, mark, body in parts]
                self.assertNotEqual(readable, lines)
                self.part(readable)
                everywhere = [line.replace("example.com", "examp1e.com") for line in lines]
                self.write("altered", "".join(everywhere))
                altered = self.verify("--export", self.path("altered"), status=int(has_bytes))["altered"]
                self.assertEqual(altered > 0, has_bytes)
                self.write("cut", "".join(lines[:20] + lines[21:]))
                self.assertEqual(self.verify("--export", self.path("cut"), status=1)["missing"], 1)
                self.assertIn("not looked for", " ".join(self.part(lines[:-5])))

    def part(self, lines):
        """The notes on an export of these lines."""
        self.write("part.jsonl", "".join(lines))
        return self.verify("--export", self.path("part.jsonl"))["notes"]

    def test_that_the_body_has_gone_which_could_tell_is_said_of_an_export(self):
        self.start_mock(activities=200, self_feed="off")
        self.configure(sinks=[self.file_sink(filter={"types": ["platform_api_key_*"]})])
        self.once()
        seqs = [e["seq"] for e in self.lines()]
        self.let_bodies_go(next(s for s in range(seqs[0] + 1, seqs[-1]) if s not in seqs))
        report = self.verify("--export", self.path("out.jsonl"), "--sink", "file")
        self.assertIn("whose body has gone it is not known whether the sink's filter", " ".join(report["notes"]))

    def test_a_time_does_not_go_with_an_export(self):
        self.deliver()
        for option in ("--from", "--to"):
            done = self.skantd("verify", "--export", self.path("out.jsonl"), option, "2026-01-01")
            self.assertEqual((done.status, done.out), (2, b""), done.err)
            self.assertIn("do not go with --export", done.err)

    def test_what_a_sinks_export_lacks_at_the_beginning_is_missing_from_where_the_sink_began(self):
        self.deliver()
        self.configure(sinks=[self.file_sink(), self.file_sink(name="fresh", path=self.path("fresh.jsonl"), start="now")])
        self.once()
        self.mock.add(5)
        self.once()
        for name, start in (("file", 0), ("fresh", 30)):
            with open(self.path("fresh.jsonl" if start else "out.jsonl"), encoding="utf-8") as f:
                lines = f.readlines()
            self.write("whole.jsonl", "".join(lines))
            self.verify("--export", self.path("whole.jsonl"), "--sink", name)
            self.write("cut.jsonl", "".join(lines[3:]))
            self.assertEqual(self.verify("--export", self.path("cut.jsonl"))["missing"], 0)
            report = self.verify("--export", self.path("cut.jsonl"), "--sink", name, status=1)
            self.assertEqual([d["seq"] for d in report["differences"]], [start + n for n in (1, 2, 3)])
        self.assertIn("a sink that began with event 31: events 1 to 30 of the ledger", " ".join(report["notes"]))

    def test_an_export_may_come_from_standard_input_or_a_pipe(self):
        self.deliver()
        with open(self.path("out.jsonl"), "rb") as f:
            whole = f.read()
        lines = whole.splitlines(keepends=True)
        for text, status in ((whole, 0), (whole.rstrip(b"\n"), 0), (b"".join(lines[:3] + lines[4:]), 1), (b"", 3)):
            done = self.skantd("verify", "--export", "-", stdin=text)
            self.assertEqual(done.status, status, done.text + done.err)
        self.assertIn("no line of standard input is an event", done.err)
        os.mkfifo(self.path("pipe"))
        with subprocess.Popen(["cp", self.path("out.jsonl"), self.path("pipe")]):
            done = self.skantd("verify", "--export", self.path("pipe"))
        self.assertEqual(done.status, 0, done.text + done.err)

    def test_a_line_of_an_export_that_is_too_long_to_be_ours_is_passed_over(self):
        self.deliver()
        with open(self.path("out.jsonl"), "rb") as f:
            whole = f.read()
        done = self.skantd("verify", "--export", "-", stdin=b"x" * (70 << 20) + b"\n" + whole)
        self.assertEqual(done.status, 0, done.text + done.err)
        self.assertIn(f"export: {whole.count(bytes([10])) + 1} lines", done.text)


@unittest.skipUnless(shutil.which("sqlite3"), "there is no sqlite3")
class Backup(DaemonTest):
    """The commands of the guide, as they stand there but for places."""

    def run_guide(self, name):
        with open(GUIDE, encoding="utf-8") as f:
            block = re.search(rf"```sh {name}\n(.*?)```", f.read(), re.S)[1]
        script = 'set -e\nsudo() { "$@"; }\nsystemctl() { echo "$@"; }\n' + block
        script = script.replace("/var/lib/skant", self.path("state")).replace("/backup", self.path("backup"))
        subprocess.run(["sh", "-c", "umask 022\n" + script], check=True, stdout=subprocess.DEVNULL, env=self.env())

    def test_what_was_put_aside_is_there_again_and_the_services_own(self):
        self.start_mock(activities=20, self_feed="off")
        self.configure()
        self.once()
        os.mkdir(self.path("backup"))
        self.run_guide("backup")
        self.assertEqual(os.stat(self.path("backup", "spool.db")).st_mode & 0o777, 0o600)
        before = self.status()["spool"]
        for name in ("spool.db", "spool.db-wal", "spool.db-shm"):
            self.write(f"state/{name}", "lost")
        owner = SERVICE_USER if os.geteuid() == 0 else os.geteuid()
        os.chown(self.path("state"), owner, -1)
        self.run_guide("restore")
        restored = os.stat(self.path("state", "spool.db"))
        self.assertEqual((restored.st_uid, restored.st_mode & 0o777), (owner, 0o600))
        self.assertEqual(self.status()["spool"], before)


class Emit(DaemonTest):
    def test_findings_of_skant_reach_the_log(self):
        key = make_key(77)
        self.write("src/config.py", f'client = Anthropic(api_key="{key}")\n')
        self.configure(feeds=[self.ingest()])
        daemon = self.start()
        found = subprocess.run([SKANT, "dir", "-f", "jsonl", "src"], cwd=self.dir, capture_output=True, env=self.env(),
                               check=False)
        self.assertEqual(found.returncode, 1, found.stderr)
        done = self.skantd("emit", stdin=found.stdout)
        self.assertEqual(done.status, 0, done.err)
        self.wait_for_events(1, feed="apps")
        daemon.stop()
        event = self.events("apps")[0]
        self.assertEqual(event["upstream"]["peer"]["uid"], os.getuid())
        self.assertEqual(event["upstream"]["record"]["rule_id"], "anthropic-api-key")
        with open(self.path("out.jsonl"), encoding="utf-8") as f:
            self.assertNotIn(key, f.read())

    def test_nobody_listens(self):
        self.configure(feeds=[self.ingest()])
        done = self.skantd("emit", stdin=b'{"event":"api_call"}\n')
        self.assertEqual(done.status, 75, done.err)

    def test_what_cannot_be_used_is_3(self):
        self.configure(feeds=[self.ingest()])
        daemon = self.start()
        done = self.skantd("emit", self.path("state"))
        self.assertEqual(done.status, 3, done.err)
        done = self.skantd("emit", "--socket", self.path("skantd.yaml", "socket"), stdin=b'{"event":"api_call"}\n')
        self.assertEqual(done.status, 3, done.err)
        daemon.stop()

    def test_its_help_and_the_guide_tell_of_each_exit_status(self):
        said = subprocess.run([SKANTD, "emit", "--help"], capture_output=True, text=True, env=self.env(), check=True).stdout
        self.assertEqual(re.findall(r"^  (\d+) ", said.split("Exit status:")[1], re.M), ["0", "1", "2", "3", "75"])
        with open(os.path.join(os.path.dirname(GUIDE), "ingest.md"), encoding="utf-8") as f:
            self.assertEqual(re.findall(r"^\| (\d+) \|", f.read(), re.M), ["0", "1", "2", "3", "75"])

    def test_a_bad_record_is_refused_with_its_line(self):
        self.configure(feeds=[self.ingest()])
        daemon = self.start()
        good = json.dumps({"event": "api_call", "timestamp": "2026-11-01T12:00:00Z", "model": "claude-opus-5"}).encode()
        done = self.skantd("emit", stdin=good + b"\nnot json\n" + good + b"\n")
        self.assertEqual(done.status, 1, done.err)
        self.assertIn("2", done.err)
        self.wait_for_events(2, feed="apps")
        daemon.stop()


@single
class Usage(DaemonTest):
    def test_what_is_wrong_with_the_configuration_is_said_with_its_place(self):
        self.write("skantd.yaml", "version: 1\nstate_dir: /x\nsink: []\n")
        done = self.skantd("check")
        self.assertEqual(done.status, 2)
        self.assertIn("skantd.yaml:3:1", done.err)
        self.assertIn("sinks", done.err)

    def test_check_names_the_probe_of_sinks_that_have_one(self):
        self.configure(feeds=[self.ingest()], sinks=[self.file_sink(), {"name": "pipe", "type": "stdout"}])
        done = self.skantd("check")
        self.assertEqual(done.status, 0, done.err)
        self.assertIn("skantd check --sink file\n", done.text)
        self.assertIn("sink 'pipe': has no receiver to probe\n", done.text)
        self.assertEqual(self.skantd("check", "--sink", "file").status, 0)
        self.assertEqual(self.skantd("check", "--sink", "pipe").status, 2)

    def test_help_names_every_command(self):
        done = subprocess.run([SKANTD, "--help"], capture_output=True, env=self.env(), check=True)
        for command in (b"run", b"check", b"status", b"verify", b"replay", b"emit"):
            self.assertIn(command, done.stdout)

    def test_a_command_is_expected(self):
        done = subprocess.run([SKANTD], capture_output=True, env=self.env(), check=False)
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
