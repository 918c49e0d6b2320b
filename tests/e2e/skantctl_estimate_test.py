# SPDX-License-Identifier: Apache-2.0
"""skantctl usage estimate: records that applications wrote, priced as of their day, to the last digit."""
import collections
import csv
import datetime
import decimal
import gzip
import io
import json
import random
import unittest

from skantctl_support import CtlTest
from support import make_key

D = decimal.Decimal
UTC = datetime.timezone.utc
KINDS = ("input", "cache_write_5m", "cache_write_1h", "cache_read", "output")
# USD for a million tokens, worked out by hand from what the provider publishes; not read from rules/prices.yaml.
PRICES = {
    "claude-fable-5-1": ("10", "12.5", "20", "0.25", "50"),
    "claude-opus-5-5": ("4", "5", "8", "0.2", "20"),
    "claude-opus-5": ("5", "6.25", "10", "0.5", "25"),
    "claude-sonnet-4-6": ("3", "3.75", "6", "0.3", "15"),
    "claude-opus-4-5": ("5", "6.25", "10", "0.5", "25"),
    "claude-haiku-4-5-20251001": ("1", "1.25", "2", "0.1", "5"),
}
BEFORE_46 = ("claude-opus-4-5", "claude-haiku-4-5-20251001")


def price(record):
    """The record's cost in USD, or None, by this test's own reading of the price list."""
    usage = {**record, **record.get("usage", {})}
    parts = usage.get("cache_creation") or {}
    hour = parts.get("ephemeral_1h_input_tokens", 0)
    written = usage.get("cache_creation_input_tokens", hour + parts.get("ephemeral_5m_input_tokens", 0))
    tokens = (usage["input_tokens"], written - hour, hour, usage.get("cache_read_input_tokens", 0),
              usage["output_tokens"])
    model = record["model"]
    fast = usage.get("speed") == "fast"
    batch = usage.get("batch") or usage.get("service_tier") == "batch"
    if model == "claude-haiku-5-5":
        rates = ("0.1", "0.125", "0.2", "0.01", "0.5") if sum(tokens[:4]) <= 100000 else ("0.5", "0.625", "1", "0.05", "2.5")
    elif model == "claude-sonnet-5-5":
        rates = ("2", "2.5", "4", "0.1" if record["timestamp"][:10] >= "2026-10-07" else "0.2", "10")
    else:
        rates = PRICES.get(model)
    if fast and model == "claude-opus-5" and not batch:
        rates = ("10", "12.5", "20", "1", "50")
    elif fast:
        rates = None
    if rates is None:
        return tokens, None
    factor = (D("0.5") if batch else D(1)) * \
        (D("1.1") if usage.get("inference_geo") == "us" and model not in BEFORE_46 else D(1))
    return tokens, sum((D(r) * n * factor for r, n in zip(rates, tokens)), D(0)) / 10**6


def make_records(count, seed=1):
    rng = random.Random(seed)
    models = [*PRICES, "claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-99"]
    start = datetime.datetime(2026, 9, 1, tzinfo=UTC)
    for n in range(count):
        tokens = {"input_tokens": rng.randrange(200000), "output_tokens": rng.randrange(5000)}
        if rng.random() < 0.4:
            tokens["cache_read_input_tokens"] = rng.randrange(100000)
        if rng.random() < 0.3:
            five, hour = rng.randrange(10000), rng.randrange(10000)
            tokens["cache_creation_input_tokens"] = five + hour
            tokens["cache_creation"] = {"ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour}
        if rng.random() < 0.2:
            tokens["inference_geo"] = rng.choice(["us", "global", "not_available"])
        if rng.random() < 0.2:
            tokens["service_tier"] = rng.choice(["batch", "standard"])
        if rng.random() < 0.1:
            tokens["speed"] = rng.choice(["fast", "standard"])
        record = {"timestamp": (start + datetime.timedelta(minutes=37 * n)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                  "model": rng.choice(models), "team": rng.choice(["ml", "backend", "küche"]),
                  "feature": rng.choice(["search", "chat \"x\"", "a,b"]), "stop_reason": rng.choice(["end_turn", "tool_use"]),
                  "request_id": f"req_{n}"}
        if rng.random() < 0.5:
            record["usage"] = tokens
        else:
            record.update(tokens)
        yield record


def lines(records, **options):
    return "".join(json.dumps(r, **options) + "\n" for r in records).encode()


def expected(records, key):
    groups = collections.defaultdict(lambda: {"records": 0, "unpriced_records": 0, "amount": None,
                                              **{k: 0 for k in KINDS}})
    for record in records:
        tokens, amount = price(record)
        group = groups[key(record)]
        group["records"] += 1
        for kind, n in zip(KINDS, tokens):
            group[kind] += n
        if amount is None:
            group["unpriced_records"] += 1
        else:
            group["amount"] = (group["amount"] or D(0)) + amount
    return groups


class Estimate(CtlTest):
    def estimate(self, data, *args):
        return self.ctl(None, "usage", "estimate", *args, stdin=data, keys=())

    def assert_groups(self, rows, groups, key):
        self.assertEqual(len(rows), len(groups))
        for row in rows:
            group = groups[key(row)]
            self.assertEqual(row["records"], group["records"])
            self.assertEqual(row["unpriced_records"], group["unpriced_records"])
            for kind in KINDS:
                self.assertEqual(row[f"{kind}_tokens"], group[kind])
            if group["amount"] is None:
                self.assertIsNone(row["amount_usd"])
            else:
                self.assertIsInstance(row["amount_usd"], str)
                self.assertEqual(D(row["amount_usd"]), group["amount"])

    def test_sums_equal_an_independent_computation_to_the_last_digit(self):
        records = list(make_records(3000))
        data = lines(records)
        for names in ("model", "team", "team,feature,model", "day", "month,team", "stop_reason"):
            def key(r, names=names):
                return tuple(r[n] if n in r else r["timestamp"][:10 if n == "day" else 7] for n in names.split(","))
            done = self.assert_done(self.estimate(data, "--group-by", names, "-o", "jsonl"))
            self.assert_groups(done.records, expected(records, key), key)

    def test_the_answer_is_the_same_however_it_is_read(self):
        records = list(make_records(2000, 2))
        paths = []
        for name, form in (("plain", {}), ("dense", {"separators": (",", ":")}), ("utf8", {"ensure_ascii": False}),
                           ("sorted", {"sort_keys": True})):
            paths.append(self.path(name + ".jsonl"))
            with open(paths[-1], "wb") as f:
                f.write(lines(records, **form))
        paths.append(self.path("packed.gz"))
        with open(paths[-1], "wb") as f:
            data = lines(records)
            f.write(gzip.compress(data[:5000]) + gzip.compress(data[5000:]))
        wanted = self.assert_done(self.estimate(b"", paths[0], "-o", "json", "-j", "1"))
        self.assertGreater(len(json.loads(wanted.out)), 20)
        for path in paths:
            for jobs in ("1", "2", "7"):
                done = self.assert_done(self.estimate(b"", path, "-o", "json", "-j", jobs))
                self.assertEqual(done.out, wanted.out, (path, jobs))
        done = self.assert_done(self.estimate(lines(records), "-o", "json"))
        self.assertEqual(done.out, wanted.out)
        with open(self.path("half.jsonl"), "wb") as f:
            f.write(lines(records[:1000]))
        done = self.assert_done(self.estimate(lines(records[1000:]), self.path("half.jsonl"), "-", "-o", "json"))
        self.assertEqual(done.out, wanted.out)

    def test_what_costs_most_comes_first_and_times_in_their_order(self):
        data = lines(make_records(500))
        rows = self.assert_done(self.estimate(data, "--group-by", "model", "-o", "jsonl")).records
        amounts = [D(r["amount_usd"]) for r in rows if r["amount_usd"] is not None]
        self.assertEqual(amounts, sorted(amounts, reverse=True))
        self.assertIsNone(rows[-1]["amount_usd"])
        rows = self.assert_done(self.estimate(data, "--group-by", "day", "-o", "jsonl")).records
        days = [r["day"] for r in rows]
        self.assertEqual(days, sorted(days))

    def test_models_without_a_price_are_named_and_never_guessed(self):
        data = lines({"timestamp": "2026-11-01T00:00:00Z", "model": m, "input_tokens": 5, "output_tokens": 6, "team": "a"}
                     for m in ("claude-opus-5", "claude-new-1", "claude-new-1", "claude-new-2"))
        done = self.assert_done(self.estimate(data, "--group-by", "model", "-o", "jsonl"))
        self.assertEqual(done.records[1:], [
            {"model": m, "records": n, "input_tokens": 5 * n, "cache_write_5m_tokens": 0, "cache_write_1h_tokens": 0,
             "cache_read_tokens": 0, "output_tokens": 6 * n, "unpriced_records": n, "amount_usd": None}
            for m, n in (("claude-new-1", 2), ("claude-new-2", 1))])
        self.assertIn("3 records have no price and are in no amount; their models: claude-new-1 (2), claude-new-2 (1)",
                      done.err)
        done = self.assert_done(self.estimate(data, "--group-by", "team", "-o", "jsonl"))
        self.assertEqual(D(done.records[0]["amount_usd"]), D(5 * 5 + 6 * 25) / 10**6)
        self.assertEqual(done.records[0]["unpriced_records"], 3)
        self.assertIn("unknown", self.estimate(data, "--group-by", "model").text)

    def test_times_bound_what_counts(self):
        data = lines({"timestamp": t, "model": "claude-opus-5", "input_tokens": 1, "output_tokens": 1}
                     for t in ("2026-10-31T23:59:59Z", "2026-11-01T00:00:00Z", "2026-11-30T23:59:59.9Z",
                               "2026-12-01T00:00:00Z", "2026-11-30T23:30:00-01:00", "2028-02-29T12:00:00Z"))
        rows = self.assert_done(self.estimate(data, "--group-by", "month", "--from", "2026-11-01", "--to", "2026-12-01",
                                              "-o", "jsonl")).records
        self.assertEqual([(r["month"], r["records"]) for r in rows], [("2026-11", 2)])
        rows = self.assert_done(self.estimate(data, "--group-by", "day", "-o", "jsonl")).records
        self.assertEqual([r["day"] for r in rows], ["2026-10-31", "2026-11-01", "2026-11-30", "2026-12-01", "2028-02-29"])

    def test_a_list_of_prices_of_ones_own(self):
        with open(self.path("p.yaml"), "w", encoding="utf-8") as f:
            f.write("version: 1\nmodels:\n  - id: ours\n    prices:\n"
                    "      - {input: 1, cache_write_5m: 1, cache_write_1h: 1, cache_read: 1, output: 0.000001}\n")
        data = lines([{"timestamp": "2026-11-01T00:00:00Z", "model": "ours", "input_tokens": 3, "output_tokens": 1}])
        done = self.assert_done(self.estimate(data, "--prices", self.path("p.yaml"), "-o", "jsonl"))
        self.assertEqual(done.records[0]["amount_usd"], "0.000003000001")
        with open(self.path("p.yaml"), "a", encoding="utf-8") as f:
            f.write("  - id: ours\n    prices: [{input: -1}]\n")
        self.assert_fails(self.estimate(data, "--prices", self.path("p.yaml")), 2, "p.yaml:7:22:", "from 0 to 10000")

    def test_bad_lines_are_told_and_the_others_are_priced(self):
        good = lines([{"timestamp": "2026-11-01T00:00:00Z", "model": "claude-opus-5", "input_tokens": 1, "output_tokens": 1}])
        data = good + b"{\"timestamp\": \"\x1b[31m\"}\n" + b"\n" + good + b"{\n" + good.rstrip()
        done = self.estimate(data, "-o", "jsonl")
        self.assertEqual(done.status, 3)
        self.assertEqual(done.records[0]["records"], 3)
        self.assertIn("standard input:2:16: not valid JSON", done.err)
        self.assertIn("standard input:5:2: ", done.err)
        self.assertIn("2 lines are no usage records", done.err)
        self.assertNotIn("\x1b", done.err)
        done = self.estimate(b"x\n" * 5000, "-o", "json")
        self.assertEqual((done.status, json.loads(done.out)), (3, []))
        self.assertEqual(done.err.count("standard input:"), 10)
        self.assertIn("5000 lines are no usage records, of which the first are named", done.err)

    def test_a_key_in_a_record_is_never_printed(self):
        key = make_key(7)
        data = lines([{"timestamp": "2026-11-01T00:00:00Z", "model": key, "team": f"x {key}", "api_key_id": key,
                       "input_tokens": 1, "output_tokens": 1}])
        for form in ("table", "json", "jsonl", "csv", "yaml"):
            done = self.assert_done(self.estimate(data, "--group-by", "key,team,model", "-o", form))
            self.assertNotIn(key, done.text + done.err)
            self.assertIn(key[:16], done.text)

    def test_a_table_has_a_total_and_money_for_people(self):
        data = lines({"timestamp": "2026-11-01T00:00:00Z", "model": "claude-opus-5", "team": t, "input_tokens": 10**9,
                      "output_tokens": 0} for t in ("a", "b", "b"))
        rows = list(csv.reader(io.StringIO(self.assert_done(self.estimate(data, "--group-by", "team")).text), delimiter="\t"))
        self.assertEqual([r[0] for r in rows], ["TEAM", "b", "a", "total"])
        self.assertEqual([r[-1] for r in rows], ["AMOUNT USD", "10,000.00", "5,000.00", "15,000.00"])
        rows = list(csv.DictReader(io.StringIO(self.assert_done(self.estimate(data, "--group-by", "team", "-o", "csv")).text)))
        self.assertEqual([(r["team"], r["amount_usd"]) for r in rows], [("b", "10000"), ("a", "5000")])

    def test_wrong_usage_is_refused_before_anything_is_read(self):
        self.assert_fails(self.estimate(b"", "--group-by", "teams"), 2, "team, feature, model, day, month, stop_reason, key")
        self.assert_fails(self.estimate(b"", "--from", "2026-11-02", "--to", "2026-11-02"), 2, "--to")
        self.assert_fails(self.estimate(b"", "--from", "yesterday"), 2, "from")
        done = self.assert_fails(self.estimate(b"", self.path("none.jsonl")), 2, "none.jsonl", "No such file")
        self.assertEqual(done.out, b"")
        self.assert_fails(self.estimate(b"", "."), 3, "Is a directory")
        with open(self.path("cut.gz"), "wb") as f:
            f.write(gzip.compress(b"x" * 1000)[:-4])
        self.assert_fails(self.estimate(b"", self.path("cut.gz")), 3, "cut.gz", "gzip")

    def test_nothing_at_all_is_an_empty_answer(self):
        self.assertEqual(json.loads(self.assert_done(self.estimate(b"", "-o", "json")).out), [])
        self.assertEqual(self.assert_done(self.estimate(b"\n \n", "-o", "jsonl")).out, b"")


if __name__ == "__main__":
    unittest.main()
