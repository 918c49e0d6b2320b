# SPDX-License-Identifier: Apache-2.0
"""skant --verify: who is asked, what leaves skant and how, and what is told when no answer comes."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from skantctl_support import ACTIVITIES, SKANTCTL, CtlTest, Reply, listing, refusal
from support import SKANT, Result, SkantTest, make_key, secret_id

# Plays `skantctl verify`: notes what it is given, then does what its second half says.
STAND_IN = '''#!/usr/bin/env python3
import hashlib, json, os, signal, sys, time
NOTES = %r
def ident(key):
    return "sha256:" + hashlib.sha256(key).hexdigest()[:32]
def answer(key, verified, **more):
    print(json.dumps({"secret_id": ident(key), "verified": verified, **more}), flush=True)
def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return b""
with open(NOTES + ".pid", "w") as f:
    f.write(str(os.getpid()))
keys = sys.stdin.buffer.read().splitlines() if %r else []
seen = b"".join(read(f"/proc/{p}/{n}") for p in (os.getpid(), os.getppid()) for n in ("cmdline", "environ"))
seen += "\\0".join(os.readlink(f"/proc/self/fd/{fd}") for fd in (0, 1, 2)).encode()
with open(NOTES, "w") as f:
    json.dump({"argv": sys.argv[1:], "ids": [ident(k) for k in keys], "leaks": [ident(k) for k in keys if k in seen],
               "fds": sorted(os.listdir("/proc/self/fd"))}, f)
'''
ALL_LIVE = "for key in keys: answer(key, 'live')\n"


class Asked(SkantTest):
    """Runs a copy of skant, so that the stand-in is what lies beside it."""

    def setUp(self):
        super().setUp()
        self.bin = tempfile.mkdtemp(prefix="skant-bin-")
        self.addCleanup(shutil.rmtree, self.bin, True)
        self.program = shutil.copy(SKANT, os.path.join(self.bin, "skant"))
        self.notes = os.path.join(self.bin, "notes")
        self.key = make_key(1)
        self.write("src/a.py", f'client("{self.key}")\n')

    def stand_in(self, script, folder=None, reads=True):
        path = os.path.join(folder or self.bin, "skantctl")
        with open(path, "w", encoding="utf-8") as f:
            f.write(STAND_IN % (self.notes, reads) + script)
        os.chmod(path, 0o755)

    def run_it(self, *args, stdin=b"", env=None):
        done = subprocess.run([self.program, *args], cwd=self.dir, input=stdin, capture_output=True, timeout=120,
                              env=env or self.env(), check=False)
        result = Result(done)
        self.assertNotIn(self.key, result.text + result.err)
        return result

    def verify(self, *args, **kw):
        return self.run_it("dir", "-f", "jsonl", "--verify", *args, "src", **kw)

    @property
    def noted(self):
        with open(self.notes, encoding="utf-8") as f:
            return json.load(f)

    def assert_gone(self):
        with open(self.notes + ".pid", encoding="ascii") as f:
            pid = int(f.read())
        self.assertFalse(os.path.exists(f"/proc/{pid}"))


class Handing(Asked):
    def test_each_key_goes_out_once_on_standard_input_alone(self):
        self.write("src/b.py", f'"{self.key}" "{make_key(2)}"\n')
        self.write("src/c.py", f'"{self.key}"\n'.encode("utf-16"))
        self.stand_in(ALL_LIVE)
        result = self.verify()
        self.assertEqual(result.status, 1, result.err)
        self.assertEqual([f["verified"] for f in result.findings], ["live"] * 4)
        self.assertEqual(self.noted["argv"], ["verify", "-o", "jsonl"])
        self.assertEqual(self.noted["ids"], [secret_id(self.key), secret_id(make_key(2))])
        self.assertEqual(self.noted["leaks"], [])
        self.assertLessEqual(len(self.noted["fds"]), 5)  # the three, that of the notes, that of the listing
        self.assert_gone()

    def test_a_key_in_many_repositories_goes_out_once(self):
        self.write("src/b.py", f'"{self.key}"\n')
        for name in ("one", "two"):
            self.git("init", "-q", name)
            self.git("-C", name, "--work-tree", self.dir, "add", self.path("src"))
            self.git("-C", name, "commit", "-qm", "first")
        self.write("list", "one\ntwo\n")
        self.stand_in(ALL_LIVE)
        result = self.run_it("git", "--repositories", "list", "-f", "jsonl", "--verify")
        self.assertEqual(self.noted["ids"], [secret_id(self.key)], result.err)
        self.assertEqual([(f["verified"], f["occurrences"], f["path"]) for f in result.findings],
                         [("live", 4, "one/src/a.py")])
        self.assertEqual(result.summary["verified"]["live"], 1)

    def test_no_file_of_it_is_written(self):
        folder = tempfile.mkdtemp(prefix="skant-tmp-")
        self.addCleanup(shutil.rmtree, folder, True)
        self.stand_in(ALL_LIVE)
        self.verify(env=self.env(TMPDIR=folder))
        self.assertEqual([os.listdir(f) for f in (folder, self.home, self.dir)], [[], [], ["src"]])

    def test_what_nobody_is_told_of_is_not_asked_about(self):
        allowed, placeholder, low = make_key(3), "sk-ant-" + "api03-" + "A" * 93 + "AA", make_key(5)[:60]
        self.write("src/b.py", f'"{allowed}"  # skant:allow a test\n"{placeholder}"\n"{low}"\n')
        self.stand_in(ALL_LIVE)
        result = self.verify("-v")
        self.assertEqual(self.noted["ids"], [secret_id(self.key)])
        self.assertEqual({f["status"]: f.get("verified") for f in result.findings}, {"new": "live", "allowed": None})

    def test_refresh_and_session_keys_are_never_sent(self):
        self.write("src/b.py", "\n".join(make_key(i, "sk-ant-" + kind) for i, kind in enumerate(("ort01-", "sid01-"))))
        self.stand_in(ALL_LIVE)
        result = self.verify()
        self.assertEqual(self.noted["ids"], [secret_id(self.key)])
        never = [f for f in result.findings if f["path"] == "src/b.py"]
        self.assertEqual([f["verified"] for f in never], ["unknown"] * 2)
        self.assertIn("never sent", never[0]["verified_reason"])

    def test_what_a_rule_of_the_user_finds_is_not_sent(self):
        self.write("src/b.py", "password = hunter2hunter2\n")
        self.write("more.yaml", "version: 1\nrules:\n  - id: word\n    kind: api\n    title: A word\n    severity: high\n"
                                "    keywords: [hunter2]\n    regex: 'hunter2[a-z0-9]+'\n")
        self.stand_in(ALL_LIVE)
        result = self.verify("--rules", "more.yaml", "--min-confidence", "low")
        self.assertEqual(self.noted["ids"], [secret_id(self.key)])
        self.assertEqual([f["verified"] for f in result.findings if f["rule_id"] == "word"], ["unknown"])

    def test_names_of_keys_are_not_asked_about(self):
        self.write("src/main.tf", 'resource "anthropic_api_key" "a" {\n  name = "Prod_ML_key"\n}\n')
        self.stand_in(ALL_LIVE)
        names = [f for f in self.verify().findings if f["kind"] == "keyname"]
        self.assertEqual([f.get("verified") for f in names], [None])

    def test_staged_asks_only_about_what_is_new(self):
        self.git("init", "-q")
        self.git("add", "src")
        self.git("commit", "-q", "-m", "a")
        self.write("src/a.py", f'client("{self.key}", "{make_key(2)}")\n')
        self.git("add", "src")
        self.stand_in(ALL_LIVE)
        result = self.run_it("staged", "-f", "jsonl", "--verify")
        self.assertEqual(self.noted["ids"], [secret_id(make_key(2))], result.err)

    def test_git_and_stdin_ask_as_well(self):
        self.git("init", "-q")
        self.git("add", "src")
        self.git("commit", "-q", "-m", "a")
        self.stand_in(ALL_LIVE)
        for args in (["git"], ["git", "--range", "HEAD"]):
            self.assertEqual(self.run_it(*args, "-f", "jsonl", "--verify").findings[0]["verified"], "live", args)
        result = self.run_it("stdin", "-f", "jsonl", "--verify", stdin=self.key.encode())
        self.assertEqual(result.findings[0]["verified"], "live")

    def test_without_the_option_nobody_is_started(self):
        self.stand_in(ALL_LIVE)
        self.run_it("dir", "src")
        self.assertFalse(os.path.exists(self.notes + ".pid"))

    def test_no_configuration_can_ask(self):
        self.write("src/.skant.yaml", "version: 1\nverify: true\n")
        self.stand_in(ALL_LIVE)
        self.assertEqual(self.run_it("dir", "src").status, 2)
        self.assertFalse(os.path.exists(self.notes + ".pid"))

    def test_nothing_found_nothing_asked(self):
        self.write("src/a.py", "clean\n")
        self.stand_in(ALL_LIVE)
        result = self.verify()
        self.assertEqual((result.status, result.findings), (0, []))
        self.assertNotIn("verify", result.err)

    def test_many_keys(self):
        keys = [make_key(i) for i in range(3000)]
        self.write("src/a.py", "\n".join(keys))
        self.stand_in("for i, key in enumerate(keys): answer(key, 'live' if i % 2 else 'dead', reason='r' * 200)\n")
        result = self.verify()
        self.assertEqual([f["verified"] for f in result.findings], ["dead", "live"] * 1500)
        self.assertEqual(result.summary["verified"], {"live": 1500, "dead": 1500, "unknown": 0})


class Telling(Asked):
    def text(self, script):
        self.stand_in(script)
        return self.run_it("dir", "--verify", "src").text

    def test_the_text_says_what_to_do(self):
        self.assertIn("    live: revoke it now\n", self.text(ALL_LIVE))
        self.assertIn("    dead: no longer accepted (401)\n", self.text("answer(keys[0], 'dead', reason='401')"))
        self.assertIn("    unknown: could not be checked: a; b\n",
                      self.text("answer(keys[0], 'unknown', reasons=['a', 'b'])"))

    def test_the_record_says_why_and_whose(self):
        self.stand_in("answer(keys[0], 'live', reasons=['403 no scope'], organization_id='org_1')")
        found = self.verify().findings[0]
        self.assertEqual((found["verified"], found["verified_reason"], found["verified_organization_id"]),
                         ("live", "403 no scope", "org_1"))

    def test_sarif_carries_it(self):
        self.stand_in(ALL_LIVE)
        result = self.run_it("dir", "-f", "sarif", "--verify", "src")
        self.assertEqual(json.loads(result.text)["runs"][0]["results"][0]["properties"]["verified"], "live")

    def test_answers_are_cleaned_and_masked(self):
        text = self.text("answer(keys[0], 'unknown', reason='\\x1b[31m' + keys[0].decode())\n"
                         "sys.stderr.write('\\x1b[31m ' + keys[0].decode() + '\\n')")
        self.assertNotIn("\x1b", text)
        self.assertNotIn(self.key, text)

    def test_what_it_says_of_itself_is_passed_on(self):
        self.stand_in("sys.stderr.write('skantctl: error: no such profile\\n'); sys.exit(2)")
        result = self.verify()
        self.assertEqual(result.status, 1)
        self.assertIn("skantctl: error: no such profile", result.err)
        self.assertIn("exit status 2", result.err)
        self.assertIn("exit status 2", result.findings[0]["verified_reason"])
        self.assertEqual(result.findings[0]["verified"], "unknown")


class Failing(Asked):
    def unknown(self, script, reads=True, **kw):
        self.stand_in(script, reads=reads)
        result = self.verify(*kw.get("args", ()))
        self.assertEqual([f["verified"] for f in result.findings], ["unknown"], result.err)
        self.assert_gone()
        return result

    def test_one_that_ends_at_once(self):
        self.assertEqual(self.unknown("", reads=False).status, 1)

    def test_one_that_ends_while_it_is_written_to(self):
        self.write("src/a.py", "\n".join(make_key(i) for i in range(3000)))
        self.stand_in("sys.stdin.buffer.read(1000); sys.exit(9)", reads=False)
        result = self.verify()
        self.assertEqual({f["verified"] for f in result.findings}, {"unknown"})
        self.assertEqual(len(result.findings), 3000)
        self.assertIn("exit status 9", result.err)

    def test_one_that_is_killed(self):
        result = self.unknown("os.kill(os.getpid(), signal.SIGKILL)")
        self.assertIn("exit status 137", result.findings[0]["verified_reason"])

    def test_one_that_never_answers_within_the_time_given(self):
        result = self.unknown("time.sleep(600)", args=["--timeout", "5"])
        self.assertIn("stopped", result.findings[0]["verified_reason"])

    def test_one_that_answers_nonsense(self):
        result = self.unknown("print('nonsense'); print('[]'); print('{}'); print(json.dumps({'secret_id': 'x'}))\n"
                              "print(json.dumps({'secret_id': ident(keys[0]), 'verified': 'yes'}))\n"
                              "print(json.dumps({'secret_id': ident(b'other'), 'verified': 'live'}))")
        self.assertIn("no answer", result.err)

    def test_one_that_never_ends_its_line(self):
        result = self.unknown("try:\n  while True: sys.stdout.write('x' * 65536)\nexcept BrokenPipeError: os._exit(0)")
        self.assertIn("wrote too much", result.err)

    def test_the_first_answer_counts_and_one_without_newline_does(self):
        self.stand_in("answer(keys[0], 'dead'); answer(keys[0], 'live')")
        self.assertEqual(self.verify().findings[0]["verified"], "dead")
        self.stand_in("sys.stdout.write(json.dumps({'secret_id': ident(keys[0]), 'verified': 'live'}))")
        self.assertEqual(self.verify().findings[0]["verified"], "live")

    def test_answers_in_another_order(self):
        self.write("src/b.py", make_key(2))
        self.stand_in("answer(keys[1], 'dead'); answer(keys[0], 'live')")
        self.assertEqual([f["verified"] for f in self.verify().findings], ["live", "dead"])

    def assert_stopped(self, before):
        """A signal that comes while it is waited for the answers ends both, and what was found is reported."""
        self.stand_in(before + "open(NOTES + '.asked', 'w').close(); time.sleep(600)")
        with subprocess.Popen([self.program, "dir", "-f", "jsonl", "--verify", "src"], cwd=self.dir, env=self.env(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            while not os.path.exists(self.notes + ".asked"):
                time.sleep(0.02)
            child.send_signal(signal.SIGINT)
            out, _ = child.communicate(timeout=60)
        self.assertEqual(json.loads(out.splitlines()[0])["verified"], "unknown")
        self.assert_gone()

    def test_a_signal_ends_both(self):
        self.assert_stopped("")

    def test_one_that_ignores_the_signal_to_end_is_killed(self):
        self.assert_stopped("signal.signal(signal.SIGTERM, signal.SIG_IGN); ")


class Finding(Asked):
    def test_without_skantctl_nothing_is_scanned(self):
        result = self.verify(env=self.env(PATH="/nonexistent"))
        self.assertEqual((result.status, result.out), (2, b""))
        self.assertIn("skantctl", result.err)
        self.assertIn(self.bin, result.err)

    def test_it_is_found_in_path(self):
        folder = tempfile.mkdtemp(prefix="skant-path-")
        self.addCleanup(shutil.rmtree, folder, True)
        self.stand_in(ALL_LIVE, folder)
        result = self.verify(env=self.env(PATH=folder + ":" + os.environ["PATH"]))
        self.assertEqual(result.findings[0]["verified"], "live", result.err)

    def test_a_folder_of_path_that_is_relative_does_not_count(self):
        self.stand_in(ALL_LIVE, self.dir)
        for path in (".", "", "src/..", "/nonexistent:"):
            result = self.verify(env=self.env(PATH=path))
            self.assertEqual(result.status, 2, path)
        self.assertFalse(os.path.exists(self.notes + ".pid"))

    def test_what_is_no_program_does_not_count(self):
        os.mkdir(os.path.join(self.bin, "skantctl"))
        self.assertEqual(self.verify(env=self.env(PATH="/nonexistent")).status, 2)


@unittest.skipUnless(os.path.exists(SKANTCTL), f"{SKANTCTL} is not built")
class WithSkantctl(CtlTest):
    def test_live_dead_and_never_sent(self):
        live, dead, session = make_key(1), make_key(2), make_key(3, "sk-ant-" + "sid01-")
        scoped = make_key(4, "sk-ant-" + "api01-")
        self.write("src/a.py", "\n".join([live, dead, session, scoped, live]))
        invalid = refusal(401, "authentication_error", "invalid x-api-key")
        api = self.api({"GET /v1/models": lambda r: listing([])(r) if r.key == live else invalid,
                        f"GET {ACTIVITIES}": refusal(403, "permission_error", "Missing required scopes. Got: []")})
        result = self.skant("dir", "-f", "jsonl", "--verify", "src", env=self.ctl_env(api, ()))
        self.assertEqual(result.status, 1, result.err)
        self.assertEqual([f["verified"] for f in result.findings], ["live", "dead", "unknown", "live", "live"], result.err)
        self.assertEqual(sorted(r.key for r in api.requests), sorted([live, dead, scoped]))
        for key in (live, dead, session, scoped):
            self.assertNotIn(key, result.text + result.err)

    def test_an_exported_inventory_is_read(self):
        key = make_key(1)
        hint = key[:16] + "..." + key[-4:]
        row = {"id": "apikey_01A", "type": "api_key", "name": "ml-prod-a", "partial_key_hint": hint, "status": "active",
               "created_at": "2026-01-01T00:00:00Z", "workspace_id": None}
        api = self.api({"GET /v1/organizations/api_keys": listing([row]),
                        "GET /v1/organizations/workspaces": listing([]),
                        "GET /v1/organizations/me": Reply({"id": "org", "type": "organization", "name": "a"})})
        export = self.ctl(api, "keys", "export")
        self.assert_done(export)
        self.write("inventory.jsonl", export.out)
        self.write("src/a.py", key)
        found = self.scan("--inventory", "inventory.jsonl", "src").findings[0]
        self.assertEqual((found["inventory"]["id"], found["inventory"]["name"]), ("apikey_01A", "ml-prod-a"))


if __name__ == "__main__":
    unittest.main()
