# SPDX-License-Identifier: Apache-2.0
"""skantctl groups, org list and org users: the Compliance API's directory in both dialects."""
import csv
import io
import json
import unittest

from skantctl_mock_test import MockedTest
from skantctl_support import CtlTest, Reply

COMPLIANCE = ("compliance",)
ORG_A, ORG_B = "0d9c6a1e-0000-4000-8000-00000000000a", "0d9c6a1e-0000-4000-8000-00000000000b"
GROUP = {"id": "rbac_group_1", "name": "legal", "description": None, "source_type": "scim", "roles": ["auditor"],
         "created_at": "2026-01-01T00:00:00"}


def pages(rows, size=2):
    """A route that pages through rows by tokens."""
    def answer(request):
        start = int(request.one("page") or 0)
        end = min(len(rows), start + min(size, int(request.one("limit") or size)))
        more = end < len(rows)
        return Reply({"data": rows[start:end], "has_more": more, "next_page": str(end) if more else None})
    return answer


def org(uuid, name):
    return {"uuid": uuid, "name": name, "created_at": "2025-01-01T00:00:00Z"}


class Directory(CtlTest):
    def test_groups_in_each_format(self):
        api = self.api({"GET /v1/compliance/groups": pages([GROUP])})
        run = lambda *more: self.assert_done(self.ctl(api, "groups", "list", *more, keys=COMPLIANCE))
        self.assertEqual(run().text, "ID\tNAME\tDESCRIPTION\tSOURCE\tROLES\tCREATED AT\n"
                                     "rbac_group_1\tlegal\t\tscim\tauditor\t2026-01-01T00:00:00\n")
        self.assertEqual(json.loads(run("-o", "json").out), [GROUP])
        self.assertEqual(run("-o", "jsonl").records, [GROUP])
        self.assertEqual(list(csv.DictReader(io.StringIO(run("-o", "csv").text, newline="")))[0]["source"], "scim")
        self.assertIn("source_type: scim", run("-o", "yaml").text)
        self.assertIsNone(api.requests[-1].one("name_prefix"))
        run("--name", "le")
        self.assertEqual(api.requests[-1].one("name_prefix"), "le")

    def test_a_limit_and_a_page_size(self):
        rows = [{**GROUP, "id": f"rbac_group_{n}"} for n in range(9)]
        api = self.api({"GET /v1/compliance/groups": pages(rows, 100)})
        done = self.assert_done(self.ctl(api, "groups", "list", "--limit", "5", "--page-size", "2", "-o", "jsonl",
                                         keys=COMPLIANCE))
        self.assertEqual([r["id"] for r in done.records], [r["id"] for r in rows[:5]])
        self.assertEqual([r.one("limit") for r in api.requests], ["2"] * 3)

    def test_one_group_and_its_members(self):
        member = {"user_id": "user_1", "email": "a@example.com"}
        api = self.api({"GET /v1/compliance/groups/rbac_group_1": Reply(GROUP),
                        "GET /v1/compliance/groups/rbac_group_1/members": pages([member])})
        done = self.assert_done(self.ctl(api, "groups", "get", "rbac_group_1", "-o", "json", keys=COMPLIANCE))
        self.assertEqual(json.loads(done.out), GROUP)
        done = self.assert_done(self.ctl(api, "groups", "members", "rbac_group_1", keys=COMPLIANCE))
        self.assertEqual(done.text, "USER ID\tEMAIL\tCREATED AT\nuser_1\ta@example.com\t\n")
        self.assert_fails(self.ctl(api, "groups", "get", keys=COMPLIANCE), 2, "one group's id")
        self.assert_fails(self.ctl(api, "groups", "members", "a/b", keys=COMPLIANCE), 2, "group.members")
        self.assert_fails(self.ctl(api, "groups", "get", "rbac_group_2", keys=COMPLIANCE), 3, "404")

    def test_the_people_of_the_only_organisation(self):
        user = {"id": "user_1", "email": "a@example.com", "full_name": "A", "organization_role": "admin",
                "created_at": "2026-01-01T00:00:00Z"}
        api = self.api({"GET /v1/compliance/organizations": pages([org(ORG_A, "Example")]),
                        f"GET /v1/compliance/organizations/{ORG_A}/users": pages([user])})
        done = self.assert_done(self.ctl(api, "org", "users", keys=COMPLIANCE))
        self.assertEqual(done.text, "ID\tEMAIL\tNAME\tROLE\tCREATED AT\nuser_1\ta@example.com\tA\tadmin\t"
                                    "2026-01-01T00:00:00Z\n")
        done = self.assert_done(self.ctl(api, "org", "users", ORG_A, "-o", "jsonl", keys=COMPLIANCE))
        self.assertEqual(done.records, [user])
        self.assert_fails(self.ctl(api, "org", "users", "a", "b", keys=COMPLIANCE), 2, "at most one")

    def test_of_several_organisations_the_id_says_which(self):
        api = self.api({"GET /v1/compliance/organizations": pages([org(ORG_A, "Example"), org(ORG_B, "La\x1bbs")])})
        done = self.ctl(api, "org", "users", keys=COMPLIANCE)
        self.assert_fails(done, 2, "lists 2 organisations", f"{ORG_A} (Example)", f"{ORG_B} (La\\x1bbs)")
        none = self.api({"GET /v1/compliance/organizations": pages([])})
        self.assert_fails(self.ctl(none, "org", "users", keys=COMPLIANCE), 3, "no organisation")

    def test_what_a_dialect_lacks_is_said_before_anything_is_sent(self):
        api = self.api({})
        for args, operation in ((("groups", "list"), "group.list"), (("groups", "get", "grp_1"), "group.get"),
                                (("groups", "members", "grp_1"), "group.members")):
            self.assert_fails(self.ctl(api, *args, "--dialect", "cca"), 2, operation, "cca")
        self.assert_fails(self.ctl(api, "groups", "create", "--name", "x", "--yes", keys=COMPLIANCE), 2,
                          "group.create", "platform")
        self.assert_fails(self.ctl(api, "groups", "list"), 2, "compliance")
        self.assertEqual(api.requests, [])


class Create(CtlTest):
    OPTIONS = ("--name", "reviews", "--description", "Who reviews", "--retention-days", "30",
               "--require-encryption", "--region", "us", "--region", "eu", "--audit-level", "full")
    BODY = {"name": "reviews", "description": "Who reviews",
            "restrictions": {"data_retention_days": 30, "require_encryption": True, "allowed_regions": ["us", "eu"],
                             "audit_level": "full"}}

    def create(self, api, *args):
        return self.ctl(api, "groups", "create", "--dialect", "cca", *args)

    def test_it_asks_first(self):
        api = self.api({})
        self.assert_fails(self.create(api, *self.OPTIONS), 2, "--yes")
        self.assertEqual(api.requests, [])

    def test_a_dry_run_prints_what_would_be_sent(self):
        api = self.api({})
        done = self.assert_done(self.create(api, *self.OPTIONS, "--dry-run"))
        first, body = done.text.splitlines()
        self.assertEqual(first, "POST /v1/admin/compliance/groups")
        self.assertEqual(json.loads(body), self.BODY)
        self.assertEqual(api.requests, [])

    def test_only_what_was_said_is_sent(self):
        made = {"id": "grp_1", "name": "legal", "created_at": "2026-01-01T00:00:00Z"}
        api = self.api({"POST /v1/admin/compliance/groups": Reply(made)})
        done = self.assert_done(self.create(api, "--name", "legal", "--yes"))
        self.assertEqual(api.requests[-1].json, {"name": "legal"})
        self.assertIn("the group legal was made", done.err)
        self.assertTrue(done.text.startswith("ID\tNAME\tDESCRIPTION\tRETENTION DAYS\tENCRYPTION\t"), done.text)

    def test_bad_values_are_refused_before_anything_is_sent(self):
        api = self.api({})
        self.assert_fails(self.create(api, "--yes"), 2, "--name")
        self.assert_fails(self.create(api, "--name", "x", "--yes", "--retention-days", "0"), 2, "retention-days")
        self.assert_fails(self.create(api, "--name", "x", "--yes", "--audit-level", "most"), 2, "audit")
        self.assertEqual(api.requests, [])


class Mocked(MockedTest):
    def test_the_directory_of_the_platform(self):
        with self.mocked(users=120) as mock:
            orgs = self.rows(mock, "org", "list", kinds=COMPLIANCE)
            self.assertEqual(len(orgs), 2)
            people = self.rows(mock, "org", "users", orgs[0]["uuid"], "--page-size", "50", kinds=COMPLIANCE)
            self.assertEqual(len({r["id"] for r in people}), 120)
            self.assertEqual(self.rows(mock, "org", "users", orgs[1]["uuid"], kinds=COMPLIANCE), [])
            groups = self.rows(mock, "groups", "list", kinds=COMPLIANCE)
            self.assertEqual(len(groups), 4)
            self.assertEqual({g["name"] for g in self.rows(mock, "groups", "list", "--name", "eng", kinds=COMPLIANCE)},
                             {"engineering", "eng-oncall"})
            self.assertEqual(self.rows(mock, "groups", "get", groups[1]["id"], kinds=COMPLIANCE), [groups[1]])
            members = self.rows(mock, "groups", "members", groups[0]["id"], kinds=COMPLIANCE)
            self.assertLess({m["user_id"] for m in members}, {r["id"] for r in people})

    def test_the_directory_of_cca_comes_under_the_names_of_the_platform(self):
        with self.mocked(users=120) as mock:
            org_row, = self.rows(mock, "org", "list", "--dialect", "cca")
            self.assertEqual(set(org_row), {"uuid", "name", "created_at"})
            people = self.rows(mock, "org", "users", "--dialect", "cca")
            self.assertEqual(len({r["id"] for r in people}), 120)
            self.assertEqual(people, self.rows(mock, "org", "users", org_row["uuid"], "--dialect", "cca"))
            self.assertEqual(people[0]["organization_role"], "admin")
            self.assert_fails(self.run_ctl(mock, "org", "users", "org_0", "--dialect", "cca"), 3, "404")

    def test_a_group_is_made_once(self):
        with self.mocked() as mock:
            made, = self.rows(mock, "groups", "create", "--dialect", "cca", "--yes", *Create.OPTIONS)
            self.assertEqual({k: made[k] for k in Create.BODY}, Create.BODY)
            again = self.run_ctl(mock, "groups", "create", "--dialect", "cca", "--yes", *Create.OPTIONS)
            self.assert_fails(again, 3, "conflict_error")


if __name__ == "__main__":
    unittest.main()
