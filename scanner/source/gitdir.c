/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/gitdir.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/text.h"
#include "common/sys/file.h"

#define PATH_BYTES (64u << 10)
#define POINTER_BYTES (64u << 10) /* size of a `.git` or `commondir` file */

char *gitdir_path(const char *folder, const char *name)
{
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);

	if (name[0] == '/')
		return strdup(name);
	if (buf_add_text(&path, folder))
		return NULL;
	if (!text_ends(buf_view(&path), VIEW("/")) && buf_add_byte(&path, '/'))
		return NULL;
	return buf_add_text(&path, name) ? NULL : buf_detach(&path);
}

bool gitdir_env_is_true(const char *name)
{
	static const char *const negations[] = { "", "0", "false", "no", "off" };
	const char *value = getenv(name);

	for (size_t i = 0; value && i < ARRAY_LEN(negations); i++)
		if (text_eq_nocase(view_of(value), view_of(negations[i])))
			return false;
	return value != NULL;
}

/* The type bits of what is there, links followed; 0 = nothing. */
static mode_t type_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & S_IFMT : 0;
}

/* 1, 0, or -1 when there is no memory; as those below that tell whether something is there. */
static int has_folder(const char *dir, const char *name)
{
	DEFER(freep) char *path = gitdir_path(dir, name);

	return path ? type_of(path) == S_IFDIR : -1;
}

/* In old repositories HEAD is a link to a branch, which need not exist yet. */
static int has_head(const char *dir)
{
	DEFER(freep) char *path = gitdir_path(dir, "HEAD");
	struct stat st;

	if (!path)
		return -1;
	return lstat(path, &st) == 0 && (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode));
}

/* The path that a file of one line holds behind prefix, relative to folder. *ret is NULL when it does not. 0, or -1
 * when there is no memory. */
static int read_pointer(const char *folder, const char *name, struct view prefix, char **ret)
{
	DEFER(freep) char *path = gitdir_path(folder, name);
	DEFER(buf_done) struct buf text = BUF_INIT(POINTER_BYTES);
	struct err err = ERR_INIT;
	struct view line;

	*ret = NULL;
	if (!path)
		return -1;
	if (type_of(path) != S_IFREG)
		return 0;
	if (file_read(path, &text, &err))
		return err.kind == ERR_NOMEM ? -1 : 0;
	line = buf_view(&text);
	while (text_ends(line, VIEW("\n")) || text_ends(line, VIEW("\r")))
		line.len--;
	if (!text_starts(line, prefix) || line.len == prefix.len)
		return 0;
	buf_cut(&text, line.len);
	*ret = gitdir_path(folder, text.ptr + prefix.len);
	return *ret ? 0 : -1;
}

/* Where dir's objects and refs are: what `commondir` says, else dir itself. NULL when there is no memory. */
static char *common_of(const char *dir)
{
	char *common;

	if (read_pointer(dir, "commondir", VIEW_NONE, &common))
		return NULL;
	return common ? common : strdup(dir);
}

static int has_parts(const char *dir, const char *common)
{
	int status = has_head(dir);

	if (status > 0)
		status = has_folder(common, "objects");
	return status > 0 ? has_folder(common, "refs") : status;
}

static int is_repository(const char *dir)
{
	DEFER(freep) char *common = NULL;
	int status = has_head(dir);

	if (status <= 0)
		return status;
	common = common_of(dir);
	return common ? has_parts(dir, common) : -1;
}

enum found {
	FOUND_NOTHING,
	FOUND_TREE,
	FOUND_BARE,   /* the folder itself is a repository */
	FOUND_BROKEN, /* a `.git` file that leads nowhere: git looks no further */
	FOUND_ERROR,
};

/* Looks at one folder. *ret_dir is the repository's folder of FOUND_TREE. */
static enum found look(const char *folder, char **ret_dir)
{
	DEFER(freep) char *dir = gitdir_path(folder, ".git");
	mode_t type = dir ? type_of(dir) : 0;
	int status = 0;

	if (!dir)
		return FOUND_ERROR;
	if (type == S_IFREG) {
		freep(&dir);
		if (read_pointer(folder, ".git", VIEW("gitdir: "), &dir))
			return FOUND_ERROR;
		if (!dir)
			return FOUND_BROKEN;
	}
	if (type == S_IFREG || type == S_IFDIR)
		status = is_repository(dir);
	if (status > 0)
		*ret_dir = TAKE(dir);
	if (status)
		return status > 0 ? FOUND_TREE : FOUND_ERROR;
	if (type == S_IFREG)
		return FOUND_BROKEN;
	status = is_repository(folder);
	return status < 0 ? FOUND_ERROR : status ? FOUND_BARE : FOUND_NOTHING;
}

static dev_t device_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_dev : (dev_t)-1;
}

/* The length of a folder and its slash when path is below it, else 0. */
static size_t length_above(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	if (*folder != '/')
		return 0;
	while (len && folder[len - 1] == '/')
		len--;
	return strncmp(path, folder, len) == 0 && path[len] == '/' && path[len + 1] ? len + 1 : 0;
}

/* The longest of those that GIT_CEILING_DIRECTORIES names: they and what is above them are not looked at. Links in them
 * are followed, unless an empty entry stands before (git(1)). 0, or -1 when there is no memory. */
static int ceiling_of(const char *path, size_t *ret)
{
	struct view rest = view_of(getenv("GIT_CEILING_DIRECTORIES"));
	bool is_plain = false;

	*ret = 0;
	while (rest.len) {
		size_t colon = text_find_byte(rest, ':'), len;
		DEFER(freep) char *entry = strndup(rest.ptr, colon == SIZE_MAX ? rest.len : colon);
		DEFER(freep) char *real = entry && *entry == '/' && !is_plain ? realpath(entry, NULL) : NULL;

		rest = colon == SIZE_MAX ? VIEW_NONE : view_sub(rest, colon + 1, rest.len);
		if (!entry)
			return -1;
		is_plain |= !*entry;
		len = length_above(path, real ? real : entry);
		*ret = len > *ret ? len : *ret;
	}
	return 0;
}

/* Cuts path to the folder above, if that is longer than the ceiling and on the device (or any will do). false when
 * there is none. */
static bool go_up(char *path, size_t ceiling, dev_t device, bool any_device)
{
	char *slash = strrchr(path, '/');

	if (!slash || path[1] == '\0' || (size_t)(slash - path) < ceiling)
		return false;
	slash[slash == path ? 1 : 0] = '\0';
	return any_device || device_of(path) == device;
}

/* Looks at folder and, unless only_here, at those above it. *ret_at is the one where something was found. */
static enum found search(const char *folder, bool only_here, char **ret_at, char **ret_dir)
{
	DEFER(freep) char *at = strdup(folder);
	bool any_device = gitdir_env_is_true("GIT_DISCOVERY_ACROSS_FILESYSTEM");
	dev_t device = device_of(folder);
	size_t ceiling;
	enum found found;

	if (!at || ceiling_of(folder, &ceiling))
		return FOUND_ERROR;
	do
		found = look(at, ret_dir);
	while (found == FOUND_NOTHING && !only_here && go_up(at, ceiling, device, any_device));
	*ret_at = TAKE(at);
	return found;
}

int gitdir_find(const char *folder, bool only_here, struct gitdir *ret, struct err *err)
{
	DEFER(freep) char *at = NULL;
	enum found found;

	*ret = (struct gitdir){ .root = NULL };
	found = search(folder, only_here, &at, &ret->dir);
	if (found == FOUND_ERROR)
		return err_nomem(err);
	if (found != FOUND_TREE)
		return 0;
	ret->common = common_of(ret->dir);
	if (!ret->common) {
		gitdir_done(ret);
		return err_nomem(err);
	}
	ret->root = TAKE(at);
	return 0;
}

int gitdir_discover(const char *folder, struct gitdir *ret, char **ret_pointer, struct err *err)
{
	DEFER(freep) char *at = NULL, *entry = NULL;
	enum found found;

	*ret = (struct gitdir){ .root = NULL };
	*ret_pointer = NULL;
	found = search(folder, false, &at, &ret->dir);
	if (found == FOUND_BROKEN)
		return err_set(err, ERR_USAGE, 0, "'%s/.git' does not lead to a git repository", at);
	if (found == FOUND_NOTHING)
		return 0;
	if (found == FOUND_BARE)
		ret->dir = strdup(at);
	if (found != FOUND_ERROR && ret->dir)
		ret->common = common_of(ret->dir);
	if (ret->common && found == FOUND_TREE)
		entry = gitdir_path(at, ".git");
	if (!ret->common || (found == FOUND_TREE && !entry)) {
		gitdir_done(ret);
		return err_nomem(err);
	}
	if (entry && type_of(entry) == S_IFREG)
		*ret_pointer = TAKE(entry);
	if (found == FOUND_TREE)
		ret->root = TAKE(at);
	return 0;
}

/* The folder that path is, or that the `.git` file at path points to. *ret is NULL when it is neither. 0, or -1 when
 * there is no memory. */
static int follow(const char *path, char **ret)
{
	DEFER(freep) char *folder = NULL;
	const char *slash = strrchr(path, '/');

	if (type_of(path) == S_IFDIR) {
		*ret = strdup(path);
		return *ret ? 0 : -1;
	}
	folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	return folder ? read_pointer(folder, slash ? slash + 1 : path, VIEW("gitdir: "), ret) : -1;
}

int gitdir_at(const char *path, const char *common, struct gitdir *ret, struct err *err)
{
	int status;

	*ret = (struct gitdir){ .root = NULL };
	if (follow(path, &ret->dir))
		return err_nomem(err);
	if (!ret->dir)
		return 0;
	ret->common = common ? strdup(common) : common_of(ret->dir);
	status = ret->common ? has_parts(ret->dir, ret->common) : -1;
	if (status <= 0)
		gitdir_done(ret);
	return status < 0 ? err_nomem(err) : 0;
}

void gitdir_done(struct gitdir *dir)
{
	free(dir->root);
	free(dir->dir);
	free(dir->common);
	*dir = (struct gitdir){ .root = NULL };
}
