/* SPDX-License-Identifier: Apache-2.0 */
/* What a push brings, as a server's pre-receive hook sees it: the objects of the quarantine folder
 * (git-receive-pack(1), "QUARANTINE ENVIRONMENT"), before any ref moves. */
#ifndef SCANNER_SOURCE_GIT_RECEIVED_H
#define SCANNER_SOURCE_GIT_RECEIVED_H

#include "common/base/err.h"
#include "scanner/item.h"
#include "scanner/source/git/gitrepo.h"
#include "scanner/source/git/object.h"

struct received_ref {
	struct oid id; /* what it is to lead to */
	char *name;
};

struct received_options {
	const struct gitrepo *repo;
	struct object_reader *reader; /* of all stores, the quarantine's too */
	const char *quarantine;       /* its object folder */
	const struct received_ref *refs;
	size_t ref_count;
	bool whole_files;
	unsigned jobs;
	size_t max_bytes;
	void (*note)(const char *text);
};

/* 0, or -1 with err when the scan as a whole failed. */
[[nodiscard]] int received_scan(const struct received_options *options, const struct item_sink *sink, struct err *err);

#endif
