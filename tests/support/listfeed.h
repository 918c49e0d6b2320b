/* SPDX-License-Identifier: Apache-2.0 */
/* What stands round a feed of lists: an API that answers by what it is asked (govern_api.h), and a spool in memory that
 * keeps items and writes down each event once. */
#ifndef TESTS_SUPPORT_LISTFEED_H
#define TESTS_SUPPORT_LISTFEED_H

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/policy/policy.h"
#include "common/sys/json.h"
#include "forwarder/feed.h"
#include "tests/support/govern_api.h"
#include "tests/support/unit.h"

#define PAGE(rows) "{\"data\":[" rows "],\"has_more\":false,\"first_id\":null,\"last_id\":null}"

/* Tests that let allocations fail spare those of this file. */
#ifndef LISTFEED_BEGIN
#define LISTFEED_BEGIN
#define LISTFEED_END
#endif

#define LISTFEED_ITEMS 1024
#define LISTFEED_EVENTS 1024

struct listfeed {
	struct api api;
	struct policy policy;
	struct settings settings;
	struct settings_feed feed_settings;
	struct feed_out out;
	struct feed_env env;
	atomic_bool stop;
	char *keys[LISTFEED_ITEMS], *values[LISTFEED_ITEMS]; /* in the order of the keys */
	size_t item_count;
	char *ids[LISTFEED_EVENTS];
	size_t event_count;
	bool has_state, is_full;
	struct buf types;  /* "user_added user_removed " */
	struct buf bodies; /* a line each */
	const struct feed_ops *ops;
	void *feed;
};

static inline char *listfeed_copy(struct view v)
{
	char *text = malloc(v.len + 1);

	assert_non_null(text);
	if (v.len)
		memcpy(text, v.ptr, v.len);
	text[v.len] = '\0';
	return text;
}

static inline void listfeed_drop(struct listfeed *f, size_t at)
{
	free(f->keys[at]);
	free(f->values[at]);
	f->item_count--;
	memmove(f->keys + at, f->keys + at + 1, (f->item_count - at) * sizeof(*f->keys));
	memmove(f->values + at, f->values + at + 1, (f->item_count - at) * sizeof(*f->values));
}

static inline void listfeed_keep(struct listfeed *f, const struct page_item *item)
{
	size_t at = 0;

	while (at < f->item_count && text_cmp(view_of(f->keys[at]), item->key) < 0)
		at++;
	if (at < f->item_count && text_eq(view_of(f->keys[at]), item->key))
		listfeed_drop(f, at);
	if (!item->value.len)
		return;
	assert_true(f->item_count < LISTFEED_ITEMS);
	memmove(f->keys + at + 1, f->keys + at, (f->item_count - at) * sizeof(*f->keys));
	memmove(f->values + at + 1, f->values + at, (f->item_count - at) * sizeof(*f->values));
	f->keys[at] = listfeed_copy(item->key);
	f->values[at] = listfeed_copy(item->value);
	f->item_count++;
}

static inline bool listfeed_has(const struct listfeed *f, struct view id)
{
	for (size_t i = 0; i < f->event_count; i++)
		if (text_eq(view_of(f->ids[i]), id))
			return true;
	return false;
}

static inline int listfeed_put(void *context, const struct page *page, struct page_stored *ret, struct err *)
{
	struct listfeed *f = context;

	if (f->is_full)
		return 1;
	LISTFEED_BEGIN;
	for (size_t i = 0; i < page->count; i++) {
		const struct page_record *r = &page->records[i];

		if (listfeed_has(f, r->id))
			continue;
		assert_true(f->event_count < LISTFEED_EVENTS);
		f->ids[f->event_count++] = listfeed_copy(r->id);
		assert_int_equal(buf_add(&f->types, r->type), 0);
		assert_int_equal(buf_add_byte(&f->types, ' '), 0);
		assert_int_equal(buf_add(&f->bodies, r->body), 0);
		assert_int_equal(buf_add_byte(&f->bodies, '\n'), 0);
		ret->added++;
	}
	for (size_t i = 0; i < page->item_count; i++)
		listfeed_keep(f, &page->items[i]);
	f->has_state |= page->state.ptr != NULL;
	LISTFEED_END;
	return 0;
}

static inline int listfeed_state(void *context, const char *, struct buf *ret, struct err *err)
{
	struct listfeed *f = context;

	return f->has_state && buf_add_text(ret, "{}") ? err_nomem(err) : 0;
}

static inline int listfeed_items(void *context, const char *, struct view from, struct view to, page_item_tell *tell,
				 void *told, struct err *err)
{
	struct listfeed *f = context;
	int status = 0;

	for (size_t i = 0; i < f->item_count && !status; i++) {
		const struct page_item item = { view_of(f->keys[i]), view_of(f->values[i]) };

		if (text_cmp(item.key, from) >= 0 && text_cmp(item.key, to) < 0)
			status = tell(told, &item, err);
	}
	return status;
}

static inline void listfeed_alert(void *, const char *, enum feed_alert, bool, const char *)
{
}

static inline void listfeed_polled(void *, const char *, int64_t)
{
}

static inline void listfeed_measured(void *, const char *, enum feed_measure, const char *, const char *, double)
{
}

static inline void listfeed_open(struct listfeed *f)
{
	struct err err = ERR_INIT;

	f->feed = f->ops->open(&f->env, &err);
	if (!f->feed)
		fail_msg("%s", err.text);
}

/* The feed is not open yet. */
static inline void listfeed_init(struct listfeed *f, const struct feed_ops *ops)
{
	static char name[] = "lists";

	*f = (struct listfeed){
		.api = GOVERN_API(API_PLATFORM, NULL),
		.policy = policy_standard,
		.ops = ops,
		.feed_settings = { .name = name, .poll_ms = 60'000, .filter = { .severity = EVENT_DEBUG } },
		.types = BUF_INIT(1 << 20),
		.bodies = BUF_INIT(1 << 20)
	};
	f->settings.rules = &f->policy;
	f->out = (struct feed_out){ .put = listfeed_put,
				    .state = listfeed_state,
				    .items = listfeed_items,
				    .alert = listfeed_alert,
				    .polled = listfeed_polled,
				    .measured = listfeed_measured,
				    .context = f };
	f->env = (struct feed_env){ .settings = &f->feed_settings,
				    .all = &f->settings,
				    .api = &f->api,
				    .out = &f->out,
				    .stop = &f->stop,
				    .wake_fd = eventfd(0, EFD_CLOEXEC) };
	atomic_init(&f->stop, false);
}

static inline void listfeed_close(struct listfeed *f)
{
	if (f->feed)
		f->ops->close(f->feed);
	f->feed = NULL;
}

static inline void listfeed_done(struct listfeed *f)
{
	listfeed_close(f);
	(void)close(f->env.wake_fd);
	while (f->item_count)
		listfeed_drop(f, 0);
	for (size_t i = 0; i < f->event_count; i++)
		free(f->ids[i]);
	buf_done(&f->types);
	buf_done(&f->bodies);
	govern_api_done(&f->api);
}

/* The types that one poll adds, when upstream answers so. */
static inline const char *listfeed_poll(struct listfeed *f, const struct govern_reply *replies)
{
	size_t start = f->types.len;
	struct err err = ERR_INIT;
	uint64_t wait_ms;

	f->api.replies = replies;
	buf_clear(&f->api.asked);
	if (f->ops->poll(f->feed, &wait_ms, &err))
		fail_msg("%s", err.text);
	return f->types.ptr && f->types.len > start ? f->types.ptr + start : "";
}

/* Whether an event has been told whose body has this in it. */
static inline bool listfeed_told(const struct listfeed *f, const char *text)
{
	return f->bodies.ptr && strstr(f->bodies.ptr, text);
}

#endif
