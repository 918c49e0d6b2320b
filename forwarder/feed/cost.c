/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/cost.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/policy/spend.h"

#define CENTS 2 /* decimal places */
#define PARTS 9

static const char *const names[PARTS] = { "workspace_id", "description",    "cost_type",     "model",   "token_type",
					  "service_tier", "context_window", "inference_geo", "currency" };

static void parts_of(const struct api_cost *c, struct view ret[static PARTS])
{
	const struct view parts[PARTS] = { c->workspace_id,   c->description,   c->cost_type,
					   c->model,          c->token_type,    c->service_tier,
					   c->context_window, c->inference_geo, c->currency };

	memcpy(ret, parts, sizeof(parts));
}

static void ask(const struct report *, struct api_argument *arguments, size_t *count)
{
	arguments[(*count)++] = (struct api_argument){ .name = "group_by", .value = VIEW("workspace_id") };
	arguments[(*count)++] = (struct api_argument){ .name = "group_by", .value = VIEW("description") };
}

static int read_cost(struct api_reader *reader, struct view raw, void *ret, struct err *err)
{
	return api_cost_read(reader, raw, ret, err);
}

static int add_group(struct buf *group, const void *row)
{
	struct view parts[PARTS];

	parts_of(row, parts);
	return report_add_group(group, parts, PARTS);
}

static bool is_same(const void *row, const void *before)
{
	return decimal_cmp(((const struct api_cost *)row)->cents, ((const struct api_cost *)before)->cents) == 0;
}

/* --- events --- */

static struct cost *cost_of(const struct report *r)
{
	return r->owner;
}

/* In the unit that people reckon in. */
static struct decimal amount_of(const struct api_cost *c)
{
	struct decimal amount = { .units = 0 };

	if (c && decimal_shift(c->cents, -CENTS, &amount))
		amount = c->cents; /* more digits than a number has: no amount of money */
	return amount;
}

static int add_amount(struct buf *message, const struct api_cost *c, struct view currency)
{
	return decimal_write_fixed(message, amount_of(c), CENTS) || buf_add_byte(message, ' ') ||
	       buf_add(message, currency);
}

static int add_message(const struct report *r, struct buf *message, const struct report_change *change)
{
	const struct api_cost *row = change->row, *before = change->before, *c = row ? row : before;
	struct view what = c->description.len ? c->description : VIEW("all");
	int status = buf_add_text(message, before ? "cost was restated: " : "cost of ");

	status |= clock_add_rfc3339(message, change->from_s);
	buf_cut(message, message->len - (sizeof("T00:00:00Z") - 1));
	status |= buf_add_text(message, ", workspace ") ||
		  buf_add(message, names_of(&cost_of(r)->names, c->workspace_id)) || buf_add_text(message, ", ") ||
		  buf_add(message, what) || buf_add_text(message, ": ") || add_amount(message, row, c->currency);
	if (before)
		status |= buf_add_text(message, " (before: ") || add_amount(message, before, c->currency) ||
			  buf_add_byte(message, ')');
	return status ? -1 : 0;
}

static void write_amount(struct jsonw *w, const struct api_cost *c, bool in_usd)
{
	DEFER(buf_done) struct buf text = BUF_INIT(128);

	if (decimal_write(&text, amount_of(c)) == 0)
		jsonw_member(w, in_usd ? "amount_usd" : "amount", buf_view(&text));
}

static void write(const struct report *r, struct jsonw *w, const struct report_change *change)
{
	const struct api_cost *row = change->row, *before = change->before, *c = row ? row : before;
	struct view parts[PARTS];

	parts_of(c, parts);
	for (size_t i = 0; i < PARTS; i++)
		batch_member(w, names[i], parts[i]);
	jsonw_member(w, "workspace_name", names_of(&cost_of(r)->names, c->workspace_id));
	write_amount(w, row, spend_is_usd(c->currency));
	if (!before)
		return;
	jsonw_key(w, "before");
	jsonw_object(w);
	write_amount(w, before, spend_is_usd(c->currency));
	jsonw_end(w);
}

static const struct report_kind kind = { .type = "cost",
					 .restated = "cost_restated",
					 .operation = API_COST,
					 .row_bytes = sizeof(struct api_cost),
					 .ask = ask,
					 .read = read_cost,
					 .add_group = add_group,
					 .is_same = is_same,
					 .add_message = add_message,
					 .write = write };

/* --- life --- */

static void cost_close(void *feed)
{
	struct cost *c = feed;

	report_done(&c->report);
	cost_bound_close(c);
	names_done(&c->names);
	free(c);
}

static void *cost_open(const struct feed_env *env, struct err *err)
{
	struct cost *c = calloc(1, sizeof(*c));

	if (!c) {
		err_nomem(err);
		return NULL;
	}
	if (report_init(&c->report, &kind, env, c, err) == 0 && cost_budget_open(c, err) == 0)
		return c;
	cost_close(c);
	return NULL;
}

static int read_all(struct cost *c, struct err *err)
{
	int status;

	if (names_refresh(&c->names, c->report.env.api, err))
		return -1;
	status = report_read(&c->report, err);
	return status ? status : cost_budget_read(c, err);
}

static int cost_poll(void *feed, uint64_t *ret_wait_ms, struct err *err)
{
	struct cost *c = feed;
	int status = turn_begin(&c->report.turn, &c->report.batch, ret_wait_ms, err);

	if (status <= 0)
		return status;
	return turn_end(&c->report.turn, read_all(c, err), c->report.freshest_s, ret_wait_ms, err);
}

static int cost_check(void *feed, struct buf *report, struct err *err)
{
	struct cost *c = feed;
	const struct turn *t = &c->report.turn;
	const struct settings_feed *s = c->report.env.settings;
	DEFER(buf_done) struct buf settle = BUF_INIT(64), back = BUF_INIT(64);

	if (report_probe(&c->report, err) || names_refresh(&c->names, c->report.env.api, err))
		return -1;
	if (text_add_duration(&settle, s->settle_ms) || text_add_duration(&back, s->lookback_ms) ||
	    turn_add_line(report, t, "the credential is accepted") ||
	    turn_add_line(
		    report, t,
		    "holds what each workspace was billed for on each day, once %s have passed since its end, and "
		    "again when the provider changes it within %s",
		    settle.ptr, back.ptr))
		return err_nomem(err);
	return cost_budget_report(c, report, err);
}

const struct feed_ops feed_cost = {
	.type = "cost", .open = cost_open, .poll = cost_poll, .check = cost_check, .close = cost_close
};
