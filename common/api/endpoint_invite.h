/* SPDX-License-Identifier: Apache-2.0 */
/* Invitations. */
#ifndef COMMON_API_ENDPOINT_INVITE_H
#define COMMON_API_ENDPOINT_INVITE_H

#include "common/api/record.h"

struct api_invite {
	struct view id, type, email, role;
	struct view status; /* pending, accepted, expired, deleted */
	struct api_time invited_at, expires_at, accepted_at;
	struct view rbac_group_ids; /* JSON arrays */
	struct view workspaces;     /* cca only */
	struct view raw;
};

/* VIEW_NONE, NULL and 0 = not said. What the dialect lacks is ERR_USAGE. */
struct api_invite_request {
	struct view email, role;
	const struct view *rbac_group_ids;
	size_t rbac_group_count;
	const struct view *workspaces;
	size_t workspace_count;
	unsigned expires_in_days;
};

[[nodiscard]] int api_invite_read(struct api_reader *reader, struct view row, struct api_invite *ret, struct err *err);

[[nodiscard]] int api_invite_get(struct api *api, struct view id, struct api_answer *answer, struct api_invite *ret,
				 struct err *err);
[[nodiscard]] int api_invite_create(struct api *api, const struct api_invite_request *request,
				    struct api_answer *answer, struct api_invite *ret, struct err *err);
[[nodiscard]] int api_invite_delete(struct api *api, struct view id, struct api_answer *answer, struct err *err);

#endif
