/* SPDX-License-Identifier: Apache-2.0 */
/* The Syslog Protocol (RFC 5424) and BSD syslog as local daemons take it (RFC 3164, section 4.1, without HOSTNAME). */
#include <inttypes.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "forwarder/encode/encode.h"
#include "forwarder/encode/place.h"

#define NS_PER_S 1'000'000'000
#define DAY_S 86'400
#define HOST_BYTES 255u /* RFC 5424, section 6: HOSTNAME, MSGID */
#define MSGID_BYTES 32u
#define BOM "\xEF\xBB\xBF" /* before a MSG in UTF-8 */
#define APP_NAME "skantd"
#define MONTHS "JanFebMarAprMayJunJulAugSepOctNovDec"

/* Printable ASCII without space, at most so many of them; "-" when nothing is left. */
static int add_word(struct buf *out, struct view v, size_t most)
{
	size_t start = out->len;

	for (size_t i = 0; i < v.len && out->len - start < most; i++)
		if (v.ptr[i] > ' ' && v.ptr[i] < 0x7F && buf_add_byte(out, v.ptr[i]))
			return -1;
	return out->len > start ? 0 : buf_add_byte(out, '-');
}

/* RFC 5424, section 6.3.3: exactly these three are escaped. */
static int add_parameter(struct buf *out, const char *name, struct view value, size_t most)
{
	DEFER(buf_done) struct buf clean = BUF_INIT(8 * (size_t)JSON_RECORD_BYTES);
	bool is_cut = false;

	if (buf_addf(out, " %s=\"", name) || text_add_clean(&clean, place_cut(value, most, &is_cut)))
		return -1;
	for (size_t i = 0; i < clean.len; i++) {
		char c = clean.ptr[i];

		if (((c == '"' || c == '\\' || c == ']') && buf_add_byte(out, '\\')) || buf_add_byte(out, c))
			return -1;
	}
	return buf_add_byte(out, '"');
}

static int add_digest(struct buf *out, const char *name, const unsigned char *digest)
{
	return buf_addf(out, " %s=\"", name) || digest_add_hex(out, digest, DIGEST_SHA256_BYTES) ||
			       buf_add_byte(out, '"')
		       ? -1
		       : 0;
}

static int add_element(struct buf *out, const struct event *e, uint32_t pen, const struct place_limit *limit)
{
	int status = buf_addf(out, "[anthropic@%" PRIu32, pen);

	for (unsigned i = 0; i < EVENT_FIELD_COUNT; i++)
		if (e->fields[i].len)
			status |= add_parameter(out, event_fields[i].parameter, e->fields[i],
						i == EVENT_ACTIVITY_ID ? PLACE_UNCUT : limit->most);
	status |= add_parameter(out, "skantFeed", e->feed, PLACE_UNCUT);
	status |= buf_addf(out, " skantSeq=\"%" PRIu64 "\" skantClass=\"%s\"", e->seq, event_classes[e->class].name);
	status |= add_digest(out, "skantHash", e->hash);
	status |= add_digest(out, "skantChain", e->chain);
	if (e->is_redacted)
		status |= buf_add_text(out, " skantRedacted=\"1\"");
	if (e->is_replay)
		status |= buf_add_text(out, " skantReplay=\"1\"");
	if (!limit->is_whole)
		status |= buf_add_text(out, " skantTruncated=\"1\"");
	return status | buf_add_byte(out, ']') ? -1 : 0;
}

/* What stands as the message: the readable line, or an object with the upstream bytes as long as they may go. */
static int add_message(struct buf *out, const struct event *e, const struct encoder_options *o,
		       const struct place_limit *limit)
{
	const struct encoder_options whole = { .host = o->host };
	bool is_cut = false;

	if (o->message && limit->is_whole)
		return o->message->encode(e, &whole, out, &is_cut);
	return buf_add(out, place_cut(e->message, limit->most, &is_cut));
}

static int write_5424(const struct event *e, const struct encoder_options *o, struct buf *out,
		      const struct place_limit *limit)
{
	int status = buf_addf(out, "<%u>1 ", o->facility * 8 + (unsigned)e->severity);

	status |= place_add_time(out, e->time_ns, 6);
	status |= buf_add_byte(out, ' ');
	status |= add_word(out, view_of(o->host), HOST_BYTES);
	status |= buf_addf(out, " " APP_NAME " %" PRIu64 " ", o->pid);
	status |= add_word(out, e->type, MSGID_BYTES);
	status |= buf_add_byte(out, ' ');
	status |= add_element(out, e, o->pen, limit);
	status |= buf_add_text(out, " " BOM);
	return status | add_message(out, e, o, limit) ? -1 : 0;
}

/* "Nov 27 09:08:07": of the reception, by local custom, so in UTC here; the event's own time is in the element. */
static int add_bsd_time(struct buf *out, int64_t ns)
{
	int64_t s = ns / NS_PER_S, days = s / DAY_S - (s % DAY_S < 0);
	int year, month, day, second = (int)(s - days * DAY_S);

	clock_date(days, &year, &month, &day);
	return buf_add(out, view_sub(VIEW(MONTHS), 3 * (size_t)(month - 1), 3)) ||
			       buf_addf(out, " %2d %02d:%02d:%02d", day, second / 3600, second / 60 % 60, second % 60)
		       ? -1
		       : 0;
}

static int write_3164(const struct event *e, const struct encoder_options *o, struct buf *out,
		      const struct place_limit *limit)
{
	int status = buf_addf(out, "<%u>", o->facility * 8 + (unsigned)e->severity);

	status |= add_bsd_time(out, e->observed_ns);
	status |= buf_addf(out, " " APP_NAME "[%" PRIu64 "]: ", o->pid);
	status |= add_message(out, e, o, limit);
	/* An object has all of it already. */
	if (!o->message || !limit->is_whole) {
		status |= buf_add_byte(out, ' ');
		status |= add_element(out, e, o->pen, limit);
	}
	return status ? -1 : 0;
}

static int encode_with_5424(const struct event *event, const struct encoder_options *options, struct buf *out,
			    bool *ret_is_cut)
{
	return place_fit(event, options, out, ret_is_cut, write_5424);
}

static int encode_with_3164(const struct event *event, const struct encoder_options *options, struct buf *out,
			    bool *ret_is_cut)
{
	return place_fit(event, options, out, ret_is_cut, write_3164);
}

const struct encoder encode_rfc5424 = {
	.name = "rfc5424", .content_type = "syslog, RFC 5424", .is_syslog = true, .encode = encode_with_5424
};
const struct encoder encode_rfc3164 = { .name = "rfc3164",
					.content_type = "syslog as local daemons take it, RFC 3164",
					.is_syslog = true,
					.encode = encode_with_3164 };
