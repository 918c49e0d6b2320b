# SPDX-License-Identifier: Apache-2.0
"""Runs skant on a generated repository and compares what it says with the oracle."""
import json
import os
import random
import subprocess

from oracle import Oracle, lossy

FIELDS = ["rule_id", "kind", "secret_id", "offset", "start_line", "start_column", "via", "masked", "object",
          "object_type", "path", "commit", "last_commit", "author", "email", "date", "message", "also_at", "at_head",
          "reachable", "from", "refs", "untrusted_allow"]
NOT_IN_RANGES = ["last_commit", "also_at", "at_head", "reachable", "from", "refs"]
NOT_FOR_TAGS = ["message", "last_commit", "at_head", "also_at"]     # not said what they are there
SHOWN = 6       # differences of one run


class Run:
    def __init__(self, skant, repo, args, stdin=b"", cwd=None):
        self.args = args
        done = subprocess.run([skant, "git", "-f", "jsonl", *args], cwd=cwd or repo.base, input=stdin, check=False,
                              capture_output=True, env=repo.env, timeout=300)
        self.status, self.error = done.returncode, done.stderr.decode("utf-8", "replace")
        self.records = parse(done.stdout)
        self.findings = [r for r in self.records if r["schema"] == "skant-finding/1"]
        self.summary = self.records[-1].get("summary") if self.records else None


def parse(raw):
    """The records of a report; none of one that is not JSON lines."""
    try:
        return [json.loads(line) for line in raw.split(b"\n") if line]
    except ValueError:
        return []


def clean(value):
    if isinstance(value, (list, tuple)):
        return [clean(v) for v in value]
    return lossy(value) if isinstance(value, (bytes, str)) else value


def mask(text, keys):
    for key in keys if "sk-ant-" in text else ():
        text = text.replace(key.text, key.masked)
    return text


def ours(expected, keys, is_range):
    """An expected finding in the form of the report."""
    out = {f: clean(expected.get(f)) for f in FIELDS}
    if out["message"] is not None:
        out["message"] = mask(out["message"], keys)
    for field in NOT_IN_RANGES if is_range else []:
        out[field] = None
    return normal(out)


def theirs(finding):
    return normal({f: finding.get(f) for f in FIELDS})


def normal(record):
    """Where the absence of a field and an empty value say the same."""
    for field in ("refs", "also_at", "author", "email", "message"):
        record[field] = record[field] or None
    record["refs"] = [r for r in record["refs"] or [] if r.startswith("refs/")] or None
    if record["date"] and record["date"].endswith("Z"):
        record["date"] = record["date"][:-1] + "+00:00"
    if record["object_type"] == "tag":
        for field in NOT_FOR_TAGS:
            record[field] = None
    return record


def identity(record):
    path = record["path"] if isinstance(record["path"], str) else ""
    return record["object"], record["offset"], record["secret_id"], path, record["commit"]


def pair_up(expected, found):
    """Pairs of records of the same place; what is left on either side."""
    pairs, missing, left = [], [], list(found)
    for want in expected:
        same = [f for f in left if all(f[k] == want[k] for k in ("object", "offset", "secret_id"))]
        if want["from"] is None:        # a range: the same blob counts at each path of each commit
            same = [f for f in same if f["commit"] == want["commit"] and f["path"] in want["path"]]
        if same:
            left.remove(same[0])
            pairs.append((want, same[0]))
        else:
            missing.append(want)
    return pairs, missing, left


def differences(want, got):
    out = []
    for field in FIELDS:
        fits = got[field] in want[field] if field == "path" else got[field] == want[field]
        if not fits:
            out.append(f"{field}: expected {want[field]!r}, got {got[field]!r}")
    return out


def fingerprint(got, record):
    where = ":".join(filter(None, [record.get("commit"), record["path"]]))
    want = f"{where}:{record['rule_id']}:{record['start_line']}"
    return [] if record.get("fingerprint") == want else [f"fingerprint: expected {want}, got {got}"]


def judge(run, expected, keys, is_range=False):
    """What is wrong with a run: a list of texts."""
    planted = {k.secret_id for k in keys}
    wrong = []
    want_status = 1 if expected else 0
    if run.status != want_status:
        wrong.append(f"exit status {run.status}, expected {want_status}: {run.error.strip()[-300:]}")
    if not run.summary:
        return wrong + ["no report"]
    extra = [f for f in run.findings if f["secret_id"] not in planted and f["kind"] != "keyname"]
    wrong += [f"false alarm: {f['rule_id']} at {f['path']}:{f['start_line']}" for f in extra]
    raw = [f for f in run.findings if f["secret_id"] in planted]
    want = [ours(e, keys, is_range) for e in expected]
    got = [theirs(f) for f in raw]
    pairs, missing, left = pair_up(want, got)
    wrong += [f"missed: {short(m)}" for m in missing] + [f"not expected: {short(m)}" for m in left]
    for a, b in pairs:
        wrong += [f"{short(a)}: {d}" for d in differences(a, b)]
    for f in raw:
        wrong += [f"{short(theirs(f))}: {d}" for d in fingerprint(f.get("fingerprint"), f)]
    if not wrong:
        wrong += order(want, got)
    return wrong


def order(want, got):
    """Whether the same places come in the same order; where a path is open, anywhere."""
    def place(record):
        path = record["path"] if isinstance(record["path"], str) else record["path"][0]
        return record["commit"], path, record["object"], record["offset"]
    wanted = [w for w in want if len(w["path"]) == 1]
    known = {place(w) for w in wanted}
    for a, b in zip(wanted, [g for g in got if place(g) in known]):
        if place(a) != place(b):
            return [f"order: {short(b)} where {short(a)} was expected"]
    return []


def short(record):
    path = record["path"][0] if isinstance(record["path"], list) else record["path"]
    return (f"{record['object_type']} {record['object'][:12]} {record['masked']} {path!r:.60} "
            f"line {record['start_line']} ({record['from']}, commit {str(record['commit'])[:12]})")


# the runs of one repository

def targets(repo, rng):
    """How the repository is named, where skant is started, and whose HEAD and refs count."""
    main = repo.git_dir
    ways = [([repo.top], repo.base, main), ([], repo.top, main), ([main], repo.base, main)]
    for folder, git_dir in repo.linked:
        ways += [([folder], repo.base, git_dir), ([], folder, git_dir)]
    return rng.choice(ways)


def ranges(oracle, rng, count):
    """(arguments, standard input, commits)"""
    commits = oracle.whole
    merges = [c for c in commits if len(oracle.commits[c].parents) > 1]
    tips = sorted(r for r, name in oracle.refs.items() if name in oracle.commits and r.startswith("refs/heads/"))
    out = []
    for number in range(count):
        a, b = rng.choice(commits), rng.choice(commits)
        kind = rng.choice(["..", "..", "...", "refs", "one", "ref", "merge", "-"]) if number else "merge"
        if kind in ("..", "..."):
            out.append(([a + kind + b], b"", oracle.rev_list(a + kind + b)))
        elif kind == "refs" and tips:
            words = f"{rng.choice(tips)}..{rng.choice(tips)}"
            out.append(([words], b"", oracle.rev_list(words)))
        elif kind == "ref" and tips:
            tip = rng.choice(tips)
            out.append(([tip], b"", [oracle.refs[tip]]))
        elif kind == "-":
            zero = "0" * len(a)
            lines = f"refs/heads/x {b} refs/heads/x {a}\n(delete) {zero} refs/heads/y {a}\n"
            out.append((["-"], lines.encode(), oracle.rev_list(b, "^" + a)))
        else:
            one = rng.choice(merges) if merges and kind == "merge" else a
            out.append(([one], b"", [one]))
    return out


def check(skant, repo, count_ranges=5):
    """Texts of what is wrong with skant on this repository, and how many findings were compared."""
    oracle, rng = Oracle(repo), random.Random(f"runs {repo.seed}")
    wrong, compared = [], 0
    extra = rng.choice([[], [], ["-j1"], ["--max-memory", "64M"], ["-j4"]])
    for flags in ([], ["--full"]):
        target, cwd, git_dir = targets(repo, rng)
        expected = oracle.expected(bool(flags), git_dir)
        compared += len(expected)
        run = Run(skant, repo, flags + extra + target, cwd=cwd)
        wrong += describe(run, judge(run, expected, repo.keys.all))
    for revisions, stdin, commits in ranges(oracle, rng, count_ranges) if oracle.whole else []:
        is_whole, trusts_base = rng.random() < 0.3, rng.random() < 0.8
        flags = (["--whole-files"] if is_whole else []) + ([] if trusts_base else ["--trust", "change"])
        target, cwd, _ = targets(repo, rng)
        expected = oracle.introduced(commits, is_whole, trusts_base)
        compared += len(expected)
        run = Run(skant, repo, ["--range", *revisions, *flags, *extra, *target], stdin, cwd)
        wrong += describe(run, judge(run, expected, repo.keys.all, True))
    return wrong, compared, oracle


def describe(run, wrong):
    if len(wrong) > SHOWN:
        wrong = wrong[:SHOWN] + [f"... and {len(wrong) - SHOWN} more"]
    return [f"skant git {' '.join(run.args)}: {w}" for w in wrong]


def keep_hint(repo, keeps):
    if keeps:
        return f"kept: {os.fspath(repo.base)}"
    return f"to look at it: KEEP=1 tests/git/run SKANT 1 {repo.seed}"
