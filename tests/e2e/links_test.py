# SPDX-License-Identifier: Apache-2.0
"""The pages of docs/ can be found: the README links each, links lead somewhere, also where pages are installed."""
import glob
import os
import re
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


def guides():
    """The pages that `make install` puts beside the README."""
    return [name + ".md" for name in re.search(r"^GUIDES := (.*)$", read("packaging/packaging.mk"), re.M)[1].split()]


class Links(unittest.TestCase):
    def test_the_readme_leads_to_each_page(self):
        self.assertEqual([p for p in pages() if "docs/" + p not in links("README.md")], [])

    def test_each_link_leads_to_a_file(self):
        for folder, names in ((".", ["README.md", "CONTRIBUTING.md", "SECURITY.md"]), ("docs", pages())):
            for name in names:
                for link in links(folder, name):
                    self.assertTrue(os.path.exists(os.path.join(ROOT, folder, link)), f"{folder}/{name}: {link}")

    def test_what_is_installed_links_what_is_installed(self):
        for name in [*guides(), "fleet.md"]:
            self.assertEqual(set(links("docs", name)) - set(guides()), set(), name)

    def test_each_guide_is_linked_from_the_way_through_and_named_in_the_manual(self):
        for name in set(guides()) - {"skantd.md", "skantctl.md"}:
            self.assertIn(name, links("docs", "skantd.md") + links("docs", "skantctl.md"))
            self.assertIn(f"_{name}_", read("docs", "skantd.8.scd.in") + read("docs", "skantctl.1.scd.in"))
        for name in ("events.md", "ingest.md"):
            self.assertIn(name, guides())


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


if __name__ == "__main__":
    unittest.main()
