# SPDX-License-Identifier: Apache-2.0
"""What the tests of skantctl message share."""
import json
import os
import subprocess
import time

from mockapi import Mock
from support import SKANT, Result, SkantTest

SKANTCTL = os.path.join(os.path.dirname(SKANT), "skantctl")
MODEL = "claude-haiku-5-5"
MESSAGES = "/v1/messages"
PATIENCE = 60  # seconds


def most_in(times, window):
    """The most that any window of that length holds, wherever it begins; one that ends before the next begins."""
    times = sorted(times)
    most = first = 0
    for i, moment in enumerate(times):
        while moment - times[first] >= window:
            first += 1
        most = max(most, i - first + 1)
    return most


def used_share(times, limit, window, seconds):
    """What share of a limit of so many a window was used in the first so many seconds: a limit of 50 a minute lets 50
    start in every minute that has begun."""
    if not times:
        return 0.0
    start = min(times)
    began = int(seconds // window) + (seconds % window > 0)
    return sum(1 for moment in times if moment - start < seconds) / (limit * began)


def wait_until(is_so, what, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s: {what}")


class MessageTest(SkantTest):
    """A test that sends messages to a mock."""

    def mock(self, script=None, **options):
        mock = Mock(script, **{"plain": True, "activities": 1, **options})
        self.addCleanup(mock.abandon)
        return mock

    def message_env(self, mock, **more):
        return self.env(**mock.env("api"), **more)

    def start(self, mock, *args, env=None, **more):
        """A process of `message send` with the model."""
        return subprocess.Popen(  # pylint: disable=consider-using-with
            [SKANTCTL, "message", "send", "--model", MODEL, *args], cwd=self.dir, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env or self.message_env(mock), **more)

    def ctl(self, mock, *args, stdin=b"", env=None, **more):
        done = subprocess.run([SKANTCTL, *args], cwd=self.dir, input=stdin, capture_output=True, timeout=240,
                              env=env or self.message_env(mock), check=False, **more)
        result = Result(done)
        self.assertNotIn(mock.key("api"), result.text + result.err)
        return result

    def send(self, mock, *args, **more):
        return self.ctl(mock, "message", "send", "--model", MODEL, *args, **more)

    def queue(self, prompts, name="queue.jsonl"):
        """A queue of these; a number is so many prompts, each longer than the one before."""
        if isinstance(prompts, int):
            prompts = [{"id": f"p{i}", "prompt": "x" * (40 * i + 4)} for i in range(prompts)]
        return self.write(name, "".join(json.dumps(p) + "\n" for p in prompts))

    def results(self, name="results.jsonl"):
        with open(self.path(name), encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def sent(self, mock):
        """The times of the messages that the mock was asked for, in seconds."""
        return [line["time_us"] / 1e6 for line in mock.log() if line["path"] == MESSAGES]

    def assert_answered(self, count, name="results.jsonl"):
        """Each of so many prompts has one answer, and its own: what it used follows from its length."""
        done = {r["id"]: r for r in self.results(name) if r["status"] == "done"}
        self.assertEqual(sorted(done), sorted(f"p{i}" for i in range(count)))
        self.assertEqual(sum(1 for r in self.results(name) if r["status"] == "done"), count)
        used = [done[f"p{i}"]["usage"]["input_tokens"] for i in range(count)]
        self.assertEqual([b - a for a, b in zip(used, used[1:])], [10] * (count - 1))
