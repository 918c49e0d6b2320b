/* SPDX-License-Identifier: Apache-2.0 */
/* What budgets have used, by day: kept in the spool as "spent/SHAPE/DAY", an object with "read": when it was read,
 * "used": a decimal number for each budget of the policy, and, where there are any, "other": the currencies that were
 * not counted. What one value has no room for follows in parts of the same form, "spent/SHAPE/DAY/N", whose first
 * number is that of the N-th budget (from 0). All parts of a day are stored together. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/govern/ledger.h"
#include "common/sys/json.h"
#include "forwarder/feed/cost.h"
#include "forwarder/idset.h"

#define DAY_S INT64_C(86'400)
#define SPENT "spent/"
#define SPENT_END "spent0"

int cost_sums_init(struct cost_sums *s, int64_t from_day, int64_t to_day, size_t budgets, struct err *err)
{
	*s = (struct cost_sums){ .from_day = from_day, .to_day = to_day, .budgets = budgets };
	s->used = calloc((size_t)(to_day - from_day) * budgets + 1, sizeof(*s->used));
	s->other = calloc((size_t)(to_day - from_day) * budgets + 1, sizeof(*s->other));
	return s->used && s->other ? 0 : err_nomem(err);
}

void cost_sums_done(struct cost_sums *s)
{
	free(s->used);
	free(s->other);
	s->used = NULL;
	s->other = NULL;
}

static size_t place_of(const struct cost_sums *s, int64_t day, size_t budget)
{
	return (size_t)(day - s->from_day) * s->budgets + budget;
}

static struct decimal *sum_of(const struct cost_sums *s, int64_t day, size_t budget)
{
	return &s->used[place_of(s, day, budget)];
}

static char *other_of(const struct cost_sums *s, int64_t day, size_t budget)
{
	return s->other[place_of(s, day, budget)];
}

/* The first one stays. */
static void set_other(const struct cost_sums *s, int64_t day, size_t budget, struct view currency)
{
	char *other = other_of(s, day, budget);
	size_t len = currency.len < COST_CURRENCY_BYTES - 1 ? currency.len : COST_CURRENCY_BYTES - 1;

	if (other[0])
		return;
	for (size_t i = 0; i < len; i++)
		other[i] = text_is_alnum(currency.ptr[i]) ? currency.ptr[i] : '?';
	other[len] = '\0';
	if (!len)
		memcpy(other, "?", sizeof("?"));
}

/* Of the part of a day that begins with a budget. */
static int add_key(struct buf *key, const struct cost *c, int64_t day, size_t first)
{
	return buf_addf(key, SPENT "%s/%06" PRId64, c->shape, day) || (first && buf_addf(key, "/%zu", first)) ? -1 : 0;
}

/* --- what is kept --- */

/* How many there are; 0: it is nothing that we wrote. */
static size_t read_used(const struct cost_sums *s, int64_t day, size_t first, struct view list)
{
	struct view value;
	size_t at = first;

	while (at < s->budgets && json_each(&list, &value)) {
		struct view digits = view_sub(value, 1, value.len - 2);

		if (json_type_of(value) != JSON_STRING || decimal_parse(digits, sum_of(s, day, at)))
			return 0;
		at++;
	}
	return at - first;
}

static void read_other(const struct cost_sums *s, int64_t day, size_t first, struct view list)
{
	struct view value;

	for (size_t i = first; i < s->budgets && json_each(&list, &value); i++)
		if (json_type_of(value) == JSON_STRING && value.len > 2)
			set_other(s, day, i, view_sub(value, 1, value.len - 2));
}

static void clear_day(const struct cost_sums *s, int64_t day)
{
	memset(sum_of(s, day, 0), 0, s->budgets * sizeof(*s->used));
	memset(other_of(s, day, 0), 0, s->budgets * sizeof(*s->other));
}

/* Of how many budgets, from the first one on, what is kept of a day tells all that is to be known: it was read when it
 * was final. */
static size_t take_part(const struct cost *c, const struct cost_sums *s, int64_t day, size_t first, struct view kept)
{
	int64_t final_s = (day + 1) * DAY_S + (int64_t)(c->report.env.settings->settle_ms / 1000);
	struct view object, used, other;
	uint64_t read_s;
	size_t count;

	if (json_whole(kept, &object, NULL) || json_type_of(object) != JSON_OBJECT ||
	    text_u64(json_member(object, "read"), INT64_MAX, &read_s) || (int64_t)read_s < final_s)
		return 0;
	used = json_member(object, "used");
	other = json_member(object, "other");
	if (!used.len || json_type_of(used) != JSON_ARRAY)
		return 0;
	count = read_used(s, day, first, used);
	if (count && other.len && json_type_of(other) == JSON_ARRAY)
		read_other(s, day, first, other);
	return count;
}

/* 1; 0: not all of the day is kept; -1 with err. */
static int take_day(const struct cost *c, const struct cost_sums *s, int64_t day, struct err *err)
{
	const struct feed_out *out = c->report.env.out;
	size_t first = 0, count;

	do {
		DEFER(buf_done) struct buf key = BUF_INIT(PAGE_ITEM_KEY_BYTES), value = BUF_INIT(PAGE_ITEM_BYTES);

		if (add_key(&key, c, day, first))
			return err_nomem(err);
		if (out->item(out->context, c->report.env.settings->name, buf_view(&key), &value, err))
			return -1;
		count = take_part(c, s, day, first, buf_view(&value));
		first += count;
	} while (count && first < s->budgets);
	return first == s->budgets;
}

int cost_sums_load(struct cost *c, struct cost_sums *s, int64_t day, int64_t *ret_day, struct err *err)
{
	for (*ret_day = s->from_day; *ret_day < day; (*ret_day)++) {
		int status = take_day(c, s, *ret_day, err);

		if (status <= 0)
			return status;
	}
	return 0;
}

static void write_other(struct jsonw *w, const struct cost_sums *s, int64_t day, size_t first, size_t count)
{
	bool has_any = false;

	for (size_t i = first; i < first + count; i++)
		has_any |= other_of(s, day, i)[0];
	if (!has_any)
		return;
	jsonw_key(w, "other");
	jsonw_array(w);
	for (size_t i = first; i < first + count; i++)
		jsonw_string(w, view_of(other_of(s, day, i)));
	jsonw_end(w);
}

/* 0, or -1: there is no room for so many. */
static int write_part(struct buf *value, const struct cost_sums *s, int64_t day, size_t first, size_t count,
		      int64_t read_s)
{
	struct jsonw w;

	buf_clear(value);
	jsonw_init(&w, value, 0);
	jsonw_object(&w);
	jsonw_member_u64(&w, "read", (uint64_t)read_s);
	jsonw_key(&w, "used");
	jsonw_array(&w);
	for (size_t i = first; i < first + count && !w.failed; i++) {
		DEFER(buf_done) struct buf text = BUF_INIT(128);

		if (decimal_write(&text, *sum_of(s, day, i)))
			return -1;
		jsonw_string(&w, buf_view(&text));
	}
	jsonw_end(&w);
	write_other(&w, s, day, first, count);
	jsonw_end(&w);
	return jsonw_ok(&w) ? 0 : -1;
}

/* The sums of *count budgets, or of so many as one value has room for. 0 or -1 with err. */
static int keep_part(struct cost *c, const struct cost_sums *s, int64_t day, size_t first, size_t *count,
		     int64_t read_s, struct err *err)
{
	DEFER(buf_done) struct buf key = BUF_INIT(PAGE_ITEM_KEY_BYTES), value = BUF_INIT(PAGE_ITEM_BYTES);

	while (*count && write_part(&value, s, day, first, *count, read_s))
		*count /= 2;
	if (!*count || add_key(&key, c, day, first))
		return err_nomem(err);
	return batch_keep(&c->report.batch, buf_view(&key), buf_view(&value), err);
}

/* 0, BATCH_FULL, -1 with err. */
static int keep_day(struct cost *c, const struct cost_sums *s, int64_t day, int64_t read_s, struct err *err)
{
	size_t count = s->budgets;

	for (size_t first = 0; first < s->budgets; first += count) {
		if (count > s->budgets - first)
			count = s->budgets - first;
		if (keep_part(c, s, day, first, &count, read_s, err))
			return -1;
	}
	return batch_flush(&c->report.batch, err);
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

	if (add_key(&first, c, 0, 0) || add_key(&last, c, before_day > 0 ? before_day : 0, 0) ||
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
	int64_t day;
	struct view workspace, key;
	bool *has; /* of each budget */
	bool is_set;
	struct idset foreign; /* days and workspaces with costs in another currency */
	struct buf text;
};

static bool is_same(struct view a, struct view b)
{
	return (a.ptr == NULL) == (b.ptr == NULL) && text_eq(a, b);
}

static void set_budgets(struct sharing *s, int64_t day, struct view workspace, struct view key)
{
	if (s->is_set && s->day == day && is_same(s->workspace, workspace) && is_same(s->key, key))
		return;
	s->day = day;
	s->workspace = workspace;
	s->key = key;
	s->is_set = true;
	for (size_t i = 0; i < s->sums->budgets; i++)
		s->has[i] = cost_bound_has(s->cost, i, workspace, key, day);
}

static bool is_of_keys(const struct sharing *s, size_t budget)
{
	enum policy_scope scope = s->cost->policy->budgets[budget].scope;

	return scope == POLICY_KEY || scope == POLICY_TEAM;
}

static bool has_day(const struct sharing *s, int64_t day)
{
	return day >= s->sums->from_day && day < s->sums->to_day;
}

/* "DAY WORKSPACE" in s->text. 0 or -1. */
static int name_place(struct sharing *s, int64_t day, struct view workspace)
{
	buf_clear(&s->text);
	return buf_addf(&s->text, "%" PRId64 " ", day) || buf_add(&s->text, workspace) ? -1 : 0;
}

/* Money of another currency: budgets of workspaces are incomplete at once; those of keys once shares tell whose keys
 * there are. The currency's text is kept in the place's number. */
static int take_foreign(void *context, const struct api_cost *row, struct err *err)
{
	struct sharing *s = context;
	int64_t day = clock_day(row->starting_at.unix_s);
	uint64_t packed = 0;

	if (!has_day(s, day))
		return 0;
	for (size_t i = 0; i < COST_CURRENCY_BYTES - 1 && i < row->currency.len; i++)
		packed = packed << 8 | (unsigned char)row->currency.ptr[i];
	if (name_place(s, day, row->workspace_id) || idset_add(&s->foreign, buf_view(&s->text), packed, NULL))
		return err_nomem(err);
	s->is_set = false;
	set_budgets(s, day, row->workspace_id, VIEW_NONE);
	s->is_set = false; /* views of the row */
	for (size_t i = 0; i < s->sums->budgets; i++)
		if (s->has[i] && !is_of_keys(s, i))
			set_other(s->sums, day, i, row->currency);
	return 0;
}

/* The key has used something where costs are in another currency: part of them are its. */
static int note_foreign(struct sharing *s, const struct spend_share *share)
{
	char currency[COST_CURRENCY_BYTES];
	const struct idset_item *item;
	size_t at = sizeof(currency);

	if (name_place(s, share->what.day, share->what.workspace))
		return -1;
	item = idset_find(&s->foreign, buf_view(&s->text));
	for (uint64_t packed = item ? item->number : 0; packed; packed >>= 8)
		currency[--at] = (char)(packed & 0xff);
	for (size_t i = 0; item && i < s->sums->budgets; i++)
		if (s->has[i] && is_of_keys(s, i))
			set_other(s->sums, share->what.day, i, view_from(currency + at, sizeof(currency) - at));
	return 0;
}

static int take_share(void *context, const struct spend_share *share)
{
	struct sharing *s = context;
	int64_t day = share->what.day;

	if (!has_day(s, day))
		return 0;
	set_budgets(s, day, share->what.workspace, share->api_key);
	for (size_t i = 0; i < s->sums->budgets; i++) {
		struct decimal *sum = sum_of(s->sums, day, i);

		if (s->has[i] && decimal_add(*sum, share->amount_usd, sum))
			return 1;
	}
	return s->foreign.used ? note_foreign(s, share) : 0;
}

static int ask(struct sharing *s, int64_t day, struct err *err)
{
	DEFER(spend_freep) struct spend *spend = spend_new(err);
	const struct ledger_foreign foreign = { take_foreign, s };
	const struct cost *c = s->cost;
	unsigned parts = c->needs_keys ? LEDGER_COST | LEDGER_USAGE : LEDGER_COST;
	int status;

	if (!spend ||
	    ledger_read_usd(c->report.env.api, parts, day * DAY_S, s->sums->to_day * DAY_S, spend, &foreign, err) ||
	    spend_settle(spend, err))
		return -1;
	status = spend_each(spend, take_share, s);
	if (status > 0)
		return err_set(err, ERR_LIMIT, 0, "what was spent has more digits than can be added");
	return status ? err_nomem(err) : 0;
}

int cost_sums_ask(struct cost *c, struct cost_sums *s, int64_t day, struct err *err)
{
	DEFER(freep) bool *has = calloc(s->budgets + 1, sizeof(*has));
	struct sharing sharing = { .cost = c, .sums = s, .has = has, .text = BUF_INIT(FEED_ROW_BYTES) };
	int64_t read_s = turn_now_s(&c->report.turn);
	int status;

	if (!has)
		return err_nomem(err);
	for (int64_t at = day; at < s->to_day; at++)
		clear_day(s, at);
	status = ask(&sharing, day, err);
	idset_done(&sharing.foreign);
	buf_done(&sharing.text);
	for (int64_t at = day; at < s->to_day && !status; at++)
		status = keep_day(c, s, at, read_s, err);
	return status;
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

const char *cost_sums_other(const struct cost_sums *s, size_t budget, int64_t from_s, int64_t to_s)
{
	for (int64_t day = s->from_day; day < s->to_day; day++)
		if (day * DAY_S >= from_s && day * DAY_S < to_s && other_of(s, day, budget)[0])
			return other_of(s, day, budget);
	return NULL;
}
