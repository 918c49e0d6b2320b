/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of gitindex: single entries of versions 2 and 3, and getting from one to another that is far behind. */
#ifndef SCANNER_SOURCE_GIT_GITINDEX_READ_H
#define SCANNER_SOURCE_GIT_GITINDEX_READ_H

#include "scanner/source/git/gitindex.h"

#define HEAD_BYTES 12 /* "DIRC", version, number of entries */
#define MODE_AT 24    /* in an entry: behind the times, device and inode */
#define ID_AT 40
#define FLAG_EXTENDED 0x4000u
#define FLAG_STAGE_SHIFT 12
#define FLAG_NAME 0xfffu
#define FLAG2_SKIP_WORKTREE 0x4000u
#define FLAG2_INTENT_TO_ADD 0x2000u
#define ENTRY_BYTES_MIN 64     /* less than that no entry takes */
#define EXTENSION_HEAD_BYTES 8 /* signature, size */

/* What entries and extensions stand in: all but the checksum. */
struct view gitindex_content(const struct gitindex *x);

/* What stands before an entry's path. The path's place, or 0 when it does not fit into v. */
size_t gitindex_read_fixed(const struct gitindex *x, struct view v, size_t at, struct gitindex_entry *e);
/* A whole path, with 1 to 8 NULs behind it so that the entry has a multiple of 8 bytes. The place behind, or 0. */
size_t gitindex_read_padded(struct view v, size_t start, size_t at, struct gitindex_entry *e);

/* Where the entries end and the extension TREE starts, found from the file's end without looking at all entries: 0 when
 * it is not sure, and then they have to be walked. */
size_t gitindex_find_tree(const struct gitindex *x);

/* The place of an entry at or behind from, at most end; 0 when none is found near. Only in versions 2 and 3. */
size_t gitindex_find_entry(const struct gitindex *x, size_t from, size_t end);

/* From an entry that has the prefix to one that has it too and behind which few more do. count says how many in a row
 * should: it is where the search starts. */
size_t gitindex_leap(const struct gitindex *x, size_t at, struct view prefix, uint32_t count);

#endif
