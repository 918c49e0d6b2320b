/* SPDX-License-Identifier: Apache-2.0 */
/* ArcSight Common Event Format, version 0 ("ArcSight Common Event Format (CEF) Implementation Standard", Micro Focus,
 * version 26): CEF:0|vendor|product|version|class id|name|severity|key=value ... In the header | and \ are escaped, in
 * values = and \, and line ends are \n and \r. */
#include "common/base/version.h"
#include "forwarder/encode/encode.h"
#include "forwarder/encode/place.h"

#define NS_PER_MS 1'000'000
#define HEADER_NAME_BYTES 512

/* Keys of the dictionary. Custom strings and numbers come with their labels. */
static const struct {
	enum event_field field;
	const char *key, *label;
} keys[] = {
	{ EVENT_ACTOR_ID, "suid", NULL },
	{ EVENT_ACTOR_EMAIL, "suser", NULL },
	{ EVENT_ACTOR_USER_AGENT, "requestClientApplication", NULL },
	{ EVENT_TARGET_ID, "duid", NULL },
	{ EVENT_PATH, "filePath", NULL },
	{ EVENT_PEER_PID, "spid", NULL },
	{ EVENT_ORGANIZATION_ID, "cs1", "organizationId" },
	{ EVENT_WORKSPACE_ID, "cs2", "workspaceId" },
	{ EVENT_API_KEY_ID, "cs3", "apiKeyId" },
	{ EVENT_MODEL, "cs4", "model" },
	{ EVENT_RULE, "cs5", "skantRule" },
	{ EVENT_REQUEST_ID, "cs6", "requestId" },
	{ EVENT_INPUT_TOKENS, "cn1", "inputTokens" },
	{ EVENT_OUTPUT_TOKENS, "cn2", "outputTokens" },
	{ EVENT_LINE, "cn3", "skantLine" },
	/* What the dictionary has no key for. */
	{ EVENT_ACTOR_TYPE, "anthropicActorType", NULL },
	{ EVENT_TARGET_TYPE, "anthropicTargetType", NULL },
	{ EVENT_STOP_REASON, "anthropicStopReason", NULL },
	{ EVENT_LATENCY_MS, "anthropicLatencyMs", NULL },
	{ EVENT_TOOLS_USED, "anthropicToolsUsed", NULL },
	{ EVENT_SECRET_ID, "skantSecretId", NULL },
	{ EVENT_FINGERPRINT, "skantFingerprint", NULL },
	{ EVENT_PEER_UID, "skantPeerUid", NULL },
	{ EVENT_SCOPE, "skantScope", NULL },
	{ EVENT_PERIOD, "skantPeriod", NULL },
	{ EVENT_THRESHOLD, "skantThreshold", NULL },
	{ EVENT_USED_USD, "skantUsedUsd", NULL },
	{ EVENT_LIMIT_USD, "skantLimitUsd", NULL },
	{ EVENT_PROJECTED_USD, "skantProjectedUsd", NULL },
	{ EVENT_AMOUNT_USD, "skantAmountUsd", NULL },
	{ EVENT_VIOLATIONS, "skantViolations", NULL },
};

/* CEF counts from 0 to 10 upward. */
static const unsigned severities[EVENT_SEVERITIES] = { 10, 9, 8, 7, 6, 4, 2, 0 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void add_pair(struct pen *pen, const char *key, struct view value, size_t most)
{
	pen_byte(pen, ' ');
	pen_word(pen, key);
	pen_byte(pen, '=');
	pen_text(pen, pen_cut(value, most), PEN_EXTENSION);
}

static void add_labelled(struct pen *pen, const char *key, const char *label, struct view value, size_t most)
{
	add_pair(pen, key, value, most);
	if (!label)
		return;
	pen_byte(pen, ' ');
	pen_word(pen, key);
	PEN_LITERAL(pen, "Label=");
	pen_word(pen, label);
}

static void add_header(struct pen *pen, const struct event *e, const struct place_limit *limit)
{
	PEN_LITERAL(pen, "CEF:0|skant|skantd|" SKANT_VERSION "|");
	pen_text(pen, pen_cut(e->type, limit->id), PEN_HEADER);
	pen_byte(pen, '|');
	pen_text(pen, pen_cut(e->message, least(HEADER_NAME_BYTES, limit->text)), PEN_HEADER);
	pen_byte(pen, '|');
	pen_unsigned(pen, severities[e->severity]);
	pen_byte(pen, '|');
}

static void add_fields(struct pen *pen, const struct event *e, size_t most)
{
	struct view ip = e->fields[EVENT_ACTOR_IP];
	int version = place_ip_version(ip);

	if (version == 4)
		add_pair(pen, "src", ip, most);
	else if (version == 6)
		add_labelled(pen, "c6a2", "Source IPv6 Address", ip, most);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (e->fields[keys[i].field].len)
			add_labelled(pen, keys[i].key, keys[i].label, e->fields[keys[i].field], most);
	add_pair(pen, "msg", e->message, most);
}

static void add_proof(struct pen *pen, const struct event *e, const struct place_limit *limit)
{
	PEN_LITERAL(pen, " skantSeq=");
	pen_unsigned(pen, e->seq);
	if (limit->rank < PLACE_VITAL)
		add_pair(pen, "skantFeed", e->feed, limit->id);
	PEN_LITERAL(pen, " skantHash=");
	pen_digest(pen, e->hash);
	PEN_LITERAL(pen, " skantChain=");
	pen_digest(pen, e->chain);
	if (e->is_redacted)
		PEN_LITERAL(pen, " skantRedacted=1");
	if (e->is_replay)
		PEN_LITERAL(pen, " skantReplay=1");
	if (!limit->is_whole)
		PEN_LITERAL(pen, " skantTruncated=1");
}

static int write(const struct event *e, const struct encoder_options *, struct buf *out,
		 const struct place_limit *limit)
{
	struct pen pen = { .out = out };

	add_header(&pen, e, limit);
	PEN_LITERAL(&pen, "rt=");
	pen_number(&pen, e->time_ns / NS_PER_MS);
	add_pair(&pen, "externalId", e->id, limit->id);
	add_pair(&pen, "cat", view_of(event_classes[e->class].name), PLACE_UNCUT);
	if (limit->rank == PLACE_SPARE)
		add_fields(&pen, e, limit->text);
	add_proof(&pen, e, limit);
	return pen.has_failed ? -1 : 0;
}

/* The upstream bytes are never in it: the first limit beyond the whole leaves nothing out. */
static int encode(const struct event *event, const struct encoder_options *options, struct buf *out, bool *ret_is_cut)
{
	return place_fit(event, options, out, ret_is_cut, write);
}

const struct encoder encode_cef = { .name = "cef",
				    .content_type = "Common Event Format, one event a line",
				    .encode = encode };
