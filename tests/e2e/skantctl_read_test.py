# SPDX-License-Identifier: Apache-2.0
"""skantctl: lists and single records, in each format and both dialects."""
import csv
import io
import json
import os
import unittest

try:
    import yaml
except ImportError:
    yaml = None

from skantctl_support import KEYS, ORG, CtlTest, Reply, listing

USERS = [{"id": f"user_{n:03}", "type": "user", "email": f"u{n}@example.com", "name": f"User, {n} \"x\"",
          "role": "developer", "added_at": "2026-01-02T03:04:05Z", "later": {"n": n}} for n in range(25)]
WORKSPACES = [{"id": "wrkspc_1", "name": "ml", "created_at": "2026-01-01T00:00:00Z", "archived_at": None},
              {"id": "wrkspc_2", "name": "old", "created_at": "2025-01-01T00:00:00Z",
               "archived_at": "2026-01-01T00:00:00Z"}]


class Lists(CtlTest):
    def users(self):
        return self.api({f"GET {ORG}/users": listing(USERS)})

    def test_a_list_is_read_to_its_end(self):
        api = self.users()
        done = self.assert_done(self.ctl(api, "users", "list", "-o", "jsonl", "--page-size", "10"))
        self.assertEqual(done.records, USERS)
        self.assertEqual([r.one("limit") for r in api.requests], ["10"] * 3)
        self.assertEqual(api.requests[0].key, KEYS["admin"])

    def test_a_limit_cuts_it_short(self):
        api = self.users()
        done = self.assert_done(self.ctl(api, "users", "list", "-o", "jsonl", "--limit", "7"))
        self.assertEqual(done.records, USERS[:7])
        self.assertEqual(len(api.requests), 1)
        done = self.assert_done(self.ctl(api, "users", "list", "-o", "jsonl", "--limit", "12", "--page-size", "5"))
        self.assertEqual(done.records, USERS[:12])

    def test_filters_are_asked_for(self):
        api = self.api({f"GET {ORG}/users": listing([]), f"GET {ORG}/invites": listing([]),
                        f"GET {ORG}/api_keys": listing([])})
        self.assert_done(self.ctl(api, "users", "list", "--email", "a+b@example.com", "--role", "admin", "--role", "user"))
        self.assertEqual(api.requests[-1].one("email"), "a+b@example.com")
        self.assertEqual(api.requests[-1].query["roles[]"], ["admin", "user"])
        self.assert_done(self.ctl(api, "invites", "list", "--status", "pending"))
        self.assertEqual(api.requests[-1].query["statuses[]"], ["pending"])
        self.assert_done(self.ctl(api, "keys", "list", "--status", "active", "--workspace", "wrkspc_1"))
        self.assertEqual(api.requests[-1].one("status"), "active")
        self.assertEqual(api.requests[-1].one("workspace_id"), "wrkspc_1")

    def test_archived_workspaces(self):
        api = self.api({f"GET {ORG}/workspaces": listing(WORKSPACES)})
        self.assert_done(self.ctl(api, "workspaces", "list"))
        self.assertIsNone(api.requests[-1].one("include_archived"))
        done = self.assert_done(self.ctl(api, "workspaces", "list", "--status", "archived", "-o", "jsonl"))
        self.assertEqual([r["id"] for r in done.records], ["wrkspc_2"])
        self.assertEqual(api.requests[-1].one("include_archived"), "true")

    def test_members_and_models(self):
        member = {"type": "workspace_member", "user_id": "user_1", "workspace_id": "wrkspc_1",
                  "workspace_role": "workspace_admin"}
        model = {"id": "claude-x", "type": "model", "display_name": "X", "created_at": "2026-01-01T00:00:00Z"}
        api = self.api({f"GET {ORG}/workspaces/wrkspc_1/members": listing([member]), "GET /v1/models": listing([model])})
        done = self.assert_done(self.ctl(api, "members", "list", "--workspace", "wrkspc_1"))
        self.assertEqual(done.text, "USER ID\tWORKSPACE ID\tROLE\nuser_1\twrkspc_1\tworkspace_admin\n")
        self.assert_fails(self.ctl(api, "members", "list"), 2, "--workspace")
        done = self.assert_done(self.ctl(api, "models", "list", "-o", "csv", keys=("api",)))
        self.assertEqual(done.text.splitlines()[1], "claude-x,X,2026-01-01T00:00:00Z,,")

    def test_single_records(self):
        org = {"id": "0d9c", "type": "organization", "name": "Example"}
        api = self.api({f"GET {ORG}/me": Reply(org), f"GET {ORG}/users/user_000": Reply(USERS[0]),
                        f"GET {ORG}/workspaces/wrkspc_1": Reply(WORKSPACES[0])})
        self.assertEqual(self.assert_done(self.ctl(api, "org", "show")).text, "ID\tNAME\n0d9c\tExample\n")
        done = self.assert_done(self.ctl(api, "users", "get", "user_000", "-o", "json"))
        self.assertEqual(done.out, json.dumps(USERS[0]).encode() + b"\n")
        done = self.assert_done(self.ctl(api, "workspaces", "get", "wrkspc_1", "-o", "yaml"))
        self.assertIn("archived_at: null\n", done.text)

    def test_verbose_names_the_kind_of_credential(self):
        done = self.assert_done(self.ctl(self.users(), "users", "list", "-v"))
        self.assertIn("user.list: with the credential 'admin'", done.err)

    def test_the_request_log_has_no_credential(self):
        api = self.users()
        self.assert_done(self.ctl(api, "users", "list", "--request-log", self.path("log")))
        with open(self.path("log"), encoding="utf-8") as f:
            text = f.read()
        self.assertEqual(os.stat(self.path("log")).st_mode & 0o777, 0o600)
        line = json.loads(text.splitlines()[0])
        self.assertEqual((line["method"], line["status"], line["request_id"]), ("GET", 200, "req_test"))
        self.assertTrue(line["path"].startswith(f"{ORG}/users"))
        self.assertNotIn(KEYS["admin"], text)
        self.assertNotIn("u1@example.com", text)


class Formats(CtlTest):
    RAW = [b'{"id":"user_1","email":"a@b.c","name":"\\u001b[31mred\\n","role":"user","n":1e400,"big":12345678901234567890}',
           b'{\n  "id": "user_2",\n  "email": "=cmd()",\n  "name": "two\\nlines",\n  "tags": ["a", {"b": null}]\n}']

    def run_format(self, fmt):
        api = self.api({f"GET {ORG}/users": listing(None, raw=self.RAW)})
        return self.assert_done(self.ctl(api, "users", "list", "-o", fmt))

    def test_table(self):
        self.assertEqual(self.run_format("table").text,
                         "ID\tEMAIL\tNAME\tROLE\tADDED AT\n"
                         "user_1\ta@b.c\t\\x1b[31mred\\x0a\tuser\t\n"
                         "user_2\t=cmd()\ttwo\\x0alines\t\t\n")

    def test_csv(self):
        done = self.run_format("csv")
        self.assertTrue(done.out.endswith(b"\r\n"))
        rows = list(csv.DictReader(io.StringIO(done.text, newline="")))
        self.assertEqual([r["email"] for r in rows], ["a@b.c", "'=cmd()"])
        self.assertNotIn(b"\x1b", done.out)

    def test_json_has_the_bytes(self):
        done = self.run_format("json")
        self.assertEqual(done.out, b"[\n" + b",\n".join(self.RAW) + b"\n]\n")

    def test_jsonl_has_a_line_each(self):
        done = self.run_format("jsonl")
        self.assertEqual(done.out, self.RAW[0] + b"\n" + self.RAW[1].replace(b"\n", b"") + b"\n")

    @unittest.skipUnless(yaml, "PyYAML is not installed")
    def test_yaml(self):
        rows = yaml.safe_load(self.run_format("yaml").text)
        self.assertEqual(rows[0]["name"], "\x1b[31mred\n")
        self.assertEqual(rows[0]["big"], 12345678901234567890)
        self.assertEqual(rows[1], {"id": "user_2", "email": "=cmd()", "name": "two\nlines", "tags": ["a", {"b": None}]})

    def test_an_empty_list_is_valid_everywhere(self):
        for fmt, text in (("json", "[]\n"), ("jsonl", ""), ("yaml", "[]\n"), ("csv", "id,email,name,role,added_at\r\n"),
                          ("table", "ID\tEMAIL\tNAME\tROLE\tADDED AT\n")):
            api = self.api({f"GET {ORG}/users": listing([])})
            self.assertEqual(self.assert_done(self.ctl(api, "users", "list", "-o", fmt)).text, text)


class Cca(CtlTest):
    USER = {"id": "user_1", "email": "a@b.c", "name": "A", "role": "viewer", "workspace_ids": ["ws_1"],
            "created_at": "2026-01-01T00:00:00Z"}

    def pages(self, request):
        if request.one("page") is None:
            return Reply({"data": [self.USER], "has_more": True, "next_page": "p2"})
        self.assertEqual(request.one("page"), "p2")
        return Reply({"data": [{**self.USER, "id": "user_2", "role": "admin"}], "has_more": False, "next_page": None})

    def test_it_comes_out_under_the_names_of_the_platform(self):
        api = self.api({"GET /v1/admin/users": self.pages})
        done = self.assert_done(self.ctl(api, "users", "list", "--dialect", "cca"))
        self.assertEqual(done.text, "ID\tEMAIL\tNAME\tROLE\tADDED AT\n"
                                    "user_1\ta@b.c\tA\tuser\t2026-01-01T00:00:00Z\n"
                                    "user_2\ta@b.c\tA\tadmin\t2026-01-01T00:00:00Z\n")
        done = self.assert_done(self.ctl(api, "users", "list", "--dialect", "cca", "-o", "jsonl"))
        self.assertEqual(done.records[0], {"id": "user_1", "email": "a@b.c", "name": "A", "role": "user",
                                           "workspace_ids": ["ws_1"], "added_at": "2026-01-01T00:00:00Z"})

    def test_the_environment_chooses_the_dialect(self):
        api = self.api({"GET /v1/admin/users": self.pages})
        self.assert_done(self.ctl(api, "users", "list", env=self.ctl_env(api, SKANT_DIALECT="cca")))

    def test_what_it_lacks_is_said_before_anything_is_sent(self):
        api = self.api({})
        for args in (("org", "show"), ("keys", "list"), ("keys", "export"), ("workspaces", "list"),
                     ("members", "list", "--workspace", "ws_1"), ("invites", "get", "inv_1"),
                     ("keys", "disable", "key_1", "--yes"), ("users", "list", "--role", "admin"),
                     ("workspaces", "archive", "ws_1", "--yes")):
            self.assert_fails(self.ctl(api, *args, "--dialect", "cca"), 2, "cca")
        self.assertEqual(api.requests, [])


if __name__ == "__main__":
    unittest.main()
