# SPDX-License-Identifier: Apache-2.0
"""What is handed to others: hook lists and CI templates are valid YAML, and the shell in them is clean."""
import json
import os
import re
import subprocess
import unittest

try:
    import yaml
except ImportError:
    yaml = None

from hook_test import HookTest, read
from support import SKANT, make_key, once

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def text_of(name):
    with open(os.path.join(SOURCE, name), encoding="utf-8") as f:
        return f.read()


@once
class Build(unittest.TestCase):
    def would(self, *args):
        """What make would do: (commands, what it says)."""
        env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
        done = subprocess.run(["make", "-n", "MODE=release", *args], cwd=SOURCE, capture_output=True, text=True, check=False, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [c.split() for c in re.split(r"[;|&\n]+", done.stdout) if c.split()], done.stderr

    def test_nothing_that_is_built_for_another_machine_is_run_while_building(self):
        native = os.path.dirname(SKANT)
        commands, _ = self.would("B=build/other", "NATIVE=" + native, "CC=other-gcc", "all", "man")
        runs = [words[0] for words in commands]
        self.assertEqual([c for c in runs if c.startswith("build/other")], [])
        self.assertIn(os.path.join(native, "rulec"), runs)
        self.assertIn("other-gcc", runs)

    def test_what_a_packager_sets_comes_after_what_the_makefile_has(self):
        flags = ("CPPFLAGS=-DMINE", "CFLAGS=-O3 -D_FORTIFY_SOURCE=3", "LDFLAGS=-Wl,-z,lazy")
        commands, _ = self.would("B=build/other", "NATIVE=" + os.path.dirname(SKANT), "CC=other-gcc", *flags, "all")
        compiled = [words for words in commands if words[0] == "other-gcc" and "-c" in words]
        linked = [words for words in commands if words[0] == "other-gcc" and "-c" not in words]
        self.assertTrue(compiled and linked)
        for words in compiled:
            self.assertIn("-DMINE", words)
            for ours, theirs in (("-O2", "-O3"), ("-D_FORTIFY_SOURCE=2", "-D_FORTIFY_SOURCE=3")):
                self.assertLess(words.index(ours), words.index(theirs), words)
        for words in linked:
            self.assertIn("-Wl,-z,lazy", words)

    def test_a_library_that_is_missing_is_named(self):
        self.assertIn("libpcre2-8", self.would("PKG_CONFIG=false", "clean")[1])
        self.assertEqual(self.would("clean")[1], "")


@unittest.skipUnless(yaml, "PyYAML is not installed")
class Packaging(unittest.TestCase):
    def check_shell(self, text, shell):
        done = subprocess.run(["shellcheck", "-s", shell, "-"], input=text.encode(), capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stdout.decode())

    def check_options(self, text):
        """Each option that stands behind `skant COMMAND` is one of that command."""
        for command, line in re.findall(r'(?:skant|\$SKANT"|skant"|program") (staged|git|receive|hook|agent)\b(.*)', text):
            said = subprocess.run([SKANT, command, "--help"], capture_output=True, check=True).stdout.decode()
            for option in OPTION.findall(line):
                self.assertIn(option, said, f"skant {command} {line}")

    def test_the_frameworks_hooks(self):
        hooks = yaml.safe_load(text_of(".pre-commit-hooks.yaml"))
        self.assertEqual([hook["id"] for hook in hooks], ["skant", "skant-push"])
        for hook in hooks:
            self.assertNotIn("types", hook)
            self.assertTrue(hook["require_serial"])
            entry = os.path.join(SOURCE, hook["entry"].split()[0])
            self.assertTrue(os.access(entry, os.X_OK), entry)
        self.assertTrue(hooks[0]["pass_filenames"])
        self.check_options(text_of("packaging/pre-commit/run"))

    def test_the_github_action(self):
        action = yaml.safe_load(text_of("action.yml"))
        self.assertEqual(action["runs"]["using"], "composite")
        for step in action["runs"]["steps"]:
            self.assertEqual(step["shell"], "bash")
            # what comes from outside gets in by the environment, never as text of the script
            self.assertNotIn("${{", step["run"])
            declared = "".join(f"export {name}=x\n" for name in [*step.get("env", {}), "GITHUB_OUTPUT"])
            self.check_shell("set -euo pipefail\n" + declared + step["run"], "bash")
            self.check_options(step["run"])
        used = set(re.findall(r"inputs\.([a-z-]+)", text_of("action.yml")))
        self.assertEqual(used, set(action["inputs"]))

    def test_the_gitlab_template(self):
        template = yaml.safe_load(text_of("packaging/ci/gitlab.yml"))
        job = template["skant"]
        report = job["artifacts"]["reports"]["secret_detection"]
        self.assertEqual(job["artifacts"]["when"], "always")
        declared = "".join(f"export {name}=x\n" for name in (
            *template["variables"], "CI_PROJECT_DIR", "CI_MERGE_REQUEST_DIFF_BASE_SHA", "CI_COMMIT_BEFORE_SHA",
            "CI_DEFAULT_BRANCH", "CI_COMMIT_SHA"))
        for script in job["script"]:
            self.assertIn(f"gitlab={report}", script)
            self.check_shell(declared + script, "sh")
            self.check_options(script)


class Version(unittest.TestCase):
    """What people copy names this version, or it would get them another one."""

    COPIED = {"docs/hooks.md": r"rev: v([\d.]+)", "docs/ci.md": r"/skant@v([\d.]+)", "docs/fleet.md": r"/skant:([\d.]*\d)",
              "packaging/fleet/skant-job.yaml": r"/skant:([\d.]*\d)"}

    def test_what_is_copied_names_this_version(self):
        version = re.search(r'SKANT_VERSION "(.*)"', text_of("common/base/version.h"))[1]
        for page, pattern in self.COPIED.items():
            self.assertEqual(set(re.findall(pattern, text_of(page))), {version}, page)

    def test_each_thing_to_replace_in_the_manifest_is_told_in_its_guide(self):
        manifest, guide = text_of("packaging/fleet/skant-job.yaml"), text_of("docs/fleet.md")
        image = re.search(r"^ +image: (\S+)$", manifest, re.M)[1]
        self.assertTrue(image.startswith("registry.example.com/"), image)
        claims = re.findall(r"claimName: (\S+) +# REPLACE$", manifest, re.M)
        self.assertEqual(len(claims), manifest.count("claimName"))
        for word in (f"image: {image}", *(f"claimName: {claim}" for claim in claims)):
            self.assertIn(f"`{word}`", guide)


@unittest.skipUnless(yaml, "PyYAML is not installed")
class AtWork(HookTest):
    """The shell in the CI templates, run as the service would run it."""

    def setUp(self):
        super().setUp()
        self.root = self.run_git("rev-parse", "HEAD").stdout.decode().strip()
        self.commit("old.py", make_key(1))
        self.base_commit = self.run_git("rev-parse", "HEAD").stdout.decode().strip()
        self.commit("new.py", make_key(2))
        self.head_commit = self.run_git("rev-parse", "HEAD").stdout.decode().strip()

    def run_shell(self, shell, script, **env):
        return subprocess.run([shell, "-ec", script], cwd=self.dir, env=self.env(**env), capture_output=True, check=False,
                              timeout=120)

    def action(self, step, **env):
        output = os.path.join(self.base, "output")
        script = yaml.safe_load(text_of("action.yml"))["runs"]["steps"][step]["run"]
        done = self.run_shell("bash", "set -o pipefail\n" + script, GITHUB_OUTPUT=output, SKANT_ACTION=SOURCE,
                              SKANT=self.program, FAIL_ON="medium", SARIF="out.sarif", DEFAULT_BRANCH="main",
                              **{"RANGE": "", "ARGS": "", "BASE": "", "HEAD": self.head_commit, **env})
        return done, read(output)

    def sarif_paths(self):
        results = json.loads(read(self.path("out.sarif")))["runs"][0]["results"]
        return sorted(r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results)

    def test_the_action_finds_the_program(self):
        self.assertIn(f"path={self.program}\n", self.action(0)[1])

    def test_the_action_scans_what_the_request_brings_in(self):
        done, output = self.action(1, BASE=self.base_commit)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"::error", done.stdout)
        self.assertIn("sarif=out.sarif\n", output)
        self.assertEqual(self.sarif_paths(), ["new.py"])
        self.assertEqual(self.action(1, BASE=self.head_commit)[0].returncode, 0)
        self.assertEqual(self.action(1, BASE=self.base_commit, ARGS="--exit-code 9")[0].returncode, 9)
        self.assertEqual(self.action(1, RANGE=f"{self.root}..{self.base_commit}", BASE=self.head_commit)[0].returncode, 1)
        self.assertEqual(self.sarif_paths(), ["old.py"])

    def test_the_action_knows_a_new_branch(self):
        done, _ = self.action(1, BASE="0" * 40)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(self.sarif_paths(), ["new.py", "old.py"])
        self.git("update-ref", "refs/remotes/origin/main", self.base_commit)
        self.assertEqual(self.action(1, BASE="0" * 40)[0].returncode, 1)
        self.assertEqual(self.sarif_paths(), ["new.py"])

    def test_the_gitlab_job_scans_what_the_request_brings_in(self):
        script = "\n".join(yaml.safe_load(text_of("packaging/ci/gitlab.yml"))["skant"]["script"])
        for before, paths in ((self.base_commit, ["new.py"]), ("0" * 40, ["new.py", "old.py"]), (self.head_commit, [])):
            done = self.run_shell("sh", script, CI_COMMIT_BEFORE_SHA=before, CI_COMMIT_SHA=self.head_commit,
                                  CI_DEFAULT_BRANCH="main", CI_PROJECT_DIR=self.dir, SKANT_OPTIONS="--no-color")
            self.assertEqual(done.returncode, 1 if paths else 0, done.stderr)
            found = json.loads(read(self.path("gl-secret-detection-report.json")))["vulnerabilities"]
            self.assertEqual(sorted(v["location"]["file"] for v in found), paths)


if __name__ == "__main__":
    unittest.main()
