# SPDX-License-Identifier: Apache-2.0
"""Repositories and servers that are made to harm: what they lead to is said, and ends."""
import os
import socket
import threading
import unittest

from skantctl_support import CtlTest
from support import SkantTest, make_key, once

FASTCLOCK = os.environ.get("FASTCLOCK")
PATIENCE = 30  # seconds: what waits for ever is stopped

# Where git and skant expect files in a repository.
GIT_FILES = ("config", "config.worktree", "HEAD", "index", "packed-refs", "info/exclude", "shallow", "commondir", "objects/info/alternates",
             "refs/heads/main", "refs/stash", "logs/HEAD")
TREE_FILES = (".skant.yaml", ".skantignore", ".gitleaksignore", ".gitignore", "sub/.gitignore")


class Repository(SkantTest):
    def setUp(self):
        super().setUp()
        self.write("a.py", f'key = "{make_key(1)}"\n')
        self.write("sub/b.py", "x = 1\n")
        self.git("init", "-q", "-b", "main")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "first")

    def replace(self, name, pipe=True):
        """Puts a pipe that nobody writes into, or a link to endless zeros, in the place of a file."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path):
            os.rename(path, path + ".kept")
        if pipe:
            os.mkfifo(path)
        else:
            os.symlink("/dev/zero", path)
        return path

    def put_back(self, path):
        os.remove(path)
        if os.path.lexists(path + ".kept"):
            os.rename(path + ".kept", path)


@once
class Files(Repository):
    def test_pipes_and_devices_in_the_place_of_files_keep_nobody_waiting(self):
        for name in (*TREE_FILES, *(".git/" + name for name in GIT_FILES)):
            for pipe in (True, False):
                with self.subTest(name=name, pipe=pipe):
                    path = self.replace(name, pipe)
                    for args in (["dir", "."], ["staged"], ["git", "."]):
                        result = self.skant(*args, timeout=PATIENCE)
                        self.assertIn(result.status, (0, 1, 2, 3), result.err)
                        self.assertTrue(result.status or "0 findings" in result.err or "nothing" in result.err, result.err)
                    self.put_back(path)

    def test_a_pipe_that_git_s_configuration_includes_keeps_nobody_waiting(self):
        os.mkfifo(self.path("pipe"))
        self.git("config", "core.excludesFile", "ignored")
        with open(self.path(".git/config"), "a", encoding="ascii") as f:
            f.write("[include]\n\tpath = ../pipe\n")
        result = self.scan(".", timeout=PATIENCE)
        self.assertEqual(len(result.findings), 1)
        self.assertIn("is no regular file", result.err)
        self.assertEqual(self.skant("staged", timeout=PATIENCE).status, 2)

    def test_a_policy_that_is_a_pipe_is_none(self):
        os.mkfifo(self.path("pipe"))
        self.write(".skant.yaml", "version: 1\npolicy: pipe\n")
        result = self.skant("dir", ".", timeout=PATIENCE)
        self.assertEqual(result.status, 2)
        self.assertIn("there is no policy", result.err)

    @unittest.skipUnless(FASTCLOCK, "there is no clock to be made faster")
    def test_a_git_that_waits_for_ever_is_ended(self):
        self.replace(".git/refs/heads/main")
        result = self.skant("git", "--range", "HEAD", ".", env=self.env(LD_PRELOAD=FASTCLOCK, FASTCLOCK="2000"), timeout=PATIENCE)
        self.assertEqual(result.status, 2, result.err)
        self.assertIn("was ended: it had printed nothing for 300 s", result.err)


class Configuration(Repository):
    """One that comes with what is scanned, from somebody who reads the log of it."""

    def assert_silent(self, text, secret="hunter2"):
        self.write(".skant.yaml", text)
        result = self.skant("dir", ".")
        self.assertEqual(result.status, 2, result.err)
        self.assertNotIn(secret, result.text + result.err)
        self.assertIn("what is wrong is not said", result.err)

    def test_nothing_of_a_file_elsewhere_is_shown(self):
        with open(os.path.join(self.home, "token"), "w", encoding="ascii") as f:
            f.write("hunter2: [1, 2]\nversion: hunter2\n")
        os.symlink(f.name, self.path("link"))
        for line in (f"rules: [{f.name}]", "rules: [link]", f"policy: {f.name}", "policy: link", f"baseline: {f.name}"):
            with self.subTest(line=line):
                self.assert_silent("version: 1\n" + line + "\n")

    def test_nothing_of_what_git_keeps_is_shown(self):
        self.write(".git/token", "hunter2: 1\n")
        self.assert_silent("version: 1\nrules: [.git/token]\n")

    def test_nothing_of_what_it_is_a_link_to_is_shown(self):
        with open(os.path.join(self.home, "token"), "w", encoding="ascii") as f:
            f.write("hunter2: 1\n")
        os.symlink(f.name, self.path(".skant.yaml"))
        result = self.skant("dir", ".")
        self.assertEqual(result.status, 2)
        self.assertNotIn("hunter2", result.err)

    def test_mistakes_in_files_of_its_own_are_told(self):
        self.write("rules.yaml", "mistake: 1\n")
        self.write(".skant.yaml", "version: 1\nrules: [rules.yaml]\n")
        self.assertIn("rules.yaml:1:1: unknown key 'mistake'", self.skant("dir", ".").err)


class Traps(Repository):
    """Links, and names in a configuration, that would have skant write where nobody meant it to."""

    def test_a_report_goes_through_no_link_that_leads_out_of_the_current_folder(self):
        victim = os.path.join(self.home, "victim")
        os.symlink(victim, self.path("report.sarif"))
        os.symlink(self.home, self.path("out"))
        self.write("list", ".\n")
        for args in (["dir", "-r", "report.sarif", "."], ["dir", "-r", self.path("report.sarif"), "."], ["dir", "-r", "out/victim", "."],
                     ["dir", "-f", "json=sub/../report.sarif", "."], ["git", "-r", "report.sarif", "."],
                     ["names", "ml-prod-batch", "-r", "report.sarif"], ["baseline", "-o", "report.sarif"],
                     ["git", "--repositories", "list", "--plan", "report.sarif"]):
            with self.subTest(args=args):
                result = self.skant(*args)
                self.assertEqual(result.status, 2, result.err)
                self.assertIn("leads by a link out of the current folder", result.err)
        self.assertEqual(os.listdir(self.home), [])
        self.assertEqual(self.skant("dir", "-r", victim, ".").status, 1, "who names the file itself means it")
        self.assertEqual(os.listdir(self.home), ["victim"])

    def test_a_baseline_is_written_nowhere_else_for_a_configuration(self):
        victim = os.path.join(self.home, "victim")
        os.symlink(victim, self.path("link"))
        for name in (victim, "link", f"../{os.path.basename(self.home)}/victim"):
            with self.subTest(name=name):
                self.write(".skant.yaml", f"version: 1\nbaseline: {name}\n")
                result = self.skant("baseline")
                self.assertEqual(result.status, 2, result.err)
                self.assertIn("nothing is written there for a configuration", result.err)
        os.remove(self.path(".skant.yaml"))
        os.symlink(victim, self.path(".skant-baseline.json"))
        self.assertEqual(self.skant("baseline").status, 2)
        self.assertEqual(os.listdir(self.home), [])
        self.write("given.yaml", f"version: 1\nbaseline: {victim}\n")
        self.assertEqual(self.skant("baseline", "--config", "given.yaml").status, 0, "who gives a configuration means it")


class Endless(CtlTest):
    """A server that goes on for ever."""

    def serve(self, answer):
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)

        def talk(connection):
            try:
                with connection:
                    while connection.recv(65536):
                        if answer(connection):
                            return
            except OSError:
                pass

        def accept():
            try:
                while True:
                    threading.Thread(target=talk, args=(server.accept()[0],), daemon=True).start()
            except OSError:
                pass

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()

        def stop():  # closing it alone would leave the thread at a number that the next socket gets
            server.shutdown(socket.SHUT_RDWR)
            thread.join()

        self.addCleanup(stop)
        env = self.ctl_env(None, SKANT_BASE_URL=f"http://127.0.0.1:{server.getsockname()[1]}", SKANT_ALLOW_HTTP_LOOPBACK="1")
        return self.ctl(None, "users", "list", "--max-retries", "0", env=env)

    HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"

    @staticmethod
    def for_ever(connection, start, again):
        connection.sendall(start)
        while True:
            connection.sendall(again)

    def test_headers_a_header_and_a_body(self):
        for start, again, words in ((self.HEAD, b"x-a: " + b"a" * 60000 + b"\r\n", "Too large response headers"),
                                    (b"", b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n", "Too large response headers"),
                                    (self.HEAD + b"x-a: ", b"a" * 65536, "a line of its headers is too long"),
                                    (self.HEAD + b"transfer-encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n",
                                     "larger than is taken")):
            with self.subTest(words=words):
                result = self.serve(lambda c, start=start, again=again: self.for_ever(c, start, again))
                self.assertIn(result.status, (3, 75), result.err)
                self.assertIn(words, result.err)

    def test_empty_pages(self):
        pages = iter(range(10**9))

        def answer(connection):
            body = b'{"data":[],"has_more":true,"first_id":"u%d","last_id":"u%d"}' % ((next(pages),) * 2)
            connection.sendall(self.HEAD + b"content-length: %d\r\n\r\n" % len(body) + body)

        self.assert_fails(self.serve(answer), 3, "1001 pages in a row are empty")


if __name__ == "__main__":
    unittest.main()
