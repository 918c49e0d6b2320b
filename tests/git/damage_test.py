# SPDX-License-Identifier: Apache-2.0
"""Damaged packs, indexes and loose objects: said to be incomplete or still read whole, never clean, never a crash."""
import os
import struct
import unittest
import zlib

from store import Pack, copy, delta, index, insert, varint
from support import SANITIZED, GitTest, flipped, read, write

FLIPS = 40 if SANITIZED else 120    # places that are tried in one file
HUGE = 1 << 60


def object_starts(pack_path):
    """Offsets of the objects of a pack, from its index."""
    raw = read(pack_path + ".idx")
    count = struct.unpack(">I", raw[8 + 255 * 4:8 + 256 * 4])[0]
    at = 8 + 256 * 4 + count * 24
    return sorted(struct.unpack(f">{count}I", raw[at:at + 4 * count]))


class DamagedPack(GitTest):
    def setUp(self):
        super().setUp()
        self.make_versions()

    def test_a_pack_that_is_cut_off_is_not_clean(self):
        path = self.pack()
        data = read(path + ".pack")
        for size in sorted({0, 1, 11, 12, 13, 30, len(data) // 3, len(data) // 2, len(data) - 21, len(data) - 1}):
            write(path + ".pack", data[:size])
            self.never_a_miss(self.scan(), why=f"cut to {size} of {len(data)}")
            self.never_a_miss(self.scan("--full"), why=f"cut to {size} of {len(data)}, --full")

    def test_flipped_bits_of_a_pack_are_no_miss(self):
        for flags in ([], ["--depth=0", "--window=0"]):
            path = self.pack(*flags)
            data = read(path + ".pack")
            for _ in range(FLIPS):
                at, bit = self.rng.randrange(len(data)), self.rng.randrange(8)
                write(path + ".pack", flipped(data, at, bit))
                self.never_a_miss(self.scan("--full"), why=f"bit {bit} of byte {at}")
            write(path + ".pack", data)

    def test_flipped_bits_of_object_heads_are_no_miss(self):
        path = self.pack()
        data = read(path + ".pack")
        for start in object_starts(path):
            for bit in range(0, 8, 3 if SANITIZED else 1):
                write(path + ".pack", flipped(data, start, bit))
                for args in ([], ["--full"]):
                    with self.subTest(start=start, bit=bit, args=args):
                        self.never_a_miss(self.scan(*args))

    def test_flipped_bits_of_an_index_are_no_miss(self):
        path = self.pack()
        data = read(path + ".idx")
        for number in range(FLIPS):
            low = 0 if number % 2 else 8 + 256 * 4      # half of them behind the fan-out table
            at, bit = self.rng.randrange(low, len(data)), self.rng.randrange(8)
            write(path + ".idx", flipped(data, at, bit))
            self.never_a_miss(self.scan(), why=f"bit {bit} of byte {at}")

    def test_flipped_bits_of_a_multi_pack_index_are_no_miss(self):
        self.pack()
        self.git("multi-pack-index", "write")
        path = self.path("objects", "pack", "multi-pack-index")
        os.chmod(path, 0o644)
        data = read(path)
        for _ in range(FLIPS // 2):
            at, bit = self.rng.randrange(len(data)), self.rng.randrange(8)
            write(path, flipped(data, at, bit))
            self.never_a_miss(self.scan(), why=f"bit {bit} of byte {at}")

    def test_flipped_bits_of_a_reverse_index_are_no_miss(self):
        self.git("-c", "pack.writeReverseIndex=true", "repack", "-q", "-a", "-d", "-f")
        path = self.only_pack() + ".rev"
        os.chmod(path, 0o644)
        data = read(path)
        for _ in range(FLIPS // 2):
            at, bit = self.rng.randrange(len(data)), self.rng.randrange(8)
            write(path, flipped(data, at, bit))
            self.complete(self.scan("--full"))

    def test_a_wrong_checksum_of_a_stream_is_corrupt(self):
        path = self.pack("--depth=0", "--window=0")
        data = read(path + ".pack")
        starts = object_starts(path) + [len(data) - 20]
        for at, end in zip(starts, starts[1:]):
            write(path + ".pack", flipped(data, end - 1, 3))
            scan = self.scan("--full")
            # of a tree it need not be noticed, as long as all keys are
            if data[at] >> 4 & 7 == 3:
                self.incomplete(scan, "corrupt", why=f"object at {at}")
            self.never_a_miss(scan, why=f"object at {at}")

    def test_a_pack_without_an_index_is_not_clean(self):
        os.remove(self.pack() + ".idx")
        self.never_a_miss(self.scan())

    def test_an_index_without_a_pack_is_not_clean(self):
        os.remove(self.pack() + ".pack")
        self.incomplete(self.scan(), "missing-object")

    def test_packs_whose_indexes_only_a_multi_pack_index_replaces_are_no_miss(self):
        self.pack()
        self.git("multi-pack-index", "write")
        os.remove(self.only_pack() + ".idx")
        self.never_a_miss(self.scan())
        self.never_a_miss(self.scan("--full"), why="--full")

    def test_a_missing_pack_of_a_multi_pack_index_is_not_clean(self):
        self.pack()
        self.git("multi-pack-index", "write")
        path = self.only_pack()
        os.remove(path + ".idx")
        os.remove(path + ".pack")
        self.incomplete(self.scan(), "missing-object")

    def test_indexes_with_wrong_counts_are_no_miss(self):
        path = self.pack()
        data = read(path + ".idx")
        fan = struct.unpack(">256I", data[8:8 + 1024])

        def with_fan(values):
            return data[:8] + struct.pack(">256I", *values) + data[8 + 1024:]
        cases = {"all zero": with_fan([0] * 256), "one too many": with_fan(fan[:255] + (fan[255] + 1,)),
                 "one too few": with_fan(fan[:255] + (fan[255] - 1,)), "huge": with_fan(fan[:255] + (0xFFFFFFFF,)),
                 "falling": with_fan(tuple(reversed(fan[:255])) + fan[255:]), "all huge": with_fan([0xFFFFFFF0] * 256),
                 "cut": data[:len(data) // 2], "only a head": data[:8], "empty": b"",
                 "version 9": data[:7] + b"\x09" + data[8:],
                 "no magic": b"xxxx" + data[4:]}
        for name, raw in cases.items():
            write(path + ".idx", raw)
            self.never_a_miss(self.scan(), why=name)

    def test_offsets_past_the_pack_are_no_miss(self):
        path = self.pack()
        pack, raw = read(path + ".pack"), read(path + ".idx")
        count = struct.unpack(">I", raw[8 + 1020:8 + 1024])[0]
        names = [raw[1032 + 20 * i:1052 + 20 * i].hex() for i in range(count)]
        at = 1032 + 24 * count
        offsets = dict(zip(names, struct.unpack(f">{count}I", raw[at:at + 4 * count])))
        victim = self.planted[sorted(self.planted)[0]]
        size = len(pack)
        for offset in (size - 20, size, size + 1000, (1 << 31) - 1, 1 << 40, (1 << 63) - 1, (1 << 64) - 1, 0, 3):
            write(path + ".idx", index("sha1", {**offsets, victim: offset}, pack))
            scan = self.scan()
            self.assertEqual(scan.status, 3, f"offset {offset}: {scan!r}")


class HandMadePack(GitTest):
    """Packs that no git writes, beside loose objects that can be read."""

    def setUp(self):
        super().setUp()
        self.make_history(3)

    def add(self, pack, entries):
        raw = pack.data()
        base = self.path("objects", "pack", "pack-" + raw[-20:].hex())
        write(base + ".pack", raw)
        write(base + ".idx", index("sha1", entries, raw))

    def use(self, name):
        """A commit with a file of this id, on a branch."""
        tree = self.store.tree({b"broken": (b"100644", name)})
        tip = self.commit(tree, [self.commits[-1]])
        self.save()
        self.set_ref("refs/heads/broken", tip)

    def refused(self, why="", reasons=("corrupt",)):
        for args in ([], ["--full"], ["-j1"], ["--max-memory", "64M"]):
            scan = self.scan(*args)
            self.assertEqual(scan.status, 3, f"{why} {args}: {scan!r}")
            self.assertTrue(set(reasons) & set(scan.unread), f"{why} {args}: {scan!r}")
            self.assertEqual(set(self.planted) - scan.found, set(), f"{why} {args}: {scan!r}")

    def test_deltas_in_a_cycle_are_corrupt(self):
        for length in (1, 2, 3):
            names = [f"{length}{i}".ljust(40, "a") for i in range(length)]
            pack, entries = Pack(), {}
            for i, name in enumerate(names):
                entries[name] = pack.ref_delta(names[(i + 1) % length], delta(10, 10, [copy(0, 10)]))
            self.add(pack, entries)
            self.use(names[0])
            self.refused(f"cycle of {length}")

    def test_a_delta_that_claims_too_much_is_corrupt(self):
        base = b"base content\n" * 4
        cases = {"result": varint(len(base)) + varint(HUGE) + copy(0, 10),
                 "base": varint(HUGE) + varint(10) + copy(0, 10),
                 "both": varint(HUGE) + varint(HUGE) + copy(0, 10),
                 "beyond 64 bits": varint(len(base)) + b"\xff" * 12 + b"\x01" + copy(0, 10),
                 "copy past the base": delta(len(base), 40, [copy(len(base) - 5, 40)]),
                 "copy far past the base": delta(len(base), 40, [copy(0xFFFFFFFF, 0xFFFFFF)]),
                 "insert past the delta": delta(len(base), 40, [b"\x28abc"]),
                 "instruction 0": delta(len(base), 4, [b"\0abcd"]),
                 "too short a result": delta(len(base), 40, [copy(0, 10)]),
                 "too long a result": delta(len(base), 4, [copy(0, 10)]),
                 "nothing": b"", "one byte": b"\x80"}
        for number, (why, data) in enumerate(cases.items()):
            pack, name = Pack(), f"{number:02d}".ljust(40, "b")
            at = pack.whole("blob", base + why.encode())
            self.add(pack, {self.store.id_of("blob", base + why.encode()): at, name: pack.ofs_delta(at, data)})
            self.use(name)
            self.refused(why, ("corrupt", "limit"))

    def test_heads_that_claim_too_much_are_not_clean(self):
        for number, size in enumerate((HUGE, 1 << 33, (1 << 64) - 1)):
            pack, name = Pack(), f"{number}".ljust(40, "c")
            at = 12 + len(pack.body)
            pack._add(pack.head(3, size), b"short")
            self.add(pack, {name: at})
            self.use(name)
            self.refused(f"size {size}", ("corrupt", "limit"))

    def test_a_head_longer_than_any_number_is_not_clean(self):
        pack, name = Pack(), "d" * 40
        at = pack._add(b"\xb1" + b"\x80" * 20 + b"\x01", b"x" * 17)
        self.add(pack, {name: at})
        self.use(name)
        self.refused()

    def test_bases_outside_of_the_pack_are_not_clean(self):
        for number, back in enumerate((5, 1 << 20, 1 << 62)):
            pack, name = Pack(), f"{number}".ljust(40, "e")
            pack.whole("blob", b"first\n")
            at = 12 + len(pack.body)
            self.add(pack, {name: pack.ofs_delta(at - back, delta(10, 10, [copy(0, 10)]))})
            self.use(name)
            self.refused(f"base {back} back")

    def test_a_base_that_no_store_has_is_not_clean(self):
        pack, name = Pack(), "f" * 40
        self.add(pack, {name: pack.ref_delta("9" * 40, delta(10, 10, [copy(0, 10)]))})
        self.use(name)
        scan = self.scan()
        self.assertEqual(scan.status, 3, repr(scan))

    def test_types_that_do_not_exist_are_corrupt(self):
        for kind in (0, 5):
            pack, name = Pack(), f"{kind}".ljust(40, "1")
            at = pack._add(pack.head(kind, 5), b"hello")
            self.add(pack, {name: at})
            self.use(name)
            self.refused(f"type {kind}")

    def test_a_chain_of_ten_thousand_with_the_bases_last_is_read(self):
        key = self.keys.fresh()
        parts = [(None, b"0\n" + b"x" * 40)]      # base, what it becomes
        for i in range(1, 10000):
            parts.append((parts[-1][1], (b"%d %s\n" % (i, key.text.encode() if i == 9999 else b"-")) + b"x" * 40))
        pack, entries = Pack(), {}
        for base, whole in reversed(parts):
            data = base and delta(len(base), len(whole), [insert(whole[:-40]), copy(len(base) - 40, 40)])
            at = pack.ref_delta(self.store.id_of("blob", base), data) if base else pack.whole("blob", whole)
            entries[self.store.id_of("blob", whole)] = at
        self.add(pack, entries)
        self.use(self.store.id_of("blob", parts[-1][1]))
        for args in ([], ["--full"], ["-j1"], ["--max-memory", "64M"]):
            self.complete(self.scan(*args), list(self.planted) + [key.secret_id])


class DamagedLooseObject(GitTest):
    def setUp(self):
        super().setUp()
        self.make_history(4)
        self.clean_blob = self.store.put("blob", b"nothing of note\n" * 9)
        tree = self.store.tree({b"clean": (b"100644", self.clean_blob)})
        self.save()
        self.set_ref("refs/heads/clean", self.commit(tree, [self.commits[-1]]))
        self.save()

    def broken(self, name, data, why):
        path = self.store.loose_path(name)
        whole = read(path)
        write(path, data(whole) if callable(data) else data)
        scan = self.scan()
        write(path, whole)
        self.incomplete(scan, "corrupt", why=why)

    def test_what_is_not_a_whole_loose_object_is_corrupt(self):
        for name in (self.clean_blob, self.trees[1], self.commits[1]):
            kind, data = self.store.pending[name]
            raw = b"%s %d\0" % (kind.encode(), len(data)) + data
            self.broken(name, b"", "empty")
            self.broken(name, lambda whole: whole[:len(whole) // 2], "cut")
            self.broken(name, lambda whole: whole[:-1], "checksum cut")
            self.broken(name, b"rubbish, not a stream", "rubbish")
            self.broken(name, zlib.compress(raw[:-3]), "shorter than it says")
            self.broken(name, zlib.compress(raw + b"abc"), "longer than it says")
            self.broken(name, zlib.compress(b"%s %d\0" % (kind.encode(), HUGE) + data), "claims 2^60 bytes")
            self.broken(name, zlib.compress(b"%s -5\0" % kind.encode() + data), "negative size")
            self.broken(name, zlib.compress(b"thing 5\0hello"), "type that does not exist")
            self.broken(name, zlib.compress(b"no head at all"), "no head")

    def test_flipped_bits_of_a_loose_object_are_no_miss(self):
        for name in sorted(self.planted.values()) + self.trees + self.commits:
            path = self.store.loose_path(name)
            whole = read(path)
            for _ in range(10):
                at, bit = self.rng.randrange(len(whole)), self.rng.randrange(8)
                write(path, flipped(whole, at, bit))
                self.never_a_miss(self.scan(), why=f"bit {bit} of byte {at} of {name}")
            write(path, whole)

    def test_what_is_no_file_does_not_stop_a_scan(self):
        path = self.store.loose_path(self.clean_blob)
        for kind in ("fifo", "folder", "link to nothing"):
            if os.path.isdir(path):
                os.rmdir(path)
            else:
                os.remove(path)
            if kind == "fifo":
                os.mkfifo(path)
            elif kind == "folder":
                os.mkdir(path)
            else:
                os.symlink("/nothing/there", path)
            scan = self.scan()
            self.assertEqual((scan.status, set(self.planted) - scan.found), (3, set()), f"{kind}: {scan!r}")


class OddTrees(GitTest):
    def entry(self):
        return self.blob_with_key(3)

    def check(self, tree, why):
        self.save()
        self.set_ref("refs/heads/main", self.commit(tree, []))
        self.save()
        for args in ([], ["--full"], ["--range", "main"]):
            self.never_a_miss(self.scan(*args), why=f"{why} {args}")
        self.planted = {}

    def test_names_that_no_tree_should_have_hide_nothing(self):
        put, mode = self.store.raw_tree, b"100644"
        self.check(put([(b"..", mode, self.entry())]), "two dots")
        inner = put([(b"..", b"40000", put([(b"etc", mode, self.entry())]))])
        self.check(put([(b"..", b"40000", inner)]), "folders of dots")
        for name in (b".", b"", b".git", b"a/b", b"/etc/passwd", b"a\nb", b"x" * 70000, b"\x1b[2J"):
            self.check(put([(name, mode, self.entry())]), repr(name[:20]))

    def test_duplicate_and_unsorted_names_hide_nothing(self):
        put, mode = self.store.raw_tree, b"100644"
        self.check(put([(b"same", mode, self.entry()), (b"same", mode, self.entry())]), "duplicate")
        folder = put([(b"in", mode, self.entry())])
        self.check(put([(b"same", mode, self.entry()), (b"same", b"40000", folder)]), "both sorts")
        self.check(put([(b"z", mode, self.entry()), (b"a", mode, self.entry())]), "unsorted")

    def test_modes_that_no_tree_should_have_hide_nothing(self):
        for mode in (b"0", b"100666", b"777777", b"0100644", b"040000", b"100644100644", b""):
            inner = self.entry()
            if mode == b"040000":
                inner = self.store.raw_tree([(b"in", b"100644", inner)])
            self.check(self.store.raw_tree([(b"file", mode, inner)]), repr(mode))

    def test_trees_that_are_cut_off_hide_nothing(self):
        first, last = self.entry(), self.entry()
        whole = b"100644 a\0" + bytes.fromhex(first) + b"100644 b\0" + bytes.fromhex(last)
        for size in (len(whole) - 1, len(whole) - 20, len(whole) - 22, len(whole) - 25, 3, 1):
            self.check(self.store.put("tree", whole[:size]), f"cut to {size}")

    def test_commits_and_tags_that_are_broken_hide_nothing(self):
        tree = self.store.tree({b"file": (b"100644", self.entry())})
        who = "A <a@example.com> 1700000000 +0000"
        key = self.keys.fresh()
        self.planted[key.secret_id] = None
        for raw in (f"tree {tree}\n\n{key.text}", f"tree {tree}\nauthor {who}\n\n{key.text}", f"{key.text}",
                    f"tree {tree[:20]}\nauthor {who}\ncommitter {who}\n\n{key.text}",
                    f"tree {tree}\nauthor x\ncommitter y\n\n{key.text}", f"author {who}\ntree {tree}\n\n{key.text}",
                    f"tree {tree}\nauthor A <a> 99999999999999999999999 +9999\ncommitter {who}\n\n{key.text}",
                    f"tree {tree}\nparent {tree}\nauthor {who}\ncommitter {who}\n\n{key.text}"):
            name = self.store.put("commit", raw.encode())
            self.save()
            self.set_ref("refs/heads/main", name)
            for args in ([], ["--full"]):
                self.never_a_miss(self.scan(*args), [key.secret_id], why=f"{raw[:50]!r} {args}")


if __name__ == "__main__":
    unittest.main()
