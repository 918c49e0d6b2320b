/* SPDX-License-Identifier: Apache-2.0 */
/* What budgets have used, by day: kept in the spool as "spent/SHAPE/DAY", a list with a decimal number for each budget
 * of the policy. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/govern/ledger.h"
#include "common/sys/json.h"
#include "forwarder/feed/cost.h"

#define DAY_S INT64_C(86'400)
#define SPENT "spent/"
#define SPENT_END "spent0"

int cost_sums_init(struct cost_sums *s, int64_t from_day, int64_t to_day, size_t budgets, struct err *err)
{
	*s = (struct cost_sums){ .from_day = from_day, .to_day = to_day, .budgets = budgets };
	s->used = calloc((size_t)(to_day - from_day) * budgets + 1, sizeof(*s->used));
	return s->used ? 0 : err_nomem(err);
}

void cost_sums_done(struct cost_sums *s)
{
	free(s->used);
	s->used = NULL;
}

static struct decimal *sum_of(const struct cost_sums *s, int64_t day, size_t budget)
{
	return &s->used[(size_t)(day - s->from_day) * s->budgets + budget];
}

static int add_key(struct buf *key, const struct cost *c, int64_t day)
{
	return buf_addf(key, SPENT "%s/%06" PRId64, c->shape, day);
}

/* --- what is kept --- */

/* 0, or -1: it is nothing that we wrote. */
static int read_day(const struct cost_sums *s, int64_t day, struct view list)
{
	struct view value;
	size_t count = 0;

	while (count < s->budgets && json_each(&list, &value)) {
		struct view digits = view_sub(value, 1, value.len - 2);

		if (json_type_of(value) != JSON_STRING || decimal_parse(digits, sum_of(s, day, count)))
			return -1;
		count++;
	}
	return count == s->budgets ? 0 : -1;
}

int cost_sums_load(struct cost *c, struct cost_sums *s, int64_t day, struct err *err)
{
	const struct feed_out *out = c->report.env.out;

	for (int64_t at = s->from_day; at < day; at++) {
		DEFER(buf_done) struct buf key = BUF_INIT(PAGE_ITEM_KEY_BYTES), value = BUF_INIT(PAGE_ITEM_BYTES);
		struct view list;

		if (add_key(&key, c, at))
			return err_nomem(err);
		if (out->item(out->context, c->report.env.settings->name, buf_view(&key), &value, err))
			return -1;
		if (!value.len || json_whole(buf_view(&value), &list, NULL) || json_type_of(list) != JSON_ARRAY ||
		    read_day(s, at, list))
			return 1;
	}
	return 0;
}

static int keep_day(struct cost *c, const struct cost_sums *s, int64_t day, struct err *err)
{
	DEFER(buf_done) struct buf key = BUF_INIT(PAGE_ITEM_KEY_BYTES), value = BUF_INIT(PAGE_ITEM_BYTES);
	struct jsonw w;

	jsonw_init(&w, &value, 0);
	jsonw_array(&w);
	for (size_t i = 0; i < s->budgets; i++) {
		DEFER(buf_done) struct buf text = BUF_INIT(128);

		if (decimal_write(&text, *sum_of(s, day, i)))
			return err_nomem(err);
		jsonw_string(&w, buf_view(&text));
	}
	jsonw_end(&w);
	if (!jsonw_ok(&w) || add_key(&key, c, day))
		return err_nomem(err);
	return batch_keep(&c->report.batch, buf_view(&key), buf_view(&value), err);
}

/* All with from <= key < to. */
static int drop_range(struct cost *c, struct view from, struct view to, struct err *err)
{
	const struct feed_out *out = c->report.env.out;

	return out->items(out->context, c->report.env.settings->name, from, to, batch_drop, &c->report.batch, err);
}

int cost_sums_forget(struct cost *c, int64_t before_day, struct err *err)
{
	DEFER(buf_done) struct buf first = BUF_INIT(PAGE_ITEM_KEY_BYTES), last = BUF_INIT(PAGE_ITEM_KEY_BYTES);
	DEFER(buf_done) struct buf end = BUF_INIT(PAGE_ITEM_KEY_BYTES);
	int status;

	if (add_key(&first, c, 0) || add_key(&last, c, before_day > 0 ? before_day : 0) ||
	    buf_addf(&end, SPENT "%s0", c->shape))
		return err_nomem(err);
	/* Those before our shape in the order of keys, the old ones of ours, those behind. */
	status = drop_range(c, VIEW(SPENT), buf_view(&first), err);
	if (!status)
		status = drop_range(c, buf_view(&first), buf_view(&last), err);
	return status ? status : drop_range(c, buf_view(&end), VIEW(SPENT_END), err);
}

/* --- what the provider says --- */

struct sharing {
	const struct cost *cost;
	struct cost_sums *sums;
	/* The last share's, whose budgets those of the next one mostly are. */
	struct view workspace, key;
	bool *has; /* of each budget */
	bool is_set;
};

static bool is_same(struct view a, struct view b)
{
	return (a.ptr == NULL) == (b.ptr == NULL) && text_eq(a, b);
}

static void set_budgets(struct sharing *s, const struct spend_share *share)
{
	const struct policy *policy = s->cost->policy;

	if (s->is_set && is_same(s->workspace, share->what.workspace) && is_same(s->key, share->api_key))
		return;
	s->workspace = share->what.workspace;
	s->key = share->api_key;
	s->is_set = true;
	for (size_t i = 0; i < policy->budget_count; i++)
		s->has[i] = cost_scope_has(s->cost, &policy->budgets[i], s->workspace, s->key);
}

static int take_share(void *context, const struct spend_share *share)
{
	struct sharing *s = context;
	int64_t day = share->what.day;

	if (day < s->sums->from_day || day >= s->sums->to_day)
		return 0;
	set_budgets(s, share);
	for (size_t i = 0; i < s->sums->budgets; i++) {
		struct decimal *sum = sum_of(s->sums, day, i);

		if (s->has[i] && decimal_add(*sum, share->amount_usd, sum))
			return 1;
	}
	return 0;
}

static int add_up(struct cost *c, struct cost_sums *s, const struct spend *spend, struct err *err)
{
	DEFER(freep) bool *has = calloc(s->budgets + 1, sizeof(*has));
	struct sharing sharing = { .cost = c, .sums = s, .has = has };

	if (!has)
		return err_nomem(err);
	if (spend_each(spend, take_share, &sharing))
		return err_set(err, ERR_LIMIT, 0, "what was spent has more digits than can be added");
	return 0;
}

int cost_sums_ask(struct cost *c, struct cost_sums *s, int64_t day, struct err *err)
{
	DEFER(spend_freep) struct spend *spend = spend_new(err);
	unsigned parts = c->needs_keys ? LEDGER_COST | LEDGER_USAGE : LEDGER_COST;

	if (!spend || ledger_read(c->report.env.api, parts, day * DAY_S, s->to_day * DAY_S, spend, err) ||
	    spend_settle(spend, err))
		return -1;
	for (int64_t at = day; at < s->to_day; at++)
		memset(sum_of(s, at, 0), 0, s->budgets * sizeof(*s->used));
	if (add_up(c, s, spend, err))
		return -1;
	for (int64_t at = day; at < s->to_day; at++)
		if (keep_day(c, s, at, err))
			return -1;
	return 0;
}

int cost_sums_used(const struct cost_sums *s, size_t budget, int64_t from_s, int64_t to_s, struct decimal *ret,
		   struct err *err)
{
	*ret = (struct decimal){ .units = 0 };
	for (int64_t day = s->from_day; day < s->to_day; day++)
		if (day * DAY_S >= from_s && day * DAY_S < to_s && decimal_add(*ret, *sum_of(s, day, budget), ret))
			return err_set(err, ERR_LIMIT, 0, "what was spent has more digits than can be added");
	return 0;
}
