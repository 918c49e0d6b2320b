# SPDX-License-Identifier: Apache-2.0
"""Where keys and credentials do not come to: whatever a program and its children write, send, run or name, with all it
says switched on; core files; the memory of others. That each of these would be seen is tried as well."""
import base64
import io
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import tarfile
import time
import unittest
import zipfile

import everybyte
from mockapi import KINDS, ORG, Mock
from skantctl_support import SKANTCTL
from skantd_support import SKANTD, DaemonTest, wait_until
from support import SKANT, SkantTest, make_key, once

SKANT_FORMATS = ("text", "json", "jsonl", "sarif", "csv", "junit", "github", "gitlab", "gitleaks", "html")
NOBODY = 65534
LOUD = ("-v", "--log-level", "debug")

traced = unittest.skipUnless(shutil.which("strace") and "/release" in SKANT, "strace is not there, or a sanitizer is")
as_root = unittest.skipIf(os.geteuid(), "only root reads the memory of others and becomes others")


class Quiet(SkantTest):
    """A program whose every byte is looked at: self.secrets are to be nowhere."""

    def setUp(self):
        super().setUp()
        self.out = os.path.join(self.home, "out")
        os.mkdir(self.out)
        self.secrets = []

    def said(self):
        return b"".join(everybyte.files(self.out).values())

    def run_quiet(self, *command, statuses=(0,), env=None, stdin=b"", between=()):
        """between: places where keys belong, such as the pipe from git to skant, as patterns."""
        status, written = everybyte.run(command, self.out, env or self.env(), stdin)
        with open(os.path.join(self.out, "stderr"), encoding="utf-8", errors="replace") as f:
            self.assertIn(status, statuses, f.read())
        self.assertEqual(written.hidden, set(), "nothing is written by calls that are not looked at")
        self.assertEqual({place for place in written.where(self.secrets) if not any(re.match(p, place) for p in between)}, set())
        self.assertEqual(everybyte.holding(self.secrets, self.out), set())
        return written


@traced
class Checker(Quiet):
    """What is looked for would be found."""

    def test_each_spelling_is_seen_wherever_it_is_written(self):
        key = make_key("checker")
        body = key.encode()
        for text in (body, base64.b64encode(body), base64.b64encode(b"x" + body), base64.urlsafe_b64encode(b"xx" + body),
                     body.hex().encode(), key.encode("utf-16"), key.replace("-", "%2D").replace("_", "%5F").encode(),
                     key.replace("-", "\\u002d").replace("_", "\\u005f").encode(), body[40:70]):
            self.write("text", text)
            _, written = everybyte.run(["sh", "-c", "dd status=none if=text; dd status=none if=text of=file"], self.dir, self.env())
            self.assertEqual(written.where([key]), {self.path("stdout"), self.path("file")}, text)
            self.assertEqual(everybyte.holding([key], self.dir), {self.path(n) for n in ("text", "file", "stdout")})
            os.remove(self.path("file"))

    def test_arguments_environment_names_and_sockets_are_looked_at(self):
        key = make_key("checker")
        env = self.env(KEY=key)
        for script, place in (("/bin/true $KEY", "execve"), ("exec /bin/true", "execve"), ("mkdir d-$KEY", "mkdir"),
                              ("python3 -c 'import os,socket as s;a,b=s.socketpair();a.send(os.environ[\"KEY\"].encode())'",
                               "UNIX-STREAM")):
            _, written = everybyte.run(["sh", "-c", script], self.dir, env)
            self.assertIn(place, {place.split(":")[0] for place in written.where([key])}, script)

    def test_what_is_shown_of_a_key_is_not_taken_for_one(self):
        key = make_key("checker")
        self.write("text", key[:16] + "..." + key[-4:])
        self.assertEqual(everybyte.holding([key], self.dir), set())


@traced
class Skant(Quiet):
    """Planted keys, and a credential in the environment that is nobody's business."""

    def setUp(self):
        super().setUp()
        self.keys = [make_key(n) for n in range(12)]
        self.credential = make_key("credential", "sk-ant-" + "admin01-")
        self.secrets = [*self.keys, self.credential]
        keys = iter(self.keys)
        self.git("init", "-q", "-b", "main")
        self.write("plain.py", f'key = "{next(keys)}"\n')
        self.write("wide.txt", f'key = "{next(keys)}"\n'.encode("utf-16"))
        self.write("encoded.yaml", f"data: {base64.b64encode(next(keys).encode()).decode()}\n")
        self.write(f"folder-{next(keys)}/file-{next(keys)}.py", f'key = "{next(keys)}"\n')
        os.symlink("/nowhere/" + next(keys), self.path("link"))
        self.write("packed.tar.gz", self.archive(f"inside-{next(keys)}.env", next(keys)))
        self.git("add", ".")
        self.git("commit", "-q", "-m", f"message {next(keys)}")
        self.git("branch", "branch-" + next(keys))
        self.write("staged.py", f'key = "{next(keys)}"\n')
        self.git("add", "staged.py")

    def env(self, **more):
        return super().env(**{"ANTHROPIC_ADMIN_KEY": getattr(self, "credential", ""),
                              "OWN_NAME_FOR_IT": getattr(self, "credential", ""), **more})

    @staticmethod
    def archive(name, key):
        packed, data = io.BytesIO(), f"key={key}\n".encode()
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        return packed.getvalue()

    def reports(self, *formats):
        return [arg for f in formats for arg in ("-f", f"{f}={self.out}/{f}")]

    # An archive's content comes to skant from skant-unpack, a split index from git.
    UNPACK, GIT = r"UNIX-STREAM:\[", r"pipe:\["

    def test_files_in_every_format(self):
        for formats in (SKANT_FORMATS[:5], SKANT_FORMATS[5:]):
            written = self.run_quiet(SKANT, "dir", *LOUD, *self.reports(*formats), self.dir, statuses=(1,), between=[self.UNPACK])
            self.assertEqual([os.path.basename(ran[0]) for ran in written.ran], [b"skant", b"skant-unpack"])
        self.assertGreater(self.said().count(b"..."), 9 * len(SKANT_FORMATS))

    def test_a_history_in_every_format(self):
        for formats in (SKANT_FORMATS[:5], SKANT_FORMATS[5:]):
            self.run_quiet(SKANT, "git", *LOUD, "--cache", self.out + "/cache", *self.reports(*formats), self.dir, statuses=(1,),
                           between=[self.UNPACK])
        self.assertGreater(self.said().count(b"..."), 8 * len(SKANT_FORMATS))

    def test_what_git_is_asked_comes_from_git_alone(self):
        self.git("update-index", "--split-index")
        written = self.run_quiet(SKANT, "staged", *LOUD, statuses=(1,), between=[self.GIT],
                                 env=self.env(GIT_DIR=self.path(".git"), GIT_WORK_TREE=self.dir))
        self.assertIn(b"git", {os.path.basename(ran[0]) for ran in written.ran})
        self.assertIn(b"...", self.said())

    def test_accepting_joining_and_whatever_else_reads_keys(self):
        key = self.keys[0]
        self.run_quiet(SKANT, "dir", *self.reports("jsonl"), self.dir, statuses=(1,), between=[self.UNPACK])
        self.run_quiet(SKANT, "merge", "-v", self.out + "/jsonl", statuses=(1,))
        self.run_quiet(SKANT, "baseline", "-o", self.out + "/baseline.json", self.dir, between=[self.UNPACK])
        self.run_quiet(SKANT, "stdin", *LOUD, stdin=key.encode(), statuses=(1,))
        self.run_quiet(SKANT, "names", "--from", "-", stdin=key.encode(), statuses=(1,))
        event = {"hook_event_name": "PreToolUse", "tool_name": "Write", "cwd": self.out,
                 "tool_input": {"file_path": f"{self.out}/{self.keys[1]}", "content": key}}
        self.run_quiet(SKANT, "agent", *LOUD, stdin=json.dumps(event).encode(), statuses=(2,))

    def test_mistakes_that_have_a_key_in_them(self):
        key = self.keys[0]
        for args in ([key], ["dir", "--" + key], ["dir", "-f", key], ["dir", f"/nowhere/{key}"], ["explain", key], ["rules", "show", key],
                     ["dir", "--config", key], ["git", f"/nowhere/{key}"], ["git", "--range", key, self.dir], ["merge", key]):
            self.run_quiet(SKANT, *args, statuses=(2, 3), between=["execve"] if "--range" in args else ())
        for text in (f"version: 1\n{key}: 1\n", f"version: {key}\n", f"version: 1\nrules:\n- id: {key}\n", f"{key}", f"version: 1\nallow: {key}"):
            self.write("bad.yaml", text)
            self.run_quiet(SKANT, "dir", "--config", self.path("bad.yaml"), self.path("encoded.yaml"), statuses=(2,))

    def test_verifying_hands_keys_to_skantctl_alone(self):
        with Mock() as mock:
            env = self.env(**mock.env("admin"), OWN_NAME_FOR_IT="")
            self.secrets = [*self.keys, mock.key("admin")]
            written = self.run_quiet(SKANT, "dir", *LOUD, "--verify", self.dir, statuses=(1,), env=env,
                                     between=[self.UNPACK, self.GIT, "execve"])
        self.assertEqual(sorted(os.path.basename(ran[0]) for ran in written.ran), [b"skant", b"skant-unpack", b"skantctl"])
        self.assertEqual(len([p for p in written.where(self.keys) if p.startswith("pipe:")]), 1, "it has one way to skantctl")
        # what skantctl needs from the environment, and nobody else: the credential, no key that was found
        self.assertNotIn("execve", written.where(self.keys))
        holders = [ran[0] for ran in written.ran[1:] if any(mock_key.encode() in text for text in ran
                                                             for mock_key in self.secrets[-1:])]
        self.assertEqual([os.path.basename(name) for name in holders], [b"skantctl"])


@traced
class Skantctl(Quiet):
    def setUp(self):
        super().setUp()
        self.mock = Mock(lenient=True)
        self.addCleanup(self.mock.abandon)
        self.planted = make_key("planted")
        self.secrets = [self.planted, *(self.mock.key(kind) for kind in (*KINDS, "foreign"))]
        self.key = self.first("api_keys")
        for noun in ("api_keys", "workspaces"):
            reply = self.mock.ask("POST", f"{ORG}/{noun}/{self.first(noun)}", "admin", {"name": self.planted[:60]})
            self.assertEqual(reply.status, 200, reply.body)
        template = subprocess.run([SKANTCTL, "policy", "template"], capture_output=True, env=self.env(), check=True).stdout
        self.write("policy.yaml", template)

    def first(self, noun):
        return self.mock.get(f"{ORG}/{noun}").json["data"][0]["id"]

    def env(self, **more):
        return super().env(SKANT_POLICY=self.path("policy.yaml"), **(self.mock.env() if hasattr(self, "mock") else {}), **more)

    def ctl(self, *args, **more):
        return self.run_quiet(SKANTCTL, *args, "-v", "--request-log", "requests.jsonl", **more)

    def test_what_it_lists_and_reports(self):
        for args in (["auth", "check"], ["keys", "list"], ["keys", "list", "-o", "json"], ["keys", "list", "-o", "csv"],
                     ["keys", "list", "-o", "yaml"], ["keys", "export"], ["keys", "audit", "-o", "sarif"], ["keys", "audit", "-o", "junit"],
                     ["access", "review", "-o", "json"], ["activities", "query", "-o", "jsonl"], ["cost"], ["models", "list"],
                     ["report", "keys"], ["report", "access"], ["policy", "check"]):
            with self.subTest(args=args):
                self.ctl(*args, statuses=(0, 1))
                if args[0] == "keys" and args[1] != "audit":
                    self.assertIn(self.planted[:16].encode() + b"...", self.said(), "the name is there, masked")

    def test_what_it_changes_and_is_asked(self):
        self.ctl("keys", "rename", self.key, "--name", "ml-prod-new", "--yes")
        self.ctl("keys", "rename", self.key, "--name", self.planted, "--yes", "--dry-run")
        self.ctl("verify", stdin=f"{self.mock.key('api')}\n{self.planted}\n".encode(), statuses=(0, 1))
        self.ctl("usage", "estimate", stdin=self.planted.encode(), statuses=(3,))

    def test_mistakes_that_have_a_key_in_them(self):
        key = self.planted
        for args in ([key], ["keys", "get", key], ["users", "list", key], ["users", "list", "--" + key], ["users", "list", "--profile", key],
                     ["users", "list", "--base-url", f"https://{key}:{key}@localhost/"], ["users", "list", "-o", key],
                     ["users", "list", "--max-retries", "0", "--base-url", f"https://localhost:1/{key}"],
                     ["activities", "query", "--from", key]):
            self.ctl(*args, statuses=(2, 3, 75))


@traced
class Skantd(DaemonTest, Quiet):
    """Activities, keys and what local programs say, to sinks of every kind."""

    def test_what_it_streams_stores_and_says(self):
        planted = make_key("planted")
        self.start_mock(activities=40, self_feed="off", lenient=True)
        key = self.mock.get(f"{ORG}/api_keys").json["data"][0]["id"]
        self.assertEqual(self.mock.ask("POST", f"{ORG}/api_keys/{key}", "admin", {"name": planted}).status, 200)
        self.secrets = [planted, *(self.mock.key(kind) for kind in KINDS)]
        os.mkdir(self.path("credentials"))
        for kind in ("admin", "compliance"):
            shutil.copy(self.mock.credential_file(kind), self.path("credentials", kind))
            os.chmod(self.path("credentials", kind), 0o600)
        receivers = {"udp": socket.socket(type=socket.SOCK_DGRAM), "tcp": socket.create_server(("127.0.0.1", 0))}
        receivers["udp"].bind(("127.0.0.1", 0))
        for s in receivers.values():
            self.addCleanup(s.close)
        formats = ("json", "ecs", "ocsf", "cef")
        self.configure(
            feeds=[self.activities(credential={"file": self.path("credentials", "compliance")}),
                   {"name": "keys", "type": "keys", "credential": {"file": self.path("credentials", "admin")}}, self.ingest()],
            sinks=[*({"name": f, "type": "file", "path": f"{self.out}/{f}.log", "format": f} for f in formats),
                   {"name": "output", "type": "stdout"},
                   *({"name": name, "type": "syslog", "transport": name, "address": f"127.0.0.1:{s.getsockname()[1]}"}
                     for name, s in receivers.items())],
            state_dir=self.out + "/state", metrics={"textfile": self.out + "/skant.prom"})
        os.mkdir(self.out + "/state", 0o700)
        env = {name: value for name, value in self.daemon_env().items() if name not in KINDS.values()}
        daemon = everybyte.Traced([SKANTD, "run", "-c", self.path("skantd.yaml"), "--request-log", "requests.jsonl", *LOUD], self.out, env)
        self.addCleanup(daemon.process.kill)
        wait_until(lambda: os.path.exists(self.path("ingest.sock")), "the ingest socket")
        records = [{"event": "api_call", "message": f"with {planted}", planted: 1}, {"event": "x", "nested": [{"a": planted}]}]
        sent = subprocess.run([SKANTD, "emit", "-c", self.path("skantd.yaml")], capture_output=True, env=env, check=False,
                              input="".join(json.dumps(r) + "\n" for r in records).encode())
        self.assertEqual(sent.returncode, 0, sent.stderr)

        log = self.out + "/json.log"
        wait_until(lambda: len(self.events("apps", log)) == 2 and len(self.lines(log)) > 45, "all events")
        for command in (["status", "--json"], ["verify"], ["replay", "--sink", "json", "--from", "2020-01-01"]):
            done = subprocess.run([SKANTD, *command, "-c", self.path("skantd.yaml")], capture_output=True, env=env, check=False)
            self.write("said", done.stdout + done.stderr)
            self.assertEqual(everybyte.holding(self.secrets, self.dir) - {self.path("credentials", k) for k in ("admin", "compliance")},
                             set(), command)
        daemon.signal(signal.SIGTERM)
        status, written = daemon.finish()
        self.assertEqual(status, 0, self.said()[-2000:])
        self.assertEqual((written.hidden, written.where(self.secrets)), (set(), set()))
        self.assertEqual(everybyte.holding(self.secrets, self.out, self.home), set())
        self.assertEqual(len(written.ran), 1, "it runs no other program")
        self.assertLess({"UDP", "TCP"}, {place.split(":")[0] for place in written.bytes}, "all were sent to")
        self.assertGreater(self.said().count(planted[:16].encode() + b"..."), 3 * len(formats), "it is told, masked")


class Running(Quiet):
    """Each program while it holds a key: skant has read one and waits for more, skantctl waits for the API's answer, skantd
    for what comes next."""

    user = None  # another than the one that the test runs as

    def setUp(self):
        super().setUp()
        self.key = make_key("held", "sk-ant-" + "admin01-")
        for program in (SKANT, SKANTCTL, SKANTD):  # where any user may run them
            shutil.copy(program, self.dir)
        self.silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.silent.close)

    def start(self, program, *args, **env):
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            ["sh", "-c", f"ulimit -c {self.core}; exec \"$@\"", "sh", program if "/" in program else self.path(program), *args],
            cwd=self.out, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.env(**env),
            **({"user": self.user, "group": self.user} if self.user else {}))
        self.addCleanup(lambda: (process.kill(), process.communicate()))
        return process

    core = "0"

    def start_all(self):
        """{program: process}, once each has its key; `cat` is one that nothing protects."""
        self.write("skantd.yaml", json.dumps({
            "version": 1, "state_dir": self.path("state"), "sinks": [{"name": "out", "type": "stdout"}],
            "api": {"base_url": f"http://127.0.0.1:{self.silent.getsockname()[1]}", "allow_http_loopback": True},
            "feeds": [{"name": "keys", "type": "keys", "credential": {"env": "ANTHROPIC_ADMIN_KEY"}}]}))
        os.mkdir(self.path("state"), 0o700)
        if self.user:
            for folder in (self.dir, self.home, self.out, self.path("state")):
                os.chown(folder, self.user, self.user)
            os.chmod(self.path("skantd.yaml"), 0o644)
        env = {"ANTHROPIC_ADMIN_KEY": self.key}
        started = {"cat": self.start("/bin/cat", **env), "skant": self.start("skant", "stdin", **env)}
        started["skant"].stdin.write(self.key.encode())
        started["skant"].stdin.flush()
        url = f"http://127.0.0.1:{self.silent.getsockname()[1]}"
        for name, args in (("skantctl", ["users", "list"]), ("skantd", ["run", "-c", self.path("skantd.yaml")])):
            started[name] = self.start(name, *args, SKANT_BASE_URL=url, SKANT_ALLOW_HTTP_LOOPBACK="1", **env)
            self.silent.settimeout(60)
            connection = self.silent.accept()[0]
            self.addCleanup(connection.close)
            self.assertIn(self.key.encode(), connection.recv(65536))
        for name, process in started.items():
            with open(f"/proc/{process.pid}/comm", encoding="ascii") as f:
                self.assertEqual(f.read().strip(), name)
        return started


@once
class Cores(Running):
    core = "unlimited"

    @unittest.skipIf(resource.getrlimit(resource.RLIMIT_CORE)[1] == 0, "no core file may be written here")
    def test_no_core_file_is_written_whatever_the_limit(self):
        started = self.start_all()
        cores = {}
        for name, process in started.items():
            process.send_signal(signal.SIGABRT)
            process.communicate(timeout=60)
            self.assertEqual(process.returncode, -signal.SIGABRT, name)
            cores[name] = [path for path, data in everybyte.files(self.out).items() if self.key.encode() in data]
            for path in cores[name]:
                os.remove(path)
        if not cores.pop("cat"):
            self.skipTest("this system puts core files elsewhere")
        self.assertEqual(cores, {"skant": [], "skantctl": [], "skantd": []})


@once
@as_root
class Readers(Running):
    user = NOBODY

    def reads(self, path):
        """Whether another process of the same user can."""
        return subprocess.run(["/usr/bin/head", "-c1", path], user=self.user, group=self.user, capture_output=True,
                              check=False).returncode == 0

    def test_no_other_process_of_the_user_reads_its_memory_or_environment(self):
        for name, process in self.start_all().items():
            for what in ("environ", "maps", "auxv"):
                self.assertEqual(self.reads(f"/proc/{process.pid}/{what}"), name == "cat", f"{what} of {name}")

    def test_what_took_a_key_from_the_environment_has_it_there_no_more(self):
        has = {}
        for name, process in self.start_all().items():
            with open(f"/proc/{process.pid}/environ", "rb") as f:
                has[name] = self.key[20:].encode() in f.read()
        self.assertEqual(has, {"cat": True, "skant": True, "skantctl": False, "skantd": False}, "skant has no use for it")

    def test_none_of_them_can_get_more_rights_or_start_what_it_does_not_need(self):
        for name, process in self.start_all().items():
            with open(f"/proc/{process.pid}/status", encoding="ascii") as f:
                facts = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
            wanted = ("0", "0") if name == "cat" else ("1", "2")
            self.assertEqual((facts["NoNewPrivs"], facts["Seccomp"]), wanted, name)


def copies(pid, secret):
    """How often a secret's inner part stands in the memory of a process, and in which mappings."""
    found, piece = [], secret[20:60].encode()
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, access, *_, name = line.split(None, 5) if len(line.split()) > 5 else [*line.split(), ""]
            if access[0] != "r" or name.startswith("[v"):
                continue
            start, end = (int(n, 16) for n in span.split("-"))
            try:
                memory.seek(start)
                found += [name.strip()] * memory.read(end - start).count(piece)
            except OSError:
                pass  # a page that is not there any more
    return found


@once
@as_root
class Memory(DaemonTest):
    """As root reads it: how many copies of a credential there are while nothing is asked."""

    def credential(self, kind):
        shutil.copy(self.mock.credential_file(kind), self.path("credential"))
        os.chmod(self.path("credential"), 0o600)
        return {"file": self.path("credential")}

    def test_a_copy_would_be_seen(self):
        key = make_key("seen")
        with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"KEY": key}) as cat:
            cat.stdin.write(key.encode())
            cat.stdin.flush()
            cat.stdout.read(len(key))
            self.assertGreater(len(copies(cat.pid, key)), 1)

    def test_skantd_holds_a_credential_once_and_forgets_the_one_before(self):
        self.start_mock(activities=30, self_feed="off", lenient=True)
        self.configure(feeds=[self.activities(credential=self.credential("compliance"))])
        env = {name: value for name, value in self.daemon_env().items() if name not in KINDS.values()}
        daemon = self.start(env=env)
        self.wait_for_events(30)
        old, new = self.mock.key("compliance"), make_key("new", "sk-ant-" + "api01-")
        wait_until(lambda: len(copies(daemon.pid, old)) == 1, "one copy is left")
        self.write("credential", new)
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: "read again" in self.log() and len(copies(daemon.pid, new)) == 1, "the new one is there, once")
        wait_until(lambda: copies(daemon.pid, old) == [], "the one before is gone")
        daemon.stop()
