/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/member.h"

#include <string.h>

#include "common/base/bounds.h"
#include "scanner/container.h"

#define PATH_BYTES (1u << 20)

void member_init(struct member *m, const struct item *container, char *window)
{
	*m = (struct member){ .container = container, .path = BUF_INIT(PATH_BYTES), .below = BUF_INIT(PATH_BYTES) };
	m->window = window;
}

void member_done(struct member *m)
{
	buf_done(&m->path);
	buf_done(&m->below);
}

static int add(struct buf *out, int (*add_container)(const struct item *, struct buf *), const struct item *container,
	       struct view inner, struct view path)
{
	buf_clear(out);
	return add_container(container, out) || buf_add_byte(out, '!') || buf_add(out, inner) || buf_add(out, path) ? -1
														    : 0;
}

int member_name(struct member *m, struct view path, size_t own_len)
{
	/* what is in a compressed file has no name of its own: it is a file, or another container */
	bool is_nameless = path.len == 0 || (path.ptr[0] == '!' && own_len < path.len);
	struct view inner = is_nameless ? container_inner_name(m->container->name) : VIEW_NONE;
	size_t folder;

	if (add(&m->path, item_add_path, m->container, inner, path) ||
	    add(&m->below, item_add_below, m->container, inner, path))
		return -1;
	if (path.len == 0)
		own_len = inner.len;
	path = view_sub(buf_view(&m->path), m->path.len - inner.len - path.len, SIZE_MAX);
	for (folder = path.len; folder > path.len - own_len && path.ptr[folder - 1] != '/';)
		folder--;
	m->item = (struct item){ .folder = view_sub(buf_view(&m->path), 0, m->path.len - (path.len - folder)),
				 .below = view_sub(buf_view(&m->below), 0, m->below.len - (path.len - folder)),
				 .name = view_sub(buf_view(&m->path), m->path.len - (path.len - folder), SIZE_MAX),
				 .origin = m->container->origin,
				 .is_again = m->container->is_again,
				 .inside_len = path.len + 1,
				 .own_len = own_len };
	return 0;
}

void member_start(struct member *m)
{
	m->held = 0;
	m->piece = (struct piece){ .is_first = true };
}

bool member_add(struct member *m, struct view *bytes)
{
	struct view part;

	if (m->piece.bytes.len == SCAN_WINDOW_BYTES) { /* it has been handed on */
		m->held = SCAN_OVERLAP_BYTES;
		memmove(m->window, m->window + SCAN_WINDOW_BYTES - m->held, m->held);
		m->piece.offset += SCAN_WINDOW_BYTES - m->held;
		m->piece.is_first = false;
		m->piece.bytes = VIEW_NONE;
	}
	part = view_sub(*bytes, 0, SCAN_WINDOW_BYTES - m->held);
	if (part.len)
		memcpy(m->window + m->held, part.ptr, part.len);
	m->held += part.len;
	*bytes = view_sub(*bytes, part.len, bytes->len);
	if (m->held < SCAN_WINDOW_BYTES || bytes->len == 0)
		return false;
	m->piece.bytes = view_from(m->window, m->held);
	return true;
}

void member_finish(struct member *m)
{
	m->piece.bytes = view_from(m->window, m->held);
	m->piece.is_last = true;
}
