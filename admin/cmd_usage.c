/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl usage messages. */
#include <string.h>

#include "admin/cmd.h"
#include "admin/facts.h"
#include "admin/given.h"
#include "admin/period.h"
#include "admin/tally_print.h"
#include "common/base/clock.h"
#include "common/govern/ledger.h"
#include "common/sys/log.h"

#define DEFAULT_MONTHS 12 /* whole ones, beside the running one, when they are grouped by */
#define HOUR_S 3600
#define TIME_BYTES 32

#define PLATFORM_FACETS                                                                                                \
	(FACET(FACET_MONTH) | FACET(FACET_DAY) | FACET(FACET_WORKSPACE) | FACET(FACET_DEPARTMENT) | FACETS_OF_KEYS |   \
	 FACET(FACET_ACCOUNT) | FACET(FACET_SERVICE_ACCOUNT) | FACET(FACET_MODEL) | FACET(FACET_TIER) |                \
	 FACET(FACET_WINDOW) | FACET(FACET_GEO))
#define CCA_FACETS                                                                                                     \
	(FACET(FACET_MONTH) | FACET(FACET_DAY) | FACET(FACET_WORKSPACE) | FACET(FACET_DEPARTMENT) | FACET(FACET_MODEL))

enum count { COUNT_UNCACHED, COUNT_WRITE_5M, COUNT_WRITE_1H, COUNT_READ, COUNT_OUTPUT, COUNT_SEARCHES, COUNTS };

/* cca tells all input as one number, in the place of the first. */
static const struct column platform_columns[] = {
	{ "total_tokens", "total_tokens" },
	{ "share_percent", "share_percent" },
	{ "uncached_input_tokens", "uncached_input_tokens" },
	{ "cache_write_5m_tokens", "cache_write_5m_tokens" },
	{ "cache_write_1h_tokens", "cache_write_1h_tokens" },
	{ "cache_read_tokens", "cache_read_tokens" },
	{ "output_tokens", "output_tokens" },
	{ "web_searches", "web_searches" },
};
static const struct column cca_columns[] = {
	{ "total_tokens", "total_tokens" },
	{ "share_percent", "share_percent" },
	{ "input_tokens", "input_tokens" },
	{ "output_tokens", "output_tokens" },
};

struct counting {
	struct session *s;
	struct facts_maker maker;
	struct naming naming;
	struct tally tally;
	struct period period;
	bool is_cca;
	struct buf time; /* of the bucket */
};

static int set_time(struct counting *c, int64_t unix_s, struct err *err)
{
	buf_clear(&c->time);
	if (clock_add_rfc3339(&c->time, unix_s))
		return err_set(err, ERR_FORMAT, 0, "a bucket is of a time that no calendar has");
	facts_set(&c->maker, FACET_TIME, buf_view(&c->time));
	return facts_set_day(&c->maker, clock_day(unix_s), err);
}

static int take_row(void *context, const struct api_usage *row, struct err *err)
{
	struct counting *c = context;
	struct facts_maker *m = &c->maker;
	const uint64_t counts[TALLY_COUNTS] = {
		[COUNT_UNCACHED] = c->is_cca ? row->input_tokens : row->uncached_input_tokens.value,
		[COUNT_WRITE_5M] = row->cache_creation_5m_tokens.value,
		[COUNT_WRITE_1H] = row->cache_creation_1h_tokens.value,
		[COUNT_READ] = row->cache_read_input_tokens.value,
		[COUNT_OUTPUT] = row->output_tokens.value,
		[COUNT_SEARCHES] = row->web_search_requests.value,
	};
	struct decimal total;

	if (set_time(c, row->starting_at.unix_s, err))
		return -1;
	if (decimal_add(decimal_of(row->input_tokens), decimal_of(row->output_tokens.value), &total))
		return err_set(err, ERR_LIMIT, 0, "more tokens than can be counted");
	facts_set_workspace(m, row->workspace_id);
	if (m->set & FACETS_OF_KEYS)
		facts_set_key(m, row->api_key_id.len ? row->api_key_id : VIEW(""));
	facts_set(m, FACET_ACCOUNT, row->account_id);
	facts_set(m, FACET_SERVICE_ACCOUNT, row->service_account_id);
	facts_set(m, FACET_MODEL, row->model);
	facts_set(m, FACET_TIER, row->service_tier);
	facts_set(m, FACET_WINDOW, row->context_window);
	facts_set(m, FACET_GEO, row->inference_geo);
	return facts_are_chosen(m) ? tally_add(&c->tally, &m->facts, total, counts, err) : 0;
}

/* What the API has to group by. */
static void add_groups(struct filters *groups, unsigned set)
{
	static const struct {
		unsigned set;
		const char *name;
	} names[] = {
		{ FACET(FACET_WORKSPACE) | FACET(FACET_DEPARTMENT), "workspace_id" },
		{ FACETS_OF_KEYS, "api_key_id" },
		{ FACET(FACET_ACCOUNT), "account_id" },
		{ FACET(FACET_SERVICE_ACCOUNT), "service_account_id" },
		{ FACET(FACET_MODEL), "model" },
		{ FACET(FACET_TIER), "service_tier" },
		{ FACET(FACET_WINDOW), "context_window" },
		{ FACET(FACET_GEO), "inference_geo" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (set & names[i].set)
			filters_add(groups, "group_by", names[i].name);
}

static int read_rows(struct counting *c, struct err *err)
{
	struct filters groups = { .count = 0 };
	struct ledger_query query = { .from_s = c->period.from_s,
				      .to_s = c->period.to_s,
				      .bucket_width = c->s->o->bucket,
				      .by_day = c->maker.set & FACETS_OF_TIME,
				      .arguments = groups.items };

	add_groups(&groups, c->maker.set);
	query.count = groups.count;
	return ledger_each_usage(c->s->api, &query, take_row, c, err);
}

static void write_measures(void *context, struct jsonw *w, const struct tally_row *row, bool is_total)
{
	const struct counting *c = context;
	const struct session *s = c->s;

	(void)is_total;
	tally_write_number(s, w, "total_tokens", row->amount);
	tally_write_percent(s, w, "share_percent", row->amount, c->tally.total.amount);
	tally_write_count(s, w, c->is_cca ? "input_tokens" : "uncached_input_tokens", row->counts[COUNT_UNCACHED]);
	if (!c->is_cca) {
		tally_write_count(s, w, "cache_write_5m_tokens", row->counts[COUNT_WRITE_5M]);
		tally_write_count(s, w, "cache_write_1h_tokens", row->counts[COUNT_WRITE_1H]);
		tally_write_count(s, w, "cache_read_tokens", row->counts[COUNT_READ]);
	}
	tally_write_count(s, w, "output_tokens", row->counts[COUNT_OUTPUT]);
	if (!c->is_cca)
		tally_write_count(s, w, "web_searches", row->counts[COUNT_SEARCHES]);
}

static int print(struct counting *c, struct err *err)
{
	const struct tally_printing printing = { .s = c->s,
						 .tally = &c->tally,
						 .naming = &c->naming,
						 .columns = c->is_cca ? cca_columns : platform_columns,
						 .column_count = c->is_cca ? ARRAY_LEN(cca_columns)
									   : ARRAY_LEN(platform_columns),
						 .write = write_measures,
						 .context = c };
	const char *unknown = ledger_unknown(c->s->profile.dialect);

	if (tally_print(&printing, err))
		return -1;
	period_say(c->s->o, &c->period);
	if (unknown)
		log_info("%s", unknown);
	if (c->tally.count == 0)
		log_info("nothing was used in that time%s", facts_chosen(c->s->o) ? " of what was chosen" : "");
	return 0;
}

/* This month; with small buckets a day, or an hour; with months a year. */
static struct period_usual usual_of(const struct counting *c)
{
	const char *bucket = c->s->o->bucket;

	if (bucket && strcmp(bucket, "1m") == 0)
		return (struct period_usual){ .seconds = HOUR_S };
	if (bucket && strcmp(bucket, "1h") == 0)
		return (struct period_usual){ .seconds = PERIOD_DAY_S };
	return (struct period_usual){ .months = c->tally.facets.set & FACET(FACET_MONTH) ? DEFAULT_MONTHS : 0 };
}

static int read_facets(const struct session *s, struct facets *facets, unsigned *ret_set, struct err *err)
{
	static const struct facts_words words = { .what = "usage",
						  .what_cca = "usage in the dialect cca",
						  .standard = "model",
						  .platform = PLATFORM_FACETS,
						  .cca = CCA_FACETS };
	static const struct given bucket = { "bucket", API_USAGE_MESSAGES, "bucket_width", NULL };

	if (facts_read_words(s, &words, facets, ret_set, err))
		return -1;
	if (s->profile.dialect != API_CCA && given_check(s, &bucket, s->o->bucket, err))
		return -1;
	if (s->profile.dialect == API_CCA && s->o->bucket && strcmp(s->o->bucket, "1d") != 0)
		return err_set(err, ERR_USAGE, 0, "%s is told by days at the finest (--bucket 1d)", words.what_cca);
	return s->o->bucket ? facets_add_first(facets, FACET_TIME, err) : 0;
}

static int run(struct counting *c, unsigned set, struct err *err)
{
	const struct period_usual usual = usual_of(c);

	session_reading(c->s);
	if (period_read(c->s->o, clock_unix_s(), &usual, &c->period, err) ||
	    naming_open(&c->naming, c->s, set, false, err) || facts_check_chosen(c->s, &c->naming, err))
		return -1;
	facts_init(&c->maker, c->s->o, &c->naming, set | c->tally.facets.set);
	if (read_rows(c, err))
		return -1;
	session_has_read(c->s);
	return print(c, err);
}

int cmd_usage_messages(struct session *s, char **, size_t count, struct err *err)
{
	struct counting c = { .s = s, .is_cca = s->profile.dialect == API_CCA, .time = BUF_INIT(TIME_BYTES) };
	struct facets facets;
	unsigned set;
	int ret;

	if (session_args(NULL, 0, count, err) || read_facets(s, &facets, &set, err))
		return -1;
	tally_init(&c.tally, &facets);
	ret = run(&c, set, err);
	naming_done(&c.naming);
	tally_done(&c.tally);
	buf_done(&c.time);
	return ret;
}
