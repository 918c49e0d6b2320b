/* SPDX-License-Identifier: Apache-2.0 */
/* What the feed will hold, and what upstream holds now. */
#include "common/api/endpoint_org.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "forwarder/feed/activities.h"

#define NS_PER_S 1'000'000'000
#define DAY_S 86'400

/* --- check --- */

static int add_line(struct buf *report, const struct activities *a, const char *text)
{
	return buf_addf(report, "feed '%s': %s\n", a->env.settings->name, text);
}

/* One row from one end. 1 and its time, 0 there is none, -1 with err. */
static int look(struct activities *a, bool is_oldest, int64_t *ret_ns, struct err *err)
{
	const struct activities_span all = { 0, 0 };
	int status;

	do {
		if (is_oldest && a->has_no_order)
			return 0;
		status = activities_ask(a, &all, is_oldest, 1, err);
		if (!status)
			status = activities_next(a, err);
	} while (status == ACTIVITIES_AGAIN);
	if (status == 1)
		status = activities_gather(a, err) ? -1 : a->page_newest_ns != INT64_MIN;
	*ret_ns = a->page_newest_ns;
	activities_close_walk(a);
	return status;
}

static int add_ends(struct buf *report, struct activities *a, struct err *err)
{
	int64_t newest_ns, oldest_ns;
	int has_newest = look(a, false, &newest_ns, err), has_oldest = 0, status;

	if (has_newest > 0 && a->dialect == API_PLATFORM)
		has_oldest = look(a, true, &oldest_ns, err);
	if (has_newest < 0 || has_oldest < 0)
		return -1;
	if (!has_newest)
		return add_line(report, a, "the credential is accepted; upstream has no activity yet") ? err_nomem(err)
												       : 0;
	status = buf_addf(report, "feed '%s': the credential is accepted; upstream has activities ",
			  a->env.settings->name);
	if (has_oldest)
		status |= buf_add_text(report, "from ") || clock_add_rfc3339(report, oldest_ns / NS_PER_S) ||
			  buf_add_byte(report, ' ');
	status |= buf_add_text(report, "to ") || clock_add_rfc3339(report, newest_ns / NS_PER_S) ||
		  buf_add_byte(report, '\n');
	return status ? err_nomem(err) : 0;
}

static int add_start(struct buf *report, const struct activities *a)
{
	const struct settings_feed *s = a->env.settings;

	if (s->start == SETTINGS_NOW)
		return add_line(report, a, "a feed that is new begins now (start: now); what was before is not read");
	if (s->start == SETTINGS_BEGINNING)
		return add_line(report, a, "a feed that is new begins with the oldest activity (start: beginning)");
	return buf_addf(report, "feed '%s': a feed that is new begins at ", s->name) ||
	       clock_add_rfc3339(report, s->start_unix_s) || buf_add_byte(report, '\n');
}

static int add_limits(struct buf *report, const struct activities *a)
{
	if (a->dialect == API_CCA)
		return add_line(report, a,
				a->env.settings->include_content
					? "holds who did what, and each call of a model with its tokens; WITH its "
					  "content: whole prompts and answers are stored and sent to every sink"
					: "holds who did what, and each call of a model with its tokens; without "
					  "prompts and answers");
	return add_line(report, a,
			"holds who did what in the organisation: keys, people, workspaces, sign-ins, files") ||
	       add_line(report, a,
			"does not hold calls of models: the provider records none of them, no prompt, no answer, no "
			"tokens, no latency") ||
	       add_line(report, a,
			"nothing is recorded while the Compliance API is switched off, and nothing from before it was "
			"switched on");
}

/* What the configuration leaves out of that. */
static int add_left_out(struct buf *report, const struct activities *a)
{
	const struct settings_feed *s = a->env.settings;

	if (!event_filter_takes_all(&s->filter) &&
	    add_line(report, a,
		     "does not hold what its filter leaves out: that is stored nowhere, and verify does not "
		     "look for it"))
		return -1;
	return s->skip_own ? add_line(report, a,
				      "does not hold the activities that skantd's own reading makes "
				      "(skip_own)")
			   : 0;
}

/* 1 when it is off. */
static int add_setting(struct buf *report, struct activities *a, struct err *err)
{
	struct api_answer answer = { .reply = { .status = 0 } };
	struct api_compliance_settings settings;
	const char *text = "whether the Compliance API is switched on cannot be asked with this credential; an admin "
			   "key may ask";
	struct err why = ERR_INIT;
	int is_off = 0;

	if (a->dialect == API_CCA)
		return 0;
	if (!activities_may_ask_settings(a))
		return add_line(report, a, text) ? err_nomem(err) : 0;
	if (api_compliance_settings_get(a->env.api, &answer, &settings, &why)) {
		/* What is in the way of this request is in that of the next one, which tells it. */
		if (why.kind != ERR_REFUSED)
			text = NULL;
	} else if (settings.state.len) {
		is_off = !text_eq(settings.state, VIEW("enabled"));
		text = is_off ? "the Compliance API is switched OFF: upstream records nothing, and this feed stays "
				"empty"
			      : "the Compliance API is switched on";
	}
	api_answer_done(&answer);
	return text && add_line(report, a, text) ? err_nomem(err) : is_off;
}

int activities_check(void *feed, struct buf *report, struct err *err)
{
	struct activities *a = feed;
	int is_off = add_setting(report, a, err);
	unsigned status;

	if (is_off < 0)
		return -1;
	if (add_ends(report, a, err)) {
		status = err->kind == ERR_REFUSED ? a->walk.refusal.status : 0;
		if ((status == 401 || status == 403 || status == 404) &&
		    (buf_addf(report, "feed '%s': ", a->env.settings->name) ||
		     activities_add_needed(report, a, status) || buf_add_byte(report, '\n')))
			return err_nomem(err);
		return -1;
	}
	return add_start(report, a) || add_limits(report, a) || add_left_out(report, a) ? err_nomem(err) : is_off;
}

/* --- verify --- */

struct telling {
	int (*tell)(void *context, const struct page_record *record, struct err *err);
	feed_tell_switch *tell_switch; /* NULL: records are told */
	void *context;
	int64_t from_ns, to_ns;
};

static int tell_page(struct activities *a, const struct telling *t, struct err *err)
{
	if (activities_gather(a, err))
		return -1;
	if (t->tell_switch)
		return activities_each_switch(a, t->tell_switch, t->context, err);
	for (size_t i = 0; i < a->count; i++) {
		const struct page_record *r = &a->records[i];

		if (r->time_ns >= t->from_ns && r->time_ns < t->to_ns && t->tell(t->context, r, err))
			return -1;
	}
	return 0;
}

static int64_t floor_s(int64_t ns)
{
	return ns > 0 ? ns / NS_PER_S : 0;
}

/* All of the span, newest first. 0, -1; ACTIVITIES_AGAIN: it has to go on with a new walk. span->to_s is right behind
 * what is still to be told. */
static int walk_down(struct activities *a, struct activities_span *span, const struct telling *t, struct err *err)
{
	int status = activities_ask(a, span, false, 0, err);

	while (!status && (status = activities_next(a, err)) == 1) {
		status = tell_page(a, t, err);
		if (a->page_oldest_ns != INT64_MAX && a->page_oldest_ns / NS_PER_S + 1 < span->to_s)
			span->to_s = a->page_oldest_ns / NS_PER_S + 1;
	}
	activities_close_walk(a);
	return status;
}

static int walk(struct activities *a, struct activities_span span, const struct telling *t, struct err *err)
{
	unsigned stuck = 0;
	int status;

	a->is_telling = true;
	a->mode = ACTIVITIES_BACKFILL;
	do {
		int64_t before_s = span.to_s;

		status = walk_down(a, &span, t, err);
		stuck = span.to_s < before_s ? 0 : stuck + 1;
		if (status == ACTIVITIES_AGAIN && err->kind != ERR_LIMIT && stuck > ACTIVITIES_STUCK_MOST)
			status = err_set(err, ERR_LATER, 0,
					 "the API forgets its cursors before more than a page is read");
	} while (status == ACTIVITIES_AGAIN && span.from_s < span.to_s);
	a->is_telling = false;
	return status < 0 ? -1 : 0;
}

int activities_walk(void *feed, int64_t from_ns, int64_t to_ns,
		    int (*tell)(void *context, const struct page_record *record, struct err *err), void *context,
		    struct err *err)
{
	const struct telling t = { .tell = tell, .context = context, .from_ns = from_ns, .to_ns = to_ns };
	struct activities *a = feed;
	/* Nothing is stored from before the feed began. */
	int64_t from_s = floor_s(from_ns) > a->state.from_s ? floor_s(from_ns) : a->state.from_s;

	if (!a->state.is_known)
		return err_set(err, ERR_LATER, 0,
			       "upstream of '%s' cannot be compared: it has not been read yet, so where it begins "
			       "(start: now) is not known",
			       a->env.settings->name);
	return walk(a, (struct activities_span){ .from_s = from_s, .to_s = floor_s(to_ns) + 1 }, &t, err);
}

/* From the beginning to now: what holds in a time may have been said long before it, and how long it held, after it. */
int activities_switches(void *feed, int64_t *ret_begin_ns, feed_tell_switch *tell, void *context, struct err *err)
{
	const struct telling t = { .tell_switch = tell, .context = context };
	struct activities *a = feed;
	int status;

	*ret_begin_ns = a->state.from_s * NS_PER_S;
	if (a->dialect != API_PLATFORM)
		return 0;
	a->is_about_switches = true;
	status = walk(a, (struct activities_span){ .to_s = activities_now_s(a) + DAY_S }, &t, err);
	a->is_about_switches = false;
	return status;
}
