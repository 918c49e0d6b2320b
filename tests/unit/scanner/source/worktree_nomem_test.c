/* SPDX-License-Identifier: Apache-2.0 */
/* With each allocation failing in turn, a work tree is read whole, or what was not read is told: of the whole walk, or
 * of the folder or file. */
#include "tests/support/nomem.h"

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/source/worktree.h"
#include "tests/support/repo.h"
#include "tests/support/unit.h"

#define FILES (WALK_CHUNK_FILES + 2) /* more than one task takes */

struct taken {
	size_t kept;    /* files read that no rule leaves out */
	size_t ignored; /* and those that one does */
	bool is_told;
};

static void take_piece(void *context, unsigned, struct pool_task *, const struct item *item, const struct piece *)
{
	struct taken *t = context;

	if (text_ends(item->name, VIEW(".keep")))
		t->kept++;
	else if (text_ends(item->name, VIEW(".leave")))
		t->ignored++;
}

static void take_unread(void *context, unsigned, struct pool_task *, const struct item *, enum unread reason, int)
{
	struct taken *t = context;

	t->is_told = t->is_told || unread_is_incomplete(reason);
}

static bool is_stopped(void *)
{
	return false;
}

static void warn(const char *)
{
}

static bool walk_without(void *context, long n)
{
	const char *target = context;
	const struct worktree_options options = { .jobs = 1 };
	struct taken t = { .kept = 0 };
	const struct item_sink sink = {
		.context = &t, .piece = take_piece, .unread = take_unread, .stopped = is_stopped
	};
	struct err err = ERR_INIT;
	bool has_failed;
	int status;

	nomem_start(n);
	status = worktree_scan(&target, 1, &options, &sink, warn, &err);
	has_failed = nomem_stop();
	if (status) {
		assert_true(has_failed);
		assert_int_equal(err.kind, ERR_NOMEM);
	} else if (t.kept != FILES + 2 && !t.is_told) {
		fail_msg("%zu files of %d, and nothing told, with allocation %ld failing", t.kept, FILES + 2, n);
	}
	if (!has_failed) {
		assert_int_equal(t.kept, FILES + 2);
		assert_int_equal(t.ignored, 0);
		assert_false(t.is_told);
	}
	return has_failed;
}

static void no_file_is_left_out_without_a_word(void **state)
{
	struct repo r;
	char name[64];

	(void)state;
	repo_init(&r);
	for (unsigned i = 0; i < FILES; i++) {
		(void)snprintf(name, sizeof(name), "tree/f%03u.keep", i);
		repo_write(&r, name, VIEW("text"));
	}
	repo_write(&r, "tree/sub/a.keep", VIEW("text"));
	repo_write(&r, "tree/sub/deep/b.keep", VIEW("text"));
	repo_write(&r, "tree/sub/c.leave", VIEW("text"));
	repo_write(&r, "tree/sub/.gitignore", VIEW("*.leave\n"));
	repo_write(&r, "tree/.gitignore", VIEW("*.none\n"));
	assert_true(nomem_each(walk_without, r.tree) > 20);
	repo_done(&r);
}

static void one_file_is_read_or_told(void **state)
{
	const struct worktree_options options = { .jobs = 1 };
	struct repo r;
	char path[REPO_PATH_BYTES];
	const char *target = path;
	bool has_failed = true;

	(void)state;
	repo_init(&r);
	repo_write(&r, "tree/sub/a.keep", VIEW("text"));
	repo_path(path, "%s/sub/a.keep", r.tree);
	for (long n = 1; has_failed; n++) {
		struct taken t = { .kept = 0 };
		const struct item_sink sink = {
			.context = &t, .piece = take_piece, .unread = take_unread, .stopped = is_stopped
		};
		struct err err = ERR_INIT;
		int status;

		nomem_start(n);
		status = worktree_scan(&target, 1, &options, &sink, warn, &err);
		has_failed = nomem_stop();
		assert_true(status ? err.kind == ERR_NOMEM : t.kept == 1 || t.is_told);
		assert_true(has_failed || t.kept == 1);
	}
	repo_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_file_is_left_out_without_a_word),
		cmocka_unit_test(one_file_is_read_or_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
