/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/item.h"

#include "common/base/glob.h"

const char *const unread_names[UNREAD_COUNT] = {
	[UNREAD_IGNORED] = "ignored",
	[UNREAD_UNREADABLE] = "unreadable",
	[UNREAD_VANISHED] = "vanished",
	[UNREAD_SPECIAL] = "special",
	[UNREAD_SYMLINK] = "symlink",
	[UNREAD_LIMIT] = "limit",
	[UNREAD_ENCRYPTED] = "encrypted",
	[UNREAD_CORRUPT] = "corrupt",
	[UNREAD_MISSING_OBJECT] = "missing-object",
	[UNREAD_SHALLOW] = "shallow",
	[UNREAD_INTERRUPTED] = "interrupted",
};

bool unread_is_incomplete(enum unread reason)
{
	switch (reason) {
	case UNREAD_UNREADABLE:
	case UNREAD_LIMIT:
	case UNREAD_ENCRYPTED:
	case UNREAD_CORRUPT:
	case UNREAD_MISSING_OBJECT:
	case UNREAD_SHALLOW:
	case UNREAD_INTERRUPTED:
		return true;
	case UNREAD_IGNORED:
	case UNREAD_VANISHED:
	case UNREAD_SPECIAL:
	case UNREAD_SYMLINK:
	case UNREAD_COUNT:
		break;
	}
	return false;
}

void item_set_path(struct item *item, struct view path)
{
	size_t slash = path.len;

	while (slash > 0 && path.ptr[slash - 1] != '/')
		slash--;
	item->folder = item->below = view_sub(path, 0, slash);
	item->name = view_sub(path, slash, path.len);
}

static int add_parts(struct buf *buf, struct view folder, struct view name)
{
	size_t start = buf->len;

	if (buf_add(buf, folder) == 0 && buf_add(buf, name) == 0)
		return 0;
	buf_cut(buf, start);
	return -1;
}

int item_add_path(const struct item *item, struct buf *buf)
{
	return add_parts(buf, item->folder, item->name);
}

int item_add_below(const struct item *item, struct buf *buf)
{
	return add_parts(buf, item->below, item->name);
}

uint64_t subject_start(const struct subject *s, size_t from)
{
	return s->base + (s->spans ? s->spans[from].from : (uint64_t)from * s->stride);
}

uint64_t subject_end(const struct subject *s, size_t to)
{
	if (s->spans)
		return s->base + s->spans[to - 1].to;
	return s->base + (s->stride ? (uint64_t)to * s->stride : s->packed_bytes);
}

size_t subject_find(const struct subject *s, uint64_t place)
{
	size_t low = 0, high = s->text.len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (subject_end(s, mid + 1) > place)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

bool item_is_meant(struct view glob, struct view below, size_t own_len)
{
	return glob_path(glob, below) || (own_len && glob_path(glob, view_sub(below, below.len - own_len, own_len)));
}
