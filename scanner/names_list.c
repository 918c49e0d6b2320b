/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/names_list.h"

#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/json.h"
#include "scanner/match/table.h"

#define INPUT_BYTES (256u << 20)

struct reading {
	const char *path;
	struct view text;
	names_taker *take;
	void *context;
	struct view counted; /* the part whose lines have been counted */
	size_t line;         /* of its end */
	struct err *err;
};

/* Of a place in the text; places come in order. */
static size_t line_at(struct reading *r, const char *at)
{
	struct view more = view_from(r->counted.ptr + r->counted.len, (size_t)(at - r->counted.ptr) - r->counted.len);

	for (size_t n; (n = text_find_byte(more, '\n')) != SIZE_MAX; more = view_sub(more, n + 1, more.len))
		r->line++;
	r->counted.len = (size_t)(at - r->counted.ptr);
	return r->line;
}

static int refuse(const struct reading *r, size_t line, const char *what)
{
	return err_set(r->err, ERR_USAGE, 0, "%s:%zu: %s", r->path, line, what);
}

static int give(const struct reading *r, struct view name, size_t line)
{
	return r->take(r->context, name, line) ? err_nomem(r->err) : 0;
}

static int give_string(const struct reading *r, struct view value, size_t line)
{
	DEFER(buf_done) struct buf name = BUF_INIT(JSON_RECORD_BYTES);

	if (json_add_string(&name, value))
		return value.len > JSON_RECORD_BYTES ? refuse(r, line, "a shorter text was expected")
						     : err_nomem(r->err);
	return give(r, buf_view(&name), line);
}

static int take_object(const struct reading *r, struct view object, size_t line)
{
	struct view name = json_member(object, "name");

	if (!name.len && json_member(object, "schema").len)
		return 0;
	if (!name.len || json_type_of(name) != JSON_STRING)
		return refuse(r, line, "an object with a text \"name\" was expected");
	return give_string(r, name, line);
}

static int take_value(const struct reading *r, struct view value, size_t line)
{
	if (json_type_of(value) == JSON_OBJECT)
		return take_object(r, value, line);
	return json_type_of(value) == JSON_STRING ? give_string(r, value, line)
						  : refuse(r, line, "a name, or an object that has one, was expected");
}

/* Values one after the other, and those in arrays. */
static int take_json(struct reading *r)
{
	struct view rest = r->text, value, element;
	struct err why = ERR_INIT;
	int ret;

	for (ret = json_next(&rest, &value, &why); ret == 0; ret = json_next(&rest, &value, &why)) {
		struct view cursor = value;

		if (json_type_of(value) != JSON_ARRAY) {
			if (take_value(r, value, line_at(r, value.ptr)))
				return -1;
			continue;
		}
		while (json_each(&cursor, &element))
			if (take_value(r, element, line_at(r, element.ptr)))
				return -1;
	}
	return ret < 0 ? refuse(r, line_at(r, text_trim(rest).ptr), why.text) : 0;
}

static int take_line(struct reading *r, struct view line, size_t number)
{
	struct err why = ERR_INIT;
	struct view record;

	line = text_trim(line);
	if (line.len == 0)
		return 0;
	if (line.ptr[0] != '{')
		return text_find_byte(line, '\0') == SIZE_MAX
			       ? give(r, line, number)
			       : refuse(r, number, "this is no text: a name was expected");
	return json_whole(line, &record, &why) ? refuse(r, number, why.text) : take_object(r, record, number);
}

static int take_lines(struct reading *r)
{
	struct view rest = r->text, line;
	size_t number = 0;

	while (text_next_line(&rest, &line))
		if (take_line(r, line, ++number))
			return -1;
	return 0;
}

/* A cell in quotes has those within it twice. */
static bool is_quoted(struct view text, size_t from)
{
	while (from > 0 && (text.ptr[from - 1] == ' ' || text.ptr[from - 1] == '\t'))
		from--;
	return from > 0 && text.ptr[from - 1] == '"';
}

static int give_cell(struct reading *r, const struct table_cell *cell)
{
	DEFER(buf_done) struct buf name = BUF_INIT(INPUT_BYTES);
	struct view rest = view_sub(r->text, cell->from, cell->to - cell->from);
	size_t line = line_at(r, rest.ptr), n;

	if (!is_quoted(r->text, cell->from))
		return give(r, rest, line);
	while ((n = text_find_byte(rest, '"')) != SIZE_MAX) {
		size_t past = n + 1 < rest.len && rest.ptr[n + 1] == '"' ? n + 2 : n + 1;

		if (buf_add(&name, view_sub(rest, 0, n + 1)))
			return err_nomem(r->err);
		rest = view_sub(rest, past, rest.len);
	}
	return buf_add(&name, rest) ? err_nomem(r->err) : give(r, buf_view(&name), line);
}

static int take_csv(struct reading *r)
{
	static const char *const name[] = { "name" };
	static const struct rule_list columns = { .items = name, .count = 1 }, none = { .count = 0 };
	struct table_reader table;
	struct table_cell cell;

	table_start(&table, r->text, TABLE_CSV, &columns, &none);
	while (table_next(&table, &cell))
		if (give_cell(r, &cell))
			return -1;
	return 0;
}

/* Whether a line is a CSV header with the column "name". */
static bool is_header(struct view line)
{
	bool has_separator = false, has_name = false;

	while (line.len) {
		size_t end = 0;
		struct view cell;

		while (end < line.len && line.ptr[end] != ',' && line.ptr[end] != ';' && line.ptr[end] != '\t')
			end++;
		cell = text_trim(view_sub(line, 0, end));
		if (cell.len >= 2 && cell.ptr[0] == '"' && cell.ptr[cell.len - 1] == '"')
			cell = view_sub(cell, 1, cell.len - 2);
		has_name |= text_eq_nocase(cell, VIEW("name"));
		has_separator |= end < line.len;
		line = view_sub(line, end + 1, line.len);
	}
	return has_separator && has_name;
}

int names_list_parse(struct view text, const char *path, names_taker *take, void *context, struct err *err)
{
	struct view start, line, rest, record;
	struct reading r = { .path = path, .take = take, .context = context, .line = 1, .err = err };

	if (text_starts(text, VIEW("\xEF\xBB\xBF")))
		text = view_sub(text, 3, text.len);
	r.text = text;
	r.counted = view_sub(text, 0, 0);
	start = rest = text_trim(text);
	if (!start.len)
		return 0;
	(void)text_next_line(&rest, &line);
	if (start.ptr[0] == '[' || (start.ptr[0] == '{' && json_whole(line, &record, NULL)))
		return take_json(&r);
	return is_header(line) ? take_csv(&r) : take_lines(&r);
}

int names_list_read(const char *path, names_taker *take, void *context, struct err *err)
{
	DEFER(buf_wipe) struct buf input = BUF_INIT(INPUT_BYTES);
	bool is_stdin = text_eq(view_of(path), VIEW("-"));

	if (is_stdin ? file_read_rest(STDIN_FILENO, "standard input", &input, err) : file_read(path, &input, err))
		return -1;
	return names_list_parse(buf_view(&input), is_stdin ? "standard input" : path, take, context, err);
}
