/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/message_queue.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/sys/file.h"
#include "tests/support/unit.h"

static char path[] = "/tmp/skant-queue-XXXXXX";

static int begin(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return -1;
	(void)close(fd);
	return 0;
}

static int end(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_queue(struct view text)
{
	struct file_replace f = { .fd = -1 };
	struct err err = ERR_INIT;

	assert_int_equal(file_replace_open(&f, path, 0600, &err), 0);
	assert_int_equal(file_write_full(f.fd, text), 0);
	assert_int_equal(file_replace_commit(&f, &err), 0);
}

static void blank_lines_count_and_are_passed_over(void **state)
{
	DEFER(buf_done) struct buf line = BUF_INIT(100);
	struct message_queue q;
	struct err err = ERR_INIT;
	uint64_t number;

	(void)state;
	write_queue(VIEW("\n {\"a\":1}\r\n\t\n\n{\"b\":2}"));
	assert_int_equal(message_queue_open(&q, path, &err), 0);
	assert_int_equal(message_queue_next(&q, NULL, &line, &number, &err), 1);
	assert_view(buf_view(&line), "{\"a\":1}");
	assert_int_equal(number, 2);
	assert_int_equal(message_queue_next(&q, NULL, &line, &number, &err), 1);
	assert_view(buf_view(&line), "{\"b\":2}");
	assert_int_equal(number, 5);
	assert_int_equal(message_queue_next(&q, NULL, &line, &number, &err), 0);
	message_queue_done(&q);
}

static void a_line_that_is_too_long_is_told_by_its_number(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(2 * (size_t)QUEUE_LINE_BYTES), line = BUF_INIT(QUEUE_LINE_BYTES);
	struct message_queue q;
	struct err err = ERR_INIT;
	uint64_t number;

	(void)state;
	assert_int_equal(buf_add_text(&text, "{}\n"), 0);
	assert_int_equal(buf_reserve(&text, QUEUE_LINE_BYTES + QUEUE_READ_BYTES), 0);
	memset(text.ptr + text.len, ' ', QUEUE_LINE_BYTES + QUEUE_READ_BYTES);
	text.len += QUEUE_LINE_BYTES + QUEUE_READ_BYTES;
	write_queue(buf_view(&text));
	assert_int_equal(message_queue_open(&q, path, &err), 0);
	assert_int_equal(message_queue_next(&q, NULL, &line, &number, &err), 1);
	assert_int_equal(message_queue_next(&q, NULL, &line, &number, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_non_null(strstr(err.text, ":2: the line is longer"));
	message_queue_done(&q);
}

static void a_checked_queue_is_read_from_its_beginning(void **state)
{
	static const struct prompt_defaults defaults = { .model = "m", .max_tokens = 1 };
	DEFER(buf_done) struct buf line = BUF_INIT(100);
	struct message_queue q;
	struct err err = ERR_INIT;
	uint64_t count, number;

	(void)state;
	write_queue(VIEW("{\"prompt\":\"a\"}\n{\"prompt\":\"b\"}\n"));
	assert_int_equal(message_queue_open(&q, path, &err), 0);
	assert_int_equal(message_queue_check(&q, &defaults, &count, &err), 0);
	assert_int_equal(count, 2);
	assert_int_equal(message_queue_next(&q, NULL, &line, &number, &err), 1);
	assert_int_equal(number, 1);
	message_queue_done(&q);
}

static void a_stop_flag_ends_the_wait_for_a_line(void **state)
{
	DEFER(buf_done) struct buf line = BUF_INIT(100);
	struct message_queue q = { .name = "pipe", .pending = BUF_INIT(QUEUE_LINE_BYTES + QUEUE_READ_BYTES) };
	atomic_bool stop = true;
	struct err err = ERR_INIT;
	uint64_t number;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	q.fd = fds[0];
	assert_int_equal(message_queue_next(&q, &stop, &line, &number, &err), 0);
	message_queue_done(&q);
	(void)close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blank_lines_count_and_are_passed_over),
		cmocka_unit_test(a_line_that_is_too_long_is_told_by_its_number),
		cmocka_unit_test(a_checked_queue_is_read_from_its_beginning),
		cmocka_unit_test(a_stop_flag_ends_the_wait_for_a_line),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
