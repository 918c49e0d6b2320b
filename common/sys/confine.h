/* SPDX-License-Identifier: Apache-2.0 */
/* What this process, and every child that it starts from then on, gives up for good: sockets, other processes, running
 * programs and writing files, but for what is named. By Landlock (landlock(7)) where the kernel has it, from its first
 * version on, and by a filter of system calls (seccomp(2)) on x86-64 and AArch64. What the kernel does not know is left
 * out: whoever asks learns what is in place. Descriptors that are open stay as they are, and reading is not limited.
 *
 * It holds for the calling thread and for those that it starts: so it comes before the others. */
#ifndef COMMON_SYS_CONFINE_H
#define COMMON_SYS_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

#define CONFINE_PROGRAMS_MAX 4

struct confine_place {
	const char *path;   /* a folder: of what is below it; else a file that may be written to */
	bool makes_folders; /* below it, and removes them */
	bool only_moves;    /* files, and removes them; but none is opened to write to, by whatever name */
};

struct confine {
	const struct confine_place *places; /* where files may be made, written, renamed and removed */
	size_t place_count;
	const char *const *programs; /* files that may be executed, and the loaders that they name */
	size_t program_count;        /* CONFINE_PROGRAMS_MAX at most */
	bool writes_anywhere, runs_anything;
	bool signals; /* also processes that were started before */
	/* A filter is in place since confine_apply for the same, but for what places say: they are fewer, or give
	 * less. */
	bool is_filtered;
};

struct confined {
	unsigned landlock; /* its version; 0: not in place */
	bool is_filtered;  /* calls are */
	/* Landlock knows programs by their files. Without it, or when one is a script or the like, any may be run. */
	bool runs_anything;
};

/* May be called again, to give up more. */
struct confined confine_apply(const struct confine *c);

#endif
