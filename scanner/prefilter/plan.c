/* SPDX-License-Identifier: Apache-2.0 */
/* Which part of each literal is looked for, and which literals share a group: what matters is how many candidates a
 * text will have. That is estimated from how often each low nibble occurs; each literal goes where it adds least, and
 * may move again once the others are in place. Literals with alike windows find each other by themselves: sharing
 * costs nothing. */
#include "scanner/prefilter/teddy.h"

#define GROUPS 8
#define ROUNDS_MAX 3
#define ROUND_GAIN 0.95f /* a round that leaves more than this of the estimate was the last */

/* From this estimate on, candidates cost more time than two more look-ups (measured on Zen 4 and kernel source, where
 * 20 literals have 0.0002, 60 have 0.002). */
#define WIDE_ABOVE 1.5e-3f

#define ANY_NIBBLE TEDDY_NIBBLES /* behind a literal's end */

/* Share of text bytes with each low nibble: C, Python, JavaScript, shell, JSON and HTML, in equal parts. */
static const float nibble_share[TEDDY_NIBBLES] = {
	0.261f, 0.052f, 0.066f, 0.074f, 0.076f, 0.085f, 0.027f, 0.025f,
	0.030f, 0.060f, 0.040f, 0.012f, 0.041f, 0.033f, 0.048f, 0.070f,
};

struct plan {
	unsigned width;
	uint16_t users[TEDDY_WIDE][TEDDY_NIBBLES][GROUPS];
	/* Share of text bytes that a group's column lets through, once this nibble is added to it. */
	float share_with[TEDDY_WIDE][TEDDY_NIBBLES + 1][GROUPS];
	float share[GROUPS]; /* of text positions that the group lets through; 0 while it is empty */
};

static unsigned nibble_of(const struct teddy_literal *l, size_t window, unsigned column)
{
	size_t i = window + column;

	return i < l->text.len ? l->text.bytes[i] & 0x0F : ANY_NIBBLE;
}

static void update_column(struct plan *plan, unsigned g, unsigned c)
{
	float share = 0;

	for (unsigned n = 0; n < TEDDY_NIBBLES; n++)
		share += plan->users[c][n][g] ? nibble_share[n] : 0;
	for (unsigned n = 0; n < TEDDY_NIBBLES; n++)
		plan->share_with[c][n][g] = share + (plan->users[c][n][g] ? 0 : nibble_share[n]);
	plan->share_with[c][ANY_NIBBLE][g] = 1;
	plan->share[g] *= share;
}

/* Adds the literal to its group (change 1) or takes it out (change -1). */
static void change_group(struct plan *plan, const struct teddy_literal *l, int change)
{
	plan->share[l->group] = 1;
	for (unsigned c = 0; c < plan->width; c++) {
		unsigned nibble = nibble_of(l, l->window, c);

		for (unsigned n = 0; n < TEDDY_NIBBLES; n++) {
			uint16_t *users = &plan->users[c][n][l->group];

			if (n == nibble || nibble == ANY_NIBBLE)
				*users = (uint16_t)(*users + change);
		}
		update_column(plan, l->group, c);
	}
}

struct costs {
	float of[GROUPS];
};

/* How much more text each group would let through with this window in it. */
static struct costs get_costs(const struct plan *plan, const struct teddy_literal *l, size_t window)
{
	struct costs costs;

	for (unsigned g = 0; g < GROUPS; g++)
		costs.of[g] = 1;
	for (unsigned c = 0; c < plan->width; c++) {
		const float *share_with = plan->share_with[c][nibble_of(l, window, c)];

		for (unsigned g = 0; g < GROUPS; g++)
			costs.of[g] *= share_with[g];
	}
	for (unsigned g = 0; g < GROUPS; g++)
		costs.of[g] -= plan->share[g];
	return costs;
}

static void place(struct plan *plan, struct teddy_literal *l)
{
	size_t windows = l->text.len > plan->width ? l->text.len - plan->width + 1u : 1;
	float best = 2;

	for (size_t w = 0; w < windows; w++) {
		struct costs costs = get_costs(plan, l, w);

		for (unsigned g = 0; g < GROUPS; g++) {
			if (costs.of[g] >= best)
				continue;
			best = costs.of[g];
			l->window = (unsigned char)w;
			l->group = (unsigned char)g;
		}
	}
	change_group(plan, l, 1);
}

static void start(struct plan *plan, unsigned width)
{
	*plan = (struct plan){ .width = width };
	for (unsigned g = 0; g < GROUPS; g++)
		for (unsigned c = 0; c < width; c++)
			update_column(plan, g, c);
}

/* Returns the share of text positions that will be candidates. */
static float place_all(struct plan *plan, struct prefilter *p)
{
	float share = 0, last;

	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		for (size_t i = 0; i < p->count; i++) {
			if (round)
				change_group(plan, &p->literals[i], -1);
			place(plan, &p->literals[i]);
		}
		last = share;
		share = 0;
		for (unsigned g = 0; g < GROUPS; g++)
			share += plan->share[g];
		if (round && share > last * ROUND_GAIN)
			break;
	}
	return share;
}

static void fill_columns(struct prefilter *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct teddy_literal *l = &p->literals[i];
		unsigned char group = (unsigned char)(1u << l->group);

		for (unsigned c = 0; c < p->width; c++) {
			unsigned nibble = nibble_of(l, l->window, c);

			for (unsigned n = 0; n < TEDDY_NIBBLES; n++)
				if (n == nibble || nibble == ANY_NIBBLE)
					p->columns[c][n] |= group;
		}
		if (l->window > p->reach)
			p->reach = l->window;
	}
}

void teddy_plan(struct prefilter *p)
{
	struct plan plan;

	start(&plan, TEDDY_NARROW);
	if (place_all(&plan, p) > WIDE_ABOVE) {
		start(&plan, TEDDY_WIDE);
		(void)place_all(&plan, p);
	}
	p->width = plan.width;
	fill_columns(p);
}
