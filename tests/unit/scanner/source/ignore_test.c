/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/ignore.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

static enum ignore_verdict verdict_of(struct view text, const char *path, bool is_folder, bool nocase)
{
	struct ignore_file *file = ignore_parse(text, nocase);
	enum ignore_verdict verdict;

	assert_non_null(file);
	verdict = ignore_match(file, view_of(path), is_folder);
	ignore_free(file);
	return verdict;
}

/* What text says of a file, and of a folder. */
static enum ignore_verdict file(const char *text, const char *path)
{
	return verdict_of(view_of(text), path, false, false);
}

static enum ignore_verdict folder(const char *text, const char *path)
{
	return verdict_of(view_of(text), path, true, false);
}

static void an_empty_file_says_nothing(void **state)
{
	(void)state;
	assert_int_equal(file("", "a"), IGNORE_NONE);
	assert_int_equal(file("\n\r\n   \n", "a"), IGNORE_NONE);
	assert_int_equal(verdict_of(VIEW_NONE, "a", false, false), IGNORE_NONE);
	assert_int_equal(file("*", ""), IGNORE_NONE);
}

static void a_comment_is_no_pattern(void **state)
{
	(void)state;
	assert_int_equal(file("#a\n", "#a"), IGNORE_NONE);
	assert_int_equal(file("\\#a\n", "#a"), IGNORE_EXCLUDE);
	assert_int_equal(file(" #a\n", " #a"), IGNORE_EXCLUDE);
}

static void a_pattern_without_slash_matches_at_any_depth(void **state)
{
	(void)state;
	assert_int_equal(file("a\n", "a"), IGNORE_EXCLUDE);
	assert_int_equal(file("a\n", "x/y/a"), IGNORE_EXCLUDE);
	assert_int_equal(file("a\n", "a/x"), IGNORE_NONE);
	assert_int_equal(file("*.o\n", "x/y.o"), IGNORE_EXCLUDE);
	assert_int_equal(file("*.o\n", "x/y.oo"), IGNORE_NONE);
	assert_int_equal(file("core*\n", "x/core.1"), IGNORE_EXCLUDE);
	assert_int_equal(file("a*b*c\n", "x/aXbYc"), IGNORE_EXCLUDE);
	assert_int_equal(file("**/a", "x/y/a"), IGNORE_EXCLUDE);
}

static void a_pattern_with_a_slash_starts_at_the_files_folder(void **state)
{
	(void)state;
	assert_int_equal(file("/a\n", "a"), IGNORE_EXCLUDE);
	assert_int_equal(file("/a\n", "x/a"), IGNORE_NONE);
	assert_int_equal(file("x/a\n", "x/a"), IGNORE_EXCLUDE);
	assert_int_equal(file("x/a\n", "y/x/a"), IGNORE_NONE);
	assert_int_equal(file("x/*.o\n", "x/a.o"), IGNORE_EXCLUDE);
	assert_int_equal(file("x/*.o\n", "x/y/a.o"), IGNORE_NONE);
	assert_int_equal(file("x/**\n", "x/y/a.o"), IGNORE_EXCLUDE);
	assert_int_equal(folder("x/**\n", "x"), IGNORE_NONE);
	assert_int_equal(file("x/**/a\n", "x/a"), IGNORE_EXCLUDE);
}

static void a_slash_at_the_end_means_folders_only(void **state)
{
	(void)state;
	assert_int_equal(folder("a/\n", "x/a"), IGNORE_EXCLUDE);
	assert_int_equal(file("a/\n", "x/a"), IGNORE_NONE);
	assert_int_equal(folder("/x/a/\n", "x/a"), IGNORE_EXCLUDE);
	assert_int_equal(folder("a//\n", "a"), IGNORE_NONE);
	assert_int_equal(folder("/\n", "a"), IGNORE_NONE);
}

static void the_last_pattern_that_matches_wins(void **state)
{
	(void)state;
	assert_int_equal(file("*.o\n!a.o\n", "a.o"), IGNORE_INCLUDE);
	assert_int_equal(file("!a.o\n*.o\n", "a.o"), IGNORE_EXCLUDE);
	assert_int_equal(file("a.o\n!a*\n[a]*\n!x/a.o\n", "a.o"), IGNORE_EXCLUDE);
	assert_int_equal(file("a.o\n!a*\n[a]*\n!x/a.o\n", "x/a.o"), IGNORE_INCLUDE);
	assert_int_equal(file("*.o\n!a.o/\n", "a.o"), IGNORE_EXCLUDE);
}

static void an_exclamation_mark_negates_once(void **state)
{
	(void)state;
	assert_int_equal(file("!a\n", "a"), IGNORE_INCLUDE);
	assert_int_equal(file("\\!a\n", "!a"), IGNORE_EXCLUDE);
	assert_int_equal(file("!!a\n", "!a"), IGNORE_INCLUDE);
	assert_int_equal(file("!\n", "!"), IGNORE_NONE);
}

static void spaces_at_the_end_are_dropped_unless_escaped(void **state)
{
	(void)state;
	assert_int_equal(file("a  \n", "a"), IGNORE_EXCLUDE);
	assert_int_equal(file("a\\ \n", "a "), IGNORE_EXCLUDE);
	assert_int_equal(file("a\\  \n", "a "), IGNORE_EXCLUDE);
	assert_int_equal(file("a \\ \n", "a  "), IGNORE_EXCLUDE);
	assert_int_equal(file(" a\n", " a"), IGNORE_EXCLUDE);
	assert_int_equal(file("a\t\n", "a\t"), IGNORE_EXCLUDE);
	assert_int_equal(file("a\t\n", "a"), IGNORE_NONE);
	assert_int_equal(file("a\\\\ \n", "a\\"), IGNORE_EXCLUDE);
}

static void one_carriage_return_before_the_line_feed_is_dropped(void **state)
{
	(void)state;
	assert_int_equal(file("a\r\n", "a"), IGNORE_EXCLUDE);
	assert_int_equal(file("a\r\r\n", "a\r"), IGNORE_EXCLUDE);
	assert_int_equal(file("a\r", "a"), IGNORE_EXCLUDE);
	assert_int_equal(file("a \r\n", "a"), IGNORE_EXCLUDE);
}

static void the_last_line_needs_no_line_feed(void **state)
{
	(void)state;
	assert_int_equal(file("b\na", "a"), IGNORE_EXCLUDE);
}

static void a_byte_order_mark_is_skipped_at_the_start(void **state)
{
	(void)state;
	assert_int_equal(file("\357\273\277a\n", "a"), IGNORE_EXCLUDE);
	assert_int_equal(file("b\n\357\273\277a\n", "a"), IGNORE_NONE);
}

static void a_nul_byte_ends_its_line(void **state)
{
	(void)state;
	assert_int_equal(verdict_of(VIEW("a\0b\nc\n"), "a", false, false), IGNORE_EXCLUDE);
	assert_int_equal(verdict_of(VIEW("a\0b\nc\n"), "c", false, false), IGNORE_EXCLUDE);
}

static void stars_behind_a_literal_start_pass_slashes_as_in_git(void **state)
{
	(void)state;
	assert_int_equal(file("li**/tail\n", "litail"), IGNORE_EXCLUDE);
	assert_int_equal(file("li**/tail\n", "li/x/tail"), IGNORE_EXCLUDE);
	assert_int_equal(file("a/b**\n", "a/bc/d"), IGNORE_EXCLUDE);
}

static void a_slash_in_a_bracket_makes_a_path_that_no_slash_matches(void **state)
{
	(void)state;
	assert_int_equal(file("a[b/]c\n", "abc"), IGNORE_EXCLUDE);
	assert_int_equal(file("a[b/]c\n", "a/c"), IGNORE_NONE);
	assert_int_equal(file("a[b/]c\n", "x/abc"), IGNORE_NONE);
}

static void letters_compare_in_any_case_when_git_does(void **state)
{
	static const struct {
		const char *text, *path;
	} cases[] = {
		{ "FOO", "x/foo" }, { "*.O", "a.o" },     { "Core*", "CORE.1" },
		{ "/X/a", "x/A" },  { "x/*.C", "X/a.c" }, { "*[a]*Z", "baz" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(verdict_of(view_of(cases[i].text), cases[i].path, false, true), IGNORE_EXCLUDE);
		assert_int_equal(verdict_of(view_of(cases[i].text), cases[i].path, false, false), IGNORE_NONE);
	}
}

static void a_pattern_that_is_too_long_matches_nothing(void **state)
{
	char text[IGNORE_PATTERN_BYTES + 2];

	(void)state;
	memset(text, '*', sizeof(text));
	assert_int_equal(verdict_of(view_from(text, IGNORE_PATTERN_BYTES), "a", false, false), IGNORE_EXCLUDE);
	assert_int_equal(verdict_of(view_from(text, IGNORE_PATTERN_BYTES + 1), "a", false, false), IGNORE_NONE);
}

static void the_right_one_of_many_patterns_is_found(void **state)
{
	struct buf text = BUF_INIT(1u << 20);
	struct ignore_file *f;

	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		assert_int_equal(buf_addf(&text, "%sname%u\n%s*.x%u\n", i % 2 ? "!" : "", i, i % 2 ? "" : "!", i), 0);
	f = ignore_parse(buf_view(&text), false);
	assert_non_null(f);
	for (unsigned i = 0; i < 5000; i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "a/name%u", i);
		assert_int_equal(ignore_match(f, view_of(path), false), i % 2 ? IGNORE_INCLUDE : IGNORE_EXCLUDE);
		(void)snprintf(path, sizeof(path), "a/b.x%u", i);
		assert_int_equal(ignore_match(f, view_of(path), false), i % 2 ? IGNORE_EXCLUDE : IGNORE_INCLUDE);
	}
	assert_int_equal(ignore_match(f, VIEW("name5000"), false), IGNORE_NONE);
	ignore_free(f);
	buf_done(&text);
}

static void the_innermost_scope_that_speaks_wins(void **state)
{
	struct ignore_file *outer = ignore_parse(VIEW("*.o\n/a\n"), false),
			   *inner = ignore_parse(VIEW("!b.o\n/c\n"), false);
	struct ignore_scope root = { .file = outer }, silent = { .outer = &root };
	struct ignore_scope sub = { .outer = &silent, .file = inner, .base_len = strlen("sub/") };

	(void)state;
	assert_non_null(outer);
	assert_non_null(inner);
	assert_int_equal(ignore_scope_match(&sub, VIEW("sub/b.o"), false), IGNORE_INCLUDE);
	assert_int_equal(ignore_scope_match(&sub, VIEW("sub/d.o"), false), IGNORE_EXCLUDE);
	assert_int_equal(ignore_scope_match(&sub, VIEW("sub/c"), false), IGNORE_EXCLUDE);
	assert_int_equal(ignore_scope_match(&sub, VIEW("sub/x/c"), false), IGNORE_NONE);
	assert_int_equal(ignore_scope_match(&sub, VIEW("sub/a"), false), IGNORE_NONE);
	assert_int_equal(ignore_scope_match(&root, VIEW("a"), false), IGNORE_EXCLUDE);
	assert_int_equal(ignore_scope_match(NULL, VIEW("a"), false), IGNORE_NONE);
	ignore_free(outer);
	ignore_free(inner);
}

/* Loads name from the work tree. */
static struct ignore_file *load(const struct repo *r, const char *name, enum ignore_links links, struct err *err)
{
	int fd = open(r->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct ignore_file *f;
	int ret;

	assert_return_code(fd, errno);
	ret = ignore_load(fd, name, links, false, &f, err);
	assert_int_equal(ret, err->kind == ERR_NONE ? 0 : -1);
	(void)close(fd);
	return f;
}

static void load_reads_a_file_of_a_folder(void **state)
{
	struct repo *r = *state;
	struct err err = ERR_INIT;
	struct ignore_file *f;

	repo_write(r, "tree/" IGNORE_FILE_NAME, VIEW("a\n"));
	f = load(r, IGNORE_FILE_NAME, IGNORE_NO_LINKS, &err);
	assert_non_null(f);
	assert_int_equal(ignore_match(f, VIEW("a"), false), IGNORE_EXCLUDE);
	ignore_free(f);
}

static void load_finds_nothing_in_what_is_no_file(void **state)
{
	struct repo *r = *state;
	struct err err = ERR_INIT;
	char path[REPO_PATH_BYTES];

	repo_path(path, "%s/folder", r->tree);
	assert_int_equal(mkdir(path, 0700), 0);
	repo_path(path, "%s/fifo", r->tree);
	assert_int_equal(mkfifo(path, 0600), 0);
	repo_write(r, "tree/empty", VIEW_NONE);
	assert_null(load(r, "missing", IGNORE_NO_LINKS, &err));
	assert_null(load(r, "empty/missing", IGNORE_NO_LINKS, &err));
	assert_null(load(r, "folder", IGNORE_NO_LINKS, &err));
	assert_null(load(r, "fifo", IGNORE_NO_LINKS, &err));
	assert_null(load(r, "empty", IGNORE_NO_LINKS, &err));
	assert_int_equal(err.kind, ERR_NONE);
}

static void load_follows_links_only_when_told_to(void **state)
{
	struct repo *r = *state;
	struct err err = ERR_INIT;
	char path[REPO_PATH_BYTES];
	struct ignore_file *f;

	repo_write(r, "tree/real", VIEW("a\n"));
	repo_path(path, "%s/link", r->tree);
	assert_int_equal(symlink("real", path), 0);
	assert_null(load(r, "link", IGNORE_NO_LINKS, &err));
	f = load(r, "link", IGNORE_FOLLOW_LINKS, &err);
	assert_non_null(f);
	ignore_free(f);
}

static void load_refuses_a_file_that_is_too_large(void **state)
{
	struct repo *r = *state;
	struct err err = ERR_INIT;
	char path[REPO_PATH_BYTES];

	repo_write(r, "tree/large", VIEW("a\n"));
	repo_path(path, "%s/large", r->tree);
	assert_int_equal(truncate(path, IGNORE_PATTERNS_BYTES + 1), 0);
	assert_null(load(r, "large", IGNORE_NO_LINKS, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_non_null(strstr(err.text, "large"));
}

static int set_up(void **state)
{
	static struct repo r;

	repo_init(&r);
	*state = &r;
	return 0;
}

static int tear_down(void **state)
{
	repo_done(*state);
	return 0;
}

#define WITH_REPO(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_says_nothing),
		cmocka_unit_test(a_comment_is_no_pattern),
		cmocka_unit_test(a_pattern_without_slash_matches_at_any_depth),
		cmocka_unit_test(a_pattern_with_a_slash_starts_at_the_files_folder),
		cmocka_unit_test(a_slash_at_the_end_means_folders_only),
		cmocka_unit_test(the_last_pattern_that_matches_wins),
		cmocka_unit_test(an_exclamation_mark_negates_once),
		cmocka_unit_test(spaces_at_the_end_are_dropped_unless_escaped),
		cmocka_unit_test(one_carriage_return_before_the_line_feed_is_dropped),
		cmocka_unit_test(the_last_line_needs_no_line_feed),
		cmocka_unit_test(a_byte_order_mark_is_skipped_at_the_start),
		cmocka_unit_test(a_nul_byte_ends_its_line),
		cmocka_unit_test(stars_behind_a_literal_start_pass_slashes_as_in_git),
		cmocka_unit_test(a_slash_in_a_bracket_makes_a_path_that_no_slash_matches),
		cmocka_unit_test(letters_compare_in_any_case_when_git_does),
		cmocka_unit_test(a_pattern_that_is_too_long_matches_nothing),
		cmocka_unit_test(the_right_one_of_many_patterns_is_found),
		cmocka_unit_test(the_innermost_scope_that_speaks_wins),
		WITH_REPO(load_reads_a_file_of_a_folder),
		WITH_REPO(load_finds_nothing_in_what_is_no_file),
		WITH_REPO(load_follows_links_only_when_told_to),
		WITH_REPO(load_refuses_a_file_that_is_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
