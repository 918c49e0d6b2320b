/* SPDX-License-Identifier: Apache-2.0 */
/* The audit feed of the Compliance API. Rows come at least once: who needs each once goes by the id. */
#ifndef COMMON_API_ENDPOINT_ACTIVITY_H
#define COMMON_API_ENDPOINT_ACTIVITY_H

#include "common/api/record.h"

struct api_activity {
	struct view id, type;
	struct api_time created_at;
	struct view organization_id, organization_uuid; /* null for signing in and out */
	/* Who did it; what is there depends on actor_type (user_actor, api_actor, admin_api_key_actor, ...). */
	struct view actor_type, actor_user_id, actor_email, actor_api_key_id, actor_ip, actor_user_agent;
	struct view actor_service_account_id;
	struct view actor; /* JSON object */
	/* What it was done to, as far as the type has it. */
	struct view api_key_id, workspace_id, user_id, model;
	struct view url, request_id;  /* of compliance_api_accessed */
	struct view updates;          /* JSON array: for api_activity_update_read */
	struct view details, content; /* JSON, cca only */
	struct view raw;
};

struct api_activity_update {
	struct view type;                          /* name, status, ... */
	struct view previous_value, current_value; /* JSON */
	struct view raw;
};

[[nodiscard]] int api_activity_read(struct api_reader *reader, struct view row, struct api_activity *ret,
				    struct err *err);

/* reader is another one than the activity's. */
[[nodiscard]] int api_activity_update_read(struct api_reader *reader, struct view row, struct api_activity_update *ret,
					   struct err *err);

/* Who did it, in a word: the first of the actor's user id, key id, service account id, e-mail address, type that is
 * there. */
struct view api_activity_who(const struct api_activity *activity);

#endif
