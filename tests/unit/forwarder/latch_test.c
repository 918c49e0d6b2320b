/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/latch.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "common/base/clock.h"

#define NS_PER_MS 1'000'000u
#define LONG_MS 60'000

static void nobody_raised_it_and_the_wait_ends(void **state)
{
	uint64_t before_ns = clock_mono_ns();
	struct latch latch;

	(void)state;
	latch_init(&latch);
	assert_false(latch_wait(&latch, 0));
	assert_false(latch_wait(&latch, 20));
	assert_true(clock_mono_ns() - before_ns >= 20 * (uint64_t)NS_PER_MS);
	latch_done(&latch);
}

static void once_raised_nobody_waits(void **state)
{
	uint64_t before_ns = clock_mono_ns();
	struct latch latch;

	(void)state;
	latch_init(&latch);
	latch_raise(&latch);
	assert_true(latch_wait(&latch, 0));
	assert_true(latch_wait(&latch, LONG_MS));
	assert_true(clock_mono_ns() - before_ns < LONG_MS * (uint64_t)NS_PER_MS);
	latch_done(&latch);
}

static void *raise_it(void *latch)
{
	latch_raise(latch);
	return NULL;
}

static void a_thread_that_raises_it_ends_the_wait(void **state)
{
	struct latch latch;
	pthread_t thread;

	(void)state;
	latch_init(&latch);
	assert_int_equal(pthread_create(&thread, NULL, raise_it, &latch), 0);
	assert_true(latch_wait(&latch, LONG_MS));
	assert_int_equal(pthread_join(thread, NULL), 0);
	latch_done(&latch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_raised_it_and_the_wait_ends),
		cmocka_unit_test(once_raised_nobody_waits),
		cmocka_unit_test(a_thread_that_raises_it_ends_the_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
