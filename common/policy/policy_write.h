/* SPDX-License-Identifier: Apache-2.0 */
/* A policy as text that reads back to the same policy. */
#ifndef COMMON_POLICY_POLICY_WRITE_H
#define COMMON_POLICY_POLICY_WRITE_H

#include "common/policy/policy.h"

/* Appends the policy with all its defaults filled in, as one JSON object (which is YAML as well: policy_parse reads
 * it). Amounts are decimal strings; an entry of budgets has one period. indent as jsonw_init. 0, or -1 as buf_add. */
[[nodiscard]] int policy_add_json(const struct policy *policy, unsigned indent, struct buf *buf);

/* A file to begin with: each section as it is without one, with comments and examples. */
extern const char policy_template[];

#endif
