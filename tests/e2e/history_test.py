# SPDX-License-Identifier: Apache-2.0
"""What skant git says of a find: which refs still lead to it, and that the way on from there works."""
import os
import subprocess
import unittest

from support import SkantTest, make_key

CLEAN, FOUND = 0, 1


class HistoryTest(SkantTest):
    def setUp(self):
        super().setUp()
        self.git("init", "-q", "-b", "main")
        self.commit("README", "text\n")

    def run_git(self, *args, stdin=b""):
        who = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
               for what, value in (("NAME", "Ann"), ("EMAIL", "ann@example.com"))}
        return subprocess.run(["git", *args], cwd=self.dir, check=True, capture_output=True, input=stdin,
                              env=self.env(**who)).stdout.decode().strip()

    def commit(self, name, data, *args):
        self.write(name, data)
        self.run_git("add", "-f", name)
        self.run_git("commit", "-qm", "change", *args)

    def told(self, *args):
        """The lines of each finding that say what leads there, by the seed of its key."""
        text = self.skant("git", *args).text
        found = {}
        for part in text.split("    do: ")[:-1]:
            seed = next(n for n in range(10) if make_key(n)[:16] in part)
            found.setdefault(seed, []).extend(
                line.strip() for line in part.splitlines() if line.startswith(("    reached by", "    also at")))
        return found


class Refs(HistoryTest):
    def test_every_ref_that_reaches_a_key_is_named(self):
        self.commit("a", make_key(1))
        self.run_git("rm", "-q", "a")
        self.run_git("commit", "-qm", "removed")
        self.run_git("tag", "v1")
        self.run_git("branch", "other")
        self.run_git("update-ref", "refs/pull/3/head", "HEAD")
        self.run_git("update-ref", "refs/remotes/origin/main", "HEAD")
        expected = ("reached by: refs/heads/main, refs/heads/other, refs/pull/3/head, refs/remotes/origin/main, "
                    "refs/tags/v1")
        self.assertEqual(self.told("-v"), {1: [expected]})
        self.assertEqual(self.told(), {1: []})

    def test_more_than_can_be_read_are_counted(self):
        self.commit("a", make_key(1))
        self.run_git("update-ref", "--stdin",
                     stdin="".join(f"create refs/heads/b{n:03} HEAD\n" for n in range(120)).encode())
        line = self.told("-v")[1][0]
        self.assertTrue(line.startswith("reached by: refs/heads/b000, refs/heads/b001, "), line)
        self.assertTrue(line.endswith(", refs/heads/b099 (and 21 more)"), line)
        self.assertEqual(line.count("refs/"), 100)

    def test_a_blob_at_many_paths_is_one_find(self):
        for n in range(8):
            self.write(f"d{n}/key", make_key(1))
        self.run_git("add", ".")
        self.run_git("commit", "-qm", "many")
        self.assertEqual(self.told(), {1: ["also at: d1/key, d2/key, d3/key, d4/key, d5/key (and 2 more)"]})
        self.assertEqual(self.told("-v"), {1: ["reached by: refs/heads/main",
                                               "also at: " + ", ".join(f"d{n}/key" for n in range(1, 8))]})

    def test_a_tag_alone(self):
        self.run_git("checkout", "-q", "--detach")
        self.commit("a", make_key(1))
        self.run_git("tag", "-a", "-m", f"with {make_key(2)}", "v1")
        self.run_git("checkout", "-q", "main")
        blob = self.run_git("hash-object", "-w", "--stdin", stdin=make_key(3).encode())
        self.run_git("tag", "straight", blob)
        self.assertEqual(self.told("-v"), {1: ["reached by: refs/tags/v1"], 2: ["reached by: refs/tags/v1"],
                                           3: ["reached by: refs/tags/straight"]})

    def test_stashes(self):
        for seed in (1, 2):
            self.write("README", make_key(seed))
            self.run_git("stash", "-q")
        self.assertEqual(self.told(), {1: ["reached by the stash only"], 2: ["reached by: refs/stash"]})
        self.assertEqual(self.told("-v"), self.told())

    def test_a_head_without_a_branch_and_another_work_tree(self):
        self.run_git("checkout", "-q", "--detach")
        self.commit("a", make_key(1))
        self.run_git("worktree", "add", "-q", "--detach", "linked", "main")
        top = self.dir
        self.dir = self.path("linked")
        self.commit("b", make_key(2))
        self.dir = top
        head = "reached by HEAD only, of this work tree or another"
        self.assertEqual(self.told("-v"), {1: [head], 2: [head]})

    def test_a_reflog_and_nothing(self):
        self.commit("a", make_key(1))
        self.run_git("reset", "-q", "--hard", "HEAD~1")
        self.run_git("hash-object", "-w", "--stdin", stdin=make_key(2).encode())
        self.assertEqual(self.skant("git").status, CLEAN)
        self.assertEqual(self.told("--full"), {1: ["reached by a reflog only"], 2: ["reached by nothing (unreachable)"]})


class Onward(HistoryTest):
    def test_the_way_on_is_a_command_that_works(self):
        self.commit("a", make_key(1))
        for args in ([], ["--full"], ["--full", self.dir]):
            r = self.skant("git", "-v", *args)
            self.assertEqual(r.status, FOUND)
            line = next(line for line in r.err.splitlines() if "how to take it out" in line)
            command = line.split(", in order: ")[1]
            os.makedirs(self.path("bin"), exist_ok=True)
            if not os.path.exists(self.path("bin", "skant")):
                os.symlink(os.environ["SKANT"], self.path("bin", "skant"))
            env = self.env()
            done = subprocess.run(["sh", "-c", command], cwd=self.dir, capture_output=True, check=True,
                                  env={**env, "PATH": self.path("bin") + ":" + env["PATH"]})
            self.assertIn(b"1 key in the history", done.stdout)
            self.assertIn(b"git filter-repo", done.stdout)
        self.assertNotIn("how to take it out", self.skant("git").err)

    def test_nothing_found_says_nothing_of_it(self):
        r = self.skant("git", "-v")
        self.assertEqual(r.status, CLEAN)
        self.assertNotIn("explain", r.err)


if __name__ == "__main__":
    unittest.main()
