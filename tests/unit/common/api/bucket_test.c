/* SPDX-License-Identifier: Apache-2.0 */
/* Walks over buckets and days, above pages that come from a script. */
#include "tests/support/fake_api.h"

#include <string.h>

#include "common/api/endpoint_claude_code.h"
#include "common/api/endpoint_cost.h"
#include "common/api/endpoint_usage.h"
#include "tests/support/unit.h"

/* The rows of the walks to come, one list a walk; a NULL ends a list, and a second one the script. */
static const char *const *script;
static unsigned done_count;

void page_start(struct page_walk *walk, struct api *api, enum api_operation operation,
		const struct api_argument *arguments, size_t count, uint64_t page_size)
{
	*walk = (struct page_walk){ .api = api, .operation = operation, .arguments = arguments, .count = count };
	if (fake_log(api, operation, arguments, count) ||
	    buf_addf(&api->method_log, "page size %u\n", (unsigned)page_size))
		fail();
}

int page_row(struct page_walk *walk, struct view *ret, struct err *err)
{
	(void)walk;
	if (!*script) {
		script++;
		return 0;
	}
	if (view_of(*script).len == 0)
		return err_set(err, ERR_LATER, 0, "no network");
	*ret = view_of(*script++);
	return 1;
}

void page_done(struct page_walk *walk)
{
	*walk = (struct page_walk){ 0 };
	done_count++;
}

#define VIEW_CONST(text)                                                                                               \
	{                                                                                                              \
		.ptr = (text), .len = sizeof(text) - 1                                                                 \
	}

static const struct api_argument august[] = { { "starting_at", VIEW_CONST("2026-08-01") },
					      { "ending_at", VIEW_CONST("2026-08-03T00:00:00Z") } };

static void results_come_with_their_bucket_s_times(void **state)
{
	static const char *const rows[] = {
		"{\"starting_at\":\"2026-08-01T00:00:00Z\",\"ending_at\":\"2026-08-02T00:00:00Z\",\"results\":["
		"{\"uncached_input_tokens\":1,\"output_tokens\":2},{\"uncached_input_tokens\":3,\"output_tokens\":4}]}",
		"{\"starting_at\":\"2026-08-02T00:00:00Z\",\"ending_at\":\"2026-08-03T00:00:00Z\",\"results\":[]}",
		"{\"starting_at\":\"2026-08-03T00:00:00Z\",\"ending_at\":\"2026-08-04T00:00:00Z\",\"results\":["
		"{\"uncached_input_tokens\":5,\"output_tokens\":6}]}",
		NULL,
	};
	static const int64_t starts[] = { 1785542400, 1785542400, 1785715200 };
	struct api api = FAKE_API(API_PLATFORM, NULL);
	struct bucket_walk walk;
	struct api_usage usage;

	(void)state;
	script = rows;
	assert_int_equal(bucket_start(&walk, &api, API_USAGE_MESSAGES, august, ARRAY_LEN(august), NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		assert_int_equal(api_usage_next(&walk, &usage, NULL), 1);
		assert_int_equal(usage.input_tokens, 2 * i + 1);
		assert_int_equal(usage.output_tokens.value, 2 * i + 2);
		assert_int_equal(usage.starting_at.unix_s, starts[i]);
		assert_int_equal(usage.ending_at.unix_s, starts[i] + 86400);
	}
	assert_int_equal(api_usage_next(&walk, &usage, NULL), 0);
	bucket_done(&walk);
	fake_api_done(&api);
}

static void flat_results_have_the_times_asked_for(void **state)
{
	static const char *const rows[] = { "{\"total_cost\":12.5,\"currency\":\"USD\"}", NULL };
	struct api api = FAKE_API(API_CCA, NULL);
	struct bucket_walk walk;
	struct api_cost cost;

	(void)state;
	script = rows;
	assert_int_equal(bucket_start(&walk, &api, API_COST, august, ARRAY_LEN(august), NULL), 0);
	assert_int_equal(api_cost_next(&walk, &cost, NULL), 1);
	assert_true(cost.cents.units == 1250 && cost.cents.scale == 0);
	assert_int_equal(cost.starting_at.unix_s, 1785542400);
	assert_int_equal(cost.ending_at.unix_s, 1785715200);
	assert_true(cost.starting_at.is_known && cost.ending_at.is_known);
	assert_int_equal(api_cost_next(&walk, &cost, NULL), 0);
	bucket_done(&walk);
	fake_api_done(&api);
}

static void pages_are_as_large_as_the_width_of_buckets_allows(void **state)
{
	static const struct {
		enum api_dialect dialect;
		enum api_operation operation;
		const char *width, *size;
	} cases[] = {
		{ API_PLATFORM, API_USAGE_MESSAGES, NULL, "page size 31\n" },
		{ API_PLATFORM, API_USAGE_MESSAGES, "1d", "page size 31\n" },
		{ API_PLATFORM, API_USAGE_MESSAGES, "1h", "page size 168\n" },
		{ API_PLATFORM, API_USAGE_MESSAGES, "1m", "page size 1440\n" },
		{ API_PLATFORM, API_COST, "1d", "page size 31\n" },
		{ API_CCA, API_COST, NULL, "page size 1000\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct api_argument width = { "bucket_width", view_of(cases[i].width) };
		struct api api = FAKE_API(cases[i].dialect, NULL);
		struct bucket_walk walk;

		assert_int_equal(bucket_start(&walk, &api, cases[i].operation, &width, cases[i].width ? 1 : 0, NULL),
				 0);
		assert_non_null(strstr(api.method_log.ptr, cases[i].size));
		bucket_done(&walk);
		fake_api_done(&api);
	}
}

static void a_bad_bucket_ends_the_walk(void **state)
{
	static const char *const rows[] = { "{\"starting_at\":\"2026-08-01T00:00:00Z\",\"results\":null}", NULL };
	struct api api = FAKE_API(API_PLATFORM, NULL);
	struct bucket_walk walk;
	struct api_usage usage;
	struct err err = ERR_INIT;

	(void)state;
	script = rows;
	assert_int_equal(bucket_start(&walk, &api, API_USAGE_MESSAGES, august, ARRAY_LEN(august), NULL), 0);
	assert_int_equal(api_usage_next(&walk, &usage, &err), -1);
	assert_string_equal(
		err.text,
		"usage.messages: a bucket of time: 'results' is not there, or of another type than it has to be");
	bucket_done(&walk);
	fake_api_done(&api);
}

/* A sum without a bucket would be taken for the whole. */
static void a_bucket_that_is_left_out_ends_the_walk(void **state)
{
	static const char *const rows[] = {
		"{\"starting_at\":\"2026-08-01T00:00:00Z\",\"ending_at\":\"2026-08-02T00:00:00Z\",\"results\":[]}",
		"{\"starting_at\":\"2026-08-03T00:00:00Z\",\"ending_at\":\"2026-08-04T00:00:00Z\",\"results\":[]}",
		NULL,
	};
	static const char *const timeless[] = {
		"{\"starting_at\":\"August\",\"ending_at\":\"2026-08-02T00:00:00Z\",\"results\":[]}", NULL
	};
	struct api api = FAKE_API(API_PLATFORM, NULL);
	struct bucket_walk walk;
	struct api_usage usage;
	struct err err = ERR_INIT;

	(void)state;
	script = rows;
	assert_int_equal(bucket_start(&walk, &api, API_USAGE_MESSAGES, august, ARRAY_LEN(august), NULL), 0);
	assert_true(walk.pages.is_gapless); /* nor may a page be passed over */
	assert_int_equal(api_usage_next(&walk, &usage, &err), -1);
	assert_string_equal(err.text, "usage.messages: bucket 2 begins at 2026-08-03T00:00:00Z, where "
				      "2026-08-02T00:00:00Z was expected");
	bucket_done(&walk);
	script = timeless;
	assert_int_equal(bucket_start(&walk, &api, API_USAGE_MESSAGES, august, ARRAY_LEN(august), NULL), 0);
	assert_int_equal(api_usage_next(&walk, &usage, &err), -1);
	assert_string_equal(err.text, "usage.messages: bucket 1: starting_at is no time");
	bucket_done(&walk);
	fake_api_done(&api);
}

#define DAY 1785542400 /* 2026-08-01 */

static void claude_code_is_asked_for_day_by_day(void **state)
{
	static const char *const rows[] = { "{\"date\":\"2026-08-01T00:00:00Z\",\"core_metrics\":{\"num_sessions\":1}}",
					    "{\"date\":\"2026-08-01T00:00:00Z\",\"core_metrics\":{\"num_sessions\":2}}",
					    NULL,
					    NULL, /* nothing on the second day */
					    "{\"date\":\"2026-08-03T00:00:00Z\",\"core_metrics\":{\"num_sessions\":3}}",
					    NULL };
	struct api api = FAKE_API(API_PLATFORM, NULL);
	struct claude_code_walk walk;
	struct api_claude_code row;

	(void)state;
	script = rows;
	done_count = 0;
	assert_int_equal(claude_code_start(&walk, &api, DAY + 3600, DAY + 2 * 86400 + 1, NULL, 0, NULL), 0);
	for (unsigned i = 1; i <= 3; i++) {
		assert_int_equal(claude_code_next(&walk, &row, NULL), 1);
		assert_int_equal(row.sessions.value, i);
	}
	assert_int_equal(claude_code_next(&walk, &row, NULL), 0);
	assert_int_equal(claude_code_next(&walk, &row, NULL), 0);
	assert_string_equal(api.method_log.ptr, "usage.claude_code starting_at=2026-08-01\npage size 0\n"
						"usage.claude_code starting_at=2026-08-02\npage size 0\n"
						"usage.claude_code starting_at=2026-08-03\npage size 0\n");
	claude_code_done(&walk);
	assert_int_equal(done_count, 3);
	fake_api_done(&api);
}

static void claude_code_is_asked_for_at_once_in_cca(void **state)
{
	static const char *const rows[] = { "{\"user_id\":\"user_1\",\"session_hours\":1.5,\"tool_calls\":3}", NULL };
	const struct api_argument group = { "group_by", VIEW("account_id") };
	struct api api = FAKE_API(API_CCA, NULL);
	struct claude_code_walk walk;
	struct api_claude_code row;

	(void)state;
	script = rows;
	assert_int_equal(claude_code_start(&walk, &api, DAY, DAY + 2 * 86400, &group, 1, NULL), 0);
	assert_int_equal(claude_code_next(&walk, &row, NULL), 1);
	assert_true(row.session_hours.value.units == 15 && row.session_hours.value.scale == 1);
	assert_view(row.user_id, "user_1");
	assert_int_equal(claude_code_next(&walk, &row, NULL), 0);
	assert_string_equal(api.method_log.ptr, "usage.claude_code starting_at=2026-08-01 ending_at=2026-08-03 "
						"group_by=account_id\npage size 0\n");
	claude_code_done(&walk);
	fake_api_done(&api);
}

static void days_before_1970_are_days_as_well(void **state)
{
	static const char *const rows[] = { NULL, NULL };
	struct api api = FAKE_API(API_PLATFORM, NULL);
	struct claude_code_walk walk;
	struct api_claude_code row;

	(void)state;
	script = rows;
	assert_int_equal(claude_code_start(&walk, &api, -1, 1, NULL, 0, NULL), 0);
	assert_int_equal(claude_code_next(&walk, &row, NULL), 0);
	assert_string_equal(api.method_log.ptr, "usage.claude_code starting_at=1969-12-31\npage size 0\n"
						"usage.claude_code starting_at=1970-01-01\npage size 0\n");
	claude_code_done(&walk);
	fake_api_done(&api);
}

static void a_reversed_time_is_refused_before_anything_is_asked(void **state)
{
	struct api api = FAKE_API(API_PLATFORM, NULL);
	struct claude_code_walk walk;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(claude_code_start(&walk, &api, DAY, DAY, NULL, 0, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.text, "usage.claude_code: the end of the time asked for is not behind its start");
	assert_int_equal(api.method_log.len, 0);
	claude_code_done(&walk);
	fake_api_done(&api);
}

static void what_a_page_fails_with_is_handed_on(void **state)
{
	static const char *const rows[] = { "" };
	struct api api = FAKE_API(API_PLATFORM, NULL);
	struct claude_code_walk walk;
	struct bucket_walk buckets;
	struct api_claude_code row;
	struct api_cost cost;
	struct err err = ERR_INIT;

	(void)state;
	script = rows;
	assert_int_equal(claude_code_start(&walk, &api, DAY, DAY + 1, NULL, 0, NULL), 0);
	assert_int_equal(claude_code_next(&walk, &row, &err), -1);
	assert_string_equal(err.text, "no network");
	claude_code_done(&walk);
	assert_int_equal(bucket_start(&buckets, &api, API_COST, august, ARRAY_LEN(august), NULL), 0);
	assert_int_equal(api_cost_next(&buckets, &cost, &err), -1);
	bucket_done(&buckets);
	fake_api_done(&api);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_come_with_their_bucket_s_times),
		cmocka_unit_test(flat_results_have_the_times_asked_for),
		cmocka_unit_test(pages_are_as_large_as_the_width_of_buckets_allows),
		cmocka_unit_test(a_bad_bucket_ends_the_walk),
		cmocka_unit_test(a_bucket_that_is_left_out_ends_the_walk),
		cmocka_unit_test(claude_code_is_asked_for_day_by_day),
		cmocka_unit_test(claude_code_is_asked_for_at_once_in_cca),
		cmocka_unit_test(days_before_1970_are_days_as_well),
		cmocka_unit_test(a_reversed_time_is_refused_before_anything_is_asked),
		cmocka_unit_test(what_a_page_fails_with_is_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
