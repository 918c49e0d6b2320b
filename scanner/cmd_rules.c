/* SPDX-License-Identifier: Apache-2.0 */
/* skant rules: what the rules are. */
#include "common/base/text.h"
#include "common/sys/log.h"
#include "scanner/cmd.h"
#include "scanner/cmd_share.h"
#include "scanner/match/examples.h"
#include "scanner/setup.h"

static int add_table(const struct ruleset *rules, struct buf *out)
{
	for (size_t i = 0; i < ruleset_count(rules); i++) {
		const struct rule *rule = ruleset_at(rules, i);

		if (buf_addf(out, "%-30s %-14s %-9s ", rule->id, rule_kind_name(rule->kind),
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

/* Rules given by file, or the built-in ones, with the examples of each. */
static int check(const struct options *o, char **files, size_t count)
{
	struct setup setup = { .rules = NULL };
	struct err err = ERR_INIT;
	size_t first, bad = 0, total;
	int ret = setup_rules(o, &setup, &err);

	first = ret == 0 && count ? ruleset_count(setup.rules) : 0;
	for (size_t i = 0; i < count && ret == 0; i++)
		ret = ruleset_read(setup.rules, files[i], &err);
	if (ret) {
		log_error("%s", err.text);
		setup_done(&setup);
		return EXIT_USAGE;
	}
	total = ruleset_count(setup.rules);
	for (size_t i = first; i < total; i++)
		bad += check_rule(ruleset_at(setup.rules, i)) != 0;
	log_info("%zu rules checked, %zu do not do what their examples say", total - first, bad);
	setup_done(&setup);
	return bad ? EXIT_USAGE : EXIT_CLEAN;
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

	if (text_eq(verb, VIEW("list")) && count == 1)
		return list(o);
	if (text_eq(verb, VIEW("show")) && count == 2)
		return show(o, args[1]);
	if (text_eq(verb, VIEW("check")))
		return check(o, args + 1, count - 1);
	log_error("usage: skant rules list | show ID | check [FILE ...]");
	return EXIT_USAGE;
}
