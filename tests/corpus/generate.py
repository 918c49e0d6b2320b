#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""generate.py OUT [--seed N] [--plain]: writes a labelled tree of files as people keep keys in, and of what only looks like keys.

OUT/tree holds the files, OUT/labels.jsonl a line for each: {"file", "category", "kind"?, "line"?, "column"?, "id"?}. A label
with an id is a key that has to be found at that place; one without is a decoy. Keys are random and are made here, at run
time: none is stored in the repository."""
import argparse
import base64
import hashlib
import json
import os
import random
import uuid

import disguise

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
ANT = "sk-" + "ant-"
KINDS = {"api": "api03", "admin": "admin01", "compliance": "api01", "oauth": "oat01", "oauth-refresh": "ort01",
         "session": "sid01"}

# Where a key stands: file name, text with {} for it. Lines and columns are counted from the text itself.
PLACES = {
    "source": [
        ("app.py", 'import anthropic\n\nclient = anthropic.Anthropic(api_key="{}")\n'),
        ("settings.py", "API_KEY = '{}'  # remove\n"), ("f.py", 'headers = {{"x-api-key": f"{}"}}\n'),
        ("client.ts", "const client = new Anthropic({{ apiKey: '{}' }});\n"), ("t.tsx", "<Chat apiKey={{`{}`}} />\n"),
        ("app.js", 'fetch(u, {{headers: {{"x-api-key": "{}"}}}})\n'), ("min.js", 'a=1;b="{}";c=function(){{return b}};\n'),
        ("main.go", 'client := anthropic.NewClient(option.WithAPIKey("{}"))\n'), ("k.go", "const key = `{}`\n"),
        ("App.java", 'private static final String KEY = "{}";\n'), ("k.kt", 'val key = "{}"\n'),
        ("k.swift", 'let key = "{}"\n'), ("k.rb", "client = Anthropic::Client.new(api_key: '{}')\n"),
        ("k.php", "<?php $key = '{}'; ?>\n"), ("k.rs", 'let key = "{}";\n'), ("k.c", '#define KEY "{}"\n'),
        ("k.cs", 'var key = "{}";\n'), ("k.lua", 'local key = "{}"\n'), ("k.sql", "INSERT INTO s VALUES (1, '{}');\n"),
        ("k.pl", "my $key = q({});\n"), ("k.scala", 'val k = """{}"""\n'), ("k.R", 'Sys.setenv(KEY = "{}")\n'),
        ("esc.js", "var s = 'a\\n{}\\n';\n"), ("esc.json", '{{"t": "a\\u0022{}\\u0022"}}\n'),
    ],
    "shell": [
        (".env", "ANTHROPIC_API_KEY={}\n"), (".env.local", 'export ANTHROPIC_API_KEY="{}"\n'),
        ("run.sh", "curl -H 'x-api-key: {}' https://api.anthropic.com/v1/messages\n"),
        ("run.ps1", '$env:ANTHROPIC_API_KEY = "{}"\n'), (".zsh_history", ": 1700000000:0;export K={}\n"),
        ("run.bat", "set K={}\r\n"), ("fish.fish", "set -x K {}\n"), ("Makefile", "run:\n\tK={} ./x\n"),
        ("auth.sh", 'curl -H "Authorization: Bearer {}" u\n'), ("url.sh", "curl 'https://h/?key={}&x=1'\n"),
        ("pct.sh", "curl 'https://h/?key=%22{}%22'\n"),
    ],
    "configuration": [
        ("c.yaml", "anthropic:\n  api_key: {}\n"), ("c.yml", "key: '{}'\n"), ("c.toml", '[a]\nkey = "{}"\n'),
        ("c.ini", "[a]\nkey={}\n"), ("c.json", '{{\n  "key": "{}"\n}}\n'), ("mcp.json", '{{"env":{{"K":"{}"}}}}\n'),
        ("settings.json", '{{"a.key": "{}",}}\n'), ("c.properties", "a.key={}\n"), ("c.xml", "<key>{}</key>\n"),
        ("c.plist", "<string>{}</string>\n"), ("main.tf", 'variable "k" {{\n  default = "{}"\n}}\n'),
        ("x.tfvars", 'k = "{}"\n'), ("Dockerfile", "FROM x\nENV K={}\n"), ("compose.yaml", "environment:\n  - K={}\n"),
        ("deploy.yaml", "env:\n  - name: K\n    value: {}\n"), ("workflow.yml", "env:\n  K: {}\n"),
        ("Jenkinsfile", "environment {{ K = '{}' }}\n"), (".netrc", "machine h login x password {}\n"),
        ("x.jsonnet", "{{ k: '{}' }}\n"), ("nginx.conf", 'proxy_set_header x-api-key "{}";\n'),
    ],
    "documents": [
        ("README.md", "Use `{}` as the key.\n"), ("doc.rst", ".. code::\n\n   K={}\n"), ("p.html", "<pre>K={}</pre>\n"),
        ("n.ipynb", '{{"cells":[{{"source":["k = \\"{}\\"\\n"]}}]}}\n'), ("t.csv", "id,key\n1,{}\n2,x\n"),
        ("a.log", "2026-01-01 request key={} ok\n"), ("h.har", '{{"name":"x-api-key","value":"{}"}}\n'),
        ("d.diff", "--- a\n+++ b\n@@ -1 +1 @@\n+K={}\n"), ("x.svg", "<svg><!-- {} --></svg>\n"),
        ("pair.txt", "{},\n"), ("br.txt", "({})\n"), ("sent.txt", "The key is {}.\n"), ("at.txt", "{}@host\n"),
        ("lt.txt", "{}<br>\n"), ("pipe.txt", "| {}|\n"), ("us.txt", "KEY_{}\n"), ("let.txt", "x{}\n"),
        ("cookie.txt", "Cookie: sessionKey={}; a=b\n"), ("eof.txt", "{}"), ("crlf.txt", "a\r\nb {}\r\n"),
    ],
}


class Corpus:
    def __init__(self, out, seed):
        self.out, self.rng, self.count, self.labels = out, random.Random(seed), 0, []
        os.makedirs(os.path.join(out, "tree"), exist_ok=True)

    def body(self, length):
        return "".join(self.rng.choice(ALPHABET) for _ in range(length))

    def key(self, kind):
        if kind in ("api", "admin"):
            return f"{ANT}{KINDS[kind]}-{self.body(93)}AA"
        if kind == "compliance":
            return f"{ANT}{KINDS[kind]}-{self.body(self.rng.choice((95, 95, 86, 108)))}"
        if kind == "session":
            return f"{ANT}sid0{self.rng.choice('12')}-{self.body(self.rng.choice((86, 95, 108, 120)))}"
        return f"{ANT}{KINDS[kind]}-{self.body(95)}"

    def write(self, name, data, category, **label):
        self.count += 1
        path = f"{self.count:04d}-{name}"
        with open(os.path.join(self.out, "tree", path), "wb") as f:
            f.write(data)
        self.labels.append({"file": path, "category": category, **label})

    def positive(self, category, name, data, at, key, kind):
        """at is the key's place in data, which does not begin with a mark of its encoding."""
        start = data.rfind(b"\n", 0, at) + 1
        self.write(name, data, category, kind=kind, line=data.count(b"\n", 0, at) + 1, column=at - start + 1,
                   id="sha256:" + hashlib.sha256(key.encode()).hexdigest()[:32])

    def text(self, category, name, text, key, kind, codec="utf-8", mark=b""):
        at = text.index(key)
        start = text.rfind("\n", 0, at) + 1
        self.write(name, mark + text.encode(codec), category, kind=kind, line=text.count("\n", 0, at) + 1,
                   column=len(text[start:at].encode()) + 1 if codec != "latin-1" else at - start + 1,
                   id="sha256:" + hashlib.sha256(key.encode()).hexdigest()[:32])

    def decoy(self, category, name, text):
        self.write(name, text.encode() if isinstance(text, str) else text, category)


def positives(c):
    kinds = list(KINDS)
    for category, places in PLACES.items():
        for n, (name, text) in enumerate(places):
            for kind in ["api"] + [kinds[(n + i) % len(kinds)] for i in range(3)]:
                key = c.key(kind)
                c.text(category, name, text.format(key), key, kind)
    for codec, mark, name in [("utf-8", b"\xef\xbb\xbf", "bom.txt"), ("utf-16-le", b"\xff\xfe", "le.txt"),
                              ("utf-16-be", b"\xfe\xff", "be.txt"), ("utf-16-le", b"", "le-bare.txt"),
                              ("utf-16-be", b"", "be-bare.txt"), ("latin-1", b"", "latin.txt")]:
        for kind in kinds:
            key = c.key(kind)
            c.text("encodings of text", name, f"erste Zeile\r\nSchlüssel: {key}\r\n", key, kind, codec, mark)
    for kind in kinds:
        key = c.key(kind)
        c.write("binary.bin", bytes(c.rng.randrange(256) & 0xF5 for _ in range(3000)).replace(b"\n", b"\0") + b"\0" +
                key.encode() + b"\0" * 50, "binary", kind=kind, line=1, column=3002,
                id="sha256:" + hashlib.sha256(key.encode()).hexdigest()[:32])
        key = c.key(kind)
        c.text("long lines", "one.min.js", "x" * 300_000 + f"k='{key}'" + "y" * 1000, key, kind)


def placeholders(c):
    rng = c.rng
    words = ["your-api-key-here", "YOUR_API_KEY", "your-key", "xxxxxxxx", "XXXX", "REPLACE_ME", "changeme", "example",
             "test", "dummy", "placeholder", "abc123", "...", "<key>", "<YOUR_KEY>", "${KEY}", "{{ key }}", "$KEY",
             "********", "[REDACTED]", "redacted", "1234567890", "foo", "your_actual_key_goes_here_please_replace_it",
             "this-is-not-a-real-key-it-is-only-an-example", "insert-your-anthropic-api-key-here-before-running"]
    for word in words:
        for kind in ("api03", "admin01", "oat01", "api01"):
            c.decoy("placeholders", rng.choice(("README.md", ".env.example", "a.py", "c.yaml")),
                    f'ANTHROPIC_API_KEY="{ANT}{kind}-{word}"\n')
    for _ in range(30):
        char, kind = rng.choice("xX0aA*.#?"), rng.choice(list(KINDS.values()))
        c.decoy("placeholders", "x.env", f"K={ANT}{kind}-{char * rng.randrange(8, 120)}\n")
    for _ in range(40):
        hint = f"{ANT}{rng.choice(list(KINDS.values()))}-{c.body(3)}...{c.body(2)}AA"
        c.decoy("masked", rng.choice(("a.md", "x.log", "t.csv")), f"key {hint} disabled\n")
    for _ in range(20):
        c.decoy("masked", "m.log", f"{ANT}api03-{c.body(8)}{'*' * 40}{c.body(4)}\n{ANT}api03-{c.body(10)}…\n")


def lookalikes(c):
    rng = c.rng
    for prefix in ("api03", "admin01", "oat01"):
        for regex in ("[A-Za-z0-9_-]{93}AA", r"[\w-]{93}AA", r"[a-zA-Z0-9_\-]{80,120}", "(?:[a-z0-9]){95}", r".{95}", r"\S+"):
            c.decoy("patterns", "rules.toml", f"regex = '''\\b({ANT}{prefix}-{regex})'''\n")
            c.decoy("patterns", "scan.py", f'RE = re.compile(r"{ANT}{prefix}-{regex}")\n')
    for _ in range(60):
        digest = hashlib.sha512(str(rng.random()).encode()).hexdigest()
        c.decoy("hashes", rng.choice(("go.sum", "package-lock.json", "x.lock")),
                f"{digest}\nsha512-{base64.b64encode(bytes.fromhex(digest)).decode()}\n")
    for _ in range(20):
        digest = hashlib.sha512(str(rng.random()).encode()).hexdigest()[:95]
        c.decoy("hashes", "h.txt", f"{ANT}api03-{digest}\n")
        c.decoy("identifiers", "u.txt", f"{ANT}api03-{uuid.UUID(int=rng.getrandbits(128))}-"
                f"{uuid.UUID(int=rng.getrandbits(128))}-0123456789abcdefabcde\n")
    parts = "disk antialias settings task anthology handler service worker queue config name prefix value test id".split()
    for _ in range(60):
        ident = "-".join(rng.choice(parts) for _ in range(rng.randrange(3, 14)))
        c.decoy("identifiers", rng.choice(("a.css", "b.js", "c.yaml")),
                f".di{ANT}{ident} {{}}\n.ta{ANT}api03-{ident} {{}}\nsk-antenna-{ident}\nsk-proj-{c.body(48)}\n")
    for _ in range(30):
        ident = "_".join(rng.choice(parts) for _ in range(10))
        c.decoy("identifiers", "snake.py", f"{ANT}api03-{ident}\n{ANT}oat01-{ident.upper()}\n")
    for _ in range(30):
        camel = "".join(rng.choice(parts).title() for _ in range(14))
        c.decoy("identifiers", "Camel.java", f'"{ANT}admin01-{camel}"\n')


def made_up(c):
    """Full-length keys that a person or a short program made: the hard decoys."""
    rng = c.rng
    lower, upper, digits = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
    runs = [lower + digits, lower + upper + digits, digits, upper + digits, lower, "qwertyuiopasdfghjklzxcvbnm",
            "aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStTuUvVwWxXyYzZ", "a1b2c3d4e5f6g7h8i9j0", "1a2B3c4D5e6F7g8H9i0J",
            "0123456789abcdef", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]
    for run in runs:
        for shift in (0, 3, 7):
            for prefix in ("api03", "admin01"):
                text = (run[shift:] + run * 12)[:93]
                c.decoy("made up", "made.py", f'key = "{ANT}{prefix}-{text}AA"\n')
    words = "test fake key example sample dummy not real do not use placeholder secret demo for unit tests only".split()
    for _ in range(30):
        text = rng.choice("-_").join(rng.choice(words) for _ in range(40))[:93]
        c.decoy("made up", "made_test.go", f'"{ANT}api03-{text}AA"\n')
    for _ in range(24):
        piece = c.body(rng.randrange(2, 24))
        c.decoy("made up", "repeat.ts", f"'{ANT}api03-{(piece * 60)[:93]}AA'\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="only keys that are neither encoded nor in parts")
    args = parser.parse_args()
    c = Corpus(args.out, args.seed)
    positives(c)
    placeholders(c)
    lookalikes(c)
    made_up(c)
    if not args.plain:
        disguise.positives(c, list(KINDS))
        disguise.decoys(c, ANT)
    with open(os.path.join(args.out, "labels.jsonl"), "w", encoding="utf-8") as f:
        for label in c.labels:
            f.write(json.dumps(label) + "\n")


if __name__ == "__main__":
    main()
