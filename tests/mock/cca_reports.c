/* SPDX-License-Identifier: Apache-2.0 */
/* Dialect cca: usage, cost, the query of activities. */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "tests/mock/activity.h"
#include "tests/mock/must.h"
#include "tests/mock/page.h"
#include "tests/mock/route.h"
#include "tests/mock/sums.h"
#include "tests/mock/when.h"

#define STANDARD_LIMIT 100
#define MAX_LIMIT 1000

/* Both days belong to it; today is the standard end. false: it is answered. */
static bool read_days(struct call *c, int64_t *ret_from_us, int64_t *ret_to_us)
{
	int64_t from = 0, to = when_floor(c->now_us, WHEN_DAY) / WHEN_DAY;

	(void)!clock_parse_date(http_arg(c->rq, "start_date"), &from);
	(void)!clock_parse_date(http_arg(c->rq, "end_date"), &to);
	if (to < from) {
		call_refuse(c, 400, "invalid_request_error", "end_date is before start_date.");
		return false;
	}
	*ret_from_us = from * WHEN_DAY;
	*ret_to_us = (to + 1) * WHEN_DAY < c->now_us ? (to + 1) * WHEN_DAY : c->now_us;
	return true;
}

static bool groups_by(const struct call *c, const char *name)
{
	return http_arg(c->rq, "group_by[]").ptr && call_selects(c, "group_by[]", name);
}

static unsigned dimensions(const struct call *c)
{
	return (groups_by(c, "model") ? SUMS_BY(USAGE_MODEL) : 0) |
	       (groups_by(c, "workspace") ? SUMS_BY(USAGE_WORKSPACE) : 0) | (groups_by(c, "user") ? SUMS_BY_USER : 0);
}

static const struct sum *row_at(const struct call *c, size_t i)
{
	return &((const struct sums *)c->context)->rows[i];
}

static struct workspace *workspace_of(struct call *c, const struct sum *row)
{
	const char *id = row->dimensions[USAGE_WORKSPACE];

	return id ? model_workspace(c->model, view_of(id)) : &c->model->workspaces[0];
}

static void write_group(struct call *c, const struct sum *row, bool with_name)
{
	if (groups_by(c, "workspace")) {
		const struct workspace *w = workspace_of(c, row);
		struct ident id = model_cca_id(&w->id);

		jsonw_member_text(&c->w, "workspace_id", id.text);
		if (with_name)
			jsonw_member_text(&c->w, "workspace_name", w->name);
	}
	jsonw_member_text(&c->w, "model", row->dimensions[USAGE_MODEL]);
	jsonw_member_text(&c->w, "user_id", row->user);
}

static void write_messages(struct call *c, size_t i)
{
	const struct sum *row = row_at(c, i);

	jsonw_object(&c->w);
	write_group(c, row, false);
	jsonw_member_u64(&c->w, "input_tokens",
			 row->tokens[USAGE_UNCACHED] + row->tokens[USAGE_CACHE_1H] + row->tokens[USAGE_CACHE_5M] +
				 row->tokens[USAGE_CACHE_READ]);
	jsonw_member_u64(&c->w, "output_tokens", row->tokens[USAGE_OUTPUT]);
	jsonw_end(&c->w);
}

static void list_sums(struct call *c, bool is_cost, void (*render)(struct call *c, size_t i))
{
	DEFER(sums_done) struct sums s = { .is_cost = is_cost, .by = dimensions(c) };
	int64_t from, to;

	if (!read_days(c, &from, &to))
		return;
	sums_make(&s, c->model, from, to);
	c->context = &s;
	call_list_pages(c, &(struct list){ c, s.count, NULL, NULL, render }, STANDARD_LIMIT, true);
	c->context = NULL;
}

void cca_get_usage_messages(struct call *c)
{
	list_sums(c, false, write_messages);
}

/* Dollars as a number. */
static void write_cost(struct call *c, size_t i)
{
	DEFER(buf_done) struct buf text = BUF_INIT(64);
	const struct sum *row = row_at(c, i);
	uint64_t dollar = 100ull * USAGE_COST_UNIT;

	must(buf_addf(&text, "%llu.%011llu", (unsigned long long)(row->cost / dollar),
		      (unsigned long long)(row->cost % dollar)));
	while (text.ptr[text.len - 1] == '0' && text.ptr[text.len - 2] != '.')
		buf_cut(&text, text.len - 1);
	jsonw_object(&c->w);
	write_group(c, row, true);
	jsonw_key(&c->w, "total_cost");
	jsonw_raw(&c->w, buf_view(&text));
	jsonw_member_text(&c->w, "currency", "USD");
	jsonw_end(&c->w);
}

void cca_get_cost(struct call *c)
{
	list_sums(c, true, write_cost);
}

/* Claude Code: one row a user and project, a user, a project, or all. */
struct code_row {
	const char *user, *project;
	uint64_t sessions, tool_calls, users;
	size_t last_user;
};

struct code_rows {
	struct code_row rows[4096];
	size_t count;
};

static struct code_row *code_row(struct code_rows *rows, const char *user, const char *project)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->rows[i].user == user && rows->rows[i].project == project)
			return &rows->rows[i];
	must(rows->count == ARRAY_LEN(rows->rows));
	rows->rows[rows->count] = (struct code_row){ .user = user, .project = project, .last_user = SIZE_MAX };
	return &rows->rows[rows->count++];
}

static void sum_code(struct call *c, struct code_rows *rows, int64_t from, int64_t to)
{
	for (size_t i = 0; i < c->model->user_count; i++)
		for (int64_t day = from; day < to; day += WHEN_DAY) {
			struct usage_day d = usage_code_day(c->model, i, day);
			struct code_row *row;

			if (!d.sessions)
				continue;
			row = code_row(rows, groups_by(c, "user") ? c->model->users[i].id.text : NULL,
				       groups_by(c, "project") ? d.project : NULL);
			row->sessions += d.sessions;
			row->tool_calls += d.accepted + d.rejected;
			row->users += row->last_user != i;
			row->last_user = i;
		}
}

static void write_code(struct call *c, size_t i)
{
	const struct code_row *row = &((const struct code_rows *)c->context)->rows[i];
	DEFER(buf_done) struct buf hours = BUF_INIT(64);

	must(buf_addf(&hours, "%llu.%d", (unsigned long long)(row->sessions / 2), row->sessions % 2 ? 5 : 0));
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "user_id", row->user);
	jsonw_member_text(&c->w, "project", row->project);
	jsonw_key(&c->w, "session_hours");
	jsonw_raw(&c->w, buf_view(&hours));
	jsonw_member_u64(&c->w, "tool_calls", row->tool_calls);
	jsonw_member_u64(&c->w, "active_users", row->users);
	jsonw_end(&c->w);
}

void cca_get_usage_claude_code(struct call *c)
{
	DEFER(freep) struct code_rows *rows = must_have(calloc(1, sizeof(*rows)));
	int64_t from, to;

	if (!read_days(c, &from, &to))
		return;
	sum_code(c, rows, from, to);
	c->context = rows;
	call_list_pages(c, &(struct list){ c, rows->count, NULL, NULL, write_code }, STANDARD_LIMIT, true);
	c->context = NULL;
}

/* The query. */
struct query {
	const struct call *call;
	char *user, *type, *model; /* NULL: any */
	bool with_content;
};

static void query_done(struct query *q)
{
	free(q->user);
	free(q->type);
	free(q->model);
}

static bool is_wanted(const char *wanted, const char *value)
{
	return !wanted || (value && strcmp(wanted, value) == 0);
}

static bool shows(const void *context, const struct row *row)
{
	const struct query *q = context;
	struct cca_activity a;

	if (row->extra)
		return is_wanted(q->type, row->extra->type) && !q->user && !q->model;
	a = activity_cca(&q->call->mock->cca_feed, q->call->model, row->index);
	return is_wanted(q->type, a.type) && is_wanted(q->model, a.model) && is_wanted(q->user, a.user.text);
}

static char *filter(struct view filters, const char *name)
{
	struct view value = filters.ptr ? json_member(filters, name) : VIEW_NONE;
	struct buf text = BUF_INIT(HTTP_REQUEST_BYTES);

	if (!value.ptr || json_type_of(value) != JSON_STRING)
		return NULL;
	must(json_add_string(&text, value));
	return text.len ? must_have(buf_detach(&text)) : must_have(strdup(""));
}

static bool read_query(struct call *c, struct query *q)
{
	static const struct member table[] = { { "user_id", MEMBER_STRING, NULL, false },
					       { "activity_type", MEMBER_STRING, NULL, false },
					       { "model", MEMBER_STRING, NULL, false },
					       { .name = NULL } };
	DEFER(buf_done) struct buf why = BUF_INIT(HTTP_REQUEST_BYTES);
	struct view filters = call_member(c, "filters"), content = call_member(c, "include_content");

	if (filters.ptr && params_check_body(table, filters, &why)) {
		call_refuse(c, 400, "invalid_request_error", "filters.%s", why.ptr);
		return false;
	}
	*q = (struct query){ .call = c,
			     .user = filter(filters, "user_id"),
			     .type = filter(filters, "activity_type"),
			     .model = filter(filters, "model"),
			     .with_content = content.ptr && json_type_of(content) == JSON_TRUE };
	return true;
}

static bool read_range(struct call *c, struct page_walk *walk)
{
	DEFER(freep) char *start = call_text(c, "start_time");
	DEFER(freep) char *end = call_text(c, "end_time");
	int64_t from, to;

	if (when_parse(view_of(start), &from) || when_parse(view_of(end), &to) || to < from) {
		call_refuse(c, 400, "invalid_request_error",
			    "start_time and end_time: RFC 3339 datetimes in this order were expected");
		return false;
	}
	walk->low = feed_find_time(&c->mock->cca_feed, from);
	walk->high = feed_find_time(&c->mock->cca_feed, to);
	walk->from = walk->high;
	return true;
}

/* limit and page of the body. The page is the cursor of the last row that was given. */
static bool read_page(struct call *c, struct page_walk *walk, uint64_t *ret_limit)
{
	DEFER(freep) char *page = call_text(c, "page");
	struct view limit = call_member(c, "limit");
	struct place place;
	struct row row;

	*ret_limit = STANDARD_LIMIT;
	if (limit.ptr && (text_u64(limit, MAX_LIMIT, ret_limit) || *ret_limit == 0)) {
		call_refuse(c, 400, "invalid_request_error",
			    "The limit parameter must be between 1 and 1000, inclusive.");
		return false;
	}
	if (!page)
		return true;
	if (page_read_cursor(view_of(page), &place) || !feed_has(&c->mock->cca_feed, &place, c->now_us)) {
		call_refuse(c, 400, "invalid_request_error", "The page parameter is not a token of this list.");
		return false;
	}
	if (c->fault && c->fault->has_expired_cursor) {
		call_fail(c, 400, "invalid_request_error", "The page has expired.");
		return false;
	}
	walk->from = feed_find(&c->mock->cca_feed, &place);
	for (uint64_t i = 0; c->fault && i < c->fault->duplicate; i++)
		(void)feed_newer(&c->mock->cca_feed, &walk->from, c->now_us, &row);
	return true;
}

static void write_rows(struct call *c, const struct query *q, const struct row *rows, size_t count, bool has_more)
{
	DEFER(buf_done) struct buf cursor = BUF_INIT(512);
	const struct feed *f = &c->mock->cca_feed;

	jsonw_object(&c->w);
	jsonw_key(&c->w, "data");
	jsonw_array(&c->w);
	for (size_t i = 0; i < count; i++) {
		bool swaps = c->fault && c->fault->is_out_of_order && (i ^ 1) < count;
		const struct row *row = &rows[swaps ? i ^ 1 : i];

		if (row->extra)
			jsonw_raw(&c->w, view_of(row->extra->json));
		else
			activity_render_cca(&c->w, f, c->model, row->index, q->with_content);
	}
	jsonw_end(&c->w);
	jsonw_key(&c->w, "has_more");
	jsonw_bool(&c->w, has_more);
	if (has_more) {
		struct place place = feed_place(f, rows[count - 1]);

		page_add_cursor(&cursor, &place);
	}
	call_or_null(&c->w, "next_page", has_more ? cursor.ptr : NULL);
	jsonw_end(&c->w);
}

void cca_post_query(struct call *c)
{
	DEFER(query_done) struct query q = { .call = c };
	DEFER(freep) struct row *rows = must_have(calloc(MAX_LIMIT, sizeof(*rows)));
	struct page_walk walk = { .now_us = c->now_us, .shows = shows, .context = &q };
	bool has_more;
	uint64_t limit;
	size_t count;

	if (!read_query(c, &q) || !read_range(c, &walk) || !read_page(c, &walk, &limit))
		return;
	count = page_collect(&c->mock->cca_feed, &walk, rows, limit, &has_more);
	write_rows(c, &q, rows, count, has_more);
}
