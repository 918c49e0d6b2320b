/* SPDX-License-Identifier: Apache-2.0 */
/* The organisation's members. */
#ifndef COMMON_API_ENDPOINT_USER_H
#define COMMON_API_ENDPOINT_USER_H

#include "common/api/record.h"

struct api_user {
	struct view id, type, email, name;
	struct view role; /* user, developer, billing, admin, claude_code_user, managed, owner, ... */
	struct api_time added_at;
	struct view workspace_ids; /* JSON array, cca only */
	struct view raw;
};

[[nodiscard]] int api_user_read(struct api_reader *reader, struct view row, struct api_user *ret, struct err *err);

[[nodiscard]] int api_user_get(struct api *api, struct view id, struct api_answer *answer, struct api_user *ret,
			       struct err *err);
[[nodiscard]] int api_user_update(struct api *api, struct view id, struct view role, struct api_answer *answer,
				  struct api_user *ret, struct err *err);
[[nodiscard]] int api_user_delete(struct api *api, struct view id, struct api_answer *answer, struct err *err);

#endif
