/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: a temporary folder with a git repository in it, out of reach of the user's and the system's settings. */
#ifndef TESTS_SUPPORT_REPO_H
#define TESTS_SUPPORT_REPO_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/sys/file.h"
#include "common/sys/proc.h"
#include "tests/support/unit.h"

#define REPO_PATH_BYTES 4096
#define REPO_OUTPUT_BYTES (16u << 20)

struct repo {
	char base[REPO_PATH_BYTES]; /* holds home/ and tree/ */
	char tree[REPO_PATH_BYTES]; /* the work tree */
};

static inline int repo_remove_entry(const char *path, const struct stat *, int, struct FTW *)
{
	return remove(path);
}

/* Removes path and everything below it. */
static inline void repo_remove(const char *path)
{
	assert_int_equal(nftw(path, repo_remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

PRINTF_LIKE(2, 3) static inline void repo_path(char path[static REPO_PATH_BYTES], const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(path, REPO_PATH_BYTES, fmt, args);
	va_end(args);
	assert_in_range(len, 0, REPO_PATH_BYTES - 1);
}

/* Makes the folders that path is in. */
static inline void repo_make_folders(const char *path)
{
	char part[REPO_PATH_BYTES];

	repo_path(part, "%s", path);
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		assert_true(mkdir(part, 0700) == 0 || errno == EEXIST);
		*slash = '/';
	}
}

/* Writes a file of the base folder: "tree/src/a.c", "home/.gitconfig". */
static inline void repo_write(const struct repo *r, const char *name, struct view text)
{
	char path[REPO_PATH_BYTES];
	int fd;

	repo_path(path, "%s/%s", r->base, name);
	repo_make_folders(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_return_code(fd, errno);
	assert_int_equal(file_write_full(fd, text), 0);
	assert_int_equal(close(fd), 0);
}

/* Runs git in the base folder's dir with arguments that a NULL ends; it must succeed. */
static inline void repo_git(const struct repo *r, const char *dir, ...)
{
	char path[REPO_PATH_BYTES];
	const char *argv[16] = { "git", "-C", path };
	struct buf out = BUF_INIT(REPO_OUTPUT_BYTES);
	struct err err = ERR_INIT;
	size_t count = 3;
	va_list args;
	int status;

	repo_path(path, "%s/%s", r->base, dir);
	va_start(args, dir);
	do {
		assert_in_range(count, 3, ARRAY_LEN(argv) - 1);
		argv[count] = va_arg(args, const char *);
	} while (argv[count++]);
	va_end(args);
	if (proc_run(&(struct proc_spec){ .argv = argv }, &out, NULL, &status, &err))
		fail_msg("%s", err.text);
	assert_int_equal(status, 0);
	buf_done(&out);
}

/* A fresh repository. The environment of the test program is changed for good. */
static inline void repo_init(struct repo *r)
{
	static const char *const unset[] = { "GIT_DIR",          "GIT_WORK_TREE",
					     "GIT_INDEX_FILE",   "GIT_CONFIG_GLOBAL",
					     "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS",
					     "XDG_CONFIG_HOME",  "GIT_TEST_ASSUME_DIFFERENT_OWNER" };
	const char *tmp = getenv("TMPDIR");
	char path[REPO_PATH_BYTES], *real;

	repo_path(path, "%s/skant-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(path));
	real = realpath(path, NULL);
	assert_non_null(real);
	repo_path(r->base, "%s", real);
	free(real);
	repo_path(r->tree, "%s/tree", r->base);
	repo_path(path, "%s/home", r->base);
	for (size_t i = 0; i < ARRAY_LEN(unset); i++)
		assert_int_equal(unsetenv(unset[i]), 0);
	assert_int_equal(setenv("HOME", path, 1), 0);
	assert_int_equal(setenv("GIT_CONFIG_NOSYSTEM", "1", 1), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(mkdir(r->tree, 0700), 0);
	repo_git(r, "tree", "init", "--quiet", "--template=", NULL);
}

static inline void repo_done(struct repo *r)
{
	repo_remove(r->base);
}

#endif
