/* SPDX-License-Identifier: Apache-2.0 */
/* Objects by id, wherever they are: packs, loose files, alternates. */
#include "scanner/source/git/object.h"

#include "scanner/source/git/loose.h"
#include "tests/support/place.h"

#define READER_BYTES ((size_t)64 << 20)

struct reading { /* a place, opened */
	struct place p;
	struct object_reader *reader;
};

static void open_reader(struct reading *r, size_t max_bytes)
{
	const char *folders[] = { r->p.folder };
	struct err err = ERR_INIT;

	r->p.objects = objects_open(folders, 1, OID_SHA1_BYTES, &err);
	r->reader = r->p.objects ? object_reader_new(r->p.objects, max_bytes, &err) : NULL;
	if (!r->reader)
		fail_msg("%s", err.text);
}

static void reading_done(struct reading *r)
{
	object_reader_freep(&r->reader);
	place_done(&r->p);
}

static void gives(struct reading *r, unsigned n, enum object_type type, struct view content)
{
	struct oid id = pack_id(n);
	struct object o;
	struct err err = ERR_INIT;
	enum object_result status = object_read(r->reader, &id, &o, &err);

	if (status != OBJECT_OK)
		fail_msg("object %u gives %d: %s", n, status, err.text);
	assert_int_equal(o.type, type);
	assert_int_equal(o.content.len, content.len);
	if (content.len)
		assert_memory_equal(o.content.ptr, content.ptr, content.len);
	assert_true(object_exists(r->reader, &id));
}

static void fails(struct reading *r, unsigned n, enum object_result expected)
{
	struct oid id = pack_id(n);
	struct object o;
	struct err err = ERR_INIT;

	assert_int_equal(object_read(r->reader, &id, &o, &err), expected);
}

static void an_object_is_read_wherever_it_is(void **)
{
	struct reading r;
	struct made_pack m;
	uint64_t at;

	place_init(&r.p);
	pack_begin(&m);
	at = pack_add(&m, pack_id(1), OBJECT_TREE, VIEW("packed"));
	(void)add_ofs(&m, 2, at, 6, VIEW(" delta"));
	add_ref(&m, 3, 2, 12, VIEW(" of delta"));
	put(&r.p, &m, "pack-1");
	put_loose_text(&r.p, 4, VIEW("tag 5\0loose"));
	put_loose_text(&r.p, 5, VIEW("blob 0\0"));
	open_reader(&r, READER_BYTES);
	gives(&r, 3, OBJECT_TREE, VIEW("packed delta of delta"));
	gives(&r, 1, OBJECT_TREE, VIEW("packed"));
	gives(&r, 2, OBJECT_TREE, VIEW("packed delta"));
	gives(&r, 4, OBJECT_TAG, VIEW("loose"));
	gives(&r, 5, OBJECT_BLOB, VIEW(""));
	reading_done(&r);
}

static void what_no_store_has_is_missing(void **)
{
	struct reading r;
	struct oid id = pack_id(9);

	place_init(&r.p);
	open_reader(&r, READER_BYTES);
	fails(&r, 9, OBJECT_MISSING);
	assert_false(object_exists(r.reader, &id));
	reading_done(&r);
}

static void a_base_in_a_loose_file_is_found(void **)
{
	struct reading r;
	struct made_pack m;

	place_init(&r.p);
	pack_begin(&m);
	add_ref(&m, 1, 2, 5, VIEW(" thin"));
	put(&r.p, &m, "pack-1");
	put_loose_text(&r.p, 2, VIEW("commit 5\0loose"));
	open_reader(&r, READER_BYTES);
	gives(&r, 1, OBJECT_COMMIT, VIEW("loose thin"));
	reading_done(&r);
}

static void loose_objects_about_as_large_as_is_read_in_one_go_are_read(void **)
{
	static const size_t sizes[] = { LOOSE_SMALL_BYTES - 13, LOOSE_SMALL_BYTES - 12, LOOSE_SMALL_BYTES - 11,
					LOOSE_SMALL_BYTES, (size_t)4 * LOOSE_SMALL_BYTES };
	struct buf contents[2 * ARRAY_LEN(sizes)];
	struct reading r;

	place_init(&r.p);
	for (unsigned i = 0; i < ARRAY_LEN(contents); i++) {
		struct buf text = BUF_INIT(PACK_BYTES);

		contents[i] = noise(sizes[i / 2]);
		if (i % 2) /* much shorter as a file */
			memset(contents[i].ptr, 'x', contents[i].len);
		assert_int_equal(buf_addf(&text, "blob %zu%c", contents[i].len, '\0'), 0);
		assert_int_equal(buf_add(&text, buf_view(&contents[i])), 0);
		put_loose_text(&r.p, i + 1, buf_view(&text));
		buf_done(&text);
	}
	open_reader(&r, READER_BYTES);
	for (unsigned i = 0; i < ARRAY_LEN(contents); i++) {
		gives(&r, i + 1, OBJECT_BLOB, buf_view(&contents[i]));
		buf_done(&contents[i]);
	}
	reading_done(&r);
}

static void a_base_in_another_pack_is_found(void **)
{
	struct reading r;
	struct made_pack m;

	place_init(&r.p);
	pack_begin(&m);
	add_ref(&m, 1, 2, 8, VIEW(" three"));
	put(&r.p, &m, "pack-1");
	pack_begin(&m);
	add_ref(&m, 2, 3, 4, VIEW(" two"));
	put(&r.p, &m, "pack-2");
	pack_begin(&m);
	add_blob(&m, 3, VIEW("one."));
	put(&r.p, &m, "pack-3");
	open_reader(&r, READER_BYTES);
	gives(&r, 1, OBJECT_BLOB, VIEW("one. two three"));
	reading_done(&r);
}

static void a_base_that_is_nowhere_makes_the_object_missing(void **)
{
	struct reading r;
	struct made_pack m;

	place_init(&r.p);
	pack_begin(&m);
	add_ref(&m, 1, 99, 8, VIEW("lost"));
	add_ref(&m, 2, 1, 12, VIEW("lost"));
	put(&r.p, &m, "pack-1");
	open_reader(&r, READER_BYTES);
	fails(&r, 1, OBJECT_MISSING);
	fails(&r, 2, OBJECT_MISSING);
	reading_done(&r);
}

static void deltas_in_a_circle_are_damage(void **)
{
	struct reading r;
	struct made_pack m;

	place_init(&r.p);
	pack_begin(&m);
	add_ref(&m, 1, 2, 4, VIEW("x"));
	add_ref(&m, 2, 1, 4, VIEW("x"));
	add_ref(&m, 3, 3, 4, VIEW("x"));
	put(&r.p, &m, "pack-1");
	open_reader(&r, READER_BYTES);
	fails(&r, 1, OBJECT_CORRUPT);
	fails(&r, 3, OBJECT_CORRUPT);
	reading_done(&r);
}

static void deltas_in_a_circle_over_two_packs_are_damage(void **)
{
	struct reading r;
	struct made_pack m;

	place_init(&r.p);
	pack_begin(&m);
	add_ref(&m, 1, 2, 4, VIEW("x"));
	put(&r.p, &m, "pack-1");
	pack_begin(&m);
	add_ref(&m, 2, 1, 4, VIEW("x"));
	put(&r.p, &m, "pack-2");
	open_reader(&r, READER_BYTES);
	fails(&r, 1, OBJECT_CORRUPT);
	reading_done(&r);
}

static void the_end_of_a_chain_10000_deep_is_read(void **)
{
	struct reading r;
	struct made_pack m;
	struct buf expected = BUF_INIT(PACK_BYTES);

	place_init(&r.p);
	pack_begin(&m);
	make_chain(&m, VIEW("base"), 10000);
	put(&r.p, &m, "pack-1");
	assert_int_equal(buf_add(&expected, VIEW("base")), 0);
	for (unsigned i = 0; i < 10000; i++)
		assert_int_equal(buf_add_byte(&expected, 'x'), 0);
	open_reader(&r, READER_BYTES);
	gives(&r, 10000, OBJECT_BLOB, buf_view(&expected));
	buf_done(&expected);
	reading_done(&r);
}

static void what_claims_more_than_may_be_held_is_refused_before_memory_is_asked_for(void **)
{
	struct reading r;
	struct made_pack m;
	struct buf d;
	uint64_t at;

	place_init(&r.p);
	pack_begin(&m);
	at = pack_add(&m, pack_id(1), OBJECT_BLOB, VIEW("base"));
	delta_begin(&d, 4, (uint64_t)1 << 60);
	delta_add_copy(&d, 0, 4);
	(void)pack_add_ofs(&m, pack_id(2), at, buf_view(&d));
	buf_done(&d);
	pack_note(&m, pack_id(3), pack_add_head(&m, OBJECT_BLOB, (uint64_t)1 << 59));
	pack_add_stream(&m.pack, VIEW("short"));
	put(&r.p, &m, "pack-1");
	put_loose_text(&r.p, 4, VIEW("blob 1152921504606846976\0x"));
	open_reader(&r, READER_BYTES);
	fails(&r, 2, OBJECT_CORRUPT);
	fails(&r, 3, OBJECT_CORRUPT);
	fails(&r, 4, OBJECT_LIMIT);
	gives(&r, 1, OBJECT_BLOB, VIEW("base"));
	reading_done(&r);
}

static void a_delta_that_does_not_fit_its_base_is_damage(void **)
{
	struct reading r;
	struct made_pack m;
	uint64_t at;

	place_init(&r.p);
	pack_begin(&m);
	at = pack_add(&m, pack_id(1), OBJECT_BLOB, VIEW("base"));
	(void)add_ofs(&m, 2, at, 5, VIEW("x"));
	(void)pack_add_ofs(&m, pack_id(3), at, VIEW(""));
	(void)pack_add_ofs(&m, pack_id(4), at, VIEW("\4"));
	put(&r.p, &m, "pack-1");
	open_reader(&r, READER_BYTES);
	for (unsigned n = 2; n <= 4; n++)
		fails(&r, n, OBJECT_CORRUPT);
	reading_done(&r);
}

static void a_delta_whose_distance_leads_between_objects_is_damage(void **)
{
	struct reading r;
	struct made_pack m;
	uint64_t at;

	place_init(&r.p);
	pack_begin(&m);
	at = pack_add(&m, pack_id(1), OBJECT_BLOB, VIEW("base"));
	(void)add_ofs(&m, 2, at + 2, 4, VIEW("x"));
	put(&r.p, &m, "pack-1");
	open_reader(&r, READER_BYTES);
	fails(&r, 2, OBJECT_CORRUPT);
	reading_done(&r);
}

static void an_object_stays_until_the_next_is_asked_for_also_without_a_cache(void **)
{
	struct reading r;
	struct made_pack m;

	place_init(&r.p);
	pack_begin(&m);
	make_chain(&m, VIEW("base"), 20);
	put(&r.p, &m, "pack-1");
	open_reader(&r, 64); /* nothing fits the cache, which has a quarter of it, and takes a quarter of that */
	gives(&r, 20, OBJECT_BLOB, VIEW("basexxxxxxxxxxxxxxxxxxxx"));
	gives(&r, 3, OBJECT_BLOB, VIEW("basexxx"));
	gives(&r, 20, OBJECT_BLOB, VIEW("basexxxxxxxxxxxxxxxxxxxx"));
	reading_done(&r);
}

static void what_a_repack_moved_meanwhile_is_found(void **)
{
	struct reading r;
	struct made_pack m;

	place_init(&r.p);
	open_reader(&r, READER_BYTES);
	fails(&r, 1, OBJECT_MISSING);
	pack_begin(&m);
	add_blob(&m, 1, VIEW("new"));
	put(&r.p, &m, "pack-1");
	gives(&r, 1, OBJECT_BLOB, VIEW("new"));
	reading_done(&r);
}

static void a_pack_that_was_removed_meanwhile_is_still_read(void **)
{
	struct reading r;
	struct made_pack m;
	char path[REPO_PATH_BYTES];

	place_init(&r.p);
	pack_begin(&m);
	add_blob(&m, 1, VIEW("old"));
	put(&r.p, &m, "pack-1");
	open_reader(&r, READER_BYTES);
	repo_path(path, "%s/pack/pack-1.pack", r.p.folder);
	assert_int_equal(unlink(path), 0);
	gives(&r, 1, OBJECT_BLOB, VIEW("old"));
	reading_done(&r);
}

static bool count_piece(void *context, const struct piece *piece)
{
	size_t *bytes = context;

	*bytes = (size_t)piece->offset + piece->bytes.len;
	return true;
}

static void pieces_of_what_is_too_large_to_hold_come_though_reading_it_whole_is_refused(void **)
{
	struct reading r;
	struct made_pack m;
	struct buf large = noise(2u << 20);
	struct oid id = pack_id(1);
	struct object o;
	size_t bytes = 0;

	place_init(&r.p);
	pack_begin(&m);
	(void)pack_add(&m, id, OBJECT_BLOB, buf_view(&large));
	put(&r.p, &m, "pack-1");
	open_reader(&r, 1u << 20);
	assert_int_equal(object_read(r.reader, &id, &o, NULL), OBJECT_LIMIT);
	assert_int_equal(object_pieces(r.reader, &id, count_piece, &bytes, NULL), OBJECT_OK);
	assert_int_equal(bytes, large.len);
	buf_done(&large);
	reading_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_is_read_wherever_it_is),
		cmocka_unit_test(what_no_store_has_is_missing),
		cmocka_unit_test(a_base_in_a_loose_file_is_found),
		cmocka_unit_test(loose_objects_about_as_large_as_is_read_in_one_go_are_read),
		cmocka_unit_test(a_base_in_another_pack_is_found),
		cmocka_unit_test(a_base_that_is_nowhere_makes_the_object_missing),
		cmocka_unit_test(deltas_in_a_circle_are_damage),
		cmocka_unit_test(deltas_in_a_circle_over_two_packs_are_damage),
		cmocka_unit_test(the_end_of_a_chain_10000_deep_is_read),
		cmocka_unit_test(what_claims_more_than_may_be_held_is_refused_before_memory_is_asked_for),
		cmocka_unit_test(a_delta_that_does_not_fit_its_base_is_damage),
		cmocka_unit_test(a_delta_whose_distance_leads_between_objects_is_damage),
		cmocka_unit_test(an_object_stays_until_the_next_is_asked_for_also_without_a_cache),
		cmocka_unit_test(what_a_repack_moved_meanwhile_is_found),
		cmocka_unit_test(a_pack_that_was_removed_meanwhile_is_still_read),
		cmocka_unit_test(pieces_of_what_is_too_large_to_hold_come_though_reading_it_whole_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
