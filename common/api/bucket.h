/* SPDX-License-Identifier: Apache-2.0 */
/* Reports that come in buckets of time: a walk over what is in the buckets, whatever the dialect.
 *
 * The platform gives pages of buckets with results in them; cca gives results alone, for all of the time asked for. */
#ifndef COMMON_API_BUCKET_H
#define COMMON_API_BUCKET_H

#include "common/api/page.h"
#include "common/api/record.h"

struct bucket_walk {
	struct page_walk pages;
	struct api_reader bucket_reader, reader;
	struct view results; /* of the current bucket: what is left */
	struct api_time starting_at, ending_at;
	uint64_t buckets; /* read so far */
	bool is_flat;     /* no buckets: each row is a result */
};

/* operation is API_USAGE_MESSAGES or API_COST. arguments (borrowed until bucket_done): starting_at, ending_at and
 * bucket_width, group_by, filters as dialect.h has them. Nothing is sent yet. 0, or -1 when the dialect lacks it. */
[[nodiscard]] int bucket_start(struct bucket_walk *walk, struct api *api, enum api_operation operation,
			       const struct api_argument *arguments, size_t count, struct err *err);

/* The next result's bytes; walk->starting_at and ending_at are its bucket's (what was asked for when there are none;
 * absent when nothing was asked). Buckets without results are passed over. 1, 0 at the end, -1 with err: ERR_FORMAT as
 * well when a bucket does not begin where the one before ended (some of it would be missing, or counted twice), and
 * when a page is empty though there is more. */
[[nodiscard]] int bucket_next(struct bucket_walk *walk, struct view *ret, struct err *err);

void bucket_done(struct bucket_walk *walk);

#endif
