/* SPDX-License-Identifier: Apache-2.0 */
/* Walks over stores that are damaged: what cannot be read is told, the rest comes. */
#include "scanner/source/git/store.h"

#include "tests/support/place.h"

/* Above GIT_STREAM_BYTES. */
static struct buf large_content(void)
{
	return noise(GIT_STREAM_BYTES + 12345);
}

static void deltas_in_a_circle_are_told_and_the_rest_is_read(void **)
{
	struct place p;
	struct made_pack m;

	place_init(&p);
	pack_begin(&m);
	add_blob(&m, 1, VIEW("good"));
	add_ref(&m, 2, 3, 4, VIEW("x"));
	add_ref(&m, 3, 4, 4, VIEW("x"));
	add_ref(&m, 4, 2, 4, VIEW("x"));
	add_ref(&m, 5, 4, 4, VIEW("hangs on the circle"));
	add_ref(&m, 6, 6, 4, VIEW("its own base"));
	add_ref(&m, 7, 1, 4, VIEW(" too"));
	put(&p, &m, "pack-1");
	walk(&p);
	came(&p, 1, OBJECT_BLOB, VIEW("good"));
	came(&p, 7, OBJECT_BLOB, VIEW("good too"));
	for (unsigned n = 2; n <= 6; n++)
		was_told(&p, n, UNREAD_CORRUPT);
	assert_int_equal(p.w.unread_count, 5);
	place_done(&p);
}

static void a_delta_that_claims_2_to_the_60_bytes_is_told_with_all_that_grow_from_it(void **)
{
	struct place p;
	struct made_pack m;
	struct buf d;
	uint64_t at;

	place_init(&p);
	pack_begin(&m);
	at = pack_add(&m, pack_id(1), OBJECT_BLOB, VIEW("base"));
	delta_begin(&d, 4, (uint64_t)1 << 60);
	delta_add_copy(&d, 0, 4);
	at = pack_add_ofs(&m, pack_id(2), at, buf_view(&d));
	buf_done(&d);
	at = add_ofs(&m, 3, at, 4, VIEW("child"));
	(void)add_ofs(&m, 4, at, 4, VIEW("grandchild"));
	add_blob(&m, 5, VIEW("good"));
	put(&p, &m, "pack-1");
	walk(&p);
	came(&p, 1, OBJECT_BLOB, VIEW("base"));
	came(&p, 5, OBJECT_BLOB, VIEW("good"));
	for (unsigned n = 2; n <= 4; n++)
		was_told(&p, n, UNREAD_CORRUPT);
	place_done(&p);
}

static void a_blob_that_claims_2_to_the_59_bytes_is_told(void **)
{
	struct place p;
	struct made_pack m;

	place_init(&p);
	pack_begin(&m);
	pack_note(&m, pack_id(1), pack_add_head(&m, OBJECT_BLOB, (uint64_t)1 << 59));
	pack_add_stream(&m.pack, VIEW("short"));
	pack_note(&m, pack_id(2), pack_add_head(&m, PACK_REF_DELTA, (uint64_t)1 << 59));
	pack_need(buf_add(&m.pack, view_from(pack_id(3).bytes, OID_SHA1_BYTES)) == 0);
	pack_add_stream(&m.pack, VIEW("short"));
	add_blob(&m, 3, VIEW("good"));
	put(&p, &m, "pack-1");
	walk(&p);
	was_told(&p, 1, UNREAD_CORRUPT);
	was_told(&p, 2, UNREAD_CORRUPT);
	came(&p, 3, OBJECT_BLOB, VIEW("good"));
	place_done(&p);
}

static void a_stream_longer_or_shorter_than_it_says_is_told(void **)
{
	struct place p;
	struct made_pack m;

	place_init(&p);
	pack_begin(&m);
	pack_note(&m, pack_id(1), pack_add_head(&m, OBJECT_BLOB, 4));
	pack_add_stream(&m.pack, VIEW("short"));
	pack_note(&m, pack_id(2), pack_add_head(&m, OBJECT_BLOB, 6));
	pack_add_stream(&m.pack, VIEW("short"));
	put(&p, &m, "pack-1");
	walk(&p);
	was_told(&p, 1, UNREAD_CORRUPT);
	was_told(&p, 2, UNREAD_CORRUPT);
	assert_int_equal(p.w.count, 0);
	place_done(&p);
}

static void a_wrong_zlib_checksum_is_told(void **)
{
	struct place p;
	struct made_pack m;

	place_init(&p);
	pack_begin(&m);
	add_blob(&m, 1, VIEW("a content like any other"));
	m.pack.ptr[m.pack.len - 1] ^= 1;
	put(&p, &m, "pack-1");
	walk(&p);
	was_told(&p, 1, UNREAD_CORRUPT);
	assert_int_equal(p.w.count, 0);
	place_done(&p);
}

static void a_pack_that_was_cut_short_gives_what_is_left_of_it(void **)
{
	struct place p;
	struct made_pack m;
	struct buf big = noise(5000);
	char path[REPO_PATH_BYTES];

	place_init(&p);
	pack_begin(&m);
	add_blob(&m, 1, VIEW("before the cut"));
	(void)pack_add(&m, pack_id(2), OBJECT_BLOB, buf_view(&big));
	add_blob(&m, 3, VIEW("behind the cut"));
	put(&p, &m, "pack-1");
	repo_path(path, "%s/pack/pack-1.pack", p.folder);
	assert_int_equal(truncate(path, 2500), 0);
	walk(&p);
	came(&p, 1, OBJECT_BLOB, VIEW("before the cut"));
	was_told(&p, 2, UNREAD_CORRUPT);
	was_told(&p, 3, UNREAD_CORRUPT);
	buf_done(&big);
	place_done(&p);
}

static void an_index_that_points_past_the_pack_is_told(void **)
{
	struct place p;
	struct made_pack m;

	place_init(&p);
	pack_begin(&m);
	add_blob(&m, 1, VIEW("good"));
	pack_note(&m, pack_id(2), 1u << 30);
	pack_note(&m, pack_id(3), (uint64_t)1 << 62);
	add_ref(&m, 4, 2, 4, VIEW("from what is past it"));
	put(&p, &m, "pack-1");
	walk(&p);
	came(&p, 1, OBJECT_BLOB, VIEW("good"));
	for (unsigned n = 2; n <= 4; n++)
		was_told(&p, n, UNREAD_CORRUPT);
	place_done(&p);
}

static void a_base_that_is_nowhere_is_told_as_missing(void **)
{
	struct place p;
	struct made_pack m;

	place_init(&p);
	pack_begin(&m);
	add_ref(&m, 1, 99, 4, VIEW("lost"));
	add_ref(&m, 2, 1, 4, VIEW("lost as well"));
	add_blob(&m, 3, VIEW("good"));
	put(&p, &m, "pack-1");
	walk(&p);
	was_told(&p, 1, UNREAD_MISSING_OBJECT);
	was_told(&p, 2, UNREAD_MISSING_OBJECT);
	came(&p, 3, OBJECT_BLOB, VIEW("good"));
	place_done(&p);
}

static void packs_whose_bases_lead_in_a_circle_are_told(void **)
{
	struct place p;
	struct made_pack m;

	place_init(&p);
	pack_begin(&m);
	add_ref(&m, 1, 2, 4, VIEW("a"));
	put(&p, &m, "pack-1");
	pack_begin(&m);
	add_ref(&m, 2, 1, 4, VIEW("b"));
	put(&p, &m, "pack-2");
	walk(&p);
	was_told(&p, 1, UNREAD_CORRUPT);
	was_told(&p, 2, UNREAD_CORRUPT);
	place_done(&p);
}

static void a_wrong_checksum_behind_pieces_is_told(void **)
{
	struct place p;
	struct made_pack m;
	struct buf large = large_content();

	place_init(&p);
	pack_begin(&m);
	(void)pack_add(&m, pack_id(1), OBJECT_BLOB, buf_view(&large));
	m.pack.ptr[m.pack.len - 1] ^= 1;
	put(&p, &m, "pack-1");
	walk(&p);
	was_told(&p, 1, UNREAD_CORRUPT);
	buf_done(&large);
	place_done(&p);
}

static void a_cut_behind_pieces_is_told_and_what_came_before_it_is_handed_on(void **)
{
	struct place p;
	struct made_pack m;
	struct buf large = large_content();
	char path[REPO_PATH_BYTES];

	place_init(&p);
	pack_begin(&m);
	(void)pack_add(&m, pack_id(1), OBJECT_BLOB, buf_view(&large));
	put(&p, &m, "pack-1");
	repo_path(path, "%s/pack/pack-1.pack", p.folder);
	assert_int_equal(truncate(path, GIT_STREAM_BYTES), 0);
	walk(&p);
	was_told(&p, 1, UNREAD_CORRUPT);
	assert_int_equal(p.w.count, 1);
	assert_true(p.w.objects[0].is_whole); /* told its end, so that nobody waits for more */
	assert_in_range(p.w.objects[0].content.len, SCAN_WINDOW_BYTES, GIT_STREAM_BYTES);
	assert_memory_equal(p.w.objects[0].content.ptr, large.ptr, p.w.objects[0].content.len);
	buf_done(&large);
	place_done(&p);
}

static void a_base_too_large_to_hold_is_read_and_what_grows_from_it_is_told(void **)
{
	struct place p;
	struct made_pack m;
	struct buf large = noise((size_t)9 << 20);
	uint64_t at;

	place_init(&p);
	pack_begin(&m);
	at = pack_add(&m, pack_id(1), OBJECT_BLOB, buf_view(&large));
	at = add_ofs(&m, 2, at, large.len, VIEW("x"));
	(void)add_ofs(&m, 3, at, large.len + 1, VIEW("y"));
	put(&p, &m, "pack-1");
	walk_with(&p, (size_t)16 << 20, WALK_TYPES);
	came(&p, 1, OBJECT_BLOB, buf_view(&large));
	was_told(&p, 2, UNREAD_LIMIT);
	was_told(&p, 3, UNREAD_LIMIT);
	buf_done(&large);
	place_done(&p);
}

static void a_pack_without_any_index_is_told(void **)
{
	struct place p;
	struct made_pack m;
	char path[REPO_PATH_BYTES];

	place_init(&p);
	pack_begin(&m);
	add_blob(&m, 1, VIEW("one"));
	put(&p, &m, "pack-1");
	repo_path(path, "%s/pack/pack-1.idx", p.folder);
	assert_int_equal(unlink(path), 0);
	walk(&p);
	assert_int_equal(p.w.count, 0);
	assert_int_equal(p.w.unread_count, 1);
	assert_int_equal(p.w.unread[0].reason, UNREAD_CORRUPT);
	assert_non_null(strstr(p.w.unread[0].detail, "pack-1.idx"));
	place_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deltas_in_a_circle_are_told_and_the_rest_is_read),
		cmocka_unit_test(a_delta_that_claims_2_to_the_60_bytes_is_told_with_all_that_grow_from_it),
		cmocka_unit_test(a_blob_that_claims_2_to_the_59_bytes_is_told),
		cmocka_unit_test(a_stream_longer_or_shorter_than_it_says_is_told),
		cmocka_unit_test(a_wrong_zlib_checksum_is_told),
		cmocka_unit_test(a_pack_that_was_cut_short_gives_what_is_left_of_it),
		cmocka_unit_test(an_index_that_points_past_the_pack_is_told),
		cmocka_unit_test(a_base_that_is_nowhere_is_told_as_missing),
		cmocka_unit_test(packs_whose_bases_lead_in_a_circle_are_told),
		cmocka_unit_test(a_wrong_checksum_behind_pieces_is_told),
		cmocka_unit_test(a_cut_behind_pieces_is_told_and_what_came_before_it_is_handed_on),
		cmocka_unit_test(a_base_too_large_to_hold_is_read_and_what_grows_from_it_is_told),
		cmocka_unit_test(a_pack_without_any_index_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
