/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls that common/sys/callfilter.c has something to say of, by what they are for. */
#ifndef COMMON_SYS_CALLFILTER_CALLS_H
#define COMMON_SYS_CALLFILTER_CALLS_H

#include <stddef.h>

/* The first number that has no call in Linux 6.18; from 424 on they are the same on all machines. */
#define CALLS_KNOWN 470

enum call_verdict {
	CALL_PASS,
	CALL_REFUSE,
	CALL_ABSENT,
	CALL_LOOKED_AT, /* the first of those that depend on arguments */
	CALL_CLONE = CALL_LOOKED_AT,
	CALL_IOCTL,
	CALL_ASK,
	CALL_PAIR,
	CALL_SIGNAL,
	CALL_LIMIT,
	CALL_OPEN,
	CALL_OPENAT,
	CALL_VERDICTS
};

enum call_group {
	CALLS_ALWAYS, /* the network, the kernel and its modules, mounts, namespaces, clocks, keys, shared memory */
	CALLS_TRACE,  /* other processes' memory and descriptors */
	CALLS_CLONE,
	CALLS_CLONE3,
	CALLS_IOCTL,
	CALLS_EXEC,
	CALLS_EXECAT,
	CALLS_PAIR,
	CALLS_TALK, /* with what sits at the other end of a socket */
	CALLS_SIGNAL,
	CALLS_TGKILL,
	CALLS_LIMIT,    /* what a process may use */
	CALLS_SCHEDULE, /* when it runs */
	CALLS_CHANGE,   /* what files are, not what is in them */
	CALLS_MAKE,     /* names of files */
	CALLS_MODE,
	CALLS_OPEN,
	CALLS_OPENAT,
	CALLS_OPENAT2, /* flags that a filter cannot see; and creat(2), which always cuts */
	CALL_GROUPS
};

struct call_list {
	const unsigned short *numbers;
	size_t count;
};

extern const struct call_list call_groups[CALL_GROUPS];

#endif
