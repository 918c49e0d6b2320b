/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/elsewhere.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/unit.h"

static char folder[64];

static char *at(const char *name)
{
	static char paths[4][256];
	static unsigned next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static void make(const char *name)
{
	FILE *f = fopen(at(name), "we");

	assert_non_null(f);
	(void)fclose(f);
}

static int set_up(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/skant-elsewhere-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(mkdir(at("repo"), 0700) | mkdir(at("repo/sub"), 0700) | mkdir(at("repo/.git"), 0700), 0);
	assert_int_equal(mkdir(at("repo-next"), 0700), 0);
	make("outside");
	make("repo/inside");
	make("repo/sub/inside");
	make("repo/.git/config");
	make("repo-next/near");
	assert_int_equal(symlink("../outside", at("repo/link")) | symlink("sub/inside", at("repo/inner")), 0);
	return 0;
}

static int tear_down(void **state)
{
	static const char *const files[] = { "outside",        "repo/inside", "repo/sub/inside", "repo/.git/config",
					     "repo-next/near", "repo/link",   "repo/inner" };
	static const char *const folders[] = { "repo/sub", "repo/.git", "repo", "repo-next", "." };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		(void)unlink(at(files[i]));
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		(void)rmdir(at(folders[i]));
	return rmdir(folder) && access(folder, F_OK) == 0;
}

static bool is_told(const char *path, const char *named_by)
{
	struct err err = ERR_INIT;

	(void)err_set(&err, ERR_CONFIG, 0, "what is wrong with it");
	assert_int_equal(elsewhere_hide("rule file", path, named_by, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	if (strcmp(err.text, "what is wrong with it") == 0)
		return true;
	assert_null(strstr(err.text, "with it"));
	assert_non_null(strstr(err.text, path));
	return false;
}

static void what_lies_beside_or_below_is_told(void **state)
{
	(void)state;
	assert_true(is_told(at("repo/inside"), at("repo/.skant.yaml")));
	assert_true(is_told(at("repo/sub/../sub/inside"), at("repo/.skant.yaml")));
	assert_true(is_told(at("repo/inner"), at("repo/.skant.yaml")));
	assert_true(is_told(at("outside"), "/.skant.yaml"));
}

static void what_lies_elsewhere_is_not(void **state)
{
	(void)state;
	assert_false(is_told(at("outside"), at("repo/.skant.yaml")));
	assert_false(is_told(at("repo/../outside"), at("repo/.skant.yaml")));
	assert_false(is_told(at("repo/link"), at("repo/.skant.yaml")));
	assert_false(is_told(at("repo-next/near"), at("repo/.skant.yaml")));
	assert_false(is_told(at("repo/.git/config"), at("repo/.skant.yaml")));
	assert_false(is_told("/etc/passwd", ".skant.yaml"));
	assert_false(is_told(at("missing"), at("repo/.skant.yaml")));
}

static void a_lack_of_memory_stays_one(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	(void)err_nomem(&err);
	assert_int_equal(elsewhere_hide("policy", at("outside"), at("repo/.skant.yaml"), &err), -1);
	assert_int_equal(err.kind, ERR_NOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lies_beside_or_below_is_told),
		cmocka_unit_test(what_lies_elsewhere_is_not),
		cmocka_unit_test(a_lack_of_memory_stays_one),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
