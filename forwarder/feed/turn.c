/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/turn.h"

#include <poll.h>
#include <stdarg.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"

#define NS_PER_S 1'000'000'000
#define NS_PER_MS 1'000'000u
#define RETRY_MS UINT64_C(60'000) /* as seldom as the provider wants reports to be asked for */
#define RETRY_MOST_MS UINT64_C(300'000)
#define ROOM_MS 5'000u /* how often a page that waits for room is tried again; nobody is asked for that */

int64_t turn_now_s(const struct turn *t)
{
	if (!t->date_s)
		return clock_unix_s();
	return t->date_s + (int64_t)((clock_boot_ns() - t->date_at_ns) / NS_PER_S);
}

void turn_note(struct turn *t, const struct api_reply *reply)
{
	if (!reply->date_s)
		return;
	t->date_s = reply->date_s;
	t->date_at_ns = clock_boot_ns();
}

bool turn_is_stopped(const struct turn *t)
{
	struct pollfd wake = { .fd = t->env->wake_fd, .events = POLLIN };

	return atomic_load(t->env->stop) || poll(&wake, 1, 0) > 0;
}

static void alert(const struct turn *t, bool is_on, const char *text)
{
	t->env->out->alert(t->env->out->context, t->env->settings->name, FEED_REFUSED, is_on, text);
}

/* Twice as long after each failure, and no longer than it waits between two polls. */
static uint64_t backoff_ms(const struct turn *t)
{
	uint64_t ms = RETRY_MS, most = t->env->settings->poll_ms;

	for (unsigned i = 1; i < t->failures && ms < RETRY_MOST_MS; i++)
		ms *= 2;
	ms = ms < RETRY_MOST_MS ? ms : RETRY_MOST_MS;
	return ms < most ? ms : most;
}

/* Whether it is the key that may not ask: the API says so, or there is none of a kind that may (client.c). */
static bool wants_other_key(const struct err *err)
{
	struct view text = view_of(err->text);

	return text_find(text, VIEW("permission_error")) != SIZE_MAX ||
	       text_find(text, VIEW("there is no key that may do it")) != SIZE_MAX;
}

/* What a person has to do is what the API says. */
static int add_refusal(struct buf *text, const struct err *err)
{
	if (wants_other_key(err))
		return buf_addf(text, "an admin key is needed (%s)", err->text);
	return err->kind == ERR_CONFIG ? buf_add_text(text, err->text)
				       : buf_addf(text, "the API refuses (%s)", err->text);
}

static int fail(struct turn *t, uint64_t *ret_wait_ms, const struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(4 * ERR_TEXT_BYTES);

	t->failures++;
	*ret_wait_ms = backoff_ms(t);
	if ((err->kind == ERR_REFUSED || err->kind == ERR_CONFIG) && add_refusal(&text, err) == 0)
		alert(t, true, text.ptr);
	return -1;
}

int turn_begin(struct turn *t, struct batch *batch, uint64_t *ret_wait_ms, struct err *err)
{
	uint64_t now_ns = clock_boot_ns(), again_ns = t->asked_ns + RETRY_MS * NS_PER_MS;
	int status;

	if (t->waits_for_room) {
		status = batch_put(batch, VIEW_NONE, err);
		*ret_wait_ms = ROOM_MS;
		if (status == BATCH_FULL)
			return 0;
		t->waits_for_room = false;
		if (status < 0)
			return fail(t, ret_wait_ms, err);
		*ret_wait_ms = now_ns < again_ns ? (again_ns - now_ns) / NS_PER_MS + 1 : 1;
		return 0;
	}
	t->asked_ns = now_ns;
	return 1;
}

int turn_end(struct turn *t, int status, int64_t freshest_s, uint64_t *ret_wait_ms, struct err *err)
{
	struct err none = ERR_INIT;

	*ret_wait_ms = t->env->settings->poll_ms;
	if (turn_is_stopped(t) && status < 0)
		return 0;
	if (status < 0)
		return fail(t, ret_wait_ms, err ? err : &none);
	t->failures = 0;
	alert(t, false, "the API accepts the credential");
	if (status == BATCH_FULL) {
		t->waits_for_room = true;
		*ret_wait_ms = ROOM_MS;
		if (t->env->is_once)
			return err_set(err, ERR_LIMIT, 0, "the spool is full: not all that upstream has was read");
		return 0;
	}
	t->env->out->polled(t->env->out->context, t->env->settings->name, freshest_s * NS_PER_S);
	return 0;
}

int turn_add_line(struct buf *report, const struct turn *t, const char *format, ...)
{
	va_list values;
	int status = buf_addf(report, "feed '%s': ", t->env->settings->name);

	va_start(values, format);
	status = status ? -1 : buf_addvf(report, format, values);
	va_end(values);
	return status || buf_add_byte(report, '\n') ? -1 : 0;
}
