# SPDX-License-Identifier: Apache-2.0
"""Encoded and split keys that a line's end cuts, wherever in the key that is."""
import base64
import gzip
import json
import quopri
import subprocess
import unittest

from support import SkantTest, make_key, secret_id

OFFSETS = 76  # of the key in the longest line that is usual
FINDINGS = 1


def lines(data, width=64):
    text = base64.b64encode(data).decode()
    return [text[i:i + width] for i in range(0, len(text), width)]


def chunks(data, size):
    return [data[i:i + size] for i in range(0, len(data), size)]


def run(*command):
    return lambda data: subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()


# name -> what text is made of the bytes that hold the key
WRAPPED = {
    "base64": lambda d: "\n".join(lines(d, 76)),
    "base64, CRLF": lambda d: "\r\n".join(lines(d)),
    "base64, odd width": lambda d: "\n".join(lines(d, 61)),
    "base64 in YAML": lambda d: "a: |\n  " + "\n  ".join(lines(d, 60)) + "\nb: c\n",
    "base64 behind #": lambda d: "".join(f"# {x}\n" for x in lines(d)),
    "base64 behind //": lambda d: "".join(f"// {x}\r\n" for x in lines(d)),
    "base64 behind *": lambda d: "/*\n" + "".join(f" * {x}\n" for x in lines(d)) + " */\n",
    "base64 in a quotation": lambda d: "".join(f"> {x}\n" for x in lines(d)),
    "base64 in a patch": lambda d: "+data: |\n" + "".join(f"+{x}\n" for x in lines(d)),
    "base64, indented, in a patch": lambda d: "+data: |\n" + "".join(f"+  {x}\n" for x in lines(d)),
    "base64 in Python": lambda d: "x = (\n" + "\n".join(f"    '{x}'" for x in lines(d)) + ")\n",
    "base64 in JavaScript": lambda d: "x = " + " +\n  ".join(f"'{x}'" for x in lines(d)) + ";\n",
    "base64 in an array": lambda d: "x = [" + ",\n  ".join(f'"{x}"' for x in lines(d)) + "].join('');\n",
    "base64 in JSON": lambda d: json.dumps({"a": "\n".join(lines(d, 76))}),
    "base64 in JSON, CRLF": lambda d: json.dumps({"a": "\r\n".join(lines(d, 76))}),
    "base64 that goes on": lambda d: "K=" + "\\\n".join(lines(d, 70)),
    "base64 in base64": lambda d: "\n".join(lines(base64.b64encode(d), 76)),
    "UTF-16 in base64": lambda d: "\n".join(lines(d.decode().encode("utf-16-le"), 76)),
    "gzip in base64": lambda d: "\n".join(lines(gzip.compress(d), 76)),
    "xxd -p": run("xxd", "-p"),
    "xxd": run("xxd"),
    "xxd -i": run("xxd", "-i"),
    "od -tx1": run("od", "-An", "-v", "-tx1"),
    "hexdump -C": run("hexdump", "-C"),
    "hex in literals": lambda d: " +\n".join(f'"{x.hex()}"' for x in chunks(d, 32)),
    "a number a line": lambda d: "[\n" + ",\n".join(f"\t{c}" for c in d) + "\n]\n",
    "numbers": lambda d: ",\n".join("  " + ", ".join("0x%02x" % c for c in x) for x in chunks(d, 8)),
    "hex behind commas": lambda d: "k=hex:" + ",\\\n  ".join(x.hex(",") for x in chunks(d, 25)),
    "quoted-printable": quopri.encodestring,
    "escapes in literals": lambda d: "\n".join('"' + "".join("\\x%02x" % c for c in x) + '"' for x in chunks(d, 16)),
}
SPLIT = {
    "YAML, folded": "k: >-\n  {0}\n  {1}\n",
    "literals": "k = '{0}' + '{1}'\n",
    "literals of lines": "k = ('{0}'\n     '{1}')\n",
    "an array": "k = ['{0}', '{1}'].join('')\n",
    "a line that goes on": "k = '{0}\\\n{1}'\n",
    "a wrapped line": "the key {0}\n{1}\n",
    "a wrapped line, CRLF": "the key {0}\r\n{1}\r\n",
    "a template": "k = `{0}${{'{1}'}}`\n",
}


APPENDED = {
    "a shell's variable": "K={0}\nK+={1}\n",
    "HTML": "<p>{0}<br>\n{1}</p>\n",
    "XHTML": "<p>{0}<br />\r\n    {1}</p>\n",
}


class Wrap(SkantTest):
    def check(self, make):
        """Of the texts of all offsets, each holds a key that is found."""
        keys = {}
        for n in range(OFFSETS):
            text = make(make_key(1000 + n), n)
            self.write(f"f{n:02}", text)
            keys[f"f{n:02}"] = secret_id(make_key(1000 + n))
        result = self.scan()
        self.assertEqual(result.status, FINDINGS, result.err)
        self.assertEqual({f["path"]: f["secret_id"] for f in result.findings}, keys)

    def test_a_line_may_end_anywhere_in_an_encoded_key(self):
        for name, make in WRAPPED.items():
            with self.subTest(name):
                self.check(lambda key, n, make=make: make(b"y" * n + b" =\xc3\xa9 " + key.encode() + b" end"))

    def test_a_key_may_be_cut_anywhere_in_two(self):
        for name, form in SPLIT.items():
            with self.subTest(name):
                self.check(lambda key, n, form=form: form.format(key[:n + 1], key[n + 1:]))

    def test_what_is_appended_to_a_key_is_joined_behind_its_first_word(self):
        for name, form in APPENDED.items():
            with self.subTest(name):
                self.check(lambda key, n, form=form: form.format(key[:n + 7], key[n + 7:]))

    def test_a_line_of_base64_may_begin_with_a_mark_of_patches_and_comments(self):
        key, checked = make_key(1100), 0
        for n in range(3000):
            text = lines(b"%d:" % n + b"\xfb" * (n % 97) + b" key: " + key.encode(), 64)
            if not any(x.startswith(("+", "//")) for x in text[1:]):
                continue
            checked += 1
            self.write(f"f{n}", "data: |\n  " + "\n  ".join(text) + "\n")
        result = self.scan()
        self.assertGreater(checked, 20)
        self.assertEqual([f["secret_id"] for f in result.findings], [secret_id(key)] * checked)


if __name__ == "__main__":
    unittest.main()
