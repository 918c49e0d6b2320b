/* SPDX-License-Identifier: Apache-2.0 */
/* Elastic Common Schema 8.11 (https://www.elastic.co/guide/en/ecs/8.11). What it has no field for stands under
 * "anthropic" and "skant", which no version of it will use. */
#include "common/base/text.h"
#include "forwarder/encode/encode.h"
#include "forwarder/encode/place.h"

/* event.category, event.kind, and event.type by what was done: words of ECS, in lists that it expects together. */
static const struct {
	const char *category, *kind, *types[PLACE_VERBS];
} classes[EVENT_CLASS_COUNT] = {
	[EVENT_CLASS_KEY] = { "[\"iam\"]",
			      "\"event\"",
			      { "[\"admin\",\"info\"]", "[\"admin\",\"creation\"]", "[\"admin\",\"info\"]",
				"[\"admin\",\"change\"]", "[\"admin\",\"deletion\"]" } },
	[EVENT_CLASS_PERSON] = { "[\"iam\"]",
				 "\"event\"",
				 { "[\"user\",\"info\"]", "[\"user\",\"creation\"]", "[\"user\",\"info\"]",
				   "[\"user\",\"change\"]", "[\"user\",\"deletion\"]" } },
	[EVENT_CLASS_ACCESS] = { "[\"iam\"]",
				 "\"event\"",
				 { "[\"user\",\"admin\",\"info\"]", "[\"user\",\"admin\",\"creation\"]",
				   "[\"user\",\"admin\",\"info\"]", "[\"user\",\"admin\",\"change\"]",
				   "[\"user\",\"admin\",\"deletion\"]" } },
	[EVENT_CLASS_WORKSPACE] = { "[\"configuration\"]",
				    "\"event\"",
				    { "[\"info\"]", "[\"creation\"]", "[\"access\"]", "[\"change\"]",
				      "[\"deletion\"]" } },
	[EVENT_CLASS_COMPLIANCE] = { "[\"configuration\"]",
				     "\"event\"",
				     { "[\"info\"]", "[\"creation\"]", "[\"access\"]", "[\"change\"]",
				       "[\"deletion\"]" } },
	[EVENT_CLASS_REPORT] = { "[\"api\"]",
				 "\"event\"",
				 { "[\"info\"]", "[\"creation\"]", "[\"access\"]", "[\"change\"]", "[\"deletion\"]" } },
	[EVENT_CLASS_SIGN_IN] = { "[\"authentication\"]",
				  "\"event\"",
				  { "[\"info\"]", "[\"info\"]", "[\"info\"]", "[\"info\"]", "[\"info\"]" } },
	[EVENT_CLASS_CONTENT] = { "[\"api\"]",
				  "\"event\"",
				  { "[\"info\"]", "[\"creation\"]", "[\"access\"]", "[\"change\"]",
				    "[\"deletion\"]" } },
	[EVENT_CLASS_ACTIVITY] = { "[\"api\"]",
				   "\"event\"",
				   { "[\"info\"]", "[\"creation\"]", "[\"access\"]", "[\"change\"]",
				     "[\"deletion\"]" } },
	[EVENT_CLASS_CALL] = { "[\"api\"]",
			       "\"event\"",
			       { "[\"info\"]", "[\"creation\"]", "[\"access\"]", "[\"change\"]", "[\"deletion\"]" } },
	[EVENT_CLASS_FINDING] = { "[\"vulnerability\"]",
				  "\"alert\"",
				  { "[\"info\"]", "[\"info\"]", "[\"info\"]", "[\"info\"]", "[\"info\"]" } },
	[EVENT_CLASS_KEY_NAME] = { "[\"configuration\"]",
				   "\"alert\"",
				   { "[\"info\"]", "[\"creation\"]", "[\"access\"]", "[\"change\"]",
				     "[\"deletion\"]" } },
	[EVENT_CLASS_RECORD] = { "[\"api\"]",
				 "\"event\"",
				 { "[\"info\"]", "[\"creation\"]", "[\"access\"]", "[\"change\"]", "[\"deletion\"]" } },
	[EVENT_CLASS_STARTED] = { "[\"process\"]",
				  "\"event\"",
				  { "[\"start\"]", "[\"start\"]", "[\"start\"]", "[\"start\"]", "[\"start\"]" } },
	[EVENT_CLASS_STOPPED] = { "[\"process\"]",
				  "\"event\"",
				  { "[\"end\"]", "[\"end\"]", "[\"end\"]", "[\"end\"]", "[\"end\"]" } },
	[EVENT_CLASS_HEARTBEAT] = { "[\"process\"]",
				    "\"state\"",
				    { "[\"info\"]", "[\"info\"]", "[\"info\"]", "[\"info\"]", "[\"info\"]" } },
	[EVENT_CLASS_ALERT] = { "[\"process\"]",
				"\"alert\"",
				{ "[\"info\"]", "[\"info\"]", "[\"info\"]", "[\"info\"]", "[\"info\"]" } },
	[EVENT_CLASS_BUDGET] = { "[\"api\"]",
				 "\"alert\"",
				 { "[\"info\"]", "[\"info\"]", "[\"info\"]", "[\"info\"]", "[\"info\"]" } },
	[EVENT_CLASS_POLICY] = { "[\"configuration\"]",
				 "\"alert\"",
				 { "[\"info\"]", "[\"info\"]", "[\"info\"]", "[\"info\"]", "[\"info\"]" } },
	[EVENT_CLASS_USAGE] = { "[\"api\"]",
				"\"metric\"",
				{ "[\"info\"]", "[\"info\"]", "[\"info\"]", "[\"change\"]", "[\"info\"]" } },
	[EVENT_CLASS_COST] = { "[\"api\"]",
			       "\"metric\"",
			       { "[\"info\"]", "[\"info\"]", "[\"info\"]", "[\"change\"]", "[\"info\"]" } },
};

static const char *category(const struct event *e)
{
	return classes[e->class].category;
}

static const char *kind(const struct event *e)
{
	return classes[e->class].kind;
}

static const char *types(const struct event *e)
{
	return classes[e->class].types[place_verb_of(e)];
}

static const char *outcome(const struct event *e)
{
	static const char *const outcomes[] = { "\"unknown\"", "\"success\"", "\"failure\"" };

	return outcomes[place_outcome_of(e)];
}

/* event.severity is a number of the source: syslog's. */
static int64_t severity(const struct event *e)
{
	return (int64_t)e->severity;
}

static bool has_user_target(const struct event *e)
{
	return text_eq(e->fields[EVENT_TARGET_TYPE], VIEW("user"));
}

static bool has_ip(const struct event *e)
{
	return place_ip_version(e->fields[EVENT_ACTOR_IP]) != 0;
}

#define TEXT(member, is)                                                                                               \
	{                                                                                                              \
		.path = (member), .source = PLACE_TEXT, .text = (is)                                                   \
	}
#define CHOSEN(member, how)                                                                                            \
	{                                                                                                              \
		.path = (member), .source = PLACE_CHOSEN, .choose = (how), .rank = PLACE_NEEDED                        \
	}

static const struct place places[] = {
	VITAL("@timestamp", TIME),
	{ .path = "ecs.version", .source = PLACE_TEXT, .text = "8.11.0", .rank = PLACE_VITAL },
	NEEDED("message", MESSAGE),
	NEEDED("event.id", ID),
	VITAL("event.action", TYPE),
	CHOSEN("event.kind", kind),
	CHOSEN("event.category", category),
	CHOSEN("event.type", types),
	CHOSEN("event.outcome", outcome),
	TEXT("event.module", "skant"),
	TEXT("event.dataset", "skant.events"),
	OWN("event.provider", FEED),
	OWN("event.created", OBSERVED),
	{ .path = "event.severity", .source = PLACE_NUMBER, .number = severity, .rank = PLACE_NEEDED },
	OWN("event.sequence", SEQ),
	OWN("event.hash", HASH),
	NEEDED("log.level", SEVERITY),
	FIELD("organization.id", ORGANIZATION_ID),
	FIELD("user.id", ACTOR_ID),
	FIELD("user.email", ACTOR_EMAIL),
	{ .path = "user.target.id", .source = PLACE_FIELD, .field = EVENT_TARGET_ID, .applies = has_user_target },
	FIELD("source.address", ACTOR_IP),
	{ .path = "source.ip", .source = PLACE_IP, .field = EVENT_ACTOR_IP },
	FIELD("user_agent.original", ACTOR_USER_AGENT),
	FIELD("http.request.id", REQUEST_ID),
	WHOLE("process.pid", PEER_PID),
	FIELD("rule.id", RULE),
	FIELD("file.path", PATH),
	{ .path = "related.user", .source = PLACE_LIST, .field = EVENT_ACTOR_ID, .second = EVENT_ACTOR_EMAIL },
	{ .path = "related.ip",
	  .source = PLACE_LIST,
	  .field = EVENT_ACTOR_IP,
	  .second = PLACE_NO_FIELD,
	  .applies = has_ip },
	TEXT("service.type", "anthropic"),
	TEXT("observer.vendor", "skant"),
	TEXT("observer.product", "skantd"),
	FIELD("anthropic.workspace_id", WORKSPACE_ID),
	FIELD("anthropic.api_key_id", API_KEY_ID),
	FIELD("anthropic.actor_type", ACTOR_TYPE),
	FIELD("anthropic.model", MODEL),
	WHOLE("anthropic.input_tokens", INPUT_TOKENS),
	WHOLE("anthropic.output_tokens", OUTPUT_TOKENS),
	FIELD("anthropic.stop_reason", STOP_REASON),
	WHOLE("anthropic.latency_ms", LATENCY_MS),
	FIELD("anthropic.tools_used", TOOLS_USED),
	FIELD("anthropic.target_type", TARGET_TYPE),
	FIELD("anthropic.target_id", TARGET_ID),
	VITAL("skant.seq", SEQ),
	VITAL("skant.id", ID),
	NEEDED("skant.feed", FEED),
	NEEDED("skant.class", CLASS),
	WHOLE("skant.line", LINE),
	FIELD("skant.secret_id", SECRET_ID),
	FIELD("skant.fingerprint", FINGERPRINT),
	WHOLE("skant.peer_uid", PEER_UID),
	FIELD("skant.scope", SCOPE),
	FIELD("skant.period", PERIOD),
	WHOLE("skant.threshold", THRESHOLD),
	FIELD("skant.used_usd", USED_USD),
	FIELD("skant.limit_usd", LIMIT_USD),
	FIELD("skant.projected_usd", PROJECTED_USD),
	FIELD("skant.amount_usd", AMOUNT_USD),
	FIELD("skant.violations", VIOLATIONS),
	VITAL("skant.hash", HASH),
	VITAL("skant.chain", CHAIN),
	NEEDED("skant.redacted", REDACTED),
	VITAL("skant.replay", REPLAY),
	VITAL("skant.truncated", TRUNCATED),
	OWN("skant.upstream", UPSTREAM),
	OWN("skant.verbatim", VERBATIM),
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
