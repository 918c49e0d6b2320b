# SPDX-License-Identifier: Apache-2.0
"""The commands of docs/git.md work when they are pasted."""
import os
import re
import subprocess
import unittest

from support import SKANT, SkantTest, make_key

GUIDE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/git.md")


class Guide(SkantTest):
    def run_git(self, *args):
        who = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
               for what, value in (("NAME", "Ann"), ("EMAIL", "ann@example.com"))}
        subprocess.run(["git", *args], cwd=self.dir, check=True, capture_output=True, env=self.env(**who))

    def test_each_command_runs_and_finds_the_key(self):
        with open(GUIDE, encoding="utf-8") as f:
            blocks = re.findall(r"```sh\n(.*?)```", f.read(), re.S)
        commands = [line.split("   #")[0].strip() for block in blocks for line in block.splitlines()]
        self.assertGreater(len(commands), 12)
        os.makedirs(os.path.join(self.home, "bin"))
        os.symlink(SKANT, os.path.join(self.home, "bin", "skant"))
        self.run_git("init", "-q", "-b", "main")
        self.write("first", "text\n")
        self.run_git("add", ".")
        self.run_git("commit", "-qm", "first")
        self.run_git("tag", "v1.0")
        self.run_git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.write("README.md", f"say {make_key(1)}\n")
        self.run_git("add", ".")
        self.run_git("commit", "-qm", "second")
        self.write("staged", f"say {make_key(2)}\n")
        self.run_git("add", ".")
        env = self.env()
        env["PATH"] = os.path.join(self.home, "bin") + ":" + env["PATH"]
        for command in commands:
            done = subprocess.run(["sh", "-c", command], cwd=self.dir, env=env, capture_output=True, check=False,
                                  timeout=60)
            expected = 0 if "explain" in command else 1
            self.assertEqual(done.returncode, expected, (command, done.stderr))
            self.assertIn(b"sk-ant-api", done.stdout, command)


if __name__ == "__main__":
    unittest.main()
