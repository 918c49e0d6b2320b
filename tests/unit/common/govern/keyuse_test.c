/* SPDX-License-Identifier: Apache-2.0 */
#include "common/govern/keyuse.h"

#include <string.h>

#include "tests/support/govern_api.h"
#include "tests/support/unit.h"

#define ROW(key, tokens) "{\"uncached_input_tokens\":0,\"output_tokens\":" tokens ",\"api_key_id\":" key "}"
#define BUCKET(day, next, rows)                                                                                        \
	"{\"starting_at\":\"2026-11-" day "T00:00:00Z\",\"ending_at\":\"2026-11-" next                                 \
	"T00:00:00Z\",\"results\":[" rows "]}"

#define NOW INT64_C(1795780800 + 3600) /* 2026-11-27T13:00:00Z */

static void keys_of_all_pages_and_days_come_once_and_sorted(void **state)
{
	static const struct govern_reply replies[] = {
		{ "usage.messages page=two",
		  "{\"data\":[" BUCKET("27", "28",
				       ROW("\"apikey_1\"", "5") "," ROW(
					       "\"apikey_3\"", "0")) "],\"has_more\":false,\"next_page\":null}" },
		{ "usage.messages",
		  "{\"data\":[" BUCKET("24", "25", ROW("\"apikey_2\"", "1") "," ROW("null", "9")) "," BUCKET(
			  "25", "26",
			  "") "," BUCKET("26", "27",
					 ROW("\"apikey_2\"", "3")) "],\"has_more\":true,\"next_page\":\"two\"}" },
		{ NULL, NULL },
	};
	struct api api = GOVERN_API(API_PLATFORM, replies);
	struct err err = ERR_INIT;
	struct keyuse use;

	(void)state;
	if (keyuse_read(&api, NOW - INT64_C(3) * 86400, NOW, &use, &err))
		fail_msg("%s", err.text);
	assert_int_equal(use.count, 2); /* the third had a row and no tokens */
	assert_string_equal(use.ids[0], "apikey_1");
	assert_string_equal(use.ids[1], "apikey_2");
	keyuse_done(&use);
	govern_api_done(&api);
}

static void whole_days_are_asked_for_today_included(void **state)
{
	static const struct govern_reply replies[] = {
		{ "usage.messages",
		  "{\"data\":[" BUCKET("24", "25", "") "," BUCKET("25", "26", "") "," BUCKET("26", "27", "") "," BUCKET(
			  "27", "28", "") "],\"has_more\":false,\"next_page\":null}" },
		{ NULL, NULL },
	};
	struct api api = GOVERN_API(API_PLATFORM, replies);
	struct err err = ERR_INIT;
	struct keyuse use;

	(void)state;
	assert_int_equal(keyuse_read(&api, NOW - INT64_C(3) * 86400, NOW, &use, &err), 0);
	assert_int_equal(use.count, 0);
	assert_non_null(strstr(api.asked.ptr, "starting_at=2026-11-24T00:00:00Z"));
	assert_non_null(strstr(api.asked.ptr, "ending_at=2026-11-28T00:00:00Z"));
	assert_non_null(strstr(api.asked.ptr, "group_by=api_key_id"));
	keyuse_done(&use);
	govern_api_done(&api);
}

/* Otherwise every key would be unused that was used in the days that are missing. */
static void a_report_that_ends_early_is_no_answer(void **state)
{
	static const struct govern_reply replies[] = {
		{ "usage.messages",
		  "{\"data\":[" BUCKET("24", "25",
				       ROW("\"apikey_1\"", "5")) "],\"has_more\":false,\"next_page\":null}" },
		{ NULL, NULL },
	};
	struct api api = GOVERN_API(API_PLATFORM, replies);
	struct err err = ERR_INIT;
	struct keyuse use;

	(void)state;
	assert_int_equal(keyuse_read(&api, NOW - INT64_C(3) * 86400, NOW, &use, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_non_null(strstr(err.text, "ends at 2026-11-25T00:00:00Z"));
	keyuse_done(&use);
	govern_api_done(&api);
}

static void a_refusal_is_handed_on(void **state)
{
	static const struct govern_reply none[] = { { NULL, NULL } };
	struct api api = GOVERN_API(API_PLATFORM, none);
	struct err err = ERR_INIT;
	struct keyuse use;

	(void)state;
	assert_int_equal(keyuse_read(&api, NOW - INT64_C(3) * 86400, NOW, &use, &err), -1);
	assert_int_equal(err.kind, ERR_REFUSED);
	keyuse_done(&use);
	govern_api_done(&api);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_all_pages_and_days_come_once_and_sorted),
		cmocka_unit_test(whole_days_are_asked_for_today_included),
		cmocka_unit_test(a_report_that_ends_early_is_no_answer),
		cmocka_unit_test(a_refusal_is_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
