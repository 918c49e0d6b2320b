# SPDX-License-Identifier: Apache-2.0
"""skant staged: what `git commit` would record, from the index, in every state a repository may be in."""
import json
import os
import random
import shutil
import subprocess
import unittest

from support import SKANT, SkantTest, make_key, secret_id

CLEAN, FINDINGS, USAGE, INCOMPLETE = 0, 1, 2, 3


class StagedTest(SkantTest):
    def setUp(self):
        super().setUp()
        self.init()

    def init(self, *args):
        self.git("init", "-q", "-b", "main", *args)

    def commit(self, *args):
        self.git("commit", "-q", "--allow-empty", "-m", "x", *args)

    def staged(self, *args, cwd=None, **env):
        done = subprocess.run([SKANT, "staged", "-f", "jsonl", *args], cwd=cwd or self.dir, capture_output=True,
                              env=self.env(**env), timeout=120, check=False)
        self.last = done
        records = [] if done.returncode == USAGE else [json.loads(x) for x in done.stdout.splitlines()]
        self.summary = records[-1]["summary"] if records else None
        return done.returncode, sorted((r["path"], r["secret_id"]) for r in records[:-1])

    def output(self, *args, stdin=b"", **env):
        return subprocess.run(["git", *args], cwd=self.dir, input=stdin, check=True, capture_output=True,
                              env=self.env(**env)).stdout

    def blob(self, data):
        return self.output("hash-object", "-w", "--stdin", stdin=data.encode()).decode().strip()


def found(*pairs):
    return FINDINGS, sorted((path, secret_id(key)) for path, key in pairs)


class WhatCounts(StagedTest):
    def test_the_index_is_read_never_the_work_tree(self):
        self.write("a.py", make_key(1))
        self.git("add", "a.py")
        self.write("a.py", "clean now\n")
        self.write("b.py", make_key(2))
        self.assertEqual(self.staged(), found(("a.py", make_key(1))))
        self.assertEqual(self.summary["files"], 1)

    def test_only_what_differs_from_head_is_read(self):
        self.write("old.py", make_key(1))
        self.git("add", ".")
        self.commit()
        self.assertEqual(self.staged(), (CLEAN, []))
        self.assertEqual(self.summary["files"], 0)
        self.write("new/er.py", make_key(2))
        self.git("add", ".")
        self.assertEqual(self.staged(), found(("new/er.py", make_key(2))))

    def test_a_key_that_was_there_before_is_not_new(self):
        self.write("a.py", make_key(1) + "\n")
        self.git("add", ".")
        self.commit()
        self.write("a.py", "first\n" + make_key(1) + "\n" + make_key(2) + "\n")
        self.git("add", ".")
        self.assertEqual(self.staged(), found(("a.py", make_key(2))))
        self.assertEqual(self.staged("--whole-files"), found(("a.py", make_key(1)), ("a.py", make_key(2))))

    def test_a_known_key_alone_is_clean(self):
        self.write("a.py", make_key(1) + "\n")
        self.git("add", ".")
        self.commit()
        self.write("a.py", "more\n" + make_key(1) + "\n")
        self.git("add", ".")
        self.assertEqual(self.staged(), (CLEAN, []))
        self.assertEqual(self.summary["files"], 1)

    def test_a_key_that_moves_to_another_path_is_new_there(self):
        self.write("a.py", make_key(1))
        self.git("add", ".")
        self.commit()
        self.git("mv", "a.py", "b.py")
        self.assertEqual(self.staged(), found(("b.py", make_key(1))))

    def test_modes_and_types(self):
        self.write("a.py", make_key(1))
        self.write("b", "plain")
        self.git("add", ".")
        self.commit()
        os.chmod(self.path("a.py"), 0o755)
        os.remove(self.path("b"))
        os.symlink(make_key(3), self.path("b"))
        self.git("add", ".")
        self.assertEqual(self.staged(), found(("b", make_key(3))))

    def test_a_file_becomes_a_folder_and_back(self):
        self.write("x", make_key(1))
        self.write("y/z", make_key(2))
        self.git("add", ".")
        self.commit()
        self.git("rm", "-q", "-r", ".")
        self.write("x/in", make_key(1))
        self.write("y", make_key(2))
        self.git("add", ".")
        self.assertEqual(self.staged(), found(("x/in", make_key(1)), ("y", make_key(2))))

    def test_deleted_files_are_nothing_to_record(self):
        self.write("a.py", make_key(1))
        self.write("k.py", "x")
        self.git("add", ".")
        self.commit()
        self.git("rm", "-q", "a.py")
        self.assertEqual(self.staged(), (CLEAN, []))

    def test_intended_to_add_and_submodules_are_left_out(self):
        self.write("later.py", make_key(1))
        self.git("add", "-N", "later.py")
        self.git("update-index", "--add", "--cacheinfo", "160000,1234567890123456789012345678901234567890,sub")
        self.write("empty", "")
        self.git("add", "empty")
        self.assertEqual(self.staged(), (CLEAN, []))
        self.assertEqual((self.summary["files"], self.summary["unread"]), (0, {}))

    def test_findings_name_the_blob(self):
        self.write("a.py", make_key(1))
        self.git("add", ".")
        r = self.skant("staged", "-f", "jsonl")
        f = r.findings[0]
        self.assertEqual((f["object"], f["object_type"]), (self.blob(make_key(1)), "blob"))
        for name in ("commit", "author", "at_head", "refs", "from", "reachable", "also_at"):
            self.assertNotIn(name, f)

    def test_large_blobs_are_read_in_pieces(self):
        self.write("big", "x" * (9 << 20) + "\n" + make_key(7) + "\n")
        self.git("add", ".")
        self.assertEqual(self.staged(), found(("big", make_key(7))))

    def test_the_configuration_of_the_work_tree_counts(self):
        self.write("doc/a.py", make_key(1))
        self.write("b.py", make_key(2) + " # skant:allow\n")
        self.write(".skant.yaml", "version: 1\nallow:\n  - {paths: ['doc/**'], reason: documentation}\n")
        self.git("add", ".")
        self.assertEqual(self.staged(), (CLEAN, []))
        self.assertEqual(self.summary["findings"]["allowed"], 2)


class States(StagedTest):
    def test_nothing_was_ever_added(self):
        self.assertEqual(self.staged(), (CLEAN, []))

    def test_sha256_repositories(self):
        shutil.rmtree(self.path(".git"))
        self.init("--object-format=sha256")
        self.write("a.py", make_key(1))
        self.write("e", "")
        self.git("add", ".")
        self.assertEqual(self.staged(), found(("a.py", make_key(1))))
        self.commit()
        self.assertEqual(self.staged(), (CLEAN, []))

    def test_each_index_version(self):
        self.write("a/b/c.py", "x")
        self.write("a/k.py", make_key(1) + "\n")
        self.write("d.py", "y")
        self.git("add", ".")
        self.commit()
        self.write("a/k.py", make_key(1) + "\n" + make_key(2))
        self.git("add", ".")
        for version in "234":
            self.git("update-index", "--index-version", version)
            self.assertEqual(self.staged(), found(("a/k.py", make_key(2))), version)

    def test_partial_commits_have_an_index_of_their_own(self):
        self.write("a.py", "x")
        self.write("b.py", "x")
        self.git("add", ".")
        self.commit()
        self.write("a.py", make_key(1))
        self.write("b.py", make_key(2))
        shutil.copy(self.path(".git/index"), self.path(".git/other"))
        self.output("add", "a.py", GIT_INDEX_FILE=".git/other")
        self.assertEqual(self.staged(), (CLEAN, []))
        self.assertEqual(self.staged(GIT_INDEX_FILE=".git/other"), found(("a.py", make_key(1))))
        os.mkdir(self.path("sub"))
        self.assertEqual(self.staged(cwd=self.path("sub"), GIT_INDEX_FILE=".git/other"), found(("a.py", make_key(1))))

    def test_a_merge_brings_in_what_neither_side_had(self):
        self.write("a", "base\n")
        self.git("add", ".")
        self.commit()
        self.git("checkout", "-q", "-b", "side")
        self.write("side.py", make_key(1))
        self.git("add", ".")
        self.commit()
        self.git("checkout", "-q", "main")
        self.write("main.py", "m")
        self.git("add", ".")
        self.commit()
        self.git("merge", "-q", "--no-commit", "side")
        self.assertEqual(self.staged(), (CLEAN, []))
        self.write("side.py", make_key(1) + "\n" + make_key(2))
        self.git("add", ".")
        self.assertEqual(self.staged(), found(("side.py", make_key(2))))

    def test_a_hook_of_git_merge_knows_what_is_merged(self):
        self.test_a_merge_brings_in_what_neither_side_had()
        self.git("reset", "-q", "--hard")
        hook = self.write(".git/hooks/pre-merge-commit", f"#!/bin/sh\nexec {SKANT} staged\n")
        os.chmod(hook, 0o755)
        self.git("merge", "-q", "--no-edit", "side")
        self.assertEqual(self.output("rev-list", "--count", "--merges", "HEAD").strip(), b"1")

    def test_conflicts_are_scanned_on_both_sides_and_said(self):
        self.write("a.py", "base\n")
        self.git("add", ".")
        self.commit()
        self.git("checkout", "-q", "-b", "side")
        self.write("a.py", make_key(1))
        self.commit("-a")
        self.git("checkout", "-q", "main")
        self.write("a.py", make_key(2))
        self.commit("-a")
        with self.assertRaises(subprocess.CalledProcessError):
            self.git("merge", "side")
        status, findings = self.staged("--whole-files")
        self.assertEqual((status, findings), (CLEAN, []), "both sides have been committed")
        self.assertIn(b"the index has conflicts", self.last.stderr)
        self.assertEqual(self.staged("a.py"), found(("a.py", make_key(1)), ("a.py", make_key(2))))

    def test_linked_work_trees_have_their_own_index(self):
        self.write("a.py", "x")
        self.git("add", ".")
        self.commit()
        self.git("worktree", "add", "-q", "--detach", "linked")
        self.write("linked/a.py", make_key(1))
        subprocess.run(["git", "add", "a.py"], cwd=self.path("linked"), env=self.env(), check=True)
        self.assertEqual(self.staged(), (CLEAN, []))
        self.assertEqual(self.staged(cwd=self.path("linked")), found(("a.py", make_key(1))))

    def test_a_bare_repository_needs_a_work_tree(self):
        self.git("clone", "-q", "--bare", ".", "bare.git")
        status, _ = self.staged(cwd=self.path("bare.git"))
        self.assertEqual(status, USAGE)
        self.assertIn(b"GIT_WORK_TREE", self.last.stderr)
        os.mkdir(self.path("tree"))
        self.write("tree/a.py", make_key(1))
        env = {"GIT_DIR": self.path("bare.git"), "GIT_WORK_TREE": self.path("tree")}
        subprocess.run(["git", "add", "-A"], cwd=self.path("tree"), env=self.env(**env), check=True)
        self.assertEqual(self.staged(**env), found(("a.py", make_key(1))))

    def test_a_foreign_repository_is_refused_with_gits_advice(self):
        self.write("a.py", make_key(1))
        self.git("add", ".")
        status, _ = self.staged(GIT_TEST_ASSUME_DIFFERENT_OWNER="1")
        self.assertEqual(status, USAGE)
        self.assertIn(f"git config --global --add safe.directory {os.path.realpath(self.dir)}".encode(),
                      self.last.stderr)

    def test_no_repository(self):
        shutil.rmtree(self.path(".git"))
        self.assertEqual(self.staged()[0], USAGE)
        self.assertIn(b"is not in a git repository", self.last.stderr)

    def test_stored_through_alternates(self):
        self.write("a.py", make_key(1))
        self.git("add", ".")
        os.rename(self.path(".git/objects"), self.path("store"))
        os.makedirs(self.path(".git/objects/info"))
        self.write(".git/objects/info/alternates", self.path("store") + "\n")
        self.assertEqual(self.staged(), found(("a.py", make_key(1))))

    def test_the_quick_way_starts_no_git(self):
        self.write("a.py", make_key(1))
        self.git("add", ".")
        self.assertEqual(self.staged(PATH="/nonexistent"), found(("a.py", make_key(1))))


class Trouble(StagedTest):
    def test_a_missing_blob_makes_it_incomplete(self):
        self.git("update-index", "--add", "--cacheinfo", "100644,1234567890123456789012345678901234567890,gone.py")
        self.write("a.py", make_key(1))
        self.git("add", "a.py")
        status, findings = self.staged()
        self.assertEqual((status, findings), (INCOMPLETE, found(("a.py", make_key(1)))[1]))
        self.assertEqual(self.summary["unread"], {"missing-object": 1})
        self.assertEqual(self.summary["unread_examples"], [{"path": "gone.py", "reason": "missing-object"}])

    def test_a_damaged_blob_makes_it_incomplete(self):
        self.write("a.py", make_key(1) + "x" * 1000)
        self.git("add", "a.py")
        blob = self.blob(make_key(1) + "x" * 1000)
        path = self.path(".git/objects", blob[:2], blob[2:])
        os.chmod(path, 0o644)
        with open(path, "r+b") as f:
            f.truncate(40)
        self.assertEqual(self.staged(), (INCOMPLETE, []))
        self.assertEqual(self.summary["unread"], {"corrupt": 1})

    def test_a_damaged_index_is_never_clean(self):
        self.write("a.py", make_key(1))
        self.git("add", "a.py")
        with open(self.path(".git/index"), "r+b") as f:
            f.truncate(70)
        status, _ = self.staged()
        self.assertEqual(status, INCOMPLETE)
        self.assertIn(b".git/index' has", self.last.stderr)
        self.assertEqual(self.summary["unread"], {"corrupt": 1})

    def test_without_the_trees_of_head_everything_is_new(self):
        self.write("d/a.py", make_key(1))
        self.git("add", ".")
        self.commit()
        self.write("d/b.py", make_key(2))
        self.git("add", ".")
        tree = self.output("rev-parse", "HEAD:d").decode().strip()
        os.remove(self.path(".git/objects", tree[:2], tree[2:]))
        self.assertEqual(self.staged(), found(("d/a.py", make_key(1)), ("d/b.py", make_key(2))))
        self.assertIn(b"may be reported as new", self.last.stderr)

    def test_a_preimage_that_is_missing_hides_nothing(self):
        self.write("a.py", make_key(1))
        self.git("add", ".")
        self.commit()
        blob = self.blob(make_key(1))
        self.write("a.py", make_key(1) + "\n")
        self.git("add", ".")
        os.remove(self.path(".git/objects", blob[:2], blob[2:]))
        self.assertEqual(self.staged(), found(("a.py", make_key(1))))
        self.assertIn(b"may be reported as new", self.last.stderr)


class Files(StagedTest):
    def setUp(self):
        super().setUp()
        self.write("a.py", make_key(1))
        self.write("sub/b.py", make_key(2))
        self.write("sub/c.py", make_key(3))
        self.git("add", ".")
        self.commit()

    def test_named_files_are_read_whole_though_unchanged(self):
        self.assertEqual(self.staged("a.py", "sub/b.py"), found(("a.py", make_key(1)), ("sub/b.py", make_key(2))))

    def test_names_are_relative_to_the_current_folder(self):
        sub = self.path("sub")
        self.assertEqual(self.staged("b.py", cwd=sub), found(("sub/b.py", make_key(2))))
        self.assertEqual(self.staged("../a.py", "./b.py", "b.py", cwd=sub),
                         found(("a.py", make_key(1)), ("sub/b.py", make_key(2))))
        self.assertEqual(self.staged(self.path("a.py"), cwd=sub), found(("a.py", make_key(1))))

    def test_a_folder_means_all_below_it(self):
        self.assertEqual(self.staged("sub"), found(("sub/b.py", make_key(2)), ("sub/c.py", make_key(3))))
        self.assertEqual(len(self.staged(".")[1]), 3)
        self.assertEqual(len(self.staged("sub", "sub/b.py", ".")[1]), 3)

    def test_a_file_that_is_not_in_the_index_is_said(self):
        self.write("new.py", make_key(9))
        self.assertEqual(self.staged("new.py", "a.py"), found(("a.py", make_key(1))))
        self.assertIn(b"'new.py' is not in the index", self.last.stderr)
        self.assertEqual(self.staged("new.py"), (CLEAN, []))

    def test_a_file_that_is_nowhere_is_said_and_alone_an_error(self):
        self.assertEqual(self.staged("none.py", "a.py"), found(("a.py", make_key(1))))
        self.assertIn(b"'none.py' is neither in the index nor on the disk", self.last.stderr)
        self.assertEqual(self.staged("none.py")[0], USAGE)

    def test_a_file_outside_is_an_error(self):
        self.assertEqual(self.staged("/etc/passwd")[0], USAGE)
        self.assertIn(b"is outside of the work tree", self.last.stderr)


class Fallback(StagedTest):
    """An index that only git understands gives what the usual one gives."""

    def test_random_repositories(self):
        rng = random.Random(20250309)
        keys = [make_key(k) for k in range(6)]
        for _ in range(6):
            shutil.rmtree(self.dir)
            os.mkdir(self.dir)
            self.init()
            self.change(rng, keys)
            self.commit()
            self.change(rng, keys)
            wanted = self.staged()
            files = self.summary["files"]
            self.assertEqual(wanted, self.expected())
            self.git("update-index", "--split-index")
            self.assertEqual(self.staged(), wanted)
            self.assertEqual(self.summary["files"], files)
            self.assertEqual(self.staged(".")[1], self.whole(keys))
            self.git("update-index", "--no-split-index")
            self.git("sparse-checkout", "init", "--cone", "--sparse-index")
            self.assertEqual(self.staged(), wanted)
            self.assertEqual(self.summary["files"], files)

    def change(self, rng, keys):
        for _ in range(12):
            name = "/".join(rng.choice(["a", "b", "c.d", "a-b"]) for _ in range(rng.randrange(3)))
            name = os.path.join(name, rng.choice(["x", "y", "z.py"]) + "f")
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            self.write(name, "\n".join(rng.sample(keys, rng.randrange(3))) + "\n" * rng.randrange(3))
        self.git("add", "-A")

    def blobs(self, *args):
        """Path to content, as git lists it."""
        out = {}
        for line in self.output(*args, "-z").split(b"\0"):
            if line:
                meta, path = line.split(b"\t")
                parts = meta.split()
                blob = parts[2] if parts[1] == b"blob" else parts[1]
                out[path.decode()] = self.output("cat-file", "blob", blob.decode()).decode()
        return out

    def expected(self):
        before, now = self.blobs("ls-tree", "-r", "HEAD"), self.blobs("ls-files", "--stage")
        pairs = [(path, key) for path, text in now.items() if text != before.get(path)
                 for key in text.split() if key not in before.get(path, "").split()]
        return (FINDINGS if pairs else CLEAN), sorted((path, secret_id(key)) for path, key in pairs)

    def whole(self, keys):
        now = self.blobs("ls-files", "--stage")
        return sorted((path, secret_id(key)) for path, text in now.items() for key in keys if key in text.split())


if __name__ == "__main__":
    unittest.main()
