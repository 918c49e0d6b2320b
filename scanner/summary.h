/* SPDX-License-Identifier: Apache-2.0 */
/* What a scan covered and what it found, in numbers: the statement that every report ends with. */
#ifndef SCANNER_SUMMARY_H
#define SCANNER_SUMMARY_H

#include "common/base/bounds.h"
#include "scanner/finding.h"
#include "scanner/item.h"

struct summary_example {
	enum unread reason;
	char *path;        /* raw bytes, terminated; owned */
	size_t inside_len; /* of a member of a container: see struct item */
};

struct shards;

struct summary {
	const struct shards *repositories; /* of a list; borrowed; NULL: there is none */
	uint64_t files, bytes;             /* objects of a store count as files */
	bool are_objects;                  /* they are all that was counted */
	uint64_t known_packs;              /* left out: an earlier scan has looked at them under the same rules */
	uint64_t findings[SEVERITY_CRITICAL + 1]; /* reported as new, by severity */
	uint64_t allowed, below_confidence;       /* found, not reported as new */
	bool has_baseline;
	uint64_t baseline;                 /* findings that are in it, not reported as new */
	uint64_t baseline_entries;         /* its entries, ... */
	bool knows_unmet;                  /* the scan covered some of them as a whole, ... */
	uint64_t baseline_unmet;           /* ... of which so many were not met */
	uint64_t verified[VERIFIED_COUNT]; /* new findings by what asking came to; none asked = all 0 */
	uint64_t unread[UNREAD_COUNT];
	uint64_t accepted; /* unread, but the configuration says that this is right */
	struct summary_example examples[UNREAD_EXAMPLES];
	size_t example_count;
	const char *instructions; /* "avx2": what the prefilter ran on */
	size_t rules;             /* in use */
	/* Of what was merged: reports that were cut off, records of them that could not be read. */
	uint64_t cut_reports, lost_records;
	uint64_t missing_repositories; /* ... and repositories of their list that no report tells of */
	bool incomplete;               /* something that should have been read was not */
	bool failed;                   /* memory ran out: findings may be missing */
};

uint64_t summary_findings(const struct summary *s);                   /* of all severities */
uint64_t summary_unread(const struct summary *s, bool is_incomplete); /* that should have been read, or the others */

/* Adds an example, whose path is taken over, unless there are UNREAD_EXAMPLES. is_sorted: they stay sorted by path and
 * reason, and it is the last that is too many, so that the order of their coming does not matter. */
void summary_add_example(struct summary *s, const struct summary_example *e, bool is_sorted);

#endif
