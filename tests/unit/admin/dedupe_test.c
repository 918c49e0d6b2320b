/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/dedupe.h"

#include <stdio.h>

#include "tests/support/unit.h"

static bool is_new(struct dedupe *d, unsigned number)
{
	char id[32];
	int len = snprintf(id, sizeof(id), "activity_%u", number);

	return dedupe_is_new(d, view_from(id, (size_t)len));
}

static void start(struct dedupe *d, size_t window)
{
	struct err err = ERR_INIT;

	assert_int_equal(dedupe_init(d, window, &err), 0);
}

static void an_id_is_new_once(void **state)
{
	DEFER(dedupe_done) struct dedupe d;

	(void)state;
	start(&d, 8);
	assert_true(is_new(&d, 1));
	assert_false(is_new(&d, 1));
	assert_true(is_new(&d, 2));
	assert_false(is_new(&d, 1));
}

static void an_empty_id_is_an_id(void **state)
{
	DEFER(dedupe_done) struct dedupe d;

	(void)state;
	start(&d, 8);
	assert_true(dedupe_is_new(&d, VIEW_NONE));
	assert_false(dedupe_is_new(&d, VIEW("")));
}

static void an_id_is_known_for_a_whole_window(void **state)
{
	DEFER(dedupe_done) struct dedupe d;

	(void)state;
	start(&d, 64);
	for (unsigned i = 0; i < 64; i++)
		assert_true(is_new(&d, i));
	for (unsigned i = 0; i < 64; i++)
		assert_false(is_new(&d, i));
	assert_true(is_new(&d, 64));
	assert_true(is_new(&d, 0)); /* the oldest one was let go */
	assert_false(is_new(&d, 2));
}

/* Entries that leave must not hide those that stay: compared with a plain list, for long. */
static void what_leaves_hides_nothing(void **state)
{
	enum { WINDOW = 32, IDS = 100, STEPS = 50000 };
	DEFER(dedupe_done) struct dedupe d;
	unsigned last[WINDOW];
	unsigned long added = 0;
	unsigned random = 1;

	(void)state;
	start(&d, WINDOW);
	for (unsigned step = 0; step < STEPS; step++) {
		bool expected = true;
		unsigned id;

		random = random * 1103515245u + 12345u;
		id = (random >> 16) % IDS;
		for (unsigned long i = 0; i < WINDOW && i < added; i++)
			expected &= last[i] != id;
		assert_int_equal(is_new(&d, id), expected);
		if (expected)
			last[added++ % WINDOW] = id;
	}
	assert_true(added > WINDOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_new_once),
		cmocka_unit_test(an_empty_id_is_an_id),
		cmocka_unit_test(an_id_is_known_for_a_whole_window),
		cmocka_unit_test(what_leaves_hides_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
