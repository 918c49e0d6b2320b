#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check.py SKANT OUT: scans OUT/tree and compares with OUT/labels.jsonl. Prints recall and false alarms by category; exits 1
when a category is below its bar: every key found at its place, no plain decoy reported, at most 5 hard ones."""
import collections
import json
import os
import subprocess
import sys

HARD, HARD_MAX = "made up", 5


def scan(skant, out):
    done = subprocess.run([skant, "dir", "--no-ignore", "-q", "-f", "jsonl", "."], cwd=os.path.join(out, "tree"),
                          stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"skant ended with status {done.returncode}")
    found = collections.defaultdict(list)
    for line in done.stdout.splitlines():
        record = json.loads(line)
        if record["schema"] == "skant-finding/1" and record["kind"] != "keyname":
            found[record["path"]].append(record)
    return found


def main():
    skant, out = os.path.abspath(sys.argv[1]), sys.argv[2]
    found = scan(skant, out)
    totals, good, failed = collections.Counter(), collections.Counter(), 0
    alarms = collections.Counter()
    with open(os.path.join(out, "labels.jsonl"), encoding="utf-8") as f:
        labels = [json.loads(line) for line in f]
    positives = sum("id" in label for label in labels)
    for label in labels:
        name = (label["category"], label.get("kind", "decoy"))
        totals[name] += 1
        records = found[label["file"]]
        if "id" in label:
            expected = (label["id"], label["line"], label["column"])
            places = [(r["secret_id"], r["start_line"], r["start_column"]) for r in records]
            good[name] += places == [expected]
            if places != [expected]:
                print(f"not as expected: {label['file']}: {places} instead of {expected}")
        else:
            alarms[label["category"]] += len(records)
            good[name] += not records
            for r in records:
                print(f"false alarm: {label['file']}:{r['start_line']}: {r['masked']} {r.get('checks', [])}")
    print(f"{'category':24} {'kind':14} {'right':>6} {'of':>6}")
    for name in sorted(totals):
        print(f"{name[0]:24} {name[1]:14} {good[name]:6} {totals[name]:6}")
        allowed = HARD_MAX if name == (HARD, "decoy") else 0
        failed += totals[name] - good[name] > allowed
    print(f"{positives} keys, {len(labels) - positives} decoys")
    print(f"{len(totals) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
