/* SPDX-License-Identifier: Apache-2.0 */
/* What commits bring in, on forged histories. Objects are called by number; pack_id(1) starts with 25, 2 with 4a, 3
 * with 6f. */
#include "scanner/source/git/introduced.h"

#include "tests/support/forge.h"
#include "tests/support/keysink.h"

#define C1 "2500000001"
#define C2 "4a00000002"
#define C3 "6f00000003"

struct scene {
	struct place p;
	struct made_pack m;
	struct object_reader *reader;
	struct keysink k;
	struct introduced i;
};

static void scene_init(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	place_init(&s->p);
	pack_begin(&s->m);
	keysink_init(&s->k);
	add_blob(&s->m, 900, VIEW("a KEY(one) b\n"));
	add_blob(&s->m, 901, VIEW("a KEY(one) and KEY(two)\n"));
	add_blob(&s->m, 902, VIEW("nothing\n"));
}

static void open_with(struct scene *s, struct introduced_options options)
{
	s->reader = forge_open(&s->p, &s->m);
	options.reader = s->reader;
	options.hash_len = OID_SHA1_BYTES;
	options.sink = &s->k.sink;
	introduced_init(&s->i, &options);
}

static void take(struct scene *s, unsigned n)
{
	struct oid id = pack_id(n);

	introduced_commit(&s->i, &id);
	assert_false(s->i.failed);
}

static void scene_done(struct scene *s)
{
	introduced_done(&s->i);
	object_reader_freep(&s->reader);
	keysink_done(&s->k);
	place_done(&s->p);
}

static void only_a_secret_that_the_path_had_not_is_new(void **)
{
	struct scene s;

	scene_init(&s);
	forge_tree(&s.m, 100, ENTRIES({ TREE_FILE, "a", 900 }));
	forge_tree(&s.m, 101, ENTRIES({ TREE_FILE, "a", 901 }, { TREE_FILE, "b", 900 }));
	forge_commit(&s.m, 1, 100, PARENTS(), 1);
	forge_commit(&s.m, 2, 101, PARENTS(1), 2);
	open_with(&s, (struct introduced_options){ .reader = NULL });
	take(&s, 2);
	assert_found(&s.k, "two a " C2 " -;one b " C2 " -;");
	scene_done(&s);
}

static void of_whole_files_everything_is_reported(void **)
{
	struct scene s;

	scene_init(&s);
	forge_tree(&s.m, 100, ENTRIES({ TREE_FILE, "a", 900 }));
	forge_tree(&s.m, 101, ENTRIES({ TREE_FILE, "a", 901 }));
	forge_commit(&s.m, 1, 100, PARENTS(), 1);
	forge_commit(&s.m, 2, 101, PARENTS(1), 2);
	open_with(&s, (struct introduced_options){ .whole_files = true });
	take(&s, 2);
	assert_found(&s.k, "one a " C2 " -;two a " C2 " -;");
	scene_done(&s);
}

static void a_merge_brings_what_neither_side_had_at_that_path(void **)
{
	struct scene s;

	scene_init(&s);
	add_blob(&s.m, 903, VIEW("KEY(two)"));
	forge_tree(&s.m, 100, ENTRIES({ TREE_FILE, "a", 900 }, { TREE_FILE, "b", 902 }));
	forge_tree(&s.m, 101, ENTRIES({ TREE_FILE, "a", 903 }, { TREE_FILE, "b", 902 }));
	forge_tree(&s.m, 102, ENTRIES({ TREE_FILE, "a", 901 }, { TREE_FILE, "b", 903 }));
	forge_commit(&s.m, 1, 100, PARENTS(), 1);
	forge_commit(&s.m, 2, 101, PARENTS(), 2);
	forge_commit(&s.m, 3, 102, PARENTS(1, 2), 3);
	open_with(&s, (struct introduced_options){ .reader = NULL });
	take(&s, 3);
	assert_found(&s.k, "two b " C3 " -;");
	scene_done(&s);
}

static void messages_of_commits_and_tags_are_text_too(void **)
{
	struct scene s;
	struct buf text = BUF_INIT(4096);
	struct oid tip = pack_id(2);

	scene_init(&s);
	forge_add_hex(&text, "tree", 100);
	assert_int_equal(buf_add_text(&text, "author A <a> 1 +0000\ncommitter C <c> 1 +0000\n\nKEY(said)\n"), 0);
	(void)pack_add(&s.m, pack_id(1), OBJECT_COMMIT, buf_view(&text));
	buf_clear(&text);
	forge_add_hex(&text, "object", 1);
	assert_int_equal(buf_add_text(&text, "type commit\ntag t\ntagger T <t> 1 +0000\n\nKEY(tagged)\n"), 0);
	(void)pack_add(&s.m, pack_id(2), OBJECT_TAG, buf_view(&text));
	forge_tree(&s.m, 100, ENTRIES());
	open_with(&s, (struct introduced_options){ .reader = NULL });
	take(&s, 1);
	introduced_tip(&s.i, &tip);
	introduced_tip(&s.i, &tip); /* only once */
	assert_found(&s.k, "said COMMIT_EDITMSG " C1 " -;tagged TAG_EDITMSG - -;");
	buf_done(&text);
	scene_done(&s);
}

static void a_tip_that_is_a_tree_or_a_blob_is_read(void **)
{
	struct scene s;
	struct oid tree = pack_id(100), tag = pack_id(200);

	scene_init(&s);
	forge_tree(&s.m, 100, ENTRIES({ TREE_FILE, "a", 900 }));
	forge_tag(&s.m, 200, "blob", 901);
	open_with(&s, (struct introduced_options){ .reader = NULL });
	introduced_tip(&s.i, &tree);
	assert_found(&s.k, "one a - -;");
	introduced_tip(&s.i, &tag);
	assert_non_null(strstr(s.k.found.ptr, "two "));
	assert_unread(&s.k, "");
	scene_done(&s);
}

static void of_a_shallow_commit_all_is_new_and_that_is_told(void **)
{
	struct scene s;
	struct oid shallow = pack_id(2);

	scene_init(&s);
	forge_tree(&s.m, 100, ENTRIES({ TREE_FILE, "a", 900 }));
	forge_commit(&s.m, 2, 100, PARENTS(1), 2);
	open_with(&s, (struct introduced_options){ .shallow = &shallow, .shallow_count = 1 });
	take(&s, 2);
	assert_found(&s.k, "one a " C2 " -;");
	assert_non_null(strstr(s.k.unread.ptr, "shallow"));
	scene_done(&s);
}

static void what_cannot_be_read_is_told_once_and_the_rest_is_reported(void **)
{
	struct scene s;

	scene_init(&s);
	forge_tree(&s.m, 100, ENTRIES({ TREE_FILE, "a", 999 }, { TREE_FILE, "b", 900 }, { TREE_FOLDER, "c", 998 }));
	forge_commit(&s.m, 1, 100, PARENTS(), 1);
	forge_commit(&s.m, 2, 100, PARENTS(), 2);
	open_with(&s, (struct introduced_options){ .reader = NULL });
	take(&s, 1);
	take(&s, 2);
	assert_found(&s.k, "one b " C1 " -;one b " C2 " -;");
	assert_unread(&s.k, "63000003e75a0000000000000000000000000000 missing-object;"
			    "3e000003e65a0000000000000000000000000000 missing-object;");
	scene_done(&s);
}

static void a_chain_of_tags_too_long_to_follow_is_told(void **)
{
	struct scene s;
	struct oid tip = pack_id(1000 + GIT_TAG_DEPTH);

	scene_init(&s);
	for (unsigned i = 0; i < GIT_TAG_DEPTH + 1; i++)
		forge_tag(&s.m, 1000 + i, i ? "tag" : "blob", i ? 999 + i : 900);
	open_with(&s, (struct introduced_options){ .reader = NULL });
	introduced_tip(&s.i, &tip);
	assert_non_null(s.k.unread.ptr);
	assert_non_null(strstr(s.k.unread.ptr, unread_names[UNREAD_LIMIT]));
	scene_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_secret_that_the_path_had_not_is_new),
		cmocka_unit_test(of_whole_files_everything_is_reported),
		cmocka_unit_test(a_merge_brings_what_neither_side_had_at_that_path),
		cmocka_unit_test(messages_of_commits_and_tags_are_text_too),
		cmocka_unit_test(a_tip_that_is_a_tree_or_a_blob_is_read),
		cmocka_unit_test(of_a_shallow_commit_all_is_new_and_that_is_told),
		cmocka_unit_test(what_cannot_be_read_is_told_once_and_the_rest_is_reported),
		cmocka_unit_test(a_chain_of_tags_too_long_to_follow_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
