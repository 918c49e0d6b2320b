/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/memspool.h"

#include <unistd.h>

#include "common/base/bounds.h"
#include "common/sys/file.h"
#include "common/sys/memfile.h"

_Static_assert(ARCHIVE_SPOOL_BYTES / 1000000 == 134, "MEMSPOOL_NO_ROOM says so");

int memspool_open(void)
{
	return memfile_open();
}

int memspool_add(int spool, struct view bytes)
{
	return file_write_full(spool, bytes);
}

int memspool_seal(int spool)
{
	return memfile_seal(spool);
}

struct view memspool_head(int spool, char room[static CONTAINER_HEAD_BYTES])
{
	ssize_t n = pread(spool, room, CONTAINER_HEAD_BYTES, 0);

	return view_from(room, n > 0 ? (size_t)n : 0);
}
