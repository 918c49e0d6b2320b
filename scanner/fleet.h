/* SPDX-License-Identifier: Apache-2.0 */
/* skant git --repositories: the histories of many repositories, one after the other, or a part of them, as one report.
 *
 * Who may push to a repository has no say in what is reported of it: neither its configuration and ignore files nor its
 * allow markers count, but only those of whoever scans. */
#ifndef SCANNER_FLEET_H
#define SCANNER_FLEET_H

#include "common/base/err.h"
#include "scanner/options.h"

struct gitrepo;

/* Whether the options of `skant git` go with a list of repositories, or need one. 0, or -1 with err (ERR_USAGE). */
[[nodiscard]] int fleet_check_options(const struct options *o, size_t count, struct err *err);

/* Whether path is the repository that was opened by it. A folder in a repository is none itself: when one is gone, what
 * it lay in is not read in its place. 0, or -1 with err (ERR_USAGE). */
[[nodiscard]] int fleet_check_itself(const struct gitrepo *r, const char *path, struct err *err);

/* Each gives the exit status. */
int fleet_plan(const struct options *o); /* writes the plan */
int fleet_scan(const struct options *o);

#endif
