/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/unpack/run.h"

#include "common/base/bounds.h"

bool run_take_bytes(struct unpack_run *run, uint64_t bytes)
{
	uint64_t most;

	if (run->over)
		return false;
	if (__builtin_add_overflow(run->bytes, bytes, &run->bytes) || run->bytes > run->limits->bytes)
		run->over = UNPACK_BYTES;
	else if (run->bytes > ARCHIVE_RATIO_FREE_BYTES &&
		 !__builtin_mul_overflow(run->in->size, run->limits->ratio, &most) && run->bytes > most)
		run->over = UNPACK_RATIO;
	return !run->over;
}

bool run_take_entry(struct unpack_run *run)
{
	if (!run->over && ++run->entries > run->limits->entries)
		run->over = UNPACK_ENTRIES;
	return !run->over;
}
