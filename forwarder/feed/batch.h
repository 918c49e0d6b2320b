/* SPDX-License-Identifier: Apache-2.0 */
/* A page in the making: events of skantd's own, and what changes of what the feed keeps. All bytes are copied, so that
 * nothing has to outlive the call that adds it; keys are masked on the way, and events that the feed's filter does not
 * let pass are left out. Only for feeds that make their events themselves. */
#ifndef FORWARDER_FEED_BATCH_H
#define FORWARDER_FEED_BATCH_H

#include "common/sys/jsonw.h"
#include "forwarder/feed.h"

struct batch_chunk;

struct batch {
	const struct feed_env *env;
	struct page_record *records;
	bool *is_new;
	size_t count, cap, new_cap;
	struct page_item *items;
	size_t item_count, item_cap;
	struct batch_chunk *chunks;
	size_t bytes;
	struct buf body, masked; /* of the event that is being made */
	struct jsonw w;
	const char *type;
	int64_t time_s;
	struct event event; /* for the filter */
};

void batch_init(struct batch *batch, const struct feed_env *env);
void batch_done(struct batch *batch);
void batch_clear(struct batch *batch); /* what was added is forgotten */

/* Whether it is time for batch_put: what is added to one that is not full still goes into one page. */
bool batch_is_full(const struct batch *batch);

/* An event: type, time and severity (NULL: the usual one of its type); then its members are written to what is given
 * back, and batch_end puts it into the page. message: one clean sentence. */
struct jsonw *batch_begin(struct batch *batch, const char *type, int64_t time_s, const char *severity,
			  struct view message);

/* id: what no other event of the feed has, PAGE_ID_BYTES at most (batch_add_id); the same event is stored once,
 * however often it is added. 0 or -1 with err. */
[[nodiscard]] int batch_end(struct batch *batch, struct view id, struct err *err);

/* Appends a part of an id: a colon when something stands there already, and the text as it is, or a hash of it when it
 * is long or no clean text. 0, or -1 as buf_add. */
[[nodiscard]] int batch_add_id(struct buf *id, struct view part);

/* What is kept under key is this from now on; empty: nothing. value is JSON. 0 or -1 with err. */
[[nodiscard]] int batch_keep(struct batch *batch, struct view key, struct view value, struct err *err);

/* Stores it all, with the feed's state (VIEW_NONE: as it was), and clears it. 0; BATCH_FULL when the spool is full and
 * nothing was stored: it stays in the batch, without the state; -1 with err. */
#define BATCH_FULL 3
[[nodiscard]] int batch_put(struct batch *batch, struct view state, struct err *err);

/* The same once it is full, with the state as it was; nothing before. */
[[nodiscard]] int batch_flush(struct batch *batch, struct err *err);

/* A page_item_tell whose context is the batch: what is told of goes. */
[[nodiscard]] int batch_drop(void *batch, const struct page_item *item, struct err *err);

/* Members whose value may not be known: then nothing is written. */
void batch_member(struct jsonw *w, const char *key, struct view text);
void batch_member_time(struct jsonw *w, const char *key, int64_t unix_s); /* 0: not known */

#endif
