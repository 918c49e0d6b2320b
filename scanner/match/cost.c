/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/cost.h"

#include <stdio.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
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
	struct cost *cost;
	uint64_t hardest_ns;
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

/* All matches in one part of a text. */
static enum engine_result search_part(struct measuring *m, struct view part)
{
	struct engine_span spans[RULE_GROUPS_MAX];
	enum engine_result result;
	struct table_cell cell;
	struct rows rows;
	size_t from = 0;

	if (m->rule->table) {
		rows_start(&rows, m->engine, m->worker, 0, m->rule, part);
		do
			result = rows_next(&rows, &cell, m->err);
		while (result == ENGINE_MATCH);
		return result;
	}
	do {
		result = engine_match(m->engine, m->worker, 0, part, from, false, spans, m->err);
		from = result == ENGINE_MATCH && spans[0].to > from ? spans[0].to : from + 1;
	} while (result == ENGINE_MATCH);
	return result;
}

static uint64_t per_mb(uint64_t ns, size_t bytes)
{
	return bytes ? (uint64_t)((double)ns * BYTES_PER_MB / (double)bytes) : 0;
}

/* In parts as large as those that the rule is given in a scan, for as long as a rule is measured. */
static int measure_text(struct measuring *m, struct view text)
{
	size_t size = m->rule->scope == SCOPE_FILE || m->rule->table ? SCAN_WINDOW_BYTES : COST_INPUT_BYTES, done = 0;
	uint64_t start = clock_mono_ns();

	(void)search_part(m, view_sub(text, 0, size)); /* compiles it */
	start = clock_mono_ns();
	while (done < text.len && clock_mono_ns() - start < COST_RULE_NS) {
		struct view part = view_sub(text, done, size);

		if (search_part(m, part) == ENGINE_FAILED)
			return -1;
		done += part.len;
	}
	m->cost->text_ns_per_mb = per_mb(clock_mono_ns() - start, done);
	*m->err = (struct err)ERR_INIT; /* what ran away shows in its time */
	return 0;
}

/* 0, or -1 when the pattern does not compile. */
static int time_input(struct measuring *m, uint64_t *ret_ns)
{
	struct engine_span spans[RULE_GROUPS_MAX];
	uint64_t start = clock_mono_ns();
	enum engine_result result = engine_match(m->engine, m->worker, 0, buf_view(&m->input), 0, false, spans, m->err);

	*ret_ns = clock_mono_ns() - start;
	if (result == ENGINE_FAILED)
		return -1;
	*m->err = (struct err)ERR_INIT; /* that it ran away shows in its steps */
	return 0;
}

/* One that seems harder than those before is run again, in case the machine was at something else. */
static int try_input(struct measuring *m, const char *what, const char *detail)
{
	uint64_t least_ns = UINT64_MAX, ns = UINT64_MAX;

	for (unsigned run = 0; run < RUNS && least_ns > m->hardest_ns; run++) {
		if (time_input(m, &ns))
			return -1;
		least_ns = ns < least_ns ? ns : least_ns;
	}
	if (least_ns <= m->hardest_ns)
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
	uint32_t steps = 0, limit = 1;

	if (try_bases(m))
		return -1;
	if (engine_steps(m->engine, m->worker, 0, buf_view(&m->hardest), &steps, &limit, m->err))
		return -1;
	m->cost->limit_percent = (unsigned)((uint64_t)steps * 100 / limit);
	return 0;
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
	if (!m.engine || !m.worker) {
		failed = err_nomem(m.err);
	} else {
		engine_set(m.engine, 0, rule->regex, rule->id);
		failed = measure_text(&m, text) || measure_hard(&m);
	}
	buf_wipe(&m.input);
	buf_wipe(&m.hardest);
	engine_worker_free(m.worker);
	engine_free(m.engine);
	return failed ? -1 : 0;
}
