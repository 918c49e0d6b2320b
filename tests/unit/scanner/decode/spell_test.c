/* SPDX-License-Identifier: Apache-2.0 */
/* How words are spelled: in which forms, and when they are not. */
#include <string.h>

#include "common/base/text.h"
#include "scanner/decode/decode.h"
#include "tests/support/unit.h"

#define WORD "sk-ant-"

struct told {
	size_t count, forms[DECODE_FORMS];
	bool stops; /* at the third */
};

static int count(void *context, const struct spelling *s)
{
	struct told *told = context;

	assert_true(s->literal.len >= LITERAL_MIN && s->literal.len <= LITERAL_MAX);
	assert_true(s->form < DECODE_FORMS);
	told->forms[s->form]++;
	return ++told->count == 3 && told->stops ? -1 : 0;
}

static struct told spell(const char *word, bool nocase, enum spell_reach reach)
{
	struct told told = { .count = 0 };

	assert_int_equal(decode_spell(view_of(word), nocase, reach, count, &told), 0);
	return told;
}

static void reach_says_what_is_spelled(void **state)
{
	struct told plain = spell(WORD, false, SPELL_PLAIN), text = spell(WORD, false, SPELL_TEXT),
		    encoded = spell(WORD, false, SPELL_ENCODED), all = spell(WORD, false, SPELL_ALL);

	(void)state;
	assert_int_equal(plain.count, 1);
	assert_int_equal(plain.forms[DECODE_PLAIN], 1);
	assert_int_equal(text.count, 3);
	assert_int_equal(text.forms[DECODE_UTF16LE], 1);
	assert_int_equal(text.forms[DECODE_UTF16BE], 1);
	assert_int_equal(encoded.forms[DECODE_BASE64], 3);
	assert_int_equal(encoded.forms[DECODE_JOINED], 0);
	for (unsigned form = DECODE_PLAIN; form < DECODE_FORMS; form++)
		assert_int_equal(all.forms[form] > 0, form != DECODE_GZIP && form != DECODE_ZLIB);
}

static void words_that_keys_do_not_begin_with_are_not_spelled_in_parts(void **state)
{
	(void)state;
	assert_int_equal(spell("ghp_", false, SPELL_ALL).forms[DECODE_JOINED], 0);
	assert_int_equal(spell("ghp_", false, SPELL_ALL).forms[DECODE_BASE64], 3);
	assert_true(spell("ghp_", false, SPELL_ALL).forms[DECODE_PERCENT] > 0);
}

static void words_of_either_case_are_spelled_as_text(void **state)
{
	(void)state;
	assert_int_equal(spell("apikey", true, SPELL_ALL).count, 3);
}

static void words_that_are_too_long_are_spelled_as_text(void **state)
{
	(void)state;
	assert_int_equal(spell("a-word-of-twenty-five-let", false, SPELL_ALL).count, 3);
	assert_true(spell("a-word-of-twenty-four-le", false, SPELL_ALL).count > 3);
	assert_int_equal(decode_spell(view_from((char[LITERAL_MAX + 1]){ 0 }, LITERAL_MAX + 1), false, SPELL_ALL, count,
				      &(struct told){ .count = 0 }),
			 0);
}

static void who_is_told_may_end_it(void **state)
{
	struct told told = { .stops = true };

	(void)state;
	assert_int_equal(decode_spell(VIEW(WORD), false, SPELL_ALL, count, &told), -1);
	assert_int_equal(told.count, 3);
	told = (struct told){ .stops = true };
	assert_int_equal(decode_spell_packed(count, &told), -1);
	assert_int_equal(told.count, 3);
}

struct list {
	struct spelling all[2048];
	size_t count;
};

static int gather(void *context, const struct spelling *s)
{
	struct list *list = context;

	assert_true(list->count < ARRAY_LEN(list->all));
	list->all[list->count++] = *s;
	return 0;
}

static bool is_same(const struct spelling *a, const struct spelling *b)
{
	return a->form == b->form && a->phase == b->phase && a->literal.nocase == b->literal.nocase &&
	       text_eq(view_from(a->literal.bytes, a->literal.len), view_from(b->literal.bytes, b->literal.len));
}

static void no_spelling_is_told_twice(void **state)
{
	static struct list list;

	(void)state;
	list.count = 0;
	assert_int_equal(decode_spell(VIEW(WORD), false, SPELL_ALL, gather, &list), 0);
	assert_int_equal(decode_spell_packed(gather, &list), 0);
	for (size_t i = 0; i < list.count; i++)
		for (size_t k = 0; k < i; k++)
			if (is_same(&list.all[i], &list.all[k]))
				fail_msg("form %u: '%.*s'", list.all[i].form, list.all[i].literal.len,
					 list.all[i].literal.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reach_says_what_is_spelled),
		cmocka_unit_test(words_that_keys_do_not_begin_with_are_not_spelled_in_parts),
		cmocka_unit_test(words_of_either_case_are_spelled_as_text),
		cmocka_unit_test(words_that_are_too_long_are_spelled_as_text),
		cmocka_unit_test(who_is_told_may_end_it),
		cmocka_unit_test(no_spelling_is_told_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
