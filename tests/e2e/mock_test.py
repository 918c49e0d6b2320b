# SPDX-License-Identifier: Apache-2.0
"""The mock of the provider's API itself: what it checks, how it pages, how its reports add up."""
import gzip
import json
import os
import ssl
import stat
import subprocess
import unittest
from decimal import Decimal

from mockapi import ACTIVITIES, CCA, CLOCK, COMPLIANCE, MOCK, ORG, Mock, MockTest

QUERY = CCA + "/compliance/activities/query"
MESSAGE = {"model": "claude-opus-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}


class Program(MockTest):
    def test_credentials_have_the_providers_shapes_and_are_private(self):
        with Mock() as mock:
            for kind, prefix, length in (("api", "api03", 108), ("admin", "admin01", 110), ("compliance", "api01", 108),
                                         ("oauth", "oat01", 108)):
                key = mock.key(kind)
                self.assertEqual((len(key), key[-2:]), (length, "AA"))
                self.assertTrue(key.startswith("sk-ant-" + prefix + "-"))
                self.assertEqual(stat.S_IMODE(os.stat(mock.credential_file(kind)).st_mode), 0o600)

    def test_the_seed_decides_everything(self):
        texts = []
        for seed in (1, 1, 2):
            with Mock(seed=seed, **CLOCK) as mock:
                texts.append([mock.get(path).body for path in (ORG + "/users", ORG + "/api_keys", ACTIVITIES)])
        self.assertEqual(texts[0], texts[1])
        self.assertNotEqual(texts[0], texts[2])

    def test_the_log_names_headers_but_no_credential(self):
        mock = self.mock()
        key = mock.key("admin")
        mock.get(ORG + "/users", query={"limit": 2})
        mock.get(ORG + "/users", query={"email": key})
        mock.stop()
        line = mock.lines[0]
        self.assertEqual((line["method"], line["path"], line["query"], line["credential"], line["status"]),
                         ("GET", ORG + "/users", "limit=2", "admin", 200))
        self.assertIn("x-api-key", line["headers"])
        self.assertNotIn(key, json.dumps(mock.lines))

    def test_a_request_that_ought_not_to_have_been_sent_makes_the_end_fail(self):
        mock = self.mock()
        mock.get(ORG + "/nothing")
        self.assertIn("/nothing", mock.state()["unexpected"][0])
        mock.stop(1)
        self.assertIn("unexpected: GET /v1/organizations/nothing", mock.stderr)
        for allowed in ({"lenient": True}, {"script": {"expect_error": [{"path": ORG + "/noth*"}]}}):
            with Mock(**allowed) as mock:
                self.assertEqual(mock.get(ORG + "/nothing").status, 404)

    def test_an_expected_error_is_expected_so_often(self):
        mock = self.mock({"expect_error": [{"path": "/v1/x", "times": 1}]})
        mock.get("/v1/x")
        mock.get("/v1/x")
        self.assertEqual((len(mock.state()["unexpected"]), mock.state()["expected"]), (1, [1]))
        mock.stop(1)

    def test_it_ends_with_the_program_that_started_it(self):
        mock = self.mock()
        mock.process.stdin.close()
        self.assertEqual(mock.process.wait(60), 0)

    def test_mistakes_on_the_command_line_are_told(self):
        for args, part in ((["--activities", "x"], "--activities"), (["--start", "yesterday"], "--start"),
                           (["--activitys=1"], "did you mean '--activities'?"), (["--listen", "here"], "--listen"),
                           (["--tls", "/nonexistent"], "/nonexistent"), (["--users", "0"], "--users"),
                           (["--now=2026-01-01T00:00:10Z", "--start=2026-01-01T00:00:00Z", "--activities=900"], "226")):
            done = subprocess.run([MOCK, *args], capture_output=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 2, args)
            self.assertIn(part, done.stderr.decode())
        self.assertIn(b"--prerender", subprocess.run([MOCK, "--help"], capture_output=True, check=True).stdout)

    def test_a_script_with_a_mistake_is_refused(self):
        mock = self.mock()
        for script, part in (({"fault": []}, "faults and expect_error"), ({"faults": [{}]}, "'do'"),
                             ({"faults": [{"do": {"stats": 1}}]}, "unknown key 'stats'"),
                             ({"faults": [{"do": {"status": "x"}}]}, "'status' has a wrong value"),
                             ({"expect_error": [{"pth": "x"}]}, "unknown key 'pth'")):
            reply = mock.ask("POST", "/__mock/script", None, script)
            self.assertEqual(reply.status, 400)
            self.assertIn(part, reply.error[1])
        mock.stop()

    def test_certificates_are_what_their_names_say(self):
        for cert, part in (("wrong-host", "Hostname mismatch"), ("expired", "expired"), ("untrusted", "self-signed")):
            with Mock(cert=cert) as mock:
                with self.assertRaises(ssl.SSLCertVerificationError) as caught:
                    mock.get(ORG + "/me")
                self.assertIn(part, str(caught.exception))
        with Mock(plain=True) as mock:
            self.assertEqual(mock.get(ORG + "/me").status, 200)

    def test_the_clock_stands_or_is_moved(self):
        with Mock(**CLOCK) as mock:
            self.assertEqual(mock.state()["now"], "2026-11-01T12:00:00Z")
            self.assertEqual(mock.advance(90)["now"], "2026-11-01T12:01:30Z")
            self.assertEqual(mock.get(ORG + "/me").headers["date"], "Sun, 01 Nov 2026 12:01:30 GMT")

    def test_connections_are_kept_open_and_counted(self):
        with Mock() as mock:
            connection = mock.connection()
            for _ in range(5):
                self.assertEqual(mock.get(ORG + "/me", connection=connection).status, 200)
            self.assertEqual(mock.state()["connections"], 2)
            connection.close()


class Checks(MockTest):
    """What is refused, and which refusals blame the client."""

    def ask_all(self, cases, options=None):
        mock = self.mock(**(options or {}))
        for call, status, kind, message, is_blamed in cases:
            before = len(mock.state()["unexpected"])
            self.assert_refused(call(mock), status, kind, message)
            self.assertEqual(len(mock.state()["unexpected"]) - before, is_blamed, message)

    def test_headers(self):
        invalid = "invalid_request_error"
        self.ask_all([
            (lambda m: m.get(ORG + "/me", anthropic_version=None), 400, invalid, "anthropic-version", 1),
            (lambda m: m.get(ORG + "/me", anthropic_version="2019-01-01"), 400, invalid, "anthropic-version", 1),
            (lambda m: m.ask("POST", ORG + "/users/user_01", body={"role": "user"}, content_type=None), 400, invalid,
             "content-type", 1),
            (lambda m: m.get(ORG + "/me", authorization="Bearer x"), 400, invalid, "Both", 1),
        ])

    def test_credentials(self):
        auth, denied = "authentication_error", "permission_error"
        revoked = "The API key provided is invalid or has been revoked."
        self.ask_all([
            (lambda m: m.get(ORG + "/me", None), 401, auth, "required", 0),
            (lambda m: m.get(ORG + "/me", None, x_api_key="no"), 401, auth, "invalid x-api-key", 0),
            (lambda m: m.get(ACTIVITIES, None, x_api_key="no"), 401, auth, revoked, 0),
            (lambda m: m.get(ORG + "/me", "api"), 403, denied, "", 0),
            (lambda m: m.get(ACTIVITIES, "oauth"), 403, denied, "", 0),
            (lambda m: m.get(COMPLIANCE + "/groups", "admin"), 403, denied, "", 0),
            (lambda m: m.get(CCA + "/users", "compliance"), 403, denied, "", 0),
            (lambda m: m.get("/v1/models", "oauth"), 401, auth, "OAuth", 0),
            (lambda m: m.get(ORG + "/users", "compliance"), 403, denied,
             "Missing required scopes. Got: ['read:compliance_activities', 'read:compliance_user_data', "
             "'read:compliance_org_data'] Needed: ['read:members']", 0),
        ])
        with Mock(scopes="read:members") as mock:
            self.assertEqual(mock.get(ORG + "/users", "compliance").status, 200)
            self.assertEqual(mock.get(ACTIVITIES, "compliance").status, 403)
            self.assertEqual(mock.get("/v1/models", "oauth", anthropic_beta="oauth-2025-04-20").status, 200)
            ours = mock.get("/v1/models", "api").headers
            foreign = mock.get("/v1/models", "foreign").headers
            self.assertNotEqual(ours["anthropic-organization-id"], foreign["anthropic-organization-id"])
            self.assertTrue(ours["anthropic-workspace-id"].startswith("wrkspc_"))

    def test_routes(self):
        self.ask_all([
            (lambda m: m.get("/v2/x"), 404, "not_found_error", "", 1),
            (lambda m: m.get(ORG + "/users/"), 404, "not_found_error", "", 1),
            (lambda m: m.ask("DELETE", ORG + "/api_keys/apikey_01"), 405, "invalid_request_error", "Method", 1),
            (lambda m: m.ask("PUT", QUERY), 405, "invalid_request_error", "Method", 1),
            (lambda m: m.ask("DELETE", QUERY), 405, "invalid_request_error", "Method", 1),
            (lambda m: m.get(ORG + "/users/user_01nobody"), 404, "not_found_error", "User", 0),
            (lambda m: m.get(COMPLIANCE + "/organizations/nowhere/users", "compliance"), 404, "not_found_error", "", 0),
            (lambda m: m.get("/v1/models/claude-none", "api"), 404, "not_found_error", "claude-none", 0),
        ])

    def test_parameters(self):
        bad, usage = "invalid_request_error", ORG + "/usage_report/messages"
        cases = [
            (ORG + "/users", {"foo": 1}, "Unknown query parameter: 'foo'."),
            (ORG + "/users", {"limit": 0}, "The limit parameter must be between 1 and 1000, inclusive. Got 0."),
            (ORG + "/users", {"limit": 1001}, "between 1 and 1000"),
            (ORG + "/users", {"limit": "ten"}, "integer"),
            (ORG + "/users", {"roles[]": "chef"}, "roles[]"),
            (ORG + "/users", [("limit", 1), ("limit", 2)], "once"),
            (ORG + "/users", {"after_id": "apikey_01"}, "after_id"),
            (ORG + "/workspaces", {"include_archived": "yes"}, "true or false"),
            (ORG + "/api_keys", {"status": "live"}, "status"),
            (ACTIVITIES, {"limit": 5001}, "The limit parameter must be between 1 and 5000, inclusive. Got 5001."),
            (ACTIVITIES, {"order": "up"}, "order"),
            (ACTIVITIES, {"created_at.gte": "2026-01-01"}, "created_at.gte"),
            (ACTIVITIES, {"created_at.lt": "2026-01-01T00:00:00"}, "time zone"),
            (ACTIVITIES, {"actor_ids[]": "apikey_01"}, "actor_ids[]"),
            (ACTIVITIES, {"after_id": "a", "before_id": "b"}, "after_id, before_id"),
            (ACTIVITIES, {"after_id": "nonsense"},
             'Invalid `after_id`. No activity found for `after_id` "nonsense"'),
            (usage, {}, "starting_at: Field required"),
            (usage, {"starting_at": "2026-01-01T00:00:00Z", "bucket_width": "1w"}, "bucket_width"),
            (usage, {"starting_at": "2026-01-01T00:00:00Z", "limit": 32}, "between 1 and 31"),
            (usage, {"starting_at": "2026-01-01T00:00:00Z", "page": "page_1"}, "page"),
            (usage, {"starting_at": "2026-01-02T00:00:00Z", "ending_at": "2026-01-01T00:00:00Z"}, "ending_at"),
            (usage, {"starting_at": "2026-01-01T00:00:00Z", "group_by[]": "colour"}, "group_by[]"),
            (ORG + "/cost_report", {"starting_at": "2026-01-01T00:00:00Z", "bucket_width": "1h"}, "bucket_width"),
            (ORG + "/usage_report/claude_code", {"starting_at": "2026-02-30"}, "YYYY-MM-DD"),
            (CCA + "/users", {"limit": 1001}, "between 1 and 1000"),
            (CCA + "/users", {"after_id": "x"}, "Unknown query parameter"),
            (CCA + "/usage/cost", {"start_date": "2026-02-02", "end_date": "2026-02-01"}, "before"),
            (CCA + "/usage/cost", {}, "start_date: Field required"),
        ]
        self.ask_all([(lambda m, p=path, q=query: m.get(p, query=q), 400, bad, message, 1)
                      for path, query, message in cases])
        self.ask_all([(lambda m: m.get(ORG + "/users?limit=%zz"), 400, bad, "decoded", 1),
                      (lambda m: m.get(ACTIVITIES, query={"activity_types[]": "no_such"}), 400, bad, "no_such", 0),
                      (lambda m: m.get(ACTIVITIES, query={"organization_ids[]": "org_01X"}), 403, "permission_error",
                       "", 0),
                      (lambda m: m.ask("GET", ORG + "/me", body={"a": 1}), 400, bad, "body", 1)])

    def test_bodies(self):
        bad, invites = "invalid_request_error", ORG + "/invites"
        times = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-02-01T00:00:00Z"}
        cases = [
            (invites, {"email": "a@example.com"}, "role: Field required", 1),
            (invites, {"email": "a@example.com", "role": "chef"}, "role", 1),
            (invites, {"email": "a@example.com", "role": "admin"}, "cannot be assigned", 0),
            (invites, {"email": "nobody", "role": "user"}, "email", 1),
            (invites, {"email": "a@example.com", "role": "user", "x": 1}, "x: Extra inputs are not permitted", 1),
            (invites, {"email": 1, "role": "user"}, "email: Input has the wrong type", 1),
            (invites, b"{", "not valid JSON", 1),
            (invites, b"[]", "no object", 1),
            ("/v1/messages", {**MESSAGE, "max_tokens": 0}, "max_tokens", 1),
            ("/v1/messages", {**MESSAGE, "messages": []}, "messages", 1),
            ("/v1/messages", {**MESSAGE, "messages": [{"role": "me", "content": ""}]}, "messages.0.role", 1),
            (CCA + "/invitations", {"email": "a@example.com", "role": "viewer", "expires_in_days": 31}, "30", 1),
            (CCA + "/compliance/groups", {"name": "n", "restrictions": {"audit_level": "loud"}}, "audit_level", 1),
            (QUERY, {"start_time": "2026-01-01T00:00:00Z"}, "end_time: Field required", 1),
            (QUERY, {**times, "start_time": "2026-03-01T00:00:00Z"}, "order", 1),
            (QUERY, {**times, "filters": {"colour": "x"}}, "filters.colour", 1),
            (QUERY, {**times, "limit": 1001}, "1000", 1),
            (QUERY, {**times, "page": "x"}, "page", 1),
        ]
        self.ask_all([(lambda m, p=path, b=body: m.ask("POST", p, "api" if "messages" in p else "admin", b), 400, bad,
                       message, blamed) for path, body, message, blamed in cases])


class Lists(MockTest):
    def test_lists_by_ids_page_both_ways(self):
        with Mock(users=50, keys=40, workspaces=30, invites=25, **CLOCK) as mock:
            workspace = mock.get(ORG + "/workspaces").json["data"][0]["id"]
            for path, count in ((ORG + "/users", 50), (ORG + "/api_keys", 40), (ORG + "/invites", 25),
                                (ORG + "/workspaces", 25), (f"{ORG}/workspaces/{workspace}/members", None)):
                rows = self.walk(mock, path)
                ids = [row.get("id", row.get("user_id")) for row in rows]
                self.assertEqual(len(set(ids)), len(ids))
                if count:
                    self.assertEqual(len(ids), count, path)
                page = mock.get(path, query={"limit": 3, "before_id": ids[9]}).json
                self.assertEqual([r.get("id", r.get("user_id")) for r in page["data"]], ids[6:9])
                self.assertEqual((page["has_more"], page["first_id"], page["last_id"]), (True, ids[6], ids[8]))
                page = mock.get(path, query={"limit": 3, "before_id": ids[2]}).json
                self.assertEqual((len(page["data"]), page["has_more"]), (2, False))
            self.assertEqual(len(mock.get(ORG + "/users").json["data"]), 20)

    def test_an_empty_page_has_null_cursors(self):
        with Mock(activities=0, keys=0, **CLOCK) as mock:
            empty = {"data": [], "has_more": False, "first_id": None, "last_id": None}
            self.assertEqual(mock.get(ACTIVITIES).json, empty)
            self.assertEqual(mock.get(ORG + "/api_keys").json, empty)

    def test_lists_by_pages(self):
        with Mock(users=50, scopes="read:compliance_org_data read:compliance_user_data", **CLOCK) as mock:
            organizations = self.walk_pages(mock, COMPLIANCE + "/organizations", "compliance", 1)
            self.assertEqual(len(organizations), 2)
            users = self.walk_pages(mock, f"{COMPLIANCE}/organizations/{organizations[0]['uuid']}/users", "compliance")
            self.assertEqual(len({u["id"] for u in users}), 50)
            self.assertEqual(len(self.walk_pages(mock, CCA + "/users")), 50)
            self.assertEqual(len(self.walk_pages(mock, CCA + "/compliance/users")), 50)
            groups = self.walk_pages(mock, COMPLIANCE + "/groups", "compliance", 2)
            self.assertEqual(len(groups), 4)
            named = mock.get(COMPLIANCE + "/groups", "compliance", {"name_prefix": "eng"}).json["data"]
            self.assertEqual([g["name"] for g in named], ["engineering", "eng-oncall"])
            members = self.walk_pages(mock, f"{COMPLIANCE}/groups/{groups[0]['id']}/members", "compliance")
            self.assertTrue({m["user_id"] for m in members} < {u["id"] for u in users})
            limits = mock.get(ORG + "/rate_limits").json
            self.assertNotIn("has_more", limits)
            self.assertEqual(self.walk_pages(mock, ORG + "/rate_limits", limit=2), limits["data"])

    def test_filters(self):
        with Mock(users=60, keys=40, workspaces=20, invites=20, **CLOCK) as mock:
            rows = self.walk(mock, ORG + "/users", **{"roles[]": ["admin", "billing"]})
            self.assertEqual({u["role"] for u in rows}, {"admin", "billing"})
            one = mock.get(ORG + "/users", query={"email": rows[0]["email"].upper()}).json["data"]
            self.assertEqual([u["id"] for u in one], [rows[0]["id"]])
            pending = self.walk(mock, ORG + "/invites", **{"statuses[]": ["pending"]})
            self.assertEqual({i["status"] for i in pending}, {"pending"})
            live, every = (self.walk(mock, ORG + "/workspaces", include_archived=x) for x in ("false", "true"))
            self.assertLess(len(live), len(every))
            self.assertEqual(len(every), 20)
            self.assertNotIn("Default", [w["name"] for w in every])
            keys = self.walk(mock, ORG + "/api_keys")
            for name in ("status", "workspace_id"):
                value = keys[0][name]
                found = self.walk(mock, ORG + "/api_keys", **{name: value})
                self.assertTrue(found)
                self.assertLessEqual({k["id"] for k in keys if k[name] == value}, {k["id"] for k in found})

    def test_keys_come_in_all_shapes(self):
        with Mock(keys=60, **CLOCK) as mock:
            keys = self.walk(mock, ORG + "/api_keys", limit=1000)
            shapes = {(k["principal"] or {}).get("type") for k in keys}
            self.assertEqual(shapes, {None, "user", "service_account", "user_actor", "service_account_actor"})
            self.assertEqual({k.get("scope", {}).get("type") for k in keys}, {None, "workspace", "organization"})
            self.assertEqual({k["status"] for k in keys}, {"active", "inactive", "archived", "expired"})
            self.assertIn(None, {k["workspace_id"] for k in keys})
            key = mock.key("api")
            self.assertEqual(keys[0]["partial_key_hint"], f"{key[:16]}...{key[-4:]}")

    def test_models_are_newest_first_and_aliases_work(self):
        with Mock() as mock:
            models = self.walk(mock, "/v1/models", "api", 5)
            created = [m["created_at"] for m in models]
            self.assertEqual(created, sorted(created, reverse=True))
            self.assertEqual(mock.get("/v1/models/claude-opus-4-5", "api").json["id"], "claude-opus-4-5-20251101")


class Activities(MockTest):
    def test_each_activity_comes_once_whichever_way(self):
        with Mock(activities=1234, **CLOCK) as mock:
            down = [a["id"] for a in self.walk(mock, ACTIVITIES, limit=100)]
            up = [a["id"] for a in self.walk(mock, ACTIVITIES, limit=77, order="asc")]
            self.assertEqual(len(set(down)), 1234)
            self.assertEqual(up, down[::-1])

    def test_catching_up_goes_page_by_page_toward_now(self):
        with Mock(activities=50, **CLOCK) as mock:
            first = mock.get(ACTIVITIES, query={"limit": 5}).json["first_id"]
            mock.add(12)
            seen = []
            while True:
                page = mock.get(ACTIVITIES, query={"limit": 5, "before_id": first}).json
                seen = [a["id"] for a in page["data"]] + seen
                if page["first_id"]:
                    first = page["first_id"]
                if not page["has_more"]:
                    break
            top = [a["id"] for a in mock.get(ACTIVITIES, query={"limit": 12}).json["data"]]
            self.assertEqual(seen, top)
            empty = mock.get(ACTIVITIES, query={"before_id": first}).json
            self.assertEqual((empty["data"], empty["first_id"]), ([], None))

    def test_time_bounds_and_filters(self):
        with Mock(activities=800, **CLOCK) as mock:
            rows = self.walk(mock, ACTIVITIES, limit=500)
            at = rows[100]["created_at"]
            older = self.walk(mock, ACTIVITIES, limit=500, **{"created_at.lt": at})
            older_or_same = self.walk(mock, ACTIVITIES, limit=500, **{"created_at.lte": at})
            newer = self.walk(mock, ACTIVITIES, limit=500, **{"created_at.gt": at})
            newer_or_same = self.walk(mock, ACTIVITIES, limit=500, **{"created_at.gte": at})
            self.assertEqual(newer + older_or_same, rows)
            self.assertEqual(newer_or_same + older, rows)
            self.assertLess(len(older), len(older_or_same))
            kinds = ["platform_api_key_created", "user_logged_out"]
            some = self.walk(mock, ACTIVITIES, **{"activity_types[]": kinds})
            self.assertEqual([a["id"] for a in some], [a["id"] for a in rows if a["type"] in kinds])
            rest = self.walk(mock, ACTIVITIES, limit=500, **{"exclude_activity_types[]": kinds})
            self.assertEqual(len(rest) + len(some), len(rows))
            user = next(a["actor"]["user_id"] for a in rows if a["actor"]["type"] == "user_actor")
            theirs = self.walk(mock, ACTIVITIES, **{"actor_ids[]": user})
            self.assertEqual([a["id"] for a in theirs],
                             [a["id"] for a in rows if a["actor"].get("user_id") == user])
            ours = rows[0]["organization_uuid"] or rows[1]["organization_uuid"]
            self.assertEqual(len(self.walk(mock, ACTIVITIES, limit=500, **{"organization_ids[]": ours})), 800)

    def test_activities_are_odd_in_every_documented_way(self):
        with Mock(activities=3000, **CLOCK) as mock:
            raw = mock.get(ACTIVITIES, query={"limit": 5000}).body.decode()
            rows = json.loads(raw)["data"]
            times = {a["created_at"][19:].rstrip("0123456789") or a["created_at"][19:] for a in rows}
            self.assertIn("Z", {a["created_at"][-1] for a in rows})
            self.assertTrue(any(a["created_at"].endswith("+00:00") for a in rows), times)
            digits = {len(a["created_at"][19:].removesuffix("Z").removesuffix("+00:00").lstrip(".")) for a in rows}
            self.assertEqual(digits, {0, 1, 2, 3, 4, 5, 6})
            for part in ("9007199254740993", "\\u0000", "\\ud83d ", "\\n"):
                self.assertIn(part, raw)
            self.assertTrue(any(a["organization_id"] is None for a in rows))
            self.assertGreaterEqual(len({a["actor"]["type"] for a in rows}), 11)
            self.assertGreaterEqual(len({a["type"] for a in rows}), 40)

    def test_reading_leaves_activities(self):
        with Mock(activities=3, now="2026-11-01T12:00:00Z") as mock:
            reply = mock.get(ACTIVITIES, "compliance")
            mock.get(ORG + "/cost_report", query={"starting_at": "2026-10-30T00:00:00Z"})
            rows = mock.get(ACTIVITIES, "compliance").json["data"]
            self.assertEqual([a["type"] for a in rows[:2]], ["platform_cost_report_viewed", "compliance_api_accessed"])
            self.assertEqual((rows[1]["request_id"], rows[1]["organization_id"]),
                             (reply.headers["request-id"], None))

    def test_order_may_be_refused(self):
        with Mock(asc="refused") as mock:
            self.assert_refused(mock.get(ACTIVITIES, query={"order": "asc"}), 400, "invalid_request_error",
                                "Unknown query parameter: 'order'.")

    def test_a_switched_off_api_has_a_quiet_feed(self):
        with Mock(compliance="off") as mock:
            self.assertEqual(mock.get(ACTIVITIES).status, 403)
            self.assertEqual(mock.get(ACTIVITIES, "compliance").json["data"], [])
            self.assertEqual(mock.get(ORG + "/compliance_settings").json["state"], {"type": "disabled"})
            mock.control("compliance", {"on": True})
            rows = mock.get(ACTIVITIES, "compliance").json["data"]
            self.assertEqual([a["type"] for a in rows], ["org_compliance_api_settings_updated"])

    def test_the_rate_is_limited_by_the_minute(self):
        with Mock(rate=3, **CLOCK) as mock:
            replies = [mock.get(ACTIVITIES) for _ in range(4)]
            self.assertEqual([r.status for r in replies], [200, 200, 200, 429])
            mock.advance(int(replies[3].headers["retry-after"]))
            self.assertEqual(mock.get(ACTIVITIES).status, 200)

    def test_pages_made_before_are_the_same_pages(self):
        with Mock(activities=12000, prerender=True, **CLOCK) as ready, Mock(activities=12000, **CLOCK) as lazy:
            for order in ("asc", "desc"):
                query = {"limit": 5000, "order": order}
                for size in (5000, 5000, 2000):
                    reply = ready.get(ACTIVITIES, query=query)
                    self.assertEqual(reply.body, lazy.get(ACTIVITIES, query=query).body)
                    packed = ready.get(ACTIVITIES, query=query, accept_encoding="gzip")
                    self.assertEqual(packed.headers["content-encoding"], "gzip")
                    self.assertEqual(gzip.decompress(packed.body), reply.body)
                    self.assertEqual(len(reply.json["data"]), size)
                    query["after_id"] = reply.json["last_id"]

    def test_any_page_of_a_million_comes(self):
        with Mock(activities=1_000_000, **CLOCK) as mock:
            page = mock.get(ACTIVITIES, query={"limit": 3, "created_at.lt": "2026-10-25T00:00:00Z"}).json
            self.assertEqual(len(page["data"]), 3)
            more = mock.get(ACTIVITIES, query={"limit": 3, "before_id": page["first_id"]}).json
            self.assertTrue(more["has_more"])
            self.assertNotEqual(more["data"][2]["id"], page["data"][0]["id"])


class Reports(MockTest):
    DAYS = {"starting_at": "2026-10-01T00:00:00Z", "ending_at": "2026-10-08T00:00:00Z"}

    def sums(self, mock, path, measure, **query):
        buckets = self.walk_pages(mock, path, limit=query.pop("limit", 3), **self.DAYS, **query)
        return sum(measure(row) for bucket in buckets for row in bucket["results"]), buckets

    def test_usage_adds_up_however_it_is_grouped(self):
        path = ORG + "/usage_report/messages"
        with Mock(**CLOCK) as mock:
            total, buckets = self.sums(mock, path, lambda r: r["uncached_input_tokens"])
            self.assertEqual(len(buckets), 7)
            self.assertEqual(buckets[0]["results"][0]["model"], None)
            names = ["account_id", "api_key_id", "context_window", "inference_geo", "model", "service_account_id",
                     "service_tier", "workspace_id"]
            for group in ([n] for n in names):
                self.assertEqual(self.sums(mock, path, lambda r: r["uncached_input_tokens"],
                                           **{"group_by[]": group})[0], total, group)
            self.assertEqual(self.sums(mock, path, lambda r: r["uncached_input_tokens"], **{"group_by[]": names})[0],
                             total)
            for width, limit in (("1h", 100), ("1m", 1440)):
                self.assertEqual(self.sums(mock, path, lambda r: r["uncached_input_tokens"], bucket_width=width,
                                           limit=limit)[0], total)
            rows = [r for b in self.sums(mock, path, lambda r: 0, **{"group_by[]": ["model"]})[1]
                    for r in b["results"]]
            model = rows[0]["model"]
            filtered, _ = self.sums(mock, path, lambda r: r["output_tokens"], **{"models[]": [model]})
            self.assertEqual(filtered, sum(r["output_tokens"] for r in rows if r["model"] == model))

    def test_cost_adds_up_in_both_dialects(self):
        with Mock(**CLOCK) as mock:
            total, _ = self.sums(mock, ORG + "/cost_report", lambda r: Decimal(r["amount"]))
            for group in (["workspace_id"], ["description"], ["workspace_id", "description"]):
                self.assertEqual(self.sums(mock, ORG + "/cost_report", lambda r: Decimal(r["amount"]),
                                           **{"group_by[]": group})[0], total)
            for group in ([], ["model"], ["workspace"], ["user"], ["model", "workspace", "user"]):
                reply = mock.get(CCA + "/usage/cost", query={"start_date": "2026-10-01", "end_date": "2026-10-07",
                                                             "limit": 1000, "group_by[]": group})
                rows = json.loads(reply.body, parse_float=Decimal)["data"]
                self.assertEqual(sum(r["total_cost"] for r in rows) * 100, total, group)

    def test_an_hour_without_requests_is_an_empty_bucket(self):
        with Mock(keys=0, **CLOCK) as mock:
            buckets = self.sums(mock, ORG + "/usage_report/messages", lambda r: 0, bucket_width="1h", limit=24)[1]
            self.assertIn([], [b["results"] for b in buckets])

    def test_claude_code_is_told_a_day_at_a_time(self):
        with Mock(**CLOCK) as mock:
            rows = self.walk_pages(mock, ORG + "/usage_report/claude_code", starting_at="2026-10-02")
            self.assertEqual({r["date"] for r in rows}, {"2026-10-02T00:00:00Z"})
            self.assertEqual({r["actor"]["type"] for r in rows}, {"user_actor", "api_actor"})
            day = {"start_date": "2026-10-02", "end_date": "2026-10-02"}
            whole = mock.get(CCA + "/usage/claude-code", query=day).json["data"]
            users = mock.get(CCA + "/usage/claude-code", query={**day, "group_by[]": "user"}).json["data"]
            self.assertEqual(whole[0]["active_users"], len(users))
            self.assertEqual(whole[0]["tool_calls"], sum(u["tool_calls"] for u in users))
            sessions = sum(r["core_metrics"]["num_sessions"] for r in rows if r["actor"]["type"] == "user_actor")
            self.assertEqual(whole[0]["session_hours"], sessions / 2)


class Writes(MockTest):
    def test_platform_writes_show_in_reads_and_in_the_feed(self):
        with Mock(**CLOCK) as mock:
            invite = mock.ask("POST", ORG + "/invites", body={"email": "n@example.com", "role": "developer"}).json
            self.assertEqual((invite["status"], invite["expires_at"]), ("pending", "2026-11-22T12:00:00Z"))
            self.assertEqual(mock.get(f"{ORG}/invites/{invite['id']}").json, invite)
            self.assertEqual(mock.ask("DELETE", f"{ORG}/invites/{invite['id']}").json,
                             {"id": invite["id"], "type": "invite_deleted"})
            users = self.walk(mock, ORG + "/users")
            user = next(u for u in users if u["role"] == "user")
            self.assertEqual(mock.ask("POST", f"{ORG}/users/{user['id']}", body={"role": "developer"}).json["role"],
                             "developer")
            self.assertEqual(mock.ask("DELETE", f"{ORG}/users/{user['id']}").json["type"], "user_deleted")
            self.assertEqual(mock.get(f"{ORG}/users/{user['id']}").status, 404)
            self.assertEqual(mock.ask("DELETE", f"{ORG}/users/{users[0]['id']}").status, 400)
            key = next(k for k in self.walk(mock, ORG + "/api_keys") if k["status"] == "active")
            changed = mock.ask("POST", f"{ORG}/api_keys/{key['id']}", body={"name": "n", "status": "inactive"}).json
            self.assertEqual((changed["name"], changed["status"]), ("n", "inactive"))
            types = [a["type"] for a in mock.get(ACTIVITIES, query={"limit": 5}).json["data"]]
            self.assertEqual(types, ["platform_api_key_updated", "org_user_deleted", "claude_user_role_updated",
                                     "org_user_invite_deleted", "org_user_invite_sent"])

    def test_workspaces_and_members(self):
        with Mock(**CLOCK) as mock:
            workspace = mock.ask("POST", ORG + "/workspaces", body={"name": "new", "tags": {"a": "b"}}).json
            path = f"{ORG}/workspaces/{workspace['id']}"
            self.assertEqual((workspace["tags"], workspace["archived_at"]), ({"a": "b"}, None))
            self.assertEqual(mock.ask("POST", path, body={"name": "renamed"}).json["name"], "renamed")
            self.assertEqual(mock.ask("POST", path, body={"data_residency": {"workspace_geo": "eu"}}).status, 400)
            user = next(u for u in self.walk(mock, ORG + "/users") if u["role"] == "user")
            member = mock.ask("POST", path + "/members", body={"user_id": user["id"],
                                                               "workspace_role": "workspace_user"}).json
            self.assertEqual(mock.get(f"{path}/members/{user['id']}").json, member)
            changed = mock.ask("POST", f"{path}/members/{user['id']}", body={"workspace_role": "workspace_admin"})
            self.assertEqual(changed.json["workspace_role"], "workspace_admin")
            self.assertEqual(mock.ask("DELETE", f"{path}/members/{user['id']}").json["type"],
                             "workspace_member_deleted")
            self.assertEqual(mock.get(path + "/members").json["data"], [])
            self.assertEqual(mock.ask("POST", path + "/archive").json["archived_at"], "2026-11-01T12:00:00Z")
            self.assertEqual(mock.ask("POST", path, body={"name": "again"}).status, 400)

    def test_archiving_revokes_the_keys(self):
        with Mock(keys=40, **CLOCK) as mock:
            key = next(k for k in self.walk(mock, ORG + "/api_keys") if k["status"] == "active" and k["workspace_id"])
            mock.ask("POST", f"{ORG}/workspaces/{key['workspace_id']}/archive")
            self.assertEqual(mock.get(f"{ORG}/api_keys/{key['id']}").json["status"], "archived")

    def test_a_hundred_workspaces_are_all(self):
        with Mock(workspaces=110, **CLOCK) as mock:
            live = len(self.walk(mock, ORG + "/workspaces", limit=1000))
            for _ in range(100 - live):
                self.assertEqual(mock.ask("POST", ORG + "/workspaces", body={"name": "n"}).status, 200)
            self.assert_refused(mock.ask("POST", ORG + "/workspaces", body={"name": "n"}), 400,
                                "invalid_request_error", "100")

    def test_cca_writes(self):
        with Mock(**CLOCK) as mock:
            body = {"email": "n@example.com", "role": "viewer"}
            invitation = mock.ask("POST", CCA + "/invitations", body=body).json
            self.assertEqual((invitation["status"], invitation["expires_at"]), ("pending", "2026-11-08T12:00:00Z"))
            self.assertEqual(mock.ask("POST", CCA + "/invitations", body=body).status, 409)
            path = f"{CCA}/invitations/{invitation['id']}"
            self.assertEqual(mock.ask("DELETE", path).json["status"], "revoked")
            self.assertEqual(mock.ask("DELETE", path).status, 409)
            users = self.walk_pages(mock, CCA + "/users")
            admins = [u["id"] for u in users if u["role"] == "admin"]
            for admin in admins[:-1]:
                self.assertEqual(mock.ask("PUT", f"{CCA}/users/{admin}", body={"role": "viewer"}).status, 200)
            self.assertEqual(mock.ask("PUT", f"{CCA}/users/{admins[-1]}", body={"role": "viewer"}).status, 409)
            self.assertEqual(mock.ask("DELETE", f"{CCA}/users/{admins[-1]}").status, 409)
            self.assertEqual(mock.ask("DELETE", f"{CCA}/users/{users[2]['id']}").json,
                             {"id": users[2]["id"], "deleted": True})
            user = next(u for u in users if u["role"] == "viewer" and u["id"] != users[2]["id"])
            workspace = next(w for u in users for w in u["workspace_ids"] if w not in user["workspace_ids"])
            member = {"user_id": user["id"], "role": "developer"}
            self.assertEqual(mock.ask("POST", f"{CCA}/workspaces/{workspace}/members", body=member).status, 200)
            self.assertEqual(mock.ask("POST", f"{CCA}/workspaces/{workspace}/members", body=member).status, 409)
            self.assertIn(workspace, mock.get(f"{CCA}/users/{user['id']}").json["workspace_ids"])
            self.assertEqual(mock.ask("DELETE", f"{CCA}/workspaces/{workspace}/members/{user['id']}").status, 200)
            group = {"name": "g", "restrictions": {"data_retention_days": 30, "audit_level": "full"}}
            self.assertEqual(mock.ask("POST", CCA + "/compliance/groups", body=group).json["restrictions"],
                             group["restrictions"])
            self.assertEqual(mock.ask("POST", CCA + "/compliance/groups", body=group).status, 409)

    def test_the_query_of_dialect_cca(self):
        with Mock(activities=700, **CLOCK) as mock:
            body = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-11-02T00:00:00Z", "limit": 64}
            rows, page = [], None
            while True:
                reply = mock.ask("POST", QUERY, body={**body, **({"page": page} if page else {})}).json
                rows += reply["data"]
                page = reply["next_page"]
                if not reply["has_more"]:
                    break
            self.assertEqual(len({r["id"] for r in rows}), 700)
            calls = [r for r in rows if r["type"] == "messages.create"]
            self.assertLess({"input_tokens", "output_tokens", "stop_reason", "latency_ms", "tools_used"},
                            set(calls[0]["details"]))
            self.assertFalse(any("content" in r for r in rows))
            for name, value in (("activity_type", "files.upload"), ("model", "claude-opus-5"),
                                ("user_id", next(r["user_id"] for r in rows if "user_id" in r))):
                key = {"activity_type": "type"}.get(name, name)
                found = mock.ask("POST", QUERY, body={**body, "limit": 1000, "filters": {name: value}}).json["data"]
                self.assertEqual([r["id"] for r in found], [r["id"] for r in rows if r.get(key) == value])
            self.assertEqual(mock.ask("POST", QUERY, body={**body, "filters": {"model": "none"}}).json["data"], [])
            full = mock.ask("POST", QUERY, body={**body, "include_content": True}).json["data"]
            self.assertTrue(all("content" in r for r in full if r["type"] == "messages.create"))

    def test_messages(self):
        with Mock() as mock:
            reply = mock.ask("POST", "/v1/messages", "api", MESSAGE)
            self.assertEqual((reply.json["stop_reason"], reply.json["usage"]["output_tokens"]), ("end_turn", 6))
            self.assertIn("anthropic-ratelimit-input-tokens-remaining", reply.headers)
            marked = {"role": "user", "content": [
                {"type": "text", "text": "x" * 400, "cache_control": {"type": "ephemeral"}}]}
            usage = mock.ask("POST", "/v1/messages", "api", {**MESSAGE, "messages": [marked]}).json["usage"]
            self.assertGreater(usage["cache_read_input_tokens"], 0)
            self.assertEqual(usage["cache_creation"]["ephemeral_5m_input_tokens"], usage["cache_creation_input_tokens"])
            cut = mock.ask("POST", "/v1/messages", "api", {**MESSAGE, "max_tokens": 2}).json
            self.assertEqual(cut["stop_reason"], "max_tokens")
            count = {k: v for k, v in MESSAGE.items() if k != "max_tokens"}
            self.assertEqual(mock.ask("POST", "/v1/messages/count_tokens", "api", count).json["input_tokens"],
                             reply.json["usage"]["input_tokens"])

    def test_a_rate_of_messages(self):
        with Mock(message_rate=2) as mock:
            left = [mock.ask("POST", "/v1/messages", "api", MESSAGE).headers["anthropic-ratelimit-requests-remaining"]
                    for _ in range(2)]
            self.assertEqual(left, ["1", "0"])
            refused = mock.ask("POST", "/v1/messages", "api", MESSAGE)
            self.assertEqual((refused.status, refused.error[0]), (429, "rate_limit_error"))
            self.assertIn(int(refused.headers["retry-after"]), range(50, 61))


if __name__ == "__main__":
    unittest.main()
