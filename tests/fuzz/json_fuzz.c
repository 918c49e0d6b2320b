/* SPDX-License-Identifier: Apache-2.0 */
/* What the tokenizer accepts can be walked to its end, turned into a tree and written again. */
#include <stdlib.h>

#include "common/sys/json.h"
#include "common/sys/jsonw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(struct view value)
{
	struct view cursor = value, key, inner, last = value;
	DEFER(buf_done) struct buf text = BUF_INIT(1u << 24);

	switch (json_type_of(value)) {
	case JSON_ARRAY:
		while (json_each(&cursor, &inner)) {
			walk(inner);
			last = inner;
		}
		break;
	case JSON_OBJECT:
		while (json_each_member(&cursor, &key, &inner)) {
			walk(key);
			walk(inner);
			last = inner;
		}
		break;
	case JSON_STRING:
		if (json_add_string(&text, value))
			abort();
		break;
	default:
		break;
	}
	if (last.ptr < value.ptr || last.ptr + last.len > value.ptr + value.len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view value;
	struct err err = ERR_INIT;
	DEFER(json_freep) struct json *tree = NULL;
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 26);
	struct jsonw w;

	jsonw_init(&w, &out, 0);
	jsonw_string(&w, view_from(data, size));
	if (!jsonw_ok(&w) || json_whole(buf_view(&out), &value, &err))
		abort();
	if (json_whole(view_from(data, size), &value, &err))
		return 0;
	walk(value);
	tree = json_tree(value, &err);
	if (!tree)
		abort();
	return 0;
}
