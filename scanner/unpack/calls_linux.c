/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/unpack/calls.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>

/* Memory that can be executed is for no reader of archives, nor is memory that is shared, which no limit of bound_all
 * counts. A file can be mapped to be read, as it can be read. */
static int allow_memory(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise) };
	int failed = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
				   SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS | MAP_TYPE, MAP_ANONYMOUS | MAP_PRIVATE));
	failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, SCMP_A2(SCMP_CMP_EQ, PROT_READ, 0),
				   SCMP_A3(SCMP_CMP_EQ, MAP_PRIVATE, 0));
	failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				   SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return failed;
}

#ifdef SKANT_WRITES_AT_EXIT
/* Builds for coverage write what they have counted when they end: files are opened, read, locked and written for it. */
static int treat_opening(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(open),  SCMP_SYS(openat),    SCMP_SYS(newfstatat),
				     SCMP_SYS(fcntl), SCMP_SYS(read),      SCMP_SYS(write),
				     SCMP_SYS(lseek), SCMP_SYS(ftruncate), SCMP_SYS(getpid) };
	int failed = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return failed;
}
#else
/* The C library may ask for tables of character sets: it does without them. */
static int treat_opening(scmp_filter_ctx filter)
{
	static const int refused[] = { SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(newfstatat) };
	int failed = 0;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused[i], 0);
	return failed;
}
#endif

static int allow_all(scmp_filter_ctx filter, int channel)
{
	static const int calls[] = { SCMP_SYS(pread64),    SCMP_SYS(close),         SCMP_SYS(fstat),
				     SCMP_SYS(exit_group), SCMP_SYS(exit),          SCMP_SYS(rt_sigreturn),
				     SCMP_SYS(setitimer),  SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
				     SCMP_SYS(futex),      SCMP_SYS(getrandom) };
	const struct scmp_arg_cmp is_channel = { .arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)channel };
	int failed = allow_memory(filter);

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(recvmsg), 1, is_channel);
	failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1, is_channel);
	return failed | treat_opening(filter);
}

int calls_filter(int channel)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int failed;

	if (!filter)
		return -1;
	failed = allow_all(filter, channel) || seccomp_load(filter);
	seccomp_release(filter);
	return failed ? -1 : 0;
}
