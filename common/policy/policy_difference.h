/* SPDX-License-Identifier: Apache-2.0 */
/* What a check of the policy against the organisation found. */
#ifndef COMMON_POLICY_POLICY_DIFFERENCE_H
#define COMMON_POLICY_POLICY_DIFFERENCE_H

#include "common/base/err.h"
#include "common/policy/policy.h"

struct policy_difference {
	const char *section; /* "budgets" */
	const char *code;
	const char *text; /* one clean sentence without its stop: what is wrong, and what would be right */
	bool is_note;     /* nothing is wrong yet */
};

/* Whom differences are told. told returns 0, or -1 with err, which ends the check. */
struct policy_teller {
	int (*told)(void *context, const struct policy_difference *difference, struct err *err);
	void *context;
};

/* Tells one, with a text that is put together; bytes of it that are not safe to print are shown as text_add_clean does.
 * What told returned, or -1 with ERR_NOMEM. */
PRINTF_LIKE(6, 7)
[[nodiscard]] int policy_tell(const struct policy_teller *teller, const char *section, const char *code, bool is_note,
			      struct err *err, const char *fmt, ...);

#endif
