/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/courier_work.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"

#define NS_PER_MS 1'000'000u
#define FIRST_RETRY_MS 100u
#define TRIES_UNTOLD 3
#define ONCE_TRIES 5 /* in a row without success, until `run --once` gives a sink up */

static bool is_stopped(const struct courier *c)
{
	return atomic_load(&c->stop);
}

/* Shows how it stands. */
static void show(struct courier *c, enum courier_mood mood, const struct err *err, uint64_t retry_ms)
{
	pthread_mutex_lock(&c->mutex);
	c->shared.mood = mood;
	c->shared.cursor = c->cursor;
	c->shared.failures = c->failures;
	memccpy(c->shared.error, err ? err->text : "", '\0', sizeof(c->shared.error) - 1);
	c->retry_ns = retry_ms ? clock_mono_ns() + retry_ms * NS_PER_MS : 0;
	pthread_mutex_unlock(&c->mutex);
}

/* Tells whoever wants to know what has changed. A connection that breaks off and comes back at once is no news. */
static void tell(struct courier *c, enum courier_mood mood, const struct err *err)
{
	enum courier_mood before = c->told;

	if (!c->options.changed || mood == before || (mood == COURIER_WAITING && c->failures < TRIES_UNTOLD))
		return;
	c->told = mood;
	c->options.changed(c->options.context, c->options.settings->name, mood, before == COURIER_IDLE, err);
}

/* Waits until something may be to do; timeout_ms 0 = for as long as it takes. with_sink: the sink's descriptor counts
 * as well. *ret_sink tells that it was readable. */
static void wait_for(struct courier *c, uint64_t timeout_ms, bool with_events, bool with_sink, bool *ret_sink)
{
	int sink_fd = with_sink && c->options.ops->idle_fd ? c->options.ops->idle_fd(c->sink) : -1;
	struct pollfd fds[] = {
		{ .fd = c->wake_fd, .events = POLLIN },
		{ .fd = with_events ? c->event_fd : -1, .events = POLLIN },
		{ .fd = sink_fd, .events = POLLIN | POLLRDHUP },
	};
	uint64_t count;

	if (poll(fds, ARRAY_LEN(fds), timeout_ms ? (int)timeout_ms : -1) > 0 && fds[1].revents)
		(void)!read(c->event_fd, &count, sizeof(count));
	*ret_sink = fds[2].revents != 0;
}

/* Doubling, and anywhere in its upper half, so that many that failed at once do not try again at once. */
static uint64_t backoff_ms(unsigned failures, enum sink_result result)
{
	uint64_t most = result == SINK_BROKEN ? SINK_BROKEN_MS : SINK_BACKOFF_MS;
	uint64_t ms = failures > 16 ? most : (uint64_t)FIRST_RETRY_MS << (failures - 1);
	uint16_t random = 0;

	(void)!getrandom(&random, sizeof(random), GRND_NONBLOCK);
	if (ms > most)
		ms = most;
	return ms / 2 + ms * random / (2 * (uint64_t)UINT16_MAX) + 1;
}

/* What to do about a try that failed. false: no more. */
static bool bear(struct courier *c, enum sink_result result, const struct err *err)
{
	uint64_t wait_ms;
	bool ignored;

	if (c->receipt.confirmed)
		c->failures = 0;
	c->failures++;
	if (result == SINK_LOST)
		courier_rewind(c);
	if (result == SINK_OVER || (c->options.is_once && (c->failures >= ONCE_TRIES || result == SINK_BROKEN))) {
		show(c, COURIER_BROKEN, err, 0);
		if (result == SINK_OVER)
			tell(c, COURIER_ENDED, err);
		return false;
	}
	wait_ms = backoff_ms(c->failures, result);
	tell(c, result == SINK_BROKEN ? COURIER_BROKEN : COURIER_WAITING, err);
	show(c, result == SINK_BROKEN ? COURIER_BROKEN : COURIER_WAITING, err, wait_ms);
	if (!is_stopped(c))
		wait_for(c, wait_ms, false, false, &ignored);
	return true;
}

/* How long nothing need be looked at. */
static uint64_t idle_ms(const struct courier *c)
{
	uint64_t ms = c->options.ops->idle ? c->options.ops->idle_ms : 0;
	uint64_t due_ns = replay_due_ns(&c->window), now_ns = clock_mono_ns(), again_ns;
	bool has_window = courier_replay_has_window(c, &again_ns) || c->window.count > 0;

	if (!due_ns || (again_ns && again_ns < due_ns))
		due_ns = again_ns;
	if (!due_ns && has_window && c->options.ops->is_quiet)
		due_ns = now_ns + 1000 * (uint64_t)NS_PER_MS;
	if (due_ns) {
		uint64_t due_ms = due_ns > now_ns ? (due_ns - now_ns) / NS_PER_MS + 1 : 1;

		if (!ms || due_ms < ms)
			ms = due_ms;
	}
	return ms;
}

/* Nothing to send: waits, and has the sink look after its connection. 0; -1 with err and *ret_result. */
static int rest(struct courier *c, enum sink_result *ret_result, struct err *err)
{
	uint64_t wait_ms = idle_ms(c), before = c->window.count;
	bool sink_spoke;

	show(c, COURIER_IDLE, NULL, 0);
	wait_for(c, wait_ms, true, true, &sink_spoke);
	*ret_result = SINK_OK;
	if (is_stopped(c))
		return 0;
	c->receipt = (struct sink_receipt){ .confirmed = 0 };
	if (c->options.ops->idle && (sink_spoke || c->options.ops->idle_ms))
		*ret_result = c->options.ops->idle(c->sink, &c->receipt, err);
	if (c->receipt.durable_seq > c->cursor.durable) {
		c->cursor.durable = c->receipt.durable_seq;
		c->is_stored = false;
	}
	replay_advance(&c->window, clock_mono_ns(), !c->options.ops->is_quiet || c->options.ops->is_quiet(c->sink));
	if (before && !c->window.count)
		c->is_stored = false;
	if (courier_store(c, *ret_result == SINK_OK ? err : NULL) && *ret_result == SINK_OK)
		*ret_result = SINK_RETRY;
	return *ret_result == SINK_OK ? 0 : -1;
}

/* One step. 1 something was done, 0 nothing waits, -1. */
static int step(struct courier *c, enum sink_result *ret_result, struct err *err)
{
	int n;

	/* What could not be stored after the last step comes first. Until something is handed over, nothing is
	 * confirmed that would make a failure the first one again. */
	c->receipt.confirmed = 0; /* the rest of it stays: what is to be stored may have its reasons there */
	*ret_result = SINK_RETRY;
	if (courier_store(c, err))
		return -1;
	n = courier_replay(c, ret_result, err);
	return n ? n : courier_deliver(c, ret_result, err);
}

/* What the receiver has taken for certain needs no replay when we come back. */
static void end_in_order(struct courier *c)
{
	const struct sink_ops *ops = c->options.ops;
	struct err err = ERR_INIT;

	if (ops->finish && ops->finish(c->sink)) {
		courier_replay_end(c);
		if (c->position >= c->cursor.confirmed) {
			replay_empty(&c->window);
			c->is_stored = false;
		}
	}
	(void)courier_store(c, &err);
}

void *courier_run(void *courier)
{
	struct courier *c = courier;

	while (!is_stopped(c)) {
		struct err err = ERR_INIT;
		enum sink_result result;
		int n = step(c, &result, &err);

		if (n > 0) {
			c->failures = 0;
			show(c, COURIER_SENDING, NULL, 0);
			tell(c, COURIER_SENDING, NULL);
			continue;
		}
		if (n == 0 && atomic_load(&c->is_last)) {
			if (c->position >= spool_head(c->options.spool))
				break;
			continue;
		}
		if (n == 0)
			n = rest(c, &result, &err);
		if (n < 0 && !bear(c, result, &err))
			break;
	}
	end_in_order(c);
	pthread_mutex_lock(&c->mutex);
	c->shared.cursor = c->cursor;
	if (c->shared.mood != COURIER_BROKEN)
		c->shared.mood = COURIER_ENDED;
	pthread_mutex_unlock(&c->mutex);
	latch_raise(&c->ended);
	return NULL;
}
