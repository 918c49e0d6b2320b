/* SPDX-License-Identifier: Apache-2.0 */
/* Budgets: the period a moment is in, what was crossed, and where spending leads at this pace. Pure. */
#ifndef COMMON_POLICY_BUDGET_H
#define COMMON_POLICY_BUDGET_H

#include "common/policy/policy.h"

/* The calendar day or month in UTC that unix_s is in: [*ret_from_s, *ret_to_s). */
void budget_period(enum policy_period period, int64_t unix_s, int64_t *ret_from_s, int64_t *ret_to_s);

/* The set of thresholds (bit i = alert_at[i]) that used reaches. Exact: 80 % of 0.10 is 0.08. */
unsigned budget_reached(const struct policy_budget *budget, struct decimal used_usd);

/* What the period will cost when it goes on as from from_s to now_s: used * (to - from) / (now - from), rounded half
 * away from zero to 6 digits behind the point. Before anything of it has passed it is used itself. */
struct decimal budget_projection(struct decimal used_usd, int64_t from_s, int64_t now_s, int64_t to_s);

/* used / limit in hundredths of a per cent, rounded down; UINT64_MAX when it has no room. */
uint64_t budget_ratio(const struct policy_budget *budget, struct decimal used_usd);

#endif
