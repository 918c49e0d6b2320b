/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/prefilter/teddy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MANY 200

static struct literal literal_of(struct view text)
{
	struct literal l = { .len = (unsigned char)text.len };

	memcpy(l.bytes, text.ptr, text.len);
	return l;
}

static struct prefilter *make(const struct literal *set, size_t count)
{
	struct prefilter *p = prefilter_new(set, count, PREFILTER_SCALAR, NULL);

	assert_non_null(p);
	return p;
}

/* Literals of every length with bytes of every value. */
static struct prefilter *make_many(void)
{
	struct literal set[MANY];
	unsigned byte = 1;

	for (size_t i = 0; i < MANY; i++) {
		set[i] = (struct literal){ .len = (unsigned char)(LITERAL_MIN + i % (LITERAL_MAX - LITERAL_MIN + 1)) };
		for (size_t k = 0; k < set[i].len; k++)
			set[i].bytes[k] = (unsigned char)((byte = byte * 73 + 41) >> 3);
	}
	return make(set, MANY);
}

static void the_window_of_a_literal_is_its_rarest_part(void **)
{
	const struct literal set[] = { literal_of(VIEW("    kfgk    ")) };
	DEFER(prefilter_freep) struct prefilter *p = make(set, 1);

	assert_int_equal(p->literals[0].window, 4);
}

static void literals_with_a_common_part_share_a_group(void **)
{
	const struct literal set[] = { literal_of(VIEW("anthropic_kfgk")), literal_of(VIEW("kfgk_secret")),
				       literal_of(VIEW("my-kfgk")) };
	DEFER(prefilter_freep) struct prefilter *p = make(set, ARRAY_LEN(set));

	for (size_t i = 0; i < ARRAY_LEN(set); i++) {
		assert_int_equal(p->literals[i].group, p->literals[0].group);
		assert_memory_equal(set[i].bytes + p->literals[i].window, "kfgk", 4);
	}
}

static void unlike_literals_do_not_share_a_group(void **)
{
	const struct literal set[] = { literal_of(VIEW("abcd")), literal_of(VIEW("efgh")) };
	DEFER(prefilter_freep) struct prefilter *p = make(set, 2);

	assert_int_not_equal(p->literals[0].group, p->literals[1].group);
}

static void few_literals_are_looked_for_by_the_low_halves_of_their_bytes(void **)
{
	const struct literal set[] = { literal_of(VIEW("sk-ant-")) };
	DEFER(prefilter_freep) struct prefilter *few = make(set, 1), *many = make_many();

	assert_false(few->is_wide);
	assert_true(many->is_wide);
}

static void the_place_of_a_built_in_literal_is_known(void **)
{
	size_t known = 0;

	assert_true(teddy_known_count > TEDDY_FEW);
	for (size_t i = 1; i < teddy_known_count; i++)
		assert_true(teddy_known[i - 1].hash < teddy_known[i].hash);
	for (size_t i = 0; i < teddy_known_count; i++)
		known += teddy_known[i].group < TEDDY_GROUPS && teddy_known[i].window < LITERAL_MAX;
	assert_int_equal(known, teddy_known_count);
}

static void each_column_lets_its_literals_through(void **)
{
	DEFER(prefilter_freep) struct prefilter *p = make_many();

	for (size_t i = 0; i < p->count; i++) {
		const struct teddy_literal *l = &p->literals[i];

		for (unsigned c = 0; c < TEDDY_COLUMNS + TEDDY_MORE; c++) {
			size_t at = l->window + c;
			unsigned char group = (unsigned char)(1u << l->group);
			unsigned char byte = at < l->text.len ? l->text.bytes[at] : (unsigned char)(i + c);

			assert_true(p->low[c][byte & 0x0F] & group);
			assert_true(p->high[c][byte >> 4] & group);
			assert_true(p->whole[c][byte & 0x7F] & group);
		}
	}
}

static void a_window_lies_in_its_literal_and_within_reach(void **)
{
	DEFER(prefilter_freep) struct prefilter *p = make_many();

	for (size_t i = 0; i < p->count; i++) {
		const struct teddy_literal *l = &p->literals[i];

		assert_true(l->window + TEDDY_COLUMNS <= l->text.len);
		assert_true(l->window <= p->reach);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_window_of_a_literal_is_its_rarest_part),
		cmocka_unit_test(literals_with_a_common_part_share_a_group),
		cmocka_unit_test(unlike_literals_do_not_share_a_group),
		cmocka_unit_test(few_literals_are_looked_for_by_the_low_halves_of_their_bytes),
		cmocka_unit_test(the_place_of_a_built_in_literal_is_known),
		cmocka_unit_test(each_column_lets_its_literals_through),
		cmocka_unit_test(a_window_lies_in_its_literal_and_within_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
