/* SPDX-License-Identifier: Apache-2.0 */
/* Walks over loose objects. */
#include "scanner/source/git/store.h"

#include "tests/support/place.h"

static void loose_objects_come_with_their_content(void **)
{
	struct place p;

	place_init(&p);
	put_loose_text(&p, 1, VIEW("blob 5\0loose"));
	put_loose_text(&p, 2, VIEW("blob 0\0"));
	put_loose_text(&p, 3, VIEW("commit 3\0abc"));
	put_loose_text(&p, 4,
		       VIEW("blob 70\0"
			    "1234567890123456789012345678901234567890123456789012345678901234567890"));
	walk(&p);
	came(&p, 1, OBJECT_BLOB, VIEW("loose"));
	came(&p, 2, OBJECT_BLOB, VIEW(""));
	came(&p, 3, OBJECT_COMMIT, VIEW("abc"));
	came(&p, 4, OBJECT_BLOB, VIEW("1234567890123456789012345678901234567890123456789012345678901234567890"));
	assert_int_equal(p.w.unread_count, 0);
	place_done(&p);
}

static void a_large_loose_object_comes_in_pieces(void **)
{
	struct place p;
	struct buf large = noise(2 * SCAN_WINDOW_BYTES), text = BUF_INIT(PACK_BYTES);

	place_init(&p);
	assert_int_equal(buf_addf(&text, "blob %zu%c", large.len, '\0'), 0);
	assert_int_equal(buf_add(&text, buf_view(&large)), 0);
	put_loose_text(&p, 1, buf_view(&text));
	walk(&p);
	came(&p, 1, OBJECT_BLOB, buf_view(&large));
	assert_int_equal(p.w.pieces, 3);
	buf_done(&large);
	buf_done(&text);
	place_done(&p);
}

static void a_damaged_loose_object_is_told(void **)
{
	const struct view texts[] = {
		VIEW("blob 6\0loose"),
		VIEW("blob 4\0loose"),
		VIEW("blob x\0loose"),
		VIEW("blog 5\0loose"),
		VIEW("blob 5"),
		VIEW("blob5\0loose"),
		VIEW(""),
		VIEW("blob 0\0x"),
		VIEW("blob -5\0loose"),
		VIEW("blob  5\0loose"),
		VIEW("\0blob 5"),
		VIEW("blob 99999999999999999999\0"),
		VIEW("blob 1152921504606846976\0loose"),
	};
	struct place p;

	place_init(&p);
	for (unsigned i = 0; i < ARRAY_LEN(texts); i++)
		put_loose_text(&p, i, texts[i]);
	walk(&p);
	for (unsigned i = 0; i < ARRAY_LEN(texts); i++)
		was_told(&p, i, UNREAD_CORRUPT);
	assert_int_equal(p.w.unread_count, ARRAY_LEN(texts));
	place_done(&p);
}

static void a_loose_object_with_a_wrong_checksum_or_cut_short_is_told(void **)
{
	struct place p;
	struct buf content = BUF_INIT(1024), stream = BUF_INIT(1024);

	place_init(&p);
	assert_int_equal(buf_add(&content, VIEW("blob 300\0")), 0);
	for (unsigned i = 0; i < 300; i++)
		assert_int_equal(buf_add_byte(&content, (char)(i * i >> 3)), 0);
	pack_add_stream(&stream, buf_view(&content));
	put_loose(&p, 1, view_sub(buf_view(&stream), 0, stream.len - 1));
	put_loose(&p, 2, view_sub(buf_view(&stream), 0, stream.len / 2));
	put_loose(&p, 3, VIEW_NONE);
	stream.ptr[stream.len - 1] ^= 1;
	put_loose(&p, 4, buf_view(&stream));
	buf_clear(&stream);
	pack_add_stream(&stream, VIEW("blob 5\0short"));
	stream.ptr[stream.len - 1] ^= 1;
	put_loose(&p, 5, buf_view(&stream));
	walk(&p);
	for (unsigned i = 1; i <= 5; i++)
		was_told(&p, i, UNREAD_CORRUPT);
	buf_done(&content);
	buf_done(&stream);
	place_done(&p);
}

static void files_that_are_no_objects_are_passed_over(void **)
{
	struct place p;
	char path[REPO_PATH_BYTES];

	place_init(&p);
	put_loose_text(&p, 1, VIEW("blob 5\0loose"));
	repo_path(path, "%s/25/tmp_obj_x8Yz", p.folder);
	repo_make_folders(path);
	pack_write_file(path, "", VIEW("half written"));
	repo_path(path, "%s/pack/tmp_pack_x8Yz", p.folder);
	pack_write_file(path, "", VIEW("half written"));
	repo_path(path, "%s/info/packs", p.folder);
	repo_make_folders(path);
	pack_write_file(path, "", VIEW("P pack-1.pack\n"));
	walk(&p);
	came(&p, 1, OBJECT_BLOB, VIEW("loose"));
	assert_int_equal(p.w.count, 1);
	assert_int_equal(p.w.unread_count, 0);
	place_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loose_objects_come_with_their_content),
		cmocka_unit_test(a_large_loose_object_comes_in_pieces),
		cmocka_unit_test(a_damaged_loose_object_is_told),
		cmocka_unit_test(a_loose_object_with_a_wrong_checksum_or_cut_short_is_told),
		cmocka_unit_test(files_that_are_no_objects_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
