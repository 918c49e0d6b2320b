/* SPDX-License-Identifier: Apache-2.0 */
/* Files on disk as a source: a parallel walk of folders by descriptor.
 *
 * Inside a git work tree what is read is what git would track: tracked files, and untracked ones that no ignore rule
 * excludes; `.git` itself is not content. Elsewhere everything is read. Links are not followed (a target given by name
 * is), special files are not opened; both are reported to the sink as unread. */
#ifndef SCANNER_SOURCE_WORKTREE_H
#define SCANNER_SOURCE_WORKTREE_H

#include "common/base/err.h"
#include "scanner/item.h"

struct worktree_options {
	bool no_ignore;          /* also what ignore rules exclude */
	uint64_t max_file_bytes; /* larger files are UNREAD_LIMIT; 0 = none is too large */
	unsigned jobs;           /* threads */
};

/* Reads everything below the targets, in the order given, folders' files before their sub-folders, sorted by the bytes
 * of their names. warn is called (by any thread) with complete sentences about what could not be known. 0, or -1 with
 * err when the scan as a whole failed (memory). */
[[nodiscard]] int worktree_scan(const char *const *targets, size_t count, const struct worktree_options *options,
				const struct item_sink *sink, void (*warn)(const char *text), struct err *err);

#endif
