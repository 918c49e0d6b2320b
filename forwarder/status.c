/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/status.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/base/version.h"

#define NS_PER_S 1'000'000'000

void status_levels(struct spool *spool, enum sink_level level, const struct spool_cursor *c, uint64_t ret[SINK_LEVELS])
{
	uint64_t head = spool_head(spool);
	uint64_t durable = c->durable < c->confirmed ? c->durable : c->confirmed;

	memset(ret, 0, SINK_LEVELS * sizeof(*ret));
	ret[SINK_SPOOLED] = head > c->confirmed ? head - c->confirmed : 0;
	ret[SINK_UNPROVEN] = c->unproven;
	if (level == SINK_DURABLE)
		durable = c->confirmed;
	/* What started behind an older event, or was filtered, was never delivered: delivered counts what was. */
	ret[level] = c->delivered > c->unproven + c->rejected ? c->delivered - c->unproven - c->rejected : 0;
	if (level == SINK_STORED && durable) {
		uint64_t pending = c->confirmed - durable;

		ret[SINK_DURABLE] = ret[level] > pending ? ret[level] - pending : 0;
		ret[level] -= ret[SINK_DURABLE];
	}
}

static int note_observed(void *context, const struct spool_entry *entry, struct err *err)
{
	int64_t *observed_ns = context;

	(void)err;
	*observed_ns = entry->event.observed_ns;
	return 0;
}

int status_lag(struct spool *spool, const struct spool_cursor *c, int64_t *ret_s, struct err *err)
{
	int64_t observed_ns = 0, now_s = clock_unix_s();

	*ret_s = 0;
	if (c->confirmed >= spool_head(spool))
		return 0;
	if (spool_entry_each(spool, c->confirmed + 1, c->confirmed + 1, note_observed, &observed_ns, err))
		return -1;
	if (observed_ns && now_s > observed_ns / NS_PER_S)
		*ret_s = now_s - observed_ns / NS_PER_S;
	return 0;
}

int status_replays(struct spool *spool, const char *sink, uint64_t *ret_count, struct spool_replay *ret_first,
		   struct err *err)
{
	struct spool_replay replay = { .id = 0 };
	int n;

	for (*ret_count = 0; (n = spool_replay_next(spool, sink, replay.id, &replay, err)) > 0; (*ret_count)++)
		if (!*ret_count)
			*ret_first = replay;
	return n;
}

/* --- JSON --- */

static void member_time(struct jsonw *w, const char *key, int64_t unix_s)
{
	DEFER(buf_done) struct buf time = BUF_INIT(64);

	if (unix_s && clock_add_rfc3339(&time, unix_s) == 0)
		jsonw_member(w, key, buf_view(&time));
}

static int add_spool(struct jsonw *w, const struct status *s, struct err *err)
{
	DEFER(buf_done) struct buf chain = BUF_INIT(2 * DIGEST_SHA256_BYTES);
	struct spool_size size;
	struct spool_head head;

	if (spool_size(s->spool, &size, err) || spool_head_read(s->spool, &head, err))
		return -1;
	if (digest_add_hex(&chain, head.chain, sizeof(head.chain)))
		return err_nomem(err);
	jsonw_key(w, "spool");
	jsonw_object(w);
	jsonw_member_u64(w, "head", head.seq);
	jsonw_member(w, "chain", buf_view(&chain));
	jsonw_member_u64(w, "bytes", size.bytes);
	jsonw_member_u64(w, "max_bytes", size.max_bytes);
	jsonw_member_u64(w, "events", size.events);
	jsonw_member_u64(w, "bodies", size.bodies);
	jsonw_member_u64(w, "oldest_seq", size.oldest_seq);
	jsonw_member_u64(w, "oldest_body_seq", size.oldest_body_seq);
	jsonw_end(w);
	return 0;
}

static void add_feeds(struct jsonw *w, const struct parts *parts)
{
	jsonw_key(w, "feeds");
	jsonw_array(w);
	for (size_t i = 0; i < parts->intake_count; i++) {
		struct intake_state f;

		intake_state(parts->intakes[i], &f);
		jsonw_object(w);
		jsonw_member_text(w, "name", f.name);
		jsonw_member_text(w, "type", f.type);
		jsonw_member_u64(w, "events", f.events);
		jsonw_member_u64(w, "known", f.known);
		member_time(w, "last_success", f.last_success_s);
		member_time(w, "last_event", f.last_event_s);
		member_time(w, "freshest", f.freshest_ns / NS_PER_S);
		jsonw_member_text(w, "error", f.error[0] ? f.error : NULL);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static int add_cursor(struct jsonw *w, struct spool *spool, const char *sink, const struct spool_cursor *c,
		      struct err *err)
{
	struct spool_replay replay;
	uint64_t replays;
	int64_t lag_s;

	if (status_lag(spool, c, &lag_s, err) || status_replays(spool, sink, &replays, &replay, err))
		return -1;
	jsonw_member_u64(w, "confirmed", c->confirmed);
	jsonw_member_u64(w, "pending", spool_head(spool) > c->confirmed ? spool_head(spool) - c->confirmed : 0);
	jsonw_member_u64(w, "lag_seconds", (uint64_t)lag_s);
	jsonw_member_u64(w, "delivered", c->delivered);
	jsonw_member_u64(w, "durable", c->durable);
	jsonw_member_u64(w, "window", c->window);
	jsonw_member_u64(w, "unproven", c->unproven);
	jsonw_member_u64(w, "rejected", c->rejected);
	jsonw_member_u64(w, "replayed", c->replayed);
	jsonw_member_u64(w, "resent", c->resent);
	jsonw_member_u64(w, "cut", c->cut);
	jsonw_member_u64(w, "replays", replays);
	return 0;
}

static int add_sink(struct jsonw *w, const struct status *s, struct courier *courier, struct err *err)
{
	struct courier_state c;
	uint64_t levels[SINK_LEVELS];

	courier_state(courier, &c);
	jsonw_object(w);
	jsonw_member_text(w, "name", c.name);
	jsonw_member_text(w, "type", c.type);
	jsonw_member_text(w, "level", sink_level_names[c.level]);
	jsonw_member_text(w, "state", courier_mood_names[c.mood]);
	if (add_cursor(w, s->spool, c.name, &c.cursor, err))
		return -1;
	status_levels(s->spool, c.level, &c.cursor, levels);
	jsonw_key(w, "proof");
	jsonw_object(w);
	for (unsigned i = 0; i < SINK_LEVELS; i++)
		if (levels[i])
			jsonw_member_u64(w, sink_level_names[i], levels[i]);
	jsonw_end(w);
	if (c.failures)
		jsonw_member_u64(w, "failures", c.failures);
	if (c.retry_ms)
		jsonw_member_u64(w, "retry_ms", c.retry_ms);
	jsonw_member_text(w, "dead_letter", c.rejection[0] ? c.rejection : NULL);
	jsonw_member_text(w, "error", c.error[0] ? c.error : NULL);
	jsonw_end(w);
	return 0;
}

struct stored_sinks {
	struct jsonw *w;
	struct spool *spool;
};

static int add_stored_sink(void *context, const char *sink, const struct spool_cursor *cursor, struct err *err)
{
	struct stored_sinks *s = context;

	jsonw_object(s->w);
	jsonw_member_text(s->w, "name", sink);
	if (add_cursor(s->w, s->spool, sink, cursor, err))
		return -1;
	jsonw_end(s->w);
	return 0;
}

static int add_sinks(struct jsonw *w, const struct status *s, struct err *err)
{
	struct stored_sinks stored = { .w = w, .spool = s->spool };

	jsonw_key(w, "sinks");
	jsonw_array(w);
	if (!s->parts && spool_cursor_each(s->spool, add_stored_sink, &stored, err))
		return -1;
	for (size_t i = 0; s->parts && i < s->parts->courier_count; i++)
		if (add_sink(w, s, s->parts->couriers[i], err))
			return -1;
	jsonw_end(w);
	return 0;
}

static void add_alert(void *context, const char *of, enum feed_alert alert, const char *text)
{
	struct jsonw *w = context;

	jsonw_object(w);
	jsonw_member_text(w, bulletin_kind(alert), of);
	jsonw_member_text(w, "alert", feed_alert_names[alert]);
	jsonw_member_text(w, "text", text);
	jsonw_end(w);
}

int status_add_json(struct buf *buf, const struct status *s, struct err *err)
{
	struct jsonw w;

	jsonw_init(&w, buf, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "schema", "skant-status/1");
	jsonw_member_text(&w, "version", SKANT_VERSION);
	jsonw_key(&w, "running");
	jsonw_bool(&w, s->parts != NULL);
	if (s->parts)
		jsonw_member_u64(&w, "pid", s->pid);
	member_time(&w, "started", s->started_s);
	if (s->parts)
		jsonw_member_u64(&w, "reloads", s->reloads);
	jsonw_member_text(&w, "reload_error", s->reload_error);
	if (add_spool(&w, s, err))
		return -1;
	if (s->parts)
		add_feeds(&w, s->parts);
	if (add_sinks(&w, s, err))
		return -1;
	jsonw_key(&w, "alerts");
	jsonw_array(&w);
	if (s->bulletin)
		bulletin_each(s->bulletin, add_alert, &w);
	jsonw_end(&w);
	jsonw_end(&w);
	return jsonw_ok(&w) ? 0 : err_nomem(err);
}
