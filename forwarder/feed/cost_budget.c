/* SPDX-License-Identifier: Apache-2.0 */
/* Which budgets have reached which of their thresholds. */
#include <inttypes.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "forwarder/feed/cost.h"

#define DAY_S INT64_C(86'400)
#define CENTS 2
#define SHAPE_HASH_BYTES 8
#define RATIO 10'000.0 /* hundredths of a per cent */
#define RAISED "raised/"
#define WATCHED "watched/"
#define RAISED_KEPT_S (62 * DAY_S) /* what was told is kept so much longer than anything could be told again */

/* --- what the policy says --- */

static int add_list(struct buf *text, const struct keyname_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (buf_addf(text, " %s", list->items[i]))
			return -1;
	return buf_add_byte(text, '\n');
}

/* All on which it depends which money belongs to which budget; not the limits. */
static int make_shape(struct cost *c, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(SIZE_MAX / 2), hex = BUF_INIT(COST_SHAPE_BYTES);
	const struct policy *p = c->policy;
	unsigned char hash[DIGEST_SHA256_BYTES];
	int status = buf_addf(&text, "%s", p->names.format) || add_list(&text, &p->names.teams) ||
		     add_list(&text, &p->names.environments) || add_list(&text, &p->names.purposes);

	for (size_t i = 0; i < p->budget_count && !status; i++)
		status = buf_addf(&text, "%d %d %s\n", (int)p->budgets[i].scope, (int)p->budgets[i].period,
				  p->budgets[i].name);
	for (size_t i = 0; i < p->department_count && !status; i++)
		status =
			buf_addf(&text, "%s", p->departments[i].name) || add_list(&text, &p->departments[i].workspaces);
	digest_sha256(buf_view(&text), hash);
	if (status || digest_add_hex(&hex, hash, SHAPE_HASH_BYTES))
		return err_nomem(err);
	memccpy(c->shape, hex.ptr, '\0', sizeof(c->shape));
	return 0;
}

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
	return make_shape(c, err);
}

/* --- events --- */

/* One budget in one of its periods. */
struct standing {
	const struct policy_budget *budget;
	int64_t from_s, to_s, now_s;
	struct decimal used, projected;
	struct buf scope; /* "workspace:ml-prod" */
};

static int add_money(struct buf *buf, struct decimal d)
{
	return decimal_write_fixed(buf, d, CENTS);
}

static int add_share(struct buf *buf, const struct standing *s)
{
	uint64_t ratio = budget_ratio(s->budget, s->used);

	return buf_addf(buf, "%" PRIu64 ".%02" PRIu64, ratio / 100, ratio % 100);
}

static int add_message(struct buf *message, const struct standing *s, unsigned threshold)
{
	int status = buf_add(message, buf_view(&s->scope)) || buf_add_text(message, " has used ") ||
		     add_money(message, s->used) || buf_add_text(message, " of ") ||
		     add_money(message, s->budget->limit_usd);

	status |= buf_addf(message, " USD (%s budget from ", policy_period_names[s->budget->period]) ||
		  clock_add_rfc3339(message, s->from_s) || buf_add_text(message, "): ") || add_share(message, s) ||
		  buf_addf(message, " %%, and %u %% was the threshold; at this pace ", threshold) ||
		  add_money(message, s->projected) || buf_add_text(message, " USD at its end");
	return status ? -1 : 0;
}

static const char *severity_of(unsigned threshold)
{
	return event_severity_names[threshold < 80 ? EVENT_NOTICE : threshold < 100 ? EVENT_WARNING : EVENT_ERR];
}

static void member_money(struct jsonw *w, const char *key, struct decimal d)
{
	DEFER(buf_done) struct buf text = BUF_INIT(128);

	if (add_money(&text, d) == 0)
		jsonw_member(w, key, buf_view(&text));
}

static int tell(struct cost *c, const struct standing *s, unsigned threshold, struct err *err)
{
	struct report *r = &c->report;
	DEFER(buf_done) struct buf share = BUF_INIT(64);
	struct jsonw *w;

	buf_clear(&r->message);
	if (add_message(&r->message, s, threshold) || add_share(&share, s))
		return err_nomem(err);
	w = batch_begin(&r->batch, "budget_threshold", s->now_s, severity_of(threshold), buf_view(&r->message));
	jsonw_member(w, "scope", buf_view(&s->scope));
	jsonw_member_text(w, "scope_type", policy_scope_names[s->budget->scope]);
	batch_member(w, "scope_name", view_of(s->budget->name));
	jsonw_member_text(w, "period", policy_period_names[s->budget->period]);
	batch_member_time(w, "period_start", s->from_s);
	batch_member_time(w, "period_end", s->to_s);
	jsonw_member_u64(w, "threshold", threshold);
	member_money(w, "used_usd", s->used);
	member_money(w, "limit_usd", s->budget->limit_usd);
	member_money(w, "projected_usd", s->projected);
	jsonw_member(w, "used_percent", buf_view(&share));
	return batch_end(&r->batch, buf_view(&r->id), err);
}

/* What a threshold of a period is known by: as the event's id, and, hashed, as what is kept of it. */
static int make_id(struct report *r, const struct standing *s, unsigned threshold)
{
	unsigned char hash[DIGEST_SHA256_BYTES];

	buf_clear(&r->id);
	buf_clear(&r->key);
	if (buf_addf(&r->id, "budget_threshold:%s:", policy_period_names[s->budget->period]) ||
	    clock_add_rfc3339(&r->id, s->from_s) || batch_add_id(&r->id, buf_view(&s->scope)) ||
	    buf_add_byte(&r->id, ':') || decimal_write(&r->id, s->budget->limit_usd) ||
	    buf_addf(&r->id, ":%u", threshold))
		return -1;
	digest_sha256(buf_view(&r->id), hash);
	return buf_addf(&r->key, RAISED "%010" PRId64 "/", s->to_s) ||
	       digest_add_hex(&r->key, hash, 2 * SHAPE_HASH_BYTES);
}

static int tell_threshold(struct cost *c, const struct standing *s, unsigned threshold, struct err *err)
{
	struct report *r = &c->report;
	DEFER(buf_done) struct buf kept = BUF_INIT(PAGE_ITEM_BYTES);

	if (make_id(r, s, threshold))
		return err_nomem(err);
	if (r->env.out->item(r->env.out->context, r->env.settings->name, buf_view(&r->key), &kept, err))
		return -1;
	if (kept.len)
		return 0;
	return tell(c, s, threshold, err) || batch_keep(&r->batch, buf_view(&r->key), VIEW("true"), err) ? -1 : 0;
}

static void measure(struct cost *c, const struct standing *s)
{
	const struct feed_out *out = c->report.env.out;

	out->measured(out->context, c->report.env.settings->name, FEED_BUDGET_USED, s->scope.ptr,
		      policy_period_names[s->budget->period], (double)budget_ratio(s->budget, s->used) / RATIO);
}

static int judge(struct cost *c, const struct cost_sums *sums, size_t budget, int64_t at_s, int64_t now_s,
		 struct err *err)
{
	struct standing s = { .budget = &c->policy->budgets[budget], .now_s = now_s };
	DEFER(buf_done) struct buf scope = BUF_INIT(EVENT_MESSAGE_BYTES);
	unsigned reached;

	budget_period(s.budget->period, at_s, &s.from_s, &s.to_s);
	if (cost_sums_used(sums, budget, s.from_s, s.to_s, &s.used, err))
		return -1;
	if (cost_scope_add(&scope, s.budget))
		return err_nomem(err);
	s.scope = scope;
	s.projected = budget_projection(s.used, s.from_s, now_s < s.to_s ? now_s : s.to_s, s.to_s);
	reached = budget_reached(s.budget, s.used);
	for (size_t i = 0; i < s.budget->alert_count; i++)
		if (reached & 1u << i && tell_threshold(c, &s, s.budget->alert_at[i], err))
			return -1;
	if (now_s >= s.from_s && now_s < s.to_s)
		measure(c, &s);
	return 0;
}

/* Since when a budget with this limit is watched: now, when it is new. 0 or -1 with err. */
static int watched_since(struct cost *c, const struct policy_budget *b, int64_t now_s, int64_t *ret_s, struct err *err)
{
	struct report *r = &c->report;
	DEFER(buf_done) struct buf kept = BUF_INIT(PAGE_ITEM_BYTES);
	unsigned char hash[DIGEST_SHA256_BYTES];
	uint64_t since_s;

	buf_clear(&r->id);
	buf_clear(&r->key);
	if (buf_add_text(&r->id, policy_period_names[b->period]) || batch_add_id(&r->id, view_of(b->name)) ||
	    buf_addf(&r->id, ":%d:", (int)b->scope) || decimal_write(&r->id, b->limit_usd))
		return err_nomem(err);
	digest_sha256(buf_view(&r->id), hash);
	if (buf_add_text(&r->key, WATCHED) || digest_add_hex(&r->key, hash, 2 * SHAPE_HASH_BYTES))
		return err_nomem(err);
	if (r->env.out->item(r->env.out->context, r->env.settings->name, buf_view(&r->key), &kept, err))
		return -1;
	*ret_s = now_s;
	if (kept.len && text_u64(buf_view(&kept), INT64_MAX, &since_s) == 0) {
		*ret_s = (int64_t)since_s;
		return 0;
	}
	buf_clear(&kept);
	if (buf_addf(&kept, "%" PRId64, now_s))
		return err_nomem(err);
	return batch_keep(&r->batch, buf_view(&r->key), buf_view(&kept), err);
}

/* All periods of a budget of which the report may still change anything; not those that were over before anybody
 * watched it. */
static int judge_periods(struct cost *c, const struct cost_sums *sums, size_t budget, int64_t back_s, int64_t now_s,
			 struct err *err)
{
	const struct policy_budget *b = &c->policy->budgets[budget];
	int64_t from_s, to_s, since_s = now_s;

	if (watched_since(c, b, now_s, &since_s, err))
		return -1;
	for (int64_t at_s = back_s; at_s <= now_s; at_s = to_s) {
		budget_period(b->period, at_s, &from_s, &to_s);
		if (to_s > since_s && judge(c, sums, budget, at_s, now_s, err))
			return -1;
	}
	return 0;
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

static int forget(struct cost *c, int64_t day, struct err *err)
{
	const struct feed_out *out = c->report.env.out;
	DEFER(buf_done) struct buf to = BUF_INIT(64);
	int64_t before_s = day * DAY_S - RAISED_KEPT_S;
	int status = cost_sums_forget(c, day, err);

	if (status)
		return status;
	if (buf_addf(&to, RAISED "%010" PRId64, before_s > 0 ? before_s : 0))
		return err_nomem(err);
	return out->items(out->context, c->report.env.settings->name, VIEW(RAISED), buf_view(&to), batch_drop,
			  &c->report.batch, err);
}

static int read_sums(struct cost *c, struct cost_sums *sums, int64_t back_day, struct err *err)
{
	int status = cost_sums_load(c, sums, back_day, err);

	if (status < 0)
		return -1;
	/* A day that is missing: the budgets are new, or it was off for long. */
	return cost_sums_ask(c, sums, status ? sums->from_day : back_day, err);
}

int cost_budget_read(struct cost *c, struct err *err)
{
	int64_t now_s = turn_now_s(&c->report.turn);
	int64_t back_s = now_s - (int64_t)c->report.env.settings->lookback_ms / 1000;
	DEFER(cost_sums_done) struct cost_sums sums = { .used = NULL };
	int64_t from_day;
	int status;

	if (!c->policy || back_s < 0)
		return 0;
	from_day = first_day(c, back_s);
	if (cost_sums_init(&sums, from_day, now_s / DAY_S + 1, c->policy->budget_count, err) ||
	    read_sums(c, &sums, back_s / DAY_S, err))
		return -1;
	for (size_t i = 0; i < sums.budgets; i++)
		if (judge_periods(c, &sums, i, back_s, now_s, err))
			return -1;
	status = batch_flush(&c->report.batch, err);
	if (!status)
		status = forget(c, from_day, err);
	return status ? status : batch_put(&c->report.batch, VIEW_NONE, err);
}

int cost_budget_report(struct cost *c, struct buf *report, struct err *err)
{
	const struct turn *t = &c->report.turn;

	if (!c->policy)
		return turn_add_line(report, t, "the policy has no budgets, so that none is watched") ? err_nomem(err)
												      : 0;
	if (turn_add_line(report, t, "%zu budgets are watched; each threshold is told once a period",
			  c->policy->budget_count))
		return err_nomem(err);
	for (size_t i = 0; i < c->policy->budget_count; i++) {
		DEFER(buf_done) struct buf scope = BUF_INIT(EVENT_MESSAGE_BYTES);

		if (cost_scope_is_known(c, &c->policy->budgets[i]))
			continue;
		if (cost_scope_add(&scope, &c->policy->budgets[i]) ||
		    turn_add_line(report, t, "a budget is of %s, which is not there: nothing will ever be counted",
				  scope.ptr))
			return err_nomem(err);
	}
	return 0;
}
