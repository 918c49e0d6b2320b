/* SPDX-License-Identifier: Apache-2.0 */
/* One object of a store on its way to a sink: what it holds, or when it is a container that the sink wants opened, what
 * is in it. */
#ifndef SCANNER_SOURCE_GIT_BLOBFEED_H
#define SCANNER_SOURCE_GIT_BLOBFEED_H

#include "scanner/item.h"

struct blobfeed {
	const struct item_sink *sink;
	unsigned worker;
	struct pool_task *slot;  /* NULL: the first look, which only asks whether it is a suspect */
	const struct item *item; /* NULL, likewise */
	bool goes_on;            /* asks for more pieces also when the scan is to end */
	bool is_suspect;         /* with slot NULL: something in it is worth a second look, or was not read */
	int spool;               /* where a container is put together, plus one; 0: it is none */
	uint64_t spooled;
};

/* Takes a piece; pieces of one object come in order, of the first on. It is as pieces_fn: false asks for no more. */
bool blobfeed_piece(void *context, const struct piece *piece);
/* After the last piece, or when there are no more of a broken object: what came is handed on. */
void blobfeed_end(struct blobfeed *f);

#endif
