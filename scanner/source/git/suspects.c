/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/suspects.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/sys/map.h"
#include "scanner/source/archive.h"
#include "scanner/source/git/blobfeed.h"
#include "scanner/source/git/commit.h"
#include "scanner/source/git/list.h"
#include "scanner/source/git/packfile.h"

#define KNOWN_SLOTS (1u << 18) /* ids that were lately found to be there */

struct worker {
	struct list suspects; /* struct suspect */
	struct list commits;  /* struct oid */
	struct list missing;  /* struct oid */
	struct object_reader *reader;
	uint64_t *known;      /* hash table without chains: the first bytes of ids */
	struct blobfeed feed; /* the object at hand */
	struct list loose;    /* struct packcache_digest: folders of loose objects that are clean so far */
	bool in_loose;        /* the last of them is being looked at */
	struct list broken;   /* const struct packfile *: not all of it could be read */
};

struct search {
	const struct suspects_options *o;
	const struct item_sink *sink;
	struct pool_task *slots;
	struct worker *workers;
	bool is_divided; /* there are several packs: one of them may have got lost */
	int failed;      /* atomic */
	int skipped;     /* atomic: a folder of loose objects was known from before */
	uint64_t unread; /* atomic */
};

static void fail(struct search *s)
{
	__atomic_store_n(&s->failed, 1, __ATOMIC_RELAXED);
}

static void tell(struct search *s, unsigned worker, const struct oid *id, enum unread reason)
{
	char hex[OID_HEX_BYTES];
	struct item item = { .folder = VIEW_NONE };

	oid_hex(id, s->o->hash_len, hex);
	item.name = view_of(hex);
	(void)__atomic_fetch_add(&s->unread, 1, __ATOMIC_RELAXED);
	s->sink->unread(s->sink->context, worker, &s->slots[worker], &item, reason, 0);
}

static void look_up(struct search *s, unsigned worker, const char *raw, enum object_type wanted)
{
	struct worker *w = &s->workers[worker];
	struct oid id = oid_from(raw, s->o->hash_len);
	enum object_type type;

	switch (object_type(w->reader, &id, GIT_SMALL_PACK, &type)) {
	case OBJECT_OK:
		if (type != OBJECT_NONE && type != wanted)
			tell(s, worker, &id, UNREAD_CORRUPT);
		break;
	case OBJECT_MISSING:
		if (list_add(&w->missing, &id, sizeof(id)))
			fail(s);
		break;
	default: /* the walk itself tells of what cannot be read */
		break;
	}
}

/* Something refers to an object as being of a type: is it there, and is it one? The same ids come again and again. */
static void check_object(struct search *s, unsigned worker, const char *raw, enum object_type wanted)
{
	uint64_t *known = s->workers[worker].known, start;
	uint32_t slot;

	memcpy(&start, raw, sizeof(start));
	memcpy(&slot, raw + sizeof(start), sizeof(slot));
	slot %= KNOWN_SLOTS;
	if (start && known[slot] == start)
		return;
	look_up(s, worker, raw, wanted);
	known[slot] = start;
}

static void check_tree(struct search *s, unsigned worker, struct view content)
{
	struct tree_entry e;

	while (tree_next(&content, s->o->hash_len, &e) > 0)
		if (e.mode != TREE_SUBMODULE)
			check_object(s, worker, e.id, e.mode == TREE_FOLDER ? OBJECT_TREE : OBJECT_BLOB);
}

/* Of commits in large packs only the tree is asked for: that they are closed was seen to when they were made. */
static void check_commit(struct search *s, unsigned worker, const struct store_object *o, struct view content)
{
	bool is_small = s->o->checks_large || !o->pack || o->pack->count <= GIT_SMALL_PACK;
	struct oid id, parent, tree;
	struct commit commit;

	if (!is_small) {
		if (s->is_divided && commit_tree(content, s->o->hash_len, &tree) == 0)
			check_object(s, worker, (const char *)tree.bytes, OBJECT_TREE);
		return;
	}
	id = store_object_id(o);
	if (commit_parse(content, s->o->hash_len, &commit)) {
		tell(s, worker, &id, UNREAD_CORRUPT);
		return;
	}
	check_object(s, worker, (const char *)commit.tree.bytes, OBJECT_TREE);
	while (!oid_is_among(&id, s->o->shallow, s->o->shallow_count) &&
	       commit_parent(&commit.parents, s->o->hash_len, &parent))
		check_object(s, worker, (const char *)parent.bytes, OBJECT_COMMIT);
}

static void check_tag(struct search *s, unsigned worker, struct view content)
{
	struct tag tag;

	if (tag_parse(content, s->o->hash_len, &tag) == 0 && tag.type != OBJECT_NONE)
		check_object(s, worker, (const char *)tag.target.bytes, tag.type);
}

/* What the object refers to; only if it came in one piece, as all but blobs do. */
static void check(struct search *s, unsigned worker, const struct store_object *o, const struct piece *piece)
{
	if (!s->o->checks)
		return;
	if (!piece->is_first || !piece->is_last) {
		struct oid id = store_object_id(o);

		if (piece->is_first) /* too long to be taken apart */
			tell(s, worker, &id, UNREAD_LIMIT);
		return;
	}
	if (o->type == OBJECT_TREE)
		check_tree(s, worker, piece->bytes);
	else if (o->type == OBJECT_COMMIT)
		check_commit(s, worker, o, piece->bytes);
	else if (o->type == OBJECT_TAG)
		check_tag(s, worker, piece->bytes);
}

static void note_commit(struct search *s, struct worker *w, const struct store_object *o)
{
	struct oid id;

	if (!s->o->wants_commits)
		return;
	id = store_object_id(o);
	if (list_add(&w->commits, &id, sizeof(id)))
		fail(s);
}

/* The folder of loose objects at hand is not to be remembered as clean. */
static void spoil_loose(struct worker *w)
{
	if (w->in_loose)
		w->loose.count--;
	w->in_loose = false;
}

static bool skip_loose(void *context, unsigned worker, const unsigned char digest[static DIGEST_SHA256_BYTES])
{
	struct search *s = context;
	struct worker *w = &s->workers[worker];
	struct packcache_digest d;

	memcpy(d.bytes, digest, sizeof(d.bytes));
	w->in_loose = list_add(&w->loose, &d, sizeof(d)) == 0;
	if (!w->in_loose || !packcache_has_loose(s->o->cache, &d))
		return false;
	w->in_loose = false; /* it stays in the list */
	__atomic_store_n(&s->skipped, 1, __ATOMIC_RELAXED);
	return true;
}

static bool skip_pack(void *context, const struct packfile *pack)
{
	struct search *s = context;

	return packcache_find(s->o->cache, pack) != NULL;
}

/* Whether a look at the bytes could find something: what is in a container has its marks packed. */
static bool may_hold(const struct search *s, unsigned worker, enum object_type type, struct view bytes)
{
	return (type == OBJECT_BLOB && archive_is_wanted(s->sink, bytes)) ||
	       s->sink->is_marked(s->sink->context, worker, bytes);
}

static void look(struct search *s, struct worker *w, enum object_type type, const struct piece *piece)
{
	if (type == OBJECT_BLOB)
		(void)blobfeed_piece(&w->feed, piece);
	else if (s->sink->suspects(s->sink->context, w->feed.worker, piece))
		w->feed.is_suspect = true;
}

static void take_piece(void *context, unsigned worker, const struct store_object *o, const struct piece *piece)
{
	struct search *s = context;
	struct worker *w = &s->workers[worker];

	if (o->type != OBJECT_BLOB)
		check(s, worker, o, piece);
	if (o->type == OBJECT_TREE)
		return;
	if (o->type == OBJECT_COMMIT && piece->is_first)
		note_commit(s, w, o);
	if (piece->is_first) {
		blobfeed_end(&w->feed);
		w->feed = (struct blobfeed){ .sink = s->sink, .worker = worker };
	}
	if (piece->is_first && piece->is_last && s->sink->longest_mark && !may_hold(s, worker, o->type, piece->bytes)) {
		s->sink->pass(s->sink->context, worker, piece->bytes.len);
		return;
	}
	look(s, w, o->type, piece);
	if (piece->is_last && w->feed.is_suspect) {
		struct suspect suspect = { .id = store_object_id(o), .type = o->type, .pack = o->pack };

		if (!o->pack)
			spoil_loose(w);
		if (list_add(&w->suspects, &suspect, sizeof(suspect)))
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
	(void)__atomic_fetch_add(&s->unread, 1, __ATOMIC_RELAXED);
	if (o && o->pack && list_add(&s->workers[worker].broken, &o->pack, sizeof(o->pack)))
		fail(s);
	if (o && !o->pack)
		spoil_loose(&s->workers[worker]);
	if (detail && s->o->note)
		s->o->note(detail);
	item.name = view_of(name);
	s->sink->unread(s->sink->context, worker, &s->slots[worker], &item, reason, 0);
}

static bool is_blank(void *context, unsigned worker, struct view bytes)
{
	struct search *s = context;

	return !may_hold(s, worker, OBJECT_BLOB, bytes);
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

/* Puts the lists of all workers into one, sorted, without what comes twice. */
static int join(struct search *s, size_t list_at, size_t size, void *ret_items, size_t *ret_count)
{
	struct list all = { .items = NULL };

	for (unsigned i = 0; i < s->o->jobs; i++) {
		struct list *l = (struct list *)(void *)((char *)&s->workers[i] + list_at);

		for (size_t k = 0; k < l->count; k++)
			if (list_add(&all, (char *)l->items + k * size, size)) {
				free(all.items);
				return -1;
			}
	}
	list_sort(&all, size);
	memcpy(ret_items, &all.items, sizeof(all.items));
	*ret_count = all.count;
	return 0;
}

static bool is_all_small(const struct search *s)
{
	const struct packfile *pack;

	if (s->skipped)
		return false;
	for (size_t i = 0; (pack = objects_pack(s->o->objects, i)); i++)
		if ((pack->count > GIT_SMALL_PACK && !s->o->checks_large) ||
		    (s->o->cache && packcache_find(s->o->cache, pack)))
			return false;
	return true;
}

/* Commits are sorted only when something is to be attributed to them: it takes 50 ms for 75,000 of them. */
static int join_all(struct search *s, struct suspects *ret, struct err *err)
{
	if (s->failed || join(s, offsetof(struct worker, suspects), sizeof(struct suspect), &ret->items, &ret->count) ||
	    join(s, offsetof(struct worker, missing), sizeof(struct oid), &ret->missing, &ret->missing_count))
		return err_nomem(err);
	if ((ret->count || ret->missing_count || is_all_small(s)) &&
	    join(s, offsetof(struct worker, commits), sizeof(struct oid), &ret->commits, &ret->commit_count))
		return err_nomem(err);
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

static bool is_broken(const struct search *s, const struct packfile *pack)
{
	for (unsigned i = 0; i < s->o->jobs; i++) {
		const struct packfile *const *broken = s->workers[i].broken.items;

		for (size_t k = 0; k < s->workers[i].broken.count; k++)
			if (broken[k] == pack)
				return true;
	}
	return false;
}

/* What is to be remembered of one pack that was walked: that it was, and its suspects. */
static int learn_pack(const struct search *s, const struct packfile *pack, struct packcache *learnt)
{
	if (packcache_add_pack(learnt, pack))
		return -1;
	for (unsigned i = 0; i < s->o->jobs; i++) {
		const struct suspect *found = s->workers[i].suspects.items;

		for (size_t k = 0; k < s->workers[i].suspects.count; k++)
			if (found[k].pack == pack && packcache_add_suspect(learnt, &found[k]))
				return -1;
	}
	return 0;
}

/* What was known of one pack: its suspects are to be looked at again. */
static int recall_pack(struct search *s, const struct packcache_pack *known, const struct packfile *pack,
		       struct packcache *learnt)
{
	if (packcache_add_pack(learnt, pack))
		return -1;
	for (size_t i = known->first; i < known->first + known->count; i++)
		if (packcache_add_suspect(learnt, &s->o->cache->suspects[i]) ||
		    list_add(&s->workers[0].suspects, &s->o->cache->suspects[i], sizeof(struct suspect)))
			return -1;
	return 0;
}

/* Puts into the cache what is there now and was found to be whole, and nothing else. */
static int learn(struct search *s, struct err *err)
{
	struct packcache learnt = { .pack_count = 0 };
	const struct packfile *pack;
	int ret = 0;

	if (!s->o->cache || is_stopped(s) || map_was_cut())
		return 0;
	for (size_t i = 0; ret == 0 && (pack = objects_pack(s->o->objects, i)); i++) {
		const struct packcache_pack *known = packcache_find(s->o->cache, pack);

		if (known)
			ret = recall_pack(s, known, pack, &learnt);
		else if (!is_broken(s, pack))
			ret = learn_pack(s, pack, &learnt);
	}
	for (unsigned i = 0; i < s->o->jobs; i++) {
		const struct packcache_digest *loose = s->workers[i].loose.items;

		for (size_t k = 0; ret == 0 && k < s->workers[i].loose.count; k++)
			ret = packcache_add_loose(&learnt, &loose[k]);
	}
	packcache_done(s->o->cache);
	*s->o->cache = learnt;
	return ret ? err_nomem(err) : 0;
}

/* A pack that is gone may have held what others refer to: then all is looked at anew. */
static size_t check_cache(const struct search *s)
{
	size_t there = 0;
	const struct packfile *pack;

	for (size_t i = 0; (pack = objects_pack(s->o->objects, i)); i++)
		there += packcache_find(s->o->cache, pack) != NULL;
	if (there < s->o->cache->pack_count)
		packcache_done(s->o->cache);
	return s->o->cache->pack_count;
}

static int workers_init(struct search *s, struct err *err)
{
	s->workers = calloc(s->o->jobs, sizeof(*s->workers));
	for (unsigned i = 0; s->workers && i < s->o->jobs; i++) {
		s->workers[i].known = calloc(KNOWN_SLOTS, sizeof(*s->workers[i].known));
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

		blobfeed_end(&w->feed);
		free(w->suspects.items);
		free(w->commits.items);
		free(w->missing.items);
		free(w->loose.items);
		free(w->broken.items);
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
	unsigned trees = options->checks ? 1u << OBJECT_TREE : 0;
	struct store_options walk = { .types = options->checks_large ? texts | trees : texts,
				      .small_types = texts | trees,
				      .jobs = options->jobs,
				      .max_bytes = options->max_bytes,
				      .skip_pack = options->cache ? skip_pack : NULL,
				      .skip_loose = options->cache ? skip_loose : NULL };
	int failed;

	*ret = (struct suspects){ .count = 0 };
	s.is_divided = objects_pack(options->objects, 0) && objects_pack(options->objects, 1);
	if (options->cache)
		ret->known_packs = check_cache(&s);
	failed = workers_init(&s, err) || store_walk(options->objects, &walk, &ops, err);
	ret->all_checked = !failed && is_all_small(&s);
	failed = failed || learn(&s, err);
	failed = failed || join_all(&s, ret, err) || check_missing(&s, ret, err);
	ret->unread = s.unread + ret->missing_count;
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
