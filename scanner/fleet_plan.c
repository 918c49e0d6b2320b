/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "scanner/cmd.h"
#include "scanner/elsewhere.h"
#include "scanner/fleet.h"
#include "scanner/gitrun.h"
#include "scanner/repolist.h"
#include "scanner/source/git/packfile.h"

#define PLAN_MODE 0644
#define PATH_BYTES (1u << 20)
#define LOOSE_BYTES 1024 /* that a loose object has, about */
#define LOOSE_FOLDERS 256

struct place { /* of a repository, by which two names of one are known */
	dev_t dev;
	ino_t ino;
	size_t index;
};

struct planning {
	struct repolist list;
	struct place *places;
	size_t place_count;
	size_t largest, failed;
	uint64_t total;
};

static size_t count_entries(int folder, const char *name)
{
	struct file_list list = { .entries = NULL };
	DEFER(closep) int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t count = 0;
	int ignored;

	if (fd >= 0 && file_list_read(&list, fd, &ignored) == 0)
		count = list.count;
	file_list_done(&list);
	return count;
}

static uint64_t loose_bytes(const char *path)
{
	DEFER(closep) int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t count = 0;

	for (unsigned i = 0; folder >= 0 && i < LOOSE_FOLDERS; i++) {
		static const char digits[] = "0123456789abcdef";
		const char name[] = { digits[i / 16], digits[i % 16], '\0' };

		count += count_entries(folder, name);
	}
	return count * LOOSE_BYTES;
}

/* What a scan reads: packs and loose objects, those of alternates too. */
static uint64_t size_of(const struct objects *o)
{
	const struct packfile *pack;
	const char *folder;
	uint64_t bytes = 0;

	for (size_t i = 0; (pack = objects_pack(o, i)); i++)
		bytes += pack->pack.len;
	for (size_t i = 0; (folder = objects_folder(o, i)); i++)
		bytes += loose_bytes(folder);
	return bytes < REPOSITORY_BYTES_MAX ? bytes : REPOSITORY_BYTES_MAX;
}

/* One that cannot be opened stays in the plan: the scan says so again, unless it is mended by then. */
static void measure(struct planning *p, const struct options *o, size_t index)
{
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);
	struct repolist_entry *e = &p->list.entries[index];
	struct gitrun r = { .options = o };
	struct err err = ERR_INIT;
	struct stat st;

	if (repolist_add_path(&p->list, index, &path)) {
		(void)err_nomem(&err);
	} else if (gitrun_open(&r, path.ptr, &err) == 0 && fleet_check_itself(&r.repo, path.ptr, &err) == 0) {
		e->bytes = size_of(r.objects);
		if (stat(r.repo.common, &st) == 0)
			p->places[p->place_count++] =
				(struct place){ .dev = st.st_dev, .ino = st.st_ino, .index = index };
	}
	if (err.kind != ERR_NONE) {
		log_warn("cannot measure '%s', which stays in the plan: %s", e->name, err.text);
		p->failed++;
	}
	p->total += e->bytes;
	if (e->bytes > p->list.entries[p->largest].bytes)
		p->largest = index;
	gitrun_done(&r);
}

static int by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

static void tell_doubles(struct planning *p)
{
	if (p->place_count)
		qsort(p->places, p->place_count, sizeof(*p->places), by_place);
	for (size_t i = 1; i < p->place_count; i++)
		if (p->places[i].dev == p->places[i - 1].dev && p->places[i].ino == p->places[i - 1].ino)
			log_warn("'%s' and '%s' are the same repository, which is going to be read twice",
				 p->list.entries[p->places[i - 1].index].name,
				 p->list.entries[p->places[i].index].name);
}

/* What names of the list begin with in the plan: nothing when both are in the same folder. */
static char *base_of(const struct repolist *list, const char *plan)
{
	DEFER(freep) char *copy = strdup(plan), *from = realpath(list->folder ? list->folder : ".", NULL);
	DEFER(freep) char *to = copy ? realpath(dirname(copy), NULL) : NULL;
	struct buf base = BUF_INIT(PATH_BYTES);

	if (from && to && strcmp(from, to) == 0)
		return strdup("");
	if (!from || buf_addf(&base, "%s/", from)) {
		buf_done(&base);
		return NULL;
	}
	return buf_detach(&base);
}

static int write_plan(const struct repolist *list, const char *path, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(2 * REPOSITORY_LIST_BYTES);
	DEFER(freep) char *base = base_of(list, path);
	struct file_replace f = { .path = NULL };

	if (!base || repolist_add_plan(list, base, &text))
		return err_nomem(err);
	if (file_replace_open(&f, path, PLAN_MODE, err))
		return -1;
	if (file_write_full(f.fd, buf_view(&text)))
		(void)err_set(err, ERR_IO, errno, "cannot write '%s'", path);
	else if (file_replace_commit(&f, err) == 0)
		return 0;
	file_replace_abort(&f);
	return -1;
}

static void tell(const struct planning *p, const char *path)
{
	DEFER(buf_done) struct buf text = BUF_INIT(2 * REPOSITORY_NAME_BYTES);
	const struct repolist *l = &p->list;

	if (text_add_grouped(&text, l->count) || buf_addf(&text, " repositor%s, ", l->count == 1 ? "y" : "ies") ||
	    text_add_bytes(&text, p->total))
		return;
	if (l->count && (buf_addf(&text, "; the largest is '%s', ", l->entries[p->largest].name) ||
			 text_add_bytes(&text, l->entries[p->largest].bytes)))
		return;
	log_info("'%s': %s", path, text.ptr);
}

static int plan(struct planning *p, const struct options *o, struct err *err)
{
	if (elsewhere_refuse(o->plan, err) || repolist_read(&p->list, o->repositories, err))
		return -1;
	p->places = calloc(p->list.count + 1, sizeof(*p->places));
	if (!p->places)
		return err_nomem(err);
	for (size_t i = 0; i < p->list.count; i++) {
		p->list.entries[i].bytes = 0;
		measure(p, o, i);
	}
	tell_doubles(p);
	return write_plan(&p->list, o->plan, err);
}

int fleet_plan(const struct options *o)
{
	struct planning p = { .place_count = 0 };
	struct err err = ERR_INIT;
	int ret = EXIT_CLEAN;

	if (plan(&p, o, &err)) {
		log_error("%s", err.text);
		ret = err.kind == ERR_IO && p.places ? EXIT_INCOMPLETE : EXIT_USAGE;
	} else {
		tell(&p, o->plan);
		ret = p.failed ? EXIT_INCOMPLETE : EXIT_CLEAN;
	}
	free(p.places);
	repolist_done(&p.list);
	return ret;
}
