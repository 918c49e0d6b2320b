# SPDX-License-Identifier: Apache-2.0
"""Archives that are held in memory, as those of streams and repositories are: whichever read or mapping of skant fails, what is
in them is found, or the run says that it was not read."""
import errno
import io
import os
import struct
import unittest
import zipfile

from support import SkantTest, has_sanitizer, make_key

TORTURE = os.environ.get("TORTURE")
STATE = struct.Struct("7q")  # struct state of tests/support/torture.c
IO = 1
MOST = 200  # calls that read or write, of which all these runs have fewer
HELD = "could not be held in memory and read there again"
FOUND, USAGE, INCOMPLETE = 1, 2, 3


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("inner.env", f"KEY={make_key(4711)}\n")
    return out.getvalue()


@unittest.skipUnless(TORTURE, "$TORTURE is not set")
@unittest.skipIf(has_sanitizer(), "a sanitizer takes the calls that are to fail")
class Reread(SkantTest):
    def run_with_fault(self, n, *args, **kw):
        """The run with its n-th read, write or mapping failing, and whether there was one."""
        state = os.path.join(self.home, "torture")
        with open(state, "wb") as f:
            f.write(STATE.pack(n, 0, IO, errno.EIO, 0, 0, 0))
        env = self.env(LD_PRELOAD=TORTURE, TORTURE_PROGRAM="skant", TORTURE_STATE=state)
        done = self.skant(*args, env=env, **kw)
        with open(state, "rb") as f:
            return done, STATE.unpack(f.read())[5] > 0

    def assert_found_or_said(self, member, *args, **kw):
        said = 0
        for n in range(1, MOST):
            done, has_failed = self.run_with_fault(n, *args, **kw)
            if not has_failed:
                break
            self.assertIn(done.status, (FOUND, USAGE, INCOMPLETE), f"fault {n}: {done.err}")
            if done.status == FOUND:
                self.assertIn(member, [finding["path"] for finding in done.findings], f"fault {n}: {done.err}")
            self.assertNotIn("too large", done.err, f"fault {n}")
            said += HELD in done.err
        self.assertLess(n, MOST - 1, "there are more calls than are tried")
        self.assertGreaterEqual(said, 2, "what writes the archive into memory, and what reads it there")

    def test_in_a_stream(self):
        self.assert_found_or_said("stdin!inner.env", "stdin", "-f", "jsonl", stdin=zipped())

    def test_in_a_repository(self):
        self.git("init", "-q")
        self.write("in.zip", zipped())
        self.git("add", ".")
        self.git("commit", "-q", "-m", "one")
        self.assert_found_or_said("in.zip!inner.env", "git", "-j1", "-f", "jsonl")
