# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests of skantctl share: a peer that answers as each test says and notes what it was asked."""
import http.server
import json
import os
import subprocess
import threading
import urllib.parse

from support import SKANT, Result, SkantTest, make_key

SKANTCTL = os.environ.get("SKANTCTL") or os.path.join(os.path.dirname(SKANT), "skantctl")
ORG = "/v1/organizations"
ACTIVITIES = "/v1/compliance/activities"
ORGANIZATION_ID = "0d9c6a1e-0000-4000-8000-000000000001"

KEYS = {
    "api": make_key(1, "sk-ant-" + "api03-"),
    "admin": make_key(2, "sk-ant-" + "admin01-"),
    "compliance": make_key(3, "sk-ant-" + "api01-"),
    "oauth": make_key(4, "sk-ant-" + "oat01-"),
}
VARIABLES = {"api": "ANTHROPIC_API_KEY", "admin": "ANTHROPIC_ADMIN_KEY", "compliance": "ANTHROPIC_COMPLIANCE_API_KEY",
             "oauth": "ANTHROPIC_AUTH_TOKEN"}


class Request:
    def __init__(self, method, target, headers, body):
        path, _, query = target.partition("?")
        self.method, self.path, self.body = method, path, body
        self.query = urllib.parse.parse_qs(query, keep_blank_values=True)
        self.headers = {k.lower(): v for k, v in headers.items()}

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def key(self):
        bearer = self.headers.get("authorization", "")
        return self.headers.get("x-api-key") or bearer.removeprefix("Bearer ")

    def one(self, name):
        """The only value of a query's parameter, or None."""
        values = self.query.get(name, [None])
        assert len(values) == 1, (name, values)
        return values[0]


class Reply:
    def __init__(self, body, status=200, **headers):
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.headers = {"content-type": "application/json", "request-id": "req_test",
                        "anthropic-organization-id": ORGANIZATION_ID,
                        **{k.replace("_", "-"): v for k, v in headers.items()}}


def refusal(status, kind, message, **headers):
    return Reply({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_test"}, status,
                 **headers)


def listing(rows, raw=None):
    """A route that pages through rows by ids, newest first: the API's own cursors are the rows' places."""
    texts = raw or [json.dumps(row).encode() for row in rows]

    def answer(request):
        limit = int(request.one("limit") or 20)
        if request.one("before_id"):
            end = int(request.one("before_id"))
            start = max(0, end - limit)
            more = start > 0
        else:
            start = int(request.one("after_id")) + 1 if request.one("after_id") else 0
            end = min(len(texts), start + limit)
            more = end < len(texts)
        tail = json.dumps({"has_more": more, "first_id": str(start) if end > start else None,
                           "last_id": str(end - 1) if end > start else None}).encode()
        return Reply(b'{"data":[' + b",".join(texts[start:end]) + b"]," + tail[1:])
    return answer


class Api:
    """routes: {"GET /path": what to answer}; a Reply, or a function from Request to Reply, or a list of them, one a
    request, the last of which stays. What has no route is a 404."""

    def __init__(self, routes):
        self.routes, self.requests, self.lock = dict(routes), [], threading.Lock()
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                length = int(self.headers.get("content-length") or 0)
                reply = api.answer(Request(self.command, self.path, dict(self.headers), self.rfile.read(length)))
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(reply.body)))
                self.end_headers()
                try:
                    self.wfile.write(reply.body)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_GET = do_POST = do_PUT = do_DELETE = handle_any

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, request):
        with self.lock:
            self.requests.append(request)
            route = self.routes.get(f"{request.method} {request.path}")
            if isinstance(route, list):
                route = route.pop(0) if len(route) > 1 else route[0]
        if route is None:
            return refusal(404, "not_found_error", "Not found")
        return route(request) if callable(route) else route

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def asked(self):
        return [f"{r.method} {r.path}" for r in self.requests]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class CtlTest(SkantTest):
    """A test that runs skantctl against a peer, with an admin key unless it says otherwise."""

    def api(self, routes):
        api = Api(routes)
        self.addCleanup(api.close)
        return api

    def ctl_env(self, api, keys=("admin",), **more):
        base = {"SKANT_BASE_URL": api.url, "SKANT_ALLOW_HTTP_LOOPBACK": "1"} if api else {}
        return self.env(**base, **{VARIABLES[kind]: KEYS[kind] for kind in keys}, **more)

    def ctl(self, api, *args, keys=("admin",), stdin=b"", env=None):
        done = subprocess.run([SKANTCTL, *args], cwd=self.dir, input=stdin, capture_output=True, timeout=120,
                              env=env or self.ctl_env(api, keys), check=False)
        result = Result(done)
        for key in KEYS.values():
            self.assertNotIn(key, result.text + result.err)
        return result

    def assert_done(self, result):
        self.assertEqual(result.status, 0, result.err)
        return result

    def assert_fails(self, result, status, *words):
        self.assertEqual(result.status, status, result.text + result.err)
        self.assertTrue(result.err.startswith("skantctl: error: "), result.err)
        for word in words:
            self.assertIn(word, result.err)
        return result
