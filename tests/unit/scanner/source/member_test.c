/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/member.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

static void a_member_is_named_after_its_container(void **state)
{
	const struct item container = { .folder = VIEW("../lib/"), .below = VIEW("lib/"), .name = VIEW("a.zip") };
	DEFER(buf_done) struct buf path = BUF_INIT(100), below = BUF_INIT(100);
	DEFER(member_done) struct member m;

	(void)state;
	member_init(&m, &container, NULL);
	assert_int_equal(member_name(&m, VIEW("b.tar!c/d.env"), 7), 0);
	assert_view(m.item.folder, "../lib/a.zip!b.tar!c/");
	assert_view(m.item.below, "lib/a.zip!b.tar!c/");
	assert_view(m.item.name, "d.env");
	assert_int_equal(m.item.inside_len, 14);
	assert_int_equal(m.item.own_len, 7);
	assert_int_equal(member_name(&m, VIEW("x/b.tar!d.env"), 5), 0);
	assert_view(m.item.name, "d.env");
	assert_int_equal(item_add_path(&m.item, &path), 0);
	assert_string_equal(path.ptr, "../lib/a.zip!x/b.tar!d.env");
	assert_int_equal(item_add_below(&m.item, &below), 0);
	assert_string_equal(below.ptr, "lib/a.zip!x/b.tar!d.env");
}

static void what_is_in_a_compressed_file_has_its_name(void **state)
{
	const struct item container = { .name = VIEW("log.gz") };
	DEFER(member_done) struct member m;

	(void)state;
	member_init(&m, &container, NULL);
	assert_int_equal(member_name(&m, VIEW_NONE, 0), 0);
	assert_view(m.item.folder, "log.gz!");
	assert_view(m.item.name, "log");
	assert_int_equal(m.item.own_len, 3);
	assert_int_equal(member_name(&m, VIEW("!c/d.env"), 7), 0);
	assert_view(m.item.folder, "log.gz!log!c/");
	assert_view(m.item.name, "d.env");
	assert_int_equal(m.item.inside_len, 12);
	assert_int_equal(m.item.own_len, 7);
	assert_int_equal(member_name(&m, VIEW("!x"), 2), 0); /* of an archive: it is called so */
	assert_view(m.item.folder, "log.gz!");
	assert_view(m.item.name, "!x");
}

/* Feeds len bytes, each its place in them, in parts; checks the pieces and returns how many there were. */
static size_t feed(struct member *m, size_t len, size_t part)
{
	DEFER(freep) char *all = malloc(len + 1);
	uint64_t expected = 0;
	size_t count = 0;

	assert_non_null(all);
	for (size_t i = 0; i < len; i++)
		all[i] = (char)(i % 251);
	member_start(m);
	for (size_t at = 0; at < len; at += part) {
		struct view bytes = view_sub(view_from(all, len), at, part);

		while (member_add(m, &bytes)) {
			assert_int_equal(m->piece.offset, expected);
			assert_int_equal(m->piece.is_first, count == 0);
			assert_false(m->piece.is_last);
			assert_memory_equal(m->piece.bytes.ptr, all + expected, m->piece.bytes.len);
			expected += m->piece.bytes.len - SCAN_OVERLAP_BYTES;
			count++;
		}
		assert_int_equal(bytes.len, 0);
	}
	member_finish(m);
	assert_true(m->piece.is_last);
	assert_int_equal(m->piece.offset, expected);
	assert_int_equal(m->piece.offset + m->piece.bytes.len, len);
	if (len)
		assert_memory_equal(m->piece.bytes.ptr, all + expected, m->piece.bytes.len);
	return count + 1;
}

static void bytes_become_pieces_that_overlap(void **state)
{
	const struct item container = { .name = VIEW("a") };
	DEFER(freep) char *window = malloc(SCAN_WINDOW_BYTES);
	DEFER(member_done) struct member m;

	(void)state;
	assert_non_null(window);
	member_init(&m, &container, window);
	assert_int_equal(feed(&m, 0, 1), 1);
	assert_int_equal(feed(&m, 1000, 7), 1);
	assert_int_equal(feed(&m, SCAN_WINDOW_BYTES, 65536), 1);
	assert_int_equal(feed(&m, SCAN_WINDOW_BYTES + 1, 65536), 2);
	assert_int_equal(feed(&m, 3 * SCAN_WINDOW_BYTES, 65536), 4);
	assert_int_equal(feed(&m, 2 * SCAN_WINDOW_BYTES - SCAN_OVERLAP_BYTES, 1000), 2);
	assert_int_equal(feed(&m, 10, 3), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_member_is_named_after_its_container),
		cmocka_unit_test(what_is_in_a_compressed_file_has_its_name),
		cmocka_unit_test(bytes_become_pieces_that_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
