/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/daemon.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/base/version.h"
#include "common/sys/log.h"
#include "forwarder/config.h"
#include "forwarder/control.h"
#include "forwarder/daemon_work.h"
#include "forwarder/notify.h"
#include "forwarder/status.h"

#define STATUS_BYTES (16u << 20)

/* --- what the parts tell, for the log --- */

static void feed_failed(void *, const char *feed, const struct err *err)
{
	if (err)
		log_warn("feed '%s': %s", feed, err->text);
	else
		log_info("feed '%s' works again", feed);
}

static void feed_alerted(void *, const char *feed, enum feed_alert alert, bool is_on, const char *text)
{
	(void)alert;
	if (is_on)
		log_warn("feed '%s': %s", feed, text);
	else
		log_info("feed '%s': %s", feed, text);
}

static void feed_stored(void *context, const char *feed, const struct page *page, const struct page_stored *stored)
{
	struct daemon *d = context;

	telemetry_stored(d->telemetry, feed, page, stored);
}

static void feed_lagged(void *context, const char *feed, uint64_t lag_ms)
{
	struct daemon *d = context;

	telemetry_lagged(d->telemetry, feed, lag_ms);
}

static void feed_measured(void *context, enum feed_measure measure, const char *first, const char *second, double value)
{
	struct daemon *d = context;

	telemetry_measured(d->telemetry, measure, first, second, value);
}

static void sink_changed(void *context, const char *sink, enum courier_mood mood, bool is_first, const struct err *err)
{
	struct daemon *d = context;
	struct err why = ERR_INIT;
	bool is_new = false;

	if (mood == COURIER_ENDED) {
		log_error("sink '%s': %s; skantd ends, as nobody can take its place", sink, err->text);
		atomic_store(&d->is_over, true);
		(void)kill(getpid(), SIGTERM);
		return;
	}
	if (mood == COURIER_BROKEN)
		log_error("sink '%s' needs help: %s", sink, err->text);
	else if (mood == COURIER_WAITING)
		log_warn("sink '%s' cannot deliver, and goes on trying: %s", sink, err->text);
	else if (!is_first)
		log_info("sink '%s' delivers again", sink);
	if (mood != COURIER_WAITING && bulletin_alert(d->bulletin, sink, SINK_NEEDS_HELP, mood == COURIER_BROKEN,
						      err ? err->text : "it delivers again", &is_new, &why))
		log_error("sink '%s': no alert could be stored of that: %s", sink, why.text);
}

static void sink_rejected(void *, const char *sink, uint64_t count, uint64_t first_seq, const char *reason)
{
	log_warn("sink '%s': %llu events are dead letters from event %llu on: %s (when that is mended: skantd replay "
		 "--sink %s --dead)",
		 sink, (unsigned long long)count, (unsigned long long)first_seq, reason, sink);
}

static void sink_missed(void *, const char *sink, uint64_t first_seq, uint64_t last_seq)
{
	log_warn("sink '%s': events %llu to %llu are not kept any more (retention.bodies): they went while it was not "
		 "configured, so it cannot be sent them, and skantd verify counts those that it should have as missing",
		 sink, (unsigned long long)first_seq, (unsigned long long)last_seq);
}

static void api_called(void *context, const struct api_try *call)
{
	struct daemon *d = context;

	telemetry_called(d->telemetry, call);
}

/* What is asked of the parts' builder. */
static struct parts_options parts_options(struct daemon *d)
{
	struct api_options api = d->options->api;

	api.observed = api_called;
	api.context = d;
	return (struct parts_options){
		.settings = &d->settings,
		.spool = d->spool,
		.bulletin = d->bulletin,
		.is_once = d->options->is_once,
		.api = api,
		.watchers = { .failed = feed_failed,
			      .alerted = feed_alerted,
			      .stored = feed_stored,
			      .lagged = feed_lagged,
			      .measured = feed_measured,
			      .context = d },
		.sink_changed = sink_changed,
		.sink_rejected = sink_rejected,
		.sink_missed = sink_missed,
		.rate_noted = log_warn_err,
	};
}

struct status daemon_status(struct daemon *d)
{
	return (struct status){ .spool = d->spool,
				.bulletin = d->bulletin,
				.parts = &d->parts,
				.started_s = d->started_s,
				.pid = (uint64_t)getpid(),
				.reloads = d->reloads,
				.reload_error = d->reload_error[0] ? d->reload_error : NULL };
}

/* --- the control socket --- */

static void answer_status(struct daemon *d, bool as_json, struct buf *reply)
{
	struct status status = daemon_status(d);
	struct err err = ERR_INIT;

	if (as_json ? status_add_json(reply, &status, &err) : status_add_text(reply, &status, &err)) {
		buf_clear(reply);
		(void)!buf_addf(reply, "error: %s\n", err.text);
	} else if (as_json) {
		(void)!buf_add_byte(reply, '\n');
	}
}

/* The control socket's answers. */
static void answer(void *daemon, struct view request, struct buf *reply)
{
	struct daemon *d = daemon;

	if (text_eq(request, VIEW("status")))
		answer_status(d, false, reply);
	else if (text_eq(request, VIEW("status json")))
		answer_status(d, true, reply);
	else if (text_eq(request, VIEW("wake"))) {
		for (size_t i = 0; i < d->parts.courier_count; i++)
			courier_wake(d->parts.couriers[i]);
		(void)!buf_add_text(reply, "ok\n");
	} else
		(void)!buf_add_text(reply, "error: unknown request\n");
}

/* --- signals --- */

static void log_status(struct daemon *d)
{
	DEFER(buf_done) struct buf text = BUF_INIT(STATUS_BYTES);
	struct status status = daemon_status(d);
	struct err err = ERR_INIT;
	struct view rest, line;

	if (status_add_text(&text, &status, &err)) {
		log_error("%s", err.text);
		return;
	}
	rest = buf_view(&text);
	while (text_next_line(&rest, &line))
		log_info("%.*s", (int)line.len, line.ptr);
}

static void refuse_reload(struct daemon *d, const struct err *err)
{
	log_error("the configuration from before holds: %s", err->text);
	memccpy(d->reload_error, err->text, '\0', sizeof(d->reload_error) - 1);
}

/* Whether there is what an alert is of, and whether it is asked for. */
static bool is_configured(void *context, const char *of, enum feed_alert alert)
{
	const struct daemon *d = context;

	if ((alert == FEED_STALE && !d->settings.health.stale_ms) ||
	    (alert == FEED_QUIET && !d->settings.health.quiet_ms))
		return false;
	for (size_t i = 0; alert == SINK_NEEDS_HELP && i < d->settings.sink_count; i++)
		if (strcmp(d->settings.sinks[i].name, of) == 0)
			return true;
	for (size_t i = 0; alert != SINK_NEEDS_HELP && i < d->settings.feed_count; i++)
		if (strcmp(d->settings.feeds[i].name, of) == 0)
			return true;
	return false;
}

/* Builds and starts the parts of d->settings. kept: of those before them, or NULL. is_trial: they may be refused. */
static int start_parts(struct daemon *d, const struct parts_kept *kept, bool is_trial, struct err *err)
{
	struct parts_options options = parts_options(d);

	options.kept = kept;
	options.is_trial = is_trial;
	spool_limit(d->spool, d->settings.retention.max_bytes);
	daemon_tell_renamed(d);
	if (parts_open(&d->parts, &options, err))
		return -1;
	telemetry_forget(d->telemetry);
	if (bulletin_keep(d->bulletin, is_configured, d, err) || parts_start(&d->parts, err)) {
		parts_close(&d->parts, 0);
		return -1;
	}
	daemon_guard(d);
	return 0;
}

/* The old parts have to end before the new ones begin: they hold sockets and files that both may name. When the new
 * ones cannot be built, the old ones are again. 0, or -1 with err: nothing runs any more. */
static int reload(struct daemon *d, struct err *err)
{
	struct settings next, old;
	struct parts_kept kept;
	struct err why = ERR_INIT;

	if (d->options->load(d->options->context, &next, &why)) {
		refuse_reload(d, &why);
		return 0;
	}
	if (strcmp(next.state_dir, d->settings.state_dir) != 0)
		err_set(&why, ERR_CONFIG, 0, "state_dir cannot change while it runs: restart it");
	if (why.kind != ERR_NONE || telemetry_listen(d->telemetry, next.metrics.listen, &why)) {
		refuse_reload(d, &why);
		settings_done(&next);
		return 0;
	}
	old = d->settings;
	parts_keep(&d->parts, &kept);
	parts_close(&d->parts, DAEMON_DRAIN_MS);
	d->settings = next;
	if (start_parts(d, &kept, true, &why)) {
		refuse_reload(d, &why);
		settings_done(&d->settings);
		d->settings = old;
		if (telemetry_listen(d->telemetry, old.metrics.listen, &why))
			log_error("the metrics are not where they were: %s", why.text);
		return start_parts(d, &kept, false, err);
	}
	settings_done(&old);
	d->reload_error[0] = '\0';
	d->reloads++;
	daemon_timers_start(d);
	log_info("the configuration was read again");
	return 0;
}

static int open_signals(struct daemon *d, struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	/* Threads inherit it, so that only the descriptor tells of them. */
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return err_set(err, ERR_IO, errno, "cannot set up signals");
	d->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return d->signal_fd < 0 ? err_set(err, ERR_IO, errno, "cannot set up signals") : 0;
}

/* 1: it is to end. */
static int take_signal(struct daemon *d, struct err *err)
{
	struct signalfd_siginfo info;

	if (read(d->signal_fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	switch (info.ssi_signo) {
	case SIGHUP:
		notify_reloading();
		if (reload(d, err))
			return -1;
		notify_ready();
		return 0;
	case SIGUSR1:
		log_status(d);
		return 0;
	default:
		return 1;
	}
}

/* --- life --- */

static int live(struct daemon *d, struct err *err)
{
	int end = 0;

	while (!end) {
		struct pollfd fds[] = { { .fd = d->signal_fd, .events = POLLIN },
					{ .fd = d->control_fd, .events = POLLIN } };
		int timeout_ms = daemon_timers_run(d);

		if (poll(fds, ARRAY_LEN(fds), timeout_ms) < 0 && errno != EINTR)
			return err_set(err, ERR_IO, errno, "cannot wait");
		if (fds[0].revents)
			end = take_signal(d, err);
		if (fds[1].revents)
			control_serve(d->control_fd, answer, d);
	}
	return end < 0 ? -1 : 0;
}

/* Whether nothing went wrong with the feeds, all was delivered, and the policy was looked at. */
static bool went_well(struct daemon *d)
{
	bool is_good = !d->is_unguarded; /* which was said */

	for (size_t i = 0; i < d->parts.intake_count; i++) {
		struct intake_state f;

		intake_state(d->parts.intakes[i], &f);
		is_good = is_good && !f.has_failed;
	}
	for (size_t i = 0; i < d->parts.courier_count; i++) {
		struct courier_state c;

		courier_state(d->parts.couriers[i], &c);
		is_good = is_good && !c.rejected; /* which was said */
		if (!c.pending && c.mood != COURIER_BROKEN)
			continue;
		if (c.pending)
			log_error("sink '%s' could not take all: %llu events wait%s%s", c.name,
				  (unsigned long long)c.pending, c.error[0] ? ": " : "", c.error);
		else
			log_error("sink '%s' has taken all, but that could not be stored: %s", c.name, c.error);
		is_good = false;
	}
	return is_good;
}

/* Reads each feed to its end and delivers; a signal ends it earlier. */
static int run_once(struct daemon *d, struct err *err)
{
	bool all_ended = false, is_last = false;
	int end = 0;

	while (!all_ended && !end) {
		struct pollfd fd = { .fd = d->signal_fd, .events = POLLIN };
		bool fed = true;

		for (size_t i = 0; i < d->parts.intake_count; i++)
			fed = intake_has_ended(d->parts.intakes[i], 0) && fed;
		for (size_t i = 0; fed && !is_last && i < d->parts.courier_count; i++)
			courier_finish(d->parts.couriers[i]);
		is_last = is_last || fed;
		all_ended = fed;
		for (size_t i = 0; i < d->parts.courier_count; i++)
			all_ended = courier_has_ended(d->parts.couriers[i], 0) && all_ended;
		if (!all_ended && poll(&fd, 1, 10) > 0) {
			end = take_signal(d, err);
			is_last = false; /* the sinks may be others now */
		}
		(void)daemon_timers_run(d);
	}
	return end < 0 ? -1 : went_well(d) ? 0 : 1;
}

static int open_daemon(struct daemon *d, struct err *err)
{
	struct spool_options spool = { .dir = d->settings.state_dir };

	if (open_signals(d, err))
		return -1;
	d->spool = spool_open(&spool, err);
	if (!d->spool)
		return -1;
	d->bulletin = bulletin_new(d->spool, err);
	if (!d->bulletin)
		return -1;
	d->guard = guard_new(d->spool, d->bulletin, err);
	if (!d->guard)
		return -1;
	d->telemetry = telemetry_new(&d->settings.metrics, err);
	if (!d->telemetry)
		return -1;
	d->control_fd = control_listen(d->settings.state_dir, err);
	return d->control_fd < 0 ? -1 : 0;
}

static void close_daemon(struct daemon *d)
{
	control_close(d->control_fd, d->settings.state_dir);
	telemetry_free(d->telemetry);
	guard_free(d->guard);
	bulletin_free(d->bulletin);
	spool_free(d->spool);
	settings_done(&d->settings);
	closep(&d->signal_fd);
}

static int run_parts(struct daemon *d, struct err *err)
{
	int status;

	daemon_tell_clock(d);
	if (start_parts(d, NULL, false, err))
		return -1;
	daemon_timers_start(d);
	if (!d->options->is_once)
		daemon_tell(d, "skantd.started", "skantd " SKANT_VERSION " started");
	notify_ready();
	status = d->options->is_once ? run_once(d, err) : live(d, err);
	if (status == 0 && atomic_load(&d->is_over))
		status = err_set(err, ERR_LATER, 0, "there is no reader any more");
	notify_stopping();
	if (!d->options->is_once)
		daemon_tell(d, "skantd.stopped", "skantd stops");
	parts_close(&d->parts, DAEMON_DRAIN_MS);
	return status;
}

int daemon_run(const struct daemon_options *options, struct err *err)
{
	struct daemon d = { .options = options, .signal_fd = -1, .control_fd = -1, .started_s = clock_unix_s() };
	int status = -1;

	if (options->load(options->context, &d.settings, err))
		return -1;
	if (open_daemon(&d, err) == 0)
		status = run_parts(&d, err);
	close_daemon(&d);
	return status;
}
