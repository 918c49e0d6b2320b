/* SPDX-License-Identifier: Apache-2.0 */
/* Which budgets have reached which of their thresholds. When it was judged is kept in the spool as "judged": periods
 * that ended while skantd was away are judged when it is back. */
#include <inttypes.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/feed/cost.h"

#define DAY_S INT64_C(86'400)
#define RATIO 10'000.0 /* hundredths of a per cent */
#define JUDGED "judged"
#define BUDGETS_NAMED 1000         /* that are of what is not there */
#define RAISED_KEPT_S (62 * DAY_S) /* what was told is kept so much longer than anything could be told again */

int cost_budget_open(struct cost *c, struct err *err)
{
	const struct policy *policy = c->report.env.all->rules;

	if (!policy || !policy->budget_count)
		return 0;
	c->policy = policy;
	for (size_t i = 0; i < policy->budget_count; i++)
		c->needs_keys |= policy->budgets[i].scope == POLICY_KEY || policy->budgets[i].scope == POLICY_TEAM;
	if (c->needs_keys)
		c->names.parts = DIRECTORY_KEYS;
	return cost_bound_open(c, err);
}

static void measure(struct cost *c, const struct cost_standing *s)
{
	const struct feed_out *out = c->report.env.out;

	out->measured(out->context, c->report.env.settings->name, FEED_BUDGET_USED, s->scope.ptr,
		      policy_period_names[s->budget->period], (double)budget_ratio(s->budget, s->used) / RATIO);
}

static int judge(struct cost *c, const struct cost_sums *sums, size_t budget, int64_t at_s, int64_t now_s,
		 struct err *err)
{
	struct cost_standing s = { .index = budget, .budget = &c->policy->budgets[budget], .now_s = now_s };
	DEFER(buf_done) struct buf scope = BUF_INIT(EVENT_MESSAGE_BYTES);
	unsigned reached;

	budget_period(s.budget->period, at_s, &s.from_s, &s.to_s);
	if (cost_sums_used(sums, budget, s.from_s, s.to_s, &s.used, err))
		return -1;
	if (cost_scope_add(&scope, s.budget))
		return err_nomem(err);
	s.scope = scope;
	s.projected = budget_projection(s.used, s.from_s, now_s < s.to_s ? now_s : s.to_s, s.to_s);
	s.other = cost_sums_other(sums, budget, s.from_s, s.to_s);
	if (s.other && cost_tell(c, &s, 0, err))
		return -1;
	reached = budget_reached(s.budget, s.used);
	for (size_t i = 0; i < s.budget->alert_count; i++)
		if (reached & 1u << i && cost_tell(c, &s, s.budget->alert_at[i], err))
			return -1;
	if (now_s >= s.from_s && now_s < s.to_s)
		measure(c, &s);
	return 0;
}

/* All periods of a budget from back_s on; not those that were over before anybody watched it. 0, BATCH_FULL, -1. */
static int judge_periods(struct cost *c, const struct cost_sums *sums, size_t budget, int64_t back_s, int64_t now_s,
			 struct err *err)
{
	const struct policy_budget *b = &c->policy->budgets[budget];
	int64_t from_s, to_s, since_s = now_s;
	int status = 0;

	if (cost_tell_since(c, budget, now_s, &since_s, err))
		return -1;
	for (int64_t at_s = back_s; at_s <= now_s && !status; at_s = to_s) {
		budget_period(b->period, at_s, &from_s, &to_s);
		if (to_s > since_s && judge(c, sums, budget, at_s, now_s, err))
			return -1;
		status = batch_flush(&c->report.batch, err);
	}
	return status;
}

/* --- a poll --- */

static int64_t first_day(const struct cost *c, int64_t back_s)
{
	int64_t first_s = back_s, from_s, to_s;

	for (size_t i = 0; i < c->policy->budget_count; i++) {
		budget_period(c->policy->budgets[i].period, back_s, &from_s, &to_s);
		first_s = from_s < first_s ? from_s : first_s;
	}
	return first_s / DAY_S;
}

/* From when on anything may have changed since it was judged: lookback before then, or before now, when it never was.
 * Clocks may be set back. */
static int find_back(struct cost *c, int64_t now_s, int64_t *ret_s, struct err *err)
{
	const struct feed_out *out = c->report.env.out;
	DEFER(buf_done) struct buf kept = BUF_INIT(PAGE_ITEM_BYTES);
	int64_t most_s = now_s - COST_BACK_DAYS_MAX * DAY_S, judged_s = now_s;
	uint64_t n;

	if (out->item(out->context, c->report.env.settings->name, VIEW(JUDGED), &kept, err))
		return -1;
	if (kept.len && text_u64(buf_view(&kept), INT64_MAX, &n) == 0 && (int64_t)n < now_s)
		judged_s = (int64_t)n;
	*ret_s = (judged_s > most_s ? judged_s : most_s) - (int64_t)c->report.env.settings->lookback_ms / 1000;
	return 0;
}

/* All is told that there was up to now_s, and what nobody looks at any more goes. */
static int close_poll(struct cost *c, int64_t from_day, int64_t now_s, struct err *err)
{
	DEFER(buf_done) struct buf now = BUF_INIT(64);
	int status;

	if (buf_addf(&now, "%" PRId64, now_s))
		return err_nomem(err);
	if (batch_keep(&c->report.batch, VIEW(JUDGED), buf_view(&now), err))
		return -1;
	status = cost_sums_forget(c, from_day, err);
	if (!status)
		status = cost_bound_forget(c, from_day, err);
	if (!status)
		status = cost_tell_forget(c, from_day * DAY_S - RAISED_KEPT_S, err);
	return status ? status : batch_put(&c->report.batch, VIEW_NONE, err);
}

int cost_budget_read(struct cost *c, struct err *err)
{
	int64_t now_s = turn_now_s(&c->report.turn), back_s, from_day, ask_day;
	DEFER(cost_sums_done) struct cost_sums sums = { .used = NULL };
	int status;

	if (!c->policy)
		return 0;
	if (find_back(c, now_s, &back_s, err))
		return -1;
	if (back_s < 0)
		return 0;
	from_day = first_day(c, back_s);
	status = cost_bound_read(c, now_s / DAY_S, err);
	if (status)
		return status;
	if (cost_sums_init(&sums, from_day, now_s / DAY_S + 1, c->policy->budget_count, err) ||
	    cost_sums_load(c, &sums, back_s / DAY_S, &ask_day, err))
		return -1;
	status = cost_sums_ask(c, &sums, ask_day, err);
	for (size_t i = 0; i < sums.budgets && !status; i++)
		status = judge_periods(c, &sums, i, back_s, now_s, err);
	return status ? status : close_poll(c, from_day, now_s, err);
}

/* Those that are of what is not there, each in a line of its own, but for very many. */
static int report_unknown(struct cost *c, struct buf *report)
{
	const struct turn *t = &c->report.turn;
	size_t count = 0;

	for (size_t i = 0; i < c->policy->budget_count; i++) {
		DEFER(buf_done) struct buf scope = BUF_INIT(EVENT_MESSAGE_BYTES);

		if (cost_scope_is_known(c, &c->policy->budgets[i]) || count++ >= BUDGETS_NAMED)
			continue;
		if (cost_scope_add(&scope, &c->policy->budgets[i]) ||
		    turn_add_line(
			    report, t,
			    "a budget is of %s, which is not there: nothing is counted, unless something had that "
			    "name before",
			    scope.ptr))
			return -1;
	}
	if (count <= BUDGETS_NAMED)
		return 0;
	return turn_add_line(report, t, "and %zu more budgets are of what is not there", count - BUDGETS_NAMED);
}

int cost_budget_report(struct cost *c, struct buf *report, struct err *err)
{
	const struct turn *t = &c->report.turn;

	if (!c->policy)
		return turn_add_line(report, t, "the policy has no budgets, so none is watched") ? err_nomem(err) : 0;
	if (turn_add_line(report, t, "%zu budgets are watched; each threshold is told once a period",
			  c->policy->budget_count) ||
	    report_unknown(c, report))
		return err_nomem(err);
	return 0;
}
