/* SPDX-License-Identifier: Apache-2.0 */
/* Sums by groups, and names that rows tell, with each allocation failing in turn. */
#include "admin/naming.h"
#include "admin/tally.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

#define ROWS 40

static int add_rows(struct tally *tally, struct err *err)
{
	char name[] = "team-00";

	for (unsigned i = 0; i < ROWS; i++) {
		struct facts facts = { .values = { VIEW_NONE } };

		name[5] = (char)('0' + i / 10);
		name[6] = (char)('0' + i % 10);
		facts.values[FACET_TEAM] = view_from(name, 7);
		if (tally_add(tally, &facts, decimal_of(i), NULL, err))
			return -1;
	}
	return 0;
}

static bool sum_with_a_failure(void *context, long n)
{
	const struct facets facets = { .items = { FACET_TEAM }, .count = 1, .set = FACET(FACET_TEAM) };
	const struct tally_row **rows = NULL;
	struct err err = ERR_INIT;
	struct tally tally;
	bool has_failed;
	int status;

	(void)context;
	tally_init(&tally, &facets);
	nomem_start(n);
	status = add_rows(&tally, &err) || tally_sorted(&tally, &rows, &err) ? -1 : 0;
	has_failed = nomem_stop();
	assert_int_equal(status, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	if (!has_failed) {
		assert_int_equal(tally.count, ROWS);
		assert_int_equal(rows[0]->amount.units, ROWS - 1);
	}
	free((void *)rows);
	tally_done(&tally);
	return has_failed;
}

static void sums_without_memory_are_an_error(void **state)
{
	(void)state;
	assert_true(nomem_each(sum_with_a_failure, NULL) > 8);
}

static bool tell_with_a_failure(void *context, long n)
{
	struct naming naming = { .told_ids = INTERN_INIT(1 << 10), .told_names = INTERN_INIT(1 << 10) };
	struct err err = ERR_INIT;
	bool has_failed;
	int status;

	(void)context;
	nomem_start(n);
	status = naming_tell_workspace(&naming, VIEW("w1"), VIEW("a"), &err) ||
				 naming_tell_workspace(&naming, VIEW("w2"), VIEW("b"), &err)
			 ? -1
			 : 0;
	has_failed = nomem_stop();
	assert_int_equal(status, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	naming_done(&naming);
	return has_failed;
}

static void a_name_without_memory_is_an_error(void **state)
{
	(void)state;
	assert_true(nomem_each(tell_with_a_failure, NULL) > 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_without_memory_are_an_error),
		cmocka_unit_test(a_name_without_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
