/* SPDX-License-Identifier: Apache-2.0 */
/* The envelope, one object a line: docs/events.md. */
#include "forwarder/encode/encode.h"
#include "forwarder/encode/place.h"

static const struct place places[] = {
	{ .path = "schema", .source = PLACE_TEXT, .constant = "skant-event/1" },
	{ .path = "seq", .source = PLACE_SEQ },
	{ .path = "id", .source = PLACE_ID },
	{ .path = "type", .source = PLACE_TYPE },
	{ .path = "time", .source = PLACE_TIME },
	{ .path = "observed", .source = PLACE_OBSERVED },
	{ .path = "feed", .source = PLACE_FEED },
	{ .path = "class", .source = PLACE_CLASS },
	{ .path = "severity", .source = PLACE_SEVERITY },
	{ .path = "organization_id", .source = PLACE_FIELD, .which = EVENT_ORGANIZATION_ID },
	{ .path = "workspace_id", .source = PLACE_FIELD, .which = EVENT_WORKSPACE_ID },
	{ .path = "api_key_id", .source = PLACE_FIELD, .which = EVENT_API_KEY_ID },
	{ .path = "actor.type", .source = PLACE_FIELD, .which = EVENT_ACTOR_TYPE },
	{ .path = "actor.id", .source = PLACE_FIELD, .which = EVENT_ACTOR_ID },
	{ .path = "actor.email", .source = PLACE_FIELD, .which = EVENT_ACTOR_EMAIL },
	{ .path = "actor.ip", .source = PLACE_FIELD, .which = EVENT_ACTOR_IP },
	{ .path = "actor.user_agent", .source = PLACE_FIELD, .which = EVENT_ACTOR_USER_AGENT },
	{ .path = "model", .source = PLACE_FIELD, .which = EVENT_MODEL },
	{ .path = "input_tokens", .source = PLACE_FIELD, .which = EVENT_INPUT_TOKENS },
	{ .path = "output_tokens", .source = PLACE_FIELD, .which = EVENT_OUTPUT_TOKENS },
	{ .path = "stop_reason", .source = PLACE_FIELD, .which = EVENT_STOP_REASON },
	{ .path = "latency_ms", .source = PLACE_FIELD, .which = EVENT_LATENCY_MS },
	{ .path = "tools_used", .source = PLACE_FIELD, .which = EVENT_TOOLS_USED },
	{ .path = "target.type", .source = PLACE_FIELD, .which = EVENT_TARGET_TYPE },
	{ .path = "target.id", .source = PLACE_FIELD, .which = EVENT_TARGET_ID },
	{ .path = "request_id", .source = PLACE_FIELD, .which = EVENT_REQUEST_ID },
	{ .path = "finding.rule_id", .source = PLACE_FIELD, .which = EVENT_RULE },
	{ .path = "finding.path", .source = PLACE_FIELD, .which = EVENT_PATH },
	{ .path = "finding.line", .source = PLACE_FIELD, .which = EVENT_LINE },
	{ .path = "finding.secret_id", .source = PLACE_FIELD, .which = EVENT_SECRET_ID },
	{ .path = "finding.fingerprint", .source = PLACE_FIELD, .which = EVENT_FINGERPRINT },
	{ .path = "peer.uid", .source = PLACE_FIELD, .which = EVENT_PEER_UID },
	{ .path = "peer.pid", .source = PLACE_FIELD, .which = EVENT_PEER_PID },
	{ .path = "message", .source = PLACE_MESSAGE },
	{ .path = "hash", .source = PLACE_HASH },
	{ .path = "chain", .source = PLACE_CHAIN },
	{ .path = "redacted", .source = PLACE_REDACTED },
	{ .path = "replay", .source = PLACE_REPLAY },
	{ .path = "truncated", .source = PLACE_TRUNCATED },
	{ .path = "upstream", .source = PLACE_UPSTREAM },
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

const struct encoder encode_json = { .name = "json", .content_type = "JSON, one event a line", .encode = encode };
