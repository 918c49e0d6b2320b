# SPDX-License-Identifier: Apache-2.0
"""What other scanners' rules for Claude keys are tested with: each of those shapes is found, or is a made-up one."""
import random
import string

from support import ALPHABET, SkantTest, secret_id

LETTERS = string.ascii_letters + string.digits
SMALL = string.ascii_lowercase + string.digits + "-_"
BREAK = "\n"  # other rules want a quote, a blank or the line's end behind a key

# Each line of a table is a shape, not a key: who tests with it, the prefix, the length behind it, its alphabet, how it
# ends, the text around it, and the rule of ours that has to find it.
FOUND = [
    ("gitleaks", "sk-ant-api03-", 95, SMALL, "AA", 'anthropic_api_token = "{}"', "anthropic-api-key"),
    ("gitleaks", "sk-ant-admin01-", 95, SMALL, "AA", 'anthropic_api_token = "{}"', "anthropic-admin-key"),
    ("gitleaks, proposed", "sk-ant-oat01-", 95, ALPHABET, "", 'CLAUDE_CODE_OAUTH_TOKEN="{}"', "anthropic-oauth-token"),
    ("gitleaks, proposed", "sk-ant-ort01-", 95, ALPHABET, "", '"refreshToken": "{}"', "anthropic-oauth-refresh-token"),
    ("gitleaks, proposed", "sk-ant-oat01-", 40, ALPHABET, "", "{}" + BREAK, "anthropic-oauth-token"),
    ("gitleaks, proposed", "sk-ant-ort01-", 40, ALPHABET, "", "{}" + BREAK, "anthropic-oauth-refresh-token"),
    ("betterleaks", "sk-ant-api03-", 95, SMALL, "AA", 'anthropic_api_token = "{}"', "anthropic-api-key"),
    ("betterleaks", "sk-ant-admin01-", 95, SMALL, "AA", 'anthropic_api_token = "{}"', "anthropic-admin-key"),
    ("TruffleHog", "sk-ant-api03-", 95, ALPHABET, "AA",
     "<scope>GLOBAL</scope>\n<id>{{anthropic}}</id>\n<secret>{{AQAAABAAA {}}}</secret>\n", "anthropic-api-key"),
    ("Kingfisher", "sk-ant-api668-", 95, ALPHABET, "AA", "{}" + BREAK, "anthropic-unknown-key"),
    ("Kingfisher", "sk-ant-api03-", 95, ALPHABET, "AA", "{}" + BREAK, "anthropic-api-key"),
    ("Kingfisher", "sk-ant-admin03-", 101, LETTERS, "", "{}" + BREAK, "anthropic-admin-key"),
    ("Kingfisher", "sk-ant-admin01-", 95, ALPHABET, "AA", "{}" + BREAK, "anthropic-admin-key"),
    ("Kingfisher, its pattern", "sk-ant-admin-", 92, ALPHABET, "", "{}" + BREAK, "anthropic-unknown-key"),
    ("Kingfisher, its pattern", "sk-ant-admin-", 96, ALPHABET, "", "{}" + BREAK, "anthropic-unknown-key"),
    ("Kingfisher", "sk-ant-oat01-", 45, LETTERS, "", 'CLAUDE_CODE_OAUTH_TOKEN="{}"', "anthropic-oauth-token"),
    ("Kingfisher", "sk-ant-oat01-", 62, LETTERS, "", "{}" + BREAK, "anthropic-oauth-token"),
    ("Kingfisher", "sk-ant-ort01-", 61, LETTERS, "", 'refreshToken="{}"', "anthropic-oauth-refresh-token"),
    ("Kingfisher", "sk-ant-ort01-", 55, LETTERS, "", "{}" + BREAK, "anthropic-oauth-refresh-token"),
    ("secretlint", "sk-ant-api03-", 95, ALPHABET, "AA", "claude_api_key = '{}'", "anthropic-api-key"),
    ("secretlint", "sk-ant-api03-", 95, ALPHABET, "AA", "\n{}\n\n", "anthropic-api-key"),
    ("secretlint", "sk-ant-api03-", 95, ALPHABET, "AA", "CLAUDE_API_KEY={}\n", "anthropic-api-key"),
    ("secretlint", "sk-ant-api04-", 95, ALPHABET, "AA", "ANTHROPIC_API_KEY='{}'", "anthropic-api-key"),
    ("secretlint, its pattern", "sk-ant-api03-", 92, ALPHABET, "AA", "{}" + BREAK, "anthropic-api-key"),
    ("secretlint, its pattern", "sk-ant-api03-", 130, ALPHABET, "AA", "{}" + BREAK, "anthropic-api-key"),
    ("Nosey Parker", "sk-ant-api03-", 95, ALPHABET, "AAA", "{}" + BREAK, "anthropic-api-key"),
    ("Nosey Parker", "sk-ant-api03-", 95, ALPHABET, "-W34tmAAA", "'{}'", "anthropic-api-key"),
    ("Titus", "sk-ant-api03-", 95, ALPHABET, "AAA", "{}" + BREAK, "anthropic-api-key"),
    ("GitLab", "sk-ant-inh09-", 95, ALPHABET, "", "{}}}" + BREAK, "anthropic-unknown-key"),
    ("GitLab", "sk-ant-api03-", 95, ALPHABET, "AAA", "  1. Add a comment:\n\nKey: {}\nAnother key\n", "anthropic-api-key"),
]


def random_body(rng, length, alphabet, end):
    return "".join(rng.choice(alphabet) for _ in range(length - len(end))) + end


def rows(rng, length, end):
    """Pieces of the alphabet and of the digits in their order, with hyphens between."""
    body = ""
    while len(body) < length:
        row = rng.choice([string.ascii_lowercase, string.digits, string.ascii_lowercase])
        start = rng.randrange(len(row) - 4)
        body += row[start:start + rng.randrange(3, 14)] + rng.choice(["-", "", ""])
    return body[:length - len(end)] + end


def capitals(rng, length, end):
    """Short words in capitals with underscores between."""
    body = ""
    while len(body) < length:
        body += rng.choice(["TURN", "JUMP", "SKIP", "DANCE", "SING", "PLAY", "LEARN", "GROW", "CLICK", "BUZZ"]) + "_"
    return body[:length - len(end)] + end


def countdown(rng, length, end):
    """Two letters and a digit, two letters and the digit below it, and so on."""
    body = "".join(rng.choice(string.ascii_letters) + rng.choice(string.ascii_letters) + str(-n % 10)
                   for n in range(length // 3 + 1))
    return body[:length - len(end)] + end


# Bodies that somebody typed. Whoever scans their own repository for keys does not want them; the checks that object are
# those of docs/detection.md.
MADE_UP = [
    ("gitleaks, betterleaks", "sk-ant-api03-", 95, rows, "xyzAA", '"{}",', "anthropic-api-key", {"sequence", "identifier"}),
    ("gitleaks, betterleaks", "sk-ant-admin01-", 95, rows, "xyzAA", '"{}",', "anthropic-admin-key",
     {"sequence", "identifier"}),
    ("gitleaks, as too short", "sk-ant-api03-", 77, rows, "AA", '"{}",', "anthropic-api-key", {"sequence"}),
    ("TruffleHog", "sk-ant-api03-", 95, rows, "xyzAA", "Service: Gateway\nAPI Key: {}\nAdmin Key: none\n",
     "anthropic-api-key", {"sequence", "identifier"}),
    ("secretlint, its documentation", "sk-ant-api03-", 104, capitals, "igAA", "```\n{}\n```\n", "anthropic-api-key",
     {"entropy", "bigram", "identifier"}),
    ("Kingfisher", "sk-ant-oat01-", 62, countdown, "", "{}" + BREAK, "anthropic-oauth-token", {"sequence"}),
    ("Kingfisher", "sk-ant-ort01-", 61, countdown, "", 'refreshToken="{}"', "anthropic-oauth-refresh-token", {"sequence"}),
]

# What those rules are tested not to find.
REFUSED = [
    ("secretlint, a letter too many and too short", "ssk-ant-api04-JustSomeWordsBehindThePrefix\n"),
    ("secretlint, too short", "url = 'https://api.anthropic.com'\nsk-ant-api02-somewords\nsk-ant-api05-otherwords\n"),
]


class PublicExamples(SkantTest):
    def find(self, text, key, *options):
        r = self.skant("stdin", "-f", "jsonl", *options, stdin=text.format(key).encode())
        return r, [f for f in r.findings if f["secret_id"] == secret_id(key)]

    def test_each_shape_that_others_test_with_is_found(self):
        for n, (who, prefix, length, alphabet, end, text, rule) in enumerate(FOUND):
            with self.subTest(who, prefix=prefix, length=length, text=text):
                key = prefix + random_body(random.Random(n), length, alphabet, end)
                r, found = self.find(text, key)
                self.assertEqual([f["rule_id"] for f in found], [rule], r.text + r.err)
                self.assertIn(found[0]["confidence"], ("high", "medium"))

    def test_made_up_bodies_are_of_low_confidence_and_the_checks_say_why(self):
        for n, (who, prefix, length, body, end, text, rule, checks) in enumerate(MADE_UP):
            for seed in range(10):
                with self.subTest(who, prefix=prefix, seed=seed):
                    key = prefix + body(random.Random(100 * n + seed), length, end)
                    r, found = self.find(text, key)
                    self.assertEqual(found, [], r.text)
                    r, found = self.find(text, key, "--min-confidence", "low")
                    self.assertEqual([(f["rule_id"], f["confidence"]) for f in found], [(rule, "low")], r.text + r.err)
                    self.assertLessEqual(checks, set(found[0]["checks"]))

    def test_what_others_refuse_is_refused(self):
        for who, text in REFUSED:
            with self.subTest(who, text=text):
                r = self.skant("stdin", "-f", "jsonl", stdin=text.encode())
                self.assertEqual(r.findings, [], r.text)

    def test_a_wrong_prefix_or_ending_is_no_reason_to_overlook_a_key(self):
        """Others refuse these two: a key of one kind by the rule of the other, and one that ends otherwise."""
        for prefix, end, confidence in [("sk-ant-admin01-", "AA", "high"), ("sk-ant-api03-", "BB", "medium")]:
            with self.subTest(prefix, end=end):
                key = prefix + random_body(random.Random(7), 95, ALPHABET, end)
                r, found = self.find('"{}"', key)
                self.assertEqual([f["confidence"] for f in found], [confidence], r.text + r.err)
