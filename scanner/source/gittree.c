/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/gittree.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/proc.h"

#define PATH_BYTES (1u << 20)
#define CONFIG_BYTES (4u << 20)
#define POINTER_BYTES (64u << 10) /* of a `.git` or `commondir` file */

/* One ignore file of the chain that gittree_scope hands out. */
struct link {
	struct ignore_scope scope;
	struct ignore_file *file;
	struct link *next; /* of all, for freeing */
};

struct gittree {
	char *root, *folder;
	char *git_dir, *common_dir;
	bool nocase;
	struct err trouble;
	struct link *links; /* the innermost first */
	/* what git tracks, from the first question on */
	pthread_mutex_t lock;
	bool was_asked, is_known;
	struct err ask_err;
	struct buf listing;
	const char **tracked; /* terminated paths in the listing, sorted by their bytes */
	size_t tracked_count;
};

static char *joined(const char *folder, const char *name)
{
	struct buf out = BUF_INIT(PATH_BYTES);

	if (name[0] == '/')
		return strdup(name);
	if (buf_add_text(&out, folder) || (!text_ends(buf_view(&out), VIEW("/")) && buf_add_byte(&out, '/')) ||
	    buf_add_text(&out, name)) {
		buf_done(&out);
		return NULL;
	}
	return buf_detach(&out);
}

static bool has(const char *folder, const char *name, mode_t type)
{
	DEFER(freep) char *path = joined(folder, name);
	struct stat st;

	return path && stat(path, &st) == 0 && (!type || (st.st_mode & S_IFMT) == type);
}

static bool exists(const char *folder, const char *name)
{
	DEFER(freep) char *path = joined(folder, name);
	struct stat st;

	return path && lstat(path, &st) == 0;
}

/* A repository's own folder, or that of a linked work tree, which has its objects elsewhere. */
static bool is_git_dir(const char *path)
{
	if (!exists(path, "HEAD"))
		return false;
	return has(path, "commondir", S_IFREG) || (has(path, "objects", S_IFDIR) && has(path, "refs", S_IFDIR));
}

/* The path that a one-line file holds behind prefix, relative to folder; NULL when it does not. */
static char *read_pointer(const char *folder, const char *name, struct view prefix)
{
	DEFER(freep) char *path = joined(folder, name);
	DEFER(buf_done) struct buf text = BUF_INIT(POINTER_BYTES);
	struct view v;

	if (!path || file_read(path, &text, NULL))
		return NULL;
	v = buf_view(&text);
	while (v.len && (v.ptr[v.len - 1] == '\n' || v.ptr[v.len - 1] == '\r'))
		v.len--;
	if (!text_starts(v, prefix) || v.len == prefix.len)
		return NULL;
	buf_cut(&text, v.len);
	return joined(folder, text.ptr + prefix.len);
}

/* The repository that folder's `.git` is or points to; NULL when it has none. *ret_is_broken: it has a `.git` that git
 * would refuse. */
static char *git_dir_of(const char *folder, bool *ret_is_broken)
{
	char *dir = NULL;

	*ret_is_broken = false;
	if (has(folder, ".git", S_IFREG)) {
		dir = read_pointer(folder, ".git", VIEW("gitdir: "));
		*ret_is_broken = !dir || !is_git_dir(dir);
	} else if (has(folder, ".git", S_IFDIR)) {
		dir = joined(folder, ".git");
	}
	if (dir && is_git_dir(dir))
		return dir;
	free(dir);
	return NULL;
}

static dev_t device_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? (dev_t)-1 : st.st_dev;
}

/* Cuts path to the folder above; false at the root. */
static bool go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || path[1] == '\0')
		return false;
	slash[slash == path] = '\0';
	return true;
}

/* Cuts path to the root of the work tree that holds it and returns its git folder; NULL when there is none. */
static char *discover(char *path, bool only_here)
{
	dev_t device = device_of(path);

	do {
		bool is_broken;
		char *dir;

		if (is_git_dir(path))
			return NULL; /* in a repository's own folder */
		dir = git_dir_of(path, &is_broken);
		if (dir || is_broken)
			return dir;
	} while (!only_here && go_up(path) && device_of(path) == device);
	return NULL;
}

static int run_git(const struct gittree *t, const char *const *args, size_t count, struct buf *out, int *ret_status,
		   struct err *err)
{
	static const char *const env[] = { "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=",
					   "GIT_TERMINAL_PROMPT=0", "LC_ALL=C", NULL };
	const char *argv[24] = { "git", "-C", t->root, "--no-pager", "-c", "core.fsmonitor=false",
				 "-c",	"core.hooksPath=/dev/null" };
	DEFER(buf_done) struct buf complaint = BUF_INIT(CONFIG_BYTES);
	size_t n = 8;

	for (size_t i = 0; i < count && n + 1 < ARRAY_LEN(argv); i++)
		argv[n++] = args[i];
	if (proc_run(&(struct proc_spec){ .argv = argv, .env = env }, out, &complaint, ret_status, err))
		return -1;
	if (*ret_status > 1)
		return err_set(err, ERR_IO, 0, "git %s failed in '%s': %s", args[0], t->root,
			       complaint.len ? complaint.ptr : "no reason given");
	return 0;
}

static bool mentions(const char *path, const char *const *words, size_t count)
{
	DEFER(buf_done) struct buf text = BUF_INIT(CONFIG_BYTES);

	if (file_read(path, &text, NULL))
		return false;
	for (size_t i = 0; i < text.len; i++)
		text.ptr[i] = text_lower(text.ptr[i]);
	for (size_t i = 0; i < count; i++)
		if (text_find(buf_view(&text), view_of(words[i])) != SIZE_MAX)
			return true;
	return false;
}

/* `$XDG_CONFIG_HOME/git/NAME`, else `~/.config/git/NAME`; NULL when there is neither. */
static char *user_file(const char *name)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	DEFER(freep) char *folder = NULL;

	if (xdg && *xdg)
		folder = joined(xdg, "git");
	else if (home && *home)
		folder = joined(home, ".config/git");
	return folder ? joined(folder, name) : NULL;
}

/* Whether any configuration file speaks of what is asked here: only then is git asked. */
static bool is_configured(const struct gittree *t)
{
	static const char *const words[] = { "excludesfile", "ignorecase", "[include" };
	const char *global = getenv("GIT_CONFIG_GLOBAL"), *system = getenv("GIT_CONFIG_SYSTEM"), *home = getenv("HOME");
	DEFER(freep) char *own = joined(t->common_dir, "config");
	DEFER(freep) char *of_tree = joined(t->git_dir, "config.worktree");
	DEFER(freep) char *xdg = user_file("config");
	DEFER(freep) char *dot = home ? joined(home, ".gitconfig") : NULL;
	const char *paths[] = { own, of_tree, global ? global : xdg, global ? NULL : dot,
				system ? system : "/etc/gitconfig" };

	if (getenv("GIT_CONFIG_COUNT") || getenv("GIT_CONFIG_PARAMETERS"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (paths[i] && mentions(paths[i], words, ARRAY_LEN(words)))
			return true;
	return false;
}

/* The value of a configuration key as git has it; empty when it is not set. 0 or -1. */
static int ask_config(const struct gittree *t, const char *type, const char *key, struct buf *out, struct err *err)
{
	const char *const args[] = { "config", type, "--get", key };
	int status;

	if (run_git(t, args, ARRAY_LEN(args), out, &status, err))
		return -1;
	while (out->len && out->ptr[out->len - 1] == '\n')
		buf_cut(out, out->len - 1);
	return 0;
}

static void note_trouble(struct gittree *t, const struct err *err)
{
	if (err->kind != ERR_NONE && t->trouble.kind == ERR_NONE)
		t->trouble = *err;
}

/* Puts an ignore file before those of the chain. */
static int push_file(struct gittree *t, const char *path, enum ignore_links links, size_t base_len)
{
	struct err err = ERR_INIT;
	struct ignore_file *file;
	struct link *l;

	if (ignore_load(AT_FDCWD, path, links, t->nocase, &file, &err))
		note_trouble(t, &err);
	if (!file)
		return 0;
	l = calloc(1, sizeof(*l));
	if (!l) {
		ignore_free(file);
		return -1;
	}
	l->file = file;
	l->scope = (struct ignore_scope){ .outer = t->links ? &t->links->scope : NULL, .file = file, .base_len = base_len };
	l->next = t->links;
	t->links = l;
	return 0;
}

static int push_user_file(struct gittree *t)
{
	DEFER(buf_done) struct buf value = BUF_INIT(PATH_BYTES), flag = BUF_INIT(PATH_BYTES);
	DEFER(freep) char *path = user_file("ignore");
	struct err err = ERR_INIT;

	if (is_configured(t)) {
		if (ask_config(t, "--type=bool", "core.ignorecase", &flag, &err) ||
		    ask_config(t, "--type=path", "core.excludesfile", &value, &err))
			note_trouble(t, &err);
		t->nocase = text_eq(buf_view(&flag), VIEW("true"));
	}
	if (value.len)
		return push_file(t, value.ptr, IGNORE_FOLLOW_LINKS, 0);
	return path ? push_file(t, path, IGNORE_FOLLOW_LINKS, 0) : 0;
}

/* The ignore files of the root and of the folders between it and the one that was asked for. */
static int push_folders(struct gittree *t)
{
	struct view folder = view_of(t->folder);
	size_t at = 0;

	while (at < folder.len) {
		DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);
		size_t slash = text_find_byte(view_sub(folder, at, folder.len), '/');

		if (buf_addf(&path, "%s/", t->root) || buf_add(&path, view_sub(folder, 0, at)) ||
		    buf_add_text(&path, IGNORE_FILE_NAME) || push_file(t, path.ptr, IGNORE_NO_LINKS, at))
			return -1;
		if (slash == SIZE_MAX)
			break;
		at += slash + 1;
	}
	return 0;
}

static int push_files(struct gittree *t)
{
	DEFER(freep) char *exclude = joined(t->common_dir, "info/exclude");

	return !exclude || push_user_file(t) || push_file(t, exclude, IGNORE_FOLLOW_LINKS, 0) || push_folders(t) ? -1 : 0;
}

/* folder is absolute and below root. */
static char *below_root(const char *root, const char *folder)
{
	size_t len = strlen(root);
	const char *rest = folder + (strcmp(root, "/") == 0 ? 0 : len);
	struct buf out = BUF_INIT(PATH_BYTES);

	rest += *rest == '/';
	if (buf_add_text(&out, rest) || (*rest && buf_add_byte(&out, '/'))) {
		buf_done(&out);
		return NULL;
	}
	return buf_detach(&out);
}

static int open_tree(const char *folder, bool only_here, struct gittree **ret, struct err *err)
{
	DEFER(freep) char *real = realpath(folder, NULL);
	char *root = real ? strdup(real) : NULL, *git_dir;
	struct gittree *t;

	*ret = NULL;
	if (!real)
		return err_set(err, ERR_IO, errno, "cannot find '%s'", folder);
	git_dir = root ? discover(root, only_here) : NULL;
	if (!git_dir) {
		free(root);
		return 0;
	}
	t = calloc(1, sizeof(*t));
	if (!t) {
		free(root);
		free(git_dir);
		return err_nomem(err);
	}
	*t = (struct gittree){ .root = root, .git_dir = git_dir, .listing = BUF_INIT(PROC_OUTPUT_BYTES) };
	pthread_mutex_init(&t->lock, NULL);
	t->folder = below_root(root, real);
	t->common_dir = read_pointer(git_dir, "commondir", VIEW_NONE);
	if (!t->common_dir)
		t->common_dir = strdup(git_dir);
	if (!t->folder || !t->common_dir || push_files(t)) {
		gittree_free(t);
		return err_nomem(err);
	}
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
	for (struct link *l = tree->links, *next; l; l = next) {
		next = l->next;
		ignore_free(l->file);
		free(l);
	}
	pthread_mutex_destroy(&tree->lock);
	buf_done(&tree->listing);
	free(tree->tracked);
	free(tree->root);
	free(tree->folder);
	free(tree->git_dir);
	free(tree->common_dir);
	free(tree);
}

const char *gittree_root(const struct gittree *tree)
{
	return tree->root;
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

struct ignore_scope *gittree_scope(struct gittree *tree)
{
	return tree->links ? &tree->links->scope : NULL;
}

/* Finds the paths in the listing. git lists them in the order of their bytes. */
static int index_listing(struct gittree *t)
{
	size_t count = 0;

	for (size_t i = 0; i < t->listing.len; i++)
		count += t->listing.ptr[i] == '\0';
	t->tracked = calloc(count + 1, sizeof(*t->tracked));
	if (!t->tracked)
		return -1;
	for (size_t i = 0; i < t->listing.len && t->tracked_count < count;
	     i += strlen(t->listing.ptr + i) + 1)
		t->tracked[t->tracked_count++] = t->listing.ptr + i;
	return 0;
}

static void ask_git(struct gittree *t)
{
	static const char *const args[] = { "ls-files", "-z", "--cached" };
	struct err *err = &t->ask_err;
	int status;

	if (run_git(t, args, ARRAY_LEN(args), &t->listing, &status, err) == 0) {
		if (status)
			(void)err_set(err, ERR_IO, 0, "git ls-files failed in '%s'", t->root);
		else if (index_listing(t))
			(void)err_nomem(err);
		else
			t->is_known = true;
	}
	if (!t->is_known)
		(void)err_prefix(err, "which files git tracks is not known, so ignored files are read as well");
}

/* 1 when a tracked path equals path or, for a folder, starts with path and a slash. */
static int search_listing(const struct gittree *t, struct view path, bool is_folder)
{
	size_t low = 0, high = t->tracked_count;
	DEFER(buf_done) struct buf key = BUF_INIT(PATH_BYTES);

	if (buf_add(&key, path) || (is_folder && buf_add_byte(&key, '/')))
		return 1;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (text_cmp(view_of(t->tracked[mid]), buf_view(&key)) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < t->tracked_count) {
		struct view found = view_of(t->tracked[low]);

		if (is_folder ? text_starts(found, buf_view(&key)) : text_eq(found, buf_view(&key)))
			return 1;
	}
	/* a submodule is one entry, the folder itself */
	return is_folder ? search_listing(t, path, false) : 0;
}

int gittree_tracks(struct gittree *tree, struct view path, bool is_folder, struct err *err)
{
	bool is_first;

	pthread_mutex_lock(&tree->lock);
	is_first = !tree->was_asked;
	if (is_first)
		ask_git(tree);
	tree->was_asked = true;
	pthread_mutex_unlock(&tree->lock);
	if (tree->is_known)
		return search_listing(tree, path, is_folder);
	if (is_first && err)
		*err = tree->ask_err;
	return -1;
}
