/* SPDX-License-Identifier: Apache-2.0 */
/* The formats json and jsonl. */
#include <string.h>

#include "admin/output.h"
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"

/* How the dialect's key is called by us; NULL when the key stays, as one does that stands elsewhere in our records. */
static const struct api_rename *find_rename(const struct api_route *route, struct view key)
{
	for (const struct api_rename *rename = route->renames; rename->name; rename++)
		if (text_eq(view_of(rename->wire), key) && !strchr(rename->name, '.'))
			return rename;
	return NULL;
}

static int add_our_value(struct buf *buf, const struct api_route *route, const char *name, struct view value)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);
	struct jsonw w;
	struct view ours;

	if (json_type_of(value) != JSON_STRING)
		return buf_add(buf, value);
	if (json_add_string(&text, value))
		return -1;
	ours = api_our_value(route, name, buf_view(&text));
	if (ours.ptr == text.ptr)
		return buf_add(buf, value);
	jsonw_init(&w, buf, 0);
	jsonw_string(&w, ours);
	return jsonw_ok(&w) ? 0 : -1;
}

static int add_our_member(struct buf *buf, const struct api_route *route, struct view key, struct view value)
{
	const struct api_rename *rename = find_rename(route, view_sub(key, 1, key.len - 2));

	if (!rename)
		return buf_add(buf, key) || buf_add_byte(buf, ':') || buf_add(buf, value) ? -1 : 0;
	if (buf_addf(buf, "\"%s\":", rename->name))
		return -1;
	return add_our_value(buf, route, rename->name, value);
}

int output_add_ours(struct buf *buf, const struct shape *shape, struct view row)
{
	const struct api_route *route = shape->route;
	struct view cursor = row;
	struct view key, value;
	bool is_first = true;

	if (shape->is_verbatim || !route || !route->renames || json_type_of(row) != JSON_OBJECT)
		return buf_add(buf, row);
	if (buf_add_byte(buf, '{'))
		return -1;
	while (json_each_member(&cursor, &key, &value)) {
		if ((!is_first && buf_add_byte(buf, ',')) || add_our_member(buf, route, key, value))
			return -1;
		is_first = false;
	}
	return buf_add_byte(buf, '}');
}

int output_json_begin(struct output *out)
{
	return out->shape.is_single ? 0 : buf_add_byte(&out->pending, '[');
}

int output_json_row(struct output *out, struct view row)
{
	if (!out->shape.is_single && buf_add_text(&out->pending, out->rows ? ",\n" : "\n"))
		return -1;
	return output_add_ours(&out->pending, &out->shape, row);
}

int output_json_end(struct output *out)
{
	if (out->shape.is_single)
		return out->rows ? buf_add_byte(&out->pending, '\n') : 0;
	return buf_add_text(&out->pending, out->rows ? "\n]\n" : "]\n");
}

/* A line break can only stand between the parts of a record: in strings it is escaped. */
int output_jsonl_row(struct output *out, struct view row)
{
	struct buf *buf = &out->pending;
	size_t from = buf->len;
	size_t to;

	if (output_add_ours(buf, &out->shape, row))
		return -1;
	if (memchr(buf->ptr + from, '\n', buf->len - from) || memchr(buf->ptr + from, '\r', buf->len - from)) {
		to = from;
		for (size_t i = from; i < buf->len; i++)
			if (buf->ptr[i] != '\n' && buf->ptr[i] != '\r')
				buf->ptr[to++] = buf->ptr[i];
		buf_cut(buf, to);
	}
	return buf_add_byte(buf, '\n');
}
