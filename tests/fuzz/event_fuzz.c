/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a body holds, it is read and written in every format: no control byte in a line, JSON that is valid, and no
 * line longer than the receiver takes (of those that can hold an id and the digests at all). The first byte is the
 * origin; bodies are valid JSON, as the feeds see to it, or the event has no fields. */
#include <stdlib.h>
#include <string.h>

#include "common/sys/json.h"
#include "forwarder/encode/encode.h"

#define MOST 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_encoder(const struct encoder *encoder, const struct event *e, struct buf *out, bool is_valid)
{
	const struct encoder_options options = { .host = "h", .pen = 32473, .facility = 13, .max_message = MOST };
	struct view whole;
	bool is_cut = false;

	buf_clear(out);
	check(encoder->encode(e, &options, out, &is_cut) == 0);
	check(out->len <= MOST);
	for (size_t i = 0; i < out->len; i++)
		check((unsigned char)out->ptr[i] >= ' ');
	if (!encoder->is_syslog && strcmp(encoder->name, "cef") != 0 && (is_valid || is_cut))
		check(json_whole(buf_view(out), &whole, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 24);
	struct event e = { .feed = VIEW("f"), .id = VIEW("i") };
	struct err err = ERR_INIT;
	struct view whole, type;
	bool is_valid;

	if (size < 2)
		return 0;
	e.origin = (enum event_origin)(1 + data[0] % 4);
	e.body = view_from(data + 1, size - 1);
	is_valid = json_whole(e.body, &whole, NULL) == 0;
	type = is_valid && json_type_of(whole) == JSON_OBJECT ? json_member(whole, "type") : VIEW_NONE;
	e.type = type.len ? view_sub(type, 0, 128) : VIEW("t");
	check(event_read(&e, &err) == 0);
	check(e.message.len <= 1024);
	if (is_valid)
		for (size_t i = 0; i < encode_name_count; i++)
			check_encoder(encode_find(encode_names[i]), &e, &out, is_valid);
	event_done(&e);
	return 0;
}
