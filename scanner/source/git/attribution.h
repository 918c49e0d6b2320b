/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a repository's history some objects stand: the first commit that has each, the last one, whether HEAD has it
 * still, what leads to it, and its paths. One walk over the commits and their trees serves all of them. */
#ifndef SCANNER_SOURCE_GIT_ATTRIBUTION_H
#define SCANNER_SOURCE_GIT_ATTRIBUTION_H

#include "common/base/err.h"
#include "scanner/source/git/graph.h"

struct attribution_tip {
	struct oid id;
	enum reach reach;
	const char *name; /* of the ref; NULL: not named in reports */
	bool is_head;
	bool is_commit; /* it must lead to one straight: a branch, a HEAD */
};

struct attribution_find { /* one object that was found worth a look */
	struct oid id;
	enum object_type type; /* blob, commit or tag */
	bool is_missing;       /* it is referred to, but not there: then of whatever type it would be */
	/* what is found out: */
	enum reach reach;
	uint32_t first, last; /* commits' numbers in the graph, or OIDMAP_NONE */
	bool at_head;
	struct buf path;    /* at the first commit; empty: none */
	struct buf also_at; /* others, "//" between them, as many as are told */
	struct buf more_at; /* the rest likewise */
	struct buf refs;    /* names of the refs that reach it, a line each, sorted */
};

struct attribution {
	struct object_reader *reader;
	struct graph *graph; /* set up, and empty */
	const struct attribution_tip *tips;
	size_t tip_count;
	const struct oid *loose_ends; /* commits that nothing may reach: those of the whole store, or none */
	size_t loose_end_count;
	struct attribution_find *finds; /* sorted by the bytes of their ids */
	size_t find_count;
	size_t max_bytes; /* what sets may take; more finds than fit are done in several rounds */
	void (*unread)(void *context, const struct oid *id, enum unread reason);
	bool (*stopped)(void *context);
	void *context;
};

/* 0, or -1 with err (memory, or stopped). */
[[nodiscard]] int attribution_run(struct attribution *a, struct err *err);
/* Nothing is known yet; attribution_run does it as well. */
void attribution_find_init(struct attribution_find *f);
void attribution_find_done(struct attribution_find *f);

/* The blobs from number `from` to before `to` of a->finds, over the commits of the graph, and what tips lead straight
 * to. order is graph_order's, peeled the tips' objects. 1: they do not fit into max_bytes together; 0, or -1. */
enum peeled_kind { PEELED_NOTHING, PEELED_COMMIT, PEELED_TREE, PEELED_BLOB };
struct peeled {
	enum peeled_kind kind;
	struct oid id;
	uint32_t commit; /* its number */
};
int attribution_blobs(struct attribution *a, const struct peeled *peeled, const uint32_t *order, size_t from,
		      size_t to);

#endif
