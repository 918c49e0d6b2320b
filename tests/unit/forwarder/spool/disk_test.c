/* SPDX-License-Identifier: Apache-2.0 */
/* Real disks that fill up or are read-only, and writers that are killed. */
#include <errno.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/support/spool.h"

/* A child stores pages of 7 until it is killed, wherever it is. */
static void killing_the_writer_leaves_whole_pages_and_a_whole_chain(void **state)
{
	uint64_t last = 0;

	(void)state;
	for (unsigned round = 0; round < 25; round++) {
		struct spool *spool;
		int status;
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			spool = spool_open(&(struct spool_options){ .dir = dir }, NULL);
			if (!spool)
				_exit(1);
			for (unsigned n = 0;; n++)
				put_some(spool, "audit", round * 1'000'000 + n * 7, 7, "state");
		}
		(void)usleep(20'000 + round * 3'777);
		(void)kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		spool = open_spool();
		assert_int_equal(spool_head(spool) % 7, 0);
		assert_true(spool_head(spool) >= last);
		last = spool_head(spool);
		assert_whole(spool);
		spool_free(spool);
	}
	assert_true(last > 0);
}

/* Puts pages of 500 until one is refused. */
static struct err fill(struct spool *spool)
{
	struct page_stored stored = { .added = 0 };
	struct err err = ERR_INIT;

	for (unsigned n = 0; n < 200; n++)
		if (put_padded(spool, "audit", 1 + n * 500, 500, 600, "s", &stored, &err))
			break;
	assert_int_equal(spool_head(spool) % 500, 0);
	assert_true(spool_head(spool) < 100'000);
	return err;
}

static void a_limit_on_file_sizes_is_told_and_it_goes_on_behind_it(void **state)
{
	struct rlimit old, small = { .rlim_cur = 256 << 10 };
	struct spool *spool = open_spool();
	struct err err;
	uint64_t head;

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	err = fill(spool);
	head = spool_head(spool);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(err.kind, ERR_IO);
	assert_int_equal(err.errnum, EFBIG);
	assert_int_equal(put_some(spool, "audit", 1'000'000, 500, "s").first_seq, head + 1);
	assert_whole(spool);
	spool_free(spool);
}

static bool mount_small(void)
{
	return mount("spool", dir, "tmpfs", MS_NOSUID | MS_NODEV, "size=4m,mode=700") == 0;
}

static void a_full_disk_is_told_and_it_goes_on_once_there_is_room(void **state)
{
	struct spool *spool;
	struct err err;
	uint64_t head;

	(void)state;
	if (!mount_small()) /* who may not mount has the limit on file sizes */
		skip_because("who runs this may not mount");
	spool = open_spool();
	err = fill(spool);
	assert_int_equal(err.kind, ERR_IO);
	assert_int_equal(err.errnum, ENOSPC);
	head = spool_head(spool);
	assert_true(head > 0);
	assert_whole(spool);
	spool_free(spool);
	spool = open_spool(); /* on the full disk */
	assert_int_equal(spool_head(spool), head);
	assert_int_equal(mount("spool", dir, "tmpfs", MS_REMOUNT, "size=64m,mode=700"), 0);
	assert_int_equal(put_some(spool, "audit", 1'000'000, 500, "s").first_seq, head + 1);
	assert_whole(spool);
	spool_free(spool);
}

static void a_disk_that_became_read_only_is_told(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	if (!mount_small())
		skip_because("who runs this may not mount");
	spool_free(open_spool());
	assert_int_equal(mount("spool", dir, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_null(spool_open(&(struct spool_options){ .dir = dir }, &err));
	assert_int_equal(err.kind, ERR_IO);
	assert_int_equal(err.errnum, EROFS);
}

static int unmount_and_remove(void **state)
{
	(void)umount(dir);
	return remove_dir(state);
}

#define TEST_MOUNTED(name) cmocka_unit_test_setup_teardown(name, make_dir, unmount_and_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(killing_the_writer_leaves_whole_pages_and_a_whole_chain),
		TEST(a_limit_on_file_sizes_is_told_and_it_goes_on_behind_it),
		TEST_MOUNTED(a_full_disk_is_told_and_it_goes_on_once_there_is_room),
		TEST_MOUNTED(a_disk_that_became_read_only_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
