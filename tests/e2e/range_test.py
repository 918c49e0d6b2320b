# SPDX-License-Identifier: Apache-2.0
"""Which commits skant git --range, --since and gitleaks' --log-opts mean, and what is said of those that mean none."""
import os
import subprocess
import unittest

from support import SkantTest, make_key

CLEAN, FOUND, USAGE = 0, 1, 2


class RangeTest(SkantTest):
    """Four commits, c1 to c4, on the first four days of a year; each brings the key of its number in."""

    def setUp(self):
        super().setUp()
        self.git("init", "-q", "-b", "main")
        for n in range(1, 5):
            self.commit(n)

    def run_git(self, *args, **env):
        who = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
               for what, value in (("NAME", "Ann"), ("EMAIL", "ann@example.com"))}
        return subprocess.run(["git", *args], cwd=self.dir, check=True, capture_output=True,
                              env=self.env(**{**who, **env})).stdout.decode().strip()

    def commit(self, n, **env):
        self.write(f"f{n}", make_key(n))
        self.run_git("add", f"f{n}")
        self.run_git("commit", "-qm", f"c{n}", GIT_COMMITTER_DATE=f"2024-01-0{n} 12:00:00 +0000", **env)

    def names(self, *args, **kw):
        r = self.skant("git", "-f", "jsonl", *args, **kw)
        self.assertIn(r.status, (CLEAN, FOUND), r.err)
        return " ".join(f["path"] for f in r.findings)

    def refused(self, *args):
        r = self.skant("git", *args)
        self.assertEqual((r.status, r.text), (USAGE, ""), r.err)
        self.assertEqual(r.err.count("\n"), 1, r.err)
        return r.err


class Range(RangeTest):
    def test_ranges_are_those_of_git(self):
        self.run_git("tag", "-a", "-m", "t", "v1", "HEAD~1")
        self.run_git("update-ref", "refs/heads/-x", "HEAD~2")
        for value, expected in (
                ("HEAD~2..", "f3 f4"), ("HEAD~2..HEAD", "f3 f4"), ("HEAD~2...HEAD", "f3 f4"), ("..v1", ""), ("v1", "f3"),
                ("v1..main", "f4"), ("HEAD...v1", "f4"), ("-x", "f2"), ("-x..HEAD", "f3 f4"), ("HEAD~3..-x", "f2"),
                ("HEAD~3", "f1"), ("HEAD^{/c2}", "f2"), (":/c2", "f2"), ("main@{0}", "f4"), ("@", "f4"),
                (self.run_git("rev-parse", "HEAD~1"), "f3"), (self.run_git("rev-parse", "--short", "HEAD~1"), "f3")):
            self.assertEqual(self.names("--range", value), expected, value)
            self.assertEqual(self.names("--range=" + value), expected, value)

    def test_a_partial_clone_says_how_to_get_what_it_lacks(self):
        self.run_git("config", "uploadpack.allowFilter", "true")
        self.run_git("clone", "-q", "--no-checkout", "--filter=blob:none", "file://" + self.path("."), "partial")
        clone = self.path("partial")
        for args in ((), ("--range", "HEAD~1..")):
            result = self.skant("git", *args, clone)
            self.assertEqual(result.status, 3, result.err)
            self.assertIn("this is a partial clone", result.err)
        self.assertIn("git log -p RANGE >/dev/null", result.err)
        self.run_git("-C", "partial", "log", "-p", "HEAD~1..")
        self.assertEqual(self.skant("git", "--range", "HEAD~1..", clone).status, FOUND)

    def test_an_upstream_is_followed(self):
        self.assertIn("no upstream configured for branch 'main'", self.refused("--range", "@{u}.."))
        self.run_git("branch", "base", "HEAD~1")
        self.run_git("branch", "-q", "--set-upstream-to=base")
        self.assertEqual(self.names("--range", "@{u}.."), "f4")

    def test_an_empty_range_says_that_it_is(self):
        self.run_git("branch", "same")
        for value in ("main..same", "HEAD..HEAD~1", "HEAD...same"):
            r = self.skant("git", "--range", value)
            self.assertEqual(r.status, CLEAN)
            self.assertIn("no commit is in that range", r.err)

    def test_what_is_no_commit_is_named(self):
        self.run_git("tag", "blob", "HEAD:f1")
        self.run_git("tag", "tree", "HEAD^{tree}")
        for value, said in (
                ("nope", "nope"), ("nope..HEAD", "nope"), ("HEAD..nope", "nope"), ("HEAD...nope", "nope"), ("", ""),
                (" ", " "), ("HEAD~9", "HEAD~9"), ("blob", "blob"), ("tree..HEAD", "tree"), ("HEAD:f1", "HEAD:f1"),
                ("^HEAD", "^HEAD"), ("--all", "--all"), ("HEAD HEAD", "HEAD HEAD"), ("HEAD^@", "HEAD^@"),
                ("a..b..c", "a"), ("0" * 40, "0" * 40), ("0" * 40 + "..HEAD", "0" * 40), (":/nope", ":/nope")):
            err = self.refused("--range", value)
            self.assertIn(f"cannot list the commits of '{value}'", err)
            self.assertIn(f"there is no commit '{said}' in this repository", err)

    def test_a_range_that_lost_its_start_is_no_clean_one(self):
        for value in ("..", "...", "..HEAD", "...HEAD", "..@"):
            self.assertIn("from HEAD to HEAD: the commit that it starts from was expected",
                          self.refused("--range", value))

    def test_a_shallow_clone_says_how_to_get_the_rest(self):
        subprocess.run(["git", "clone", "-q", "--depth=1", "file://" + self.dir, "shallow"], cwd=self.dir, check=True,
                       env=self.env(), capture_output=True)
        err = self.refused("--range", "HEAD~1..HEAD", "shallow")
        self.assertIn("there is no commit 'HEAD~1' in this repository, which is a shallow clone: "
                      "`git fetch --unshallow` brings the others", err)

    def test_options_that_cannot_go_together_are_refused(self):
        for args, said in ((("--full", "--range", "HEAD"), "--full is for a whole history"),
                           (("--cache", "c", "--since", "2024-01-01"), "--cache is for a whole history"),
                           (("--range", "HEAD", "--log-opts", "-1"), "--range and --log-opts both name a range"),
                           (("--range", "-", "--since", "2024-01-01"), "--since does not go with --range -"),
                           (("--staged", "--full"), "--staged reads the index; it goes with no --full"),
                           (("--staged", "--range", "HEAD"), "it goes with no range of commits"),
                           ((".", "."), "takes one repository")):
            self.assertIn(said, self.refused(*args))

    def test_a_repository_without_commits(self):
        os.mkdir(self.path("new"))
        self.dir = self.path("new")
        self.run_git("init", "-q")
        self.assertIn("there is no commit 'HEAD'", self.refused("--range", "HEAD"))
        self.refused("--since", "2024-01-01")
        r = self.skant("git")
        self.assertEqual(r.status, CLEAN, r.err)


class Since(RangeTest):
    def test_since_is_read_as_git_does(self):
        for value, expected in (("2024-01-03 00:00:00 +0000", "f3 f4"), ("2024-01-03T13:00:00Z", "f4"),
                                ("1970-01-02", "f1 f2 f3 f4"), ("1 week ago", ""), ("@1704240000", "f3 f4")):
            self.assertEqual(self.names("--since", value), expected, value)

    def test_a_range_may_be_cut_by_it(self):
        since = ("--since", "2024-01-03 00:00:00 +0000")
        self.assertEqual(self.names(*since, "--range", "HEAD~1"), "f3")
        self.assertEqual(self.names(*since, "--range", "HEAD~3..HEAD~1"), "f3")
        self.assertEqual(self.names(*since, "--log-opts=-1 HEAD~1"), "f3")

    def test_what_git_takes_for_now_is_refused(self):
        for value in ("garbage", "", "now", "tomorrow", "2099-01-01"):
            self.assertIn(f"a date before now was expected, such as 2026-01-31 or '2 weeks ago', not '{value}'",
                          self.refused("--since", value))
            self.assertIn("a date before now", self.refused(f"--log-opts=--since='{value}' --all"))
            self.assertIn("a date before now", self.refused(f"--log-opts=--after '{value}'"))


class LogOpts(RangeTest):
    def test_they_mean_what_they_mean_to_git_log(self):
        self.run_git("branch", "side", "HEAD~2")
        self.run_git("checkout", "-q", "side")
        self.commit(5, GIT_AUTHOR_NAME="Bob Zed")
        self.run_git("checkout", "-q", "main")
        for value, expected in (
                ("--all", "f1 f2 f3 f4 f5"), ("-n 2", "f3 f4"), ("-n2", "f3 f4"), ("-2", "f3 f4"), ("--max-count=1", "f4"),
                ("HEAD~2..HEAD", "f3 f4"), ("side", "f1 f2 f5"), ("--all --not HEAD", "f5"), ("-1 side", "f5"),
                ("--branches=si*", "f1 f2 f5"), ("--author='Bob Zed' --all", "f5"), ('--author "Bob Zed" --all', "f5"),
                ("'HEAD~1..HEAD'", "f4"), ("-- f2", "f2"), ("HEAD -- f2 f3", "f2 f3"), ("--no-merges --skip=3", "f1"),
                ("  -1  ", "f4"), ("--since='2024-01-04 00:00:00 +0000'", "f4"), ("--remotes", "")):
            self.assertEqual(self.names("--log-opts=" + value), expected, value)
            self.assertEqual(self.names("--log-opts", value), expected, value)

    def test_how_git_log_prints_is_no_matter(self):
        for value in ("-p -U0 -2", "--reverse --oneline -2", "--graph --decorate=full -2", "--format=%H%n%B -2",
                      "--full-history --date-order -2", "--no-color --date=iso -2 --patch"):
            self.assertEqual(self.names("--log-opts=" + value), "f3 f4", value)

    def test_an_empty_one_is_none(self):
        self.run_git("tag", "old", "HEAD~1")
        self.run_git("reset", "-q", "--hard", "HEAD~2")
        for value in ("", " "):
            self.assertEqual(self.names("--log-opts=" + value), "f1 f2 f3")
            self.assertEqual(self.names("--log-opts", value, "--full"), "f1 f2 f3 f4")

    def test_what_does_not_choose_commits_is_refused_and_does_nothing(self):
        trap = self.path("trap")
        for word in (f"--output={trap}", "--stdin", "--objects", "--count", "--left-right", "--boundary", "-g",
                     "--walk-reflogs", "--help", "--diff-filter=A", "-S", "--exec=x", "--all=x", "-o", "--ext-diff",
                     f"--git-dir={trap}", "--open-files-in-pager=touch", "--textconv", "--no-merges=1", "-"):
            err = self.refused("--log-opts=" + word)
            self.assertIn(f"revisions, paths and options that choose commits, not '{word}'", err)
        self.assertFalse(os.path.exists(trap))

    def test_nonsense_is_refused(self):
        for value, said in (("nope", "nope"), ("HEAD..nope", "nope"), ("-n", "'-n' in --log-opts lacks its value"),
                            ("-n x", "'-n' in --log-opts takes a whole number, not 'x'"), ("-nx", "'-nx'"),
                            ("--skip=-1", "takes a whole number, not '-1'"), ("--max-count=", "not ''"), ("'HEAD", "a ' without its end"),
                            ("HEAD " * 60, "words at most")):
            self.assertIn(said, self.refused("--log-opts=" + value))


class Gitleaks(RangeTest):
    """The other flags of its pipelines."""

    def test_staged_is_what_skant_staged_reads(self):
        self.assertEqual(self.names("--staged"), "")
        self.write("new", make_key(9))
        self.run_git("add", "new")
        self.write("new", "not what is staged")
        self.assertEqual(self.names("--staged"), "new")
        self.assertEqual(self.names("--staged", "."), "new")
        base = self.dir
        os.mkdir(self.path("elsewhere"))
        self.dir = self.path("elsewhere")
        self.run_git("init", "-q")
        self.assertEqual(self.names("--staged"), "")
        self.assertEqual(self.names("--staged", base), "new")

    def test_redact_and_no_banner_change_nothing(self):
        plain = self.skant("git", "-f", "jsonl")
        for flags in (["--redact"], ["--redact=50", "--no-banner"], ["--no-banner"]):
            r = self.skant("git", "-f", "jsonl", *flags)
            self.assertEqual((r.status, r.out), (plain.status, plain.out))
        self.assertNotIn(make_key(1), plain.text)


if __name__ == "__main__":
    unittest.main()
