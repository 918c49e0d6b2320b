# SPDX-License-Identifier: Apache-2.0
"""A small repository in which every object with a key is known, for tests that break it."""
import os
import random
import resource
import shutil
import subprocess
import tempfile
import unittest

from compare import parse
from keys import Keys
from repo import environment
from store import Store

SKANT = os.environ.get("SKANT", "")


def sanitized():
    """Whether skant is built with a sanitizer: then everything takes many times as long."""
    if not SKANT:
        return False
    with open(SKANT, "rb") as file:
        program = file.read()
    return b"__asan_init" in program or b"__tsan_init" in program


SANITIZED = sanitized()
SECONDS = 60    # for one scan of something broken
WHO = "Ann Example <ann@example.com> {} +0100"


class Scan:
    def __init__(self, done):
        self.status, self.error = done.returncode, done.stderr.decode("utf-8", "replace")
        self.records = parse(done.stdout)
        findings = [r for r in self.records if r["schema"] == "skant-finding/1"]
        self.found = {f["secret_id"] for f in findings if f["kind"] != "keyname"}
        last = self.records[-1] if self.records else {}
        self.unread = last.get("summary", {}).get("unread", {})

    def __repr__(self):
        return f"exit status {self.status}, {len(self.found)} found, unread {self.unread}: {self.error.strip()[-400:]}"


class GitTest(unittest.TestCase):
    def setUp(self):
        self.base = os.path.realpath(tempfile.mkdtemp(prefix="skant-git-damage-"))
        self.addCleanup(shutil.rmtree, self.base, True)
        self.home = os.path.join(self.base, "home")
        os.mkdir(self.home)
        self.env = environment(self.home)
        self.rng = random.Random(self.id())
        self.keys = Keys(self.rng)
        self.top = os.path.join(self.base, "repo")
        self.git_dir = os.path.join(self.top, ".git")
        self.objects = os.path.join(self.git_dir, "objects")
        with open(os.path.join(self.home, ".gitconfig"), "w", encoding="utf-8") as f:
            f.write("[user]\n\tname = Ann Example\n\temail = ann@example.com\n[init]\n\tdefaultBranch = main\n"
                    "[gc]\n\tauto = 0\n[core]\n\tfsync = none\n[protocol \"file\"]\n\tallow = always\n")
        os.mkdir(self.top)
        self.git("init", "-q")
        self.store = Store(self.objects, "sha1")
        self.tip = None
        self.planted = {}       # secret_id: the id of its blob

    def git(self, *args, cwd=None, data=None, check=True, env=None):
        done = subprocess.run(["git", *args], cwd=cwd or self.top, input=data, capture_output=True, check=False,
                              env={**self.env, **(env or {})})
        if check and done.returncode:
            raise RuntimeError(f"git {' '.join(args)}: {done.stderr.decode('utf-8', 'replace')}")
        return done.stdout.decode("utf-8", "replace")

    def path(self, *names):
        return os.path.join(self.git_dir, *names)

    def scan(self, *args, cwd=None, stdin=b""):
        done = subprocess.run([SKANT, "git", "-f", "jsonl", *args], cwd=cwd or self.top, input=stdin, check=False,
                              capture_output=True, env=self.env, timeout=SECONDS)
        return Scan(done)

    # what a repository is made of

    def blob_with_key(self, lines=20):
        key = self.keys.fresh()
        filler = "".join(f"line {n} {self.rng.random()}\n" for n in range(lines))
        name = self.store.put("blob", f"{filler}key = '{key.text}'\n{filler}".encode())
        self.planted[key.secret_id] = name
        return name

    def commit(self, tree, parents, text="a change\n"):
        who = WHO.format(1700000000 + len(self.store.order))
        lines = [f"tree {tree}"] + [f"parent {p}" for p in parents] + [f"author {who}", f"committer {who}", "", text]
        return self.store.put("commit", "\n".join(lines).encode())

    def make_history(self, count=6):
        """Commits that each bring a blob with a key, all loose; main is the last."""
        files, self.commits, self.trees = {}, [], []
        for i in range(count):
            files[b"dir%d/file.py" % (i % 3) if i % 2 else b"file%d" % i] = (b"100644", self.blob_with_key())
            self.trees.append(self.store.tree(files))
            self.commits.append(self.commit(self.trees[-1], self.commits[-1:]))
        self.save()
        self.set_ref("refs/heads/main", self.commits[-1])

    def make_versions(self, count=10):
        """Commits that each change one line of a long file; so packs get deltas. Every second brings a key."""
        lines, self.commits = [f"filler {n} {self.rng.random()}" for n in range(80)], []
        for i in range(count):
            key = self.keys.fresh() if i % 2 else None
            lines[self.rng.randrange(80)] = f"key {key.text}" if key else f"changed {i}"
            name = self.store.put("blob", "\n".join(lines).encode())
            if key:
                self.planted[key.secret_id] = name
            readme = self.store.put("blob", b"hi\n")
            tree = self.store.tree({b"src/long.py": (b"100644", name), b"README": (b"100644", readme)})
            self.commits.append(self.commit(tree, self.commits[-1:]))
        self.save()
        self.set_ref("refs/heads/main", self.commits[-1])

    def save(self):
        for name in self.store.order:
            self.store.write_loose(name)

    def set_ref(self, ref, name):
        self.write_git(ref, name + "\n")

    def write_git(self, name, data):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data.encode() if isinstance(data, str) else data)

    def pack(self, *flags):
        """All in one pack; its path without ending."""
        self.git("repack", "-q", "-a", "-d", "-f", *flags)
        return self.only_pack()

    def only_pack(self):
        folder = self.path("objects", "pack")
        names = [n[:-5] for n in os.listdir(folder) if n.endswith(".pack")]
        self.assertEqual(len(names), 1)
        path = os.path.join(folder, names[0])
        for end in (".pack", ".idx"):
            os.chmod(path + end, 0o644)
        return path

    def remove_object(self, name):
        os.remove(self.store.loose_path(name))

    # what a scan of something broken may say

    def never_a_miss(self, scan, planted=None, why=""):
        """Incomplete is said, or else every key is seen. No crash."""
        planted = set(self.planted if planted is None else planted)
        self.assertIn(scan.status, (1, 3), f"{why}: {scan!r}")
        if scan.status == 1:
            self.assertEqual(planted - scan.found, set(), f"{why}: not incomplete, but keys are missed: {scan!r}")

    def incomplete(self, scan, reason, found=None, why=""):
        self.assertEqual(scan.status, 3, f"{why}: {scan!r}")
        self.assertIn(reason, scan.unread, f"{why}: {scan!r}")
        self.assertEqual(set(found or ()) - scan.found, set(), f"{why}: keys that can be read are missed: {scan!r}")

    def complete(self, scan, planted=None):
        self.assertEqual(scan.status, 1, repr(scan))
        self.assertEqual(set(self.planted if planted is None else planted) - scan.found, set(), repr(scan))


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


def flipped(data, at, bit):
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1:]


def peak_kib():
    """The most memory that any child took so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
