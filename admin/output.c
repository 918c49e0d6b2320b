/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/output.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/json.h"

const char *const output_format_names[OUTPUT_FORMATS] = { "table", "json", "jsonl", "csv", "yaml", "sarif", "junit" };

struct writer { /* each returns 0 or -1, out of memory or above a ceiling; begin and end may be NULL */
	int (*begin)(struct output *out);
	int (*row)(struct output *out, struct view row);
	int (*end)(struct output *out);
};

static const struct writer writers[OUTPUT_ROW_FORMATS] = {
	[OUTPUT_TABLE] = { output_table_begin, output_table_row, output_table_end },
	[OUTPUT_JSON] = { output_json_begin, output_json_row, output_json_end },
	[OUTPUT_JSONL] = { NULL, output_jsonl_row, NULL },
	[OUTPUT_CSV] = { output_csv_begin, output_csv_row, NULL },
	[OUTPUT_YAML] = { NULL, output_yaml_row, output_yaml_end },
};

void output_init(struct output *out, enum output_format format, const struct shape *shape, int fd, bool is_aligned)
{
	*out = (struct output){
		.format = format,
		.shape = *shape,
		.fd = fd,
		.is_aligned = is_aligned && format == OUTPUT_TABLE,
		.pending = BUF_INIT(OUTPUT_PENDING_BYTES),
		.cell = BUF_INIT(OUTPUT_PENDING_BYTES),
		.held = BUF_INIT(OUTPUT_PENDING_BYTES),
	};
}

int output_text(int fd, struct view text, struct err *err)
{
	if (file_write_full(fd, text) == 0)
		return 0;
	if (errno == EPIPE) {
		(void)signal(SIGPIPE, SIG_DFL);
		(void)raise(SIGPIPE);
	}
	return err_set(err, ERR_IO, errno, "cannot write to standard output");
}

int output_flush(struct output *out, struct err *err)
{
	struct view text = buf_view(&out->pending);

	if (text.len && output_text(out->fd, text, err))
		return -1;
	buf_clear(&out->pending);
	return 0;
}

int output_settle(struct output *out, struct err *err)
{
	if (out->is_aligned && output_table_end(out))
		return err_nomem(err);
	return output_flush(out, err);
}

static int begin(struct output *out, struct err *err)
{
	if (out->started)
		return 0;
	out->started = true;
	return writers[out->format].begin && writers[out->format].begin(out) ? err_nomem(err) : 0;
}

int output_row(struct output *out, struct view row, struct err *err)
{
	if (begin(out, err))
		return -1;
	if (writers[out->format].row(out, row))
		return err_nomem(err);
	out->rows++;
	return out->pending.len >= OUTPUT_WRITE_BYTES ? output_flush(out, err) : 0;
}

int output_end(struct output *out, struct err *err)
{
	if (begin(out, err))
		return -1;
	if (writers[out->format].end && writers[out->format].end(out))
		return err_nomem(err);
	return output_flush(out, err);
}

void output_done(struct output *out)
{
	buf_done(&out->pending);
	buf_done(&out->cell);
	buf_done(&out->held);
}

/* The value at a path of names; VIEW_NONE when there is none. */
static struct view find(struct view row, const char *path)
{
	struct view value = row;
	struct view rest = view_of(path);

	while (rest.len) {
		size_t dot = text_find_byte(rest, '.');
		struct view part = view_sub(rest, 0, dot);
		char name[NAME_BYTES];

		if (part.len >= sizeof(name) || !value.len || json_type_of(value) != JSON_OBJECT)
			return VIEW_NONE;
		memcpy(name, part.ptr, part.len);
		name[part.len] = '\0';
		value = json_member(value, name);
		rest = dot == SIZE_MAX ? VIEW_NONE : view_sub(rest, dot + 1, rest.len);
	}
	return value;
}

/* An array of strings as "a,b"; anything else in it stays JSON. */
static int add_array(struct buf *buf, struct view value)
{
	const char *before = "";
	struct view each;

	while (json_each(&value, &each)) {
		if (buf_add_text(buf, before) ||
		    (json_type_of(each) == JSON_STRING ? json_add_string(buf, each) : buf_add(buf, each)))
			return -1;
		before = ",";
	}
	return 0;
}

int output_cell(struct output *out, const struct column *column, struct view row)
{
	const struct api_route *route = out->shape.route;
	struct view value = find(row, route ? api_wire_key(route, column->key) : column->key);
	struct view ours;

	buf_clear(&out->cell);
	if (!value.len)
		return 0;
	switch (json_type_of(value)) {
	case JSON_NULL:
		return 0;
	case JSON_ARRAY:
		return add_array(&out->cell, value);
	case JSON_STRING:
		if (json_add_string(&out->cell, value))
			return -1;
		if (!route)
			return 0;
		ours = api_our_value(route, column->key, buf_view(&out->cell));
		if (ours.ptr == out->cell.ptr)
			return 0;
		buf_clear(&out->cell);
		return buf_add(&out->cell, ours);
	default:
		return buf_add(&out->cell, value);
	}
}
