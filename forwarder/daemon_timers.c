/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/log.h"
#include "forwarder/daemon_work.h"
#include "forwarder/notify.h"
#include "forwarder/status.h"

#define NS_PER_MS 1'000'000u
#define NS_PER_S 1'000'000'000u
#define WATCH_MS 60'000u
#define TRIM_FULL_MS 10'000u
#define TRIM_LEAST_MS 1000u
#define TRIM_MOST_MS 3'600'000u
#define TRIM_MORE_MS 20u
#define TEXTFILE_MS 15'000u
#define GUARD_MS 60'000u
#define NEVER UINT64_MAX

static uint64_t in_ms(uint64_t ms)
{
	return ms ? clock_boot_ns() + ms * NS_PER_MS : NEVER;
}

static uint64_t shortest(uint64_t a, uint64_t b)
{
	return !a || (b && b < a) ? b : a;
}

/* How often the health of the feeds is looked at: as often as their limits ask for, and not more than once a second. */
static uint64_t watch_ms(const struct settings_health *h)
{
	uint64_t ms = shortest(h->stale_ms, h->quiet_ms) / 4;

	if (!ms)
		return 0;
	return ms < 1000 ? 1000 : ms > WATCH_MS ? WATCH_MS : ms;
}

/* Due after ms, or when it was before a reload (0: there was none), whatever comes first: reloads put nothing off. */
static uint64_t due(uint64_t before_ns, uint64_t ms)
{
	uint64_t due_ns = in_ms(ms);

	return due_ns != NEVER && before_ns && before_ns < due_ns ? before_ns : due_ns;
}

void daemon_timers_start(struct daemon *d)
{
	const struct settings *s = &d->settings;

	d->heartbeat_ns = d->options->is_once ? NEVER : due(d->heartbeat_ns, s->health.heartbeat_ms);
	d->watch_ns = d->options->is_once ? NEVER : due(d->watch_ns, watch_ms(&s->health));
	d->guard_ns = d->options->is_once ? NEVER : in_ms(GUARD_MS);
	d->trim_ns = in_ms(TRIM_MORE_MS);
	d->textfile_ns = s->metrics.textfile || s->metrics.listen ? in_ms(1) : NEVER;
	d->alive_ns = notify_alive_ms() ? in_ms(1) : NEVER;
}

/* What an event of our own tells of the daemon. Others may store events meanwhile: head is read once, for all of it. */
struct counts {
	struct daemon *daemon;
	struct spool_head head;
};

static void write_counts(void *context, struct jsonw *w)
{
	DEFER(buf_done) struct buf chain = BUF_INIT(2 * DIGEST_SHA256_BYTES);
	struct counts *counts = context;
	struct daemon *d = counts->daemon;

	if (digest_add_hex(&chain, counts->head.chain, sizeof(counts->head.chain)))
		return;
	jsonw_key(w, "head");
	jsonw_object(w);
	jsonw_member_u64(w, "seq", counts->head.seq);
	jsonw_member(w, "chain", buf_view(&chain));
	jsonw_end(w);
	jsonw_key(w, "feeds");
	jsonw_object(w);
	for (size_t i = 0; i < d->parts.intake_count; i++) {
		struct intake_state f;

		intake_state(d->parts.intakes[i], &f);
		jsonw_member_u64(w, f.name, f.events);
	}
	jsonw_end(w);
	jsonw_key(w, "sinks");
	jsonw_object(w);
	for (size_t i = 0; i < d->parts.courier_count; i++) {
		struct courier_state c;

		courier_state(d->parts.couriers[i], &c);
		jsonw_member_u64(w, c.name, c.cursor.confirmed);
	}
	jsonw_end(w);
}

void daemon_tell(struct daemon *d, const char *type, const char *message)
{
	DEFER(buf_done) struct buf count = BUF_INIT(EVENT_MESSAGE_BYTES);
	struct counts counts = { .daemon = d };
	struct err err = ERR_INIT;
	int status = spool_head_read(d->spool, &counts.head, &err);

	if (status == 0 && !message) {
		status = text_add_grouped(&count, counts.head.seq) || buf_add_text(&count, " events are in the ledger")
				 ? err_nomem(&err)
				 : 0;
		message = count.ptr;
	}
	if (status || bulletin_tell(d->bulletin, type, message, write_counts, &counts, &err) < 0)
		log_error("an event of type '%s' could not be stored: %s", type, err.text);
}

static void beat(struct daemon *d)
{
	daemon_tell(d, "skantd.heartbeat", NULL);
	d->heartbeat_ns = in_ms(d->settings.health.heartbeat_ms);
}

/* A hundredth of the time that bodies are kept is soon enough; when there is little room, more often. */
static uint64_t trim_ms(struct daemon *d)
{
	uint64_t ms = d->settings.retention.bodies_ms / 100;
	struct spool_size size;

	if (d->settings.retention.max_bytes && spool_size(d->spool, &size, NULL) == 0 &&
	    size.bytes >= d->settings.retention.max_bytes / 10 * 9)
		return TRIM_FULL_MS < ms ? TRIM_FULL_MS : ms + TRIM_LEAST_MS;
	return ms < TRIM_LEAST_MS ? TRIM_LEAST_MS : ms > TRIM_MOST_MS ? TRIM_MOST_MS : ms;
}

static void trim(struct daemon *d)
{
	const struct settings *s = &d->settings;
	const char *names[CONFIG_SINKS_MAX];
	const struct spool_keep keep = { .bodies_ns = (int64_t)(s->retention.bodies_ms * NS_PER_MS),
					 .ledger_ns = (int64_t)(s->retention.ledger_ms * NS_PER_MS),
					 .sinks = names,
					 .sink_count = s->sink_count };
	struct err err = ERR_INIT;
	bool more = false;

	for (size_t i = 0; i < s->sink_count; i++)
		names[i] = s->sinks[i].name;
	if (spool_trim(d->spool, &keep, &more, &err))
		log_warn("what need not be kept any more (retention) could not be taken out of the spool: %s",
			 err.text);
	d->trim_ns = in_ms(more ? TRIM_MORE_MS : trim_ms(d));
}

static void write_metrics(struct daemon *d)
{
	struct err err = ERR_INIT;

	telemetry_gather(d->telemetry, d->spool, d->bulletin, &d->parts);
	if (d->settings.metrics.textfile && telemetry_write(d->telemetry, &err))
		log_warn("%s", err.text);
	d->textfile_ns = in_ms(TEXTFILE_MS);
}

static void watch(struct daemon *d)
{
	for (size_t i = 0; i < d->parts.intake_count; i++)
		intake_watch(d->parts.intakes[i]);
	d->watch_ns = in_ms(watch_ms(&d->settings.health));
}

static void guard_measured(void *context, const char *code, uint64_t count)
{
	telemetry_measured(context, FEED_VIOLATIONS, code, NULL, (double)count);
}

void daemon_guard(struct daemon *d)
{
	struct err err = ERR_INIT;

	d->is_unguarded = guard_look(d->guard, &d->settings, guard_measured, d->telemetry, &err) != 0;
	if (d->is_unguarded)
		log_warn("whether skantd itself is set as the policy wants it could not be looked at: %s", err.text);
	d->guard_ns = d->options->is_once ? NEVER : in_ms(GUARD_MS);
}

/* Tells the service manager that we live, and how. */
static void tell_alive(struct daemon *d)
{
	DEFER(buf_done) struct buf line = BUF_INIT(ERR_TEXT_BYTES);
	struct status status = daemon_status(d);

	notify_alive(status_add_line(&line, &status, NULL) == 0 ? line.ptr : NULL);
	d->alive_ns = in_ms(notify_alive_ms());
}

int daemon_timers_run(struct daemon *d)
{
	const struct {
		uint64_t *due_ns;
		void (*run)(struct daemon *d);
	} timers[] = {
		{ &d->heartbeat_ns, beat },         { &d->watch_ns, watch },      { &d->trim_ns, trim },
		{ &d->textfile_ns, write_metrics }, { &d->alive_ns, tell_alive }, { &d->guard_ns, daemon_guard }
	};
	uint64_t now_ns = clock_boot_ns(), next_ns = NEVER, wait_ms;

	for (size_t i = 0; i < ARRAY_LEN(timers); i++) {
		if (*timers[i].due_ns <= now_ns)
			timers[i].run(d);
		if (*timers[i].due_ns < next_ns)
			next_ns = *timers[i].due_ns;
	}
	now_ns = clock_boot_ns();
	wait_ms = next_ns <= now_ns ? 0 : (next_ns - now_ns) / NS_PER_MS + 1;
	return wait_ms > INT32_MAX ? INT32_MAX : (int)wait_ms;
}
