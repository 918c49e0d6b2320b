/* SPDX-License-Identifier: Apache-2.0 */
/* What one run has taken out of a container and of all that is in it, held against the limits. */
#ifndef SCANNER_UNPACK_RUN_H
#define SCANNER_UNPACK_RUN_H

#include "scanner/unpack/unpack.h"

struct unpack_run {
	const struct unpack_input *in;
	const struct unpack_request *limits;
	uint64_t bytes;           /* that came out, on all levels */
	uint64_t entries;         /* members that were met, on all levels */
	enum unpack_trouble over; /* the limit that ended it; 0: none has */
};

/* Counts bytes that come out, or one more member, and says whether they may: once not, the run is over. */
bool run_take_bytes(struct unpack_run *run, uint64_t bytes);
bool run_take_entry(struct unpack_run *run);

#endif
