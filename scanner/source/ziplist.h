/* SPDX-License-Identifier: Apache-2.0 */
/* The list at the end of a zip archive: names and comments of its members, and its own comment, which are nobody's
 * contents. Source: APPNOTE.TXT 4.3.12 and 4.3.16. */
#ifndef SCANNER_SOURCE_ZIPLIST_H
#define SCANNER_SOURCE_ZIPLIST_H

#include "common/base/buf.h"

#define ZIPLIST_NAME "directory" /* as which it is reported: x.zip!directory */

/* Reads what fd, of so many bytes, holds from where the list starts, or from `room` bytes before its end when that is
 * nearer; buffer has that room. Nothing when there is no list, or it cannot be read. */
struct view ziplist_read(int fd, uint64_t size, char *buffer, size_t room);

#endif
