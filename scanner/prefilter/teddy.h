/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the prefilter: its tables, and what each instruction set does with them.
 *
 * Of each literal one window is chosen: a few neighbouring bytes that are rare in source text. Windows are put in eight
 * groups, one bit each. columns[c] says, for a low nibble (half byte), which groups have it in column c of a window; a
 * position whose bytes' groups have a bit in common over all columns is a candidate. One byte shuffle looks up 16 or
 * more positions, which is why nibbles are used. High nibbles hardly tell letters apart and cost as much to look up as
 * low ones; and without them a letter's two cases are one.
 *
 * A candidate's first four bytes then lead to the literals with that window (slots), which are compared whole. */
#ifndef SCANNER_PREFILTER_TEDDY_H
#define SCANNER_PREFILTER_TEDDY_H

#include <string.h>
#if defined(__x86_64__) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif

#include "scanner/prefilter/prefilter.h"

#define TEDDY_NARROW 4 /* columns: enough for some 20 literals, and no literal is shorter */
#define TEDDY_WIDE 6   /* fewer candidates at the price of two more look-ups */
#define TEDDY_NIBBLES 16
#define TEDDY_SLOT_BITS 12
#define TEDDY_SPOTS_MAX 1024 /* candidates that are gathered before they are confirmed */

_Static_assert(TEDDY_NARROW <= LITERAL_MIN, "each literal fills the narrow window and the slot key");

struct teddy_literal {
	struct literal text;   /* in lower case when nocase */
	unsigned char window;  /* where its window starts */
	unsigned char group;   /* 0 to 7 */
	uint16_t next_in_slot; /* index + 1 of the next literal, or 0 */
};

struct prefilter {
	const struct teddy_kernel *kernel;
	unsigned width; /* TEDDY_NARROW or TEDDY_WIDE */
	unsigned char columns[TEDDY_WIDE][TEDDY_NIBBLES];
	uint16_t slots[1u << TEDDY_SLOT_BITS]; /* index + 1 of the first literal, or 0 */
	size_t reach;                          /* the greatest window offset */
	size_t count;
	struct teddy_literal literals[];
};

struct teddy_kernel {
	const char *name;
	bool (*is_supported)(void);

	/* Stores candidates (window positions, ascending) in ret and returns how many. Looks at positions from *at on,
	 * at least up to `to` unless ret gets full; *at is where to go on, at most bytes.len. A window may be reported
	 * that does not lie within bytes. */
	size_t (*find)(const struct prefilter *p, struct view bytes, size_t *at, size_t to,
		       size_t ret[static TEDDY_SPOTS_MAX]);
	size_t (*count_lines)(struct view bytes);
};

extern const struct teddy_kernel teddy_scalar;
#ifdef __x86_64__
/* glibc knows it since the program's start. The compiler's own way asks the processor, which takes 50 us in a virtual
 * machine, where each such question ends in the hypervisor. */
#if __has_include(<sys/platform/x86.h>)
#define TEDDY_HAS(feature, name) CPU_FEATURE_ACTIVE(feature)
#else
#define TEDDY_HAS(feature, name) __builtin_cpu_supports(name)
#endif
extern const struct teddy_kernel teddy_ssse3, teddy_avx2;
#endif

/* Chooses each literal's window and group, and fills width, columns and reach. */
void teddy_plan(struct prefilter *p);

/* The slot of the window that starts at text. Setting bit 5 makes the cases of a letter equal. */
static inline size_t teddy_slot(const void *text)
{
	uint32_t key;

	memcpy(&key, text, sizeof(key));
	return ((key | 0x20202020u) * 0x9E3779B1u) >> (32 - TEDDY_SLOT_BITS);
}

#endif
