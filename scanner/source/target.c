/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/text.h"

#define PATH_BYTES (1u << 20)

static bool is_file(const char *target)
{
	struct stat st;

	return stat(target, &st) == 0 && S_ISREG(st.st_mode);
}

int target_check(const char *const *targets, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct stat st;

		if (stat(targets[i], &st))
			return err_set(err, ERR_USAGE, errno, "cannot scan '%s'", targets[i]);
		if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
			return err_set(err, ERR_USAGE, 0,
				       "cannot scan '%s': it is neither a file nor a folder; a stream is read by "
				       "`skant stdin`",
				       targets[i]);
	}
	return 0;
}

/* A target as it is shown before the names below it: without a leading "./", with a final slash, "" for ".". */
static int add_shown(struct buf *out, struct view target)
{
	while (text_starts(target, VIEW("./"))) {
		target = view_sub(target, 2, target.len);
		while (target.len && target.ptr[0] == '/')
			target = view_sub(target, 1, target.len);
	}
	if (text_eq(target, VIEW(".")))
		target = VIEW_NONE;
	while (target.len > 1 && target.ptr[target.len - 1] == '/')
		target.len--;
	if (buf_add(out, target))
		return -1;
	return target.len && target.ptr[target.len - 1] != '/' ? buf_add_byte(out, '/') : 0;
}

/* Splits a target that is a file into its folder ("." when there is none) and its name. */
static struct view name_of(const char *target, struct buf *folder)
{
	const char *slash = strrchr(target, '/');
	size_t len = slash ? (size_t)(slash - target) + 1 : 0;

	if (buf_add(folder, len ? view_from(target, len) : VIEW(".")))
		return VIEW_NONE;
	return view_of(target + len);
}

/* Appends the folder that target is, or is in; *ret_name gets a file's name, NULL for a folder. 0, or -1 as buf_add. */
static int add_folder(struct buf *folder, const char *target, const char **ret_name)
{
	*ret_name = NULL;
	if (!is_file(target))
		return buf_add_text(folder, target);
	*ret_name = name_of(target, folder).ptr;
	return *ret_name ? 0 : -1;
}

/* The folder, once it is known which work tree (or none) it lies in. Takes tree over. */
static struct folder *folder_in(const char *shown, struct gittree *tree, struct err *ret_trouble)
{
	struct folder *f = folder_root(shown, tree ? gittree_folder(tree) : "");

	if (!f) {
		gittree_free(tree);
		return NULL;
	}
	if (!tree)
		return f;
	*ret_trouble = *gittree_trouble(tree);
	if (folder_set_tree(f, tree)) {
		folder_unref(f);
		return NULL;
	}
	return f;
}

struct folder *target_folder(const char *target, const char **ret_name, struct err *ret_trouble, struct err *err)
{
	DEFER(buf_done) struct buf folder = BUF_INIT(PATH_BYTES), shown = BUF_INIT(PATH_BYTES);
	struct gittree *tree = NULL;
	struct folder *f;

	if (add_folder(&folder, target, ret_name) || add_shown(&shown, buf_view(&folder))) {
		(void)err_nomem(err);
		return NULL;
	}
	if (gittree_open(folder.ptr, &tree, err))
		return NULL;
	f = folder_in(shown.ptr, tree, ret_trouble);
	if (!f) {
		(void)err_nomem(err);
		return NULL;
	}
	if (*ret_name && folder_open(f, folder.ptr)) {
		(void)err_set(err, ERR_IO, errno, "cannot open the folder of '%s'", target);
		folder_unref(f);
		return NULL;
	}
	return f;
}

char *target_root(const char *target, struct err *err)
{
	DEFER(buf_done) struct buf folder = BUF_INIT(PATH_BYTES);
	struct gittree *tree = NULL;
	const char *name;
	char *root;

	if (add_folder(&folder, target, &name)) {
		(void)err_nomem(err);
		return NULL;
	}
	if (gittree_open(folder.ptr, &tree, err))
		return NULL;
	root = strdup(tree ? gittree_root(tree) : folder.ptr);
	gittree_free(tree);
	if (!root)
		(void)err_nomem(err);
	return root;
}
