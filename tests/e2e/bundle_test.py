# SPDX-License-Identifier: Apache-2.0
"""Git bundles: what is found in their objects, and what is said when they cannot be read."""
import gzip
import hashlib
import io
import os
import random
import struct
import subprocess
import unittest
import zipfile
import zlib

from support import SkantTest, make_key

HEADER = b"# v2 git bundle\n"


def lines(seed, count=400):
    """Text that git makes deltas of, and zlib not much."""
    rng = random.Random(seed)
    return [f"{rng.getrandbits(128):032x}\n" for _ in range(count)]


def bundle_of(*objects, level=1):
    """A bundle of blobs, each as its bytes, or as (size that is claimed, bytes)."""
    pack = b"PACK" + struct.pack(">II", 2, len(objects))
    for one in objects:
        size, data = one if isinstance(one, tuple) else (len(one), one)
        head = bytearray([3 << 4 | size & 15])
        size >>= 4
        while size:
            head[-1] |= 0x80
            head.append(size & 0x7f)
            size >>= 7
        pack += bytes(head) + zlib.compress(data, level)
    return HEADER + b"\n" + pack + hashlib.sha1(pack).digest()


def blob_id(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class BundleTest(SkantTest):
    def run_git(self, *args, stdin=None):
        who = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
               for what, value in (("NAME", "Ann"), ("EMAIL", "ann@example.com"), ("DATE", "2024-01-01T00:00:00Z"))}
        return subprocess.run(["git", *args], cwd=self.path("repo"), check=True, capture_output=True, input=stdin,
                              env=self.env(**who)).stdout.decode().strip()

    def init(self, *args):
        os.mkdir(self.path("repo"))
        self.run_git("init", "-q", "-b", "main", *args)

    def commit(self, name, data, message="change"):
        self.write(f"repo/{name}", data)
        self.run_git("add", "-A")
        self.run_git("commit", "-qm", message)

    def bundle(self, name, *args):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        self.run_git("bundle", "create", "-q", self.path(name), *args)
        with open(self.path(name), "rb") as f:
            return f.read()

    def assert_found(self, result, *expected):
        """(path, line, column) of each find."""
        self.assertEqual(sorted((f["path"], f["start_line"], f["start_column"]) for f in result.findings),
                         sorted(expected), result.err)

    def assert_unread(self, result, reason, path, text=""):
        self.assertEqual(result.status, 3, result.err)
        self.assertGreaterEqual(result.summary["unread"].get(reason, 0), 1, result.err)
        self.assertTrue(any(f"'{path}'" in line and text in line for line in result.err.splitlines()), result.err)


class Objects(BundleTest):
    def fill(self, *args):
        """Keys in a file that was deleted, in a delta, in a message and in a tag. Where each has to be found."""
        self.init(*args)
        text = lines(1)
        self.commit("gone.env", f"first\nKEY={make_key(1)}\n")
        gone = self.run_git("rev-parse", "HEAD:gone.env")
        self.commit("long.txt", "".join(text))
        self.commit("long.txt", "".join([*text, "more\n", *lines(2, 50)]))
        whole = self.run_git("rev-parse", "HEAD:long.txt")
        text[200] = f"a {make_key(2)}\n"
        self.commit("long.txt", "".join(text))
        delta = self.run_git("rev-parse", "HEAD:long.txt")
        self.run_git("rm", "-q", "gone.env")
        self.run_git("commit", "-qm", f"it leaks\n\n{make_key(3)}")
        self.run_git("tag", "-am", f"release\n\nsee {make_key(4)}", "v1")
        found = [(gone, 2, 5), (delta, 201, 3), (self.run_git("rev-parse", "HEAD"), 8, 1),
                 (self.run_git("rev-parse", "v1"), 8, 5)]
        return whole, delta, found

    def test_keys_are_found_in_blobs_deltas_messages_and_tags(self):
        whole, delta, found = self.fill()
        self.bundle("b/x.bundle", "--all")
        self.run_git("index-pack", "--stdin", stdin=self.pack_of("b/x.bundle"))
        [index] = [n for n in os.listdir(self.path("repo/.git/objects/pack")) if n.endswith(".idx")]
        told = self.run_git("verify-pack", "-v", f".git/objects/pack/{index}")
        [words] = [line.split() for line in told.splitlines() if line.startswith(delta)]
        self.assertEqual((len(words), words[-1]), (7, whole), "it is a delta of the other one")
        result = self.scan("b")
        self.assert_found(result, *[(f"b/x.bundle!{name}", line, column) for name, line, column in found])
        self.assertEqual(result.status, 1, result.err)

    def pack_of(self, name):
        with open(self.path(name), "rb") as f:
            return f.read().partition(b"\n\n")[2]

    def test_a_sha256_repository_has_longer_ids(self):
        _, _, found = self.fill("--object-format=sha256")
        data = self.bundle("b/x.bundle", "--all")
        self.assertTrue(data.startswith(b"# v3 git bundle\n@object-format=sha256\n"))
        self.assertEqual(len(found[0][0]), 64)
        result = self.scan("b")
        self.assert_found(result, *[(f"b/x.bundle!{name}", line, column) for name, line, column in found])
        self.assertEqual(result.status, 1, result.err)

    def test_a_filtered_bundle_is_whole_without_what_was_left_out(self):
        _, _, found = self.fill()
        data = self.bundle("b/x.bundle", "--filter=blob:none", "--all")
        self.assertIn(b"@filter=blob:none\n", data)
        result = self.scan("b")
        self.assert_found(result, *[(f"b/x.bundle!{name}", line, column) for name, line, column in found[2:]])
        self.assertEqual(result.status, 1, result.err)

    def test_what_a_thin_bundle_adds_is_found_and_its_missing_base_told(self):
        self.init()
        text = lines(1)
        self.commit("a.txt", "".join(text), f"with {make_key(1)}")
        base = self.run_git("rev-parse", "HEAD:a.txt")
        text[100] = f"a {make_key(2)}\n"
        self.commit("a.txt", "".join(text))
        self.bundle("b/x.bundle", "HEAD~1..main")
        result = self.scan("b")
        self.assert_unread(result, "missing-object", f"b/x.bundle!{base}", "not in the bundle")
        self.assertEqual(result.summary["unread"], {"missing-object": 1})
        [header, added] = sorted(result.findings, key=lambda f: "!offset-" in f["path"])
        self.assertEqual((header["path"], header["start_line"]), ("b/x.bundle!header", 2))
        self.assertRegex(added["path"], r"^b/x\.bundle!offset-\d+$")
        self.write("b/.skant.yaml", "version: 1\naccept_unread:\n  - {paths: ['x.bundle'], reasons: [missing-object],"
                   " reason: an update of a mirror}\n")
        self.assertEqual(self.scan("b").status, 1)

    def test_what_only_begins_as_a_bundle_is_read_as_it_is(self):
        self.write("a.txt", HEADER + b"is how they begin, and then comes\n" + make_key(1).encode() + b"\n")
        result = self.scan("a.txt")
        self.assert_found(result, ("a.txt", 3, 1))
        self.assertEqual(result.status, 1, result.err)

    def test_a_large_object_is_read_in_pieces(self):
        data = os.urandom(1 << 20) * 20 + f"\nKEY={make_key(1)}\n".encode()
        self.write("x.bundle", bundle_of(b"small\n", data, level=0))
        line = data.count(b"\n")
        self.assert_found(self.scan("x.bundle"), (f"x.bundle!{blob_id(data)}", line, 5))


class Places(BundleTest):
    TEXT = f"KEY={make_key(7)}\n".encode()

    def zip_of(self, name, data):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as z:
            z.writestr(name, data)
        return out.getvalue()

    def test_containers_in_bundles_and_bundles_in_containers_are_opened(self):
        blob = blob_id(self.TEXT)
        archive = self.zip_of("c.env", self.TEXT)
        self.write("a/in.bundle", bundle_of(archive))
        self.write("a/out.zip", self.zip_of("d/x.bundle", bundle_of(self.TEXT)))
        self.write("a/out.gz", gzip.compress(bundle_of(self.TEXT)))
        self.write("a/two.bundle", bundle_of(bundle_of(self.TEXT)))
        self.assert_found(self.scan("a"), (f"a/in.bundle!{blob_id(archive)}!c.env", 1, 5),
                          (f"a/out.zip!d/x.bundle!{blob}", 1, 5), (f"a/out.gz!out!{blob}", 1, 5),
                          (f"a/two.bundle!{blob_id(bundle_of(self.TEXT))}!{blob}", 1, 5))

    def test_a_bundle_that_lies_too_deep_is_said(self):
        name = f"x.bundle!{blob_id(bundle_of(self.TEXT))}"
        self.write("x.bundle", bundle_of(bundle_of(self.TEXT)))
        self.assert_unread(self.scan("--max-archive-depth", "1", "x.bundle"), "limit", name, "archive_depth")

    def test_a_large_bundle_in_an_archive_is_said(self):
        self.write("x.gz", gzip.compress(bundle_of(*[bytes(1 << 20)] * 33, level=0), 1))
        self.assert_unread(self.scan("--max-archive-ratio", "1000", "x.gz"), "limit", "x.gz", "git bundle within another container")

    def test_standard_input_may_be_a_bundle(self):
        self.assert_found(self.skant("stdin", "-f", "jsonl", stdin=bundle_of(self.TEXT)),
                          (f"stdin!{blob_id(self.TEXT)}", 1, 5))

    def test_git_commands_open_bundles_that_a_repository_holds(self):
        path = f"lib/x.bundle!{blob_id(self.TEXT)}"
        self.git("init", "-q", "-b", "main")
        self.write("README", "x\n")
        self.git("add", "-A")
        self.git("commit", "-qm", "first")
        self.write("lib/x.bundle", bundle_of(b"nothing\n" * 1000, self.TEXT))
        self.git("add", "-A")
        self.assert_found(self.skant("staged", "-f", "jsonl"), (path, 1, 5))
        self.git("commit", "-qm", "second")
        self.git("rm", "-q", "lib/x.bundle")
        self.git("commit", "-qm", "third")
        [found] = self.skant("git", "-f", "jsonl").findings
        self.assertEqual((found["path"], found["message"], found["at_head"]), (path, "second", False))
        self.assert_found(self.skant("git", "--range", "HEAD~2..HEAD~1", "-f", "jsonl"), (path, 1, 5))


class Broken(BundleTest):
    def test_a_bundle_cut_anywhere_is_said_and_gives_what_came_before(self):
        key = make_key(1)
        data = bundle_of(f"KEY={key}\n".encode(), b"x" * 50, os.urandom(60))
        whole = data.index(zlib.compress(b"x" * 50, 1)) - 2
        for n in range(len(HEADER), len(data)):
            self.write(f"cut/{n:04d}", data[:n])
        result = self.scan("cut")
        self.assertEqual(result.status, 3)
        self.assertEqual(result.summary["unread"], {"corrupt": len(data) - len(HEADER)}, result.err)
        self.assertNotIn("signal", result.err)
        found = {f["path"] for f in result.findings}
        expected = {f"cut/{n:04d}!{blob_id(f'KEY={key}'.encode() + b'.')}"[:8] for n in range(whole, len(data))}
        self.assertLessEqual(expected, {path[:8] for path in found})

    def test_damage_costs_an_object_and_not_the_bundle(self):
        before, after = f"KEY={make_key(1)}\n".encode(), f"KEY={make_key(2)}\n".encode()
        noise = os.urandom(4000)
        data = bytearray(bundle_of(before, noise, after))
        data[data.index(noise[2000:2020])] ^= 1
        self.write("x.bundle", bytes(data))
        result = self.scan("x.bundle")
        self.assert_unread(result, "corrupt", "x.bundle", "2 of 3 objects could be read")
        paths = {f["path"] for f in result.findings}
        self.assertLessEqual({f"x.bundle!{blob_id(before)}", f"x.bundle!{blob_id(after)}"}, paths)

    def test_what_is_wrong_with_a_head_is_said(self):
        pack = bundle_of(b"x").partition(b"\n\n")[2]
        for head, reason, text in ((HEADER + b"0123\n\n", "corrupt", "line 2 of its head"),
                                   (b"# v3 git bundle\n@new=1\n\n", "unreadable", "capability that is not known"),
                                   (HEADER + b"\nnot the ", "corrupt", "no pack follows")):
            self.write("x.bundle", head + pack)
            self.assert_unread(self.scan("x.bundle"), reason, "x.bundle", text)

    def test_sizes_that_lie_are_damage_and_bombs_are_stopped(self):
        key = f"KEY={make_key(1)}\n".encode()
        self.write("lie.bundle", bundle_of(key, (4 << 30, b"text")))
        self.write("bomb.bundle", bundle_of(key, bytes(100 << 20)))
        self.write("many.bundle", bundle_of(key, *[b"%d" % n for n in range(2000)]))
        result = self.scan("--max-archive-bytes", "90MiB", ".")
        self.assert_unread(result, "corrupt", "lie.bundle", "1 of 2 objects could be read")
        self.assert_unread(result, "limit", "bomb.bundle", "archive_bytes")
        self.assert_unread(self.scan("--max-archive-ratio", "10", "bomb.bundle"), "limit", "bomb.bundle", "archive_ratio")
        name = blob_id(key)
        self.assertLessEqual({f"{kind}.bundle!{name}" for kind in ("lie", "bomb", "many")},
                             {f["path"] for f in result.findings})


if __name__ == "__main__":
    unittest.main()
