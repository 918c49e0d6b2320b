/* SPDX-License-Identifier: Apache-2.0 */
/* What skant-unpack answers (scanner/unpack_wire.h), read without trust: whoever wrote a container may speak through
 * it. Order, lengths and limits are checked; paths and texts are any bytes but NUL. */
#ifndef SCANNER_SOURCE_UNPACKREPLY_H
#define SCANNER_SOURCE_UNPACKREPLY_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "scanner/unpack_wire.h"

/* Who is told; the meaning is that of struct unpack_ops (scanner/unpack/unpack.h). The views hold for the call. */
struct unpackreply_ops {
	void (*entry)(void *context, struct view path, size_t own_len);
	void (*data)(void *context, struct view bytes);
	void (*end)(void *context);
	void (*unread)(void *context, struct view path, size_t own_len, enum unpack_trouble trouble, struct view text);
	void *context;
};

struct unpackreply {
	const struct unpack_request *asked;
	const struct unpackreply_ops *ops;
	uint64_t bytes, entries, troubles; /* so far */
	bool in_entry;
	enum unpack_status status; /* 0 until all was said */
};

/* Takes the whole frames that *bytes starts with, and cuts them off. 0: more bytes are needed; 1: all was said; -1 with
 * err (ERR_FORMAT): it does not keep to the protocol, or passes the limits that it was given. */
[[nodiscard]] int unpackreply_take(struct unpackreply *r, struct view *bytes, struct err *err);

#endif
