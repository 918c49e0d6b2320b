/* SPDX-License-Identifier: Apache-2.0 */
/* Git bundles (gitformat-bundle(5), version 2 and 3, and the pack in them, gitformat-pack(5)): the content of each
 * blob, commit and tag is handed on. No index is needed: the pack is walked from its first byte to its last, and
 * deltas are undone in memory. Whoever wrote a bundle may have lied everywhere in it. */
#ifndef SCANNER_UNPACK_BUNDLE_H
#define SCANNER_UNPACK_BUNDLE_H

#include "common/base/err.h"
#include "scanner/unpack/run.h"

#define BUNDLE_HEADER "header" /* what stands before the pack, as a member; no object is called so */

struct bundle_walk;

/* Who takes what comes of it. The views hold for the call. */
struct bundle_ops {
	/* An object called name: its id as hexadecimal digits, or when that cannot be told "offset-N", by where in the
	 * bundle it starts. bundle_read gives its bytes during the call. */
	void (*object)(void *context, struct view name, struct bundle_walk *walk);
	/* An object that was not read, or with an empty name the bundle itself. text says more, or nothing. */
	void (*unread)(void *context, struct view name, enum unpack_trouble trouble, struct view text);
	void *context;
};

/* The next bytes of the object that is handed on. 1, or 0 at its end. */
int bundle_read(struct bundle_walk *walk, struct view *ret);

/* What stands before the pack. */
struct bundle_head {
	size_t hash_len; /* of ids: 20 or 32 */
	size_t len;      /* of it, with the empty line: the pack follows */
};

/* Reads the head. 0, or -1 with err (a text to follow the bundle's name): ERR_FORMAT, or ERR_LIMIT for what is not
 * known here, such as a capability of a later git. */
[[nodiscard]] int bundle_read_head(struct view bundle, struct bundle_head *ret, struct err *err);

/* Hands on what is in the bundle, and first its head, as a member called BUNDLE_HEADER. It ends early when the run is
 * over. 0, or -1 when it does not begin as a bundle has to; that has been told. */
int bundle_scan(struct view bundle, struct unpack_run *run, const struct bundle_ops *ops);

#endif
