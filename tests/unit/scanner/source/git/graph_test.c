/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/graph.h"

#include "tests/support/forge.h"

#define TREE 9000 /* of every commit: nobody reads it */

struct graphed {
	struct place p;
	struct made_pack m;
	struct object_reader *reader;
	struct graph g;
	struct forge_unread unread;
};

static void graphed_init(struct graphed *s)
{
	place_init(&s->p);
	pack_begin(&s->m);
	s->unread = (struct forge_unread){ .count = 0 };
}

static void open_graph(struct graphed *s)
{
	s->reader = forge_open(&s->p, &s->m);
	graph_init(&s->g, s->reader, OID_SHA1_BYTES);
	s->g.unread = forge_take_unread;
	s->g.context = &s->unread;
}

static void graphed_done(struct graphed *s)
{
	graph_done(&s->g);
	object_reader_freep(&s->reader);
	place_done(&s->p);
}

static void add(struct graphed *s, unsigned n, enum reach reach)
{
	struct oid id = pack_id(n);

	assert_int_equal(graph_add(&s->g, &id, reach), 0);
}

static uint32_t number_of(const struct graphed *s, unsigned n)
{
	struct oid id = pack_id(n);

	return graph_find(&s->g, &id);
}

/* Each commit once, parents before children. */
static void check_order(const struct graphed *s)
{
	uint32_t *order = graph_order(&s->g);
	bool *is_done = calloc(s->g.count + 1, sizeof(bool));

	assert_non_null(order);
	assert_non_null(is_done);
	for (size_t i = 0; i < s->g.count; i++) {
		size_t count;
		const uint32_t *parents;

		assert_in_range(order[i], 0, s->g.count - 1);
		assert_false(is_done[order[i]]);
		parents = graph_parents(&s->g, order[i], &count);
		for (size_t k = 0; k < count; k++)
			assert_true(is_done[parents[k]]);
		is_done[order[i]] = true;
	}
	free(order);
	free(is_done);
}

static void all_that_a_tip_reaches_is_there_with_its_parents(void **)
{
	struct graphed s;
	size_t count;
	const uint32_t *parents;

	graphed_init(&s);
	forge_commit(&s.m, 1, TREE, PARENTS(), 100);
	forge_commit(&s.m, 2, TREE, PARENTS(1), 200);
	forge_commit(&s.m, 3, TREE, PARENTS(1), 300);
	forge_commit(&s.m, 4, TREE, PARENTS(2, 3), 400);
	forge_commit(&s.m, 5, TREE, PARENTS(4), 500);
	open_graph(&s);
	add(&s, 4, REACH_REF);
	assert_int_equal(s.g.count, 4);
	assert_int_equal(number_of(&s, 5), OIDMAP_NONE);
	parents = graph_parents(&s.g, number_of(&s, 4), &count);
	assert_int_equal(count, 2);
	assert_int_equal(parents[0], number_of(&s, 2));
	assert_int_equal(parents[1], number_of(&s, 3));
	assert_int_equal(s.g.commits[number_of(&s, 3)].time_s, 300);
	check_order(&s);
	graphed_done(&s);
}

static void a_commit_keeps_the_best_reach(void **)
{
	struct graphed s;

	graphed_init(&s);
	forge_commit(&s.m, 1, TREE, PARENTS(), 1);
	forge_commit(&s.m, 2, TREE, PARENTS(1), 2);
	forge_commit(&s.m, 3, TREE, PARENTS(2), 3);
	forge_commit(&s.m, 4, TREE, PARENTS(3), 4);
	open_graph(&s);
	add(&s, 2, REACH_REF);
	add(&s, 3, REACH_STASH);
	add(&s, 4, REACH_NOTHING);
	assert_int_equal(s.g.commits[number_of(&s, 1)].reach, REACH_REF);
	assert_int_equal(s.g.commits[number_of(&s, 3)].reach, REACH_STASH);
	assert_int_equal(s.g.commits[number_of(&s, 4)].reach, REACH_NOTHING);
	graphed_done(&s);
}

static void the_order_holds_for_criss_cross_merges_and_clocks_that_go_backwards(void **)
{
	struct graphed s;

	graphed_init(&s);
	forge_commit(&s.m, 1, TREE, PARENTS(), 5000);
	forge_commit(&s.m, 2, TREE, PARENTS(1), 10);
	forge_commit(&s.m, 3, TREE, PARENTS(1), 4000);
	forge_commit(&s.m, 4, TREE, PARENTS(2, 3), 1);
	forge_commit(&s.m, 5, TREE, PARENTS(3, 2), 9000);
	forge_commit(&s.m, 6, TREE, PARENTS(4, 5), 2);
	forge_commit(&s.m, 7, TREE, PARENTS(6, 1, 6), 0); /* a parent twice, and one that the other has */
	open_graph(&s);
	add(&s, 7, REACH_REF);
	assert_int_equal(s.g.count, 7);
	check_order(&s);
	graphed_done(&s);
}

static void a_merge_of_300_is_read_whole(void **)
{
	struct graphed s;
	unsigned parents[301] = { 0 };
	size_t count;

	graphed_init(&s);
	for (unsigned i = 0; i < 300; i++) {
		parents[i] = i + 1;
		forge_commit(&s.m, i + 1, TREE, PARENTS(), (long)i);
	}
	forge_commit(&s.m, 1000, TREE, parents, 1000);
	open_graph(&s);
	add(&s, 1000, REACH_REF);
	(void)graph_parents(&s.g, number_of(&s, 1000), &count);
	assert_int_equal(count, 300);
	check_order(&s);
	graphed_done(&s);
}

static void commits_in_a_circle_are_each_in_the_order_once(void **)
{
	struct graphed s;
	uint32_t *order;
	uint64_t sum = 0;

	graphed_init(&s);
	forge_commit(&s.m, 1, TREE, PARENTS(), 1);
	forge_commit(&s.m, 2, TREE, PARENTS(4, 1), 2);
	forge_commit(&s.m, 3, TREE, PARENTS(2), 3);
	forge_commit(&s.m, 4, TREE, PARENTS(3, 4), 4);
	forge_commit(&s.m, 5, TREE, PARENTS(4), 5);
	open_graph(&s);
	add(&s, 5, REACH_REF);
	assert_int_equal(s.g.count, 5);
	order = graph_order(&s.g);
	assert_non_null(order);
	for (size_t i = 0; i < 5; i++) {
		assert_in_range(order[i], 0, 4);
		sum |= (uint64_t)1 << order[i];
	}
	assert_int_equal(sum, 31);
	free(order);
	graphed_done(&s);
}

static void parents_of_a_shallow_commit_are_not_looked_for(void **)
{
	struct graphed s;
	struct oid shallow = pack_id(2);
	size_t count;

	graphed_init(&s);
	forge_commit(&s.m, 2, TREE, PARENTS(1), 2);
	forge_commit(&s.m, 3, TREE, PARENTS(2), 3);
	open_graph(&s);
	s.g.shallow = &shallow;
	s.g.shallow_count = 1;
	add(&s, 3, REACH_REF);
	assert_int_equal(s.g.count, 2);
	(void)graph_parents(&s.g, number_of(&s, 2), &count);
	assert_int_equal(count, 0);
	assert_int_equal(s.unread.count, 0);
	graphed_done(&s);
}

static void a_parent_that_is_missing_or_broken_is_told(void **)
{
	struct graphed s;

	graphed_init(&s);
	(void)pack_add(&s.m, pack_id(2), OBJECT_COMMIT, VIEW("tree of nothing"));
	forge_commit(&s.m, 3, TREE, PARENTS(1, 2), 3);
	open_graph(&s);
	add(&s, 3, REACH_REF);
	assert_int_equal(s.unread.count, 2);
	assert_true(forge_was_told(&s.unread, 1, UNREAD_MISSING_OBJECT));
	assert_true(forge_was_told(&s.unread, 2, UNREAD_CORRUPT));
	check_order(&s);
	graphed_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_a_tip_reaches_is_there_with_its_parents),
		cmocka_unit_test(a_commit_keeps_the_best_reach),
		cmocka_unit_test(the_order_holds_for_criss_cross_merges_and_clocks_that_go_backwards),
		cmocka_unit_test(a_merge_of_300_is_read_whole),
		cmocka_unit_test(commits_in_a_circle_are_each_in_the_order_once),
		cmocka_unit_test(parents_of_a_shallow_commit_are_not_looked_for),
		cmocka_unit_test(a_parent_that_is_missing_or_broken_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
