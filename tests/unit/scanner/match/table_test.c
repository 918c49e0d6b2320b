/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/table.h"

#include <string.h>

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
	assert_cells(TABLE_CSV, "id,name\n1,\u2014\n2,\u2713\n3,\u043d\u0435\u0442\n4,A\n", "|A");
}

static void a_name_may_be_of_any_alphabet(void **state)
{
	(void)state;
	assert_cells(TABLE_CSV, "id,name\n1,\u043b\u0430\u0431\n2,A\n", "|\u043b\u0430\u0431|A");
	assert_cells(TABLE_MARKDOWN, "| name |\n|---|\n| `\u672c\u756a` |\n", "|\u672c\u756a");
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

/* ---- texts in parts ---- */

#define SHARED 120 /* of two parts; no row of the texts below is longer than half of it */

static const char csv_parts[] =
	"\xEF\xBB\xBF# keys of the team\n# and more\n\nid,name,note\n1,A1,x\n2,\"A, 2\",\"two\n"
	"lines, \"\"and\"\" more\"\n# a comment\n3,,none\n4,\"A\"\"4\"\n\"5\n\n5\",A5,\"\n\"\n"
	"6,A6,\"\"\n7\n8,A8,\"\n# no comment\n\"\n9,A9,12345678901234567890\n10,A10\r\n\r\n"
	"other,table\n11,B1\n12,B2\n\nNAME;x\nC1;1\nC2;\"\n2\n\"\nC3;\"3\"\n \t\n"
	"text that is no table\nname,id\nD1,1\n\n\n# once more\nid,x,name\n1,\"\n\n\n\",E1\n2,,E2";

static const char markdown_parts[] =
	"# Keys\n\ntext | of | this\n| id | name |\n|----|:----:|\n| 1 | A1 |\n| 2 | `A2` |\n"
	"| 3 |\n| 4 | [A4](x) |\n| 5 | a \\| b |\ntext\n| 6 | B6 |\n\nname | x\n-- | --\nC1 | 1\n"
	"C2 | 2\n\n| name |\n| 7 |\n|---|\n| none |\n|no|\n|name|x|\n|---|---|\n|D1|2|\n|D2|3|\n"
	"long text without an end of any kind, as there are many\n|x|name|\n|-|-|\n|1|E1|\n|2|E2|";

struct places { /* where cells start and end */
	size_t of[64][2];
	size_t count;
};

static void add_places(struct places *p, struct table_reader *r, size_t base, size_t from, size_t to)
{
	struct table_cell cell;

	while (table_next(r, &cell)) {
		if (base + cell.from < from || base + cell.from >= to)
			continue;
		assert_true(p->count < ARRAY_LEN(p->of));
		p->of[p->count][0] = base + cell.from;
		p->of[p->count++][1] = base + cell.to;
	}
}

/* Reads a text in parts of so many bytes; parts before that of number read are only followed. */
static void read_parts(struct view text, enum table_format format, size_t bytes, size_t read, struct places *ret)
{
	struct table_reader reader;
	size_t base = 0, settled = 0, at = 0;

	*ret = (struct places){ .count = 0 };
	for (size_t n = 0;; n++) {
		struct view part = view_sub(text, base, bytes);
		bool is_last = base + part.len == text.len;
		size_t until = is_last ? SIZE_MAX : base + part.len - SHARED / 2;

		if (n == 0)
			table_start(&reader, part, format, &columns, &decided_by);
		else
			table_go_on(&reader, part, at - base);
		if (!is_last)
			table_cut(&reader, part.len - SHARED / 2, part.len - SHARED);
		if (n < read)
			table_follow(&reader);
		add_places(ret, &reader, base, settled, until);
		assert_false(reader.has_lost);
		if (is_last)
			return;
		at = base + reader.at;
		settled = until;
		base += part.len - SHARED;
	}
}

static void assert_parts(struct view text, enum table_format format)
{
	struct places whole, parts;

	read_parts(text, format, text.len, 0, &whole);
	assert_true(whole.count > 8);
	for (size_t bytes = SHARED + 1; bytes < text.len; bytes++)
		for (size_t read = 0; read < 3; read++) {
			size_t passed = read * (bytes - SHARED), from = 0;

			if (read && passed + SHARED >= text.len)
				continue; /* there is no such part */
			read_parts(text, format, bytes, read, &parts);
			while (read && from < whole.count && whole.of[from][0] < passed + SHARED / 2)
				from++;
			assert_int_equal(parts.count, whole.count - from);
			assert_memory_equal(parts.of, whole.of + from, parts.count * sizeof(*parts.of));
		}
}

static void parts_of_any_size_have_the_cells_of_the_whole(void **state)
{
	(void)state;
	assert_parts(view_from(csv_parts, sizeof(csv_parts) - 1), TABLE_CSV);
	assert_parts(view_from(csv_parts + 3, sizeof(csv_parts) - 4), TABLE_CSV);
	assert_parts(view_from(markdown_parts, sizeof(markdown_parts) - 1), TABLE_MARKDOWN);
}

/* Cuts text at cut, with until and kept_from so many bytes before, and says where the reader wants to go on. */
static struct table_reader read_cut(const char *text, size_t cut, size_t until, size_t kept_from, const char *expected)
{
	DEFER(buf_done) struct buf out = BUF_INIT(4096);
	struct table_reader reader;
	struct table_cell cell;

	table_start(&reader, view_from(text, cut), TABLE_CSV, &columns, &decided_by);
	table_cut(&reader, cut - until, cut - kept_from);
	while (table_next(&reader, &cell)) {
		assert_int_equal(buf_add_byte(&out, cell.is_cut ? '!' : '|'), 0);
		assert_int_equal(buf_add(&out, view_sub(view_of(text), cell.from, cell.to - cell.from)), 0);
	}
	assert_false(table_next(&reader, &cell));
	assert_string_equal(out.ptr ? out.ptr : "", expected);
	return reader;
}

static void a_row_that_the_next_part_does_not_have_is_lost_and_passed_over(void **state)
{
	static const char text[] = "id,name\n1,A\n2222222222222222222222,B\n3,C\n";
	struct table_reader r = read_cut(text, 30, 2, 5, "|A");

	(void)state;
	assert_true(r.has_lost);
	assert_int_equal(r.at, 30);
	table_go_on(&r, view_of(text + 25), 5);
	assert_false(r.has_lost);
	assert_int_equal(r.at, strlen("222222222,B\n"));
	r = read_cut(text, 30, 2, 20, "|A");
	assert_false(r.has_lost);
	assert_int_equal(r.at, 12);
}

static void a_cell_long_before_the_end_of_its_row_is_given_with_what_is_known(void **state)
{
	static const char text[] = "name,id\nA,1\nB,2,222222222222222222222\nC,3\n";
	struct table_reader r = read_cut(text, 30, 10, 20, "|A!B");

	(void)state;
	assert_false(r.has_lost);
	assert_int_equal(r.at, 12);
	r = read_cut("name,id\nBBBBBBBBBBBBBBBBBBBBB,2\n", 20, 5, 15, "");
	assert_true(r.has_lost);
}

static void a_quote_that_nobody_closes_is_a_character(void **state)
{
	struct table_reader r = read_cut("id,name\n1,\"A\n2,B\n3,C\n4,D\n5,E\n", 29, 4, 10, "|\"A|B|C|D");

	(void)state;
	assert_false(r.has_lost);
	r = read_cut("id,name\n1,\"A\n2,B\n3,C\n4,D\n5,E\n", 29, 4, 25, "");
	assert_int_equal(r.at, 8);
}

static void a_text_that_starts_anywhere_is_read_from_its_first_whole_line(void **state)
{
	struct table_reader reader;
	struct table_cell cell;

	(void)state;
	table_start(&reader, VIEW("name,id\nname,x\nA,1\n\nx,name\n1,B"), TABLE_CSV, &columns, &decided_by);
	table_skip_line(&reader);
	assert_true(table_next(&reader, &cell));
	assert_view(cell.row, "1,B");
	assert_false(table_next(&reader, &cell));
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
		cmocka_unit_test(a_name_may_be_of_any_alphabet),
		cmocka_unit_test(markdown_needs_the_row_of_dashes),
		cmocka_unit_test(markdown_marks_are_not_part_of_the_cell),
		cmocka_unit_test(the_heading_is_the_header_and_what_belongs_to_it),
		cmocka_unit_test(the_decider_is_the_rows_own_cell),
		cmocka_unit_test(parts_of_any_size_have_the_cells_of_the_whole),
		cmocka_unit_test(a_row_that_the_next_part_does_not_have_is_lost_and_passed_over),
		cmocka_unit_test(a_cell_long_before_the_end_of_its_row_is_given_with_what_is_known),
		cmocka_unit_test(a_quote_that_nobody_closes_is_a_character),
		cmocka_unit_test(a_text_that_starts_anywhere_is_read_from_its_first_whole_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
