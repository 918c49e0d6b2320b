# SPDX-License-Identifier: Apache-2.0
"""skantctl activities query while things go wrong on the way: what a good run printed is every activity once, and what could
not be read is an error."""
import concurrent.futures
import http.server
import json
import os
import select
import signal
import socket
import subprocess
import threading
import unittest

from mockapi import ACTIVITIES, CLOCK, Mock
from skantctl_support import KEYS, ORG, SKANTCTL, CtlTest, Reply
from support import has_sanitizer

ROWS = 9
PAGE = 3
IS_SLOW = has_sanitizer()
AT_ONCE = 8 if IS_SLOW else 48  # most of them wait
LONGEST = 1300  # bytes, more than a page of three has on its way
SECOND = {"nth": 2}
BEHIND = {"query": "after_id"}


class FaultTest(CtlTest):
    def mocked(self, script=None, **options):
        options = {"activities": ROWS, **CLOCK, **options}
        mock = Mock(script, **{name: value for name, value in options.items() if value is not None})
        self.addCleanup(mock.abandon)
        return mock

    def query(self, mock, *args, keys=("compliance",), **env):
        done = subprocess.run([SKANTCTL, "activities", "query", "-o", "jsonl", "--page-size", str(PAGE), *args], check=False,
                              capture_output=True, timeout=300, env=self.env(**{**mock.env(*keys), **env}))
        for key in keys:
            self.assertNotIn(mock.key(key).encode(), done.stdout + done.stderr)
        return done

    def whole(self, mock):
        done = self.query(mock)
        self.assertEqual((done.returncode, done.stdout.count(b"\n"), done.stderr), (0, ROWS, b""))
        return done.stdout


class Resets(FaultTest):
    def sweep(self, mock, offsets):
        """A run for each offset, at which the first reply of each page is reset. A run is known by its --from."""
        whole = self.whole(mock)
        mock.script({"faults": [{"match": {"query": f"00.{at:06}".rstrip("0") + "Z", "nth": nth},
                                 "do": {"reset_at": at, "retry_after": 0}} for at in offsets for nth in (1, 3, 5)]})

        def run(at):
            return at, self.query(mock, "--from", f"2020-01-01T00:00:00.{at:06}Z")

        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for at, done in pool.map(run, offsets):
                self.assertEqual((done.returncode, done.stdout), (0, whole), (at, done.stderr))
        fired = mock.state()["fired"]
        self.assertEqual(fired[:3], [1, 1, 1])  # each of the pages was asked for twice
        self.assertEqual(fired[-3:], [1, 1, 0])  # and no page is longer than the last offset
        mock.stop()

    def test_at_every_byte(self):
        self.sweep(self.mocked(plain=True), range(1, LONGEST, 53 if IS_SLOW else 1))

    def test_within_tls(self):
        self.sweep(self.mocked(), range(1, LONGEST + 100, 100))


class Faults(FaultTest):
    def test_what_passes_leaves_no_gap_and_no_row_twice(self):
        whole = self.whole(self.mocked())
        soon = {"retry_after": 0}
        later = "Sun, 01 Nov 2026 12:00:01 GMT"
        for match, what in ((SECOND, {"status": 429}), (SECOND, {"status": 429, "retry_after": 1}),
                            (SECOND, {"status": 429, "retry_after": later}),
                            *((SECOND, {"status": status, **soon}) for status in (408, 500, 502, 503, 504, 529)),
                            (SECOND, {"status": 502, "body": "<html>", "content_type": "text/html", **soon}),
                            (SECOND, {"status": 400, "x_should_retry": True, **soon}),
                            (SECOND, {"cut": 100, **soon}), (SECOND, {"cut": 0, **soon}), (SECOND, {"reset_at": 700, **soon}),
                            (SECOND, {"wrong_length": 50, **soon}), (SECOND, {"wrong_length": -50, **soon}),
                            (SECOND, {"wrong_length": -1_000_000, **soon}),
                            (SECOND, {"bad_gzip": True, **soon}), (SECOND, {"invalid_json": True, **soon}),
                            (SECOND, {"truncate_json": True, **soon}), (SECOND, {"body": "", **soon}),
                            ({}, {"bytes_per_second": 5000}), (BEHIND, {"duplicate": 2}),
                            ({}, {"late": {"count": 1, "seconds": 0}}), ({}, {"clock_skew": -86400}), ({}, {"clock_skew": 86400})):
            with self.subTest(fault=what):
                mock = self.mocked({"faults": [{"match": match, "do": what}]})
                done = self.query(mock)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, whole, b""))
                self.assertGreater(mock.state()["fired"][0], 0)
                mock.stop()

    def test_rows_that_change_places_are_all_there(self):
        mock = self.mocked({"faults": [{"do": {"out_of_order": True}}]})
        lines = self.query(mock).stdout.splitlines()
        mock.script({"faults": []})
        self.assertEqual((len(lines), sorted(lines)), (ROWS, sorted(self.whole(mock).splitlines())))
        mock.stop()

    def test_late_rows_are_there_when_the_list_comes_to_them(self):
        mock = self.mocked({"faults": [{"match": {"nth": 1}, "do": {"late": {"count": 2, "seconds": 30 * 86400}}}]}, start=
                           "2026-09-01T00:00:00Z")
        whole = self.query(mock).stdout.splitlines()
        mock.script({"faults": []})
        again = self.query(mock).stdout.splitlines()
        self.assertEqual((len(set(again)), len(set(whole) - set(again))), (ROWS + 2, 0))
        self.assertEqual(len(set(whole)), len(whole))
        mock.stop()

    def test_a_cursor_that_has_expired_is_done_without(self):
        whole = self.whole(self.mocked())
        for match in ({"nth": 2}, {"nth": 3}, {**BEHIND, "every": 2}, BEHIND):
            for order, expected in (("desc", whole), ("asc", b"".join(reversed(whole.splitlines(True))))):
                with self.subTest(match=match, order=order):
                    mock = self.mocked({"faults": [{"match": match, "do": {"expired_cursor": True}}]})
                    done = self.query(mock, "--order", order)
                    self.assertEqual((done.returncode, done.stdout), (0, expected), done.stderr)
                    self.assertIn(b"it is asked by time from there on", done.stderr)
                    mock.stop()

    def test_so_is_one_of_cca(self):
        mock = self.mocked()
        args = ("--dialect", "cca", "--from", "2020-01-01")
        whole = self.query(mock, *args, keys=("admin",))
        mock.script({"faults": [{"match": {"nth": 2}, "do": {"expired_cursor": True}}]})
        done = self.query(mock, *args, keys=("admin",))
        self.assertEqual((done.returncode, done.stdout), (0, whole.stdout), done.stderr)
        self.assertEqual((done.stdout.count(b"\n"), mock.state()["fired"]), (ROWS, [1]))
        mock.stop()

    def test_a_tail_whose_cursor_has_expired_goes_on(self):
        mock = self.mocked({"faults": [{"match": {"query": "before_id", "nth": 2}, "do": {"expired_cursor": True}}]},
                           now=None)
        with subprocess.Popen([SKANTCTL, "activities", "tail", "--interval", "1", "-o", "jsonl"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.env(**mock.env("compliance"))) as process:
            try:
                while not mock.state()["fired"][0]:
                    self.assertIsNone(process.poll())
                    mock.add(1)
                    json.loads(process.stdout.readline())
                process.send_signal(signal.SIGINT)
                rest, errors = process.communicate(timeout=60)
            finally:
                process.kill()
        self.assertEqual((process.returncode, rest), (0, b""))
        self.assertIn(b"it is asked by time from there on", errors)
        mock.stop()

    def test_what_stays_is_an_error_behind_what_was_read(self):
        rows = self.whole(self.mocked()).splitlines(True)
        for what, status, words in (({"status": 429, "retry_after": 0}, 75, b"rate_limit_error"),
                                    ({"status": 429, "retry_after": 100_000}, 75, b"behind the deadline"),
                                    ({"status": 529, "retry_after": 0}, 75, b"529 overloaded_error (req_"),
                                    ({"status": 500, "x_should_retry": False}, 3, b"500 api_error"),
                                    ({"status": 403}, 3, b"403 permission_error"),
                                    ({"reset_at": 600, "retry_after": 0}, 75, b"connection reset (req_"),
                                    ({"cut": 100, "retry_after": 0}, 75, b"answer cut off"),
                                    ({"bad_gzip": True, "retry_after": 0}, 3, b"cannot be decoded"),
                                    ({"invalid_json": True, "retry_after": 0}, 3, b"page 2: not valid JSON"),
                                    ({"body": "<html>", "content_type": "text/html"}, 3, b"text/html"),
                                    ({"oversized": 70_000_000}, 3, b"larger than is taken"),
                                    ({"redirect": "https://elsewhere.test/"}, 3, b"redirect")):
            with self.subTest(fault=what):
                mock = self.mocked({"faults": [{"match": BEHIND, "do": what}]})
                done = self.query(mock, "--max-retries", "2")
                self.assertEqual((done.returncode, done.stdout), (status, b"".join(rows[:PAGE])), done.stderr)
                self.assertIn(words, done.stderr)
                self.assertIn(b"activity.list: ", done.stderr)
                mock.stop()

    def test_a_server_that_is_slower_than_the_time_allows(self):
        mock = self.mocked({"faults": [{"do": {"bytes_per_second": 50}}]})
        done = self.query(mock, "--api-timeout", "1", "--max-retries", "0")
        self.assertEqual((done.returncode, done.stdout), (75, b""))
        self.assertIn(b"no whole answer came in time", done.stderr)
        mock.stop()


class Trust(FaultTest):
    def refused(self, mock, **env):
        done = self.query(mock, **env)
        self.assertEqual((done.returncode, done.stdout), (2, b""), done.stderr)
        mock.stop()
        self.assertEqual(mock.lines, [])
        return done.stderr

    def test_a_certificate_that_does_not_hold(self):
        for cert in ("wrong-host", "expired", "untrusted"):
            self.assertIn(b"cannot be verified, and nothing was sent", self.refused(self.mocked(cert=cert)))

    def test_a_file_of_certificates_that_is_not_there_or_none(self):
        self.assertIn(b"no-such.pem", self.refused(self.mocked(), SKANT_CA_FILE=self.path("no-such.pem")))
        self.write("none.pem", "no certificate\n")
        self.assertIn(b"none.pem", self.refused(self.mocked(), SKANT_CA_FILE=self.path("none.pem")))


class Proxy:
    """A proxy that answers CONNECT with a tunnel, or with what it is told to."""

    def __init__(self, answer=None):
        self.asked = []
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_CONNECT(self):  # pylint: disable=invalid-name
                proxy.asked.append((self.requestline, str(self.headers)))
                if answer:
                    self.wfile.write(answer)
                    self.close_connection = True
                    return
                host, _, port = self.path.partition(":")
                with socket.create_connection((host, int(port))) as peer:
                    self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    self.tunnel(peer)

            def tunnel(self, peer):
                ends = {self.connection: peer, peer: self.connection}
                while True:
                    for end in select.select(list(ends), [], [])[0]:
                        data = end.recv(65536)
                        if not data:
                            return
                        ends[end].sendall(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Proxies(FaultTest):
    def proxy(self, answer=None):
        proxy = Proxy(answer)
        self.addCleanup(proxy.close)
        return proxy

    def test_a_tunnel_carries_the_list_and_shows_no_key(self):
        proxy, mock = self.proxy(), self.mocked()
        whole = self.whole(mock)
        done = self.query(mock, https_proxy=proxy.url)
        self.assertEqual((done.returncode, done.stdout), (0, whole), done.stderr)
        self.assertEqual([line for line, _ in proxy.asked], [f"CONNECT localhost:{mock.port} HTTP/1.1"])
        self.assertNotIn("x-api-key", proxy.asked[0][1].lower())
        self.assertNotIn(mock.key("compliance"), proxy.asked[0][1])
        mock.stop()

    def test_no_proxy_leads_past_it(self):
        proxy, mock = self.proxy(), self.mocked()
        self.assertEqual(self.query(mock, https_proxy=proxy.url, no_proxy="localhost").returncode, 0)
        self.assertEqual(proxy.asked, [])
        mock.stop()

    def test_one_that_answers_in_html_is_named(self):
        page = b"<html><body>Please sign in</body></html>"
        head = b"content-type: text/html\r\ncontent-length: %d\r\n\r\n" % len(page)
        for status, words in ((b"407 Proxy Authentication Required", b"407"), (b"200 OK", b"TLS"), (b"503 Busy", b"503")):
            with self.subTest(status=status):
                proxy, mock = self.proxy(b"HTTP/1.1 " + status + b"\r\n" + head + page), self.mocked()
                done = self.query(mock, "--max-retries", "0", https_proxy=proxy.url)
                self.assertEqual((done.returncode, done.stdout), (75, b""), done.stderr)
                self.assertIn(words, done.stderr)
                self.assertNotIn(b"sign in", done.stderr)
                mock.stop()
                self.assertEqual(mock.lines, [])


class Secrets(CtlTest):
    def test_a_key_is_nowhere_whatever_the_server_says_with_it(self):
        key = KEYS["admin"]
        seen = []

        def note(process_id):
            for name in ("cmdline", "environ"):
                try:
                    with open(f"/proc/{process_id}/{name}", "rb") as f:
                        seen.append(f.read())
                except PermissionError:
                    self.assertEqual(name, "environ")  # only root may read it

        body = {"type": "error", "error": {"type": key, "message": f"no {key}", "details": {"error_code": key}}, "request_id": key}
        replies = [Reply(body, status, request_id=key, location=key, content_type=key, retry_after=key, date=key, x_should_retry=key,
                         anthropic_organization_id=key, anthropic_ratelimit_requests_reset=key)
                   for status in (302, 400, 401, 403, 404, 429, 500, 529)]
        replies += [Reply(f'"{key}'.encode()), Reply(f'{{"data":{key}}}'.encode()), Reply({"data": [], "has_more": key}),
                    Reply({"data": [{"id": "user_1"}], "has_more": True, "first_id": key, "last_id": key}),
                    Reply(key.encode(), content_type="text/html"), Reply(key.encode(), content_encoding="gzip")]
        self.write("key", key + "\n")
        os.chmod(self.path("key"), 0o600)
        os.makedirs(os.path.join(self.home, ".config", "skant"))
        with open(os.path.join(self.home, ".config", "skant", "skantctl.yaml"), "w", encoding="utf-8") as f:
            f.write("version: 1\nprofiles:\n  default:\n    credentials:\n      admin: {file: '" + self.path("key") + "'}\n")
        for reply in replies:
            def answer(_, reply=reply):
                note(process.pid)
                return reply

            api = self.api({f"GET {ORG}/users": answer})
            # pylint: disable-next=consider-using-with
            process = subprocess.Popen([SKANTCTL, "users", "list", "-v", "-o", "json", "--max-retries", "0", "--request-log",
                                        self.path("log")], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       env=self.ctl_env(api, keys=()))
            out, err = process.communicate(timeout=60)
            self.assertNotEqual(process.returncode, 0)
            self.assertGreater(len(err), 0)
            seen += [out, err]
            self.assertGreater(len(api.requests), 0)
            self.assertTrue(all(r.key == key for r in api.requests))
        with open(self.path("log"), "rb") as f:
            seen.append(f.read())
        self.assertGreater(len(seen[-1].splitlines()), len(replies) - 1)
        for text in seen:
            self.assertNotIn(key[20:60].encode(), text)


if __name__ == "__main__":
    unittest.main()
