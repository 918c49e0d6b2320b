/* SPDX-License-Identifier: Apache-2.0 */
/* The enabled rules of a set, ready to match. */
#include "scanner/match/matcher_rules.h"

#include <stdlib.h>

#include "scanner/match/fits.h"

static int count_patterns(struct matcher *m)
{
	size_t patterns = m->count;

	for (size_t i = 0; i < m->count; i++) {
		m->allow_patterns[i] = patterns;
		patterns += m->rules[i]->allow_count;
	}
	m->engine = engine_new(patterns);
	if (!m->engine)
		return -1;
	for (size_t i = 0; i < m->count; i++) {
		const struct rule *rule = m->rules[i];

		engine_set(m->engine, i, rule->regex, rule->id);
		for (size_t a = 0; a < rule->allow_count; a++)
			engine_set(m->engine, m->allow_patterns[i] + a, rule->allows[a].regex, rule->id);
	}
	return 0;
}

static int take_rules(struct matcher *m)
{
	size_t total = ruleset_count(m->set);

	m->rules = calloc(total + 1, sizeof(const struct rule *));
	m->indices = calloc(total + 1, sizeof(size_t));
	m->allow_patterns = calloc(total + 1, sizeof(size_t));
	m->always = calloc(total + 1, sizeof(size_t));
	if (!m->rules || !m->indices || !m->allow_patterns || !m->always)
		return -1;
	for (size_t i = 0; i < total; i++) {
		if (!ruleset_enabled(m->set, i))
			continue;
		m->rules[m->count] = ruleset_at(m->set, i);
		if (m->rules[m->count]->keywords.count == 0)
			m->always[m->always_count++] = m->count;
		m->indices[m->count++] = i;
	}
	return 0;
}

struct matcher *matcher_new(const struct ruleset *set, struct err *err)
{
	struct matcher *m = calloc(1, sizeof(*m));

	if (!m) {
		(void)err_nomem(err);
		return NULL;
	}
	m->set = set;
	if (take_rules(m) || count_patterns(m) || keywords_init(&m->keywords, m->rules, m->count, KEYWORDS_ANY) ||
	    also_init(&m->also, m->rules, m->count)) {
		(void)err_nomem(err);
		matcher_free(m);
		return NULL;
	}
	return m;
}

void matcher_free(struct matcher *m)
{
	if (!m)
		return;
	engine_free(m->engine);
	keywords_done(&m->keywords);
	also_done(&m->also);
	free(m->rules);
	free(m->indices);
	free(m->allow_patterns);
	free(m->always);
	free(m);
}

size_t matcher_keyword_count(const struct matcher *m)
{
	return m->keywords.count;
}

struct view matcher_keyword(const struct matcher *m, size_t keyword, bool *ret_nocase)
{
	*ret_nocase = m->keywords.words[keyword].nocase;
	return m->keywords.words[keyword].text;
}

bool matcher_keyword_is_secret(const struct matcher *m, size_t keyword)
{
	for (size_t i = m->keywords.starts[keyword]; i < m->keywords.starts[keyword + 1]; i++)
		if (m->rules[m->keywords.users[i]]->kind != KIND_KEYNAME)
			return true;
	return false;
}

bool matcher_has_secrets(const struct matcher *m)
{
	for (size_t k = 0; k < m->keywords.count; k++)
		if (matcher_keyword_is_secret(m, k))
			return true;
	return false;
}

bool matcher_has_bare_rules(const struct matcher *m)
{
	for (size_t i = 0; i < m->always_count; i++)
		if (fits_pathless(m->rules[m->always[i]]))
			return true;
	return false;
}
