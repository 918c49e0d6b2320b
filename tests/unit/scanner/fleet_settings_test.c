/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/fleet_settings.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/version.h"
#include "common/sys/file.h"
#include "tests/support/unit.h"

#define LE(byte) byte "\0\0\0\0\0\0\0"
#define WHOLE_BYTES 4096

static char folder[] = "/tmp/fleet_settings_test.XXXXXX";

static void assert_digest(const struct options *o, const struct setup *setup, const struct buf *whole)
{
	DEFER(buf_done) struct buf hex = BUF_INIT(REPOLIST_DIGEST_BYTES);
	unsigned char bytes[DIGEST_SHA256_BYTES];
	char got[REPOLIST_DIGEST_BYTES];

	digest_sha256(buf_view(whole), bytes);
	assert_int_equal(digest_add_hex(&hex, bytes, sizeof(bytes)), 0);
	assert_int_equal(fleet_settings(o, setup, got, NULL), 0);
	assert_string_equal(got, hex.ptr);
}

static void add(struct buf *whole, struct view v)
{
	assert_int_equal(buf_add(whole, v), 0);
}

/* The digest of version, limits and rules, in hex. */
static void add_key(struct buf *whole, struct view rules)
{
	DEFER(buf_done) struct buf text = BUF_INIT(WHOLE_BYTES);
	unsigned char bytes[DIGEST_SHA256_BYTES];

	add(&text, VIEW(SKANT_VERSION "\0" LE("\2") LE("\144") "\0\0\0\100\0\0\0\0"));
	add(&text, rules);
	digest_sha256(buf_view(&text), bytes);
	assert_int_equal(digest_add_hex(whole, bytes, sizeof(bytes)), 0);
}

static void put(const char *path, const char *text)
{
	DEFER(closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(file_write_full(fd, view_of(text)), 0);
}

static void numbers_are_eight_bytes_each_from_the_lowest_on(void **state)
{
	DEFER(ruleset_freep) struct ruleset *rules = ruleset_new();
	DEFER(buf_done) struct buf whole = BUF_INIT(WHOLE_BYTES);
	struct setup setup = { .rules = rules,
			       .archive = { .depth = 2, .ratio = 100, .bytes = 1u << 30 },
			       .decode_depth = 3 };
	struct options o = {
		.min_confidence = CONFIDENCE_HIGH, .full = true, .verbose = true, .max_memory_bytes = 0x8877665544332211
	};

	(void)state;
	add_key(&whole, VIEW_NONE);
	add(&whole, VIEW(LE("\3") LE("\2") LE("\0") LE("\1") LE("\0") LE("\1")));
	add(&whole, VIEW("\x11\x22\x33\x44\x55\x66\x77\x88" LE("\0")));
	add(&whole, VIEW("\0\0\0\0")); /* no file */
	assert_digest(&o, &setup, &whole);
}

static void rules_and_files_count_by_what_they_hold(void **state)
{
	const char *const words[] = { "sk-ant-" };
	const struct rule rule = { .id = "a",
				   .regex = "b+",
				   .title = "t",
				   .kind = KIND_API,
				   .secret_group = 1,
				   .min_entropy_centibits = 350,
				   .keywords = { .items = words, .count = 1 } };
	DEFER(ruleset_freep) struct ruleset *rules = ruleset_new();
	DEFER(buf_done) struct buf whole = BUF_INIT(WHOLE_BYTES);
	struct setup setup = { .rules = rules, .archive = { .depth = 2, .ratio = 100, .bytes = 1u << 30 } };
	struct options o = { .config = "config", .inventory = "missing", .rules = { "more" }, .rule_count = 1 };
	struct err err = ERR_INIT;

	(void)state;
	put("config", "version: 1\n");
	put("more", "rules");
	setup.baseline_path = folder; /* no file */
	if (ruleset_add(rules, &rule, 1, &err))
		fail_msg("%s", err.text);
	add_key(&whole, VIEW("a\0b+\0" LE("\0") LE("\0") LE("\1") LE("\0") LE("\0") LE("\0") "\x5e\1\0\0\0\0\0\0"
											     "sk-ant-\0\0"
											     "\0\0\0\0\0\0"));
	for (int i = 0; i < 8; i++)
		add(&whole, VIEW(LE("\0")));
	add(&whole, VIEW("version: 1\n\0"
			 "\0\0\0"
			 "rules\0"));
	assert_digest(&o, &setup, &whole);
}

static int enter(void **state)
{
	(void)state;
	(void)unsetenv("SKANT_CONFIG");
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
	(void)state;
	(void)unlink("config");
	(void)unlink("more");
	return chdir("/") || rmdir(folder) ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_eight_bytes_each_from_the_lowest_on),
		cmocka_unit_test(rules_and_files_count_by_what_they_hold),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
