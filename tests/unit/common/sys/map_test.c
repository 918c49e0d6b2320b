/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/map.h"

#include <errno.h>

#include "tests/support/repo.h"
#include "tests/support/unit.h"

struct folder {
	char path[REPO_PATH_BYTES], file[REPO_PATH_BYTES];
};

static void folder_init(struct folder *f, struct view content)
{
	int fd;

	repo_path(f->path, "/tmp/skant-map-test-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	repo_path(f->file, "%s/file", f->path);
	fd = open(f->file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_return_code(fd, errno);
	assert_int_equal(file_write_full(fd, content), 0);
	assert_int_equal(close(fd), 0);
}

static void a_file_is_mapped_whole_and_let_go_of(void **)
{
	struct folder f;
	struct view v;

	folder_init(&f, VIEW("content"));
	assert_int_equal(map_file(f.file, &v, NULL), 0);
	assert_view(v, "content");
	map_rest(v);
	assert_view(v, "content"); /* read again */
	map_done(&v);
	assert_int_equal(v.len, 0);
	map_done(&v);
	map_rest(v);
	repo_remove(f.path);
}

static void an_empty_file_gives_an_empty_view(void **)
{
	struct folder f;
	struct view v = VIEW("rubbish");

	folder_init(&f, VIEW(""));
	assert_int_equal(map_file(f.file, &v, NULL), 0);
	assert_int_equal(v.len, 0);
	map_done(&v);
	repo_remove(f.path);
}

static void what_is_not_there_is_told_by_its_name(void **)
{
	struct err err = ERR_INIT;
	struct view v;

	assert_int_equal(map_file("/nowhere/at/all", &v, &err), -1);
	assert_int_equal(err.errnum, ENOENT);
	assert_non_null(strstr(err.text, "/nowhere/at/all"));
	assert_int_equal(v.len, 0);
}

static void folders_and_pipes_are_refused(void **)
{
	struct folder f;
	struct err err = ERR_INIT;
	struct view v;
	char fifo[REPO_PATH_BYTES];

	folder_init(&f, VIEW(""));
	repo_path(fifo, "%s/fifo", f.path);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(map_file(f.path, &v, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_int_equal(map_file(fifo, &v, &err), -1); /* and nobody waits for a writer */
	repo_remove(f.path);
}

static void what_is_cut_off_while_it_is_mapped_reads_as_zeros_and_is_said(void **)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *content = calloc(4, page);
	struct folder f;
	struct view v;

	assert_non_null(content);
	memset(content, 'x', 4 * page);
	folder_init(&f, view_from(content, 4 * page));
	assert_int_equal(map_file(f.file, &v, NULL), 0);
	assert_int_equal(v.ptr[4 * page - 1], 'x');
	assert_false(map_was_cut());
	assert_int_equal(truncate(f.file, (off_t)page), 0);
	assert_int_equal(v.ptr[page - 1], 'x');
	assert_false(map_was_cut());
	assert_int_equal(v.ptr[3 * page], 0);
	assert_int_equal(v.ptr[page], 0);
	assert_true(map_was_cut());
	map_done(&v);
	free(content);
	repo_remove(f.path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* first: cmocka takes SIGBUS back for each test, and only the first map_file takes it over */
		cmocka_unit_test(what_is_cut_off_while_it_is_mapped_reads_as_zeros_and_is_said),
		cmocka_unit_test(a_file_is_mapped_whole_and_let_go_of),
		cmocka_unit_test(an_empty_file_gives_an_empty_view),
		cmocka_unit_test(what_is_not_there_is_told_by_its_name),
		cmocka_unit_test(folders_and_pipes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
