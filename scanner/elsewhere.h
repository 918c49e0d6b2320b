/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration comes with what is scanned, from whoever sent that, and names files, or is a link to one. What they
 * lead to outside of its folder may be anything that this user can read, and who wrote the configuration may see what
 * is said of it: a mistake in such a file is told without a byte of it. */
#ifndef SCANNER_ELSEWHERE_H
#define SCANNER_ELSEWHERE_H

#include "common/base/err.h"

/* After path could not be used: when it lies, links followed, neither in the folder of the file named_by nor below
 * it, or below a `.git`, err's text is replaced by one that names the file only. what: what it should have been, as
 * "rule file". Returns -1. */
int elsewhere_hide(const char *what, const char *path, const char *named_by, struct err *err);

/* Before path is written to: it is refused when it names a file in or below the current folder, and a link has it lie
 * outside of that. What is scanned can have such links where a report is going to be. 0, or -1 with err (ERR_USAGE). */
[[nodiscard]] int elsewhere_refuse(const char *path, struct err *err);

/* The same of a file that a configuration names, named_by, which has to be in its folder or below. */
[[nodiscard]] int elsewhere_refuse_named(const char *path, const char *named_by, struct err *err);

#endif
