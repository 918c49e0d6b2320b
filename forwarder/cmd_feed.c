/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/eventfd.h>

#include "common/sys/log.h"
#include "forwarder/cmd.h"
#include "forwarder/parts.h"
#include "forwarder/spool/spool.h"

/* Who only asks stores nothing and alerts nobody. */
static int put_nothing(void *, const struct page *, struct page_stored *, struct err *err)
{
	return err_set(err, ERR_INTERNAL, 0, "a command that asks stores nothing");
}

static int load_state(void *spool, const char *feed, struct buf *ret, struct err *err)
{
	return spool ? spool_feed_state(spool, feed, ret, err) : 0;
}

static int load_item(void *spool, const char *feed, struct view key, struct buf *ret, struct err *err)
{
	return spool ? spool_item(spool, feed, key, ret, err) : 0;
}

static int each_item(void *spool, const char *feed, struct view from, struct view to, page_item_tell *tell, void *told,
		     struct err *err)
{
	return spool ? spool_item_each(spool, feed, from, to, tell, told, err) : 0;
}

static void tell_nobody(void *, const char *, enum feed_alert, bool, const char *)
{
}

static void note_nothing(void *, const char *, int64_t)
{
}

static void measure_nothing(void *, const char *, uint64_t)
{
}

static void note_measure(void *, const char *, enum feed_measure, const char *, const char *, double)
{
}

/* The daemon's own count of requests, where we may write it; else one of this process. */
static int open_rate(const struct settings *settings, struct ratelimit **ret, struct err *err)
{
	const struct ratelimit_limits limits = { .most = { settings->requests_per_minute } };
	struct err ignored = ERR_INIT;

	*ret = NULL;
	if (!settings->requests_per_minute)
		return 0;
	if (parts_open_rate(settings, ret, &ignored) == 0) {
		ratelimit_tell(*ret, log_warn_err, NULL);
		return 0;
	}
	*ret = ratelimit_new(&limits, NULL, err);
	return *ret ? 0 : -1;
}

int cmd_open_feed(const struct options *o, const struct settings *settings, const struct settings_feed *feed,
		  struct spool *spool, struct spool *known, struct cmd_feed *ret, struct err *err)
{
	struct api_options api = { .user_agent = "skantd",
				   .timeout_ms = o->timeout_ms ? o->timeout_ms : settings->timeout_ms,
				   .max_retries = o->max_retries };
	const struct access_owner owner = { .spool = known, .is_asking = true };

	*ret = (struct cmd_feed){ .ops = parts_feed_ops(feed), .wake_fd = eventfd(0, EFD_CLOEXEC), .log_fd = -1 };
	if (ret->wake_fd < 0)
		return err_set(err, ERR_IO, errno, "cannot make an eventfd");
	if (cmd_open_log(o, &ret->log_fd, err) || open_rate(settings, &ret->ratelimit, err)) {
		cmd_close_feed(ret);
		return -1;
	}
	api.request_log_fd = ret->log_fd;
	api.ratelimit = ret->ratelimit;
	if (access_api_open(&ret->access, settings, feed, ACCESS_WANTS_CREDENTIAL, &owner, &api, err)) {
		cmd_close_feed(ret);
		return -1;
	}
	atomic_init(&ret->stop, false);
	ret->out = (struct feed_out){ .put = put_nothing,
				      .state = load_state,
				      .item = load_item,
				      .items = each_item,
				      .alert = tell_nobody,
				      .polled = note_nothing,
				      .lag = measure_nothing,
				      .measured = note_measure,
				      .context = spool };
	ret->env = (struct feed_env){ .settings = feed,
				      .all = settings,
				      .api = ret->access.api,
				      .out = &ret->out,
				      .stop = &ret->stop,
				      .wake_fd = ret->wake_fd,
				      .is_once = true };
	ret->feed = ret->ops->open(&ret->env, err);
	if (ret->feed)
		return 0;
	cmd_close_feed(ret);
	return -1;
}

void cmd_close_feed(struct cmd_feed *f)
{
	if (f->feed)
		f->ops->close(f->feed);
	access_api_done(&f->access);
	ratelimit_free(f->ratelimit);
	closep(&f->wake_fd);
	closep(&f->log_fd);
	*f = (struct cmd_feed){ .wake_fd = -1, .log_fd = -1 };
}
