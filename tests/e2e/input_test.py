# SPDX-License-Identifier: Apache-2.0
"""What bad or odd input gets: a clear message, the right exit status, never "clean" for something not read."""
import os
import pty
import signal
import socket
import subprocess
import time
import unittest

from support import IS_PORTABLE, SKANT, SkantTest, make_key

CLEAN, FINDINGS, USAGE, INCOMPLETE = 0, 1, 2, 3


class Targets(SkantTest):
    def test_an_empty_folder_is_not_called_clean(self):
        r = self.skant("dir")
        self.assertEqual(r.status, CLEAN)
        self.assertIn("nothing to scan", r.err)

    def test_a_target_that_does_not_exist_is_a_usage_error(self):
        r = self.skant("dir", "no-such-thing")
        self.assertEqual((r.status, r.out), (USAGE, b""))
        self.assertIn("cannot scan 'no-such-thing': No such file or directory", r.err)

    def test_a_fifo_as_target_is_refused_without_waiting(self):
        os.mkfifo(self.path("pipe"))
        r = self.skant("dir", "pipe", timeout=10)
        self.assertEqual(r.status, USAGE)
        self.assertIn("skant stdin", r.err)

    def test_special_files_and_links_are_counted_not_opened(self):
        os.mkfifo(self.path("pipe"))
        s = socket.socket(socket.AF_UNIX)
        self.addCleanup(s.close)
        s.bind(self.path("sock"))
        os.symlink("/etc/passwd", self.path("link"))
        os.symlink(".", self.path("loop"))
        self.write("a", "nothing\n")
        r = self.scan(timeout=10)
        self.assertEqual(r.status, CLEAN)
        self.assertEqual(r.summary["unread"], {"special": 2, "symlink": 2})
        self.assertEqual(r.summary["files"], 1)

    @unittest.skipIf(os.geteuid() == 0 and not os.path.exists("/usr/bin/setpriv"), "root reads everything; needs setpriv")
    def test_unreadable_files_and_folders_make_it_incomplete(self):
        key = make_key(1)
        self.write("ok.py", key)
        os.chmod(self.write("locked.py", "x"), 0)
        self.write("folder/in.py", "x")
        os.chmod(self.path("folder"), 0)
        os.chmod(self.dir, 0o755)
        as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        done = subprocess.run([*as_nobody, SKANT, "dir", "-f", "jsonl"], cwd=self.dir, capture_output=True, check=False,
                              env=self.env())
        err = done.stderr.decode()
        if "cannot execute" in err or "failed to execute" in err:
            self.skipTest("the program lies where another user cannot reach it")
        self.assertEqual(done.returncode, INCOMPLETE, err)
        self.assertIn(b"anthropic-api-key", done.stdout)
        self.assertIn("cannot read 'locked.py': Permission denied", err)
        self.assertIn("cannot read 'folder/': Permission denied", err)
        self.assertIn("2 unreadable", err)

    def test_odd_file_names_cannot_write_to_the_terminal(self):
        names = [b"new\nline", b"esc\x1b[31m", b"bad\xff\xfe", "bidi\u202e".encode(), b"tab\t", b"c1\xc2\x9b"]
        for n, name in enumerate(names):
            with open(os.path.join(self.dir.encode(), name), "wb") as f:
                f.write(make_key(n).encode())
        r = self.skant("dir", "-v")
        self.assertEqual(r.status, FINDINGS)
        for data in (r.out, r.err.encode()):
            self.assertNotIn(b"\x1b", data)
            self.assertNotIn(b"\xc2\x9b", data)
            self.assertNotIn("\u202e".encode(), data)
            self.assertNotIn(b"\xff", data)
        self.assertIn("new\\x0aline:1:1:", r.text)
        self.assertEqual(len(self.scan().findings), len(names))

    def test_a_path_longer_than_path_max_is_scanned(self):
        key, here = make_key(2), os.open(self.dir, os.O_RDONLY)
        name = "d" * 200
        for _ in range(40):
            os.mkdir(name, dir_fd=here)
            deeper = os.open(name, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = deeper
        fd = os.open("key.txt", os.O_WRONLY | os.O_CREAT, dir_fd=here)
        os.write(fd, key.encode())
        os.close(fd)
        os.close(here)
        r = self.scan()
        self.assertEqual(len(r.findings), 1, r.err)
        self.assertGreater(len(r.findings[0]["path"]), 4096)

    def test_many_wide_and_deep_folders_need_few_descriptors(self):
        for a in range(12):
            for b in range(12):
                for c in range(4):
                    self.write(f"{a}/{b}/{c}/f", "x")
        key = make_key(3)
        self.write("11/11/3/key", key)
        done = subprocess.run(["prlimit", "--nofile=64:64", SKANT, "dir", "-f", "jsonl"], cwd=self.dir,
                              capture_output=True, env=self.env(), check=False)
        self.assertEqual(done.returncode, FINDINGS, done.stderr)

    def test_files_that_come_and_go_do_not_disturb(self):
        for n in range(300):
            self.write(f"d{n % 10}/f{n}", "x" * 1000)
        churn = subprocess.Popen(["sh", "-c", "i=0; while [ $i -lt 400 ]; do rm -f d*/f$((i % 300)); "
                                  "printf '%0*d' $((i * 7)) 0 > d1/g$((i % 50)); i=$((i + 1)); done"], cwd=self.dir)
        for _ in range(10):
            self.assertIn(self.scan().status, (CLEAN,))
        churn.wait()

    def test_a_file_above_the_limit_is_left_out_and_said(self):
        self.write("big", b"x" * 2_000_001)
        self.write("small", make_key(4))
        r = self.scan("--max-target-megabytes", "2")
        self.assertEqual(r.status, INCOMPLETE)
        self.assertEqual(r.summary["unread"], {"limit": 1})
        self.assertEqual(len(r.findings), 1)

    def test_targets_are_shown_as_the_user_named_them(self):
        self.write("src/a.py", make_key(5))
        for target, shown in [(".", "src/a.py"), ("./src", "src/a.py"), ("src/", "src/a.py"), ("src/a.py", "src/a.py"),
                              (self.path("src"), self.path("src/a.py")), ("src/../src", "src/../src/a.py")]:
            self.assertEqual([f["path"] for f in self.scan(target).findings], [shown])


class Reports(SkantTest):
    def test_output_is_the_same_whatever_the_number_of_threads(self):
        for n in range(400):
            self.write(f"d{n % 7}/e{n % 3}/f{n}.txt", make_key(n) + "\n" + make_key(n + 1000))
        outputs = {self.skant("dir", "-f", form, "-j", jobs).out for form in ("jsonl",) for jobs in ("1", "2", "5", "16")
                   for _ in range(3)}
        self.assertEqual(len(outputs), 1)

    def test_a_report_path_is_written_whole(self):
        self.write("a.py", make_key(1))
        r = self.skant("dir", "-f", "json", "-r", "out/report.json")
        self.assertEqual(r.status, USAGE)
        os.mkdir(self.path("out"))
        r = self.skant("dir", "-f", "json", "-r", "out/report.json", "a.py")
        self.assertEqual((r.status, r.out), (FINDINGS, b""))
        self.assertEqual(os.listdir(self.path("out")), ["report.json"])

    def test_json_has_its_members_in_order_and_parses(self):
        import json
        self.write("a.py", make_key(2))
        report = json.loads(self.skant("dir", "-f", "json").out)
        self.assertEqual(list(report), ["schema", "tool", "target", "summary", "findings"])
        self.assertEqual(report["summary"]["findings"]["critical"], 1)
        self.assertEqual(json.loads(self.skant("dir", "-f", "json", "a.py", "--disable-rule", "*").out)["findings"], [])

    def test_several_reports_are_written_at_once(self):
        self.write("a.py", make_key(3))
        r = self.skant("dir", "-f", "text", "-f", "jsonl=a.jsonl", "-f", "json=a.json", "a.py")
        self.assertIn("a.py:1:1: critical", r.text)
        self.assertTrue(os.path.getsize(self.path("a.jsonl")) and os.path.getsize(self.path("a.json")))

    def test_a_full_disk_is_said_and_leaves_nothing(self):
        self.write("a.py", make_key(4))
        r = self.skant("dir", "-r", "/dev/full")
        self.assertEqual(r.status, INCOMPLETE)
        self.assertIn("No space left on device", r.err)
        done = subprocess.run(f"{SKANT} dir > /dev/full", shell=True, cwd=self.dir, capture_output=True, env=self.env(),
                              check=False)
        self.assertEqual(done.returncode, INCOMPLETE)
        self.assertIn(b"No space left on device", done.stderr)

    def test_a_report_for_which_there_is_no_standard_output_is_not_lost_in_silence(self):
        self.write("a.py", make_key(4))
        done = subprocess.run(f"{SKANT} dir >&-", shell=True, cwd=self.dir, capture_output=True, env=self.env(), check=False)
        self.assertEqual(done.returncode, INCOMPLETE)
        self.assertIn(b"standard output", done.stderr)

    def test_a_closed_pipe_ends_it_quietly(self):
        for n in range(3000):
            self.write(f"d{n % 30}/f{n}", make_key(n))
        r = subprocess.run(["bash", "-c", f"set -o pipefail; {SKANT} dir | head -1"], cwd=self.dir, capture_output=True,
                           env=self.env(), check=False, timeout=60)
        self.assertEqual(r.stdout.count(b"\n"), 1)
        self.assertNotIn(b"rror", r.stderr)
        self.assertEqual(r.returncode, INCOMPLETE)

    def test_colour_only_on_a_terminal(self):
        self.write("a.py", make_key(5))
        self.assertNotIn(b"\x1b", self.skant("dir").out)
        for env, coloured in [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False),
                              ({"TERM": "dumb"}, False)]:
            try:
                main, side = pty.openpty()
            except OSError as why:
                self.skipTest(f"no terminal to be had: {why}")
            subprocess.run([SKANT, "dir", "-q"], cwd=self.dir, stdout=side, env=self.env(**env), check=False)
            os.close(side)
            shown = os.read(main, 65536)
            os.close(main)
            self.assertEqual(b"\x1b[" in shown, coloured, env)

    def test_quiet_says_nothing_but_reports(self):
        self.write("a.py", make_key(6))
        r = self.skant("dir", "-q")
        self.assertEqual((r.status, r.err), (FINDINGS, ""))
        self.assertTrue(r.out)

    @staticmethod
    def feed(child, data):
        """Writes data, which the child may have stopped to read, and waits for its end."""
        try:
            return child.communicate(data, timeout=60)
        except BrokenPipeError:
            return child.communicate(timeout=60)

    def test_an_interrupt_reports_what_was_found_and_says_it_is_incomplete(self):
        key = make_key(7)
        child = subprocess.Popen([SKANT, "stdin", "-f", "jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, cwd=self.dir, env=self.env())
        child.stdin.write(key.encode() + b"\n" + b"x" * (9 << 20))
        child.stdin.flush()
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        out, err = self.feed(child, b"y" * (5 << 20))
        self.assertEqual(child.returncode, INCOMPLETE, err)
        self.assertIn(b"anthropic-api-key", out)
        self.assertIn(b'"interrupted":1', out)

    def test_a_timeout_says_that_it_is_incomplete(self):
        child = subprocess.Popen([SKANT, "stdin", "-f", "jsonl", "--timeout", "1"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.dir, env=self.env())
        child.stdin.write(b"x" * (5 << 20))
        child.stdin.flush()
        time.sleep(1.2)
        out, _ = self.feed(child, b"x" * (5 << 20))
        self.assertEqual(child.returncode, INCOMPLETE)
        self.assertIn(b'"complete":false', out)

    def test_a_stream_that_stalls_is_left_at_the_timeout_and_at_an_interrupt(self):
        key = make_key(30).encode()
        for args, kill in ((["--timeout", "1"], False), ([], True)):
            child = subprocess.Popen([SKANT, "stdin", "-f", "jsonl", *args], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.dir, env=self.env())
            child.stdin.write(key)
            child.stdin.flush()
            time.sleep(0.3)
            if kill:
                child.send_signal(signal.SIGINT)
            out = child.stdout.read()  # our end of its input stays open
            self.assertEqual(child.wait(timeout=20), INCOMPLETE)
            self.assertIn(b'"interrupted":1', out)
            self.assertIn(b"anthropic-api-key", out)
            child.stdin.close()
            child.stderr.close()
            child.stdout.close()

    def test_fifos_in_place_of_files_do_not_hang_it(self):
        self.write("a.py", "x")
        for name in (".skantignore", ".gitleaksignore", ".skant.yaml", ".gitignore"):
            os.mkfifo(self.path(name))
            r = self.skant("dir", timeout=10)
            self.assertIn(r.status, (CLEAN, USAGE))
            os.unlink(self.path(name))
        os.mkfifo(self.path("rules.yaml"))
        self.write(".skant.yaml", "version: 1\nrules: [rules.yaml]\n")
        self.assertEqual(self.skant("dir", timeout=10).status, USAGE)

    def test_a_configuration_that_leads_nowhere_is_no_missing_one(self):
        self.write("a.py", "x")
        os.symlink("nowhere", self.path(".skant.yaml"))
        self.assertEqual(self.skant("dir").status, USAGE)

    def test_missing_standard_descriptors_spoil_no_report(self):
        import json
        self.write("a.py", make_key(31))
        subprocess.run(["sh", "-c", f"{SKANT} dir -v -f json -r out.json . 2>&- >&- <&-"], cwd=self.dir,
                       env=self.env(), check=False)
        with open(self.path("out.json"), encoding="utf-8") as f:
            self.assertEqual(json.load(f)["summary"]["findings"]["critical"], 1)

    @unittest.skipIf(IS_PORTABLE, "POSIX has no files without a name: the report that is being written is there, and empty")
    def test_a_report_does_not_scan_itself(self):
        self.write("a.py", "x")
        self.skant("dir", "-f", "json", "-r", "rep.json", ".")
        with open(self.path("rep.json"), encoding="utf-8") as f:
            self.assertIn('"files":1', f.read())

    def test_a_linked_target_on_another_file_system_is_read_whole(self):
        os.symlink("/proc/self/smaps", self.path("l"))
        r = self.scan("l")
        self.assertGreater(r.summary["bytes"], 8192)

    def test_escapes_in_rules_and_reasons_do_not_reach_the_terminal(self):
        self.write("a.py", make_key(32))
        self.write(".skant.yaml", 'version: 1\nallow: [{paths: [a.py], reason: "x \\e[31m"}]\n')
        self.write("r.yaml", 'version: 1\nrules: [{id: r, title: "T \\e[31m", regex: "impor.", remediation: "\\e[1m"}]\n')
        self.write("b.py", "import x\n")
        for args in (("dir", "-v", "--rules", "r.yaml"), ("rules", "list", "--rules", "r.yaml"),
                     ("rules", "show", "r", "--rules", "r.yaml"), ("explain", "r", "--rules", "r.yaml")):
            r = self.skant(*args)
            self.assertNotIn("\x1b", r.text + r.err)

    def test_exit_codes_follow_the_flags(self):
        self.write("a.py", make_key(8))
        self.assertEqual(self.skant("dir", "--exit-code", "42").status, 42)
        self.assertEqual(self.skant("dir", "--fail-on", "critical").status, FINDINGS)
        self.write("a.py", make_key(8, "sk-ant-svc01-"))
        self.assertEqual(self.skant("dir", "--fail-on", "critical").status, CLEAN)

    def test_flags_of_gitleaks_are_understood(self):
        self.write("a.py", make_key(9))
        self.assertEqual(self.skant("dir", "--no-banner", "--redact", "--redact=80", ".").status, FINDINGS)


if __name__ == "__main__":
    unittest.main()
