/* SPDX-License-Identifier: Apache-2.0 */
/* Where what a scan has to say comes out, in order: it is counted, told whose key it is and whether that is live, and
 * reported. Called by one thread at a time, but for outlet_hold. */
#ifndef SCANNER_OUTLET_H
#define SCANNER_OUTLET_H

#include "scanner/inventory.h"
#include "scanner/joined.h"
#include "scanner/record.h"
#include "scanner/report/report.h"
#include "scanner/summary.h"
#include "scanner/suppress/baseline.h"
#include "scanner/suppress/suppress.h"
#include "scanner/verify.h"

struct outlet_options {
	struct report **reports;
	size_t report_count;
	const struct suppress *suppress;
	struct baseline *baseline;         /* what is not new; NULL = none */
	struct baseline *accepted;         /* is given all that is reported as new or in the baseline; NULL = none */
	const struct inventory *inventory; /* NULL = none */
	struct verify *verify;             /* NULL = nobody is asked */
	enum confidence min_confidence;
	struct joined *joined; /* gets what is to be reported, in place of the reports; NULL = none */
	bool verbose;          /* log why each was or was not reported; report what is allowed as well */
	bool is_told;          /* that has been logged */
};

struct outlet {
	struct outlet_options options;
	struct summary summary;
	const char *repository;                /* of many, that what comes is in; NULL = none. The user's to set */
	bool has_gaps;                         /* something that should have been read was not; the user's to reset */
	int worst;                             /* most severe of the new findings; -1 = there was none */
	struct record *waiting, **waiting_end; /* findings whose keys are yet to be asked about */
};

void outlet_init(struct outlet *o, const struct outlet_options *options);
void outlet_done(struct outlet *o);

/* A finding with its secret, as it is made and in whatever thread: with --verify the secret is kept. */
void outlet_hold(const struct outlet *o, const struct finding *f, struct view secret);

/* Takes r over. 0, or -1 when some report can take no more. */
int outlet_take(struct outlet *o, struct records *r);

/* The scan has ended: has the keys asked about that wait for it, until stopped says so, and reports their findings. */
void outlet_finish(struct outlet *o, bool (*stopped)(void *context), void *context);

#endif
