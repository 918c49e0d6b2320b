/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/facts.h"

#include <stdlib.h>
#include <string.h>

#include "admin/period.h"
#include "common/base/clock.h"
#include "common/base/text.h"

unsigned facts_chosen(const struct options *o)
{
	return (o->workspaces.count ? FACET(FACET_WORKSPACE) : 0) | (o->keys.count ? FACET(FACET_KEY) : 0) |
	       (o->model ? FACET(FACET_MODEL) : 0) | (o->team ? FACET(FACET_TEAM) : 0);
}

int facts_read_words(const struct session *s, const struct facts_words *words, struct facets *facets, unsigned *ret_set,
		     struct err *err)
{
	bool is_cca = s->profile.dialect == API_CCA;
	const char *what = is_cca ? words->what_cca : words->what;

	if (facets_read(&s->o->group_by, words->standard, is_cca ? words->cca : words->platform, what, facets, err))
		return -1;
	*ret_set = facets->set | facts_chosen(s->o);
	return is_cca && *ret_set & ~words->cca ? err_set(err, ERR_USAGE, 0, "%s is not told by key or team", what) : 0;
}

static int none(const char *kind, const char *name, const char *nearest, const char *wanted, struct err *err)
{
	if (nearest)
		return err_set(err, ERR_USAGE, 0, "there is no %s '%s'; did you mean '%s'?", kind, name, nearest);
	return err_set(err, ERR_USAGE, 0, "there is no %s '%s': %s was expected", kind, name, wanted);
}

static bool is_place(const struct organization *org, struct view place)
{
	if (text_eq(organization_workspace_name(org, place), VIEW(ORG_DEFAULT_WORKSPACE)) ||
	    text_eq(place, VIEW(ORG_DEFAULT_WORKSPACE)))
		return true;
	for (size_t i = 0; i < org->workspace_count; i++)
		if (text_eq(view_of(org->workspaces[i].id), place) || text_eq(view_of(org->workspaces[i].name), place))
			return true;
	return false;
}

/* The names that are there, for "did you mean"; NULL without memory, which nothing else needs. */
static const char *nearest_place(const struct organization *org, struct view place)
{
	DEFER(freep) const char **names = calloc(org->workspace_count + 1, sizeof(*names));

	for (size_t i = 0; names && i < org->workspace_count; i++)
		names[i] = org->workspaces[i].name;
	return names ? text_nearest(place, names, org->workspace_count) : NULL;
}

static const char *nearest_key(const struct organization *org, struct view key)
{
	DEFER(freep) const char **names = calloc(org->key_count + 1, sizeof(*names));

	for (size_t i = 0; names && i < org->key_count; i++)
		names[i] = org->keys[i].name;
	return names ? text_nearest(key, names, org->key_count) : NULL;
}

int facts_refuse_workspace(const struct organization *org, const char *given, struct err *err)
{
	return none("workspace", given, nearest_place(org, view_of(given)), "its id or name", err);
}

int facts_refuse_key(const struct organization *org, const char *given, struct err *err)
{
	return none("key", given, nearest_key(org, view_of(given)), "its id or name", err);
}

static int check_places(const struct organization *org, const struct texts *places, bool takes_any_id, struct err *err)
{
	for (size_t i = 0; i < places->count; i++) {
		struct view place = view_of(places->items[i]);

		if (!is_place(org, place) && !(takes_any_id && text_starts(place, VIEW(ORG_WORKSPACE_ID))))
			return facts_refuse_workspace(org, places->items[i], err);
	}
	return 0;
}

int facts_check_places(const struct organization *org, const struct texts *places, struct err *err)
{
	return check_places(org, places, false, err);
}

static bool has_key(const struct organization *org, struct view name)
{
	for (size_t i = 0; i < org->key_count; i++)
		if (text_eq(view_of(org->keys[i].name), name))
			return true;
	return text_eq(name, VIEW(FACT_CONSOLE));
}

static bool has_team(const struct naming *naming, struct view team)
{
	const struct keyname_policy *names = policy_names(naming->policy);
	struct keyname_parts parts;

	for (size_t i = 0; i < names->teams.count; i++)
		if (text_eq(view_of(names->teams.items[i]), team))
			return true;
	for (size_t i = 0; i < naming->org->key_count; i++)
		if (keyname_parts(names, view_of(naming->org->keys[i].name), &parts) && text_eq(parts.team, team))
			return true;
	return false;
}

int facts_check_chosen(const struct session *s, const struct naming *naming, struct err *err)
{
	const struct options *o = s->o;
	const struct organization *org = naming->org;

	if (s->profile.dialect == API_CCA)
		return 0;
	if (check_places(org, &o->workspaces, true, err))
		return -1;
	for (size_t i = 0; i < o->keys.count; i++) {
		struct view key = view_of(o->keys.items[i]);

		if (!text_starts(key, VIEW(ORG_KEY_ID)) && !has_key(org, key))
			return facts_refuse_key(org, o->keys.items[i], err);
	}
	return o->team && !has_team(naming, view_of(o->team))
		       ? none("team", o->team, NULL, "one that the policy lists or a key's name tells", err)
		       : 0;
}

void facts_init(struct facts_maker *maker, const struct options *o, struct naming *naming, unsigned set)
{
	*maker = (struct facts_maker){ .o = o, .naming = naming, .set = set | facts_chosen(o), .day = INT64_MIN };
}

void facts_set_workspace(struct facts_maker *maker, struct view id)
{
	facts_set(maker, FACET_WORKSPACE, id);
	if (maker->set & FACET(FACET_DEPARTMENT))
		facts_set(maker, FACET_DEPARTMENT, naming_department(maker->naming, id));
}

void facts_set_key(struct facts_maker *maker, struct view api_key)
{
	const struct keyname_parts *parts;

	facts_set(maker, FACET_KEY, api_key.ptr && !api_key.len ? VIEW(FACT_CONSOLE) : api_key);
	if (!(maker->set & FACETS_OF_NAMES))
		return;
	parts = naming_parts(maker->naming, api_key);
	facts_set(maker, FACET_TEAM, parts->team);
	facts_set(maker, FACET_ENVIRONMENT, parts->environment);
	facts_set(maker, FACET_PURPOSE, parts->purpose);
}

int facts_set_day(struct facts_maker *maker, int64_t day, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(64);

	if (day != maker->day) {
		if (clock_add_rfc3339(&text, day * PERIOD_DAY_S))
			return err_set(err, ERR_FORMAT, 0, "a row is of a day that no calendar has");
		memcpy(maker->day_text, text.ptr, FACTS_DAY_BYTES);
		maker->day = day;
	}
	facts_set(maker, FACET_DAY, view_from(maker->day_text, FACTS_DAY_BYTES));
	facts_set(maker, FACET_MONTH, view_from(maker->day_text, FACTS_MONTH_BYTES));
	return 0;
}

bool facts_choose(const struct texts *texts, struct view id, struct view name)
{
	for (size_t i = 0; i < texts->count; i++)
		if (text_eq(view_of(texts->items[i]), id) || text_eq(view_of(texts->items[i]), name))
			return true;
	return texts->count == 0;
}

bool facts_are_chosen(struct facts_maker *maker)
{
	const struct view *values = maker->facts.values;
	const struct options *o = maker->o;

	return (!o->model || text_eq(values[FACET_MODEL], view_of(o->model))) &&
	       (!o->team || text_eq(values[FACET_TEAM], view_of(o->team))) &&
	       (!o->workspaces.count || facts_choose(&o->workspaces, values[FACET_WORKSPACE],
						     naming_workspace(maker->naming, values[FACET_WORKSPACE]))) &&
	       (!o->keys.count ||
		facts_choose(&o->keys, values[FACET_KEY], naming_key(maker->naming, values[FACET_KEY])));
}
