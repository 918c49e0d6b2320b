/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/encode/place.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"

#define NS_PER_S 1'000'000'000
#define NS_PER_MS 1'000'000
#define DIGITS_MOST 9u
#define PATH_DEPTH 8

struct view place_cut(struct view v, size_t most, bool *ret_is_cut)
{
	size_t len = v.len;

	if (len <= most)
		return v;
	*ret_is_cut = true;
	len = most;
	while (len > 0 && ((unsigned char)v.ptr[len] & 0xC0) == 0x80)
		len--;
	return view_sub(v, 0, len);
}

int place_add_time(struct buf *buf, int64_t ns, unsigned digits)
{
	int64_t s = ns / NS_PER_S, part = ns % NS_PER_S;
	unsigned shown = digits;

	if (part < 0) {
		part += NS_PER_S;
		s--;
	}
	if (clock_add_rfc3339(buf, s))
		return -1;
	for (unsigned n = DIGITS_MOST; n > digits; n--)
		part /= 10;
	/* As many as there are: nothing, or three, six or nine digits. */
	while (digits == DIGITS_MOST && shown && part % 1000 == 0) {
		part /= 1000;
		shown -= 3;
	}
	if (!shown)
		return 0;
	buf_cut(buf, buf->len - 1);
	return buf_addf(buf, ".%0*lldZ", (int)shown, (long long)part);
}

/* --- JSON --- */

struct writing {
	struct jsonw w;
	const struct event *event;
	const struct place_limit *limit;
	struct view open[PATH_DEPTH]; /* the objects that are open, by name */
	size_t depth;
};

/* White space between tokens may hold newlines, which end a line here and nothing else: they become spaces. */
static int add_upstream(struct buf *out, struct view body)
{
	size_t from = out->len;

	if (buf_add(out, body))
		return -1;
	for (size_t i = from; i < out->len; i++)
		if ((unsigned char)out->ptr[i] < ' ')
			out->ptr[i] = ' ';
	return 0;
}

static bool is_integer(struct view v)
{
	uint64_t n;

	return text_u64(v, INT64_MAX, &n) == 0 && (v.len == 1 || v.ptr[0] != '0');
}

static void put_text(struct writing *x, struct view v)
{
	bool is_cut = false;

	jsonw_string(&x->w, place_cut(v, x->limit->most, &is_cut));
}

static void put_time(struct writing *x, int64_t ns)
{
	DEFER(buf_done) struct buf text = BUF_INIT(64);

	if (place_add_time(&text, ns, DIGITS_MOST))
		x->w.failed = true;
	jsonw_string(&x->w, buf_view(&text));
}

static void put_digest(struct writing *x, const unsigned char *digest)
{
	DEFER(buf_done) struct buf text = BUF_INIT(2 * DIGEST_SHA256_BYTES);

	if (digest_add_hex(&text, digest, DIGEST_SHA256_BYTES))
		x->w.failed = true;
	jsonw_string(&x->w, buf_view(&text));
}

static void put_number(struct writing *x, int64_t n)
{
	DEFER(buf_done) struct buf text = BUF_INIT(32);

	if (buf_addf(&text, "%lld", (long long)n))
		x->w.failed = true;
	jsonw_raw(&x->w, buf_view(&text));
}

static void put_upstream(struct writing *x)
{
	jsonw_raw(&x->w, VIEW(" "));
	if (x->w.failed)
		return;
	buf_cut(x->w.out, x->w.out->len - 1);
	if (add_upstream(x->w.out, x->event->body))
		x->w.failed = true;
}

static bool is_there(const struct event *e, const struct place *p, const struct place_limit *limit)
{
	switch (p->source) {
	case PLACE_FIELD:
		return e->fields[p->which].ptr != NULL;
	case PLACE_BY_CLASS:
		return p->table[e->class] != NULL;
	case PLACE_REPLAY:
		return e->is_replay;
	case PLACE_TRUNCATED:
		return !limit->is_whole;
	case PLACE_UPSTREAM:
		return limit->is_whole && e->body.len > 0;
	default:
		return true;
	}
}

static void put_value(struct writing *x, const struct place *p)
{
	const struct event *e = x->event;

	switch (p->source) {
	case PLACE_FIELD:
		if (event_fields[p->which].is_number && is_integer(e->fields[p->which]))
			jsonw_raw(&x->w, e->fields[p->which]);
		else
			put_text(x, e->fields[p->which]);
		break;
	case PLACE_TEXT:
		jsonw_string(&x->w, view_of(p->constant));
		break;
	case PLACE_JSON:
		jsonw_raw(&x->w, view_of(p->constant));
		break;
	case PLACE_BY_CLASS:
		jsonw_raw(&x->w, view_of(p->table[e->class]));
		break;
	case PLACE_BY_SEVERITY:
		jsonw_raw(&x->w, view_of(p->table[e->severity]));
		break;
	case PLACE_SEQ:
		jsonw_u64(&x->w, e->seq);
		break;
	case PLACE_ID:
		jsonw_string(&x->w, e->id);
		break;
	case PLACE_TYPE:
		jsonw_string(&x->w, e->type);
		break;
	case PLACE_FEED:
		jsonw_string(&x->w, e->feed);
		break;
	case PLACE_CLASS:
		jsonw_string(&x->w, view_of(event_classes[e->class].name));
		break;
	case PLACE_SEVERITY:
		jsonw_string(&x->w, view_of(event_severity_names[e->severity]));
		break;
	case PLACE_MESSAGE:
		put_text(x, e->message);
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
		put_number(x, e->time_ns / NS_PER_MS);
		break;
	case PLACE_REDACTED:
		jsonw_bool(&x->w, e->is_redacted);
		break;
	case PLACE_REPLAY:
	case PLACE_TRUNCATED:
		jsonw_bool(&x->w, true);
		break;
	case PLACE_UPSTREAM:
		put_upstream(x);
		break;
	}
}

static void put_key(struct writing *x, struct view name)
{
	char key[64] = { 0 };

	memcpy(key, name.ptr, name.len < sizeof(key) ? name.len : sizeof(key) - 1);
	jsonw_key(&x->w, key);
}

/* Closes the objects that the path is not in, opens those that it is in; the rest of the path is the member's name. */
static struct view enter(struct writing *x, struct view path)
{
	size_t common = 0, dot;

	for (;;) {
		struct view rest = path;

		dot = text_find_byte(rest, '.');
		if (common < x->depth && dot != SIZE_MAX && text_eq(view_sub(rest, 0, dot), x->open[common])) {
			common++;
			path = view_sub(rest, dot + 1, SIZE_MAX);
			continue;
		}
		break;
	}
	for (; x->depth > common; x->depth--)
		jsonw_end(&x->w);
	while ((dot = text_find_byte(path, '.')) != SIZE_MAX && x->depth < PATH_DEPTH) {
		x->open[x->depth] = view_sub(path, 0, dot);
		put_key(x, x->open[x->depth++]);
		jsonw_object(&x->w);
		path = view_sub(path, dot + 1, SIZE_MAX);
	}
	return path;
}

int place_write_json(struct buf *out, const struct event *event, const struct place *places, size_t count,
		     const struct place_limit *limit)
{
	struct writing x = { .event = event, .limit = limit };

	jsonw_init(&x.w, out, 0);
	jsonw_object(&x.w);
	for (size_t i = 0; i < count; i++) {
		if (!is_there(event, &places[i], limit))
			continue;
		put_key(&x, enter(&x, view_of(places[i].path)));
		put_value(&x, &places[i]);
	}
	for (; x.depth; x.depth--)
		jsonw_end(&x.w);
	jsonw_end(&x.w);
	return jsonw_ok(&x.w) ? 0 : -1;
}

int place_fit(const struct event *event, const struct encoder_options *options, struct buf *out, bool *ret_is_cut,
	      int (*write)(const struct event *event, const struct encoder_options *options, struct buf *out,
			   const struct place_limit *limit))
{
	static const struct place_limit limits[] = { { true, PLACE_UNCUT }, { false, PLACE_UNCUT }, { false, 1024 },
						     { false, 256 },        { false, 64 },          { false, 16 } };
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
