/* SPDX-License-Identifier: Apache-2.0 */
/* Calls and records when memory ends anywhere. */
#include "tests/support/fake_api.h"

#include <string.h>

#include "common/api/endpoint_activity.h"
#include "common/api/endpoint_invite.h"
#include "common/api/endpoint_message.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

static bool create_invite(void *context, long n)
{
	const struct view workspaces[] = { VIEW("ws_1"), VIEW("ws_2"), VIEW("ws_3") };
	const struct api_invite_request request = { .email = VIEW("a@b.c"),
						    .role = VIEW("user"),
						    .workspaces = workspaces,
						    .workspace_count = ARRAY_LEN(workspaces),
						    .expires_in_days = 7 };
	struct api api = FAKE_API(API_CCA, "{\"id\":\"inv_\\u0031\",\"status\":\"pending\"}");
	struct api_answer answer;
	struct api_invite invite;
	struct err err = ERR_INIT;
	int ret;
	bool has_failed;

	(void)context;
	nomem_start(n);
	ret = api_invite_create(&api, &request, &answer, &invite, &err);
	has_failed = nomem_stop();
	assert_int_equal(ret, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	if (!has_failed)
		assert_view(invite.id, "inv_1");
	api_answer_done(&answer);
	fake_api_done(&api);
	return has_failed;
}

static void an_invitation_ends_cleanly_without_memory(void **state)
{
	(void)state;
	assert_true(nomem_each(create_invite, NULL) > 5);
}

static bool send_message(void *context, long n)
{
	const struct api_message_request request = { .model = VIEW("m"), .prompt = VIEW("hi"), .max_tokens = 5 };
	struct api api = FAKE_API(API_PLATFORM, "{\"id\":\"msg_1\",\"usage\":{\"input_tokens\":2}}");
	struct api_answer answer;
	struct api_message message;
	struct err err = ERR_INIT;
	int ret;
	bool has_failed;

	(void)context;
	nomem_start(n);
	ret = api_message_create(&api, &request, &answer, &message, &err);
	has_failed = nomem_stop();
	assert_int_equal(ret, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	api_answer_done(&answer);
	fake_api_done(&api);
	return has_failed;
}

static void a_message_ends_cleanly_without_memory(void **state)
{
	(void)state;
	assert_true(nomem_each(send_message, NULL) > 5);
}

static bool write_query(void *context, long n)
{
	const struct api_argument arguments[] = { { "created_at.gte", VIEW("2026-08-01") },
						  { "created_at.lt", VIEW("2026-08-02T00:00:00.5Z") },
						  { "actor_ids", VIEW("user_1") },
						  { "include_content", VIEW("false") },
						  { "limit", VIEW("100") } };
	const struct api_argument bad = { "bucket_width", VIEW("1w") };
	DEFER(buf_done) struct buf target = BUF_INIT(1000);
	DEFER(buf_done) struct buf body = BUF_INIT(1000);
	struct err err = ERR_INIT;
	int ret;
	bool has_failed;

	(void)context;
	nomem_start(n);
	ret = api_write(API_CCA, API_ACTIVITY_LIST, arguments, ARRAY_LEN(arguments), &target, &body, &err);
	has_failed = nomem_stop();
	assert_int_equal(ret, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	nomem_start(n);
	assert_int_equal(api_write(API_PLATFORM, API_COST, &bad, 1, &target, &body, &err), -1);
	return nomem_stop() || has_failed;
}

static void a_call_that_cannot_be_written_leaves_nothing(void **state)
{
	(void)state;
	assert_true(nomem_each(write_query, NULL) > 5);
}

static bool read_activity(void *context, long n)
{
	struct api_reader reader;
	struct api_activity activity;
	struct err err = ERR_INIT;
	int ret;
	bool has_failed;

	(void)context;
	assert_int_equal(api_reader_init(&reader, API_PLATFORM, API_ACTIVITY_LIST, NULL), 0);
	nomem_start(n);
	ret = api_activity_read(&reader, VIEW("{\"id\":\"a\\n\",\"url\":\"\\u0000\"}"), &activity, &err);
	has_failed = nomem_stop();
	assert_int_equal(ret, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	api_reader_done(&reader);
	return has_failed;
}

static void a_record_that_cannot_be_read_is_an_error(void **state)
{
	(void)state;
	assert_true(nomem_each(read_activity, NULL) > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_invitation_ends_cleanly_without_memory),
		cmocka_unit_test(a_message_ends_cleanly_without_memory),
		cmocka_unit_test(a_call_that_cannot_be_written_leaves_nothing),
		cmocka_unit_test(a_record_that_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
