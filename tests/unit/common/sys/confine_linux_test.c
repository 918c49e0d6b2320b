/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/base.h"
#include "common/sys/file.h"
#include "tests/support/unit.h"

#define PATH_BYTES 128
#define BROKEN 200 /* an exit status that is no errno of these */
#define TRUE "/bin/true"
#define FALSE "/bin/false"
#define SHELL "/bin/sh"

/* Two folders: one that may be written below, one that may not. */
struct place {
	char root[PATH_BYTES];
	char in[PATH_BYTES], out[PATH_BYTES];
	char mine[2 * PATH_BYTES], theirs[2 * PATH_BYTES]; /* a file in each */
	int pair[2], terminal, theirs_fd;                  /* open before */
};

static struct place at;

static void write_file(const char *path)
{
	DEFER(closep) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0 && write(fd, "text", 4) == 4);
}

static int set_up(void **state)
{
	(void)state;
	(void)snprintf(at.root, sizeof(at.root), "/tmp/skant-confine-XXXXXX");
	assert_non_null(mkdtemp(at.root));
	(void)snprintf(at.in, sizeof(at.in), "%.64s/in", at.root);
	(void)snprintf(at.out, sizeof(at.out), "%.64s/out", at.root);
	(void)snprintf(at.mine, sizeof(at.mine), "%s/file", at.in);
	(void)snprintf(at.theirs, sizeof(at.theirs), "%s/file", at.out);
	assert_int_equal(mkdir(at.in, 0700) | mkdir(at.out, 0700), 0);
	write_file(at.mine);
	write_file(at.theirs);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, at.pair), 0);
	at.terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	at.theirs_fd = open(at.theirs, O_WRONLY | O_CLOEXEC);
	return 0;
}

static int tear_down(void **state)
{
	const char *argv[] = { "rm", "-rf", at.root, NULL };
	char *words[4];
	pid_t pid;

	(void)state;
	memcpy(words, argv, sizeof(words));
	closep(&at.pair[0]);
	closep(&at.pair[1]);
	closep(&at.terminal);
	closep(&at.theirs_fd);
	assert_int_equal(posix_spawnp(&pid, "rm", NULL, NULL, words, environ), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return 0;
}

/* errno of what a call gave. */
static int result(long ret)
{
	return ret < 0 ? errno : 0;
}

/* What the attempt comes to in a process of its own, which is confined so unless c is NULL. */
static int tried(const struct confine *c, int (*attempt)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (c)
			(void)confine_apply(c);
		_exit(attempt());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : BROKEN;
}

/* As the kernel says it, not what is made of it. */
static long landlock_version(void)
{
	return syscall(444, NULL, 0, 1);
}

static bool has_filter(void)
{
#if defined(__x86_64__) || defined(__aarch64__)
	const unsigned action = SECCOMP_RET_ERRNO;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
#else
	return false;
#endif
}

static void need_filter(void)
{
	if (!has_filter())
		skip_because("this system has no filter of system calls");
}

static void need_landlock(long version)
{
	if (landlock_version() < version)
		skip_because("this system has no Landlock of version %ld", version);
}

/* Counts of what was run are written when a program ends, wherever it was built. */
static void need_no_writing(void)
{
#ifdef SKANT_WRITES_AT_EXIT
	skip_because("builds for coverage may write anywhere");
#endif
}

static const struct confine nothing;

static int make_inet(void)
{
	return result(socket(AF_INET, SOCK_STREAM, 0));
}

static int make_local(void)
{
	return result(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int make_netlink(void)
{
	return result(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int make_datagrams(void)
{
	int ends[2];

	return result(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
}

static int make_streams(void)
{
	int ends[2];

	return result(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
}

static int connect_old(void)
{
	const struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };

	return result(connect(at.pair[0], (const struct sockaddr *)&to, sizeof(to)));
}

static int send_old(void)
{
	return result(send(at.pair[0], "x", 1, 0));
}

static int write_old(void)
{
	return result(write(at.theirs_fd, "x", 1));
}

#ifdef __x86_64__
/* By the numbers of i386, where 20 is getpid. */
static int call_by_another_number(void)
{
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "a"(20L) : "memory");
	return ret == getpid() ? 0 : BROKEN;
}

static int call_by_x32_number(void)
{
	return result(syscall(0x40000000 | SYS_socket, AF_INET, SOCK_STREAM, 0));
}
#endif

static int make_ring(void)
{
	char room[512] = { 0 };

	return result(syscall(SYS_io_uring_setup, 8, room));
}

static void sockets_of_every_kind_are_refused(void **state)
{
	static const char *const programs[] = { TRUE };
	const struct confine runs = { .programs = programs, .program_count = 1 };
	const struct confine anything = { .writes_anywhere = true, .runs_anything = true };
	const struct confine *const all[] = { &nothing, &runs, &anything };

	(void)state;
	need_filter();
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		assert_int_equal(tried(all[i], make_inet), EPERM);
		assert_int_equal(tried(all[i], make_local), EPERM);
		assert_int_equal(tried(all[i], make_netlink), EPERM);
		assert_int_equal(tried(all[i], make_datagrams), EPERM);
		assert_int_equal(tried(all[i], connect_old), EPERM);
		assert_int_equal(tried(all[i], make_ring), EPERM);
	}
	assert_int_equal(tried(&nothing, send_old), EPERM);
	assert_int_equal(tried(&nothing, make_streams), EPERM);
	assert_int_equal(tried(&runs, make_streams), 0);
}

static void calls_by_other_numbers_are_no_way_around(void **state)
{
	(void)state;
#ifdef __x86_64__
	need_filter();
	assert_int_equal(tried(&nothing, call_by_x32_number), ENOSYS);
	if (tried(NULL, call_by_another_number))
		skip_because("this system runs no 32-bit programs");
	assert_int_equal(tried(&nothing, call_by_another_number), BROKEN);
#else
	skip_because("there is one set of numbers");
#endif
}

static void open_descriptors_stay_as_they_are(void **state)
{
	(void)state;
	assert_int_equal(tried(&nothing, write_old), 0);
}

static int execute(const char *program)
{
	char *const argv[] = { NULL, NULL };

	(void)execve(program, argv, environ);
	return errno;
}

static int execute_true(void)
{
	return execute(TRUE);
}

static int execute_false(void)
{
	return execute(FALSE);
}

/* Where a filter refuses it, that; where the file is refused, that. */
static bool is_refusal(int errnum)
{
	return errnum == EPERM || errnum == EACCES;
}

static int execute_memory(void)
{
	DEFER(closep) int from = open(TRUE, O_RDONLY | O_CLOEXEC), fd = memfd_create("program", 0);
	char *const argv[] = { NULL, NULL };
	struct stat st;

	if (from < 0 || fd < 0 || fstat(from, &st) || syscall(SYS_sendfile, fd, from, NULL, st.st_size) != st.st_size)
		return BROKEN;
	(void)syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	return errno;
}

static void without_a_named_program_nothing_is_executed(void **state)
{
	(void)state;
	need_filter();
	assert_int_equal(tried(&nothing, execute_true), EPERM);
	assert_int_equal(tried(&nothing, execute_memory), EPERM);
}

/* Its exit status, or -1 when it could not be run. */
static int run(const char *program, const char *option, const char *text)
{
	const char *argv[] = { program, option, text, NULL };
	char *words[4];
	int status;
	pid_t pid;

	memcpy(words, argv, sizeof(words));
	if (posix_spawn(&pid, program, NULL, NULL, words, environ) || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int spawn_true(void)
{
	return run(TRUE, NULL, NULL) ? BROKEN : 0;
}

static void the_named_program_is_run_and_no_other(void **state)
{
	static const char *const programs[] = { TRUE };
	const struct confine c = { .programs = programs, .program_count = 1 };

	(void)state;
	assert_int_equal(tried(&c, execute_true), 0);
	assert_int_equal(tried(&c, spawn_true), 0);
	need_landlock(1);
	assert_int_equal(tried(&c, execute_false), EACCES);
	need_filter();
	assert_int_equal(tried(&c, execute_memory), EPERM);
}

static int execute_script(void)
{
	return execute(at.mine);
}

static void a_script_runs_what_it_needs(void **state)
{
	const char *const programs[] = { at.mine };
	const struct confine c = { .programs = programs, .program_count = 1 };
	DEFER(closep) int fd = open(at.mine, O_WRONLY | O_TRUNC | O_CLOEXEC);

	(void)state;
	assert_true(dprintf(fd, "#!" SHELL "\n" TRUE " && ! " FALSE "\n") > 0);
	assert_int_equal(fchmod(fd, 0700), 0);
	assert_int_equal(close(fd), 0);
	fd = -1;
	assert_int_equal(tried(&c, execute_script), 0);
}

static int open_out(void)
{
	return result(open(at.theirs, O_WRONLY | O_CLOEXEC));
}

static int open_out_again(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", open(at.theirs, O_RDONLY | O_CLOEXEC));
	return result(open(path, O_RDWR | O_CLOEXEC));
}

static int cut_out(void)
{
	return result(open(at.theirs, O_RDONLY | O_TRUNC | O_CLOEXEC));
}

static int truncate_out(void)
{
	return result(truncate(at.theirs, 0));
}

static int below_out(char *room, const char *name)
{
	return snprintf(room, 2 * PATH_BYTES, "%s/%s", at.out, name);
}

static int make_out(void)
{
	char path[2 * PATH_BYTES];

	(void)below_out(path, "new");
	return result(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int make_unnamed_out(void)
{
	return result(open(at.out, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
}

static int make_folder_out(void)
{
	char path[2 * PATH_BYTES];

	(void)below_out(path, "new");
	return result(mkdir(path, 0700));
}

static int link_out(void)
{
	char path[2 * PATH_BYTES];

	(void)below_out(path, "new");
	return result(symlink("/etc/passwd", path));
}

static int pipe_out(void)
{
	char path[2 * PATH_BYTES];

	(void)below_out(path, "new");
	return result(mkfifo(path, 0600));
}

static int remove_out(void)
{
	return result(unlink(at.theirs));
}

static int remove_folder_out(void)
{
	return result(rmdir(at.out));
}

static int rename_out(void)
{
	char path[2 * PATH_BYTES];

	(void)below_out(path, "new");
	return result(rename(at.theirs, path));
}

static int move_out(void)
{
	return result(rename(at.mine, at.theirs));
}

static int move_in(void)
{
	return result(rename(at.theirs, at.mine));
}

static int share_in(void)
{
	char path[2 * PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s/new", at.in);
	return result(link(at.theirs, path));
}

static int change_mode_out(void)
{
	return result(chmod(at.theirs, 0777));
}

static int change_times_out(void)
{
	return result(utimensat(AT_FDCWD, at.theirs, NULL, 0));
}

/* A descriptor that only reads is enough for the kernel. */
static int set_attributes_out(void)
{
	DEFER(closep) int fd = open(at.theirs, O_RDONLY | O_CLOEXEC);
	int flags = FS_NODUMP_FL;

	return result(ioctl(fd, FS_IOC_SETFLAGS, &flags));
}

static int (*const changes[])(void) = { open_out,        open_out_again, truncate_out, make_out,   make_unnamed_out,
					make_folder_out, link_out,       pipe_out,     remove_out, remove_folder_out,
					rename_out,      move_out,       move_in,      share_in };

static bool theirs_is_untouched(void)
{
	struct stat st;
	char text[8];
	DEFER(closep) int fd = open(at.theirs, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0644 && st.st_nlink == 1 &&
	       read(fd, text, sizeof(text)) == 4 && memcmp(text, "text", 4) == 0;
}

static void check_nothing_changes(const struct confine *c)
{
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		int errnum = tried(c, changes[i]);

		if (!is_refusal(errnum) && errnum != EXDEV)
			fail_msg("attempt %zu came to %d", i, errnum);
		assert_true(theirs_is_untouched());
		assert_int_equal(access(at.mine, F_OK), 0);
	}
}

static void nothing_is_written_outside_of_the_named_folder(void **state)
{
	const struct confine_place places[] = { { .path = at.in } };
	const struct confine c = { .places = places, .place_count = 1 };

	(void)state;
	need_no_writing();
	need_landlock(1);
	check_nothing_changes(&c);
	need_filter();
	assert_int_equal(tried(&c, change_mode_out), EPERM);
	assert_int_equal(tried(&c, change_times_out), EPERM);
	assert_int_equal(tried(&c, set_attributes_out), EPERM);
	assert_int_equal(tried(&c, cut_out), EACCES);
	assert_true(theirs_is_untouched());
}

static void without_a_named_folder_nothing_is_written_at_all(void **state)
{
	static const char *const programs[] = { TRUE };
	const struct confine runs = { .programs = programs, .program_count = 1 };

	(void)state;
	need_no_writing();
	need_filter();
	check_nothing_changes(&nothing);
	assert_int_equal(tried(&nothing, cut_out), EACCES);
	assert_int_equal(tried(&nothing, change_mode_out), EPERM);
	need_landlock(1);
	check_nothing_changes(&runs);
}

static int replace_mine(void)
{
	struct file_replace file;

	if (file_replace_open(&file, at.mine, 0644, NULL) || file_write_full(file.fd, VIEW("new text")))
		return BROKEN;
	return file_replace_commit(&file, NULL) ? errno : 0;
}

static int replace_new(void)
{
	char path[2 * PATH_BYTES];
	struct file_replace file;

	(void)snprintf(path, sizeof(path), "%s/report", at.in);
	if (file_replace_open(&file, path, 0644, NULL) || file_write_full(file.fd, VIEW("text")))
		return BROKEN;
	return file_replace_commit(&file, NULL) ? errno : 0;
}

static void a_file_is_replaced_in_the_named_folder(void **state)
{
	const struct confine_place places[] = { { .path = at.in } };
	const struct confine c = { .places = places, .place_count = 1 };
	struct stat st;

	(void)state;
	assert_int_equal(tried(&c, replace_mine), 0);
	assert_int_equal(stat(at.mine, &st), 0);
	assert_int_equal(st.st_size, 8);
	assert_int_equal(tried(&c, replace_new), 0);
}

static int replaced;

/* Opened before it is narrowed, as reports are. */
static int replace_once_narrowed(void)
{
	const struct confine_place places[] = { { .path = at.in, .only_moves = true } };
	const struct confine c = { .places = places, .place_count = 1, .is_filtered = true };
	struct file_replace file;
	char path[2 * PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s/report", at.in);
	if (file_replace_open(&file, replaced ? path : at.mine, 0644, NULL))
		return BROKEN;
	(void)confine_apply(&c);
	if (file_write_full(file.fd, VIEW("new text")) || open(at.mine, O_WRONLY | O_CLOEXEC) >= 0 ||
	    open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644) >= 0 || chmod(at.mine, 0777) == 0 ||
	    fchmod(file.fd, 0777) == 0)
		return BROKEN;
	return file_replace_commit(&file, NULL) ? errno : 0;
}

static void a_file_that_is_open_is_put_in_its_place_where_no_other_is_opened(void **state)
{
	const struct confine_place places[] = { { .path = at.in } };
	const struct confine c = { .places = places, .place_count = 1 };
	struct stat st;

	(void)state;
	need_no_writing();
	need_landlock(1);
	need_filter();
	for (replaced = 0; replaced < 2; replaced++)
		assert_int_equal(tried(&c, replace_once_narrowed), 0);
	assert_int_equal(stat(at.mine, &st), 0);
	assert_int_equal(st.st_size, 8);
	assert_int_equal(st.st_mode & 0777, 0644);
}

/* As a container may: a filter of its own that refuses others. */
static int refuse_filters_and_cut(void)
{
	struct sock_filter instructions[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { .len = ARRAY_LEN(instructions), .filter = instructions };
	struct confined c;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
		return BROKEN;
	c = confine_apply(&nothing);
	return c.is_filtered || !c.landlock ? BROKEN : cut_out();
}

static void where_a_filter_is_not_allowed_landlock_keeps_files_from_being_cut(void **state)
{
	(void)state;
	need_no_writing();
	need_landlock(3);
	need_filter();
	assert_int_equal(tried(NULL, refuse_filters_and_cut), EACCES);
	assert_true(theirs_is_untouched());
}

static int open_mine(void)
{
	return result(open(at.mine, O_WRONLY | O_APPEND | O_CLOEXEC));
}

static int remove_mine(void)
{
	return result(unlink(at.mine));
}

static int make_folder_in(void)
{
	char path[2 * PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s/folder", at.in);
	return result(mkdir(path, 0700) ? -1 : rmdir(path));
}

static void a_named_file_is_written_to_and_stays(void **state)
{
	const struct confine_place places[] = { { .path = at.mine } };
	const struct confine c = { .places = places, .place_count = 1 };

	(void)state;
	assert_int_equal(tried(&c, open_mine), 0);
	need_no_writing();
	need_landlock(1);
	assert_int_equal(tried(&c, remove_mine), EACCES);
	check_nothing_changes(&c);
}

static void folders_are_made_only_where_that_is_said(void **state)
{
	struct confine_place places[] = { { .path = at.in } };
	const struct confine c = { .places = places, .place_count = 1 };

	(void)state;
	need_no_writing();
	need_landlock(1);
	assert_int_equal(tried(&c, make_folder_in), EACCES);
	places[0].makes_folders = true;
	assert_int_equal(tried(&c, make_folder_in), 0);
}

static int read_out(void)
{
	char byte;
	DEFER(closep) int fd = open(at.theirs, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && read(fd, &byte, 1) == 1 ? 0 : BROKEN;
}

static void everything_can_still_be_read(void **state)
{
	(void)state;
	assert_int_equal(tried(&nothing, read_out), 0);
}

static int write_by_child(void)
{
	char command[3 * PATH_BYTES];

	(void)snprintf(command, sizeof(command), "exec 2>&-; echo x >>%s", at.theirs);
	return run(SHELL, "-c", command) > 0 ? EACCES : 0;
}

static void a_child_can_do_no_more(void **state)
{
	static const char *const programs[] = { SHELL };
	const struct confine c = { .programs = programs, .program_count = 1 };

	(void)state;
	need_no_writing();
	need_landlock(1);
	assert_int_equal(tried(&c, write_by_child), EACCES);
	assert_true(theirs_is_untouched());
}

static int other_memory(void)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { &byte, 1 };

	return result(process_vm_readv(getppid(), &here, 1, &there, 1, 0));
}

static int trace_parent(void)
{
	return result(ptrace(PTRACE_SEIZE, getppid(), NULL, NULL));
}

static int signal_parent(void)
{
	return result(kill(getppid(), 0));
}

static int limit_parent(void)
{
	return result(prlimit(getppid(), RLIMIT_CORE, NULL, &(struct rlimit){ 0 }));
}

static int limit_self(void)
{
	return result(prlimit(getpid(), RLIMIT_CORE, NULL, &(struct rlimit){ 0 }));
}

static int delay_parent(void)
{
	return result(setpriority(PRIO_PROCESS, (id_t)getppid(), getpriority(PRIO_PROCESS, (id_t)getppid())));
}

static int signal_self(void)
{
	(void)signal(SIGUSR1, SIG_IGN);
	return result(raise(SIGUSR1));
}

static int type_into_terminal(void)
{
	return result(ioctl(at.terminal, TIOCSTI, "x"));
}

static void other_processes_are_out_of_reach(void **state)
{
	static const char *const programs[] = { TRUE };
	const struct confine runs = { .programs = programs, .program_count = 1 };

	(void)state;
	need_filter();
	assert_int_equal(tried(&nothing, signal_self), 0);
	assert_int_equal(tried(&nothing, type_into_terminal), EPERM);
	assert_int_equal(tried(&runs, limit_self), 0);
	assert_int_equal(tried(&runs, limit_parent), EPERM);
	assert_int_equal(tried(&runs, delay_parent), EPERM);
#if defined(__SANITIZE_ADDRESS__)
	skip_because("a leak check needs ptrace and signals");
#endif
	assert_int_equal(tried(&nothing, other_memory), EPERM);
	assert_int_equal(tried(&nothing, trace_parent), EPERM);
	assert_int_equal(tried(&nothing, signal_parent), EPERM);
	need_landlock(6);
	assert_int_equal(tried(&runs, signal_parent), EPERM);
}

static void who_ends_an_older_child_may_signal_it(void **state)
{
	static const char *const programs[] = { TRUE };
	const struct confine c = { .programs = programs, .program_count = 1, .signals = true };

	(void)state;
	assert_int_equal(tried(&c, signal_parent), 0);
}

static void *try_in_thread(void *ret)
{
	*(int *)ret = make_inet();
	return NULL;
}

static int thread_makes_socket(void)
{
	pthread_t thread;
	int ret = BROKEN;

	if (pthread_create(&thread, NULL, try_in_thread, &ret) || pthread_join(thread, NULL))
		return BROKEN;
	return ret;
}

static void threads_that_start_later_are_confined_as_well(void **state)
{
	(void)state;
	need_filter();
	assert_int_equal(tried(&nothing, thread_makes_socket), EPERM);
}

static int gives_up_more(void)
{
	struct confined c;

	if (open_mine())
		return BROKEN;
	c = confine_apply(&nothing);
	return c.is_filtered ? open_mine() : EACCES;
}

static int takes_nothing_back(void)
{
	const struct confine anything = { .writes_anywhere = true, .runs_anything = true };

	(void)confine_apply(&anything);
	return make_inet() == EPERM && is_refusal(execute_true()) ? 0 : BROKEN;
}

static void it_can_be_done_again_only_to_give_up_more(void **state)
{
	const struct confine_place places[] = { { .path = at.in } };
	const struct confine c = { .places = places, .place_count = 1 };

	(void)state;
	need_filter();
	assert_int_equal(tried(&nothing, takes_nothing_back), 0);
	need_no_writing();
	assert_int_equal(tried(&c, gives_up_more), EACCES);
}

static int is_told(void)
{
	struct confined c = confine_apply(&nothing);
	long version = landlock_version();

	return c.landlock == (version > 0 ? (unsigned)version : 0) && c.is_filtered == has_filter() && !c.runs_anything
		       ? 0
		       : BROKEN;
}

static int is_told_of_anything(void)
{
	const struct confine anything = { .writes_anywhere = true, .runs_anything = true };
	struct confined c = confine_apply(&anything);

	long version = landlock_version();

	return c.landlock == (version >= 4 ? (unsigned)version : 0) && c.is_filtered == has_filter() && c.runs_anything
		       ? 0
		       : BROKEN;
}

static int moves_files_and_opens_no_memory(void)
{
	const struct confine anything = { .writes_anywhere = true, .runs_anything = true };
	char path[PATH_BYTES], moved[2 * PATH_BYTES];

	(void)snprintf(path, sizeof(path), "/proc/%ld/mem", (long)getppid());
	(void)snprintf(moved, sizeof(moved), "%s/moved", at.in);
	(void)confine_apply(&anything);
	if (rename(at.theirs, moved) < 0)
		return errno;
	return open(path, O_RDWR | O_CLOEXEC) < 0 && errno == EACCES ? 0 : BROKEN;
}

static void who_may_do_anything_with_files_cannot_reach_memory_by_them(void **state)
{
	(void)state;
	if (landlock_version() < 4)
		skip_because("this system has no Landlock of version 4");
	assert_int_equal(tried(NULL, moves_files_and_opens_no_memory), 0);
}

static void what_is_in_place_is_told(void **state)
{
	(void)state;
	assert_int_equal(tried(NULL, is_told_of_anything), 0);
	need_no_writing();
	assert_int_equal(tried(NULL, is_told), 0);
}

static int has_no_new_rights(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : BROKEN;
}

static void no_program_gives_rights_that_we_lack(void **state)
{
	(void)state;
	assert_int_equal(tried(&nothing, has_no_new_rights), 0);
}

#define with_place(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_place(sockets_of_every_kind_are_refused),
		with_place(calls_by_other_numbers_are_no_way_around),
		with_place(open_descriptors_stay_as_they_are),
		with_place(without_a_named_program_nothing_is_executed),
		with_place(the_named_program_is_run_and_no_other),
		with_place(a_script_runs_what_it_needs),
		with_place(nothing_is_written_outside_of_the_named_folder),
		with_place(without_a_named_folder_nothing_is_written_at_all),
		with_place(a_file_is_replaced_in_the_named_folder),
		with_place(a_file_that_is_open_is_put_in_its_place_where_no_other_is_opened),
		with_place(where_a_filter_is_not_allowed_landlock_keeps_files_from_being_cut),
		with_place(a_named_file_is_written_to_and_stays),
		with_place(folders_are_made_only_where_that_is_said),
		with_place(everything_can_still_be_read),
		with_place(a_child_can_do_no_more),
		with_place(other_processes_are_out_of_reach),
		with_place(who_ends_an_older_child_may_signal_it),
		with_place(threads_that_start_later_are_confined_as_well),
		with_place(it_can_be_done_again_only_to_give_up_more),
		with_place(what_is_in_place_is_told),
		with_place(who_may_do_anything_with_files_cannot_reach_memory_by_them),
		with_place(no_program_gives_rights_that_we_lack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
