/* SPDX-License-Identifier: Apache-2.0 */
/* A filter of system calls as the kernel takes it (seccomp(2), BPF), and which calls it refuses. What a child does is
 * filtered as well, so it names what is refused and lets the rest pass.
 *
 * Refused calls fail with EPERM, and opening a file for writing with EACCES, as they do where the user lacks the right:
 * libraries try such calls and go on without them. Calls newer than those known here do not exist (ENOSYS), and neither
 * does clone3, whose flags a filter cannot see: the C library falls back to clone. A call by the numbers of another
 * machine ends the process: nothing here makes one. */
#ifndef COMMON_SYS_CALLFILTER_H
#define COMMON_SYS_CALLFILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

struct callfilter {
	bool runs_programs;    /* execve, and local sockets in pairs to talk to what it runs */
	bool runs_descriptors; /* execveat; and whatever a script may ask of devices, and for processes of its own */
	bool makes_files;      /* files are made, renamed and removed */
	bool sets_modes;       /* of files, by descriptor */
	bool opens_to_write;
	bool cuts_files;    /* also by opening them (O_TRUNC) */
	bool changes_files; /* mode, owner, times and attributes, by path as well */
	bool signals;       /* to other processes */
	bool is_traced;     /* a leak check looks at this process by ptrace(2) */
	int pid;            /* this process, which may always signal itself */
};

/* Instructions are far fewer than the kernel takes (4,096). */
#define CALLFILTER_MAX 512

/* Whether the calls of this machine are known here. */
bool callfilter_is_known(void);

/* Writes the program. How many instructions; 0 when callfilter_is_known is false. */
size_t callfilter_make(const struct callfilter *f, struct sock_filter ret[static CALLFILTER_MAX]);

/* One on top of another that was for more than f: it refuses to make files and to set modes, if f does, and the kernel
 * is done with it in a fraction of the time. */
size_t callfilter_make_more(const struct callfilter *f, struct sock_filter ret[static CALLFILTER_MAX]);

#endif
