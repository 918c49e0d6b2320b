# SPDX-License-Identifier: Apache-2.0
"""Every command that a page shows is run as it stands, in a repository, an organisation, a home and, for skantd's page,
a machine made for it, or is named here with the reason why it cannot be. A page is one session of a shell: what a block
defines, the next has."""
import base64
import gzip
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

try:
    import yaml
except ImportError:
    yaml = None

import guides
import journald
from mockapi import Mock
from support import SKANT, SkantTest, make_key, once

BIN = os.path.dirname(SKANT)
KEYS = {"old": make_key(1, "sk-ant-" + "api03-Ab1", 88, "9zAA"), "new": make_key(2), "foreign": make_key(3)}
GOOD = '{"timestamp": "2026-08-10T09:00:00Z", "model": "claude-opus-4-7", "input_tokens": 3, "output_tokens": 5}\n'

FOLLOWS = "goes on until it is stopped"
LISTENS = "needs skantd to listen at its usual place; the same line is run from docs/skantd.md"
BUILDS = "builds or tests all of this, as tests/run-all does"
HOSTED = "needs a program that Debian does not have"
# What is not run, by page: a pattern for the command's beginning, and why. Its options are checked all the same.
EVERYWHERE = [("(sudo )?make ", BUILDS)]
NOT_RUN = {
    "CONTRIBUTING.md": [("tests/lint/", "judges all of this, as tests/run-all does")],
    "docs/editors.md": [("skant git .*reviewdog", HOSTED), ("vim", "needs a terminal; editors_test runs the recipes")],
    "docs/install.md": [("sudo apt install", "changes the machine; tests/packaging/layer installs in a layer above it")],
    "docs/release.md": [("", "tests/packaging/run runs all that signs and compares")],
    "docs/reliability.md": [("tests/mutation/run", "builds and tests hundreds of altered programs")],
    "docs/hooks.md": [("pre-commit run", "clones from a place that nobody knows yet; hook_run_test has a clone")],
    "docs/skantd.md": [("journalctl .* -f", FOLLOWS)],
    "docs/fleet.md": [("sbatch|kubectl|packaging/fleet", "needs a cluster; fleet_packaging_test runs what it starts")],
    "docs/ingest.md": [("skant dir", LISTENS)],
    "tests/mock/README.md": [("build/release/skant-mock", FOLLOWS)],
    "docs/skantd.8.scd.in": [("skantd check --sink|skantd replay", "needs a receiver; skantd_receivers_test has them"),
                             ("skant dir", LISTENS)],
}
PROMPTS = ("echo 'Say hello' > prompt.txt; "
           "echo '{\"id\":\"a\",\"prompt\":\"Say hello\",\"model\":\"claude-haiku-5-5\"}' > prompts.jsonl")
# What a page takes for granted, as shell before its first command.
BEFORE = {
    "docs/audit.md": "skantd run --once; skantctl access review -o jsonl --record reviews.jsonl; "
                     "skantctl keys export > inventory.jsonl; skantctl policy template > policy.yaml; "
                     "export SKANT_POLICY=$PWD/policy.yaml",
    "docs/baselines.md": "skant git -f jsonl | tee findings.jsonl > machine-1.jsonl",
    "docs/encodings.md": "mkdir deploy; "
                         "{ seq -f '# %g' 6; echo \"  api-key: $(cat ~/key.base64)\"; } > deploy/secret.yaml",
    "docs/fleet.md": "git clone -q --mirror . mirrors/one.git; cp -r mirrors/one.git mirrors/two.git",
    "docs/events.md": "skantd run --once; head -n 12 audit.jsonl > events.jsonl",
    "docs/ci.md": "BASE=origin/main HEAD=HEAD",
    "docs/from-gitleaks.md": "skant git -f gitleaks=gitleaks.json",
    "docs/hooks.md": "git reset -q",
    "docs/messages.md": "echo more >> config.py; " + PROMPTS,
    "docs/reports.md": "skant dir -f jsonl > machine-1.jsonl; skant git -f jsonl > machine-2.jsonl",
    "docs/skantctl.md": "zstd -q usage.jsonl -o old.jsonl.zst",
    "docs/verify.md": "mkdir src; cp config.py src",
    "docs/skant.1.scd.in": "git clone -q . two; printf '.\\ntwo\\n' > list; mkdir src; cp config.py src; "
                           "echo ml-prod-inference > names.txt; echo name > keys.csv; skant dir -f jsonl > machine-1.jsonl",
    "docs/skantd.8.scd.in": "skantd run --once",
    "docs/skantctl.1.scd.in": "skantctl policy template > policy.yaml; cp $SOURCE/rules/prices.yaml .; "
                              "echo $ANTHROPIC_API_KEY > keys.txt; " + PROMPTS,
    "README.md": "echo . > list; skant dir -f jsonl > machine-1.jsonl; mkdir src; cp config.py src; cp -r src config; "
                 "skantctl keys export > keys.jsonl",
}
# Exit statuses that are not 0, by page: the first pattern that fits the command counts.
FOUND = [(r"skant (dir|git|staged|merge)\b(?!.*\|)|.*\| skant stdin", 1)]
CHECKS = [("skantctl (keys audit|policy check|models check|access review)", (0, 1))]  # as the organisation is today
STATUS = {
    "README.md": [("skant dir -b", 0), ("skant names|build/release/skant dir", 1), *FOUND],
    "docs/baselines.md": [("skant dir", 0)],
    "docs/audit.md": [("skantctl access review --verify", 0), *CHECKS, *FOUND],
    "docs/ci.md": [("skant dir|skant git .*echo", 0), *FOUND],
    "docs/encodings.md": FOUND,
    "docs/fleet.md": [("skant git .*--plan", 0), *FOUND],
    "docs/git.md": [(r"skant git --range -\n", 0), *FOUND],
    "docs/hooks.md": [*FOUND],
    "docs/reports.md": FOUND,
    "docs/verify.md": FOUND,
    # Behind "Restore", after which numbers come again: verify has to tell.
    "docs/skantd.md": [(".*skantd verify", 1)],
    "docs/skant.1.scd.in": [("skant baseline|skant git .*--plan", 0), ("skant names|skantctl keys export", 1), *FOUND],
    "docs/skantctl.md": [*CHECKS, *FOUND],
    "docs/skantctl.1.scd.in": CHECKS,
}
ORGANIZATION = {"lenient": True, "usage": 20, "self_feed": "off"}
# Pages that show how many activities there are, which no other page may change.
ALONE = ("docs/audit.md",)
# Places on the machine that stand for places of the session.
PLACES = [("/backup/", "$WORLD/backup/"), ("/tmp/skantd-demo", "$WORLD/skantd-demo"), ("build/release/", BIN + "/"),
          ("/tmp/tls", "$WORLD/tls"), ("tests/mock/certs.sh", os.path.join(guides.ROOT, "tests/mock/certs.sh"))]


# What has to be there for a command alone, by page and the command's beginning.
PREPARE = {
    ("docs/skantd.md", "sudo skantd verify --export anthropic"):
        "journalctl -t skantd -o json -a > anthropic.log; cp /run/skant/siem.jsonl siem.log",
}


def expected_status(command):
    status = next((status for pattern, status in STATUS.get(command.page, ()) if re.match(pattern, command.text)), 0)
    return status if isinstance(status, tuple) else (status,)


def reason(command):
    entries = [*EVERYWHERE, *NOT_RUN.get(command.page, ())]
    return next((why for pattern, why in entries if re.match(pattern, command.text)), None)


class Session(SkantTest):
    """A page as a session of a shell."""

    @classmethod
    def setUpClass(cls):
        cls.base = tempfile.mkdtemp(prefix="skant-guides-")
        cls.addClassCleanup(shutil.rmtree, cls.base, True)
        cls.mock = Mock(**ORGANIZATION)
        cls.addClassCleanup(cls.mock.abandon)
        cls.bin = os.path.join(cls.base, "bin")
        os.mkdir(cls.bin)
        for name in (*guides.PROGRAMS, "skant-unpack"):
            os.symlink(os.path.join(BIN, name), os.path.join(cls.bin, name))
        cls.make_repository(os.path.join(cls.base, "repository"))

    @classmethod
    def make_repository(cls, place):
        """A history with one key before the branch, one in its only commit, and one that is staged."""
        def write(name, text):
            path = os.path.join(place, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)

        def git(*args):
            subprocess.run(["git", *args], cwd=place, check=True, capture_output=True, env=cls.identity())

        write("README.md", "text\n")
        git("init", "-q", "-b", "main")
        git("add", ".")
        git("commit", "-qm", "first")
        git("tag", "v1.0")
        git("update-ref", "refs/remotes/origin/main", "HEAD")
        write("config.py", f'key = "{KEYS["old"]}"\n')
        write("README.md", f"say {KEYS['foreign']}\n")
        git("add", ".")
        git("commit", "-qm", "second")
        write("staged", f"say {KEYS['new']}\n")
        git("add", ".")

    @classmethod
    def identity(cls):
        who = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
               for what, value in (("NAME", "Ann"), ("EMAIL", "ann@example.com"))}
        return {"PATH": cls.bin + os.pathsep + os.environ["PATH"], "LC_ALL": "C.UTF-8", **who}

    def world(self, page):
        world = self.path("work")
        shutil.copytree(os.path.join(self.base, "repository"), world, symlinks=True)
        for name, data in (("usage.jsonl", GOOD.encode()), ("usage-1.jsonl.gz", gzip.compress(GOOD.encode())),
                           ("key.base64", base64.b64encode(KEYS["old"].encode()))):
            with open(os.path.join(self.home, name), "wb") as f:
                f.write(data)
        if "usage" in guides.read(page):
            shutil.copytree(self.home, world, dirs_exist_ok=True)
        return world

    def configured(self, world):
        """Shell that has skantd take a configuration of the session's own."""
        config = self.write("skantd.yaml", json.dumps(
            {"version": 1, "state_dir": self.path("state"),
             "feeds": [{"name": "audit", "type": "activities", "start": "beginning"}],
             "sinks": [{"name": "file", "type": "file", "path": os.path.join(world, "audit.jsonl")}]}))
        os.mkdir(self.path("state"), 0o700)
        return f"alias skantd='skantd -c {config}'\n"

    def run_session(self, page, todo, prefix=(), before=""):
        """What each command of a page said and ended with, in one shell, which prefix starts somewhere else."""
        world = self.world(page)
        script = "shopt -s expand_aliases\n" + (before or self.configured(world)) + BEFORE.get(page, "") + "\n"
        key = self.write("key", self.mock.key("compliance") + "\n")
        for number, command in enumerate(todo):
            text = command.text
            for there, here in PLACES:
                text = text.replace(there, here)
            out, given = self.path(f"out{number}"), key if "/dev/stdin" in text else "/dev/null"
            script += next((more + "\n" for (where, pattern), more in PREPARE.items()
                            if where == page and command.text.startswith(pattern)), "")
            script += f"(exit ${{st-0}})\n{{\n{text}\n}} >{out} 2>&1 <{given}\nst=$?\necho $st >{out}.status\n"
        env = {**self.env(), **self.identity(), **self.mock.env(), "WORLD": self.dir, "SOURCE": guides.ROOT}
        done = subprocess.run([*prefix, "bash", "-c", script], cwd=world, env=env, capture_output=True, text=True,
                              check=False, timeout=120)
        results = []
        for number, command in enumerate(todo):
            out = self.path(f"out{number}")
            self.assertTrue(os.path.exists(out + ".status"), f"{command}: not run; {done.stderr}")
            with open(out, encoding="utf-8", errors="replace") as f, open(out + ".status", encoding="ascii") as status:
                results.append((f.read(), int(status.read())))
        return results

    def check_page(self, page, **more):
        todo = [command for command in guides.session(page) if reason(command) is None]
        if page in ALONE:
            self.mock = Mock(**ORGANIZATION)
            self.addCleanup(self.mock.abandon)
        for command, (said, status) in zip(todo, self.run_session(page, todo, **more)):
            with self.subTest(command=repr(command)):
                self.assertIn(status, expected_status(command), said[-2000:])
                if command.said is not None:
                    self.assertTrue(guides.is_said(command.said, said.splitlines()), said[:4000])
                for key in KEYS.values():
                    self.assertNotIn(key, said)


@once
class Commands(Session):
    """One test a page is made below."""


def add_tests():
    for page in guides.pages():
        if page != Machine.PAGE and any(reason(command) is None for command in guides.session(page)):
            name = "test_" + re.sub(r"\W+", "_", page.lower())
            setattr(Commands, name, lambda self, page=page: self.check_page(page))


# A machine's /etc, /var/lib and /usr/local, for whoever is in the namespace alone. $1: a folder, $2: where the API is.
MACHINE = r"""
set -eu
mkdir "$1/etc" "$1/local" "$1/backup"
cp -a /etc/. "$1/etc"
mount --bind "$1/etc" /etc
mount --bind "$1/local" /usr/local
mount -t tmpfs tmpfs /var/lib
mkdir -p /usr/local/bin /usr/local/sbin /usr/local/share/doc/skant/examples /etc/sysusers.d /etc/skant/skantd.d
mkdir -p /var/lib/skant /run/skant /var/lib/systemd/catalog /var/lib/prometheus/node-exporter
chmod 0700 /var/lib/skant
cp "$3/skantd" /usr/local/sbin
cp "$3/skant" "$3/skantctl" "$3/skant-unpack" /usr/local/bin
cp "$SOURCE/forwarder/systemd/skant.sysusers" /etc/sysusers.d/skant.conf
sed -e "s|https://api.anthropic.com|$2|; s|^#  ca_file:.*|  ca_file: $SKANT_CA_FILE|; s|start: now|start: beginning|" \
	"$SOURCE/packaging/skantd.yaml" >/usr/local/share/doc/skant/examples/skantd.yaml
echo 'feeds: [{name: apps, type: ingest, group: skant}]' >/etc/skant/skantd.d/apps.yaml
echo 'sinks: [{name: siem, type: file, path: /run/skant/siem.jsonl}]' >/etc/skant/skantd.d/siem.yaml
useradd deploy
printf '#!/bin/sh\nexec env "$@"\n' >/usr/local/bin/sudo
# Stands in for systemd, which runs no second time on a machine.
cat >/usr/local/bin/systemctl <<'END'
#!/bin/sh
case $* in
*start* | *enable*)
	CREDENTIALS_DIRECTORY=/etc/skant/credentials setsid /usr/local/sbin/skantd run >/run/skantd.log 2>&1 </dev/null &
	echo $! >/run/skantd.pid
	until [ -S /run/skant/ingest.sock ]; do kill -0 $! || exit 1; sleep 0.05; done
	;;
stop*)
	kill "$(cat /run/skantd.pid)"
	while [ -S /run/skant/ingest.sock ] && kill -0 "$(cat /run/skantd.pid)"; do sleep 0.05; done
	rm -f /run/skant/ingest.sock
	;;
reload*) kill -HUP "$(cat /run/skantd.pid)" ;;
status*) kill -0 "$(cat /run/skantd.pid)" ;;
esac
END
chmod 755 /usr/local/bin/*
"""


@once
@unittest.skipUnless(os.geteuid() == 0, "only root can have a machine of its own")
@journald.needed
class Machine(Session):
    """The page that leads through a machine: it has its own users, folders and journal."""

    PAGE = "docs/skantd.md"

    def test_the_page_leads_through_a_machine(self):
        journal = journald.Journald()
        self.addCleanup(journal.close)
        env = {**os.environ, **self.mock.env(), "SOURCE": guides.ROOT}
        subprocess.run([*journal.prefix, "sh", "-c", MACHINE, "sh", self.dir, self.mock.url, BIN], check=True, env=env)
        self.addCleanup(journal.call, "/usr/local/bin/systemctl", "stop", "skantd")
        self.check_page(self.PAGE, prefix=journal.prefix,
                        before=f"cd {self.path('work')}; PATH=/usr/local/sbin:/usr/local/bin:$PATH\n")


add_tests()


class Table(unittest.TestCase):
    def test_what_is_not_run_is_there_and_has_a_reason(self):
        for page, entries in NOT_RUN.items():
            found = guides.session(page)
            for pattern, why in entries:
                self.assertTrue(any(re.match(pattern, command.text) for command in found), f"{page}: {pattern}")
                self.assertGreater(len(why), 10)

    def test_each_page_of_which_something_is_said_is_there(self):
        for page in {*NOT_RUN, *STATUS, *BEFORE}:
            self.assertTrue(guides.session(page), page)


class Words(unittest.TestCase):
    """What is not run is looked at all the same: commands by the option tables, shell by shellcheck."""

    options = {name: guides.Options(name) for name in guides.PROGRAMS}

    def wrong(self, text):
        found = [(program, words, self.options[program].wrong(words)) for program, words in guides.invocations(text)]
        return [f"{program} {' '.join(words)}: {why}" for program, words, why in found if why]

    def test_each_option_of_each_command_is_one(self):
        seen = 0
        for page in guides.pages():
            texts = [command.text for command in guides.session(page)]
            texts += [block.text for block in guides.blocks(page, "yaml", "json")] if page.endswith(".md") else []
            texts += [text for text in guides.spans(page) if re.match("(skant|skantctl|skantd) .", text)]
            for text in texts:
                seen += len(list(guides.invocations(text)))
                self.assertEqual(self.wrong(text), [], page)
        self.assertGreater(seen, 300)

    # Options of others that pages name by themselves; two pages are about other programs.
    FOREIGN = {"--amend", "--no-verify", "--all-files", "--filter", "--isolation"}
    ELSEWHERE = ("docs/from-gitleaks.md", "tests/mock/README.md")

    def test_options_and_files_that_the_text_names_are_there(self):
        ours = {name for options in self.options.values() for name in options.options} | self.FOREIGN
        seen = set()
        for page in guides.pages():
            for span in guides.spans(page):
                name = re.match(r"--[a-z][a-z-]+", span)
                if name and page not in self.ELSEWHERE:
                    seen.add(name[0])
                    self.assertIn(name[0], ours, f"{page}: {span}")
                if re.fullmatch(r"(tests|scanner|forwarder|admin|common|docs|packaging|rules)/[\w./-]+", span) and \
                        "FILE" not in span:
                    self.assertTrue(os.path.exists(os.path.join(guides.ROOT, span)), f"{page}: {span}")
        self.assertGreater(len(seen), 40)

    def test_each_target_of_make_is_one(self):
        there, seen = set(), 0
        for name in ("Makefile", "tests/tests.mk", "packaging/packaging.mk"):
            text = guides.read(name).replace("\\\n", " ")
            there |= set(" ".join(re.findall(r"^\.PHONY:(.*)$", text, re.M)).split())
            there |= set(re.findall(r"^([\w-]+):", text, re.M))
        for page in guides.pages():
            texts = [command.text for command in guides.session(page)] + guides.spans(page)
            for text in texts:
                for words in re.findall(r"(?:^|&& |sudo )make((?: +[\w./=\"$-]+)+)", re.sub(r'"[^"]*"', '"x"', text)):
                    targets = [word for word in words.split() if "=" not in word and not word.startswith("-")]
                    seen += len(targets)
                    tests = {t for t in targets if os.path.exists(f"{guides.ROOT}/{t.removeprefix('build/release/')}.c")}
                    self.assertEqual(set(targets) - there - tests, set(), f"{page}: {text}")
        self.assertGreater(seen, 15)

    def test_what_would_be_wrong_is_told(self):
        for text in ("skant dir --no-such", "skant dri .", "skant dir --range a..b", "skant dir -f txt",
                     "sudo skantd check --sinc x", "x | skantctl keys lst", "$(skantctl keys list --status=new)"):
            self.assertEqual(len(self.wrong(text)), 1, text)

    @unittest.skipUnless(shutil.which("shellcheck"), "there is no shellcheck")
    def test_the_shell_is_clean(self):
        with tempfile.TemporaryDirectory(prefix="skant-guides-") as folder:
            files = []
            for page in guides.pages():
                text = "".join(command.text for block in guides.shown(page) for command in guides.commands(block))
                if text:
                    files.append(os.path.join(folder, page.replace("/", "_")))
                    with open(files[-1], "w", encoding="utf-8") as f:
                        f.write("export BASE=a HEAD=b\n" + text)
            # Files that are not there, `cat FILE |` as people type it, variables that a reader goes on with.
            done = subprocess.run(["shellcheck", "-s", "bash", "-e", "SC1091,SC2002,SC2034", *files], text=True,
                                  capture_output=True, check=False)
            self.assertEqual(done.stdout, "")


@unittest.skipUnless(yaml, "PyYAML is not installed")
class Yaml(SkantTest):
    """What pages show of our files is read by the program whose file it is; anything else is YAML at least."""

    # A key that only one kind of file has, and what reads such a file (F).
    READERS = [({"profiles"}, "skantctl auth check"), ({"repos", "on", "include", "pre-commit"}, None),
               ({"feeds", "sinks", "metrics", "retention"}, "skantd status -c F"),
               ({"currency"}, "skantctl usage estimate --prices F"),
               ({"names", "budgets", "access", "rotation"}, "skantctl policy show --policy F"),
               ({"define"}, "skant rules check F"), ({"version"}, "skant stdin -c F")]

    def reader(self, value):
        if isinstance(value.get("rules"), list) and isinstance(value["rules"][0], dict):
            return "skant rules check F"
        return next((command for keys, command in self.READERS if keys & set(value)), None)

    def test_every_file_of_ours_is_read(self):
        count = 0
        for page in guides.pages():
            for block in guides.blocks(page, "yaml") if page.endswith(".md") else guides.blocks(page):
                value = yaml.safe_load(block.text)
                self.assertIsNotNone(value, page)
                command = self.reader(value) if isinstance(value, dict) else None
                if command:
                    more = "" if "version" in value else "version: 1\n"
                    for key, usual in (("feeds", "{name: a, type: ingest}"), ("sinks", "{name: j, type: journald}")):
                        more += f"{key}: [{usual}]\n" if "skantd" in command and key not in value else ""
                    self.check(page, block.text + more, command)
                    count += 1
        self.assertGreater(count, 20)

    def check(self, page, text, command):
        name = self.write("file.yaml" if "F" in command else "skant/skantctl.yaml", text)
        self.write("extra-rules.yaml", guides.blocks("rules/README.md", "yaml")[0].text)
        program, *words = command.replace("F", name).split()
        done = subprocess.run([os.path.join(BIN, program), *words], cwd=self.dir, input="", capture_output=True,
                              text=True, env=self.env(XDG_CONFIG_HOME=self.dir), check=False)
        self.assertNotRegex(done.stderr, r"(file|skantctl)\.yaml:\d+", f"{page}: {command}")


if __name__ == "__main__":
    unittest.main()
