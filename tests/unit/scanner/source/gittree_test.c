/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/gittree.h"

#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

#define THREADS 8

/* Opens the tree that the base folder's dir is in; NULL when there is none. */
static struct gittree *open_in(const struct repo *r, const char *dir)
{
	char path[REPO_PATH_BYTES];
	struct err err = ERR_INIT;
	struct gittree *tree;

	repo_path(path, "%s/%s", r->base, dir);
	if (gittree_open(path, &tree, &err))
		fail_msg("%s", err.text);
	if (tree)
		assert_int_equal(gittree_trouble(tree)->kind, ERR_NONE);
	return tree;
}

static void make_folder(const struct repo *r, const char *dir)
{
	char path[REPO_PATH_BYTES];

	repo_path(path, "%s/%s/", r->base, dir);
	repo_make_folders(path);
}

static void assert_root(const struct repo *r, const struct gittree *tree, const char *dir)
{
	char path[REPO_PATH_BYTES];

	assert_non_null(tree);
	repo_path(path, "%s/%s", r->base, dir);
	assert_string_equal(gittree_root(tree), path);
}

static enum ignore_verdict verdict(struct gittree *tree, const char *path)
{
	return ignore_scope_match(gittree_scope(tree), view_of(path), false);
}

static int tracks(struct gittree *tree, const char *path, bool is_folder)
{
	struct err err = ERR_INIT;
	int ret = gittree_tracks(tree, view_of(path), is_folder, &err);

	if (ret < 0)
		fail_msg("%s", err.text);
	return ret;
}

static void assert_no_tree(const struct repo *r, const char *dir)
{
	assert_null(open_in(r, dir));
}

static void open_finds_the_root_from_a_folder_below(void **state)
{
	struct repo *r = *state;
	struct gittree *tree;

	make_folder(r, "tree/a/b");
	tree = open_in(r, "tree/a/b");
	assert_root(r, tree, "tree");
	assert_string_equal(gittree_folder(tree), "a/b/");
	gittree_free(tree);
	tree = open_in(r, "tree");
	assert_root(r, tree, "tree");
	assert_string_equal(gittree_folder(tree), "");
	gittree_free(tree);
}

static void open_resolves_links_on_the_way(void **state)
{
	struct repo *r = *state;
	char target[REPO_PATH_BYTES], link[REPO_PATH_BYTES];
	struct gittree *tree;

	make_folder(r, "tree/a");
	repo_path(target, "%s/a", r->tree);
	repo_path(link, "%s/link", r->base);
	assert_int_equal(symlink(target, link), 0);
	tree = open_in(r, "link");
	assert_root(r, tree, "tree");
	assert_string_equal(gittree_folder(tree), "a/");
	gittree_free(tree);
}

static void there_is_no_tree_outside_of_one(void **state)
{
	struct repo *r = *state;

	assert_no_tree(r, "home");
	make_folder(r, "home/.git"); /* as good as none */
	assert_no_tree(r, "home");
}

static void there_is_no_tree_in_a_repositorys_own_folder(void **state)
{
	struct repo *r = *state;

	assert_no_tree(r, "tree/.git");
	assert_no_tree(r, "tree/.git/refs");
	repo_git(r, "tree", "init", "--quiet", "--bare", "bare.git", NULL);
	assert_no_tree(r, "tree/bare.git");
	assert_no_tree(r, "tree/bare.git/objects");
}

static void there_is_no_tree_below_a_git_file_that_leads_nowhere(void **state)
{
	struct repo *r = *state;

	repo_write(r, "tree/a/.git", VIEW("gitdir: ../missing\n"));
	assert_no_tree(r, "tree/a");
	repo_write(r, "tree/a/.git", VIEW("something else\n"));
	assert_no_tree(r, "tree/a");
	repo_write(r, "tree/a/.git", VIEW_NONE);
	assert_no_tree(r, "tree/a");
}

static void a_folder_that_does_not_exist_is_an_error(void **state)
{
	struct repo *r = *state;
	char path[REPO_PATH_BYTES];
	struct err err = ERR_INIT;
	struct gittree *tree;

	repo_path(path, "%s/missing", r->base);
	assert_int_equal(gittree_open(path, &tree, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_null(tree);
}

static void a_repository_within_another_is_its_own_tree(void **state)
{
	struct repo *r = *state;
	char path[REPO_PATH_BYTES];
	struct err err = ERR_INIT;
	struct gittree *tree;

	repo_git(r, "tree", "init", "--quiet", "--template=", "a/inner", NULL);
	tree = open_in(r, "tree/a/inner");
	assert_root(r, tree, "tree/a/inner");
	gittree_free(tree);
	repo_path(path, "%s/a", r->tree);
	assert_int_equal(gittree_open_nested(path, &tree, &err), 0);
	assert_null(tree);
	repo_path(path, "%s/a/inner", r->tree);
	assert_int_equal(gittree_open_nested(path, &tree, &err), 0);
	assert_root(r, tree, "tree/a/inner");
	gittree_free(tree);
}

static void a_linked_work_tree_shares_the_excludes(void **state)
{
	struct repo *r = *state;
	struct gittree *tree;

	repo_write(r, "tree/f", VIEW("f"));
	repo_git(r, "tree", "add", "f", NULL);
	repo_git(r, "tree", "-c", "user.name=n", "-c", "user.email=e", "commit", "--quiet", "-m", "m", NULL);
	repo_git(r, "tree", "worktree", "add", "--quiet", "../linked", NULL);
	repo_write(r, "tree/.git/info/exclude", VIEW("shared\n"));
	tree = open_in(r, "linked");
	assert_root(r, tree, "linked");
	assert_int_equal(verdict(tree, "shared"), IGNORE_EXCLUDE);
	assert_int_equal(tracks(tree, "f", false), 1);
	gittree_free(tree);
}

static void the_scope_holds_the_files_around_the_folder(void **state)
{
	struct repo *r = *state;
	struct gittree *tree;

	repo_write(r, "home/.config/git/ignore", VIEW("user\nuser.root\nrepo\n"));
	repo_write(r, "tree/.git/info/exclude", VIEW("!repo\n!user.root\n"));
	repo_write(r, "tree/.gitignore", VIEW("/a/b/c\nuser.root\n"));
	repo_write(r, "tree/a/.gitignore", VIEW("/b/d\n"));
	repo_write(r, "tree/a/b/.gitignore", VIEW("own\n"));
	tree = open_in(r, "tree/a/b");
	assert_int_equal(verdict(tree, "a/b/user"), IGNORE_EXCLUDE);
	assert_int_equal(verdict(tree, "a/b/repo"), IGNORE_INCLUDE);
	assert_int_equal(verdict(tree, "a/b/user.root"), IGNORE_EXCLUDE);
	assert_int_equal(verdict(tree, "a/b/c"), IGNORE_EXCLUDE);
	assert_int_equal(verdict(tree, "a/b/d"), IGNORE_EXCLUDE);
	assert_int_equal(verdict(tree, "a/b/own"), IGNORE_NONE);
	gittree_free(tree);
}

static void the_users_file_is_where_the_environment_says(void **state)
{
	struct repo *r = *state;
	char path[REPO_PATH_BYTES];
	struct gittree *tree;

	repo_write(r, "home/.config/git/ignore", VIEW("home\n"));
	repo_write(r, "xdg/git/ignore", VIEW("xdg\n"));
	repo_path(path, "%s/xdg", r->base);
	assert_int_equal(setenv("XDG_CONFIG_HOME", path, 1), 0);
	tree = open_in(r, "tree");
	assert_int_equal(verdict(tree, "xdg"), IGNORE_EXCLUDE);
	assert_int_equal(verdict(tree, "home"), IGNORE_NONE);
	gittree_free(tree);
}

static void core_excludes_file_takes_the_place_of_the_users(void **state)
{
	struct repo *r = *state;
	struct gittree *tree;

	repo_write(r, "home/.config/git/ignore", VIEW("home\n"));
	repo_write(r, "home/mine", VIEW("mine\n"));
	repo_write(r, "home/.gitconfig", VIEW("[core]\n\texcludesFile = ~/mine\n"));
	tree = open_in(r, "tree");
	assert_int_equal(verdict(tree, "mine"), IGNORE_EXCLUDE);
	assert_int_equal(verdict(tree, "home"), IGNORE_NONE);
	gittree_free(tree);
}

static void core_excludes_file_is_relative_to_the_root(void **state)
{
	struct repo *r = *state;
	struct gittree *tree;

	make_folder(r, "tree/a");
	repo_write(r, "tree/own", VIEW("b\n"));
	repo_git(r, "tree", "config", "core.excludesFile", "own", NULL);
	tree = open_in(r, "tree/a");
	assert_int_equal(verdict(tree, "a/b"), IGNORE_EXCLUDE);
	gittree_free(tree);
}

static void an_empty_core_excludes_file_means_none(void **state)
{
	struct repo *r = *state;
	struct gittree *tree;

	repo_write(r, "home/.config/git/ignore", VIEW("home\n"));
	repo_git(r, "tree", "config", "core.excludesFile", "", NULL);
	tree = open_in(r, "tree");
	assert_null(gittree_scope(tree));
	gittree_free(tree);
}

static void an_included_configuration_counts(void **state)
{
	struct repo *r = *state;
	struct gittree *tree;

	repo_write(r, "home/.gitconfig", VIEW("[include]\n\tpath = more\n"));
	repo_write(r, "home/more", VIEW("[core]\n\texcludesFile = ~/mine\n"));
	repo_write(r, "home/mine", VIEW("mine\n"));
	tree = open_in(r, "tree");
	assert_int_equal(verdict(tree, "mine"), IGNORE_EXCLUDE);
	gittree_free(tree);
}

static void configuration_in_the_environment_counts(void **state)
{
	struct repo *r = *state;
	struct gittree *tree;

	assert_int_equal(setenv("GIT_CONFIG_COUNT", "1", 1), 0);
	assert_int_equal(setenv("GIT_CONFIG_KEY_0", "core.ignoreCase", 1), 0);
	assert_int_equal(setenv("GIT_CONFIG_VALUE_0", "yes", 1), 0);
	tree = open_in(r, "tree");
	assert_true(gittree_ignores_case(tree));
	gittree_free(tree);
}

static void core_ignore_case_counts_for_rules_and_tracked_paths(void **state)
{
	struct repo *r = *state;
	struct gittree *tree;

	repo_write(r, "tree/.git/info/exclude", VIEW("FOO\n"));
	repo_write(r, "tree/Z/b", VIEW("b"));
	repo_write(r, "tree/a", VIEW("a"));
	repo_write(r, "tree/z", VIEW("z"));
	repo_git(r, "tree", "add", ".", NULL);
	tree = open_in(r, "tree");
	assert_false(gittree_ignores_case(tree));
	assert_int_equal(verdict(tree, "foo"), IGNORE_NONE);
	assert_int_equal(tracks(tree, "A", false), 0);
	gittree_free(tree);
	repo_git(r, "tree", "config", "core.ignoreCase", "true", NULL);
	tree = open_in(r, "tree");
	assert_true(gittree_ignores_case(tree));
	assert_int_equal(verdict(tree, "foo"), IGNORE_EXCLUDE);
	assert_int_equal(tracks(tree, "A", false), 1);
	assert_int_equal(tracks(tree, "z", true), 1);
	assert_int_equal(tracks(tree, "Z/B", false), 1);
	gittree_free(tree);
}

static void no_process_starts_where_nothing_is_configured(void **state)
{
	struct repo *r = *state;
	const char *path = getenv("PATH");
	char *kept = path ? strdup(path) : NULL;
	struct gittree *tree;

	assert_non_null(kept);
	repo_write(r, "tree/.git/info/exclude", VIEW("a\n"));
	assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
	tree = open_in(r, "tree"); /* without trouble */
	assert_int_equal(setenv("PATH", kept, 1), 0);
	assert_int_equal(verdict(tree, "a"), IGNORE_EXCLUDE);
	gittree_free(tree);
	free(kept);
}

static void an_ignore_file_that_is_too_large_is_trouble_alone(void **state)
{
	struct repo *r = *state;
	char path[REPO_PATH_BYTES];
	struct err err = ERR_INIT;
	struct gittree *tree;

	repo_write(r, "tree/.git/info/exclude", VIEW("a\n"));
	repo_path(path, "%s/.git/info/exclude", r->tree);
	assert_int_equal(truncate(path, IGNORE_PATTERNS_BYTES + 1), 0);
	assert_int_equal(gittree_open(r->tree, &tree, &err), 0);
	assert_non_null(tree);
	assert_int_equal(gittree_trouble(tree)->kind, ERR_LIMIT);
	assert_null(gittree_scope(tree));
	gittree_free(tree);
}

static void tracked_paths_are_those_of_the_index(void **state)
{
	struct repo *r = *state;
	struct gittree *tree;

	repo_write(r, "tree/a-b", VIEW("1"));
	repo_write(r, "tree/a/b/c", VIEW("2"));
	repo_write(r, "tree/a0", VIEW("3"));
	repo_write(r, "tree/\303\251\n", VIEW("4"));
	repo_git(r, "tree", "add", ".", NULL);
	repo_write(r, "tree/untracked/x", VIEW("5"));
	tree = open_in(r, "tree/untracked");
	assert_int_equal(tracks(tree, "a-b", false), 1);
	assert_int_equal(tracks(tree, "a/b/c", false), 1);
	assert_int_equal(tracks(tree, "a0", false), 1);
	assert_int_equal(tracks(tree, "\303\251\n", false), 1);
	assert_int_equal(tracks(tree, "a", true), 1);
	assert_int_equal(tracks(tree, "a/b", true), 1);
	assert_int_equal(tracks(tree, "a", false), 0);
	assert_int_equal(tracks(tree, "a-", true), 0);
	assert_int_equal(tracks(tree, "a/b/c/d", false), 0);
	assert_int_equal(tracks(tree, "untracked", true), 0);
	assert_int_equal(tracks(tree, "untracked/x", false), 0);
	assert_int_equal(tracks(tree, "", false), 0);
	gittree_free(tree);
}

static void nothing_is_tracked_in_a_fresh_repository(void **state)
{
	struct repo *r = *state;
	struct gittree *tree = open_in(r, "tree");

	assert_int_equal(tracks(tree, "a", true), 0);
	gittree_free(tree);
}

static void a_submodules_folder_is_tracked(void **state)
{
	struct repo *r = *state;
	struct gittree *tree;

	repo_git(r, "tree", "init", "--quiet", "--template=", "a", NULL);
	repo_git(r, "tree/a", "-c", "user.name=n", "-c", "user.email=e", "commit", "--quiet", "--allow-empty", "-m",
		 "m", NULL);
	repo_write(r, "tree/a-1", VIEW("1"));
	repo_write(r, "tree/a-2", VIEW("2"));
	repo_write(r, "tree/a-3", VIEW("3"));
	repo_git(r, "tree", "-c", "advice.addEmbeddedRepo=false", "add", ".", NULL);
	tree = open_in(r, "tree");
	assert_int_equal(tracks(tree, "a", true), 1);
	gittree_free(tree);
}

static void the_environment_of_a_hook_does_not_lead_elsewhere(void **state)
{
	struct repo *r = *state;
	char path[REPO_PATH_BYTES];
	struct gittree *tree;

	repo_git(r, "tree", "init", "--quiet", "--template=", "a", NULL);
	repo_write(r, "tree/a/f", VIEW("f"));
	repo_git(r, "tree/a", "add", "f", NULL);
	repo_path(path, "%s/.git", r->tree);
	assert_int_equal(setenv("GIT_DIR", path, 1), 0);
	repo_path(path, "%s/.git/index", r->tree);
	assert_int_equal(setenv("GIT_INDEX_FILE", path, 1), 0);
	tree = open_in(r, "tree/a");
	assert_int_equal(tracks(tree, "f", false), 1);
	gittree_free(tree);
}

static void a_hostile_configuration_starts_nothing(void **state)
{
	struct repo *r = *state;
	char path[REPO_PATH_BYTES], command[2 * REPO_PATH_BYTES];
	struct gittree *tree;
	struct stat st;

	repo_write(r, "tree/f", VIEW("f"));
	repo_git(r, "tree", "add", "f", NULL);
	repo_path(path, "%s/started", r->base);
	(void)snprintf(command, sizeof(command), "touch %s", path);
	repo_git(r, "tree", "config", "core.fsmonitor", command, NULL);
	repo_git(r, "tree", "config", "core.pager", command, NULL);
	(void)unlink(path);
	tree = open_in(r, "tree");
	assert_int_equal(tracks(tree, "f", false), 1);
	assert_int_equal(stat(path, &st), -1);
	gittree_free(tree);
}

static void what_git_cannot_tell_is_told_once(void **state)
{
	struct repo *r = *state;
	struct err first = ERR_INIT, second = ERR_INIT;
	struct gittree *tree;

	repo_write(r, "tree/.git/index", VIEW("no index at all, but as long as one has to be"));
	tree = open_in(r, "tree");
	assert_int_equal(gittree_tracks(tree, VIEW("a"), false, &first), -1);
	assert_int_equal(first.kind, ERR_IO);
	assert_non_null(strstr(first.text, "what git tracks is not known"));
	assert_non_null(strstr(first.text, "index"));
	assert_int_equal(gittree_tracks(tree, VIEW("a"), false, &second), -1);
	assert_int_equal(second.kind, ERR_NONE);
	gittree_free(tree);
}

static void a_tree_that_git_does_not_trust_is_not_listed(void **state)
{
	struct repo *r = *state;
	struct err err = ERR_INIT;
	struct gittree *tree = open_in(r, "tree");

	assert_int_equal(setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1", 1), 0); /* git's own way to test this */
	assert_int_equal(gittree_tracks(tree, VIEW("a"), false, &err), -1);
	assert_non_null(strstr(err.text, "ownership"));
	gittree_free(tree);
}

static void a_git_that_is_missing_is_an_error_of_the_question(void **state)
{
	struct repo *r = *state;
	const char *path = getenv("PATH");
	char *kept = path ? strdup(path) : NULL;
	struct err err = ERR_INIT;
	struct gittree *tree = open_in(r, "tree");

	assert_non_null(kept);
	assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
	assert_int_equal(gittree_tracks(tree, VIEW("a"), false, &err), -1);
	assert_int_equal(setenv("PATH", kept, 1), 0);
	assert_int_equal(err.kind, ERR_IO);
	gittree_free(tree);
	free(kept);
}

static void *ask_many(void *tree)
{
	intptr_t answers = 0;

	for (unsigned i = 0; i < 100; i++)
		answers += gittree_tracks(tree, VIEW("f"), false, NULL) == 1;
	return (void *)answers;
}

static void threads_share_one_answer(void **state)
{
	struct repo *r = *state;
	pthread_t threads[THREADS];
	struct gittree *tree;

	repo_write(r, "tree/f", VIEW("f"));
	repo_git(r, "tree", "add", "f", NULL);
	tree = open_in(r, "tree");
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_many, tree), 0);
	for (size_t i = 0; i < THREADS; i++) {
		void *answers;

		assert_int_equal(pthread_join(threads[i], &answers), 0);
		assert_int_equal((intptr_t)answers, 100);
	}
	gittree_free(tree);
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
		WITH_REPO(open_finds_the_root_from_a_folder_below),
		WITH_REPO(open_resolves_links_on_the_way),
		WITH_REPO(there_is_no_tree_outside_of_one),
		WITH_REPO(there_is_no_tree_in_a_repositorys_own_folder),
		WITH_REPO(there_is_no_tree_below_a_git_file_that_leads_nowhere),
		WITH_REPO(a_folder_that_does_not_exist_is_an_error),
		WITH_REPO(a_repository_within_another_is_its_own_tree),
		WITH_REPO(a_linked_work_tree_shares_the_excludes),
		WITH_REPO(the_scope_holds_the_files_around_the_folder),
		WITH_REPO(the_users_file_is_where_the_environment_says),
		WITH_REPO(core_excludes_file_takes_the_place_of_the_users),
		WITH_REPO(core_excludes_file_is_relative_to_the_root),
		WITH_REPO(an_empty_core_excludes_file_means_none),
		WITH_REPO(an_included_configuration_counts),
		WITH_REPO(configuration_in_the_environment_counts),
		WITH_REPO(core_ignore_case_counts_for_rules_and_tracked_paths),
		WITH_REPO(no_process_starts_where_nothing_is_configured),
		WITH_REPO(an_ignore_file_that_is_too_large_is_trouble_alone),
		WITH_REPO(tracked_paths_are_those_of_the_index),
		WITH_REPO(nothing_is_tracked_in_a_fresh_repository),
		WITH_REPO(a_submodules_folder_is_tracked),
		WITH_REPO(the_environment_of_a_hook_does_not_lead_elsewhere),
		WITH_REPO(a_hostile_configuration_starts_nothing),
		WITH_REPO(what_git_cannot_tell_is_told_once),
		WITH_REPO(a_tree_that_git_does_not_trust_is_not_listed),
		WITH_REPO(a_git_that_is_missing_is_an_error_of_the_question),
		WITH_REPO(threads_share_one_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
