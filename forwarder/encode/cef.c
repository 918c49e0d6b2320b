/* SPDX-License-Identifier: Apache-2.0 */
/* ArcSight Common Event Format, version 0 ("ArcSight Common Event Format (CEF) Implementation Standard", Micro Focus,
 * version 26): CEF:0|vendor|product|version|class id|name|severity|key=value ... In the header | and \ are escaped, in
 * values = and \. */
#include <inttypes.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/base/version.h"
#include "forwarder/encode/encode.h"
#include "forwarder/encode/place.h"

#define NS_PER_MS 1'000'000

/* Keys of the dictionary. Custom strings come with their labels. */
static const struct {
	enum event_field field;
	const char *key, *label;
} keys[] = {
	{ EVENT_ACTOR_ID, "suid", NULL },
	{ EVENT_ACTOR_EMAIL, "suser", NULL },
	{ EVENT_ACTOR_IP, "src", NULL },
	{ EVENT_ACTOR_USER_AGENT, "requestClientApplication", NULL },
	{ EVENT_TARGET_ID, "duid", NULL },
	{ EVENT_PATH, "filePath", NULL },
	{ EVENT_ORGANIZATION_ID, "cs1", "organizationId" },
	{ EVENT_WORKSPACE_ID, "cs2", "workspaceId" },
	{ EVENT_API_KEY_ID, "cs3", "apiKeyId" },
	{ EVENT_MODEL, "cs4", "model" },
	{ EVENT_RULE, "cs5", "skantRule" },
	{ EVENT_REQUEST_ID, "cs6", "requestId" },
	{ EVENT_INPUT_TOKENS, "cn1", "inputTokens" },
	{ EVENT_OUTPUT_TOKENS, "cn2", "outputTokens" },
	{ EVENT_LINE, "cn3", "skantLine" },
};

/* CEF counts from 0 to 10 upward. */
static const unsigned severities[EVENT_SEVERITIES] = { 10, 9, 8, 7, 6, 4, 2, 0 };

static int add_escaped(struct buf *out, struct view v, const char *special, size_t most)
{
	DEFER(buf_done) struct buf clean = BUF_INIT(8 * (size_t)JSON_RECORD_BYTES);
	bool is_cut = false;

	if (text_add_clean(&clean, place_cut(v, most, &is_cut)))
		return -1;
	for (size_t i = 0; i < clean.len; i++)
		if (((clean.ptr[i] == special[0] || clean.ptr[i] == special[1]) && buf_add_byte(out, '\\')) ||
		    buf_add_byte(out, clean.ptr[i]))
			return -1;
	return 0;
}

static int add_pair(struct buf *out, const char *key, struct view value, size_t most)
{
	return buf_addf(out, "%s=", key) || add_escaped(out, value, "=\\", most) || buf_add_byte(out, ' ') ? -1 : 0;
}

static int add_header(struct buf *out, const struct event *e, size_t most)
{
	if (buf_add_text(out, "CEF:0|skant|skantd|" SKANT_VERSION "|") || add_escaped(out, e->type, "|\\", most) ||
	    buf_add_byte(out, '|') || add_escaped(out, e->message, "|\\", most < 512 ? most : 512))
		return -1;
	return buf_addf(out, "|%u|", severities[e->severity]);
}

static int add_fields(struct buf *out, const struct event *e, size_t most)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct view value = e->fields[keys[i].field];

		if (!value.len)
			continue;
		if (add_pair(out, keys[i].key, value, most))
			return -1;
		if (keys[i].label && buf_addf(out, "%sLabel=%s ", keys[i].key, keys[i].label))
			return -1;
	}
	return 0;
}

static int write(const struct event *e, const struct encoder_options *, struct buf *out,
		 const struct place_limit *limit)
{
	int status = add_header(out, e, limit->most);

	status |= buf_addf(out, "rt=%" PRId64 " ", e->time_ns / NS_PER_MS);
	status |= add_pair(out, "externalId", e->id, PLACE_UNCUT);
	status |= buf_addf(out, "cat=%s ", event_classes[e->class].name);
	status |= add_fields(out, e, limit->most);
	status |= add_pair(out, "msg", e->message, limit->most);
	status |= buf_addf(out, "skantSeq=%" PRIu64 " ", e->seq);
	status |= add_pair(out, "skantFeed", e->feed, limit->most);
	status |= buf_add_text(out, "skantHash=");
	status |= digest_add_hex(out, e->hash, sizeof(e->hash));
	status |= buf_add_text(out, " skantChain=");
	status |= digest_add_hex(out, e->chain, sizeof(e->chain));
	if (e->is_redacted)
		status |= buf_add_text(out, " skantRedacted=1");
	if (e->is_replay)
		status |= buf_add_text(out, " skantReplay=1");
	if (!limit->is_whole)
		status |= buf_add_text(out, " skantTruncated=1");
	return status ? -1 : 0;
}

/* The upstream bytes are never in it, so that the first limit leaves nothing out. */
static int encode(const struct event *event, const struct encoder_options *options, struct buf *out, bool *ret_is_cut)
{
	return place_fit(event, options, out, ret_is_cut, write);
}

const struct encoder encode_cef = { .name = "cef",
				    .content_type = "Common Event Format, one event a line",
				    .encode = encode };
