/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/activity.h"

#include <string.h>

#include "admin/lookup.h"
#include "admin/period.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "common/sys/opt_value.h"

#define NS_PER_US 1000u
#define NS_PER_S 1'000'000'000u

const struct column activity_columns[ACTIVITY_COLUMNS] = {
	{ "created_at", "created_at" },
	{ "type", "type" },
	{ "user_id", "actor.user_id" },
	{ "email", "actor.email_address" },
	{ "ip", "actor.ip_address" },
	{ "workspace_id", "workspace_id" },
	{ "id", "id" },
};

struct moment {
	int64_t s;
	uint32_t ns;
};

/* In UTC, with microseconds where there are any. */
static int write_time(struct buf *buf, const struct moment *m)
{
	buf_clear(buf);
	if (clock_add_rfc3339(buf, m->s))
		return -1;
	if (m->ns < NS_PER_US)
		return 0;
	buf_cut(buf, buf->len - 1);
	return buf_addf(buf, ".%06uZ", m->ns / NS_PER_US);
}

int activity_from(const struct options *o, int64_t *ret, struct err *err)
{
	struct moment m;

	if (!o->from)
		return 0;
	if (opt_time("from", o->from, &m.s, &m.ns, err))
		return -1;
	*ret = m.s;
	return 0;
}

static bool is_required(const struct api_route *route, const char *name)
{
	const struct api_parameter *parameter = api_parameter_of(route, name);

	return parameter && parameter->required;
}

static int read_window(struct activity_query *q, const struct options *o, struct err *err)
{
	struct moment from = { .s = 0 };
	struct moment to = { .s = clock_unix_s() };

	if ((o->from && opt_time("from", o->from, &from.s, &from.ns, err)) ||
	    (o->to && opt_time("to", o->to, &to.s, &to.ns, err)))
		return -1;
	if (period_check(from.s < to.s || (from.s == to.s && from.ns < to.ns), o->to, err))
		return -1;
	return write_time(&q->from, &from) || write_time(&q->to, &to) ? err_nomem(err) : 0;
}

static void add_window(struct activity_query *q, bool has_from)
{
	if (has_from || is_required(q->route, "created_at.gte"))
		filters_add(&q->arguments, "created_at.gte", q->from.ptr);
	filters_add(&q->arguments, "created_at.lt", q->to.ptr);
}

int activity_query_init(struct activity_query *q, struct session *s, struct err *err)
{
	const struct options *o = s->o;

	*q = (struct activity_query){ .from = BUF_INIT(ACTIVITY_TIME_BYTES), .to = BUF_INIT(ACTIVITY_TIME_BYTES) };
	q->route = session_route(s, API_ACTIVITY_LIST, err);
	if (!q->route || read_window(q, o, err) || lookup_workspaces(s, &o->workspaces, &q->workspaces, err) ||
	    lookup_users(s, &o->actors, &q->actors, err))
		return -1;
	filters_add_all(&q->arguments, "activity_types", &o->types);
	filters_add_all(&q->arguments, "actor_ids", &q->actors);
	q->filters = q->arguments.count;
	add_window(q, o->from != NULL);
	return 0;
}

int activity_query_since(struct activity_query *q, int64_t from_s, struct err *err)
{
	const struct moment from = { .s = from_s };
	const struct moment to = { .s = clock_unix_s() + 1 };

	if (write_time(&q->from, &from) || write_time(&q->to, &to))
		return err_nomem(err);
	q->arguments.count = q->filters;
	filters_add(&q->arguments, "created_at.gte", q->from.ptr);
	if (is_required(q->route, "created_at.lt"))
		filters_add(&q->arguments, "created_at.lt", q->to.ptr);
	return 0;
}

int activity_query_go_on(struct activity_query *q, struct view time, bool is_ascending, struct err *err)
{
	const char *name = is_ascending ? "created_at.gte" : "created_at.lt";
	struct buf *text = is_ascending ? &q->from : &q->to;
	struct moment m;
	size_t i = 0;

	if (clock_parse_time(time, &m.s, &m.ns))
		return err_set(err, ERR_FORMAT, 0, "a row has no time that the list could go on from");
	if (!is_ascending) { /* the bound is exclusive, and rows may share a time */
		m.ns += NS_PER_US;
		m.s += m.ns / NS_PER_S;
		m.ns %= NS_PER_S;
	}
	if (write_time(text, &m))
		return err_nomem(err);
	while (i < q->arguments.count && strcmp(q->arguments.items[i].name, name) != 0)
		i++;
	if (i == q->arguments.count)
		filters_add(&q->arguments, name, "");
	q->arguments.items[i] = (struct api_argument){ .name = name, .value = buf_view(text) };
	return 0;
}

void activity_query_done(struct activity_query *q)
{
	buf_done(&q->from);
	buf_done(&q->to);
}

/* A JSON string's bytes between its quotes. */
static struct view inside(struct view value)
{
	return value.len >= 2 && json_type_of(value) == JSON_STRING ? view_sub(value, 1, value.len - 2) : VIEW_NONE;
}

bool activity_is_wanted(const struct activity_query *q, struct view row)
{
	struct view workspace;

	if (!q->workspaces.count)
		return true;
	workspace = inside(json_member(row, api_wire_key(q->route, "workspace_id")));
	for (size_t i = 0; i < q->workspaces.count; i++)
		if (text_eq(workspace, view_of(q->workspaces.items[i])))
			return true;
	return false;
}

struct view activity_time(const struct activity_query *q, struct view row)
{
	struct view time = inside(json_member(row, api_wire_key(q->route, "created_at")));

	return time.len <= ACTIVITY_TIME_BYTES && text_find_byte(time, '\\') == SIZE_MAX ? time : VIEW_NONE;
}

struct view activity_id(struct view row)
{
	return inside(json_member(row, "id"));
}

struct view activity_type(struct view row)
{
	return inside(json_member(row, "type"));
}
