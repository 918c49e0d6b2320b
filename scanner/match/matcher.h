/* SPDX-License-Identifier: Apache-2.0 */
/* From keyword hits to matches: tries each rule's regex where one of its keywords was met (struct rule: keyword_starts,
 * scope).
 *
 * What is found is every match of every rule, overlapping ones of different rules included: which of them counts is
 * the pipeline's business. For each piece: matcher_start; for each subject in it matcher_open, matcher_hit for the
 * hits in order, matcher_close; then matcher_finish. */
#ifndef SCANNER_MATCH_MATCHER_H
#define SCANNER_MATCH_MATCHER_H

#include "common/base/err.h"
#include "scanner/item.h"
#include "scanner/match/ruleset.h"
#include "scanner/rule.h"

struct matcher;        /* the enabled rules of a set, ready to match; shared by threads */
struct matcher_worker; /* one thread's state */

struct match {
	const struct rule *rule;
	size_t rule_index; /* in the ruleset: earlier is more specific */
	struct subject subject;
	uint64_t start, end;         /* of the secret, in the item's own bytes */
	size_t from, to;             /* of the secret in subject.text */
	size_t match_from, match_to; /* of the whole match in subject.text */
};

struct matcher_trouble {         /* what could not be looked at in this piece */
	const struct rule *rule; /* that could not do its work; NULL = it concerns all */
	struct err err;
	bool any;
};

/* Borrows the set. NULL with err. */
struct matcher *matcher_new(const struct ruleset *set, struct err *err);
void matcher_free(struct matcher *m);

/* The keywords of all rules, each once: what the prefilter is to look for. */
size_t matcher_keyword_count(const struct matcher *m);
struct view matcher_keyword(const struct matcher *m, size_t keyword, bool *ret_nocase);

/* Whether a rule that looks for secrets, not for names, uses the keyword; and whether there is any such rule. */
bool matcher_keyword_is_secret(const struct matcher *m, size_t keyword);
bool matcher_has_secrets(const struct matcher *m);

/* Whether some rule has to look at everything, whatever stands in it. */
bool matcher_has_bare_rules(const struct matcher *m);

struct matcher_worker *matcher_worker_new(struct matcher *m);
void matcher_worker_free(struct matcher_worker *w);

/* Pieces of an item must come in order, on one worker. item and piece are borrowed until matcher_finish. item may be
 * NULL: then every rule is for it but those that know a table by its path alone. */
void matcher_start(struct matcher_worker *w, const struct item *item, const struct piece *piece);
/* Whether some rule without keywords is for this item: it has to be opened and closed though nothing was met in it. */
bool matcher_wants_all(struct matcher_worker *w);
/* Whether the item may be a table that goes on from piece to piece: in UTF-16, each piece has to be opened and closed
 * in the readings in which an earlier one was. */
bool matcher_wants_wide(struct matcher_worker *w);
void matcher_open(struct matcher_worker *w, const struct subject *subject);
void matcher_hit(struct matcher_worker *w, size_t keyword, size_t at);
void matcher_close(struct matcher_worker *w);

/* Has matcher_finish tell of what could not be looked at, unless there is something already. */
void matcher_note(struct matcher_worker *w, const struct err *err);

/* Matches of the piece so far. */
size_t matcher_match_count(const struct matcher_worker *w);

/* Returns how many matches the piece has (*ret points to them, in order of start, then of rule_index; valid until the
 * next matcher_start), or SIZE_MAX when memory ran out. *trouble is filled when a pattern ran away or failed; the
 * others were still tried. */
size_t matcher_finish(struct matcher_worker *w, const struct match **ret, struct matcher_trouble *trouble);

/* The reason of the rule's first allow entry that covers the match, or NULL. line is the line it stands in. */
const char *matcher_allowed(struct matcher_worker *w, const struct match *match, struct view line, struct view path);

#endif
