/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the cost feed: the cost report by day, and the policy's budgets.
 *
 * What was spent is added up by day and budget, and kept in the spool: each poll reads the last days anew (as far as
 * the report may still change), and takes those before from there. So that a budget is told of with the poll behind the
 * report that crosses its threshold, the sums are made of the same report, not of the rows that are final. Money of
 * keys and teams is the bill shared among keys (common/policy/spend.h).
 *
 * A day is read until it is final, settings->settle_ms after its end, however long skantd was away, and the periods of
 * all days that were read since the last time are judged.
 *
 * Each threshold is told once a period: what was told is kept in the transaction that stores the event. What belongs to
 * a budget is known by ids (cost_bound.c), so that a key or a workspace that is renamed neither takes along what it has
 * spent nor is told of again. When what belongs to a budget changes, the days of its periods are read anew; when its
 * limit is another one, its thresholds are new ones.
 *
 * Money of another currency than US dollars is not converted: budgets that it is of go on counting dollars, and are
 * told to be incomplete, once a period. */
#ifndef FORWARDER_FEED_COST_H
#define FORWARDER_FEED_COST_H

#include "common/api/endpoint_cost.h"
#include "common/policy/budget.h"
#include "forwarder/feed/names.h"
#include "forwarder/feed/report.h"

#define COST_SHAPE_BYTES 17
#define COST_HASH_BYTES 8
#define COST_CURRENCY_BYTES 8 /* a code of ISO 4217 has three letters; others are cut */

/* A workspace or a key that a budget is, or was, about. */
struct cost_bound {
	size_t budget; /* the first one of its scope and name */
	char *id;
	int64_t last_day; /* on which it was called so */
	bool is_now;      /* called so now */
	bool counts;      /* no other budget of the kind has it now */
};

struct cost {
	struct report report;
	struct names names;
	/* The policy's budgets; NULL: none. */
	const struct policy *policy;
	bool needs_keys;              /* a budget is of a key or a team */
	char shape[COST_SHAPE_BYTES]; /* a hash of what belongs to the budgets */
	size_t *first;                /* of each budget: the first one of its scope and name */
	struct cost_bound *bounds;    /* by budget, then id */
	size_t bound_count, bound_cap;
};

/* What each budget has used on each day, in USD. */
struct cost_sums {
	int64_t from_day, to_day; /* [from, to), since 1970 */
	size_t budgets;
	struct decimal *used;               /* (to - from) * budgets */
	char (*other)[COST_CURRENCY_BYTES]; /* likewise: another currency that there were costs in; "" */
};

/* One budget in one of its periods. */
struct cost_standing {
	size_t index;
	const struct policy_budget *budget;
	int64_t from_s, to_s, now_s;
	struct decimal used, projected;
	const char *other; /* NULL, or a currency that is not counted */
	struct buf scope;  /* "workspace:ml-prod" */
};

/* --- cost_budget.c --- */
[[nodiscard]] int cost_budget_open(struct cost *cost, struct err *err);
/* Adds up what was spent and tells what was reached. 0, BATCH_FULL, -1 with err. */
[[nodiscard]] int cost_budget_read(struct cost *cost, struct err *err);
/* Appends what `check` says of the budgets, also of those that are of what is not there. 0 or -1 with err. */
[[nodiscard]] int cost_budget_report(struct cost *cost, struct buf *report, struct err *err);

/* --- cost_tell.c --- */
/* Tells a threshold that was reached, or (0) that not all of its money is counted, unless it was told already. 0 or -1
 * with err. */
[[nodiscard]] int cost_tell(struct cost *cost, const struct cost_standing *standing, unsigned threshold,
			    struct err *err);
/* Since when a budget with this limit is watched: now, when it is new. 0 or -1 with err. */
[[nodiscard]] int cost_tell_since(struct cost *cost, size_t budget, int64_t now_s, int64_t *ret_s, struct err *err);
/* What was told of periods that ended before before_s goes. 0, BATCH_FULL, -1 with err. */
[[nodiscard]] int cost_tell_forget(struct cost *cost, int64_t before_s, struct err *err);

/* --- cost_bound.c --- */
[[nodiscard]] int cost_bound_open(struct cost *cost, struct err *err);
void cost_bound_close(struct cost *cost);
/* Reads what is kept, adds what is called so today, and makes the shape. 0, BATCH_FULL, -1 with err. */
[[nodiscard]] int cost_bound_read(struct cost *cost, int64_t today, struct err *err);
/* Whether what a key spent in a workspace on that day belongs to the budget: as they are called now (cost_scope_has),
 * or were in the day's period. */
bool cost_bound_has(const struct cost *cost, size_t budget, struct view workspace, struct view key, int64_t day);
/* The bounds of a budget of a workspace or a key that count on that day or later, from *at (first 0) on; NULL: no more.
 */
const struct cost_bound *cost_bound_next(const struct cost *cost, size_t budget, int64_t day, size_t *at);
/* Those that nothing was called so since before before_day go. 0, BATCH_FULL, -1 with err. */
[[nodiscard]] int cost_bound_forget(struct cost *cost, int64_t before_day, struct err *err);

/* --- cost_scope.c --- */
/* Whether what a key spends in a workspace belongs to the budget. key: VIEW_NONE where none is known. */
bool cost_scope_has(const struct cost *cost, const struct policy_budget *budget, struct view workspace,
		    struct view key);
/* The team in a key's name, as it is called now; empty: none. */
struct view cost_scope_team(const struct cost *cost, struct view key);
/* Appends "workspace:ml-prod"; of the organization just that. 0 or -1. */
[[nodiscard]] int cost_scope_add(struct buf *buf, const struct policy_budget *budget);
/* Whether there is what the budget is of; where nobody can know it (a team), it is. */
bool cost_scope_is_known(const struct cost *cost, const struct policy_budget *budget);

/* --- cost_sums.c --- */
[[nodiscard]] int cost_sums_init(struct cost_sums *sums, int64_t from_day, int64_t to_day, size_t budgets,
				 struct err *err);
void cost_sums_done(struct cost_sums *sums);
/* Those of the days before day, from what is kept. *ret_day: from which one on they are to be asked for, which is day,
 * or the first one before it that is missing or was read before it was final. 0 or -1 with err. */
[[nodiscard]] int cost_sums_load(struct cost *cost, struct cost_sums *sums, int64_t day, int64_t *ret_day,
				 struct err *err);
/* Asks for those from day on, and keeps them. 0, BATCH_FULL, -1 with err. */
[[nodiscard]] int cost_sums_ask(struct cost *cost, struct cost_sums *sums, int64_t day, struct err *err);
/* Sums of other budgets, and of days that no period looks at any more, go. 0, BATCH_FULL, -1. */
[[nodiscard]] int cost_sums_forget(struct cost *cost, int64_t before_day, struct err *err);
/* What a budget has used from from_s to before to_s, as far as there are sums of it. 0 or -1 with err. */
[[nodiscard]] int cost_sums_used(const struct cost_sums *sums, size_t budget, int64_t from_s, int64_t to_s,
				 struct decimal *ret, struct err *err);
/* A currency other than USD that there were costs in then; NULL: none. */
const char *cost_sums_other(const struct cost_sums *sums, size_t budget, int64_t from_s, int64_t to_s);

#endif
