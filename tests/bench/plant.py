# SPDX-License-Identifier: Apache-2.0
"""plant.py REPO: adds 100 keys in 100 commits to a copy of a repository.

They stand on ten branches that leave the history of HEAD in ten places of its whole length, ten a branch: five in files
that were there, five in new ones. Then each branch takes half of its keys away again, and HEAD's branch merges it; of every
other branch the merge keeps a file with a key. So a key's first and last commit are told by the history, not by the tips.
"""
import random
import subprocess
import sys

BRANCHES, EACH = 10, 10
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
WHO = b"Planter <planter@example.com>"


class Planter:
    def __init__(self, repo):
        self.repo = repo
        self.rng = random.Random(1)
        self.marks = 0
        self.out = []

    def git(self, *args):
        return subprocess.run(["git", "-C", self.repo, *args], check=True, stdout=subprocess.PIPE).stdout

    def key(self):
        return "sk-" + "ant-api03-" + "".join(self.rng.choice(ALPHABET) for _ in range(93)) + "AA"

    def commit(self, branch, date, parents, message, changes):
        """changes: path -> content, or None for a path that goes."""
        self.marks += 1
        self.out += [b"commit %s\nmark :%d\n" % (branch, self.marks), b"author %s %d +0200\n" % (WHO, date),
                     b"committer %s %d +0000\ndata %d\n%s\n" % (WHO, date, len(message), message)]
        for n, parent in enumerate(parents):
            self.out.append(b"%s %s\n" % (b"merge" if n else b"from", parent))
        for path, content in changes.items():
            if content is None:
                self.out.append(b"D %s\n" % path)
            else:
                self.out.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path, len(content), content))
        return b":%d" % self.marks

    def texts(self, commit):
        """Five files of the commit and what they hold."""
        entries = [e.split(b"\t", 1) for e in self.git("ls-tree", "-r", "-z", commit.decode()).split(b"\0") if e]
        paths = [p for how, p in entries if how.startswith(b"100644 ") and p.endswith((b".c", b".txt", b".sh"))]
        chosen = self.rng.sample(paths, min(EACH // 2, len(paths)))
        return [(p, self.git("cat-file", "blob", commit.decode() + ":" + p.decode())) for p in chosen]

    def branch(self, number, base, date):
        """The branch's tip, and a new file of it that holds a key."""
        name, tip = b"refs/heads/planted-%d" % number, base
        before = dict(self.texts(base))
        places = list(before) + [b"contrib/planted-%d/f%d.py" % (number, n) for n in range(EACH - len(before))]
        for n, path in enumerate(places):
            line = b'\nclient = Anthropic(api_key="%s")\n' % self.key().encode()
            content = before.get(path, b"import anthropic\n" * 20) + line
            tip = self.commit(name, date + n, [tip], b"Plant key %d of branch %d" % (n, number), {path: content})
        gone = {path: before.get(path) for path in places[::2]}
        return self.commit(name, date + EACH, [tip], b"Take half of them away", gone), (places[-1], content)

    def run(self):
        if subprocess.run(["git", "-C", self.repo, "symbolic-ref", "-q", "HEAD"], stdout=subprocess.DEVNULL, check=False).returncode:
            self.git("branch", "-f", "planted-main", "HEAD")
            self.git("symbolic-ref", "HEAD", "refs/heads/planted-main")
        main = self.git("symbolic-ref", "HEAD").strip()
        line = [e.split() for e in self.git("log", "--first-parent", "--reverse", "--format=%H %ct", "HEAD").splitlines()]
        head, now = line[-1][0], int(line[-1][1])
        for number in range(BRANCHES):
            base, date = line[(len(line) - 1) * (number + 1) // BRANCHES]
            tip, (path, content) = self.branch(number, base, int(date))
            head = self.commit(main, now + number, [head, tip], b"Merge branch %d" % number,
                               {path: content} if number % 2 else {})
        subprocess.run(["git", "-C", self.repo, "fast-import", "--quiet"], input=b"".join(self.out), check=True)


Planter(sys.argv[1]).run()
