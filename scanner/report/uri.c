/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/report/uri.h"

#include "common/base/text.h"

/* pchar of RFC 3986 without ':', which in the first segment of a relative reference would make it a scheme. */
static bool is_plain(char c)
{
	return text_is_alnum(c) || (c && text_find_byte(VIEW("-._~!$&'()*+,;=@"), c) != SIZE_MAX);
}

static int add_segment(struct buf *out, struct view segment)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < segment.len; i++) {
		unsigned char c = (unsigned char)segment.ptr[i];
		const char encoded[] = { '%', digits[c >> 4], digits[c & 15] };

		if (is_plain(segment.ptr[i]) ? buf_add_byte(out, segment.ptr[i])
					     : buf_add(out, view_from(encoded, sizeof(encoded))))
			return -1;
	}
	return 0;
}

/* In a Windows path both slashes divide. */
static size_t segment_len(struct view path, bool is_windows)
{
	size_t n = 0;

	while (n < path.len && path.ptr[n] != '/' && !(is_windows && path.ptr[n] == '\\'))
		n++;
	return n;
}

static bool has_drive(struct view path)
{
	return path.len >= 3 && text_is_alpha(path.ptr[0]) && path.ptr[1] == ':' && path.ptr[2] == '\\';
}

/* file://, and the drive of a Windows path, which is cut off *path. */
static int add_root(struct buf *out, struct view *path, bool is_windows)
{
	if (buf_add_text(out, "file://"))
		return -1;
	if (!is_windows)
		return 0;
	if (buf_add_byte(out, '/') || buf_add(out, view_sub(*path, 0, 2)))
		return -1;
	*path = view_sub(*path, 2, path->len);
	return 0;
}

/* Follows one segment: false when it leads out of where the path starts. */
static bool stays_below(struct view segment, size_t *depth)
{
	if (!text_eq(segment, VIEW(".."))) {
		(*depth)++;
		return true;
	}
	if (*depth == 0)
		return false;
	(*depth)--;
	return true;
}

int uri_add(struct buf *out, struct view path, bool *ret_is_below)
{
	bool is_windows = has_drive(path), is_absolute = is_windows || text_starts(path, VIEW("/"));
	size_t depth = 0, empty;

	if (is_absolute && add_root(out, &path, is_windows))
		return -1;
	*ret_is_below = !is_absolute;
	empty = out->len;
	while (path.len) {
		struct view segment = view_sub(path, 0, segment_len(path, is_windows));

		path = view_sub(path, segment.len + 1, path.len);
		if (segment.len == 0 || text_eq(segment, VIEW(".")))
			continue;
		if (!stays_below(segment, &depth))
			*ret_is_below = false;
		if (((is_absolute || out->len > empty) && buf_add_byte(out, '/')) || add_segment(out, segment))
			return -1;
	}
	if (out->len > empty)
		return 0;
	return buf_add_text(out, is_absolute ? "/" : ".");
}
