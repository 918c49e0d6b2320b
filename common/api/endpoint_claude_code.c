/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/endpoint_claude_code.h"

#include <stdlib.h>
#include <string.h>

#include "common/api/record_table.h"
#include "common/base/clock.h"

#define SECONDS_PER_DAY 86400
#define DATE_BYTES 10

static const struct record_field fields[] = {
	FIELD(api_claude_code, date, RECORD_TIME),
	FIELD_AS(api_claude_code, actor_type, "actor.type", RECORD_TEXT),
	FIELD_AS(api_claude_code, actor_email, "actor.email_address", RECORD_TEXT),
	FIELD_AS(api_claude_code, api_key_name, "actor.api_key_name", RECORD_TEXT), /* skant:allow */
	FIELD(api_claude_code, organization_id, RECORD_TEXT),
	FIELD(api_claude_code, customer_type, RECORD_TEXT),
	FIELD(api_claude_code, subscription_type, RECORD_TEXT),
	FIELD(api_claude_code, terminal_type, RECORD_TEXT),
	FIELD(api_claude_code, is_remote, RECORD_BOOL),
	FIELD_AS(api_claude_code, sessions, "core_metrics.num_sessions", RECORD_NUMBER),
	FIELD_AS(api_claude_code, lines_added, "core_metrics.lines_of_code.added", RECORD_NUMBER),
	FIELD_AS(api_claude_code, lines_removed, "core_metrics.lines_of_code.removed", RECORD_NUMBER),
	FIELD_AS(api_claude_code, commits, "core_metrics.commits_by_claude_code", RECORD_NUMBER),
	FIELD_AS(api_claude_code, pull_requests, "core_metrics.pull_requests_by_claude_code", RECORD_NUMBER),
	FIELD(api_claude_code, tool_actions, RECORD_JSON),
	FIELD(api_claude_code, model_breakdown, RECORD_JSON),
	FIELD(api_claude_code, user_id, RECORD_TEXT),
	FIELD(api_claude_code, project, RECORD_TEXT),
	FIELD(api_claude_code, session_hours, RECORD_DECIMAL),
	FIELD(api_claude_code, tool_calls, RECORD_NUMBER),
	FIELD(api_claude_code, active_users, RECORD_NUMBER),
};

static const struct record_type type = RECORD_TYPE(api_claude_code, "a row of Claude Code's usage", fields);

static const struct record_field model_fields[] = {
	FIELD(api_claude_code_model, model, RECORD_TEXT),
	FIELD_AS(api_claude_code_model, input, "tokens.input", RECORD_NUMBER),
	FIELD_AS(api_claude_code_model, output, "tokens.output", RECORD_NUMBER),
	FIELD_AS(api_claude_code_model, cache_read, "tokens.cache_read", RECORD_NUMBER),
	FIELD_AS(api_claude_code_model, cache_creation, "tokens.cache_creation", RECORD_NUMBER),
	FIELD_AS(api_claude_code_model, cents, "estimated_cost.amount", RECORD_DECIMAL),
	FIELD_AS(api_claude_code_model, currency, "estimated_cost.currency", RECORD_TEXT),
};

static const struct record_type model_type =
	RECORD_TYPE(api_claude_code_model, "a model in a row of Claude Code's usage", model_fields);

int api_claude_code_read(struct api_reader *reader, struct view row, struct api_claude_code *ret, struct err *err)
{
	return record_read(reader, &type, row, ret, err);
}

int api_claude_code_model_read(struct api_reader *reader, struct view row, struct api_claude_code_model *ret,
			       struct err *err)
{
	return record_read(reader, &model_type, row, ret, err);
}

int claude_code_start(struct claude_code_walk *walk, struct api *api, int64_t from_s, int64_t to_s,
		      const struct api_argument *arguments, size_t count, struct err *err)
{
	enum api_dialect dialect = api_profile(api)->dialect;

	*walk = (struct claude_code_walk){ .api = api, .from = BUF_INIT(64), .to = BUF_INIT(64) };
	if (api_reader_init(&walk->reader, dialect, API_USAGE_CLAUDE_CODE, err))
		return -1;
	if (to_s <= from_s)
		return err_set(err, ERR_USAGE, 0, "%s: the end of the time asked for is not behind its start",
			       api_operation_name(API_USAGE_CLAUDE_CODE));
	walk->arguments = calloc(count + 2, sizeof(*walk->arguments));
	if (!walk->arguments)
		return err_nomem(err);
	walk->is_daily = dialect == API_PLATFORM;
	walk->day = clock_day(from_s);
	walk->end_day = clock_day(to_s - 1) + 1;
	walk->count = walk->is_daily ? 1 : 2; /* the first ones are set for each call */
	if (count)
		memcpy(walk->arguments + walk->count, arguments, count * sizeof(*arguments));
	walk->count += count;
	return 0;
}

static int write_day(struct buf *buf, int64_t day, struct err *err)
{
	buf_clear(buf);
	if (clock_add_rfc3339(buf, day * SECONDS_PER_DAY))
		return err_nomem(err);
	buf_cut(buf, DATE_BYTES);
	return 0;
}

/* Opens the next call's pages. 1, 0 when there is none, -1. */
static int open_days(struct claude_code_walk *walk, struct err *err)
{
	if (walk->day >= walk->end_day)
		return 0;
	if (write_day(&walk->from, walk->day, err) || write_day(&walk->to, walk->end_day, err))
		return -1;
	walk->arguments[0] = (struct api_argument){ "starting_at", buf_view(&walk->from) };
	if (!walk->is_daily)
		walk->arguments[1] = (struct api_argument){ "ending_at", buf_view(&walk->to) };
	walk->day = walk->is_daily ? walk->day + 1 : walk->end_day;
	page_start(&walk->pages, walk->api, API_USAGE_CLAUDE_CODE, walk->arguments, walk->count, 0);
	walk->is_open = true;
	return 1;
}

static void close_days(struct claude_code_walk *walk)
{
	if (walk->is_open)
		page_done(&walk->pages);
	walk->is_open = false;
}

int claude_code_next(struct claude_code_walk *walk, struct api_claude_code *ret, struct err *err)
{
	for (;;) {
		struct view row;
		int status;

		if (!walk->is_open) {
			status = open_days(walk, err);
			if (status <= 0)
				return status;
		}
		status = page_row(&walk->pages, &row, err);
		if (status < 0)
			return -1;
		if (status == 1)
			return api_claude_code_read(&walk->reader, row, ret, err) ? -1 : 1;
		close_days(walk);
	}
}

void claude_code_done(struct claude_code_walk *walk)
{
	close_days(walk);
	api_reader_done(&walk->reader);
	free(walk->arguments);
	buf_done(&walk->from);
	buf_done(&walk->to);
}
