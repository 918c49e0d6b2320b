/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/period.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/sys/log.h"
#include "tests/support/capture.h"
#include "tests/support/unit.h"

static int64_t at(const char *text)
{
	int64_t ret = 0;

	assert_int_equal(clock_parse_rfc3339(view_of(text), &ret), 0);
	return ret;
}

static const struct period_usual this_month = { .months = 0 }, year = { .months = 12 }, hour = { .seconds = 3600 };

static void assert_period(const char *from, const char *to, const char *now, const struct period_usual *usual,
			  const char *wanted_from, const char *wanted_to)
{
	const struct options o = { .from = from, .to = to };
	struct period period;
	struct err err = ERR_INIT;

	assert_int_equal(period_read(&o, at(now), usual, &period, &err), 0);
	assert_int_equal(period.from_s, at(wanted_from));
	assert_int_equal(period.to_s, at(wanted_to));
	assert_int_equal(period.now_s, at(now));
}

#define NOW "2024-03-05T10:00:00Z"

static void what_is_not_given_is_usual(void **state)
{
	(void)state;
	assert_period(NULL, NULL, NOW, &this_month, "2024-03-01T00:00:00Z", NOW);
	assert_period(NULL, NULL, NOW, &year, "2023-03-01T00:00:00Z", NOW);
	assert_period(NULL, NULL, NOW, &hour, "2024-03-05T09:00:00Z", NOW);
	assert_period(NULL, "2024-03-01", NOW, &this_month, "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z");
	assert_period(NULL, "2024-02-29T12:00:00Z", NOW, &this_month, "2024-02-01T00:00:00Z", "2024-02-29T12:00:00Z");
	assert_period(NULL, NULL, "2024-03-01T00:00:00Z", &this_month, "2024-03-01T00:00:00Z", "2024-03-01T00:00:01Z");
}

static void times_are_dates_or_have_a_zone(void **state)
{
	(void)state;
	assert_period("2024-02-29", "2024-03-01T01:00:00+01:00", NOW, &year, "2024-02-29T00:00:00Z",
		      "2024-03-01T00:00:00Z");
	assert_period("2024-02-29T23:59:59.9Z", NULL, NOW, &year, "2024-02-29T23:59:59Z", NOW);
}

static void assert_refused(const char *from, const char *to, const char *word)
{
	const struct options o = { .from = from, .to = to };
	struct period period;
	struct err err = ERR_INIT;

	assert_int_equal(period_read(&o, at(NOW), &this_month, &period, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, word));
}

static void what_is_no_time_or_no_period_is_told(void **state)
{
	(void)state;
	assert_refused("2024-02-30", NULL, "--from takes a time such as");
	assert_refused(NULL, "2024-02-01T00:00:00", "--to takes a time such as"); /* without a zone */
	assert_refused("2024-03-02", "2024-03-02", "--from has to be before --to");
	assert_refused("2024-03-06", NULL, "--from has to be in the past");
	assert_refused("2001-01-01", NULL, "3660 days");
}

static void assert_whole(const char *from, const char *to, const char *now, const char *month, bool is_whole)
{
	const struct period period = { .from_s = at(from), .to_s = at(to), .now_s = at(now) };

	assert_int_equal(period_has_month(&period, at(month)), is_whole);
}

static void a_month_is_whole_when_all_its_days_are_told_and_over(void **state)
{
	const char *from = "2024-02-01T08:00:00Z", *to = "2024-02-29T01:00:00Z", *february = "2024-02-15T00:00:00Z";

	(void)state;
	assert_whole(from, to, "2024-03-01T00:00:00Z", february, true); /* days come whole */
	assert_whole(from, to, "2024-02-29T23:59:59Z", february, false);
	assert_whole("2024-02-02T00:00:00Z", to, NOW, february, false);
	assert_whole(from, "2024-02-29T00:00:00Z", NOW, february, false);
	assert_whole("2023-12-15T00:00:00Z", NOW, NOW, "2023-12-31T00:00:00Z", false);
	assert_whole("2023-12-15T00:00:00Z", NOW, NOW, "2024-01-01T00:00:00Z", true);
	assert_whole("2023-12-15T00:00:00Z", NOW, NOW, NOW, false);
}

static void assert_said(enum output_format format, const char *from, const char *to, const char *wanted)
{
	const struct options o = { .format = format, .to = to };
	const struct period period = { .from_s = at(from), .to_s = at(to ? to : NOW), .now_s = at(NOW) };
	DEFER(buf_done) struct buf said = BUF_INIT(1u << 10);
	struct capture c = capture(STDERR_FILENO);

	period_say(&o, &period);
	give_back(&c, &said);
	assert_string_equal(said.len ? said.ptr : "", wanted);
}

static void a_table_says_its_time_midnights_as_dates(void **state)
{
	(void)state;
	log_init("skantctl", LOG_INFO);
	assert_said(OUTPUT_TABLE, "2024-03-01T00:00:00Z", NULL, "skantctl: from 2024-03-01 to now (UTC)\n");
	assert_said(OUTPUT_TABLE, "2024-02-29T23:59:59Z", "2024-03-01T00:00:00Z",
		    "skantctl: from 2024-02-29T23:59:59Z to 2024-03-01 (UTC)\n");
	assert_said(OUTPUT_JSONL, "2024-03-01T00:00:00Z", NULL, "");
	assert_said(OUTPUT_CSV, "2024-03-01T00:00:00Z", NULL, "");
	log_set_level(LOG_ERROR); /* -q */
	assert_said(OUTPUT_TABLE, "2024-03-01T00:00:00Z", NULL, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_given_is_usual),
		cmocka_unit_test(times_are_dates_or_have_a_zone),
		cmocka_unit_test(what_is_no_time_or_no_period_is_told),
		cmocka_unit_test(a_month_is_whole_when_all_its_days_are_told_and_over),
		cmocka_unit_test(a_table_says_its_time_midnights_as_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
