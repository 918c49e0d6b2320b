/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/inspect.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/classify/classify.h"
#include "scanner/spelled.h"

#define CONTEXT_BYTES 256 /* of the line, for classification, to each side */
#define MARKER_BYTES 4096 /* how far from a finding an allow marker may stand on its line */
#define SHOWN_BEFORE_BYTES 128
#define NEIGHBOURS 256 /* other matches that are masked in a line, before and behind */
#define RIVALS 256     /* candidates that a further one is compared with */
#define PATH_BYTES (1u << 20)

struct candidate {
	const struct match *match;
	enum confidence confidence;
	uint32_t checks;
	uint32_t violations;
};

void inspector_init(struct inspector *i, const struct inspect_options *options, struct matcher_worker *matcher)
{
	*i = (struct inspector){ .options = options, .matcher = matcher };
	i->path = (struct buf)BUF_INIT(PATH_BYTES);
	i->below = (struct buf)BUF_INIT(PATH_BYTES);
	i->masked = (struct buf)BUF_INIT(8 * MATCH_SECRET_BYTES);
	i->before = (struct buf)BUF_INIT(64 * MATCH_SECRET_BYTES);
	i->after = (struct buf)BUF_INIT(64 * MATCH_SECRET_BYTES);
	i->suggestion = (struct buf)BUF_INIT(4 * NAME_BYTES);
}

void inspector_done(struct inspector *i)
{
	free(i->candidates);
	buf_done(&i->path);
	buf_done(&i->below);
	buf_wipe(&i->masked);
	buf_wipe(&i->before);
	buf_wipe(&i->after);
	buf_done(&i->suggestion);
}

/* An item of one piece starts when a match is met in it: most never do. */
static void start(struct inspector *i, const struct piece *piece)
{
	if (piece->is_first)
		position_start(&i->position, piece);
}

void inspector_leave(struct inspector *i, const struct piece *piece, bool had_matches)
{
	/* the next piece starts so far before this one's end, and its matches start behind this place */
	uint64_t end = piece->offset + piece->bytes.len;

	if (!had_matches)
		start(i, piece);
	position_advance(&i->position, piece, end - SCAN_OVERLAP_BYTES / 2, i->options->counter);
}

/* The part of the line that stands before a match, at most max bytes of it, and the part behind. */
static struct view line_before(struct view text, size_t at, size_t max)
{
	size_t from = at;

	while (from > 0 && at - from < max && text.ptr[from - 1] != '\n')
		from--;
	return view_sub(text, from, at - from);
}

static struct view line_after(struct view text, size_t at, size_t max)
{
	struct view rest = view_sub(text, at, max);
	struct view line = view_sub(rest, 0, text_find_byte(rest, '\n'));

	if (line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

static struct view secret_of(const struct match *m)
{
	return view_sub(m->subject.text, m->from, m->to - m->from);
}

/* false: there is nothing to report in it. */
static bool judge(const struct inspector *i, const struct match *m, struct candidate *ret)
{
	struct classify_input in = { .rule = m->rule,
				     .secret = secret_of(m),
				     .before = line_before(m->subject.text, m->from, CONTEXT_BYTES),
				     .after = line_after(m->subject.text, m->to, CONTEXT_BYTES) };

	*ret = (struct candidate){ .match = m, .confidence = m->rule->confidence };
	if (m->rule->kind == KIND_KEYNAME) {
		struct spelled store;

		ret->violations = keyname_check(i->options->names, spelled_name(in.secret, &store));
		return ret->violations != 0;
	}
	ret->confidence = classify(&in, &ret->checks);
	if (ret->confidence > m->rule->confidence)
		ret->confidence = m->rule->confidence;
	if (m->subject.is_joined && ret->confidence > CONFIDENCE_LOW)
		ret->confidence--; /* that the parts belong together is not said anywhere */
	return true;
}

static bool is_name(const struct candidate *c)
{
	return c->match->rule->kind == KIND_KEYNAME;
}

/* ASCII in UTF-16 reads as both byte orders, one byte apart. Units start at even offsets in practice; where that cannot
 * be told, the order is that of Windows. */
static bool is_misaligned(const struct match *m)
{
	struct view via = m->subject.via ? view_of(m->subject.via) : VIEW_NONE;

	if (text_starts(via, VIEW("utf-16")))
		return m->start & 1;
	return text_ends(via, view_of(decode_names[DECODE_UTF16BE]));
}

static unsigned decoders_of(const struct match *m)
{
	unsigned count = m->subject.via ? 1 : 0;

	for (const char *c = m->subject.via; c && *c; c++)
		count += *c == ',';
	return count;
}

/* Whether b is the first part of a, which looks like a shorter key to whoever does not read on as a does. Of what was
 * joined it has to be a whole key. */
static bool completes(const struct candidate *a, const struct candidate *b)
{
	struct view whole = secret_of(a->match), part = secret_of(b->match);
	size_t len;

	if (a->checks || whole.len <= part.len || !text_starts(whole, part) ||
	    decoders_of(a->match) <= decoders_of(b->match))
		return false;
	return !a->match->subject.is_joined || (decode_is_whole(whole, &len) && len == whole.len);
}

/* Whether a is b read to its end: the windows in which a text is decoded cut a key that has no fixed length. */
static bool outlasts(const struct candidate *a, const struct candidate *b)
{
	struct view whole = secret_of(a->match), part = secret_of(b->match);

	return a->match->rule_index == b->match->rule_index && a->match->start == b->match->start &&
	       decoders_of(a->match) == decoders_of(b->match) && !a->match->subject.is_joined && whole.len > part.len &&
	       text_starts(whole, part);
}

/* Of two matches that overlap, the surer one counts; then the one to which less objects; the more specific rule's; the
 * one that takes less decoding; the better aligned. */
static bool is_better(const struct candidate *a, const struct candidate *b)
{
	unsigned decoders = decoders_of(a->match), other = decoders_of(b->match);

	if (completes(a, b) || completes(b, a))
		return completes(a, b);
	if (outlasts(a, b) || outlasts(b, a))
		return outlasts(a, b);
	if (a->confidence != b->confidence)
		return a->confidence > b->confidence;
	if (!a->checks != !b->checks)
		return !a->checks;
	if (a->match->rule_index != b->match->rule_index)
		return a->match->rule_index < b->match->rule_index;
	if (decoders != other)
		return decoders < other;
	return is_misaligned(b->match) && !is_misaligned(a->match);
}

/* Whether both are the same text, read in two ways. Of compressed data all stands in one place: there it is the text
 * itself that tells. */
static bool are_rivals(const struct match *a, const struct match *b)
{
	if (a->end <= b->start || b->end <= a->start)
		return false;
	if (!a->subject.packed_bytes || !b->subject.packed_bytes)
		return true;
	return text_starts(secret_of(a), secret_of(b)) || text_starts(secret_of(b), secret_of(a));
}

/* Puts c into the list, or in place of one that it overlaps and is better than. Matches come in order of start. */
static int settle(struct inspector *i, const struct candidate *c)
{
	size_t least = i->count > RIVALS ? i->count - RIVALS : 0;

	for (size_t n = i->count; n > least; n--) {
		struct candidate *other = &i->candidates[n - 1];

		if (is_name(other) != is_name(c) || !are_rivals(other->match, c->match))
			continue;
		if (is_better(c, other))
			*other = *c;
		return 0;
	}
	if (i->count == i->cap) {
		size_t cap = i->cap ? 2 * i->cap : 64;
		struct candidate *grown = reallocarray(i->candidates, cap, sizeof(*grown));

		if (!grown)
			return -1;
		i->candidates = grown;
		i->cap = cap;
	}
	i->candidates[i->count++] = *c;
	return 0;
}

/* Appends [from, to) of the subject that m is in, in UTF-8, with what looks like a key masked. */
static int show_plain(struct buf *out, const struct match *m, const struct piece *piece, size_t from, size_t to)
{
	DEFER(buf_wipe) struct buf text = BUF_INIT(16 * MATCH_SECRET_BYTES);
	const struct subject *s = &m->subject;
	bool is_le = s->via == decode_names[DECODE_UTF16LE];
	size_t at = (size_t)(s->base - piece->offset) + from * s->stride;
	struct view bytes = view_sub(piece->bytes, at, (to - from) * s->stride);

	if (s->stride != 2)
		return secret_add_masked_text(out, view_sub(s->text, from, to - from), VIEW_NONE);
	if (decode_add_utf8(&text, bytes, is_le ? DECODE_UTF16LE : DECODE_UTF16BE))
		return -1;
	return secret_add_masked_text(out, buf_view(&text), VIEW_NONE);
}

/* Where what may belong to a secret ends: what follows without a break is taken with it. */
static size_t secret_end(const struct match *m)
{
	size_t to = m->to;

	while (to < m->subject.text.len && to - m->to < MATCH_SECRET_BYTES &&
	       secret_is_key_char(m->subject.text.ptr[to]))
		to++;
	return to;
}

/* Where the secret of another match stands in the text that m is in: [*ret_from, *ret_to), empty when nowhere. */
static void find_other(const struct match *m, const struct match *o, size_t *ret_from, size_t *ret_to)
{
	const struct subject *s = &m->subject;
	bool is_same = o->subject.text.ptr == s->text.ptr;

	*ret_from = *ret_to = 0;
	if (is_same) {
		*ret_from = o->from;
		*ret_to = secret_end(o);
	} else if (s->spans || s->stride) { /* in compressed data, places tell nothing */
		*ret_from = subject_find(s, o->start);
		*ret_to = subject_find(s, o->end - 1) + 1;
	}
}

/* Whether both are one secret, in one place: UTF-16 also reads in the other byte order, a byte apart. */
static bool is_reading_of(const struct match *o, const struct match *m)
{
	return o->start < m->end && m->start < o->end && text_eq(secret_of(o), secret_of(m));
}

/* The same with each other secret that was matched there masked, also one that looks like no key, or is encoded. */
static int show(struct inspector *i, struct buf *out, const struct match *m, size_t index, const struct piece *piece,
		size_t from, size_t to)
{
	size_t k = index > NEIGHBOURS ? index - NEIGHBOURS : 0;

	for (; k < i->match_count && k <= index + NEIGHBOURS && from < to; k++) {
		const struct match *o = &i->matches[k];
		size_t other, end;

		if (k == index || o->rule->kind == KIND_KEYNAME || is_reading_of(o, &i->matches[index]))
			continue;
		find_other(m, o, &other, &end);
		if (end <= from || other >= to || other >= end)
			continue;
		if ((other > from && show_plain(out, m, piece, from, other)) || secret_add_mask(out, secret_of(o)))
			return -1;
		from = end;
	}
	return from < to ? show_plain(out, m, piece, from, to) : 0;
}

/* A line is cut for showing, but not inside of what may be a key: its mask is known by its start. */
static size_t shown_from(const struct match *m)
{
	struct view text = m->subject.text;
	size_t from = m->from - line_before(text, m->from, SHOWN_BEFORE_BYTES).len, least;

	least = from > MATCH_SECRET_BYTES ? from - MATCH_SECRET_BYTES : 0;
	for (size_t at = from; at > least && secret_is_key_char(text.ptr[at - 1]); at--)
		if (text_starts(view_sub(text, at - 1, text.len), VIEW("sk-ant-")))
			return at - 1;
	return from;
}

/* The match as the item has it: of what was decoded, the place where it stands. Compressed data tells nobody anything,
 * and neither do bytes of UTF-16: of these the decoded text is shown. */
static struct match as_it_stands(const struct inspector *i, const struct match *m, const struct piece *piece)
{
	struct match outer = *m;

	if (!m->subject.spans || m->subject.packed_bytes || i->position.form != DECODE_PLAIN)
		return outer;
	outer.subject = (struct subject){ .text = piece->bytes, .base = piece->offset, .stride = 1 };
	outer.from = (size_t)(m->start - piece->offset);
	outer.to = (size_t)(m->end - piece->offset);
	return outer;
}

static int show_line(struct inspector *i, const struct match *m, const struct piece *piece)
{
	struct match outer = as_it_stands(i, m, piece);
	bool is_exact = m->rule->kind == KIND_KEYNAME || outer.subject.stride != m->subject.stride;
	size_t from = shown_from(&outer), to = is_exact ? outer.to : secret_end(m), index = (size_t)(m - i->matches);
	struct view after = line_after(outer.subject.text, to, LINE_TEXT_BYTES - SHOWN_BEFORE_BYTES);

	return show(i, &i->before, &outer, index, piece, from, outer.from) ||
	       show(i, &i->after, &outer, index, piece, to, to + after.len);
}

static int describe_secret(struct inspector *i, const struct candidate *c, struct finding *f)
{
	struct view secret = secret_of(c->match);
	struct spelled store;

	if (!is_name(c)) {
		secret_id(secret, f->secret_id);
		return secret_add_mask(&i->masked, secret);
	}
	secret = spelled_name(secret, &store);
	secret_id(secret, f->secret_id);
	secret = view_sub(secret, 0, NAME_BYTES);
	if (secret_add_masked_text(&i->masked, secret, VIEW_NONE))
		return -1;
	if (!text_eq(buf_view(&i->masked), secret))
		return 0; /* a key in place of its name: no advice that repeats it */
	return keyname_add_suggestion(i->options->names, secret, &i->suggestion);
}

static void place(struct inspector *i, const struct match *m, const struct piece *piece, struct finding *f)
{
	struct position end;

	position_advance(&i->position, piece, m->start, i->options->counter);
	end = i->position;
	position_advance(&end, piece, m->end, i->options->counter);
	f->offset = m->start;
	f->start_line = i->position.line;
	f->start_column = i->position.column;
	f->start_utf16 = i->position.utf16;
	f->end_line = end.line;
	f->end_column = end.column;
	f->end_utf16 = end.utf16;
}

static struct view line_round(struct view text, size_t from, size_t to)
{
	struct view before = line_before(text, from, MARKER_BYTES);
	struct view after = line_after(text, to, MARKER_BYTES);

	return view_sub(text, from - before.len, before.len + (to - from) + after.len);
}

/* The line of the item itself in which decoded text stands. */
static struct view outer_line(const struct match *m, const struct piece *piece)
{
	return line_round(piece->bytes, (size_t)(m->start - piece->offset), (size_t)(m->end - piece->offset));
}

/* A rule's allow entry for a path is asked about the whole one, and about a member's own. */
static const char *allowed_by_rule(const struct inspector *i, const struct match *m, struct view line,
				   const struct finding *f)
{
	struct view path = view_of(f->below);
	const char *reason = matcher_allowed(i->matcher, m, line, path);

	if (!reason && f->own_len)
		reason = matcher_allowed(i->matcher, m, line, view_sub(path, path.len - f->own_len, f->own_len));
	return reason;
}

/* Also tells of a marker that counts for nothing. */
static const char *allowed_by(struct inspector *i, const struct match *m, const struct piece *piece, struct finding *f)
{
	struct view line = line_round(m->subject.text, m->from, m->to), outer = VIEW_NONE;
	const char *reason = allowed_by_rule(i, m, line, f), *marker = NULL;

	if (m->subject.stride != 1)
		outer = outer_line(m, piece);
	if (!reason && outer.len)
		reason = allowed_by_rule(i, m, outer, f);
	if (!reason && !i->options->ignore_allow)
		marker = suppress_marker(line);
	if (!reason && !marker && !i->options->ignore_allow)
		marker = suppress_marker(outer);
	if (i->options->distrusts_markers)
		f->origin.untrusted = marker;
	else if (marker)
		reason = marker;
	if (!reason && !i->options->ignore_allow)
		reason = suppress_reason(i->options->suppress, f);
	return reason;
}

static void clear_texts(struct inspector *i)
{
	buf_clear(&i->masked);
	buf_clear(&i->before);
	buf_clear(&i->after);
	buf_clear(&i->suggestion);
}

static int report(struct inspector *i, const struct piece *piece, const struct candidate *c, struct records *ret)
{
	const struct match *m = c->match;
	bool is_enforced = is_name(c) && i->options->names->enforce;
	struct finding f = { .rule = m->rule,
			     .severity = is_enforced ? SEVERITY_HIGH : m->rule->severity,
			     .confidence = c->confidence,
			     .checks = c->checks,
			     .violations = c->violations,
			     .entropy_centibits = classify_entropy(secret_of(m)),
			     .via = m->subject.via,
			     .path = i->path.ptr,
			     .below = i->below.ptr,
			     .inside_len = i->item->inside_len,
			     .own_len = i->item->own_len };

	if (i->item->origin)
		f.origin = *i->item->origin;
	place(i, m, piece, &f);
	clear_texts(i);
	if (describe_secret(i, c, &f) || show_line(i, m, piece))
		return -1;
	f.allowed_by = allowed_by(i, m, piece, &f);
	f.status = f.allowed_by ? STATUS_ALLOWED : STATUS_NEW;
	f.masked = i->masked.ptr;
	f.line_before = i->before.ptr ? i->before.ptr : "";
	f.line_after = i->after.ptr ? i->after.ptr : "";
	f.suggestion = i->suggestion.len ? i->suggestion.ptr : NULL;
	if (i->options->found)
		i->options->found(i->options->context, &f, secret_of(m));
	return records_add_finding(ret, &f);
}

static int by_start(const void *a, const void *b)
{
	const struct match *x = ((const struct candidate *)a)->match, *y = ((const struct candidate *)b)->match;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->rule_index > y->rule_index) - (x->rule_index < y->rule_index);
}

int inspector_take(struct inspector *i, const struct item *item, const struct piece *piece, const struct match *matches,
		   size_t count, struct records *ret)
{
	struct candidate c;

	start(i, piece);
	i->count = 0;
	i->item = item;
	i->matches = matches;
	i->match_count = count;
	buf_clear(&i->path);
	buf_clear(&i->below);
	if (item_add_path(item, &i->path) || item_add_below(item, &i->below))
		return -1;
	for (size_t n = 0; n < count; n++)
		if (judge(i, &matches[n], &c) && settle(i, &c))
			return -1;
	/* a better match that took another's place may start behind the next one */
	if (i->count > 1)
		qsort(i->candidates, i->count, sizeof(*i->candidates), by_start);
	for (size_t n = 0; n < i->count; n++)
		if (report(i, piece, &i->candidates[n], ret))
			return -1;
	return 0;
}
