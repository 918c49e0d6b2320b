/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/usage.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"

/* The members that a row is told apart by, in the order of enum settings_group. */
static void groups_of(const struct api_usage *u, struct view ret[static SETTINGS_GROUPS])
{
	ret[SETTINGS_BY_ACCOUNT] = u->account_id;
	ret[SETTINGS_BY_KEY] = u->api_key_id;
	ret[SETTINGS_BY_WINDOW] = u->context_window;
	ret[SETTINGS_BY_GEO] = u->inference_geo;
	ret[SETTINGS_BY_MODEL] = u->model;
	ret[SETTINGS_BY_SERVICE] = u->service_account_id;
	ret[SETTINGS_BY_TIER] = u->service_tier;
	ret[SETTINGS_BY_WORKSPACE] = u->workspace_id;
}

static void ask(const struct report *r, struct api_argument *arguments, size_t *count)
{
	for (unsigned i = 0; i < SETTINGS_GROUPS; i++)
		if (r->env.settings->group_by & 1u << i)
			arguments[(*count)++] =
				(struct api_argument){ .name = "group_by", .value = view_of(settings_groups[i]) };
}

static int read_usage(struct api_reader *reader, struct view raw, void *ret, struct err *err)
{
	return api_usage_read(reader, raw, ret, err);
}

static int add_group(struct buf *group, const void *row)
{
	struct view parts[SETTINGS_GROUPS];

	groups_of(row, parts);
	return report_add_group(group, parts, SETTINGS_GROUPS);
}

static void counts_of(const struct api_usage *u, uint64_t ret[static 6])
{
	ret[0] = u->uncached_input_tokens.value;
	ret[1] = u->cache_creation_5m_tokens.value;
	ret[2] = u->cache_creation_1h_tokens.value;
	ret[3] = u->cache_read_input_tokens.value;
	ret[4] = u->output_tokens.value;
	ret[5] = u->web_search_requests.value;
}

static bool is_same(const void *row, const void *before)
{
	uint64_t now[6], then[6];

	counts_of(row, now);
	counts_of(before, then);
	return memcmp(now, then, sizeof(now)) == 0;
}

/* --- events --- */

static struct usage *usage_of(const struct report *r)
{
	return r->owner;
}

static int add_what(const struct report *r, struct buf *message, const struct api_usage *u)
{
	struct view parts[SETTINGS_GROUPS];
	int status = 0;

	groups_of(u, parts);
	for (unsigned i = 0; i < SETTINGS_GROUPS; i++) {
		struct view shown = i == SETTINGS_BY_WORKSPACE ? names_of(&usage_of(r)->names, parts[i]) : parts[i];

		if (r->env.settings->group_by & 1u << i)
			status |= buf_addf(message, ", %s ", settings_groups[i]) ||
				  buf_add(message, shown.len ? shown : VIEW("none"));
	}
	return status;
}

static int add_tokens(struct buf *message, const struct api_usage *u)
{
	return text_add_grouped(message, u->input_tokens) || buf_add_text(message, " tokens in, ") ||
	       text_add_grouped(message, u->output_tokens.value) || buf_add_text(message, " out");
}

static int add_message(const struct report *r, struct buf *message, const struct report_change *c)
{
	static const struct api_usage nothing;
	const struct api_usage *before = c->before;
	int status = buf_add_text(message, before ? "usage was restated: " : "usage of ");

	status |= buf_addf(message, "%s from ", settings_buckets[r->env.settings->bucket]) ||
		  clock_add_rfc3339(message, c->from_s);
	status |= add_what(r, message, c->row ? c->row : before) || buf_add_text(message, ": ") ||
		  add_tokens(message, c->row ? c->row : &nothing);
	if (before)
		status |= buf_add_text(message, " (before: ") || add_tokens(message, before) ||
			  buf_add_byte(message, ')');
	return status ? -1 : 0;
}

static void write_counts(struct jsonw *w, const struct api_usage *u)
{
	static const char *const names[] = { "uncached_input_tokens", "cache_creation_5m_tokens",
					     "cache_creation_1h_tokens", "cache_read_input_tokens" };
	uint64_t counts[6];

	counts_of(u, counts);
	jsonw_member_u64(w, "input_tokens", u->input_tokens);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		jsonw_member_u64(w, names[i], counts[i]);
	jsonw_member_u64(w, "output_tokens", counts[4]);
	jsonw_member_u64(w, "web_search_requests", counts[5]);
}

static void write(const struct report *r, struct jsonw *w, const struct report_change *c)
{
	static const struct api_usage nothing;
	const struct api_usage *u = c->row ? c->row : c->before;
	struct view parts[SETTINGS_GROUPS];

	jsonw_member_text(w, "bucket", settings_buckets[r->env.settings->bucket]);
	groups_of(u, parts);
	for (unsigned i = 0; i < SETTINGS_GROUPS; i++)
		if (r->env.settings->group_by & 1u << i)
			batch_member(w, settings_groups[i], parts[i]);
	if (r->env.settings->group_by & 1u << SETTINGS_BY_WORKSPACE)
		jsonw_member(w, "workspace_name", names_of(&usage_of(r)->names, u->workspace_id));
	write_counts(w, c->row ? c->row : &nothing);
	if (!c->before)
		return;
	jsonw_key(w, "before");
	jsonw_object(w);
	write_counts(w, c->before);
	jsonw_end(w);
}

static int see(struct report *r, const void *row, int64_t from_s, struct err *err)
{
	struct usage *u = usage_of(r);

	return u->models ? usage_models_see(u, row, from_s, err) : 0;
}

static const struct report_kind kind = { .type = "usage",
					 .restated = "usage_restated",
					 .operation = API_USAGE_MESSAGES,
					 .row_bytes = sizeof(struct api_usage),
					 .ask = ask,
					 .read = read_usage,
					 .add_group = add_group,
					 .is_same = is_same,
					 .add_message = add_message,
					 .write = write,
					 .see = see };

/* --- life --- */

static void usage_close(void *feed)
{
	struct usage *u = feed;

	report_done(&u->report);
	names_done(&u->names);
	models_free(u->models);
	idset_done(&u->judged);
	free(u);
}

static void *usage_open(const struct feed_env *env, struct err *err)
{
	struct usage *u = calloc(1, sizeof(*u));

	if (!u) {
		err_nomem(err);
		return NULL;
	}
	if (report_init(&u->report, &kind, env, u, err) == 0 && usage_models_open(u, err) == 0)
		return u;
	usage_close(u);
	return NULL;
}

static int read_all(struct usage *u, struct err *err)
{
	idset_done(&u->judged);
	u->judged = (struct idset){ .items = NULL };
	memset(u->violations, 0, sizeof(u->violations));
	if (u->report.env.settings->group_by & 1u << SETTINGS_BY_WORKSPACE &&
	    names_refresh(&u->names, u->report.env.api, err))
		return -1;
	return report_read(&u->report, err);
}

static int usage_poll(void *feed, uint64_t *ret_wait_ms, struct err *err)
{
	struct usage *u = feed;
	int status = turn_begin(&u->report.turn, &u->report.batch, ret_wait_ms, err);

	if (status <= 0)
		return status;
	status = read_all(u, err);
	if (!status && u->models)
		usage_models_measure(u);
	return turn_end(&u->report.turn, status, u->report.freshest_s, ret_wait_ms, err);
}

static int usage_check(void *feed, struct buf *report, struct err *err)
{
	struct usage *u = feed;
	const struct turn *t = &u->report.turn;
	const struct settings_feed *s = u->report.env.settings;
	DEFER(buf_done) struct buf settle = BUF_INIT(64), back = BUF_INIT(64);

	if (report_probe(&u->report, err))
		return -1;
	if (text_add_duration(&settle, s->settle_ms) || text_add_duration(&back, s->lookback_ms) ||
	    turn_add_line(report, t, "the credential is accepted") ||
	    turn_add_line(report, t,
			  "holds the tokens of each %s, once %s have passed since its end, and again when the provider "
			  "changes them within %s; no prompt, no answer, no single call",
			  settings_buckets[s->bucket], settle.ptr, back.ptr) ||
	    usage_models_report(u, report))
		return err_nomem(err);
	return 0;
}

const struct feed_ops feed_usage = {
	.type = "usage", .open = usage_open, .poll = usage_poll, .check = usage_check, .close = usage_close
};
