/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/endpoint_activity.h"

#include "common/api/record_table.h"

/* In cca the actor's id and the record's user_id are one member: the first field takes it. */
static const struct record_field fields[] = {
	REQUIRED(api_activity, id, RECORD_TEXT),
	FIELD(api_activity, type, RECORD_TEXT),
	FIELD(api_activity, created_at, RECORD_TIME),
	FIELD(api_activity, organization_id, RECORD_TEXT),
	FIELD(api_activity, organization_uuid, RECORD_TEXT),
	FIELD_AS(api_activity, actor_type, "actor.type", RECORD_TEXT),
	FIELD_AS(api_activity, actor_user_id, "actor.user_id", RECORD_TEXT),
	FIELD_AS(api_activity, actor_email, "actor.email_address", RECORD_TEXT),
	FIELD_AS(api_activity, actor_email, "actor.unauthenticated_email_address", RECORD_TEXT),
	FIELD_AS(api_activity, actor_api_key_id, "actor.api_key_id", RECORD_TEXT),
	FIELD_AS(api_activity, actor_api_key_id, "actor.admin_api_key_id", RECORD_TEXT),
	FIELD_AS(api_activity, actor_service_account_id, "actor.service_account_id", RECORD_TEXT),
	FIELD_AS(api_activity, actor_ip, "actor.ip_address", RECORD_TEXT),
	FIELD_AS(api_activity, actor_user_agent, "actor.user_agent", RECORD_TEXT),
	FIELD(api_activity, actor, RECORD_JSON),
	FIELD(api_activity, api_key_id, RECORD_TEXT),
	FIELD_AS(api_activity, api_key_id, "admin_api_key_id", RECORD_TEXT),
	FIELD(api_activity, workspace_id, RECORD_TEXT),
	FIELD(api_activity, user_id, RECORD_TEXT),
	FIELD(api_activity, model, RECORD_TEXT),
	FIELD(api_activity, url, RECORD_TEXT),
	FIELD(api_activity, request_id, RECORD_TEXT),
	FIELD(api_activity, updates, RECORD_JSON),
	FIELD(api_activity, details, RECORD_JSON),
	FIELD(api_activity, content, RECORD_JSON),
};

static const struct record_type type = RECORD_TYPE(api_activity, "an activity", fields);

static const struct record_field update_fields[] = {
	FIELD(api_activity_update, type, RECORD_TEXT),
	FIELD(api_activity_update, previous_value, RECORD_JSON),
	FIELD(api_activity_update, current_value, RECORD_JSON),
};

static const struct record_type update_type =
	RECORD_TYPE(api_activity_update, "an update in an activity", update_fields);

int api_activity_read(struct api_reader *reader, struct view row, struct api_activity *ret, struct err *err)
{
	return record_read(reader, &type, row, ret, err);
}

int api_activity_update_read(struct api_reader *reader, struct view row, struct api_activity_update *ret,
			     struct err *err)
{
	return record_read(reader, &update_type, row, ret, err);
}

struct view api_activity_who(const struct api_activity *activity)
{
	const struct view all[] = { activity->actor_user_id, activity->actor_api_key_id,
				    activity->actor_service_account_id, activity->actor_email, activity->actor_type };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].len)
			return all[i];
	return VIEW_NONE;
}
