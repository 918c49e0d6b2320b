/* SPDX-License-Identifier: Apache-2.0 */
/* The file that a sink appends lines to, and the older ones behind it: PATH, PATH.1 (the youngest of them), PATH.2, ...
 *
 * - One process at a time writes (flock(2) on the file itself: nothing is left lying about).
 * - The file is a regular one that PATH names itself: what a symbolic link leads to would stay behind at the first
 *   rotation, so one is refused, as are folders, pipes, sockets and devices.
 * - Somebody else may move or remove the file (logrotate with `create`): it is noticed, and the one that PATH names
 *   then is opened. Copying it and truncating it (`copytruncate`) takes the lines out of our sight.
 * - A line is there wholly or not at all: what a full disk or a crash left of one is cut off. */
#ifndef FORWARDER_SINK_LOGFILE_H
#define FORWARDER_SINK_LOGFILE_H

#include "forwarder/sink.h"

struct logfile {
	const char *path;      /* borrowed */
	uint64_t rotate_bytes; /* 0 = never */
	unsigned keep;         /* older files */
	int fd;                /* -1: not open */
	uint64_t size;         /* all of it are whole lines */
	bool is_settled;       /* its end was looked at, and nothing has happened to it since */
};

/* Nothing is opened yet. */
struct logfile logfile_of(const struct settings_sink *settings);

/* Has the file open, locked, and ready to be appended to; opens it when it is not, or is no longer the one that PATH
 * names; makes it (0640, less the umask) when there is none. first: the byte that each of our lines begins with, by
 * which a half one at the end is told from what somebody else wrote. SINK_OK, or what stands in the way. */
enum sink_result logfile_ready(struct logfile *f, char first, struct err *err);

/* Appends lines, each with its newline, and syncs. *ret_bytes: how much of it is there for good, whole lines, also when
 * it fails. */
enum sink_result logfile_append(struct logfile *f, struct view lines, size_t *ret_bytes, struct err *err);

/* Syncs what somebody before us may have written and not synced. 0 or -1. */
[[nodiscard]] int logfile_sync(struct logfile *f, struct err *err);

/* Whether more bytes behind those that wait to be appended make it too large. */
bool logfile_is_full(const struct logfile *f, uint64_t waiting, uint64_t more);

/* Moves all files one on; the last one beyond keep goes. PATH is a new, empty file then. */
enum sink_result logfile_rotate(struct logfile *f, struct err *err);

void logfile_close(struct logfile *f);

/* What kind of thing that is no regular file stands at path, for a message; NULL: none. */
const char *logfile_strange(const char *path);

/* Tells the whole lines, without their newlines, of the last max_bytes of all files, oldest first; a line that the
 * limit falls into is left out. Needs no lock: a rotation meanwhile is noticed and followed. 0 or -1. */
[[nodiscard]] int logfile_each_line(const char *path, unsigned older, uint64_t max_bytes,
				    int (*tell)(void *context, struct view line, struct err *err), void *context,
				    struct err *err);

#endif
