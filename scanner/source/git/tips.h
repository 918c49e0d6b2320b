/* SPDX-License-Identifier: Apache-2.0 */
/* From what leads into a repository's objects (refs, HEADs, stashes, reflogs) to the tips of a walk. */
#ifndef SCANNER_SOURCE_GIT_TIPS_H
#define SCANNER_SOURCE_GIT_TIPS_H

#include "scanner/source/git/attribution.h"
#include "scanner/source/git/gitrepo.h"
#include "scanner/source/git/reflog.h"
#include "scanner/source/git/refs.h"

struct tips {
	struct attribution_tip *items; /* refs in the order of their names, then stashes, then the ids of reflogs */
	size_t count, cap;
	struct refs refs; /* where names stand */
	size_t trouble_count;
	struct err trouble; /* about the first ref or log that says nothing sensible */
};

/* with_reflogs: also what only a reflog leads to. 0, or -1 with err. */
[[nodiscard]] int tips_read(const struct gitrepo *repo, bool with_reflogs, struct tips *ret, struct err *err);
void tips_done(struct tips *t);

#endif
