/* SPDX-License-Identifier: Apache-2.0 */
/* How the daemon stands, for people and for programs: from the running one, or from its spool when none runs. */
#ifndef FORWARDER_STATUS_H
#define FORWARDER_STATUS_H

#include "common/sys/jsonw.h"
#include "forwarder/parts.h"

struct status {
	struct spool *spool;
	struct bulletin *bulletin; /* NULL when none runs */
	struct parts *parts;       /* NULL when none runs */
	int64_t started_s;         /* 0 when none runs */
	uint64_t pid;
	uint64_t reloads;
	const char *reload_error; /* of the last reload; NULL: it went well */
};

/* Appends the whole as one JSON object, {"schema":"skant-status/1", ...}, or as text with a line a part. 0, or -1 with
 * err. */
[[nodiscard]] int status_add_json(struct buf *buf, const struct status *status, struct err *err);
[[nodiscard]] int status_add_text(struct buf *buf, const struct status *status, struct err *err);

/* One line: "3 feeds, 2 sinks; 12,345 events; sink 'siem' waiting: ...". */
[[nodiscard]] int status_add_line(struct buf *buf, const struct status *status, struct err *err);

/* How many of the spooled events a sink has at each level; and since when the oldest waits, in seconds (0 = none). */
void status_levels(struct spool *spool, enum sink_level level, const struct spool_cursor *cursor,
		   uint64_t ret[SINK_LEVELS]);
[[nodiscard]] int status_lag(struct spool *spool, const struct spool_cursor *cursor, int64_t *ret_s, struct err *err);

/* How many replays of a sink are not done, and the first of them, if there is any. */
[[nodiscard]] int status_replays(struct spool *spool, const char *sink, uint64_t *ret_count,
				 struct spool_replay *ret_first, struct err *err);

#endif
