# SPDX-License-Identifier: Apache-2.0
"""Keys that are encoded, compressed or in parts: found where they stand, and never shown, in whatever form."""
import base64
import gzip
import html
import json
import quopri
import subprocess
import sys
import unittest
import urllib.parse
import zlib

from support import SkantTest, make_key, secret_id

CLEAN, FINDINGS = 0, 1

FORMATS = ("text", "json", "jsonl", "sarif", "csv", "junit", "github", "gitlab", "gitleaks")
PLACE = ("secret_id", "kind", "via", "confidence", "start_line", "start_column", "end_line", "end_column", "offset")


def b64(data):
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def wrap(text, width, end="\n", indent=""):
    return end.join(indent + text[i:i + width] for i in range(0, len(text), width))


def each(key, form):
    return "".join(form % ord(c) for c in key)


# name -> (via, function of the key that gives the text before, the encoded key, and the text behind)
ENCODED = {
    "base64": ("base64", lambda k: ("key: ", b64(k), "\n")),
    "Kubernetes": ("base64", lambda k: ("apiVersion: v1\nkind: Secret\ndata:\n  api-key: ", b64(k), "\n  b: eA==\n")),
    "wrapped": ("base64", lambda k: ("", wrap(b64("some text before the key: " + k + "\n"), 64), "\n")),
    "JSON in base64": ("base64", lambda k: ('{"auths": "', b64(json.dumps({"auth": k})), '"}\n')),
    "twice": ("base64,base64", lambda k: ("x=", b64("a:" + b64(k)), "\n")),
    "thrice": ("base64,base64,base64", lambda k: ("x=", b64("a:" + b64("bc:" + b64(k))), "\n")),
    "Java bytes": ("numbers", lambda k: ("byte[] k = { ", each(k, "(byte) 0x%02x, "), "0 };\n")),
    "Basic": ("base64", lambda k: ("Authorization: Basic ", b64("user:" + k), "\r\n")),
    "in a URL": ("base64", lambda k: ("https://h/?t=", urllib.parse.quote(b64("k:" + k), safe=""), "&x=1\n")),
    "PowerShell": ("base64,utf-16le", lambda k: ("powershell -EncodedCommand ", b64(("$k='%s'" % k).encode("utf-16-le")), "\n")),
    "hex": ("hex", lambda k: ("INSERT INTO t VALUES (X'", k.encode().hex(), "');\n")),
    "hex with colons": ("hex", lambda k: ("", k.encode().hex(":"), "\n")),
    "C array": ("numbers", lambda k: ("char k[] = { ", each(k, "0x%02x, "), "0 };\n")),
    "Go bytes": ("numbers", lambda k: ("k := []byte{", ", ".join(str(ord(c)) for c in k), "}\n")),
    "hexdump": ("hexdump", lambda k: ("", subprocess.run(["xxd"], input=("key=" + k).encode(), capture_output=True).stdout.decode(), "")),
    "percent": ("percent", lambda k: ("https://h/?k=", each(k, "%%%02X"), "\n")),
    "dashes as percent": ("percent", lambda k: ("?k=", k.replace("-", "%2D").replace("_", "%5F"), "\n")),
    "JSON escapes": ("backslash", lambda k: ('{"k": "', k.replace("-", "\\u002d"), '"}\n')),
    "string escapes": ("backslash", lambda k: ('k = "', each(k, "\\x%02x"), '"\n')),
    "octal": ("backslash", lambda k: ("k = '", each(k, "\\%03o"), "'\n")),
    "JSON in JSON": ("backslash,backslash", lambda k: ('{"s": ', json.dumps(json.dumps({"k": k}).replace("-", "\\u002d")), "}\n")),
    "entities": ("html", lambda k: ("<code>", each(k, "&#%d;"), "</code>\n")),
    "some entities": ("html", lambda k: ("<b>", html.escape(k).replace("-", "&#x2d;"), "</b>\n")),
    "e-mail": ("quoted-printable", lambda k: ("", quopri.encodestring(("the key is = " + k + " and so on\n").encode()).decode(), "")),
}
LANGUAGES = {
    "Python": 'key = "{a}" + "{b}" + "{c}"\n',
    "Python, implicit": 'key = ("{a}"\n       "{b}"  # the middle\n       "{c}")\n',
    "Python, variables": 'HEAD = "{a}{b}"\nTAIL = "{c}"\nkey = HEAD + TAIL\n',
    "JavaScript": "const k = `${{'{a}'}}${{'{b}'}}{c}`;\n",
    "JavaScript, array": "const k = ['{a}', '{b}', '{c}'].join('');\n",
    "TypeScript": "const head = '{a}{b}';\nconst k = `${{head}}{c}`;\n",
    "Go": 'const k = "{a}" +\n\t"{b}" +\n\t"{c}"\n',
    "Java": 'new StringBuilder().append("{a}").append("{b}")\n    .append("{c}").toString();\n',
    "C#": 'var k = $"{{"{a}"}}{{"{b}"}}{{"{c}"}}";\n',
    "Ruby": "k = '{a}' \\\n    '{b}' << '{c}'\n",
    "PHP": "<?php $k = '{a}'; $k .= '{b}'; $k .= '{c}';\n",
    "shell": 'export K="{a}"\'{b}\'{c}\n',
    "shell, continued": 'curl -H "x-api-key: {a}{b}\\\n{c}" u\n',
    "C": 'static const char k[] = "{a}" "{b}"\n\t"{c}";\n',
    "Terraform": 'k = join("", ["{a}", "{b}", "{c}"])\n',
    "YAML, folded": "key: >-\n  {a}{b}\n  {c}\n",
    "a comment": "# the key {a}{b}\n# {c}\n",
    "a quotation": "> {a}{b}\n> {c}\n",
    "SQL": "SELECT '{a}' || '{b}' || '{c}';\n",
}


class Disguise(SkantTest):
    def findings(self, *args, status=FINDINGS):
        r = self.skant("dir", "-f", "jsonl", *args, ".")
        self.assertEqual(r.status, status, r.err)
        return r.findings

    def assert_hidden(self, *secrets):
        """Nothing that is written, in whatever format, holds one of them."""
        for form in FORMATS:
            r = self.skant("dir", "-v", "--min-confidence", "low", "-f", form, ".")
            self.assertEqual(r.status, FINDINGS, r.err)
            for secret in secrets:
                self.assertNotIn(secret.encode(), r.out, form)
                self.assertNotIn(secret, r.err, form)

    def test_each_encoding_is_read_where_it_stands(self):
        for n, (name, (via, make)) in enumerate(ENCODED.items()):
            with self.subTest(name):
                key = make_key(100 + n)
                before, encoded, behind = make(key)
                self.write("f", before + encoded + behind)
                found = self.findings()
                self.assertEqual([f["secret_id"] for f in found], [secret_id(key)])
                self.assertEqual((found[0]["via"], found[0]["confidence"]), (via.split(","), "high"))
                self.assertGreaterEqual(found[0]["offset"], len(before))
                self.assertLess(found[0]["offset"], len(before + encoded))
                text = before + encoded + behind
                self.assertEqual(found[0]["start_line"], text.count("\n", 0, found[0]["offset"]) + 1)
                self.assertEqual(found[0]["start_column"],
                                 found[0]["offset"] - (text.rfind("\n", 0, found[0]["offset"]) + 1) + 1)
                self.assert_hidden(key, key[20:60])

    def test_what_stands_alone_is_spanned_to_the_byte(self):
        for name in ("base64", "hex", "Go bytes", "percent", "string escapes", "octal", "entities", "JSON escapes"):
            with self.subTest(name):
                key = make_key(300)
                before, encoded, behind = ENCODED[name][1](key)
                self.write("f", before + encoded + behind)
                found = self.findings()[0]
                self.assertEqual((found["start_column"], found["end_column"]), (len(before) + 1, len(before + encoded) + 1))
                self.assertEqual(found["line_text"], before + found["masked"] + behind.rstrip("\n"))

    def test_compressed_data_is_read_within_other_data(self):
        for n, (via, make) in enumerate({
                "gzip": lambda k: b"\x01\x02head" + gzip.compress(b"K=" + k) + b"tail",
                "base64,gzip": lambda k: b'data: "' + base64.b64encode(gzip.compress(b"x" * 5000 + b" K=" + k)) + b'"',
                "base64,base64,gzip": lambda k: b"release: " + base64.b64encode(base64.b64encode(gzip.compress(b"K=" + k))),
                "base64,zlib": lambda k: b"session='" + base64.b64encode(zlib.compress(b"K=" + k)) + b"'",
                "zlib": lambda k: zlib.compress(b"blob 9\0" + k)}.items()):
            key = make_key(400 + n)
            self.write("f", make(key.encode()))
            with self.subTest(via):
                found = self.findings()
                self.assertEqual([(f["secret_id"], f["via"]) for f in found], [(secret_id(key), via.split(","))])
                self.assert_hidden(key)

    def test_parts_are_joined_and_are_less_sure(self):
        for n, (language, text) in enumerate(LANGUAGES.items()):
            for cut in ((7, 50), (20, 60), (13, 90)):
                with self.subTest(f"{language}, {cut}"):
                    key = make_key(500 + n)
                    a, b, c = key[:cut[0]], key[cut[0]:cut[1]], key[cut[1]:]
                    whole = text.format(a=a, b=b, c=c)
                    self.write("f", whole)
                    found = self.findings()
                    self.assertEqual([(f["secret_id"], f["confidence"]) for f in found], [(secret_id(key), "medium")])
                    self.assertEqual(found[0]["via"][-1], "joined")
                    self.assertEqual(found[0]["offset"], whole.index(a))
                    end = whole.index(c) + len(c)
                    self.assertEqual(found[0]["end_line"], whole.count("\n", 0, end) + 1)
                    self.assertEqual(found[0]["end_column"], end - (whole.rfind("\n", 0, end) + 1) + 1)
                    self.assert_hidden(key, a + b, c)

    def test_a_split_key_is_what_its_language_makes_of_it(self):
        key = make_key(590)
        parts = {"a": key[:7], "b": key[7:50], "c": key[50:]}
        run = {"Python": [sys.executable, "-c", "{}print(key)"], "Python, implicit": [sys.executable, "-c", "{}print(key)"],
               "Python, variables": [sys.executable, "-c", "{}print(key)"], "shell": ["sh", "-c", '{}echo "$K"'],
               "shell, continued": ["sh", "-c", 'curl() {{ echo "${{2#*: }}"; }}\n{}']}
        for name, argv in run.items():
            text = LANGUAGES[name].format(**parts)
            done = subprocess.run([arg.format(text) for arg in argv], capture_output=True, check=True)
            self.assertEqual(done.stdout.decode().strip(), key, name)
            self.write("f", text)
            self.assertEqual([f["secret_id"] for f in self.findings()], [secret_id(key)], name)

    def test_other_secrets_of_a_line_stay_hidden_in_each_form(self):
        plain, encoded, split = make_key(600), make_key(601), make_key(602)
        self.write("f", f'A={plain} B={b64(encoded)} C="{split[:40]}" + "{split[40:]}" '
                        f"D={urllib.parse.quote(split).replace('-', '%2D')}\n")
        self.assertEqual({f["secret_id"] for f in self.findings()}, {secret_id(k) for k in (plain, encoded, split)})
        self.assert_hidden(plain, encoded, split, b64(encoded)[4:60], split[44:80])

    def test_keys_without_a_length_are_read_to_their_end(self):
        """Decoders read some kilobytes at once: wherever these end, a key that lies there is not taken for a shorter one."""
        expected = {}
        for n, encode in enumerate((lambda k: each(k, "0x%02x, "), lambda k: each(k, "\\x%02x"), lambda k: each(k, "&#%d;"))):
            for lead in range(0, 4500, 90):
                first, key = make_key(650), make_key(651 + lead, "sk-" + "ant-sid01-", 120, "")
                path = f"{n}-{lead}"
                self.write(path, encode(first + " " + "x y z, " * (lead // 7) + key + " "))
                expected[path] = [secret_id(first), secret_id(key)]
        found = {}
        for f in self.findings():
            found.setdefault(f["path"], []).append(f["secret_id"])
        self.assertEqual(found, expected)

    def test_secrets_of_one_manifest_are_all_found(self):
        """Each is a text of its own, though it looks as if the one above went on."""
        keys = [make_key(660 + n) for n in range(40)]
        data = "".join(f"  key-{n}: {b64(('', 'a', 'K=')[n % 3] + key + chr(10) * (n % 2))}\n  n{n}: {b64(str(n) * (n + 1))}\n"
                       for n, key in enumerate(keys))
        env = "".join(f"K_{n}={(b64, lambda k: k.encode().hex(), lambda k: each(k, '%%%02x'))[n % 3](key)}\n"
                      for n, key in enumerate(keys))
        self.write("a.yaml", "apiVersion: v1\nkind: Secret\ndata:\n" + data)
        self.write("b.env", env)
        found = self.findings()
        for path, step, start in (("a.yaml", 2, 4), ("b.env", 1, 1)):
            self.assertEqual([(f["secret_id"], f["start_line"]) for f in found if f["path"] == path],
                             [(secret_id(key), start + step * n) for n, key in enumerate(keys)])

    def test_a_name_beside_a_key_in_disguise_shows_neither(self):
        split, encoded = make_key(603), make_key(604)
        self.write("main.tf", 'resource "anthropic_api_key" "k" {\n'
                              f'  name = "Prod Key" # "{split[:40]}" + "{split[40:]}" {b64(encoded)}\n}}\n')
        found = self.findings()
        self.assertEqual({f["kind"] for f in found}, {"keyname", "api"})
        self.assertEqual({f["secret_id"] for f in found if f["kind"] == "api"}, {secret_id(split), secret_id(encoded)})
        self.assert_hidden(split, encoded, split[44:80], b64(encoded)[4:60])

    def test_a_key_over_lines_is_hidden_in_each_of_them(self):
        plain, split = make_key(605), make_key(606)
        self.write("f", f'k = ("{split[:30]}"\n     "{split[30:70]}" + x("{plain}")\n     "{split[70:]}")\n'
                        f'j = "{split[:45]}" \\\n  "{split[45:]}", "{plain}"\n')
        self.assertEqual({f["secret_id"] for f in self.findings()}, {secret_id(plain), secret_id(split)})
        self.assert_hidden(plain, split[20:40], split[50:90])

    def test_a_marker_on_the_line_of_the_file_allows(self):
        for n, (name, (_, make)) in enumerate(ENCODED.items()):
            before, encoded, behind = make(make_key(610 + n))
            if "\n" in encoded or name == "hexdump":
                continue  # there is no room for a marker in it
            with self.subTest(name):
                self.write("f", before + encoded + "  # skant:allow" + behind)
                self.assertEqual(self.findings(status=CLEAN), [])
                self.assertEqual(len(self.findings("--ignore-allow")), 1)

    def test_a_marker_on_any_line_of_a_split_key_allows(self):
        key = make_key(615)
        lines = [f'k = "{key[:30]}" +', f'    "{key[30:60]}" +', f'    "{key[60:]}"']
        for n in range(len(lines)):
            self.write("f", "".join(line + ("  // skant:allow" if n == i else "") + "\n" for i, line in enumerate(lines)))
            self.assertEqual(self.findings(status=CLEAN), [], n)
            self.assertEqual(len(self.findings("--ignore-allow")), 1)

    def test_how_deep_encodings_are_followed_can_be_said(self):
        key = make_key(620)
        self.write("once", b64(key))
        self.write("twice", b64("x" + b64(key)))
        for depth, paths in ((0, []), (1, ["once"]), (2, ["once", "twice"])):
            found = self.findings("--max-decode-depth", str(depth), status=FINDINGS if paths else CLEAN)
            self.assertEqual([f["path"] for f in found], paths)
            self.write(".skant.yaml", f"version: 1\nlimits: {{decode_depth: {depth}}}\n")
            self.assertEqual([f["path"] for f in self.findings(status=FINDINGS if paths else CLEAN)], paths)
            self.assertEqual(len(self.findings("--max-decode-depth", "2")), 2)  # what is typed counts

    def test_utf16_files_are_decoded_further(self):
        key = make_key(630)
        self.write("f", ("\ufeffkey: " + b64(key) + "\n").encode("utf-16-le"))
        self.assertEqual([(f["secret_id"], f["via"]) for f in self.findings()], [(secret_id(key), ["utf-16le", "base64"])])

    def test_parts_in_utf16_files_are_joined(self):
        key = make_key(631)
        for codec, mark in (("utf-16-le", "\ufeff"), ("utf-16-be", "\ufeff"), ("utf-16-le", "")):
            text = f'{mark}key = "{key[:50]}" +\r\n      "{key[50:]}"\r\n'
            self.write("f", text.encode(codec))
            found = self.findings()
            self.assertEqual([(f["secret_id"], f["via"]) for f in found],
                             [(secret_id(key), [codec.replace("16-", "16"), "joined"])])
            self.assertEqual((found[0]["start_line"], found[0]["start_column"]), (1, 8))
            self.assertEqual((found[0]["end_line"], found[0]["end_column"]), (2, 8 + len(key) - 50))
            self.assert_hidden(key, key[:50], key[50:])

    def test_placeholders_are_none_in_any_form(self):
        words = "sk-" + "ant-api03-your-api-key-goes-here-" + "x" * 62 + "AA"
        for n, (_, make) in enumerate(ENCODED.values()):
            self.write(f"e{n}", "".join(make(words)))
        for n, text in enumerate(LANGUAGES.values()):
            self.write(f"l{n}", text.format(a=words[:13], b=words[13:40], c=words[40:]))
        self.assertEqual(self.findings(status=CLEAN), [])

    def test_every_source_finds_the_same(self):
        """Files that exist already and get a key by a small edit: histories keep them as deltas."""
        files = {f"e{n}": "".join(make(make_key(640 + n))) for n, (_, make) in enumerate(ENCODED.values())}
        for n, text in enumerate(LANGUAGES.values()):
            key = make_key(700 + n)
            files[f"l{n}"] = text.format(a=key[:20], b=key[20:60], c=key[60:])
        around = [f"{n}: a line that does not change, {n * n}\n" for n in range(300)]
        for name in files:
            self.write(name, name + "".join(around))
        self.git("init", "-q")
        self.git("add", ".")
        self.git("commit", "-qm", "one")
        for name, text in files.items():
            files[name] = name + "".join(around[:150]) + text + "".join(around[150:])
            self.write(name, files[name])

        def found_by(*args):
            return {f["path"]: [f.get(field) for field in PLACE] for f in self.skant(*args, "-f", "jsonl").findings}

        on_disk = found_by("dir", ".")
        self.assertEqual(set(on_disk), set(files))
        for name, text in files.items():
            found = self.skant("stdin", "-f", "jsonl", stdin=text.encode()).findings
            self.assertEqual([[f.get(field) for field in PLACE] for f in found], [on_disk[name]], name)
        self.git("add", ".")
        self.assertEqual(found_by("staged"), on_disk)
        self.git("commit", "-qm", "two")
        self.git("repack", "-adfq")
        self.assertEqual(found_by("git"), on_disk)
        self.assertEqual(found_by("git", "--range", "HEAD~1..HEAD"), on_disk)


if __name__ == "__main__":
    unittest.main()
