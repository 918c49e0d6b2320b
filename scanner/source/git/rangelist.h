/* SPDX-License-Identifier: Apache-2.0 */
/* Which commits a range means: git is asked, so that everything it understands is understood. */
#ifndef SCANNER_SOURCE_GIT_RANGELIST_H
#define SCANNER_SOURCE_GIT_RANGELIST_H

#include "common/base/err.h"
#include "scanner/source/git/gitrepo.h"
#include "scanner/source/git/object.h"

struct rangelist {
	struct oid *commits; /* by their time, then by id */
	size_t count;
	struct oid *tips; /* of a push: what the refs are to lead to, which may be tags */
	size_t tip_count;
	bool first_parent; /* other parents of a merge are no part of it: what they bring is the merge's */
	struct oid base;   /* the commit whose side decides; null when there is none */
};

struct rangelist_request {
	const char *range;    /* A..B, A...B or one revision; NULL = none */
	const char *since;    /* a date as git reads it; NULL = none */
	const char *log_opts; /* arguments of git rev-list, split at blanks; NULL = none */
	struct view push;     /* lines `local-ref local-id remote-ref remote-id`, instead of a range */
	const char *remote;   /* of the push: its name, NULL = not known */
	bool is_push;
	bool is_receive; /* the lines are `old-id new-id ref`, and what no ref leads to is new */
};

/* 0, or -1 with err: ERR_USAGE for a range or a line that git does not understand. */
[[nodiscard]] int rangelist_read(const struct gitrepo *repo, struct object_reader *reader,
				 const struct rangelist_request *request, struct rangelist *ret, struct err *err);
/* The commits that these lead to and no ref does, in no order that matters. 0, or -1 with err. */
[[nodiscard]] int rangelist_unreached(const struct gitrepo *repo, const struct oid *ids, size_t count,
				      struct rangelist *ret, struct err *err);
void rangelist_done(struct rangelist *l);

#endif
