/* SPDX-License-Identifier: Apache-2.0 */
/* The Syslog Protocol (RFC 5424) and BSD syslog as local daemons take it (RFC 3164, section 4.1, without HOSTNAME). */
#include "forwarder/encode/encode.h"
#include "forwarder/encode/place.h"

#define HOST_BYTES 255u /* RFC 5424, section 6: HOSTNAME, MSGID */
#define MSGID_BYTES 32u
#define TIME_DIGITS 6      /* as many as RFC 5424 has */
#define OBJECT_LEAST 480   /* an envelope fits into so many bytes */
#define BOM "\xEF\xBB\xBF" /* before a MSG in UTF-8 */
#define APP_NAME " skantd "
#define LOCAL_TAG " skantd["

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Printable ASCII without space, at most so many of them; "-" when nothing is left. */
static void add_word(struct pen *pen, struct view v, size_t most)
{
	size_t start = pen->out->len;

	for (size_t i = 0; i < v.len && pen->out->len - start < most; i++)
		if (v.ptr[i] > ' ' && v.ptr[i] < 0x7F)
			pen_byte(pen, v.ptr[i]);
	if (pen->out->len == start)
		pen_byte(pen, '-');
}

static void add_pri(struct pen *pen, const struct event *e, const struct encoder_options *o)
{
	pen_byte(pen, '<');
	pen_unsigned(pen, (uint64_t)o->facility * 8 + e->severity);
	pen_byte(pen, '>');
}

static void add_parameter(struct pen *pen, const char *name, struct view value, size_t most)
{
	pen_byte(pen, ' ');
	pen_word(pen, name);
	PEN_LITERAL(pen, "=\"");
	pen_text(pen, pen_cut(value, most), PEN_PARAMETER);
	pen_byte(pen, '"');
}

static void add_fields(struct pen *pen, const struct event *e, const struct place_limit *limit)
{
	add_parameter(pen, event_fields[EVENT_ACTIVITY_ID].parameter, e->id, limit->id);
	if (limit->rank > PLACE_SPARE)
		return;
	for (unsigned i = 0; i < EVENT_FIELD_COUNT; i++)
		if (i != EVENT_ACTIVITY_ID && e->fields[i].len)
			add_parameter(pen, event_fields[i].parameter, e->fields[i], limit->text);
}

/* RFC 5424, section 6.3: one SD-ELEMENT. */
static void add_element(struct pen *pen, const struct event *e, uint32_t number, const struct place_limit *limit)
{
	PEN_LITERAL(pen, "[anthropic@");
	pen_unsigned(pen, number);
	add_fields(pen, e, limit);
	if (limit->rank < PLACE_VITAL) {
		add_parameter(pen, "skantFeed", e->feed, PLACE_UNCUT);
		add_parameter(pen, "skantClass", view_of(event_classes[e->class].name), PLACE_UNCUT);
	}
	PEN_LITERAL(pen, " skantSeq=\"");
	pen_unsigned(pen, e->seq);
	PEN_LITERAL(pen, "\" skantHash=\"");
	pen_digest(pen, e->hash);
	PEN_LITERAL(pen, "\" skantChain=\"");
	pen_digest(pen, e->chain);
	pen_byte(pen, '"');
	if (e->is_redacted && limit->rank < PLACE_VITAL)
		PEN_LITERAL(pen, " skantRedacted=\"1\"");
	if (e->is_replay)
		PEN_LITERAL(pen, " skantReplay=\"1\"");
	if (!limit->is_whole)
		PEN_LITERAL(pen, " skantTruncated=\"1\"");
	pen_byte(pen, ']');
}

/* Whether there is an object as the message: the whole, or one that fits into what is left of the receiver's message
 * (*ret_most) behind used bytes. */
static bool is_object(const struct encoder_options *o, const struct place_limit *limit, uint64_t used,
		      uint64_t *ret_most)
{
	*ret_most = 0;
	if (!o->message || limit->is_whole)
		return o->message != NULL;
	if (o->max_message < used + OBJECT_LEAST)
		return false;
	*ret_most = o->max_message - used;
	return true;
}

static void add_object(struct pen *pen, const struct event *e, const struct encoder_options *o, uint64_t most)
{
	const struct encoder_options inner = { .host = o->host, .max_message = most };
	bool is_cut = false;

	if (!pen->has_failed && o->message->encode(e, &inner, pen->out, &is_cut))
		pen->has_failed = true;
}

static void add_line(struct pen *pen, const struct event *e, const struct place_limit *limit)
{
	pen_text(pen, pen_cut(e->message, limit->text), PEN_LINE);
}

static int write_5424(const struct event *e, const struct encoder_options *o, struct buf *out,
		      const struct place_limit *limit)
{
	struct pen pen = { .out = out };
	size_t start = out->len;
	uint64_t most;

	add_pri(&pen, e, o);
	PEN_LITERAL(&pen, "1 ");
	pen_time(&pen, e->time_ns, TIME_DIGITS);
	pen_byte(&pen, ' ');
	add_word(&pen, view_of(o->host), least(HOST_BYTES, limit->id));
	PEN_LITERAL(&pen, APP_NAME);
	pen_unsigned(&pen, o->pid);
	pen_byte(&pen, ' ');
	add_word(&pen, e->type, MSGID_BYTES);
	pen_byte(&pen, ' ');
	add_element(&pen, e, o->pen, limit);
	PEN_LITERAL(&pen, " " BOM);
	if (is_object(o, limit, out->len - start, &most))
		add_object(&pen, e, o, most);
	else
		add_line(&pen, e, limit);
	return pen.has_failed ? -1 : 0;
}

/* The time is that of the reception here, in UTC; the event's own is in the element. */
static int write_3164(const struct event *e, const struct encoder_options *o, struct buf *out,
		      const struct place_limit *limit)
{
	struct pen pen = { .out = out };
	size_t start = out->len;
	uint64_t most;

	add_pri(&pen, e, o);
	pen_bsd_time(&pen, e->observed_ns);
	PEN_LITERAL(&pen, LOCAL_TAG);
	pen_unsigned(&pen, o->pid);
	PEN_LITERAL(&pen, "]: ");
	if (is_object(o, limit, out->len - start, &most)) {
		add_object(&pen, e, o, most); /* has all that the element has */
	} else {
		add_line(&pen, e, limit);
		pen_byte(&pen, ' ');
		add_element(&pen, e, o->pen, limit);
	}
	return pen.has_failed ? -1 : 0;
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
