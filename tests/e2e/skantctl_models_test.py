# SPDX-License-Identifier: Apache-2.0
"""skantctl models check: models in use against the policy and the list of models."""
import csv
import datetime
import io
import json
import unittest

from mockapi import CCA, CLOCK
from skantctl_mock_test import MockedTest
from skantctl_support import ORG, CtlTest, Reply, listing, refusal

UTC = datetime.timezone.utc
DAY = datetime.timedelta(days=1)
WORKSPACES = [{"id": "wrkspc_1", "name": "ml-prod", "created_at": "2026-01-01T00:00:00Z", "archived_at": None},
              {"id": "wrkspc_2", "name": "web", "created_at": "2026-01-01T00:00:00Z", "archived_at": None}]
POLICY = """version: 1
models:
  default: {allow: ['claude-sonnet-5*', 'claude-opus-4-5', 'claude-opus-4-1-*', 'claude-next-*']}
  workspaces:
    ml-prod: {allow: ['claude-opus-*'], pinned_only: true}
"""


def row(workspace, model, tokens):
    return {"uncached_input_tokens": tokens, "cache_creation": {"ephemeral_1h_input_tokens": 1, "ephemeral_5m_input_tokens": 2},
            "cache_read_input_tokens": 3, "output_tokens": 4, "server_tool_use": {"web_search_requests": 0},
            "account_id": None, "api_key_id": None, "context_window": None, "inference_geo": None, "model": model,
            "service_account_id": None, "service_tier": None, "workspace_id": workspace}


class ModelsCheck(CtlTest):
    def usage(self, rows):
        """A report in which the given rows are in the bucket so many days ago: {days: [row, ...]}."""
        today = datetime.datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

        def answer(request):
            self.assertEqual(sorted(request.query["group_by[]"]), ["model", "workspace_id"])
            start = datetime.datetime.fromisoformat(request.one("page") or request.one("starting_at").replace("Z", "+00:00"))
            end = datetime.datetime.fromisoformat(request.one("ending_at").replace("Z", "+00:00"))
            data = []
            while start < end and len(data) < 7:
                data.append({"starting_at": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
                             "ending_at": (start + DAY).strftime("%Y-%m-%dT%H:%M:%SZ"),
                             "results": rows.get((today - start).days, [])})
                start += DAY
            return Reply({"data": data, "has_more": start < end, "next_page": start.isoformat() if start < end else None})
        self.today = today
        return answer

    def check(self, rows, *args, policy=POLICY, form="jsonl"):
        with open(self.path("policy.yaml"), "w", encoding="utf-8") as f:
            f.write(policy)
        api = self.api({f"GET {ORG}/usage_report/messages": self.usage(rows), f"GET {ORG}/workspaces": listing(WORKSPACES)})
        return self.ctl(api, "models", "check", "--policy", self.path("policy.yaml"), "-o", form, *args)

    def found(self, result):
        return [(r["workspace"], r["model"], r["code"]) for r in result.records]

    def test_what_the_policy_does_not_allow_is_told_by_workspace(self):
        done = self.check({3: [row("wrkspc_1", "claude-opus-5-5", 10), row("wrkspc_2", "claude-opus-5-5", 20),
                               row(None, "claude-sonnet-5-5", 5), row("wrkspc_3", "claude-haiku-5-5", 1)],
                           9: [row("wrkspc_2", "claude-opus-5-5", 1000)]}, "--retires-within", "0")
        self.assertEqual(done.status, 1, done.err)
        self.assertEqual([r for r in self.found(done) if r[2] != "retires"],
                         [("web", "claude-opus-5-5", "not-allowed"), ("wrkspc_3", "claude-haiku-5-5", "not-allowed")])
        first = [r for r in done.records if r["workspace"] == "web"][0]
        self.assertEqual(first["workspace_id"], "wrkspc_2")
        self.assertEqual(first["tokens"], 1020 + 2 * 10)
        self.assertEqual(first["last_used"], (self.today - 3 * DAY).strftime("%Y-%m-%d"))

    def test_an_alias_where_models_have_to_be_pinned(self):
        done = self.check({1: [row("wrkspc_1", "claude-opus-4-5", 1), row("wrkspc_2", "claude-opus-4-5", 1)]})
        self.assertIn(("ml-prod", "claude-opus-4-5", "not-pinned"), self.found(done))
        self.assertNotIn(("web", "claude-opus-4-5", "not-pinned"), self.found(done))
        message = [r["message"] for r in done.records if r["code"] == "not-pinned"][0]
        self.assertIn("claude-opus-4-5-20251101", message)

    def test_models_that_retire_and_models_that_nobody_knows(self):
        done = self.check({1: [row("wrkspc_2", "claude-opus-4-1-20250805", 1), row("wrkspc_2", "claude-next-1", 1)]},
                          "--retires-within", "36500")
        self.assertEqual(done.status, 1, done.err)
        self.assertEqual(self.found(done), [("web", "claude-next-1", "unknown"), ("web", "claude-opus-4-1-20250805", "retires")])
        self.assertEqual(done.records[1]["retires"], "2026-08-05")
        self.assertIn("retired", done.records[1]["message"])
        done = self.check({1: [row(None, "claude-sonnet-5-5", 1)]}, "--retires-within", "36500")
        self.assertEqual(self.found(done), [("Default", "claude-sonnet-5-5", "retires")])
        self.assertEqual(done.records[0]["retires"], "2027-09-28")

    def test_a_day_that_only_says_not_before_is_a_note(self):
        done = self.assert_done(self.check({1: [row(None, "claude-haiku-4-5-20251001", 1)]}, policy="version: 1\n"))
        self.assertEqual([(r["level"], r["code"], r["retires"]) for r in done.records],
                         [("note", "retires", "2026-10-15")])
        self.assertTrue(done.records[0]["message"].startswith("may be retired since 2026-10-15: "), done.records)
        done = self.check({1: [row(None, "claude-haiku-4-5-20251001", 1), row(None, "claude-opus-5-9", 1)]}, policy="version: 1\n")
        self.assertEqual((done.status, [r["level"] for r in done.records]), (1, ["note", "problem"]))

    def test_nothing_to_tell_is_0(self):
        policy = "version: 1\nmodels: {default: {allow: [claude-next-1]}}\n"
        done = self.assert_done(self.check({}, policy=policy, form="json"))
        self.assertEqual(json.loads(done.out), [])
        done = self.assert_done(self.check({2: [row(None, None, 5), {**row(None, "claude-opus-5", 0), "output_tokens": 0,
                                                                     "cache_read_input_tokens": 0, "cache_creation": None}]}))
        self.assertEqual(done.records, [])

    def test_only_the_violations_asked_for_count(self):
        rows = {3: [row("wrkspc_1", "claude-opus-4-5", 1), row(None, "claude-next-1", 2)]}
        self.assertEqual([r[2] for r in self.found(self.check(rows, "--violation", "unknown"))], ["unknown"])
        self.assertEqual(self.check({3: rows[3][1:]}, "--violation", "not-pinned", "--violation", "retires").status, 0)
        self.assert_fails(self.check(rows, "--violation", "age"), 2, "retires, unknown, not 'age'")

    def test_only_the_time_asked_for_counts(self):
        rows = {5: [row("wrkspc_2", "claude-haiku-5-5", 1)], 40: [row("wrkspc_2", "claude-opus-5", 1)]}
        quiet = ("--retires-within", "0")
        self.assertEqual({r[1] for r in self.found(self.check(rows, *quiet))}, {"claude-haiku-5-5"})
        start = (datetime.datetime.now(UTC) - 45 * DAY).strftime("%Y-%m-%d")
        end = (datetime.datetime.now(UTC) - 20 * DAY).strftime("%Y-%m-%d")
        self.assertEqual({r[1] for r in self.found(self.check(rows, "--from", start, "--to", end, *quiet))}, {"claude-opus-5"})

    def test_tables_have_their_columns(self):
        done = self.check({1: [row("wrkspc_2", "claude-haiku-5-5", 1)]}, "--retires-within", "0", form="csv")
        rows = list(csv.DictReader(io.StringIO(done.text)))
        self.assertEqual(list(rows[0]), ["level", "workspace", "model", "tokens", "last_used", "retires", "code", "message"])
        self.assertEqual(rows[0]["code"], "not-allowed")

    def test_a_policy_that_is_wrong_or_an_api_that_refuses_is_no_clean_answer(self):
        done = self.check({}, policy="version: 1\nmodels: {default: {allow: 5}}\n")
        self.assert_fails(done, 2, "policy.yaml:2:")
        api = self.api({f"GET {ORG}/usage_report/messages": refusal(403, "permission_error", "no"),
                        f"GET {ORG}/workspaces": listing(WORKSPACES)})
        self.assert_fails(self.ctl(api, "models", "check"), 3, "permission_error")


class Compliance(CtlTest):
    """The dialect cca: ids in the report of usage, names in that of cost only."""

    def check(self, names, policy=POLICY, usage=(("ws_1", "claude-opus-4-5"), ("ws_2", "claude-opus-4-5"))):
        self.write("policy.yaml", policy)
        rows = [{"workspace_id": w, "model": m, "input_tokens": 3, "output_tokens": 1} for w, m in usage]
        costs = [{"workspace_id": i, "workspace_name": n, "total_cost": 1.5, "currency": "USD"} for i, n in names.items()]
        api = self.api({f"GET {CCA}/usage/messages": listing(rows), f"GET {CCA}/usage/cost": listing(costs)})
        return api, self.ctl(api, "models", "check", "--dialect", "cca", "--policy", "policy.yaml", "-o", "jsonl",
                             "--retires-within", "0", "--from", "2026-10-01", "--to", "2026-10-02")

    def test_the_policys_entries_hold_by_the_names_of_workspaces(self):
        _, done = self.check({"ws_1": "ml-prod", "ws_2": "web"})
        self.assertEqual([(r["workspace"], r["workspace_id"], r["code"]) for r in done.records if r["level"] == "problem"],
                         [("ml-prod", "ws_1", "not-pinned")])
        self.assertNotIn("tells no name", done.err)

    def test_they_hold_by_id_where_nobody_tells_a_name(self):
        _, done = self.check({"ws_2": "web"}, POLICY.replace("ml-prod", "ws_1"))
        self.assertEqual([(r["workspace"], r["code"]) for r in done.records if r["level"] == "problem"],
                         [("ws_1", "not-pinned")])
        self.assertIn("tells no name of 1 workspace in use", done.err)

    def test_an_id_is_no_name(self):
        _, done = self.check({"ws_1": "ws_2", "ws_2": "web"}, POLICY.replace("ml-prod", "web"))
        self.assertEqual([(r["workspace_id"], r["code"]) for r in done.records if r["level"] == "problem"],
                         [("ws_2", "not-pinned")])

    def test_without_use_nothing_else_is_asked_for(self):
        api, done = self.check({}, usage=())
        self.assert_done(done)
        self.assertEqual(len(api.asked), 1)


class Mocked(MockedTest):
    def test_both_dialects_say_the_same_of_one_organisation(self):
        times = ("--from", "2026-10-20", "--to", "2026-10-25", "--retires-within", "0")
        with self.mocked(**CLOCK) as mock:
            used = self.rows(mock, "usage", "messages", "--group-by", "workspace,model", *times[:4])
            models = sorted({r["model"] for r in used})
            names = sorted({r["workspace"] for r in used})
            self.assertGreater(len(models), 1)
            self.assertGreater(len(names), 1)
            self.write("policy.yaml", json.dumps({"version": 1, "models": {
                "default": {"allow": models}, "workspaces": {names[-1]: {"allow": models[:1]}}}}))
            found = {}
            for dialect in ("platform", "cca"):
                done = self.run_ctl(mock, "models", "check", *times, "--policy", "policy.yaml", "-o", "jsonl",
                                    "--dialect", dialect)
                self.assertEqual(done.status, 1, done.err)
                found[dialect] = [(r["workspace"], r["model"], r["code"], r["tokens"], r["last_used"])
                                  for r in done.records if r["code"] == "not-allowed"]
            self.assertEqual(found["cca"], found["platform"])
            self.assertEqual({(w, m) for w, m, *_ in found["cca"]},
                             {(r["workspace"], r["model"]) for r in used if r["workspace"] == names[-1]} - {(names[-1], models[0])})


if __name__ == "__main__":
    unittest.main()
