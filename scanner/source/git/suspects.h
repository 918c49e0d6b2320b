/* SPDX-License-Identifier: Apache-2.0 */
/* The first look at a whole object store: which objects may hold something, which commits there are, and what the
 * objects refer to that is not there. */
#ifndef SCANNER_SOURCE_GIT_SUSPECTS_H
#define SCANNER_SOURCE_GIT_SUSPECTS_H

#include "common/base/err.h"
#include "scanner/item.h"
#include "scanner/source/git/packcache.h"
#include "scanner/source/git/store.h"

struct suspects {
	struct suspect *items; /* sorted by id, each once */
	size_t count;
	struct oid *commits; /* all of the store, when they were asked for and anything is to be attributed */
	size_t commit_count;
	struct oid *missing; /* referred to by a commit or a tree that was looked at, sorted, each once */
	size_t missing_count;
	size_t known_packs; /* that the cache knew */
	uint64_t unread;    /* things that could not be read, or are not as others say */
	bool all_checked;   /* everything was small enough to be asked what it refers to */
};

struct suspects_options {
	struct objects *objects;
	size_t hash_len;
	unsigned jobs;
	size_t max_bytes;
	bool wants_commits;
	bool checks;               /* find out what is missing */
	bool checks_large;         /* also from the trees of packs with more than GIT_SMALL_PACK objects */
	const struct oid *shallow; /* sorted by bytes: parents of these are rightly not there */
	size_t shallow_count;
	struct packcache *cache;        /* what is known already, and gets what is learnt; NULL: nothing */
	void (*note)(const char *text); /* a complete sentence about a store that is not whole; any thread */
};

/* Walks the store; objects that cannot be read are told to the sink, in slots (one a worker). 0, or -1 with err. */
[[nodiscard]] int suspects_find(const struct suspects_options *options, const struct item_sink *sink,
				struct pool_task *slots, struct suspects *ret, struct err *err);
void suspects_done(struct suspects *s);

#endif
