/* SPDX-License-Identifier: Apache-2.0 */
/* From the matches of one piece to findings: says how sure each is, keeps one of those that overlap, finds line and
 * column, and asks whether it is allowed. */
#ifndef SCANNER_INSPECT_H
#define SCANNER_INSPECT_H

#include "common/policy/keyname.h"
#include "scanner/match/matcher.h"
#include "scanner/position.h"
#include "scanner/record.h"
#include "scanner/suppress/suppress.h"

struct inspect_options {
	const struct keyname_policy *names;
	const struct suppress *suppress;
	const struct prefilter *counter; /* counts lines */
	bool ignore_allow;               /* markers and allow entries count for nothing */
	bool distrusts_markers;          /* markers alone do */
	/* Is shown each finding with its secret, which no record keeps, by any thread; NULL = nobody asks. */
	void (*found)(void *context, const struct finding *f, struct view secret);
	void *context;
};

struct inspector { /* one thread's */
	const struct inspect_options *options;
	struct matcher_worker *matcher;
	struct candidate *candidates;
	size_t count, cap;
	const struct item *item;
	const struct match *matches; /* of the piece at hand, in order of start */
	size_t match_count;
	struct buf path, below, masked, before, after, suggestion;
	struct position position; /* of the item at hand */
};

void inspector_init(struct inspector *i, const struct inspect_options *options, struct matcher_worker *matcher);
void inspector_done(struct inspector *i);

/* Appends the findings among count matches (at least one) of a piece; pieces of an item come in order. 0,
 * or -1 when there is no memory. */
[[nodiscard]] int inspector_take(struct inspector *i, const struct item *item, const struct piece *piece,
				 const struct match *matches, size_t count, struct records *ret);

/* A piece that is not the last is done with: counts its lines up to where the next one's matches may start. had_matches
 * says whether inspector_take saw it. */
void inspector_leave(struct inspector *i, const struct piece *piece, bool had_matches);

#endif
