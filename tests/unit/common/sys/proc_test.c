/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

struct outcome {
	struct buf out, err_out;
	int status, ret;
	struct err err;
};

static void outcome_done(struct outcome *o)
{
	buf_done(&o->out);
	buf_done(&o->err_out);
}

static void run_spec(struct outcome *o, const struct proc_spec *spec)
{
	*o = (struct outcome){ .out = BUF_INIT(PROC_OUTPUT_BYTES),
			       .err_out = BUF_INIT(PROC_OUTPUT_BYTES),
			       .status = -1 };
	o->ret = proc_run(spec, &o->out, &o->err_out, &o->status, &o->err);
}

/* The tests' children are small shell scripts; proc_run itself knows no shell. */
static void run_script(struct outcome *o, const char *script, struct view input)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	run_spec(o, &(const struct proc_spec){ .argv = argv, .input = input });
}

static void assert_text(const struct buf *buf, const char *expected)
{
	assert_string_equal(buf->ptr ? buf->ptr : "", expected);
}

static void output_and_errors_are_kept_apart(void **state)
{
	DEFER(outcome_done) struct outcome o;

	(void)state;
	run_script(&o, "echo out; echo err >&2", VIEW_NONE);
	assert_int_equal(o.ret, 0);
	assert_int_equal(o.status, 0);
	assert_text(&o.out, "out\n");
	assert_text(&o.err_out, "err\n");
}

static void output_is_appended(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(100);
	const char *const argv[] = { "echo", "b", NULL };
	int status = -1;

	(void)state;
	assert_int_equal(buf_add_text(&out, "a"), 0);
	assert_int_equal(proc_run(&(const struct proc_spec){ .argv = argv }, &out, NULL, &status, NULL), 0);
	assert_text(&out, "ab\n");
}

static void errors_go_nowhere_when_not_wanted(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(100);
	const char *const argv[] = { "sh", "-c", "readlink /proc/self/fd/2", NULL };
	int status = -1;

	(void)state;
	assert_int_equal(proc_run(&(const struct proc_spec){ .argv = argv }, &out, NULL, &status, NULL), 0);
	assert_text(&out, "/dev/null\n");
}

static void arguments_meet_no_shell(void **state)
{
	DEFER(outcome_done) struct outcome o;
	const char *const argv[] = { "printf", "%s|", "a b", "$HOME", "*", "", NULL };

	(void)state;
	run_spec(&o, &(const struct proc_spec){ .argv = argv });
	assert_text(&o.out, "a b|$HOME|*||");
}

static void the_exit_code_is_the_status(void **state)
{
	DEFER(outcome_done) struct outcome o;

	(void)state;
	run_script(&o, "exit 17", VIEW_NONE);
	assert_int_equal(o.ret, 0);
	assert_int_equal(o.status, 17);
}

static void a_signal_is_128_and_its_number(void **state)
{
	DEFER(outcome_done) struct outcome o;

	(void)state;
	run_script(&o, "kill -KILL $$", VIEW_NONE);
	assert_int_equal(o.ret, 0);
	assert_int_equal(o.status, 128 + SIGKILL);
}

static void an_unknown_program_is_an_error(void **state)
{
	DEFER(outcome_done) struct outcome o;
	const char *const argv[] = { "no-such-program-here", NULL };

	(void)state;
	run_spec(&o, &(const struct proc_spec){ .argv = argv });
	assert_int_equal(o.ret, -1);
	assert_int_equal(o.err.kind, ERR_IO);
	assert_int_equal(o.err.errnum, ENOENT);
	assert_string_equal(o.err.text, "cannot run 'no-such-program-here': No such file or directory");
	assert_int_equal(o.status, -1);
}

static void env_entries_replace_and_add(void **state)
{
	DEFER(outcome_done) struct outcome o;
	const char *const argv[] = { "sh", "-c", "echo $PROC_A,$PROC_AB,$PROC_B; env | grep -c ^PROC_A=", NULL };
	const char *const env[] = { "PROC_A=new", "PROC_B=", NULL };

	(void)state;
	assert_int_equal(setenv("PROC_A", "old", 1), 0);
	assert_int_equal(setenv("PROC_AB", "kept", 1), 0);
	run_spec(&o, &(const struct proc_spec){ .argv = argv, .env = env });
	assert_text(&o.out, "new,kept,\n1\n");
	assert_string_equal(getenv("PROC_A"), "old");
}

static void credentials_are_handed_on_to_nobody_but_who_gets_them(void **state)
{
	static const char script[] = "echo $ANTHROPIC_X,$CREDENTIALS_DIRECTORY,$OWN_NAME,$GIT_CONFIG_VALUE_0,$NEAR";
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct proc_spec spec = { .argv = argv };
	struct outcome without, with;

	(void)state;
	assert_int_equal(setenv("ANTHROPIC_X", "a", 1), 0);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "b", 1), 0);
	assert_int_equal(setenv("OWN_NAME", "Bearer sk-ant-c", 1), 0);
	assert_int_equal(setenv("GIT_CONFIG_VALUE_0", "sk-ant-d", 1), 0);
	assert_int_equal(setenv("NEAR", "sk-ANT-e", 1), 0);
	run_spec(&without, &spec);
	spec.gets_credentials = true;
	run_spec(&with, &spec);
	assert_text(&without.out, ",,,sk-ant-d,sk-ANT-e\n");
	assert_text(&with.out, "a,b,Bearer sk-ant-c,sk-ant-d,sk-ANT-e\n");
	outcome_done(&without);
	outcome_done(&with);
}

static void input_is_written_and_ended(void **state)
{
	DEFER(outcome_done) struct outcome o;

	(void)state;
	run_script(&o, "cat", VIEW("one\0two"));
	assert_int_equal(o.out.len, 7);
	assert_memory_equal(o.out.ptr, "one\0two", 7);
}

static void without_input_the_child_reads_an_end(void **state)
{
	DEFER(outcome_done) struct outcome o;

	(void)state;
	run_script(&o, "cat; echo end", VIEW_NONE);
	assert_text(&o.out, "end\n");
}

/* More than any pipe holds, both ways: writing all before reading would never end. */
static void much_input_and_output_pass_at_once(void **state)
{
	DEFER(outcome_done) struct outcome o;
	DEFER(buf_done) struct buf input = BUF_INIT(4u << 20);

	(void)state;
	while (input.len < 3000000)
		assert_int_equal(buf_addf(&input, "%zu\n", input.len), 0);
	run_script(&o, "tee /dev/stderr", buf_view(&input));
	assert_int_equal(o.status, 0);
	assert_true(text_eq(buf_view(&o.out), buf_view(&input)));
	assert_true(text_eq(buf_view(&o.err_out), buf_view(&input)));
}

static void a_child_that_does_not_read_is_no_failure(void **state)
{
	DEFER(outcome_done) struct outcome o;
	DEFER(freep) char *input = calloc(1, 1u << 20);

	(void)state;
	assert_non_null(input);
	run_script(&o, "exec <&-; echo done", view_from(input, 1u << 20));
	assert_int_equal(o.ret, 0);
	assert_int_equal(o.status, 0);
	assert_text(&o.out, "done\n");
}

static volatile sig_atomic_t sigpipes;

static void count_sigpipe(int signal_number)
{
	(void)signal_number;
	sigpipes++;
}

static void sigpipe_stays_as_the_process_had_it(void **state)
{
	DEFER(outcome_done) struct outcome o;
	DEFER(freep) char *input = calloc(1, 1u << 20);
	const struct sigaction counting = { .sa_handler = count_sigpipe };
	struct sigaction after, before;
	sigset_t mask;

	(void)state;
	assert_int_equal(sigaction(SIGPIPE, &counting, &before), 0);
	run_script(&o, "exec <&-", view_from(input, 1u << 20));
	assert_int_equal(sigaction(SIGPIPE, &before, &after), 0);
	assert_true(after.sa_handler == count_sigpipe);
	assert_int_equal(sigpipes, 0);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
	assert_int_equal(sigismember(&mask, SIGPIPE), 0);
}

static void the_child_handles_signals_by_default(void **state)
{
	DEFER(outcome_done) struct outcome o;
	const struct sigaction ignored = { .sa_handler = SIG_IGN };
	struct sigaction before;

	(void)state;
	assert_int_equal(sigaction(SIGPIPE, &ignored, &before), 0);
	run_script(&o, "kill -PIPE $$; echo survived", VIEW_NONE);
	assert_int_equal(sigaction(SIGPIPE, &before, NULL), 0);
	assert_int_equal(o.status, 128 + SIGPIPE);
	assert_text(&o.out, "");
}

/* The child would run for ever: this ends only because it is killed. */
static void too_much_output_is_an_error_and_ends_the_child(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(100000);
	const char *const argv[] = { "yes", NULL };
	struct err err = ERR_INIT;
	int status = -1;

	(void)state;
	assert_int_equal(proc_run(&(const struct proc_spec){ .argv = argv }, &out, NULL, &status, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_string_equal(err.text, "'yes' wrote too much: at most 100000 bytes are taken");
	assert_int_equal(status, -1);
}

static void too_many_errors_are_an_error_as_well(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(10);
	DEFER(buf_done) struct buf err_out = BUF_INIT(100000);
	const char *const argv[] = { "sh", "-c", "exec yes >&2", NULL };
	struct err err = ERR_INIT;
	int status = -1;

	(void)state;
	assert_int_equal(proc_run(&(const struct proc_spec){ .argv = argv }, &out, &err_out, &status, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
}

static void output_that_just_fits_is_taken(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(6);
	const char *const argv[] = { "echo", "12345", NULL };
	int status = -1;

	(void)state;
	assert_int_equal(proc_run(&(const struct proc_spec){ .argv = argv }, &out, NULL, &status, NULL), 0);
	assert_text(&out, "12345\n");
}

static unsigned count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	(void)closedir(folder);
	return count;
}

static void no_descriptor_is_left_open(void **state)
{
	unsigned before = count_descriptors();
	const char *const bad[] = { "no-such-program-here", NULL };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		DEFER(outcome_done) struct outcome good, failed;

		run_script(&good, "cat", VIEW("x"));
		run_spec(&failed, &(const struct proc_spec){ .argv = bad, .input = VIEW("x") });
	}
	assert_int_equal(count_descriptors(), before);
}

static void the_child_gets_no_other_descriptor(void **state)
{
	DEFER(outcome_done) struct outcome o;
	const char *const argv[] = { "ls", "/proc/self/fd", NULL };

	(void)state;
	/* What this process was started with is not proc_run's to close. */
	assert_int_equal(close_range(3, ~0u, CLOSE_RANGE_CLOEXEC), 0);
	run_spec(&o, &(const struct proc_spec){ .argv = argv, .input = VIEW("x") });
	assert_text(&o.out, "0\n1\n2\n3\n"); /* 3 is the folder itself */
}

static void closed_standard_descriptors_do_no_harm(void **state)
{
	DEFER(outcome_done) struct outcome o;
	int saved[3];

	(void)state;
	for (int fd = 0; fd < 3; fd++) {
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		(void)close(fd);
	}
	run_script(&o, "cat; echo err >&2", VIEW("in"));
	for (int fd = 0; fd < 3; fd++) {
		(void)dup2(saved[fd], fd);
		(void)close(saved[fd]);
	}
	assert_int_equal(o.ret, 0);
	assert_text(&o.out, "in");
	assert_text(&o.err_out, "err\n");
}

static void *run_some(void *ret_failures)
{
	unsigned *failures = ret_failures;

	for (unsigned i = 0; i < 10; i++) {
		DEFER(outcome_done) struct outcome o;

		run_script(&o, "cat", VIEW("from a thread"));
		*failures += !text_eq(buf_view(&o.out), VIEW("from a thread"));
	}
	return NULL;
}

/* A pipe end that another thread's child inherited would keep `cat` waiting for its end. */
static void threads_may_run_children_at_once(void **state)
{
	pthread_t threads[4];
	unsigned failures[4] = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run_some, &failures[i]), 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(failures[i], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_errors_are_kept_apart),
		cmocka_unit_test(output_is_appended),
		cmocka_unit_test(errors_go_nowhere_when_not_wanted),
		cmocka_unit_test(arguments_meet_no_shell),
		cmocka_unit_test(the_exit_code_is_the_status),
		cmocka_unit_test(a_signal_is_128_and_its_number),
		cmocka_unit_test(an_unknown_program_is_an_error),
		cmocka_unit_test(env_entries_replace_and_add),
		cmocka_unit_test(credentials_are_handed_on_to_nobody_but_who_gets_them),
		cmocka_unit_test(input_is_written_and_ended),
		cmocka_unit_test(without_input_the_child_reads_an_end),
		cmocka_unit_test(much_input_and_output_pass_at_once),
		cmocka_unit_test(a_child_that_does_not_read_is_no_failure),
		cmocka_unit_test(sigpipe_stays_as_the_process_had_it),
		cmocka_unit_test(the_child_handles_signals_by_default),
		cmocka_unit_test(too_much_output_is_an_error_and_ends_the_child),
		cmocka_unit_test(too_many_errors_are_an_error_as_well),
		cmocka_unit_test(output_that_just_fits_is_taken),
		cmocka_unit_test(no_descriptor_is_left_open),
		cmocka_unit_test(the_child_gets_no_other_descriptor),
		cmocka_unit_test(closed_standard_descriptors_do_no_harm),
		cmocka_unit_test(threads_may_run_children_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
