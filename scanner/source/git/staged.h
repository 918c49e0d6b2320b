/* SPDX-License-Identifier: Apache-2.0 */
/* What `git commit` is about to record, as a source: the blobs of the index, never the files of the work tree. */
#ifndef SCANNER_SOURCE_GIT_STAGED_H
#define SCANNER_SOURCE_GIT_STAGED_H

#include "scanner/item.h"
#include "scanner/source/git/gitrepo.h"
#include "scanner/source/git/object.h"

struct staged_options {
	const struct gitrepo *repo; /* has a work tree */
	struct object_reader *reader;
	/* Paths from the work tree's root, of files or folders, whose blobs are scanned whole, changed or not. count 0:
	 * all that differs from HEAD and from each commit that is being merged, less the findings whose secret the
	 * blob under the same path there has. */
	const char *const *paths;
	size_t path_count;
	bool whole_files; /* also those findings */
	/* Complete sentences for the user. */
	void (*note)(const char *text);
	/* A path that the index does not have. */
	void (*absent)(void *context, const char *path);
	void *context;
};

/* Hands everything to the sink, in order of paths. git is started only for an index that nobody else understands. 0, or
 * -1 with err when the index or HEAD cannot be read. */
[[nodiscard]] int staged_scan(const struct staged_options *o, const struct item_sink *sink, struct err *err);

#endif
