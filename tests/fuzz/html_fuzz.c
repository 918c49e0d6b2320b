/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a text, an attribute and data of a page: it stays valid UTF-8 without control characters, and no byte of
 * them is markup. */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/html/html.h"
#include "common/sys/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_characters(struct view text)
{
	for (size_t i = 0, len; i < text.len; i += len) {
		len = text_utf8_len(view_sub(text, i, text.len));
		check(len > 0 && (unsigned char)text.ptr[i] >= 0x20 && text.ptr[i] != 0x7f);
		check(!(len == 3 && memcmp(text.ptr + i, "\xef\xbf\xbe", 3) >= 0 &&
			memcmp(text.ptr + i, "\xef\xbf\xbf", 3) <= 0));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DEFER(buf_done) struct buf text = BUF_INIT(16u << 20), json = BUF_INIT(16u << 20);
	struct err err = ERR_INIT;
	struct view value;
	struct html h;

	if (size > 1u << 20)
		return 0;
	html_init(&h, &text);
	html_text(&h, view_from(data, size));
	check(html_ok(&h));
	check_characters(buf_view(&text));
	for (size_t i = 0; i < text.len; i++)
		check(!strchr("<>\"'", text.ptr[i]));

	html_init(&h, &json);
	html_json_string(&h, view_from(data, size));
	check(html_ok(&h));
	check_characters(buf_view(&json));
	check(json_whole(buf_view(&json), &value, &err) == 0 && json_type_of(value) == JSON_STRING);
	for (size_t i = 0; i < json.len; i++)
		check(!strchr("<>&", json.ptr[i]));
	return 0;
}
