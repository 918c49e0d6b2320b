/* SPDX-License-Identifier: Apache-2.0 */
/* The input: a byte for how many hits are fetched at a time, then literals (a byte with the length in its low 6 bits
 * less LITERAL_MIN and nocase in the highest, then the bytes) up to a byte END, then the text. Every instruction set
 * must find what comparing each literal at each position finds, and count the same lines. */
#include <stdlib.h>
#include <string.h>

#include "scanner/prefilter/prefilter.h"

#define END 0x7F
#define FUZZ_LITERALS 16
#define CAP_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct naive {
	const struct literal *set;
	size_t count;
	struct view text;
	size_t at, literal; /* what is tried next */
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool stands_at(const struct literal *l, struct view text)
{
	if (text.len < l->len)
		return false;
	for (size_t i = 0; i < l->len; i++) {
		char a = text.ptr[i], b = (char)l->bytes[i];

		if (l->nocase ? lower(a) != lower(b) : a != b)
			return false;
	}
	return true;
}

/* The next hit in order. */
static bool next_hit(struct naive *n, struct prefilter_hit *ret)
{
	for (; n->at < n->text.len; n->at++, n->literal = 0)
		while (n->literal < n->count) {
			size_t i = n->literal++;

			if (stands_at(&n->set[i], view_sub(n->text, n->at, n->text.len))) {
				*ret = (struct prefilter_hit){ n->at, (uint16_t)i, n->set[i].tag };
				return true;
			}
		}
	return false;
}

static void check_level(struct naive naive, enum prefilter_level level, size_t cap)
{
	DEFER(prefilter_freep) struct prefilter *p = prefilter_new(naive.set, naive.count, level, NULL);
	struct prefilter_hit hits[CAP_MAX], want;
	struct prefilter_cursor cursor = { 0 };
	size_t n, lines = 0;

	if (!p)
		abort();
	do {
		n = prefilter_scan(p, naive.text, &cursor, hits, cap);
		for (size_t i = 0; i < n; i++)
			if (!next_hit(&naive, &want) || want.at != hits[i].at || want.literal != hits[i].literal ||
			    want.tag != hits[i].tag)
				abort();
	} while (n == cap);
	if (next_hit(&naive, &want) || cursor.at != naive.text.len)
		abort();
	for (size_t i = 0; i < naive.text.len; i++)
		lines += naive.text.ptr[i] == '\n';
	if (prefilter_count_lines(p, naive.text) != lines)
		abort();
}

/* Cuts a literal off the front of *rest. */
static bool take_literal(struct view *rest, struct literal *ret)
{
	unsigned char head = rest->len ? (unsigned char)rest->ptr[0] : END;
	size_t len = (head & 0x3Fu) + LITERAL_MIN;

	if (head == END)
		return false;
	if (len > LITERAL_MAX || rest->len - 1 < len)
		return false;
	*ret = (struct literal){ .len = (unsigned char)len, .nocase = head & 0x80, .tag = head };
	memcpy(ret->bytes, rest->ptr + 1, len);
	*rest = view_sub(*rest, 1 + len, rest->len);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct literal set[FUZZ_LITERALS];
	struct view rest = view_from(data, size);
	size_t count = 0, cap;
	DEFER(freep) char *text = NULL;

	if (!size)
		return 0;
	cap = 1 + data[0] % CAP_MAX;
	rest = view_sub(rest, 1, size);
	while (count < FUZZ_LITERALS && take_literal(&rest, &set[count]))
		count++;
	rest = view_sub(rest, 1, rest.len);
	text = malloc(rest.len + 1); /* a copy of its own: reading behind it is seen */
	if (!text)
		return 0;
	memcpy(text + 1, rest.ptr, rest.len);
	rest.ptr = text + 1;
	for (int level = 0; level < PREFILTER_BEST; level++)
		if (prefilter_has((enum prefilter_level)level))
			check_level((struct naive){ .set = set, .count = count, .text = rest },
				    (enum prefilter_level)level, cap);
	return 0;
}
