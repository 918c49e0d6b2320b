/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/sys/file.h"
#include "tests/support/unit.h"

static const struct column columns[] = {
	{ "id", "id" },
	{ "name", "name" },
	{ "made_by", "created_by.id" },
};

struct printed {
	char text[8192];
};

/* What the rows (a NULL-terminated list) look like in the format, on a terminal of that many columns; 0 = elsewhere. */
static const char *print_on(struct printed *p, enum output_format format, const struct shape *shape, size_t line_width,
			    const char *const *rows)
{
	int fd = memfd_create("output", MFD_CLOEXEC);
	struct err err = ERR_INIT;
	struct output out;
	ssize_t len;

	assert_true(fd >= 0);
	output_init(&out, format, shape, fd, line_width > 0);
	out.line_width = line_width;
	for (; *rows; rows++)
		assert_int_equal(output_row(&out, view_of(*rows), &err), 0);
	assert_int_equal(output_end(&out, &err), 0);
	output_done(&out);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	len = file_read_full(fd, p->text, sizeof(p->text) - 1);
	assert_true(len >= 0);
	p->text[len] = '\0';
	(void)close(fd);
	return p->text;
}

static const char *print(struct printed *p, enum output_format format, const struct shape *shape, bool is_aligned,
			 const char *const *rows)
{
	return print_on(p, format, shape, is_aligned ? 80 : 0, rows);
}

static const struct shape list = { .columns = columns, .count = ARRAY_LEN(columns) };
static const struct shape single = { .columns = columns, .count = ARRAY_LEN(columns), .is_single = true };

static const char *const two[] = { "{\"id\":\"a\",\"name\":\"x y\",\"created_by\":{\"id\":\"u1\",\"type\":\"user\"}}",
				   "{\"id\":\"bcd\",\"name\":null}", NULL };
static const char *const none[] = { NULL };

static void assert_printed(enum output_format format, const struct shape *shape, bool is_aligned,
			   const char *const *rows, const char *expected)
{
	struct printed p;

	assert_string_equal(print(&p, format, shape, is_aligned, rows), expected);
}

static void a_table_is_aligned_on_a_terminal(void **state)
{
	(void)state;
	assert_printed(OUTPUT_TABLE, &list, true, two,
		       "ID   NAME  MADE BY\n"
		       "a    x y   u1\n"
		       "bcd  -     -\n");
}

static void columns_of_numbers_stand_to_the_right_on_a_terminal(void **state)
{
	static const char *const rows[] = { "{\"id\":\"1\",\"name\":\"7,953.25\",\"created_by\":{\"id\":\"-2\"}}",
					    "{\"id\":\"a\",\"name\":\"0.50\",\"created_by\":{\"id\":\"10\"}}",
					    "{\"id\":\"22\"}", NULL };

	(void)state;
	assert_printed(OUTPUT_TABLE, &list, true, rows,
		       "ID      NAME  MADE BY\n"
		       "1   7,953.25       -2\n"
		       "a       0.50       10\n"
		       "22         -        -\n");
}

static void the_last_column_is_wrapped_where_it_has_room(void **state)
{
	static const char *const rows[] = {
		"{\"id\":\"a\",\"name\":\"n\",\"created_by\":{\"id\":\"one two three four \u00fc five sixandmore\"}}",
		"{\"id\":\"b\",\"name\":\"n\",\"created_by\":{\"id\":\"andalongerwordthancanstandthere x\"}}",
		"{\"id\":\"c\",\"name\":\"n\"}", NULL
	};
	struct printed p;

	(void)state;
	assert_string_equal(print_on(&p, OUTPUT_TABLE, &list, 34, rows), "ID  NAME  MADE BY\n"
									 "a   n     one two three four \xc3\xbc\n"
									 "          five sixandmore\n"
									 "b   n     andalongerwordthancanstandthere\n"
									 "          x\n"
									 "c   n     -\n");
}

static void a_row_is_a_block_where_the_terminal_is_too_narrow(void **state)
{
	static const char *const rows[] = {
		"{\"id\":\"a\",\"name\":\"n\",\"created_by\":{\"id\":\"one two three four \u00fc five sixandmore\"}}",
		"{\"id\":\"c\",\"created_by\":{\"id\":\"o\"}}", NULL
	};
	static const char *const ids[] = { "{\"id\":\"a\",\"created_by\":{\"id\":\"aword\"}}",
					   "{\"id\":\"c\",\"created_by\":{\"id\":\"alongerwordthathasnobreak\"}}",
					   NULL };
	struct printed p;

	(void)state;
	assert_string_equal(print_on(&p, OUTPUT_TABLE, &list, 33, rows), "ID       a\n"
									 "NAME     n\n"
									 "MADE BY  one two three four \xc3\xbc\n"
									 "         five sixandmore\n"
									 "\n"
									 "ID       c\n"
									 "MADE BY  o\n");
	assert_string_equal(print_on(&p, OUTPUT_TABLE, &single, 33, rows + 1), "ID  NAME  MADE BY\nc   -     o\n");
	assert_string_equal(print_on(&p, OUTPUT_TABLE, &list, 33, none), "ID  NAME  MADE BY\n");
	/* One word needs all of its width. */
	assert_non_null(strstr(print_on(&p, OUTPUT_TABLE, &list, 34, ids), "\n\nID       c\n"));
	assert_non_null(strstr(print_on(&p, OUTPUT_TABLE, &list, 35, ids), "\nc   -     alonger"));
	assert_string_equal(print_on(&p, OUTPUT_TABLE, &list, 3, ids + 1), "ID       c\n"
									   "MADE BY  alongerwordthathasnobreak\n");
}

static void a_table_has_tabs_elsewhere(void **state)
{
	(void)state;
	assert_printed(OUTPUT_TABLE, &list, false, two, "ID\tNAME\tMADE BY\na\tx y\tu1\nbcd\t\t\n");
	assert_printed(OUTPUT_TABLE, &list, false, none, "ID\tNAME\tMADE BY\n");
}

static void letters_beyond_ascii_take_one_column(void **state)
{
	static const char *const rows[] = {
		"{\"id\":\"\xc3\xa9\xc3\xa9\",\"name\":\"n\",\"created_by\":{\"id\":\"u\"}}", NULL
	};

	(void)state;
	assert_printed(OUTPUT_TABLE, &list, true, rows, "ID  NAME  MADE BY\n\xc3\xa9\xc3\xa9  n     u\n");
}

static void control_characters_are_shown_in_tables_and_csv(void **state)
{
	static const char *const rows[] = { "{\"id\":\"a\\u001b[31m\\tb\\n\",\"name\":\"\\u009b\\ud800\"}", NULL };

	(void)state;
	assert_printed(OUTPUT_TABLE, &list, false, rows,
		       "ID\tNAME\tMADE BY\na\\x1b[31m\\x09b\\x0a\t\\xc2\\x9b\\xed\\xa0\\x80\t\n");
	assert_printed(OUTPUT_CSV, &list, false, rows,
		       "id,name,made_by\r\na\\x1b[31m\\x09b\\x0a,\\xc2\\x9b\\xed\\xa0\\x80,\r\n");
}

static void wide_rows_come_in_blocks_that_stay_aligned(void **state)
{
	enum { ROWS = 1200 };
	DEFER(freep) const char **rows = calloc(ROWS + 1, sizeof(*rows));
	int fd = memfd_create("output", MFD_CLOEXEC);
	DEFER(buf_done) struct buf text = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	struct output out;

	(void)state;
	assert_non_null(rows);
	output_init(&out, OUTPUT_TABLE, &list, fd, true);
	for (int i = 0; i < ROWS; i++)
		assert_int_equal(output_row(&out, VIEW("{\"id\":\"abcdef\",\"name\":\"n\"}"), &err), 0);
	assert_int_equal(output_end(&out, &err), 0);
	output_done(&out);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(buf_reserve(&text, 1 << 18), 0);
	text.len = (size_t)file_read_full(fd, text.ptr, 1 << 18);
	assert_int_equal(text.len, strlen("ID      NAME  MADE BY\n") + ROWS * strlen("abcdef  n     -\n"));
	(void)close(fd);
}

static void csv_quotes_what_needs_it(void **state)
{
	static const char *const rows[] = { "{\"id\":\"a,b\",\"name\":\"say \\\"hi\\\"\"}",
					    "{\"id\":\" a\",\"name\":12.5}", NULL };

	(void)state;
	assert_printed(OUTPUT_CSV, &list, false, rows,
		       "id,name,made_by\r\n\"a,b\",\"say \"\"hi\"\"\",\r\n\" a\",12.5,\r\n");
}

static void csv_has_no_formulas_but_negative_numbers(void **state)
{
	static const char *const rows[] = { "{\"id\":\"=1+1\",\"name\":-5}", "{\"id\":\"@x\",\"name\":\"-5\"}",
					    "{\"id\":\"-\",\"name\":\"+a\"}", NULL };

	(void)state;
	assert_printed(OUTPUT_CSV, &list, false, rows,
		       "id,name,made_by\r\n\"'=1+1\",-5,\r\n\"'@x\",-5,\r\n\"'-\",\"'+a\",\r\n");
}

static void lists_of_texts_are_joined(void **state)
{
	static const char *const rows[] = { "{\"id\":[\"a\",\"b\"],\"name\":{\"k\":1},\"created_by\":{\"id\":[]}}",
					    NULL };

	(void)state;
	assert_printed(OUTPUT_TABLE, &list, false, rows, "ID\tNAME\tMADE BY\na,b\t{\"k\":1}\t\n");
}

static void json_keeps_the_bytes(void **state)
{
	static const char *const rows[] = { "{ \"id\" : 1e400,\n\"x\":\"\\u0000\" }", "{}", NULL };

	(void)state;
	assert_printed(OUTPUT_JSON, &list, false, rows, "[\n{ \"id\" : 1e400,\n\"x\":\"\\u0000\" },\n{}\n]\n");
	assert_printed(OUTPUT_JSON, &list, false, none, "[]\n");
}

static void json_of_one_object_is_no_list(void **state)
{
	static const char *const rows[] = { "{\"id\":1}", NULL };

	(void)state;
	assert_printed(OUTPUT_JSON, &single, false, rows, "{\"id\":1}\n");
}

static void jsonl_takes_out_line_breaks_between_tokens(void **state)
{
	static const char *const rows[] = { "{\r\n  \"id\": \"a\\nb\",\n  \"x\": [\n 1\n]\n}", "{}", NULL };

	(void)state;
	assert_printed(OUTPUT_JSONL, &list, false, rows, "{  \"id\": \"a\\nb\",  \"x\": [ 1]}\n{}\n");
	assert_printed(OUTPUT_JSONL, &list, false, none, "");
}

static void yaml_nests(void **state)
{
	static const char *const rows[] = {
		"{\"id\":\"abc\",\"n\":[1,[2,{\"a\":true}],{}],\"o\":{\"k\":{\"l\":null}},\"e\":[]}", "{\"a\":\"b\"}",
		NULL
	};

	(void)state;
	assert_printed(OUTPUT_YAML, &list, false, rows,
		       "- id: abc\n"
		       "  \"n\":\n"
		       "    - 1\n"
		       "    - - 2\n"
		       "      - a: true\n"
		       "    - {}\n"
		       "  o:\n"
		       "    k:\n"
		       "      l: null\n"
		       "  e: []\n"
		       "- a: b\n");
	assert_printed(OUTPUT_YAML, &list, false, none, "[]\n");
	assert_printed(OUTPUT_YAML, &single, false, rows + 1, "a: b\n");
}

static void yaml_quotes_what_could_be_read_otherwise(void **state)
{
	static const char *const rows[] = {
		"{\"a\":\"no\",\"b\":\"NULL\",\"c\":\"1\",\"d\":\"\",\"e\":\"a: b\",\"f\":\"- x\",\"g\":\"2026-11-24\","
		"\"h\":\"a\\\"\\\\\\n\\u0000\\u0085\\u2028\",\"i\":\"user@x.com\",\"j\":\"\\ud800\",\"k\":\"#a\"}",
		NULL
	};

	(void)state;
	assert_printed(
		OUTPUT_YAML, &single, false, rows,
		"a: \"no\"\nb: \"NULL\"\nc: \"1\"\nd: \"\"\ne: \"a: b\"\nf: \"- x\"\ng: \"2026-11-24\"\n"
		"h: \"a\\\"\\\\\\n\\x00\\x85\\u2028\"\ni: user@x.com\nj: \"\\uFFFD\\uFFFD\\uFFFD\"\nk: \"#a\"\n");
}

/* What cca calls viewer and created_at is user and added_at here. */
static void another_dialect_comes_out_under_our_names(void **state)
{
	static const char *const rows[] = { "{\"id\":\"u\",\"role\":\"viewer\",\"created_at\":\"t\",\"x\":1}", NULL };
	static const struct column users[] = { { "id", "id" }, { "role", "role" }, { "added_at", "added_at" } };
	struct err err = ERR_INIT;
	struct shape shape = { .columns = users, .count = ARRAY_LEN(users) };

	(void)state;
	shape.route = api_route(API_CCA, API_USER_LIST, &err);
	assert_non_null(shape.route);
	assert_printed(OUTPUT_TABLE, &shape, false, rows, "ID\tROLE\tADDED AT\nu\tuser\tt\n");
	assert_printed(OUTPUT_JSONL, &shape, false, rows,
		       "{\"id\":\"u\",\"role\":\"user\",\"added_at\":\"t\",\"x\":1}\n");
	shape.is_verbatim = true;
	assert_printed(OUTPUT_JSONL, &shape, false, rows,
		       "{\"id\":\"u\",\"role\":\"viewer\",\"created_at\":\"t\",\"x\":1}\n");
}

static void a_member_that_stands_elsewhere_is_found(void **state)
{
	static const char *const rows[] = { "{\"id\":\"act_1\",\"user_id\":\"user_1\"}", NULL };
	static const struct column who[] = { { "user_id", "actor.user_id" } };
	struct err err = ERR_INIT;
	struct shape shape = { .columns = who, .count = ARRAY_LEN(who) };

	(void)state;
	shape.route = api_route(API_CCA, API_ACTIVITY_LIST, &err);
	assert_printed(OUTPUT_TABLE, &shape, false, rows, "USER ID\nuser_1\n");
}

static void what_cannot_be_written_is_said(void **state)
{
	struct err err = ERR_INIT;
	struct output out;

	(void)state;
	output_init(&out, OUTPUT_JSONL, &list, -1, false);
	assert_int_equal(output_row(&out, VIEW("{}"), &err), 0);
	assert_int_equal(output_end(&out, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	output_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_is_aligned_on_a_terminal),
		cmocka_unit_test(columns_of_numbers_stand_to_the_right_on_a_terminal),
		cmocka_unit_test(the_last_column_is_wrapped_where_it_has_room),
		cmocka_unit_test(a_row_is_a_block_where_the_terminal_is_too_narrow),
		cmocka_unit_test(a_table_has_tabs_elsewhere),
		cmocka_unit_test(letters_beyond_ascii_take_one_column),
		cmocka_unit_test(control_characters_are_shown_in_tables_and_csv),
		cmocka_unit_test(wide_rows_come_in_blocks_that_stay_aligned),
		cmocka_unit_test(csv_quotes_what_needs_it),
		cmocka_unit_test(csv_has_no_formulas_but_negative_numbers),
		cmocka_unit_test(lists_of_texts_are_joined),
		cmocka_unit_test(json_keeps_the_bytes),
		cmocka_unit_test(json_of_one_object_is_no_list),
		cmocka_unit_test(jsonl_takes_out_line_breaks_between_tokens),
		cmocka_unit_test(yaml_nests),
		cmocka_unit_test(yaml_quotes_what_could_be_read_otherwise),
		cmocka_unit_test(another_dialect_comes_out_under_our_names),
		cmocka_unit_test(a_member_that_stands_elsewhere_is_found),
		cmocka_unit_test(what_cannot_be_written_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
