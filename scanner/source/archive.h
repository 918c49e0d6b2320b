/* SPDX-License-Identifier: Apache-2.0 */
/* Containers as a source: a skant-unpack for each thread, started when the thread meets its first container, takes them
 * apart, and what comes of them is handed on as items named `container!member`. No archive is parsed here: of a zip it
 * is found where the list at its end starts (ziplist.h). */
#ifndef SCANNER_SOURCE_ARCHIVE_H
#define SCANNER_SOURCE_ARCHIVE_H

#include "common/base/err.h"
#include "scanner/container.h"
#include "scanner/item.h"

struct archive_limits {
	unsigned depth; /* of containers in containers; 0: none is opened */
	uint64_t ratio; /* how many times its size may come out of one, beyond ARCHIVE_RATIO_FREE_BYTES */
	uint64_t bytes; /* that may come out of one */
};

struct archives_options {
	struct archive_limits limits;
	unsigned jobs;                  /* threads */
	void (*warn)(const char *text); /* complete sentences; any thread */
};

/* Finds skant-unpack (see unpack_find), and starts nothing. NULL with err when there is no memory. */
struct archives *archives_new(const struct archives_options *options, struct err *err);
void archives_freep(struct archives **at); /* ends what was started */

/* Who takes what comes of one container. Items hold for the call. */
struct archive_taker {
	void (*piece)(void *context, const struct item *item, const struct piece *piece);
	void (*unread)(void *context, const struct item *item, enum unread reason, const char *text);
	bool (*stopped)(void *context);
	void *context;
};

enum archive_result {
	ARCHIVE_ALL_READ, /* all of it was read */
	ARCHIVE_AS_BYTES, /* its bytes have to be looked at as they are: it is none, or could not be read whole */
	ARCHIVE_STOPPED,
};

/* Takes apart what fd holds from its first byte to size, wherever fd stands. item is the container, head its first
 * bytes. */
enum archive_result archive_scan(struct archives *a, unsigned worker, int fd, uint64_t size, const struct item *item,
				 struct view head, const struct archive_taker *taker);

/* The way from a source to its sink. */
struct archive_way {
	const struct item_sink *sink;
	unsigned worker;
	struct pool_task *slot;
};

/* Whether the sink has containers opened, and head begins one. */
bool archive_is_wanted(const struct item_sink *sink, struct view head);

/* Has the file taken apart when it is wanted, and counts it. false: its bytes are to be handed on as they are. */
bool archive_take(const struct archive_way *way, int fd, const struct item *item, struct view head);

#endif
