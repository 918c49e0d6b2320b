/* SPDX-License-Identifier: Apache-2.0 */
/* A container that lies in no file of its own, put into memory that has a descriptor (common/sys/memfile.h): nothing
 * of it reaches a disk. */
#ifndef SCANNER_SOURCE_MEMSPOOL_H
#define SCANNER_SOURCE_MEMSPOOL_H

#include "common/base/buf.h"
#include "scanner/container.h"

/* What is said of one that does not fit into ARCHIVE_SPOOL_BYTES. */
#define MEMSPOOL_NO_ROOM "it lies in no file of its own and is too large to be held in memory: 134 MB at most"
/* What is said when the system refused to hold it or to give it back (UNREAD_UNREADABLE). */
#define MEMSPOOL_FAILED "it lies in no file of its own, and could not be held in memory and read there again"

int memspool_open(void); /* -1 with errno */
/* 0, or -1 with errno. */
[[nodiscard]] int memspool_add(int spool, struct view bytes);
/* Nobody, whoever has the descriptor, can change it any more. 0, or -1 with errno. */
[[nodiscard]] int memspool_seal(int spool);
/* Its first CONTAINER_HEAD_BYTES bytes, or all there are, read into room for so many; VIEW_NONE
 * when they cannot be read. */
struct view memspool_head(int spool, char room[static CONTAINER_HEAD_BYTES]);

#endif
