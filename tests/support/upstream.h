/* SPDX-License-Identifier: Apache-2.0 */
/* The list of activities as the API client gives it, in memory and in virtual time: rows that show late, answers that
 * fail, cursors that expire, clocks that lie. And a spool that holds ids. For tests of the activities feed. */
#ifndef TESTS_SUPPORT_UPSTREAM_H
#define TESTS_SUPPORT_UPSTREAM_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/api/client.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "forwarder/feed.h"
#include "forwarder/idset.h"

#define UP_S INT64_C(1'000'000'000)
#define UP_START_S 1'795'528'149 /* 2026-11-24T13:49:09Z */
#define UP_TYPES 64

/* Tests that make allocations fail define these: those of the model do not count. */
#ifndef UP_BEGIN
#define UP_BEGIN
#define UP_END
#endif

struct up_row {
	int64_t at_ns, visible_ns; /* when it happened, and from when on it is listed */
	char id[64];
	char type[64];
	char more[256]; /* members behind a comma; "" */
	bool is_bare;   /* more is the whole row */
	size_t pad;     /* bytes of a member that makes it large */
};

struct api {
	struct profile profile;
	struct up_row *rows; /* by time, then id */
	size_t count, cap;
	int64_t now_ns;
	uint64_t made;
	/* How it behaves. */
	bool refuses_order, refuses_types, is_out_of_order, is_dateless, is_idless, has_admin, has_no_key, feeds_itself;
	const char *setting; /* of the Compliance API; NULL: refused */
	int64_t skew_s;      /* of its Date */
	int64_t latency_ns;  /* each answer takes so long */
	uint64_t most;       /* rows that an answer has at most; 0 = any number */
	size_t reply_most;   /* bytes; 0 = any number */
	unsigned fail;       /* so many calls fail, like this: */
	enum err_kind fail_kind;
	unsigned fail_status;
	const char *fail_text;
	unsigned expire_every;         /* each so-many-th cursor is refused; 0 = none */
	unsigned repeat;               /* so many rows of the page before come again */
	void (*tick)(struct api *api); /* before each answer; may be NULL */
	/* What happened. */
	unsigned calls, cursors, refused;
	struct buf log; /* what was asked, a line a call */
};

static inline void up_must(int status)
{
	if (status)
		abort();
}

static inline int up_compare(int64_t at_ns, const char *id, const struct up_row *r)
{
	if (at_ns != r->at_ns)
		return at_ns < r->at_ns ? -1 : 1;
	return strcmp(id, r->id);
}

static inline struct up_row *up_add(struct api *api, int64_t at_ns, int64_t visible_ns, const char *type,
				    const char *more)
{
	struct up_row row = { .at_ns = at_ns, .visible_ns = visible_ns };
	size_t at = api->count;

	(void)snprintf(row.id, sizeof(row.id), "activity_%06" PRIu64, api->made++ * 7919 % 1'000'003);
	(void)snprintf(row.type, sizeof(row.type), "%s", type);
	up_must(strlen(more) >= sizeof(row.more));
	(void)snprintf(row.more, sizeof(row.more), "%s", more);
	api->rows = grow_items(api->rows, api->count, &api->cap, sizeof(*api->rows));
	if (!api->rows)
		abort();
	while (at && up_compare(at_ns, row.id, &api->rows[at - 1]) < 0)
		at--;
	memmove(api->rows + at + 1, api->rows + at, (api->count - at) * sizeof(row));
	api->rows[at] = row;
	api->count++;
	return &api->rows[at];
}

static inline void up_init(struct api *api, enum api_dialect dialect)
{
	memset(api, 0, sizeof(*api));
	api->profile.dialect = dialect;
	api->now_ns = UP_START_S * UP_S;
	api->log.max = 1 << 22;
}

static inline void up_done(struct api *api)
{
	free(api->rows);
	buf_done(&api->log);
}

/* --- the client's functions --- */

const struct profile *api_profile(const struct api *api)
{
	return &api->profile;
}

int api_has(struct api *api, enum credential_kind kind, struct err *err)
{
	(void)err;
	return (kind == CREDENTIAL_COMPLIANCE && !api->has_no_key) || (kind == CREDENTIAL_ADMIN && api->has_admin);
}

void api_reply_done(struct api_reply *reply)
{
	buf_done(&reply->body);
	buf_done(&reply->request_id);
	buf_done(&reply->organization);
}

struct up_question {
	int64_t from_ns, to_ns;
	uint64_t limit, skip; /* skip: rows, what a page token of cca says */
	struct view cursor, types[UP_TYPES];
	size_t type_count;
	bool is_asc;
};

static inline int64_t up_time(struct view v)
{
	int64_t s;
	uint32_t ns;

	up_must(clock_parse_time(v, &s, &ns));
	return s * UP_S + ns;
}

/* Whatever is not known here ought not to be asked. */
static inline void up_read(const struct api_argument *arguments, size_t count, struct up_question *q)
{
	*q = (struct up_question){ .to_ns = INT64_MAX, .limit = 100 };
	for (size_t i = 0; i < count; i++) {
		const char *name = arguments[i].name;
		struct view v = arguments[i].value;

		if (strcmp(name, "created_at.gte") == 0)
			q->from_ns = up_time(v);
		else if (strcmp(name, "created_at.lt") == 0)
			q->to_ns = up_time(v);
		else if (strcmp(name, "limit") == 0)
			up_must(text_u64(v, 5000, &q->limit));
		else if (strcmp(name, "order") == 0)
			q->is_asc = true;
		else if (strcmp(name, "after_id") == 0)
			q->cursor = v;
		else if (strcmp(name, "page") == 0)
			up_must(text_u64(v, 1 << 30, &q->skip));
		else if (strcmp(name, "activity_types") == 0 && q->type_count < UP_TYPES)
			q->types[q->type_count++] = v;
		else
			up_must(strcmp(name, "include_content") != 0 && strcmp(name, "actor_ids") != 0);
	}
}

static inline bool up_shows(const struct api *api, const struct up_question *q, const struct up_row *r)
{
	bool is_type = !q->type_count;

	for (size_t i = 0; i < q->type_count; i++)
		is_type = is_type || text_eq(q->types[i], view_of(r->type));
	return is_type && r->visible_ns <= api->now_ns && r->at_ns >= q->from_ns && r->at_ns < q->to_ns;
}

static inline void up_add_row(const struct api *api, struct buf *body, const struct up_row *r)
{
	DEFER(buf_done) struct buf time = BUF_INIT(64);

	if (r->is_bare) {
		up_must(buf_add_text(body, r->more));
		return;
	}
	if (r->pad) {
		up_must(buf_addf(body, "{\"id\":\"%s\",\"type\":\"%s\",\"pad\":\"", r->id, r->type));
		up_must(buf_reserve(body, r->pad + 3));
		memset(body->ptr + body->len, 'x', r->pad);
		body->len += r->pad;
		up_must(buf_add_text(body, "\"}"));
		return;
	}
	up_must(clock_add_rfc3339(&time, r->at_ns / UP_S));
	buf_cut(&time, time.len - 1);
	up_must(buf_addf(body, "{\"id\":\"%s\",\"%s\":\"%s.%06dZ\",\"type\":\"%s\"%s}", r->id,
			 api->profile.dialect == API_CCA ? "timestamp" : "created_at", time.ptr,
			 (int)(r->at_ns % UP_S / 1000), r->type, r->more));
}

/* Indexes of the rows that match, in the order asked for, from the cursor on. A cursor has to be a row's. */
static inline size_t up_select(const struct api *api, const struct up_question *q, size_t *found)
{
	size_t count = 0, skip = q->skip;
	bool is_there = !q->cursor.len;

	for (size_t i = 0; i < api->count; i++) {
		size_t row = q->is_asc ? i : api->count - 1 - i;

		if (!up_shows(api, q, &api->rows[row]))
			continue;
		found[count++] = row;
		if (!q->cursor.len || !text_eq(q->cursor, view_of(api->rows[row].id)))
			continue;
		is_there = true;
		skip = count > api->repeat ? count - api->repeat : 0;
	}
	up_must(!is_there);
	skip = skip < count ? skip : count;
	memmove(found, found + skip, (count - skip) * sizeof(*found));
	return count - skip;
}

static inline void up_close(const struct api *api, const struct up_question *q, const size_t *found, size_t taken,
			    bool has_more, struct buf *body)
{
	if (api->profile.dialect == API_CCA)
		up_must(has_more ? buf_addf(body, "],\"next_page\":\"%zu\"}", (size_t)q->skip + taken)
				 : buf_add_text(body, "],\"next_page\":null}"));
	else if (taken)
		up_must(buf_addf(body, "],\"has_more\":%s,\"first_id\":\"%s\",\"last_id\":\"%s\"}",
				 has_more ? "true" : "false", api->rows[found[0]].id, api->rows[found[taken - 1]].id));
	else
		up_must(buf_add_text(body, "],\"has_more\":false,\"first_id\":null,\"last_id\":null}"));
}

static inline void up_write(const struct api *api, const struct up_question *q, struct buf *body)
{
	DEFER(freep) size_t *found = calloc(api->count + 1, sizeof(*found));
	size_t count, taken;

	up_must(!found);
	count = up_select(api, q, found);
	taken = count < q->limit ? count : (size_t)q->limit;
	if (api->most && taken > api->most)
		taken = (size_t)api->most;
	up_must(buf_add_text(body, "{\"data\":["));
	for (size_t i = 0; i < taken; i++) {
		size_t at = api->is_out_of_order && (i ^ 1) < taken ? i ^ 1 : i;

		up_must(i && buf_add_byte(body, ','));
		up_add_row(api, body, &api->rows[found[at]]);
	}
	up_close(api, q, found, taken, taken < count, body);
}

static inline int up_refuse(struct api *api, struct api_refusal *refusal, enum err_kind kind, unsigned status,
			    const char *text, struct err *err)
{
	api->refused++;
	if (refusal && kind == ERR_REFUSED) {
		refusal->status = status;
		(void)snprintf(refusal->message, sizeof(refusal->message), "%s", text);
	}
	return err_set(err, kind, 0, "activity.list: %s", text);
}

/* 0, or -1: it is refused. */
static inline int up_check(struct api *api, const struct up_question *q, struct api_refusal *refusal, struct err *err)
{
	if (api->fail) {
		api->fail--;
		return up_refuse(api, refusal, api->fail_kind, api->fail_status, api->fail_text, err);
	}
	if (q->is_asc && api->refuses_order)
		return up_refuse(api, refusal, ERR_REFUSED, 400, "Unknown query parameter: 'order'.", err);
	if (q->type_count && api->refuses_types)
		return up_refuse(api, refusal, ERR_REFUSED, 400, "Unknown activity type: 'x'.", err);
	if ((q->cursor.len || q->skip) && api->expire_every && ++api->cursors % api->expire_every == 0)
		return up_refuse(api, refusal, ERR_REFUSED, 400, "Invalid `after_id`.", err);
	return 0;
}

/* What asking leaves in the list. */
static inline void up_record(struct api *api)
{
	char more[192];

	(void)snprintf(more, sizeof(more),
		       ",\"request_id\":\"req_%06u\",\"url\":\"/v1/compliance/activities?limit=1\",\"actor\":{"
		       "\"type\":\"api_actor\",\"user_agent\":\"skantd/1\"}",
		       api->calls);
	up_add(api, api->now_ns, api->now_ns, "compliance_api_accessed", more);
}

static inline int up_answer(struct api *api, const struct api_argument *arguments, size_t count,
			    struct api_reply *reply, struct api_refusal *refusal, struct err *err)
{
	struct up_question q;

	if (api->tick)
		api->tick(api);
	api->calls++;
	api->now_ns += api->latency_ns;
	if (api->log.len > api->log.max / 2)
		buf_clear(&api->log);
	for (size_t i = 0; i < count; i++)
		up_must(buf_addf(&api->log, "%s%s=%.*s", i ? " " : "", arguments[i].name, (int)arguments[i].value.len,
				 arguments[i].value.ptr));
	up_must(buf_add_byte(&api->log, '\n'));
	up_read(arguments, count, &q);
	up_must(!api->is_idless && buf_addf(&reply->request_id, "req_%06u", api->calls));
	reply->date_s = api->is_dateless ? 0 : api->now_ns / UP_S + api->skew_s;
	if (up_check(api, &q, refusal, err))
		return -1;
	up_write(api, &q, &reply->body);
	if (api->reply_most && reply->body.len > api->reply_most)
		return up_refuse(api, refusal, ERR_LIMIT, 0, "the body is too large", err);
	if (api->feeds_itself)
		up_record(api);
	return 0;
}

int api_call(struct api *api, enum api_operation operation, const struct api_argument *arguments, size_t count,
	     struct api_reply *reply, struct api_refusal *refusal, struct err *err)
{
	int status = 0;

	if (refusal)
		*refusal = (struct api_refusal){ .status = 0 };
	reply->status = 200;
	reply->was_sent = true;
	reply->body.max = API_REPLY_BYTES;
	reply->request_id.max = 64;
	buf_clear(&reply->body);
	buf_clear(&reply->request_id);
	UP_BEGIN;
	if (operation == API_ACTIVITY_LIST)
		status = up_answer(api, arguments, count, reply, refusal, err);
	else if (!api->setting)
		status = up_refuse(api, refusal, ERR_REFUSED, 403, "no", err);
	else
		up_must(buf_addf(&reply->body, "{\"type\":\"compliance_settings\",\"state\":{\"type\":\"%s\"}}",
				 api->setting));
	UP_END;
	return status;
}

int api_call_read(struct api *api, enum api_operation operation, const struct api_argument *arguments, size_t count,
		  const struct api_reading *reading, struct api_reply *reply, struct api_refusal *refusal,
		  struct err *err)
{
	if (api_call(api, operation, arguments, count, reply, refusal, err))
		return -1;
	return reading->read(reading->context, buf_view(&reply->body), err);
}

/* --- a spool --- */

struct upspool {
	struct idset ids;
	struct buf state;
	struct buf order;  /* of new ones, a line each: time, id, type */
	struct buf alerts; /* "late on: text\n" */
	struct buf last;   /* body of the last record */
	bool is_alert_on[FEED_ALERTS];
	uint64_t puts, added, known;
	uint64_t fail_after; /* so many puts go well, and no more; 0 = all do */
	bool is_full;
	uint64_t lags, lag_max, polls;
	uint64_t backwards; /* records older than the one before them in their page */
};

static inline void upspool_init(struct upspool *s)
{
	memset(s, 0, sizeof(*s));
	s->state.max = PAGE_STATE_BYTES;
	s->order.max = s->alerts.max = 1 << 24;
	s->last.max = 2 * (size_t)JSON_RECORD_BYTES;
}

static inline void upspool_done(struct upspool *s)
{
	idset_done(&s->ids);
	buf_done(&s->state);
	buf_done(&s->order);
	buf_done(&s->alerts);
	buf_done(&s->last);
}

static inline bool upspool_add(struct upspool *s, const struct page_record *r)
{
	struct idset_item *item;

	up_must(!r->id.len || !r->type.len || !r->body.len);
	up_must(r->body.len > JSON_RECORD_BYTES);
	buf_clear(&s->last);
	up_must(buf_add(&s->last, r->body));
	up_must(idset_add(&s->ids, r->id, 0, &item));
	if (item->count > 1)
		return false;
	up_must(buf_addf(&s->order, "%" PRId64 " %.*s %.*s\n", r->time_ns, (int)r->id.len, r->id.ptr, (int)r->type.len,
			 r->type.ptr));
	return true;
}

static inline void upspool_take(struct upspool *s, const struct page *page, struct page_stored *ret)
{
	ret->added = ret->known = 0;
	for (size_t i = 0; i < page->count; i++) {
		ret->is_new[i] = upspool_add(s, &page->records[i]);
		ret->added += ret->is_new[i];
		ret->known += !ret->is_new[i];
		s->backwards += i && page->records[i].time_ns < page->records[i - 1].time_ns;
	}
	s->added += ret->added;
	s->known += ret->known;
	if (!page->state.ptr)
		return;
	buf_clear(&s->state);
	up_must(buf_add(&s->state, page->state));
}

static inline int upspool_put(void *context, const struct page *page, struct page_stored *ret, struct err *err)
{
	struct upspool *s = context;

	s->puts++;
	if (s->fail_after && s->puts > s->fail_after)
		return err_set(err, ERR_IO, 0, "the spool is broken");
	if (s->is_full && page->count)
		return 1;
	UP_BEGIN;
	upspool_take(s, page, ret);
	UP_END;
	return 0;
}

static inline int upspool_state(void *context, const char *feed, struct buf *ret, struct err *err)
{
	struct upspool *s = context;

	(void)feed;
	return buf_add(ret, buf_view(&s->state)) ? err_nomem(err) : 0;
}

static inline void upspool_alert(void *context, const char *feed, enum feed_alert alert, bool is_on, const char *text)
{
	struct upspool *s = context;

	(void)feed;
	UP_BEGIN;
	if (is_on != s->is_alert_on[alert])
		up_must(buf_addf(&s->alerts, "%s %s: %s\n", feed_alert_names[alert], is_on ? "on" : "over", text));
	UP_END;
	s->is_alert_on[alert] = is_on;
}

static inline void upspool_polled(void *context, const char *feed, int64_t freshest_ns)
{
	struct upspool *s = context;

	(void)feed;
	(void)freshest_ns;
	s->polls++;
}

static inline void upspool_lag(void *context, const char *feed, uint64_t lag_ms)
{
	struct upspool *s = context;

	(void)feed;
	s->lags++;
	if (lag_ms > s->lag_max)
		s->lag_max = lag_ms;
}

static inline struct feed_out upspool_out(struct upspool *s)
{
	return (struct feed_out){ .put = upspool_put,
				  .state = upspool_state,
				  .alert = upspool_alert,
				  .polled = upspool_polled,
				  .lag = upspool_lag,
				  .context = s };
}

#endif
