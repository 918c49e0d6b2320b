/* SPDX-License-Identifier: Apache-2.0 */
/* The file that access reviews are recorded in: JSON lines, each of which holds the SHA-256 of the line before and one
 * of its own, so that whoever alters, takes out or puts in a record has to write all later ones anew
 * (docs/access-review.md has the members). */
#ifndef ADMIN_REVIEW_RECORD_H
#define ADMIN_REVIEW_RECORD_H

#include "common/base/digest.h"
#include "common/policy/accessaudit.h"

#define REVIEW_SCHEMA "skant-access-review/1"

/* What is known of one review. Texts that are empty are left out. */
struct review_entry {
	int64_t time_s; /* 0: when it is written */
	const char *reviewer, *organization_id, *organization;
	const struct access_counts *counts;
	struct access_seen seen;                    /* counts of what was not are left out */
	unsigned char listing[DIGEST_SHA256_BYTES]; /* of what `-o jsonl` prints */
	bool has_policy_file;
	unsigned char policy[DIGEST_SHA256_BYTES]; /* of the file */
	uint64_t review_every_s;                   /* 0: no next one is due */
};

/* What a file holds. */
struct review_chain {
	uint64_t count;
	int64_t first_s, last_s;                 /* 0 without records */
	int64_t due_s;                           /* as the last one says; 0: never */
	unsigned char head[DIGEST_SHA256_BYTES]; /* of the last line without its end; zeros without records */
	struct buf organization_id, reviewer;    /* of the last one */
};
#define REVIEW_CHAIN_INIT                                                                                              \
	{                                                                                                              \
		.organization_id = BUF_INIT(REVIEW_RECORD_BYTES), .reviewer = BUF_INIT(REVIEW_RECORD_BYTES)            \
	}
void review_chain_done(struct review_chain *chain);

/* Checks the text of a file of that name; chain is filled as far as it is sound. 0, or -1: ERR_FORMAT with
 * `path:line: what was altered`, ERR_NOMEM. */
[[nodiscard]] int review_check(struct view text, const char *path, struct review_chain *chain, struct err *err);

/* The same of the file; one that is not there is ERR_IO with ENOENT. More than REVIEW_FILE_BYTES are ERR_LIMIT. */
[[nodiscard]] int review_check_file(const char *path, struct review_chain *chain, struct err *err);

/* Appends a record behind those of the file, which is made when it is not there: under a lock, whole or not at all, and
 * synced. chain is what the file holds then. 0, or -1: nothing was written. ERR_FORMAT when the file is not sound,
 * ERR_USAGE when its records are another organisation's or later than this one, or when path is no regular file;
 * ERR_LATER when another process holds the lock; ERR_IO, ERR_LIMIT, ERR_NOMEM. */
[[nodiscard]] int review_append(const char *path, const struct review_entry *entry, struct review_chain *chain,
				struct err *err);

#endif
