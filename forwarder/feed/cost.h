/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the cost feed: the cost report by day, and the policy's budgets.
 *
 * What was spent is added up by day and budget, and kept in the spool: each poll reads the last days anew (as far as
 * the report may still change), and takes those before from there. So that a budget is told of with the poll behind the
 * report that crosses its threshold, the sums are made of the same report, not of the rows that are final. Money of
 * keys and teams is the bill shared among keys (common/policy/spend.h).
 *
 * Each threshold is told once a period: what was told is kept in the transaction that stores the event. When what
 * belongs to a budget is said otherwise in the policy, the days of its periods are read anew; when its limit is another
 * one, its thresholds are new ones. */
#ifndef FORWARDER_FEED_COST_H
#define FORWARDER_FEED_COST_H

#include "common/api/endpoint_cost.h"
#include "common/policy/budget.h"
#include "forwarder/feed/names.h"
#include "forwarder/feed/report.h"

#define COST_SHAPE_BYTES 17

struct cost {
	struct report report;
	struct names names;
	/* The policy's budgets; NULL: none. */
	const struct policy *policy;
	bool needs_keys;              /* a budget is of a key or a team */
	char shape[COST_SHAPE_BYTES]; /* a hash of what belongs to the budgets */
};

/* What each budget has used on each day, in USD. */
struct cost_sums {
	int64_t from_day, to_day; /* [from, to), since 1970 */
	size_t budgets;
	struct decimal *used; /* (to - from) * budgets */
};

/* --- cost_budget.c --- */
[[nodiscard]] int cost_budget_open(struct cost *cost, struct err *err);
/* Adds up what was spent and tells what was reached. 0, BATCH_FULL, -1 with err. */
[[nodiscard]] int cost_budget_read(struct cost *cost, struct err *err);
/* Appends what `check` says of the budgets, also of those that are of what is not there. 0 or -1 with err. */
[[nodiscard]] int cost_budget_report(struct cost *cost, struct buf *report, struct err *err);

/* --- cost_scope.c --- */
/* Whether what a key spends in a workspace belongs to the budget. key: VIEW_NONE where none is known. */
bool cost_scope_has(const struct cost *cost, const struct policy_budget *budget, struct view workspace,
		    struct view key);
/* Appends "workspace:ml-prod"; of the organization just that. 0 or -1. */
[[nodiscard]] int cost_scope_add(struct buf *buf, const struct policy_budget *budget);
/* Whether there is what the budget is of; where nobody can know it (a team), it is. */
bool cost_scope_is_known(const struct cost *cost, const struct policy_budget *budget);

/* --- cost_sums.c --- */
[[nodiscard]] int cost_sums_init(struct cost_sums *sums, int64_t from_day, int64_t to_day, size_t budgets,
				 struct err *err);
void cost_sums_done(struct cost_sums *sums);
/* Those of all days before day, from what is kept. 0, 1 when a day is missing, -1 with err. */
[[nodiscard]] int cost_sums_load(struct cost *cost, struct cost_sums *sums, int64_t day, struct err *err);
/* Asks for those from day on, and keeps them. 0 or -1 with err. */
[[nodiscard]] int cost_sums_ask(struct cost *cost, struct cost_sums *sums, int64_t day, struct err *err);
/* Sums of other budgets, and of days that no period looks at any more, go. 0, BATCH_FULL, -1. */
[[nodiscard]] int cost_sums_forget(struct cost *cost, int64_t before_day, struct err *err);
/* What a budget has used from from_s to before to_s, as far as there are sums of it. 0 or -1 with err. */
[[nodiscard]] int cost_sums_used(const struct cost_sums *sums, size_t budget, int64_t from_s, int64_t to_s,
				 struct decimal *ret, struct err *err);

#endif
