/* SPDX-License-Identifier: Apache-2.0 */
/* Elastic Common Schema 8.11 (https://www.elastic.co/guide/en/ecs/8.11). What it has no field for stands under
 * "anthropic" and "skant", which no version of it will use. */
#include "forwarder/encode/encode.h"
#include "forwarder/encode/place.h"

/* event.category and event.type: lists of the words that ECS allows. */
static const char *const categories[EVENT_CLASS_COUNT] = {
	[EVENT_CLASS_KEY] = "[\"iam\"]",
	[EVENT_CLASS_PERSON] = "[\"iam\"]",
	[EVENT_CLASS_ACCESS] = "[\"iam\"]",
	[EVENT_CLASS_WORKSPACE] = "[\"configuration\"]",
	[EVENT_CLASS_COMPLIANCE] = "[\"configuration\"]",
	[EVENT_CLASS_REPORT] = "[\"web\"]",
	[EVENT_CLASS_SIGN_IN] = "[\"authentication\"]",
	[EVENT_CLASS_CONTENT] = "[\"file\"]",
	[EVENT_CLASS_ACTIVITY] = "[\"web\"]",
	[EVENT_CLASS_CALL] = "[\"api\"]",
	[EVENT_CLASS_FINDING] = "[\"vulnerability\"]",
	[EVENT_CLASS_KEY_NAME] = "[\"configuration\"]",
	[EVENT_CLASS_RECORD] = "[\"process\"]",
	[EVENT_CLASS_STARTED] = "[\"process\"]",
	[EVENT_CLASS_STOPPED] = "[\"process\"]",
	[EVENT_CLASS_HEARTBEAT] = "[\"process\"]",
	[EVENT_CLASS_ALERT] = "[\"process\"]",
};

static const char *const types[EVENT_CLASS_COUNT] = {
	[EVENT_CLASS_KEY] = "[\"change\"]",
	[EVENT_CLASS_PERSON] = "[\"user\",\"change\"]",
	[EVENT_CLASS_ACCESS] = "[\"user\",\"change\"]",
	[EVENT_CLASS_WORKSPACE] = "[\"change\"]",
	[EVENT_CLASS_COMPLIANCE] = "[\"change\"]",
	[EVENT_CLASS_REPORT] = "[\"access\"]",
	[EVENT_CLASS_SIGN_IN] = "[\"info\"]",
	[EVENT_CLASS_CONTENT] = "[\"access\"]",
	[EVENT_CLASS_ACTIVITY] = "[\"info\"]",
	[EVENT_CLASS_CALL] = "[\"info\"]",
	[EVENT_CLASS_FINDING] = "[\"info\"]",
	[EVENT_CLASS_KEY_NAME] = "[\"info\"]",
	[EVENT_CLASS_RECORD] = "[\"info\"]",
	[EVENT_CLASS_STARTED] = "[\"start\"]",
	[EVENT_CLASS_STOPPED] = "[\"end\"]",
	[EVENT_CLASS_HEARTBEAT] = "[\"info\"]",
	[EVENT_CLASS_ALERT] = "[\"info\"]",
};

static const char *const kinds[EVENT_CLASS_COUNT] = {
	[EVENT_CLASS_KEY] = "\"event\"",        [EVENT_CLASS_PERSON] = "\"event\"",
	[EVENT_CLASS_ACCESS] = "\"event\"",     [EVENT_CLASS_WORKSPACE] = "\"event\"",
	[EVENT_CLASS_COMPLIANCE] = "\"event\"", [EVENT_CLASS_REPORT] = "\"event\"",
	[EVENT_CLASS_SIGN_IN] = "\"event\"",    [EVENT_CLASS_CONTENT] = "\"event\"",
	[EVENT_CLASS_ACTIVITY] = "\"event\"",   [EVENT_CLASS_CALL] = "\"event\"",
	[EVENT_CLASS_FINDING] = "\"alert\"",    [EVENT_CLASS_KEY_NAME] = "\"alert\"",
	[EVENT_CLASS_RECORD] = "\"event\"",     [EVENT_CLASS_STARTED] = "\"event\"",
	[EVENT_CLASS_STOPPED] = "\"event\"",    [EVENT_CLASS_HEARTBEAT] = "\"state\"",
	[EVENT_CLASS_ALERT] = "\"alert\"",
};

/* event.severity is a number of the source: syslog's. */
static const char *const severities[EVENT_SEVERITIES] = { "0", "1", "2", "3", "4", "5", "6", "7" };

static const struct place places[] = {
	{ .path = "@timestamp", .source = PLACE_TIME },
	{ .path = "ecs.version", .source = PLACE_TEXT, .constant = "8.11.0" },
	{ .path = "message", .source = PLACE_MESSAGE },
	{ .path = "event.id", .source = PLACE_ID },
	{ .path = "event.action", .source = PLACE_TYPE },
	{ .path = "event.kind", .source = PLACE_BY_CLASS, .table = kinds },
	{ .path = "event.category", .source = PLACE_BY_CLASS, .table = categories },
	{ .path = "event.type", .source = PLACE_BY_CLASS, .table = types },
	{ .path = "event.module", .source = PLACE_TEXT, .constant = "skant" },
	{ .path = "event.dataset", .source = PLACE_TEXT, .constant = "skant.events" },
	{ .path = "event.provider", .source = PLACE_FEED },
	{ .path = "event.created", .source = PLACE_OBSERVED },
	{ .path = "event.severity", .source = PLACE_BY_SEVERITY, .table = severities },
	{ .path = "event.sequence", .source = PLACE_SEQ },
	{ .path = "event.hash", .source = PLACE_HASH },
	{ .path = "log.level", .source = PLACE_SEVERITY },
	{ .path = "organization.id", .source = PLACE_FIELD, .which = EVENT_ORGANIZATION_ID },
	{ .path = "user.id", .source = PLACE_FIELD, .which = EVENT_ACTOR_ID },
	{ .path = "user.email", .source = PLACE_FIELD, .which = EVENT_ACTOR_EMAIL },
	{ .path = "client.address", .source = PLACE_FIELD, .which = EVENT_ACTOR_IP },
	{ .path = "user_agent.original", .source = PLACE_FIELD, .which = EVENT_ACTOR_USER_AGENT },
	{ .path = "rule.id", .source = PLACE_FIELD, .which = EVENT_RULE },
	{ .path = "file.path", .source = PLACE_FIELD, .which = EVENT_PATH },
	{ .path = "anthropic.workspace_id", .source = PLACE_FIELD, .which = EVENT_WORKSPACE_ID },
	{ .path = "anthropic.api_key_id", .source = PLACE_FIELD, .which = EVENT_API_KEY_ID },
	{ .path = "anthropic.actor_type", .source = PLACE_FIELD, .which = EVENT_ACTOR_TYPE },
	{ .path = "anthropic.model", .source = PLACE_FIELD, .which = EVENT_MODEL },
	{ .path = "anthropic.input_tokens", .source = PLACE_FIELD, .which = EVENT_INPUT_TOKENS },
	{ .path = "anthropic.output_tokens", .source = PLACE_FIELD, .which = EVENT_OUTPUT_TOKENS },
	{ .path = "anthropic.stop_reason", .source = PLACE_FIELD, .which = EVENT_STOP_REASON },
	{ .path = "anthropic.latency_ms", .source = PLACE_FIELD, .which = EVENT_LATENCY_MS },
	{ .path = "anthropic.tools_used", .source = PLACE_FIELD, .which = EVENT_TOOLS_USED },
	{ .path = "anthropic.target_type", .source = PLACE_FIELD, .which = EVENT_TARGET_TYPE },
	{ .path = "anthropic.target_id", .source = PLACE_FIELD, .which = EVENT_TARGET_ID },
	{ .path = "anthropic.request_id", .source = PLACE_FIELD, .which = EVENT_REQUEST_ID },
	{ .path = "skant.seq", .source = PLACE_SEQ },
	{ .path = "skant.id", .source = PLACE_ID },
	{ .path = "skant.feed", .source = PLACE_FEED },
	{ .path = "skant.class", .source = PLACE_CLASS },
	{ .path = "skant.line", .source = PLACE_FIELD, .which = EVENT_LINE },
	{ .path = "skant.secret_id", .source = PLACE_FIELD, .which = EVENT_SECRET_ID },
	{ .path = "skant.fingerprint", .source = PLACE_FIELD, .which = EVENT_FINGERPRINT },
	{ .path = "skant.peer_uid", .source = PLACE_FIELD, .which = EVENT_PEER_UID },
	{ .path = "skant.peer_pid", .source = PLACE_FIELD, .which = EVENT_PEER_PID },
	{ .path = "skant.hash", .source = PLACE_HASH },
	{ .path = "skant.chain", .source = PLACE_CHAIN },
	{ .path = "skant.redacted", .source = PLACE_REDACTED },
	{ .path = "skant.replay", .source = PLACE_REPLAY },
	{ .path = "skant.truncated", .source = PLACE_TRUNCATED },
	{ .path = "skant.upstream", .source = PLACE_UPSTREAM },
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

const struct encoder encode_ecs = { .name = "ecs",
				    .content_type = "Elastic Common Schema, JSON, one event a line",
				    .encode = encode };
