/* SPDX-License-Identifier: Apache-2.0 */
/* What git says of a repository, from wherever it is asked, we say as well. */
#include "scanner/source/git/gitrepo.h"

#include "common/base/text.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

#define OUTPUT_BYTES (1u << 20)

/* Runs `git ARGS` where we are. Its exit status; out holds what it printed, without the last newline. */
static int ask(struct buf *out, const char *a, const char *b, const char *c)
{
	const char *const argv[] = { "git", "rev-parse", "--path-format=absolute", a, b, c, NULL };
	struct err err = ERR_INIT;
	int status;

	buf_clear(out);
	if (proc_run(&(struct proc_spec){ .argv = argv }, out, NULL, &status, &err))
		fail_msg("%s", err.text);
	if (text_ends(buf_view(out), VIEW("\n")))
		buf_cut(out, out->len - 1);
	return status;
}

/* From the current folder and environment. */
static void compare_here(void)
{
	struct buf theirs = BUF_INIT(OUTPUT_BYTES), ours = BUF_INIT(OUTPUT_BYTES);
	struct err err = ERR_INIT;
	struct gitrepo g;
	bool has_tree;

	if (gitrepo_open(NULL, &g, &err))
		fail_msg("%s", err.text);
	assert_int_equal(ask(&theirs, "--git-dir", "--git-common-dir", "--is-shallow-repository"), 0);
	assert_int_equal(buf_addf(&ours, "%s\n%s\n%s", g.dir, g.common, g.shallow_count ? "true" : "false"), 0);
	assert_string_equal(ours.ptr, theirs.ptr);
	has_tree = ask(&theirs, "--show-toplevel", NULL, NULL) == 0;
	assert_int_equal(has_tree, g.root != NULL);
	if (has_tree)
		assert_string_equal(g.root, theirs.ptr);
	assert_int_equal(g.is_bare, !has_tree);
	assert_int_equal(ask(&theirs, "--show-object-format", NULL, NULL), 0);
	assert_string_equal(theirs.ptr, g.hash_len == 32 ? "sha256" : "sha1");
	assert_int_equal(ask(&theirs, "--git-path", "objects", NULL), 0);
	assert_string_equal(theirs.ptr, g.stores[0]);
	gitrepo_done(&g);
	buf_done(&theirs);
	buf_done(&ours);
}

static void go(const struct repo *r, const char *folder)
{
	char path[REPO_PATH_BYTES];

	repo_path(path, "%s/%s", r->base, folder);
	assert_int_equal(chdir(path), 0);
}

static void set(const char *name, const char *value)
{
	assert_int_equal(setenv(name, value, 1), 0);
}

static void leave(struct repo *r)
{
	assert_int_equal(chdir("/"), 0);
	repo_done(r);
}

static void commit(const struct repo *r, const char *text)
{
	repo_git(r, "tree", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "--allow-empty",
		 "-m", text, NULL);
}

static void test_work_trees_are_found_as_git_finds_them(void **)
{
	struct repo r;

	repo_init(&r);
	commit(&r, "one");
	repo_write(&r, "tree/a/b/c", VIEW("x"));
	repo_git(&r, "tree", "worktree", "add", "-q", "--detach", "../linked", NULL);
	repo_write(&r, "linked/d/e", VIEW("x"));
	repo_git(&r, ".", "init", "-q", "--bare", "bare.git", NULL);
	repo_git(&r, ".", "init", "-q", "--object-format=sha256", "new", NULL);
	repo_git(&r, ".", "init", "-q", "--separate-git-dir=apart", "split", NULL);
	go(&r, "tree");
	compare_here();
	go(&r, "tree/a/b");
	compare_here();
	go(&r, "linked/d");
	compare_here();
	go(&r, "bare.git");
	compare_here();
	go(&r, "bare.git/refs/heads");
	compare_here();
	go(&r, "new");
	compare_here();
	go(&r, "split");
	compare_here();
	repo_git(&r, "split", "config", "core.worktree", "../tree", NULL);
	compare_here();
	leave(&r);
}

static void test_the_environment_names_the_repository(void **)
{
	char path[REPO_PATH_BYTES];
	struct repo r;

	repo_init(&r);
	commit(&r, "one");
	repo_git(&r, ".", "init", "-q", "--bare", "bare.git", NULL);
	go(&r, ".");
	set("GIT_DIR", "tree/.git");
	compare_here();
	set("GIT_WORK_TREE", "tree");
	compare_here();
	set("GIT_OBJECT_DIRECTORY", "bare.git/objects");
	compare_here();
	assert_int_equal(unsetenv("GIT_OBJECT_DIRECTORY"), 0);
	set("GIT_DIR", "bare.git");
	compare_here();
	assert_int_equal(unsetenv("GIT_WORK_TREE"), 0);
	compare_here();
	set("GIT_IMPLICIT_WORK_TREE", "0");
	set("GIT_DIR", "tree/.git");
	compare_here();
	assert_int_equal(unsetenv("GIT_IMPLICIT_WORK_TREE"), 0);
	assert_int_equal(unsetenv("GIT_DIR"), 0);
	repo_path(path, "%s/home", r.base);
	set("GIT_WORK_TREE", path);
	go(&r, "bare.git");
	compare_here();
	assert_int_equal(unsetenv("GIT_WORK_TREE"), 0);
	leave(&r);
}

static void test_a_path_names_a_repository_whatever_the_environment_says(void **)
{
	static const char *const paths[] = {
		"tree", "tree/.git", "tree/.git/refs", "tree/x/", "linked/.git", "linked"
	};
	struct repo r;

	repo_init(&r);
	commit(&r, "one");
	repo_write(&r, "tree/x/y", VIEW("x"));
	repo_git(&r, "tree", "worktree", "add", "-q", "--detach", "../linked", NULL);
	set("GIT_DIR", "/nonexistent");
	set("GIT_OBJECT_DIRECTORY", "/nonexistent");
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		char path[REPO_PATH_BYTES], wanted[REPO_PATH_BYTES];
		struct err err = ERR_INIT;
		struct gitrepo g;

		repo_path(path, "%s/%s", r.base, paths[i]);
		repo_path(wanted, "%s/tree/.git", r.base);
		if (gitrepo_open(path, &g, &err))
			fail_msg("%s: %s", path, err.text);
		assert_string_equal(g.common, wanted);
		if (!strstr(path, "refs")) {
			repo_path(wanted, "%s/%s", r.base,
				  text_starts(view_of(paths[i]), VIEW("l")) ? "linked" : "tree");
			assert_string_equal(g.root, wanted);
		}
		repo_path(wanted, "%s/tree/.git/objects", r.base);
		assert_string_equal(g.stores[0], wanted);
		assert_int_equal(g.store_count, 1);
		gitrepo_done(&g);
	}
	assert_int_equal(unsetenv("GIT_DIR"), 0);
	assert_int_equal(unsetenv("GIT_OBJECT_DIRECTORY"), 0);
	leave(&r);
}

static void test_stores_of_the_environment_are_read_with_their_quotes(void **)
{
	struct gitrepo g;
	struct repo r;

	repo_init(&r);
	go(&r, "tree");
	set("GIT_ALTERNATE_OBJECT_DIRECTORIES", "/a::\"/b:\\\"\\303\\251\\n\":/c");
	assert_int_equal(gitrepo_open(NULL, &g, NULL), 0);
	assert_int_equal(g.store_count, 4);
	assert_string_equal(g.stores[1], "/a");
	assert_string_equal(g.stores[2], "/b:\"\303\251\n");
	assert_string_equal(g.stores[3], "/c");
	gitrepo_done(&g);
	assert_int_equal(unsetenv("GIT_ALTERNATE_OBJECT_DIRECTORIES"), 0);
	leave(&r);
}

/* Opens the tree, expecting a refusal that says text. */
static void expect_refusal(const struct repo *r, const char *text)
{
	struct err err = ERR_INIT;
	struct gitrepo g;

	assert_int_equal(gitrepo_open(r->tree, &g, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	if (!strstr(err.text, text))
		fail_msg("'%s' does not say '%s'", err.text, text);
}

static void expect_trust(const struct repo *r)
{
	struct err err = ERR_INIT;
	struct gitrepo g;

	if (gitrepo_open(r->tree, &g, &err))
		fail_msg("%s", err.text);
	gitrepo_done(&g);
}

static void test_a_foreign_repository_needs_safe_directory(void **)
{
	char advice[2 * REPO_PATH_BYTES];
	struct buf text = BUF_INIT(OUTPUT_BYTES);
	struct repo r;

	repo_init(&r);
	set("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
	(void)snprintf(advice, sizeof(advice), "git config --global --add safe.directory %s", r.tree);
	expect_refusal(&r, advice);
	repo_write(&r, "tree/.git/config", VIEW("[safe]\ndirectory = *\n"));
	expect_refusal(&r, "belongs to another user");
	repo_write(&r, "home/.gitconfig", VIEW("[safe]\ndirectory = *\n"));
	expect_trust(&r);
	repo_write(&r, "home/.gitconfig", VIEW("[safe]\ndirectory = *\ndirectory =\n"));
	expect_refusal(&r, "belongs to another user");
	assert_int_equal(buf_addf(&text, "[safe]\ndirectory = %s\n", r.tree), 0);
	repo_write(&r, "home/.gitconfig", buf_view(&text));
	expect_trust(&r);
	repo_write(&r, "home/.gitconfig", VIEW("[safe]\ndirectory = ~/../tree\n"));
	expect_trust(&r);
	repo_write(&r, "home/.gitconfig", VIEW("[safe]\ndirectory = ~/../tre\n"));
	expect_refusal(&r, "belongs to another user");
	set("GIT_CONFIG_PARAMETERS", "'safe.directory=*'");
	expect_trust(&r);
	assert_int_equal(unsetenv("GIT_CONFIG_PARAMETERS"), 0);
	assert_int_equal(unsetenv("GIT_TEST_ASSUME_DIFFERENT_OWNER"), 0);
	expect_trust(&r);
	buf_done(&text);
	leave(&r);
}

static void test_another_owner_is_seen_where_root_can_make_one(void **)
{
	char path[REPO_PATH_BYTES];
	struct repo r;

	if (geteuid() != 0)
		skip_because("only root can give a folder away");
	repo_init(&r);
	repo_path(path, "%s/.git", r.tree);
	assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
	expect_refusal(&r, "belongs to another user");
	set("SUDO_UID", "12345");
	expect_trust(&r);
	set("SUDO_UID", "12346");
	expect_refusal(&r, "belongs to another user");
	assert_int_equal(unsetenv("SUDO_UID"), 0);
	assert_int_equal(chown(path, 0, (gid_t)-1), 0);
	assert_int_equal(chown(r.tree, 12345, (gid_t)-1), 0);
	expect_refusal(&r, "belongs to another user");
	leave(&r);
}

static void test_a_form_that_is_not_known_is_refused(void **)
{
	struct repo r;

	repo_init(&r);
	repo_write(&r, "tree/.git/config", VIEW("[core]\nrepositoryformatversion = 2\n"));
	expect_refusal(&r, "config:2: the repository has format version 2; those up to 1 are understood");
	repo_write(&r, "tree/.git/config", VIEW("[core]\nrepositoryformatversion = 1\n[extensions]\nfuture = 3\n"));
	expect_refusal(&r, "config:4: the repository has 'extensions.future = 3', which is not understood");
	repo_write(&r, "tree/.git/config", VIEW("[core]\nrepositoryformatversion = 0\n[extensions]\nfuture = 3\n"));
	expect_trust(&r);
	repo_write(&r, "tree/.git/config", VIEW("[core]\nrepositoryformatversion=1\n[extensions]\nobjectFormat=md5\n"));
	expect_refusal(&r, "extensions.objectformat = md5");
	repo_write(&r, "tree/.git/config", VIEW("[extensions]\nobjectFormat = sha256\n"));
	expect_refusal(&r, "extensions.objectformat = sha256");
	repo_write(&r, "tree/.git/config", VIEW("[core]\nrepositoryformatversion=1\n[extensions]\nrefStorage=odd\n"));
	expect_refusal(&r, "extensions.refstorage = odd");
	leave(&r);
}

static void test_shallow_partial_and_reftable_are_seen(void **)
{
	struct buf url = BUF_INIT(OUTPUT_BYTES);
	char path[REPO_PATH_BYTES];
	struct gitrepo g;
	struct repo r;

	repo_init(&r);
	commit(&r, "one");
	commit(&r, "two");
	assert_int_equal(buf_addf(&url, "file://%s", r.tree), 0);
	repo_git(&r, ".", "clone", "-q", "--depth=1", url.ptr, "shallow", NULL);
	repo_path(path, "%s/shallow", r.base);
	assert_int_equal(gitrepo_open(path, &g, NULL), 0);
	assert_int_equal(g.shallow_count, 1);
	assert_false(g.is_partial || g.has_reftable);
	gitrepo_done(&g);
	repo_git(&r, "tree", "config", "remote.a.promisor", "yes", NULL);
	assert_int_equal(gitrepo_open(r.tree, &g, NULL), 0);
	assert_true(g.is_partial);
	assert_int_equal(g.shallow_count, 0);
	gitrepo_done(&g);
	repo_git(&r, "tree", "config", "--unset", "remote.a.promisor", NULL);
	repo_write(&r, "tree/.git/objects/pack/pack-0.promisor", VIEW(""));
	assert_int_equal(gitrepo_open(r.tree, &g, NULL), 0);
	assert_true(g.is_partial);
	gitrepo_done(&g);
	repo_write(&r, "tree/.git/config",
		   VIEW("[core]\nrepositoryformatversion = 1\n[extensions]\nrefStorage = reftable\n"));
	assert_int_equal(gitrepo_open(r.tree, &g, NULL), 0);
	assert_true(g.has_reftable);
	gitrepo_done(&g);
	buf_done(&url);
	leave(&r);
}

static void test_no_repository_is_an_error_that_says_so(void **)
{
	struct err err = ERR_INIT;
	struct gitrepo g;
	struct repo r;
	char path[REPO_PATH_BYTES];

	repo_init(&r);
	repo_path(path, "%s/home", r.base);
	assert_int_equal(gitrepo_open(path, &g, &err), -1);
	assert_non_null(strstr(err.text, "/home' is not in a git repository"));
	repo_path(path, "%s/none", r.base);
	assert_int_equal(gitrepo_open(path, &g, &err), -1);
	assert_non_null(strstr(err.text, "No such file or directory"));
	repo_write(&r, "home/.git", VIEW("gitdir: /nonexistent\n"));
	repo_path(path, "%s/home", r.base);
	assert_int_equal(gitrepo_open(path, &g, &err), -1);
	assert_non_null(strstr(err.text, "/home/.git' does not lead to a git repository"));
	set("GIT_DIR", "/nonexistent");
	assert_int_equal(gitrepo_open(NULL, &g, &err), -1);
	assert_non_null(strstr(err.text, "GIT_DIR is '/nonexistent'"));
	assert_int_equal(unsetenv("GIT_DIR"), 0);
	leave(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_work_trees_are_found_as_git_finds_them),
		cmocka_unit_test(test_the_environment_names_the_repository),
		cmocka_unit_test(test_a_path_names_a_repository_whatever_the_environment_says),
		cmocka_unit_test(test_stores_of_the_environment_are_read_with_their_quotes),
		cmocka_unit_test(test_a_foreign_repository_needs_safe_directory),
		cmocka_unit_test(test_another_owner_is_seen_where_root_can_make_one),
		cmocka_unit_test(test_a_form_that_is_not_known_is_refused),
		cmocka_unit_test(test_shallow_partial_and_reftable_are_seen),
		cmocka_unit_test(test_no_repository_is_an_error_that_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
