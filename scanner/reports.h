/* SPDX-License-Identifier: Apache-2.0 */
/* The reports of one run: those that the command line asks for, all with the same content. */
#ifndef SCANNER_REPORTS_H
#define SCANNER_REPORTS_H

#include "common/base/err.h"
#include "scanner/options.h"
#include "scanner/report/report.h"

struct reports {
	struct report *items[REPORTS_MAX + 1];
	size_t count;
};

/* Opens what the options name. context is borrowed until they are closed. 0, or -1 with err; reports_abort then. */
[[nodiscard]] int reports_open(struct reports *r, const struct options *o, const struct report_context *context,
			       struct err *err);

/* Ends them all. 0, or -1 when some could not be written, which is logged; a reader of our output that has gone away is
 * no news. */
[[nodiscard]] int reports_close(struct reports *r, const struct summary *s);

void reports_abort(struct reports *r); /* leaves nothing behind */

#endif
