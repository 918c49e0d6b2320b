/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/feed.h"

#include <stdlib.h>
#include <string.h>

#include "tests/mock/page.h"
#include "tests/mock/when.h"
#include "tests/support/unit.h"

#define COUNT 3001
#define START (1'700'000'000 * WHEN_SECOND)
#define END (START + 2000 * WHEN_SECOND)

static void make(struct feed *f)
{
	feed_init(f, 7, "activity_", COUNT, START, END);
}

static void add_extra(struct feed *f, int64_t at_us, int64_t visible_us)
{
	struct extra e = { .at_us = at_us, .visible_us = visible_us, .id = feed_new_id(f), .type = "t" };

	e.json = strdup("{}");
	assert_non_null(e.json);
	feed_add(f, &e);
}

static void rows_of_the_base_are_in_order_and_within_the_span(void **state)
{
	struct place before = { .at_us = START };
	struct feed f;

	(void)state;
	make(&f);
	for (uint64_t i = 0; i < COUNT; i++) {
		struct place place = feed_place(&f, (struct row){ .index = i });

		assert_true(place.at_us >= START && place.at_us < END);
		assert_true(place.at_us > before.at_us ||
			    (place.at_us == before.at_us && strcmp(place.id.text, before.id.text) > 0));
		before = place;
	}
	feed_done(&f);
}

static void a_time_is_whole_in_as_many_digits_as_it_says(void **state)
{
	static const int64_t units[] = { 1'000'000, 100'000, 10'000, 1'000, 100, 10, 1 };
	unsigned seen = 0;
	struct feed f;

	(void)state;
	make(&f);
	for (uint64_t i = 0; i < COUNT; i++) {
		unsigned digits = feed_digits(&f, i);

		assert_true(digits <= 6);
		assert_int_equal(feed_time(&f, i) % units[digits], 0);
		seen |= 1u << digits;
	}
	assert_int_equal(seen, 0x7F);
	feed_done(&f);
}

static void each_row_is_found_at_its_place(void **state)
{
	struct feed f;

	(void)state;
	make(&f);
	for (uint64_t i = 0; i < COUNT; i++) {
		struct place place = feed_place(&f, (struct row){ .index = i });

		assert_int_equal(feed_find(&f, &place).base, i);
		assert_true(feed_has(&f, &place, END));
	}
	feed_done(&f);
}

/* Walks in pages of this size from one end to the other by cursors alone, and counts how often each row came. */
static void walk(const struct feed *f, bool is_newer, size_t limit, unsigned *seen, size_t *ret_extras)
{
	struct page_walk walk = { .high = feed_end(f), .is_newer = is_newer, .now_us = END };
	struct row *rows = calloc(limit, sizeof(*rows));
	bool has_more = true;
	size_t count;

	assert_non_null(rows);
	*ret_extras = 0;
	walk.from = is_newer ? walk.low : walk.high;
	while (has_more) {
		struct buf cursor = BUF_INIT(512);
		struct place place;
		struct row passed;

		count = page_collect(f, &walk, rows, limit, &has_more);
		for (size_t i = 0; i < count; i++)
			if (rows[i].extra)
				++*ret_extras;
			else
				seen[rows[i].index]++;
		assert_true(count == limit || !has_more);
		place = feed_place(f, rows[count - 1]);
		page_add_cursor(&cursor, &place);
		assert_int_equal(page_read_cursor(buf_view(&cursor), &place), 0);
		walk.from = feed_find(f, &place);
		if (is_newer)
			assert_true(feed_newer(f, &walk.from, END, &passed));
		buf_done(&cursor);
	}
	free(rows);
}

static void walking_by_cursors_gives_each_row_once_whichever_way(void **state)
{
	static const size_t limits[] = { 1, 7, 100, COUNT, 5000 };
	struct feed f;

	(void)state;
	make(&f);
	for (int i = 0; i < 40; i++) /* among the others, at one of their times, and one that nobody sees yet */
		add_extra(&f, i % 4 ? START + i * 50 * WHEN_SECOND : feed_time(&f, (uint64_t)i * 9),
			  i == 5 ? END + 1 : START);
	for (size_t i = 0; i < 2 * ARRAY_LEN(limits); i++) {
		unsigned *seen = calloc(COUNT, sizeof(*seen));
		size_t extras;

		assert_non_null(seen);
		walk(&f, i % 2, limits[i / 2], seen, &extras);
		assert_int_equal(extras, 39);
		for (size_t row = 0; row < COUNT; row++)
			assert_int_equal(seen[row], 1);
		free(seen);
	}
	feed_done(&f);
}

static void rows_stay_between_the_bounds(void **state)
{
	struct row rows[COUNT];
	struct page_walk walk;
	bool has_more;
	struct feed f;
	size_t count;

	(void)state;
	make(&f);
	walk = (struct page_walk){ .low = feed_find_time(&f, START + 100 * WHEN_SECOND),
				   .high = feed_find_time(&f, START + 200 * WHEN_SECOND),
				   .now_us = END };
	walk.from = walk.high;
	count = page_collect(&f, &walk, rows, COUNT, &has_more);
	assert_int_equal(count, walk.high.base - walk.low.base);
	assert_false(has_more);
	for (size_t i = 0; i < count; i++) {
		assert_true(feed_time(&f, rows[i].index) >= START + 100 * WHEN_SECOND);
		assert_true(feed_time(&f, rows[i].index) < START + 200 * WHEN_SECOND);
	}
	feed_done(&f);
}

static void cursors_that_nobody_made_are_refused(void **state)
{
	static const char *const cursors[] = {
		"", "x", "e30=", "eyJpZCI6MX0=", "W10=", "e3=0", "====", "activity_01abc"
	};
	struct place place;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cursors); i++)
		assert_int_equal(page_read_cursor(view_of(cursors[i]), &place), -1);
}

static void ten_million_rows_are_found_without_memory_for_them(void **state)
{
	struct place place;
	struct feed f;

	(void)state;
	feed_init(&f, 7, "activity_", FEED_COUNT_MAX, START, START + 30 * WHEN_DAY);
	for (uint64_t i = 1; i < FEED_COUNT_MAX; i *= 3) {
		place = feed_place(&f, (struct row){ .index = i });
		assert_int_equal(feed_find(&f, &place).base, i);
	}
	feed_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_the_base_are_in_order_and_within_the_span),
		cmocka_unit_test(a_time_is_whole_in_as_many_digits_as_it_says),
		cmocka_unit_test(each_row_is_found_at_its_place),
		cmocka_unit_test(walking_by_cursors_gives_each_row_once_whichever_way),
		cmocka_unit_test(rows_stay_between_the_bounds),
		cmocka_unit_test(cursors_that_nobody_made_are_refused),
		cmocka_unit_test(ten_million_rows_are_found_without_memory_for_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
