/* SPDX-License-Identifier: Apache-2.0 */
/* Open Cybersecurity Schema Framework 1.3.0 (https://schema.ocsf.io/1.3.0). Classes: Account Change 3001,
 * Authentication 3002, User Access Management 3005, Detection Finding 2004, API Activity 6003. What it has no attribute
 * for stands under "unmapped", as it says. */
#include "forwarder/encode/encode.h"
#include "forwarder/encode/place.h"

#define OTHER 99 /* an activity that OCSF has no number for: activity_name tells */

enum kind { ACCOUNT, LOGIN, ACCESS, FINDING, API, KINDS };

static const enum kind kinds[EVENT_CLASS_COUNT] = {
	[EVENT_CLASS_KEY] = API,        [EVENT_CLASS_PERSON] = ACCOUNT,  [EVENT_CLASS_ACCESS] = ACCESS,
	[EVENT_CLASS_WORKSPACE] = API,  [EVENT_CLASS_COMPLIANCE] = API,  [EVENT_CLASS_REPORT] = API,
	[EVENT_CLASS_SIGN_IN] = LOGIN,  [EVENT_CLASS_CONTENT] = API,     [EVENT_CLASS_ACTIVITY] = API,
	[EVENT_CLASS_CALL] = API,       [EVENT_CLASS_FINDING] = FINDING, [EVENT_CLASS_KEY_NAME] = FINDING,
	[EVENT_CLASS_RECORD] = API,     [EVENT_CLASS_STARTED] = API,     [EVENT_CLASS_STOPPED] = API,
	[EVENT_CLASS_HEARTBEAT] = API,  [EVENT_CLASS_ALERT] = FINDING,   [EVENT_CLASS_BUDGET] = FINDING,
	[EVENT_CLASS_POLICY] = FINDING, [EVENT_CLASS_USAGE] = API,       [EVENT_CLASS_COST] = API,
};

/* class_uid, category_uid, and activity_id by what was done. */
static const struct {
	int64_t class, category, activities[PLACE_VERBS];
} classes[KINDS] = {
	[ACCOUNT] = { 3001, 3, { OTHER, 1, OTHER, OTHER, 6 } },
	[LOGIN] = { 3002, 3, { 1, OTHER, OTHER, OTHER, OTHER } },
	[ACCESS] = { 3005, 3, { OTHER, 1, OTHER, OTHER, 2 } },
	[FINDING] = { 2004, 2, { 1, 1, 1, 1, 1 } },
	[API] = { 6003, 6, { OTHER, 1, 2, 3, 4 } },
};

static enum kind kind_of(const struct event *e)
{
	return kinds[e->class];
}

static bool is_of_type(const struct event *e, struct view word)
{
	return e->type.len >= word.len && memcmp(e->type.ptr + e->type.len - word.len, word.ptr, word.len) == 0;
}

static int64_t activity_id(const struct event *e)
{
	if (kind_of(e) == LOGIN && is_of_type(e, VIEW("logged_out")))
		return 2;
	return classes[kind_of(e)].activities[place_verb_of(e)];
}

static int64_t category_uid(const struct event *e)
{
	return classes[kind_of(e)].category;
}

static int64_t class_uid(const struct event *e)
{
	return classes[kind_of(e)].class;
}

static int64_t type_uid(const struct event *e)
{
	return class_uid(e) * 100 + activity_id(e);
}

static const struct {
	int64_t id;
	const char *name;
} severities[EVENT_SEVERITIES] = {
	{ 6, "\"Fatal\"" },  { 5, "\"Critical\"" }, { 5, "\"Critical\"" },      { 4, "\"High\"" },
	{ 3, "\"Medium\"" }, { 2, "\"Low\"" },      { 1, "\"Informational\"" }, { 1, "\"Informational\"" },
};

static int64_t severity_id(const struct event *e)
{
	return severities[e->severity].id;
}

static const char *severity(const struct event *e)
{
	return severities[e->severity].name;
}

static int64_t status_id(const struct event *e)
{
	return (int64_t)place_outcome_of(e);
}

static bool is_api(const struct event *e)
{
	return kind_of(e) == API;
}

static bool is_no_api(const struct event *e)
{
	return !is_api(e);
}

static bool is_finding(const struct event *e)
{
	return kind_of(e) == FINDING;
}

static bool is_login(const struct event *e)
{
	return kind_of(e) == LOGIN;
}

static bool is_access(const struct event *e)
{
	return kind_of(e) == ACCESS;
}

/* Classes that do not have the actor of themselves get it from the profile "host". */
static bool has_host_profile(const struct event *e)
{
	return kind_of(e) == ACCESS || kind_of(e) == FINDING;
}

static bool has_endpoint(const struct event *e)
{
	return kind_of(e) != FINDING;
}

/* An API's activity needs one even where it is not known. */
static bool lacks_address(const struct event *e)
{
	return is_api(e) && !place_ip_version(e->fields[EVENT_ACTOR_IP]);
}

/* The user whose account or access it is: who signs in, or who is the target. */
static bool has_user(const struct event *e)
{
	return kind_of(e) == ACCOUNT || kind_of(e) == LOGIN || kind_of(e) == ACCESS;
}

static bool is_user_target(const struct event *e)
{
	return has_user(e) && !is_login(e);
}

static bool lacks_user(const struct event *e)
{
	return has_user(e) && !e->fields[is_login(e) ? EVENT_ACTOR_ID : EVENT_TARGET_ID].len;
}

/* Something is known of who did it, but not who. */
static bool is_nameless(const struct event *e)
{
	return !e->fields[EVENT_ACTOR_ID].len &&
	       (e->fields[EVENT_ACTOR_EMAIL].len || e->fields[EVENT_ORGANIZATION_ID].len);
}

static const char *privileges(const struct event *e)
{
	return is_access(e) ? "[\"unknown\"]" : NULL;
}

static const char *profiles(const struct event *e)
{
	return has_host_profile(e) ? "[\"host\"]" : NULL;
}

#define OWN_OF(member, which, condition)                                                                               \
	{                                                                                                              \
		.path = (member), .source = PLACE_##which, .applies = (condition)                                      \
	}
#define VITAL_OF(member, which, condition)                                                                             \
	{                                                                                                              \
		.path = (member), .source = PLACE_##which, .rank = PLACE_VITAL, .applies = (condition)                 \
	}
#define FIELD_OF(member, which, condition)                                                                             \
	{                                                                                                              \
		.path = (member), .source = PLACE_FIELD, .field = EVENT_##which, .applies = (condition)                \
	}
#define VITAL_FIELD_OF(member, which, condition)                                                                       \
	{                                                                                                              \
		.path = (member), .source = PLACE_FIELD, .rank = PLACE_VITAL, .field = EVENT_##which,                  \
		.applies = (condition)                                                                                 \
	}
#define NUMBER(member)                                                                                                 \
	{                                                                                                              \
		.path = #member, .source = PLACE_NUMBER, .number = (member), .rank = PLACE_VITAL                       \
	}
#define TEXT(member, is, condition)                                                                                    \
	{                                                                                                              \
		.path = (member), .source = PLACE_TEXT, .text = (is), .applies = (condition), .rank = PLACE_VITAL      \
	}
#define CHOSEN(member, how)                                                                                            \
	{                                                                                                              \
		.path = (member), .source = PLACE_CHOSEN, .choose = (how)                                              \
	}

static const struct place places[] = {
	NUMBER(activity_id),
	OWN("activity_name", TYPE),
	NUMBER(category_uid),
	NUMBER(class_uid),
	NUMBER(type_uid),
	NUMBER(severity_id),
	CHOSEN("severity", severity),
	{ .path = "status_id", .source = PLACE_NUMBER, .number = status_id },
	VITAL("time", TIME_MS),
	NEEDED("message", MESSAGE),
	TEXT("metadata.version", "1.3.0", NULL),
	NEEDED("metadata.uid", ID),
	OWN("metadata.sequence", SEQ),
	FIELD("metadata.original_time", CREATED_AT),
	OWN("metadata.log_name", FEED),
	CHOSEN("metadata.profiles", profiles),
	TEXT("metadata.product.name", "skant", NULL),
	TEXT("metadata.product.vendor_name", "skant", NULL),
	TEXT("actor.app_name", "claude", is_api),
	{ .path = "actor.app_name", .source = PLACE_TEXT, .text = "claude", .applies = is_no_api },
	FIELD("actor.user.uid", ACTOR_ID),
	{ .path = "actor.user.name", .source = PLACE_TEXT, .text = "unknown", .applies = is_nameless },
	FIELD("actor.user.email_addr", ACTOR_EMAIL),
	FIELD("actor.user.org.uid", ORGANIZATION_ID),
	VITAL_FIELD_OF("user.uid", ACTOR_ID, is_login),
	FIELD_OF("user.email_addr", ACTOR_EMAIL, is_login),
	VITAL_FIELD_OF("user.uid", TARGET_ID, is_user_target),
	TEXT("user.name", "unknown", lacks_user),
	{ .path = "privileges", .source = PLACE_CHOSEN, .choose = privileges, .rank = PLACE_VITAL },
	TEXT("service.name", "claude", is_login),
	{ .path = "src_endpoint.ip",
	  .source = PLACE_IP,
	  .field = EVENT_ACTOR_IP,
	  .applies = has_endpoint,
	  .rank = PLACE_VITAL },
	TEXT("src_endpoint.name", "unknown", lacks_address),
	FIELD_OF("http_request.user_agent", ACTOR_USER_AGENT, has_endpoint),
	VITAL_OF("api.operation", TYPE, is_api),
	FIELD_OF("api.request.uid", REQUEST_ID, is_api),
	VITAL_OF("finding_info.title", MESSAGE, is_finding),
	VITAL_OF("finding_info.uid", ID, is_finding),
	FIELD("unmapped.anthropic.workspace_id", WORKSPACE_ID),
	FIELD("unmapped.anthropic.api_key_id", API_KEY_ID),
	FIELD("unmapped.anthropic.actor_type", ACTOR_TYPE),
	FIELD("unmapped.anthropic.model", MODEL),
	WHOLE("unmapped.anthropic.input_tokens", INPUT_TOKENS),
	WHOLE("unmapped.anthropic.output_tokens", OUTPUT_TOKENS),
	FIELD("unmapped.anthropic.stop_reason", STOP_REASON),
	WHOLE("unmapped.anthropic.latency_ms", LATENCY_MS),
	FIELD("unmapped.anthropic.tools_used", TOOLS_USED),
	FIELD("unmapped.anthropic.target_type", TARGET_TYPE),
	FIELD("unmapped.anthropic.target_id", TARGET_ID),
	NEEDED("unmapped.skant.seq", SEQ),
	NEEDED("unmapped.skant.id", ID),
	OWN("unmapped.skant.feed", FEED),
	OWN("unmapped.skant.class", CLASS),
	OWN("unmapped.skant.severity", SEVERITY),
	OWN("unmapped.skant.observed", OBSERVED),
	FIELD("unmapped.skant.rule_id", RULE),
	FIELD("unmapped.skant.path", PATH),
	WHOLE("unmapped.skant.line", LINE),
	FIELD("unmapped.skant.secret_id", SECRET_ID),
	FIELD("unmapped.skant.fingerprint", FINGERPRINT),
	WHOLE("unmapped.skant.peer_uid", PEER_UID),
	WHOLE("unmapped.skant.peer_pid", PEER_PID),
	FIELD("unmapped.skant.scope", SCOPE),
	FIELD("unmapped.skant.period", PERIOD),
	WHOLE("unmapped.skant.threshold", THRESHOLD),
	FIELD("unmapped.skant.used_usd", USED_USD),
	FIELD("unmapped.skant.limit_usd", LIMIT_USD),
	FIELD("unmapped.skant.projected_usd", PROJECTED_USD),
	FIELD("unmapped.skant.amount_usd", AMOUNT_USD),
	FIELD("unmapped.skant.violations", VIOLATIONS),
	NEEDED("unmapped.skant.hash", HASH),
	NEEDED("unmapped.skant.chain", CHAIN),
	NEEDED("unmapped.skant.redacted", REDACTED),
	VITAL("unmapped.skant.replay", REPLAY),
	VITAL("unmapped.skant.truncated", TRUNCATED),
	OWN("unmapped.skant.upstream", UPSTREAM),
	OWN("unmapped.skant.verbatim", VERBATIM),
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
