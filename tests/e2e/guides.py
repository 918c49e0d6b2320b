# SPDX-License-Identifier: Apache-2.0
"""What the guides show: their blocks, the commands in them, and what the option tables say of a command."""
import functools
import glob
import os
import re
import shlex
import subprocess

from support import SKANT

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMS = ("skant", "skantctl", "skantd")
FENCE = re.compile(r"^( *)```(\S*)[^\n]*\n(.*?)^ *```$", re.M | re.S)
SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)", re.S)
# A program's name where a command begins, and its words up to where the shell goes on with something else.
INVOCATION = re.compile(r"(?:^|(?<=[|;&(`$])|(?<=<\()|(?<=then )|(?<=do )|(?<=sudo )|(?<=run: )|(?<==\S))[ \t]*"
                        r"((?:[A-Z_]+=\S+ )*)((?:build/release/|/usr/local/s?bin/)?(?:skantctl|skantd|skant))(?![\w-])"
                        r"((?: +(?:'[^']*'|\"[^\"]*\"|\\\n|[^\s|;&<>()`#'\"])+)*)", re.M)


@functools.lru_cache(maxsize=None)
def read(*names):
    with open(os.path.join(ROOT, *names), encoding="utf-8") as f:
        return f.read()


def pages():
    """Every page that somebody reads, manuals too, by their places."""
    docs = sorted(os.path.relpath(path, ROOT) for path in glob.glob(os.path.join(ROOT, "docs", "*")))
    return ["README.md", "CONTRIBUTING.md", "SECURITY.md", "rules/README.md", "tests/mock/README.md",
            *[page for page in docs if page.endswith(".md") or ".scd" in page]]


def unindented(text, indent):
    return re.sub(rf"^ {{0,{len(indent)}}}", "", text, flags=re.M)


class Block:
    def __init__(self, page, language, text):
        self.page, self.language, self.text = page, language, text


def blocks(page, *languages):
    """The fenced blocks of a page, in their order; of these languages, when there are any."""
    found = [Block(page, m[2], unindented(m[3], m[1])) for m in FENCE.finditer(read(page))]
    return [b for b in found if not languages or b.language in languages]


def examples(page):
    """The commands in EXAMPLES of a program's manual, a block each."""
    part = re.search(r"^# EXAMPLES\n(.*?)(?=^# |\Z)", read(page), re.M | re.S) if ".5." not in page else None
    lines = [line for m in FENCE.finditer(part[1]) for line in m[3].splitlines()] if part else []
    return [Block(page, "sh", re.sub(r"\\(.)", r"\1", line) + "\n") for line in lines]


def spans(page):
    """What stands in a line as code, on one line."""
    text = re.sub(r"\\(.)", r"\1", read(page)) if ".scd" in page else FENCE.sub("", read(page))
    return [" ".join(span.split()) for span in SPAN.findall(text) if span.strip()]


def questions(page):
    """What stands in the column "command" of tables: a block each."""
    found, column = [], None
    for line in FENCE.sub("", read(page)).splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if not cells:
            column = None
        elif "command" in cells:
            column = cells.index("command")
        elif column is not None and column < len(cells):
            found += [Block(page, "sh", span + "\n") for span in SPAN.findall(cells[column])
                      if span.split()[0] in PROGRAMS and not re.search(r"\b[A-Z]{1,}\b", span.replace("HEAD", ""))]
    return found


def shown(page):
    """All that a page shows to be typed, in the order of the page's blocks, then of its tables."""
    if page.endswith(".md"):
        return blocks(page, "sh", "console") + questions(page)
    return examples(page)


def is_whole(text):
    """Whether the shell would run it, and not wait for more."""
    if text.endswith("\\\n"):
        return False
    if not re.search(r"<<|[(){}'\"`]|^\s*(while|for|if|case|done|fi)\b", text):
        return True
    done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    return done.returncode == 0 and not done.stderr


class Command:
    """What is typed at once; said: what a console block shows of its output, else None."""

    def __init__(self, page, text, said=None):
        self.page, self.text, self.said = page, text, said

    def __repr__(self):
        return f"{self.page}: {self.text.strip()}"


def commands(block):
    """What is typed at once, one after another."""
    found, text = [], ""
    for line in block.text.splitlines(keepends=True):
        if block.language == "console" and not text:
            if not line.startswith("$ "):
                found[-1].said.append(line.rstrip())
                continue
            line = line[2:]
        text += line
        if is_whole(text):
            if text.strip() and not text.startswith("#"):
                found.append(Command(block.page, text, [] if block.language == "console" else None))
            text = ""
    assert not text, f"{block.page}: a command without an end: {text}"
    return found


def is_said(expected, found):
    """Whether lines are as a page shows them: … stands for anything in a line, alone in one for any lines. How much
    room there is between words does not count, as tables are aligned on terminals."""
    pattern = ""
    for line in expected:
        if line == "…":
            pattern += r"(?:.*\n)*?"
        else:
            words = re.sub(r"\s+", " ", line.strip())
            pattern += ".*".join(re.escape(part) for part in words.split("…")) + "\n"
    text = "".join(re.sub(r"\s+", " ", line.strip()) + "\n" for line in found)
    return re.fullmatch(pattern, text) is not None


class Options:
    """What --dump-options of a program tells. An option that is something else to other commands has several meanings, each
    an entry; what wrong() goes by is all of them together."""

    def __init__(self, program):
        path = os.path.join(os.path.dirname(SKANT), program)
        dump = subprocess.run([path, "--dump-options"], capture_output=True, text=True, check=True).stdout
        rows = [line.split("\t") for line in dump.splitlines()]
        self.program = program
        self.commands = [row[1] for row in rows if row[0] == "command"]
        # What is taken for gitleaks' sake is told in one section of the manual, not among the options.
        self.options, self.meanings = {}, []
        if program == "skant":
            for name, value in (("log-opts", "ARGS"), ("staged", ""), ("redact", "[N]"), ("no-banner", "")):
                takers = ["git", "dir", "stdin"]
                self.options["--" + name] = {"long": name, "value": value, "choices": [], "for": takers}
        for row in rows:
            if row[0] == "option":
                row += [""] * (8 - len(row))
                entry = {"long": row[1], "value": row[3], "choices": row[4].split(), "for": row[7].split(",")}
                self.meanings.append(entry)
                former = self.options.get("--" + row[1], {"choices": [], "for": []})
                choices = former["choices"] + [word for word in entry["choices"] if word not in former["choices"]]
                entry = {**entry, "choices": choices, "for": former["for"] + entry["for"]}
                self.options["--" + row[1]] = entry
                if row[2]:
                    self.options["-" + row[2]] = entry

    def wrong(self, words):
        """What is wrong with a command's words behind the program's name, or None."""
        rest, command = [], None
        words = list(words)
        while words:
            word = words.pop(0)
            name, equals, value = word.partition("=")
            if not word.startswith("-") or word == "-":
                rest.append(word)
                continue
            entry = self.options.get(name)
            if entry is None:
                return f"{self.program} has no option {name}"
            rest.append(entry)
            if entry["value"] and not entry["value"].startswith("["):
                value = value if equals else words.pop(0) if words else None
                if value is None:
                    return None  # a text that only names the option
                choices = entry["choices"]
                if choices and choices != ["@file"]:
                    parts = value.partition("=")[0].split(",")
                    if not all(p in choices or re.fullmatch("[A-Z]+|\\$.*", p) for p in parts):
                        return f"{name} does not take {value}"
        bare = [word for word in rest if isinstance(word, str)]
        for size in (2, 1):
            if " ".join(bare[:size]) in self.commands:
                command = " ".join(bare[:size])
        if command is None and bare and bare[:1] not in [name.split()[:1] for name in self.commands if bare[1:] == []]:
            return f"{self.program} has no command {bare[0]}"
        for entry in rest:
            if isinstance(entry, dict) and command and command not in entry["for"]:
                return f"{self.program} {command} does not take --{entry['long']}"
        return None


def invocations(text):
    """(program, words) of each command of ours in a text that a shell would read."""
    for m in INVOCATION.finditer(text):
        try:
            words = shlex.split(m[3].replace("\\\n", " "), comments=True)
        except ValueError:
            continue
        yield os.path.basename(m[2]), words


@functools.lru_cache(maxsize=None)
def session(page):
    """All commands that a page shows."""
    return tuple(command for block in shown(page) for command in commands(block))
