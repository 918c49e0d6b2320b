/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/places.h"

#include <string.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

static void assert_place(const struct places *p, size_t n, size_t from, size_t to)
{
	assert_true(n < p->count);
	assert_int_equal(p->items[n].from, from);
	assert_int_equal(p->items[n].to, to);
}

static void a_place_begins_in_the_word_before_its_line(void **)
{
	struct places p = { .count = 0 };
	struct view text = VIEW("first\nsecond word here\nthird word\n");

	assert_int_equal(places_add(&p, text, 13, 1), 0);
	assert_int_equal(places_add(&p, text, 29, 1), 0);
	places_settle(&p);
	assert_int_equal(p.count, 2);
	assert_place(&p, 0, 4, 13);
	assert_place(&p, 1, 21, 29);
	places_done(&p);
}

static void a_reach_goes_back_over_lines(void **)
{
	struct places p = { .count = 0 };

	assert_int_equal(places_add(&p, VIEW("first\nsecond\nthird\n"), 13, 5), 0);
	assert_int_equal(places_add(&p, VIEW("first\nsecond\nthird\n"), 13, 100), 0);
	assert_place(&p, 0, 4, 13);
	places_settle(&p);
	assert_int_equal(p.count, 1);
	assert_place(&p, 0, 4, 13);
	places_done(&p);
}

static void places_that_touch_are_one_in_any_order(void **)
{
	static const size_t at[] = { 40, 900, 45, 20, 890, 300 };
	struct places p = { .count = 0 };
	static char text[1000];

	memset(text, 'x', sizeof(text));
	for (size_t i = 50; i < sizeof(text); i += 50)
		text[i] = '\n';
	for (size_t i = 0; i < ARRAY_LEN(at); i++)
		assert_int_equal(places_add(&p, view_from(text, sizeof(text)), at[i], 10), 0);
	places_settle(&p);
	assert_int_equal(p.count, 3);
	assert_place(&p, 0, 0, 45);
	assert_place(&p, 1, 249, 300);
	assert_place(&p, 2, 849, 900);
	places_done(&p);
}

static void a_place_in_a_long_line_begins_in_a_word(void **)
{
	struct places p = { .count = 0 };
	static char text[4 * MATCH_BEFORE_BYTES];

	memset(text, '"', sizeof(text));
	text[sizeof(text) - 700] = 'w';
	text[sizeof(text) - 699] = 'w';
	assert_int_equal(places_add(&p, view_from(text, sizeof(text)), sizeof(text) - 10, 100), 0);
	assert_place(&p, 0, sizeof(text) - 699, sizeof(text) - 10);
	places_done(&p);
}

static void no_place_begins_behind_a_quote_or_a_line(void **)
{
	static const char *const texts[] = { "word\n- x: claude", "word\n\n\n  claude", "word 'x',\n'y' claude" };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct places p = { .count = 0 };

		assert_int_equal(places_add(&p, view_of(texts[i]), strlen(texts[i]) - 6, 1), 0);
		assert_place(&p, 0, 3, strlen(texts[i]) - 6);
		places_done(&p);
	}
}

static void many_places_out_of_order_are_put_in_order(void **)
{
	static char text[100000];
	struct places p = { .count = 0 };

	memset(text, 'x', sizeof(text));
	for (size_t i = 32; i < sizeof(text); i += 33)
		text[i] = '\n';
	for (size_t i = 1000; i > 0; i--)
		assert_int_equal(places_add(&p, view_from(text, sizeof(text)), i * 99, 1), 0);
	places_settle(&p);
	assert_int_equal(p.count, 1000);
	for (size_t i = 0; i < p.count; i++)
		assert_int_equal(p.items[i].to, (i + 1) * 99);
	places_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_place_begins_in_the_word_before_its_line),
		cmocka_unit_test(a_reach_goes_back_over_lines),
		cmocka_unit_test(places_that_touch_are_one_in_any_order),
		cmocka_unit_test(no_place_begins_behind_a_quote_or_a_line),
		cmocka_unit_test(a_place_in_a_long_line_begins_in_a_word),
		cmocka_unit_test(many_places_out_of_order_are_put_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
