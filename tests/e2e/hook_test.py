# SPDX-License-Identifier: Apache-2.0
"""skant hook: what is written, what is kept, and what git makes of it; the pre-commit framework from a plain clone."""
import json
import os
import shutil
import stat
import subprocess
import unittest

from support import SKANT, SkantTest, make_key

CLEAN, NOT_INSTALLED, USAGE = 0, 1, 2
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TYPES = ("pre-commit", "pre-merge-commit", "pre-push", "pre-receive")
FAKE = '#!/bin/sh\necho "skant $SKANT_HOOK $*" >>"%s"\ncat >>"%s"\nexit %d\n'


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


class HookTest(SkantTest):
    """A repository with a first commit; skant is a copy that a test may take away."""

    def setUp(self):
        super().setUp()
        self.base = self.dir
        self.bin = self.path("bin")
        self.log = self.path("log")
        os.mkdir(self.bin)
        self.program = self.path("bin", "skant")
        shutil.copy(SKANT, self.program)
        self.dir = self.path("repo")
        os.mkdir(self.dir)
        self.git("init", "-q", "-b", "main")
        self.commit("README", "text\n")

    def _remove(self):
        self.dir = self.base
        super()._remove()

    def env(self, **more):
        env = super().env()
        return {**env, "PATH": self.bin + ":" + env["PATH"], "GIT_CONFIG_NOSYSTEM": "1",
                **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
                   for what, value in (("NAME", "Ann"), ("EMAIL", "ann@example.com"))}, **more}

    def run_git(self, *args, cwd=None, stdin=b"", **env):
        return subprocess.run(["git", *args], cwd=cwd or self.dir, env=self.env(**env), input=stdin,
                              capture_output=True, check=False, timeout=120)

    def commit(self, name, text):
        self.write(name, text)
        self.git("add", name)
        self.git("commit", "-q", "--no-verify", "-m", name)

    def hook(self, verb, name, cwd=None):
        done = subprocess.run([self.program, "hook", verb, "--type", name], cwd=cwd or self.dir, env=self.env(),
                              capture_output=True, check=False, timeout=60)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def install(self, name, cwd=None):
        status, _, err = self.hook("install", name, cwd)
        self.assertEqual(status, CLEAN, err)
        return err

    def uninstall(self, name, cwd=None):
        status, _, err = self.hook("uninstall", name, cwd)
        self.assertEqual(status, CLEAN, err)
        return err

    def script(self, path, text, mode=0o755):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def fake(self, status=0):
        """Puts a program that only notes how it was called in skant's place."""
        os.unlink(self.program)
        return self.script(self.program, FAKE % (self.log, self.log, status))

    def other(self, name, status=0, mode=0o755):
        text = f'#!/bin/sh\necho "other $*" >>"{self.log}"\n[ "{name}" != pre-push ] || cat >>"{self.log}"\nexit {status}\n'
        return self.script(os.path.join(self.dir, ".git/hooks", name), text, mode)

    def logged(self):
        text = read(self.log)
        os.unlink(self.log)
        return text.splitlines()

    def state(self, folder):
        """Names, modes and contents of a folder of hooks."""
        found = {}
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            info = os.lstat(path)
            text = os.readlink(path) if stat.S_ISLNK(info.st_mode) else read(path)
            found[name] = (stat.S_IMODE(info.st_mode), text)
        return found


class Install(HookTest):
    def test_what_is_installed_runs_and_what_is_uninstalled_is_gone(self):
        self.assertEqual(self.hook("status", "pre-commit")[0], NOT_INSTALLED)
        before = self.state(self.path(".git/hooks"))
        self.assertIn("is installed: .git/hooks/pre-commit", self.install("pre-commit"))
        status, out, _ = self.hook("status", "pre-commit")
        self.assertEqual((status, out), (CLEAN, "pre-commit        installed: .git/hooks/pre-commit\n"))
        self.fake()
        self.write("a", "1")
        self.git("add", "a")
        self.git("commit", "-q", "-m", "a")
        self.assertEqual(self.logged(), ["skant pre-commit staged"])
        self.fake(1)
        self.write("a", "2")
        self.assertNotEqual(self.run_git("commit", "-qam", "b").returncode, 0)
        shutil.copy(SKANT, self.program)
        self.uninstall("pre-commit")
        self.assertEqual(self.state(self.path(".git/hooks")), before)

    def test_installing_twice_changes_nothing(self):
        for name in TYPES:
            self.other(name)
            self.install(name)
        before = self.state(self.path(".git/hooks"))
        for name in TYPES:
            self.assertIn("installed already", self.install(name))
        self.assertEqual(self.state(self.path(".git/hooks")), before)

    def test_uninstalling_twice_changes_nothing(self):
        self.install("pre-push")
        self.uninstall("pre-push")
        self.assertIn("nothing to do", self.uninstall("pre-push"))

    def test_status_without_a_type_names_all(self):
        r = self.skant("hook", "status")
        self.assertEqual(r.status, NOT_INSTALLED)
        self.assertEqual(r.text.count("not installed"), 5)
        self.install("pre-push")
        r = self.skant("hook", "status")
        self.assertEqual(r.status, CLEAN)
        self.assertIn("pre-push          installed", r.text)

    def test_scripts_pass_shellcheck(self):
        for name in TYPES:
            self.install(name)
            subprocess.run(["shellcheck", self.path(".git/hooks", name)], check=True)

    def test_a_hook_that_is_there_runs_first_and_is_respected(self):
        self.other("pre-commit")
        self.assertIn("runs first: .git/hooks/pre-commit.before-skant", self.install("pre-commit"))
        self.assertIn("behind the hook that was there", self.hook("status", "pre-commit")[1])
        self.fake()
        self.git("commit", "-q", "--allow-empty", "-m", "a")
        self.assertEqual(self.logged(), ["other ", "skant pre-commit staged"])
        self.other("pre-commit.before-skant", status=7)
        self.assertNotEqual(self.run_git("commit", "--allow-empty", "-m", "a").returncode, 0)
        self.assertEqual(self.logged(), ["other "])

    def test_uninstalling_puts_back_what_was_there(self):
        for mode in (0o755, 0o700, 0o644):
            self.other("pre-commit", mode=mode)
            before = self.state(self.path(".git/hooks"))
            self.install("pre-commit")
            self.assertNotEqual(self.state(self.path(".git/hooks")), before)
            self.uninstall("pre-commit")
            self.assertEqual(self.state(self.path(".git/hooks")), before)

    def test_a_hook_that_is_not_executable_does_not_run(self):
        self.other("pre-commit", mode=0o644)
        self.install("pre-commit")
        self.fake()
        self.git("commit", "-q", "--allow-empty", "-m", "a")
        self.assertEqual(self.logged(), ["skant pre-commit staged"])

    def test_a_hook_that_is_a_link_stays_one(self):
        target = self.script(self.path("scripts/check"), f'#!/bin/sh\necho linked >>"{self.log}"\n')
        text = read(target)
        link = self.path(".git/hooks/pre-commit")
        os.symlink("../../scripts/check", link)
        self.install("pre-commit")
        self.fake()
        self.git("commit", "-q", "--allow-empty", "-m", "a")
        self.assertEqual(self.logged(), ["linked", "skant pre-commit staged"])
        shutil.copy(SKANT, self.program)
        self.uninstall("pre-commit")
        self.assertEqual(os.readlink(link), "../../scripts/check")
        self.assertEqual(read(target), text)
        os.unlink(target)
        self.install("pre-commit")
        self.uninstall("pre-commit")
        self.assertEqual(os.readlink(link), "../../scripts/check")

    def test_a_foreign_hook_is_not_taken_away(self):
        path = self.other("pre-commit")
        status, _, err = self.hook("uninstall", "pre-commit")
        self.assertEqual(status, USAGE)
        self.assertIn("is not skant's: it stays", err)
        self.assertTrue(os.path.exists(path))
        self.assertEqual(self.hook("status", "pre-commit")[0], NOT_INSTALLED)

    def test_a_hook_that_was_changed_since_is_not_taken_away(self):
        self.install("pre-commit")
        with open(self.path(".git/hooks/pre-commit"), "a", encoding="utf-8") as f:
            f.write("echo more\n")
        for verb in ("uninstall", "install"):
            status, _, err = self.hook(verb, "pre-commit")
            self.assertEqual(status, USAGE)
            self.assertIn("changed since", err)

    def test_a_kept_hook_is_never_written_over(self):
        self.other("pre-commit")
        self.install("pre-commit")
        self.other("pre-commit", status=3)
        status, _, err = self.hook("install", "pre-commit")
        self.assertEqual(status, USAGE)
        self.assertIn("kept by an earlier install", err)

    def test_a_hook_of_another_path_is_written_anew(self):
        self.other("pre-commit")
        self.install("pre-commit")
        path = self.path(".git/hooks/pre-commit")
        text = read(path)
        self.script(path, text.replace(self.program, "/old/skant"))
        self.assertIn("another skant", self.hook("status", "pre-commit")[1])
        self.install("pre-commit")
        self.assertEqual(read(path), text)
        os.chmod(path, 0o644)
        self.assertEqual(self.hook("status", "pre-commit")[0], NOT_INSTALLED)
        self.install("pre-commit")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o755)

    def test_a_path_with_quotes_and_blanks_works(self):
        self.bin = os.path.join(self.base, "it's a $HOME `x`")
        os.mkdir(self.bin)
        self.program = os.path.join(self.bin, "skant")
        shutil.copy(SKANT, self.program)
        self.install("pre-commit")
        self.fake()
        self.git("commit", "-q", "--allow-empty", "-m", "a")
        self.assertEqual(self.logged(), ["skant pre-commit staged"])


class Missing(HookTest):
    def test_skant_is_also_looked_for_in_path(self):
        self.install("pre-commit")
        os.rename(self.program, self.path("skant-elsewhere"))
        self.bin = os.path.join(self.base, "bin2")
        os.mkdir(self.bin)
        self.script(os.path.join(self.bin, "skant"), FAKE % (self.log, self.log, 0))
        self.git("commit", "-q", "--allow-empty", "-m", "a")
        self.assertEqual(self.logged(), ["skant pre-commit staged"])

    def away(self, done):
        """Runs the line that the message says takes the hook away."""
        err = done.stderr.decode()
        self.assertIn("finds no skant", err)
        self.assertIn("nothing was checked", err)
        line = next(line for line in err.splitlines() if line.startswith("    "))
        subprocess.run(["sh", "-c", line], cwd=self.dir, check=True)

    def test_without_skant_the_hook_refuses_and_says_how_to_take_it_away(self):
        self.install("pre-commit")
        os.unlink(self.program)
        done = self.run_git("commit", "--allow-empty", "-m", "a")
        self.assertEqual(done.returncode, 1)
        self.away(done)
        self.git("commit", "-q", "--allow-empty", "-m", "a")
        self.assertFalse(os.path.exists(self.path(".git/hooks/pre-commit")))

    def test_what_takes_it_away_puts_the_kept_hook_back(self):
        self.other("pre-commit")
        before = self.state(self.path(".git/hooks"))
        self.install("pre-commit")
        os.unlink(self.program)
        self.away(self.run_git("commit", "--allow-empty", "-m", "a"))
        self.assertEqual(self.state(self.path(".git/hooks")), before)


class Places(HookTest):
    def test_hooks_path_of_the_configuration_counts(self):
        self.git("config", "core.hooksPath", "my hooks")
        sub = self.path("sub")
        os.mkdir(sub)
        self.assertIn("core.hooksPath is set", self.install("pre-commit", sub))
        self.assertTrue(os.path.exists(self.path("my hooks/pre-commit")))
        self.assertFalse(os.path.exists(self.path(".git/hooks/pre-commit")))
        self.fake()
        self.git("commit", "-q", "--allow-empty", "-m", "a")
        self.assertEqual(self.logged(), ["skant pre-commit staged"])

    def test_hooks_path_below_home_counts(self):
        self.git("config", "--global", "core.hooksPath", "~/hooks")
        self.install("pre-push")
        self.assertTrue(os.path.exists(os.path.join(self.home, "hooks/pre-push")))

    def test_huskys_folder_is_left_alone(self):
        self.git("config", "core.hooksPath", ".husky/_")
        for verb in ("install", "uninstall", "status"):
            for name, command in (("pre-commit", "skant staged"), ("pre-push", "skant git --range - --trust change")):
                status, _, err = self.hook(verb, name)
                self.assertEqual(status, USAGE)
                self.assertIn(f".husky/{name}", err)
                self.assertIn(f"`SKANT_HOOK={name} {command}`", err)

    def test_a_missing_hooks_folder_is_made(self):
        shutil.rmtree(self.path(".git/hooks"))
        self.install("pre-commit")
        self.fake()
        self.git("commit", "-q", "--allow-empty", "-m", "a")
        self.assertEqual(self.logged(), ["skant pre-commit staged"])

    def test_a_linked_work_tree_shares_the_hooks(self):
        tree = os.path.join(self.base, "linked")
        self.git("worktree", "add", "-q", tree)
        self.install("pre-commit", tree)
        self.assertTrue(os.path.exists(self.path(".git/hooks/pre-commit")))
        self.fake()
        self.assertEqual(self.run_git("commit", "--allow-empty", "-m", "a", cwd=tree).returncode, 0)
        self.assertEqual(self.logged(), ["skant pre-commit staged"])

    def test_a_bare_repository_has_pre_receive_only(self):
        bare = os.path.join(self.base, "bare.git")
        self.git("init", "-q", "--bare", bare)
        self.install("pre-receive", bare)
        self.assertTrue(os.path.exists(os.path.join(bare, "hooks/pre-receive")))
        status, _, err = self.hook("install", "pre-commit", bare)
        self.assertEqual(status, USAGE)
        self.assertIn("pre-receive is its hook", err)
        self.assertEqual(self.hook("status", "pre-commit", bare)[0], NOT_INSTALLED)

    def test_outside_of_a_repository_it_says_so(self):
        status, _, err = self.hook("install", "pre-commit", self.base)
        self.assertEqual(status, USAGE)
        self.assertIn("not a git repository", err)
        self.assertNotIn("fatal", err)

    def test_inside_of_the_repositorys_own_folder_it_says_so(self):
        status, _, err = self.hook("status", "pre-commit", self.path(".git"))
        self.assertEqual(status, USAGE)
        self.assertIn("inside of .git", err)
        self.assertNotIn("fatal", err)

    def test_both_hooks_get_what_git_says_on_standard_input(self):
        bare = os.path.join(self.base, "bare.git")
        self.git("init", "-q", "--bare", bare)
        head = self.run_git("rev-parse", "HEAD").stdout.decode().strip()
        self.other("pre-push")
        self.install("pre-push")
        self.install("pre-receive", bare)
        self.fake()
        self.git("push", "-q", bare, "main")
        line = f"refs/heads/main {head} refs/heads/main {'0' * 40}"
        self.assertEqual(self.logged(), [f"other {bare} {bare}", line, "skant pre-push git --range - --trust change", line,
                                         "skant pre-receive receive", f"{'0' * 40} {head} refs/heads/main"])

    def test_a_kept_hook_may_leave_its_input_unread(self):
        self.script(self.path(".git/hooks/pre-push"), "#!/bin/sh\nexit 0\n")
        self.install("pre-push")
        self.fake()
        lines = "".join(f"refs/heads/{i} {i:040x} refs/heads/{i} {'0' * 40}\n" for i in range(3000))
        done = subprocess.run([self.path(".git/hooks/pre-push"), "origin", "url"], cwd=self.dir, env=self.env(),
                              input=lines.encode(), capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(len(self.logged()), 3001)


class Settings(HookTest):
    """The hooks of a coding agent."""

    def settings(self):
        return read(self.path(".claude/settings.json"))

    def test_settings_are_made_and_complete(self):
        sub = self.path("sub")
        os.mkdir(sub)
        self.install("claude-code", sub)
        hooks = json.loads(self.settings())["hooks"]
        self.assertEqual(list(hooks), ["UserPromptSubmit", "PreToolUse", "PostToolUse"])
        for name, entries in hooks.items():
            self.assertEqual(entries[0].get("matcher"), None if name == "UserPromptSubmit" else "*")
            self.assertTrue(entries[0]["hooks"][0]["command"].startswith("skant agent"))
        self.assertEqual(self.hook("status", "claude-code")[0], CLEAN)
        before = self.settings()
        self.assertIn("installed already", self.install("claude-code"))
        self.assertEqual(self.settings(), before)
        self.uninstall("claude-code")
        self.assertFalse(os.path.exists(self.path(".claude")))
        self.assertEqual(self.hook("status", "claude-code")[0], NOT_INSTALLED)
        self.assertIn("nothing to do", self.uninstall("claude-code"))

    def test_a_skant_that_is_not_in_path_is_said(self):
        done = subprocess.run([SKANT, "hook", "install", "--type", "claude-code"], cwd=self.dir, capture_output=True,
                              env=self.env(PATH="/nonexistent"), check=False)
        self.assertEqual(done.returncode, CLEAN)
        self.assertIn(b"no skant in PATH", done.stderr)

    def test_everything_else_stays_to_the_byte(self):
        other = '{ "matcher": "Bash", "hooks": [ {"type": "command", "command": "my-skant agent x"} ] }'
        for text in ('{\n\t"b": 1.50,\n\t"a": "\\u00e9",\n\t"hooks": {\n\t\t"PreToolUse": [%s],\n\t\t"Stop": []\n\t}\n}\n' % other,
                     '{"hooks":{"PostToolUse":[%s,%s]},"z":[1,2]}' % (other, other),
                     '{\n    "permissions": {"allow": ["Bash(skant agent)"]}\n}',
                     '\n { "a" : { } } \n'):
            self.write(".claude/settings.json", text)
            self.install("claude-code")
            found = json.loads(self.settings())
            self.assertEqual(len(found["hooks"]["PreToolUse"]), 1 + text.count("PreToolUse"))
            self.assertEqual({k: v for k, v in found.items() if k != "hooks"},
                             {k: v for k, v in json.loads(text).items() if k != "hooks"})
            self.uninstall("claude-code")
            self.assertEqual("".join(self.settings().split()), "".join(text.split()))
            self.assertEqual(json.loads(self.settings()), json.loads(text))

    def test_only_our_hook_goes_from_an_entry_with_others(self):
        mine, theirs = {"type": "command", "command": "/opt/bin/skant agent"}, {"type": "command", "command": "x"}
        for hooks in ([mine, theirs], [theirs, mine], [theirs, mine, theirs], [mine, mine, theirs]):
            self.write(".claude/settings.json", json.dumps({"hooks": {"PreToolUse": [{"hooks": hooks}]}}))
            self.install("claude-code")
            self.assertEqual(len(json.loads(self.settings())["hooks"]["PreToolUse"]), 1)
            self.uninstall("claude-code")
            left = [h for h in hooks if h is theirs]
            self.assertEqual(json.loads(self.settings()), {"hooks": {"PreToolUse": [{"hooks": left}]}})

    def test_broken_settings_stay_as_they_are(self):
        for text, why in (("{", "byte"), ("[]", "no JSON object"), ('{"hooks": []}', "no object"),
                          ('{"hooks": {"PreToolUse": {}}}', "no array")):
            self.write(".claude/settings.json", text)
            for verb in ("install", "uninstall", "status"):
                status, _, err = self.hook(verb, "claude-code")
                self.assertEqual(status, USAGE, text)
                self.assertIn(why, err)
            self.assertEqual(self.settings(), text)

    def test_an_agents_shell_is_blocked_when_there_is_no_skant(self):
        self.install("claude-code")
        command = json.loads(self.settings())["hooks"]["PreToolUse"][0]["hooks"][0]["command"]
        event = json.dumps({"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": make_key(1)}})

        def run(text):
            return subprocess.run(["sh", "-c", command], cwd=self.dir, env=self.env(), input=text.encode(),
                                  capture_output=True, check=False).returncode
        self.assertEqual(run(event), 2)
        self.assertEqual(run('{"hook_event_name": "Stop"}'), 0)
        os.unlink(self.program)
        self.assertEqual(run('{"hook_event_name": "Stop"}'), 2)


if __name__ == "__main__":
    unittest.main()
