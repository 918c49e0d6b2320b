/* SPDX-License-Identifier: Apache-2.0 */
/* Recently built objects of packs, by pack and offset: what the next delta is likely to be made from. One thread's. */
#ifndef SCANNER_SOURCE_GIT_BASECACHE_H
#define SCANNER_SOURCE_GIT_BASECACHE_H

#include "scanner/source/git/object.h"

struct basecache;

/* max_bytes is what all contents may take together. NULL when there is no memory. */
struct basecache *basecache_new(size_t max_bytes);
void basecache_freep(struct basecache **at);

/* false when it is not there. The content stays until the next basecache_put. */
bool basecache_get(struct basecache *c, const void *pack, uint64_t at, struct object *ret);
/* Takes over content (malloc, size bytes), which others may have to go for; false: it is too large and stays the
 * caller's. */
bool basecache_put(struct basecache *c, const void *pack, uint64_t at, enum object_type type, char *content,
		   size_t size);

#endif
