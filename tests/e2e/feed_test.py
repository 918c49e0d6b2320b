# SPDX-License-Identifier: Apache-2.0
"""The activities feed of skantd against the mock: whatever goes wrong, every activity is stored once."""
import datetime
import json
import os
import re
import shutil
import subprocess
import unittest

from mockapi import ACTIVITIES, CCA
from skantd_support import PATIENCE, SKANTD, DaemonTest, wait_until
from support import make_key, once

QUERY = CCA + "/compliance/activities/query"
FAULTS = {
    "429": [{"match": {"every": 2}, "do": {"status": 429, "retry_after": 0}}],
    "500": [{"match": {"every": 3}, "do": {"status": 500, "retry_after": 0}}],
    "duplicates": [{"do": {"duplicate": 7}}],
    "disorder": [{"do": {"out_of_order": True}}],
    "expired cursor": [{"match": {"query": "after_id"}, "do": {"expired_cursor": True}}],
    "cut": [{"match": {"every": 2}, "do": {"cut": 5000}}],
    "reset": [{"match": {"every": 2}, "do": {"reset_at": 3000}}],
    "half JSON": [{"match": {"every": 2}, "do": {"truncate_json": True}}],
    "late": [{"match": {"times": 5}, "do": {"late": {"count": 9, "seconds": 50}}}],
    "clock back": [{"match": {"every": 2}, "do": {"clock_skew": -3600}}],
    "clock ahead": [{"match": {"every": 2}, "do": {"clock_skew": 3600}}],
}
OF_LISTS = ("429", "duplicates", "disorder", "expired cursor", "late", "clock back", "clock ahead")


class FeedTest(DaemonTest):
    dialect = "platform"

    def feed(self, dialect="platform", feed=None, **options):
        """A mock, and a configuration that reads it."""
        self.dialect = dialect
        self.start_mock(**{"self_feed": "off", **options})
        self.set_feed(**(feed or {}))

    def set_feed(self, **feed):
        self.configure(feeds=[self.activities(**feed)], api={"dialect": self.dialect})

    def daemon_env(self, *kinds):
        return super().daemon_env(*(kinds or (("admin",) if self.dialect == "cca" else ("compliance",))))

    def upstream_ids(self, kind="compliance"):
        if self.dialect == "platform":
            return super().upstream_ids(kind)
        ids, page = [], None
        while True:
            body = {"start_time": "2020-01-01T00:00:00Z", "end_time": "2100-01-01T00:00:00Z", "limit": 1000,
                    **({"page": page} if page else {})}
            reply = self.mock.ask("POST", QUERY, "admin", body).json
            ids += [row["id"] for row in reply["data"]]
            page = reply["next_page"]
            if not page:
                return ids

    def lists(self):
        """How often the list was asked for."""
        return sum(line["path"] in (ACTIVITIES, QUERY) for line in self.mock.log())

    def alerts(self, name):
        """The states of an alert, in the order in which they came."""
        found = (json.loads(json.dumps(e["upstream"])) for e in self.events("skantd"))
        return [(e["state"], e["message"]) for e in found if e.get("alert") == name]

    def fault(self, name):
        path = ACTIVITIES if self.dialect == "platform" else QUERY
        faults = json.loads(json.dumps(FAULTS[name]))
        for fault in faults:
            fault.setdefault("match", {})["path"] = path
        self.mock.script({"faults": faults})


@once
class Faults(FeedTest):
    """One fault after the other, while there is more and more to read."""

    def each_once_after(self, name, dialect, **options):
        with self.subTest(fault=name):
            self.tearDown()
            self.setUp()
            self.feed(dialect, activities=5100 if dialect == "platform" else 1100, **options)
            self.fault(name)
            for _ in range(2):
                self.skantd("run", "--once", "--max-retries", "5")
                self.mock.add(20)
                self.mock.add(5, seconds_ago=40)
                self.mock.add(5, visible_in=45)
                self.mock.advance(30)
            self.mock.advance(60)
            self.mock.script({})
            self.once()
            self.assert_each_once()
            self.mock.stop()

    def test_each_with_the_oldest_first(self):
        for name in FAULTS:
            self.each_once_after(name, "platform")


@once
class FaultsWithoutOrder(Faults):
    def test_each_with_the_oldest_first(self):
        for name in OF_LISTS:
            self.each_once_after(name, "platform", asc="refused")


@once
class FaultsOfCca(Faults):
    def test_each_with_the_oldest_first(self):
        for name in OF_LISTS:
            self.each_once_after(name, "cca")


@once
class Kill(FeedTest):
    def kill_at_each_page(self, dialect, activities, pages, **options):
        """SIGKILL once the n-th page is on its way: before, while and after it is stored."""
        self.feed(dialect, activities=activities, **options)
        for n in range(1, pages + 1):
            before = self.lists()
            with subprocess.Popen([SKANTD, "run", "--once", "-c", self.path("skantd.yaml")], cwd=self.dir,
                                  stderr=subprocess.DEVNULL, env=self.daemon_env()) as process:
                wait_until(lambda: self.lists() >= before + 1 + n % 4 or process.poll() is not None, "a page")
                process.kill()
        self.once()
        self.assert_each_once()
        lines = self.lines()
        self.assertEqual([e["seq"] for e in lines], list(range(1, len(lines) + 1)))
        times = [datetime.datetime.fromisoformat(e["time"].replace("Z", "+00:00")) for e in self.events()]
        self.assertEqual(times, sorted(times))

    def test_platform(self):
        self.kill_at_each_page("platform", 16000, 8)

    def test_platform_without_order(self):
        self.kill_at_each_page("platform", 11000, 8, asc="refused")

    def test_cca(self):
        self.kill_at_each_page("cca", 3000, 8)


class Start(FeedTest):
    def test_now_takes_only_what_comes(self):
        self.feed(activities=300, feed={"start": "now"})
        self.once()
        self.assertEqual(self.events(), [])
        self.mock.advance(5)
        self.mock.add(4)
        self.once()
        self.assertEqual(len(self.events()), 4)
        done = self.skantd("verify", "--json")
        self.assertEqual((done.status, json.loads(done.out)["missing"]), (0, 0), done.err)

    def test_a_time_takes_what_is_not_older(self):
        self.feed(activities=300)
        self.mock.add(3, seconds_ago=7200)
        self.mock.add(2, seconds_ago=3600)
        start = self.mock.get(ACTIVITIES, "compliance", {"limit": 1}).headers["date"]
        self.assertTrue(start)
        newest = self.mock.get(ACTIVITIES, "compliance", {"limit": 3}).json["data"]
        self.set_feed(start=newest[1]["created_at"])
        self.once()
        self.assertLessEqual({row["id"] for row in newest[:2]}, {e["id"] for e in self.events()})
        self.assertNotIn(newest[2]["id"] if newest[2]["created_at"] < newest[1]["created_at"] else None,
                         {e["id"] for e in self.events()})

    def test_an_empty_organisation(self):
        self.feed(activities=0)
        self.once()
        self.mock.add(1)
        self.once()
        self.assert_each_once()


class Own(FeedTest):
    def test_what_polling_leaves_is_left_out_when_it_is_asked_for(self):
        self.feed(activities=50, self_feed="on", feed={"skip_own": True})
        for _ in range(6):
            self.once()
            self.mock.advance(30)
        rows = self.mock.get(ACTIVITIES, "compliance", {"limit": 5000}).json["data"]
        own = {row["id"] for row in rows if (row["actor"].get("user_agent") or "").startswith("skantd/")}
        self.assertGreater(len(own), 6)
        self.assert_each_once([row["id"] for row in rows if row["id"] not in own])
        # Whoever uses our name and key is not taken for us.
        self.mock.get(ACTIVITIES, "compliance", {"limit": 1}, user_agent="skantd/" + "9")
        self.mock.advance(30)
        self.once()
        self.assertEqual(sum(e["type"] == "compliance_api_accessed" for e in self.events()[-2:]), 2)

    def test_and_stored_otherwise_without_a_poll_more(self):
        self.feed(activities=50, self_feed="on")
        self.once()
        before = self.lists()
        for _ in range(4):
            self.once()
        self.assertEqual(self.lists(), before + 4)
        self.assertGreater(len(self.events()), 50)


class Health(FeedTest):
    def test_a_key_without_the_scope_is_told_with_what_is_needed_and_when_it_is_over(self):
        self.feed(activities=5, scopes="read:compliance_org_data")
        done = self.once(status=1)
        self.assertIn("Missing required scopes", done.err)
        self.assertIn("read:compliance_activities", self.alerts("refused")[-1][1])
        self.assertEqual(self.alerts("refused")[-1][0], "on")

    def test_a_key_that_is_revoked(self):
        self.feed(activities=5)
        env = {**self.daemon_env(), "ANTHROPIC_COMPLIANCE_API_KEY": make_key(5, "sk-ant-" + "api01-")}
        self.once(status=1, env=env)
        self.assertEqual(self.alerts("refused")[-1][0], "on")
        self.once()
        self.assertEqual(self.alerts("refused")[-1][0], "over")
        self.assert_each_once()

    def test_a_compliance_api_that_is_off_is_told_and_the_gap_once_it_is_on_again(self):
        self.feed(activities=0)
        env = self.daemon_env("admin")
        self.once(env=env)
        self.mock.control("compliance", {"on": False})
        self.once(status=1, env=env)
        self.assertEqual(self.alerts("api-off")[-1][0], "on")
        self.mock.advance(600)
        self.mock.control("compliance", {"on": True})
        self.once(env=env)
        self.assertEqual(self.alerts("api-off")[-1][0], "over")
        self.assertRegex(self.alerts("gap")[0][1], r"nothing from \S+Z to \S+Z")
        self.assert_each_once(self.upstream_ids("admin"))

    def test_content_is_told_as_a_risk(self):
        self.feed("cca", activities=200, feed={"include_content": True})
        self.once()
        self.assertIn("personal data", self.alerts("content-on")[0][1])
        self.assertTrue([e for e in self.events() if "content" in e["upstream"]])
        self.assert_each_once()

    def test_content_of_the_platform_is_an_error_of_the_configuration(self):
        self.feed(activities=1, feed={"include_content": True})
        done = self.once(status=2)
        self.assertIn("has no content", done.err)

    def test_check_says_what_the_feed_will_hold(self):
        self.feed(activities=100)
        done = self.skantd("check")
        self.assertEqual(done.status, 0, done.err)
        for text in ("activities from ", "does not hold calls of models", "start: beginning"):
            self.assertIn(text, done.text)
        done = self.skantd("check", env=self.daemon_env("admin"))
        self.assertIn("the Compliance API is switched on", done.text)


class Gaps(FeedTest):
    """Recording is off from the fourth day on to the eleventh."""

    def record(self, **feed):
        self.feed(activities=0, feed=feed)
        self.mock.add(3)
        self.admin = self.daemon_env("admin")
        self.once(env=self.admin)
        for days, is_on in ((4, False), (7, True)):
            self.mock.advance(days * 86400)
            self.mock.control("compliance", {"on": is_on})
        self.mock.advance(4 * 86400)
        self.once(env=self.admin)
        listed = self.mock.get(ACTIVITIES, "admin", {"limit": 100}).json["data"]
        on, off = (row["created_at"] for row in listed if row["type"] == "org_compliance_api_settings_updated")
        self.off = datetime.datetime.fromisoformat(off.replace("Z", "+00:00")).replace(microsecond=0, tzinfo=None)
        self.whole = f"switched off from {off[:19]}Z to {on[:19]}Z"

    def verify(self, start, end):
        """What verify says of the time between two days, counted from when recording was switched off."""
        times = [(self.off + datetime.timedelta(days=days)).isoformat() + "Z" for days in (start, end)]
        done = self.skantd("verify", "--json", "--from", times[0], "--to", times[1], env=self.admin)
        report = json.loads(done.out)
        self.assertEqual((done.status, report["missing"]), (1 if report["gaps"] else 0, 0), done.text + done.err)
        return [d["text"] for d in report["differences"]]

    def assert_gap(self, start, end):
        found = self.verify(start, end)
        self.assertEqual(len(found), 1, found)
        self.assertIn(self.whole, found[0])

    def test_one_that_a_time_lies_in_begins_or_ends_in_it_or_lies_in_it_is_told_whole(self):
        self.record()
        for start, end in ((2, 6), (-3, 2), (2, 10), (-3, 10)):
            self.assert_gap(start, end)
        for start, end in ((-3, -1), (8, 10)):
            self.assertEqual(self.verify(start, end), [])

    def test_a_filter_does_not_hide_it(self):
        self.record(filter={"types": ["platform_api_key_created"]})
        self.assert_gap(2, 6)

    def test_where_upstream_knows_no_filters_it_is_found_all_the_same(self):
        self.record(filter={"types": ["platform_api_key_created"]})
        self.mock.script({"faults": [{"match": {"path": ACTIVITIES, "query": "activity_types"}, "do": {"status": 400}}]})
        self.assert_gap(2, 6)

    def test_what_was_before_the_feed_began_is_none(self):
        self.record()
        shutil.rmtree(self.path("state"))
        os.unlink(self.path("out.jsonl"))
        os.mkdir(self.path("state"), 0o700)
        self.set_feed(start="now")
        self.once(env=self.admin)
        self.assertEqual(self.verify(-3, 20), [])


class Late(FeedTest):
    def test_what_comes_later_than_the_overlap_is_found_by_reading_the_day_again(self):
        self.feed(activities=300, feed={"reconcile": "1h"})
        self.once()
        self.mock.add(3)
        self.mock.add(2, visible_in=1500)
        self.mock.advance(600)
        self.mock.add(1)
        self.once()
        self.mock.advance(1000)
        self.once()
        self.assertEqual(len(self.upstream_ids()) - len(self.events()), 2)
        self.mock.advance(2500)
        self.once()
        self.assert_each_once()
        self.assertEqual(self.alerts("late")[0][0], "on")

    def test_lags_are_in_the_metrics(self):
        self.feed(activities=100)
        self.configure(feeds=[self.activities(poll="5s")], metrics={"textfile": self.path("skant.prom")})
        daemon = self.start()
        self.wait_for_events(100)
        self.mock.add(1, seconds_ago=40)
        self.wait_for_events(101)

        def lag():
            if not os.path.exists(self.path("skant.prom")):
                return None
            with open(self.path("skant.prom"), encoding="utf-8") as f:
                return re.search(r'skant_visibility_lag\S*max\S*{feed="audit"} (4[0-9]|5[0-9])', f.read())

        wait_until(lag, "the lag in the metrics", PATIENCE)
        daemon.stop()
        with open(self.path("skant.prom"), encoding="utf-8") as f:
            self.assertRegex(f.read(), r'skant_api_requests_total{operation="activity.list",code="200"} [1-9]')


class Storm(FeedTest):
    def test_a_storm_of_429_is_not_answered_with_a_storm(self):
        self.feed(activities=100)
        self.mock.script({"faults": [{"match": {"path": ACTIVITIES}, "do": {"status": 429, "retry_after": 1}}]})
        daemon = self.start("--max-retries", "2")
        wait_until(lambda: self.lists() >= 3, "the first tries")
        wait_until(lambda: "429" in self.log(), "the failure in the log")
        self.assertLessEqual(self.lists(), 6)
        self.mock.script({})
        self.wait_for_events(100)
        daemon.stop()
        self.assert_each_once()


if __name__ == "__main__":
    unittest.main()
