/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/policy.h"

#include "common/base/text.h"

#define DAY UINT64_C(86400)

const char *const policy_key_part_names[POLICY_KEY_PARTS] = { "team", "environment", "purpose", "workspace" };

const char *const policy_scope_names[POLICY_SCOPES] = {
	[POLICY_ORGANIZATION] = "organization",
	[POLICY_WORKSPACE] = "workspace",
	[POLICY_TEAM] = "team",
	[POLICY_DEPARTMENT] = "department",
	[POLICY_KEY] = "key",
};

const char *const policy_period_names[POLICY_PERIODS] = {
	[POLICY_DAILY] = "daily",
	[POLICY_MONTHLY] = "monthly",
};

static const char *const environments[] = { "prod", "staging", "dev" };

const struct policy policy_standard = {
	.names = { .format = "{team}-{environment}-{purpose}",
		   .environments = { .items = environments, .count = ARRAY_LEN(environments) },
		   .max_length = 64 },
	.rotation = { .warn_after_s = 60 * DAY, .max_age_s = 90 * DAY, .unused_after_s = 30 * DAY },
	.keys = { .one_per = POLICY_PART_WORKSPACE | POLICY_PART_PURPOSE },
	.access = { .invite_max_age_s = 7 * DAY, .review_every_s = 90 * DAY },
};

static bool is_called(const char *entry, struct view id, struct view name)
{
	struct view text = view_of(entry);

	return (id.len && text_eq(text, id)) || (name.len && text_eq(text, name));
}

const struct policy_models *policy_models_of(const struct policy *policy, struct view id, struct view name)
{
	static const struct policy_models any = { .workspace = NULL };
	const struct policy_models *found = &any;

	for (size_t i = 0; i < policy->model_count; i++) {
		const struct policy_models *models = &policy->models[i];

		if (!models->workspace)
			found = models;
		else if (is_called(models->workspace, id, name))
			return models;
	}
	return found;
}

const struct policy_department *policy_department_of(const struct policy *policy, struct view id, struct view name)
{
	for (size_t i = 0; i < policy->department_count; i++) {
		const struct keyname_list *workspaces = &policy->departments[i].workspaces;

		for (size_t k = 0; k < workspaces->count; k++)
			if (is_called(workspaces->items[k], id, name))
				return &policy->departments[i];
	}
	return NULL;
}
