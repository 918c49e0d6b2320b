/* SPDX-License-Identifier: Apache-2.0 */
/* What the tables of the two dialects are asked. */
#include "common/api/dialect.h"

#include <string.h>

#include "common/api/dialect_table.h"
#include "common/base/text.h"

const char *const api_dialect_names[API_DIALECTS] = { [API_PLATFORM] = "platform", [API_CCA] = "cca" };

static const char *const operation_names[API_OPERATIONS] = {
	[API_ORG_GET] = "org.get",
	[API_USER_LIST] = "user.list",
	[API_USER_GET] = "user.get",
	[API_USER_UPDATE] = "user.update",
	[API_USER_DELETE] = "user.delete",
	[API_INVITE_LIST] = "invite.list",
	[API_INVITE_GET] = "invite.get",
	[API_INVITE_CREATE] = "invite.create",
	[API_INVITE_DELETE] = "invite.delete",
	[API_WORKSPACE_LIST] = "workspace.list",
	[API_WORKSPACE_GET] = "workspace.get",
	[API_WORKSPACE_CREATE] = "workspace.create",
	[API_WORKSPACE_UPDATE] = "workspace.update",
	[API_WORKSPACE_ARCHIVE] = "workspace.archive",
	[API_MEMBER_LIST] = "member.list",
	[API_MEMBER_GET] = "member.get",
	[API_MEMBER_ADD] = "member.add",
	[API_MEMBER_UPDATE] = "member.update",
	[API_MEMBER_DELETE] = "member.delete",
	[API_KEY_LIST] = "key.list",
	[API_KEY_GET] = "key.get",
	[API_KEY_UPDATE] = "key.update",
	[API_RATELIMIT_LIST] = "ratelimit.list",
	[API_WORKSPACE_RATELIMIT_LIST] = "workspace.ratelimit.list",
	[API_COMPLIANCE_SETTINGS_GET] = "compliance.settings.get",
	[API_USAGE_MESSAGES] = "usage.messages",
	[API_USAGE_CLAUDE_CODE] = "usage.claude_code",
	[API_COST] = "cost",
	[API_ACTIVITY_LIST] = "activity.list",
	[API_COMPLIANCE_ORG_LIST] = "compliance.org.list",
	[API_COMPLIANCE_USER_LIST] = "compliance.user.list",
	[API_GROUP_LIST] = "compliance.group.list",
	[API_GROUP_GET] = "compliance.group.get",
	[API_GROUP_MEMBER_LIST] = "compliance.group.members",
	[API_GROUP_CREATE] = "compliance.group.create",
	[API_MESSAGE_CREATE] = "message.create",
	[API_MESSAGE_COUNT] = "message.count",
	[API_MODEL_LIST] = "model.list",
	[API_MODEL_GET] = "model.get",
};

const char *api_operation_name(enum api_operation operation)
{
	return operation_names[operation];
}

const struct api_route *api_route(enum api_dialect dialect, enum api_operation operation, struct err *err)
{
	bool is_shared = operation >= API_MESSAGE_CREATE && operation <= API_MODEL_GET;
	const struct api_route *routes = dialect == API_PLATFORM || is_shared ? platform_routes : cca_routes;
	const struct api_route *route = &routes[operation];

	if (route->method)
		return route;
	(void)err_set(err, ERR_USAGE, 0, "the '%s' dialect of the API has no operation %s", api_dialect_names[dialect],
		      api_operation_name(operation));
	return NULL;
}

const struct api_parameter *api_parameter_of(const struct api_route *route, const char *name)
{
	for (const struct api_parameter *p = route->parameters; p->name; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

int api_dialect_of(struct view name, enum api_dialect *ret, struct err *err)
{
	const char *nearest = text_nearest(name, api_dialect_names, API_DIALECTS);
	DEFER(buf_done) struct buf shown = BUF_INIT(ERR_TEXT_BYTES);

	for (int i = 0; i < API_DIALECTS; i++)
		if (text_eq(name, view_of(api_dialect_names[i]))) {
			*ret = (enum api_dialect)i;
			return 0;
		}
	if (text_add_clean(&shown, view_sub(name, 0, NAME_BYTES)) || buf_add_byte(&shown, '\0'))
		return err_nomem(err);
	return err_set(err, ERR_CONFIG, 0, "no dialect of the API is called '%s'; platform or cca was expected%s%s%s",
		       shown.ptr, nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "");
}

const char *api_wire_key(const struct api_route *route, const char *name)
{
	for (const struct api_rename *rename = route->renames; rename && rename->name; rename++)
		if (strcmp(rename->name, name) == 0)
			return rename->wire;
	return name;
}

bool api_next_value(struct view *rest, struct view *ours, struct view *wire)
{
	struct view pair;
	size_t equals;

	*rest = text_trim(*rest);
	if (rest->len == 0)
		return false;
	pair = view_sub(*rest, 0, text_find_byte(*rest, ' '));
	equals = text_find_byte(pair, '=');
	*rest = view_sub(*rest, pair.len, rest->len);
	*ours = view_sub(pair, 0, equals);
	*wire = equals == SIZE_MAX ? *ours : view_sub(pair, equals + 1, pair.len);
	return true;
}

uint64_t api_page_max(const struct api_parameter *limit, struct view bucket_width)
{
	struct view rest = view_of(limit->max_by_width), width, max;
	uint64_t n;

	while (api_next_value(&rest, &width, &max))
		if (text_eq(width, bucket_width) && text_u64(max, UINT64_MAX, &n) == 0)
			return n;
	return limit->max;
}

struct view api_our_value(const struct api_route *route, const char *name, struct view wire)
{
	const struct api_rename *rename = route->renames;
	struct view rest, our_value, wire_value;

	while (rename && rename->name && strcmp(rename->name, name) != 0)
		rename++;
	rest = view_of(rename && rename->name ? rename->values : NULL);
	while (api_next_value(&rest, &our_value, &wire_value))
		if (text_eq(wire_value, wire))
			return our_value;
	return wire;
}
