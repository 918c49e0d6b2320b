/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl activities query and types. */
#include <stdlib.h>
#include <string.h>

#include "admin/activity.h"
#include "admin/cmd.h"
#include "admin/dedupe.h"
#include "admin/given.h"
#include "common/api/page.h"
#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"
#include "common/sys/log.h"

#define SMALL_ROWS 5000

/* What is done with the rows of a window, each of which comes once. */
struct consumer {
	int (*row)(void *context, struct view row, struct err *err);
	int (*page)(void *context, struct err *err); /* a page has ended; may be NULL */
	bool (*is_full)(const void *context);        /* no more rows are wanted; may be NULL */
	void *context;
};

/* A window that is being read. */
struct reading {
	struct session *s;
	struct activity_query *q;
	const struct consumer *consumer;
	struct dedupe seen;
	struct page_walk walk;
	struct buf last; /* the time of the last row of a page */
};

static int take_row(struct reading *r, struct view row, struct err *err)
{
	struct view id = activity_id(row);

	if (r->walk.row == r->walk.rows.count) {
		buf_clear(&r->last);
		if (buf_add(&r->last, activity_time(r->q, row)))
			return err_nomem(err);
	}
	if (id.len && !dedupe_is_new(&r->seen, id))
		return 0;
	return activity_is_wanted(r->q, row) ? r->consumer->row(r->consumer->context, row, err) : 0;
}

static int walk_rows(struct reading *r, struct err *err)
{
	const struct consumer *c = r->consumer;
	uint64_t pages = 0;
	struct view row;
	int status = 0;

	while ((!c->is_full || !c->is_full(c->context)) && (status = page_row(&r->walk, &row, err)) == 1) {
		if (pages != r->walk.pages && c->page && c->page(c->context, err))
			return -1;
		pages = r->walk.pages;
		if (take_row(r, row, err))
			return -1;
	}
	if (status < 0 && c->page) /* what was read before the failure is not lost with it */
		(void)c->page(c->context, NULL);
	return status < 0 ? -1 : 0;
}

static uint64_t page_size(const struct session *s)
{
	if (s->o->page_size)
		return s->o->page_size;
	return s->o->limit < SMALL_ROWS && !s->o->workspaces.count ? s->o->limit : 0;
}

/* An older API does not know the order: what it has is the newest first. */
static bool refuses_order(const struct reading *r, bool is_ordered, const struct err *err)
{
	return is_ordered && !r->walk.pages && err->kind == ERR_REFUSED &&
	       text_find(view_of(err->text), VIEW("order")) != SIZE_MAX;
}

/* A cursor that the API has forgotten: nothing else of the request is new since the page before. */
static bool refuses_cursor(const struct reading *r, const struct err *err)
{
	return r->walk.pages && err->kind == ERR_REFUSED && r->walk.refusal.status == 400 && r->last.len;
}

static bool go_on(struct reading *r, bool is_ordered)
{
	bool is_ascending = is_ordered && strcmp(r->s->o->order, "asc") == 0;

	return activity_query_go_on(r->q, buf_view(&r->last), is_ascending, NULL) == 0;
}

/* 1: it ended early, and another walk is worth it. */
static int walk_once(struct reading *r, bool *is_ordered, struct err *err)
{
	uint64_t known = r->seen.count;
	size_t count = r->q->arguments.count;
	int ret;

	if (*is_ordered)
		filters_add(&r->q->arguments, "order", r->s->o->order);
	page_start(&r->walk, r->s->api, API_ACTIVITY_LIST, r->q->arguments.items, r->q->arguments.count,
		   page_size(r->s));
	ret = walk_rows(r, err);
	r->q->arguments.count = count;
	if (ret && refuses_order(r, *is_ordered, err)) {
		if (strcmp(r->s->o->order, "desc") != 0)
			log_warn("the API does not take --order: the newest come first");
		*is_ordered = false;
		ret = 1;
	} else if (ret && refuses_cursor(r, err) && r->seen.count > known && go_on(r, *is_ordered)) {
		log_warn("the API no longer knows where page %llu begins: it is asked by time from there on",
			 (unsigned long long)r->walk.pages + 1);
		ret = 1;
	}
	page_done(&r->walk);
	return ret;
}

static int walk_window(struct session *s, struct activity_query *q, const struct consumer *c, struct err *err)
{
	struct reading r = { .s = s, .q = q, .consumer = c, .last = BUF_INIT(ACTIVITY_TIME_BYTES) };
	bool is_ordered = s->o->order != NULL;
	int ret;

	if (dedupe_init(&r.seen, ACTIVITY_IDS, err))
		return -1;
	do
		ret = walk_once(&r, &is_ordered, err);
	while (ret == 1);
	dedupe_done(&r.seen);
	buf_done(&r.last);
	return ret;
}

struct printing {
	const struct session *s;
	struct output out;
};

static int print_row(void *context, struct view row, struct err *err)
{
	return output_row(&((struct printing *)context)->out, row, err);
}

static int print_page(void *context, struct err *err)
{
	return output_flush(&((struct printing *)context)->out, err);
}

static bool has_printed_enough(const void *context)
{
	const struct printing *p = context;

	return p->out.rows >= p->s->o->limit;
}

int cmd_activities_query(struct session *s, char **, size_t count, struct err *err)
{
	static const struct given order = { "order", API_ACTIVITY_LIST, "order", NULL };
	DEFER(activity_query_done) struct activity_query q = { .route = NULL };
	struct shape shape = { .columns = activity_columns, .count = ACTIVITY_COLUMNS, .is_verbatim = true };
	struct printing printing = { .s = s };
	const struct consumer consumer = { print_row, print_page, has_printed_enough, &printing };
	int ret;

	if (session_args(NULL, 0, count, err) || given_check(s, &order, s->o->order, err) ||
	    activity_query_init(&q, s, err))
		return -1;
	shape.route = q.route;
	session_output(s, &printing.out, &shape);
	ret = walk_window(s, &q, &consumer, err) || output_end(&printing.out, err) ? -1 : 0;
	output_done(&printing.out);
	return ret;
}

struct tally { /* of one type */
	char *type;
	uint64_t count;
};

struct census {
	struct tally *types; /* sorted by type */
	size_t count, cap;
};

static void census_done(struct census *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->types[i].type);
	free(c->types);
}

static int add_type(struct census *c, size_t at, struct view type, struct err *err)
{
	struct tally *grown;
	char *name;

	if (c->count >= ACTIVITY_TYPES_MAX)
		return err_set(err, ERR_LIMIT, 0, "there are more than %u types of activities", ACTIVITY_TYPES_MAX);
	grown = grow_items(c->types, c->count, &c->cap, sizeof(*c->types));
	name = grown ? strndup(type.ptr, type.len) : NULL;
	if (grown)
		c->types = grown;
	if (!name)
		return err_nomem(err);
	memmove(&c->types[at + 1], &c->types[at], (c->count - at) * sizeof(*c->types));
	c->types[at] = (struct tally){ .type = name, .count = 1 };
	c->count++;
	return 0;
}

static int count_row(void *context, struct view row, struct err *err)
{
	struct census *c = context;
	struct view type = activity_type(row);
	size_t low = 0;
	size_t high = c->count;

	if (!type.len)
		type = VIEW("(none)");
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = text_cmp(view_of(c->types[middle].type), type);

		if (order == 0) {
			c->types[middle].count++;
			return 0;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return add_type(c, low, type, err);
}

static int by_count(const void *a, const void *b)
{
	const struct tally *x = a;
	const struct tally *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->type, y->type);
}

static int print_type(struct output *out, const struct tally *tally, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);
	struct view row;
	struct jsonw w;

	jsonw_init(&w, &text, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "type", tally->type);
	jsonw_member_u64(&w, "count", tally->count);
	jsonw_member_text(&w, "description", activity_describe(view_of(tally->type)));
	jsonw_end(&w);
	if (!jsonw_ok(&w))
		return err_nomem(err);
	return json_whole(buf_view(&text), &row, err) || output_row(out, row, err) ? -1 : 0;
}

static int print_census(const struct session *s, struct census *c, struct err *err)
{
	static const struct column columns[] = { { "type", "type" },
						 { "count", "count" },
						 { "description", "description" } };
	const struct shape shape = { .columns = columns, .count = ARRAY_LEN(columns) };
	DEFER(output_done) struct output out;

	session_output(s, &out, &shape);
	if (c->count)
		qsort(c->types, c->count, sizeof(*c->types), by_count);
	for (size_t i = 0; i < c->count; i++)
		if (print_type(&out, &c->types[i], err))
			return -1;
	return output_end(&out, err);
}

int cmd_activities_types(struct session *s, char **, size_t count, struct err *err)
{
	DEFER(activity_query_done) struct activity_query q = { .route = NULL };
	DEFER(census_done) struct census census = { .types = NULL };
	const struct consumer consumer = { count_row, NULL, NULL, &census };

	if (session_args(NULL, 0, count, err) || activity_query_init(&q, s, err) || walk_window(s, &q, &consumer, err))
		return -1;
	return print_census(s, &census, err);
}
