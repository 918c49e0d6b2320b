/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/unpack/frames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* When nobody reads, there is nothing left to do; libarchive offers no way out of the middle of an archive. */
static void flush(struct frames *o)
{
	size_t done = 0;

	while (done < o->len) {
		ssize_t n = send(o->fd, o->bytes + done, o->len - done, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			_exit(EXIT_FAILURE);
		done += n > 0 ? (size_t)n : 0;
	}
	o->len = 0;
	o->written();
}

static void add(struct frames *o, const void *bytes, size_t len)
{
	if (len == 0)
		return;
	memcpy(o->bytes + o->len, bytes, len);
	o->len += len;
}

/* A frame's head; what it carries fits behind it. */
static void start(struct frames *o, struct unpack_frame *frame)
{
	if (o->len + sizeof(*frame) + frame->len > sizeof(o->bytes))
		flush(o);
	add(o, frame, sizeof(*frame));
}

static void take_entry(void *context, struct view path, size_t own_len)
{
	struct unpack_frame f = { .type = UNPACK_ENTRY, .own_len = (uint16_t)own_len, .len = (uint32_t)path.len };

	start(context, &f);
	add(context, path.ptr, path.len);
}

static void take_data(void *context, struct view bytes)
{
	while (bytes.len) {
		struct view part = view_sub(bytes, 0, UNPACK_FRAME_BYTES);
		struct unpack_frame f = { .type = UNPACK_DATA, .len = (uint32_t)part.len };

		start(context, &f);
		add(context, part.ptr, part.len);
		bytes = view_sub(bytes, part.len, bytes.len);
	}
}

static void take_end(void *context)
{
	struct unpack_frame f = { .type = UNPACK_END };

	start(context, &f);
}

static void take_unread(void *context, struct view path, size_t own_len, enum unpack_trouble trouble, struct view text)
{
	struct unpack_frame f = { .type = UNPACK_UNREAD,
				  .code = (uint8_t)trouble,
				  .own_len = (uint16_t)own_len,
				  .path_len = (uint16_t)path.len,
				  .len = (uint32_t)(path.len + text.len) };

	start(context, &f);
	add(context, path.ptr, path.len);
	add(context, text.ptr, text.len);
}

void frames_init(struct frames *o, int fd, void (*written)(void))
{
	o->fd = fd;
	o->written = written;
	o->len = 0;
}

struct unpack_ops frames_ops(struct frames *o)
{
	return (struct unpack_ops){
		.entry = take_entry, .data = take_data, .end = take_end, .unread = take_unread, .context = o
	};
}

void frames_done(struct frames *o, enum unpack_status status)
{
	struct unpack_frame f = { .type = UNPACK_DONE, .code = (uint8_t)status };

	start(o, &f);
	flush(o);
}
