# SPDX-License-Identifier: Apache-2.0
"""skantctl message send and count: one prompt, and queues."""
import json
import os
import signal
import subprocess
import time
import unittest

from message_support import MESSAGES, MODEL, SKANTCTL, MessageTest, wait_until

ANSWER = "Hello, Jörg \N{GRINNING FACE}"


class One(MessageTest):
    def test_the_answer_is_printed_as_text(self):
        mock = self.mock()
        done = self.send(mock, "Say hello")
        self.assertEqual((done.status, done.text, done.err), (0, ANSWER + "\n", ""))
        mock.stop()

    def test_without_an_argument_the_prompt_is_read_from_standard_input(self):
        mock = self.mock()
        done = self.send(mock, "-o", "json", stdin=b"x" * 4000)
        self.assertEqual(done.status, 0, done.err)
        self.assertGreater(json.loads(done.out)["usage"]["input_tokens"], 1000)
        mock.stop()

    def test_the_apis_object_is_there_in_the_other_formats(self):
        mock = self.mock()
        message = json.loads(self.send(mock, "-o", "json", "hi").out)
        self.assertEqual((message["type"], message["model"], message["content"][0]["text"]), ("message", MODEL, ANSWER))
        head, row = self.send(mock, "-o", "csv", "hi").text.splitlines()
        self.assertEqual(head, "id,model,stop_reason,input_tokens,output_tokens,text")
        self.assertIn(ANSWER, row)
        self.assertIn("stop_reason: end_turn", self.send(mock, "-o", "yaml", "hi").text)
        mock.stop()

    def test_tokens_are_counted_without_sending_a_message(self):
        mock = self.mock()
        done = self.ctl(mock, "message", "count", "--model", MODEL, "x" * 400)
        self.assertEqual(done.status, 0, done.err)
        self.assertGreater(int(done.text), 100)
        self.assertEqual(json.loads(self.ctl(mock, "message", "count", "--model", MODEL, "-o", "json", "x" * 400).out),
                         {"input_tokens": int(done.text)})
        self.assertEqual(self.sent(mock), [])
        mock.stop()

    def test_what_cannot_be_sent_is_a_matter_of_usage(self):
        mock = self.mock()
        for args, word in ((("hi", "there"), "one prompt"), (("",), "empty"), (("hi", "--results", "x"), "--queue"),
                           (("hi", "--queue", "x"), "not both"), (("--queue", "nowhere.jsonl"), "nowhere.jsonl"),
                           (("--itpm", "5", "x" * 400), "above the limit of 5 input tokens a minute")):
            done = self.send(mock, *args)
            self.assertEqual(done.status, 2, (args, done.err))
            self.assertIn(word, done.err)
        done = self.ctl(mock, "message", "send", "hi")
        self.assertEqual(done.status, 2)
        self.assertIn("--model", done.err)
        self.assertEqual(self.sent(mock), [])
        mock.stop()

    def test_a_dry_run_prints_the_request(self):
        mock = self.mock()
        done = self.send(mock, "--dry-run", "--system", "Be short", "--max-tokens", "7", "hi")
        self.assertEqual(done.status, 0, done.err)
        head, body = done.text.splitlines()
        self.assertEqual(head, "POST " + MESSAGES)
        self.assertEqual(json.loads(body), {"model": MODEL, "max_tokens": 7, "system": "Be short",
                                            "messages": [{"role": "user", "content": "hi"}]})
        self.assertEqual(self.sent(mock), [])
        mock.stop()

    def test_a_refusal_is_told_with_its_request_id(self):
        mock = self.mock()
        done = self.ctl(mock, "message", "send", "--model", "claude-none", "hi")
        self.assertEqual(done.status, 3)
        self.assertRegex(done.err, r"404 not_found_error: model: claude-none \(request req_\w+\)")
        mock.stop()

    def test_what_may_have_been_carried_out_is_not_repeated(self):
        mock = self.mock({"faults": [{"match": {"path": MESSAGES}, "do": {"reset_at": 5, "executed": True}}]})
        done = self.send(mock, "hi")
        self.assertEqual(done.status, 75)
        self.assertIn("may have been carried out all the same and was not sent again", done.err)
        self.assertEqual(len(self.sent(mock)), 1)
        mock.stop()

    def test_an_answer_writes_to_no_terminal_but_its_letters(self):
        mock = self.mock({"faults": [{"match": {"path": MESSAGES}, "do": {"status": 200, "body": {
            "id": "msg_1", "content": [{"type": "text", "text": "a\u001b]0;title\u0007\tb\nc"}]}}}]})
        done = subprocess.run(["script", "-qec", f"{SKANTCTL} message send --model {MODEL} hi", "/dev/null"],
                              cwd=self.dir, stdin=subprocess.DEVNULL, capture_output=True, env=self.message_env(mock), check=False)
        self.assertEqual(done.stdout, b"a\\x1b]0;title\\x07\tb\r\nc\r\n")
        self.assertEqual(self.send(mock, "hi").out, b"a\x1b]0;title\x07\tb\nc\n")
        mock.stop()


class Queue(MessageTest):
    def test_each_prompt_has_its_own_result(self):
        mock = self.mock()
        self.queue(30)
        done = self.send(mock, "--queue", "queue.jsonl", "--results", "results.jsonl", "-j", "8")
        self.assertEqual(done.status, 0, done.err)
        self.assertEqual(done.out, b"")
        self.assertIn("30 answered", done.err)
        self.assert_answered(30)
        self.assertEqual(os.stat(self.path("results.jsonl")).st_mode & 0o777, 0o600)
        one = self.results()[0]
        log = {line["request_id"]: line for line in mock.log()}
        self.assertIn(one["request_id"], log)
        self.assertEqual({"schema": one["schema"], "model": one["model"], "stop_reason": one["stop_reason"],
                          "text": one["text"]},
                         {"schema": "skant-result/1", "model": MODEL, "stop_reason": "end_turn", "text": ANSWER})
        self.assertTrue(one["message_id"].startswith("msg_"))
        self.assertIn("cache_read_input_tokens", one["usage"])
        self.assertGreaterEqual(one["latency_ms"], 0)
        mock.stop()

    def test_with_one_job_results_are_in_the_order_of_the_queue(self):
        mock = self.mock()
        self.queue(10)
        done = self.send(mock, "--queue", "queue.jsonl", "-j", "1")
        self.assertEqual([r["id"] for r in done.records], [f"p{i}" for i in range(10)])
        self.assertEqual([r["line"] for r in done.records], list(range(1, 11)))
        mock.stop()

    def test_a_prompt_says_what_counts_for_itself(self):
        mock = self.mock()
        self.queue([{"messages": [{"role": "user", "content": [
            {"type": "text", "text": "y" * 400, "cache_control": {"type": "ephemeral"}}]}],
            "model": "claude-opus-5", "max_tokens": 3, "team": "ml", "feature": "f", "metadata": {"row": [1, None]}},
            {"id": "b", "prompt": "hi"}])
        done = self.send(mock, "--queue", "queue.jsonl", "-j", "1", "--team", "backend", "--usage-file", "usage.jsonl")
        self.assertEqual(done.status, 0, done.err)
        first, second = done.records
        self.assertEqual((first["id"], first["model"], first["stop_reason"], first["team"], first["feature"],
                          first["metadata"]), ("line-1", "claude-opus-5", "max_tokens", "ml", "f", {"row": [1, None]}))
        self.assertGreater(first["usage"]["cache_read_input_tokens"], 0)
        self.assertEqual((second["team"], "metadata" in second, "feature" in second), ("backend", False, False))
        mock.stop()

    def test_a_bad_line_of_a_file_is_told_by_its_place_before_anything_is_sent(self):
        mock = self.mock()
        for line, what in (('{"prompt":"a","id":"p0"}', 'same "id"'), ('{"promt":"a"}', 'did you mean "prompt"'),
                           ("{", "expected"), ("[]", "JSON object"), ('{"prompt":"a","messages":[]}', "at least one"),
                           ('{"id":"x"}', '"prompt" and "messages"'), ('{"prompt":""}', "not empty"),
                           ('{"prompt":"a","max_tokens":0}', "whole number"), ('{"prompt":"a","prompt":"b"}', "twice"),
                           ('{"prompt":"a","id":7}', "a string"), ('{"prompt":"a","temperature":1}', "not known")):
            self.queue(3)
            with open(self.path("queue.jsonl"), "a", encoding="ascii") as f:
                f.write("\n" + line + "\n")
            done = self.send(mock, "--queue", "queue.jsonl")
            self.assertEqual((done.status, done.out), (2, b""), (line, done.err))
            self.assertIn("queue.jsonl:5: ", done.err)
            self.assertIn(what, done.err)
        self.assertEqual(self.sent(mock), [])
        mock.stop()

    def test_a_stream_is_answered_as_it_comes_and_its_bad_lines_have_results(self):
        mock = self.mock()
        process = subprocess.Popen([SKANTCTL, "message", "send", "--model", MODEL, "--queue", "-"],  # pylint: disable=consider-using-with
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.message_env(mock))
        process.stdin.write(b'{"id":"a","prompt":"hi"}\n')
        process.stdin.flush()
        self.assertEqual(json.loads(process.stdout.readline())["id"], "a")
        out, err = process.communicate(b'{"prompt":\n{"id":"a","prompt":"again"}\n{"id":"c","prompt":"hi"}', timeout=60)
        self.assertEqual(process.returncode, 1, err)
        self.assertEqual(sorted((r["line"], r["status"]) for r in map(json.loads, out.splitlines())),
                         [(2, "invalid"), (3, "invalid"), (4, "done")])
        mock.stop()

    def test_one_prompts_refusal_is_its_result_and_the_queue_goes_on(self):
        mock = self.mock()
        self.queue([{"id": "a", "prompt": "hi"}, {"id": "b", "prompt": "hi", "model": "claude-none"},
                    {"id": "c", "prompt": "hi"}])
        done = self.send(mock, "--queue", "queue.jsonl", "-j", "1")
        self.assertEqual(done.status, 1)
        self.assertEqual([r["status"] for r in done.records], ["done", "refused", "done"])
        error = done.records[1]["error"]
        self.assertEqual((error["http_status"], error["type"]), (404, "not_found_error"))
        self.assertIn("model: claude-none", error["message"])
        self.assertIn("2 answered", done.err)
        mock.stop()

    def test_only_json_lines_are_results(self):
        mock = self.mock()
        self.queue(1)
        self.assertEqual(self.send(mock, "--queue", "queue.jsonl", "-o", "csv").status, 2)
        self.assertEqual(self.send(mock, "--queue", "queue.jsonl", "-o", "jsonl").status, 0)
        mock.stop()

    def test_a_dry_run_prints_each_request_and_sends_none(self):
        mock = self.mock()
        self.queue(3)
        before = sorted(os.listdir(self.dir))
        done = self.send(mock, "--queue", "queue.jsonl", "--dry-run", "--results", "results.jsonl", "--usage-file", "u.jsonl")
        self.assertEqual((done.status, done.text.count("POST /v1/messages\n")), (0, 3), done.err)
        self.assertEqual(self.sent(mock), [])
        self.assertEqual(sorted(os.listdir(self.dir)), before)
        self.assertEqual(self.send(mock, "--queue", self.queue(2), "--results", "results.jsonl").status, 0)
        with open(self.path("results.jsonl"), "a+", encoding="utf-8") as f:
            f.write('{"schema":"skant-res')
            f.seek(0)
            torn = f.read()
        done = self.send(mock, "--queue", self.queue(3), "--dry-run", "--results", "results.jsonl")
        self.assertEqual((done.status, done.text.count("POST /v1/messages\n")), (0, 1), done.err)
        with open(self.path("results.jsonl"), encoding="utf-8") as f:
            self.assertEqual(f.read(), torn)
        mock.stop()

    def test_the_tokens_of_a_queue_are_counted(self):
        mock = self.mock()
        self.queue(5)
        done = self.ctl(mock, "message", "count", "--model", MODEL, "--queue", "queue.jsonl", "-j", "1")
        counts = [r["input_tokens"] for r in done.records]
        self.assertEqual([b - a for a, b in zip(counts, counts[1:])], [10] * 4)
        mock.stop()


class Resume(MessageTest):
    def go(self, mock, *args, **more):
        return self.send(mock, "--queue", "queue.jsonl", "--results", "results.jsonl", *args, **more)

    def test_what_has_an_answer_is_not_sent_again(self):
        mock = self.mock({"faults": [{"match": {"path": MESSAGES, "nth": 3}, "do": {"status": 400}}]})
        self.queue(6)
        self.assertEqual(self.go(mock, "-j", "1").status, 1)
        self.assertEqual(len(self.sent(mock)), 6)
        done = self.go(mock)
        self.assertEqual(done.status, 0, done.err)
        self.assertIn("1 answered", done.err)
        self.assertIn("5 had one before", done.err)
        self.assertEqual(len(self.sent(mock)), 7)
        self.assert_answered(6)
        mock.stop()

    def test_a_prompt_that_has_changed_is_sent_again(self):
        mock = self.mock()
        self.queue([{"id": "a", "prompt": "one"}, {"id": "b", "prompt": "two"}])
        self.go(mock)
        self.queue([{"id": "a", "prompt": "one"}, {"id": "b", "prompt": "three"}])
        done = self.go(mock)
        self.assertIn("1 answered", done.err)
        self.assertIn("another prompt of the same id", done.err)
        self.assertEqual(len(self.sent(mock)), 3)
        mock.stop()

    def test_a_torn_last_line_is_mended(self):
        mock = self.mock()
        self.queue(4)
        self.go(mock, "-j", "1")
        with open(self.path("results.jsonl"), "rb") as f:
            whole = f.read()
        last = whole.rindex(b"\n", 0, -1) + 1
        for cut in (*range(last, len(whole), 97), len(whole) - 1):
            self.write("results.jsonl", whole[:cut])
            done = self.go(mock)
            self.assertEqual(done.status, 0, done.err)
            self.assertEqual("was not whole" in done.err, last < cut < len(whole) - 1, (cut, done.err))
            self.assert_answered(4)
        self.write("results.jsonl", whole + b"\0" * 700)
        self.assertEqual(self.go(mock).status, 0)
        self.assert_answered(4)
        mock.stop()

    def test_a_file_that_holds_something_else_is_left_as_it_is(self):
        mock = self.mock()
        self.queue(1)
        for text in ("notes\n", "notes", '{"id":"p0","status":"done"}\n', '{"schema":"skant-finding/1"}'):
            self.write("results.jsonl", text)
            done = self.go(mock)
            self.assertEqual(done.status, 2, text)
            self.assertIn("results.jsonl:1: this is no result", done.err)
            with open(self.path("results.jsonl"), encoding="ascii") as f:
                self.assertEqual(f.read(), text)
        self.assertEqual(self.sent(mock), [])
        mock.stop()

    def test_two_processes_do_not_write_the_same_results(self):
        mock = self.mock({"faults": [{"match": {"path": MESSAGES}, "do": {"delay_ms": 3000}}]})
        self.queue(2)
        first = self.start(mock, "--queue", "queue.jsonl", "--results", "results.jsonl")
        self.addCleanup(first.communicate)
        wait_until(lambda: self.sent(mock), "the first process sends")
        done = self.go(mock)
        self.assertEqual(done.status, 2)
        self.assertIn("another process is writing results", done.err)
        first.send_signal(signal.SIGKILL)

    def test_after_kill_9_at_any_moment_each_prompt_has_one_answer(self):
        mock = self.mock({"faults": [{"match": {"path": MESSAGES}, "do": {"delay_ms": 20}}]})
        count, kills = 120, 12
        self.queue(count)
        for i in range(kills):
            process = self.start(mock, "--queue", "queue.jsonl", "--results", "results.jsonl", "-j", "4")
            time.sleep(0.1 + 0.013 * i)
            process.kill()
            process.communicate()
        done = self.go(mock)
        self.assertEqual(done.status, 0, done.err)
        self.assert_answered(count)
        self.assertLessEqual(len(self.sent(mock)), count + 4 * kills)  # what was on its way goes once more
        mock.stop()

    def test_a_full_disk_ends_the_queue_and_what_is_there_is_whole(self):
        mock = self.mock()
        count = 150
        self.queue([{"id": f"p{i}", "prompt": "x" * (40 * i + 4)} for i in range(count)])

        def limit():
            import resource  # pylint: disable=import-outside-toplevel
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (60000, 60000))
        done = self.go(mock, "-j", "4", preexec_fn=limit)
        self.assertEqual(done.status, 3)
        self.assertRegex(done.err, r"cannot write a result to 'results.jsonl': .*; \d+ prompts are left")
        written = self.results()
        self.assertGreater(len(written), 50)
        self.assertLessEqual(len(self.sent(mock)), len(written) + 4)
        self.assertEqual(self.go(mock).status, 0)
        self.assert_answered(count)
        mock.stop()


class Faults(MessageTest):
    def go(self, mock, *args, **more):
        return self.send(mock, "--queue", "queue.jsonl", "--results", "results.jsonl", "-j", "1", *args, **more)

    def test_what_may_have_happened_is_said_and_the_queue_goes_on(self):
        for fault in ({"reset_at": 5, "executed": True}, {"reset_at": 300}, {"cut": 50}, {"truncate_json": True},
                      {"invalid_json": True}, {"delay_ms": 3000}, {"status": 500}, {"bad_gzip": True}):
            with self.subTest(fault=fault):
                mock = self.mock({"faults": [{"match": {"path": MESSAGES, "nth": 2}, "do": fault}]})
                self.queue(4)
                self.write("results.jsonl", "")
                done = self.go(mock, "--api-timeout", "1")
                self.assertEqual(done.status, 1, done.err)
                self.assertEqual([r["status"] for r in self.results()], ["done", "unknown", "done", "done"])
                self.assertIn("may have been carried out", self.results()[1]["error"]["message"])
                self.assertEqual(len(self.sent(mock)), 4)
                self.assertEqual(self.go(mock).status, 0)
                self.assert_answered(4)
                self.assertEqual(len(self.sent(mock)), 5)

    def test_a_rate_limit_of_the_servers_is_waited_for(self):
        mock = self.mock({"faults": [{"match": {"path": MESSAGES, "nth": 2}, "do": {"status": 429, "retry_after": 2}}]})
        self.queue(3)
        begin = time.monotonic()
        self.assertEqual(self.go(mock).status, 0)
        self.assertGreaterEqual(time.monotonic() - begin, 2)
        self.assert_answered(3)
        mock.stop()

    def test_what_concerns_all_prompts_ends_the_queue(self):
        cap = {"type": "error", "error": {"type": "rate_limit_error", "message": "Spend limit reached.",
                                          "details": {"error_code": "enforced_spend_limit_reached"}}}
        for fault, word in (({"status": 429, "body": cap}, "spend limit"), ({"status": 401}, "401"),
                            ({"status": 402}, "402"), ({"status": 403}, "403"), ({"redirect": "/elsewhere"}, "redirect")):
            with self.subTest(word=word):
                mock = self.mock({"faults": [{"match": {"path": MESSAGES, "nth": 3}, "do": fault}]})
                self.queue(6)
                self.write("results.jsonl", "")
                done = self.go(mock)
                self.assertEqual(done.status, 3, done.err)
                self.assertIn(word, done.err)
                self.assertIn("4 prompts are left", done.err)
                self.assertEqual((len(self.results()), len(self.sent(mock))), (2, 3))
                self.assertEqual(self.go(mock).status, 0)
                self.assert_answered(6)

    def test_without_a_network_the_queue_ends_soon(self):
        mock = self.mock()
        env = self.message_env(mock)
        mock.stop()
        self.queue(50)
        done = self.go(mock_without_server(mock), "--max-retries", "0", env=env)
        self.assertEqual(done.status, 75, done.err)
        self.assertIn("50 prompts are left", done.err)
        self.assertEqual([r["status"] for r in self.results()], ["later"] * 3)


def mock_without_server(mock):
    """Something whose key is asked for."""
    class Gone:
        def key(self, _):
            return "sk-" + "none"
    del mock
    return Gone()


class Interrupt(MessageTest):
    def start_slow(self, count, *args):
        mock = self.mock({"faults": [{"match": {"path": MESSAGES}, "do": {"delay_ms": 1500}}]})
        self.queue(count)
        process = self.start(mock, "--queue", "queue.jsonl", "--results", "results.jsonl", *args)
        wait_until(lambda: len(self.sent(mock)) >= 2, "two are on their way")
        return mock, process

    def test_what_is_on_its_way_is_waited_for(self):
        mock, process = self.start_slow(10, "-j", "2")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 75, err)
        self.assertIn(b"interrupted; 8 prompts are left", err)
        self.assertEqual([r["status"] for r in self.results()], ["done"] * 2)
        mock.stop()

    def test_what_waits_for_its_turn_is_left(self):
        mock, process = self.start_slow(10, "-j", "4", "--rpm", "2")
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 75, err)
        self.assertIn(b"8 prompts are left", err)
        self.assertEqual(len(self.results()), 2)
        mock.stop()

    def test_the_second_time_it_ends_at_once(self):
        mock, process = self.start_slow(10, "-j", "2")
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        begin = time.monotonic()
        _, err = process.communicate(timeout=60)
        self.assertLess(time.monotonic() - begin, 1.4)
        self.assertEqual(process.returncode, 75, err)
        self.assertEqual([r["status"] for r in self.results()], ["unknown"] * 2)
        mock.stop()


if __name__ == "__main__":
    unittest.main()
