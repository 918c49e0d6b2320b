# SPDX-License-Identifier: Apache-2.0
"""skantctl: what bad input and a bad peer get. Exit statuses, and that nothing was sent where nothing had to be."""
import os
import socket
import subprocess
import unittest

from skantctl_support import ACTIVITIES, KEYS, ORG, SKANTCTL, CtlTest, Reply, listing, refusal

CEILING = 64 << 20  # larger than any reply that is taken


class Usage(CtlTest):
    def refuse(self, *args, words=(), keys=("admin",), env=None):
        api = self.api({})
        if env is not None:
            env = self.ctl_env(api, keys, **env)
        result = self.assert_fails(self.ctl(api, *args, keys=keys, env=env), 2, *words)
        self.assertEqual(api.requests, [])
        self.assertEqual(result.text, "")
        return result

    def test_no_command(self):
        self.refuse(words=["skantctl --help"])
        self.refuse("users", words=["needs one of: list, get, update, remove"])
        self.refuse("usres", "list", words=["did you mean 'users'?"])
        self.refuse("users", "lsit", words=["did you mean 'users list'?"])

    def test_an_unknown_dialect(self):
        self.refuse("users", "list", "--dialect", "platfrom", words=["platform"])
        self.refuse("users", "list", env={"SKANT_DIALECT": "soap"}, words=["cca"])

    def test_an_unknown_profile(self):
        self.refuse("users", "list", "--profile", "prod")

    def test_ids_that_are_none(self):
        for bad in ("../me", "a/b", "user_1?x=1", "a b", "", "user\n1", "user_1#x", "%2e"):
            with self.subTest(id=bad):
                self.refuse("users", "get", bad)
                self.refuse("keys", "disable", bad and "apikey_" + bad, "--yes")
                self.refuse("workspaces", "get", bad and "wrkspc_" + bad)
                self.refuse("members", "add", "user_1", "--workspace", bad and "wrkspc_" + bad, "--role", "user", "--yes")
        result = self.refuse("users", "get", "a\x1b]0;x\x07")
        self.assertNotIn("\x1b", result.err)

    def test_times_that_are_none(self):
        for bad in ("yesterday", "2026-02-30", "2026-11-24T25:00:00Z", "20261124", "2026-11-24T10:00", "1"):
            with self.subTest(time=bad):
                self.refuse("activities", "query", "--from", bad, words=["--from", "RFC 3339"])
                self.refuse("activities", "types", "--to", bad, words=["--to"])
        self.refuse("activities", "query", "--from", "2026-02-01", "--to", "2026-01-01", words=["before --to"])
        self.refuse("activities", "query", "--from", "2026-02-01", "--to", "2026-02-01", words=["before --to"])
        self.refuse("activities", "query", "--from", "2999-01-01", words=["past"])
        self.refuse("activities", "query", "--from", "1", "--workspace", "ml", "--actor", "a@b.c", words=["--from"])

    def test_a_page_that_is_too_large(self):
        self.refuse("users", "list", "--page-size", "1001")
        self.refuse("activities", "query", "--page-size", "5001")

    def test_a_missing_credential(self):
        self.refuse("users", "list", keys=())
        self.refuse("users", "list", keys=("api",))
        self.refuse("models", "list", keys=("compliance",))

    def test_a_credential_of_another_kind(self):
        result = self.refuse("users", "list", keys=(), env={"ANTHROPIC_ADMIN_KEY": KEYS["api"]})
        self.assertIn("admin", result.err)

    def test_a_credential_in_a_file_that_others_may_read(self):
        self.write("key", KEYS["admin"] + "\n")
        os.makedirs(os.path.join(self.home, ".config", "skant"))
        with open(os.path.join(self.home, ".config", "skant", "skantctl.yaml"), "w", encoding="utf-8") as f:
            f.write("version: 1\nprofiles:\n  default:\n    credentials:\n      admin: {file: '" + self.path("key") + "'}\n")
        os.chmod(self.path("key"), 0o644)
        self.refuse("users", "list", keys=(), env={}, words=["chmod 600"])
        os.chmod(self.path("key"), 0o600)
        api = self.api({f"GET {ORG}/users": listing([])})
        self.assert_done(self.ctl(api, "users", "list", keys=()))
        self.assertEqual(api.requests[0].key, KEYS["admin"])

    def test_a_base_url_that_is_none(self):
        for url in ("http://api.example.com", "ftp://127.0.0.1", "https://user@example.com", "https://example.com/?a=b", "x"):
            with self.subTest(url=url):
                self.refuse("users", "list", "--base-url", url)

    def test_a_request_log_that_cannot_be_written(self):
        self.refuse("users", "list", "--request-log", self.path("no", "log"), words=["request log"])

    def test_a_key_as_an_argument_is_not_shown(self):
        result = self.refuse("users", "get", KEYS["compliance"], "x")
        self.assertNotIn(KEYS["compliance"], result.err)
        self.refuse(KEYS["compliance"])


class Peer(CtlTest):
    def answers(self, reply, status, *words, args=("users", "list"), path=f"{ORG}/users"):
        api = self.api({f"GET {path}": reply})
        return api, self.assert_fails(self.ctl(api, *args, "--max-retries", "0"), status, *words)

    def test_a_refusal_shows_type_message_and_request(self):
        self.answers(refusal(403, "permission_error", "Missing required scopes. Got: ['a'] Needed: ['b']"), 3,
                     "permission_error", "Missing required scopes", "req_test", "user.list")
        self.answers(refusal(404, "not_found_error", "No such user"), 3, "No such user", args=("users", "get", "user_9"),
                     path=f"{ORG}/users/user_9")

    def test_what_is_waited_for_is_said(self):
        api = self.api({f"GET {ORG}/users": refusal(429, "rate_limit_error", "slower", retry_after="30")})
        for quiet in ((), ("--quiet", "--max-retries", "0")):
            with subprocess.Popen([SKANTCTL, "users", "list", *quiet], cwd=self.dir, stderr=subprocess.PIPE, env=self.ctl_env(api)) as process:
                self.assertRegex(process.stderr.readline().decode(), "error: user.list: 429 " if quiet else
                                 r"^skantctl: user\.list: 429; the next try is in 3[0-9] s$")
                process.terminate()

    def test_a_refusal_cannot_write_to_the_terminal_or_show_a_key(self):
        _, result = self.answers(refusal(400, "invalid_request_error", f"\x1b[31m{KEYS['admin']}\nforged"), 3)
        self.assertNotIn("\x1b", result.err)
        self.assertEqual(len(result.err.splitlines()), 1)

    def test_a_dead_credential(self):
        self.answers(refusal(401, "authentication_error", "invalid x-api-key"), 3, "invalid x-api-key")

    def test_a_rate_limit_and_a_server_in_trouble(self):
        self.answers(refusal(429, "rate_limit_error", "slow down", retry_after="1"), 75, "slow down")
        self.answers(refusal(529, "overloaded_error", "Overloaded"), 75)
        self.answers(Reply(b"<html>bad gateway</html>", 502, content_type="text/html"), 75)

    def test_it_is_tried_again(self):
        api = self.api({f"GET {ORG}/users": [refusal(500, "api_error", "x", retry_after="0"), listing([])]})
        self.assert_done(self.ctl(api, "users", "list", "--max-retries", "1"))
        self.assertEqual(len(api.requests), 2)

    def test_nobody_is_there(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{s.getsockname()[1]}"
        result = self.ctl(None, "users", "list", "--base-url", url, "--max-retries", "0",
                          env=self.ctl_env(None, SKANT_ALLOW_HTTP_LOOPBACK="1"))
        self.assert_fails(result, 75)

    def test_a_proxy_that_answers_in_html(self):
        self.answers(Reply(b"<html><body>Sign in to the network</body></html>", 200, content_type="text/html"), 3)

    def test_json_that_is_none(self):
        for body in (b"{", b"[]", b"", b'{"data":{}}', b'{"data":[1,]}', b"null", b'{"has_more":false}'):
            with self.subTest(body=body):
                self.answers(Reply(body), 3)

    def test_a_body_above_the_ceiling(self):
        _, result = self.answers(Reply(b'{"data":["' + b"x" * (CEILING + 1) + b'"]}'), 3)
        self.assertEqual(result.text, "")

    def test_a_list_that_never_ends(self):
        same = Reply({"data": [{"id": "user_1"}], "has_more": True, "first_id": "a", "last_id": "a"})
        self.answers(same, 3, args=("users", "list", "-o", "jsonl"))

    def test_a_redirect_is_not_followed(self):
        api, _ = self.answers(Reply(b"", 302, location=f"{ORG}/users2"), 3)
        self.assertEqual(api.asked, [f"GET {ORG}/users"])

    def test_output_that_cannot_be_written(self):
        api = self.api({f"GET {ORG}/users": listing([{"id": "user_1"}])})
        with open("/dev/full", "wb") as full:
            done = subprocess.run([SKANTCTL, "users", "list"], stdout=full, stderr=subprocess.PIPE, check=False,
                                  env=self.ctl_env(api))
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"standard output", done.stderr)

    def test_a_reader_that_has_gone_away_ends_it_as_usual(self):
        rows = [{"id": f"activity_{n}", "type": "x" * 100} for n in range(20000)]
        api = self.api({f"GET {ACTIVITIES}": listing(rows)})
        with subprocess.Popen([SKANTCTL, "activities", "query", "-o", "jsonl"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.ctl_env(api)) as process:
            process.stdout.readline()
            process.stdout.close()
            error = process.stderr.read()
        self.assertEqual((process.returncode, error), (-13, b""))


class Secrets(CtlTest):
    def test_no_core_file_and_no_reader_of_its_memory(self):
        if "ASAN_OPTIONS" in os.environ:
            self.skipTest("a leak check reads the process")
        seen = {}

        def answer(request):
            pid = children[0].pid
            seen["owner"] = os.stat(f"/proc/{pid}/mem").st_uid
            seen["readable"] = os.access(f"/proc/{pid}/environ", os.R_OK)
            with open(f"/proc/{pid}/limits", encoding="utf-8") as f:
                seen["core"] = [line.split()[4] for line in f if line.startswith("Max core")]
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                seen["cmdline"] = f.read()
            return listing([])(request)

        api = self.api({f"GET {ORG}/users": answer})
        children = []
        with subprocess.Popen([SKANTCTL, "users", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=self.ctl_env(api)) as process:
            children.append(process)
            process.communicate()
        self.assertEqual(process.returncode, 0)
        self.assertEqual(seen["core"], ["0"])
        self.assertEqual(seen["owner"], 0)  # root's, whoever runs it: PR_SET_DUMPABLE is 0
        self.assertNotIn(KEYS["admin"].encode(), seen["cmdline"])


if __name__ == "__main__":
    unittest.main()
