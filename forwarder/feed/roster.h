/* SPDX-License-Identifier: Apache-2.0 */
/* A list as it is now beside the list as it was: keys, people, invitations, members. What is kept of each entry is a
 * JSON object in the spool under PREFIX/ID, with "revision", which counts its changes, and "gone" once it is; it stays,
 * so that one that comes back is known. */
#ifndef FORWARDER_FEED_ROSTER_H
#define FORWARDER_FEED_ROSTER_H

#include "common/api/record.h"
#include "forwarder/feed/batch.h"

struct roster_entry {
	struct view key; /* without the prefix: an id, or two with a slash between them */
	size_t index;    /* the caller's */
};

struct roster {
	const char *prefix; /* "key/" */
	struct roster_entry *entries;
	size_t count, cap;
	struct buf keys; /* room for keys that the caller makes */
	/* Told of each entry: index is SIZE_MAX when it is in the list no more, before is VIEW_NONE when it is new, and
	 * an object that was kept else. 0 or -1 with err. */
	int (*tell)(void *context, size_t index, struct view key, struct view before, struct err *err);
	void *context;
};

void roster_init(struct roster *roster, const char *prefix);
void roster_done(struct roster *roster);

/* first, and second behind a slash (VIEW_NONE: none), name an entry. Ids that cannot stand in a key are hashed. 0 or -1
 * with err. */
[[nodiscard]] int roster_add(struct roster *roster, struct view first, struct view second, size_t index,
			     struct err *err);

/* Tells all in the order of their keys; entries of one key count once. Those that are gone and were told so are passed
 * over. 0, or what tell gave. */
[[nodiscard]] int roster_compare(struct roster *roster, const struct feed_env *env, struct err *err);

/* Tells all that is kept under prefix, what is gone too. 0, or what tell gave. */
[[nodiscard]] int roster_each(const char *prefix, const struct feed_env *env, page_item_tell *tell, void *context,
			      struct err *err);

/* Of what is kept: a text member (in store where it has escapes), a number, a number as a time (0: not known), whether
 * it is true. */
struct view roster_text(struct view kept, const char *name, struct buf *store);
uint64_t roster_number(struct view kept, const char *name);
struct api_time roster_time(struct view kept, const char *name);
bool roster_is(struct view kept, const char *name);

#endif
