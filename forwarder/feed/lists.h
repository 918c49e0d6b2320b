/* SPDX-License-Identifier: Apache-2.0 */
/* What the feeds of keys and of access have in common: an organisation is read, each list is compared with what was
 * kept of it, and what changed becomes events.
 *
 * The first reading that comes to its end is the baseline: what is there is kept, and told as one inventory, not as
 * news; what breaks the policy is told one by one.
 *
 * A list may lack what is there: it ended early, or whoever answered was behind. So what was kept and is not listed is
 * asked for by itself before anything is compared or judged (lists_ask): what is there after all joins its list again,
 * and what nobody could be asked about counts as it was kept. What a list lacks from then on is gone for certain, and
 * so is who is named in the organisation's `gone`. */
#ifndef FORWARDER_FEED_LISTS_H
#define FORWARDER_FEED_LISTS_H

#include "common/govern/directory.h"
#include "common/policy/policy.h"
#include "forwarder/feed/batch.h"
#include "forwarder/feed/roster.h"
#include "forwarder/feed/turn.h"

struct lists {
	struct feed_env env;
	struct turn turn;
	struct batch batch;
	const struct policy *policy; /* policy_standard when there is none */
	bool is_known;               /* the baseline is there */
	struct directory *directory;
	const struct organization *org;
	int64_t now_s; /* of this poll, by upstream's clock */
	struct buf id, message, item, store, key, scope;
	size_t asked; /* entries that were asked for by themselves in this poll */
};

/* env is copied. 0 or -1 with err. */
[[nodiscard]] int lists_init(struct lists *lists, const struct feed_env *env, struct err *err);
void lists_done(struct lists *lists);

/* The start of a poll: upstream's clock, and the parts of the organisation, workspaces among them; of these all that
 * are there. 0 or -1 with err. */
[[nodiscard]] int lists_read(struct lists *lists, unsigned parts, struct err *err);
/* Keeps what workspaces are called, under LISTS_WORKSPACES and their ids: "id", "name", and "archived_at" (seconds
 * since 1970) of one that is. guard.c reads it. 0, BATCH_FULL, -1 with err. */
#define LISTS_WORKSPACES "workspace/"
[[nodiscard]] int lists_keep_workspaces(struct lists *lists, struct err *err);
/* Its end: all is stored, and the baseline is there. 0, BATCH_FULL, -1 with err. */
[[nodiscard]] int lists_store(struct lists *lists, struct err *err);

/* Asks for one that its list lacks, as directory_ask. LISTS_UNKNOWN: too many were asked for in this poll already, or
 * it is to stop; the next poll asks. -1 with err. */
enum lists_answer { LISTS_GONE, LISTS_THERE, LISTS_UNKNOWN };
[[nodiscard]] int lists_ask(struct lists *lists, enum directory_part part, struct view id, struct view of,
			    struct err *err);

/* Finds out whether a person whom something refers to is gone, where no list and nobody has said it. 0 or -1 with
 * err. */
[[nodiscard]] int lists_ask_person(struct lists *lists, struct view user_id, struct err *err);

/* An event's beginning; lists->message is its sentence. */
struct jsonw *lists_begin(struct lists *lists, const char *type, const char *severity);
/* Its end: type, key and revision make its id. 0 or -1 with err. */
[[nodiscard]] int lists_end(struct lists *lists, struct view key, uint64_t revision, struct err *err);

/* What is kept of an entry, an object that opens with its revision: begin, members, then end. */
void lists_keep(struct lists *lists, struct jsonw *w, uint64_t revision);
[[nodiscard]] int lists_kept(struct lists *lists, struct jsonw *w, const char *prefix, struct view key,
			     struct err *err);
/* It is gone. 0 or -1 with err. */
[[nodiscard]] int lists_keep_gone(struct lists *lists, const char *prefix, struct view key, uint64_t revision,
				  struct err *err);

/* Stores what was gathered when that is enough for a page. 0, BATCH_FULL, -1 with err. */
[[nodiscard]] int lists_flush(struct lists *lists, struct err *err);

#endif
