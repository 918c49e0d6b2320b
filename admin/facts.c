/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/facts.h"

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
