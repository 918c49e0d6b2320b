# SPDX-License-Identifier: Apache-2.0
"""skantctl cost and usage: what is printed is what an independent computation makes of the API's raw replies, to the last
digit; and replies that cannot be right are errors."""
import collections
import csv
import io
import json
import os
import re
import unittest
from decimal import ROUND_HALF_UP, Decimal

from mockapi import CCA, ORG, Mock
from skantctl_support import CtlTest, Reply
from skantctl_mock_test import MockedTest

LEAP = {"now": "2024-03-05T10:00:00Z", "start": "2024-02-20T00:00:00Z", "seed": "7"}
FEBRUARY = ("--from", "2024-02-01", "--to", "2024-03-01")
FEBRUARY_QUERY = {"starting_at": "2024-02-01T00:00:00Z", "ending_at": "2024-03-01T00:00:00Z"}
USAGE_GROUPS = ["api_key_id", "workspace_id", "model", "service_tier", "context_window", "inference_geo"]
KINDS = {"uncached_input_tokens": lambda r: r["uncached_input_tokens"],
         "cache_creation.ephemeral_5m_input_tokens": lambda r: r["cache_creation"]["ephemeral_5m_input_tokens"],
         "cache_creation.ephemeral_1h_input_tokens": lambda r: r["cache_creation"]["ephemeral_1h_input_tokens"],
         "cache_read_input_tokens": lambda r: r["cache_read_input_tokens"],
         "output_tokens": lambda r: r["output_tokens"],
         "web_search": lambda r: r["server_tool_use"]["web_search_requests"]}
TOKENS = [kind for kind in KINDS if kind != "web_search"]
USAGE_FIELDS = {"uncached_input_tokens": "uncached_input_tokens",
                "cache_write_5m_tokens": "cache_creation.ephemeral_5m_input_tokens",
                "cache_write_1h_tokens": "cache_creation.ephemeral_1h_input_tokens",
                "cache_read_tokens": "cache_read_input_tokens", "output_tokens": "output_tokens",
                "web_searches": "web_search"}
DIGIT = Decimal(1).scaleb(-10)


def team_of(name):
    match = re.fullmatch(r"([a-z][a-z0-9]*)-(prod|staging|dev)-([a-z][a-z0-9]*)", name or "")
    return match and match[1]


def percent(part, whole):
    return str((part / whole * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)) if whole else None


def bill_kind(row):
    return row["token_type"] if row["cost_type"] == "tokens" else row["cost_type"]


def share(amount, weights):
    """amount by weights ({key: n}): cut to 10^-10, the rest to the heaviest, of several to the first key."""
    total = sum(weights.values())
    parts = {}
    for key, weight in weights.items():
        part = (abs(amount) * weight / total) // DIGIT * DIGIT
        parts[key] = part if amount >= 0 else -part
    heaviest = min(weights, key=lambda key: (-weights[key], key or ""))
    parts[heaviest] += amount - sum(parts.values())
    return parts


class CostTest(MockedTest):
    def report(self, mock, what, query, **more):
        rows = []
        for bucket in self.walk(mock, f"{ORG}/{what}", {**query, **more}):
            rows += [{"day": bucket["starting_at"][:10], "at": bucket["starting_at"], **row} for row in bucket["results"]]
        return rows

    def walk(self, mock, path, query):
        rows, page = [], None
        while True:
            reply = mock.get(path, "admin", {**query, **({"page": page} if page else {})})
            self.assertEqual(reply.status, 200, reply.body)
            rows += reply.json["data"]
            page = reply.json["next_page"]
            if not page:
                return rows

    def bill(self, mock, query):
        rows = self.report(mock, "cost_report", query, **{"group_by[]": ["workspace_id", "description"]})
        return [{**row, "usd": Decimal(row["amount"]) / 100} for row in rows]

    def used(self, mock, query):
        return self.report(mock, "usage_report/messages", query, bucket_width="1d", **{"group_by[]": USAGE_GROUPS})

    def keys(self, mock):
        return {row["id"]: row["name"] for row in self.rows(mock, "keys", "list")}

    def attributed(self, mock, query):
        """{key id, None of the Console: USD}, each bill among the keys that used such tokens."""
        used = collections.defaultdict(list)
        for row in self.used(mock, query):
            used[row["day"], row["workspace_id"]].append(row)
        sums = collections.Counter()
        for bill in self.merge(self.bill(mock, query)):
            kind = bill_kind(bill)
            told = [name for name in ("model", "service_tier", "context_window", "inference_geo") if bill[name] is not None]
            weights = collections.Counter()
            for row in used[bill["day"], bill["workspace_id"]]:
                if all(row[name] == bill[name] for name in told):
                    weights[row["api_key_id"] or ""] += KINDS[kind](row)
            weights = {key: n for key, n in weights.items() if n}
            self.assertTrue(weights, bill)
            for key, part in share(bill["usd"], weights).items():
                sums[key or None] += part
        return sums

    @staticmethod
    def merge(rows):
        sums = collections.Counter()
        for row in rows:
            sums[tuple((name, row[name]) for name in ("day", "workspace_id", "cost_type", "token_type", "model",
                                                      "service_tier", "context_window", "inference_geo"))] += row["usd"]
        return [{**dict(key), "usd": usd} for key, usd in sums.items()]

    def assert_sums(self, rows, name, sums, field="amount_usd"):
        self.assertEqual({row[name]: Decimal(row[field]) for row in rows},
                         {key: usd for key, usd in sums.items() if usd})


class Bill(CostTest):
    def test_a_leap_year_s_february_by_what_the_bill_tells(self):
        with self.mocked(**LEAP) as mock:
            bill = self.bill(mock, FEBRUARY_QUERY)
            self.assertIn("2024-02-29", {row["day"] for row in bill})
            for word, name, of in (("workspace", "workspace_id", lambda r: r["workspace_id"]),
                                   ("model", "model", lambda r: r["model"]), ("kind", "kind", bill_kind),
                                   ("tier", "service_tier", lambda r: r["service_tier"]),
                                   ("context_window", "context_window", lambda r: r["context_window"]),
                                   ("geo", "inference_geo", lambda r: r["inference_geo"]),
                                   ("day", "day", lambda r: r["day"])):
                sums = collections.Counter()
                for row in bill:
                    sums[of(row)] += row["usd"]
                rows = self.rows(mock, "cost", "--group-by", word, *FEBRUARY)
                self.assert_sums(rows, name, sums)
                total = sum(sums.values())
                for row in rows:
                    self.assertEqual(row["share_percent"], percent(Decimal(row["amount_usd"]), total))
                order = [row["day"] if word == "day" else -Decimal(row["amount_usd"]) for row in rows]
                self.assertEqual(order, sorted(order))
            row, = self.rows(mock, "cost", "--group-by", "total", *FEBRUARY)
            self.assertEqual(row, {"amount_usd": str(total.normalize()), "share_percent": "100.00"})

    def test_month_over_month_growth(self):
        query = {"starting_at": "2023-11-15T00:00:00Z", "ending_at": "2024-03-03T00:00:00Z"}
        with self.mocked(**LEAP) as mock:
            sums = collections.Counter()
            for row in self.bill(mock, query):
                sums[row["day"][:7]] += row["usd"]
            rows = self.rows(mock, "cost", "--group-by", "month", "--from", "2023-11-15", "--to", "2024-03-03")
            self.assertEqual([row["month"] for row in rows], ["2023-11", "2023-12", "2024-01", "2024-02", "2024-03"])
            self.assert_sums(rows, "month", sums)
            growth = percent(sums["2024-01"] - sums["2023-12"], sums["2023-12"])
            self.assertEqual([(row["growth_percent"], row["growth_over"]) for row in rows],
                             [(None, None), (None, None), (growth, "2023-12"),
                              (percent(sums["2024-02"] - sums["2024-01"], sums["2024-01"]), "2024-01"), (None, None)])
            rows = self.rows(mock, "cost", "--group-by", "workspace,month", "--from", "2024-01-01", "--to", "2024-03-01")
            one = [row for row in rows if row["workspace"] == "ml-prod"]
            first, second = (Decimal(row["amount_usd"]) for row in one)
            self.assertEqual([row["growth_percent"] for row in one], [None, percent(second - first, first)])

    def test_a_key_s_and_a_team_s_share(self):
        with self.mocked(**LEAP) as mock:
            sums, names = self.attributed(mock, FEBRUARY_QUERY), self.keys(mock)
            done = self.assert_done(self.run_ctl(mock, "cost", "--group-by", "key", *FEBRUARY, "-o", "jsonl"))
            self.assert_sums(done.records, "api_key_id", sums)
            for row in done.records:
                self.assertEqual(row["key"], names.get(row["api_key_id"], "Console"))
            total = sum(row["usd"] for row in self.bill(mock, FEBRUARY_QUERY))
            self.assertEqual(sum(Decimal(row["amount_usd"]) for row in done.records), total)
            teams = collections.Counter()
            for key, usd in sums.items():
                teams[team_of(names.get(key))] += usd
            done = self.assert_done(self.run_ctl(mock, "cost", "--group-by", "team", *FEBRUARY, "-o", "jsonl"))
            self.assert_sums(done.records, "team", teams)
            self.assertIn(f"{teams[None].quantize(Decimal('0.01'), ROUND_HALF_UP)} USD were billed for keys without a name",
                          done.err)
            row, = self.rows(mock, "cost", "--group-by", "total", "--team", "ml", *FEBRUARY)
            self.assertEqual(Decimal(row["amount_usd"]), teams["ml"])

    def test_usage_and_bill_are_both_shown_where_they_differ(self):
        with self.mocked(**LEAP) as mock:
            used = self.used(mock, FEBRUARY_QUERY)
            tokens = sum(KINDS[kind](row) for row in used for kind in TOKENS)
            free = sum(KINDS[kind](row) for row in used for kind in TOKENS if row["service_tier"] == "priority")
            self.assertGreater(free, 0)
            done = self.assert_done(self.run_ctl(mock, "cost", "--group-by", "key", *FEBRUARY, "-o", "jsonl"))
            self.assertEqual(sum(row["tokens"] for row in done.records), tokens)
            self.assertEqual(sum(row["unbilled_tokens"] for row in done.records), free)
            self.assertIn(f"{free} tokens were used that nothing was billed for", done.err)
            self.assertEqual(self.run_ctl(mock, "cost", "-q", "--group-by", "key", *FEBRUARY).err, "")

    def test_what_a_team_will_cost_by_the_month_s_end(self):
        policy = os.path.join(self.dir, "policy.yaml")
        with open(policy, "w", encoding="utf-8") as f:
            f.write("version: 1\nbudgets:\n  - {team: ml, monthly: 123.45}\n  - {organization: true, monthly: 20000}\n")
        query = {"starting_at": "2024-02-01T00:00:00Z", "ending_at": "2024-02-11T00:00:00Z"}
        with self.mocked(**LEAP) as mock:
            names, teams = self.keys(mock), collections.Counter()
            for key, usd in self.attributed(mock, query).items():
                teams[team_of(names.get(key))] += usd
            rows = self.rows(mock, "cost", "--group-by", "team", "--projection", "--policy", policy,
                             "--from", "2024-02-01", "--to", "2024-02-10T12:00:00Z")
            self.assert_sums(rows, "team", teams)
            for row in rows:
                wanted = (teams[row["team"]] * 29 / 10).quantize(Decimal("0.000001"), ROUND_HALF_UP)
                self.assertEqual(Decimal(row["projected_usd"]), wanted)
                limit = Decimal("123.45") if row["team"] == "ml" else None
                self.assertEqual(row["limit_usd"], limit and str(limit))
                self.assertEqual(row["used_percent"], limit and percent(teams["ml"], limit))
                self.assertEqual(row["projected_percent"], limit and percent(wanted, limit))
            row, = self.rows(mock, "cost", "--group-by", "total", "--projection", "--policy", policy, *FEBRUARY)
            self.assertEqual((row["limit_usd"], row["projected_usd"]), ("20000", row["amount_usd"]))

    def test_what_is_chosen_is_all_that_is_summed(self):
        with self.mocked(**LEAP) as mock:
            bill = [row for row in self.bill(mock, FEBRUARY_QUERY) if row["model"] == "claude-opus-5"]
            ids = {row["name"]: row["id"] for row in self.rows(mock, "workspaces", "list", "--status", "all")}
            for given in ("ml-prod", ids["ml-prod"]):
                row, = self.rows(mock, "cost", "--model", "claude-opus-5", "--workspace", given, *FEBRUARY)
                self.assertEqual(Decimal(row["amount_usd"]),
                                 sum(r["usd"] for r in bill if r["workspace_id"] == ids["ml-prod"]))
                self.assertEqual((row["workspace"], row["share_percent"]), ("ml-prod", "100.00"))
            done = self.assert_done(self.run_ctl(mock, "cost", "--workspace", "wrkspc_gone", *FEBRUARY))
            self.assertIn("nothing was billed in that time for what was chosen", done.err)
            for chosen, said in ((("--workspace", "ml-prdo"), "no workspace 'ml-prdo'; did you mean 'ml-prod'?"),
                                 (("--workspace", "x"), "no workspace 'x': its id or name was expected"),
                                 (("--key", "ml-prod-inferense"), "did you mean 'ml-prod-inference'?"),
                                 (("--team", "bakend"), "no team 'bakend': one that the policy lists or a key's name tells")):
                for command in (("cost",), ("usage", "messages")):  # a name that nobody has is no cost of nothing
                    done = self.run_ctl(mock, *command, *chosen, *FEBRUARY)
                    self.assertEqual((done.status, done.out), (2, b""), chosen)
                    self.assertIn(said, done.err)

    def test_tables_are_for_people_and_the_rest_is_exact(self):
        with self.mocked(**LEAP) as mock:
            lines = self.assert_done(self.run_ctl(mock, "cost", *FEBRUARY)).text.splitlines()
            self.assertEqual(lines[0], "WORKSPACE ID\tWORKSPACE\tAMOUNT USD\tSHARE PERCENT")
            self.assertTrue(lines[-1].startswith("total\t\t"), lines[-1])
            self.assertRegex(lines[-1], r"\t\d{1,3}(,\d{3})+\.\d\d\t100\.00$")
            text = self.assert_done(self.run_ctl(mock, "cost", *FEBRUARY, "-o", "csv")).text
            rows = list(csv.DictReader(io.StringIO(text)))
            self.assertEqual(rows, [{k: v or "" for k, v in row.items()} for row in self.rows(mock, "cost", *FEBRUARY)])
            self.assertEqual(json.loads(self.run_ctl(mock, "cost", *FEBRUARY, "-o", "json").out),
                             self.rows(mock, "cost", *FEBRUARY))

    def test_this_month_is_meant_unless_another_time_is_given(self):
        with self.mocked() as mock:
            done = self.assert_done(self.run_ctl(mock, "cost"))
            self.assertRegex(done.err, r"(?m)^skantctl: from \d{4}-\d\d-01 to now \(UTC\)$")
            self.assert_done(self.run_ctl(mock, "cost", "--group-by", "month"))
            queries = [line["query"] for line in mock.log() if line["path"].endswith("cost_report")]
            self.assertRegex(queries[0], r"starting_at=\d{4}-\d\d-01T00%3A00%3A00Z")
            self.assertEqual(len(queries), 1 + 13)  # pages of 31 days

    def test_a_table_comes_with_the_time_that_it_is_of(self):
        with self.mocked() as mock:
            for command in (("cost",), ("usage", "messages"), ("models", "check")):
                done = self.run_ctl(mock, *command, "--from", "2026-04-01", "--to", "2026-04-02T03:04:05Z")
                self.assertIn("skantctl: from 2026-04-01 to 2026-04-02T03:04:05Z (UTC)\n", done.err)
                self.assertNotIn("from 2", self.run_ctl(mock, *command, "-o", "csv").err)

    def test_both_dialects_agree(self):
        with self.mocked(**LEAP) as mock:
            ours = {row["workspace"]: row["amount_usd"] for row in self.rows(mock, "cost", *FEBRUARY)}
            done = self.assert_done(self.run_ctl(mock, "cost", "--dialect", "cca", *FEBRUARY, "-o", "jsonl"))
            self.assertEqual({row["workspace"]: row["amount_usd"] for row in done.records}, ours)
            self.assertIn("are not known", done.err)
            days = self.rows(mock, "cost", "--dialect", "cca", "--group-by", "day", *FEBRUARY)
            self.assertEqual(days, self.rows(mock, "cost", "--group-by", "day", *FEBRUARY))
            users = self.rows(mock, "cost", "--dialect", "cca", "--group-by", "user", *FEBRUARY)
            raw = self.walk(mock, CCA + "/usage/cost", {"start_date": "2024-02-01", "end_date": "2024-02-29",
                                                        "group_by[]": "user"})
            self.assertEqual({r["user_id"]: Decimal(r["amount_usd"]) for r in users},
                             {r.get("user_id"): Decimal(str(r["total_cost"])) for r in raw})
            self.assertTrue(all("@" in r["user"] for r in users if r["user_id"]))
            for word in ("key", "team", "tier"):
                self.assert_fails(self.run_ctl(mock, "cost", "--dialect", "cca", "--group-by", word), 2, "dialect cca")


class Usage(CostTest):
    def test_tokens_by_what_they_are_grouped_by(self):
        with self.mocked(**LEAP) as mock:
            used, names = self.used(mock, FEBRUARY_QUERY), self.keys(mock)
            for word, name, of in (("model", "model", lambda r: r["model"]), ("key", "api_key_id", lambda r: r["api_key_id"]),
                                   ("workspace", "workspace_id", lambda r: r["workspace_id"]),
                                   ("team", "team", lambda r: team_of(names.get(r["api_key_id"]))),
                                   ("tier", "service_tier", lambda r: r["service_tier"]),
                                   ("month", "month", lambda r: r["day"][:7])):
                rows = {row[name]: row for row in self.rows(mock, "usage", "messages", "--group-by", word, *FEBRUARY)}
                self.assertEqual(set(rows), {of(r) for r in used})
                for key, row in rows.items():
                    own = [r for r in used if of(r) == key]
                    for field, kind in USAGE_FIELDS.items():
                        self.assertEqual(row[field], sum(KINDS[kind](r) for r in own), (word, key, field))
                    self.assertEqual(row["total_tokens"], sum(KINDS[kind](r) for r in own for kind in TOKENS))

    def test_small_buckets(self):
        query = {"starting_at": "2024-02-29T22:00:00Z", "ending_at": "2024-03-01T02:00:00Z"}
        with self.mocked(**LEAP) as mock:
            for width in ("1h", "1m"):
                raw = self.report(mock, "usage_report/messages", query, bucket_width=width)
                rows = self.rows(mock, "usage", "messages", "--group-by", "total", "--bucket", width,
                                 "--from", query["starting_at"], "--to", query["ending_at"])
                self.assertEqual([(r["starting_at"], r["output_tokens"]) for r in rows],
                                 [(r["at"], r["output_tokens"]) for r in raw])
                self.assertGreater(len(rows), 1)

    def test_people_by_account(self):
        with self.mocked(**LEAP) as mock:
            raw = self.report(mock, "usage_report/messages", FEBRUARY_QUERY, **{"group_by[]": ["account_id"]})
            sums = collections.Counter()
            for row in raw:
                sums[row["account_id"]] += row["output_tokens"]
            rows = self.rows(mock, "usage", "messages", "--group-by", "account", *FEBRUARY)
            self.assertEqual({r["account_id"]: r["output_tokens"] for r in rows}, sums)
            self.assertTrue(all("@" in r["account"] for r in rows if r["account_id"]))

    def test_claude_code_day_by_day(self):
        with self.mocked(**LEAP) as mock:
            raw = []
            for day in ("2024-02-28", "2024-02-29", "2024-03-01"):
                raw += self.walk(mock, ORG + "/usage_report/claude_code", {"starting_at": day, "limit": 3})
            sums, sessions = collections.Counter(), collections.Counter()
            for row in raw:
                who = (row["actor"].get("email_address"), row["actor"].get("api_key_name"))
                sums[who] += sum(Decimal(m["estimated_cost"]["amount"]) / 100 for m in row["model_breakdown"])
                sessions[who] += row["core_metrics"]["num_sessions"]
            when = ("--from", "2024-02-28", "--to", "2024-03-02")
            rows = self.rows(mock, "usage", "claude-code", *when)
            self.assertEqual({(r["user"], r["key"]): Decimal(r["estimated_cost_usd"]) for r in rows}, sums)
            self.assertEqual({(r["user"], r["key"]): r["sessions"] for r in rows}, sessions)
            self.assertEqual([r["day"] for r in self.rows(mock, "usage", "claude-code", "--group-by", "day", *when)],
                             ["2024-02-28", "2024-02-29", "2024-03-01"])
            by_model = self.rows(mock, "usage", "claude-code", "--group-by", "model", *when)
            self.assertEqual(sum(Decimal(r["estimated_cost_usd"]) for r in by_model), sum(sums.values()))
            self.assertNotIn("sessions", by_model[0])
            accepted = sum(r["tool_actions"]["edit_tool"]["accepted"] for r in raw)
            rejected = sum(r["tool_actions"]["edit_tool"]["rejected"] for r in raw)
            row, = self.rows(mock, "usage", "claude-code", "--group-by", "total", *when)
            self.assertEqual((row["tools_accepted"], row["acceptance_percent"]),
                             (accepted, percent(Decimal(accepted), Decimal(accepted + rejected))))

    def test_claude_code_in_cca(self):
        with self.mocked(**LEAP) as mock:
            raw = self.walk(mock, CCA + "/usage/claude-code", {"start_date": "2024-02-28", "end_date": "2024-02-29",
                                                               "group_by[]": ["user", "project"]})
            rows = self.rows(mock, "usage", "claude-code", "--dialect", "cca", "--group-by", "user,project",
                             "--from", "2024-02-28", "--to", "2024-03-01")
            self.assertEqual({(r["user_id"], r["project"]): (Decimal(r["session_hours"]), r["tool_calls"]) for r in rows},
                             {(r["user_id"], r["project"]): (Decimal(str(r["session_hours"])), r["tool_calls"])
                              for r in raw})


def page(*buckets, **more):
    return Reply({"data": list(buckets), "has_more": False, "next_page": None, **more})


def bucket(day, *results):
    return {"starting_at": f"2024-02-{day:02}T00:00:00Z", "ending_at": f"2024-02-{day + 1:02}T00:00:00Z",
            "results": list(results)}


def cost(amount, currency="USD", **more):
    return {"amount": amount, "currency": currency, "workspace_id": None, "cost_type": "tokens", "model": "m",
            "token_type": "output_tokens", **more}


class Odd(CtlTest):
    """Replies that change, and replies that cannot be right."""
    ROUTE = f"GET {ORG}/cost_report"
    DAYS = ("cost", "--group-by", "total", "--from", "2024-02-01", "--to", "2024-02-03")

    def assert_refused(self, reply, *words):
        api = self.api({self.ROUTE: reply})
        self.assertEqual(self.assert_fails(self.ctl(api, *self.DAYS), 3, *words).out, b"")

    def test_what_the_api_says_now_counts(self):
        api = self.api({self.ROUTE: [page(bucket(1, cost("1000")), bucket(2, cost("250.5"))),
                                     page(bucket(1, cost("900"), cost("-12.25")), bucket(2, cost("250.5")))]})
        amounts = [self.assert_done(self.ctl(api, *self.DAYS, "-o", "jsonl")).records[0]["amount_usd"] for _ in range(2)]
        self.assertEqual(amounts, ["12.505", "11.3825"])

    def test_a_month_of_credits_only(self):
        api = self.api({self.ROUTE: page(bucket(1, cost("-1000.01")), bucket(2))})
        done = self.assert_done(self.ctl(api, "cost", "--group-by", "model", "--projection", *self.DAYS[3:]))
        self.assertEqual(done.text.splitlines()[1].split("\t")[:4], ["m", "-10.00", "100.00", "-145.00"])

    def test_other_money_is_refused(self):
        self.assert_refused(page(bucket(1, cost("1", "EUR")), bucket(2)), "cost: rows of 2024-02-01", "'EUR'", "USD")
        self.assert_refused(page(bucket(1, cost("1", None)), bucket(2)), "no currency")

    def test_pages_that_end_early(self):
        whole = bucket(1, cost("1"))
        self.assert_refused([page(whole, has_more=True, next_page="a"), page(has_more=True, next_page="b")],
                            "cost: page 2", "ended early")
        self.assert_refused(page(whole, has_more=True), "cost: page 1", "no cursor")
        self.assert_refused(page(whole, has_more=True, next_page="a"), "never end")
        self.assert_refused(page(whole), "cost: the report ends at 2024-02-02T00:00:00Z", "2024-02-03T00:00:00Z")
        self.assert_refused(page(whole, whole, bucket(2)), "bucket 2 begins at 2024-02-01")

    def test_numbers_that_are_none(self):
        for amount in ("1,5", "NaN", "", "1e400", {"n": 1}, "0x10"):
            self.assert_refused(page(bucket(1, cost(amount)), bucket(2)), "cost: rows of 2024-02-01")
        usage = {"uncached_input_tokens": -1, "output_tokens": 1}
        api = self.api({f"GET {ORG}/usage_report/messages": page(bucket(1, usage), bucket(2))})
        self.assert_fails(self.ctl(api, "usage", "messages", "--group-by", "total", *self.DAYS[3:]), 3,
                          "usage.messages: rows of 2024-02-01")

    def test_sums_without_room(self):
        self.assert_refused(page(bucket(1, cost("9" * 38), cost("9" * 38)), bucket(2)), "can be counted")

    def test_what_is_asked_wrongly_is_said_before_any_request(self):
        api = self.api({})
        for args, words in (((*self.DAYS[:3], "--from", "2024-02-03", "--to", "2024-02-01"), ["--from has to be before --to"]),
                            (("cost", "--group-by", "colour"), ["'colour'", "workspace", "team"]),
                            (("cost", "--group-by", "total,team"), ["stands alone"]),
                            (("cost", "--from", "yesterday"), ["--from", "RFC 3339"]),
                            (("cost", "--from", "2024-02-30"), ["--from"]),
                            (("cost", "--from", "2001-01-01", "--to", "2024-01-01"), ["3660 days"]),
                            (("cost", "--projection", "--from", "2024-02-02", "--to", "2024-02-20"), ["first day"]),
                            (("cost", "--projection", "--from", "2024-02-01", "--to", "2024-03-02"), ["one month"]),
                            (("cost", "--projection", "--group-by", "day"), ["day"]),
                            (("cost", "now"), ["no argument"]),
                            (("usage", "messages", "--bucket", "1w"), ["1m"]),
                            (("usage", "messages", "--group-by", "kind"), ["'kind'"]),
                            (("usage", "claude-code", "--from", "2020-01-01"), ["366 days"]),
                            (("usage", "claude-code", "--group-by", "workspace"), ["'workspace'"])):
            self.assert_fails(self.ctl(api, *args), 2, *words)
        self.assertEqual(api.asked, [])

    def test_a_time_that_is_none_is_told_in_the_same_words_everywhere(self):
        api = self.api({})
        told = set()
        for command in ("cost", "usage messages", "usage claude-code", "usage estimate", "models check", "report usage",
                        "activities query"):
            told.add(self.assert_fails(self.ctl(api, *command.split(), "--from", "yesterday"), 2).err)
        self.assertEqual(len(told), 1, told)
        self.assertEqual(api.asked, [])

    def test_the_help_has_all_words_that_rows_are_grouped_by(self):
        api = self.api({})
        for command in ("cost", "usage messages", "usage claude-code"):
            words = set()
            for dialect in ("platform", "cca"):
                wrong = self.ctl(api, *command.split(), "--group-by", "colour", "--dialect", dialect)
                words |= set(re.search(r"it takes (.*)$", self.assert_fails(wrong, 2).err, re.M)[1].split(", "))
            text = " ".join(self.ctl(api, *command.split(), "--help").text.split())
            takes = re.search(r"--group-by WHAT [^(]*\(one of ([^;]*); default: ", text)[1]
            self.assertEqual(set(takes.split(", ")), words, command)

    def test_a_report_is_a_page_and_no_rows(self):
        self.assert_fails(self.ctl(self.api({}), "report", "usage", "-o", "json"), 2,
                          "'skantctl report usage' does not take '--output'; 'skantctl report usage --help' lists what it takes")

    def test_a_key_that_nobody_lists_any_more_keeps_its_share(self):
        where = {"workspace_id": None, "model": "m", "service_tier": None, "context_window": None, "inference_geo": None}
        used = {"uncached_input_tokens": 0, "output_tokens": 3, "api_key_id": "apikey_gone", **where}
        api = self.api({self.ROUTE: page(bucket(1, cost("300")), bucket(2)), f"GET {ORG}/api_keys":
                        Reply({"data": [], "has_more": False, "first_id": None, "last_id": None}),
                        f"GET {ORG}/usage_report/messages": page(bucket(1, used), bucket(2))})
        done = self.assert_done(self.ctl(api, "cost", "--group-by", "key,team", *self.DAYS[3:], "-o", "jsonl"))
        self.assertEqual([(r["api_key_id"], r["key"], r["team"], r["amount_usd"]) for r in done.records],
                         [("apikey_gone", None, None, "3")])
        self.assertIn("3.00 USD were billed for keys without a name that tells the team", done.err)


if __name__ == "__main__":
    unittest.main()
