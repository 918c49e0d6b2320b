/* SPDX-License-Identifier: Apache-2.0 */
/* Git's deltas (gitformat-pack(5), "Deltified representation"): copies from a base and bytes of their own. */
#ifndef SCANNER_SOURCE_GIT_DELTA_H
#define SCANNER_SOURCE_GIT_DELTA_H

#include "common/base/buf.h"

/* Reads the sizes that a delta starts with. 0, or -1 when it is too short or a size has more than 64 bits.
 * *ret_head is how many bytes they take. */
[[nodiscard]] int delta_sizes(struct view delta, uint64_t *ret_base, uint64_t *ret_result, size_t *ret_head);

/* Makes the result, exactly size bytes, in out. 0, or -1 when the delta does not fit the base or does not give size
 * bytes; out then holds rubbish, and nothing outside of it was written. */
[[nodiscard]] int delta_apply(struct view delta, struct view base, char *out, size_t size);

/* Whether the delta would give size bytes from a base of base_len bytes, which need not be at hand. */
bool delta_is_sound(struct view delta, size_t base_len, uint64_t size);

/* Writes the delta's own bytes to out, which never needs more than the delta has; where something is copied from the
 * base a line feed stands between them. For a delta whose base is not to be had. 0 with their number, or -1 for a
 * delta that fits no base, when out holds what came before that is seen. */
[[nodiscard]] int delta_own(struct view delta, char *out, size_t cap, size_t *ret_len);

/* Writes what the result has that the base has not, to search it without making the result: the delta's own bytes and
 * the edges of what it copies, edge bytes to both sides of each seam. A text of at most edge + 1 bytes that stands in
 * the result but not in the base stands in the sketch as well; the sketch may have others. 0 with its length, 1 when it
 * is longer than out, which has cap bytes, or -1 for a delta that delta_apply would refuse. */
[[nodiscard]] int delta_sketch(struct view delta, struct view base, size_t size, size_t edge, char *out, size_t cap,
			       size_t *ret_len);

#endif
