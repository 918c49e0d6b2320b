# SPDX-License-Identifier: Apache-2.0
"""skantd's command line, its configuration as files, and its metrics."""
import http.client
import os
import re
import signal
import socket
import subprocess

from skantd_support import SKANTD, DaemonTest, wait_until
from support import make_key, once

DONE, PROBLEMS, USAGE, REFUSED, LATER = 0, 1, 2, 3, 75
COMMANDS = ("run", "check", "status", "verify", "replay", "emit")
SAMPLE = re.compile(
    r'([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)+\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?)')


def parse_metrics(text):
    """{name and labels: value}; whatever the exposition format 0.0.4 does not allow is an error."""
    types, values, group = {}, {}, None
    assert text.endswith("\n"), text[-100:]
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            continue
        if line.startswith("# TYPE "):
            _, _, group, kind = line.split(" ")
            assert group not in types and kind in ("counter", "gauge", "summary"), line
            types[group] = kind
            continue
        match = SAMPLE.fullmatch(line)
        assert match, line
        name, labels, value = match.groups()
        base = re.sub(r"_(sum|count)$", "", name) if types[group] == "summary" else name
        assert base == group, line
        assert name + (labels or "") not in values, line
        values[name + (labels or "")] = float(value)
    return values


class CommandLine(DaemonTest):
    def run_it(self, *args):
        return subprocess.run([SKANTD, *args], capture_output=True, check=False, cwd=self.dir, env=self.daemon_env())

    def test_help_of_each_command_ends_with_its_exit_status(self):
        for args in ([], *([name] for name in COMMANDS)):
            done = self.run_it(*args, "--help")
            self.assertEqual((done.returncode, done.stderr), (DONE, b""), args)
            self.assertIn(b"Exit status:", done.stdout)

    def test_the_version_is_said(self):
        done = self.run_it("--version")
        self.assertEqual(done.returncode, DONE)
        self.assertRegex(done.stdout, rb"^skantd [0-9]+\.[0-9.]+\S*\n$")

    def test_what_is_no_command_line_is_refused_before_anything_is_read(self):
        for args in (["watch"], ["run", "--ones"], ["run", "--json"], ["check", "--log-level", "loud"],
                     ["verify", "--from"], ["run", "--api-timeout", "0"]):
            done = self.run_it(*args, "-c", "/nonexistent/skantd.yaml")
            self.assertEqual((done.returncode, done.stdout), (USAGE, b""), args)
            self.assertNotIn(b"nonexistent", done.stderr)

    def test_a_configuration_that_is_not_there_is_named(self):
        for name in ("run", "check", "status", "verify"):
            done = self.run_it(name, "-c", "/nonexistent/skantd.yaml")
            self.assertEqual((done.returncode, done.stdout), (USAGE, b""), name)
            self.assertIn(b"/nonexistent/skantd.yaml", done.stderr)


class Configuration(DaemonTest):
    def assert_refused(self, text, where, *parts, name="skantd.yaml"):
        self.write(name, text)
        for command in ("run", "check"):
            done = self.skantd(command)
            self.assertEqual((done.status, done.out), (USAGE, b""), done.err)
            for part in (f"{name}:{where}: ", *parts):
                self.assertIn(part, done.err)

    def test_mistakes_are_named_with_their_place(self):
        feeds = "version: 1\nfeeds: [{name: a, type: ingest}]\n"
        self.assert_refused("version: 1\nfeed: []\n", "2:1", "did you mean 'feeds'?")
        self.assert_refused("version: 1\nfeeds: [{name: a, type: usages}]\n", "2:25", "activities, ingest")
        self.assert_refused(feeds + "sinks: [{name: b, type: syslog, transport: quic}]\n", "3:44", "relp+tls")
        self.assert_refused(feeds + "sinks: [{name: b, type: syslog, transport: tcp, address: 'a:65536'}]\n", "3:58",
                            "from 1 to 65535")
        self.assert_refused(feeds + "sinks: [{name: b, type: stdout}, {name: b, type: journald}]\n", "3:41",
                            "another name")
        self.assert_refused(feeds + "sinks: [{name: b, type: stdout}]\nretention: {when_full: drop}\n", "4:24",
                            "stop-reading")
        self.assert_refused("version: 1\n\tfeeds: []\n", "2:1", "spaces were expected")

    def test_a_file_of_the_folder_is_read_and_named(self):
        self.configure()
        os.mkdir(self.path("skantd.d"))
        self.assert_refused("sinks:\n- {name: more, type: file}\n", "2:3", "needs a 'path'", name="skantd.d/more.yaml")

    def test_bytes_that_write_to_the_terminal_do_not_get_there(self):
        self.assert_refused('version: 1\n"a\\x1b[31mb": 1\n', "2:1", "\\x1b")
        self.assertNotIn("\x1b", self.skantd("check").err)

    def test_a_key_in_the_wrong_place_is_not_repeated(self):
        key = make_key(1)
        self.assert_refused(f"version: 1\nfeeds: [{{name: a, type: activities, credential: {{env: {key}}}}}]\n"
                            "sinks: [{name: b, type: stdout, format: json}]\n"
                            f"policy: {key}\n", "4:9")
        self.assertNotIn(key[20:60], self.skantd("check").err)

    def test_the_folders_feeds_and_sinks_take_part(self):
        self.start_mock(activities=20, self_feed="off")
        self.configure()
        os.mkdir(self.path("skantd.d"))
        self.write("skantd.d/second.yaml", "sinks: [{name: second, type: file, path: %s}]\n" % self.path("second.jsonl"))
        self.once()
        self.assert_each_once()
        self.assert_each_once(name="second.jsonl")

    def test_options_win_over_the_file(self):
        self.start_mock(activities=20, self_feed="off")
        self.configure(api={"base_url": "https://192.0.2.1"})
        os.mkdir(self.path("other"), 0o700)
        self.once("--base-url", self.mock.env()["SKANT_BASE_URL"], "--state-dir", self.path("other"))
        self.assert_each_once()
        self.assertTrue(os.path.exists(self.path("other/spool.db")))
        self.assertFalse(os.path.exists(self.path("state/spool.db")))


@once
class Metrics(DaemonTest):
    def test_the_text_file_is_whole_and_tells_of_all(self):
        self.start_mock(activities=120, self_feed="off")
        self.configure(metrics={"textfile": self.path("skant.prom")})
        before = os.umask(0o077)
        daemon = self.start()
        os.umask(before)
        self.wait_for_events(120)

        def all_counted():
            if not os.path.exists(self.path("skant.prom")):
                return None
            with open(self.path("skant.prom"), encoding="utf-8") as f:
                values = parse_metrics(f.read())
            counted = sum(v for k, v in values.items() if k.startswith('skant_events_total{feed="audit"'))
            return values if counted == 120 and 'skant_sink_pending{sink="file"}' in values else None

        values = wait_until(all_counted, "120 events are counted")
        self.assertGreaterEqual(values["skant_spool_head"], 120)
        self.assertEqual(os.stat(self.path("skant.prom")).st_mode & 0o777, 0o644)
        self.assertEqual(sum(v for k, v in values.items() if k.startswith("skant_build_info{version=")), 1)
        daemon.stop()
        self.assertEqual([name for name in os.listdir(self.dir) if name.startswith("skant.prom")], ["skant.prom"])

    def test_a_feed_that_only_listens_is_none_whose_polls_fail(self):
        self.start_mock(activities=10, self_feed="off")
        self.configure(feeds=[self.activities(), self.ingest()], metrics={"listen": self.path("metrics.sock")})
        daemon = self.start()
        name = "skant_feed_last_success_seconds"
        polled = f'{name}{{feed="audit"}}'
        values = wait_until(lambda: {k: v for k, v in self.collect("metrics.sock").items() if k.startswith(name) and v},
                            "a poll that succeeded")
        self.assertEqual(self.skantd("emit", stdin=b'{"event":"api_call"}\n').status, 0)
        self.assertEqual(list(values), [polled])
        self.assertEqual([k for k in self.collect("metrics.sock") if k.startswith(name)], [polled])
        daemon.stop()

    def collect(self, name):
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.path(name))
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)
        values = parse_metrics(answer.read().decode())
        connection.close()
        return values

    def test_a_socket_answers_to_whoever_collects(self):
        self.start_mock(activities=10, self_feed="off")
        self.configure(metrics={"listen": self.path("metrics.sock")})
        daemon = self.start()
        self.collect("metrics.sock")
        daemon.stop()
        self.assertFalse(os.path.exists(self.path("metrics.sock")))

    def test_a_reload_moves_the_socket_or_leaves_it_where_it_is(self):
        self.start_mock(activities=10, self_feed="off")
        self.configure(metrics={"listen": self.path("metrics.sock")})
        daemon = self.start()
        self.configure(metrics={"listen": self.path("nowhere", "metrics.sock")})
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: "the configuration from before holds" in self.log(), "the refusal in the log")
        self.assertIn("nowhere", self.status()["reload_error"])
        self.collect("metrics.sock")
        self.configure(metrics={"listen": self.path("other.sock")})
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: "the configuration was read again" in self.log(), "the reload")
        self.collect("other.sock")
        self.assertFalse(os.path.exists(self.path("metrics.sock")))
        self.configure()
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: not os.path.exists(self.path("other.sock")), "the end of it")
        daemon.stop()


class Check(DaemonTest):
    def test_a_group_that_is_not_there_is_said(self):
        self.configure(feeds=[self.ingest(group="no-such-group")])
        done = self.skantd("check")
        self.assertEqual(done.status, 2, done.text)
        self.assertIn("there is no group 'no-such-group'", done.err)

    def test_each_feed_that_would_not_work_is_said_with_its_reason(self):
        self.configure(feeds=[self.activities(credential={"file": self.path("none")}),
                              {"name": "keys", "type": "keys", "credential": {"file": self.path("nor-this")}}])
        done = self.skantd("check")
        self.assertEqual(done.status, 2, done.text)
        for name in ("none", "nor-this"):
            self.assertRegex(done.err, f"cannot read the credential file '[^']*/{name}'")

    def test_a_state_folder_that_cannot_be_used_is_said(self):
        self.configure(feeds=[self.ingest()])
        self.assertNotIn("state folder", self.skantd("check").text)
        os.chmod(self.path("state"), 0o770)
        done = self.skantd("check")
        self.assertEqual(done.status, 2, done.text)
        self.assertIn("others may write to the state folder", done.err)
        os.rmdir(self.path("state"))
        done = self.skantd("check")
        self.assertEqual(done.status, 0, done.err)
        self.assertIn("state folder '%s': is not there" % self.path("state"), done.text)

    def test_its_requests_are_logged_and_limited(self):
        self.start_mock(activities=5, self_feed="off")
        self.configure(api={"requests_per_minute": 2})
        done = self.skantd("check", "--request-log", self.path("requests"))
        self.assertEqual(done.status, 0, done.text + done.err)
        with open(self.path("requests"), encoding="utf-8") as f:
            self.assertIn("/v1/compliance/", f.read())
        self.assertTrue(os.path.exists(self.path("state", "requests")))

    def test_a_key_of_another_organization_is_refused_and_mixes_nothing(self):
        feeds = [self.activities(), {"name": "keys", "type": "keys"}]
        self.start_mock(activities=10, self_feed="off")
        self.configure(feeds=feeds)
        env = self.daemon_env("compliance", "admin")
        self.once(env=env)
        stored = self.status()["spool"]["head"]
        self.start_mock(activities=10, self_feed="off", seed=77)
        other = self.daemon_env("compliance", "admin")
        done = self.skantd("check", env=other)
        self.assertEqual(done.status, 2, done.text)
        for name in ("audit", "keys"):
            self.assertRegex(done.err, f"feed '{name}': the credential is of another organization .* than what is stored")
        self.assertEqual(self.skantd("verify", env=other).status, 2)
        done = self.once(env=other, status=1)
        self.assertIn("another organization", done.err)
        self.assertEqual({(e["type"], e["feed"]) for e in self.lines()[stored:]}, {("skantd.alert", "skantd")})
        self.once(env=env, status=0)

    def test_a_key_of_the_wrong_kind_is_named(self):
        self.start_mock(activities=5)
        self.write("key", "sk-ant-" + "api03-" + "x" * 90)
        os.chmod(self.path("key"), 0o600)
        self.configure(feeds=[self.activities(credential={"file": self.path("key")})])
        done = self.skantd("check")
        self.assertIn(f"of another kind there is: api (file '{self.path('key')}')", done.text + done.err)


class Reload(DaemonTest):
    def test_a_reload_is_told_to_the_service_manager_with_its_time(self):
        self.start_mock(activities=5, self_feed="off")
        self.configure()
        daemon = self.start()
        daemon.signal(signal.SIGHUP)

        def told():
            daemon.said.append(daemon.notify.recv(65536).decode())
            return any("RELOADING=1\nMONOTONIC_USEC=" in s for s in daemon.said) and "READY=1" in daemon.said[-1]

        wait_until(told, "a reload that begins and ends")
        daemon.stop()
