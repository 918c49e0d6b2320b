# SPDX-License-Identifier: Apache-2.0
"""skantctl policy: what the policy says, whether it is sound, and what in it the organisation does not have."""
import json
import os
import unittest

from skantctl_support import ORG, CtlTest, Reply, listing, refusal

POLICY = """version: 1
names: {teams: [ml, backend]}
rotation: {max_age: 45d}
models: {default: {allow: ['claude-haiku-4-5-*']}, workspaces: {ml-prod: {pinned_only: true}}}
budgets:
  - {workspace: ml-prod, monthly: 20000, daily: '800.50', alert_at: [50, 80, 95]}
  - {department: legal, monthly: 9000}
departments: {legal: {workspaces: [legal-prod], regulated: true}}
data: {retention: {default: 365d, regulated: 7y}, allowed_inference_geos: [us, eu]}
access: {max_admins: 5, allowed_email_domains: [example.com]}
"""
HAS_USUAL = os.path.exists("/etc/skant/policy.yaml")


class Show(CtlTest):
    def show(self, *args, status=0):
        result = self.ctl(None, "policy", "show", *args, keys=())
        self.assertEqual(result.status, status, result.err)
        return result

    def test_what_is_shown_reads_back_to_the_same_policy(self):
        self.write("policy.yaml", POLICY)
        for form in ("yaml", "json", "jsonl", "table"):
            first = self.show("--policy", "policy.yaml", "-o", form).text
            self.write("again.yaml", first)
            self.assertEqual(self.show("--policy", "again.yaml", "-o", form).text, first, form)

    def test_defaults_are_filled_in(self):
        self.write("policy.yaml", POLICY)
        shown = json.loads(self.show("--policy", "policy.yaml", "-o", "json").text)
        self.assertEqual(list(shown), ["version", "names", "rotation", "keys", "models", "budgets", "departments", "data",
                                       "access"])
        self.assertEqual(shown["rotation"], {"warn_after": "30d", "max_age": "45d", "unused_after": "30d"})
        self.assertEqual(shown["models"]["workspaces"],
                         {"ml-prod": {"allow": ["claude-haiku-4-5-*"], "pinned_only": True}})
        self.assertEqual(shown["budgets"], [
            {"workspace": "ml-prod", "daily": "800.5", "alert_at": [50, 80, 95]},
            {"workspace": "ml-prod", "monthly": "20000", "alert_at": [50, 80, 95]},
            {"department": "legal", "monthly": "9000", "alert_at": [50, 80, 95]}])
        self.assertEqual(shown["access"]["review_every"], "90d")

    @unittest.skipIf(HAS_USUAL, "this machine has a policy")
    def test_the_template_is_the_standard(self):
        self.write("template.yaml", self.ctl(None, "policy", "template", keys=()).text)
        template, standard = self.show("--policy", "template.yaml"), self.show()
        self.assertEqual(template.text, standard.text)
        self.assertIn("no file was found", standard.err)

    def test_the_file_is_the_options_before_the_environments(self):
        self.write("a.yaml", "version: 1\naccess: {max_admins: 1}\n")
        self.write("b.yaml", "version: 1\naccess: {max_admins: 2}\n")
        for args, admins in ((["--policy", "b.yaml"], 2), ([], 1)):
            result = self.ctl(None, "policy", "show", "-o", "jsonl", *args, env=self.env(SKANT_POLICY="a.yaml"))
            self.assertEqual(self.assert_done(result).records[0]["access"]["max_admins"], admins)

    def test_what_cannot_be_shown_is_refused(self):
        self.write("bad.yaml", "version: 1\nbudgets:\n  - {team: ml, monthly: 5 EUR}\n")
        self.assert_fails(self.show("--policy", "bad.yaml", status=2), 2, "bad.yaml:3:25:", "US dollars")
        self.assert_fails(self.show("-o", "csv", status=2), 2, "no rows")
        self.assert_fails(self.show("--policy", "nowhere.yaml", status=2), 2, "nowhere.yaml")


class Check(CtlTest):
    NOT_SHOWN = [("note", "data.allowed_inference_geos", "not-shown"), ("note", "data.retention", "not-shown"),
                 ("note", "data.include_content", "not-shown")]

    def check(self, policy=POLICY, *args, status=0, keys=("admin",), geos=("us",), recording="enabled", **routes):
        api = self.api({
            f"GET {ORG}/api_keys": listing([{"id": "apikey_1", "name": "ml-prod-inference", "status": "active",
                                             "workspace_id": "wrkspc_1"}]),
            f"GET {ORG}/workspaces": listing([{
                "id": "wrkspc_1", "type": "workspace", "name": "ml-prod",
                "data_residency": {"workspace_geo": "us", "default_inference_geo": "us",
                                   "allowed_inference_geos": geos}}]),
            f"GET {ORG}/compliance_settings": Reply({"type": "compliance_settings",
                                                           "state": {"type": recording}}), **routes})
        self.write("policy.yaml", policy)
        result = self.ctl(api, "policy", "check", "--policy", "policy.yaml", *args, keys=keys)
        self.assertEqual(result.status, status, result.err)
        return api, result

    @staticmethod
    def codes(result):
        return [(r["level"], r["section"], r["code"]) for r in result.records]

    def test_what_the_organisation_does_not_have_is_told(self):
        _, result = self.check(POLICY, "-o", "jsonl", status=1)
        self.assertEqual(self.codes(result), [("note", "names.teams", "unused-team"),
                                              ("problem", "departments", "unknown-workspace"), *self.NOT_SHOWN])
        self.assertIn("1 problem, 4 notes", result.err)

    def test_a_policy_that_fits_is_sound(self):
        _, result = self.check(POLICY.replace("legal-prod", "ml-prod").replace("ml, backend", "ml"), "-o", "jsonl")
        self.assertEqual(self.codes(result), self.NOT_SHOWN)
        self.assertIn("policy.yaml is sound; 0 problems", result.err)

    def test_regions_and_an_audit_feed_that_is_off_are_problems(self):
        fitting = POLICY.replace("legal-prod", "ml-prod").replace("ml, backend", "ml")
        _, result = self.check(fitting, "-o", "jsonl", status=1, geos="unrestricted", recording="disabled")
        self.assertEqual(self.codes(result), [("problem", "departments", "audit-off"),
                                              ("problem", "data.allowed_inference_geos", "region"), *self.NOT_SHOWN])
        _, result = self.check(fitting, "-o", "jsonl", status=1, geos=["us", "apac"])
        self.assertIn("'apac'", result.records[0]["message"])

    def test_an_api_that_does_not_tell_whether_it_records_is_a_note(self):
        fitting = POLICY.replace("legal-prod", "ml-prod").replace("ml, backend", "ml")
        _, result = self.check(fitting, "-o", "jsonl",
                               **{f"GET {ORG}/compliance_settings": refusal(403, "permission_error", "no")})
        self.assertEqual(self.codes(result), [("note", "departments", "not-shown"), *self.NOT_SHOWN])

    def test_without_an_admin_key_only_the_file_is_checked(self):
        for args, keys, why in (((), (), "no admin key is set"), (("--dialect", "cca"), ("admin",), "cca")):
            api, result = self.check(POLICY, "-o", "jsonl", *args, keys=keys)
            self.assertEqual(api.asked, [])
            self.assertEqual(self.codes(result), [
                *(("note", section, "not-checked") for section in ("names.teams", "models.workspaces", "budgets", "departments",
                                                                   "departments", "data.allowed_inference_geos")),
                *self.NOT_SHOWN[1:]])
            self.assertTrue(all(why in r["message"] for r in result.records[:6]), result.records)
            self.assertNotIn("sound", result.err)
            self.assertIn("0 problems in what was checked, 8 notes; of 6 parts the organisation was not asked", result.err)
        _, result = self.check("version: 1\ndata: {include_content: false}\n", "-o", "jsonl")
        self.assertEqual(self.codes(result), self.NOT_SHOWN[2:])

    def test_a_model_that_nobody_has_is_told_with_its_place(self):
        text = "version: 1\nmodels:\n  default: {allow: [claude-sonet-5, claude-opus-7, 'claude-next-*']}\n"
        listed = {"GET /v1/models": listing([{"id": "claude-opus-7", "type": "model", "display_name": "Opus 7",
                                              "created_at": "2026-11-20T00:00:00Z"}])}
        _, result = self.check(text, "-o", "jsonl", status=1, keys=("admin", "api"), **listed)
        self.assertEqual(self.codes(result), [("problem", "models.default", "unknown-model"),
                                              ("note", "models.default", "unmatched-pattern")])
        self.assertIn("policy.yaml:3:21: no model that is known is called 'claude-sonet-5'; did you mean 'claude-sonnet-5'?",
                      result.records[0]["message"])
        _, result = self.check(text, "-o", "jsonl", "--dialect", "cca", status=1, keys=("admin", "api"), **listed)
        self.assertEqual(self.codes(result)[0], ("problem", "models.default", "unknown-model"))
        for keys, why in (((), "no API key is set"), (("api",), "permission_error")):
            _, result = self.check(text, "-o", "jsonl", keys=keys,
                                   **{"GET /v1/models": refusal(403, "permission_error", "no")})
            self.assertEqual([r["level"] for r in result.records], ["note"] * 3)
            self.assertIn(why, result.records[1]["message"])

    def test_a_file_that_is_wrong_is_said_before_any_request(self):
        api, result = self.check("version: 1\ndepartments: {a: {workspaces: [x]}, b: {workspaces: [x]}}\n", status=2)
        self.assert_fails(result, 2, "policy.yaml:2:54:", "'a' on line 2")
        self.assertEqual(api.asked, [])

    def test_an_api_that_refuses_is_no_verdict(self):
        _, result = self.check(status=3, **{f"GET {ORG}/api_keys": refusal(403, "permission_error", "no")})
        self.assert_fails(result, 3, "permission_error")

    @unittest.skipIf(HAS_USUAL, "this machine has a policy")
    def test_no_policy_at_all_is_a_matter_of_usage(self):
        self.assert_fails(self.ctl(None, "policy", "check", keys=()), 2, "/etc/skant/policy.yaml")


if __name__ == "__main__":
    unittest.main()
