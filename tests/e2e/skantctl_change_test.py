# SPDX-License-Identifier: Apache-2.0
"""skantctl: what changes something. The question before, --yes, --dry-run, and the bytes that are sent."""
import json
import os
import pty
import subprocess
import time
import unittest

from skantctl_support import KEYS, ORG, SKANTCTL, CtlTest, Reply, listing

USER = {"id": "user_1", "type": "user", "email": "a@b.c", "name": "A", "role": "billing", "added_at": "2026-01-01T00:00:00Z"}
INVITE = {"id": "invite_1", "type": "invite", "email": "n@b.c", "role": "user", "status": "pending",
          "invited_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-22T00:00:00Z"}
SPACE = {"id": "wrkspc_1", "type": "workspace", "name": "ml", "created_at": "2026-01-01T00:00:00Z", "archived_at": None,
         "tags": {"team": "ml"}}
MEMBER = {"type": "workspace_member", "user_id": "user_1", "workspace_id": "wrkspc_1",
          "workspace_role": "workspace_developer"}
KEY = {"id": "apikey_1", "type": "api_key", "name": "ml-prod", "status": "active", "created_at": "2026-01-01T00:00:00Z"}

# arguments, method, path, body, reply, what the table says
CHANGES = [
    (("users", "update", "user_1", "--role", "billing"), "POST", f"{ORG}/users/user_1", {"role": "billing"}, USER, "billing"),
    (("users", "remove", "user_1"), "DELETE", f"{ORG}/users/user_1", None, {"id": "user_1", "type": "user_deleted"},
     "user user_1 was removed from the organisation\n"),
    (("invites", "create", "--email", "n@b.c", "--role", "user"), "POST", f"{ORG}/invites",
     {"email": "n@b.c", "role": "user"}, INVITE, "invite_1"),
    (("invites", "revoke", "invite_1"), "DELETE", f"{ORG}/invites/invite_1", None,
     {"id": "invite_1", "type": "invite_deleted"}, "invitation invite_1 was revoked\n"),
    (("workspaces", "create", "--name", "ml \"x\"", "--tag", "team=ml", "--tag", "a=b=c"), "POST", f"{ORG}/workspaces",
     {"name": "ml \"x\"", "tags": {"team": "ml", "a": "b=c"}}, SPACE, "wrkspc_1"),
    (("workspaces", "update", "wrkspc_1", "--name", "ml"), "POST", f"{ORG}/workspaces/wrkspc_1", {"name": "ml"}, SPACE, "ml"),
    (("workspaces", "archive", "wrkspc_1"), "POST", f"{ORG}/workspaces/wrkspc_1/archive", None, SPACE, "wrkspc_1"),
    (("members", "add", "user_1", "--workspace", "wrkspc_1", "--role", "developer"), "POST",
     f"{ORG}/workspaces/wrkspc_1/members", {"user_id": "user_1", "workspace_role": "workspace_developer"}, MEMBER,
     "workspace_developer"),
    (("members", "update", "user_1", "--workspace", "wrkspc_1", "--role", "workspace_admin"), "POST",
     f"{ORG}/workspaces/wrkspc_1/members/user_1", {"workspace_role": "workspace_admin"}, MEMBER, "user_1"),
    (("members", "remove", "user_1", "--workspace", "wrkspc_1"), "DELETE", f"{ORG}/workspaces/wrkspc_1/members/user_1", None,
     {"type": "workspace_member_deleted", "user_id": "user_1", "workspace_id": "wrkspc_1"}, "was taken out of workspace wrkspc_1"),
    (("keys", "rename", "apikey_1", "--name", "ml-prod-x"), "POST", f"{ORG}/api_keys/apikey_1", {"name": "ml-prod-x"}, KEY,
     "ml-prod"),
    (("keys", "disable", "apikey_1"), "POST", f"{ORG}/api_keys/apikey_1", {"status": "inactive"}, KEY, "apikey_1"),
    (("keys", "enable", "apikey_1"), "POST", f"{ORG}/api_keys/apikey_1", {"status": "active"}, KEY, "apikey_1"),
    (("keys", "archive", "apikey_1"), "POST", f"{ORG}/api_keys/apikey_1", {"status": "archived"}, KEY, "apikey_1"),
]


class Changes(CtlTest):
    def test_with_yes_it_is_done_and_said(self):
        for args, method, path, body, reply, said in CHANGES:
            with self.subTest(args=args):
                api = self.api({f"{method} {path}": Reply(reply)})
                done = self.assert_done(self.ctl(api, *args, "--yes"))
                self.assertEqual(api.asked, [f"{method} {path}"])
                if body is not None:
                    self.assertEqual(api.requests[0].json, body)
                self.assertIn(said, done.text)
                done = self.assert_done(self.ctl(api, *args, "--yes", "-o", "json"))
                self.assertEqual(json.loads(done.text), reply)

    def test_workspaces_and_people_may_be_named(self):
        spaces = [SPACE, {**SPACE, "id": "wrkspc_2", "archived_at": "2026-02-01T00:00:00Z"}]
        api = self.api({f"GET {ORG}/workspaces": listing(spaces), f"GET {ORG}/users": listing([USER]),
                        f"POST {ORG}/workspaces/wrkspc_1/members": Reply(MEMBER),
                        f"DELETE {ORG}/users/user_1": Reply({"id": "user_1", "type": "user_deleted"}),
                        f"POST {ORG}/workspaces/wrkspc_1": Reply(SPACE)})
        done = self.assert_done(self.ctl(api, "members", "add", "A@b.c", "--workspace", "ml", "--role", "user", "--yes"))
        self.assertEqual(api.requests[-1].json, {"user_id": "user_1", "workspace_role": "workspace_user"})
        self.assertIn("user A@b.c was added to workspace ml", done.err)
        self.assertEqual(self.assert_done(self.ctl(api, "users", "remove", "a@b.c", "--yes")).text,
                         "user a@b.c was removed from the organisation\n")
        self.assert_done(self.ctl(api, "workspaces", "update", "ml", "--name", "ml2", "--yes"))
        self.assertEqual(api.asked[-1], f"POST {ORG}/workspaces/wrkspc_1")

    def test_an_invitation_may_be_given_by_address(self):
        api = self.api({f"GET {ORG}/invites": listing([{**INVITE, "id": "invite_0", "status": "expired"}, INVITE]),
                        f"GET {ORG}/invites/invite_1": Reply(INVITE),
                        f"DELETE {ORG}/invites/invite_1": Reply({"id": "invite_1", "type": "invite_deleted"})})
        self.assertIn("invite_1\t", self.assert_done(self.ctl(api, "invites", "get", "N@b.c")).text)
        self.assertEqual(self.assert_done(self.ctl(api, "invites", "revoke", "n@b.c", "--yes")).text, "invitation n@b.c was revoked\n")
        self.assert_fails(self.ctl(api, "invites", "revoke", "m@b.c", "--yes"), 2, "there is no invitation for 'm@b.c'")
        self.assert_fails(self.ctl(api, "invites", "get", "n@b.c", "--dialect", "cca"), 2, "no operation invite.get")

    def test_a_key_may_be_named(self):
        leaked = f"my {KEYS['compliance']}"
        keys = [KEY, {**KEY, "id": "apikey_2", "name": "twice", "workspace_id": "wrkspc_1"},
                {**KEY, "id": "apikey_3", "name": "twice", "status": "expired"}, {**KEY, "id": "apikey_4", "name": leaked},
                {**KEY, "id": "apikey_5", "name": leaked}]
        api = self.api({f"GET {ORG}/workspaces": listing([SPACE]), f"GET {ORG}/api_keys": listing(keys),
                        f"GET {ORG}/api_keys/apikey_2": Reply(keys[1]),
                        **{f"POST {ORG}/api_keys/apikey_{n}": Reply(keys[n - 1]) for n in range(1, 6)}})
        done = self.assert_done(self.ctl(api, "keys", "disable", "ml-prod", "--yes"))
        self.assertEqual(api.asked, [f"GET {ORG}/workspaces", f"GET {ORG}/api_keys", f"POST {ORG}/api_keys/apikey_1"])
        self.assertIn("key 'ml-prod' (apikey_1) is inactive", done.err)
        done = self.assert_done(self.ctl(api, "keys", "get", "twice", "--workspace", "ml"))
        self.assertIn("apikey_2\ttwice", done.text)
        self.assert_done(self.ctl(api, "keys", "archive", "twice", "--workspace", "Default", "--yes"))
        self.assertEqual(api.asked[-1], f"POST {ORG}/api_keys/apikey_3")
        before = len(api.asked)
        done = self.assert_done(self.ctl(api, "keys", "list", "--workspace", "Default", "--limit", "2", "-o", "jsonl"))
        self.assertEqual([key["id"] for key in done.records], ["apikey_1", "apikey_3"])
        self.assert_fails(self.ctl(api, "keys", "enable", "twice", "--yes"), 2,
                          "2 keys are called 'twice': an id was expected: apikey_2 (ml, active), apikey_3 (Default or organisation-wide, expired)")
        shown = f"my {KEYS['compliance'][:16]}...{KEYS['compliance'][-4:]}"
        self.assert_fails(self.ctl(api, "keys", "get", shown), 2, "2 keys are called", shown, "apikey_4 (", "apikey_5 (")
        self.assert_fails(self.ctl(api, "keys", "get", "ml-prd"), 2, "did you mean 'ml-prod'")
        self.assertEqual({asked.split()[0] for asked in api.asked[before:]}, {"GET"})
        before = len(api.asked)
        self.assert_fails(self.ctl(api, "keys", "get", "apikey_1", "--workspace", "ml"), 2, "--workspace goes with a key's name")
        self.assert_fails(self.ctl(api, "keys", "get", leaked), 2, "a key itself is no argument")
        self.assert_fails(self.ctl(api, "keys", "get", "ml-prod", "--dialect", "cca"), 2, "key.get")
        self.assertEqual(len(api.asked), before)

    def test_names_that_nobody_or_more_than_one_has_are_refused(self):
        api = self.api({f"GET {ORG}/workspaces": listing([SPACE, {**SPACE, "id": "wrkspc_2"}]),
                        f"GET {ORG}/users": listing([USER, {**USER, "id": "user_2", "email": "A@B.C"}])})
        for args, *said in [(("members", "remove", "user_1", "--workspace", "mk"), "no workspace 'mk'", "'ml'"),
                            (("members", "remove", "user_1", "--workspace", "ml"), "2 workspaces are called 'ml'", "an id was expected: wrkspc_1, wrkspc_2"),
                            (("members", "remove", "user_1", "--workspace", "Default"), "default workspace has no id"),
                            (("users", "remove", "a@b.c"), "2 users have the address 'a@b.c'", "an id was expected: user_1, user_2"),
                            (("users", "remove", "b@b.c"), "no user", "'b@b.c'")]:
            with self.subTest(args=args):
                self.assert_fails(self.ctl(api, *args, "--yes"), 2, *said)
        self.assertEqual({asked.split()[0] for asked in api.asked}, {"GET"})

    def test_a_name_that_breaks_the_policy_is_warned_of(self):
        api = self.api({f"POST {ORG}/api_keys/apikey_1": Reply(KEY)})
        done = self.assert_done(self.ctl(api, "keys", "rename", "apikey_1", "--name", "ml-prod-Chat", "--yes"))
        self.assertIn("warning: 'ml-prod-Chat' breaks the convention of names: upper-case letters: write ml-prod-chat", done.err)
        key = KEYS["compliance"]
        done = self.assert_done(self.ctl(api, "keys", "rename", "apikey_1", "--name", f"my-{key}", "--dry-run"))
        self.assertEqual((done.err.count("warning"), key in done.err + done.text), (1, False))
        self.assertIn("is a key, or holds one", done.err)
        policy = self.write("policy.yaml", "version: 1\nnames: {format: '{team}_{purpose}'}\n")
        done = self.assert_done(self.ctl(api, "keys", "rename", "apikey_1", "--name", "ml_chat", "--policy", policy, "--yes"))
        self.assertNotIn("warning", done.err)

    def test_without_a_terminal_nothing_is_done(self):
        api = self.api({})
        for args, *_ in CHANGES:
            with self.subTest(args=args):
                self.assert_fails(self.ctl(api, *args), 2, "--yes", "nothing was done")
        self.assertEqual(api.requests, [])

    def test_a_dry_run_prints_what_would_be_sent(self):
        api = self.api({})
        for args, method, path, body, *_ in CHANGES:
            with self.subTest(args=args):
                done = self.assert_done(self.ctl(api, *args, "--dry-run"))
                lines = done.text.splitlines()
                self.assertEqual(lines[0], f"{method} {path}")
                self.assertEqual(json.loads(lines[1]) if body is not None else None, body)
                row = json.loads(self.assert_done(self.ctl(api, *args, "--dry-run", "-o", "jsonl")).text)
                self.assertEqual((row["method"], row["path"], row.get("body") or None), (method, path, body))
        self.assertEqual(api.requests, [])

    def test_what_is_missing_is_said(self):
        api = self.api({})
        for args, word in ((("users", "update", "user_1"), "--role"), (("users", "remove"), "one user's id"),
                           (("users", "remove", "a", "b"), "2 arguments"), (("invites", "create", "--email", "a@b.c"), "--role"),
                           (("workspaces", "create"), "--name"), (("workspaces", "update", "wrkspc_1"), "--name"),
                           (("workspaces", "create", "--name", "a", "--tag", "x"), "KEY=VALUE"),
                           (("workspaces", "create", "--name", "a", "--color", "red"), "--color takes #RRGGBB, such as #6c5bb9, not 'red'"),
                           (("workspaces", "update", "a", "--color", "#12345"), "not '#12345'"),
                           (("workspaces", "update", "a", "--color", "#1234567"), "not '#1234567'"),
                           (("workspaces", "update", "a", "--color", "1234567"), "not '1234567'"),
                           (("members", "add", "user_1", "--role", "user"), "--workspace"),
                           (("members", "add", "user_1", "--workspace", "w"), "--role"),
                           (("keys", "rename", "apikey_1"), "--name"),
                           (("users", "update", "u", "--role", "a", "--role", "b"), "once")):
            with self.subTest(args=args):
                self.assert_fails(self.ctl(api, *args, "--yes"), 2, word)
        self.assertEqual(api.requests, [])

    def test_what_no_role_or_state_is_called_is_said_before_anything_is_asked_or_sent(self):
        api = self.api({})
        given = "--role takes one of user, developer, billing, claude_code_user, managed in the dialect platform, not "
        for args, known in ((("users", "update", "a@b.c", "--role", "admin"), given + "'admin'"),
                            (("invites", "create", "--email", "a@b.c", "--role", "boss"), given + "'boss'"),
                            (("members", "add", "a@b.c", "--workspace", "ml", "--role", "billing"),
                             "takes one of user, developer, restricted_developer, admin in the dialect platform, not 'billing'"),
                            (("members", "update", "a@b.c", "--workspace", "ml", "--role", "workspace_boss"), "not 'workspace_boss'"),
                            (("users", "list", "--role", "user", "--role", "boss"), "primary_owner"),
                            (("invites", "list", "--status", "active"), "--status takes one of pending, accepted, expired, deleted"),
                            (("invites", "list", "--role", "boss"), "--role takes one of user"),
                            (("keys", "list", "--status", "pending", "--workspace", "ml"), "active, inactive, archived, expired"),
                            (("workspaces", "list", "--status", "gone"), "--status takes one of active, archived, all, not 'gone'"),
                            (("activities", "query", "--order", "up"), "--order takes one of asc, desc"),
                            (("usage", "messages", "--bucket", "5m"), "--bucket takes one of 1m, 1h, 1d"),
                            (("keys", "audit", "--violation", "old"), "--violation takes one of name, format, case"),
                            (("models", "check", "--violation", "old"), "takes one of not-allowed, not-pinned, retires, unknown, not 'old'"),
                            (("groups", "create", "--name", "a", "--audit-level", "all", "--dialect", "cca"),
                             "--audit-level takes one of none, metadata, full in the dialect cca, not 'all'"),
                            (("users", "list", "--email", "a@b.c", "--dialect", "cca"), "--email is not taken in the dialect cca"),
                            (("users", "update", "a@b.c", "--role", "boss", "--dialect", "cca"), "user, developer, billing, admin in")):
            with self.subTest(args=args):
                self.assert_fails(self.ctl(api, *args), 2, known)
        self.assertEqual(api.requests, [])

    def test_the_platform_lacks_what_only_cca_has(self):
        api = self.api({})
        args = ("invites", "create", "--email", "a@b.c", "--role", "user")
        self.assert_fails(self.ctl(api, *args, "--expires-in-days", "3"), 2, "--expires-in-days is not taken in the dialect platform")
        self.assert_fails(self.ctl(api, *args, "--workspace", "ws_1"), 2, "--workspace is not taken in the dialect platform")
        self.assertEqual(api.requests, [])

    def test_an_invitation_in_cca(self):
        reply = {"id": "inv_1", "email": "a@b.c", "role": "viewer", "workspaces": ["ws_1"], "status": "pending",
                 "created_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-04T00:00:00Z"}
        api = self.api({"POST /v1/admin/invitations": Reply(reply)})
        done = self.assert_done(self.ctl(api, "invites", "create", "--email", "a@b.c", "--role", "user", "--workspace",
                                         "ws_1", "--workspace", "ws_2", "--expires-in-days", "3", "--yes", "--dialect", "cca"))
        self.assertEqual(api.requests[0].json, {"email": "a@b.c", "role": "viewer", "workspaces": ["ws_1", "ws_2"],
                                                "expires_in_days": 3})
        self.assertIn("inv_1\ta@b.c\tuser\tpending\t2026-01-01", done.text)


class Terminal(CtlTest):
    def talk(self, api, answer, *args, question=b"[y/N] "):
        """Runs skantctl with a terminal on standard input and standard error; what it showed there, its status."""
        master, slave = pty.openpty()
        with subprocess.Popen([SKANTCTL, *args], cwd=self.dir, stdin=slave, stderr=slave, stdout=subprocess.PIPE,
                              env=self.ctl_env(api)) as process:
            os.close(slave)
            shown = b""
            while question not in shown:
                try:
                    shown += os.read(master, 1000)
                except OSError:
                    break
            if question in shown:
                os.write(master, answer)
            while True:
                try:
                    more = os.read(master, 1000)
                except OSError:
                    break
                shown += more
                if not more:
                    break
            out = process.stdout.read()
            os.close(master)
        return process.returncode, shown.decode(), out.decode()

    def test_yes_goes_on(self):
        api = self.api({f"DELETE {ORG}/users/user_1": Reply({"id": "user_1", "type": "user_deleted"})})
        status, shown, out = self.talk(api, b"y\n", "users", "remove", "user_1")
        self.assertEqual(status, 0, shown)
        self.assertIn("Remove user user_1 from the organisation? [y/N] ", shown)
        self.assertIn("was removed", out)
        self.assertEqual(len(api.requests), 1)

    def test_anything_else_does_not(self):
        api = self.api({})
        for answer in (b"\n", b"n\n", b"sure\n"):
            status, shown, out = self.talk(api, answer, "users", "remove", "user_1")
            self.assertEqual((status, out), (1, ""), shown)
            self.assertIn("nothing was changed", shown)
        self.assertEqual(api.requests, [])

    def test_what_is_read_from_the_terminal_is_said(self):
        for args, what in ((("verify",), "keys, one a line"), (("usage", "estimate"), "usage records, one JSON object a line"),
                           (("message", "send", "--model", "m", "--queue", "-"), "prompts, one JSON object a line")):
            status, shown, _ = self.talk(self.api({}), b"\x04", *args, question=b"Ctrl-D ends it")
            self.assertEqual(status, 0, shown)
            self.assertIn(f"skantctl: reading {what}, from the terminal; Ctrl-D ends it", shown)

    def test_how_far_reading_is_is_told_after_a_second(self):
        def slow(request):
            time.sleep(0.35)
            return Reply({"data": [], "has_more": False, "next_page": None})
        api = self.api({f"GET {ORG}/usage_report/claude_code": slow})
        args = ("usage", "claude-code", "--from", "2026-01-01", "--to", "2026-01-06", "--group-by", "model")
        status, shown, out = self.talk(api, b"", *args, question=b"answers so far")
        self.assertEqual((status, len(api.requests)), (0, 5), shown)
        self.assertRegex(shown, r"\rreading usage.claude_code: [345] answers so far\x1b\[K")
        self.assertTrue(shown.split("answers so far\x1b[K")[-1].startswith("\r\x1b[K"), shown)
        self.assertNotIn("so far", out)

    def test_a_workspace_is_not_archived_by_an_answer(self):
        api = self.api({})
        status, shown, _ = self.talk(api, b"y\n", "workspaces", "archive", "wrkspc_1")
        self.assertEqual(status, 2)
        self.assertIn("--yes", shown)
        self.assertNotIn("[y/N]", shown)
        self.assertEqual(api.requests, [])

    def test_what_was_typed_cannot_write_to_the_terminal(self):
        _, shown, _ = self.talk(self.api({}), b"n\n", "keys", "rename", "apikey_1", "--name", "a\x1b[31m")
        self.assertNotIn("\x1b", shown)
        self.assertIn("a\\x1b[31m", shown)


if __name__ == "__main__":
    unittest.main()
