/* SPDX-License-Identifier: Apache-2.0 */
/* Two polls and a reconciliation with each allocation failing in turn: nothing leaks, no poll says that it went
 * well and has not stored all, and the next polls find all. */
#include <sys/eventfd.h>
#include <unistd.h>

#include "forwarder/feed/activities.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

static long paused;
#define UP_BEGIN paused = __atomic_exchange_n(&nomem_left, 0, __ATOMIC_RELAXED)
#define UP_END __atomic_store_n(&nomem_left, paused, __ATOMIC_RELAXED)

#include "tests/support/upstream.h"

#define HOUR_NS (3600 * UP_S)

static char name[] = "audit", types_entry[] = "*";
static char *types[] = { types_entry, NULL };
static char key[256]; /* a member with a key in it, made up when the test runs */

struct world {
	struct api up;
	struct upspool spool;
	struct feed_out out;
	struct settings_feed settings;
	struct feed_env env;
	atomic_bool stop;
};

struct variant {
	bool refuses_order;
	bool is_near; /* all that there is lies within the overlap */
};

static void make_world(struct world *w, struct variant variant)
{
	up_init(&w->up, API_PLATFORM);
	upspool_init(&w->spool);
	w->out = upspool_out(&w->spool);
	w->up.refuses_order = variant.refuses_order;
	w->up.has_admin = true;
	w->up.setting = "enabled";
	w->settings = (struct settings_feed){ .name = name,
					      .type = SETTINGS_ACTIVITIES,
					      .start = variant.is_near ? SETTINGS_TIME : SETTINGS_BEGINNING,
					      .start_unix_s = UP_START_S - 900,
					      .settle_ms = variant.is_near ? 1'000'000 : 0,
					      .poll_ms = 30'000,
					      .reconcile_ms = 3'600'000,
					      .skip_own = true,
					      .filter = { .types = types, .severity = EVENT_DEBUG } };
	atomic_init(&w->stop, false);
	w->env = (struct feed_env){ .settings = &w->settings,
				    .api = &w->up,
				    .out = &w->out,
				    .stop = &w->stop,
				    .wake_fd = eventfd(0, EFD_CLOEXEC),
				    .is_once = true };
	for (int64_t i = 0; i < 12; i++)
		up_add(&w->up, w->up.now_ns - i * 40 * UP_S, 0, "platform_file_uploaded", i == 3 ? key : "");
	up_add(&w->up, w->up.now_ns - 300 * UP_S, 0, ACTIVITIES_SWITCHED, ",\"compliance_api_enabled\":false");
	up_add(&w->up, w->up.now_ns - 200 * UP_S, 0, ACTIVITIES_SWITCHED, ",\"compliance_api_enabled\":true");
	up_add(&w->up, w->up.now_ns, 0, "x", "{\"created_at\":\"2026-11-24T13:49:0\\u0039Z\"}")->is_bare = true;
}

static void end_world(struct world *w)
{
	up_done(&w->up);
	upspool_done(&w->spool);
	(void)close(w->env.wake_fd);
}

static int poll_feed(struct world *w, struct activities *feed)
{
	struct err err = ERR_INIT;
	uint64_t wait_ms;
	int status = feed_activities.poll(feed, &wait_ms, &err);

	if (!status)
		assert_int_equal(w->spool.added, w->up.count);
	return status;
}

/* A life of the feed. What fails is told by -1, whatever it is. */
static int live(struct world *w)
{
	struct activities *feed = feed_activities.open(&w->env, NULL);
	int status;

	if (!feed)
		return -1;
	feed->page_rows = 5;
	status = poll_feed(w, feed);
	w->up.now_ns += HOUR_NS + UP_S;
	status |= poll_feed(w, feed);
	feed_activities.close(feed);
	return status;
}

static bool run(void *context, long n)
{
	const struct variant *variant = context;
	struct world w;
	bool has_failed;

	make_world(&w, *variant);
	nomem_start(n);
	(void)live(&w);
	has_failed = nomem_stop();
	assert_int_equal(live(&w), 0);
	assert_int_equal(w.spool.added, w.up.count);
	end_world(&w);
	return has_failed;
}

static void oldest_first(void **state)
{
	struct variant variant = { false };

	(void)state;
	assert_true(nomem_each(run, &variant) > 20);
}

static void by_windows(void **state)
{
	struct variant variant = { .refuses_order = true };

	(void)state;
	assert_true(nomem_each(run, &variant) > 20);
}

static void within_the_overlap(void **state)
{
	struct variant variant = { .is_near = true };

	(void)state;
	assert_true(nomem_each(run, &variant) > 20);
}

static bool open_again(void *context, long n)
{
	struct world *w = context;
	struct err err = ERR_INIT;
	struct activities *feed;
	bool has_failed;

	nomem_start(n);
	feed = feed_activities.open(&w->env, &err);
	has_failed = nomem_stop();
	if (!feed) {
		assert_int_equal(err.kind, ERR_NOMEM);
		return has_failed;
	}
	assert_true(feed->state.own.count > 0);
	assert_true(feed->state.own_before.count > 0);
	feed_activities.close(feed);
	return has_failed;
}

static void a_feed_is_opened_with_all_of_its_state_or_not_at_all(void **state)
{
	struct world w;

	(void)state;
	make_world(&w, (struct variant){ false });
	w.settings.skip_own = false; /* so that fewer requests are remembered */
	for (int i = 0; i < 40; i++)
		assert_int_equal(live(&w), 0);
	assert_true(nomem_each(open_again, &w) > 2);
	end_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(oldest_first), cmocka_unit_test(by_windows),
					    cmocka_unit_test(within_the_overlap),
					    cmocka_unit_test(a_feed_is_opened_with_all_of_its_state_or_not_at_all) };
	int len = snprintf(key, sizeof(key), ",\"note\":\"sk-ant-%s-", "api03");

	for (int i = 0; i < 95; i++)
		key[len++] = (char)('a' + i * 7 % 26);
	key[len] = '"';
	return cmocka_run_group_tests(tests, NULL, NULL);
}
