/* SPDX-License-Identifier: Apache-2.0 */
/* Where objects are: the folders of a repository and its alternates, and the packs in them. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "scanner/source/git/cquote.h"
#include "scanner/source/git/midx.h"
#include "scanner/source/git/object.h"
#include "scanner/source/git/packfile.h"

#define PATH_BYTES (64u << 10)
#define SETTLE_LOOKS 20 /* for an index that a pack has not yet: its writer makes it last */
#define SETTLE_PAUSE_NS 50'000'000
#define ALTERNATES_BYTES (1u << 20) /* size of one info/alternates */

struct objects {
	size_t hash_len;
	char *folders[GIT_ALTERNATES_MAX + 1]; /* NULL behind the last */
	size_t folder_count;
	struct packfile *packs[GIT_PACKS_MAX + 1]; /* likewise; appended to under the lock, never changed */
	size_t pack_count;
	char *troubles[GIT_TROUBLES_MAX + 1];
	bool is_loss[GIT_TROUBLES_MAX + 1];
	size_t trouble_count;
	bool lacks_idx; /* at the last look a pack had none */
	bool is_late;   /* what a pack lacks by now will not come */
	pthread_mutex_t lock;
};

static int add_trouble(struct objects *o, const char *text, bool is_loss, struct err *err)
{
	for (size_t i = 0; i < o->trouble_count; i++)
		if (strcmp(o->troubles[i], text) == 0)
			return 0;
	if (o->trouble_count == GIT_TROUBLES_MAX)
		return 0;
	o->troubles[o->trouble_count] = strdup(text);
	if (!o->troubles[o->trouble_count])
		return err_nomem(err);
	o->is_loss[o->trouble_count++] = is_loss;
	return 0;
}

static bool knows_pack(const struct objects *o, const char *path)
{
	for (size_t i = 0; i < o->pack_count; i++)
		if (strcmp(o->packs[i]->path, path) == 0)
			return true;
	return false;
}

/* A repack took it away between listing and opening: what it held is in a newer one. */
static bool is_gone(const char *path)
{
	DEFER(buf_done) struct buf full = BUF_INIT(PATH_BYTES);

	return buf_addf(&full, "%s.pack", path) == 0 && access(full.ptr, F_OK) < 0 && errno == ENOENT;
}

/* Opens a pack by its own index, or by what a multi-pack-index says of it. */
static int add_pack(struct objects *o, const char *folder, const char *path, struct err *err)
{
	struct err trouble = ERR_INIT, of_midx = ERR_INIT;
	struct packfile *p;

	if (knows_pack(o, path))
		return 0;
	if (o->pack_count == GIT_PACKS_MAX)
		return add_trouble(o, "there are more packs than can be held; `git gc` joins them", true, err);
	p = packfile_open(path, o->hash_len, &trouble);
	if (!p && trouble.kind == ERR_IO && trouble.errnum == ENOENT)
		p = midx_open_pack(folder, path, o->hash_len, &of_midx);
	if (!p && trouble.kind == ERR_NOMEM)
		return err_nomem(err);
	if (!p && is_gone(path))
		return 0;
	if (!p) {
		o->lacks_idx |= trouble.errnum == ENOENT;
		return o->is_late ? add_trouble(o, trouble.text, true, err) : 0;
	}
	__atomic_store_n(&o->packs[o->pack_count++], p, __ATOMIC_RELEASE);
	return 1;
}

static int add_packs(struct objects *o, const char *folder, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);
	DEFER(file_list_done) struct file_list list = { .entries = NULL };
	int added = 0, errnum = 0;
	size_t base;

	if (buf_addf(&path, "%s/pack", folder))
		return err_nomem(err);
	{
		DEFER(closep) int fd = open(path.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			return errno == ENOENT ? 0 : err_set(err, ERR_IO, errno, "cannot open '%s'", path.ptr);
		if (file_list_read(&list, fd, &errnum))
			return err_set(err, ERR_IO, errnum, "cannot list '%s'", path.ptr);
	}
	base = path.len;
	for (size_t i = 0; i < list.count; i++) {
		struct view name = view_from(list.entries[i].name, list.entries[i].name_len);
		int status;

		if (!text_ends(name, VIEW(".pack")) || name.ptr[0] == '.') /* of a repack that was cut off */
			continue;
		buf_cut(&path, base);
		name.len -= sizeof(".pack") - 1;
		if (buf_add_byte(&path, '/') || buf_add(&path, name))
			return err_nomem(err);
		status = add_pack(o, folder, path.ptr, err);
		if (status < 0)
			return -1;
		added |= status;
	}
	return added;
}

static bool knows_folder(const struct objects *o, const char *folder)
{
	for (size_t i = 0; i < o->folder_count; i++)
		if (strcmp(o->folders[i], folder) == 0)
			return true;
	return false;
}

static int add_folder(struct objects *o, const char *folder, unsigned depth, struct err *err);

/* Takes one line off info/alternates; relative to the folder that it stands in. */
static int add_alternate(struct objects *o, const char *folder, struct view *rest, unsigned depth, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);
	bool is_comment = rest->ptr[0] == '#';
	DEFER(freep) char *line = cquote_next(rest, '\n');

	if (!line)
		return err_nomem(err);
	if (is_comment || !*line)
		return 0;
	if ((line[0] != '/' && buf_addf(&path, "%s/", folder)) || buf_add_text(&path, line))
		return err_nomem(err);
	return add_folder(o, path.ptr, depth + 1, err);
}

static int add_folder(struct objects *o, const char *folder, unsigned depth, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES), text = BUF_INIT(ALTERNATES_BYTES);
	DEFER(freep) char *real = realpath(folder, NULL);
	struct view rest;
	bool exists;

	if (!real) {
		struct err trouble = ERR_INIT;

		(void)err_set(&trouble, ERR_IO, errno, "cannot open the object folder '%s'", folder);
		return add_trouble(o, trouble.text, false, err);
	}
	if (knows_folder(o, real))
		return 0;
	if (o->folder_count == GIT_ALTERNATES_MAX)
		return add_trouble(o, "there are more alternate object folders than can be held", true, err);
	if (depth > GIT_ALTERNATES_DEPTH)
		return add_trouble(o, "alternate object folders lead to more of them than git follows", true, err);
	o->folders[o->folder_count] = strdup(real);
	if (!o->folders[o->folder_count])
		return err_nomem(err);
	o->folder_count++;
	if (buf_addf(&path, "%s/info/alternates", real))
		return err_nomem(err);
	if (!file_is_regular(path.ptr, &exists)) /* to open a pipe would take for ever */
		return exists ? add_trouble(o, "info/alternates is no regular file", true, err) : 0;
	if (file_read(path.ptr, &text, err))
		return -1;
	rest = buf_view(&text);
	while (rest.len)
		if (add_alternate(o, real, &rest, depth, err))
			return -1;
	return 0;
}

int objects_refresh(struct objects *o, struct err *err)
{
	int added = 0;

	pthread_mutex_lock(&o->lock);
	o->lacks_idx = false;
	for (size_t i = 0; i < o->folder_count && added >= 0; i++) {
		int status = add_packs(o, o->folders[i], err);

		added = status < 0 ? -1 : added | status;
	}
	pthread_mutex_unlock(&o->lock);
	return added;
}

int objects_settle(struct objects *o, struct err *err)
{
	const struct timespec pause = { .tv_nsec = SETTLE_PAUSE_NS };
	int added = objects_refresh(o, err);

	for (unsigned i = 0; i < SETTLE_LOOKS && added == 0 && o->lacks_idx; i++) {
		(void)nanosleep(&pause, NULL);
		added = objects_refresh(o, err);
	}
	if (added)
		return added;
	o->is_late = true;
	return objects_refresh(o, err);
}

struct objects *objects_open(const char *const *folders, size_t count, size_t hash_len, struct err *err)
{
	struct objects *o = calloc(1, sizeof(*o));

	if (!o) {
		(void)err_nomem(err);
		return NULL;
	}
	o->hash_len = hash_len;
	pthread_mutex_init(&o->lock, NULL);
	for (size_t i = 0; i < count; i++) {
		if (add_folder(o, folders[i], 0, err)) {
			objects_freep(&o);
			return NULL;
		}
	}
	if (objects_refresh(o, err) < 0)
		objects_freep(&o);
	return o;
}

void objects_freep(struct objects **at)
{
	struct objects *o = *at;

	*at = NULL;
	if (!o)
		return;
	for (size_t i = 0; i < o->pack_count; i++)
		packfile_free(o->packs[i]);
	for (size_t i = 0; i < o->folder_count; i++)
		free(o->folders[i]);
	for (size_t i = 0; i < o->trouble_count; i++)
		free(o->troubles[i]);
	pthread_mutex_destroy(&o->lock);
	free(o);
}

size_t objects_hash_len(const struct objects *o)
{
	return o->hash_len;
}

const struct packfile *objects_pack(const struct objects *o, size_t n)
{
	return __atomic_load_n(&o->packs[n], __ATOMIC_ACQUIRE);
}

const char *objects_folder(const struct objects *o, size_t n)
{
	return o->folders[n];
}

bool objects_is_empty(const struct objects *o)
{
	if (o->pack_count)
		return false;
	for (size_t i = 0; i < o->folder_count; i++) {
		DEFER(file_list_done) struct file_list list = { .entries = NULL };
		DEFER(closep) int fd = open(o->folders[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		int ignored;

		if (fd < 0 || file_list_read(&list, fd, &ignored))
			return false;
		for (size_t k = 0; k < list.count; k++)
			if (list.entries[k].name_len == 2)
				return false;
	}
	return true;
}

const char *objects_trouble(const struct objects *o, size_t n, bool *ret_is_loss)
{
	*ret_is_loss = o->is_loss[n];
	return o->troubles[n];
}
