/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/facet.h"

#include <string.h>

#include "common/base/text.h"

#define WORDS_BYTES 512
#define WORD_SHOWN 64

const char *const facet_words[FACETS] = {
	[FACET_TIME] = "time",
	[FACET_MONTH] = "month",
	[FACET_DAY] = "day",
	[FACET_WORKSPACE] = "workspace",
	[FACET_DEPARTMENT] = "department",
	[FACET_TEAM] = "team",
	[FACET_ENVIRONMENT] = "environment",
	[FACET_PURPOSE] = "purpose",
	[FACET_KEY] = "key",
	[FACET_USER] = "user",
	[FACET_ACCOUNT] = "account",
	[FACET_SERVICE_ACCOUNT] = "service_account",
	[FACET_PROJECT] = "project",
	[FACET_MODEL] = "model",
	[FACET_KIND] = "kind",
	[FACET_TIER] = "tier",
	[FACET_WINDOW] = "context_window",
	[FACET_GEO] = "geo",
	[FACET_TERMINAL] = "terminal",
};

static int add_words(struct buf *buf, unsigned allowed)
{
	for (unsigned i = 0; i < FACETS; i++)
		if (allowed & FACET(i) && buf_addf(buf, "%s, ", facet_words[i]))
			return -1;
	return buf_add_text(buf, "total");
}

static int unknown(struct view word, unsigned allowed, const char *what, struct err *err)
{
	DEFER(buf_done) struct buf words = BUF_INIT(WORDS_BYTES);

	if (add_words(&words, allowed))
		return err_nomem(err);
	word = view_sub(word, 0, WORD_SHOWN);
	return err_set(err, ERR_USAGE, 0, "--group-by: %s is not told by '%.*s'; it takes %s", what, (int)word.len,
		       word.ptr, words.ptr);
}

static int too_many(struct err *err)
{
	return err_set(err, ERR_USAGE, 0, "--group-by takes %d at most", FACETS_MAX);
}

/* 0; 1: it is none of them, 2: there are too many. */
static int add(struct facets *facets, struct view word, unsigned allowed)
{
	for (unsigned i = 0; i < FACETS; i++) {
		if (!(allowed & FACET(i)) || !text_eq(word, view_of(facet_words[i])))
			continue;
		if (facets->set & FACET(i))
			return 0;
		if (facets->count == FACETS_MAX)
			return 2;
		facets->items[facets->count++] = (enum facet)i;
		facets->set |= FACET(i);
		return 0;
	}
	return 1;
}

/* total: whether it was asked for. */
static int add_list(struct facets *facets, struct view list, unsigned allowed, const char *what, bool *total,
		    struct err *err)
{
	for (;;) {
		size_t comma = text_find_byte(list, ',');
		struct view word = view_sub(list, 0, comma);
		bool is_total = text_eq(word, VIEW("total"));
		int status = is_total ? 0 : add(facets, word, allowed);

		if (status)
			return status == 1 ? unknown(word, allowed, what, err) : too_many(err);
		*total |= is_total;
		if (comma == SIZE_MAX)
			return 0;
		list = view_sub(list, comma + 1, list.len);
	}
}

/* Time first, in the order of the enum; the others as they were given. */
static void put_time_first(struct facets *facets)
{
	struct facets sorted = { .set = facets->set };

	for (unsigned i = 0; i < FACETS; i++)
		if (facets->set & FACET(i) & FACETS_OF_TIME)
			sorted.items[sorted.count++] = (enum facet)i;
	for (size_t i = 0; i < facets->count; i++)
		if (!(FACET(facets->items[i]) & FACETS_OF_TIME))
			sorted.items[sorted.count++] = facets->items[i];
	*facets = sorted;
}

int facets_read(const struct texts *group_by, const char *standard, unsigned allowed, const char *what,
		struct facets *ret, struct err *err)
{
	bool is_total = false;

	*ret = (struct facets){ .count = 0 };
	for (size_t i = 0; i < group_by->count; i++)
		if (add_list(ret, view_of(group_by->items[i]), allowed, what, &is_total, err))
			return -1;
	if (group_by->count == 0 && add_list(ret, view_of(standard), allowed, what, &is_total, err))
		return -1;
	if (is_total && ret->count)
		return err_set(err, ERR_USAGE, 0, "--group-by: total stands alone");
	put_time_first(ret);
	return 0;
}

int facets_add_first(struct facets *facets, enum facet facet, struct err *err)
{
	if (facets->set & FACET(facet))
		return 0;
	if (facets->count == FACETS_MAX)
		return too_many(err);
	memmove(facets->items + 1, facets->items, facets->count++ * sizeof(facets->items[0]));
	facets->items[0] = facet;
	facets->set |= FACET(facet);
	return 0;
}
