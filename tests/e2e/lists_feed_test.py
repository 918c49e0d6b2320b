# SPDX-License-Identifier: Apache-2.0
"""skantd's feeds of type keys and access: what changes, and what breaks the policy."""
import unittest

from mockapi import ORG
from reports_support import DAY, ReportTest
from support import make_key

NAMES = {"teams": ["ml", "data", "backend", "legal", "ops"]}


class Keys(ReportTest):
    def read_keys(self, **more):
        events = self.read([self.feed("keys")], policy=self.policy(names=NAMES, rotation={"unused_after": "0"}, **more))
        return events

    def test_the_first_poll_is_one_inventory_and_what_breaks_the_policy(self):
        events = self.read_keys()
        inventory = [e for e in events if e["type"] == "keys_inventory"]
        self.assertEqual(len(inventory), 1)
        keys = self.mock.get(ORG + "/api_keys", query={"limit": 1000}).json["data"]
        active = [k for k in keys if k["status"] == "active"]
        self.assertEqual((inventory[0]["upstream"]["keys"], inventory[0]["upstream"]["active"]), (len(keys), len(active)))
        self.assertLessEqual(set(self.types(events)), {"keys_inventory", "key_noncompliant", "key_stale"})
        noncompliant = next(e for e in events if e["type"] == "key_noncompliant")
        self.assertEqual((noncompliant["class"], noncompliant["severity"]), ("policy", "warning"))
        self.assertTrue(noncompliant["scope"].startswith("key:"))
        problems = noncompliant["upstream"]["problems"]
        self.assertEqual([p["code"] for p in problems], noncompliant["violations"].split(","))
        self.assertEqual(self.read(), [])

    def test_what_happens_to_a_key_is_told(self):
        self.read_keys()
        workspace, name = self.workspace()
        key = self.key("ml-prod-chat", workspace_id=workspace)
        events = self.read()
        self.assertEqual(self.types(events), ["key_created"])
        self.assertEqual((events[0]["api_key_id"], events[0]["workspace_id"], events[0]["class"]), (key, workspace, "key"))
        self.assertEqual(events[0]["upstream"]["workspace_name"], name)
        self.mock.control("key", {"id": key, "name": "ml-prod-talk"})
        events = self.read()
        self.assertEqual([(e["type"], e["upstream"]["previous_name"]) for e in events], [("key_renamed", "ml-prod-chat")])
        self.mock.control("key", {"id": key, "status": "inactive"})
        events = self.read()
        self.assertEqual([(e["type"], e["upstream"]["previous_status"]) for e in events], [("key_status_changed", "active")])
        self.mock.control("key", {"id": key, "workspace_id": self.workspace(1)[0]})
        self.assertEqual([(e["type"], e["upstream"]["previous_workspace_id"]) for e in self.read()],
                         [("key_moved", workspace)])
        self.mock.control("key", {"id": key, "removed": True})
        self.assertEqual([(e["type"], e["api_key_id"]) for e in self.read()], [("key_gone", key)])
        self.assertEqual(self.read(), [])

    def test_a_bad_name_is_told_with_what_would_be_right_and_when_it_is_mended(self):
        self.read_keys()
        key = self.key("Prod_ML_key", workspace_id=self.workspace()[0])
        bad = [e for e in self.read() if e["type"] == "key_noncompliant"]
        self.assertEqual(len(bad), 1)
        self.assertIn("ml-prod", bad[0]["upstream"]["suggestion"])
        self.mock.control("key", {"id": key, "name": "ml-prod-key"})
        self.assertEqual(self.types(self.read()), ["key_renamed", "key_compliant"])

    def test_a_key_grows_stale(self):
        self.read_keys(keys={"one_key_per": []})
        self.key("ml-prod-old", workspace_id=self.workspace()[0], created_days_ago=59)
        self.assertEqual(self.types(self.read()), ["key_created"])
        self.mock.advance(2 * DAY)
        own = [e for e in self.read() if e["scope"] == "key:ml-prod-old"]
        self.assertEqual([(e["type"], e["violations"]) for e in own], [("key_stale", "age-warn")])
        self.mock.advance(30 * DAY)
        own = [e for e in self.read() if e["scope"] == "key:ml-prod-old"]
        self.assertEqual([(e["type"], e["violations"]) for e in own], [("key_stale", "age")])

    def test_a_key_that_nobody_uses_is_told(self):
        self.read([self.feed("keys")], policy=self.policy(names=NAMES, keys={"one_key_per": []}))
        for name in ("ml-prod-used", "ml-prod-unused"):
            key = self.key(name, workspace_id=self.workspace()[0], created_days_ago=31)
            if name == "ml-prod-used":
                self.use("a", 60, api_key_id=key, output_tokens=1)
        stale = [e for e in self.read() if e["type"] == "key_stale"]
        self.assertEqual([(e["scope"], e["violations"]) for e in stale], [("key:ml-prod-unused", "unused")])

    def test_lists_that_end_early_tell_nothing_and_what_has_gone_is_told_when_it_is_certain(self):
        user = self.mock.control("user", {"email": "new@example.com"})["id"]
        key = self.key("ml-prod-chat", workspace_id=self.workspace()[0], principal_id=user)
        self.read_keys()
        for lists in (["/users", "/api_keys", "/workspaces"], ["/users"]):
            self.cut(*lists)
            self.assertEqual(self.read(), [], lists)
        self.cut("/users", "/api_keys", missing={"/users": user, "/api_keys": key})
        self.assertEqual(self.read(), [])
        self.mock.control("user", {"id": user, "removed": True})
        events = self.read()
        self.assertEqual([(e["type"], e["api_key_id"], e["violations"]) for e in events],
                         [("key_noncompliant", key, "creator-gone")])
        self.assertEqual(events[0]["upstream"]["principal_id"], user)
        self.assertIn(f"belongs to {user}, who is not in the organisation", events[0]["message"])

    def test_a_key_as_a_name_is_never_stored(self):
        self.read_keys()
        secret = make_key("a key as a name")
        self.key(secret, workspace_id=self.workspace()[0])
        self.assertIn("key_created", self.types(self.read()))
        self.assertEqual(self.read(), [])
        for name in ("out.jsonl", "state/spool.db"):
            with open(self.path(name), "rb") as f:
                self.assertNotIn(secret.encode(), f.read())


class Access(ReportTest):
    def read_access(self, **rules):
        return self.read([self.feed("access")], policy=self.policy(access=rules))

    def users(self):
        return self.mock.get(ORG + "/users", query={"limit": 1000}).json["data"]

    def test_the_first_poll_is_one_inventory_and_what_breaks_the_policy(self):
        events = self.read_access(max_admins=1, invite_max_age="7d", allowed_email_domains=["example.com"])
        inventory = [e for e in events if e["type"] == "access_inventory"]
        self.assertEqual([e["upstream"]["users"] for e in inventory], [len(self.users())])
        types = set(self.types(events))
        self.assertLessEqual({"access_too_many_admins", "user_outside_domains", "invite_open_too_long"}, types)
        self.assertFalse(types & {"user_added", "member_added", "invite_sent"})
        outside = [u["id"] for u in self.users() if not u["email"].endswith("@example.com")]
        self.assertEqual(sorted(e["upstream"]["user_id"] for e in events if e["type"] == "user_outside_domains"),
                         sorted(outside))
        self.assertEqual(self.read(), [])

    def test_what_happens_to_people_is_told(self):
        self.read_access()
        user = self.mock.control("user", {"email": "new@example.com", "role": "developer"})["id"]
        events = self.read()
        self.assertEqual([(e["type"], e["class"], e["target"]) for e in events],
                         [("user_added", "person", {"type": "user", "id": user})])
        self.mock.control("user", {"id": user, "role": "admin"})
        events = [e for e in self.read() if e["type"] != "member_added"]
        self.assertEqual([(e["type"], e["severity"], e["upstream"]["previous_role"]) for e in events],
                         [("user_role_changed", "warning", "developer")])
        self.mock.control("user", {"id": user, "removed": True})
        self.assertEqual(self.types(self.read()), ["user_removed"])
        self.assertEqual(self.read(), [])

    def test_what_happens_to_invitations_is_told(self):
        self.read_access(invite_max_age="7d")
        invite = self.mock.control("invite", {"email": "guest@example.com"})["id"]
        self.assertEqual(self.types(self.read()), ["invite_sent"])
        self.mock.advance(8 * DAY)
        late = [e for e in self.read() if e["type"] == "invite_open_too_long" and e["upstream"]["invite_id"] == invite]
        self.assertEqual([(e["class"], e["violations"]) for e in late], [("policy", "invite-open")])
        self.mock.control("invite", {"id": invite, "status": "accepted"})
        self.assertEqual(self.types(self.read()), ["invite_accepted", "policy_kept"])
        self.assertEqual(self.read(), [])

    def test_what_happens_to_members_is_told(self):
        self.read_access()
        workspace, name = self.workspace()
        user = self.mock.control("user", {"email": "new@example.com"})["id"]
        self.read()
        member = {"workspace_id": workspace, "user_id": user}
        self.mock.control("member", {**member, "role": "workspace_developer"})
        events = self.read()
        self.assertEqual([(e["type"], e["class"], e["workspace_id"]) for e in events], [("member_added", "access", workspace)])
        self.assertIn(f"new@example.com is a member of workspace {name} as workspace_developer", events[0]["message"])
        self.mock.control("member", {**member, "role": "workspace_admin"})
        self.assertEqual([(e["type"], e["upstream"]["previous_role"]) for e in self.read()],
                         [("member_role_changed", "workspace_developer")])
        self.mock.control("member", {**member, "removed": True})
        self.assertEqual(self.types(self.read()), ["member_removed"])

    def test_one_more_admin_is_told_where_there_are_too_many_already(self):
        admins = [u for u in self.users() if u["role"] == "admin"]
        self.read_access(max_admins=1)
        self.mock.control("user", {"email": "new@example.com", "role": "admin"})
        events = [e for e in self.read() if e["class"] == "policy"]
        self.assertEqual([(e["type"], e["scope"], e["upstream"]["admins"]) for e in events],
                         [("access_too_many_admins", "organization", len(admins) + 1)])

    def test_lists_that_end_early_tell_nothing_and_what_has_gone_is_told_when_it_is_certain(self):
        user = self.mock.control("user", {"email": "new@elsewhere.com"})["id"]
        workspace, name = self.workspace()
        self.mock.control("member", {"workspace_id": workspace, "user_id": user, "role": "workspace_developer"})
        self.read_access(max_admins=1, invite_max_age="7d", allowed_email_domains=["example.com"])
        members = f"/workspaces/{workspace}/members"
        for lists in (["/users", "/invites"], ["/workspaces"], [members]):
            self.cut(*lists)
            self.assertEqual(self.read(), [], lists)
        self.cut("/users", members, missing={"/users": user, members: user})
        self.assertEqual(self.read(), [])
        self.mock.control("user", {"id": user, "removed": True})
        events = self.read()
        self.assertEqual(self.types(events), ["user_removed", "member_removed", "policy_kept"])
        self.assertIn(f"{user} is no member any more of workspace {name}", events[1]["message"])
        self.assertEqual((events[2]["message"], events[2]["severity"]),
                         ("user new@elsewhere.com no longer breaks the policy (email-domain)", "notice"))
        self.assertEqual(self.read(), [])


class Standing(ReportTest):
    def test_check_says_what_each_feed_will_hold(self):
        self.configure(feeds=[self.feed(kind) for kind in ("usage", "cost", "keys", "access")])
        done = self.skantd("check")
        self.assertEqual(done.status, 0, done.err)
        for kind in ("usage", "cost", "keys", "access"):
            self.assertIn(f"feed '{kind}': the credential is accepted", done.out.decode())

    def test_check_names_what_of_the_policy_no_feed_watches(self):
        policy = self.policy(budgets=[{"organization": True, "monthly": 5}], models={"default": {"allow": ["x"]}})
        self.configure(feeds=[self.feed("keys")], policy=policy)
        out = self.skantd("check").out.decode()
        self.assertIn("has budgets, which no feed of type 'cost' watches", out)
        self.assertIn("has models, which no feed of type 'usage' watches", out)
        self.configure(feeds=[self.feed("cost"), self.feed("usage")], policy=policy)
        self.assertNotIn("watches", self.skantd("check").out.decode())

    def test_a_credential_that_is_refused_raises_an_alert(self):
        self.configure(feeds=[self.feed("keys", credential={"env": "ANTHROPIC_COMPLIANCE_API_KEY"})])
        self.once(status=1, env=self.daemon_env("compliance"))
        alerts = [e for e in self.lines() if e["type"] == "skantd.alert"]
        self.assertEqual([e["upstream"]["alert"] for e in alerts], ["refused"])
        self.assertIn("an admin key is needed", alerts[0]["message"])

    def test_verify_checks_the_ledger_of_feeds_that_upstream_has_no_list_of(self):
        self.read([self.feed(kind) for kind in ("usage", "cost", "keys", "access")])
        for more in ((), ("--export", self.path("out.jsonl"))):
            done = self.skantd("verify", *more)
            self.assertEqual(done.status, 0, done.err)
            self.assertIn("0 missing, 0 unexpected, 0 altered, 0 gaps", done.out.decode())

    def test_status_shows_the_feeds(self):
        self.configure(feeds=[self.feed("keys"), self.feed("usage")])
        daemon = self.start()
        self.wait_for_events(1, "keys")
        self.assertEqual([(f["name"], f["type"]) for f in self.status()["feeds"]], [("keys", "keys"), ("usage", "usage")])
        daemon.stop()


if __name__ == "__main__":
    unittest.main()
