/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/leftout.h"

#include "common/base/text.h"

static bool has_entry(const struct file_list *list, struct view name)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = text_cmp(view_from(list->entries[mid].name, list->entries[mid].name_len), name);

		if (order == 0)
			return true;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static void tell(const struct leftout_policy *p, const struct err *err)
{
	if (err->kind != ERR_NONE)
		p->warn(err->text);
}

/* A repository within the tree, or the first one met below a target that lies in none. */
static void enter_repository(const struct leftout_policy *p, struct folder *f)
{
	struct err err = ERR_INIT;
	struct gittree *tree = NULL;

	if (gittree_open_nested(f->shown_len ? f->shown : ".", &tree, &err)) {
		tell(p, &err);
		return;
	}
	if (!tree)
		return;
	if (folder_set_tree(f, tree)) {
		(void)err_nomem(&err);
		tell(p, &err);
		return;
	}
	tell(p, gittree_trouble(tree));
}

void leftout_enter(const struct leftout_policy *p, struct folder *f, const struct file_list *list)
{
	struct err err = ERR_INIT;

	if (f->parent && has_entry(list, VIEW(".git")))
		enter_repository(p, f);
	if (!f->tree || p->no_ignore || !has_entry(list, VIEW(IGNORE_FILE_NAME)))
		return;
	if (ignore_load(f->fd, IGNORE_FILE_NAME, IGNORE_NO_LINKS, gittree_ignores_case(f->tree), &f->ignore, &err)) {
		(void)err_prefix(&err, "ignore rules of '%s' are not applied", f->shown_len ? f->shown : ".");
		tell(p, &err);
	}
	if (!f->ignore)
		return;
	f->own_scope = (struct ignore_scope){ .outer = f->scope, .file = f->ignore, .base_len = f->in_tree_len };
	f->scope = &f->own_scope;
}

/* Whether git tracks the entry; what git cannot tell is taken as tracked, so that it is read. */
static bool is_tracked(const struct leftout_policy *p, const struct folder *f, struct view path, bool is_folder)
{
	struct err err = ERR_INIT;
	int tracked = gittree_tracks(f->tree, path, is_folder, &err);

	if (tracked < 0)
		tell(p, &err);
	return tracked != 0;
}

enum leftout leftout_check(const struct leftout_policy *p, const struct folder *f, const struct file_entry *e,
			   struct buf *scratch)
{
	bool is_folder = e->type == FILE_FOLDER, is_ignored = f->only_tracked;
	struct view path;

	if (!f->tree)
		return LEFTOUT_NO;
	if (e->name_len == 4 && text_eq(view_from(e->name, 4), VIEW(".git")))
		return LEFTOUT_SILENTLY;
	if (p->no_ignore)
		return LEFTOUT_NO;
	if (!is_ignored && !f->scope)
		return LEFTOUT_NO;
	buf_clear(scratch);
	if (buf_add(scratch, view_from(f->in_tree, f->in_tree_len)) ||
	    buf_add(scratch, view_from(e->name, e->name_len)))
		return LEFTOUT_NO;
	path = buf_view(scratch);
	is_ignored = is_ignored || ignore_scope_match(f->scope, path, is_folder) == IGNORE_EXCLUDE;
	if (!is_ignored)
		return LEFTOUT_NO;
	if (!is_tracked(p, f, path, is_folder))
		return LEFTOUT_IGNORED;
	return is_folder ? LEFTOUT_BUT_TRACKED : LEFTOUT_NO;
}
