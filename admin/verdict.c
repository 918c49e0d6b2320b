/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/verdict.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"

const char *const verdict_names[3] = { "live", "dead", "unknown" };

enum {
	STATUS_BAD_REQUEST = 400,
	STATUS_UNAUTHORIZED = 401,
	STATUS_PAYMENT_REQUIRED = 402,
	STATUS_FORBIDDEN = 403,
	STATUS_NOT_FOUND = 404,
};

bool verdict_question(const struct profile *profile, enum credential_kind kind, enum api_operation *ret_operation,
		      struct api_argument ret_arguments[static VERDICT_ARGUMENTS], size_t *ret_count)
{
	static const enum api_operation questions[CREDENTIAL_KINDS] = {
		[CREDENTIAL_API] = API_MODEL_LIST,
		[CREDENTIAL_COMPLIANCE] = API_ACTIVITY_LIST,
		[CREDENTIAL_OAUTH] = API_MODEL_LIST,
		[CREDENTIAL_ADMIN] = API_ORG_GET,
	};
	struct err err = ERR_INIT;

	*ret_operation = questions[kind];
	if (!api_route(profile->dialect, *ret_operation, &err))
		*ret_operation = API_USER_LIST;
	*ret_count = 0;
	if (*ret_operation != API_ORG_GET)
		ret_arguments[(*ret_count)++] = (struct api_argument){ .name = "limit", .value = VIEW("1") };
	return api_route(profile->dialect, *ret_operation, &err) != NULL;
}

static bool says(const struct api_refusal *refusal, const char *words)
{
	return text_find(view_of(refusal->message), view_of(words)) != SIZE_MAX;
}

/* A 401 for a token may only mean that this endpoint takes none. */
static enum verdict_state unauthorized(enum credential_kind kind, const struct api_refusal *refusal)
{
	return kind == CREDENTIAL_OAUTH && says(refusal, "not supported") ? VERDICT_UNKNOWN : VERDICT_DEAD;
}

static void of_refusal(enum credential_kind kind, const struct api_refusal *refusal, struct verdict *v)
{
	switch (refusal->status) {
	case STATUS_UNAUTHORIZED:
		v->state = unauthorized(kind, refusal);
		break;
	case STATUS_NOT_FOUND:
		v->state = VERDICT_DEAD;
		break;
	case STATUS_BAD_REQUEST:
		if (says(refusal, "has been disabled")) {
			v->state = VERDICT_DEAD;
			break;
		}
		[[fallthrough]];
	case STATUS_PAYMENT_REQUIRED:
	case STATUS_FORBIDDEN:
		v->state = VERDICT_LIVE;
		v->is_restricted = true;
		break;
	default:
		v->state = VERDICT_UNKNOWN;
		break;
	}
	(void)snprintf(v->reason, sizeof(v->reason), "%u%s%s%s%s", refusal->status, *refusal->type ? " " : "",
		       refusal->type, *refusal->message ? ": " : "", refusal->message);
}

void verdict_of(int ret, enum credential_kind kind, const struct api_refusal *refusal, const struct err *err,
		struct verdict *verdict)
{
	*verdict = (struct verdict){ .state = VERDICT_LIVE };
	if (ret == 0)
		return;
	if (err->kind == ERR_REFUSED && refusal->status) {
		of_refusal(kind, refusal, verdict);
		return;
	}
	verdict->state = VERDICT_UNKNOWN;
	verdict->is_later = err->kind == ERR_LATER;
	(void)snprintf(verdict->reason, sizeof(verdict->reason), "%s", err->text);
}
