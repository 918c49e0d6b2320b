/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an event and writing it in each format, with each allocation failing in turn: an error, and what was there
 * before stays. */
#include "common/base/bounds.h"
#include "forwarder/encode/encode.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

static const char body[] = "{\"actor\":{\"email_address\":\"a\\n\\u0007\\u202e@b\",\"user_agent\":\"\xC3\xA9\\n\"},"
			   "\"api_key_id\":\"k\\\"\",\"\\u0061\":1,"
			   "\"updates\":[{\"type\":\"na\\nme\",\"previous_value\":\"a\\tb\",\"current_value\":1}]}";

static struct event some_event(void)
{
	return (struct event){ .feed = VIEW("audit"),
			       .id = VIEW("id"),
			       .type = VIEW("platform_api_key_updated"),
			       .origin = EVENT_PLATFORM,
			       .seq = 1,
			       .body = view_from(body, sizeof(body) - 1) };
}

static bool read_with_a_failure(void *, long n)
{
	struct event e = some_event();
	struct err err = ERR_INIT;
	bool has_failed;
	int status;

	nomem_start(n);
	status = event_read(&e, &err);
	has_failed = nomem_stop();
	event_done(&e);
	assert_int_equal(status, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	return has_failed;
}

static void an_event_without_memory_is_an_error(void **state)
{
	(void)state;
	assert_true(nomem_each(read_with_a_failure, NULL) > 4);
}

struct writing {
	const struct encoder *encoder, *message;
	struct event event;
};

static bool write_with_a_failure(void *context, long n)
{
	const struct writing *w = context;
	const struct encoder_options options = { .host = "h", .pen = 1, .message = w->message, .max_message = 700 };
	struct buf out = BUF_INIT(1u << 20);
	bool has_failed, is_cut;
	int status;

	assert_int_equal(buf_add_text(&out, "before"), 0);
	nomem_start(n);
	status = w->encoder->encode(&w->event, &options, &out, &is_cut);
	has_failed = nomem_stop();
	assert_int_equal(status, has_failed ? -1 : 0);
	if (has_failed)
		assert_string_equal(out.ptr, "before");
	buf_done(&out);
	return has_failed;
}

static void a_format_without_memory_is_an_error_and_leaves_what_was_there(void **state)
{
	struct writing w = { .event = some_event() };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(event_read(&w.event, &err), 0);
	for (size_t i = 0; i < encode_name_count; i++) {
		w.encoder = encode_find(encode_names[i]);
		for (unsigned with = 0; with < 2; with++) {
			w.message = with ? &encode_json : NULL;
			assert_true(nomem_each(write_with_a_failure, &w) > 1);
		}
	}
	event_done(&w.event);
}

static void a_ceiling_is_an_error_and_leaves_what_was_there(void **state)
{
	struct event e = some_event();
	const struct encoder_options options = { .host = "h", .pen = 1 };
	struct err err = ERR_INIT;
	bool is_cut;

	(void)state;
	assert_int_equal(event_read(&e, &err), 0);
	for (size_t i = 0; i < encode_name_count; i++) {
		for (size_t most = 6; most < 200; most += 7) {
			struct buf out = BUF_INIT(most);

			assert_int_equal(buf_add_text(&out, "before"), 0);
			assert_int_equal(encode_find(encode_names[i])->encode(&e, &options, &out, &is_cut), -1);
			assert_string_equal(out.ptr, "before");
			buf_done(&out);
		}
	}
	event_done(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_without_memory_is_an_error),
		cmocka_unit_test(a_format_without_memory_is_an_error_and_leaves_what_was_there),
		cmocka_unit_test(a_ceiling_is_an_error_and_leaves_what_was_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
