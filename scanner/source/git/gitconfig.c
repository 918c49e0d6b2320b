/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/gitconfig.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/text.h"
#include "scanner/source/gitdir.h"

#define USER_BYTES 256 /* LOGIN_NAME_MAX on Linux */
#define PASSWD_BYTES (64u << 10)

void gitconfig_done(struct gitconfig *c)
{
	for (size_t i = 0; i < c->count; i++)
		free((void *)(uintptr_t)c->entries[i].key); /* ours; the value stands in the same block */
	for (size_t i = 0; i < c->file_count; i++)
		free(c->files[i]);
	free(c->entries);
	free(c->files);
	*c = (struct gitconfig)GITCONFIG_INIT;
}

const struct gitconfig_entry *gitconfig_get(const struct gitconfig *c, const char *key)
{
	for (size_t i = c->count; i > 0; i--)
		if (strcmp(c->entries[i - 1].key, key) == 0)
			return &c->entries[i - 1];
	return NULL;
}

static bool is_one_of(struct view v, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_eq_nocase(v, view_of(words[i])))
			return true;
	return false;
}

/* A whole number with or without sign and unit. */
static int parse_number(struct view v, uint64_t *ret)
{
	v = text_trim(v);
	if (v.len && (v.ptr[0] == '-' || v.ptr[0] == '+'))
		v = view_sub(v, 1, v.len);
	return text_size(v, INT64_MAX, ret);
}

int gitconfig_bool(const struct gitconfig *c, const char *key, bool fallback, bool *ret, struct err *err)
{
	static const char *const yes[] = { "true", "yes", "on" }, *const no[] = { "false", "no", "off", "" };
	const struct gitconfig_entry *e = gitconfig_get(c, key);
	struct view v = view_of(e ? e->value : NULL);
	uint64_t number;

	*ret = fallback;
	if (!e)
		return 0;
	if (!e->value || is_one_of(v, yes, ARRAY_LEN(yes)))
		*ret = true;
	else if (is_one_of(v, no, ARRAY_LEN(no)))
		*ret = false;
	else if (parse_number(v, &number) == 0)
		*ret = number != 0;
	else
		return err_set(err, ERR_CONFIG, 0, "%s:%u: '%s' is to be true or false", e->file, e->line, key);
	return 0;
}

#ifdef SKANT_STATIC
/* glibc's own look-up loads libraries (nsswitch.conf), which nothing that is linked statically has: read the file. */
static int find_user(const char *name, struct passwd *entry, char *room, struct passwd **ret)
{
	FILE *f = fopen("/etc/passwd", "re");
	int errnum = f ? 0 : errno;

	*ret = NULL;
	while (f && (errnum = fgetpwent_r(f, entry, room, PASSWD_BYTES, ret)) == 0 && strcmp(entry->pw_name, name) != 0)
		*ret = NULL;
	if (f)
		(void)fclose(f);
	return errnum;
}
#else
static int find_user(const char *name, struct passwd *entry, char *room, struct passwd **ret)
{
	return getpwnam_r(name, entry, room, PASSWD_BYTES, ret);
}
#endif

/* The home folder of a user; NULL when it is not known. A heap string. */
static char *home_of(struct view user)
{
	DEFER(freep) char *name = strndup(user.ptr, user.len), *room = malloc(PASSWD_BYTES);
	struct passwd entry, *found = NULL;

	if (!name || !room || user.len > USER_BYTES)
		return NULL;
	if (find_user(name, &entry, room, &found) || !found)
		return NULL;
	return strdup(entry.pw_dir);
}

char *gitconfig_path(const char *value, struct err *err)
{
	const char *home = getenv("HOME"), *rest;
	DEFER(freep) char *folder = NULL;
	struct view user;
	char *path;

	if (value[0] != '~') {
		path = strdup(value);
		if (!path)
			(void)err_nomem(err);
		return path;
	}
	rest = strchrnul(value, '/');
	user = view_from(value + 1, (size_t)(rest - value) - 1);
	if (user.len)
		folder = home_of(user);
	else if (home)
		folder = strdup(home);
	if (!folder && !user.len && home) {
		(void)err_nomem(err);
		return NULL;
	}
	if (!folder) {
		(void)err_set(err, ERR_CONFIG, 0, "cannot expand '%s': the home folder is not known", value);
		return NULL;
	}
	path = *rest ? gitdir_path(folder, rest + 1) : strdup(folder);
	if (!path)
		(void)err_nomem(err);
	return path;
}
