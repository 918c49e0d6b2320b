/* SPDX-License-Identifier: Apache-2.0 */
/* planc OUT.c TRIES: works out where each literal that is built in goes (plan.c), so that few positions of usual text
 * are candidates. Run by the build.
 *
 * A text is modelled by how often each byte follows each other one (bigrams.inc): a group's share of positions is what
 * such a text would have of the bytes that its columns let through, one behind another. Literals are placed in an order
 * that is drawn, each where it adds least, until nothing is gained; the best of many tries counts. The first one goes
 * on from plan_seed.inc, which `make plan` keeps: what a long search once found. A literal that is new since then is
 * placed among the others. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "scanner/marks.h"
#include "scanner/prefilter/teddy.h"

#define GROUPS TEDDY_GROUPS
#define COLUMNS (TEDDY_COLUMNS + TEDDY_MORE)
#define SYMBOLS 98 /* every other byte, newline, tab, and ASCII from the blank to the tilde */
#define OUT_BYTES (1u << 20)
#define TRIES_MAX 100000
#define KEPT_LEAST 70 /* per hundred literals that stay where the best try had them */
#define ENOUGH 0.98f  /* a round that leaves more than this was the last */

/* The first row is how often each symbol occurs, the others how often each follows that of the row: 2^(-n / 1.5), n by
 * the letter, a being 0. */
static const char *const bigrams[SYMBOLS + 1] = {
#include "scanner/bigrams.inc"
};

static const struct teddy_known seed[] = {
#include "scanner/plan_seed.inc"
};

const struct teddy_known teddy_known[1]; /* while planning nothing is known */
const size_t teddy_known_count;

struct column {
	uint16_t low_users[TEDDY_NIBBLES], high_users[TEDDY_NIBBLES]; /* literals of the group with that half here */
	uint16_t low, high;                                           /* the same as a set: a bit each */
};

struct plan {
	struct column columns[GROUPS][COLUMNS];
	float share[GROUPS];
	size_t members[GROUPS];
	float first[SYMBOLS], next[SYMBOLS][SYMBOLS];
};

static float share_of_letter(char c)
{
	return exp2f((float)(c - 'a') / -1.5f);
}

static void start(struct plan *plan)
{
	memset(plan->columns, 0, sizeof(plan->columns));
	memset(plan->share, 0, sizeof(plan->share));
	memset(plan->members, 0, sizeof(plan->members));
}

static unsigned char byte_of(unsigned symbol)
{
	static const unsigned char first[] = { 0, '\n', '\t' };

	return symbol < sizeof(first) ? first[symbol] : (unsigned char)(' ' + symbol - sizeof(first));
}

static size_t members_of(uint16_t low, uint16_t high, unsigned char ret[static SYMBOLS])
{
	size_t n = 0;

	for (unsigned s = 0; s < SYMBOLS; s++) {
		unsigned char byte = byte_of(s);

		if ((low >> (byte & 0x0F) & 1) && (high >> (byte >> 4) & 1))
			ret[n++] = (unsigned char)s;
	}
	return n;
}

/* What the columns let through: by the first ones, which cost time in any case, and by all. */
static float share_of(const struct plan *plan, const uint16_t low[static COLUMNS], const uint16_t high[static COLUMNS])
{
	unsigned char before[SYMBOLS], here[SYMBOLS];
	float share[SYMBOLS], early = 0, sum = 0;
	size_t count = members_of(low[0], high[0], before);

	for (size_t i = 0; i < count; i++)
		share[before[i]] = plan->first[before[i]];
	for (unsigned c = 1; c < COLUMNS; c++) {
		size_t n = members_of(low[c], high[c], here);
		float made[SYMBOLS] = { 0 };

		sum = 0;
		for (size_t k = 0; k < n; k++) {
			for (size_t i = 0; i < count; i++)
				made[here[k]] += share[before[i]] * plan->next[before[i]][here[k]];
			sum += made[here[k]];
		}
		if (c == TEDDY_COLUMNS - 1)
			early = sum;
		memcpy(share, made, sizeof(share));
		memcpy(before, here, sizeof(before));
		count = n;
	}
	return early + sum;
}

static float share_with(const struct plan *plan, const struct teddy_literal *l, size_t window, unsigned group)
{
	uint16_t low[COLUMNS], high[COLUMNS];
	bool is_new = false;

	for (unsigned c = 0; c < COLUMNS; c++) {
		const struct column *column = &plan->columns[group][c];

		teddy_halves(&l->text, window + c, &low[c], &high[c]);
		is_new = is_new || (low[c] & ~column->low) || (high[c] & ~column->high);
		low[c] |= column->low;
		high[c] |= column->high;
	}
	return is_new ? share_of(plan, low, high) : plan->share[group];
}

static void change_users(uint16_t *users, uint16_t set, int change, uint16_t *ret_set)
{
	*ret_set = 0;
	for (unsigned n = 0; n < TEDDY_NIBBLES; n++) {
		if (set >> n & 1)
			users[n] = (uint16_t)(users[n] + change);
		if (users[n])
			*ret_set |= (uint16_t)(1u << n);
	}
}

/* Adds the literal to its group (change 1) or takes it out (change -1). */
static void change_group(struct plan *plan, const struct teddy_literal *l, int change)
{
	uint16_t low[COLUMNS], high[COLUMNS];

	for (unsigned c = 0; c < COLUMNS; c++) {
		struct column *column = &plan->columns[l->group][c];

		teddy_halves(&l->text, l->window + c, &low[c], &high[c]);
		change_users(column->low_users, low[c], change, &column->low);
		change_users(column->high_users, high[c], change, &column->high);
		low[c] = column->low;
		high[c] = column->high;
	}
	plan->members[l->group] += (size_t)change;
	plan->share[l->group] = plan->members[l->group] ? share_of(plan, low, high) : 0;
}

static void place(struct plan *plan, struct teddy_literal *l)
{
	float best = SYMBOLS;

	for (size_t w = 0; w + TEDDY_COLUMNS <= l->text.len; w++)
		for (unsigned g = 0; g < GROUPS; g++) {
			float cost = share_with(plan, l, w, g) - plan->share[g];

			if (cost >= best)
				continue;
			best = cost;
			l->window = (unsigned char)w;
			l->group = (unsigned char)g;
		}
	change_group(plan, l, 1);
}

/* A number that is as good as random, and the same in each run. */
static uint32_t draw(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static float total(const struct plan *plan)
{
	float share = 0;

	for (unsigned g = 0; g < GROUPS; g++)
		share += plan->share[g];
	return share;
}

/* Places all, once more each time until nothing is gained. */
static float place_all(struct plan *plan, struct prefilter *p, uint16_t *order, uint32_t *state)
{
	float share = SYMBOLS, last;

	do {
		last = share;
		for (size_t i = p->count; i > 1; i--) {
			size_t other = draw(state) % i;
			uint16_t kept = order[i - 1];

			order[i - 1] = order[other];
			order[other] = kept;
		}
		for (size_t i = 0; i < p->count; i++) {
			struct teddy_literal *l = &p->literals[order[i]];

			if (l->group < GROUPS)
				change_group(plan, l, -1);
			place(plan, l);
		}
		share = total(plan);
	} while (share < last * ENOUGH);
	return share;
}

struct best {
	float share;
	struct teddy_known *places; /* in the order of the literals */
};

/* Where the seed has a literal; in no group when it does not know it. */
static struct teddy_known seed_of(const struct teddy_literal *l)
{
	struct teddy_known ret = { .hash = teddy_hash(&l->text), .group = GROUPS };

	for (size_t i = 0; i < ARRAY_LEN(seed); i++)
		if (seed[i].hash == ret.hash)
			return seed[i];
	return ret;
}

/* One try: from the best so far, of which so many in a hundred literals stay where they are. */
static void try_once(struct plan *plan, struct prefilter *p, uint16_t *order, uint32_t *state, unsigned keep,
		     struct best *best)
{
	float share;

	start(plan);
	for (size_t i = 0; i < p->count; i++) {
		struct teddy_literal *l = &p->literals[i];

		l->group = GROUPS;
		if (draw(state) % 100 >= keep || best->places[i].group == GROUPS)
			continue;
		l->window = best->places[i].window;
		l->group = best->places[i].group;
		change_group(plan, l, 1);
	}
	share = place_all(plan, p, order, state);
	if (share >= best->share)
		return;
	best->share = share;
	for (size_t i = 0; i < p->count; i++)
		best->places[i] = (struct teddy_known){ .hash = teddy_hash(&p->literals[i].text),
							.window = p->literals[i].window,
							.group = p->literals[i].group };
}

static int by_hash(const void *a, const void *b)
{
	const struct teddy_known *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

/* What the file begins with that is made for these literals, this seed and this model of text with so many tries. */
static int add_head(struct buf *out, const struct prefilter *p, uint64_t tries)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < p->count; i++)
		hash = hash * 31 + teddy_hash(&p->literals[i].text);
	for (size_t i = 0; i < ARRAY_LEN(seed); i++)
		hash = (hash * 31 + seed[i].hash) * 31 + seed[i].window * GROUPS + seed[i].group;
	for (size_t s = 0; s <= SYMBOLS; s++)
		for (size_t i = 0; i < SYMBOLS; i++)
			hash = hash * 31 + (unsigned char)bigrams[s][i];
	return buf_addf(out, "/* Made by planc for literals %016llx with %llu tries. Do not edit. */\n",
			(unsigned long long)hash, (unsigned long long)tries);
}

/* Whether the file that an earlier build has left will do. It is then written anew as it is, for make's sake. */
static bool take_old(const char *path, struct view head, struct buf *ret)
{
	bool exists;
	struct err err = ERR_INIT;

	return file_is_regular(path, &exists) && file_read(path, ret, &err) == 0 && text_starts(buf_view(ret), head);
}

/* A literal that leads to two decoders is there twice: one place is enough. */
static int add_places(struct buf *out, const struct best *best, size_t count)
{
	size_t told = 0;

	if (buf_addf(out,
		     "/* Of usual text some %.4f of all positions are candidates. */\n"
		     "#include \"scanner/prefilter/teddy.h\"\n\nconst struct teddy_known teddy_known[] = {\n",
		     (double)best->share))
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (i && best->places[i].hash == best->places[i - 1].hash)
			continue;
		told++;
		if (buf_addf(out, "\t{ 0x%08xu, %u, %u },\n", best->places[i].hash, best->places[i].window,
			     best->places[i].group))
			return -1;
	}
	return buf_addf(out, "};\nconst size_t teddy_known_count = %zu;\n", told);
}

static int write_file(const char *path, struct view text, struct err *err)
{
	struct file_replace file;

	if (file_replace_open(&file, path, 0644, err))
		return -1;
	if (file_write_full(file.fd, text)) {
		int errnum = errno;

		file_replace_abort(&file);
		return err_set(err, ERR_IO, errnum, "cannot write '%s'", path);
	}
	return file_replace_commit(&file, err);
}

static int work_out(struct prefilter *p, uint64_t tries, struct buf *out, struct err *err)
{
	DEFER(freep) uint16_t *order = calloc(p->count + 1, sizeof(*order));
	DEFER(freep) struct plan *plan = calloc(1, sizeof(*plan));
	DEFER(freep) struct teddy_known *places = calloc(p->count + 1, sizeof(*places));
	struct best best = { .share = SYMBOLS, .places = places };
	uint32_t state = 1;

	if (!order || !plan || !places)
		return err_nomem(err);
	for (size_t i = 0; i < p->count; i++) {
		order[i] = (uint16_t)i;
		places[i] = seed_of(&p->literals[i]);
	}
	for (unsigned s = 0; s < SYMBOLS; s++) {
		plan->first[s] = share_of_letter(bigrams[0][s]);
		for (unsigned next = 0; next < SYMBOLS; next++)
			plan->next[s][next] = share_of_letter(bigrams[s + 1][next]);
	}
	try_once(plan, p, order, &state, 100, &best);
	for (uint64_t n = 1; n < tries; n++)
		try_once(plan, p, order, &state, draw(&state) % 3 ? KEPT_LEAST + draw(&state) % (100 - KEPT_LEAST) : 0,
			 &best);
	qsort(places, p->count, sizeof(*places), by_hash);
	return add_places(out, &best, p->count) ? err_nomem(err) : 0;
}

static int make_file(struct prefilter *p, uint64_t tries, const char *path, struct err *err)
{
	DEFER(buf_done) struct buf out = BUF_INIT(OUT_BYTES);
	DEFER(buf_done) struct buf old = BUF_INIT(OUT_BYTES);

	if (add_head(&out, p, tries))
		return err_nomem(err);
	if (take_old(path, buf_view(&out), &old))
		return write_file(path, buf_view(&old), err);
	return work_out(p, tries, &out, err) ? -1 : write_file(path, buf_view(&out), err);
}

static int plan_builtin(const char *path, uint64_t tries, struct err *err)
{
	DEFER(ruleset_freep) struct ruleset *rules = ruleset_new();
	struct matcher *matcher = NULL;
	struct marks *marks = NULL;
	int ret = -1;

	if (!rules)
		return err_nomem(err);
	if (ruleset_add(rules, rules_builtin, rules_builtin_count, err))
		return -1;
	matcher = matcher_new(rules, err);
	marks = matcher ? marks_new(matcher, true, err) : NULL;
	if (marks)
		ret = make_file(marks_plan(marks), tries, path, err);
	marks_free(marks);
	matcher_free(matcher);
	return ret;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	uint64_t tries;

	log_init("planc", LOG_INFO);
	if (argc != 3 || text_u64(view_of(argv[2]), TRIES_MAX, &tries) || tries == 0) {
		log_error("usage: planc OUT.c TRIES");
		return 2;
	}
	if (plan_builtin(argv[1], tries, &err)) {
		log_error("%s", err.text);
		return 1;
	}
	return 0;
}
