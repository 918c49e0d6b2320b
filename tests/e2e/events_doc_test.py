# SPDX-License-Identifier: Apache-2.0
"""docs/events.md: its tables are those of the source, and its commands give what they say."""
import os
import re
import shutil
import subprocess
import unittest

from skantd_support import DaemonTest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def read(*names):
    with open(os.path.join(ROOT, *names), encoding="utf-8") as f:
        return f.read()


class Tables(unittest.TestCase):
    def test_each_field_and_class_of_the_source_is_in_it(self):
        header, page = read("forwarder", "event.h"), read("docs", "events.md")
        fields = re.findall(r'X\([A-Z_]+, "([A-Z_]+)", "([A-Za-z]+)", (?:NULL|"([a-z_.]+)")\)', header)
        classes = re.findall(r'X\([A-Z_]+, "([a-z-]+)", "([0-9a-f]{32})"\)', header)
        self.assertTrue(fields and classes)
        for journal, parameter, member in fields:
            row = next(line for line in page.splitlines() if line.startswith(f"| `{journal}`"))
            self.assertIn(f"`{parameter}`", row)
            if member:
                self.assertIn(f"`{member}`", row)
        for name, message_id in classes:
            self.assertRegex(page, rf"\| `{name}` \|[^|]+\| `{message_id}` \|")
        listed = re.search(r"^\*classes\*\n(.*?)\n\n", read("docs", "skantd.yaml.5.scd"), re.M | re.S)[1]
        self.assertEqual(re.findall(r"_([a-z-]+)_", listed), [name for name, _ in classes])

    def test_every_path_of_the_formats_is_in_it(self):
        page = read("docs", "events.md")
        for name in ("ecs.c", "ocsf.c"):
            source = read("forwarder", "encode", name)
            for path in re.findall(r'\.path = "([^"]+)", \.source = PLACE_FIELD', source):
                if path not in ("actor.user.uid", "user.uid"):  # the same in two places
                    self.assertTrue(f"`{path}`" in page, f"{name}: {path}")


@unittest.skipUnless(shutil.which("jq") and shutil.which("xxd"), "jq or xxd is not installed")
class Commands(DaemonTest):
    def test_hash_and_chain_come_out_as_they_stand(self):
        self.start_mock(activities=20, self_feed="off")
        self.configure(sinks=[self.file_sink(path=self.path("audit.jsonl"))])
        self.once()
        block = next(b for b in re.findall(r"```sh\n(.*?)```", read("docs", "events.md"), re.S) if "sha256sum" in b)
        done = subprocess.run(["bash", "-c", block], cwd=self.dir, capture_output=True, check=True)
        event = self.lines("audit.jsonl")[4]
        sums = [line.split()[0] for line in done.stdout.decode().splitlines()]
        self.assertEqual(sums, [event["hash"], event["chain"]])


if __name__ == "__main__":
    unittest.main()
