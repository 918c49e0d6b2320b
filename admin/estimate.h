/* SPDX-License-Identifier: Apache-2.0 */
/* Reads usage records from files on several threads and tallies them. */
#ifndef ADMIN_ESTIMATE_H
#define ADMIN_ESTIMATE_H

#include "admin/estimate_input.h"
#include "admin/estimate_tally.h"

struct estimate_bad { /* a line that is no record */
	struct estimate_piece piece;
	uint64_t line;   /* of the piece, from 0; then of the file, from 1 */
	uint64_t column; /* bytes, from 1 */
	char text[ERR_TEXT_BYTES];
};

struct estimate_result {
	struct estimate_tally tally;
	struct estimate_bad bad[USAGE_BAD_SHOWN]; /* the first ones, in the order of the input */
	uint64_t bad_count;                       /* of all */
};

/* The outcome depends neither on threads nor on piece_bytes, which is at most USAGE_CHUNK_BYTES. 0, or -1 with err: a
 * file that cannot be read to its end, a limit, no memory. estimate_result_done is due in any case. */
[[nodiscard]] int estimate_run(const struct estimate_query *query, struct estimate_file *files, size_t count,
			       unsigned threads, size_t piece_bytes, struct estimate_result *ret, struct err *err);
void estimate_result_done(struct estimate_result *result);

#endif
