/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/tables.h"

#include "common/base/text.h"
#include "scanner/match/matcher.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

static bool make_worker(void *context, long n)
{
	struct matcher_worker *worker;
	bool has_failed;

	nomem_start(n);
	worker = matcher_worker_new(context);
	has_failed = nomem_stop();
	assert_true(has_failed == !worker);
	matcher_worker_free(worker);
	return has_failed;
}

static void without_memory_there_is_no_worker(void **state)
{
	struct ruleset *set = ruleset_new();
	struct err err = ERR_INIT;
	struct matcher *matcher;

	(void)state;
	assert_int_equal(ruleset_parse(set,
				       VIEW("version: 1\nrules:\n  - {id: t, title: t, regex: 'a',\n"
					    "     table: {format: csv, columns: [name]}}\n"),
				       "r", &err),
			 0);
	matcher = matcher_new(set, &err);
	assert_non_null(matcher);
	assert_true(nomem_each(make_worker, matcher) > 3);
	matcher_free(matcher);
	ruleset_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_memory_there_is_no_worker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
