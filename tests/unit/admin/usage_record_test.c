/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/usage_record.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "tests/support/unit.h"

#define START                                                                                                          \
	"{\"timestamp\":\"2026-11-24T13:49:09Z\",\"model\":\"claude-opus-5\",\"input_tokens\":10,\"output_tokens\":5"
#define AFTER(n) (sizeof(START) - 1 + (n))

static struct usage_reader *reader;

static int set_up(void **state)
{
	(void)state;
	reader = usage_reader_new();
	return reader ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	usage_reader_free(reader);
	return 0;
}

static struct usage_record read_ok(const char *line)
{
	struct usage_record record;
	struct err err = ERR_INIT;
	size_t at;

	if (usage_record_read(reader, view_of(line), &record, &at, &err))
		fail_msg("%zu: %s", at, err.text);
	return record;
}

static void assert_refused(const char *line, size_t at, const char *word)
{
	struct usage_record record;
	struct err err = ERR_INIT;
	size_t where;

	assert_int_equal(usage_record_read(reader, view_of(line), &record, &where, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	if (!strstr(err.text, word) || where != at)
		fail_msg("no '%s' at %zu in %zu: '%s'", word, at, where, err.text);
}

static void assert_tokens(const struct usage_record *r, uint64_t input, uint64_t write_5m, uint64_t write_1h,
			  uint64_t cache_read, uint64_t output)
{
	const uint64_t wanted[PRICE_KINDS] = { input, write_5m, write_1h, cache_read, output };

	assert_memory_equal(r->tokens.counts, wanted, sizeof(wanted));
}

static void a_record_has_what_an_application_wrote(void **state)
{
	struct usage_record r = read_ok(START ",\"stop_reason\":\"end_turn\",\"team\":\"ml\",\"feature\":\"search\","
					      "\"request_id\":\"msg_01\",\"api_key_id\":\"apikey_01\"}");

	(void)state;
	assert_view(r.texts[USAGE_MODEL], "claude-opus-5");
	assert_view(r.texts[USAGE_TEAM], "ml");
	assert_view(r.texts[USAGE_FEATURE], "search");
	assert_view(r.texts[USAGE_STOP_REASON], "end_turn");
	assert_view(r.texts[USAGE_KEY], "apikey_01");
	assert_int_equal(r.unix_s, clock_days(2026, 11, 24) * 86400 + 13 * 3600 + 49 * 60 + 9);
	assert_tokens(&r, 10, 0, 0, 0, 5);
	assert_false(r.is_batch || r.is_us || r.is_fast);
}

static void a_reply_may_stand_in_usage_as_it_came(void **state)
{
	struct usage_record r =
		read_ok("{\"timestamp\":\"2026-11-24\\u0054"
			"13:49:09.5+01:00\",\"model\":\"claude-opus-5\",\"usage\":{\"input_tokens\":12,"
			"\"output_tokens\":6,\"cache_creation_input_tokens\":30,\"cache_read_input_tokens\":7,"
			"\"cache_creation\":"
			"{\"ephemeral_5m_input_tokens\":10,\"ephemeral_1h_input_tokens\":20},\"server_tool_use\":null,"
			"\"service_tier\":\"batch\",\"inference_geo\":\"us\",\"speed\":\"fast\"}}");

	(void)state;
	assert_tokens(&r, 12, 10, 20, 7, 6);
	assert_true(r.is_batch && r.is_us && r.is_fast);
	assert_int_equal(r.unix_s, clock_days(2026, 11, 24) * 86400 + 12 * 3600 + 49 * 60 + 9);
}

static void what_of_the_cache_has_no_lifetime_is_kept_for_five_minutes(void **state)
{
	struct usage_record r = read_ok(START ",\"cache_creation_input_tokens\":100}");

	(void)state;
	assert_tokens(&r, 10, 100, 0, 0, 5);
	r = read_ok(START
		    ",\"cache_creation_input_tokens\":100,\"cache_creation\":{\"ephemeral_1h_input_tokens\":30}}");
	assert_tokens(&r, 10, 70, 30, 0, 5);
	r = read_ok(START ",\"cache_creation\":{\"ephemeral_1h_input_tokens\":30,\"ephemeral_5m_input_tokens\":1}}");
	assert_tokens(&r, 10, 1, 30, 0, 5);
}

static void null_is_as_if_it_were_not_there(void **state)
{
	struct usage_record r = read_ok(START ",\"team\":null,\"cache_creation\":null,\"cache_read_input_tokens\":null,"
					      "\"batch\":null,\"usage\":null,\"service_tier\": null }");

	(void)state;
	assert_int_equal(r.texts[USAGE_TEAM].len, 0);
	assert_tokens(&r, 10, 0, 0, 0, 5);
	assert_false(r.is_batch);
}

static void an_application_may_say_batch_and_fast_itself(void **state)
{
	struct usage_record r = read_ok(START ",\"batch\":true,\"fast\":true}");

	(void)state;
	assert_true(r.is_batch && r.is_fast);
	r = read_ok(START ",\"batch\":false,\"fast\":false,\"speed\":\"standard\",\"inference_geo\":\"global\"}");
	assert_false(r.is_batch || r.is_fast || r.is_us);
}

static void seconds_since_1970_are_a_time_as_well(void **state)
{
	struct usage_record r =
		read_ok("{\"timestamp\":1790000000.75,\"model\":\"m\",\"input_tokens\":1e3,\"output_tokens\":5.0}");

	(void)state;
	assert_int_equal(r.unix_s, 1790000000);
	assert_tokens(&r, 1000, 0, 0, 0, 5);
	r = read_ok("{\"timestamp\":1.79e9,\"model\":\"m\",\"input_tokens\":0,\"output_tokens\":0}");
	assert_int_equal(r.unix_s, 1790000000);
	assert_refused("{\"timestamp\":1790000000000,\"model\":\"m\",\"input_tokens\":1,\"output_tokens\":5}", 13,
		       "seconds since 1970");
	assert_refused("{\"timestamp\":-1,\"model\":\"m\",\"input_tokens\":1,\"output_tokens\":5}", 13, "seconds");
}

static void other_fields_may_be_anything(void **state)
{
	struct usage_record r =
		read_ok(START ",\"tools_used\":[\"a\",{\"b\":[1,2.5e3,null]}],\"latency_ms\":-1.5,"
			      "\"prompt\":\"a \\\"quote\\\" and \\u00e4 \xc3\xa4\",\"usage\":{\"x\":{}}}");

	(void)state;
	assert_tokens(&r, 10, 0, 0, 0, 5);
}

static void escapes_do_not_make_another_name(void **state)
{
	struct usage_record r = read_ok(START ",\"te\\u0061m\":\"m\\u006c\",\"feature\":\"a\\tb\"}");

	(void)state;
	assert_view(r.texts[USAGE_TEAM], "ml");
	assert_view(r.texts[USAGE_FEATURE], "a\tb");
	r = read_ok(START ",\"team\":\"k\xc3\xbc"
			  "che\"}");
	assert_view(r.texts[USAGE_TEAM], "k\xc3\xbc"
					 "che");
}

static void a_field_may_be_there_twice_if_it_is_the_same(void **state)
{
	struct usage_record r = read_ok(START ",\"team\":\"ml\",\"usage\":{\"input_tokens\":10,\"output_tokens\":5},"
					      "\"team\":\"m\\u006c\",\"timestamp\":\"2026-11-24T14:49:09+01:00\"}");

	(void)state;
	assert_tokens(&r, 10, 0, 0, 0, 5);
	assert_refused(START ",\"usage\":{\"input_tokens\":11}}", AFTER(25), "twice");
	assert_refused(START ",\"team\":\"a\",\"team\":\"b\"}", AFTER(19), "twice");
	assert_refused(START ",\"batch\":true,\"batch\":false}", AFTER(22), "twice");
	assert_refused(START ",\"timestamp\":\"2026-11-24T13:49:10Z\"}", AFTER(13), "twice");
}

static void what_is_missing_is_named(void **state)
{
	(void)state;
	assert_refused("{}", 0, "'timestamp'");
	assert_refused("  {\"timestamp\":\"2026-11-24T13:49:09Z\"}", 2, "'model'");
	assert_refused("{\"timestamp\":\"2026-11-24T13:49:09Z\",\"model\":\"m\",\"output_tokens\":1}", 0,
		       "'input_tokens'");
	assert_refused("{\"timestamp\":\"2026-11-24T13:49:09Z\",\"model\":\"m\",\"input_tokens\":1}", 0,
		       "'output_tokens'");
	assert_refused("{\"timestamp\":\"2026-11-24T13:49:09Z\",\"model\":\"\",\"input_tokens\":1,\"output_tokens\":1}",
		       0, "'model'");
}

static void values_of_another_kind_are_refused_where_they_stand(void **state)
{
	(void)state;
	assert_refused("{\"timestamp\":\"yesterday\",\"model\":\"m\"}", 13, "2026-11-24T13:49:09Z");
	assert_refused("{\"timestamp\":\"2026-02-30T13:49:09Z\",\"model\":\"m\"}", 13, "'timestamp'");
	assert_refused("{\"timestamp\":\"2026-11-24T24:49:09Z\",\"model\":\"m\"}", 13, "'timestamp'");
	assert_refused("{\"model\":5}", 9, "'model' is no text");
	assert_refused("{\"input_tokens\":-1}", 16, "whole number");
	assert_refused("{\"input_tokens\":1.5}", 16, "whole number");
	assert_refused("{\"input_tokens\":\"1\"}", 16, "whole number");
	assert_refused("{\"input_tokens\":1000000000001}", 16, "1000000000000");
	assert_refused("{\"batch\":\"yes\"}", 9, "true or false");
	assert_refused("{\"usage\":[]}", 9, "object");
	assert_refused(START ",\"cache_creation_input_tokens\":5,\"cache_creation\":{\"ephemeral_1h_input_tokens\":6}}",
		       0, "less than its parts");
	assert_refused("[1]", 0, "no object");
}

static void broken_json_is_refused_where_it_breaks(void **state)
{
	(void)state;
	assert_refused(START, AFTER(0), "not valid JSON");
	assert_refused(START ",}", AFTER(1), "a key");
	assert_refused(START "} x", AFTER(2), "the end");
	assert_refused(START ",\"team\":\"\xff\"}", AFTER(9), "UTF-8");
	assert_refused(START ",\"input_tokens\":01}", AFTER(17), "the end of the value");
	assert_refused(START ",\"team\" \"x\"}", AFTER(8), "a colon");
}

/* The n-th key leads to the n-th value only while the record goes on as the one before. */
static void a_record_is_not_taken_for_the_one_before(void **state)
{
	struct usage_record r;

	(void)state;
	r = read_ok("{\"usage\": {\"input_tokens\": 1, \"output_tokens\": 2}, \"timestamp\": \"2026-11-24T13:49:09Z\", "
		    "\"model\": \"a\"}");
	assert_tokens(&r, 1, 0, 0, 0, 2);
	r = read_ok("{\"usage\": {\"output_tokens\": 1, \"input_tokens\": 2}, \"timestamp\": \"2026-11-24T13:49:09Z\", "
		    "\"model\": \"a\"}");
	assert_tokens(&r, 2, 0, 0, 0, 1);
	assert_refused("{\"usage\": 1{\"input_tokens\": 1}}", 10, "");
	assert_refused("{\"usage\": {\"output_tokens\": 1{\"input_tokens\": 2}}}", 29, "comma");
	r = read_ok("{\"timestamp\": \"2026-11-25T00:00:00Z\", \"model\": \"b\", \"input_tokens\": 3, "
		    "\"output_tokens\": 4}");
	assert_view(r.texts[USAGE_MODEL], "b");
	assert_int_equal(r.unix_s, clock_days(2026, 11, 25) * 86400);
}

static void names_that_are_too_long_are_refused(void **state)
{
	char line[2000];

	(void)state;
	(void)snprintf(line, sizeof(line), START ",\"team\":\"%0256d\"}", 0);
	assert_int_equal(read_ok(line).texts[USAGE_TEAM].len, 256);
	(void)snprintf(line, sizeof(line), START ",\"team\":\"%0257d\"}", 0);
	assert_refused(line, AFTER(8), "at most 256");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_has_what_an_application_wrote),
		cmocka_unit_test(a_reply_may_stand_in_usage_as_it_came),
		cmocka_unit_test(what_of_the_cache_has_no_lifetime_is_kept_for_five_minutes),
		cmocka_unit_test(null_is_as_if_it_were_not_there),
		cmocka_unit_test(an_application_may_say_batch_and_fast_itself),
		cmocka_unit_test(seconds_since_1970_are_a_time_as_well),
		cmocka_unit_test(other_fields_may_be_anything),
		cmocka_unit_test(escapes_do_not_make_another_name),
		cmocka_unit_test(a_field_may_be_there_twice_if_it_is_the_same),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(values_of_another_kind_are_refused_where_they_stand),
		cmocka_unit_test(broken_json_is_refused_where_it_breaks),
		cmocka_unit_test(a_record_is_not_taken_for_the_one_before),
		cmocka_unit_test(names_that_are_too_long_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
