/* SPDX-License-Identifier: Apache-2.0 */
/* An organisation whose reports and lists the API client gives, in memory and in its own time, and a spool that can be
 * full, or die before or behind any page. For tests of the feeds that ask for reports. */
#ifndef TESTS_SUPPORT_FEEDWORLD_H
#define TESTS_SUPPORT_FEEDWORLD_H

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/api/client.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/policy/policy_read.h"
#include "forwarder/feed.h"
#include "forwarder/idset.h"

/* Tests that make allocations fail define these: those of the model do not count. */
#ifndef FW_BEGIN
#define FW_BEGIN
#define FW_END
#endif

#define FW_ROWS 12000
#define FW_NAMES 16
#define FW_ITEMS 16000
#define FW_EVENTS 32000

struct fw_row { /* something that was used, and what it cost */
	int64_t at_s;
	const char *workspace; /* "" = the default one */
	const char *key, *model, *currency, *cents;
	bool is_alike; /* nothing but the amount tells its cost from that of the workspace's others */
};

struct fw_name {
	const char *id, *name;
};

struct api {
	struct profile profile;
	int64_t now_s;
	struct fw_row rows[FW_ROWS];
	size_t count;
	struct fw_name workspaces[FW_NAMES], keys[FW_NAMES];
	size_t workspace_count, key_count;
	unsigned calls;
	const char *refusal; /* NULL: none */
};

struct feedworld {
	struct api api;
	struct settings settings;
	struct settings_feed feed;
	struct feed_out out;
	struct feed_env env;
	atomic_bool stop;
	/* The spool. */
	struct idset ids;
	struct {
		char *type, *body;
	} events[FW_EVENTS];
	size_t event_count;
	struct {
		char *key, *value;
	} items[FW_ITEMS]; /* sorted */
	size_t item_count;
	struct buf state;
	bool is_full;
	unsigned puts;
	unsigned die_at;  /* the so-many-th page is the last; 0 = none */
	bool dies_behind; /* ... once it is stored */
	bool is_dead;
	char alert[2 * ERR_TEXT_BYTES];
	double used; /* the last that was measured */
	double violations[8];
	size_t violation_count;
};

static inline void fw_must(int status)
{
	if (status)
		abort();
}

/* --- the API --- */

const struct profile *api_profile(const struct api *api)
{
	return &api->profile;
}

void api_reply_done(struct api_reply *reply)
{
	buf_done(&reply->body);
	buf_done(&reply->request_id);
	buf_done(&reply->organization);
}

static inline int64_t fw_time(const struct api_argument *arguments, size_t count, const char *name)
{
	int64_t ret = 0;

	for (size_t i = 0; i < count; i++)
		if (strcmp(arguments[i].name, name) == 0)
			fw_must(clock_parse_rfc3339(arguments[i].value, &ret));
	return ret;
}

static inline int64_t fw_width(const struct api_argument *arguments, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(arguments[i].name, "bucket_width") == 0)
			return text_eq(arguments[i].value, VIEW("1d"))   ? 86'400
			       : text_eq(arguments[i].value, VIEW("1h")) ? 3600
									 : 60;
	abort();
}

static inline void fw_add_id(struct buf *body, const char *id)
{
	fw_must(*id ? buf_addf(body, "\"%s\"", id) : buf_add_text(body, "null"));
}

static inline void fw_add_row(struct buf *body, const struct fw_row *r, size_t index, bool is_cost)
{
	if (is_cost)
		fw_must(buf_addf(
			body,
			"{\"amount\":\"%s\",\"currency\":\"%s\",\"description\":\"%zu\",\"cost_type\":\"tokens\","
			"\"token_type\":\"output_tokens\",\"service_tier\":null,\"context_window\":null,"
			"\"inference_geo\":null",
			r->cents, r->currency, r->is_alike ? SIZE_MAX : index));
	else
		fw_must(buf_add_text(body, "{\"uncached_input_tokens\":0,\"output_tokens\":100,\"api_key_id\":"));
	if (!is_cost)
		fw_add_id(body, r->key);
	fw_must(buf_addf(body, ",\"model\":\"%s\",\"workspace_id\":", r->model));
	fw_add_id(body, r->workspace);
	fw_must(buf_add_byte(body, '}'));
}

static inline void fw_add_bucket(const struct api *api, struct buf *body, int64_t from_s, int64_t to_s, bool is_cost)
{
	bool is_first = true;

	fw_must(buf_add_text(body, "{\"starting_at\":\"") || clock_add_rfc3339(body, from_s) ||
		buf_add_text(body, "\",\"ending_at\":\"") || clock_add_rfc3339(body, to_s) ||
		buf_add_text(body, "\",\"results\":["));
	for (size_t i = 0; i < api->count; i++) {
		const struct fw_row *r = &api->rows[i];

		if (r->at_s < from_s || r->at_s >= to_s || r->at_s > api->now_s)
			continue;
		fw_must(is_first ? 0 : buf_add_byte(body, ','));
		is_first = false;
		fw_add_row(body, r, i, is_cost);
	}
	fw_must(buf_add_text(body, "]}"));
}

static inline void fw_add_report(const struct api *api, struct buf *body, const struct api_argument *arguments,
				 size_t count, bool is_cost)
{
	int64_t width_s = fw_width(arguments, count), to_s = fw_time(arguments, count, "ending_at");
	int64_t from_s = clock_floor(fw_time(arguments, count, "starting_at"), width_s);

	for (int64_t at_s = from_s; at_s < to_s && at_s <= api->now_s; at_s += width_s) {
		fw_must(at_s > from_s ? buf_add_byte(body, ',') : 0);
		fw_add_bucket(api, body, at_s, at_s + width_s, is_cost);
	}
}

static inline void fw_add_names(struct buf *body, const struct fw_name *names, size_t count, bool is_keys)
{
	for (size_t i = 0; i < count; i++)
		fw_must(buf_addf(body, "%s{\"id\":\"%s\",\"name\":\"%s\"%s}", i ? "," : "", names[i].id, names[i].name,
				 is_keys ? ",\"status\":\"active\"" : ""));
}

int api_call(struct api *api, enum api_operation operation, const struct api_argument *arguments, size_t count,
	     struct api_reply *reply, struct api_refusal *refusal, struct err *err)
{
	struct buf *body = &reply->body;

	api->calls++;
	if (api->refusal)
		return err_set(err, ERR_REFUSED, 0, "%s: %s", api_operation_name(operation), api->refusal);
	if (refusal)
		refusal->status = 0;
	FW_BEGIN;
	reply->status = 200;
	reply->date_s = api->now_s;
	buf_clear(body);
	body->max = 64u << 20;
	fw_must(buf_add_text(body, "{\"data\":["));
	if (operation == API_COST || operation == API_USAGE_MESSAGES)
		fw_add_report(api, body, arguments, count, operation == API_COST);
	else if (operation == API_WORKSPACE_LIST)
		fw_add_names(body, api->workspaces, api->workspace_count, false);
	else if (operation == API_KEY_LIST)
		fw_add_names(body, api->keys, api->key_count, true);
	else
		abort();
	fw_must(buf_add_text(body, "],\"has_more\":false,\"next_page\":null,\"first_id\":null,\"last_id\":null}"));
	FW_END;
	return 0;
}

int api_call_read(struct api *api, enum api_operation operation, const struct api_argument *arguments, size_t count,
		  const struct api_reading *reading, struct api_reply *reply, struct api_refusal *refusal,
		  struct err *err)
{
	if (api_call(api, operation, arguments, count, reply, refusal, err))
		return -1;
	return reading->read(reading->context, buf_view(&reply->body), err);
}

/* --- the spool --- */

static inline char *fw_copy(struct view v)
{
	char *text = strndup(v.ptr ? v.ptr : "", v.len);

	if (!text)
		abort();
	return text;
}

static inline size_t fw_place(const struct feedworld *w, struct view key)
{
	size_t low = 0, high = w->item_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (text_cmp(view_of(w->items[mid].key), key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static inline void fw_keep(struct feedworld *w, const struct page_item *item)
{
	size_t at = fw_place(w, item->key);
	bool is_there = at < w->item_count && text_eq(view_of(w->items[at].key), item->key);

	if (is_there) {
		free(w->items[at].key);
		free(w->items[at].value);
		memmove(&w->items[at], &w->items[at + 1], (w->item_count - at - 1) * sizeof(w->items[0]));
		w->item_count--;
	}
	if (!item->value.len)
		return;
	fw_must(w->item_count >= FW_ITEMS || item->value.len > PAGE_ITEM_BYTES);
	memmove(&w->items[at + 1], &w->items[at], (w->item_count - at) * sizeof(w->items[0]));
	w->items[at].key = fw_copy(item->key);
	w->items[at].value = fw_copy(item->value);
	w->item_count++;
}

static inline void fw_store(struct feedworld *w, const struct page *page, struct page_stored *ret)
{
	for (size_t i = 0; i < page->count; i++) {
		struct idset_item *item;

		fw_must(idset_add(&w->ids, page->records[i].id, 0, &item));
		if (ret->is_new)
			ret->is_new[i] = item->count == 1;
		if (item->count > 1)
			continue;
		fw_must(w->event_count >= FW_EVENTS);
		w->events[w->event_count].type = fw_copy(page->records[i].type);
		w->events[w->event_count++].body = fw_copy(page->records[i].body);
	}
	for (size_t i = 0; i < page->item_count; i++)
		fw_keep(w, &page->items[i]);
	if (!page->state.ptr)
		return;
	buf_clear(&w->state);
	fw_must(buf_add(&w->state, page->state));
}

static inline int fw_put(void *context, const struct page *page, struct page_stored *ret, struct err *err)
{
	struct feedworld *w = context;
	bool dies = w->die_at && ++w->puts >= w->die_at;

	fw_must(page->count > PAGE_RECORDS_MAX || page->item_count > PAGE_ITEMS_MAX);
	if (w->is_dead || (dies && !w->dies_behind)) {
		w->is_dead = true;
		return err_set(err, ERR_IO, 0, "killed");
	}
	if (w->is_full && page->count)
		return 1;
	FW_BEGIN;
	fw_store(w, page, ret);
	FW_END;
	w->is_dead = dies;
	return dies ? err_set(err, ERR_IO, 0, "killed") : 0;
}

static inline int fw_state(void *context, const char *, struct buf *ret, struct err *err)
{
	const struct feedworld *w = context;

	return buf_add(ret, buf_view(&w->state)) ? err_nomem(err) : 0;
}

static inline int fw_item(void *context, const char *, struct view key, struct buf *ret, struct err *err)
{
	const struct feedworld *w = context;
	size_t at = fw_place(w, key);

	if (at == w->item_count || !text_eq(view_of(w->items[at].key), key))
		return 0;
	return buf_add_text(ret, w->items[at].value) ? err_nomem(err) : 0;
}

/* As of now: what is told may change the items. */
static inline int fw_items(void *context, const char *, struct view from, struct view to, page_item_tell *tell,
			   void *told, struct err *err)
{
	const struct feedworld *w = context;
	size_t first = fw_place(w, from), end = fw_place(w, to), count = 0;
	struct page_item *items;
	int status = 0;

	if (end <= first)
		return 0;
	FW_BEGIN;
	items = calloc(end - first, sizeof(*items));
	for (size_t i = first; items && i < end; i++, count++)
		items[count] = (struct page_item){ view_of(fw_copy(view_of(w->items[i].key))),
						   view_of(fw_copy(view_of(w->items[i].value))) };
	FW_END;
	for (size_t i = 0; i < count && !status; i++)
		status = tell(told, &items[i], err);
	for (size_t i = 0; i < count; i++) {
		free((char *)(uintptr_t)items[i].key.ptr);
		free((char *)(uintptr_t)items[i].value.ptr);
	}
	free(items);
	return status;
}

static inline void fw_alert(void *context, const char *, enum feed_alert alert, bool is_on, const char *text)
{
	struct feedworld *w = context;

	if (alert == FEED_REFUSED && is_on)
		memccpy(w->alert, text, '\0', sizeof(w->alert) - 1);
}

static inline void fw_polled(void *, const char *, int64_t)
{
}

static inline void fw_measured(void *context, const char *, enum feed_measure measure, const char *first, const char *,
			       double value)
{
	struct feedworld *w = context;

	if (measure == FEED_BUDGET_USED)
		w->used = value;
	else if (strcmp(first, "model_not_allowed") == 0)
		w->violations[w->violation_count++ % 8] = value;
}

/* --- a world --- */

static inline struct feedworld *fw_new(enum settings_feed_type type, const char *now)
{
	static char name[] = "feed";
	struct feedworld *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->api.profile.dialect = API_PLATFORM;
	fw_must(clock_parse_rfc3339(view_of(now), &w->api.now_s));
	w->state = (struct buf)BUF_INIT(PAGE_STATE_BYTES);
	w->out = (struct feed_out){ .put = fw_put,
				    .state = fw_state,
				    .item = fw_item,
				    .items = fw_items,
				    .alert = fw_alert,
				    .polled = fw_polled,
				    .measured = fw_measured,
				    .context = w };
	w->feed = (struct settings_feed){ .name = name,
					  .type = type,
					  .start = SETTINGS_BACK,
					  .poll_ms = 3'600'000,
					  .settle_ms = 6 * UINT64_C(3'600'000),
					  .lookback_ms = 7 * UINT64_C(86'400'000),
					  .group_by = 1u << SETTINGS_BY_WORKSPACE | 1u << SETTINGS_BY_MODEL,
					  .bucket = type == SETTINGS_COST ? SETTINGS_DAY : SETTINGS_HOUR,
					  .filter = { .severity = EVENT_DEBUG } };
	atomic_init(&w->stop, false);
	w->env = (struct feed_env){ .settings = &w->feed,
				    .all = &w->settings,
				    .api = &w->api,
				    .out = &w->out,
				    .stop = &w->stop,
				    .wake_fd = -1 };
	return w;
}

static inline void fw_free(struct feedworld *w)
{
	for (size_t i = 0; i < w->event_count; i++) {
		free(w->events[i].type);
		free(w->events[i].body);
	}
	for (size_t i = 0; i < w->item_count; i++) {
		free(w->items[i].key);
		free(w->items[i].value);
	}
	idset_done(&w->ids);
	buf_done(&w->state);
	policy_free(w->settings.rules);
	free(w);
}

static inline void fw_policy(struct feedworld *w, const char *text)
{
	struct err err = ERR_INIT;

	policy_free(w->settings.rules);
	w->settings.rules = policy_parse(view_of(text), "p.yaml", &err);
	if (!w->settings.rules)
		abort();
}

/* Something was used days (and seconds) ago. */
static inline struct fw_row *fw_use(struct feedworld *w, int64_t ago_s, const char *workspace, const char *key,
				    const char *cents)
{
	struct fw_row *r = &w->api.rows[w->api.count++];

	fw_must(w->api.count > FW_ROWS);
	*r = (struct fw_row){ w->api.now_s - ago_s, workspace, key, "claude-opus-5", "USD", cents, false };
	return r;
}

/* A life of the feed: it is opened, polled once, and closed. As its poll; -1 when it cannot be opened. */
static inline int fw_live(struct feedworld *w, const struct feed_ops *ops)
{
	struct err err = ERR_INIT;
	uint64_t wait_ms = 0;
	void *feed = ops->open(&w->env, &err);
	int status = feed ? ops->poll(feed, &wait_ms, &err) : -1;

	if (feed)
		ops->close(feed);
	return status;
}

/* How many events of a type there are whose body has each of the texts (NULL: any). */
static inline size_t fw_events(const struct feedworld *w, const char *type, const char *first, const char *second)
{
	size_t count = 0;

	for (size_t i = 0; i < w->event_count; i++)
		count += strcmp(w->events[i].type, type) == 0 && (!first || strstr(w->events[i].body, first)) &&
			 (!second || strstr(w->events[i].body, second));
	return count;
}

#endif
