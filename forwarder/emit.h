/* SPDX-License-Identifier: Apache-2.0 */
/* `skantd emit`: sends records, one JSON object a line, to the ingest socket of a daemon, and learns what became of
 * them (docs/ingest.md). */
#ifndef FORWARDER_EMIT_H
#define FORWARDER_EMIT_H

#include <stdatomic.h>

#include "common/base/err.h"

struct emit_options {
	const char *socket; /* path of the stream socket */
	int fd;             /* where the lines come from: a file, a pipe; it stays open */
	/* The daemon refused a line of the input (from 1): why, a clean sentence. May be NULL. */
	void (*refused)(void *context, uint64_t line, const char *why);
	void *context;
	const atomic_bool *stop; /* NULL: none. Raised: ends within a second */
	uint64_t patience_ms;    /* without any progress of the daemon; 0 = as long as it takes (a full spool) */
};

struct emit_result {
	uint64_t stored;  /* on the disk of the daemon's spool */
	uint64_t known;   /* its idempotency key was there already */
	uint64_t refused; /* never will be */
	uint64_t ignored; /* taken, and not stored: summaries, and what the feed's filter leaves out */
};

/* Sends all, and waits until the daemon has told what became of it. *ret is always set: what is proven so far. 0; -1
 * with err: ERR_LATER nobody listens, or the daemon ended or fell silent before it was done (what *ret does not count
 * may be stored or not: records with an idempotency key may be sent again); ERR_IO the input cannot be read, the socket
 * may not be used; ERR_CONFIG its path is too long. */
[[nodiscard]] int emit_run(const struct emit_options *options, struct emit_result *ret, struct err *err);

#endif
