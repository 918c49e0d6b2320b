/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/harden.h"

#include <errno.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/base.h"
#include "common/base/sanitized.h"
#include "tests/support/unit.h"

#define RAN 99 /* what a program that was run ends with; no errno of these */

/* What try comes to in a process that runs nothing: an errno, or 0. */
static int outcome(int (*try)(void))
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		harden_runs_nothing();
		_exit(try());
	}
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int run(void)
{
	char sh[] = "/bin/sh", option[] = "-c", script[] = "exit 99", *const argv[] = { sh, option, script, NULL };

	return execve(sh, argv, NULL) ? errno : 0;
}

static int run_descriptor(void)
{
	char empty[] = "", *const argv[] = { empty, NULL };

	return syscall(SYS_execveat, -1, empty, argv, NULL, 0) ? errno : 0;
}

static int trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? errno : 0;
}

static int read_memory(void)
{
	char from = 1, to = 0;
	const struct iovec ours = { &to, 1 }, theirs = { &from, 1 };

	return process_vm_readv(getpid(), &ours, 1, &theirs, 1, 0) == 1 ? 0 : errno;
}

static int write_memory(void)
{
	char from = 1, to = 0;
	const struct iovec ours = { &from, 1 }, theirs = { &to, 1 };

	return process_vm_writev(getpid(), &ours, 1, &theirs, 1, 0) == 1 ? 0 : errno;
}

static int talk(void)
{
	int pair[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || write(pair[0], "x", 1) != 1 ? errno : 0;
}

static void no_program_is_run_and_no_process_looked_into(void **state)
{
	int (*const refused[])(void) = { run, run_descriptor, trace, read_memory, write_memory };

	(void)state;
	if (IS_SANITIZED)
		skip_because("a sanitizer makes calls of its own");
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		assert_int_equal(outcome(refused[i]), EPERM);
}

static void all_else_goes_on(void **state)
{
	(void)state;
	assert_int_equal(outcome(talk), 0);
}

static void without_it_programs_are_run(void **state)
{
	pid_t pid = fork();
	int status = 0;

	(void)state;
	if (pid == 0)
		_exit(run());
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
	assert_int_equal(WEXITSTATUS(status), RAN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_program_is_run_and_no_process_looked_into),
		cmocka_unit_test(all_else_goes_on),
		cmocka_unit_test(without_it_programs_are_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
