/* SPDX-License-Identifier: Apache-2.0 */
/* Reports in the format jsonl from many places, read one after the other. What is wrong with one is said, with file and
 * line, and makes the whole incomplete. */
#ifndef SCANNER_PARTS_READ_H
#define SCANNER_PARTS_READ_H

#include "scanner/readback.h"

struct parts {
	struct readback readback;
	struct summary sum;   /* of all of them: see readback_summary; what was found is not counted */
	struct shards shards; /* which repositories of a list they are about; see readback_repositories */
	/* Is given each finding. 0, or -1 when there is no memory. */
	int (*found)(void *context, const struct finding *f);
	void *context;
};

void parts_init(struct parts *p, const struct ruleset *rules, int (*found)(void *context, const struct finding *f),
		void *context);
void parts_done(struct parts *p); /* frees the examples as well */

/* Reads a report; - is standard input. 0, or -1 with err: it cannot be opened, or is no such report, or one that
 * does not go with those before (ERR_USAGE), or there is no memory. */
[[nodiscard]] int parts_read(struct parts *p, const char *path, struct err *err);

#endif
