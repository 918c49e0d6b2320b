/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/unit.h"

static char folder[] = "/tmp/profile-test-XXXXXX";
static char first[sizeof(folder) + 16], second[sizeof(folder) + 16];
static const char *const paths[] = { first, second };

static const char *const variables[] = { "SKANT_PROFILE", "SKANT_BASE_URL", "SKANT_DIALECT", "SKANT_CA_FILE",
					 "SKANT_ALLOW_HTTP_LOOPBACK" };

static int set_up(void **state)
{
	(void)state;
	memcpy(strstr(folder, "test-") + 5, "XXXXXX", 6);
	if (!mkdtemp(folder))
		return -1;
	(void)snprintf(first, sizeof(first), "%s/first", folder);
	(void)snprintf(second, sizeof(second), "%s/second", folder);
	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		(void)unsetenv(variables[i]);
	return 0;
}

static int tear_down(void **state)
{
	(void)unlink(first);
	(void)unlink(second);
	(void)rmdir(folder);
	return set_up(state) || rmdir(folder);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static const struct profile_flags no_flags;

static void load(const struct profile_flags *flags, struct profile *ret)
{
	struct err err = ERR_INIT;

	if (profile_load_files(paths, ARRAY_LEN(paths), flags, ret, &err))
		fail_msg("%s", err.text);
}

static void assert_refuses(const struct profile_flags *flags, const char *part)
{
	struct profile p;
	struct err err = ERR_INIT;

	assert_int_equal(profile_load_files(paths, ARRAY_LEN(paths), flags, &p, &err), -1);
	assert_true(err.kind == ERR_CONFIG || err.kind == ERR_USAGE);
	if (!strstr(err.text, part))
		fail_msg("%s", err.text);
}

static void without_files_it_is_the_providers_api_and_its_variables(void **state)
{
	DEFER(profile_done) struct profile p = { .name = NULL };

	(void)state;
	load(&no_flags, &p);
	assert_string_equal(p.name, "default");
	assert_string_equal(p.base_url, "https://api.anthropic.com");
	assert_int_equal(p.dialect, API_PLATFORM);
	assert_null(p.ca_file);
	assert_false(p.allow_http_loopback);
	assert_string_equal(p.credentials[CREDENTIAL_API].name, "ANTHROPIC_API_KEY");
	assert_string_equal(p.credentials[CREDENTIAL_COMPLIANCE].name, "ANTHROPIC_COMPLIANCE_API_KEY");
	assert_string_equal(p.credentials[CREDENTIAL_OAUTH].name, "ANTHROPIC_AUTH_TOKEN");
	assert_string_equal(p.credentials[CREDENTIAL_ADMIN].name, "ANTHROPIC_ADMIN_KEY");
}

static void a_later_file_overrides_key_by_key_and_the_environment_and_flags_override_both(void **state)
{
	DEFER(profile_done) struct profile a = { .name = NULL }, b = { .name = NULL }, c = { .name = NULL };
	struct profile_flags flags = { .base_url = "https://flag.example.com" };

	(void)state;
	write_file(first, "version: 1\nprofiles:\n  default:\n    base_url: https://one.example.com\n    dialect: cca\n"
			  "    credentials:\n      api: {env: FIRST_API}\n      admin: {file: /a/key}\n");
	write_file(second, "version: 1\nprofiles:\n  default:\n    base_url: https://two.example.com/\n"
			   "    credentials:\n      api: {systemd: api-key}\n      oauth: null\n");
	load(&no_flags, &a);
	assert_string_equal(a.base_url, "https://two.example.com");
	assert_int_equal(a.dialect, API_CCA);
	assert_int_equal(a.credentials[CREDENTIAL_API].from, CREDENTIAL_FROM_SYSTEMD);
	assert_string_equal(a.credentials[CREDENTIAL_API].name, "api-key");
	assert_int_equal(a.credentials[CREDENTIAL_ADMIN].from, CREDENTIAL_FROM_FILE);
	assert_string_equal(a.credentials[CREDENTIAL_ADMIN].name, "/a/key");
	assert_int_equal(a.credentials[CREDENTIAL_OAUTH].from, CREDENTIAL_UNSET);
	assert_int_equal(a.credentials[CREDENTIAL_COMPLIANCE].from, CREDENTIAL_FROM_ENV);
	(void)setenv("SKANT_BASE_URL", "https://env.example.com", 1);
	(void)setenv("SKANT_DIALECT", "platform", 1);
	load(&no_flags, &b);
	assert_string_equal(b.base_url, "https://env.example.com");
	assert_int_equal(b.dialect, API_PLATFORM);
	load(&flags, &c);
	assert_string_equal(c.base_url, "https://flag.example.com");
}

static void a_profile_is_chosen_by_variable_or_flag(void **state)
{
	DEFER(profile_done) struct profile a = { .name = NULL }, b = { .name = NULL };
	struct profile_flags flags = { .name = "staging" };

	(void)state;
	write_file(first, "version: 1\nprofiles:\n  staging: {base_url: 'https://s.example.com'}\n"
			  "  other: {base_url: 'https://o.example.com'}\n");
	(void)setenv("SKANT_PROFILE", "other", 1);
	load(&no_flags, &a);
	assert_string_equal(a.base_url, "https://o.example.com");
	load(&flags, &b);
	assert_string_equal(b.base_url, "https://s.example.com");
	flags.name = "stagin";
	assert_refuses(&flags, "no configuration file has a profile 'stagin' (did you mean 'staging'?)");
}

static void a_path_is_meant_from_the_configurations_folder(void **state)
{
	DEFER(profile_done) struct profile p = { .name = NULL };
	char expected[sizeof(folder) + 32];

	(void)state;
	write_file(first, "version: 1\nprofiles:\n  default: {ca_file: tls/ca.pem, credentials: {api: {file: key}}}\n");
	load(&no_flags, &p);
	(void)snprintf(expected, sizeof(expected), "%s/tls/ca.pem", folder);
	assert_string_equal(p.ca_file, expected);
	(void)snprintf(expected, sizeof(expected), "%s/key", folder);
	assert_string_equal(p.credentials[CREDENTIAL_API].name, expected);
}

static void what_is_not_known_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{ "version: 1\nprofile: {}\n", "first:2:1: " },
		{ "version: 2\n", "first:1:10: " },
		{ "profiles: {}\n", "'version: 1' was expected" },
		{ "version: 1\nprofiles: [a]\n", "a mapping of profiles was expected" },
		{ "version: 1\nprofiles:\n  other: {base-url: x}\n", "first:3:" },
		{ "version: 1\nprofiles:\n  default: {dialect: plattform}\n", "platform" },
		{ "version: 1\nprofiles:\n  default: {allow_http_loopback: yes}\n", "first:3:" },
		{ "version: 1\nprofiles:\n  default: {base_url: ''}\n", "was expected, not an empty text" },
		{ "version: 1\nprofiles:\n  default: {credentials: {admins: {env: A}}}\n", "admin" },
		{ "version: 1\nprofiles:\n  default: {credentials: {admin: {env: A, file: b}}}\n",
		  "one of env, file and" },
		{ "version: 1\nprofiles:\n  default: {credentials: {admin: {}}}\n", "one of env, file and systemd" },
		{ "version: 1\nprofiles:\n  default: {credentials: {admin: A_KEY}}\n", "{env: NAME}, {file: PATH}" },
		{ "version: 1\nprofiles:\n  default: {credentials: {admin: {env: sk-a-key}}}\n", "never a key itself" },
		{ "version: 1\nprofiles:\n  default: {credentials: {admin: {systemd: ../x}}}\n", "not a path" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		write_file(first, cases[i].text);
		assert_refuses(&no_flags, cases[i].part);
	}
}

static void a_key_that_stands_where_a_name_should_is_not_shown(void **state)
{
	struct profile p;
	struct err err = ERR_INIT;

	(void)state;
	write_file(first, "version: 1\nprofiles:\n  default: {credentials: {admin: {env: sk-secret-words}}}\n");
	assert_int_equal(profile_load_files(paths, 1, &no_flags, &p, &err), -1);
	assert_null(strstr(err.text, "secret-words"));
}

static void a_file_that_cannot_be_read_is_an_error_and_none_is_not(void **state)
{
	(void)state;
	assert_int_equal(symlink("first", first), 0);
	assert_refuses(&no_flags, "first");
}

static void a_switch_is_1_or_0(void **state)
{
	DEFER(profile_done) struct profile p = { .name = NULL };

	(void)state;
	(void)setenv("SKANT_BASE_URL", "http://localhost:80", 1);
	(void)setenv("SKANT_ALLOW_HTTP_LOOPBACK", "yes", 1);
	assert_refuses(&no_flags, "$SKANT_ALLOW_HTTP_LOOPBACK is neither 1 nor 0");
	(void)setenv("SKANT_ALLOW_HTTP_LOOPBACK", "0", 1);
	assert_refuses(&no_flags, "http:// needs allow_http_loopback");
	(void)setenv("SKANT_ALLOW_HTTP_LOOPBACK", "1", 1);
	load(&no_flags, &p);
}

static int check(const char *url, bool loopback, char ret[static ERR_TEXT_BYTES])
{
	DEFER(profile_done)
	struct profile p = { .name = strdup("x"), .base_url = strdup(url), .allow_http_loopback = loopback };
	struct err err = ERR_INIT;
	int status = profile_check(&p, &err);

	(void)snprintf(ret, ERR_TEXT_BYTES, "%s", status ? err.text : p.base_url);
	return status;
}

static void a_base_url_is_https_and_a_host_and_perhaps_a_path(void **state)
{
	static const char *const good[] = {
		"https://a.example.com", "https://a.example.com:8443",     "https://[::1]:443",
		"https://192.0.2.1",     "https://a.example.com/gate/way", "HTTPS://A.example.com"
	};
	static const char *const bad[] = {
		"",
		"a.example.com",
		"ftp://a.example.com",
		"https://",
		"https:///x",
		"https://u:p@a.example.com",
		"https://a.example.com?x",
		"https://a.example.com/#x",
		"https://a.example.com:0",
		"https://a.example.com:65536",
		"https://a.example.com:",
		"https://a.example.com:1:2",
		"https://a..b",
		"https://-a",
		"https://a-",
		"https://a b",
		"https://a\nb",
		"https://a.example.com/../x",
		"https://a.example.com/%2e",
		"https://a.example.com\\@b",
		"https://[::1",
		"https://[]",
		"http://a.example.com",
		"https://\xC3\xA9.example.com",
		"https://a.example.com/x\r\ny: z",
	};
	char text[ERR_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_int_equal(check(good[i], false, text), 0);
		assert_string_equal(text, good[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (check(bad[i], false, text) == 0)
			fail_msg("'%s' was taken", bad[i]);
}

static void plain_http_is_for_a_loopback_host_alone(void **state)
{
	static const char *const good[] = { "http://127.0.0.1", "http://127.255.0.3:1", "http://localhost:80",
					    "http://[::1]:80" };
	static const char *const bad[] = { "http://127.0.0.1.example.com",
					   "http://127.1",
					   "http://128.0.0.1",
					   "http://0127.0.0.1",
					   "http://127.0.0.01",
					   "http://localhost.example.com",
					   "http://[::2]",
					   "http://2130706433",
					   "http://203.0.113.1" };
	char text[ERR_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_int_equal(check(good[i], true, text), 0);
		assert_int_equal(check(good[i], false, text), -1);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (check(bad[i], true, text) == 0)
			fail_msg("'%s' was taken", bad[i]);
}

static void final_slashes_are_dropped(void **state)
{
	char text[ERR_TEXT_BYTES];

	(void)state;
	assert_int_equal(check("https://a.example.com//", false, text), 0);
	assert_string_equal(text, "https://a.example.com");
	assert_int_equal(check("https://a.example.com/b/", false, text), 0);
	assert_string_equal(text, "https://a.example.com/b");
}

static void a_url_that_cannot_be_used_is_not_shown(void **state)
{
	char text[ERR_TEXT_BYTES];

	(void)state;
	assert_int_equal(check("https://user:secret-words@a.example.com", false, text), -1);
	assert_null(strstr(text, "secret-words"));
}

static void the_host_is_told_with_its_port(void **state)
{
	struct profile p = { .base_url = (char[]){ "https://a.example.com:8443/x" } };

	(void)state;
	assert_view(profile_host(&p), "a.example.com:8443");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_files_it_is_the_providers_api_and_its_variables),
		TEST(a_later_file_overrides_key_by_key_and_the_environment_and_flags_override_both),
		TEST(a_profile_is_chosen_by_variable_or_flag),
		TEST(a_path_is_meant_from_the_configurations_folder),
		TEST(what_is_not_known_is_told_with_its_place),
		TEST(a_key_that_stands_where_a_name_should_is_not_shown),
		TEST(a_file_that_cannot_be_read_is_an_error_and_none_is_not),
		TEST(a_switch_is_1_or_0),
		TEST(a_base_url_is_https_and_a_host_and_perhaps_a_path),
		TEST(plain_http_is_for_a_loopback_host_alone),
		TEST(final_slashes_are_dropped),
		TEST(a_url_that_cannot_be_used_is_not_shown),
		TEST(the_host_is_told_with_its_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
