/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever JSON the API sends, each record reader takes or refuses it: texts lie in the record or in the reader, a
 * second reading gives the same, and sums of money and tokens do not overflow unseen. */
#include <stdlib.h>
#include <string.h>

#include "common/api/endpoint_activity.h"
#include "common/api/endpoint_claude_code.h"
#include "common/api/endpoint_compliance.h"
#include "common/api/endpoint_cost.h"
#include "common/api/endpoint_invite.h"
#include "common/api/endpoint_key.h"
#include "common/api/endpoint_member.h"
#include "common/api/endpoint_message.h"
#include "common/api/endpoint_model.h"
#include "common/api/endpoint_ratelimit.h"
#include "common/api/endpoint_usage.h"
#include "common/api/endpoint_user.h"
#include "common/api/endpoint_workspace.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static bool is_inside(struct view v, struct view outer)
{
	return v.ptr >= outer.ptr && v.ptr + v.len <= outer.ptr + outer.len;
}

/* The names that api_our_value gives are nobody's memory but the program's: they are read to their end. */
static void check_text(const struct api_reader *reader, struct view row, struct view text)
{
	if (record_is_absent(text) || record_is_null(text)) {
		check(text.len == 0);
		return;
	}
	check(text_find_byte(text, '\0') == SIZE_MAX || text.len > 0);
	if (!reader->route->renames)
		check(is_inside(text, row) || is_inside(text, buf_view(&reader->texts)));
}

static void check_time(const struct api_reader *reader, struct view row, const struct api_time *time)
{
	int64_t unix_s;

	check_text(reader, row, time->text);
	check(time->is_known == (clock_parse_time(time->text, &unix_s, NULL) == 0));
	check(!time->is_known || time->unix_s == unix_s);
}

static void read_key(struct api_reader *reader, struct view row)
{
	struct api_key key;

	if (api_key_read(reader, row, &key, NULL))
		return;
	check(key.raw.ptr == row.ptr && key.raw.len == row.len);
	check_text(reader, row, key.id);
	check_text(reader, row, key.principal_id);
	check_text(reader, row, key.principal_type);
	check_text(reader, row, key.scope_workspace_id);
	check_time(reader, row, &key.created_at);
	(void)api_key_place(&key);
}

static void read_user(struct api_reader *reader, struct view row)
{
	struct api_user user, again;

	if (api_user_read(reader, row, &user, NULL))
		return;
	check_text(reader, row, user.id);
	check_text(reader, row, user.role);
	check_time(reader, row, &user.added_at);
	check(api_user_read(reader, row, &again, NULL) == 0 && again.id.len == user.id.len);
}

static void read_activity(struct api_reader *reader, struct view row)
{
	struct api_reader other;
	struct api_activity activity;
	struct api_activity_update update;
	struct view updates, element;

	if (api_activity_read(reader, row, &activity, NULL))
		return;
	check_text(reader, row, api_activity_who(&activity));
	check_text(reader, row, activity.actor_user_agent);
	check(api_reader_init(&other, API_PLATFORM, API_ACTIVITY_LIST, NULL) == 0);
	updates = activity.updates;
	while (json_each(&updates, &element))
		if (api_activity_update_read(&other, element, &update, NULL) == 0)
			check(is_inside(update.raw, row));
	api_reader_done(&other);
}

static void read_usage(struct api_reader *reader, struct view row)
{
	struct api_usage usage;

	if (api_usage_read(reader, row, &usage, NULL))
		return;
	check_text(reader, row, usage.workspace_id);
	check(usage.input_tokens >= usage.uncached_input_tokens.value);
	check(usage.input_tokens >= usage.cache_read_input_tokens.value);
}

static void read_cost(struct api_reader *reader, struct view row)
{
	DEFER(buf_done) struct buf text = BUF_INIT(200);
	struct api_cost cost;
	struct decimal again;

	if (api_cost_read(reader, row, &cost, NULL))
		return;
	check(decimal_write(&text, cost.cents) == 0);
	check(decimal_parse(buf_view(&text), &again) == 0 && decimal_cmp(again, cost.cents) == 0);
}

static void read_message(struct api_reader *reader, struct view row)
{
	DEFER(buf_done) struct buf text = BUF_INIT(SIZE_MAX / 2);
	struct api_message message = { .content = row };
	struct api_content content;

	check(api_message_add_text(&text, &message) == 0 && api_message_add_tools(&text, &message) == 0);
	check(text.len <= row.len);
	if (api_content_read(reader, row, &content, NULL) == 0)
		check_text(reader, row, content.text);
}

static void read_others(struct api_reader *reader, struct view row)
{
	union {
		struct api_invite invite;
		struct api_workspace workspace;
		struct api_member member;
		struct api_ratelimit ratelimit;
		struct api_limit limit;
		struct api_claude_code claude_code;
		struct api_claude_code_model claude_code_model;
		struct api_compliance_org org;
		struct api_compliance_user user;
		struct api_group group;
		struct api_group_member group_member;
		struct api_model model;
	} u;

	if (api_invite_read(reader, row, &u.invite, NULL) == 0)
		check_time(reader, row, &u.invite.expires_at);
	if (api_workspace_read(reader, row, &u.workspace, NULL) == 0)
		check_text(reader, row, u.workspace.default_inference_geo);
	if (api_member_read(reader, row, &u.member, NULL) == 0)
		check_text(reader, row, u.member.workspace_role);
	if (api_ratelimit_read(reader, row, &u.ratelimit, NULL) == 0)
		check_text(reader, row, u.ratelimit.group_type);
	if (api_limit_read(reader, row, &u.limit, NULL) == 0)
		check_text(reader, row, u.limit.type);
	if (api_claude_code_read(reader, row, &u.claude_code, NULL) == 0)
		check_time(reader, row, &u.claude_code.date);
	if (api_claude_code_model_read(reader, row, &u.claude_code_model, NULL) == 0)
		check_text(reader, row, u.claude_code_model.currency);
	if (api_compliance_org_read(reader, row, &u.org, NULL) == 0)
		check_text(reader, row, u.org.uuid);
	if (api_compliance_user_read(reader, row, &u.user, NULL) == 0)
		check_text(reader, row, u.user.organization_role);
	if (api_group_read(reader, row, &u.group, NULL) == 0)
		check_time(reader, row, &u.group.updated_at);
	if (api_group_member_read(reader, row, &u.group_member, NULL) == 0)
		check_text(reader, row, u.group_member.email);
	if (api_model_read(reader, row, &u.model, NULL) == 0)
		check_text(reader, row, u.model.display_name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	typedef void read_fn(struct api_reader * reader, struct view row);
	static const struct {
		enum api_operation operation;
		read_fn *read;
	} all[] = {
		{ API_USER_LIST, read_user },         { API_ACTIVITY_LIST, read_activity },
		{ API_USAGE_MESSAGES, read_usage },   { API_COST, read_cost },
		{ API_MESSAGE_CREATE, read_message }, { API_INVITE_LIST, read_others },
		{ API_MEMBER_ADD, read_others },      { API_COMPLIANCE_USER_LIST, read_others },
		{ API_USER_LIST, read_key },
	};
	struct view row;

	if (json_whole(view_from(data, size), &row, NULL))
		return 0;
	for (int dialect = 0; dialect < API_DIALECTS; dialect++)
		for (size_t i = 0; i < ARRAY_LEN(all); i++) {
			struct api_reader reader;

			check(api_reader_init(&reader, (enum api_dialect)dialect, all[i].operation, NULL) == 0);
			all[i].read(&reader, row);
			api_reader_done(&reader);
		}
	return 0;
}
