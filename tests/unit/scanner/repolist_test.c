/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/repolist.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

#define PLAN_BYTES (1u << 20)

static void parse(struct repolist *l, const char *text)
{
	struct err err = ERR_INIT;

	if (repolist_parse(l, view_of(text), "list", &err))
		fail_msg("%s", err.text);
}

static void refuses(const char *text, const char *expected)
{
	DEFER(repolist_done) struct repolist l;
	struct err err = ERR_INIT;

	assert_int_equal(repolist_parse(&l, view_of(text), "list", &err), -1);
	assert_non_null(strstr(err.text, expected));
	assert_int_equal(err.kind, ERR_USAGE);
}

/* The list as a plan, with so many bytes for the first, and more by one for each that follows. */
static void plan(const char *list, uint64_t bytes, struct buf *out)
{
	DEFER(repolist_done) struct repolist l;

	parse(&l, list);
	for (size_t i = 0; i < l.count; i++)
		l.entries[i].bytes = bytes + i;
	assert_int_equal(repolist_add_plan(&l, "", out), 0);
}

static void a_list_has_a_path_a_line(void **)
{
	DEFER(repolist_done) struct repolist l;

	parse(&l, "# all of them\n\n  b.git  \r\n/srv/a b.git\n\t\nc");
	assert_int_equal(l.count, 3);
	assert_false(l.is_plan);
	assert_string_equal(l.entries[0].name, "/srv/a b.git");
	assert_string_equal(l.entries[1].name, "b.git");
	assert_string_equal(l.entries[2].name, "c");
	assert_int_equal(l.entries[2].line, 6);
}

static void paths_lose_what_says_nothing(void **)
{
	DEFER(repolist_done) struct repolist l;

	parse(&l, "./a.git/\n//srv///x/./y/.\n.\n../b\n./#c\n/");
	assert_int_equal(l.count, 6);
	assert_string_equal(l.entries[0].name, "#c");
	assert_string_equal(l.entries[1].name, ".");
	assert_string_equal(l.entries[2].name, "../b");
	assert_string_equal(l.entries[3].name, "/");
	assert_string_equal(l.entries[4].name, "/srv/x/y");
	assert_string_equal(l.entries[5].name, "a.git");
}

static void one_that_stands_twice_is_refused_with_both_lines(void **)
{
	refuses("a.git\nb.git\n\n./a.git/\n", "list:4: 'a.git' stands in line 1 already");
}

static void names_that_no_report_could_hold_are_refused(void **)
{
	refuses("a\nb\tc\n", "list:2: ");
	refuses("a\xff\n", "list:1: ");
	refuses("\033[2J\n", "list:1: ");
}

static void the_digest_does_not_depend_on_the_order(void **)
{
	DEFER(repolist_done) struct repolist a, b, c;

	parse(&a, "x\ny\n");
	parse(&b, "# z\ny\n./x/\n");
	parse(&c, "x\nz\n");
	assert_string_equal(a.digest, b.digest);
	assert_string_not_equal(a.digest, c.digest);
	assert_int_equal(strlen(a.digest), 64);
}

static void a_plan_is_read_as_it_was_written(void **)
{
	DEFER(buf_done) struct buf text = BUF_INIT(PLAN_BYTES);
	DEFER(repolist_done) struct repolist l;

	plan("b\n/a\nc d\n", 100, &text);
	parse(&l, text.ptr);
	assert_true(l.is_plan);
	assert_int_equal(l.count, 3);
	assert_string_equal(l.entries[2].name, "c d");
	assert_int_equal(l.entries[2].bytes, 102);
}

static void a_path_keeps_its_blanks_in_a_plan(void **)
{
	DEFER(buf_done) struct buf text = BUF_INIT(PLAN_BYTES);
	DEFER(repolist_done) struct repolist l;

	plan("./ a\nb /\n", 1, &text);
	parse(&l, text.ptr);
	assert_string_equal(l.entries[0].name, " a");
	assert_string_equal(l.entries[1].name, "b ");
}

static void a_plan_that_was_changed_or_cut_off_is_refused(void **)
{
	DEFER(buf_done) struct buf text = BUF_INIT(PLAN_BYTES);
	char *at;

	plan("a\nb\nc\n", 100, &text);
	at = strstr(text.ptr, "100\ta");
	*at = '2';
	refuses(text.ptr, "list:1: the plan was changed");
	*at = '1';
	at = strstr(text.ptr, "102\tc");
	*at = '\0';
	refuses(text.ptr, "list:1: a plan of 3 repositories was expected, and 2 are there");
	*strchr(text.ptr, '\n') = '\0';
	refuses(text.ptr, "a plan of 3 repositories was expected, and 0 are there");
}

static void lines_of_a_plan_may_stand_in_any_order(void **)
{
	DEFER(buf_done) struct buf text = BUF_INIT(PLAN_BYTES), turned = BUF_INIT(PLAN_BYTES);
	DEFER(repolist_done) struct repolist l;

	plan("a\nb\n", 7, &text);
	assert_int_equal(buf_add(&turned, view_sub(buf_view(&text), 0, text_find_byte(buf_view(&text), '\n') + 1)), 0);
	assert_int_equal(buf_add_text(&turned, "8\tb\n# here\n7\ta\n"), 0);
	parse(&l, turned.ptr);
	assert_int_equal(l.count, 2);
}

static void a_line_of_a_plan_needs_a_size(void **)
{
	refuses("skant-plan/1 1 0\na\n", "list:2: a size in bytes, a tab and the path");
	refuses("skant-plan/1 1 0\n-1\ta\n", "list:2: a size in bytes");
	refuses("skant-plan/1 1 0\n1\t\n", "list:2: a size in bytes");
	refuses("skant-plan/1 x 0\n1\ta\n", "list:1: ");
	refuses("\nskant-plan/2 1 0\n", "list:2: a plan of another version");
}

static void names_get_the_folder_that_a_plan_elsewhere_needs(void **)
{
	DEFER(buf_done) struct buf text = BUF_INIT(PLAN_BYTES), path = BUF_INIT(PLAN_BYTES);
	DEFER(repolist_done) struct repolist l;

	parse(&l, "a\n/b\n");
	assert_int_equal(repolist_add_plan(&l, "/srv/", &text), 0);
	assert_non_null(strstr(text.ptr, "0\t/srv/a\n"));
	assert_non_null(strstr(text.ptr, "0\t/b\n"));
	assert_int_equal(repolist_add_path(&l, 1, &path), 0);
	assert_string_equal(path.ptr, "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_has_a_path_a_line),
		cmocka_unit_test(paths_lose_what_says_nothing),
		cmocka_unit_test(one_that_stands_twice_is_refused_with_both_lines),
		cmocka_unit_test(names_that_no_report_could_hold_are_refused),
		cmocka_unit_test(the_digest_does_not_depend_on_the_order),
		cmocka_unit_test(a_plan_is_read_as_it_was_written),
		cmocka_unit_test(a_path_keeps_its_blanks_in_a_plan),
		cmocka_unit_test(a_plan_that_was_changed_or_cut_off_is_refused),
		cmocka_unit_test(lines_of_a_plan_may_stand_in_any_order),
		cmocka_unit_test(a_line_of_a_plan_needs_a_size),
		cmocka_unit_test(names_get_the_folder_that_a_plan_elsewhere_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
