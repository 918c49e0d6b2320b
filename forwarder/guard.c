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
#include "forwarder/feed/lists.h"
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
	const char *why;         /* NULL: nobody can say yet; what was told before holds */
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

static bool has(char *const *list, struct view text)
{
	for (; *list; list++)
		if (text_eq(view_of(*list), text))
			return true;
	return false;
}

/* --- whether a feed's filter, which has ids, lets all pass of workspaces that the policy names as it likes --- */

enum passing { PASSES, PASSES_NOT, PASSES_LATER, PASSES_UNKNOWN };

struct place {
	struct view name; /* or id */
	char *const *ids; /* of the filter */
	bool is_known, is_left_out;
};

static int take_workspace(void *context, const struct page_item *item, struct err *err)
{
	DEFER(buf_done) struct buf store = BUF_INIT(2 * PAGE_ITEM_BYTES);
	struct place *place = context;
	struct view id, name;

	/* Texts with escapes lie in store, which has to stay where it is. */
	if (buf_reserve(&store, 2 * PAGE_ITEM_BYTES))
		return err_nomem(err);
	id = roster_text(item->value, "id", &store);
	name = roster_text(item->value, "name", &store);
	if (roster_is(item->value, "gone") || (!text_eq(id, place->name) && !text_eq(name, place->name)))
		return 0;
	place->is_known = true;
	if (!roster_number(item->value, "archived_at"))
		place->is_left_out |= !has(place->ids, id);
	return 0;
}

static bool knows_workspaces(const struct settings_feed *f)
{
	return f->type == SETTINGS_KEYS || f->type == SETTINGS_ACCESS;
}

/* Whether a feed will know workspaces that has not read them yet. 1, 0 or -1. */
static int is_early(struct guard *g, const struct settings *s, struct err *err)
{
	for (size_t i = 0; i < s->feed_count; i++) {
		DEFER(buf_done) struct buf state = BUF_INIT(PAGE_STATE_BYTES);

		if (!knows_workspaces(&s->feeds[i]))
			continue;
		if (spool_feed_state(g->spool, s->feeds[i].name, &state, err))
			return -1;
		if (!state.len)
			return 1;
	}
	return 0;
}

/* Of the dialects platform and cca. */
static bool is_id(struct view name)
{
	return text_starts(name, VIEW("wrkspc_")) || text_starts(name, VIEW("ws_"));
}

static int pass_one(struct guard *g, const struct settings *s, struct place *place, enum passing *ret, struct err *err)
{
	int early;

	for (size_t i = 0; i < s->feed_count; i++)
		if (knows_workspaces(&s->feeds[i])) {
			const struct feed_env env = { .settings = &s->feeds[i], .out = &g->out };

			if (roster_each(LISTS_WORKSPACES, &env, take_workspace, place, err))
				return -1;
		}
	if (place->is_known || (is_id(place->name) && has(place->ids, place->name))) {
		*ret = place->is_left_out ? PASSES_NOT : PASSES;
		return 0;
	}
	early = is_early(g, s, err);
	*ret = early ? PASSES_LATER : PASSES_UNKNOWN;
	return early < 0 ? -1 : 0;
}

/* The worst of what holds for the department's workspaces. */
static int pass(struct guard *g, const struct settings *s, const struct event_filter *f,
		const struct policy_department *d, enum passing *ret, struct err *err)
{
	*ret = f->types || f->classes || f->actors || f->severity < EVENT_INFO ? PASSES_NOT : PASSES;
	for (size_t i = 0; f->workspaces && *ret != PASSES_NOT && i < d->workspaces.count; i++) {
		struct place place = { .name = view_of(d->workspaces.items[i]), .ids = f->workspaces };
		enum passing one = PASSES;

		if (pass_one(g, s, &place, &one, err))
			return -1;
		if (one == PASSES_NOT || one > *ret)
			*ret = one;
	}
	return 0;
}

/* What is wrong with one of the feeds of activities; "" where nothing is, NULL where nobody can say yet. */
static int judge_feed(struct guard *g, const struct settings *s, size_t i, const struct policy_department *d,
		      const char **ret_why, struct err *err)
{
	static const char *const why[] = {
		[PASSES] = "",
		[PASSES_NOT] = "the filter of its feed leaves activities out",
		[PASSES_LATER] = NULL,
		[PASSES_UNKNOWN] = "the filter of its feed has ids of workspaces, and nobody knows which ids the "
				   "department's have: a feed of type 'keys' or 'access' does, or the policy names ids",
	};
	enum passing passing = PASSES;

	if (pass(g, s, &s->feeds[i].filter, d, &passing, err))
		return -1;
	*ret_why = passing == PASSES && g->is_off[i] ? "the Compliance API is switched off, so that nothing is recorded"
						     : why[passing];
	return 0;
}

static int look_at_department(struct guard *g, const struct settings *s, const struct policy_department *d,
			      struct err *err)
{
	const char *why = "no feed of type 'activities' is configured", *one = NULL;

	for (size_t i = 0; i < s->feed_count; i++) {
		if (s->feeds[i].type != SETTINGS_ACTIVITIES)
			continue;
		if (judge_feed(g, s, i, d, &one, err))
			return -1;
		if (one && !*one)
			return 0;
		why = why ? one : NULL; /* one that may be the right one outweighs those that are wrong */
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

/* "department legal" of "department:legal" */
static int add_subject(struct buf *message, struct view scope)
{
	size_t colon = text_find_byte(scope, ':');

	return text_add_clean(message, view_sub(scope, 0, colon)) || buf_add_byte(message, ' ') ||
			       text_add_clean(message, view_sub(scope, colon + 1, SIZE_MAX))
		       ? -1
		       : 0;
}

static int add_message(struct buf *message, const struct finding *f)
{
	if (add_subject(message, view_of(f->scope)))
		return -1;
	return f->rule == CONTENT_ON
		       ? buf_addf(message, " has include_content on, which the policy does not allow: %s", f->why)
		       : buf_addf(message, " is regulated, and has no audit feed: %s", f->why);
}

static int add_end(struct buf *message, struct view scope, struct view code)
{
	return add_subject(message, scope) || buf_add_text(message, " no longer breaks the policy (") ||
			       buf_add(message, code) || buf_add_byte(message, ')')
		       ? -1
		       : 0;
}

/* What is told, and kept: that it is over as well, so that it may come again under the next number. */
struct told {
	struct view message, scope, code, key;
	uint64_t revision;
	bool is_over;
};

static int keep(struct guard *g, const struct told *t, struct err *err)
{
	DEFER(buf_done) struct buf key = BUF_INIT(ID_BYTES), item = BUF_INIT(PAGE_ITEM_BYTES);
	struct jsonw kept;

	jsonw_init(&kept, &item, 0);
	jsonw_object(&kept);
	jsonw_member_u64(&kept, "revision", t->revision);
	jsonw_member(&kept, "scope", t->scope);
	jsonw_member(&kept, "code", t->code);
	jsonw_key(&kept, "gone");
	jsonw_bool(&kept, t->is_over);
	jsonw_end(&kept);
	if (!jsonw_ok(&kept) || buf_add_text(&key, PREFIX) || buf_add(&key, t->key))
		return err_nomem(err);
	return batch_keep(&g->batch, buf_view(&key), buf_view(&item), err);
}

static int tell(struct guard *g, const char *type, const struct told *t, struct err *err)
{
	DEFER(buf_done) struct buf id = BUF_INIT(ID_BYTES);
	struct jsonw *w = batch_begin(&g->batch, type, clock_unix_s(), NULL, t->message);

	batch_member(w, "scope", t->scope);
	jsonw_key(w, t->is_over ? "resolved" : "violations");
	jsonw_array(w);
	jsonw_string(w, t->code);
	jsonw_end(w);
	if (buf_addf(&id, "%s:", type) || buf_add(&id, t->key) ||
	    buf_addf(&id, ":%llu", (unsigned long long)t->revision))
		return err_nomem(err);
	return batch_end(&g->batch, buf_view(&id), err) || keep(g, t, err) ? -1 : 0;
}

static int see(void *context, size_t index, struct view key, struct view before, struct err *err)
{
	DEFER(buf_done) struct buf message = BUF_INIT(4 * EVENT_MESSAGE_BYTES), store = BUF_INIT(2 * PAGE_ITEM_BYTES);
	const bool was_on = before.len && !roster_is(before, "gone");
	struct told t = { .key = key, .revision = roster_number(before, "revision") + 1 };
	struct guard *g = context;
	const struct finding *f;

	if (index == SIZE_MAX) {
		if (buf_reserve(&store, 2 * PAGE_ITEM_BYTES))
			return err_nomem(err);
		t.is_over = true;
		t.scope = roster_text(before, "scope", &store);
		t.code = roster_text(before, "code", &store);
		if (add_end(&message, t.scope, t.code))
			return err_nomem(err);
		t.message = buf_view(&message);
		return tell(g, "policy_kept", &t, err);
	}
	f = &g->findings[index];
	if (was_on || !f->why)
		return 0;
	if (add_message(&message, f))
		return err_nomem(err);
	t.message = buf_view(&message);
	t.scope = view_of(f->scope);
	t.code = view_of(types[f->rule]);
	return tell(g, types[f->rule], &t, err);
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
		counts[g->findings[i].rule] += g->findings[i].why != NULL;
	for (size_t i = 0; measured && i < RULES; i++)
		measured(context, types[i], counts[i]);
	return batch_put(&g->batch, VIEW_NONE, err) ? -1 : 0;
}
