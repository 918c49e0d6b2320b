/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/callfilter.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/unit.h"

#if defined(__x86_64__)
#define HERE AUDIT_ARCH_X86_64
#define ELSEWHERE AUDIT_ARCH_I386
#elif defined(__aarch64__)
#define HERE AUDIT_ARCH_AARCH64
#define ELSEWHERE AUDIT_ARCH_ARM
#endif

#define PID 4242
#define X32 0x40000000
#define NEWER 470
#define REFUSED (SECCOMP_RET_ERRNO | EPERM)
#define NO_WRITING (SECCOMP_RET_ERRNO | EACCES)
#define ABSENT (SECCOMP_RET_ERRNO | ENOSYS)
#define ALLOWED SECCOMP_RET_ALLOW

static const struct callfilter nothing = { .pid = PID };
static const struct callfilter children = {
	.runs_programs = true, .opens_to_write = true, .signals = true, .pid = PID
};
static const struct callfilter anything = { .runs_programs = true,
					    .runs_descriptors = true,
					    .makes_files = true,
					    .sets_modes = true,
					    .opens_to_write = true,
					    .cuts_files = true,
					    .changes_files = true,
					    .signals = true,
					    .is_traced = true,
					    .pid = PID };

#ifdef HERE
static unsigned load(const struct seccomp_data *d, unsigned offset)
{
	unsigned value;

	assert_true(offset % sizeof(value) == 0 && offset + sizeof(value) <= sizeof(*d));
	memcpy(&value, (const char *)d + offset, sizeof(value));
	return value;
}

/* Runs the instructions as the kernel does, those of them that may be there. */
static unsigned run(const struct sock_filter *p, size_t count, const struct seccomp_data *d)
{
	unsigned a = 0;

	for (size_t at = 0; at < count; at++) {
		const struct sock_filter *i = &p[at];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = load(d, i->k);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_JMP | BPF_JA:
			at += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			at += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			at += a & i->k ? i->jt : i->jf;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			fail_msg("instruction %zu has the unknown code %u", at, i->code);
		}
	}
	fail_msg("the filter has no end");
	return 0;
}

static unsigned verdict_of(const struct callfilter *f, unsigned arch, unsigned call, const uint64_t args[static 3])
{
	struct sock_filter program[CALLFILTER_MAX];
	size_t count = callfilter_make(f, program);
	struct seccomp_data d = { .nr = (int)call, .arch = arch, .args = { args[0], args[1], args[2] } };

	assert_true(count > 0 && count <= CALLFILTER_MAX);
	return run(program, count, &d);
}

static unsigned more(const struct callfilter *f, unsigned call)
{
	struct sock_filter program[CALLFILTER_MAX];
	size_t count = callfilter_make_more(f, program);
	struct seccomp_data d = { .nr = (int)call, .arch = HERE };

	return run(program, count, &d);
}

#define verdict(f, call, ...) verdict_of((f), HERE, (call), (const uint64_t[3]){ __VA_ARGS__ })

static void calls_by_numbers_of_another_machine_end_the_process(void **state)
{
	const uint64_t none[3] = { 0 };

	(void)state;
	for (unsigned call = 0; call < NEWER; call++)
		assert_int_equal(verdict_of(&anything, ELSEWHERE, call, none), SECCOMP_RET_KILL_PROCESS);
}

static void calls_that_are_not_known_do_not_exist(void **state)
{
	(void)state;
	assert_int_equal(verdict(&anything, NEWER, 0), ABSENT);
	assert_int_equal(verdict(&anything, NEWER + 1000, 0), ABSENT);
	assert_int_equal(verdict(&anything, ~0u, 0), ABSENT);
	assert_int_equal(verdict(&anything, NEWER - 2, 0), ALLOWED);
	for (unsigned call = 0; call < NEWER + 100; call++) /* x32: the numbers of x86-64 with a bit more */
		assert_int_equal(verdict(&anything, X32 | call, 0), ABSENT);
}

static void what_every_scan_calls_passes_whatever_is_given_up(void **state)
{
	static const unsigned calls[] = {
		SYS_read,
		SYS_pread64,
		SYS_write,
		SYS_writev,
		SYS_close,
		SYS_fstat,
		SYS_newfstatat,
		SYS_getdents64,
		SYS_lseek,
		SYS_mmap,
		SYS_munmap,
		SYS_mremap,
		SYS_madvise,
		SYS_mprotect,
		SYS_brk,
		SYS_futex,
		SYS_statfs,
		SYS_fstatfs,
		SYS_readlinkat,
		SYS_faccessat,
		SYS_faccessat2,
		SYS_getcwd,
		SYS_fcntl,
		SYS_ppoll,
		SYS_pipe2,
		SYS_getrandom,
		SYS_memfd_create,
		SYS_exit_group,
		SYS_exit,
		SYS_rt_sigaction,
		SYS_wait4,
		SYS_nanosleep,
		SYS_clock_gettime,
		SYS_prctl,
		SYS_seccomp,
		SYS_fsync,
		SYS_rt_sigreturn,
		SYS_prlimit64,
		SYS_rseq,
		SYS_set_robust_list,
		SYS_sched_getaffinity,
		SYS_ftruncate,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		assert_int_equal(verdict(&nothing, calls[i], 0), ALLOWED);
	assert_int_equal(verdict(&nothing, SYS_openat, 0, 0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), ALLOWED);
	assert_int_equal(verdict(&nothing, SYS_clone, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_THREAD), ALLOWED);
	assert_int_equal(verdict(&nothing, SYS_clone, CLONE_VM | CLONE_VFORK | 17), ALLOWED);
}

static void the_network_is_refused_even_where_anything_may_be_done(void **state)
{
	static const unsigned calls[] = { SYS_socket,          SYS_connect,     SYS_bind,     SYS_listen, SYS_accept4,
					  SYS_io_uring_setup,  SYS_bpf,         SYS_mount,    SYS_setns,  SYS_unshare,
					  SYS_init_module,     SYS_userfaultfd, SYS_mq_open,  SYS_shmget, SYS_keyctl,
					  SYS_perf_event_open, SYS_sendmmsg,    SYS_recvmmsg, SYS_chroot };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		assert_int_equal(verdict(&nothing, calls[i], 0), REFUSED);
		assert_int_equal(verdict(&anything, calls[i], 0), REFUSED);
	}
}

static void only_who_talks_to_children_makes_sockets_and_those_in_pairs_of_streams(void **state)
{
	(void)state;
	assert_int_equal(verdict(&nothing, SYS_socketpair, AF_UNIX, SOCK_STREAM), REFUSED);
	assert_int_equal(verdict(&children, SYS_socketpair, AF_UNIX, SOCK_STREAM), ALLOWED);
	assert_int_equal(verdict(&children, SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC), ALLOWED);
	assert_int_equal(verdict(&children, SYS_socketpair, AF_UNIX, SOCK_DGRAM), REFUSED);
	assert_int_equal(verdict(&children, SYS_socketpair, AF_UNIX, SOCK_SEQPACKET), REFUSED);
	assert_int_equal(verdict(&children, SYS_socketpair, AF_TIPC, SOCK_STREAM), REFUSED);
	for (unsigned i = 0; i < 2; i++) {
		const struct callfilter *f = i ? &children : &nothing;

		assert_int_equal(verdict(f, SYS_sendmsg, 0), i ? ALLOWED : REFUSED);
		assert_int_equal(verdict(f, SYS_recvfrom, 0), i ? ALLOWED : REFUSED);
		assert_int_equal(verdict(f, SYS_execve, 0), i ? ALLOWED : REFUSED);
	}
	assert_int_equal(verdict(&children, SYS_execveat, 0), REFUSED);
}

static void flags_that_a_filter_cannot_see_are_not_passed_on(void **state)
{
	(void)state;
	assert_int_equal(verdict(&anything, SYS_clone3, 0), ABSENT);
	assert_int_equal(verdict(&nothing, SYS_openat2, 0), ABSENT);
	assert_int_equal(verdict(&children, SYS_openat2, 0), ABSENT);
	assert_int_equal(verdict(&anything, SYS_openat2, 0), ALLOWED);
}

static void namespaces_are_refused(void **state)
{
	static const unsigned flags[] = { CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWNET,   CLONE_NEWPID,
					  CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		assert_int_equal(verdict(&anything, SYS_clone, flags[i] | 17), REFUSED);
}

static void a_terminal_is_not_typed_into(void **state)
{
	(void)state;
	assert_int_equal(verdict(&anything, SYS_ioctl, 0, TIOCSTI), REFUSED);
	assert_int_equal(verdict(&anything, SYS_ioctl, 0, TIOCLINUX), REFUSED);
	assert_int_equal(verdict(&anything, SYS_ioctl, 0, TIOCSTI | 1ull << 32), REFUSED); /* the kernel sees 32 bits */
	assert_int_equal(verdict(&nothing, SYS_ioctl, 0, TIOCSTI), REFUSED);
}

/* 0x802c542a: TCGETS2, whose macro needs a header that others do not go with. */
static void devices_are_asked_and_file_systems_are_not_told(void **state)
{
	static const unsigned asked[] = { TCGETS, 0x802c542a, TIOCGWINSZ, TIOCGPGRP, FIONREAD, FIOCLEX, FIONCLEX };
	static const unsigned told[] = { FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, FIFREEZE,  FITRIM,
					 FICLONE,         TIOCSCTTY,         0x5000940e /* BTRFS_IOC_SUBVOL_CREATE */ };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		assert_int_equal(verdict(&nothing, SYS_ioctl, 0, asked[i]), ALLOWED);
		assert_int_equal(verdict(&children, SYS_ioctl, 0, asked[i]), ALLOWED);
	}
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		assert_int_equal(verdict(&nothing, SYS_ioctl, 0, told[i]), REFUSED);
		assert_int_equal(verdict(&children, SYS_ioctl, 0, told[i]), REFUSED);
		assert_int_equal(verdict(&anything, SYS_ioctl, 0, told[i]), ALLOWED);
	}
}

static void opening_to_write_is_refused_where_nothing_is_written(void **state)
{
	static const unsigned flags[] = { O_WRONLY,           O_RDWR,
					  O_ACCMODE,          O_CREAT,
					  O_TMPFILE | O_RDWR, O_WRONLY | O_APPEND | O_CLOEXEC };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		assert_int_equal(verdict(&nothing, SYS_openat, 0, 0, flags[i]), NO_WRITING);
		assert_int_equal(verdict(&children, SYS_openat, 0, 0, flags[i]), ALLOWED);
	}
#ifdef SYS_open
	assert_int_equal(verdict(&nothing, SYS_open, 0, O_WRONLY), NO_WRITING);
	assert_int_equal(verdict(&nothing, SYS_open, 0, O_RDONLY, O_WRONLY), ALLOWED);
#endif
}

/* Also by who may open files to write to them, as Landlock is not asked for it. */
static void files_are_cut_only_where_anything_is_written(void **state)
{
	static const unsigned flags[] = { O_TRUNC, O_TRUNC | O_WRONLY, O_TRUNC | O_CREAT | O_RDWR };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		assert_int_equal(verdict(&nothing, SYS_openat, 0, 0, flags[i]), NO_WRITING);
		assert_int_equal(verdict(&children, SYS_openat, 0, 0, flags[i]), NO_WRITING);
		assert_int_equal(verdict(&anything, SYS_openat, 0, 0, flags[i]), ALLOWED);
	}
#ifdef SYS_creat
	assert_int_equal(verdict(&children, SYS_creat, 0), ABSENT);
	assert_int_equal(verdict(&anything, SYS_creat, 0), ALLOWED);
	assert_int_equal(verdict(&children, SYS_open, 0, O_TRUNC), NO_WRITING);
#endif
}

static void names_and_modes_of_files_are_refused_but_where_they_are_for_something(void **state)
{
	static const unsigned names[] = { SYS_unlinkat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_mkdirat };
	static const unsigned modes[] = { SYS_fchmodat,  SYS_fchownat, SYS_fchown,   SYS_setxattr,
					  SYS_utimensat, SYS_truncate, SYS_fsetxattr };
	struct callfilter makes = nothing;

	(void)state;
	makes.makes_files = makes.opens_to_write = true;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		assert_int_equal(verdict(&children, names[i], 0), REFUSED);
		assert_int_equal(verdict(&makes, names[i], 0), ALLOWED);
	}
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		assert_int_equal(verdict(&makes, modes[i], 0), REFUSED);
		assert_int_equal(verdict(&anything, modes[i], 0), ALLOWED);
	}
	assert_int_equal(verdict(&makes, SYS_fchmod, 0), REFUSED);
	makes.sets_modes = true;
	assert_int_equal(verdict(&makes, SYS_fchmod, 0), ALLOWED);
}

static void one_on_top_refuses_only_what_makes_files_and_sets_modes(void **state)
{
	static const unsigned names[] = { SYS_unlinkat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_mkdirat };
	struct callfilter makes = nothing;

	(void)state;
	makes.makes_files = true;
	for (unsigned call = 0; call < NEWER; call++)
		assert_int_equal(more(&makes, call), call == SYS_fchmod ? REFUSED : ALLOWED);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_int_equal(more(&nothing, names[i]), REFUSED);
	assert_int_equal(more(&nothing, SYS_openat), ALLOWED);
	assert_int_equal(more(&nothing, SYS_fchmod), REFUSED);
	makes.sets_modes = true;
	assert_int_equal(more(&makes, SYS_fchmod), ALLOWED);
}

static void signals_go_nowhere_else(void **state)
{
	(void)state;
	assert_int_equal(verdict(&nothing, SYS_kill, PID), REFUSED);
	assert_int_equal(verdict(&nothing, SYS_tkill, PID), REFUSED);
	assert_int_equal(verdict(&nothing, SYS_tgkill, PID, PID), ALLOWED); /* abort(3), raise(3) */
	assert_int_equal(verdict(&nothing, SYS_tgkill, PID + 1, PID), REFUSED);
	assert_int_equal(verdict(&children, SYS_kill, 1), ALLOWED);
	assert_int_equal(verdict(&children, SYS_tgkill, PID + 1), ALLOWED);
}

static void other_processes_limits_and_turns_are_not_set(void **state)
{
	static const unsigned calls[] = { SYS_setpriority,    SYS_ioprio_set,    SYS_sched_setscheduler,
					  SYS_sched_setparam, SYS_sched_setattr, SYS_sched_setaffinity };

	(void)state;
	assert_int_equal(verdict(&children, SYS_prlimit64, 0), ALLOWED);
	assert_int_equal(verdict(&children, SYS_prlimit64, PID), ALLOWED);
	assert_int_equal(verdict(&children, SYS_prlimit64, PID + 1), REFUSED);
	assert_int_equal(verdict(&anything, SYS_prlimit64, PID + 1), ALLOWED);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		assert_int_equal(verdict(&children, calls[i], 0), REFUSED);
		assert_int_equal(verdict(&anything, calls[i], 0), ALLOWED);
	}
}

static void other_processes_are_not_looked_into(void **state)
{
	static const unsigned calls[] = { SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_getfd,
					  SYS_kcmp };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		assert_int_equal(verdict(&children, calls[i], 0), REFUSED);
		assert_int_equal(verdict(&anything, calls[i], 0), ALLOWED); /* for a leak check */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_by_numbers_of_another_machine_end_the_process),
		cmocka_unit_test(calls_that_are_not_known_do_not_exist),
		cmocka_unit_test(what_every_scan_calls_passes_whatever_is_given_up),
		cmocka_unit_test(the_network_is_refused_even_where_anything_may_be_done),
		cmocka_unit_test(only_who_talks_to_children_makes_sockets_and_those_in_pairs_of_streams),
		cmocka_unit_test(flags_that_a_filter_cannot_see_are_not_passed_on),
		cmocka_unit_test(namespaces_are_refused),
		cmocka_unit_test(a_terminal_is_not_typed_into),
		cmocka_unit_test(devices_are_asked_and_file_systems_are_not_told),
		cmocka_unit_test(opening_to_write_is_refused_where_nothing_is_written),
		cmocka_unit_test(files_are_cut_only_where_anything_is_written),
		cmocka_unit_test(names_and_modes_of_files_are_refused_but_where_they_are_for_something),
		cmocka_unit_test(one_on_top_refuses_only_what_makes_files_and_sets_modes),
		cmocka_unit_test(signals_go_nowhere_else),
		cmocka_unit_test(other_processes_limits_and_turns_are_not_set),
		cmocka_unit_test(other_processes_are_not_looked_into),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
static void a_machine_without_known_calls_has_no_filter(void **state)
{
	struct sock_filter program[CALLFILTER_MAX];

	(void)state;
	assert_int_equal(callfilter_make(&nothing, program), 0);
	assert_int_equal(callfilter_make(&children, program), 0);
	assert_int_equal(callfilter_make(&anything, program), 0);
	assert_int_equal(callfilter_make_more(&nothing, program), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_machine_without_known_calls_has_no_filter) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
