/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/suppress/suppress.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/unit.h"

static const struct rule rule = { .id = "a-rule" };

static struct finding finding_at(const char *path, uint64_t line)
{
	struct finding f = { .rule = &rule, .path = path, .below = path, .start_line = line };

	secret_id(VIEW("secret"), f.secret_id);
	return f;
}

static void an_entry_allows_its_paths_and_rules(void **state)
{
	DEFER(suppress_freep) struct suppress *s = suppress_new();
	const char *const paths[] = { "tests/**" }, *const rules[] = { "a-*" };
	struct suppress_allow allow = {
		.paths = { paths, 1 }, .rules = { rules, 1 }, .reason = "r", .expires_days = 100
	};
	struct finding in = finding_at("tests/a/b", 1), out = finding_at("src/b", 1);

	(void)state;
	assert_int_equal(suppress_add_allow(s, &allow, 100), 0);
	assert_string_equal(suppress_reason(s, &in), "r");
	assert_null(suppress_reason(s, &out));
}

static void an_expired_entry_allows_nothing(void **state)
{
	DEFER(suppress_freep) struct suppress *s = suppress_new();
	struct suppress_allow allow = { .reason = "r", .expires_days = 100 };
	struct finding f = finding_at("a", 1);

	(void)state;
	assert_int_equal(suppress_add_allow(s, &allow, 101), 0);
	assert_null(suppress_reason(s, &f));
}

static void ignore_files_list_fingerprints_and_ids(void **state)
{
	DEFER(suppress_freep) struct suppress *s = suppress_new();
	char path[] = "/tmp/skant-suppress-XXXXXX";
	struct finding listed = finding_at("src/a.py", 7), other_line = finding_at("src/a.py", 8);
	struct err err = ERR_INIT;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "# comment\n\n  src/a.py:a-rule:7  \r\n") > 0);
	(void)close(fd);
	assert_int_equal(suppress_read(s, path, &err), 0);
	assert_non_null(suppress_reason(s, &listed));
	assert_null(suppress_reason(s, &other_line));
	(void)unlink(path);
	assert_int_equal(suppress_read(s, path, &err), 0);
	assert_int_equal(err.kind, ERR_NONE);
	assert_int_equal(suppress_read(s, "/", &err), -1);
}

static void a_fingerprint_with_a_commit_counts_there_only(void **state)
{
	DEFER(suppress_freep) struct suppress *s = suppress_new();
	char path[] = "/tmp/skant-suppress-XXXXXX";
	struct finding here = finding_at("src/a.py", 7), elsewhere = finding_at("src/a.py", 7);
	struct finding any = finding_at("src/b.py", 7), on_disk = finding_at("src/a.py", 7);
	struct err err = ERR_INIT;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "1a2b3c:src/a.py:a-rule:7\nsrc/b.py:a-rule:7\n") > 0);
	(void)close(fd);
	assert_int_equal(suppress_read(s, path, &err), 0);
	(void)unlink(path);
	here.origin = (struct origin){ .is_known = true, .commit = "1a2b3c" };
	any.origin = here.origin;
	elsewhere.origin = (struct origin){ .is_known = true, .commit = "ffffff" };
	assert_non_null(suppress_reason(s, &here));
	assert_non_null(suppress_reason(s, &any));
	assert_null(suppress_reason(s, &elsewhere));
	assert_null(suppress_reason(s, &on_disk));
}

static void markers_stand_anywhere_on_the_line(void **state)
{
	(void)state;
	assert_non_null(suppress_marker(VIEW("k = 1 # skant:allow because")));
	assert_non_null(suppress_marker(VIEW("gitleaks:allow")));
	assert_null(suppress_marker(VIEW("skant: allow")));
	assert_null(suppress_marker(VIEW_NONE));
}

static void only_named_reasons_are_accepted(void **state)
{
	DEFER(suppress_freep) struct suppress *s = suppress_new();
	const char *const paths[] = { "data/**" };
	struct suppress_unread u = { .paths = { paths, 1 }, .reasons = 1u << UNREAD_UNREADABLE, .reason = "theirs" };

	(void)state;
	assert_int_equal(suppress_add_unread(s, &u), 0);
	assert_string_equal(
		suppress_accepts(s, &(struct record_unread){ .below = "data/x", .reason = UNREAD_UNREADABLE }),
		"theirs");
	assert_null(suppress_accepts(s, &(struct record_unread){ .below = "data/x", .reason = UNREAD_LIMIT }));
	assert_null(suppress_accepts(s, &(struct record_unread){ .below = "src/x", .reason = UNREAD_UNREADABLE }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_allows_its_paths_and_rules),
		cmocka_unit_test(an_expired_entry_allows_nothing),
		cmocka_unit_test(ignore_files_list_fingerprints_and_ids),
		cmocka_unit_test(a_fingerprint_with_a_commit_counts_there_only),
		cmocka_unit_test(markers_stand_anywhere_on_the_line),
		cmocka_unit_test(only_named_reasons_are_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
