/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/suppress/suppress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

static unsigned notes;
static char last_note[512];

static void count_note(const char *text)
{
	notes++;
	(void)snprintf(last_note, sizeof(last_note), "%s", text);
}

static const struct rule rule = { .id = "a-rule" }, other_rule = { .id = "other-rule" };

static struct finding finding_at(const char *path, uint64_t line)
{
	struct finding f = { .rule = &rule, .path = path, .below = path, .start_line = line };

	secret_id(VIEW("secret"), f.secret_id);
	return f;
}

static int read_text(struct suppress *s, const char *text, size_t len, struct err *err)
{
	char path[] = "/tmp/skant-suppress-XXXXXX";
	int fd = mkstemp(path), ret;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	(void)close(fd);
	notes = 0;
	*err = (struct err)ERR_INIT;
	ret = suppress_read(s, path, count_note, err);
	(void)unlink(path);
	return ret;
}

static void an_entry_allows_its_paths_and_rules(void **state)
{
	DEFER(suppress_freep) struct suppress *s = suppress_new();
	const char *const paths[] = { "tests/**" }, *const rules[] = { "a-*" };
	struct suppress_allow allow = {
		.paths = { paths, 1 }, .rules = { rules, 1 }, .reason = "r", .expires_days = 100
	};
	struct finding in = finding_at("tests/a/b", 1), out = finding_at("src/b", 1), nowhere = finding_at("", 1);

	(void)state;
	assert_int_equal(suppress_add_allow(s, &allow, 100), 0);
	assert_string_equal(suppress_reason(s, &in), "r");
	assert_null(suppress_reason(s, &out));
	assert_null(suppress_reason(s, &nowhere));
	in.rule = &other_rule;
	assert_null(suppress_reason(s, &in));
}

static void a_container_that_is_allowed_stands_for_its_members(void **state)
{
	DEFER(suppress_freep) struct suppress *s = suppress_new();
	static const char *const paths[] = { "data/a.zip" };
	struct suppress_allow allow = { .paths = { paths, 1 }, .reason = "r", .expires_days = 100 };
	struct finding member = finding_at("data/a.zip!b/c", 1), other = finding_at("data/b.zip!b/c", 1);

	(void)state;
	member.inside_len = other.inside_len = strlen("!b/c");
	assert_int_equal(suppress_add_allow(s, &allow, 1), 0);
	assert_string_equal(suppress_reason(s, &member), "r");
	assert_null(suppress_reason(s, &other));
}

static void each_of_many_entries_counts(void **state)
{
	DEFER(suppress_freep) struct suppress *s = suppress_new();
	static const char *const paths[] = { "a", "b", "c" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct suppress_allow allow = { .paths = { &paths[i], 1 }, .reason = paths[i], .expires_days = 100 };
		struct suppress_unread unread = { .paths = { &paths[i], 1 },
						  .reasons = 1u << UNREAD_LIMIT,
						  .reason = paths[i] };

		assert_int_equal(suppress_add_allow(s, &allow, 1), 0);
		assert_int_equal(suppress_add_unread(s, &unread), 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct record_unread left = { .reason = UNREAD_LIMIT, .below = paths[i] };
		struct finding f = finding_at(paths[i], 1);

		assert_string_equal(suppress_reason(s, &f), paths[i]);
		assert_string_equal(suppress_accepts(s, &left), paths[i]);
	}
}

static void an_id_in_an_ignore_file_is_enough_wherever_the_key_stands(void **state)
{
	DEFER(suppress_freep) struct suppress *s = suppress_new();
	struct finding known = finding_at("src/a.py", 7), other = known;
	struct err err;

	(void)state;
	other.secret_id[SECRET_ID_BYTES - 2] ^= 1;
	assert_int_equal(read_text(s, known.secret_id, strlen(known.secret_id), &err), 0);
	assert_int_equal(notes, 0);
	assert_string_equal(suppress_reason(s, &known), "listed in an ignore file");
	assert_null(suppress_reason(s, &other));
}

static void lines_that_say_nothing_are_told_with_their_place(void **state)
{
	static const char *const wrong[] = { "a.py",
					     "a.py:7",
					     "a.py:rule:x",
					     ":rule:7",
					     "a.py::7",
					     "sha256:0123",
					     "sha512:0123:ff",
					     "a.py:ru le:7",
					     "a.py:rule:7 # why",
					     "sha256:0123456789abcdef0123456789abcdeG",
					     "sha256:G123456789abcdef0123456789abcdef",
					     "sha256:0123456789abcdef0123456789abcde~" };
	DEFER(suppress_freep) struct suppress *s = suppress_new();
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		DEFER(buf_done) struct buf text = BUF_INIT(1024);

		assert_int_equal(buf_addf(&text, "# why\n\n%s\nsrc/a.py:a-rule:1\n", wrong[i]), 0);
		assert_int_equal(read_text(s, text.ptr, text.len, &err), 0);
		assert_int_equal(notes, 1);
		assert_non_null(strstr(last_note, ":3: "));
	}
}

static void only_the_first_of_many_are_told_one_by_one(void **state)
{
	DEFER(suppress_freep) struct suppress *s = suppress_new();
	DEFER(buf_done) struct buf text = BUF_INIT(1u << 20);
	struct err err;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(buf_add_text(&text, "junk\n"), 0);
	assert_int_equal(read_text(s, text.ptr, text.len, &err), 0);
	assert_int_equal(notes, IGNORE_LINES_TOLD + 1);
	assert_non_null(strstr(last_note, "990 more"));
}

static void what_is_no_text_is_refused(void **state)
{
	DEFER(suppress_freep) struct suppress *s = suppress_new();
	struct err err;

	(void)state;
	assert_int_equal(read_text(s, "a:a-rule:1\n\0\1\2", 14, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, ":2: "));
}

static void forms_of_gitleaks_are_known(void **state)
{
	static const struct rule admin = { .id = "anthropic-admin-key" };
	static const char text[] = "C:\\a b:c/x.zip!y.py:a-rule:1\n1a2b:z.py:anthropic-admin-api-key:2\n";
	DEFER(suppress_freep) struct suppress *s = suppress_new();
	struct finding odd = finding_at("C:\\a b:c/x.zip!y.py", 1), in_commit = finding_at("z.py", 2);
	struct err err;

	(void)state;
	in_commit.rule = &admin;
	in_commit.origin = (struct origin){ .is_known = true, .commit = "1a2b" };
	assert_int_equal(read_text(s, text, sizeof(text) - 1, &err), 0);
	assert_int_equal(notes, 0);
	assert_non_null(suppress_reason(s, &odd));
	assert_non_null(suppress_reason(s, &in_commit));
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
	assert_int_equal(suppress_read(s, path, count_note, &err), 0);
	assert_non_null(suppress_reason(s, &listed));
	assert_null(suppress_reason(s, &other_line));
	(void)unlink(path);
	assert_int_equal(suppress_read(s, path, count_note, &err), 0);
	assert_int_equal(err.kind, ERR_NONE);
	assert_int_equal(suppress_read(s, "/", count_note, &err), -1);
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
	assert_int_equal(suppress_read(s, path, count_note, &err), 0);
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
		cmocka_unit_test(a_container_that_is_allowed_stands_for_its_members),
		cmocka_unit_test(each_of_many_entries_counts),
		cmocka_unit_test(an_id_in_an_ignore_file_is_enough_wherever_the_key_stands),
		cmocka_unit_test(an_expired_entry_allows_nothing),
		cmocka_unit_test(lines_that_say_nothing_are_told_with_their_place),
		cmocka_unit_test(only_the_first_of_many_are_told_one_by_one),
		cmocka_unit_test(what_is_no_text_is_refused),
		cmocka_unit_test(forms_of_gitleaks_are_known),
		cmocka_unit_test(ignore_files_list_fingerprints_and_ids),
		cmocka_unit_test(a_fingerprint_with_a_commit_counts_there_only),
		cmocka_unit_test(markers_stand_anywhere_on_the_line),
		cmocka_unit_test(only_named_reasons_are_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
