/* SPDX-License-Identifier: Apache-2.0 */
/* The words of --log-opts: what users of gitleaks hand through to git log. Those that choose commits go to git
 * (git-rev-list(1), Commit Limiting), those that say how git log prints are left out, all others are refused: git has
 * options that write files or start programs. */
#ifndef SCANNER_SOURCE_GIT_LOGOPTS_H
#define SCANNER_SOURCE_GIT_LOGOPTS_H

#include "common/base/buf.h"
#include "common/base/err.h"

struct logopts {
	const char **words; /* in text; owned array */
	size_t count;
	struct buf text;
};

/* Splits at blanks outside of quotes; '...' and "..." hold a word, or a part of one, together. 0, or -1 with err. */
[[nodiscard]] int logopts_read(const char *text, struct logopts *ret, struct err *err);
void logopts_done(struct logopts *l);

#endif
