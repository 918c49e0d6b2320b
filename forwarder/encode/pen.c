/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/encode/pen.h"

#include "common/base/clock.h"
#include "common/base/text.h"

#define NS_PER_S 1'000'000'000
#define DAY_S 86'400
#define DIGITS_MOST 9u
#define NUMBER_BYTES 20 /* UINT64_MAX */
#define CLEAN_BYTES 16  /* of one character: \xNN for each of its bytes */
#define DEL 0x7F
#define MONTHS "JanFebMarAprMayJunJulAugSepOctNovDec"

static const char hex[] = "0123456789abcdef";

void pen_word(struct pen *pen, const char *word)
{
	pen_add(pen, view_of(word));
}

void pen_unsigned(struct pen *pen, uint64_t n)
{
	char digits[NUMBER_BYTES];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	pen_add(pen, view_from(digits + at, sizeof(digits) - at));
}

void pen_number(struct pen *pen, int64_t n)
{
	if (n < 0)
		pen_byte(pen, '-');
	pen_unsigned(pen, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

void pen_digest(struct pen *pen, const unsigned char digest[static DIGEST_SHA256_BYTES])
{
	char *at = pen_room(pen, (size_t)2 * DIGEST_SHA256_BYTES);

	if (!at)
		return;
	for (size_t i = 0; i < DIGEST_SHA256_BYTES; i++) {
		*at++ = hex[digest[i] >> 4];
		*at++ = hex[digest[i] & 15];
	}
	pen_did(pen, (size_t)2 * DIGEST_SHA256_BYTES);
}

/* --- times --- */

struct moment {
	int year, month, day;
	int64_t second; /* of the day */
	uint32_t ns;
};

static struct moment moment_of(int64_t ns)
{
	int64_t s = ns / NS_PER_S, part = ns % NS_PER_S, days;
	struct moment m;

	if (part < 0) {
		part += NS_PER_S;
		s--;
	}
	days = clock_day(s);
	clock_date(days, &m.year, &m.month, &m.day);
	m.second = s - days * DAY_S;
	m.ns = (uint32_t)part;
	return m;
}

/* So many digits, with zeros in front, and a byte behind them unless it is NUL. */
static char *put_digits(char *at, uint64_t n, unsigned digits, char behind)
{
	for (unsigned i = digits; i-- > 0; n /= 10)
		at[i] = (char)('0' + n % 10);
	at += digits;
	if (behind)
		*at++ = behind;
	return at;
}

static char *put_clock(char *at, int64_t second)
{
	uint64_t s = (uint64_t)second;

	at = put_digits(at, s / 3600, 2, ':');
	at = put_digits(at, s / 60 % 60, 2, ':');
	return put_digits(at, s % 60, 2, '\0');
}

void pen_time(struct pen *pen, int64_t ns, unsigned most_digits)
{
	struct moment m = moment_of(ns);
	char text[] = "yyyy-mm-ddThh:mm:ss.nnnnnnnnnZ", *at = text;
	unsigned digits = most_digits;

	at = put_digits(at, (uint64_t)m.year, 4, '-');
	at = put_digits(at, (uint64_t)m.month, 2, '-');
	at = put_digits(at, (uint64_t)m.day, 2, 'T');
	at = put_clock(at, m.second);
	for (unsigned i = most_digits; i < DIGITS_MOST; i++)
		m.ns /= 10;
	while (digits && m.ns % 1000 == 0) {
		m.ns /= 1000;
		digits -= 3;
	}
	if (digits) {
		*at++ = '.';
		at = put_digits(at, m.ns, digits, '\0');
	}
	*at++ = 'Z';
	pen_add(pen, view_from(text, (size_t)(at - text)));
}

void pen_bsd_time(struct pen *pen, int64_t ns)
{
	struct moment m = moment_of(ns);
	char text[] = "Mmm dd hh:mm:ss";

	memcpy(text, &MONTHS[(size_t)3 * (size_t)(m.month - 1)], 3);
	put_digits(text + 4, (uint64_t)m.day, 2, '\0');
	if (m.day < 10)
		text[4] = ' ';
	put_clock(text + 7, m.second);
	pen_add(pen, view_from(text, sizeof(text) - 1));
}

/* --- texts --- */

/* The bytes of each form that get a backslash; one of them twice where there are fewer, DEL where there are none. */
static const char escaped[PEN_FORMS][3] = {
	[PEN_JSON] = { '"', '\\', '"' },   [PEN_LINE] = { DEL, DEL, DEL },       [PEN_PARAMETER] = { '"', '\\', ']' },
	[PEN_HEADER] = { '|', '\\', '|' }, [PEN_EXTENSION] = { '=', '\\', '=' },
};

/* The top bit of each byte that is c, eight at a time; a borrow may mark one above such a byte as well. */
static uint64_t marks(uint64_t w, char c)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t x = w ^ ((unsigned char)c * ones);

	return (x - ones) & ~x;
}

/* How many bytes from at on can stand as they are: printable ASCII that is not among the special ones. */
static size_t plain_len(const char *at, size_t len, const char special[static 3])
{
	const uint64_t ones = 0x0101010101010101, tops = 0x80 * ones;
	size_t n = 0;
	uint64_t w;

	for (; n + sizeof(w) <= len; n += sizeof(w)) {
		memcpy(&w, at + n, sizeof(w));
		if (((marks(w, special[0]) | marks(w, special[1]) | marks(w, special[2]) | marks(w, DEL) |
		      ((w - 0x20 * ones) & ~w) | w) &
		     tops) != 0)
			break;
	}
	for (; n < len; n++) {
		unsigned char c = (unsigned char)at[n];

		if (c < ' ' || c >= DEL || at[n] == special[0] || at[n] == special[1] || at[n] == special[2])
			break;
	}
	return n;
}

static void put_escape(struct pen *pen, unsigned char c)
{
	char text[] = "\\u00xx";

	text[4] = hex[c >> 4];
	text[5] = hex[c & 15];
	pen_add(pen, view_from(text, sizeof(text) - 1));
}

/* The character that v starts with, which is no plain one; its length. C1 controls are escaped as well: people look at
 * this on terminals. */
static size_t put_json_odd(struct pen *pen, struct view v)
{
	unsigned char c = (unsigned char)v.ptr[0];
	size_t len = text_utf8_len(v);

	if (len == 0)
		PEN_LITERAL(pen, "\xEF\xBF\xBD");
	else if (len == 1)
		put_escape(pen, c);
	else if (c == 0xC2 && (unsigned char)v.ptr[1] < 0xA0)
		put_escape(pen, (unsigned char)v.ptr[1]);
	else
		pen_add(pen, view_sub(v, 0, len));
	return len ? len : 1;
}

/* The same for lines. What cleaning makes of it has backslashes of its own, which forms that know backslashes need
 * escaped. */
static size_t put_line_odd(struct pen *pen, struct view v, enum pen_form form)
{
	size_t len = text_utf8_len(v), start = pen->out->len, cleaned;
	struct view character = view_sub(v, 0, len ? len : 1);
	char clean[CLEAN_BYTES] = { 0 };

	if (text_add_clean(pen->out, character)) {
		pen->has_failed = true;
		return character.len;
	}
	cleaned = pen->out->len - start;
	if (form == PEN_LINE || pen->out->ptr[start] != '\\' || cleaned > sizeof(clean))
		return character.len;
	memcpy(clean, pen->out->ptr + start, cleaned);
	buf_cut(pen->out, start);
	for (size_t i = 0; i < cleaned; i++) {
		if (clean[i] == '\\')
			pen_byte(pen, '\\');
		pen_byte(pen, clean[i]);
	}
	return character.len;
}

/* The character that v starts with, which is no plain one; its length. */
static size_t put_odd(struct pen *pen, struct view v, enum pen_form form)
{
	const char *special = escaped[form];
	char c = v.ptr[0], pair[2] = { '\\', c };

	if (c != DEL && (c == special[0] || c == special[1] || c == special[2])) {
		pen_add(pen, view_from(pair, 2));
		return 1;
	}
	if (form == PEN_EXTENSION && (c == '\n' || c == '\r')) {
		pen_add(pen, c == '\n' ? VIEW("\\n") : VIEW("\\r"));
		return 1;
	}
	return form == PEN_JSON ? put_json_odd(pen, v) : put_line_odd(pen, v, form);
}

void pen_text(struct pen *pen, struct view v, enum pen_form form)
{
	while (v.len && !pen->has_failed) {
		size_t len = plain_len(v.ptr, v.len, escaped[form]);

		pen_add(pen, view_sub(v, 0, len));
		v = view_sub(v, len, SIZE_MAX);
		if (v.len && !pen->has_failed)
			v = view_sub(v, put_odd(pen, v, form), SIZE_MAX);
	}
}

/* How many bytes from at on may stand on a line. */
static size_t line_len(struct view v)
{
	const uint64_t ones = 0x0101010101010101, tops = 0x80 * ones;
	size_t n = 0;
	uint64_t w;

	for (; n + sizeof(w) <= v.len; n += sizeof(w)) {
		memcpy(&w, v.ptr + n, sizeof(w));
		if ((((w - 0x20 * ones) & ~w) | marks(w, DEL)) & tops)
			break;
	}
	while (n < v.len && (unsigned char)v.ptr[n] >= ' ' && v.ptr[n] != DEL)
		n++;
	return n;
}

bool pen_json(struct pen *pen, struct view value)
{
	bool is_same = true;

	while (value.len && !pen->has_failed) {
		size_t len = line_len(value);

		pen_add(pen, view_sub(value, 0, len));
		if (len == value.len)
			break;
		is_same = false;
		/* Below a space there is only white space between tokens; a DEL is only in strings. */
		if (value.ptr[len] == DEL)
			put_escape(pen, DEL);
		else
			pen_byte(pen, ' ');
		value = view_sub(value, len + 1, SIZE_MAX);
	}
	return is_same;
}

struct view pen_cut(struct view v, size_t most)
{
	size_t len = most;

	if (v.len <= most)
		return v;
	while (len > 0 && ((unsigned char)v.ptr[len] & 0xC0) == 0x80)
		len--;
	return view_sub(v, 0, len);
}
