/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/treefind.h"

#include "common/base/text.h"

/* The tree that a commit or a tree is about. */
static enum object_result read_tree(struct object_reader *r, size_t hash_len, const struct oid *id, struct object *ret)
{
	enum object_result status = object_read(r, id, ret, NULL);
	struct commit commit;

	if (status != OBJECT_OK || ret->type != OBJECT_COMMIT)
		return status == OBJECT_OK && ret->type != OBJECT_TREE ? OBJECT_CORRUPT : status;
	if (commit_parse(ret->content, hash_len, &commit))
		return OBJECT_CORRUPT;
	status = object_read(r, &commit.tree, ret, NULL);
	return status == OBJECT_OK && ret->type != OBJECT_TREE ? OBJECT_CORRUPT : status;
}

enum object_result treefind_path(struct object_reader *r, size_t hash_len, const struct oid *treeish, struct view path,
				 struct oid *ret, enum tree_mode *ret_mode)
{
	struct oid at = *treeish;

	for (;;) {
		size_t slash = text_find_byte(path, '/');
		struct view name = view_sub(path, 0, slash), rest;
		struct object object;
		struct tree_entry e;
		enum object_result status = read_tree(r, hash_len, &at, &object);
		int found;

		if (status != OBJECT_OK)
			return status;
		rest = object.content;
		while ((found = tree_next(&rest, hash_len, &e)) > 0 && !text_eq(e.name, name))
			;
		if (found <= 0)
			return found ? OBJECT_CORRUPT : OBJECT_MISSING;
		*ret = oid_from(e.id, hash_len);
		*ret_mode = e.mode;
		if (slash == SIZE_MAX)
			return OBJECT_OK;
		if (e.mode != TREE_FOLDER)
			return OBJECT_MISSING;
		at = *ret;
		path = view_sub(path, slash + 1, path.len);
	}
}
