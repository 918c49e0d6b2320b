/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/metrics.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "tests/support/exposition.h"
#include "tests/support/unit.h"

#define MANUAL "docs/skantd.8.scd.in"

static struct metrics *m;

static int set_up(void **state)
{
	(void)state;
	m = metrics_new(NULL);
	return m ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	metrics_free(m);
	return 0;
}

static void write_all(struct buf *ret)
{
	assert_int_equal(metrics_write(m, ret), 0);
	exposition_check(buf_view(ret));
}

static void assert_line(const char *line)
{
	DEFER(buf_done) struct buf text = BUF_INIT(METRICS_TEXT_BYTES), found = BUF_INIT(METRICS_TEXT_BYTES);

	write_all(&text);
	assert_int_equal(buf_addf(&found, "\n%s\n", line), 0);
	if (text_find(buf_view(&text), buf_view(&found)) == SIZE_MAX)
		fail_msg("no '%s' in:\n%s", line, text.ptr);
}

static void nothing_is_told_of_what_did_not_happen(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(METRICS_TEXT_BYTES);

	(void)state;
	write_all(&text);
	assert_int_equal(text.len, 0);
}

static void a_counter_adds_up_by_its_labels(void **state)
{
	(void)state;
	metrics_add(m, METRIC_EVENTS, "audit", "a", 2);
	metrics_add(m, METRIC_EVENTS, "audit", "a", 40);
	metrics_add(m, METRIC_EVENTS, "audit", "b", 1);
	metrics_add(m, METRIC_EVENTS, "apps", "a", 0);
	assert_line("# TYPE skant_events_total counter");
	assert_line("skant_events_total{feed=\"audit\",type=\"a\"} 42");
	assert_line("skant_events_total{feed=\"audit\",type=\"b\"} 1");
	assert_line("skant_events_total{feed=\"apps\",type=\"a\"} 0");
}

static void a_counter_keeps_every_digit(void **state)
{
	(void)state;
	metrics_add(m, METRIC_API_RETRY, "timeout", NULL, UINT64_MAX);
	assert_line("skant_api_retry_total{reason=\"timeout\"} 18446744073709551615");
}

static void a_gauge_is_what_it_was_set_to_last(void **state)
{
	(void)state;
	metrics_set(m, METRIC_SINK_LAG, "siem", NULL, 7);
	metrics_set(m, METRIC_SINK_LAG, "siem", NULL, 0.25);
	metrics_set(m, METRIC_SPOOL_BYTES, NULL, NULL, 4096);
	assert_line("# TYPE skant_sink_lag_seconds gauge");
	assert_line("skant_sink_lag_seconds{sink=\"siem\"} 0.25");
	assert_line("skant_spool_bytes 4096");
}

static void a_counter_can_be_brought_up_to_what_is_stored(void **state)
{
	(void)state;
	metrics_set(m, METRIC_SINK_REPLAYED, "siem", NULL, 1234567);
	assert_line("# TYPE skant_sink_replayed_total counter");
	assert_line("skant_sink_replayed_total{sink=\"siem\"} 1234567");
}

static void events_leave_a_level_of_proof_for_the_next_one(void **state)
{
	(void)state;
	metrics_set(m, METRIC_SINK_PROOF, "siem", "spooled", 1234567);
	metrics_set(m, METRIC_SINK_PROOF, "siem", "spooled", 7);
	assert_line("# TYPE skant_sink_proof_total gauge");
	assert_line("skant_sink_proof_total{sink=\"siem\",level=\"spooled\"} 7");
}

static void a_summary_tells_the_middle_the_edge_and_the_most(void **state)
{
	(void)state;
	for (int i = 100; i >= 0; i--)
		metrics_observe(m, METRIC_VISIBILITY_LAG, "audit", i);
	assert_line("# TYPE skant_visibility_lag_seconds summary");
	assert_line("skant_visibility_lag_seconds{feed=\"audit\",quantile=\"0.5\"} 50");
	assert_line("skant_visibility_lag_seconds{feed=\"audit\",quantile=\"0.99\"} 99");
	assert_line("skant_visibility_lag_seconds{feed=\"audit\",quantile=\"1\"} 100");
	assert_line("skant_visibility_lag_seconds_sum{feed=\"audit\"} 5050");
	assert_line("skant_visibility_lag_seconds_count{feed=\"audit\"} 101");
}

static void a_summary_of_one_value_is_that_value(void **state)
{
	(void)state;
	metrics_observe(m, METRIC_VISIBILITY_LAG, "audit", 0.5);
	assert_line("skant_visibility_lag_seconds{feed=\"audit\",quantile=\"0.99\"} 0.5");
}

static void quantiles_are_of_the_latest_values_and_the_count_of_all(void **state)
{
	(void)state;
	for (int i = 0; i < METRICS_VALUES; i++)
		metrics_observe(m, METRIC_VISIBILITY_LAG, "audit", 1000);
	for (int i = 0; i < METRICS_VALUES; i++)
		metrics_observe(m, METRIC_VISIBILITY_LAG, "audit", 1);
	assert_line("skant_visibility_lag_seconds{feed=\"audit\",quantile=\"1\"} 1");
	assert_line("skant_visibility_lag_seconds_count{feed=\"audit\"} 2048");
}

/* An event's type is whatever somebody upstream, or a local program, wrote. */
static void any_bytes_in_a_label_are_a_label(void **state)
{
	static const char *const types[] = {
		"a\"b", "a\\b", "a\nb", "\xff\xfe", "\x1b[31m", "", "{}=,", "\xe2\x82\xac"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		metrics_add(m, METRIC_EVENTS, "audit", types[i], 1);
	assert_line("skant_events_total{feed=\"audit\",type=\"a\\\"b\"} 1");
	assert_line("skant_events_total{feed=\"audit\",type=\"a\\\\b\"} 1");
	assert_line("skant_events_total{feed=\"audit\",type=\"\"} 1");
	assert_line("skant_events_total{feed=\"audit\",type=\"\xe2\x82\xac\"} 1");
}

/* One sample twice, and whoever collects them takes none at all. */
static void labels_that_look_alike_are_one_series(void **state)
{
	(void)state;
	metrics_add(m, METRIC_EVENTS, "audit", "a\x1b", 1);
	metrics_add(m, METRIC_EVENTS, "audit", "a\\x1b", 1);
	metrics_add(m, METRIC_EVENTS, "audit", "a", 1);
	assert_line("skant_events_total{feed=\"audit\",type=\"a\\\\x1b\"} 2");
}

static void a_label_has_an_end(void **state)
{
	DEFER(buf_done) struct buf line = BUF_INIT(2 * METRICS_LABEL_BYTES);
	char type[METRICS_LABEL_BYTES + 200];

	(void)state;
	memset(type, 'x', sizeof(type) - 1);
	type[sizeof(type) - 1] = '\0';
	metrics_add(m, METRIC_EVENTS, "audit", type, 1);
	type[METRICS_LABEL_BYTES + 100] = '\0';
	metrics_add(m, METRIC_EVENTS, "audit", type, 1);
	type[METRICS_LABEL_BYTES] = '\0';
	assert_int_equal(buf_addf(&line, "skant_events_total{feed=\"audit\",type=\"%s\"} 2", type), 0);
	assert_line(line.ptr);
}

static size_t count_series(const char *name)
{
	DEFER(buf_done) struct buf text = BUF_INIT(METRICS_TEXT_BYTES);
	struct view rest, line;
	size_t count = 0;

	write_all(&text);
	rest = buf_view(&text);
	while (text_next_line(&rest, &line))
		count += text_starts(line, view_of(name)) && line.ptr[strlen(name)] == '{';
	return count;
}

static void the_number_of_series_has_an_end(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3 * METRICS_SERIES_MAX; i++) {
		char type[32];

		(void)snprintf(type, sizeof(type), "t%u", i);
		metrics_add(m, METRIC_EVENTS, "audit", type, 1);
	}
	assert_int_equal(count_series("skant_events_total"), METRICS_SERIES_MAX + 1);
	assert_line("skant_events_total{feed=\"audit\",type=\"t0\"} 1");
	assert_line("skant_events_total{feed=\"audit\",type=\"other\"} 2000");
}

/* What there is no room for is not counted, and that is. */
static void a_series_without_room_is_told(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3 * METRICS_SERIES_MAX; i++) {
		char feed[32];

		(void)snprintf(feed, sizeof(feed), "f%u", i);
		metrics_add(m, METRIC_EVENTS, feed, "a", 1);
	}
	assert_int_equal(count_series("skant_events_total"), 2 * METRICS_SERIES_MAX);
	assert_line("skant_metrics_lost_total 1000");
}

static void what_is_forgotten_is_told_no_more(void **state)
{
	(void)state;
	metrics_set(m, METRIC_ALERT, "audit", "stale", 1);
	assert_line("skant_alert{feed=\"audit\",alert=\"stale\"} 1");
	metrics_forget(m, METRIC_ALERT);
	assert_int_equal(count_series("skant_alert"), 0);
	metrics_set(m, METRIC_ALERT, "audit", "quiet", 1);
	assert_int_equal(count_series("skant_alert"), 1);
}

static void what_does_not_fit_is_an_error(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(40);

	(void)state;
	metrics_add(m, METRIC_EVENTS, "audit", "a", 1);
	assert_int_equal(metrics_write(m, &text), -1);
}

#define THREADS 4
#define ROUNDS 2000

static void *count(void *number)
{
	const char *const feeds[THREADS] = { "a", "b", "c", "d" };
	const char *feed = feeds[*(const unsigned *)number];

	for (unsigned i = 0; i < ROUNDS; i++) {
		metrics_add(m, METRIC_EVENTS, feed, "x", 1);
		metrics_add(m, METRIC_API_RETRY, "all", NULL, 1);
		metrics_observe(m, METRIC_VISIBILITY_LAG, feed, i);
		metrics_set(m, METRIC_ALERT, feed, "stale", 1);
		if (i % 100 == 0)
			metrics_forget(m, METRIC_ALERT);
	}
	return NULL;
}

static void threads_lose_nothing_to_each_other_or_to_a_reader(void **state)
{
	unsigned numbers[THREADS] = { 0, 1, 2, 3 };
	pthread_t threads[THREADS];

	(void)state;
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count, &numbers[i]), 0);
	for (unsigned i = 0; i < 20; i++)
		(void)count_series("skant_events_total");
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_line("skant_api_retry_total{reason=\"all\"} 8000");
	assert_line("skant_events_total{feed=\"c\",type=\"x\"} 2000");
	assert_line("skant_visibility_lag_seconds_count{feed=\"d\"} 2000");
}

/* Every metric at once, in the order of the table. */
static void all_metrics_together_are_one_exposition(void **state)
{
	static const char *const types[METRIC_COUNT] = {
#define TYPE(id, name, type, first, second, help) type,
		METRICS(TYPE)
#undef TYPE
	};
	static const char *const labels[METRIC_COUNT][2] = {
#define LABELS(id, name, type, first, second, help) { first, second },
		METRICS(LABELS)
#undef LABELS
	};
	DEFER(buf_done) struct buf text = BUF_INIT(METRICS_TEXT_BYTES);

	(void)state;
	for (unsigned i = 0; i < METRIC_COUNT; i++) {
		const char *first = labels[i][0] ? "x" : NULL, *second = labels[i][1] ? "y" : NULL;

		if (types[i][0] == 's')
			metrics_observe(m, (enum metric)i, first, 1);
		else if (types[i][0] == 'c')
			metrics_add(m, (enum metric)i, first, second, 1);
		else
			metrics_set(m, (enum metric)i, first, second, 1);
	}
	write_all(&text);
	for (unsigned i = 0; i < METRIC_COUNT; i++)
		assert_true(types[i][0] == 's' || types[i][0] == 'c' || types[i][0] == 'g');
}

static void each_metric_is_in_the_manual(void **state)
{
	static const char *const names[METRIC_COUNT] = {
#define NAME(id, name, type, first, second, help) name,
		METRICS(NAME)
#undef NAME
	};
	DEFER(buf_done) struct buf manual = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;

	(void)state;
	if (file_read(MANUAL, &manual, &err))
		fail_msg("%s", err.text);
	for (unsigned i = 0; i < METRIC_COUNT; i++) {
		char entry[100];

		(void)snprintf(entry, sizeof(entry), "*%s*", names[i]);
		if (text_find(buf_view(&manual), view_of(entry)) == SIZE_MAX)
			fail_msg("'%s' is not in the manual", names[i]);
	}
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_told_of_what_did_not_happen),
		TEST(a_counter_adds_up_by_its_labels),
		TEST(a_counter_keeps_every_digit),
		TEST(a_gauge_is_what_it_was_set_to_last),
		TEST(a_counter_can_be_brought_up_to_what_is_stored),
		TEST(events_leave_a_level_of_proof_for_the_next_one),
		TEST(a_summary_tells_the_middle_the_edge_and_the_most),
		TEST(a_summary_of_one_value_is_that_value),
		TEST(quantiles_are_of_the_latest_values_and_the_count_of_all),
		TEST(any_bytes_in_a_label_are_a_label),
		TEST(labels_that_look_alike_are_one_series),
		TEST(a_label_has_an_end),
		TEST(the_number_of_series_has_an_end),
		TEST(a_series_without_room_is_told),
		TEST(what_is_forgotten_is_told_no_more),
		TEST(what_does_not_fit_is_an_error),
		TEST(threads_lose_nothing_to_each_other_or_to_a_reader),
		TEST(all_metrics_together_are_one_exposition),
		TEST(each_metric_is_in_the_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
