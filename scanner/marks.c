/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/marks.h"

#include <stdlib.h>

#include "common/base/text.h"

#define FIRST_CAP 512

struct marks {
	struct prefilter *prefilter;
	struct mark *marks;
	struct literal *literals; /* until the prefilter has them */
	size_t count, cap;
	uint16_t keyword; /* whose spellings are being taken */
	uint8_t plain_phase;
	bool is_full;
};

static int grow(struct marks *m)
{
	size_t cap = m->cap ? 2 * m->cap : FIRST_CAP;
	struct literal *literals = reallocarray(m->literals, cap, sizeof(*literals));
	struct mark *marks;

	if (!literals)
		return -1;
	m->literals = literals;
	marks = reallocarray(m->marks, cap, sizeof(*marks));
	if (!marks)
		return -1;
	m->marks = marks;
	m->cap = cap;
	return 0;
}

/* 0, or -1 when there is no memory, or no room. */
static int take(void *context, const struct spelling *spelling)
{
	struct marks *m = context;
	unsigned phase = spelling->form == DECODE_PLAIN ? m->plain_phase : spelling->phase;

	if (m->count == LITERALS_MAX) {
		m->is_full = true;
		return -1;
	}
	if (m->count == m->cap && grow(m))
		return -1;
	m->marks[m->count] =
		(struct mark){ .keyword = m->keyword, .form = (uint8_t)spelling->form, .phase = (uint8_t)phase };
	m->literals[m->count] = spelling->literal;
	m->literals[m->count].tag = (uint16_t)m->count;
	m->count++;
	return 0;
}

/* Whether another keyword of a secret stands in this one: where it is found decoding begins, for both. */
static bool has_another(const struct matcher *m, size_t keyword)
{
	bool nocase, other_nocase;
	struct view word = matcher_keyword(m, keyword, &nocase);

	for (size_t k = 0; k < matcher_keyword_count(m); k++) {
		struct view other = matcher_keyword(m, k, &other_nocase);

		if (k != keyword && other.len < word.len && nocase == other_nocase && matcher_keyword_is_secret(m, k) &&
		    text_find(word, other) != SIZE_MAX)
			return true;
	}
	return false;
}

static enum spell_reach reach_of(const struct matcher *m, size_t keyword, bool decodes)
{
	if (!matcher_keyword_is_secret(m, keyword))
		return SPELL_TEXT;
	if (has_another(m, keyword))
		return SPELL_PLAIN;
	return decodes ? SPELL_ALL : SPELL_TEXT;
}

static int take_keywords(struct marks *m, const struct matcher *matcher, bool decodes)
{
	for (size_t k = 0; k < matcher_keyword_count(matcher); k++) {
		bool nocase;
		struct view word = matcher_keyword(matcher, k, &nocase);
		enum spell_reach reach = reach_of(matcher, k, decodes);

		m->keyword = (uint16_t)k;
		m->plain_phase = reach == SPELL_ALL;
		if (decode_spell(word, nocase, reach, take, m))
			return -1;
	}
	m->keyword = MARK_NO_KEYWORD;
	return decodes && matcher_has_secrets(matcher) ? decode_spell_packed(take, m) : 0;
}

struct marks *marks_new(const struct matcher *matcher, bool decodes, struct err *err)
{
	struct marks *m = calloc(1, sizeof(*m));

	if (!m || take_keywords(m, matcher, decodes)) {
		if (m && m->is_full)
			(void)err_set(err, ERR_LIMIT, 0,
				      "the rules have %zu different keywords, which may be written in more than %d "
				      "ways; fewer were expected",
				      matcher_keyword_count(matcher), LITERALS_MAX);
		else
			(void)err_nomem(err);
		marks_free(m);
		return NULL;
	}
	m->prefilter = prefilter_new(m->literals, m->count, PREFILTER_BEST, err);
	free(TAKE(m->literals));
	if (!m->prefilter) {
		marks_free(m);
		return NULL;
	}
	return m;
}

void marks_free(struct marks *m)
{
	if (!m)
		return;
	prefilter_free(m->prefilter);
	free(m->marks);
	free(m->literals);
	free(m);
}

const struct prefilter *marks_prefilter(const struct marks *m)
{
	return m->prefilter;
}

struct prefilter *marks_plan(struct marks *m)
{
	return m->prefilter;
}

const struct mark *marks_at(const struct marks *m, uint16_t tag)
{
	return &m->marks[tag];
}
