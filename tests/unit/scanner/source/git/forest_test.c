/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/forest.h"

#include "tests/support/place.h"

struct planted {
	struct place p;
	struct made_pack m;
	struct packfile *pack;
	struct forest f;
};

static void planted_init(struct planted *s)
{
	place_init(&s->p);
	pack_begin(&s->m);
}

static void grow(struct planted *s)
{
	char path[REPO_PATH_BYTES];
	struct err err = ERR_INIT;

	put(&s->p, &s->m, "pack-1");
	repo_path(path, "%s/pack/pack-1", s->p.folder);
	s->pack = packfile_open(path, OID_SHA1_BYTES, &err);
	if (!s->pack || forest_init(&s->f, s->pack, &err))
		fail_msg("%s", err.text);
	forest_read(&s->f, 0, s->f.count);
	forest_tie(&s->f);
}

static void planted_done(struct planted *s)
{
	forest_done(&s->f);
	packfile_free(s->pack);
	place_done(&s->p);
}

/* The position of the object called n. */
static uint32_t position(const struct planted *s, unsigned n)
{
	struct oid id = pack_id(n);
	uint32_t index = packfile_find(s->pack, &id);

	for (uint32_t i = 0; i < s->f.count; i++)
		if (s->f.index[i] == index)
			return i;
	fail_msg("object %u has no position", n);
	return FOREST_NONE;
}

static void is_kind(const struct planted *s, unsigned n, enum forest_kind kind)
{
	assert_int_equal(s->f.kind[position(s, n)], kind);
}

static void positions_follow_the_pack(void **)
{
	struct planted s;

	planted_init(&s);
	for (unsigned i = 0; i < 500; i++)
		add_blob(&s.m, i * 7 % 500, VIEW("content"));
	grow(&s);
	for (uint32_t i = 0; i < 500; i++) {
		assert_int_equal(position(&s, i * 7 % 500), i);
		assert_int_equal(forest_find(&s.f, s.f.offset[i]), i);
		assert_int_equal(forest_find(&s.f, s.f.offset[i] + 1), FOREST_NONE);
	}
	planted_done(&s);
}

static void kinds_tell_roots_deltas_and_what_is_wrong(void **)
{
	struct planted s;
	uint64_t at;

	planted_init(&s);
	at = pack_add(&s.m, pack_id(1), OBJECT_TREE, VIEW("tree"));
	(void)add_ofs(&s.m, 2, at, 4, VIEW("x"));
	(void)pack_add(&s.m, pack_id(3), OBJECT_TAG, VIEW("tag"));
	add_ref(&s.m, 4, 99, 4, VIEW("x"));
	add_ref(&s.m, 5, 6, 4, VIEW("x"));
	add_ref(&s.m, 6, 5, 4, VIEW("x"));
	add_ref(&s.m, 7, 6, 4, VIEW("x"));
	(void)add_ofs(&s.m, 8, at + 1, 4, VIEW("x"));
	pack_note(&s.m, pack_id(9), 1u << 20);
	grow(&s);
	is_kind(&s, 1, FOREST_TREE);
	is_kind(&s, 2, FOREST_DELTA);
	is_kind(&s, 3, FOREST_TAG);
	is_kind(&s, 4, FOREST_FAR);
	is_kind(&s, 5, FOREST_CYCLE);
	is_kind(&s, 6, FOREST_CYCLE);
	is_kind(&s, 7, FOREST_CYCLE);
	is_kind(&s, 8, FOREST_FAR);
	is_kind(&s, 9, FOREST_BROKEN);
	assert_int_equal(position(&s, 9), s.f.count - 1); /* what lies outside comes last */
	planted_done(&s);
}

static void deltas_that_nothing_grows_from_come_first_among_siblings(void **)
{
	struct planted s;
	uint64_t at, second;
	uint32_t child;

	planted_init(&s);
	at = pack_add(&s.m, pack_id(1), OBJECT_BLOB, VIEW("base"));
	second = add_ofs(&s.m, 2, at, 4, VIEW("a"));
	(void)add_ofs(&s.m, 3, at, 4, VIEW("b"));
	(void)add_ofs(&s.m, 4, second, 5, VIEW("c"));
	(void)add_ofs(&s.m, 5, at, 4, VIEW("d"));
	grow(&s);
	child = s.f.child[position(&s, 1)];
	assert_int_equal(child, position(&s, 3));
	child = s.f.next[child];
	assert_int_equal(child, position(&s, 5));
	child = s.f.next[child];
	assert_int_equal(child, position(&s, 2));
	assert_int_equal(s.f.next[child], FOREST_NONE);
	assert_int_equal(s.f.child[child], position(&s, 4));
	assert_int_equal(s.f.child[position(&s, 4)], FOREST_NONE);
	planted_done(&s);
}

/* Writes a reverse index with these places. */
static void put_rev(const struct planted *s, const uint32_t *places, uint32_t count)
{
	struct buf rev = BUF_INIT(4096);
	char path[REPO_PATH_BYTES];

	assert_int_equal(buf_add(&rev, VIEW("RIDX\0\0\0\1\0\0\0\1")), 0);
	for (uint32_t i = 0; i < count; i++)
		pack_add_be32(&rev, places[i]);
	repo_path(path, "%s/pack/pack-1", s->p.folder);
	pack_write_file(path, ".rev", buf_view(&rev));
	buf_done(&rev);
}

static void a_reverse_index_that_lies_changes_nothing(void **)
{
	static const uint32_t lies[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 0, 0, 0 }, { 7, 8, 9 },
					    { 1, 0, 2 }, { 1, 2, 0 }, { 0, 2, 1 }, { 2, 0, 1 } };

	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		struct planted s;

		planted_init(&s);
		for (unsigned n = 1; n <= 3; n++)
			add_blob(&s.m, n, VIEW("content"));
		put_rev(&s, lies[i], 3);
		grow(&s);
		for (unsigned n = 1; n <= 3; n++)
			assert_int_equal(position(&s, n), n - 1);
		planted_done(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(positions_follow_the_pack),
		cmocka_unit_test(kinds_tell_roots_deltas_and_what_is_wrong),
		cmocka_unit_test(deltas_that_nothing_grows_from_come_first_among_siblings),
		cmocka_unit_test(a_reverse_index_that_lies_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
