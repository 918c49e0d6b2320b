/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/baseside.h"

#include "tests/support/forge.h"

struct side {
	struct place p;
	struct made_pack m;
	struct object_reader *reader;
	struct baseside b;
};

static void side_init(struct side *s)
{
	memset(s, 0, sizeof(*s));
	place_init(&s->p);
	pack_begin(&s->m);
}

static int take(struct side *s, unsigned commit, struct err *err)
{
	struct oid id = pack_id(commit), null = { .bytes = { 0 } };

	if (!s->reader)
		s->reader = forge_open(&s->p, &s->m);
	return baseside_open(&s->b, s->reader, OID_SHA1_BYTES, commit ? &id : &null, err);
}

static void side_done(struct side *s)
{
	baseside_close(&s->b);
	object_reader_freep(&s->reader);
	place_done(&s->p);
}

/* The file's content, or NULL for none; expected is terminated. */
static void has(const struct side *s, const char *name, const char *expected)
{
	struct buf text = BUF_INIT(1u << 20);
	char path[REPO_PATH_BYTES];

	repo_path(path, "%s/%s", s->b.folder, name);
	if (!expected) {
		assert_int_not_equal(access(path, F_OK), 0);
		return;
	}
	assert_int_equal(file_read(path, &text, NULL), 0);
	assert_string_equal(text.ptr, expected);
	buf_done(&text);
}

static void the_commits_files_and_what_they_name_are_written(void **)
{
	struct side s;
	struct err err = ERR_INIT;

	side_init(&s);
	add_blob(&s.m, 900,
		 VIEW("rules: [ci/own.yaml, ../outside.yaml, /etc/passwd, none.yaml]\npolicy: names.yaml\n"));
	add_blob(&s.m, 901, VIEW("*.lock\n"));
	add_blob(&s.m, 902, VIEW("own rules\n"));
	add_blob(&s.m, 903, VIEW("policy\n"));
	forge_tree(&s.m, 100, ENTRIES({ TREE_FILE, "own.yaml", 902 }));
	forge_tree(&s.m, 101,
		   ENTRIES({ TREE_FILE, ".gitleaksignore", 901 }, { TREE_FILE, ".skant.yaml", 900 },
			   { TREE_FILE, ".skantignore", 901 }, { TREE_FOLDER, "ci", 100 },
			   { TREE_FILE, "names.yaml", 903 }, { TREE_FILE, "other", 903 }));
	forge_commit(&s.m, 1, 101, PARENTS(), 1);
	if (take(&s, 1, &err))
		fail_msg("%s", err.text);
	has(&s, ".skantignore", "*.lock\n");
	has(&s, ".gitleaksignore", "*.lock\n");
	has(&s, "ci/own.yaml", "own rules\n");
	has(&s, "names.yaml", "policy\n");
	has(&s, "none.yaml", NULL);
	has(&s, "../outside.yaml", NULL);
	has(&s, "other", NULL);
	side_done(&s);
}

static void without_a_commit_or_files_the_folder_is_empty_and_private(void **)
{
	struct side s;
	struct err err = ERR_INIT;
	struct stat st;
	char path[REPO_PATH_BYTES];

	side_init(&s);
	forge_tree(&s.m, 100, ENTRIES());
	forge_commit(&s.m, 1, 100, PARENTS(), 1);
	for (unsigned commit = 0; commit < 2; commit++) {
		assert_int_equal(take(&s, commit, &err), 0);
		assert_int_equal(stat(s.b.folder, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0700);
		has(&s, ".skant.yaml", NULL);
		repo_path(path, "%s", s.b.folder);
		baseside_close(&s.b);
		assert_int_not_equal(access(path, F_OK), 0);
	}
	side_done(&s);
}

static void a_link_in_a_files_place_is_none(void **)
{
	struct side s;
	struct err err = ERR_INIT;

	side_init(&s);
	add_blob(&s.m, 900, VIEW("/etc/passwd"));
	forge_tree(&s.m, 101, ENTRIES({ TREE_LINK, ".skant.yaml", 900 }, { TREE_FOLDER, ".skantignore", 999 }));
	forge_commit(&s.m, 1, 101, PARENTS(), 1);
	assert_int_equal(take(&s, 1, &err), 0);
	has(&s, ".skant.yaml", NULL);
	has(&s, ".skantignore", NULL);
	side_done(&s);
}

static void a_file_that_cannot_be_read_is_an_error(void **)
{
	struct side s;
	struct err err = ERR_INIT;

	side_init(&s);
	add_blob(&s.m, 901, VIEW("wrong checksum"));
	s.m.pack.ptr[s.m.pack.len - 1] ^= 1;
	forge_tree(&s.m, 101, ENTRIES({ TREE_FILE, ".skantignore", 901 }));
	forge_commit(&s.m, 1, 101, PARENTS(), 1);
	assert_int_equal(take(&s, 1, &err), -1);
	assert_non_null(strstr(err.text, ".skantignore"));
	assert_null(s.b.folder);
	side_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_commits_files_and_what_they_name_are_written),
		cmocka_unit_test(without_a_commit_or_files_the_folder_is_empty_and_private),
		cmocka_unit_test(a_link_in_a_files_place_is_none),
		cmocka_unit_test(a_file_that_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
