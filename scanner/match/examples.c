/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/examples.h"

#include "common/base/text.h"
#include "scanner/match/rows.h"

#define EXAMPLE_BYTES (64u << 10)
#define EXAMPLE_SEED 20261124

/* splitmix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators") */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static int add_random(struct buf *ret, uint64_t count, uint64_t *state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	for (uint64_t i = 0; i < count; i++)
		if (buf_add_byte(ret, alphabet[next_random(state) % (sizeof(alphabet) - 1)]))
			return -1;
	return 0;
}

static struct view next_word(struct view *rest)
{
	size_t space;
	struct view word;

	*rest = text_trim(*rest);
	space = text_find_byte(*rest, ' ');
	word = view_sub(*rest, 0, space);
	*rest = space == SIZE_MAX ? VIEW_NONE : view_sub(*rest, space, rest->len);
	return word;
}

static int add_template(struct buf *ret, struct view inner, uint64_t *state, struct err *err)
{
	struct view prefix = next_word(&inner), number = next_word(&inner), suffix = next_word(&inner);
	uint64_t count;

	if (text_u64(number, EXAMPLE_RANDOM_MAX, &count) || inner.len)
		return err_set(
			err, ERR_CONFIG, 0,
			"an example's template is {{PREFIX N SUFFIX}}, N at most %d; {{ and a space is plain text",
			EXAMPLE_RANDOM_MAX);
	if (buf_add(ret, prefix) || add_random(ret, count, state) || buf_add(ret, suffix))
		return err_nomem(err);
	return 0;
}

int examples_expand(struct view text, uint64_t seed, struct buf *ret, struct err *err)
{
	uint64_t state = seed;

	while (text.len) {
		size_t open = text_find(text, VIEW("{{"));
		struct view rest = open == SIZE_MAX ? VIEW_NONE : view_sub(text, open + 2, text.len);
		size_t close = text_find(rest, VIEW("}}"));

		if (open == SIZE_MAX || close == SIZE_MAX)
			return buf_add(ret, text) ? err_nomem(err) : 0;
		if (rest.ptr[0] == ' ') {
			if (buf_add(ret, view_sub(text, 0, open + 2)))
				return err_nomem(err);
			text = rest;
			continue;
		}
		if (buf_add(ret, view_sub(text, 0, open)))
			return err_nomem(err);
		if (add_template(ret, view_sub(rest, 0, close), &state, err))
			return -1;
		text = view_sub(rest, close + 2, rest.len);
	}
	return 0;
}

/* Where there is no keyword, nothing is ever looked for. */
static bool has_keyword(const struct rule *rule, struct view text)
{
	for (size_t k = 0; k < rule->keywords.count; k++) {
		struct view word = view_of(rule->keywords.items[k]);

		for (size_t at = 0; at + word.len <= text.len; at++) {
			struct view here = view_sub(text, at, word.len);

			if (rule->keywords_nocase ? text_eq_nocase(here, word) : text_eq(here, word))
				return true;
		}
	}
	return rule->keywords.count == 0;
}

static enum engine_result find(struct engine *engine, struct engine_worker *worker, const struct rule *rule,
			       struct view text, struct err *err)
{
	struct engine_span spans[RULE_GROUPS_MAX];
	struct table_cell cell;
	struct rows rows;

	if (!rule->table)
		return engine_match(engine, worker, 0, text, 0, false, spans, err);
	rows_start(&rows, engine, worker, 0, rule, text);
	return rows_next(&rows, &cell, err);
}

static int check_one(struct engine *engine, struct engine_worker *worker, const struct rule *rule, const char *text,
		     bool expected, struct err *err)
{
	DEFER(buf_wipe) struct buf example = BUF_INIT(EXAMPLE_BYTES);
	enum engine_result result;

	if (examples_expand(view_of(text), EXAMPLE_SEED, &example, err))
		return err_prefix(err, "rule '%s'", rule->id);
	result = find(engine, worker, rule, buf_view(&example), err);
	if (result == ENGINE_RUNAWAY || result == ENGINE_FAILED)
		return -1;
	if ((result == ENGINE_MATCH) != expected)
		return err_set(err, ERR_CONFIG, 0, "rule '%s' %s its example '%s'", rule->id,
			       expected ? "does not match" : "matches", text);
	if (expected && !has_keyword(rule, buf_view(&example)))
		return err_set(err, ERR_CONFIG, 0, "rule '%s' has no keyword that stands in its example '%s'", rule->id,
			       text);
	return 0;
}

static int check_list(struct engine *engine, struct engine_worker *worker, const struct rule *rule,
		      const struct rule_list *list, bool expected, struct err *err)
{
	for (size_t i = 0; i < list->count; i++)
		if (check_one(engine, worker, rule, list->items[i], expected, err))
			return -1;
	return 0;
}

int examples_check(const struct rule *rule, struct err *err)
{
	struct engine *engine = engine_new(1);
	struct engine_worker *worker = engine_worker_new();
	int ret;

	if (!engine || !worker) {
		ret = err_nomem(err);
	} else {
		engine_set(engine, 0, rule->regex, rule->id);
		ret = check_list(engine, worker, rule, &rule->examples_match, true, err) ||
				      check_list(engine, worker, rule, &rule->examples_no_match, false, err)
			      ? -1
			      : 0;
	}
	engine_worker_free(worker);
	engine_free(engine);
	return ret;
}
