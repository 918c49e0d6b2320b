/* SPDX-License-Identifier: Apache-2.0 */
/* One run of a scanning command: its configuration, reports and pipeline, from the flags to the exit status. */
#ifndef SCANNER_SESSION_H
#define SCANNER_SESSION_H

#include "common/base/err.h"
#include "scanner/covered.h"
#include "scanner/inventory.h"
#include "scanner/joined.h"
#include "scanner/options.h"
#include "scanner/pipeline.h"
#include "scanner/reports.h"
#include "scanner/setup.h"

struct session {
	const struct options *options;
	const char *const *targets; /* as the user named them, for the reports */
	size_t target_count;
	uint64_t started_ns;
	struct setup setup;
	struct inventory inventory;    /* of --inventory */
	const struct rule **rules;     /* those in use */
	struct report_context context; /* .command is the caller's to set */
	struct archives *archives;     /* NULL: none are opened */
	struct reports reports;
	enum covers covers; /* what is read as a whole; the caller's to set */
	struct covered covered;
	struct pipeline *pipeline;
	/* Of a scan of many repositories; the caller's to set before session_prepare: */
	struct joined *joined;       /* what is found comes together here, and is reported at the end; NULL = at once */
	const struct shards *shards; /* which they are */
	const struct summary *kept;  /* NULL, or what an earlier scan came to whose findings are in joined */
	uint64_t known_packs;        /* see struct summary; the caller's to set before session_conclude */
	bool counts_objects; /* what is read are objects of a store, not files; the caller's to set, as is the next */
	bool distrusts_markers; /* allow markers in what is scanned count for nothing */
};

/* Reads configuration and rules (root: the folder whose .skant.yaml and ignore files count, NULL: nobody's do), opens
 * the reports and makes the pipeline for so many threads. 0, or -1 with err: then session_refuse. */
[[nodiscard]] int session_prepare(struct session *s, const char *root, unsigned jobs, struct err *err);

/* After a session_prepare that went well, before anything is scanned: gives up what only that needed. */
void session_confine(const struct session *s);

/* After a session_prepare that failed: as if it had not been tried. */
void session_reset(struct session *s);

/* Nothing was scanned: says why, leaves no report behind. Gives the exit status. */
int session_refuse(struct session *s, const struct err *err);

/* Ends the reports, says what was done, and gives the exit status. failure (kind ERR_NONE when there was none) is what
 * kept the source from its work. */
int session_conclude(struct session *s, const struct err *failure);

#endif
