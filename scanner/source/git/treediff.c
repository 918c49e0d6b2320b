/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/treediff.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/source/git/commit.h"

#define PATH_BYTES (1u << 20)
#define START 64

struct listing { /* of a tree: its entries by name, those of one name in the tree's order */
	char *content;
	struct tree_entry *entries;
	size_t count;
};

struct walk {
	const struct treediff *d;
	struct buf path;
	unsigned depth, entries;
};

static void listing_done(struct listing *l)
{
	free(l->content);
	free(l->entries);
	*l = (struct listing){ .count = 0 };
}

/* The order of paths: what is in a folder comes where its name and a slash would. */
static int compare_names(struct view a, bool a_is_folder, struct view b, bool b_is_folder)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common ? memcmp(a.ptr, b.ptr, common) : 0, c, d;

	if (order)
		return order;
	c = a.len > common ? (unsigned char)a.ptr[common] : a_is_folder ? '/' : -1;
	d = b.len > common ? (unsigned char)b.ptr[common] : b_is_folder ? '/' : -1;
	return (c > d) - (c < d);
}

static bool is_folder(const struct tree_entry *e)
{
	return e->mode == TREE_FOLDER;
}

static int by_name(const void *a, const void *b)
{
	const struct tree_entry *x = a, *y = b;
	int order = compare_names(x->name, is_folder(x), y->name, is_folder(y));

	return order ? order : (x->id > y->id) - (x->id < y->id);
}

static int list_entries(const struct treediff *d, const struct oid *id, struct view content, struct listing *ret)
{
	struct tree_entry e;
	size_t cap = 0;
	int status;

	while ((status = tree_next(&content, d->hash_len, &e)) > 0) {
		if (ret->count == cap) {
			struct tree_entry *grown;

			cap = cap ? 2 * cap : START;
			grown = reallocarray(ret->entries, cap, sizeof(*grown));
			if (!grown)
				return -1;
			ret->entries = grown;
		}
		ret->entries[ret->count++] = e;
	}
	if (status < 0)
		d->unread(d->context, id, UNREAD_CORRUPT);
	if (ret->count)
		qsort(ret->entries, ret->count, sizeof(*ret->entries), by_name);
	return 0;
}

/* Reads a tree; one that cannot be read is told, and empty. 0, or -1 when there is no memory. */
static int list_tree(const struct treediff *d, const struct oid *id, struct listing *ret)
{
	struct object object;
	enum object_result status = object_read(d->reader, id, &object, NULL);

	*ret = (struct listing){ .count = 0 };
	if (status == OBJECT_OK && object.type != OBJECT_TREE)
		status = OBJECT_CORRUPT;
	if (status == OBJECT_NOMEM)
		return -1;
	if (status != OBJECT_OK) {
		d->unread(d->context, id, object_unread(status));
		return 0;
	}
	ret->content = malloc(object.content.len + 1);
	if (!ret->content)
		return -1;
	memcpy(ret->content, object.content.ptr, object.content.len);
	return list_entries(d, id, view_from(ret->content, object.content.len), ret);
}

/* Whether an entry has the name and is of the same kind: a folder, or something else. */
static bool is_same(const struct tree_entry *a, const struct tree_entry *b)
{
	return is_folder(a) == is_folder(b) && text_eq(a->name, b->name);
}

/* Position of the first entry that is_same, or count. */
static size_t find(const struct listing *l, const struct tree_entry *e)
{
	size_t from = 0, to = l->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		const struct tree_entry *m = &l->entries[middle];

		if (compare_names(m->name, is_folder(m), e->name, is_folder(e)) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from < l->count && is_same(&l->entries[from], e) ? from : l->count;
}

static int diff(struct walk *w, const struct oid *tree, const struct oid *parents, size_t parent_count);

/* What the parents have under an entry's name: of its own kind, folder or not. true when one has the very same. */
static bool gather(const struct walk *w, const struct tree_entry *e, const struct listing *lists, size_t list_count,
		   struct oid *ret, size_t *ret_count)
{
	*ret_count = 0;
	for (size_t i = 0; i < list_count; i++) {
		for (size_t at = find(&lists[i], e); at < lists[i].count && is_same(&lists[i].entries[at], e); at++) {
			const struct tree_entry *other = &lists[i].entries[at];

			if (other->mode == TREE_SUBMODULE)
				continue;
			if (memcmp(other->id, e->id, w->d->hash_len) == 0)
				return true;
			if (*ret_count < TREEDIFF_PARENTS)
				ret[(*ret_count)++] = oid_from(other->id, w->d->hash_len);
		}
	}
	return false;
}

static int take_entry(struct walk *w, const struct tree_entry *e, const struct listing *lists, size_t list_count)
{
	struct oid before[TREEDIFF_PARENTS], id = oid_from(e->id, w->d->hash_len);
	size_t count, len = w->path.len;
	int ret;

	if (e->mode == TREE_SUBMODULE || gather(w, e, lists, list_count, before, &count))
		return 0;
	if (w->entries == GIT_DIFF_ENTRIES || len + 1 + e->name.len > PATH_BYTES) {
		w->d->unread(w->d->context, &id, UNREAD_LIMIT);
		return 0;
	}
	w->entries++;
	if ((len && buf_add_byte(&w->path, '/')) || buf_add(&w->path, e->name))
		return -1;
	if (e->mode == TREE_FOLDER)
		ret = diff(w, &id, before, count);
	else
		ret = w->d->changed(w->d->context, buf_view(&w->path), &id, before, count);
	buf_cut(&w->path, len);
	return ret;
}

static int diff(struct walk *w, const struct oid *tree, const struct oid *parents, size_t parent_count)
{
	struct listing own, lists[TREEDIFF_PARENTS];
	size_t listed = 0;
	int ret = 0;

	if (w->depth == GIT_TREE_DEPTH) {
		w->d->unread(w->d->context, tree, UNREAD_LIMIT);
		return 0;
	}
	w->depth++;
	ret = list_tree(w->d, tree, &own);
	for (; listed < parent_count && ret == 0; listed++)
		ret = list_tree(w->d, &parents[listed], &lists[listed]);
	for (size_t i = 0; i < own.count && ret == 0; i++)
		ret = take_entry(w, &own.entries[i], lists, listed);
	listing_done(&own);
	while (listed > 0)
		listing_done(&lists[--listed]);
	w->depth--;
	return ret;
}

int treediff_run(const struct treediff *d, const struct oid *tree, const struct oid *parents, size_t parent_count)
{
	struct walk w = { .d = d, .path = BUF_INIT(PATH_BYTES) };
	int ret = 0;

	if (parent_count > TREEDIFF_PARENTS)
		parent_count = TREEDIFF_PARENTS;
	for (size_t i = 0; i < parent_count; i++)
		if (oid_eq(tree, &parents[i]))
			return 0;
	ret = diff(&w, tree, parents, parent_count);
	buf_done(&w.path);
	return ret;
}
