/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/keywords.h"

#include <stdlib.h>

#include "common/base/text.h"

/* One use of a keyword by a rule. */
struct use {
	struct view word;
	bool nocase;
	size_t rule;
};

static int by_word(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int order = text_cmp(x->word, y->word);

	if (order)
		return order;
	if (x->nocase != y->nocase)
		return x->nocase ? 1 : -1;
	return (x->rule > y->rule) - (x->rule < y->rule);
}

static bool same_word(const struct use *a, const struct use *b)
{
	return a->nocase == b->nocase && text_eq(a->word, b->word);
}

static const struct rule_list *list_of(const struct rule *rule, enum keywords_of of)
{
	return of == KEYWORDS_ANY ? &rule->keywords : &rule->also;
}

static struct use *collect(const struct rule *const *rules, size_t count, enum keywords_of of, size_t *ret_count)
{
	struct use *uses;
	size_t total = 0, n = 0;

	for (size_t r = 0; r < count; r++)
		total += list_of(rules[r], of)->count;
	uses = calloc(total + 1, sizeof(*uses));
	if (!uses)
		return NULL;
	for (size_t r = 0; r < count; r++)
		for (size_t i = 0; i < list_of(rules[r], of)->count; i++)
			uses[n++] = (struct use){ .word = view_of(list_of(rules[r], of)->items[i]),
						  .nocase = of == KEYWORDS_ANY && rules[r]->keywords_nocase,
						  .rule = r };
	qsort(uses, n, sizeof(*uses), by_word);
	*ret_count = n;
	return uses;
}

int keywords_init(struct keywords *k, const struct rule *const *rules, size_t count, enum keywords_of of)
{
	size_t n = 0;
	DEFER(freep) struct use *uses = collect(rules, count, of, &n);

	*k = (struct keywords){ 0 };
	if (!uses)
		return -1;
	k->words = calloc(n + 1, sizeof(*k->words));
	k->starts = calloc(n + 1, sizeof(*k->starts));
	k->users = calloc(n + 1, sizeof(*k->users));
	if (!k->words || !k->starts || !k->users) {
		keywords_done(k);
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || !same_word(&uses[i - 1], &uses[i])) {
			k->starts[k->count] = i;
			k->words[k->count++] = (struct keyword){ .text = uses[i].word, .nocase = uses[i].nocase };
		}
		k->users[i] = uses[i].rule;
	}
	k->starts[k->count] = n;
	return 0;
}

void keywords_done(struct keywords *k)
{
	free(k->words);
	free(k->starts);
	free(k->users);
	*k = (struct keywords){ 0 };
}
