/* SPDX-License-Identifier: Apache-2.0 */
/* What a feed hands over: the records of one page and the feed's state behind it, stored together or not at all. */
#ifndef FORWARDER_PAGE_H
#define FORWARDER_PAGE_H

#include "forwarder/event.h"

struct page_record {
	struct view id;   /* unique in the feed, at most PAGE_ID_BYTES, clean text; empty: the spool gives one */
	struct view type; /* at most PAGE_TYPE_BYTES, clean text */
	enum event_origin origin;
	int64_t time_ns;
	struct view body; /* valid JSON, at most JSON_RECORD_BYTES, already free of keys */
	bool is_redacted;
	/* Our own asking made it; of a record that is only told (verify): it may have, so that it may be left out. */
	bool is_own;
};

struct page {
	const char *feed;
	const struct page_record *records;
	size_t count;
	/* What the feed wants to find again after a restart, whatever it is; VIEW_NONE leaves what was there. At most
	 * PAGE_STATE_BYTES. */
	struct view state;
	bool fits_always; /* stored even when the spool has reached its size: small, and seldom */
};

struct page_stored {
	size_t added;                 /* records that were new */
	size_t known;                 /* records whose id was there already: nothing happened to them */
	uint64_t first_seq, last_seq; /* of the new ones; 0 when there are none */
	/* Of each record, when not NULL: whether it was new. The caller's array of page->count. */
	bool *is_new;
};

#endif
