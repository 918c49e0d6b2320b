/* SPDX-License-Identifier: Apache-2.0 */
/* Records that wait to be stored together. */
#ifndef FORWARDER_FEED_INGEST_PAGE_H
#define FORWARDER_FEED_INGEST_PAGE_H

#include "forwarder/feed.h"
#include "forwarder/feed/ingest_peer.h"

struct ingest_item {
	struct page_record record; /* its views are set when it is stored: bytes moves */
	size_t id, id_len, type, type_len, body, body_len;
	bool has_time;            /* the record itself told it */
	struct ingest_peer *peer; /* NULL: a datagram */
};

struct ingest_page {
	const struct feed_env *env;
	struct ingest_item items[INGEST_PAGE_RECORDS];
	size_t count;
	struct buf bytes;
	uint64_t since_ns;  /* clock_mono_ns, of the first */
	struct event event; /* for the filter; its store is used again */
	struct ingest_record parsed;
};

void ingest_page_init(struct ingest_page *page, const struct feed_env *env);
void ingest_page_done(struct ingest_page *page);

bool ingest_page_is_full(const struct ingest_page *page);

/* Takes a record; the page is not full. peer NULL: a datagram. 0 taken; 1 nothing to store, and fine; -1 with err, as
 * ingest_record_read. */
[[nodiscard]] int ingest_page_add(struct ingest_page *page, struct view line, const struct ingest_sender *sender,
				  struct ingest_peer *peer, struct err *err);

/* Stores them, counts what came of each at its peer, and is empty then. 0; 1 the spool is full, -1 with err: nothing
 * has happened, and they wait on. */
[[nodiscard]] int ingest_page_store(struct ingest_page *page, struct err *err);

#endif
