/* SPDX-License-Identifier: Apache-2.0 */
/* Models that a policy names and nobody has. Pure. */
#ifndef COMMON_POLICY_POLICY_MODELS_H
#define COMMON_POLICY_POLICY_MODELS_H

#include "common/policy/models.h"
#include "common/policy/policy_difference.h"

struct policy_known {
	const struct models *models;
	const char *const *listed; /* ids that the provider's list has besides */
	size_t listed_count;
	const char *unlisted; /* why that list was not read ("no API key is set"); NULL: it was */
};

/* Codes, each with file, line and column before the text: unknown-model (no model has the name, by id or alias; the
 * nearest one is named; a note while the provider's list was not read, as newer models than the built-in ones are not
 * known then) and, as a note, unmatched-pattern (it may be meant for models to come). Tells them in the order of the
 * policy's lists; one that a workspace has from the default is told once. 0 or -1. */
[[nodiscard]] int policy_check_models(const struct policy *policy, const struct policy_known *known,
				      const struct policy_teller *teller, struct err *err);

#endif
