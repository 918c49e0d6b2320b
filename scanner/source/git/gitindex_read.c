/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/gitindex_read.h"

#include "common/base/text.h"
#include "scanner/source/git/be.h"

struct view gitindex_content(const struct gitindex *x)
{
	if (x->map.len == 0)
		return VIEW_NONE;
	return view_sub(x->map, 0, x->map.len - x->hash_len);
}

size_t gitindex_read_fixed(const struct gitindex *x, struct view v, size_t at, struct gitindex_entry *e)
{
	size_t flags_at = at + ID_AT + x->hash_len, path_at = flags_at + 2;
	unsigned flags, more = 0;

	if (v.len < path_at + 2)
		return 0;
	flags = be16(v.ptr + flags_at);
	if (flags & FLAG_EXTENDED) {
		if (x->version == 2)
			return 0;
		more = be16(v.ptr + path_at);
		path_at += 2;
	}
	e->id = (const unsigned char *)v.ptr + at + ID_AT;
	e->mode = be32(v.ptr + at + MODE_AT);
	e->stage = flags >> FLAG_STAGE_SHIFT & 3;
	e->intent_to_add = more & FLAG2_INTENT_TO_ADD;
	e->skip_worktree = more & FLAG2_SKIP_WORKTREE;
	e->path.len = flags & FLAG_NAME; /* at most; FLAG_NAME means: or longer */
	return path_at;
}

size_t gitindex_read_padded(struct view v, size_t start, size_t at, struct gitindex_entry *e)
{
	size_t len = e->path.len;
	size_t end;

	if (len == FLAG_NAME)
		len = text_find_byte(view_sub(v, at, v.len), '\0');
	if (len > v.len || __builtin_add_overflow(at, len, &end) || end >= v.len || v.ptr[end] != '\0')
		return 0;
	e->path = view_from(v.ptr + at, len);
	end = start + ((end - start + 8) & ~(size_t)7);
	return end <= v.len ? end : 0;
}
