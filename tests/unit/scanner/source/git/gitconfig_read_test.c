/* SPDX-License-Identifier: Apache-2.0 */
/* Which files and variables are read, and what stands in the way. */
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/source/git/gitconfig.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

/* Reads for the repository of r's work tree. */
static int read_all(const struct repo *r, struct gitconfig *c, struct err *err)
{
	char dir[REPO_PATH_BYTES];
	const struct gitconfig_place place = { .dir = dir, .common = dir };

	repo_path(dir, "%s/.git", r->tree);
	return gitconfig_read(c, &place, err);
}

static void assert_value(const struct repo *r, const char *key, const char *value)
{
	DEFER(gitconfig_done) struct gitconfig c = GITCONFIG_INIT;
	const struct gitconfig_entry *entry;
	struct err err = ERR_INIT;

	if (read_all(r, &c, &err))
		fail_msg("%s", err.text);
	entry = gitconfig_get(&c, key);
	if (!value)
		assert_null(entry);
	else if (!entry || !entry->value)
		fail_msg("%s is not set", key);
	else
		assert_string_equal(entry->value, value);
}

static void assert_refused(const struct repo *r, enum err_kind kind, const char *words)
{
	DEFER(gitconfig_done) struct gitconfig c = GITCONFIG_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(read_all(r, &c, &err), -1);
	assert_int_equal(err.kind, kind);
	if (!strstr(err.text, words))
		fail_msg("'%s' does not say '%s'", err.text, words);
}

/* A file of the base folder, and what it is to hold. */
static void write_text(const struct repo *r, const char *name, const char *text)
{
	repo_write(r, name, view_of(text));
}

static void set(const char *name, const char *value)
{
	assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static void the_users_file_may_be_named_or_left_out(void **state)
{
	struct repo *r = *state;
	char path[REPO_PATH_BYTES];

	write_text(r, "home/.gitconfig", "[a]\nb = home\n");
	write_text(r, "home/.config/git/config", "[a]\nb = config\nc = config\n");
	write_text(r, "xdg/git/config", "[a]\nc = xdg\n");
	write_text(r, "named", "[a]\nb = named\n");
	assert_value(r, "a.b", "home");
	assert_value(r, "a.c", "config");
	repo_path(path, "%s/xdg", r->base);
	set("XDG_CONFIG_HOME", path);
	assert_value(r, "a.c", "xdg");
	set("XDG_CONFIG_HOME", "");
	assert_value(r, "a.c", "config");
	repo_path(path, "%s/named", r->base);
	set("GIT_CONFIG_GLOBAL", path);
	assert_value(r, "a.b", "named");
	assert_value(r, "a.c", NULL);
	set("GIT_CONFIG_GLOBAL", "");
	assert_value(r, "a.b", NULL);
}

static void the_systems_file_may_be_named_or_left_out(void **state)
{
	struct repo *r = *state;
	char path[REPO_PATH_BYTES];

	write_text(r, "system", "[a]\nb = system\n");
	repo_path(path, "%s/system", r->base);
	set("GIT_CONFIG_SYSTEM", path);
	assert_value(r, "a.b", NULL); /* GIT_CONFIG_NOSYSTEM */
	set("GIT_CONFIG_NOSYSTEM", NULL);
	assert_value(r, "a.b", "system");
	set("GIT_CONFIG_SYSTEM", "");
	assert_value(r, "a.b", NULL);
}

static void without_a_home_there_is_no_file_of_the_user(void **state)
{
	struct repo *r = *state;

	set("HOME", NULL);
	assert_value(r, "a.b", NULL);
	assert_value(r, "core.bare", "false");
}

static void what_is_no_file_is_refused_unless_it_is_the_null_device(void **state)
{
	struct repo *r = *state;
	char path[REPO_PATH_BYTES];

	set("GIT_CONFIG_GLOBAL", "/dev/null");
	assert_value(r, "core.bare", "false");
	set("GIT_CONFIG_GLOBAL", "/dev/zero"); /* would never end */
	assert_refused(r, ERR_CONFIG, "'/dev/zero' is no regular file");
	set("GIT_CONFIG_GLOBAL", r->base);
	assert_refused(r, ERR_CONFIG, "is no regular file");
	repo_path(path, "%s/home/.gitconfig/below-a-file", r->base);
	write_text(r, "home/.gitconfig", "");
	set("GIT_CONFIG_GLOBAL", path);
	assert_value(r, "core.bare", "false");
	repo_path(path, "%s/loop", r->base);
	assert_int_equal(symlink("loop", path), 0);
	set("GIT_CONFIG_GLOBAL", path);
	assert_refused(r, ERR_IO, "cannot read git's configuration");
}

static void numbered_variables_count_as_far_as_they_say(void **state)
{
	struct repo *r = *state;

	set("GIT_CONFIG_COUNT", "1");
	set("GIT_CONFIG_KEY_0", "A.b");
	assert_refused(r, ERR_CONFIG, "GIT_CONFIG_VALUE_0 is not set, but GIT_CONFIG_COUNT says that it is");
	set("GIT_CONFIG_VALUE_0", "first");
	assert_value(r, "a.b", "first");
	set("GIT_CONFIG_COUNT", "2");
	assert_refused(r, ERR_CONFIG, "GIT_CONFIG_KEY_1 is not set");
	set("GIT_CONFIG_COUNT", "");
	assert_value(r, "a.b", NULL);
	set("GIT_CONFIG_COUNT", "many");
	assert_refused(r, ERR_CONFIG, "GIT_CONFIG_COUNT is to be a number up to");
	set("GIT_CONFIG_COUNT", "1");
	set("GIT_CONFIG_KEY_0", "no-section");
	assert_refused(r, ERR_CONFIG, "expected section.name");
}

static void an_include_is_beside_the_file_that_names_it(void **state)
{
	struct repo *r = *state;
	char path[REPO_PATH_BYTES];

	write_text(r, "home/.gitconfig", "[include]\npath = sub/more\n");
	write_text(r, "home/sub/more", "[a]\nb = included\n");
	assert_value(r, "a.b", "included");
	repo_path(path, "[include]\npath = %s/other\n", r->base);
	write_text(r, "home/.gitconfig", path);
	assert_value(r, "a.b", NULL); /* it need not be there */
	write_text(r, "other", "[a]\nb = other\n");
	assert_value(r, "a.b", "other");
	write_text(r, "home/.gitconfig", "[include]\npath\n");
	assert_refused(r, ERR_CONFIG, ".gitconfig:2: include.path has no value");
	write_text(r, "home/.gitconfig", "");
	set("GIT_CONFIG_COUNT", "1");
	set("GIT_CONFIG_KEY_0", "include.path");
	set("GIT_CONFIG_VALUE_0", "relative");
	assert_refused(r, ERR_CONFIG, "a relative include.path has to come from a file");
	repo_path(path, "%s/other", r->base);
	set("GIT_CONFIG_VALUE_0", path);
	assert_value(r, "a.b", "other");
}

static void conditions_are_about_where_the_repository_is(void **state)
{
	static const struct {
		const char *condition; /* %s: the base folder */
		bool holds;
	} cases[] = {
		{ "gitdir:%s/tree/", true },   { "gitdir:%s/tree/.git", true },
		{ "gitdir:%s/other/", false }, { "gitdir:tree/", true },
		{ "gitdir:TREE/", false },     { "gitdir/i:TREE/", true },
		{ "gitdir:./", false },        { "gitdir:../tree/", false },
		{ "gitdir:~/", false },        { "onbranch:main", false },
		{ "gitdir:", true },           { "hasconfig:a", false },
		{ "gitdir:%s/**/.git", true }, { "gitdir:%s/*", false },
	};
	struct repo *r = *state;

	write_text(r, "more", "[a]\nb = holds\n");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf text = BUF_INIT(4 * REPO_PATH_BYTES);
		const char *hole = strstr(cases[i].condition, "%s");

		assert_int_equal(
			buf_add_text(&text, "[includeIf \"") ||
				buf_add(&text, view_from(cases[i].condition, hole ? (size_t)(hole - cases[i].condition)
										  : strlen(cases[i].condition))) ||
				(hole && (buf_add_text(&text, r->base) || buf_add_text(&text, hole + 2))) ||
				buf_addf(&text, "\"]\npath = %s/more\n", r->base),
			0);
		write_text(r, "home/.gitconfig", text.ptr);
		assert_value(r, "a.b", cases[i].holds ? "holds" : NULL);
	}
}

/* "./" is the folder of the file in which it stands. */
static void a_condition_may_start_at_its_own_file(void **state)
{
	struct repo *r = *state;
	char text[REPO_PATH_BYTES], path[REPO_PATH_BYTES];

	write_text(r, "more", "[a]\nb = holds\n");
	repo_path(text, "[includeIf \"gitdir:./tree/\"]\npath = more\n");
	write_text(r, "named", text);
	repo_path(path, "%s/named", r->base);
	set("GIT_CONFIG_GLOBAL", path);
	assert_value(r, "a.b", "holds");
	write_text(r, "home/named", text);
	repo_path(path, "%s/home/named", r->base);
	set("GIT_CONFIG_GLOBAL", path);
	assert_value(r, "a.b", NULL);
}

static void more_values_than_anybody_has_are_refused(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(GITCONFIG_FILE_BYTES);
	struct repo *r = *state;

	assert_int_equal(buf_add_text(&text, "[a]\n"), 0);
	for (unsigned i = 0; i < GITCONFIG_ENTRIES + 1; i++)
		assert_int_equal(buf_add_text(&text, "b\n"), 0);
	repo_write(r, "home/.gitconfig", buf_view(&text));
	assert_refused(r, ERR_LIMIT, "git's configuration has more than");
}

static void more_files_than_anybody_has_are_refused(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(GITCONFIG_FILE_BYTES);
	struct repo *r = *state;

	write_text(r, "home/more", "[a]\nb = c\n");
	assert_int_equal(buf_add_text(&text, "[include]\n"), 0);
	for (unsigned i = 0; i < GITCONFIG_FILES; i++)
		assert_int_equal(buf_add_text(&text, "path = more\n"), 0);
	repo_write(r, "home/.gitconfig", buf_view(&text));
	assert_refused(r, ERR_LIMIT, "git's configuration is in more than");
}

static void a_work_trees_file_counts_only_where_it_is_said_to(void **state)
{
	struct repo *r = *state;

	write_text(r, "tree/.git/config.worktree", "[a]\nb = tree\n");
	assert_value(r, "a.b", NULL);
	repo_git(r, "tree", "config", "extensions.worktreeConfig", "true", NULL);
	assert_value(r, "a.b", "tree");
	repo_git(r, "tree", "config", "extensions.worktreeConfig", "perhaps", NULL);
	assert_refused(r, ERR_CONFIG, "'extensions.worktreeconfig' is to be true or false");
}

static int set_up(void **state)
{
	static const char *const names[] = { "XDG_CONFIG_HOME",  "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM",
					     "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0",  "GIT_CONFIG_VALUE_0" };
	struct repo *r = malloc(sizeof(*r));

	assert_non_null(r);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_int_equal(unsetenv(names[i]), 0);
	repo_init(r);
	*state = r;
	return 0;
}

static int tear_down(void **state)
{
	repo_done(*state);
	free(*state);
	return 0;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_users_file_may_be_named_or_left_out),
		TEST(the_systems_file_may_be_named_or_left_out),
		TEST(without_a_home_there_is_no_file_of_the_user),
		TEST(what_is_no_file_is_refused_unless_it_is_the_null_device),
		TEST(numbered_variables_count_as_far_as_they_say),
		TEST(an_include_is_beside_the_file_that_names_it),
		TEST(conditions_are_about_where_the_repository_is),
		TEST(a_condition_may_start_at_its_own_file),
		TEST(more_values_than_anybody_has_are_refused),
		TEST(more_files_than_anybody_has_are_refused),
		TEST(a_work_trees_file_counts_only_where_it_is_said_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
