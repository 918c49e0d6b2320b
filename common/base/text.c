/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/text.h"

#include <string.h>

#include "common/base/bounds.h"

#define FIND_BLOCK 64
#define HOST_BYTES 253 /* RFC 1035, section 2.3.4, without the lengths and the root */
#define NEAREST_MAX 64 /* longer texts are no typing slips */

bool text_eq(struct view a, struct view b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool text_eq_nocase(struct view a, struct view b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (text_lower(a.ptr[i]) != text_lower(b.ptr[i]))
			return false;
	return true;
}

bool text_starts(struct view v, struct view prefix)
{
	return text_eq(view_sub(v, 0, prefix.len), prefix);
}

bool text_ends(struct view v, struct view suffix)
{
	return v.len >= suffix.len && text_eq(view_sub(v, v.len - suffix.len, suffix.len), suffix);
}

int text_cmp(struct view a, struct view b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.ptr, b.ptr, len) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool text_is_host(struct view v)
{
	char before = '.';

	for (size_t i = 0; i < v.len; i++) {
		char c = v.ptr[i];

		if (!text_is_alnum(c) && c != '-' && c != '.' && c != '_')
			return false;
		if (before == '.' && (c == '.' || c == '-'))
			return false;
		before = c;
	}
	return v.len > 0 && v.len <= HOST_BYTES && before != '-';
}

struct view text_trim(struct view v)
{
	while (v.len && text_is_space(v.ptr[0]))
		v = view_sub(v, 1, v.len);
	while (v.len && text_is_space(v.ptr[v.len - 1]))
		v.len--;
	return v;
}

/* Whether the pair stands at one of the FIND_BLOCK places from p on. Written so that compilers make vectors of it. */
static bool has_pair(const char *p, char first, char second)
{
	unsigned char any = 0;

	for (size_t i = 0; i < FIND_BLOCK; i++)
		any |= (unsigned char)((p[i] == first) & (p[i + 1] == second));
	return any;
}

/* Short needles in short texts are what this is for: memmem has to prepare itself for each. */
size_t text_find(struct view haystack, struct view needle)
{
	size_t at = 0, last;

	if (needle.len == 0)
		return 0;
	if (needle.len == 1)
		return text_find_byte(haystack, needle.ptr[0]);
	if (needle.len > haystack.len)
		return SIZE_MAX;
	last = haystack.len - needle.len;
	while (at <= last) {
		size_t end = at + FIND_BLOCK;

		if (end < haystack.len && !has_pair(haystack.ptr + at, needle.ptr[0], needle.ptr[1])) {
			at = end;
			continue;
		}
		for (; at < end && at <= last; at++)
			if (haystack.ptr[at] == needle.ptr[0] && memcmp(haystack.ptr + at, needle.ptr, needle.len) == 0)
				return at;
	}
	return SIZE_MAX;
}

size_t text_find_byte(struct view haystack, char byte)
{
	const char *at = haystack.len ? memchr(haystack.ptr, byte, haystack.len) : NULL;

	return at ? (size_t)(at - haystack.ptr) : SIZE_MAX;
}

bool text_is_binary(struct view text)
{
	return text_find_byte(view_sub(text, 0, TEXT_BINARY_BYTES), '\0') != SIZE_MAX;
}

void text_place(struct view text, size_t at, size_t *ret_line, size_t *ret_column)
{
	size_t start = 0, newline;

	text = view_sub(text, 0, at);
	for (*ret_line = 1; (newline = text_find_byte(view_sub(text, start, text.len), '\n')) != SIZE_MAX;
	     (*ret_line)++)
		start += newline + 1;
	*ret_column = text.len - start + 1;
}

bool text_next_line(struct view *rest, struct view *line)
{
	size_t end;

	if (rest->len == 0)
		return false;
	end = text_find_byte(*rest, '\n');
	*line = view_sub(*rest, 0, end);
	*rest = end == SIZE_MAX ? VIEW_NONE : view_sub(*rest, end + 1, rest->len);
	if (line->len && line->ptr[line->len - 1] == '\r')
		line->len--;
	return true;
}

int text_u64(struct view v, uint64_t max, uint64_t *ret)
{
	uint64_t n = 0;

	if (v.len == 0)
		return -1;
	for (size_t i = 0; i < v.len; i++) {
		if (!text_is_digit(v.ptr[i]))
			return -1;
		if (__builtin_mul_overflow(n, (uint64_t)10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(v.ptr[i] - '0'), &n) || n > max)
			return -1;
	}
	*ret = n;
	return 0;
}

/* The factor that a unit stands for, or 0. */
static uint64_t unit_factor(struct view unit)
{
	static const char letters[] = "kmgt";
	bool is_decimal = unit.len == 2 && text_lower(unit.ptr[1]) == 'b';
	bool is_binary = unit.len == 1 || (unit.len == 3 && text_eq_nocase(view_sub(unit, 1, 2), VIEW("ib")));
	const char *at;
	uint64_t factor = 1;

	if (unit.len == 0)
		return 1;
	at = strchr(letters, text_lower(unit.ptr[0]));
	if (!at || !*at || !(is_decimal || is_binary))
		return 0;
	for (const char *p = letters; p <= at; p++)
		factor *= is_decimal ? 1000 : 1024;
	return factor;
}

int text_size(struct view v, uint64_t max, uint64_t *ret)
{
	size_t digits = 0;
	uint64_t number, factor;

	while (digits < v.len && text_is_digit(v.ptr[digits]))
		digits++;
	factor = unit_factor(view_sub(v, digits, v.len));
	if (!factor || text_u64(view_sub(v, 0, digits), UINT64_MAX, &number))
		return -1;
	if (__builtin_mul_overflow(number, factor, &number) || number > max)
		return -1;
	*ret = number;
	return 0;
}

static const struct {
	char letter;
	uint64_t ms;
} duration_units[] = {
	{ 'y', UINT64_C(31'536'000'000) },
	{ 'w', 604'800'000 },
	{ 'd', 86'400'000 },
	{ 'h', 3'600'000 },
	{ 'm', 60'000 },
	{ 's', 1000 },
};

int text_duration(struct view v, uint64_t max_ms, uint64_t *ret_ms)
{
	size_t unit = 0;
	uint64_t n;

	if (text_eq(v, VIEW("0"))) {
		*ret_ms = 0;
		return 0;
	}
	while (v.len && unit < ARRAY_LEN(duration_units) && duration_units[unit].letter != v.ptr[v.len - 1])
		unit++;
	if (!v.len || unit == ARRAY_LEN(duration_units) || text_u64(view_sub(v, 0, v.len - 1), UINT64_MAX, &n))
		return -1;
	if (__builtin_mul_overflow(n, duration_units[unit].ms, &n) || n > max_ms)
		return -1;
	*ret_ms = n;
	return 0;
}

int text_add_duration(struct buf *buf, uint64_t ms)
{
	for (size_t i = 0; ms && i < ARRAY_LEN(duration_units); i++)
		if (ms % duration_units[i].ms == 0)
			return buf_addf(buf, "%llu%c", (unsigned long long)(ms / duration_units[i].ms),
					duration_units[i].letter);
	return buf_addf(buf, "%llu%s", (unsigned long long)ms, ms ? "ms" : "s");
}

/* Length of a sequence by its first byte and the range of its second byte; 0 for a byte that starts none. */
static size_t utf8_lead(unsigned char c, unsigned char *low, unsigned char *high)
{
	*low = 0x80;
	*high = 0xBF;
	if (c < 0x80)
		return 1;
	if (c >= 0xC2 && c <= 0xDF)
		return 2;
	if (c >= 0xE0 && c <= 0xEF) {
		*low = c == 0xE0 ? 0xA0 : 0x80;
		*high = c == 0xED ? 0x9F : 0xBF;
		return 3;
	}
	if (c >= 0xF0 && c <= 0xF4) {
		*low = c == 0xF0 ? 0x90 : 0x80;
		*high = c == 0xF4 ? 0x8F : 0xBF;
		return 4;
	}
	return 0;
}

size_t text_utf8_len(struct view v)
{
	unsigned char low, high;
	size_t len = v.len ? utf8_lead((unsigned char)v.ptr[0], &low, &high) : 0;

	if (len == 0 || len > v.len)
		return 0;
	for (size_t i = 1; i < len; i++) {
		unsigned char c = (unsigned char)v.ptr[i];

		if (c < low || c > high)
			return 0;
		low = 0x80;
		high = 0xBF;
	}
	return len;
}

static uint32_t utf8_decode(const char *p, size_t len)
{
	static const unsigned char first_bits[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	uint32_t code = (unsigned char)p[0] & first_bits[len];

	for (size_t i = 1; i < len; i++)
		code = (code << 6) | ((unsigned char)p[i] & 0x3F);
	return code;
}

/* Blocks of Unicode in which no letters are: Latin-1's signs, punctuation to arrows and symbols, CJK punctuation,
 * private use, variants and forms of punctuation, pictures, tags. */
static bool is_sign(uint32_t code)
{
	static const struct {
		uint32_t from, to;
	} blocks[] = { { 0x80, 0xBF },       { 0xD7, 0xD7 },       { 0xF7, 0xF7 },     { 0x2000, 0x2BFF },
		       { 0x2E00, 0x2E7F },   { 0x3000, 0x3004 },   { 0x3007, 0x3020 }, { 0x3030, 0x3030 },
		       { 0xE000, 0xF8FF },   { 0xFE00, 0xFE6F },   { 0xFEFF, 0xFF20 }, { 0xFFE0, 0xFFFF },
		       { 0x1F000, 0x1FAFF }, { 0xE0000, 0x10FFFF } };

	for (size_t i = 0; i < ARRAY_LEN(blocks); i++)
		if (code >= blocks[i].from && code <= blocks[i].to)
			return true;
	return false;
}

bool text_has_letter(struct view v)
{
	for (size_t i = 0, len; i < v.len; i += len ? len : 1) {
		len = text_utf8_len(view_sub(v, i, SIZE_MAX));
		if (len > 1 ? !is_sign(utf8_decode(v.ptr + i, len)) : text_is_alnum(v.ptr[i]))
			return true;
	}
	return false;
}

/* Code points that move the cursor, hide text or reorder it: C0, DEL, C1, line and paragraph separators, and the
 * bidirectional controls of Unicode Standard Annex 9. */
static bool is_unsafe(uint32_t code)
{
	return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x200E || code == 0x200F ||
	       (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0x061C ||
	       code == 0xFEFF;
}

static int add_escaped(struct buf *buf, struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (buf_addf(buf, "\\x%02x", (unsigned char)v.ptr[i]))
			return -1;
	return 0;
}

int text_add_clean(struct buf *buf, struct view v)
{
	size_t start = buf->len, from = 0;

	for (size_t i = 0; i < v.len;) {
		size_t len = text_utf8_len(view_sub(v, i, v.len));

		if (len && !is_unsafe(utf8_decode(v.ptr + i, len))) {
			i += len;
			continue;
		}
		if (!len)
			len = 1;
		if (buf_add(buf, view_sub(v, from, i - from)) || add_escaped(buf, view_sub(v, i, len))) {
			buf_cut(buf, start);
			return -1;
		}
		i += len;
		from = i;
	}
	if (buf_add(buf, view_sub(v, from, v.len))) {
		buf_cut(buf, start);
		return -1;
	}
	return 0;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Edits between a and b (optimal string alignment), three rows at a time. Both are at most NEAREST_MAX long. */
static size_t edits(struct view a, struct view b)
{
	size_t rows[3][NEAREST_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b.len; j++)
		last[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *spare = before;

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			bool same = text_lower(a.ptr[i - 1]) == text_lower(b.ptr[j - 1]);

			row[j] = min3(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
			if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1] &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = last;
		last = row;
		row = spare;
	}
	return last[b.len];
}

const char *text_nearest(struct view v, const char *const *names, size_t count)
{
	size_t best = (v.len < 3 ? 1 : v.len / 3) + 1;
	const char *ret = NULL;

	if (v.len == 0 || v.len > NEAREST_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		struct view name = view_of(names[i]);
		size_t n;

		if (name.len > NEAREST_MAX)
			continue;
		n = edits(v, name);
		if (n < best) {
			best = n;
			ret = names[i];
		}
	}
	return ret;
}

int text_add_grouped(struct buf *buf, uint64_t number)
{
	size_t start = buf->len, digits;

	if (buf_addf(buf, "%llu", (unsigned long long)number))
		return -1;
	if (buf_reserve(buf, 8)) {
		buf_cut(buf, start);
		return -1;
	}
	digits = buf->len - start;
	for (size_t from_end = 3; from_end < digits; from_end += 3) {
		char *at = buf->ptr + start + digits - from_end;

		memmove(at + 1, at, buf->len - (size_t)(at - buf->ptr) + 1);
		*at = ',';
		buf->len++;
	}
	return 0;
}

int text_add_bytes(struct buf *buf, uint64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	uint64_t whole = bytes, rest = 0;
	size_t unit = 0;

	while (whole >= 1000 && unit + 1 < ARRAY_LEN(units)) {
		rest = whole % 1000;
		whole /= 1000;
		unit++;
	}
	if (unit == 0 || whole >= 100)
		return buf_addf(buf, "%llu %s", (unsigned long long)whole, units[unit]);
	if (whole >= 10)
		return buf_addf(buf, "%llu.%llu %s", (unsigned long long)whole, (unsigned long long)(rest / 100),
				units[unit]);
	return buf_addf(buf, "%llu.%02llu %s", (unsigned long long)whole, (unsigned long long)(rest / 10), units[unit]);
}
