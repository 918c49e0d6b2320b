/* SPDX-License-Identifier: Apache-2.0 */
/* The commits that some tips reach: parents, trees and times, read once. */
#ifndef SCANNER_SOURCE_GIT_GRAPH_H
#define SCANNER_SOURCE_GIT_GRAPH_H

#include "scanner/item.h"
#include "scanner/source/git/object.h"
#include "scanner/source/git/oidmap.h"

/* What leads to an object, the best first. */
enum reach { REACH_REF, REACH_STASH, REACH_REFLOG, REACH_NOTHING, REACHES };
extern const char *const reach_names[REACHES]; /* "ref", "stash", "reflog", "unreachable" */

struct graph_commit {
	struct oid id, tree;
	int64_t time_s;    /* the committer's */
	size_t parents_at; /* in graph.parents */
	uint32_t parent_count;
	enum reach reach; /* the best */
};

struct graph {
	struct object_reader *reader;
	size_t hash_len;
	const struct oid *shallow; /* commits whose parents are not here, sorted by bytes */
	size_t shallow_count;
	/* called for each object that should be there and cannot be read */
	void (*unread)(void *context, const struct oid *id, enum unread reason);
	void *context;
	struct oidmap places; /* commit id -> its number */
	struct graph_commit *commits;
	size_t count, cap;
	uint32_t *parents; /* numbers; those that cannot be read are left out */
	size_t parent_count, parent_cap;
};

void graph_init(struct graph *g, struct object_reader *reader, size_t hash_len);
void graph_done(struct graph *g);

/* Reads the commit and what it reaches, as far as it is not there yet. What an id names that is no commit is left
 * alone. Call it for all tips of one reach before those of the next. 0, or -1 when there is no memory. */
[[nodiscard]] int graph_add(struct graph *g, const struct oid *id, enum reach reach);

/* The number of a commit, or OIDMAP_NONE. */
uint32_t graph_find(const struct graph *g, const struct oid *id);
/* NULL when it has none. */
const uint32_t *graph_parents(const struct graph *g, uint32_t commit, size_t *ret_count);

/* All numbers, parents before children; malloc. NULL when there is no memory. */
uint32_t *graph_order(const struct graph *g);

#endif
