/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of paths as git has them in its environment and in info/alternates: a path that starts with a double quote is
 * quoted as in C (git-config(1), "core.quotePath"). */
#ifndef SCANNER_SOURCE_GIT_CQUOTE_H
#define SCANNER_SOURCE_GIT_CQUOTE_H

#include "common/base/buf.h"

/* Takes one path off a list whose entries end with a byte; a quoted one may hold that byte. *rest is then what stands
 * behind it. A heap string, or NULL when there is no memory. *rest must not be empty. */
char *cquote_next(struct view *rest, char end);

#endif
