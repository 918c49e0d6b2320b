/* SPDX-License-Identifier: Apache-2.0 */
/* What an intake makes of what its feed does, over a real spool; the feed does what the test has it do. */
#include "forwarder/intake.h"

#include <pthread.h>

#include "tests/support/spool.h"

#define WAIT_MS 30'000
#define STEPS_MAX 8

/* One poll: it stores so many records from id first on, and then fails with error. */
struct step {
	unsigned first, count;
	const char *error;
	bool is_polled;
	const char *refusal; /* NULL: none */
};

static struct {
	struct step steps[STEPS_MAX];
	size_t count, done;
	const struct feed_env *env;
	pthread_mutex_t mutex; /* of log */
	char log[1024];
} script = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void note(const char *text, const char *more)
{
	size_t len;

	pthread_mutex_lock(&script.mutex);
	len = strlen(script.log);
	(void)snprintf(script.log + len, sizeof(script.log) - len, "%s%.200s\n", text, more);
	pthread_mutex_unlock(&script.mutex);
}

static void *script_open(const struct feed_env *env, struct err *)
{
	script.env = env;
	return &script;
}

static void script_close(void *)
{
}

static int put(const struct step *step, struct err *err)
{
	struct page_record record = { .type = VIEW("t"), .origin = EVENT_PLATFORM, .body = VIEW("{}") };
	bool is_new[1];
	struct page_stored stored = { .is_new = is_new };
	char id[16];

	for (unsigned i = 0; i < step->count; i++) {
		const struct page page = { .feed = "audit", .records = &record, .count = 1 };
		int n = snprintf(id, sizeof(id), "id%u", step->first + i);

		record.id = view_from(id, (size_t)n);
		if (script.env->out->put(script.env->out->context, &page, &stored, err))
			return err->kind ? -1 : err_set(err, ERR_LIMIT, 0, "full");
	}
	return 0;
}

static int script_poll(void *, uint64_t *ret_wait_ms, struct err *err)
{
	const struct feed_out *out = script.env->out;
	const struct step *step;

	*ret_wait_ms = script.done + 1 < script.count ? 1 : 3'600'000;
	if (script.done >= script.count)
		return 0;
	step = &script.steps[script.done++];
	if (put(step, err))
		return -1;
	if (step->is_polled)
		out->polled(out->context, "audit", 7);
	if (step->refusal)
		out->alert(out->context, "audit", FEED_REFUSED, true, step->refusal);
	return step->error ? err_set(err, ERR_LATER, 0, "%s", step->error) : 0;
}

static const struct feed_ops script_ops = {
	.type = "script", .open = script_open, .poll = script_poll, .close = script_close
};

static void failed(void *, const char *, const struct err *err)
{
	note("failed: ", err ? err->text : "no more");
}

static void alerted(void *, const char *, enum feed_alert alert, bool is_on, const char *)
{
	note(is_on ? "on: " : "over: ", feed_alert_names[alert]);
}

struct setting {
	struct spool *spool;
	struct bulletin *bulletin;
	struct intake *intake;
	struct settings all;
	char name[8];
	struct settings_feed feed;
	const struct intake_times *times;
};

static void start(struct setting *s, uint64_t max_bytes)
{
	struct err err = ERR_INIT;

	s->spool = open_with(&(struct spool_options){ .dir = dir, .max_bytes = max_bytes });
	s->bulletin = bulletin_new(s->spool, &err);
	assert_non_null(s->bulletin);
	memcpy(s->name, "audit", 6);
	s->feed = (struct settings_feed){ .name = s->name, .type = SETTINGS_ACTIVITIES, .poll_ms = 1 };
	s->intake = intake_new(&(struct intake_options){ .spool = s->spool,
							 .bulletin = s->bulletin,
							 .all = &s->all,
							 .settings = &s->feed,
							 .ops = &script_ops,
							 .times = s->times,
							 .failed = failed,
							 .alerted = alerted },
			       &err);
	assert_non_null(s->intake);
	assert_int_equal(intake_start(s->intake, &err), 0);
}

static struct intake_state end(struct setting *s)
{
	struct intake_state state;

	intake_stop(s->intake);
	assert_true(intake_has_ended(s->intake, WAIT_MS));
	intake_state(s->intake, &state);
	intake_free(s->intake);
	bulletin_free(s->bulletin);
	spool_free(s->spool);
	return state;
}

/* Until all steps were done and the feed waits. */
static void wait_done(struct setting *s)
{
	struct intake_state state;

	for (unsigned i = 0; i < WAIT_MS; i++) {
		intake_state(s->intake, &state);
		if (state.last_success_s)
			return;
		(void)usleep(1000);
	}
	fail_msg("not in time");
}

static void set_steps(const struct step *steps, size_t count)
{
	script.done = 0;
	script.count = count;
	script.log[0] = '\0';
	memcpy(script.steps, steps, count * sizeof(*steps));
}

static void new_rows_and_known_ones_are_counted(void **state)
{
	static const struct step steps[] = { { .first = 1, .count = 3 },
					     { .first = 2, .count = 3, .is_polled = true } };
	struct setting s = { .spool = NULL };
	struct intake_state after;

	(void)state;
	set_steps(steps, ARRAY_LEN(steps));
	start(&s, 0);
	wait_done(&s);
	after = end(&s);
	assert_int_equal(after.events, 4);
	assert_int_equal(after.known, 2);
	assert_int_equal(after.freshest_ns, 7);
	assert_true(after.last_event_s > 0);
	assert_false(after.is_running);
	assert_string_equal(script.log, "");
}

static void an_error_is_told_once_whatever_its_request(void **state)
{
	static const struct step steps[] = { { .error = "refused: not allowed (request req_1)" },
					     { .error = "refused: not allowed (request req_2)" },
					     { .error = "refused: gone" },
					     { .is_polled = true } };
	struct setting s = { .spool = NULL };
	struct intake_state after;

	(void)state;
	set_steps(steps, ARRAY_LEN(steps));
	start(&s, 0);
	wait_done(&s);
	after = end(&s);
	assert_string_equal(after.error, "");
	assert_string_equal(script.log, "failed: refused: not allowed (request req_1)\nfailed: refused: gone\n"
					"failed: no more\n");
}

static void a_refusal_in_the_words_of_its_error_is_told_once(void **state)
{
	const struct step steps[] = {
		{ .error = "no key", .refusal = "no key" },
		{ .error = "no key", .refusal = "no key" },
		{ .error = NULL },
		{ .error = "wrong key", .refusal = "it needs another (wrong key)", .is_polled = true }
	};
	struct setting s = { .times = NULL };

	(void)state;
	set_steps(steps, ARRAY_LEN(steps));
	start(&s, 0);
	wait_done(&s);
	(void)end(&s);
	assert_string_equal(script.log, "on: refused\nfailed: no more\nfailed: wrong key\n");
}

static void a_full_spool_is_an_alert_until_there_is_room(void **state)
{
	static const struct step steps[] = { { .first = 1, .count = 1 }, { .is_polled = true } };
	struct setting s = { .spool = NULL };
	struct intake_state after;

	(void)state;
	set_steps(steps, ARRAY_LEN(steps));
	start(&s, 1);
	wait_done(&s);
	after = end(&s);
	assert_int_equal(after.events, 0);
	assert_string_equal(script.log, "on: full\nfailed: full\nfailed: no more\n");
	set_steps(steps, ARRAY_LEN(steps));
	start(&s, 0);
	wait_done(&s);
	after = end(&s);
	assert_int_equal(after.events, 1);
	assert_string_equal(script.log, "over: full\n");
}

static void a_feed_that_is_quiet_or_fails_for_long_is_an_alert(void **state)
{
	static const struct step steps[] = { { .first = 1, .count = 1, .is_polled = true } };
	struct setting s = { .spool = NULL };

	(void)state;
	set_steps(steps, ARRAY_LEN(steps));
	s.all.health = (struct settings_health){ .quiet_ms = 20, .stale_ms = 3'600'000 };
	start(&s, 0);
	wait_done(&s);
	(void)usleep(30'000);
	intake_watch(s.intake);
	intake_watch(s.intake);
	assert_string_equal(script.log, "on: quiet\n");
	s.all.health = (struct settings_health){ .quiet_ms = 3'600'000, .stale_ms = 20 };
	intake_watch(s.intake);
	assert_string_equal(script.log, "on: quiet\non: stale\n");
	(void)end(&s);
}

/* One that waits anew has not seen what the alert waits for. */
static void an_alert_is_over_when_what_it_waits_for_has_come(void **state)
{
	static const struct step nothing[] = { { .count = 0 } }, no_news[] = { { .is_polled = true } },
				 news[] = { { .first = 1, .count = 1, .is_polled = true } };
	struct setting s = { .all.health = { .quiet_ms = 1, .stale_ms = 1 } };

	(void)state;
	set_steps(nothing, 1);
	start(&s, 0);
	(void)usleep(5'000);
	intake_watch(s.intake);
	assert_string_equal(script.log, "on: stale\non: quiet\n");
	(void)end(&s);
	s.all.health = (struct settings_health){ .quiet_ms = 3'600'000, .stale_ms = 3'600'000 };
	set_steps(nothing, 1);
	start(&s, 0);
	intake_watch(s.intake);
	(void)end(&s);
	assert_string_equal(script.log, "");
	set_steps(no_news, 1);
	start(&s, 0);
	wait_done(&s);
	intake_watch(s.intake);
	(void)end(&s);
	assert_string_equal(script.log, "over: stale\n");
	set_steps(news, 1);
	start(&s, 0);
	wait_done(&s);
	(void)end(&s);
	assert_string_equal(script.log, "over: quiet\n");
}

static void one_that_takes_another_s_place_knows_its_times(void **state)
{
	static const struct step news[] = { { .first = 1, .count = 1, .is_polled = true } },
				 nothing[] = { { .count = 0 } };
	struct setting s = { .all.health = { .quiet_ms = 3'600'000, .stale_ms = 3'600'000 } };
	struct intake_times times, again;
	struct intake_state after;

	(void)state;
	set_steps(news, 1);
	start(&s, 0);
	wait_done(&s);
	times = intake_times(s.intake);
	assert_true(times.start_ns <= times.event_ns && times.event_ns <= times.success_ns);
	(void)end(&s);
	times.event_ns -= 1;
	s.times = &times;
	set_steps(nothing, 1);
	start(&s, 0);
	again = intake_times(s.intake);
	assert_memory_equal(&again, &times, sizeof(times));
	(void)usleep(5'000);
	s.all.health.quiet_ms = 1;
	intake_watch(s.intake);
	after = end(&s);
	assert_string_equal(script.log, "on: quiet\n");
	assert_int_equal(after.last_success_s, times.last_success_s);
	assert_int_equal(after.last_event_s, times.last_event_s);
	assert_int_equal(after.freshest_ns, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(new_rows_and_known_ones_are_counted),
		TEST(an_error_is_told_once_whatever_its_request),
		TEST(a_refusal_in_the_words_of_its_error_is_told_once),
		TEST(a_full_spool_is_an_alert_until_there_is_room),
		TEST(a_feed_that_is_quiet_or_fails_for_long_is_an_alert),
		TEST(an_alert_is_over_when_what_it_waits_for_has_come),
		TEST(one_that_takes_another_s_place_knows_its_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
