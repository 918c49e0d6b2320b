/* SPDX-License-Identifier: Apache-2.0 */
/* Where skant-unpack is. */
#ifndef SCANNER_SOURCE_UNPACKFIND_H
#define SCANNER_SOURCE_UNPACKFIND_H

#include "common/base/buf.h"

/* Puts its path into ret: in the folder $SKANT_LIBEXECDIR, in ../libexec/skant beside this program, beside it, or where
 * the build says that it is installed, in this order. Nothing is started or opened: one readlink(2) and as many
 * access(2) as there are folders to look in. 0, or -1 when it is nowhere (ret then says in words where it was looked
 * for) or there is no memory (ret is empty). */
[[nodiscard]] int unpack_find(struct buf *ret);

#endif
