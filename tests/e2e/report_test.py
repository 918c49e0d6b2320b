# SPDX-License-Identifier: Apache-2.0
"""Reports in every format: what other programs read, whatever the names and texts in it."""
import csv
import functools
import io
import json
import os
import re
import shutil
import subprocess
import sys
import unittest
import urllib.parse
import xml.etree.ElementTree

import htmlpage
from support import SKANT, SkantTest, make_key, once

try:
    import jsonschema
except ImportError:
    jsonschema = None

CLEAN, FINDINGS, USAGE, INCOMPLETE = 0, 1, 2, 3
FORMATS = ["text", "json", "jsonl", "sarif", "csv", "junit", "gitlab", "github", "gitleaks", "html"]
WHOLE = ["json", "junit"]  # held back to their end: their heads count what follows
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MULTITOOL = "5.7.0"
NPM_FOLDER = os.path.join(ROOT, "build", "npm", "sarif-multitool-" + MULTITOOL)
# What a child of ours is charged with includes our own size before it started: a small process starts it instead.
PEAK = """import resource, subprocess, sys
assert subprocess.call(sys.argv[1:]) == 1
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
ANNOTATION = re.compile(r"::(notice|warning|error) ([^\n]*?)::([^\n]*)\n")
RULES = """version: 1
rules:
  - {id: r-low, title: t, severity: low, keywords: [lowsecret], regex: 'lowsecret[0-9a-z]{20}'}
  - {id: r-medium, title: t, severity: medium, keywords: [mediumsecret], regex: 'mediumsecret[0-9a-z]{20}'}
  - {id: r-high, title: t, severity: high, keywords: [highsecret], regex: 'highsecret[0-9a-z]{20}'}
  - {id: r-critical, title: t, severity: critical, keywords: [criticalsecret], regex: 'criticalsecret[0-9a-z]{20}'}
"""
RUNAWAY = "version: 1\nrules:\n  - {id: runaway, title: t, keywords: [aaaa], regex: '(a+)+$'}\n"


def annotations(text):
    """(command, properties, message) of each line; fails on anything else."""
    found = ANNOTATION.findall(text)
    if "".join(f"::{c} {p}::{m}\n" for c, p, m in found) != text:
        raise ValueError(f"no workflow commands: {text!r}")
    decode = urllib.parse.unquote
    return [(c, dict(map(decode, pair.split("=", 1)) for pair in p.split(",")), decode(m)) for c, p, m in found]


def text_places(text):
    return [(p, int(line)) for p, line in re.findall(r"^(.*):(\d+):\d+: \w+: ", text, re.M)]


def parse(form, out):
    """The places (path, line) that a report names, and so the proof that it can be read at all."""
    text = out.decode("utf-8")
    if form == "text":
        return text_places(text)
    if form == "json":
        return [(f["path"], f["start_line"]) for f in json.loads(text)["findings"]]
    if form == "jsonl":
        records = [json.loads(line) for line in text.splitlines()]
        return [(f["path"], f["start_line"]) for f in records if f["schema"] == "skant-finding/1"]
    if form == "sarif":
        places = [r["locations"][0]["physicalLocation"] for r in json.loads(text)["runs"][0]["results"]]
        return [(urllib.parse.unquote(p["artifactLocation"]["uri"], errors="replace"), p["region"]["startLine"]) for p in places]
    if form == "csv":
        rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        return [(r["path"].removeprefix("'"), int(r["start_line"])) for r in rows]
    if form == "junit":
        cases = xml.etree.ElementTree.fromstring(text).iter("testcase")
        places = [(c.get("classname"), c.get("name").rpartition(" at ")) for c in cases]
        return [(path, int(at.partition(":")[0])) for path, (_, is_place, at) in places if is_place]
    if form == "gitlab":
        places = [v["location"] for v in json.loads(text)["vulnerabilities"]]
        return [(p["file"], p["start_line"]) for p in places]
    if form == "github":
        return [(p["file"], int(p["line"])) for _, p, _ in annotations(text) if "file" in p]
    if form == "html":
        page = htmlpage.Page(text)
        rows = page.tables["findings"].dicts() if "findings" in page.tables else []
        return [(r["Path"], int(r["Line"])) for r in rows]
    return [(f["File"], f["StartLine"]) for f in json.loads(text)]


class Formats(SkantTest):
    def report(self, form, *args, status=FINDINGS, **kw):
        r = self.skant("dir", "-q", "-f", form, *args, **kw)
        self.assertEqual(r.status, status, r.err)
        return r

    def test_each_format_tells_the_same_places(self):
        self.write("a/x.py", "\n\n" + make_key(1) + "\n" + make_key(2) + "\n")
        self.write("b c/ü.py", make_key(3))
        for form in FORMATS:
            with self.subTest(form):
                places = parse(form, self.report(form).out)
                self.assertEqual(sorted(places), [("a/x.py", 3), ("a/x.py", 4), ("b c/ü.py", 1)])

    def test_nothing_found_is_a_report_that_can_be_read(self):
        self.write("a", "nothing\n")
        for form in FORMATS:
            with self.subTest(form):
                self.assertEqual(parse(form, self.report(form, status=CLEAN).out), [])

    def test_hostile_names_and_lines_reach_no_report_as_they_are(self):
        keys = [make_key(n) for n in range(10)]
        names = [b"new\nline::error::x", b"esc\x1b[31m", b"bad\xff\xfe", "bidi\u202e".encode(), b"c1\xc2\x9b", b"=1+1",
                 b"]]><x>&\"'", b"a,b:c%0A", b"{0}", ("k" + keys[0]).encode()]
        for n, name in enumerate(names):
            with open(os.path.join(self.dir.encode(), name), "wb") as f:
                f.write(b"\x1b[2J\xff=\"<&>" + keys[n].encode() + b"\xc2\x9b " + keys[(n + 1) % 10].encode())
        for form in FORMATS:
            with self.subTest(form):
                r = self.report(form, "--min-confidence", "low")
                self.assertEqual(len(parse(form, r.out)), 2 * len(names))
                for control in (b"\x1b", b"\xc2\x9b", b"\xff"):
                    self.assertNotIn(control, r.out)
                for key in keys:
                    for at in range(17, len(key) - 20, 8):
                        self.assertNotIn(key[at:at + 16], r.text)

    def test_an_incomplete_scan_says_so_in_each_format_that_can(self):
        self.write("r.yaml", RUNAWAY)
        self.write("src/a b", "a" * 200 + "b")
        self.write("src/k", make_key(5))
        out = {form: self.report(form, "--rules", "r.yaml", "src", status=INCOMPLETE).out for form in FORMATS}
        for form in FORMATS:
            self.assertEqual(parse(form, out[form]), [("src/k", 1)])
        self.assertFalse(json.loads(out["json"])["summary"]["complete"])
        invocation = json.loads(out["sarif"])["runs"][0]["invocations"][0]
        self.assertIs(invocation["executionSuccessful"], False)
        self.assertEqual([n["descriptor"]["id"] for n in invocation["toolExecutionNotifications"]], ["limit"])
        self.assertIn(b'"uri":"src/a%20b"', out["sarif"])
        self.assertEqual(json.loads(out["gitlab"])["scan"]["status"], "failure")
        page = htmlpage.Page(out["html"].decode())
        self.assertIn("Something that should have been read was not", page.text)
        self.assertEqual(page.tables["unread"].rows, [["limit", "1", "yes", "src/a b"]])
        self.assertIn("'src/a b'", json.loads(out["gitlab"])["scan"]["messages"][0]["value"])
        self.assertEqual([p for c, p, _ in annotations(out["github"].decode()) if "file" not in p],
                         [{"title": "skant: the scan is incomplete"}])
        self.assertIn(b'<error type="limit"', out["junit"])

    def test_fifty_thousand_findings_take_little_memory(self):
        count = 50000 if "release" in SKANT else 2000  # sanitizers take long, and memory of their own
        self.write("k", f"k = '{make_key(1)}'\n" * count)
        for form in FORMATS:
            with self.subTest(form):
                done = subprocess.run([sys.executable, "-c", PEAK, SKANT, "dir", "-q", "-f", form, "-r", "out", "k"],
                                      cwd=self.dir, capture_output=True, env=self.env(), check=True)
                if "release" in SKANT:
                    self.assertLess(int(done.stdout), (400 if form in WHOLE else 96) << 10)
                with open(self.path("out"), "rb") as report:
                    self.assertEqual(len(parse(form, report.read())), count)
                os.unlink(self.path("out"))

    def test_the_exit_status_of_names_tells_what_became_of_the_report(self):
        for args, status in ((("ml-prod-x", "-r", "out"), 0), (("x", "-r", "out"), 1), (("x", "-r", "out", "--exit-code", "7"), 7),
                             (("x", "-r", "none/out"), 2), (("x", "-f", "sarif", "-r", "out"), 2), (("x", "-r", "/dev/full"), 3)):
            with self.subTest(args=args):
                self.assertEqual(self.skant("names", *args).status, status)
        self.assertEqual(os.listdir(self.dir), ["out"])
        reader, writer = os.pipe()
        os.close(reader)
        self.assertEqual(subprocess.run([SKANT, "names", "x"], cwd=self.dir, env=self.env(), stdout=writer,
                                        stderr=subprocess.DEVNULL, check=False).returncode, 3)
        os.close(writer)
        self.assertNotIn("--verify", self.skant("names", "--help").text)

    def test_junit_has_what_jenkins_schema_allows_and_nothing_else(self):
        allowed = {"testsuites": {"name", "time", "tests", "failures", "errors"},
                   "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "file"},
                   "testcase": {"name", "classname", "time", "group"}, "failure": {"type", "message"},
                   "error": {"type", "message"}, "skipped": {"type", "message"}}
        self.write("a", make_key(1) + "\n" + make_key(2) + " skant:allow\n")
        self.write("b", "a" * 200 + "b")
        self.write("r.yaml", RUNAWAY)
        r = self.report("junit", "-v", "--rules", "r.yaml", status=INCOMPLETE)
        root = xml.etree.ElementTree.fromstring(r.text)
        self.assertEqual({e.tag for e in root.iter()}, set(allowed))
        for e in root.iter():
            self.assertLessEqual(set(e.keys()), allowed[e.tag])
        suite = root[0]
        self.assertEqual([suite.get(k) for k in ("tests", "failures", "errors", "skipped")], ["3", "1", "1", "1"])

    def test_csv_is_rfc_4180_and_no_cell_is_a_formula(self):
        for n, name in enumerate(["=cmd|x", "+1", "-1", "@SUM(1)", "\uff1d1", 'q"uo,te']):
            self.write(name, make_key(n))
        out = self.report("csv").out
        self.assertEqual(out.count(b"\r\n"), 7)
        self.assertEqual(out.count(b"\n"), 7)
        rows = list(csv.reader(io.StringIO(out.decode(), newline=""), strict=True))
        self.assertEqual({len(row) for row in rows}, {len(rows[0])})
        for row in rows:
            for cell in row:
                self.assertNotIn(cell[:1], ("=", "+", "-", "@", "\t", "\r", "\uff1d"), cell)
        self.assertIn('q"uo,te', [row[6] for row in rows])

    def test_a_report_path_that_is_a_folder_is_refused_before_anything_is_read(self):
        self.write("a", make_key(1))
        for form in FORMATS:
            for args in (("-f", form, "-r", "."), ("-f", f"{form}=.")):
                r = self.skant("dir", *args, "a")
                self.assertEqual((r.status, r.out), (USAGE, b""), (form, r.err))
                self.assertIn("'.'", r.err)
        self.assertEqual(os.listdir(self.dir), ["a"])

    def test_a_pipe_takes_a_report_of_every_format(self):
        self.write("a", make_key(1))
        for form in FORMATS:
            done = subprocess.run(["bash", "-c", f"'{SKANT}' dir -q -f {form} -r >(cat >'{self.home}/out') a; s=$?; sleep 0.2; "
                                   "exit $s"], env=self.env(), cwd=self.dir, capture_output=True, check=False)
            self.assertEqual(done.returncode, FINDINGS, done.stderr)
            with open(os.path.join(self.home, "out"), "rb") as f:
                self.assertEqual(parse(form, f.read()), [("a", 1)], form)

    def test_a_full_disk_is_said_and_nothing_is_half_written(self):
        for n in range(300):
            self.write("a%03d" % n, make_key(n))
        probe = "mount -t tmpfs -o size=16k none '%s' && " % self.home
        if subprocess.run(["unshare", "-rm", "sh", "-c", probe + "true"], capture_output=True, check=False).returncode:
            self.skipTest("no file system can be mounted here")
        for form in FORMATS:
            script = probe + ("echo old >'%s/out'; '%s' dir -q -f %s -r '%s/out'; s=$?; ls -A '%s'; cat '%s/out'; exit $s"
                              % (self.home, SKANT, form, self.home, self.home, self.home))
            done = subprocess.run(["unshare", "-rm", "sh", "-c", script], cwd=self.dir, capture_output=True, env=self.env(),
                                  check=False)
            self.assertEqual(done.returncode, INCOMPLETE, (form, done.stderr))
            self.assertIn(b"No space left on device", done.stderr)
            self.assertEqual(done.stdout, b"out\nold\n", form)
            r = self.skant("dir", "-q", "-f", form, "-r", "/dev/full")
            self.assertEqual(r.status, INCOMPLETE, form)
            self.assertIn("No space left on device", r.err)

    def test_all_formats_are_written_in_one_run(self):
        self.write("a", make_key(1))
        files = [part for form in FORMATS for part in ("-f", f"{form}=../{os.path.basename(self.home)}/{form}")]
        self.assertEqual(self.skant("dir", "-q", *files).status, FINDINGS)
        for form in FORMATS:
            with open(os.path.join(self.home, form), "rb") as f:
                self.assertEqual(parse(form, f.read()), [("a", 1)])

    def test_an_unknown_format_names_those_there_are(self):
        r = self.skant("dir", "-f", "xml")
        self.assertEqual(r.status, USAGE)
        for form in FORMATS:
            self.assertIn(form, r.err)

    def test_names_writes_no_report_of_places(self):
        for form in set(FORMATS[3:]) - {"csv"}:
            r = self.skant("names", "-f", form, "ml-prod-x")
            self.assertEqual((r.status, r.out), (USAGE, b""))
            self.assertIn(f"not {form}", r.err)

    def test_allowed_findings_are_open_nowhere(self):
        self.write("a", make_key(1) + " skant:allow\n")
        out = {form: self.report(form, "-v", status=CLEAN).out for form in FORMATS}
        self.assertEqual(json.loads(out["gitleaks"]), [])
        self.assertEqual(json.loads(out["gitlab"])["vulnerabilities"], [])
        result = json.loads(out["sarif"])["runs"][0]["results"][0]
        self.assertEqual(result["suppressions"], [{"kind": "inSource", "justification": "skant:allow"}])
        self.assertEqual([c for c, _, _ in annotations(out["github"].decode())], ["notice"])
        self.assertIn(b"<skipped", out["junit"])
        self.assertIn(b'"allowed"', out["csv"])

    def test_gitlab_reports_have_times_of_the_scan(self):
        scan = json.loads(self.report("gitlab", status=CLEAN).out)["scan"]
        for key in ("start_time", "end_time"):
            self.assertRegex(scan[key], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$")
        self.assertLessEqual(scan["start_time"], scan["end_time"])


class Severities(SkantTest):
    def test_each_severity_fails_from_its_own_level_on(self):
        levels = ["low", "medium", "high", "critical"]
        self.write("r.yaml", RULES)
        for n, severity in enumerate(levels):
            self.write("src/a", f"{severity}secret" + make_key(n, "", 20, "").replace("-", "7").replace("_", "x").lower())
            for m, level in enumerate(levels):
                with self.subTest(severity=severity, fail_on=level):
                    r = self.scan("--rules", "r.yaml", "--fail-on", level, "src")
                    self.assertEqual([f["severity"] for f in r.findings], [severity])
                    self.assertEqual(r.status, FINDINGS if n >= m else CLEAN)
            self.assertEqual(self.scan("--rules", "r.yaml", "src").status, FINDINGS if n >= 1 else CLEAN)

    def test_each_severity_has_its_level_in_each_format(self):
        words = {"low": ("note", "notice", "Low"), "medium": ("warning", "warning", "Medium"),
                 "high": ("error", "error", "High"), "critical": ("error", "error", "Critical")}
        self.write("r.yaml", RULES)
        for severity, (level, command, name) in words.items():
            with self.subTest(severity):
                self.write("src/a", f"{severity}secret" + "q7zk2xw9lmb4vtj6rsn8")
                args = ("dir", "-q", "--rules", "r.yaml", "src", "-f")
                self.assertEqual(json.loads(self.skant(*args, "sarif").out)["runs"][0]["results"][0]["level"], level)
                self.assertEqual(annotations(self.skant(*args, "github").text)[0][0], command)
                self.assertEqual(json.loads(self.skant(*args, "gitlab").out)["vulnerabilities"][0]["severity"], name)


class Sarif(SkantTest):
    def run_of(self, *args, **kw):
        return json.loads(self.skant(*args, "-q", "-f", "sarif", **kw).out)["runs"][0]

    def test_columns_are_utf16_units(self):
        key = make_key(1)
        for before in ("", "x", "ü", "€€", "😀", "a😀ü€b" * 9, "\t", "0123456" + "ü" * 3 + "x" * 30):
            for codec in ("utf-8", "utf-8-sig", "utf-16"):
                with self.subTest(before=before, codec=codec):
                    text = f"😀 first line\n{before}{key} 😀\n"
                    region = self.run_of("stdin", stdin=text.encode(codec))["results"][0]["locations"][0]["physicalLocation"]["region"]
                    units = len(before.encode("utf-16-le")) // 2
                    self.assertEqual((region["startLine"], region["startColumn"], region["endColumn"]),
                                     (2, units + 1, units + 1 + len(key)))

    def test_columns_are_right_in_a_long_line_of_a_stream(self):
        key = make_key(2)
        for filler in ("ü", "😀x", "abcdefg"):
            before = filler * ((9 << 20) // len(filler.encode()))
            region = self.run_of("stdin", stdin=(before + key).encode())["results"][0]["locations"][0]["physicalLocation"]["region"]
            self.assertEqual(region["startColumn"], len(before.encode("utf-16-le")) // 2 + 1)

    def test_each_result_points_at_its_rule(self):
        self.write("a", make_key(1) + "\n" + make_key(2, "sk-ant-admin01-") + "\n" + make_key(3, "sk-ant-svc07-"))
        run = self.run_of("dir")
        rules = run["tool"]["driver"]["rules"]
        self.assertEqual(len(run["results"]), 3)
        for r in run["results"]:
            self.assertEqual(rules[r["ruleIndex"]]["id"], r["ruleId"])
        for rule in rules:
            self.assertTrue(rule["help"]["text"] and rule["help"]["markdown"])
            self.assertGreater(float(rule["properties"]["security-severity"]), 0)

    def test_a_rule_that_is_off_is_not_listed(self):
        rules = self.run_of("dir", "--disable-rule", "anthropic-api-key")["tool"]["driver"]["rules"]
        self.assertNotIn("anthropic-api-key", [r["id"] for r in rules])

    def test_any_path_is_a_valid_uri(self):
        key = make_key(4).encode()
        self.write("in/a b.txt", key)
        cases = {("dir", self.path("in")): "file://" + self.path("in") + "/a%20b.txt", ("dir", "./in/"): "in/a%20b.txt",
                 ("stdin",): "stdin", ("stdin", "--label", "C:\\src\\a b.py"): "file:///C:/src/a%20b.py",
                 ("stdin", "--label", "http://x/y"): "http%3A/x/y", ("stdin", "--label", "src\\a"): "src%5Ca"}
        for args, uri in cases.items():
            with self.subTest(args):
                location = self.run_of(*args, stdin=key)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
                self.assertEqual(location["uri"], uri)
                self.assertEqual("uriBaseId" in location, not uri.startswith("file:"))

    def test_fingerprints_survive_moved_lines(self):
        key = make_key(5)
        self.write("a", key + "\n")
        first = self.run_of("dir")["results"][0]["partialFingerprints"]
        self.write("a", "x\n" * 50 + key + "\n")
        self.assertEqual(self.run_of("dir")["results"][0]["partialFingerprints"], first)

    def test_two_runs_give_the_same_bytes(self):
        self.write("a", make_key(6))
        runs = {self.skant("dir", "-q", "-f", "sarif").out for _ in range(2)}
        self.assertEqual(len(runs), 1)


@functools.cache
def multitool():
    """Path of the official validator's folder, or why there is none."""
    folder = os.path.join(NPM_FOLDER, "node_modules", "@microsoft", "sarif-multitool-linux")
    program = os.path.join(folder, "Sarif.Multitool")
    if not os.path.isdir(NPM_FOLDER):
        if not shutil.which("npm"):
            return None, "npm is not installed"
        new = f"{NPM_FOLDER}.{os.getpid()}"
        os.makedirs(new)
        try:
            done = subprocess.run(["npm", "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix",
                                   new, "@microsoft/sarif-multitool@" + MULTITOOL], capture_output=True, check=False,
                                  timeout=300)
            failed = done.returncode != 0
        except subprocess.TimeoutExpired:
            failed = True
        if failed:
            shutil.rmtree(new, True)
            return None, f"npm could not install @microsoft/sarif-multitool {MULTITOOL}"
        try:
            os.rename(new, NPM_FOLDER)
        except OSError:  # another run was faster
            shutil.rmtree(new, True)
    if not os.path.exists(program):
        return None, "the package holds no program for this machine"
    os.chmod(program, 0o755)  # the package's own script, which would do it, was not run
    return folder, ""


class Validated(SkantTest):
    """SARIF as others judge it: the schema, and the rules of the official validator, also those of GitHub's upload."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder, why = multitool()
        if not cls.folder:
            raise unittest.SkipTest(why)
        cls.schema = os.path.join(cls.folder, "sarif-2.1.0.json")

    def complaints(self, reports):
        """For each report, by its name, (level, rule, where) of each error and warning."""
        paths = [self.write(f"report{i}.sarif", report) for i, (_, report) in enumerate(reports)]
        out = self.path("complaints")
        env = {**self.env(), "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
        # One process for all: to start it takes two seconds.
        done = subprocess.run([os.path.join(self.folder, "Sarif.Multitool"), "validate", *paths, "-j", self.schema,
                               "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "-o", out, "--log",
                               "ForceOverwrite"], capture_output=True, env=env, check=False, timeout=120)
        self.assertTrue(os.path.exists(out), done.stdout + done.stderr)
        with open(out, encoding="utf-8-sig") as f:
            run = json.load(f)["runs"][0]
        self.assertTrue(run["invocations"][0]["executionSuccessful"], done.stdout)
        self.assertIn(b"%d files scanned" % len(paths), done.stdout)
        said = {name: [] for name, _ in reports}
        for result in run.get("results", []):
            uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            name = reports[int(re.search(r"report(\d+)\.sarif$", uri).group(1))][0]
            said[name].append((result.get("level", "warning"), result["ruleId"], result["message"].get("arguments")))
        return said

    def reports(self):
        yield "nothing found", self.skant("dir", "-q", "-f", "sarif").out
        self.write("tree/a b/ü{x}.py", f"x='😀é'; k='{make_key(1)}' # {{0}}\n{make_key(2)} skant:allow\n")
        self.write("tree/main.tf", 'resource "anthropic_api_key" "x" {\n  name = "Prod_{ML}_key"\n}\n')
        with open(self.path("tree").encode() + b"/raw\xff\n:,%[].txt", "wb") as f:
            f.write(make_key(3).encode("utf-16") + b"\n")
        with open(self.path("tree", make_key(4)), "w", encoding="utf-8") as f:
            f.write(make_key(4))
        yield "odd names", self.skant("dir", "-q", "-v", "-f", "sarif", "tree").out
        yield "absolute", self.skant("dir", "-q", "-f", "sarif", self.path("tree")).out
        yield "above", self.skant("dir", "-q", "-f", "sarif", "../" + os.path.basename(self.dir) + "/tree").out
        for label in ("stdin", "C:\\a b\\c.py", "a\\b", "http://x/y?z#q", "-", "", "a//b"):
            yield "label " + label, self.skant("stdin", "-q", "-f", "sarif", "--label", label, stdin=make_key(5).encode()).out
        self.write("r.yaml", RUNAWAY)
        self.write("tree/runaway", "a" * 200 + "b")
        r = self.skant("dir", "-q", "-f", "sarif", "--rules", "r.yaml", "tree")
        self.assertEqual(r.status, INCOMPLETE)
        yield "incomplete", r.out

    @once
    def test_the_official_validator_has_no_objection(self):
        for name, said in self.complaints(list(self.reports())).items():
            with self.subTest(name):
                # there is no page about skant that informationUri could name
                self.assertEqual([c for c in said if c[:2] != ("warning", "SARIF2005")], [])

    def test_the_official_validator_would_object(self):
        report = self.skant("stdin", "-q", "-f", "sarif", stdin=make_key(1).encode()).out
        wrong = [(b'"startColumn":1', b'"startColumn":0'), (b'"ruleIndex":0', b'"ruleIndex":999')]
        for good, _ in wrong:
            self.assertIn(good, report)
        for name, said in self.complaints([(bad, report.replace(good, bad)) for good, bad in wrong]).items():
            self.assertIn("error", [level for level, _, _ in said], name)

    @unittest.skipUnless(jsonschema, "jsonschema for Python is not installed")
    def test_the_schema_accepts_all(self):
        with open(self.schema, encoding="utf-8") as f:
            schema = json.load(f)
        validator = jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())
        for name, report in self.reports():
            with self.subTest(name):
                self.assertEqual([e.message for e in validator.iter_errors(json.loads(report))], [])


if __name__ == "__main__":
    unittest.main()
