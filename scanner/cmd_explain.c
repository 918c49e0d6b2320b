/* SPDX-License-Identifier: Apache-2.0 */
/* skant explain: what a finding means and what to do, in order; with a report what to do about all that is in it. */
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/log.h"
#include "scanner/cmd.h"
#include "scanner/cmd_share.h"
#include "scanner/found.h"
#include "scanner/pyregex.h"
#include "scanner/report/shown.h"
#include "scanner/rewrite.h"
#include "scanner/setup.h"

#define DATE_SHOWN 10

struct explanation {
	const struct ruleset *rules;
	const struct rule *rule; /* NULL: all that the report names */
	bool has_report;
	struct found found; /* what it names */
	struct buf out;
};

/* "3 blobs, 1 tag" */
static int add_places(const struct found_key *k, struct buf *out)
{
	static const char *const names[FOUND_INS] = { "file version", "commit message", "tag" };
	bool any = false;

	for (unsigned i = 0; i < FOUND_INS; i++) {
		if (!k->count[i])
			continue;
		if (buf_addf(out, "%s%zu %s%s", any ? ", " : "", k->count[i], names[i], k->count[i] > 1 ? "s" : ""))
			return -1;
		any = true;
	}
	return 0;
}

static int add_separator(bool *is_next, struct buf *out)
{
	const char *text = *is_next ? ", " : "    reached by: ";

	*is_next = true;
	return buf_add_text(out, text);
}

/* The refs, and what else leads there. */
static int add_reached(const struct found_key *k, struct buf *out)
{
	size_t shown = k->refs.count > REPORT_REFS_SHOWN ? REPORT_REFS_SHOWN : k->refs.count;
	const char *const others[FOUND_BYS] = {
		[FOUND_BY_REF] = k->refs.count ? NULL : "HEAD, of this work tree or another",
		[FOUND_BY_STASH] = "a stash",
		[FOUND_BY_REFLOG] = "a reflog",
		[FOUND_BY_NOTHING] = "nothing",
	};
	bool any = false;

	for (size_t i = 0; i < shown; i++)
		if (add_separator(&any, out) || shown_add_clean(out, view_of(k->refs.items[i])))
			return -1;
	if (shown < k->refs.count && buf_addf(out, " and %zu more", k->refs.count - shown))
		return -1;
	for (unsigned i = 0; i < FOUND_BYS; i++)
		if (k->by[i] && others[i] && (add_separator(&any, out) || buf_add_text(out, others[i])))
			return -1;
	return any ? buf_add_byte(out, '\n') : 0;
}

static int add_key(const struct found_key *k, struct buf *out)
{
	if (buf_add_text(out, "  ") || shown_add_clean(out, view_of(k->masked)) ||
	    buf_addf(out, " (%s)\n    in ", k->id) || add_places(k, out) ||
	    (k->since &&
	     (buf_add_text(out, ", since ") || shown_add_clean(out, view_sub(view_of(k->since), 0, DATE_SHOWN)))) ||
	    buf_add_text(out, k->at_head ? ", still at HEAD\n" : "\n"))
		return -1;
	return add_reached(k, out);
}

/* A sentence about so many, if there are any. */
static int add_count(size_t count, const char *one, const char *several, struct buf *out)
{
	return count ? buf_addf(out, "  %zu %s\n", count, count == 1 ? one : several) : 0;
}

/* What keeps the steps from being about all there is. */
static int add_doubts(const struct found *f, struct buf *out)
{
	if ((f->incomplete && buf_add_text(out, "  The scan was incomplete: there may be more.\n")) ||
	    add_count(f->in_files,
		      "more stands in a file, not in a history: take it out there; `skant git` says whether it was "
		      "committed.",
		      "more stand in files, not in a history: take them out there; `skant git` says whether they were "
		      "committed.",
		      out) ||
	    add_count(f->names, "name of a key breaks the convention: it is no secret.",
		      "names of keys break the convention: they are no secrets.", out) ||
	    add_count(f->beyond, "stands in a message, where no pattern of Python finds it: change that by hand.",
		      "stand in messages, where no pattern of Python finds them: change those by hand.", out))
		return -1;
	for (size_t i = 0; i < f->unknown.count; i++)
		if (buf_add_text(out, "  There are findings of a rule that is not known here, see --rules: ") ||
		    shown_add_clean(out, view_of(f->unknown.items[i])) || buf_add_byte(out, '\n'))
			return -1;
	return 0;
}

static int add_found(const struct found *f, struct buf *out)
{
	if (buf_addf(out, "%zu key%s in the history:\n\n", f->key_count, f->key_count == 1 ? "" : "s"))
		return -1;
	for (size_t i = 0; i < f->key_count; i++)
		if (add_key(&f->keys[i], out))
			return -1;
	return add_doubts(f, out) || buf_add_byte(out, '\n') ? -1 : 0;
}

static int add_rule(const struct rule *rule, struct buf *out)
{
	return text_add_clean(out, view_of(rule->title)) ||
			       buf_addf(out, " [%s], %s\n\n", rule->id, severity_name(rule->severity)) ||
			       cmd_add_indented(out, *rule->remediation
							     ? rule->remediation
							     : "This rule says nothing about what to do.\n") ||
			       buf_add_byte(out, '\n')
		       ? -1
		       : 0;
}

/* 0, 1 when Python knows no such pattern, or -1. */
static int add_pattern(const struct rule *rule, struct textset *set)
{
	DEFER(buf_done) struct buf pattern = BUF_INIT(PYREGEX_BYTES);
	int ret = pyregex_add(&pattern, view_of(rule->regex));

	return ret ? ret : textset_add(set, buf_view(&pattern));
}

static int add_first_steps(struct buf *out)
{
	return buf_add_text(
		out, "Once it has been committed, in this order:\n\n"
		     "  1. Revoke the key: whoever has a copy of the repository has it, and no rewriting takes that "
		     "back.\n"
		     "  2. Rotate: give the programs that used it a new one, from their environment or a secret "
		     "manager.\n"
		     "  3. Look at what it was used for since the commit that brought it in.\n");
}

/* For one rule, whatever was found. */
static int add_general_steps(const struct rule *rule, struct buf *out)
{
	struct rewrite r = { .in_blobs = true, .in_messages = true };
	int ret = add_pattern(rule, &r.patterns);

	if (ret >= 0)
		ret = add_first_steps(out) ||
		      buf_add_text(out, "\nCommands for exactly what was found: skant git -f jsonl | skant explain "
					"--report -\n") ||
		      (ret ? buf_add_text(out,
					  "This rule's pattern has no counterpart in Python: they are the only ones "
					  "there are.\n")
			   : buf_add_text(out, "\n") || rewrite_add(out, &r));
	textset_done(&r.patterns);
	return ret ? -1 : 0;
}

/* For what the report names. */
static int add_found_steps(const struct explanation *e, struct buf *out)
{
	const struct found *f = &e->found;
	struct rewrite r = { .strip = &f->strip,
			     .straight = &f->straight,
			     .in_blobs = f->in_blobs,
			     .in_messages = f->in_messages,
			     .in_people = f->in_people };
	bool is_gone = !f->by[FOUND_BY_REF] && !f->by[FOUND_BY_STASH] && !f->by[FOUND_BY_UNKNOWN];
	int ret = add_first_steps(out);

	for (size_t i = 0; ret >= 0 && i < ruleset_count(e->rules); i++)
		if (f->rules[i])
			ret = add_pattern(ruleset_at(e->rules, i), &r.patterns) < 0 ? -1 : 0;
	if (ret >= 0)
		ret = is_gone ? rewrite_add_cleaning(out) : rewrite_add(out, &r);
	textset_done(&r.patterns);
	return ret;
}

static int add_nothing(struct explanation *e)
{
	if (buf_addf(&e->out, "The report names no key%s in a history.\n", e->rule ? " of this rule" : ""))
		return -1;
	return add_doubts(&e->found, &e->out) ? -1 : 0;
}

static int add_explanation(struct explanation *e)
{
	const struct found *f = &e->found;

	if (e->rule && add_rule(e->rule, &e->out))
		return -1;
	if (!e->has_report)
		return !e->rule || e->rule->kind == KIND_KEYNAME ? 0 : add_general_steps(e->rule, &e->out);
	for (size_t i = 0; !e->rule && i < ruleset_count(e->rules); i++)
		if (f->rules[i] && add_rule(ruleset_at(e->rules, i), &e->out))
			return -1;
	if (!f->key_count)
		return add_nothing(e);
	return add_found(f, &e->out) || add_found_steps(e, &e->out) ? -1 : 0;
}

static int read_report(const char *path, struct explanation *e, struct err *err)
{
	DEFER(buf_done) struct buf input = BUF_INIT(EXPLAIN_REPORT_BYTES);
	bool is_stdin = text_eq(view_of(path), VIEW("-"));

	if (is_stdin ? file_read_rest(STDIN_FILENO, "standard input", &input, err) : file_read(path, &input, err))
		return -1;
	if (!text_trim(buf_view(&input)).len)
		return err_set(err, ERR_USAGE, 0, "the report is empty: what should have written it failed");
	if (found_read(&e->found, buf_view(&input), e->rules, e->rule ? e->rule->id : NULL, err))
		return err_prefix(err, "cannot take a report from %s%s%s", is_stdin ? "standard input" : "'",
				  is_stdin ? "" : path, is_stdin ? "" : "'");
	return 0;
}

static int explain(const struct options *o, struct explanation *e)
{
	struct err err = ERR_INIT;

	e->has_report = o->explained_report != NULL;
	if (e->has_report && read_report(o->explained_report, e, &err)) {
		log_error("%s", err.text);
		return EXIT_USAGE;
	}
	if (add_explanation(e) == 0)
		return cmd_print(&e->out, EXIT_CLEAN);
	log_error("out of memory");
	return EXIT_INCOMPLETE;
}

int cmd_explain(const struct options *o, char **args, size_t count)
{
	DEFER(setup_done) struct setup setup = { .rules = NULL };
	struct explanation e = { .out = BUF_INIT(CMD_OUTPUT_BYTES) };
	struct err err = ERR_INIT;
	int ret;

	if (count > 1 || (!count && !o->explained_report)) {
		log_error("%s rule was expected, or --report FILE; see `skant rules list`", count ? "one" : "a");
		return EXIT_USAGE;
	}
	if (setup_rules(o, &setup, &err)) {
		log_error("%s", err.text);
		return EXIT_USAGE;
	}
	e.rules = setup.rules;
	e.rule = count ? cmd_find_rule(setup.rules, args[0]) : NULL;
	if (count && !e.rule)
		return EXIT_USAGE;
	ret = explain(o, &e);
	found_done(&e.found);
	buf_done(&e.out);
	return ret;
}
