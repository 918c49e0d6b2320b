# SPDX-License-Identifier: Apache-2.0
"""Manuals and guides of files and formats have the members and keys that the programs take and write, and no others;
they render without a warning, and what they refer to is there."""
import glob
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import guides
from support import SKANT, SkantTest, make_key, once

BIN = os.path.dirname(SKANT)
MAN = os.path.join(BIN, "man")
OURS = re.compile(r"\b(skant[a-z.-]*)\((\d)\)")


def rows(page, heading):
    """The names in the first column of the tables below a heading, up to the next one."""
    part = re.search(rf"^#+ `?{re.escape(heading)}`?\n(.*?)(?=^#|\Z)", guides.read(page), re.M | re.S)[1]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


class Keys(SkantTest):
    """Each program tells which keys it knows when it meets another one."""

    FILES = {  # page and heading: a file with a key that nobody knows, and who reads it (F)
        ("docs/configuration.md", ".skant.yaml"): ("version: 1\nzzz: 1\n", "skant stdin -c F"),
        ("docs/configuration.md", "allow"): ("version: 1\nallow: [{zzz: 1}]\n", "skant stdin -c F"),
        ("docs/configuration.md", "limits"): ("version: 1\nlimits: {zzz: 1}\n", "skant stdin -c F"),
        ("docs/configuration.md", "accept_unread"): ("version: 1\naccept_unread: [{zzz: 1}]\n", "skant stdin -c F"),
        ("docs/configuration.md", "profiles"): ("version: 1\nprofiles: {default: {zzz: 1}}\n", "skantctl auth check"),
        ("docs/configuration.md", "credentials"):
            ("version: 1\nprofiles: {default: {credentials: {zzz: {env: A}}}}\n", "skantctl auth check"),
        ("rules/README.md", "The file"): ("version: 1\nzzz: 1\n", "skant rules check F"),
        ("rules/README.md", "A rule"): ("version: 1\nrules: [{zzz: 1}]\n", "skant rules check F"),
    }

    def known(self, text, command):
        name = self.write("file.yaml" if "F" in command else "skant/skantctl.yaml", text)
        program, *words = command.replace("F", name).split()
        done = subprocess.run([os.path.join(BIN, program), *words], cwd=self.dir, input="", capture_output=True,
                              text=True, env=self.env(XDG_CONFIG_HOME=self.dir), check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        return re.search(r"unknown key 'zzz'; known here: (.*)", done.stderr)[1].split(", ")

    def test_each_page_has_the_keys_that_are_known_and_no_others(self):
        for (page, heading), (text, command) in self.FILES.items():
            with self.subTest(page=page, heading=heading):
                self.assertEqual(sorted(rows(page, heading)), sorted(self.known(text, command)))

    def test_each_variable_of_ours_is_told(self):
        told = set(re.findall(r"SKANT_[A-Z_]+", guides.read("docs/configuration.md") + guides.read("docs/events.md")))
        read = set()
        for folder in ("scanner", "common", "admin", "forwarder"):
            for path in glob.glob(os.path.join(guides.ROOT, folder, "**", "*.[ch]"), recursive=True):
                read |= set(re.findall(r'"(SKANT_[A-Z_]+)"', guides.read(os.path.relpath(path, guides.ROOT))))
        self.assertGreater(len(read), 20)
        self.assertEqual(read - told, set())

    def test_each_member_of_a_record_is_in_the_guide(self):
        self.write("a.py", f'key = "{make_key(1)}"\nö = "{make_key(2)}" # skant:allow x\n')
        self.write("main.tf", 'resource "anthropic_api_key" "k" {\n  name = "Prod_ML_key"\n}\n')
        told = rows("docs/reports.md", "A finding") + rows("docs/reports.md", "A finding's place in history")
        self.git("init", "-q")
        self.git("add", ".")
        self.git("commit", "-qm", "first")
        seen = set()
        for done in (self.scan("-v"), self.skant("git", "-v", "-f", "jsonl")):
            for record in done.findings:
                seen |= set(record) - {"schema"}
            self.assertEqual(set(done.summary) - set(rows("docs/reports.md", "The summary")), {"unread_examples"})
        self.assertEqual(seen - set(told), set())
        self.assertGreater(len(seen), 25)

    def test_each_member_in_the_guide_is_written(self):
        source = "".join(guides.read(*os.path.split(os.path.relpath(path, guides.ROOT)))
                         for path in glob.glob(os.path.join(guides.ROOT, "scanner", "report", "*.c")))
        for heading in ("A finding", "The summary", "A finding's place in history"):
            for name in rows("docs/reports.md", heading):
                self.assertIn(f'"{name}"', source)


@once
class Rendered(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.manuals = sorted(glob.glob(os.path.join(MAN, "*.[1-8]")))

    def test_each_program_file_and_format_has_one(self):
        names = [os.path.basename(path) for path in self.manuals]
        self.assertEqual(names, ["skant-events.5", "skant-policy.5", "skant-report.5", "skant-rules.5", "skant.1",
                                 "skant.yaml.5", "skantctl.1", "skantctl.yaml.5", "skantd.8", "skantd.yaml.5"])

    @unittest.skipUnless(shutil.which("groff") and shutil.which("mandoc"), "there is no groff or no mandoc")
    def test_none_renders_with_a_warning(self):
        for path in self.manuals:
            done = subprocess.run(["groff", "-ww", "-mandoc", "-Tutf8", path], capture_output=True, text=True,
                                  check=True)
            self.assertEqual(done.stderr, "", path)
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "error", *self.manuals], capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.stdout, done.returncode), ("", 0))

    @unittest.skipUnless(shutil.which("mandoc"), "there is no mandoc")
    def test_each_command_of_an_example_stands_in_a_line_of_its_own(self):
        for name in ("skant.1", "skantctl.1", "skantd.8"):
            shown = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=80", os.path.join(MAN, name)],
                                   capture_output=True, text=True, check=True).stdout
            lines = {line.strip() for line in re.sub(".\b", "", shown).splitlines()}
            commands = {block.text.strip() for block in guides.examples(f"docs/{name}.scd.in")}
            self.assertGreater(len(commands), 4)
            self.assertEqual(commands - lines, set(), name)

    def test_what_they_refer_to_is_there(self):
        there = {os.path.basename(path) for path in self.manuals}
        for path in self.manuals:
            with open(path, encoding="utf-8") as f:
                text = re.sub(r"\\f.|\\-", lambda m: "-" if m[0] == "\\-" else "", f.read()).replace("\\", "")
            self.assertIn(".SH SEE ALSO", text, path)
            for name, section in OURS.findall(text):
                self.assertIn(f"{name}.{section}", there, path)

    def test_a_guide_becomes_a_manual_whole(self):
        guide = ("# Title\n\nFirst `a*b_c` and **strong `x`**, see [policy.md](policy.md).\n\n## Head `k`\n\n"
                 "| key | default | meaning |\n| --- | --- | --- |\n| `a` | `1|2` | text \\| more |\n\n- one\n  two\n\n"
                 "```\n*as it is*\n```\n")
        with tempfile.NamedTemporaryFile("w", suffix=".md", encoding="utf-8") as f:
            f.write(guide)
            f.flush()
            script = os.path.join(guides.ROOT, "packaging", "manual.awk")
            done = subprocess.run(["awk", "-v", "name=n", "-v", "section=5", "-v", "brief=b", "-v", "see=a(1) b(5)",
                                   "-f", script, f.name], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout, 'n(5) "skant" "File Formats Manual"\n\n# NAME\n\nn - b\n\n# DESCRIPTION\n\n'
                         "First *a\\*b\\_c* and *strong x*, see skant-policy(5).\n\n# HEAD K\n\n"
                         "*a*\n\ttext | more. Default: *1|2*.\n\n- one two\n\n"
                         "```\n*as it is*\n```\n\n# SEE ALSO\n\n*a*(1), *b*(5)\n")


if __name__ == "__main__":
    unittest.main()
