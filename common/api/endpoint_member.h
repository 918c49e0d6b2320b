/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what in a workspace. */
#ifndef COMMON_API_ENDPOINT_MEMBER_H
#define COMMON_API_ENDPOINT_MEMBER_H

#include "common/api/record.h"

struct api_member {
	struct view type, user_id, workspace_id;
	struct view workspace_role; /* workspace_user, workspace_developer, workspace_admin, ... */
	struct api_time added_at;   /* cca only */
	struct view raw;
};

[[nodiscard]] int api_member_read(struct api_reader *reader, struct view row, struct api_member *ret, struct err *err);

[[nodiscard]] int api_member_get(struct api *api, struct view workspace_id, struct view user_id,
				 struct api_answer *answer, struct api_member *ret, struct err *err);
[[nodiscard]] int api_member_add(struct api *api, struct view workspace_id, struct view user_id, struct view role,
				 struct api_answer *answer, struct api_member *ret, struct err *err);
[[nodiscard]] int api_member_update(struct api *api, struct view workspace_id, struct view user_id, struct view role,
				    struct api_answer *answer, struct api_member *ret, struct err *err);
[[nodiscard]] int api_member_delete(struct api *api, struct view workspace_id, struct view user_id,
				    struct api_answer *answer, struct err *err);

#endif
