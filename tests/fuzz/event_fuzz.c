/* SPDX-License-Identifier: Apache-2.0 */
/* Any JSON as the body of an event, read and written in every format: one line, nothing in it that a line may not hold,
 * valid JSON where it is JSON, never longer than the receiver takes. The first bytes choose origin, type and limit. */
#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "forwarder/encode/encode.h"

#define HEAD_BYTES 4
#define LEAST 480

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

/* The longest things that may name an event, with characters that have to be escaped. */
static const char long_id[] =
	"\"\\]|=\"\\]|=\"\\]|=\"\\]|=\"\\]|=\"\\]|=\"\\]|=\"\\]|=\"\\]|=\"\\]|=\"\\]|=\"\\]|=\"\\]|=\"\\]|=";
static const char *const types[] = { "platform_api_key_updated", "org_compliance_api_settings_updated",
				     "messages.create",          "sso_login_failed",
				     "claude_user_role_updated", "org_user_deleted",
				     "some_new_thing",           long_id };

static bool is_clean(struct view v)
{
	for (size_t i = 0; i < v.len; i += text_utf8_len(view_sub(v, i, SIZE_MAX))) {
		if ((unsigned char)v.ptr[i] < ' ' || v.ptr[i] == 0x7F)
			return false;
		if (!text_utf8_len(view_sub(v, i, SIZE_MAX)))
			return false;
	}
	return true;
}

static void check_event(const struct event *e)
{
	check(e->class < EVENT_CLASS_COUNT && e->severity < EVENT_SEVERITIES);
	check(e->message.len > 0 && e->message.len <= EVENT_MESSAGE_BYTES && is_clean(e->message));
	for (unsigned i = 0; i < EVENT_FIELD_COUNT; i++)
		check(e->fields[i].len == 0 || e->fields[i].ptr != NULL);
}

static bool is_json(const struct encoder *encoder)
{
	return encoder == &encode_json || encoder == &encode_ecs || encoder == &encode_ocsf;
}

static void check_format(const struct event *e, const struct encoder *encoder, struct encoder_options *options,
			 struct buf *out)
{
	uint64_t most = options->max_message;
	bool is_cut, is_short;
	size_t whole;
	struct view value;

	options->max_message = 0;
	buf_clear(out);
	check(encoder->encode(e, options, out, &is_cut) == 0 && !is_cut && is_clean(buf_view(out)));
	check(!is_json(encoder) || json_whole(buf_view(out), &value, NULL) == 0);
	whole = out->len;
	options->max_message = most;
	buf_clear(out);
	check(encoder->encode(e, options, out, &is_short) == 0 && is_clean(buf_view(out)));
	check(out->len <= most && is_short == (whole > most));
	check(!is_json(encoder) || json_whole(buf_view(out), &value, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT((size_t)16 * JSON_RECORD_BYTES);
	struct encoder_options options = { .host = "h", .pen = UINT32_MAX, .facility = 23, .pid = 4194304 };
	struct event e = { .seq = UINT64_MAX, .feed = VIEW("abcdefghijklmnopqrstuvwxyz012345") };
	struct err err = ERR_INIT;
	struct view body;

	if (size < HEAD_BYTES || json_whole(view_from(data + HEAD_BYTES, size - HEAD_BYTES), &body, NULL))
		return 0;
	e.origin = (enum event_origin)(EVENT_PLATFORM + data[0] % 4);
	e.type = view_of(types[data[1] % ARRAY_LEN(types)]);
	e.id = data[2] & 1 ? view_of(long_id) : VIEW("activity_01");
	e.is_redacted = data[2] & 2;
	e.is_replay = data[2] & 4;
	options.message = data[2] & 8 ? &encode_json : NULL;
	options.host = data[2] & 16 ? long_id : "host.example.com";
	options.max_message = LEAST + 8 * data[3];
	e.body = body;
	check(event_read(&e, &err) == 0);
	check_event(&e);
	for (size_t i = 0; i < encode_name_count; i++)
		check_format(&e, encode_find(encode_names[i]), &options, &out);
	buf_done(&out);
	event_done(&e);
	return 0;
}
