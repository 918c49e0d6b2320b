/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/indexdiff.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/source/git/commit.h"

#define NO_FOLDER UINT32_MAX
#define STAGE_BASE 1 /* of a conflict: what both sides started from, and has been committed */

struct walk {
	const struct indexdiff *d;
	struct gitindex_cursor cursor;
	bool has; /* cursor is at an entry */
	size_t hash_len;
	struct err *err;
};

/* One folder that index and tree both have. */
struct level {
	struct view prefix;   /* of its paths, with the final slash */
	struct buf tree;      /* the tree's content: the reader's is gone at its next call */
	struct view rest;     /* of it */
	struct tree_entry at; /* the tree's entry at hand */
	bool has;
	uint32_t *children; /* numbers of the index's folders in this one */
	size_t child_count;
	unsigned depth;
};

static void level_done(struct level *l)
{
	buf_done(&l->tree);
	free(l->children);
}

/* Nothing can be found in it; and git knows it without any store holding it. */
static bool is_empty_blob(const unsigned char *id, size_t hash_len)
{
	static const unsigned char sha1[] = "\xe6\x9d\xe2\x9b\xb2\xd1\xd6\x43\x4b\x8b\x29\xae\x77\x5a\xd8\xc2\xe4\x8c"
					    "\x53\x91";
	static const unsigned char sha256[] =
		"\x47\x3a\x0f\x4c\x3b\xe8\xa9\x36\x81\xa2\x67\xe3\xb1\xe9\xa7\xdc\xda\x11\x85"
		"\x43\x6f\xe1\x41\xf7\x74\x91\x20\xa3\x03\x72\x18\x13";

	return memcmp(id, hash_len == OID_SHA1_BYTES ? sha1 : sha256, hash_len) == 0;
}

bool indexdiff_is_content(const struct gitindex_entry *entry, size_t hash_len)
{
	return (entry->mode & GITINDEX_MODE_TYPE) != GITINDEX_MODE_MODULE && !entry->intent_to_add &&
	       entry->stage != STAGE_BASE && !is_empty_blob(entry->id, hash_len);
}

static void move(struct walk *w)
{
	w->has = gitindex_next(&w->cursor);
}

static int take(struct walk *w, const struct oid *before)
{
	const struct gitindex_entry *e = &w->cursor.entry;

	if (!indexdiff_is_content(e, w->hash_len) || (before && memcmp(e->id, before->bytes, w->hash_len) == 0))
		return 0;
	return w->d->changed(w->d->context, e, before);
}

static void next_in_tree(const struct walk *w, struct level *l)
{
	int status = l->has ? tree_next(&l->rest, w->hash_len, &l->at) : 0;

	l->has = status > 0;
	if (status < 0) /* what is left of the index counts as changed */
		w->d->unread(w->d->context, l->prefix, OBJECT_CORRUPT);
}

/* Reads the tree that stands for the folder. One that cannot be read is as good as empty. 0, or -1 with err. */
static int open_tree(const struct walk *w, struct level *l, const struct oid *tree)
{
	enum object_result status;
	struct object object;

	l->tree = (struct buf)BUF_INIT(SIZE_MAX / 2);
	if (!tree)
		return 0;
	status = object_read(w->d->reader, tree, &object, NULL);
	if (status == OBJECT_OK && object.type != OBJECT_TREE)
		status = OBJECT_CORRUPT;
	if (status == OBJECT_NOMEM || (status == OBJECT_OK && buf_add(&l->tree, object.content)))
		return err_nomem(w->err);
	if (status != OBJECT_OK)
		w->d->unread(w->d->context, l->prefix, status);
	l->rest = buf_view(&l->tree);
	l->has = status == OBJECT_OK;
	next_in_tree(w, l);
	return 0;
}

/* Notes which folders of the index are directly in the one of that number. 0, or -1 with err. */
static int list_children(const struct walk *w, struct level *l, uint32_t number)
{
	const struct gitindex_folder *folders = w->d->index->folders;

	if (number == NO_FOLDER || folders[number].children == 0)
		return 0;
	l->children = calloc(folders[number].children, sizeof(*l->children));
	if (!l->children)
		return err_nomem(w->err);
	for (uint32_t next = number + 1; l->child_count < folders[number].children; next = folders[next].next)
		l->children[l->child_count++] = next;
	return 0;
}

/* The index's folder of that name; NO_FOLDER. Git sorts them by length, then by bytes. */
static uint32_t find_child(const struct walk *w, const struct level *l, struct view name)
{
	size_t from = 0, to = l->child_count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		const struct gitindex_folder *f = &w->d->index->folders[l->children[middle]];
		struct view there = view_from(f->name, f->name_len);
		int order = there.len == name.len ? memcmp(there.ptr, name.ptr, name.len)
						  : (there.len > name.len) - (there.len < name.len);

		if (order == 0)
			return l->children[middle];
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NO_FOLDER;
}

/* Compares names as trees are sorted: a folder's ends in a slash. */
static int compare_names(struct view a, bool a_is_folder, struct view b, bool b_is_folder)
{
	size_t shared = a.len < b.len ? a.len : b.len;
	int order = memcmp(a.ptr, b.ptr, shared), x, y;

	if (order)
		return order;
	x = a.len > shared ? (unsigned char)a.ptr[shared] : a_is_folder ? '/' : 0;
	y = b.len > shared ? (unsigned char)b.ptr[shared] : b_is_folder ? '/' : 0;
	return x - y;
}

static int walk_folder(struct walk *w, struct view prefix, const struct oid *tree, uint32_t number, unsigned depth);

/* Index and tree both have a folder of that name, the cursor is at its first entry. path is its own copy of the entry's
 * path up to there, with the slash. */
static int enter(struct walk *w, struct level *l, struct view name)
{
	DEFER(buf_done) struct buf path = BUF_INIT(SIZE_MAX / 2);
	struct oid id = oid_from(l->at.id, w->hash_len);
	uint32_t number = find_child(w, l, name);
	const struct gitindex_folder *f = number == NO_FOLDER ? NULL : &w->d->index->folders[number];

	if (buf_add(&path, view_sub(w->cursor.entry.path, 0, l->prefix.len + name.len + 1)))
		return err_nomem(w->err);
	if (!f || !f->id || memcmp(f->id, id.bytes, w->hash_len) != 0)
		return walk_folder(w, buf_view(&path), &id, number, l->depth + 1);
	w->has = gitindex_skip(&w->cursor, buf_view(&path), f->entries);
	return 0;
}

/* The entry at the cursor, which is in the folder. */
static int step(struct walk *w, struct level *l)
{
	struct view rest = view_sub(w->cursor.entry.path, l->prefix.len, SIZE_MAX);
	size_t slash = text_find_byte(rest, '/');
	struct view name = view_sub(rest, 0, slash);
	int order = -1, ret;

	if (l->has)
		order = compare_names(name, slash != SIZE_MAX, l->at.name, l->at.mode == TREE_FOLDER);
	if (order > 0) {
		next_in_tree(w, l);
		return 0;
	}
	if (order == 0 && slash != SIZE_MAX)
		return enter(w, l, name);
	if (order == 0 && l->at.mode != TREE_SUBMODULE) {
		struct oid before = oid_from(l->at.id, w->hash_len);

		ret = take(w, &before);
	} else {
		ret = take(w, NULL);
	}
	move(w);
	return ret;
}

static int walk_folder(struct walk *w, struct view prefix, const struct oid *tree, uint32_t number, unsigned depth)
{
	DEFER(level_done) struct level l = { .prefix = prefix, .depth = depth };
	int ret = 0;

	if (depth > GIT_TREE_DEPTH)
		return err_set(w->err, ERR_LIMIT, 0, "the index has folders more than %d deep", GIT_TREE_DEPTH);
	if (open_tree(w, &l, tree) || list_children(w, &l, number))
		return -1;
	while (ret == 0 && w->has && text_starts(w->cursor.entry.path, prefix))
		ret = step(w, &l);
	return ret;
}

int indexdiff_run(struct indexdiff *d, const struct oid *tree, struct err *err)
{
	const struct gitindex *x = d->index;
	struct walk w = { .d = d, .hash_len = x->hash_len, .err = err };
	int ret;

	if (tree && x->folder_count && x->folders[0].id && memcmp(x->folders[0].id, tree->bytes, x->hash_len) == 0)
		return 0;
	if (gitindex_start(x, &w.cursor, err))
		return -1;
	move(&w);
	ret = walk_folder(&w, VIEW_NONE, tree, x->folder_count ? 0 : NO_FOLDER, 0);
	d->has_stages = w.cursor.has_stages;
	if (ret == 0 && w.cursor.is_damaged)
		ret = err_set(err, ERR_FORMAT, 0, "the index has an entry that reaches past its end");
	gitindex_end(&w.cursor);
	return ret;
}
