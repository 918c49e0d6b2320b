/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy names and the organisation does not have. Pure. */
#ifndef COMMON_POLICY_POLICY_COMPARE_H
#define COMMON_POLICY_POLICY_COMPARE_H

#include "common/base/err.h"
#include "common/policy/organization.h"
#include "common/policy/policy.h"

/* Codes: unknown-workspace, archived-workspace, ambiguous-workspace (several have the name), overlap (two entries mean
 * one workspace or key, by its name and by its id), unknown-team (a budget's, that no active key's name has),
 * unused-team (a listed one, that none has), unknown-key, inactive-key, ambiguous-key. */
struct policy_difference {
	const char *section; /* "budgets" */
	const char *code;
	const char *text; /* one sentence without its stop: what is wrong, and what would be right */
	bool is_note;     /* it may well be meant so: unused-team, inactive-key */
};

/* Tells each difference in the order of the sections. org has workspaces (archived ones too) and keys. told returns 0,
 * or -1 with err, which ends it. 0 or -1. */
[[nodiscard]] int policy_compare(const struct policy *policy, const struct organization *org,
				 int (*told)(void *context, const struct policy_difference *difference,
					     struct err *err),
				 void *context, struct err *err);

#endif
