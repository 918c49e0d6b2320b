/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and cleaning text. Everything takes a view; nothing depends on the locale. */
#ifndef COMMON_BASE_TEXT_H
#define COMMON_BASE_TEXT_H

#include "common/base/buf.h"

bool text_eq(struct view a, struct view b);
bool text_eq_nocase(struct view a, struct view b); /* ASCII letters only */
bool text_starts(struct view v, struct view prefix);
bool text_ends(struct view v, struct view suffix);
int text_cmp(struct view a, struct view b); /* bytes as unsigned, shorter first: memcmp order */

static inline bool text_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool text_is_alpha(char c) /* ASCII */
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool text_is_alnum(char c)
{
	return text_is_alpha(c) || text_is_digit(c);
}

static inline bool text_is_space(char c) /* space, \t \n \v \f \r */
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline char text_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline int text_hex_value(char c) /* 0 to 15; -1: it is no hexadecimal digit */
{
	char lower = text_lower(c);

	if (text_is_digit(c))
		return c - '0';
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* What a noun ends in behind that number: "" or "s". */
static inline const char *text_plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* Whether it has the form of a host's name: labels of letters, digits, - and _ between dots, none empty and none that
 * begins with -, in at most 253 bytes (RFC 1123, section 2.1; _ as DNS has it, RFC 2181, section 11). So has an IPv4
 * address. */
bool text_is_host(struct view v);

struct view text_trim(struct view v); /* without text_is_space on both ends */

/* Position of the first occurrence, or SIZE_MAX. An empty needle is found at 0. */
size_t text_find(struct view haystack, struct view needle);
size_t text_find_byte(struct view haystack, char byte);

/* Whether it is data that a program reads, not a person: whether a NUL byte stands in its first TEXT_BINARY_BYTES, by
 * which git tells. */
bool text_is_binary(struct view text);

/* Cuts the next line off *rest into *line (without its \n or \r\n). false at the end. */
bool text_next_line(struct view *rest, struct view *line);

/* Line and column of the byte at that place, both from 1; lines end at \n, columns are bytes. */
void text_place(struct view text, size_t at, size_t *ret_line, size_t *ret_column);

/* Decimal digits only, the whole view, at most max. 0 or -1. */
[[nodiscard]] int text_u64(struct view v, uint64_t max, uint64_t *ret);

/* A size in bytes: digits, then nothing, K, M, G or T (also KiB, MiB, ... = 1024-based, kB, MB, ... = 1000-based; a
 * single letter is 1024-based). The whole view, at most max. 0 or -1. */
[[nodiscard]] int text_size(struct view v, uint64_t max, uint64_t *ret);

/* A duration: digits, then s, m, h, d (24 hours), w (7 days) or y (365 days); 0 needs no unit. The whole view, at most
 * max_ms. Milliseconds. 0 or -1. */
[[nodiscard]] int text_duration(struct view v, uint64_t max_ms, uint64_t *ret_ms);

/* Appends a duration in the largest of these units that tells it exactly: "90s", "2h"; "0s"; what is no whole number of
 * seconds in "ms". */
[[nodiscard]] int text_add_duration(struct buf *buf, uint64_t ms);

/* Appends v so that it is safe on a terminal and in a log: control bytes, DEL, C1 controls, bidirectional overrides
 * and bytes that are no valid UTF-8 (RFC 3629) become \xNN; a backslash stays. 0, or -1 as buf_add. */
[[nodiscard]] int text_add_clean(struct buf *buf, struct view v);

/* Length of the valid UTF-8 sequence (RFC 3629) that v starts with: 1 to 4, or 0 when there is none. */
size_t text_utf8_len(struct view v);

/* Whether a letter or digit of any alphabet is in it. Beyond ASCII, code points are told from dashes, ticks, arrows and
 * the like by the blocks of Unicode that they are in; bytes that are no valid UTF-8 are none. */
bool text_has_letter(struct view v);

/* The entry of names (count long) that is fewest edits from v (insert, delete, replace, swap of neighbours), or NULL
 * when none is within a third of v's length (at least one edit). For "did you mean". */
const char *text_nearest(struct view v, const char *const *names, size_t count);

/* Appends number with a comma between groups of three digits: 78,579. */
[[nodiscard]] int text_add_grouped(struct buf *buf, uint64_t number);

/* Appends bytes in the largest 1000-based unit that keeps it above 1: "512 B", "1.24 GB". */
[[nodiscard]] int text_add_bytes(struct buf *buf, uint64_t bytes);

#endif
