/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the trees of a forest from their roots: each object is built from the one it grows from, which is still in
 * memory, and handed on. One thread's. */
#ifndef SCANNER_SOURCE_GIT_GROW_H
#define SCANNER_SOURCE_GIT_GROW_H

#include "scanner/source/git/forest.h"
#include "scanner/source/git/store.h"

struct grower;

struct grower_options {
	struct objects *objects;
	unsigned worker;
	size_t max_bytes; /* what contents may take in this thread */
	const struct store_ops *ops;
	void (*pause)(void *context); /* called now and then: each object maps some of the pack; may be NULL */
	void *context;
};

/* NULL with err. */
struct grower *grower_new(const struct grower_options *options, struct err *err);
void grower_freep(struct grower **at);

/* Walks the roots among the positions from to before to, those whose type is in types. false when memory ran out. */
bool grower_walk(struct grower *g, const struct forest *f, uint32_t from, uint32_t to, unsigned types);

struct object_reader *grower_reader(struct grower *g);

#endif
