/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/rulefile.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/glob.h"
#include "common/base/text.h"
#include "scanner/literal.h"
#include "scanner/match/engine.h"

#define ENTROPY_MAX_CENTIBITS 800
#define ID_BYTES 64

struct block {
	struct block *next;
	max_align_t bytes[];
};

struct rulefile {
	struct block *blocks;
	struct rule *rules;
	size_t count;
	char *source;
	const char *define; /* groups that every pattern of the file may call */
};

void rulefile_free(struct rulefile *file)
{
	if (!file)
		return;
	for (struct block *b = file->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(file);
}

static void *allot(struct rulefile *file, size_t size)
{
	struct block *b = calloc(1, sizeof(*b) + size);

	if (!b)
		return NULL;
	b->next = file->blocks;
	file->blocks = b;
	return b->bytes;
}

static char *copy(struct rulefile *file, struct view v)
{
	char *p = allot(file, v.len + 1);

	if (p && v.len)
		memcpy(p, v.ptr, v.len);
	return p;
}

/* A scalar's text, as a copy that lives with the rules. */
static int take_text(struct rulefile *file, const struct conf_node *node, const char **ret, struct err *err)
{
	const char *text;

	if (conf_string(node, &text, err))
		return -1;
	*ret = copy(file, view_of(text));
	return *ret ? 0 : err_nomem(err);
}

/* The same for what must not be left empty. */
static int take_some_text(struct rulefile *file, const struct conf_node *node, const char **ret, struct err *err)
{
	if (take_text(file, node, ret, err))
		return -1;
	return **ret ? 0 : conf_error(node, err, "this is empty; some text was expected");
}

static int take_list(struct rulefile *file, const struct conf_node *node, size_t max, struct rule_list *ret,
		     struct err *err)
{
	const char **items;

	if (!conf_is_list(node))
		return conf_error(node, err, "a list was expected");
	if (conf_count(node) > max)
		return conf_error(node, err, "at most %zu entries are possible", max);
	items = allot(file, (conf_count(node) + 1) * sizeof(*items));
	if (!items)
		return err_nomem(err);
	*ret = (struct rule_list){ .items = items };
	for (; ret->count < conf_count(node); ret->count++)
		if (take_text(file, conf_at(node, ret->count), &items[ret->count], err))
			return -1;
	return 0;
}

static const struct conf_node *required(const struct conf_node *rule, const char *key, struct err *err)
{
	const struct conf_node *node = conf_get(rule, key);

	if (!node)
		(void)conf_error(rule, err, "this rule has no '%s'", key);
	return node;
}

static int take_id(struct rulefile *file, const struct conf_node *node, struct rule *rule, struct err *err)
{
	const struct conf_node *id = required(node, "id", err);
	struct view v;

	if (!id || take_text(file, id, &rule->id, err))
		return -1;
	v = view_of(rule->id);
	for (size_t i = 0; i < v.len; i++) {
		char c = v.ptr[i];
		bool is_letter = text_is_alpha(c) && text_lower(c) == c;

		if (!is_letter && (i == 0 || (!text_is_digit(c) && c != '-')))
			return conf_error(id, err,
					  "an id of lower-case letters, digits and '-', starting with a letter, "
					  "was expected");
	}
	if (v.len == 0 || v.len > ID_BYTES)
		return conf_error(id, err, "an id of 1 to %d characters was expected", ID_BYTES);
	return 0;
}

static int take_choice(const struct conf_node *rule, const char *key, const char *const *names, size_t count,
		       unsigned standard, unsigned *ret, struct err *err)
{
	const struct conf_node *node = conf_get(rule, key);

	*ret = standard;
	return node ? conf_choice(node, names, count, ret, err) : 0;
}

static int take_kind(const struct conf_node *node, struct rule *rule, struct err *err)
{
	static const char *const scopes[] = { "near", "file" };
	unsigned kind, severity, confidence, scope;

	if (take_choice(node, "kind", rule_kind_names, ARRAY_LEN(rule_kind_names), KIND_UNKNOWN, &kind, err) ||
	    take_choice(node, "severity", severity_names, ARRAY_LEN(severity_names), SEVERITY_MEDIUM, &severity, err) ||
	    take_choice(node, "confidence", confidence_names, ARRAY_LEN(confidence_names), CONFIDENCE_HIGH, &confidence,
			err) ||
	    take_choice(node, "scope", scopes, ARRAY_LEN(scopes), SCOPE_NEAR, &scope, err))
		return -1;
	rule->kind = (enum rule_kind)kind;
	rule->severity = (enum severity)severity;
	rule->confidence = (enum confidence)confidence;
	rule->scope = (enum rule_scope)scope;
	return 0;
}

static int take_keywords(struct rulefile *file, const struct conf_node *node, struct rule *rule, struct err *err)
{
	const struct conf_node *list = conf_get(node, "keywords"), *nocase = conf_get(node, "keywords_nocase");
	const struct conf_node *also = conf_get(node, "also");

	if (nocase && conf_bool(nocase, &rule->keywords_nocase, err))
		return -1;
	if (also && take_list(file, also, RULE_KEYWORDS_MAX, &rule->also, err))
		return -1;
	if (also && !list)
		return conf_error(also, err, "'also' is for a rule with 'keywords'");
	if (!list)
		return 0;
	if (take_list(file, list, RULE_KEYWORDS_MAX, &rule->keywords, err))
		return -1;
	for (size_t i = 0; i < rule->keywords.count; i++) {
		size_t len = strlen(rule->keywords.items[i]);

		if (len < LITERAL_MIN || len > LITERAL_MAX)
			return conf_error(conf_at(list, i), err, "a keyword of %d to %d bytes was expected",
					  LITERAL_MIN, LITERAL_MAX);
		for (size_t k = 0; k < i; k++)
			if (strcmp(rule->keywords.items[k], rule->keywords.items[i]) == 0)
				return conf_error(conf_at(list, i), err, "the keyword '%s' was given already",
						  rule->keywords.items[i]);
	}
	return 0;
}

/* Such a rule need be tried only where that keyword stands. */
static bool starts_with_keyword(const struct rule *rule)
{
	if (rule->keywords_nocase)
		return false;
	for (size_t i = 0; i < rule->keywords.count; i++)
		if (engine_begins_with(rule->regex, view_of(rule->keywords.items[i])))
			return true;
	return false;
}

/* Checks that a regex compiles. */
static int check_regex(const struct conf_node *node, const char *regex, unsigned *ret_groups, struct err *err)
{
	struct engine *engine = engine_new(1);
	struct err why = ERR_INIT;
	int ret = 0;

	if (!engine)
		return err_nomem(err);
	engine_set(engine, 0, regex, "");
	if (strlen(regex) > RULE_REGEX_BYTES)
		ret = conf_error(node, err, "a pattern of at most %u bytes was expected", RULE_REGEX_BYTES);
	else if (engine_check(engine, 0, &why))
		ret = conf_error(node, err, "the pattern is not valid: %s", why.text);
	*ret_groups = ret ? 0 : engine_groups(engine, 0);
	if (*ret_groups >= RULE_GROUPS_MAX)
		ret = conf_error(node, err, "the pattern has %u groups, at most %d are possible; use (?:...)",
				 *ret_groups, RULE_GROUPS_MAX - 1);
	engine_free(engine);
	return ret;
}

/* The pattern with the file's groups behind it, where they match nothing until they are called. */
static int take_pattern(struct rulefile *file, const struct conf_node *node, const char **ret, struct err *err)
{
	DEFER(buf_done) struct buf whole = BUF_INIT(2 * RULE_REGEX_BYTES + 16);

	if (take_some_text(file, node, ret, err))
		return -1;
	if (!file->define)
		return 0;
	if (strlen(*ret) > RULE_REGEX_BYTES)
		return conf_error(node, err, "a pattern of at most %u bytes was expected", RULE_REGEX_BYTES);
	if (buf_addf(&whole, "%s(?(DEFINE)%s)", *ret, file->define))
		return err_nomem(err);
	*ret = copy(file, buf_view(&whole));
	return *ret ? 0 : err_nomem(err);
}

static int take_regex(struct rulefile *file, const struct conf_node *node, struct rule *rule, struct err *err)
{
	const struct conf_node *regex = required(node, "regex", err);
	const char *key = rule->kind == KIND_KEYNAME ? "name" : "secret";
	const char *other = rule->kind == KIND_KEYNAME ? "secret" : "name";
	const struct conf_node *group = conf_get(node, key);
	unsigned groups;
	uint64_t n = 0;

	if (!regex || take_pattern(file, regex, &rule->regex, err) || check_regex(regex, rule->regex, &groups, err))
		return -1;
	if (conf_get(node, other))
		return conf_error(conf_get(node, other), err, "a rule of this kind has '%s', not '%s'", key, other);
	if (group && conf_u64(group, 0, RULE_GROUPS_MAX - 1, &n, err))
		return -1;
	if (n > groups)
		return conf_error(group, err, "the pattern has no group %u; 0 to %u was expected", (unsigned)n, groups);
	rule->secret_group = (unsigned)n;
	return 0;
}

static int take_globs(struct rulefile *file, const struct conf_node *node, struct rule_list *ret, struct err *err)
{
	if (take_list(file, node, RULES_MAX, ret, err))
		return -1;
	for (size_t i = 0; i < ret->count; i++) {
		const char *flaw = glob_flaw(ret->items[i]);

		if (flaw)
			return conf_error(conf_at(node, i), err, "the pattern %s; one such as '**/*.py' was expected",
					  flaw);
	}
	return 0;
}

static int take_paths(struct rulefile *file, const struct conf_node *node, struct rule *rule, struct err *err)
{
	static const char *const known[] = { "include", "exclude" };
	const struct conf_node *paths = conf_get(node, "paths"), *include, *exclude;

	if (!paths)
		return 0;
	if (conf_keys(paths, known, ARRAY_LEN(known), err))
		return -1;
	include = conf_get(paths, "include");
	exclude = conf_get(paths, "exclude");
	if (include && take_globs(file, include, &rule->include, err))
		return -1;
	return exclude ? take_globs(file, exclude, &rule->exclude, err) : 0;
}

static int take_table(struct rulefile *file, const struct conf_node *node, struct rule *rule, struct err *err)
{
	static const char *const known[] = { "format", "columns", "decided_by", "headings" };
	static const char *const formats[] = { "csv", "markdown" };
	const struct conf_node *table = conf_get(node, "table"), *format, *columns, *decided_by, *headings;
	unsigned n;

	if (!table)
		return 0;
	if (conf_keys(table, known, ARRAY_LEN(known), err))
		return -1;
	format = required(table, "format", err);
	columns = required(table, "columns", err);
	decided_by = conf_get(table, "decided_by");
	headings = conf_get(table, "headings");
	if (!format || !columns || conf_choice(format, formats, ARRAY_LEN(formats), &n, err) ||
	    take_list(file, columns, RULE_KEYWORDS_MAX, &rule->columns, err))
		return -1;
	rule->table = n == 0 ? TABLE_CSV : TABLE_MARKDOWN;
	rule->scope = SCOPE_FILE;
	if (decided_by && take_list(file, decided_by, RULE_KEYWORDS_MAX, &rule->decided_by, err))
		return -1;
	return headings ? take_list(file, headings, RULE_KEYWORDS_MAX, &rule->headings, err) : 0;
}

static int take_allow(struct rulefile *file, const struct conf_node *node, struct rule_allow *ret, struct err *err)
{
	static const char *const known[] = { "regex", "target", "reason" };
	static const char *const targets[] = { "secret", "match", "line", "path" };
	const struct conf_node *regex, *reason;
	unsigned target, groups;

	if (conf_keys(node, known, ARRAY_LEN(known), err))
		return -1;
	regex = conf_get(node, "regex");
	reason = conf_get(node, "reason");
	if (!regex)
		return conf_error(node, err, "this allow entry has no 'regex'");
	if (!reason)
		return conf_error(node, err, "this allow entry has no 'reason'");
	if (take_some_text(file, regex, &ret->regex, err) || take_some_text(file, reason, &ret->reason, err) ||
	    take_choice(node, "target", targets, ARRAY_LEN(targets), ALLOW_SECRET, &target, err))
		return -1;
	ret->target = (enum allow_target)target;
	return check_regex(regex, ret->regex, &groups, err);
}

static int take_allows(struct rulefile *file, const struct conf_node *node, struct rule *rule, struct err *err)
{
	const struct conf_node *list = conf_get(node, "allow");
	struct rule_allow *allows;

	if (!list)
		return 0;
	if (!conf_is_list(list))
		return conf_error(list, err, "a list was expected");
	allows = allot(file, (conf_count(list) + 1) * sizeof(*allows));
	if (!allows)
		return err_nomem(err);
	rule->allows = allows;
	for (; rule->allow_count < conf_count(list); rule->allow_count++)
		if (take_allow(file, conf_at(list, rule->allow_count), &allows[rule->allow_count], err))
			return -1;
	return 0;
}

static int take_examples(struct rulefile *file, const struct conf_node *node, struct rule *rule, struct err *err)
{
	static const char *const known[] = { "match", "no_match" };
	const struct conf_node *examples = conf_get(node, "examples"), *match, *no_match;

	if (!examples)
		return 0;
	if (conf_keys(examples, known, ARRAY_LEN(known), err))
		return -1;
	match = conf_get(examples, "match");
	no_match = conf_get(examples, "no_match");
	if (match && take_list(file, match, RULES_MAX, &rule->examples_match, err))
		return -1;
	return no_match ? take_list(file, no_match, RULES_MAX, &rule->examples_no_match, err) : 0;
}

/* How far before one of its words a match starts, for a rule that sees the whole file. */
static int take_reach(const struct conf_node *node, const char *key, const struct rule *rule,
		      const struct rule_list *words, unsigned *ret, struct err *err)
{
	const struct conf_node *reach = conf_get(node, key);
	uint64_t n = 0;

	if (reach && (rule->scope != SCOPE_FILE || rule->table || words->count == 0))
		return conf_error(reach, err, "'%s' is for a rule with 'scope: file' and such words", key);
	if (reach && conf_u64(reach, 1, MATCH_BEFORE_BYTES, &n, err))
		return -1;
	*ret = (unsigned)n;
	return 0;
}

static int take_rest(struct rulefile *file, const struct conf_node *node, struct rule *rule, struct err *err)
{
	const struct conf_node *title = required(node, "title", err), *remediation = conf_get(node, "remediation");
	const struct conf_node *entropy = conf_get(node, "min_entropy");

	rule->remediation = "";
	if (!title || take_some_text(file, title, &rule->title, err))
		return -1;
	if (remediation && take_text(file, remediation, &rule->remediation, err))
		return -1;
	if (take_reach(node, "keyword_reach", rule, &rule->keywords, &rule->keyword_reach, err) ||
	    take_reach(node, "also_reach", rule, &rule->also, &rule->also_reach, err))
		return -1;
	return entropy ? conf_centi(entropy, ENTROPY_MAX_CENTIBITS, &rule->min_entropy_centibits, err) : 0;
}

static int take_rule(struct rulefile *file, const struct conf_node *node, struct rule *rule, struct err *err)
{
	static const char *const known[] = { "id",         "kind",   "title",       "severity",
					     "confidence", "scope",  "keywords",    "keywords_nocase",
					     "regex",      "secret", "name",        "min_entropy",
					     "paths",      "allow",  "remediation", "examples",
					     "table",      "also",   "also_reach",  "keyword_reach" };

	if (conf_keys(node, known, ARRAY_LEN(known), err))
		return -1;
	rule->source = file->source;
	if (take_id(file, node, rule, err) || take_kind(node, rule, err) || take_keywords(file, node, rule, err) ||
	    take_regex(file, node, rule, err) || take_paths(file, node, rule, err) ||
	    take_table(file, node, rule, err) || take_allows(file, node, rule, err) ||
	    take_examples(file, node, rule, err) || take_rest(file, node, rule, err))
		return -1;
	rule->keyword_starts = starts_with_keyword(rule);
	return 0;
}

static const struct conf_node *rules_of(const struct conf *conf, struct err *err)
{
	static const char *const known[] = { "version", "define", "rules" };
	const struct conf_node *root = conf_root(conf), *version, *rules;
	uint64_t n;

	if (conf_keys(root, known, ARRAY_LEN(known), err))
		return NULL;
	version = conf_get(root, "version");
	rules = conf_get(root, "rules");
	if (!version) {
		(void)conf_error(root, err, "'version: 1' was expected");
		return NULL;
	}
	if (conf_u64(version, 1, 1, &n, err))
		return NULL;
	if (!rules || !conf_is_list(rules)) {
		(void)conf_error(rules ? rules : root, err, "'rules:' with a list was expected");
		return NULL;
	}
	if (conf_count(rules) > RULES_MAX) {
		(void)conf_error(rules, err, "at most %d rules are possible", RULES_MAX);
		return NULL;
	}
	return rules;
}

static int take_rules(struct rulefile *file, const struct conf *conf, const char *source, struct err *err)
{
	const struct conf_node *list = rules_of(conf, err), *define;
	unsigned groups;

	if (!list)
		return -1;
	define = conf_get(conf_root(conf), "define");
	file->source = copy(file, view_of(source));
	file->rules = allot(file, (conf_count(list) + 1) * sizeof(*file->rules));
	if (!file->source || !file->rules)
		return err_nomem(err);
	if (define &&
	    (take_some_text(file, define, &file->define, err) || check_regex(define, file->define, &groups, err)))
		return -1;
	for (; file->count < conf_count(list); file->count++) {
		struct rule *rule = &file->rules[file->count];

		if (take_rule(file, conf_at(list, file->count), rule, err))
			return -1;
		for (size_t i = 0; i < file->count; i++)
			if (strcmp(file->rules[i].id, rule->id) == 0)
				return conf_error(conf_at(list, file->count), err, "a second rule with the id '%s'",
						  rule->id);
	}
	return 0;
}

struct rulefile *rulefile_read(const struct conf *conf, const char *source, struct err *err)
{
	struct rulefile *file = calloc(1, sizeof(*file));

	if (!file) {
		(void)err_nomem(err);
		return NULL;
	}
	if (take_rules(file, conf, source, err)) {
		rulefile_free(file);
		return NULL;
	}
	return file;
}

const struct rule *rulefile_rules(const struct rulefile *file, size_t *ret_count)
{
	*ret_count = file->count;
	return file->rules;
}

const struct conf_node *rulefile_node(const struct conf *conf, size_t index)
{
	return conf_at(conf_get(conf_root(conf), "rules"), index);
}
