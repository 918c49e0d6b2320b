/* SPDX-License-Identifier: Apache-2.0 */
#include "common/govern/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"

#define SECONDS_PER_DAY 86400
#define TIME_BYTES 32
#define OWN_ARGUMENTS 3 /* starting_at, ending_at, bucket_width */
#define CURRENCY_SHOWN 16

/* One of the two reports. */
struct report {
	struct api *api;
	enum api_operation operation;
	const struct ledger_query *query;
	/* Reads the walk's next row and gives it to whoever takes it: 1, 0 at the end, -1. */
	int (*next)(struct bucket_walk *walk, const struct report *report, struct err *err);
	int (*take_usage)(void *context, const struct api_usage *row, struct err *err);
	int (*take_cost)(void *context, const struct api_cost *row, struct err *err);
	void *context;
};

static int64_t width_of(const struct ledger_query *query)
{
	if (query->bucket_width && strcmp(query->bucket_width, "1m") == 0)
		return 60;
	return query->bucket_width && strcmp(query->bucket_width, "1h") == 0 ? 3600 : SECONDS_PER_DAY;
}

static int64_t round_up(int64_t unix_s, int64_t width)
{
	return clock_floor(unix_s + width - 1, width);
}

/* Puts the bucket before what is wrong with a row of it. */
static int blame_row(const struct bucket_walk *walk, struct err *err)
{
	const struct api_time *at = &walk->starting_at;

	return err_prefix(err, "%s: rows of %.*s", api_operation_name(walk->pages.operation), (int)at->text.len,
			  at->text.ptr ? at->text.ptr : "");
}

static int next_usage(struct bucket_walk *walk, const struct report *report, struct err *err)
{
	struct api_usage row;
	struct view bytes;
	int status = bucket_next(walk, &bytes, err);

	if (status <= 0)
		return status;
	if (api_usage_read(&walk->reader, bytes, &row, err))
		return blame_row(walk, err);
	row.starting_at = walk->starting_at;
	row.ending_at = walk->ending_at;
	return report->take_usage(report->context, &row, err) ? -1 : 1;
}

static int check_currency(const struct api_cost *row, struct err *err)
{
	struct view shown = view_sub(row->currency, 0, CURRENCY_SHOWN);

	if (spend_is_usd(row->currency))
		return 0;
	if (row->currency.len == 0)
		return err_set(err, ERR_FORMAT, 0, "an amount has no currency; USD was expected");
	return err_set(err, ERR_FORMAT, 0, "an amount is in '%.*s'; USD was expected, and nothing is converted here",
		       (int)shown.len, shown.ptr);
}

static int next_cost(struct bucket_walk *walk, const struct report *report, struct err *err)
{
	const struct ledger_foreign *foreign = report->query->foreign;
	struct api_cost row;
	struct view bytes;
	int status = bucket_next(walk, &bytes, err);

	if (status <= 0)
		return status;
	if (api_cost_read(&walk->reader, bytes, &row, err))
		return blame_row(walk, err);
	row.starting_at = walk->starting_at;
	row.ending_at = walk->ending_at;
	if (foreign && !spend_is_usd(row.currency))
		return foreign->take(foreign->context, &row, err) ? -1 : 1;
	if (check_currency(&row, err))
		return blame_row(walk, err);
	return report->take_cost(report->context, &row, err) ? -1 : 1;
}

static int add_time(struct buf *buf, int64_t unix_s, struct err *err)
{
	return clock_add_rfc3339(buf, unix_s)
		       ? err_set(err, ERR_USAGE, 0, "a report is asked for by a day that no calendar has")
		       : 0;
}

/* The report has to reach the end of what was asked for, or the day that it is. */
static int check_end(const struct bucket_walk *walk, int64_t from_s, int64_t to_s, struct err *err)
{
	DEFER(buf_done) struct buf times = BUF_INIT(2 * TIME_BYTES);
	int64_t now_s = walk->pages.reply.date_s ? walk->pages.reply.date_s : clock_unix_s();
	int64_t wanted_s = clock_floor(now_s, SECONDS_PER_DAY), reached_s = from_s;

	if (wanted_s > to_s)
		wanted_s = to_s;
	if (walk->buckets)
		reached_s = walk->ending_at.is_known ? walk->ending_at.unix_s : walk->starting_at.unix_s + 1;
	if (walk->is_flat || reached_s >= wanted_s)
		return 0;
	if (add_time(&times, reached_s, err) || buf_add_byte(&times, '\0') || add_time(&times, wanted_s, err))
		return -1;
	return err_set(err, ERR_FORMAT, 0, "%s: the report ends at %s, after page %llu, and was to reach %s",
		       api_operation_name(walk->pages.operation), times.ptr, (unsigned long long)walk->pages.pages,
		       times.ptr + strlen(times.ptr) + 1);
}

static int walk_rows(const struct report *report, const struct api_argument *arguments, size_t count, int64_t from_s,
		     int64_t to_s, struct err *err)
{
	struct bucket_walk walk;
	int status = bucket_start(&walk, report->api, report->operation, arguments, count, err) ? -1 : 1;

	while (status == 1)
		status = report->next(&walk, report, err);
	if (status == 0)
		status = check_end(&walk, from_s, to_s, err);
	bucket_done(&walk);
	return status;
}

/* One call, with all its pages. */
static int read_range(const struct report *report, int64_t from_s, int64_t to_s, struct err *err)
{
	const struct ledger_query *query = report->query;
	DEFER(freep) struct api_argument *arguments = calloc(query->count + OWN_ARGUMENTS, sizeof(*arguments));
	DEFER(buf_done) struct buf from = BUF_INIT(TIME_BYTES);
	DEFER(buf_done) struct buf to = BUF_INIT(TIME_BYTES);
	size_t count = 0;

	if (!arguments)
		return err_nomem(err);
	if (add_time(&from, from_s, err) || add_time(&to, to_s, err))
		return -1;
	arguments[count++] = (struct api_argument){ "starting_at", buf_view(&from) };
	arguments[count++] = (struct api_argument){ "ending_at", buf_view(&to) };
	if (api_profile(report->api)->dialect == API_PLATFORM)
		arguments[count++] =
			(struct api_argument){ "bucket_width",
					       query->bucket_width ? view_of(query->bucket_width) : VIEW("1d") };
	for (size_t i = 0; i < query->count; i++)
		arguments[count++] = query->arguments[i];
	return walk_rows(report, arguments, count, from_s, to_s, err);
}

static int read_report(const struct report *report, struct err *err)
{
	bool is_flat = api_profile(report->api)->dialect == API_CCA;
	int64_t width = width_of(report->query), to_s = report->query->to_s, from_s = report->query->from_s;
	int64_t today_s = clock_floor(clock_unix_s(), SECONDS_PER_DAY);

	if (to_s <= from_s)
		return err_set(err, ERR_USAGE, 0, "the end of the time is not behind its beginning");
	if ((uint64_t)to_s - (uint64_t)from_s > (uint64_t)LEDGER_DAYS_MAX * SECONDS_PER_DAY)
		return err_set(err, ERR_USAGE, 0, "a report of %u days at most can be read at once", LEDGER_DAYS_MAX);
	from_s = clock_floor(from_s, width);
	to_s = round_up(to_s, width);
	if (!is_flat || !report->query->by_day)
		return read_range(report, from_s, to_s, err);
	for (; from_s < to_s && from_s <= today_s; from_s += SECONDS_PER_DAY)
		if (read_range(report, from_s, from_s + SECONDS_PER_DAY, err))
			return -1;
	return 0;
}

int ledger_each_usage(struct api *api, const struct ledger_query *query,
		      int (*take)(void *context, const struct api_usage *row, struct err *err), void *context,
		      struct err *err)
{
	const struct report report = { .api = api,
				       .operation = API_USAGE_MESSAGES,
				       .query = query,
				       .next = next_usage,
				       .take_usage = take,
				       .context = context };

	return read_report(&report, err);
}

int ledger_each_cost(struct api *api, const struct ledger_query *query,
		     int (*take)(void *context, const struct api_cost *row, struct err *err), void *context,
		     struct err *err)
{
	const struct report report = { .api = api,
				       .operation = API_COST,
				       .query = query,
				       .next = next_cost,
				       .take_cost = take,
				       .context = context };

	return read_report(&report, err);
}

int ledger_usd(const struct api_cost *row, struct decimal *ret, struct err *err)
{
	return decimal_shift(row->cents, -2, ret)
		       ? err_set(err, ERR_FORMAT, 0, "an amount has more digits than can be counted")
		       : 0;
}

enum spend_kind ledger_kind(const struct api_cost *row)
{
	unsigned kind = 0;

	if (text_eq(row->cost_type, VIEW("web_search")))
		return SPEND_WEB_SEARCH;
	if (!text_eq(row->cost_type, VIEW("tokens")))
		return SPEND_OTHER;
	while (kind < SPEND_WEB_SEARCH && !text_eq(row->token_type, view_of(spend_kind_names[kind])))
		kind++;
	return kind < SPEND_WEB_SEARCH ? kind : SPEND_OTHER;
}

const char *ledger_unknown(enum api_dialect dialect)
{
	return dialect == API_CCA ? "the dialect cca reports usage by workspace and model and cost by workspace, model "
				    "and user only: keys, teams, kinds of tokens, tiers, windows and regions are not "
				    "known"
				  : NULL;
}
