/* SPDX-License-Identifier: Apache-2.0 */
/* What was joined, as the reports of a run have it. */
#ifndef SCANNER_JOINED_REPORT_H
#define SCANNER_JOINED_REPORT_H

#include "scanner/joined.h"
#include "scanner/report/report.h"
#include "scanner/suppress/suppress.h"

struct joined_report {
	struct report **reports;
	size_t report_count;
	const struct suppress *suppress;
	bool verbose; /* what is allowed as well */
	bool is_told; /* why each was reported has been logged */
};

/* Reports what was joined, by place, and counts it in s, whose own counts of what was found as new and of verdicts are
 * lost. *ret_worst: the most severe of what is new, -1 when nothing is. 0, or -1 when there is no memory; reports_close
 * tells why a report could not be written. */
[[nodiscard]] int joined_report(struct joined *j, const struct joined_report *q, struct summary *s, int *ret_worst);

#endif
