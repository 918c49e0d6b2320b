/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/intake.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "forwarder/latch.h"

#define NS_PER_MS 1'000'000u
#define MS_PER_S 1000u
#define REQUEST " (request "
#define STALE_OVER "polls succeed again"
#define QUIET_OVER "events come again"

struct intake {
	struct intake_options options;
	struct feed_env env;
	struct feed_out out;
	void *feed;
	atomic_bool stop;
	int wake_fd;
	pthread_t thread;
	bool has_thread;
	char told[ERR_TEXT_BYTES]; /* the refusal that was told of as an alert in this poll; the feed's thread alone */

	struct latch ended;
	pthread_mutex_t mutex; /* all below */
	struct intake_state state;
	uint64_t start_ns, success_ns, event_ns; /* clock_boot_ns; 0 = none yet */
};

/* --- what the feed calls, from its thread --- */

static void raise_alert(void *context, const char *feed, enum feed_alert alert, bool is_on, const char *text)
{
	struct intake *in = context;
	struct err err = ERR_INIT;
	bool is_new = false;

	if (bulletin_alert(in->options.bulletin, feed, alert, is_on, text, &is_new, &err) && in->options.failed)
		in->options.failed(in->options.context, feed, &err);
	else if (is_new && in->options.alerted) {
		if (alert == FEED_REFUSED && is_on)
			memccpy(in->told, text, '\0', sizeof(in->told) - 1);
		in->options.alerted(in->options.context, feed, alert, is_on, text);
	}
}

/* Whether anything new is there that is not of our own asking: that goes on however quiet upstream is. */
static bool has_news(const struct page *page, const struct page_stored *stored)
{
	for (size_t i = 0; stored->is_new && i < page->count; i++)
		if (stored->is_new[i] && !page->records[i].is_own)
			return true;
	return !stored->is_new && stored->added;
}

static void note_news(struct intake *in)
{
	pthread_mutex_lock(&in->mutex);
	in->state.last_event_s = clock_unix_s();
	in->event_ns = clock_boot_ns();
	pthread_mutex_unlock(&in->mutex);
	raise_alert(in, in->options.settings->name, FEED_QUIET, false, QUIET_OVER);
}

static int put(void *context, const struct page *page, struct page_stored *ret, struct err *err)
{
	struct intake *in = context;
	int status = spool_put(in->options.spool, page, ret, err);

	if (status < 0)
		return -1;
	if (status > 0) {
		raise_alert(in, page->feed, FEED_FULL, true,
			    "the spool has reached retention.max_bytes: reading has stopped until there is room");
		return 1;
	}
	raise_alert(in, page->feed, FEED_FULL, false, "there is room in the spool again");
	pthread_mutex_lock(&in->mutex);
	in->state.events += ret->added;
	in->state.known += ret->known;
	pthread_mutex_unlock(&in->mutex);
	if (has_news(page, ret))
		note_news(in);
	if (in->options.stored)
		in->options.stored(in->options.context, page->feed, page, ret);
	return 0;
}

static int load_state(void *context, const char *feed, struct buf *ret, struct err *err)
{
	struct intake *in = context;

	return spool_feed_state(in->options.spool, feed, ret, err);
}

static int load_item(void *context, const char *feed, struct view key, struct buf *ret, struct err *err)
{
	struct intake *in = context;

	return spool_item(in->options.spool, feed, key, ret, err);
}

static int each_item(void *context, const char *feed, struct view from, struct view to, page_item_tell *tell,
		     void *told, struct err *err)
{
	struct intake *in = context;

	return spool_item_each(in->options.spool, feed, from, to, tell, told, err);
}

static void note_polled(void *context, const char *feed, int64_t freshest_ns)
{
	struct intake *in = context;

	pthread_mutex_lock(&in->mutex);
	in->state.last_success_s = clock_unix_s();
	in->success_ns = clock_boot_ns();
	if (freshest_ns > in->state.freshest_ns)
		in->state.freshest_ns = freshest_ns;
	pthread_mutex_unlock(&in->mutex);
	raise_alert(in, feed, FEED_STALE, false, STALE_OVER);
}

static void note_lag(void *context, const char *feed, uint64_t lag_ms)
{
	struct intake *in = context;

	if (in->options.lagged)
		in->options.lagged(in->options.context, feed, lag_ms);
}

static void note_measured(void *context, const char *, enum feed_measure measure, const char *first, const char *second,
			  double value)
{
	struct intake *in = context;

	if (in->options.measured)
		in->options.measured(in->options.context, measure, first, second, value);
}

/* --- the thread --- */

static bool is_stopped(const struct intake *in)
{
	return atomic_load(&in->stop);
}

/* But for the request's id, which is another one each time. */
static bool is_same_error(const char *a, const char *b)
{
	const char *end = strstr(a, REQUEST);
	size_t len = end ? (size_t)(end - a) + sizeof(REQUEST) - 1 : strlen(a) + 1;

	return strncmp(a, b, len) == 0;
}

static void show_result(struct intake *in, const struct err *err)
{
	const char *text = err ? err->text : "";
	bool was_told = err && strcmp(in->told, text) == 0; /* word for word */
	bool is_new, worked;

	pthread_mutex_lock(&in->mutex);
	is_new = !is_same_error(in->state.error, text);
	worked = in->state.error[0] && !text[0];
	in->state.has_failed = err != NULL;
	memccpy(in->state.error, text, '\0', sizeof(in->state.error) - 1);
	pthread_mutex_unlock(&in->mutex);
	in->told[0] = '\0';
	if (in->options.failed && is_new && !was_told && (err || worked))
		in->options.failed(in->options.context, in->options.settings->name, err);
}

static void pause_ms(struct intake *in, uint64_t ms)
{
	struct pollfd fd = { .fd = in->wake_fd, .events = POLLIN };

	if (!is_stopped(in))
		(void)poll(&fd, 1, ms > INT32_MAX ? INT32_MAX : (int)ms);
}

static void *run(void *context)
{
	struct intake *in = context;

	while (!is_stopped(in)) {
		struct err err = ERR_INIT;
		uint64_t ms = in->options.settings->poll_ms;
		int status = in->options.ops->poll(in->feed, &ms, &err);

		show_result(in, status ? &err : NULL);
		if (in->options.is_once)
			break;
		pause_ms(in, ms ? ms : 1);
	}
	pthread_mutex_lock(&in->mutex);
	in->state.is_running = false;
	pthread_mutex_unlock(&in->mutex);
	latch_raise(&in->ended);
	return NULL;
}

/* --- life --- */

static int open_feed(struct intake *in, struct err *err)
{
	in->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (in->wake_fd < 0)
		return err_set(err, ERR_IO, errno, "cannot make an eventfd");
	in->out = (struct feed_out){ .put = put,
				     .state = load_state,
				     .item = load_item,
				     .items = each_item,
				     .alert = raise_alert,
				     .polled = note_polled,
				     .lag = note_lag,
				     .measured = note_measured,
				     .context = in };
	in->env = (struct feed_env){ .settings = in->options.settings,
				     .all = in->options.all,
				     .api = in->options.api,
				     .out = &in->out,
				     .stop = &in->stop,
				     .wake_fd = in->wake_fd,
				     .is_once = in->options.is_once };
	in->feed = in->options.ops->open(&in->env, err);
	return in->feed ? 0 : -1;
}

static void set_times(struct intake *in)
{
	const struct intake_times *t = in->options.times;

	in->start_ns = t ? t->start_ns : clock_boot_ns();
	if (!t)
		return;
	in->success_ns = t->success_ns;
	in->event_ns = t->event_ns;
	in->state.last_success_s = t->last_success_s;
	in->state.last_event_s = t->last_event_s;
	in->state.freshest_ns = t->freshest_ns;
}

struct intake *intake_new(const struct intake_options *options, struct err *err)
{
	struct intake *in = calloc(1, sizeof(*in));

	if (!in) {
		err_nomem(err);
		return NULL;
	}
	in->options = *options;
	in->wake_fd = -1;
	in->state = (struct intake_state){ .name = options->settings->name,
					   .type = options->ops->type,
					   .is_polled = options->settings->type != SETTINGS_INGEST };
	set_times(in);
	pthread_mutex_init(&in->mutex, NULL);
	latch_init(&in->ended);
	if (open_feed(in, err)) {
		err_prefix(err, "feed '%s'", options->settings->name);
		intake_free(in);
		return NULL;
	}
	return in;
}

int intake_start(struct intake *in, struct err *err)
{
	int errnum;

	in->state.is_running = true;
	errnum = pthread_create(&in->thread, NULL, run, in);
	if (errnum)
		return err_set(err, ERR_IO, errnum, "cannot start the thread of feed '%s'", in->options.settings->name);
	in->has_thread = true;
	return 0;
}

void intake_stop(struct intake *in)
{
	const uint64_t one = 1;

	atomic_store(&in->stop, true);
	(void)!write(in->wake_fd, &one, sizeof(one));
}

bool intake_has_ended(struct intake *in, uint64_t wait_ms)
{
	return !in->has_thread || latch_wait(&in->ended, wait_ms);
}

void intake_free(struct intake *in)
{
	if (!in)
		return;
	if (in->has_thread)
		pthread_join(in->thread, NULL);
	if (in->feed)
		in->options.ops->close(in->feed);
	closep(&in->wake_fd);
	latch_done(&in->ended);
	pthread_mutex_destroy(&in->mutex);
	free(in);
}

void intake_state(struct intake *in, struct intake_state *ret)
{
	pthread_mutex_lock(&in->mutex);
	*ret = in->state;
	pthread_mutex_unlock(&in->mutex);
}

struct intake_times intake_times(struct intake *in)
{
	struct intake_times times;

	pthread_mutex_lock(&in->mutex);
	times = (struct intake_times){ .start_ns = in->start_ns,
				       .success_ns = in->success_ns,
				       .event_ns = in->event_ns,
				       .last_success_s = in->state.last_success_s,
				       .last_event_s = in->state.last_event_s,
				       .freshest_ns = in->state.freshest_ns };
	pthread_mutex_unlock(&in->mutex);
	return times;
}

/* --- what only time tells --- */

static bool is_overdue(struct intake *in, const uint64_t *last_ns, uint64_t after_ms)
{
	uint64_t since_ns;

	pthread_mutex_lock(&in->mutex);
	since_ns = *last_ns ? *last_ns : in->start_ns;
	pthread_mutex_unlock(&in->mutex);
	return after_ms && clock_boot_ns() - since_ns > after_ms * NS_PER_MS;
}

static void watch_one(struct intake *in, enum feed_alert alert, const uint64_t *last_ns, uint64_t after_ms,
		      const char *what, const char *over)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	const char *name = in->options.settings->name;

	if (!is_overdue(in, last_ns, after_ms) ||
	    buf_addf(&text, "%s for more than %llu s", what, (unsigned long long)(after_ms / MS_PER_S)))
		return;
	raise_alert(in, name, alert, true, text.ptr);
	/* What ends it may have come in between, when there was nothing to end yet. */
	if (!is_overdue(in, last_ns, after_ms))
		raise_alert(in, name, alert, false, over);
}

void intake_watch(struct intake *in)
{
	const struct settings_health *health = &in->options.all->health;
	const struct settings_feed *s = in->options.settings;
	uint64_t stale_ms = health->stale_ms;

	if (!in->state.is_polled)
		return;
	/* A feed that asks once an hour is not stale before it has missed its turn. */
	if (stale_ms && s->type != SETTINGS_ACTIVITIES)
		stale_ms += s->poll_ms;
	watch_one(in, FEED_STALE, &in->success_ns, stale_ms, "no poll has succeeded", STALE_OVER);
	/* Nothing need ever change about keys or people, nor need anybody spend anything. */
	if (s->type != SETTINGS_ACTIVITIES)
		return;
	watch_one(in, FEED_QUIET, &in->event_ns, health->quiet_ms, "no new event has come", QUIET_OVER);
}
