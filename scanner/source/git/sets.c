/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/sets.h"

#include <stdlib.h>
#include <string.h>

#define MEMO_SLOTS 65536 /* results that are remembered; older ones make room */

enum operation { UNION = 1, MINUS };

struct set {
	size_t at; /* in members */
	uint32_t count, hash;
};

struct memo {
	uint32_t a, b, result;
	enum operation operation; /* 0: free */
};

struct sets {
	size_t max_bytes;
	uint32_t *members; /* of all sets, one after the other */
	size_t member_count, member_cap;
	struct set *sets;
	uint32_t count, cap;
	uint32_t *slots; /* number of a set + 1, or 0 */
	size_t slot_count;
	struct memo memo[MEMO_SLOTS];
};

static int grow_sets(struct sets *s)
{
	uint32_t cap = s->cap ? 2 * s->cap : 64;
	size_t slot_count = 2 * (size_t)cap;
	struct set *sets = reallocarray(s->sets, cap, sizeof(*sets));
	uint32_t *slots;

	if (!sets)
		return -1;
	s->sets = sets;
	slots = calloc(slot_count, sizeof(*slots));
	if (!slots)
		return -1;
	free(s->slots);
	s->slots = slots;
	s->slot_count = slot_count;
	s->cap = cap;
	for (uint32_t i = 0; i < s->count; i++) {
		size_t at = sets[i].hash & (slot_count - 1);

		while (slots[at])
			at = (at + 1) & (slot_count - 1);
		slots[at] = i + 1;
	}
	return 0;
}

/* Makes room for more members behind those there are. */
static int reserve(struct sets *s, size_t more)
{
	size_t cap = s->member_cap ? s->member_cap : 256;
	uint32_t *grown;

	while (cap - s->member_count < more)
		cap *= 2;
	if (cap == s->member_cap)
		return 0;
	if (cap * sizeof(*grown) > s->max_bytes)
		return -1;
	grown = reallocarray(s->members, cap, sizeof(*grown));
	if (!grown)
		return -1;
	s->members = grown;
	s->member_cap = cap;
	return 0;
}

static uint32_t hash_of(const uint32_t *members, size_t count)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < count; i++)
		hash = (hash ^ members[i]) * 16777619u;
	return hash ^ hash >> 15;
}

/* The set whose count members were written behind the last set's. */
static uint32_t intern(struct sets *s, size_t count)
{
	const uint32_t *members = s->members + s->member_count;
	uint32_t hash = hash_of(members, count);
	size_t at;

	if (s->count == s->cap && grow_sets(s))
		return SETS_FAILED;
	for (at = hash & (s->slot_count - 1); s->slots[at]; at = (at + 1) & (s->slot_count - 1)) {
		const struct set *other = &s->sets[s->slots[at] - 1];

		if (other->hash == hash && other->count == count &&
		    memcmp(s->members + other->at, members, count * sizeof(*members)) == 0)
			return s->slots[at] - 1;
	}
	s->sets[s->count] = (struct set){ .at = s->member_count, .count = (uint32_t)count, .hash = hash };
	s->member_count += count;
	s->slots[at] = s->count + 1;
	return s->count++;
}

struct sets *sets_new(size_t max_bytes)
{
	struct sets *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->max_bytes = max_bytes;
	if (reserve(s, 1) || intern(s, 0) != 0)
		sets_freep(&s);
	return s;
}

void sets_freep(struct sets **at)
{
	struct sets *s = *at;

	*at = NULL;
	if (!s)
		return;
	free(s->members);
	free(s->sets);
	free(s->slots);
	free(s);
}

uint32_t sets_one(struct sets *s, uint32_t member)
{
	if (reserve(s, 1))
		return SETS_FAILED;
	s->members[s->member_count] = member;
	return intern(s, 1);
}

/* Writes a's and b's members, or those of a alone, behind the last set's. */
static size_t merge(struct sets *s, const struct set *a, const struct set *b, enum operation operation)
{
	const uint32_t *x = s->members + a->at, *x_end = x + a->count;
	const uint32_t *y = s->members + b->at, *y_end = y + b->count;
	uint32_t *out = s->members + s->member_count;
	size_t n = 0;

	while (x < x_end) {
		while (y < y_end && *y < *x) {
			if (operation == UNION)
				out[n++] = *y;
			y++;
		}
		if (y < y_end && *y == *x) {
			if (operation == UNION)
				out[n++] = *x;
			y++;
		} else {
			out[n++] = *x;
		}
		x++;
	}
	while (operation == UNION && y < y_end)
		out[n++] = *y++;
	return n;
}

static uint32_t operate(struct sets *s, uint32_t a, uint32_t b, enum operation operation)
{
	struct memo *memo = &s->memo[(a * 0x9E3779B1u ^ b * 0x85EBCA6Bu ^ (unsigned)operation) % MEMO_SLOTS];

	if (memo->operation == operation && memo->a == a && memo->b == b)
		return memo->result;
	if (reserve(s, (size_t)s->sets[a].count + s->sets[b].count))
		return SETS_FAILED;
	*memo = (struct memo){ .a = a, .b = b, .operation = operation };
	memo->result = intern(s, merge(s, &s->sets[a], &s->sets[b], operation));
	if (memo->result == SETS_FAILED)
		memo->operation = 0;
	return memo->operation ? memo->result : SETS_FAILED;
}

uint32_t sets_union(struct sets *s, uint32_t a, uint32_t b)
{
	if (a == SETS_FAILED || b == SETS_FAILED)
		return SETS_FAILED;
	if (a == b || b == 0)
		return a;
	return a == 0 ? b : operate(s, a, b, UNION);
}

uint32_t sets_minus(struct sets *s, uint32_t a, uint32_t b)
{
	if (a == SETS_FAILED || b == SETS_FAILED)
		return SETS_FAILED;
	if (a == b || a == 0)
		return 0;
	return b == 0 ? a : operate(s, a, b, MINUS);
}

const uint32_t *sets_members(const struct sets *s, uint32_t set, size_t *ret_count)
{
	*ret_count = s->sets[set].count;
	return s->members + s->sets[set].at;
}

bool sets_has(const struct sets *s, uint32_t set, uint32_t member)
{
	size_t from = 0, to;
	const uint32_t *members = sets_members(s, set, &to);

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (members[middle] == member)
			return true;
		if (members[middle] < member)
			from = middle + 1;
		else
			to = middle;
	}
	return false;
}
