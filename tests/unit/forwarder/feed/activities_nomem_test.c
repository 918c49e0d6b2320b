/* SPDX-License-Identifier: Apache-2.0 */
/* Two polls and a reconciliation with each allocation failing in turn: nothing leaks, and the next polls find all. */
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

static void make_world(struct world *w, bool refuses_order)
{
	up_init(&w->up, API_PLATFORM);
	upspool_init(&w->spool);
	w->out = upspool_out(&w->spool);
	w->up.refuses_order = refuses_order;
	w->up.has_admin = true;
	w->up.setting = "enabled";
	w->settings = (struct settings_feed){ .name = name,
					      .type = SETTINGS_ACTIVITIES,
					      .start = SETTINGS_BEGINNING,
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

/* A life of the feed. What fails is told by -1, whatever it is. */
static int live(struct world *w)
{
	struct activities *feed = feed_activities.open(&w->env, NULL);
	struct err err = ERR_INIT;
	uint64_t wait_ms;
	int status = -1;

	if (!feed)
		return -1;
	feed->page_rows = 5;
	status = feed_activities.poll(feed, &wait_ms, &err);
	w->up.now_ns += HOUR_NS + UP_S;
	status |= feed_activities.poll(feed, &wait_ms, &err);
	feed_activities.close(feed);
	return status;
}

static bool run(void *context, long n)
{
	const bool *refuses_order = context;
	struct world w;
	bool has_failed;

	make_world(&w, *refuses_order);
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
	bool refuses_order = false;

	(void)state;
	assert_true(nomem_each(run, &refuses_order) > 20);
}

static void by_windows(void **state)
{
	bool refuses_order = true;

	(void)state;
	assert_true(nomem_each(run, &refuses_order) > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(oldest_first), cmocka_unit_test(by_windows) };
	int len = snprintf(key, sizeof(key), ",\"note\":\"sk-ant-%s-", "api03");

	for (int i = 0; i < 95; i++)
		key[len++] = (char)('a' + i * 7 % 26);
	key[len] = '"';
	return cmocka_run_group_tests(tests, NULL, NULL);
}
