/* SPDX-License-Identifier: Apache-2.0 */
/* Which events a sink is given that does not take all of them. */
#include "forwarder/courier.h"

#include "tests/support/spool.h"

#define WAIT_MS 30'000
#define EVENTS_MAX 16

static struct {
	uint64_t seqs[EVENTS_MAX];
	size_t count;
} given;

static void *take_open(const struct sink_env *, struct err *)
{
	return &given;
}

static void take_close(void *)
{
}

static enum sink_result take_deliver(void *, const struct sink_batch *batch, struct sink_receipt *receipt, struct err *)
{
	for (size_t i = 0; i < batch->count; i++) {
		assert_true(given.count < EVENTS_MAX);
		given.seqs[given.count++] = batch->events[i].seq;
	}
	*receipt = (struct sink_receipt){ .confirmed = batch->count, .sent = batch->count };
	return SINK_OK;
}

static const struct sink_ops ops = { .name = "take",
				     .level = SINK_STORED,
				     .is_exact = true,
				     .open = take_open,
				     .deliver = take_deliver,
				     .close = take_close };

/* A sink of one feed's events alone, with all of the spool delivered. */
static struct courier_state deliver_feed(struct spool *spool, char *feed)
{
	char name[] = "siem";
	char *feeds[] = { feed, NULL };
	const struct settings_sink settings = { .name = name,
						.start = SETTINGS_BEGINNING,
						.filter = { .feeds = feeds, .severity = EVENT_DEBUG } };
	const struct courier_options options = { .spool = spool, .settings = &settings, .ops = &ops, .is_once = true };
	struct courier_state state;
	struct courier *courier;
	struct err err = ERR_INIT;

	given.count = 0;
	courier = courier_new(&options, &err);
	assert_non_null(courier);
	assert_int_equal(courier_start(courier, &err), 0);
	courier_finish(courier);
	assert_true(courier_has_ended(courier, WAIT_MS));
	courier_state(courier, &state);
	courier_free(courier);
	return state;
}

static void those_that_pass_are_given_in_order_from_between_the_others(void **state)
{
	struct spool *spool = open_spool();
	struct courier_state end;
	char feed[] = "b";

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		put_some(spool, "a", 10 * i, 2, NULL);
		put_some(spool, "b", 10 * i, 1, NULL);
	}
	put_some(spool, "a", 100, 2, NULL);
	end = deliver_feed(spool, feed);
	assert_int_equal(given.count, 6);
	for (size_t i = 0; i < given.count; i++)
		assert_int_equal(given.seqs[i], 3 * (i + 1));
	assert_int_equal(end.cursor.confirmed, 20);
	assert_int_equal(end.cursor.delivered, 6);
	spool_free(spool);
}

/* Without moving on it would read the same for ever. */
static void what_is_for_nobody_here_is_passed_over_and_holds_nothing_back(void **state)
{
	struct spool *spool = open_spool();
	struct courier_state end;
	char feed[] = "b";

	(void)state;
	put_some(spool, "a", 1, 5, NULL);
	end = deliver_feed(spool, feed);
	assert_int_equal(given.count, 0);
	assert_int_equal(end.mood, COURIER_ENDED);
	assert_int_equal(end.cursor.confirmed, 5);
	assert_int_equal(end.cursor.window, 5);
	assert_int_equal(end.cursor.delivered, 0);
	put_some(spool, "b", 6, 1, NULL);
	end = deliver_feed(spool, feed);
	assert_int_equal(given.count, 1);
	assert_int_equal(given.seqs[0], 6);
	spool_free(spool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(those_that_pass_are_given_in_order_from_between_the_others),
		TEST(what_is_for_nobody_here_is_passed_over_and_holds_nothing_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
