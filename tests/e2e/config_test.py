# SPDX-License-Identifier: Apache-2.0
"""Configuration, rules, allow entries, ignore files and git's ignore rules."""
import os
import re
import unittest

from support import SkantTest, make_key, secret_id

CLEAN, FINDINGS, USAGE, INCOMPLETE = 0, 1, 2, 3


class Config(SkantTest):
    def assert_refused(self, text, where, *what):
        self.write(".skant.yaml", text)
        r = self.skant("dir")
        self.assertEqual((r.status, r.out), (USAGE, b""), r.err)
        for part in (f".skant.yaml:{where}:", *what):
            self.assertIn(part, r.err)

    def test_mistakes_are_named_with_their_place(self):
        self.write("a.py", "x")
        self.assert_refused("version: 1\nalow: []\n", "2:1", "unknown key 'alow'; did you mean 'allow'?")
        self.assert_refused("version: 2\n", "1:10", "the number 1 was expected")
        self.assert_refused("allow: []\n", "1:1", "'version: 1' was expected")
        self.assert_refused("version: 1\nallow:\n  - {paths: [a]}\n", "3:5", "no 'reason'")
        self.assert_refused("version: 1\nallow:\n  - {paths: [a], reason: x, expires: 2027-02-30}\n", "3:38", "a date")
        self.assert_refused("version: 1\nallow:\n  - {rules: [nothing-such], reason: x}\n", "3:14", "no such rule")
        self.assert_refused("version: 1\ndisable: [anthropic-api-kex]\n", "2:11", "no rule")
        self.assert_refused("version: 1\naccept_unread:\n  - {paths: [a], reasons: [unreadble], reason: x}\n", "3:28",
                            "did you mean 'unreadable'?")
        self.assert_refused("version: 1\nversion: 1\n", "2:1", "given on line 1 already")
        self.assert_refused("a: [\n", "2:1")

    def test_an_allow_entry_works_until_it_expires(self):
        self.write("tests/fixtures/a.py", make_key(1))
        entry = "version: 1\nallow:\n  - {paths: ['tests/fixtures/**'], reason: made up, expires: %s}\n"
        self.write(".skant.yaml", entry % "2999-01-01")
        r = self.scan("tests")
        self.assertEqual((r.status, r.findings, r.summary["findings"]["allowed"]), (FINDINGS, r.findings, 0))
        r = self.scan()
        self.assertEqual((r.status, r.findings, r.summary["findings"]["allowed"]), (CLEAN, [], 1))
        self.assertEqual(self.scan("--ignore-allow").status, FINDINGS)
        self.write(".skant.yaml", entry % "2020-01-01")
        r = self.scan()
        self.assertEqual(r.status, FINDINGS)
        self.assertIn("has expired", r.err)

    def test_allowed_findings_are_shown_with_verbose(self):
        self.write("a.py", f"k = '{make_key(2)}'  # skant:allow made up\n")
        self.assertEqual(self.scan().status, CLEAN)
        r = self.scan("-v")
        self.assertEqual([(f["status"], f["allowed_by"]) for f in r.findings], [("allowed", "skant:allow")])
        self.write("a.py", f"k = '{make_key(2)}'  # gitleaks:allow\n")
        self.assertEqual(self.scan().status, CLEAN)
        self.write("a.py", f"# skant:allow\nk = '{make_key(2)}'\n")
        self.assertEqual(self.scan().status, FINDINGS)

    def test_ignore_files_list_fingerprints_and_ids(self):
        key = make_key(3)
        self.write("src/a.py", f"\n{key}\n")
        for name in (".skantignore", ".gitleaksignore"):
            for line in ("src/a.py:anthropic-api-key:2", secret_id(key)):
                self.write(name, f"# why\n\n{line}\n")
                self.assertEqual(self.scan().status, CLEAN, line)
                self.write(name, f"\ufeff{line}\r\n")
                self.assertEqual(self.scan().status, CLEAN, "as an editor of Windows writes it")
                self.write(name, line[:-1] + "0\n")
                self.assertEqual(self.scan().status, FINDINGS, line)
            os.unlink(self.path(name))

    def test_what_says_nothing_in_an_ignore_file_is_told_once(self):
        self.write("a.py", make_key(3))
        self.write(".gitleaksignore", "# gitleaks\n\nnonsense\na.py:anthropic-api-key:1\n")
        r = self.scan()
        self.assertEqual(r.status, CLEAN)
        self.assertEqual(r.err.count(".gitleaksignore:3: this line has no effect"), 1)
        self.write(".gitleaksignore", bytes(range(256)) * 4)
        r = self.scan()
        self.assertEqual((r.status, r.out), (USAGE, b""))
        self.assertIn("this is no text", r.err)
        with open(self.path(".gitleaksignore"), "wb") as f:
            f.truncate((16 << 20) + 1)
        r = self.scan()
        self.assertEqual(r.status, USAGE)
        self.assertIn("too large", r.err)

    def test_disabled_rules_are_said(self):
        self.write("a.py", make_key(4))
        self.write(".skant.yaml", "version: 1\ndisable: ['anthropic-*']\n")
        r = self.scan()
        self.assertEqual(r.status, CLEAN)
        self.assertIn("rule 'anthropic-*' is switched off", r.err)
        self.assertEqual(self.scan("--enable-rule", "anthropic-api-key").status, FINDINGS)
        r = self.skant("dir", "--disable-rule", "nothing")
        self.assertEqual(r.status, USAGE)

    def test_a_rule_file_adds_rules(self):
        rule = ("version: 1\nrules:\n  - id: acme-token\n    title: Acme token\n    severity: high\n"
                "    keywords: [acme_]\n    regex: 'acme_[a-z0-9]{20}'\n")
        self.write("more.yaml", rule)
        self.write("src/a.py", "t = 'acme_" + "k3j5h2l9" * 2 + "x7q1'\n")
        r = self.scan("--rules", "more.yaml", "src")
        self.assertEqual([f["rule_id"] for f in r.findings], ["acme-token"])
        self.assertNotIn("k3j5h2l9k3j5", r.text)
        self.write(".skant.yaml", "version: 1\nrules: [more.yaml]\n")
        self.assertEqual([f["rule_id"] for f in self.scan(".").findings], ["acme-token"])

    def test_broken_rule_files_are_refused_with_the_place(self):
        head = "version: 1\nrules:\n  - id: a-rule\n    title: t\n"
        cases = [("    regex: '('\n", "5:12", "not valid"), ("    regx: x\n", "5:5", "did you mean 'regex'?"),
                 ("    regex: x\n    secret: 1\n", "6:13", "no group 1"), ("", "3:5", "no 'regex'"),
                 ("    regex: x\n    keywords: [abc]\n", "6:16", "4 to 64"),
                 ("    regex: x\n    severity: huge\n", "6:15", "low, medium, high, critical"),
                 ("    regex: x\n    min_entropy: lots\n", "6:18", "a number")]
        for text, where, what in cases:
            self.write("r.yaml", head + text)
            r = self.skant("dir", "--rules", "r.yaml")
            self.assertEqual(r.status, USAGE)
            self.assertIn(f"r.yaml:{where}:", r.err)
            self.assertIn(what, r.err)

    def test_a_runaway_pattern_is_reported_not_swallowed(self):
        self.write("r.yaml", "version: 1\nrules:\n  - {id: runaway, title: t, keywords: [aaaa], regex: '(a+)+$'}\n")
        self.write("src/a", "a" * 200 + "b")
        self.write("src/k", make_key(5))
        r = self.scan("--rules", "r.yaml", "src")
        self.assertEqual(r.status, INCOMPLETE)
        self.assertIn("'runaway' ran away", r.err)
        self.assertIn("src/a", r.err)
        self.assertEqual(len(r.findings), 1)

    def test_rules_check_runs_the_examples(self):
        self.assertEqual(self.skant("rules", "check").status, CLEAN)
        self.write("r.yaml", "version: 1\nrules:\n  - {id: a, title: t, regex: 'abc', examples: {match: [xyz]}}\n")
        r = self.skant("rules", "check", "r.yaml")
        self.assertEqual(r.status, USAGE)
        self.assertIn("does not match its example", r.err)
        self.assertIn("no keyword", r.err)

    def costs(self, *args):
        r = self.skant("rules", "check", *args)
        self.assertEqual(r.status, CLEAN, r.err)
        rows = [line.split(None, 5) for line in r.text.splitlines()]
        self.assertEqual(rows[0][:3], ["rule", "ms/MB", "hard"])
        return {row[0]: row for row in rows[1:]}, r.err

    def test_rules_check_says_what_each_rule_costs(self):
        self.write("r.yaml", "version: 1\nrules:\n"
                   "  - {id: tame, title: t, keywords: [acme_], regex: 'acme_[a-z]{20}', "
                   "examples: {match: ['acme_abcdefghijklmnopqrst']}}\n"
                   "  - {id: runaway, title: t, keywords: [aaaa], regex: '(a+)+$', examples: {match: [aaaa]}}\n")
        rows, err = self.costs("r.yaml")
        self.assertEqual(set(rows), {"tame", "runaway"})
        for row in rows.values():
            self.assertGreater(float(row[2]), 0)
        self.assertEqual((rows["tame"][3], rows["runaway"][3]), ("0", "100"))
        self.assertIn("rule 'runaway' runs away on", err)
        self.assertNotIn("'tame'", err)

    def test_rules_check_measures_a_rule_with_a_reach_where_it_is_tried(self):
        rule = ("version: 1\nrules:\n  - {id: near, title: t, keywords: [acme_], scope: file, %s"
                "regex: 'acme_[b-f]{5}(?![a-z])|(a+)+[?]', examples: {match: ['acme_bcdef']}}\n")
        for reach, percent in ("", "100"), ("keyword_reach: 1, ", "0"), ("also: [acme_], also_reach: 1, ", "0"):
            self.write("r.yaml", rule % reach)
            self.assertEqual(self.costs("r.yaml")[0]["near"][3], percent, reach)

    def test_the_built_in_rules_come_nowhere_near_the_match_limit(self):
        rows, err = self.costs()
        self.assertGreater(len(rows), 30)
        self.assertNotIn("runs away", err)
        self.assertNotIn("of the match limit", err)
        for name, row in rows.items():
            self.assertLess(int(row[3]), 25, name)

    def test_rules_check_measures_with_files_that_are_named(self):
        self.write("r.yaml", "version: 1\nrules:\n  - {id: tame, title: t, keywords: [acme_], regex: 'acme_[a-z]{20}'}\n")
        self.write("src/a", b"\xff\0acme_" * 1000)
        self.assertEqual(set(self.costs("--against", "src", "r.yaml")[0]), {"tame"})
        os.makedirs(self.path("empty"))
        for path in ("nothing", "empty"):
            r = self.skant("rules", "check", "--against", path, "r.yaml")
            self.assertEqual((r.status, r.out), (USAGE, b""))
        self.assertEqual(self.skant("rules", "list", "--against", "src").status, USAGE)

    def test_rules_and_explain_tell_about_a_rule(self):
        listed = self.skant("rules", "list").text
        self.assertIn("anthropic-admin-key", listed)
        self.assertEqual(len({re.search(r"  (critical|high|medium|low) ", line).start() for line in listed.splitlines()}), 1)
        self.assertIn("sk-ant-admin01", self.skant("rules", "show", "anthropic-admin-key").text)
        self.assertIn("Console", self.skant("explain", "anthropic-api-key").text)
        r = self.skant("explain", "anthropic-api-keys")
        self.assertEqual(r.status, USAGE)
        self.assertIn("did you mean 'anthropic-api-key'?", r.err)

    def test_usage_errors_name_the_nearest(self):
        for args, text in [((), "a command was expected"), (("dri",), "did you mean 'dir'"),
                           (("dir", "--fail-onn", "low"), "--fail-on"), (("dir", "--fail-on", "bad"), "low, medium"),
                           (("dir", "-f", "xml"), "text, json, jsonl"), (("stdin", "--no-ignore"), "dir"),
                           (("dir", "-j", "0"), "from 1 to")]:
            r = self.skant(*args)
            self.assertEqual(r.status, USAGE, args)
            self.assertIn(text, r.err)

    def test_help_and_version(self):
        self.assertIn("Exit status", self.skant("--help").text)
        self.assertIn("--no-ignore", self.skant("dir", "--help").text)
        self.assertIn("2 blocks", self.skant("agent", "--help").text)
        for command in ("agent", "hook", "explain", "rules"):
            self.assertNotIn("3 the scan is", self.skant(command, "--help").text)
        self.assertRegex(self.skant("--version").text, r"^skant \d+\.\d+\.\d+\n$")


    def test_the_configuration_of_the_root_counts_in_a_sub_folder(self):
        self.git("init", "-q")
        self.write(".skant.yaml", "version: 1\nallow: [{rules: ['anthropic-*'], reason: made up}]\npolicy: p.yaml\n")
        self.write("p.yaml", "version: 1\nnames: {format: '{team}_{environment}_{purpose}'}\n")
        self.write("sub/a.py", make_key(40))
        import subprocess
        from support import SKANT
        for args, status in ((["dir"], CLEAN), (["stdin"], CLEAN), (["names", "a_prod_x"], CLEAN)):
            done = subprocess.run([SKANT, *args], cwd=self.path("sub"), input=make_key(40).encode(), env=self.env(),
                                  capture_output=True, check=False)
            self.assertEqual(done.returncode, status, (args, done.stderr))

    def test_a_runaway_pattern_is_tried_once_an_item(self):
        self.write("r.yaml", "version: 1\nrules: [{id: runaway, title: t, keywords: [aaaq], regex: 'aaaq(?:a+)+$Z'}]\n")
        self.write("src/a", ("aaaq" + "a" * 60 + "\n") * 14000)
        r = self.scan("--rules", "r.yaml", "src", timeout=20)
        self.assertEqual(r.status, INCOMPLETE)

    def test_what_was_interrupted_cannot_be_accepted(self):
        self.write(".skant.yaml", "version: 1\naccept_unread: [{paths: ['**'], reasons: [interrupted], reason: x}]\n")
        self.assertEqual(self.skant("dir").status, USAGE)

    def test_a_table_is_read_over_pieces(self):
        rows = "".join(f"apikey_{n:08d},ml-prod-x{n},anthropic,x\n" for n in range(150000))
        rows += "apikey_9,Prod_ML_key,anthropic,x\n"
        rows += "".join(f'o{n},Other {n},other,"two\nlines"\n' for n in range(150000))
        rows += "apikey_9,Prod_ML_key_2,anthropic,x\n"
        text = "id,name,provider,note\n" + rows
        self.write("keys.csv", text)
        self.write("wide.csv", text.encode("utf-16"))
        r = self.scan()
        self.assertEqual(r.status, CLEAN, r.err)
        self.assertEqual([(f["path"], f["start_line"], f["start_column"]) for f in r.findings],
                         [(path, line, 10) for path in ("keys.csv", "wide.csv") for line in (150002, 450003)])

    def test_the_header_counts_though_its_keyword_stands_in_a_later_piece(self):
        rows = "".join(f"key_{n},Other {n},other,x\n" for n in range(300000))
        text = "id,name,provider,note\n" + rows + "x,Prod_ML_key,anthropic,x\n"
        self.write("keys.csv", text)
        self.write("wide.csv", text.encode("utf-16"))
        r = self.scan()
        self.assertEqual((r.status, [f["start_line"] for f in r.findings]), (CLEAN, [300002, 300002]), r.err)

    def test_a_large_list_that_mentions_claude_is_no_false_alarm(self):
        rows = "".join(f'package-{n}\t1.{n}\tit\'s "one\n' for n in range(250000))
        self.write("packages.tsv", "name\tversion\tabout\n" + rows + "claude-code\t1.0\tfor claude\n" + rows)
        self.write("notes.md", rows + "| claude | x |\n" + rows)
        r = self.scan()
        self.assertEqual((r.status, r.findings), (CLEAN, []), r.err)

    def test_a_command_is_read_as_far_as_commands_go(self):
        for words, count in ((100, 1), (300, 0)):
            self.write("a.json", '"skantctl keys rename apikey_01' + " -v" * words + ' --name Prod_ML_key"\n')
            self.assertEqual(len(self.scan("--min-confidence", "low").findings), count, words)

    def test_a_row_that_is_too_long_for_pieces_is_said(self):
        self.write("keys.csv", "id,name,provider\nanthropic," + "x" * 5000000 + ",y\nx,Prod_ML_key,anthropic\n")
        r = self.scan()
        self.assertEqual((r.status, [f["start_line"] for f in r.findings]), (INCOMPLETE, [3]))
        self.assertIn("reads rows of tables of at most 32768 bytes", r.err)

    def test_large_files_that_speak_of_claude_are_read_to_their_end(self):
        text = "".join(f"the anthropic client has a name for value {n}\n" for n in range(30000))
        rows = "".join(f"apikey_{n:08d},ml-prod-x{n},anthropic,x\n" for n in range(40000))
        self.write("large.md", text)
        self.write("keys.csv", "id,name,provider,note\n" + rows + "apikey_9,Prod_ML_key,anthropic,x\n")
        r = self.scan()
        self.assertNotIn("was not read", r.err)
        self.assertEqual([(f["path"], f["start_line"]) for f in r.findings], [("keys.csv", 40002)])


class Names(SkantTest):
    def test_names_are_checked(self):
        r = self.skant("names", "ml-prod-inference")
        self.assertEqual((r.status, r.text), (CLEAN, ""))
        r = self.skant("names", "Prod_ML_key", "ml-production-inference")
        self.assertEqual(r.status, FINDINGS)
        self.assertIn("environment", r.text)

    def test_names_come_from_standard_input_too(self):
        r = self.skant("names", "-f", "jsonl", stdin=b'ml-prod-inference\n\n{"id":"x","name":"Bad Name"}\n')
        self.assertEqual(r.status, FINDINGS)
        self.assertEqual([(x["name"], bool(x["violations"])) for x in r.records],
                         [("ml-prod-inference", False), ("Bad Name", True)])
        r = self.skant("names", stdin=b'{"name":\n')
        self.assertEqual(r.status, USAGE)
        self.assertIn("standard input:1: ", r.err)

    def test_names_come_from_lists_of_each_form(self):
        lists = {"a.txt": "\nml-prod-a\nBad One\n", "b.csv": 'id,"Name",x\r\n1,ml-prod-b,y\r\n2,"Bad One",z\r\n',
                 "c.json": '[\n {"id":"x","name":"ml-prod-c"},\n\n {"name":"Bad One"}]\n',
                 "d.jsonl": '{"schema":"skant-inventory/1"}\n{"id":"1","name":"ml-prod-d"}\n{"name":"Bad One"}\n',
                 "e.json": '{\n "id":"x",\n "name":"Bad One"\n}\n', "f.json": '["ml-prod-f",\n"Bad One"]',
                 "g.csv": "\ufeffname;id\nml-prod-g;1\nBad One;2\n"}
        bad_line = {"a.txt": 3, "b.csv": 3, "c.json": 4, "d.jsonl": 3, "e.json": 1, "f.json": 2, "g.csv": 3}
        for name, text in lists.items():
            self.write(name, text)
            r = self.skant("names", "--from", name, "-f", "jsonl")
            self.assertEqual(r.status, FINDINGS, (name, r.err))
            bad = [(x["name"], x["source"], x["line"]) for x in r.records if x["violations"]]
            self.assertEqual(bad, [("Bad One", name, bad_line[name])])
            self.assertEqual(len(r.records), 1 if name == "e.json" else 2)
            self.assertEqual(self.skant("names", "--from", "-", stdin=text.encode()).status, FINDINGS)
        r = self.skant("names", "ml-prod-x", "--from", "a.txt", "--from", "b.csv")
        self.assertIn("a.txt:3: Bad One: ", r.text)
        self.assertIn("b.csv:3: Bad One: ", r.text)
        self.assertIn("2 of 5 names break the policy", r.err)
        self.assertIn("1 of 1 name breaks the policy", self.skant("names", "Bad One").err)

    def test_quotes_in_a_cell_are_written_twice(self):
        self.write("a.csv", 'id,name\r\n1,"Bad ""q"" One"\r\n2,Bad ""r""\r\n3, "" \r\n4,"""s"""\r\n')
        r = self.skant("names", "--from", "a.csv", "-f", "jsonl")
        self.assertEqual([(x["name"], x["line"]) for x in r.records],
                         [('Bad "q" One', 2), ('Bad ""r""', 3), ('"s"', 5)])

    def test_names_are_written_as_csv_that_no_spreadsheet_runs(self):
        import csv
        import io
        evil = '=1+1|"cmd", x'
        r = self.skant("names", evil, "\uff1dx", "ml-prod-x", "-f", "csv")
        rows = list(csv.DictReader(io.StringIO(r.text, newline="")))
        self.assertEqual([x["name"] for x in rows], ["'" + evil, "'\uff1dx", "ml-prod-x"])
        self.assertTrue(rows[0]["violations"] and not rows[2]["violations"])
        self.assertEqual(r.text.count("\r\n"), 4)
        self.write("a.txt", "Bad One\n")
        rows = list(csv.DictReader(io.StringIO(self.skant("names", "--from", "a.txt", "-f", "csv").text)))
        self.assertEqual((rows[0]["source"], rows[0]["line"]), ("a.txt", "1"))

    def test_broken_lists_are_refused_with_their_line(self):
        cases = [('[{"name":"a"},\n{"nome":"b"}]', 2, '"name"'), ("[1]", 1, "a name"), ('{"name":"a"}\n{"x":1}\n', 2, '"name"'),
                 ("ml-prod-a\n\n{x\n", 3, "not valid JSON"), ("ml-prod-a\nb\0c\n", 2, "no text"), ('["a",', 1, "JSON")]
        for text, line, what in cases:
            self.write("list", text)
            r = self.skant("names", "--from", "list")
            self.assertEqual((r.status, r.out), (USAGE, b""), text)
            self.assertIn(f"list:{line}: ", r.err, text)
            self.assertIn(what, r.err, text)
        for name in (".", "nothing"):
            self.assertEqual(self.skant("names", "--from", name).status, USAGE)
        self.write("key.txt", make_key(7) + "\n")
        for fmt in ("text", "json", "jsonl", "csv"):
            self.assertNotIn(make_key(7)[14:40], self.skant("names", "--from", "key.txt", "-f", fmt).text)

    def test_what_is_said_of_a_key_in_place_of_a_name_is_true_of_what_is_shown(self):
        r = self.skant("names", make_key(7))
        self.assertEqual(r.status, FINDINGS)
        self.assertIn("...", r.text)
        self.assertNotIn("length:", r.text)

    def test_the_policy_decides(self):
        self.write("p.yaml", "version: 1\nnames: {teams: [ml], environments: [prod], enforce: true}\n")
        env = self.env(SKANT_POLICY=self.path("p.yaml"))
        self.assertEqual(self.skant("names", "ml-prod-x", env=env).status, CLEAN)
        self.assertEqual(self.skant("names", "xy-prod-x", "ml-dev-x", env=env).status, FINDINGS)
        self.write("p.yaml", "version: 1\nnames: {teems: [ml]}\n")
        r = self.skant("names", "a", env=env)
        self.assertEqual(r.status, USAGE)
        self.assertIn("p.yaml:2:9: unknown key 'teems'; did you mean 'teams'?", r.err)


class Git(SkantTest):
    def paths(self, *args):
        return sorted(f["path"] for f in self.scan(*args).findings)

    def setUp(self):
        super().setUp()
        self.git("init", "-q")
        for n, name in enumerate(["a.py", "build/out.js", "build/kept.js", "x.log", "sub/y.log", "sub/deep/z.py"]):
            self.write(name, make_key(n))
        self.write(".gitignore", "build/\n*.log\n!y.log\n")

    def test_what_git_ignores_is_left_out_and_counted(self):
        r = self.scan()
        self.assertEqual(sorted(f["path"] for f in r.findings), ["a.py", "sub/deep/z.py", "sub/y.log"])
        self.assertEqual(r.summary["unread"], {"ignored": 2})
        self.assertIn("2 ignored", r.err)

    def test_tracked_files_stay_in_though_ignored(self):
        self.git("add", "-f", "build/kept.js", "x.log")
        self.assertEqual(self.paths(), ["a.py", "build/kept.js", "sub/deep/z.py", "sub/y.log", "x.log"])

    def test_no_ignore_reads_all_but_gits_own_folder(self):
        self.write(".git/secret", make_key(50))
        self.assertEqual(len(self.paths("--no-ignore")), 6)

    def test_a_sub_folder_as_target_obeys_the_rules_above_it(self):
        self.assertEqual(self.paths("sub"), ["sub/deep/z.py", "sub/y.log"])
        self.write("sub/deep/.gitignore", "z.py\n")
        self.assertEqual(self.paths("sub"), ["sub/y.log"])

    def test_a_file_named_by_the_user_is_read_though_ignored(self):
        self.assertEqual(self.paths("x.log"), ["x.log"])

    def test_excludes_of_the_user_and_of_the_repository_count(self):
        self.write(".git/info/exclude", "a.py\n")
        with open(os.path.join(self.home, "ex"), "w", encoding="ascii") as f:
            f.write("z.py\n")
        self.git("config", "core.excludesFile", "~/ex")
        self.assertEqual(self.paths(), ["sub/y.log"])

    def test_a_repository_within_has_rules_of_its_own(self):
        self.write("inner/v.log", make_key(60))
        self.write("inner/w.tmp", make_key(61))
        os.makedirs(self.path("inner/.git/objects"))
        os.makedirs(self.path("inner/.git/refs"))
        self.write("inner/.git/HEAD", "ref: refs/heads/main\n")
        self.write("inner/.gitignore", "*.tmp\n")
        self.assertEqual(self.paths("inner"), ["inner/v.log"])
        self.assertIn("inner/v.log", self.paths())

    def test_hooks_and_monitors_of_the_repository_never_run(self):
        self.write("evil.sh", "#!/bin/sh\ntouch %s\n" % self.path("ran"))
        os.chmod(self.path("evil.sh"), 0o755)
        self.git("add", "a.py")
        self.git("config", "core.fsmonitor", self.path("evil.sh"))
        self.scan()
        self.assertFalse(os.path.exists(self.path("ran")))

    def test_without_git_ignored_files_are_read_and_it_is_said(self):
        os.symlink("/bin/sh", os.path.join(self.home, "sh"))
        r = self.scan(env=self.env(PATH=self.home))
        self.assertEqual(len(r.findings), 6)
        self.assertIn("what git tracks is not known", r.err)


if __name__ == "__main__":
    unittest.main()
