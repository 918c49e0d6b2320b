/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/gittree.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "scanner/source/git/gitconfig.h"
#include "scanner/source/gitcmd.h"
#include "scanner/source/gitdir.h"

#define VALUE_BYTES (64u << 10) /* of a configuration value, or a path made from one */

/* One ignore file of the chain that gittree_scope hands out. */
struct link {
	struct ignore_scope scope;
	struct ignore_file *file;
	struct link *outer;
};

struct gittree {
	struct gitdir git;
	char *folder;
	bool nocase;
	bool is_misconfigured; /* its configuration cannot be read: that is the trouble */
	struct err trouble;
	struct link *innermost;
	pthread_mutex_t lock; /* over what follows, until was_asked */
	bool was_asked, is_known;
	struct buf listing;   /* of `git ls-files -z` */
	const char **tracked; /* its paths in the order of compare_tracked */
	size_t tracked_count;
};

static int out_of_memory(struct gittree *t, struct err *err)
{
	gittree_free(t);
	return err_nomem(err);
}

static void note_trouble(struct gittree *t, const struct err *err)
{
	if (t->trouble.kind == ERR_NONE)
		t->trouble = *err;
}

/* `$XDG_CONFIG_HOME/git/NAME`, else `~/.config/git/NAME`, as a heap string; NULL when there is neither. */
static char *user_path(const char *name)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	DEFER(freep) char *folder = NULL;

	if (config && *config)
		folder = gitdir_path(config, "git");
	else if (home)
		folder = gitdir_path(home, ".config/git");
	return folder ? gitdir_path(folder, name) : NULL;
}

/* Whether a configuration file could set what is asked here: its text has one of the words. So does a file that cannot
 * be read: that is to be said. */
static bool speaks_of_it(const char *path)
{
	static const char *const words[] = { "excludesfile", "ignorecase", "[include" };
	DEFER(buf_done) struct buf text = BUF_INIT(CONF_FILE_BYTES);
	struct stat st;

	if (!path || stat(path, &st) < 0)
		return false;
	if (!S_ISREG(st.st_mode) || file_read(path, &text, NULL))
		return true;
	for (size_t i = 0; i < text.len; i++)
		text.ptr[i] = text_lower(text.ptr[i]);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_find(buf_view(&text), view_of(words[i])) != SIZE_MAX)
			return true;
	return false;
}

/* Looks where git looks for its configuration. Most people set nothing of this. */
static bool is_configured(const struct gittree *t)
{
	const char *global = getenv("GIT_CONFIG_GLOBAL"), *system = getenv("GIT_CONFIG_SYSTEM"), *home = getenv("HOME");
	DEFER(freep) char *of_repository = gitdir_path(t->git.common, "config");
	DEFER(freep) char *of_tree = gitdir_path(t->git.dir, "config.worktree");
	DEFER(freep) char *of_user = global ? strdup(global) : user_path("config");
	DEFER(freep) char *of_home = home && !global ? gitdir_path(home, ".gitconfig") : NULL;

	if (getenv("GIT_CONFIG_COUNT") || getenv("GIT_CONFIG_PARAMETERS"))
		return true;
	if (!gitdir_env_is_true("GIT_CONFIG_NOSYSTEM") && speaks_of_it(system ? system : "/etc/gitconfig"))
		return true;
	return speaks_of_it(of_repository) || speaks_of_it(of_tree) || speaks_of_it(of_user) || speaks_of_it(of_home);
}

/* Sets nocase; what core.excludesFile says, as git expands it, or NULL. err is set when that cannot be told. */
static char *read_settings(struct gittree *t, struct err *err)
{
	const struct gitconfig_place place = { .dir = t->git.dir, .common = t->git.common };
	DEFER(gitconfig_done) struct gitconfig config = GITCONFIG_INIT;
	const struct gitconfig_entry *file;
	DEFER(freep) char *path = NULL;

	if (gitconfig_read(&config, &place, err) || gitconfig_bool(&config, "core.ignorecase", false, &t->nocase, err))
		return NULL;
	file = gitconfig_get(&config, "core.excludesfile");
	if (file && file->value)
		path = gitconfig_path(file->value, err);
	return path && *path ? gitdir_path(t->git.root, path) : TAKE(path);
}

/* The path of what core.excludesFile names, or of what counts without; NULL when there is none. */
static char *read_config(struct gittree *t)
{
	DEFER(freep) char *path = NULL;
	struct err err = ERR_INIT;

	if (is_configured(t))
		path = read_settings(t, &err);
	if (err.kind != ERR_NONE) {
		t->is_misconfigured = true;
		note_trouble(t, &err);
	}
	if (!path)
		return user_path("ignore");
	return *path ? TAKE(path) : NULL;
}

/* Puts an ignore file before those of the chain, if it is there. 0, or -1 when there is no memory. */
static int push_file(struct gittree *t, const char *path, enum ignore_links links, size_t base_len)
{
	struct err err = ERR_INIT;
	struct ignore_file *file;
	struct link *link;

	if (ignore_load(AT_FDCWD, path, links, t->nocase, &file, &err)) {
		note_trouble(t, &err);
		return err.kind == ERR_NOMEM ? -1 : 0;
	}
	if (!file)
		return 0;
	link = calloc(1, sizeof(*link));
	if (!link) {
		ignore_free(file);
		return -1;
	}
	link->file = file;
	link->outer = t->innermost;
	link->scope = (struct ignore_scope){ .outer = gittree_scope(t), .file = file, .base_len = base_len };
	t->innermost = link;
	return 0;
}

/* The ignore files of the folders between the root and the folder it was opened for, that one left out. */
static int push_folders(struct gittree *t)
{
	DEFER(buf_done) struct buf path = BUF_INIT(VALUE_BYTES);

	for (const char *at = t->folder, *slash; (slash = strchr(at, '/')) != NULL; at = slash + 1) {
		size_t len = (size_t)(at - t->folder);

		buf_clear(&path);
		if (buf_addf(&path, "%s/", t->git.root) || buf_add(&path, view_from(t->folder, len)) ||
		    buf_add_text(&path, IGNORE_FILE_NAME) || push_file(t, path.ptr, IGNORE_NO_LINKS, len))
			return -1;
	}
	return 0;
}

static int push_files(struct gittree *t)
{
	DEFER(freep) char *of_user = read_config(t);
	DEFER(freep) char *of_repository = gitdir_path(t->git.common, "info/exclude");

	if (!of_repository || (of_user && push_file(t, of_user, IGNORE_FOLLOW_LINKS, 0)))
		return -1;
	return push_file(t, of_repository, IGNORE_FOLLOW_LINKS, 0) ? -1 : push_folders(t);
}

/* The part of folder, which is root or below it, behind root, as gittree_folder gives it. A heap string. */
static char *below_root(const char *root, const char *folder)
{
	DEFER(buf_done) struct buf below = BUF_INIT(VALUE_BYTES);
	const char *rest = folder + (strcmp(root, "/") == 0 ? 0 : strlen(root));

	rest += *rest == '/' ? 1 : 0;
	if (buf_add_text(&below, rest) || (*rest && buf_add_byte(&below, '/')) || buf_reserve(&below, 0))
		return NULL;
	return buf_detach(&below);
}

static int open_tree(const char *folder, bool only_here, struct gittree **ret, struct err *err)
{
	DEFER(freep) char *real = realpath(folder, NULL);
	struct gitdir git;
	struct gittree *t;

	*ret = NULL;
	if (!real)
		return err_set(err, ERR_IO, errno, "cannot find '%s'", folder);
	if (gitdir_find(real, only_here, &git, err))
		return -1;
	if (!git.root)
		return 0;
	t = calloc(1, sizeof(*t));
	if (!t) {
		gitdir_done(&git);
		return err_nomem(err);
	}
	t->git = git;
	t->listing = (struct buf)BUF_INIT(PROC_OUTPUT_BYTES);
	(void)pthread_mutex_init(&t->lock, NULL);
	t->folder = below_root(git.root, real);
	if (!t->folder || push_files(t))
		return out_of_memory(t, err);
	*ret = t;
	return 0;
}

int gittree_open(const char *folder, struct gittree **ret, struct err *err)
{
	return open_tree(folder, false, ret, err);
}

int gittree_open_nested(const char *folder, struct gittree **ret, struct err *err)
{
	return open_tree(folder, true, ret, err);
}

void gittree_free(struct gittree *tree)
{
	if (!tree)
		return;
	while (tree->innermost) {
		struct link *link = tree->innermost;

		tree->innermost = link->outer;
		ignore_free(link->file);
		free(link);
	}
	(void)pthread_mutex_destroy(&tree->lock);
	buf_done(&tree->listing);
	free(tree->tracked);
	free(tree->folder);
	gitdir_done(&tree->git);
	free(tree);
}

const char *gittree_root(const struct gittree *tree)
{
	return tree->git.root;
}

const char *gittree_folder(const struct gittree *tree)
{
	return tree->folder;
}

bool gittree_ignores_case(const struct gittree *tree)
{
	return tree->nocase;
}

const struct err *gittree_trouble(const struct gittree *tree)
{
	return &tree->trouble;
}

const struct ignore_scope *gittree_scope(const struct gittree *tree)
{
	return tree->innermost ? &tree->innermost->scope : NULL;
}

static unsigned char folded(const struct gittree *t, char c)
{
	return (unsigned char)(t->nocase ? text_lower(c) : c);
}

static int compare_tracked(const void *a, const void *b, void *tree)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;

	while (*x && folded(tree, *x) == folded(tree, *y)) {
		x++;
		y++;
	}
	return folded(tree, *x) - folded(tree, *y);
}

/* Finds the paths in the listing. git lists them by their bytes; where case does not count they are sorted again. */
static int index_listing(struct gittree *t)
{
	struct view rest = buf_view(&t->listing);
	size_t count = 0;

	for (size_t i = 0; i < rest.len; i++)
		count += rest.ptr[i] == '\0' ? 1 : 0;
	t->tracked = calloc(count + 1, sizeof(*t->tracked));
	if (!t->tracked)
		return -1;
	for (; t->tracked_count < count; rest = view_sub(rest, strlen(rest.ptr) + 1, rest.len))
		t->tracked[t->tracked_count++] = rest.ptr;
	if (t->nocase)
		qsort_r(t->tracked, count, sizeof(*t->tracked), compare_tracked, t);
	return 0;
}

static int ask_git(struct gittree *t, struct err *err)
{
	static const char *const args[] = { "ls-files", "-z", "--cached", NULL };
	int status;

	/* of a pipe, say, git would wait for somebody to write into it */
	if (t->is_misconfigured)
		(void)err_set(err, ERR_CONFIG, 0, "%s", t->trouble.text);
	else if (gitcmd_run(t->git.root, args, &t->listing, &status, err) == 0) {
		if (status)
			(void)err_set(err, ERR_IO, 0, "'git ls-files' failed in '%s'", t->git.root);
		else if (!index_listing(t))
			return 0;
		else
			(void)err_nomem(err);
	}
	return err_prefix(err, "what git tracks is not known, so what it ignores is read as well");
}

/* As compare_tracked, of a tracked path and path: equal or, if below, one of those below path. */
static int compare_path(const struct gittree *t, const char *tracked, struct view path, bool below)
{
	unsigned char end = below ? '/' : '\0', next;

	for (size_t i = 0; i < path.len; i++) {
		unsigned char a = folded(t, tracked[i]), b = folded(t, path.ptr[i]);

		if (a != b)
			return a < b ? -1 : 1;
	}
	next = (unsigned char)tracked[path.len];
	return next == end ? 0 : next < end ? -1 : 1;
}

static bool is_listed(const struct gittree *t, struct view path, bool below)
{
	size_t low = 0, high = t->tracked_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_path(t, t->tracked[middle], path, below);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

int gittree_tracks(struct gittree *tree, struct view path, bool is_folder, struct err *err)
{
	pthread_mutex_lock(&tree->lock);
	if (!tree->was_asked) {
		tree->was_asked = true;
		tree->is_known = ask_git(tree, err) == 0;
	}
	pthread_mutex_unlock(&tree->lock);
	if (!tree->is_known)
		return -1;
	/* A folder that is listed itself is a submodule. */
	return is_listed(tree, path, false) || (is_folder && is_listed(tree, path, true));
}
