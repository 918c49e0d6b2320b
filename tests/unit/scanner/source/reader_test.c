/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

/* What a run handed over. */
struct taken {
	uint64_t bytes; /* without what pieces share */
	size_t pieces, unread;
	enum unread reason;
	int errnum;
	unsigned stop_after; /* questions that are answered with no */
	uint64_t expected_offset;
	bool is_in_order, ended;
};

static void take_piece(void *context, unsigned, struct pool_task *, const struct item *, const struct piece *piece)
{
	struct taken *t = context;
	size_t shared = piece->is_first ? 0 : SCAN_OVERLAP_BYTES;

	t->is_in_order = t->is_in_order && piece->offset == t->expected_offset && piece->is_first == (t->pieces == 0);
	t->expected_offset = piece->offset + piece->bytes.len - SCAN_OVERLAP_BYTES;
	t->bytes += piece->bytes.len - shared;
	t->pieces++;
	t->ended = piece->is_last;
}

static void take_unread(void *context, unsigned, struct pool_task *, const struct item *, enum unread reason,
			int errnum)
{
	struct taken *t = context;

	t->unread++;
	t->reason = reason;
	t->errnum = errnum;
}

static bool is_stopped(void *context)
{
	struct taken *t = context;

	return t->stop_after == 0 || --t->stop_after == 0;
}

static struct taken read_all(int fd, bool short_is_end, bool may_wait, unsigned stop_after)
{
	struct taken t = { .is_in_order = true, .stop_after = stop_after };
	struct item_sink sink = { .context = &t, .piece = take_piece, .unread = take_unread, .stopped = is_stopped };
	struct reader_target to = { .sink = &sink, .short_is_end = short_is_end, .may_wait = may_wait };
	struct item item = { .name = VIEW("f") };
	struct reader r;
	struct err err = ERR_INIT;

	assert_int_equal(reader_init(&r, &err), 0);
	reader_run(&r, fd, &item, &to);
	reader_done(&r);
	assert_true(t.is_in_order);
	return t;
}

static void short_reads_are_joined_unless_one_is_the_end(void **state)
{
	struct taken t;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(write(ends[1], "ab", 2), 2);
	t = read_all(ends[0], true, false, 100);
	assert_int_equal(t.bytes, 2);
	(void)close(ends[1]);
	t = read_all(ends[0], false, false, 100);
	assert_int_equal(t.bytes, 4);
	assert_int_equal(t.unread, 0);
	(void)close(ends[0]);
}

static void a_short_read_that_stops_at_a_sector_is_looked_behind(void **state)
{
	static char sector[512];
	struct taken t;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(write(ends[1], sector, sizeof(sector)), (int)sizeof(sector));
	assert_int_equal(write(ends[1], "ab", 2), 2);
	t = read_all(ends[0], true, false, 100);
	assert_int_equal(t.bytes, 514);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void what_came_before_an_error_is_kept(void **state)
{
	DEFER(closep) int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct taken t;
	int user;

	(void)state;
	if (master < 0)
		skip_because("there is no terminal to be had");
	assert_true(grantpt(master) == 0 && unlockpt(master) == 0);
	user = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_int_equal(write(user, "text", 4), 4);
	(void)close(user); /* a terminal that nobody has open gives EIO, after what was written */
	t = read_all(master, false, false, 100);
	assert_int_equal(t.bytes, 4);
	assert_true(t.ended);
	assert_int_equal(t.reason, UNREAD_UNREADABLE);
	assert_int_equal(t.errnum, EIO);
}

static void a_stream_that_stalls_can_be_stopped(void **state)
{
	struct taken t;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], "abc", 3), 3);
	t = read_all(ends[0], false, true, 3);
	assert_int_equal(t.bytes, 3);
	assert_true(t.ended);
	assert_int_equal(t.unread, 1);
	assert_int_equal(t.reason, UNREAD_INTERRUPTED);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void what_would_have_us_wait_is_no_file(void **state)
{
	struct taken t;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	t = read_all(ends[0], false, false, 100);
	assert_int_equal(t.unread, 1);
	assert_int_equal(t.reason, UNREAD_SPECIAL);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void large_files_come_in_pieces_that_overlap(void **state)
{
	static const uint64_t sizes[] = { SCAN_WINDOW_BYTES - 1, SCAN_WINDOW_BYTES, SCAN_WINDOW_BYTES + 1,
					  2 * SCAN_WINDOW_BYTES - SCAN_OVERLAP_BYTES, 3 * SCAN_WINDOW_BYTES };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		char path[] = "/tmp/skant-reader-XXXXXX";
		int fd = mkstemp(path);
		struct taken t;

		assert_true(fd >= 0);
		assert_int_equal(unlink(path), 0);
		assert_int_equal(ftruncate(fd, (off_t)sizes[i]), 0);
		t = read_all(fd, true, false, 100);
		assert_int_equal(t.bytes, sizes[i]);
		assert_true(t.ended);
		assert_int_equal(t.pieces > 1, sizes[i] >= SCAN_WINDOW_BYTES);
		(void)close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_reads_are_joined_unless_one_is_the_end),
		cmocka_unit_test(a_short_read_that_stops_at_a_sector_is_looked_behind),
		cmocka_unit_test(what_came_before_an_error_is_kept),
		cmocka_unit_test(a_stream_that_stalls_can_be_stopped),
		cmocka_unit_test(what_would_have_us_wait_is_no_file),
		cmocka_unit_test(large_files_come_in_pieces_that_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
