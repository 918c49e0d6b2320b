/* SPDX-License-Identifier: Apache-2.0 */
/* A line of what a pre-receive hook is told on standard input (githooks(5)): `OLD-ID NEW-ID REF`. */
#ifndef SCANNER_SOURCE_GIT_PUSHLINE_H
#define SCANNER_SOURCE_GIT_PUSHLINE_H

#include "common/base/err.h"
#include "scanner/source/git/oid.h"

struct pushline {
	struct oid before, after; /* null: the ref is new, or is to go */
	struct view ref;          /* part of the line */
};

/* hash_len: 20 or 32. 0, or -1 with err (ERR_USAGE). */
[[nodiscard]] int pushline_parse(struct view line, size_t hash_len, struct pushline *ret, struct err *err);

#endif
