# SPDX-License-Identifier: Apache-2.0
"""Keys in encodings and in parts, and what only looks like them: a part of the labelled corpus (generate.py)."""
import base64
import gzip
import hashlib
import html
import json
import textwrap
import urllib.parse
import uuid
import zlib


def b64(data):
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def b64_after(lead, key, behind=""):
    """The base64 text of lead, key and behind, and the place of the first character that the key has a part in."""
    return b64(lead + key + behind), len(lead) * 8 // 6


def each(form, key, between=""):
    return between.join(form % ord(c) for c in key)


def columns(data, width):
    return "\n".join(data[i:i + width] for i in range(0, len(data), width))


def dump(key, lead):
    """What hexdump -C prints, and the place of the key's first byte in it."""
    data, out = (lead + key).encode(), ""
    for at in range(0, len(data), 16):
        line = data[at:at + 16]
        digits = line[:8].hex(" ") + "  " + line[8:].hex(" ")
        out += f"{at:08x}  {digits:49} |{''.join(chr(b) if b > 31 else '.' for b in line)}|\n"
    at = len(lead)
    return out + f"{len(data):08x}\n", out.index("\n") * (at // 16) + at // 16 + 10 + at % 16 * 3 + (at % 16 > 7)


# name of the file, text before, the encoded key (and the key's place in it, 0 if it is none), text behind
ENCODED = [
    ("secret.yaml", "apiVersion: v1\nkind: Secret\ndata:\n  api-key: ", b64, "\n  region: ZXU=\n"),
    ("secret-json.yaml", "kind: Secret\ndata:\n  config.json: ", lambda k: b64_after('{"key": "', k, '"}\n'), "\n"),
    ("env.yaml", "data:\n  .env: ", lambda k: b64_after("A=1\nANTHROPIC_API_KEY=", k, "\nB=2\n"), "\n"),
    ("request.http", "GET / HTTP/1.1\r\nAuthorization: Basic ", lambda k: b64_after("user:", k), "\r\n\r\n"),
    ("config.json", '{"auths": {"r": {"auth": "', lambda k: b64_after("token:", k), '"}}}\n'),
    ("url.txt", "https://h/?state=", lambda k: base64.urlsafe_b64encode(k.encode()).decode().rstrip("="), "&x=1\n"),
    ("quoted.txt", "https://h/?state=", lambda k: urllib.parse.quote(b64(k), safe=""), "&x=1\n"),
    ("mail.eml", "Content-Transfer-Encoding: base64\n\n", lambda k: (columns(b64("text: " + k + "\nend\n"), 76), 8), "\n"),
    ("twice.txt", "x=", lambda k: (b64("ab" + b64(k)), 2), "\n"),
    ("thrice.txt", "x=", lambda k: (b64("ab" + b64("c" + b64(k))), 4), "\n"),
    ("run.ps1", "powershell -enc ", lambda k: (b64(("$k='%s'" % k).encode("utf-16-le")), 2 * 4 * 8 // 6), "\n"),
    ("dump.sql", "INSERT INTO t VALUES (X'", lambda k: k.encode().hex(), "');\n"),
    ("upper.txt", "key: ", lambda k: k.encode().hex().upper(), "\n"),
    ("colons.txt", "value: ", lambda k: k.encode().hex(":"), "\n"),
    ("plain.hex", "", lambda k: (columns(("ab" + k).encode().hex(), 60), 4), "\n"),
    ("od.txt", "", lambda k: dump(k, "ANTHROPIC_API_KEY="), ""),
    ("key.h", "static const unsigned char key[] = {\n  ", lambda k: each("0x%02x", k, ", "), "\n};\n"),
    ("k.go", "var k = []byte{", lambda k: each("%d", k, ", "), "}\n"),
    ("bytes.json", '{\n  "key": [\n    ', lambda k: each("%d", k, ",\n    "), "\n  ]\n}\n"),
    ("charcode.js", "var a = 1; var b = 'c'; var k = String.fromCharCode(", lambda k: each("%d", k, ","), ");\n"),
    ("all.url", "https://h/?k=", lambda k: each("%%%02X", k), "\n"),
    ("dashes.url", "https://h/?k=", lambda k: k.replace("-", "%2D").replace("_", "%5F"), "&n=1\n"),
    ("twice.url", "https://h/?u=", lambda k: k.replace("-", "%252D"), "\n"),
    ("all.json", '{"k": "', lambda k: each("\\u%04x", k), '"}\n'),
    ("dashes.json", '{"k": "', lambda k: k.replace("-", "\\u002d"), '"}\n'),
    ("inner.json", "{\"s\": \"{\\\"k\\\": \\\"", lambda k: k.replace("-", "\\\\u002d"), "\\\"}\"}\n"),
    ("all.c", 'char *k = "', lambda k: each("\\x%02x", k), '";\n'),
    ("octal.c", 'char *k = "', lambda k: each("\\%03o", k), '";\n'),
    ("braces.js", 'k = "', lambda k: each("\\u{%x}", k), '";\n'),
    ("all.html", "<code>", lambda k: each("&#%d;", k), "</code>\n"),
    ("hex.html", "<code>", lambda k: each("&#x%x;", k), "</code>\n"),
    ("dashes.html", "<b>", lambda k: html.escape(k).replace("-", "&#45;"), "</b>\n"),
    ("qp.eml", "Content-Transfer-Encoding: quoted-printable\n\nThe key: ", lambda k: k[:50] + "=\n" + k[50:], "\n"),
    ("soft.eml", "Content-Transfer-Encoding: quoted-printable\n\nThe key: ", lambda k: k[:4] + "=\n" + k[4:], "\n"),
    ("all.eml", "=3D ", lambda k: each("=%02X", k), "\n"),
    ("h.har", '{"postData": {"encoding": "base64", "text": "', lambda k: b64_after('{"k":"', k, '"}'), '"}}\n'),
    ("n.ipynb", '{"cells": [{"outputs": [{"data": {"text/plain": ["b\'', b64, "'\"]}}]}]}\n"),
]

# Compressed data: what is in it has the place where the data starts.
PACKED = [
    ("head.bin", b"\x01\x02head", lambda k: gzip.compress(b"K=" + k, mtime=0), b"tail"),
    ("state.json", b'{"state": "', lambda k: base64.b64encode(gzip.compress(b"x" * 900 + b" K=" + k, mtime=0)), b'"}\n'),
    ("cookie.txt", b"session='", lambda k: base64.b64encode(zlib.compress(b"K=" + k)), b"'\n"),
    ("object", b"", lambda k: zlib.compress(b"blob 9\0" + k), b""),
    ("le32.txt", b"\xff\xfe\0\0\n\0\0\0", lambda k: k.decode().encode("utf-32-le"), b"\n\0\0\0"),
    ("be32.txt", b"\0\0\xfe\xff\0\0\0\n\0\0\0", lambda k: k.decode().encode("utf-32-be")[3:], b"\0\0\0\n"),
    ("helm.yaml", b"release: ", lambda k: base64.b64encode(base64.b64encode(gzip.compress(b"K=" + k, mtime=0))), b"\n"),
]

# {0} to {2} are the parts of a key.
SPLIT = [
    ("a.py", 'key = "{0}" + "{1}" + "{2}"\n'), ("b.py", 'key = ("{0}"\n       "{1}"  # more\n       "{2}")\n'),
    ("c.py", "key = ''.join(['{0}', '{1}', '{2}'])\n"), ("d.py", 'k = "{0}{1}\\\n{2}"\n'),
    ("a.js", "const k = '{0}' +\n  '{1}' +\n  '{2}';\n"), ("b.js", "const k = ['{0}', '{1}', '{2}'].join('');\n"),
    ("c.ts", "const k = `{0}${{'{1}'}}{2}`;\n"), ("k.go", 'const k = "{0}" +\n\t"{1}" +\n\t"{2}"\n'),
    ("K.java", 'String k = "{0}"\n    + "{1}"\n    + "{2}";\n'),
    ("B.java", 'new StringBuilder("{0}").append("{1}").append("{2}").toString();\n'),
    ("K.cs", 'var k = "{0}" + "{1}"\n    + "{2}";\n'), ("k.rb", "k = '{0}' \\\n    '{1}' \\\n    '{2}'\n"),
    ("k.php", "<?php $k = '{0}' . '{1}' . '{2}';\n"), ("l.php", "<?php $k = '{0}';\n$k .= '{1}';\n$k .= '{2}';\n"),
    ("k.sh", "export K=\"{0}\"'{1}'{2}\n"), ("l.sh", 'curl -H "x-api-key: {0}{1}\\\n{2}" u\n'),
    ("k.c", 'const char *k = "{0}" "{1}"\n\t"{2}";\n'), ("main.tf", 'k = join("", ["{0}", "{1}", "{2}"])\n'),
    ("k.sql", "SELECT '{0}' || '{1}' || '{2}';\n"), ("k.lua", 'local k = "{0}" .. "{1}" .. "{2}"\n'),
    ("k.kt", 'val k = "{0}" +\n    "{1}" +\n    "{2}"\n'), ("k.rs", 'let k = concat!("{0}", "{1}", "{2}");\n'),
]

# The same where only a whole key proves that the parts belong together.
WRAPPED = [
    ("f.yaml", "key: >-\n  {0}{1}\n  {2}\n"), ("note.txt", "The key is {0}{1}\n{2}\n"), ("a.eml", "> {0}{1}\n> {2}\n"),
    ("c.py", "# the key {0}{1}\n# {2}\n"), ("v.py", 'HEAD = "{0}{1}"\nTAIL = "{2}"\nkey = HEAD + TAIL\n'),
    ("v.sh", 'A="{0}{1}"\nexport K="${{A}}{2}"\n'), ("w.html", "<p>{0}<wbr>{1}<wbr>{2}</p>\n"),
    ("document.xml", '<w:r><w:t>{0}{1}</w:t></w:r><w:proofErr w:type="spellStart"/><w:r w:rsidRPr="00B2"><w:t>{2}</w:t></w:r>\n'),
    ("s.html", "<b>{0}{1}</b><i class='x'>{2}</i>\n"), ("grep.log", "k.txt:K=\x1b[01;31m\x1b[K{0}{1}\x1b[m\x1b[K{2}\n"),
    ("n.json", '{{"head": "{0}{1}", "tail": "{2}"}}\n'), ("t.csv", "name,{0}{1},{2}\n"), ("t.md", "| {0}{1} | {2} |\n"),
    ("f.go", 'k := fmt.Sprintf("{0}{1}%s", "{2}")\n'), ("page.txt", "BT [({0}{1})-12({2})] TJ ET\n"),
    ("m.h", '#define A "{0}{1}"\n#define K A "{2}"\n'), ("m.mk", "K := {0}{1}\nK := $(K){2}\n"),
]


def positives(c, kinds):
    for n, (name, before, encode, behind) in enumerate(ENCODED):
        for kind in ["api"] + [kinds[(n + i) % len(kinds)] for i in range(2)]:
            key = c.key(kind)
            encoded = encode(key)
            text, at = encoded if isinstance(encoded, tuple) else (encoded, 0)
            c.positive("encoded", name, (before + text + behind).encode(), len(before) + at, key, kind)
    for n, (name, before, encode, behind) in enumerate(PACKED):
        key = c.key(kinds[n % len(kinds)])
        c.positive("compressed", name, before + encode(key.encode()) + behind, len(before), key, kinds[n % len(kinds)])
    for n, (name, text) in enumerate(SPLIT + WRAPPED):
        for kind in ["api"] + [kinds[n % len(kinds)]] * (n < len(SPLIT)):
            key = c.key(kind)
            first = c.rng.choice((7, 13, 20, 40))
            # of keys that have no fixed length a long part is a key itself
            second = first + c.rng.randrange(8, 40 if kind in ("api", "admin") else 12)
            whole = text.format(key[:first], key[first:second], key[second:])
            c.positive("split", name, whole.encode(), whole.index(key[:first]), key, kind)


def encoded_decoys(c, ant):
    """In each encoding: words in place of a key, a key's hint, a hash or an identifier behind its prefix."""
    rng = c.rng
    for name, before, encode, behind in ENCODED:
        digest = hashlib.sha512(str(rng.random()).encode()).hexdigest()
        for text in (f"{ant}api03-your-api-key-goes-here", f"{ant}api03-{'x' * 95}", f"{ant}api03-{c.body(3)}...{c.body(2)}AA",
                     f"{ant}api03-{digest[:95]}", f"disk-antenna-{uuid.UUID(int=rng.getrandbits(128))}"):
            encoded = encode(text)
            c.decoy("encoded decoys", name, before + (encoded[0] if isinstance(encoded, tuple) else encoded) + behind)
    for _ in range(20):
        data = bytes(rng.randrange(256) for _ in range(600))
        c.decoy("encoded decoys", "image.html", f'<img src="data:image/png;base64,{b64(data)}">\n')
        c.decoy("encoded decoys", "cert.pem", "-----BEGIN X-----\n" + columns(b64(data), 64) + "\n-----END X-----\n")
        c.decoy("encoded decoys", "t.json", json.dumps({"sk-": 1, "ant-": b64(data), "h": data.hex()}) + "\n")


def split_decoys(c, ant):
    rng = c.rng
    for name, text in SPLIT + WRAPPED:
        words = f"{ant}api03-your-api-key-goes-here-and-it-has-to-be-a-real-one-before-this-can-run"
        c.decoy("split decoys", name, text.format(words[:7], words[7:20], words[20:]))
        c.decoy("split decoys", name, text.format(ant, "api03-", "x" * 95))
        c.decoy("split decoys", name, text.format("sk-proj-", c.body(20), c.body(28)))
        c.decoy("split decoys", name, text.format("disk-", "ant-hill-", "of-the-garden"))
    for _ in range(10):
        word = rng.choice(("btn", "modal", "table", "select", "design", "form"))
        c.decoy("split decoys", "a.tsx", f"<i className={{'ant-{word}-' + size}} id=\"sk-\" + 'ant-{word}' />\n")
        c.decoy("split decoys", "prefix.py", f'PREFIXES = ["{ant}", "sk-proj-", "ghp_"]\nRULE = "{ant}" + KIND + "-"\n')
        c.decoy("split decoys", "doc.md", textwrap.fill(f"Keys begin with {ant} and a kind such as api03- and end in AA. "
                                                        f"The service {word} needs one of them.", 40) + "\n")


def decoys(c, ant):
    encoded_decoys(c, ant)
    split_decoys(c, ant)
