# SPDX-License-Identifier: Apache-2.0
"""skantd's feed of type usage, and what the policy says of models."""
import unittest

from reports_support import DAY, HOUR, ReportTest
from support import make_key

REPORT = "/v1/organizations/usage_report/messages"


class Usage(ReportTest):
    def test_a_row_is_told_once_its_bucket_is_final_and_not_again(self):
        workspace, name = self.workspace()
        self.use("a", 5 * HOUR, workspace_id=workspace, input_tokens=1500, output_tokens=7)
        self.use("b", 10, input_tokens=9)
        events = self.read([self.feed("usage")])
        self.assertEqual(self.types(events), ["usage"])
        event = events[0]
        self.assertEqual((event["class"], event["severity"], event["time"]), ("usage", "info", "2026-11-10T07:00:00Z"))
        self.assertEqual((event["workspace_id"], event["model"]), (workspace, "claude-opus-5"))
        self.assertEqual((event["input_tokens"], event["output_tokens"]), (1500, 7))
        body = event["upstream"]
        self.assertEqual((body["workspace_name"], body["bucket"], body["revision"]), (name, "1h", 1))
        self.assertEqual((body["starting_at"], body["ending_at"]), ("2026-11-10T07:00:00Z", "2026-11-10T08:00:00Z"))
        self.assertEqual(body["row"]["uncached_input_tokens"], 1500)
        self.assertIn("1,500 tokens in", event["message"])
        self.assertEqual(self.read(), [])
        self.mock.advance(2 * HOUR)
        self.assertEqual([e["time"] for e in self.read()], ["2026-11-10T11:00:00Z"])

    def test_a_restated_row_is_told_with_the_numbers_before(self):
        self.use("a", 5 * HOUR, input_tokens=1500, output_tokens=7)
        self.read([self.feed("usage")])
        self.use("a", 5 * HOUR, input_tokens=1600, output_tokens=7)
        events = self.read()
        self.assertEqual(self.types(events), ["usage_restated"])
        self.assertEqual((events[0]["input_tokens"], events[0]["severity"]), (1600, "notice"))
        self.assertEqual(events[0]["upstream"]["before"]["input_tokens"], 1500)
        self.assertEqual(events[0]["upstream"]["revision"], 2)
        self.assertEqual(self.read(), [])
        self.use("a", 5 * HOUR, input_tokens=1500, output_tokens=7)  # and back: it is not taken for the first
        self.assertEqual([e["upstream"]["revision"] for e in self.read()], [3])

    def test_a_row_that_vanishes_is_restated_to_nothing(self):
        self.use("a", 5 * HOUR, input_tokens=1500)
        self.read([self.feed("usage")])
        self.use("a", 40 * DAY, input_tokens=1500)
        events = self.read()
        self.assertEqual(self.types(events), ["usage_restated"])
        self.assertEqual(events[0]["input_tokens"], 0)
        self.assertNotIn("row", events[0]["upstream"])
        self.assertEqual(events[0]["upstream"]["before"]["input_tokens"], 1500)
        self.assertEqual(self.read(), [])
        self.use("a", 5 * HOUR, input_tokens=1500)
        self.assertEqual([e["upstream"]["revision"] for e in self.read()], [3])

    def test_a_late_row_of_a_final_bucket_is_told(self):
        self.read([self.feed("usage")])
        self.use("late", 20 * HOUR, input_tokens=3)
        self.assertEqual(self.types(self.read()), ["usage"])

    def test_another_grouping_begins_where_the_old_one_ended(self):
        self.use("a", 5 * HOUR, input_tokens=1)
        self.read([self.feed("usage")])
        self.assertEqual(self.read([self.feed("usage", group_by=["model"])]), [])
        self.use("b", 90, input_tokens=2)
        self.mock.advance(3 * HOUR)
        events = self.read()
        self.assertEqual([(e["model"], "workspace_id" in e) for e in events], [("claude-opus-5", False)])

    def test_after_a_long_absence_everything_between_is_told(self):
        self.read([self.feed("usage")])
        self.use("old", 10, input_tokens=1)
        self.mock.advance(20 * DAY)
        self.use("new", 6 * HOUR, input_tokens=2)
        self.assertEqual([e["input_tokens"] for e in self.read()], [1, 2])

    def test_days_can_be_told_instead_of_hours(self):
        self.use("a", 30 * HOUR, input_tokens=1)
        self.use("b", 31 * HOUR, input_tokens=2)
        events = self.read([self.feed("usage", bucket="1d", start="2026-11-01")])
        self.assertEqual([(e["time"], e["input_tokens"]) for e in events], [("2026-11-09T00:00:00Z", 3)])

    def test_a_report_that_ends_early_concludes_nothing(self):
        self.use("a", 5 * HOUR, input_tokens=1500)
        self.read([self.feed("usage")])
        first = {"starting_at": "2026-11-07T12:00:00Z", "ending_at": "2026-11-07T13:00:00Z", "results": []}
        later = {"starting_at": "2026-11-09T12:00:00Z", "ending_at": "2026-11-09T13:00:00Z", "results": []}
        for buckets in ([], [first], [later], [first, later]):
            self.mock.script({"faults": [{"match": {"path": REPORT, "nth": 2}, "do": {
                "status": 200, "body": {"data": buckets, "has_more": False, "next_page": None}}}]})
            self.assertEqual(self.read(status=1), [])
        self.mock.script({"faults": []})
        self.assertEqual(self.read(), [])

    def test_a_filter_leaves_out_what_is_not_wanted(self):
        workspace, _ = self.workspace()
        self.use("a", 5 * HOUR, workspace_id=workspace, input_tokens=1)
        self.use("b", 5 * HOUR, input_tokens=2)
        events = self.read([self.feed("usage", filter={"workspaces": [workspace]})])
        self.assertEqual([e["input_tokens"] for e in events], [1])

    def test_a_key_that_stands_in_a_report_is_masked(self):
        key = make_key("usage feed")
        self.use("a", 5 * HOUR, model="claude-" + key, input_tokens=1)
        events = self.read([self.feed("usage")])
        self.assertEqual(len(events), 1)
        for name in ("out.jsonl", "state/spool.db"):
            with open(self.path(name), "rb") as f:
                self.assertNotIn(key.encode(), f.read())
        self.assertEqual(self.read(), [])


class Models(ReportTest):
    def read_models(self, models, **more):
        return [e for e in self.read([self.feed("usage", **more)], policy=self.policy(models=models))
                if e["class"] == "policy"]

    def test_a_model_that_is_not_allowed_is_told_once_a_month_and_workspace(self):
        workspace, name = self.workspace()
        self.use("a", 10, workspace_id=workspace, model="claude-opus-4-7", input_tokens=5)
        self.use("b", HOUR, workspace_id=workspace, model="claude-opus-4-7", input_tokens=5)
        self.use("c", HOUR, model="claude-opus-4-7", input_tokens=5)
        events = self.read_models({"default": {"allow": ["claude-opus-4-7"]},
                                   "workspaces": {name: {"allow": ["claude-haiku-4-5-*"]}}})
        self.assertEqual(self.types(events), ["model_not_allowed"])
        event = events[0]
        self.assertEqual((event["scope"], event["period"], event["model"]),
                         ("workspace:" + name, "2026-11", "claude-opus-4-7"))
        self.assertEqual(event["severity"], "warning")
        self.assertEqual(self.read(), [])
        self.mock.advance(25 * DAY)
        self.use("d", 60, workspace_id=workspace, model="claude-opus-4-7", input_tokens=5)
        self.assertEqual([(e["type"], e["period"]) for e in self.read() if e["class"] == "policy"],
                         [("model_not_allowed", "2026-12")])

    def test_models_that_move_retire_or_are_unknown_are_told(self):
        self.use("a", 10, model="claude-haiku-4-5", input_tokens=5)
        self.use("b", 10, model="claude-nobody-knows-9", input_tokens=5)
        events = self.read_models({"default": {"pinned_only": True}})
        found = {(e["type"], e["model"]) for e in events}
        self.assertIn(("model_not_pinned", "claude-haiku-4-5"), found)
        self.assertIn(("model_unknown", "claude-nobody-knows-9"), found)
        retiring = [e for e in events if e["type"] == "model_retiring"]
        self.assertTrue(retiring)
        self.assertIn("retires_at", retiring[0]["upstream"])

    def test_nothing_is_said_of_models_where_rows_do_not_tell_them(self):
        self.use("a", 10, model="claude-opus-4-7", input_tokens=5)
        self.assertEqual(self.read_models({"default": {"allow": ["x"]}}, group_by=["workspace_id"]), [])
        self.assertIn("group_by has no 'model'", self.skantd("check").out.decode())


if __name__ == "__main__":
    unittest.main()
