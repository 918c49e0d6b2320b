# SPDX-License-Identifier: Apache-2.0
"""skant --inventory: whose key a find probably is."""
import datetime
import json
import unittest

from support import SkantTest, make_key

HEAD = {"schema": "skant-inventory/1", "organization_id": "org", "exported_at": "2026-11-24T13:49:09Z"}
ID = "apikey_01RjN2fk3VCn8mNvS8a1Xk2P"


def hint_of(key, body=13):
    return key[:body + 3] + "..." + key[-4:]


def entry(key, **more):
    made = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=41, hours=2)
    row = {"id": ID, "name": "ml-prod-inference", "hint": hint_of(key), "status": "active", "workspace_id": "wrkspc_1",
           "workspace": "ml-prod", "created_at": made.strftime("%Y-%m-%dT%H:%M:%SZ"), "created_by": "user_1", **more}
    return {k: v for k, v in row.items() if v is not None}


class Inventory(SkantTest):
    def setUp(self):
        super().setUp()
        self.key = make_key(1)
        self.write("src/a.py", f'client("{self.key}")\n')

    def inventory(self, *rows, head=None):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        lines = [head or {**HEAD, "exported_at": now}, *rows]
        return self.write("inventory.jsonl", "".join(json.dumps(line) + "\n" for line in lines))

    def finding(self, *rows, **kw):
        self.inventory(*rows, **kw)
        result = self.scan("--inventory", "inventory.jsonl", "src")
        self.assertEqual(result.status, 1, result.err)
        return result.findings[0]

    def text(self, *rows, args=()):
        self.inventory(*rows)
        return self.skant("dir", "--inventory", "inventory.jsonl", *args, "src").text

    def test_the_record_names_the_key(self):
        row = entry(self.key)
        self.assertEqual(self.finding(entry(make_key(2), id="apikey_2"), row)["inventory"],
                         {k: row[k] for k in ("id", "name", "workspace_id", "workspace", "status", "created_at")})

    def test_the_text_says_that_it_is_a_guess(self):
        self.assertIn("    probably live key 'ml-prod-inference' (apikey_01Rj\u2026), workspace ml-prod, made 41 days ago\n",
                      self.text(entry(self.key)))
        self.assertIn(f"({ID})", self.text(entry(self.key), args=["-v"]))

    def test_a_key_that_is_not_active_is_said_to_be_so(self):
        for status in ("inactive", "archived", "expired"):
            self.assertIn(f"probably {status} key 'ml-prod-inference'", self.text(entry(self.key, status=status)))
        over = self.text(entry(self.key, expires_at="2026-01-01T00:00:00Z"))
        self.assertIn("probably expired key", over)
        self.assertIn(" days ago", over)
        self.assertIn(", expires in ", self.text(entry(self.key, expires_at="2126-01-01T00:00:00Z")))

    def test_keys_that_share_a_hint_are_no_guess(self):
        rows = [entry(self.key, id=f"apikey_{i}", name=f"key-{i}") for i in range(7)]
        found = self.finding(*rows)["inventory"]
        self.assertEqual(found["candidates"], 7)
        self.assertEqual([k["name"] for k in found["keys"]], [f"key-{i}" for i in range(5)])
        self.assertNotIn("id", found)
        text = self.text(*rows)
        self.assertIn("probably one of 7 keys with this hint: 'key-0' (apikey_0, live), ", text)
        self.assertIn(" and 2 more\n", text)

    def test_lookalikes_are_other_keys(self):
        hint = hint_of(self.key)
        for other in (hint.swapcase(), hint[:-1], hint + "A", hint.replace("api03", "admin01"), hint.replace("...", ".."),
                      hint[:15] + ("x" if hint[15] != "x" else "y") + hint[16:], ""):
            self.assertNotIn("inventory", self.finding(entry(self.key, hint=other)), other)

    def test_dots_may_be_one_character(self):
        self.assertEqual(self.finding(entry(self.key, hint=hint_of(self.key).replace("...", "\u2026")))["inventory"]["id"], ID)

    def test_keys_without_a_hint_are_counted(self):
        self.inventory(entry(self.key, hint=None), entry(make_key(3), id="apikey_3"))
        result = self.scan("--inventory", "inventory.jsonl", "src")
        self.assertNotIn("inventory", result.findings[0])
        self.assertIn("1 of 2 keys in 'inventory.jsonl' have no hint", result.err)

    def test_an_old_export_is_told(self):
        self.inventory(entry(self.key), head={**HEAD, "exported_at": "2025-01-01T00:00:00Z"})
        self.assertIn("'inventory.jsonl' was exported ", self.scan("--inventory", "inventory.jsonl", "src").err)

    def test_names_are_cleaned_and_masked(self):
        hostile = f"\x1b[31m{make_key(9)}\n\u202e"
        row = entry(self.key, name=hostile, workspace=hostile)
        for form in ("text", "jsonl", "sarif"):
            self.inventory(row)
            result = self.skant("dir", "-f", form, "--inventory", "inventory.jsonl", "src")
            for bad in (make_key(9), "\x1b", "\u202e") if form == "text" else (make_key(9), "\x1b"):
                self.assertNotIn(bad, result.text, form)

    def test_sarif_carries_it(self):
        self.inventory(entry(self.key))
        result = self.skant("dir", "-f", "sarif", "--inventory", "inventory.jsonl", "src")
        run = json.loads(result.text)["runs"][0]
        self.assertEqual(run["results"][0]["properties"]["inventory"]["name"], "ml-prod-inference")

    def test_stdin_staged_and_git_take_it(self):
        self.inventory(entry(self.key))
        self.git("init", "-q")
        self.git("add", "src")
        stdin = self.skant("stdin", "-f", "jsonl", "--inventory", "inventory.jsonl", stdin=self.key.encode())
        staged = self.skant("staged", "-f", "jsonl", "--inventory", "inventory.jsonl")
        self.git("commit", "-q", "-m", "a")
        history = self.skant("git", "-f", "jsonl", "--inventory", "inventory.jsonl")
        for result in (stdin, staged, history):
            self.assertEqual(result.findings[0]["inventory"]["id"], ID, result.err)

    def test_a_bad_line_is_told_by_its_place(self):
        good = json.dumps(HEAD) + "\n"
        row = entry(self.key)
        for text, where in ((b"", ":1: "), (b"{}\n", ":1: "), (b"[1]\n", ":1: "), (b"nonsense\n", ":1: "),
                            (good.replace("/1", "/9").encode(), ":1: "),
                            ((good + "\n" + json.dumps(row)[:-1] + "\n").encode(), ":3: "),
                            ((good + json.dumps({**row, "name": 7})).encode(), ":2: name: "),
                            ((good + json.dumps({**row, "created_at": "yesterday"})).encode(), ":2: created_at: "),
                            ((good + json.dumps({k: v for k, v in row.items() if k != "id"})).encode(), ":2: id: "),
                            ((good + json.dumps({**row, "name": "a\0b"})).encode(), ":2: name: ")):
            self.write("inventory.jsonl", text)
            result = self.scan("--inventory", "inventory.jsonl", "src")
            self.assertEqual((result.status, result.out), (2, b""), text)
            self.assertIn("inventory.jsonl" + where, result.err)
            self.assertIn("expected", result.err)

    def test_no_such_file(self):
        result = self.scan("--inventory", "none.jsonl", "src")
        self.assertEqual((result.status, result.out), (2, b""))
        self.assertIn("none.jsonl", result.err)


if __name__ == "__main__":
    unittest.main()
