/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/err.h"
#include "common/base/text.h"
#include "common/sys/self.h"
#include "tests/support/unit.h"

/* What goes to standard error is caught in a socket that keeps each write apart. */
struct catch
{
	int saved, reader;
	char line[8 * LOG_LINE_BYTES];
};

static struct catch caught;

static int catch_stderr(void **state)
{
	int ends[2];

	(void)state;
	(void)unsetenv("JOURNAL_STREAM");
	log_init("prog", LOG_DEBUG);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	caught.saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	caught.reader = ends[0];
	if (caught.saved < 0 || dup2(ends[1], STDERR_FILENO) < 0)
		return -1;
	return close(ends[1]);
}

static int release_stderr(void **state)
{
	(void)state;
	(void)dup2(caught.saved, STDERR_FILENO);
	(void)close(caught.saved);
	return close(caught.reader);
}

/* The bytes of one write, or NULL when there was none. */
static const char *next_write(void)
{
	ssize_t n = recv(caught.reader, caught.line, sizeof(caught.line) - 1, MSG_DONTWAIT);

	if (n < 0)
		return NULL;
	caught.line[n] = '\0';
	return caught.line;
}

static void each_level_has_its_form(void **state)
{
	(void)state;
	log_error("cannot %s", "open");
	assert_string_equal(next_write(), "prog: error: cannot open\n");
	log_warn("%d left", 3);
	assert_string_equal(next_write(), "prog: warning: 3 left\n");
	log_info("done");
	assert_string_equal(next_write(), "prog: done\n");
	log_debug("detail");
	assert_string_equal(next_write(), "prog: detail\n");
}

static void what_is_called_back_with_is_a_warning(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	log_warn_text("100%s");
	assert_string_equal(next_write(), "prog: warning: 100%s\n");
	(void)err_set(&err, ERR_LATER, 0, "wait %d%%", 5);
	log_warn_err(NULL, &err);
	assert_string_equal(next_write(), "prog: warning: wait 5%\n");
	log_set_level(LOG_ERROR);
	log_warn_text("a");
	log_warn_err(NULL, &err);
	assert_null(next_write());
}

static void levels_beyond_the_limit_are_silent(void **state)
{
	static const unsigned expected[] = { 1, 2, 3, 4 };

	(void)state;
	for (unsigned level = LOG_ERROR; level <= LOG_DEBUG; level++) {
		unsigned count = 0;

		log_set_level((enum log_level)level);
		assert_int_equal(log_level(), level);
		log_error("a");
		log_warn("b");
		log_info("c");
		log_debug("d");
		while (next_write())
			count++;
		assert_int_equal(count, expected[level]);
	}
}

static void is_on_follows_the_level(void **state)
{
	(void)state;
	log_set_level(LOG_WARN);
	assert_true(log_is_on(LOG_ERROR));
	assert_true(log_is_on(LOG_WARN));
	assert_false(log_is_on(LOG_INFO));
}

static void level_names_stand_at_their_level(void **state)
{
	(void)state;
	assert_string_equal(log_level_names[LOG_ERROR], "error");
	assert_string_equal(log_level_names[LOG_WARN], "warn");
	assert_string_equal(log_level_names[LOG_INFO], "info");
	assert_string_equal(log_level_names[LOG_DEBUG], "debug");
}

static void a_line_is_one_write(void **state)
{
	(void)state;
	log_info("%s and %s", "one", "two");
	assert_string_equal(next_write(), "prog: one and two\n");
	assert_null(next_write());
}

static void control_bytes_do_not_reach_the_terminal(void **state)
{
	(void)state;
	log_warn("'%s'", "a\x1b[2J\r\nprog: error: forged\xff\xc2\x9b");
	assert_string_equal(next_write(), "prog: warning: 'a\\x1b[2J\\x0d\\x0aprog: error: forged\\xff\\xc2\\x9b'\n");
}

static void a_key_is_masked(void **state)
{
	DEFER(buf_done) struct buf key = BUF_INIT(200);

	(void)state;
	assert_int_equal(buf_add_text(&key, "sk-ant-api03-"), 0);
	for (unsigned i = 0; i < 95; i++)
		assert_int_equal(buf_add_byte(&key, (char)('a' + i % 26)), 0);
	log_error("cannot open '%s'", key.ptr);
	assert_string_equal(next_write(), "prog: error: cannot open 'sk-ant-api03-abc...nopq'\n");
}

static void a_long_line_ends_in_dots(void **state)
{
	char text[2 * LOG_LINE_BYTES];
	const char *line;

	(void)state;
	memset(text, 'n', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_info("%s", text);
	line = next_write();
	assert_int_equal(strlen(line), strlen("prog: ") + LOG_LINE_BYTES - 1 + 1);
	assert_string_equal(line + strlen(line) - 5, "n...\n");
}

static void a_long_line_of_control_bytes_is_whole(void **state)
{
	char text[LOG_LINE_BYTES];

	(void)state;
	memset(text, '\x01', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_info("%s", text);
	assert_int_equal(strlen(next_write()), strlen("prog: ") + 4 * (LOG_LINE_BYTES - 1) + 1);
}

static void errno_is_kept(void **state)
{
	(void)state;
	(void)close(STDERR_FILENO);
	errno = ENOSPC;
	log_error("x");
	assert_int_equal(errno, ENOSPC);
}

static void without_init_the_program_s_own_name_is_shown(void **state)
{
	(void)state;
	self_init("/in/a/folder/log_test"); /* as it is called: not all systems tell it */
	log_init(NULL, LOG_INFO);
	log_info("x");
	assert_string_equal(next_write(), "log_test: x\n");
}

/* $JOURNAL_STREAM as systemd sets it for the standard error that is caught here; the inode may be another. */
static void say_it_is_a_journal(uint64_t inode_more)
{
	DEFER(buf_done) struct buf stream = BUF_INIT(100);
	struct stat st;

	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	assert_int_equal(buf_addf(&stream, "%" PRIu64 ":%" PRIu64, (uint64_t)st.st_dev, st.st_ino + inode_more), 0);
	assert_int_equal(setenv("JOURNAL_STREAM", stream.ptr, 1), 0);
	log_init("prog", LOG_DEBUG);
}

static void journald_is_told_each_level(void **state)
{
	(void)state;
	say_it_is_a_journal(0);
	log_error("cannot %s", "open");
	assert_string_equal(next_write(), "<3>prog: error: cannot open\n");
	log_warn("%d left", 3);
	assert_string_equal(next_write(), "<4>prog: warning: 3 left\n");
	log_info("done");
	assert_string_equal(next_write(), "<6>prog: done\n");
	log_debug("detail");
	assert_string_equal(next_write(), "<7>prog: detail\n");
}

static void a_journal_that_standard_error_does_not_lead_to_is_told_nothing(void **state)
{
	static const char *const others[] = { "", ":", "1", "1:", ":1", "1:2:3", "x:y", "-1:-1" };

	(void)state;
	say_it_is_a_journal(1);
	log_error("x");
	assert_string_equal(next_write(), "prog: error: x\n");
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		assert_int_equal(setenv("JOURNAL_STREAM", others[i], 1), 0);
		log_init("prog", LOG_DEBUG);
		log_error("x");
		assert_string_equal(next_write(), "prog: error: x\n");
	}
}

#define THREADS 4
#define LINES_EACH 20

static void *log_lines(void *argument)
{
	(void)argument;
	for (unsigned i = 0; i < LINES_EACH; i++)
		log_info("a line from one of some threads");
	return NULL;
}

static void lines_of_threads_do_not_mix(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, log_lines, NULL), 0);
	for (size_t i = 0; i < THREADS * LINES_EACH; i++) {
		ssize_t n = recv(caught.reader, caught.line, sizeof(caught.line), 0);

		assert_true(
			text_eq(view_from(caught.line, (size_t)n), VIEW("prog: a line from one of some threads\n")));
	}
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_null(next_write());
}

#define CATCHING(test) cmocka_unit_test_setup_teardown(test, catch_stderr, release_stderr)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CATCHING(each_level_has_its_form),
		CATCHING(what_is_called_back_with_is_a_warning),
		CATCHING(levels_beyond_the_limit_are_silent),
		CATCHING(is_on_follows_the_level),
		CATCHING(level_names_stand_at_their_level),
		CATCHING(a_line_is_one_write),
		CATCHING(control_bytes_do_not_reach_the_terminal),
		CATCHING(a_key_is_masked),
		CATCHING(a_long_line_ends_in_dots),
		CATCHING(a_long_line_of_control_bytes_is_whole),
		CATCHING(errno_is_kept),
		CATCHING(without_init_the_program_s_own_name_is_shown),
		CATCHING(journald_is_told_each_level),
		CATCHING(a_journal_that_standard_error_does_not_lead_to_is_told_nothing),
		CATCHING(lines_of_threads_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
