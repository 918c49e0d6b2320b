/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the encoders: what of an event stands where, as tables, and how each text is made fit for its place. */
#ifndef FORWARDER_ENCODE_PLACE_H
#define FORWARDER_ENCODE_PLACE_H

#include "common/sys/jsonw.h"
#include "forwarder/encoder.h"

#define PLACE_UNCUT SIZE_MAX

enum place_source {
	PLACE_FIELD,       /* which: enum event_field */
	PLACE_TEXT,        /* constant */
	PLACE_JSON,        /* constant, a JSON value */
	PLACE_BY_CLASS,    /* by_class[class], a JSON value; NULL: nothing */
	PLACE_BY_SEVERITY, /* by_class[severity], a JSON value */
	PLACE_SEQ,
	PLACE_ID,
	PLACE_TYPE,
	PLACE_FEED,
	PLACE_CLASS,
	PLACE_SEVERITY,
	PLACE_MESSAGE,
	PLACE_HASH,
	PLACE_CHAIN,
	PLACE_TIME, /* RFC 3339, with a fraction when there is one */
	PLACE_OBSERVED,
	PLACE_TIME_MS, /* milliseconds since 1970, a number */
	PLACE_REDACTED,
	PLACE_REPLAY,    /* only of a replay */
	PLACE_TRUNCATED, /* only when something was left out */
	PLACE_UPSTREAM,  /* the upstream bytes; left out when something has to be */
};

struct place {
	const char *path; /* members, inner ones behind a dot; places with a common beginning stand together */
	enum place_source source;
	int which;
	const char *constant;
	const char *const *table;
};

/* How much goes in: for max_message, less and less. */
struct place_limit {
	bool is_whole; /* with the upstream bytes, or nothing was cut */
	size_t most;   /* bytes of one text; PLACE_UNCUT: any number */
};

/* One event as one JSON object, no newline in it. 0 or -1. */
[[nodiscard]] int place_write_json(struct buf *out, const struct event *event, const struct place *places, size_t count,
				   const struct place_limit *limit);

/* Has write append the event under weaker and weaker limits until it fits max_message (0 = any number). What does not
 * fit at the last is left as it is: whoever sends it will find out. */
[[nodiscard]] int place_fit(const struct event *event, const struct encoder_options *options, struct buf *out,
			    bool *ret_is_cut,
			    int (*write)(const struct event *event, const struct encoder_options *options,
					 struct buf *out, const struct place_limit *limit));

/* A text, at most so many bytes of it, cut between characters and with "..." behind it. */
struct view place_cut(struct view v, size_t most, bool *ret_is_cut);

/* ns since 1970 as RFC 3339 in UTC, with so many digits of fraction (0: none; 9: as many as are needed). */
[[nodiscard]] int place_add_time(struct buf *buf, int64_t ns, unsigned digits);

#endif
