/* SPDX-License-Identifier: Apache-2.0 */
/* The envelope, one object a line: docs/events.md. */
#include "forwarder/encode/encode.h"
#include "forwarder/encode/place.h"

static const struct place places[] = {
	{ .path = "schema", .source = PLACE_TEXT, .text = "skant-event/1", .rank = PLACE_VITAL },
	VITAL("seq", SEQ),
	VITAL("id", ID),
	VITAL("type", TYPE),
	VITAL("time", TIME),
	NEEDED("observed", OBSERVED),
	NEEDED("feed", FEED),
	NEEDED("class", CLASS),
	NEEDED("severity", SEVERITY),
	FIELD("actor.type", ACTOR_TYPE),
	FIELD("actor.id", ACTOR_ID),
	FIELD("actor.email", ACTOR_EMAIL),
	FIELD("actor.ip", ACTOR_IP),
	FIELD("actor.user_agent", ACTOR_USER_AGENT),
	FIELD("organization_id", ORGANIZATION_ID),
	FIELD("workspace_id", WORKSPACE_ID),
	FIELD("api_key_id", API_KEY_ID),
	FIELD("model", MODEL),
	FIELD("input_tokens", INPUT_TOKENS),
	FIELD("output_tokens", OUTPUT_TOKENS),
	FIELD("stop_reason", STOP_REASON),
	FIELD("latency_ms", LATENCY_MS),
	FIELD("tools_used", TOOLS_USED),
	FIELD("target.type", TARGET_TYPE),
	FIELD("target.id", TARGET_ID),
	FIELD("request_id", REQUEST_ID),
	FIELD("finding.rule_id", RULE),
	FIELD("finding.path", PATH),
	FIELD("finding.line", LINE),
	FIELD("finding.secret_id", SECRET_ID),
	FIELD("finding.fingerprint", FINGERPRINT),
	FIELD("peer.uid", PEER_UID),
	FIELD("peer.pid", PEER_PID),
	FIELD("scope", SCOPE),
	FIELD("period", PERIOD),
	FIELD("threshold", THRESHOLD),
	FIELD("used_usd", USED_USD),
	FIELD("limit_usd", LIMIT_USD),
	FIELD("projected_usd", PROJECTED_USD),
	FIELD("amount_usd", AMOUNT_USD),
	FIELD("violations", VIOLATIONS),
	NEEDED("message", MESSAGE),
	VITAL("hash", HASH),
	VITAL("chain", CHAIN),
	NEEDED("redacted", REDACTED),
	VITAL("replay", REPLAY),
	VITAL("truncated", TRUNCATED),
	OWN("upstream", UPSTREAM),
	OWN("verbatim", VERBATIM),
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
