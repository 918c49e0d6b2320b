/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/classify/checks.h"

#include <string.h>

#define BIGRAM_SLOTS 4096 /* a 12-bit hash of two bytes; for key characters nearly one slot a pair */
#define COPY_MIN 3
#define FLAG_LITERAL 9 /* 15 of 16 times a character is new, ... */
#define FLAG_COPY 400  /* ... else a copy starts */
#define MASK_RUN 6     /* x six times in a row stands in one of 10^8 random bodies */

static unsigned slot_of(const char *at)
{
	return (((unsigned char)at[0] & 63u) << 6 | ((unsigned char)at[1] & 63u)) % BIGRAM_SLOTS;
}

static size_t common_len(struct view text, size_t earlier, size_t at)
{
	size_t len = 0;

	while (at + len < text.len && text.ptr[earlier + len] == text.ptr[at + len])
		len++;
	return len;
}

/* Where it comes from and how long it is: the Elias gamma code of the length. */
static int copy_cost(size_t at, size_t len)
{
	int length_bits = 0;

	for (size_t n = len - COPY_MIN + 1; n > 1; n >>= 1)
		length_bits++;
	return FLAG_COPY + bits_log2((unsigned)at) + BITS(2 * length_bits + 1);
}

int repetition_saved(struct view text, int literal_cost)
{
	uint8_t latest[BIGRAM_SLOTS]; /* position + 1 of the latest pair with that hash */
	int saved = 0;
	size_t copied_to = 0;

	memset(latest, 0, sizeof(latest));
	for (size_t i = 0; i + 1 < text.len && i < UINT8_MAX; i++) {
		uint8_t *slot = &latest[slot_of(text.ptr + i)];

		if (i >= copied_to) {
			size_t len = *slot ? common_len(text, *slot - 1u, i) : 0;
			int gain = len < COPY_MIN ? 0 : (int)len * literal_cost - copy_cost(i, len);

			saved += gain > 0 ? gain : -FLAG_LITERAL;
			copied_to = gain > 0 ? i + len : i + 1;
		}
		*slot = (uint8_t)(i + 1);
	}
	return saved;
}

bool repetition_is_masked(struct view text)
{
	unsigned run = 0;

	for (size_t i = 0; i < text.len && run < MASK_RUN; i++)
		run = text.ptr[i] != 'x' && text.ptr[i] != 'X' ? 0 : i && text.ptr[i] == text.ptr[i - 1] ? run + 1 : 1;
	return run >= MASK_RUN;
}
