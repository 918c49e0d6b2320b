/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/ratestate.h"

#include <string.h>

#define NS_PER_S 1'000'000'000u
#define HOLD_MAX_NS ((uint64_t)RATELIMIT_HOLD_S * NS_PER_S)
#define MINUTE_S 60

static const struct window_shape *shape_of(unsigned kind)
{
	return kind == RATELIMIT_DAY ? &window_day : &window_minute;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* What a call takes of each kind. */
static void amounts_of(const struct ratelimit_use *use, uint64_t requests, uint64_t ret[static RATELIMIT_KINDS])
{
	ret[RATELIMIT_REQUESTS] = requests;
	ret[RATELIMIT_INPUT] = use->input_tokens;
	ret[RATELIMIT_OUTPUT] = use->output_tokens;
	ret[RATELIMIT_TOKENS] = ret[RATELIMIT_DAY] = window_plus(use->input_tokens, use->output_tokens);
}

void ratestate_init(struct ratestate *s, uint64_t now_ns)
{
	memset(s, 0, sizeof(*s));
	s->epoch = now_ns;
	ratestate_advance(s, now_ns);
}

void ratestate_init_full(struct ratestate *s, const struct ratelimit_limits *limits, uint64_t now_ns)
{
	struct window *day = &s->windows[RATELIMIT_DAY];
	uint64_t most = limits->most[RATELIMIT_DAY];

	ratestate_init(s, now_ns);
	s->hold_until_ns = now_ns + window_span_ns(&window_minute);
	window_settle(day, &window_day, window_add(day, most), most, most); /* nothing of it is open */
}

void ratestate_rebase(struct ratestate *s, uint64_t elapsed_ns, uint64_t now_ns, uint64_t hold_until_ns)
{
	struct window day = s->windows[RATELIMIT_DAY];

	ratestate_init(s, now_ns);
	window_rebase(&day, &window_day, elapsed_ns, now_ns);
	s->windows[RATELIMIT_DAY] = day;
	s->hold_until_ns = hold_until_ns;
}

bool ratestate_check(struct ratestate *s, uint64_t now_ns)
{
	uint64_t latest = window_plus(now_ns, HOLD_MAX_NS + 2 * NS_PER_S);

	for (unsigned k = 0; k < RATELIMIT_KINDS; k++)
		if (!window_check(&s->windows[k], shape_of(k), now_ns))
			return false;
	for (unsigned k = 0; k < RATELIMIT_DAY; k++) {
		s->said[k].until_ns = min_u64(s->said[k].until_ns, latest);
		s->said[k].limit = min_u64(s->said[k].limit, RATELIMIT_MAX);
	}
	s->hold_until_ns = min_u64(s->hold_until_ns, latest);
	for (unsigned i = 0; i < RATELIMIT_CLAIMS; i++)
		if (s->claims[i].end_ns > window_plus(now_ns, RATESTATE_CLAIM_NS + NS_PER_S))
			s->claims[i] = (struct ratestate_claim){ 0 };
	return true;
}

void ratestate_advance(struct ratestate *s, uint64_t now_ns)
{
	for (unsigned k = 0; k < RATELIMIT_KINDS; k++)
		window_advance(&s->windows[k], shape_of(k), now_ns);
	for (unsigned i = 0; i < RATELIMIT_CLAIMS; i++)
		if (s->claims[i].end_ns <= now_ns)
			s->claims[i].owner = 0;
}

static struct ratestate_claim *find_claim(struct ratestate *s, uint64_t owner)
{
	for (unsigned i = 0; i < RATELIMIT_CLAIMS; i++)
		if (s->claims[i].owner == owner)
			return &s->claims[i];
	return NULL;
}

/* Adds to amounts what those want who came before owner. */
static void add_earlier(const struct ratestate *s, uint64_t owner, uint64_t amounts[static RATELIMIT_KINDS])
{
	uint64_t own = UINT64_MAX;

	for (unsigned i = 0; i < RATELIMIT_CLAIMS; i++)
		if (s->claims[i].owner == owner)
			own = s->claims[i].number;
	for (unsigned i = 0; i < RATELIMIT_CLAIMS; i++) {
		const struct ratestate_claim *c = &s->claims[i];

		if (c->owner == 0 || c->owner == owner || c->number >= own)
			continue;
		for (unsigned k = 0; k < RATELIMIT_KINDS; k++)
			amounts[k] = window_plus(amounts[k], c->amounts[k]);
	}
}

/* The tighter of our own limit and the server's; 0 = none. */
static uint64_t limit_of(const struct ratestate *s, const struct ratelimit_limits *limits, unsigned kind)
{
	uint64_t own = limits->most[kind], said = kind < RATELIMIT_DAY ? s->said[kind].limit : 0;

	return own && said ? min_u64(own, said) : max_u64(own, said);
}

static uint64_t ready_ns(const struct ratestate *s, const struct ratelimit_limits *limits,
			 const uint64_t amounts[static RATELIMIT_KINDS], uint64_t now_ns, bool with_open)
{
	uint64_t ready = s->hold_until_ns;

	for (unsigned k = 0; k < RATELIMIT_KINDS; k++) {
		uint64_t limit = limit_of(s, limits, k);

		if (limit && amounts[k])
			ready = max_u64(ready,
					window_ready_ns(&s->windows[k], shape_of(k), limit, amounts[k], with_open));
		if (k < RATELIMIT_DAY && s->said[k].until_ns > now_ns &&
		    amounts[k] > (with_open ? s->said[k].left : s->said[k].remaining))
			ready = max_u64(ready, s->said[k].until_ns);
	}
	return ready;
}

uint64_t ratestate_ready_ns(const struct ratestate *s, const struct ratelimit_limits *limits,
			    const struct ratelimit_use *use, uint64_t now_ns, uint64_t owner)
{
	uint64_t amounts[RATELIMIT_KINDS];

	amounts_of(use, 1, amounts);
	if (owner)
		add_earlier(s, owner, amounts);
	return ready_ns(s, limits, amounts, now_ns, true);
}

uint64_t ratestate_earliest_ns(const struct ratestate *s, const struct ratelimit_limits *limits,
			       const struct ratelimit_use *use, uint64_t now_ns)
{
	uint64_t amounts[RATELIMIT_KINDS];

	amounts_of(use, 1, amounts);
	return ready_ns(s, limits, amounts, now_ns, false);
}

void ratestate_claim(struct ratestate *s, uint64_t owner, const struct ratelimit_use *use, uint64_t now_ns)
{
	struct ratestate_claim *c = find_claim(s, owner);

	if (!c) {
		c = find_claim(s, 0);
		if (!c)
			return;
		*c = (struct ratestate_claim){ .owner = owner, .number = s->next_claim++ };
	}
	amounts_of(use, 1, c->amounts);
	c->end_ns = now_ns + RATESTATE_CLAIM_NS;
}

void ratestate_unclaim(struct ratestate *s, uint64_t owner)
{
	struct ratestate_claim *c = find_claim(s, owner);

	if (c)
		c->owner = 0;
}

void ratestate_take(struct ratestate *s, const struct ratelimit_use *use, uint64_t now_ns, struct ratelimit_ticket *ret)
{
	uint64_t amounts[RATELIMIT_KINDS];

	amounts_of(use, 1, amounts);
	*ret = (struct ratelimit_ticket){ .taken_ns = now_ns, .estimate = *use, .epoch = s->epoch };
	for (unsigned k = 0; k < RATELIMIT_KINDS; k++)
		ret->buckets[k] = window_add(&s->windows[k], amounts[k]);
	for (unsigned k = 0; k < RATELIMIT_DAY; k++)
		s->said[k].left -= min_u64(s->said[k].left, amounts[k]);
}

void ratestate_start(struct ratestate *s, struct ratelimit_ticket *ticket, uint64_t now_ns)
{
	uint64_t amounts[RATELIMIT_KINDS];

	if (ticket->epoch != s->epoch) /* these counters hold nothing of it, and have made up for that */
		return;
	amounts_of(&ticket->estimate, 1, amounts);
	ticket->taken_ns = now_ns;
	for (unsigned k = 0; k < RATELIMIT_KINDS; k++)
		ticket->buckets[k] = window_move(&s->windows[k], shape_of(k), ticket->buckets[k], amounts[k]);
}

void ratestate_settle(struct ratestate *s, const struct ratelimit_ticket *ticket, const struct ratelimit_use *used)
{
	static const struct ratelimit_use nothing = { 0 };
	uint64_t added[RATELIMIT_KINDS], amounts[RATELIMIT_KINDS];
	bool is_known =
		ticket->epoch == s->epoch; /* else nothing of it is in these counters, but what comes on top may */

	amounts_of(&ticket->estimate, 1, added);
	amounts_of(used ? used : &nothing, used ? 1 : 0, amounts);
	for (unsigned k = 0; k < RATELIMIT_KINDS; k++)
		window_settle(&s->windows[k], shape_of(k), is_known ? ticket->buckets[k] : UINT64_MAX, added[k],
			      min_u64(amounts[k], 2 * RATELIMIT_MAX));
}

/* Whether what an answer says of a kind was true before what is known of it. */
static bool is_older(const struct ratestate_said *said, uint64_t remaining, int64_t reset_unix_s, uint64_t now_ns)
{
	if (said->until_ns <= now_ns)
		return false;
	return reset_unix_s < said->reset_unix_s || (reset_unix_s == said->reset_unix_s && remaining > said->remaining);
}

/* The moment so many seconds from now, and one more: both the header and the date it stands beside are rounded. */
static uint64_t moment_ns(uint64_t now_ns, uint64_t seconds)
{
	return now_ns + (min_u64(seconds, RATELIMIT_HOLD_S) + 1) * NS_PER_S;
}

void ratestate_observe(struct ratestate *s, const struct ratelimit_word *word, uint64_t now_ns, int64_t now_s)
{
	int64_t date_s = word->after.has_date ? word->after.date_unix_s : now_s;
	uint64_t seconds;

	for (unsigned k = 0; k < RATELIMIT_DAY; k++) {
		struct ratestate_said *said = &s->said[k];
		uint64_t open = s->windows[k].open_sum, remaining = word->kinds[k].remaining;
		int64_t reset_s = word->kinds[k].has_reset ? word->kinds[k].reset_unix_s : date_s + MINUTE_S;

		if (word->kinds[k].has_limit)
			said->limit = min_u64(word->kinds[k].limit, RATELIMIT_MAX);
		if (!word->kinds[k].has_remaining || is_older(said, remaining, reset_s, now_ns))
			continue;
		said->remaining = remaining;
		said->reset_unix_s = reset_s;
		said->left = remaining > open ? remaining - open : 0;
		said->until_ns = moment_ns(now_ns, after_seconds_to(&word->after, reset_s, now_s));
	}
	if (after_asked(&word->after, now_s, &seconds) && seconds)
		s->hold_until_ns = max_u64(s->hold_until_ns, moment_ns(now_ns, seconds));
}
