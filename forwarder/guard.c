/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/policy/policy.h"
#include "forwarder/feed/batch.h"
#include "forwarder/feed/roster.h"

#define PREFIX "guard/"
#define SCOPE_BYTES 512
#define ID_BYTES 512

enum rule { CONTENT_ON, AUDIT_FEED_MISSING, RULES };
static const char *const types[RULES] = { "content_on", "audit_feed_missing" };

/* One thing that is not as it should be. */
struct finding {
	enum rule rule;
	char scope[SCOPE_BYTES]; /* "feed:audit", "department:legal" */
	const char *why;
};

struct guard {
	struct spool *spool;
	struct bulletin *bulletin;
	struct settings_feed self;
	struct feed_out out;
	struct feed_env env;
	struct batch batch;
	struct finding *findings;
	size_t count, cap;
	const struct settings *settings;
	bool is_off[CONFIG_FEEDS_MAX]; /* of the settings' feeds: their API is switched off */
};

/* --- as a feed of skantd's own --- */

static int put(void *context, const struct page *page, struct page_stored *ret, struct err *err)
{
	struct guard *g = context;
	struct page always = *page;

	always.fits_always = true;
	return spool_put(g->spool, &always, ret, err);
}

static int each_item(void *context, const char *feed, struct view from, struct view to, page_item_tell *tell,
		     void *told, struct err *err)
{
	struct guard *g = context;

	return spool_item_each(g->spool, feed, from, to, tell, told, err);
}

struct guard *guard_new(struct spool *spool, struct bulletin *bulletin, struct err *err)
{
	static char name[] = BULLETIN_FEED;
	struct guard *g = calloc(1, sizeof(*g));

	if (!g) {
		err_nomem(err);
		return NULL;
	}
	g->spool = spool;
	g->bulletin = bulletin;
	g->self = (struct settings_feed){ .name = name, .filter = { .severity = EVENT_DEBUG } };
	g->out = (struct feed_out){ .put = put, .items = each_item, .context = g };
	g->env = (struct feed_env){ .settings = &g->self, .out = &g->out };
	batch_init(&g->batch, &g->env);
	return g;
}

void guard_free(struct guard *g)
{
	if (!g)
		return;
	batch_done(&g->batch);
	free(g->findings);
	free(g);
}

/* --- what is not as it should be --- */

static int find(struct guard *g, enum rule rule, const char *kind, const char *name, const char *why, struct err *err)
{
	struct finding *findings = grow_items(g->findings, g->count, &g->cap, sizeof(*findings));
	struct finding *f;

	if (!findings)
		return err_nomem(err);
	g->findings = findings;
	f = &findings[g->count++];
	*f = (struct finding){ .rule = rule, .why = why };
	/* A name that is longer is cut: it is the policy's, or a feed's with 32 bytes. */
	(void)snprintf(f->scope, sizeof(f->scope), "%s:%s", kind, name);
	return 0;
}

static void note_alert(void *context, const char *of, enum feed_alert alert, const char *)
{
	struct guard *g = context;

	for (size_t i = 0; alert == FEED_API_OFF && i < g->settings->feed_count; i++)
		g->is_off[i] |= strcmp(g->settings->feeds[i].name, of) == 0;
}

static bool has(char *const *list, const char *text)
{
	for (; *list; list++)
		if (strcmp(*list, text) == 0)
			return true;
	return false;
}

/* Whether a feed's filter lets all pass that happens in the department's workspaces. */
static bool takes(const struct event_filter *f, const struct policy_department *d)
{
	if (f->types || f->classes || f->actors || f->severity < EVENT_INFO)
		return false;
	for (size_t i = 0; f->workspaces && i < d->workspaces.count; i++)
		if (!has(f->workspaces, d->workspaces.items[i]))
			return false;
	return true;
}

static int look_at_department(struct guard *g, const struct settings *s, const struct policy_department *d,
			      struct err *err)
{
	const char *why = "no feed of type 'activities' is configured";

	for (size_t i = 0; i < s->feed_count; i++) {
		const struct settings_feed *f = &s->feeds[i];

		if (f->type != SETTINGS_ACTIVITIES)
			continue;
		if (!takes(&f->filter, d)) {
			why = "the filter of its feed leaves activities out";
			continue;
		}
		if (!g->is_off[i])
			return 0;
		why = "the Compliance API is switched off, so that nothing is recorded";
	}
	return find(g, AUDIT_FEED_MISSING, "department", d->name, why, err);
}

static int find_all(struct guard *g, const struct settings *s, struct err *err)
{
	const struct policy *policy = s->rules;

	g->count = 0;
	g->settings = s;
	memset(g->is_off, 0, sizeof(g->is_off));
	bulletin_each(g->bulletin, note_alert, g);
	for (size_t i = 0; i < s->feed_count; i++)
		if (s->feeds[i].include_content && !(policy && policy->data.include_content) &&
		    find(g, CONTENT_ON, "feed", s->feeds[i].name,
			 "prompts and answers are stored and sent to every sink", err))
			return -1;
	for (size_t i = 0; policy && i < policy->department_count; i++)
		if (policy->departments[i].regulated && look_at_department(g, s, &policy->departments[i], err))
			return -1;
	return 0;
}

/* --- what is told of it --- */

static int add_message(struct buf *message, const struct finding *f)
{
	if (f->rule == CONTENT_ON)
		return buf_addf(message, "%s has include_content on, which the policy does not allow: %s", f->scope,
				f->why);
	return buf_addf(message, "%s is regulated, and has no audit feed: %s", f->scope, f->why);
}

/* Its event, and what is kept of it: that it is over as well, so that it may come again under the next number. */
static int tell(struct guard *g, const char *type, struct view message, struct view scope, struct view key,
		uint64_t revision, bool is_on, struct err *err)
{
	DEFER(buf_done) struct buf id = BUF_INIT(ID_BYTES), item = BUF_INIT(PAGE_ITEM_BYTES);
	struct jsonw *w = batch_begin(&g->batch, type, clock_unix_s(), NULL, message), kept;

	batch_member(w, "scope", scope);
	if (buf_addf(&id, "%s:", type) || buf_add(&id, key) || buf_addf(&id, ":%llu", (unsigned long long)revision))
		return err_nomem(err);
	if (batch_end(&g->batch, buf_view(&id), err))
		return -1;
	jsonw_init(&kept, &item, 0);
	jsonw_object(&kept);
	jsonw_member_u64(&kept, "revision", revision);
	jsonw_member(&kept, "scope", scope);
	jsonw_key(&kept, "gone");
	jsonw_bool(&kept, !is_on);
	jsonw_end(&kept);
	buf_clear(&id);
	if (!jsonw_ok(&kept) || buf_add_text(&id, PREFIX) || buf_add(&id, key))
		return err_nomem(err);
	return batch_keep(&g->batch, buf_view(&id), buf_view(&item), err);
}

static int see(void *context, size_t index, struct view key, struct view before, struct err *err)
{
	DEFER(buf_done) struct buf message = BUF_INIT(4 * EVENT_MESSAGE_BYTES), store = BUF_INIT(PAGE_ITEM_BYTES);
	uint64_t revision = roster_number(before, "revision") + 1;
	struct guard *g = context;
	struct view scope;

	if (index != SIZE_MAX) {
		const struct finding *f = &g->findings[index];

		if (before.len && !roster_is(before, "gone"))
			return 0;
		if (add_message(&message, f))
			return err_nomem(err);
		return tell(g, types[f->rule], buf_view(&message), view_of(f->scope), key, revision, true, err);
	}
	scope = roster_text(before, "scope", &store);
	if (buf_add_text(&message, "the policy is kept again: ") || buf_add(&message, scope))
		return err_nomem(err);
	return tell(g, "policy_kept", buf_view(&message), scope, key, revision, false, err);
}

static int compare(struct guard *g, struct err *err)
{
	DEFER(roster_done) struct roster roster;
	int status = 0;

	roster_init(&roster, PREFIX);
	roster.tell = see;
	roster.context = g;
	for (size_t i = 0; i < g->count && !status; i++)
		status =
			roster_add(&roster, view_of(types[g->findings[i].rule]), view_of(g->findings[i].scope), i, err);
	return status ? status : roster_compare(&roster, &g->env, err);
}

int guard_look(struct guard *g, const struct settings *settings,
	       void (*measured)(void *context, const char *code, uint64_t count), void *context, struct err *err)
{
	uint64_t counts[RULES] = { 0 };

	batch_clear(&g->batch);
	if (find_all(g, settings, err) || compare(g, err))
		return -1;
	for (size_t i = 0; i < g->count; i++)
		counts[g->findings[i].rule]++;
	for (size_t i = 0; measured && i < RULES; i++)
		measured(context, types[i], counts[i]);
	return batch_put(&g->batch, VIEW_NONE, err) ? -1 : 0;
}
