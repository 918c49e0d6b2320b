/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl cost. */
#include <string.h>

#include "admin/cmd.h"
#include "admin/facts.h"
#include "admin/forecast.h"
#include "admin/period.h"
#include "admin/tally_print.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/govern/ledger.h"
#include "common/sys/log.h"

#define DEFAULT_MONTHS 12 /* whole ones, beside the running one, when they are grouped by */
#define COLUMNS 9
#define MONEY_BYTES 128

#define PLATFORM_FACETS                                                                                                \
	(FACET(FACET_MONTH) | FACET(FACET_DAY) | FACET(FACET_WORKSPACE) | FACET(FACET_DEPARTMENT) | FACETS_OF_KEYS |   \
	 FACET(FACET_MODEL) | FACET(FACET_KIND) | FACET(FACET_TIER) | FACET(FACET_WINDOW) | FACET(FACET_GEO))
#define CCA_FACETS                                                                                                     \
	(FACET(FACET_MONTH) | FACET(FACET_DAY) | FACET(FACET_WORKSPACE) | FACET(FACET_DEPARTMENT) |                    \
	 FACET(FACET_MODEL) | FACET(FACET_USER))
#define DESCRIBED (FACET(FACET_MODEL) | FACET(FACET_KIND) | FACET(FACET_TIER) | FACET(FACET_WINDOW) | FACET(FACET_GEO))
#define PLACED (FACET(FACET_WORKSPACE) | FACET(FACET_DEPARTMENT))

enum count { COUNT_TOKENS, COUNT_UNBILLED };

struct costing {
	struct session *s;
	struct facts_maker maker;
	struct naming naming;
	struct tally tally;
	struct period period;
	struct forecast forecast;
	bool is_attributed; /* shared among keys, which takes the usage */
	bool has_growth;
	struct decimal keyless, teamless; /* billed without a key that is known; for keys whose names tell no team */
};

static struct view kind_of(const struct api_cost *row)
{
	return text_eq(row->cost_type, VIEW("tokens")) ? row->token_type : row->cost_type;
}

static int take_row(void *context, const struct api_cost *row, struct err *err)
{
	struct costing *c = context;
	struct facts_maker *m = &c->maker;
	struct decimal usd;

	if (ledger_usd(row, &usd, err) ||
	    naming_tell_workspace(&c->naming, row->workspace_id, row->workspace_name, err) ||
	    facts_set_day(m, clock_day(row->starting_at.unix_s), err))
		return -1;
	facts_set_workspace(m, row->workspace_id);
	facts_set(m, FACET_MODEL, row->model);
	facts_set(m, FACET_KIND, kind_of(row));
	facts_set(m, FACET_TIER, row->service_tier);
	facts_set(m, FACET_WINDOW, row->context_window);
	facts_set(m, FACET_GEO, row->inference_geo);
	facts_set(m, FACET_USER, row->account_id);
	return facts_are_chosen(m) ? tally_add(&c->tally, &m->facts, usd, NULL, err) : 0;
}

struct taking {
	struct costing *c;
	struct err *err;
};

/* What the sums by keys and names leave out. */
static int note_gaps(struct costing *c, const struct spend_share *share)
{
	struct decimal *gap = NULL;

	if (!share->api_key.ptr)
		gap = &c->keyless;
	else if (c->maker.facts.values[FACET_TEAM].len == 0)
		gap = &c->teamless;
	return gap ? decimal_add(*gap, share->amount_usd, gap) : 0;
}

static int take_share(void *context, const struct spend_share *share)
{
	const struct taking *taking = context;
	struct costing *c = taking->c;
	struct facts_maker *m = &c->maker;
	uint64_t counts[TALLY_COUNTS] = { 0 };

	if (share->kind <= SPEND_OUTPUT) {
		counts[COUNT_TOKENS] = share->count;
		counts[COUNT_UNBILLED] = share->amount_usd.units ? 0 : share->count;
	}
	if (facts_set_day(m, share->what.day, taking->err))
		return -1;
	facts_set_workspace(m, share->what.workspace);
	facts_set_key(m, share->api_key);
	facts_set(m, FACET_MODEL, share->what.model);
	facts_set(m, FACET_KIND, view_of(spend_kind_names[share->kind]));
	facts_set(m, FACET_TIER, share->what.tier);
	facts_set(m, FACET_WINDOW, share->what.window);
	facts_set(m, FACET_GEO, share->what.geo);
	if (!facts_are_chosen(m))
		return 0;
	if (note_gaps(c, share))
		return err_set(taking->err, ERR_LIMIT, 0, "the amounts add up to more than can be counted");
	return tally_add(&c->tally, &m->facts, share->amount_usd, counts, taking->err);
}

static int read_shares(struct costing *c, struct err *err)
{
	DEFER(spend_freep) struct spend *spend = spend_new(err);
	struct taking taking = { c, err };

	if (!spend ||
	    ledger_read(c->s->api, LEDGER_USAGE | LEDGER_COST, c->period.from_s, c->period.to_s, spend, err) ||
	    spend_settle(spend, err))
		return -1;
	return spend_each(spend, take_share, &taking);
}

static int read_rows(struct costing *c, struct err *err)
{
	bool is_cca = c->s->profile.dialect == API_CCA;
	unsigned set = c->maker.set;
	struct filters groups = { .count = 0 };
	struct ledger_query query = { .from_s = c->period.from_s,
				      .to_s = c->period.to_s,
				      .by_day = set & FACETS_OF_TIME,
				      .arguments = groups.items };

	if (set & PLACED)
		filters_add(&groups, "group_by", "workspace_id");
	if (set & DESCRIBED)
		filters_add(&groups, "group_by", is_cca ? "model" : "description");
	if (set & FACET(FACET_USER))
		filters_add(&groups, "group_by", "account_id");
	query.count = groups.count;
	return ledger_each_cost(c->s->api, &query, take_row, c, err);
}

static size_t month_dimension(const struct tally *tally)
{
	size_t i = 0;

	while (i < tally->facets.count && tally->facets.items[i] != FACET_MONTH)
		i++;
	return i;
}

/* The month before as "2026-10"; empty when the time does not hold both of them whole: a part of a month is not
 * compared with a whole one. */
static struct view compared_with(const struct costing *c, struct view month, char text[static FACTS_MONTH_BYTES])
{
	DEFER(buf_done) struct buf date = BUF_INIT(64);
	int64_t days = 0, before_s;

	(void)!buf_addf(&date, "%.*s-01", (int)month.len, month.ptr);
	if (clock_parse_date(buf_view(&date), &days))
		return VIEW_NONE;
	before_s = period_month(days * PERIOD_DAY_S, -1);
	buf_clear(&date);
	if (!period_has_month(&c->period, days * PERIOD_DAY_S) || !period_has_month(&c->period, before_s) ||
	    clock_add_rfc3339(&date, before_s))
		return VIEW_NONE;
	memcpy(text, date.ptr, FACTS_MONTH_BYTES);
	return view_from(text, FACTS_MONTH_BYTES);
}

static void write_growth(const struct costing *c, struct jsonw *w, const struct tally_row *row)
{
	const size_t i = month_dimension(&c->tally);
	char text[FACTS_MONTH_BYTES];
	struct view month = compared_with(c, tally_text(&c->tally, row, i), text);
	const struct tally_row *before = month.len ? tally_neighbour(&c->tally, row, i, month) : NULL;
	struct decimal growth = { 0 };
	bool is_known = before && before->amount.units && !decimal_sub(row->amount, before->amount, &growth);

	tally_write_percent(c->s, w, "growth_percent", growth, is_known ? before->amount : decimal_of(0));
	jsonw_key(w, "growth_over");
	if (is_known)
		jsonw_string(w, month);
	else
		jsonw_raw(w, VIEW("null"));
}

static void write_measures(void *context, struct jsonw *w, const struct tally_row *row, bool is_total)
{
	const struct costing *c = context;

	tally_write_money(c->s, w, "amount_usd", row->amount);
	tally_write_percent(c->s, w, "share_percent", row->amount, c->tally.total.amount);
	if (c->has_growth && !is_total)
		write_growth(c, w, row);
	if (c->s->o->projection)
		forecast_write(&c->forecast, w, row, is_total);
	if (c->is_attributed) {
		tally_write_count(c->s, w, "tokens", row->counts[COUNT_TOKENS]);
		tally_write_count(c->s, w, "unbilled_tokens", row->counts[COUNT_UNBILLED]);
	}
}

static int print(struct costing *c, struct err *err)
{
	struct column columns[COLUMNS] = { { "amount_usd", "amount_usd" }, { "share_percent", "share_percent" } };
	struct tally_printing printing = { .s = c->s,
					   .tally = &c->tally,
					   .naming = &c->naming,
					   .columns = columns,
					   .column_count = 2,
					   .write = write_measures,
					   .context = c };

	if (c->has_growth) {
		columns[printing.column_count++] = (struct column){ "growth_percent", "growth_percent" };
		columns[printing.column_count++] = (struct column){ "growth_over", "growth_over" };
	}
	if (c->s->o->projection)
		printing.column_count += forecast_columns(columns + printing.column_count);
	if (c->is_attributed) {
		columns[printing.column_count++] = (struct column){ "tokens", "tokens" };
		columns[printing.column_count++] = (struct column){ "unbilled_tokens", "unbilled_tokens" };
	}
	return tally_print(&printing, err);
}

static void say_money(struct decimal amount, const char *what)
{
	DEFER(buf_done) struct buf text = BUF_INIT(MONEY_BYTES);

	if (amount.units && decimal_write_fixed(&text, amount, 2) == 0)
		log_info("%s USD were billed %s", text.ptr, what);
}

/* What a reader of the sums has to know, on standard error. */
static void say_notes(const struct costing *c)
{
	const char *unknown = ledger_unknown(c->s->profile.dialect);

	period_say(c->s->o, &c->period);
	if (unknown)
		log_info("%s", unknown);
	if (c->tally.count == 0)
		log_info("nothing was billed in that time%s", facts_chosen(c->s->o) ? " for what was chosen" : "");
	if (c->is_attributed)
		say_money(c->keyless,
			  "for what no key is known of (sessions, code execution, what the usage report does "
			  "not have); these rows have no key");
	if (c->tally.facets.set & FACET(FACET_TEAM))
		say_money(c->teamless, "for keys without a name that tells the team; these rows have no team");
	if (c->tally.total.counts[COUNT_UNBILLED])
		log_info("usage and bill differ: %llu tokens were used that nothing was billed for (refused "
			 "requests, the priority tier)",
			 (unsigned long long)c->tally.total.counts[COUNT_UNBILLED]);
	if (c->has_growth &&
	    !(period_has_month(&c->period, c->period.from_s) && period_has_month(&c->period, c->period.to_s - 1)))
		log_info("growth is told of whole months over whole months: the time holds a month in part only");
}

static int read_time(struct costing *c, struct err *err)
{
	bool by_month = c->tally.facets.set & FACET(FACET_MONTH);
	const struct period_usual usual = { .months = by_month && !c->s->o->projection ? DEFAULT_MONTHS : 0 };

	if (period_read(c->s->o, clock_unix_s(), &usual, &c->period, err))
		return -1;
	c->has_growth = by_month;
	return c->s->o->projection ? forecast_init(&c->forecast, c->s, &c->naming, &c->tally, &c->period, err) : 0;
}

static int run(struct costing *c, unsigned set, struct err *err)
{
	session_reading(c->s);
	if (read_time(c, err) || naming_open(&c->naming, c->s, set, c->s->o->projection, err) ||
	    facts_check_chosen(c->s, &c->naming, err))
		return -1;
	facts_init(&c->maker, c->s->o, &c->naming, set);
	c->is_attributed = set & FACETS_OF_KEYS;
	if (c->is_attributed ? read_shares(c, err) : read_rows(c, err))
		return -1;
	session_has_read(c->s);
	if (print(c, err))
		return -1;
	say_notes(c);
	return 0;
}

int cmd_cost(struct session *s, char **, size_t count, struct err *err)
{
	static const struct facts_words words = { .what = "cost",
						  .what_cca = "cost in the dialect cca",
						  .standard = "workspace",
						  .platform = PLATFORM_FACETS,
						  .cca = CCA_FACETS };
	struct costing c = { .s = s };
	struct facets facets;
	unsigned set;
	int ret;

	if (session_args(NULL, 0, count, err) || facts_read_words(s, &words, &facets, &set, err))
		return -1;
	tally_init(&c.tally, &facets);
	ret = run(&c, set, err);
	naming_done(&c.naming);
	tally_done(&c.tally);
	return ret;
}
