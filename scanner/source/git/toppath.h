/* SPDX-License-Identifier: Apache-2.0 */
/* Names that a user gives, as paths from the top of the work tree. */
#ifndef SCANNER_SOURCE_GIT_TOPPATH_H
#define SCANNER_SOURCE_GIT_TOPPATH_H

#include "common/base/err.h"

/* The path from root (absolute, without links) of name, which is absolute or starts at the current folder; it need not
 * exist, and a link that it is itself is not followed. "" is the root. A heap string; NULL with err, ERR_USAGE when it
 * lies elsewhere. */
char *toppath_of(const char *root, const char *name, struct err *err);

#endif
