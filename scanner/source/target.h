/* SPDX-License-Identifier: Apache-2.0 */
/* What the user named: checked, and turned into the folder that a walk starts in. */
#ifndef SCANNER_SOURCE_TARGET_H
#define SCANNER_SOURCE_TARGET_H

#include "common/base/err.h"
#include "scanner/source/folder.h"

/* Checks that every target exists and is a file or a folder. 0, or -1 with ERR_USAGE. */
[[nodiscard]] int target_check(const char *const *targets, size_t count, struct err *err);

/* The root that a target's globs, configuration and ignore files are relative to: its git work tree, else the folder
 * itself (a file's folder). A heap string; NULL with err. */
char *target_root(const char *target, struct err *err);

/* The folder that target is (not yet open), or the one that holds the file it is (open). *ret_name is that file's name,
 * a part of target, or NULL. ret_trouble is filled when ignore rules could not be read. NULL with err. */
struct folder *target_folder(const char *target, const char **ret_name, struct err *ret_trouble, struct err *err);

#endif
