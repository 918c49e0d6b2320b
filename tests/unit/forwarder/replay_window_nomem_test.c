/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/replay_window.h"

#include "tests/support/nomem.h"
#include "tests/support/unit.h"

#define BATCHES 100

/* Who is not told would believe that all that was sent can be sent again. */
static bool send_with_a_failure(void *, long n)
{
	struct replay_window w;
	uint64_t sent = 0;
	bool has_failed;

	replay_init(&w, UINT64_MAX, 1000);
	nomem_start(n);
	while (sent < BATCHES && replay_sent(&w, sent + 1, 10) == 0)
		sent++;
	has_failed = nomem_stop();
	assert_int_equal(w.count, sent);
	assert_true(has_failed || sent == BATCHES);
	assert_int_equal(replay_start(&w, BATCHES), sent ? 0 : BATCHES);
	replay_done(&w);
	return has_failed;
}

static void a_batch_that_there_was_no_memory_for_is_told_and_the_others_stay(void **state)
{
	(void)state;
	assert_true(nomem_each(send_with_a_failure, NULL) > 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_that_there_was_no_memory_for_is_told_and_the_others_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
