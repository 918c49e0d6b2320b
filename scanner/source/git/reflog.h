/* SPDX-License-Identifier: Apache-2.0 */
/* What refs led to before (git-reflog(1)): `OLD SP NEW SP who when TAB why`, a line for each change. */
#ifndef SCANNER_SOURCE_GIT_REFLOG_H
#define SCANNER_SOURCE_GIT_REFLOG_H

#include "common/base/err.h"
#include "scanner/source/git/gitrepo.h"
#include "scanner/source/git/oid.h"

struct reflog {
	struct oid
		*ids; /* old and new ids of all logs but the stash's new ones; sorted, each once, none of them null */
	size_t count;
	struct oid *stash; /* stash@{n}: the newest first */
	size_t stash_count;
	size_t trouble_count; /* lines and files that say nothing sensible */
	struct err trouble;   /* about the first of them */
};

/* Reads the logs of all work trees. A reftable repository's are asked of git. 0, or -1 with err. */
[[nodiscard]] int reflog_read(const struct gitrepo *repo, struct reflog *ret, struct err *err);
void reflog_done(struct reflog *log);

#endif
