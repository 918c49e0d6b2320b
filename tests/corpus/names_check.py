#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""names_check.py SKANT [CATEGORY ...]: how well the rules find badly named keys (see names/README.md)."""

import collections
import json
import pathlib
import subprocess
import sys
import tempfile

RECALL, PRECISION = 0.95, 0.97
CORPUS = pathlib.Path(__file__).parent / "names"


def read_cases(path):
    """The (file name, bad names, other names, content) of each case."""
    for chunk in ("\n" + path.read_text()).split("\n@@ ")[1:]:
        head, *lines = chunk.split("\n")
        labels = {"bad": [], "not": []}
        while lines and lines[0].startswith("@ "):
            kind, name = lines.pop(0)[2:].split(" ", 1)
            labels[kind].append(name)
        yield head.strip(), labels["bad"], labels["not"], "\n".join(lines).rstrip("\n") + "\n"


def scan(skant, folder):
    """The names reported in each case's folder."""
    run = subprocess.run([skant, "dir", "-q", "--no-ignore", "--fail-on", "critical", "-f", "jsonl", folder],
                         capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        sys.exit(f"names_check: skant ended with {run.returncode}: {run.stderr.strip()}")
    found = collections.defaultdict(collections.Counter)
    for line in run.stdout.splitlines():
        record = json.loads(line)
        if record.get("kind") == "keyname" and record.get("status", "new") == "new":
            case = pathlib.Path(record["path"]).relative_to(folder).parts[0]
            found[case][record["name"]] += 1
    return found


def check(skant, path):
    """Prints a category's result; (right, missed, wrong, decoys)."""
    cases = list(read_cases(path))
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, _, _, content) in enumerate(cases):
            file = pathlib.Path(folder) / f"{number:03}" / name
            file.parent.mkdir(parents=True)
            file.write_text(content)
        found = scan(skant, folder)
    right = missed = wrong = decoys = 0
    for number, (name, bad, other, _) in enumerate(cases):
        expected, reported = collections.Counter(bad), found[f"{number:03}"]
        right += (expected & reported).total()
        missed += (expected - reported).total()
        wrong += (reported - expected).total()
        decoys += len(other)
        for what, names in (("missed", expected - reported), ("wrong", reported - expected)):
            for text in names.elements():
                print(f"  {path.stem} case {number} ({name}): {what} '{text}'")
    show(path.stem, right, missed, wrong, decoys)
    return right, missed, wrong, decoys


def show(what, right, missed, wrong, decoys):
    recall = right / (right + missed) if right + missed else 1.0
    precision = right / (right + wrong) if right + wrong else 1.0
    print(f"{what:12} recall {recall:7.2%} of {right + missed:4}   precision {precision:7.2%} with {decoys:4} decoys")
    return recall >= RECALL and precision >= PRECISION


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: names_check.py SKANT [CATEGORY ...]")
    total = [0, 0, 0, 0]
    for path in sorted(CORPUS.glob("*.cases")):
        if len(sys.argv) == 2 or path.stem in sys.argv[2:]:
            total = [a + b for a, b in zip(total, check(sys.argv[1], path))]
    sys.exit(0 if show("all", *total) else 1)


main()
