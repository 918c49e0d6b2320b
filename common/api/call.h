/* SPDX-License-Identifier: Apache-2.0 */
/* One call with all its tries, once it is known what is sent, with which key and over which connection. */
#ifndef COMMON_API_CALL_H
#define COMMON_API_CALL_H

#include "common/api/client.h"
#include "common/api/ratelimit.h"

struct call {
	const struct api_options *options;
	struct ratelimit *ratelimit;
	struct transport *transport;
	enum api_operation operation;
	const struct api_route *route;
	struct view target, body;
	struct view credential;
	enum credential_kind kind;
	const char *source;            /* where the credential comes from, in words */
	struct ratelimit_use estimate; /* of the whole call's tokens */
	/* What a good reply says of it; may be NULL: the estimate then. */
	void (*used)(struct view body, struct ratelimit_use *ret);
	const struct api_reading *reading; /* may be NULL */
};

/* Sends, and repeats what may be repeated, until there is a 2xx answer (in reply), it is refused, or there is no time
 * or no try left. 0, or -1 with err as client.h says; *refusal as there. */
[[nodiscard]] int call_run(const struct call *call, struct transport_reply *reply, struct api_refusal *refusal,
			   struct err *err);

#endif
