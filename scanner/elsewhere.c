/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/elsewhere.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/base.h"
#include "common/base/buf.h"
#include "common/base/text.h"
#include "common/sys/file.h"

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

/* What path has behind folder, when it starts with that: by its letters, whatever links are in it. NULL: it does not,
 * or climbs out again. */
static const char *rest_behind(const char *path, const char *folder)
{
	size_t len = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
	const char *rest = path;
	int depth = 0;

	if (path[0] == '/') {
		if (strncmp(path, folder, len) != 0 || path[len] != '/')
			return NULL;
		rest = path + len + 1;
	}
	for (const char *at = rest, *end; *at && depth >= 0; at = end + (*end == '/')) {
		end = at + strcspn(at, "/");
		if (end - at == 2 && at[0] == '.' && at[1] == '.')
			depth--;
		else if (end > at && !(end - at == 1 && at[0] == '.'))
			depth++;
	}
	return depth < 0 ? NULL : rest;
}

static bool holds(const char *folder, const char *place)
{
	size_t len = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

	return strncmp(place, folder, len) == 0 && (place[len] == '/' || place[len] == '\0');
}

/* The folder that a file is written to, without links; of a pipe or a device itself. NULL when there is none. */
static char *real_place(const char *path)
{
	DEFER(freep) char *place = file_replace_place(path);

	return place ? realpath(place, NULL) : NULL;
}

int elsewhere_refuse(const char *path, struct err *err)
{
	DEFER(freep) char *here = realpath(".", NULL), *place = real_place(path);

	if (!here || !place || !rest_behind(path, here) || holds(here, place))
		return 0;
	return err_set(err, ERR_USAGE, 0,
		       "'%s' leads by a link out of the current folder, to '%s': it could be a trap of what is "
		       "scanned; name the file itself if it is meant",
		       path, place);
}

int elsewhere_refuse_named(const char *path, const char *named_by, struct err *err)
{
	DEFER(freep) char *folder = folder_of(named_by), *place = real_place(path);

	if (!folder || !place || holds(folder, place))
		return 0;
	return err_set(
		err, ERR_USAGE, 0,
		"'%s' names '%s', which lies in '%s': nothing is written there for a configuration; -o FILE names "
		"it if it is meant",
		named_by, path, place);
}
