/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a report in the format jsonl back: findings (skant-finding/1) and summaries (skant-summary/1) as the scan had
 * them. What a report says is checked like any input: ids and codes are of the form that they have here, and no text in
 * it is taken for clean. */
#ifndef SCANNER_READBACK_H
#define SCANNER_READBACK_H

#include "common/base/bounds.h"
#include "common/base/err.h"
#include "scanner/finding.h"
#include "scanner/match/ruleset.h"
#include "scanner/shards.h"
#include "scanner/summary.h"

struct readback_rule;

struct readback {
	const struct ruleset *rules; /* those that are known here */
	struct readback_rule *made;  /* rules that are not, as the records describe them */
	size_t made_count;
	struct buf texts;                           /* of the finding at hand */
	struct inventory_key keys[INVENTORY_SHOWN]; /* its keys */
};

void readback_init(struct readback *r, const struct ruleset *rules);
void readback_done(struct readback *r);

enum readback_kind { READBACK_FINDING, READBACK_SUMMARY };

/* What a line is. *ret_object is its object. 0, or -1 with err (no place in it): ERR_FORMAT, it is no JSON object;
 * ERR_USAGE, it is no record of a report; ERR_LIMIT, it is a record of a newer version. */
[[nodiscard]] int readback_line(struct view line, enum readback_kind *ret, struct view *ret_object, struct err *err);

/* A record as a finding, whose texts are good until the next call; its rule as long as r. 0, or -1 with err
 * (ERR_FORMAT: what is wrong and what was expected; ERR_NOMEM; ERR_LIMIT: more than RULES_MAX rules that are not known
 * here). */
[[nodiscard]] int readback_finding(struct readback *r, struct view object, struct finding *ret, struct err *err);

/* Adds a summary to s, which is of all parts: counts, examples (owned, up to UNREAD_EXAMPLES), completeness. What was
 * found is not counted. 0, or -1 with err. */
[[nodiscard]] int readback_summary(struct view object, struct summary *s, struct err *err);

/* Adds to s which repositories the summary is about, if it says so. 0, or -1 with err (ERR_REFUSED: see shards_add). */
[[nodiscard]] int readback_repositories(struct view object, struct shards *s, struct err *err);

/* The rules that were made, the first of made_count. */
const struct rule *readback_made(const struct readback *r, size_t index);

#endif
