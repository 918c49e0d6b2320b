# SPDX-License-Identifier: Apache-2.0
"""Invents a history: commits of every shape, with keys planted in them, and the refs and reflogs that lead there."""
import random

import keys as planting
from store import copies_of

ZONES = ["+0000", "+0200", "-0330", "+0530", "-1100", "+1400", "-0800"]
FILE, EXEC, LINK, GITLINK = b"100644", b"100755", b"120000", b"160000"
ODD_NAMES = [b"with space.txt", b'quote".txt', b"new\nline.txt", b"tab\there", b"back\\slash", b"caf\xe9.txt",
             b"\xff\xfe", "\u6f22\u5b57.py".encode(), b"-dash", b"'single'", b"*glob?[x]", b"a:b", b"#hash",
             b"trailing ", b"\x01ctl", b"~tilde", b"\xed\xa0\x80half", b"@{0}", b"con.txt", b"a//b".replace(b"//",
             b"\\\\")]
ODD_REFS = ["refs/heads/-dash", "refs/heads/HEAD", "refs/heads/a\"quote", "refs/heads/\u00fcmlaut", "refs/heads/@",
            "refs/heads/deep/er/and/deeper", "refs/heads/with'quote", "refs/tags/v1.0.0-rc.1+build", "refs/heads/x@y",
            "refs/heads/refs/heads/x", "refs/heads/$(id)", "refs/heads/;ls", "refs/heads/a&b|c", "refs/odd/\U0001f600"]


ACTS = ["commit"] * 8 + ["branch"] * 2 + ["merge"] * 3 + [
    "octopus", "criss-cross", "orphan", "amend", "delete", "revert", "empty", "signed"]


class Commit:
    def __init__(self, name, files, parents, when):
        self.name, self.files, self.parents, self.when = name, files, parents, when


class History:
    def __init__(self, rng, store, keys):
        self.rng, self.store, self.keys = rng, store, keys
        self.clock = rng.choice([1112911993, 1234567890, 1500000000, 1700000000, 4102444800])
        self.commits = []
        self.refs = {}
        self.symrefs = {}
        self.reflogs = {}
        self.stashes = []
        self.shapes = set()
        self.head = "refs/heads/" + rng.choice(["main", "master", "trunk"])
        self.crafted = []       # (base, instructions, target): contents that a pack made by hand holds
        self.crafted_kept = []  # the same, also those that became a file

    # objects

    def blob(self, data):
        return self.store.put("blob", data)

    def content(self, chance=0.35):
        """A new file's (mode, id)."""
        rng = self.rng
        count = rng.choice([1, 1, 2]) if rng.random() < chance else 0
        if self.crafted and rng.random() < 0.3:
            self.shapes.add("copied-together")
            return FILE, self.blob(self.crafted.pop()[2])
        data, shape = planting.blob(rng, self.keys, count)
        if count:
            self.shapes.add("blob:" + shape)
        return (EXEC if rng.random() < 0.1 else FILE), self.blob(data)

    def craft(self):
        """Contents in which a key is put together from pieces of another object."""
        key = self.keys.fresh().text.encode()
        first = self.rng.randint(3, 25)     # a longer start would be a find of its own
        cuts = [first] + sorted(self.rng.sample(range(first + 1, 90), self.rng.randint(0, 3)))
        pieces = [key[a:b] for a, b in zip([0] + cuts, cuts + [len(key)])]
        self.rng.shuffle(pieces)
        base = b"".join(planting.words(self.rng).encode() + b" " + p + b" .\n" for p in pieces) + b"head = tail\n"
        ordered = [key[a:b] for a, b in zip([0] + cuts, cuts + [len(key)])]
        parts = [b"head = "] + ordered + [b"\n"]
        self.crafted.append((base, copies_of(base, parts), b"".join(parts)))
        self.crafted_kept.append(self.crafted[-1])

    def person(self, when):
        rng = self.rng
        name = rng.choice(["Ann Example", "B\u00f6b", "", "C. D. O'Reilly", "\u6f22"])
        mail = rng.choice(["ann@example.com", "b@example.org", "", "c+d@example.net"])
        return f"{name} <{mail}> {when} {rng.choice(ZONES)}"

    def message(self, chance=0.12):
        rng = self.rng
        if rng.random() > chance:
            return planting.words(rng) + rng.choice(["", "\n", "\n\nbody\n"])
        key = self.keys.any().text
        self.shapes.add("message")
        return rng.choice([f"add {key}\n", f"{planting.words(rng)}\n\ntoken: {key}\n", f"x\n\n{key}"])

    def commit(self, files, parents, message=None, extra=b""):
        rng = self.rng
        self.clock += rng.choice([-3600, 0, 0, 60, 3600, 86400])
        author = self.person(self.clock - rng.choice([0, 0, 1000, 10 ** 6]))
        text = self.message() if message is None else message
        lines = [f"tree {self.store.tree(files)}"] + [f"parent {p.name}" for p in parents]
        lines += ["author " + author, "committer " + self.person(self.clock)]
        raw = "\n".join(lines).encode() + b"\n" + extra
        body = text.encode()
        if rng.random() < 0.03:
            raw += b"encoding ISO-8859-1\n"
            body = b"caf\xe9 " + body
            self.shapes.add("encoding")
        made = Commit(self.store.put("commit", raw + b"\n" + body), dict(files), parents, self.clock)
        self.commits.append(made)
        return made

    # files of a commit

    def path(self, files):
        rng = self.rng
        if files and rng.random() < 0.3:
            return rng.choice(sorted(files))
        parts = []
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
            parts.append(rng.choice([b"src", b"lib", b"test", b"dir with space", b"d\xff", b"src-x", b"src.d"]))
        if rng.random() < 0.2:
            parts.append(rng.choice(ODD_NAMES))
            self.shapes.add("odd-names")
        else:
            parts.append(planting.words(rng, 1).encode() + rng.choice([b".py", b".txt", b"", b".yaml"]))
        if rng.random() < 0.02:
            parts = [b"long" * 50] * rng.randint(5, 25) + parts
            self.shapes.add("long-path")
        return b"/".join(parts)

    @staticmethod
    def place(files, path, entry):
        """Puts a file there; what cannot stand beside it goes."""
        for other in [p for p in files if p.startswith(path + b"/") or path.startswith(p + b"/")]:
            del files[other]
        files[path] = entry

    def change(self, files):
        """One change of a tree."""
        rng = self.rng
        some = rng.choice(sorted(files)) if files else None
        kinds = ["add"] * 4
        if some:
            kinds += ["edit"] * 4 + ["remove", "rename", "copy", "copy", "type", "mode", "undo"]
        kind = rng.choice(kinds + ["link", "gitlink", "nodiff"])
        path = self.path(files)
        if kind in ("add", "edit"):
            self.place(files, some if kind == "edit" else path, self.content())
        elif kind == "remove":
            del files[some]
        elif kind in ("rename", "copy"):
            entry = files[some]
            if kind == "rename":
                del files[some]
            self.place(files, path, entry)
        elif kind == "mode" and files[some][0] in (FILE, EXEC):
            files[some] = (EXEC if files[some][0] == FILE else FILE, files[some][1])
        elif kind == "undo":
            self.undo(files)
        elif kind in ("link", "gitlink", "type", "nodiff"):
            self.special(files, kind, some if kind == "type" else path)
        self.shapes.add(kind)

    def undo(self, files):
        """A path as some commit had it: the same blob comes again."""
        old = self.rng.choice(self.commits).files if self.commits else None
        if old:
            path = self.rng.choice(sorted(old))
            self.place(files, path, old[path])

    def special(self, files, kind, path):
        rng = self.rng
        target = self.blob((b"../" + self.keys.any().text.encode()) if rng.random() < 0.6 else b"../else/where")
        if kind == "link":
            self.place(files, path, (LINK, target))
        elif kind == "gitlink":
            self.place(files, path, (GITLINK, "%0*x" % (len(self.store.null), rng.getrandbits(150))))
        elif kind == "nodiff":
            self.place(files, b".gitattributes", (FILE, self.blob(b"* -diff\n*.py binary -text diff=x filter=y\n")))
        elif files[path][0] == LINK:
            del files[path]
            self.place(files, path + b"/inner", self.content(0.7))
        else:
            self.place(files, path, (LINK, target))

    def changed(self, files, most=3):
        files = dict(files)
        for _ in range(self.rng.randint(0 if self.rng.random() < 0.1 else 1, most)):
            self.change(files)
        return files

    # branches

    def move(self, ref, commit, why="commit"):
        old = self.refs.get(ref, self.store.null)
        self.refs[ref] = commit.name if commit else self.store.null
        for log in [ref] + (["HEAD"] if ref == self.head else []):
            self.reflogs.setdefault(log, []).append((old, self.refs[ref], why))

    def grow(self, steps):
        """The history itself."""
        rng = self.rng
        first = self.commit(self.changed({}, 5), [])
        self.tips = {self.head: first}
        self.move(self.head, first)
        for _ in range(steps):
            ref = rng.choice(sorted(self.tips))
            tip = self.tips[ref]
            act = rng.choice(ACTS)
            made = self.step(act, ref, tip)
            if made:
                self.tips[ref] = made
                self.move(ref, made, act)

    def step(self, act, ref, tip):
        rng = self.rng
        if act == "commit":
            return self.commit(self.changed(tip.files), [tip])
        if act == "branch":
            name = f"refs/heads/{rng.choice(['topic', 'fix', 'wip'])}-{len(self.commits)}"
            self.tips[name] = rng.choice(self.commits)
            self.move(name, self.tips[name], "branch")
            return None
        self.shapes.add(act)
        if act in ("merge", "octopus"):
            return self.merge(tip, rng.sample(self.commits, min(len(self.commits), 1 if act == "merge" else
                                                                rng.randint(2, 6))))
        if act == "criss-cross":
            return self.criss_cross(tip)
        if act == "orphan":
            root = self.commit(self.changed({}, 4), [])
            name = f"refs/heads/root-{len(self.commits)}"
            self.tips[name] = root
            self.move(name, root)
            return None
        if act == "amend":
            return self.commit(self.changed(tip.files), tip.parents)
        if act == "delete":
            return self.delete(ref)
        if act == "revert" and tip.parents:
            return self.commit(tip.parents[0].files, [tip])
        if act == "signed":
            return self.signed(tip)
        return self.commit({} if rng.random() < 0.3 else tip.files, [tip])

    def merge(self, tip, others):
        rng = self.rng
        parents, files = [tip], dict(tip.files)
        for other in others:
            if other not in parents:
                parents.append(other)
                for path in sorted(other.files):
                    self.merge_path(files, path, other.files[path])
        if rng.random() < 0.4:      # an evil merge: what no parent has
            self.shapes.add("evil-merge")
            self.place(files, self.path(files), self.content(1))
        return self.commit(files, parents)

    def merge_path(self, files, path, theirs):
        if path not in files:
            if self.rng.random() < 0.9:
                self.place(files, path, theirs)
        elif files[path] != theirs and self.rng.random() < 0.5:
            self.shapes.add("conflict")
            self.place(files, path, self.content(0.7) if self.rng.random() < 0.5 else theirs)

    def criss_cross(self, tip):
        other = self.rng.choice(self.commits)
        if other is tip:
            return None
        left, right = self.merge(tip, [other]), self.merge(other, [tip])
        return self.merge(left, [right])

    def delete(self, ref):
        if ref == self.head or len(self.tips) < 2:
            return None
        tip = self.tips.pop(ref)
        del self.refs[ref]
        log = self.reflogs.pop(ref)
        if self.rng.random() < 0.7:   # it was checked out: HEAD's reflog knows it
            self.reflogs.setdefault("HEAD", []).append((log[-1][0], tip.name, "checkout"))
        return None

    def signed(self, tip):
        text = f"gpgsig -----BEGIN PGP SIGNATURE-----\n \n {planting.words(self.rng)}\n"
        if self.rng.random() < 0.5:
            text += f" {self.keys.any().text}\n"
            self.shapes.add("key-in-header")
        return self.commit(self.changed(tip.files), [tip], extra=text.encode() + b" -----END PGP SIGNATURE-----\n")


def make(seed, store, keys):
    rng = random.Random(f"history {seed}")
    history = History(rng, store, keys)
    if rng.random() < 0.4:
        for _ in range(rng.randint(1, 3)):
            history.craft()
    history.grow(rng.choice([3, 8, 15, 25, 40]))
    return history
