/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/gitowner.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.h"
#include "scanner/source/gitdir.h"

static bool is_ours(const char *path)
{
	const char *sudo = getenv("SUDO_UID");
	uid_t wanted = geteuid();
	struct stat st;
	uint64_t n;

	if (!path)
		return true;
	if (lstat(path, &st))
		return false;
	if (st.st_uid == wanted)
		return true;
	return wanted == 0 && sudo && text_u64(view_of(sudo), UINT32_MAX, &n) == 0 && st.st_uid == (uid_t)n;
}

/* Whether an entry of safe.directory means path: itself, or all below a folder. */
static bool names(const char *entry, const char *path)
{
	DEFER(freep) char *expanded = gitconfig_path(entry, NULL), *real = NULL;
	struct view e = view_of(expanded ? expanded : entry), p = view_of(path);

	if (text_eq(e, VIEW("*")) || text_eq(e, p))
		return true;
	if (text_ends(e, VIEW("/*")))
		return text_starts(p, view_sub(e, 0, e.len - 1));
	real = expanded && expanded[0] == '/' ? realpath(expanded, NULL) : NULL;
	return real && text_eq(view_of(real), p);
}

/* 1 when safe.directory names path, 0, or -1 with err. An empty entry forgets those before it. */
static int is_safe(const char *path, const char *dir, struct err *err)
{
	DEFER(gitconfig_done) struct gitconfig c = GITCONFIG_INIT;
	struct gitconfig_place place = { .dir = dir };
	int safe = 0;

	if (gitconfig_read_protected(&c, &place, err))
		return -1;
	for (size_t i = 0; i < c.count; i++) {
		const struct gitconfig_entry *e = &c.entries[i];

		if (strcmp(e->key, "safe.directory") != 0)
			continue;
		if (!e->value || !*e->value)
			safe = 0;
		else if (names(e->value, path))
			safe = 1;
	}
	return safe;
}

/* Whether a shell would take path as one word. */
static bool is_plain(const char *path)
{
	for (; *path; path++)
		if (!text_is_alnum(*path) && !strchr("/._-+=:,@%", *path))
			return false;
	return true;
}

int gitowner_check(const char *pointer, const char *root, const char *dir, struct err *err)
{
	const char *path = root ? root : dir;
	const char *quote = is_plain(path) ? "" : "'";
	int safe;

	if (!gitdir_env_is_true("GIT_TEST_ASSUME_DIFFERENT_OWNER") && is_ours(pointer) && is_ours(root) && is_ours(dir))
		return 0;
	safe = is_safe(path, dir, err);
	if (safe)
		return safe < 0 ? -1 : 0;
	return err_set(err, ERR_USAGE, 0,
		       "the repository in '%s' belongs to another user; if you trust it, call "
		       "`git config --global --add safe.directory %s%s%s`",
		       path, quote, path, quote);
}
