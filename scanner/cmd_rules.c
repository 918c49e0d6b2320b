/* SPDX-License-Identifier: Apache-2.0 */
/* skant rules: what the rules are. */
#include <string.h>

#include "common/base/text.h"
#include "common/sys/log.h"
#include "scanner/against.h"
#include "scanner/cmd.h"
#include "scanner/cmd_share.h"
#include "scanner/match/cost.h"
#include "scanner/match/examples.h"
#include "scanner/setup.h"

#define NS_PER_MS 1'000'000u

static int add_table(const struct ruleset *rules, struct buf *out)
{
	int widest = 0;

	for (size_t i = 0; i < ruleset_count(rules); i++) {
		int width = (int)strlen(ruleset_at(rules, i)->id);

		widest = width > widest ? width : widest;
	}
	for (size_t i = 0; i < ruleset_count(rules); i++) {
		const struct rule *rule = ruleset_at(rules, i);

		if (buf_addf(out, "%-*s  %-13s  %-8s  ", widest, rule->id, rule_kind_name(rule->kind),
			     severity_name(rule->severity)) ||
		    text_add_clean(out, view_of(rule->title)) || buf_add_byte(out, '\n'))
			return -1;
	}
	return 0;
}

static int add_texts(struct buf *out, const char *label, const struct rule_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (buf_addf(out, "%-12s ", i ? "" : label) || text_add_clean(out, view_of(list->items[i])) ||
		    buf_add_byte(out, '\n'))
			return -1;
	return 0;
}

static const char *scope_text(const struct rule *rule)
{
	if (rule->table)
		return "a table's column";
	if (rule->scope == SCOPE_FILE)
		return "file: the whole file is matched";
	if (rule->keywords.count == 0 && rule->include.count == 0)
		return "everything: a full regex pass over each file";
	return rule->keyword_starts ? "where a keyword starts" : "near a keyword";
}

static int add_head(const struct rule *rule, struct buf *out)
{
	unsigned entropy = rule->min_entropy_centibits;

	if (buf_addf(out, "%-12s %s\n%-12s ", "id", rule->id, "title") || text_add_clean(out, view_of(rule->title)) ||
	    buf_addf(out, "\n%-12s %s\n%-12s %s\n%-12s %s (at most)\n", "kind", rule_kind_name(rule->kind), "severity",
		     severity_name(rule->severity), "confidence", confidence_name(rule->confidence)) ||
	    buf_addf(out, "%-12s %s\n%-12s %u\n", "scope", scope_text(rule),
		     rule->kind == KIND_KEYNAME ? "name" : "secret", rule->secret_group))
		return -1;
	return entropy ? buf_addf(out, "%-12s %u.%02u bits a character\n", "min_entropy", entropy / 100, entropy % 100)
		       : 0;
}

static int add_rule(const struct rule *rule, struct buf *out)
{
	const struct rule_list regex = { .items = &rule->regex, .count = 1 };
	const struct rule_list source = { .items = &rule->source, .count = 1 };

	return add_head(rule, out) || add_texts(out, "regex", &regex) || add_texts(out, "keywords", &rule->keywords) ||
	       add_texts(out, "also", &rule->also) || add_texts(out, "columns", &rule->columns) ||
	       add_texts(out, "include", &rule->include) || add_texts(out, "exclude", &rule->exclude) ||
	       add_texts(out, "match", &rule->examples_match) || add_texts(out, "no match", &rule->examples_no_match) ||
	       add_texts(out, "source", &source) || cmd_add_indented(out, rule->remediation);
}

static int check_rule(const struct rule *rule)
{
	struct err err = ERR_INIT;

	if (rule->keywords.count == 0 && rule->include.count == 0)
		log_warn("rule '%s' has no keyword: its pattern runs over every byte of every file", rule->id);
	if (rule->examples_match.count == 0)
		log_warn("rule '%s' has no example that it has to match", rule->id);
	if (examples_check(rule, &err) == 0)
		return 0;
	log_error("%s", err.text);
	return -1;
}

/* "12.3" milliseconds */
static int add_ms(struct buf *out, uint64_t ns)
{
	return buf_addf(out, " %8llu.%02llu", (unsigned long long)(ns / NS_PER_MS),
			(unsigned long long)(ns % NS_PER_MS / (NS_PER_MS / 100)));
}

static void warn_slow(const struct rule *rule, const struct cost *c)
{
	if (c->limit_percent >= 100)
		log_warn("rule '%s' runs away on %s: its pattern backtracks without end", rule->id, c->hard);
	else if (c->limit_percent >= COST_NEAR_LIMIT_PERCENT)
		log_warn("rule '%s' takes %u %% of the match limit on %s", rule->id, c->limit_percent, c->hard);
	if (c->text_ns_per_mb > COST_SLOW_NS_PER_KB * 1000ull)
		log_warn("rule '%s' is slow: see the table", rule->id);
}

static int add_cost(struct buf *out, const struct rule *rule, const struct cost *c)
{
	return buf_addf(out, "%-34s", rule->id) || add_ms(out, c->text_ns_per_mb) || add_ms(out, c->hard_ns_per_mb) ||
	       buf_addf(out, " %6u %%  %s\n", c->limit_percent, c->hard);
}

/* A line a rule, with what it takes. */
static int add_costs(const struct rule *const *rules, size_t count, struct view text, struct buf *out, struct err *err)
{
	if (buf_addf(out, "%-34s %11s %11s %8s  %s\n", "rule", "ms/MB", "hard ms/MB", "of limit", "the hardest input"))
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		struct cost cost;

		if (cost_measure(rules[i], text, &cost, err))
			return -1;
		if (add_cost(out, rules[i], &cost))
			return err_nomem(err);
		warn_slow(rules[i], &cost);
	}
	return 0;
}

/* Over the files that were named, or over a text made of the examples. */
static int show_costs(const struct options *o, const struct rule *const *rules, size_t count)
{
	DEFER(buf_wipe) struct buf text = BUF_INIT(COST_TEXT_BYTES);
	DEFER(buf_done) struct buf out = BUF_INIT(CMD_OUTPUT_BYTES);
	struct err err = ERR_INIT;

	if (o->against ? against_read(o->against, &text, &err) : cost_add_text(rules, count, &text, &err)) {
		log_error("%s", err.text);
		return EXIT_USAGE;
	}
	if (add_costs(rules, count, buf_view(&text), &out, &err)) {
		log_error("%s", err.text);
		return EXIT_USAGE;
	}
	return cmd_print(&out, EXIT_CLEAN);
}

/* Rules given by file, or the built-in ones, with the examples of each and what they cost. */
static int check(const struct options *o, char **files, size_t count)
{
	DEFER(setup_done) struct setup setup = { .rules = NULL };
	const struct rule *checked[RULES_MAX];
	struct err err = ERR_INIT;
	size_t first, bad = 0, n = 0;
	int ret = setup_rules(o, &setup, &err);

	first = ret == 0 && count ? ruleset_count(setup.rules) : 0;
	for (size_t i = 0; i < count && ret == 0; i++)
		ret = ruleset_read(setup.rules, files[i], &err);
	if (ret) {
		log_error("%s", err.text);
		return EXIT_USAGE;
	}
	for (size_t i = first; i < ruleset_count(setup.rules); i++) {
		checked[n++] = ruleset_at(setup.rules, i);
		bad += check_rule(checked[n - 1]) != 0;
	}
	ret = show_costs(o, checked, n);
	log_info("%zu rule%s checked, %zu %s not do what %s examples say", n, n == 1 ? "" : "s", bad,
		 bad == 1 ? "does" : "do", bad == 1 ? "its" : "their");
	return bad ? EXIT_USAGE : ret;
}

static int list(const struct options *o)
{
	DEFER(buf_done) struct buf out = BUF_INIT(CMD_OUTPUT_BYTES);
	DEFER(setup_done) struct setup setup = { .rules = NULL };
	struct err err = ERR_INIT;

	if (setup_rules(o, &setup, &err)) {
		log_error("%s", err.text);
		return EXIT_USAGE;
	}
	return add_table(setup.rules, &out) ? EXIT_INCOMPLETE : cmd_print(&out, EXIT_CLEAN);
}

static int show(const struct options *o, const char *id)
{
	DEFER(buf_done) struct buf out = BUF_INIT(CMD_OUTPUT_BYTES);
	DEFER(setup_done) struct setup setup = { .rules = NULL };
	struct err err = ERR_INIT;
	const struct rule *rule;

	if (setup_rules(o, &setup, &err)) {
		log_error("%s", err.text);
		return EXIT_USAGE;
	}
	rule = cmd_find_rule(setup.rules, id);
	if (!rule)
		return EXIT_USAGE;
	return add_rule(rule, &out) ? EXIT_INCOMPLETE : cmd_print(&out, EXIT_CLEAN);
}

int cmd_rules(const struct options *o, char **args, size_t count)
{
	struct view verb = count ? view_of(args[0]) : VIEW_NONE;

	if (o->against && !text_eq(verb, VIEW("check"))) {
		log_error("--against is for skant rules check");
		return EXIT_USAGE;
	}
	if (text_eq(verb, VIEW("list")) && count == 1)
		return list(o);
	if (text_eq(verb, VIEW("show")) && count == 2)
		return show(o, args[1]);
	if (text_eq(verb, VIEW("check")))
		return check(o, args + 1, count - 1);
	log_error("list, show ID or check [FILE ...] was expected; see `skant rules --help`");
	return EXIT_USAGE;
}
