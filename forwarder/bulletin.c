/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/bulletin.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/grow.h"
#include "common/sys/json.h"

#define BODY_BYTES (64u << 10)
#define NS_PER_S 1'000'000'000
#define NOTE "alerts" /* all that are on, as one JSON array in the spool */

struct alert {
	char *of, *text; /* of: the name of a feed or a sink */
	enum feed_alert alert;
};

struct bulletin {
	struct spool *spool;
	pthread_mutex_t mutex;
	struct alert *alerts;
	size_t count, cap;
};

static void alert_done(struct alert *a)
{
	free(a->of);
	free(a->text);
}

static int alert_add(struct bulletin *b, const char *of, enum feed_alert alert, const char *text)
{
	struct alert *alerts = grow_items(b->alerts, b->count, &b->cap, sizeof(*alerts));
	struct alert a = { .alert = alert };

	if (!alerts)
		return -1;
	b->alerts = alerts;
	a.of = strdup(of);
	a.text = strdup(text);
	if (!a.of || !a.text) {
		alert_done(&a);
		return -1;
	}
	alerts[b->count++] = a;
	return 0;
}

static struct alert *alert_find(struct bulletin *b, const char *of, enum feed_alert alert)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->alerts[i].alert == alert && strcmp(b->alerts[i].of, of) == 0)
			return &b->alerts[i];
	return NULL;
}

static void alert_remove(struct bulletin *b, struct alert *a)
{
	alert_done(a);
	*a = b->alerts[--b->count];
}

/* One that was stored; what this version does not know is over. */
static int restore_one(struct bulletin *b, struct view value, struct err *err)
{
	struct json *json = json_tree(value, err);
	const char *of, *name, *text;
	int status = 0;

	if (!json)
		return -1;
	of = json_string(json_get(json, "feed"));
	name = json_string(json_get(json, "alert"));
	text = json_string(json_get(json, "text"));
	for (unsigned i = 0; of && name && text && i < FEED_ALERTS; i++)
		if (strcmp(name, feed_alert_names[i]) == 0 && alert_add(b, of, i, text))
			status = err_nomem(err);
	json_free(json);
	return status;
}

static int restore(struct bulletin *b, struct err *err)
{
	DEFER(buf_done) struct buf note = BUF_INIT(PAGE_STATE_BYTES);
	struct view cursor, value;

	if (spool_note_get(b->spool, NOTE, &note, err))
		return -1;
	if (!note.len)
		return 0;
	if (json_whole(buf_view(&note), &cursor, err))
		return err_prefix(err, "what the spool keeps of alerts");
	while (json_each(&cursor, &value))
		if (restore_one(b, value, err))
			return -1;
	return 0;
}

static int keep(struct bulletin *b, struct err *err)
{
	DEFER(buf_done) struct buf note = BUF_INIT(PAGE_STATE_BYTES);
	struct jsonw w;

	jsonw_init(&w, &note, 0);
	jsonw_array(&w);
	for (size_t i = 0; i < b->count; i++) {
		jsonw_object(&w);
		jsonw_member_text(&w, "feed", b->alerts[i].of);
		jsonw_member_text(&w, "alert", feed_alert_names[b->alerts[i].alert]);
		jsonw_member_text(&w, "text", b->alerts[i].text);
		jsonw_end(&w);
	}
	jsonw_end(&w);
	return jsonw_ok(&w) ? spool_note_set(b->spool, NOTE, buf_view(&note), err) : err_nomem(err);
}

struct bulletin *bulletin_new(struct spool *spool, struct err *err)
{
	struct bulletin *b = calloc(1, sizeof(*b));

	if (!b) {
		err_nomem(err);
		return NULL;
	}
	b->spool = spool;
	pthread_mutex_init(&b->mutex, NULL);
	if (restore(b, err)) {
		bulletin_free(b);
		return NULL;
	}
	return b;
}

void bulletin_free(struct bulletin *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->count; i++)
		alert_done(&b->alerts[i]);
	free(b->alerts);
	pthread_mutex_destroy(&b->mutex);
	free(b);
}

static int write_body(struct buf *body, const char *type, int64_t now_s, const char *message, bulletin_members *members,
		      void *context, struct err *err)
{
	DEFER(buf_done) struct buf time = BUF_INIT(64);
	struct jsonw w;

	if (clock_add_rfc3339(&time, now_s))
		return err_nomem(err);
	jsonw_init(&w, body, 0);
	jsonw_object(&w);
	jsonw_member_text(&w, "type", type);
	jsonw_member(&w, "time", buf_view(&time));
	jsonw_member_text(&w, "message", message);
	if (members)
		members(context, &w);
	jsonw_end(&w);
	return jsonw_ok(&w) ? 0 : err_nomem(err);
}

int bulletin_tell(struct bulletin *b, const char *type, const char *message, bulletin_members *members, void *context,
		  struct err *err)
{
	DEFER(buf_done) struct buf body = BUF_INIT(BODY_BYTES);
	struct page_record record = { .type = view_of(type), .origin = EVENT_OWN };
	/* A full spool may be what there is to tell. */
	const struct page page = { .feed = BULLETIN_FEED, .records = &record, .count = 1, .fits_always = true };
	struct page_stored stored = { .added = 0 };

	record.time_ns = clock_unix_ns();
	if (write_body(&body, type, record.time_ns / NS_PER_S, message, members, context, err))
		return -1;
	record.body = buf_view(&body);
	return spool_put(b->spool, &page, &stored, err);
}

struct told {
	const char *of, *kind, *name; /* kind: "feed" or "sink" */
	bool is_on;
};

static void write_alert(void *context, struct jsonw *w)
{
	const struct told *t = context;

	jsonw_member_text(w, "alert", t->name);
	jsonw_member_text(w, "state", t->is_on ? "on" : "over");
	jsonw_member_text(w, t->kind, t->of);
}

const char *bulletin_kind(enum feed_alert alert)
{
	return alert == SINK_NEEDS_HELP ? "sink" : "feed";
}

static int tell_alert(struct bulletin *b, const char *of, enum feed_alert alert, bool is_on, const char *text,
		      struct err *err)
{
	DEFER(buf_done) struct buf message = BUF_INIT(ERR_TEXT_BYTES * 2);
	struct told told = { .of = of, .kind = bulletin_kind(alert), .name = feed_alert_names[alert], .is_on = is_on };

	if (buf_addf(&message, "%s '%s': %s%s", told.kind, of, is_on ? "" : "over: ", text))
		return err_nomem(err);
	return bulletin_tell(b, is_on ? "skantd.alert" : "skantd.alert_over", message.ptr, write_alert, &told, err);
}

int bulletin_alert(struct bulletin *b, const char *of, enum feed_alert alert, bool is_on, const char *text,
		   bool *ret_is_new, struct err *err)
{
	struct alert *known;
	int status = 0;

	pthread_mutex_lock(&b->mutex);
	known = alert_find(b, of, alert);
	*ret_is_new = is_on == !known;
	if (*ret_is_new) {
		status = tell_alert(b, of, alert, is_on, text, err);
		if (status == 0 && known)
			alert_remove(b, known);
		else if (status == 0 && alert_add(b, of, alert, text))
			status = err_nomem(err);
		if (status == 0)
			status = keep(b, err);
	}
	pthread_mutex_unlock(&b->mutex);
	return status;
}

int bulletin_keep(struct bulletin *b, bool (*is_there)(void *context, const char *of, enum feed_alert alert),
		  void *context, struct err *err)
{
	int status = 0;

	pthread_mutex_lock(&b->mutex);
	for (size_t i = b->count; i-- > 0 && !status;) {
		struct alert *a = &b->alerts[i];

		if (is_there(context, a->of, a->alert))
			continue;
		status = tell_alert(b, a->of, a->alert, false, "it is not configured any more", err);
		if (!status)
			alert_remove(b, a);
		if (!status)
			status = keep(b, err);
	}
	pthread_mutex_unlock(&b->mutex);
	return status;
}

void bulletin_each(struct bulletin *b,
		   void (*tell)(void *context, const char *of, enum feed_alert alert, const char *text), void *context)
{
	pthread_mutex_lock(&b->mutex);
	for (size_t i = 0; i < b->count; i++)
		tell(context, b->alerts[i].of, b->alerts[i].alert, b->alerts[i].text);
	pthread_mutex_unlock(&b->mutex);
}
