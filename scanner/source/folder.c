/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/sys/file.h"

#define OPEN_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK)

static atomic_uint open_folders;
static pthread_mutex_t close_lock = PTHREAD_MUTEX_INITIALIZER; /* closing against reopen_locked's look at ancestors */

/* a, then b, then a slash when b is not empty. */
static char *join(const char *a, size_t a_len, struct view b, size_t *ret_len)
{
	char *p = malloc(a_len + b.len + 2);

	if (!p)
		return NULL;
	memcpy(p, a, a_len);
	if (b.len) {
		memcpy(p + a_len, b.ptr, b.len);
		p[a_len + b.len] = '/';
		a_len += b.len + 1;
	}
	p[a_len] = '\0';
	*ret_len = a_len;
	return p;
}

static void folder_free(struct folder *f)
{
	if (f->fd >= 0) {
		(void)close(f->fd);
		atomic_fetch_sub(&open_folders, 1);
	}
	ignore_free(f->ignore);
	gittree_free(f->own_tree);
	free(f->shown);
	free(f->below);
	free(f->in_tree);
	free(f);
}

struct folder *folder_ref(struct folder *f)
{
	atomic_fetch_add(&f->refs, 1);
	return f;
}

void folder_unref(struct folder *f)
{
	while (f && atomic_fetch_sub(&f->refs, 1) == 1) {
		struct folder *parent = f->parent;

		folder_free(f);
		f = parent;
	}
}

static struct folder *folder_new(void)
{
	struct folder *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->fd = -1;
	atomic_init(&f->refs, 1);
	return f;
}

struct folder *folder_root(const char *shown, const char *below)
{
	struct folder *f = folder_new();

	if (!f)
		return NULL;
	f->shown = join(shown, strlen(shown), VIEW_NONE, &f->shown_len);
	f->below = join(below, strlen(below), VIEW_NONE, &f->below_len);
	if (!f->shown || !f->below) {
		folder_free(f);
		return NULL;
	}
	return f;
}

int folder_set_tree(struct folder *f, struct gittree *tree)
{
	const char *folder = gittree_folder(tree);
	char *in_tree = join(folder, strlen(folder), VIEW_NONE, &f->in_tree_len);

	if (!in_tree) {
		gittree_free(tree);
		return -1;
	}
	free(f->in_tree);
	f->in_tree = in_tree;
	f->tree = f->own_tree = tree;
	f->scope = gittree_scope(tree);
	f->only_tracked = false;
	return 0;
}

struct folder *folder_child(struct folder *parent, struct view name)
{
	struct folder *f = folder_new();

	if (!f)
		return NULL;
	f->shown = join(parent->shown, parent->shown_len, name, &f->shown_len);
	f->below = join(parent->below, parent->below_len, name, &f->below_len);
	if (parent->in_tree)
		f->in_tree = join(parent->in_tree, parent->in_tree_len, name, &f->in_tree_len);
	if (!f->shown || !f->below || (parent->in_tree && !f->in_tree)) {
		folder_free(f);
		return NULL;
	}
	f->name_len = name.len;
	f->parent = folder_ref(parent);
	f->tree = parent->tree;
	f->scope = parent->scope;
	f->only_tracked = parent->only_tracked;
	return f;
}

static const char *last_name(const struct folder *f, char name[static NAME_MAX_BYTES])
{
	memcpy(name, f->shown + f->shown_len - 1 - f->name_len, f->name_len);
	name[f->name_len] = '\0';
	return name;
}

/* Opens f below the open folder fd. */
static int open_below(const struct folder *f, int fd)
{
	char name[NAME_MAX_BYTES];

	if (f->name_len >= sizeof(name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return openat(fd, last_name(f, name), OPEN_FLAGS | O_NOFOLLOW);
}

/* Opens f name by name from its nearest open ancestor. Roots stay open as long as anything below them lives. Under
 * close_lock, since that ancestor may have no tasks of its own left. */
static int reopen_locked(struct folder *f)
{
	struct folder *up = f->parent;
	size_t depth = 1;
	int fd = -1;

	for (; up && up->fd < 0; up = up->parent)
		depth++;
	if (!up) {
		errno = ESTALE;
		return -1;
	}
	for (; depth > 0; depth--) {
		struct folder *at = f;
		int next;

		for (size_t i = 1; i < depth; i++)
			at = at->parent;
		next = open_below(at, fd >= 0 ? fd : up->fd);
		closep(&fd);
		if (next < 0)
			return -1;
		fd = next;
	}
	return fd;
}

int folder_open(struct folder *f, const char *path)
{
	bool owned = false;
	int parent_fd, saved;

	if (path) {
		f->fd = open(path, OPEN_FLAGS);
	} else {
		parent_fd = folder_fd(f->parent, &owned);
		if (parent_fd < 0)
			return -1;
		f->fd = open_below(f, parent_fd);
		saved = errno;
		if (owned)
			(void)close(parent_fd);
		errno = saved;
	}
	if (f->fd < 0)
		return -1;
	f->short_is_end = file_short_read_is_end(f->fd);
	atomic_fetch_add(&open_folders, 1);
	return 0;
}

int folder_fd(struct folder *f, bool *ret_owned)
{
	int fd;

	*ret_owned = f->fd < 0;
	if (f->fd >= 0)
		return f->fd;
	pthread_mutex_lock(&close_lock);
	fd = reopen_locked(f);
	pthread_mutex_unlock(&close_lock);
	return fd;
}

static void close_now(struct folder *f)
{
	pthread_mutex_lock(&close_lock);
	(void)close(f->fd);
	f->fd = -1;
	pthread_mutex_unlock(&close_lock);
	atomic_fetch_sub(&open_folders, 1);
}

int folder_share(struct folder *f, unsigned tasks, bool *ret_owned)
{
	int fd = f->fd;

	*ret_owned = f->parent && tasks > 1 && atomic_load(&open_folders) > WALK_OPEN_DIRS;
	atomic_store(&f->users, tasks);
	if (*ret_owned) {
		pthread_mutex_lock(&close_lock);
		f->fd = -1;
		pthread_mutex_unlock(&close_lock);
		atomic_fetch_sub(&open_folders, 1);
	}
	return fd;
}

void folder_release(struct folder *f)
{
	if (atomic_fetch_sub(&f->users, 1) == 1 && f->parent && f->fd >= 0)
		close_now(f);
}
