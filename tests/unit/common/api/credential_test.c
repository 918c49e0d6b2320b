/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/credential.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

static char folder[] = "/tmp/credential-test-XXXXXX";
static char path[sizeof(folder) + 16];

static int set_up(void **state)
{
	(void)state;
	memcpy(strstr(folder, "test-") + 5, "XXXXXX", 6);
	if (!mkdtemp(folder))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/key", folder);
	return 0;
}

static int tear_down(void **state)
{
	char command_link[sizeof(path) + 8];

	(void)state;
	(void)snprintf(command_link, sizeof(command_link), "%s/link", folder);
	(void)unlink(command_link);
	(void)unlink(path);
	return rmdir(folder);
}

/* A key is made up when the test runs. */
static const char *made_key(const char *prefix)
{
	static char key[160];
	size_t len = (size_t)snprintf(key, sizeof(key), "%s", prefix);

	memset(key + len, 'x', 93);
	memcpy(key + len + 93, "AA", 3);
	return key;
}

static void write_file(const char *text, mode_t mode)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static const struct credential_source from_file = { .from = CREDENTIAL_FROM_FILE, .name = path };

/* What is loaded as an admin key. */
static void assert_loads(const struct credential_source *source, const char *expected)
{
	struct credential c;
	struct err err = ERR_INIT;

	if (credential_load(source, CREDENTIAL_ADMIN, &c, &err))
		fail_msg("%s", err.text);
	assert_int_equal(c.value.len, strlen(expected));
	if (c.value.len)
		assert_memory_equal(c.value.ptr, expected, c.value.len);
	credential_wipe(&c);
}

static void assert_refuses(const struct credential_source *source, const char *part)
{
	struct credential c;
	struct err err = ERR_INIT;

	assert_int_equal(credential_load(source, CREDENTIAL_ADMIN, &c, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	if (!strstr(err.text, part))
		fail_msg("%s", err.text);
	assert_int_equal(c.value.len, 0);
	credential_wipe(&c);
}

static void a_file_of_ones_own_gives_its_key_without_the_final_newline(void **state)
{
	char text[192];
	const char *key = made_key("sk-ant-admin01-");

	(void)state;
	write_file(key, 0600);
	assert_loads(&from_file, key);
	(void)snprintf(text, sizeof(text), "%s\n", key);
	write_file(text, 0400);
	assert_loads(&from_file, key);
	(void)snprintf(text, sizeof(text), "%s\r\n", key);
	write_file(text, 0600);
	assert_loads(&from_file, key);
}

static void a_second_line_is_not_a_part_of_a_key(void **state)
{
	char text[192];

	(void)state;
	(void)snprintf(text, sizeof(text), "%s\n\n", made_key("sk-ant-admin01-"));
	write_file(text, 0600);
	assert_refuses(&from_file, "a byte that no key has");
}

static void a_file_that_others_may_read_is_refused_with_its_mode(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0660, 0644, 0620, 0601, 0777 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		char mode[16];

		write_file(made_key("sk-ant-admin01-"), modes[i]);
		(void)snprintf(mode, sizeof(mode), "has mode %04o", (unsigned)modes[i]);
		assert_refuses(&from_file, mode);
		assert_refuses(&from_file, "`chmod 600` it");
	}
}

static void a_link_is_followed_to_a_file_that_is_judged(void **state)
{
	char name[sizeof(path) + 8];
	struct credential_source link = { .from = CREDENTIAL_FROM_FILE, .name = name };
	const char *key = made_key("sk-ant-admin01-");

	(void)state;
	(void)snprintf(name, sizeof(name), "%s/link", folder);
	assert_int_equal(symlink("key", name), 0);
	assert_refuses(&link, "No such file");
	write_file(key, 0600);
	assert_loads(&link, key);
	write_file(key, 0644);
	assert_refuses(&link, "has mode 0644");
}

static void a_file_of_somebody_else_is_refused(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip_because("only root can give a file away");
	write_file(made_key("sk-ant-admin01-"), 0600);
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_refuses(&from_file, "belongs to user 65534");
}

static void what_is_no_regular_file_is_refused_and_not_waited_for(void **state)
{
	struct credential_source source = { .from = CREDENTIAL_FROM_FILE, .name = folder };

	(void)state;
	assert_refuses(&source, "is not a regular file");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refuses(&from_file, "is not a regular file");
}

static void an_empty_file_is_refused(void **state)
{
	(void)state;
	write_file("", 0600);
	assert_refuses(&from_file, "is empty");
}

static void a_key_of_another_kind_is_refused_and_both_kinds_are_named(void **state)
{
	(void)state;
	write_file(made_key("sk-ant-api01-"), 0600);
	assert_refuses(&from_file, "holds a key of kind 'compliance' (sk-ant-api01-...), where one of kind 'admin' "
				   "(sk-ant-admin01-...) was expected");
}

static void a_key_with_a_prefix_of_no_kind_is_what_the_configuration_calls_it(void **state)
{
	const char *key = made_key("sk-ant-svc09-");

	(void)state;
	write_file(key, 0600);
	assert_loads(&from_file, key);
}

static void a_key_that_is_too_long_is_refused(void **state)
{
	char text[CREDENTIAL_BYTES + 8];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[CREDENTIAL_BYTES] = '\0';
	write_file(text, 0600);
	assert_loads(&from_file, text);
	text[CREDENTIAL_BYTES] = 'x';
	text[CREDENTIAL_BYTES + 1] = '\0';
	write_file(text, 0600);
	assert_refuses(&from_file, "holds more than 1024 bytes");
	text[CREDENTIAL_BYTES + 1] = 'x';
	text[CREDENTIAL_BYTES + 7] = '\0';
	write_file(text, 0600);
	assert_refuses(&from_file, "holds more than 1024 bytes");
}

static void a_byte_that_breaks_a_header_is_refused_and_not_shown(void **state)
{
	static const char *const bad[] = { "sk-a b",  "sk-a\tb", "sk-a\nx-y: z", "sk-a\rb", "sk-\xC3\xA9",
					   "sk-\x7F", "\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		write_file(bad[i], 0600);
		assert_refuses(&from_file, "a byte that no key has");
	}
	assert_false(credential_is_sendable(view_from("a\0b", 3)));
	assert_false(credential_is_sendable(VIEW_NONE));
}

static void a_variable_that_is_not_set_or_empty_is_no_credential(void **state)
{
	struct credential_source env = { .from = CREDENTIAL_FROM_ENV, .name = (char[]){ "TEST_CREDENTIAL" } };
	struct credential_source unset = { .from = CREDENTIAL_UNSET };
	const char *key = made_key("sk-ant-admin01-");

	(void)state;
	(void)unsetenv("TEST_CREDENTIAL");
	assert_loads(&env, "");
	(void)setenv("TEST_CREDENTIAL", "", 1);
	assert_loads(&env, "");
	assert_loads(&unset, "");
	(void)setenv("TEST_CREDENTIAL", key, 1);
	assert_loads(&env, key);
	(void)setenv("TEST_CREDENTIAL", made_key("sk-ant-oat01-"), 1);
	assert_refuses(&env, "$TEST_CREDENTIAL holds a key of kind 'oauth'");
	(void)unsetenv("TEST_CREDENTIAL");
}

static void a_systemd_credential_is_a_file_that_its_group_may_read(void **state)
{
	struct credential_source systemd = { .from = CREDENTIAL_FROM_SYSTEMD, .name = (char[]){ "key" } };
	const char *key = made_key("sk-ant-admin01-");

	(void)state;
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	assert_refuses(&systemd, "LoadCredential=key:");
	(void)setenv("CREDENTIALS_DIRECTORY", folder, 1);
	write_file(key, 0440);
	assert_loads(&systemd, key);
	write_file(key, 0444);
	assert_refuses(&systemd, "has mode 0444");
	write_file(key, 0460);
	assert_refuses(&systemd, "has mode 0460");
	(void)unsetenv("CREDENTIALS_DIRECTORY");
}

static void a_file_is_judged_without_being_read(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	write_file("two\nlines\n", 0600);
	assert_int_equal(credential_check_file(path, &err), 0);
	write_file("x", 0440);
	assert_int_equal(credential_check_file(path, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "mode 0440"));
	(void)setenv("CREDENTIALS_DIRECTORY", folder, 1);
	assert_int_equal(credential_check_file(path, &err), 0);
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(credential_check_file(path, &err), -1);
	assert_int_equal(credential_check_file(folder, &err), -1);
	assert_non_null(strstr(err.text, "not a regular file"));
}

static void a_source_is_named_and_its_value_is_not(void **state)
{
	const struct {
		struct credential_source source;
		const char *text;
	} cases[] = {
		{ { .from = CREDENTIAL_FROM_ENV, .name = (char[]){ "A_KEY" } }, "$A_KEY" },
		{ { .from = CREDENTIAL_FROM_FILE, .name = (char[]){ "/a/b" } }, "file '/a/b'" },
		{ { .from = CREDENTIAL_FROM_SYSTEMD, .name = (char[]){ "x" } }, "systemd credential 'x'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf text = BUF_INIT(100);

		assert_int_equal(credential_add_source(&text, &cases[i].source), 0);
		assert_string_equal(text.ptr, cases[i].text);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_of_ones_own_gives_its_key_without_the_final_newline),
		TEST(a_second_line_is_not_a_part_of_a_key),
		TEST(a_file_that_others_may_read_is_refused_with_its_mode),
		TEST(a_link_is_followed_to_a_file_that_is_judged),
		TEST(a_file_of_somebody_else_is_refused),
		TEST(what_is_no_regular_file_is_refused_and_not_waited_for),
		TEST(an_empty_file_is_refused),
		TEST(a_key_of_another_kind_is_refused_and_both_kinds_are_named),
		TEST(a_key_with_a_prefix_of_no_kind_is_what_the_configuration_calls_it),
		TEST(a_key_that_is_too_long_is_refused),
		TEST(a_byte_that_breaks_a_header_is_refused_and_not_shown),
		TEST(a_variable_that_is_not_set_or_empty_is_no_credential),
		TEST(a_systemd_credential_is_a_file_that_its_group_may_read),
		TEST(a_file_is_judged_without_being_read),
		TEST(a_source_is_named_and_its_value_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
