# SPDX-License-Identifier: Apache-2.0
"""What is found, and where."""
from support import SkantTest, make_key, secret_id, single


class Finds(SkantTest):
    def assert_found(self, result, key, line, column):
        found = [f for f in result.findings if f["secret_id"] == secret_id(key)]
        self.assertEqual(len(found), 1, result.text + result.err)
        self.assertEqual((found[0]["start_line"], found[0]["start_column"]), (line, column))
        return found[0]

    def test_a_key_in_source_is_reported_with_its_place_and_masked(self):
        key = make_key(1)
        self.write("config/dev.py", f'import os\nclient = Anthropic(api_key="{key}")\n')
        r = self.scan()
        f = self.assert_found(r, key, 2, 29)
        self.assertEqual(r.status, 1)
        self.assertEqual(f["path"], "config/dev.py")
        self.assertEqual((f["end_line"], f["end_column"], f["offset"]), (2, 29 + len(key), 38))
        self.assertEqual(f["masked"], key[:16] + "..." + key[-4:])
        self.assertNotIn(key.encode(), r.out)
        self.assertNotIn(key, r.err)

    def test_each_kind_is_named(self):
        kinds = {"api03": "api", "admin01": "admin", "api01": "compliance", "oat01": "oauth", "ort01": "oauth-refresh",
                 "sid01": "session", "sid02": "session", "svc07": "unknown"}
        for n, (prefix, kind) in enumerate(kinds.items()):
            with self.subTest(prefix):
                key = make_key(100 + n, f"sk-ant-{prefix}-")
                self.write("k.txt", key + "\n")
                f = self.assert_found(self.scan("k.txt"), key, 1, 1)
                self.assertEqual(f["kind"], kind)

    @single
    def test_no_boundary_loses_a_key(self):
        key = make_key(2)
        for before in ["", "\\n", "\\u0022", "%22", "_", "x", "Bearer ", "=", ":", "'", "(", "é", "\t"]:
            for after in ["", "<", ",", ")", "]", "}", "&", "|", "\\", ".", "@", '"', "'", ";", "`", "\r", "é", "_x"]:
                with self.subTest(before=before, after=after):
                    r = self.skant("stdin", "-f", "jsonl", stdin=f"a\n{before}{key}{after}\n".encode())
                    self.assert_found(r, key, 2, len(before.encode()) + 1)

    def test_encodings_of_text_give_the_same_finding(self):
        key = make_key(3)
        text = f"one\r\nzwölf {key}\r\n"
        cases = {"utf-8": text.encode(), "bom": b"\xef\xbb\xbf" + text.encode(),
                 "utf-16le": b"\xff\xfe" + text.encode("utf-16-le"), "utf-16be": b"\xfe\xff" + text.encode("utf-16-be"),
                 "no-mark-le": text.encode("utf-16-le"), "no-mark-be": text.encode("utf-16-be")}
        for name, data in cases.items():
            with self.subTest(name):
                r = self.skant("stdin", "-f", "jsonl", stdin=data)
                f = self.assert_found(r, key, 2, 8)
                self.assertEqual(f["end_column"], 8 + len(key))
                self.assertEqual(f["line_text"].rstrip("\r"), f"zwölf {f['masked']}")
        r = self.skant("stdin", "-f", "jsonl", stdin=text.encode("latin-1"))
        self.assert_found(r, key, 2, 7)

    def test_a_byte_order_mark_takes_no_column(self):
        key = make_key(4)
        for mark, codec in [(b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")]:
            r = self.skant("stdin", "-f", "jsonl", stdin=mark + f"k={key}\n".encode(codec))
            f = self.assert_found(r, key, 1, 3)
            self.assertEqual(f["line_text"].lstrip("\ufeff"), "k=" + f["masked"])

    def test_utf32_is_found_with_and_without_a_mark(self):
        key = make_key(7)
        for mark, codec in [("\ufeff", "utf-32-le"), ("", "utf-32-le"), ("\ufeff", "utf-32-be"), ("", "utf-32-be")]:
            with self.subTest(codec + mark):
                r = self.skant("stdin", "-f", "jsonl", stdin=(mark + f"one\nk={key}\n").encode(codec))
                self.assertEqual([(f["secret_id"], f["via"], f["start_line"]) for f in r.findings],
                                 [(secret_id(key), ["utf-32"], 2)])

    def test_binary_files_are_searched_as_bytes(self):
        key = make_key(5)
        self.write("a.bin", b"\0\1\2\xff" * 100 + b"\n\0" + key.encode() + b"\0\0")
        self.assert_found(self.scan(), key, 2, 2)

    def test_utf16_inside_a_binary_file_is_found(self):
        key = make_key(6)
        for odd in (0, 1):
            self.write("b.bin", b"\x90\x80\x70" * 201 + b"z" * odd + key.encode("utf-16-le") + b"\x90" * 50)
            r = self.scan("b.bin")
            self.assertIn(secret_id(key), [f["secret_id"] for f in r.findings])

    def test_folders_and_files_that_others_skip_are_read(self):
        names = ["node_modules/a/index.js", "vendor/x.go", "package-lock.json", "logo.svg", "app.min.js", ".env", "x.png"]
        for n, name in enumerate(names):
            self.write(name, f"v = '{make_key(200 + n)}'\n")
        r = self.scan()
        self.assertEqual(sorted(f["path"] for f in r.findings), sorted(names))

    @single
    def test_no_piece_border_loses_a_key(self):
        window, overlap = 4 << 20, 64 << 10
        key = make_key(7)
        line = b"0123456789abcde\n"
        for near in (window, window - overlap, window - overlap // 2, 2 * window - overlap):
            for shift in (-120, -108, -54, -1, 0, 1, 3000):
                at = near + shift
                data = bytearray(line * ((3 * window) // len(line)))
                data[at:at + len(key)] = key.encode()
                r = self.skant("stdin", "-f", "jsonl", stdin=bytes(data))
                before = bytes(data[:at])
                self.assert_found(r, key, before.count(b"\n") + 1, at - (before.rfind(b"\n") + 1) + 1)

    def test_a_long_line_has_the_right_column(self):
        key = make_key(8)
        self.write("one.js", b"x" * (100 << 20) + b"'" + key.encode() + b"'")
        f = self.assert_found(self.scan("one.js"), key, 1, (100 << 20) + 2)
        self.assertLess(len(f["line_text"]), 1024)

    def test_utf16_in_a_streamed_file_has_the_right_place(self):
        key = make_key(9)
        text = ("ä" * 99 + "\n") * 60000 + "é=" + key
        r = self.skant("stdin", "-f", "jsonl", stdin=b"\xff\xfe" + text.encode("utf-16-le"))
        self.assert_found(r, key, 60001, 4)

    def test_placeholders_are_not_reported_and_verbose_says_why(self):
        decoys = ["x" * 95, "your-api-key-here", "A" * 93 + "AA", "abcdefghijklmnopqrstuvwxyz0123456789" * 3,
                  "0123456789" * 9 + "012AA", "*" * 40, "[A-Za-z0-9_-]{93}AA", "Ab1...9zAA", "<YOUR_KEY>",
                  "example-" * 12, "deadbeef" * 12, "0a1b2c3d4e5f" * 8]
        self.write("d.py", "".join(f"k = 'sk-ant-api03-{d}'\n" for d in decoys))
        r = self.scan("-v")
        self.assertEqual((r.status, r.findings), (0, []), r.text)
        self.assertIn("not reported, low confidence", r.err)
        self.assertIn("repetition", r.err)

    def test_low_confidence_is_reported_on_demand(self):
        self.write("d.py", "k = 'sk-ant-api03-" + "x" * 95 + "'\n")
        self.assertEqual(len(self.scan("--min-confidence", "low").findings), 1)

    def test_a_key_that_several_rules_see_is_one_finding(self):
        self.write("k", make_key(10, "sk-ant-admin01-"))
        self.assertEqual([f["rule_id"] for f in self.scan().findings], ["anthropic-admin-key"])

    def test_every_key_of_a_line_is_masked_in_it(self):
        keys = [make_key(n) for n in (11, 12)]
        self.write("k", f"{keys[0]} {keys[1]}\n")
        for form in ("text", "json", "jsonl"):
            r = self.skant("dir", "-f", form)
            for key in keys:
                self.assertNotIn(key.encode(), r.out)

    @single
    def test_a_line_that_is_cut_shows_no_part_of_another_key(self):
        keys = [make_key(n) for n in (20, 21)]
        for gap in range(0, 240, 7):
            for prefix in ("", "sk-ant-api03-x"):
                self.write("k", f"{prefix}{keys[0]}{' ' * gap}{keys[1]}\n")
                for form in ("text", "jsonl"):
                    r = self.skant("dir", "-f", form, "k")
                    for n in range(0, 90, 10):
                        for key in keys:
                            self.assertNotIn(key[20 + n:32 + n], r.text)

    def test_secrets_of_other_rules_are_masked_in_each_others_lines(self):
        self.write("r.yaml", "version: 1\nrules:\n  - {id: tok, title: t, keywords: [tok_], regex: 'tok_[A-Za-z0-9]{30}'}\n")
        tokens = ["tok_" + make_key(n, "", 60, "").replace("-", "").replace("_", "")[:30] for n in (1, 2, 3)]
        self.write("src/a", f"a={tokens[0]} b={tokens[1]} c={tokens[2]}\n")
        r = self.skant("dir", "--rules", "r.yaml", "src")
        self.assertEqual(r.text.count("[tok]"), 3)
        for token in tokens:
            self.assertNotIn(token[8:], r.text)

    def test_a_key_in_a_target_or_a_label_is_masked(self):
        key = make_key(14)
        self.write(key, "x")
        for args in (("dir", "-f", "json", key), ("stdin", "-f", "json", "--label", key), ("names", key)):
            r = self.skant(*args, stdin=key.encode())
            self.assertNotIn(key[20:60], r.text + r.err)
            self.assertNotIn(key[20:60].lower(), r.text + r.err)

    def test_a_key_in_a_file_name_is_masked_everywhere(self):
        key = make_key(13)
        self.write(key + ".txt", key)
        for form in ("text", "json", "jsonl"):
            r = self.skant("dir", "-v", "-f", form)
            self.assertEqual(r.status, 1)
            self.assertNotIn(key, r.text + r.err)


if __name__ == "__main__":
    import unittest
    unittest.main()
