/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/also.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

#define PAIRS_BYTES (16u << 10) /* a longer text has most pairs */

enum { NOT_KNOWN, STANDS, MISSING };

/* From the rules of each word to the words of each rule. */
static int turn(struct also *a, size_t rules)
{
	const struct keywords *words = &a->words;
	size_t total = words->starts[words->count];

	a->starts = calloc(rules + 2, sizeof(*a->starts));
	a->of_rules = calloc(total + 1, sizeof(*a->of_rules));
	if (!a->starts || !a->of_rules)
		return -1;
	for (size_t i = 0; i < total; i++)
		a->starts[words->users[i] + 2]++;
	for (size_t r = 2; r < rules + 2; r++)
		a->starts[r] += a->starts[r - 1];
	for (size_t word = 0; word < words->count; word++)
		for (size_t i = words->starts[word]; i < words->starts[word + 1]; i++)
			a->of_rules[a->starts[words->users[i] + 1]++] = word;
	return 0;
}

int also_init(struct also *a, const struct rule *const *rules, size_t count)
{
	*a = (struct also){ .starts = NULL };
	return keywords_init(&a->words, rules, count, KEYWORDS_ALSO) || turn(a, count) ? -1 : 0;
}

void also_done(struct also *a)
{
	keywords_done(&a->words);
	free(a->starts);
	free(a->of_rules);
	a->starts = a->of_rules = NULL;
}

int also_state_init(struct also_state *s, const struct also *a)
{
	s->also = a;
	s->stands = calloc(a->words.count + 1, sizeof(*s->stands));
	return s->stands ? 0 : -1;
}

void also_state_done(struct also_state *s)
{
	free(s->stands);
	s->stands = NULL;
}

void also_open(struct also_state *s, struct view text)
{
	s->text = text;
	s->has_pairs = false;
	memset(s->stands, NOT_KNOWN, s->also->words.count);
}

/* Where a pair of neighbours is kept; a few pairs share a place. */
static size_t place_of(char first, char second)
{
	return ((size_t)(unsigned char)first << 4 ^ (unsigned char)second) % ALSO_PAIRS;
}

/* Which pairs of bytes the text has: most words that are looked for fail on one of theirs. */
static void collect_pairs(struct also_state *s)
{
	const char *p = s->text.ptr;

	memset(s->pairs, 0, sizeof(s->pairs));
	for (size_t i = 0; i + 1 < s->text.len; i++)
		s->pairs[place_of(p[i], p[i + 1])] = true;
	s->has_pairs = true;
}

static bool may_stand(struct also_state *s, struct view word)
{
	if (s->text.len > PAIRS_BYTES)
		return true;
	if (!s->has_pairs)
		collect_pairs(s);
	for (size_t i = 0; i + 1 < word.len; i++)
		if (!s->pairs[place_of(word.ptr[i], word.ptr[i + 1])])
			return false;
	return true;
}

bool also_stands(struct also_state *s, size_t r)
{
	const struct also *a = s->also;

	for (size_t i = a->starts[r]; i < a->starts[r + 1]; i++) {
		size_t n = a->of_rules[i];
		struct view word = a->words.words[n].text;

		if (s->stands[n] == NOT_KNOWN)
			s->stands[n] = may_stand(s, word) && text_find(s->text, word) != SIZE_MAX ? STANDS : MISSING;
		if (s->stands[n] == STANDS)
			return true;
	}
	return a->starts[r] == a->starts[r + 1];
}

int also_places(const struct also_state *s, size_t r, size_t reach, struct places *ret)
{
	const struct also *a = s->also;

	for (size_t i = a->starts[r]; i < a->starts[r + 1]; i++) {
		struct view word = a->words.words[a->of_rules[i]].text;

		if (s->stands[a->of_rules[i]] == MISSING)
			continue;
		for (size_t at = 0; at < s->text.len; at += word.len) {
			size_t next = text_find(view_sub(s->text, at, s->text.len - at), word);

			if (next == SIZE_MAX)
				break;
			at += next;
			if (places_add(ret, s->text, at, reach))
				return -1;
		}
	}
	return 0;
}
