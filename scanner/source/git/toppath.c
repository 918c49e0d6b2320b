/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/toppath.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/text.h"

#define PATH_BYTES (1u << 20)

/* Appends path component by component: "." and "..", which goes up, are resolved. 0, or -1 when there is no memory. */
static int add_resolved(struct buf *out, struct view path)
{
	while (path.len) {
		size_t slash = text_find_byte(path, '/');
		struct view part = view_sub(path, 0, slash);

		path = slash == SIZE_MAX ? VIEW_NONE : view_sub(path, slash + 1, path.len);
		if (!part.len || text_eq(part, VIEW(".")))
			continue;
		if (text_eq(part, VIEW(".."))) {
			const char *last = out->len ? memrchr(out->ptr, '/', out->len) : NULL;

			buf_cut(out, last ? (size_t)(last - out->ptr) : 0);
			continue;
		}
		if (buf_add_byte(out, '/') || buf_add(out, part))
			return -1;
	}
	return 0;
}

/* The folder that holds the last component may be reached through links: resolves it, if it exists. */
static void follow_folder(struct buf *path)
{
	DEFER(freep) char *folder = NULL, *real = NULL, *name = NULL;
	const char *slash = path->len ? memrchr(path->ptr, '/', path->len) : NULL;

	if (!slash || slash == path->ptr)
		return;
	folder = strndup(path->ptr, (size_t)(slash - path->ptr));
	name = strdup(slash);
	real = folder ? realpath(folder, NULL) : NULL;
	if (!real || !name || strcmp(real, folder) == 0)
		return;
	buf_clear(path);
	if (buf_add_text(path, strcmp(real, "/") ? real : "") || buf_add_text(path, name))
		buf_clear(path);
}

char *toppath_of(const char *root, const char *name, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);
	DEFER(freep) char *here = name[0] == '/' ? NULL : getcwd(NULL, 0);
	size_t root_len = strcmp(root, "/") ? strlen(root) : 0;
	char *ret;

	if ((name[0] != '/' && (!here || add_resolved(&path, view_of(here)))) || add_resolved(&path, view_of(name)) ||
	    buf_reserve(&path, 1)) {
		(void)err_nomem(err);
		return NULL;
	}
	follow_folder(&path);
	if (!text_starts(buf_view(&path), view_from(root, root_len)) ||
	    (path.len > root_len && path.ptr[root_len] != '/')) {
		(void)err_set(err, ERR_USAGE, 0, "'%s' is outside of the work tree '%s'", name, root);
		return NULL;
	}
	ret = strdup(path.ptr + root_len + (path.len > root_len));
	if (!ret)
		(void)err_nomem(err);
	return ret;
}
