/* SPDX-License-Identifier: Apache-2.0 */
/* How to take keys out of a history, as steps with commands that may be pasted into a shell. No command and no file
 * that they write holds a key: what is to be replaced is named by pattern or by the id of its object.
 *
 * The commands are those of git-filter-repo 2.38 and later (git-filter-repo(1)). Of blobs it replaces text in those
 * alone whose first 8 KiB hold no NUL; of refs it leaves those alone that lead straight to a blob or tree. */
#ifndef SCANNER_REWRITE_H
#define SCANNER_REWRITE_H

#include "scanner/textset.h"

struct rewrite {
	struct textset patterns;        /* in Python's syntax, see pyregex.h */
	const struct textset *strip;    /* ids of blobs that go whole; NULL = none are known */
	const struct textset *straight; /* refs that go; likewise */
	bool in_blobs, in_messages, in_people;
};

/* Appends the steps from the rewriting on, numbered from 4. 0, or -1 as buf_add. */
[[nodiscard]] int rewrite_add(struct buf *out, const struct rewrite *r);
/* Appends what is enough when no ref and no stash leads to a key any more. */
[[nodiscard]] int rewrite_add_cleaning(struct buf *out);

#endif
