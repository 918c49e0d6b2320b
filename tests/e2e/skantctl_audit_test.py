# SPDX-License-Identifier: Apache-2.0
"""skantctl keys audit: each way in which a key breaks the policy, in each format."""
import csv
import datetime
import io
import json
import os
import unittest
import xml.etree.ElementTree

from mockapi import Mock
from report_test import jsonschema, multitool
from skantctl_support import ORG, CtlTest, Reply, listing, refusal

DAY = datetime.timedelta(days=1)
USAGE = f"GET {ORG}/usage_report/messages"
POLICY = """version: 1
names: {teams: [ml, backend]}
rotation: {warn_after: 60d, max_age: 90d, unused_after: 30d}
keys: {require_expiry: true, one_key_per: [workspace, purpose]}
"""
CODES = ("format case character length team environment purpose empty-part age age-warn unused default-workspace org-scope "
         "creator-gone duplicate-purpose no-expiry").split()


def ago(days, seconds=0):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now - days * DAY - datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def key(number, name, **more):
    """One that breaks nothing, but for what is said otherwise."""
    made = {"id": f"apikey_{number:02}", "type": "api_key", "name": name, "status": "active", "created_at": ago(10),
            "created_by": {"id": "user_1", "type": "user"}, "expires_at": ago(-80), "workspace_id": "wrkspc_1",
            "partial_key_hint": "sk-ant-" + "api03-R2D...igAA"}
    return {**made, **more}


def usage_report(used):
    """A route that gives what was used, {days ago: [ids]}, in whole days and pages of twenty."""
    def row(name):
        return {"uncached_input_tokens": 1, "output_tokens": 1, "api_key_id": name}

    def answer(request):
        first, last = (datetime.date.fromisoformat(request.one(n)[:10]) for n in ("starting_at", "ending_at"))
        today = datetime.datetime.now(datetime.timezone.utc).date()
        days = [first + n * DAY for n in range((last - first).days)]
        start = int(request.one("page") or 0)
        data = [{"starting_at": f"{d}T00:00:00Z", "ending_at": f"{d + DAY}T00:00:00Z",
                 "results": [row(i) for i in used.get((today - d).days, ())]} for d in days[start:start + 20]]
        more = start + 20 < len(days)
        return Reply({"data": data, "has_more": more, "next_page": str(start + 20) if more else None})
    return answer


KEYS = [
    key(1, "ml-prod-inference"),
    key(2, "Prod_ML_key"),
    key(3, "ml-prod-aged", created_at=ago(90, 5)),
    key(4, "ml-prod-ageing", created_at=ago(60, 5)),
    key(5, "ml-prod-idle", created_at=ago(31)),
    key(6, "ml-prod-default", workspace_id=None, scope={"type": "workspace", "workspace_id": "wrkspc_0"}),
    key(7, "ml-prod-wide", workspace_id=None, scope={"type": "organization"}),
    key(8, "ml-prod-orphan", principal={"type": "user_actor", "user_id": "user_9"}),
    key(9, "backend-dev-twin"),
    key(10, "ml-prod-twin", created_at=ago(9)),
    key(11, "ml-prod-endless", expires_at=None),
    key(12, "ml-prod-service", created_by={"id": "svac_1", "type": "service_account"}),
    key(13, "BAD", status="inactive", created_at=ago(900)),
    key(14, "BAD", status="archived", created_at=ago(900)),
    key(15, "BAD", expires_at=ago(0, 60), created_at=ago(900)),
    key(16, "ml-prod-fresh", created_at=ago(29)),
    key(17, "ml-prod-unclear", workspace_id=None),
    key(18, "ml-prod-newer", scope={"type": "workspace", "workspace_id": "wrkspc_0"}),
]
del KEYS[17]["workspace_id"]
EXPECTED = {
    "apikey_02": {"case", "format"}, "apikey_03": {"age"}, "apikey_04": {"age-warn"}, "apikey_05": {"unused"},
    "apikey_06": {"default-workspace"}, "apikey_07": {"org-scope"}, "apikey_08": {"creator-gone"},
    "apikey_09": {"duplicate-purpose"}, "apikey_10": {"duplicate-purpose"}, "apikey_11": {"no-expiry"},
    "apikey_17": {"default-workspace"}, "apikey_18": {"default-workspace"},
}


def organization(keys=None, **more):
    return {
        f"GET {ORG}/api_keys": listing(KEYS if keys is None else keys),
        f"GET {ORG}/users": listing([{"id": "user_1", "type": "user", "email": "a@example.com", "role": "admin"}]),
        f"GET {ORG}/workspaces": listing([{"id": "wrkspc_1", "type": "workspace", "name": "ml-prod"},
                                          {"id": "wrkspc_2", "type": "workspace", "name": "old", "archived_at": ago(1)}]),
        f"GET {ORG}/workspaces/wrkspc_0": Reply({"id": "wrkspc_0", "type": "workspace", "name": "Default"}),
        USAGE: usage_report({30: ["apikey_03"], 0: ["apikey_04", None]}),
        **more}


class Audit(CtlTest):
    def audit(self, *args, policy=POLICY, status=1, **more):
        api = self.api(organization(**more))
        self.write("policy.yaml", policy)
        result = self.ctl(api, "keys", "audit", "--policy", "policy.yaml", *args)
        self.assertEqual(result.status, status, result.err)
        return api, result

    def violations(self, *args, **more):
        _, result = self.audit("-o", "jsonl", *args, **more)
        return {r["id"]: {v["code"] for v in r["violations"]} for r in result.records}

    def test_each_kind_of_key_breaks_what_it_should(self):
        got = self.violations()
        self.assertIn("case", got["apikey_02"])
        got["apikey_02"] = EXPECTED["apikey_02"]
        self.assertEqual(got, EXPECTED)

    def test_records_have_the_documented_members_and_say_what_would_be_right(self):
        _, result = self.audit("-o", "json")
        record = json.loads(result.text)[0]
        self.assertEqual({k: record[k] for k in ("id", "name", "workspace_id", "age_days")},
                         {"id": "apikey_02", "name": "Prod_ML_key", "workspace_id": "wrkspc_1", "age_days": 10})
        self.assertIn("ml-prod-", " ".join(v["message"] for v in record["violations"]))
        self.assertIn("12 of 15 active keys break the policy (policy.yaml)", result.err)

    def test_usage_is_asked_for_in_whole_days_and_to_its_last_page(self):
        api, _ = self.audit("-o", "jsonl")
        asked = [r for r in api.requests if r.path.endswith("/messages")]
        self.assertEqual([r.one("page") for r in asked], [None, "20"])
        self.assertEqual((asked[0].one("group_by[]"), asked[0].one("bucket_width")), ("api_key_id", "1d"))
        self.assertEqual(asked[0].one("starting_at"), ago(30)[:10] + "T00:00:00Z")
        self.assertEqual(asked[0].one("ending_at"), ago(-1)[:10] + "T00:00:00Z")

    def test_usage_is_not_asked_for_when_no_key_is_old_enough(self):
        api, result = self.audit(keys=[KEYS[0]], status=0)
        self.assertNotIn(USAGE, api.asked)
        self.assertIn("0 of 1 active keys", result.err)

    def test_each_question_is_one_command(self):
        for code in CODES:
            expected = {i: {code} for i, codes in EXPECTED.items() if code in codes}
            if code in ("team", "environment", "purpose", "character", "length", "empty-part", "format"):
                continue
            self.assertEqual(self.violations("--violation", code), expected, code)
        api, _ = self.audit("--violation", "org-scope")
        self.assertNotIn(USAGE, api.asked)
        self.assertNotIn(f"GET {ORG}/users", api.asked)

    def test_workspaces_are_chosen_by_id_and_by_name(self):
        there = {i for i in EXPECTED if i not in ("apikey_06", "apikey_07", "apikey_17", "apikey_18")}
        self.assertEqual(set(self.violations("--workspace", "ml-prod")), there)
        self.assertEqual(set(self.violations("--workspace", "wrkspc_1")), there)
        self.assertEqual(set(self.violations("--workspace", "Default")), {"apikey_06", "apikey_17", "apikey_18"})
        self.assertEqual(set(self.violations("--workspace", "wrkspc_0")), {"apikey_06", "apikey_18"})
        self.assertEqual(self.violations("--workspace", "old", status=0), {})
        _, result = self.audit("--workspace", "ml-prd", status=2)
        self.assertIn("no workspace 'ml-prd'", result.err)

    def test_name_stands_for_all_that_names_break(self):
        codes = "format case character length team environment purpose empty-part".split()
        bad = self.violations("--violation", "name")
        self.assertEqual(bad, self.violations(*(word for code in codes for word in ("--violation", code))))
        self.assertIn("apikey_02", bad)

    def test_a_table_has_a_line_for_each_violation(self):
        _, result = self.audit("--violation", "age")
        line = result.text.splitlines()[1].split("\t")
        self.assertEqual(line[:5], ["apikey_03", "ml-prod-aged", "ml-prod", "90", "age"])
        self.assertIn("at most 90d are allowed", line[5])
        _, result = self.audit("-o", "csv", "--violation", "org-scope")
        [row] = csv.DictReader(io.StringIO(result.text), strict=True)
        self.assertEqual((row["workspace"], row["code"]), ("organisation-wide", "org-scope"))

    def test_the_standard_holds_without_a_policy(self):
        api = self.api(organization())
        result = self.ctl(api, "keys", "audit", "-o", "jsonl", "--violation", "no-expiry")
        if os.path.exists("/etc/skant/policy.yaml"):
            self.skipTest("this machine has a policy")
        self.assertEqual((result.status, result.text), (0, ""), result.err)
        self.assertIn("no file was found", result.err)

    def test_an_organisation_without_keys_breaks_nothing(self):
        _, result = self.audit("-o", "json", keys=[], status=0)
        self.assertEqual(json.loads(result.text), [])

    def test_names_show_no_control_characters(self):
        odd = [key(1, "a\u001b[31m\nb\u202e{x}")]
        _, result = self.audit(keys=odd)
        self.assertNotIn("\u001b", result.text)
        self.assertEqual(len(result.text.splitlines()), 1 + len(self.violations(keys=odd)["apikey_01"]))


class Refused(CtlTest):
    def test_usage_that_is_refused_is_said_and_not_taken_for_none(self):
        api = self.api(organization(**{USAGE: refusal(403, "permission_error", "no")}))
        result = self.ctl(api, "keys", "audit")
        self.assert_fails(result, 3, "whether keys are used", "--violation")
        self.assertEqual(result.text, "")

    def test_usage_errors_come_before_any_request(self):
        api = self.api(organization())
        self.assert_fails(self.ctl(api, "keys", "audit", "--violation", "old"), 2, "'old'")
        self.assert_fails(self.ctl(api, "keys", "audit", "--dialect", "cca"), 2, "cca")
        self.assert_fails(self.ctl(api, "keys", "audit", "--policy", "nowhere.yaml"), 2, "nowhere.yaml")
        self.write("bad.yaml", "version: 1\nrotation: {max_agee: 1d}\n")
        self.assert_fails(self.ctl(api, "keys", "audit", "--policy", "bad.yaml"), 2, "bad.yaml:2:12:", "max_age")
        self.assert_fails(self.ctl(api, "keys", "list", "-o", "sarif"), 2, "keys audit")
        self.assertEqual(api.asked, [])


class Reports(CtlTest):
    """The formats that other programs read."""
    odd = KEYS + [key(19, "a<b>&\"{0}\u0001\ufffe", workspace_id="wrkspc_77")]

    def report(self, form, keys=None):
        api = self.api(organization(keys=self.odd if keys is None else keys))
        self.write("policy.yaml", POLICY)
        return self.ctl(api, "keys", "audit", "--policy", "policy.yaml", "-o", form)

    def test_junit_has_a_case_for_each_key_and_a_failure_for_each_violation(self):
        result = self.report("junit")
        self.assertEqual(result.status, 1)
        suite = xml.etree.ElementTree.fromstring(result.text)[0]
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("16", "13"))
        cases = {c.get("name"): [f.get("type") for f in c] for c in suite}
        self.assertEqual(cases["ml-prod-aged (apikey_03)"], ["age"])
        self.assertEqual(cases["ml-prod-inference (apikey_01)"], [])
        self.assertEqual(self.report("junit", keys=[KEYS[0]]).status, 0)

    def test_sarif_has_a_result_for_each_violation(self):
        [run] = json.loads(self.report("sarif").text)["runs"]
        rules = [r["id"] for r in run["tool"]["driver"]["rules"]]
        self.assertEqual(rules, CODES)
        for r in run["results"]:
            self.assertEqual(rules[r["ruleIndex"]], r["ruleId"])
        aged = [r for r in run["results"] if r["ruleId"] == "age"]
        self.assertEqual([r["partialFingerprints"]["skantKey/v1"] for r in aged], ["apikey_03:age"])
        self.assertEqual(aged[0]["locations"][0]["logicalLocations"][0]["fullyQualifiedName"], "ml-prod/ml-prod-aged")

    @unittest.skipUnless(jsonschema, "jsonschema for Python is not installed")
    def test_sarif_is_what_its_schema_wants(self):
        folder, why = multitool()
        if not folder:
            self.skipTest(why)
        with open(os.path.join(folder, "sarif-2.1.0.json"), encoding="utf-8") as f:
            schema = json.load(f)
        validator = jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())
        for keys in (None, [], [KEYS[0]]):
            report = json.loads(self.report("sarif", keys).text)
            self.assertEqual([e.message for e in validator.iter_errors(report)], [])


class AgainstTheMock(CtlTest):
    def test_removed_users_keys_are_found_and_service_accounts_left_alone(self):
        with Mock(keys=200) as mock:
            env = self.env(**mock.env("admin"))
            keys = self.ctl(None, "keys", "list", "-o", "jsonl", "--status", "active", env=env).records
            users = {u["id"]: u["role"] for u in self.ctl(None, "users", "list", "-o", "jsonl", env=env).records}
            owner = next(k["created_by"]["id"] for k in keys if users.get(k["created_by"]["id"], "admin") != "admin")
            before = self.ctl(None, "keys", "audit", "-o", "jsonl", env=env)
            self.assertEqual(before.status, 1, before.err)
            self.assert_done(self.ctl(None, "users", "remove", owner, "--yes", env=env))
            after = self.ctl(None, "keys", "audit", "-o", "jsonl", "--violation", "creator-gone", env=env)
            orphans = {k["id"] for k in keys if k["created_by"]["id"] == owner}
            self.assertEqual({r["id"] for r in after.records}, orphans)
            self.assertEqual({r["created_by"] for r in after.records}, {owner})
            codes = {v["code"] for r in before.records for v in r["violations"]}
            self.assertLessEqual({"age", "org-scope", "default-workspace", "format"}, codes)


if __name__ == "__main__":
    unittest.main()
