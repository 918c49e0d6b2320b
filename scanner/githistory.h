/* SPDX-License-Identifier: Apache-2.0 */
/* The whole history of one repository, as a run scans it. */
#ifndef SCANNER_GITHISTORY_H
#define SCANNER_GITHISTORY_H

#include "scanner/gitrun.h"

/* Hands all of the repository that was opened to the session's pipeline, with the cache that the options name. 0, or -1
 * with err (kind ERR_NONE: no memory). */
[[nodiscard]] int githistory_scan(struct gitrun *r, struct err *err);

#endif
