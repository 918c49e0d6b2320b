/* SPDX-License-Identifier: Apache-2.0 */
/* The part of confine.h that Landlock does. The calls are made without a library: there is none in libc, and the
 * kernel's header may be older than the kernel. Documentation/userspace-api/landlock.rst of Linux. */
#ifndef COMMON_SYS_LANDLOCK_H
#define COMMON_SYS_LANDLOCK_H

#include "common/sys/confine.h"

/* Gives up what c does not name. Sets c->runs_anything where a program's needs cannot be told from its file. Whether
 * files are cut is left to the filter where there is one and it does not let that pass: to answer it, Landlock would go
 * from each file that is opened, even to be read, up to the root, which is an eighth of what a scan takes. The version
 * of Landlock that is in place; 0 for none. */
unsigned landlock_apply(struct confine *c, bool has_filter);

#endif
