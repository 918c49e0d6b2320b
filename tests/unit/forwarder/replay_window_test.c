/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/replay_window.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)

static void an_empty_window_starts_at_what_is_confirmed(void **state)
{
	struct replay_window w;

	(void)state;
	replay_init(&w, 1000, 1000);
	assert_int_equal(replay_start(&w, 42), 42);
	assert_int_equal(replay_due_ns(&w), 0);
	replay_done(&w);
}

static void what_was_sent_is_in_it_until_enough_was_sent_behind_it(void **state)
{
	struct replay_window w;

	(void)state;
	replay_init(&w, 1000, 1000);
	assert_int_equal(replay_sent(&w, 1, 600), 0);
	assert_int_equal(replay_sent(&w, 11, 600), 0);
	replay_advance(&w, 5 * MS, false);
	assert_int_equal(replay_start(&w, 20), 0);
	assert_int_equal(replay_sent(&w, 21, 400), 0);
	replay_advance(&w, 6 * MS, false);
	assert_int_equal(replay_start(&w, 30), 10);
	assert_int_equal(w.count, 2);
	assert_int_equal(replay_sent(&w, 31, 2000), 0);
	replay_advance(&w, 7 * MS, false);
	assert_int_equal(replay_start(&w, 40), 30);
	replay_done(&w);
}

static void a_batch_leaves_so_long_after_the_connection_was_quiet(void **state)
{
	struct replay_window w;

	(void)state;
	replay_init(&w, 1u << 20, 1000);
	assert_int_equal(replay_sent(&w, 1, 10), 0);
	replay_advance(&w, 10'000 * MS, false); /* never quiet: the time does not run */
	assert_int_equal(replay_start(&w, 5), 0);
	replay_advance(&w, 10'100 * MS, true);
	assert_int_equal(replay_due_ns(&w), 11'100 * MS);
	replay_advance(&w, 11'099 * MS, true);
	assert_int_equal(replay_start(&w, 5), 0);
	replay_advance(&w, 11'100 * MS, true);
	assert_int_equal(replay_start(&w, 5), 5);
	replay_done(&w);
}

static void quiet_counts_for_all_that_was_sent_before_and_nothing_after(void **state)
{
	struct replay_window w;

	(void)state;
	replay_init(&w, 1u << 20, 1000);
	assert_int_equal(replay_sent(&w, 1, 10), 0);
	assert_int_equal(replay_sent(&w, 2, 10), 0);
	replay_advance(&w, 1 * MS, true);
	assert_int_equal(replay_sent(&w, 3, 10), 0);
	replay_advance(&w, 1001 * MS, false);
	assert_int_equal(replay_start(&w, 3), 2);
	replay_done(&w);
}

static void a_replay_that_has_not_reached_the_window_starts_at_what_is_confirmed(void **state)
{
	struct replay_window w;

	(void)state;
	replay_init(&w, 1u << 20, 1000);
	assert_int_equal(replay_sent(&w, 50, 10), 0);
	assert_int_equal(replay_start(&w, 40), 40);
	replay_empty(&w);
	assert_int_equal(replay_start(&w, 60), 60);
	replay_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_window_starts_at_what_is_confirmed),
		cmocka_unit_test(what_was_sent_is_in_it_until_enough_was_sent_behind_it),
		cmocka_unit_test(a_batch_leaves_so_long_after_the_connection_was_quiet),
		cmocka_unit_test(quiet_counts_for_all_that_was_sent_before_and_nothing_after),
		cmocka_unit_test(a_replay_that_has_not_reached_the_window_starts_at_what_is_confirmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
