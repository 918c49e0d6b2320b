/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/elsewhere.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/base.h"
#include "common/base/buf.h"
#include "common/base/text.h"

/* The folder that a file is in, links in the way to it followed, but not the file when it is one. NULL when there is
 * none. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	DEFER(freep) char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");

	return folder ? realpath(folder, NULL) : NULL;
}

/* What git keeps of a repository came not with it: its configuration can hold the token that it was fetched with. */
static bool is_below(const char *path, const char *folder)
{
	struct view rest = view_of(path);
	size_t len = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

	if (!text_starts(rest, view_sub(view_of(folder), 0, len)) || path[len] != '/')
		return false;
	return text_find(view_sub(rest, len, rest.len), VIEW("/.git/")) == SIZE_MAX;
}

int elsewhere_hide(const char *what, const char *path, const char *named_by, struct err *err)
{
	DEFER(freep) char *real = realpath(path, NULL), *folder = folder_of(named_by);
	enum err_kind kind = err->kind;
	int errnum = err->errnum;

	if (kind == ERR_NOMEM || (real && folder && is_below(real, folder)))
		return -1;
	return err_set(
		err, kind, errnum,
		"'%s' cannot be used as a %s; what is wrong is not said, as it lies outside of the folder of '%s'",
		path, what, named_by);
}
