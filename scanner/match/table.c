/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/table.h"

#include <string.h>

#include "common/base/text.h"

#define HEADING_BYTES 1024 /* of what stands above a table */

/* A cell of a record, and where the next one starts. */
struct cell {
	size_t from, to;
	bool is_last; /* of its record */
	bool is_open; /* its quote is not closed in the text */
};

void table_start(struct table_reader *r, struct view text, enum table_format format, const struct rule_list *columns,
		 const struct rule_list *decided_by)
{
	*r = (struct table_reader){ .text = text, .format = format, .columns = columns, .decided_by = decided_by };
	r->is_after_gap = true;
	if (text_starts(text, VIEW("\xEF\xBB\xBF")))
		r->at = 3;
}

/* ---- lines and cells ---- */

/* The line that starts at from, without its end. */
static struct view line_at(struct view text, size_t from)
{
	struct view rest = view_sub(text, from, text.len), line = VIEW_NONE;

	(void)text_next_line(&rest, &line);
	return line;
}

static size_t next_line(struct view text, size_t from)
{
	size_t len = text_find_byte(view_sub(text, from, text.len), '\n');

	return len == SIZE_MAX ? text.len : from + len + 1;
}

static bool is_blank(struct view line)
{
	return text_trim(line).len == 0;
}

/* Cuts what belongs to the table, not to the content, off both ends. */
static void trim_cell(const struct table_reader *r, struct cell *cell)
{
	const char *marks = r->format == TABLE_MARKDOWN ? " \t\r`*_" : " \t\r";

	while (cell->from < cell->to && text_find_byte(view_of(marks), r->text.ptr[cell->from]) != SIZE_MAX)
		cell->from++;
	while (cell->to > cell->from && text_find_byte(view_of(marks), r->text.ptr[cell->to - 1]) != SIZE_MAX)
		cell->to--;
}

/* [name](address) gives name. */
static void open_link(const struct table_reader *r, struct cell *cell)
{
	struct view text = view_sub(r->text, cell->from, cell->to - cell->from);
	size_t middle = text_find(text, VIEW("]("));

	if (!text_starts(text, VIEW("[")) || !text_ends(text, VIEW(")")) || middle == SIZE_MAX)
		return;
	cell->to = cell->from + middle;
	cell->from++;
	trim_cell(r, cell);
}

/* A quoted cell ends at a quote that no second one follows. from is behind the opening quote. */
static size_t quote_end(struct view text, size_t from)
{
	while (from < text.len) {
		if (text.ptr[from] == '"' && (from + 1 == text.len || text.ptr[from + 1] != '"'))
			return from;
		from += text.ptr[from] == '"' ? 2 : 1;
	}
	return SIZE_MAX;
}

static size_t plain_end(const struct table_reader *r, size_t from)
{
	struct view text = r->text;

	while (from < text.len && text.ptr[from] != '\n' && text.ptr[from] != r->separator)
		from += r->format == TABLE_MARKDOWN && text.ptr[from] == '\\' && from + 1 < text.len &&
					text.ptr[from + 1] != '\n'
				? 2
				: 1;
	return from;
}

/* Reads the cell at *at and moves *at behind its separator or line end. */
static struct cell take_cell(const struct table_reader *r, size_t *at)
{
	struct view text = r->text;
	struct cell cell = { .from = *at };
	size_t end = SIZE_MAX;

	if (r->format == TABLE_CSV && cell.from < text.len && text.ptr[cell.from] == '"') {
		end = quote_end(text, cell.from + 1);
		cell.is_open = end == SIZE_MAX;
	}
	if (end != SIZE_MAX) {
		cell.from++;
		cell.to = end;
		end = plain_end(r, end);
	} else {
		end = cell.to = plain_end(r, cell.from);
	}
	cell.is_last = end >= text.len || text.ptr[end] == '\n';
	*at = end < text.len ? end + 1 : text.len;
	trim_cell(r, &cell);
	if (r->format == TABLE_MARKDOWN)
		open_link(r, &cell);
	return cell;
}

/* ---- headers ---- */

static bool same_name(struct view cell, struct view name)
{
	size_t c = 0, n = 0;

	for (;;) {
		while (c < cell.len && !text_is_alnum(cell.ptr[c]))
			c++;
		while (n < name.len && !text_is_alnum(name.ptr[n]))
			n++;
		if (c == cell.len || n == name.len)
			return c == cell.len && n == name.len && n > 0;
		if (text_lower(cell.ptr[c++]) != text_lower(name.ptr[n++]))
			return false;
	}
}

/* The column of the record at from that goes by the first of names that is there; SIZE_MAX when none is. */
static size_t find_column(const struct table_reader *r, size_t from, const struct rule_list *names)
{
	size_t best = names->count, ret = SIZE_MAX, at = from;
	struct cell cell = { 0 };

	for (size_t column = 0; !cell.is_last; column++) {
		cell = take_cell(r, &at);
		for (size_t i = 0; i < best; i++)
			if (same_name(view_sub(r->text, cell.from, cell.to - cell.from), view_of(names->items[i]))) {
				best = i;
				ret = column;
			}
	}
	return ret;
}

static size_t count_cells(const struct table_reader *r, size_t from)
{
	size_t count = 1;

	while (!take_cell(r, &from).is_last)
		count++;
	return count;
}

/* What separates the cells of a CSV header: whatever gives the most. */
static char guess_separator(const struct table_reader *r, size_t from)
{
	struct table_reader trial = *r;
	size_t best = 0;
	char ret = ',';

	for (const char *c = ",;\t|"; *c; c++) {
		size_t cells;

		trial.separator = *c;
		cells = count_cells(&trial, from);
		if (cells > best) {
			best = cells;
			ret = *c;
		}
	}
	return ret;
}

static bool is_dashes(struct view line)
{
	bool any = false;

	for (size_t i = 0; i < line.len; i++) {
		if (text_find_byte(VIEW("|-: \t"), line.ptr[i]) == SIZE_MAX)
			return false;
		any = any || line.ptr[i] == '-';
	}
	return any && text_find_byte(line, '|') != SIZE_MAX;
}

/* Where the text above the header at from starts that belongs to it: comments of CSV; in Markdown all up to the last
 * title or table. */
static size_t heading_start(const struct table_reader *r, size_t from)
{
	size_t start = from;

	while (start > 0) {
		size_t before = start - 1;
		struct view line;

		while (before > 0 && r->text.ptr[before - 1] != '\n')
			before--;
		line = line_at(r->text, before);
		if (from - before > HEADING_BYTES || text_starts(line, VIEW("|")) ||
		    (r->format == TABLE_CSV && !text_starts(line, VIEW("#"))))
			break;
		start = before;
		if (r->format == TABLE_MARKDOWN && text_starts(line, VIEW("#")))
			break;
	}
	return start;
}

/* Is there a header at from with a wanted column? Then the reader is put behind it. */
static bool enter(struct table_reader *r, size_t from)
{
	size_t behind = next_line(r->text, from);

	if (r->format == TABLE_MARKDOWN && !is_dashes(line_at(r->text, behind)))
		return false;
	r->separator = r->format == TABLE_MARKDOWN ? '|' : guess_separator(r, from);
	r->column = find_column(r, from, r->columns);
	if (r->column == SIZE_MAX)
		return false;
	r->decider = find_column(r, from, r->decided_by);
	r->heading = view_sub(r->text, heading_start(r, from), behind);
	r->heading.len = behind - (size_t)(r->heading.ptr - r->text.ptr);
	r->at = r->format == TABLE_MARKDOWN ? next_line(r->text, behind) : behind;
	return true;
}

static bool may_start(const struct table_reader *r, struct view line, bool is_after_gap)
{
	if (r->format == TABLE_MARKDOWN)
		return text_find_byte(line, '|') != SIZE_MAX;
	return is_after_gap && !is_blank(line) && !text_starts(line, VIEW("#"));
}

/* ---- texts that go on ---- */

void table_cut(struct table_reader *r, size_t until, size_t kept_from)
{
	const char *end = r->text.len ? memrchr(r->text.ptr, '\n', r->text.len) : NULL;

	r->goes_on = true;
	r->until = until;
	r->kept_from = kept_from;
	r->last_line = end ? (size_t)(end - r->text.ptr) + 1 : 0;
}

/* In Markdown each line without a cell mark ends whatever was open: what is before the last one tells nothing. */
void table_follow(struct table_reader *r)
{
	size_t at = r->until < r->text.len ? r->until : r->text.len, end = at;

	r->follows = true;
	if (r->format != TABLE_MARKDOWN || !r->goes_on || r->is_done)
		return;
	while (at > r->at) {
		const char *before = memrchr(r->text.ptr + r->at, '\n', end - r->at);
		size_t start = before ? (size_t)(before - r->text.ptr) + 1 : r->at;

		if (start < r->last_line && text_find_byte(line_at(r->text, start), '|') == SIZE_MAX)
			break;
		at = start;
		end = start > r->at ? start - 1 : start;
	}
	if (at > r->at)
		r->heading = VIEW_NONE;
	r->at = at;
}

void table_skip_line(struct table_reader *r)
{
	size_t end = text_find_byte(view_sub(r->text, r->at, r->text.len), '\n');

	r->is_within = end == SIZE_MAX;
	r->at = r->is_within ? r->text.len : r->at + end + 1;
	r->is_after_gap = false;
}

void table_go_on(struct table_reader *r, struct view text, size_t at)
{
	bool is_within = r->is_within;

	r->text = text;
	r->at = at;
	r->follows = r->goes_on = r->is_done = r->is_within = r->has_lost = false;
	if (r->heading.ptr)
		r->heading = VIEW("");
	if (is_within)
		table_skip_line(r);
}

static bool is_left(const struct table_reader *r)
{
	return r->is_done || (r->goes_on && r->at >= r->until);
}

/* The next part goes on at the line that starts here, or behind it when it does not have it. */
static void leave_line(struct table_reader *r, size_t start)
{
	r->is_done = true;
	r->is_within = start < r->kept_from;
	r->at = r->is_within ? r->text.len : start;
}

static bool is_cut_line(const struct table_reader *r)
{
	return r->goes_on && r->at >= r->last_line;
}

/* A header of Markdown is known by the line below it. */
static bool is_cut_header(const struct table_reader *r)
{
	return is_cut_line(r) ||
	       (r->goes_on && r->format == TABLE_MARKDOWN && next_line(r->text, r->at) >= r->last_line);
}

/* Goes to the first row of the next table. */
static bool find_table(struct table_reader *r)
{
	while (r->at < r->text.len && !is_left(r)) {
		struct view line = line_at(r->text, r->at);

		if (is_cut_header(r)) {
			leave_line(r, r->at);
			return false;
		}
		if (may_start(r, line, r->is_after_gap) && enter(r, r->at))
			return true;
		r->is_after_gap = is_blank(line) || (r->is_after_gap && text_starts(line, VIEW("#")));
		r->at = next_line(r->text, r->at);
	}
	return false;
}

/* ---- rows ---- */

static bool is_row(const struct table_reader *r, struct view line)
{
	return r->format == TABLE_MARKDOWN ? text_find_byte(line, '|') != SIZE_MAX : !is_blank(line);
}

/* How far a row has been read. */
struct row {
	size_t start;
	bool has_cell;   /* the column's cell has begun, ... */
	bool cell_ends;  /* ... and ended */
	bool quote_open; /* a quote is not closed in the text */
};

/* Reads the row at r->at and goes behind it. */
static struct row take_row(struct table_reader *r, struct table_cell *ret)
{
	struct row row = { .start = r->at };
	struct cell cell = { 0 };

	*ret = (struct table_cell){ .heading = r->heading };
	if (r->decider != SIZE_MAX)
		ret->decider = VIEW("");
	for (size_t column = 0; !cell.is_last; column++) {
		cell = take_cell(r, &r->at);
		row.quote_open = row.quote_open || cell.is_open;
		if (column == r->column) {
			ret->from = cell.from;
			ret->to = cell.to;
			row.has_cell = true;
			row.cell_ends = !cell.is_last && !cell.is_open;
		}
		if (column == r->decider)
			ret->decider = view_sub(r->text, cell.from, cell.to - cell.from);
	}
	ret->row = view_sub(r->text, row.start, r->at - row.start);
	return row;
}

/* Whether the cell of the row that was just read is this text's to tell; it also sees to it that the next part goes on
 * where it has to. */
static bool is_ours(struct table_reader *r, const struct row *row, struct table_cell *ret)
{
	bool is_kept = row->start >= r->kept_from, is_early = row->has_cell && ret->from < r->until;
	bool is_told = is_early && row->cell_ends && !r->follows;

	if (!r->goes_on)
		return true;
	ret->is_cut = r->at > r->last_line || (row->quote_open && is_kept);
	if (!ret->is_cut && (is_early || !row->has_cell))
		return true;
	if (!is_told)
		r->has_lost = is_kept ? is_early : ret->is_cut || !r->follows;
	if (ret->is_cut)
		leave_line(r, row->start);
	else if (is_kept)
		r->at = row->start;
	r->is_done = true;
	return is_told;
}

static bool is_placeholder(struct view content)
{
	static const char *const nothing[] = { "n/a",     "na",  "none", "null", "tbd", "unknown",
					       "unnamed", "...", "нет",  "无",   "無",  "なし" };

	for (size_t i = 0; i < ARRAY_LEN(nothing); i++)
		if (text_eq_nocase(content, view_of(nothing[i])))
			return true;
	for (size_t i = 0; i < content.len; i++)
		if (text_find_byte(VIEW("<>{}$\n"), content.ptr[i]) != SIZE_MAX)
			return true;
	return !text_has_letter(content);
}

/* Passes over the row at r->at. Without quotes it is a line. */
static void pass_row(struct table_reader *r, struct view line)
{
	size_t behind = next_line(r->text, r->at);
	struct table_cell cell;
	struct row row;

	if (behind <= r->until && (r->format == TABLE_MARKDOWN || text_find_byte(line, '"') == SIZE_MAX)) {
		r->at = behind;
		return;
	}
	row = take_row(r, &cell);
	(void)is_ours(r, &row, &cell);
}

/* Reads the row at r->at. false: it has no cell to tell of. */
static bool read_row(struct table_reader *r, struct table_cell *ret)
{
	struct row row = take_row(r, ret);

	return is_ours(r, &row, ret) && ret->from < ret->to &&
	       !is_placeholder(view_sub(r->text, ret->from, ret->to - ret->from));
}

bool table_next(struct table_reader *r, struct table_cell *ret)
{
	while (!is_left(r) && (r->heading.ptr || find_table(r))) {
		struct view line = line_at(r->text, r->at);
		bool is_comment = r->format == TABLE_CSV && text_starts(line, VIEW("#"));
		bool is_content = is_row(r, line) && !is_comment;

		if (is_left(r))
			break;
		if (is_cut_line(r) && !is_content) {
			leave_line(r, r->at);
		} else if (r->at >= r->text.len || !is_row(r, line)) {
			r->heading = VIEW_NONE;
			r->is_after_gap = true;
		} else if (is_comment) {
			r->at = next_line(r->text, r->at);
		} else if (r->follows) {
			pass_row(r, line);
		} else if (read_row(r, ret)) {
			return true;
		}
	}
	return false;
}
