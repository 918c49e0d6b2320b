/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/intern.h"

#include <stdlib.h>

#include "common/base/grow.h"
#include "common/base/text.h"

struct wanted {
	const struct intern *intern;
	struct view text;
};

struct view intern_text(const struct intern *intern, uint32_t number)
{
	const struct intern_text *text = &intern->texts[number];

	return view_from(text->len ? intern->bytes.ptr + text->from : "", text->len);
}

static bool is_text(const void *context, uint32_t number)
{
	const struct wanted *wanted = context;

	return text_eq(intern_text(wanted->intern, number), wanted->text);
}

uint32_t intern_find(const struct intern *intern, struct view text)
{
	const struct wanted wanted = { intern, text };

	return hashindex_find(&intern->index, hashindex_of(text.ptr, text.len), is_text, &wanted);
}

int intern_add(struct intern *intern, struct view text, uint32_t *ret)
{
	uint32_t number = intern_find(intern, text);
	size_t from = intern->bytes.len;
	struct intern_text *texts;

	if (number != INTERN_NONE) {
		*ret = number;
		return 0;
	}
	if (intern->count == INTERN_NONE || text.len > UINT32_MAX)
		return -1;
	texts = grow_items(intern->texts, intern->count, &intern->cap, sizeof(*texts));
	if (!texts)
		return -1;
	intern->texts = texts;
	if (buf_add(&intern->bytes, text))
		return -1;
	number = (uint32_t)intern->count;
	if (hashindex_add(&intern->index, hashindex_of(text.ptr, text.len), number)) {
		buf_cut(&intern->bytes, from);
		return -1;
	}
	texts[intern->count++] = (struct intern_text){ .from = from, .len = (uint32_t)text.len };
	*ret = number;
	return 0;
}

static int by_text(const void *a, const void *b, void *context)
{
	return text_cmp(intern_text(context, *(const uint32_t *)a), intern_text(context, *(const uint32_t *)b));
}

int intern_ranks(const struct intern *intern, uint32_t **ret)
{
	DEFER(freep) uint32_t *order = NULL;
	uint32_t *ranks;

	*ret = NULL;
	if (intern->count == 0)
		return 0;
	order = reallocarray(NULL, intern->count, sizeof(*order));
	ranks = reallocarray(NULL, intern->count, sizeof(*ranks));
	if (!order || !ranks) {
		free(ranks);
		return -1;
	}
	for (uint32_t i = 0; i < intern->count; i++)
		order[i] = i;
	qsort_r(order, intern->count, sizeof(*order), by_text, (void *)(uintptr_t)intern);
	for (uint32_t i = 0; i < intern->count; i++)
		ranks[order[i]] = i;
	*ret = ranks;
	return 0;
}

void intern_done(struct intern *intern)
{
	buf_done(&intern->bytes);
	free(intern->texts);
	hashindex_done(&intern->index);
	*intern = (struct intern){ .bytes = BUF_INIT(intern->bytes.max) };
}
