/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy names and the organisation does not have. Pure. */
#ifndef COMMON_POLICY_POLICY_COMPARE_H
#define COMMON_POLICY_POLICY_COMPARE_H

#include "common/base/err.h"
#include "common/policy/organization.h"
#include "common/policy/policy_difference.h"

/* Codes: unknown-workspace, archived-workspace, ambiguous-workspace (several have the name), overlap (two entries mean
 * one workspace or key, by its name and by its id), unknown-team (a budget's, that no active key's name has),
 * unused-team (a listed one, that none has), unknown-key, inactive-key, ambiguous-key. Notes, as they may well be meant
 * so: unused-team, inactive-key.
 *
 * Tells each difference in the order of the sections. org has workspaces (archived ones too) and keys. 0 or -1. */
[[nodiscard]] int policy_compare(const struct policy *policy, const struct organization *org,
				 const struct policy_teller *teller, struct err *err);

/* For an organisation that was not asked: a note (not-checked) of each section that would have been compared, with why
 * ("no admin key is set"). 0 or -1. */
[[nodiscard]] int policy_tell_unasked(const struct policy *policy, const char *why, const struct policy_teller *teller,
				      struct err *err);

#endif
