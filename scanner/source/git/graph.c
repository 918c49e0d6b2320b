/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/graph.h"

#include <stdlib.h>

#include "common/base/grow.h"
#include "scanner/source/git/commit.h"

const char *const reach_names[REACHES] = {
	[REACH_REF] = "ref",
	[REACH_STASH] = "stash",
	[REACH_REFLOG] = "reflog",
	[REACH_NOTHING] = "unreachable",
};

void graph_init(struct graph *g, struct object_reader *reader, size_t hash_len)
{
	*g = (struct graph){ .reader = reader, .hash_len = hash_len };
	oidmap_init(&g->places, hash_len);
}

void graph_done(struct graph *g)
{
	oidmap_done(&g->places);
	free(g->commits);
	free(g->parents);
	*g = (struct graph){ .count = 0 };
}

static void tell_unread(const struct graph *g, const struct oid *id, enum object_result status)
{
	if (g->unread)
		g->unread(g->context, id, object_unread(status));
}

/* A commit that was met: not read yet. Its number, or OIDMAP_NONE when there is no memory. */
static uint32_t add_commit(struct graph *g, const struct oid *id, enum reach reach)
{
	struct graph_commit *grown = grow_items(g->commits, g->count, &g->cap, sizeof(*grown));

	if (!grown)
		return OIDMAP_NONE;
	g->commits = grown;
	if (g->count >= OIDMAP_NONE - 1 || oidmap_put(&g->places, id->bytes, (uint32_t)g->count))
		return OIDMAP_NONE;
	g->commits[g->count] = (struct graph_commit){ .id = *id, .reach = reach };
	return (uint32_t)g->count++;
}

static int add_parent(struct graph *g, uint32_t place)
{
	uint32_t *grown = grow_items(g->parents, g->parent_count, &g->parent_cap, sizeof(*grown));

	if (!grown)
		return -1;
	g->parents = grown;
	g->parents[g->parent_count++] = place;
	return 0;
}

/* Reads one commit and notes its parents. What is no commit or cannot be read stays without a tree. 0, or -1 when there
 * is no memory. */
static int read_commit(struct graph *g, uint32_t number)
{
	struct graph_commit *c = &g->commits[number];
	struct object object;
	struct commit commit;
	struct oid parent;
	enum object_result status = object_read(g->reader, &c->id, &object, NULL);

	if (status == OBJECT_NOMEM)
		return -1;
	if (status == OBJECT_MISSING && c->reach > REACH_STASH)
		return 0; /* what refs do not need may have been pruned */
	if (status != OBJECT_OK) {
		tell_unread(g, &c->id, status);
		return 0;
	}
	if (object.type != OBJECT_COMMIT || commit_parse(object.content, g->hash_len, &commit)) {
		tell_unread(g, &c->id, OBJECT_CORRUPT);
		return 0;
	}
	c->tree = commit.tree;
	c->time_s = commit.committer.time_s;
	c->parents_at = g->parent_count;
	if (oid_is_among(&c->id, g->shallow, g->shallow_count))
		return 0;
	while (commit_parent(&commit.parents, g->hash_len, &parent)) {
		uint32_t place = oidmap_get(&g->places, parent.bytes);

		if (place == OIDMAP_NONE)
			place = add_commit(g, &parent, g->commits[number].reach);
		if (place == OIDMAP_NONE || add_parent(g, place))
			return -1;
		g->commits[number].parent_count++;
	}
	return 0;
}

int graph_add(struct graph *g, const struct oid *id, enum reach reach)
{
	size_t next = g->count;

	if (oidmap_get(&g->places, id->bytes) != OIDMAP_NONE)
		return 0;
	if (add_commit(g, id, reach) == OIDMAP_NONE)
		return -1;
	for (; next < g->count; next++)
		if (read_commit(g, (uint32_t)next))
			return -1;
	return 0;
}

uint32_t graph_find(const struct graph *g, const struct oid *id)
{
	return oidmap_get(&g->places, id->bytes);
}

const uint32_t *graph_parents(const struct graph *g, uint32_t commit, size_t *ret_count)
{
	*ret_count = g->commits[commit].parent_count;
	return *ret_count ? g->parents + g->commits[commit].parents_at : NULL; /* there may be no parents at all */
}

uint32_t *graph_order(const struct graph *g)
{
	/* Kahn's way, from the tips: a commit is put before its parents once all its children are; then all is
	 * turned */
	uint32_t *order = malloc((g->count + 1) * sizeof(*order));
	uint32_t *waiting = calloc(g->count + 1, sizeof(*waiting)); /* children that are still to come */
	size_t count = 0, done = 0;

	if (!order || !waiting) {
		free(order);
		free(waiting);
		return NULL;
	}
	for (size_t i = 0; i < g->parent_count; i++)
		waiting[g->parents[i]]++;
	for (size_t i = 0; i < g->count; i++)
		if (waiting[i] == 0)
			order[count++] = (uint32_t)i;
	for (; done < count; done++) {
		size_t n;
		const uint32_t *parents = graph_parents(g, order[done], &n);

		for (size_t i = 0; i < n; i++)
			if (--waiting[parents[i]] == 0)
				order[count++] = parents[i];
	}
	for (size_t i = 0; i < g->count && count < g->count; i++) /* a circle, which only a forged store can have */
		if (waiting[i] > 0)
			order[count++] = (uint32_t)i;
	for (size_t i = 0; i < count / 2; i++) {
		uint32_t other = order[i];

		order[i] = order[count - 1 - i];
		order[count - 1 - i] = other;
	}
	free(waiting);
	return order;
}
