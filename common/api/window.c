/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/window.h"

#include <string.h>

/* Numbers begin here, so that a clock that has just started has buckets before its first. */
#define FIRST_NUMBER (4u * WINDOW_BUCKETS)

const struct window_shape window_minute = { .width_ns = 250'000'000, .keep = 243 };
const struct window_shape window_day = { .width_ns = 360'000'000'000, .keep = 241 };

static uint64_t number_at(const struct window_shape *shape, uint64_t now_ns)
{
	return now_ns / shape->width_ns + FIRST_NUMBER;
}

/* When bucket `number` is forgotten. */
static uint64_t end_ns(const struct window_shape *shape, uint64_t number)
{
	return (number - FIRST_NUMBER + shape->keep) * shape->width_ns;
}

static size_t slot(uint64_t number)
{
	return (size_t)(number % WINDOW_BUCKETS);
}

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static void sum_up(struct window *w)
{
	w->used_sum = w->open_sum = 0;
	for (size_t i = 0; i < WINDOW_BUCKETS; i++) {
		w->used_sum = window_plus(w->used_sum, w->used[i]);
		w->open_sum = window_plus(w->open_sum, w->open[i]);
	}
}

static void forget(struct window *w, uint64_t number)
{
	w->used[slot(number)] = w->open[slot(number)] = 0;
}

void window_advance(struct window *w, const struct window_shape *shape, uint64_t now_ns)
{
	uint64_t now = number_at(shape, now_ns);

	if (now <= w->newest)
		return;
	if (now - w->newest >= shape->keep) {
		memset(w, 0, sizeof(*w));
	} else {
		for (uint64_t n = w->newest + 1; n <= now; n++) {
			forget(w, n); /* when the ring is larger than what is kept */
			forget(w, n - shape->keep);
		}
		sum_up(w);
	}
	w->newest = now;
}

uint64_t window_add(struct window *w, uint64_t amount)
{
	size_t i = slot(w->newest);

	w->used[i] = window_plus(w->used[i], amount);
	w->open[i] = window_plus(w->open[i], amount);
	sum_up(w);
	return w->newest;
}

void window_settle(struct window *w, const struct window_shape *shape, uint64_t number, uint64_t added, uint64_t amount)
{
	size_t i = slot(number);

	if (number <= w->newest && w->newest - number < shape->keep) {
		w->open[i] = minus(w->open[i], added);
		w->used[i] = minus(w->used[i], minus(added, amount));
	}
	w->used[slot(w->newest)] = window_plus(w->used[slot(w->newest)], minus(amount, added));
	sum_up(w);
}

uint64_t window_move(struct window *w, const struct window_shape *shape, uint64_t number, uint64_t amount)
{
	size_t i = slot(number);

	if (number <= w->newest && w->newest - number < shape->keep) {
		w->open[i] = minus(w->open[i], amount);
		w->used[i] = minus(w->used[i], amount);
	}
	return window_add(w, amount);
}

uint64_t window_ready_ns(const struct window *w, const struct window_shape *shape, uint64_t limit, uint64_t amount,
			 bool with_open)
{
	uint64_t room = limit - (amount < limit ? amount : limit), sum = 0;

	if (w->used_sum <= room)
		return 0;
	for (uint64_t age = 0; age < shape->keep; age++) {
		size_t i = slot(w->newest - age);

		sum = window_plus(sum, minus(w->used[i], with_open ? 0 : w->open[i]));
		if (sum > room)
			return end_ns(shape, w->newest - age); /* this one has to go, and then all older ones have */
	}
	return 0;
}

/* Where within their buckets the old and the new clock stand is not looked at: it is made up for by the newest bucket,
 * which is one ahead of the new clock. The same again while it still is ahead loses nothing: what is in it has that one
 * bucket already. */
void window_rebase(struct window *w, const struct window_shape *shape, uint64_t elapsed_ns, uint64_t now_ns)
{
	uint64_t passed = elapsed_ns / shape->width_ns, newest = number_at(shape, now_ns) + 1;
	struct window old = *w;

	memset(w, 0, sizeof(*w));
	w->newest = newest;
	for (uint64_t age = 0; age < shape->keep && passed < shape->keep - age; age++) {
		w->used[slot(newest - age - passed)] = old.used[slot(old.newest - age)];
		w->open[slot(newest - age - passed)] = old.open[slot(old.newest - age)];
	}
	sum_up(w);
}

bool window_check(struct window *w, const struct window_shape *shape, uint64_t now_ns)
{
	if (w->newest > number_at(shape, now_ns) + 1) /* as window_rebase leaves it */
		return false;
	if (w->newest < FIRST_NUMBER)
		memset(w, 0, sizeof(*w));
	for (uint64_t n = shape->keep; n < WINDOW_BUCKETS && w->newest; n++)
		forget(w, w->newest - n);
	sum_up(w);
	return true;
}
