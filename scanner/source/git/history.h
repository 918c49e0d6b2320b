/* SPDX-License-Identifier: Apache-2.0 */
/* A whole history as a source: every object of the store is looked at once, and what is found in one is attributed to
 * the commits and paths that have it, and only then reported. */
#ifndef SCANNER_SOURCE_GIT_HISTORY_H
#define SCANNER_SOURCE_GIT_HISTORY_H

#include "common/base/err.h"
#include "scanner/item.h"
#include "scanner/source/git/attribution.h"
#include "scanner/source/git/object.h"
#include "scanner/source/git/packcache.h"

struct history_options {
	struct objects *objects;
	size_t hash_len;
	const struct attribution_tip *tips; /* in the order of their names */
	size_t tip_count;
	const struct oid *shallow; /* sorted by bytes */
	size_t shallow_count;
	bool is_partial; /* a partial clone */
	bool full;       /* also what only reflogs or nothing reaches */
	/* Also look for what trees of packs with more than GIT_SMALL_PACK objects name; git makes such packs whole. */
	bool connectivity;
	unsigned jobs;
	size_t max_bytes;
	struct packcache *cache;        /* what earlier scans came to, and gets what this one does; NULL: nothing */
	void (*note)(const char *text); /* complete sentences; any thread */
};

struct history_result {
	uint64_t suspects;    /* objects that were worth a second look */
	uint64_t known_packs; /* that the cache knew */
	uint64_t lost;        /* objects that could not be read */
	bool is_whole;        /* it came to its end, and everything could be read */
};

/* 0, or -1 with err when the scan as a whole failed. */
[[nodiscard]] int history_scan(const struct history_options *options, const struct item_sink *sink,
			       struct history_result *ret, struct err *err);

#endif
