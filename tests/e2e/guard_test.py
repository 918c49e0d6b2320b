# SPDX-License-Identifier: Apache-2.0
"""What skantd itself is set to do, beside what the policy says."""
import json
import signal
import unittest

from skantd_support import DaemonTest, wait_until

LEGAL = {"departments": {"legal": {"workspaces": ["legal-prod"], "regulated": True}}}


class Guard(DaemonTest):
    def set_up(self, feeds, dialect="platform", mock=None, **policy):
        self.write("policy.yaml", json.dumps({"version": 1, **policy}))
        self.configure(feeds=feeds, policy=self.path("policy.yaml"), api={"dialect": dialect, "requests_per_minute": 6000})
        if not self.mock:
            self.start_mock(activities=3, self_feed="off", **(mock or {}))

    def told(self):
        return [(e["type"], e["scope"]) for e in self.lines() if e["class"] == "policy" and e["feed"] == "skantd"]

    def test_a_regulated_department_without_its_audit_feed_is_told_once_and_again_when_it_has_one(self):
        self.set_up([self.ingest()], **LEGAL)
        daemon = self.start()
        wait_until(self.told, "the event")
        daemon.stop()
        daemon = self.start()
        daemon.stop()
        self.assertEqual(self.told(), [("audit_feed_missing", "department:legal")])
        event = next(e for e in self.lines() if e["class"] == "policy")
        self.assertEqual((event["severity"], event["feed"]), ("alert", "skantd"))
        self.assertIn("no feed of type 'activities' is configured", event["message"])
        self.set_up([self.ingest(), self.activities()], **LEGAL)
        daemon = self.start()
        wait_until(lambda: len(self.told()) > 1, "its end")
        self.set_up([self.ingest()], **LEGAL)
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: len(self.told()) > 2, "its return")
        daemon.stop()
        self.assertEqual(self.told(), [("audit_feed_missing", "department:legal"), ("policy_kept", "department:legal"),
                                       ("audit_feed_missing", "department:legal")])

    def test_a_feed_that_leaves_activities_out_is_no_audit_feed(self):
        self.start_mock(activities=3, self_feed="off")
        spaces = [w for w in self.mock.get("/v1/organizations/workspaces", query={"limit": 100}).json["data"]
                  if not w["archived_at"]]
        legal = {"departments": {"legal": {"workspaces": [spaces[0]["name"]], "regulated": True}}}
        keys = {"name": "keys", "type": "keys", "credential": {"env": "ANTHROPIC_ADMIN_KEY"}}
        env = self.daemon_env("admin", "compliance")
        self.set_up([self.activities(filter={"workspaces": [spaces[0]["id"], "wrkspc_1"]}), keys], **legal)
        for _ in range(2):  # at first nobody knows the name's id
            self.once(env=env)
        self.assertEqual(self.told(), [])
        for wanted in ({"workspaces": [spaces[1]["id"], spaces[0]["name"]]}, {"types": ["platform_api_key_*"]}):
            self.set_up([self.activities(filter=wanted), keys], **legal)
            self.once(env=env)
        self.assertEqual(self.told(), [("audit_feed_missing", "department:legal")])

    def test_a_feed_whose_api_is_switched_off_is_no_audit_feed(self):
        self.set_up([self.activities()], mock={"compliance": "off"}, **LEGAL)
        env = self.daemon_env("admin", "compliance")
        self.once(env=env)  # finds out
        self.once(env=env)
        self.assertEqual(self.told(), [("audit_feed_missing", "department:legal")])
        self.assertIn("switched off", next(e for e in self.lines() if e["class"] == "policy")["message"])

    def test_content_that_the_policy_does_not_allow_is_told(self):
        feed = self.activities(include_content=True)
        self.set_up([feed], dialect="cca", data={"include_content": False})
        self.once(env=self.daemon_env("admin"))
        self.once(env=self.daemon_env("admin"))
        self.assertEqual(self.told(), [("content_on", "feed:audit")])
        self.set_up([feed], dialect="cca", data={"include_content": True})
        self.once(env=self.daemon_env("admin"))
        self.assertEqual(self.told()[1:], [("policy_kept", "feed:audit")])


if __name__ == "__main__":
    unittest.main()
