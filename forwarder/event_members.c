/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/event_facts.h"

#define TO(name, place)                                                                                                \
	{                                                                                                              \
		{ "" name, sizeof(name) - 1 }, (place)                                                                 \
	}
#define FIELD(name, field) TO(name, EVENT_##field)
#define FACT(name, fact) TO(name, EVENT_TO_FACT(FACT_##fact))
#define INTO(name, level) TO(name, EVENT_TO_LEVEL(EVENT_LEVEL_##level))
#define NOTHING(name) TO(name, EVENT_TO_NOTHING)

/* An activity of either dialect, with all that its types have beside what is common to them. */
static const struct event_member activity[] = {
	INTO("actor", ACTOR),
	INTO("details", DETAILS),
	NOTHING("id"),
	NOTHING("type"),
	FIELD("created_at", CREATED_AT),
	FIELD("timestamp", CREATED_AT),
	FIELD("organization_id", ORGANIZATION_ID),
	FIELD("organization_uuid", ORGANIZATION_ID),
	FIELD("workspace_id", WORKSPACE_ID),
	FIELD("workspace", WORKSPACE_ID),
	FIELD("model", MODEL),
	FIELD("request_id", REQUEST_ID),
	FACT("api_key_id", KEY_ID),
	FACT("admin_api_key_id", KEY_ID),
	FACT("user_id", USER_ID),
	FACT("deleted_user_id", USER_ID),
	FACT("invitee_user_id", USER_ID),
	FACT("invited_email", EMAIL),
	FACT("invitee_email", EMAIL),
	FACT("deleted_user_email", EMAIL),
	FACT("user_email", EMAIL),
	FACT("api_key_name", NAME),
	FACT("filename", NAME),
	FACT("display_name", NAME),
	FACT("skill_name", NAME),
	FACT("plugin_name", NAME),
	FACT("mcp_server_name", NAME),
	FACT("group_name", NAME),
	FACT("domain", NAME),
	FACT("current_role", ROLE),
	FACT("invited_role", ROLE),
	FACT("role", ROLE),
	FACT("previous_role", OLD_ROLE),
	FACT("url", URL),
	FACT("request_method", METHOD),
	FACT("status_code", STATUS),
	FACT("compliance_api_enabled", ENABLED),
	FACT("updates", UPDATES),
	FACT("scopes", SCOPES),
};

static const struct event_member actor[] = {
	FIELD("type", ACTOR_TYPE),
	FIELD("email_address", ACTOR_EMAIL),
	FIELD("unauthenticated_email_address", ACTOR_EMAIL),
	FIELD("ip_address", ACTOR_IP),
	FIELD("user_agent", ACTOR_USER_AGENT),
	FACT("user_id", ACTOR_USER_ID),
	FACT("api_key_id", ACTOR_KEY_ID),
	FACT("admin_api_key_id", ACTOR_KEY_ID),
	FACT("service_account_id", ACTOR_OTHER_ID),
	FACT("subject", ACTOR_OTHER_ID),
	FACT("external_client_id", ACTOR_OTHER_ID),
	FACT("directory_id", ACTOR_OTHER_ID),
	FACT("service", ACTOR_OTHER_ID),
};

/* What the cca dialect says of a call, or of what was done. */
static const struct event_member details[] = {
	FIELD("model", MODEL),
	FIELD("input_tokens", INPUT_TOKENS),
	FIELD("output_tokens", OUTPUT_TOKENS),
	INTO("usage", USAGE),
	FIELD("stop_reason", STOP_REASON),
	FIELD("latency_ms", LATENCY_MS),
	FIELD("tools_used", TOOLS_USED),
	FIELD("request_id", REQUEST_ID),
	FIELD("workspace_id", WORKSPACE_ID),
	FACT("email", EMAIL),
	FACT("name", NAME),
	FACT("role", ROLE),
};

/* The usage object of a reply, as applications pass it on. */
static const struct event_member usage[] = {
	FIELD("input_tokens", INPUT_TOKENS),
	FIELD("output_tokens", OUTPUT_TOKENS),
};

static const struct event_member ingest[] = {
	INTO("peer", PEER),
	INTO("record", RECORD),
};

static const struct event_member peer[] = {
	FIELD("uid", PEER_UID),
	FIELD("pid", PEER_PID),
};

/* The audit event of an application, or a record of the schema skant-finding/1. */
static const struct event_member record[] = {
	FACT("schema", SCHEMA),
	FACT("event", EVENT),
	FACT("message", MESSAGE),
	FIELD("timestamp", CREATED_AT),
	FIELD("organization_id", ORGANIZATION_ID),
	FIELD("workspace", WORKSPACE_ID),
	FIELD("workspace_id", WORKSPACE_ID),
	FACT("api_key_id", KEY_ID),
	FACT("user_id", ACTOR_USER_ID),
	FIELD("email", ACTOR_EMAIL),
	FIELD("model", MODEL),
	FIELD("input_tokens", INPUT_TOKENS),
	FIELD("output_tokens", OUTPUT_TOKENS),
	INTO("usage", USAGE),
	FIELD("stop_reason", STOP_REASON),
	FIELD("latency_ms", LATENCY_MS),
	FIELD("tools_used", TOOLS_USED),
	FIELD("request_id", REQUEST_ID),
	FACT("team", TEAM),
	FACT("feature", FEATURE),
	FIELD("rule_id", RULE),
	FIELD("path", PATH),
	FIELD("start_line", LINE),
	FIELD("secret_id", SECRET_ID),
	FIELD("fingerprint", FINGERPRINT),
	FACT("title", TITLE),
	FACT("severity", SEVERITY),
	FACT("kind", KIND),
	FACT("masked", MASKED),
	FACT("name", NAME),
	FACT("suggestion", SUGGESTION),
};

static const struct event_member own[] = {
	NOTHING("id"),
	NOTHING("type"),
	FIELD("time", CREATED_AT),
	FACT("message", MESSAGE),
	FACT("severity", SEVERITY),
	FIELD("organization_id", ORGANIZATION_ID),
	FIELD("workspace_id", WORKSPACE_ID),
	FACT("api_key_id", KEY_ID),
	FACT("user_id", USER_ID),
	FIELD("model", MODEL),
	FIELD("input_tokens", INPUT_TOKENS),
	FIELD("output_tokens", OUTPUT_TOKENS),
	FIELD("scope", SCOPE),
	FIELD("period", PERIOD),
	FIELD("threshold", THRESHOLD),
	FIELD("used_usd", USED_USD),
	FIELD("limit_usd", LIMIT_USD),
	FIELD("projected_usd", PROJECTED_USD),
	FIELD("amount_usd", AMOUNT_USD),
	FIELD("violations", VIOLATIONS),
};

#define MEMBERS(table, has_target)                                                                                     \
	{                                                                                                              \
		table, ARRAY_LEN(table), has_target                                                                    \
	}

const struct event_members event_members[EVENT_LEVELS] = {
	[EVENT_LEVEL_ACTIVITY] = MEMBERS(activity, true), [EVENT_LEVEL_INGEST] = MEMBERS(ingest, false),
	[EVENT_LEVEL_OWN] = MEMBERS(own, true),           [EVENT_LEVEL_ACTOR] = MEMBERS(actor, false),
	[EVENT_LEVEL_DETAILS] = MEMBERS(details, true),   [EVENT_LEVEL_PEER] = MEMBERS(peer, false),
	[EVENT_LEVEL_RECORD] = MEMBERS(record, false),    [EVENT_LEVEL_USAGE] = MEMBERS(usage, false),
};
