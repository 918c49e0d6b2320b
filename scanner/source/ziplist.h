/* SPDX-License-Identifier: Apache-2.0 */
/* The list at the end of a zip archive: names and comments of its members, and its own comment, which are nobody's
 * contents. Source: APPNOTE.TXT 4.3.12 and 4.3.14 to 4.3.16. */
#ifndef SCANNER_SOURCE_ZIPLIST_H
#define SCANNER_SOURCE_ZIPLIST_H

#include "common/base/buf.h"

#define ZIPLIST_NAME "directory"        /* as which it is reported: x.zip!directory */
#define ZIPLIST_TAIL_BYTES (66u * 1024) /* of the archive, in which it is told how long the list is */
#define ZIPLIST_GUESS_BYTES (1u << 20)  /* before the end, where the list starts when that is not told */

/* Where the list of what fd, of so many bytes, holds starts; from there to the end it is names and comments. buffer has
 * ZIPLIST_TAIL_BYTES. 1; 0: there is none; -1 with errno: it could not be read (0: it is shorter by now). */
[[nodiscard]] int ziplist_find(int fd, uint64_t size, char *buffer, uint64_t *ret_from);

#endif
