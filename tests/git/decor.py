# SPDX-License-Identifier: Apache-2.0
"""What stands beside the branches of a history: stashes, tags, notes, refs to anything, and what nothing leads to."""
import keys as planting
from history import FILE, ODD_REFS, Commit


def stash(h):
    """Commits with two or three parents: the work tree's state, the index, untracked files."""
    base = h.rng.choice(h.commits)
    index = h.commit(h.changed(base.files), [base], "index on main: x")
    parents = [base, index]
    if h.rng.random() < 0.7:
        parents.append(h.commit({h.path({}): h.content(0.8)}, [], "untracked files on main: x"))
    h.commits.remove(index)
    work = h.commit(h.changed(index.files), parents, h.message(0.05))
    for c in [work] + parents[2:]:
        h.commits.remove(c)
    old = h.stashes[-1].name if h.stashes else h.store.null
    h.stashes.append(work)
    h.refs["refs/stash"] = work.name
    h.reflogs.setdefault("refs/stash", []).append((old, work.name, "WIP on main"))


def tag_object(h, kind, name, title):
    tagger = "" if h.rng.random() < 0.1 else f"tagger {h.person(h.clock)}\n"
    text = f"{planting.words(h.rng)}\n"
    if h.rng.random() < 0.4:
        text += f"\nkey {h.keys.any().text}\n"
    return h.store.put("tag", f"object {name}\ntype {kind}\ntag {title}\n{tagger}\n{text}".encode())


def a_blob(h):
    return h.blob(planting.text(h.rng, h.keys, 1).encode())


def a_tree(h):
    files = {h.path({}): h.content(0.7) for _ in range(h.rng.randint(1, 3))}
    return h.store.tree(files)


def tags(h):
    for i in range(h.rng.randint(1, 4)):
        kind = h.rng.choice(["light", "annotated", "annotated", "nested", "blob", "tree", "tagged-blob", "tagged-tree"])
        commit = h.rng.choice(h.commits).name
        ref = f"refs/tags/v{i}"
        if kind == "light":
            h.refs[ref] = commit
        elif kind in ("blob", "tree"):
            h.refs[ref] = a_blob(h) if kind == "blob" else a_tree(h)
        elif kind in ("tagged-blob", "tagged-tree"):
            of = kind[7:]
            h.refs[ref] = tag_object(h, of, a_blob(h) if of == "blob" else a_tree(h), f"v{i}")
        else:
            name = tag_object(h, "commit", commit, f"v{i}")
            for n in range(h.rng.randint(1, 3) if kind == "nested" else 0):
                name = tag_object(h, "tag", name, f"v{i}-{n}")
            h.refs[ref] = name
        h.shapes.add("tag:" + kind)


def notes(h):
    files = {}
    for commit in h.rng.sample(h.commits, min(3, len(h.commits))):
        name = commit.name if h.rng.random() < 0.5 else commit.name[:2] + "/" + commit.name[2:]
        files[name.encode()] = (FILE, h.blob(planting.text(h.rng, h.keys, 1).encode()))
    tip = h.commit(files, [], "Notes added by 'git notes add'\n")
    h.commits.remove(tip)
    h.refs[h.rng.choice(["refs/notes/commits", "refs/notes/review"])] = tip.name


def odd_refs(h):
    for ref in h.rng.sample(ODD_REFS, 3):
        if not any(ref.startswith(r + "/") or r.startswith(ref + "/") for r in h.refs):
            h.refs[ref] = h.rng.choice(h.commits).name


def pulls(h):
    for n in h.rng.sample(range(1, 5000), h.rng.randint(1, 3)):
        base = h.rng.choice(h.commits)
        tip = h.commit(h.changed(base.files), [base])
        h.refs[f"refs/pull/{n}/head"] = tip.name
        if h.rng.random() < 0.4:
            h.refs[f"refs/pull/{n}/merge"] = h.merge(base, [tip]).name


def other_refs(h):
    rng = h.rng
    for ref in rng.sample(["refs/remotes/origin/main", "refs/original/refs/heads/main", "refs/keep-around/abc",
                           "refs/bisect/bad", "refs/worktree/local", "refs/replace-me/x", "refs/changes/12/3412/1"], 3):
        h.refs[ref] = rng.choice(h.commits).name
    h.refs["refs/blobs/direct"] = a_blob(h)
    h.refs["refs/trees/direct"] = a_tree(h)
    if "refs/remotes/origin/main" in h.refs:
        h.symrefs["refs/remotes/origin/HEAD"] = "refs/remotes/origin/main"
    if rng.random() < 0.3:
        h.symrefs["refs/heads/alias"] = h.head
    if rng.random() < 0.3:
        h.symrefs["refs/remotes/gone/HEAD"] = "refs/remotes/gone/none"


def dangling(h):
    """Nothing leads to these."""
    base = h.rng.choice(h.commits)
    made = h.commit(h.changed(base.files, 4), [base])
    h.commits.remove(made)
    if h.rng.random() < 0.5:
        h.commits.remove(h.commit(h.changed(made.files), [made]))
    a_blob(h)
    if h.rng.random() < 0.5:
        tag_object(h, "commit", made.name, "lost")
    if h.rng.random() < 0.5:
        a_tree(h)


def dropped(h):
    """Reflog entries that no ref's present state explains."""
    base = h.rng.choice(h.commits)
    made = h.commit(h.changed(base.files, 4), [base])
    h.commits.remove(made)
    log = h.rng.choice(["HEAD", h.head, "refs/heads/gone"])
    h.reflogs.setdefault(log, []).append((base.name, made.name, "reset: moving to HEAD~1"))
    if h.rng.random() < 0.3:
        h.reflogs[log].append((made.name, "%0*x" % (len(h.store.null), h.rng.getrandbits(150)), "pruned since"))
        h.shapes.add("reflog-to-nothing")
    if log == "refs/heads/gone":
        h.shapes.add("reflog-without-ref")


def mergetag(h):
    base, other = h.rng.choice(h.commits), h.rng.choice(h.commits)
    key = h.keys.any().text
    text = (f"mergetag object {other.name}\n type commit\n tag v9\n tagger {h.person(h.clock)}\n \n"
            f" tag text {key}\n")
    tip = h.commit(h.changed(base.files), [base, other], extra=text.encode())
    h.refs["refs/heads/mergetag"] = tip.name


def many_paths(h):
    """One blob at many paths."""
    base = h.rng.choice(h.commits)
    files, entry = dict(base.files), h.content(1)
    for i in range(h.rng.choice([5, 40])):
        h.place(files, h.path({}) + str(i).encode(), entry)
    h.refs["refs/heads/many"] = h.commit(files, [base]).name


def edges(h):
    """Keys at the edges of buffers."""
    sizes = [4 << 20] if h.rng.random() < 0.15 else [64 << 10, 32 << 10, 128 << 10]
    base = h.rng.choice(h.commits)
    files = dict(base.files)
    for size in sizes:
        at = size - h.rng.randint(0, 130)
        if size == 4 << 20:
            at -= h.rng.choice([0, 32 << 10, 64 << 10])
        data = planting.edge_blob(h.rng, h.keys, size, at)
        h.place(files, b"edge-%d" % size, (FILE, h.blob(data)))
        h.shapes.add(f"edge-{size >> 10}K")
    h.refs["refs/heads/edges"] = h.commit(files, [base]).name


def many_trees(h):
    """Deep folders, and a folder that is a commit's whole tree elsewhere."""
    base = h.rng.choice(h.commits)
    files = {b"sub/tree/" + p: e for p, e in base.files.items()}
    h.refs["refs/heads/subtree"] = h.commit(files, [base]).name


def old_modes(h):
    """Modes that git wrote long ago."""
    entry = h.blob(planting.text(h.rng, h.keys, 1).encode())
    tree = h.store.raw_tree([(b"old", b"100664", entry)])
    raw = f"tree {tree}\nauthor {h.person(h.clock)}\ncommitter {h.person(h.clock)}\n\nold modes\n"
    h.refs["refs/heads/old-modes"] = h.store.put("commit", raw.encode())


def detach(h):
    commit = h.rng.choice(h.commits)
    if h.rng.random() < 0.5:
        commit = h.commit(h.changed(commit.files, 4), [commit])
        h.commits.remove(commit)
    h.head = commit.name
    h.reflogs.setdefault("HEAD", []).append((h.store.null, commit.name, "checkout: moving to detached"))


def unborn(h):
    h.head = "refs/heads/not-born-yet"


def add_all(h):
    chances = [(stash, 0.45), (tags, 0.6), (notes, 0.3), (odd_refs, 0.3), (pulls, 0.35), (other_refs, 0.4),
               (dangling, 0.5), (dropped, 0.5), (mergetag, 0.15), (many_paths, 0.2), (edges, 0.2), (many_trees, 0.2),
               (old_modes, 0.1)]
    for add, chance in chances:
        if h.rng.random() < chance:
            add(h)
            h.shapes.add(add.__name__.replace("_", "-"))
            if add is stash and h.rng.random() < 0.5:
                for _ in range(h.rng.randint(1, 2)):
                    stash(h)
                h.shapes.add("stashes")
    last = h.rng.random()
    if last < 0.2:
        detach(h)
        h.shapes.add("detached")
    elif last < 0.24:
        unborn(h)
        h.shapes.add("unborn")


__all__ = ["add_all", "Commit"]
