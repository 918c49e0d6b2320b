# SPDX-License-Identifier: Apache-2.0
"""The mock of the provider's API as end-to-end tests use it: starts $SKANT_MOCK, asks it, and has it say at the end
whether a request came that ought not to have been sent."""
import fcntl
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
MOCK = os.environ.get("SKANT_MOCK", os.path.join(HERE, "..", "..", "build", "release", "skant-mock"))
CERTS = os.path.join(HERE, "..", "mock", "certs.sh")
START_TIMEOUT = 60  # seconds: the sanitizers are slow, and pages may be made first
KINDS = {"api": "ANTHROPIC_API_KEY", "admin": "ANTHROPIC_ADMIN_KEY", "compliance": "ANTHROPIC_COMPLIANCE_API_KEY",
         "oauth": "ANTHROPIC_AUTH_TOKEN"}
VERSION = "2023-06-01"
ORG, COMPLIANCE, CCA = "/v1/organizations", "/v1/compliance", "/v1/admin"
ACTIVITIES = COMPLIANCE + "/activities"
CLOCK = {"now": "2026-11-01T12:00:00Z", "self_feed": "off"}  # options: each run of the mock answers the same


def certificates():
    """The folder of the certificates, beside the mock: made once, whoever asks first."""
    folder = os.path.join(os.path.dirname(os.path.abspath(MOCK)), "mock-tls")
    os.makedirs(folder, exist_ok=True)
    with open(folder + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([CERTS, folder], check=True, capture_output=True)
    return folder


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """(type, message) of the provider's error body."""
        error = self.json["error"]
        return error["type"], error["message"]


class Mock:
    """A mock that runs. Options are those of the command line with _ for -, a value of True for a flag:
    Mock(activities=1000, asc="refused", lenient=True). script: a dict. with Mock() as m: ... stops it at the end and
    fails when it had an unexpected request."""

    def __init__(self, script=None, plain=False, cert="server", env=None, **options):
        self.dir = tempfile.mkdtemp(prefix="skant-mock-")
        self.credentials = os.path.join(self.dir, "credentials")
        self.log_file = os.path.join(self.dir, "log.jsonl")
        self.plain, self.process, self.stderr, self.status, self.lines = plain, None, "", None, []
        self.tls = None if plain else certificates()
        self.ca_file = None if plain else os.path.join(self.tls, "ca.pem")
        port_file = os.path.join(self.dir, "port")
        args = [MOCK, "--port-file", port_file, "--credentials", self.credentials, "--log", self.log_file]
        args.append("--until-eof")  # it never outlives the test
        args += ["--plain"] if plain else ["--tls", self.tls, "--cert", cert]
        if script is not None:
            with open(os.path.join(self.dir, "script.json"), "w", encoding="utf-8") as f:
                json.dump(script, f)
            args += ["--script", f.name]
        for name, value in options.items():
            args.append("--" + name.replace("_", "-") + ("" if value is True else f"={value}"))
        self._stderr = open(os.path.join(self.dir, "stderr"), "w+b")  # pylint: disable=consider-using-with
        self.process = subprocess.Popen(args, stdin=subprocess.PIPE,  # pylint: disable=consider-using-with
                                        stderr=self._stderr, env=env)
        self.port = self._wait_for(port_file)
        self.url = f"http{'' if plain else 's'}://localhost:{self.port}"

    def _wait_for(self, port_file):
        end = time.monotonic() + START_TIMEOUT
        while not os.path.exists(port_file):
            if self.process.poll() is not None or time.monotonic() > end:
                text = self._end()
                raise AssertionError(f"the mock does not start: {text}")
            time.sleep(0.005)
        with open(port_file, encoding="ascii") as f:
            return int(f.read())

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
        else:
            self.abandon()

    def abandon(self):
        """Ends it, whatever it has to say."""
        self._end()

    def _end(self):
        """Ends the process; what it wrote on stderr. The folder goes."""
        if self.process is None:
            return self.stderr
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.status = self.process.wait(60)
        self.process.stdin.close()
        self.process = None
        self._stderr.seek(0)
        self.stderr = self._stderr.read().decode("utf-8", "replace")
        self._stderr.close()
        self.lines = self.log()
        shutil.rmtree(self.dir, True)
        return self.stderr

    def stop(self, status=0):
        """Ends it; its exit status has to be this one: 0, or 1 after a request that ought not to have been sent."""
        text = self._end()
        assert self.status == status, f"the mock ended with {self.status}, not {status}: {text}"

    def log(self):
        """The lines of the log as objects; after the end: lines."""
        if not os.path.exists(self.log_file):
            return []
        with open(self.log_file, encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def credential_file(self, kind):
        return os.path.join(self.credentials, kind)

    def key(self, kind):
        with open(self.credential_file(kind), encoding="ascii") as f:
            return f.read().strip()

    def env(self, *kinds):
        """The environment that leads a program here, with the credentials of these kinds (all four by default)."""
        env = {"SKANT_BASE_URL": self.url}
        if self.ca_file:
            env["SKANT_CA_FILE"] = self.ca_file
        else:
            env["SKANT_ALLOW_HTTP_LOOPBACK"] = "1"
        return {**env, **{KINDS[kind]: self.key(kind) for kind in kinds or KINDS}}

    def connection(self, timeout=60):
        if self.plain:
            return http.client.HTTPConnection("localhost", self.port, timeout=timeout)
        context = ssl.create_default_context(cafile=self.ca_file)
        return http.client.HTTPSConnection("localhost", self.port, timeout=timeout, context=context)

    def headers(self, kind=None, body=None, **more):
        """The headers of a good request. A value of None leaves one out."""
        headers = {"anthropic-version": VERSION, "user-agent": "mock-test/1"}
        if kind == "oauth":
            headers["authorization"] = "Bearer " + self.key(kind)
        elif kind:
            headers["x-api-key"] = self.key(kind)
        if body is not None:
            headers["content-type"] = "application/json"
        headers.update({name.replace("_", "-"): value for name, value in more.items()})
        return {name: value for name, value in headers.items() if value is not None}

    def ask(self, method, path, kind="admin", body=None, query=None, connection=None, **headers):
        """One request; query: a dict or pairs, body: what becomes JSON, or bytes."""
        if query:
            path += "?" + urllib.parse.urlencode(query, doseq=True)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        own = connection or self.connection()
        try:
            own.request(method, path, body=data, headers=self.headers(kind, data, **headers))
            reply = own.getresponse()
            return Reply(reply.status, reply.headers, reply.read())
        finally:
            if connection is None:
                own.close()

    def get(self, path, kind="admin", query=None, **more):
        return self.ask("GET", path, kind, query=query, **more)

    def state(self):
        return self.ask("GET", "/__mock/state", None).json

    def control(self, what, body):
        reply = self.ask("POST", "/__mock/" + what, None, body)
        assert reply.status == 200, reply.body
        return reply.json

    def script(self, script):
        return self.control("script", script)

    def advance(self, seconds):
        return self.control("advance", {"seconds": seconds})

    def add(self, activities, seconds_ago=0, visible_in=0):
        return self.control("add", {"activities": activities, "seconds_ago": seconds_ago, "visible_in": visible_in})


class MockTest(unittest.TestCase):
    """What the tests of the mock itself share."""

    def mock(self, script=None, **options):
        mock = Mock(script, **options)
        self.addCleanup(mock.abandon)
        return mock

    def assert_refused(self, reply, status, kind, message):
        self.assertEqual((reply.status, reply.error[0]), (status, kind), reply.body)
        self.assertIn(message, reply.error[1])
        self.assertEqual(reply.json["type"], "error")
        self.assertEqual(reply.json["request_id"], reply.headers["request-id"])

    def walk(self, mock, path, kind="admin", limit=7, **query):
        """All rows of a list by ids, from the first page on."""
        rows, after = [], None
        while True:
            reply = mock.get(path, kind, {**query, "limit": limit, **({"after_id": after} if after else {})})
            self.assertEqual(reply.status, 200, reply.body)
            rows += reply.json["data"]
            if not reply.json["has_more"]:
                return rows
            after = reply.json["last_id"]

    def walk_pages(self, mock, path, kind="admin", limit=7, **query):
        """All rows of a list by pages."""
        rows, page = [], None
        while True:
            reply = mock.get(path, kind, {**query, "limit": limit, **({"page": page} if page else {})})
            self.assertEqual(reply.status, 200, reply.body)
            rows += reply.json["data"]
            page = reply.json["next_page"]
            if "has_more" in reply.json:
                self.assertEqual(reply.json["has_more"], page is not None)
            if page is None:
                return rows
