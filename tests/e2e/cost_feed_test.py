# SPDX-License-Identifier: Apache-2.0
"""skantd's feed of type cost, and the policy's budgets."""
import random
import signal
import time
import unittest
import urllib.request

from receivers import free_port
from reports_support import DAY, HOUR, ReportTest
from skantd_support import Daemon, wait_until

REPORT = "/v1/organizations/cost_report"


class Cost(ReportTest):
    def test_a_day_is_told_once_it_is_final_and_again_when_it_is_restated(self):
        workspace, name = self.workspace()
        self.use("a", 30 * HOUR, workspace_id=workspace, cents=1234)
        self.use("today", HOUR, workspace_id=workspace, cents=99)
        events = self.read([self.feed("cost")])
        self.assertEqual(self.types(events), ["cost"])
        event = events[0]
        self.assertEqual((event["class"], event["time"], event["amount_usd"]), ("cost", "2026-11-09T00:00:00Z", "12.34"))
        self.assertEqual((event["workspace_id"], event["upstream"]["workspace_name"]), (workspace, name))
        self.assertEqual(event["upstream"]["row"]["amount"], "1234")
        self.assertIn("12.34 USD", event["message"])
        self.assertEqual(self.read(), [])
        self.use("a", 30 * HOUR, workspace_id=workspace, cents=1300)
        events = self.read()
        self.assertEqual([(e["type"], e["amount_usd"], e["upstream"]["before"]["amount_usd"]) for e in events],
                         [("cost_restated", "13", "12.34")])

    def test_money_of_another_currency_is_told_and_its_budgets_say_that_it_is_not_counted(self):
        workspace, name = self.workspace()
        row = {"amount": "123.4", "currency": "EUR", "description": None, "cost_type": None, "model": None, "token_type": None,
               "service_tier": None, "context_window": None, "inference_geo": None, "workspace_id": None}
        dollars = {**row, "amount": "6000", "currency": "usd", "workspace_id": workspace}
        buckets = [{"starting_at": f"2026-11-{day:02}T00:00:00Z", "ending_at": f"2026-11-{day + 1:02}T00:00:00Z",
                    "results": [row, dollars] if day == 9 else []} for day in range(1, 11)]
        self.mock.script({"faults": [{"match": {"path": REPORT}, "do": {
            "status": 200, "body": {"data": buckets, "has_more": False, "next_page": None}}}]})
        events = self.read([self.feed("cost")], policy=self.policy(budgets=[
            {"organization": True, "monthly": 100, "alert_at": [60]}, {"workspace": name, "monthly": 100, "alert_at": [60]}]))
        self.assertEqual([("amount_usd" in e, e["upstream"].get("amount"), e["upstream"]["currency"]) for e in events
                          if e["type"] == "cost"], [(False, "1.234", "EUR"), (True, None, "usd")])
        self.assertEqual([(e["type"], e["class"], e["scope"]) for e in events if e["type"] != "cost"],
                         [("budget_incomplete", "policy", "organization"), ("budget_threshold", "budget", "organization"),
                          ("budget_threshold", "budget", "workspace:" + name)])
        incomplete = next(e for e in events if e["type"] == "budget_incomplete")
        self.assertEqual((incomplete["severity"], incomplete["upstream"]["currency"]), ("warning", "EUR"))
        self.assertIn("has costs in EUR", incomplete["message"])
        self.assertEqual(self.read(), [])


class Budgets(ReportTest):
    def budgets(self, *budgets, **sections):
        return {"feeds": [self.feed("cost")], "policy": self.policy(budgets=list(budgets), **sections)}

    def read_budgets(self, **more):
        return [e for e in self.read(**more) if e["class"] == "budget"]

    def crossed(self, events):
        return [(e["scope"], e["period"], e["threshold"]) for e in events]

    def test_each_threshold_is_told_once_a_period(self):
        workspace, name = self.workspace()
        self.use("a", HOUR, workspace_id=workspace, cents=4000)
        config = self.budgets({"workspace": name, "monthly": 100, "alert_at": [50, 80, 95]})
        self.assertEqual(self.read_budgets(**config), [])
        self.use("b", HOUR, workspace_id=workspace, cents=1500)
        events = self.read_budgets()
        self.assertEqual(self.crossed(events), [("workspace:" + name, "monthly", 50)])
        event = events[0]
        self.assertEqual((event["used_usd"], event["limit_usd"], event["severity"]), ("55.00", "100.00", "notice"))
        self.assertEqual(event["projected_usd"], "173.68")  # 55 * 30 / 9.5
        self.assertEqual(event["upstream"]["period_end"], "2026-12-01T00:00:00Z")
        self.assertEqual(self.read_budgets(), [])
        self.use("b", HOUR, workspace_id=workspace, cents=6000)  # a jump over two
        events = self.read_budgets()
        self.assertEqual([e["threshold"] for e in events], [80, 95])
        self.assertEqual([e["severity"] for e in events], ["warning", "warning"])
        self.use("b", HOUR, workspace_id=workspace, cents=10)  # and down again
        self.assertEqual(self.read_budgets(), [])
        self.use("b", HOUR, workspace_id=workspace, cents=6000)
        self.assertEqual(self.read_budgets(), [])

    def test_the_turn_of_the_month_starts_anew(self):
        self.use("a", HOUR, cents=9000)
        self.assertEqual(self.crossed(self.read_budgets(**self.budgets({"organization": True, "monthly": 100}))),
                         [("organization", "monthly", 50), ("organization", "monthly", 80)])
        self.mock.advance(21 * DAY)  # the first of December, 12:00
        self.assertEqual(self.read_budgets(), [])
        self.use("b", HOUR, cents=8000)
        events = self.read_budgets()
        self.assertEqual([(e["threshold"], e["upstream"]["period_start"]) for e in events],
                         [(n, "2026-12-01T00:00:00Z") for n in (50, 80)])
        self.use("late", 13 * HOUR, cents=1500)  # what was spent in November shows only now
        events = self.read_budgets()
        self.assertEqual([(e["threshold"], e["upstream"]["period_start"], e["used_usd"]) for e in events],
                         [(95, "2026-11-01T00:00:00Z", "105.00")])

    def test_a_day_has_a_budget_of_its_own(self):
        self.use("yesterday", 20 * HOUR, cents=900)
        self.use("today", HOUR, cents=300)
        config = self.budgets({"organization": True, "daily": 10, "alert_at": [25, 80]})
        events = self.read_budgets(**config)  # yesterday was over before anybody watched it
        self.assertEqual([(e["threshold"], e["period"], e["upstream"]["period_start"]) for e in events],
                         [(25, "daily", "2026-11-10T00:00:00Z")])
        self.mock.advance(DAY)
        self.use("tomorrow", HOUR, cents=850)
        self.assertEqual([(e["threshold"], e["used_usd"]) for e in self.read_budgets()], [(25, "8.50"), (80, "8.50")])

    def test_keys_teams_and_departments_have_budgets(self):
        workspace, name = self.workspace()
        key = self.key("ml-prod-chat", workspace_id=workspace)
        other = self.key("data-dev-etl", workspace_id=workspace)
        self.use("a", HOUR, workspace_id=workspace, api_key_id=key, output_tokens=900, cents=9000)
        self.use("b", HOUR, workspace_id=workspace, api_key_id=other, output_tokens=100, cents=1000)
        events = self.read_budgets(**self.budgets(
            {"key": "ml-prod-chat", "monthly": 100, "alert_at": [90, 91]}, {"team": "ml", "monthly": 100, "alert_at": [90, 91]},
            {"team": "data", "monthly": 100, "alert_at": [10, 11]}, {"department": "research", "monthly": 100, "alert_at": [100]},
            departments={"research": {"workspaces": [name]}}, names={"teams": ["ml", "data"]}))
        self.assertEqual(sorted(self.crossed(events)), [
            ("department:research", "monthly", 100), ("key:ml-prod-chat", "monthly", 90), ("team:data", "monthly", 10),
            ("team:ml", "monthly", 90)])

    def test_a_budget_with_another_limit_is_another_one(self):
        self.use("a", HOUR, cents=9000)
        self.assertEqual(len(self.read_budgets(**self.budgets({"organization": True, "monthly": 100}))), 2)
        self.assertEqual(self.crossed(self.read_budgets(**self.budgets({"organization": True, "monthly": 90}))),
                         [("organization", "monthly", 50), ("organization", "monthly", 80), ("organization", "monthly", 95)])

    def test_a_policy_that_is_read_in_the_middle_of_the_month_counts_what_was_before(self):
        self.read([self.feed("cost")])
        self.use("old", 9 * DAY, cents=9000)
        self.assertEqual(self.crossed(self.read_budgets(**self.budgets({"organization": True, "monthly": 100}))),
                         [("organization", "monthly", 50), ("organization", "monthly", 80)])

    def test_check_names_a_budget_of_what_is_not_there(self):
        self.configure(**self.budgets({"workspace": "nowhere", "monthly": 5}, {"organization": True, "monthly": 5}))
        done = self.skantd("check")
        self.assertEqual(done.status, 0, done.err)
        self.assertIn("workspace:nowhere, which is not there", done.out.decode())
        self.assertIn("2 budgets are watched", done.out.decode())

    def test_check_names_a_thousand_budgets_of_what_is_not_there_and_counts_the_others(self):
        self.configure(**self.budgets(*({"workspace": f"nowhere-{n}", "monthly": 5} for n in range(1002))))
        done = self.skantd("check")
        self.assertEqual(done.status, 0, done.err)
        self.assertEqual(done.out.decode().count("which is not there"), 1000)
        self.assertIn("feed 'cost': and 2 more budgets are of what is not there\n", done.out.decode())

    def test_the_metrics_say_what_is_used(self):
        self.use("a", HOUR, cents=2500)
        config = self.budgets({"organization": True, "monthly": 100})
        port = free_port()
        self.configure(**config, metrics={"listen": f"127.0.0.1:{port}"})
        daemon = self.start()
        wait_until(lambda: 'skant_budget_used_ratio{scope="organization",period="monthly"} 0.25' in self.metrics(port), "the metric")
        daemon.stop()

    def metrics(self, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as reply:
            return reply.read().decode()

    def test_a_reload_with_a_broken_policy_keeps_the_old_one(self):
        self.use("a", HOUR, cents=2500)
        self.configure(**self.budgets({"organization": True, "monthly": 100, "alert_at": [25]}))
        daemon = self.start()
        wait_until(lambda: [e for e in self.lines() if e["class"] == "budget"], "the alert")
        self.write("policy.yaml", "version: 1\nbudgets: [{organization: true, monthly: -5}]\n")
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: "the configuration from before holds" in self.log(), "the refusal")
        self.assertIn("policy.yaml:2:", self.log())
        self.policy(budgets=[{"organization": True, "monthly": 100, "alert_at": [25, 26]}])
        self.assertIn("policy.yaml:2:", self.status()["reload_error"])
        self.use("b", HOUR, cents=100)
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: len([e for e in self.lines() if e["class"] == "budget"]) > 1, "the new threshold")
        self.assertNotIn("reload_error", self.status())
        daemon.stop()


class Killed(ReportTest):
    RUNS = 20  # a hundred deaths at any page are a unit test (tests/unit/forwarder/feed/cost_test.c)
    SEED = 8

    def test_alerts_are_told_exactly_once_however_often_it_is_killed_at_whatever_moment(self):
        workspace, name = self.workspace()
        thresholds = list(range(10, 101, 10))
        policy = self.policy(budgets=[{"workspace": name, "monthly": 100, "alert_at": thresholds}])
        self.configure(feeds=[self.feed("cost")], policy=policy)
        moments = random.Random(self.SEED)
        for run in range(self.RUNS):
            self.use("a", HOUR, workspace_id=workspace, cents=500 * (run + 1))  # every other run crosses a threshold
            daemon = Daemon(self)
            self.addCleanup(daemon.abandon)
            time.sleep(moments.uniform(0, 0.1))
            daemon.kill()
        self.once()
        self.assertEqual(sorted(e["threshold"] for e in self.alerts()), thresholds, f"seed {self.SEED}")
        self.once()
        self.assertEqual(len(self.alerts()), len(thresholds))

    def alerts(self):
        return [e for e in self.lines() if e["type"] == "budget_threshold"]


if __name__ == "__main__":
    unittest.main()
