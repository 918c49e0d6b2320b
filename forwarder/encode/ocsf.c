/* SPDX-License-Identifier: Apache-2.0 */
/* Open Cybersecurity Schema Framework 1.3.0 (https://schema.ocsf.io/1.3.0). Classes: Account Change 3001,
 * Authentication 3002, User Access Management 3005, Detection Finding 2004, API Activity 6003. What it has no attribute
 * for stands under "unmapped", as it says. */
#include "forwarder/encode/encode.h"
#include "forwarder/encode/place.h"

#define ALL_CLASSES(account, login, access, finding, api)                                                              \
	{                                                                                                              \
		[EVENT_CLASS_KEY] = (api), [EVENT_CLASS_PERSON] = (account), [EVENT_CLASS_ACCESS] = (access),          \
		[EVENT_CLASS_WORKSPACE] = (api), [EVENT_CLASS_COMPLIANCE] = (api), [EVENT_CLASS_REPORT] = (api),       \
		[EVENT_CLASS_SIGN_IN] = (login), [EVENT_CLASS_CONTENT] = (api), [EVENT_CLASS_ACTIVITY] = (api),        \
		[EVENT_CLASS_CALL] = (api), [EVENT_CLASS_FINDING] = (finding), [EVENT_CLASS_KEY_NAME] = (finding),     \
		[EVENT_CLASS_RECORD] = (api), [EVENT_CLASS_STARTED] = (api), [EVENT_CLASS_STOPPED] = (api),            \
		[EVENT_CLASS_HEARTBEAT] = (api), [EVENT_CLASS_ALERT] = (api),                                          \
	}

/* activity_id 99 is "Other": the type, as activity_name, tells which. */
static const char *const class_uids[EVENT_CLASS_COUNT] = ALL_CLASSES("3001", "3002", "3005", "2004", "6003");
static const char *const categories[EVENT_CLASS_COUNT] = ALL_CLASSES("3", "3", "3", "2", "6");
static const char *const type_uids[EVENT_CLASS_COUNT] = ALL_CLASSES("300199", "300299", "300599", "200499", "600399");
static const char *const privileges[EVENT_CLASS_COUNT] = { [EVENT_CLASS_ACCESS] = "[\"unknown\"]" };
static const char *const services[EVENT_CLASS_COUNT] = ALL_CLASSES(NULL, NULL, NULL, NULL, "\"claude\"");

/* severity_id of syslog's. */
static const char *const severities[EVENT_SEVERITIES] = { "6", "5", "5", "4", "3", "2", "1", "1" };

static const struct place places[] = {
	{ .path = "activity_id", .source = PLACE_JSON, .constant = "99" },
	{ .path = "activity_name", .source = PLACE_TYPE },
	{ .path = "category_uid", .source = PLACE_BY_CLASS, .table = categories },
	{ .path = "class_uid", .source = PLACE_BY_CLASS, .table = class_uids },
	{ .path = "type_uid", .source = PLACE_BY_CLASS, .table = type_uids },
	{ .path = "severity_id", .source = PLACE_BY_SEVERITY, .table = severities },
	{ .path = "severity", .source = PLACE_SEVERITY },
	{ .path = "time", .source = PLACE_TIME_MS },
	{ .path = "message", .source = PLACE_MESSAGE },
	{ .path = "metadata.version", .source = PLACE_TEXT, .constant = "1.3.0" },
	{ .path = "metadata.uid", .source = PLACE_ID },
	{ .path = "metadata.sequence", .source = PLACE_SEQ },
	{ .path = "metadata.original_time", .source = PLACE_FIELD, .which = EVENT_CREATED_AT },
	{ .path = "metadata.log_name", .source = PLACE_FEED },
	{ .path = "metadata.product.name", .source = PLACE_TEXT, .constant = "skant" },
	{ .path = "metadata.product.vendor_name", .source = PLACE_TEXT, .constant = "skant" },
	{ .path = "actor.user.uid", .source = PLACE_FIELD, .which = EVENT_ACTOR_ID },
	{ .path = "actor.user.email_addr", .source = PLACE_FIELD, .which = EVENT_ACTOR_EMAIL },
	{ .path = "actor.user.org.uid", .source = PLACE_FIELD, .which = EVENT_ORGANIZATION_ID },
	{ .path = "actor.app_name", .source = PLACE_TEXT, .constant = "claude" },
	{ .path = "user.type", .source = PLACE_FIELD, .which = EVENT_ACTOR_TYPE },
	{ .path = "user.uid", .source = PLACE_FIELD, .which = EVENT_ACTOR_ID },
	{ .path = "user.name", .source = PLACE_TEXT, .constant = "unknown" },
	{ .path = "privileges", .source = PLACE_BY_CLASS, .table = privileges },
	{ .path = "src_endpoint.ip", .source = PLACE_FIELD, .which = EVENT_ACTOR_IP },
	{ .path = "src_endpoint.svc_name", .source = PLACE_BY_CLASS, .table = services },
	{ .path = "http_request.user_agent", .source = PLACE_FIELD, .which = EVENT_ACTOR_USER_AGENT },
	{ .path = "api.operation", .source = PLACE_TYPE },
	{ .path = "api.request.uid", .source = PLACE_FIELD, .which = EVENT_REQUEST_ID },
	{ .path = "finding_info.title", .source = PLACE_MESSAGE },
	{ .path = "finding_info.uid", .source = PLACE_ID },
	{ .path = "unmapped.anthropic.workspace_id", .source = PLACE_FIELD, .which = EVENT_WORKSPACE_ID },
	{ .path = "unmapped.anthropic.api_key_id", .source = PLACE_FIELD, .which = EVENT_API_KEY_ID },
	{ .path = "unmapped.anthropic.model", .source = PLACE_FIELD, .which = EVENT_MODEL },
	{ .path = "unmapped.anthropic.input_tokens", .source = PLACE_FIELD, .which = EVENT_INPUT_TOKENS },
	{ .path = "unmapped.anthropic.output_tokens", .source = PLACE_FIELD, .which = EVENT_OUTPUT_TOKENS },
	{ .path = "unmapped.anthropic.stop_reason", .source = PLACE_FIELD, .which = EVENT_STOP_REASON },
	{ .path = "unmapped.anthropic.latency_ms", .source = PLACE_FIELD, .which = EVENT_LATENCY_MS },
	{ .path = "unmapped.anthropic.tools_used", .source = PLACE_FIELD, .which = EVENT_TOOLS_USED },
	{ .path = "unmapped.anthropic.target_type", .source = PLACE_FIELD, .which = EVENT_TARGET_TYPE },
	{ .path = "unmapped.anthropic.target_id", .source = PLACE_FIELD, .which = EVENT_TARGET_ID },
	{ .path = "unmapped.skant.seq", .source = PLACE_SEQ },
	{ .path = "unmapped.skant.id", .source = PLACE_ID },
	{ .path = "unmapped.skant.feed", .source = PLACE_FEED },
	{ .path = "unmapped.skant.class", .source = PLACE_CLASS },
	{ .path = "unmapped.skant.rule_id", .source = PLACE_FIELD, .which = EVENT_RULE },
	{ .path = "unmapped.skant.path", .source = PLACE_FIELD, .which = EVENT_PATH },
	{ .path = "unmapped.skant.line", .source = PLACE_FIELD, .which = EVENT_LINE },
	{ .path = "unmapped.skant.secret_id", .source = PLACE_FIELD, .which = EVENT_SECRET_ID },
	{ .path = "unmapped.skant.fingerprint", .source = PLACE_FIELD, .which = EVENT_FINGERPRINT },
	{ .path = "unmapped.skant.peer_uid", .source = PLACE_FIELD, .which = EVENT_PEER_UID },
	{ .path = "unmapped.skant.peer_pid", .source = PLACE_FIELD, .which = EVENT_PEER_PID },
	{ .path = "unmapped.skant.hash", .source = PLACE_HASH },
	{ .path = "unmapped.skant.chain", .source = PLACE_CHAIN },
	{ .path = "unmapped.skant.redacted", .source = PLACE_REDACTED },
	{ .path = "unmapped.skant.replay", .source = PLACE_REPLAY },
	{ .path = "unmapped.skant.truncated", .source = PLACE_TRUNCATED },
	{ .path = "unmapped.skant.upstream", .source = PLACE_UPSTREAM },
};

static int write(const struct event *event, const struct encoder_options *, struct buf *out,
		 const struct place_limit *limit)
{
	return place_write_json(out, event, places, ARRAY_LEN(places), limit);
}

static int encode(const struct event *event, const struct encoder_options *options, struct buf *out, bool *ret_is_cut)
{
	return place_fit(event, options, out, ret_is_cut, write);
}

const struct encoder encode_ocsf = { .name = "ocsf",
				     .content_type = "Open Cybersecurity Schema Framework, JSON, one event a line",
				     .encode = encode };
