/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a container apart, with the containers in it: what skant-unpack is for, and nothing of the process around it.
 * Nothing is written anywhere, and the names of members are never used as paths. */
#ifndef SCANNER_UNPACK_UNPACK_H
#define SCANNER_UNPACK_UNPACK_H

#include "common/base/buf.h"
#include "scanner/unpack_wire.h"

struct unpack_input {
	/* Reads up to len bytes that start at a place. How many, 0 at the end, -1 when the system refused. */
	int64_t (*read_at)(void *context, void *to, size_t len, uint64_t at);
	/* All of it, until the run has ended; NULL when there is no memory for that. */
	const char *(*map)(void *context);
	void *context;
	uint64_t size;
};

/* Who is told. A path is that of a member in the container, with `!` behind each container within it; its last own_len
 * bytes are the member's own in the innermost one. It is what the container says: any bytes but NUL. */
struct unpack_ops {
	void (*entry)(void *context, struct view path, size_t own_len); /* a member starts */
	void (*data)(void *context, struct view bytes);
	void (*end)(void *context); /* no more of it comes */
	/* A member, or the container itself (no path), was not read, or not all of it. text is a library's word for it,
	 * or nothing. */
	void (*unread)(void *context, struct view path, size_t own_len, enum unpack_trouble trouble, struct view text);
	void *context;
};

/* Takes the container apart within the limits. */
enum unpack_status unpack_run(const struct unpack_input *in, const struct unpack_request *limits,
			      const struct unpack_ops *ops);

#endif
