/* SPDX-License-Identifier: Apache-2.0 */
/* One round of attribution: some finds, all commits. A find's number in sets is its place in the round. */
#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/source/git/attribution.h"
#include "scanner/source/git/holders.h"
#include "scanner/textset.h"

#define SETS_SHARE 4 /* of max_bytes */

struct paths { /* of one find */
	struct textset set;
	size_t bytes;
};

struct attribution_round {
	struct attribution *a;
	const struct peeled *peeled;
	const uint32_t *order; /* commits, parents first */
	struct attribution_find *finds;
	size_t count;
	struct sets *sets;
	struct holders *holders;
	struct oid *blobs;   /* ids of the finds; those that are no blobs too, no tree names them */
	uint32_t *held;      /* per commit: the set of what its tree holds */
	uint32_t *collected; /* per commit: scratch */
	struct paths *paths; /* per find */
	enum reach reach;    /* of the commits whose trees or paths are taken */
	const char *least;   /* while the paths at a find's first commit are looked for */
	uint32_t wanted;
};

static void round_done(struct attribution_round *r)
{
	for (size_t i = 0; r->paths && i < r->count; i++)
		textset_done(&r->paths[i].set);
	holders_freep(&r->holders);
	sets_freep(&r->sets);
	free(r->blobs);
	free(r->held);
	free(r->collected);
	free(r->paths);
}

static bool is_read(const struct graph_commit *c)
{
	return !oid_is_null(&c->tree);
}

/* The commits of one reach, newest first: the newest trees are what packs build the older ones from. 1 when the
 * sets are too many. */
static int hold_reach(struct attribution_round *r)
{
	const struct graph *g = r->a->graph;

	for (size_t i = g->count; i-- > 0;) {
		uint32_t c = r->order[i];

		if (g->commits[c].reach != r->reach || !is_read(&g->commits[c]))
			continue;
		r->held[c] = holders_set(r->holders, &g->commits[c].tree);
		if (r->held[c] == SETS_FAILED)
			return 1;
	}
	return 0;
}

static int hold(struct attribution_round *r)
{
	bool any_blob = false;
	int status = 0;

	for (size_t i = 0; i < r->count; i++)
		any_blob |= r->finds[i].type == OBJECT_BLOB;
	for (unsigned reach = 0; any_blob && reach < REACHES && status == 0; reach++) {
		r->reach = (enum reach)reach;
		status = hold_reach(r);
	}
	return status;
}

/* A tree that only something unneeded refers to may have been pruned. */
static void tell_unread(void *context, const struct oid *id, enum unread reason)
{
	const struct attribution_round *r = context;

	if (reason != UNREAD_MISSING_OBJECT || r->reach <= REACH_STASH)
		r->a->unread(r->a->context, id, reason);
}

static bool is_stopped(void *context)
{
	const struct attribution_round *r = context;

	return r->a->stopped(r->a->context);
}

static int round_init(struct attribution_round *r)
{
	const struct attribution *a = r->a;
	size_t commits = a->graph->count + 1;
	struct holders_options options = { .reader = a->reader,
					   .hash_len = a->graph->hash_len,
					   .blob_count = r->count,
					   .unread = tell_unread,
					   .stopped = is_stopped,
					   .context = r };

	r->sets = sets_new(a->max_bytes / SETS_SHARE);
	r->blobs = calloc(r->count, sizeof(*r->blobs));
	r->held = calloc(commits, sizeof(*r->held));
	r->collected = calloc(commits, sizeof(*r->collected));
	r->paths = calloc(r->count, sizeof(*r->paths));
	if (!r->sets || !r->blobs || !r->held || !r->collected || !r->paths)
		return -1;
	for (size_t i = 0; i < r->count; i++)
		r->blobs[i] = r->finds[i].id;
	options.blobs = r->blobs;
	options.sets = r->sets;
	r->holders = holders_new(&options);
	return r->holders ? 0 : -1;
}

/* The best reach of each find: of commits that hold it, and of tips that lead straight to a tree or to it. */
static int find_reach(struct attribution_round *r)
{
	const struct graph *g = r->a->graph;
	uint32_t of_reach[REACHES] = { 0 };

	for (size_t i = 0; i < g->count; i++) {
		uint32_t *all = &of_reach[g->commits[i].reach];

		*all = sets_union(r->sets, *all, r->held[i]);
	}
	for (size_t i = 0; i < r->a->tip_count; i++) {
		uint32_t *all = &of_reach[r->a->tips[i].reach];

		if (r->peeled[i].kind == PEELED_TREE)
			*all = sets_union(r->sets, *all, holders_set(r->holders, &r->peeled[i].id));
		for (size_t k = 0; r->peeled[i].kind == PEELED_BLOB && k < r->count; k++)
			if (oid_eq(&r->peeled[i].id, &r->finds[k].id))
				*all = sets_union(r->sets, *all, sets_one(r->sets, (uint32_t)k));
	}
	for (unsigned reach = REACHES; reach-- > 0;) {
		const uint32_t *members;
		size_t count;

		if (of_reach[reach] == SETS_FAILED)
			return 1;
		members = sets_members(r->sets, of_reach[reach], &count);
		for (size_t i = 0; i < count; i++)
			if ((enum reach)reach < r->finds[members[i]].reach)
				r->finds[members[i]].reach = (enum reach)reach;
	}
	return 0;
}

/* The earlier of two commits, or with late the later one; of equal times the one with the lower id. */
static uint32_t better(const struct graph *g, uint32_t a, uint32_t b, bool late)
{
	const struct graph_commit *x, *y;

	if (a == OIDMAP_NONE)
		return b;
	x = &g->commits[a];
	y = &g->commits[b];
	if (x->time_s != y->time_s)
		return (x->time_s < y->time_s) != late ? a : b;
	return memcmp(&x->id, &y->id, OID_MAX_BYTES) < 0 ? a : b;
}

/* The commit is a candidate for those of its finds that are not in the set known. */
static int propose(struct attribution_round *r, uint32_t commit, uint32_t known, enum reach reach, bool late)
{
	uint32_t set = sets_minus(r->sets, r->held[commit], known);
	const uint32_t *members;
	size_t count;

	if (set == SETS_FAILED)
		return 1;
	members = sets_members(r->sets, set, &count);
	for (size_t i = 0; i < count; i++) {
		struct attribution_find *f = &r->finds[members[i]];
		uint32_t *best = late ? &f->last : &f->first;

		if (f->reach == reach)
			*best = better(r->a->graph, *best, commit, late);
	}
	return 0;
}

/* First and last commits of the finds of one reach, among the commits of that reach and better ones. */
static int find_ends(struct attribution_round *r, enum reach reach)
{
	const struct graph *g = r->a->graph;
	uint32_t *of_children = r->collected; /* what some child holds as well */

	memset(of_children, 0, g->count * sizeof(*of_children));
	for (uint32_t c = 0; c < g->count; c++) {
		size_t count;
		const uint32_t *parents = graph_parents(g, c, &count);
		uint32_t of_parents = 0;

		if (g->commits[c].reach > reach || r->held[c] == 0)
			continue;
		for (size_t i = 0; i < count; i++) {
			uint32_t p = parents[i];

			of_parents = sets_union(r->sets, of_parents, r->held[p]);
			of_children[p] = sets_union(r->sets, of_children[p], r->held[c]);
		}
		if (propose(r, c, of_parents, reach, false))
			return 1;
	}
	for (uint32_t c = 0; c < g->count; c++)
		if (g->commits[c].reach <= reach && r->held[c] && propose(r, c, of_children[c], reach, true))
			return 1;
	return 0;
}

static bool has_reach(const struct attribution_round *r, enum reach reach)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->finds[i].type == OBJECT_BLOB && r->finds[i].reach == reach)
			return true;
	return false;
}

static bool is_cut(const struct paths *p) /* there are more than can be held */
{
	return p->set.count > GIT_PATHS_MAX || p->bytes > GIT_PATHS_BYTES;
}

static int add_path(struct paths *p, struct view path)
{
	size_t before = p->set.count;

	if (is_cut(p))
		return 0;
	if (textset_add(&p->set, path))
		return -1;
	if (p->set.count > before)
		p->bytes += path.len;
	return 0;
}

static int take_path(void *context, uint32_t find, struct view path)
{
	struct attribution_round *r = context;

	return r->finds[find].reach >= r->reach ? add_path(&r->paths[find], path) : 0;
}

/* All paths of all finds; those of a find only in commits that are reached as well as it is. */
static int collect_paths(struct attribution_round *r)
{
	const struct graph *g = r->a->graph;

	for (unsigned reach = 0; reach < REACHES; reach++) {
		r->reach = (enum reach)reach;
		for (uint32_t c = 0; c < g->count; c++)
			if (g->commits[c].reach == r->reach && r->held[c] &&
			    holders_paths(r->holders, &g->commits[c].tree, false, take_path, r))
				return -1;
	}
	return 0;
}

/* Paths in trees that tips lead to straight, for finds that have none otherwise. */
static int take_bare_path(void *context, uint32_t find, struct view path)
{
	struct attribution_round *r = context;

	if (r->finds[find].first != OIDMAP_NONE || r->finds[find].reach != r->reach)
		return 0;
	return add_path(&r->paths[find], path);
}

static int collect_bare_paths(struct attribution_round *r)
{
	for (size_t i = 0; i < r->a->tip_count; i++) {
		r->reach = r->a->tips[i].reach;
		if (r->peeled[i].kind == PEELED_TREE &&
		    holders_paths(r->holders, &r->peeled[i].id, true, take_bare_path, r))
			return -1;
	}
	return 0;
}

static int take_least(void *context, uint32_t find, struct view path)
{
	struct attribution_round *r = context;
	struct buf *best = &r->finds[find].path;

	if (find != r->wanted || (best->len && text_cmp(buf_view(best), path) <= 0))
		return 0;
	buf_clear(best);
	return buf_add(best, path);
}

static int put_path(struct buf *list, const char *path)
{
	return (list->len && buf_add_text(list, "//")) || buf_add_text(list, path) ? -1 : 0;
}

/* The path at the first commit, then the others in order. */
static int write_paths(struct attribution_round *r, uint32_t find)
{
	struct attribution_find *f = &r->finds[find];
	const struct paths *p = &r->paths[find];
	size_t also = 0;

	r->wanted = find;
	if (f->first != OIDMAP_NONE &&
	    holders_paths(r->holders, &r->a->graph->commits[f->first].tree, true, take_least, r))
		return -1;
	for (size_t i = 0; i < p->set.count; i++) {
		const char *path = p->set.items[i];

		if (!f->path.len) {
			if (buf_add_text(&f->path, path))
				return -1;
		} else if (!text_eq(buf_view(&f->path), view_of(path)) &&
			   put_path(also++ < GIT_ALSO_AT_MAX ? &f->also_at : &f->more_at, path)) {
			return -1;
		}
	}
	if (is_cut(p))
		r->a->unread(r->a->context, &f->id, UNREAD_LIMIT);
	return 0;
}

/* What each commit and all before it hold; commits are finds of themselves here. 1 when the sets are too many. */
static int accumulate(struct attribution_round *r)
{
	const struct graph *g = r->a->graph;
	uint32_t *all = r->collected;

	memcpy(all, r->held, g->count * sizeof(*all));
	for (size_t i = 0; i < r->count; i++)
		if (r->finds[i].type == OBJECT_COMMIT && r->finds[i].first != OIDMAP_NONE)
			all[r->finds[i].first] =
				sets_union(r->sets, all[r->finds[i].first], sets_one(r->sets, (uint32_t)i));
	for (size_t i = 0; i < g->count; i++) {
		uint32_t c = r->order[i];
		size_t count;
		const uint32_t *parents = graph_parents(g, c, &count);

		for (size_t k = 0; k < count; k++)
			all[c] = sets_union(r->sets, all[c], all[parents[k]]);
		if (all[c] == SETS_FAILED)
			return 1;
	}
	return 0;
}

/* The set that a tip reaches. */
static uint32_t reached_by(struct attribution_round *r, size_t tip)
{
	const struct peeled *p = &r->peeled[tip];
	uint32_t ret = 0;

	if (p->kind == PEELED_COMMIT)
		return r->collected[p->commit];
	if (p->kind == PEELED_TREE)
		return holders_set(r->holders, &p->id);
	for (size_t k = 0; p->kind == PEELED_BLOB && k < r->count; k++)
		if (oid_eq(&p->id, &r->finds[k].id))
			ret = sets_one(r->sets, (uint32_t)k);
	return ret;
}

static int name_refs(struct attribution_round *r)
{
	for (size_t i = 0; i < r->a->tip_count; i++) {
		const struct attribution_tip *tip = &r->a->tips[i];
		uint32_t set = reached_by(r, i);
		const uint32_t *members;
		size_t count;

		if (set == SETS_FAILED)
			return 1;
		members = sets_members(r->sets, set, &count);
		for (size_t k = 0; k < count; k++) {
			struct attribution_find *f = &r->finds[members[k]];

			if (tip->name && buf_addf(&f->refs, "%s\n", tip->name))
				return -1;
			if (tip->is_head && r->peeled[i].kind == PEELED_COMMIT)
				f->at_head |= f->type == OBJECT_COMMIT ||
					      sets_has(r->sets, r->held[r->peeled[i].commit], members[k]);
		}
	}
	return 0;
}

static int run_round(struct attribution_round *r)
{
	int status = hold(r);

	if (status == 0)
		status = find_reach(r);
	for (unsigned reach = 0; reach < REACHES && status == 0; reach++)
		if (has_reach(r, (enum reach)reach))
			status = find_ends(r, (enum reach)reach);
	if (status == 0)
		status = collect_paths(r) || collect_bare_paths(r) ? -1 : 0;
	for (size_t i = 0; i < r->count && status == 0; i++)
		status = r->finds[i].type == OBJECT_BLOB ? write_paths(r, (uint32_t)i) : 0;
	if (status == 0)
		status = accumulate(r);
	return status ? status : name_refs(r);
}

int attribution_blobs(struct attribution *a, const struct peeled *peeled, const uint32_t *order, size_t from, size_t to)
{
	struct attribution_round r = {
		.a = a, .peeled = peeled, .order = order, .finds = a->finds + from, .count = to - from
	};
	int ret = round_init(&r) ? -1 : run_round(&r);

	if (ret > 0)
		for (size_t i = 0; i < r.count; i++) { /* as if it had not been tried */
			struct attribution_find *f = &r.finds[i];

			if (f->type == OBJECT_TAG)
				continue;
			buf_clear(&f->path);
			buf_clear(&f->also_at);
			buf_clear(&f->more_at);
			buf_clear(&f->refs);
			f->at_head = false;
			if (f->type != OBJECT_BLOB)
				continue;
			f->reach = REACH_NOTHING;
			f->first = f->last = OIDMAP_NONE;
		}
	round_done(&r);
	return ret;
}
