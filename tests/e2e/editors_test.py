# SPDX-License-Identifier: Apache-2.0
"""The recipes of docs/editors.md, run with the editors themselves where they are there."""
import json
import os
import re
import shutil
import subprocess
import unittest

from support import SKANT, SkantTest, make_key, once

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def recipe(language, containing):
    """A block of the page, and there has to be one."""
    with open(os.path.join(ROOT, "docs", "editors.md"), encoding="utf-8") as f:
        blocks = re.findall(rf"```{language}\n(.*?)```", f.read(), re.S)
    return next(block for block in blocks if containing in block)


@once
class Editors(SkantTest):
    PLACES = [("main.tf", 2, 11), ("a b/x.py", 3, 6), ("a b/x.py", 4, 1)]

    def setUp(self):
        super().setUp()
        self.write("a b/x.py", f"\n\nk = '{make_key(1)}'\n{make_key(2)}\n")
        self.write("main.tf", 'resource "anthropic_api_key" "k" {\n  name = "Prod_ML_key"\n}\n')
        self.bin = os.path.join(self.home, "bin")
        os.mkdir(self.bin)
        os.symlink(SKANT, os.path.join(self.bin, "skant"))

    def program(self, name):
        found = shutil.which(name)
        if not found:
            self.skipTest(f"{name} is not installed")
        return found

    def run_in(self, *args):
        env = self.env(PATH=self.bin + os.pathsep + os.environ["PATH"], TERM="dumb")
        done = subprocess.run(args, cwd=self.dir, capture_output=True, env=env, timeout=60, check=False)
        return done.stdout.decode() + done.stderr.decode()

    def check_vim(self, commands):
        script = commands + ("silent! make!\ncall writefile(map(filter(getqflist(), 'v:val.valid'), "
                             "'json_encode([bufname(v:val.bufnr), v:val.lnum, v:val.col, v:val.text])'), 'places')\nqa!\n")
        self.write("../" + os.path.basename(self.home) + "/s.vim", script)
        out = self.run_in(self.program("vim"), "-Nu", "NONE", "-es", "-S", os.path.join(self.home, "s.vim"))
        with open(self.path("places"), encoding="utf-8") as f:
            places = [json.loads(line) for line in f]
        self.assertEqual([tuple(p[:3]) for p in places], self.PLACES, out)
        self.assertIn("critical: Claude API key", places[1][3])

    def test_vim_jumps_to_each_finding(self):
        self.check_vim(recipe("vim", "set makeprg"))

    def test_vim_knows_it_as_a_compiler(self):
        folder = os.path.join(self.home, "vim", "compiler")
        os.makedirs(folder)
        with open(os.path.join(folder, "skant.vim"), "w", encoding="ascii") as f:
            f.write(recipe("vim", "CompilerSet"))
        self.check_vim(f"set runtimepath^={self.home}/vim\ncompiler skant\n")

    def test_emacs_goes_from_finding_to_finding(self):
        lisp = recipe("elisp", "screen-columns") + """
            (setq places nil)
            (with-current-buffer (compilation-start "skant dir -q")
              (while (get-buffer-process (current-buffer)) (accept-process-output nil 0.1))
              (compilation--ensure-parse (point-max))
              (condition-case nil
                  (while t
                    (next-error)
                    (with-current-buffer (window-buffer)
                      (push (list (file-relative-name buffer-file-name default-directory)
                                  (line-number-at-pos) (current-column)) places)))
                (error nil)))
            (setq default-directory (getenv "PWD"))
            (dolist (p (reverse places)) (message "%S" p))"""
        self.write("../" + os.path.basename(self.home) + "/s.el", lisp)
        out = self.run_in(self.program("emacs"), "-Q", "--batch", "-l", os.path.join(self.home, "s.el"))
        found = [(os.path.basename(f), int(line), int(column) + 1)
                 for f, line, column in re.findall(r'^\("([^"]*)" (\d+) (\d+)\)$', out, re.M)]
        self.assertEqual(found, [(os.path.basename(f), line, column) for f, line, column in self.PLACES], out)

    def test_the_matcher_of_vs_code_takes_every_finding_and_nothing_else(self):
        task = json.loads(recipe("json", "problemMatcher"))["tasks"][0]
        pattern = task["problemMatcher"]["pattern"]
        done = self.skant(*task["args"])
        places = []
        for line in done.text.splitlines():
            m = re.match(pattern["regexp"], line)
            if m:
                places.append((m[pattern["file"]], int(m[pattern["line"]]), int(m[pattern["column"]])))
                self.assertTrue(m[pattern["message"]])
                self.assertRegex(m[pattern["code"]], "^(anthropic|claude)-")
        self.assertEqual(places, self.PLACES)


if __name__ == "__main__":
    unittest.main()
