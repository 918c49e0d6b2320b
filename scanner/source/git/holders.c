/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/holders.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "scanner/source/git/commit.h"

#define FILTER_BITS 65536
#define START 64
#define IN_WORK (OIDMAP_NONE - 1) /* of a tree that is being read: a broken store may have it hold itself */
#define EMPTY 0                   /* the node of all trees that hold nothing */
#define PATH_BYTES (1u << 20)

struct edge { /* an entry of a tree that is, or holds, a blob that is looked for */
	size_t name_at;
	uint32_t name_len, target; /* a blob's number, or a node */
	bool is_tree;
};

struct node { /* a tree that holds something */
	uint32_t set;
	size_t edges_at;
	uint32_t edge_count;
};

struct frame { /* a tree that is being read */
	struct oid id;
	char *content;
	struct view rest;
	uint32_t set;
	size_t edges_at; /* in pending */
};

struct list { /* growing; size is an item's */
	void *items;
	size_t count, cap;
};

struct visit { /* a node under a prefix, which was walked */
	uint32_t node, prefix;
};

struct holders {
	struct holders_options o;
	unsigned char filter[FILTER_BITS / 8];
	struct oidmap blobs, trees; /* id -> number; id -> node */
	struct list nodes, edges, pending, stack;
	struct buf names;
	struct list visits; /* hash table of visits; see seen() */
	size_t visit_count;
};

static int grow(struct list *l, size_t size, size_t more)
{
	size_t cap = l->cap ? l->cap : START;
	void *grown;

	while (cap - l->count < more)
		cap *= 2;
	if (cap == l->cap)
		return 0;
	grown = reallocarray(l->items, cap, size);
	if (!grown)
		return -1;
	l->items = grown;
	l->cap = cap;
	return 0;
}

static unsigned filter_key(const void *id)
{
	const unsigned char *bytes = id;

	return bytes[0] | (unsigned)bytes[1] << 8;
}

struct holders *holders_new(const struct holders_options *options)
{
	struct holders *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->o = *options;
	h->names = (struct buf)BUF_INIT((size_t)1 << 32);
	oidmap_init(&h->blobs, options->hash_len);
	oidmap_init(&h->trees, options->hash_len);
	for (size_t i = 0; i < options->blob_count; i++) {
		unsigned key = filter_key(options->blobs[i].bytes);

		h->filter[key / 8] |= (unsigned char)(1u << key % 8);
		if (oidmap_put(&h->blobs, options->blobs[i].bytes, (uint32_t)i)) {
			holders_freep(&h);
			return NULL;
		}
	}
	if (grow(&h->nodes, sizeof(struct node), 1)) {
		holders_freep(&h);
		return NULL;
	}
	((struct node *)h->nodes.items)[h->nodes.count++] = (struct node){ .set = 0 };
	return h;
}

void holders_freep(struct holders **at)
{
	struct holders *h = *at;
	struct frame *frames;

	*at = NULL;
	if (!h)
		return;
	frames = h->stack.items;
	for (size_t i = 0; i < h->stack.count; i++)
		free(frames[i].content);
	oidmap_done(&h->blobs);
	oidmap_done(&h->trees);
	free(h->nodes.items);
	free(h->edges.items);
	free(h->pending.items);
	free(h->stack.items);
	free(h->visits.items);
	buf_done(&h->names);
	free(h);
}

static struct node *node_at(const struct holders *h, uint32_t node)
{
	return (struct node *)h->nodes.items + node;
}

static uint32_t find_blob(const struct holders *h, const char *id)
{
	unsigned key = filter_key(id);

	if (!(h->filter[key / 8] >> key % 8 & 1))
		return OIDMAP_NONE;
	return oidmap_get(&h->blobs, id);
}

/* Starts to read a tree. 0 also when it cannot be read: then it holds nothing. -1 when there is no memory. */
static int open_tree(struct holders *h, const struct oid *id)
{
	struct frame frame = { .id = *id, .edges_at = h->pending.count };
	struct object object;
	enum object_result status = object_read(h->o.reader, id, &object, NULL);

	if (status == OBJECT_OK && object.type != OBJECT_TREE)
		status = OBJECT_CORRUPT;
	if (status == OBJECT_NOMEM)
		return -1;
	if (status != OBJECT_OK) {
		h->o.unread(h->o.context, id, object_unread(status));
		return oidmap_put(&h->trees, id->bytes, EMPTY);
	}
	frame.content = malloc(object.content.len + 1);
	if (!frame.content || grow(&h->stack, sizeof(frame), 1) || oidmap_put(&h->trees, id->bytes, IN_WORK)) {
		free(frame.content);
		return -1;
	}
	memcpy(frame.content, object.content.ptr, object.content.len);
	frame.rest = view_from(frame.content, object.content.len);
	((struct frame *)h->stack.items)[h->stack.count++] = frame;
	return 0;
}

static int add_edge(struct holders *h, const struct tree_entry *e, uint32_t target, uint32_t set, struct frame *f)
{
	struct edge edge = { .name_at = h->names.len,
			     .name_len = (uint32_t)e->name.len,
			     .target = target,
			     .is_tree = e->mode == TREE_FOLDER };

	if (grow(&h->pending, sizeof(edge), 1) || buf_add(&h->names, e->name))
		return -1;
	((struct edge *)h->pending.items)[h->pending.count++] = edge;
	f->set = sets_union(h->o.sets, f->set, set);
	return f->set == SETS_FAILED ? -1 : 0;
}

/* What a folder's entry leads to. 1: it has to be read first; 0, or -1. */
static int take_folder(struct holders *h, const struct tree_entry *e, struct frame *f)
{
	uint32_t node = oidmap_get(&h->trees, e->id);

	if (node == OIDMAP_NONE && h->stack.count == GIT_TREE_DEPTH) {
		h->o.unread(h->o.context, &f->id, UNREAD_LIMIT);
		return 0;
	}
	if (node == OIDMAP_NONE)
		return 1;
	if (node == EMPTY || node == IN_WORK)
		return 0;
	return add_edge(h, e, node, node_at(h, node)->set, f);
}

/* The tree on top is read to its end: makes its node. */
static int close_tree(struct holders *h)
{
	struct frame *f = (struct frame *)h->stack.items + --h->stack.count;
	size_t count = h->pending.count - f->edges_at;
	uint32_t number = EMPTY;

	free(f->content);
	if (count) {
		number = (uint32_t)h->nodes.count;
		if (grow(&h->nodes, sizeof(struct node), 1) || grow(&h->edges, sizeof(struct edge), count))
			return -1;
		*node_at(h, number) =
			(struct node){ .set = f->set, .edges_at = h->edges.count, .edge_count = (uint32_t)count };
		memcpy((struct edge *)h->edges.items + h->edges.count, (struct edge *)h->pending.items + f->edges_at,
		       count * sizeof(struct edge));
		h->nodes.count++;
		h->edges.count += count;
		h->pending.count = f->edges_at;
	}
	return oidmap_put(&h->trees, f->id.bytes, number);
}

/* Reads on in the tree on top until it ends or another one has to be read first. */
static int read_on(struct holders *h)
{
	struct frame *f = (struct frame *)h->stack.items + h->stack.count - 1;
	struct view before;
	struct tree_entry e;
	int status;

	for (before = f->rest; (status = tree_next(&f->rest, h->o.hash_len, &e)) > 0; before = f->rest) {
		uint32_t blob = e.mode == TREE_FILE || e.mode == TREE_LINK ? find_blob(h, e.id) : OIDMAP_NONE;
		int todo = 0;

		if (e.mode == TREE_FOLDER)
			todo = take_folder(h, &e, f);
		else if (blob != OIDMAP_NONE)
			todo = add_edge(h, &e, blob, sets_one(h->o.sets, blob), f);
		if (todo > 0) {
			struct oid id = oid_from(e.id, h->o.hash_len);

			f->rest = before; /* this entry comes once more when its tree is known */
			return open_tree(h, &id);
		}
		if (todo < 0)
			return -1;
	}
	if (status < 0)
		h->o.unread(h->o.context, &f->id, UNREAD_CORRUPT);
	return close_tree(h);
}

uint32_t holders_set(struct holders *h, const struct oid *tree)
{
	uint32_t node = oidmap_get(&h->trees, tree->bytes);

	if (h->stack.count > 0) /* an earlier call came to no end */
		return SETS_FAILED;
	if (node != OIDMAP_NONE && node != IN_WORK)
		return node_at(h, node)->set;
	if (open_tree(h, tree))
		return SETS_FAILED;
	while (h->stack.count > 0) {
		if (h->o.stopped(h->o.context))
			return SETS_FAILED;
		if (read_on(h))
			return SETS_FAILED;
	}
	return node_at(h, oidmap_get(&h->trees, tree->bytes))->set;
}

struct walk { /* of the paths below one tree */
	struct holders *h;
	bool again;
	int (*take)(void *context, uint32_t blob, struct view path);
	void *context;
	struct buf path;
	unsigned depth, steps;
};

static uint32_t hash_path(struct view path)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < path.len; i++)
		hash = (hash ^ (unsigned char)path.ptr[i]) * 16777619u;
	return hash ? hash : 1;
}

static bool put_visit(struct visit *slots, size_t cap, struct visit v)
{
	size_t at = (v.node * 0x9E3779B1u ^ v.prefix) & (cap - 1);

	for (; slots[at].prefix; at = (at + 1) & (cap - 1))
		if (slots[at].node == v.node && slots[at].prefix == v.prefix)
			return false;
	slots[at] = v;
	return true;
}

/* Whether the node was walked under that prefix before; notes that it is now. A rare collision of the prefix's hash
 * costs one of the further places that a report names. */
static bool seen(struct holders *h, uint32_t node, struct view prefix)
{
	struct visit v = { .node = node, .prefix = hash_path(prefix) };

	if (2 * (h->visit_count + 1) > h->visits.cap) {
		size_t cap = h->visits.cap ? 2 * h->visits.cap : START;
		struct visit *old = h->visits.items, *grown = calloc(cap, sizeof(*grown));

		if (!grown)
			return false;
		for (size_t i = 0; i < h->visits.cap; i++)
			if (old[i].prefix)
				(void)put_visit(grown, cap, old[i]);
		free(old);
		h->visits.items = grown;
		h->visits.cap = cap;
	}
	if (!put_visit(h->visits.items, h->visits.cap, v))
		return true;
	h->visit_count++;
	return false;
}

static int walk_node(struct walk *w, uint32_t number)
{
	const struct node *n = node_at(w->h, number);
	size_t len = w->path.len;

	if (w->depth == GIT_TREE_DEPTH || (!w->again && seen(w->h, number, buf_view(&w->path))))
		return 0;
	w->depth++;
	for (uint32_t i = 0; i < n->edge_count; i++) {
		const struct edge *e = (const struct edge *)w->h->edges.items + n->edges_at + i;
		struct view name = view_sub(buf_view(&w->h->names), e->name_at, e->name_len);
		int status;

		if (w->steps == GIT_TREE_STEPS)
			break;
		w->steps++;
		if (len + 1 + name.len > PATH_BYTES)
			continue;
		if ((len && buf_add_byte(&w->path, '/')) || buf_add(&w->path, name))
			return -1;
		status = e->is_tree ? walk_node(w, e->target) : w->take(w->context, e->target, buf_view(&w->path));
		buf_cut(&w->path, len);
		if (status)
			return status;
	}
	w->depth--;
	return 0;
}

int holders_paths(struct holders *h, const struct oid *tree, bool again,
		  int (*take)(void *context, uint32_t blob, struct view path), void *context)
{
	struct walk w = { .h = h, .again = again, .take = take, .context = context, .path = BUF_INIT(PATH_BYTES) };
	uint32_t node = oidmap_get(&h->trees, tree->bytes);
	int ret = node == OIDMAP_NONE || node == EMPTY ? 0 : walk_node(&w, node);

	buf_done(&w.path);
	return ret;
}
