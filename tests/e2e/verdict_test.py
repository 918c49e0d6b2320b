# SPDX-License-Identifier: Apache-2.0
"""Verdicts that must not change: by who sends a change, by a cache, by a second path, by a mistake on the command line."""
import os
import subprocess

from support import SKANT, SkantTest, make_key

KEY = make_key(71)
CLEAN, FOUND, USAGE, INCOMPLETE = 0, 1, 2, 3


class Verdict(SkantTest):
    def setUp(self):
        super().setUp()
        self.git("init", "-q", "-b", "main")

    def commit(self, message="commit"):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def text_of(self, *args):
        done = subprocess.run(["git", *args], cwd=self.dir, check=True, capture_output=True, env=self.env())
        return done.stdout.decode().strip()

    def test_a_blob_at_an_allowed_and_another_path_is_found(self):
        self.write(".skant.yaml", "version: 1\nallow:\n  - {paths: ['a/**'], reason: made up}\n")
        for names in (("a/k", "b/k"), ("z/k", "a/k")):
            for name in names:
                self.write(name, f"k = '{KEY}'\n")
        self.commit()
        result = self.skant("git", "-f", "jsonl")
        self.assertEqual((result.status, len(result.findings)), (FOUND, 1))
        self.assertNotEqual(result.findings[0]["path"], "a/k")

    def test_a_blob_at_a_thousand_allowed_paths_and_another_is_found(self):
        self.write(".skant.yaml", "version: 1\nallow:\n  - {paths: ['a/**'], reason: made up}\n")
        for n in range(1200):
            self.write(f"a/{n}/k", f"k = '{KEY}'\n")
        self.write("z/k", f"k = '{KEY}'\n")
        self.commit()
        result = self.skant("git", "-f", "jsonl")
        self.assertEqual((result.status, len(result.findings)), (FOUND, 1))
        self.assertEqual(len(result.findings[0]["also_at"]), 1000)

    def test_a_cache_does_not_forget_that_something_is_missing(self):
        self.write("a", "first\n")
        self.write("b", "second\n")
        self.commit()
        blob = self.text_of("rev-parse", "HEAD:b")
        cache = os.path.join(self.home, "cache")
        for pack in (False, True):
            if pack:
                self.write("b", "second\n")
                self.git("hash-object", "-w", "b")
                self.git("repack", "-adq")
                self.git("unpack-file", blob)
            else:
                os.unlink(self.path(".git/objects", blob[:2], blob[2:]))
                for _ in range(3):
                    self.assertEqual(self.skant("git", "--cache", cache).status, INCOMPLETE)
        for _ in range(2):
            self.assertEqual(self.skant("git", "--cache", cache).status, CLEAN)
        self.assertIn("known from before", self.skant("git", "--cache", cache).err)

    def test_a_cache_gives_the_same_report_again(self):
        for n in range(3):
            self.write("k", f"k = '{make_key(80 + n)}'\n")
            self.commit()
        self.git("repack", "-adq")
        self.git("reset", "-q", "--hard", "HEAD~1")
        cache = os.path.join(self.home, "cache")
        for args in ([], ["--full"]):
            reports = [self.skant("git", "-f", "jsonl", *args, "--cache", cache).findings for _ in range(3)]
            self.assertEqual(reports[0], reports[1])
            self.assertEqual(reports[0], reports[2])
            self.assertTrue(all("commit" in f for f in reports[0]))

    def test_a_cache_inside_the_repository_or_of_others_is_not_used(self):
        self.write("a", "first\n")
        self.commit()
        self.assertIn("is not used", self.skant("git", "--cache", "cache").err)
        self.assertFalse(os.path.exists(self.path("cache")))
        cache = os.path.join(self.home, "cache")
        self.skant("git", "--cache", cache)
        os.chmod(cache, 0o666)
        self.assertIn("is not used", self.skant("git", "--cache", cache).err)
        os.chmod(cache, 0o600)
        with open(cache, "a", encoding="ascii") as f:
            f.write("rubbish\n")
        self.assertIn("is not used: it is damaged", self.skant("git", "--cache", cache).err)
        self.assertNotIn("is not used", self.skant("git", "--cache", cache).err)

    def test_a_report_for_people_names_what_they_know(self):
        self.write("a", "first\n")
        self.commit()
        self.write("k", f"k = '{KEY}'\n")
        self.git("add", "-A")
        self.assertNotIn("blob ", self.skant("staged").text)
        self.commit()
        self.assertIn("in 2 objects", self.skant("git", "--range", "HEAD").err)

    def test_a_repository_above_a_ceiling_is_not_found(self):
        self.write("a/b/c", "first\n")
        self.commit()
        real = os.path.realpath(self.dir)
        link = os.path.join(self.home, "link")
        os.symlink(real, link)
        for ceilings in (real, "/x:" + real, real + "/", real + "/a", link, link + ":", "::" + real, "/", "", ":" + link,
                         os.path.dirname(real), "relative", real + "/a/b", real + "/a/b:" + real):
            env = self.env(GIT_CEILING_DIRECTORIES=ceilings)
            for folder in ("a/b", "a", "."):
                cwd = os.path.join(real, folder)
                git = subprocess.run(["git", "rev-parse", "HEAD"], cwd=cwd, env=env, capture_output=True, check=False)
                ours = subprocess.run([SKANT, "git"], cwd=cwd, env=env, capture_output=True, check=False)
                self.assertEqual(git.returncode == 0, ours.returncode == CLEAN, (ceilings, folder, ours.stderr))

    def test_replace_refs_hide_no_commit(self):
        self.write("a", "first\n")
        self.commit("base")
        self.write("k", f"k = '{KEY}'\n")
        self.commit("key")
        self.write("b", "last\n")
        self.commit("tip")
        self.git("replace", "--graft", "HEAD", "HEAD~2")
        base = self.text_of("--no-replace-objects", "rev-parse", "HEAD~2")
        self.assertEqual(self.skant("git", "--range", f"{base}..HEAD").status, FOUND)

    def test_both_sides_of_three_dots_are_judged_by_where_they_parted(self):
        self.write("a", "first\n")
        self.commit("base")
        self.git("checkout", "-q", "-b", "feature")
        self.write(".skant.yaml", "version: 1\nallow:\n  - {paths: ['**'], reason: mine}\n")
        self.write("k", f"k = '{KEY}'\n")
        self.commit("key")
        self.git("checkout", "-q", "main")
        self.write("b", "other\n")
        self.commit("other")
        for dots in ("feature...main", "main...feature", "main..feature"):
            self.assertEqual(self.skant("git", "--range", dots).status, FOUND, dots)
        for opts in ("--no-merges main..feature", "-1 feature"):
            self.assertEqual(self.skant("git", f"--log-opts={opts}").status, FOUND, opts)

    def test_first_parent_counts_what_a_merge_brings_in(self):
        self.write("a", "first\n")
        self.commit("base")
        self.git("checkout", "-q", "-b", "side")
        self.write("k", f"k = '{KEY}'\n")
        self.commit("key")
        self.git("checkout", "-q", "main")
        self.write("b", "other\n")
        self.commit("other")
        self.git("merge", "-q", "--no-edit", "side")
        self.assertEqual(self.skant("git", "--log-opts=--first-parent main~1..main").status, FOUND)

    def test_a_broken_configuration_at_the_base_does_not_keep_out_its_mending(self):
        self.write(".skant.yaml", "version: 1\nallow: nonsense\n")
        self.commit("broken")
        self.write(".skant.yaml", "version: 1\n")
        self.commit("mended")
        result = self.skant("git", "--range", "HEAD~1..HEAD")
        self.assertEqual(result.status, CLEAN)
        self.assertIn("does not count: .skant.yaml:2", result.err)

    def test_a_pack_that_is_cut_short_while_it_is_open_is_not_clean(self):
        for n in range(9):
            self.write(f"f{n}", os.urandom(20000))
        self.commit()
        self.git("repack", "-adq")
        head = self.text_of("rev-parse", "HEAD")
        folder = self.path(".git/objects/pack")
        for ending in (".pack", ".idx"):
            path = os.path.join(folder, next(name for name in os.listdir(folder) if name.endswith(ending)))
            os.chmod(path, 0o600)
            with open(path, "rb") as f:
                whole = f.read()
            process = subprocess.Popen([SKANT, "receive"], cwd=self.dir, env=self.env(), stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            while path not in self.maps_of(process):
                self.assertIsNone(process.poll())
            os.truncate(path, 0)
            said = process.communicate(f"{'0' * 40} {head} refs/heads/x\n".encode(), timeout=60)[1].decode()
            with open(path, "wb") as f:
                f.write(whole)
            self.assertEqual(process.returncode, INCOMPLETE, said)
            self.assertIn("cut short", said)

    def test_a_blob_that_a_large_pack_lacks_is_missing_with_connectivity(self):
        blobs = "".join(f"blob\ndata {len(str(n))}\n{n}\n" for n in range(100_001))
        commit = "commit refs/heads/main\ncommitter t <t@example.com> 1 +0000\ndata 1\nc\nM 644 inline k\ndata 4\ngone\n"
        self.piped("fast-import", "--quiet", text=blobs + commit)
        gone = self.text_of("rev-parse", "main:k")
        ids = self.text_of("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").splitlines()
        self.piped("pack-objects", "-q", "--window=0", "pack", text="".join(f"{i}\n" for i in ids if i != gone))
        for name in os.listdir(self.path(".git/objects/pack")):
            os.unlink(self.path(".git/objects/pack", name))
        for name in os.listdir(self.dir):
            if name.startswith("pack-"):
                os.rename(self.path(name), self.path(".git/objects/pack", name))
        for alternate in (False, True):
            if alternate:
                self.write(".git/objects/info/alternates", "/nonexistent\n")
                self.assertEqual(self.skant("git").status, INCOMPLETE)
            result = self.skant("git", "--connectivity")
            self.assertEqual(result.status, INCOMPLETE)
            self.assertIn(f"'{gone}' was not read: missing-object", result.err)

    def piped(self, *args, text):
        subprocess.run(["git", *args], cwd=self.dir, env=self.env(), check=True, input=text.encode(), capture_output=True)

    @staticmethod
    def maps_of(process):
        with open(f"/proc/{process.pid}/maps", encoding="utf-8") as f:
            return f.read()

    def test_a_broken_ref_is_not_clean(self):
        self.write("a", "first\n")
        self.commit()
        self.write(".git/refs/heads/feature", "")
        self.assertEqual(self.skant("git").status, INCOMPLETE)

    def test_a_quarantine_that_cannot_be_opened_is_refused(self):
        self.write("a", "first\n")
        self.commit()
        head = self.text_of("rev-parse", "HEAD")
        result = self.skant("receive", stdin=f"{'0' * 40} {head} refs/heads/x\n".encode(),
                            env=self.env(GIT_QUARANTINE_PATH="/nonexistent"))
        self.assertIn(result.status, (USAGE, INCOMPLETE))
        self.assertIn("quarantine", result.err)

    def test_what_would_be_ignored_on_the_command_line_is_refused(self):
        self.write("a", "first\n")
        self.commit()
        for args in (["git", "--range", "HEAD", "--range", "HEAD"], ["git", "--trust", "change"],
                     ["git", "--whole-files"], ["hook", "install", "--type", "pre-comit"],
                     ["hook", "uninstall", "--type", ""]):
            self.assertEqual(self.skant(*args).status, USAGE, args)
        self.assertFalse(os.path.exists(self.path(".claude")))
        self.assertEqual(self.skant("explain", "--report", "-").status, USAGE)

    def test_a_hook_with_nothing_to_say_says_nothing(self):
        self.write("a", "first\n")
        self.git("add", "-A")
        result = self.skant("staged", env=self.env(SKANT_HOOK="pre-commit"))
        self.assertEqual((result.status, result.out, result.err), (CLEAN, b"", ""))
