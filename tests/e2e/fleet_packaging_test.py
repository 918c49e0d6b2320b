# SPDX-License-Identifier: Apache-2.0
"""packaging/fleet: what Slurm, Kubernetes and GNU parallel start is run as they would start it. A real Slurm of two
nodes is in tests/fleet/slurm, a real sshd in tests/fleet/ssh."""
import functools
import json
import os
import re
import shutil
import subprocess
import unittest

import yaml

try:
    import jsonschema
except ImportError:
    jsonschema = None

from fleet_test import CLEAN, FINDINGS, FleetTest
from support import SKANT, SkantTest, once

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "packaging", "fleet")
SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "schema")
GUIDE = os.path.join(FOLDER, "..", "..", "docs", "fleet.md")


def read_job():
    with open(os.path.join(FOLDER, "skant-job.yaml"), encoding="utf-8") as f:
        return yaml.safe_load(f)


class Packaging(FleetTest):
    def setUp(self):
        super().setUp()
        self.fleet(9)
        self.plan()
        self.skant("git", "--repositories", "plan", "-f", "jsonl", "-r", "whole")
        os.mkdir(self.path("reports"))
        self.shim('exec "$SKANT" "$@"')

    def shim(self, script):
        """What the scripts find as skant."""
        path = self.write("bin/skant", f'#!/bin/sh\necho "$5" >>"{self.path("started")}"\n{script}\n')
        os.chmod(path, 0o755)

    def run_script(self, name, *args, **env):
        return subprocess.run([os.path.join(FOLDER, name), *args], cwd=self.dir, capture_output=True, text=True,
                              check=False, timeout=120,
                              env=self.env(SKANT=SKANT, PATH=self.path("bin") + ":" + os.environ["PATH"], **env))

    def check(self, parts):
        r = self.skant("merge", "--repositories", "plan", "-f", "jsonl", "-r", "merged",
                       *(f"reports/part-{i}.jsonl" for i in parts))
        self.assertEqual((r.status, self.read("merged")), (FINDINGS, self.read("whole")), r.err)

    def started(self):
        return sorted(self.read("started").decode().split())

    def test_a_slurm_array_scans_all_parts_and_a_task_that_is_submitted_again_only_its_own(self):
        for i in (1, 2, 3):
            r = self.run_script("skant.sbatch", self.path("plan"), self.path("reports"), "3", SLURM_ARRAY_TASK_ID=str(i),
                                SLURM_CPUS_PER_TASK="2", SLURM_ARRAY_TASK_COUNT="3")
            self.assertEqual(r.returncode, CLEAN, r.stderr)
        self.check((1, 2, 3))
        os.unlink(self.path("reports/part-2.jsonl"))
        for i in (1, 2, 3):  # alone, so that Slurm counts one
            r = self.run_script("skant.sbatch", self.path("plan"), self.path("reports"), "3", SLURM_ARRAY_TASK_ID=str(i),
                                SLURM_ARRAY_TASK_COUNT="1")
            self.assertEqual("nothing is scanned" in r.stderr, i != 2, r.stderr)
        self.check((1, 2, 3))
        self.assertEqual(self.run_script("skant.sbatch", "plan").returncode, 2)

    def ssh(self, shell="/bin/sh"):
        """What GNU parallel finds as ssh: it does here what it is to do there, with an environment of its own."""
        path = self.write("bin/ssh", f"""#!/bin/sh
echo "$*" >>{self.path("asked")}
while [ "$1" = -o ]; do shift 2; done
host=$1
shift 2
exec env -i PATH="{self.path("bin")}:/usr/bin:/bin" HOME="{self.home}" SHELL={shell} SKANT="$SKANT" HOST="$host" sh -c "$*"
""")
        os.chmod(path, 0o755)

    def run_parallel(self, *args, plan="plan", reports="reports"):
        return self.run_script("skant-parallel", plan, reports, *args)

    def test_gnu_parallel_tries_a_part_again_whose_worker_was_killed(self):
        self.ssh()
        self.shim(f'[ "$5" != 2/3 ] || ! mkdir "{self.path("first")}" 2>/dev/null || kill -KILL $$\nexec "$SKANT" "$@"')
        r = self.run_parallel("3", "--sshlogin", "one,two")
        self.assertEqual(r.returncode, CLEAN, r.stderr)
        self.assertEqual(self.started(), ["1/3", "2/3", "2/3", "3/3"])
        self.check((1, 2, 3))
        for line in self.read("asked").decode().splitlines():
            self.assertIn("ServerAliveInterval=", line)  # or one that is gone would be waited for

    @unittest.skipUnless(shutil.which("fish"), "there is no fish")
    def test_gnu_parallel_needs_no_certain_shell_there(self):
        self.ssh(shutil.which("fish"))
        r = self.run_parallel("2", "--sshlogin", "one,two")
        self.assertEqual(r.returncode, CLEAN, r.stderr)
        self.check((1, 2))

    def test_gnu_parallel_is_not_started_when_there_is_nothing_to_do(self):
        for more in ({"args": ("0",)}, {"args": ("x",)}, {"args": ()}, {"args": ("2",), "plan": "no-plan"},
                     {"args": ("2",), "reports": "no-folder"}):
            with self.subTest(**more):
                r = self.run_parallel(*more.pop("args"), **more)
                self.assertEqual((r.returncode, r.stdout), (2, ""), r.stderr)
                self.assertNotEqual(r.stderr, "")

    def test_gnu_parallel_does_not_try_again_what_cannot_be_read(self):
        os.rename(self.path("r03.git"), self.path("away"))
        r = self.run_script("skant-parallel", self.path("plan"), self.path("reports"), "2")
        self.assertEqual(r.returncode, CLEAN, r.stderr)
        self.assertEqual(self.started(), ["1/2", "2/2"])
        r = self.skant("merge", "reports/part-1.jsonl", "reports/part-2.jsonl")
        self.assertIn("the repository 'r03.git' was not read as a whole", r.err)

    def test_the_job_of_kubernetes_scans_all_parts(self):
        job = read_job()
        spec = job["spec"]
        self.assertEqual((job["apiVersion"], job["kind"], spec["completionMode"]), ("batch/v1", "Job", "Indexed"))
        pod, count = spec["template"]["spec"], spec["completions"]
        self.assertEqual(pod["restartPolicy"], "Never")  # what podFailurePolicy demands
        container = pod["containers"][0]
        self.assertEqual(container["command"], ["/usr/local/bin/skant"])  # where the Containerfile puts it
        with open(os.path.join(FOLDER, "..", "Containerfile"), encoding="utf-8") as f:
            self.assertIn("build/static/skant /usr/local/bin/skant\n", f.read())
        self.assertEqual(spec["podFailurePolicy"]["rules"][1]["onExitCodes"]["containerName"], container["name"])
        mounts = {m["name"] for m in container["volumeMounts"]}
        self.assertEqual(mounts, {v["name"] for v in pod["volumes"]})
        env = {e["name"]: e.get("value") for e in container["env"] if "value" in e}
        self.assertEqual([e["name"] for e in container["env"] if "value" not in e], ["PART"])
        self.assertIn(f"$(PART)+1/{count}", container["args"])
        for index in range(count):
            args = [a.replace("$(PART)", str(index)).replace("/mirrors/fleet.plan", self.path("plan"))
                    .replace("/reports/", self.path("reports") + "/") for a in container["args"]]
            r = self.skant(*args, env=self.env(**env))
            self.assertEqual(r.status, CLEAN, r.err)
        self.check(range(count))

    def test_the_scripts_are_what_shellcheck_wants(self):
        scripts = [os.path.join(FOLDER, name) for name in ("skant.sbatch", "skant-parallel")]
        done = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_guide_names_each_script_and_options_that_exist(self):
        with open(GUIDE, encoding="utf-8") as f:
            guide = f.read()
        for name in os.listdir(FOLDER):
            self.assertIn(f"packaging/fleet/{name}", guide)
        known = self.skant("git", "--help").text + self.skant("merge", "--help").text
        for block in re.findall(r"^```sh\n(.*?)^```", guide, re.S | re.M):
            for line in re.findall(r"^skant (?:git|merge) .*", block, re.M):
                for option in re.findall(r"(?<= )--[a-z-]+", line):
                    self.assertIn(option, known, line)


def places(value, path=()):
    """The path of each mapping in it whose keys are not free."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if isinstance(value, dict) and not {"labels", "requests", "limits"} & set(path):
        yield path
    for key, child in inner:
        yield from places(child, (*path, key))


@once
@unittest.skipUnless(jsonschema, "there is no python3-jsonschema")
class Manifest(unittest.TestCase):
    """The Job, against what Kubernetes says of one (schema/job.json)."""

    def faults(self, job):
        with open(os.path.join(SCHEMA, "job.json"), encoding="utf-8") as f:
            validator = jsonschema.Draft7Validator(json.load(f))
        return [f"{'/'.join(map(str, e.path))}: {e.message}" for e in validator.iter_errors(job)]

    def test_it_is_valid(self):
        self.assertEqual(self.faults(read_job()), [])

    def test_a_key_that_nobody_knows_would_be_seen_anywhere(self):
        for path in places(read_job()):
            job = read_job()
            functools.reduce(lambda at, key: at[key], path, job)["unheardOf"] = 1
            self.assertNotEqual(self.faults(job), [], path)

    def test_a_value_of_another_type_and_a_key_that_is_missing_would_be_seen(self):
        for path, value in ((("spec", "completions"), "16"), (("spec", "template", "spec", "containers"), {}),
                            (("spec", "template", "spec", "containers", 0, "name"), None),
                            (("spec", "template", "spec", "containers", 0, "env", 1, "value"), 1),
                            (("spec", "podFailurePolicy", "rules", 1, "onExitCodes", "values"), ["2"])):
            job = read_job()
            at = functools.reduce(lambda at, key: at[key], path[:-1], job)
            if value is None:
                del at[path[-1]]
            else:
                at[path[-1]] = value
            self.assertNotEqual(self.faults(job), [], path)

    def test_it_asks_for_no_right_that_a_restricted_namespace_refuses(self):
        pod = read_job()["spec"]["template"]["spec"]
        of_pod, of_container = pod["securityContext"], pod["containers"][0]["securityContext"]
        self.assertEqual((of_pod["runAsNonRoot"], of_pod["seccompProfile"]), (True, {"type": "RuntimeDefault"}))
        self.assertEqual((of_container["allowPrivilegeEscalation"], of_container["capabilities"]), (False, {"drop": ["ALL"]}))
        self.assertEqual({k for v in pod["volumes"] for k in v}, {"name", "persistentVolumeClaim"})
        self.assertFalse({"hostNetwork", "hostPID", "hostIPC"} & set(pod))


@once
class Hosts(SkantTest):
    """Two real sshd of this machine as two machines, one of which is lost."""

    def test_the_report_is_that_of_one_machine(self):
        done = subprocess.run([os.path.join(FOLDER, "..", "..", "tests", "fleet", "ssh"), SKANT], capture_output=True, text=True,
                              check=False, timeout=300, env=self.env(PATH=os.environ["PATH"]))
        if done.returncode == 77:
            self.skipTest(done.stdout.strip())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
