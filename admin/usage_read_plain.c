/* SPDX-License-Identifier: Apache-2.0 */
/* Reads usage records as nearly all are: one pass, nothing copied. Whatever it does not know at sight, a wrong record
 * as well, is left to usage_read_any.c. So it only has to be right about what it takes. */
#include <string.h>

#include "admin/usage_field.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/json_plain.h"
#include "common/sys/json_reader.h"

#define NUMBER_DIGITS 13 /* of USAGE_TOKENS_MAX */
#define FRACTION_DIGITS 9
#define FIRST_BIT 0x80 /* of a memo's level: the bytes open it */

struct scan { /* at becomes NULL when the record is left to the other reader */
	const char *at, *end;
	struct usage_reader *reader;
	struct usage_raw raw;
	unsigned slot; /* of the next memo */
	unsigned depth;
	uint8_t levels[LEVELS]; /* that were entered */
	bool is_first;          /* the level's bracket is still to come */
};

static inline const char *skip_space(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
		at++;
	return at;
}

static inline bool is_at(const char *at, const char *end, char c)
{
	return at < end && *at == c;
}

/* What may follow a number or a name. */
static inline bool is_over(const char *at, const char *end)
{
	return at < end && (*at == ',' || *at == '}' || *at == ' ' || *at == '\t' || *at == '\r');
}

/* The text behind the quote at at, which moves behind the other quote; NULL: it has an escape, or is none. */
static inline const char *scan_text(const char *at, const char *end, struct view *ret)
{
	const char *from = ++at;

	for (;;) {
		size_t len;

		at = json_plain_end(at, end);
		if (at == end)
			return NULL;
		if (*at == '"')
			break;
		len = (unsigned char)*at >= 0x80 ? text_utf8_len(view_from(at, (size_t)(end - at))) : 0;
		if (len == 0)
			return NULL;
		at += len;
	}
	*ret = view_from(from, (size_t)(at - from));
	return at + 1;
}

static inline const char *scan_number(const char *at, const char *end, uint64_t *ret)
{
	const char *from = at;
	uint64_t n = 0;

	while (at < end && at - from < NUMBER_DIGITS && (unsigned)(*at - '0') < 10)
		n = n * 10 + (uint64_t)(*at++ - '0');
	if (at == from || (*from == '0' && at - from > 1) || n > USAGE_TOKENS_MAX || !is_over(at, end))
		return NULL;
	*ret = n;
	return at;
}

static inline bool is_digit(char c)
{
	return (unsigned)(c - '0') < 10;
}

/* Two digits and what follows them, below a limit; -1 when they are none. */
static inline int two_digits(const char *at, int below)
{
	int n = is_digit(at[0]) && is_digit(at[1]) ? (at[0] - '0') * 10 + (at[1] - '0') : below;

	return n < below ? n : -1;
}

/* The end of a time: a fraction, and UTC. */
static bool is_time_end(struct view rest)
{
	size_t i = 0;

	if (rest.len && rest.ptr[0] == '.') {
		for (i = 1; i < rest.len && is_digit(rest.ptr[i]); i++)
			;
		if (i < 2 || i - 1 > FRACTION_DIGITS)
			return false;
	}
	rest = view_sub(rest, i, rest.len);
	return rest.len == 0 || (rest.len == 1 && rest.ptr[0] == 'Z') || text_eq(rest, VIEW("+00:00"));
}

static bool scan_time(struct usage_reader *reader, struct view text, int64_t *ret)
{
	const char *at = text.ptr;
	int hours, minutes, seconds;
	int64_t days;

	if (text.len < 19 || at[10] != 'T' || at[13] != ':' || at[16] != ':')
		return false;
	if (memcmp(reader->date, at, USAGE_DATE_BYTES) != 0) {
		if (clock_parse_date(view_sub(text, 0, USAGE_DATE_BYTES), &days))
			return false;
		memcpy(reader->date, at, USAGE_DATE_BYTES);
		reader->date_s = days * 86400;
	}
	hours = two_digits(at + 11, 24);
	minutes = two_digits(at + 14, 60);
	seconds = two_digits(at + 17, 60);
	*ret = reader->date_s + hours * 3600 + minutes * 60 + seconds;
	return (hours | minutes | seconds) >= 0 && is_time_end(view_sub(text, 19, text.len));
}

static void remember(struct usage_memo *memo, struct view bytes, uint8_t tag, enum usage_field field)
{
	memcpy(memo->bytes, bytes.ptr, bytes.len);
	memo->len = (uint8_t)bytes.len;
	memo->level = tag;
	memo->field = (uint8_t)field;
}

/* A key with all that leads to its value; the level may end instead. false: it does, or at is NULL. */
static bool scan_key(struct scan *s, uint8_t tag, enum usage_field *ret)
{
	const char *from = s->at, *at = skip_space(from, s->end);
	struct view key;

	s->at = NULL;
	if (!s->is_first && is_at(at, s->end, '}')) {
		s->at = at + 1;
		return false;
	}
	if (!is_at(at, s->end, s->is_first ? '{' : ','))
		return false;
	at = skip_space(at + 1, s->end);
	if (s->is_first && is_at(at, s->end, '}')) {
		s->at = at + 1;
		return false;
	}
	if (!is_at(at, s->end, '"') || !(at = scan_text(at, s->end, &key)))
		return false;
	at = skip_space(at, s->end);
	if (!is_at(at, s->end, ':'))
		return false;
	at = skip_space(at + 1, s->end);
	*ret = usage_field_of(key, (enum usage_level)(tag & ~FIRST_BIT));
	s->at = at;
	if (s->slot < USAGE_MEMOS && at - from <= USAGE_MEMO_BYTES)
		remember(&s->reader->memos[s->slot], view_from(from, (size_t)(at - from)), tag, *ret);
	return true;
}

/* The same, for keys that were in this place of the record before. */
static inline bool next_key(struct scan *s, enum usage_field *ret)
{
	const struct usage_memo *memo = s->slot < USAGE_MEMOS ? &s->reader->memos[s->slot] : NULL;
	uint8_t tag = (uint8_t)(s->levels[s->depth] | (s->is_first ? FIRST_BIT : 0));

	if (memo && memo->len && memo->level == tag && s->end - s->at >= memo->len &&
	    memcmp(s->at, memo->bytes, memo->len) == 0) {
		*ret = memo->field;
		s->at += memo->len;
		return true;
	}
	return scan_key(s, tag, ret);
}

/* null, which is as if the field were not there; or another name. */
static const char *scan_name(const char *at, const char *end, const char *name)
{
	size_t len = strlen(name);

	return (size_t)(end - at) > len && memcmp(at, name, len) == 0 && is_over(at + len, end) ? at + len : NULL;
}

static const char *scan_flag(const char *at, const char *end, bool *ret)
{
	const char *behind = scan_name(at, end, "true");

	*ret = behind != NULL;
	return behind ? behind : scan_name(at, end, "false");
}

static const char *scan_other(struct scan *s)
{
	struct json_reader json = json_reader_of(view_from(s->at, (size_t)(s->end - s->at)), NULL);
	struct view value;

	json.depth = s->depth + 1;
	return json_read_value(&json, &value) ? NULL : json.at;
}

static const char *scan_field(struct scan *s, enum usage_field field)
{
	struct usage_raw *raw = &s->raw;
	struct view text;
	const char *at;

	if (field < FIELD_NUMBERS)
		return scan_number(s->at, s->end, &raw->numbers[field]);
	if (field >= FIELD_BATCH)
		return scan_flag(s->at, s->end, field == FIELD_BATCH ? &raw->is_batch : &raw->is_fast);
	at = is_at(s->at, s->end, '"') ? scan_text(s->at, s->end, &text) : NULL;
	if (!at || text.len > NAME_BYTES)
		return NULL;
	if (field == FIELD_TIMESTAMP)
		return scan_time(s->reader, text, &raw->unix_s) ? at : NULL;
	raw->texts[field - FIELD_MODEL] = text;
	return at;
}

static inline void scan_value(struct scan *s, enum usage_field field)
{
	if (field == FIELD_OTHER) {
		s->at = scan_other(s);
		return;
	}
	if (is_at(s->at, s->end, 'n')) {
		s->at = scan_name(s->at, s->end, "null");
		return;
	}
	if (field >= FIELD_USAGE) {
		s->is_first = is_at(s->at, s->end, '{') && s->depth + 1 < LEVELS;
		if (s->is_first)
			s->levels[++s->depth] = field == FIELD_USAGE ? LEVEL_USAGE : LEVEL_CACHE_CREATION;
		else
			s->at = NULL;
		return;
	}
	s->at = s->raw.seen & usage_bit(field) ? NULL : scan_field(s, field);
	s->raw.seen |= usage_bit(field);
}

int usage_record_read_plain(struct usage_reader *reader, struct view line, struct usage_record *ret)
{
	struct scan s = { .at = line.ptr, .end = line.ptr + line.len, .reader = reader, .is_first = true };
	enum usage_field field;

	for (;;) {
		if (next_key(&s, &field)) {
			s.is_first = false;
			s.slot++;
			scan_value(&s, field);
			if (!s.at)
				return 1;
			continue;
		}
		if (!s.at)
			return 1;
		s.is_first = false;
		if (s.depth == 0)
			break;
		s.depth--;
	}
	if (skip_space(s.at, s.end) != s.end)
		return 1;
	return usage_raw_finish(&s.raw, ret) ? 1 : 0;
}
