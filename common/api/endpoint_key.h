/* SPDX-License-Identifier: Apache-2.0 */
/* API keys: what the API tells of them, never the key. */
#ifndef COMMON_API_ENDPOINT_KEY_H
#define COMMON_API_ENDPOINT_KEY_H

#include "common/api/record.h"

struct api_key {
	struct view id, type, name;
	struct view partial_key_hint; /* "sk-ant-api03-R2D...igAA" */
	struct view status;           /* active, inactive, archived, expired */
	struct api_time created_at, expires_at;
	struct view created_by_id, created_by_type; /* type: user, service_account */
	struct view workspace_id;                   /* null: the default workspace or the whole organisation */
	/* For whom a key that belongs to a person or a service acts; absent or null for a workspace's key. Both forms
	 * that the API has ("user" with id, "user_actor" with user_id) come out as the first. */
	struct view principal_id, principal_type;
	struct view scope_type;                   /* workspace, organization; absent with older replies */
	struct view scope_workspace_id;           /* the real id, that of the default workspace as well */
	struct view created_by, principal, scope; /* JSON */
	struct view raw;
};

enum api_key_place {
	API_KEY_PLACE_UNKNOWN, /* the default workspace or the whole organisation: the reply does not tell */
	API_KEY_IN_WORKSPACE,
	API_KEY_IN_DEFAULT_WORKSPACE,
	API_KEY_ORGANIZATION_WIDE,
};

enum api_key_place api_key_place(const struct api_key *key);

[[nodiscard]] int api_key_read(struct api_reader *reader, struct view row, struct api_key *ret, struct err *err);

[[nodiscard]] int api_key_get(struct api *api, struct view id, struct api_answer *answer, struct api_key *ret,
			      struct err *err);

/* name and status (active, inactive, archived): VIEW_NONE = stays. */
[[nodiscard]] int api_key_update(struct api *api, struct view id, struct view name, struct view status,
				 struct api_answer *answer, struct api_key *ret, struct err *err);

#endif
