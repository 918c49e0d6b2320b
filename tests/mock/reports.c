/* SPDX-License-Identifier: Apache-2.0 */
/* Usage and cost, dialect platform. */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "tests/mock/must.h"
#include "tests/mock/route.h"
#include "tests/mock/sums.h"
#include "tests/mock/when.h"

static const char *const dimension_names[USAGE_DIMENSIONS] = {
	[USAGE_ACCOUNT] = "account_id",    [USAGE_KEY] = "api_key_id",
	[USAGE_WINDOW] = "context_window", [USAGE_GEO] = "inference_geo",
	[USAGE_MODEL] = "model",           [USAGE_SERVICE] = "service_account_id",
	[USAGE_TIER] = "service_tier",     [USAGE_WORKSPACE] = "workspace_id",
};

static const char *const filter_names[USAGE_DIMENSIONS] = {
	[USAGE_ACCOUNT] = "account_ids[]",   [USAGE_KEY] = "api_key_ids[]",
	[USAGE_WINDOW] = "context_window[]", [USAGE_GEO] = "inference_geos[]",
	[USAGE_MODEL] = "models[]",          [USAGE_SERVICE] = "service_account_ids[]",
	[USAGE_TIER] = "service_tiers[]",    [USAGE_WORKSPACE] = "workspace_ids[]",
};

static bool shows(const void *context, const struct usage_event *e)
{
	for (size_t i = 0; i < USAGE_DIMENSIONS; i++)
		if (!call_selects(context, filter_names[i], e->dimensions[i]))
			return false;
	return true;
}

/* The buckets of a report. */
struct buckets {
	int64_t start_us, end_us, width_us;
	uint64_t offset, limit;
};

static bool read_buckets(struct call *c, struct buckets *b)
{
	bool is_minute = call_arg_is(c, "bucket_width", "1m"), is_hour = call_arg_is(c, "bucket_width", "1h");
	uint64_t standard = is_minute ? 60 : is_hour ? 24 : 7, max = is_minute ? 1440 : is_hour ? 168 : 31;

	b->width_us = is_minute ? WHEN_MINUTE : is_hour ? WHEN_HOUR : WHEN_DAY;
	b->start_us = when_floor(call_time(c, "starting_at", 0), b->width_us);
	b->end_us = call_time(c, "ending_at", c->now_us);
	b->limit = call_count(c, "limit", standard);
	if (b->limit > max) {
		call_refuse(c, 400, "invalid_request_error",
			    "The limit parameter must be between 1 and %llu, inclusive. Got %llu.",
			    (unsigned long long)max, (unsigned long long)b->limit);
		return false;
	}
	if (b->end_us <= b->start_us && http_arg(c->rq, "ending_at").ptr) {
		call_refuse(c, 400, "invalid_request_error", "ending_at must be after starting_at.");
		return false;
	}
	return call_read_token(c, http_arg(c->rq, "page"), &b->offset) == 0;
}

static void write_buckets(struct call *c, const struct buckets *b, struct sums *s,
			  void (*write_row)(struct call *c, const struct sums *s, const struct sum *row))
{
	DEFER(buf_done) struct buf token = BUF_INIT(256);
	int64_t at = b->start_us + (int64_t)b->offset * b->width_us;
	uint64_t written = 0;

	jsonw_object(&c->w);
	jsonw_key(&c->w, "data");
	jsonw_array(&c->w);
	for (; written < b->limit && at < b->end_us; written++, at += b->width_us) {
		int64_t end = at + b->width_us;

		jsonw_object(&c->w);
		call_when(&c->w, "starting_at", at);
		call_when(&c->w, "ending_at", end);
		jsonw_key(&c->w, "results");
		jsonw_array(&c->w);
		sums_make(s, c->model, at, end < c->now_us ? end : c->now_us);
		for (size_t i = 0; i < s->count; i++)
			write_row(c, s, &s->rows[i]);
		sums_done(s);
		jsonw_end(&c->w);
		jsonw_end(&c->w);
	}
	jsonw_end(&c->w);
	jsonw_key(&c->w, "has_more");
	jsonw_bool(&c->w, at < b->end_us);
	if (at < b->end_us)
		call_add_token(c, &token, b->offset + written);
	call_or_null(&c->w, "next_page", at < b->end_us ? token.ptr : NULL);
	jsonw_end(&c->w);
}

static void write_usage(struct call *c, const struct sums *s, const struct sum *row)
{
	struct jsonw *w = &c->w;

	(void)s;
	jsonw_object(w);
	jsonw_member_u64(w, "uncached_input_tokens", row->tokens[USAGE_UNCACHED]);
	jsonw_key(w, "cache_creation");
	jsonw_object(w);
	jsonw_member_u64(w, "ephemeral_1h_input_tokens", row->tokens[USAGE_CACHE_1H]);
	jsonw_member_u64(w, "ephemeral_5m_input_tokens", row->tokens[USAGE_CACHE_5M]);
	jsonw_end(w);
	jsonw_member_u64(w, "cache_read_input_tokens", row->tokens[USAGE_CACHE_READ]);
	jsonw_member_u64(w, "output_tokens", row->tokens[USAGE_OUTPUT]);
	jsonw_key(w, "server_tool_use");
	jsonw_object(w);
	jsonw_member_u64(w, "web_search_requests", row->web_searches);
	jsonw_end(w);
	for (size_t i = 0; i < USAGE_DIMENSIONS; i++)
		call_or_null(w, dimension_names[i], row->dimensions[i]);
	jsonw_end(w);
}

void get_usage_messages(struct call *c)
{
	struct sums s = { .shows = shows, .context = c };
	struct buckets b;

	if (!read_buckets(c, &b))
		return;
	for (size_t i = 0; i < USAGE_DIMENSIONS; i++)
		if (http_arg(c->rq, "group_by[]").ptr && call_selects(c, "group_by[]", dimension_names[i]))
			s.by |= SUMS_BY(i);
	write_buckets(c, &b, &s, write_usage);
}

/* A decimal number of cents without needless zeros. */
static void cost_member(struct jsonw *w, const char *key, uint64_t cost)
{
	DEFER(buf_done) struct buf text = BUF_INIT(64);

	must(buf_addf(&text, "%llu.%09llu", (unsigned long long)(cost / USAGE_COST_UNIT),
		      (unsigned long long)(cost % USAGE_COST_UNIT)));
	while (text.ptr[text.len - 1] == '0')
		buf_cut(&text, text.len - 1);
	if (text.ptr[text.len - 1] == '.')
		buf_cut(&text, text.len - 1);
	jsonw_member(w, key, buf_view(&text));
}

static const char *const line_names[] = { "Input Tokens", "Input Tokens, Cache Write (1h)",
					  "Input Tokens, Cache Write (5m)", "Input Tokens, Cache Hit",
					  "Output Tokens" };

/* All but amount, currency and workspace are told by description only. */
static void write_description(struct jsonw *w, const struct sum *row)
{
	DEFER(buf_done) struct buf text = BUF_INIT(256);

	if (row->line == SUMS_SEARCH)
		must(buf_add_text(&text, "Web Search Usage"));
	else
		must(buf_addf(&text, "%s Usage - %s", usage_model_name(row->model), line_names[row->line]));
	jsonw_member(w, "description", buf_view(&text));
	jsonw_member_text(w, "cost_type", row->line == SUMS_SEARCH ? "web_search" : "tokens");
	call_or_null(w, "model", row->line == SUMS_SEARCH ? NULL : row->dimensions[USAGE_MODEL]);
	call_or_null(w, "token_type", row->line == SUMS_SEARCH ? NULL : usage_token_type((enum usage_token)row->line));
	call_or_null(w, "service_tier", row->dimensions[USAGE_TIER]);
	call_or_null(w, "context_window", row->dimensions[USAGE_WINDOW]);
	call_or_null(w, "inference_geo", row->dimensions[USAGE_GEO]);
}

static void write_cost(struct call *c, const struct sums *s, const struct sum *row)
{
	static const char *const nulls[] = { "description",  "cost_type",      "model",        "token_type",
					     "service_tier", "context_window", "inference_geo" };
	struct jsonw *w = &c->w;

	jsonw_object(w);
	cost_member(w, "amount", row->cost);
	jsonw_member_text(w, "currency", "USD");
	if (s->by & SUMS_BY_LINE)
		write_description(w, row);
	for (size_t i = 0; i < ARRAY_LEN(nulls) && !(s->by & SUMS_BY_LINE); i++)
		call_null(w, nulls[i]);
	call_or_null(w, "workspace_id", row->dimensions[USAGE_WORKSPACE]);
	jsonw_end(w);
}

void get_cost(struct call *c)
{
	bool is_grouped = http_arg(c->rq, "group_by[]").ptr;
	struct sums s = { .is_cost = true };
	struct buckets b;

	if (!read_buckets(c, &b))
		return;
	if (is_grouped && call_selects(c, "group_by[]", "workspace_id"))
		s.by |= SUMS_BY(USAGE_WORKSPACE);
	if (is_grouped && call_selects(c, "group_by[]", "description"))
		s.by |= SUMS_BY_LINE | SUMS_BY(USAGE_MODEL);
	write_buckets(c, &b, &s, write_cost);
}

static int64_t report_day(const struct call *c)
{
	int64_t days = 0;

	(void)!clock_parse_date(http_arg(c->rq, "starting_at"), &days);
	return days * WHEN_DAY;
}

/* Users come first, then keys. */
static struct usage_day day_of(const struct call *c, size_t i)
{
	bool is_key = i >= c->model->user_count;

	if (report_day(c) > c->now_us || (is_key && i % 4))
		return (struct usage_day){ .sessions = 0 };
	return usage_code_day(c->model, i, report_day(c));
}

static bool shows_day(const struct call *c, size_t i)
{
	return day_of(c, i).sessions > 0;
}

static void write_actor(struct call *c, size_t i)
{
	bool is_key = i >= c->model->user_count;

	jsonw_key(&c->w, "actor");
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "type", is_key ? "api_actor" : "user_actor");
	if (is_key)
		jsonw_member_text(&c->w, "api_key_name", c->model->keys[i - c->model->user_count].name);
	else
		jsonw_member_text(&c->w, "email_address", c->model->users[i].email);
	jsonw_end(&c->w);
}

static void write_measures(struct jsonw *w, const struct usage_day *d)
{
	DEFER(buf_done) struct buf text = BUF_INIT(4096);

	must(buf_addf(&text,
		      "{\"num_sessions\":%llu,\"lines_of_code\":{\"added\":%llu,\"removed\":%llu},"
		      "\"commits_by_claude_code\":%llu,\"pull_requests_by_claude_code\":%llu}",
		      (unsigned long long)d->sessions, (unsigned long long)d->added, (unsigned long long)d->removed,
		      (unsigned long long)d->commits, (unsigned long long)d->pulls));
	jsonw_key(w, "core_metrics");
	jsonw_raw(w, buf_view(&text));
	buf_clear(&text);
	must(buf_addf(&text, "{\"edit_tool\":{\"accepted\":%llu,\"rejected\":%llu}}", (unsigned long long)d->accepted,
		      (unsigned long long)d->rejected));
	jsonw_key(w, "tool_actions");
	jsonw_raw(w, buf_view(&text));
	buf_clear(&text);
	must(buf_addf(&text,
		      "[{\"model\":\"claude-opus-5\",\"tokens\":{\"input\":%llu,\"output\":%llu,\"cache_read\":10,"
		      "\"cache_creation\":5},\"estimated_cost\":{\"amount\":%llu,\"currency\":\"USD\"}}]",
		      (unsigned long long)d->input, (unsigned long long)d->output, (unsigned long long)d->cents));
	jsonw_key(w, "model_breakdown");
	jsonw_raw(w, buf_view(&text));
}

static void write_day(struct call *c, size_t i)
{
	struct usage_day d = day_of(c, i);

	jsonw_object(&c->w);
	call_when(&c->w, "date", report_day(c));
	write_actor(c, i);
	jsonw_member_text(&c->w, "organization_id", c->model->organization_uuid.text);
	jsonw_member_text(&c->w, "customer_type", i % 3 ? "api" : "subscription");
	call_or_null(&c->w, "subscription_type", i % 3 ? NULL : "enterprise");
	jsonw_member_text(&c->w, "terminal_type", i % 2 ? "vscode" : "tmux");
	jsonw_key(&c->w, "is_remote");
	jsonw_bool(&c->w, i % 5 == 0);
	write_measures(&c->w, &d);
	jsonw_end(&c->w);
}

void get_usage_claude_code(struct call *c)
{
	size_t count = c->model->user_count + c->model->key_count;

	call_list_pages(c, &(struct list){ c, count, shows_day, NULL, write_day }, 20, true);
}
