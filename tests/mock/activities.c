/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/compliance/activities. */
#include <string.h>

#include "common/base/text.h"
#include "tests/mock/activity.h"
#include "tests/mock/must.h"
#include "tests/mock/page.h"
#include "tests/mock/route.h"

#define STANDARD_LIMIT 100

static bool has_arg(const struct call *c, const char *name)
{
	return http_arg(c->rq, name).ptr != NULL;
}

static bool has_user(const struct call *c, const char *name, const struct ident *user)
{
	return has_arg(c, name) && call_selects(c, name, user->text);
}

/* The filters but those of time. Rows without an organisation come whatever organisation was asked for. */
static bool shows(const void *context, const struct row *row)
{
	const struct call *c = context;
	const struct feed *f = &c->mock->feed;
	const char *type = row->extra ? row->extra->type : activity_type(f, row->index);

	if (!call_selects(c, "activity_types[]", type))
		return false;
	if (has_arg(c, "exclude_activity_types[]") && call_selects(c, "exclude_activity_types[]", type))
		return false;
	if (has_arg(c, "actor_ids[]") || has_arg(c, "user_ids[]")) {
		struct ident user = row->extra ? row->extra->actor : activity_actor(f, c->model, row->index);

		return has_user(c, "actor_ids[]", &user) || has_user(c, "user_ids[]", &user);
	}
	return true;
}

static bool is_ours(const struct call *c, struct view id)
{
	return text_eq(id, view_of(c->model->organization.text)) ||
	       text_eq(id, view_of(c->model->organization_uuid.text)) ||
	       text_eq(id, view_of(c->model->other_uuid.text));
}

/* Values that only the organisation can judge. */
static bool check_values(struct call *c)
{
	for (size_t i = 0; i < c->rq->arg_count; i++) {
		struct http_field arg = c->rq->args[i];

		if (text_ends(arg.name, VIEW("activity_types[]")) && !activity_knows(arg.value)) {
			call_fail(c, 400, "invalid_request_error", "Unknown activity type: '%.*s'.", (int)arg.value.len,
				  arg.value.ptr);
			return false;
		}
		if (text_eq(arg.name, VIEW("organization_ids[]")) && !is_ours(c, arg.value)) {
			call_fail(c, 403, "permission_error", "The organization is not one of yours.");
			return false;
		}
	}
	if ((has_arg(c, "after_id") && has_arg(c, "before_id")) ||
	    (has_arg(c, "activity_types[]") && has_arg(c, "exclude_activity_types[]"))) {
		call_refuse(c, 400, "invalid_request_error", "Only one of two parameters may be given: %s.",
			    has_arg(c, "after_id") ? "after_id, before_id"
						   : "activity_types[], exclude_activity_types[]");
		return false;
	}
	return true;
}

/* The cursor's place; false: it is answered. */
static bool read_cursor(struct call *c, const char *name, struct place *ret)
{
	struct view cursor = http_arg(c->rq, name);
	bool is_known = page_read_cursor(cursor, ret) == 0;
	void (*refuse)(struct call *, unsigned, const char *, const char *, ...) = is_known ? call_fail : call_refuse;

	if (is_known && !(c->fault && c->fault->has_expired_cursor) && feed_has(&c->mock->feed, ret, c->now_us))
		return true;
	refuse(c, 400, "invalid_request_error", "Invalid `%s`. No activity found for `%s` \"%.*s\"", name, name,
	       (int)cursor.len, cursor.ptr);
	return false;
}

static struct position later(struct position a, struct position b)
{
	return feed_compare(a, b) < 0 ? b : a;
}

static struct position earlier(struct position a, struct position b)
{
	return feed_compare(a, b) < 0 ? a : b;
}

static void set_range(const struct call *c, struct page_walk *walk)
{
	const struct feed *f = &c->mock->feed;

	walk->low = (struct position){ 0, 0 };
	walk->high = feed_end(f);
	if (has_arg(c, "created_at.gte"))
		walk->low = later(walk->low, feed_find_time(f, call_time(c, "created_at.gte", 0)));
	if (has_arg(c, "created_at.gt"))
		walk->low = later(walk->low, feed_find_time(f, call_time(c, "created_at.gt", 0) + 1));
	if (has_arg(c, "created_at.lte"))
		walk->high = earlier(walk->high, feed_find_time(f, call_time(c, "created_at.lte", 0) + 1));
	if (has_arg(c, "created_at.lt"))
		walk->high = earlier(walk->high, feed_find_time(f, call_time(c, "created_at.lt", 0)));
}

/* Where the walk starts: right behind the cursor's row, or at the end it comes from. A fault may put it back. */
static bool set_start(struct call *c, struct page_walk *walk)
{
	const char *name = has_arg(c, "after_id") ? "after_id" : "before_id";
	const struct feed *f = &c->mock->feed;
	struct place place;
	struct row row;

	walk->from = walk->is_newer ? walk->low : walk->high;
	if (!has_arg(c, name))
		return true;
	if (!read_cursor(c, name, &place))
		return false;
	walk->from = feed_find(f, &place);
	if (walk->is_newer)
		(void)feed_newer(f, &walk->from, c->now_us, &row);
	for (uint64_t i = 0; c->fault && i < c->fault->duplicate; i++)
		(void)(walk->is_newer ? feed_older(f, &walk->from, c->now_us, &row)
				      : feed_newer(f, &walk->from, c->now_us, &row));
	if (walk->is_newer)
		walk->from = later(walk->from, walk->low);
	else
		walk->from = earlier(walk->from, walk->high);
	return true;
}

/* A page made before, when the request asks for nothing else. */
static bool send_prepared(struct call *c, const struct page_walk *walk, uint64_t limit)
{
	const struct feed *f = &c->mock->feed;
	const struct prerender_page *page;
	uint64_t passed = walk->is_newer ? walk->from.base : f->count - walk->from.base;
	uint64_t left = walk->is_newer ? walk->high.base - walk->from.base : walk->from.base - walk->low.base;
	bool is_to_end = walk->is_newer ? walk->high.base == f->count : walk->low.base == 0;

	if (limit != PRERENDER_ROWS || f->extra_count || c->fault || walk->shows || has_arg(c, "before_id") ||
	    !(is_to_end || left > limit))
		return false;
	page = prerender_page(&c->mock->prerender, walk->is_newer, passed);
	if (!page)
		return false;
	c->rp->shared = page->plain;
	if (page->gzip.len && http_wants_gzip(c->rq)) {
		c->rp->shared = page->gzip;
		http_reply_header(c->rp, "content-encoding", "gzip");
	}
	return true;
}

static bool has_filter(const struct call *c)
{
	return has_arg(c, "activity_types[]") || has_arg(c, "exclude_activity_types[]") || has_arg(c, "actor_ids[]") ||
	       has_arg(c, "user_ids[]");
}

void get_activities(struct call *c)
{
	uint64_t limit = call_count(c, "limit", STANDARD_LIMIT);
	DEFER(freep) struct row *rows = must_have(calloc(limit, sizeof(*rows)));
	struct page_walk walk = { .is_newer = call_arg_is(c, "order", "asc") != has_arg(c, "before_id"),
				  .now_us = c->now_us,
				  .shows = has_filter(c) ? shows : NULL,
				  .context = c };
	bool has_more;
	size_t count;

	if (!check_values(c))
		return;
	set_range(c, &walk);
	if (!set_start(c, &walk) || send_prepared(c, &walk, limit))
		return;
	count = page_collect(&c->mock->feed, &walk, rows, limit, &has_more);
	if (has_arg(c, "before_id"))
		page_reverse(rows, count);
	page_render(&c->w, &c->mock->feed, c->model, rows, count, has_more, c->fault && c->fault->is_out_of_order);
}
