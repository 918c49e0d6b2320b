/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the prefilter: its tables, and what each instruction set does with them.
 *
 * Of each literal one window is chosen: four neighbouring bytes that are rare in source text. Windows are put in eight
 * groups, one bit each. low[c] says, for a low half of a byte (a nibble), which groups have it in column c of a window,
 * high[c] the same for high halves; a position whose groups have a bit in common over all columns is a candidate. One
 * byte shuffle looks up 16 or more positions, which is why nibbles are used. With few literals the low halves alone do:
 * they tell letters apart, and a letter's two cases are one.
 *
 * A candidate's first four bytes then lead to the literals with that window (slots), which are compared whole. */
#ifndef SCANNER_PREFILTER_TEDDY_H
#define SCANNER_PREFILTER_TEDDY_H

#include <string.h>
#if defined(__x86_64__) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif

#include "scanner/prefilter/prefilter.h"

#define TEDDY_COLUMNS 4 /* no literal is shorter */
#define TEDDY_MORE 2    /* columns that are looked at where the others let something through */
#define TEDDY_NIBBLES 16
#define TEDDY_SEVEN_BITS 128
#define TEDDY_GROUPS 8
#define TEDDY_FEW 60 /* literals for which the low halves alone do */
#define TEDDY_SLOT_BITS 12
#define TEDDY_SPOTS_MAX 1024 /* candidates that are gathered before they are confirmed */

_Static_assert(TEDDY_COLUMNS <= LITERAL_MIN, "each literal fills the window and the slot key");

struct teddy_literal {
	struct literal text;   /* in lower case when nocase */
	unsigned char window;  /* where its window starts */
	unsigned char group;   /* 0 to 7 */
	uint16_t next_in_slot; /* index + 1 of the next literal, or 0 */
};

struct prefilter {
	const struct teddy_kernel *kernel;
	bool is_wide; /* both halves of each byte are looked up */
	unsigned char low[TEDDY_COLUMNS + TEDDY_MORE][TEDDY_NIBBLES], high[TEDDY_COLUMNS + TEDDY_MORE][TEDDY_NIBBLES];
	uint16_t slots[1u << TEDDY_SLOT_BITS];                             /* index + 1 of the first literal, or 0 */
	unsigned char whole[TEDDY_COLUMNS + TEDDY_MORE][TEDDY_SEVEN_BITS]; /* the same by whole bytes */
	size_t reach;                                                      /* the greatest window offset */
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
extern const struct teddy_kernel teddy_ssse3, teddy_avx2, teddy_avx512;
#endif
#ifdef __aarch64__
extern const struct teddy_kernel teddy_neon;
#endif

/* Chooses each literal's window and group, and fills is_wide, low, high and reach. */
void teddy_plan(struct prefilter *p);

/* Where the literals that are built in go, by hash: made by planc while building. */
struct teddy_known {
	uint32_t hash; /* teddy_hash */
	unsigned char window, group;
};
extern const struct teddy_known teddy_known[];
extern const size_t teddy_known_count;

uint32_t teddy_hash(const struct literal *l);

/* The halves of bytes that the literal has at a place, a bit each: of a letter whose case does not matter those of
 * both, behind its end all. */
void teddy_halves(const struct literal *l, size_t at, uint16_t *ret_low, uint16_t *ret_high);

/* The slot of the window that starts at text. Setting bit 5 makes the cases of a letter equal. */
static inline size_t teddy_slot(const void *text)
{
	uint32_t key;

	memcpy(&key, text, sizeof(key));
	return ((key | 0x20202020u) * 0x9E3779B1u) >> (32 - TEDDY_SLOT_BITS);
}

#endif
