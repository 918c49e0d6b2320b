# SPDX-License-Identifier: Apache-2.0
"""Events of budgets and of the policy as receivers get them: each format, a real journal, a real rsyslog."""
import json
import os
import shutil
import unittest

import journald
from receivers import Rsyslog
from reports_support import DAY, HOUR, ReportTest

MESSAGE_IDS = {"budget": "ef96543e0abe42eea7a8c629a51fc635", "usage": "a8b1cbdd24a9415097392b12abbba1f0",
               "cost": "7fec406c17ba48cd8fdf27dc6e1dea00", "policy": "36be365a5a034faa931f258ad9551051"}


class EventTest(ReportTest):
    def spend(self):
        """A day's cost, a budget at 80 %, and a model that is not allowed."""
        workspace, name = self.workspace()
        self.use("old", 30 * HOUR, workspace_id=workspace, input_tokens=5, cents=1000)
        self.use("new", 60, workspace_id=workspace, cents=7500)
        return name, self.policy(budgets=[{"workspace": name, "monthly": 100, "alert_at": [80]}],
                                 models={"default": {"allow": ["claude-haiku-*"]}})

    def configure_feeds(self, sinks):
        name, policy = self.spend()
        self.configure(feeds=[self.feed("usage"), self.feed("cost")], policy=policy, sinks=sinks)
        return name


class Formats(EventTest):
    def test_every_format_has_what_a_budget_alert_is_about(self):
        formats = ("json", "ecs", "ocsf", "cef")
        name = self.configure_feeds([{"name": f, "type": "file", "path": self.path(f), "format": f}
                                     for f in formats])
        self.once()
        found = {}
        for form in formats:
            with open(self.path(form), encoding="utf-8") as f:
                found[form] = next(line for line in f if "budget_threshold" in line)
        self.assertEqual(json.loads(found["json"])["scope"], "workspace:" + name)
        ecs = json.loads(found["ecs"])
        self.assertEqual((ecs["skant"]["scope"], ecs["skant"]["threshold"], ecs["event"]["kind"]),
                         ("workspace:" + name, 80, "alert"))
        ocsf = json.loads(found["ocsf"])
        self.assertEqual((ocsf["unmapped"]["skant"]["used_usd"], ocsf["class_uid"]), ("85.00", 2004))
        self.assertIn(f" skantScope=workspace:{name} ", found["cef"])
        self.assertIn(" skantThreshold=80 skantUsedUsd=85.00 skantLimitUsd=100.00 ", found["cef"])


@journald.needed
class Journal(EventTest):
    def test_each_class_is_found_by_its_message_id(self):
        self.journal = journald.Journald()
        self.addCleanup(self.journal.close)
        self.prefix = self.journal.prefix
        name = self.configure_feeds([{"name": "journal", "type": "journald"}])
        self.once()
        for kind, ident in MESSAGE_IDS.items():
            entries = self.journal.entries("MESSAGE_ID=" + ident)
            self.assertEqual({e["SKANT_CLASS"] for e in entries}, {kind})
        budget = self.journal.entries("ANTHROPIC_ACTIVITY_TYPE=budget_threshold")
        self.assertEqual([(e["SKANT_SCOPE"], e["SKANT_THRESHOLD"], e["SKANT_USED_USD"], e["PRIORITY"]) for e in budget],
                         [("workspace:" + name, "80", "85.00", "4")])


@unittest.skipUnless(shutil.which("rsyslogd"), "rsyslogd is not installed")
class Syslog(EventTest):
    def test_rsyslog_gets_the_parameters(self):
        os.mkdir(self.path("rsyslog"))
        receiver = Rsyslog(self, self.path("rsyslog"))
        receiver.start()
        name = self.configure_feeds([{"name": "siem", "type": "syslog", "transport": "relp", "format": "rfc5424",
                                      "address": f"127.0.0.1:{receiver.ports['relp']}", "max_message": 8096}])
        self.once()
        lines = [line.decode() for line in receiver.lines() if b"budget_threshold" in line]
        self.assertEqual(len(lines), 1)
        self.assertIn(f'skantScope="workspace:{name}"', lines[0])
        self.assertIn('skantThreshold="80" skantUsedUsd="85.00" skantLimitUsd="100.00"', lines[0])


class Calendar(ReportTest):
    """Months of 28 to 31 days, and clocks that are wrong."""

    def test_projections_go_by_the_length_of_the_month(self):
        for now, days in (("2027-02-15T00:00:00Z", 28), ("2028-02-15T00:00:00Z", 29), ("2026-04-15T00:00:00Z", 30),
                          ("2026-12-15T00:00:00Z", 31)):
            with self.subTest(now):
                self.mock.abandon()
                shutil.rmtree(self.path("state"))
                os.mkdir(self.path("state"), 0o700)
                self.start_mock(now=now, self_feed="off", activities=0)
                self.mock.control("quiet", {"on": True})
                self.use("a", DAY, cents=1400)
                events = self.read([self.feed("cost")], policy=self.policy(
                    budgets=[{"organization": True, "monthly": 14, "alert_at": [100]}]))
                found = [e for e in events if e["class"] == "budget"]
                self.assertEqual([e["projected_usd"] for e in found], [f"{days}.00"])

    def test_a_clock_that_is_set_back_raises_nothing_again(self):
        policy = self.policy(budgets=[{"organization": True, "monthly": 10, "alert_at": [50]},
                                      {"organization": True, "daily": 10, "alert_at": [50]}])
        self.use("a", HOUR, cents=600)
        events = self.read([self.feed("cost"), self.feed("usage")], policy=policy)
        self.assertEqual(len([e for e in events if e["class"] == "budget"]), 2)
        for skew in (-DAY, -40 * DAY, 0):
            self.mock.script({"faults": [{"match": {}, "do": {"clock_skew": skew}}]})
            self.assertEqual([e for e in self.read() if e["class"] == "budget"], [])


if __name__ == "__main__":
    unittest.main()
