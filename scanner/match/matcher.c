/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/matcher_rules.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/match/fits.h"
#include "scanner/match/tables.h"

#define SETTLED_BYTES                                                                                                  \
	(SCAN_OVERLAP_BYTES / 2) /* a match may start up to so far before the end of a piece that goes on */

_Static_assert(2 * (MATCH_BEFORE_BYTES + MATCH_AFTER_BYTES) < SETTLED_BYTES, "a match needs its surroundings");

/* What one rule still has to look at in the subject at hand. */
struct window {
	size_t from, to; /* from == to: nothing */
	size_t done;     /* the anchored form: no match may start before */
};

struct matcher_worker {
	struct matcher *m;
	struct engine_worker *engine;
	struct window *windows; /* one a rule */
	bool *whole;            /* one a rule: a keyword of a SCOPE_FILE rule was met */
	struct places *places;  /* one a rule: where its matches may start, when it has a reach */
	struct fits fits;
	struct match *matches;
	size_t match_count, match_cap;
	struct also_state also;
	struct tables tables;
	uint64_t settled; /* in the item: matches that start before it were reported */
	/* of the piece at hand */
	const struct item *item;
	const struct piece *piece;
	struct subject subject; /* the one that is open */
	bool knows_binary, is_binary;
	uint64_t accept_to; /* matches that start behind it are left to the next piece */
	struct matcher_trouble trouble;
	bool failed;
};

struct matcher_worker *matcher_worker_new(struct matcher *m)
{
	struct matcher_worker *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->m = m;
	w->engine = engine_worker_new();
	w->windows = calloc(m->count + 1, sizeof(*w->windows));
	w->whole = calloc(m->count + 1, sizeof(*w->whole));
	w->places = calloc(m->count + 1, sizeof(*w->places));
	if (!w->engine || !w->windows || !w->whole || !w->places || fits_init(&w->fits, m->count) ||
	    also_state_init(&w->also, &m->also) ||
	    tables_init(&w->tables, m->rules, m->count, m->engine, w->engine, &w->also)) {
		matcher_worker_free(w);
		return NULL;
	}
	return w;
}

void matcher_worker_free(struct matcher_worker *w)
{
	if (!w)
		return;
	engine_worker_free(w->engine);
	free(w->windows);
	free(w->whole);
	for (size_t r = 0; w->places && r < w->m->count; r++)
		places_done(&w->places[r]);
	free(w->places);
	fits_done(&w->fits);
	also_state_done(&w->also);
	tables_done(&w->tables);
	free(w->matches);
	free(w);
}

static void put_match(struct matcher_worker *w, size_t r, const struct engine_span *spans)
{
	const struct subject *s = &w->subject;
	const struct rule *rule = w->m->rules[r];
	const struct engine_span *secret = &spans[rule->secret_group];
	uint64_t start;

	if (secret->from == SIZE_MAX || secret->from == secret->to)
		return;
	start = subject_start(s, secret->from);
	if (start < w->settled || start >= w->accept_to)
		return;
	if (w->match_count == w->match_cap) {
		size_t cap = w->match_cap ? 2 * w->match_cap : 64;
		struct match *grown = reallocarray(w->matches, cap, sizeof(*grown));

		if (!grown) {
			w->failed = true;
			return;
		}
		w->matches = grown;
		w->match_cap = cap;
	}
	w->matches[w->match_count++] = (struct match){
		.rule = rule,
		.rule_index = w->m->indices[r],
		.start = start,
		.end = subject_end(s, secret->to),
		.subject = *s,
		.from = secret->from,
		.to = secret->to,
		.match_from = spans[0].from,
		.match_to = spans[0].to,
	};
}

/* Keeps the first trouble of a piece. The rule is not tried on this item again: each further try could take as long. */
static void note_trouble(struct matcher_worker *w, size_t r, enum engine_result result, const struct err *err)
{
	if (result != ENGINE_RUNAWAY && result != ENGINE_FAILED)
		return;
	fits_drop(&w->fits, r);
	if (!w->trouble.any)
		w->trouble = (struct matcher_trouble){ .rule = w->m->rules[r], .err = *err, .any = true };
}

/* One attempt; true when it matched. */
static bool try_rule(struct matcher_worker *w, struct view text, size_t r, size_t from, bool anchored,
		     struct engine_span *spans)
{
	struct err err = ERR_INIT;
	enum engine_result result = engine_match(w->m->engine, w->engine, r, text, from, anchored, spans, &err);

	note_trouble(w, r, result, &err);
	return result == ENGINE_MATCH;
}

/* The same for a match that starts at last or before it. */
static bool try_places(struct matcher_worker *w, size_t r, size_t from, size_t last, struct engine_span *spans)
{
	struct err err = ERR_INIT;
	enum engine_result result =
		engine_match_from(w->m->engine, w->engine, r, w->subject.text, from, last, spans, &err);

	note_trouble(w, r, result, &err);
	return result == ENGINE_MATCH;
}

static void put_cell(void *context, size_t r, struct engine_span cell)
{
	put_match(context, r, &cell);
}

/* The form of run_window for a rule with a table: it always has the whole subject. */
static void run_table(struct matcher_worker *w, size_t r, bool is_met)
{
	struct err err = ERR_INIT;
	enum engine_result result = tables_read(&w->tables, r, &w->subject, is_met,
						&(struct tables_sink){ .put = put_cell, .context = w }, &err);

	note_trouble(w, r, result, &err);
	if (result == ENGINE_NONE && err.kind && !w->trouble.any)
		w->trouble = (struct matcher_trouble){ .rule = w->m->rules[r], .err = err, .any = true };
}

/* A match that ends where the window was cut may go on: it is tried again with more text. */
static void widen(struct matcher_worker *w, size_t r, size_t cut, struct engine_span *spans)
{
	const struct subject *s = &w->subject;
	struct engine_span wider[RULE_GROUPS_MAX];

	if (spans[0].to < cut || cut >= s->text.len)
		return;
	if (try_rule(w, view_sub(s->text, 0, cut + SETTLED_BYTES / 2), r, spans[0].from, true, wider))
		memcpy(spans, wider, sizeof(wider));
}

static void run_window(struct matcher_worker *w, size_t r)
{
	struct window *win = &w->windows[r];
	struct view text = view_sub(w->subject.text, 0, win->to);
	struct engine_span spans[RULE_GROUPS_MAX];
	size_t from = win->from > win->done ? win->from : win->done;

	while (from < text.len && try_rule(w, text, r, from, false, spans)) {
		widen(w, r, text.len, spans);
		put_match(w, r, spans);
		from = spans[0].to > from ? spans[0].to : from + 1;
	}
	win->done = from < text.len && from > win->done ? from : win->done;
	win->from = win->to = 0;
}

/* The form of run_window for a rule that can match in a few places of the whole subject only. */
static void run_places(struct matcher_worker *w, size_t r)
{
	struct places *p = &w->places[r];
	unsigned also_reach = w->m->rules[r]->also_reach;
	struct engine_span spans[RULE_GROUPS_MAX];
	size_t from = 0;

	w->failed |= also_reach && also_places(&w->also, r, also_reach, p);
	places_settle(p);
	for (size_t i = 0; i < p->count; i++) {
		size_t last = p->items[i].to;

		from = from > p->items[i].from ? from : p->items[i].from;
		while (from <= last && try_places(w, r, from, last, spans)) {
			put_match(w, r, spans);
			from = spans[0].to > from ? spans[0].to : from + 1;
			last = from > last ? from : last; /* the next item of a list starts where one ends */
		}
	}
	p->count = 0;
}

static void look_near(struct matcher_worker *w, size_t r, size_t at)
{
	size_t len = w->subject.text.len;
	struct window *win = &w->windows[r];
	size_t from = at > MATCH_BEFORE_BYTES ? at - MATCH_BEFORE_BYTES : 0;
	size_t to = len - at > MATCH_AFTER_BYTES ? at + MATCH_AFTER_BYTES : len;

	if (win->from < win->to && from > win->to)
		run_window(w, r);
	if (win->from == win->to)
		win->from = from;
	win->to = to;
}

static void look_here(struct matcher_worker *w, size_t r, size_t at)
{
	struct engine_span spans[RULE_GROUPS_MAX];

	if (at < w->windows[r].done || !try_rule(w, w->subject.text, r, at, true, spans))
		return;
	put_match(w, r, spans);
	w->windows[r].done = spans[0].to;
}

bool matcher_wants_all(struct matcher_worker *w)
{
	for (size_t i = 0; i < w->m->always_count; i++)
		if (fits_rule(&w->fits, w->m->rules[w->m->always[i]], w->m->always[i]))
			return true;
	return tables_want(&w->tables, &w->fits);
}

bool matcher_wants_wide(struct matcher_worker *w)
{
	return tables_want_wide(&w->tables, &w->fits);
}

/* Names are written by people: in a program there would only be strings that happen to stand side by side. */
static bool is_for_subject(struct matcher_worker *w, const struct rule *rule)
{
	if (rule->kind != KIND_KEYNAME)
		return true;
	if (!w->knows_binary) {
		w->is_binary = text_is_binary(w->subject.text);
		w->knows_binary = true;
	}
	return !w->is_binary;
}

static void want_whole(struct matcher_worker *w, size_t r, size_t at)
{
	unsigned reach = w->m->rules[r]->keyword_reach;

	if (!w->whole[r])
		w->places[r].count = 0;
	w->whole[r] = true;
	w->failed |= reach && places_add(&w->places[r], w->subject.text, at, reach);
}

void matcher_hit(struct matcher_worker *w, size_t keyword, size_t at)
{
	const struct keywords *k = &w->m->keywords;

	for (size_t i = k->starts[keyword]; i < k->starts[keyword + 1]; i++) {
		size_t r = k->users[i];
		const struct rule *rule = w->m->rules[r];

		if (!is_for_subject(w, rule))
			continue;
		if (rule->scope == SCOPE_FILE)
			want_whole(w, r, at);
		else if (!fits_rule(&w->fits, rule, r))
			continue;
		else if (rule->keyword_starts)
			look_here(w, r, at);
		else
			look_near(w, r, at);
	}
}

void matcher_open(struct matcher_worker *w, const struct subject *subject)
{
	w->subject = *subject;
	memset(w->windows, 0, w->m->count * sizeof(*w->windows));
	memset(w->whole, 0, w->m->count * sizeof(*w->whole));
	w->knows_binary = false;
	also_open(&w->also, subject->text);
	tables_open(&w->tables, subject);
}

static void run_rule(struct matcher_worker *w, size_t r)
{
	const struct rule *rule = w->m->rules[r];

	if (rule->keyword_reach || rule->also_reach)
		run_places(w, r);
	else
		run_window(w, r);
}

void matcher_close(struct matcher_worker *w)
{
	for (size_t r = 0; r < w->m->count; r++) {
		const struct rule *rule = w->m->rules[r];
		bool is_met;

		if ((w->whole[r] || rule->keywords.count == 0) && fits_rule(&w->fits, rule, r) &&
		    is_for_subject(w, rule))
			w->windows[r] = (struct window){ .from = 0, .to = w->subject.text.len };
		is_met = w->windows[r].from < w->windows[r].to;
		if (rule->table && (is_met || (tables_go_on(&w->tables) && is_for_subject(w, rule))) &&
		    fits_rule(&w->fits, rule, r))
			run_table(w, r, is_met);
		else if (!rule->table && is_met && also_stands(&w->also, r))
			run_rule(w, r);
	}
}

static int by_start(const void *a, const void *b)
{
	const struct match *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->rule_index > y->rule_index) - (x->rule_index < y->rule_index);
}

void matcher_start(struct matcher_worker *w, const struct item *item, const struct piece *piece)
{
	w->trouble.any = false;
	w->item = item;
	w->piece = piece;
	w->match_count = 0;
	w->failed = false;
	fits_start(&w->fits, item, piece->is_first);
	if (piece->is_first)
		w->settled = 0;
	w->accept_to = piece->is_last ? UINT64_MAX : piece->offset + piece->bytes.len - SETTLED_BYTES;
	tables_start(&w->tables, piece, w->accept_to);
}

void matcher_note(struct matcher_worker *w, const struct err *err)
{
	if (!w->trouble.any)
		w->trouble = (struct matcher_trouble){ .err = *err, .any = true };
}

size_t matcher_match_count(const struct matcher_worker *w)
{
	return w->match_count;
}

size_t matcher_finish(struct matcher_worker *w, const struct match **ret, struct matcher_trouble *trouble)
{
	if (!w->piece->is_last)
		w->settled = w->accept_to;
	if (w->match_count > 1)
		qsort(w->matches, w->match_count, sizeof(*w->matches), by_start);
	*ret = w->matches;
	*trouble = w->trouble;
	return w->failed ? SIZE_MAX : w->match_count;
}

const char *matcher_allowed(struct matcher_worker *w, const struct match *match, struct view line, struct view path)
{
	const struct rule *rule = match->rule;
	struct engine_span spans[RULE_GROUPS_MAX];
	size_t r = 0;

	while (r < w->m->count && w->m->rules[r] != rule)
		r++;
	for (size_t a = 0; r < w->m->count && a < rule->allow_count; a++) {
		struct view text = line;

		if (rule->allows[a].target == ALLOW_SECRET)
			text = view_sub(match->subject.text, match->from, match->to - match->from);
		else if (rule->allows[a].target == ALLOW_MATCH)
			text = view_sub(match->subject.text, match->match_from, match->match_to - match->match_from);
		else if (rule->allows[a].target == ALLOW_PATH)
			text = path;
		if (engine_match(w->m->engine, w->engine, w->m->allow_patterns[r] + a, text, 0, false, spans, NULL) ==
		    ENGINE_MATCH)
			return rule->allows[a].reason;
	}
	return NULL;
}
