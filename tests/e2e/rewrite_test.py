# SPDX-License-Identifier: Apache-2.0
"""skant explain: the order of steps, and that its commands leave nothing of a key in a repository."""
import json
import os
import re
import shutil
import subprocess
import unittest

from support import SKANT, SkantTest, make_key

CLEAN, FOUND, USAGE = 0, 1, 2
PREFIXES = {
    "anthropic-api-key": ("sk-ant-" + "api03-", 93, "AA"),
    "anthropic-admin-key": ("sk-ant-" + "admin01-", 93, "AA"),
    "anthropic-compliance-key": ("sk-ant-" + "api01-", 120, ""),
    "anthropic-oauth-token": ("sk-ant-" + "oat01-", 95, ""),
    "anthropic-oauth-refresh-token": ("sk-ant-" + "ort01-", 95, ""),
    "anthropic-session-key": ("sk-ant-" + "sid02-", 120, ""),
    "anthropic-unknown-key": ("sk-ant-" + "svc01-", 95, ""),
    "anthropic-truncated-key": ("sk-ant-" + "api03-", 40, ""),
}


def steps(text):
    """The commands of each step, as one script a step."""
    found, number = {}, 0
    for line in text.splitlines():
        head = re.match(r"  (\d)\. [A-Z]", line)
        if head and "Once it has been committed" in text[:text.index(line)]:
            number = int(head[1])
        if number and line.startswith("       "):
            found[number] = found.get(number, "") + line[7:] + "\n"
    return found


class ExplainTest(SkantTest):
    """A folder with repositories; skant is in the path."""

    def setUp(self):
        super().setUp()
        self.base = self.dir
        self.key = make_key(1)
        os.mkdir(self.path("bin"))
        os.symlink(SKANT, self.path("bin", "skant"))

    def _remove(self):
        self.dir = self.base
        super()._remove()

    def env(self, **more):
        env = super().env()
        who = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
               for what, value in (("NAME", "Ann"), ("EMAIL", "ann@example.com"))}
        return {**env, "PATH": os.path.join(self.base, "bin") + ":" + env["PATH"], "GIT_CONFIG_NOSYSTEM": "1",
                **who, **more}

    def run_git(self, *args, stdin=b"", **env):
        done = subprocess.run(["git", *args], cwd=self.dir, env=self.env(**env), input=stdin, capture_output=True,
                              check=True)
        return done.stdout.decode().strip()

    def commit(self, name, data, message="change", **env):
        self.write(name, data)
        self.run_git("add", "-f", name)
        self.run_git("commit", "-qm", message, **env)

    def shell(self, script, cwd):
        """Runs what was printed, as a person would paste it: it goes on after an error."""
        done = subprocess.run(["sh"], cwd=cwd, env=self.env(), input=script.encode(), capture_output=True, check=False,
                              timeout=300)
        return done.returncode, done.stdout.decode(), done.stderr.decode("utf-8", "replace")

    def explain(self, repo):
        report = self.skant("git", "--full", "-f", "jsonl", repo)
        self.assertEqual(report.status, FOUND, report.err)
        r = self.skant("explain", "--report", "-", stdin=report.out)
        self.assertEqual((r.status, r.err), (CLEAN, ""))
        self.assertNotIn(self.key, r.text)
        return r.text

    def assert_clean(self, repo):
        r = self.skant("git", "--full", repo)
        self.assertEqual((r.status, r.text), (CLEAN, ""), r.err)
        objects = subprocess.run("git cat-file --batch-all-objects --batch", shell=True, cwd=repo, env=self.env(),
                                 capture_output=True, check=True).stdout
        self.assertNotIn(self.key.encode(), objects)
        self.assertNotIn(self.key.encode("utf-16-le"), objects)
        self.run_git("-C", repo, "fsck", "--full", "--strict")


class Rewrite(ExplainTest):
    def make(self, name, *init):
        os.mkdir(self.path(name))
        self.dir = self.path(name)
        self.run_git("init", "-q", "-b", "main", *init)

    def fill(self):
        """Keys wherever a ref may lead to one, and text that has to outlive them."""
        key = self.key
        self.commit("config.py", f"# kept\nkey = '{key}'\n")
        self.commit("config.py", "# kept\nkey = env\n", f"Take out {key}\n\nkept")
        self.commit("data.bin", b"\x7fELF\0\0" + key.encode() + b"\0kept")
        self.commit("utf16.txt", ("\ufeffkey = " + key).encode("utf-16-le"))
        self.commit("late.bin", b"x" * 9000 + b"\0" + key.encode())
        self.run_git("tag", "-a", "-m", f"Release with {key}", "v1")
        self.run_git("checkout", "-q", "-b", "side")
        self.commit("dir/side.env", f"KEY={key}\n", GIT_AUTHOR_NAME=f"Ann {key}")
        self.run_git("checkout", "-q", "main")
        self.commit("README", "kept\n")
        self.run_git("merge", "-q", "--no-ff", "-m", f"Merge {key}", "side")
        os.symlink(key, self.path("link"))
        self.run_git("add", "link")
        self.run_git("commit", "-qm", "link")
        blob = self.run_git("hash-object", "-w", "--stdin", stdin=f"tagged {key}".encode())
        self.run_git("tag", "straight", blob)
        self.run_git("tag", "-a", "-m", "a blob", "annotated", blob)
        self.run_git("notes", "add", "-m", f"note {key}")
        self.run_git("update-ref", "refs/pull/7/head", "side")

    def check_kept(self, repo, ref="main"):
        def show(what):
            return subprocess.run(["git", "-C", repo, "show", what], env=self.env(), capture_output=True,
                                  check=True).stdout
        self.assertEqual(show(f"{ref}:config.py"), b"# kept\nkey = env\n")
        self.assertEqual(show(f"{ref}:README"), b"kept\n")
        self.assertEqual(show(f"{ref}:data.bin"), b"\x7fELF\0\0" + b"*" * len(self.key) + b"\0kept")
        self.assertEqual(show(f"{ref}:dir/side.env"), b"KEY=***REMOVED***\n")
        log = self.run_git("-C", repo, "log", "--format=%an: %B", ref)
        self.assertIn("Take out ***REMOVED***\n\nkept", log)
        self.assertIn("Ann ***REMOVED***: change", log)
        self.assertNotIn("utf16.txt", self.run_git("-C", repo, "ls-tree", "--name-only", ref))

    def test_a_repository_of_ones_own_is_rewritten_in_place(self):
        self.make("own")
        self.fill()
        self.write("config.py", f"stashed {self.key}")
        self.run_git("stash", "-q")
        self.commit("gone.py", self.key)
        self.run_git("reset", "-q", "--hard", "HEAD~1")
        do = steps(self.explain(self.dir))
        first = do[4][:do[4].index("git clone")]
        self.assertIn('"$work/strip"', first)
        status, out, err = self.shell("set -e\n" + first + do[6] + do[8], self.dir)
        self.assertEqual(status, CLEAN, out + err)
        self.assert_clean(self.dir)
        self.check_kept(self.dir)
        self.assertEqual(self.run_git("status", "--short"), "")

    def test_a_server_is_cleaned_through_a_copy_and_clones_come_to_the_same_commits(self):
        self.make("server.git", "--bare")
        self.make_clone("clone")
        self.fill()
        self.run_git("push", "-q", "--mirror")
        other = self.dir
        self.dir = self.base
        self.make_clone("other", fetch="+refs/*:refs/remotes/origin/*")
        clone, other = other, self.dir
        do = steps(self.explain(clone))
        status, out, err = self.shell("set -e\n" + do[4] + do[5] + "echo at $work", clone)
        self.assertEqual(status, CLEAN, out + err)
        work = out.splitlines()[-1][3:]
        self.addCleanup(shutil.rmtree, work, True)
        server = os.path.join(self.base, "server.git")
        status, out, err = self.shell("set -e\n" + do[7], server)
        self.assertEqual(status, CLEAN, out + err)
        self.assert_clean(server)
        self.check_kept(server)
        status, out, err = self.shell(f"set -e\nwork={work}\n" + do[6] + do[8], clone)
        self.assertEqual(status, CLEAN, out + err)
        self.assert_clean(clone)
        self.dir = clone
        self.assertEqual(self.run_git("rev-parse", "main"), self.run_git("-C", server, "rev-parse", "main"))
        self.assertFalse(os.path.exists(work))
        self.dir = other
        self.assertNotEqual(self.skant("git").status, CLEAN)

    def make_clone(self, name, fetch=None):
        self.dir = self.base
        self.run_git("clone", "-q", self.path("server.git"), name)
        self.dir = self.path(name)
        if fetch:
            self.run_git("config", "remote.origin.fetch", fetch)
            self.run_git("fetch", "-q")
        else:
            self.run_git("checkout", "-q", "-B", "main")

    def test_what_no_ref_reaches_needs_no_rewriting(self):
        self.make("own")
        self.commit("a", "kept\n")
        before = self.run_git("rev-parse", "HEAD")
        self.commit("b", self.key)
        self.run_git("reset", "-q", "--hard", "HEAD~1")
        text = self.explain(self.dir)
        self.assertNotIn("filter-repo", text)
        self.assertIn("reached by: a reflog", text)
        status, out, err = self.shell("set -e\n" + steps(text)[4], self.dir)
        self.assertEqual(status, CLEAN, out + err)
        self.assert_clean(self.dir)
        self.assertEqual(self.run_git("rev-parse", "HEAD"), before)

    def test_the_general_steps_clean_text_binaries_and_messages(self):
        self.make("own")
        self.commit("a", f"key {self.key}\n", f"say {self.key}")
        self.commit("b", b"\0" + self.key.encode())
        do = steps(self.skant("explain", "anthropic-api-key").text)
        status, out, err = self.shell("set -e\n" + do[4][:do[4].index("git clone")] + do[6], self.dir)
        self.assertEqual(status, CLEAN, out + err)
        self.assert_clean(self.dir)


class Patterns(ExplainTest):
    def pattern(self, rule, *more):
        text = self.skant("explain", rule, *more).text
        found = re.search(r"'regex:(.*)==>\*\*\*REMOVED\*\*\*'", text)
        self.assertIsNotNone(found, text)
        self.assertIn(f'rb"{found[1]}"', text)
        return found[1].encode()

    def test_each_rules_pattern_finds_the_same_in_python(self):
        rules = [line.split()[0] for line in self.skant("rules", "list").text.splitlines() if " keyname " not in line]
        self.assertEqual(sorted(rules), sorted(PREFIXES))
        keys = {rule: [make_key(seed, *PREFIXES[rule]).encode() for seed in range(20)] for rule in rules}
        for rule in rules:
            pattern = re.compile(self.pattern(rule))
            for other, samples in keys.items():
                for key in samples:
                    text = b"\xff\0 " + key + b"; "
                    self.assertEqual(pattern.sub(b"X", text), b"\xff\0 X; " if other == rule else text, (rule, other))

    def test_patterns_of_others_are_quoted_or_refused(self):
        self.write("r.yaml", "version: 1\nrules:\n"
                   "  - {id: quotes, kind: unknown, title: t, severity: high, keywords: [token], "
                   "regex: 'token[\"'']=\\x41{3}+é'}\n"
                   "  - {id: foreign, kind: unknown, title: t, severity: high, keywords: [token], "
                   "regex: 'token\\h[[:alpha:]]+'}\n")
        pattern = self.pattern("quotes", "--rules", "r.yaml")
        self.assertEqual(re.sub(pattern, b"X", "a token'=AAAé b".encode()), b"a X b")
        r = self.skant("explain", "foreign", "--rules", "r.yaml")
        self.assertEqual(r.status, CLEAN)
        self.assertIn("no counterpart in Python", r.text)
        self.assertNotIn("regex:", r.text)

    def test_names_of_keys_are_no_secrets(self):
        rule = next(line.split()[0] for line in self.skant("rules", "list").text.splitlines() if " keyname " in line)
        self.assertNotIn("filter-repo", self.skant("explain", rule).text)


class Reports(ExplainTest):
    """What explain makes of reports, good and bad."""

    def finding(self, **more):
        return {"schema": "skant-finding/1", "rule_id": "anthropic-api-key", "masked": "sk-ant-" + "api03-abc...wxyz",
                "secret_id": "sha256:" + "0" * 32, "object": "a" * 40, "object_type": "blob", "commit": "b" * 40,
                "date": "2026-01-02T03:04:05+00:00", "from": "ref", "refs": ["refs/heads/main"], "at_head": False,
                "status": "new", **more}

    def report(self, *findings, complete=True):
        lines = [*findings, {"schema": "skant-summary/1", "summary": {"complete": complete}}]
        return "\n".join(json.dumps(line) for line in lines).encode()

    def explain_findings(self, *findings, args=(), **more):
        r = self.skant("explain", *args, "--report", "-", stdin=self.report(*findings, **more))
        self.assertEqual((r.status, r.err), (CLEAN, ""))
        return r.text

    def test_each_key_is_named_once_with_all_that_reaches_it(self):
        text = self.explain_findings(
            self.finding(), self.finding(object="c" * 40, refs=["refs/tags/v1", "refs/heads/main"], at_head=True),
            self.finding(object="d" * 40, object_type="tag", refs=["refs/tags/v1"], date="2025-12-31T00:00:00+00:00"),
            self.finding(object="e" * 40, object_type="commit", **{"from": "reflog", "refs": []}))
        self.assertIn("1 key in the history", text)
        self.assertIn("in 2 file versions, 1 commit message, 1 tag, since 2025-12-31, still at HEAD\n"
                      "    reached by: refs/heads/main, refs/tags/v1, a reflog\n", text)

    def test_many_refs_are_counted(self):
        text = self.explain_findings(self.finding(refs=[f"refs/pull/{n}/head" for n in range(150)]))
        self.assertIn("reached by: refs/pull/0/head, ", text)
        self.assertIn(" and 50 more\n", text)

    def test_the_line_has_only_what_is_needed(self):
        blob = self.explain_findings(self.finding())
        self.assertIn("--replace-text", blob)
        for option in ("--replace-message", "--name-callback", "--strip-blobs-with-ids", "update-ref -d 'refs"):
            self.assertNotIn(option, blob)
        commit = self.explain_findings(self.finding(object_type="commit", line_text="author is no header here"))
        self.assertIn("--replace-message", commit)
        self.assertNotIn("--replace-text", commit)
        encoded = self.explain_findings(self.finding(via=["utf-16le"]))
        self.assertIn("--strip-blobs-with-ids", encoded)
        self.assertIn("'" + "a" * 40 + "'", encoded)
        self.assertNotIn("--replace-text", encoded)

    def test_only_the_rule_that_was_named(self):
        both = (self.finding(), self.finding(rule_id="anthropic-admin-key", secret_id="sha256:" + "1" * 32))
        self.assertIn("2 keys", self.explain_findings(*both))
        one = self.explain_findings(*both, args=["anthropic-admin-key"])
        self.assertIn("1 key ", one)
        self.assertNotIn("sk-ant-api(", one)

    def test_what_is_doubtful_is_said(self):
        text = self.explain_findings(self.finding(), self.finding(rule_id="of-others"), self.finding(object=None),
                                     self.finding(status="allowed", secret_id="sha256:" + "2" * 32), complete=False)
        self.assertIn("1 key in the history", text)
        self.assertIn("incomplete", text)
        self.assertIn("not known here, see --rules: of-others", text)
        self.assertIn("  1 more stands in a file", text)
        self.assertIn("names no key in a history", self.explain_findings())
        named = self.finding(rule_id="claude-key-name-sdk", name="x")
        self.assertIn("  1 name of a key breaks the convention: it is no secret.\n", self.explain_findings(named))
        self.assertIn("  2 names of keys break the convention: they are no secrets.\n", self.explain_findings(named, named))

    def test_hostile_reports_put_nothing_into_the_commands(self):
        bad = "refs/tags/'; touch /tmp/x; '"
        text = self.explain_findings(self.finding(commit=None, refs=[bad, "HEAD", "refs/heads/main", "refs/tags/\x1b[m"]))
        self.assertEqual(re.findall(r"update-ref -d (.*)", text), ["refs/stash", "'refs/tags/'\\''; touch /tmp/x; '\\'''",
                                                                   "'refs/tags/'\\''; touch /tmp/x; '\\'''"])
        self.assertNotIn("\x1b", text)
        text = self.explain_findings(self.finding(object="$(touch /tmp/x)", via=["utf-16le"]))
        self.assertNotIn("touch", text)
        text = self.explain_findings(self.finding(masked=self.key))
        self.assertNotIn(self.key, text)

    def test_a_json_report_does_as_well(self):
        report = {"schema": "skant-report/1", "summary": {"complete": True}, "findings": [self.finding()]}
        self.write("report.json", json.dumps(report))
        r = self.skant("explain", "--report", "report.json")
        self.assertEqual(r.status, CLEAN, r.err)
        self.assertIn("1 key in the history", r.text)
        self.assertNotIn("incomplete", r.text)

    def test_what_is_no_report_is_refused(self):
        for stdin, said in ((b"[]", "no report of skant"), (b"{\"schema\":\"x\"}", "no report of skant"),
                            (b"not json", "byte"), (self.report(self.finding())[:-20], "behind record 1"),
                            (self.report(self.finding(secret_id="sha256:x")), "record 1 has no secret_id")):
            r = self.skant("explain", "--report", "-", stdin=stdin)
            self.assertEqual((r.status, r.text), (USAGE, ""))
            self.assertIn("cannot take a report from standard input", r.err)
            self.assertIn(said, r.err)
        r = self.skant("explain", "--report", "missing.json")
        self.assertEqual(r.status, USAGE)
        self.assertIn("missing.json", r.err)
        r = self.skant("explain")
        self.assertEqual(r.status, USAGE)
        self.assertIn("a rule was expected, or --report FILE", r.err)


if __name__ == "__main__":
    unittest.main()
