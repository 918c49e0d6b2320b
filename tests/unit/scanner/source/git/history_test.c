/* SPDX-License-Identifier: Apache-2.0 */
/* Whole histories: what is found in the store is placed, and what nothing leads to is told only on demand. Objects are
 * called by number; pack_id(1) starts with 25, 2 with 4a, 3 with 6f, 4 with 94. */
#include "scanner/source/git/history.h"

#include "tests/support/forge.h"
#include "tests/support/keysink.h"

#define C1 "2500000001"
#define C2 "4a00000002"
#define C3 "6f00000003"
#define C4 "9400000004"
#define MEMORY_BYTES ((size_t)64 << 20)

struct scene {
	struct place p;
	struct made_pack m;
	struct object_reader *reader;
	struct keysink k;
	struct attribution_tip tips[8];
	struct history_options o;
	struct history_result result;
};

static void scene_init(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	place_init(&s->p);
	pack_begin(&s->m);
	keysink_init(&s->k);
	add_blob(&s->m, 900, VIEW("KEY(one)"));
	add_blob(&s->m, 901, VIEW("KEY(two)"));
	add_blob(&s->m, 902, VIEW("nothing"));
}

static void tip(struct scene *s, unsigned n, enum reach reach, const char *name)
{
	s->tips[s->o.tip_count++] = (struct attribution_tip){ .id = pack_id(n), .reach = reach, .name = name };
}

static void note(const char *)
{
}

static void scan(struct scene *s)
{
	struct err err = ERR_INIT;

	s->reader = forge_open(&s->p, &s->m);
	s->o.objects = s->p.objects;
	s->o.hash_len = OID_SHA1_BYTES;
	s->o.tips = s->tips;
	s->o.jobs = 2;
	s->o.max_bytes = MEMORY_BYTES;
	s->o.note = note;
	if (history_scan(&s->o, &s->k.sink, &s->result, &err))
		fail_msg("%s", err.text);
	assert_int_equal(s->result.is_whole, s->k.unread.ptr == NULL);
}

static void scene_done(struct scene *s)
{
	object_reader_freep(&s->reader);
	keysink_done(&s->k);
	place_done(&s->p);
}

static void finds_come_with_their_first_commit_in_order_of_time(void **)
{
	struct scene s;

	scene_init(&s);
	forge_tree(&s.m, 100, ENTRIES({ TREE_FILE, "b", 901 }, { TREE_FILE, "n", 902 }));
	forge_tree(&s.m, 101, ENTRIES({ TREE_FILE, "a", 900 }, { TREE_FILE, "b", 901 }));
	forge_commit(&s.m, 1, 100, PARENTS(), 10);
	forge_commit(&s.m, 2, 101, PARENTS(1), 20);
	tip(&s, 2, REACH_REF, "refs/heads/main");
	scan(&s);
	assert_found(&s.k, "two b " C1 " ref;one a " C2 " ref;");
	assert_unread(&s.k, "");
	scene_done(&s);
}

/* One commit of each reach, with a find of its own. */
static void forge_all_reaches(struct scene *s)
{
	add_blob(&s->m, 903, VIEW("KEY(three)"));
	add_blob(&s->m, 904, VIEW("KEY(four)"));
	add_blob(&s->m, 905, VIEW("KEY(dangling)"));
	for (unsigned i = 0; i < 4; i++) {
		static const unsigned blobs[] = { 900, 901, 903, 904 };

		forge_tree(&s->m, 100 + i, ENTRIES({ TREE_FILE, "f", blobs[i] }));
		forge_commit(&s->m, 1 + i, 100 + i, PARENTS(), i + 1);
	}
	tip(s, 1, REACH_REF, "refs/heads/main");
	tip(s, 2, REACH_STASH, "refs/stash");
}

static void by_default_what_refs_and_stashes_reach_is_reported(void **)
{
	struct scene s;

	scene_init(&s);
	forge_all_reaches(&s);
	scan(&s);
	assert_found(&s.k, "one f " C1 " ref;two f " C2 " stash;");
	scene_done(&s);
}

static void on_demand_everything_is_reported_with_where_it_is_from(void **)
{
	struct scene s;

	scene_init(&s);
	forge_all_reaches(&s);
	tip(&s, 3, REACH_REFLOG, NULL);
	s.o.full = true;
	scan(&s);
	assert_found(&s.k, "one f " C1 " ref;two f " C2 " stash;three f " C3 " reflog;four f " C4 " unreachable;"
			   "dangling cd00000389"
			   "5a0000000000000000000000000000 - unreachable;");
	scene_done(&s);
}

static void a_find_in_two_packs_and_a_loose_file_is_reported_once(void **)
{
	struct scene s;
	struct made_pack again;

	scene_init(&s);
	forge_tree(&s.m, 100, ENTRIES({ TREE_FILE, "a", 900 }));
	forge_commit(&s.m, 1, 100, PARENTS(), 1);
	pack_begin(&again);
	add_blob(&again, 900, VIEW("KEY(one)"));
	put(&s.p, &again, "pack-2");
	put_loose_text(&s.p, 900, VIEW("blob 8\0KEY(one)"));
	tip(&s, 1, REACH_REF, "refs/heads/main");
	scan(&s);
	assert_found(&s.k, "one a " C1 " ref;");
	scene_done(&s);
}

static void an_object_that_trees_refer_to_and_that_is_not_there_is_told(void **)
{
	struct scene s;

	scene_init(&s);
	forge_tree(&s.m, 100, ENTRIES({ TREE_FILE, "a", 900 }, { TREE_FILE, "b", 999 }));
	forge_commit(&s.m, 1, 100, PARENTS(), 1);
	tip(&s, 1, REACH_REF, "refs/heads/main");
	scan(&s);
	assert_found(&s.k, "one a " C1 " ref;");
	assert_non_null(s.k.unread.ptr);
	assert_non_null(strstr(s.k.unread.ptr, unread_names[UNREAD_MISSING_OBJECT]));
	assert_true(s.result.lost > 0);
	scene_done(&s);
}

static void a_damaged_object_is_told_and_the_rest_is_reported(void **)
{
	struct scene s;

	scene_init(&s);
	add_blob(&s.m, 903, VIEW("KEY(never read)"));
	s.m.pack.ptr[s.m.pack.len - 1] ^= 1;
	forge_tree(&s.m, 100, ENTRIES({ TREE_FILE, "a", 900 }, { TREE_FILE, "b", 903 }));
	forge_commit(&s.m, 1, 100, PARENTS(), 1);
	tip(&s, 1, REACH_REF, "refs/heads/main");
	scan(&s);
	assert_found(&s.k, "one a " C1 " ref;");
	assert_non_null(s.k.unread.ptr);
	assert_non_null(strstr(s.k.unread.ptr, unread_names[UNREAD_CORRUPT]));
	scene_done(&s);
}

static void messages_are_finds_at_their_commit(void **)
{
	struct scene s;
	struct buf text = BUF_INIT(4096);

	scene_init(&s);
	forge_add_hex(&text, "tree", 100);
	assert_int_equal(buf_add_text(&text, "author A <a> 1 +0000\ncommitter C <c> 1 +0000\n\nKEY(said)\n"), 0);
	(void)pack_add(&s.m, pack_id(1), OBJECT_COMMIT, buf_view(&text));
	forge_tree(&s.m, 100, ENTRIES());
	tip(&s, 1, REACH_REF, "refs/heads/main");
	scan(&s);
	assert_found(&s.k, "said COMMIT_EDITMSG " C1 " ref;");
	buf_done(&text);
	scene_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_come_with_their_first_commit_in_order_of_time),
		cmocka_unit_test(by_default_what_refs_and_stashes_reach_is_reported),
		cmocka_unit_test(on_demand_everything_is_reported_with_where_it_is_from),
		cmocka_unit_test(a_find_in_two_packs_and_a_loose_file_is_reported_once),
		cmocka_unit_test(an_object_that_trees_refer_to_and_that_is_not_there_is_told),
		cmocka_unit_test(a_damaged_object_is_told_and_the_rest_is_reported),
		cmocka_unit_test(messages_are_finds_at_their_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
