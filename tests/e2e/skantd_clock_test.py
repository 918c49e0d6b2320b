# SPDX-License-Identifier: Apache-2.0
"""skantd's own clock is set back and forth while events come: each is delivered once all the same."""
import os
import unittest

import journald
from journald_test import JournalTest
from skantd_support import wait_until
from support import once

CLOCKSHIFT = os.environ.get("CLOCKSHIFT")
HOUR = 3600  # seconds
STEPS = (-HOUR, 0, HOUR, 0, -HOUR)  # seconds that the clock is off by, one after the other
FIRST, MORE = 200, 150


class SteppedClockTest(JournalTest):
    journal = None

    def clock_env(self):
        return {"LD_PRELOAD": CLOCKSHIFT, "CLOCKSHIFT": self.path("shift")}

    def set_clock(self, seconds):
        self.write("shift.new", str(seconds))
        os.rename(self.path("shift.new"), self.path("shift"))

    def start_shifted(self):
        return self.start(env={**self.daemon_env(), **self.clock_env()})

    def step_while_events_come(self, daemon):
        count = FIRST
        self.wait_for_events(count)
        for seconds in STEPS:
            self.mock.add(MORE // 2)  # some of them are read before the step, some behind it
            self.set_clock(seconds)
            self.mock.add(MORE - MORE // 2)
            count += MORE
            self.wait_for_events(count)
        for end in ("stop", "kill"):  # a start looks up what there is, at another time than it was written
            getattr(daemon, end)()
            self.set_clock(0 if end == "kill" else HOUR)
            daemon = self.start_shifted()
            self.mock.add(MORE)
            count += MORE
            self.wait_for_events(count)
        return daemon

    def assert_ledger_is_right(self):
        lines = self.lines()
        self.assertEqual([e["seq"] for e in lines], list(range(1, len(lines) + 1)))
        done = self.skantd("verify", "--to", "2100-01-01")
        self.assertEqual(done.status, 0, done.text + done.err)


@once
@unittest.skipUnless(CLOCKSHIFT, "$CLOCKSHIFT is not set")
class File(SteppedClockTest):
    def test_a_clock_that_is_set_back_and_forth_loses_and_doubles_nothing_in_a_file(self):
        self.set_clock(0)
        self.start_mock(activities=FIRST, self_feed="off")
        self.configure()
        daemon = self.step_while_events_come(self.start_shifted())
        daemon.stop()
        self.assert_each_once()
        self.assert_ledger_is_right()

    def test_the_clock_was_set(self):
        """So that the tests above show something."""
        self.set_clock(-HOUR)
        self.start_mock(activities=FIRST, self_feed="off")
        self.configure()
        daemon = self.start_shifted()
        self.wait_for_events(FIRST)
        self.set_clock(0)
        self.mock.add(1)
        self.wait_for_events(FIRST + 1)
        daemon.stop()
        observed = [e["observed"] for e in self.events()]
        self.assertLess(observed[0][:13], observed[-1][:13], "not an hour apart")


@once
@journald.needed
@unittest.skipUnless(CLOCKSHIFT, "$CLOCKSHIFT is not set")
class Journal(SteppedClockTest):
    def test_a_clock_that_is_set_back_and_forth_loses_and_doubles_nothing_in_a_journal(self):
        self.set_clock(0)
        self.start_journal(env=self.clock_env())
        self.start_mock(activities=FIRST, self_feed="off")
        self.configure(sinks=[self.file_sink(), {"name": "journal", "type": "journald"}])
        daemon = self.step_while_events_come(self.start_shifted())
        wait_until(lambda: self.sink_status("journal")["pending"] == 0, "the journal has all")
        daemon.stop()
        self.assert_each_once()
        self.assert_each_once_in_journal()
        times = [int(e["__REALTIME_TIMESTAMP"]) for e in self.journal.entries("SKANT_FEED=audit")]
        self.assertGreater(max(times) - min(times), HOUR * 1_000_000, "journald's clock was not set")
        self.assert_ledger_is_right()


if __name__ == "__main__":
    unittest.main()
