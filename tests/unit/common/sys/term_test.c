/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/term.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "tests/support/unit.h"

/* A terminal of our own: what is written to `user` can be read from `master`. */
static int master = -1, user = -1;

static int open_terminal(void **state)
{
	const char *name;

	(void)state;
	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return -1;
	name = ptsname(master);
	user = name ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
	(void)unsetenv("NO_COLOR");
	(void)setenv("TERM", "xterm", 1);
	return user < 0 ? -1 : 0;
}

static int close_terminal(void **state)
{
	(void)state;
	(void)close(user);
	return close(master);
}

static void set_columns(int fd, unsigned short columns)
{
	const struct winsize size = { .ws_row = 25, .ws_col = columns };

	assert_int_equal(ioctl(fd, TIOCSWINSZ, &size), 0);
}

static void a_terminal_is_told_from_a_file(void **state)
{
	DEFER(closep) int file = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_true(term_is_terminal(user));
	assert_false(term_is_terminal(file));
	assert_false(term_is_terminal(-1));
}

static void a_terminal_has_colour(void **state)
{
	DEFER(closep) int file = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_true(term_has_colour(user));
	assert_false(term_has_colour(file));
}

static void no_color_switches_colour_off_unless_empty(void **state)
{
	(void)state;
	assert_int_equal(setenv("NO_COLOR", "", 1), 0);
	assert_true(term_has_colour(user));
	assert_int_equal(setenv("NO_COLOR", "0", 1), 0);
	assert_false(term_has_colour(user));
}

static void a_dumb_or_unknown_terminal_has_no_colour(void **state)
{
	(void)state;
	assert_int_equal(setenv("TERM", "dumb", 1), 0);
	assert_false(term_has_colour(user));
	assert_int_equal(unsetenv("TERM"), 0);
	assert_false(term_has_colour(user));
}

static void the_width_is_the_terminal_s(void **state)
{
	(void)state;
	set_columns(user, 132);
	assert_int_equal(term_width(user), 132);
}

static void an_unknown_width_is_80(void **state)
{
	DEFER(closep) int file = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	set_columns(user, 0);
	assert_int_equal(term_width(user), 80);
	assert_int_equal(term_width(file), 80);
	assert_int_equal(term_width(-1), 80);
}

static void progress_that_is_off_is_never_due(void **state)
{
	struct term_progress p;

	(void)state;
	term_progress_start(&p, false);
	assert_false(term_progress_due(&p));
}

static void progress_starts_a_second_later(void **state)
{
	const uint64_t before = clock_mono_ns();
	struct term_progress p;

	(void)state;
	term_progress_start(&p, true);
	assert_false(p.shown);
	assert_true(p.next_ns >= before + 1000000000);
	p.next_ns = 0;
	assert_true(term_progress_due(&p));
}

/* Calls with fd as standard error; nothing in between may fail, or the message would go there. */
static void show_on(int fd, struct term_progress *p, struct view text)
{
	DEFER(closep) int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);

	(void)dup2(fd, STDERR_FILENO);
	term_progress_show(p, text);
	(void)dup2(saved, STDERR_FILENO);
}

static void clear_on(int fd, struct term_progress *p)
{
	DEFER(closep) int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);

	(void)dup2(fd, STDERR_FILENO);
	term_progress_clear(p);
	(void)dup2(saved, STDERR_FILENO);
}

/* Each write stays apart. */
struct pair {
	int ends[2];
};

static struct pair open_pair(void)
{
	struct pair pair;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.ends), 0);
	return pair;
}

static void close_pair(struct pair *pair)
{
	(void)close(pair->ends[0]);
	(void)close(pair->ends[1]);
}

static const char *next_write(const struct pair *pair)
{
	static char bytes[10000];
	ssize_t n = recv(pair->ends[0], bytes, sizeof(bytes) - 1, MSG_DONTWAIT);

	if (n < 0)
		return NULL;
	bytes[n] = '\0';
	return bytes;
}

static void show_rewrites_the_line_in_one_write(void **state)
{
	DEFER(close_pair) struct pair pair = open_pair();
	struct term_progress p = { .on = true };

	(void)state;
	show_on(pair.ends[1], &p, VIEW("12 files"));
	assert_true(p.shown);
	assert_string_equal(next_write(&pair), "\r12 files\x1b[K");
	assert_null(next_write(&pair));
}

static void show_waits_a_tenth_of_a_second(void **state)
{
	DEFER(close_pair) struct pair pair = open_pair();
	struct term_progress p = { .on = true };
	const uint64_t before = clock_mono_ns();

	(void)state;
	show_on(pair.ends[1], &p, VIEW("1"));
	assert_true(p.next_ns >= before + 100000000);
	p.next_ns = UINT64_MAX;
	show_on(pair.ends[1], &p, VIEW("2"));
	assert_string_equal(next_write(&pair), "\r1\x1b[K");
	assert_null(next_write(&pair));
}

static void show_leaves_the_last_column_free(void **state)
{
	struct term_progress p = { .on = true };
	char bytes[100] = "";

	(void)state;
	set_columns(user, 5);
	show_on(user, &p, VIEW("\xc3\xa4\xc3\xb6\xc3\xbcwxyz"));
	assert_true(read(master, bytes, sizeof(bytes) - 1) > 0);
	assert_string_equal(bytes, "\r\xc3\xa4\xc3\xb6\xc3\xbcw\x1b[K");
}

static void clear_takes_away_only_what_was_shown(void **state)
{
	DEFER(close_pair) struct pair pair = open_pair();
	struct term_progress p = { .on = true };

	(void)state;
	clear_on(pair.ends[1], &p);
	assert_null(next_write(&pair));
	p.shown = true;
	clear_on(pair.ends[1], &p);
	assert_string_equal(next_write(&pair), "\r\x1b[K");
	assert_false(p.shown);
	clear_on(pair.ends[1], &p);
	assert_null(next_write(&pair));
}

#define ON_TERMINAL(test) cmocka_unit_test_setup_teardown(test, open_terminal, close_terminal)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_TERMINAL(a_terminal_is_told_from_a_file),
		ON_TERMINAL(a_terminal_has_colour),
		ON_TERMINAL(no_color_switches_colour_off_unless_empty),
		ON_TERMINAL(a_dumb_or_unknown_terminal_has_no_colour),
		ON_TERMINAL(the_width_is_the_terminal_s),
		ON_TERMINAL(an_unknown_width_is_80),
		cmocka_unit_test(progress_that_is_off_is_never_due),
		cmocka_unit_test(progress_starts_a_second_later),
		cmocka_unit_test(show_rewrites_the_line_in_one_write),
		cmocka_unit_test(show_waits_a_tenth_of_a_second),
		ON_TERMINAL(show_leaves_the_last_column_free),
		cmocka_unit_test(clear_takes_away_only_what_was_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
