/* SPDX-License-Identifier: Apache-2.0 */
/* What the API's answer to one free question tells of a key. */
#ifndef ADMIN_VERDICT_H
#define ADMIN_VERDICT_H

#include "common/api/client.h"

enum verdict_state { VERDICT_LIVE, VERDICT_DEAD, VERDICT_UNKNOWN };

extern const char *const verdict_names[3]; /* "live", "dead", "unknown" */

struct verdict {
	enum verdict_state state;
	bool is_restricted;          /* live, and the question was refused all the same */
	bool is_later;               /* unknown because of rate limit or network */
	char reason[ERR_TEXT_BYTES]; /* clean; empty = none */
};

/* Of a question that is free and changes nothing, asked with a credential of that kind: its operation and arguments (at
 * most VERDICT_ARGUMENTS). false when the dialect has none for the kind. */
#define VERDICT_ARGUMENTS 1
bool verdict_question(const struct profile *profile, enum credential_kind kind, enum api_operation *ret_operation,
		      struct api_argument ret_arguments[static VERDICT_ARGUMENTS], size_t *ret_count);

/* ret is the call's result, err its error, refusal filled when err is ERR_REFUSED. */
void verdict_of(int ret, enum credential_kind kind, const struct api_refusal *refusal, const struct err *err,
		struct verdict *verdict);

#endif
