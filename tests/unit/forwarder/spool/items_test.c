/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/page.h"

#include <stdio.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "tests/support/spool.h"

#define MANY 700

static int put_items(struct spool *spool, const char *feed, const struct page_item *items, size_t count,
		     struct err *err)
{
	const struct page page = { .feed = feed, .items = items, .item_count = count };
	struct page_stored stored = { .added = 0 };

	return spool_put(spool, &page, &stored, err);
}

static void set(struct spool *spool, const char *feed, const char *key, const char *value)
{
	const struct page_item item = { .key = view_of(key), .value = view_of(value) };
	struct err err = ERR_INIT;

	if (put_items(spool, feed, &item, 1, &err))
		fail_msg("%s", err.text);
}

static void assert_item(struct spool *spool, const char *feed, const char *key, const char *value)
{
	DEFER(buf_done) struct buf found = BUF_INIT(PAGE_ITEM_BYTES);
	struct err err = ERR_INIT;

	assert_int_equal(spool_item(spool, feed, view_of(key), &found, &err), 0);
	assert_true(text_eq(buf_view(&found), view_of(value)));
}

static void what_is_kept_is_there_after_a_restart_and_apart_from_other_feeds(void **state)
{
	struct spool *spool = open_spool();

	(void)state;
	set(spool, "keys", "a", "1");
	set(spool, "keys", "b", "2");
	set(spool, "usage", "a", "3");
	set(spool, "keys", "b", "4");
	spool_free(spool);
	spool = open_spool();
	assert_item(spool, "keys", "a", "1");
	assert_item(spool, "keys", "b", "4");
	assert_item(spool, "usage", "a", "3");
	assert_item(spool, "usage", "b", "");
	set(spool, "keys", "a", "");
	assert_item(spool, "keys", "a", "");
	spool_free(spool);
}

struct told {
	struct spool *spool;
	size_t count, most;
	char last[PAGE_ITEM_KEY_BYTES + 1];
	bool is_ordered, drops;
};

static int tell(void *context, const struct page_item *item, struct err *err)
{
	struct told *t = context;
	char key[PAGE_ITEM_KEY_BYTES + 1] = { 0 };
	const struct page_item gone = { .key = view_from(key, item->key.len) };

	memcpy(key, item->key.ptr, item->key.len);
	t->is_ordered = t->is_ordered && strcmp(t->last, key) < 0;
	memcpy(t->last, key, sizeof(key));
	t->count++;
	if (t->drops && put_items(t->spool, "keys", &gone, 1, err))
		return -1;
	return t->most && t->count == t->most ? 7 : 0;
}

static struct told tell_all(struct spool *spool, const char *from, const char *to, struct told t, int wanted)
{
	struct err err = ERR_INIT;

	t.is_ordered = true;
	t.spool = spool;
	assert_int_equal(spool_item_each(spool, "keys", view_of(from), view_of(to), tell, &t, &err), wanted);
	assert_true(t.is_ordered);
	return t;
}

static void a_range_is_told_in_order_whatever_is_changed_meanwhile(void **state)
{
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		char key[32];

		(void)snprintf(key, sizeof(key), "row/%04u", i * 7919 % MANY);
		set(spool, "keys", key, "x");
	}
	set(spool, "keys", "row0", "behind");
	set(spool, "keys", "a", "before");
	set(spool, "usage", "row/0001", "of another");
	assert_int_equal(tell_all(spool, "row/", "row0", (struct told){ 0 }, 0).count, MANY);
	assert_int_equal(tell_all(spool, "row/0100", "row/0200", (struct told){ 0 }, 0).count, 100);
	assert_int_equal(tell_all(spool, "row/", "row0", (struct told){ .most = 3 }, 7).count, 3);
	assert_int_equal(tell_all(spool, "row/", "row0", (struct told){ .drops = true }, 0).count, MANY);
	assert_int_equal(tell_all(spool, "row/", "row0", (struct told){ 0 }, 0).count, 0);
	assert_item(spool, "keys", "row0", "behind");
	assert_int_equal(err.kind, ERR_NONE);
	spool_free(spool);
}

static void what_is_kept_is_stored_with_the_records_or_not_at_all(void **state)
{
	const struct page_record bad = { .id = VIEW("x"), .type = VIEW("t"), .origin = EVENT_OWN };
	const struct page_item item = { .key = VIEW("a"), .value = VIEW("1") };
	const struct page page = { .feed = "keys", .records = &bad, .count = 1, .items = &item, .item_count = 1 };
	struct page_stored stored = { .added = 0 };
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(spool_put(spool, &page, &stored, &err), -1); /* a record without a body */
	assert_item(spool, "keys", "a", "");
	spool_free(spool);
}

static void a_name_that_cannot_be_stored_is_refused(void **state)
{
	const struct view keys[] = { VIEW_NONE, VIEW("a\0b"), VIEW("\xff") };
	struct spool *spool = open_spool();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct page_item item = { .key = keys[i], .value = VIEW("1") };
		struct err err = ERR_INIT;

		assert_int_equal(put_items(spool, "keys", &item, 1, &err), -1);
		assert_int_equal(err.kind, ERR_FORMAT);
	}
	spool_free(spool);
}

static void the_longest_name_is_kept_and_a_longer_one_is_refused(void **state)
{
	struct spool *spool = open_spool();
	char key[PAGE_ITEM_KEY_BYTES + 2] = { 0 };
	struct page_item item = { .key = view_from(key, PAGE_ITEM_KEY_BYTES + 1), .value = VIEW("2") };
	struct err err = ERR_INIT;

	(void)state;
	memset(key, 'k', PAGE_ITEM_KEY_BYTES);
	set(spool, "keys", key, "1");
	assert_item(spool, "keys", key, "1");
	key[PAGE_ITEM_KEY_BYTES] = 'k';
	assert_int_equal(put_items(spool, "keys", &item, 1, &err), -1);
	spool_free(spool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_kept_is_there_after_a_restart_and_apart_from_other_feeds),
		TEST(a_range_is_told_in_order_whatever_is_changed_meanwhile),
		TEST(what_is_kept_is_stored_with_the_records_or_not_at_all),
		TEST(a_name_that_cannot_be_stored_is_refused),
		TEST(the_longest_name_is_kept_and_a_longer_one_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
