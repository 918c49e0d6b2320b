/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/table.h"

#include "common/base/text.h"
#include "tests/support/unit.h"

static const char *const names[] = { "key name", "name" };
static const char *const providers[] = { "provider" };
static const struct rule_list columns = { names, ARRAY_LEN(names) };
static const struct rule_list decided_by = { providers, ARRAY_LEN(providers) };

/* The cells that are found, each behind a '|'. */
static void assert_cells(enum table_format format, const char *text, const char *expected)
{
	DEFER(buf_done) struct buf out = BUF_INIT(4096);
	struct table_reader reader;
	struct table_cell cell;

	table_start(&reader, view_of(text), format, &columns, &decided_by);
	while (table_next(&reader, &cell)) {
		assert_int_equal(buf_add_byte(&out, '|'), 0);
		assert_int_equal(buf_add(&out, view_sub(view_of(text), cell.from, cell.to - cell.from)), 0);
	}
	assert_string_equal(out.ptr ? out.ptr : "", expected);
}

static struct table_cell first_cell(enum table_format format, const char *text)
{
	struct table_reader reader;
	struct table_cell cell;

	table_start(&reader, view_of(text), format, &columns, &decided_by);
	assert_true(table_next(&reader, &cell));
	return cell;
}

static void csv_finds_the_column_wherever_it_stands(void **state)
{
	(void)state;
	assert_cells(TABLE_CSV, "name,id\nA,1\nB,2\n", "|A|B");
	assert_cells(TABLE_CSV, "id,name\n1,A\n2,B", "|A|B");
	assert_cells(TABLE_CSV, "id,Key_Name,x\r\n1,A,y\r\n2,B,y\r\n", "|A|B");
	assert_cells(TABLE_CSV, "name\nA\nB\n", "|A|B");
}

static void csv_knows_other_separators(void **state)
{
	(void)state;
	assert_cells(TABLE_CSV, "id;name\n1;A, B\n", "|A, B");
	assert_cells(TABLE_CSV, "id\tname\n1\tA\n", "|A");
	assert_cells(TABLE_CSV, "id|name\n1|A\n", "|A");
}

static void csv_unquotes(void **state)
{
	(void)state;
	assert_cells(TABLE_CSV, "\"id\",\"name\"\n\"1\",\"A, B\"\n2,\" C \"\n", "|A, B|C");
	assert_cells(TABLE_CSV, "note,name\n\"one\ntwo, \"\"three\"\"\",A\nx,B\n", "|A|B");
	assert_cells(TABLE_CSV, "id,name\n1,\"never closed\n2,B\n", "|\"never closed|B");
}

static void csv_passes_over_comments_and_the_byte_order_mark(void **state)
{
	(void)state;
	assert_cells(TABLE_CSV, "\xEF\xBB\xBF# keys\n\nname,id\nA,1\n# B,2\nC,3\n", "|A|C");
}

static void csv_starts_a_new_table_behind_an_empty_line(void **state)
{
	(void)state;
	assert_cells(TABLE_CSV, "id,x\n1,A\n\nname,id\nB,2\n\nC,3\n", "|B");
}

static void csv_without_the_column_has_no_cells(void **state)
{
	(void)state;
	assert_cells(TABLE_CSV, "id,owner name\n1,A\n", "");
	assert_cells(TABLE_CSV, "", "");
	assert_cells(TABLE_CSV, "\n\n", "");
	assert_cells(TABLE_CSV, "name", "");
}

static void the_first_listed_column_counts(void **state)
{
	(void)state;
	assert_cells(TABLE_CSV, "name,key name\nA,B\n", "|B");
}

static void short_rows_and_empty_cells_are_passed_over(void **state)
{
	(void)state;
	assert_cells(TABLE_CSV, "id,name\n1\n2,\n3,A\n4,\"\"\n", "|A");
}

static void placeholders_are_passed_over(void **state)
{
	(void)state;
	assert_cells(TABLE_CSV, "id,name\n1,-\n2,N/A\n3,<none>\n4,{team}-x\n5,$NAME\n6,A\n", "|A");
}

static void markdown_needs_the_row_of_dashes(void **state)
{
	(void)state;
	assert_cells(TABLE_MARKDOWN, "| id | name |\n|---|:---:|\n| 1 | A |\n| 2 | B |\n\n| 3 | C |\n", "|A|B");
	assert_cells(TABLE_MARKDOWN, "| id | name |\n| 1 | A |\n", "");
	assert_cells(TABLE_MARKDOWN, "id | name\n--- | ---\n1 | A\ntext\n", "|A");
}

static void markdown_marks_are_not_part_of_the_cell(void **state)
{
	(void)state;
	assert_cells(TABLE_MARKDOWN, "| name |\n|---|\n| `A` |\n| **B** |\n| [C](https://example.com) |\n| a \\| b |\n",
		     "|A|B|C|a \\| b");
}

static void the_heading_is_the_header_and_what_belongs_to_it(void **state)
{
	(void)state;
	assert_view(first_cell(TABLE_MARKDOWN, "# One\n\n# Two\ntext\n\n| name |\n|---|\n| A |\n").heading,
		    "# Two\ntext\n\n| name |\n");
	assert_view(first_cell(TABLE_CSV, "# one\n# two\nname,id\nA,1\n").heading, "# one\n# two\nname,id\n");
}

static void the_decider_is_the_rows_own_cell(void **state)
{
	struct table_cell cell = first_cell(TABLE_CSV, "provider,name\nOne,A\n");

	(void)state;
	assert_view(cell.decider, "One");
	assert_view(cell.row, "One,A\n");
	assert_null(first_cell(TABLE_CSV, "id,name\n1,A\n").decider.ptr);
	assert_non_null(first_cell(TABLE_CSV, "name,provider\nA\n").decider.ptr);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_finds_the_column_wherever_it_stands),
		cmocka_unit_test(csv_knows_other_separators),
		cmocka_unit_test(csv_unquotes),
		cmocka_unit_test(csv_passes_over_comments_and_the_byte_order_mark),
		cmocka_unit_test(csv_starts_a_new_table_behind_an_empty_line),
		cmocka_unit_test(csv_without_the_column_has_no_cells),
		cmocka_unit_test(the_first_listed_column_counts),
		cmocka_unit_test(short_rows_and_empty_cells_are_passed_over),
		cmocka_unit_test(placeholders_are_passed_over),
		cmocka_unit_test(markdown_needs_the_row_of_dashes),
		cmocka_unit_test(markdown_marks_are_not_part_of_the_cell),
		cmocka_unit_test(the_heading_is_the_header_and_what_belongs_to_it),
		cmocka_unit_test(the_decider_is_the_rows_own_cell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
