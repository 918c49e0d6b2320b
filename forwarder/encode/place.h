/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the encoders: what of an event stands where in an object, as tables, and how an event is made to fit. */
#ifndef FORWARDER_ENCODE_PLACE_H
#define FORWARDER_ENCODE_PLACE_H

#include "forwarder/encode/pen.h"
#include "forwarder/encoder.h"

#define PLACE_UNCUT SIZE_MAX
#define PLACE_NO_FIELD EVENT_FIELD_COUNT

enum place_source {
	PLACE_FIELD,
	PLACE_WHOLE,  /* a field that is a whole number of 63 bits; any other is left out */
	PLACE_IP,     /* a field that is an IP address; any other is left out */
	PLACE_LIST,   /* a list of those of two fields that are known */
	PLACE_TEXT,   /* text */
	PLACE_CHOSEN, /* choose(event), a JSON value; NULL: nothing */
	PLACE_NUMBER, /* number(event) */
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
	PLACE_TIME_MS, /* milliseconds since 1970 */
	PLACE_REDACTED,
	PLACE_REPLAY,    /* only of a replay */
	PLACE_TRUNCATED, /* only when something was left out */
	PLACE_UPSTREAM,  /* the upstream bytes; the first thing that is left out */
	PLACE_VERBATIM,  /* behind them, and only when they are not what came: false */
};

/* What goes first when a receiver takes less than there is. */
enum place_rank { PLACE_SPARE, PLACE_NEEDED, PLACE_VITAL };

struct place {
	const char *path; /* members, inner ones behind a dot; places with a common beginning stand together */
	enum place_source source;
	enum place_rank rank;
	enum event_field field, second; /* of the first four; second only of PLACE_LIST, or PLACE_NO_FIELD */
	const char *text;
	const char *(*choose)(const struct event *event);
	int64_t (*number)(const struct event *event);
	bool (*applies)(const struct event *event); /* NULL: to every event */
};

/* Rows that more than one format has: a field, or PLACE_which, as the member of that path. */
#define FIELD(member, which)                                                                                           \
	{                                                                                                              \
		.path = (member), .source = PLACE_FIELD, .field = EVENT_##which                                        \
	}
#define WHOLE(member, which)                                                                                           \
	{                                                                                                              \
		.path = (member), .source = PLACE_WHOLE, .field = EVENT_##which                                        \
	}
#define OWN(member, which)                                                                                             \
	{                                                                                                              \
		.path = (member), .source = PLACE_##which                                                              \
	}
#define NEEDED(member, which)                                                                                          \
	{                                                                                                              \
		.path = (member), .source = PLACE_##which, .rank = PLACE_NEEDED                                        \
	}
#define VITAL(member, which)                                                                                           \
	{                                                                                                              \
		.path = (member), .source = PLACE_##which, .rank = PLACE_VITAL                                         \
	}

/* How much goes in: for max_message, less and less. */
struct place_limit {
	bool is_whole;        /* all of it; else without the upstream bytes */
	enum place_rank rank; /* what is at least so important */
	size_t text, id;      /* most bytes of a text, and of what names the event; PLACE_UNCUT: any number */
};

/* One event as one JSON object on one line. 0, or -1 as buf_add. */
[[nodiscard]] int place_write_json(struct buf *out, const struct event *event, const struct place *places, size_t count,
				   const struct place_limit *limit);

/* Has write append the event under stricter and stricter limits until it fits max_message (0 = any number). Every
 * format fits into 480 bytes, which RFC 5424 (section 6.1) has every receiver take; below that, the shortest form
 * stays. 0, or -1 as buf_add: then out is as it was. */
[[nodiscard]] int place_fit(const struct event *event, const struct encoder_options *options, struct buf *out,
			    bool *ret_is_cut,
			    int (*write)(const struct event *event, const struct encoder_options *options,
					 struct buf *out, const struct place_limit *limit));

/* Whether text is an IPv4 or IPv6 address: 4, 6, or 0 when it is none. */
int place_ip_version(struct view text);

/* What is done, as far as the type's last word tells. */
enum place_verb { PLACE_OTHER, PLACE_CREATE, PLACE_READ, PLACE_UPDATE, PLACE_DELETE, PLACE_VERBS };
enum place_verb place_verb_of(const struct event *event);

/* How it went, as far as the type's last word tells. */
enum place_outcome { PLACE_UNKNOWN, PLACE_SUCCESS, PLACE_FAILURE };
enum place_outcome place_outcome_of(const struct event *event);

#endif
