/* SPDX-License-Identifier: Apache-2.0 */
/* Words that people put where a key belongs. */
#include "common/base/text.h"
#include "scanner/classify/measure.h"

static const char *const words[] = {
	"your",	  "yours",     "key",	   "keys",     "here",	    "api",	"apikey",   "example",	 "sample",
	"placeholder", "test",	"testing", "tests",    "dummy",	    "fake",	"mock",	    "demo",	 "changeme",
	"change", "insert",    "replace",  "with",     "secret",    "todo",	"redacted", "hidden",	 "masked",
	"actual", "real",      "not",	   "never",    "valid",	    "invalid",	"value",    "token",	 "this",
	"that",	  "is",	       "the",	   "and",      "for",	    "from",	"only",	    "use",	 "used",
	"using",  "does",      "work",	   "working",  "put",	    "paste",	"enter",    "fill",	 "add",
	"goes",	  "some",      "random",   "string",   "long",	    "foo",	"bar",	    "baz",	 "qux",
	"hello",  "world",     "anthropic", "claude",  "admin",	    "prod",	"production", "dev",	 "staging",
	"development", "env",  "variable", "config",   "default",   "none",	"null",	    "undefined", "empty",
	"credential", "password", "private", "public", "user",	    "name",	"account",  "project",	 "team",
	"company", "org",      "my",	   "me",       "get",	    "console",	"docs",	    "documentation", "readme",
	"template", "unit",    "fixture",  "stub",     "synthetic", "generated", "leaked",  "expired",	 "revoked",
	"deadbeef", "cafebabe", "lorem",   "ipsum",    "dolor",	    "abc",	"abcd",	    "abcdef",	 "xyz",
	"abc123", "123",       "1234",	   "12345",    "123456",    "qwerty",	"asdf",	    "xxx",	 "xxxx",
	"scanner", "detect",   "detection", "rule",    "regex",	    "pattern",	"length",   "chars",	 "character",
	"commit", "push",      "safe",	   "ignore",   "allowed",   "service",	"integration", "local",	 "batch",
};

static const char *const samples[] = { "example", "sample", "demo", "docs", "documentation", "your", "placeholder" };

static bool has_word_at(struct view body, size_t at, const char *word)
{
	struct view w = view_of(word);

	return text_eq_nocase(view_sub(body, at, w.len), w);
}

static size_t longest_word_at(struct view body, size_t at)
{
	size_t best = 0;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t len = view_of(words[i]).len;

		if (len > best && has_word_at(body, at, words[i]))
			best = len;
	}
	return best;
}

unsigned measure_words(struct view body)
{
	size_t covered = 0, at = 0;

	body = view_sub(body, 0, MEASURE_BYTES);
	while (at < body.len) {
		size_t len = longest_word_at(body, at);

		/* two letters are a word only between separators: by chance they are everywhere */
		if (len < 3 && (at == 0 || text_is_alnum(body.ptr[at - 1]) ||
				(at + len < body.len && text_is_alnum(body.ptr[at + len]))))
			len = 0;
		covered += len;
		at += len ? len : 1;
	}
	return body.len ? (unsigned)(covered * 100 / body.len) : 0;
}

bool measure_is_sample(struct view body)
{
	for (size_t i = 0; i < ARRAY_LEN(samples); i++)
		if (has_word_at(body, 0, samples[i]))
			return true;
	return false;
}
