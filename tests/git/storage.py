# SPDX-License-Identifier: Apache-2.0
"""How a repository's objects lie on disk: loose, in packs of every kind, in alternates."""
import os
import shutil

from history import FILE
from store import Pack, copy, delta, insert

LONG_CHAIN = 10000


def pack_objects(repo, objects, names, *flags):
    """Makes a pack of these objects; its path without ending."""
    base = os.path.join(objects, "pack", "pack")
    config = ["-c", "pack.writeReverseIndex=" + repo.rng.choice(["true", "false"])]
    out = repo.git(*config, "pack-objects", "-q", "--threads=1", *flags, base, data="\n".join(names).encode() + b"\n")
    path = f"{base}-{out.decode().strip()}"
    repo.shapes.add("rev" if os.path.exists(path + ".rev") else "no-rev")
    return path


def hand_made(repo, objects, pack):
    """Saves a pack that was made by hand, with git's index of it."""
    os.makedirs(os.path.join(objects, "pack"), exist_ok=True)
    path = os.path.join(objects, "pack", "tmp-hand.pack")
    with open(path, "wb") as f:
        f.write(pack.data())
    out = repo.git("index-pack", path).decode().split()
    for end in ("pack", "idx"):
        os.rename(f"{path[:-5]}.{end}", os.path.join(objects, "pack", f"pack-{out[-1]}.{end}"))
    os.path.exists(path[:-5] + ".rev") and os.remove(path[:-5] + ".rev")


def drop_loose(store, objects, names):
    for name in names:
        try:
            os.remove(store.loose_path(name, objects))
        except FileNotFoundError:
            pass


def crafted(repo, store, made):
    """The keys that only copy instructions put together, as OFS or REF deltas. Their ids."""
    pack, done = Pack(repo.algorithm), set()
    for base, instructions, target in made.crafted_kept:
        name, base_name = store.id_of("blob", target), store.id_of("blob", base)
        if name not in store.pending or {name, base_name} & done:
            continue
        if repo.rng.random() < 0.5:
            pack.ofs_delta(pack.whole("blob", base), instructions)
            repo.shapes.add("copies-ofs")
        else:           # the base stands behind what is made from it
            pack.ref_delta(base_name, instructions)
            pack.whole("blob", base)
            repo.shapes.add("copies-ref")
        done |= {name, base_name}
    if done:
        hand_made(repo, repo.objects, pack)
    return done


def chain(repo, store, made):
    """A few repositories: a chain of deltas as deep as no packer makes it. Most of it is reached by nothing."""
    made.chain = None
    if repo.seed % 67 != 5:
        return
    key = repo.keys.fresh().text.encode()
    pack, content = Pack(repo.algorithm), b"0\n" + b"line\n" * 8
    at = pack.whole("blob", content)
    for i in range(1, LONG_CHAIN):
        head = b"%d %s\n" % (i, key if i in (LONG_CHAIN // 2, LONG_CHAIN - 1) else b"-")
        new = head + content[content.index(b"\n") + 1:]
        skip = content.index(b"\n") + 1
        at = pack.ofs_delta(at, delta(len(content), len(new), [insert(head), copy(skip, len(content) - skip)]))
        content = new
    made.chain = pack
    last = made.commits[-1]
    files = dict(last.files)
    made.place(files, b"chained", (FILE, store.id_of("blob", content)))
    made.refs["refs/heads/chained"] = made.commit(files, [last]).name
    made.shapes.add("chain-10000")


def deep(repo, store, made):
    """Versions of a file that pack-objects makes one long chain of."""
    lines = [b"%d %s" % (i, b"filler text of a line") for i in range(60)]
    names = []
    for i in range(150):
        lines[repo.rng.randrange(60)] = b"changed %d" % i
        extra = b"\n" + repo.keys.fresh().text.encode() if i in (20, 149) else b""
        names.append(store.put("blob", b"\n".join(lines) + extra))
    made.refs["refs/blobs/deep"] = names[-1]
    made.shapes.add("depth-4095")
    return ["--depth=4095", "--window=20"]


def groups(repo, names):
    """Parts of all objects, some in several."""
    count = repo.rng.randint(2, 5)
    parts = [[] for _ in range(count)]
    for name in names:
        for part in repo.rng.sample(parts, 2 if repo.rng.random() < 0.1 else 1):
            part.append(name)
    return [p for p in parts if p]


def save(repo, store, made):
    """Writes all objects. What a pack holds stays loose as well in some repositories."""
    rng = repo.rng
    flags = deep(repo, store, made) if repo.seed % 23 == 3 else []
    by_hand = crafted(repo, store, made)
    if made.chain:
        hand_made(repo, repo.objects, made.chain)
    level = rng.choice([0, 1, 1, 6, 9])
    names = [n for n in store.order if n not in by_hand]
    for name in names:
        store.write_loose(name, level=level)
    plans = ["loose", "one-pack", "one-pack", "packs", "packs", "mixed", "alternates"]
    plan = "one-pack" if flags else rng.choice(plans)
    repo.shapes.add(plan)
    if plan == "alternates":
        alternates(repo, store, names)
    elif plan != "loose":
        pack_some(repo, store, repo.objects, names, plan, flags)


def pack_some(repo, store, objects, names, plan, flags=()):
    rng = repo.rng
    parts = [names] if plan == "one-pack" else groups(repo, names)
    if plan == "mixed":     # the last part stays loose
        parts = parts[:-1]
    for part in parts:
        is_ofs = rng.random() < 0.6
        repo.shapes.add("ofs-deltas" if is_ofs else "ref-deltas")
        path = pack_objects(repo, objects, part, *(["--delta-base-offset"] if is_ofs else []), *flags)
        if rng.random() < 0.1:
            repo.shapes.add("kept")
            with open(path + ".keep", "wb"):
                pass
    if rng.random() < 0.9:
        left = set(names) - {n for part in parts for n in part}
        drop_loose(store, objects, [n for n in names if n not in left])
    else:
        repo.shapes.add("packed-and-loose")


def alternates(repo, store, names):
    """Objects in one to three other stores, each known to the one before it."""
    rng = repo.rng
    stores = [repo.objects]
    for i in range(rng.randint(1, 3)):
        other = os.path.join(repo.base, f"alternate {i}", "objects")
        os.makedirs(os.path.join(other, "pack"))
        os.makedirs(os.path.join(other, "info"))
        is_relative = rng.random() < 0.5
        line = os.path.relpath(other, stores[-1]) if is_relative else other
        with open(os.path.join(stores[-1], "info", "alternates"), "w", encoding="utf-8") as f:
            f.write(rng.choice(["", "# a comment\n", "\n"]) + line + "\n")
        stores.append(other)
    repo.shapes.add("alternates-chained" if len(stores) > 2 else "alternate")
    for name in names:
        at = rng.choice(stores)
        if at != repo.objects:
            store.write_loose(name, at)
            drop_loose(store, repo.objects, [name])
    for other in stores[1:]:
        here = [n for n in names if os.path.exists(store.loose_path(n, other))]
        if here and rng.random() < 0.6:
            pack_some(repo, store, other, here, "one-pack")


def refine(repo, store):
    """What git itself adds: indexes over several packs, bitmaps, cruft packs, commit graphs."""
    rng = repo.rng
    has_packs = any(n.endswith(".pack") for n in os.listdir(os.path.join(repo.objects, "pack")))
    if has_packs and rng.random() < 0.35:
        repo.git("multi-pack-index", "write")
        repo.shapes.add("multi-pack-index")
        if rng.random() < 0.3:  # a pack that came later is not in it
            late = [store.put("blob", b"late " + repo.keys.fresh().text.encode() + b"\n") for _ in range(2)]
            for name in late:
                store.write_loose(name)
            pack_objects(repo, repo.objects, late)
            drop_loose(store, repo.objects, late)
            repo.shapes.add("pack-beside-midx")
    elif not repo.linked and rng.random() < 0.15:
        repo.git("repack", "-q", "--cruft", "-d")
        repo.shapes.add("cruft" if any(n.endswith(".mtimes") for n in os.listdir(os.path.join(repo.objects, "pack")))
                        else "repacked")
    elif rng.random() < 0.1 and repo.algorithm == "sha1" and not repo.linked:
        repo.git("-c", "repack.writeBitmaps=true", "repack", "-q", "-a", "-d", "-b", check=False)
        repo.shapes.add("bitmap")
    if rng.random() < 0.2:
        repo.git("commit-graph", "write", "--reachable")
        repo.shapes.add("commit-graph")
    if rng.random() < 0.05:     # rubbish that a killed git leaves
        shutil.copy(os.path.join(repo.git_dir, "HEAD"), os.path.join(repo.objects, "pack", "tmp_pack_x1y2z3"))
        repo.shapes.add("leftover")
