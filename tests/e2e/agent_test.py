# SPDX-License-Identifier: Apache-2.0
"""skant agent: what a coding agent's hook is told."""
import json
import os
import unittest

from support import SkantTest, make_key, secret_id

CLEAN, BLOCKED = 0, 2


class Agent(SkantTest):
    def event(self, **members):
        return self.skant("agent", stdin=json.dumps({"cwd": self.dir, "session_id": "s", **members}).encode())

    def before(self, tool, **tool_input):
        return self.event(hook_event_name="PreToolUse", tool_name=tool, tool_input=tool_input)

    def assert_blocked(self, result, key, *parts):
        self.assertEqual((result.status, result.out), (BLOCKED, b""), result.err)
        self.assertNotIn(key[13:], result.err)
        self.assertLessEqual(len(result.err.splitlines()), 5)
        for part in (key[13:16] + "..." + key[-4:], *parts):
            self.assertIn(part, result.err)

    def assert_allowed(self, result):
        self.assertEqual((result.status, result.out, result.err), (CLEAN, b"", ""))

    def test_a_prompt_with_a_key_is_blocked(self):
        key = make_key(1)
        r = self.event(hook_event_name="UserPromptSubmit", prompt=f"hello\nuse {key} please")
        self.assert_blocked(r, key, "blocked: Claude API key", "prompt, line 2", "out of the prompt",
                            "skant explain anthropic-api-key", secret_id(key))
        self.assert_allowed(self.event(hook_event_name="UserPromptSubmit", prompt="how does sk-ant-api03-... look?"))

    def test_every_string_of_a_tools_input_counts(self):
        key = make_key(2)
        self.assert_blocked(self.before("Bash", command=f"export K={key}"), key, "tool_input.command, line 1")
        self.assert_blocked(self.before("mcp__x__y", a=[1, {"b": [None, key]}]), key, "tool_input.a[1].b[1]")
        self.assert_blocked(self.before("mcp__x__y", **{key: 1}), key, "tool_input.")
        self.assert_allowed(self.before("Bash", command="echo $ANTHROPIC_API_KEY", timeout=3, run=True))

    def test_a_key_in_json_escapes_is_a_key(self):
        key = make_key(3)
        escaped = "".join(f"\\u{ord(c):04x}" for c in key)
        text = ('{"hook_event_name": "PreToolUse", "tool_name": "Bash", "cwd": "%s", "tool_input": {"command": "%s"}}'
                % (self.dir, escaped))
        self.assert_blocked(self.skant("agent", stdin=text.encode()), key, "tool_input.command")

    def test_more_keys_are_counted(self):
        keys = [make_key(seed) for seed in (4, 5, 6)]
        self.assert_blocked(self.before("Bash", command=" ".join(keys)), keys[0], "(and 2 more)")

    def test_a_marker_in_the_event_does_not_count(self):
        key = make_key(7)
        self.assert_blocked(self.before("Write", file_path="a.py", content=f"k = '{key}'  # skant:allow made up"), key,
                            "tool_input.content, line 1")

    def test_a_file_that_is_read_is_looked_through(self):
        key = make_key(8)
        self.write("src/a.py", f"\n\nk = '{key}'\n")
        self.write("src/ok.py", f"k = '{key}'  # skant:allow made up\n")
        for path in ("src/a.py", self.path("src/a.py")):
            r = self.before("Read", file_path=path)
            self.assert_blocked(r, key, f"the file '{path}', line 3", "do not read this file")
        os.symlink("src/a.py", self.path("link"))
        self.assert_blocked(self.before("NotebookRead", notebook_path="link"), key)
        self.assert_allowed(self.before("Read", file_path="src/ok.py"))
        self.assert_allowed(self.before("Read", file_path="missing.py"))
        self.assert_allowed(self.before("Read", file_path="src"))
        self.assert_allowed(self.before("Bash", file_path="src/a.py"))

    def test_a_large_file_is_read_to_its_end(self):
        key = make_key(9)
        self.write("big", b"\n" * (9 << 20) + key.encode())
        self.assert_blocked(self.before("Read", file_path="big"), key)

    def test_a_fifo_is_not_waited_for(self):
        os.mkfifo(self.path("fifo"))
        self.assert_allowed(self.before("Read", file_path="fifo"))
        self.assert_allowed(self.before("Edit", file_path="fifo", old_string="a", new_string="b"))
        self.assert_allowed(self.before("Write", file_path="fifo", content="b"))

    @unittest.skipIf(os.geteuid() == 0, "root reads everything")
    def test_a_file_that_cannot_be_read_blocks(self):
        os.chmod(self.write("a", "x"), 0)
        r = self.before("Read", file_path="a")
        self.assertEqual(r.status, BLOCKED)
        self.assertIn("the file 'a' could not be looked through: Permission denied", r.err)

    def test_an_edit_may_take_a_key_away(self):
        key, other = make_key(10), make_key(11)
        self.write("a.py", f"k = '{key}'\n")
        self.assert_allowed(self.before("Edit", file_path="a.py", old_string=key, new_string="env"))
        self.assert_allowed(self.before("Edit", file_path="a.py", old_string=f"k = '{key}'", new_string=f"K = '{key}'"))
        self.assert_blocked(self.before("Edit", file_path="a.py", old_string=key, new_string=other), other,
                            "tool_input.new_string")
        self.assert_blocked(self.before("Edit", file_path="a.py", old_string="k", new_string=key), key)
        edits = [{"old_string": "a", "new_string": "b"}, {"old_string": key, "new_string": "env"}]
        self.assert_allowed(self.before("MultiEdit", file_path="a.py", edits=edits))
        edits[0]["new_string"] = other
        self.assert_blocked(self.before("MultiEdit", file_path="a.py", edits=edits), other,
                            "tool_input.edits[0].new_string")
        self.assert_blocked(self.before("Bash", old_string=key), key, "tool_input.old_string")

    def test_an_edit_that_joins_the_parts_of_a_key_is_blocked(self):
        key, kept = make_key(12), make_key(13)
        self.write("a.py", f"old = '{kept}'\nk = '{key[:50]}@@'\n")
        r = self.before("Edit", file_path="a.py", old_string="@@", new_string=key[50:])
        self.assert_blocked(r, key, "the file 'a.py', line 2")
        self.assert_allowed(self.before("Edit", file_path="a.py", old_string="@@", new_string="..."))
        edits = [{"old_string": "@@", "new_string": key[50:80] + "@"}, {"old_string": "@", "new_string": key[80:]}]
        self.assert_blocked(self.before("MultiEdit", file_path="a.py", edits=edits), key)
        self.write("b.py", f"x {key[:50]}@@ @@\n")
        r = self.before("Edit", file_path="b.py", old_string="@@", new_string=key[50:], replace_all=True)
        self.assert_blocked(r, key)

    def test_a_write_may_keep_a_key_that_stands_there(self):
        key, other = make_key(14), make_key(15)
        self.assert_blocked(self.before("Write", file_path="a.py", content=key), key)
        self.write("a.py", f"x = 1\nk = '{key}'\n")
        self.assert_allowed(self.before("Write", file_path=self.path("a.py"), content=f"k = '{key}'\n"))
        self.assert_blocked(self.before("Write", file_path="a.py", content=f"{key} {other}"), other)
        self.write("a.ipynb", json.dumps({"cells": [{"source": [key]}]}))
        self.assert_allowed(self.before("NotebookEdit", notebook_path="a.ipynb", new_source=f"k = {key}"))
        self.assert_blocked(self.before("NotebookEdit", notebook_path="a.ipynb", new_source=other), other,
                            "tool_input.new_source")

    def test_what_a_tool_printed_only_warns(self):
        key = make_key(16)
        r = self.event(hook_event_name="PostToolUse", tool_name="Bash", tool_input={"command": key},
                       tool_response={"stdout": f"K={key}"})
        self.assertEqual(r.status, CLEAN)
        self.assertTrue(r.err.startswith("skant: warning: Claude API key"), r.err)
        said = json.loads(r.out)
        self.assertIn("tool_response.stdout", said["systemMessage"])
        self.assertEqual(said["hookSpecificOutput"]["hookEventName"], "PostToolUse")
        self.assertNotIn(key[13:], r.err + r.text)
        self.assert_allowed(self.event(hook_event_name="PostToolUse", tool_name="Read", tool_response="fine"))
        self.assert_allowed(self.event(hook_event_name="PostToolUse", tool_name="Read"))
        self.write(".skant.yaml", "nonsense: 1\n")
        r = self.event(hook_event_name="PostToolUse", tool_name="Read", tool_response="fine")
        self.assertEqual(r.status, CLEAN)
        self.assertIn("not checked", r.err)

    def test_other_events_pass(self):
        for name in ("Stop", "SessionStart", "Notification"):
            self.assert_allowed(self.event(hook_event_name=name, message=make_key(17)))

    def test_a_broken_event_blocks(self):
        for text, why in ((b"", "is empty"), (b"{", "byte"), (b"[]", "no JSON object"), (b"{}", "hook_event_name"),
                          (b'{"hook_event_name": 1}', "no string"), (b'{"hook_event_name": "UserPromptSubmit"}', "prompt"),
                          (b'{"hook_event_name": "PreToolUse"}', "tool_name"),
                          (b'{"hook_event_name": "PreToolUse", "tool_name": "x"}', "tool_input"),
                          (b'{"hook_event_name": "PreToolUse", "tool_name": "x", "tool_input": []}', "no object"),
                          (b'{"hook_event_name": "PreToolUse", "tool_name": "Read", "tool_input": {"file_path": "a\\u0000"}}',
                           "NUL"),
                          (b'{"hook_event_name": "UserPromptSubmit", "prompt": "x", "cwd": "/nothing/such"}', "/nothing/such"),
                          (b'{"hook_event_name": "Stop"} x', "byte")):
            r = self.skant("agent", stdin=text)
            self.assertEqual((r.status, r.out), (BLOCKED, b""), text)
            self.assertIn("blocked", r.err)
            self.assertIn(why, r.err)
        self.assertEqual(self.skant("agent", "x").status, BLOCKED)

    def test_an_event_that_is_too_large_blocks(self):
        head = b'{"hook_event_name": "UserPromptSubmit", "prompt": "'
        r = self.skant("agent", stdin=head + b"a" * (64 << 20) + b'"}')
        self.assertEqual(r.status, BLOCKED)
        self.assertIn("standard input is too large: at most 67108864 bytes are taken", r.err)
        key = make_key(18)
        r = self.skant("agent", stdin=head + b"a " * (9 << 20) + key.encode() + b'"}')
        self.assert_blocked(r, key, "prompt, line 1")

    def test_a_broken_configuration_blocks(self):
        self.write(".skant.yaml", "nonsense: 1\n")
        r = self.event(hook_event_name="UserPromptSubmit", prompt="x")
        self.assertEqual(r.status, BLOCKED)
        self.assertIn(".skant.yaml:1:1", r.err)

    def test_the_work_trees_configuration_allows_by_path(self):
        key = make_key(19)
        self.git("init", "-q")
        self.write(".skant.yaml", "version: 1\nallow:\n  - {paths: ['tests/fixtures/**'], reason: made up}\n")
        sub = os.path.dirname(self.write("src/x", ""))
        self.write("tests/x", "")

        def write(path, cwd=sub):
            return self.event(hook_event_name="PreToolUse", tool_name="Write", cwd=cwd,
                              tool_input={"file_path": path, "content": key})
        self.assert_allowed(write(self.path("tests/fixtures/new/a.py")))
        self.assert_allowed(write("../tests/fixtures/a.py"))
        self.assert_blocked(write("tests/fixtures/a.py"), key)
        self.assert_blocked(write(self.path("tests/fixtures/../a.py")), key)
        os.makedirs(self.path("tests/fixtures"))
        os.symlink(sub, self.path("tests/fixtures/link"))
        self.assert_blocked(write(self.path("tests/fixtures/link/a.py")), key)
        self.write("tests/fixtures/b.py", key)
        self.assert_allowed(self.before("Read", file_path="tests/fixtures/b.py"))

    def test_an_ignore_file_lists_a_key(self):
        key = make_key(20)
        self.write(".skantignore", secret_id(key) + "\n")
        self.assert_allowed(self.before("Bash", command=key))
        self.assert_allowed(self.before("Bash", command=f"{key}  # skant:allow"))

    def test_names_and_placeholders_do_not_block(self):
        self.assert_allowed(self.before("Write", file_path="a.tf",
                                        content='resource "anthropic_api_key" "x" {\n  name = "Bad Name"\n}\n'))
        self.assert_allowed(self.before("Bash", command="export K=sk-ant-api03-" + "x" * 93 + "AA"))

    def test_control_bytes_in_a_name_are_shown_as_text(self):
        key = make_key(21)
        r = self.before("mcp__x", **{"a\x1b[31m": key})
        self.assert_blocked(r, key, "tool_input.a\\x1b[31m")


if __name__ == "__main__":
    unittest.main()
