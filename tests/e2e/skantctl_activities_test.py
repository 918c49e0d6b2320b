# SPDX-License-Identifier: Apache-2.0
"""skantctl activities: query, types, tail."""
import datetime
import json
import os
import signal
import subprocess
import threading
import time
import unittest

from skantctl_support import ACTIVITIES, KEYS, SKANTCTL, CtlTest, Reply, listing, refusal
from support import has_sanitizer


def activity(n, kind="platform_api_key_created", **more):
    return {"id": f"activity_{n:06}", "created_at": "2026-04-10T08:09:10Z", "type": kind, "workspace_id": None,
            "actor": {"type": "user_actor", "user_id": "user_1", "email_address": "a@b.c"}, **more}


class Query(CtlTest):
    def test_lines_are_the_bytes_that_the_api_gave(self):
        raw = [b'{"id":"activity_1","type":"x","n":1.0e2,"s":"\\u00e9\\n \\ud800"}',
               b'{\n  "id": "activity_2",\r\n  "s": "a  b",\n  "n": [1,\n 2]\n}']
        api = self.api({f"GET {ACTIVITIES}": listing(None, raw=raw)})
        done = self.assert_done(self.ctl(api, "activities", "query", "-o", "jsonl"))
        self.assertEqual(done.out, raw[0] + b"\n" + raw[1].replace(b"\n", b"").replace(b"\r", b"") + b"\n")

    def test_each_id_comes_once_over_pages(self):
        rows = [activity(n) for n in (9, 8, 7, 7, 6, 9, 5, 4, 4, 3, 2, 6, 1)]
        api = self.api({f"GET {ACTIVITIES}": listing(rows)})
        done = self.assert_done(self.ctl(api, "activities", "query", "-o", "jsonl", "--page-size", "3"))
        self.assertEqual([r["id"][-1] for r in done.records], list("987654321"))

    def test_the_window_and_the_filters_are_asked_for(self):
        api = self.api({f"GET {ACTIVITIES}": listing([])})
        self.assert_done(self.ctl(api, "activities", "query", "--from", "2026-04-01", "--to", "2026-04-02T01:02:03.5+02:00",
                                  "--type", "a", "--type", "b", "--actor", "user_1"))
        query = api.requests[0].query
        self.assertEqual(query["created_at.gte"], ["2026-04-01T00:00:00Z"])
        self.assertEqual(query["created_at.lt"], ["2026-04-01T23:02:03.5Z"])
        self.assertEqual((query["activity_types[]"], query["actor_ids[]"]), (["a", "b"], ["user_1"]))
        self.assertEqual(query["limit"], ["5000"])
        self.assertNotIn("order", query)

    def test_the_end_is_now(self):
        api = self.api({f"GET {ACTIVITIES}": listing([])})
        before = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        self.assert_done(self.ctl(api, "activities", "query"))
        end = datetime.datetime.fromisoformat(api.requests[0].one("created_at.lt").replace("Z", "+00:00"))
        self.assertGreaterEqual(end, before)
        self.assertIsNone(api.requests[0].one("created_at.gte"))

    def test_a_workspace_is_looked_for_in_what_comes(self):
        rows = [activity(n, workspace_id=f"wrkspc_{n % 3}") for n in range(9)]
        api = self.api({f"GET {ACTIVITIES}": listing(rows)})
        done = self.assert_done(self.ctl(api, "activities", "query", "-o", "jsonl", "--workspace", "wrkspc_1"))
        self.assertEqual([r["id"][-1] for r in done.records], list("147"))

    def test_the_order_is_asked_for_and_done_without_when_it_is_refused(self):
        api = self.api({f"GET {ACTIVITIES}": listing([activity(1)])})
        self.assert_done(self.ctl(api, "activities", "query", "--order", "asc"))
        self.assertEqual(api.requests[0].one("order"), "asc")
        unknown = refusal(400, "invalid_request_error", "Unknown query parameter: 'order'.")
        api = self.api({f"GET {ACTIVITIES}": [unknown, listing([activity(1)])]})
        done = self.assert_done(self.ctl(api, "activities", "query", "--order", "asc", "-o", "jsonl"))
        self.assertEqual(len(done.records), 1)
        self.assertIn("does not take --order", done.err)
        self.assertIsNone(api.requests[1].one("order"))

    def test_the_weakest_credential_is_taken(self):
        api = self.api({f"GET {ACTIVITIES}": listing([])})
        done = self.assert_done(self.ctl(api, "activities", "query", "-v", keys=("api", "compliance", "admin")))
        self.assertEqual(api.requests[0].key, KEYS["compliance"])
        self.assertIn("activity.list: with the credential 'compliance'", done.err)

    def test_a_table_shows_who_did_what(self):
        api = self.api({f"GET {ACTIVITIES}": listing([activity(1)])})
        done = self.assert_done(self.ctl(api, "activities", "query"))
        self.assertEqual(done.text.splitlines()[1],
                         "2026-04-10T08:09:10Z\tplatform_api_key_created\tuser_1\ta@b.c\t\t\tactivity_000001")

    def test_cca_is_asked_by_a_body(self):
        row = {"id": "act_1", "timestamp": "2026-04-10T08:09:10Z", "type": "messages.create", "user_id": "user_1",
               "workspace": "ws_1", "details": {}}
        api = self.api({"POST /v1/admin/compliance/activities/query": [
            Reply({"data": [row], "has_more": True, "next_page": "p2"}),
            Reply({"data": [{**row, "id": "act_2"}], "has_more": False, "next_page": None})]})
        done = self.assert_done(self.ctl(api, "activities", "query", "--dialect", "cca", "--from", "2026-04-01", "--to",
                                         "2026-05-01", "-o", "jsonl", "--type", "messages.create"))
        self.assertEqual([r["id"] for r in done.records], ["act_1", "act_2"])
        self.assertEqual(done.records[0], row)
        body = api.requests[1].json
        self.assertEqual((body["start_time"], body["end_time"], body["page"], body["filters"]["activity_type"]),
                         ("2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z", "p2", "messages.create"))

    def test_memory_stays_flat(self):
        """200 pages of 5000 rows."""
        total, page = 1_000_000, 5000
        filler = "x" * 250
        rows = [b'{"id":"activity_%09d","created_at":"2026-04-10T08:09:10Z","type":"%s"}' % (n, filler.encode())
                for n in range(page)]
        body = b",".join(rows)

        def answer(request):
            after = int(request.one("after_id") or 0)
            # other ids on each page, the bytes of the rest as they are
            data = body.replace(b"activity_0000", b"activity_%04d" % (after // page % 10000))
            return Reply(b'{"data":[' + data + b'],"has_more":%s,"first_id":"%d","last_id":"%d"}' % (
                b"true" if after + page < total else b"false", after, after + page))

        api = self.api({f"GET {ACTIVITIES}": answer})
        peak = {}
        with subprocess.Popen([SKANTCTL, "activities", "query", "-o", "jsonl"], stdout=subprocess.PIPE,
                              env=self.ctl_env(api)) as process:
            lines = 0
            for chunk in iter(lambda: process.stdout.read(1 << 20), b""):
                lines += chunk.count(b"\n")
                peak["kib"] = self.peak_kib(process.pid) or peak["kib"]
        self.assertEqual(process.returncode, 0)
        self.assertEqual(lines, total)
        if not has_sanitizer():
            self.assertLessEqual(peak["kib"], 32 << 10)


    @staticmethod
    def peak_kib(pid):
        """Since its exec; what wait4 tells counts this process as well, from before. None once it has ended."""
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            return next((int(line.split()[1]) for line in f if line.startswith("VmHWM")), None)


class Types(CtlTest):
    def test_types_are_counted_and_described(self):
        rows = [activity(n, "compliance_api_accessed") for n in range(5)] + [activity(9, "sso_login_succeeded"), activity(10),
                activity(11, "brand_new_thing"), activity(10)]
        api = self.api({f"GET {ACTIVITIES}": listing(rows)})
        done = self.assert_done(self.ctl(api, "activities", "types", "-o", "jsonl", "--from", "2026-01-01"))
        self.assertEqual(done.records, [
            {"type": "compliance_api_accessed", "count": 5, "description": "the Compliance API was asked"},
            {"type": "brand_new_thing", "count": 1},
            {"type": "platform_api_key_created", "count": 1, "description": "an API key was made"},
            {"type": "sso_login_succeeded", "count": 1, "description": "signing in by single sign-on"}])


class Feed:
    """A feed that grows while it is read; cursors are ids. Newest first, ties by id."""

    def __init__(self):
        self.rows, self.lock = [], threading.Lock()

    def add(self, n, age=0):
        when = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=age)
        with self.lock:
            self.rows.append(activity(n, created_at=when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")))
            self.rows.sort(key=lambda r: r["created_at"], reverse=True)

    def answer(self, request):
        with self.lock:
            rows = list(self.rows)
        if request.one("created_at.gte"):
            rows = [r for r in rows if r["created_at"] >= request.one("created_at.gte").replace("Z", ".000000Z")]
        if request.one("order") == "asc":
            rows.reverse()
        limit = int(request.one("limit"))
        ids = [r["id"] for r in rows]
        start, more = 0, len(rows) > limit
        if request.one("after_id"):
            start = ids.index(request.one("after_id")) + 1
            more = len(rows) > start + limit
        elif request.one("before_id"):
            end = ids.index(request.one("before_id"))
            start, more = max(0, end - limit), end > limit
            rows = rows[:end]
        part = rows[start:start + limit]
        return Reply({"data": part, "has_more": more, "first_id": part[0]["id"] if part else None,
                      "last_id": part[-1]["id"] if part else None})


class Tail(CtlTest):
    def start(self, *args, routes=None):
        self.feed = Feed()
        self.peer = self.api(routes or {f"GET {ACTIVITIES}": self.feed.answer})
        process = subprocess.Popen([SKANTCTL, "activities", "tail", "--interval", "1", "-o", "jsonl", *args],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.ctl_env(self.peer))
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_for_requests(self, count):
        limit = time.monotonic() + 60
        while len(self.peer.requests) < count:
            self.assertLess(time.monotonic(), limit, self.peer.asked)
            time.sleep(0.01)

    def next(self, process):
        return json.loads(process.stdout.readline())["id"]

    def test_it_follows_by_cursor_and_ends_when_interrupted(self):
        process = self.start()
        self.feed.add(1, age=3600)
        self.wait_for_requests(2)
        for n in range(2, 5):
            self.feed.add(n)
            self.assertEqual(self.next(process), f"activity_{n:06}")
        self.assertTrue(any(r.one("before_id") for r in self.peer.requests))
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 0)
        self.assertEqual((process.stdout.read(), process.stderr.read()), (b"", b""))

    def test_from_prints_the_past_first_the_oldest_first(self):
        feed = Feed()
        for n in range(5):
            feed.add(n, age=1000 - n)
        process = self.start("--from", (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=2000))
                             .strftime("%Y-%m-%dT%H:%M:%SZ"), routes={f"GET {ACTIVITIES}": feed.answer})
        self.assertEqual([self.next(process)[-1] for _ in range(5)], list("01234"))
        feed.add(5)
        self.assertEqual(self.next(process)[-1], "5")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(60), 0)

    def test_trouble_on_the_way_does_not_end_it(self):
        feed = Feed()
        feed.add(1, age=100)
        trouble = refusal(503, "api_error", "later", retry_after="0")
        process = self.start("--max-retries", "0",
                             routes={f"GET {ACTIVITIES}": [feed.answer, feed.answer, trouble, trouble, feed.answer]})
        self.wait_for_requests(4)
        feed.add(2)
        self.assertEqual(self.next(process)[-1], "2")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 0)
        self.assertIn(b"the next try follows", process.stderr.read())

    def test_a_refusal_ends_it(self):
        process = self.start(routes={f"GET {ACTIVITIES}": refusal(403, "permission_error", "no")})
        self.assertEqual(process.wait(60), 3)

    def test_cca_has_no_cursors_and_is_followed_all_the_same(self):
        rows = []

        def answer(request):
            body = request.json
            found = [r for r in rows if body["start_time"] <= r["timestamp"] < body["end_time"]]
            return Reply({"data": list(reversed(found)), "has_more": False, "next_page": None})

        process = self.start("--dialect", "cca", routes={"POST /v1/admin/compliance/activities/query": answer})
        self.wait_for_requests(1)
        for n in range(2):
            rows.append({"id": f"act_{n}", "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "type": "x"})
            self.assertEqual(self.next(process), f"act_{n}")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 0)


if __name__ == "__main__":
    unittest.main()
