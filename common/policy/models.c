/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/models.h"

#include <stdlib.h>

#include "common/base/glob.h"
#include "common/base/text.h"
#include "common/policy/builtin.h"
#include "common/policy/namelist.h"
#include "common/sys/conf.h"

struct entry {
	const char *id;
	bool is_deprecated, is_earliest;
	int64_t retires_day; /* INT64_MAX: not told */
};

struct models {
	struct conf *conf; /* owns the names */
	struct namelist names;
	struct entry *entries;
	size_t count;
};

const char *const model_state_names[MODEL_STATES] = { "active", "deprecated", "retired" };
const char *const model_violation_codes[MODEL_VIOLATIONS] = { "not-allowed", "not-pinned", "retires", "unknown" };

void models_free(struct models *models)
{
	if (!models)
		return;
	free(models->entries);
	namelist_done(&models->names);
	conf_free(models->conf);
	free(models);
}

void models_freep(struct models **models)
{
	models_free(*models);
	*models = NULL;
}

static int read_model(struct models *models, const struct conf_node *node, struct err *err)
{
	static const char *const known[] = { "id", "aliases", "state", "retires", "retires_not_before" };
	static const char *const states[] = { "active", "deprecated" };
	struct entry *entry = &models->entries[models->count];
	const struct conf_node *state, *retires, *earliest;
	unsigned which = 0;

	if (conf_keys(node, known, ARRAY_LEN(known), err) ||
	    namelist_read(&models->names, node, models->count, &entry->id, err))
		return -1;
	state = conf_get(node, "state");
	retires = conf_get(node, "retires");
	earliest = conf_get(node, "retires_not_before");
	if (retires && earliest)
		return conf_error(earliest, err, "one of 'retires' and 'retires_not_before' was expected, not both");
	entry->retires_day = INT64_MAX;
	entry->is_earliest = earliest != NULL;
	if ((state && conf_choice(state, states, ARRAY_LEN(states), &which, err)) ||
	    (retires && conf_date(retires, &entry->retires_day, err)) ||
	    (earliest && conf_date(earliest, &entry->retires_day, err)))
		return -1;
	entry->is_deprecated = which == 1;
	models->count++;
	return 0;
}

static int read_list(struct models *models, struct err *err)
{
	static const char *const known[] = { "version", "models" };
	const struct conf_node *list;

	if (namelist_root(models->conf, known, ARRAY_LEN(known), &list, err))
		return -1;
	models->entries = calloc(conf_count(list), sizeof(*models->entries));
	if (!models->entries)
		return err_nomem(err);
	for (size_t i = 0; i < conf_count(list); i++)
		if (read_model(models, conf_at(list, i), err))
			return -1;
	return namelist_sort(&models->names, err);
}

struct models *models_parse(struct view text, const char *name, struct err *err)
{
	DEFER(conf_freep) struct conf *conf = conf_parse(text, name, err);
	DEFER(models_freep) struct models *models = conf ? calloc(1, sizeof(*models)) : NULL;

	if (!models) {
		if (conf)
			(void)err_nomem(err);
		return NULL;
	}
	models->conf = TAKE(conf);
	return read_list(models, err) ? NULL : TAKE(models);
}

struct models *models_builtin(struct err *err)
{
	return models_parse(view_from(builtin_models, builtin_models_len), "rules/models.yaml", err);
}

bool models_find(const struct models *models, struct view name, int64_t today, struct model *ret)
{
	const struct namelist_entry *found = namelist_find(&models->names, name);
	const struct entry *entry;

	if (!found)
		return false;
	entry = &models->entries[found->owner];
	*ret = (struct model){
		.id = entry->id,
		.state = entry->is_deprecated ? MODEL_DEPRECATED : MODEL_ACTIVE,
		.retires_day = entry->retires_day,
		.is_earliest = entry->is_earliest,
		.is_alias = found->is_alias,
	};
	if (!entry->is_earliest && entry->retires_day <= today)
		ret->state = MODEL_RETIRED;
	return true;
}

size_t models_count(const struct models *models)
{
	return models->count;
}

const char *models_id(const struct models *models, size_t i)
{
	return models->entries[i].id;
}

size_t models_name_count(const struct models *models)
{
	return models->names.count;
}

const char *models_name(const struct models *models, size_t i)
{
	return models->names.entries[i].name;
}

static bool is_match(const char *pattern, struct view name)
{
	return text_eq(view_of(pattern), name) || glob_match(view_of(pattern), name, 0);
}

/* By its name, by its id, or by another name of the same model: the report tells ids where people wrote aliases. */
static bool is_allowed(const struct models *models, const struct policy_models *policy, struct view name,
		       const struct namelist_entry *found)
{
	for (size_t i = 0; i < policy->allow.count; i++) {
		const char *pattern = policy->allow.items[i];
		const struct namelist_entry *named = namelist_find(&models->names, view_of(pattern));

		if (is_match(pattern, name) ||
		    (found && (is_match(pattern, view_of(models->entries[found->owner].id)) ||
			       (named && named->owner == found->owner))))
			return true;
	}
	return policy->allow.count == 0;
}

unsigned models_check(const struct models *models, const struct policy_models *policy, struct view name, int64_t today,
		      unsigned warn_days)
{
	struct model model = { .id = NULL };
	bool is_known = models_find(models, name, today, &model);
	unsigned violations = is_known ? 0 : MODEL_UNKNOWN;

	if (!is_allowed(models, policy, name, namelist_find(&models->names, name)))
		violations |= MODEL_NOT_ALLOWED;
	if (policy->pinned_only && model.is_alias)
		violations |= MODEL_NOT_PINNED;
	if (is_known && (model.state != MODEL_ACTIVE ||
			 (model.retires_day != INT64_MAX && model.retires_day - today <= (int64_t)warn_days)))
		violations |= MODEL_RETIRES;
	return violations;
}
