/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/facet.h"

#include <string.h>

#include "tests/support/unit.h"

#define ALLOWED                                                                                                        \
	(FACET(FACET_MONTH) | FACET(FACET_DAY) | FACET(FACET_TEAM) | FACET(FACET_MODEL) | FACET(FACET_KEY) |           \
	 FACET(FACET_WORKSPACE) | FACET(FACET_GEO))

static void assert_read(const char *first, const char *second, const char *wanted)
{
	const struct texts texts = { .items = { first, second }, .count = (first ? 1u : 0) + (second ? 1u : 0) };
	DEFER(buf_done) struct buf got = BUF_INIT(200);
	struct facets facets;
	struct err err = ERR_INIT;
	unsigned set = 0;

	assert_int_equal(facets_read(&texts, "team,month", ALLOWED, "cost", &facets, &err), 0);
	for (size_t i = 0; i < facets.count; i++) {
		assert_int_equal(buf_addf(&got, "%s ", facet_words[facets.items[i]]), 0);
		set |= FACET(facets.items[i]);
	}
	assert_string_equal(got.len ? got.ptr : "", wanted);
	assert_int_equal(facets.set, set);
}

static void assert_refused(const char *words, const char *wanted)
{
	const struct texts texts = { .items = { words }, .count = 1 };
	struct facets facets;
	struct err err = ERR_INIT;

	assert_int_equal(facets_read(&texts, "team", ALLOWED, "cost", &facets, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, wanted));
}

static void time_comes_first_and_the_rest_as_it_was_given(void **state)
{
	(void)state;
	assert_read(NULL, NULL, "month team ");
	assert_read("model,key,day,team,month", NULL, "month day model key team ");
	assert_read("team", "model,team", "team model ");
	assert_read("total", NULL, "");
	assert_read("month,day,team,model,key", "geo,month", "month day team model key geo ");
}

static void what_is_no_word_or_too_much_is_told(void **state)
{
	(void)state;
	assert_refused("colour",
		       "cost is not told by 'colour'; it takes month, day, workspace, team, key, model, geo, total");
	assert_refused("kind", "'kind'"); /* of another command */
	assert_refused("", "''");
	assert_refused("team,", "''");
	assert_refused("total,team", "stands alone");
	assert_refused("month,day,team,model,key,geo,workspace", "6 at most");
}

static void one_that_is_added_comes_first(void **state)
{
	const struct texts five = { .items = { "month,team,model,key,geo" }, .count = 1 };
	struct facets facets;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(facets_read(&five, "team", ALLOWED, "cost", &facets, &err), 0);
	assert_int_equal(facets_add_first(&facets, FACET_MONTH, &err), 0);
	assert_int_equal(facets.count, 5);
	assert_int_equal(facets_add_first(&facets, FACET_TIME, &err), 0);
	assert_int_equal(facets.items[0], FACET_TIME);
	assert_int_equal(facets.items[5], FACET_GEO);
	assert_int_equal(facets_add_first(&facets, FACET_DAY, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_comes_first_and_the_rest_as_it_was_given),
		cmocka_unit_test(what_is_no_word_or_too_much_is_told),
		cmocka_unit_test(one_that_is_added_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
