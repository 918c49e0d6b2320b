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

static void few_literals_are_looked_for_by_four_bytes_and_many_by_six(void **)
{
	const struct literal set[] = { literal_of(VIEW("sk-ant-")) };
	DEFER(prefilter_freep) struct prefilter *few = make(set, 1), *many = make_many();

	assert_int_equal(few->width, TEDDY_NARROW);
	assert_int_equal(many->width, TEDDY_WIDE);
}

static void each_column_lets_its_literals_through(void **)
{
	DEFER(prefilter_freep) struct prefilter *p = make_many();

	for (size_t i = 0; i < p->count; i++) {
		const struct teddy_literal *l = &p->literals[i];

		for (unsigned c = 0; c < p->width; c++)
			for (unsigned n = 0; n < TEDDY_NIBBLES; n++) {
				size_t at = l->window + c;

				if (at >= l->text.len || (l->text.bytes[at] & 0x0Fu) == n)
					assert_true(p->columns[c][n] >> l->group & 1);
			}
	}
}

static void a_window_lies_in_its_literal_and_within_reach(void **)
{
	DEFER(prefilter_freep) struct prefilter *p = make_many();

	for (size_t i = 0; i < p->count; i++) {
		const struct teddy_literal *l = &p->literals[i];

		assert_true(l->window + TEDDY_NARROW <= l->text.len);
		assert_true(l->window <= p->reach);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_window_of_a_literal_is_its_rarest_part),
		cmocka_unit_test(literals_with_a_common_part_share_a_group),
		cmocka_unit_test(unlike_literals_do_not_share_a_group),
		cmocka_unit_test(few_literals_are_looked_for_by_four_bytes_and_many_by_six),
		cmocka_unit_test(each_column_lets_its_literals_through),
		cmocka_unit_test(a_window_lies_in_its_literal_and_within_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
