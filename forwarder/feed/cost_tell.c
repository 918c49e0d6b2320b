/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of budgets, each once a period: kept in the spool under "raised/END OF PERIOD/HASH", for each workspace
 * or key that the budget is about, so that it is known under another name as well. */
#include <inttypes.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "forwarder/feed/cost.h"

#define CENTS 2
#define RAISED "raised/"
#define WATCHED "watched/"

static int add_money(struct buf *buf, struct decimal d)
{
	return decimal_write_fixed(buf, d, CENTS);
}

static int add_share(struct buf *buf, const struct cost_standing *s)
{
	uint64_t ratio = budget_ratio(s->budget, s->used);

	return buf_addf(buf, "%" PRIu64 ".%02" PRIu64, ratio / 100, ratio % 100);
}

/* "12.00 of 100.00 USD (monthly budget from 2026-11-01T00:00:00Z)" */
static int add_used(struct buf *message, const struct cost_standing *s)
{
	return add_money(message, s->used) || buf_add_text(message, " of ") ||
			       add_money(message, s->budget->limit_usd) ||
			       buf_addf(message, " USD (%s budget from ", policy_period_names[s->budget->period]) ||
			       clock_add_rfc3339(message, s->from_s) || buf_add_byte(message, ')')
		       ? -1
		       : 0;
}

static int add_reached(struct buf *message, const struct cost_standing *s, unsigned threshold)
{
	return buf_add(message, buf_view(&s->scope)) || buf_add_text(message, " has used ") || add_used(message, s) ||
			       buf_add_text(message, ": ") || add_share(message, s) ||
			       buf_addf(message, " %%, and %u %% was the threshold; at this pace ", threshold) ||
			       add_money(message, s->projected) || buf_add_text(message, " USD at its end")
		       ? -1
		       : 0;
}

static int add_incomplete(struct buf *message, const struct cost_standing *s)
{
	return buf_add(message, buf_view(&s->scope)) ||
			       buf_addf(message,
					" has costs in %s, which are not converted: "
					"its budget counts US dollars only, ",
					s->other) ||
			       add_used(message, s)
		       ? -1
		       : 0;
}

static const char *severity_of(unsigned threshold)
{
	return event_severity_names[threshold && threshold < 80 ? EVENT_NOTICE
				    : threshold < 100           ? EVENT_WARNING
								: EVENT_ERR];
}

static void member_money(struct jsonw *w, const char *key, struct decimal d)
{
	DEFER(buf_done) struct buf text = BUF_INIT(128);

	if (add_money(&text, d) == 0)
		jsonw_member(w, key, buf_view(&text));
}

static const char *type_of(unsigned threshold)
{
	return threshold ? "budget_threshold" : "budget_incomplete";
}

/* The event; r->id is made. */
static int tell(struct cost *c, const struct cost_standing *s, unsigned threshold, struct err *err)
{
	struct report *r = &c->report;
	DEFER(buf_done) struct buf share = BUF_INIT(64);
	struct jsonw *w;

	buf_clear(&r->message);
	if ((threshold ? add_reached(&r->message, s, threshold) : add_incomplete(&r->message, s)) ||
	    add_share(&share, s))
		return err_nomem(err);
	w = batch_begin(&r->batch, type_of(threshold), s->now_s, severity_of(threshold), buf_view(&r->message));
	jsonw_member(w, "scope", buf_view(&s->scope));
	jsonw_member_text(w, "scope_type", policy_scope_names[s->budget->scope]);
	batch_member(w, "scope_name", view_of(s->budget->name));
	jsonw_member_text(w, "period", policy_period_names[s->budget->period]);
	batch_member_time(w, "period_start", s->from_s);
	batch_member_time(w, "period_end", s->to_s);
	if (threshold)
		jsonw_member_u64(w, "threshold", threshold);
	else
		jsonw_member_text(w, "currency", s->other);
	member_money(w, "used_usd", s->used);
	member_money(w, "limit_usd", s->budget->limit_usd);
	if (threshold)
		member_money(w, "projected_usd", s->projected);
	jsonw_member(w, "used_percent", buf_view(&share));
	return batch_end(&r->batch, buf_view(&r->id), err);
}

/* --- each once --- */

/* What is told of a period, as it is known under one of the names of what it is about. 0 or -1. */
static int make_id(struct report *r, const struct cost_standing *s, struct view scope, unsigned threshold)
{
	buf_clear(&r->id);
	return buf_addf(&r->id, "%s:%s:", type_of(threshold), policy_period_names[s->budget->period]) ||
			       clock_add_rfc3339(&r->id, s->from_s) || batch_add_id(&r->id, scope) ||
			       buf_add_byte(&r->id, ':') || decimal_write(&r->id, s->budget->limit_usd) ||
			       buf_addf(&r->id, ":%u", threshold)
		       ? -1
		       : 0;
}

/* Makes r->key of a prefix and a hash of r->id. 0 or -1. */
static int make_key(struct report *r, const char *prefix)
{
	unsigned char hash[DIGEST_SHA256_BYTES];

	digest_sha256(buf_view(&r->id), hash);
	buf_clear(&r->key);
	return buf_add_text(&r->key, prefix) || digest_add_hex(&r->key, hash, 2 * (size_t)COST_HASH_BYTES) ? -1 : 0;
}

/* What is kept under r->key. */
static int read_kept(struct report *r, struct buf *kept, struct err *err)
{
	buf_clear(kept);
	return r->env.out->item(r->env.out->context, r->env.settings->name, buf_view(&r->key), kept, err);
}

/* A workspace or a key by its id, the others by their names: calls see for each one. 0, or what it gave. */
static int each_scope(struct cost *c, size_t budget, int64_t day,
		      int (*see)(struct cost *c, struct view scope, void *context, struct err *err), void *context,
		      struct err *err)
{
	const struct policy_budget *b = &c->policy->budgets[budget];
	bool has_id = b->scope == POLICY_WORKSPACE || b->scope == POLICY_KEY;
	DEFER(buf_done) struct buf scope = BUF_INIT(EVENT_MESSAGE_BYTES);
	const struct cost_bound *bound;
	size_t at = 0, count = 0;
	int status = 0;

	while (!status && has_id && (bound = cost_bound_next(c, budget, day, &at))) {
		buf_clear(&scope);
		count++;
		status = buf_addf(&scope, "%s id:%s", policy_scope_names[b->scope], bound->id)
				 ? err_nomem(err)
				 : see(c, buf_view(&scope), context, err);
	}
	if (status || count)
		return status;
	return cost_scope_add(&scope, b) ? err_nomem(err) : see(c, buf_view(&scope), context, err);
}

struct telling {
	const struct cost_standing *standing;
	unsigned threshold;
	char prefix[sizeof(RAISED) + 24];
};

static int make_raised(struct cost *c, struct view scope, const struct telling *t)
{
	return make_id(&c->report, t->standing, scope, t->threshold) || make_key(&c->report, t->prefix) ? -1 : 0;
}

/* 1 when it was told. */
static int is_told(struct cost *c, struct view scope, void *context, struct err *err)
{
	DEFER(buf_done) struct buf kept = BUF_INIT(PAGE_ITEM_BYTES);

	if (make_raised(c, scope, context))
		return err_nomem(err);
	return read_kept(&c->report, &kept, err) ? -1 : kept.len > 0;
}

static int keep_told(struct cost *c, struct view scope, void *context, struct err *err)
{
	if (make_raised(c, scope, context))
		return err_nomem(err);
	return batch_keep(&c->report.batch, buf_view(&c->report.key), VIEW("true"), err);
}

int cost_tell(struct cost *c, const struct cost_standing *s, unsigned threshold, struct err *err)
{
	struct telling t = { .standing = s, .threshold = threshold };
	DEFER(buf_done) struct buf prefix = BUF_INIT(sizeof(t.prefix));
	int64_t day = clock_day(s->from_s);
	int status;

	if (buf_addf(&prefix, RAISED "%010" PRId64 "/", s->to_s))
		return err_nomem(err);
	memccpy(t.prefix, prefix.ptr, '\0', sizeof(t.prefix));
	status = each_scope(c, s->index, day, is_told, &t, err);
	if (status)
		return status < 0 ? -1 : 0;
	if (make_id(&c->report, s, buf_view(&s->scope), threshold))
		return err_nomem(err);
	return tell(c, s, threshold, err) || each_scope(c, s->index, day, keep_told, &t, err) ? -1 : 0;
}

int cost_tell_forget(struct cost *c, int64_t before_s, struct err *err)
{
	const struct feed_out *out = c->report.env.out;
	DEFER(buf_done) struct buf to = BUF_INIT(64);

	if (buf_addf(&to, RAISED "%010" PRId64, before_s > 0 ? before_s : 0))
		return err_nomem(err);
	return out->items(out->context, c->report.env.settings->name, VIEW(RAISED), buf_view(&to), batch_drop,
			  &c->report.batch, err);
}

/* --- since when --- */

struct watching {
	const struct policy_budget *budget;
	int64_t since_s;
};

static int make_watched(struct cost *c, struct view scope, const struct policy_budget *b)
{
	struct report *r = &c->report;

	buf_clear(&r->id);
	return buf_add_text(&r->id, policy_period_names[b->period]) || batch_add_id(&r->id, scope) ||
			       buf_add_byte(&r->id, ':') || decimal_write(&r->id, b->limit_usd) || make_key(r, WATCHED)
		       ? -1
		       : 0;
}

static int see_watched(struct cost *c, struct view scope, void *context, struct err *err)
{
	struct watching *w = context;
	DEFER(buf_done) struct buf kept = BUF_INIT(PAGE_ITEM_BYTES);
	uint64_t since_s;

	if (make_watched(c, scope, w->budget))
		return err_nomem(err);
	if (read_kept(&c->report, &kept, err))
		return -1;
	if (kept.len && text_u64(buf_view(&kept), INT64_MAX, &since_s) == 0 && (int64_t)since_s < w->since_s)
		w->since_s = (int64_t)since_s;
	return 0;
}

static int keep_watched(struct cost *c, struct view scope, void *context, struct err *err)
{
	const struct watching *w = context;
	DEFER(buf_done) struct buf kept = BUF_INIT(PAGE_ITEM_BYTES), since = BUF_INIT(64);

	if (make_watched(c, scope, w->budget) || buf_addf(&since, "%" PRId64, w->since_s))
		return err_nomem(err);
	if (read_kept(&c->report, &kept, err))
		return -1;
	return kept.len ? 0 : batch_keep(&c->report.batch, buf_view(&c->report.key), buf_view(&since), err);
}

int cost_tell_since(struct cost *c, size_t budget, int64_t now_s, int64_t *ret_s, struct err *err)
{
	struct watching w = { &c->policy->budgets[budget], now_s };

	if (each_scope(c, budget, INT64_MIN, see_watched, &w, err) ||
	    each_scope(c, budget, INT64_MIN, keep_watched, &w, err))
		return -1;
	*ret_s = w.since_s;
	return 0;
}
