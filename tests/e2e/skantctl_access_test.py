# SPDX-License-Identifier: Apache-2.0
"""skantctl access review: who may do what and why, what breaks the policy, and the file that reviews are recorded in."""
import csv
import datetime
import hashlib
import io
import json
import os
import random
import signal
import subprocess
import time
import unittest

from htmlpage import Page
from skantctl_mock_test import MockedTest
from skantctl_support import ORG, SKANTCTL, CtlTest, Reply, listing
from support import Result

REVIEW = ("access", "review")
RECORD_OPTIONS = ("--reviewer", "ada")


def ago(**delta):
    when = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**delta)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def user(name, role="user", email=None):
    return {"id": f"user_{name}", "type": "user", "email": email or f"{name}@example.com", "name": name.title(),
            "role": role, "added_at": "2026-01-02T03:04:05Z"}


def member(name, role, workspace="wrkspc_1"):
    return {"type": "workspace_member", "user_id": f"user_{name}", "workspace_id": workspace,
            "workspace_role": "workspace_" + role}


def key(name, creator, kind="user", status="active"):
    return {"id": f"apikey_{name}", "type": "api_key", "name": name, "status": status, "workspace_id": "wrkspc_1",
            "created_at": "2026-01-01T00:00:00Z", "created_by": {"id": creator, "type": kind}, "expires_at": None,
            "partial_key_hint": None}


def invite(name, status="pending", days=1, **more):
    return {"id": f"invite_{name}", "type": "invite", "email": f"{name}@example.com", "role": "user", "status": status,
            "invited_at": ago(days=days), "expires_at": ago(days=days - 21), **more}


def organization(**more):
    lists = {"users": [user("ada", "admin"), user("bo", "developer")], "invites": [], "api_keys": [],
             "workspaces": [{"id": "wrkspc_1", "type": "workspace", "name": "ml-prod",
                             "created_at": "2026-01-01T00:00:00Z", "archived_at": None}],
             "workspaces/wrkspc_1/members": [member("ada", "admin"), member("bo", "admin")], **more}
    routes = {f"GET {ORG}/{name}": listing(rows) for name, rows in lists.items()}
    routes[f"GET {ORG}/me"] = Reply({"id": "0d9c", "type": "organization", "name": "Example"})
    return routes


class AccessTest(CtlTest):
    def policy(self, text):
        with open(self.path("policy.yaml"), "w", encoding="utf-8") as f:
            f.write("version: 1\naccess: {" + text + "}\n")
        return ("--policy", self.path("policy.yaml"))

    def review(self, api, *args, status=0):
        done = self.ctl(api, *REVIEW, "-o", "jsonl", *args)
        self.assertEqual(done.status, status, done.err)
        return done

    def record(self, api, *args, path="r.jsonl", status=0):
        return self.review(api, "--record", self.path(path), *RECORD_OPTIONS, *args, status=status)

    def verify(self, *args, path="r.jsonl", status=0):
        done = self.ctl(None, *REVIEW, "--verify-record", self.path(path), "-o", "json", *args)
        self.assertEqual(done.status, status, done.text + done.err)
        return json.loads(done.text), done.err

    def records(self, path="r.jsonl"):
        with open(self.path(path), "rb") as f:
            return f.read().splitlines(True)


class Review(AccessTest):
    def test_who_is_admin_and_why(self):
        api = self.api(organization(invites=[invite("new", role="admin")]))
        rows = self.review(api, "--show", "admins").records
        self.assertEqual([(r["subject"], r["id"], r.get("workspace"), r["why"]) for r in rows],
                         [("user", "user_ada", None, "role admin in the organisation, which reaches every workspace"),
                          ("member", "user_ada", "ml-prod", "inherited from the role admin in the organisation"),
                          ("member", "user_bo", "ml-prod", "role workspace_admin in this workspace"),
                          ("invite", "invite_new", None, "role admin as soon as the invitation is accepted")])

    def test_which_invitations_are_open(self):
        api = self.api(organization(invites=[invite("a"), invite("b", "accepted"), invite("c", "expired", 30),
                                             invite("d", days=9), invite("e", "deleted"), invite("f", days=30)]))
        done = self.review(api, "--show", "invites", status=1)
        self.assertEqual([(r["id"], [v["code"] for v in r["violations"]]) for r in done.records],
                         [("invite_a", []), ("invite_d", ["invite-open"])])
        self.review(api, "--show", "admins")
        findings = self.review(api, "--show", "findings", status=1).records
        self.assertEqual([(r["id"], [n["code"] for n in r["notes"]]) for r in findings],
                         [("invite_c", ["invite-expired"]), ("invite_d", []), ("invite_f", ["invite-expired"])])

    def test_what_breaks_the_policy(self):
        api = self.api(organization(
            users=[user("ada", "admin"), user("bo", "owner"), user("eve", email="eve@evil.org"), user("kit", "wizard")],
            api_keys=[key("a", "user_gone"), key("b", "svac_1", "service_account"), key("c", "user_ada"),
                      key("d", "user_gone", status="inactive")],
            **{"workspaces/wrkspc_1/members": [member("ada", "admin"), member("left", "user")]}))
        policy = self.policy("max_admins: 1, allowed_email_domains: [example.com]")
        rows = {(r["subject"], r["id"]): r for r in self.review(api, *policy, "--show", "findings", status=1).records}
        codes = {who: [v["code"] for v in r["violations"]] + [n["code"] for n in r["notes"]] for who, r in rows.items()}
        self.assertEqual(codes, {("organization", "0d9c"): ["too-many-admins"],
                                 ("user", "user_eve"): ["email-domain", "no-workspace"],
                                 ("user", "user_kit"): ["unknown-role"],
                                 ("member", "user_left"): ["member-gone"],
                                 ("service-account", "svac_1"): ["service-account"],
                                 ("key", "apikey_a"): ["creator-gone"],
                                 ("workspace", "wrkspc_1"): ["no-workspace-admin"]})
        self.assertIn("2 admins; the policy allows 1", rows["organization", "0d9c"]["violations"][0]["message"])
        self.assertEqual(set(codes) - {("service-account", "svac_1"), ("workspace", "wrkspc_1")},
                         {(r["subject"], r["id"])
                          for r in self.review(api, *policy, "--show", "violations", status=1).records})

    def test_the_report_has_the_numbers_of_the_review(self):
        api = self.api(organization(
            users=[user("ada", "admin"), user("bo", "owner"), user("eve", email="eve@evil.org"), user("kit", "wizard")],
            invites=[invite("a"), invite("d", days=9), invite("c", "expired", 30), invite("f", days=30)],
            api_keys=[key("a", "user_gone"), key("b", "svac_1", "service_account"), key("c", "user_ada"),
                      {**key("d", "user_gone"), "expires_at": ago(days=1)},
                      {**key("e", "user_ada"), "principal": {"type": "user_actor", "user_id": "user_gone"}},
                      {**key("f", "user_gone"), "principal": {"type": "service_account_actor", "service_account_id": "svac_2"}}],
            **{"workspaces/wrkspc_1/members": [member("ada", "admin"), member("left", "user")]}))
        policy = self.policy("max_admins: 1, allowed_email_domains: [example.com]")
        done = self.review(api, *policy, status=1)
        self.assertIn("4 people, 2 admins, 2 open invitations, 1 workspace, 2 memberships, 5 active keys, 2 service accounts",
                      done.err)
        orphans = {r["id"]: r["why"] for r in done.records if r["subject"] == "key"}
        self.assertEqual(orphans, {"apikey_a": "was made by user_gone", "apikey_e": "belongs to user_gone"})
        self.assertEqual(self.ctl(api, "report", "access", *policy, "--html", self.path("r.html")).status, 0)
        with open(self.path("r.html"), encoding="utf-8") as f:
            page = Page(f.read())
        said = dict(reversed(part.split(" ", 1)) for part in done.err.strip().splitlines()[-1].split(": ", 1)[1]
                    .replace("; ", ", ").split(", "))
        self.assertEqual(said, {"people": page.facts["people"], "admins": page.facts["admins of the organisation"],
                                "open invitations": page.facts["open invitations"], "workspace": page.facts["workspaces"],
                                "memberships": page.facts["memberships"], "active keys": "5",
                                "service accounts": page.facts["service accounts with active keys"],
                                "violations": page.facts["break the policy"], "notes": page.facts["to be looked at"]})
        self.assertEqual({(r["What"], r["Code"]) for r in page.tables["access-finding-list"].dicts()},
                         {(r["subject"], f["code"]) for r in done.records for f in r["violations"] + r["notes"]})
        self.assertEqual({r["Id"] for r in page.tables["invite-list"].dicts()}, {"invite_a", "invite_d"})

    def test_tables_and_csv_say_it_in_two_columns(self):
        api = self.api(organization(users=[user("ada", "admin"), user("bo", "developer", "bo\x1b[1m@evil.org")]))
        policy = self.policy("allowed_email_domains: [example.com, example.org]")
        done = self.ctl(api, *REVIEW, *policy, "--show", "findings")
        head, row = done.text.splitlines()
        self.assertEqual((done.status, head.split("\t")[-2:]), (1, ["CODE", "MESSAGE"]))
        self.assertEqual(row.split("\t")[-2:], ["email-domain", "the address bo\\x1b[1m@evil.org is in none of the allowed "
                                                "domains: example.com, example.org"])
        done = self.ctl(api, *REVIEW, *policy, "-o", "csv")
        rows = list(csv.DictReader(io.StringIO(done.text, newline="")))
        self.assertEqual([r["subject"] for r in rows], ["organization", "user", "user", "member", "member"])
        self.assertIn("2 people, 1 admin, 0 open invitations, 1 workspace, 2 memberships", done.err)

    def test_bad_use_is_told_before_anything_is_sent(self):
        api = self.api({})
        self.assert_fails(self.ctl(api, *REVIEW, "--show", "nobody"), 2, "--show", "admins")
        self.assert_fails(self.ctl(api, *REVIEW, "x"), 2, "no argument")
        self.assert_fails(self.ctl(api, *REVIEW, "--policy", self.path("none.yaml")), 2, "none.yaml")
        both = self.ctl(api, *REVIEW, "--record", self.path("r"), "--verify-record", self.path("r"))
        self.assert_fails(both, 2, "--verify-record")
        self.assert_fails(self.ctl(api, *REVIEW, *self.policy("max_admin: 1")), 2, "max_admins")
        self.assert_fails(self.ctl(api, *REVIEW, "--record", self.path("r"), "--show", "all"), 2, "--show")
        self.assert_fails(self.ctl(api, *REVIEW, "--record", "/dev/null"), 2, "no regular file")
        self.assertEqual(api.requests, [])


class Record(AccessTest):
    def test_reviews_make_a_chain_that_anybody_can_check(self):
        api = self.api(organization(invites=[invite("d", days=9)]))
        self.assertIn("nothing was added", self.record(api, "--dry-run", status=1).err)
        self.assertFalse(os.path.exists(self.path("r.jsonl")))
        listings = [self.record(api, status=1).out for _ in range(3)]
        lines = self.records()
        before = "0" * 64
        for number, (line, text) in enumerate(zip(lines, listings), 1):
            record = json.loads(line)
            self.assertEqual((record["schema"], record["number"], record["reviewer"], record["organization_id"]),
                             ("skant-access-review/1", number, "ada", "0d9c"))
            self.assertEqual((record["violations"], record["notes"]), ({"invite-open": 1}, {}))
            self.assertEqual(record["counts"]["admins"], 1)
            self.assertEqual(record["listing_sha256"], hashlib.sha256(text).hexdigest())
            self.assertEqual(record["previous_sha256"], before)
            own = line.rstrip(b"\n")[:-len(',"sha256":""}') - 64] + b"}"
            self.assertEqual(record["sha256"], hashlib.sha256(own).hexdigest())
            before = hashlib.sha256(line.rstrip(b"\n")).hexdigest()
        verdict, _ = self.verify()
        self.assertEqual((verdict["records"], verdict["intact"], verdict["overdue"], verdict["head_sha256"]),
                         (3, True, False, before))
        self.assertEqual(os.listdir(self.dir).count("r.jsonl"), 1)
        self.assertEqual(os.stat(self.path("r.jsonl")).st_mode & 0o007, 0)

    def test_the_policy_that_held_is_recorded(self):
        api = self.api(organization())
        policy = self.policy("review_every: 30d")
        done = self.record(api, *policy)
        record = json.loads(self.records()[0])
        with open(self.path("policy.yaml"), "rb") as f:
            self.assertEqual(record["policy_sha256"], hashlib.sha256(f.read()).hexdigest())
        made, due = (datetime.datetime.fromisoformat(record[k].replace("Z", "+00:00")) for k in ("time", "next_due"))
        self.assertEqual((due - made).days, 30)
        self.assertIn(f"the next review is due by {record['next_due']}", done.err)
        self.assertIn("recorded as review 1", done.err)

    def test_what_was_altered_is_named_and_nothing_is_appended(self):
        api = self.api(organization())
        for _ in range(3):
            self.record(api)
        good = self.records()
        bad = {"altered": ([good[0], good[1].replace(b'"ada"', b'"bob"'), good[2]], ":2: the record was altered"),
               "removed": ([good[0], good[2]], ":2: record 3 stands where record 2 was expected"),
               "torn": (good[:2] + [good[2][:40]], ":3: the last record is cut short"),
               "foreign": (good + [b'{"a":1}\n'], ":4: this is no record of a review")}
        for name, (lines, words) in bad.items():
            with open(self.path(name), "wb") as f:
                f.writelines(lines)
            verdict, err = self.verify(path=name, status=1)
            self.assertFalse(verdict["intact"])
            self.assertIn(name + words, verdict["problem"])
            self.assertIn(words, err)
            asked = len(api.requests)
            self.assert_fails(self.ctl(api, *REVIEW, "--record", self.path(name), *RECORD_OPTIONS), 2, words)
            self.assertEqual(len(api.requests), asked)
            self.assertEqual(self.records(name), lines)

    def test_a_review_that_is_overdue_is_told(self):
        api = self.api(organization())
        self.record(api)
        with open(self.path("r.jsonl"), "rb") as f:
            record = json.loads(f.read())
        record.pop("sha256")

        def write(**more):
            text = json.dumps({**record, **more}, separators=(",", ":"))
            with open(self.path("r.jsonl"), "w", encoding="utf-8") as f:
                f.write(text[:-1] + f',"sha256":"{hashlib.sha256(text.encode()).hexdigest()}"}}\n')

        write(time=ago(days=100), next_due=ago(days=-20))
        self.assertFalse(self.verify(*self.policy("review_every: 120d"))[0]["overdue"])
        self.assertTrue(self.verify(*self.policy("review_every: 99d"), status=1)[0]["overdue"])  # since then
        write(time=ago(days=100), next_due=ago(days=10))
        verdict, err = self.verify(status=1)
        self.assertEqual((verdict["intact"], verdict["overdue"]), (True, True))
        self.assertIn("overdue by 10 days", err)
        verdict, err = self.verify(*self.policy("review_every: 120d"), status=1)
        self.assertTrue(verdict["overdue"])  # a policy that was loosened makes up for nothing
        done = self.record(api)
        self.assertIn("overdue by 10 days", done.err)
        self.assertEqual(self.verify()[0]["records"], 2)

    def test_where_no_review_is_recorded_one_is_overdue(self):
        self.write("r.jsonl", "")
        verdict, err = self.verify(status=1)
        self.assertEqual((verdict["records"], verdict["overdue"]), (0, True))
        self.assertIn("no review is recorded", err)
        self.assertFalse(self.verify(*self.policy("review_every: 0"))[0]["overdue"])

    def test_a_file_for_each_organisation(self):
        self.record(self.api(organization()))
        other = organization()
        other[f"GET {ORG}/me"] = Reply({"id": "ffff", "type": "organization", "name": "Other"})
        self.assert_fails(self.ctl(self.api(other), *REVIEW, "-q", "--record", self.path("r.jsonl"), *RECORD_OPTIONS),
                          2, "another organisation")
        self.assertEqual(len(self.records()), 1)

    def test_an_answer_that_fails_is_no_review(self):
        broken = organization()
        broken[f"GET {ORG}/api_keys"] = Reply({"error": {"type": "permission_error", "message": "no"}}, 403)
        self.assert_fails(self.ctl(self.api(broken), *REVIEW, "--record", self.path("r.jsonl"), *RECORD_OPTIONS), 3,
                          "key.list")
        self.assertFalse(os.path.exists(self.path("r.jsonl")))
        self.assert_fails(self.ctl(None, *REVIEW, "--verify-record", self.path("r.jsonl")), 2, "r.jsonl")

    def test_many_at_once_are_recorded_each_once(self):
        api = self.api(organization())
        args = [SKANTCTL, *REVIEW, "-q", "--record", self.path("r.jsonl"), *RECORD_OPTIONS]
        running = [subprocess.Popen(args, env=self.ctl_env(api), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                   for _ in range(12)]
        for process in running:
            err = process.communicate(timeout=60)[1]
            self.assertEqual(process.returncode, 0, err)
        self.assertEqual(self.verify()[0]["records"], 12)

    def test_killed_at_any_moment_the_file_stays_whole(self):
        api = self.api(organization())
        api.server.handle_error = lambda *_: None  # connections end in their middle
        self.record(api)
        args = [SKANTCTL, *REVIEW, "-q", "--record", self.path("r.jsonl"), *RECORD_OPTIONS]
        start = time.monotonic()
        subprocess.run(args, env=self.ctl_env(api), stdout=subprocess.DEVNULL, check=True, timeout=60)
        took = time.monotonic() - start
        rng = random.Random(8)
        records = 2
        killed = 0
        for _ in range(40):
            with subprocess.Popen(args, env=self.ctl_env(api), stdout=subprocess.DEVNULL) as process:
                time.sleep(rng.uniform(0.5, 1.05) * took)
                process.kill()
                killed += process.wait() == -signal.SIGKILL
            now = self.verify()[0]["records"]
            self.assertIn(now, (records, records + 1))
            records = now
        self.assertGreater(killed, 0)
        self.record(api)
        self.assertEqual(self.verify()[0]["records"], records + 1)

    def test_a_full_disk_leaves_the_file_as_it_was(self):
        mount = f"mount -t tmpfs -o size=16k none '{self.path('disk')}' && "
        os.mkdir(self.path("disk"))
        if subprocess.run(["unshare", "-rm", "sh", "-c", mount + "true"], capture_output=True, check=False).returncode:
            self.skipTest("no file system can be mounted here")
        api = self.api(organization())
        self.record(api)
        script = (mount + 'cp r.jsonl disk && cat /dev/zero >disk/ballast 2>/dev/null; "$@"; s=$?; '
                          "cmp disk/r.jsonl r.jsonl && ls -A disk; exit $s")
        done = Result(subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", SKANTCTL, *REVIEW, "-q",
                                      "--record", "disk/r.jsonl", *RECORD_OPTIONS], cwd=self.dir, capture_output=True,
                                     env=self.ctl_env(api), timeout=60, check=False))
        self.assert_fails(done, 3, "r.jsonl", "No space left on device")
        self.assertEqual(done.text.splitlines()[-2:], ["ballast", "r.jsonl"])

    def test_a_write_that_stops_in_its_middle_leaves_the_file_as_it_was(self):
        api = self.api(organization())
        for _ in range(3):
            self.record(api)
        before = self.records()
        limit = sum(len(line) for line in before) // 1024 + 1
        script = f'ulimit -f {limit} && trap "" XFSZ && exec "$@"'
        done = Result(subprocess.run(["bash", "-c", script, "sh", SKANTCTL, *REVIEW, "-q", "--record",
                                      self.path("r.jsonl"), *RECORD_OPTIONS], env=self.ctl_env(api),
                                     capture_output=True, timeout=60, check=False))
        self.assert_fails(done, 3, "r.jsonl", "File too large")
        self.assertEqual(self.records(), before)
        self.assertEqual([n for n in os.listdir(self.dir) if n.startswith(("r.jsonl", ".r.jsonl"))], ["r.jsonl"])
        self.record(api)
        self.assertEqual(self.verify()[0]["records"], 4)


class Mocked(MockedTest):
    def test_the_rows_are_those_of_the_lists(self):
        with self.mocked(users=300, workspaces=12, keys=200, invites=40) as mock:
            done = self.run_ctl(mock, *REVIEW, "-o", "jsonl")
            rows = done.records
            self.assertEqual({r["id"] for r in rows if r["subject"] == "user"},
                             {r["id"] for r in self.rows(mock, "users", "list")})
            self.assertEqual({r["id"] for r in rows if r["subject"] == "user" and r["admin"]},
                             {r["id"] for r in self.rows(mock, "users", "list", "--role", "admin")})
            self.assertEqual({r["id"] for r in rows if r["subject"] == "invite" and not r["notes"]},
                             {r["id"] for r in self.rows(mock, "invites", "list", "--status", "pending")})
            members = {(r["workspace_id"], r["id"], r["role"]) for r in rows if r["subject"] == "member"}
            expected = set()
            for workspace in self.rows(mock, "workspaces", "list"):
                expected |= {(workspace["id"], m["user_id"], m["workspace_role"])
                             for m in self.rows(mock, "members", "list", "--workspace", workspace["id"])}
            self.assertEqual(members, expected)

    def test_whoever_leaves_leaves_keys(self):
        with self.mocked(users=40, keys=120) as mock:
            keys = [k for k in self.rows(mock, "keys", "list", "--status", "active") if k["created_by"]["type"] == "user"]
            roles = {u["id"]: u["role"] for u in self.rows(mock, "users", "list")}
            gone = next(k["created_by"]["id"] for k in keys if roles[k["created_by"]["id"]] != "admin")
            self.assert_done(self.run_ctl(mock, "users", "remove", gone, "--yes"))
            rows = self.run_ctl(mock, *REVIEW, "--show", "violations", "-o", "jsonl").records
            self.assertEqual({r["id"] for r in rows if r["subject"] == "key"},
                             {k["id"] for k in keys if k["created_by"]["id"] == gone})

    def test_cca_says_what_it_cannot_tell(self):
        with self.mocked(users=40) as mock:
            done = self.run_ctl(mock, *REVIEW, "--dialect", "cca", "-o", "jsonl")
            self.assertEqual({r["subject"] for r in done.records}, {"organization", "user", "member", "invite"})
            self.assertIn("the dialect cca tells no roles in workspaces, no workspaces and no keys", done.err)
            record = self.path("r.jsonl")
            self.run_ctl(mock, *REVIEW, "--dialect", "cca", "--record", record, *RECORD_OPTIONS)
            with open(record, encoding="utf-8") as f:
                self.assertEqual(set(json.loads(f.read())["counts"]), {"people", "admins", "open_invites", "members"})


if __name__ == "__main__":
    unittest.main()
