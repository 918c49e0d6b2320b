# SPDX-License-Identifier: Apache-2.0
"""The pages of docs/ can be found: the README links each, links lead somewhere, also where pages are installed."""
import glob
import os
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def read(*names):
    with open(os.path.join(ROOT, *names), encoding="utf-8") as f:
        return f.read()


def links(*names):
    """The files that a page links."""
    return re.findall(r"\]\(([^)#:]+)\)", read(*names))


def pages():
    return sorted(os.path.basename(path) for path in glob.glob(os.path.join(ROOT, "docs", "*.md")))


# Guides of those who look after an organisation, by the one that is the way through.
OPERATORS = {"skantd": ("events", "ingest", "policy", "pipelines", "reliability"),
             "skantctl": ("policy", "audit", "usage-and-cost", "access-review", "messages")}


class Links(unittest.TestCase):
    def test_the_readme_leads_to_each_page(self):
        self.assertEqual([p for p in pages() if "docs/" + p not in links("README.md")], [])

    def test_each_link_leads_to_a_file(self):
        """As they are installed: all pages, and nothing else, below one folder."""
        names = re.search(r"^PAGES *:= (.*)$", read("packaging/packaging.mk"), re.M)[1].split("$")[0].split()
        with tempfile.TemporaryDirectory(prefix="skant-pages-") as folder:
            for name in [*names, *("docs/" + page for page in pages())]:
                os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
                shutil.copy(os.path.join(ROOT, name), os.path.join(folder, name))
            self.assertEqual(self.check(folder), (0, ""))
            os.unlink(os.path.join(folder, "docs/audit.md"))
            self.assertIn("README.md: docs/audit.md leads nowhere", self.check(folder)[1])
            with open(os.path.join(folder, "docs/ci.md"), "a", encoding="utf-8") as f:
                f.write("[out](../../etc/passwd) and [no heading](hooks.md#nothing)\n")
            status, said = self.check(folder)
            self.assertEqual(status, 1)
            for link in ("../../etc/passwd", "hooks.md#nothing"):
                self.assertIn(f"docs/ci.md: {link} leads nowhere", said)

    def check(self, folder):
        done = subprocess.run([os.path.join(ROOT, "tests/support/links-check"), folder], capture_output=True, text=True,
                              check=False)
        return done.returncode, done.stdout + done.stderr

    def test_each_guide_is_linked_from_the_way_through_and_named_in_the_manual(self):
        for way, guides in OPERATORS.items():
            manual = read("docs", "skantd.8.scd.in" if way == "skantd" else "skantctl.1.scd.in")
            for name in guides:
                self.assertIn(name + ".md", links("docs", way + ".md"))
                self.assertIn(f"_{name}.md_", manual)

    def test_the_manuals_name_guides_that_are_installed(self):
        for name in ("skant.1.scd.in", "skantd.8.scd.in", "skantctl.1.scd.in", "skantd.yaml.5.scd"):
            text = read("docs", name)
            self.assertIn("_share/doc/skant/docs", text)
            for guide in re.findall(r"_(?:share/doc/skant/docs/)?([\w-]+\.md)_", text):
                self.assertIn(guide, pages(), name)


class ThreatModel(unittest.TestCase):
    """The page that says which test shows what names tests that there are."""

    def test_each_test_that_it_names_is_there(self):
        page = read("docs", "threat-model.md")
        named = set(re.findall(r"`(\w+_test)\.(\w+)(?:\.(\w+))?`", page))
        self.assertGreater(len(named), 30)
        for module, name, test in named:
            source = read("tests", "e2e", module + ".py")
            body = re.search(rf"^class {name}\b.*?(?=^\S|\Z)", source, re.M | re.S)
            self.assertTrue(body, f"{module}.{name}")
            self.assertTrue(not test or f"    def {test}(self" in body[0], f"{module}.{name}.{test}")
        paths = re.findall(r"`(tests/[^` ]+)`", page)
        self.assertGreater(len(paths), 8)
        self.assertEqual([p for p in paths if not os.path.exists(os.path.join(ROOT, p))], [])

    def test_no_class_of_these_tests_is_left_out(self):
        page = read("docs", "threat-model.md")
        for module in ("secrets_test", "hostile_test", "hardening_test"):
            classes = re.findall(r"^class (\w+)\(", read("tests", "e2e", module + ".py"), re.M)
            shared = {"Quiet", "Running", "Repository"}  # what others are made from
            self.assertEqual([c for c in classes if c not in shared and f"{module}.{c}" not in page], [])


class Reliability(unittest.TestCase):
    """The page that says what happens when something breaks names tests that there are."""

    def test_each_test_that_it_names_is_there(self):
        shown = read("docs", "reliability.md").partition("| | shown by |\n")[2].partition("\n\n")[0]
        faults = read("docs", "reliability.md").partition("## Faults\n")[2].partition("\n\nWhat shows it")[0]
        rows = [line.split("|") for line in shown.splitlines()[1:]]
        self.assertGreater(len(rows), 20)
        self.assertEqual([row[1] for row in rows], re.findall(r"^\|( \d+ )\|", faults, re.M))
        for _, _, cell, _ in rows:
            for part in cell.split(";"):
                name, _, names = part.strip().rpartition(": ")
                for path in re.findall(r"tests/unit/[\w/.]+", part):
                    self.assertTrue(os.path.exists(os.path.join(ROOT, path)), path)
                for test in re.findall(r"`(\w+)`", names if name else ""):
                    self.assertIn(f"def test_{test}(", read("tests", "e2e", name + "_test.py"), part)


if __name__ == "__main__":
    unittest.main()
