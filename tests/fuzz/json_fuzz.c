/* SPDX-License-Identifier: Apache-2.0 */
/* What the tokenizer accepts can be walked to its end, turned into a tree and written again; what it refuses becomes no
 * tree. */
#include <stdlib.h>

#include "common/base/text.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_inside(struct view inner, struct view outer)
{
	check(inner.len > 0 && inner.ptr >= outer.ptr && inner.ptr + inner.len <= outer.ptr + outer.len);
}

static void walk_string(struct view value)
{
	DEFER(buf_done) struct buf text = BUF_INIT(SIZE_MAX / 2);

	check(json_add_string(&text, value) == 0 && text.len <= value.len - 2);
}

/* At the end of the walk nothing is left but the closing bracket. */
static void walk(struct view value)
{
	enum json_type type = json_type_of(value);
	struct view cursor = value, key, inner;

	if (type == JSON_STRING)
		walk_string(value);
	if (type != JSON_ARRAY && type != JSON_OBJECT)
		return;
	while (type == JSON_ARRAY ? json_each(&cursor, &inner) : json_each_member(&cursor, &key, &inner)) {
		check_inside(inner, value);
		walk(inner);
		if (type == JSON_OBJECT) {
			check_inside(key, value);
			walk_string(key);
		}
	}
	cursor = text_trim(cursor);
	if (cursor.len == 1)
		check(cursor.ptr + 1 == value.ptr + value.len);
	else
		check(text_trim(view_sub(value, 1, value.len - 2)).len == 0);
}

/* Whatever the bytes are, a stream of values is inside of them and ends. */
static void walk_stream(struct view text)
{
	struct view rest = text, value;
	int ret;

	while ((ret = json_next(&rest, &value, NULL)) == 0)
		check_inside(value, text);
	check(ret < 0 || rest.len == 0);
}

static void write_and_read(struct view text)
{
	DEFER(buf_done) struct buf out = BUF_INIT(SIZE_MAX / 2);
	struct view value;
	struct jsonw w;

	jsonw_init(&w, &out, 0);
	jsonw_string(&w, text);
	check(jsonw_ok(&w) && json_whole(buf_view(&out), &value, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = view_from(data, size), value;
	struct err err = ERR_INIT, tree_err = ERR_INIT;
	DEFER(json_freep) struct json *tree = json_tree(text, &tree_err);
	bool is_valid = json_whole(text, &value, &err) == 0;

	check(is_valid == (err.kind == ERR_NONE));
	check(is_valid == (tree != NULL) && tree_err.kind == err.kind);
	write_and_read(text);
	walk_stream(text);
	/* Walks must end inside of invalid text as well. */
	for (struct view cursor = text; json_each(&cursor, &value);)
		check_inside(value, text);
	for (struct view cursor = text, key; json_each_member(&cursor, &key, &value);)
		check_inside(value, text);
	if (is_valid && json_whole(text, &value, NULL) == 0)
		walk(value);
	return 0;
}
