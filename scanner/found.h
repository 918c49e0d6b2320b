/* SPDX-License-Identifier: Apache-2.0 */
/* What a report of skant says was found, put together for who has to act on it: by key, with all that leads there, and
 * what is needed to take it out of a history. */
#ifndef SCANNER_FOUND_H
#define SCANNER_FOUND_H

#include "common/base/err.h"
#include "common/base/secret.h"
#include "scanner/match/ruleset.h"
#include "scanner/textset.h"

enum found_in { FOUND_IN_BLOB, FOUND_IN_COMMIT, FOUND_IN_TAG, FOUND_INS };
/* What reaches it, the best first; FOUND_BY_UNKNOWN: the report does not say. */
enum found_by { FOUND_BY_REF, FOUND_BY_STASH, FOUND_BY_REFLOG, FOUND_BY_NOTHING, FOUND_BY_UNKNOWN, FOUND_BYS };

struct found_key {
	char id[SECRET_ID_BYTES];
	char *masked;
	char *since;             /* the earliest date of a commit that brought it in; NULL = not known */
	size_t count[FOUND_INS]; /* findings in objects of each type */
	bool by[FOUND_BYS];
	bool at_head;
	struct textset refs;
};

struct found {
	struct found_key *keys; /* by id */
	size_t key_count;
	bool rules[RULES_MAX];                 /* of the ruleset: those that found a key in some history */
	bool in_blobs, in_messages, in_people; /* where a pattern will do: plain text, messages, names of people */
	bool by[FOUND_BYS];
	struct textset strip;    /* ids of blobs in which a pattern of Python finds nothing */
	struct textset straight; /* refs that lead to a blob without a commit */
	struct textset unknown;  /* rules that are not known here */
	size_t beyond;           /* findings in messages that no pattern of Python finds */
	size_t in_files;         /* findings that are in no history */
	size_t names;            /* of key names: no secrets */
	bool incomplete;         /* the scan was, or the report was cut */
};

/* Reads a report in the format json or jsonl; of findings that are not allowed, and with only (a rule's id, or NULL)
 * of that rule. 0, or -1 with err (ERR_USAGE: it is no such report; says where). */
[[nodiscard]] int found_read(struct found *f, struct view report, const struct ruleset *rules, const char *only,
			     struct err *err);
void found_done(struct found *f);

#endif
