/* SPDX-License-Identifier: Apache-2.0 */
/* Shell patterns as git understands them (gitignore(5), "PATTERN FORMAT"; git's wildmatch with and without
 * WM_PATHNAME). Byte-wise; a pattern that never ends its bracket matches nothing. */
#ifndef COMMON_BASE_GLOB_H
#define COMMON_BASE_GLOB_H

#include "common/base/buf.h"

enum glob_flags {
	/* '*', '?' and brackets do not match '/'; "**" between slashes matches any number of folders. */
	GLOB_PATH = 1,
	/* ASCII letters compare equal in either case; but, as in git, a capital behind a backslash or alone in a
	 * bracket matches nothing. */
	GLOB_NOCASE = 2,
};

/* Whether the whole of text matches pattern. Linear in practice, bounded by GLOB_STEPS in any case: a pattern that
 * needs more steps is taken as not matching. */
bool glob_match(struct view pattern, struct view text, unsigned flags);

/* Path globs of rules and allow entries: as GLOB_PATH, and a pattern without '/' is compared with the last component,
 * a pattern that ends in a slash means everything below that folder. A slash in front only ties it to the root. */
bool glob_path(struct view pattern, struct view path);

/* What is wrong with a pattern that can match nothing, to follow "the pattern"; NULL when it is sound. */
const char *glob_flaw(const char *pattern);

bool glob_is_special(char c); /* one of * ? [ \ : ends the literal part of a pattern */

#endif
