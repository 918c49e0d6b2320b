# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: the program under test, a scratch folder, and keys made at run time."""
import hashlib
import json
import os
import random
import shutil
import subprocess
import tempfile
import unittest

SKANT = os.environ["SKANT"]

# Built with what POSIX has: MODE=portable.
IS_PORTABLE = "/portable" in SKANT
# Counts what is reached: MODE=coverage.
IS_COUNTED = "/coverage" in SKANT
SLOWER = 6 if IS_COUNTED else 1  # times that whoever waits for a program waits longer
# For what takes long and is the same whatever skant was built with.
once = unittest.skipUnless(IS_PORTABLE or IS_COUNTED or "/release" in SKANT,
                           "it does not depend on the sanitizer, and runs without one")
# For what is right or wrong by the time it takes.
timed = unittest.skipIf(IS_COUNTED, "it measures time, and counting takes some")
# For programs that have one thread only, of which the thread sanitizer has nothing to say.
single = unittest.skipIf("/tsan" in SKANT, "one thread does it, so that the thread sanitizer has nothing to say")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def make_key(seed, prefix="sk-ant-" + "api03-", length=93, suffix="AA"):
    """A random key; never stored, so built anew from its seed."""
    rng = random.Random(seed)
    return prefix + "".join(rng.choice(ALPHABET) for _ in range(length)) + suffix


def secret_id(key):
    return "sha256:" + hashlib.sha256(key.encode()).hexdigest()[:32]


def has_sanitizer():
    """Whether the program is built with one: it is slow then, and large."""
    with open(SKANT, "rb") as f:
        program = f.read()
    return b"__asan_init" in program or b"__tsan_init" in program


class Result:
    def __init__(self, done):
        self.status = done.returncode
        self.out = done.stdout
        self.err = done.stderr.decode("utf-8", "replace")

    @property
    def text(self):
        return self.out.decode("utf-8", "replace")

    @property
    def records(self):
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def findings(self):
        return [r for r in self.records if r["schema"] == "skant-finding/1"]

    @property
    def summary(self):
        return self.records[-1]["summary"]


class SkantTest(unittest.TestCase):
    """A test with a folder of its own, in which skant runs with a clean environment."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="skant-e2e-")
        self.home = tempfile.mkdtemp(prefix="skant-home-")
        self.addCleanup(shutil.rmtree, self.home, True)
        self.addCleanup(self._remove)

    def _remove(self):
        subprocess.run(["chmod", "-R", "u+rwx", self.dir], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.dir, True)

    def env(self, **more):
        keep = {k: v for k, v in os.environ.items()
                if k in ("PATH", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS")}
        return {**keep, "HOME": self.home, "LC_ALL": "C.UTF-8", **more}

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def write(self, name, data):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data.encode() if isinstance(data, str) else data)
        return path

    def skant(self, *args, stdin=b"", env=None, timeout=120):
        done = subprocess.run([SKANT, *args], cwd=self.dir, input=stdin, capture_output=True, timeout=timeout * SLOWER,
                              env=env or self.env(), check=False)
        return Result(done)

    def scan(self, *args, **kw):
        """skant dir with a jsonl report."""
        return self.skant("dir", "-f", "jsonl", *args, **kw)

    def git(self, *args):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *args], cwd=self.dir, check=True,
                       capture_output=True, env=self.env())
