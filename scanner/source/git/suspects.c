/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/suspects.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "scanner/source/git/commit.h"
#include "scanner/source/git/packfile.h"

#define START 64
#define KNOWN_SLOTS 65536 /* ids that were lately found to be there */

struct list { /* growing */
	void *items;
	size_t count, cap;
};

struct known {
	unsigned char id[OID_MAX_BYTES];
};

struct worker {
	struct list suspects; /* struct suspect */
	struct list commits;  /* struct oid */
	struct list missing;  /* struct oid */
	struct object_reader *reader;
	struct known *known; /* hash table without chains */
	bool is_suspect;     /* the object at hand, by an earlier piece */
};

struct search {
	const struct suspects_options *o;
	const struct item_sink *sink;
	struct pool_task *slots;
	struct worker *workers;
	int failed; /* atomic */
};

static int add(struct list *l, const void *item, size_t size)
{
	if (l->count == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : START;
		void *grown = reallocarray(l->items, cap, size);

		if (!grown)
			return -1;
		l->items = grown;
		l->cap = cap;
	}
	memcpy((char *)l->items + l->count++ * size, item, size);
	return 0;
}

static void fail(struct search *s)
{
	__atomic_store_n(&s->failed, 1, __ATOMIC_RELAXED);
}

/* Something refers to an object: is it there? */
static void check_exists(struct search *s, struct worker *w, const char *raw)
{
	struct oid id = oid_from(raw, s->o->hash_len);
	unsigned slot;

	memcpy(&slot, id.bytes, sizeof(slot));
	slot %= KNOWN_SLOTS;
	if (memcmp(w->known[slot].id, id.bytes, OID_MAX_BYTES) == 0)
		return;
	if (!object_exists(w->reader, &id) && add(&w->missing, &id, sizeof(id)))
		fail(s);
	memcpy(w->known[slot].id, id.bytes, OID_MAX_BYTES);
}

static void check_tree(struct search *s, struct worker *w, struct view content)
{
	struct tree_entry e;

	while (tree_next(&content, s->o->hash_len, &e) > 0)
		if (e.mode != TREE_SUBMODULE)
			check_exists(s, w, e.id);
}

/* Parents are the graph's to check: those of a shallow commit are rightly not there. */
static void check_commit(struct search *s, struct worker *w, const struct store_object *o, struct view content)
{
	struct oid tree;

	if (s->o->wants_commits) {
		struct oid id = store_object_id(o);

		if (add(&w->commits, &id, sizeof(id)))
			fail(s);
	}
	if (s->o->checks && commit_tree(content, s->o->hash_len, &tree) == 0)
		check_exists(s, w, (const char *)tree.bytes);
}

static void take_piece(void *context, unsigned worker, const struct store_object *o, const struct piece *piece)
{
	struct search *s = context;
	struct worker *w = &s->workers[worker];

	if (o->type == OBJECT_TREE) {
		if (piece->is_first && piece->is_last)
			check_tree(s, w, piece->bytes);
		return;
	}
	if (o->type == OBJECT_COMMIT && piece->is_first)
		check_commit(s, w, o, piece->bytes);
	if (piece->is_first)
		w->is_suspect = false;
	if (s->sink->suspects(s->sink->context, worker, piece))
		w->is_suspect = true;
	if (piece->is_last && w->is_suspect) {
		struct suspect suspect = { .id = store_object_id(o), .type = o->type };

		if (add(&w->suspects, &suspect, sizeof(suspect)))
			fail(s);
	}
}

static void take_unread(void *context, unsigned worker, const struct store_object *o, enum unread reason,
			const char *detail)
{
	struct search *s = context;
	char name[OID_HEX_BYTES] = "object store";
	struct item item = { .folder = VIEW_NONE };

	if (o) {
		struct oid id = store_object_id(o);

		oid_hex(&id, s->o->hash_len, name);
	}
	if (detail && s->o->note)
		s->o->note(detail);
	item.name = view_of(name);
	s->sink->unread(s->sink->context, worker, &s->slots[worker], &item, reason, 0);
}

static bool is_blank(void *context, unsigned worker, struct view bytes)
{
	struct search *s = context;

	return !s->sink->is_marked(s->sink->context, worker, bytes);
}

static void take_blank(void *context, unsigned worker, uint64_t size)
{
	struct search *s = context;

	s->sink->pass(s->sink->context, worker, size);
}

static bool is_stopped(void *context)
{
	struct search *s = context;

	return s->sink->stopped(s->sink->context);
}

static bool skip_pack(void *context, const struct packfile *pack)
{
	struct search *s = context;

	return s->o->skip_pack(s->o->context, pack);
}

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, OID_MAX_BYTES); /* of struct oid, or of a struct that starts with one */
}

/* Puts the lists of all workers into one, sorted, without what comes twice. */
static int join(struct search *s, size_t list_at, size_t size, void *ret_items, size_t *ret_count)
{
	struct list all = { .items = NULL };
	size_t kept = 0;

	for (unsigned i = 0; i < s->o->jobs; i++) {
		struct list *l = (struct list *)(void *)((char *)&s->workers[i] + list_at);

		for (size_t k = 0; k < l->count; k++)
			if (add(&all, (char *)l->items + k * size, size)) {
				free(all.items);
				return -1;
			}
	}
	if (all.count)
		qsort(all.items, all.count, size, by_id);
	for (size_t i = 0; i < all.count; i++) {
		char *item = (char *)all.items + i * size;

		if (kept && by_id((char *)all.items + (kept - 1) * size, item) == 0)
			continue;
		memmove((char *)all.items + kept++ * size, item, size);
	}
	memcpy(ret_items, &all.items, sizeof(all.items));
	*ret_count = kept;
	return 0;
}

/* What a repack moved meanwhile is there after all. */
static int check_missing(struct search *s, struct suspects *found, struct err *err)
{
	size_t kept = 0;

	if (found->missing_count && objects_refresh(s->o->objects, err) < 0)
		return -1;
	for (size_t i = 0; i < found->missing_count; i++)
		if (!object_exists(s->workers[0].reader, &found->missing[i]))
			found->missing[kept++] = found->missing[i];
	found->missing_count = kept;
	return 0;
}

static int workers_init(struct search *s, struct err *err)
{
	s->workers = calloc(s->o->jobs, sizeof(*s->workers));
	for (unsigned i = 0; s->workers && i < s->o->jobs; i++) {
		s->workers[i].known = calloc(KNOWN_SLOTS, sizeof(struct known));
		s->workers[i].reader = object_reader_new(s->o->objects, SCAN_WINDOW_BYTES, err);
		if (!s->workers[i].known || !s->workers[i].reader)
			return err_nomem(err);
	}
	return s->workers ? 0 : err_nomem(err);
}

static void workers_done(struct search *s)
{
	for (unsigned i = 0; s->workers && i < s->o->jobs; i++) {
		struct worker *w = &s->workers[i];

		free(w->suspects.items);
		free(w->commits.items);
		free(w->missing.items);
		free(w->known);
		object_reader_freep(&w->reader);
	}
	free(s->workers);
}

int suspects_find(const struct suspects_options *options, const struct item_sink *sink, struct pool_task *slots,
		  struct suspects *ret, struct err *err)
{
	struct search s = { .o = options, .sink = sink, .slots = slots };
	struct store_ops ops = { .piece = take_piece,
				 .unread = take_unread,
				 .stopped = is_stopped,
				 .context = &s,
				 .is_blank = is_blank,
				 .blank = take_blank,
				 .blank_edge = sink->longest_mark ? sink->longest_mark - 1 : 0 };
	unsigned texts = 1u << OBJECT_BLOB | 1u << OBJECT_COMMIT | 1u << OBJECT_TAG;
	struct store_options walk = { .types = texts,
				      .small_types = options->checks ? texts | 1u << OBJECT_TREE : texts,
				      .jobs = options->jobs,
				      .max_bytes = options->max_bytes,
				      .skip_pack = options->skip_pack ? skip_pack : NULL };
	int failed;

	*ret = (struct suspects){ .count = 0 };
	failed = workers_init(&s, err) || store_walk(options->objects, &walk, &ops, err);
	if (!failed &&
	    (s.failed ||
	     join(&s, offsetof(struct worker, suspects), sizeof(struct suspect), &ret->items, &ret->count) ||
	     join(&s, offsetof(struct worker, commits), sizeof(struct oid), &ret->commits, &ret->commit_count) ||
	     join(&s, offsetof(struct worker, missing), sizeof(struct oid), &ret->missing, &ret->missing_count))) {
		failed = true;
		(void)err_nomem(err);
	}
	failed = failed || check_missing(&s, ret, err);
	workers_done(&s);
	return failed ? -1 : 0;
}

void suspects_done(struct suspects *s)
{
	free(s->items);
	free(s->commits);
	free(s->missing);
	*s = (struct suspects){ .count = 0 };
}
