/* SPDX-License-Identifier: Apache-2.0 */
/* The scan: source -> prefilter -> decode -> match -> classify -> suppress -> report. The only place that calls every
 * stage. */
#ifndef SCANNER_PIPELINE_H
#define SCANNER_PIPELINE_H

#include "common/base/err.h"
#include "common/policy/keyname.h"
#include "scanner/inventory.h"
#include "scanner/item.h"
#include "scanner/match/ruleset.h"
#include "scanner/report/report.h"
#include "scanner/summary.h"
#include "scanner/suppress/suppress.h"
#include "scanner/verify.h"

struct pipeline_options {
	const struct ruleset *rules;
	const struct suppress *suppress;
	struct baseline *baseline; /* what is not new; NULL = none. accepted: see struct outlet_options */
	struct baseline *accepted;
	const struct keyname_policy *names;
	const struct inventory *inventory; /* says whose keys were found; NULL = none */
	struct verify *verify;             /* asks whether they are live; NULL = nobody is asked */
	struct archives *archives;         /* opens containers; NULL: they are read as they are */
	struct report **reports;           /* all that are being written */
	size_t report_count;
	struct joined *joined; /* gets what is found, in place of the reports; NULL = none */
	unsigned jobs;
	unsigned decode_depth; /* encodings within each other that are followed; 0 = only UTF-16 is read */
	enum confidence min_confidence;
	bool ignore_allow;
	bool distrusts_markers; /* allow markers are told, but count for nothing: who wrote them sends the change */
	bool counts_objects;    /* what is read are objects of a store */
	bool verbose;           /* log why each was or was not reported; report what is allowed as well */
	bool progress;          /* a line on the terminal */
	uint64_t timeout_ns;    /* 0 = none */
};

struct pipeline;

/* Borrows what options point to. NULL with err. */
struct pipeline *pipeline_new(const struct pipeline_options *options, struct err *err);
void pipeline_freep(struct pipeline **at);

const struct item_sink *pipeline_sink(const struct pipeline *p);

/* What comes from here on is in that repository of many (the name is borrowed), until pipeline_leave, which says
 * whether all that should have been read was. */
void pipeline_enter(struct pipeline *p, const char *repository);
bool pipeline_leave(struct pipeline *p);

/* After the source has ended, once: asks whether what was found is live, when that is wanted, and reports what had to
 * wait for it. Examples are borrowed from the pipeline. */
void pipeline_summary(struct pipeline *p, struct summary *ret);

/* The most severe finding that was reported as new; -1 when there was none. */
int pipeline_worst(const struct pipeline *p);

/* Asks a running scan to end soon: what was not read counts as interrupted. Safe in a signal handler. */
void pipeline_stop(void);

#endif
