/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/callfilter_calls.h"

#include <sys/syscall.h>

#include "common/base/base.h"

/* Newer than the headers that this may be built with. */
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_setxattrat
#define SYS_setxattrat 463
#endif
#ifndef SYS_removexattrat
#define SYS_removexattrat 466
#endif
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif
#ifndef SYS_file_setattr
#define SYS_file_setattr 469
#endif

static const unsigned short call_always[] = {
#ifdef __x86_64__
	SYS_iopl,
	SYS_ioperm,
	SYS_modify_ldt,
#endif
	SYS_socket,
	SYS_connect,
	SYS_bind,
	SYS_listen,
	SYS_accept,
	SYS_accept4,
	SYS_getsockopt,
	SYS_setsockopt,
	SYS_getsockname,
	SYS_getpeername,
	SYS_shutdown,
	SYS_sendmmsg,
	SYS_recvmmsg,
	SYS_io_uring_setup,
	SYS_io_uring_enter,
	SYS_io_uring_register,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_userfaultfd,
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_move_mount,
	SYS_open_tree,
	SYS_open_tree_attr,
	SYS_fsopen,
	SYS_fsconfig,
	SYS_fsmount,
	SYS_fspick,
	SYS_mount_setattr,
	SYS_setns,
	SYS_unshare,
	SYS_swapon,
	SYS_swapoff,
	SYS_acct,
	SYS_quotactl,
	SYS_quotactl_fd,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
	SYS_kexec_file_load,
	SYS_reboot,
	SYS_vhangup,
	SYS_syslog,
	SYS_settimeofday,
	SYS_clock_settime,
	SYS_clock_adjtime,
	SYS_adjtimex,
	SYS_sethostname,
	SYS_setdomainname,
	SYS_add_key,
	SYS_request_key,
	SYS_keyctl,
	SYS_shmget,
	SYS_shmat,
	SYS_shmctl,
	SYS_semget,
	SYS_semctl,
	SYS_semop,
	SYS_semtimedop,
	SYS_msgget,
	SYS_msgctl,
	SYS_msgsnd,
	SYS_msgrcv,
	SYS_mq_open,
	SYS_mq_unlink,
	SYS_open_by_handle_at,
	SYS_fanotify_init,
	SYS_fanotify_mark,
	SYS_move_pages,
	SYS_migrate_pages
};

static const unsigned short call_trace[] = { SYS_ptrace,          SYS_process_vm_readv, SYS_process_vm_writev,
					     SYS_process_madvise, SYS_process_mrelease, SYS_kcmp,
					     SYS_pidfd_getfd };

static const unsigned short call_clone[] = { SYS_clone };

static const unsigned short call_clone3[] = { SYS_clone3 };

static const unsigned short call_ioctl[] = { SYS_ioctl };

static const unsigned short call_exec[] = { SYS_execve };

static const unsigned short call_execat[] = { SYS_execveat };

static const unsigned short call_pair[] = { SYS_socketpair };

static const unsigned short call_talk[] = { SYS_sendto, SYS_sendmsg, SYS_recvfrom, SYS_recvmsg };

static const unsigned short call_signal[] = { SYS_kill, SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo,
					      SYS_pidfd_send_signal };

static const unsigned short call_tgkill[] = { SYS_tgkill };

static const unsigned short call_limit[] = { SYS_prlimit64 };

static const unsigned short call_schedule[] = { SYS_setpriority,    SYS_ioprio_set,    SYS_sched_setscheduler,
						SYS_sched_setparam, SYS_sched_setattr, SYS_sched_setaffinity };

static const unsigned short call_change[] = {
#ifdef __x86_64__
	SYS_chmod,     SYS_chown,        SYS_lchown,       SYS_utime,        SYS_utimes,     SYS_futimesat,
#endif
	SYS_fchmodat,  SYS_fchmodat2,    SYS_fchown,       SYS_fchownat,     SYS_setxattr,   SYS_lsetxattr,
	SYS_fsetxattr, SYS_removexattr,  SYS_lremovexattr, SYS_fremovexattr, SYS_setxattrat, SYS_removexattrat,
	SYS_utimensat, SYS_file_setattr, SYS_truncate
};

static const unsigned short call_make[] = {
#ifdef __x86_64__
	SYS_mkdir,   SYS_mknod,   SYS_rmdir,    SYS_unlink,   SYS_rename,    SYS_link,   SYS_symlink,
#endif
	SYS_mkdirat, SYS_mknodat, SYS_unlinkat, SYS_renameat, SYS_renameat2, SYS_linkat, SYS_symlinkat
};

static const unsigned short call_mode[] = { SYS_fchmod };

static const unsigned short call_open[] = {
#ifdef SYS_open
	SYS_open,
#else
	CALLS_KNOWN, /* there is only openat */
#endif
};

static const unsigned short call_openat[] = { SYS_openat };

static const unsigned short call_openat2[] = {
#ifdef __x86_64__
	SYS_creat,
#endif
	SYS_openat2
};

#define LIST(name)                                                                                                     \
	{                                                                                                              \
		.numbers = (name), .count = ARRAY_LEN(name)                                                            \
	}

const struct call_list call_groups[CALL_GROUPS] = {
	[CALLS_ALWAYS] = LIST(call_always), [CALLS_TRACE] = LIST(call_trace),
	[CALLS_CLONE] = LIST(call_clone),   [CALLS_CLONE3] = LIST(call_clone3),
	[CALLS_IOCTL] = LIST(call_ioctl),   [CALLS_EXEC] = LIST(call_exec),
	[CALLS_EXECAT] = LIST(call_execat), [CALLS_PAIR] = LIST(call_pair),
	[CALLS_TALK] = LIST(call_talk),     [CALLS_SIGNAL] = LIST(call_signal),
	[CALLS_TGKILL] = LIST(call_tgkill), [CALLS_CHANGE] = LIST(call_change),
	[CALLS_MAKE] = LIST(call_make),     [CALLS_OPEN] = LIST(call_open),
	[CALLS_OPENAT] = LIST(call_openat), [CALLS_OPENAT2] = LIST(call_openat2),
	[CALLS_LIMIT] = LIST(call_limit),   [CALLS_SCHEDULE] = LIST(call_schedule),
	[CALLS_MODE] = LIST(call_mode),
};
