/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/window.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/simclock.h"
#include "tests/support/unit.h"

#define MINUTE_NS (60 * SIM_S)
#define DAY_NS (86400 * SIM_S)
#define TAKEN_MAX 200000

static uint64_t random_state = 88172645463325252u;

static uint64_t random_below(uint64_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % n;
}

/* Takes random amounts at random times, each as soon as the window lets it. Returns how many there were. */
static size_t take_at_random(const struct window_shape *shape, uint64_t limit, uint64_t most, uint64_t pause_ns,
			     uint64_t end_ns, struct sim_taken *taken)
{
	struct window w = { 0 };
	uint64_t now_ns = random_below(SIM_S);
	size_t count = 0;

	while (now_ns < end_ns && count < TAKEN_MAX) {
		uint64_t amount = 1 + random_below(most), ready_ns;

		window_advance(&w, shape, now_ns);
		ready_ns = window_ready_ns(&w, shape, limit, amount, true);
		if (ready_ns > now_ns) {
			now_ns = ready_ns;
			window_advance(&w, shape, now_ns);
			assert_true(window_ready_ns(&w, shape, limit, amount, true) <= now_ns);
		}
		(void)window_add(&w, amount);
		taken[count++] = (struct sim_taken){ now_ns, amount };
		if (pause_ns)
			now_ns += random_below(pause_ns);
	}
	return count;
}

static void no_span_holds_more_than_the_limit(void **state)
{
	struct sim_taken *taken = calloc(TAKEN_MAX, sizeof(*taken));

	(void)state;
	assert_non_null(taken);
	for (unsigned round = 0; round < 300; round++) {
		uint64_t limit = 1 + random_below(round % 2 ? 50 : 5000), most = 1 + random_below(limit);
		uint64_t pause_ns = random_below(4) ? random_below(5 * SIM_S) : 0;
		size_t count = take_at_random(&window_minute, limit, most, pause_ns, 600 * SIM_S, taken);

		if (sim_most(taken, count, MINUTE_NS + SIM_S / 2) > limit)
			fail_msg("more than %llu in a minute", (unsigned long long)limit);
		count = take_at_random(&window_day, limit, most, 1000 * pause_ns, 4 * DAY_NS, taken);
		if (sim_most(taken, count, DAY_NS) > limit)
			fail_msg("more than %llu in a day", (unsigned long long)limit);
	}
	free(taken);
}

static void nearly_all_of_a_limit_is_used(void **state)
{
	struct sim_taken *taken = calloc(TAKEN_MAX, sizeof(*taken));
	uint64_t sum = 0;

	(void)state;
	assert_non_null(taken);
	for (uint64_t limit = 10; limit <= 1000; limit *= 10) {
		size_t count = take_at_random(&window_minute, limit, 1, SIM_S / 100, 6060 * SIM_S, taken);

		assert_true(count * 100 >= 98 * 100 * limit); /* in 100 minutes */
	}
	for (size_t n = take_at_random(&window_day, 1000000, 100, 10 * SIM_S, 11 * DAY_NS, taken); n; n--)
		sum += taken[n - 1].amount;
	assert_true(sum > 0);
	free(taken);
}

static void an_amount_counts_for_a_minute_and_no_more_than_a_second(void **state)
{
	(void)state;
	for (uint64_t at_ns = 5 * SIM_S; at_ns < 6 * SIM_S; at_ns += 13'000'001) {
		struct window w = { 0 };
		uint64_t ready_ns;

		window_advance(&w, &window_minute, at_ns);
		(void)window_add(&w, 10);
		ready_ns = window_ready_ns(&w, &window_minute, 10, 1, true);
		assert_in_range(ready_ns, at_ns + 60'500'000'000, at_ns + 60'750'000'000);
		window_advance(&w, &window_minute, ready_ns - 1);
		assert_int_equal(w.used_sum, 10);
		window_advance(&w, &window_minute, ready_ns);
		assert_int_equal(w.used_sum, 0);
	}
}

static void what_is_settled_lower_is_free_again(void **state)
{
	struct window w = { 0 };
	uint64_t bucket;

	(void)state;
	window_advance(&w, &window_minute, SIM_S);
	bucket = window_add(&w, 10);
	window_advance(&w, &window_minute, 20 * SIM_S);
	assert_true(window_ready_ns(&w, &window_minute, 10, 8, true) > 60 * SIM_S);
	assert_int_equal(w.open_sum, 10);
	window_settle(&w, &window_minute, bucket, 10, 2);
	assert_int_equal(w.used_sum, 2);
	assert_int_equal(w.open_sum, 0);
	assert_int_equal(window_ready_ns(&w, &window_minute, 10, 8, true), 0);
}

static void what_is_settled_higher_counts_from_now(void **state)
{
	struct window w = { 0 };
	uint64_t bucket;

	(void)state;
	window_advance(&w, &window_minute, SIM_S);
	bucket = window_add(&w, 10);
	window_advance(&w, &window_minute, 40 * SIM_S);
	window_settle(&w, &window_minute, bucket, 10, 15);
	assert_int_equal(w.used_sum, 15);
	window_advance(&w, &window_minute, 62 * SIM_S);
	assert_int_equal(w.used_sum, 5);
	window_advance(&w, &window_minute, 102 * SIM_S);
	assert_int_equal(w.used_sum, 0);
}

static void what_is_settled_after_it_was_forgotten_takes_nothing_from_others(void **state)
{
	struct window w = { 0 };
	uint64_t bucket;

	(void)state;
	window_advance(&w, &window_minute, SIM_S);
	bucket = window_add(&w, 10);
	/* the same place in the ring */
	window_advance(&w, &window_minute, SIM_S + WINDOW_BUCKETS * window_minute.width_ns);
	(void)window_add(&w, 7);
	window_settle(&w, &window_minute, bucket, 10, 0);
	assert_int_equal(w.used_sum, 7);
	window_settle(&w, &window_minute, bucket, 10, 12);
	assert_int_equal(w.used_sum, 9);
}

static void what_is_open_may_turn_out_as_nothing(void **state)
{
	struct window w = { 0 };
	uint64_t bucket;

	(void)state;
	window_advance(&w, &window_minute, SIM_S);
	bucket = window_add(&w, 10);
	assert_true(window_ready_ns(&w, &window_minute, 10, 1, true) > SIM_S);
	assert_int_equal(window_ready_ns(&w, &window_minute, 10, 1, false), 0);
	window_settle(&w, &window_minute, bucket, 10, 10);
	assert_true(window_ready_ns(&w, &window_minute, 10, 1, false) > SIM_S);
}

static void more_than_the_limit_fits_into_the_empty_window(void **state)
{
	struct window w = { 0 };

	(void)state;
	window_advance(&w, &window_minute, SIM_S);
	assert_int_equal(window_ready_ns(&w, &window_minute, 10, 99, true), 0);
	(void)window_add(&w, 1);
	assert_in_range(window_ready_ns(&w, &window_minute, 10, 99, true), 61 * SIM_S, 62 * SIM_S);
}

static void sums_saturate(void **state)
{
	struct window w = { 0 };

	(void)state;
	window_advance(&w, &window_minute, SIM_S);
	(void)window_add(&w, UINT64_MAX);
	(void)window_add(&w, UINT64_MAX);
	window_advance(&w, &window_minute, 2 * SIM_S);
	(void)window_add(&w, UINT64_MAX);
	assert_int_equal(w.used_sum, UINT64_MAX);
	assert_in_range(window_ready_ns(&w, &window_minute, 10, 1, true), 62 * SIM_S, 63 * SIM_S);
	window_advance(&w, &window_minute, 63 * SIM_S);
	assert_int_equal(w.used_sum, 0);
}

static void time_that_goes_back_forgets_nothing(void **state)
{
	struct window w = { 0 };

	(void)state;
	window_advance(&w, &window_minute, 100 * SIM_S);
	(void)window_add(&w, 10);
	window_advance(&w, &window_minute, 10 * SIM_S);
	assert_int_equal(w.used_sum, 10);
	(void)window_add(&w, 1);
	assert_int_equal(w.used_sum, 11);
	window_advance(&w, &window_minute, 160 * SIM_S);
	assert_int_equal(w.used_sum, 11);
}

/* Days in which the clock changes again and again, to one that begins with the machine or to any other; what has passed
 * meanwhile is known or not. No day holds more than the limit. */
static void another_clock_forgets_nothing_early(void **state)
{
	struct sim_taken *taken = calloc(TAKEN_MAX, sizeof(*taken));

	(void)state;
	assert_non_null(taken);
	for (unsigned round = 0; round < 600; round++) {
		uint64_t limit = 1 + random_below(round % 5 ? 20 : 1000);
		uint64_t true_ns = 0, start_ns = 0;
		struct window w = { 0 };
		size_t count = 0;

		while (true_ns < 5 * DAY_NS && count < TAKEN_MAX) {
			uint64_t now_ns = true_ns - start_ns;

			window_advance(&w, &window_day, now_ns);
			if (window_ready_ns(&w, &window_day, limit, 1, true) <= now_ns) {
				(void)window_add(&w, 1);
				taken[count++] = (struct sim_taken){ true_ns, 1 };
			}
			true_ns += random_below(round % 4 ? 2000 * SIM_S : 200 * SIM_S);
			if (random_below(round % 2 ? 40 : 3) == 0) { /* now_ns is the old clock's last known moment */
				uint64_t gap_ns = random_below(round % 3 ? 2000 * SIM_S : 50 * SIM_S);
				uint64_t up_ns = random_below(2) ? gap_ns : random_below(3000 * SIM_S);
				uint64_t passed_ns = true_ns - start_ns - now_ns + gap_ns;

				true_ns += gap_ns;
				start_ns = true_ns - up_ns; /* may wrap */
				window_rebase(&w, &window_day, round % 4 ? passed_ns : 0, up_ns);
				assert_true(window_check(&w, &window_day, up_ns));
			}
		}
		if (sim_most(taken, count, DAY_NS) > limit)
			fail_msg("more than %llu in a day", (unsigned long long)limit);
	}
	free(taken);
}

static void what_another_clock_knows_to_be_old_is_forgotten(void **state)
{
	struct window w = { 0 };

	(void)state;
	window_advance(&w, &window_day, 5000 * SIM_S);
	(void)window_add(&w, 10);
	window_rebase(&w, &window_day, DAY_NS / 2, 100 * SIM_S);
	assert_int_equal(w.used_sum, 10);
	window_advance(&w, &window_day, DAY_NS / 2 + 1000 * SIM_S);
	assert_int_equal(w.used_sum, 0);
	(void)window_add(&w, 10);
	window_rebase(&w, &window_day, 3 * DAY_NS, 100 * SIM_S);
	assert_int_equal(w.used_sum, 0);
	window_rebase(&w, &window_day, UINT64_MAX, 100 * SIM_S);
	assert_int_equal(w.used_sum, 0);
}

static void a_window_of_the_future_is_none(void **state)
{
	struct window w = { 0 };

	(void)state;
	assert_true(window_check(&w, &window_minute, 0));
	window_advance(&w, &window_minute, 1000 * SIM_S);
	(void)window_add(&w, 3);
	assert_false(window_check(&w, &window_minute, 10 * SIM_S));
	w.used_sum = 77;
	w.open_sum = 88;
	assert_true(window_check(&w, &window_minute, 1000 * SIM_S));
	assert_int_equal(w.used_sum, 3);
	assert_int_equal(w.open_sum, 3);
}

static void any_bytes_that_pass_as_a_window_are_one(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct window w;
		const struct window_shape *shape = round % 2 ? &window_minute : &window_day;
		uint64_t now_ns = random_below(200 * DAY_NS), bucket;

		for (size_t i = 0; i < sizeof(w) / 8; i++)
			((uint64_t *)&w)[i] = random_below(4) ? random_below(100) : random_state;
		w.newest = random_below(3) ? now_ns / shape->width_ns + random_below(2000) : random_state;
		if (!window_check(&w, shape, now_ns))
			continue;
		window_advance(&w, shape, now_ns);
		(void)window_ready_ns(&w, shape, 1 + random_below(1000), random_state, round % 3);
		bucket = window_add(&w, random_below(1000));
		window_settle(&w, shape, bucket, 7, random_state);
		window_settle(&w, shape, random_state, 7, 1);
		if (round % 2)
			window_rebase(&w, shape, random_below(DAY_NS), random_below(DAY_NS));
		now_ns += 3 * DAY_NS;
		window_advance(&w, shape, now_ns);
		assert_int_equal(w.used_sum, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_span_holds_more_than_the_limit),
		cmocka_unit_test(nearly_all_of_a_limit_is_used),
		cmocka_unit_test(an_amount_counts_for_a_minute_and_no_more_than_a_second),
		cmocka_unit_test(what_is_settled_lower_is_free_again),
		cmocka_unit_test(what_is_settled_higher_counts_from_now),
		cmocka_unit_test(what_is_settled_after_it_was_forgotten_takes_nothing_from_others),
		cmocka_unit_test(what_is_open_may_turn_out_as_nothing),
		cmocka_unit_test(more_than_the_limit_fits_into_the_empty_window),
		cmocka_unit_test(sums_saturate),
		cmocka_unit_test(time_that_goes_back_forgets_nothing),
		cmocka_unit_test(another_clock_forgets_nothing_early),
		cmocka_unit_test(what_another_clock_knows_to_be_old_is_forgotten),
		cmocka_unit_test(a_window_of_the_future_is_none),
		cmocka_unit_test(any_bytes_that_pass_as_a_window_are_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
