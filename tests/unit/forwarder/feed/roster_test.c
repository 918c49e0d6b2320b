/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/roster.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define MOST 8

static struct page_item kept[MOST]; /* in the order of their keys */
static size_t kept_count;
static char told[512];

/* As spool_item_each. */
static int items(void *context, const char *feed, struct view from, struct view to, page_item_tell *tell, void *what,
		 struct err *err)
{
	int status = 0;

	(void)context;
	(void)feed;
	for (size_t i = 0; i < kept_count && !status; i++)
		if (text_cmp(kept[i].key, from) >= 0 && text_cmp(kept[i].key, to) < 0)
			status = tell(what, &kept[i], err);
	return status;
}

static void keep(const char *key, const char *value)
{
	kept[kept_count++] = (struct page_item){ .key = view_of(key), .value = view_of(value) };
}

/* "+a" is new, "-a" gone, "=a" in both. */
static int note(void *context, size_t index, struct view key, struct view before, struct err *err)
{
	size_t len = strlen(told);

	(void)context;
	(void)err;
	(void)snprintf(told + len, sizeof(told) - len, "%c%.*s ",
		       index == SIZE_MAX ? '-'
		       : before.len      ? '='
					 : '+',
		       (int)key.len, key.ptr);
	return 0;
}

static void assert_compares(const char *const *ids, size_t count, const char *expected)
{
	static char name[] = "keys";
	struct settings_feed settings = { .name = name };
	const struct feed_out out = { .items = items };
	const struct feed_env env = { .settings = &settings, .out = &out };
	DEFER(roster_done) struct roster roster;
	struct err err = ERR_INIT;

	roster_init(&roster, "key/");
	roster.tell = note;
	told[0] = '\0';
	for (size_t i = 0; i < count; i++)
		assert_int_equal(roster_add(&roster, view_of(ids[i]), VIEW_NONE, i, &err), 0);
	assert_int_equal(roster_compare(&roster, &env, &err), 0);
	assert_string_equal(told, expected);
}

static int set_up(void **state)
{
	(void)state;
	kept_count = 0;
	return 0;
}

static void what_is_new_gone_and_in_both_is_told_in_order(void **state)
{
	const char *const ids[] = { "d", "b", "a", "f" };

	(void)state;
	keep("key/b", "{}");
	keep("key/c", "{}");
	keep("key/e", "{\"gone\":true}");
	keep("key/f", "{}");
	keep("kez/a", "{}");
	assert_compares(ids, ARRAY_LEN(ids), "+a =b -c +d =f ");
}

static void an_entry_that_is_there_twice_counts_once(void **state)
{
	const char *const ids[] = { "b", "a", "b" };

	(void)state;
	assert_compares(ids, ARRAY_LEN(ids), "+a +b ");
}

static void all_are_gone_from_an_empty_list(void **state)
{
	(void)state;
	keep("key/a", "{}");
	keep("key/b", "{}");
	assert_compares(NULL, 0, "-a -b ");
}

static void ids_that_cannot_stand_in_a_key_are_hashed(void **state)
{
	const char *const ids[] = { "a\nb" };

	(void)state;
	assert_compares(ids, 1, "+sha256-7e18f737311b2dc3b2f269dd78396b03 ");
}

static void what_was_kept_is_read_back(void **state)
{
	DEFER(buf_done) struct buf store = BUF_INIT(64);
	struct view object = VIEW("{\"revision\":7,\"name\":\"a\\u0062\",\"gone\":true,\"n\":\"x\"}");

	(void)state;
	assert_int_equal(roster_number(object, "revision"), 7);
	assert_int_equal(roster_number(object, "n"), 0);
	assert_true(text_eq(roster_text(object, "name", &store), VIEW("ab")));
	assert_true(roster_is(object, "gone"));
	assert_false(roster_is(object, "name"));
	assert_false(roster_is(VIEW_NONE, "gone"));
	assert_int_equal(roster_text(object, "missing", &store).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_new_gone_and_in_both_is_told_in_order, set_up),
		cmocka_unit_test_setup(an_entry_that_is_there_twice_counts_once, set_up),
		cmocka_unit_test_setup(all_are_gone_from_an_empty_list, set_up),
		cmocka_unit_test_setup(ids_that_cannot_stand_in_a_key_are_hashed, set_up),
		cmocka_unit_test(what_was_kept_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
