/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/tables.h"

#include <stdio.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/match/matcher.h"
#include "tests/support/unit.h"

#define PIECE_BYTES (3 * SCAN_OVERLAP_BYTES)
#define TEXT_BYTES (16u << 20)

static const char rules[] = "version: 1\nrules:\n"
			    "  - {id: csv, title: t, keywords: [acme], regex: 'acme', paths: {include: ['*.csv']},\n"
			    "     table: {format: csv, columns: [name], headings: [acme keys]}}\n"
			    "  - {id: md, title: t, keywords: [acme], also: ['--'], regex: 'acme',\n"
			    "     table: {format: markdown, columns: [name]}}\n";

/* The matcher with what it found in an item. */
struct fixture {
	struct ruleset *set;
	struct matcher *matcher;
	struct matcher_worker *worker;
	struct buf text;
	uint64_t starts[20000]; /* of cells, in the order in which they were told */
	size_t count;
	size_t opened;   /* pieces that were looked through */
	size_t troubles; /* pieces in which something could not be read */
	struct err err;
};

static void open_fixture(struct fixture *f)
{
	struct err err = ERR_INIT;

	*f = (struct fixture){ .set = ruleset_new(), .text = BUF_INIT(TEXT_BYTES) };
	if (ruleset_parse(f->set, view_of(rules), "r", &err))
		fail_msg("%s", err.text);
	f->matcher = matcher_new(f->set, &err);
	assert_non_null(f->matcher);
	f->worker = matcher_worker_new(f->matcher);
	assert_non_null(f->worker);
}

static void close_fixture(struct fixture *f)
{
	matcher_worker_free(f->worker);
	matcher_free(f->matcher);
	ruleset_free(f->set);
	buf_done(&f->text);
}

static void add(struct fixture *f, const char *text)
{
	assert_int_equal(buf_add(&f->text, view_of(text)), 0);
}

static void add_rows(struct fixture *f, const char *row, size_t bytes)
{
	for (size_t end = f->text.len + bytes; f->text.len < end;)
		add(f, row);
}

/* As the search does it: a piece without a keyword is looked through when the matcher wants it. */
static void run_piece(struct fixture *f, const struct item *item, const struct piece *piece)
{
	struct subject s = { .text = piece->bytes, .base = piece->offset, .stride = 1 };
	struct matcher_trouble trouble;
	const struct match *matches;
	size_t count, hit = text_find(piece->bytes, VIEW("acme"));

	matcher_start(f->worker, item, piece);
	if (hit != SIZE_MAX || matcher_wants_all(f->worker)) {
		f->opened++;
		matcher_open(f->worker, &s);
		if (hit != SIZE_MAX)
			matcher_hit(f->worker, 0, hit);
		matcher_close(f->worker);
		assert_false(matcher_wants_all(f->worker)); /* not of what is decoded */
	}
	count = matcher_finish(f->worker, &matches, &trouble);
	for (size_t i = 0; i < count; i++) {
		assert_true(f->count < ARRAY_LEN(f->starts));
		f->starts[f->count++] = matches[i].start;
	}
	f->troubles += trouble.any;
	if (trouble.any)
		f->err = trouble.err;
}

static void run(struct fixture *f, const char *name, size_t piece_bytes)
{
	struct item item = { .name = view_of(name) };
	size_t at = 0;

	f->count = f->troubles = f->opened = 0;
	for (bool is_last = false; !is_last; at += piece_bytes - SCAN_OVERLAP_BYTES) {
		struct piece piece = { .bytes = view_sub(buf_view(&f->text), at, piece_bytes), .offset = at };

		piece.is_first = at == 0;
		piece.is_last = is_last = at + piece.bytes.len == f->text.len;
		run_piece(f, &item, &piece);
	}
}

static void each_row_over_pieces_is_told_once(void **state)
{
	static struct fixture f;
	static uint64_t expected[ARRAY_LEN(f.starts)];
	char row[64];

	(void)state;
	open_fixture(&f);
	add(&f, "note,id,name\n");
	for (size_t n = 0; n < 6000; n++) {
		add(&f, "\"two\nlines\n\n\"\"acme,b,c\"\"\n");
		add_rows(&f, "text,\n", n % 500 == 0 ? 30000 : n * 7919 % 200);
		(void)snprintf(row, sizeof(row), "\",%zu,", n);
		add(&f, row);
		expected[n] = f.text.len;
		add(&f, "key\n");
	}
	for (size_t bytes = PIECE_BYTES; bytes < PIECE_BYTES + 40000; bytes += 3989) {
		run(&f, "a.csv", bytes);
		assert_int_equal(f.troubles, 0);
		assert_int_equal(f.count, 6000);
		assert_memory_equal(f.starts, expected, 6000 * sizeof(*expected));
	}
	close_fixture(&f);
}

static void a_header_is_known_though_the_keyword_stands_in_a_later_piece(void **state)
{
	static struct fixture f;

	(void)state;
	open_fixture(&f);
	add(&f, "id,name\n");
	add_rows(&f, "1,other\n", 3 * PIECE_BYTES);
	add(&f, "acme,A\n");
	run(&f, "a.csv", PIECE_BYTES);
	assert_int_equal(f.count, 1);
	assert_int_equal(f.troubles, 0);
	run(&f, "a.txt", PIECE_BYTES);
	assert_int_equal(f.count, 0);
	close_fixture(&f);
}

static void a_heading_counts_for_rows_of_later_pieces(void **state)
{
	static struct fixture f;

	(void)state;
	open_fixture(&f);
	add(&f, "# acme keys\nid,name\n");
	add_rows(&f, "1,-\n", 2 * PIECE_BYTES);
	add(&f, "1,A\n\nid,name\n2,B\n");
	run(&f, "a.csv", PIECE_BYTES);
	assert_int_equal(f.count, 1);
	close_fixture(&f);
}

static void a_large_file_without_such_a_table_is_no_trouble(void **state)
{
	static struct fixture f;

	(void)state;
	open_fixture(&f);
	add(&f, "id,owner\n");
	add_rows(&f, "acme,\"A\n", 3 * PIECE_BYTES);
	for (size_t i = 20; i < f.text.len; i++)
		f.text.ptr[i] = f.text.ptr[i] == '\n' ? ' ' : f.text.ptr[i];
	run(&f, "a.csv", PIECE_BYTES);
	assert_int_equal(f.count, 0);
	assert_int_equal(f.troubles, 0);
	close_fixture(&f);
}

static void a_row_longer_than_what_pieces_share_is_told_once(void **state)
{
	static struct fixture f;

	(void)state;
	open_fixture(&f);
	add(&f, "id,name\nacme,A\n");
	for (size_t n = 0; n < 3; n++) {
		add_rows(&f, "x", 3 * PIECE_BYTES);
		add(&f, ",lost\n");
		add_rows(&f, "1,other\n", PIECE_BYTES);
		add(&f, "acme,B\n");
	}
	run(&f, "a.csv", PIECE_BYTES);
	assert_int_equal(f.count, 4);
	assert_int_equal(f.troubles, 1);
	assert_int_equal(f.err.kind, ERR_LIMIT);
	assert_string_equal(f.err.text, "rule 'csv' reads rows of tables of at most 32768 bytes");
	run(&f, "a.csv", PIECE_BYTES);
	assert_int_equal(f.troubles, 1);
	close_fixture(&f);
}

static void a_long_row_is_told_only_where_a_keyword_stands(void **state)
{
	static struct fixture f;

	(void)state;
	open_fixture(&f);
	add(&f, "id,name\n");
	add_rows(&f, "x", 3 * PIECE_BYTES);
	add(&f, ",other\n");
	add_rows(&f, "1,other\n", 2 * PIECE_BYTES);
	add(&f, "acme,A\n");
	run(&f, "a.csv", PIECE_BYTES);
	assert_int_equal(f.count, 1);
	assert_int_equal(f.troubles, 0);
	close_fixture(&f);
}

static void a_long_row_that_counts_by_its_start_is_told_of_as_others(void **state)
{
	static struct fixture f;

	(void)state;
	open_fixture(&f);
	add(&f, "name,id,x\n");
	add_rows(&f, "-,1\n", PIECE_BYTES - SCAN_OVERLAP_BYTES);
	add(&f, "A,acme,");
	add_rows(&f, "x", PIECE_BYTES);
	add(&f, "\nB,acme\n");
	run(&f, "a.csv", PIECE_BYTES);
	assert_int_equal(f.count, 2);
	assert_int_equal(f.troubles, 0);
	close_fixture(&f);
}

static void nothing_is_kept_from_one_item_to_the_next(void **state)
{
	static struct fixture f;

	(void)state;
	open_fixture(&f);
	add(&f, "id,name\n");
	add_rows(&f, "acme, no name at all,-\nacme,A\n", PIECE_BYTES + 100);
	run(&f, "a.csv", PIECE_BYTES);
	assert_true(f.count > 1000);
	memcpy(f.text.ptr, "id,nema\n", 8);
	run(&f, "a.csv", PIECE_BYTES);
	assert_int_equal(f.count, 0);
	buf_cut(&f.text, 100);
	run(&f, "a.csv", PIECE_BYTES);
	assert_int_equal(f.count, 0);
	close_fixture(&f);
}

static void a_markdown_table_goes_on_though_only_its_later_rows_have_the_keyword(void **state)
{
	static struct fixture f;

	(void)state;
	open_fixture(&f);
	for (size_t before = PIECE_BYTES - SCAN_OVERLAP_BYTES - 900; before < PIECE_BYTES + 100;
	     before += 487 * (8 / SLOWED(8))) {
		buf_clear(&f.text);
		add_rows(&f, "text without\n", before - 500);
		add(&f, "\n| id | name |\n|--|--|\n");
		add_rows(&f, "| other | none |\n", 1000 + 2 * PIECE_BYTES);
		add(&f, "| acme | A |\n\n| acme | B |\n");
		run(&f, "a.md", PIECE_BYTES);
		assert_int_equal(f.count, 1);
		assert_int_equal(f.troubles, 0);
		assert_true(f.opened > 2);
	}
	close_fixture(&f);
}

static void an_item_of_one_piece_without_a_keyword_is_not_looked_through(void **state)
{
	static struct fixture f;

	(void)state;
	open_fixture(&f);
	add(&f, "id,name\n1,other\n");
	run(&f, "a.csv", PIECE_BYTES);
	assert_int_equal(f.opened, 0);
	close_fixture(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_over_pieces_is_told_once),
		cmocka_unit_test(a_header_is_known_though_the_keyword_stands_in_a_later_piece),
		cmocka_unit_test(a_heading_counts_for_rows_of_later_pieces),
		cmocka_unit_test(a_large_file_without_such_a_table_is_no_trouble),
		cmocka_unit_test(a_row_longer_than_what_pieces_share_is_told_once),
		cmocka_unit_test(a_long_row_is_told_only_where_a_keyword_stands),
		cmocka_unit_test(a_long_row_that_counts_by_its_start_is_told_of_as_others),
		cmocka_unit_test(nothing_is_kept_from_one_item_to_the_next),
		cmocka_unit_test(a_markdown_table_goes_on_though_only_its_later_rows_have_the_keyword),
		cmocka_unit_test(an_item_of_one_piece_without_a_keyword_is_not_looked_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
