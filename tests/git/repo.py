# SPDX-License-Identifier: Apache-2.0
"""A generated repository on disk: from an invented history, or by git's own commands."""
import os
import random
import shutil
import subprocess
import tempfile

import decor
import history
import porcelain
import storage
from keys import Keys
from store import Store

SHA256_CHANCE = 0.12


def environment(home):
    """Nothing of the user's."""
    keep = {k: v for k, v in os.environ.items()
            if k in ("PATH", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS")}
    return {**keep, "HOME": home, "LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1", "GIT_NO_REPLACE_OBJECTS": "1"}


class Repo:
    """top: the folder with the work tree or the bare repository; git_dir; what it is made of."""

    def __init__(self, seed):
        self.seed = seed
        self.rng = random.Random(f"repository {seed}")
        self.base = os.path.realpath(tempfile.mkdtemp(prefix=f"skant-git-{seed}-"))
        self.home = os.path.join(self.base, "home")
        os.mkdir(self.home)
        self.env = environment(self.home)
        self.keys = Keys(random.Random(f"keys {seed}"))
        self.shapes = set()
        self.bare = self.rng.random() < 0.25
        self.algorithm = "sha256" if self.rng.random() < SHA256_CHANCE else "sha1"
        name = self.rng.choice(["repo", "re po", "r\u00e9po"])
        self.top = os.path.join(self.base, name + (".git" if self.bare else ""))
        self.git_dir = self.top if self.bare else os.path.join(self.top, ".git")
        self.objects = os.path.join(self.git_dir, "objects")
        self.linked = []    # (folder, git directory) of linked work trees

    def git(self, *args, data=None, cwd=None, env=None, check=True):
        done = subprocess.run(["git", *args], cwd=cwd or self.top, input=data, capture_output=True, check=False,
                              env={**self.env, **(env or {})})
        if check and done.returncode:
            raise RuntimeError(f"git {' '.join(args)}: {done.stderr.decode('utf-8', 'replace')}")
        return done.stdout

    def write(self, name, data):
        path = os.path.join(os.fsencode(self.git_dir), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape"))

    def skeleton(self):
        """What `git init` makes, without a process."""
        for folder in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
            os.makedirs(os.path.join(self.git_dir, folder))
        is_256 = self.algorithm == "sha256"
        config = (f"[core]\n\trepositoryformatversion = {int(is_256)}\n\tfilemode = true\n"
                  f"\tbare = {str(self.bare).lower()}\n\tlogallrefupdates = false\n")
        self.write("config", config + ("[extensions]\n\tobjectformat = sha256\n" if is_256 else ""))
        self.write("HEAD", "ref: refs/heads/main\n")

    def remove(self):
        shutil.rmtree(self.base, True)


def write_logs(repo, folder, reflogs):
    for name, entries in reflogs.items():
        lines = [f"{old} {new} Ann Example <ann@example.com> {1700000000 + i} +0100\t{why}\n"
                 for i, (old, new, why) in enumerate(entries)]
        repo.write(f"{folder}logs/{name}", "".join(lines))


def write_refs(repo, made):
    """Through git, which checks them; reflogs as git writes them."""
    names = sorted(made.refs)
    lines = "".join(f"create {name}\0{made.refs[name]}\0" for name in names)
    repo.git("update-ref", "--no-deref", "-z", "--stdin", data=lines.encode())
    if repo.rng.random() < 0.4:
        repo.git("pack-refs", "--all")
        repo.shapes.add("packed-refs")
        if repo.rng.random() < 0.5:     # a loose ref stands before its packed value
            ref = repo.rng.choice([n for n in names if n.startswith("refs/heads/")])
            repo.write(ref, repo.rng.choice(made.commits).name + "\n")
    for name, target in made.symrefs.items():
        repo.write(name, f"ref: {target}\n")
    is_name = made.head.startswith("refs/")
    repo.write("HEAD", (f"ref: {made.head}" if is_name else made.head) + "\n")
    if not repo.bare or repo.rng.random() < 0.2 or "refs/stash" in made.refs:
        write_logs(repo, "", made.reflogs)
        repo.shapes.add("reflogs")


def link(repo, made, name):
    """A linked work tree with a HEAD, a reflog and refs of its own."""
    rng, base = repo.rng, repo.rng.choice(made.commits)
    tip = made.commit(made.changed(base.files), [base])
    gone = made.commit(made.changed(base.files), [base])
    mine = made.commit(made.changed(base.files), [base])
    folder, git_dir = os.path.join(repo.base, name), f"worktrees/{name}"
    os.mkdir(folder)
    with open(os.path.join(folder, ".git"), "w", encoding="utf-8") as f:
        f.write(f"gitdir: {repo.git_dir}/{git_dir}\n")
    repo.write(f"{git_dir}/gitdir", f"{folder}/.git\n")
    repo.write(f"{git_dir}/commondir", "../..\n")
    repo.write(f"{git_dir}/HEAD", tip.name + "\n")
    if rng.random() < 0.6:
        repo.write(f"{git_dir}/refs/bisect/{name}-bad", mine.name + "\n")
        repo.shapes.add("worktree-refs")
    write_logs(repo, git_dir + "/", {"HEAD": [(gone.name, tip.name, "reset")]})
    repo.linked.append((folder, os.path.join(repo.git_dir, git_dir)))
    repo.shapes.add("worktree")


def from_history(repo):
    repo.skeleton()
    store = Store(repo.objects, repo.algorithm)
    made = history.make(repo.seed, store, repo.keys)
    decor.add_all(made)
    if repo.rng.random() < 0.2:
        for i in range(repo.rng.randint(1, 2)):
            link(repo, made, f"linked{i}")
    storage.chain(repo, store, made)
    storage.save(repo, store, made)
    write_refs(repo, made)
    storage.refine(repo, store)
    repo.shapes |= made.shapes


def make(seed):
    repo = Repo(seed)
    try:
        os.makedirs(repo.top)
        if repo.rng.random() < 0.2:
            repo.shapes.add("porcelain")
            porcelain.make(repo)
        else:
            from_history(repo)
        repo.shapes |= {repo.algorithm, "bare" if repo.bare else "work-tree"}
    except BaseException:
        if not os.environ.get("KEEP"):
            repo.remove()
        raise
    return repo
