/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/endpoint_org.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "forwarder/feed/activities.h"

#define NS_PER_S 1'000'000'000
#define SETTINGS_EVERY_NS (3600 * (uint64_t)NS_PER_S)

static void alert(struct activities *a, enum feed_alert which, bool is_on, const char *text)
{
	const struct feed_out *out = a->env->out;

	out->alert(out->context, a->env->settings->name, which, is_on, text);
}

static void set_off(struct activities *a, bool is_off)
{
	alert(a, FEED_API_OFF, is_off,
	      is_off ? "the Compliance API is switched off: upstream records nothing, and this feed stays empty"
		     : "the Compliance API is switched on");
}

void activities_watch_settings(struct activities *a)
{
	struct api_answer answer = { .reply = { .status = 0 } };
	struct api_compliance_settings settings;
	struct err err = ERR_INIT;

	if (clock_boot_ns() < a->settings_ns || a->dialect == API_CCA)
		return;
	a->settings_ns = clock_boot_ns() + SETTINGS_EVERY_NS;
	if (api_has(a->env->api, CREDENTIAL_ADMIN, &err) <= 0 && api_has(a->env->api, CREDENTIAL_OAUTH, &err) <= 0)
		return;
	if (api_compliance_settings_get(a->env->api, &answer, &settings, &err) == 0 && settings.state.len)
		set_off(a, !text_eq(settings.state, VIEW("enabled")));
	api_answer_done(&answer);
}

void activities_refused(struct activities *a, const struct api_refusal *refusal, const struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(2 * ERR_TEXT_BYTES);
	const char *needed =
		refusal->status == 401 ? "the credential is not accepted"
		: refusal->status == 403 || refusal->status == 404
			? "a compliance key with the scope read:compliance_activities is needed, or an admin "
			  "key that was made after the Compliance API was switched on"
			: "the request was refused";

	if (buf_addf(&text, "%s (%s)", needed, err->text) == 0)
		alert(a, FEED_REFUSED, true, text.ptr);
}

void activities_accepted(struct activities *a)
{
	alert(a, FEED_REFUSED, false, "the API answers");
}

void activities_switched(struct activities *a, struct view row, int64_t time_ns)
{
	struct view enabled = json_member(row, "compliance_api_enabled");
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	int status;

	if (!enabled.len || time_ns < a->off_ns)
		return;
	if (json_type_of(enabled) == JSON_FALSE) {
		a->off_ns = time_ns;
		set_off(a, true);
		return;
	}
	if (json_type_of(enabled) != JSON_TRUE)
		return;
	set_off(a, false);
	if (!a->off_ns || time_ns == a->off_ns)
		return;
	status = buf_add_text(&text, "upstream recorded nothing from ");
	status |= clock_add_rfc3339(&text, a->off_ns / NS_PER_S);
	status |= buf_add_text(&text, " to ");
	status |= clock_add_rfc3339(&text, time_ns / NS_PER_S);
	a->off_ns = 0;
	if (status)
		return;
	alert(a, FEED_GAP, true, text.ptr);
	alert(a, FEED_GAP, false, "it records again");
}

/* --- check --- */

static int count_rows(struct activities *, const struct page_walk *walk, bool, void *context, struct err *)
{
	*(uint64_t *)context += walk->rows.count;
	return 1; /* the first page is enough */
}

static int add_limits(struct activities *a, struct buf *report)
{
	const char *name = a->env->settings->name;
	int status;

	if (a->dialect == API_CCA)
		return buf_addf(report, "feed '%s': calls of models come with tokens and latency; %s\n", name,
				a->env->settings->include_content
					? "their content is asked for: prompts and answers will be in the log"
					: "their content is not asked for");
	status = buf_addf(
		report,
		"feed '%s': holds who did what in the organization; the provider records no call of a model, no "
		"prompt, no token count in it\n",
		name);
	return status |
	       buf_addf(report,
			"feed '%s': nothing is recorded upstream while its Compliance API is switched off, and "
			"nothing from before it was switched on\n",
			name);
}

int activities_check(void *feed, struct buf *report, struct err *err)
{
	struct activities *a = feed;
	const char *name = a->env->settings->name;
	struct api_answer answer = { .reply = { .status = 0 } };
	struct api_compliance_settings settings;
	struct api_refusal refusal;
	uint64_t rows = 0;
	int status = 0;

	if (activities_read(a, (clock_unix_s() - 86'400) * NS_PER_S, INT64_MAX, count_rows, &rows, &refusal, err) < 0)
		return -1;
	if (buf_addf(report,
		     "feed '%s': the credential is accepted; %llu activities of the last day on the first page\n", name,
		     (unsigned long long)rows) ||
	    add_limits(a, report))
		return err_nomem(err);
	if (a->dialect == API_CCA || api_has(a->env->api, CREDENTIAL_ADMIN, NULL) <= 0)
		return 0;
	if (api_compliance_settings_get(a->env->api, &answer, &settings, NULL) == 0) {
		bool is_on = text_eq(settings.state, VIEW("enabled"));

		status = !is_on;
		if (buf_addf(report, "feed '%s': the Compliance API is switched %s\n", name, is_on ? "on" : "OFF"))
			status = err_nomem(err);
	}
	api_answer_done(&answer);
	return status;
}
