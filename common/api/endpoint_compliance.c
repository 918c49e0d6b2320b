/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/endpoint_compliance.h"

#include "common/api/arguments.h"
#include "common/api/record_table.h"

static const struct record_field org_fields[] = {
	REQUIRED(api_compliance_org, uuid, RECORD_TEXT),
	FIELD(api_compliance_org, name, RECORD_TEXT),
	FIELD(api_compliance_org, created_at, RECORD_TIME),
};

static const struct record_type org_type = RECORD_TYPE(api_compliance_org, "an organisation", org_fields);

static const struct record_field user_fields[] = {
	REQUIRED(api_compliance_user, id, RECORD_TEXT),
	FIELD(api_compliance_user, email, RECORD_TEXT),
	FIELD(api_compliance_user, full_name, RECORD_TEXT),
	FIELD(api_compliance_user, organization_role, RECORD_TEXT),
	FIELD(api_compliance_user, organization_id, RECORD_TEXT),
	FIELD(api_compliance_user, created_at, RECORD_TIME),
};

static const struct record_type user_type = RECORD_TYPE(api_compliance_user, "a user", user_fields);

static const struct record_field group_fields[] = {
	REQUIRED(api_group, id, RECORD_TEXT),       FIELD(api_group, name, RECORD_TEXT),
	FIELD(api_group, description, RECORD_TEXT), FIELD(api_group, source_type, RECORD_TEXT),
	FIELD(api_group, created_at, RECORD_TIME),  FIELD(api_group, updated_at, RECORD_TIME),
	FIELD(api_group, roles, RECORD_JSON),       FIELD(api_group, restrictions, RECORD_JSON),
};

static const struct record_type group_type = RECORD_TYPE(api_group, "a group", group_fields);

static const struct record_field member_fields[] = {
	REQUIRED(api_group_member, user_id, RECORD_TEXT),
	FIELD(api_group_member, email, RECORD_TEXT),
	FIELD(api_group_member, created_at, RECORD_TIME),
	FIELD(api_group_member, updated_at, RECORD_TIME),
};

static const struct record_type member_type = RECORD_TYPE(api_group_member, "a member of a group", member_fields);

int api_compliance_org_read(struct api_reader *reader, struct view row, struct api_compliance_org *ret, struct err *err)
{
	return record_read(reader, &org_type, row, ret, err);
}

int api_compliance_user_read(struct api_reader *reader, struct view row, struct api_compliance_user *ret,
			     struct err *err)
{
	return record_read(reader, &user_type, row, ret, err);
}

int api_group_read(struct api_reader *reader, struct view row, struct api_group *ret, struct err *err)
{
	return record_read(reader, &group_type, row, ret, err);
}

int api_group_member_read(struct api_reader *reader, struct view row, struct api_group_member *ret, struct err *err)
{
	return record_read(reader, &member_type, row, ret, err);
}

int api_group_get(struct api *api, struct view id, struct api_answer *answer, struct api_group *ret, struct err *err)
{
	const struct api_argument arguments[] = { { "id", id } };

	return api_answer_get(api, API_GROUP_GET, arguments, ARRAY_LEN(arguments), &group_type, answer, ret, err);
}

int api_group_create(struct api *api, const struct api_group_request *request, struct api_answer *answer,
		     struct api_group *ret, struct err *err)
{
	DEFER(arguments_done) struct arguments arguments = { 0 };

	arguments_add(&arguments, "name", request->name);
	arguments_add(&arguments, "description", request->description);
	arguments_add_number(&arguments, "data_retention_days", request->data_retention_days);
	if (request->require_encryption)
		arguments_add(&arguments, "require_encryption", VIEW("true"));
	arguments_add_list(&arguments, "allowed_regions", request->allowed_regions, request->region_count);
	arguments_add(&arguments, "audit_level", request->audit_level);
	return arguments_call(&arguments, api, API_GROUP_CREATE, &group_type, answer, ret, err);
}
