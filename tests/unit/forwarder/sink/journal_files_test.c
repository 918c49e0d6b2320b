/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's files from outside, made up here: only their headers count. */
#include "forwarder/sink/journal_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/sys/file.h"
#include "tests/support/unit.h"

#define HEADER_SIZE 272 /* of systemd 252 */

struct folder {
	char path[64];
};

static void put64(char *bytes, uint64_t n)
{
	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (char)(n >> (8 * i));
}

static void fill_header(char bytes[static HEADER_SIZE], unsigned state, uint64_t entries, uint64_t first, uint64_t last)
{
	memset(bytes, 0, HEADER_SIZE);
	memcpy(bytes, "LPKSHHRH", 8);
	bytes[16] = (char)state;
	put64(bytes + 88, HEADER_SIZE);
	put64(bytes + 152, entries);
	put64(bytes + 184, first);
	put64(bytes + 192, last);
}

static int set_up(void **state)
{
	const char *base = getenv("TMPDIR");
	struct folder *f = calloc(1, sizeof(*f));

	(void)snprintf(f->path, sizeof(f->path), "%s/skant-jf-XXXXXX", base && strlen(base) < 40 ? base : "/tmp");
	if (!mkdtemp(f->path))
		return -1;
	*state = f;
	return 0;
}

static const char *const names[] = {
	"system.journal",     "system@1.journal", "system@2.journal",  "system@3.journal~",
	"user-0.journal",     "user-1.journal",   "other.journal",     "system.journal.x",
	"user-65530.journal", "remote-x.journal", "user-4242.journal", "user-4243.journal"
};

static int tear_down(void **state)
{
	struct folder *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[128];

		(void)snprintf(path, sizeof(path), "%s/%s", f->path, names[i]);
		(void)unlink(path);
	}
	if (rmdir(f->path))
		return -1;
	free(f);
	return 0;
}

static void put_file(const struct folder *f, const char *name, const char *bytes, size_t len)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", f->path, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(file_write_full(fd, view_from(bytes, len)), 0);
	(void)close(fd);
}

static void put_journal(const struct folder *f, const char *name, unsigned state, uint64_t entries, uint64_t first)
{
	char bytes[HEADER_SIZE];

	fill_header(bytes, state, entries, first, first + 10);
	put_file(f, name, bytes, sizeof(bytes));
}

static int64_t oldest(const struct folder *f)
{
	int64_t us = -1;

	assert_int_equal(journal_files_oldest(f->path, &us, NULL), 0);
	return us;
}

static void a_header_tells_state_entries_and_times(void **state)
{
	struct journal_header header;
	char bytes[HEADER_SIZE];

	(void)state;
	fill_header(bytes, 1, UINT64_C(0x0102030405060708), 1700000000000000, 1700000000000001);
	assert_int_equal(journal_header_read(view_from(bytes, sizeof(bytes)), &header), 0);
	assert_int_equal(header.state, JOURNAL_ONLINE);
	assert_true(header.entries == UINT64_C(0x0102030405060708));
	assert_true(header.first_us == 1700000000000000 && header.last_us == 1700000000000001);
}

static void a_torn_or_foreign_header_is_none(void **state)
{
	struct journal_header header;
	char bytes[HEADER_SIZE];

	(void)state;
	fill_header(bytes, 0, 1, 1, 1);
	for (size_t len = 0; len < JOURNAL_HEADER_BYTES; len++)
		assert_int_equal(journal_header_read(view_from(bytes, len), &header), -1);
	assert_int_equal(journal_header_read(view_from(bytes, JOURNAL_HEADER_BYTES), &header), 0);
	for (size_t i = 0; i < 8; i++) {
		bytes[i] ^= 1;
		assert_int_equal(journal_header_read(view_from(bytes, sizeof(bytes)), &header), -1);
		bytes[i] ^= 1;
	}
	bytes[16] = 3;
	assert_int_equal(journal_header_read(view_from(bytes, sizeof(bytes)), &header), -1);
	bytes[16] = 0;
	put64(bytes + 88, JOURNAL_HEADER_BYTES - 1);
	assert_int_equal(journal_header_read(view_from(bytes, sizeof(bytes)), &header), -1);
}

static void the_oldest_entry_is_that_of_the_files_our_entries_go_to(void **state)
{
	const struct folder *f = *state;

	assert_int_equal(oldest(f), 0);
	put_journal(f, "system.journal", 1, 5, 3000);
	assert_int_equal(oldest(f), 3000);
	put_journal(f, "system@1.journal", 2, 5, 2000);
	put_journal(f, "system@2.journal", 2, 0, 100); /* without an entry */
	put_journal(f, "other.journal", 2, 5, 50);
	put_journal(f, "user-65530.journal", 1, 5, 60); /* somebody else's */
	assert_int_equal(oldest(f), 2000);
	put_journal(f, "system@3.journal~", 1, 5, 1000);
	assert_int_equal(oldest(f), 1000);
}

static void files_that_are_short_or_no_journals_do_not_count(void **state)
{
	const struct folder *f = *state;
	char bytes[HEADER_SIZE];

	fill_header(bytes, 1, 5, 10, 20);
	put_file(f, "system.journal", bytes, 100);
	put_file(f, "system@1.journal", "no journal", 10);
	put_file(f, "system@2.journal", "", 0);
	assert_int_equal(oldest(f), 0);
}

static void a_folder_that_is_not_there_has_no_entry_and_nothing_to_sync(void **state)
{
	struct journal_sync sync = { .folder = "/nowhere/at/all" };
	int64_t us = -1;

	(void)state;
	assert_int_equal(journal_files_oldest(sync.folder, &us, NULL), 0);
	assert_int_equal(us, 0);
	assert_int_equal(journal_sync(&sync, NULL), 0);
	assert_int_equal(journal_is_synced(sync.folder, NULL), 0);
	assert_int_equal(journal_files_check(sync.folder, NULL), 0);
}

static void what_goes_wrong_with_the_folder_is_said(void **state)
{
	const struct folder *f = *state;
	struct err oldest_err = ERR_INIT, unclean_err = ERR_INIT;
	char path[128];
	int64_t us;

	put_journal(f, "system.journal", 1, 5, 1);
	(void)snprintf(path, sizeof(path), "%s/system.journal", f->path); /* no folder */
	assert_int_equal(journal_files_oldest(path, &us, &oldest_err), -1);
	assert_int_equal(oldest_err.kind, ERR_IO);
	assert_non_null(strstr(oldest_err.text, path));
	assert_int_equal(journal_files_unclean(path, 0, &unclean_err), -1);
	assert_non_null(strstr(unclean_err.text, path));
}

static void a_file_that_may_not_be_read_is_an_error_with_advice(void **state)
{
	const struct folder *f = *state;
	struct err err = ERR_INIT;
	char path[128];

	if (geteuid() == 0)
		skip_because("root reads everything");
	put_journal(f, "system.journal", 1, 5, 1);
	(void)snprintf(path, sizeof(path), "%s/system.journal", f->path);
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(journal_files_check(f->path, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "systemd-journal"));
}

static void a_killed_journald_shows_in_a_file_that_was_set_aside(void **state)
{
	const struct folder *f = *state;
	int64_t now_us = clock_unix_s() * 1'000'000;

	put_journal(f, "system.journal", 1, 5, 1);
	assert_int_equal(journal_files_unclean(f->path, now_us, NULL), 0);
	put_journal(f, "system@3.journal~", 1, 5, 1);
	assert_int_equal(journal_files_unclean(f->path, now_us, NULL), 1);
	assert_int_equal(journal_files_unclean(f->path, now_us + INT64_C(3600) * 1'000'000, NULL), 0);
}

static bool has_path(const struct journal_live *live, const char *name)
{
	for (size_t i = 0; i < live->count; i++)
		if (strcmp(strrchr(live->paths[i], '/') + 1, name) == 0)
			return true;
	return false;
}

static void set_age(const struct folder *f, const char *name, time_t s)
{
	const struct timespec times[] = { { .tv_sec = s }, { .tv_sec = s } };
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", f->path, name);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void live_are_those_that_are_written_to_and_those_that_were_since(void **state)
{
	const struct folder *f = *state;
	struct journal_live live;

	put_journal(f, "system.journal", 0, 5, 1000);
	put_journal(f, "system@1.journal", 2, 5, 500'000'000); /* as its last entry tells */
	put_journal(f, "system@2.journal", 2, 5, 1000);
	put_journal(f, "system@3.journal~", 1, 5, 1000); /* as its time tells */
	put_journal(f, "other.journal", 1, 5, 900'000'000);
	set_age(f, "system.journal", 10);
	set_age(f, "system@1.journal", 10);
	set_age(f, "system@2.journal", 10);
	set_age(f, "system@3.journal~", 300);
	assert_int_equal(journal_live_find(f->path, geteuid(), 200'000'000, &live, NULL), 0);
	assert_int_equal(live.count, 3);
	assert_null(live.paths[3]);
	assert_true(has_path(&live, "system.journal") && has_path(&live, "system@1.journal") &&
		    has_path(&live, "system@3.journal~"));
	assert_true(journal_live_is_current(&live));
	journal_live_done(&live);
	assert_int_equal(journal_live_find(f->path, geteuid(), 0, &live, NULL), 0);
	assert_int_equal(live.count, 4);
	journal_live_done(&live);
}

static void live_are_those_of_the_user_who_is_asked_about(void **state)
{
	const struct folder *f = *state;
	struct journal_live live;

	put_journal(f, "user-4242.journal", 1, 5, 1000);
	put_journal(f, "user-4243.journal", 1, 5, 1000);
	assert_int_equal(journal_live_find(f->path, 4242, 0, &live, NULL), 0);
	assert_int_equal(live.count, 1);
	assert_true(has_path(&live, "user-4242.journal"));
	journal_live_done(&live);
}

static void live_ones_are_not_current_once_another_file_is_written_to(void **state)
{
	const struct folder *f = *state;
	struct journal_live live;
	char from[128], to[128];

	assert_int_equal(journal_live_find(f->path, geteuid(), 0, &live, NULL), 0);
	assert_int_equal(live.count, 0);
	assert_true(journal_live_is_current(&live));
	put_file(f, "system.journal", "not begun", 9);
	assert_false(journal_live_is_current(&live));
	journal_live_done(&live);

	/* What is not begun is passed over, and asked for again. */
	assert_int_equal(journal_live_find(f->path, geteuid(), 0, &live, NULL), 0);
	assert_int_equal(live.count, 0);
	assert_false(journal_live_is_current(&live));
	journal_live_done(&live);

	put_journal(f, "system.journal", 1, 5, 1000);
	assert_int_equal(journal_live_find(f->path, geteuid(), 0, &live, NULL), 0);
	assert_int_equal(live.count, 1);
	assert_true(journal_live_is_current(&live));
	(void)snprintf(from, sizeof(from), "%s/system.journal", f->path);
	(void)snprintf(to, sizeof(to), "%s/system@1.journal", f->path);
	assert_int_equal(rename(from, to), 0);
	assert_false(journal_live_is_current(&live));
	put_journal(f, "system.journal", 1, 0, 0);
	assert_false(journal_live_is_current(&live));
	journal_live_done(&live);
}

/* Whether the folder is on a disk, which the claims below need. */
static bool can_sync(const struct folder *f)
{
	struct journal_sync sync = { .folder = f->path };
	int status = journal_sync(&sync, NULL);

	journal_sync_done(&sync);
	return status == 1;
}

static void what_is_on_a_disk_is_synced_again_and_again(void **state)
{
	const struct folder *f = *state;
	struct journal_sync sync = { .folder = f->path };

	put_journal(f, "system.journal", 1, 5, 1);
	if (!can_sync(f))
		skip_because("this file system is in memory");
	assert_int_equal(journal_sync(&sync, NULL), 1);
	assert_true(sync.has_fd);
	assert_int_equal(journal_sync(&sync, NULL), 1);
	journal_sync_done(&sync);
	journal_sync_done(&sync);
	assert_false(sync.has_fd);
}

static void journald_has_synced_when_no_file_is_online(void **state)
{
	const struct folder *f = *state;

	put_journal(f, "system.journal", 0, 5, 1);
	put_journal(f, "system@1.journal", 2, 5, 1);
	if (!can_sync(f))
		skip_because("this file system is in memory");
	assert_int_equal(journal_is_synced(f->path, NULL), 1);
	put_journal(f, "system.journal", 1, 5, 1);
	assert_int_equal(journal_is_synced(f->path, NULL), 0);
	put_journal(f, "system.journal", 0, 5, 1);
	put_journal(f, "system@2.journal", 1, 5, 1);
	assert_int_equal(journal_is_synced(f->path, NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_header_tells_state_entries_and_times),
		TEST(a_torn_or_foreign_header_is_none),
		TEST(the_oldest_entry_is_that_of_the_files_our_entries_go_to),
		TEST(files_that_are_short_or_no_journals_do_not_count),
		TEST(a_folder_that_is_not_there_has_no_entry_and_nothing_to_sync),
		TEST(what_goes_wrong_with_the_folder_is_said),
		TEST(a_file_that_may_not_be_read_is_an_error_with_advice),
		TEST(a_killed_journald_shows_in_a_file_that_was_set_aside),
		TEST(live_are_those_that_are_written_to_and_those_that_were_since),
		TEST(live_are_those_of_the_user_who_is_asked_about),
		TEST(live_ones_are_not_current_once_another_file_is_written_to),
		TEST(what_is_on_a_disk_is_synced_again_and_again),
		TEST(journald_has_synced_when_no_file_is_online),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
