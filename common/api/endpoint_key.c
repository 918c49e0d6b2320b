/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/endpoint_key.h"

#include "common/api/record_table.h"
#include "common/base/text.h"

/* Actors come as {"id", "type": "user"} or as {"type": "user_actor", "user_id"}. */
static const struct record_field fields[] = {
	REQUIRED(api_key, id, RECORD_TEXT),
	FIELD(api_key, type, RECORD_TEXT),
	FIELD(api_key, name, RECORD_TEXT),
	FIELD(api_key, partial_key_hint, RECORD_TEXT),
	FIELD(api_key, status, RECORD_TEXT),
	FIELD(api_key, created_at, RECORD_TIME),
	FIELD(api_key, expires_at, RECORD_TIME),
	FIELD(api_key, workspace_id, RECORD_TEXT),
	FIELD_AS(api_key, created_by_id, "created_by.id", RECORD_TEXT),
	FIELD_AS(api_key, created_by_id, "created_by.user_id", RECORD_TEXT),
	FIELD_AS(api_key, created_by_id, "created_by.service_account_id", RECORD_TEXT),
	FIELD_AS(api_key, created_by_type, "created_by.type", RECORD_TEXT),
	FIELD_AS(api_key, principal_id, "principal.id", RECORD_TEXT),
	FIELD_AS(api_key, principal_id, "principal.user_id", RECORD_TEXT),
	FIELD_AS(api_key, principal_id, "principal.service_account_id", RECORD_TEXT),
	FIELD_AS(api_key, principal_type, "principal.type", RECORD_TEXT),
	FIELD_AS(api_key, scope_type, "scope.type", RECORD_TEXT),
	FIELD_AS(api_key, scope_workspace_id, "scope.workspace_id", RECORD_TEXT),
	FIELD(api_key, created_by, RECORD_JSON),
	FIELD(api_key, principal, RECORD_JSON),
	FIELD(api_key, scope, RECORD_JSON),
};

static const struct record_type type = RECORD_TYPE(api_key, "an API key", fields);

static struct view actor_kind(struct view actor_type)
{
	const struct view suffix = VIEW("_actor");

	return text_ends(actor_type, suffix) ? view_sub(actor_type, 0, actor_type.len - suffix.len) : actor_type;
}

static void settle(struct api_key *key)
{
	key->created_by_type = actor_kind(key->created_by_type);
	key->principal_type = actor_kind(key->principal_type);
}

enum api_key_place api_key_place(const struct api_key *key)
{
	if (text_eq(key->scope_type, VIEW("organization")))
		return API_KEY_ORGANIZATION_WIDE;
	if (key->workspace_id.len)
		return API_KEY_IN_WORKSPACE;
	if (!text_eq(key->scope_type, VIEW("workspace")))
		return API_KEY_PLACE_UNKNOWN;
	/* null beside a workspace's scope is the default one; newer replies lack workspace_id, and do not tell. */
	return record_is_null(key->workspace_id) ? API_KEY_IN_DEFAULT_WORKSPACE : API_KEY_IN_WORKSPACE;
}

int api_key_read(struct api_reader *reader, struct view row, struct api_key *ret, struct err *err)
{
	if (record_read(reader, &type, row, ret, err))
		return -1;
	settle(ret);
	return 0;
}

int api_key_get(struct api *api, struct view id, struct api_answer *answer, struct api_key *ret, struct err *err)
{
	const struct api_argument arguments[] = { { "id", id } };

	if (api_answer_get(api, API_KEY_GET, arguments, ARRAY_LEN(arguments), &type, answer, ret, err))
		return -1;
	settle(ret);
	return 0;
}

int api_key_update(struct api *api, struct view id, struct view name, struct view status, struct api_answer *answer,
		   struct api_key *ret, struct err *err)
{
	struct api_argument arguments[3] = { { "id", id } };
	size_t count = 1;

	if (!record_is_absent(name))
		arguments[count++] = (struct api_argument){ "name", name };
	if (!record_is_absent(status))
		arguments[count++] = (struct api_argument){ "status", status };
	if (api_answer_get(api, API_KEY_UPDATE, arguments, count, &type, answer, ret, err))
		return -1;
	settle(ret);
	return 0;
}
