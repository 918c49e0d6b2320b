/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/message_results.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/sys/file.h"
#include "tests/support/unit.h"

#define ZEROS "00000000000000000000000000000000"
#define DONE(id) "{\"schema\":\"skant-result/1\",\"id\":\"" id "\",\"status\":\"done\",\"prompt_sha256\":\"" ZEROS "\"}"
#define REFUSED(id) "{\"schema\":\"skant-result/1\",\"id\":\"" id "\",\"status\":\"refused\"}"

static char folder[] = "/tmp/skant-results-XXXXXX", path[sizeof(folder) + sizeof("/r")];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	memcpy(path, folder, sizeof(folder) - 1);
	memcpy(path + sizeof(folder) - 1, "/r", sizeof("/r"));
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

static void put(struct view text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(file_write_full(fd, text), 0);
	(void)close(fd);
}

static void assert_file(struct view text)
{
	char got[1024];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	n = file_read_full(fd, got, sizeof(got));
	(void)close(fd);
	assert_int_equal(n, text.len);
	assert_memory_equal(got, text.ptr ? text.ptr : "", text.len);
}

static bool is_answered(const struct message_results *r, const char *id)
{
	unsigned char digest[PROMPT_DIGEST_BYTES];

	prompt_id_digest(view_of(id), digest);
	return message_ids_find(&r->answered, digest) != NULL;
}

static struct message_results opened(void)
{
	struct message_results r;
	struct err err = ERR_INIT;

	if (message_results_open(&r, path, &err))
		fail_msg("%s", err.text);
	return r;
}

static struct message_results looked_at(void)
{
	struct message_results r;
	struct err err = ERR_INIT;

	if (message_results_look(&r, path, &err))
		fail_msg("%s", err.text);
	return r;
}

static void what_was_written_is_known_the_next_time(void **state)
{
	struct message_results r;
	struct err err = ERR_INIT;
	struct stat st;

	(void)state;
	(void)unlink(path);
	r = opened();
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(message_results_add(&r, VIEW(DONE("a") "\n"), &err), 0);
	assert_int_equal(message_results_add(&r, VIEW(REFUSED("b") "\n"), &err), 0);
	message_results_done(&r);
	r = opened();
	assert_true(is_answered(&r, "a"));
	assert_false(is_answered(&r, "b"));
	assert_false(r.was_torn);
	message_results_done(&r);
}

static void a_torn_line_is_taken_off_wherever_it_was_torn(void **state)
{
	static const char whole[] = DONE("a") "\n", text[] = DONE("a") "\n" DONE("b");
	struct message_results r;

	(void)state;
	for (size_t len = sizeof(whole); len < sizeof(text) - 1; len++) {
		put(view_from(text, len));
		r = opened();
		assert_true(r.was_torn);
		assert_true(is_answered(&r, "a"));
		assert_false(is_answered(&r, "b"));
		message_results_done(&r);
		assert_file(view_of(whole));
	}
	put(view_of(text)); /* but for its newline it is whole */
	r = opened();
	assert_false(r.was_torn);
	assert_true(is_answered(&r, "b"));
	message_results_done(&r);
	assert_file(VIEW(DONE("a") "\n" DONE("b") "\n"));
}

static void the_zeros_of_a_crash_are_taken_off(void **state)
{
	struct message_results r;

	(void)state;
	put(VIEW(DONE("a") "\n\0\0\0\0"));
	r = opened();
	assert_true(r.was_torn);
	message_results_done(&r);
	assert_file(VIEW(DONE("a") "\n"));
}

static void assert_refused(struct view text, const char *where)
{
	struct message_results r;
	struct err err = ERR_INIT;

	put(text);
	assert_int_equal(message_results_open(&r, path, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, where));
	message_results_done(&r);
	assert_int_equal(message_results_look(&r, path, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	message_results_done(&r);
	assert_file(text);
}

static void a_file_of_something_else_is_left_alone(void **state)
{
	(void)state;
	assert_refused(VIEW("notes\n"), "/r:1: this is no result");
	assert_refused(VIEW(DONE("a") "\n{}\n"), "/r:2: this is no result");
	assert_refused(VIEW(DONE("a") "\nnotes"), "/r:2: this is no result");
}

static void a_second_process_is_kept_out(void **state)
{
	struct message_results first, second;
	struct err err = ERR_INIT;

	(void)state;
	put(VIEW(""));
	first = opened();
	assert_int_equal(message_results_open(&second, path, &err), -1);
	assert_non_null(strstr(err.text, "another process is writing results"));
	message_results_done(&second);
	second = looked_at();
	message_results_done(&second);
	message_results_done(&first);
}

static void a_look_makes_no_file(void **state)
{
	struct message_results r;
	struct stat st;

	(void)state;
	(void)unlink(path);
	r = looked_at();
	assert_int_equal(r.answered.count, 0);
	message_results_done(&r);
	assert_int_equal(stat(path, &st), -1);
}

static void a_look_changes_nothing(void **state)
{
	static const char *const texts[] = { "", DONE("a") "\n", DONE("a"),
					     DONE("a") "\n" REFUSED("b") "\n{\"schema\":" };
	struct message_results r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		put(view_of(texts[i]));
		r = looked_at();
		assert_int_equal(is_answered(&r, "a"), i > 0);
		assert_int_equal(r.fd, -1);
		message_results_done(&r);
		assert_file(view_of(texts[i]));
	}
}

static void a_look_does_not_wait_for_who_writes_to_a_pipe(void **state)
{
	struct message_results r;

	(void)state;
	(void)unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	r = looked_at();
	assert_int_equal(r.answered.count, 0);
	message_results_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_known_the_next_time),
		cmocka_unit_test(a_torn_line_is_taken_off_wherever_it_was_torn),
		cmocka_unit_test(the_zeros_of_a_crash_are_taken_off),
		cmocka_unit_test(a_file_of_something_else_is_left_alone),
		cmocka_unit_test(a_second_process_is_kept_out),
		cmocka_unit_test(a_look_makes_no_file),
		cmocka_unit_test(a_look_changes_nothing),
		cmocka_unit_test(a_look_does_not_wait_for_who_writes_to_a_pipe),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
