/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration and the folder beside it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "forwarder/config.h"
#include "tests/support/unit.h"

#define MAIN "version: 1\nfeeds: [{name: a, type: ingest}]\nsinks: [{name: b, type: stdout}]\n"

static char folder[] = "/tmp/config-files-test-XXXXXX";
static char names[8][sizeof(folder) + 40];
static size_t name_count;

static const char *path_of(const char *name)
{
	char *path = names[name_count++ % ARRAY_LEN(names)];

	(void)snprintf(path, sizeof(names[0]), "%s/%s", folder, name);
	return path;
}

static int set_up(void **state)
{
	(void)state;
	(void)unsetenv("HOME");
	(void)unsetenv("XDG_CONFIG_HOME");
	(void)unsetenv("SKANT_POLICY");
	(void)unsetenv("SKANT_BASE_URL");
	(void)unsetenv("SKANT_DIALECT");
	memcpy(strstr(folder, "test-") + 5, "XXXXXX", 6);
	return mkdtemp(folder) && mkdir(path_of("skantd.d"), 0700) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	static const char *const all[] = { "skantd.yaml",           "skantd.d/10-a.yaml", "skantd.d/20-b.yaml",
					   "skantd.d/.hidden.yaml", "skantd.d/old.yaml~", "skantd.d/note.txt" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		(void)unlink(path_of(all[i]));
	(void)rmdir(path_of("skantd.d"));
	(void)unlink(path_of("skantd.d"));
	return rmdir(folder);
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void load(const struct profile_flags *flags, struct settings *ret)
{
	struct err err = ERR_INIT;

	if (config_load(path_of("skantd.yaml"), flags, CONFIG_TO_RUN, ret, &err))
		fail_msg("%s", err.text);
}

static void assert_refuses(const char *part)
{
	struct settings s;
	struct err err = ERR_INIT;

	assert_int_equal(config_load(path_of("skantd.yaml"), NULL, CONFIG_TO_RUN, &s, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	if (!strstr(err.text, part))
		fail_msg("%s", err.text);
}

static void a_configuration_that_is_not_there_is_its_error(void **state)
{
	(void)state;
	assert_refuses("skantd.yaml");
	assert_refuses("No such file");
}

static void without_the_folder_the_file_is_all(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };

	(void)state;
	assert_int_equal(rmdir(path_of("skantd.d")), 0);
	write_file("skantd.yaml", MAIN);
	load(NULL, &s);
	assert_string_equal(s.path, path_of("skantd.yaml"));
	assert_int_equal(s.feed_count, 1);
}

#define TLS                                                                                                            \
	"feeds: [{name: a, type: ingest}]\nsinks: [{name: b, type: syslog, transport: tls, address: 'h:1', "           \
	"tls: {cert_file: cert.pem, key_file: siem-key}}]\n"

static void keys_of_sinks_are_looked_at_only_by_who_uses_them(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };
	struct err err = ERR_INIT;

	(void)state;
	write_file("skantd.yaml", "version: 1\n" TLS);
	assert_refuses("cert.pem");
	if (config_load(path_of("skantd.yaml"), NULL, CONFIG_TO_ASK, &s, &err))
		fail_msg("%s", err.text);
	assert_string_equal(s.sinks[0].key_file, path_of("siem-key"));
}

static void a_key_without_a_folder_is_a_credential(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };
	struct err err = ERR_INIT;

	(void)state;
	write_file("skantd.yaml", "version: 1\n" TLS);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x", 1), 0);
	if (config_load(path_of("skantd.yaml"), NULL, CONFIG_TO_ASK, &s, &err))
		fail_msg("%s", err.text);
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	assert_string_equal(s.sinks[0].key_file, "/run/credentials/x/siem-key");
	assert_string_equal(s.sinks[0].cert_file, path_of("cert.pem"));
}

static void feeds_and_sinks_of_the_folder_come_behind_in_the_order_of_names(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };

	(void)state;
	write_file("skantd.d/20-b.yaml", "version: 1\nsinks: [{name: d, type: journald}]\nhealth: {heartbeat: 5s}\n");
	write_file("skantd.d/10-a.yaml",
		   "feeds: [{name: c, type: activities}]\nsinks: [{name: c, type: file, path: /x}]\n");
	write_file("skantd.yaml", MAIN);
	load(NULL, &s);
	assert_int_equal(s.feed_count, 2);
	assert_string_equal(s.feeds[1].name, "c");
	assert_int_equal(s.sink_count, 3);
	assert_string_equal(s.sinks[1].name, "c");
	assert_string_equal(s.sinks[2].name, "d");
	assert_int_equal(s.health.heartbeat_ms, 5000);
}

static void all_feeds_may_stand_in_the_folder(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };

	(void)state;
	write_file("skantd.yaml", "version: 1\n");
	write_file("skantd.d/10-a.yaml", MAIN);
	load(NULL, &s);
	assert_int_equal(s.feed_count, 1);
}

static void other_files_of_the_folder_are_left_alone(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };

	(void)state;
	write_file("skantd.yaml", MAIN);
	write_file("skantd.d/.hidden.yaml", "broken: [");
	write_file("skantd.d/old.yaml~", "broken: [");
	write_file("skantd.d/note.txt", "broken: [");
	load(NULL, &s);
	assert_int_equal(s.feed_count, 1);
}

static void an_error_names_the_file_that_it_is_in(void **state)
{
	(void)state;
	write_file("skantd.yaml", MAIN);
	write_file("skantd.d/10-a.yaml", "sinks:\n- {name: c, type: stdout, colour: true}\n");
	assert_refuses("skantd.d/10-a.yaml:2:27: unknown key 'colour'");
	write_file("skantd.d/10-a.yaml", "sinks: [");
	assert_refuses("skantd.d/10-a.yaml:2:1: not valid YAML");
}

static void a_section_may_stand_in_one_file_only(void **state)
{
	(void)state;
	write_file("skantd.yaml", MAIN "retention: {bodies: 1d}\n");
	write_file("skantd.d/10-a.yaml", "version: 1\nretention: {ledger: 1y}\n");
	assert_refuses("skantd.d/10-a.yaml:2:12: 'retention' was given in '");
	assert_refuses("skantd.yaml' already");
}

static void a_name_is_one_of_a_kind_over_all_files(void **state)
{
	(void)state;
	write_file("skantd.yaml", MAIN);
	write_file("skantd.d/10-a.yaml", "sinks: [{name: b, type: journald}]\n");
	assert_refuses("skantd.d/10-a.yaml:1:16: there is a sink 'b' already");
}

static void a_filter_may_name_a_feed_of_another_file(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };

	(void)state;
	write_file("skantd.yaml", "version: 1\nfeeds: [{name: a, type: ingest}]\n"
				  "sinks: [{name: b, type: stdout, filter: {feeds: [c]}}]\n");
	write_file("skantd.d/10-a.yaml", "feeds: [{name: c, type: activities}]\n");
	load(NULL, &s);
	assert_string_equal(s.sinks[0].filter.feeds[0], "c");
}

static void the_version_is_asked_of_the_first_file(void **state)
{
	(void)state;
	write_file("skantd.yaml", "feeds: [{name: a, type: ingest}]\nsinks: [{name: b, type: stdout}]\n");
	write_file("skantd.d/10-a.yaml", "version: 1\n");
	assert_refuses("skantd.yaml:1:1: 'version: 1' was expected");
}

static void a_folder_that_cannot_be_read_is_an_error(void **state)
{
	(void)state;
	write_file("skantd.yaml", MAIN);
	assert_int_equal(rmdir(path_of("skantd.d")), 0);
	write_file("skantd.d", "");
	assert_refuses("cannot read the folder");
}

static void flags_win_over_the_file(void **state)
{
	DEFER(settings_done) struct settings s = { .path = NULL };
	const struct profile_flags flags = { .base_url = "https://b.example.com", .dialect = "cca" };

	(void)state;
	write_file("skantd.yaml", "version: 1\nfeeds: [{name: a, type: activities, include_content: true}]\n"
				  "sinks: [{name: b, type: stdout}]\n"
				  "api: {base_url: 'https://a.example.com', dialect: platform}\n");
	load(&flags, &s);
	assert_string_equal(s.profile.base_url, "https://b.example.com");
	assert_int_equal(s.profile.dialect, API_CCA);
}

static void an_address_given_as_a_flag_is_checked_as_one(void **state)
{
	const struct profile_flags flags = { .base_url = "http://b.example.com" };
	struct settings s;
	struct err err = ERR_INIT;

	(void)state;
	write_file("skantd.yaml", MAIN);
	assert_int_equal(config_load(path_of("skantd.yaml"), &flags, CONFIG_TO_RUN, &s, &err), -1);
	assert_non_null(strstr(err.text, "https:// was expected"));
	assert_null(strstr(err.text, "skantd.yaml"));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_configuration_that_is_not_there_is_its_error),
		TEST(without_the_folder_the_file_is_all),
		TEST(keys_of_sinks_are_looked_at_only_by_who_uses_them),
		TEST(a_key_without_a_folder_is_a_credential),
		TEST(feeds_and_sinks_of_the_folder_come_behind_in_the_order_of_names),
		TEST(all_feeds_may_stand_in_the_folder),
		TEST(other_files_of_the_folder_are_left_alone),
		TEST(an_error_names_the_file_that_it_is_in),
		TEST(a_section_may_stand_in_one_file_only),
		TEST(a_name_is_one_of_a_kind_over_all_files),
		TEST(a_filter_may_name_a_feed_of_another_file),
		TEST(the_version_is_asked_of_the_first_file),
		TEST(a_folder_that_cannot_be_read_is_an_error),
		TEST(flags_win_over_the_file),
		TEST(an_address_given_as_a_flag_is_checked_as_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
