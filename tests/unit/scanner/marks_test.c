/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/marks.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define HITS 64
#define RULE(id, word, kind, more)                                                                                     \
	"  - id: " id "\n    kind: " kind "\n    title: t\n    severity: low\n    keywords: ['" word                   \
	"']\n    regex: '" word "[0-9]+'\n" more

#define KEYS "version: 1\nrules:\n" RULE("root", "sk-ant-", "unknown", "")

struct world {
	struct ruleset *rules;
	struct matcher *matcher;
	struct marks *marks;
};

static void make(struct world *w, const char *rules, bool decodes)
{
	struct err err = ERR_INIT;

	w->rules = ruleset_new();
	if (ruleset_parse(w->rules, view_of(rules), "r", &err))
		fail_msg("%s", err.text);
	w->matcher = matcher_new(w->rules, &err);
	assert_non_null(w->matcher);
	w->marks = marks_new(w->matcher, decodes, &err);
	assert_non_null(w->marks);
}

static void drop(struct world *w)
{
	marks_free(w->marks);
	matcher_free(w->matcher);
	ruleset_free(w->rules);
}

/* The first mark of that form which the text has, or NULL. */
static const struct mark *find(const struct world *w, struct view text, enum decode_form form)
{
	struct prefilter_hit hits[HITS];
	struct prefilter_cursor cursor = { 0 };
	size_t n = prefilter_scan(marks_prefilter(w->marks), text, &cursor, hits, HITS);

	for (size_t i = 0; i < n; i++)
		if (marks_at(w->marks, hits[i].tag)->form == form)
			return marks_at(w->marks, hits[i].tag);
	return NULL;
}

static const struct {
	struct view text;
	enum decode_form form;
} spelled[] = {
	{ { "k: c2stYW50LXg=", 15 }, DECODE_BASE64 },
	{ { "k: YXNrLWFudC14", 15 }, DECODE_BASE64 },
	{ { "k: YWFzay1hbnQteA==", 19 }, DECODE_BASE64 },
	{ { "736b2d616e742d", 14 }, DECODE_HEX },
	{ { "73:6B:2D:61:6E:74:2D", 20 }, DECODE_HEX },
	{ { "0x73, 0x6b, 0x2d, 0x61", 22 }, DECODE_NUMBERS },
	{ { "115,107,45,97,110", 17 }, DECODE_NUMBERS },
	{ { "%73%6B%2D%61%6E%74%2D", 21 }, DECODE_PERCENT },
	{ { "sk%2dant", 8 }, DECODE_PERCENT },
	{ { "sk\\u002dant", 11 }, DECODE_BACKSLASH },
	{ { "\\163\\153\\055", 12 }, DECODE_BACKSLASH },
	{ { "sk&#45;ant", 10 }, DECODE_ENTITY },
	{ { "&#x73;&#x6b;", 12 }, DECODE_ENTITY },
	{ { "sk=2Dant", 8 }, DECODE_QUOTED },
	{ { "\"sk-ant\" +", 10 }, DECODE_JOINED },
	{ { "s\0k\0-\0a\0n\0t\0-\0", 14 }, DECODE_UTF16LE },
	{ { "\0s\0k\0-\0a\0n\0t\0-", 14 }, DECODE_UTF16BE },
	{ { "s\0\0\0k\0\0\0-\0\0\0a\0\0\0", 16 }, DECODE_UTF32 },
	{ { "\x1f\x8b\x08\0", 4 }, DECODE_GZIP },
	{ { "sk-ant-", 7 }, DECODE_PLAIN },
};

static bool is_text(enum decode_form form)
{
	return form == DECODE_PLAIN || form == DECODE_UTF16LE || form == DECODE_UTF16BE;
}

static void each_spelling_leads_to_its_decoder(void **state)
{
	struct world w;

	(void)state;
	make(&w, KEYS, true);
	for (size_t i = 0; i < ARRAY_LEN(spelled); i++)
		assert_non_null(find(&w, spelled[i].text, spelled[i].form));
	drop(&w);
}

static void without_decoding_only_text_is_looked_for(void **state)
{
	struct world w;

	(void)state;
	make(&w, KEYS, false);
	for (size_t i = 0; i < ARRAY_LEN(spelled); i++)
		assert_int_equal(find(&w, spelled[i].text, spelled[i].form) != NULL, is_text(spelled[i].form));
	drop(&w);
}

static void compressed_data_belongs_to_no_keyword(void **state)
{
	struct world w;

	(void)state;
	make(&w, KEYS, true);
	assert_int_equal(find(&w, VIEW("\x1f\x8b\x08\0"), DECODE_GZIP)->keyword, MARK_NO_KEYWORD);
	assert_int_not_equal(find(&w, VIEW("sk%2dant"), DECODE_PERCENT)->keyword, MARK_NO_KEYWORD);
	drop(&w);
}

static void only_a_key_may_go_on_in_another_form(void **state)
{
	struct world w;

	(void)state;
	make(&w, KEYS RULE("other", "zzzz_", "unknown", ""), true);
	assert_int_equal(find(&w, VIEW("sk-ant-"), DECODE_PLAIN)->phase, 1);
	/* a secret that does not begin as keys do is looked for in each encoding as a whole */
	assert_non_null(find(&w, VIEW("7a7a7a7a5f"), DECODE_HEX));
	assert_non_null(find(&w, VIEW("zzzz%5f"), DECODE_PERCENT));
	assert_null(find(&w, VIEW("\"zzz\" + \"z_\""), DECODE_JOINED));
	drop(&w);
}

static void a_word_that_holds_another_leaves_decoding_to_it(void **state)
{
	struct world w;

	(void)state;
	make(&w, KEYS RULE("more", "sk-ant-api03", "api", ""), true);
	assert_non_null(find(&w, VIEW("c2stYW50LXg="), DECODE_BASE64));
	/* "api03" is spelled by none of them alone */
	assert_null(find(&w, VIEW("6170693033"), DECODE_HEX));
	drop(&w);
}

static void names_are_looked_for_as_text_alone(void **state)
{
	struct world w;

	(void)state;
	make(&w, "version: 1\nrules:\n" RULE("name", "name_of", "keyname", "    name: 0\n"), true);
	assert_non_null(find(&w, VIEW("name_of"), DECODE_PLAIN));
	assert_non_null(find(&w, VIEW("n\0a\0m\0e\0_\0o\0f\0"), DECODE_UTF16LE));
	assert_null(find(&w, VIEW("bmFtZV9vZg=="), DECODE_BASE64));
	assert_null(find(&w, VIEW("\x1f\x8b\x08\0"), DECODE_GZIP)); /* there is no secret to look for */
	drop(&w);
}

static void too_many_words_are_refused_with_their_number(void **state)
{
	static char text[1 << 20];
	struct ruleset *rules = ruleset_new();
	struct matcher *matcher;
	struct err err = ERR_INIT;
	size_t len = (size_t)snprintf(text, sizeof(text), "version: 1\nrules:\n");

	(void)state;
	for (unsigned r = 0; r < 60; r++) {
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"  - id: r%u\n    kind: unknown\n    title: t\n    severity: low\n"
					"    regex: 'x[0-9]+'\n    keywords: [",
					r);
		for (unsigned k = 0; k < 16; k++)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s'w-%u_%u.x'", k ? ", " : "", r, k);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "]\n");
	}
	if (ruleset_parse(rules, view_of(text), "r", &err))
		fail_msg("%s", err.text);
	matcher = matcher_new(rules, &err);
	assert_non_null(matcher);
	assert_null(marks_new(matcher, true, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_non_null(strstr(err.text, "960 different keywords"));
	matcher_free(matcher);
	ruleset_free(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_spelling_leads_to_its_decoder),
		cmocka_unit_test(without_decoding_only_text_is_looked_for),
		cmocka_unit_test(compressed_data_belongs_to_no_keyword),
		cmocka_unit_test(only_a_key_may_go_on_in_another_form),
		cmocka_unit_test(a_word_that_holds_another_leaves_decoding_to_it),
		cmocka_unit_test(names_are_looked_for_as_text_alone),
		cmocka_unit_test(too_many_words_are_refused_with_their_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
