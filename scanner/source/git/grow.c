/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/grow.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "scanner/source/git/delta.h"
#include "scanner/source/git/inflate.h"
#include "scanner/source/git/room.h"

#define INFLATE_RATIO_MAX 1032u
#define STACK_START 64
#define PAUSE_OBJECTS 256
#define HELD_SHARE 2 /* of max_bytes may wait in the stack */

struct node {                     /* an object from which others grow */
	uint32_t position, child; /* child: the next to be built */
	char *content;            /* NULL: given up for lack of room, built again when it is needed */
	size_t size;
	bool is_blank;
};

struct grower {
	const struct store_ops *ops;
	unsigned worker;
	size_t max_bytes;
	void (*pause)(void *context);
	void *context;
	unsigned since_pause; /* objects */
	struct inflater *inflater;
	struct object_reader *reader;
	struct rooms rooms;
	char *delta, *sketch;
	size_t delta_cap, sketch_cap;
	struct node *stack;
	size_t depth, cap;
	size_t lowest; /* below it no node of the stack has a content that could be given up */
	bool failed;
	/* of the tree at hand */
	const struct forest *forest;
	struct store_object object;
};

struct grower *grower_new(const struct grower_options *options, struct err *err)
{
	struct grower *g = calloc(1, sizeof(*g));

	if (g) {
		*g = (struct grower){ .ops = options->ops,
				      .worker = options->worker,
				      .max_bytes = options->max_bytes,
				      .pause = options->pause,
				      .context = options->context };
		g->inflater = inflater_new();
		g->reader = object_reader_new(options->objects, options->max_bytes, err);
	}
	if (!g || !g->inflater || !g->reader) {
		grower_freep(&g);
		(void)err_nomem(err);
	}
	return g;
}

void grower_freep(struct grower **at)
{
	struct grower *g = *at;

	*at = NULL;
	if (!g)
		return;
	inflater_freep(&g->inflater);
	object_reader_freep(&g->reader);
	rooms_done(&g->rooms);
	free(g->delta);
	free(g->sketch);
	free(g->stack);
	free(g);
}

struct object_reader *grower_reader(struct grower *g)
{
	return g->reader;
}

/* Each object lies anywhere in the pack, and brings pages of it into memory. */
static void count_object(struct grower *g)
{
	if (++g->since_pause < PAUSE_OBJECTS)
		return;
	g->since_pause = 0;
	if (g->pause)
		g->pause(g->context);
}

static void tell_unread(struct grower *g, uint32_t position, enum unread reason, const char *detail)
{
	g->object.index = g->forest->index[position];
	g->ops->unread(g->ops->context, g->worker, &g->object, reason, detail);
}

static bool take_piece(void *context, const struct piece *piece)
{
	struct grower *g = context;

	g->ops->piece(g->ops->context, g->worker, &g->object, piece);
	return !g->ops->stopped(g->ops->context);
}

static bool may_be_blank(const struct grower *g)
{
	return g->ops->blank_edge && g->object.type == OBJECT_BLOB;
}

/* Hands an object on, and says whether it is blank. */
static bool hand_on(struct grower *g, uint32_t position, struct view content)
{
	if (may_be_blank(g) && g->ops->is_blank(g->ops->context, g->worker, content)) {
		g->ops->blank(g->ops->context, g->worker, content.len);
		return true;
	}
	g->object.index = g->forest->index[position];
	(void)pieces_of(content, take_piece, g);
	return false;
}

static bool push(struct grower *g, const struct node *node)
{
	if (g->depth == g->cap) {
		size_t cap = g->cap ? 2 * g->cap : STACK_START;
		struct node *grown = reallocarray(g->stack, cap, sizeof(*grown));

		if (!grown) {
			g->failed = true; /* what grows from it would be left out */
			return false;
		}
		g->stack = grown;
		g->cap = cap;
	}
	g->stack[g->depth++] = *node;
	return true;
}

/* Says of all that grows from a position that it could not be read; uses the stack above its present depth. */
static void lose_tree(struct grower *g, uint32_t position, enum unread reason)
{
	size_t floor = g->depth;
	struct node node = { .child = g->forest->child[position] };

	tell_unread(g, position, reason, NULL);
	if (node.child == FOREST_NONE)
		return;
	(void)push(g, &node);
	while (g->depth > floor) {
		struct node *top = &g->stack[g->depth - 1];
		uint32_t child = top->child;

		if (child == FOREST_NONE) {
			g->depth--;
			continue;
		}
		top->child = g->forest->next[child];
		tell_unread(g, child, reason, NULL);
		node = (struct node){ .child = g->forest->child[child] };
		if (node.child != FOREST_NONE)
			(void)push(g, &node);
	}
}

/* The same of a position and its later siblings. */
static void lose_siblings(struct grower *g, uint32_t position, enum unread reason)
{
	for (; position != FOREST_NONE; position = g->forest->next[position])
		lose_tree(g, position, reason);
}

static bool is_possible(struct view data, uint64_t size)
{
	return size / INFLATE_RATIO_MAX <= data.len;
}

/* The reason for which what stands at a position cannot be inflated, or UNREAD_COUNT: it can. */
static enum unread check_size(const struct grower *g, const struct pack_entry *e)
{
	if (!is_possible(packfile_data(g->forest->pack, e->data), e->size))
		return UNREAD_CORRUPT;
	return e->size > g->max_bytes ? UNREAD_LIMIT : UNREAD_COUNT;
}

/* Makes room for so many bytes in *block, whose content is lost. */
static bool enlarge(struct grower *g, char **block, size_t *cap, size_t size)
{
	if (size <= *cap)
		return true;
	free(*block);
	*cap = size * 2;
	*block = malloc(*cap);
	if (*block)
		return true;
	*cap = 0;
	g->failed = true;
	return false;
}

/* Inflates the delta at a position, and says how large what it makes is. */
static enum unread read_delta(struct grower *g, uint32_t position, size_t base_len, struct view *ret,
			      uint64_t *ret_size)
{
	struct pack_entry e;
	enum unread trouble;
	uint64_t base_size;
	size_t head;

	if (packfile_entry(g->forest->pack, g->forest->offset[position], &e))
		return UNREAD_CORRUPT;
	trouble = check_size(g, &e);
	if (trouble != UNREAD_COUNT)
		return trouble;
	if (!enlarge(g, &g->delta, &g->delta_cap, (size_t)e.size))
		return UNREAD_LIMIT;
	*ret = view_from(g->delta, (size_t)e.size);
	if (inflate_whole(g->inflater, packfile_data(g->forest->pack, e.data), g->delta, (size_t)e.size) ||
	    delta_sizes(*ret, &base_size, ret_size, &head))
		return UNREAD_CORRUPT;
	if (*ret_size <= g->max_bytes)
		return UNREAD_COUNT;
	return delta_is_sound(*ret, base_len, *ret_size) ? UNREAD_LIMIT : UNREAD_CORRUPT;
}

/* Looks at what a delta changes in a blank base: 1 when the result is blank as well, 0 when that is not sure, -1 for a
 * broken delta. A sketch that is as long as half the result saves nothing. */
static int sketch(struct grower *g, struct view delta, struct view base, size_t size)
{
	size_t len;
	int status;

	if (!enlarge(g, &g->sketch, &g->sketch_cap, size / 2))
		return 0;
	status = delta_sketch(delta, base, size, g->ops->blank_edge, g->sketch, size / 2, &len);
	if (status)
		return status < 0 ? -1 : 0;
	return g->ops->is_blank(g->ops->context, g->worker, view_from(g->sketch, len));
}

static enum unread apply(struct grower *g, struct view delta, struct view base, struct node *ret)
{
	ret->content = rooms_take(&g->rooms, ret->size);
	if (!ret->content) {
		g->failed = true;
		return UNREAD_LIMIT;
	}
	if (delta_apply(delta, base, ret->content, ret->size) == 0)
		return UNREAD_COUNT;
	rooms_give(&g->rooms, ret->content, ret->size);
	ret->content = NULL;
	return UNREAD_CORRUPT;
}

/* Makes what grows from a base, and hands it on. Its block is the caller's; there is none when nothing grows from
 * it and it was not needed. */
static enum unread build(struct grower *g, uint32_t position, const struct node *base, struct node *ret)
{
	struct view from = view_from(base->content, base->size), delta;
	uint64_t size;
	enum unread trouble = read_delta(g, position, from.len, &delta, &size);
	int blank;

	if (trouble != UNREAD_COUNT)
		return trouble;
	*ret = (struct node){ .position = position, .child = g->forest->child[position], .size = (size_t)size };
	blank = base->is_blank ? sketch(g, delta, from, ret->size) : 0;
	if (blank < 0)
		return UNREAD_CORRUPT;
	if (blank && ret->child == FOREST_NONE) {
		g->ops->blank(g->ops->context, g->worker, size);
		return UNREAD_COUNT;
	}
	trouble = apply(g, delta, from, ret);
	if (trouble != UNREAD_COUNT)
		return trouble;
	ret->is_blank = blank;
	if (blank)
		g->ops->blank(g->ops->context, g->worker, size);
	else
		ret->is_blank = hand_on(g, position, view_from(ret->content, ret->size));
	return UNREAD_COUNT;
}

/* Gives up contents at the bottom of the stack while too much is held. */
static void make_room(struct grower *g)
{
	for (; g->rooms.used_bytes > g->max_bytes / HELD_SHARE && g->lowest + 1 < g->depth; g->lowest++) {
		struct node *n = &g->stack[g->lowest];

		rooms_give(&g->rooms, n->content, n->size);
		n->content = NULL;
	}
}

/* Reads an object that does not grow from what is held, with all that it is made from. */
static enum unread read_again(struct grower *g, uint32_t position, struct object *ret)
{
	enum object_result status = object_read_at(g->reader, g->forest->pack, g->forest->offset[position], ret, NULL);

	g->failed |= status == OBJECT_NOMEM;
	return status == OBJECT_OK ? UNREAD_COUNT : object_unread(status);
}

/* Builds the content of a node again that was given up. */
static enum unread restore(struct grower *g, struct node *n)
{
	struct object object;
	enum unread trouble = read_again(g, n->position, &object);

	if (trouble != UNREAD_COUNT)
		return trouble;
	if (object.content.len != n->size)
		return UNREAD_CORRUPT;
	n->content = rooms_take(&g->rooms, n->size);
	if (!n->content) {
		g->failed = true;
		return UNREAD_LIMIT;
	}
	memcpy(n->content, object.content.ptr, n->size);
	return UNREAD_COUNT;
}

/* Takes the top's next child off it; a top that has no more is let go once the child is built. */
static void grow_child(struct grower *g)
{
	struct node *top = &g->stack[g->depth - 1], base, child;
	uint32_t position = top->child;
	enum unread trouble = top->content ? UNREAD_COUNT : restore(g, top);

	if (trouble != UNREAD_COUNT) {
		g->depth--;
		lose_siblings(g, position, trouble);
		return;
	}
	count_object(g);
	top->child = g->forest->next[position];
	if (top->child != FOREST_NONE) /* it will be wanted soon, and lies anywhere */
		__builtin_prefetch(g->forest->pack->pack.ptr + g->forest->offset[top->child]);
	if (g->lowest >= g->depth)
		g->lowest = g->depth - 1;
	base = *top;
	if (base.child == FOREST_NONE)
		g->depth--;
	trouble = build(g, position, &base, &child);
	if (base.child == FOREST_NONE)
		rooms_give(&g->rooms, base.content, base.size);
	if (g->lowest > g->depth)
		g->lowest = g->depth;
	if (trouble != UNREAD_COUNT) {
		lose_tree(g, position, trouble);
		return;
	}
	if (child.child == FOREST_NONE || !push(g, &child))
		rooms_give(&g->rooms, child.content, child.size);
	else
		make_room(g);
}

/* A root that is too large to be held goes through a window, as does a large one from which nothing grows. */
static bool is_streamed(const struct grower *g, uint32_t position, const struct pack_entry *e)
{
	return e->size > g->max_bytes || (g->forest->child[position] == FOREST_NONE && e->size > GIT_STREAM_BYTES);
}

static void stream_root(struct grower *g, uint32_t position)
{
	enum object_result status;

	g->object.index = g->forest->index[position];
	status = object_pieces_at(g->reader, g->forest->pack, g->forest->offset[position], take_piece, g, NULL);
	if (status == OBJECT_NOMEM)
		g->failed = true;
	else if (status != OBJECT_OK)
		tell_unread(g, position, UNREAD_CORRUPT, NULL);
	lose_siblings(g, g->forest->child[position], status == OBJECT_OK ? UNREAD_LIMIT : UNREAD_CORRUPT);
}

/* A root's content: inflated, or of a delta with a far base built by the reader. */
static enum unread read_root(struct grower *g, uint32_t position, struct node *ret)
{
	struct pack_entry e;
	enum unread trouble;

	if (packfile_entry(g->forest->pack, g->forest->offset[position], &e))
		return UNREAD_CORRUPT;
	trouble = check_size(g, &e);
	if (trouble != UNREAD_COUNT)
		return trouble;
	*ret = (struct node){ .position = position, .child = g->forest->child[position], .size = (size_t)e.size };
	ret->content = rooms_take(&g->rooms, ret->size);
	if (!ret->content) {
		g->failed = true;
		return UNREAD_LIMIT;
	}
	if (inflate_whole(g->inflater, packfile_data(g->forest->pack, e.data), ret->content, ret->size) == 0)
		return UNREAD_COUNT;
	rooms_give(&g->rooms, ret->content, ret->size);
	return UNREAD_CORRUPT;
}

/* A delta whose base is not in this pack's index. */
static enum unread read_far(struct grower *g, uint32_t position, struct node *ret)
{
	struct object object;
	enum unread trouble = read_again(g, position, &object);

	if (trouble != UNREAD_COUNT)
		return trouble;
	*ret = (struct node){ .position = position, .child = g->forest->child[position], .size = object.content.len };
	ret->content = rooms_take(&g->rooms, ret->size);
	if (!ret->content) {
		g->failed = true;
		return UNREAD_LIMIT;
	}
	memcpy(ret->content, object.content.ptr, ret->size);
	g->object.type = object.type;
	return UNREAD_COUNT;
}

static void grow_tree(struct grower *g, uint32_t position, unsigned types)
{
	enum forest_kind kind = (enum forest_kind)g->forest->kind[position];
	struct pack_entry e;
	struct node root;
	enum unread trouble;

	count_object(g);
	g->object = (struct store_object){ .type = (enum object_type)kind, .pack = g->forest->pack };
	if (kind == FOREST_FAR) {
		g->object.type = OBJECT_NONE;
		trouble = read_far(g, position, &root);
	} else if (packfile_entry(g->forest->pack, g->forest->offset[position], &e) == 0 &&
		   is_streamed(g, position, &e)) {
		stream_root(g, position);
		return;
	} else {
		trouble = read_root(g, position, &root);
	}
	if (trouble != UNREAD_COUNT) {
		lose_tree(g, position, trouble);
		return;
	}
	if (!(types >> g->object.type & 1)) {
		rooms_give(&g->rooms, root.content, root.size);
		return;
	}
	root.is_blank = hand_on(g, position, view_from(root.content, root.size));
	if (root.child == FOREST_NONE || !push(g, &root))
		rooms_give(&g->rooms, root.content, root.size);
	while (g->depth > 0 && !g->ops->stopped(g->ops->context))
		grow_child(g);
	while (g->depth > 0) {
		struct node *top = &g->stack[--g->depth];

		rooms_give(&g->rooms, top->content, top->size);
	}
	g->lowest = 0;
}

bool grower_walk(struct grower *g, const struct forest *f, uint32_t from, uint32_t to, unsigned types)
{
	g->forest = f;
	for (uint32_t i = from; i < to && !g->failed; i++) {
		enum forest_kind kind = (enum forest_kind)f->kind[i];

		if (kind == FOREST_DELTA)
			continue;
		if (kind == FOREST_BROKEN || kind == FOREST_CYCLE) {
			g->object = (struct store_object){ .type = OBJECT_NONE, .pack = f->pack };
			if (kind == FOREST_BROKEN)
				lose_tree(g, i, UNREAD_CORRUPT);
			else
				tell_unread(g, i, UNREAD_CORRUPT, "deltas lead in a circle");
			continue;
		}
		if (g->ops->stopped(g->ops->context))
			break;
		if (kind == FOREST_FAR || types >> kind & 1)
			grow_tree(g, i, types);
	}
	return !g->failed;
}
