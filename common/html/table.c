/* SPDX-License-Identifier: Apache-2.0 */
#include "common/html/table.h"

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/html/page.h"

static const char *const type_names[] = {
	[HTML_TEXT] = "text",   [HTML_CODE] = "code", [HTML_WORD] = "word",   [HTML_NUMBER] = "number",
	[HTML_MONEY] = "money", [HTML_DATE] = "date", [HTML_LEVEL] = "level", [HTML_TAGS] = "tags",
};

static void add_heads(struct html *h, const struct html_table *t)
{
	html_markup(h, "<thead><tr>");
	for (size_t i = 0; i < t->count; i++) {
		html_markupf(h, "<th scope=\"col\" data-type=\"%s\"%s>%s", type_names[t->columns[i].type],
			     t->columns[i].is_group ? " data-group" : "", t->is_matrix && i ? "<span>" : "");
		html_text(h, view_of(t->columns[i].title));
		html_markup(h, t->is_matrix && i ? "</span></th>" : "</th>");
	}
	html_markup(h, "</tr></thead>\n<tbody>\n");
}

/* The table scrolls by itself where the page is narrow; whoever has no mouse needs to get there. */
void html_table_begin(struct html *h, struct html_table *t)
{
	t->rows = t->cells = 0;
	html_markup(h, "<div class=\"scroll\" tabindex=\"0\" role=\"region\"");
	html_attribute(h, "aria-label", view_of(t->caption));
	html_markupf(h, ">\n<table id=\"%s\" class=\"data%s\"%s>\n<caption>", t->id, t->is_matrix ? " matrix" : "",
		     t->is_grouped ? " data-grouped" : "");
	html_text(h, view_of(t->caption));
	html_markup(h, "</caption>\n");
	add_heads(h, t);
}

static void end_row(struct html *h, struct html_table *t)
{
	if (!t->cells)
		return;
	html_markup(h, t->is_block ? "]" : "\n");
	t->cells = 0;
}

static void begin_block(struct html *h, struct html_table *t)
{
	html_markupf(h, "<script type=\"application/json\" data-table=\"%s\">[\n", t->id);
	t->is_block = true;
}

void html_data_end(struct html *h, struct html_table *t)
{
	end_row(h, t);
	if (t->is_block)
		html_markup(h, "\n]</script>\n");
	t->is_block = false;
}

void html_row(struct html *h, struct html_table *t)
{
	end_row(h, t);
	if (!t->is_data && t->rows < HTML_TABLE_ROWS) {
		t->rows++;
		html_markup(h, "<tr>");
		return;
	}
	if (t->data_rows % HTML_DATA_ROWS == 0) {
		html_data_end(h, t);
		begin_block(h, t);
	} else {
		html_markup(h, ",\n");
	}
	t->data_rows++;
	html_markup(h, "[");
}

void html_table_totals(struct html *h, struct html_table *t)
{
	html_data_end(h, t);
	html_markup(h, "</tbody>\n<tfoot>\n<tr>");
	t->is_totals = true;
}

static void cell_tags(struct html *h, struct view words)
{
	for (size_t at; words.len; words = view_sub(words, at == SIZE_MAX ? words.len : at + 1, words.len)) {
		at = text_find_byte(words, ' ');
		html_markup(h, "<span class=\"tag\">");
		html_text(h, view_sub(words, 0, at));
		html_markup(h, at == SIZE_MAX ? "</span>" : "</span> ");
	}
}

/* Cells and rows are most of a page: end tags that may be left out (HTML, section 13.1.2.4) are, and so are quotes. */
static void open_cell(struct html *h, struct html_table *t, const char *exact)
{
	html_markup(h, t->cells ? "<td" : "<th scope=row");
	if (t->columns[t->cells].type != HTML_TEXT) {
		html_markup(h, " class=");
		html_markup(h, type_names[t->columns[t->cells].type]);
	}
	if (exact) {
		html_markup(h, " data-v=");
		html_markup(h, exact);
	}
	html_markup(h, ">");
	t->cells++;
}

/* Where the comma stands, and whether it is data. */
static bool is_data_cell(struct html *h, struct html_table *t)
{
	if (!t->is_block)
		return false;
	if (t->cells++)
		html_markup(h, ",");
	return true;
}

void html_cell(struct html *h, struct html_table *t, struct view text)
{
	enum html_type type = t->columns[t->cells].type;

	if (is_data_cell(h, t)) {
		html_json_string(h, text);
		return;
	}
	open_cell(h, t, NULL);
	if (type == HTML_TAGS) {
		cell_tags(h, text);
	} else if (type == HTML_LEVEL && html_is_level(text)) {
		html_markup(h, "<span class=\"level ");
		html_text(h, text);
		html_markup(h, "\">");
		html_text(h, text);
		html_markup(h, "</span>");
	} else {
		html_text(h, text);
	}
}

void html_cell_number(struct html *h, struct html_table *t, uint64_t number)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);

	if (is_data_cell(h, t)) {
		html_markupf(h, "\"%llu\"", (unsigned long long)number);
		return;
	}
	if (text_add_grouped(&text, number))
		h->failed = true;
	open_cell(h, t, NULL);
	html_text(h, buf_view(&text));
}

void html_cell_money(struct html *h, struct html_table *t, struct decimal amount_usd)
{
	DEFER(buf_done) struct buf exact = BUF_INIT(ERR_TEXT_BYTES), text = BUF_INIT(ERR_TEXT_BYTES);

	if (decimal_write(&exact, amount_usd) || decimal_write_money(&text, amount_usd)) {
		h->failed = true;
		return;
	}
	if (is_data_cell(h, t)) {
		html_json_string(h, buf_view(&exact));
		return;
	}
	open_cell(h, t, exact.ptr);
	html_text(h, buf_view(&text));
}

static void say_more(struct html *h, const struct html_table *t)
{
	if (!t->data_rows)
		return;
	html_markup(h, "<noscript><p class=\"more\">");
	html_markup(h, "And ");
	html_markupf(h, "%zu more, which are in this page as data: its script shows them.</p></noscript>\n",
		     t->data_rows);
}

void html_table_end(struct html *h, struct html_table *t)
{
	html_data_end(h, t);
	html_markup(h, t->is_totals ? "</tfoot>\n</table>\n</div>\n" : "</tbody>\n</table>\n</div>\n");
	say_more(h, t);
}
