/* SPDX-License-Identifier: Apache-2.0 */
/* The repositories that a scan of many is about. A list has one path a line; lines that are empty or begin with # say
 * nothing. A plan has the size of each as well, as it was when the plan was made, so that all who divide it divide it
 * alike:
 *
 *     skant-plan/1 COUNT SHA-256
 *     BYTES<tab>PATH
 *     ...
 *
 * SHA-256 is the digest, in hex, of all lines behind the first, each with its end, sorted by path: a plan that was cut
 * off or changed is no plan. */
#ifndef SCANNER_REPOLIST_H
#define SCANNER_REPOLIST_H

#include "common/base/digest.h"
#include "common/base/err.h"
#include "common/base/textpool.h"

#define REPOLIST_DIGEST_BYTES (2 * DIGEST_SHA256_BYTES + 1) /* in hex, terminated */

struct repolist_entry {
	/* Valid UTF-8 without control characters, at most REPOSITORY_NAME_BYTES, without a slash at its end, doubled
	 * ones or parts that are a single dot. */
	const char *name;
	uint64_t bytes; /* of its packs; 0 in a list */
	size_t line;    /* from 1 */
};

struct repolist {                       /* all zero is empty */
	struct repolist_entry *entries; /* by name, each name once */
	size_t count, cap;
	struct textpool names;
	char *folder; /* that names which are no absolute paths start from; NULL = the current one */
	bool is_plan;
	char digest[REPOLIST_DIGEST_BYTES]; /* of what it says, whatever the order of its lines */
};

/* Reads a list or a plan; - is standard input. 0, or -1 with err: FILE:LINE, what is wrong, and what was expected
 * (ERR_USAGE, also for one that names no repository: nothing was read of what was to be listed; ERR_LIMIT: more than
 * REPOSITORIES_MAX). repolist_done either way. */
[[nodiscard]] int repolist_read(struct repolist *l, const char *path, struct err *err);
/* The same of a text; file is its name in messages. */
[[nodiscard]] int repolist_parse(struct repolist *l, struct view text, const char *file, struct err *err);

/* Appends where the repository is. 0, or -1 as buf_add. */
[[nodiscard]] int repolist_add_path(const struct repolist *l, size_t index, struct buf *out);

/* Appends the list as a plan, with the sizes that its entries have, and paths below base (which ends in a slash, or is
 * "") where they are no absolute ones. 0, or -1 as buf_add. */
[[nodiscard]] int repolist_add_plan(const struct repolist *l, const char *base, struct buf *out);

void repolist_done(struct repolist *l);

#endif
