/* SPDX-License-Identifier: Apache-2.0 */
/* Deltas of a bundle: trees, each grown from a whole object, are walked from their roots, depth first, so that each is
 * built once from what is still in memory. What has nothing more to grow from it is given up at once: a chain, however
 * long, takes two contents. Where trees fork at more places than can be held, the outermost are built again. */
#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "scanner/source/git/delta.h"
#include "scanner/unpack/bundle_walk.h"

struct frame { /* an object on the way from a root to the one at hand */
	uint32_t entry;
	uint32_t next; /* the delta made from it that comes next */
	char *content; /* NULL: given up, or not built yet */
	size_t size;   /* of content, as it was when it was built */
};

struct undo {
	struct bundle_walk *w;
	enum object_type type; /* of the root, and so of all that grows from it */
	struct frame *frames;
	size_t depth, cap;
	size_t held_bytes; /* of the contents of frames */
	size_t lowest;     /* no frame below this one has a content */
};

/* Deltas by offset, tied to their bases: first those from which nothing grows, so that what grows on comes last and
 * its base need not be held. */
static void tie(struct bundle_walk *w)
{
	for (unsigned leaves = 0; leaves < 2; leaves++)
		for (size_t i = w->count; i-- > 0;) {
			struct bundle_entry *e = &w->entries[i];

			if (e->base == BUNDLE_NONE || e->is_base == leaves)
				continue;
			e->next = w->entries[e->base].child;
			w->entries[e->base].child = (uint32_t)i;
		}
}

/* Deltas by id that wait for an object which has now been read grow from it. 0 or -1. */
static int tie_waiting(struct bundle_walk *w, const void *id, uint32_t base)
{
	uint32_t first = w->waiting.count ? oidmap_get(&w->waiting, id) : BUNDLE_NONE, last = first;

	if (first == BUNDLE_NONE)
		return 0;
	while (w->entries[last].next != BUNDLE_NONE)
		last = w->entries[last].next;
	w->entries[last].next = w->entries[base].child;
	w->entries[base].child = first;
	return oidmap_put(&w->waiting, id, BUNDLE_NONE) ? bundle_no_memory(w) : 0;
}

static int tie_roots(struct bundle_walk *w)
{
	for (size_t i = 0; i < w->waiting.count; i++) {
		struct oid id = oid_from(w->waiting.ids + i * w->hash_len, w->hash_len);
		uint32_t base = oidmap_get(&w->found, id.bytes);

		if (base != OIDMAP_NONE && tie_waiting(w, id.bytes, base))
			return -1;
	}
	return 0;
}

static void give_content(struct undo *u, struct frame *f)
{
	if (f->content)
		u->held_bytes -= f->size;
	free(f->content);
	f->content = NULL;
}

/* Gives contents up from the root on until the rest may be held; the last one stays. */
static void shed(struct undo *u)
{
	for (; u->held_bytes > BUNDLE_HELD_BYTES && u->lowest + 1 < u->depth; u->lowest++)
		give_content(u, &u->frames[u->lowest]);
}

/* Goes on with what grows from f, whose content is taken over. */
static void push(struct undo *u, struct frame *f)
{
	struct frame *grown = grow_items(u->frames, u->depth, &u->cap, sizeof(*grown));

	if (!grown) {
		give_content(u, f);
		(void)bundle_no_memory(u->w);
		return;
	}
	u->frames = grown;
	f->next = u->w->entries[f->entry].child;
	u->frames[u->depth++] = *f;
	shed(u);
}

static void pop(struct undo *u)
{
	give_content(u, &u->frames[--u->depth]);
	if (u->lowest > u->depth)
		u->lowest = u->depth;
}

/* What an entry's stream has, in the room of the walk. 0; 1 when it is damaged or too large; -1 when the walk is
 * over. */
static int read_entry(struct bundle_walk *w, uint32_t entry)
{
	struct pack_entry e;
	size_t used;

	buf_clear(&w->room);
	if (pack_entry_read(w->pack, w->hash_len, w->entries[entry].at, &e) || e.size > BUNDLE_OBJECT_BYTES)
		return 1;
	if (buf_reserve(&w->room, (size_t)e.size + 1))
		return bundle_no_memory(w);
	if (inflate_used(w->inflater, bundle_stream(w, &e), w->room.ptr, (size_t)e.size, &used))
		return 1;
	w->room.len = (size_t)e.size;
	return 0;
}

/* Room for the content of a frame. 0 or -1. */
static int make_room(struct undo *u, struct frame *f, size_t size)
{
	f->content = malloc(size + 1);
	f->size = size;
	if (!f->content)
		return bundle_no_memory(u->w);
	u->held_bytes += size;
	return 0;
}

/* The content of the root, with the results of read_entry. */
static int build_root(struct undo *u)
{
	struct bundle_walk *w = u->w;
	int status = read_entry(w, u->frames[0].entry);

	if (status)
		return status;
	if (bundle_charge_again(w, w->room.len) || make_room(u, &u->frames[0], w->room.len))
		return -1;
	if (w->room.len)
		memcpy(u->frames[0].content, w->room.ptr, w->room.len);
	return 0;
}

/* The content of f, which is made from that of base, likewise. */
static int build(struct undo *u, const struct frame *base, struct frame *f, bool is_again)
{
	struct bundle_walk *w = u->w;
	struct view content = view_from(base->content, base->size);
	uint64_t base_size, size;
	size_t head;
	int status = read_entry(w, f->entry);

	if (status)
		return status;
	if (delta_sizes(buf_view(&w->room), &base_size, &size, &head))
		return 1;
	if (size > BUNDLE_OBJECT_BYTES) {
		if (delta_is_sound(buf_view(&w->room), content.len, size))
			bundle_too_large(w, f->entry);
		return 1;
	}
	if (is_again ? bundle_charge_again(w, w->room.len + size) : bundle_charge(w, size))
		return -1;
	if (make_room(u, f, (size_t)size))
		return -1;
	if (delta_apply(buf_view(&w->room), content, f->content, (size_t)size) == 0)
		return 0;
	give_content(u, f);
	return 1;
}

/* Builds the content of the last frame, from the nearest one that is held, likewise. */
static int rebuild(struct undo *u)
{
	size_t from = u->depth - 1, kept;
	int status = 0;

	while (from > 0 && !u->frames[from].content)
		from--;
	kept = u->frames[from].content ? from : SIZE_MAX;
	if (kept == SIZE_MAX)
		status = build_root(u);
	for (size_t to = from + 1; to < u->depth && status == 0; to++) {
		status = build(u, &u->frames[to - 1], &u->frames[to], true);
		if (to - 1 != kept)
			give_content(u, &u->frames[to - 1]);
	}
	if (u->lowest + 1 > u->depth)
		u->lowest = u->depth - 1;
	return status;
}

/* An object has been made: hands it on, and goes on with what grows from it. */
static void take_made(struct undo *u, struct frame *made)
{
	struct bundle_walk *w = u->w;
	struct oid id;

	if (bundle_take(w, made->entry, u->type, view_from(made->content, made->size), &id) == 0 &&
	    tie_waiting(w, id.bytes, made->entry) == 0 && w->entries[made->entry].child != BUNDLE_NONE)
		push(u, made);
	else
		give_content(u, made);
}

static void step(struct undo *u)
{
	struct bundle_walk *w = u->w;
	struct frame *f = &u->frames[u->depth - 1], made = { .entry = f->next };
	int status;

	if (f->next == BUNDLE_NONE) {
		pop(u);
		return;
	}
	f->next = w->entries[made.entry].next;
	if (w->entries[made.entry].is_done)
		return;
	status = f->content ? 0 : rebuild(u);
	if (status == 0)
		status = build(u, f, &made, false);
	if (status > 0 && !w->entries[made.entry].is_told)
		bundle_damaged(w, w->entries[made.entry].at);
	if (f->next == BUNDLE_NONE)
		give_content(u, f);
	if (status == 0)
		take_made(u, &made);
}

/* All that grows from a whole object. */
static void walk_root(struct undo *u, uint32_t root)
{
	struct bundle_walk *w = u->w;
	struct pack_entry e;

	if (pack_entry_read(w->pack, w->hash_len, w->entries[root].at, &e) == 0 && e.size > BUNDLE_OBJECT_BYTES) {
		for (uint32_t i = w->entries[root].child; i != BUNDLE_NONE && bundle_goes_on(w); i = w->entries[i].next)
			bundle_too_large(w, i);
		return;
	}
	u->type = (enum object_type)w->entries[root].type;
	push(u, &(struct frame){ .entry = root });
	while (u->depth && bundle_goes_on(w))
		step(u);
	while (u->depth)
		pop(u);
	u->lowest = 0;
}

/* A delta whose base is not to be had: what is new in it stands in it. */
static void take_own(struct bundle_walk *w, uint32_t entry)
{
	DEFER(freep) char *own = NULL;
	size_t len;

	if (read_entry(w, entry))
		return;
	own = malloc(w->room.len + 1);
	if (!own) {
		(void)bundle_no_memory(w);
		return;
	}
	(void)delta_own(buf_view(&w->room), own, w->room.len, &len);
	bundle_take_part(w, w->entries[entry].at, view_from(own, len));
}

/* What is left: bases that are not in the bundle, and deltas from which nothing could be made. */
static void take_rest(struct bundle_walk *w)
{
	for (size_t i = 0; i < w->waiting.count && bundle_goes_on(w); i++) {
		struct oid id = oid_from(w->waiting.ids + i * w->hash_len, w->hash_len);

		if (w->waiting.values[i] != BUNDLE_NONE)
			bundle_missing(w, &id);
	}
	for (size_t i = 0; i < w->count && bundle_goes_on(w); i++)
		if (w->entries[i].type == OBJECT_NONE && !w->entries[i].is_done)
			take_own(w, (uint32_t)i);
}

void bundle_undo(struct bundle_walk *w)
{
	struct undo u = { .w = w };

	if (!bundle_goes_on(w))
		return;
	tie(w);
	if (tie_roots(w))
		return;
	for (size_t i = 0; i < w->count && bundle_goes_on(w); i++)
		if (w->entries[i].type != OBJECT_NONE && w->entries[i].child != BUNDLE_NONE)
			walk_root(&u, (uint32_t)i);
	take_rest(w);
	free(u.frames);
}
