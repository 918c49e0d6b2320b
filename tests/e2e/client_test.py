# SPDX-License-Identifier: Apache-2.0
"""The API client with nothing above it (apiprobe) against the mock: TLS, pages, what a key leaves behind."""
import http.server
import json
import os
import subprocess
import tempfile
import threading
import unittest

from mockapi import ACTIVITIES, CLOCK, HERE, ORG, MockTest

PROBE = os.environ.get("APIPROBE", os.path.join(HERE, "..", "..", "build", "release", "apiprobe"))
NOTHING_SENT = 2  # exit statuses of the probe
REFUSED = 3
FORMAT = 4
LATER = 75


class ClientTest(MockTest):
    def probe(self, mock, *args, kinds=("admin",), expect=0, **env):
        base = {k: v for k, v in os.environ.items() if not k.startswith(("SKANT_", "ANTHROPIC_", "XDG_"))}
        env = {**base, "HOME": "/nonexistent", **mock.env(*kinds), **env}
        done = subprocess.run([PROBE, *args], env={k: v for k, v in env.items() if v is not None}, capture_output=True,
                              text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, expect, done.stderr)
        for kind in ("api", "admin", "compliance", "oauth"):
            self.assertNotIn(mock.key(kind), done.stdout + done.stderr)
        return done


class Trust(ClientTest):
    def refused(self, mock, **env):
        done = self.probe(mock, "call", "org.get", expect=NOTHING_SENT, **env)
        self.assertIn("cannot be verified, and nothing was sent", done.stderr)
        mock.stop()
        self.assertEqual(mock.lines, [])

    def test_a_certificate_that_does_not_hold_ends_it_before_the_key_is_sent(self):
        for cert in ("wrong-host", "expired", "untrusted"):
            self.refused(self.mock(cert=cert, **CLOCK))

    def test_without_the_ca_there_is_no_trust(self):
        self.refused(self.mock(**CLOCK), SKANT_CA_FILE=None)

    def test_a_named_ca_file_is_the_only_one(self):
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as empty:
            self.refused(self.mock(**CLOCK), SKANT_CA_FILE=empty.name)

    def test_the_proxy_of_the_environment_gets_no_key(self):
        seen = []

        class Proxy(http.server.BaseHTTPRequestHandler):
            def do_CONNECT(self):  # pylint: disable=invalid-name
                seen.append((self.requestline, str(self.headers)))
                self.send_response(403)
                self.end_headers()

            def log_message(self, *_):
                pass

        proxy = http.server.HTTPServer(("127.0.0.1", 0), Proxy)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        mock = self.mock(**CLOCK)
        done = self.probe(mock, "call", "org.get", expect=LATER, no_proxy=None, NO_PROXY=None,
                          https_proxy=f"http://127.0.0.1:{proxy.server_port}")
        proxy.shutdown()
        proxy.server_close()
        self.assertIn("the connection to localhost", done.stderr)
        self.assertEqual(seen[0][0], f"CONNECT localhost:{mock.port} HTTP/1.1")
        self.assertNotIn("x-api-key", seen[0][1])
        mock.stop()
        self.assertEqual(mock.lines, [])


class Pages(ClientTest):
    def test_every_style_gives_every_row_once(self):
        mock = self.mock(users=45, activities=230, **CLOCK)
        for operation, size, path, kind in (("user.list", 7, ORG + "/users", "admin"),
                                            ("activity.list", 50, ACTIVITIES, "compliance"),
                                            ("compliance.group.list", 2, "/v1/compliance/groups", "compliance")):
            done = self.probe(mock, "--page-size", str(size), "list", operation, kinds=(kind,))
            whole = mock.get(path, kind=kind, query={"limit": 1000})
            self.assertEqual([json.loads(line) for line in done.stdout.splitlines()], whole.json["data"])
        mock.stop()

    def test_a_walk_toward_now_gives_what_is_newer(self):
        mock = self.mock(activities=230, **CLOCK)
        page = mock.get(ACTIVITIES, kind="compliance", query={"limit": 200}).json
        done = self.probe(mock, "--page-size", "30", "list", "activity.list", "before_id=" + page["last_id"],
                          kinds=("compliance",))
        ids = {json.loads(line)["id"] for line in done.stdout.splitlines()}
        self.assertEqual(ids, {row["id"] for row in page["data"][:-1]})
        mock.stop()

    def test_many_threads_share_a_client(self):
        mock = self.mock(activities=1200, **CLOCK)
        done = self.probe(mock, "--threads", "8", "--page-size", "100", "count", "activity.list", kinds=("compliance",))
        self.assertEqual(done.stdout.split(), ["1200"] * 8)
        mock.stop()

    def test_a_cursor_that_has_expired_is_a_refusal(self):
        script = {"faults": [{"match": {"query": "after_id"}, "do": {"expired_cursor": True}}]}
        mock = self.mock(script, activities=300, **CLOCK)
        done = self.probe(mock, "--page-size", "100", "list", "activity.list", kinds=("compliance",), expect=REFUSED)
        self.assertIn("refused: activity.list: 400 invalid_request_error: Invalid `after_id`", done.stderr)
        mock.abandon()

    def test_a_page_that_is_damaged_is_no_page(self):
        for fault in ({"invalid_json": True}, {"truncate_json": True}, {"bad_gzip": True}):
            mock = self.mock({"faults": [{"do": fault}]}, **CLOCK)
            done = self.probe(mock, "list", "user.list", expect=FORMAT)
            self.assertEqual(done.stdout, "")
            mock.stop()

    def test_a_body_that_is_cut_or_reset_is_tried_again(self):
        for fault in ({"cut": 20}, {"reset_at": 40}, {"reset_at": 400}):
            mock = self.mock({"faults": [{"match": {"times": 1}, "do": fault}]}, **CLOCK)
            self.probe(mock, "--retries", "2", "list", "user.list")
            mock.stop()


class Traces(ClientTest):
    def test_nothing_of_a_key_is_in_memory_once_the_client_is_gone(self):
        mock = self.mock(activities=700, **CLOCK)
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "skant"))
            with open(os.path.join(folder, "skant", "skantctl.yaml"), "w", encoding="ascii") as f:
                f.write("version: 1\nprofiles:\n  default:\n    credentials:\n      admin: {file: "
                        + mock.credential_file("admin") + "}\n")
            done = self.probe(mock, "--page-size", "100", "--key-file", mock.credential_file("admin"), "wipe",
                              "activity.list", XDG_CONFIG_HOME=folder, ANTHROPIC_ADMIN_KEY=None)
        self.assertIn("rows 700, before yes, after 0\n", done.stdout)
        mock.stop()

    def test_the_request_log_has_a_line_for_each_request(self):
        mock = self.mock(users=45, **CLOCK)
        with tempfile.NamedTemporaryFile() as log:
            self.probe(mock, "--log", log.name, "--page-size", "20", "list", "user.list", "email=nobody@example.com")
            self.probe(mock, "--log", log.name, "--page-size", "20", "count", "user.list")
            text = log.read().decode()
        lines = [json.loads(line) for line in text.splitlines()]
        mock.stop()
        self.assertEqual(len(lines), 4)
        self.assertEqual([(line["method"], line["path"], line["status"], line["request_id"]) for line in lines],
                         [(line["method"], line["path"], line["status"], line["request_id"]) for line in mock.lines])
        self.assertTrue(all(set(line) == {"time", "method", "path", "status", "request_id", "duration_ms"}
                            for line in lines))
        self.assertNotIn("example.com", text)


if __name__ == "__main__":
    unittest.main()
