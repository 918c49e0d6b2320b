/* SPDX-License-Identifier: Apache-2.0 */
/* Which repositories of a list a report is about: what the summary says of it, and what merging makes of the summaries
 * of several parts. */
#ifndef SCANNER_SHARDS_H
#define SCANNER_SHARDS_H

#include "common/base/bounds.h"
#include "scanner/repolist.h"
#include "scanner/textset.h"

struct shards {
	char list[REPOLIST_DIGEST_BYTES];       /* digest of the list or plan */
	char settings[REPOLIST_DIGEST_BYTES];   /* of what decides what is found: see fleet_settings */
	uint64_t total;                         /* repositories of the list */
	unsigned count;                         /* parts that the list was divided into; 0: nothing is known yet */
	unsigned char have[SHARDS_MAX / 8 + 1]; /* a bit for each of them that the report is about */
	struct textset read;                    /* names of the repositories that were read as a whole */
	struct textset incomplete;              /* ... and of those that were not */
};

void shards_done(struct shards *s);

/* part: from 0. */
bool shards_have(const struct shards *s, unsigned part);
void shards_set(struct shards *s, unsigned part);
bool shards_are_all(const struct shards *s); /* all parts of the list are there */

uint64_t shards_missing(const struct shards *s); /* repositories of the list that nothing is known of */

/* Adds the parts of more to s, both of which must be of the same list, divided alike; the first that is added decides.
 * 0, or -1 with err: ERR_REFUSED, they do not go together, or something is in both; ERR_NOMEM. */
[[nodiscard]] int shards_add(struct shards *s, const struct shards *more, struct err *err);

/* Whether repositories are missing. What is, by part, and with the plan (or NULL; ERR_USAGE: it is another one) by
 * name, is handed to tell as complete sentences. 1 when something is, 0, or -1 with err. */
int shards_check(const struct shards *s, const struct repolist *plan, void (*tell)(const char *text), struct err *err);

#endif
