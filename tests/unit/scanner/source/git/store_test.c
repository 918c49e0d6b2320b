/* SPDX-License-Identifier: Apache-2.0 */
/* Walks over whole stores: nothing is missed. */
#include "scanner/source/git/store.h"

#include "tests/support/place.h"

static void each_type_comes_with_its_content(void **)
{
	struct place p;
	struct made_pack m;

	place_init(&p);
	pack_begin(&m);
	(void)pack_add(&m, pack_id(1), OBJECT_COMMIT, VIEW("a commit"));
	(void)pack_add(&m, pack_id(2), OBJECT_TREE, VIEW("a tree"));
	(void)pack_add(&m, pack_id(3), OBJECT_BLOB, VIEW("a blob"));
	(void)pack_add(&m, pack_id(4), OBJECT_TAG, VIEW("a tag"));
	(void)pack_add(&m, pack_id(5), OBJECT_BLOB, VIEW(""));
	put(&p, &m, "pack-1");
	walk(&p);
	came(&p, 1, OBJECT_COMMIT, VIEW("a commit"));
	came(&p, 2, OBJECT_TREE, VIEW("a tree"));
	came(&p, 3, OBJECT_BLOB, VIEW("a blob"));
	came(&p, 4, OBJECT_TAG, VIEW("a tag"));
	came(&p, 5, OBJECT_BLOB, VIEW(""));
	assert_int_equal(p.w.unread_count, 0);
	place_done(&p);
}

static void only_the_types_asked_for_come(void **)
{
	struct place p;
	struct made_pack m;
	uint64_t at;

	place_init(&p);
	pack_begin(&m);
	at = pack_add(&m, pack_id(1), OBJECT_TREE, VIEW("a tree"));
	(void)add_ofs(&m, 2, at, 6, VIEW(" more"));
	add_blob(&m, 3, VIEW("a blob"));
	put(&p, &m, "pack-1");
	walk_with(&p, MEMORY, 1u << OBJECT_BLOB);
	came(&p, 3, OBJECT_BLOB, VIEW("a blob"));
	assert_int_equal(p.w.count, 1);
	assert_int_equal(p.w.unread_count, 0);
	place_done(&p);
}

static void a_delta_before_its_base_is_grown_from_it(void **)
{
	struct place p;
	struct made_pack m;

	place_init(&p);
	pack_begin(&m);
	add_ref(&m, 1, 2, 7, VIEW(" top"));
	add_ref(&m, 2, 3, 4, VIEW("mid"));
	add_blob(&m, 3, VIEW("base"));
	put(&p, &m, "pack-1");
	walk(&p);
	came(&p, 1, OBJECT_BLOB, VIEW("basemid top"));
	came(&p, 2, OBJECT_BLOB, VIEW("basemid"));
	came(&p, 3, OBJECT_BLOB, VIEW("base"));
	place_done(&p);
}

static void all_of_many_deltas_of_one_base_come(void **)
{
	struct place p;
	struct made_pack m;
	uint64_t at;

	place_init(&p);
	pack_begin(&m);
	at = pack_add(&m, pack_id(0), OBJECT_BLOB, VIEW("base"));
	for (unsigned i = 1; i <= 5000; i++) {
		char text[32];

		(void)snprintf(text, sizeof(text), " and %u", i);
		(void)add_ofs(&m, i, at, 4, view_of(text));
	}
	put(&p, &m, "pack-1");
	walk(&p);
	assert_int_equal(p.w.count, 5001);
	assert_int_equal(p.w.unread_count, 0);
	came(&p, 5000, OBJECT_BLOB, VIEW("base and 5000"));
	place_done(&p);
}

static void a_chain_10000_deep_is_read_to_its_end(void **)
{
	struct place p;
	struct made_pack m;
	const struct walked *o = NULL;
	struct oid last = pack_id(10000);

	place_init(&p);
	pack_begin(&m);
	make_chain(&m, VIEW("base"), 10000);
	put(&p, &m, "pack-1");
	walk(&p);
	assert_int_equal(p.w.count, 10001);
	assert_int_equal(p.w.unread_count, 0);
	assert_int_equal(walker_find(&p.w, &last, &o), 1);
	assert_int_equal(o->content.len, 10004);
	place_done(&p);
}

/* Two deltas grow from each object of a chain, so that contents wait in the stack and have to be given up. */
static void little_memory_loses_nothing(void **)
{
	struct place p;
	struct made_pack m;
	struct buf base = noise(600000);
	uint64_t at;

	place_init(&p);
	pack_begin(&m);
	at = pack_add(&m, pack_id(0), OBJECT_BLOB, buf_view(&base));
	for (unsigned i = 1; i < 100; i++) {
		uint64_t from = at;

		at = add_ofs(&m, 2 * i, from, base.len + i - 1, VIEW("x"));
		(void)add_ofs(&m, 2 * i + 1, from, base.len + i - 1, VIEW("side"));
	}
	put(&p, &m, "pack-1");
	walk_with(&p, (size_t)6 << 20, WALK_TYPES);
	assert_int_equal(p.w.unread_count, 0);
	assert_int_equal(p.w.count, 199);
	for (size_t i = 0; i < p.w.count; i++) {
		assert_true(p.w.objects[i].is_whole);
		assert_memory_equal(p.w.objects[i].content.ptr, base.ptr, base.len);
	}
	buf_done(&base);
	place_done(&p);
}

static void two_names_for_one_place_both_come(void **)
{
	struct place p;
	struct made_pack m;
	uint64_t at;

	place_init(&p);
	pack_begin(&m);
	at = pack_add(&m, pack_id(1), OBJECT_BLOB, VIEW("one"));
	pack_note(&m, pack_id(2), at);
	put(&p, &m, "pack-1");
	walk(&p);
	came(&p, 1, OBJECT_BLOB, VIEW("one"));
	came(&p, 2, OBJECT_BLOB, VIEW("one"));
	place_done(&p);
}

static void a_base_that_another_pack_holds_is_found(void **)
{
	struct place p;
	struct made_pack m;

	place_init(&p);
	pack_begin(&m);
	add_ref(&m, 1, 2, 4, VIEW(" thin"));
	add_ref(&m, 3, 1, 9, VIEW(" twice"));
	put(&p, &m, "pack-1");
	pack_begin(&m);
	(void)pack_add(&m, pack_id(2), OBJECT_COMMIT, VIEW("base"));
	put(&p, &m, "pack-2");
	walk(&p);
	came(&p, 1, OBJECT_COMMIT, VIEW("base thin"));
	came(&p, 3, OBJECT_COMMIT, VIEW("base thin twice"));
	place_done(&p);
}

static void an_object_in_two_packs_comes_twice(void **)
{
	struct place p;
	struct made_pack m;
	const struct walked *o = NULL;
	struct oid id = pack_id(1);

	place_init(&p);
	for (unsigned i = 0; i < 2; i++) {
		pack_begin(&m);
		add_blob(&m, 1, VIEW("same"));
		put(&p, &m, i ? "pack-1" : "pack-2");
	}
	walk(&p);
	assert_int_equal(walker_find(&p.w, &id, &o), 2);
	place_done(&p);
}

/* Above GIT_STREAM_BYTES. */
static struct buf large_content(void)
{
	return noise(GIT_STREAM_BYTES + 12345);
}

static void what_is_too_large_to_hold_comes_in_pieces(void **)
{
	struct place p;
	struct made_pack m;
	struct buf large = large_content();

	place_init(&p);
	pack_begin(&m);
	(void)pack_add(&m, pack_id(1), OBJECT_BLOB, buf_view(&large));
	put(&p, &m, "pack-1");
	walk_with(&p, (size_t)16 << 20, WALK_TYPES);
	assert_true(p.w.pieces > 5);
	came(&p, 1, OBJECT_BLOB, buf_view(&large));
	buf_done(&large);
	place_done(&p);
}

static void what_is_larger_than_a_threads_share_is_read_all_the_same(void **)
{
	struct place p;
	struct made_pack m;
	struct buf large = noise((size_t)9 << 20);

	place_init(&p);
	pack_begin(&m);
	(void)pack_add(&m, pack_id(1), OBJECT_BLOB, buf_view(&large));
	put(&p, &m, "pack-1");
	walk_with(&p, (size_t)16 << 20, WALK_TYPES);
	assert_int_equal(p.w.unread_count, 0);
	came(&p, 1, OBJECT_BLOB, buf_view(&large));
	buf_done(&large);
	place_done(&p);
}

static void a_pack_that_is_skipped_gives_nothing(void **)
{
	struct place p;
	struct made_pack m;
	const char *folders[] = { p.folder };
	struct err err = ERR_INIT;

	place_init(&p);
	pack_begin(&m);
	add_blob(&m, 1, VIEW("one"));
	put(&p, &m, "pack-1");
	pack_begin(&m);
	add_blob(&m, 2, VIEW("two"));
	put(&p, &m, "pack-2");
	p.objects = objects_open(folders, 1, OID_SHA1_BYTES, &err);
	assert_non_null(p.objects);
	p.w.skipped = objects_pack(p.objects, 0);
	walk(&p);
	assert_int_equal(p.w.count, 1);
	place_done(&p);
}

static void a_walk_that_is_stopped_ends_soon(void **)
{
	struct place p;
	struct made_pack m;

	place_init(&p);
	pack_begin(&m);
	make_chain(&m, VIEW("base"), 3000);
	put(&p, &m, "pack-1");
	p.w.stop_at = 10;
	walk(&p);
	assert_in_range(p.w.count, 1, 12);
	assert_int_equal(p.w.unread_count, 0);
	place_done(&p);
}

/* Once, while the first object is handed on: what was loose is in a new pack now. */
static void repack(struct walker *w)
{
	struct place *p = w->context;
	struct made_pack m;

	if (w->pieces != 1)
		return;
	pack_begin(&m);
	add_blob(&m, 2, VIEW("moved meanwhile"));
	put(p, &m, "pack-2");
}

static void a_pack_that_comes_meanwhile_is_walked_as_well(void **)
{
	struct place p;
	struct made_pack m;

	place_init(&p);
	pack_begin(&m);
	add_blob(&m, 1, VIEW("one"));
	put(&p, &m, "pack-1");
	p.w.at_piece = repack;
	p.w.context = &p;
	walk(&p);
	came(&p, 1, OBJECT_BLOB, VIEW("one"));
	came(&p, 2, OBJECT_BLOB, VIEW("moved meanwhile"));
	place_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_comes_with_its_content),
		cmocka_unit_test(only_the_types_asked_for_come),
		cmocka_unit_test(a_delta_before_its_base_is_grown_from_it),
		cmocka_unit_test(all_of_many_deltas_of_one_base_come),
		cmocka_unit_test(a_chain_10000_deep_is_read_to_its_end),
		cmocka_unit_test(little_memory_loses_nothing),
		cmocka_unit_test(two_names_for_one_place_both_come),
		cmocka_unit_test(a_base_that_another_pack_holds_is_found),
		cmocka_unit_test(an_object_in_two_packs_comes_twice),
		cmocka_unit_test(what_is_too_large_to_hold_comes_in_pieces),
		cmocka_unit_test(what_is_larger_than_a_threads_share_is_read_all_the_same),
		cmocka_unit_test(a_pack_that_is_skipped_gives_nothing),
		cmocka_unit_test(a_walk_that_is_stopped_ends_soon),
		cmocka_unit_test(a_pack_that_comes_meanwhile_is_walked_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
