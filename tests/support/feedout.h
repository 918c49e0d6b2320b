/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of feeds: keeps what a feed stores, in memory; ids are known again as in the spool. */
#ifndef TESTS_SUPPORT_FEEDOUT_H
#define TESTS_SUPPORT_FEEDOUT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "forwarder/feed.h"
#include "tests/support/unit.h"

#define FEEDOUT_MAX 20000

struct feedout {
	pthread_mutex_t lock;
	struct feedout_row {
		char *id, *type, *body;
		int64_t time_ns;
		bool is_redacted;
	} rows[FEEDOUT_MAX];
	size_t count, pages, largest;
	atomic_int answer; /* of put: 0, 1 full, -1 */
	struct feed_out out;
};

static inline char *feedout_copy(struct view v)
{
	char *text = malloc(v.len + 1);

	if (text && v.len)
		memcpy(text, v.ptr, v.len);
	if (text)
		text[v.len] = '\0';
	return text;
}

static inline bool feedout_has(struct feedout *f, struct view id)
{
	for (size_t i = 0; id.len && i < f->count; i++)
		if (strlen(f->rows[i].id) == id.len && memcmp(f->rows[i].id, id.ptr, id.len) == 0)
			return true;
	return false;
}

static inline void feedout_clear(struct feedout_row *row)
{
	free(row->id);
	free(row->type);
	free(row->body);
}

/* 0, or -1 without memory. */
static inline int feedout_add(struct feedout *f, const struct page_record *r, bool *ret_is_new)
{
	struct feedout_row *row = &f->rows[f->count];

	*ret_is_new = !feedout_has(f, r->id);
	if (!*ret_is_new)
		return 0;
	assert_true(f->count < FEEDOUT_MAX);
	*row = (struct feedout_row){ .id = feedout_copy(r->id),
				     .type = feedout_copy(r->type),
				     .body = feedout_copy(r->body),
				     .time_ns = r->time_ns,
				     .is_redacted = r->is_redacted };
	if (!row->id || !row->type || !row->body) {
		feedout_clear(row);
		return -1;
	}
	f->count++;
	return 0;
}

static inline int feedout_put(void *context, const struct page *page, struct page_stored *ret, struct err *err)
{
	struct feedout *f = context;
	int answer = atomic_load(&f->answer), status = 0;
	size_t before;

	if (answer)
		return answer < 0 ? err_set(err, ERR_IO, 0, "the disk is away") : 1;
	pthread_mutex_lock(&f->lock);
	before = f->count;
	for (size_t i = 0; i < page->count && status == 0; i++) {
		bool is_new;

		status = feedout_add(f, &page->records[i], &is_new);
		ret->added += is_new;
		ret->known += !is_new;
		if (ret->is_new)
			ret->is_new[i] = is_new;
	}
	while (status && f->count > before) /* all of a page or nothing */
		feedout_clear(&f->rows[--f->count]);
	f->pages += status == 0;
	f->largest = page->count > f->largest ? page->count : f->largest;
	pthread_mutex_unlock(&f->lock);
	return status ? err_nomem(err) : 0;
}

static inline size_t feedout_count(struct feedout *f)
{
	size_t count;

	pthread_mutex_lock(&f->lock);
	count = f->count;
	pthread_mutex_unlock(&f->lock);
	return count;
}

static inline int feedout_state(void *, const char *, struct buf *, struct err *)
{
	return 0;
}

static inline void feedout_alert(void *, const char *, enum feed_alert, bool, const char *)
{
}

static inline void feedout_polled(void *, const char *, int64_t)
{
}

static inline void feedout_lag(void *, const char *, uint64_t)
{
}

static inline struct feedout *feedout_new(void)
{
	struct feedout *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	pthread_mutex_init(&f->lock, NULL);
	f->out = (struct feed_out){ .put = feedout_put,
				    .state = feedout_state,
				    .alert = feedout_alert,
				    .polled = feedout_polled,
				    .lag = feedout_lag,
				    .context = f };
	return f;
}

static inline void feedout_free(struct feedout *f)
{
	for (size_t i = 0; i < f->count; i++)
		feedout_clear(&f->rows[i]);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

#endif
