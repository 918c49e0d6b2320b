/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/idset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct view name(char (*text)[32], unsigned i)
{
	return view_from(*text, (size_t)snprintf(*text, sizeof(*text), "activity_%u", i));
}

static void nothing_is_found_in_an_empty_set(void **state)
{
	struct idset set = { .items = NULL };

	(void)state;
	assert_null(idset_find(&set, VIEW("x")));
	idset_done(&set);
}

static void every_id_is_found_with_its_number_and_no_other(void **state)
{
	struct idset set = { .items = NULL };
	char text[32];

	(void)state;
	for (unsigned i = 0; i < 10'000; i++)
		assert_int_equal(idset_add(&set, name(&text, i), i * 3, NULL), 0);
	for (unsigned i = 0; i < 10'000; i++) {
		struct idset_item *item = idset_find(&set, name(&text, i));

		assert_non_null(item);
		assert_int_equal(item->number, i * 3);
		assert_int_equal(item->count, 1);
	}
	assert_int_equal(set.used, 10'000);
	assert_null(idset_find(&set, VIEW("activity_10000")));
	idset_done(&set);
}

static void a_second_one_is_counted_and_keeps_the_first_number(void **state)
{
	struct idset set = { .items = NULL };
	struct idset_item *item;

	(void)state;
	assert_int_equal(idset_add(&set, VIEW("a"), 1, NULL), 0);
	assert_int_equal(idset_add(&set, VIEW("a"), 2, &item), 0);
	assert_int_equal(item->number, 1);
	assert_int_equal(item->count, 2);
	assert_int_equal(set.used, 1);
	idset_done(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_found_in_an_empty_set),
		cmocka_unit_test(every_id_is_found_with_its_number_and_no_other),
		cmocka_unit_test(a_second_one_is_counted_and_keeps_the_first_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
