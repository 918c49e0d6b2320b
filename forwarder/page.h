/* SPDX-License-Identifier: Apache-2.0 */
/* What a feed hands over: the records of one page, the feed's state behind it and what changes of what it keeps,
 * stored together or not at all. */
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

/* What a feed keeps by name, beside its state: one thing of many that it compares with what upstream says next. */
struct page_item {
	struct view key;   /* 1 to PAGE_ITEM_KEY_BYTES of valid UTF-8 without NUL */
	struct view value; /* at most PAGE_ITEM_BYTES; empty: it goes */
};

/* Told one of what is kept; not 0: enough. */
typedef int page_item_tell(void *context, const struct page_item *item, struct err *err);

struct page {
	const char *feed;
	const struct page_record *records;
	size_t count;
	/* What the feed wants to find again after a restart, whatever it is; VIEW_NONE leaves what was there. At most
	 * PAGE_STATE_BYTES. */
	struct view state;
	const struct page_item *items; /* those that change, at most PAGE_ITEMS_MAX; the others stay as they are */
	size_t item_count;
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
