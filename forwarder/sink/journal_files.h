/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's files, seen from outside: whether they may be read, how far back they reach, whether what is in them
 * is on the disk.
 *
 * journald syncs its files only every SyncIntervalSec= (5 minutes) and after messages of crit and above, and answers
 * its own Synchronize call before it has synced. But whoever may read a file may sync it: fsync(2) writes out all of a
 * file's changed pages, whoever changed them and how (journald writes through a shared mapping). So we sync the files
 * ourselves; no marker has to be sent for it, and journald has to be asked for nothing. */
#ifndef FORWARDER_SINK_JOURNAL_FILES_H
#define FORWARDER_SINK_JOURNAL_FILES_H

#include <sys/types.h>

#include "common/base/buf.h"
#include "common/base/err.h"

/* What is looked at of a file's header (systemd: JOURNAL_FILE_FORMAT, "The Header Object"). */
enum journal_state {
	JOURNAL_OFFLINE,  /* closed, or synced since the last entry */
	JOURNAL_ONLINE,   /* entries may be there that are not on the disk */
	JOURNAL_ARCHIVED, /* synced, and nothing is written to it any more */
};
struct journal_header {
	enum journal_state state;
	uint64_t entries;
	int64_t first_us, last_us; /* realtime of the first and the last entry */
};
#define JOURNAL_HEADER_BYTES 208 /* of a file's beginning */

/* 0; -1 when these are not the first bytes of a journal file. */
[[nodiscard]] int journal_header_read(struct view bytes, struct journal_header *ret);

/* All zero but for folder, before the first call. */
struct journal_sync {
	const char *folder; /* NULL: the system's journal of this machine */
	int fd; /* what journald writes to, held open: an error of writing it out that comes meanwhile is told to us */
	bool has_fd, is_new;
	bool has_failed; /* something could not be written out: no later sync can tell that it was */
	uint64_t inode;  /* its */
	int64_t synced_s;
};
void journal_sync_done(struct journal_sync *s);

/* Whether the files may be read. 0, or -1 with ERR_CONFIG that says what to do. */
[[nodiscard]] int journal_files_check(const char *folder, struct err *err);

/* Those files that may hold what was taken since some time. Readers look at each of a journal's files for each
 * entry, and most of them are old. */
struct journal_live {
	char **paths; /* NULL at the end */
	size_t count;
	struct {
		char *path;
		uint64_t inode; /* 0: it was not there, or not begun */
	} written_to[4];        /* what journald writes to, on the disk and in memory */
};
/* Of what was taken from this user since then (realtime, us), and is taken until journald begins a new file. 0, or -1
 * with err; to be released with journal_live_done in any case. */
[[nodiscard]] int journal_live_find(const char *folder, uid_t uid, int64_t since_us, struct journal_live *ret,
				    struct err *err);
/* Whether journald still writes to these. */
bool journal_live_is_current(const struct journal_live *live);
void journal_live_done(struct journal_live *live);

/* When the oldest entry was taken (realtime, us), in those files that our entries go to; 0: there is none. */
[[nodiscard]] int journal_files_oldest(const char *folder, int64_t *ret_us, struct err *err);

/* Whether journald was killed since then (realtime, us), so that a file of ours has been set aside as it was (NAME~).
 * 1, 0, -1 with err. */
[[nodiscard]] int journal_files_unclean(const char *folder, int64_t since_us, struct err *err);

/* Syncs the files that may hold what was stored since the last call. 1: all of it is on the disk; 0: that is not known,
 * as some of it is kept in memory (Storage=volatile, a full disk, no flush yet), or there are no files; -1 with err. */
[[nodiscard]] int journal_sync(struct journal_sync *s, struct err *err);

/* Whether journald itself has synced all that is in its files. 1, 0 not known, -1 with err. */
[[nodiscard]] int journal_is_synced(const char *folder, struct err *err);

#endif
