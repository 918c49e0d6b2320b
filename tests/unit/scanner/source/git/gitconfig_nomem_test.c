/* SPDX-License-Identifier: Apache-2.0 */
/* Git's configuration with each allocation failing in turn: it is read as it is, or the lack of memory is told.
 * Settings that were left out would be taken for those that nobody made. */
#include "tests/support/nomem.h"

#include "scanner/source/git/gitconfig.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

struct wanted {
	const char *dir;
	const char *a, *b; /* what the keys are set to */
};

static const char *value_of(const struct gitconfig *c, const char *key)
{
	const struct gitconfig_entry *entry = gitconfig_get(c, key);

	return entry && entry->value ? entry->value : "";
}

static bool read_with_a_failure(void *context, long n)
{
	const struct wanted *w = context;
	const struct gitconfig_place place = { .dir = w->dir, .common = w->dir };
	struct gitconfig c = GITCONFIG_INIT;
	struct err err = ERR_INIT;
	bool has_failed;
	int status;

	nomem_start(n);
	status = gitconfig_read(&c, &place, &err);
	has_failed = nomem_stop();
	if (status) {
		assert_true(has_failed);
		assert_int_equal(err.kind, ERR_NOMEM);
	} else {
		assert_string_equal(value_of(&c, "a.b"), w->a);
		assert_string_equal(value_of(&c, "a.c"), w->b);
	}
	gitconfig_done(&c);
	return has_failed;
}

static void it_is_read_as_it_is_or_the_lack_of_memory_is_told(void **state)
{
	struct repo r;
	char dir[REPO_PATH_BYTES];
	struct wanted w = { .dir = dir, .a = "included", .b = "environment" };

	(void)state;
	repo_init(&r);
	repo_path(dir, "%s/.git", r.tree);
	assert_int_equal(setenv("GIT_CONFIG_COUNT", "1", 1), 0);
	assert_int_equal(setenv("GIT_CONFIG_KEY_0", "a.c", 1), 0);
	assert_int_equal(setenv("GIT_CONFIG_VALUE_0", "environment", 1), 0);
	repo_write(&r, "home/.gitconfig", VIEW("[a]\nb = home\n[include]\npath = first\n"));
	repo_write(&r, "home/first",
		   VIEW("[includeIf \"gitdir:~/../tree/\"]\npath = none\n"
			"[includeIf \"gitdir:tree/\"]\npath = ~/second\n"));
	repo_write(&r, "home/second", VIEW("[a]\nb = included\nc = x\n"));
	assert_true(nomem_each(read_with_a_failure, &w) > 20);
	repo_write(&r, "home/first", VIEW("[includeIf \"gitdir:~/tree/\"]\npath = ~/second\n"));
	assert_int_equal(setenv("HOME", r.base, 1), 0);
	repo_write(&r, ".gitconfig", VIEW("[include]\npath = home/first\n"));
	repo_write(&r, "second", VIEW("[a]\nb = included\n"));
	assert_true(nomem_each(read_with_a_failure, &w) > 20);
	assert_int_equal(unsetenv("GIT_CONFIG_COUNT"), 0);
	repo_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_read_as_it_is_or_the_lack_of_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
