/* SPDX-License-Identifier: Apache-2.0 */
/* Ignore files as git reads them (gitignore(5)).
 *
 * A parsed file is immutable: threads share it. Matching one path costs a hash of its last name and a look at the few
 * patterns that could fit it, however many the file has.
 *
 * A path whose folder is ignored is ignored whatever the patterns say of it. That rule is the caller's: it asks folder
 * by folder and does not go into those that are excluded. */
#ifndef SCANNER_SOURCE_IGNORE_H
#define SCANNER_SOURCE_IGNORE_H

#include "common/base/buf.h"
#include "common/base/err.h"

#define IGNORE_FILE_NAME ".gitignore"

enum ignore_verdict {
	IGNORE_NONE,    /* no pattern speaks of the path */
	IGNORE_EXCLUDE, /* the last pattern that matches leaves it out */
	IGNORE_INCLUDE, /* ... is a negation: it stays in */
};

struct ignore_file;

/* The patterns of text, which is copied. nocase is core.ignoreCase. Patterns above IGNORE_PATTERN_BYTES never match.
 * NULL when there is no memory. */
struct ignore_file *ignore_parse(struct view text, bool nocase);

/* What ignore_load may take for the file. */
enum ignore_links {
	IGNORE_NO_LINKS,     /* in a work tree: a link is no ignore file */
	IGNORE_FOLLOW_LINKS, /* a file of the user's or the repository's own configuration */
};

/* Reads and parses name in the folder dir_fd. *ret is NULL when there is no such file, it is none that git would read
 * or it has no patterns. 0, or -1 with err when it could not be read, is too large or memory ran out. */
[[nodiscard]] int ignore_load(int dir_fd, const char *name, enum ignore_links links, bool nocase,
			      struct ignore_file **ret, struct err *err);
void ignore_free(struct ignore_file *file); /* NULL is fine */

/* What the file says of path, which is relative to the folder that the file is in: '/' between names, none at the
 * ends. A link to a folder is no folder. */
enum ignore_verdict ignore_match(const struct ignore_file *file, struct view path, bool is_folder);

/* One ignore file in its place: the files of the folders above, then the repository's and the user's own, follow
 * outward. The file and the outer scopes are borrowed. */
struct ignore_scope {
	const struct ignore_scope *outer; /* NULL at the end */
	const struct ignore_file *file;   /* NULL says nothing */
	size_t base_len; /* of its folder's path from the work tree's root, with its final slash; 0 at the root */
};

/* What the innermost file that speaks of it says. path is relative to the work tree's root and lies in the folders of
 * all scopes of the chain. A NULL scope says nothing. */
enum ignore_verdict ignore_scope_match(const struct ignore_scope *scope, struct view path, bool is_folder);

#endif
