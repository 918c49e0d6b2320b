/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/endpoint_org.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "forwarder/feed/activities.h"

#define NS_PER_S 1'000'000'000
#define SETTINGS_EVERY_NS (3600 * (uint64_t)NS_PER_S)

void activities_alert(struct activities *a, enum feed_alert alert, bool is_on, const char *text)
{
	a->env.out->alert(a->env.out->context, a->env.settings->name, alert, is_on, text);
}

void activities_tell_content(struct activities *a)
{
	bool is_on = a->env.settings->include_content;

	if (a->was_content_told)
		return;
	a->was_content_told = true;
	activities_alert(
		a, FEED_CONTENT_ON, is_on,
		is_on ? "include_content is on: whole prompts and answers, with the personal data and secrets "
			"that are in them, are stored here and sent to every sink; whoever reads the log reads "
			"them"
		      : "include_content is off: no prompt and no answer is asked for");
}

/* --- is it recorded at all --- */

static void set_off(struct activities *a, bool is_off)
{
	activities_alert(a, FEED_API_OFF, is_off,
			 is_off ? "the Compliance API is switched off: upstream records nothing, so that this feed "
				  "stays empty whatever happens"
				: "the Compliance API is switched on: upstream records again");
}

static void tell_gap(struct activities *a, int64_t from_ns, int64_t to_ns)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	int status = buf_add_text(&text, "upstream recorded nothing from ");

	status |= clock_add_rfc3339(&text, from_ns / NS_PER_S);
	status |= buf_add_text(&text, " to ");
	status |= clock_add_rfc3339(&text, to_ns / NS_PER_S);
	status |= buf_add_text(&text, ": the Compliance API was switched off");
	/* Without memory it is told without its times. */
	activities_alert(a, FEED_GAP, true, status ? "upstream recorded nothing for some time" : text.ptr);
	activities_alert(a, FEED_GAP, false, "upstream records again");
}

void activities_note_switch(struct activities *a, bool is_on, int64_t time_ns)
{
	struct activities_state *s = &a->state;

	if (time_ns <= s->switched_ns)
		return;
	s->switched_ns = time_ns;
	if (!is_on) {
		s->off_ns = s->off_ns ? s->off_ns : time_ns;
		return;
	}
	if (s->off_ns)
		tell_gap(a, s->off_ns, time_ns);
	s->off_ns = 0;
}

void activities_tell_switch(struct activities *a)
{
	if (!a->state.is_behind)
		set_off(a, a->state.off_ns != 0);
}

/* What the settings say, which may be before a row of the feed says so, or without one. */
static void note_setting(struct activities *a, bool is_on)
{
	int64_t now_ns = activities_now_s(a) * NS_PER_S;

	set_off(a, !is_on);
	if (!is_on && !a->state.off_ns)
		a->state.off_ns = now_ns;
	if (is_on && a->state.off_ns) {
		tell_gap(a, a->state.off_ns, now_ns);
		a->state.off_ns = 0;
	}
}

bool activities_may_ask_settings(const struct activities *a)
{
	const struct api_route *route = api_route(a->dialect, API_COMPLIANCE_SETTINGS_GET, NULL);

	for (unsigned kind = 0; route && kind < CREDENTIAL_KINDS; kind++)
		if (route->credentials & 1u << kind && api_has(a->env.api, (enum credential_kind)kind, NULL) > 0)
			return true;
	return false;
}

void activities_watch_settings(struct activities *a)
{
	struct api_answer answer = { .reply = { .status = 0 } };
	struct api_compliance_settings settings;

	if (clock_boot_ns() < a->settings_ns)
		return;
	a->settings_ns = clock_boot_ns() + SETTINGS_EVERY_NS;
	if (!activities_may_ask_settings(a))
		return;
	if (api_compliance_settings_get(a->env.api, &answer, &settings, NULL) == 0 && settings.state.len)
		note_setting(a, text_eq(settings.state, VIEW("enabled")));
	api_answer_done(&answer);
}

/* --- is the credential accepted --- */

int activities_add_needed(struct buf *buf, const struct activities *a, unsigned status)
{
	if (a->dialect == API_CCA)
		return buf_add_text(buf, "an admin key is needed");
	if (status == 401)
		return buf_add_text(buf, "the key is not accepted: it is invalid, revoked or of the wrong kind; a "
					 "Compliance Access key with the scope read:compliance_activities is needed, "
					 "or an admin key");
	return buf_add_text(buf, "a Compliance Access key with the scope read:compliance_activities is needed, or an "
				 "admin key that was made after the Compliance API was switched on");
}

/* Of the first credential that there is of a kind that may ask, as a call would take it: 1 it can be used, -1 it
 * cannot, 0 there is none. */
static int look_for_credential(const struct activities *a)
{
	const struct api_route *route = api_route(a->dialect, API_ACTIVITY_LIST, NULL);
	int status = 0;

	for (unsigned kind = 0; route && status == 0 && kind < CREDENTIAL_KINDS; kind++)
		if (route->credentials & 1u << kind)
			status = api_has(a->env.api, (enum credential_kind)kind, NULL);
	return status;
}

void activities_note_refusal(struct activities *a, const struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(4 * ERR_TEXT_BYTES);
	unsigned status = err->kind == ERR_REFUSED ? a->walk.refusal.status : 0;
	int has_credential = err->kind == ERR_CONFIG ? look_for_credential(a) : 1;

	if (text_find(view_of(err->text), VIEW(FEED_OTHER_ORGANIZATION)) != SIZE_MAX) {
		activities_alert(a, FEED_REFUSED, true, err->text);
		return;
	}
	if (status != 401 && status != 403 && status != 404 && has_credential > 0)
		return;
	/* Of one that cannot be used, the error says all there is to do. */
	if (has_credential >= 0 && (activities_add_needed(&text, a, status) || buf_addf(&text, " (%s)", err->text)))
		return;
	activities_alert(a, FEED_REFUSED, true, has_credential < 0 ? err->text : text.ptr);
}

void activities_note_answer(struct activities *a)
{
	activities_alert(a, FEED_REFUSED, false, "the API accepts the credential");
}
