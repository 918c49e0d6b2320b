# SPDX-License-Identifier: Apache-2.0
"""The hooks at work: real commits, merges, rebases and pushes, and the pre-commit framework from a plain clone."""
import glob
import io
import os
import shutil
import subprocess
import unittest
import zipfile

from hook_test import SOURCE, HookTest, read
from support import make_key, once


def git_says(done):
    return (done.stdout + done.stderr).decode("utf-8", "replace")


class Hooks(HookTest):
    """A repository with skant's hooks for commits."""

    def setUp(self):
        super().setUp()
        self.install("pre-commit")
        self.install("pre-merge-commit")

    def head(self):
        return self.run_git("rev-parse", "HEAD").stdout.decode().strip()

    def assert_stopped(self, place, key, *args, **kw):
        """In five lines: what, where, how to mend it, what a real key needs, how to allow it."""
        before = self.head()
        done = self.run_git(*args, **kw)
        said = done.stderr.decode()
        self.assertEqual(done.returncode, 1, git_says(done))
        self.assertEqual(self.head(), before)
        self.assertNotIn(key[13:], said)
        told = [line for line in said.splitlines() if not line.startswith("skant: 1 finding")]
        first = next((i for i, line in enumerate(told) if line.startswith(place)), None)
        self.assertIsNotNone(first, said)
        for line, part in zip(told[first:], (f"{place}: critical: Claude API key", "stopped", "fix: ", "skant explain",
                                             "skant:allow REASON"), strict=False):
            self.assertIn(part, line)
        self.assertIn(len(told) - first, (5, 6), told)  # git has a line of its own to add to a merge
        return said

    def assert_passes(self, *args, **kw):
        before = self.head()
        done = self.run_git(*args, **kw)
        self.assertEqual(done.returncode, 0, git_says(done))
        return before != self.head()


class Commits(Hooks):
    def test_who_is_stopped_reads_five_lines(self):
        self.write("src/a.py", f"\nk = '{make_key(1)}'\n")
        self.git("add", ".")
        done = self.run_git("commit", "-q", "-m", "a")
        told = done.stderr.decode().splitlines()
        self.assertEqual((done.returncode, done.stdout, len(told)), (1, b"", 6), told)
        self.assertTrue(told[-1].startswith("skant: 1 finding") or told[0].startswith("skant: 1 finding"), told)
        what = [line for line in told if not line.startswith("skant: 1 finding")]
        self.assertTrue(what[0].startswith("src/a.py:2:6: critical: Claude API key sk-ant-api03-"))
        self.assertTrue(what[1].startswith("skant: this commit was stopped"))
        self.assertEqual([line[:10].strip() for line in what[2:]], ["fix:", "real:", "no key:"])

    def test_a_commit_of_what_is_staged(self):
        key = make_key(2)
        self.write("a.py", f"k = '{key}'\n")
        self.git("add", "a.py")
        self.assert_stopped("a.py:1:6", key, "commit", "-m", "a")
        self.write("a.py", "k = env\n")
        self.assert_stopped("a.py:1:6", key, "commit", "-m", "a")
        self.git("add", "a.py")
        self.assertTrue(self.assert_passes("commit", "-m", "a"))

    def test_a_commit_of_all(self):
        key = make_key(3)
        self.write("README", f"text\n{key}\n")
        self.assert_stopped("README:2:1", key, "commit", "-a", "-m", "a")
        self.assert_stopped("README:2:1", key, "commit", "-m", "a", "README")
        self.write("README", "text\nmore\n")
        self.assertTrue(self.assert_passes("commit", "-am", "a"))

    def test_a_commit_of_parts(self):
        key = make_key(4)
        self.commit("a.py", "".join(f"{i}\n" for i in range(30)))
        self.write("a.py", f"first\n{''.join(f'{i}' + chr(10) for i in range(30))}{key}\n")
        self.assertTrue(self.assert_passes("commit", "-p", "-m", "a", stdin=b"y\nn\n"))
        self.assert_stopped("a.py:32:1", key, "commit", "-p", "-m", "a", stdin=b"y\n")

    def test_a_commit_of_one_file_leaves_what_else_is_staged(self):
        key = make_key(5)
        self.write("a.py", key)
        self.git("add", "a.py")
        self.write("README", "text\nmore\n")
        self.assertTrue(self.assert_passes("commit", "-m", "a", "README"))
        self.assert_stopped("a.py:1:1", key, "commit", "-m", "a")

    def test_an_amended_commit(self):
        key = make_key(6)
        self.write("a.py", key)
        self.git("add", "a.py")
        self.assert_stopped("a.py:1:1", key, "commit", "--amend", "--no-edit")
        self.git("reset", "-q", "--hard")
        self.assertTrue(self.assert_passes("commit", "--amend", "-m", "b"))

    def test_the_first_commit(self):
        key = make_key(7)
        self.git("checkout", "-q", "--orphan", "other")
        self.write("README", key)
        self.git("add", "README")
        done = self.run_git("commit", "-m", "a")
        self.assertEqual(done.returncode, 1)
        self.assertIn("README:1:1", git_says(done))

    def test_a_key_that_is_there_already_does_not_stop(self):
        key = make_key(8)
        self.commit("a.py", f"{key}\n")
        self.write("a.py", f"# more\n{key}\n")
        self.assertTrue(self.assert_passes("commit", "-am", "a"))
        self.write("a.py", "# gone\n")
        self.assertTrue(self.assert_passes("commit", "-am", "a"))

    def test_it_is_allowed_as_the_message_says(self):
        self.write("a.py", f"k = '{make_key(9)}'  # skant:allow made up for a test\n")
        self.git("add", ".")
        self.assertTrue(self.assert_passes("commit", "-m", "a"))
        self.write(".skant.yaml", "version: 1\nallow:\n  - {paths: ['b/**'], reason: made up}\n")
        self.write("b/c.py", f"k = '{make_key(10)}'\n")
        self.git("add", ".")
        self.assertTrue(self.assert_passes("commit", "-m", "a"))

    def test_a_commit_in_a_linked_work_tree(self):
        key = make_key(11)
        tree = os.path.join(self.base, "linked")
        self.git("worktree", "add", "-q", tree)
        with open(os.path.join(tree, "a.py"), "w", encoding="utf-8") as f:
            f.write(key)
        self.run_git("add", "a.py", cwd=tree)
        self.assert_stopped("a.py:1:1", key, "commit", "-m", "a", cwd=tree)

    def test_a_broken_configuration_stops(self):
        self.write(".skant.yaml", "nonsense: 1\n")
        self.git("add", ".")
        done = self.run_git("commit", "-m", "a")
        self.assertEqual(done.returncode, 1)
        self.assertIn(".skant.yaml:1:1", git_says(done))


class Merges(Hooks):
    def setUp(self):
        super().setUp()
        self.commit("a.m", "one\n")
        self.git("checkout", "-q", "-b", "side")
        self.commit("a.m", "side\n")
        self.git("checkout", "-q", "main")
        self.commit("a.m", "main\n")

    def test_a_key_in_a_resolved_conflict_stops_the_merge(self):
        key = make_key(20)
        self.assertEqual(self.run_git("merge", "side").returncode, 1)
        self.write("a.m", f"both\n{key}\n")
        self.git("add", "a.m")
        self.assert_stopped("a.m:2:1", key, "commit", "--no-edit")
        self.assert_stopped("a.m:2:1", key, "merge", "--continue", GIT_EDITOR="true")
        self.write("a.m", "both\n")
        self.git("add", "a.m")
        self.assertTrue(self.assert_passes("commit", "--no-edit"))

    def test_a_key_that_the_merge_itself_makes_stops_it(self):
        key = make_key(21)
        self.write(".git/info/attributes", "*.m merge=evil\n")
        driver = self.script(os.path.join(self.base, "driver"), f"#!/bin/sh\necho '{key}' >\"$1\"\n")
        self.git("config", "merge.evil.driver", f"{driver} %A")
        self.assertIn("this merge was stopped", self.assert_stopped("a.m:1:1", key, "merge", "side", "-m", "m"))
        self.script(driver, "#!/bin/sh\necho fine >\"$1\"\n")
        self.git("merge", "--abort")
        self.assertTrue(self.assert_passes("merge", "side", "-m", "m"))


class Pushes(Hooks):
    def setUp(self):
        super().setUp()
        self.install("pre-push")
        self.bare = os.path.join(self.base, "bare.git")
        self.git("init", "-q", "--bare", "-b", "main", self.bare)
        self.git("remote", "add", "origin", self.bare)
        self.assertTrue(self.push("main").returncode == 0)

    def push(self, *args):
        return self.run_git("push", "origin", *args)

    def remote(self, ref):
        done = self.run_git("rev-parse", "--verify", "--quiet", ref, cwd=self.bare)
        return done.stdout.decode().strip()

    def assert_push_stopped(self, place, key, *refs):
        before = self.run_git("for-each-ref", cwd=self.bare).stdout
        done = self.push(*refs)
        said = git_says(done)
        self.assertEqual(done.returncode, 1, said)
        self.assertEqual(self.run_git("for-each-ref", cwd=self.bare).stdout, before)
        self.assertNotIn(key[13:], said)
        self.assertIn(place, said)
        return said

    def test_a_rebase_runs_no_hook_but_its_push_does(self):
        key = make_key(30)
        self.git("checkout", "-q", "-b", "side")
        self.commit("a.py", key)
        self.git("checkout", "-q", "main")
        self.commit("b", "1")
        self.git("checkout", "-q", "side")
        self.assertTrue(self.assert_passes("rebase", "-q", "main"))
        said = self.assert_push_stopped("a.py:1:1", key, "side")
        self.assertIn("this push was stopped", said)
        self.assertIn(f"in commit {self.head()[:12]} by Ann", said)
        self.write("a.py", "env")
        self.git("commit", "-qam", "later")
        self.assert_push_stopped("a.py:1:1", key, "side")
        self.git("reset", "-q", "--soft", "main")
        self.git("commit", "-qm", "anew")
        self.assertEqual(self.push("side").returncode, 0)
        self.assertEqual(self.remote("side"), self.head())

    def test_a_cherry_pick_runs_no_hook_but_its_push_does(self):
        key = make_key(31)
        self.git("checkout", "-q", "-b", "side")
        self.commit("a.py", key)
        self.git("checkout", "-q", "main")
        self.assertTrue(self.assert_passes("cherry-pick", "side"))
        self.assert_push_stopped("a.py:1:1", key, "main")
        self.git("reset", "-q", "--hard", "HEAD^")
        self.commit("b", "1")
        self.assertEqual(self.push("main").returncode, 0)

    def test_a_commit_without_verification_is_stopped_when_it_is_pushed(self):
        key = make_key(32)
        self.write("a.py", key)
        self.git("add", "a.py")
        self.assertTrue(self.assert_passes("commit", "--no-verify", "-m", "a"))
        self.assert_push_stopped("a.py:1:1", key, "main")

    def test_each_branch_of_a_push_counts(self):
        key = make_key(33)
        self.commit("b", "1")
        self.git("checkout", "-q", "-b", "side")
        self.commit("a.py", key)
        self.assert_push_stopped("a.py:1:1", key, "main", "side")
        self.assertEqual(self.push("main").returncode, 0)

    def test_an_allowed_line_passes_and_so_does_taking_a_branch_away(self):
        self.git("checkout", "-q", "-b", "side")
        self.commit("a.py", f"{make_key(34)} # skant:allow made up\n")
        self.assertEqual(self.push("side").returncode, 0)
        self.assertEqual(self.push("--delete", "side").returncode, 0)
        self.assertEqual(self.push("main").returncode, 0)

    def test_the_server_refuses_what_the_client_let_through(self):
        key = make_key(35)
        self.install("pre-receive", self.bare)
        self.commit("a.py", f"{key} # skant:allow made up\n")
        self.uninstall("pre-push")
        said = self.assert_push_stopped("a.py:1:1", key, "main")
        self.assertIn("this push was refused", said)
        self.assertIn("its marker was brought along and does not count", said)
        self.git("reset", "-q", "--hard", "HEAD^")
        self.commit("b", "1")
        self.assertEqual(self.push("main").returncode, 0)


@unittest.skipUnless(shutil.which("pre-commit"), "pre-commit is not installed")
class Framework(HookTest):
    """The pre-commit framework, with a clone of this tree as its repository."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.framework = subprocess.run(["mktemp", "-d"], check=True, capture_output=True, text=True).stdout.strip()
        cls.addClassCleanup(shutil.rmtree, cls.framework, True)
        cls.clone = os.path.join(cls.framework, "skant")
        shutil.copytree(SOURCE, cls.clone, symlinks=True,
                        ignore=lambda folder, _: {".git", "build"} if folder == SOURCE else {"__pycache__"})
        for args in (["init", "-q"], ["add", "-A"], ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit",
                                                     "-q", "--no-verify", "-m", "a"]):
            subprocess.run(["git", *args], cwd=cls.clone, check=True, env={**os.environ, "HOME": cls.framework})
        done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=cls.clone, check=True, capture_output=True, text=True)
        cls.rev = done.stdout.strip()

    def env(self, **more):
        return super().env(PRE_COMMIT_HOME=os.path.join(self.framework, "cache"), **more)

    def setUp(self):
        super().setUp()
        self.write(".pre-commit-config.yaml", f"repos:\n  - repo: {self.clone}\n    rev: {self.rev}\n"
                   "    hooks:\n      - id: skant\n      - id: skant-push\n")
        self.git("add", ".pre-commit-config.yaml")
        self.git("commit", "-q", "-m", "config")

    def pre_commit(self, *args, **env):
        done = subprocess.run(["pre-commit", *args], cwd=self.dir, env=self.env(**env), stdin=subprocess.DEVNULL,
                              capture_output=True, check=False, timeout=600)
        return done.returncode, git_says(done)

    def install_framework(self):
        status, said = self.pre_commit("install", "-t", "pre-commit", "-t", "pre-merge-commit", "-t", "pre-push")
        self.assertEqual(status, 0, said)

    @once
    def test_a_plain_clone_builds_once_and_its_neighbours_wait(self):
        self.bin = "/nonexistent"
        key = make_key(40)
        status, said = self.pre_commit("install-hooks")
        self.assertEqual(status, 0, said)
        run = glob.glob(os.path.join(self.framework, "cache/repo*/packaging/pre-commit/run"))[0]
        path = "/usr/bin:/bin"
        quick = "-O0 -U_FORTIFY_SOURCE"  # compiled in a third of the time: it is run twice
        both = [subprocess.Popen([run, "path"], env=self.env(PATH=path, CFLAGS=quick), stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE) for _ in range(2)]
        said = [process.communicate(timeout=600) for process in both]
        self.assertEqual([process.returncode for process in both], [0, 0], said)
        self.assertEqual(said[0][0], said[1][0])
        self.assertEqual(sum(err.count(b"building") for _, err in said), 1)
        self.assertTrue(os.access(said[0][0].decode().strip(), os.X_OK))
        self.commit("a.bin", f"\0{key}")
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as f:
            f.writestr("in.py", make_key(43))
        self.commit("b.zip", archive.getvalue())
        status, said = self.pre_commit("run", "--all-files", PATH=path)
        self.assertEqual(status, 1, said)
        self.assertIn("b.zip!in.py:1:1", said)
        self.assertIn("a.bin:1:2", said)
        self.assertNotIn(key[13:], said)

    def test_all_files_are_scanned_also_unchanged_ones(self):
        self.commit("src/a.bin", b"\0\n" + make_key(41).encode())
        status, said = self.pre_commit("run", "--all-files")
        self.assertEqual(status, 1, said)
        self.assertIn("src/a.bin:2:1", said)
        self.git("rm", "-q", "--cached", "src/a.bin")
        self.assertEqual(self.pre_commit("run", "--all-files")[0], 0)

    def test_options_pass_through(self):
        self.write("a.py", make_key(42))
        self.git("add", "a.py")
        config = read(self.path(".pre-commit-config.yaml"))
        self.write(".pre-commit-config.yaml", config.replace("id: skant\n", "id: skant\n        args: [--exit-code, '77']\n"))
        self.git("add", ".pre-commit-config.yaml")
        status, said = self.pre_commit("run")
        self.assertEqual(status, 1)
        self.assertIn("exit code: 77", said)

    def test_commits_and_pushes_are_stopped(self):
        key = make_key(43)
        self.install_framework()
        self.write("a.py", f"k = '{key}'\n")
        self.git("add", "a.py")
        done = self.run_git("commit", "-m", "a")
        self.assertEqual(done.returncode, 1)
        self.assertIn("a.py:1:6", git_says(done))
        self.assertNotIn(key[13:], git_says(done))
        self.git("commit", "-q", "--no-verify", "-m", "a")
        bare = os.path.join(self.base, "bare.git")
        self.git("init", "-q", "--bare", bare)
        done = self.run_git("push", bare, "main")
        self.assertEqual(done.returncode, 1, git_says(done))
        self.assertIn("a.py:1:6", git_says(done))
        self.git("reset", "-q", "--hard", "HEAD^")
        self.assertEqual(self.run_git("push", bare, "main").returncode, 0)
        self.commit("b", make_key(44))
        self.git("remote", "add", "origin", bare)
        done = self.run_git("push", "origin", "main")
        self.assertEqual(done.returncode, 1, git_says(done))
        self.assertIn("b:1:1", git_says(done))

    def test_the_hooks_of_both_run_when_skant_is_installed_over_the_framework(self):
        self.install_framework()
        before = self.state(self.path(".git/hooks"))
        self.install("pre-commit")
        self.write("a.py", make_key(45))
        self.git("add", "a.py")
        self.assertEqual(self.run_git("commit", "-m", "a").returncode, 1)
        self.git("reset", "-q", "--hard")
        self.assertEqual(self.run_git("commit", "--allow-empty", "-m", "a").returncode, 0)
        self.uninstall("pre-commit")
        self.assertEqual(self.state(self.path(".git/hooks")), before)


class Entry(HookTest):
    """The script behind the framework's hooks, without the framework."""

    RUN = os.path.join(SOURCE, "packaging/pre-commit/run")

    def tools(self, *names):
        """A PATH that has nothing but the tools of these names."""
        folder = os.path.join(self.base, "tools")
        os.mkdir(folder)
        for name in names:
            os.symlink(shutil.which(name), os.path.join(folder, name))
        return folder

    def entry(self, *args, **env):
        return subprocess.run([self.RUN, *args], cwd=self.dir, env=self.env(**env), capture_output=True, check=False,
                              timeout=120)

    def test_an_installed_skant_is_used_when_it_is_new_enough(self):
        for version, is_used in (("99.0.0", True), ("0.0.1", False), ("nonsense", False)):
            self.script(self.program, f'#!/bin/sh\n[ "$1" = --version ] && echo "skant {version}"\n')
            path = self.bin + ":" + self.env()["PATH"] if is_used else \
                self.bin + ":" + os.path.join(self.base, "tools")
            if not is_used and not os.path.exists(os.path.join(self.base, "tools")):
                self.tools("sh", "dirname", "sed", "sort", "head")
            done = self.entry("path", PATH=path)
            if is_used:
                self.assertEqual(done.stdout.decode(), self.program + "\n")
            else:
                self.assertNotIn(self.program.encode(), done.stdout)

    def test_what_is_missing_to_build_with_is_named(self):
        folder = os.path.join(self.base, "clone")
        for name in ("packaging/pre-commit/run", "common/base/version.h", "Makefile"):
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            shutil.copy(os.path.join(SOURCE, name), os.path.join(folder, name))
        tools = self.tools("sh", "dirname", "sed", "sort", "head", "mkdir", "flock", "git")
        done = subprocess.run([os.path.join(folder, "packaging/pre-commit/run"), "staged"], cwd=self.dir,
                              env=self.env(PATH=tools), capture_output=True, check=False, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"missing: make pkg-config cc", done.stderr)
        self.assertIn(b"tests/support/setup.sh build", done.stderr)

    def test_a_push_is_handed_on_as_git_would(self):
        head = self.run_git("rev-parse", "HEAD").stdout.decode().strip()
        self.commit("b", "1")
        tip = self.run_git("rev-parse", "HEAD").stdout.decode().strip()
        self.script(self.program, '#!/bin/sh\n[ "$1" != --version ] || { echo "skant 99.0.0"; exit; }\n'
                    f'echo "$*" >>"{self.log}"\ncat >>"{self.log}"\n')
        for env, line in (({}, f"HEAD {tip} HEAD {'0' * 40}"),
                          ({"PRE_COMMIT_FROM_REF": "HEAD^", "PRE_COMMIT_TO_REF": "HEAD",
                            "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/main", "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/x"},
                           f"refs/heads/main {tip} refs/heads/x {head}")):
            done = self.entry("push", "--fail-on", "low", **env)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.logged(), ["git --range - --trust change --fail-on low", line])
        self.assertEqual(self.entry("push", PRE_COMMIT_FROM_REF="nothing", PRE_COMMIT_TO_REF="HEAD").returncode, 2)


if __name__ == "__main__":
    unittest.main()
