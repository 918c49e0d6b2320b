# SPDX-License-Identifier: Apache-2.0
"""The journald sink alone against a real journald: each thing that can happen to it, and each event there once, or its
absence said."""
import collections
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import journald
from sinkprobe import SinkProbe, event_id
from skantd_support import wait_until
from support import once, timed

FAR = 1 << 62  # microseconds: a time that never comes


class SinkTest(unittest.TestCase):
    journal = None

    def start_journal(self, *lines, **options):
        self.journal = journald.Journald(*lines, **options)
        self.addCleanup(self.journal.close)
        return self.journal

    def probe(self, count=1000, prefix=None, **settings):
        return SinkProbe(self, count, "journald", prefix=prefix or self.journal.prefix, **settings)

    def drive(self, probe, first, last, *words, size=100, seconds=120):
        """As the courier does: what failed is tried again, in doubt. All tries' answers."""
        answers, end, pause = [], time.monotonic() + seconds, 0.05
        while first <= last:
            self.assertLess(time.monotonic(), end, answers[-3:])
            done = probe.deliver(first, min(last, first + size - 1), *words)
            answers.append(done)
            words = () if done["result"] == "ok" else ("doubtful",)
            first = done["confirmed"] + 1 if done["confirmed"] else first
            pause = 0.05 if done["confirmed"] else min(2 * pause, 2)
            if done["result"] != "ok":
                time.sleep(pause)
        return answers

    def assert_once(self, first, last, is_killed=False):
        """A journald that was killed in the middle of an entry may have put it in some of the indexes only: then it was
        sent once more, marked."""
        counts = collections.Counter(self.journal.ids())
        if is_killed:
            twice = collections.Counter([name for name, count in counts.items() if count == 2])
            counts -= twice & collections.Counter(self.journal.ids("audit", "SKANT_REPLAY=1"))
        wanted = collections.Counter(event_id(n) for n in range(first, last + 1))
        self.assertEqual(counts - wanted, collections.Counter(), "there too often")
        self.assertEqual(wanted - counts, collections.Counter(), "missing")

    def assert_done(self, answer, last, **more):
        self.assertEqual((answer["result"], answer["confirmed"]), ("ok", last), answer)
        for name, value in more.items():
            self.assertEqual(answer[name], value, answer)

    def machine_folder(self):
        with open("/etc/machine-id", encoding="ascii") as f:
            return f.read().strip()


@journald.needed
class Sending(SinkTest):
    def test_events_of_all_priorities_are_stored_once_and_read_back(self):
        self.start_journal()
        probe = self.probe(2000)
        self.assert_done(probe.deliver(1, 2000), 2000, resent=0, rejected=0, unproven=0)
        self.assert_once(1, 2000)
        priorities = collections.Counter(e["PRIORITY"] for e in self.journal.entries("SKANT_FEED=audit"))
        self.assertEqual(priorities, {"6": 1800, "3": 200})

    def test_large_events_go_in_a_memory_file_and_come_back(self):
        self.start_journal()
        probe = self.probe(10, body=900_000)
        self.assert_done(probe.deliver(1, 10), 10, resent=0)
        self.assert_once(1, 10)

    def test_what_is_there_already_is_not_sent(self):
        self.start_journal()
        self.assert_done(self.probe().deliver(1, 200), 200)
        self.assert_done(self.probe().deliver(1, 300, "doubtful"), 300, resent=0)
        self.assert_once(1, 300)
        self.assert_done(self.probe().deliver(1, 300, "doubtful"), 300, bytes=0)

    def test_another_daemon_of_the_same_user_is_not_taken_for_this_one(self):
        self.start_journal()
        ours, others = self.probe(), self.probe(body=500)
        self.assert_done(ours.deliver(101, 200), 200)
        self.assert_done(others.deliver(1, 200), 200)
        self.assert_done(self.probe().deliver(101, 200, "doubtful"), 200, bytes=0)
        self.assert_done(others.deliver(201, 300), 300)
        self.assert_done(self.probe(body=500).deliver(201, 300, "doubtful"), 300, bytes=0)

    def test_a_replay_is_sent_although_the_event_is_there(self):
        self.start_journal()
        probe = self.probe()
        self.assert_done(probe.deliver(1, 50), 50)
        self.assert_done(probe.deliver(1, 50, "replay"), 50, resent=0)
        self.assertEqual(len(self.journal.ids()), 100)
        self.assertEqual(len(self.journal.entries("SKANT_REPLAY=1")), 50)
        self.assert_done(probe.deliver(51, 60), 60, resent=0)

    def test_the_journal_tells_what_it_holds_between_two_times(self):
        self.start_journal()
        probe = self.probe()
        probe.deliver(1, 20)
        time.sleep(1.1)
        middle = int(time.time())
        time.sleep(1.1)
        probe.deliver(21, 50)
        told = probe.ask("read_back")["events"]
        self.assertEqual([e["seq"] for e in told], list(range(1, 51)))
        self.assertEqual(told[6], {"seq": 7, "id": event_id(7), "type": "platform_api_key_created", "feed": "audit",
                                   "time_s": 1793534400, "replay": False})
        told = probe.ask(f"read_back {middle} {int(time.time()) + 2}")["events"]
        self.assertEqual([e["seq"] for e in told], list(range(21, 51)))
        self.assert_done(probe.deliver(51, 60), 60, resent=0)

    @unittest.skipUnless(os.geteuid() == 0, "another user is needed for it, so root is")
    def test_what_another_user_forged_does_not_count(self):
        self.start_journal()
        self.probe().deliver(1, 5)
        forged = b""
        for entry in self.journal.entries("SKANT_FEED=audit"):
            for name in ("MESSAGE", "SYSLOG_IDENTIFIER", "SKANT_SEQ", "SKANT_HASH", "SKANT_FEED"):
                forged += f"{name}={entry[name]}\n".encode()
            forged += b"\n"
        self.journal.run("journalctl", "--rotate")
        self.journal.run("journalctl", "--vacuum-time=1us")
        self.assertEqual(self.journal.ids(), [])
        # logger takes one entry at a time.
        for entry in forged.split(b"\n\n")[:-1]:
            self.journal.run("setpriv", "--reuid=65534", "--clear-groups", "logger", "--journald", input=entry + b"\n")
        self.assert_done(self.probe().deliver(1, 5, "doubtful"), 5)
        self.assert_once(1, 5)
        self.assertEqual([e["seq"] for e in self.probe().ask("read_back")["events"]], [1, 2, 3, 4, 5])


@once
@journald.needed
class Faults(SinkTest):
    def test_a_socket_that_is_missing_is_said_and_nothing_is_lost(self):
        self.start_journal()
        socket = "/run/systemd/journal/socket"
        probe = self.probe()
        self.journal.run("mv", socket, socket + ".away")
        done = probe.deliver(1, 100)
        self.assertEqual((done["result"], done["confirmed"]), ("retry", 0))
        self.assertIn("journald is not there", done["error"])
        self.journal.run("mv", socket + ".away", socket)
        self.assert_done(probe.deliver(1, 100, "doubtful"), 100)
        self.assert_once(1, 100)

    def test_nobody_listening_is_said_and_a_new_journald_gets_all(self):
        self.start_journal()
        probe = self.probe()
        probe.deliver(1, 10)
        self.journal.kill()
        done = probe.deliver(11, 100)
        self.assertEqual((done["result"], done["confirmed"]), ("retry", 0))
        self.assertIn("journald", done["error"])
        self.journal.start()
        self.drive(probe, 11, 100, "doubtful")
        self.assert_once(1, 100)

    def test_a_stalled_journald_gets_nothing_twice(self):
        self.start_journal()
        probe = self.probe()
        for first, last in ((1, 20), (21, 1000)):  # what its queue holds, and what it does not
            self.journal.send(signal.SIGSTOP)
            probe.begin(f"deliver {first} {last}")
            time.sleep(3)
            self.journal.send(signal.SIGCONT)
            self.assert_done(probe.answer(), last, resent=0)
        self.assert_once(1, 1000)

    def test_what_a_dead_sender_left_in_the_queue_is_waited_for(self):
        self.start_journal()
        self.journal.send(signal.SIGSTOP)
        dead = self.probe()
        dead.begin("deliver 1 50")
        time.sleep(0.5)
        dead.kill()
        heir = self.probe()
        heir.begin("deliver 1 60 doubtful")
        time.sleep(0.5)
        self.journal.send(signal.SIGCONT)
        self.assert_done(heir.answer(), 60, resent=0)
        self.assert_once(1, 60)

    def test_it_returns_at_once_when_told_to_stop_although_journald_has_stalled(self):
        self.start_journal()
        for first, last in ((1, 20), (21, 1000)):
            probe = self.probe()
            self.journal.send(signal.SIGSTOP)
            probe.begin(f"deliver {first} {last}")
            time.sleep(0.5)
            started = time.monotonic()
            probe.stop()
            done = probe.answer()
            self.assertLess(time.monotonic() - started, 1)
            self.assertEqual((done["result"], done["confirmed"]), ("retry", 0))
            self.journal.send(signal.SIGCONT)
        self.drive(self.probe(), 1, 1000, "doubtful", size=1000)
        self.assert_once(1, 1000)

    def restart(self, number, held):
        self.start_journal(held=held)
        probe, rng = self.probe(1_000_000), random.Random(number)
        stop = threading.Event()
        restarts, last = 0, 0

        def trouble():
            nonlocal restarts
            while not stop.wait(0.1 + 0.4 * rng.random()):
                self.journal.kill(number)
                restarts += 1
                if not held:
                    time.sleep(0.2 * rng.random())
                    self.journal.start()

        thread = threading.Thread(target=trouble)
        thread.start()
        try:
            while restarts < 4:
                self.assertTrue(thread.is_alive(), "whoever restarts journald has failed")
                self.drive(probe, last + 1, last + 3000, size=1000)
                last += 3000
        finally:
            stop.set()
            thread.join()
        self.assert_once(1, last, is_killed=number == signal.SIGKILL)

    @timed
    def test_journald_is_killed_and_its_queue_with_it(self):
        self.restart(signal.SIGKILL, held=False)

    def test_journald_ends_and_its_queue_with_it(self):
        self.restart(signal.SIGTERM, held=False)

    def test_journald_is_killed_and_its_queue_stays(self):
        self.restart(signal.SIGKILL, held=True)

    def test_journald_is_started_anew_and_its_queue_stays(self):
        self.restart(signal.SIGTERM, held=True)

    def test_what_a_killed_journald_stored_but_did_not_index_is_sent_once_more_and_marked(self):
        self.start_journal()
        probe = self.probe()
        self.assert_done(probe.deliver(1, 5), 5)
        chains = [entry["SKANT_CHAIN"] for entry in self.journal.entries("SKANT_FEED=audit")]
        self.journal.kill()
        file = os.path.join(self.journal.dir, "j", self.machine_folder(), "system.journal")
        for text, count in (("SYSLOG_IDENTIFIER=skantd", 2), ("SKANT_FEED=audit", 2),
                            ("SKANT_CHAIN=" + chains[3], 1), ("SKANT_CHAIN=" + chains[4], 1)):
            journald.forget_last(file, text, count)
        self.journal.start()
        self.assertEqual(len(self.journal.ids()), 3)
        self.assert_done(probe.deliver(1, 5, "doubtful"), 5)
        self.assert_once(1, 5)
        again = self.journal.entries("SKANT_REPLAY=1")
        self.assertEqual([entry["SKANT_CHAIN"] for entry in again], chains[3:])
        self.assert_done(probe.deliver(1, 5, "doubtful"), 5, bytes=0)

    def test_killing_the_sender_at_any_moment_doubles_nothing(self):
        self.start_journal()
        rng, first = random.Random(7), 1
        for _ in range(15):
            probe = self.probe(100_000)
            probe.begin(f"deliver {first} {first + 999} doubtful")
            time.sleep(0.03 + rng.random() * 0.15)
            probe.kill()
        self.drive(self.probe(100_000), first, first + 999, "doubtful", size=1000)
        self.assert_once(1, 1000)

    def test_files_that_a_rotation_makes_meanwhile_are_seen(self):
        self.start_journal()
        probe = self.probe(6000)
        stop = threading.Event()

        def trouble():
            while not stop.wait(0.02):
                self.journal.call("journalctl", "--rotate")

        thread = threading.Thread(target=trouble)
        thread.start()
        try:
            answers = self.drive(probe, 1, 6000)
        finally:
            stop.set()
            thread.join()
        self.assertEqual({a["result"] for a in answers}, {"ok"})
        self.assertEqual(sum(a["resent"] for a in answers), 0)
        self.assert_once(1, 6000)
        self.assert_done(self.probe(6000).deliver(5001, 6000, "doubtful"), 6000, bytes=0)


@once
@journald.needed
class Dropped(SinkTest):
    def tries(self, probe, count):
        return [probe.deliver(1, 20, "doubtful") for _ in range(count)]

    def test_a_level_that_is_not_kept_stops_the_sink_and_says_why(self):
        self.start_journal("MaxLevelStore=err")
        answers = self.tries(self.probe(), 14)
        self.assertEqual([a["result"] for a in answers], ["retry"] * 12 + ["broken"] * 2)
        self.assertIn("MaxLevelStore=", answers[-1]["error"])
        self.assertIn("below 'err', 18 of 20", answers[-1]["error"])
        self.assertEqual(sorted(self.journal.ids()), [event_id(10), event_id(20)])

    def test_a_journal_that_stores_nothing_stops_the_sink_and_says_why(self):
        self.start_journal("Storage=none")
        answers = self.tries(self.probe(), 14)
        self.assertEqual([a["result"] for a in answers], ["retry"] * 12 + ["broken"] * 2)
        self.assertIn("Storage=none", answers[-1]["error"])
        self.assertEqual(answers[-1]["unproven"], 0)

    def unit(self):
        """A command that makes what it starts part of a unit, as journald sees it."""
        group = "/sys/fs/cgroup/system.slice/skantd.service"
        if os.path.isdir("/sys/fs/cgroup/unified"):
            group = "/sys/fs/cgroup/unified/system.slice/skantd.service"
        if os.geteuid() != 0:
            self.skipTest("a control group is needed for it, so root is")
        try:
            os.makedirs(group, exist_ok=True)
            self.addCleanup(subprocess.run, ["rmdir", group], check=False, stderr=subprocess.DEVNULL)
            subprocess.run(["sh", "-c", f"echo $$ > {group}/cgroup.procs"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as e:
            self.skipTest(f"no control group can be made: {e}")
        return [*self.journal.prefix, "sh", "-c", f'echo $$ > {group}/cgroup.procs; exec "$@"', "sh"]

    def test_what_a_rate_limit_drops_is_noticed_and_stored_once_it_may(self):
        self.start_journal("RateLimitIntervalSec=3s", "RateLimitBurst=100")
        probe = self.probe(3000, prefix=self.unit())
        answers = self.drive(probe, 1, 3000, size=1000)
        failed = [a for a in answers if a["result"] != "ok"]
        self.assertTrue(failed)
        self.assertEqual({a["result"] for a in failed}, {"retry"})
        self.assertIn("LogRateLimitIntervalSec=", failed[0]["error"])
        self.assert_once(1, 3000)

    def test_the_unit_s_own_limit_and_level_count(self):
        self.start_journal("RateLimitIntervalSec=3s", "RateLimitBurst=10")
        prefix = self.unit()
        self.journal.run("mkdir", "-p", "/run/systemd/units")
        for name in ("interval", "burst"):
            self.journal.run("ln", "-s", "0", f"/run/systemd/units/log-rate-limit-{name}:skantd.service")
        self.assert_done(self.probe(prefix=prefix).deliver(1, 1000), 1000, resent=0)
        self.assert_once(1, 1000)
        self.journal.kill()
        self.journal.run("ln", "-s", "3", "/run/systemd/units/log-level-max:skantd.service")
        self.journal.start()
        done = self.probe(2000, prefix=prefix).deliver(1001, 1020)
        self.assertEqual((done["result"], done["confirmed"]), ("retry", 0))
        self.assertIn("LogLevelMax=", done["error"])


@once
@journald.needed
class Forgotten(SinkTest):
    def test_what_was_vacuumed_is_sent_once_more(self):
        self.start_journal()
        self.assert_done(self.probe().deliver(1, 400), 400)
        self.journal.run("journalctl", "--rotate")
        self.journal.run("journalctl", "--vacuum-time=1us")
        self.assertEqual(self.journal.ids(), [])
        self.assert_done(self.probe().deliver(1, 400, "doubtful"), 400, resent=0, unproven=0)
        self.assert_once(1, 400)

    def test_a_journal_in_memory_that_a_reboot_took_gets_what_is_in_doubt_once_more(self):
        self.start_journal(volatile=True)
        self.assert_done(self.probe().deliver(1, 400), 400, durable=0)
        self.journal.kill()
        self.journal.run("sh", "-c", "rm -rf /run/log/journal/*")
        self.journal.start()
        self.assert_done(self.probe().deliver(301, 500, "doubtful"), 500, unproven=0)
        self.assert_once(301, 500)

    def test_what_is_gone_each_time_is_sent_twice_and_called_unproven(self):
        self.start_journal()
        self.probe().deliver(1, 1)
        folder = tempfile.mkdtemp(prefix="skant-journal-")
        self.addCleanup(shutil.rmtree, folder)
        # A journal that only begins in the future: nothing is ever found there, and all of it may have been.
        path = f"/var/log/journal/{self.machine_folder()}/system.journal"
        data = bytearray(self.journal.run("cat", path))
        data[184:192] = FAR.to_bytes(8, "little")
        with open(os.path.join(folder, "system.journal"), "wb") as f:
            f.write(data)
        probe = self.probe(journal=folder)
        done = probe.deliver(2, 300)
        self.assertEqual((done["result"], done["confirmed"], done["unproven"]), ("retry", 257, 256), done)
        self.assertIn("forgets", done["error"])
        self.assert_done(probe.deliver(258, 300, "doubtful"), 300, unproven=43)
        counts = collections.Counter(self.journal.ids())
        self.assertEqual(set(counts.values()), {1, 2})
        self.assertEqual([i for i, n in counts.items() if n == 1], [event_id(1)])

    def test_a_small_disk_keeps_the_newest_and_no_event_goes_untold(self):
        self.start_journal(size="40M")
        probe = self.probe(30_000)
        answers = self.drive(probe, 1, 30_000, size=1000)
        counts = collections.Counter(self.journal.ids())
        self.assertLess(len(counts), 30_000)
        self.assertIn(event_id(30_000), counts)
        again = sum(a["resent"] + a["unproven"] for a in answers)
        self.assertLessEqual(sum(n - 1 for n in counts.values()), again)

    def test_a_disk_that_others_filled_loses_nothing(self):
        self.start_journal(size="40M")
        folder = f"/var/log/journal/{self.machine_folder()}"
        probe = self.probe(3000)
        self.assert_done(probe.deliver(1, 1000), 1000)
        self.journal.call("sh", "-c", f"head -c 100M /dev/zero > {folder}/filler")
        self.journal.run("journalctl", "--rotate")
        self.drive(probe, 1001, 3000)
        self.assert_once(1, 3000)


@journald.needed
class Durable(SinkTest):
    def test_what_is_synced_is_told_and_the_rest_by_the_timer(self):
        self.start_journal()
        probe = self.probe()
        self.assert_done(probe.deliver(1, 10), 10, durable=10)
        self.assert_done(probe.deliver(11, 20), 20, durable=0)
        time.sleep(0.3)
        self.assertEqual(probe.ask("idle")["durable"], 20)
        self.assertEqual(probe.ask("idle")["durable"], 0)

    def test_after_a_rotation_the_files_before_it_are_synced_as_well(self):
        self.start_journal()
        probe = self.probe()
        probe.deliver(1, 10)
        probe.deliver(11, 20)
        self.journal.run("journalctl", "--rotate")
        told = [probe.deliver(21, 30)["durable"]]  # at once where the machine was slow, else by the timer
        wait_until(lambda: told.append(probe.ask("idle")["durable"]) or 30 in told, "all are on the disk")

    def test_entries_that_are_kept_in_memory_beside_the_disk_are_not_durable(self):
        self.start_journal()
        machine = self.machine_folder()
        probe = self.probe()
        self.assert_done(probe.deliver(1, 10), 10, durable=10)
        self.journal.run("mkdir", f"/run/log/journal/{machine}")
        self.journal.run("cp", f"/var/log/journal/{machine}/system.journal", f"/run/log/journal/{machine}/")
        time.sleep(0.3)
        self.assert_done(probe.deliver(11, 20), 20, durable=0)
        self.journal.run("rm", "-r", f"/run/log/journal/{machine}")

    @once
    def test_without_syncing_ourselves_journald_s_own_sync_is_noticed(self):
        self.start_journal()
        probe = self.probe(sync="none")
        self.assert_done(probe.deliver(1, 10), 10, durable=0)
        time.sleep(5.2)
        self.assertEqual(probe.ask("idle")["durable"], 0)
        self.journal.run("journalctl", "--sync")
        time.sleep(5.2)
        self.assertEqual(probe.ask("idle")["durable"], 10)


if __name__ == "__main__":
    unittest.main()
