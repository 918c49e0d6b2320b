/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/worktree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "scanner/source/folder.h"
#include "scanner/source/leftout.h"
#include "scanner/source/reader.h"
#include "scanner/source/target.h"

#define PATH_BYTES (1u << 20)
#define FILE_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)

/* What one thread works with. */
struct walker {
	struct reader reader;
	struct file_list list;
	struct buf path; /* scratch for ignore rules */
	unsigned *kept;  /* indices of list entries: files to read now, folders to queue */
	size_t kept_cap;
};

struct walk {
	const struct worktree_options *options;
	const struct item_sink *sink;
	struct leftout_policy leftout;
	struct walker *walkers;
	atomic_bool out_of_memory;
};

/* Work in one folder: list it and read its first files, or read some more of its files. */
struct walk_task {
	struct pool_task task; /* first: the pool's view of it */
	struct folder *folder;
	const char *open_path; /* a root's path; NULL below it */
	bool is_target;        /* the one file of a task was named by the user: a link is followed */
	size_t file_count;     /* 0 = list the folder */
	char names[];          /* file_count terminated names, one behind the other */
};

static struct walk_task *task_new(struct folder *folder, size_t names_len)
{
	struct walk_task *t = calloc(1, sizeof(*t) + names_len);

	if (t)
		t->folder = folder;
	return t;
}

static void task_free(void *, struct pool_task *task)
{
	struct walk_task *t = (struct walk_task *)task;

	folder_unref(t->folder);
	free(t);
}

static struct item item_of(const struct folder *f, struct view name)
{
	return (struct item){ .folder = view_from(f->shown, f->shown_len),
			      .below = view_from(f->below, f->below_len),
			      .name = name };
}

static void report_unread(const struct walk *w, unsigned worker, struct walk_task *t, struct view name,
			  enum unread reason, int errnum)
{
	struct item item = item_of(t->folder, name);

	w->sink->unread(w->sink->context, worker, &t->task, &item, reason, errnum);
}

static enum unread reason_of(int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
		return UNREAD_VANISHED;
	case ELOOP:
		return UNREAD_SYMLINK;
	case ENXIO: /* a socket or a FIFO that took the file's place */
		return UNREAD_SPECIAL;
	default:
		return UNREAD_UNREADABLE;
	}
}

/* Whether fd is larger than the user wants to have read. */
static bool is_too_large(const struct walk *w, int fd)
{
	struct stat st;

	return w->options->max_file_bytes && fstat(fd, &st) == 0 && (uint64_t)st.st_size > w->options->max_file_bytes;
}

static void read_file(const struct walk *w, unsigned worker, struct walk_task *t, int dir_fd, struct view name)
{
	struct reader_target to = {
		.sink = w->sink,
		.worker = worker,
		.slot = &t->task,
		.short_is_end = t->folder->short_is_end && !t->is_target /* which may be a link to elsewhere */
	};
	struct item item = item_of(t->folder, name);
	DEFER(closep) int fd = openat(dir_fd, name.ptr, t->is_target ? FILE_FLAGS & ~O_NOFOLLOW : FILE_FLAGS);

	if (fd < 0) {
		int errnum = errno;

		report_unread(w, worker, t, name, reason_of(errnum), errnum);
		return;
	}
	if (is_too_large(w, fd)) {
		report_unread(w, worker, t, name, UNREAD_LIMIT, 0);
		return;
	}
	reader_run(&w->walkers[worker].reader, fd, &item, &to);
}

static bool is_stopped(const struct walk *w, unsigned worker, struct walk_task *t)
{
	if (!w->sink->stopped(w->sink->context))
		return false;
	report_unread(w, worker, t, VIEW_NONE, UNREAD_INTERRUPTED, 0);
	return true;
}

static void read_names(struct walk *w, unsigned worker, struct walk_task *t)
{
	bool owned = false;
	int fd = folder_fd(t->folder, &owned);
	const char *name = t->names;

	if (fd < 0) {
		int errnum = errno;

		report_unread(w, worker, t, VIEW_NONE, reason_of(errnum), errnum);
	}
	for (size_t i = 0; fd >= 0 && i < t->file_count; i++, name += strlen(name) + 1) {
		if (is_stopped(w, worker, t))
			break;
		read_file(w, worker, t, fd, view_of(name));
	}
	if (owned)
		closep(&fd);
	folder_release(t->folder);
}

/* A chain of tasks in the making. */
struct chain {
	struct pool_task *first, **end;
	unsigned count;
};

static void chain_put(struct chain *c, struct walk_task *t)
{
	*c->end = &t->task;
	c->end = &t->task.next;
	c->count++;
}

static int put_chunk(struct chain *c, struct folder *f, const struct file_entry *entries, const unsigned *kept,
		     size_t count)
{
	struct walk_task *t;
	size_t len = 0;
	char *out;

	for (size_t i = 0; i < count; i++)
		len += entries[kept[i]].name_len + 1;
	t = task_new(folder_ref(f), len);
	if (!t) {
		folder_unref(f);
		return -1;
	}
	out = t->names;
	t->file_count = count;
	for (size_t i = 0; i < count; i++) {
		memcpy(out, entries[kept[i]].name, entries[kept[i]].name_len + 1);
		out += entries[kept[i]].name_len + 1;
	}
	chain_put(c, t);
	return 0;
}

static int put_folder(struct chain *c, struct folder *parent, const struct file_entry *entry, bool only_tracked)
{
	struct folder *child = folder_child(parent, view_from(entry->name, entry->name_len));
	struct walk_task *t = child ? task_new(child, 0) : NULL;

	if (!t) {
		folder_unref(child);
		return -1;
	}
	child->only_tracked = only_tracked;
	chain_put(c, t);
	return 0;
}

static int keep(struct walker *walker, size_t index, size_t *count)
{
	if (*count == walker->kept_cap) {
		size_t cap = walker->kept_cap ? 2 * walker->kept_cap : 256;
		unsigned *grown = reallocarray(walker->kept, cap, sizeof(*grown));

		if (!grown)
			return -1;
		walker->kept = grown;
		walker->kept_cap = cap;
	}
	walker->kept[(*count)++] = (unsigned)index;
	return 0;
}

static void skip_entry(struct walk *w, unsigned worker, struct walk_task *t, const struct file_entry *e)
{
	report_unread(w, worker, t, view_from(e->name, e->name_len),
		      e->type == FILE_LINK ? UNREAD_SYMLINK : UNREAD_SPECIAL, 0);
}

/* Sorts the listed entries: files to keep, sub-folders into the chain, the rest reported. Returns the files kept;
 * SIZE_MAX when memory ran out. */
static size_t sort_entries(struct walk *w, unsigned worker, struct walk_task *t, struct chain *folders)
{
	struct walker *walker = &w->walkers[worker];
	size_t files = 0;

	for (size_t i = 0; i < walker->list.count; i++) {
		const struct file_entry *e = &walker->list.entries[i];
		enum leftout out = leftout_check(&w->leftout, t->folder, e, &walker->path);

		if (out == LEFTOUT_SILENTLY)
			continue;
		if (out == LEFTOUT_IGNORED)
			report_unread(w, worker, t, view_from(e->name, e->name_len), UNREAD_IGNORED, 0);
		else if (e->type == FILE_FOLDER) {
			if (put_folder(folders, t->folder, e, out == LEFTOUT_BUT_TRACKED))
				return SIZE_MAX;
		} else if (e->type != FILE_REGULAR)
			skip_entry(w, worker, t, e);
		else if (keep(walker, i, &files))
			return SIZE_MAX;
	}
	return files;
}

static void drop_chain(struct chain *c)
{
	while (c->first) {
		struct pool_task *next = c->first->next;

		task_free(NULL, c->first);
		c->first = next;
	}
}

/* Queues the folder's further files and its sub-folders, then reads its first files. */
static int work_off(struct walk *w, unsigned worker, struct walk_task *t)
{
	struct walker *walker = &w->walkers[worker];
	struct chain chunks = { .end = &chunks.first }, folders = { .end = &folders.first };
	size_t files = sort_entries(w, worker, t, &folders);
	size_t own = files < WALK_CHUNK_FILES ? files : WALK_CHUNK_FILES;
	int failed = files == SIZE_MAX, fd;
	bool owned;

	for (size_t i = own; !failed && i < files; i += WALK_CHUNK_FILES) {
		size_t count = files - i < WALK_CHUNK_FILES ? files - i : WALK_CHUNK_FILES;

		failed = put_chunk(&chunks, t->folder, walker->list.entries, walker->kept + i, count);
	}
	if (failed) {
		drop_chain(&chunks);
		drop_chain(&folders);
		return -1;
	}
	*chunks.end = folders.first;
	fd = folder_share(t->folder, chunks.count + folders.count + 1, &owned);
	pool_add(&t->task, chunks.first);
	for (size_t i = 0; i < own && !is_stopped(w, worker, t); i++) {
		const struct file_entry *e = &walker->list.entries[walker->kept[i]];

		read_file(w, worker, t, fd, view_from(e->name, e->name_len));
	}
	if (owned)
		closep(&fd);
	folder_release(t->folder);
	return 0;
}

static void list_folder(struct walk *w, unsigned worker, struct walk_task *t)
{
	struct walker *walker = &w->walkers[worker];
	struct folder *f = t->folder;
	int failed = folder_open(f, t->open_path), errnum = errno;

	if (f->parent)
		folder_release(f->parent);
	if (failed) {
		report_unread(w, worker, t, VIEW_NONE, reason_of(errnum), errnum);
		return;
	}
	if (file_list_read(&walker->list, f->fd, &errnum))
		report_unread(w, worker, t, VIEW_NONE, UNREAD_UNREADABLE, errnum);
	leftout_enter(&w->leftout, f, &walker->list);
	if (work_off(w, worker, t))
		atomic_store(&w->out_of_memory, true);
}

static void run(void *context, unsigned worker, struct pool_task *task)
{
	struct walk *w = context;
	struct walk_task *t = (struct walk_task *)task;

	if (t->file_count)
		read_names(w, worker, t);
	else if (!is_stopped(w, worker, t))
		list_folder(w, worker, t);
}

static void emit(void *context, struct pool_task *task)
{
	struct walk *w = context;

	w->sink->emit(w->sink->context, task);
}

static int walkers_new(struct walk *w, struct err *err)
{
	w->walkers = calloc(w->options->jobs, sizeof(*w->walkers));
	if (!w->walkers)
		return err_nomem(err);
	for (unsigned i = 0; i < w->options->jobs; i++) {
		w->walkers[i].path = (struct buf)BUF_INIT(PATH_BYTES);
		if (reader_init(&w->walkers[i].reader, err))
			return -1;
	}
	return 0;
}

static void walkers_free(struct walk *w)
{
	for (unsigned i = 0; w->walkers && i < w->options->jobs; i++) {
		reader_done(&w->walkers[i].reader);
		file_list_done(&w->walkers[i].list);
		buf_done(&w->walkers[i].path);
		free(w->walkers[i].kept);
	}
	free(w->walkers);
}

/* The task for one target. */
static struct walk_task *target_task(struct walk *w, const char *target, struct err *err)
{
	struct err trouble = ERR_INIT;
	const char *name;
	struct folder *f = target_folder(target, &name, &trouble, err);
	struct walk_task *t = f ? task_new(f, name ? strlen(name) + 1 : 0) : NULL;

	if (!t) {
		if (f)
			(void)err_nomem(err);
		folder_unref(f);
		return NULL;
	}
	if (trouble.kind != ERR_NONE)
		w->leftout.warn(trouble.text);
	if (name) {
		memcpy(t->names, name, strlen(name) + 1);
		t->file_count = 1;
		t->is_target = true;
	} else {
		t->open_path = target;
	}
	return t;
}

int worktree_scan(const char *const *targets, size_t count, const struct worktree_options *options,
		  const struct item_sink *sink, void (*warn)(const char *text), struct err *err)
{
	struct walk w = { .options = options,
			  .sink = sink,
			  .leftout = { .no_ignore = options->no_ignore, .warn = warn } };
	struct pool_ops ops = { .run = run, .emit = emit, .free = task_free, .context = &w };
	struct chain chain = { .end = &chain.first };
	int ret = walkers_new(&w, err);

	for (size_t i = 0; i < count && ret == 0; i++) {
		struct walk_task *t = target_task(&w, targets[i], err);

		if (t)
			chain_put(&chain, t);
		else
			ret = -1;
	}
	if (ret == 0)
		ret = pool_run(&ops, options->jobs, FINDINGS_WAITING_BYTES, chain.first, err);
	else
		drop_chain(&chain);
	walkers_free(&w);
	if (ret == 0 && atomic_load(&w.out_of_memory))
		ret = err_nomem(err);
	return ret;
}
