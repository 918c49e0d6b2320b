# SPDX-License-Identifier: Apache-2.0
"""What `skant git` should find, worked out the slow and plain way: every object that `git cat-file` prints is parsed
here, searched for the planted keys, and asked which commits have it."""
import datetime
import os
import re

from keys import ENCODINGS, MARK

CLASSES = ["ref", "stash", "reflog", "unreachable"]
STARTS = [codec and "sk-ant-".encode(codec) for codec in ENCODINGS.values()]


class Commit:
    def __init__(self, raw):
        head, _, body = raw.partition(b"\n\n")
        lines = head.split(b"\n")
        self.tree = lines[0].split(b" ")[1].decode()
        self.parents = [line[7:].decode() for line in lines[1:] if line.startswith(b"parent ")]
        people = {line.split(b" ")[0]: line for line in reversed(lines) if line.startswith((b"author ", b"committer "))}
        self.author = person(people[b"author"][7:])
        self.when = person(people[b"committer"][10:])[2]
        self.message = body.split(b"\n")[0]


class Tag:
    def __init__(self, raw):
        lines = raw.partition(b"\n\n")[0].split(b"\n")
        self.target, self.kind = lines[0][7:].decode(), lines[1][5:].decode()
        tagger = [line[7:] for line in lines if line.startswith(b"tagger ")]
        self.author = person(tagger[0]) if tagger else None


def person(line):
    """name, email, seconds, the date as it is shown"""
    name, _, rest = line.partition(b" <") if not line.startswith(b"<") else (b"", b"", line[1:])
    email, _, when = rest.rpartition(b"> ")
    seconds, zone = when.decode().split(" ")
    sign = -1 if zone[0] == "-" else 1
    delta = datetime.timedelta(hours=sign * int(zone[1:3]), minutes=sign * int(zone[3:5]))
    shown = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc) + delta
    return name, email, int(seconds), f"{shown:%Y-%m-%dT%H:%M:%S}{zone[:3]}:{zone[3:]}"


def parse_tree(raw, hash_len):
    entries, at = [], 0
    while at < len(raw):
        space, null = raw.index(b" ", at), raw.index(b"\0", at)
        entries.append((raw[at:space], raw[space + 1:null], raw[null + 1:null + 1 + hash_len].hex()))
        at = null + 1 + hash_len
    return entries


# where a key stands in an object

def detect(raw):
    """How lines and columns are counted, and the length of a byte-order mark."""
    if raw[:2] == b"\xff\xfe":
        return "utf-16-le", 2
    if raw[:2] == b"\xfe\xff":
        return "utf-16-be", 2
    if raw[:3] == b"\xef\xbb\xbf":
        return None, 3
    first = raw[:512]
    if len(first) < 16 or b"\0" not in first:
        return None, 0
    even, odd = first[0::2].count(0), first[1::2].count(0)
    if odd * 8 >= len(first) * 3 and even * 32 <= len(first):
        return "utf-16-le", 0
    if even * 8 >= len(first) * 3 and odd * 32 <= len(first):
        return "utf-16-be", 0
    return None, 0


def place(raw, at):
    """Line and column of an offset, columns in bytes as UTF-8."""
    codec, mark = detect(raw)
    before = raw[mark:at]
    if codec:
        before = before.decode(codec, "surrogatepass").encode("utf-8", "surrogatepass")
    return before.count(b"\n") + 1, len(before) - before.rfind(b"\n")


def is_allowed(raw, at, via):
    """Whether the line that the key stands on has a marker."""
    codec = ENCODINGS[via]
    line_feed, marker, width = "\n".encode(codec), MARK.encode(codec), len("\n".encode(codec))
    start, end = raw.rfind(line_feed, 0, at), raw.find(line_feed, at)
    return marker in raw[start + width if start >= 0 else 0:end if end >= 0 else len(raw)]


class Spot:
    """A key in an object."""

    def __init__(self, raw, key, at, via):
        self.key, self.at, self.via = key, at, via
        self.line, self.column = place(raw, at)
        self.is_allowed = is_allowed(raw, at, via)


def spots(raw, keys):
    if not any(start in raw for start in STARTS):
        return []
    found = []
    for key in keys:
        for via, form in key.forms.items():
            at = raw.find(form)
            while at >= 0:
                found.append((key, at, via))
                at = raw.find(form, at + len(form))
    # text in UTF-16 reads as both byte orders, one byte apart: units start at even offsets
    taken = {at for _, at, via in found if via and at % 2 == 0}
    return [Spot(raw, key, at, via) for key, at, via in found
            if not via or at % 2 == 0 or not {at - 1, at + 1} & taken]


def read_all(repo):
    """All objects of the store and its alternates: {id: (type, bytes)}."""
    out = repo.git("cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer", cwd=repo.git_dir)
    objects, at = {}, 0
    while at < len(out):
        end = out.index(b"\n", at)
        name, kind, size = out[at:end].decode().split(" ")
        objects[name] = kind, out[end + 1:end + 1 + int(size)]
        at = end + 2 + int(size)
    return objects


def read_logs(folder):
    """All entries of the reflogs below a folder: {name: [(old, new)]}."""
    logs = {}
    for where, _, files in os.walk(os.path.join(folder, "logs")):
        for file in files:
            path = os.path.join(where, file)
            with open(path, "rb") as f:
                lines = f.read().split(b"\n")
            name = os.path.relpath(path, os.path.join(folder, "logs"))
            logs[name] = [tuple(line.decode("latin-1").split(" ")[:2]) for line in lines if line]
    return logs


class Oracle:
    def __init__(self, repo):
        self.repo = repo
        self.objects = read_all(repo)
        self.hash_len = 32 if repo.algorithm == "sha256" else 20
        self.commits, self.tags, self.trees, self.spots = {}, {}, {}, {}
        for name, (kind, raw) in self.objects.items():
            self.take(name, kind, raw)
        self.read_roots()
        self.hit_memo = {}
        self.classes = self.classify()
        self.children = {}
        for name, commit in self.commits.items():
            for parent in commit.parents:
                self.children.setdefault(parent, set()).add(name)
        self.by_class = [[c for c in self.commits if self.classes[c] <= n] for n in range(len(CLASSES))]
        # git repack -a drops the packed part of what nothing reaches: commits without their trees
        self.whole = sorted(c for c in self.commits if self.is_whole(c))
        self.ref_reach = {ref: self.reach([name], set()) for ref, name in {**self.refs, **self.others}.items()}

    def take(self, name, kind, raw):
        if kind == "commit":
            self.commits[name] = Commit(raw)
        elif kind == "tag":
            self.tags[name] = Tag(raw)
        elif kind == "tree":
            self.trees[name] = parse_tree(raw, self.hash_len)
            return
        found = spots(raw, self.repo.keys.all)
        if found:
            self.spots[name] = found

    # what leads where

    def read_roots(self):
        """refs: {full name: id}; heads: of all work trees, the main one first; entries of reflogs."""
        repo = self.repo
        shown = repo.git("show-ref", "--head", cwd=repo.git_dir, check=False).decode("utf-8", "surrogateescape")
        self.refs = dict(reversed(line.split(" ", 1)) for line in shown.split("\n") if line)
        self.head = self.refs.pop("HEAD", None)
        self.heads = {repo.git_dir: self.head}
        self.views = {repo.git_dir: set(self.refs)}     # the refs that each work tree knows
        self.others = {}        # refs that only a linked work tree has
        logs = read_logs(repo.git_dir)
        for _, git_dir in repo.linked:
            out = repo.git("show-ref", "--head", cwd=git_dir, env={"GIT_DIR": git_dir}, check=False).decode()
            seen = dict(reversed(line.split(" ", 1)) for line in out.split("\n") if line)
            self.heads[git_dir] = seen.pop("HEAD", None)
            self.views[git_dir] = set(seen)
            self.others.update((ref, name) for ref, name in seen.items() if ref not in self.refs)
            logs.update({git_dir + n: e for n, e in read_logs(git_dir).items()})
        self.stash = [self.refs["refs/stash"]] if "refs/stash" in self.refs else []
        self.stash += [new for _, new in logs.get("refs/stash", [])] if self.stash else []
        self.logged = [name for entries in logs.values() for entry in entries for name in entry]

    def reach(self, roots, seen):
        """Adds all that the roots lead to."""
        todo = [r for r in roots if r in self.objects]
        while todo:
            name = todo.pop()
            if name in seen or name not in self.objects:
                continue
            seen.add(name)
            if name in self.commits:
                todo.append(self.commits[name].tree)
                todo += self.commits[name].parents
            elif name in self.tags:
                todo.append(self.tags[name].target)
            else:
                todo += [oid for mode, _, oid in self.trees.get(name, ()) if mode != b"160000"]
        return seen

    def is_whole(self, commit):
        """Whether all that it leads to is there."""
        for name in self.reach([commit], set()):
            if name in self.commits:
                needed = [self.commits[name].tree, *self.commits[name].parents]
            else:
                needed = [oid for mode, _, oid in self.trees.get(name, ()) if mode != b"160000"]
            if any(n not in self.objects for n in needed):
                return False
        return True

    def classify(self):
        refs = [name for ref, name in self.refs.items() if ref != "refs/stash"]
        refs += [*self.others.values()] + [h for h in self.heads.values() if h]
        roots = [refs, self.stash, self.logged, list(self.objects)]
        classes, seen = {}, set()
        for number, names in enumerate(roots):
            before = set(seen)
            self.reach(names, seen)
            classes.update((name, number) for name in seen - before)
        return classes

    def hits(self, tree):
        """Blobs with keys in a tree: {id: paths}."""
        if tree not in self.hit_memo:
            found = {}
            for mode, name, oid in self.trees.get(tree, ()):
                if mode in (b"40000", b"040000"):
                    for blob, paths in self.hits(oid).items():
                        found.setdefault(blob, set()).update(name + b"/" + p for p in paths)
                elif oid in self.spots and mode != b"160000":
                    found.setdefault(oid, set()).add(name)
            self.hit_memo[tree] = found
        return self.hit_memo[tree]

    def paths(self, commit, blob):
        """Where a commit has a blob; nothing for a commit that is not there."""
        return self.hits(self.commits[commit].tree).get(blob, set()) if commit in self.commits else set()

    # the findings

    def expected(self, is_full, git_dir=None):
        """Records as skant should report them when it is started in that work tree, in its order."""
        git_dir = git_dir or self.repo.git_dir
        out = []
        for name in self.spots:
            if self.classes[name] <= (3 if is_full else 1):
                out += self.describe(name, git_dir)
        return sorted(out, key=lambda r: r["order"])

    def describe(self, name, git_dir):
        kind, head = self.objects[name][0], self.heads[git_dir]
        about = {"object": name, "object_type": kind, "from": CLASSES[self.classes[name]],
                 "reachable": self.classes[name] < 2,
                 "refs": sorted((r for r in self.views[git_dir] if name in self.ref_reach[r]),
                                key=lambda r: r.encode("utf-8", "surrogateescape"))}
        about.update({"blob": self.about_blob, "commit": self.about_commit, "tag": self.about_tag}[kind](name, head))
        return [record(spot, about, self.commits) for spot in self.spots[name] if not spot.is_allowed]

    def about_blob(self, name, head):
        among = self.by_class[self.classes[name]]
        having = [c for c in among if self.paths(c, name)]
        at_head = bool(head) and bool(self.paths(head, name))
        if not having:
            return {"path": self.path_without_commit(name), "at_head": at_head}
        age = {c: (self.commits[c].when, c) for c in having}
        first = min((c for c in having if not any(self.paths(p, name) for p in self.commits[c].parents)), key=age.get)
        known = set(among)
        lasting = [c for c in having if not any(self.paths(d, name) for d in self.children.get(c, set()) & known)]
        last = min(lasting, key=lambda c: (-self.commits[c].when, c))
        path = min(self.paths(first, name))
        return {"path": [path], "last_commit": last, "at_head": at_head,
                "also_at": sorted(set().union(*(self.paths(c, name) for c in having)) - {path}),
                **self.about_author(first)}

    def about_author(self, commit):
        made = self.commits[commit]
        name, email, _, date = made.author
        return {"commit": commit, "author": name, "email": email, "date": date, "message": made.message}

    def path_without_commit(self, name):
        """In the tree that a ref of its best class leads to straight, or else its id. A dangling tree may name it."""
        number = self.classes[name]
        roots = [[*self.refs.values(), *self.others.values()], self.stash, self.logged, list(self.trees)][number]
        paths = set()
        for root in roots:
            while root in self.tags:
                root = self.tags[root].target
            if root in self.trees:
                paths |= self.hits(root).get(name, set())
        if number == 3:
            return sorted(paths) + [name.encode()]
        return [min(paths)] if paths else [name.encode()]

    def about_commit(self, name, head):
        at_head = bool(head) and name in self.reach([head], set())
        return {"path": [b"COMMIT_EDITMSG"], "last_commit": name, "at_head": at_head, **self.about_author(name)}

    def about_tag(self, name, _):
        tag, about = self.tags[name], {"path": [b"TAG_EDITMSG"]}
        target = tag.target
        while target in self.tags:
            target = self.tags[target].target
        if target in self.commits:
            about["commit"] = target
        if tag.author:
            about["author"], about["email"], _, about["date"] = tag.author
        return about

    # what commits introduce

    def rev_list(self, *args):
        return self.repo.git("rev-list", *args, "--", cwd=self.repo.git_dir).decode().split()

    def introduced(self, commits, is_whole, base_trusted=True):
        out = []
        for name in commits:
            commit = self.commits[name]
            parents = [self.flat(p) for p in commit.parents if p in self.commits]
            for path, blob in self.flat(name).items():
                if blob in self.spots and all(p.get(path) != blob for p in parents):
                    before = {s.key.secret_id for p in parents for s in self.spots.get(p.get(path), ())}
                    fresh = [s for s in self.spots[blob] if is_whole or s.key.secret_id not in before]
                    out += self.news(name, blob, "blob", path, fresh, base_trusted)
            out += self.news(name, name, "commit", b"COMMIT_EDITMSG", self.spots.get(name, ()), base_trusted)
        return sorted(out, key=lambda r: r["order"])

    def news(self, commit, name, kind, path, found, base_trusted):
        about = {"object": name, "object_type": kind, "path": [path], **self.about_author(commit)}
        out = []
        for spot in found:
            if not spot.is_allowed or base_trusted:
                out.append(record(spot, about, self.commits))
                out[-1]["untrusted_allow"] = MARK if spot.is_allowed else None
        return out

    def flat(self, commit):
        """{path: blob} of a whole commit."""
        found, todo = {}, [(b"", self.commits[commit].tree)]
        while todo:
            before, tree = todo.pop()
            for mode, name, oid in self.trees[tree]:
                if mode in (b"40000", b"040000"):
                    todo.append((before + name + b"/", oid))
                elif mode != b"160000":
                    found[before + name] = oid
        return found


def record(spot, about, commits):
    """One finding, with path as the list of what it may be."""
    made = {**about, "rule_id": spot.key.rule, "kind": spot.key.kind, "secret_id": spot.key.secret_id,
            "masked": spot.key.masked, "via": [spot.via] if spot.via else None,
            "offset": spot.at, "start_line": spot.line, "start_column": spot.column}
    when = commits[about["commit"]].when if "commit" in about else 1 << 62
    made["order"] = (when, about.get("commit", ""), about["path"][0], about["object"], spot.at)
    return made


def lossy(raw):
    """Bytes as text the way reports show them: what is no UTF-8 becomes U+FFFD, byte by byte."""
    if isinstance(raw, str):
        raw = raw.encode("utf-8", "surrogateescape")
    return re.sub("[\udc80-\udcff]", "\ufffd", raw.decode("utf-8", "surrogateescape"))
