/* SPDX-License-Identifier: Apache-2.0 */
/* Whose money a budget is about: one answer for the feed that alerts, the page and the forecast. Pure.
 *
 * Workspaces and keys are meant by id or by name. Where several have the name that a budget gives, what all of them
 * spend counts for it together: the limit is one, not one for each. */
#ifndef COMMON_POLICY_BUDGET_SCOPE_H
#define COMMON_POLICY_BUDGET_SCOPE_H

#include "common/policy/policy.h"

/* Who spent something; what a caller does not know, or no budget of that scope asks for, is empty. */
struct budget_payer {
	struct view workspace_id, workspace_name; /* of the default workspace: an empty id and "Default" */
	struct view department, team;
	struct view key_id, key_name;
};

/* Whether what the payer spends counts for the budget. */
bool budget_counts(const struct policy_budget *budget, const struct budget_payer *payer);

/* Whether it names this workspace or key: what budget_counts asks of these two scopes. */
bool budget_names(const struct policy_budget *budget, struct view id, struct view name);

#endif
