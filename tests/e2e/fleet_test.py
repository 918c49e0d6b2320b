# SPDX-License-Identifier: Apache-2.0
"""skant git --repositories: many repositories, in parts, and their reports made one again."""
import array
import fcntl
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import termios
import time
import unittest

from support import SKANT, SkantTest, make_key, secret_id

CLEAN, FINDINGS, USAGE, INCOMPLETE = 0, 1, 2, 3


class FleetTest(SkantTest):
    def repository(self, name, files, bare=True):
        """One with a commit of these files, made by one git."""
        path = self.path(name)
        git_dir = path if bare else os.path.join(path, ".git")
        os.makedirs(os.path.join(git_dir, "objects"))
        os.makedirs(os.path.join(git_dir, "refs", "heads"))
        for file, text in (("HEAD", "ref: refs/heads/main\n"),
                           ("config", f"[core]\n\trepositoryformatversion = 0\n\tbare = {str(bare).lower()}\n")):
            with open(os.path.join(git_dir, file), "w", encoding="ascii") as f:
                f.write(text)
        stream = ["commit refs/heads/main\ncommitter A <a@example.com> 1700000000 +0000\ndata 4\nMade\n"]
        for file, text in files.items():
            stream.append(f"M 100644 inline {file}\ndata {len(text.encode())}\n{text}\n")
        subprocess.run(["git", "-c", "fastimport.unpackLimit=1", "-c", "core.fsync=none", "--git-dir", git_dir,
                        "fast-import", "--quiet"], input="".join(stream).encode(), check=True, env=self.env())
        return name

    def fleet(self, count, keys=3):
        """Repositories of which every second one has one of some keys, and a list of them."""
        names = [self.repository(f"r{i:02}.git", {
            "a.py": "x = 1\n" * random.Random(i).randrange(1, 3000),
            **({f"src/b{i}.py": f"\nk = '{make_key(i % keys)}'\n"} if i % 2 else {})}) for i in range(count)]
        self.write("list", "\n".join(names) + "\n")
        return names

    def plan(self, name="list"):
        r = self.skant("git", "--repositories", name, "--plan", "plan")
        self.assertEqual(r.status, CLEAN, r.err)

    def part(self, text, *args, out=None, plan="plan", **kw):
        return self.skant("git", "--repositories", plan, "--shard", text, "-f", "jsonl", "-r",
                          out or text.replace("/", "of"), *args, **kw)

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def records(self, name):
        return [json.loads(line) for line in self.read(name).splitlines()]

    def repositories(self, name):
        return self.records(name)[-1]["summary"]["repositories"]


class Whole(FleetTest):
    def test_parts_that_are_merged_are_the_report_of_one_machine_to_the_byte(self):
        names = self.fleet(12)
        self.write("r02.git/shallow", "0" * 40 + "\n")  # says something of one that is not as it should be
        self.plan()
        whole = self.skant("git", "--repositories", "plan", "-f", "jsonl", "-r", "whole")
        for n in (1, 2, 5, 20):
            parts = [f"{i}of{n}" for i in range(1, n + 1)]
            for i, out in enumerate(parts):
                self.part(f"{i + 1}/{n}", "-j", "1", out=out)
            seen = [name for out in parts for kind in ("read", "incomplete") for name in self.repositories(out)[kind]]
            self.assertEqual(sorted(seen), sorted(names))
            random.Random(n).shuffle(parts)
            r = self.skant("merge", "--repositories", "plan", "-f", "jsonl", "-r", "merged", *parts)
            self.assertEqual((r.status, self.read("merged")), (whole.status, self.read("whole")), r.err)

    def test_one_secret_is_one_finding_that_names_all_places(self):
        self.repository("a.git", {"x.py": make_key(1) + "\n", "y.py": make_key(1) + "\n\n"})
        self.repository("b.git", {"x.py": make_key(1) + "\n"})
        self.repository("c", {"z.py": make_key(1) + make_key(2) + "\n"}, bare=False)
        self.write("list", "c\nb.git\na.git\n")
        r = self.skant("git", "--repositories", "list", "-f", "jsonl")
        self.assertEqual(r.status, FINDINGS, r.err)
        found = {f["secret_id"]: f for f in r.findings}
        self.assertEqual(set(found), {secret_id(make_key(1)), secret_id(make_key(2))})
        one = found[secret_id(make_key(1))]
        self.assertEqual((one["repository"], one["path"], one["also_at"], one["occurrences"]),
                         ("a.git", "a.git/x.py", ["a.git/y.py", "b.git/x.py", "c/z.py"], 4))
        self.assertEqual(r.summary["repositories"]["read"], ["a.git", "b.git", "c"])
        self.assertEqual(r.summary["findings"]["total"], 2)
        self.assertIn("of 3 repositories", r.err)
        self.write("report.jsonl", r.out)
        text = self.skant("merge", "report.jsonl").text
        self.assertIn("a.git/x.py:1:1: critical", text)
        self.assertIn("also at: a.git/y.py, b.git/x.py, c/z.py", text)
        self.assertIn("of many", self.skant("explain", "--report", "report.jsonl").err.replace("about many", "of many"))
        rows = self.skant("merge", "-f", "csv", "report.jsonl").text.splitlines()
        self.assertTrue(rows[0].endswith(",repository") and rows[1].endswith('"a.git"'))

    def test_a_repository_does_not_silence_the_scan_of_all(self):
        key = make_key(1)
        self.repository("a", {"x.py": f"k = '{key}'  # skant:allow\n", ".skantignore": secret_id(key) + "\n",
                              ".skant.yaml": "version: 1\nallow: [{paths: ['**'], reason: x}]\ndisable: ['*']\n"})
        self.git("--git-dir", "a", "config", "core.bare", "true")
        self.write("list", "a\n")
        self.write(".skantignore", secret_id(key) + "\n")  # nor what lies in the folder where it is started
        r = self.skant("git", "--repositories", "list", "-f", "jsonl")
        self.assertEqual((r.status, len(r.findings)), (FINDINGS, 1), r.err)
        self.assertEqual(r.findings[0]["untrusted_allow"], "skant:allow")
        self.write("company.yaml", "version: 1\nallow: [{paths: ['x.py'], reason: known}]\n")
        r = self.skant("git", "--repositories", "list", "-f", "jsonl", "-c", "company.yaml")
        self.assertEqual((r.status, r.summary["findings"]["allowed"]), (CLEAN, 1), r.err)

    def test_a_list_is_read_from_anywhere(self):
        self.fleet(2)
        self.write("lists/deep", "# here\n\n  ../r00.git/  \n" + self.path("r01.git"))
        r = self.skant("git", "--repositories", "lists/deep", "-f", "jsonl")
        self.assertEqual(r.summary["repositories"]["read"], sorted(["../r00.git", self.path("r01.git")]))
        r = self.skant("git", "--repositories", "-", "-f", "jsonl", stdin=b"r00.git\n")
        self.assertEqual(r.summary["repositories"]["read"], ["r00.git"])
        self.skant("git", "--repositories", "lists/deep", "--plan", "plan")
        self.assertIn(self.path("lists") + "/../r00.git\n", self.read("plan").decode())
        r = self.skant("git", "--repositories", "plan", "-f", "jsonl")
        self.assertEqual(r.summary["repositories"]["total"], 2)


class Plan(FleetTest):
    def test_machines_divide_a_plan_alike_whatever_becomes_of_the_repositories(self):
        names = self.fleet(6)
        self.plan()
        lines = self.read("plan").splitlines(keepends=True)
        self.assertEqual(hashlib.sha256(b"".join(lines[1:])).hexdigest(), lines[0].split()[2].decode())
        before = [self.part(f"{i}/3", out="x") and self.repositories("x")["read"] for i in (1, 2, 3)]
        for file in os.listdir(self.path(names[0], "objects", "pack")):  # it becomes another's size, and by far
            os.unlink(self.path(names[0], "objects", "pack", file))
        shutil.rmtree(self.path(names[0]))
        self.repository(names[0], {"big": "".join(str(random.Random(1).random()) for _ in range(99999))})
        random.Random(1).shuffle(tail := lines[1:])
        self.write("plan", b"".join(lines[:1] + tail))
        after = [self.part(f"{i}/3", out="x") and self.repositories("x")["read"] for i in (1, 2, 3)]
        self.assertEqual(before, after)
        self.assertEqual(sorted(sum(after, [])), names)

    def test_a_list_without_sizes_is_not_divided(self):
        self.fleet(2)
        r = self.part("1/2", plan="list")
        self.assertEqual(r.status, USAGE)
        self.assertIn("--plan FILE makes a plan", r.err)
        self.assertFalse(os.path.exists(self.path("1of2")))
        self.assertEqual(self.part("1/1", plan="list").status, FINDINGS)

    def test_a_plan_that_changed_between_two_workers_is_refused(self):
        names = self.fleet(4)
        self.plan()
        whole = self.read("plan")
        self.assertIn(self.part("1/2").status, (CLEAN, FINDINGS))
        for changed in (whole[:-10], whole + b"5\tx.git\n", whole.replace(b"\tr01", b"\tr99"),
                        b"".join(whole.splitlines(keepends=True)[:-1])):
            self.write("plan", changed)
            r = self.part("2/2")
            self.assertEqual(r.status, USAGE)
            self.assertRegex(r.err, "plan:[1-5]: ")
        self.write("list", "\n".join(names[:3]) + "\n")
        self.plan()  # and one that was made anew shows when the parts come together
        self.part("2/2")
        r = self.skant("merge", "1of2", "2of2", "-r", "merged")
        self.assertEqual(r.status, USAGE)
        self.assertIn("of another list of repositories", r.err)
        self.assertFalse(os.path.exists(self.path("merged")))

    def test_what_cannot_be_measured_stays_in_the_plan(self):
        self.fleet(2)
        self.write("list", "r00.git\nr01.git\ngone.git\n")
        r = self.skant("git", "--repositories", "list", "--plan", "plan")
        self.assertEqual(r.status, INCOMPLETE)
        self.assertIn("cannot measure 'gone.git'", r.err)
        self.assertIn(b"\n0\tgone.git\n", self.read("plan"))

    def test_what_only_lies_in_a_repository_is_not_measured_as_that_one(self):
        self.fleet(2)
        subprocess.run(["git", "init", "-q", self.dir], check=True, env=self.env())
        os.remove(self.path("r01.git/HEAD"))
        r = self.skant("git", "--repositories", "list", "--plan", "plan")
        self.assertEqual(r.status, INCOMPLETE, r.err)
        self.assertIn("cannot measure 'r01.git', which stays in the plan: it is no repository itself", r.err)
        self.assertIn(b"\n0\tr01.git\n", self.read("plan"))

    def test_a_list_of_nothing_is_not_taken_for_a_clean_one(self):
        self.write("list", "# the folder was not mounted when it was searched\n")
        for args in (("git", "--repositories", "list", "--plan", "plan"), ("git", "--repositories", "list")):
            r = self.skant(*args)
            self.assertEqual(r.status, USAGE, r.err)
            self.assertIn("list: no repository is named", r.err)
        self.assertFalse(os.path.exists(self.path("plan")))

    def test_two_names_of_one_repository_are_told(self):
        self.fleet(1)
        os.symlink("r00.git", self.path("alias"))
        self.write("list", "r00.git\nalias\n")
        self.assertIn("are the same repository", self.skant("git", "--repositories", "list", "--plan", "plan").err)
        self.write("list", "r00.git\n./r00.git/\n")
        r = self.skant("git", "--repositories", "list")
        self.assertEqual((r.status, "list:2: 'r00.git' stands in line 1 already" in r.err), (USAGE, True))

    def test_a_plan_is_written_whole_or_not_at_all(self):
        self.fleet(3)
        self.plan()
        before = self.read("plan")
        self.write("list", "r00.git\n")
        r = subprocess.run(["sh", "-c", 'ulimit -f 0; exec "$0" git --repositories list --plan plan', SKANT],
                           cwd=self.dir, env=self.env(), capture_output=True, check=False)
        self.assertNotEqual(r.returncode, CLEAN)
        self.assertEqual(self.read("plan"), before)


class Faults(FleetTest):
    def test_one_that_is_broken_does_not_stop_the_others(self):
        self.fleet(4)
        shutil.rmtree(self.path("r01.git"))  # gone
        for name in os.listdir(self.path("r02.git/objects/pack")):  # damaged
            os.chmod(self.path("r02.git/objects/pack", name), 0o600)
            self.write("r02.git/objects/pack/" + name, b"x" * 100)
        self.git("init", "-q", ".")
        os.makedirs(self.path("inside"))  # it lies in a repository and is none
        self.write("list", "r00.git\nr01.git\nr02.git\nr03.git\ninside\n")
        r = self.skant("git", "--repositories", "list", "-f", "jsonl")
        self.assertEqual(r.status, INCOMPLETE)
        self.assertEqual([f["repository"] for f in r.findings], ["r03.git"])
        told = r.summary["repositories"]
        self.assertEqual((told["read"], told["incomplete"]), (["r00.git", "r03.git"], ["inside", "r01.git", "r02.git"]))
        self.assertIn("'inside' was not read as it should be: it is no repository itself", r.err)
        self.write("report", r.out)
        m = self.skant("merge", "report")
        self.assertEqual(m.status, INCOMPLETE)
        for name in told["incomplete"]:
            self.assertIn(f"the repository '{name}' was not read as a whole", m.err)

    def test_a_pipe_in_a_repository_does_not_hold_up_the_others(self):
        self.fleet(2)
        for name in ("packed-refs", "shallow", "objects/info/alternates"):
            os.makedirs(os.path.dirname(self.path("r00.git", name)), exist_ok=True)
            os.mkfifo(self.path("r00.git", name))
        r = self.skant("git", "--repositories", "list", "-f", "jsonl", timeout=60)
        self.assertEqual((r.status, r.summary["repositories"]["read"]), (INCOMPLETE, ["r01.git"]), r.err)

    def test_merge_says_what_is_missing_and_what_is_double(self):
        self.fleet(6)
        self.plan()
        for i in (1, 2, 3):
            self.part(f"{i}/3")
        r = self.skant("merge", "--repositories", "plan", "-f", "jsonl", "1of3", "3of3")
        self.assertEqual(r.status, INCOMPLETE)
        self.assertIn("part 2 of 3 is missing", r.err)
        for name in self.repositories("2of3")["read"]:
            self.assertIn(f"'{name}' was not read", r.err)
        self.assertEqual((r.summary["complete"], r.summary["repositories"]["parts"]), (False, [1, 3]))
        count = len(self.repositories("2of3")["read"])
        self.assertIn(f"{count} repositor{'y is' if count == 1 else 'ies are'} in no report",
                      self.skant("merge", "-f", "junit", "1of3", "3of3").text)
        r = self.skant("merge", "1of3", "2of3", "3of3", "2of3")
        self.assertEqual((r.status, "part 2 of 3 is in another report already" in r.err), (USAGE, True), r.err)
        self.part("1/2")
        r = self.skant("merge", "1of3", "1of2")
        self.assertEqual((r.status, "divided into 2 parts here, and into 3 before" in r.err), (USAGE, True), r.err)
        self.part("2/3", "--min-confidence", "low")
        r = self.skant("merge", "1of3", "2of3", "3of3")
        self.assertEqual((r.status, "not all scanned with the same rules" in r.err), (INCOMPLETE, True), r.err)
        self.assertIn("different settings", self.skant("merge", "-f", "github", "1of3", "2of3", "3of3").text)
        self.write("other", "r00.git\n")
        self.assertEqual(self.skant("merge", "--repositories", "other", "1of3").status, USAGE)

    def test_a_worker_that_is_killed_leaves_nothing_and_its_restart_redoes_its_part_alone(self):
        self.fleet(8)
        self.many_keys("r01.git")
        self.plan()
        self.skant("git", "--repositories", "plan", "-f", "jsonl", "-r", "whole")
        lost = self.part_of("r01.git")
        before = os.listdir(self.dir)
        with self.stuck("--repositories", "plan", "--shard", f"{lost}/2", "-r", f"{lost}of2") as worker:
            worker.send_signal(signal.SIGKILL)
        self.assertEqual([f for f in os.listdir(self.dir) if f not in before and not f.startswith(".")], [])
        other = self.part(f"{3 - lost}/2", "--resume")
        self.assertIn(other.status, (CLEAN, FINDINGS))
        self.assertEqual(self.skant("merge", f"{3 - lost}of2").status, INCOMPLETE)
        for i in (1, 2):  # the whole thing is started once more
            again = self.part(f"{i}/2", "--resume")
            self.assertEqual("nothing is scanned" in again.err, i != lost, again.err)
        r = self.skant("merge", "-f", "jsonl", "-r", "merged", "1of2", "2of2")
        self.assertEqual((r.status, self.read("merged")), (FINDINGS, self.read("whole")), r.err)

    def many_keys(self, name):
        shutil.rmtree(self.path(name))
        self.repository(name, {"keys": "\n".join(make_key(i) for i in range(100, 200))})

    def stuck(self, *args):
        """A worker in the middle of its work: it says more with -v than its standard error holds."""
        self.stderr, end = os.pipe()
        self.addCleanup(os.close, self.stderr)
        fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, 4096)
        worker = subprocess.Popen([SKANT, "git", "-v", "-f", "jsonl", *args], cwd=self.dir, env=self.env(), stderr=end)
        os.close(end)
        held = array.array("i", [0])
        for _ in range(3000):
            fcntl.ioctl(self.stderr, termios.FIONREAD, held)
            if held[0] > 3500:
                return worker
            time.sleep(0.01)
        self.fail("it said little")

    def part_of(self, name):
        """Which of two parts that repository is in."""
        self.part("1/2", out="probe")
        return 1 if name in self.repositories("probe")["read"] else 2

    def test_a_full_disk_leaves_no_report(self):
        self.fleet(2)
        self.plan()
        r = subprocess.run(["sh", "-c", 'trap "" XFSZ; ulimit -f 1; exec "$0" git --repositories plan --shard 1/1 -f jsonl -r part '
                            '--resume', SKANT], cwd=self.dir, env=self.env(), capture_output=True, check=False)
        self.assertEqual(r.returncode, INCOMPLETE, r.stderr)
        self.assertFalse(os.path.exists(self.path("part")))
        self.assertEqual(self.part("1/1", "--resume", out="part").status, FINDINGS)

    def test_only_a_report_that_would_be_the_same_is_kept(self):
        self.fleet(4)
        self.plan()
        self.part("1/2", out="report")
        first = self.read("report")
        r = self.part("1/2", "--resume", "-f", "csv=rows", out="report")
        self.assertIn("'report' is there and complete: nothing is scanned", r.err)
        self.assertEqual(self.read("report"), first)
        self.assertEqual(len(self.read("rows").splitlines()), len(self.records("report")))
        self.write("c.yaml", "version: 1\n")
        for more in (["--full"], ["-c", "c.yaml"], ["--disable-rule", "anthropic-api-key"]):
            r = self.part("1/2", "--resume", *more, out="report")
            self.assertIn("is made anew: rules, configuration, options or version were others", r.err)
            self.part("1/2", out="report")
        self.assertIn("of another part", self.part("2/2", "--resume", out="report").err)
        self.write("report", first[:-40])
        r = self.part("1/2", "--resume", out="report")
        self.assertIn("is made anew", r.err)
        self.assertEqual(self.read("report"), first)
        shutil.rmtree(self.path(self.repositories("report")["read"][0]))
        self.part("1/2", out="report")
        self.assertIn("it is not complete", self.part("1/2", "--resume", out="report").err)

    def test_when_time_is_up_what_is_left_is_named(self):
        self.fleet(4)
        self.many_keys("r01.git")
        with self.stuck("--repositories", "list", "-r", "report") as worker:
            worker.send_signal(signal.SIGTERM)
            with open(self.stderr, "rb", closefd=False) as f:
                f.read()
            self.assertEqual(worker.wait(60), INCOMPLETE)
        told = self.repositories("report")
        self.assertEqual(sorted(told["read"] + told["incomplete"]), [f"r{i:02}.git" for i in range(4)])
        self.assertEqual((told["read"][0], told["incomplete"][-2:]), ("r00.git", ["r02.git", "r03.git"]))


class Usage(FleetTest):
    def test_what_does_not_go_together_is_refused(self):
        self.write("list", "x\n")
        for args, expected in (
                (["--shard", "1/2"], "--shard is for the repositories that --repositories names"),
                (["--resume"], "--resume is for"),
                (["--repositories", "list", "."], "no other may be named"),
                (["--repositories", "list", "--resume"], "--resume needs a report in the format jsonl"),
                (["--repositories", "list", "--range", "a..b"], "no range of commits"),
                (["--repositories", "list", "--cache", "c"], "no --cache"),
                (["--repositories", "list", "--staged"], "no --staged"),
                (["--repositories", "list", "--trust", "change"], "no repository's own configuration counts"),
                (["--repositories", "list", "--plan", "p", "-f", "json"], "scans nothing"),
                (["--repositories", "missing"], "'missing'")):
            r = self.skant("git", *args)
            self.assertEqual((r.status, expected in r.err), (USAGE, True), r.err)
        for value in ("0/2", "3/2", "1", "/", "1/0", "a/b", "1/2/3", "2+1/2", "+1/2", "1+2/4", "1/10001", "-1/2"):
            r = self.skant("git", "--repositories", "list", "--shard", value)
            self.assertEqual((r.status, "--shard takes a part" in r.err), (USAGE, True), value)

    def test_parts_are_numbered_from_one_or_by_a_sum(self):
        self.fleet(3)
        self.plan()
        for i in range(3):
            self.part(f"{i + 1}/3", out="a")
            self.part(f"{i}+1/3", out="b")
            self.assertEqual(self.read("a"), self.read("b"))


if __name__ == "__main__":
    unittest.main()
