/* SPDX-License-Identifier: Apache-2.0 */
#include "common/html/table.h"

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

#define OUT_BYTES (1u << 20)

static const struct html_column columns[] = {
	{ "Team", HTML_TEXT, true },   { "Level", HTML_LEVEL, false }, { "Codes", HTML_TAGS, false },
	{ "Cost", HTML_MONEY, false }, { "Keys", HTML_NUMBER, false },
};

static struct decimal amount(const char *text)
{
	struct decimal d;

	assert_int_equal(decimal_parse(view_of(text), &d), 0);
	return d;
}

static void add_row(struct html *h, struct html_table *t, struct view team)
{
	html_row(h, t);
	html_cell(h, t, team);
	html_cell(h, t, VIEW("high"));
	html_cell(h, t, VIEW("age unused"));
	html_cell_money(h, t, amount("1234567.895"));
	html_cell_number(h, t, 12345);
}

static size_t count_of(struct view text, struct view what)
{
	size_t count = 0;

	for (size_t at; (at = text_find(text, what)) != SIZE_MAX; count++)
		text = view_sub(text, at + what.len, text.len);
	return count;
}

static void a_row_has_its_cells_in_their_types(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(OUT_BYTES);
	struct html_table t = { .id = "t", .caption = "Teams", .columns = columns, .count = ARRAY_LEN(columns) };
	struct html h;

	(void)state;
	html_init(&h, &out);
	html_table_begin(&h, &t);
	add_row(&h, &t, VIEW("<ml>"));
	html_table_end(&h, &t);
	assert_true(html_ok(&h));
	assert_true(text_find(buf_view(&out),
			      VIEW("<tr><th scope=row>&lt;ml&gt;<td class=level><span class=\"level high\">high</span>"
				   "<td class=tags><span class=\"tag\">age</span> <span class=\"tag\">unused</span>"
				   "<td class=money data-v=1234567.895>1,234,567.90<td class=number>12,345\n")) !=
		    SIZE_MAX);
	assert_int_equal(count_of(buf_view(&out), VIEW("<noscript>")), 0);
}

static void rows_beyond_the_limit_are_data_in_blocks(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(16 * OUT_BYTES);
	struct html_table t = { .id = "t", .caption = "Teams", .columns = columns, .count = ARRAY_LEN(columns) };
	const size_t more = HTML_DATA_ROWS + 5;
	struct html h;

	(void)state;
	html_init(&h, &out);
	html_table_begin(&h, &t);
	for (size_t i = 0; i < HTML_TABLE_ROWS + more; i++)
		add_row(&h, &t, VIEW("ml"));
	html_table_totals(&h, &t);
	html_cell(&h, &t, VIEW("Total"));
	html_table_end(&h, &t);
	assert_true(html_ok(&h));
	assert_int_equal(count_of(buf_view(&out), VIEW("<th scope=row>ml<td")), HTML_TABLE_ROWS);
	assert_int_equal(count_of(buf_view(&out), VIEW("[\"ml\",\"high\",\"age unused\",\"1234567.895\",\"12345\"]")),
			 more);
	assert_int_equal(count_of(buf_view(&out), VIEW("data-table=\"t\">[\n[")), 2);
	assert_int_equal(count_of(buf_view(&out), VIEW("]\n]</script>")), 2);
	assert_int_equal(count_of(buf_view(&out), VIEW("</tbody>\n<tfoot>\n<tr><th scope=row>Total\n")), 1);
	assert_int_equal(count_of(buf_view(&out), VIEW("And 1005 more")), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_has_its_cells_in_their_types),
		cmocka_unit_test(rows_beyond_the_limit_are_data_in_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
