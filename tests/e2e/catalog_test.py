# SPDX-License-Identifier: Apache-2.0
"""The message catalog: an entry for each class of events, and no field that is never sent."""
import os
import re
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
ALWAYS = {"ANTHROPIC_ACTIVITY_TYPE"}
ALWAYS_OF = {"finding": {"SKANT_RULE"}, "key-name": {"SKANT_RULE"}, "record": {"SKANT_PEER_UID"},
             "policy": {"SKANT_SCOPE"},
             "budget": {"SKANT_" + name for name in ("SCOPE", "PERIOD", "THRESHOLD", "USED_USD", "LIMIT_USD", "PROJECTED_USD")}}
CATALOG = os.path.join(ROOT, "forwarder", "systemd", "skant.catalog")


def read(*names):
    with open(os.path.join(ROOT, *names), encoding="utf-8") as f:
        return f.read()


class Catalog(unittest.TestCase):
    def test_each_class_has_one_entry_and_each_entry_a_class(self):
        classes = re.findall(r'X\([A-Z_]+, "[a-z-]+", "([0-9a-f]{32})"\)', read("forwarder", "event.h"))
        self.assertGreater(len(classes), 10)
        self.assertEqual(sorted(re.findall(r"^-- ([0-9a-f]{32})$", read(CATALOG), re.M)), sorted(classes))

    def test_every_field_in_it_is_one_that_is_sent(self):
        fields = set(re.findall(r'"((?:ANTHROPIC|SKANT)_[A-Z_]+)"', read("forwarder", "event.h")))
        self.assertTrue(fields)
        text = re.sub(r"^#.*\n", "", read(CATALOG), flags=re.M)
        self.assertEqual(set(re.findall(r"\b(?:ANTHROPIC|SKANT)_[A-Z_]+", text)) - fields, {"ANTHROPIC_JSON"})

    def test_a_value_stands_only_where_each_event_of_the_class_has_it(self):
        classes = {ident: name for name, ident in
                   re.findall(r'X\([A-Z_]+, "([a-z-]+)", "([0-9a-f]{32})"\)', read("forwarder", "event.h"))}
        parts = re.split(r"^-- ([0-9a-f]{32})$", read(CATALOG), flags=re.M)[1:]
        for ident, text in zip(parts[::2], parts[1::2]):
            name = classes[ident]
            self.assertEqual(set(re.findall(r"@([A-Z_]+)@", text)) - ALWAYS - ALWAYS_OF.get(name, set()), set(), name)


if __name__ == "__main__":
    unittest.main()
