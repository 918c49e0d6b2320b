/* SPDX-License-Identifier: Apache-2.0 */
/* Walks over stores that git made: every object is what git says. */
#include "scanner/source/git/store.h"

#include "common/base/text.h"
#include "tests/support/place.h"

/* What git prints for every object of the store, by id. */
static void ask_git(const struct repo *r, struct buf *out)
{
	const char *argv[] = { "git", "-C", r->tree, "cat-file", "--batch-all-objects", "--batch", NULL };
	struct err err = ERR_INIT;
	int status;

	assert_int_equal(proc_run(&(struct proc_spec){ .argv = argv }, out, NULL, &status, &err), 0);
	assert_int_equal(status, 0);
}

static void commit_something(const struct repo *r, unsigned i)
{
	char name[REPO_PATH_BYTES];
	struct buf text = BUF_INIT(1u << 20);

	for (unsigned line = 0; line < 200; line++)
		assert_int_equal(buf_addf(&text, "line %u of %u\n", line, line % 50 == 0 ? i : line), 0);
	repo_path(name, "tree/folder %u/file %u", i % 3, i % 11);
	repo_write(r, name, buf_view(&text));
	repo_git(r, "tree", "add", ".", NULL);
	repo_git(r, "tree", "-c", "user.name=n", "-c", "user.email=e", "commit", "-qm", name, NULL);
	buf_done(&text);
}

static void compare_with_git(const struct repo *r, size_t hash_len)
{
	struct place p;
	const char *folders[] = { p.folder };
	struct buf out = BUF_INIT(REPO_OUTPUT_BYTES);
	struct view rest, line;
	struct err err = ERR_INIT;
	size_t seen = 0;

	repo_path(p.folder, "%s/.git/objects", r->tree);
	walker_init(&p.w);
	ask_git(r, &out);
	p.objects = objects_open(folders, 1, hash_len, &err);
	assert_non_null(p.objects);
	walk(&p);
	rest = buf_view(&out);
	while (text_next_line(&rest, &line)) {
		struct oid id;
		uint64_t size;
		const struct walked *o = NULL;
		size_t blank = text_find_byte(view_sub(line, 2 * hash_len + 1, line.len), ' ') + 2 * hash_len + 1;

		assert_int_equal(oid_parse(view_sub(line, 0, 2 * hash_len), hash_len, &id), 0);
		assert_int_equal(text_u64(view_sub(line, blank + 1, line.len), UINT32_MAX, &size), 0);
		assert_int_equal(walker_find(&p.w, &id, &o), 1);
		assert_int_equal(o->content.len, size);
		if (size)
			assert_memory_equal(o->content.ptr, rest.ptr, size);
		rest = view_sub(rest, size + 1, rest.len);
		seen++;
	}
	assert_int_equal(p.w.count, seen);
	assert_int_equal(p.w.unread_count, 0);
	buf_done(&out);
	objects_freep(&p.objects);
	walker_done(&p.w);
}

static void every_object_of_a_repository_is_what_git_says(void **)
{
	struct repo r;

	repo_init(&r);
	for (unsigned i = 0; i < 30; i++) {
		commit_something(&r, i);
		if (i == 12)
			repo_git(&r, "tree", "repack", "-dq", NULL);
		if (i == 20)
			repo_git(&r, "tree", "-c", "user.name=n", "-c", "user.email=e", "tag", "-am", "a tag", "v1",
				 NULL);
	}
	compare_with_git(&r, OID_SHA1_BYTES);
	repo_git(&r, "tree", "repack", "-adfq", "--depth=50", NULL);
	compare_with_git(&r, OID_SHA1_BYTES);
	repo_done(&r);
}

static void every_object_of_a_sha256_repository_is_what_git_says(void **)
{
	struct repo r;
	char path[REPO_PATH_BYTES];

	repo_init(&r);
	repo_path(path, "%s/.git", r.tree);
	repo_remove(path);
	repo_git(&r, "tree", "init", "-q", "--object-format=sha256", "--template=", NULL);
	for (unsigned i = 0; i < 12; i++)
		commit_something(&r, i);
	compare_with_git(&r, OID_SHA256_BYTES);
	repo_git(&r, "tree", "repack", "-adfq", NULL);
	compare_with_git(&r, OID_SHA256_BYTES);
	repo_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_object_of_a_repository_is_what_git_says),
		cmocka_unit_test(every_object_of_a_sha256_repository_is_what_git_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
