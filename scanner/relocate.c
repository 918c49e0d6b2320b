/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/relocate.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"

static int add_path(struct buf *out, const char *repository, struct view path)
{
	return buf_add_text(out, repository) || (path.len && (buf_add_byte(out, '/') || buf_add(out, path))) ? -1 : 0;
}

/* A list of paths with "//" between them. */
static int add_paths(struct buf *out, const char *repository, struct view paths)
{
	struct view separator = VIEW("//");

	while (paths.len) {
		size_t end = text_find(paths, separator);

		if ((out->len && buf_add(out, separator)) || add_path(out, repository, view_sub(paths, 0, end)))
			return -1;
		paths = end == SIZE_MAX ? VIEW_NONE : view_sub(paths, end + separator.len, paths.len);
	}
	return 0;
}

static int add_finding(struct records *to, const struct finding *f, const char *repository)
{
	DEFER(buf_done) struct buf path = BUF_INIT(REPORT_TEXT_BYTES), also_at = BUF_INIT(REPORT_TEXT_BYTES);
	struct finding moved = *f;

	if (add_path(&path, repository, view_of(f->path)) ||
	    add_paths(&also_at, repository, view_of(f->origin.also_at)))
		return -1;
	moved.path = path.ptr;
	moved.origin.also_at = also_at.len ? also_at.ptr : NULL;
	moved.origin.repository = repository;
	moved.origin.is_known = true;
	return records_add_finding(to, &moved);
}

static int add_unread(struct records *to, const struct record_unread *u, const char *repository)
{
	DEFER(buf_done) struct buf path = BUF_INIT(REPORT_TEXT_BYTES);
	struct record_unread moved = *u;

	if (add_path(&path, repository, view_of(u->path)))
		return -1;
	moved.path = path.ptr;
	return records_add_unread(to, &moved);
}

struct records *records_relocate(struct records *r, const char *repository)
{
	struct records *moved = records_new();

	for (const struct record *i = moved ? r->first : NULL; i; i = i->next) {
		if (i->is_finding ? add_finding(moved, &i->finding, repository)
				  : add_unread(moved, &i->unread, repository)) {
			records_free(moved);
			return NULL;
		}
	}
	if (!moved)
		return NULL;
	for (size_t reason = 0; reason < UNREAD_COUNT; reason++)
		moved->skipped[reason] += r->skipped[reason];
	records_free(r);
	return moved;
}
