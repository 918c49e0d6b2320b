/* SPDX-License-Identifier: Apache-2.0 */
/* The journald sink with each allocation failing in turn, where no journald listens: it never says that anything is
 * there. (What it does with a journald: tests/e2e/journald_fault_test.py.) */
#include "forwarder/sink/journal_wire.h"
#include "tests/support/nomem.h"
#include "tests/support/sinkenv.h"

#define EVENTS 20

static bool deliver_with_a_failure(void *context, long n)
{
	struct sinkenv *s = context;
	const struct sink_batch batch = sinkenv_batch(s, 1, EVENTS, false);
	struct sink_receipt receipt = { .confirmed = 0 };
	struct err err = ERR_INIT;
	bool has_failed;
	void *sink;

	nomem_start(n);
	sink = sink_journald.open(&s->env, &err);
	if (sink)
		assert_int_not_equal(sink_journald.deliver(sink, &batch, &receipt, &err), SINK_OK);
	has_failed = nomem_stop();
	assert_int_equal(receipt.confirmed, 0);
	assert_int_equal(receipt.durable_seq, 0);
	assert_int_not_equal(err.kind, ERR_NONE);
	if (sink)
		sink_journald.close(sink);
	return has_failed;
}

static void after_a_failure_nothing_is_confirmed_and_nothing_leaks(void **state)
{
	struct sinkenv *s = *state;

	s->settings.type = SETTINGS_JOURNALD;
	s->settings.socket = s->path; /* where there is none */
	s->settings.journal = s->dir;
	sinkenv_fill(s, EVENTS, 200);
	assert_true(nomem_each(deliver_with_a_failure, s) > 3);
}

static bool add_with_a_failure(void *context, long n)
{
	DEFER(buf_done) struct buf wire = BUF_INIT(1u << 20);
	const struct sinkenv *s = context;
	int status;
	bool has_failed;

	nomem_start(n);
	status = journal_add_entry(&wire, &s->events[0], 13);
	has_failed = nomem_stop();
	assert_int_equal(status, has_failed ? -1 : 0);
	return has_failed;
}

static void an_entry_that_there_is_no_memory_for_is_refused(void **state)
{
	struct sinkenv *s = *state;

	sinkenv_fill(s, 1, 20'000);
	assert_true(nomem_each(add_with_a_failure, s) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(after_a_failure_nothing_is_confirmed_and_nothing_leaks, sinkenv_set_up,
						sinkenv_tear_down),
		cmocka_unit_test_setup_teardown(an_entry_that_there_is_no_memory_for_is_refused, sinkenv_set_up,
						sinkenv_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
