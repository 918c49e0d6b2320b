# SPDX-License-Identifier: Apache-2.0
"""What skant gives up: when, as strace sees it, and what is left to whoever takes it over."""
import ctypes
import gzip
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import unittest

from support import IS_PORTABLE, SKANT, SkantTest, make_key

TAKENOVER = os.environ.get("TAKENOVER", "")
# A call by strace -f: its name, its arguments, its result. One that others' come between is told in two halves.
CALL = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+|\?)(?: (E\w+))?")
BEGIN = re.compile(r"^(\d+) +(\w+\(.*) <unfinished \.\.\.>$")
END = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
NETWORK = {"socket", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg", "recvfrom",
           "recvmsg", "socketpair", "io_uring_setup"}
RUNNING = {"execve", "execveat"}


def read_calls(path):
    """In the order in which they came back."""
    begun, calls = {}, []
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            line = line.rstrip("\n")
            if begin := BEGIN.match(line):
                begun[begin.group(1)] = begin.group(2)
                continue
            if end := END.match(line):
                line = f"{end.group(1)} {begun.pop(end.group(1))}{end.group(2)}"
            if call := CALL.match(line):
                calls.append(call.groups())
    return calls


def landlock_version():
    """As the kernel says it; what skant makes of it is to be seen."""
    return max(ctypes.CDLL(None).syscall(444, None, 0, 1), 0)


def has_filter():
    with open("/proc/self/status", encoding="ascii") as f:
        return "\nSeccomp:" in f.read() and platform.machine() in ("x86_64", "aarch64")


LANDLOCK = landlock_version()
confined = unittest.skipUnless(LANDLOCK and has_filter(),
                               "this system has no Landlock, or no filter of system calls")


class Repository(SkantTest):
    def setUp(self):
        super().setUp()
        self.git("init", "-q", "-b", "main")
        self.write("a.py", f'key = "{make_key(1)}"\n')
        self.git("add", "a.py")
        self.git("commit", "-q", "-m", "first")
        self.write("b.py", f'key = "{make_key(2)}"\n')
        self.git("add", "b.py")
        self.head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=self.dir, capture_output=True, check=True,
                                   env=self.env()).stdout.decode().strip()


@unittest.skipUnless("/release" in SKANT,
                     "sanitizers make calls of their own, and none looks for leaks where strace looks on")
@unittest.skipUnless(shutil.which("strace"), "there is no strace")
@confined
class Traced(Repository):
    """strace sees every call, refused or not."""

    def trace(self, *args, stdin=b"", env=None):
        trace = os.path.join(self.home, "trace")
        done = subprocess.run(["strace", "-f", "-qq", "-s", "4096", "-o", trace, SKANT, *args], cwd=self.dir,
                              input=stdin, capture_output=True, check=False, timeout=120, env=env or self.env())
        return done, read_calls(trace)

    def place_of(self, calls, name, arguments=""):
        return next(i for i, c in enumerate(calls) if c[0] == name and arguments in c[1] and c[2] == "0")

    def split(self, calls):
        """What came before both are in place, and what came after."""
        landlock = self.place_of(calls, "landlock_restrict_self")
        calls_filter = self.place_of(calls, "seccomp", "SECCOMP_SET_MODE_FILTER")
        self.assertLess(self.place_of(calls, "prctl", "PR_SET_NO_NEW_PRIVS"), landlock)
        return calls[:max(landlock, calls_filter)], calls[max(landlock, calls_filter) + 1:]

    def opened(self, calls):
        for name, arguments, ret, _ in calls:
            path = re.search(r'"([^"]*)"', arguments)
            if name in ("open", "openat", "openat2", "creat") and ret.isdigit() and path:
                yield path.group(1)

    def check(self, *args, status=None, expects=None, **kw):
        done, calls = self.trace(*args, **kw)
        if status is not None:
            self.assertEqual(done.returncode, status, done.stderr)
        before, after = self.split(calls)
        # Nothing of the target, where it runs and where its configuration would be; of HOME neither.
        for path in self.opened(before):
            self.assertTrue(path.startswith("/"), path)
            self.assertFalse(path.startswith((self.dir, self.home)), path)
        self.assertFalse(NETWORK & {c[0] for c in before})
        self.assertEqual([c[1] for c in before if c[0] in RUNNING][1:], [], "nothing is run before")
        self.assertEqual([c for c in after if c[0] in NETWORK | RUNNING], [])
        self.assertEqual([c for c in after if c[3] == "EPERM"], [], "and nothing is tried that is refused")
        if expects:
            self.assertIn(expects, list(self.opened(after)))

    def test_dir_is_confined_before_it_looks_at_anything(self):
        self.check("dir", ".", status=1, expects="a.py")

    def test_staged_is_confined_before_it_looks_at_anything(self):
        self.check("staged", status=1, expects=os.path.realpath(self.path(".git/index")))

    def test_a_history_is_confined_before_it_is_looked_at(self):
        self.check("git", status=1)

    def test_a_history_without_work_tree_is_confined_before_it_is_looked_at(self):
        self.git("clone", "-q", "--bare", ".", "bare")
        self.check("git", "bare", status=1)

    def test_standard_input_is_confined_before_it_is_read(self):
        self.check("stdin", stdin=f'key = "{make_key(3)}"\n'.encode(), status=1)

    def test_names_are_confined_before_they_are_read(self):
        self.write("names.txt", "ml-prod-inference\n")
        self.check("names", "--from", "names.txt", status=0, expects="names.txt")

    def test_an_agent_is_confined_before_its_event_is_read(self):
        event = {"hook_event_name": "PreToolUse", "tool_name": "Read", "cwd": self.dir,
                 "tool_input": {"file_path": self.path("a.py")}}
        self.check("agent", stdin=json.dumps(event).encode(), status=2, expects=os.path.realpath(self.path("a.py")))

    def test_what_is_pushed_is_confined_before_it_is_looked_at(self):
        push = f"{'0' * 40} {self.head} refs/heads/new\n".encode()
        git = os.path.realpath(self.path(".git"))
        self.check("receive", stdin=push, status=1,
                   env=self.env(GIT_DIR=git, GIT_QUARANTINE_PATH=os.path.join(git, "objects")))

    def test_rules_and_explanations_are_confined(self):
        self.check("rules", "list", status=0)
        self.check("explain", "anthropic-api-key", status=0)

    def test_a_baseline_is_confined_before_it_looks_at_anything(self):
        self.check("baseline", status=0, expects="a.py")
        self.check("baseline", "--git", status=0)

    def test_a_hook_is_set_up_without_a_network(self):
        done, calls = self.trace("hook", "install")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLess(self.place_of(calls, "seccomp", "SECCOMP_SET_MODE_FILTER"),
                        next(i for i, c in enumerate(calls) if ".git" in c[1]))
        self.assertFalse(NETWORK & {c[0] for c in calls if "AF_UNIX, SOCK_STREAM" not in c[1]})

    def test_nothing_beside_a_report_is_opened_to_write_once_it_scans(self):
        os.mkdir(self.path("r"))
        for args in (("dir", "."), ("staged",), ("git",), ("stdin",)):
            with self.subTest(args=args):
                _, calls = self.trace(*args[:1], "-r", "r/report", *args[1:], stdin=b"text")
                rules = [c[1] for c in calls if "MAKE_REG" in c[1] and "MAKE_DIR" not in c[1]]
                self.assertEqual(["WRITE_FILE" in r for r in rules], [True, False], rules)
                last = max(i for i, c in enumerate(calls) if c[0] == "seccomp" and c[2] == "0")
                self.assertFalse([c for c in calls[last:] if c[3] in ("EPERM", "EACCES")])
                self.assertTrue([c for c in calls[last:] if c[0] == "rename" and c[2] == "0"])

    def test_reports_are_merged_confined(self):
        self.write("part.jsonl", self.scan(".").out)
        self.check("merge", "part.jsonl", status=1, expects="part.jsonl")

    def test_after_an_archive_only_what_opens_it_has_been_run(self):
        self.write("a.gz", gzip.compress(f'key = "{make_key(4)}"\n'.encode()))
        done, calls = self.trace("dir", "-j", "1", ".")
        _, after = self.split(calls)
        ran = [re.search(r'"([^"]*)"', c[1]).group(1) for c in after if c[0] in RUNNING]
        self.assertEqual([os.path.basename(p) for p in ran], ["skant-unpack"])
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"a.gz", done.stdout)
        self.assertEqual([c for c in after if c[0] == "socketpair" and "AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC" not in c[1]],
                         [])
        self.assertFalse({"socket", "connect", "bind", "listen"} & {c[0] for c in after})

    def test_git_is_run_where_only_it_knows_the_index_and_nothing_else(self):
        self.git("update-index", "--split-index")
        index = os.path.realpath(self.path(".git/index"))
        with open(index, "rb") as f:
            self.assertIn(b"link", f.read(), "the index is split")
        done, calls = self.trace("staged")
        _, after = self.split(calls)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"b.py", done.stdout)
        ran = {os.path.basename(re.search(r'"([^"]*)"', c[1]).group(1)) for c in after if c[0] in RUNNING}
        self.assertEqual(ran, {"git"})

    def test_the_configuration_of_the_base_side_leaves_nothing_writable(self):
        self.git("commit", "-q", "-m", "second")
        done, calls = self.trace("git", "--range", "HEAD~1..HEAD")
        self.assertEqual(done.returncode, 1, done.stderr)
        last = max(i for i, c in enumerate(calls) if c[0] == "landlock_restrict_self" and c[2] == "0")
        rules = [c for c in calls[last - 20:last] if c[0] == "landlock_add_rule"]
        self.assertFalse([c for c in rules if "MAKE_DIR" in c[1]], "the folder for temporary files is given up")
        made = [c for c in calls[:last] if c[0] == "mkdir" and "skant-base-" in c[1]]
        gone = [c for c in calls[:last] if c[0] in ("rmdir", "unlinkat") and "skant-base-" in c[1] and c[2] == "0"]
        self.assertEqual((len(made), len(gone)), (1, 1), "it is gone before anything is scanned")

    def on_a_system_without(self, *calls, args=()):
        """strace says of these calls what a kernel without them does."""
        return self.on_a_system(*(f"{call}:error=ENOSYS" for call in calls), args=args)

    def on_a_system(self, *answers, args=()):
        inject = [f"--inject={answer}" for answer in answers]
        done = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", *inject, SKANT, "dir", "-j", "1", *args, "."],
                              cwd=self.dir, capture_output=True, check=False, timeout=120, env=self.env())
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"a.py:1:", done.stdout)
        return done.stderr.decode()

    def test_a_system_without_landlock_or_filter_is_no_obstacle_and_no_secret(self):
        for calls, lack in ((("landlock_create_ruleset",), "Landlock"), (("seccomp",), "filter of system calls"),
                            (("landlock_restrict_self",), "Landlock"),
                            (("landlock_create_ruleset", "seccomp"), "Landlock and no filter of system calls"),
                            (("prctl",), "Landlock and no filter of system calls")):
            with self.subTest(calls=calls):
                self.assertNotIn("this system", self.on_a_system_without(*calls))
                self.assertIn(f"this system has no {lack}: not all is given up that is not needed",
                              self.on_a_system_without(*calls, args=("-v",)))

    def test_each_version_of_landlock_is_asked_for_what_it_knows(self):
        for version in range(1, LANDLOCK + 1):
            log = self.on_a_system(f"landlock_create_ruleset:retval={version}:when=1", args=("--log-level", "debug"))
            self.assertIn(f"confined: Landlock version {version}, a filter", log)
        # a newer one than any known
        log = self.on_a_system("landlock_create_ruleset:retval=99:when=1", args=("--log-level", "debug"))
        self.assertIn("confined: Landlock version 99, a filter" if LANDLOCK >= 6 else "confined: Landlock version 0", log)

    def test_without_landlock_the_filter_refuses_what_it_can(self):
        log = self.on_a_system_without("landlock_create_ruleset", args=("--log-level", "debug"))
        self.assertIn("Landlock version 0, a filter of system calls, any program may be run", log)

    def test_the_verifier_is_started_before(self):
        # a copy, so that the stand-in is what lies beside it
        program = shutil.copy(SKANT, os.path.join(self.home, "skant"))
        with open(os.path.join(self.home, "skantctl"), "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\nexec cat >/dev/null\n")
        os.chmod(os.path.join(self.home, "skantctl"), 0o755)
        trace = os.path.join(self.home, "trace")
        subprocess.run(["strace", "-f", "-qq", "-s", "4096", "-o", trace, program, "dir", "--verify", "."],
                       cwd=self.dir, capture_output=True, check=False, timeout=120, env=self.env())
        with open(trace, encoding="utf-8", errors="replace") as f:
            lines = f.read()
        self.assertLess(lines.index("/skantctl\", "), lines.index("landlock_restrict_self("))


@unittest.skipUnless("/release" in SKANT, "other builds may look into processes (leak checks) or write (coverage)")
@confined
class TakenOver(Repository):
    """Code of an attacker's in the place of the scan: tests/support/takenover.c."""

    def setUp(self):
        super().setUp()
        self.loot = os.path.join(self.home, "loot")
        os.mkdir(self.loot)
        with open(os.path.join(self.loot, "file"), "w", encoding="ascii") as f:
            f.write("text")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listener.close)
        self.local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(self.local.close)
        self.local.bind(os.path.join(self.home, "s"))
        self.local.listen()

    def attempts(self, *args, may=(), **more):
        env = self.env(LOOT=self.loot, PORT=str(self.listener.getsockname()[1]),
                       LISTENER=os.path.join(self.home, "s"), **more)
        done = subprocess.run([TAKENOVER, *args], cwd=self.dir, capture_output=True, check=False, timeout=120, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        results = dict(line.split(": ", 1) for line in done.stdout.decode().splitlines())
        self.assertEqual(len(results), 26)
        worked = {name for name, how in results.items() if how == "worked"}
        self.assertEqual(worked, {"read a file", *may}, results)
        # and the world agrees
        self.assertEqual(os.listdir(self.loot), ["file"])
        with open(os.path.join(self.loot, "file"), encoding="ascii") as f:
            self.assertEqual(f.read(), "text")
        self.assertEqual(os.stat(os.path.join(self.loot, "file")).st_mode & 0o777, 0o644)
        self.listener.setblocking(False)
        self.local.setblocking(False)
        self.assertRaises(BlockingIOError, self.listener.accept)
        self.assertRaises(BlockingIOError, self.local.accept)
        return results

    # Where programs may be run, what is in memory may be as well: Landlock knows files. It is no less confined. Signals
    # to others are refused from version 6 of Landlock on; before, where no program may be started.
    def may_run(self):
        return ("run what was built in memory, by its path",
                *(() if LANDLOCK >= 6 else ("signal another process",)))

    def test_each_command_leaves_it_nothing_but_to_read(self):
        for args in (["agent"], ["rules", "list"], ["explain", "anthropic-api-key"], ["names"], ["merge", "x"]):
            with self.subTest(args=args):
                self.attempts(*args)
        for args in (["dir"], ["staged"], ["stdin"]):
            with self.subTest(args=args):
                self.attempts(*args, may=self.may_run())

    def test_beside_a_report_is_all_that_it_can_write(self):
        os.mkdir(self.path("reports"))
        for scanning in ({}, {"SCANNING": "1"}):
            results = self.attempts("dir", "-r", "reports/r.txt", may=self.may_run(), REPORTS=self.path("reports"),
                                    **scanning)
            hostile = self.path("reports/hostile")
            self.assertEqual(os.listdir(self.path("reports")), ["hostile"])
            self.assertEqual(os.path.getsize(hostile), 0 if scanning else 4, "what is new is empty once it scans")
            self.assertIn(results["move a file out of the reports' folder"],
                          ("Invalid cross-device link", "Permission denied"))
            os.remove(hostile)

    def test_a_history_leaves_it_the_folder_for_temporary_files_at_most(self):
        tmp = os.path.join(self.home, "tmp")
        os.mkdir(tmp)
        for args in (["git"], ["git", "--range", "HEAD"], ["receive"]):
            with self.subTest(args=args):
                self.attempts(*args, may=self.may_run(), TMPDIR=tmp)
                self.attempts(*args, may=self.may_run(), TMPDIR=self.loot, SCANNING="1")

    def test_a_baseline_s_folder_is_all_that_is_left_of_many(self):
        self.attempts("baseline", "-o", self.path("b.json"), may=self.may_run())


@confined
class Working(Repository):
    """What has to go on working, and whoever asks is told."""

    def test_reports_go_wherever_they_are_sent(self):
        os.mkdir(self.path("d"))
        os.symlink("../linked.txt", self.path("d/link"))
        for path, real in (("r.txt", "r.txt"), ("./d/../r2.txt", "r2.txt"), (self.path("r3.txt"), "r3.txt"),
                           ("d/link", "linked.txt")):
            result = self.skant("dir", "-r", path, "a.py")
            self.assertEqual(result.status, 1, result.err)
            with open(self.path(real), encoding="utf-8") as f:
                self.assertIn("a.py:1:", f.read())
        result = self.skant("dir", "-r", "r.txt", "a.py")
        self.assertEqual(result.status, 1, "one that is there is replaced")
        self.assertIn("a.py:1:", self.skant("dir", "-r", "/dev/stdout", "a.py").text)
        os.chmod(self.path("r.txt"), 0o606)
        self.assertEqual(self.skant("dir", "-r", "r.txt", "a.py").status, 1)
        self.assertEqual(os.stat(self.path("r.txt")).st_mode & 0o777, 0o606, "its mode stays")
        result = self.skant("dir", "-r", "d", "a.py")
        self.assertEqual((result.status, os.listdir(self.path("d"))), (2, ["link"]), "a folder is none")
        self.assertIn("cannot write 'd': Is a directory", result.err)
        self.assertEqual(self.skant("dir", "-r", "/dev/full", "a.py").status, 3)
        self.assertEqual(self.skant("dir", "-r", "/dev/null", "a.py").status, 1)

    def test_reports_go_through_pipes_and_to_descriptors_that_are_open(self):
        os.mkfifo(self.path("pipe"))
        with subprocess.Popen(["cat", self.path("pipe")], stdout=subprocess.PIPE) as cat:
            self.assertEqual(self.skant("dir", "-r", "pipe", "a.py").status, 1)
            self.assertIn(b"a.py:1:", cat.communicate(timeout=60)[0])
        with open(self.path("third"), "wb") as f:
            fd = f.fileno()
            for path in (f"/dev/fd/{fd}", f"/proc/self/fd/{fd}"):
                done = subprocess.run([SKANT, "dir", "-r", path, "a.py"], cwd=self.dir, pass_fds=[fd], check=False,
                                      capture_output=True, env=self.env())
                self.assertEqual(done.returncode, 1, done.stderr)
        with open(self.path("third"), encoding="utf-8") as f:
            self.assertEqual(f.read().count("a.py:1:"), 2)

    @unittest.skipUnless(os.path.isdir("/dev/shm"), "there is no other file system to write to")
    def test_reports_go_to_another_file_system(self):
        folder = "/dev/shm/skant-privilege-%d" % os.getpid()
        os.mkdir(folder)
        self.addCleanup(shutil.rmtree, folder, True)
        result = self.skant("dir", "-f", f"json={folder}/r.json", "-f", "text", "a.py")
        self.assertEqual(result.status, 1, result.err)
        self.assertIn("a.py:1:", result.text)
        self.assertEqual(os.listdir(folder), ["r.json"])

    def test_a_report_to_standard_output_in_a_file_that_is_appended_to(self):
        with open(self.path("log"), "wb") as f:
            f.write(b"before\n")
            f.flush()
            subprocess.run([SKANT, "dir", "-r", "/dev/stdout", "a.py"], cwd=self.dir, stdout=f, check=False,
                           stderr=subprocess.DEVNULL, env=self.env())
        with open(self.path("log"), encoding="utf-8") as f:
            self.assertRegex(f.read(), r"(?s)^before\n.*a.py:1:")

    def test_a_report_to_standard_output_stands_where_the_shell_was(self):
        with open(self.path("log"), "wb") as f:
            done = subprocess.run(["sh", "-c", f"echo before; {SKANT} dir -q -r /dev/stdout a.py; echo after"],
                                  cwd=self.dir, stdout=f, check=False, env=self.env())
        self.assertEqual(done.returncode, 0)
        with open(self.path("log"), encoding="utf-8") as f:
            self.assertRegex(f.read(), r"(?s)^before\na.py:1:.*\nafter\n$")

    def test_names_a_cache_and_a_baseline_are_written(self):
        cache = os.path.join(self.home, "cache")
        self.assertEqual(self.skant("git", "--cache", cache, "-r", self.path("r.txt")).status, 1)
        self.assertGreater(os.path.getsize(cache), 0)
        self.git("commit", "-q", "-m", "second")
        self.git("repack", "-q", "-d")
        before = os.stat(cache).st_ino
        self.assertEqual(self.skant("git", "--cache", cache, "-f", "json=" + self.path("r.json")).status, 1)
        self.assertNotEqual(os.stat(cache).st_ino, before, "beside reports as well")
        self.assertEqual(self.skant("names", "ml-prod-batch", "-r", "n.txt").status, 0)
        self.assertTrue(os.path.exists(self.path("n.txt")))
        self.assertEqual(self.skant("baseline").status, 0)
        self.assertTrue(os.path.exists(self.path(".skant-baseline.json")))
        self.write(".skant.yaml", "version: 1\nbaseline: sub/known.json\n")
        os.mkdir(self.path("sub"))
        self.assertEqual(self.skant("baseline").status, 0)
        self.assertTrue(os.path.exists(self.path("sub/known.json")))
        self.assertEqual(self.skant("baseline", "--git", "-o", self.path("sub/git.json")).status, 0)
        self.assertTrue(os.path.exists(self.path("sub/git.json")))

    def test_a_baseline_of_a_bare_repository_needs_a_place(self):
        self.git("clone", "-q", "--bare", ".", "bare")
        result = self.skant("baseline", "--git", "bare")
        self.assertEqual(result.status, 2)
        self.assertIn("-o FILE names one", result.err)
        self.assertEqual(self.skant("baseline", "--git", "bare", "-o", "b.json").status, 0)

    def test_a_git_that_is_a_script_is_run_with_what_it_needs(self):
        self.git("update-index", "--split-index")
        git = shutil.which("git")
        self.write("bin/git", f'#!/bin/sh\nexec {git} "$@"\n')
        os.chmod(self.path("bin/git"), 0o755)
        for path in (f"{self.path('bin')}:{os.environ['PATH']}", f"bin:{os.environ['PATH']}"):
            result = self.skant("staged", "--log-level", "debug", env=self.env(PATH=path))
            self.assertEqual(result.status, 1, result.err)
            self.assertIn("any program may be run", result.err)

    @unittest.skipIf(IS_PORTABLE, "POSIX has nothing of the kind")
    def test_what_is_in_place_is_said_to_who_asks(self):
        result = self.skant("dir", "--log-level", "debug", "a.py")
        self.assertIn(f"confined: Landlock version {LANDLOCK}, a filter of system calls, git and skant-unpack may be run",
                      result.err)
        self.assertIn("git may be run", self.skant("dir", "--max-archive-depth", "0", "--log-level", "debug").err)
        self.assertIn("skant-unpack may be run", self.skant("stdin", "--log-level", "debug").err)
        self.assertIn("no program may be run", self.skant("rules", "list", "--log-level", "debug").err)
        self.assertNotIn("confined", self.skant("dir", "a.py").err)
        self.assertNotIn("confined", self.skant("dir", "-v", "a.py").err, "all is in place: nothing to say")


if __name__ == "__main__":
    unittest.main()
