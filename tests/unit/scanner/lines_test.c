/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/unit.h"

#define MAX_BYTES 100
#define TEMPLATE "/tmp/skant-lines-XXXXXX"

static void open_text(struct lines *l, const char *text, size_t len)
{
	static char path[sizeof(TEMPLATE)]; /* it is in messages, until the last line is read */
	int fd;

	memcpy(path, TEMPLATE, sizeof(path));
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	(void)close(fd);
	assert_int_equal(lines_open(l, path, MAX_BYTES, NULL), 0);
	(void)unlink(path);
}

static void lines_come_one_by_one_without_their_end(void **state)
{
	DEFER(lines_close) struct lines l;
	struct view line;

	(void)state;
	open_text(&l, "one\r\n\nthree", 11);
	assert_int_equal(lines_next(&l, &line, NULL), 0);
	assert_view(line, "one");
	assert_int_equal(lines_next(&l, &line, NULL), 0);
	assert_view(line, "");
	assert_true(l.has_ended);
	assert_int_equal(lines_next(&l, &line, NULL), 0);
	assert_view(line, "three");
	assert_false(l.has_ended);
	assert_int_equal(l.number, 3);
	assert_int_equal(lines_next(&l, &line, NULL), 1);
	assert_int_equal(l.number, 3);
}

static void a_line_that_is_too_long_is_told_and_passed_over(void **state)
{
	static char text[400000];
	DEFER(lines_close) struct lines l;
	struct err err = ERR_INIT;
	struct view line;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "a\n", 2);
	memcpy(text + sizeof(text) - 3, "\nb\n", 3);
	open_text(&l, text, sizeof(text));
	assert_int_equal(lines_next(&l, &line, &err), 0);
	assert_int_equal(lines_next(&l, &line, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_non_null(strstr(err.text, ":2: "));
	assert_int_equal(lines_next(&l, &line, &err), 0);
	assert_view(line, "b");
	assert_int_equal(l.number, 3);
	assert_int_equal(lines_next(&l, &line, &err), 1);
}

static void many_lines_over_many_reads_are_whole(void **state)
{
	DEFER(lines_close) struct lines l;
	DEFER(buf_done) struct buf text = BUF_INIT(8u << 20);
	struct view line;

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		assert_int_equal(buf_addf(&text, "line %u\n", i), 0);
	open_text(&l, text.ptr, text.len);
	for (unsigned i = 0; i < 100000; i++) {
		char expected[32];

		assert_int_equal(lines_next(&l, &line, NULL), 0);
		assert_int_equal(line.len, snprintf(expected, sizeof(expected), "line %u", i));
		assert_memory_equal(line.ptr, expected, line.len);
	}
	assert_int_equal(lines_next(&l, &line, NULL), 1);
}

static void what_cannot_be_read_is_refused(void **state)
{
	struct err err = ERR_INIT;
	struct lines l;

	(void)state;
	assert_int_equal(lines_open(&l, "/", MAX_BYTES, &err), -1);
	lines_close(&l);
	assert_int_equal(lines_open(&l, "/nothing/there", MAX_BYTES, &err), -1);
	lines_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_one_by_one_without_their_end),
		cmocka_unit_test(a_line_that_is_too_long_is_told_and_passed_over),
		cmocka_unit_test(many_lines_over_many_reads_are_whole),
		cmocka_unit_test(what_cannot_be_read_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
