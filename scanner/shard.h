/* SPDX-License-Identifier: Apache-2.0 */
/* Divides repositories among machines: the largest first, each to the machine that has least so far (longest processing
 * time first). The machine with most then has at most 4/3 - 1/(3 N) times as much as it has at best (R. L. Graham,
 * Bounds on multiprocessing timing anomalies, SIAM Journal on Applied Mathematics 17, 1969). The same sizes in the same
 * order are always divided in the same way. */
#ifndef SCANNER_SHARD_H
#define SCANNER_SHARD_H

#include "common/base/base.h"

#define SHARD_EACH_BYTES (64u << 10) /* what a repository costs beside its size, in bytes of it */

/* Which of the shards, from 0, each repository belongs to: an array of count that the caller frees. bytes: sizes of
 * them, at most REPOSITORY_BYTES_MAX each; shards: 1 to SHARDS_MAX. NULL when there is no memory. */
[[nodiscard]] uint32_t *shard_divide(const uint64_t *bytes, size_t count, unsigned shards);

#endif
