/* SPDX-License-Identifier: Apache-2.0 */
/* What skantd itself has to say, as events of the feed "skantd": it started and stopped, its heartbeat, and alerts.
 * They go the way of all events, so that whoever watches the receiver sees them, and their absence.
 *
 * The body is JSON: {"type":"skantd.alert","time":"...","message":"...", ...}. An alert that is on stays on over a
 * restart and is told once; another event tells when it is over. Any thread may call. */
#ifndef FORWARDER_BULLETIN_H
#define FORWARDER_BULLETIN_H

#include "common/sys/jsonw.h"
#include "forwarder/feed.h"
#include "forwarder/spool/spool.h"

#define BULLETIN_FEED "skantd"

struct bulletin;

struct bulletin *bulletin_new(struct spool *spool, struct err *err);
void bulletin_free(struct bulletin *bulletin);

/* One more member or more of a body that is being written. */
typedef void bulletin_members(void *context, struct jsonw *w);

/* Stores an event: "skantd.started". message: one clean sentence. members may be NULL. 0, or -1 with err. */
[[nodiscard]] int bulletin_tell(struct bulletin *bulletin, const char *type, const char *message,
				bulletin_members *members, void *context, struct err *err);

/* What an alert is of: "feed" or "sink". */
const char *bulletin_kind(enum feed_alert alert);

/* An alert of the feed or sink of that name is on (with what text says) or over. *ret_is_new: it was not known, so that
 * it is worth a line in the log as well. 0, or -1 with err: then it is tried again by the next call. */
[[nodiscard]] int bulletin_alert(struct bulletin *bulletin, const char *of, enum feed_alert alert, bool is_on,
				 const char *text, bool *ret_is_new, struct err *err);

/* Those of feeds and sinks that is_there does not know are over. 0 or -1 with err. */
[[nodiscard]] int bulletin_keep(struct bulletin *bulletin,
				bool (*is_there)(void *context, const char *of, enum feed_alert alert), void *context,
				struct err *err);

/* The alerts that are on: the feed or sink, which, text. Holds them meanwhile. */
void bulletin_each(struct bulletin *bulletin,
		   void (*tell)(void *context, const char *of, enum feed_alert alert, const char *text), void *context);

#endif
