# SPDX-License-Identifier: Apache-2.0
"""Whether the comparison sees each way in which a report can be wrong."""
import copy
import unittest

import repo as repository
from compare import FIELDS, clean, judge, mask
from oracle import Oracle

SEED = 28       # a repository with findings of all classes


class Report:
    """A run of a scanner that knows what is expected, with its findings as they would be printed."""

    def __init__(self, expected, keys):
        self.args, self.error, self.status = [], "", 1
        self.summary = {"complete": True}
        self.findings = [self.finding(e, keys) for e in expected]

    @staticmethod
    def finding(expected, keys):
        out = {f: clean(expected[f]) for f in FIELDS if expected.get(f) is not None}
        out["path"] = out["path"][0]
        if "message" in out:
            out["message"] = mask(out["message"], keys)
        where = ":".join(filter(None, [out.get("commit"), out["path"]]))
        return {**out, "fingerprint": f"{where}:{out['rule_id']}:{out['start_line']}"}


class Comparison(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.repo = repository.make(SEED)
        oracle = Oracle(cls.repo)
        cls.keys = cls.repo.keys.all
        cls.expected = oracle.expected(True)
        commits = oracle.rev_list("--all")
        cls.introduced = oracle.introduced(commits, False)

    @classmethod
    def tearDownClass(cls):
        cls.repo.remove()

    def wrong(self, spoil):
        report = Report(self.expected, self.keys)
        spoil(report)
        return judge(report, self.expected, self.keys)

    def test_the_right_report_is_right(self):
        self.assertEqual(self.wrong(lambda report: None), [])
        self.assertEqual(judge(Report(self.introduced, self.keys), self.introduced, self.keys, True), [])

    def test_each_kind_of_finding_is_there(self):
        self.assertEqual({e["from"] for e in self.expected}, {"ref", "stash", "reflog", "unreachable"})
        self.assertEqual({e["object_type"] for e in self.expected}, {"blob", "commit", "tag"})

    def test_a_miss_is_seen(self):
        for i in range(len(self.expected)):
            self.assertTrue(self.wrong(lambda report, i=i: report.findings.pop(i)))

    def test_a_miss_in_a_range_is_seen(self):
        for i in range(len(self.introduced)):
            report = Report(self.introduced, self.keys)
            report.findings.pop(i)
            self.assertTrue(judge(report, self.introduced, self.keys, True))

    def test_a_finding_too_many_is_seen(self):
        self.assertTrue(self.wrong(lambda report: report.findings.append(copy.deepcopy(report.findings[0]))))

    def test_a_false_alarm_is_seen_but_a_name_is_none(self):
        def add(report, kind):
            report.findings.append({**report.findings[0], "secret_id": "sha256:0", "kind": kind})
        self.assertTrue(self.wrong(lambda report: add(report, "api")))
        self.assertEqual(self.wrong(lambda report: add(report, "keyname")), [])

    def test_each_wrong_field_is_seen(self):
        for field in FIELDS + ["fingerprint"]:
            for i, finding in enumerate(Report(self.expected, self.keys).findings):
                if field not in finding or finding["object_type"] == "tag":
                    continue
                value = finding[field]
                other = {bool: lambda v: not v, int: lambda v: v + 1, str: lambda v: v + "x",
                         list: lambda v: v + ["refs/x"]}[type(value)](value)
                self.assertTrue(self.wrong(lambda report, i=i, v=other: report.findings[i].update({field: v})), field)
                break
            else:
                self.assertEqual(field, "untrusted_allow")      # of ranges alone

    def test_another_order_is_seen(self):
        self.assertTrue(self.wrong(lambda report: report.findings.reverse()))

    def test_a_wrong_exit_status_is_seen(self):
        for status in (0, 2, 3, -11):
            self.assertTrue(self.wrong(lambda report, s=status: setattr(report, "status", s)))

    def test_a_report_that_is_cut_off_is_seen(self):
        self.assertTrue(self.wrong(lambda report: setattr(report, "summary", None)))


if __name__ == "__main__":
    unittest.main()
