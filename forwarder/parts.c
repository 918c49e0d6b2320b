/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/parts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/version.h"
#include "forwarder/encode/encode.h"

#define NS_PER_MS 1'000'000u
#define RATE_FILE "requests"
#define STOP_MS 10'000u /* a feed needs a second or two */

static const struct sink_ops *const syslogs[SETTINGS_TRANSPORTS] = {
	[SETTINGS_UNIX] = &sink_datagram, [SETTINGS_UDP] = &sink_datagram, [SETTINGS_TCP] = &sink_stream,
	[SETTINGS_TLS] = &sink_stream,    [SETTINGS_RELP] = &sink_relp,    [SETTINGS_RELP_TLS] = &sink_relp,
};

const struct feed_ops *parts_feed_ops(const struct settings_feed *settings)
{
	switch (settings->type) {
	case SETTINGS_ACTIVITIES:
		return &feed_activities;
	case SETTINGS_USAGE:
		return &feed_usage;
	case SETTINGS_COST:
		return &feed_cost;
	case SETTINGS_KEYS:
		return &feed_keys;
	case SETTINGS_ACCESS:
		return &feed_access;
	case SETTINGS_INGEST:
	case SETTINGS_FEED_TYPES:
		break;
	}
	return &feed_ingest;
}

const struct sink_ops *parts_sink_ops(const struct settings_sink *settings)
{
	switch (settings->type) {
	case SETTINGS_JOURNALD:
		return &sink_journald;
	case SETTINGS_STDOUT:
		return &sink_stdout;
	case SETTINGS_FILE:
		return &sink_file;
	case SETTINGS_SYSLOG:
	case SETTINGS_SINK_TYPES:
		break;
	}
	return syslogs[settings->transport];
}

void parts_hostname(char ret[static 256])
{
	size_t len = 0;

	memset(ret, 0, 256);
	if (gethostname(ret, 255))
		ret[0] = '\0';
	while (ret[len] > ' ' && ret[len] < 0x7F)
		len++;
	if (!len || ret[len])
		memcpy(ret, "-", 2);
}

static const struct encoder *message_of(const struct settings_sink *s)
{
	return s->message && strcmp(s->message, "text") != 0 ? encode_find(s->message) : NULL;
}

int parts_open_rate(const struct settings *settings, struct ratelimit **ret, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(API_TARGET_BYTES);
	const struct ratelimit_limits limits = { .most = { settings->requests_per_minute } };

	*ret = NULL;
	if (!settings->requests_per_minute)
		return 0;
	if (buf_addf(&path, "%s/" RATE_FILE, settings->state_dir))
		return err_nomem(err);
	*ret = ratelimit_open(path.ptr, &limits, NULL, err);
	return *ret ? 0 : -1;
}

/* NULL: there was no such feed. */
static const struct intake_times *find_times(const struct parts_kept *kept, const struct settings_feed *s)
{
	for (size_t i = 0; kept && i < kept->count; i++)
		if (kept->feeds[i].settings->type == s->type && strcmp(kept->feeds[i].settings->name, s->name) == 0)
			return &kept->feeds[i].times;
	return NULL;
}

static int open_feed(struct parts *p, const struct parts_options *o, size_t i, struct err *err)
{
	const struct settings_feed *s = &p->settings->feeds[i];
	struct intake_options options = o->watchers;
	enum access_want want = o->is_trial ? ACCESS_WANTS_CREDENTIAL : ACCESS_WANTS_NOTHING;
	const struct access_owner owner = { .spool = o->spool };
	struct api_options api = o->api;

	api.user_agent = "skantd/" SKANT_VERSION;
	api.ratelimit = p->ratelimit;
	api.stop = &p->stop_api;
	api.timeout_ms = api.timeout_ms ? api.timeout_ms : p->settings->timeout_ms;
	if (s->type != SETTINGS_INGEST && access_api_open(&p->accesses[i], p->settings, s, want, &owner, &api, err))
		return -1;
	options.spool = o->spool;
	options.bulletin = o->bulletin;
	options.all = p->settings;
	options.settings = s;
	options.ops = parts_feed_ops(s);
	options.api = p->accesses[i].api;
	options.is_once = o->is_once;
	options.times = find_times(o->kept, s);
	p->intakes[i] = intake_new(&options, err);
	return p->intakes[i] ? 0 : -1;
}

static int open_courier(struct parts *p, const struct parts_options *o, size_t i, struct err *err)
{
	const struct settings_sink *s = &p->settings->sinks[i];
	const struct courier_options options = { .spool = o->spool,
						 .settings = s,
						 .ops = parts_sink_ops(s),
						 .encoder = s->format ? encode_find(s->format) : NULL,
						 .message = message_of(s),
						 .hostname = s->hostname ? s->hostname : p->hostname,
						 .is_once = o->is_once,
						 .changed = o->sink_changed,
						 .rejected = o->sink_rejected,
						 .missed = o->sink_missed,
						 .context = o->watchers.context };

	p->couriers[i] = courier_new(&options, err);
	return p->couriers[i] ? 0 : -1;
}

static int open_all(struct parts *p, const struct parts_options *o, struct err *err)
{
	const struct settings *s = p->settings;

	p->accesses = calloc(s->feed_count ? s->feed_count : 1, sizeof(*p->accesses));
	p->intakes = calloc(s->feed_count ? s->feed_count : 1, sizeof(struct intake *));
	p->couriers = calloc(s->sink_count ? s->sink_count : 1, sizeof(struct courier *));
	if (!p->accesses || !p->intakes || !p->couriers)
		return err_nomem(err);
	p->intake_count = s->feed_count;
	p->courier_count = s->sink_count;
	if (parts_open_rate(p->settings, &p->ratelimit, err))
		return -1;
	if (p->ratelimit)
		ratelimit_tell(p->ratelimit, o->rate_noted, o->watchers.context);
	for (size_t i = 0; i < s->sink_count; i++)
		if (open_courier(p, o, i, err))
			return -1;
	for (size_t i = 0; i < s->feed_count; i++)
		if (open_feed(p, o, i, err))
			return -1;
	return 0;
}

int parts_open(struct parts *p, const struct parts_options *options, struct err *err)
{
	*p = (struct parts){ .settings = options->settings };
	parts_hostname(p->hostname);
	if (open_all(p, options, err) == 0)
		return 0;
	parts_close(p, 0);
	return -1;
}

int parts_start(struct parts *p, struct err *err)
{
	for (size_t i = 0; i < p->courier_count; i++)
		if (courier_start(p->couriers[i], err))
			return -1;
	for (size_t i = 0; i < p->intake_count; i++)
		if (intake_start(p->intakes[i], err))
			return -1;
	return 0;
}

static void stop_intakes(struct parts *p)
{
	atomic_store(&p->stop_api, true);
	for (size_t i = 0; i < p->intake_count; i++)
		if (p->intakes[i])
			intake_stop(p->intakes[i]);
}

void parts_keep(struct parts *p, struct parts_kept *ret)
{
	stop_intakes(p);
	ret->count = p->intake_count;
	for (size_t i = 0; i < p->intake_count; i++) {
		(void)intake_has_ended(p->intakes[i], STOP_MS);
		ret->feeds[i].settings = &p->settings->feeds[i];
		ret->feeds[i].times = intake_times(p->intakes[i]);
	}
}

static void close_intakes(struct parts *p)
{
	stop_intakes(p);
	for (size_t i = 0; i < p->intake_count; i++)
		intake_free(p->intakes[i]);
	for (size_t i = 0; p->accesses && i < p->intake_count; i++)
		access_api_done(&p->accesses[i]);
}

static void close_couriers(struct parts *p, uint64_t drain_ms)
{
	uint64_t until_ns = clock_mono_ns() + drain_ms * NS_PER_MS;

	for (size_t i = 0; drain_ms && i < p->courier_count; i++)
		if (p->couriers[i])
			courier_finish(p->couriers[i]);
	for (size_t i = 0; drain_ms && i < p->courier_count; i++) {
		uint64_t now_ns = clock_mono_ns();

		if (p->couriers[i] && now_ns < until_ns)
			(void)courier_has_ended(p->couriers[i], (until_ns - now_ns) / NS_PER_MS + 1);
	}
	for (size_t i = 0; i < p->courier_count; i++)
		if (p->couriers[i])
			courier_stop(p->couriers[i]);
	for (size_t i = 0; i < p->courier_count; i++)
		courier_free(p->couriers[i]);
}

void parts_close(struct parts *p, uint64_t drain_ms)
{
	close_intakes(p);
	close_couriers(p, drain_ms);
	ratelimit_free(p->ratelimit);
	free(p->accesses);
	free(p->intakes);
	free(p->couriers);
	*p = (struct parts){ .settings = p->settings };
}

void *parts_open_sink(const struct settings_sink *s, struct sink_env *env, const char *hostname, struct err *err)
{
	env->settings = s;
	env->encoder = s->format ? encode_find(s->format) : NULL;
	env->encoding = (struct encoder_options){ .host = s->hostname ? s->hostname : hostname,
						  .pen = s->pen,
						  .facility = s->facility,
						  .pid = (uint64_t)getpid(),
						  .max_message = s->max_message,
						  .message = message_of(s) };
	return parts_sink_ops(s)->open(env, err);
}
