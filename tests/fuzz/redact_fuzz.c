/* SPDX-License-Identifier: Apache-2.0 */
/* Of any JSON: what comes out is JSON, not longer, without a key in any string; and nothing is done when none is in
 * it. */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/sys/json.h"
#include "common/sys/redact.h"

#define LIMIT (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

/* Each string of a valid value, by its quotes alone. Whether one holds a key. */
static bool has_key(struct view json)
{
	DEFER(buf_done) struct buf store = BUF_INIT(LIMIT);

	for (size_t i = 0; i < json.len; i++) {
		size_t start = i;
		struct view text;

		if (json.ptr[i] != '"')
			continue;
		for (i++; json.ptr[i] != '"'; i++)
			i += json.ptr[i] == '\\';
		buf_clear(&store);
		check(json_text(view_sub(json, start, i + 1 - start), &store, &text) == 0);
		if (redact_is_key(text))
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DEFER(buf_done) struct buf first = BUF_INIT(LIMIT), second = BUF_INIT(LIMIT);
	struct view json, ret, again, value;
	bool is_redacted, is_redacted_again;
	struct err err = ERR_INIT;

	if (json_whole(view_from(data, size), &json, &err))
		return 0;
	check(redact_json(json, &first, &ret, &is_redacted, &err) == 0);
	check(is_redacted == has_key(json));
	check(is_redacted || (ret.ptr == json.ptr && ret.len == json.len && !first.len));
	check(ret.len <= json.len && !has_key(ret));
	check(json_whole(ret, &value, &err) == 0 && text_eq(value, ret));
	check(redact_json(ret, &second, &again, &is_redacted_again, &err) == 0);
	check(!is_redacted_again && text_eq(again, ret));
	return 0;
}
