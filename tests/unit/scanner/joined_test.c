/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/joined.h"

#include <stdio.h>
#include <string.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

static const struct rule rule = { .id = "a-rule" };

/* One of many repositories, or of none. */
static struct finding make(const char *repository, const char *path, const char *secret, const char *also_at)
{
	struct finding f = { .rule = &rule,
			     .path = path,
			     .masked = "m",
			     .severity = SEVERITY_HIGH,
			     .origin = { .repository = repository, .also_at = also_at, .is_known = true } };

	(void)snprintf(f.secret_id, sizeof(f.secret_id), "%s", secret);
	return f;
}

/* "path xOCCURRENCES also_at\n" of each */
static void are(struct joined *j, const char *expected)
{
	struct records *r = joined_take(j);
	char text[1024] = "";
	size_t len = 0;

	assert_non_null(r);
	for (const struct record *i = r->first; i; i = i->next)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s x%llu %s\n", i->finding.path,
					(unsigned long long)i->finding.origin.occurrences,
					i->finding.origin.also_at ? i->finding.origin.also_at : "-");
	assert_string_equal(text, expected);
	records_free(r);
	joined_done(j);
}

static void a_secret_is_one_wherever_in_many_repositories(void **)
{
	const struct finding f[] = { make("b", "b/x", "1", NULL), make("a", "a/y", "1", "a/z"),
				     make("a", "a/y", "2", NULL), make("c", "c/x", "1", NULL) };
	struct joined j = { .count = 0 };

	for (size_t i = 0; i < ARRAY_LEN(f); i++)
		assert_int_equal(joined_add(&j, &f[i]), 0);
	assert_int_equal(j.doubles, 0);
	are(&j, "a/y x3 a/z//b/x//c/x\na/y x1 -\n");
}

static void the_order_and_what_was_joined_before_do_not_matter(void **)
{
	const struct finding f[] = { make("a", "a/y", "1", "a/z//b/x"), make("c", "c/x", "1", NULL),
				     make("b", "b/x", "1", NULL) };
	struct finding before = f[0];
	struct joined j = { .count = 0 }, k = { .count = 0 };

	before.origin.occurrences = 2;
	assert_int_equal(joined_add(&j, &f[1]), 0);
	assert_int_equal(joined_add(&j, &before), 0);
	are(&j, "a/y x3 a/z//b/x//c/x\n");
	for (size_t i = ARRAY_LEN(f); i-- > 0;)
		assert_int_equal(joined_add(&k, &f[i]), 0);
	are(&k, "a/y x3 a/z//b/x//c/x\n");
}

static void what_matters_more_stands_for_all(void **)
{
	struct finding low = make("a", "a/x", "1", NULL), high = make("b", "b/x", "1", NULL),
		       head = make("c", "c/x", "1", NULL);
	struct joined j = { .count = 0 };

	low.severity = SEVERITY_LOW;
	head.origin.at_head = true;
	assert_int_equal(joined_add(&j, &low), 0);
	assert_int_equal(joined_add(&j, &head), 0);
	assert_int_equal(joined_add(&j, &high), 0);
	are(&j, "c/x x3 a/x//b/x\n");
}

static void what_is_new_anywhere_stands_for_what_is_not(void **)
{
	struct finding old = make("a", "a/x", "1", NULL), new = make("b", "b/x", "1", NULL);
	struct joined j = { .count = 0 };

	old.status = STATUS_BASELINE;
	assert_int_equal(joined_add(&j, &old), 0);
	assert_int_equal(joined_add(&j, &new), 0);
	are(&j, "b/x x2 a/x\n");
}

static void places_that_are_too_many_are_the_last_ones(void **)
{
	struct joined j = { .count = 0 };
	struct records *r;
	char path[16];

	for (unsigned i = JOINED_PLACES_MAX + 10; i-- > 0;) {
		struct finding f;

		(void)snprintf(path, sizeof(path), "r/%06u", i);
		f = make("r", path, "1", NULL);
		assert_int_equal(joined_add(&j, &f), 0);
	}
	r = joined_take(&j);
	assert_non_null(r);
	assert_string_equal(r->first->finding.path, "r/000000");
	assert_int_equal(r->first->finding.origin.occurrences, JOINED_PLACES_MAX + 10);
	assert_true(strncmp(r->first->finding.origin.also_at, "r/000001//r/000002", 18) == 0);
	assert_string_equal(strrchr(r->first->finding.origin.also_at, '/') + 1, "009999");
	records_free(r);
	joined_done(&j);
}

static void elsewhere_each_place_stays_a_find_of_its_own(void **)
{
	const struct finding f[] = { make(NULL, "x", "1", NULL), make(NULL, "y", "1", NULL), make(NULL, "x", "1", NULL),
				     make("r", "r/x", "1", NULL) };
	struct joined j = { .count = 0 };

	for (size_t i = 0; i < ARRAY_LEN(f); i++)
		assert_int_equal(joined_add(&j, &f[i]), 0);
	assert_int_equal(j.doubles, 1);
	are(&j, "r/x x1 -\nx x0 -\ny x0 -\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_is_one_wherever_in_many_repositories),
		cmocka_unit_test(the_order_and_what_was_joined_before_do_not_matter),
		cmocka_unit_test(what_matters_more_stands_for_all),
		cmocka_unit_test(what_is_new_anywhere_stands_for_what_is_not),
		cmocka_unit_test(places_that_are_too_many_are_the_last_ones),
		cmocka_unit_test(elsewhere_each_place_stays_a_find_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
