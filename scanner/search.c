/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/search.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"

#define HITS 1024 /* prefilter hits taken at once */
#define VIA_BYTES 128
#define PHASES 16
#define BINARY_BYTES 512 /* that tell data from text here, less than elsewhere: it is asked of each file */
#define LEVELS                                                                                                         \
	(DECODE_DEPTH_MAX + 3) /* decodings within each other, whether they count or not; the first is not used */

/* A place at which a decoder is to be tried. */
struct place {
	size_t at;
	uint8_t form, phase;
};

/* A decoded text that matches refer to. */
struct kept {
	struct decoded decoded;
	char via[VIA_BYTES];
	struct kept *next;
};

struct level { /* of decodings within each other */
	struct place *places;
	size_t count, cap;
	size_t covered[DECODE_FORMS][PHASES]; /* struct decoded */
};

struct search {
	const struct marks *marks;
	struct matcher_worker *matcher;
	unsigned depth;
	size_t unpacked; /* bytes that compressed data of the piece has come to, ... */
	size_t packed;   /* ... and bytes of it that were read for that, some of them more than once */
	uint64_t base;   /* the piece's offset in the item */
	enum search_trouble trouble;
	struct kept *kept, *spare;
	struct level levels[LEVELS];
	struct buf wide[2][2];      /* the whole piece from UTF-16, by byte order and alignment */
	unsigned char wide_item[2]; /* in which of them pieces of the item were read: a bit for each alignment */
};

struct search *search_new(const struct marks *marks, struct matcher_worker *matcher, unsigned depth)
{
	struct search *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->marks = marks;
	s->matcher = matcher;
	s->depth = depth < DECODE_DEPTH_MAX ? depth : DECODE_DEPTH_MAX;
	for (size_t i = 0; i < 4; i++)
		s->wide[i / 2][i % 2] = (struct buf)BUF_INIT(SCAN_WINDOW_BYTES);
	return s;
}

static void free_list(struct kept *k)
{
	for (struct kept *next; k; k = next) {
		next = k->next;
		decoded_done(&k->decoded);
		free(k);
	}
}

void search_freep(struct search **at)
{
	struct search *s = TAKE(*at);

	if (!s)
		return;
	free_list(s->kept);
	free_list(s->spare);
	for (size_t i = 0; i < ARRAY_LEN(s->levels); i++)
		free(s->levels[i].places);
	for (size_t i = 0; i < 4; i++)
		buf_wipe(&s->wide[i / 2][i % 2]);
	free(s);
}

static int add_place(struct level *l, size_t at, enum decode_form form, unsigned phase)
{
	if (l->count == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : HITS;
		struct place *grown = reallocarray(l->places, cap, sizeof(*grown));

		if (!grown)
			return -1;
		l->places = grown;
		l->cap = cap;
	}
	l->places[l->count++] = (struct place){ .at = at, .form = (uint8_t)form, .phase = (uint8_t)phase };
	return 0;
}

static int take_hit(struct search *s, const struct subject *subject, struct level *l, const struct prefilter_hit *hit)
{
	const struct mark *mark = marks_at(s->marks, hit->tag);

	if (mark->form != DECODE_PLAIN)
		return l ? add_place(l, hit->at, (enum decode_form)mark->form, mark->phase) : 0;
	matcher_hit(s->matcher, mark->keyword, hit->at);
	if (l && mark->phase && !subject->is_joined) {
		enum decode_form form = decode_look_closer(subject->text, hit->at);

		return form != DECODE_PLAIN ? add_place(l, hit->at, form, DECODE_FROM_START) : 0;
	}
	return 0;
}

/* Feeds the hits of one text to the matcher; gathers in l, which may be NULL, where to decode. */
static int search_text(struct search *s, const struct subject *subject, struct level *l)
{
	const struct prefilter *p = marks_prefilter(s->marks);
	struct prefilter_hit hits[HITS];
	struct prefilter_cursor cursor = { 0 };
	size_t n = prefilter_scan(p, subject->text, &cursor, hits, HITS);

	if (l)
		l->count = 0;
	if (n == 0 && !matcher_wants_all(s->matcher) && !(subject->stride == 2 && matcher_wants_wide(s->matcher)))
		return 0;
	matcher_open(s->matcher, subject);
	for (; n > 0; n = prefilter_scan(p, subject->text, &cursor, hits, HITS))
		for (size_t i = 0; i < n; i++)
			if (take_hit(s, subject, l, &hits[i]))
				return -1;
	matcher_close(s->matcher);
	return 0;
}

static struct kept *kept_new(struct search *s)
{
	struct kept *k = s->spare;

	if (k) {
		s->spare = k->next;
		return k;
	}
	k = calloc(1, sizeof(*k));
	if (k)
		decoded_init(&k->decoded);
	return k;
}

/* Spans are of the text that was decoded: has them say where in the piece. */
static void place_spans(const struct search *s, const struct subject *outer, struct decoded *d)
{
	for (size_t i = 0; i < d->text.len; i++) {
		struct span *span = &d->spans[i];

		*span = (struct span){ .from = (uint32_t)(subject_start(outer, span->from) - s->base),
				       .to = (uint32_t)(subject_end(outer, span->to) - s->base) };
	}
}

static bool is_packing(enum decode_form form)
{
	return form == DECODE_GZIP || form == DECODE_ZLIB;
}

static void describe(const struct search *s, const struct subject *outer, enum decode_form form, struct kept *k,
		     struct subject *ret)
{
	size_t len = outer->via ? strlen(outer->via) : 0;
	struct buf via = { .ptr = k->via, .cap = sizeof(k->via), .max = sizeof(k->via) };

	*ret = (struct subject){ .text = buf_view(&k->decoded.text), .base = s->base, .via = k->via };
	ret->packed_bytes = outer->packed_bytes;
	ret->is_joined = outer->is_joined || form == DECODE_JOINED;
	if ((len && (buf_add(&via, view_from(outer->via, len)) || buf_add_byte(&via, ','))) ||
	    buf_add_text(&via, decode_names[form]))
		ret->via = decode_names[form];
	if (!is_packing(form)) {
		place_spans(s, outer, &k->decoded);
		ret->spans = k->decoded.spans;
		return;
	}
	ret->base = subject_start(outer, k->decoded.packed.from);
	ret->packed_bytes = (size_t)(subject_end(outer, k->decoded.packed.to) - ret->base);
}

static int search_decoded(struct search *s, const struct subject *outer, unsigned depth, unsigned used);

/* Compressed data has no spans: all that is in it stands at its first byte. */
static int search_made(struct search *s, const struct subject *outer, const struct place *place, struct kept *k,
		       unsigned depth, unsigned used)
{
	struct subject made;
	struct level *l;

	used += !is_packing((enum decode_form)place->form); /* compression disguises nothing */
	l = used < s->depth && depth < LEVELS - 1 ? &s->levels[depth + 1] : NULL;

	describe(s, outer, (enum decode_form)place->form, k, &made);
	if (search_text(s, &made, l))
		return -1;
	return l ? search_decoded(s, &made, depth + 1, used) : 0;
}

/* Each of many starts may be one of data that goes on to the end of the text, whether something comes of it or not. */
static void count_packed(struct search *s, const struct decoded *d)
{
	s->packed += d->packed.to - d->packed.from;
	s->unpacked += d->text.len;
	if (s->packed > DECODE_UNPACKED_BYTES || s->unpacked > DECODE_UNPACKED_BYTES)
		s->trouble = SEARCH_TOO_LARGE;
}

static int try_place(struct search *s, const struct subject *outer, const struct place *place, unsigned depth,
		     unsigned used)
{
	size_t *covered = &s->levels[depth].covered[place->form][place->phase % PHASES];
	size_t before = matcher_match_count(s->matcher);
	enum decode_result result;
	struct kept *k;
	int ret = 0;

	if (place->at < *covered || (is_packing((enum decode_form)place->form) && s->trouble != SEARCH_WHOLE))
		return 0;
	k = kept_new(s);
	if (!k)
		return -1;
	result = decode_at((enum decode_form)place->form, place->phase, outer->text, place->at, &k->decoded);
	*covered = k->decoded.covered;
	if (is_packing((enum decode_form)place->form))
		count_packed(s, &k->decoded);
	if (result == DECODE_TOO_LARGE)
		s->trouble = SEARCH_TOO_LARGE;
	if (result == DECODE_NO_MEMORY ||
	    ((result == DECODE_DONE || result == DECODE_TOO_LARGE) && search_made(s, outer, place, k, depth, used)))
		ret = -1;
	if (matcher_match_count(s->matcher) > before) {
		k->next = s->kept;
		s->kept = k;
	} else {
		k->next = s->spare;
		s->spare = k;
	}
	return ret;
}

/* For data that is no text: there the first two bytes of zlib data may stand side by side. In text they do not, as the
 * second of them is no character. */
static int add_zlib_places(struct level *l, struct view text)
{
	static const char seconds[] = { '\x01', '\x5E', '\x9C', '\xDA' };

	for (size_t at = 0; at < text.len; at++) {
		size_t step = text_find_byte(view_sub(text, at, text.len), 'x');

		if (step == SIZE_MAX || at + step + 1 >= text.len)
			return 0;
		at += step;
		if (memchr(seconds, text.ptr[at + 1], sizeof(seconds)) &&
		    add_place(l, at, DECODE_ZLIB, DECODE_ZLIB_HERE))
			return -1;
	}
	return 0;
}

/* Compressed data that no word leads to: it starts with the text, or stands somewhere in a binary file. */
static int add_unmarked(struct level *l, const struct subject *outer, unsigned depth)
{
	if (depth == 1 && outer->stride == 1 && text_is_binary(view_sub(outer->text, 0, BINARY_BYTES)))
		return add_zlib_places(l, outer->text);
	if (decode_is_zlib(outer->text) && (depth > 1 || outer->base == 0))
		return add_place(l, 0, DECODE_ZLIB, DECODE_ZLIB_HERE);
	return 0;
}

/* The places of the level are those that were met in outer. */
static int search_decoded(struct search *s, const struct subject *outer, unsigned depth, unsigned used)
{
	struct level *l = &s->levels[depth];

	if (add_unmarked(l, outer, depth))
		return -1;
	if (l->count)
		memset(l->covered, 0, sizeof(l->covered));
	for (size_t i = 0; i < l->count; i++)
		if (try_place(s, outer, &l->places[i], depth, used))
			return -1;
	return 0;
}

/* A piece in UTF-16 is decoded as a whole: rules may want all of it. */
static int search_wide(struct search *s, const struct piece *piece, const unsigned char found[static 2])
{
	for (size_t order = 0; order < 2; order++)
		for (size_t at = 0; at < 2; at++) {
			enum decode_form form = order ? DECODE_UTF16BE : DECODE_UTF16LE;
			struct level *l = s->depth > 1 ? &s->levels[2] : NULL;
			struct subject subject;

			if (!(found[order] >> at & 1))
				continue;
			if (decode_subject(form, piece, at, &s->wide[order][at], &subject) ||
			    search_text(s, &subject, l) || (l && search_decoded(s, &subject, 2, 1)))
				return -1;
		}
	return 0;
}

/* Takes the places of UTF-16 out of the level: a bit for each alignment, by byte order. */
static void take_wide(struct level *l, unsigned char found[static 2])
{
	size_t kept = 0;

	for (size_t i = 0; i < l->count; i++) {
		const struct place *place = &l->places[i];

		if (place->form == DECODE_UTF16LE || place->form == DECODE_UTF16BE)
			found[place->form == DECODE_UTF16BE] |= (unsigned char)(1u << (place->at & 1));
		else
			l->places[kept++] = *place;
	}
	l->count = kept;
}

/* Adds the readings that are to be kept up, as a table goes on in them; how the item starts tells the first one. */
static void keep_wide(struct search *s, const struct piece *piece, unsigned char found[static 2])
{
	enum decode_form form;
	size_t mark;

	if ((piece->is_first && piece->is_last) || !matcher_wants_wide(s->matcher))
		return;
	if (piece->is_first) {
		form = decode_detect(piece->bytes, &mark);
		s->wide_item[0] = form == DECODE_UTF16LE;
		s->wide_item[1] = form == DECODE_UTF16BE;
	}
	for (size_t order = 0; order < 2; order++)
		found[order] = s->wide_item[order] |= found[order];
}

static void start(struct search *s, const struct piece *piece)
{
	while (s->kept) {
		struct kept *k = s->kept;

		s->kept = k->next;
		k->next = s->spare;
		s->spare = k;
	}
	s->base = piece->offset;
	s->packed = s->unpacked = 0;
	s->trouble = SEARCH_WHOLE;
}

int search_piece(struct search *s, const struct piece *piece, enum search_trouble *ret_trouble)
{
	struct subject subject = { .text = piece->bytes, .base = piece->offset, .stride = 1 };
	unsigned char found[2] = { 0, 0 };

	start(s, piece);
	if (search_text(s, &subject, &s->levels[1]))
		return -1;
	take_wide(&s->levels[1], found);
	keep_wide(s, piece, found);
	if ((s->depth && search_decoded(s, &subject, 1, 0)) || search_wide(s, piece, found))
		return -1;
	*ret_trouble = s->trouble;
	return 0;
}
