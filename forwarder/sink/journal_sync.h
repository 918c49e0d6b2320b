/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what is in the journal is on the disk.
 *
 * journald syncs its files only every SyncIntervalSec= (5 minutes) and after messages of crit and above, and answers
 * its own Synchronize call before it has synced. But whoever may read a file may sync it: fsync(2) writes out all of a
 * file's changed pages, whoever changed them and how (journald writes through a shared mapping). So we sync the files
 * ourselves; no marker has to be sent for it, and journald has to be asked for nothing. */
#ifndef FORWARDER_SINK_JOURNAL_SYNC_H
#define FORWARDER_SINK_JOURNAL_SYNC_H

#include "common/base/err.h"

struct journal_sync {
	const char *folder; /* NULL: the system's journal of this machine */
	uint64_t inode;     /* of the file that was written to when it was last synced; 0 = none */
	int64_t synced_s;
};

/* Whether its files may be read. 0, or -1 with ERR_CONFIG that says what to do. */
[[nodiscard]] int journal_folder_check(const char *folder, struct err *err);

/* Syncs the files that may hold what was stored since the last call. 1: all of it is on the disk; 0: the journal is
 * kept in memory (volatile), or the files cannot be found; -1 with err. */
[[nodiscard]] int journal_sync(struct journal_sync *s, struct err *err);

#endif
