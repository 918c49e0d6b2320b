# SPDX-License-Identifier: Apache-2.0
"""skant merge: one report from those of many machines; and what reads reports back."""
import json
import os
import subprocess
import unittest
import zipfile

from support import SKANT, SkantTest, has_sanitizer, make_key, secret_id

CLEAN, FINDINGS, USAGE, INCOMPLETE = 0, 1, 2, 3


class MergeTest(SkantTest):
    def part(self, name, *args, **kw):
        r = self.scan(*args, **kw)
        self.write(name, r.out)
        return r

    def merge(self, *args, **kw):
        return self.skant("merge", "-f", "jsonl", *args, **kw)


class Merge(MergeTest):
    def setUp(self):
        super().setUp()
        self.write("one/a.py", f"x\nk = '{make_key(1)}'\n")
        self.write("two/b.py", f"é k = '{make_key(2)}'\n{make_key(3)}\n")
        self.write("two/c.tf", 'resource "anthropic_api_key" "k" {\n  name = "Prod_ML_key"\n}\n')

    def test_parts_are_as_one_scan_in_every_format(self):
        self.git("init", "-q")
        self.part("1.jsonl", "one")
        self.part("2.jsonl", "two")
        formats = ("text", "json", "jsonl", "sarif", "csv", "junit", "github", "gitlab", "gitleaks")
        for fmt in formats:
            whole = self.skant("dir", "one", "two", "-f", fmt)
            merged = self.skant("merge", "2.jsonl", "1.jsonl", "-f", fmt)
            self.assertEqual((whole.status, merged.status), (FINDINGS, FINDINGS), merged.err)
            if fmt in ("json", "sarif", "gitlab", "junit"):
                continue
            self.assertEqual(merged.text, whole.text, fmt)
        whole = json.loads(self.skant("dir", "one", "two", "-f", "json").out)
        merged = json.loads(self.skant("merge", "1.jsonl", "2.jsonl", "-f", "json").out)
        self.assertEqual(merged["findings"], whole["findings"])
        self.assertEqual(merged["summary"], whole["summary"])
        self.assertEqual(merged["target"], {"command": "merge", "paths": ["1.jsonl", "2.jsonl"]})
        whole, merged = (json.loads(self.skant(*args, "-f", "sarif").out)["runs"][0]["results"]
                         for args in (("dir", "one", "two"), ("merge", "1.jsonl", "2.jsonl")))
        for r in whole + merged:
            r.pop("ruleIndex")
        self.assertEqual(merged, whole)

    def test_the_same_find_in_two_reports_is_one(self):
        self.part("1.jsonl", "one", "two")
        self.part("2.jsonl", "two")
        r = self.merge("1.jsonl", "2.jsonl", "1.jsonl")
        self.assertEqual(len(r.findings), 4)
        self.assertEqual(r.summary["findings"]["total"], 4)
        self.assertEqual(r.summary["files"], 8)
        self.assertIn("findings were in more than one report", r.err)
        again = self.merge("2.jsonl", "1.jsonl", "1.jsonl")
        self.assertEqual(again.out, r.out)

    def test_one_that_is_in_two_reports_is_said_to_be_one(self):
        self.part("1.jsonl", "two/c.tf")
        self.assertIn("1 finding was in more than one report", self.merge("1.jsonl", "1.jsonl").err)

    def test_what_is_new_anywhere_is_new(self):
        self.part("1.jsonl", "two")
        self.write(".skant.yaml", "version: 1\nallow: [{paths: ['*'], reason: x}]\n")
        self.part("2.jsonl", "-v", "-c", ".skant.yaml", "two")
        os.unlink(self.path(".skant.yaml"))
        for order in (("1.jsonl", "2.jsonl"), ("2.jsonl", "1.jsonl")):
            r = self.merge(*order)
            self.assertEqual(r.status, FINDINGS)
            self.assertEqual({f["status"] for f in r.findings}, {"new"})
        r = self.merge("2.jsonl")
        self.assertEqual((r.status, r.findings, r.summary["findings"]["allowed"]), (CLEAN, [], 3))
        self.assertEqual(len(self.merge("-v", "2.jsonl").findings), 3)

    def test_standard_input_and_joined_files_are_read_too(self):
        self.part("1.jsonl", "one")
        self.part("2.jsonl", "two")
        both = b"".join(open(self.path(n), "rb").read() for n in ("1.jsonl", "2.jsonl"))
        self.assertEqual(self.merge("-", stdin=both).out, self.merge("1.jsonl", "2.jsonl").out)
        self.assertEqual(self.merge("-", "-").status, USAGE)

    def test_a_history_keeps_what_is_known_of_it(self):
        self.git("init", "-q")
        self.git("add", ".")
        self.git("commit", "-qm", "first")
        r = self.skant("git", "-v", "-f", "jsonl")
        self.write("1.jsonl", r.out)
        m = self.merge("1.jsonl")
        self.assertEqual(sorted(m.findings, key=str), sorted(r.findings, key=str))
        self.assertEqual(m.summary, r.summary)
        self.assertIn("first", self.skant("merge", "1.jsonl").text)

    def test_members_of_containers_stay_what_they_are(self):
        with zipfile.ZipFile(self.path("inner.jar"), "w") as z:
            z.writestr("x/y.py", make_key(5))
        with zipfile.ZipFile(self.path("outer.zip"), "w") as z:
            z.write(self.path("inner.jar"), "lib/inner.jar")
        r = self.part("1.jsonl", "outer.zip")
        self.assertEqual([(f["container"], f["member"]) for f in r.findings], [("outer.zip", "x/y.py")], r.err)
        self.assertEqual(self.merge("1.jsonl").findings, r.findings)
        whole, merged = (json.loads(self.skant(*args, "-f", "sarif").out)["runs"][0]
                         for args in (("dir", "outer.zip"), ("merge", "1.jsonl")))
        self.assertEqual(merged["results"][0]["locations"], whole["results"][0]["locations"])
        self.write("bad.jsonl", r.out.replace(b'"container":"outer', b'"container":"inner'))
        self.assertEqual(self.merge("bad.jsonl").status, INCOMPLETE)

    def test_fail_on_and_exit_code_are_those_of_a_scan(self):
        self.part("1.jsonl", "two/c.tf")
        self.assertEqual(self.merge("1.jsonl").status, CLEAN)
        self.assertEqual(self.merge("--fail-on", "low", "1.jsonl").status, FINDINGS)
        self.assertEqual(self.merge("--fail-on", "low", "--exit-code", "9", "1.jsonl").status, 9)

    def test_rules_that_are_not_known_here_are_as_they_were(self):
        self.write("more.yaml", "version: 1\nrules:\n  - {id: acme-token, title: Acme token, severity: high, keywords: "
                   "[acme_], regex: 'acme_[a-z0-9]{20}', remediation: call Acme}\n")
        self.write("three/a", "t = 'acme_" + "k3j5h2l9" * 2 + "x7q1'\n")
        r = self.part("1.jsonl", "--rules", "more.yaml", "three")
        m = self.merge("1.jsonl")
        self.assertEqual(m.findings, r.findings)
        sarif = json.loads(self.skant("merge", "-f", "sarif", "1.jsonl").out)["runs"][0]
        result = sarif["results"][0]
        self.assertEqual(sarif["tool"]["driver"]["rules"][result["ruleIndex"]]["id"], "acme-token")
        self.assertIn("call Acme", self.skant("merge", "1.jsonl").text)

    def test_summaries_are_added_up(self):
        def summary(**more):
            return json.dumps({"schema": "skant-summary/1", "summary": {
                "complete": True, "files": 10, "bytes": 1000, "findings": {"total": 0, "allowed": 2,
                "below_confidence": 3}, "unread": {"ignored": 1}, "unread_examples": [{"reason": "ignored", "path": "x"}],
                "accepted_unread": 4, "rules": 7, "instruction_set": "avx2", "version": "0.1.0", **more}}) + "\n"
        self.write("1.jsonl", summary())
        self.write("2.jsonl", summary(instruction_set="ssse3", unread={"ignored": 2, "symlink": 5}, rules=9))
        r = self.merge("1.jsonl", "2.jsonl")
        self.assertEqual(r.status, CLEAN)
        s = r.summary
        self.assertEqual((s["files"], s["bytes"], s["unread"], s["accepted_unread"], s["rules"], s["instruction_set"]),
                         (20, 2000, {"ignored": 3, "symlink": 5}, 8, 9, "several"))
        self.assertEqual((s["findings"]["allowed"], s["findings"]["below_confidence"]), (4, 6))
        self.assertEqual(s["unread_examples"], [{"reason": "ignored", "path": "x"}] * 2)
        self.write("3.jsonl", summary(files=(1 << 64) - 1))
        self.assertEqual(self.merge("1.jsonl", "3.jsonl").summary["files"], (1 << 64) - 1)

    def test_inventory_and_verdicts_survive(self):
        head = '{"schema":"skant-inventory/1","exported_at":"2026-11-24T13:49:09Z"}\n'
        key = make_key(1)
        hint = key[:16] + "..." + key[-4:]
        line = ('{"id":"apikey_%d","name":"n%d","hint":"%s","status":"active","workspace_id":"w","created_at":'
                '"2026-11-01T00:00:00Z"}\n')
        for count in (1, 3):
            self.write("keys.jsonl", head + "".join(line % (n, n, hint) for n in range(count)))
            r = self.part("1.jsonl", "--inventory", "keys.jsonl", "one")
            self.assertIn("inventory", r.findings[0])
            self.assertEqual(self.merge("1.jsonl").findings, r.findings)
            self.assertIn("probably", self.skant("merge", "1.jsonl").text)
        record = {**r.findings[0], "verified": "live", "verified_reason": "200", "verified_organization_id": "o"}
        self.write("2.jsonl", json.dumps(record) + '\n{"schema":"skant-summary/1","summary":{"complete":true}}\n')
        m = self.merge("1.jsonl", "2.jsonl")
        self.assertEqual(m.findings, [record])
        self.assertEqual(m.summary["verified"], {"live": 1, "dead": 0, "unknown": 0})


class Bad(MergeTest):
    def setUp(self):
        super().setUp()
        self.write("one/a.py", f"{make_key(1)}\n")
        self.write("two/b.py", f"{make_key(2)}\n")
        self.part("good.jsonl", "one")
        self.bad = self.part("bad.jsonl", "two").out.decode()

    def lines(self):
        return self.bad.splitlines(True)

    def test_a_part_that_was_cut_off_makes_it_incomplete_at_every_byte(self):
        data = self.bad.encode()
        for end in [0, 1, 10, len(self.lines()[0]) - 1, len(self.lines()[0]), len(data) - 20, len(data) - 2]:
            self.write("cut.jsonl", data[:end])
            r = self.merge("good.jsonl", "cut.jsonl")
            self.assertEqual(r.status, INCOMPLETE, (end, r.err))
            self.assertIn("cut.jsonl:", r.err)
            self.assertIn("a.py", r.text)
            self.assertFalse(r.summary["complete"])
        self.write("cut.jsonl", data[:-1])
        self.assertEqual(self.merge("good.jsonl", "cut.jsonl").status, FINDINGS)

    def test_an_incomplete_part_makes_it_incomplete(self):
        self.write("bad.jsonl", self.bad.replace('"complete":true', '"complete":false'))
        self.assertEqual(self.merge("good.jsonl", "bad.jsonl").status, INCOMPLETE)

    def test_records_of_a_newer_version_and_broken_ones_are_told_with_their_line(self):
        cases = [("skant-finding/1", "skant-finding/2", "newer version"), ('"kind":"api"', '"kind":"quantum"', '"kind"'),
                 ('"secret_id":"sha256', '"secret_id":"md5', "secret_id"), ('"rule_id":"anthropic', '"rule_id":"a\\u001b[31m', "rule_id"),
                 ('"path":', '"pith":', '"path"'), ('"severity":"critical"', '"severity":7', '"severity"'),
                 ('"offset":', '"offset":"x","y":', '"offset"'), ('"entropy":', '"entropy":1e5,"z":', "entropy"),
                 ('"status":"new"', '"via":["\\u001b[31m"]', "via"), ('"status":"new"', '"refs":7', "refs"),
                 ('"status":"new"', '"object":"1","object_type":"x"', "object_type"),
                 ('"status":"new"', '"inventory":{"candidates":3,"keys":[]}', "inventory")]
        for old, new, what in cases:
            text = self.bad.replace(old, new, 1)
            self.assertNotEqual(text, self.bad, old)
            self.write("bad.jsonl", self.lines()[0].replace("two/", "old/") + text)
            r = self.merge("good.jsonl", "bad.jsonl")
            self.assertEqual(r.status, INCOMPLETE, new)
            self.assertIn("bad.jsonl:2: ", r.err)
            self.assertIn(what, r.err)
            self.assertEqual([f["path"] for f in r.findings], ["old/b.py", "one/a.py"])
            self.assertTrue(all(c.isprintable() or c == "\n" for c in r.err), r.err)

    def test_a_merge_that_is_merged_again_says_why_it_is_incomplete(self):
        self.write("a", "x\n")
        whole = self.skant("dir", "a", "-f", "jsonl").out
        self.write("whole.jsonl", whole)
        self.write("cut.jsonl", b'{"schema":"skant-finding/1"}\n')
        merged = ["merge", "-f", "jsonl"]
        for first, second in (("cut.jsonl", "once"), ("once", "twice")):
            r = self.skant(*merged, first, *(["whole.jsonl"] if first == "cut.jsonl" else []), "-r", second)
            self.assertEqual(r.status, INCOMPLETE, r.err)
            self.assertIn("cut off", r.err)
            with open(self.path(second), encoding="utf-8") as f:
                summary = json.loads(f.readlines()[-1])["summary"]
            self.assertEqual((summary["complete"], summary["cut_reports"], summary["lost_records"]), (False, 1, 1))
        self.assertIn("once:1: of the reports that were merged into this one 1 was cut off", r.err)
        self.assertIn("once:1: of the reports that were merged into this one 1 record could not be read", r.err)
        for fmt in ("github", "gitlab", "html", "junit", "sarif"):
            self.assertIn("1 report was cut off, 1 record could not be read", self.skant("merge", "-f", fmt, "once").text, fmt)
        self.assertNotIn("lost_records", json.loads(whole.splitlines()[-1])["summary"])

    def test_what_is_no_report_is_refused(self):
        self.write("x.json", self.skant("dir", "one", "-f", "json").out)
        cases = [("x.json", "jsonl was expected"), ("one/a.py", "not valid JSON"), ("nothing.jsonl", "cannot read"),
                 ("one", "cannot read"), ("y.jsonl", "another schema"), ("z.jsonl", "no \"schema\"")]
        self.write("y.jsonl", '{"schema":"x/1"}\n')
        self.write("z.jsonl", '{"a":1}\n')
        for name, what in cases:
            r = self.merge("good.jsonl", name)
            self.assertEqual((r.status, r.out), (USAGE, b""), name)
            self.assertIn(what, r.err, name)
        self.assertEqual(self.merge().status, USAGE)

    def test_no_key_and_no_escape_of_a_report_comes_through(self):
        record = json.loads(self.lines()[0])
        for name in ("path", "title", "masked", "line_text", "author", "email", "message", "commit", "date", "allowed_by",
                     "suggestion", "object", "last_commit", "from", "untrusted_allow", "remediation"):
            evil = {**record, "object_type": "blob", name: "\x1b[31m" + make_key(9) + "\u202e\0x"}
            self.write("bad.jsonl", json.dumps(evil) + "\n" + self.lines()[1])
            for fmt in ("text", "json", "jsonl", "sarif", "csv", "junit", "github", "gitlab", "gitleaks"):
                r = self.skant("merge", "-v", "-f", fmt, "bad.jsonl")
                self.assertNotIn(make_key(9)[14:40], r.text + r.err, (name, fmt))
                self.assertNotIn("\x1b", r.text + r.err, (name, fmt))

    def test_memory_follows_the_finds_and_not_the_reports(self):
        if has_sanitizer():
            self.skipTest("a sanitizer's memory is its own")
        filler = '{"schema":"skant-summary/1","summary":{"complete":true,"files":1,"x":"%s"}}\n' % ("x" * 1000)
        self.write("large.jsonl", (self.lines()[0] + filler) * 60000)
        self.assertGreater(os.path.getsize(self.path("large.jsonl")), 100 << 20)
        script = ("import resource,subprocess,sys\n"
                  "p=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL)\n"
                  "print(p.returncode,resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n")
        done = subprocess.run(["python3", "-c", script, SKANT, "merge", "-f", "jsonl", "large.jsonl", "large.jsonl"],
                              cwd=self.dir, env=self.env(), capture_output=True, check=True)
        status, kilobytes = map(int, done.stdout.split())
        self.assertEqual(status, FINDINGS, done.stderr)
        self.assertLess(kilobytes, 32 << 10)


class BaselineOfReport(MergeTest):
    def test_a_baseline_takes_what_a_report_names(self):
        self.write("a.py", make_key(1))
        self.write("b.py", f"{make_key(2)}  # skant:allow\n")
        self.part("1.jsonl", "-v")
        r = self.skant("baseline", "--report", "1.jsonl", "-o", "b.json")
        self.assertEqual(r.status, CLEAN, r.err)
        with open(self.path("b.json"), encoding="utf-8") as f:
            self.assertEqual([e["secret_id"] for e in json.load(f)["findings"]], [secret_id(make_key(1))])
        self.assertEqual(self.scan("-b", "b.json").status, CLEAN)
        self.write("c.py", make_key(3))
        r = self.skant("baseline", "--report", "-", "-o", "b.json", stdin=self.scan("c.py").out)
        self.assertIn("1 came, 0 went, 2 entries", r.err)

    def test_a_report_that_was_cut_off_is_told(self):
        self.write("a.py", make_key(1))
        out = self.scan().out
        r = self.skant("baseline", "--report", "-", "-o", "b.json", stdin=out[:out.index(b"\n") + 1])
        self.assertEqual(r.status, INCOMPLETE)
        self.assertIn("cut off", r.err)
        r = self.skant("baseline", "--report", "-", "-o", "c.json", stdin=b"x\n")
        self.assertEqual(r.status, USAGE)
        self.assertFalse(os.path.exists(self.path("c.json")))


if __name__ == "__main__":
    unittest.main()
