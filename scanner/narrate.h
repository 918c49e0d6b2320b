/* SPDX-License-Identifier: Apache-2.0 */
/* What the scan says on standard error: why a finding was or was not reported, what could not be read, and the line
 * that sums it all up. */
#ifndef SCANNER_NARRATE_H
#define SCANNER_NARRATE_H

#include "scanner/finding.h"
#include "scanner/record.h"
#include "scanner/summary.h"

/* With -v: one line for each match, reported or not, with the checks that lowered its confidence. */
void narrate_finding(const struct finding *f, enum confidence min_confidence);

/* A warning for what should have been read; the rest is said with -v only. */
void narrate_unread(const struct record_unread *u);

/* A warning for each repository of many that was not read as a whole, as reports of others that are merged tell. */
void narrate_repositories(const struct shards *s);

/* `2 findings (1 critical) in 78,579 files, 1.24 GB, 0.31 s; not read: 3 unreadable; left out: 41 ignored` */
void narrate_summary(const struct summary *s, uint64_t duration_ns);

#endif
