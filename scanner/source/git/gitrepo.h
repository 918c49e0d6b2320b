/* SPDX-License-Identifier: Apache-2.0 */
/* A repository: found as git finds it, checked as git checks it (gitrepository-layout(5), "safe.directory" in
 * git-config(1)). Nothing is started. */
#ifndef SCANNER_SOURCE_GIT_GITREPO_H
#define SCANNER_SOURCE_GIT_GITREPO_H

#include "common/base/err.h"
#include "scanner/source/git/gitconfig.h"
#include "scanner/source/git/oid.h"

/* Paths are absolute, without links where git resolves them, and heap strings. */
struct gitrepo {
	char *root;    /* the work tree's first folder; NULL = it has none */
	char *dir;     /* this work tree's part of the repository */
	char *common;  /* what linked work trees share; equal to dir in the main one */
	char **stores; /* object folders without their alternates: its own, then those of the environment */
	size_t store_count;
	size_t hash_len;     /* of object ids: 20 or 32 */
	bool is_bare;        /* no work tree */
	bool is_partial;     /* a partial clone: objects that are not here may be elsewhere */
	bool has_reftable;   /* refs are in a format that only git reads */
	struct oid *shallow; /* commits whose parents are not here */
	size_t shallow_count;
	struct gitconfig config;
};

/* Opens the repository of path: a work tree's folder or one below it, a `.git` folder or file, a bare repository. With
 * path NULL it is the one that GIT_DIR, GIT_WORK_TREE and GIT_COMMON_DIR name, or else that of the current folder; then
 * GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES and GIT_SHALLOW_FILE count as well. 0, or -1 with err:
 * ERR_USAGE when there is no repository, when it is somebody else's and safe.directory does not name it, or when its
 * format is not known. */
[[nodiscard]] int gitrepo_open(const char *path, struct gitrepo *ret, struct err *err);
void gitrepo_done(struct gitrepo *r);

#endif
