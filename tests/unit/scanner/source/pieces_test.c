/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/pieces.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

struct taken {
	struct view content;
	size_t count, end; /* end: up to where the pieces reach */
	size_t wanted;     /* pieces; then no more */
	bool was_last;
};

static bool take(void *context, const struct piece *piece)
{
	struct taken *t = context;

	assert_int_equal(piece->is_first, t->count == 0);
	assert_false(t->was_last);
	assert_int_equal(piece->offset, t->count ? t->end - SCAN_OVERLAP_BYTES : 0);
	assert_in_range(piece->bytes.len, 0, SCAN_WINDOW_BYTES);
	if (piece->bytes.len)
		assert_memory_equal(piece->bytes.ptr, t->content.ptr + piece->offset, piece->bytes.len);
	t->end = (size_t)piece->offset + piece->bytes.len;
	t->was_last = piece->is_last;
	return ++t->count != t->wanted;
}

/* How many pieces so many bytes come in. */
static size_t pieces(size_t len)
{
	char *content = malloc(len + 1);
	struct taken t = { .content = view_from(content, len) };

	assert_non_null(content);
	for (size_t i = 0; i < len; i++)
		content[i] = (char)(i * i >> 7);
	assert_true(pieces_of(t.content, take, &t));
	assert_true(t.was_last);
	assert_int_equal(t.end, len);
	free(content);
	return t.count;
}

static void what_fits_a_window_comes_in_one_piece(void **)
{
	assert_int_equal(pieces(0), 1);
	assert_int_equal(pieces(1), 1);
	assert_int_equal(pieces(SCAN_WINDOW_BYTES), 1);
}

static void longer_content_comes_in_pieces_that_overlap(void **)
{
	assert_int_equal(pieces(SCAN_WINDOW_BYTES + 1), 2);
	assert_int_equal(pieces(2 * SCAN_WINDOW_BYTES - SCAN_OVERLAP_BYTES), 2);
	assert_int_equal(pieces(2 * SCAN_WINDOW_BYTES - SCAN_OVERLAP_BYTES + 1), 3);
}

static void whoever_wants_no_more_gets_no_more(void **)
{
	char *content = calloc(1, 3 * (size_t)SCAN_WINDOW_BYTES);
	struct taken t = { .content = view_from(content, 3 * (size_t)SCAN_WINDOW_BYTES), .wanted = 2 };

	assert_non_null(content);
	assert_false(pieces_of(t.content, take, &t));
	assert_int_equal(t.count, 2);
	t = (struct taken){ .content = view_from(content, 5), .wanted = 1 };
	assert_true(pieces_of(t.content, take, &t)); /* that was the end anyway */
	free(content);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_a_window_comes_in_one_piece),
		cmocka_unit_test(longer_content_comes_in_pieces_that_overlap),
		cmocka_unit_test(whoever_wants_no_more_gets_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
