# SPDX-License-Identifier: Apache-2.0
"""A server that has objects which no ref leads to yet: they are new with the push that brings the ref."""
import os
import subprocess

from support import SKANT, SkantTest, make_key

KEY = make_key(81)
HOOK = "#!/bin/sh\n'{}' receive\n"


class Receive(SkantTest):
    def setUp(self):
        super().setUp()
        self.bare = os.path.join(self.home, "bare.git")
        self.git("init", "-q", "-b", "main")
        self.git("init", "-q", "--bare", "-b", "main", self.bare)
        self.commit("a", "first\n")
        self.push("main")

    def commit(self, name, text):
        self.write(name, text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", name)

    def push(self, *args):
        """Status and what was said."""
        done = subprocess.run(["git", "push", self.bare, *args], cwd=self.dir, env=self.env(), capture_output=True,
                              check=False, timeout=120)
        return done.returncode, done.stderr.decode()

    def leave(self, *args):
        """Pushes while no hook looks, takes the refs away, and lets the hook look from now on."""
        self.assertEqual(self.push(*args)[0], 0)
        self.assertEqual(self.push(*(f":{ref.split(':')[-1]}" for ref in args))[0], 0)
        hook = os.path.join(self.bare, "hooks/pre-receive")
        os.makedirs(os.path.dirname(hook), exist_ok=True)
        with open(hook, "w", encoding="utf-8") as f:
            f.write(HOOK.format(SKANT))
        os.chmod(hook, 0o755)

    def assert_refused(self, place, *args):
        status, said = self.push(*args)
        self.assertEqual(status, 1, said)
        self.assertIn(place, said)
        self.assertNotIn(KEY[13:], said)

    def assert_passes(self, *args):
        status, said = self.push(*args)
        self.assertEqual(status, 0, said)

    def test_a_branch_that_went_is_looked_at_when_it_comes_back(self):
        self.git("checkout", "-q", "-b", "side")
        self.commit("k.py", f"k = '{KEY}'\n")
        self.commit("b", "more\n")
        self.leave("side")
        self.assert_refused("k.py:1:6", "side")
        self.assert_passes("main:other")

    def test_new_commits_on_one_that_no_ref_leads_to(self):
        self.git("checkout", "-q", "-b", "side")
        self.commit("k.py", f"k = '{KEY}'\n")
        self.leave("side")
        self.git("rm", "-q", "k.py")
        self.commit("b", "more\n")
        self.assert_refused("k.py:1:6", "side")

    def test_a_blob_that_no_ref_leads_to_in_a_new_commit(self):
        self.git("checkout", "-q", "-b", "side")
        self.commit("k.py", f"k = '{KEY}'\n")
        self.leave("side")
        self.git("checkout", "-q", "main")
        self.commit("deep/er/x.py", f"k = '{KEY}'\n")
        self.assert_refused("deep/er/x.py:1:6", "main")

    def test_a_folder_that_no_ref_leads_to_in_a_new_commit(self):
        self.git("checkout", "-q", "-b", "side")
        self.commit("deep/k.py", f"k = '{KEY}'\n")
        self.leave("side")
        self.git("checkout", "-q", "main")
        self.commit("other/k.py", f"k = '{KEY}'\n")
        self.assert_refused("other/k.py:1:6", "main")

    def test_a_tag_that_went(self):
        self.git("tag", "-a", "-m", KEY, "v1")
        self.leave("refs/tags/v1")
        self.assert_refused("TAG_EDITMSG:6:1", "refs/tags/v1")

    def test_a_ref_to_what_another_ref_leads_to_brings_nothing(self):
        self.commit("k.py", f"k = '{KEY}'\n")
        self.git("tag", "-a", "-m", KEY, "v1")
        self.push("main", "v1")
        self.commit("b", "more\n")
        self.push("main")
        self.leave("main:side")
        self.assert_passes("main~1:refs/heads/older", "refs/tags/v1:refs/tags/v2")
        self.git("mv", "k.py", "moved.py")
        self.commit("c", "more\n")
        self.assert_passes("main")

    def test_what_comes_back_out_of_history_counts(self):
        self.commit("k.py", f"k = '{KEY}'\n")
        self.git("rm", "-q", "k.py")
        self.commit("b", "more\n")
        self.push("main")
        self.leave("main:side")
        self.git("revert", "-n", "HEAD")
        self.commit("c", "more\n")
        self.assert_refused("k.py:1:6", "main")
