/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/courier.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "forwarder/courier_work.h"

#define NS_PER_MS 1'000'000u
#define NS_PER_S 1'000'000'000u

const char *const courier_mood_names[COURIER_MOODS] = { "idle", "sending", "waiting", "broken", "ended" };

/* The last event whose body has gone: nobody can be sent it any more. */
static int last_gone(struct spool *spool, uint64_t *ret, struct err *err)
{
	uint64_t head = spool_head(spool);
	struct spool_size size;

	if (spool_size(spool, &size, err))
		return -1;
	*ret = size.oldest_body_seq ? size.oldest_body_seq - 1 : head;
	return 0;
}

/* Where a sink that is new here begins: not before what can still be sent, so that nothing else is owed to it. */
static int first_cursor(struct courier *c, uint64_t gone, uint64_t *ret, struct err *err)
{
	const struct settings_sink *s = c->options.settings;

	*ret = 0;
	if (s->start == SETTINGS_NOW)
		*ret = spool_head(c->options.spool);
	else if (s->start == SETTINGS_TIME) {
		if (spool_seq_at(c->options.spool, s->start_unix_s * (int64_t)NS_PER_S, ret, err))
			return -1;
		*ret -= *ret > 0;
	}
	*ret = *ret < gone ? gone : *ret;
	return 0;
}

static int load(struct courier *c, struct err *err)
{
	struct spool *spool = c->options.spool;
	uint64_t start, gone, head = spool_head(spool);

	if (last_gone(spool, &gone, err) || first_cursor(c, gone, &start, err) ||
	    spool_cursor_load(spool, c->options.settings->name, start, &c->cursor, err))
		return -1;
	if (c->cursor.confirmed < gone && c->options.missed)
		c->options.missed(c->options.context, c->options.settings->name, c->cursor.confirmed + 1, gone);
	c->is_stored = true;
	c->position = c->cursor.confirmed;
	if (c->options.ops->is_exact) {
		c->doubt_to = head; /* until the first batch is there */
		return 0;
	}
	c->doubt_to = c->cursor.attempted;
	if (c->cursor.window < c->position)
		c->position = c->cursor.window;
	return 0;
}

static int open_sink(struct courier *c, struct err *err)
{
	const struct courier_options *o = &c->options;

	c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->wake_fd < 0 || c->event_fd < 0)
		return err_set(err, ERR_IO, errno, "cannot make an eventfd");
	c->env = (struct sink_env){ .settings = o->settings,
				    .encoder = o->encoder,
				    .encoding = { .host = o->hostname,
						  .pen = o->settings->pen,
						  .facility = o->settings->facility,
						  .pid = (uint64_t)getpid(),
						  .max_message = o->settings->max_message,
						  .message = o->message },
				    .stop = &c->stop,
				    .wake_fd = c->wake_fd,
				    .is_once = o->is_once };
	c->sink = o->ops->open(&c->env, err);
	if (!c->sink)
		return -1;
	c->batch = spool_batch_new(o->spool, err);
	if (!c->batch || load(c, err))
		return -1;
	return spool_subscribe(o->spool, c->event_fd, true) ? err_nomem(err) : 0;
}

struct courier *courier_new(const struct courier_options *options, struct err *err)
{
	struct courier *c = calloc(1, sizeof(*c));

	if (!c) {
		err_nomem(err);
		return NULL;
	}
	c->options = *options;
	c->wake_fd = c->event_fd = -1;
	pthread_mutex_init(&c->mutex, NULL);
	latch_init(&c->ended);
	replay_init(&c->window, options->settings->window_bytes, options->settings->window_ms);
	if (open_sink(c, err)) {
		err_prefix(err, "sink '%s'", options->settings->name);
		courier_free(c);
		return NULL;
	}
	c->shared = (struct courier_state){ .name = options->settings->name,
					    .type = options->ops->name,
					    .level = options->ops->level,
					    .cursor = c->cursor };
	return c;
}

int courier_start(struct courier *c, struct err *err)
{
	int errnum = pthread_create(&c->thread, NULL, courier_run, c);

	if (errnum)
		return err_set(err, ERR_IO, errnum, "cannot start the thread of sink '%s'", c->options.settings->name);
	c->has_thread = true;
	return 0;
}

static void notify(int fd)
{
	const uint64_t one = 1;

	(void)!write(fd, &one, sizeof(one));
}

void courier_wake(struct courier *c)
{
	notify(c->event_fd);
}

void courier_finish(struct courier *c)
{
	atomic_store(&c->is_last, true);
	notify(c->event_fd);
}

void courier_stop(struct courier *c)
{
	atomic_store(&c->stop, true);
	notify(c->wake_fd);
}

bool courier_has_ended(struct courier *c, uint64_t wait_ms)
{
	return !c->has_thread || latch_wait(&c->ended, wait_ms);
}

void courier_free(struct courier *c)
{
	if (!c)
		return;
	if (c->has_thread)
		pthread_join(c->thread, NULL);
	if (c->event_fd >= 0)
		(void)spool_subscribe(c->options.spool, c->event_fd, false);
	if (c->sink)
		c->options.ops->close(c->sink);
	spool_batch_free(c->batch);
	replay_done(&c->window);
	courier_replay_free(c);
	closep(&c->wake_fd);
	closep(&c->event_fd);
	latch_done(&c->ended);
	pthread_mutex_destroy(&c->mutex);
	free(c);
}

void courier_state(struct courier *c, struct courier_state *ret)
{
	uint64_t head = spool_head(c->options.spool), now_ns = clock_mono_ns();

	pthread_mutex_lock(&c->mutex);
	*ret = c->shared;
	ret->retry_ms = c->retry_ns > now_ns ? (c->retry_ns - now_ns) / NS_PER_MS : 0;
	pthread_mutex_unlock(&c->mutex);
	ret->pending = head > ret->cursor.confirmed ? head - ret->cursor.confirmed : 0;
}
