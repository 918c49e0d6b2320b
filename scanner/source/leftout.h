/* SPDX-License-Identifier: Apache-2.0 */
/* Which entries of a folder the walk leaves out: what a git work tree ignores and does not track, and `.git` itself. */
#ifndef SCANNER_SOURCE_LEFTOUT_H
#define SCANNER_SOURCE_LEFTOUT_H

#include "common/sys/file.h"
#include "scanner/source/folder.h"

enum leftout {
	LEFTOUT_NO,
	LEFTOUT_BUT_TRACKED, /* an ignored folder that holds tracked files: only those count in it */
	LEFTOUT_IGNORED,
	LEFTOUT_SILENTLY, /* git's own folder: no content of the work tree */
};

/* How the walk treats ignore rules, and whom it tells what could not be known. */
struct leftout_policy {
	bool no_ignore;
	void (*warn)(const char *text); /* any thread calls it */
};

/* A listed folder is entered: finds out whether a repository of its own starts here, and reads its ignore file. */
void leftout_enter(const struct leftout_policy *p, struct folder *f, const struct file_list *list);

/* Says so of one entry; scratch is overwritten. */
enum leftout leftout_check(const struct leftout_policy *p, const struct folder *f, const struct file_entry *e,
			   struct buf *scratch);

#endif
