# SPDX-License-Identifier: Apache-2.0
"""skant baseline, and what it leaves for a scan to report."""
import json
import os
import unittest

from support import SkantTest, make_key, secret_id

CLEAN, FINDINGS, USAGE, INCOMPLETE = 0, 1, 2, 3
NAME = ".skant-baseline.json"


class BaselineTest(SkantTest):
    def baseline(self, *args, **kw):
        r = self.skant("baseline", *args, **kw)
        self.assertEqual((r.status, r.out), (CLEAN, b""), r.err)
        return r

    def entries(self, name=NAME):
        with open(self.path(name), encoding="utf-8") as f:
            return json.load(f)["findings"]

    def text(self, name=NAME):
        with open(self.path(name), "rb") as f:
            return f.read()


class Baseline(BaselineTest):
    def test_what_is_listed_is_not_new_and_what_comes_is(self):
        self.write("a.py", make_key(1))
        self.baseline()
        r = self.scan("-b", NAME)
        self.assertEqual((r.status, r.findings), (CLEAN, []), r.err)
        self.assertEqual(r.summary["baseline"], {"findings": 1, "entries": 1, "not_met": 0})
        self.assertIn("1 in the baseline", r.err)
        r = self.scan("-v", "-b", NAME)
        self.assertEqual([f["status"] for f in r.findings], ["baseline"])
        self.write("b.py", make_key(2))
        r = self.scan("-b", NAME)
        self.assertEqual((r.status, [f["path"] for f in r.findings]), (FINDINGS, ["b.py"]))
        self.assertEqual(self.scan().status, FINDINGS)

    def test_entries_outlive_moved_lines_and_renamed_files(self):
        self.write("a.py", f"k = '{make_key(3)}'\n")
        self.write("a.tf", 'resource "anthropic_api_key" "k" {\n  name = "Prod_ML_key"\n}\n')
        self.assertEqual(len(self.scan().findings), 2)
        self.baseline("--min-confidence", "low")
        os.unlink(self.path("a.py"))
        os.unlink(self.path("a.tf"))
        self.write("deep/c.js", "\n" * 40 + f"  x('{make_key(3)}')\n")
        self.write("deep/b.tf", '\n\nresource "anthropic_api_key" "k" {\n  name = "Prod_ML_key"\n}\n')
        r = self.scan("-b", NAME)
        self.assertEqual((r.status, r.findings, r.summary["baseline"]),
                         (CLEAN, [], {"findings": 2, "entries": 2, "not_met": 0}))
        self.write("deep/b.tf", 'resource "anthropic_api_key" "k" {\n  name = "Prod_DB_key"\n}\n')
        self.assertEqual([f["name"] for f in self.scan("-b", NAME).findings], ["Prod_DB_key"])

    def test_it_holds_no_key_and_has_one_entry_a_line_in_order(self):
        for n in range(20):
            self.write(f"f{n:02d}.py", f"{make_key(n)}\n{make_key(n)}\n")
        self.write(f"{make_key(50)}.py", make_key(51))
        self.baseline()
        text = self.text().decode()
        for n in range(60):
            self.assertNotIn(make_key(n)[14:40], text)
        lines = text.splitlines()
        self.assertEqual(lines[0], '{"schema":"skant-baseline/1","findings":[')
        self.assertEqual(len(lines), 23)
        paths = [e["path"] for e in self.entries()]
        self.assertEqual(paths, sorted(paths))
        self.assertEqual(self.entries()[0], {"path": "f00.py", "rule_id": "anthropic-api-key",
                                             "secret_id": secret_id(make_key(0))})
        before = self.text()
        self.baseline("-j", "3")
        self.assertEqual(self.text(), before)

    def test_it_finds_nothing_in_itself(self):
        self.write("a.tf", 'resource "anthropic_api_key" "anthropic" {\n  name = "Prod_ML_key"\n}\n')
        self.baseline()
        self.assertEqual([e["path"] for e in self.entries()], ["a.tf"])
        self.assertEqual([f["path"] for f in self.scan().findings], ["a.tf"])

    def test_a_new_one_says_what_came_and_what_went(self):
        self.write("a.py", make_key(1))
        self.write("b.py", make_key(2))
        self.assertIn("2 came, 0 went, 2 entries", self.baseline().err)
        os.unlink(self.path("a.py"))
        r = self.scan("-b", NAME)
        self.assertEqual(r.summary["baseline"]["not_met"], 1)
        self.assertIn("1 of the baseline's 2 entries were not met any more", r.err)
        self.write("c.py", make_key(3))
        r = self.baseline("-v")
        self.assertIn("1 came, 1 went, 2 entries", r.err)
        self.assertIn("came: c.py [anthropic-api-key]", r.err)
        self.assertIn("went: a.py [anthropic-api-key]", r.err)
        os.rename(self.path("c.py"), self.path("d.py"))
        self.assertIn("0 came, 0 went, 2 entries", self.baseline().err)
        self.assertEqual([e["path"] for e in self.entries()], ["b.py", "d.py"])

    def test_what_was_not_scanned_stays_in_it(self):
        self.write("src/a.py", make_key(1))
        self.write("lib/b.py", make_key(2))
        self.git("init", "-q")
        self.baseline()
        os.unlink(self.path("lib/b.py"))
        os.unlink(self.path("src/a.py"))
        self.assertNotIn("not met", self.scan("-b", NAME, "README", "src", "-q").err)
        self.assertIn("0 came, 1 went, 1 entry;", self.baseline("src").err)
        self.assertEqual([e["path"] for e in self.entries()], ["lib/b.py"])
        r = self.scan("-b", NAME, "src")
        self.assertEqual(r.summary["baseline"], {"findings": 0, "entries": 1, "not_met": 0})

    def test_what_was_not_met_stays_when_not_everything_was_read(self):
        self.write("a.py", make_key(1))
        self.write("b.py", make_key(2))
        self.baseline()
        os.unlink(self.path("a.py"))
        self.write("r.yaml", "version: 1\nrules:\n  - {id: runaway, title: t, keywords: [aaaa], regex: '(a+)+$'}\n")
        self.write("c", "a" * 200 + "b")
        r = self.skant("baseline", "--rules", "r.yaml")
        self.assertEqual(r.status, INCOMPLETE)
        self.assertIn("0 came, 0 went, 2 entries", r.err)
        self.assertNotIn("not_met", self.scan("-b", NAME, "--rules", "r.yaml").summary["baseline"])

    def test_allowed_and_unsure_finds_are_not_in_it(self):
        self.write("a.py", f"{make_key(1)}  # skant:allow\n{make_key(2)}\nsk-ant-" + "api03-your-key-here-xxxxxxxxxxxxx\n")
        self.baseline()
        self.assertEqual([e["secret_id"] for e in self.entries()], [secret_id(make_key(2))])

    def test_the_configuration_may_name_it(self):
        self.write("a.py", make_key(1))
        self.write(".skant.yaml", "version: 1\nbaseline: ci/known.json\n")
        r = self.scan()
        self.assertEqual((r.status, r.out), (USAGE, b""))
        self.assertIn("there is no baseline 'ci/known.json'", r.err.replace("./", ""))
        os.mkdir(self.path("ci"))
        self.baseline()
        self.assertEqual(len(self.entries("ci/known.json")), 1)
        self.assertEqual(self.scan().status, CLEAN)
        self.assertEqual(self.scan("--ignore-allow").status, FINDINGS)
        self.assertEqual(self.scan("--ignore-allow", "-b", "ci/known.json").status, CLEAN)
        self.write("empty.json", '{"schema":"skant-baseline/1","findings":[]}')
        self.assertEqual(self.scan("-b", "empty.json").status, FINDINGS)

    def test_stdin_and_staged_take_it(self):
        self.git("init", "-q")
        self.write("a.py", make_key(1))
        self.baseline()
        self.assertEqual(self.skant("stdin", "-b", NAME, stdin=make_key(1).encode()).status, CLEAN)
        self.assertEqual(self.skant("stdin", "-b", NAME, stdin=make_key(2).encode()).status, FINDINGS)
        self.git("add", "a.py")
        self.assertEqual(self.skant("staged").status, FINDINGS)
        r = self.skant("staged", "-b", NAME, "-f", "jsonl")
        self.assertEqual((r.status, r.summary["baseline"]), (CLEAN, {"findings": 1, "entries": 1}))

    def test_reports_of_every_format_tell_it_with_verbose(self):
        self.write("a.py", make_key(1))
        self.baseline()
        marks = {"text": "in the baseline", "json": '"status":"baseline"', "jsonl": '"status":"baseline"',
                 "sarif": '"justification":"in the baseline"', "csv": '"baseline"', "github": "::notice",
                 "junit": '<skipped message="in the baseline"/>'}
        for fmt, mark in marks.items():
            r = self.skant("dir", "-v", "-f", fmt, "-b", NAME)
            self.assertEqual(r.status, CLEAN)
            self.assertIn(mark, r.text, fmt)
            self.assertNotIn(mark, self.skant("dir", "-f", fmt, "-b", NAME).text, fmt)
        for fmt in ("gitlab", "gitleaks"):
            self.assertNotIn("a.py", self.skant("dir", "-v", "-f", fmt, "-b", NAME).text)
        r = self.skant("dir", "-v", "-b", NAME, env=self.env(SKANT_HOOK="pre-commit"))
        self.assertIn("in the baseline", r.text)

    def test_keys_of_the_baseline_are_not_asked_about(self):
        self.write("a.py", make_key(1))
        self.baseline()
        r = self.scan("--verify", "-b", NAME)
        self.assertEqual(r.status, CLEAN, r.err)
        self.assertNotIn("verified", r.summary)


class Gitleaks(BaselineTest):
    def report(self, **more):
        entry = {"RuleID": "anthropic-api-key", "Description": "x", "StartLine": 2, "EndLine": 2, "StartColumn": 1,
                 "EndColumn": 9, "Match": "x", "Secret": "REDACTED", "File": "a.py", "SymlinkFile": "", "Commit": "",
                 "Entropy": 5.1, "Author": "", "Email": "", "Date": "", "Message": "", "Tags": [],
                 "Fingerprint": "a.py:anthropic-api-key:2"}
        entry.update(more)
        self.write("gitleaks.json", json.dumps([entry], indent=1))

    def setUp(self):
        super().setUp()
        self.write("a.py", f"\n{make_key(1)}\n")

    def test_fingerprints_count_where_secrets_are_redacted(self):
        self.report()
        self.assertEqual(self.scan("a.py", "-b", "gitleaks.json").status, CLEAN)
        self.write("a.py", f"\n\n{make_key(1)}\n")
        self.assertEqual(self.scan("a.py", "-b", "gitleaks.json").status, FINDINGS)

    def test_secrets_count_wherever_they_stand_and_are_warned_of(self):
        self.report(Secret=make_key(1), Match=make_key(1), RuleID="generic-api-key", File="old.py")
        r = self.scan("a.py", "-b", "gitleaks.json")
        self.assertEqual(r.status, CLEAN)
        self.assertIn("holds secrets as they are (1)", r.err)
        self.assertNotIn(make_key(1)[14:40], r.err)

    def test_its_names_of_rules_are_known(self):
        self.write("a.py", "\n" + make_key(1, "sk-ant-" + "admin01-") + "\n")
        self.report(RuleID="anthropic-admin-api-key")
        self.assertEqual(self.scan("a.py", "-b", "gitleaks.json").status, CLEAN)

    def test_entries_of_other_rules_are_not_missed(self):
        self.report(RuleID="aws-access-token", Secret="AKIA" + "X" * 16, File="b.py")
        r = self.scan("-b", "gitleaks.json")
        self.assertEqual(r.summary["baseline"], {"findings": 0, "entries": 0, "not_met": 0})

    def test_what_skant_writes_in_that_format_is_one(self):
        r = self.skant("dir", "a.py", "-f", "gitleaks")
        self.write("gitleaks.json", r.out)
        self.assertEqual(self.scan("a.py", "-b", "gitleaks.json").status, CLEAN)

    def test_it_is_never_written_over(self):
        self.report()
        before = self.text("gitleaks.json")
        r = self.skant("baseline", "-o", "gitleaks.json")
        self.assertEqual(r.status, USAGE)
        self.assertIn("is gitleaks' baseline", r.err)
        self.assertEqual(self.text("gitleaks.json"), before)


class History(BaselineTest):
    def setUp(self):
        super().setUp()
        self.git("init", "-q", "-b", "main")
        self.write("a.py", make_key(1))
        self.git("add", ".")
        self.git("commit", "-qm", "one")
        self.git("rm", "-q", "a.py")
        self.git("commit", "-qm", "two")

    def test_a_history_has_a_baseline_too(self):
        self.assertEqual(self.skant("git", "-q").status, FINDINGS)
        self.baseline("--git")
        self.assertEqual(self.entries(), [{"path": "a.py", "rule_id": "anthropic-api-key",
                                           "secret_id": secret_id(make_key(1)), "in": "history"}])
        r = self.skant("git", "-b", NAME, "-f", "jsonl")
        self.assertEqual((r.status, r.findings), (CLEAN, []))
        self.write("b.py", make_key(2))
        self.git("add", "b.py")
        self.git("commit", "-qm", "three")
        self.assertEqual([f["path"] for f in self.skant("git", "-b", NAME, "-f", "jsonl").findings], ["b.py"])

    def test_files_and_history_do_not_take_each_others_entries_out(self):
        self.baseline("--git")
        self.write("b.py", make_key(2))
        self.assertIn("1 came, 0 went, 2 entries", self.baseline().err)
        self.assertIn("0 came, 0 went, 2 entries", self.baseline("--git").err)
        r = self.scan("-b", NAME)
        self.assertEqual(r.summary["baseline"]["not_met"], 0)

    def test_a_range_takes_it_from_the_side_that_it_starts_from(self):
        self.write("b.py", make_key(2))
        self.baseline()
        self.write(".skant.yaml", f"version: 1\nbaseline: {NAME}\n")
        self.git("add", ".skant.yaml", NAME, "b.py")
        self.git("commit", "-qm", "base")
        self.write("c.py", make_key(2))
        self.git("add", "c.py")
        self.git("commit", "-qm", "copy")
        r = self.skant("git", "--range", "HEAD~1..HEAD", "-f", "jsonl")
        self.assertEqual((r.status, r.summary["baseline"]["findings"]), (CLEAN, 1), r.err)
        self.write("d.py", make_key(3))
        self.baseline()
        self.git("add", "d.py", NAME)
        self.git("commit", "-qm", "a change that excuses itself")
        r = self.skant("git", "--range", "HEAD~1..HEAD", "-f", "jsonl")
        self.assertEqual((r.status, [f["path"] for f in r.findings]), (FINDINGS, ["d.py"]))
        self.assertEqual(self.skant("git", "--range", "HEAD~1..HEAD", "--trust", "change").status, CLEAN)

    def test_a_broken_one_on_that_side_does_not_count(self):
        self.write(".skant.yaml", f"version: 1\nbaseline: {NAME}\n")
        self.write(NAME, '{"schema":"skant-baseline/2"}')
        self.git("add", "-A")
        self.git("commit", "-qm", "base")
        self.write("d.py", make_key(3))
        self.git("add", "d.py")
        self.git("commit", "-qm", "d")
        r = self.skant("git", "--range", "HEAD~1..HEAD")
        self.assertEqual(r.status, FINDINGS)
        self.assertIn("does not count", r.err)
        r = self.skant("git", "--range", "HEAD~1..HEAD", "-b", NAME)
        self.assertEqual(r.status, USAGE)
        self.assertIn(f"{NAME}:1:11: this baseline is of a newer version", r.err)


class Bad(BaselineTest):
    def test_bad_baselines_are_refused_with_their_place(self):
        entry = '{"schema":"skant-baseline/1","findings":[\n{"path":"a","rule_id":"r",%s}\n]}'
        cases = [('', "1:1", "empty"), ('x', "1:1", "a baseline was expected"), ('{', "1:2", "not valid JSON"),
                 ('{"schema":"skant-baseline/2","findings":[]}', "1:11", "newer version"),
                 ('{"schema":"skant-report/1"}', "1:11", "makes a baseline of one in the format jsonl"),
                 ('{"schema":"skant-finding/1","rule_id":"x"}\n{"schema":"skant-summary/1"}\n', "1:11", "--report"),
                 ('{"schema":7}', "1:11", "was expected"), ('{"findings":[]}', "1:2", "expected first"),
                 ('{"schema":"skant-baseline/1"}', "1:1", '"findings"'),
                 ('{"schema":"skant-baseline/1",\n "findings":{}}', "2:13", "a list"),
                 ('{"schema":"skant-baseline/1",\n"findings":[7]}', "2:13", "an object"),
                 ('{"schema":"skant-baseline/1","findings":[]}\nx', "2:1", "not valid JSON"),
                 (entry % '"secret_id":"sha256:12"', "2:39", "32 lower-case"),
                 (entry % '"secret_id":7', "2:39", "a text"), (entry % '"x":1', "2:1", "neither"),
                 (entry % '"name":"a\\u0000b"', "2:34", "u0000"),
                 (entry % '"name":"a","in":"x"', "2:43", '"history"'),
                 ('{"schema":"skant-baseline/1","findings":[\n{"path":"a"}]}', "2:1", "rule_id"),
                 ('[{"RuleID":"a"}]', "1:2", "gitleaks"), ('[{"RuleID":"a","File":"b","Secret":""}]', "1:2", "StartLine"),
                 ('[1]', "1:2", "an object"), ('[', "1:2", "not valid JSON")]
        self.write("a.py", make_key(1))
        for text, where, what in cases:
            self.write("b.json", text)
            r = self.scan("-b", "b.json")
            self.assertEqual((r.status, r.out), (USAGE, b""), text)
            self.assertIn(f"b.json:{where}: ", r.err, text)
            self.assertIn(what, r.err, text)
            before = self.text("b.json")
            self.assertEqual(self.skant("baseline", "-o", "b.json").status, USAGE, text)
            self.assertEqual(self.text("b.json"), before)

    def test_binary_junk_folders_and_what_is_too_large_are_refused(self):
        self.write("b.json", bytes(range(256)) * 10)
        r = self.scan("-b", "b.json")
        self.assertEqual((r.status, r.out), (USAGE, b""))
        self.assertTrue(r.err.isprintable() or all(c.isprintable() or c == "\n" for c in r.err))
        for name in (".", "nothing-there.json"):
            self.assertEqual(self.scan("-b", name).status, USAGE)
        with open(self.path("large.json"), "wb") as f:
            f.truncate(65 << 20)
        r = self.scan("-b", "large.json")
        self.assertEqual(r.status, USAGE)
        self.assertIn("too large", r.err)

    def test_a_baseline_that_cannot_be_written_is_said_and_the_old_one_stays(self):
        self.write("a.py", make_key(1))
        self.baseline()
        before = self.text()
        self.write("b.py", make_key(2))
        r = self.skant("baseline", "-o", ".")
        self.assertEqual(r.status, USAGE)
        self.assertIn("is a folder", r.err)
        r = self.skant("baseline", "-o", "/dev/full")
        self.assertEqual(r.status, INCOMPLETE)
        self.assertIn("cannot write", r.err)
        self.assertEqual(self.text(), before)

    def test_options_that_contradict_are_refused(self):
        for args in (("--report", "x", "src"), ("--report", "x", "--git"), ("--full",), ("--git", "a", "b")):
            self.assertEqual(self.skant("baseline", *args).status, USAGE, args)


if __name__ == "__main__":
    unittest.main()
