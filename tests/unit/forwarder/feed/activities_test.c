/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/activities.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/support/unit.h"
#include "tests/support/upstream.h"

#define HOUR_S 3600
#define RUNS SLOWED(60)
#define ID_BYTES 64

static char name[] = "audit", all_keys[] = "platform_api_key_*", new_keys[] = "platform_api_key_created";
static struct api up;
static struct upspool spool;
static struct feed_out out;
static struct settings all;
static struct settings_feed settings;
static atomic_bool stop;
static int wake_fd;
static struct activities *feed;
static uint64_t page_rows; /* of the feed's requests; 0 = the API's */

static int set_up(void **state)
{
	(void)state;
	up_init(&up, API_PLATFORM);
	upspool_init(&spool);
	out = upspool_out(&spool);
	settings = (struct settings_feed){ .name = name,
					   .type = SETTINGS_ACTIVITIES,
					   .start = SETTINGS_BEGINNING,
					   .poll_ms = 30'000,
					   .filter = { .severity = EVENT_DEBUG } };
	atomic_store(&stop, false);
	wake_fd = eventfd(0, EFD_CLOEXEC);
	page_rows = 0;
	feed = NULL;
	return wake_fd < 0;
}

static void close_feed(void)
{
	if (feed)
		feed_activities.close(feed);
	feed = NULL;
}

static int tear_down(void **state)
{
	(void)state;
	close_feed();
	up_done(&up);
	upspool_done(&spool);
	return close(wake_fd);
}

static void *open_with(struct err *err)
{
	const struct feed_env env = { .settings = &settings,
				      .all = &all,
				      .api = &up,
				      .out = &out,
				      .stop = &stop,
				      .wake_fd = wake_fd,
				      .is_once = true };

	return feed_activities.open(&env, err);
}

/* As after a restart: what is known is what the spool has. */
static void reopen(void)
{
	struct err err = ERR_INIT;

	close_feed();
	feed = open_with(&err);
	if (!feed)
		fail_msg("%s", err.text);
	feed->page_rows = page_rows;
}

static int try_poll(struct err *err)
{
	uint64_t wait_ms;

	if (!feed)
		reopen();
	return feed_activities.poll(feed, &wait_ms, err);
}

static void poll_feed(void)
{
	struct err err = ERR_INIT;

	if (try_poll(&err))
		fail_msg("%s", err.text);
}

static void pass(int64_t seconds)
{
	up.now_ns += seconds * UP_S;
}

/* count rows, one each step seconds, the last one now. */
static void make_rows(size_t count, int64_t step_s)
{
	for (size_t i = 0; i < count; i++) {
		int64_t at_ns = up.now_ns - (int64_t)(count - 1 - i) * step_s * UP_S;

		up_add(&up, at_ns, at_ns, "platform_file_uploaded", "");
	}
}

/* A row that shows now. */
static void make_late(int64_t late_s, char ret_id[static ID_BYTES])
{
	memcpy(ret_id, up_add(&up, up.now_ns - late_s * UP_S, up.now_ns, new_keys, "")->id, ID_BYTES);
}

static bool has(const char *id)
{
	return idset_find(&spool.ids, view_of(id)) != NULL;
}

/* How many rows of those that upstream lists are not there. */
static size_t missing(int64_t from_ns)
{
	size_t n = 0;

	for (size_t i = 0; i < up.count; i++)
		n += up.rows[i].at_ns >= from_ns && up.rows[i].visible_ns <= up.now_ns && !has(up.rows[i].id);
	return n;
}

static bool told(const char *text)
{
	return spool.alerts.ptr && strstr(spool.alerts.ptr, text);
}

/* Whether new ones came in the order of time, all over. */
static bool is_in_order(void)
{
	struct view rest = buf_view(&spool.order), line;
	uint64_t last = 0, at;

	while (text_next_line(&rest, &line)) {
		assert_int_equal(text_u64(view_sub(line, 0, text_find_byte(line, ' ')), INT64_MAX, &at), 0);
		if (at < last)
			return false;
		last = at;
	}
	return true;
}

/* --- backfill --- */

static void all_that_is_there_is_stored_oldest_first(void **state)
{
	(void)state;
	make_rows(1000, 60);
	page_rows = 30;
	poll_feed();
	assert_int_equal(spool.added, 1000);
	assert_true(is_in_order());
}

static void without_the_parameter_order_it_is_the_same(void **state)
{
	(void)state;
	make_rows(1000, 60);
	page_rows = 30;
	up.refuses_order = true;
	poll_feed();
	assert_int_equal(spool.added, 1000);
	assert_true(is_in_order());
	assert_in_range(up.calls, 34, 150);
}

static void in_cca_it_is_the_same(void **state)
{
	(void)state;
	up.profile.dialect = API_CCA;
	make_rows(1000, 60);
	page_rows = 30;
	poll_feed();
	assert_int_equal(spool.added, 1000);
	assert_true(is_in_order());
}

static void more_rows_in_one_second_than_a_page_holds_are_all_stored(void **state)
{
	(void)state;
	make_rows(50, 10);
	for (int64_t i = 0; i < 100; i++)
		up_add(&up, up.now_ns - 200 * UP_S, up.now_ns, "x", "");
	page_rows = 7;
	up.refuses_order = true;
	poll_feed();
	assert_int_equal(spool.added, 150);
}

static void each_page_is_a_place_to_go_on_from(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	make_rows(600, 60);
	page_rows = 20;
	for (int i = 0; i < 200; i++) {
		uint64_t known = spool.known;

		spool.fail_after = spool.puts + 2;
		reopen();
		if (try_poll(&err) == 0)
			break;
		assert_true(spool.known - known <= 25); /* hardly more than a page is read again */
	}
	assert_int_equal(missing(0), 0);
	assert_true(is_in_order());
}

static void an_empty_organisation_is_read_and_read_again(void **state)
{
	(void)state;
	poll_feed();
	poll_feed();
	assert_int_equal(spool.added, 0);
	make_rows(1, 1);
	poll_feed();
	assert_int_equal(spool.added, 1);
}

static void a_start_at_a_time_takes_nothing_from_before(void **state)
{
	(void)state;
	make_rows(100, 60);
	settings.start = SETTINGS_TIME;
	settings.start_unix_s = up.now_ns / UP_S - 10 * 60;
	poll_feed();
	assert_int_equal(spool.added, 11);
}

static void a_start_now_is_by_upstreams_clock_and_holds_over_a_restart(void **state)
{
	(void)state;
	make_rows(100, 60);
	pass(10);
	settings.start = SETTINGS_NOW;
	poll_feed();
	assert_int_equal(spool.added, 0);
	close_feed();
	pass(10);
	make_rows(2, 1);
	pass(HOUR_S);
	make_rows(3, 1);
	poll_feed();
	assert_int_equal(spool.added, 5);
}

/* --- the head --- */

static void a_usual_poll_is_one_request(void **state)
{
	unsigned calls;

	(void)state;
	make_rows(1000, 60);
	poll_feed();
	poll_feed();
	calls = up.calls;
	pass(30);
	make_rows(20, 1);
	poll_feed();
	assert_int_equal(up.calls, calls + 1);
	assert_int_equal(missing(0), 0);
}

static void what_lies_within_twice_the_overlap_is_read_without_asking_for_the_end_again(void **state)
{
	(void)state;
	make_rows(13, 10); /* from two minutes ago to now; settled is the first minute of it */
	settings.start = SETTINGS_TIME;
	settings.start_unix_s = up.now_ns / UP_S - 120;
	page_rows = 5;
	poll_feed();
	assert_int_equal(spool.added, 13);
	assert_int_equal(up.calls, 5); /* the end; two pages of what is settled, two of what is younger */
}

static void a_row_that_shows_a_minute_late_is_not_lost(void **state)
{
	char id[ID_BYTES];

	(void)state;
	make_rows(100, 1);
	poll_feed();
	pass(30);
	make_rows(10, 1);
	poll_feed();
	make_late(59, id);
	poll_feed();
	assert_int_equal(missing(0), 0);
}

static void lags_are_told_and_make_the_overlap_wider(void **state)
{
	char id[ID_BYTES];

	(void)state;
	make_rows(100, 1);
	poll_feed();
	assert_int_equal(spool.lags, 0); /* backfill tells nothing of lags */
	assert_int_equal(activities_overlap_s(feed), 60);
	for (int i = 0; i < 50; i++) {
		pass(30);
		make_rows(2, 1);
		make_late(58, id);
		poll_feed();
	}
	assert_int_equal(spool.lags, 150);
	assert_int_equal(spool.lag_max, 58'000);
	assert_int_equal(activities_overlap_s(feed), 64); /* surely late: 28 s; below 32; twice */
	assert_int_equal(missing(0), 0);
	reopen();
	assert_int_equal(activities_overlap_s(feed), 64);
}

static void of_many_rows_all_lose_half_their_weight_only_when_one_more_comes(void **state)
{
	const uint64_t kept = 16'384;

	(void)state;
	make_rows(1, 1);
	poll_feed();
	feed->state.lags[0] = kept - 1;
	pass(30);
	make_rows(1, 1);
	poll_feed();
	assert_int_equal(feed->state.lags[0], kept);
	pass(30);
	make_rows(1, 1);
	poll_feed();
	assert_int_equal(feed->state.lags[0], kept / 2 + 1);
}

static void a_fixed_overlap_is_what_was_asked_for(void **state)
{
	char id[ID_BYTES];

	(void)state;
	settings.settle_ms = 600'000;
	make_rows(100, 10);
	poll_feed();
	pass(5);
	make_rows(1, 1);
	make_late(590, id);
	poll_feed();
	assert_int_equal(missing(0), 0);
}

static void a_row_of_the_second_that_upstreams_clock_shows_is_not_from_the_future(void **state)
{
	(void)state;
	up_add(&up, up.now_ns, up.now_ns, "x",
	       "{\"id\":\"activity_1\",\"created_at\":\"2026-11-24T13:49:09.999999999Z\",\"type\":\"x\"}")
		->is_bare = true;
	poll_feed();
	assert_int_equal(feed->state.newest_ns, UP_START_S * UP_S + 999'999'999);
}

static void one_row_from_the_future_hides_nothing(void **state)
{
	(void)state;
	make_rows(100, 1);
	up_add(&up, up.now_ns + 24 * HOUR_S * UP_S, up.now_ns, "x", "");
	poll_feed();
	for (int i = 0; i < 5; i++) {
		pass(30);
		make_rows(10, 1);
		poll_feed();
	}
	assert_int_equal(missing(0), 0);
}

static void a_clock_of_upstream_that_steps_back_and_forth_loses_nothing(void **state)
{
	static const int64_t skews[] = { 0, -HOUR_S, 0, HOUR_S, -HOUR_S, 24 * HOUR_S, 0 };
	char id[ID_BYTES];

	(void)state;
	make_rows(100, 1);
	for (size_t i = 0; i < 70; i++) {
		up.skew_s = skews[i % ARRAY_LEN(skews)];
		pass(30);
		make_rows(3, 1);
		make_late(50, id);
		poll_feed();
	}
	assert_int_equal(missing(0), 0);
}

static void without_a_date_it_works_as_well(void **state)
{
	char id[ID_BYTES];

	(void)state;
	up.is_dateless = true;
	up.now_ns = clock_unix_s() * UP_S;
	make_rows(100, 1);
	poll_feed();
	up.now_ns = (clock_unix_s() + 30) * UP_S;
	make_rows(10, 1);
	make_late(55, id);
	poll_feed();
	assert_int_equal(missing(0), 0);
}

static void pages_whose_rows_are_out_of_order_are_put_in_order(void **state)
{
	(void)state;
	up.is_out_of_order = true;
	make_rows(200, 10);
	page_rows = 20;
	poll_feed();
	assert_int_equal(spool.added, 200);
	assert_int_equal(spool.backwards, 0);
}

static void rows_that_come_twice_are_stored_once(void **state)
{
	(void)state;
	up.repeat = 5;
	make_rows(200, 10);
	page_rows = 20;
	poll_feed();
	assert_int_equal(spool.added, 200);
	assert_true(spool.known > 0);
}

static void a_short_page_with_more_behind_it_is_not_the_end(void **state)
{
	(void)state;
	up.most = 3;
	make_rows(100, 5);
	poll_feed();
	assert_int_equal(spool.added, 100);
}

static void cursors_that_expire_cost_no_row(void **state)
{
	(void)state;
	up.expire_every = 2;
	make_rows(500, 10);
	page_rows = 20;
	poll_feed();
	assert_int_equal(spool.added, 500);
}

static void cursors_that_never_hold_are_an_error_only_where_nothing_gets_on(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	up.expire_every = 1;
	make_rows(500, 10);
	page_rows = 20;
	poll_feed();
	assert_int_equal(spool.added, 500);
	for (int64_t i = 0; i < 100; i++)
		up_add(&up, up.now_ns, up.now_ns, "x", "");
	assert_int_equal(try_poll(&err), -1);
	assert_int_equal(err.kind, ERR_LATER);
	assert_true(up.calls < 200);
	up.expire_every = 0;
	poll_feed();
	assert_int_equal(missing(0), 0);
}

static void seconds_that_are_crowded_are_read_though_a_cursor_expires_in_each(void **state)
{
	(void)state;
	for (int64_t i = 0; i < 200; i++)
		up_add(&up, up.now_ns - i / 25 * UP_S, up.now_ns, "x", "");
	page_rows = 10;
	up.refuses_order = true;
	up.expire_every = 3; /* of three pages of a second, the last two need a cursor */
	poll_feed();
	assert_true(up.refused > ACTIVITIES_STUCK_MOST + 2);
	assert_int_equal(spool.added, 200);
}

static void a_page_that_is_too_large_is_asked_for_in_parts(void **state)
{
	(void)state;
	up.reply_most = 4000;
	make_rows(300, 10);
	poll_feed();
	assert_int_equal(spool.added, 300);
}

static void what_answers_without_ids_of_requests_is_read_as_well(void **state)
{
	(void)state;
	up.is_idless = true;
	make_rows(100, 10);
	page_rows = 20;
	poll_feed();
	assert_int_equal(spool.added, 100);
}

static void a_page_of_two_rows_that_is_too_large_is_asked_for_row_by_row(void **state)
{
	(void)state;
	make_rows(8, 10);
	up.reply_most = 230; /* one row has about 180 bytes with all around it, two have 280 */
	poll_feed();
	assert_int_equal(spool.added, 8);
	assert_int_equal(feed->page_rows, 1);
}

/* --- trouble --- */

static void a_failure_is_told_and_waited_for_longer_each_time(void **state)
{
	struct err err = ERR_INIT;
	uint64_t wait_ms = 0, before_ms = 0;

	(void)state;
	make_rows(10, 1);
	poll_feed();
	up.fail = 8;
	up.fail_kind = ERR_LATER;
	up.fail_text = "429 rate_limit_error";
	for (int i = 0; i < 8; i++) {
		unsigned calls = up.calls;

		assert_int_equal(feed_activities.poll(feed, &wait_ms, &err), -1);
		assert_int_equal(up.calls, calls + 1);
		assert_true(wait_ms >= before_ms && wait_ms >= settings.poll_ms && wait_ms <= 300'000);
		before_ms = wait_ms;
	}
	assert_int_equal(wait_ms, 300'000);
	make_rows(5, 1);
	poll_feed();
	assert_int_equal(missing(0), 0);
}

static void a_full_spool_stops_the_reading_and_loses_no_place(void **state)
{
	uint64_t wait_ms;
	struct err err;

	(void)state;
	make_rows(300, 10);
	page_rows = 20;
	poll_feed();
	feed->env.is_once = false;
	pass(3000);
	make_rows(300, 10);
	spool.is_full = true;
	assert_int_equal(feed_activities.poll(feed, &wait_ms, &err), 0);
	assert_int_equal(wait_ms, ACTIVITIES_FULL_MS);
	assert_int_equal(spool.added, 300);
	spool.is_full = false;
	assert_int_equal(feed_activities.poll(feed, &wait_ms, &err), 0);
	assert_int_equal(missing(0), 0);
}

static void a_refused_key_is_told_with_what_is_needed_and_told_when_it_is_over(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	up.fail = 1;
	up.fail_kind = ERR_REFUSED;
	up.fail_status = 403;
	up.fail_text = "Missing required scopes. Got: ['a']";
	assert_int_equal(try_poll(&err), -1);
	assert_true(told("refused on: a Compliance Access key with the scope read:compliance_activities is needed"));
	assert_true(told("Missing required scopes"));
	poll_feed();
	assert_true(told("refused over"));
}

/* A certificate that is not trusted, or not yet valid by our clock, says nothing of the key. */
static void what_is_wrong_before_the_key_is_seen_is_not_the_key(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	up.fail = 1;
	up.fail_kind = ERR_CONFIG;
	up.fail_text = "the certificate of api.example.com cannot be verified, and nothing was sent";
	assert_int_equal(try_poll(&err), -1);
	assert_false(told("refused on"));
	up.fail = 1;
	up.has_no_key = true;
	up.fail_text = "activity.list: there is no key that may do it";
	assert_int_equal(try_poll(&err), -1);
	assert_true(told("refused on: a Compliance Access key with the scope read:compliance_activities is needed"));
	up.has_no_key = false;
	poll_feed();
	assert_true(told("refused over"));
}

static void a_stop_ends_a_backfill_between_two_pages(void **state)
{
	uint64_t one = 1;

	(void)state;
	make_rows(500, 10);
	page_rows = 10;
	reopen();
	assert_int_equal(write(wake_fd, &one, sizeof(one)), sizeof(one));
	poll_feed();
	assert_true(up.calls <= 2);
	assert_int_equal(read(wake_fd, &one, sizeof(one)), sizeof(one));
	poll_feed();
	assert_int_equal(missing(0), 0);
}

static void a_refusal_is_of_the_key_only_where_its_status_says_so(void **state)
{
	static const unsigned of_key[] = { 401, 403, 404 }, of_else[] = { 402, 405, 413 };
	struct err err = ERR_INIT;

	(void)state;
	up.fail_kind = ERR_REFUSED;
	up.fail_text = "no";
	for (size_t i = 0; i < ARRAY_LEN(of_else); i++) {
		up.fail = 1;
		up.fail_status = of_else[i];
		assert_int_equal(try_poll(&err), -1);
		assert_false(spool.is_alert_on[FEED_REFUSED]);
	}
	for (size_t i = 0; i < ARRAY_LEN(of_key); i++) {
		up.fail = 1;
		up.fail_status = of_key[i];
		assert_int_equal(try_poll(&err), -1);
		assert_true(spool.is_alert_on[FEED_REFUSED]);
		poll_feed();
		assert_false(spool.is_alert_on[FEED_REFUSED]);
	}
}

static void the_next_poll_is_due_only_after_its_time(void **state)
{
	uint64_t wait_ms;
	struct err err;

	(void)state;
	settings.poll_ms = HOUR_S * 1000;
	reopen();
	assert_int_equal(feed_activities.poll(feed, &wait_ms, &err), 0);
	assert_true(wait_ms > 1 && wait_ms <= settings.poll_ms + 1);
}

/* --- reconciliation --- */

static void what_came_later_than_the_overlap_is_found_told_and_makes_it_wider(void **state)
{
	char id[ID_BYTES];

	(void)state;
	settings.reconcile_ms = HOUR_S * 1000;
	make_rows(100, 60);
	poll_feed();
	pass(30);
	make_rows(1, 1);
	make_late(1800, id);
	poll_feed();
	assert_false(has(id));
	pass(HOUR_S);
	poll_feed();
	assert_true(has(id));
	assert_true(told("late on: 1 activities came later than the overlap of 60 s"));
	assert_int_equal(activities_overlap_s(feed), 120);
	reopen();
	assert_int_equal(activities_overlap_s(feed), 120);
	pass(HOUR_S);
	poll_feed();
	assert_true(told("late over"));
	assert_true(activities_overlap_s(feed) < 120);
}

static void the_overlap_never_grows_beyond_a_day(void **state)
{
	char id[ID_BYTES];

	(void)state;
	settings.reconcile_ms = HOUR_S * 1000;
	make_rows(100, 60);
	poll_feed();
	feed->state.wide_s = 80'000;
	pass(30);
	make_rows(1, 1);
	make_late(81'000, id);
	poll_feed();
	assert_false(has(id));
	pass(HOUR_S);
	poll_feed();
	assert_true(has(id));
	assert_int_equal(feed->state.wide_s, 86'400);
}

static void what_could_not_be_stored_moves_no_cursor(void **state)
{
	struct err err = ERR_INIT;
	int64_t newest_ns, settled_s;

	(void)state;
	make_rows(10, 60);
	poll_feed();
	newest_ns = feed->state.newest_ns;
	settled_s = feed->state.settled_s;
	pass(600);
	make_rows(5, 1);
	spool.fail_after = spool.puts;
	assert_int_equal(try_poll(&err), -1);
	assert_int_equal(feed->state.newest_ns, newest_ns);
	assert_int_equal(feed->state.settled_s, settled_s);
	spool.fail_after = 0;
	poll_feed();
	assert_true(feed->state.newest_ns > newest_ns);
	assert_false(feed->state.is_behind);
	assert_int_equal(missing(0), 0);
}

static void a_feed_stays_behind_until_the_end_is_stored(void **state)
{
	struct err err = ERR_INIT;
	uint64_t wait_ms;

	(void)state;
	make_rows(1, 60);
	pass(86'400); /* so that the next row is alone in what is read again */
	poll_feed();
	assert_false(feed->state.is_behind);
	pass(3 * 86'400);
	make_rows(1, 1);
	feed->state.is_behind = true; /* as when the backfill was broken off */
	spool.fail_after = spool.puts;
	assert_int_equal(try_poll(&err), -1);
	assert_true(feed->state.is_behind);
	spool.fail_after = 0;
	feed->env.is_once = false;
	spool.is_full = true;
	assert_int_equal(feed_activities.poll(feed, &wait_ms, &err), 0);
	assert_int_equal(wait_ms, ACTIVITIES_FULL_MS);
	assert_true(feed->state.is_behind);
	spool.is_full = false;
	poll_feed();
	assert_false(feed->state.is_behind);
	assert_int_equal(missing(0), 0);
}

static void a_filter_that_was_widened_is_no_late_row(void **state)
{
	char *types[] = { all_keys, NULL };
	char id[ID_BYTES];

	(void)state;
	settings.reconcile_ms = HOUR_S * 1000;
	settings.filter.types = types;
	make_rows(50, 60);
	make_late(600, id);
	poll_feed();
	assert_int_equal(spool.added, 1);
	settings.filter.types = NULL;
	reopen();
	pass(HOUR_S + 1);
	poll_feed();
	assert_int_equal(missing(0), 0);
	assert_false(told("late on"));
}

static void a_reconciliation_does_not_hold_up_the_polls(void **state)
{
	uint64_t wait_ms;
	struct err err;
	char id[ID_BYTES];

	(void)state;
	settings.reconcile_ms = HOUR_S * 1000;
	settings.poll_ms = 0; /* always due */
	make_rows(2000, 10);
	page_rows = 10;
	poll_feed();
	feed->env.is_once = false;
	pass(HOUR_S + 1);
	for (int i = 0; i < 20; i++) {
		pass(30);
		make_late(0, id);
		assert_int_equal(feed_activities.poll(feed, &wait_ms, &err), 0);
		assert_true(has(id));
	}
}

static void one_run_ends_a_reconciliation_of_many_pages(void **state)
{
	char id[ID_BYTES];

	(void)state;
	settings.reconcile_ms = HOUR_S * 1000;
	make_rows(100, 60);
	poll_feed();
	pass(30);
	make_rows(1, 1);
	make_late(300, id); /* on one of its last pages */
	pass(HOUR_S);
	page_rows = feed->page_rows = 10;
	poll_feed();
	assert_true(has(id));
	assert_false(feed->is_reconciling);
	assert_true(told("late on: 1 activities"));
}

static void how_late_the_latest_was_is_of_this_reconciliation_alone(void **state)
{
	char id[ID_BYTES];
	int64_t before_s;

	(void)state;
	settings.reconcile_ms = HOUR_S * 1000;
	make_rows(100, 60);
	poll_feed();
	pass(30);
	make_rows(1, 1);
	make_late(4 * HOUR_S, id);
	pass(HOUR_S);
	poll_feed();
	assert_true(has(id));
	before_s = feed->latest_s;
	assert_true(before_s >= 5 * HOUR_S);
	pass(30);
	make_rows(1, 1);
	poll_feed();
	make_late(600, id);
	pass(HOUR_S);
	poll_feed();
	assert_true(has(id));
	assert_true(feed->latest_s >= 600 && feed->latest_s < before_s);
}

static void the_next_poll_is_due(struct api *api)
{
	(void)api;
	feed->next_ns = 0;
}

static void nothing_is_held_open_where_a_reconciliation_waits_for_a_poll(void **state)
{
	uint64_t wait_ms;
	struct err err;

	(void)state;
	settings.reconcile_ms = HOUR_S * 1000;
	settings.poll_ms = HOUR_S * 1000;
	make_rows(200, 10);
	poll_feed();
	feed->env.is_once = false;
	feed->page_rows = 10;
	pass(HOUR_S + 1);
	activities_reconcile_start(feed);
	feed->next_ns = clock_boot_ns() + HOUR_S * (uint64_t)UP_S;
	up.tick = the_next_poll_is_due;
	assert_int_equal(feed_activities.poll(feed, &wait_ms, &err), 0);
	assert_true(feed->is_reconciling);
	assert_false(feed->is_walking);
}

/* --- what is in the rows --- */

static void a_row_that_is_not_what_it_has_to_be_is_stored_all_the_same(void **state)
{
	(void)state;
	up_add(&up, up.now_ns, up.now_ns, "x", "{\"created_at\":\"2026-11-24T13:49:09Z\",\"type\":\"x\"}")->is_bare =
		true;
	up_add(&up, up.now_ns, up.now_ns, "x", "{\"id\":\"two\\nlines\",\"created_at\":17,\"type\":{}}")->is_bare =
		true;
	poll_feed();
	poll_feed();
	assert_int_equal(spool.added, 2);
	assert_non_null(strstr(spool.order.ptr, "1795528149000000000 sha256:"));
	assert_non_null(strstr(spool.order.ptr, " unknown\n"));
}

static void a_newest_row_without_a_time_hides_nothing(void **state)
{
	(void)state;
	make_rows(100, 60);
	up_add(&up, up.now_ns + 1, up.now_ns, "x", "{\"id\":\"activity_new\",\"type\":\"x\"}")->is_bare = true;
	page_rows = 10;
	poll_feed();
	assert_int_equal(spool.added, 101);
}

static void a_row_that_is_too_large_does_not_stop_the_feed(void **state)
{
	(void)state;
	make_rows(3, 1);
	up_add(&up, up.now_ns + 1, up.now_ns, "messages.create", "")->pad = JSON_RECORD_BYTES;
	poll_feed();
	assert_int_equal(missing(0), 0);
	assert_non_null(strstr(spool.last.ptr, "{\"skant_oversized_bytes\":167772"));
	assert_non_null(strstr(spool.last.ptr, ",\"type\":\"messages.create\"}"));
}

static void a_row_as_large_as_any_may_be_is_stored_as_it_is(void **state)
{
	struct up_row *row;

	(void)state;
	row = up_add(&up, up.now_ns, up.now_ns, "x", "");
	row->pad = JSON_RECORD_BYTES - strlen(row->id) - strlen("{'id':'','type':'x','pad':''}");
	poll_feed();
	assert_int_equal(spool.added, 1);
	assert_int_equal(spool.last.len, JSON_RECORD_BYTES);
	assert_memory_equal(spool.last.ptr, "{\"id\":\"activity_", 16);
}

static void what_our_own_polling_leaves_can_be_left_out(void **state)
{
	(void)state;
	settings.skip_own = true;
	settings.reconcile_ms = HOUR_S * 1000;
	up.feeds_itself = true;
	make_rows(20, 1);
	for (int i = 0; i < 300; i++) {
		poll_feed();
		if (i % 50 == 10)
			reopen();
		pass(60);
	}
	assert_int_equal(spool.added, 20);
	up_add(&up, up.now_ns, up.now_ns, "compliance_api_accessed", ",\"request_id\":\"req_of_others\"");
	poll_feed();
	assert_int_equal(spool.added, 21);
}

static void what_our_own_polling_leaves_is_stored_otherwise_and_hastens_nothing(void **state)
{
	unsigned calls;

	(void)state;
	up.feeds_itself = true;
	make_rows(20, 1);
	poll_feed();
	calls = up.calls;
	for (unsigned i = 1; i <= 10; i++) {
		pass(60);
		poll_feed();
		assert_int_equal(up.calls, calls + i);
	}
	assert_int_equal(missing(0), 1); /* of the last poll */
}

static void an_id_is_kept_only_when_all_of_it_is_clean(void **state)
{
	(void)state;
	up_add(&up, up.now_ns, up.now_ns, "x",
	       "{\"id\":\"\\u0041bc\",\"created_at\":\"2026-11-24T13:49:09Z\",\"type\":\"\\u0041bc\"}")
		->is_bare = true;
	poll_feed();
	assert_int_equal(spool.added, 1);
	assert_non_null(strstr(spool.order.ptr, " sha256:"));
	assert_non_null(strstr(spool.order.ptr, " unknown\n"));
	up_add(&up, up.now_ns, up.now_ns, "x",
	       "{\"id\":\"clean\",\"created_at\":\"2026-11-24T13:49:09Z\",\"type\":\"abc \"}")
		->is_bare = true;
	poll_feed();
	assert_non_null(strstr(spool.order.ptr, " clean unknown\n"));
	up_add(&up, up.now_ns, up.now_ns, "x", "{\"id\":\"b\",\"created_at\":\"2026-11-24T13:49:09Z\",\"type\":\"t\"}")
		->is_bare = true;
	poll_feed();
	assert_non_null(strstr(spool.order.ptr, " b t\n"));
}

static void anothers_request_in_the_second_of_our_first_one_is_no_request_of_ours(void **state)
{
	static const char more[] = ",\"request_id\":\"req_of_others\",\"url\":\"/v1/compliance/activities?limit=1\","
				   "\"actor\":{\"type\":\"api_actor\",\"user_agent\":\"skantd/1\"}";

	(void)state;
	settings.skip_own = true;
	make_rows(3, 10);
	poll_feed();
	up_add(&up, feed->state.own.since_s * UP_S, up.now_ns, ACTIVITIES_ACCESSED, more);
	reopen();
	poll_feed();
	assert_int_equal(spool.added, 4);
	pass(60);
	poll_feed();
	up_add(&up, up.now_ns - 30 * UP_S, up.now_ns, ACTIVITIES_ACCESSED, more);
	reopen();
	poll_feed();
	assert_int_equal(spool.added, 5); /* what is remembered begins with the first request, not with the last */
	up_add(&up, feed->state.own.since_s * UP_S - 1, up.now_ns, ACTIVITIES_ACCESSED, more);
	reopen();
	poll_feed();
	assert_int_equal(spool.added, 5); /* from before what is remembered: it says that it is ours */
}

static void only_actors_that_upstream_knows_as_users_are_asked_for(void **state)
{
	char user[] = "user_1", key[] = "apikey_1";
	char *users[] = { user, NULL }, *both[] = { key, user, NULL };

	(void)state;
	up_add(&up, up.now_ns, up.now_ns, "x", ",\"actor\":{\"type\":\"api_actor\",\"api_key_id\":\"apikey_1\"}");
	settings.filter.actors = users;
	poll_feed();
	assert_int_equal(spool.added, 0);
	assert_non_null(strstr(up.log.ptr, "actor_ids=user_1"));
	buf_clear(&up.log);
	settings.filter.actors = both;
	reopen();
	poll_feed();
	assert_null(strstr(up.log.ptr, "actor_ids"));
	assert_int_equal(spool.added, 1);
}

static void a_filter_goes_upstream_where_it_can_and_holds_anyway(void **state)
{
	char *types[] = { new_keys, NULL };
	char id[ID_BYTES];

	(void)state;
	settings.filter.types = types;
	make_rows(50, 1);
	make_late(5, id);
	poll_feed();
	assert_int_equal(spool.added, 1);
	assert_non_null(strstr(up.log.ptr, "activity_types=platform_api_key_created"));
	assert_non_null(strstr(up.log.ptr, "activity_types=org_compliance_api_settings_updated"));
}

static void types_that_upstream_refuses_are_filtered_here(void **state)
{
	char *types[] = { new_keys, NULL };
	char id[ID_BYTES];

	(void)state;
	settings.filter.types = types;
	up.refuses_types = true;
	make_rows(50, 1);
	make_late(5, id);
	poll_feed();
	poll_feed();
	assert_int_equal(spool.added, 1);
	assert_int_equal(up.refused, 1);
}

static void a_time_in_which_nothing_was_recorded_is_told_once(void **state)
{
	(void)state;
	make_rows(100, 60);
	up_add(&up, up.now_ns - 1800 * UP_S, 0, ACTIVITIES_SWITCHED, ",\"compliance_api_enabled\":false");
	up_add(&up, up.now_ns - 600 * UP_S, 0, ACTIVITIES_SWITCHED, ",\"compliance_api_enabled\":true");
	poll_feed();
	assert_true(told("gap on: upstream recorded nothing from 2026-11-24T13:19:09Z to 2026-11-24T13:39:09Z"));
	assert_false(spool.is_alert_on[FEED_API_OFF]);
	assert_false(told("api-off")); /* that is over */
	buf_clear(&spool.alerts);
	reopen();
	poll_feed();
	assert_int_equal(spool.alerts.len, 0);
}

static void that_it_was_switched_off_last_is_told_and_when_it_is_on_again(void **state)
{
	(void)state;
	make_rows(100, 60);
	up_add(&up, up.now_ns - 600 * UP_S, 0, ACTIVITIES_SWITCHED, ",\"compliance_api_enabled\":false");
	poll_feed();
	assert_true(told("api-off on"));
	up_add(&up, up.now_ns, 0, ACTIVITIES_SWITCHED, ",\"compliance_api_enabled\":true");
	poll_feed();
	assert_true(told("api-off over"));
	assert_true(told("gap on"));
}

static void that_it_is_off_holds_over_a_restart(void **state)
{
	(void)state;
	make_rows(100, 60);
	up_add(&up, up.now_ns - 600 * UP_S, 0, ACTIVITIES_SWITCHED, ",\"compliance_api_enabled\":false");
	poll_feed();
	assert_true(spool.is_alert_on[FEED_API_OFF]);
	pass(600);
	reopen();
	poll_feed();
	assert_true(spool.is_alert_on[FEED_API_OFF]);
	up_add(&up, up.now_ns, 0, ACTIVITIES_SWITCHED, ",\"compliance_api_enabled\":true");
	poll_feed();
	assert_true(told("gap on: upstream recorded nothing from 2026-11-24T13:39:09Z to 2026-11-24T13:59:09Z"));
	assert_false(spool.is_alert_on[FEED_API_OFF]);
}

static void look_at_setting(const char *setting)
{
	up.setting = setting;
	feed->settings_ns = 0; /* as after an hour */
	pass(HOUR_S);
	poll_feed();
}

static void a_setting_that_is_off_is_off_since_it_was_first_seen(void **state)
{
	int64_t off_ns;

	(void)state;
	up.has_admin = true;
	up.setting = "enabled";
	make_rows(3, 60);
	poll_feed();
	assert_int_equal(feed->state.off_ns, 0);
	look_at_setting("disabled");
	off_ns = feed->state.off_ns;
	assert_true(off_ns > 0);
	assert_true(spool.is_alert_on[FEED_API_OFF]);
	look_at_setting("disabled");
	assert_int_equal(feed->state.off_ns, off_ns);
	assert_false(told("gap on"));
	look_at_setting("enabled");
	assert_true(told("gap on: upstream recorded nothing from "));
	assert_false(spool.is_alert_on[FEED_API_OFF]);
	assert_int_equal(feed->state.off_ns, 0);
}

static void a_compliance_api_that_is_off_is_noticed_at_the_start(void **state)
{
	(void)state;
	up.has_admin = true;
	up.setting = "disabled";
	poll_feed();
	assert_true(told("api-off on: the Compliance API is switched off"));
	up.setting = "enabled";
	reopen();
	poll_feed();
	assert_true(told("api-off over"));
}

static void content_is_no_matter_of_the_platform(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	settings.include_content = true;
	assert_null(open_with(&err));
	assert_int_equal(err.kind, ERR_CONFIG);
	up.profile.dialect = API_CCA;
	poll_feed();
	assert_true(told("content-on on"));
	assert_non_null(strstr(up.log.ptr, "include_content=true"));
}

static void a_state_that_is_damaged_is_not_taken_for_none(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(buf_add_text(&spool.state, "{\"version\":1"), 0);
	assert_null(open_with(&err));
	assert_int_equal(err.kind, ERR_FORMAT);
	buf_clear(&spool.state);
	assert_int_equal(buf_add_text(&spool.state, "{\"version\":2,\"settled\":1}"), 0);
	assert_null(open_with(&err));
	assert_int_equal(err.kind, ERR_CONFIG);
}

static void what_is_no_id_in_a_state_is_not_taken_for_one(void **state)
{
	static const char text[] = "{\"version\":1,\"settled\":1,\"filter\":\"0123456789abcdeg\",\"own\":{\"since\":1,"
				   "\"ids\":[\"0123456789abcdeg\",\"0123456789abcde`\",\"0123456789abcdef\"]}}";

	(void)state;
	assert_int_equal(buf_add_text(&spool.state, text), 0);
	reopen();
	assert_int_equal(feed->state.own.count, 1);
	assert_int_equal(feed->state.own.ids[0], 0x0123456789abcdef);
}

/* --- verify and check --- */

struct tally {
	size_t count;
	int64_t low_ns, high_ns;
};

static int tally(void *context, const struct page_record *record, struct err *)
{
	struct tally *t = context;

	t->count++;
	if (record->time_ns < t->low_ns)
		t->low_ns = record->time_ns;
	if (record->time_ns > t->high_ns)
		t->high_ns = record->time_ns;
	return 0;
}

static void a_walk_tells_what_lies_in_a_span(void **state)
{
	struct tally t = { .low_ns = INT64_MAX };
	struct err err = ERR_INIT;

	(void)state;
	make_rows(500, 10);
	page_rows = 20;
	up.expire_every = 3;
	reopen();
	if (feed_activities.walk(feed, up.now_ns - 1000 * UP_S, up.now_ns, tally, &t, &err))
		fail_msg("%s", err.text);
	assert_true(t.count >= 100);
	assert_int_equal(t.low_ns, up.now_ns - 1000 * UP_S);
	assert_int_equal(t.high_ns, up.now_ns - 10 * UP_S);
	assert_int_equal(spool.puts, 0);
}

static void of_a_feed_that_has_not_begun_yet_nothing_is_expected_and_that_is_said(void **state)
{
	struct tally t = { .low_ns = INT64_MAX };
	struct err err = ERR_INIT;

	(void)state;
	make_rows(5, 10);
	settings.start = SETTINGS_NOW;
	reopen();
	assert_int_equal(feed_activities.walk(feed, 0, up.now_ns, tally, &t, &err), -1);
	assert_int_equal(err.kind, ERR_LATER);
	assert_non_null(strstr(err.text, "it has not been read yet"));
	assert_int_equal(t.count, 0);
}

static void a_check_says_what_there_will_be_and_what_not(void **state)
{
	DEFER(buf_done) struct buf report = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;

	(void)state;
	make_rows(3, 60);
	reopen();
	assert_int_equal(feed_activities.check(feed, &report, &err), 0);
	assert_non_null(strstr(report.ptr, "from 2026-11-24T13:47:09Z to 2026-11-24T13:49:09Z"));
	assert_non_null(strstr(report.ptr, "the provider records none of them"));
	buf_clear(&report);
	up.has_admin = true;
	up.setting = "disabled";
	assert_int_equal(feed_activities.check(feed, &report, &err), 1);
	assert_non_null(strstr(report.ptr, "switched OFF"));
	up.fail = 1;
	up.fail_kind = ERR_REFUSED;
	up.fail_status = 401;
	up.fail_text = "invalid";
	assert_int_equal(feed_activities.check(feed, &report, &err), -1);
	assert_non_null(strstr(report.ptr, "the key is not accepted"));
	assert_int_equal(spool.puts, 0);
}

static int keep(void *context, const struct page_record *record, struct err *)
{
	(void)upspool_add(context, record);
	return 0;
}

static void a_walk_misses_no_row_of_a_second_in_which_a_cursor_expires(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	for (int64_t i = 0; i < 300; i++)
		up_add(&up, up.now_ns - i / 3 * UP_S, up.now_ns, "x", "");
	page_rows = 20; /* no page ends with a second */
	up.expire_every = 2;
	reopen();
	if (feed_activities.walk(feed, 0, up.now_ns + UP_S, keep, &spool, &err))
		fail_msg("%s", err.text);
	assert_true(up.refused > 1);
	assert_int_equal(missing(0), 0);
}

static void a_walk_tells_nobody_of_switches_that_it_passes(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	make_rows(10, 60);
	up_add(&up, up.now_ns - 300 * UP_S, 0, ACTIVITIES_SWITCHED, ",\"compliance_api_enabled\":false");
	up_add(&up, up.now_ns - 200 * UP_S, 0, ACTIVITIES_SWITCHED, ",\"compliance_api_enabled\":true");
	reopen();
	assert_int_equal(feed_activities.walk(feed, 0, up.now_ns + UP_S, keep, &spool, &err), 0);
	assert_int_equal(missing(0), 0);
	assert_int_equal(spool.alerts.len, 0);
	assert_int_equal(feed->state.switched_ns, 0);
}

struct switches {
	size_t off, on;
	int64_t off_ns, on_ns;
	size_t most; /* so many are taken */
};

static int take_switch(void *context, int64_t time_ns, bool is_on, struct err *err)
{
	struct switches *s = context;

	if (s->off + s->on >= s->most)
		return err_set(err, ERR_IO, 0, "no more");
	*(is_on ? &s->on_ns : &s->off_ns) = time_ns;
	is_on ? s->on++ : s->off++;
	return 0;
}

static void switches_are_told_with_their_times_and_nothing_else_is(void **state)
{
	struct switches s = { .most = 2 };
	struct err err = ERR_INIT;
	int64_t begin_ns;

	(void)state;
	make_rows(10, 60);
	up_add(&up, up.now_ns - 300 * UP_S, 0, ACTIVITIES_SWITCHED, ",\"compliance_api_enabled\":false");
	up_add(&up, up.now_ns - 200 * UP_S, 0, ACTIVITIES_SWITCHED, ",\"compliance_api_enabled\":true");
	up.refuses_types = true; /* all rows come */
	reopen();
	if (feed_activities.switches(feed, &begin_ns, take_switch, &s, &err))
		fail_msg("%s", err.text);
	assert_int_equal(begin_ns, 0);
	assert_int_equal(s.off, 1);
	assert_int_equal(s.on, 1);
	assert_int_equal(s.off_ns, up.now_ns - 300 * UP_S);
	assert_int_equal(s.on_ns, up.now_ns - 200 * UP_S);
	s = (struct switches){ .most = 1 };
	assert_int_equal(feed_activities.switches(feed, &begin_ns, take_switch, &s, &err), -1);
	assert_string_equal(err.text, "no more");
}

static void of_switches_in_cca_there_is_nothing_to_ask(void **state)
{
	struct switches s = { .most = 0 };
	struct err err = ERR_INIT;
	int64_t begin_ns;

	(void)state;
	up.profile.dialect = API_CCA;
	make_rows(10, 60);
	reopen();
	assert_int_equal(feed_activities.switches(feed, &begin_ns, take_switch, &s, &err), 0);
	assert_int_equal(up.calls, 0);
}

static void a_check_says_where_a_new_feed_begins(void **state)
{
	static const char *const texts[] = { [SETTINGS_BEGINNING] =
						     "begins with the oldest activity (start: beginning)",
					     [SETTINGS_NOW] = "begins now (start: now); what was before is not read",
					     [SETTINGS_TIME] = "a feed that is new begins at 2026-11-24T13:49:09Z" };
	struct err err = ERR_INIT;

	(void)state;
	settings.start_unix_s = UP_START_S;
	for (size_t start = 0; start < ARRAY_LEN(texts); start++) {
		DEFER(buf_done) struct buf report = BUF_INIT(1 << 16);

		settings.start = (enum settings_start)start;
		reopen();
		assert_int_equal(feed_activities.check(feed, &report, &err), 0);
		for (size_t i = 0; i < ARRAY_LEN(texts); i++)
			assert_true((i == start) == (strstr(report.ptr, texts[i]) != NULL));
	}
}

static void a_check_says_which_key_is_needed_where_the_key_is_refused(void **state)
{
	static const unsigned of_key[] = { 401, 403, 404 };
	struct err err = ERR_INIT;

	(void)state;
	reopen();
	up.fail_kind = ERR_REFUSED;
	up.fail_text = "no";
	for (size_t i = 0; i <= ARRAY_LEN(of_key); i++) {
		DEFER(buf_done) struct buf report = BUF_INIT(1 << 16);
		bool is_of_key = i < ARRAY_LEN(of_key);

		up.fail = 1;
		up.fail_status = is_of_key ? of_key[i] : 405;
		assert_int_equal(feed_activities.check(feed, &report, &err), -1);
		assert_true(is_of_key == (strstr(report.ptr, "a Compliance Access key with the scope") != NULL));
	}
}

/* --- whatever happens, in whatever order --- */

static uint64_t seed;

static uint64_t chance(uint64_t below)
{
	uint64_t n = seed += UINT64_C(0x9E3779B97F4A7C15); /* splitmix64 */

	n = (n ^ n >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	n = (n ^ n >> 27) * UINT64_C(0x94D049BB133111EB);
	return (n ^ n >> 31) % below;
}

/* Things go on while pages are read, some of them show late, none later than the overlap. */
static void go_on(struct api *api)
{
	for (uint64_t i = chance(2) ? 0 : chance(4); i > 0; i--) {
		int64_t at_ns = api->now_ns - (int64_t)chance(1'000'000'000);
		int64_t late_s = chance(4) ? 0 : (int64_t)chance(60);

		up_add(api, at_ns, at_ns + late_s * UP_S, chance(9) ? "x" : new_keys, "");
	}
}

static void choose_upstream(void)
{
	up.profile.dialect = chance(3) ? API_PLATFORM : API_CCA;
	up.refuses_order = chance(2);
	up.is_out_of_order = chance(4) == 0;
	up.repeat = chance(4) ? 0 : (unsigned)chance(5);
	up.expire_every = chance(3) ? 0 : 2 + (unsigned)chance(5);
	up.most = chance(4) ? 0 : 10 + chance(20);
	up.latency_ns = (int64_t)chance(3) * UP_S;
	up.feeds_itself = chance(2);
	up.tick = go_on;
	up.fail_kind = ERR_LATER;
	up.fail_text = "429";
	page_rows = 10 + chance(40);
	settings.start = chance(4) ? SETTINGS_BEGINNING : SETTINGS_TIME;
	settings.start_unix_s = UP_START_S - 2000;
	settings.reconcile_ms = chance(2) ? 0 : HOUR_S * 1000;
	make_rows(chance(300), 1 + (int64_t)chance(40));
}

static void live(void)
{
	int64_t skew_s = chance(3) ? 0 : (int64_t)chance(2 * HOUR_S) - HOUR_S;

	for (size_t i = 0; i < 25; i++) {
		struct err err;

		up.skew_s = chance(2) ? 0 : skew_s;
		up.fail = chance(4) ? 0 : (unsigned)chance(3);
		spool.fail_after = chance(5) ? 0 : spool.puts + 1 + chance(4);
		spool.is_full = chance(8) == 0;
		if (chance(5) == 0)
			reopen();
		(void)try_poll(&err);
		pass((int64_t)(chance(6) ? chance(60) : chance(3 * HOUR_S)));
		go_on(&up);
	}
}

/* From now on nothing goes wrong and nothing more happens. */
static void come_to_rest(void)
{
	up.tick = NULL;
	up.fail = 0;
	up.expire_every = 0;
	up.skew_s = 0;
	up.feeds_itself = false;
	spool.fail_after = 0;
	spool.is_full = false;
	for (size_t i = 0; i < 3; i++) {
		pass(100);
		poll_feed();
	}
}

static void whatever_happens_nothing_is_lost(void **state)
{
	for (uint64_t run = 1; run <= RUNS; run++) {
		size_t lost;

		seed = run;
		choose_upstream();
		live();
		come_to_rest();
		lost = missing(settings.start == SETTINGS_TIME ? settings.start_unix_s * UP_S : 0);
		if (lost || spool.backwards || told("late on"))
			fail_msg("run %d: %zu lost of %zu, %d backwards, %s", (int)run, lost, up.count,
				 (int)spool.backwards, spool.alerts.ptr ? spool.alerts.ptr : "");
		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_that_is_there_is_stored_oldest_first),
		TEST(without_the_parameter_order_it_is_the_same),
		TEST(in_cca_it_is_the_same),
		TEST(more_rows_in_one_second_than_a_page_holds_are_all_stored),
		TEST(each_page_is_a_place_to_go_on_from),
		TEST(an_empty_organisation_is_read_and_read_again),
		TEST(a_start_at_a_time_takes_nothing_from_before),
		TEST(a_start_now_is_by_upstreams_clock_and_holds_over_a_restart),
		TEST(a_usual_poll_is_one_request),
		TEST(a_row_that_shows_a_minute_late_is_not_lost),
		TEST(lags_are_told_and_make_the_overlap_wider),
		TEST(a_fixed_overlap_is_what_was_asked_for),
		TEST(one_row_from_the_future_hides_nothing),
		TEST(a_clock_of_upstream_that_steps_back_and_forth_loses_nothing),
		TEST(without_a_date_it_works_as_well),
		TEST(pages_whose_rows_are_out_of_order_are_put_in_order),
		TEST(rows_that_come_twice_are_stored_once),
		TEST(a_short_page_with_more_behind_it_is_not_the_end),
		TEST(cursors_that_expire_cost_no_row),
		TEST(cursors_that_never_hold_are_an_error_only_where_nothing_gets_on),
		TEST(a_page_that_is_too_large_is_asked_for_in_parts),
		TEST(a_failure_is_told_and_waited_for_longer_each_time),
		TEST(a_full_spool_stops_the_reading_and_loses_no_place),
		TEST(a_refused_key_is_told_with_what_is_needed_and_told_when_it_is_over),
		TEST(what_is_wrong_before_the_key_is_seen_is_not_the_key),
		TEST(a_stop_ends_a_backfill_between_two_pages),
		TEST(what_came_later_than_the_overlap_is_found_told_and_makes_it_wider),
		TEST(a_filter_that_was_widened_is_no_late_row),
		TEST(the_overlap_never_grows_beyond_a_day),
		TEST(what_could_not_be_stored_moves_no_cursor),
		TEST(a_feed_stays_behind_until_the_end_is_stored),
		TEST(a_reconciliation_does_not_hold_up_the_polls),
		TEST(a_row_that_is_not_what_it_has_to_be_is_stored_all_the_same),
		TEST(a_newest_row_without_a_time_hides_nothing),
		TEST(a_row_that_is_too_large_does_not_stop_the_feed),
		TEST(what_our_own_polling_leaves_can_be_left_out),
		TEST(what_our_own_polling_leaves_is_stored_otherwise_and_hastens_nothing),
		TEST(a_filter_goes_upstream_where_it_can_and_holds_anyway),
		TEST(types_that_upstream_refuses_are_filtered_here),
		TEST(a_time_in_which_nothing_was_recorded_is_told_once),
		TEST(that_it_was_switched_off_last_is_told_and_when_it_is_on_again),
		TEST(a_compliance_api_that_is_off_is_noticed_at_the_start),
		TEST(content_is_no_matter_of_the_platform),
		TEST(a_state_that_is_damaged_is_not_taken_for_none),
		TEST(a_walk_tells_what_lies_in_a_span),
		TEST(of_a_feed_that_has_not_begun_yet_nothing_is_expected_and_that_is_said),
		TEST(a_check_says_what_there_will_be_and_what_not),
		TEST(what_answers_without_ids_of_requests_is_read_as_well),
		TEST(a_page_of_two_rows_that_is_too_large_is_asked_for_row_by_row),
		TEST(a_refusal_is_of_the_key_only_where_its_status_says_so),
		TEST(the_next_poll_is_due_only_after_its_time),
		TEST(one_run_ends_a_reconciliation_of_many_pages),
		TEST(how_late_the_latest_was_is_of_this_reconciliation_alone),
		TEST(nothing_is_held_open_where_a_reconciliation_waits_for_a_poll),
		TEST(that_it_is_off_holds_over_a_restart),
		TEST(a_setting_that_is_off_is_off_since_it_was_first_seen),
		TEST(an_id_is_kept_only_when_all_of_it_is_clean),
		TEST(anothers_request_in_the_second_of_our_first_one_is_no_request_of_ours),
		TEST(only_actors_that_upstream_knows_as_users_are_asked_for),
		TEST(a_walk_misses_no_row_of_a_second_in_which_a_cursor_expires),
		TEST(a_walk_tells_nobody_of_switches_that_it_passes),
		TEST(switches_are_told_with_their_times_and_nothing_else_is),
		TEST(of_switches_in_cca_there_is_nothing_to_ask),
		TEST(a_check_says_which_key_is_needed_where_the_key_is_refused),
		TEST(seconds_that_are_crowded_are_read_though_a_cursor_expires_in_each),
		TEST(of_many_rows_all_lose_half_their_weight_only_when_one_more_comes),
		TEST(a_row_of_the_second_that_upstreams_clock_shows_is_not_from_the_future),
		TEST(a_row_as_large_as_any_may_be_is_stored_as_it_is),
		TEST(what_is_no_id_in_a_state_is_not_taken_for_one),
		TEST(a_check_says_where_a_new_feed_begins),
		TEST(what_lies_within_twice_the_overlap_is_read_without_asking_for_the_end_again),
		TEST(whatever_happens_nothing_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
