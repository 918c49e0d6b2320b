/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of what is printed or logged: standard output or standard error goes to a file in memory for a while. */
#ifndef TESTS_SUPPORT_CAPTURE_H
#define TESTS_SUPPORT_CAPTURE_H

#include <sys/mman.h>
#include <unistd.h>

#include "common/sys/file.h"
#include "tests/support/unit.h"

struct capture {
	int fd, old, file;
};

/* From here on what is written to fd (1 or 2) is kept. */
static inline struct capture capture(int fd)
{
	struct capture c = { .fd = fd, .old = dup(fd), .file = memfd_create("output", MFD_CLOEXEC) };

	assert_true(c.old >= 0 && c.file >= 0);
	assert_int_equal(dup2(c.file, fd), fd);
	return c;
}

/* Gives fd back, and appends what was written to text. */
static inline void give_back(struct capture *c, struct buf *text)
{
	struct err err = ERR_INIT;

	assert_int_equal(dup2(c->old, c->fd), c->fd);
	(void)close(c->old);
	assert_int_equal(lseek(c->file, 0, SEEK_SET), 0);
	assert_int_equal(file_read_rest(c->file, "the output", text, &err), 0);
	(void)close(c->file);
}

#endif
