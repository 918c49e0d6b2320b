# SPDX-License-Identifier: Apache-2.0
"""What bash, zsh and fish offer, asked of the shells themselves: what the option tables say, and nothing else."""
import os
import pty
import re
import select
import shutil
import subprocess
import termios
import time
import unittest

import guides
from support import SKANT, SkantTest, once

BIN = os.path.dirname(SKANT)
MADE = os.path.join(BIN, "completions")
PATIENCE = 60  # seconds

# Words as readline splits them: = is one of its own. compopt needs a line that is edited, which there is none of.
BASH = r"""
compopt() { :; }
while IFS= read -r line; do
	COMP_WORDS=() word=
	for ((i = 0; i < ${#line}; i++)); do
		case ${line:i:1} in
		' ') [[ -z $word ]] || COMP_WORDS+=("$word"); word= ;;
		=) [[ -z $word ]] || COMP_WORDS+=("$word"); COMP_WORDS+=(=) word= ;;
		*) word+=${line:i:1} ;;
		esac
	done
	[[ -z $word && $line == *= ]] || COMP_WORDS+=("$word")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
	"_${COMP_WORDS[0]}"
	printf '%s\n' "${COMPREPLY[@]}"
	echo "-- end"
done
"""
FISH = r"""
while read -l line
	complete -C $line | string replace -r '\t.*' ''
	echo "-- end"
end
"""
ZSH = r"""
PROMPT= RPROMPT= OUT=$1
unsetopt zle_bracketed_paste prompt_sp 2>/dev/null
fpath=(%s $fpath)
autoload -Uz compinit && compinit -u -D
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local -a hits
  builtin compadd -A hits "$@"
  (( ! $#hits )) || print -rl -- $hits >>%s
  builtin compadd "$@"
}
ask() {
  _main_complete
  print -r -- "-- end" >>%s
  compstate[insert]= compstate[list]=
}
zle -C ask list-choices ask
bindkey '^I' ask
"""


class Shell(SkantTest):
    """What the shells have in common; a subclass says how to ask one."""

    programs = guides.PROGRAMS
    instead = set()  # what a shell offers where there is nothing to offer

    def setUp(self):
        super().setUp()
        self.write("work/file.txt", "x\n")
        self.write("work/sub/other.txt", "x\n")
        self.options = {program: guides.Options(program) for program in self.programs}

    def environment(self):
        return self.env(PATH=BIN + os.pathsep + os.environ["PATH"], TERM="dumb", ZDOTDIR=self.home,
                        XDG_CONFIG_HOME=self.home)

    def listed(self, program, command):
        """The long options of a command."""
        found = {name for name, entry in self.options[program].options.items()
                 if name.startswith("--") and command in entry["for"]}
        return found - {"--log-opts", "--staged", "--redact", "--no-banner"}  # gitleaks', told in the manual only

    def check_all(self):
        wanted = []  # a line, and exactly what is offered there
        for program, options in self.options.items():
            firsts = {name.split()[0] for name in options.commands}
            wanted.append((f"{program} ", firsts))
            for first in firsts:
                seconds = {name.split()[1] for name in options.commands if name.split()[0] == first and " " in name}
                if seconds:
                    wanted.append((f"{program} {first} ", seconds))
            wanted += [(f"{program} {command} --", self.listed(program, command)) for command in options.commands]
            for entry in options.meanings:
                if entry["choices"] and entry["choices"] != ["@file"]:
                    wanted.append((f"{program} {entry['for'][-1]} --{entry['long']} ", set(entry["choices"])))
        files = {"file.txt", "sub"}
        rules = {line.split()[0] for line in self.skant("rules", "list").text.splitlines()}
        wanted += [("skant dir ", files), ("skant dir -q ", files), ("skant dir -b ", files), ("skant git ", {"sub"}),
                   ("skant dir --fail-on high sub/", {"other.txt"}), ("skant dir -f sarif=f", {"file.txt"}),
                   ("skant dir --config=f", {"file.txt"}), ("skant dir --fail-on=h", {"high"}),
                   ("skant stdin --label ", set()), ("skant stdin ", set()), ("skant names ", set()),
                   ("skant explain ", rules), ("skant rules show ", rules), ("skant rules check ", files),
                   ("skant rules ", {"list", "show", "check"}), ("skant hook ", {"install", "uninstall", "status"}),
                   ("skant hook --type pre-push ", {"install", "uninstall", "status"}),
                   ("skant dir --enable-rule ", rules), ("skantctl users get ", set()),
                   ("skantctl --profile x keys l", {"list"}), ("skant -q --jobs 2 di", {"dir"}),
                   ("skantd emit ", files), ("skantd run ", set())]
        for (line, expected), found in zip(wanted, self.ask([line for line, _ in wanted])):
            with self.subTest(line=line):
                self.assertEqual(self.bare(found) - (set() if expected else self.instead), expected)

    @staticmethod
    def bare(found):
        """Names of files without their folder and the mark of one, options without the sign of a value."""
        return {re.sub(r"^(.*[/=])?([^/]+)/?$", r"\2", text.rstrip("=")) for text in found if text}

    def ask(self, lines):
        raise NotImplementedError


def piped(command, lines, **more):
    """The answers of a shell that reads lines and says where an answer ends."""
    done = subprocess.run(command, input="".join(line + "\n" for line in lines), capture_output=True, text=True,
                          check=False, timeout=PATIENCE * 2, **more)
    answers = done.stdout.split("-- end\n")[:-1]
    assert len(answers) == len(lines), done.stderr
    assert not done.stderr, done.stderr
    return [answer.splitlines() for answer in answers]


@once
class Bash(Shell):
    def ask(self, lines):
        files = "".join(f". {MADE}/{program}.bash\n" for program in self.programs)
        return piped(["bash", "--norc", "-c", files + BASH], lines, cwd=self.path("work"), env=self.environment())

    def test_it_offers_what_is_taken(self):
        self.check_all()
        self.assertEqual(self.ask(["skantctl cost --group-by team,mo"]), [["team,month", "team,model"]])

    @unittest.skipUnless(os.path.exists("/usr/share/bash-completion/bash_completion"), "there is no bash-completion")
    def test_bash_completion_loads_it_when_it_is_needed(self):
        folder = os.path.join(self.home, "bash-completion", "completions")
        os.makedirs(folder)
        for program in self.programs:
            shutil.copy(os.path.join(MADE, program + ".bash"), os.path.join(folder, program))
        script = ". /usr/share/bash-completion/bash_completion; for p; do _completion_loader $p; complete -p $p; done"
        env = {**self.environment(), "BASH_COMPLETION_USER_DIR": os.path.dirname(folder)}
        done = subprocess.run(["bash", "--norc", "-c", script, "bash", *self.programs], capture_output=True, text=True,
                              check=False, env=env)
        self.assertEqual(done.stdout.splitlines(), [f"complete -F _{program} {program}" for program in self.programs])


@once
@unittest.skipUnless(shutil.which("fish"), "there is no fish")
class Fish(Shell):
    def ask(self, lines):
        files = "".join(f"source {MADE}/{program}.fish\n" for program in self.programs)
        return piped(["fish", "--no-config", "-c", files + FISH], lines, cwd=self.path("work"), env=self.environment())

    def test_it_offers_what_is_taken(self):
        self.check_all()


@once
@unittest.skipUnless(shutil.which("zsh"), "there is no zsh")
class Zsh(Shell):
    """Completion works in its line editor only, which wants a terminal."""

    @property
    def instead(self):
        return {name for options in self.options.values() for name in options.options}

    def ask(self, lines):
        out = self.write("answers", "")
        setup = self.write("setup.zsh", ZSH % (MADE, out, out))
        leader, follower = pty.openpty()
        mode = termios.tcgetattr(follower)
        mode[3] &= ~termios.ECHO
        termios.tcsetattr(follower, termios.TCSANOW, mode)
        with subprocess.Popen(["zsh", "-f", "-i"], cwd=self.path("work"), env=self.environment(), stdin=follower,
                              stdout=follower, stderr=follower, start_new_session=True) as process:
            os.close(follower)
            try:
                os.write(leader, f". {setup}\n".encode())
                return [self.answer(leader, out, line, number) for number, line in enumerate(lines)]
            finally:
                process.kill()
                os.close(leader)

    def answer(self, leader, out, line, number):
        os.write(leader, f"\x15{line}\t".encode())
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if select.select([leader], [], [], 0.002)[0]:
                os.read(leader, 65536)
            with open(out, encoding="utf-8") as f:
                answers = f.read().split("-- end\n")
            if len(answers) > number + 1:
                return answers[number].splitlines()
        raise AssertionError(f"zsh does not answer: {line}")

    def test_it_offers_what_is_taken(self):
        self.check_all()


if __name__ == "__main__":
    unittest.main()
