/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/reffiles.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"

struct walk {
	const struct reffiles_visitor *visitor;
	struct buf name; /* of the folder at hand, with its final slash */
	unsigned depth;
};

static void tell(const struct walk *w, int errnum, const char *what, const char *name)
{
	struct err err = ERR_INIT;

	(void)err_set(&err, errnum ? ERR_IO : ERR_FORMAT, errnum, "%s '%s'", what, name);
	w->visitor->trouble(w->visitor->context, &err);
}

static int walk_folder(struct walk *w, int fd, struct err *err);

static int walk_below(struct walk *w, int parent, const char *base, struct err *err)
{
	DEFER(closep) int fd = openat(parent, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int ret;

	if (fd < 0) {
		if (errno != ENOENT) /* the last ref in it may just have been deleted */
			tell(w, errno, "cannot open the folder of refs", w->name.ptr);
		return 0;
	}
	if (w->depth == GIT_REF_DEPTH) {
		tell(w, 0, "refs are too deep in folders, at", w->name.ptr);
		return 0;
	}
	w->depth++;
	ret = buf_add_byte(&w->name, '/') ? err_nomem(err) : walk_folder(w, fd, err);
	w->depth--;
	return ret;
}

/* A link to a folder could lead anywhere, and git makes none. */
static int visit(struct walk *w, int fd, const struct file_entry *e, struct err *err)
{
	const struct reffiles_visitor *v = w->visitor;

	if (e->type == FILE_FOLDER)
		return walk_below(w, fd, e->name, err);
	if (e->type == FILE_SPECIAL) {
		tell(w, 0, "neither a file nor a folder is the ref", w->name.ptr);
		return 0;
	}
	return v->file(v->context, fd, e->name, w->name.ptr, e->type == FILE_LINK, err);
}

static int walk_folder(struct walk *w, int fd, struct err *err)
{
	struct file_list list = { .entries = NULL };
	size_t len = w->name.len;
	int errnum, ret = 0;

	if (file_list_read(&list, fd, &errnum))
		tell(w, errnum, "cannot read the folder of refs", w->name.ptr);
	for (size_t i = 0; i < list.count && ret == 0; i++) {
		const struct file_entry *e = &list.entries[i];

		if (e->name[0] == '.' || text_ends(view_of(e->name), VIEW(".lock")))
			continue;
		ret = buf_add_text(&w->name, e->name) ? err_nomem(err) : visit(w, fd, e, err);
		buf_cut(&w->name, len);
	}
	file_list_done(&list);
	return ret;
}

int reffiles_walk(const char *folder, const char *prefix, const struct reffiles_visitor *visitor, struct err *err)
{
	DEFER(closep) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct walk w = { .visitor = visitor, .name = BUF_INIT(GIT_REF_NAME_BYTES) };
	int ret;

	if (fd < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			tell(&w, errno, "cannot open the folder of refs", folder);
		return 0;
	}
	ret = buf_add_text(&w.name, prefix) ? err_nomem(err) : walk_folder(&w, fd, err);
	buf_done(&w.name);
	return ret;
}

bool reffiles_is_regular(int fd, const char *base)
{
	struct stat st;

	return fstatat(fd, base, &st, 0) == 0 && S_ISREG(st.st_mode);
}
