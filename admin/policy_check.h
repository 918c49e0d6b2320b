/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of `policy check` beyond those of the file itself. */
#ifndef ADMIN_POLICY_CHECK_H
#define ADMIN_POLICY_CHECK_H

#include "admin/session.h"
#include "common/policy/organization.h"
#include "common/policy/policy_compare.h"

struct policy_checking {
	struct session *s;
	const struct policy *policy;
	const struct organization *org; /* the organisation, its workspaces and keys */
	struct policy_teller teller;    /* policy_check_tell, for this */
	struct output out;
	size_t problems, notes, unchecked; /* unchecked: of the notes, those of what was not checked */
};

/* Prints what a check found, and counts it. context is the policy_checking. */
[[nodiscard]] int policy_check_tell(void *context, const struct policy_difference *difference, struct err *err);

#endif
