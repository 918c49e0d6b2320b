/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/base.h"
#include "common/base/sanitized.h"
#include "common/sys/harden.h"

#ifndef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW (1UL << 2)
#endif

#if defined(__x86_64__) && !defined(__ILP32__)
#define ARCH AUDIT_ARCH_X86_64
#define CALLS_END 0x40000000u /* from here on numbers are those of another calling convention (x32) */
#elif defined(__aarch64__) && !defined(__ILP32__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCH AUDIT_ARCH_AARCH64
#define CALLS_END UINT32_MAX
#endif

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
/* What comes next is for a call of this number, and not for others. */
#define WHEN(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1)
#define GIVE(result) BPF_STMT(BPF_RET | BPF_K, result)

void harden_runs_nothing(void)
{
#ifdef ARCH
	static struct sock_filter filter[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
		GIVE(SECCOMP_RET_KILL_PROCESS),
		LOAD(nr),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, CALLS_END, 0, 1),
		GIVE(SECCOMP_RET_ERRNO | ENOSYS),
		WHEN(SYS_execve),
		GIVE(SECCOMP_RET_ERRNO | EPERM),
		WHEN(SYS_execveat),
		GIVE(SECCOMP_RET_ERRNO | EPERM),
		WHEN(SYS_ptrace),
		GIVE(SECCOMP_RET_ERRNO | EPERM),
		WHEN(SYS_process_vm_readv),
		GIVE(SECCOMP_RET_ERRNO | EPERM),
		WHEN(SYS_process_vm_writev),
		GIVE(SECCOMP_RET_ERRNO | EPERM),
		GIVE(SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { .len = ARRAY_LEN(filter), .filter = filter };

	/* as confine.h has it: nothing that somebody else wrote is run, and guards against guessing ahead cost time */
	if (!IS_SANITIZED && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program))
		(void)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
#endif
}
