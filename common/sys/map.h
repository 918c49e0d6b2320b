/* SPDX-License-Identifier: Apache-2.0 */
/* Files mapped for reading. A file that is cut short while it is mapped kills the reader with SIGBUS: only for files
 * that their owner never changes in place, such as git's packs. */
#ifndef COMMON_SYS_MAP_H
#define COMMON_SYS_MAP_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* Maps the whole of a regular file; an empty one gives an empty view. 0, or -1 with err (may be NULL), errnum ENOENT
 * when there is none. */
[[nodiscard]] int map_file(const char *path, struct view *ret, struct err *err);
void map_done(struct view *v); /* empty is fine; empty after */

/* Lets go of the pages that reading has brought in; they are read again when they are touched. */
void map_rest(struct view v);

#endif
