/* SPDX-License-Identifier: Apache-2.0 */
/* What a commit brings in: findings in what it changed whose secret was not in that path before, and those in its
 * message. Each is reported with the commit, its author and the path. */
#ifndef SCANNER_SOURCE_GIT_INTRODUCED_H
#define SCANNER_SOURCE_GIT_INTRODUCED_H

#include "scanner/source/git/oidmap.h"
#include "scanner/source/git/origin.h"

struct introduced_options {
	struct object_reader *reader;
	size_t hash_len;
	const struct item_sink *sink;
	const struct oid *shallow; /* commits whose parents are not here, sorted by bytes */
	size_t shallow_count;
	bool first_parent;         /* merges bring in all that their other parents have */
	bool whole_files;          /* also what was there before */
	const struct oidmap *only; /* objects that are worth a look, which have been counted; NULL: all */
	/* With only: whether another object, which has not been counted, is worth a look as well. NULL: none is. The
	 * caller may set it before each commit. */
	bool (*is_also)(void *context, const struct oid *id);
	void *context; /* of is_also */
};

struct introduced {
	struct introduced_options o;
	struct pool_task slot;
	struct origin_texts texts;
	struct origin origin; /* of the commit at hand */
	const char *refs;     /* names for struct origin, or NULL; the caller may set it before each commit */
	struct oidmap seen;   /* objects that were looked at as part of some commit */
	struct oidmap told;   /* objects that could not be read */
	struct oid message;   /* the commit at hand, whose message has not come yet; or null */
	bool failed;          /* memory ran out */
};

void introduced_init(struct introduced *i, const struct introduced_options *options);
void introduced_done(struct introduced *i);

/* Reports what the commit brings in. What cannot be read is told to the sink. */
void introduced_commit(struct introduced *i, const struct oid *id);
/* Reports what a tip is made of besides commits: the tags on the way to what it is about, and a blob or a tree. */
void introduced_tip(struct introduced *i, const struct oid *tip);
/* Reports everything in one object that no commit led to. */
void introduced_object(struct introduced *i, const struct oid *id, enum object_type type);

/* Tells the sink that an object could not be read; once for each. */
void introduced_unread(struct introduced *i, const struct oid *id, enum unread reason);

#endif
