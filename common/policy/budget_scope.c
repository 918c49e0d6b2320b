/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/budget_scope.h"

#include "common/base/text.h"

bool budget_names(const struct policy_budget *budget, struct view id, struct view name)
{
	struct view wanted = view_of(budget->name);

	return wanted.len && (text_eq(wanted, id) || text_eq(wanted, name));
}

bool budget_counts(const struct policy_budget *budget, const struct budget_payer *payer)
{
	switch (budget->scope) {
	case POLICY_ORGANIZATION:
		return true;
	case POLICY_WORKSPACE:
		return budget_names(budget, payer->workspace_id, payer->workspace_name);
	case POLICY_TEAM:
		return budget_names(budget, payer->team, VIEW_NONE);
	case POLICY_DEPARTMENT:
		return budget_names(budget, payer->department, VIEW_NONE);
	case POLICY_KEY:
		return payer->key_id.len && budget_names(budget, payer->key_id, payer->key_name);
	case POLICY_SCOPES:
		break;
	}
	return false;
}
