/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel needs besides a program's own file to run it. */
#ifndef COMMON_SYS_INTERP_H
#define COMMON_SYS_INTERP_H

#include "common/base/buf.h"

enum interp {
	INTERP_NONE,   /* nothing: it is linked statically */
	INTERP_LOADER, /* the loader that its PT_INTERP names: ELF, elf(5) */
	INTERP_UNKNOWN /* it is a script, or something else that runs who knows what */
};

/* Looks at the program that is open, and puts its loader's path into ret. That is only as good as the file: it may
 * lead nowhere. */
enum interp interp_find(int program_fd, struct buf *ret);

#endif
