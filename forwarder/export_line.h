/* SPDX-License-Identifier: Apache-2.0 */
/* What a line of a receiver's export says of an event of ours, whatever wrote it: our formats as they went out, what
 * `journalctl -o json` makes of the journal's fields, and lines of syslog files with our RFC 5424 element or our CEF in
 * them. */
#ifndef FORWARDER_EXPORT_LINE_H
#define FORWARDER_EXPORT_LINE_H

#include "common/base/digest.h"
#include "common/base/err.h"

struct export_line {
	uint64_t seq;
	struct view id; /* into the line or into store */
	unsigned char hash[DIGEST_SHA256_BYTES], chain[DIGEST_SHA256_BYTES];
	bool is_replay;
	bool is_truncated;    /* it says that something was left out to make it fit */
	bool is_bare;         /* the upstream bytes, which its format has, are not in it, and it does not say why */
	struct view upstream; /* the upstream bytes; VIEW_NONE: they are not in it */
	struct buf store;     /* used again from line to line; start with {0}, with its ceiling set */
};

/* 1; 0 when nothing in the line says that it is an event of ours, or it is a test message (event_is_probe); -1 when it
 * is one and its number, id, hash or chain is damaged, or what is looked for stands there twice. */
int export_line_read(struct view line, struct export_line *ret);

#endif
