# SPDX-License-Identifier: Apache-2.0
"""Archives, packages and compressed files: what is found in them, and what is said when they cannot be read."""
import bz2
import gzip
import io
import json
import lzma
import os
import shutil
import signal
import stat
import subprocess
import tarfile
import time
import unittest
import zipfile

from support import IS_PORTABLE, SKANT, SkantTest, has_sanitizer, make_key, once, secret_id

KEY = make_key(71)
TEXT = f"first line\nKEY={KEY}\n".encode()
UNPACK = os.path.join(os.path.dirname(SKANT), "skant-unpack")
ZEROS = 45_000_000  # bzip2 packs so many into one block


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, data in members:
            z.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, method)
    return out.getvalue()


def tar_of(members, mode="w", kind=tarfile.PAX_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=kind) as t:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def bzip2_bomb(size):
    """So many zero bytes in 45 bytes for each 45 MB."""
    return bz2.compress(bytes(ZEROS)) * (size // ZEROS)


class ContainerTest(SkantTest):
    def tool(self, *command, stdin=None):
        return subprocess.run(command, cwd=self.dir, check=True, capture_output=True, input=stdin, env=self.env()).stdout

    def places(self, result):
        return [(f["path"], f["start_line"], f["start_column"]) for f in result.findings]

    def assert_found(self, result, *paths):
        self.assertEqual(sorted(self.places(result)), sorted((p, 2, 5) for p in paths), result.err)

    def assert_unread(self, result, reason, path, text=""):
        self.assertEqual(result.status, 3, result.err)
        self.assertGreaterEqual(result.summary["unread"].get(reason, 0), 1, result.err)
        self.assertTrue(any(f"'{path}'" in line and text in line for line in result.err.splitlines()), result.err)


class Kinds(ContainerTest):
    def test_a_key_is_found_in_every_kind_of_archive(self):
        members = [("doc/readme", b"nothing\n" * 50), ("c/c.env", TEXT)]
        for name in ("a.zip", "a.jar", "a.whl", "a.docx", "a.apk"):
            self.write(f"all/{name}", zip_of(members))
        self.write("all/stored.zip", zip_of(members, zipfile.ZIP_STORED))
        self.write("all/bzip2.zip", zip_of(members, zipfile.ZIP_BZIP2))
        self.write("all/lzma.zip", zip_of(members, zipfile.ZIP_LZMA))
        for name, kind in (("ustar", tarfile.USTAR_FORMAT), ("gnu", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT)):
            self.write(f"all/{name}.tar", tar_of(members, kind=kind))
        for mode in ("gz", "bz2", "xz"):
            self.write(f"all/a.tar.{mode}", tar_of(members, f"w:{mode}"))
        self.write("all/a.tar.lzma", lzma.compress(tar_of(members), lzma.FORMAT_ALONE))
        self.write("all/a.tar.zst", self.tool("zstd", "-qc", stdin=tar_of(members)))
        self.write("in/doc/readme", b"nothing\n" * 50)
        self.write("in/c/c.env", TEXT)
        subprocess.run("7z a -bd -y ../all/a.7z doc c >/dev/null && printf 'doc/readme\\nc/c.env\\n' |"
                       " tee names | cpio -o -H newc --quiet >../all/newc.cpio && cpio -o -H odc --quiet"
                       " <names >../all/odc.cpio", shell=True, cwd=self.path("in"), check=True)
        result = self.scan("all")
        names = sorted(os.listdir(self.path("all")))
        self.assertEqual(len(names), 19)
        self.assert_found(result, *[f"all/{name}!c/c.env" for name in names])
        self.assertEqual(result.status, 1, result.err)

    def test_a_long_list_of_a_zip_is_read_from_its_beginning(self):
        key, out = make_key(33), io.BytesIO()
        with zipfile.ZipFile(out, "w") as z:
            for n in range(100):
                info = zipfile.ZipInfo(f"a/{n}")
                info.comment = key.encode() if n == 0 else b"c" * 60000
                z.writestr(info, b"nothing\n")
        self.write("a.zip", out.getvalue())
        found = self.scan("a.zip").findings
        self.assertEqual([(f["path"], f["secret_id"]) for f in found], [("a.zip!directory", secret_id(key))])

    def test_comments_and_names_in_the_list_of_a_zip_are_read(self):
        comment, member, name = make_key(30), make_key(31), make_key(32)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as z:
            info = zipfile.ZipInfo(f"a/{name}.txt")
            info.comment = member.encode()
            z.writestr(info, b"nothing\n")
            z.comment = b"the key is " + comment.encode()
        self.write("a.zip", out.getvalue())
        r = self.scan("a.zip")
        self.assertEqual(sorted((f["path"], f["secret_id"]) for f in r.findings),
                         sorted(("a.zip!directory", secret_id(key)) for key in (comment, member, name)))
        self.assertEqual((r.summary["files"], r.status), (2, 1))  # the archive and its member
        for key in (comment, member, name):
            self.assertNotIn(key.encode(), r.out)
        self.write("a.zip", zip_of([("c.env", b"K=" + comment.encode())], zipfile.ZIP_STORED))
        self.assertEqual([f["path"] for f in self.scan("a.zip").findings], ["a.zip!c.env"])

    def test_a_compressed_file_is_named_without_its_ending(self):
        self.write("log.gz", gzip.compress(TEXT))
        self.write("log.bz2", bz2.compress(TEXT))
        self.write("log.xz", lzma.compress(TEXT))
        self.write("log.zst", self.tool("zstd", "-qc", stdin=TEXT))
        self.write("log.lzma", lzma.compress(TEXT, lzma.FORMAT_ALONE))
        self.write("plain", gzip.compress(TEXT))
        self.assert_found(self.scan("."), "log.gz!log", "log.bz2!log", "log.xz!log", "log.zst!log", "log.lzma!log",
                          "plain!data")

    def test_a_debian_package_shows_its_files_and_scripts(self):
        self.write("p/DEBIAN/control", "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.com>\n"
                   "Description: x\n")
        self.write("p/DEBIAN/postinst", f"#!/bin/sh\nKEY={KEY}\n")
        os.chmod(self.path("p/DEBIAN/postinst"), 0o755)
        self.write("p/etc/x.env", TEXT)
        self.write("p/usr/share/x.gz", gzip.compress(TEXT))
        for packed in ("xz", "gzip", "zstd"):
            self.tool("dpkg-deb", "--root-owner-group", f"-Z{packed}", "-b", "p", f"{packed}.deb")
        shutil.rmtree(self.path("p"))
        for packed, ending in (("xz", "xz"), ("gzip", "gz"), ("zstd", "zst")):
            deb = f"{packed}.deb"
            self.assert_found(self.scan(deb), f"{deb}!control.tar.{ending}!postinst", f"{deb}!data.tar.{ending}!etc/x.env",
                              f"{deb}!data.tar.{ending}!usr/share/x.gz!x")

    def rpm_of(self, lines):
        """An rpm of a spec file's last lines, as bytes."""
        self.write("x.spec", "Name: x\nVersion: 1\nRelease: 1\nSummary: x\nLicense: x\nBuildArch: noarch\n%description\nx\n"
                   + lines)
        self.tool("rpmbuild", "-bb", "--quiet", "--define", f"_topdir {self.path('rpm')}", "x.spec")
        [rpm] = os.listdir(self.path("rpm/RPMS/noarch"))
        with open(self.path("rpm/RPMS/noarch", rpm), "rb") as f:
            data = f.read()
        shutil.rmtree(self.path("rpm"))
        return data

    def test_an_rpm_package_shows_its_files_and_scripts(self):
        self.write("src/x.env", TEXT)
        other = make_key(72)
        self.write("x.rpm", self.rpm_of(f"%install\nmkdir -p %{{buildroot}}/etc\ncp {self.path('src/x.env')} "
                                        f"%{{buildroot}}/etc\n%post\nexport KEY={other}\n%files\n/etc/x.env\n"))
        result = self.scan("x.rpm")
        paths = [f["path"] for f in result.findings]
        self.assertIn("x.rpm!etc/x.env", paths, result.err)
        self.assertIn("x.rpm", paths, "what stands in its header")
        self.assertEqual(result.status, 1)

    def test_an_rpm_package_that_is_cut_anywhere_is_told(self):
        data = self.rpm_of("%files\n")
        self.write("whole.rpm", data)
        self.assertEqual(self.scan("whole.rpm").status, 0, "a package without files")
        cuts = {f"cut/{n:06}.rpm": data[:n] for n in range(200, len(data), 97)}
        for name, cut in cuts.items():
            self.write(name, cut)
        result = self.scan("cut")
        self.assertEqual((result.status, result.summary["unread"]), (3, {"corrupt": len(cuts)}), result.err)

    def test_an_image_shows_each_layer_with_what_a_later_one_deletes(self):
        layers = [tar_of([("app/c.env", TEXT), ("app/log.gz", gzip.compress(TEXT))]), tar_of([("app/.wh.c.env", b"")])]
        self.write("saved.tar", tar_of([("manifest.json", b"[]"), ("1a/layer.tar", layers[0]),
                                        ("2b/layer.tar", layers[1])]))
        oci = "blobs/sha256/" + "0a" * 32
        self.write("oci.tar", tar_of([("oci-layout", b"{}"), (oci, gzip.compress(layers[0]))]))
        result = self.scan("saved.tar", "oci.tar")
        self.assert_found(result, "saved.tar!1a/layer.tar!app/c.env", "saved.tar!1a/layer.tar!app/log.gz!log",
                          f"oci.tar!{oci}!app/c.env", f"oci.tar!{oci}!app/log.gz!log")
        self.assertEqual(result.status, 1, "a layer is no level of its own")

    def test_what_only_begins_as_an_archive_is_read_as_it_is(self):
        for n, magic in enumerate((b"PK\x03\x04", b"\x1f\x8b\x08\x00", b"7z\xbc\xaf\x27\x1c", b"\x28\xb5\x2f\xfd")):
            self.write(f"lie{n}", magic + b" and this is text that follows it\nKEY=" + KEY.encode() + b"\n")
        result = self.scan(".")
        self.assert_found(result, "lie0", "lie1", "lie2", "lie3")
        self.assertEqual(result.status, 1, result.err)

    def test_a_static_library_is_read_as_it_is(self):
        self.write("lib.a", b"!<arch>\n" + b"x.o/            0           0     0     644     %-10d`\n" % len(TEXT) + TEXT)
        self.assertEqual([f["path"] for f in self.scan(".").findings], ["lib.a"])

    def test_large_members_are_read_in_pieces(self):
        line = b"some text that fills the line of a log, and then some\n"
        data = line * 200_000 + b"KEY=" + KEY.encode() + b"\n" + line * 100_000
        self.write("a.tgz", tar_of([("log", data)], "w:gz"))
        [found] = self.scan(".").findings
        self.assertEqual((found["path"], found["start_line"], found["offset"]),
                         ("a.tgz!log", 200_001, len(line) * 200_000 + 4))

    def test_links_and_devices_are_counted_as_such(self):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as t:
            for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("pipe", tarfile.FIFOTYPE),
                               ("dir", tarfile.DIRTYPE)):
                info = tarfile.TarInfo(name)
                info.type = kind
                info.linkname = "/etc/passwd"
                t.addfile(info)
        self.write("a.tar", out.getvalue())
        result = self.scan(".")
        self.assertEqual(result.status, 0, result.err)
        self.assertEqual((result.summary["unread"]["symlink"], result.summary["unread"]["special"]), (2, 1))


class Nested(ContainerTest):
    def test_archives_in_archives_are_opened_two_deep(self):
        seven = self.path("in.7z")
        self.write("c.env", TEXT)
        self.tool("7z", "a", "-bd", seven, "c.env")
        with open(seven, "rb") as f:
            inner = [("a.zip", zip_of([("c.env", TEXT)])), ("a.tgz", tar_of([("c.env", TEXT)], "w:gz")),
                     ("a.7z", f.read()), ("c.env.gz", gzip.compress(TEXT))]
        os.unlink(seven)
        os.unlink(self.path("c.env"))
        for name, data in (("out.zip", zip_of(inner)), ("out.tar", tar_of(inner)), ("out.txz", tar_of(inner, "w:xz"))):
            self.write(name, data)
            self.assert_found(self.scan(name), f"{name}!a.zip!c.env", f"{name}!a.tgz!c.env", f"{name}!a.7z!c.env",
                              f"{name}!c.env.gz!c.env")

    def test_names_of_any_length_come_whole(self):
        names = ["x" * n + ".gz" for n in range(1, 200)]
        self.write("a.tar", tar_of([(name, gzip.compress(TEXT)) for name in names]))
        self.assert_found(self.scan("."), *[f"a.tar!{name}!{name[:-3]}" for name in names])

    def test_what_lies_deeper_is_said_and_read_as_it_is(self):
        third = tar_of([("c.env", TEXT)])
        self.write("a.zip", zip_of([("b.zip", zip_of([("c.tar", third)]))]))
        result = self.scan(".")
        self.assert_unread(result, "limit", "a.zip!b.zip!c.tar", "archive_depth")
        self.assertEqual([f["path"] for f in result.findings], ["a.zip!b.zip!c.tar"])
        self.assert_found(self.scan("--max-archive-depth", "3", "."), "a.zip!b.zip!c.tar!c.env")
        self.write(".skant.yaml", "version: 1\nlimits: {archive_depth: 3}\n")
        self.assert_found(self.scan("a.zip"), "a.zip!b.zip!c.tar!c.env")
        self.assert_unread(self.scan("--max-archive-depth", "1", "a.zip"), "limit", "a.zip!b.zip")

    def test_depth_0_reads_archives_as_they_are(self):
        self.write("a.tar", tar_of([("c.env", TEXT)]))
        self.write("a.zip", zip_of([("c.env", TEXT)]))
        result = self.scan("--max-archive-depth", "0", ".")
        self.assertEqual([f["path"] for f in result.findings], ["a.tar"])
        self.assertEqual(result.status, 1)

    def test_a_thousand_archives_within_each_other_end_at_the_limit(self):
        for wrap in (lambda d: zip_of([("n", d)], zipfile.ZIP_STORED), gzip.compress, lambda d: tar_of([("layer.tar", d)])):
            data = TEXT
            for _ in range(1000 if wrap is gzip.compress else 200):
                data = wrap(data)
            self.write("a", data)
            started = time.monotonic()
            result = self.scan(".")
            self.assertEqual(result.status, 3, result.err)
            self.assertIn("within each other (archive_depth)", result.err)
            self.assertLess(time.monotonic() - started, 20)


class Limits(ContainerTest):
    def test_10_gb_from_10_kb_are_stopped(self):
        self.write("a.bz2", bzip2_bomb(10_000_000_000))
        self.assertLess(os.path.getsize(self.path("a.bz2")), 12_000)
        self.write("b.tgz", tar_of([("c.env", TEXT)], "w:gz"))
        result = self.scan(".")
        self.assert_unread(result, "limit", "a.bz2", "100 times its size comes out of it (archive_ratio)")
        self.assert_found(result, "b.tgz!c.env")

    def test_the_limit_of_bytes_holds_and_is_named(self):
        self.write("a.zip", zip_of([("c.env", TEXT), ("z", os.urandom(3_000_000))]))
        result = self.scan("--max-archive-bytes", "1M", ".")
        self.assert_unread(result, "limit", "a.zip", "1.04 MB come out of it (archive_bytes)")
        self.assert_found(result, "a.zip!c.env")
        self.assertEqual(self.scan("--max-archive-bytes", "4M", ".").status, 1)
        self.write(".skant.yaml", "version: 1\nlimits: {archive_bytes: 1MiB, archive_ratio: 5}\n")
        self.assertEqual(self.scan("a.zip").status, 3)

    def test_a_file_that_packs_well_is_no_bomb(self):
        self.write("a.gz", gzip.compress(bytes(10_000_000) + b"\n" + TEXT))
        self.assertEqual(self.scan(".").status, 1)

    def test_limits_that_make_no_sense_are_refused(self):
        for flags in (("--max-archive-depth", "17"), ("--max-archive-ratio", "0"), ("--max-archive-bytes", "none")):
            self.assertEqual(self.scan(*flags, ".").status, 2)
        self.write(".skant.yaml", "version: 1\nlimits: {archive_dept: 3}\n")
        result = self.scan(".")
        self.assertEqual(result.status, 2)
        self.assertIn("archive_depth", result.err)

    @once
    def test_a_window_that_needs_too_much_memory_is_a_limit_and_xz_9_is_not(self):
        noise = os.urandom(1000) * 100
        self.write("long.zst", self.tool("zstd", "-qc", "--ultra", "-22", "--long=27", stdin=noise))
        self.assert_unread(self.scan("long.zst"), "limit", "long.zst", "of memory")
        self.write("nine.xz", lzma.compress(noise + b"\n" + TEXT, preset=9))
        self.assertEqual([f["path"] for f in self.scan("nine.xz").findings], ["nine.xz!nine"])

    def test_encrypted_members_are_named(self):
        self.write("c.env", TEXT)
        self.write("open.txt", TEXT)
        self.tool("zip", "-q", "-P", "secret", "a.zip", "c.env")
        self.tool("zip", "-q", "a.zip", "open.txt")
        self.tool("7z", "a", "-bd", "-psecret", "b.7z", "c.env")
        self.tool("7z", "a", "-bd", "-psecret", "-mhe=on", "h.7z", "c.env")
        os.unlink(self.path("c.env"))
        os.unlink(self.path("open.txt"))
        result = self.scan(".")
        for path in ("a.zip!c.env", "b.7z!c.env", "h.7z"):
            self.assert_unread(result, "encrypted", path)
        self.assert_found(result, "a.zip!open.txt")

    def test_accept_unread_names_members_and_archives(self):
        self.write("c.env", TEXT)
        self.tool("zip", "-q", "-P", "secret", "a.zip", "c.env")
        os.unlink(self.path("c.env"))
        for glob in ("a.zip", "a.zip!c.env", "*.zip", "a.zip!*", "c.env"):
            self.write(".skant.yaml", f"version: 1\naccept_unread:\n  - {{paths: ['{glob}'], reasons: [encrypted],"
                       " reason: fixture}\n")
            self.assertEqual(self.scan(".").status, 0, glob)
        self.write(".skant.yaml", "version: 1\naccept_unread:\n  - {paths: ['b.zip'], reasons: [encrypted], reason: x}\n")
        self.assertEqual(self.scan(".").status, 3)


class Broken(ContainerTest):
    def cut(self, name, data, step=1):
        """All beginnings of data that are long enough to be told for what they are: a finding in it, or said of it."""
        least = 512 if ".tar" in name and data[:2] not in (b"\x1f\x8b", b"BZ", b"\xfd7") else 110
        for n in range(least if "cpio" in name or least == 512 else 14, len(data), step):
            self.write(f"cut/{n:06d}", data[:n])
        result = self.scan("cut", timeout=600)
        told = {f["path"].split("!")[0] for f in result.findings}
        told |= {line.split("'")[1].split("!")[0] for line in result.err.splitlines() if "was not read" in line}
        silent = sorted(set(f"cut/{n}" for n in os.listdir(self.path("cut"))) - told)
        self.assertEqual(silent, [], name)
        self.assertNotIn("signal", result.err)
        shutil.rmtree(self.path("cut"))

    def test_an_archive_cut_at_any_byte_is_found_in_or_said(self):
        members = [("a", os.urandom(60)), ("b/b", b"hello\n" * 9), ("c.env", TEXT)]
        step = 7 if has_sanitizer() else 1
        self.cut("a.zip", zip_of(members), step)
        self.cut("stored.zip", zip_of(members, zipfile.ZIP_STORED), step)
        self.cut("a.tgz", tar_of(members, "w:gz"), step)
        self.cut("a.txz", tar_of(members, "w:xz"), step)
        self.cut("c.gz", gzip.compress(TEXT), step)
        self.cut("c.bz2", bz2.compress(TEXT), step)
        self.cut("a.tar", tar_of(members), 13 * step)
        self.write("c.env", TEXT)
        self.write("d", b"x")
        self.tool("7z", "a", "-bd", "a.7z", "c.env", "d")
        with open(self.path("a.7z"), "rb") as f:
            self.cut("a.7z", f.read(), step)
        self.cut("cpio", subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input=b"d\nc.env\n", cwd=self.dir,
                                        check=True, stdout=subprocess.PIPE).stdout, 3 * step)

    def test_damage_costs_the_archive_and_not_the_scan(self):
        import random
        rng = random.Random(5)
        whole = zip_of([("a", os.urandom(500)), ("c.env", TEXT)]), tar_of([("a", b"x" * 900), ("c.env", TEXT)], "w:gz")
        for n in range(200):
            data = bytearray(whole[n % 2])
            for _ in range(rng.randrange(1, 8)):
                data[rng.randrange(4, len(data))] = rng.randrange(256)
            self.write(f"d/{n:03d}", bytes(data))
        self.write("d/zz.zip", whole[0])
        result = self.scan("d")
        self.assertIn(("d/zz.zip!c.env", 2, 5), self.places(result), result.err)
        self.assertNotIn("signal", result.err)

    def test_the_bytes_of_a_broken_archive_are_searched_as_they_are(self):
        data = tar_of([("a", b"x" * 600), ("c.env", TEXT)])
        self.write("a.tar", data[:1546] + b"\xff" * 8 + data[1554:])
        result = self.scan(".")
        self.assertEqual([f["path"] for f in result.findings], ["a.tar"], result.err)
        self.assert_unread(result, "corrupt", "a.tar")

    def test_names_are_shown_and_never_used(self):
        names = ["../../escaped", "/absolute/x", "a/../../b", "x\x1b[31m\x07", "new\nline", "./dot//x", "c.env", "c.env"]
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as t:
            for name in names:
                info = tarfile.TarInfo(name)
                info.size = len(TEXT)
                t.addfile(info, io.BytesIO(TEXT))
        self.write("in/a.tar", out.getvalue())
        result = self.scan("in")
        paths = [f["path"] for f in result.findings]
        self.assertEqual(len(paths), len(names), result.err)
        self.assertEqual(paths[0], "in/a.tar!../../escaped")
        self.assertEqual(paths[1], "in/a.tar!absolute/x")
        self.assertEqual(paths[5:], ["in/a.tar!dot/x", "in/a.tar!c.env", "in/a.tar!c.env"])
        text = self.skant("dir", "in").text
        self.assertNotIn("\x1b", text)
        self.assertIn("\\x1b[31m\\x07", text)
        self.assertEqual(sorted(os.listdir(self.dir)), ["in"])
        self.assertEqual(os.listdir(self.path("in")), ["a.tar"])

    def test_an_unnamed_member_has_a_name(self):
        self.write("a.zip", zip_of([("/", TEXT), (".", TEXT)]))
        self.assertTrue(all("a.zip!" in f["path"] for f in self.scan(".").findings))


class Helper(ContainerTest):
    """skant-unpack itself: missing, killed, hanging, lying."""

    def start(self, *args, env=None):
        """skant over what keeps a skant-unpack busy for long; its process, and the child's id."""
        self.write("a.bz2", bzip2_bomb(90_000_000_000))
        self.write("b.tgz", tar_of([("c.env", TEXT)], "w:gz"))
        p = subprocess.Popen([SKANT, "dir", "-f", "jsonl", "-j1", "--max-archive-ratio", "1000000",
                              "--max-archive-bytes", "1T", *args, "."], cwd=self.dir, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, env=env or self.env())
        self.addCleanup(p.stdout.close)
        self.addCleanup(p.stderr.close)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with open(f"/proc/{p.pid}/task/{p.pid}/children", encoding="ascii") as f:
                children = f.read().split()
            if children:
                with open(f"/proc/{children[0]}/comm", encoding="ascii") as f:
                    if f.read().strip() == "skant-unpack":
                        time.sleep(0.3)
                        return p, int(children[0])
            time.sleep(0.01)
        p.kill()
        return self.fail("no skant-unpack was started")

    def finish(self, p, timeout=60):
        out, err = p.communicate(timeout=timeout)
        records = [json.loads(line) for line in out.splitlines()]
        return p.returncode, [r["path"] for r in records if r["schema"] == "skant-finding/1"], err.decode()

    def test_a_kill_in_the_middle_costs_one_archive(self):
        p, child = self.start()
        os.kill(child, signal.SIGKILL)
        status, paths, err = self.finish(p)
        self.assertEqual((status, paths), (3, ["b.tgz!c.env"]), err)
        self.assertIn("'a.bz2' was not read as it should be: skant-unpack was ended by signal 9", err)

    @once
    def test_one_that_hangs_costs_one_archive(self):
        p, child = self.start()
        os.kill(child, signal.SIGSTOP)
        status, paths, err = self.finish(p)
        self.assertEqual((status, paths), (3, ["b.tgz!c.env"]), err)
        self.assertIn("came no further", err)

    def test_a_signal_ends_the_scan_and_the_child(self):
        p, child = self.start()
        p.send_signal(signal.SIGINT)
        status, _, err = self.finish(p)
        self.assertEqual(status, 3, err)
        self.assertFalse(os.path.exists(f"/proc/{child}"))

    def test_the_child_ends_with_the_scan_that_was_killed(self):
        p, child = self.start()
        p.kill()
        p.communicate()
        deadline = time.monotonic() + 20
        while os.path.exists(f"/proc/{child}") and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertFalse(os.path.exists(f"/proc/{child}"))

    @once
    def test_it_can_do_nothing_but_read_and_answer(self):
        p, child = self.start()
        try:
            with open(f"/proc/{child}/status", encoding="ascii") as f:
                facts = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
            # POSIX has no filter of system calls
            self.assertEqual(facts["Seccomp"].strip(), "0" if IS_PORTABLE else "2")
            self.assertEqual(facts["NoNewPrivs"].strip(), "0" if IS_PORTABLE else "1")
            with open(f"/proc/{child}/environ", "rb") as f:
                self.assertEqual(f.read().strip(b"\0"), b"")
            targets = sorted(os.readlink(f"/proc/{child}/fd/{n}").split(":")[0] for n in os.listdir(f"/proc/{child}/fd"))
            self.assertEqual(targets, ["/dev/null", "/dev/null", self.path("a.bz2"), "socket"])
            with open(f"/proc/{child}/limits", encoding="ascii") as f:
                limits = f.read()
            self.assertRegex(limits, r"Max core file size +0 +0")
            self.assertRegex(limits, r"Max data size +92274688 +92274688")
        finally:
            p.kill()
            p.communicate()

    def fake(self, script):
        self.write("bin/skant-unpack", script)
        os.chmod(self.path("bin/skant-unpack"), 0o755)
        return self.env(SKANT_LIBEXECDIR=self.path("bin"))

    def test_without_archives_none_is_started(self):
        # what skant starts may write where skant may: beside a report
        env = self.fake(f"#!/bin/sh\ntouch {self.path('r/started')}\n")
        os.mkdir(self.path("r"))
        report = "json=" + self.path("r/report")
        self.write("t/a.py", TEXT)
        self.write("t/b.png", b"\x89PNG\r\n\x1a\n" + bytes(100))
        self.assertEqual(len(self.scan("-f", report, "t", env=env).findings), 1)
        self.assertFalse(os.path.exists(self.path("r/started")))
        self.write("t/a.gz", gzip.compress(TEXT))
        self.scan("-f", report, "t", env=env)
        self.assertTrue(os.path.exists(self.path("r/started")))

    def test_what_it_says_is_not_trusted(self):
        self.write("t/a.tar", tar_of([("c.env", TEXT)]))
        for script in ("exit 0", "exit 1", "cat /dev/zero >&0", "printf 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa' >&0",
                       "printf '\\005\\001\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000xx' >&0; sleep 0.2"):
            result = self.scan("t", env=self.fake(f"#!/bin/sh\n{script}\n"))
            self.assertEqual(result.status, 3, script)
            self.assertEqual([f["path"] for f in result.findings], ["t/a.tar"], "its bytes are searched as they are")

    def test_one_that_is_missing_is_said_once(self):
        program = self.path("alone/skant")
        os.makedirs(os.path.dirname(program))
        shutil.copy(SKANT, program)
        self.write("t/a.tar", tar_of([("c.env", TEXT)]))
        self.write("t/b.zip", zip_of([("c.env", TEXT)]))
        if os.path.exists("/usr/local/libexec/skant/skant-unpack"):
            self.skipTest("there is one installed on this machine")
        done = subprocess.run([program, "dir", "-f", "jsonl", "t"], cwd=self.dir, capture_output=True, env=self.env(),
                              check=False)
        err = done.stderr.decode()
        self.assertEqual(done.returncode, 3)
        self.assertEqual(err.count("is in none of these folders"), 1)
        self.assertIn("alone/../libexec/skant", err)
        summary = json.loads(done.stdout.splitlines()[-1])["summary"]
        self.assertEqual(summary["unread"], {"unreadable": 2})
        self.assertIn(b'"path":"t/a.tar"', done.stdout, "its bytes are searched as they are")
        done = subprocess.run([program, "dir", "t"], cwd=self.dir, capture_output=True, check=False,
                              env=self.env(SKANT_LIBEXECDIR=os.path.dirname(UNPACK)))
        self.assertEqual(done.returncode, 1, done.stderr)


class Sources(ContainerTest):
    def test_a_stream_and_a_file_as_standard_input(self):
        data = tar_of([("c.env", TEXT), ("pad", os.urandom(9_000_000))], "w:gz")
        self.assert_found(self.skant("stdin", "-f", "jsonl", stdin=data), "stdin!c.env")
        self.write("a.tgz", data)
        with open(self.path("a.tgz"), "rb") as f:
            done = subprocess.run([SKANT, "stdin", "-f", "jsonl", "--label", "up.tgz"], cwd=self.dir, stdin=f,
                                  capture_output=True, env=self.env(), check=False)
        self.assertIn(b'"path":"up.tgz!c.env"', done.stdout)
        lie = b"PK\x03\x04 some text that is no archive" + b"\n" * 5_000_000 + TEXT
        self.assertEqual([f["path"] for f in self.skant("stdin", "-f", "jsonl", stdin=lie).findings], ["stdin"])

    @once
    def test_a_stream_that_is_too_large_is_said_and_searched_as_it_is(self):
        data = tar_of([("pad", bytes(150_000_000)), ("c.env", TEXT)])
        result = self.skant("stdin", "-f", "jsonl", stdin=data)
        self.assert_unread(result, "limit", "stdin", "too large to be held in memory")
        self.assertEqual([f["path"] for f in result.findings], ["stdin"])

    def commit(self, *names):
        self.git("add", "-A", *names)
        self.git("commit", "-qm", "change")

    def test_git_commands_open_what_a_repository_holds(self):
        self.git("init", "-q", "-b", "main")
        self.write("README", "x\n")
        self.commit()
        inner = tar_of([("c.env", TEXT)], "w:gz")
        self.write("lib/a.zip", zip_of([("a.tgz", inner), ("pad", os.urandom(5_000_000))]))
        self.git("add", "-A")
        path = "lib/a.zip!a.tgz!c.env"
        self.assert_found(self.skant("staged", "-f", "jsonl"), path)
        self.commit()
        self.assert_found(self.skant("git", "--range", "HEAD~1..HEAD", "-f", "jsonl"), path)
        [found] = self.skant("git", "-f", "jsonl").findings
        self.assertEqual((found["path"], found["message"]), (path, "change"))
        self.git("rm", "-q", "lib/a.zip")
        self.commit()
        self.git("gc", "-q")
        [found] = self.skant("git", "-f", "jsonl").findings
        self.assertEqual((found["path"], found["at_head"]), (path, False))
        self.assertEqual(self.skant("git", "--max-archive-depth", "0", "-f", "jsonl").findings, [])

    def test_staged_reports_only_what_is_new_in_an_archive(self):
        self.git("init", "-q", "-b", "main")
        other = make_key(73)
        self.write("a.zip", zip_of([("c.env", TEXT)]))
        self.commit()
        self.write("a.zip", zip_of([("c.env", TEXT), ("d.env", f"\nKEY={other}\n")]))
        self.git("add", "-A")
        self.assert_found(self.skant("staged", "-f", "jsonl"), "a.zip!d.env")

    def test_a_history_says_what_it_could_not_open(self):
        self.git("init", "-q", "-b", "main")
        self.write("bad.tgz", tar_of([("a", os.urandom(5000))], "w:gz")[:3000])
        self.commit()
        for args in (("git",), ("git", "--range", "HEAD")):
            self.assert_unread(self.skant(*args, "-f", "jsonl"), "corrupt", "bad.tgz")

    def test_a_push_is_read_into_its_archives(self):
        server, work = self.path("server.git"), self.path("work")
        for args in (("init", "-q", "--bare", "-b", "main", server), ("init", "-q", "-b", "main", work)):
            self.git(*args)
        hook = os.path.join(server, "hooks/pre-receive")
        with open(hook, "w", encoding="utf-8") as f:
            f.write(f"#!/bin/sh\nexec {SKANT} receive -f jsonl\n")
        os.chmod(hook, os.stat(hook).st_mode | stat.S_IXUSR)
        self.write("work/a.zip", zip_of([("c.env", TEXT)]))
        self.git("-C", work, "add", "-A")
        self.git("-C", work, "commit", "-qm", "one")
        done = subprocess.run(["git", "-C", work, "push", server, "main"], capture_output=True, env=self.env(), check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"a.zip!c.env", done.stderr)

    def test_a_cache_knows_under_which_limits_a_pack_was_clean(self):
        self.git("init", "-q", "-b", "main")
        self.write("a.zip", zip_of([("b.zip", zip_of([("c.zip", zip_of([("c.env", TEXT)]))]))]))
        self.commit()
        self.git("gc", "-q")
        cache = os.path.join(self.home, "cache")
        for depth, expected in (("0", 0), ("3", 1), ("0", 0), ("3", 1)):
            result = self.skant("git", "-f", "jsonl", "--cache", cache, "--max-archive-depth", depth)
            self.assertEqual(len(result.findings), expected, result.err)


class Words(ContainerTest):
    def test_every_format_names_the_member(self):
        self.write("lib/a.zip", zip_of([("c/c.env", TEXT)]))
        for name in ("text", "json", "jsonl", "sarif", "csv", "junit", "gitlab", "github", "gitleaks"):
            text = self.skant("dir", "-f", name, ".").text
            self.assertIn("lib/a.zip!c/c.env", text.replace("\\/", "/").replace("%21", "!"), name)

    def test_sarif_points_at_the_file_and_names_the_member(self):
        self.write("lib/a b.zip", zip_of([("c/c.env", TEXT)]))
        [run] = json.loads(self.skant("dir", "-f", "sarif", ".").text)["runs"]
        [result] = run["results"]
        [location] = result["locations"]
        self.assertEqual(location["physicalLocation"]["artifactLocation"]["uri"], "lib/a%20b.zip")
        self.assertEqual(location["logicalLocations"][0]["fullyQualifiedName"], "lib/a b.zip!c/c.env")
        self.assertIn("in the member c/c.env, line 2, column 5", result["message"]["text"])

    def test_globs_of_rules_and_allow_entries_see_both_paths(self):
        self.write("lib/a.zip", zip_of([("c/c.env", TEXT)]))
        rule = ("version: 1\nrules:\n  - id: word\n    kind: api\n    title: A word\n    severity: high\n"
                "    keywords: [secretword]\n    regex: 'secretword[0-9]+'\n    paths: {include: ['%s']}\n")
        self.write("more/lib/b.zip", zip_of([("c/c.env", "secretword12345678901234567890\n")]))
        for glob, expected in (("c/*.env", 1), ("**/*.env", 1), ("*.env", 1), ("lib/b.zip!c/c.env", 1), ("lib/*.env", 0)):
            self.write("rule.yaml", rule % glob)
            found = self.scan("--rules", "rule.yaml", "--min-confidence", "low", "more").findings
            self.assertEqual(len(found), expected, glob)
        for glob in ("c/*.env", "lib/a.zip", "lib/a.zip!c/c.env", "lib/a.zip!c/*", "*.env"):
            self.write(".skant.yaml", f"version: 1\nallow:\n  - {{paths: ['{glob}'], reason: x}}\n")
            self.assertEqual(self.scan(".").status, 0, glob)

    def test_a_fingerprint_of_a_member_can_be_listed(self):
        self.write("a.zip", zip_of([("c.env", TEXT)]))
        [found] = self.scan("a.zip").findings
        self.assertEqual(found["fingerprint"], "a.zip!c.env:anthropic-api-key:2")
        self.write(".skantignore", found["fingerprint"] + "\n")
        self.assertEqual(self.scan("a.zip").status, 0)

    def test_members_and_their_bytes_are_counted(self):
        self.write("a.zip", zip_of([("a", b"x" * 1000), ("b", b"y" * 500)]))
        summary = self.scan("a.zip").summary
        self.assertEqual((summary["files"], summary["bytes"]), (3, 1500))


if __name__ == "__main__":
    unittest.main()
