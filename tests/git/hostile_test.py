# SPDX-License-Identifier: Apache-2.0
"""Repositories that want to be more than read, odd refs, and repositories that change while they are scanned."""
import os
import shutil
import subprocess
import threading
import unittest

from support import SKANT, GitTest, write

SCANS = 20      # of a repository that is being repacked
HOOKS = """applypatch-msg fsmonitor-watchman post-checkout post-index-change post-merge post-update pre-auto-gc
    pre-commit pre-merge-commit pre-push pre-receive proc-receive push-to-checkout reference-transaction
    sendemail-validate update""".split()
COMMANDS = ["core.fsmonitor", "diff.external", "core.sshCommand", "core.gitProxy", "core.editor", "core.pager",
            "pager.log", "core.askPass", "credential.helper", "gpg.program", "gpg.ssh.program", "diff.bad.textconv",
            "diff.bad.command", "filter.bad.clean", "filter.bad.smudge", "filter.bad.process", "merge.bad.driver",
            "core.alternateRefsCommand", "uploadpack.packObjectsHook", "remote.origin.uploadpack",
            "remote.origin.receivepack", "interactive.diffFilter", "sequence.editor", "trailer.bad.cmd",
            "web.browser", "man.viewer", "init.templateDir"]


class HostileConfiguration(GitTest):
    def setUp(self):
        super().setUp()
        self.make_history(3)
        files = {b".gitattributes": (b"100644", self.store.put("blob", b"* diff=bad filter=bad merge=bad\n")),
                 b"file.bad": (b"100644", self.blob_with_key())}
        tip = self.commit(self.store.tree(files), [self.commits[-1]])
        self.save()
        self.set_ref("refs/heads/main", tip)
        self.git("reset", "-q", "--hard")
        self.marker = os.path.join(self.base, "marker")
        self.script = os.path.join(self.base, "script")
        write(self.script, f"#!/bin/sh\n: > '{self.marker}'\n".encode())
        os.chmod(self.script, 0o755)
        hooks = os.path.join(self.base, "hooks")
        os.mkdir(hooks)
        for name in HOOKS:
            shutil.copy(self.script, os.path.join(hooks, name))
        for name in COMMANDS:
            self.git("config", name, self.script)
        for name in ("log", "rev-list", "cat-file", "show", "ls-tree", "diff-index", "rev-parse", "config"):
            self.git("config", "alias." + name, "!" + self.script)
        self.git("config", "core.hooksPath", hooks)
        self.git("config", "protocol.ext.allow", "always")
        self.git("config", "remote.origin.url", f"ext::sh -c '{self.script}'")
        self.git("config", "remote.origin.promisor", "true")
        self.git("config", "extensions.partialClone", "origin")
        self.git("config", "core.repositoryFormatVersion", "1")
        if os.path.exists(self.marker):
            os.remove(self.marker)

    def quiet(self, *args, command="git"):
        done = subprocess.run([SKANT, command, "-f", "jsonl", *args], cwd=self.top, capture_output=True, check=False,
                              env=self.env, timeout=60)
        self.assertFalse(os.path.exists(self.marker), f"a command of the repository ran: {command} {args}")
        self.assertIn(done.returncode, (0, 1, 3), done.stderr)
        return done

    def test_no_command_of_the_configuration_runs(self):
        for args in ([], ["--full"], ["-v"], ["--range", "main~2..main"], ["--range", "main"],
                     ["--since", "2001-01-01"]):
            done = self.quiet(*args)
            self.assertIn(done.returncode, (1, 3), done.stderr)     # it says that it is a partial clone
            self.assertIn(b"skant-finding/1", done.stdout)

    def test_no_command_runs_for_a_missing_object(self):
        self.remove_object(self.planted[sorted(self.planted)[0]])
        for args in ([], ["--full"], ["--range", "main~2..main"]):
            self.quiet(*args)
        self.git("cat-file", "-e", self.planted[sorted(self.planted)[0]], check=False)
        self.assertTrue(os.path.exists(self.marker), "the test would not see a command that runs")

    def test_no_command_runs_for_staged_changes(self):
        with open(os.path.join(self.top, "file.bad"), "a", encoding="utf-8") as f:
            f.write(self.keys.fresh().text + "\n")
        self.git("-c", "core.fsmonitor=", "-c", "filter.bad.clean=", "-c", "filter.bad.process=",
                 "-c", "core.hooksPath=", "add", "file.bad")
        if os.path.exists(self.marker):
            os.remove(self.marker)
        self.assertEqual(self.quiet(command="staged").returncode, 1)

    def test_a_configuration_that_cannot_be_read_stops_no_scan_silently(self):
        config = self.path("config")
        with open(config, "rb") as f:
            whole = f.read()
        for text in (b"[core", b"[core]\n\tx = \"open\n", b"\0\0\0", b"[include]\n\tpath = config\n" + whole,
                     b"[include]\n\tpath = /nothing\n" + whole, b"[a]\n" * 100000 + whole,
                     b"[core]\n\tworktree = /nothing\n" + whole,
                     b"[core]\n\tworktree = /etc\n" + whole):
            write(config, text)
            scan = self.scan()
            self.assertIn(scan.status, (1, 2, 3), f"{text[:40]!r}: {scan!r}")
            if scan.status == 1:
                self.complete(scan)


class OddRefs(GitTest):
    def setUp(self):
        super().setUp()
        self.make_history(3)

    def read(self, *more):
        """The scan still sees what the good refs lead to, complete or not."""
        for args in ([], ["--full"]):
            scan = self.scan(*args)
            self.assertIn(scan.status, (1, 3), repr(scan))
            self.assertEqual(set(self.planted) - scan.found, set(), f"{more}: {scan!r}")

    def test_refs_that_are_none_do_not_hide_the_others(self):
        tip = self.commits[-1]
        for name, data in {"refs/heads/empty": "", "refs/heads/rubbish": "rubbish\n",
                           "refs/heads/zero": "0" * 40 + "\n",
                           "refs/heads/short": tip[:20] + "\n", "refs/heads/upper": tip.upper() + "\n",
                           "refs/heads/long": tip * 2 + "\n", "refs/heads/loop": "ref: refs/heads/loop\n",
                           "refs/heads/ping": "ref: refs/heads/pong\n", "refs/heads/pong": "ref: refs/heads/ping\n",
                           "refs/heads/outside": "ref: ../../../../etc/passwd\n", "refs/heads/x.lock": tip + "\n",
                           "refs/heads/with space": tip + "\n", "refs/heads/new\nline": tip + "\n",
                           "refs/heads/\x1b[31m": tip + "\n", "refs/heads/a..b": tip + "\n",
                           "refs/heads/big": "x" * 10 ** 6,
                           "refs/heads/nul": tip + "\0\n", "refs/heads/spaces": "  " + tip + "  \n"}.items():
            self.write_git(name, data)
            self.read(name)
            os.remove(self.path(name))

    def test_refs_that_are_no_files_do_not_stop_a_scan(self):
        os.mkfifo(self.path("refs", "heads", "fifo"))
        os.symlink("/dev/zero", self.path("refs", "heads", "zeros"))
        os.symlink(".", self.path("refs", "heads", "circle"))
        os.symlink("refs/heads/main", self.path("refs", "heads", "old-symref"))
        self.read()

    def test_packed_refs_that_are_odd_do_not_hide_the_others(self):
        tip = self.commits[-1]
        good = f"# pack-refs with: peeled fully-peeled sorted \n{tip} refs/heads/packed\n"
        os.remove(self.path("refs", "heads", "main"))
        self.write_git("HEAD", "ref: refs/heads/packed\n")
        for data in (good, f"{tip} refs/heads/packed", f"{tip} refs/heads/packed\r\n", good + "rubbish\n",
                     good + f"^{self.commits[0]}\n", good + "^\n", f"^{tip}\n" + good,
                     good + f"{'0' * 40} refs/heads/zero\n",
                     good + f"{tip} ../../x\n", good + f"{tip[:10]} refs/heads/short\n", "\n\n" + good,
                     good + f"{tip} refs/heads/{'x' * 100000}\n"):
            self.write_git("packed-refs", data)
            for args in ([], ["--full"]):
                self.never_a_miss(self.scan(*args), why=repr(data[-60:]))

    def test_many_refs_are_read(self):
        lines = [f"{self.commits[i % 3]} refs/heads/b{i:06d}" for i in range(20000)]
        self.write_git("packed-refs", "# pack-refs with: peeled fully-peeled sorted \n" + "\n".join(lines) + "\n")
        self.complete(self.scan())


class Repacked(GitTest):
    def test_a_repository_that_is_repacked_meanwhile_is_read_whole(self):
        self.make_versions(60)
        self.git("repack", "-q", "-a", "-d")
        stop = threading.Event()

        def repack():
            # each with a setting of its own: the pack gets another name, and the one before it goes
            turns = [["-c", "pack.depth=3", "repack", "-q", "-a", "-d", "-f"], ["gc", "-q", "--prune=now"],
                     ["-c", "pack.depth=9", "repack", "-q", "-a", "-d", "-F"], ["multi-pack-index", "write"],
                     ["-c", "pack.compression=0", "repack", "-q", "-a", "-d", "-F"], ["pack-refs", "--all"]]
            number = 0
            while not stop.is_set():
                self.git(*turns[number % len(turns)], check=False)
                number += 1
            self.turns = number
        thread = threading.Thread(target=repack)
        thread.start()
        try:
            for number in range(SCANS):
                self.complete(self.scan(*([], ["--full"], ["-j1"])[number % 3]))
        finally:
            stop.set()
            thread.join()
        self.assertGreater(self.turns, SCANS // 4)


if __name__ == "__main__":
    unittest.main()
