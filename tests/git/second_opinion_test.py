# SPDX-License-Identifier: Apache-2.0
"""Whether git's own commands, asked one by one, agree with the oracle about some repositories."""
import functools
import unittest

import repo as repository
from oracle import Oracle

PLUMBING, PORCELAIN = 8, 4      # repositories of each sort
MOST_COMMITS = 12               # of a repository that is asked about: each costs several processes


class Case:
    def __init__(self, repo):
        self.repo, self.oracle = repo, Oracle(repo)

    def git(self, *args, **more):
        return self.repo.git(*args, cwd=self.repo.git_dir, **more).decode("utf-8", "surrogateescape")


def cases():
    """Repositories of both sorts, of a size that can be asked about."""
    found, seed = {True: 0, False: 0}, 1000
    while found[True] < PORCELAIN or found[False] < PLUMBING:
        repo, seed = repository.make(seed), seed + 1
        sort = "porcelain" in repo.shapes
        case = Case(repo)
        if found[sort] < (PORCELAIN if sort else PLUMBING) and len(case.oracle.commits) <= MOST_COMMITS:
            found[sort] += 1
            yield case
        else:
            repo.remove()


def for_each(test):
    """Runs a test for each repository."""
    @functools.wraps(test)
    def run(self):
        for case in self.cases:
            with self.subTest(seed=case.repo.seed):
                test(self, case)
    return run


class SecondOpinion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cases = list(cases())

    @classmethod
    def tearDownClass(cls):
        for case in cls.cases:
            case.repo.remove()

    @for_each
    def test_git_finds_nothing_wrong_with_the_repositories(self, case):
        out = case.git("fsck", "--full", "--no-dangling", "--no-progress", check=False)
        odd = ("notice", "error: refs/", "error: HEAD", "warning in tree")
        self.assertEqual([line for line in out.split("\n") if line and not line.startswith(odd)], [])

    @for_each
    def test_every_key_is_in_some_object(self, case):
        seen = {s.key.secret_id for found in case.oracle.spots.values() for s in found}
        for key in case.repo.keys.all:
            raw = any(form in data for _, data in case.oracle.objects.values() for form in key.forms.values())
            self.assertEqual(raw, key.secret_id in seen)

    @for_each
    def test_git_reads_the_same_people_and_dates(self, case):
        for name, commit in case.oracle.commits.items():
            form = "--format=%an%x00%ae%x00%aI%x00%ct%x00%P%x00%T"
            shown = case.git("show", "-s", "--no-notes", "--encoding=none", form, name).rstrip("\n").split("\0")
            if b"\nencoding " in case.oracle.objects[name][1]:
                continue        # git converts the names as well
            author = [b.decode("utf-8", "surrogateescape") for b in commit.author[:2]]
            date = commit.author[3].replace("+00:00", "Z") if shown[2].endswith("Z") else commit.author[3]
            self.assertEqual(shown, author + [date, str(commit.when), " ".join(commit.parents), commit.tree])

    @for_each
    def test_ls_tree_names_the_same_paths(self, case):
        for name in case.oracle.commits:
            want = {}
            for line in filter(None, case.git("ls-tree", "-r", "-z", name).split("\0")):
                about, path = line.split("\t", 1)
                if " blob " in about:
                    want[path.encode("utf-8", "surrogateescape")] = about.split(" ")[2]
            self.assertEqual(case.oracle.flat(name), want)
            for blob in case.oracle.spots:
                self.assertEqual(case.oracle.paths(name, blob), {p for p, b in want.items() if b == blob})

    @for_each
    def test_rev_list_reaches_the_same_objects(self, case):
        oracle = case.oracle
        kinds = [["--exclude=refs/stash", "--all"], ["--exclude=refs/stash", "--all", *dict.fromkeys(oracle.stash)]]
        for number, args in enumerate(kinds):
            args += [*oracle.others.values()] + [h for h in oracle.heads.values() if h]
            shown = case.git("rev-list", "--objects", "--no-object-names", *args).split()
            self.assertEqual({n for n, c in oracle.classes.items() if c <= number}, set(shown))

    @for_each
    def test_for_each_ref_knows_the_same_refs(self, case):
        for commit in case.oracle.commits:
            shown = case.git("for-each-ref", "--format=%(refname)", "--contains", commit).split()
            ours = {r for r in case.oracle.refs if commit in case.oracle.ref_reach[r]}
            self.assertEqual(ours, set(shown))

    @for_each
    def test_log_finds_the_same_changes(self, case):
        for name, commit in case.oracle.commits.items():
            fresh, changes = self.changes(case, name), {}
            for path, blob in case.oracle.flat(name).items():
                parents = [case.oracle.flat(p) for p in commit.parents]
                if all(p.get(path) != blob for p in parents):
                    changes[path] = blob
            self.assertEqual(changes, fresh)

    def changes(self, case, name):
        """Paths whose blob differs from each parent's, by git diff-tree -m."""
        count = max(len(case.oracle.commits[name].parents), 1)
        shown = case.git("diff-tree", "-m", "-r", "-z", "--root", "--no-commit-id", "--no-renames", name).split("\0")
        seen = {}
        for about, path in zip(shown[0::2], shown[1::2]):
            old_mode, new_mode, old, new, _ = about.lstrip(":").split(" ")
            if new_mode not in ("000000", "160000") and (old != new or old_mode in ("000000", "160000")):
                seen.setdefault((path.encode("utf-8", "surrogateescape"), new), []).append(old_mode)
        return {path: blob for (path, blob), times in seen.items() if len(times) == count}

    @for_each
    def test_grep_finds_the_plain_keys_in_the_same_commits(self, case):
        keys = {s.key.text: s.key for found in case.oracle.spots.values() for s in found if not s.via}
        for text, key in list(keys.items())[:6]:
            for name in case.oracle.commits:
                found = case.git("grep", "-a", "-l", "-z", "-F", "-e", text, name, check=False).split("\0")
                want = {p for blob, spots in case.oracle.spots.items() for p in case.oracle.paths(name, blob)
                        if any(s.key is key and not s.via for s in spots)}
                ours = {f.split(":", 1)[1].encode("utf-8", "surrogateescape") for f in found if f}
                # git grep does not look at what symbolic links point to
                self.assertEqual(want - links(case, name), ours)


def links(case, name):
    shown = case.git("ls-tree", "-r", "-z", name).split("\0")
    return {s.split("\t", 1)[1].encode("utf-8", "surrogateescape") for s in shown if s.startswith("120000")}


if __name__ == "__main__":
    unittest.main()
