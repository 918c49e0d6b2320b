/* SPDX-License-Identifier: Apache-2.0 */
/* Files mapped for reading. Of a file that is cut short while it is mapped, the pages that are gone read as zeros
 * (without that the system ends the process, with SIGBUS), and map_was_cut says so from then on. What is read of a file
 * that its owner changes in place need not be the same twice: only for those that are not, such as git's packs. */
#ifndef COMMON_SYS_MAP_H
#define COMMON_SYS_MAP_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* Maps the whole of a regular file; an empty one gives an empty view. The first call takes SIGBUS over for the whole
 * process. 0, or -1 with err (may be NULL), errnum ENOENT when there is none. */
[[nodiscard]] int map_file(const char *path, struct view *ret, struct err *err);
void map_done(struct view *v); /* empty is fine; empty after */

/* Lets go of the pages that reading has brought in; they are read again when they are touched. */
void map_rest(struct view v);

/* Whether pages of some file were gone when they were to be read. Any thread. */
bool map_was_cut(void);

#endif
