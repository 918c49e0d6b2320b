/* SPDX-License-Identifier: Apache-2.0 */
/* What a page may hold, and what storing it twice costs. */
#include <sys/stat.h>

#include "common/base/bounds.h"
#include "tests/support/spool.h"

static int put_one(struct spool *spool, struct view id, struct view type, struct view body, struct err *err)
{
	const struct page_record record = { .id = id, .type = type, .origin = EVENT_OWN, .body = body };
	const struct page page = { .feed = "a", .records = &record, .count = 1 };
	struct page_stored stored = { .added = 0 };

	return spool_put(spool, &page, &stored, err);
}

static void records_that_break_the_rules_are_refused_with_their_page(void **state)
{
	static const char long_text[PAGE_ID_BYTES + 1];
	const struct {
		struct view id, type, body;
	} bad[] = {
		{ VIEW("a\nb"), VIEW("t"), VIEW("{}") },
		{ VIEW("a\xff"), VIEW("t"), VIEW("{}") },
		{ VIEW("a\xe2\x80\xae"), VIEW("t"), VIEW("{}") }, /* writes from right to left */
		{ view_from(long_text, sizeof(long_text)), VIEW("t"), VIEW("{}") },
		{ VIEW("a"), VIEW("t\x1b[0m"), VIEW("{}") },
		{ VIEW("a"), VIEW_NONE, VIEW("{}") },
		{ VIEW("a"), view_from(long_text, PAGE_TYPE_BYTES + 1), VIEW("{}") },
		{ VIEW("a"), VIEW("t"), VIEW_NONE },
	};
	struct spool *spool = open_spool();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const struct page_record records[] = {
			{ .id = VIEW("good"), .type = VIEW("t"), .origin = EVENT_OWN, .body = VIEW("{}") },
			{ .id = bad[i].id, .type = bad[i].type, .origin = EVENT_OWN, .body = bad[i].body },
		};
		const struct page page = { .feed = "a", .records = records, .count = 2, .state = VIEW("s") };
		DEFER(buf_done) struct buf kept = BUF_INIT(10);
		struct page_stored stored = { .added = 0 };
		struct err err = ERR_INIT;

		assert_int_equal(spool_put(spool, &page, &stored, &err), -1);
		assert_int_equal(err.kind, ERR_FORMAT);
		assert_int_equal(spool_head(spool), 0);
		assert_int_equal(spool_feed_state(spool, "a", &kept, &err), 0);
		assert_int_equal(kept.len, 0);
	}
	spool_free(spool);
}

static void what_is_as_long_as_it_may_be_is_taken(void **state)
{
	struct spool *spool = open_spool();
	char *text = malloc(PAGE_STATE_BYTES + 1);
	struct page page = { .feed = "a" };
	struct page_stored stored = { .added = 0 };
	struct err err = ERR_INIT;

	(void)state;
	memset(text, 't', PAGE_STATE_BYTES + 1);
	assert_int_equal(
		put_one(spool, view_from(text, PAGE_ID_BYTES), view_from(text, PAGE_TYPE_BYTES), VIEW("{}"), &err), 0);
	page.state = view_from(text, PAGE_STATE_BYTES);
	assert_int_equal(spool_put(spool, &page, &stored, &err), 0);
	page.state = view_from(text, PAGE_STATE_BYTES + 1);
	assert_int_equal(spool_put(spool, &page, &stored, &err), -1);
	free(text);
	spool_free(spool);
}

static void ids_beyond_ascii_are_taken_when_they_are_clean(void **state)
{
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(put_one(spool, VIEW("caf\xc3\xa9"), VIEW("t"), VIEW("{}"), &err), 0);
	assert_int_equal(spool_head(spool), 1);
	spool_free(spool);
}

/* Reads the id of the last event. */
static void last_id(struct spool *spool, struct buf *ret)
{
	DEFER(spool_batch_freep) struct spool_batch *batch = spool_batch_new(spool, NULL);
	struct event *events;

	assert_int_equal(spool_read(batch, spool_head(spool) - 1, 1, 1, &events, NULL, NULL), 1);
	assert_int_equal(buf_add(ret, events[0].id), 0);
}

/* Whoever knows the spool's name can foretell the ids that it gives, and takes the next one. */
static void an_id_that_the_spool_would_give_but_a_feed_took_costs_no_event(void **state)
{
	DEFER(buf_done) struct buf id = BUF_INIT(PAGE_ID_BYTES), next = BUF_INIT(PAGE_ID_BYTES);
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(put_one(spool, VIEW_NONE, VIEW("t"), VIEW("{}"), &err), 0);
	last_id(spool, &id);
	assert_int_equal(id.ptr[id.len - 1], '1');
	id.ptr[id.len - 1] = '3';
	assert_int_equal(put_one(spool, buf_view(&id), VIEW("t"), VIEW("{\"forged\":1}"), &err), 0);
	assert_int_equal(put_one(spool, VIEW_NONE, VIEW("t"), VIEW("{}"), &err), 0);
	assert_int_equal(spool_head(spool), 3);
	last_id(spool, &next);
	assert_true(text_starts(buf_view(&next), buf_view(&id)));
	assert_true(next.len > id.len);
	spool_free(spool);
}

static int64_t log_bytes(void)
{
	struct stat st;

	return stat(path_of("spool.db-wal"), &st) ? -1 : (int64_t)st.st_size;
}

static void a_page_that_is_known_writes_nothing(void **state)
{
	struct spool *spool = open_spool();
	struct page_stored stored;
	int64_t before;

	(void)state;
	put_some(spool, "audit", 1, 100, "state");
	before = log_bytes();
	assert_true(before > 0);
	stored = put_some(spool, "audit", 1, 100, "state");
	assert_int_equal(stored.known, 100);
	assert_int_equal(stored.added, 0);
	assert_int_equal(stored.first_seq, 0);
	assert_int_equal(log_bytes(), before);
	put_some(spool, "audit", 1, 100, "another state");
	assert_true(log_bytes() > before);
	spool_free(spool);
}

static void a_record_twice_in_a_page_is_stored_once(void **state)
{
	const struct page_record records[] = {
		{ .id = VIEW("a"), .type = VIEW("t"), .origin = EVENT_OWN, .body = VIEW("{}") },
		{ .id = VIEW("b"), .type = VIEW("t"), .origin = EVENT_OWN, .body = VIEW("{}") },
		{ .id = VIEW("a"), .type = VIEW("t"), .origin = EVENT_OWN, .body = VIEW("{\"other\":1}") },
	};
	const struct page page = { .feed = "a", .records = records, .count = 3 };
	bool is_new[3];
	struct page_stored stored = { .is_new = is_new };
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(spool_put(spool, &page, &stored, &err), 0);
	assert_int_equal(stored.added, 2);
	assert_int_equal(stored.known, 1);
	assert_true(is_new[0] && is_new[1] && !is_new[2]);
	assert_whole(spool);
	spool_free(spool);
}

static void a_page_without_records_stores_its_state_even_when_the_spool_is_full(void **state)
{
	struct spool *spool = open_with(&(struct spool_options){ .dir = dir, .max_bytes = 1 });
	DEFER(buf_done) struct buf kept = BUF_INIT(10);
	struct err err = ERR_INIT;

	(void)state;
	put_some(spool, "audit", 1, 0, "s1");
	assert_int_equal(spool_feed_state(spool, "audit", &kept, &err), 0);
	assert_view(buf_view(&kept), "s1");
	spool_free(spool);
}

static void a_large_body_comes_back_as_it_was(void **state)
{
	struct view body = { .ptr = malloc(JSON_RECORD_BYTES), .len = JSON_RECORD_BYTES };
	struct spool *spool = open_spool();
	struct spool_batch *batch = spool_batch_new(spool, NULL);
	struct err err = ERR_INIT;
	struct event *events;
	char *fill;

	(void)state;
	assert_non_null(body.ptr);
	fill = memset((void *)(uintptr_t)body.ptr, ' ', body.len);
	memcpy(fill, "{}", 2);
	assert_int_equal(put_one(spool, VIEW("a"), VIEW("t"), body, &err), 0);
	assert_int_equal(put_one(spool, VIEW("b"), VIEW("t"), VIEW("{}"), &err), 0);
	assert_int_equal(spool_read(batch, 0, 10, 1000, &events, NULL, &err), 1);
	assert_true(text_eq(events[0].body, body));
	assert_int_equal(spool_read(batch, 0, 10, 64u << 20, &events, NULL, &err), 2);
	assert_view(events[1].body, "{}");
	body.len++;
	assert_int_equal(put_one(spool, VIEW("c"), VIEW("t"), body, &err), -1);
	spool_batch_free(batch);
	spool_free(spool);
	free(fill);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(records_that_break_the_rules_are_refused_with_their_page),
		TEST(what_is_as_long_as_it_may_be_is_taken),
		TEST(ids_beyond_ascii_are_taken_when_they_are_clean),
		TEST(an_id_that_the_spool_would_give_but_a_feed_took_costs_no_event),
		TEST(a_page_that_is_known_writes_nothing),
		TEST(a_record_twice_in_a_page_is_stored_once),
		TEST(a_page_without_records_stores_its_state_even_when_the_spool_is_full),
		TEST(a_large_body_comes_back_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
