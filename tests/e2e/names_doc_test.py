# SPDX-License-Identifier: Apache-2.0
"""docs/names.md and the rules for key names speak of the same rules."""
import os
import re

from support import SkantTest

DOC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/names.md")


class NamesDoc(SkantTest):
    def setUp(self):
        super().setUp()
        self.rules = set(re.findall(r"claude-key-name-[a-z-]+", self.skant("rules", "list").text))
        with open(DOC, encoding="utf-8") as f:
            self.text = f.read()

    def test_each_rule_that_is_named_exists(self):
        self.assertGreater(len(self.rules), 20)
        self.assertEqual(set(re.findall(r"claude-key-name-[a-z-]+", self.text)) - self.rules, set())

    def test_each_rule_for_names_has_its_place(self):
        self.assertEqual(self.rules - set(re.findall(r"claude-key-name-[a-z-]+", self.text)), set())

    def test_each_row_of_a_table_ends_with_its_rule(self):
        rows = [row for row in re.findall(r"^\|.*\|$", self.text, re.M) if not re.match(r"\| (---|.*\| rule \|$)", row)]
        self.assertGreater(len(rows), 30)
        for row in rows:
            with self.subTest(row):
                self.assertRegex(row, r"\| claude-key-name-[a-z-]+(, claude-key-name-[a-z-]+)* \|$")
