/* SPDX-License-Identifier: Apache-2.0 */
/* Reading objects: finds them, undoes their deltas, inflates them. */
#include "scanner/source/git/object_reader.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "scanner/source/git/delta.h"

#define CACHE_BYTES (96u << 20)
#define CACHE_SHARE 4           /* of max_bytes */
#define INFLATE_RATIO_MAX 1032u /* zlib never does better (RFC 1951: 258 bytes in two bits) */
#define CHAIN_START 64

struct object_reader *object_reader_new(struct objects *o, size_t max_bytes, struct err *err)
{
	struct object_reader *r = calloc(1, sizeof(*r));
	size_t cache = max_bytes / CACHE_SHARE < CACHE_BYTES ? max_bytes / CACHE_SHARE : CACHE_BYTES;

	if (r) {
		r->objects = o;
		r->max_bytes = max_bytes;
		r->inflater = inflater_new();
		r->cache = basecache_new(cache);
		r->delta = (struct buf)BUF_INIT(max_bytes);
		r->file = (struct buf)BUF_INIT(LOOSE_SMALL_BYTES + 1);
	}
	if (!r || !r->inflater || !r->cache) {
		object_reader_freep(&r);
		(void)err_nomem(err);
	}
	return r;
}

void object_reader_freep(struct object_reader **at)
{
	struct object_reader *r = *at;

	*at = NULL;
	if (!r)
		return;
	inflater_freep(&r->inflater);
	basecache_freep(&r->cache);
	buf_done(&r->delta);
	buf_done(&r->file);
	free(r->held);
	free(r->loose);
	free(r->window);
	free(r->chain);
	free(r);
}

static enum object_result corrupt(const struct packfile *p, uint64_t at, struct err *err)
{
	(void)err_set(err, ERR_FORMAT, 0, "'%s.pack' is damaged at offset %llu", p->path, (unsigned long long)at);
	return OBJECT_CORRUPT;
}

/* Whether so many bytes can come out of what is left of the pack: a size is a claim until then. */
static bool is_possible(struct view data, uint64_t size)
{
	return size / INFLATE_RATIO_MAX <= data.len;
}

static int push_link(struct object_reader *r, uint64_t at, const struct pack_entry *entry)
{
	if (r->chain_len == r->chain_cap) {
		size_t cap = r->chain_cap ? 2 * r->chain_cap : CHAIN_START;
		struct link *grown = reallocarray(r->chain, cap, sizeof(*grown));

		if (!grown)
			return -1;
		r->chain = grown;
		r->chain_cap = cap;
	}
	r->chain[r->chain_len++] = (struct link){ .at = at, .entry = *entry };
	return 0;
}

static enum object_result inflate_entry(struct object_reader *r, const struct packfile *p, const struct link *l,
					char **ret, struct err *err)
{
	struct view data = packfile_data(p, l->entry.data);

	*ret = NULL;
	if (!is_possible(data, l->entry.size))
		return corrupt(p, l->at, err);
	if (l->entry.size > r->max_bytes) {
		(void)err_set(err, ERR_LIMIT, 0, "an object of %llu bytes is too large to be held",
			      (unsigned long long)l->entry.size);
		return OBJECT_LIMIT;
	}
	*ret = malloc((size_t)l->entry.size + 1);
	if (!*ret)
		return OBJECT_NOMEM;
	if (inflate_whole(r->inflater, data, *ret, (size_t)l->entry.size) == 0)
		return OBJECT_OK;
	free(*ret);
	*ret = NULL;
	return corrupt(p, l->at, err);
}

/* Inflates a link's delta and says how large its result is. */
static enum object_result read_delta(struct object_reader *r, const struct packfile *p, const struct link *l,
				     uint64_t *ret_size, struct err *err)
{
	struct view data = packfile_data(p, l->entry.data);
	uint64_t base_size;
	size_t head;

	buf_clear(&r->delta);
	if (!is_possible(data, l->entry.size))
		return corrupt(p, l->at, err);
	if (l->entry.size >= r->max_bytes)
		return OBJECT_LIMIT;
	if (buf_reserve(&r->delta, (size_t)l->entry.size))
		return OBJECT_NOMEM;
	if (inflate_whole(r->inflater, data, r->delta.ptr, (size_t)l->entry.size))
		return corrupt(p, l->at, err);
	r->delta.len = (size_t)l->entry.size;
	if (delta_sizes(buf_view(&r->delta), &base_size, ret_size, &head))
		return corrupt(p, l->at, err);
	if (*ret_size <= r->max_bytes)
		return OBJECT_OK;
	return delta_is_sound(buf_view(&r->delta), (size_t)base_size, *ret_size) ? OBJECT_LIMIT : OBJECT_CORRUPT;
}

/* Gives content to the cache, or keeps it until the next call. */
static void keep(struct object_reader *r, const struct packfile *p, uint64_t at, struct object *o, char *content)
{
	if (basecache_put(r->cache, p, at, o->type, content, o->content.len))
		return;
	free(r->held);
	r->held = content;
}

/* Applies the chain's links to the base in *o, from the last to the first. */
static enum object_result apply_chain(struct object_reader *r, const struct packfile *p, struct object *o,
				      struct err *err)
{
	while (r->chain_len > 0) {
		const struct link *l = &r->chain[--r->chain_len];
		uint64_t size;
		enum object_result ret = read_delta(r, p, l, &size, err);
		char *content;

		if (ret != OBJECT_OK)
			return ret;
		content = malloc((size_t)size + 1);
		if (!content)
			return OBJECT_NOMEM;
		if (delta_apply(buf_view(&r->delta), o->content, content, (size_t)size)) {
			free(content);
			return corrupt(p, l->at, err);
		}
		o->content = view_from(content, (size_t)size);
		keep(r, p, l->at, o, content);
	}
	return OBJECT_OK;
}

/* Follows deltas from an offset down to something whole: a base, or what the cache holds. */
static enum object_result find_base(struct object_reader *r, const struct packfile *p, uint64_t at, struct object *ret,
				    struct err *err)
{
	r->chain_len = 0;
	for (;;) {
		struct pack_entry e;

		if (basecache_get(r->cache, p, at, ret))
			return OBJECT_OK;
		if (packfile_entry(p, at, &e) || r->chain_len > p->count)
			return corrupt(p, at, err);
		if (e.type != OBJECT_NONE) {
			struct link l = { .at = at, .entry = e };
			char *content;
			enum object_result status = inflate_entry(r, p, &l, &content, err);

			if (status != OBJECT_OK)
				return status;
			*ret = (struct object){ .type = e.type, .content = view_from(content, (size_t)e.size) };
			keep(r, p, at, ret, content);
			return OBJECT_OK;
		}
		if (push_link(r, at, &e))
			return OBJECT_NOMEM;
		if (e.is_ofs) {
			at = e.base_at;
		} else {
			uint32_t index = packfile_find(p, &e.base_id);

			if (index == PACK_NONE)
				return OBJECT_MISSING; /* with the chain so far: the base may be elsewhere */
			at = packfile_offset(p, index);
		}
	}
}

/* A delta whose base its pack does not hold, though a stored pack should: looks for it elsewhere. */
static enum object_result find_far_base(struct object_reader *r, struct object *ret, struct err *err)
{
	struct link *chain = TAKE(r->chain);
	size_t len = r->chain_len, cap = r->chain_cap;
	enum object_result status;
	char *copy = NULL;

	r->chain_len = r->chain_cap = 0;
	status = object_read(r, &chain[len - 1].entry.base_id, ret, err);
	if (status == OBJECT_OK) {
		copy = malloc(ret->content.len + 1);
		if (copy)
			memcpy(copy, ret->content.ptr ? ret->content.ptr : "", ret->content.len);
		else
			status = OBJECT_NOMEM;
		ret->content.ptr = copy;
	}
	free(r->chain);
	r->chain = chain;
	r->chain_len = len;
	r->chain_cap = cap;
	if (copy) {
		free(r->held);
		r->held = copy;
	}
	return status;
}

enum object_result object_read_at(struct object_reader *r, const struct packfile *pack, uint64_t at, struct object *ret,
				  struct err *err)
{
	enum object_result status = find_base(r, pack, at, ret, err);

	if (status == OBJECT_MISSING && r->chain_len) {
		if (r->depth == GIT_FAR_BASES)
			return corrupt(pack, at, err);
		r->depth++;
		status = find_far_base(r, ret, err);
		r->depth--;
	}
	return status == OBJECT_OK ? apply_chain(r, pack, ret, err) : status;
}

/* Room for size bytes. NULL when there is no memory. What is more than usual is not kept for the next. */
static char *loose_room(struct object_reader *r, size_t size)
{
	if (r->loose_cap < size || r->loose_cap > SCAN_WINDOW_BYTES) {
		free(r->loose);
		r->loose = malloc(size);
		r->loose_cap = r->loose ? size : 0;
	}
	return r->loose;
}

/* Whole, head and all: that takes a third of the time that a stream does. */
enum object_result object_read_loose(struct object_reader *r, struct loose *l, struct object *ret, struct err *err)
{
	size_t size;
	char *room;

	if (l->size > r->max_bytes)
		return OBJECT_LIMIT;
	if (!is_possible(l->map, l->size))
		return OBJECT_CORRUPT;
	size = l->head_size + (size_t)l->size;
	room = loose_room(r, size);
	if (!room)
		return OBJECT_NOMEM;
	if (inflate_whole(r->inflater, l->map, room, size)) {
		(void)err_set(err, ERR_FORMAT, 0, "a loose object is damaged");
		return OBJECT_CORRUPT;
	}
	*ret = (struct object){ .type = l->type, .content = view_from(room + l->head_size, (size_t)l->size) };
	return OBJECT_OK;
}

/* The object's file in the first folder that has one. OBJECT_LIMIT when it has to be read the long way. */
static enum object_result read_small(struct object_reader *r, const struct oid *id, struct object *ret)
{
	enum object_result status = OBJECT_MISSING;
	const char *folder;
	char *room = loose_room(r, LOOSE_SMALL_BYTES);

	if (!room)
		return OBJECT_NOMEM;
	if (r->max_bytes < LOOSE_SMALL_BYTES)
		return OBJECT_LIMIT;
	for (size_t i = 0; status == OBJECT_MISSING && (folder = objects_folder(r->objects, i)); i++)
		status = loose_read_small(folder, id, objects_hash_len(r->objects), r->inflater, &r->file, room, ret);
	return status;
}

static enum object_result read_once(struct object_reader *r, const struct oid *id, struct object *ret, struct err *err)
{
	struct loose l;
	uint64_t at;
	const struct packfile *p = object_find_packed(r, id, &at);
	enum object_result status;

	if (p)
		return object_read_at(r, p, at, ret, err);
	status = read_small(r, id, ret);
	if (status != OBJECT_LIMIT)
		return status;
	status = object_find_loose(r, id, &l, err);
	if (status == OBJECT_OK) {
		status = object_read_loose(r, &l, ret, err);
		loose_done(&l);
	}
	return status;
}

enum object_result object_read(struct object_reader *r, const struct oid *id, struct object *ret, struct err *err)
{
	enum object_result status = read_once(r, id, ret, err);

	if (status == OBJECT_MISSING && objects_refresh(r->objects, NULL) > 0)
		status = read_once(r, id, ret, err);
	return status;
}
