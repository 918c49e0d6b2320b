/* SPDX-License-Identifier: Apache-2.0 */
/* The form that a repository says it has (gitrepository-layout(5); git's Documentation/technical/
 * repository-version.txt). What is not known here is refused, as git does: it could change what everything means. */
#ifndef SCANNER_SOURCE_GIT_GITFORMAT_H
#define SCANNER_SOURCE_GIT_GITFORMAT_H

#include "common/base/err.h"

struct gitformat {
	uint64_t version;
	size_t hash_len; /* 20 or 32 */
	bool is_bare;
	bool is_partial;
	bool has_reftable;
	char *work_tree; /* core.worktree, as it is written; heap; NULL = none */
};

/* Reads it from the files `config` in common and, when the first says so, `config.worktree` in dir; what they include
 * does not count. 0, or -1 with err: ERR_USAGE for a form that is not known. */
[[nodiscard]] int gitformat_read(const char *dir, const char *common, struct gitformat *ret, struct err *err);
void gitformat_done(struct gitformat *f);

#endif
