/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/received.h"

#include <errno.h>
#include <stdlib.h>

#include "common/base/text.h"
#include "scanner/record.h"
#include "scanner/source/git/commit.h"
#include "scanner/source/git/introduced.h"
#include "scanner/source/git/outside.h"
#include "scanner/source/git/rangelist.h"
#include "scanner/source/git/refs.h"
#include "scanner/source/git/suspects.h"

#define REFS_BYTES (16u << 20) /* names of the refs that bring one commit */

struct arrival { /* a commit in quarantine, or one that no ref has led to yet */
	struct oid id;
	int64_t time_s;
	uint32_t ref; /* the first that brings it, or OIDMAP_NONE */
};

struct received {
	const struct received_options *o;
	const struct item_sink *sink;
	struct pool_task *slots;
	struct objects *quarantine, *before; /* what is new; what was there */
	struct object_reader *old, *fresh;   /* of before; of the quarantine alone */
	struct suspects suspects;
	struct oidmap wanted, places; /* suspects; arrivals by id */
	struct oidmap reached;        /* what refs lead to at once */
	struct oidmap edge;           /* commits beside the arrivals that a ref leads to through them; 1: reached */
	struct outside outside;       /* what is new and stored elsewhere */
	bool looks_outside;           /* there is something of the kind */
	struct arrival *arrivals;
	size_t arrival_count;
};

static int by_time(const void *a, const void *b)
{
	const struct arrival *x = a, *y = b;

	if (x->time_s != y->time_s)
		return x->time_s < y->time_s ? -1 : 1;
	return memcmp(&x->id, &y->id, OID_MAX_BYTES);
}

/* Reads a commit; false for what is none, or cannot be read. */
static bool read_commit(const struct received *r, const struct oid *id, struct commit *ret)
{
	struct object object;

	return object_read(r->o->reader, id, &object, NULL) == OBJECT_OK && object.type == OBJECT_COMMIT &&
	       commit_parse(object.content, r->o->repo->hash_len, ret) == 0;
}

static int list_arrivals(struct received *r)
{
	r->arrivals = calloc(r->suspects.commit_count + 1, sizeof(*r->arrivals));
	if (!r->arrivals)
		return -1;
	for (size_t i = 0; i < r->suspects.commit_count; i++) {
		struct arrival *a = &r->arrivals[r->arrival_count++];
		struct commit commit = { .parents = VIEW_NONE };

		*a = (struct arrival){ .id = r->suspects.commits[i], .ref = OIDMAP_NONE };
		if (read_commit(r, &a->id, &commit))
			a->time_s = commit.committer.time_s;
	}
	if (r->arrival_count)
		qsort(r->arrivals, r->arrival_count, sizeof(*r->arrivals), by_time);
	for (size_t i = 0; i < r->arrival_count; i++)
		if (oidmap_put(&r->places, r->arrivals[i].id.bytes, (uint32_t)i))
			return -1;
	return 0;
}

/* The commit that a ref is to lead to, through tags; false when it is none. */
static bool peel(const struct received *r, struct oid *id)
{
	for (unsigned depth = 0; depth < GIT_TAG_DEPTH; depth++) {
		struct object object;
		struct tag tag;

		if (object_read(r->o->reader, id, &object, NULL) != OBJECT_OK)
			return false;
		if (object.type != OBJECT_TAG)
			return object.type == OBJECT_COMMIT;
		if (tag_parse(object.content, r->o->repo->hash_len, &tag))
			return false;
		*id = tag.target;
	}
	return false;
}

/* A ref leads to a commit: an arrival whose own parents are to be met, or one at the edge of them. */
static int meet(struct received *r, uint32_t ref, const struct oid *id, uint32_t *todo, size_t *count)
{
	uint32_t place = oidmap_get(&r->places, id->bytes);

	if (place == OIDMAP_NONE)
		return oidmap_put(&r->edge, id->bytes, oidmap_get(&r->reached, id->bytes) != OIDMAP_NONE);
	if (r->arrivals[place].ref == OIDMAP_NONE) {
		r->arrivals[place].ref = ref;
		todo[(*count)++] = place;
	}
	return 0;
}

/* Notes which arrivals a ref brings: those that it leads to through other arrivals. */
static int mark(struct received *r, uint32_t ref)
{
	struct oid id = r->o->refs[ref].id;
	uint32_t *todo = malloc((r->arrival_count + 1) * sizeof(*todo));
	size_t count = 0;
	int failed = 0;

	if (!todo)
		return -1;
	if (peel(r, &id))
		failed = meet(r, ref, &id, todo, &count);
	while (count > 0 && !failed) {
		struct commit commit;

		if (!read_commit(r, &r->arrivals[todo[--count]].id, &commit))
			continue;
		while (!failed && commit_parent(&commit.parents, r->o->repo->hash_len, &id))
			failed = meet(r, ref, &id, todo, &count);
	}
	free(todo);
	return failed;
}

/* What no commit led to: still it would be there for everybody. What was there before is no news; a thin pack is
 * completed with such objects. */
static void report_rest(struct received *r, struct introduced *i)
{
	for (size_t n = 0; n < r->suspects.count; n++)
		if (!object_exists(r->old, &r->suspects.items[n].id))
			introduced_object(i, &r->suspects.items[n].id, r->suspects.items[n].type);
}

static bool is_outside(void *context, const struct oid *id)
{
	const struct received *r = context;

	return !outside_is_known(&r->outside, id) && !object_exists(r->fresh, id);
}

static int report(struct received *r)
{
	struct introduced_options o = { .reader = r->o->reader,
					.hash_len = r->o->repo->hash_len,
					.sink = r->sink,
					.shallow = r->o->repo->shallow,
					.shallow_count = r->o->repo->shallow_count,
					.whole_files = r->o->whole_files,
					.only = &r->wanted,
					.context = r };
	struct introduced i;
	int ret;

	introduced_init(&i, &o);
	for (size_t n = 0; n < r->arrival_count && !r->sink->stopped(r->sink->context); n++) {
		bool is_led_to = r->arrivals[n].ref != OIDMAP_NONE;

		i.refs = is_led_to ? r->o->refs[r->arrivals[n].ref].name : NULL;
		i.o.is_also = is_led_to && r->looks_outside ? is_outside : NULL;
		if (r->suspects.count || i.o.is_also)
			introduced_commit(&i, &r->arrivals[n].id);
	}
	i.o.is_also = is_outside;
	for (size_t n = 0; n < r->o->ref_count; n++) {
		i.refs = r->o->refs[n].name;
		if (oidmap_get(&r->reached, r->o->refs[n].id.bytes) == OIDMAP_NONE)
			introduced_tip(&i, &r->o->refs[n].id);
	}
	i.refs = NULL;
	report_rest(r, &i);
	ret = i.failed ? -1 : 0;
	introduced_done(&i);
	return ret;
}

/* Notes which ref brings which arrival. */
static int mark_all(struct received *r)
{
	if (list_arrivals(r))
		return -1;
	for (size_t i = 0; i < r->o->ref_count; i++)
		if (mark(r, (uint32_t)i))
			return -1;
	return 0;
}

static int read_refs(struct received *r, struct err *err)
{
	struct refs refs;
	int ret = 0;

	if (refs_read(r->o->repo, &refs, err))
		return -1;
	for (size_t i = 0; i < refs.count && ret == 0; i++)
		ret = oidmap_put(&r->reached, refs.refs[i].id.bytes, 0);
	refs_done(&refs);
	return ret ? err_nomem(err) : 0;
}

static struct oid edge_at(const struct received *r, size_t n)
{
	return oid_from(r->edge.ids + n * r->edge.hash_len, r->edge.hash_len);
}

/* Lets commits arrive as well that are stored already, but that no ref has led to: an interrupted push left them, or a
 * branch that went. */
static int add_unreached(struct received *r, struct err *err)
{
	DEFER(rangelist_done) struct rangelist more = { .count = 0 };
	DEFER(freep) struct oid *edge = calloc(r->edge.count + 1, sizeof(*edge));
	struct suspects *s = &r->suspects;
	struct oid *grown;
	size_t count = 0;

	if (!edge)
		return err_nomem(err);
	for (size_t i = 0; i < r->edge.count; i++)
		if (!r->edge.values[i])
			edge[count++] = edge_at(r, i);
	if (count && rangelist_unreached(r->o->repo, edge, count, &more, err))
		return -1;
	if (more.count == 0)
		return 0;
	r->looks_outside = true;
	grown = reallocarray(s->commits, s->commit_count + more.count, sizeof(*grown));
	if (!grown)
		return err_nomem(err);
	s->commits = grown;
	for (size_t i = 0; i < more.count; i++) /* such a commit may lead to arrivals as well */
		if (oidmap_get(&r->places, more.commits[i].bytes) == OIDMAP_NONE)
			grown[s->commit_count++] = more.commits[i];
	free(r->arrivals);
	r->arrivals = NULL;
	r->arrival_count = 0;
	return mark_all(r) ? err_nomem(err) : 0;
}

/* What arrived refers to objects that were there before. Those that the commits at the edge have are no news; with any
 * other all that the commits change is looked at. */
static int find_outside(struct received *r)
{
	for (size_t i = 0; i < r->suspects.missing_count; i++)
		if (outside_add(&r->outside, &r->suspects.missing[i]))
			return -1;
	for (size_t i = 0; i < r->edge.count; i++) {
		struct oid id = edge_at(r, i);

		if (oidmap_get(&r->places, id.bytes) == OIDMAP_NONE && outside_know(&r->outside, &id))
			return -1;
	}
	r->looks_outside |= r->outside.open > 0;
	return 0;
}

static int attribute(struct received *r, struct err *err)
{
	for (size_t i = 0; i < r->suspects.count; i++)
		if (oidmap_put(&r->wanted, r->suspects.items[i].id.bytes, 0))
			return err_nomem(err);
	if (read_refs(r, err))
		return -1;
	if (mark_all(r))
		return err_nomem(err);
	if (add_unreached(r, err))
		return -1;
	return find_outside(r) || report(r) ? err_nomem(err) : 0;
}

/* Opens what is new and what was there, apart. */
static int open_stores(struct received *r, struct err *err)
{
	const struct gitrepo *repo = r->o->repo;
	DEFER(freep) char *real = realpath(r->o->quarantine, NULL);
	const char **others = calloc(repo->store_count + 1, sizeof(*others));
	size_t count = 0;

	if (!real) {
		free(others);
		return err_set(err, ERR_IO, errno, "cannot open the quarantine folder '%s'", r->o->quarantine);
	}
	for (size_t i = 0; others && i < repo->store_count; i++) {
		DEFER(freep) char *store = realpath(repo->stores[i], NULL);

		if (store && real && strcmp(store, real) != 0)
			others[count++] = repo->stores[i];
	}
	r->quarantine = objects_open(&r->o->quarantine, 1, repo->hash_len, err);
	r->before = others && r->quarantine ? objects_open(others, count, repo->hash_len, err) : NULL;
	r->old = r->before ? object_reader_new(r->before, r->o->max_bytes, err) : NULL;
	r->fresh = r->old ? object_reader_new(r->quarantine, r->o->max_bytes, err) : NULL;
	free(others);
	return r->fresh ? 0 : -1;
}

/* What refs are to lead to has to be somewhere, be it found suspect or not. */
static void check_refs(struct received *r)
{
	for (size_t i = 0; i < r->o->ref_count; i++) {
		char hex[OID_HEX_BYTES];
		struct item item = { .folder = VIEW_NONE };

		if (object_exists(r->o->reader, &r->o->refs[i].id))
			continue;
		oid_hex(&r->o->refs[i].id, r->o->repo->hash_len, hex);
		item.name = view_of(hex);
		r->sink->unread(r->sink->context, 0, &r->slots[0], &item, UNREAD_MISSING_OBJECT, 0);
	}
}

static int scan(struct received *r, struct err *err)
{
	bool is_all = objects_is_empty(r->before); /* the quarantine is all there is */
	struct suspects_options options = { .objects = r->quarantine,
					    .hash_len = r->o->repo->hash_len,
					    .jobs = r->o->jobs,
					    .max_bytes = r->o->max_bytes,
					    .wants_commits = true,
					    .checks = !is_all,
					    .checks_large = true,
					    .note = r->o->note };

	check_refs(r);
	if (suspects_find(&options, r->sink, r->slots, &r->suspects, err))
		return -1;
	return is_all && r->suspects.count == 0 ? 0 : attribute(r, err);
}

int received_scan(const struct received_options *options, const struct item_sink *sink, struct err *err)
{
	struct received r = { .o = options, .sink = sink };
	struct item item = { .name = VIEW("quarantine") };
	int ret = -1;

	oidmap_init(&r.wanted, options->repo->hash_len);
	oidmap_init(&r.places, options->repo->hash_len);
	oidmap_init(&r.reached, options->repo->hash_len);
	oidmap_init(&r.edge, options->repo->hash_len);
	outside_init(&r.outside, options->reader, options->repo->hash_len);
	r.slots = calloc(options->jobs, sizeof(*r.slots));
	if (!r.slots)
		(void)err_nomem(err);
	else if (open_stores(&r, err) == 0)
		ret = scan(&r, err);
	if (r.slots && sink->stopped(sink->context))
		sink->unread(sink->context, 0, &r.slots[0], &item, UNREAD_INTERRUPTED, 0);
	for (unsigned i = 0; r.slots && i < options->jobs; i++)
		if (r.slots[i].output)
			sink->emit(sink->context, &r.slots[i]);
	suspects_done(&r.suspects);
	oidmap_done(&r.wanted);
	oidmap_done(&r.places);
	oidmap_done(&r.reached);
	oidmap_done(&r.edge);
	outside_done(&r.outside);
	free(r.arrivals);
	object_reader_freep(&r.fresh);
	object_reader_freep(&r.old);
	objects_freep(&r.before);
	objects_freep(&r.quarantine);
	free(r.slots);
	return ret;
}
