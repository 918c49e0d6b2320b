/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/gitdir.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/repo.h"
#include "tests/support/unit.h"

/* A path of the base folder, made anew by each call. */
static const char *at(const struct repo *r, const char *name)
{
	static char path[REPO_PATH_BYTES];

	repo_path(path, "%s/%s", r->base, name);
	return path;
}

static void assert_at(const struct repo *r, const char *path, const char *name)
{
	assert_non_null(path);
	assert_string_equal(path, at(r, name));
}

static struct gitdir find(const struct repo *r, const char *name, bool only_here)
{
	struct err err = ERR_INIT;
	struct gitdir ret;

	if (gitdir_find(at(r, name), only_here, &ret, &err))
		fail_msg("%s", err.text);
	return ret;
}

static bool finds_tree(const struct repo *r, const char *name)
{
	struct gitdir dir = find(r, name, false);
	bool ret = dir.root != NULL;

	gitdir_done(&dir);
	return ret;
}

static void make_folder(const struct repo *r, const char *name)
{
	char path[REPO_PATH_BYTES];

	repo_path(path, "%s/%s/", r->base, name);
	repo_make_folders(path);
}

/* One commit, and a second work tree of it at base/linked. */
static void add_linked(const struct repo *r)
{
	repo_git(r, "tree", "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--allow-empty",
		 "-m", "one", NULL);
	repo_git(r, "tree", "worktree", "add", "--quiet", "-b", "other", "../linked", NULL);
}

static void a_path_is_joined_with_one_slash_unless_it_is_absolute(void **state)
{
	static const char *const cases[][3] = {
		{ "/a", "b", "/a/b" },
		{ "/a/", "b", "/a/b" },
		{ "/a", "/b", "/b" },
		{ "/", "b", "/b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(freep) char *path = gitdir_path(cases[i][0], cases[i][1]);

		assert_non_null(path);
		assert_string_equal(path, cases[i][2]);
	}
}

static void the_environment_means_what_git_takes_it_for(void **state)
{
	static const struct {
		const char *value;
		bool is_true;
	} cases[] = {
		{ "1", true }, { "yes", true }, { "", false }, { "0", false }, { "NO", false }, { "Off", false }
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(setenv("SKANT_TEST_FLAG", cases[i].value, 1), 0);
		assert_int_equal(gitdir_env_is_true("SKANT_TEST_FLAG"), cases[i].is_true);
	}
	assert_int_equal(unsetenv("SKANT_TEST_FLAG"), 0);
	assert_false(gitdir_env_is_true("SKANT_TEST_FLAG"));
}

static void find_looks_upward_unless_it_is_told_not_to(void **state)
{
	struct repo *r = *state;
	struct gitdir dir;

	make_folder(r, "tree/a/b");
	dir = find(r, "tree/a/b", false);
	assert_at(r, dir.root, "tree");
	assert_at(r, dir.dir, "tree/.git");
	assert_at(r, dir.common, "tree/.git");
	gitdir_done(&dir);
	dir = find(r, "tree/a/b", true);
	assert_null(dir.root);
	assert_null(dir.dir);
}

static void a_linked_work_tree_has_a_folder_of_its_own_and_one_that_it_shares(void **state)
{
	struct repo *r = *state;
	DEFER(freep) char *real = NULL;
	struct gitdir dir;

	add_linked(r);
	dir = find(r, "linked", false);
	assert_at(r, dir.root, "linked");
	assert_at(r, dir.dir, "tree/.git/worktrees/linked");
	real = realpath(dir.common, NULL);
	assert_at(r, real, "tree/.git");
	gitdir_done(&dir);
}

static void a_head_may_be_a_link_to_a_branch_that_is_not_there_yet(void **state)
{
	struct repo *r = *state;
	char path[REPO_PATH_BYTES];

	repo_path(path, "%s", at(r, "tree/.git/HEAD"));
	assert_int_equal(unlink(path), 0);
	assert_false(finds_tree(r, "tree"));
	assert_int_equal(symlink("refs/heads/none", path), 0);
	assert_true(finds_tree(r, "tree"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_false(finds_tree(r, "tree"));
}

static void a_folder_without_one_of_its_parts_is_no_repository(void **state)
{
	struct repo *r = *state;
	char path[REPO_PATH_BYTES];

	repo_path(path, "%s", at(r, "tree/.git/refs"));
	repo_remove(path);
	assert_false(finds_tree(r, "tree"));
	repo_write(r, "tree/.git/refs", VIEW("a file"));
	assert_false(finds_tree(r, "tree"));
}

static void a_git_file_that_leads_nowhere_ends_the_search(void **state)
{
	static const char *const texts[] = { "gitdir: ../nowhere\n", "gitdir: \n", "what is this?\n", "" };
	struct repo *r = *state;

	make_folder(r, "tree/sub/deep");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		DEFER(freep) char *pointer = NULL;
		struct err err = ERR_INIT;
		struct gitdir dir;

		repo_write(r, "tree/sub/.git", view_of(texts[i]));
		assert_false(finds_tree(r, "tree/sub/deep"));
		assert_int_equal(gitdir_discover(at(r, "tree/sub/deep"), &dir, &pointer, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.text, "/tree/sub/.git' does not lead to a git repository"));
		assert_null(dir.dir);
	}
}

static void discover_tells_which_file_it_followed(void **state)
{
	struct repo *r = *state;
	DEFER(freep) char *pointer = NULL;
	struct err err = ERR_INIT;
	struct gitdir dir;

	make_folder(r, "sub");
	repo_write(r, "sub/.git", VIEW("gitdir: ../tree/.git\r\n"));
	assert_int_equal(gitdir_discover(at(r, "sub"), &dir, &pointer, &err), 0);
	assert_at(r, pointer, "sub/.git");
	assert_at(r, dir.root, "sub");
	assert_at(r, dir.dir, "sub/../tree/.git");
	gitdir_done(&dir);
	freep(&pointer);
	assert_int_equal(gitdir_discover(at(r, "tree"), &dir, &pointer, &err), 0);
	assert_null(pointer);
	assert_at(r, dir.root, "tree");
	gitdir_done(&dir);
}

static void discover_finds_a_repository_from_within_but_no_work_tree(void **state)
{
	static const char *const folders[] = { "tree/.git", "tree/.git/refs" };
	struct repo *r = *state;

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		DEFER(freep) char *pointer = NULL;
		struct err err = ERR_INIT;
		struct gitdir dir;

		assert_int_equal(gitdir_discover(at(r, folders[i]), &dir, &pointer, &err), 0);
		assert_null(dir.root);
		assert_at(r, dir.dir, "tree/.git");
		assert_at(r, dir.common, "tree/.git");
		gitdir_done(&dir);
	}
}

static void discover_says_nothing_where_there_is_nothing(void **state)
{
	struct repo *r = *state;
	char *pointer;
	struct err err = ERR_INIT;
	struct gitdir dir;

	assert_int_equal(gitdir_discover(at(r, "home"), &dir, &pointer, &err), 0);
	assert_null(dir.dir);
	assert_null(pointer);
}

static void nothing_is_looked_at_from_a_ceiling_upward(void **state)
{
	struct repo *r = *state;
	char ceilings[2 * REPO_PATH_BYTES], link[REPO_PATH_BYTES];

	make_folder(r, "tree/a/b/c");
	repo_path(link, "%s", at(r, "link"));
	assert_int_equal(symlink("tree/a", link), 0);
	/* the ceilings, and whether the tree is found from tree/a/b/c */
	const struct {
		const char *fmt;
		bool is_found;
	} cases[] = {
		{ "%s/tree", false },     { "%s/tree/a/b/", false }, { "/none:%s/tree/a", false },
		{ "%s/link", false },     { ":%s/link", true },      { "%s", true },
		{ "tree/a:%s/no", true }, { "%s/tree/a/b/c", true }, { "%s/tre", true },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *hole = strstr(cases[i].fmt, "%s");

		assert_in_range(snprintf(ceilings, sizeof(ceilings), "%.*s%s%s", (int)(hole - cases[i].fmt),
					 cases[i].fmt, r->base, hole + 2),
				1, sizeof(ceilings) - 1);
		assert_int_equal(setenv("GIT_CEILING_DIRECTORIES", ceilings, 1), 0);
		if (finds_tree(r, "tree/a/b/c") != cases[i].is_found)
			fail_msg("%s: the tree is %s", ceilings, cases[i].is_found ? "not found" : "found");
	}
	assert_int_equal(unsetenv("GIT_CEILING_DIRECTORIES"), 0);
}

static struct gitdir named(const char *path, const char *common)
{
	struct err err = ERR_INIT;
	struct gitdir ret;

	if (gitdir_at(path, common, &ret, &err))
		fail_msg("%s", err.text);
	return ret;
}

static void a_repository_is_named_by_its_folder_or_by_a_git_file(void **state)
{
	struct repo *r = *state;
	struct gitdir dir = named(at(r, "tree/.git"), NULL);

	assert_null(dir.root);
	assert_at(r, dir.dir, "tree/.git");
	assert_at(r, dir.common, "tree/.git");
	gitdir_done(&dir);
	repo_write(r, "pointer", VIEW("gitdir: tree/.git"));
	dir = named(at(r, "pointer"), NULL);
	assert_at(r, dir.dir, "tree/.git");
	gitdir_done(&dir);
	assert_int_equal(chdir(r->base), 0);
	dir = named("pointer", NULL);
	assert_non_null(dir.dir);
	assert_string_equal(dir.dir, "./tree/.git");
	gitdir_done(&dir);
	assert_int_equal(chdir("/"), 0);
}

static void what_is_named_and_is_no_repository_is_none(void **state)
{
	static const char *const names[] = { "home", "tree", "none", "file" };
	struct repo *r = *state;

	repo_write(r, "file", VIEW("no pointer"));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct gitdir dir = named(at(r, names[i]), NULL);

		assert_null(dir.dir);
		assert_null(dir.common);
	}
}

static void objects_and_refs_may_be_named_apart(void **state)
{
	struct repo *r = *state;
	char common[REPO_PATH_BYTES];
	struct gitdir dir;

	repo_path(common, "%s", at(r, "tree/.git"));
	repo_write(r, "own/HEAD", VIEW("ref: refs/heads/main\n"));
	dir = named(at(r, "own"), common);
	assert_at(r, dir.dir, "own");
	assert_string_equal(dir.common, common);
	gitdir_done(&dir);
	dir = named(at(r, "own"), r->base);
	assert_null(dir.dir);
}

static int set_up(void **state)
{
	struct repo *r = malloc(sizeof(*r));

	assert_non_null(r);
	assert_int_equal(unsetenv("GIT_CEILING_DIRECTORIES"), 0);
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

#define WITH_REPO(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_joined_with_one_slash_unless_it_is_absolute),
		cmocka_unit_test(the_environment_means_what_git_takes_it_for),
		WITH_REPO(find_looks_upward_unless_it_is_told_not_to),
		WITH_REPO(a_linked_work_tree_has_a_folder_of_its_own_and_one_that_it_shares),
		WITH_REPO(a_head_may_be_a_link_to_a_branch_that_is_not_there_yet),
		WITH_REPO(a_folder_without_one_of_its_parts_is_no_repository),
		WITH_REPO(a_git_file_that_leads_nowhere_ends_the_search),
		WITH_REPO(discover_tells_which_file_it_followed),
		WITH_REPO(discover_finds_a_repository_from_within_but_no_work_tree),
		WITH_REPO(discover_says_nothing_where_there_is_nothing),
		WITH_REPO(nothing_is_looked_at_from_a_ceiling_upward),
		WITH_REPO(a_repository_is_named_by_its_folder_or_by_a_git_file),
		WITH_REPO(what_is_named_and_is_no_repository_is_none),
		WITH_REPO(objects_and_refs_may_be_named_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
