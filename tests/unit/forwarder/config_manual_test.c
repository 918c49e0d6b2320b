/* SPDX-License-Identifier: Apache-2.0 */
/* The manual and the example, compared with what the configuration takes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/file.h"
#include "forwarder/config_read.h"
#include "tests/support/unit.h"

#define MANUAL "docs/skantd.yaml.5.scd"
#define EXAMPLE "packaging/skantd.yaml"
#define FILE_BYTES (1u << 20)

static void read_all(const char *path, struct buf *ret)
{
	struct err err = ERR_INIT;

	if (file_read(path, ret, &err))
		fail_msg("%s", err.text);
}

/* The part of the manual below the heading that is the section's name in capitals. */
static struct view part_of(struct view manual, const char *name)
{
	char heading[64];
	size_t at, end;

	(void)snprintf(heading, sizeof(heading), "\n# %s\n", name);
	for (char *p = heading; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	at = text_find(manual, view_of(heading));
	if (at == SIZE_MAX)
		fail_msg("the manual has no section '%s'", name);
	manual = view_sub(manual, at + strlen(heading) - 1, manual.len);
	end = text_find(manual, VIEW("\n# "));
	return view_sub(manual, 0, end);
}

static void each_key_is_in_its_section_of_the_manual(void **state)
{
	DEFER(buf_done) struct buf manual = BUF_INIT(FILE_BYTES);

	(void)state;
	read_all(MANUAL, &manual);
	assert_true(config_section_count >= 11);
	for (size_t i = 0; i < config_section_count; i++) {
		const struct config_section *section = config_sections[i];
		struct view part = part_of(buf_view(&manual), section->name);

		for (size_t k = 0; k < section->count; k++) {
			char entry[64];

			(void)snprintf(entry, sizeof(entry), "\n*%s*\n\t", section->keys[k].name);
			if (text_find(part, view_of(entry)) == SIZE_MAX)
				fail_msg("%s: '%s' is not in the manual", section->name, section->keys[k].name);
		}
	}
}

static bool knows(const struct config_section *section, struct view key)
{
	for (size_t k = 0; k < section->count; k++)
		if (text_eq(key, view_of(section->keys[k].name)))
			return true;
	return false;
}

static void the_manual_has_no_key_that_is_not_known(void **state)
{
	DEFER(buf_done) struct buf manual = BUF_INIT(FILE_BYTES);

	(void)state;
	read_all(MANUAL, &manual);
	for (size_t i = 0; i < config_section_count; i++) {
		struct view part = part_of(buf_view(&manual), config_sections[i]->name), line;
		size_t entries = 0;

		while (text_next_line(&part, &line)) {
			if (line.len < 3 || line.ptr[0] != '*' || line.ptr[line.len - 1] != '*')
				continue;
			entries++;
			if (!knows(config_sections[i], view_sub(line, 1, line.len - 2)))
				fail_msg("%s: the manual's '%.*s' is not known", config_sections[i]->name,
					 (int)line.len, line.ptr);
		}
		assert_int_equal(entries, config_sections[i]->count);
	}
}

static void the_example_is_taken_as_it_is(void **state)
{
	struct settings s;
	struct err err = ERR_INIT;

	(void)state;
	if (config_load(EXAMPLE, NULL, CONFIG_TO_RUN, &s, &err))
		fail_msg("%s", err.text);
	assert_int_equal(s.feed_count, 1);
	assert_int_equal(s.sink_count, 1);
	settings_done(&s);
}

static void write_file(const char *folder, const char *name, struct view text)
{
	DEFER(buf_done) struct buf path = BUF_INIT(1000);
	FILE *f;

	assert_int_equal(buf_addf(&path, "%s/%s", folder, name), 0);
	f = fopen(path.ptr, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(text.ptr, 1, text.len, f), text.len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path.ptr, 0600), 0);
}

/* The example with all that is off switched on, and with folder for /etc/skant. */
static void switch_on(struct view example, const char *folder, struct buf *ret)
{
	struct view line;

	while (text_next_line(&example, &line)) {
		size_t at;

		if (text_starts(line, VIEW("#")) && line.len > 1 &&
		    (line.ptr[1] != ' ' || text_starts(line, VIEW("#  "))))
			line = view_sub(line, 1, line.len);
		while ((at = text_find(line, VIEW("/etc/skant/"))) != SIZE_MAX) {
			assert_int_equal(buf_add(ret, view_sub(line, 0, at)), 0);
			assert_int_equal(buf_addf(ret, "%s/", folder), 0);
			line = view_sub(line, at + 11, line.len);
		}
		assert_int_equal(buf_add(ret, line), 0);
		assert_int_equal(buf_add_byte(ret, '\n'), 0);
	}
}

static void the_example_is_taken_with_everything_switched_on(void **state)
{
	static const char *const files[] = { "policy.yaml", "ca.pem", "cert.pem", "key.pem", "skantd.yaml" };
	char folder[] = "/tmp/config-manual-test-XXXXXX";
	DEFER(buf_done) struct buf example = BUF_INIT(FILE_BYTES), all = BUF_INIT(FILE_BYTES), path = BUF_INIT(1000);
	struct settings s;
	struct err err = ERR_INIT;

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < 4; i++)
		write_file(folder, files[i], VIEW("version: 1\n"));
	read_all(EXAMPLE, &example);
	switch_on(buf_view(&example), folder, &all);
	write_file(folder, files[4], buf_view(&all));
	assert_int_equal(buf_addf(&path, "%s/skantd.yaml", folder), 0);
	if (config_load(path.ptr, NULL, CONFIG_TO_RUN, &s, &err))
		fail_msg("%s", err.text);
	assert_int_equal(s.feed_count, 6);
	assert_int_equal(s.sink_count, 5);
	assert_int_equal(s.requests_per_minute, 50);
	assert_string_equal(s.metrics.listen, "127.0.0.1:9187");
	settings_done(&s);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		buf_clear(&path);
		assert_int_equal(buf_addf(&path, "%s/%s", folder, files[i]), 0);
		assert_int_equal(unlink(path.ptr), 0);
	}
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_is_in_its_section_of_the_manual),
		cmocka_unit_test(the_manual_has_no_key_that_is_not_known),
		cmocka_unit_test(the_example_is_taken_as_it_is),
		cmocka_unit_test(the_example_is_taken_with_everything_switched_on),
	};

	(void)unsetenv("HOME");
	(void)unsetenv("XDG_CONFIG_HOME");
	(void)unsetenv("SKANT_POLICY");
	(void)unsetenv("SKANT_BASE_URL");
	(void)unsetenv("SKANT_DIALECT");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
