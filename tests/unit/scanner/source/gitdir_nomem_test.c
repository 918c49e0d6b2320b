/* SPDX-License-Identifier: Apache-2.0 */
/* With each allocation failing in turn, a repository is found as it is or the lack of memory is told: none is taken for
 * a folder without a repository. */
#include "tests/support/nomem.h"

#include "scanner/source/gitdir.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

enum way { WAY_FIND, WAY_DISCOVER, WAY_AT };

struct search {
	enum way way;
	const char *folder;         /* below the base */
	const char *root, *dir;     /* what is there, below the base; NULL = nothing */
	const char *pointer;        /* the file that was followed */
	const char *common;         /* for WAY_AT: GIT_COMMON_DIR */
	const char *base, *ceiling; /* ceiling: below the base */
};

static int run_search(const struct search *s, struct gitdir *ret, char **ret_pointer, struct err *err)
{
	char path[REPO_PATH_BYTES], common[REPO_PATH_BYTES];

	repo_path(path, "%s/%s", s->base, s->folder);
	repo_path(common, "%s/%s", s->base, s->common ? s->common : "");
	*ret_pointer = NULL;
	if (s->way == WAY_DISCOVER)
		return gitdir_discover(path, ret, ret_pointer, err);
	return s->way == WAY_FIND ? gitdir_find(path, false, ret, err)
				  : gitdir_at(path, s->common ? common : NULL, ret, err);
}

static void assert_is(const struct search *s, const char *path, const char *expected)
{
	char whole[REPO_PATH_BYTES];

	repo_path(whole, "%s/%s", s->base, expected ? expected : "");
	if (expected)
		assert_non_null(path);
	else
		assert_null(path);
	if (expected && path)
		assert_string_equal(path, whole);
}

static bool search_without(void *context, long n)
{
	const struct search *s = context;
	DEFER(freep) char *pointer = NULL;
	struct err err = ERR_INIT;
	struct gitdir dir;
	bool has_failed;
	int status;

	nomem_start(n);
	status = run_search(s, &dir, &pointer, &err);
	has_failed = nomem_stop();
	assert_int_equal(status, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	assert_is(s, dir.root, has_failed ? NULL : s->root);
	assert_is(s, dir.dir, has_failed ? NULL : s->dir);
	assert_is(s, pointer, has_failed ? NULL : s->pointer);
	assert_true(!dir.common == !dir.dir);
	gitdir_done(&dir);
	return has_failed;
}

static void a_repository_is_found_as_it_is_or_the_lack_of_memory_is_told(void **state)
{
	static struct search searches[] = {
		{ .way = WAY_FIND, .folder = "tree/a/b", .root = "tree", .dir = "tree/.git" },
		{ .way = WAY_FIND, .folder = "sub", .root = "sub", .dir = "sub/../tree/.git" },
		{ .way = WAY_FIND, .folder = "linked", .root = "linked", .dir = "linked/../own" },
		{ .way = WAY_FIND, .folder = "tree/a/b", .ceiling = "tree" },
		{ .way = WAY_FIND, .folder = "home" },
		{ .way = WAY_DISCOVER, .folder = "tree/a/b", .root = "tree", .dir = "tree/.git" },
		{ .way = WAY_DISCOVER,
		  .folder = "sub",
		  .root = "sub",
		  .dir = "sub/../tree/.git",
		  .pointer = "sub/.git" },
		{ .way = WAY_DISCOVER, .folder = "tree/.git/refs", .dir = "tree/.git" },
		{ .way = WAY_AT, .folder = "tree/.git", .dir = "tree/.git" },
		{ .way = WAY_AT, .folder = "sub/.git", .dir = "sub/../tree/.git" },
		{ .way = WAY_AT, .folder = "own", .dir = "own", .common = "tree/.git" },
		{ .way = WAY_AT, .folder = "home" },
	};
	struct repo r;

	(void)state;
	repo_init(&r);
	repo_write(&r, "tree/a/b/file", VIEW("x"));
	repo_write(&r, "sub/.git", VIEW("gitdir: ../tree/.git\n"));
	repo_write(&r, "linked/.git", VIEW("gitdir: ../own\n"));
	repo_write(&r, "own/HEAD", VIEW("ref: refs/heads/main\n"));
	repo_write(&r, "own/commondir", VIEW("../tree/.git\n"));
	for (size_t i = 0; i < ARRAY_LEN(searches); i++) {
		char ceiling[REPO_PATH_BYTES];

		searches[i].base = r.base;
		repo_path(ceiling, "%s/%s", r.base, searches[i].ceiling ? searches[i].ceiling : "none");
		assert_int_equal(setenv("GIT_CEILING_DIRECTORIES", ceiling, 1), 0);
		assert_true(nomem_each(search_without, &searches[i]) > 3);
	}
	assert_int_equal(unsetenv("GIT_CEILING_DIRECTORIES"), 0);
	repo_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_repository_is_found_as_it_is_or_the_lack_of_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
