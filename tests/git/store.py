# SPDX-License-Identifier: Apache-2.0
"""Writes git objects, and packs with deltas that git itself would not choose."""
import hashlib
import os
import struct
import zlib

TYPES = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}


class Store:
    """Objects of a repository that is being made; flush writes them as loose files."""

    def __init__(self, objects, algorithm):
        self.objects = objects
        self.algorithm = algorithm
        self.hash_len = hashlib.new(algorithm).digest_size
        self.null = "0" * (2 * self.hash_len)
        self.pending = {}
        self.order = []

    def id_of(self, kind, data):
        return hashlib.new(self.algorithm, b"%s %d\0" % (kind.encode(), len(data)) + data).hexdigest()

    def put(self, kind, data):
        name = self.id_of(kind, data)
        if name not in self.pending:
            self.pending[name] = (kind, data)
            self.order.append(name)
        return name

    def tree(self, files):
        """A tree, and those below it, from {path: (mode, id)}."""
        here, below = [], {}
        for path, (mode, name) in files.items():
            head, slash, rest = path.partition(b"/")
            if slash:
                below.setdefault(head, {})[rest] = (mode, name)
            else:
                here.append((head, mode, name))
        for head, sub in below.items():
            here.append((head, b"40000", self.tree(sub)))
        return self.raw_tree(sorted(here, key=lambda e: e[0] + (b"/" if e[1] == b"40000" else b"")))

    def raw_tree(self, entries):
        return self.put("tree", b"".join(mode + b" " + name + b"\0" + bytes.fromhex(oid)
                                         for name, mode, oid in entries))

    def loose_path(self, name, objects=None):
        return os.path.join(objects or self.objects, name[:2], name[2:])

    def write_loose(self, name, objects=None, level=1):
        kind, data = self.pending[name]
        path = self.loose_path(name, objects)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(zlib.compress(b"%s %d\0" % (kind.encode(), len(data)) + data, level))


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def copy(offset, size):
    """A copy instruction: bit n says that byte n of offset, or of size, follows."""
    head, args = 0x80, bytearray()
    for i, byte in enumerate(struct.pack("<I", offset)):
        if byte:
            head |= 1 << i
            args.append(byte)
    for i, byte in enumerate(struct.pack("<I", size)[:3]):
        if byte:
            head |= 1 << (4 + i)
            args.append(byte)
    return bytes([head]) + bytes(args)


def insert(data):
    return b"".join(bytes([len(data[i:i + 127])]) + data[i:i + 127] for i in range(0, len(data), 127))


def delta(base_size, result_size, instructions):
    return varint(base_size) + varint(result_size) + b"".join(instructions)


def copies_of(base, pieces):
    """A delta made of copy instructions alone: pieces are looked up in base."""
    return delta(len(base), sum(map(len, pieces)), [copy(base.index(p), len(p)) for p in pieces])


class Pack:
    """A pack made by hand; git index-pack makes its index."""

    def __init__(self, algorithm="sha1"):
        self.algorithm = algorithm
        self.body = bytearray()
        self.count = 0

    def head(self, kind, size):
        byte = kind << 4 | size & 15
        size >>= 4
        out = bytearray()
        while size:
            out.append(byte | 0x80)
            byte, size = size & 0x7F, size >> 7
        out.append(byte)
        return bytes(out)

    def _add(self, head, data, level=1):
        at = 12 + len(self.body)
        self.body += head + zlib.compress(data, level)
        self.count += 1
        return at

    def whole(self, kind, data):
        return self._add(self.head(TYPES[kind], len(data)), data)

    def ofs_delta(self, base_at, data, claims=None):
        back = 12 + len(self.body) - base_at
        out = [back & 0x7F]
        back >>= 7
        while back:
            back -= 1
            out.append(back & 0x7F | 0x80)
            back >>= 7
        return self._add(self.head(6, len(data) if claims is None else claims) + bytes(reversed(out)), data)

    def ref_delta(self, base_id, data):
        return self._add(self.head(7, len(data)) + bytes.fromhex(base_id), data)

    def data(self):
        raw = b"PACK" + struct.pack(">II", 2, self.count) + bytes(self.body)
        return raw + hashlib.new(self.algorithm, raw).digest()


def index(algorithm, entries, pack):
    """A version 2 index over {id: offset}, for packs that git would refuse to index."""
    names = sorted(entries)
    fan = [sum(int(n[:2], 16) <= i for n in names) for i in range(256)]
    large = [entries[n] for n in names if entries[n] >= 1 << 31]
    raw = b"\xfftOc" + struct.pack(">I", 2) + struct.pack(">256I", *fan)
    raw += b"".join(bytes.fromhex(n) for n in names) + bytes(4 * len(names))
    for n in names:
        at = entries[n]
        raw += struct.pack(">I", at if at < 1 << 31 else 1 << 31 | large.index(at))
    raw += b"".join(struct.pack(">Q", at) for at in large) + pack[-hashlib.new(algorithm).digest_size:]
    return raw + hashlib.new(algorithm, raw).digest()
