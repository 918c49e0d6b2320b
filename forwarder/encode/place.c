/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/encode/place.h"

#include "common/base/text.h"
#include "forwarder/encode/encode.h"

#define NS_PER_MS 1'000'000
#define TIME_DIGITS 9
#define CHARACTER_BYTES 4 /* at most, in UTF-8 */

struct writing {
	struct pen pen;
	const struct event *event;
	const struct place_limit *limit;
	struct view object; /* the path of the one that is open */
	bool has_member;    /* it has one */
	bool is_verbatim;   /* the upstream bytes are those that came */
};

static bool is_whole(struct view v)
{
	uint64_t n;

	return text_u64(v, INT64_MAX, &n) == 0;
}

static void put_string(struct writing *x, struct view v, size_t most)
{
	pen_byte(&x->pen, '"');
	pen_text(&x->pen, pen_cut(v, most), PEN_JSON);
	pen_byte(&x->pen, '"');
}

static void put_field(struct writing *x, enum event_field field)
{
	struct view v = x->event->fields[field];

	if (event_fields[field].is_number)
		pen_add(&x->pen, v); /* as upstream wrote it, which is JSON */
	else
		put_string(x, v, x->limit->text);
}

static void put_list(struct writing *x, const struct place *p)
{
	bool has_first = x->event->fields[p->field].len > 0;
	bool has_second = p->second != PLACE_NO_FIELD && x->event->fields[p->second].len > 0;

	pen_byte(&x->pen, '[');
	if (has_first)
		put_field(x, p->field);
	if (has_first && has_second)
		pen_byte(&x->pen, ',');
	if (has_second)
		put_field(x, p->second);
	pen_byte(&x->pen, ']');
}

static void put_time(struct writing *x, int64_t ns)
{
	pen_byte(&x->pen, '"');
	pen_time(&x->pen, ns, TIME_DIGITS);
	pen_byte(&x->pen, '"');
}

static void put_digest(struct writing *x, const unsigned char *digest)
{
	pen_byte(&x->pen, '"');
	pen_digest(&x->pen, digest);
	pen_byte(&x->pen, '"');
}

static bool is_there(const struct writing *x, const struct place *p)
{
	const struct event *e = x->event;

	if (p->rank < x->limit->rank || (p->applies && !p->applies(e)))
		return false;
	switch (p->source) {
	case PLACE_FIELD:
		return e->fields[p->field].ptr != NULL;
	case PLACE_WHOLE:
		return is_whole(e->fields[p->field]);
	case PLACE_IP:
		return place_ip_version(e->fields[p->field]) != 0;
	case PLACE_LIST:
		return e->fields[p->field].len || (p->second != PLACE_NO_FIELD && e->fields[p->second].len);
	case PLACE_CHOSEN:
		return p->choose(e) != NULL;
	case PLACE_REPLAY:
		return e->is_replay;
	case PLACE_TRUNCATED:
		return !x->limit->is_whole;
	case PLACE_UPSTREAM:
		return x->limit->is_whole && e->body.len > 0;
	case PLACE_VERBATIM:
		return !x->is_verbatim;
	default:
		return true;
	}
}

/* What only the event itself holds. */
static void put_own(struct writing *x, enum place_source source)
{
	const struct event *e = x->event;

	switch (source) {
	case PLACE_SEQ:
		pen_unsigned(&x->pen, e->seq);
		break;
	case PLACE_ID:
		put_string(x, e->id, x->limit->id);
		break;
	case PLACE_TYPE:
		put_string(x, e->type, x->limit->id);
		break;
	case PLACE_FEED:
		put_string(x, e->feed, x->limit->id);
		break;
	case PLACE_CLASS:
		put_string(x, view_of(event_classes[e->class].name), PLACE_UNCUT);
		break;
	case PLACE_SEVERITY:
		put_string(x, view_of(event_severity_names[e->severity]), PLACE_UNCUT);
		break;
	case PLACE_MESSAGE:
		put_string(x, e->message, x->limit->text);
		break;
	case PLACE_HASH:
		put_digest(x, e->hash);
		break;
	case PLACE_CHAIN:
		put_digest(x, e->chain);
		break;
	case PLACE_TIME:
		put_time(x, e->time_ns);
		break;
	case PLACE_OBSERVED:
		put_time(x, e->observed_ns);
		break;
	case PLACE_TIME_MS:
		pen_number(&x->pen, e->time_ns / NS_PER_MS);
		break;
	case PLACE_UPSTREAM:
		x->is_verbatim = pen_json(&x->pen, e->body);
		break;
	default:
		break;
	}
}

static void put_value(struct writing *x, const struct place *p)
{
	switch (p->source) {
	case PLACE_FIELD:
	case PLACE_WHOLE:
		put_field(x, p->field);
		break;
	case PLACE_IP:
		put_string(x, x->event->fields[p->field], PLACE_UNCUT);
		break;
	case PLACE_LIST:
		put_list(x, p);
		break;
	case PLACE_TEXT:
		put_string(x, view_of(p->text), PLACE_UNCUT);
		break;
	case PLACE_CHOSEN:
		pen_word(&x->pen, p->choose(x->event));
		break;
	case PLACE_NUMBER:
		pen_number(&x->pen, p->number(x->event));
		break;
	case PLACE_REDACTED:
		pen_word(&x->pen, x->event->is_redacted ? "true" : "false");
		break;
	case PLACE_REPLAY:
	case PLACE_TRUNCATED:
		PEN_LITERAL(&x->pen, "true");
		break;
	case PLACE_VERBATIM:
		PEN_LITERAL(&x->pen, "false");
		break;
	default:
		put_own(x, p->source);
		break;
	}
}

static void put_key(struct writing *x, struct view name)
{
	if (x->has_member)
		pen_byte(&x->pen, ',');
	x->has_member = true;
	pen_byte(&x->pen, '"');
	pen_add(&x->pen, name);
	PEN_LITERAL(&x->pen, "\":");
}

/* The first member of a path; *path becomes the rest. */
static struct view next_name(struct view *path)
{
	size_t dot = text_find_byte(*path, '.');
	struct view name = view_sub(*path, 0, dot);

	*path = dot == SIZE_MAX ? VIEW_NONE : view_sub(*path, dot + 1, SIZE_MAX);
	return name;
}

/* Leaves the object that is open and enters that at path, but for those that both are in. */
static void move_to(struct writing *x, struct view path)
{
	struct view from = x->object, to = path;

	while (from.len && to.len) {
		struct view left = from, right = to;

		if (!text_eq(next_name(&left), next_name(&right)))
			break;
		from = left;
		to = right;
	}
	while (from.len) {
		(void)next_name(&from);
		pen_byte(&x->pen, '}');
		x->has_member = true;
	}
	while (to.len) {
		put_key(x, next_name(&to));
		pen_byte(&x->pen, '{');
		x->has_member = false;
	}
	x->object = path;
}

static void put_member(struct writing *x, const struct place *p)
{
	struct view path = view_of(p->path), object;
	size_t end = path.len;

	while (end > 0 && path.ptr[end - 1] != '.')
		end--;
	object = view_sub(path, 0, end ? end - 1 : 0);
	if (!text_eq(object, x->object))
		move_to(x, object);
	put_key(x, view_sub(path, end, SIZE_MAX));
	put_value(x, p);
}

int place_write_json(struct buf *out, const struct event *event, const struct place *places, size_t count,
		     const struct place_limit *limit)
{
	struct writing x = { .pen = { .out = out }, .event = event, .limit = limit, .is_verbatim = true };

	pen_byte(&x.pen, '{');
	for (size_t i = 0; i < count; i++)
		if (is_there(&x, &places[i]))
			put_member(&x, &places[i]);
	move_to(&x, VIEW_NONE);
	pen_byte(&x.pen, '}');
	return x.pen.has_failed ? -1 : 0;
}

/* --- fitting --- */

static const struct place_limit limits[] = {
	{ true, PLACE_SPARE, PLACE_UNCUT, PLACE_UNCUT },
	{ false, PLACE_SPARE, PLACE_UNCUT, PLACE_UNCUT },
	{ false, PLACE_SPARE, 1024, PLACE_UNCUT },
	{ false, PLACE_SPARE, 256, PLACE_UNCUT },
	{ false, PLACE_SPARE, 64, PLACE_UNCUT },
	{ false, PLACE_NEEDED, 64, PLACE_UNCUT },
	{ false, PLACE_NEEDED, 32, 64 },
	{ false, PLACE_VITAL, 16, 24 },
	{ false, PLACE_VITAL, 8, 8 },
};

bool encode_may_have_cut_id(size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if (len <= limits[i].id && limits[i].id - len < CHARACTER_BYTES) /* cut between characters */
			return true;
	return false;
}

int place_fit(const struct event *event, const struct encoder_options *options, struct buf *out, bool *ret_is_cut,
	      int (*write)(const struct event *event, const struct encoder_options *options, struct buf *out,
			   const struct place_limit *limit))
{
	size_t start = out->len;

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		buf_cut(out, start);
		if (write(event, options, out, &limits[i])) {
			buf_cut(out, start);
			return -1;
		}
		*ret_is_cut = !limits[i].is_whole;
		if (!options->max_message || out->len - start <= options->max_message)
			break;
	}
	return 0;
}
