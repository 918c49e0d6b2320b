/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "admin/message_limits.h"
#include "common/base/text.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

#define SOON_NS UINT64_C(200'000'000)

static char folder[REPO_PATH_BYTES];
static char url[] = "https://api.example.com", other_url[] = "https://proxy.example.com";
static char usual_name[] = "default", other_name[] = "second";

/* A folder that stands for the user's state, and no home beside it. */
static int set_up(void **state)
{
	(void)state;
	repo_path(folder, "/tmp/skant-limits-test-XXXXXX");
	return !mkdtemp(folder) || setenv("XDG_STATE_HOME", folder, 1) || setenv("HOME", "not-a-whole-path", 1);
}

static int tear_down(void **state)
{
	(void)state;
	repo_remove(folder);
	return 0;
}

static int path_of(char *base_url, char *name, struct buf *ret, struct err *err)
{
	const struct profile profile = { .base_url = base_url, .name = name };

	buf_clear(ret);
	return message_limits_path(&profile, "messages", ret, err);
}

static void what_has_other_credentials_has_other_limits(void **state)
{
	DEFER(buf_done) struct buf usual = BUF_INIT(CONFIG_PATH_BYTES), other = BUF_INIT(CONFIG_PATH_BYTES);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(path_of(url, usual_name, &usual, &err), 0);
	assert_true(text_starts(buf_view(&usual), view_of(folder)));
	assert_int_equal(path_of(url, usual_name, &other, &err), 0);
	assert_string_equal(usual.ptr, other.ptr);
	assert_int_equal(path_of(url, other_name, &other, &err), 0);
	assert_string_not_equal(usual.ptr, other.ptr);
	assert_int_equal(path_of(other_url, usual_name, &other, &err), 0);
	assert_string_not_equal(usual.ptr, other.ptr);
}

static void home_is_where_they_are_without_a_folder_for_state(void **state)
{
	DEFER(buf_done) struct buf path = BUF_INIT(CONFIG_PATH_BYTES);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(setenv("XDG_STATE_HOME", "relative", 1), 0); /* which the specification has passed over */
	assert_int_equal(path_of(url, usual_name, &path, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_int_equal(setenv("HOME", folder, 1), 0);
	assert_int_equal(path_of(url, usual_name, &path, &err), 0);
	assert_non_null(strstr(path.ptr, "/.local/state/skant/limits/messages-"));
}

static void a_folder_that_others_may_write_to_is_refused(void **state)
{
	DEFER(buf_done) struct buf path = BUF_INIT(CONFIG_PATH_BYTES);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(path_of(url, usual_name, &path, &err), 0);
	*strrchr(path.ptr, '/') = '\0';
	assert_int_equal(chmod(path.ptr, 0722), 0);
	assert_int_equal(path_of(url, usual_name, &path, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "nobody else may write"));
}

/* Whether a call of so many tokens comes soon, once another one of them was taken. */
static enum ratelimit_result second_of(const struct options *o, const char *kind, struct ratelimit_use use)
{
	const struct session s = { .o = o, .profile = { .base_url = url, .name = usual_name } };
	const struct ratelimit_until now = { .deadline_ns = ratelimit_system_clock.now_ns(NULL) + SOON_NS };
	struct ratelimit_ticket ticket;
	struct ratelimit *r;
	struct err err = ERR_INIT;
	enum ratelimit_result result;

	assert_int_equal(message_limits_open(&s, kind, &r, &err), 0);
	assert_non_null(r);
	assert_int_equal(ratelimit_take(r, &use, &(struct ratelimit_until){ UINT64_MAX, NULL }, &ticket, &err),
			 RATELIMIT_TAKEN);
	result = ratelimit_take(r, &use, &now, &ticket, &err);
	ratelimit_free(r);
	return result;
}

static void each_option_limits_what_it_is_named_for(void **state)
{
	const struct ratelimit_use in = { .input_tokens = 60 }, out = { .output_tokens = 60 };

	(void)state;
	assert_int_equal(second_of(&(struct options){ .rpm = 1 }, "a", in), RATELIMIT_LATE);
	assert_int_equal(second_of(&(struct options){ .rpm = 1000 }, "b", in), RATELIMIT_TAKEN);
	assert_int_equal(second_of(&(struct options){ .itpm = 100 }, "c", in), RATELIMIT_LATE);
	assert_int_equal(second_of(&(struct options){ .itpm = 100 }, "d", out), RATELIMIT_TAKEN);
	assert_int_equal(second_of(&(struct options){ .otpm = 100 }, "e", out), RATELIMIT_LATE);
	assert_int_equal(second_of(&(struct options){ .otpm = 100 }, "f", in), RATELIMIT_TAKEN);
	assert_int_equal(second_of(&(struct options){ .tpd = 100 }, "g", in), RATELIMIT_LATE);
	assert_int_equal(second_of(&(struct options){ .tpd = 100 }, "h", out), RATELIMIT_LATE);
}

static void without_a_limit_a_file_that_cannot_be_used_is_no_obstacle(void **state)
{
	struct session s = { .o = &(struct options){ .rpm = 1 }, .profile = { .base_url = url, .name = usual_name } };
	struct ratelimit *r;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(setenv("XDG_STATE_HOME", "/proc/nowhere", 1), 0);
	assert_int_equal(message_limits_open(&s, "messages", &r, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	s.o = &(struct options){ .rpm = 0 };
	assert_int_equal(message_limits_open(&s, "messages", &r, &err), 0);
	assert_null(r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_has_other_credentials_has_other_limits),
		TEST(home_is_where_they_are_without_a_folder_for_state),
		TEST(a_folder_that_others_may_write_to_is_refused),
		TEST(each_option_limits_what_it_is_named_for),
		TEST(without_a_limit_a_file_that_cannot_be_used_is_no_obstacle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
