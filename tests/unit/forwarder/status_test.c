/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/status.h"

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/sys/json.h"
#include "tests/support/spool.h"

#define TEXT_BYTES (1u << 16)

static struct spool_cursor cursor_of(struct spool *spool, const char *sink)
{
	struct spool_cursor cursor;
	struct err err = ERR_INIT;

	assert_int_equal(spool_cursor_load(spool, sink, 0, &cursor, &err), 0);
	return cursor;
}

static void store(struct spool *spool, const char *sink, const struct spool_cursor *cursor)
{
	struct err err = ERR_INIT;

	assert_int_equal(spool_cursor_store(spool, sink, cursor, NULL, 0, &err), 0);
}

static void assert_part(const struct buf *text, const char *part)
{
	if (!text->ptr || !strstr(text->ptr, part))
		fail_msg("'%s' is not in:\n%s", part, text->ptr);
}

static void an_empty_spool_says_that_nothing_runs(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);
	DEFER(spool_freep) struct spool *spool = open_spool();
	struct status status = { .spool = spool };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(status_add_text(&text, &status, &err), 0);
	assert_part(&text, "skantd: not running; this is what its spool says\nspool:  0 events, 0 with their body, ");
	assert_null(strstr(text.ptr, "chain of event"));
	assert_null(strstr(text.ptr, "sink"));
}

static void one_event_is_told_as_one(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(TEXT_BYTES), line = BUF_INIT(TEXT_BYTES);
	DEFER(spool_freep) struct spool *spool = open_spool();
	struct parts parts = { 0 };
	struct status status = { .spool = spool };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(put_some(spool, "f", 1, 1, "s").added, 1);
	assert_int_equal(status_add_text(&text, &status, &err), 0);
	assert_part(&text, "spool:  1 event, 1 with their body, ");
	status.parts = &parts;
	assert_int_equal(status_add_line(&line, &status, &err), 0);
	assert_string_equal(line.ptr, "1 event, 0 feeds, 0 sinks");
}

/* Whatever a sink's row may hold is told. */
static void each_sink_says_how_far_it_is(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);
	DEFER(spool_freep) struct spool *spool = open_spool();
	struct status status = { .spool = spool, .reload_error = "line 3" };
	const struct spool_replay asked[] = { { .from_seq = 1, .to_seq = 1500, .dead_only = true },
					      { .from_seq = 3, .to_seq = 9 },
					      { .from_seq = 1, .to_seq = 2 },
					      { .from_seq = 5, .to_seq = 5 } };
	struct spool_replay replay;
	struct spool_cursor cursor;
	struct err err = ERR_INIT;

	(void)state;
	now = (clock_unix_s() - 3 * 86'400) * (int64_t)SECOND;
	assert_int_equal(put_some(spool, "f", 1, 1500, "s").added, 1500);
	cursor = cursor_of(spool, "all");
	cursor.confirmed = cursor.attempted = cursor.delivered = cursor.durable = 1500;
	store(spool, "all", &cursor);
	cursor = cursor_of(spool, "behind");
	cursor.confirmed = cursor.attempted = cursor.delivered = 300;
	cursor.durable = 200;
	cursor.unproven = 1;
	cursor.rejected = 2;
	cursor.replayed = 3;
	cursor.resent = 4;
	cursor.cut = 5;
	store(spool, "behind", &cursor);
	for (size_t i = 0; i < ARRAY_LEN(asked); i++)
		assert_int_equal(spool_replay_add(spool, i ? "behind" : "all", &asked[i], &err), 0);
	assert_int_equal(spool_replay_next(spool, "behind", 0, &replay, &err), 1);
	replay.done_seq = 7;
	assert_int_equal(spool_replay_store(spool, &replay, &err), 0);
	assert_int_equal(status_add_text(&text, &status, &err), 0);
	assert_part(&text, "spool:  1,500 events, 1,500 with their body, ");
	assert_part(&text, "; chain of event 1500: ");
	assert_part(&text,
		    "sink    all          1,500 durable\n        replay: the dead letters of events 1 to 1500\n");
	assert_part(&text, "sink    behind       300 delivered, durable up to event 200, 1,200 waiting for 3 d, "
			   "1 unproven, 2 dead letters, 3 sent again and marked, 4 found missing and sent again, "
			   "5 without their JSON\n        replay: events 3 to 9, done up to 7; and 2 more\n");
	assert_part(&text, "reload  refused, the configuration from before holds: line 3\n");
}

static void how_long_events_wait_is_told_in_one_unit(void **state)
{
	static const struct {
		int64_t s;
		const char *text;
	} spans[] = { { 600, " waiting for 10 min" }, { 5 * 3600, " waiting for 5 h" }, { -90, " waiting for 0 s" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(spans); i++) {
		DEFER(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);
		struct spool *spool = open_spool();
		struct status status = { .spool = spool };
		struct err err = ERR_INIT;

		now = (clock_unix_s() - spans[i].s) * (int64_t)SECOND;
		assert_int_equal(put_some(spool, "f", 1, 1, "s").added, 1);
		(void)cursor_of(spool, "a");
		assert_int_equal(status_add_text(&text, &status, &err), 0);
		assert_part(&text, spans[i].text);
		spool_free(spool);
		assert_int_equal(remove_dir(NULL), 0);
		assert_int_equal(make_dir(NULL), 0);
	}
}

static void programs_get_the_same_as_one_object(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);
	DEFER(spool_freep) struct spool *spool = open_spool();
	struct status status = { .spool = spool };
	struct spool_cursor cursor;
	struct err err = ERR_INIT;
	struct view whole;

	(void)state;
	assert_int_equal(put_some(spool, "f", 1, 3, "s").added, 3);
	cursor = cursor_of(spool, "a");
	cursor.confirmed = cursor.attempted = cursor.delivered = 2;
	store(spool, "a", &cursor);
	assert_int_equal(spool_replay_add(spool, "a", &(struct spool_replay){ .from_seq = 1, .to_seq = 2 }, &err), 0);
	assert_int_equal(status_add_json(&text, &status, &err), 0);
	assert_int_equal(json_whole(buf_view(&text), &whole, &err), 0);
	assert_view(json_member(json_member(whole, "spool"), "head"), "3");
	assert_part(&text, "\"confirmed\":2,\"pending\":1");
	assert_part(&text, "\"replays\":1}");
}

static void what_does_not_fit_is_an_error(void **state)
{
	DEFER(buf_done) struct buf whole = BUF_INIT(TEXT_BYTES);
	DEFER(spool_freep) struct spool *spool = open_spool();
	struct status status = { .spool = spool, .reload_error = "line 3" };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(put_some(spool, "f", 1, 3, "s").added, 3);
	(void)cursor_of(spool, "a");
	assert_int_equal(status_add_text(&whole, &status, &err), 0);
	for (size_t most = 0; most < whole.len; most += 7) {
		DEFER(buf_done) struct buf text = BUF_INIT(most), json = BUF_INIT(most);

		err = (struct err)ERR_INIT;
		assert_int_equal(status_add_text(&text, &status, &err), -1);
		assert_int_equal(err.kind, ERR_NOMEM);
		assert_int_equal(status_add_json(&json, &status, &err), -1);
	}
}

/* What a level means: at most one of them has an event. */
static void an_event_is_at_one_level(void **state)
{
	DEFER(spool_freep) struct spool *spool = open_spool();
	struct spool_cursor cursor = { .confirmed = 8, .delivered = 8, .durable = 5, .unproven = 1, .rejected = 1 };
	uint64_t levels[SINK_LEVELS];

	(void)state;
	assert_int_equal(put_some(spool, "f", 1, 10, "s").added, 10);
	status_levels(spool, SINK_STORED, &cursor, levels);
	assert_int_equal(levels[SINK_SPOOLED], 2);
	assert_int_equal(levels[SINK_UNPROVEN], 1);
	assert_int_equal(levels[SINK_DURABLE], 3);
	assert_int_equal(levels[SINK_STORED], 3);
	cursor.durable = 0;
	status_levels(spool, SINK_STORED, &cursor, levels);
	assert_int_equal(levels[SINK_DURABLE], 0);
	assert_int_equal(levels[SINK_STORED], 6);
	cursor.delivered = 1; /* fewer than are told of otherwise */
	status_levels(spool, SINK_DURABLE, &cursor, levels);
	assert_int_equal(levels[SINK_DURABLE], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_spool_says_that_nothing_runs),
		TEST(one_event_is_told_as_one),
		TEST(each_sink_says_how_far_it_is),
		TEST(how_long_events_wait_is_told_in_one_unit),
		TEST(programs_get_the_same_as_one_object),
		TEST(what_does_not_fit_is_an_error),
		TEST(an_event_is_at_one_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
