/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/toppath.h"

#include "tests/support/repo.h"
#include "tests/support/unit.h"

/* wanted NULL: it lies elsewhere. */
static void check(const struct repo *r, const char *name, const char *wanted)
{
	struct err err = ERR_INIT;
	char *path = toppath_of(r->tree, name, &err);

	if (!wanted) {
		assert_null(path);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.text, "is outside of the work tree"));
		return;
	}
	if (!path)
		fail_msg("%s: %s", name, err.text);
	assert_string_equal(path, wanted);
	free(path);
}

static void go(const char *folder, const char *below)
{
	char path[REPO_PATH_BYTES];

	repo_path(path, "%s/%s", folder, below);
	assert_int_equal(chdir(path), 0);
}

static void test_names_are_taken_from_the_current_folder(void **)
{
	struct repo r;

	repo_init(&r);
	repo_write(&r, "tree/a/b/file", VIEW(""));
	go(r.tree, ".");
	check(&r, "a/b/file", "a/b/file");
	check(&r, "./a//b/./none", "a/b/none");
	check(&r, "none/at/all", "none/at/all");
	check(&r, ".", "");
	check(&r, "a/", "a");
	check(&r, "a/..", "");
	check(&r, "..", NULL);
	check(&r, "../treeless", NULL);
	check(&r, "../tree/a", "a");
	go(r.tree, "a/b");
	check(&r, "file", "a/b/file");
	check(&r, "../../x", "x");
	check(&r, "../../..", NULL);
	check(&r, "../../../../../../../../../../../..", NULL);
	assert_int_equal(chdir("/"), 0);
	repo_done(&r);
}

static void test_absolute_names_and_links(void **)
{
	char path[REPO_PATH_BYTES];
	struct repo r;

	repo_init(&r);
	repo_write(&r, "tree/a/file", VIEW(""));
	repo_path(path, "%s/link", r.base);
	assert_int_equal(symlink(r.tree, path), 0);
	repo_path(path, "%s/in", r.tree);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	repo_path(path, "%s/out", r.tree);
	assert_int_equal(symlink("/etc", path), 0);
	go(r.base, ".");
	check(&r, "link/a/file", "a/file");
	check(&r, "tree/in", "in");
	check(&r, "tree/out/passwd", NULL);
	repo_path(path, "%s/link/a", r.base);
	check(&r, path, "a");
	check(&r, r.tree, "");
	check(&r, "/", NULL);
	repo_path(path, "%sx", r.tree);
	check(&r, path, NULL);
	assert_int_equal(chdir("/"), 0);
	repo_done(&r);
}

static void test_the_root_folder_may_be_the_work_tree(void **)
{
	struct err err = ERR_INIT;
	char *path = toppath_of("/", "/etc/passwd", &err);

	assert_non_null(path);
	assert_string_equal(path, "etc/passwd");
	free(path);
	path = toppath_of("/", "/", &err);
	assert_non_null(path);
	assert_string_equal(path, "");
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_taken_from_the_current_folder),
		cmocka_unit_test(test_absolute_names_and_links),
		cmocka_unit_test(test_the_root_folder_may_be_the_work_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
