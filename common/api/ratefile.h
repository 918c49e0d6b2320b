/* SPDX-License-Identifier: Apache-2.0 */
/* A limiter's counters in a file that processes share.
 *
 * The file holds two records of one size, each with a number and a digest. The newer one counts; a change is written
 * over the older one, under a lock that the kernel drops with the process. So a process that dies while it writes
 * damages only what it had not finished, and did not act upon. The format is this machine's own (native integers). */
#ifndef COMMON_API_RATEFILE_H
#define COMMON_API_RATEFILE_H

#include "common/api/ratestate.h"

struct ratefile;

/* Creates the file, or looks at the one that is there. path, limits and clock are not copied. NULL with err. */
struct ratefile *ratefile_new(const char *path, const struct ratelimit_limits *limits,
			      const struct ratelimit_clock *clock, struct err *err);
void ratefile_free(struct ratefile *f); /* NULL is fine */

/* Locks the file and fills s. *ret_now_ns: the time, read under the lock. -1 with err: nothing is locked. */
[[nodiscard]] int ratefile_begin(struct ratefile *f, struct ratestate *s, uint64_t *ret_now_ns, struct err *err);

/* Writes s, when it has changed, and unlocks, whatever happens. -1 with err: what was in the file counts. */
[[nodiscard]] int ratefile_end(struct ratefile *f, const struct ratestate *s, bool has_changed, struct err *err);

/* What a person ought to know of the last ratefile_begin; ERR_NONE when nothing. */
const struct err *ratefile_note(const struct ratefile *f);

#endif
