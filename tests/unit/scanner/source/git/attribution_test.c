/* SPDX-License-Identifier: Apache-2.0 */
/* Where finds stand in history, on forged histories: who the first and the last commit are, under which paths, what
 * reaches them. */
#include "scanner/source/git/attribution.h"

#include <stdlib.h>

#include "tests/support/forge.h"

#define KEY 900   /* the blob that is looked for */
#define OTHER 901 /* one that is not */
#define SETS_BYTES ((size_t)16 << 20)
#define FINDS_MAX 64

struct scene {
	struct place p;
	struct made_pack m;
	struct object_reader *reader;
	struct graph g;
	struct forge_unread unread;
	struct attribution_tip tips[16];
	struct attribution_find finds[FINDS_MAX];
	struct attribution a;
	bool is_stopped;
};

static void scene_init(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	place_init(&s->p);
	pack_begin(&s->m);
}

static void tip(struct scene *s, unsigned n, enum reach reach, const char *name)
{
	s->tips[s->a.tip_count++] = (struct attribution_tip){
		.id = pack_id(n), .reach = reach, .name = name, .is_head = name && strcmp(name, "HEAD") == 0
	};
	if (s->tips[s->a.tip_count - 1].is_head)
		s->tips[s->a.tip_count - 1].name = NULL;
}

static void find(struct scene *s, unsigned n, enum object_type type)
{
	s->finds[s->a.find_count++] = (struct attribution_find){ .id = pack_id(n), .type = type };
}

static bool is_stopped(void *context)
{
	return ((struct scene *)((char *)context - offsetof(struct scene, unread)))->is_stopped;
}

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, OID_MAX_BYTES);
}

static int run_with(struct scene *s, size_t max_bytes, struct err *err)
{
	s->reader = forge_open(&s->p, &s->m);
	graph_init(&s->g, s->reader, OID_SHA1_BYTES);
	s->g.unread = forge_take_unread;
	s->g.context = &s->unread;
	s->a.reader = s->reader;
	s->a.graph = &s->g;
	s->a.tips = s->tips;
	s->a.finds = s->finds;
	qsort(s->finds, s->a.find_count, sizeof(s->finds[0]), by_id);
	s->a.max_bytes = max_bytes;
	s->a.unread = forge_take_unread;
	s->a.stopped = is_stopped;
	s->a.context = &s->unread;
	return attribution_run(&s->a, err);
}

static void run(struct scene *s)
{
	struct err err = ERR_INIT;

	if (run_with(s, SETS_BYTES, &err))
		fail_msg("%s", err.text);
}

static void scene_done(struct scene *s)
{
	for (size_t i = 0; i < s->a.find_count; i++)
		attribution_find_done(&s->finds[i]);
	graph_done(&s->g);
	object_reader_freep(&s->reader);
	place_done(&s->p);
}

static struct attribution_find *find_of(struct scene *s, unsigned n)
{
	struct oid id = pack_id(n);

	for (size_t i = 0; i < s->a.find_count; i++)
		if (oid_eq(&s->finds[i].id, &id))
			return &s->finds[i];
	fail_msg("no find %u", n);
	return NULL;
}

static void is_commit(struct scene *s, uint32_t number, unsigned n)
{
	struct oid id = pack_id(n);

	assert_int_equal(number, graph_find(&s->g, &id));
}

/* The find's first and last commit, path and other paths. */
static void stands(struct scene *s, unsigned n, unsigned first, unsigned last, const char *path, const char *also_at)
{
	struct attribution_find *f = find_of(s, n);

	is_commit(s, f->first, first);
	is_commit(s, f->last, last);
	assert_string_equal(f->path.ptr ? f->path.ptr : "", path);
	assert_string_equal(f->also_at.ptr ? f->also_at.ptr : "", also_at);
}

static void refs(struct scene *s, unsigned n, enum reach reach, const char *names, bool at_head)
{
	struct attribution_find *f = find_of(s, n);

	assert_int_equal(f->reach, reach);
	assert_string_equal(f->refs.ptr ? f->refs.ptr : "", names);
	assert_int_equal(f->at_head, at_head);
}

static void with_key(struct scene *s, unsigned tree)
{
	forge_tree(&s->m, tree, ENTRIES({ TREE_FILE, "key", KEY }, { TREE_FILE, "other", OTHER }));
}

static void without_key(struct scene *s, unsigned tree)
{
	forge_tree(&s->m, tree, ENTRIES({ TREE_FILE, "other", OTHER }));
}

static void first_is_who_brought_it_and_last_who_had_it_last(void **)
{
	struct scene s;

	scene_init(&s);
	with_key(&s, 100);
	without_key(&s, 101);
	forge_commit(&s.m, 1, 101, PARENTS(), 10);
	forge_commit(&s.m, 2, 100, PARENTS(1), 20);
	forge_commit(&s.m, 3, 100, PARENTS(2), 30);
	forge_commit(&s.m, 4, 101, PARENTS(3), 40);
	tip(&s, 4, REACH_REF, "HEAD");
	tip(&s, 4, REACH_REF, "refs/heads/main");
	tip(&s, 1, REACH_REF, "refs/heads/old");
	find(&s, KEY, OBJECT_BLOB);
	run(&s);
	stands(&s, KEY, 2, 3, "key", "");
	refs(&s, KEY, REACH_REF, "refs/heads/main\n", false);
	scene_done(&s);
}

static void what_came_twice_is_from_the_earlier_clock_whatever_the_order(void **)
{
	struct scene s;

	scene_init(&s);
	with_key(&s, 100);
	without_key(&s, 101);
	forge_commit(&s.m, 1, 100, PARENTS(), 500); /* clock skew: the root is the latest */
	forge_commit(&s.m, 2, 101, PARENTS(1), 100);
	forge_commit(&s.m, 3, 100, PARENTS(2), 300);
	forge_commit(&s.m, 4, 101, PARENTS(3), 200);
	tip(&s, 4, REACH_REF, "refs/heads/main");
	find(&s, KEY, OBJECT_BLOB);
	run(&s);
	stands(&s, KEY, 3, 1, "key", "");
	scene_done(&s);
}

static void of_equal_times_the_lower_id_counts(void **)
{
	struct scene s;
	struct oid a = pack_id(2), b = pack_id(3);
	unsigned low = memcmp(&a, &b, sizeof(a)) < 0 ? 2 : 3;

	scene_init(&s);
	with_key(&s, 100);
	forge_commit(&s.m, 2, 100, PARENTS(), 100);
	forge_commit(&s.m, 3, 100, PARENTS(), 100);
	tip(&s, 2, REACH_REF, "refs/heads/a");
	tip(&s, 3, REACH_REF, "refs/heads/b");
	find(&s, KEY, OBJECT_BLOB);
	run(&s);
	stands(&s, KEY, low, low, "key", "");
	refs(&s, KEY, REACH_REF, "refs/heads/a\nrefs/heads/b\n", false);
	scene_done(&s);
}

static void a_merge_that_only_hands_it_on_is_not_first(void **)
{
	struct scene s;

	scene_init(&s);
	with_key(&s, 100);
	without_key(&s, 101);
	forge_commit(&s.m, 1, 101, PARENTS(), 10);
	forge_commit(&s.m, 2, 101, PARENTS(1), 20);
	forge_commit(&s.m, 3, 100, PARENTS(1), 30);
	forge_commit(&s.m, 4, 100, PARENTS(2, 3), 5); /* earlier by its clock */
	tip(&s, 4, REACH_REF, "HEAD");
	find(&s, KEY, OBJECT_BLOB);
	run(&s);
	stands(&s, KEY, 3, 4, "key", "");
	refs(&s, KEY, REACH_REF, "", true);
	scene_done(&s);
}

static void what_only_a_merge_of_many_brings_is_the_merges(void **)
{
	struct scene s;
	unsigned parents[41] = { 0 };

	scene_init(&s);
	with_key(&s, 100);
	without_key(&s, 101);
	for (unsigned i = 0; i < 40; i++) {
		parents[i] = i + 1;
		forge_commit(&s.m, i + 1, 101, PARENTS(), 10);
	}
	forge_commit(&s.m, 50, 100, parents, 20);
	tip(&s, 50, REACH_REF, "HEAD");
	find(&s, KEY, OBJECT_BLOB);
	run(&s);
	stands(&s, KEY, 50, 50, "key", "");
	scene_done(&s);
}

static void the_path_is_that_at_the_first_commit_and_all_others_are_named(void **)
{
	struct scene s;

	scene_init(&s);
	forge_tree(&s.m, 110, ENTRIES({ TREE_FILE, "z", KEY }, { TREE_LINK, "b", KEY }));
	forge_tree(&s.m, 100, ENTRIES({ TREE_FILE, "x", KEY }, { TREE_FOLDER, "dir", 110 }));
	forge_tree(&s.m, 101, ENTRIES({ TREE_FOLDER, "moved", 110 }, { TREE_FILE, "a", KEY }));
	forge_commit(&s.m, 1, 100, PARENTS(), 10);
	forge_commit(&s.m, 2, 101, PARENTS(1), 20);
	tip(&s, 2, REACH_REF, "HEAD");
	find(&s, KEY, OBJECT_BLOB);
	run(&s);
	stands(&s, KEY, 1, 2, "dir/b", "a//dir/z//moved/b//moved/z//x");
	scene_done(&s);
}

static void a_blob_of_a_worse_reach_is_placed_among_all_better_commits(void **)
{
	struct scene s;

	scene_init(&s);
	with_key(&s, 100);
	without_key(&s, 101);
	forge_commit(&s.m, 1, 101, PARENTS(), 10);
	forge_commit(&s.m, 2, 100, PARENTS(1), 20);
	forge_commit(&s.m, 3, 100, PARENTS(2), 30);
	tip(&s, 1, REACH_REF, "refs/heads/main");
	tip(&s, 2, REACH_STASH, "refs/stash");
	tip(&s, 3, REACH_REFLOG, NULL);
	find(&s, KEY, OBJECT_BLOB);
	run(&s);
	stands(&s, KEY, 2, 2, "key", "");
	refs(&s, KEY, REACH_STASH, "refs/stash\n", false);
	scene_done(&s);
}

static void a_blob_that_a_loose_end_alone_has_is_placed_there(void **)
{
	struct scene s;
	struct oid ends[] = { pack_id(2) };

	scene_init(&s);
	with_key(&s, 100);
	without_key(&s, 101);
	forge_commit(&s.m, 1, 101, PARENTS(), 10);
	forge_commit(&s.m, 2, 100, PARENTS(1), 20);
	tip(&s, 1, REACH_REF, "refs/heads/main");
	s.a.loose_ends = ends;
	s.a.loose_end_count = 1;
	find(&s, KEY, OBJECT_BLOB);
	run(&s);
	stands(&s, KEY, 2, 2, "key", "");
	refs(&s, KEY, REACH_NOTHING, "", false);
	scene_done(&s);
}

static void a_blob_that_no_commit_has_is_placed_by_a_tag_to_its_tree_or_to_it(void **)
{
	struct scene s;
	struct attribution_find *f;

	scene_init(&s);
	with_key(&s, 100);
	(void)pack_add(&s.m, pack_id(KEY), OBJECT_BLOB, VIEW("key"));
	(void)pack_add(&s.m, pack_id(902), OBJECT_BLOB, VIEW("another"));
	(void)pack_add(&s.m, pack_id(903), OBJECT_BLOB, VIEW("dangling"));
	forge_tag(&s.m, 200, "tree", 100);
	forge_tag(&s.m, 201, "blob", 902);
	tip(&s, 200, REACH_REF, "refs/tags/tree");
	tip(&s, 201, REACH_REF, "refs/tags/blob");
	find(&s, KEY, OBJECT_BLOB);
	find(&s, 902, OBJECT_BLOB);
	find(&s, 903, OBJECT_BLOB);
	run(&s);
	f = find_of(&s, KEY);
	assert_int_equal(f->first, OIDMAP_NONE);
	assert_string_equal(f->path.ptr, "key");
	refs(&s, KEY, REACH_REF, "refs/tags/tree\n", false);
	assert_int_equal(find_of(&s, 902)->path.len, 0);
	refs(&s, 902, REACH_REF, "refs/tags/blob\n", false);
	refs(&s, 903, REACH_NOTHING, "", false);
	assert_int_equal(s.unread.count, 0);
	scene_done(&s);
}

static void commits_and_tags_are_finds_of_their_own(void **)
{
	struct scene s;
	struct attribution_find *f;

	scene_init(&s);
	without_key(&s, 101);
	forge_commit(&s.m, 1, 101, PARENTS(), 10);
	forge_commit(&s.m, 2, 101, PARENTS(1), 20);
	forge_tag(&s.m, 200, "commit", 1);
	forge_tag(&s.m, 201, "tag", 200);
	tip(&s, 2, REACH_REF, "HEAD");
	tip(&s, 2, REACH_REF, "refs/heads/main");
	tip(&s, 201, REACH_REF, "refs/tags/v1");
	find(&s, 1, OBJECT_COMMIT);
	find(&s, 200, OBJECT_TAG);
	run(&s);
	stands(&s, 1, 1, 1, "", "");
	refs(&s, 1, REACH_REF, "refs/heads/main\nrefs/tags/v1\n", true);
	f = find_of(&s, 200);
	is_commit(&s, f->first, 1);
	refs(&s, 200, REACH_REF, "refs/tags/v1\n", false);
	scene_done(&s);
}

static void a_chain_of_tags_too_long_to_follow_is_told(void **)
{
	struct scene s;

	scene_init(&s);
	without_key(&s, 101);
	forge_commit(&s.m, 1, 101, PARENTS(), 10);
	for (unsigned i = 0; i < GIT_TAG_DEPTH + 1; i++)
		forge_tag(&s.m, 1000 + i, i ? "tag" : "commit", i ? 999 + i : 1);
	tip(&s, 1000 + GIT_TAG_DEPTH, REACH_REF, "refs/tags/deep");
	find(&s, KEY, OBJECT_BLOB);
	run(&s);
	assert_int_equal(s.unread.count, 1);
	assert_int_equal(s.unread.reasons[0], UNREAD_LIMIT);
	scene_done(&s);
}

static void trees_that_are_missing_broken_or_hold_themselves_are_gone_around(void **)
{
	struct scene s;

	scene_init(&s);
	forge_tree(&s.m, 100,
		   ENTRIES({ TREE_FOLDER, "a", 100 }, { TREE_FOLDER, "b", 110 }, { TREE_FOLDER, "c", 111 },
			   { TREE_SUBMODULE, "d", KEY }, { TREE_FILE, "key", KEY }, { TREE_FILE, "key", OTHER },
			   { TREE_FILE, "..", KEY }));
	(void)pack_add(&s.m, pack_id(111), OBJECT_TREE, VIEW("100644 cut off\0 ..."));
	forge_commit(&s.m, 1, 100, PARENTS(), 10);
	tip(&s, 1, REACH_REF, "HEAD");
	find(&s, KEY, OBJECT_BLOB);
	run(&s);
	stands(&s, KEY, 1, 1, "..", "key");
	assert_int_equal(s.unread.count, 2);
	assert_true(forge_was_told(&s.unread, 110, UNREAD_MISSING_OBJECT));
	assert_true(forge_was_told(&s.unread, 111, UNREAD_CORRUPT));
	scene_done(&s);
}

static void trees_that_share_trees_are_walked_in_bounded_time(void **)
{
	struct scene s;

	scene_init(&s);
	forge_tree(&s.m, 100, ENTRIES({ TREE_FILE, "key", KEY }));
	for (unsigned i = 1; i <= 40; i++)
		forge_tree(&s.m, 100 + i,
			   ENTRIES({ TREE_FOLDER, "a", 99 + i }, { TREE_FOLDER, "b", 99 + i },
				   { TREE_FOLDER, "c", 99 + i }));
	forge_commit(&s.m, 1, 140, PARENTS(), 10);
	tip(&s, 1, REACH_REF, "HEAD");
	find(&s, KEY, OBJECT_BLOB);
	run(&s);
	is_commit(&s, find_of(&s, KEY)->first, 1);
	assert_true(find_of(&s, KEY)->path.len > 0);
	scene_done(&s);
}

static void trees_nested_deeper_from_commit_to_commit_do_not_use_up_the_stack(void **)
{
	struct scene s;

	scene_init(&s);
	forge_tree(&s.m, 10000, ENTRIES({ TREE_FILE, "k", KEY }));
	for (unsigned i = 1; i <= 100000; i++) {
		forge_tree(&s.m, 10000 + i, ENTRIES({ TREE_FOLDER, "d", 9999 + i }));
		if (i % 2000 == 0) { /* the newest, which is read first, has the shallowest */
			unsigned n = 51 - i / 2000;

			forge_commit(&s.m, n, 10000 + i, n == 1 ? PARENTS() : PARENTS(n - 1), n);
		}
	}
	tip(&s, 50, REACH_REF, "HEAD");
	find(&s, KEY, OBJECT_BLOB);
	run(&s);
	is_commit(&s, find_of(&s, KEY)->first, 1);
	scene_done(&s);
}

static void finds_that_do_not_fit_together_are_done_in_rounds(void **)
{
	struct scene s;
	struct err err = ERR_INIT;

	scene_init(&s);
	for (unsigned i = 0; i < FINDS_MAX; i++) {
		struct forged_entry entries[FINDS_MAX + 1] = { { TREE_FILE, NULL, 0 } };
		char names[FINDS_MAX][8];

		for (unsigned k = 0; k <= i; k++) { /* a set of its own for each commit */
			(void)snprintf(names[k], sizeof(names[k]), "f%02u", k);
			entries[k] = (struct forged_entry){ TREE_FILE, names[k], 2000 + k };
		}
		forge_tree(&s.m, 1000 + i, entries);
		forge_commit(&s.m, i + 1, 1000 + i, i ? PARENTS(i) : PARENTS(), i);
		find(&s, 2000 + i, OBJECT_BLOB);
	}
	tip(&s, FINDS_MAX, REACH_REF, "refs/heads/main");
	if (run_with(&s, 8192, &err)) /* 512 members in all sets */
		fail_msg("%s", err.text);
	for (unsigned i = 0; i < FINDS_MAX; i++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "f%02u", i);
		stands(&s, 2000 + i, i + 1, FINDS_MAX, name, "");
		refs(&s, 2000 + i, REACH_REF, "refs/heads/main\n", false);
	}
	scene_done(&s);
}

static void a_walk_that_is_stopped_says_so(void **)
{
	struct scene s;
	struct err err = ERR_INIT;

	scene_init(&s);
	with_key(&s, 100);
	forge_tag(&s.m, 200, "tree", 100);
	forge_commit(&s.m, 1, 100, PARENTS(), 10);
	tip(&s, 200, REACH_REF, "refs/tags/a");
	tip(&s, 200, REACH_REF, "refs/tags/b");
	tip(&s, 1, REACH_REF, "HEAD");
	find(&s, KEY, OBJECT_BLOB);
	s.is_stopped = true;
	assert_int_equal(run_with(&s, SETS_BYTES, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	scene_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_is_who_brought_it_and_last_who_had_it_last),
		cmocka_unit_test(what_came_twice_is_from_the_earlier_clock_whatever_the_order),
		cmocka_unit_test(of_equal_times_the_lower_id_counts),
		cmocka_unit_test(a_merge_that_only_hands_it_on_is_not_first),
		cmocka_unit_test(what_only_a_merge_of_many_brings_is_the_merges),
		cmocka_unit_test(the_path_is_that_at_the_first_commit_and_all_others_are_named),
		cmocka_unit_test(a_blob_of_a_worse_reach_is_placed_among_all_better_commits),
		cmocka_unit_test(a_blob_that_a_loose_end_alone_has_is_placed_there),
		cmocka_unit_test(a_blob_that_no_commit_has_is_placed_by_a_tag_to_its_tree_or_to_it),
		cmocka_unit_test(commits_and_tags_are_finds_of_their_own),
		cmocka_unit_test(a_chain_of_tags_too_long_to_follow_is_told),
		cmocka_unit_test(trees_that_are_missing_broken_or_hold_themselves_are_gone_around),
		cmocka_unit_test(trees_that_share_trees_are_walked_in_bounded_time),
		cmocka_unit_test(trees_nested_deeper_from_commit_to_commit_do_not_use_up_the_stack),
		cmocka_unit_test(finds_that_do_not_fit_together_are_done_in_rounds),
		cmocka_unit_test(a_walk_that_is_stopped_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
