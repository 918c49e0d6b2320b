/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/cost.h"

#include <stdio.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "scanner/match/also.h"
#include "scanner/match/engine.h"
#include "scanner/match/examples.h"
#include "scanner/match/rows.h"

#define BASE_BYTES 512 /* of an example that inputs are made of */
#define BASES_MAX 4    /* examples of one rule that are */
#define SEED 20261124
#define BYTES_PER_MB 1'000'000u
#define RUNS 3 /* of an input, of which the fastest counts */

struct measuring {
	const struct rule *rule;
	struct engine *engine;
	struct engine_worker *worker;
	struct also also;
	struct also_state also_state;
	struct places places; /* of the text at hand */
	struct cost *cost;
	uint64_t hardest_ns;
	bool ran_away; /* in the last search */
	bool hardest_runs_away;
	struct buf input, hardest;
	struct err *err;
};

/* Lines as they stand between the examples. */
static const char *const fillers[] = {
	"	if (client == NULL || retries > 3) return -1; /* give up */\n",
	"    \"description\": \"an endpoint that lists what there is\", \"id\": 4711,\n",
	"The quick brown fox jumps over the lazy dog; see https://example.com/a/b?c=d#e for more.\n",
	"resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"logs-eu-central-1\"\n}\n",
};

static int add_examples(const struct rule_list *examples, struct buf *ret, struct err *err)
{
	for (size_t i = 0; i < examples->count; i++) {
		if (examples_expand(view_of(examples->items[i]), SEED + i, ret, err))
			return -1;
		for (size_t f = 0; f < ARRAY_LEN(fillers); f++)
			if (buf_add_text(ret, "\n") || buf_add_text(ret, fillers[(f + i) % ARRAY_LEN(fillers)]))
				return err_nomem(err);
	}
	return 0;
}

int cost_add_text(const struct rule *const *rules, size_t count, struct buf *ret, struct err *err)
{
	size_t before;

	do {
		before = ret->len;
		for (size_t i = 0; i < count; i++)
			if (add_examples(&rules[i]->examples_match, ret, err) ||
			    add_examples(&rules[i]->examples_no_match, ret, err))
				return -1;
		for (size_t f = 0; f < ARRAY_LEN(fillers); f++)
			if (buf_add_text(ret, fillers[f]))
				return err_nomem(err);
	} while (ret->len < COST_MADE_BYTES && ret->len > before);
	return 0;
}

/* Where one of the rule's keywords stands. */
static int add_keyword_places(struct measuring *m, struct view text)
{
	const struct rule *rule = m->rule;

	for (size_t i = 0; i < rule->keywords.count; i++) {
		struct view word = view_of(rule->keywords.items[i]);

		for (size_t at = 0; at + word.len <= text.len; at++) {
			struct view here = view_sub(text, at, word.len);

			if ((rule->keywords_nocase ? text_eq_nocase(here, word) : text_eq(here, word)) &&
			    places_add(&m->places, text, at, rule->keyword_reach))
				return -1;
		}
	}
	return 0;
}

/* Where a scan would try the pattern if the rule's words stood there: near them for one with a reach, else anywhere. */
static int find_places(struct measuring *m, struct view text)
{
	const struct rule *rule = m->rule;
	int failed;

	m->places.count = 0;
	if (!rule->keyword_reach && !rule->also_reach) {
		failed = places_add(&m->places, text, 0, 0);
		if (!failed)
			m->places.items[0].to = text.len;
		return failed ? err_nomem(m->err) : 0;
	}
	also_open(&m->also_state, text);
	failed = (rule->keyword_reach && add_keyword_places(m, text)) ||
		 (rule->also_reach && also_places(&m->also_state, 0, rule->also_reach, &m->places));
	places_settle(&m->places);
	return failed ? err_nomem(m->err) : 0;
}

static enum engine_result search_rows(struct measuring *m, struct view text)
{
	enum engine_result result;
	struct table_cell cell;
	struct rows rows;

	rows_start(&rows, m->engine, m->worker, 0, m->rule, text);
	do
		result = rows_next(&rows, &cell, m->err);
	while (result == ENGINE_MATCH);
	return result;
}

/* All matches in the places of a text, as the matcher looks for them: to the end, or until the pattern runs away. */
static enum engine_result search_places(struct measuring *m, struct view text)
{
	enum engine_result result = ENGINE_NONE;
	struct engine_span spans[RULE_GROUPS_MAX];
	size_t from = 0;

	for (size_t i = 0; i < m->places.count && result == ENGINE_NONE; i++) {
		size_t last = m->places.items[i].to;

		from = from > m->places.items[i].from ? from : m->places.items[i].from;
		while (from <= last && (result = engine_match_from(m->engine, m->worker, 0, text, from, last, spans,
								   m->err)) == ENGINE_MATCH) {
			from = spans[0].to > from ? spans[0].to : from + 1;
			last = from > last ? from : last;
		}
		result = result == ENGINE_MATCH ? ENGINE_NONE : result;
	}
	return result;
}

/* How long the pattern takes, without what it takes to see where it is tried. 0, or -1 when it does not compile. */
static int time_search(struct measuring *m, struct view text, uint64_t *ret_ns)
{
	enum engine_result result;
	uint64_t start;

	if (!m->rule->table && find_places(m, text))
		return -1;
	start = clock_thread_ns();
	result = m->rule->table ? search_rows(m, text) : search_places(m, text);
	*ret_ns = clock_thread_ns() - start;
	m->ran_away = result == ENGINE_RUNAWAY;
	if (result == ENGINE_FAILED)
		return -1;
	*m->err = (struct err)ERR_INIT; /* that it ran away is kept */
	return 0;
}

static uint64_t per_mb(uint64_t ns, size_t bytes)
{
	return bytes ? (uint64_t)((double)ns * BYTES_PER_MB / (double)bytes) : 0;
}

/* In parts as large as those that the rule is given in a scan, for as long as a rule is measured. */
static int measure_text(struct measuring *m, struct view text)
{
	size_t size = m->rule->scope == SCOPE_FILE || m->rule->table ? SCAN_WINDOW_BYTES : COST_INPUT_BYTES, done = 0;
	uint64_t ns, total_ns = 0;

	if (time_search(m, view_sub(text, 0, size), &ns)) /* compiles it */
		return -1;
	while (done < text.len && total_ns < COST_RULE_NS) {
		struct view part = view_sub(text, done, size);

		if (time_search(m, part, &ns))
			return -1;
		total_ns += ns;
		done += part.len;
	}
	m->cost->text_ns_per_mb = per_mb(total_ns, done);
	return 0;
}

/* One that seems harder than those before is run again, in case the machine was at something else. None is harder than
 * one that runs away. */
static int try_input(struct measuring *m, const char *what, const char *detail)
{
	uint64_t least_ns = UINT64_MAX, ns;

	if (m->hardest_runs_away)
		return 0;
	for (unsigned run = 0; run < RUNS && least_ns > m->hardest_ns; run++) {
		if (time_search(m, buf_view(&m->input), &ns))
			return -1;
		least_ns = ns < least_ns ? ns : least_ns;
		m->hardest_runs_away |= m->ran_away;
	}
	if (least_ns <= m->hardest_ns && !m->hardest_runs_away)
		return 0;
	m->hardest_ns = least_ns;
	m->cost->hard_ns_per_mb = per_mb(least_ns, m->input.len);
	(void)snprintf(m->cost->hard, sizeof(m->cost->hard), "%s%s", what, detail);
	buf_clear(&m->hardest);
	return buf_add(&m->hardest, buf_view(&m->input)) ? err_nomem(m->err) : 0;
}

static int repeat(struct measuring *m, struct view start, struct view again, const char *end)
{
	buf_clear(&m->input);
	if (buf_add(&m->input, start))
		return err_nomem(m->err);
	while (again.len && m->input.len + again.len <= COST_INPUT_BYTES)
		if (buf_add(&m->input, again))
			return err_nomem(m->err);
	return buf_add_text(&m->input, end) ? err_nomem(m->err) : 0;
}

/* A start that looks right, then more and more of what may go on, and an end that is none. */
static int try_base(struct measuring *m, struct view base, const char *what)
{
	static const struct {
		const char *text, *name;
	} tails[] = { { "a", ", then letters" },      { "0", ", then digits" },      { "-", ", then hyphens" },
		      { " ", ", then blanks" },       { "\t", ", then tabs" },       { "\n", ", then empty lines" },
		      { "\"", ", then quotes" },      { "'", ", then apostrophes" }, { "= ", ", then equals signs" },
		      { "\\", ", then backslashes" }, { "a ", ", then words" },      { "a\n", ", then short lines" },
		      { "{", ", then braces" },       { "(", ", then parentheses" }, { ", ", ", then commas" } };
	struct view cut = view_sub(base, 0, base.len ? base.len - 1 : 0);

	for (size_t i = 0; i < ARRAY_LEN(tails); i++)
		if (repeat(m, cut, view_of(tails[i].text), "") || try_input(m, what, tails[i].name) ||
		    repeat(m, cut, view_of(tails[i].text), "!") || try_input(m, what, tails[i].name))
			return -1;
	if (repeat(m, VIEW_NONE, cut, "!") || try_input(m, what, " without its end, repeated"))
		return -1;
	cut = view_sub(base, base.len / 2, 1);
	return repeat(m, view_sub(base, 0, base.len / 2), cut, "!") ||
			       try_input(m, what, ", a byte in its middle repeated")
		       ? -1
		       : 0;
}

static int try_bases(struct measuring *m)
{
	DEFER(buf_wipe) struct buf base = BUF_INIT(64u << 10);
	const struct rule *rule = m->rule;

	for (size_t i = 0; i < rule->examples_match.count && i < BASES_MAX; i++) {
		buf_clear(&base);
		if (examples_expand(view_of(rule->examples_match.items[i]), SEED, &base, m->err) ||
		    try_base(m, view_sub(buf_view(&base), 0, BASE_BYTES), "an example"))
			return -1;
	}
	for (size_t i = 0; i < rule->keywords.count && i < BASES_MAX; i++) {
		buf_clear(&base);
		if (buf_addf(&base, "%s ", rule->keywords.items[i]))
			return err_nomem(m->err);
		if (try_base(m, buf_view(&base), "a keyword"))
			return -1;
	}
	return try_base(m, VIEW_NONE, "nothing");
}

static int measure_hard(struct measuring *m)
{
	if (try_bases(m))
		return -1;
	if (m->hardest_runs_away) {
		m->cost->limit_percent = 100;
		return 0;
	}
	if (find_places(m, buf_view(&m->hardest)))
		return -1;
	for (size_t i = 0; i < m->places.count; i++) {
		uint32_t steps = 0, limit = 1;
		unsigned percent;

		if (engine_steps(m->engine, m->worker, 0, buf_view(&m->hardest), m->places.items[i].from,
				 m->places.items[i].to, &steps, &limit, m->err))
			return -1;
		percent = (unsigned)((uint64_t)steps * 100 / limit);
		m->cost->limit_percent = percent > m->cost->limit_percent ? percent : m->cost->limit_percent;
	}
	return 0;
}

static int measure(struct measuring *m, struct view text)
{
	if (!m->engine || !m->worker || also_init(&m->also, &m->rule, 1) || also_state_init(&m->also_state, &m->also))
		return err_nomem(m->err);
	engine_set(m->engine, 0, m->rule->regex, m->rule->id);
	return measure_text(m, text) || measure_hard(m) ? -1 : 0;
}

int cost_measure(const struct rule *rule, struct view text, struct cost *ret, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct measuring m = { .rule = rule,
			       .engine = engine_new(1),
			       .worker = engine_worker_new(),
			       .cost = ret,
			       .input = BUF_INIT(COST_INPUT_BYTES + BASE_BYTES),
			       .hardest = BUF_INIT(COST_INPUT_BYTES + BASE_BYTES),
			       .err = err ? err : &ignored };
	int failed;

	*ret = (struct cost){ .hard = "" };
	failed = measure(&m, text);
	buf_wipe(&m.input);
	buf_wipe(&m.hardest);
	places_done(&m.places);
	also_state_done(&m.also_state);
	also_done(&m.also);
	engine_worker_free(m.worker);
	engine_free(m.engine);
	return failed ? -1 : 0;
}
