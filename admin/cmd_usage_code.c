/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl usage claude-code. */
#include "admin/cmd.h"
#include "admin/facts.h"
#include "admin/period.h"
#include "admin/tally_print.h"
#include "common/api/endpoint_claude_code.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/policy/spend.h"
#include "common/sys/json.h"
#include "common/sys/log.h"

#define PLATFORM_FACETS                                                                                                \
	(FACET(FACET_MONTH) | FACET(FACET_DAY) | FACET(FACET_USER) | FACET(FACET_KEY) | FACET(FACET_MODEL) |           \
	 FACET(FACET_TERMINAL))
#define CCA_FACETS (FACET(FACET_DAY) | FACET(FACET_USER) | FACET(FACET_PROJECT))
#define CURRENCY_SHOWN 16

enum count {
	COUNT_SESSIONS,
	COUNT_ADDED,
	COUNT_REMOVED,
	COUNT_COMMITS,
	COUNT_PULLS,
	COUNT_ACCEPTED,
	COUNT_REJECTED,
	COUNT_INPUT,
	COUNT_OUTPUT,
	COUNT_CACHE_READ,
	COUNT_CACHE_CREATION,
	COUNT_CALLS,
	COUNTS,
};

_Static_assert(COUNTS <= TALLY_COUNTS, "a row has room for all");
#define COUNT_ACTIVE COUNT_SESSIONS /* cca, which has other measures */

static const char *const count_names[COUNTS] = {
	[COUNT_SESSIONS] = "sessions",
	[COUNT_ADDED] = "lines_added",
	[COUNT_REMOVED] = "lines_removed",
	[COUNT_COMMITS] = "commits",
	[COUNT_PULLS] = "pull_requests",
	[COUNT_ACCEPTED] = "tools_accepted",
	[COUNT_REJECTED] = "tools_rejected",
	[COUNT_INPUT] = "input_tokens",
	[COUNT_OUTPUT] = "output_tokens",
	[COUNT_CACHE_READ] = "cache_read_tokens",
	[COUNT_CACHE_CREATION] = "cache_creation_tokens",
	[COUNT_CALLS] = "tool_calls",
};

static const struct column platform_columns[] = {
	{ "estimated_cost_usd", "estimated_cost_usd" },
	{ "sessions", "sessions" },
	{ "lines_added", "lines_added" },
	{ "lines_removed", "lines_removed" },
	{ "commits", "commits" },
	{ "pull_requests", "pull_requests" },
	{ "tools_accepted", "tools_accepted" },
	{ "acceptance_percent", "acceptance_percent" },
	{ "input_tokens", "input_tokens" },
	{ "output_tokens", "output_tokens" },
	{ "cache_read_tokens", "cache_read_tokens" },
	{ "cache_creation_tokens", "cache_creation_tokens" },
};
/* What is known of a model's part. */
static const struct column model_columns[] = {
	{ "estimated_cost_usd", "estimated_cost_usd" },
	{ "input_tokens", "input_tokens" },
	{ "output_tokens", "output_tokens" },
	{ "cache_read_tokens", "cache_read_tokens" },
	{ "cache_creation_tokens", "cache_creation_tokens" },
};
static const struct column cca_columns[] = {
	{ "session_hours", "session_hours" },
	{ "tool_calls", "tool_calls" },
	{ "active_users", "active_users" },
};

struct coding {
	struct session *s;
	struct facts_maker maker;
	struct naming naming;
	struct tally tally;
	struct period period;
	struct api_reader models; /* of model_breakdown */
	bool is_cca, by_model;
};

/* Adds what people did with each tool: {"edit_tool":{"accepted":45,"rejected":5}}. */
static int add_tools(struct view tools, uint64_t counts[static TALLY_COUNTS], struct err *err)
{
	struct view key, value;

	if (!tools.len || json_type_of(tools) != JSON_OBJECT)
		return 0;
	while (json_each_member(&tools, &key, &value)) {
		static const struct {
			const char *name;
			enum count count;
		} names[] = { { "accepted", COUNT_ACCEPTED }, { "rejected", COUNT_REJECTED } };

		for (size_t i = 0; i < ARRAY_LEN(names) && json_type_of(value) == JSON_OBJECT; i++) {
			struct view number = json_member(value, names[i].name);
			uint64_t n = 0;

			if (number.len && (text_u64(number, UINT64_MAX, &n) ||
					   __builtin_add_overflow(counts[names[i].count], n, &counts[names[i].count])))
				return err_set(err, ERR_FORMAT, 0, "tool_actions: '%s' is no number of actions",
					       names[i].name);
		}
	}
	return 0;
}

/* The estimate is a number of cents. */
static int add_model(const struct api_claude_code_model *model, uint64_t counts[static TALLY_COUNTS],
		     struct decimal *usd, struct err *err)
{
	struct view shown = view_sub(model->currency, 0, CURRENCY_SHOWN);
	struct decimal own = { 0 };

	if (model->cents.is_known && !spend_is_usd(model->currency))
		return err_set(err, ERR_FORMAT, 0,
			       "an estimated cost is in '%.*s'; USD was expected, and nothing is converted here",
			       (int)shown.len, shown.ptr ? shown.ptr : "");
	if ((model->cents.is_known && decimal_shift(model->cents.value, -2, &own)) || decimal_add(*usd, own, usd) ||
	    __builtin_add_overflow(counts[COUNT_INPUT], model->input.value, &counts[COUNT_INPUT]) ||
	    __builtin_add_overflow(counts[COUNT_OUTPUT], model->output.value, &counts[COUNT_OUTPUT]) ||
	    __builtin_add_overflow(counts[COUNT_CACHE_READ], model->cache_read.value, &counts[COUNT_CACHE_READ]) ||
	    __builtin_add_overflow(counts[COUNT_CACHE_CREATION], model->cache_creation.value,
				   &counts[COUNT_CACHE_CREATION]))
		return err_set(err, ERR_FORMAT, 0, "model_breakdown: more than can be counted");
	return 0;
}

/* Grouped by model each part is a row; else all of them add to the row's own. */
static int add_models(struct coding *c, struct view models, uint64_t counts[static TALLY_COUNTS], struct decimal *usd,
		      struct err *err)
{
	struct api_claude_code_model model;
	struct view each;

	if (!models.len || json_type_of(models) != JSON_ARRAY)
		return 0;
	while (json_each(&models, &each)) {
		uint64_t own[TALLY_COUNTS] = { 0 };
		struct decimal cost = { 0 };

		if (api_claude_code_model_read(&c->models, each, &model, err) ||
		    add_model(&model, c->by_model ? own : counts, c->by_model ? &cost : usd, err))
			return -1;
		facts_set(&c->maker, FACET_MODEL, model.model);
		if (c->by_model && tally_add(&c->tally, &c->maker.facts, cost, own, err))
			return -1;
	}
	return 0;
}

static int take_row(struct coding *c, const struct api_claude_code *row, int64_t day, struct err *err)
{
	uint64_t counts[TALLY_COUNTS] = {
		[COUNT_SESSIONS] = row->sessions.value,     [COUNT_ADDED] = row->lines_added.value,
		[COUNT_REMOVED] = row->lines_removed.value, [COUNT_COMMITS] = row->commits.value,
		[COUNT_PULLS] = row->pull_requests.value,
	};
	struct decimal usd = { 0 };

	if (facts_set_day(&c->maker, row->date.is_known ? clock_day(row->date.unix_s) : day, err))
		return -1;
	facts_set(&c->maker, FACET_USER, row->actor_email);
	facts_set(&c->maker, FACET_KEY, row->api_key_name); /* skant:allow */
	facts_set(&c->maker, FACET_TERMINAL, row->terminal_type);
	if (add_tools(row->tool_actions, counts, err) || add_models(c, row->model_breakdown, counts, &usd, err))
		return -1;
	return c->by_model ? 0 : tally_add(&c->tally, &c->maker.facts, usd, counts, err);
}

static int take_cca_row(struct coding *c, const struct api_claude_code *row, int64_t day, struct err *err)
{
	const uint64_t counts[TALLY_COUNTS] = {
		[COUNT_ACTIVE] = row->active_users.value, [COUNT_CALLS] = row->tool_calls.value
	};

	if (facts_set_day(&c->maker, day, err))
		return -1;
	facts_set(&c->maker, FACET_USER, row->user_id);
	facts_set(&c->maker, FACET_PROJECT, row->project);
	return tally_add(&c->tally, &c->maker.facts, row->session_hours.value, counts, err);
}

static int read_days(struct coding *c, int64_t from_s, int64_t to_s, struct err *err)
{
	struct filters groups = { .count = 0 };
	struct claude_code_walk walk;
	struct api_claude_code row;
	int status;

	if (c->is_cca && c->maker.set & FACET(FACET_USER))
		filters_add(&groups, "group_by", "account_id");
	if (c->is_cca && c->maker.set & FACET(FACET_PROJECT))
		filters_add(&groups, "group_by", "project");
	status = claude_code_start(&walk, c->s->api, from_s, to_s, groups.items, groups.count, err) ? -1 : 1;
	while (status == 1) {
		status = claude_code_next(&walk, &row, err);
		if (status == 1 && (c->is_cca ? take_cca_row : take_row)(c, &row, clock_day(from_s), err)) {
			(void)err_prefix(err, "%s", api_operation_name(API_USAGE_CLAUDE_CODE));
			status = -1;
		}
	}
	claude_code_done(&walk);
	return status;
}

/* cca gives one row a group for all days that it is asked about. */
static int read_all(struct coding *c, struct err *err)
{
	int64_t from_s = period_day(c->period.from_s), to_s = c->period.to_s;

	if (!c->is_cca || !(c->maker.set & FACETS_OF_TIME))
		return read_days(c, from_s, to_s, err);
	for (; from_s < to_s; from_s += PERIOD_DAY_S)
		if (read_days(c, from_s, from_s + PERIOD_DAY_S, err))
			return -1;
	return 0;
}

static void write_cca(const struct coding *c, struct jsonw *w, const struct tally_row *row, bool is_total)
{
	tally_write_money(c->s, w, "session_hours", row->amount);
	tally_write_count(c->s, w, "tool_calls", row->counts[COUNT_CALLS]);
	if (!is_total) /* one person may be in several rows */
		tally_write_count(c->s, w, "active_users", row->counts[COUNT_ACTIVE]);
}

static void write_measures(void *context, struct jsonw *w, const struct tally_row *row, bool is_total)
{
	const struct coding *c = context;
	struct decimal accepted = decimal_of(row->counts[COUNT_ACCEPTED]), all = accepted;

	if (c->is_cca) {
		write_cca(c, w, row, is_total);
		return;
	}
	tally_write_money(c->s, w, "estimated_cost_usd", row->amount);
	for (unsigned i = c->by_model ? COUNT_INPUT : 0; i < COUNT_CALLS; i++)
		tally_write_count(c->s, w, count_names[i], row->counts[i]);
	if (!c->by_model && decimal_add(all, decimal_of(row->counts[COUNT_REJECTED]), &all) == 0)
		tally_write_percent(c->s, w, "acceptance_percent", accepted, all);
}

static int print(struct coding *c, struct err *err)
{
	struct tally_printing printing = { .s = c->s,
					   .tally = &c->tally,
					   .naming = &c->naming,
					   .columns = platform_columns,
					   .column_count = ARRAY_LEN(platform_columns),
					   .write = write_measures,
					   .context = c,
					   .has_names_only = !c->is_cca };

	if (c->is_cca) {
		printing.columns = cca_columns;
		printing.column_count = ARRAY_LEN(cca_columns);
	} else if (c->by_model) {
		printing.columns = model_columns;
		printing.column_count = ARRAY_LEN(model_columns);
	}
	if (tally_print(&printing, err))
		return -1;
	period_say(c->s->o, &c->period);
	if (c->is_cca)
		log_info("the dialect cca tells hours, calls and people of Claude Code only: no cost, tokens or keys");
	if (c->tally.count == 0)
		log_info("Claude Code was not used in that time");
	return 0;
}

static int check_period(const struct coding *c, struct err *err)
{
	int64_t days = (c->period.to_s - period_day(c->period.from_s) + PERIOD_DAY_S - 1) / PERIOD_DAY_S;

	if (days <= CLAUDE_CODE_DAYS_MAX)
		return 0;
	return err_set(err, ERR_USAGE, 0,
		       "usage claude-code asks the API once a day, and reads %d days at most; %lld were asked for",
		       CLAUDE_CODE_DAYS_MAX, (long long)days);
}

static int run(struct coding *c, struct err *err)
{
	static const struct period_usual this_month = { .months = 0 };
	unsigned set = c->tally.facets.set;

	session_reading(c->s);
	if (period_read(c->s->o, clock_unix_s(), &this_month, &c->period, err) || check_period(c, err) ||
	    naming_open(&c->naming, c->s, c->is_cca ? set & FACET(FACET_USER) : 0, false, err))
		return -1;
	if (c->period.to_s > c->period.now_s && c->period.from_s < c->period.now_s)
		c->period.to_s = c->period.now_s; /* nothing is known of days to come */
	facts_init(&c->maker, c->s->o, &c->naming, set);
	c->by_model = set & FACET(FACET_MODEL);
	if (api_reader_init(&c->models, c->s->profile.dialect, API_USAGE_CLAUDE_CODE, err))
		return -1;
	if (read_all(c, err))
		return -1;
	session_has_read(c->s);
	return print(c, err);
}

int cmd_usage_claude_code(struct session *s, char **, size_t count, struct err *err)
{
	struct coding c = { .s = s, .is_cca = s->profile.dialect == API_CCA };
	struct facets facets;
	int ret;

	if (session_args(NULL, 0, count, err) ||
	    facets_read(&s->o->group_by, c.is_cca ? "user" : "user,key", c.is_cca ? CCA_FACETS : PLATFORM_FACETS,
			c.is_cca ? "usage claude-code in the dialect cca" : "usage claude-code", &facets, err))
		return -1;
	tally_init(&c.tally, &facets);
	ret = run(&c, err);
	naming_done(&c.naming);
	tally_done(&c.tally);
	api_reader_done(&c.models);
	return ret;
}
