/* SPDX-License-Identifier: Apache-2.0 */
/* One folder of a walk, shared by the tasks that work in it: its names, its ignore rules and a descriptor.
 *
 * At most about WALK_OPEN_DIRS descriptors are held: beyond that a folder is closed once it was listed, and whoever
 * needs it reopens it name by name from the nearest ancestor that is open, so no path is too long. */
#ifndef SCANNER_SOURCE_FOLDER_H
#define SCANNER_SOURCE_FOLDER_H

#include <stdatomic.h>

#include "common/base/buf.h"
#include "scanner/source/gittree.h"
#include "scanner/source/ignore.h"

struct folder {
	struct folder *parent; /* NULL for a target; holds a reference */
	atomic_uint refs;
	atomic_uint users; /* tasks that still need fd */
	int fd;            /* -1: reopen */
	bool short_is_end; /* file_short_read_is_end */
	char *shown;       /* as the user would name it, with its final slash; "" for the current folder */
	char *below;       /* from the scan's root, likewise */
	char *in_tree;     /* from the root of its git work tree, likewise; NULL outside of one */
	size_t shown_len, below_len, in_tree_len, name_len; /* name_len: of the last component of shown, if any */
	struct gittree *tree;                               /* its work tree; NULL outside of one */
	struct gittree *own_tree;         /* the same where the work tree starts here, or at a target: owned */
	const struct ignore_scope *scope; /* own_scope, or that of a folder above; NULL = no ignore rules */
	struct ignore_scope own_scope;
	struct ignore_file *ignore; /* its own ignore file, or NULL */
	bool only_tracked;          /* an ignored folder: only what git tracks counts */
};

/* A target's folder; the names are copied. NULL when there is no memory. */
struct folder *folder_root(const char *shown, const char *below);
/* The folder lies in this work tree, which it owns from now on. 0, or -1 when there is no memory: tree is freed. */
[[nodiscard]] int folder_set_tree(struct folder *f, struct gittree *tree);
/* The sub-folder name of parent, not yet open. Takes a reference to parent. NULL when there is no memory. */
struct folder *folder_child(struct folder *parent, struct view name);

struct folder *folder_ref(struct folder *f);
void folder_unref(struct folder *f);

/* Opens a root by its path (links are followed), a child by its name (links are not). 0, or -1 with errno. */
[[nodiscard]] int folder_open(struct folder *f, const char *path);

/* A descriptor for f: its own (*ret_owned false), or one that the caller closes. -1 with errno. */
int folder_fd(struct folder *f, bool *ret_owned);

/* Says, once and before they start, how many tasks will need the descriptor. The last of them to call folder_release
 * closes it. When too many folders are open it is not shared at all: the caller alone gets it and closes it. */
int folder_share(struct folder *f, unsigned tasks, bool *ret_owned);
void folder_release(struct folder *f);

#endif
