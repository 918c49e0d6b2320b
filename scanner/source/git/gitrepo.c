/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/gitrepo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "scanner/source/git/cquote.h"
#include "scanner/source/git/gitformat.h"
#include "scanner/source/git/gitowner.h"
#include "scanner/source/gitdir.h"

/* A variable of the environment, which speaks of the repository only when no path names another one. */
static const char *env(const char *path, const char *name)
{
	return path ? NULL : getenv(name);
}

void gitrepo_done(struct gitrepo *r)
{
	free(r->root);
	free(r->dir);
	free(r->common);
	for (size_t i = 0; i < r->store_count; i++)
		free(r->stores[i]);
	free(r->stores);
	free(r->shallow);
	gitconfig_done(&r->config);
	*r = (struct gitrepo){ .root = NULL };
}

/* The repository that GIT_DIR names. */
static int locate_given(const char *given, struct gitdir *ret, struct err *err)
{
	if (gitdir_at(given, getenv("GIT_COMMON_DIR"), ret, err))
		return -1;
	if (!ret->dir)
		return err_set(err, ERR_USAGE, 0, "GIT_DIR is '%s', which is no git repository", given);
	return 0;
}

/* `.git` itself was named, or the current folder is in it: its work tree is the folder that it is in. */
static int adopt_parent(struct gitdir *where, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');

	if (where->root || !slash || strcmp(slash, "/.git") != 0)
		return 0;
	where->root = slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
	return where->root ? 0 : err_nomem(err);
}

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* What path names or, when that is a folder, what holds it; then checks whose it is. */
static int discover(const char *path, struct gitdir *ret, struct err *err)
{
	DEFER(freep) char *start = realpath(path, NULL), *pointer = NULL;

	if (!start)
		return errno == ENOMEM ? err_nomem(err)
				       : err_set(err, ERR_USAGE, errno, "cannot open a repository in '%s'", path);
	if (is_file(start) ? gitdir_at(start, NULL, ret, err) : gitdir_discover(start, ret, &pointer, err))
		return -1;
	if (!ret->dir)
		return err_set(err, ERR_USAGE, 0, "'%s' is not in a git repository; `skant dir` scans files", start);
	if (is_file(start))
		pointer = TAKE(start);
	if (gitowner_check(pointer, ret->root, ret->dir, err))
		return -1;
	return adopt_parent(ret, pointer ? pointer : ret->dir, err);
}

/* *at becomes its path without links. 0, or -1 with ERR_USAGE when it is no folder. */
static int resolve(char **at, const char *what, struct err *err)
{
	char *real = *at ? realpath(*at, NULL) : NULL;

	if (!*at || (!real && errno == ENOMEM))
		return err_nomem(err);
	if (!real)
		return err_set(err, ERR_USAGE, errno, "cannot open the %s '%s'", what, *at);
	free(*at);
	*at = real;
	return 0;
}

/* Without a word about it, the current folder is the work tree of a repository that GIT_DIR names. */
static bool is_implicit(void)
{
	return !getenv("GIT_IMPLICIT_WORK_TREE") || gitdir_env_is_true("GIT_IMPLICIT_WORK_TREE");
}

/* Settles where the work tree is; r->root is where it was found to be, or NULL. */
static int place_tree(const char *path, struct gitrepo *r, const struct gitformat *f, struct err *err)
{
	const char *given = env(path, "GIT_WORK_TREE");
	DEFER(freep) char *found = TAKE(r->root);

	if (!given && f->is_bare)
		return 0;
	if (given)
		r->root = strdup(given);
	else if (f->work_tree)
		r->root = gitdir_path(r->dir, f->work_tree);
	else if (found)
		r->root = TAKE(found);
	else if (env(path, "GIT_DIR") && is_implicit())
		r->root = strdup(".");
	else
		return 0;
	return resolve(&r->root, "work tree", err);
}

/* Finds the folders. *ret_format says what the repository's own configuration says about its form. */
static int locate(const char *path, struct gitrepo *r, struct gitformat *ret_format, struct err *err)
{
	DEFER(gitdir_done) struct gitdir where = { .root = NULL };
	const char *given = env(path, "GIT_DIR"), *common = env(path, "GIT_COMMON_DIR");

	if (given ? locate_given(given, &where, err) : discover(path ? path : ".", &where, err))
		return -1;
	r->root = TAKE(where.root);
	r->dir = TAKE(where.dir);
	r->common = common ? strdup(common) : TAKE(where.common);
	if (resolve(&r->dir, "repository", err) || resolve(&r->common, "repository", err) ||
	    gitformat_read(r->dir, r->common, ret_format, err))
		return -1;
	return place_tree(path, r, ret_format, err);
}

/* Appends a store, whether it exists or not. Takes path over. */
static int add_store(struct gitrepo *r, char *path, struct err *err)
{
	DEFER(freep) char *given = path;
	char *real = path ? realpath(path, NULL) : NULL, **grown;

	grown = path ? reallocarray(r->stores, r->store_count + 1, sizeof(*grown)) : NULL;
	if (!grown) {
		free(real);
		return err_nomem(err);
	}
	r->stores = grown;
	r->stores[r->store_count++] = real ? real : TAKE(given);
	return 0;
}

static int find_stores(const char *path, struct gitrepo *r, struct err *err)
{
	const char *objects = env(path, "GIT_OBJECT_DIRECTORY");
	struct view more = view_of(env(path, "GIT_ALTERNATE_OBJECT_DIRECTORIES"));

	if (add_store(r, objects ? strdup(objects) : gitdir_path(r->common, "objects"), err))
		return -1;
	while (more.len) {
		char *store = cquote_next(&more, ':');

		if (store && !*store) {
			free(store);
			continue;
		}
		if (r->store_count == GIT_ALTERNATES_MAX) {
			free(store);
			return err_set(err, ERR_LIMIT, 0, "GIT_ALTERNATE_OBJECT_DIRECTORIES names more than %d folders",
				       GIT_ALTERNATES_MAX);
		}
		if (add_store(r, store, err))
			return -1;
	}
	return 0;
}

static int read_shallow(const char *path, struct gitrepo *r, struct err *err)
{
	const char *given = env(path, "GIT_SHALLOW_FILE");
	DEFER(freep) char *file = given ? strdup(given) : gitdir_path(r->common, "shallow");
	DEFER(buf_done) struct buf text = BUF_INIT(GIT_SHALLOW_BYTES);
	struct view rest, line;
	size_t n = 0;

	if (!file)
		return err_nomem(err);
	if (!*file || !file_is_regular(file, &(bool){ false }))
		return 0;
	if (file_read(file, &text, err))
		return -1;
	r->shallow = calloc(text.len / (2 * r->hash_len) + 1, sizeof(*r->shallow));
	if (!r->shallow)
		return err_nomem(err);
	rest = buf_view(&text);
	while (text_next_line(&rest, &line)) {
		n++;
		if (oid_parse(line, r->hash_len, &r->shallow[r->shallow_count]))
			return err_set(err, ERR_FORMAT, 0, "%s:%zu: expected the id of a commit", file, n);
		r->shallow_count++;
	}
	return 0;
}

/* remote.NAME.promisor, or a pack that a promisor gave. */
static int find_promisors(struct gitrepo *r, struct err *err)
{
	struct file_list list = { .entries = NULL };
	DEFER(freep) char *packs = gitdir_path(r->stores[0], "pack");
	DEFER(closep) int fd = packs ? open(packs, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int ignored;

	if (!packs)
		return err_nomem(err);
	for (size_t i = 0; i < r->config.count; i++) {
		struct view key = view_of(r->config.entries[i].key);
		bool is_true = false;

		if (!text_starts(key, VIEW("remote.")) || !text_ends(key, VIEW(".promisor")))
			continue;
		if (gitconfig_bool(&r->config, key.ptr, false, &is_true, err))
			return -1;
		r->is_partial |= is_true;
	}
	if (fd >= 0)
		(void)file_list_read(&list, fd, &ignored);
	for (size_t i = 0; i < list.count; i++)
		r->is_partial |= text_ends(view_of(list.entries[i].name), VIEW(".promisor"));
	file_list_done(&list);
	return 0;
}

static int read_all(const char *path, struct gitrepo *r, struct err *err)
{
	DEFER(gitformat_done) struct gitformat format = { .version = 0 };
	struct gitconfig_place place;

	if (locate(path, r, &format, err))
		return -1;
	r->hash_len = format.hash_len;
	r->has_reftable = format.has_reftable;
	r->is_partial = format.is_partial;
	r->is_bare = !r->root;
	place = (struct gitconfig_place){ .dir = r->dir, .common = r->common };
	if (gitconfig_read(&r->config, &place, err) || find_stores(path, r, err) || read_shallow(path, r, err))
		return -1;
	return find_promisors(r, err);
}

int gitrepo_open(const char *path, struct gitrepo *ret, struct err *err)
{
	*ret = (struct gitrepo){ .root = NULL };
	if (read_all(path, ret, err) == 0)
		return 0;
	gitrepo_done(ret);
	return -1;
}
