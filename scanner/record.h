/* SPDX-License-Identifier: Apache-2.0 */
/* What a task of the scan has to say: findings and unread items, in the order in which they came. */
#ifndef SCANNER_RECORD_H
#define SCANNER_RECORD_H

#include "scanner/finding.h"
#include "scanner/item.h"

struct record_unread {
	enum unread reason;
	int errnum;       /* or 0 */
	const char *path; /* raw bytes, terminated */
	const char *below;
	const char *detail;         /* more about it, clean text; or NULL */
	size_t inside_len, own_len; /* of a member of a container: see struct item */
};

struct record {
	struct record *next;
	bool is_finding;
	union {
		struct finding finding;
		struct record_unread unread;
	};
};

/* The output of one task (struct pool_task, output). */
struct records {
	struct record *first, **end;
	size_t bytes;
	uint64_t skipped[UNREAD_COUNT]; /* unread items that are only counted: their examples would be too many */
	size_t kept[UNREAD_COUNT];      /* unread records in the list, by reason */
};

struct records *records_new(void); /* NULL when there is no memory */
void records_free(struct records *r);

/* Appends a copy of everything f and its texts hold. 0, or -1 when there is no memory. */
[[nodiscard]] int records_add_finding(struct records *r, const struct finding *f);
/* The same of an unread item; beyond UNREAD_EXAMPLES of one harmless reason it is only counted. */
[[nodiscard]] int records_add_unread(struct records *r, const struct record_unread *u);

/* Whether a finding with that secret is in r, which may be NULL. */
bool records_have_secret(const struct records *r, const char *secret_id);

/* Moves the findings of other that r does not have (the same rule at the same place) to the end of r; one that is
 * new takes the place of an allowed one. false, and nothing done, when one of them is NULL; else other is freed. */
bool records_join(struct records *r, struct records *other);

/* Findings that are neither allowed nor in a baseline. */
size_t records_count_new(const struct records *r);

/* Takes out of r the findings whose secret is also in one of before. r and before may be NULL. */
void records_drop_known(struct records *r, const struct records *before);

#endif
