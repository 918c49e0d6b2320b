/* SPDX-License-Identifier: Apache-2.0 */
/* skant as it would be if what it reads had taken it over: it starts as skant does, and then tries what an attacker
 * would, with whatever code it likes. It takes skant's arguments, and prints a line for each attempt: its name, and
 * `worked` or why it did not. $LOOT is a folder of somebody else's with the file `file` in it, $PORT a port of this
 * machine on which somebody listens, $LISTENER a local socket, $REPORTS the folder of the reports, if any; with
 * $SCANNING it starts once the reports are open, as what is scanned would find it. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/harden.h"
#include "common/sys/log.h"
#include "scanner/options.h"
#include "scanner/privilege.h"

#define PATH_BYTES 512

static const char *loot(const char *name)
{
	static char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s/%s", getenv("LOOT"), name);
	return path;
}

static int send_by_tcp(void)
{
	const char *port = getenv("PORT");
	uint64_t number = 0;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || text_u64(view_of(port), UINT16_MAX, &number))
		return -1;
	to.sin_port = htons((uint16_t)number);
	return connect(fd, (struct sockaddr *)&to, sizeof(to)) || send(fd, "key", 3, 0) != 3 ? -1 : 0;
}

static int send_by_udp(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(53) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd < 0 ? -1 : (int)sendto(fd, "key", 3, 0, (struct sockaddr *)&to, sizeof(to));
}

static int send_by_local_socket(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", getenv("LISTENER"));
	return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&to, sizeof(to));
}

static int send_by_datagram_pair(void)
{
	int ends[2];

	return socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
}

static int send_by_ring(void)
{
	char room[512] = { 0 };

	return (int)syscall(SYS_io_uring_setup, 8, room);
}

static int *thread_result(void)
{
	static int ret;

	return &ret;
}

static void *send_from(void *)
{
	*thread_result() = send_by_tcp() ? errno : 0;
	return NULL;
}

static int send_from_a_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, send_from, NULL) || pthread_join(thread, NULL))
		return -1;
	errno = *thread_result();
	return errno ? -1 : 0;
}

static int run(const char *const *argv)
{
	char *words[8] = { NULL };
	int status, failed;
	size_t count = 0;
	pid_t pid;

	do
		memcpy(&words[count], &argv[count], sizeof(*words));
	while (argv[++count]);
	failed = posix_spawnp(&pid, argv[0], NULL, NULL, words, environ);
	if (failed) {
		errno = failed;
		return -1;
	}
	while (waitpid(pid, &status, 0) < 0)
		;
	errno = ECHILD; /* it was run, and could not do what it was run for */
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static int run_shell(void)
{
	const char *const argv[] = { "/bin/sh", "-c", ":", NULL };

	return run(argv);
}

/* The loader runs any program; what that can do is asked of bash, which connects by itself. */
static int run_by_the_loader(void)
{
	char command[2 * PATH_BYTES];
	const char *const argv[] = { "/lib64/ld-linux-x86-64.so.2", "/bin/bash", "-c", command, NULL };

	(void)snprintf(command, sizeof(command), "exec 2>&-; echo x >>%s || : </dev/tcp/127.0.0.1/%s", loot("file"),
		       getenv("PORT"));
	return run(argv);
}

static int have_git_run(void)
{
	const char *const argv[] = { "git", "-c", "alias.x=!exec 2>&-; :", "x", NULL };

	return run(argv);
}

static int have_git_write(void)
{
	const char *const argv[] = { "git", "init", "-q", loot("repository"), NULL };
	DEFER(closep) int fd = dup(STDERR_FILENO);
	int ret;

	(void)close(STDERR_FILENO);
	ret = run(argv);
	(void)dup2(fd, STDERR_FILENO);
	return ret;
}

static void run_descriptor(int fd)
{
	char *const argv[] = { NULL, NULL };

	(void)syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
}

static void run_descriptor_s_path(int fd)
{
	char *const argv[] = { NULL, NULL };
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	(void)execve(path, argv, environ);
}

static int run_what_was_built(void (*how)(int fd))
{
	int fd = memfd_create("program", 0), from = open("/bin/true", O_RDONLY | O_CLOEXEC);
	struct stat st;
	pid_t pid;
	int status;

	if (fd < 0 || from < 0 || fstat(from, &st) || syscall(SYS_sendfile, fd, from, NULL, st.st_size) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		how(fd);
		_exit(errno);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return errno ? -1 : 0;
}

static int run_by_descriptor(void)
{
	return run_what_was_built(run_descriptor);
}

static int run_by_path(void)
{
	return run_what_was_built(run_descriptor_s_path);
}

static int write_over(void)
{
	return open(loot("file"), O_WRONLY | O_TRUNC | O_CLOEXEC);
}

static int cut(void)
{
	return open(loot("file"), O_RDONLY | O_TRUNC | O_CLOEXEC);
}

static int make(void)
{
	return open(loot("new"), O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
}

static int make_link(void)
{
	return symlink("/etc/passwd", loot("link"));
}

static int take_away(void)
{
	return unlink(loot("file"));
}

static int open_to_all(void)
{
	return chmod(loot("file"), 0777);
}

static int open_to_all_by_descriptor(void)
{
	int fd = open(loot("file"), O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : fchown(fd, 0, 0);
}

static int keep_from_dumps(void)
{
	int fd = open(loot("file"), O_RDONLY | O_CLOEXEC), flags = FS_NODUMP_FL;

	return fd < 0 ? -1 : ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

/* What may be written to may not become a way out of it. */
static int move_from_the_reports(void)
{
	char from[PATH_BYTES];
	int fd;

	if (!getenv("REPORTS")) {
		errno = ENOENT;
		return -1;
	}
	(void)snprintf(from, sizeof(from), "%s/hostile", getenv("REPORTS"));
	fd = open(from, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	if (fd >= 0 && write(fd, "text", 4) != 4)
		return -1;
	(void)close(fd);
	return rename(from, loot("file"));
}

static int look_into_the_parent(void)
{
	return (int)ptrace(PTRACE_SEIZE, getppid(), NULL, NULL);
}

static int end_the_parent(void)
{
	return kill(getppid(), SIGCONT); /* does no harm where it works */
}

static int limit_the_parent(void)
{
	struct rlimit limit;

	return prlimit(getppid(), RLIMIT_CPU, NULL, &limit) || prlimit(getppid(), RLIMIT_CPU, &limit, NULL) ? -1 : 0;
}

static int take_rights(void)
{
	return (int)syscall(SYS_unshare, 0x10000000 /* CLONE_NEWUSER */);
}

static int read_anything(void)
{
	return open(loot("file"), O_RDONLY | O_CLOEXEC);
}

static const struct {
	const char *name;
	int (*try)(void);
} attempts[] = {
	{ "send by TCP", send_by_tcp },
	{ "send by UDP", send_by_udp },
	{ "send by a local socket", send_by_local_socket },
	{ "send by a pair of datagram sockets", send_by_datagram_pair },
	{ "send by io_uring", send_by_ring },
	{ "send from a thread", send_from_a_thread },
	{ "run a shell", run_shell },
	{ "run a shell by the loader, and send or write", run_by_the_loader },
	{ "have git run a shell", have_git_run },
	{ "have git write", have_git_write },
	{ "run what was built in memory, by its descriptor", run_by_descriptor },
	{ "run what was built in memory, by its path", run_by_path },
	{ "write over a file", write_over },
	{ "cut a file", cut },
	{ "make a file", make },
	{ "make a link", make_link },
	{ "take a file away", take_away },
	{ "change a file's mode", open_to_all },
	{ "change a file's owner", open_to_all_by_descriptor },
	{ "change a file's attributes", keep_from_dumps },
	{ "move a file out of the reports' folder", move_from_the_reports },
	{ "look into another process", look_into_the_parent },
	{ "signal another process", end_the_parent },
	{ "limit another process", limit_the_parent },
	{ "become another user's root", take_rights },
	{ "read a file", read_anything },
};

int main(int argc, char **argv)
{
	struct opt_result result = { .command = 0 };
	struct err err = ERR_INIT;
	struct options options;

	log_init("takenover", LOG_INFO);
	harden_process();
	options_init(&options);
	if (opt_parse(&options_program, argc, argv, options_take, &options, &result, &err)) {
		log_error("%s", err.text);
		return EXIT_FAILURE;
	}
	options.privilege = privilege_start((enum command)result.command, &options);
	if (getenv("SCANNING"))
		privilege_narrow(options.privilege, NULL);
	for (size_t i = 0; i < ARRAY_LEN(attempts); i++) {
		errno = 0;
		(void)printf("%s: %s\n", attempts[i].name, attempts[i].try() < 0 ? strerror(errno) : "worked");
		(void)fflush(stdout);
	}
	privilege_freep(&options.privilege);
	free(result.args);
	options_done(&options);
	return EXIT_SUCCESS;
}
