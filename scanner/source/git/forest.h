/* SPDX-License-Identifier: Apache-2.0 */
/* A pack as what it is: trees of deltas, each grown from one whole object. Whoever walks them from the roots inflates
 * each object once. Positions count the pack's objects in the order in which they stand in it. */
#ifndef SCANNER_SOURCE_GIT_FOREST_H
#define SCANNER_SOURCE_GIT_FOREST_H

#include "scanner/source/git/packfile.h"

#define FOREST_NONE UINT32_MAX

enum forest_kind {
	FOREST_DELTA,                  /* grows from another position */
	FOREST_COMMIT = OBJECT_COMMIT, /* roots, by their type */
	FOREST_TREE = OBJECT_TREE,
	FOREST_BLOB = OBJECT_BLOB,
	FOREST_TAG = OBJECT_TAG,
	FOREST_FAR,    /* a delta whose base is no object of this pack's index */
	FOREST_BROKEN, /* no object can be there */
	FOREST_CYCLE,  /* a delta that leads back to itself */
};

struct forest {
	const struct packfile *pack;
	uint32_t count;
	uint32_t *index;  /* place of each in the pack's index */
	uint64_t *offset; /* rising; UINT64_MAX for those that lie outside of the pack, which come last */
	uint32_t *child;  /* first delta that grows from it, or FOREST_NONE: those that nothing grows from come first */
	uint32_t *next;   /* next delta from the same base, or FOREST_NONE */
	unsigned char *kind; /* enum forest_kind */
	uint32_t *starts;    /* where in offset[] those of a stretch of the pack start */
	unsigned shift;
};

/* What a step of the making needs; any number of threads may work on different ranges of the same step. */
[[nodiscard]] int forest_init(struct forest *f, const struct packfile *pack, struct err *err);
/* Reads the heads of the objects from position from to before to. */
void forest_read(struct forest *f, uint32_t from, uint32_t to);
/* After all heads are read: ties deltas to their bases. */
void forest_tie(struct forest *f);
void forest_done(struct forest *f);

/* The position of the object at an offset, or FOREST_NONE. */
uint32_t forest_find(const struct forest *f, uint64_t offset);

#endif
