/* SPDX-License-Identifier: Apache-2.0 */
/* Which part of each literal is looked for, and which literals share a group: what matters is how many candidates a
 * text will have. Of the literals that are built in that is worked out while building (planc.c); any others, such as
 * the keywords of a user's rules, go where they add least, by how often each byte occurs in text.
 *
 * A group's column lets a byte through when both its halves are those of some literal's byte there: with many literals
 * these are more bytes than the literals have, which is why it matters who shares a group. */
#include "scanner/prefilter/teddy.h"

#define GROUPS TEDDY_GROUPS
#define NIBBLES TEDDY_NIBBLES
#define ALL_HALVES 0xFFFFu

/* Of 10,000 bytes of text (C, Python, shell, JavaScript, JSON, HTML) so many are each. What is rare there may be usual
 * in the next file, so that nothing counts as rarer than 5; and binary files hold zeros. */
static const unsigned short byte_share[128] = {
	300, 5,   5,   5,  5,   5,   5,   5,   5,  122, 295,  5,   5,   93,  5,   5,  5,   5,   5,  5,  5,   5,
	5,   5,   5,   5,  5,   5,   5,   5,   5,  5,   1615, 10,  191, 39,  37,  20, 20,  104, 98, 98, 22,  20,
	114, 98,  129, 98, 90,  60,  60,  40,  40, 40,  40,   40,  40,  40,  80,  34, 71,  72,  86, 10, 10,  27,
	20,  24,  20,  31, 20,  20,  20,  30,  10, 10,  20,   20,  20,  20,  24,  10, 24,  40,  31, 20, 10,  10,
	10,  10,  10,  14, 13,  14,  5,   161, 11, 356, 73,   252, 222, 673, 131, 89, 142, 413, 16, 35, 261, 132,
	349, 353, 210, 37, 430, 443, 500, 189, 68, 45,  56,   61,  20,  46,  20,  45, 5,   5,
};
#define SHARE_ALL 10000.0f
#define SHARE_BEYOND 0.2f /* of each byte above 127 */

struct column {
	uint16_t low, high; /* halves that are let through: a bit each */
	float share;        /* of text bytes that it lets through */
};

struct plan {
	bool is_wide;
	struct column columns[GROUPS][TEDDY_COLUMNS];
	float share[GROUPS];           /* of text positions that the group lets through; 0 while it is empty */
	float bytes[NIBBLES][NIBBLES]; /* share of each byte: by its high half, then by its low one */
	float lows[NIBBLES];           /* share of all bytes with that low half */
};

void teddy_halves(const struct literal *l, size_t at, uint16_t *ret_low, uint16_t *ret_high)
{
	unsigned char byte;

	*ret_low = *ret_high = ALL_HALVES;
	if (at >= l->len)
		return;
	byte = l->bytes[at];
	*ret_low = (uint16_t)(1u << (byte & 0x0F));
	*ret_high = (uint16_t)(1u << (byte >> 4));
	if (l->nocase && byte >= 'a' && byte <= 'z')
		*ret_high |= (uint16_t)(1u << ((byte ^ 0x20) >> 4));
}

uint32_t teddy_hash(const struct literal *l)
{
	uint32_t hash = 2166136261u ^ l->nocase; /* FNV-1a */

	for (size_t i = 0; i < l->len; i++)
		hash = (hash ^ l->bytes[i]) * 16777619u;
	return hash;
}

static float share_of(const struct plan *plan, uint16_t low, uint16_t high)
{
	float rows[NIBBLES] = { 0 }, share = 0;

	if (!plan->is_wide) {
		for (unsigned l = 0; l < NIBBLES; l++)
			share += low >> l & 1 ? plan->lows[l] : 0;
		return share;
	}
	for (unsigned h = 0; h < NIBBLES; h++)
		if (high >> h & 1)
			for (unsigned l = 0; l < NIBBLES; l++)
				rows[l] += plan->bytes[h][l];
	for (unsigned l = 0; l < NIBBLES; l++)
		share += low >> l & 1 ? rows[l] : 0;
	return share;
}

/* How much more text the group lets through with this window in it. */
static float cost_of(const struct plan *plan, const struct teddy_literal *l, size_t window, unsigned group)
{
	float share = 1;

	for (unsigned c = 0; c < TEDDY_COLUMNS; c++) {
		const struct column *column = &plan->columns[group][c];
		uint16_t low, high;

		teddy_halves(&l->text, window + c, &low, &high);
		if ((column->low & low) == low && (column->high & high) == high)
			share *= column->share;
		else
			share *= share_of(plan, column->low | low, column->high | high);
	}
	return share - plan->share[group];
}

static void add_to_group(struct plan *plan, const struct teddy_literal *l)
{
	float share = 1;

	for (unsigned c = 0; c < TEDDY_COLUMNS; c++) {
		struct column *column = &plan->columns[l->group][c];
		uint16_t low, high;

		teddy_halves(&l->text, l->window + c, &low, &high);
		if ((column->low & low) != low || (column->high & high) != high) {
			column->low |= low;
			column->high |= high;
			column->share = share_of(plan, column->low, column->high);
		}
		share *= column->share;
	}
	plan->share[l->group] = share;
}

static void place(struct plan *plan, struct teddy_literal *l)
{
	float best = 2;

	for (size_t w = 0; w + TEDDY_COLUMNS <= l->text.len; w++)
		for (unsigned g = 0; g < GROUPS; g++) {
			float cost = cost_of(plan, l, w, g);

			if (cost >= best)
				continue;
			best = cost;
			l->window = (unsigned char)w;
			l->group = (unsigned char)g;
		}
	add_to_group(plan, l);
}

static void fill_whole(struct prefilter *p, const struct teddy_literal *l)
{
	unsigned char group = (unsigned char)(1u << l->group);

	for (unsigned c = 0; c < TEDDY_COLUMNS + TEDDY_MORE; c++) {
		size_t at = l->window + c;
		unsigned char byte = at < l->text.len ? l->text.bytes[at] : 0;
		bool has_cases = l->text.nocase && byte >= 'a' && byte <= 'z';

		for (unsigned b = 0; at >= l->text.len && b < TEDDY_SEVEN_BITS; b++)
			p->whole[c][b] |= group;
		p->whole[c][byte & 0x7F] |= group;
		p->whole[c][(has_cases ? byte ^ 0x20 : byte) & 0x7F] |= group;
	}
}

static void fill_columns(struct prefilter *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct teddy_literal *l = &p->literals[i];
		unsigned char group = (unsigned char)(1u << l->group);

		for (unsigned c = 0; c < TEDDY_COLUMNS + TEDDY_MORE; c++) {
			uint16_t low, high;

			teddy_halves(&l->text, l->window + c, &low, &high);
			for (unsigned n = 0; n < NIBBLES; n++) {
				p->low[c][n] |= low >> n & 1 ? group : 0;
				p->high[c][n] |= high >> n & 1 ? group : 0;
			}
		}
		fill_whole(p, l);
		if (l->window > p->reach)
			p->reach = l->window;
	}
}

/* Takes what was worked out while building. false: nothing was, for this one. */
static bool take_known(struct teddy_literal *l)
{
	uint32_t hash = teddy_hash(&l->text);
	size_t low = 0, high = teddy_known_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (teddy_known[mid].hash < hash)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == teddy_known_count || teddy_known[low].hash != hash ||
	    teddy_known[low].window + TEDDY_COLUMNS > l->text.len)
		return false;
	l->window = teddy_known[low].window;
	l->group = teddy_known[low].group;
	return true;
}

static void start(struct plan *plan, bool is_wide)
{
	*plan = (struct plan){ .is_wide = is_wide };
	for (unsigned b = 0; b < NIBBLES * NIBBLES; b++) {
		float share = (b < TEDDY_SEVEN_BITS ? (float)byte_share[b] : SHARE_BEYOND) / SHARE_ALL;

		plan->bytes[b / NIBBLES][b % NIBBLES] = share;
		plan->lows[b % NIBBLES] += share;
	}
}

void teddy_plan(struct prefilter *p)
{
	struct plan plan;
	size_t known = 0;

	p->is_wide = p->count > TEDDY_FEW;
	for (size_t i = 0; p->is_wide && i < p->count; i++) {
		p->literals[i].group = GROUPS;
		known += take_known(&p->literals[i]);
	}
	if (known < p->count) {
		start(&plan, p->is_wide);
		for (size_t i = 0; known && i < p->count; i++)
			if (p->literals[i].group < GROUPS)
				add_to_group(&plan, &p->literals[i]);
		for (size_t i = 0; i < p->count; i++)
			if (!known || p->literals[i].group == GROUPS)
				place(&plan, &p->literals[i]);
	}
	fill_columns(p);
}
