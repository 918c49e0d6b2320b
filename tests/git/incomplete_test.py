# SPDX-License-Identifier: Apache-2.0
"""Repositories that lack something say what, and never fetch it."""
import os
import subprocess
import unittest

from support import GitTest, read, write


class MissingObject(GitTest):
    def setUp(self):
        super().setUp()
        self.make_history(4)
        self.rest = dict(self.planted)

    def test_a_missing_blob_is_told(self):
        name = self.planted[sorted(self.planted)[0]]
        self.remove_object(name)
        rest = [k for k, blob in self.planted.items() if blob != name]
        self.incomplete(self.scan(), "missing-object", rest)
        self.incomplete(self.scan("--full"), "missing-object", rest)

    def test_a_missing_blob_without_a_key_is_told_as_well(self):
        blob = self.store.put("blob", b"nothing of note\n")
        tip = self.commit(self.store.tree({b"clean": (b"100644", blob)}), [self.commits[-1]])
        self.save()
        self.set_ref("refs/heads/main", tip)
        self.remove_object(blob)
        self.incomplete(self.scan(), "missing-object", self.planted)

    def test_a_missing_tree_is_told(self):
        for tree in self.trees[:2]:
            path = self.store.loose_path(tree)
            os.rename(path, path + ".away")
            self.incomplete(self.scan(), "missing-object")
            self.incomplete(self.scan("--full"), "missing-object", self.planted)
            os.rename(path + ".away", path)

    def test_a_missing_commit_is_told(self):
        self.remove_object(self.commits[1])
        left = [k for k, b in self.planted.items() if self.is_in(b, self.trees[3])]
        self.incomplete(self.scan(), "missing-object", left)
        self.incomplete(self.scan("--full"), "missing-object", self.planted)

    def is_in(self, blob, tree):
        return blob in self.git("ls-tree", "-r", tree)

    def test_a_clean_repository_that_lacks_something_is_not_clean(self):
        files, made = {}, {}
        for i in range(3):
            blob = self.store.put("blob", b"nothing of note %d\n" % i)
            folder = self.store.tree({b"g%d" % i: (b"100644", blob)})
            files.update({b"f%d" % i: (b"100644", blob), b"sub%d/g%d" % (i, i): (b"100644", blob)})
            tree = self.store.tree(files)
            tip = self.commit(tree, [made["commit", i - 1]] if i else [])
            made.update({("blob", i): blob, ("folder", i): folder, ("tree", i): tree, ("commit", i): tip})
        self.save()
        self.set_ref("refs/heads/main", tip)
        self.git("reflog", "expire", "--expire=all", "--all")
        self.git("prune", "--expire=now")
        scan = self.scan()
        self.assertEqual(scan.status, 0, repr(scan))
        for what, name in made.items():
            path = self.store.loose_path(name)
            os.rename(path, path + ".away")
            for args in ([], ["--full"]):
                with self.subTest(what=what, args=args):
                    self.incomplete(self.scan(*args), "missing-object")
            os.rename(path + ".away", path)

    def test_a_ref_to_nothing_is_told(self):
        self.set_ref("refs/heads/nothing", "12" * 20)
        self.incomplete(self.scan(), "missing-object", self.planted)

    def test_a_detached_head_at_nothing_is_told(self):
        self.write_git("HEAD", "34" * 20 + "\n")
        self.incomplete(self.scan(), "missing-object", self.planted)

    def test_a_tag_of_nothing_is_told(self):
        tag = self.store.put("tag", f"object {'56' * 20}\ntype commit\ntag v\ntagger A <a@b> 1 +0000\n\nx\n".encode())
        self.save()
        self.set_ref("refs/tags/v", tag)
        self.incomplete(self.scan(), "missing-object", self.planted)

    def test_a_reflog_entry_to_nothing_is_none(self):
        self.write_git("logs/HEAD", f"{'0' * 40} {'78' * 20} A <a@b> 1 +0000\tgone\n")
        self.complete(self.scan())
        self.complete(self.scan("--full"))

    def test_what_only_unreachable_objects_lack_is_none(self):
        """As git repack -a leaves them: loose ones stay, packed ones go."""
        tree = self.store.tree({b"file": (b"100644", self.store.put("blob", b"gone\n"))})
        self.commit(tree, [self.commits[0]])
        self.save()
        self.remove_object(tree)
        self.complete(self.scan())
        self.complete(self.scan("--full"))

    def test_a_submodule_is_no_missing_object(self):
        tree = self.store.tree({b"module": (b"160000", "9a" * 20)})
        tip = self.commit(tree, [self.commits[-1]])
        self.save()
        self.set_ref("refs/heads/main", tip)
        self.complete(self.scan())

    def test_an_alternate_that_is_not_there_is_told_when_something_is_missing(self):
        self.write_git("objects/info/alternates", "/nothing/there\n")
        self.never_a_miss(self.scan())
        self.remove_object(self.trees[0])
        self.incomplete(self.scan(), "missing-object")

    def test_alternates_in_a_circle_end(self):
        other = os.path.join(self.base, "other")
        os.makedirs(os.path.join(other, "objects", "info"))
        self.write_git("objects/info/alternates", other + "/objects\n")
        write(os.path.join(other, "objects", "info", "alternates"), (self.objects + "\n").encode())
        self.complete(self.scan())
        self.complete(self.scan("--full"))

    def test_a_range_with_a_missing_object_is_incomplete(self):
        self.remove_object(self.planted[sorted(self.planted)[0]])
        for commits in (f"{self.commits[0]}..{self.commits[-1]}", *self.commits):
            scan = self.scan("--range", commits)
            self.assertIn(scan.status, (1, 3), repr(scan))
        self.remove_object(self.trees[2])
        scan = self.scan("--range", f"{self.commits[0]}..main")
        self.assertEqual(scan.status, 3, repr(scan))


class Cut(GitTest):
    """Clones that were made without all of the history."""

    def setUp(self):
        super().setUp()
        self.make_versions(8)
        self.clone = os.path.join(self.base, "clone")

    def files(self):
        out = []
        for where, _, names in os.walk(os.path.join(self.clone, ".git")):
            out += [(os.path.join(where, n), os.stat(os.path.join(where, n)).st_mtime_ns) for n in names]
        return sorted(out)

    def test_a_shallow_clone_is_incomplete(self):
        self.git("clone", "-q", "--depth=2", f"file://{self.top}", self.clone)
        here = self.git("rev-list", "--objects", "--all", cwd=self.clone)
        expected = [k for k, b in self.planted.items() if b in here]
        for args in ([], ["--full"]):
            self.incomplete(self.scan(*args, cwd=self.clone), "shallow", expected)

    def test_a_range_inside_of_a_shallow_clone_is_judged_by_what_is_there(self):
        self.git("clone", "-q", "--depth=3", f"file://{self.top}", self.clone)
        scan = self.scan("--range", "HEAD~1..HEAD", cwd=self.clone)
        self.assertIn(scan.status, (1, 3), repr(scan))
        self.assertTrue(scan.found, repr(scan))

    def partial(self, wanted):
        """A partial clone whose remote tells, by a file, when it is asked again."""
        self.git("config", "uploadpack.allowFilter", "true")
        self.git("config", "uploadpack.allowAnySHA1InWant", "true")
        self.git("clone", "-q", "--no-checkout", f"--filter={wanted}", f"file://{self.top}", self.clone)
        asked = os.path.join(self.base, "asked")
        script = os.path.join(self.base, "upload-pack")
        write(script, f"#!/bin/sh\n: > '{asked}'\nexec git-upload-pack \"$@\"\n".encode())
        os.chmod(script, 0o755)
        self.git("config", "remote.origin.uploadpack", script, cwd=self.clone)
        return asked

    def test_a_partial_clone_is_incomplete_and_nothing_is_fetched(self):
        asked = self.partial("blob:none")
        before = self.files()
        for args in ([], ["--full"], ["-v"], ["--range", "HEAD~2..HEAD"], ["--range", "HEAD"]):
            self.incomplete(self.scan(*args, cwd=self.clone), "missing-object", why=str(args))
            self.assertFalse(os.path.exists(asked), f"something was fetched: {args}")
            self.assertEqual(self.files(), before)
        self.git("cat-file", "blob", "HEAD:src/long.py", cwd=self.clone)
        self.assertTrue(os.path.exists(asked), "the test would not see a fetch")

    def test_a_clone_without_trees_is_incomplete_and_nothing_is_fetched(self):
        asked = self.partial("tree:0")
        for args in ([], ["--full"], ["--range", "HEAD~2..HEAD"]):
            self.incomplete(self.scan(*args, cwd=self.clone), "missing-object", why=str(args))
            self.assertFalse(os.path.exists(asked), f"something was fetched: {args}")


class NoRepository(GitTest):
    """Nothing was scanned: exit status 2 and a reason."""

    def refused(self, *args, cwd=None):
        scan = self.scan(*args, cwd=cwd)
        self.assertEqual(scan.status, 2, repr(scan))
        self.assertTrue(scan.error.strip(), "no reason is given")

    def test_a_folder_that_is_none_is_refused(self):
        self.refused(self.home)
        self.refused(os.path.join(self.base, "not there"))

    def test_a_git_file_that_leads_nowhere_is_refused(self):
        for text in ("gitdir: /nothing/there\n", "gitdir: .git\n", "rubbish\n", ""):
            folder = os.path.join(self.base, "linked")
            os.makedirs(folder, exist_ok=True)
            write(os.path.join(folder, ".git"), text.encode())
            self.refused(folder)

    def test_a_range_that_is_none_is_refused(self):
        self.make_history(2)
        for words in ("nothing..main", "main..nothing", "12" * 20, "--all", "--output=/tmp/x", "", "main main"):
            self.refused("--range", words)

    def test_a_repository_of_a_format_yet_to_come_is_refused_or_incomplete(self):
        self.make_history(2)
        config = read(self.path("config"))
        for text in (b"[core]\n\trepositoryformatversion = 9\n",
                     b"[core]\n\trepositoryformatversion = 1\n[extensions]\n\tunheardOf = true\n"):
            write(self.path("config"), text)
            scan = self.scan()
            self.assertIn(scan.status, (2, 3), repr(scan))
        write(self.path("config"), config)
        self.complete(self.scan())

    def test_a_repository_with_a_reftable_is_read_through_git(self):
        folder = os.path.join(self.base, "reftable")
        made = subprocess.run(["git", "init", "-q", "--ref-format=reftable", folder], env=self.env, capture_output=True,
                              check=False)
        if made.returncode:
            self.skipTest("this git cannot make one")
        key = self.keys.fresh()
        self.git("commit", "-q", "--allow-empty", "-m", f"see {key.text}", cwd=folder)
        self.complete(self.scan(cwd=folder), [key.secret_id])

    def test_an_empty_repository_is_clean(self):
        scan = self.scan()
        self.assertEqual((scan.status, scan.found), (0, set()), repr(scan))

    def test_a_repository_of_somebody_else_is_refused_as_git_does(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give a folder away")
        self.make_history(2)
        for where, folders, names in os.walk(self.top):
            for name in [where] + [os.path.join(where, n) for n in folders + names]:
                os.lchown(name, 12345, 12345)
        self.assertNotEqual(subprocess.run(["git", "log"], cwd=self.top, env=self.env, capture_output=True,
                                           check=False).returncode, 0)
        self.refused()
        self.git("config", "--global", "safe.directory", self.top, cwd=self.base)
        self.complete(self.scan())


if __name__ == "__main__":
    unittest.main()
