/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/batch.h"

#include "common/base/text.h"
#include "tests/support/unit.h"

#define TIME_S INT64_C(1'794'301'200) /* 2026-11-10T09:00:00Z */

static struct settings_feed settings;
static struct buf stored; /* what put was given: ids, bodies, items, a line each */
static int put_status;

static int put(void *context, const struct page *page, struct page_stored *ret, struct err *err)
{
	(void)context;
	if (put_status < 0)
		return err_set(err, ERR_IO, 0, "the disk is full");
	if (put_status)
		return put_status;
	for (size_t i = 0; i < page->count; i++) {
		const struct page_record *r = &page->records[i];

		assert_int_equal(r->origin, EVENT_OWN);
		assert_int_equal(r->time_ns, TIME_S * 1'000'000'000);
		assert_int_equal(buf_add(&stored, r->id), 0);
		assert_int_equal(buf_addf(&stored, "%s", r->is_redacted ? "! " : " "), 0);
		assert_int_equal(buf_add(&stored, r->body), 0);
		assert_int_equal(buf_add_byte(&stored, '\n'), 0);
	}
	for (size_t i = 0; i < page->item_count; i++) {
		assert_int_equal(buf_add(&stored, page->items[i].key), 0);
		assert_int_equal(buf_add_byte(&stored, '='), 0);
		assert_int_equal(buf_add(&stored, page->items[i].value), 0);
		assert_int_equal(buf_add_byte(&stored, '\n'), 0);
	}
	ret->added = page->count;
	return 0;
}

static const struct feed_out out = { .put = put };
static const struct feed_env env = { .settings = &settings, .out = &out };

static int set_up(void **state)
{
	static char name[] = "keys";

	(void)state;
	settings = (struct settings_feed){ .name = name, .filter = { .severity = EVENT_DEBUG } };
	stored = (struct buf)BUF_INIT(1 << 20);
	put_status = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_done(&stored);
	return 0;
}

static void add(struct batch *b, const char *type, const char *id, struct view name)
{
	struct err err = ERR_INIT;

	batch_member(batch_begin(b, type, TIME_S, NULL, VIEW("it is so")), "name", name);
	assert_int_equal(batch_end(b, view_of(id), &err), 0);
}

static void events_and_what_is_kept_go_into_one_page(void **state)
{
	DEFER(batch_done) struct batch b;
	struct err err = ERR_INIT;

	(void)state;
	batch_init(&b, &env);
	add(&b, "key_created", "a:1", VIEW("x"));
	add(&b, "key_gone", "a:2", VIEW_NONE);
	assert_int_equal(batch_keep(&b, VIEW("key/a"), VIEW("{}"), &err), 0);
	assert_int_equal(batch_keep(&b, VIEW("key/b"), VIEW_NONE, &err), 0);
	assert_int_equal(stored.len, 0);
	assert_int_equal(batch_put(&b, VIEW_NONE, &err), 0);
	assert_string_equal(stored.ptr,
			    "a:1 {\"type\":\"key_created\",\"time\":\"2026-11-10T09:00:00Z\",\"message\":\"it is so\","
			    "\"name\":\"x\"}\n"
			    "a:2 {\"type\":\"key_gone\",\"time\":\"2026-11-10T09:00:00Z\",\"message\":\"it is so\"}\n"
			    "key/a={}\nkey/b=\n");
	buf_clear(&stored);
	assert_int_equal(batch_put(&b, VIEW_NONE, &err), 0);
	assert_int_equal(stored.len, 0);
}

static void a_key_is_masked_in_events_and_in_what_is_kept(void **state)
{
	DEFER(batch_done) struct batch b;
	DEFER(buf_done) struct buf key = BUF_INIT(256), item = BUF_INIT(512);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(buf_add_text(&key, "sk-ant-api03-"), 0);
	for (unsigned i = 0; i < 93; i++)
		assert_int_equal(buf_add_byte(&key, (char)('a' + i * 7 % 26)), 0);
	assert_int_equal(buf_add_text(&key, "AA"), 0);
	assert_int_equal(buf_addf(&item, "{\"name\":\"%s\"}", key.ptr), 0);
	batch_init(&b, &env);
	add(&b, "key_created", "a:1", buf_view(&key));
	assert_int_equal(batch_keep(&b, VIEW("key/a"), buf_view(&item), &err), 0);
	assert_int_equal(batch_put(&b, VIEW_NONE, &err), 0);
	assert_true(text_starts(buf_view(&stored), VIEW("a:1! ")));
	assert_int_equal(text_find(buf_view(&stored), buf_view(&key)), SIZE_MAX);
}

static void what_the_filter_does_not_let_pass_is_left_out_but_kept(void **state)
{
	static char wanted[] = "key_gone";
	char *types[] = { wanted, NULL };
	DEFER(batch_done) struct batch b;
	struct err err = ERR_INIT;

	(void)state;
	settings.filter.types = types;
	batch_init(&b, &env);
	add(&b, "key_created", "a:1", VIEW_NONE);
	add(&b, "key_gone", "a:2", VIEW_NONE);
	assert_int_equal(batch_keep(&b, VIEW("key/a"), VIEW("{}"), &err), 0);
	assert_int_equal(batch_put(&b, VIEW_NONE, &err), 0);
	assert_true(text_starts(buf_view(&stored), VIEW("a:2 ")));
	assert_true(text_ends(buf_view(&stored), VIEW("\nkey/a={}\n")));
}

static void a_full_spool_and_a_broken_one_are_told_apart(void **state)
{
	DEFER(batch_done) struct batch b;
	struct err err = ERR_INIT;

	(void)state;
	batch_init(&b, &env);
	add(&b, "key_gone", "a:1", VIEW_NONE);
	put_status = 1;
	assert_int_equal(batch_put(&b, VIEW_NONE, &err), BATCH_FULL);
	add(&b, "key_gone", "a:1", VIEW_NONE);
	put_status = -1;
	assert_int_equal(batch_put(&b, VIEW_NONE, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(events_and_what_is_kept_go_into_one_page, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_key_is_masked_in_events_and_in_what_is_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_the_filter_does_not_let_pass_is_left_out_but_kept, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_full_spool_and_a_broken_one_are_told_apart, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
