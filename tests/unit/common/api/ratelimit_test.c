/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/ratelimit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "tests/support/simclock.h"
#include "tests/support/unit.h"

#define CALLERS 8
#define MINUTE_NS (60 * SIM_S)
#define TAKEN_MAX 20000

static const struct ratelimit_until forever = { .deadline_ns = UINT64_MAX };

struct crowd { /* callers that always wait */
	struct sim sim;
	struct ratelimit *limiter;
	uint64_t end_ns;
	struct ratelimit_use most;     /* a call's tokens are random up to this */
	unsigned estimate_factor;      /* estimates are so much higher than what is used */
	uint64_t latency_ns, pause_ns; /* at most */
	atomic_size_t count;
	struct sim_taken requests[TAKEN_MAX], input[TAKEN_MAX], output[TAKEN_MAX];
	unsigned by_caller[CALLERS];
	atomic_uint failed, next_caller;
};

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed >> 11;
}

static void call_once(struct crowd *c, uint64_t *seed, unsigned caller)
{
	struct ratelimit_use used = { .input_tokens = 1 + next_random(seed) % c->most.input_tokens,
				      .output_tokens = 1 + next_random(seed) % c->most.output_tokens };
	struct ratelimit_use estimate = { used.input_tokens * c->estimate_factor,
					  used.output_tokens * c->estimate_factor };
	struct ratelimit_ticket ticket;
	struct err err = ERR_INIT;
	size_t n;

	if (ratelimit_take(c->limiter, &estimate, &forever, &ticket, &err) != RATELIMIT_TAKEN) {
		atomic_fetch_add(&c->failed, 1);
		return;
	}
	n = atomic_fetch_add(&c->count, 1);
	if (n < TAKEN_MAX) {
		c->requests[n] = (struct sim_taken){ ticket.taken_ns, 1 };
		c->input[n] = (struct sim_taken){ ticket.taken_ns, used.input_tokens };
		c->output[n] = (struct sim_taken){ ticket.taken_ns, used.output_tokens };
	}
	c->by_caller[caller]++;
	sim_sleep(&c->sim, 1 + next_random(seed) % c->latency_ns);
	ratelimit_settle(c->limiter, &ticket, &used);
	if (c->pause_ns)
		sim_sleep(&c->sim, 1 + next_random(seed) % c->pause_ns);
}

static void *caller_main(void *context)
{
	struct crowd *c = context;
	unsigned caller = atomic_fetch_add(&c->next_caller, 1);
	uint64_t seed = 88172645463325252u + caller * 7919;

	while (sim_now_ns(&c->sim) < c->end_ns)
		call_once(c, &seed, caller);
	sim_leave(&c->sim);
	return NULL;
}

static struct crowd *crowd_new(void)
{
	struct crowd *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	sim_init(&c->sim, CALLERS);
	c->most = (struct ratelimit_use){ 1, 1 };
	c->estimate_factor = 1;
	c->latency_ns = SIM_S / 5;
	return c;
}

static void crowd_run(struct crowd *c, const struct ratelimit_limits *limits, unsigned minutes)
{
	struct ratelimit_clock clock = sim_clock(&c->sim);
	pthread_t threads[CALLERS];
	struct err err = ERR_INIT;

	c->limiter = ratelimit_new(limits, &clock, &err);
	assert_non_null(c->limiter);
	c->end_ns = sim_now_ns(&c->sim) + minutes * MINUTE_NS;
	for (unsigned i = 0; i < CALLERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, caller_main, c), 0);
	for (unsigned i = 0; i < CALLERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(c->failed, 0);
	assert_true(c->count < TAKEN_MAX);
	ratelimit_free(c->limiter);
}

static uint64_t total(const struct sim_taken *taken, size_t count, uint64_t end_ns)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		if (taken[i].at_ns < end_ns)
			sum += taken[i].amount;
	return sum;
}

static void eight_callers_use_nearly_all_requests_and_never_more(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_REQUESTS] = 50 } };
	struct crowd *c = crowd_new();
	uint64_t used;

	(void)state;
	crowd_run(c, &limits, 15);
	assert_int_equal(sim_most(c->requests, c->count, MINUTE_NS), 50);
	used = total(c->requests, c->count, c->end_ns);
	if (used * 100 < 98 * 15 * 50)
		fail_msg("%llu of %u", (unsigned long long)used, 15 * 50);
	free(c);
}

static void eight_callers_use_nearly_all_tokens_and_never_more(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_INPUT] = 40000, [RATELIMIT_OUTPUT] = 1000000 } };
	struct crowd *c = crowd_new();
	uint64_t used;

	(void)state;
	c->most = (struct ratelimit_use){ 300, 100 };
	crowd_run(c, &limits, 10);
	assert_true(sim_most(c->input, c->count, MINUTE_NS) <= 40000);
	used = total(c->input, c->count, c->end_ns);
	if (used * 100 < UINT64_C(98) * 10 * 40000)
		fail_msg("%llu of %u", (unsigned long long)used, 10 * 40000);
	free(c);
}

static void estimates_that_are_too_high_do_not_waste_the_limit(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_OUTPUT] = 40000 } };
	struct crowd *c = crowd_new();
	uint64_t used;

	(void)state;
	c->most = (struct ratelimit_use){ 10, 200 };
	c->estimate_factor = 4;
	crowd_run(c, &limits, 10);
	assert_true(sim_most(c->output, c->count, MINUTE_NS) <= 40000);
	used = total(c->output, c->count, c->end_ns);
	if (used * 100 < UINT64_C(94) * 10 * 40000) /* what is on its way blocks up to 8 * 800 - 8 * 200 */
		fail_msg("%llu of %u", (unsigned long long)used, 10 * 40000);
	free(c);
}

static void every_caller_has_its_share(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_REQUESTS] = 100, [RATELIMIT_TOKENS] = 100000 } };
	struct crowd *c = crowd_new();

	(void)state;
	c->most = (struct ratelimit_use){ 900, 900 };
	c->latency_ns = SIM_S / 100;
	crowd_run(c, &limits, 10);
	for (unsigned i = 0; i < CALLERS; i++)
		assert_in_range(c->by_caller[i], c->count / CALLERS * 9 / 10, c->count / CALLERS * 11 / 10);
	free(c);
}

static void random_arrivals_never_pass_a_limit(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 8; round++) {
		struct crowd *c = crowd_new();
		uint64_t seed = 1000003 * (round + 1);
		struct ratelimit_limits limits = { 0 };

		limits.most[RATELIMIT_REQUESTS] = next_random(&seed) % 3 ? 1 + next_random(&seed) % 200 : 0;
		limits.most[RATELIMIT_INPUT] = 1000 + next_random(&seed) % 30000;
		limits.most[RATELIMIT_OUTPUT] = 1000 + next_random(&seed) % 30000;
		limits.most[RATELIMIT_DAY] = next_random(&seed) % 2 ? 300000 : 0;
		c->most = (struct ratelimit_use){ 1 + next_random(&seed) % 300, 1 + next_random(&seed) % 300 };
		c->estimate_factor = 1 + (unsigned)(next_random(&seed) % 3);
		c->latency_ns = 1 + next_random(&seed) % (20 * SIM_S);
		c->pause_ns = next_random(&seed) % (10 * SIM_S);
		crowd_run(c, &limits, 5);
		if (limits.most[RATELIMIT_REQUESTS])
			assert_true(sim_most(c->requests, c->count, MINUTE_NS) <= limits.most[RATELIMIT_REQUESTS]);
		assert_true(sim_most(c->input, c->count, MINUTE_NS) <= limits.most[RATELIMIT_INPUT]);
		assert_true(sim_most(c->output, c->count, MINUTE_NS) <= limits.most[RATELIMIT_OUTPUT]);
		free(c);
	}
}

/* One thread from here on, unless a test says so. */
struct desk {
	struct sim sim;
	struct ratelimit *limiter;
};

static void desk_init(struct desk *d, const struct ratelimit_limits *limits)
{
	struct ratelimit_clock clock;
	struct err err = ERR_INIT;

	sim_init(&d->sim, 1);
	clock = sim_clock(&d->sim);
	d->limiter = ratelimit_new(limits, &clock, &err);
	assert_non_null(d->limiter);
}

/* Seconds that a call has to wait for its place. It is settled as estimated, unless its ticket is asked for. */
static uint64_t take(struct desk *d, uint64_t input, uint64_t output, struct ratelimit_ticket *ret)
{
	struct ratelimit_use use = { input, output };
	uint64_t start_ns = sim_now_ns(&d->sim);
	struct ratelimit_ticket ticket;
	struct err err = ERR_INIT;

	if (ratelimit_take(d->limiter, &use, &forever, ret ? ret : &ticket, &err) != RATELIMIT_TAKEN)
		fail_msg("%s", err.text);
	if (!ret)
		ratelimit_settle(d->limiter, &ticket, &use);
	return (sim_now_ns(&d->sim) - start_ns) / SIM_S;
}

static enum ratelimit_result take_within(struct desk *d, uint64_t tokens, uint64_t ns, struct err *err)
{
	struct ratelimit_until until = { .deadline_ns = sim_now_ns(&d->sim) + ns };
	struct ratelimit_use use = { tokens, 0 };
	struct ratelimit_ticket ticket;
	enum ratelimit_result result = ratelimit_take(d->limiter, &use, &until, &ticket, err);

	if (result == RATELIMIT_TAKEN)
		ratelimit_settle(d->limiter, &ticket, &use);
	return result;
}

static void without_limits_nothing_waits(void **state)
{
	struct ratelimit_limits none = { 0 };
	struct desk d;

	(void)state;
	desk_init(&d, &none);
	for (unsigned i = 0; i < 10000; i++)
		assert_int_equal(take(&d, 1000000, 1000000, NULL), 0);
	ratelimit_free(d.limiter);
}

static void a_day_is_24_hours_wherever_it_begins(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_DAY] = 100 } };
	struct desk d;

	(void)state;
	desk_init(&d, &limits);
	assert_int_equal(take(&d, 30, 30, NULL), 0);
	sim_sleep(&d.sim, 10 * 3600 * SIM_S);
	assert_int_equal(take(&d, 30, 10, NULL), 0);
	assert_in_range(take(&d, 1, 0, NULL), 14 * 3600 - 1, 14 * 3600 + 360);
	ratelimit_free(d.limiter);
}

static void a_call_that_never_fits_is_refused_at_once(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_INPUT] = 1000, [RATELIMIT_DAY] = 1500 } };
	struct ratelimit_ticket ticket;
	struct err err = ERR_INIT;
	struct desk d;

	(void)state;
	desk_init(&d, &limits);
	assert_int_equal(ratelimit_take(d.limiter, &(struct ratelimit_use){ 1001, 0 }, &forever, &ticket, &err),
			 RATELIMIT_NEVER);
	assert_string_equal(err.text, "a call of about 1001 tokens is above the limit of 1000 input tokens a minute");
	assert_int_equal(ratelimit_take(d.limiter, &(struct ratelimit_use){ 1000, 501 }, &forever, &ticket, &err),
			 RATELIMIT_NEVER);
	assert_string_equal(err.text, "a call of about 1501 tokens is above the limit of 1500 tokens a day");
	assert_int_equal(ratelimit_take(d.limiter, &(struct ratelimit_use){ 0, UINT64_MAX }, &forever, &ticket, &err),
			 RATELIMIT_NEVER);
	assert_int_equal(take(&d, 1000, 500, NULL), 0);
	ratelimit_free(d.limiter);
}

static void a_deadline_that_cannot_be_kept_is_said_at_once(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_REQUESTS] = 1 } };
	struct err err = ERR_INIT;
	uint64_t start_ns;
	struct desk d;

	(void)state;
	desk_init(&d, &limits);
	assert_int_equal(take(&d, 0, 0, NULL), 0);
	start_ns = sim_now_ns(&d.sim);
	assert_int_equal(take_within(&d, 0, 61 * SIM_S, &err), RATELIMIT_TAKEN);
	sim_sleep_until(&d.sim, start_ns + 2 * MINUTE_NS);
	start_ns = sim_now_ns(&d.sim);
	assert_int_equal(take_within(&d, 0, SIM_S / 2, &err), RATELIMIT_LATE);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_string_equal(err.text, "the rate limit leaves no room before the call's deadline: "
				      "the next in 2 s at the earliest");
	assert_int_equal(sim_now_ns(&d.sim), start_ns);
	assert_int_equal(take_within(&d, 0, 0, &err), RATELIMIT_LATE);
	assert_int_equal(take(&d, 0, 0, NULL), 1); /* those that gave up took nothing, and left no trace */
	ratelimit_free(d.limiter);
}

static void room_that_a_settlement_may_make_is_waited_for(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_INPUT] = 1000 } };
	struct ratelimit_ticket ticket;
	struct err err = ERR_INIT;
	uint64_t start_ns;
	struct desk d;

	(void)state;
	desk_init(&d, &limits);
	assert_int_equal(take(&d, 1000, 0, &ticket), 0);
	start_ns = sim_now_ns(&d.sim);
	assert_int_equal(take_within(&d, 1, 5 * SIM_S, &err), RATELIMIT_LATE);
	assert_int_equal(sim_now_ns(&d.sim), start_ns + 5 * SIM_S);
	ratelimit_free(d.limiter);
}

static void what_was_never_sent_counts_for_nothing(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_REQUESTS] = 1, [RATELIMIT_DAY] = 10 } };
	struct ratelimit_ticket ticket;
	struct desk d;

	(void)state;
	desk_init(&d, &limits);
	assert_int_equal(take(&d, 5, 5, &ticket), 0);
	ratelimit_return(d.limiter, &ticket);
	assert_int_equal(take(&d, 5, 5, &ticket), 0);
	ratelimit_settle(d.limiter, &ticket, &(struct ratelimit_use){ 1, 1 });
	assert_int_equal(take(&d, 5, 3, &ticket), 60); /* for the request; the day has room for the tokens */
	ratelimit_free(d.limiter);
}

static void hear(struct ratelimit_word *word, const char *const headers[][2], size_t count)
{
	*word = (struct ratelimit_word){ 0 };
	for (size_t i = 0; i < count; i++)
		ratelimit_header(word, view_of(headers[i][0]), view_of(headers[i][1]));
}

static void observe(struct desk *d, const char *const headers[][2], size_t count)
{
	struct ratelimit_word word;

	hear(&word, headers, count);
	ratelimit_observe(d->limiter, &word);
}
#define OBSERVE(d, ...)                                                                                                \
	do {                                                                                                           \
		const char *const headers_[][2] = { __VA_ARGS__ };                                                     \
		observe(d, headers_, ARRAY_LEN(headers_));                                                             \
	} while (0)

static void headers_are_read(void **state)
{
	static const char *const headers[][2] = { { "Anthropic-RateLimit-Requests-Limit", "50" },
						  { "anthropic-ratelimit-requests-remaining", " 49 " },
						  { "anthropic-ratelimit-requests-reset", "2026-11-24T13:49:09Z" },
						  { "anthropic-ratelimit-input-tokens-limit", "1000" },
						  { "anthropic-ratelimit-output-tokens-remaining", "0" },
						  { "anthropic-ratelimit-tokens-reset", "2026-11-24T13:49:10.5+00:00" },
						  { "retry-after", "7" } };
	struct ratelimit_word w;

	(void)state;
	hear(&w, headers, ARRAY_LEN(headers));
	assert_true(w.kinds[RATELIMIT_REQUESTS].has_limit && w.kinds[RATELIMIT_REQUESTS].has_remaining &&
		    w.kinds[RATELIMIT_REQUESTS].has_reset);
	assert_int_equal(w.kinds[RATELIMIT_REQUESTS].limit, 50);
	assert_int_equal(w.kinds[RATELIMIT_REQUESTS].remaining, 49);
	assert_int_equal(w.kinds[RATELIMIT_REQUESTS].reset_unix_s, 1795528149);
	assert_true(w.kinds[RATELIMIT_INPUT].has_limit && !w.kinds[RATELIMIT_INPUT].has_remaining);
	assert_int_equal(w.kinds[RATELIMIT_INPUT].limit, 1000);
	assert_true(w.kinds[RATELIMIT_OUTPUT].has_remaining && !w.kinds[RATELIMIT_OUTPUT].has_limit);
	assert_true(w.kinds[RATELIMIT_TOKENS].has_reset && !w.kinds[RATELIMIT_TOKENS].has_limit);
	assert_int_equal(w.kinds[RATELIMIT_TOKENS].reset_unix_s, 1795528150);
	assert_true(w.after.has_seconds);
}

static void headers_that_cannot_be_read_say_nothing(void **state)
{
	static const char *const headers[][2] = {
		{ "anthropic-ratelimit-requests-limit", "0" },
		{ "anthropic-ratelimit-requests-remaining", "-1" },
		{ "anthropic-ratelimit-requests-reset", "tomorrow" },
		{ "anthropic-ratelimit-tokens-limit", "99999999999999999999" },
		{ "anthropic-ratelimit-tokens-remaining", "" },
		{ "anthropic-ratelimit-input-tokens", "5" },
		{ "anthropic-ratelimit-input-tokens-limits", "5" },
		{ "anthropic-ratelimit-", "5" },
		{ "anthropic-ratelimit-unified-limit", "5" },
		{ "x-anthropic-ratelimit-requests-limit", "5" },
	};
	struct ratelimit_word w, nothing = { 0 };

	(void)state;
	hear(&w, headers, ARRAY_LEN(headers));
	for (unsigned k = 0; k < RATELIMIT_DAY; k++)
		assert_false(w.kinds[k].has_limit || w.kinds[k].has_remaining || w.kinds[k].has_reset);
	assert_memory_equal(&w.after, &nothing.after, sizeof(w.after));
}

static void the_servers_limit_holds_where_it_is_tighter(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_REQUESTS] = 5 } };
	struct desk d;

	(void)state;
	desk_init(&d, &limits);
	OBSERVE(&d, { "anthropic-ratelimit-requests-limit", "3" });
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(take(&d, 0, 0, NULL), 0);
	assert_int_equal(take(&d, 0, 0, NULL), 60);
	sim_sleep(&d.sim, 2 * MINUTE_NS);
	OBSERVE(&d, { "anthropic-ratelimit-requests-limit", "99" });
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(take(&d, 0, 0, NULL), 0);
	assert_int_equal(take(&d, 0, 0, NULL), 60);
	ratelimit_free(d.limiter);
}

static void a_call_above_the_servers_limit_is_its_to_refuse(void **state)
{
	struct ratelimit_limits none = { 0 };
	struct desk d;

	(void)state;
	desk_init(&d, &none);
	OBSERVE(&d, { "anthropic-ratelimit-tokens-limit", "1000" });
	assert_int_equal(take(&d, 2000, 0, NULL), 0);
	assert_int_equal(take(&d, 1, 0, NULL), 60);
	ratelimit_free(d.limiter);
}

static void what_remains_is_all_that_is_taken_before_the_reset(void **state)
{
	struct ratelimit_limits none = { 0 };
	struct desk d;

	(void)state;
	desk_init(&d, &none);
	OBSERVE(&d, { "anthropic-ratelimit-requests-remaining", "2" },
		{ "anthropic-ratelimit-requests-reset", "2026-11-24T13:49:29Z" });
	assert_int_equal(take(&d, 0, 0, NULL), 0);
	assert_int_equal(take(&d, 0, 0, NULL), 0);
	assert_int_equal(take(&d, 0, 0, NULL), 21); /* of 20, rounded */
	assert_int_equal(take(&d, 0, 0, NULL), 0);
	ratelimit_free(d.limiter);
}

static void a_reset_is_told_by_the_servers_clock(void **state)
{
	struct ratelimit_limits none = { 0 };
	struct desk d;

	(void)state;
	desk_init(&d, &none);
	OBSERVE(&d, { "date", "Tue, 24 Nov 1998 10:00:00 GMT" }, { "anthropic-ratelimit-input-tokens-remaining", "10" },
		{ "anthropic-ratelimit-input-tokens-reset", "1998-11-24T10:00:05Z" });
	assert_int_equal(take(&d, 11, 0, NULL), 6);
	ratelimit_free(d.limiter);
}

static void remaining_without_a_reset_is_for_a_minute(void **state)
{
	struct ratelimit_limits none = { 0 };
	struct desk d;

	(void)state;
	desk_init(&d, &none);
	OBSERVE(&d, { "anthropic-ratelimit-output-tokens-remaining", "10" });
	assert_int_equal(take(&d, 0, 10, NULL), 0);
	assert_int_equal(take(&d, 0, 1, NULL), 61);
	ratelimit_free(d.limiter);
}

static void what_is_on_its_way_is_not_given_twice(void **state)
{
	struct ratelimit_limits none = { 0 };
	struct ratelimit_ticket tickets[3];
	struct desk d;

	(void)state;
	desk_init(&d, &none);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(take(&d, 1, 1, &tickets[i]), 0);
	ratelimit_settle(d.limiter, &tickets[0], &(struct ratelimit_use){ 1, 1 });
	/* the server has seen one of the three, or two, or all */
	OBSERVE(&d, { "anthropic-ratelimit-requests-remaining", "3" },
		{ "anthropic-ratelimit-requests-reset", "2026-11-24T13:49:29Z" });
	assert_int_equal(take(&d, 0, 0, NULL), 0);
	assert_int_equal(take(&d, 0, 0, NULL), 21);
	ratelimit_free(d.limiter);
}

static void an_older_answer_is_passed_over(void **state)
{
	struct ratelimit_limits none = { 0 };
	struct desk d;

	(void)state;
	desk_init(&d, &none);
	OBSERVE(&d, { "anthropic-ratelimit-requests-remaining", "1" },
		{ "anthropic-ratelimit-requests-reset", "2026-11-24T13:49:29Z" });
	OBSERVE(&d, { "anthropic-ratelimit-requests-remaining", "2" },
		{ "anthropic-ratelimit-requests-reset", "2026-11-24T13:49:29Z" });
	OBSERVE(&d, { "anthropic-ratelimit-requests-remaining", "9" },
		{ "anthropic-ratelimit-requests-reset", "2026-11-24T13:49:12Z" });
	assert_int_equal(take(&d, 0, 0, NULL), 0);
	OBSERVE(&d, { "anthropic-ratelimit-requests-remaining", "8" },
		{ "anthropic-ratelimit-requests-reset", "2026-11-24T13:49:49Z" });
	assert_int_equal(take(&d, 0, 0, NULL), 0);
	ratelimit_free(d.limiter);
}

static void retry_after_holds_everything(void **state)
{
	struct ratelimit_limits none = { 0 };
	struct err err = ERR_INIT;
	struct desk d;

	(void)state;
	desk_init(&d, &none);
	OBSERVE(&d, { "retry-after", "30" });
	OBSERVE(&d, { "retry-after", "10" });
	assert_int_equal(take_within(&d, 0, 29 * SIM_S, &err), RATELIMIT_LATE);
	assert_int_equal(take(&d, 0, 0, NULL), 31);
	assert_int_equal(take(&d, 0, 0, NULL), 0);
	ratelimit_free(d.limiter);
}

static void no_word_holds_longer_than_a_day(void **state)
{
	struct ratelimit_limits none = { 0 };
	struct desk d;

	(void)state;
	desk_init(&d, &none);
	OBSERVE(&d, { "retry-after", "99999999999999" }, { "anthropic-ratelimit-requests-remaining", "0" },
		{ "anthropic-ratelimit-requests-reset", "9999-12-31T23:59:59Z" });
	assert_int_equal(take(&d, 0, 0, NULL), RATELIMIT_HOLD_S + 1);
	ratelimit_free(d.limiter);
}

/* Threads that come one after the other, while there is no room. */
struct line {
	struct desk desk;
	struct ratelimit_use use[3];
	atomic_bool stop;
	atomic_uint started;
	uint64_t taken_ns[3];
	enum ratelimit_result result[3];
};

static void *line_main(void *context)
{
	struct line *l = context;
	unsigned i = atomic_fetch_add(&l->started, 1);
	struct ratelimit_until until = { .deadline_ns = UINT64_MAX, .stop = i == 0 ? &l->stop : NULL };
	struct ratelimit_ticket ticket = { 0 };
	struct err err = ERR_INIT;

	l->result[i] = ratelimit_take(l->desk.limiter, &l->use[i], &until, &ticket, &err);
	l->taken_ns[i] = ticket.taken_ns;
	sim_leave(&l->desk.sim);
	return NULL;
}

static void line_run(struct line *l, bool stops_first)
{
	pthread_t threads[3];

	for (unsigned i = 0; i < 3; i++) {
		(void)pthread_mutex_lock(&l->desk.sim.lock);
		l->desk.sim.threads++;
		(void)pthread_mutex_unlock(&l->desk.sim.lock);
		assert_int_equal(pthread_create(&threads[i], NULL, line_main, l), 0);
		sim_sleep(&l->desk.sim, SIM_S); /* passes once the thread waits */
	}
	if (stops_first) {
		atomic_store(&l->stop, true);
		ratelimit_wake(l->desk.limiter);
	}
	sim_leave(&l->desk.sim);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void a_large_call_is_not_passed_by_small_ones(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_INPUT] = 1000 } };
	struct line l = { .use = { { 1000, 0 }, { 10, 0 }, { 10, 0 } } };

	(void)state;
	desk_init(&l.desk, &limits);
	assert_int_equal(take(&l.desk, 900, 0, NULL), 0);
	line_run(&l, false);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(l.result[i], RATELIMIT_TAKEN);
	assert_true(l.taken_ns[0] < l.taken_ns[1] && l.taken_ns[1] <= l.taken_ns[2]);
	ratelimit_free(l.desk.limiter);
}

static void who_stops_waiting_makes_room_for_the_next(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_INPUT] = 1000 } };
	struct line l = { .use = { { 1000, 0 }, { 10, 0 }, { 10, 0 } } };

	(void)state;
	desk_init(&l.desk, &limits);
	assert_int_equal(take(&l.desk, 900, 0, NULL), 0);
	line_run(&l, true);
	assert_int_equal(l.result[0], RATELIMIT_STOPPED);
	assert_int_equal(l.result[1], RATELIMIT_TAKEN);
	assert_int_equal(l.result[2], RATELIMIT_TAKEN);
	assert_true(l.taken_ns[1] < 1010 * SIM_S && l.taken_ns[2] < 1010 * SIM_S);
	ratelimit_free(l.desk.limiter);
}

static void a_stop_flag_that_is_set_takes_nothing(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_REQUESTS] = 1 } };
	atomic_bool stop = true;
	struct ratelimit_until until = { .deadline_ns = UINT64_MAX, .stop = &stop };
	struct ratelimit_ticket ticket;
	struct err err = ERR_INIT;
	struct desk d;

	(void)state;
	desk_init(&d, &limits);
	assert_int_equal(ratelimit_take(d.limiter, &(struct ratelimit_use){ 0, 0 }, &until, &ticket, &err),
			 RATELIMIT_STOPPED);
	assert_string_equal(err.text, "the wait for room in the rate limit was stopped");
	assert_int_equal(take(&d, 0, 0, NULL), 0);
	ratelimit_free(d.limiter);
}

static void limits_above_the_bound_are_refused(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_DAY] = RATELIMIT_MAX + 1 } };
	struct err err = ERR_INIT;

	(void)state;
	assert_null(ratelimit_new(&limits, NULL, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
}

/* The real clock, and a wait that another thread ends: what is tested is that it ends. */
struct real_wait {
	struct ratelimit *limiter;
	atomic_bool stop;
	enum ratelimit_result result;
};

static void *real_main(void *context)
{
	struct real_wait *w = context;
	struct ratelimit_until until = { .deadline_ns = UINT64_MAX, .stop = &w->stop };
	struct ratelimit_ticket ticket;
	struct err err = ERR_INIT;

	w->result = ratelimit_take(w->limiter, &(struct ratelimit_use){ 0, 0 }, &until, &ticket, &err);
	return NULL;
}

static void the_systems_clock_waits_until_it_is_stopped(void **state)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_REQUESTS] = 1 } };
	struct err err = ERR_INIT;
	struct real_wait w = { .limiter = ratelimit_new(&limits, NULL, &err) };
	struct ratelimit_ticket ticket;
	pthread_t thread;

	(void)state;
	assert_non_null(w.limiter);
	assert_int_equal(ratelimit_take(w.limiter, &(struct ratelimit_use){ 0, 0 }, &forever, &ticket, &err), 0);
	assert_int_equal(pthread_create(&thread, NULL, real_main, &w), 0);
	atomic_store(&w.stop, true); /* no ratelimit_wake: as a signal handler does it */
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(w.result, RATELIMIT_STOPPED);
	ratelimit_free(w.limiter);
}

/* A call takes its place and is sent so much later; then how long the next one has to wait, from the place on. */
static uint64_t wait_after_start(uint64_t delay_ns)
{
	struct ratelimit_limits limits = { .most = { [RATELIMIT_REQUESTS] = 1 } };
	struct ratelimit_use use = { 0 };
	struct ratelimit_ticket ticket;
	uint64_t start_ns, wait_ns;
	struct desk d;

	desk_init(&d, &limits);
	start_ns = sim_now_ns(&d.sim);
	(void)take(&d, 0, 0, &ticket);
	sim_sleep(&d.sim, delay_ns);
	ratelimit_start(d.limiter, &ticket);
	ratelimit_settle(d.limiter, &ticket, &use);
	(void)take(&d, 0, 0, NULL);
	wait_ns = sim_now_ns(&d.sim) - start_ns;
	ratelimit_free(d.limiter);
	return wait_ns;
}

static void a_call_counts_from_when_it_is_sent(void **state)
{
	(void)state;
	assert_in_range(wait_after_start(SIM_S / 100), 60 * SIM_S, 61 * SIM_S);
	assert_in_range(wait_after_start(10 * SIM_S), 70 * SIM_S, 71 * SIM_S);
	assert_in_range(wait_after_start(90 * SIM_S), 150 * SIM_S, 151 * SIM_S);
}

/* Of all its digits: a part would be the same in another run. */
static void the_system_knows_which_run_it_is(void **state)
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
	unsigned char run[16];
	char text[37];

	(void)state;
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	(void)fclose(f);
	ratelimit_system_clock.run(NULL, run);
	for (size_t i = 0, at = 0; i < sizeof(run); i++, at += 2) {
		unsigned digits;

		at += text[at] == '-';
		assert_int_equal(sscanf(text + at, "%2x", &digits), 1);
		assert_int_equal(run[i], digits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eight_callers_use_nearly_all_requests_and_never_more),
		cmocka_unit_test(eight_callers_use_nearly_all_tokens_and_never_more),
		cmocka_unit_test(estimates_that_are_too_high_do_not_waste_the_limit),
		cmocka_unit_test(every_caller_has_its_share),
		cmocka_unit_test(random_arrivals_never_pass_a_limit),
		cmocka_unit_test(without_limits_nothing_waits),
		cmocka_unit_test(a_day_is_24_hours_wherever_it_begins),
		cmocka_unit_test(a_call_that_never_fits_is_refused_at_once),
		cmocka_unit_test(a_deadline_that_cannot_be_kept_is_said_at_once),
		cmocka_unit_test(room_that_a_settlement_may_make_is_waited_for),
		cmocka_unit_test(what_was_never_sent_counts_for_nothing),
		cmocka_unit_test(headers_are_read),
		cmocka_unit_test(headers_that_cannot_be_read_say_nothing),
		cmocka_unit_test(the_servers_limit_holds_where_it_is_tighter),
		cmocka_unit_test(a_call_above_the_servers_limit_is_its_to_refuse),
		cmocka_unit_test(what_remains_is_all_that_is_taken_before_the_reset),
		cmocka_unit_test(a_reset_is_told_by_the_servers_clock),
		cmocka_unit_test(remaining_without_a_reset_is_for_a_minute),
		cmocka_unit_test(what_is_on_its_way_is_not_given_twice),
		cmocka_unit_test(an_older_answer_is_passed_over),
		cmocka_unit_test(retry_after_holds_everything),
		cmocka_unit_test(no_word_holds_longer_than_a_day),
		cmocka_unit_test(a_large_call_is_not_passed_by_small_ones),
		cmocka_unit_test(who_stops_waiting_makes_room_for_the_next),
		cmocka_unit_test(a_stop_flag_that_is_set_takes_nothing),
		cmocka_unit_test(limits_above_the_bound_are_refused),
		cmocka_unit_test(the_systems_clock_waits_until_it_is_stopped),
		cmocka_unit_test(a_call_counts_from_when_it_is_sent),
		cmocka_unit_test(the_system_knows_which_run_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
