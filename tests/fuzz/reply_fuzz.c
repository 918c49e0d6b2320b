/* SPDX-License-Identifier: Apache-2.0 */
/* What a server sends: headers up to the first empty line, and behind it a body, read as a refusal. */
#include <stdlib.h>
#include <string.h>

#include "common/api/refusal.h"
#include "common/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OWN_SECRET "own-secret-of-the-client"

static void check_headers(const struct transport_headers *headers)
{
	struct view rest = buf_view(&headers->text), name, value;

	while (transport_headers_next(&rest, &name, &value))
		for (size_t i = 0; i < value.len; i++)
			if (value.ptr[i] < ' ' || value.ptr[i] >= 0x7F)
				abort();
}

static void check_refusal(unsigned status, struct view body, struct view type)
{
	DEFER(buf_done) struct buf text = BUF_INIT(1 << 20), clean = BUF_INIT(1 << 20);
	struct api_refusal refusal;
	struct retry_try t = { .status = (int)status };
	struct err err;

	if (refusal_read(status, body, VIEW(OWN_SECRET), &refusal, &t, &err) ||
	    refusal_add_text(&text, &refusal, type, VIEW(OWN_SECRET)))
		abort();
	if (text_add_clean(&clean, buf_view(&text)) || !text_eq(buf_view(&clean), buf_view(&text)))
		abort();
	if (strstr(text.ptr, OWN_SECRET))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DEFER(transport_headers_done) struct transport_headers headers = { .is_full = false };
	struct transport_reply reply = { .status = 0 };
	struct view rest = view_from(data, size);

	while (rest.len && !headers.is_complete) {
		struct view line = view_sub(rest, 0, text_find_byte(rest, '\n'));

		line = view_sub(rest, 0, line.len + 1);
		if (transport_headers_take(&headers, line))
			abort();
		rest = view_sub(rest, line.len, rest.len);
	}
	check_headers(&headers);
	reply.headers = headers;
	check_refusal(400 + (unsigned)(size & 127), rest, transport_header(&reply, "content-type"));
	return 0;
}
