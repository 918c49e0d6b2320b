# SPDX-License-Identifier: Apache-2.0
"""skantctl against the mock of the provider's API: whole tasks, and no request that the API would not take (the mock fails
the test when one comes)."""
import json
import signal
import subprocess
import unittest

from mockapi import Mock
from skantctl_support import ACTIVITIES, ORG, SKANTCTL, CtlTest
from support import SLOWER, Result


class MockedTest(CtlTest):
    def mocked(self, script=None, **options):
        mock = Mock(script, **options)
        self.addCleanup(mock.abandon)
        return mock

    def run_ctl(self, mock, *args, kinds=("admin",), stdin=b""):
        done = subprocess.run([SKANTCTL, *args], cwd=self.dir, input=stdin, capture_output=True, timeout=120 * SLOWER,
                              env=self.env(**mock.env(*kinds)), check=False)
        result = Result(done)
        for kind in ("api", "admin", "compliance", "oauth", "foreign"):
            self.assertNotIn(mock.key(kind), result.text + result.err)
        return result

    def rows(self, mock, *args, **more):
        return self.assert_done(self.run_ctl(mock, *args, "-o", "jsonl", **more)).records


class Tasks(MockedTest):
    def test_lists_are_whole(self):
        with self.mocked(users=2500, workspaces=6, keys=1200, invites=30) as mock:
            self.assertEqual(len({r["id"] for r in self.rows(mock, "users", "list")}), 2500)
            self.assertEqual(len(self.rows(mock, "users", "list", "--page-size", "7", "--limit", "20")), 20)
            self.assertEqual(len({r["id"] for r in self.rows(mock, "keys", "list")}), 1200)
            active = self.rows(mock, "keys", "list", "--status", "active")
            self.assertEqual({r["status"] for r in active}, {"active"})
            self.assertEqual(len(self.rows(mock, "invites", "list")), 30)
            self.assertGreaterEqual(len(self.rows(mock, "models", "list", kinds=("api",))), 1)

    def test_somebody_comes_and_goes(self):
        with self.mocked() as mock:
            invite = self.rows(mock, "invites", "create", "--email", "new@example.com", "--role", "developer", "--yes")[0]
            self.assertEqual((invite["email"], invite["status"]), ("new@example.com", "pending"))
            self.assertIn(invite["id"], {r["id"] for r in self.rows(mock, "invites", "list", "--status", "pending")})
            self.assert_done(self.run_ctl(mock, "invites", "revoke", "New@example.com", "--yes"))
            self.assertEqual(self.rows(mock, "invites", "get", invite["id"])[0]["status"], "deleted")
            user = next(r for r in self.rows(mock, "users", "list") if r["role"] == "user")
            self.rows(mock, "users", "update", user["id"], "--role", "billing", "--yes")
            self.assertEqual(self.rows(mock, "users", "get", user["id"])[0]["role"], "billing")
            self.assert_done(self.run_ctl(mock, "users", "remove", user["id"], "--yes"))
            self.assertNotIn(user["id"], {r["id"] for r in self.rows(mock, "users", "list")})

    def test_a_workspace_from_its_making_to_its_end(self):
        with self.mocked() as mock:
            made = self.rows(mock, "workspaces", "create", "--name", "ml-staging", "--tag", "team=ml", "--yes")[0]
            self.assertEqual(made["tags"], {"team": "ml"})
            user = next(r for r in self.rows(mock, "users", "list") if r["role"] == "developer")["id"]
            where = ("--workspace", made["id"])
            self.rows(mock, "members", "add", user, *where, "--role", "developer", "--yes")
            self.rows(mock, "members", "update", user, *where, "--role", "admin", "--yes")
            self.assertIn((user, "workspace_admin"), [(r["user_id"], r["workspace_role"])
                                                      for r in self.rows(mock, "members", "list", *where)])
            self.assert_done(self.run_ctl(mock, "members", "remove", user, *where, "--yes"))
            self.rows(mock, "workspaces", "update", made["id"], "--name", "ml-old", "--yes")
            self.rows(mock, "workspaces", "archive", made["id"], "--yes")
            self.assertNotIn(made["id"], {r["id"] for r in self.rows(mock, "workspaces", "list")})
            self.assertIn("ml-old", {r["name"] for r in self.rows(mock, "workspaces", "list", "--status", "archived")})

    def test_a_key_is_renamed_and_switched_off(self):
        with self.mocked() as mock:
            key = self.rows(mock, "keys", "list", "--status", "active")[0]["id"]
            self.rows(mock, "keys", "rename", key, "--name", "ml-prod-batch", "--yes")
            self.rows(mock, "keys", "disable", "ml-prod-batch", "--yes")
            found = self.rows(mock, "keys", "get", key)[0]
            self.assertEqual((found["name"], found["status"]), ("ml-prod-batch", "inactive"))
            self.rows(mock, "keys", "enable", key, "--yes")
            self.rows(mock, "keys", "archive", key, "--yes")
            self.assertEqual(self.rows(mock, "keys", "get", key)[0]["status"], "archived")

    def test_a_dry_run_changes_nothing(self):
        with self.mocked() as mock:
            user = self.rows(mock, "users", "list")[0]["id"]
            self.assert_done(self.run_ctl(mock, "users", "remove", user, "--dry-run"))
            self.assertEqual({line["method"] for line in mock.log()}, {"GET"})

    def test_the_inventory_has_each_key(self):
        with self.mocked(keys=300) as mock:
            head, *keys = self.assert_done(self.run_ctl(mock, "keys", "export")).records
            self.assertEqual(head["schema"], "skant-inventory/1")
            self.assertEqual({k["id"] for k in keys}, {r["id"] for r in self.rows(mock, "keys", "list")})
            names = {r["id"]: r["name"] for r in self.rows(mock, "workspaces", "list", "--status", "all")}
            for key in keys:
                if key.get("workspace_id") in names:
                    self.assertEqual(key["workspace"], names[key["workspace_id"]])

    def test_what_each_credential_may_do(self):
        with self.mocked() as mock:
            rows = {r["credential"]: r for r in self.rows(mock, "auth", "check",
                                                          kinds=("api", "admin", "compliance", "oauth"))}
            self.assertEqual(rows["admin"]["may"], ["organization", "users", "keys", "activities"])
            self.assertEqual(rows["compliance"]["may"], ["activities", "directory"])
            self.assertEqual(rows["api"]["may"], ["models"])
            self.assertIn("organization", rows["oauth"]["may"])

    def test_keys_that_were_found(self):
        with self.mocked() as mock:
            keys = "\n".join(mock.key(kind) for kind in ("api", "admin", "compliance", "foreign"))
            rows = self.rows(mock, "verify", stdin=keys.encode())
            self.assertEqual([r["verified"] for r in rows], ["live"] * 4)
            self.assertEqual([rows[0]["ours"], rows[3]["ours"]], [True, False])


class Activities(MockedTest):
    def test_all_of_them_once_each_and_in_order(self):
        script = {"faults": [{"match": {"path": ACTIVITIES, "every": 2}, "do": {"duplicate": 3}}]}
        with self.mocked(script, activities=2000, self_feed="off") as mock:
            rows = self.rows(mock, "activities", "query", "--page-size", "100", kinds=("compliance",))
            self.assertEqual(len(rows), 2000)
            self.assertEqual(len({r["id"] for r in rows}), 2000)
            self.assertGreater(mock.state()["fired"][0], 5)
            again = self.rows(mock, "activities", "query", "--order", "asc", kinds=("compliance",))
            self.assertEqual([r["id"] for r in again], [r["id"] for r in reversed(rows)])

    def test_an_api_that_does_not_know_the_order(self):
        script = {"expect_error": [{"path": ACTIVITIES, "query": "order"}]}
        with self.mocked(script, activities=50, asc="refused", self_feed="off") as mock:
            done = self.assert_done(self.run_ctl(mock, "activities", "query", "--order", "asc", "-o", "jsonl"))
            self.assertEqual(len(done.records), 50)
            self.assertIn("does not take --order", done.err)

    def test_types_add_up(self):
        with self.mocked(activities=700, self_feed="off") as mock:
            rows = self.rows(mock, "activities", "types")
            self.assertEqual(sum(r["count"] for r in rows), 700)
            kind = rows[0]["type"]
            found = self.rows(mock, "activities", "query", "--type", kind)
            self.assertEqual(({r["type"] for r in found}, len(found)), ({kind}, rows[0]["count"]))

    def test_tail_prints_what_is_added_late_rows_too(self):
        with self.mocked(activities=20, self_feed="off") as mock:
            with subprocess.Popen([SKANTCTL, "activities", "tail", "--interval", "1", "-o", "jsonl"], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=self.env(**mock.env("admin"))) as process:
                try:
                    self.follow(mock, process)
                    process.send_signal(signal.SIGINT)
                    self.assertEqual((process.wait(60), process.stderr.read()), (0, b""))
                finally:
                    process.kill()

    def follow(self, mock, process):
        while mock.state()["requests"] < 2:
            self.assertIsNone(process.poll())
        seen = []
        for seconds_ago in (0, 0, 2):
            mock.add(1, seconds_ago)
            seen.append(json.loads(process.stdout.readline())["id"])
        self.assertEqual(len(set(seen)), 3)


class Cca(MockedTest):
    def test_people(self):
        with self.mocked() as mock:
            users = self.rows(mock, "users", "list", "--dialect", "cca")
            self.assertTrue(all("added_at" in u and "created_at" not in u for u in users))
            invite = self.rows(mock, "invites", "create", "--email", "n@example.com", "--role", "user",
                               "--expires-in-days", "3", "--yes", "--dialect", "cca")[0]
            self.assertEqual(invite["role"], "user")
            self.assert_done(self.run_ctl(mock, "invites", "revoke", invite["id"], "--yes", "--dialect", "cca"))
            self.assertIn(f"POST /v1/admin/invitations", mock.state()["routes"])

    def test_activities(self):
        with self.mocked(activities=250) as mock:
            rows = self.rows(mock, "activities", "query", "--dialect", "cca", "--page-size", "100")
            self.assertEqual(len({r["id"] for r in rows}), 250)


class Tables(MockedTest):
    def test_every_list_in_every_format(self):
        with self.mocked() as mock:
            for noun in ("users", "invites", "workspaces", "keys", "models", "activities"):
                verb = "query" if noun == "activities" else "list"
                for form in ("table", "json", "jsonl", "csv", "yaml"):
                    done = self.assert_done(self.run_ctl(mock, noun, verb, "-o", form, kinds=("api", "admin")))
                    self.assertGreater(len(done.text.splitlines()), 1, (noun, form))
            self.assert_done(self.run_ctl(mock, "org", "show"))
            self.assertIn(f"GET {ORG}/me", mock.state()["routes"])


if __name__ == "__main__":
    unittest.main()
