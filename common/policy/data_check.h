/* SPDX-License-Identifier: Apache-2.0 */
/* The policy's `data:` section, and the audit feed of regulated departments, against what the organisation has set;
 * what the API does not show is told as a note, so that nobody takes silence for an answer. Pure. */
#ifndef COMMON_POLICY_DATA_CHECK_H
#define COMMON_POLICY_DATA_CHECK_H

#include "common/policy/organization.h"
#include "common/policy/policy_difference.h"

enum data_recording { DATA_RECORDING_UNKNOWN, DATA_RECORDING_ON, DATA_RECORDING_OFF };

/* What the organisation's lists do not have. */
struct data_facts {
	const char *unasked;           /* why the organisation was not asked ("no admin key is set"); NULL: it was */
	enum data_recording recording; /* of the Compliance API: while it is off there is no audit feed */
};

/* Whether the policy makes it matter: a department is regulated. */
bool data_needs_recording(const struct policy *policy);

/* Codes: region (a live workspace may use one that is not allowed, or any), default-region (what requests without
 * one use), audit-off (a department is regulated and nothing is recorded). Notes: not-shown (retention,
 * include_content, the default workspace's regions, the state of the Compliance API), not-checked (what the API would
 * show and was not asked for: org is not looked at then, and may be NULL). 0, or -1 as policy_tell. */
[[nodiscard]] int data_check(const struct policy *policy, const struct organization *org,
			     const struct data_facts *facts, const struct policy_teller *teller, struct err *err);

#endif
