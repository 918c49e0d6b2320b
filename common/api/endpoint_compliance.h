/* SPDX-License-Identifier: Apache-2.0 */
/* The directory that the Compliance API sees: organisations, their people, groups. */
#ifndef COMMON_API_ENDPOINT_COMPLIANCE_H
#define COMMON_API_ENDPOINT_COMPLIANCE_H

#include "common/api/record.h"

struct api_compliance_org {
	struct view uuid, name;
	struct api_time created_at;
	struct view raw;
};

struct api_compliance_user {
	struct view id, email, full_name, organization_role;
	struct view organization_id; /* cca only */
	struct api_time created_at;
	struct view raw;
};

struct api_group {
	struct view id, name, description;
	struct view source_type; /* direct, scim */
	struct api_time created_at, updated_at;
	struct view roles;        /* JSON array of texts */
	struct view restrictions; /* JSON object, cca only */
	struct view raw;
};

struct api_group_member {
	struct view user_id, email;
	struct api_time created_at, updated_at;
	struct view raw;
};

/* cca only. VIEW_NONE, NULL and 0 = not said. */
struct api_group_request {
	struct view name, description, audit_level;
	unsigned data_retention_days;
	bool require_encryption;
	const struct view *allowed_regions;
	size_t region_count;
};

[[nodiscard]] int api_compliance_org_read(struct api_reader *reader, struct view row, struct api_compliance_org *ret,
					  struct err *err);
[[nodiscard]] int api_compliance_user_read(struct api_reader *reader, struct view row, struct api_compliance_user *ret,
					   struct err *err);
[[nodiscard]] int api_group_read(struct api_reader *reader, struct view row, struct api_group *ret, struct err *err);
[[nodiscard]] int api_group_member_read(struct api_reader *reader, struct view row, struct api_group_member *ret,
					struct err *err);

[[nodiscard]] int api_group_get(struct api *api, struct view id, struct api_answer *answer, struct api_group *ret,
				struct err *err);
[[nodiscard]] int api_group_create(struct api *api, const struct api_group_request *request, struct api_answer *answer,
				   struct api_group *ret, struct err *err);

#endif
