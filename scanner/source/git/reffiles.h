/* SPDX-License-Identifier: Apache-2.0 */
/* All files below a folder of refs or of their logs, by the name of the ref. */
#ifndef SCANNER_SOURCE_GIT_REFFILES_H
#define SCANNER_SOURCE_GIT_REFFILES_H

#include "common/base/err.h"

struct reffiles_visitor {
	void *context;
	/* A file: base in the folder fd, name in full. is_link: it is a symbolic link. 0, or -1 with err. */
	int (*file)(void *context, int fd, const char *base, const char *name, bool is_link, struct err *err);
	/* What could not be looked at. */
	void (*trouble)(void *context, const struct err *err);
};

/* Visits the files below folder, which need not exist, in order of their bytes; their names start with prefix. Names
 * that start with a dot or end in ".lock" are git's own. 0, or -1 with err: what file said, or no memory. */
[[nodiscard]] int reffiles_walk(const char *folder, const char *prefix, const struct reffiles_visitor *visitor,
				struct err *err);

/* Whether base in the folder fd is, or leads to, a regular file: anything else could have a reader wait. */
bool reffiles_is_regular(int fd, const char *base);

#endif
