# SPDX-License-Identifier: Apache-2.0
"""skantctl auth check, verify, keys export: what is told about keys, and never the keys."""
import unittest

from skantctl_support import ACTIVITIES, KEYS, ORG, ORGANIZATION_ID, CtlTest, Reply, listing, refusal
from support import make_key, secret_id

ORGANIZATION = {"id": ORGANIZATION_ID, "type": "organization", "name": "Example"}
INVALID = refusal(401, "authentication_error", "invalid x-api-key")


def by_key(answers):
    """A route that answers by the key that comes with the request; others are dead."""
    def answer(request):
        found = answers.get(request.key, INVALID)
        return found(request) if callable(found) else found
    return answer


class Verify(CtlTest):
    def verify(self, routes, *keys, own=(), args=("-o", "jsonl")):
        api = self.api(routes)
        result = self.ctl(api, "verify", *args, keys=own, stdin="".join(key + "\n" for key in keys).encode())
        for key in keys:
            if key.startswith("sk-ant-"):
                self.assertNotIn(key, result.text + result.err)
        return api, result

    def test_live_and_dead(self):
        dead = make_key(11)
        api, result = self.verify({"GET /v1/models": by_key({KEYS["api"]: listing([])})}, KEYS["api"], dead)
        self.assert_done(result)
        live, gone = result.records
        self.assertEqual((live["verified"], live["kind"], live["restricted"], live["reasons"]), ("live", "api", False, []))
        self.assertEqual(live["secret_id"], secret_id(KEYS["api"]))
        self.assertEqual(live["masked"], KEYS["api"][:16] + "..." + KEYS["api"][-4:])
        self.assertEqual(live["organization_id"], ORGANIZATION_ID)
        self.assertEqual((gone["verified"], gone["reasons"]), ("dead", ["401 authentication_error: invalid x-api-key"]))
        self.assertEqual(api.asked, ["GET /v1/models"] * 2)
        self.assertEqual(api.requests[0].one("limit"), "1")

    def test_each_kind_has_its_question(self):
        api, result = self.verify({"GET /v1/models": listing([]), f"GET {ORG}/me": Reply(ORGANIZATION),
                                   f"GET {ACTIVITIES}": listing([])}, *[KEYS[k] for k in ("admin", "compliance", "oauth")])
        self.assertEqual(api.asked, [f"GET {ORG}/me", f"GET {ACTIVITIES}", "GET /v1/models"])
        self.assertEqual([r["verified"] for r in self.assert_done(result).records], ["live"] * 3)
        self.assertEqual(api.requests[2].headers["authorization"], "Bearer " + KEYS["oauth"])
        self.assertNotIn("x-api-key", api.requests[2].headers)

    def test_missing_scopes_mean_life(self):
        message = "Missing required scopes. Got: ['read:analytics'] Needed: ['read:compliance_activities']"
        _, result = self.verify({f"GET {ACTIVITIES}": refusal(403, "permission_error", message)}, KEYS["compliance"])
        row = self.assert_done(result).records[0]
        self.assertEqual((row["verified"], row["restricted"]), ("live", True))
        self.assertIn("read:analytics", row["reasons"][0])

    def test_what_cannot_be_told_is_unknown(self):
        unsupported = refusal(401, "authentication_error", "OAuth authentication is currently not supported.")
        _, result = self.verify({"GET /v1/models": unsupported}, KEYS["oauth"])
        self.assertEqual(self.assert_done(result).records[0]["verified"], "unknown")
        disabled = refusal(400, "invalid_request_error", "This organization has been disabled.")
        _, result = self.verify({"GET /v1/models": disabled}, KEYS["api"])
        self.assertEqual(result.records[0]["verified"], "dead")

    def test_a_server_in_trouble_leaves_it_unknown(self):
        _, result = self.verify({"GET /v1/models": refusal(503, "api_error", "later")}, KEYS["api"],
                                args=("-o", "jsonl", "--max-retries", "0"))
        self.assertEqual(result.status, 75)
        self.assertEqual(result.records[0]["verified"], "unknown")

    def test_what_is_never_sent(self):
        refresh, session = make_key(5, "sk-ant-" + "ort01-"), make_key(6, "sk-ant-" + "sid01-")
        api, result = self.verify({}, refresh, session, "not a key", "sk-ant-" + "zz99-" + "x" * 40)
        self.assertEqual(api.requests, [])
        self.assertEqual([(r["kind"], r["verified"]) for r in self.assert_done(result).records],
                         [("oauth-refresh", "unknown"), ("session", "unknown"), ("unknown", "unknown"), ("unknown", "unknown")])
        for row in result.records:
            self.assertIn("not checked", row["reasons"][0])

    def test_ours_or_a_strangers(self):
        foreign = make_key(12)
        answers = {KEYS["api"]: listing([]), foreign: Reply({"data": [], "has_more": False},
                                                             anthropic_organization_id="another")}
        api, result = self.verify({"GET /v1/models": by_key(answers), f"GET {ORG}/me": Reply(ORGANIZATION)}, KEYS["api"], foreign, own=("admin",))
        self.assertEqual([r["ours"] for r in self.assert_done(result).records], [True, False])
        self.assertEqual(api.asked.count(f"GET {ORG}/me"), 1)

    def test_a_table(self):
        _, result = self.verify({"GET /v1/models": listing([])}, KEYS["api"], args=())
        lines = self.assert_done(result).text.splitlines()
        self.assertEqual(lines[0], "KEY\tKIND\tVERIFIED\tRESTRICTED\tREASONS\tORGANIZATION ID\tOURS\tSECRET ID")
        self.assertIn("\tapi\tlive\tfalse\t\t", lines[1])

    def test_empty_lines_and_no_input(self):
        api, result = self.verify({}, "", "  ")
        self.assertEqual((self.assert_done(result).text, api.requests), ("", []))


class AuthCheck(CtlTest):
    ROUTES = {f"GET {ORG}/me": Reply(ORGANIZATION), f"GET {ORG}/users": listing([]), f"GET {ORG}/api_keys": listing([]),
              f"GET {ACTIVITIES}": listing([]), "GET /v1/models": listing([]),
              "GET /v1/compliance/organizations": Reply({"data": [], "has_more": False, "next_page": None})}

    def check(self, keys, routes=None, **env):
        api = self.api({**self.ROUTES, **(routes or {})})
        result = self.ctl(api, "auth", "check", "-o", "jsonl", "--max-retries", "0", env=self.ctl_env(api, keys, **env))
        return {row["credential"]: row for row in result.records}, result

    def test_what_each_may_do(self):
        rows, result = self.check(("api", "admin", "compliance", "oauth"))
        self.assert_done(result)
        self.assertEqual(rows["api"]["may"], ["models"])
        self.assertEqual(rows["admin"]["may"], ["organization", "users", "keys", "activities"])
        self.assertEqual(rows["compliance"]["may"], ["activities", "directory"])
        self.assertEqual(rows["oauth"]["may"], ["organization", "keys"])
        self.assertEqual(rows["admin"]["organization"], "Example")
        self.assertEqual(rows["admin"]["source"], "$ANTHROPIC_ADMIN_KEY")
        self.assertEqual({row["status"] for row in rows.values()}, {"live"})

    def test_what_is_not_set(self):
        rows, result = self.check(("api",))
        self.assert_done(result)
        self.assertEqual(rows["admin"]["status"], "unset")
        rows, result = self.check(())
        self.assertEqual(result.status, 2)

    def test_a_dead_one(self):
        rows, result = self.check(("api", "admin"), {"GET /v1/models": INVALID})
        self.assertEqual(result.status, 1)
        self.assertEqual((rows["api"]["status"], rows["admin"]["status"]), ("dead", "live"))
        self.assertIn("invalid x-api-key", rows["api"]["notes"][0])

    def test_one_of_another_kind(self):
        rows, result = self.check((), ANTHROPIC_ADMIN_KEY=KEYS["api"])
        self.assertEqual(result.status, 1)
        self.assertEqual(rows["admin"]["status"], "wrong")
        self.assertIn("admin", rows["admin"]["notes"][0])

    def test_one_that_may_only_some(self):
        rows, result = self.check(("admin",), {f"GET {ACTIVITIES}": refusal(403, "permission_error", "not for this key")})
        self.assert_done(result)
        self.assertEqual((rows["admin"]["status"], rows["admin"]["may"]), ("live", ["organization", "users", "keys"]))
        self.assertEqual(rows["admin"]["notes"], ["activities: 403 permission_error: not for this key"])

    def test_a_server_in_trouble(self):
        rows, result = self.check(("api",), {"GET /v1/models": refusal(529, "overloaded_error", "Overloaded")})
        self.assertEqual((result.status, rows["api"]["status"]), (75, "unknown"))

    def test_cca(self):
        api = self.api({"GET /v1/admin/users": Reply({"data": [], "has_more": False, "next_page": None}),
                        "POST /v1/admin/compliance/activities/query": Reply({"data": [], "has_more": False, "next_page": None})})
        result = self.ctl(api, "auth", "check", "--dialect", "cca", "-o", "jsonl")
        rows = {row["credential"]: row for row in self.assert_done(result).records}
        self.assertEqual(rows["admin"]["may"], ["users", "activities"])


class Export(CtlTest):
    def key(self, n, **more):
        return {"id": f"apikey_{n}", "type": "api_key", "name": f"key {n}", "partial_key_hint": "sk-ant-" + "api03-R2D...igAA",
                "status": "active", "created_at": "2026-01-01T00:00:00Z", "created_by": {"id": "user_1", "type": "user"},
                "expires_at": None, "workspace_id": None, "scope": None, "principal": None, **more}

    def test_the_inventory(self):
        keys = [self.key(1, workspace_id="wrkspc_1", expires_at="2027-01-01T00:00:00Z"),
                self.key(2, scope={"type": "workspace", "workspace_id": "wrkspc_default"}),
                self.key(3, scope={"type": "organization"}),
                self.key(4, workspace_id="wrkspc_gone", created_by=None, partial_key_hint=None)]
        api = self.api({f"GET {ORG}/me": Reply(ORGANIZATION), f"GET {ORG}/api_keys": listing(keys),
                        f"GET {ORG}/workspaces": listing([{"id": "wrkspc_1", "name": "ml"}])})
        done = self.assert_done(self.ctl(api, "keys", "export"))
        head, *rows = done.records
        self.assertEqual((head["schema"], head["organization_id"]), ("skant-inventory/1", ORGANIZATION_ID))
        self.assertRegex(head["exported_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        hint = "sk-ant-" + "api03-R2D...igAA"
        self.assertEqual(rows[0], {"id": "apikey_1", "name": "key 1", "hint": hint, "status": "active",
                                   "workspace_id": "wrkspc_1", "workspace": "ml", "created_at": "2026-01-01T00:00:00Z",
                                   "expires_at": "2027-01-01T00:00:00Z", "created_by": "user_1"})
        self.assertEqual((rows[1]["workspace_id"], rows[1]["workspace"]), ("wrkspc_default", "Default"))
        self.assertNotIn("workspace", rows[2])
        self.assertEqual(rows[3], {"id": "apikey_4", "name": "key 4", "status": "active", "workspace_id": "wrkspc_gone",
                                   "created_at": "2026-01-01T00:00:00Z"})
        self.assertEqual(next(r for r in api.requests if r.path == f"{ORG}/workspaces").one("include_archived"), "true")

    def test_nothing_half_is_printed(self):
        pages = [Reply({"data": [self.key(1)], "has_more": True, "first_id": "a", "last_id": "b"}),
                 refusal(403, "permission_error", "no more")]
        api = self.api({f"GET {ORG}/me": Reply(ORGANIZATION), f"GET {ORG}/api_keys": pages,
                        f"GET {ORG}/workspaces": listing([])})
        done = self.assert_fails(self.ctl(api, "keys", "export"), 3, "no more")
        self.assertEqual(done.text, "")


if __name__ == "__main__":
    unittest.main()
