# SPDX-License-Identifier: Apache-2.0
"""What is handed to others: hook lists and CI templates are valid YAML, and the shell in them is clean."""
import os
import re
import subprocess
import unittest

try:
    import yaml
except ImportError:
    yaml = None

from support import SKANT

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def text_of(name):
    with open(os.path.join(SOURCE, name), encoding="utf-8") as f:
        return f.read()


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

    def test_the_guides_recipes(self):
        guide = text_of("docs/hooks.md")
        self.check_options(guide)
        blocks = re.findall(r"```(\w+)\n(.*?)```", guide, re.S)
        self.assertGreater(len(blocks), 8)
        for language, block in blocks:
            if language == "yaml":
                self.assertIsNotNone(yaml.safe_load(block))
            elif language == "sh":
                self.check_shell("export BASE=a HEAD=b\n" + block, "sh")


if __name__ == "__main__":
    unittest.main()
