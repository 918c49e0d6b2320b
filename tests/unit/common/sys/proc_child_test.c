/* SPDX-License-Identifier: Apache-2.0 */
/* proc_start, proc_talk, proc_end, proc_find, proc_resolve: children that run beside us. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/proc.h"
#include "common/sys/self.h"
#include "tests/support/unit.h"

#define OUTPUT_BYTES (1u << 20)

static void start_script(struct proc_child *child, const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct proc_spec spec = { .argv = argv };

	assert_int_equal(proc_start(&spec, child, NULL), 0);
}

static bool always(void *context)
{
	(void)context;
	return true;
}

/* Has enough once the text has come. */
static bool until_ready(void *context)
{
	const struct buf *out = context;

	return text_find(buf_view(out), VIEW("ready")) == SIZE_MAX;
}

static void what_is_written_is_answered(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(OUTPUT_BYTES), errors = BUF_INIT(OUTPUT_BYTES);
	const struct proc_wait wait = { .go_on = always, .look_ms = 10 };
	struct proc_child child;

	(void)state;
	start_script(&child, "cat; echo err >&2; exit 3");
	assert_int_equal(proc_talk(&child, VIEW("in"), &out, &errors, &wait, NULL), 0);
	assert_int_equal(proc_end(&child, 5000), 3);
	assert_string_equal(out.ptr, "in");
	assert_string_equal(errors.ptr, "err\n");
}

static void without_input_it_reads_an_end(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(OUTPUT_BYTES), errors = BUF_INIT(OUTPUT_BYTES);
	struct proc_child child;

	(void)state;
	start_script(&child, "cat; echo end");
	assert_int_equal(proc_talk(&child, VIEW_NONE, &out, &errors, NULL, NULL), 0);
	assert_int_equal(proc_end(&child, 5000), 0);
	assert_string_equal(out.ptr, "end\n");
}

static void waiting_ends_when_it_is_enough(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(OUTPUT_BYTES), errors = BUF_INIT(OUTPUT_BYTES);
	const struct proc_wait wait = { .go_on = until_ready, .context = &out, .look_ms = 10 };
	struct proc_child child;

	(void)state;
	start_script(&child, "echo ready; exec sleep 1000");
	assert_int_equal(proc_talk(&child, VIEW("in"), &out, &errors, &wait, NULL), 1);
	assert_int_equal(proc_end(&child, 0), 128 + SIGTERM);
}

static void one_that_will_not_end_is_killed(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(OUTPUT_BYTES), errors = BUF_INIT(OUTPUT_BYTES);
	const struct proc_wait wait = { .go_on = until_ready, .context = &out, .look_ms = 10 };
	struct proc_child child;

	(void)state;
	start_script(&child, "trap '' TERM; echo ready; while :; do sleep 1; done");
	assert_int_equal(proc_talk(&child, VIEW("in"), &out, &errors, &wait, NULL), 1);
	assert_int_equal(proc_end(&child, 0), 128 + SIGKILL);
	assert_int_equal(child.pid, 0);
}

static void one_that_is_gone_takes_no_input_and_harms_nobody(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(OUTPUT_BYTES), errors = BUF_INIT(OUTPUT_BYTES);
	static char much[1u << 20];
	struct proc_child child;

	(void)state;
	memset(much, 'x', sizeof(much));
	start_script(&child, "exit 7");
	assert_int_equal(proc_talk(&child, view_from(much, sizeof(much)), &out, &errors, NULL, NULL), 0);
	assert_int_equal(proc_end(&child, 5000), 7);
}

static void too_much_output_is_an_error(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(8), errors = BUF_INIT(OUTPUT_BYTES);
	struct err err = ERR_INIT;
	struct proc_child child;

	(void)state;
	start_script(&child, "echo 0123456789; exec sleep 1000");
	assert_int_equal(proc_talk(&child, VIEW_NONE, &out, &errors, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_int_equal(proc_end(&child, 0), 128 + SIGTERM);
}

static void to_end_none_is_nothing(void **state)
{
	struct proc_child child = { .fds = { -1, -1, -1 } };

	(void)state;
	assert_int_equal(proc_end(&child, 1000), 0);
}

static void an_unknown_program_starts_nothing(void **state)
{
	const char *const argv[] = { "/nonexistent/program", NULL };
	struct proc_spec spec = { .argv = argv };
	struct err err = ERR_INIT;
	struct proc_child child;

	(void)state;
	assert_int_equal(proc_start(&spec, &child, &err), -1);
	assert_int_equal(child.fds[0], -1);
	assert_int_equal(child.pid, 0);
}

static void a_program_beside_this_one_is_found_first(void **state)
{
	DEFER(buf_done) struct buf path = BUF_INIT(OUTPUT_BYTES);

	(void)state;
	assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
	assert_int_equal(proc_find("proc_child_test", &path, NULL), 0);
	assert_true(text_ends(buf_view(&path), VIEW("/proc_child_test")));
	assert_int_equal(path.ptr[0], '/');
}

static void a_program_in_path_is_found(void **state)
{
	DEFER(buf_done) struct buf path = BUF_INIT(OUTPUT_BYTES);

	(void)state;
	assert_int_equal(setenv("PATH", ":relative:/nonexistent:/usr/bin:/bin", 1), 0);
	assert_int_equal(proc_find("sh", &path, NULL), 0);
	assert_true(text_eq(buf_view(&path), VIEW("/usr/bin/sh")) || text_eq(buf_view(&path), VIEW("/bin/sh")));
}

static void what_is_in_no_folder_is_an_error_that_names_it(void **state)
{
	DEFER(buf_done) struct buf path = BUF_INIT(OUTPUT_BYTES);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(setenv("PATH", "bin:.:", 1), 0);
	assert_int_equal(proc_find("sh", &path, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, "'sh'"));
	assert_int_equal(path.len, 0);
}

static void folders_are_no_programs(void **state)
{
	DEFER(buf_done) struct buf path = BUF_INIT(OUTPUT_BYTES);

	(void)state;
	assert_int_equal(setenv("PATH", "/usr:/", 1), 0);
	assert_int_equal(proc_find("bin", &path, NULL), -1);
}

static void a_child_s_program_is_looked_up_as_it_would_be(void **state)
{
	DEFER(buf_done) struct buf path = BUF_INIT(OUTPUT_BYTES);

	(void)state;
	assert_int_equal(setenv("PATH", "/nonexistent:/usr/bin:/bin", 1), 0);
	assert_int_equal(proc_resolve("sh", &path), 0);
	assert_string_equal(path.ptr, "/usr/bin/sh");
	assert_int_equal(setenv("PATH", "usr/bin:bin", 1), 0);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(proc_resolve("sh", &path), 0);
	assert_string_equal(path.ptr, "usr/bin/sh");
	assert_int_equal(chdir("/usr/bin"), 0);
	assert_int_equal(setenv("PATH", "/nonexistent:", 1), 0);
	assert_int_equal(proc_resolve("sh", &path), 0);
	assert_string_equal(path.ptr, "./sh");
	assert_int_equal(setenv("PATH", "", 1), 0);
	assert_int_equal(proc_resolve("sh", &path), 0);
	assert_string_equal(path.ptr, "./sh");
	assert_int_equal(unsetenv("PATH"), 0);
	assert_int_equal(proc_resolve("sh", &path), 0);
	assert_string_equal(path.ptr, "/bin/sh");
}

static void a_child_s_program_that_is_nowhere_is_not_found(void **state)
{
	DEFER(buf_done) struct buf path = BUF_INIT(OUTPUT_BYTES);

	(void)state;
	assert_int_equal(setenv("PATH", "/usr:/nonexistent", 1), 0);
	assert_int_equal(proc_resolve("bin", &path), -1);
	assert_int_equal(path.len, 0);
}

int main(int, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_answered),
		cmocka_unit_test(without_input_it_reads_an_end),
		cmocka_unit_test(waiting_ends_when_it_is_enough),
		cmocka_unit_test(one_that_will_not_end_is_killed),
		cmocka_unit_test(one_that_is_gone_takes_no_input_and_harms_nobody),
		cmocka_unit_test(too_much_output_is_an_error),
		cmocka_unit_test(to_end_none_is_nothing),
		cmocka_unit_test(an_unknown_program_starts_nothing),
		cmocka_unit_test(a_program_beside_this_one_is_found_first),
		cmocka_unit_test(a_program_in_path_is_found),
		cmocka_unit_test(what_is_in_no_folder_is_an_error_that_names_it),
		cmocka_unit_test(folders_are_no_programs),
		cmocka_unit_test(a_child_s_program_is_looked_up_as_it_would_be),
		cmocka_unit_test(a_child_s_program_that_is_nowhere_is_not_found),
	};

	self_init(argv[0]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
