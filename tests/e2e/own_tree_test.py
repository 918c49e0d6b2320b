# SPDX-License-Identifier: Apache-2.0
"""This project passes its own scanner, its history included."""
import os
import subprocess
import unittest

from support import SKANT

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class OwnTree(unittest.TestCase):
    def scan(self, *args):
        return subprocess.run([SKANT, *args], cwd=ROOT, capture_output=True, check=False, timeout=120)

    def test_nothing_is_found_and_all_is_read(self):
        done = self.scan("dir", ".")
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr.decode())

    @unittest.skipUnless(os.path.isdir(os.path.join(ROOT, ".git")), "this is no clone")
    def test_no_key_is_in_the_history(self):
        done = self.scan("git", ".")
        self.assertEqual(done.returncode, 0, done.stdout.decode() + done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
