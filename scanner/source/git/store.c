/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/self.h"
#include "scanner/source/git/grow.h"

#define RANGE 256          /* positions that one task takes: bounds what it maps before anybody looks */
#define ONE_TASK 32768     /* objects: smaller packs are one task */
#define FANOUT_FOLDERS 256 /* objects/00 to objects/ff */
#define PATH_BYTES (64u << 10)
#define ROUNDS_MAX 8   /* repacks that may come one after the other */
#define MAPPED_SHARE 2 /* of max_bytes that mapped packs may take before they are let go */
#define OUTPUT_BYTES (1u << 20)

enum step { STEP_PACK, STEP_READ, STEP_WALK, STEP_LOOSE };

struct task {
	struct pool_task task; /* first: the pool's view of it */
	enum step step;
	struct forest *forest;
	const struct packfile *pack;
	uint32_t from, to;
};

struct walk {
	struct objects *objects;
	const struct store_options *options;
	const struct store_ops *ops;
	struct grower **growers; /* one a worker */
	int failed;              /* atomic: memory ran out */
};

struct oid store_object_id(const struct store_object *o)
{
	return o->pack ? packfile_id(o->pack, o->index) : *o->loose_id;
}

/* Lets go of mapped packs when too much of them is in memory: the page cache has them still. */
static void make_room(void *context)
{
	const struct walk *w = context;
	const struct packfile *p;
	size_t mapped = 0;

	for (size_t i = 0; (p = objects_pack(w->objects, i)); i++)
		mapped += p->pack.len;
	if (mapped <= w->options->max_bytes / MAPPED_SHARE) /* all of it may stay */
		return;
	if (self_resident_bytes() <= w->options->max_bytes / MAPPED_SHARE)
		return;
	for (size_t i = 0; (p = objects_pack(w->objects, i)); i++)
		packfile_rest(p);
}

static unsigned types_of(const struct walk *w, const struct packfile *pack)
{
	return pack->count <= GIT_SMALL_PACK ? w->options->small_types : w->options->types;
}

static void fail(struct walk *w)
{
	__atomic_store_n(&w->failed, 1, __ATOMIC_RELAXED);
}

/* A small pack from start to end. */
static void walk_pack(struct walk *w, struct grower *g, const struct packfile *pack)
{
	struct forest f;

	if (forest_init(&f, pack, NULL)) {
		fail(w);
		return;
	}
	forest_read(&f, 0, f.count);
	forest_tie(&f);
	if (!grower_walk(g, &f, 0, f.count, types_of(w, pack)))
		fail(w);
	forest_done(&f);
}

struct loose_walk { /* one object while it is handed on */
	const struct walk *walk;
	unsigned worker;
	struct store_object object;
};

static bool take_loose(void *context, const struct piece *piece)
{
	struct loose_walk *l = context;

	l->walk->ops->piece(l->walk->ops->context, l->worker, &l->object, piece);
	return !l->walk->ops->stopped(l->walk->ops->context);
}

/* Reads one loose object; one that is gone was moved into a pack, which is walked later, or pruned. */
static void walk_loose(const struct walk *w, unsigned worker, const struct oid *id)
{
	struct loose_walk l = { .walk = w, .worker = worker, .object = { .loose_id = id } };
	struct object_reader *reader = grower_reader(w->growers[worker]);
	struct err err = ERR_INIT;
	enum object_result status = object_loose_type(reader, id, &l.object.type, &err);

	if (status == OBJECT_OK && !(w->options->small_types >> l.object.type & 1))
		return;
	if (status == OBJECT_OK)
		status = object_pieces_loose(reader, id, take_loose, &l, &err);
	if (status != OBJECT_OK && status != OBJECT_MISSING)
		w->ops->unread(w->ops->context, worker, &l.object, object_unread(status),
			       err.kind == ERR_NONE ? NULL : err.text);
}

/* Of the names of a folder's files, and the byte that they all go on from. */
static void digest_names(const struct file_list *list, unsigned byte, unsigned char ret[static DIGEST_SHA256_BYTES])
{
	char start = (char)byte;
	struct digest_sha256 d;

	digest_sha256_init(&d);
	digest_sha256_add(&d, view_from(&start, 1));
	for (size_t i = 0; i < list->count; i++) /* with the NUL between them */
		digest_sha256_add(&d, view_from(list->entries[i].name, list->entries[i].name_len + 1));
	digest_sha256_end(&d, ret);
}

static bool needs_no_look(const struct walk *w, unsigned worker, const struct file_list *list, unsigned byte)
{
	unsigned char digest[DIGEST_SHA256_BYTES];

	if (!w->options->skip_loose || list->count == 0)
		return list->count == 0;
	digest_names(list, byte, digest);
	return w->options->skip_loose(w->ops->context, worker, digest);
}

/* The loose objects whose names start with the byte, in all folders. */
static void walk_fanout(struct walk *w, unsigned worker, unsigned byte)
{
	DEFER(file_list_done) struct file_list list = { .entries = NULL };
	size_t hash_len = objects_hash_len(w->objects);
	const char *folder;

	for (size_t n = 0; (folder = objects_folder(w->objects, n)); n++) {
		DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES), hex = BUF_INIT(OID_HEX_BYTES);
		int errnum = 0;

		if (buf_addf(&path, "%s/%02x", folder, byte)) {
			fail(w);
			return;
		}
		{
			DEFER(closep) int fd = open(path.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

			if ((fd < 0 && errno != ENOENT) ||
			    (fd >= 0 && file_list_read(&list, fd, &errnum) && errnum != ENOENT))
				w->ops->unread(w->ops->context, worker, NULL, UNREAD_UNREADABLE, path.ptr);
			if (fd < 0 || needs_no_look(w, worker, &list, byte))
				continue;
		}
		for (size_t i = 0; i < list.count && !w->ops->stopped(w->ops->context); i++) {
			struct oid id;

			buf_clear(&hex);
			if (list.entries[i].name_len != 2 * hash_len - 2)
				continue;
			if (buf_addf(&hex, "%02x%s", byte, list.entries[i].name))
				fail(w);
			else if (oid_parse(buf_view(&hex), hash_len, &id) == 0)
				walk_loose(w, worker, &id);
		}
	}
}

static void run(void *context, unsigned worker, struct pool_task *pool_task)
{
	struct walk *w = context;
	struct task *t = (struct task *)pool_task;

	if (w->ops->stopped(w->ops->context))
		return;
	switch (t->step) {
	case STEP_PACK:
		walk_pack(w, w->growers[worker], t->pack);
		break;
	case STEP_READ:
		forest_read(t->forest, t->from, t->to);
		break;
	case STEP_WALK:
		if (!grower_walk(w->growers[worker], t->forest, t->from, t->to, types_of(w, t->forest->pack)))
			fail(w);
		break;
	case STEP_LOOSE:
		walk_fanout(w, worker, t->from);
		break;
	}
	if (t->step != STEP_LOOSE)
		make_room(w);
}

static void emit_nothing(void *, struct pool_task *)
{
}

static void free_task(void *, struct pool_task *task)
{
	free(task);
}

/* Puts a task at the front of the list. */
static int add_task(struct pool_task **list, const struct task *t, struct err *err)
{
	struct task *copy = malloc(sizeof(*copy));

	if (!copy)
		return err_nomem(err);
	*copy = *t;
	copy->task.next = *list;
	*list = &copy->task;
	return 0;
}

static void free_tasks(struct pool_task *list)
{
	while (list) {
		struct pool_task *next = list->next;

		free(list);
		list = next;
	}
}

static int run_tasks(struct walk *w, struct pool_task *list, struct err *err)
{
	struct pool_ops ops = { .run = run, .emit = emit_nothing, .free = free_task, .context = w };

	return list ? pool_run(&ops, w->options->jobs, OUTPUT_BYTES, list, err) : 0;
}

static int run_ranges(struct walk *w, struct forest *f, enum step step, struct err *err)
{
	struct pool_task *list = NULL;
	uint32_t to = f->count;

	while (to > 0) {
		uint32_t from = (to - 1) / RANGE * RANGE;
		struct task t = { .step = step, .forest = f, .from = from, .to = to };

		if (add_task(&list, &t, err)) {
			free_tasks(list);
			return -1;
		}
		to = from;
	}
	return run_tasks(w, list, err);
}

/* A large pack, step by step, each by all threads. */
static int walk_large(struct walk *w, const struct packfile *pack, struct err *err)
{
	struct forest f;
	int ret;

	if (forest_init(&f, pack, err))
		return -1;
	ret = run_ranges(w, &f, STEP_READ, err);
	if (ret == 0) {
		forest_tie(&f);
		ret = run_ranges(w, &f, STEP_WALK, err);
	}
	forest_done(&f);
	return ret;
}

static bool is_skipped(const struct walk *w, const struct packfile *p)
{
	return w->options->skip_pack && w->options->skip_pack(w->ops->context, p);
}

/* Walks the packs from number *next on, and moves it behind the last. */
static int walk_packs(struct walk *w, size_t *next, struct err *err)
{
	struct pool_task *small = NULL;
	const struct packfile *p;

	for (; (p = objects_pack(w->objects, *next)); ++*next) {
		struct task t = { .step = STEP_PACK, .pack = p };
		int status = 0;

		if (is_skipped(w, p))
			continue;
		status = p->count > ONE_TASK ? walk_large(w, p, err) : add_task(&small, &t, err);
		if (status) {
			free_tasks(small);
			return -1;
		}
	}
	return run_tasks(w, small, err);
}

static int walk_all_loose(struct walk *w, struct err *err)
{
	struct pool_task *list = NULL;

	for (unsigned byte = FANOUT_FOLDERS; byte-- > 0;) {
		struct task t = { .step = STEP_LOOSE, .from = byte };

		if (add_task(&list, &t, err)) {
			free_tasks(list);
			return -1;
		}
	}
	return run_tasks(w, list, err);
}

/* Packs that appear meanwhile may hold what was loose, or in a pack that was gone before it could be opened. */
static int walk_rounds(struct walk *w, struct err *err)
{
	size_t next = 0;
	int more = 1;

	for (unsigned round = 0; more > 0; round++) {
		if (walk_packs(w, &next, err) || (round == 0 && walk_all_loose(w, err)))
			return -1;
		if (round == ROUNDS_MAX) {
			w->ops->unread(w->ops->context, 0, NULL, UNREAD_LIMIT,
				       "the repository is repacked again and again");
			return 0;
		}
		more = w->ops->stopped(w->ops->context) ? 0 : objects_settle(w->objects, err);
	}
	return more;
}

static void tell_troubles(const struct walk *w)
{
	const char *trouble;
	bool is_loss;

	for (size_t i = 0; (trouble = objects_trouble(w->objects, i, &is_loss)); i++)
		w->ops->unread(w->ops->context, 0, NULL, is_loss ? UNREAD_CORRUPT : UNREAD_VANISHED, trouble);
}

int store_walk(struct objects *o, const struct store_options *options, const struct store_ops *ops, struct err *err)
{
	struct walk w = { .objects = o, .options = options, .ops = ops };
	size_t share = options->max_bytes / MAPPED_SHARE / (options->jobs + 1);
	struct grower_options grower = {
		.objects = o, .max_bytes = share, .ops = ops, .pause = make_room, .context = &w
	};
	int ret = 0;

	w.growers = calloc(options->jobs, sizeof(struct grower *));
	if (!w.growers)
		return err_nomem(err);
	for (unsigned i = 0; i < options->jobs && ret == 0; i++) {
		grower.worker = i;
		w.growers[i] = grower_new(&grower, err);
		ret = w.growers[i] ? 0 : -1;
	}
	if (ret == 0)
		ret = walk_rounds(&w, err);
	if (ret == 0)
		tell_troubles(&w);
	if (ret == 0 && w.failed)
		ret = err_nomem(err);
	for (unsigned i = 0; i < options->jobs; i++)
		grower_freep(&w.growers[i]);
	free(w.growers);
	return ret;
}
