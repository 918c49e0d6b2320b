# SPDX-License-Identifier: Apache-2.0
"""skantctl models check: models in use against the policy and the list of models."""
import csv
import datetime
import io
import json
import unittest

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
        self.assert_fails(self.check(rows, "--violation", "age"), 2, "'age'", "models check")

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
        self.assertEqual(list(rows[0]), ["workspace", "model", "tokens", "last_used", "retires", "code", "message"])
        self.assertEqual(rows[0]["code"], "not-allowed")

    def test_a_policy_that_is_wrong_or_an_api_that_refuses_is_no_clean_answer(self):
        done = self.check({}, policy="version: 1\nmodels: {default: {allow: 5}}\n")
        self.assert_fails(done, 2, "policy.yaml:2:")
        api = self.api({f"GET {ORG}/usage_report/messages": refusal(403, "permission_error", "no"),
                        f"GET {ORG}/workspaces": listing(WORKSPACES)})
        self.assert_fails(self.ctl(api, "models", "check"), 3, "permission_error")


if __name__ == "__main__":
    unittest.main()
