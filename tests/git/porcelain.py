# SPDX-License-Identifier: Apache-2.0
"""Repositories made by the commands that people type."""
import os
import shutil

import keys as planting

COMMANDS = """edit edit edit branch merge conflict octopus stash stash stash-untracked note tag tag-of-tag amend reset
    delete-branch worktree detach cherry-pick submodule link rename tag-blob revert orphan pull gc""".split()


class Script:
    def __init__(self, repo):
        self.repo, self.rng, self.keys = repo, repo.rng, repo.keys
        self.clock = 1700000000
        self.count = 0
        self.branches = ["main"]

    def git(self, *args, check=True, cwd=None, data=None):
        self.clock += self.rng.choice([0, 30, 4000])
        dates = {"GIT_AUTHOR_DATE": f"{self.clock - 100} +0200", "GIT_COMMITTER_DATE": f"{self.clock} -0500",
                 "GIT_EDITOR": "true"}
        out = self.repo.git(*args, check=check, cwd=cwd or self.repo.work, data=data, env=dates)
        return out.decode(errors="replace")

    def write(self, name=None, chance=0.5, folder=None):
        name = name or self.rng.choice(["a.txt", "b.py", "src/c.py", "src/with space", "d/e/f", "caf\u00e9"])
        path = os.path.join(folder or self.repo.work, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.islink(path):
            os.remove(path)
        data, _ = planting.blob(self.rng, self.keys, int(self.rng.random() < chance))
        with open(path, "wb") as f:
            f.write(data)
        return name

    def commit(self, *flags):
        text = planting.words(self.rng)
        if self.rng.random() < 0.15:
            text += "\n\n" + self.keys.any().text
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-F", "-", *flags, data=text.encode())

    def fresh_name(self, stem):
        self.count += 1
        return f"{stem}-{self.count}"

    def clean(self):
        self.git("reset", "-q", "--hard")
        self.git("clean", "-qfd")

    def run(self, name):
        self.repo.shapes.add("porcelain:" + name)
        getattr(self, "do_" + name.replace("-", "_"))()

    def do_edit(self):
        self.write()
        self.commit()

    def do_rename(self):
        name = self.write()
        self.commit()
        self.git("mv", name, self.fresh_name("renamed"))
        self.commit()

    def do_link(self):
        path = os.path.join(self.repo.work, self.fresh_name("link"))
        os.symlink("../" + self.keys.any().text, path)
        self.commit()
        os.remove(path)
        os.mkdir(path)
        self.write(os.path.basename(path) + "/inner")
        self.commit()

    def do_branch(self):
        name = self.fresh_name("topic")
        self.git("checkout", "-q", "-b", name)
        self.branches.append(name)
        self.do_edit()

    def fork(self, file):
        """A branch and the branch it came from, both with a change of the same file. The new one's name."""
        name, here = self.fresh_name("fork"), self.git("rev-parse", "HEAD").strip()
        self.git("checkout", "-q", "-b", name)
        self.branches.append(name)
        self.write(file)
        self.commit()
        self.git("checkout", "-q", "--detach", here)
        self.write(file)
        self.commit()
        return name

    def do_merge(self):
        name = self.fresh_name("side")
        self.git("checkout", "-q", "-b", name, "HEAD")
        self.write(self.fresh_name("side-file"))
        self.commit()
        self.git("checkout", "-q", "--detach", "HEAD~1")
        self.git("merge", "-q", "--no-ff", "--no-commit", name)
        if self.rng.random() < 0.6:
            self.write(self.fresh_name("evil"), 1)
        self.commit()

    def do_conflict(self):
        self.git("merge", "-q", self.fork("conflicted"), check=False)
        self.write("conflicted", 0.8)
        self.commit()

    def do_octopus(self):
        names = []
        here = self.git("rev-parse", "HEAD").strip()
        for _ in range(3):
            names.append(self.fresh_name("leg"))
            self.git("checkout", "-q", "-b", names[-1], here)
            self.write(self.fresh_name("leg-file"))
            self.commit()
        self.git("checkout", "-q", "--detach", here)
        self.git("merge", "-q", "-m", "octopus", *names)

    def do_stash(self, *flags):
        self.write("a.txt", 0.9)
        self.git("add", "-A")
        self.write("a.txt", 0.9)
        self.write("untracked", 0.9)
        self.git("stash", "push", "-q", *flags)
        self.clean()

    def do_stash_untracked(self):
        self.do_stash("-u")

    def do_note(self):
        self.git("notes", "add", "-f", "-m", f"see {self.keys.any().text}", "HEAD")

    def do_tag(self):
        self.git("tag", "-a", "-m", f"release\n\n{self.keys.any().text}", self.fresh_name("v"))

    def do_tag_of_tag(self):
        name = self.fresh_name("v")
        self.git("tag", "-a", "-m", "inner", name)
        self.git("tag", "-a", "-m", f"outer {self.keys.any().text}", name + "-again", name)

    def do_tag_blob(self):
        blob = self.git("hash-object", "-w", "--stdin", data=self.keys.fresh().text.encode()).strip()
        self.git("tag", self.fresh_name("blob"), blob)

    def do_amend(self):
        self.do_edit()
        self.write()
        self.commit("--amend")

    def do_reset(self):
        self.write(None, 0.9)
        self.commit()
        self.git("reset", "-q", "--hard", "HEAD~1")

    def do_revert(self):
        self.write(None, 0.9)
        self.commit()
        self.git("revert", "--no-edit", "HEAD")

    def do_delete_branch(self):
        name = self.fresh_name("short")
        self.git("checkout", "-q", "-b", name)
        self.write(None, 0.9)
        self.commit()
        self.git("checkout", "-q", "--detach", "HEAD~1")
        self.git("branch", "-q", "-D", name)

    def do_worktree(self):
        name = self.fresh_name("linked")
        folder = os.path.join(self.repo.base, name)
        self.git("worktree", "add", "-q", "--detach", folder)
        self.write(None, 0.9, folder)
        self.git("add", "-A", cwd=folder)
        self.git("commit", "-q", "-m", "in a linked work tree", cwd=folder)
        self.repo.linked.append((folder, os.path.join(self.repo.git_dir, "worktrees", name)))

    def do_detach(self):
        self.git("checkout", "-q", "--detach", "HEAD")
        self.do_edit()

    def do_cherry_pick(self):
        name = self.fork("picked")
        self.git("checkout", "-q", "--detach", "HEAD~1")
        self.git("cherry-pick", "--allow-empty", "-X", "theirs", name, check=False)
        self.git("cherry-pick", "--quit", check=False)
        self.clean()

    def do_submodule(self):
        self.git("update-index", "--add", "--cacheinfo", "160000", self.git("rev-parse", "HEAD").strip(), "module")
        self.git("commit", "-q", "-m", "a submodule")
        self.clean()

    def do_orphan(self):
        self.git("checkout", "-q", "--orphan", self.fresh_name("root"))
        self.git("rm", "-q", "-rf", "--cached", ".", check=False)
        self.git("clean", "-qfdx")
        self.write()
        self.commit()

    def do_pull(self):
        self.git("update-ref", f"refs/pull/{self.rng.randint(1, 99)}/head", "HEAD")
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")

    def do_gc(self):
        self.git(*self.rng.choice([["gc", "-q"], ["repack", "-q", "-d"], ["repack", "-q", "-a", "-d"],
                                   ["pack-refs", "--all"], ["gc", "-q", "--cruft", "--no-prune"]]))


def make(repo):
    with open(os.path.join(repo.home, ".gitconfig"), "w", encoding="utf-8") as f:
        f.write("[user]\n\tname = Ann Example\n\temail = ann@example.com\n[init]\n\tdefaultBranch = main\n"
                "[gc]\n\tauto = 0\n[core]\n\tfsync = none\n[advice]\n\tdetachedHead = false\n"
                "[commit]\n\tgpgSign = false\n")
    # the git directory of a bare one gets a work tree only while it is being made
    repo.work = os.path.join(repo.base, "work") if repo.bare else repo.top
    os.makedirs(repo.work, exist_ok=True)
    repo.git("init", "-q", "--object-format=" + repo.algorithm, cwd=repo.work)
    script = Script(repo)
    script.write()
    script.commit()
    for name in repo.rng.sample(COMMANDS, repo.rng.randint(4, 9)):
        script.run(name)
    if repo.bare:
        os.rmdir(repo.top)
        os.rename(os.path.join(repo.work, ".git"), repo.top)
        repo.git("config", "core.bare", "true")
        shutil.rmtree(repo.work)
        relink(repo)


def relink(repo):
    """Linked work trees know where their repository is."""
    for folder, git_dir in repo.linked:
        with open(os.path.join(folder, ".git"), "w", encoding="utf-8") as f:
            f.write(f"gitdir: {git_dir}\n")
