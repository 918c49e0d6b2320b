/* SPDX-License-Identifier: Apache-2.0 */
/* rulec OUT.c RULES.yaml ...: turns rule files into the C tables that are built in, so that no YAML is read when skant
 * starts. Run by the build. */
#include <errno.h>

#include "common/sys/file.h"
#include "common/sys/log.h"
#include "scanner/match/ruleset.h"

#define OUT_BYTES (16u << 20)

static int add_literal(struct buf *out, const char *text)
{
	if (buf_add_byte(out, '"'))
		return -1;
	for (const char *p = text; *p; p++) {
		unsigned char c = (unsigned char)*p;
		bool is_plain = c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '?';

		if (is_plain ? buf_add_byte(out, *p) : buf_addf(out, "\\%03o", c))
			return -1;
	}
	return buf_add_byte(out, '"');
}

static int add_list(struct buf *out, size_t rule, const char *name, const struct rule_list *list)
{
	if (list->count == 0)
		return 0;
	if (buf_addf(out, "static const char *const %s_%zu[] = {\n", name, rule))
		return -1;
	for (size_t i = 0; i < list->count; i++)
		if (buf_add_text(out, "\t") || add_literal(out, list->items[i]) || buf_add_text(out, ",\n"))
			return -1;
	return buf_add_text(out, "};\n");
}

static int add_allows(struct buf *out, size_t index, const struct rule *rule)
{
	if (rule->allow_count == 0)
		return 0;
	if (buf_addf(out, "static const struct rule_allow allows_%zu[] = {\n", index))
		return -1;
	for (size_t i = 0; i < rule->allow_count; i++)
		if (buf_add_text(out, "\t{ .regex = ") || add_literal(out, rule->allows[i].regex) ||
		    buf_addf(out, ", .target = %d, .reason = ", (int)rule->allows[i].target) ||
		    add_literal(out, rule->allows[i].reason) || buf_add_text(out, " },\n"))
			return -1;
	return buf_add_text(out, "};\n");
}

/* The lists of a rule; each array is named after its member. */
static const struct {
	const char *member;
	size_t offset;
} lists[] = {
	{ "keywords", offsetof(struct rule, keywords) },
	{ "also", offsetof(struct rule, also) },
	{ "columns", offsetof(struct rule, columns) },
	{ "decided_by", offsetof(struct rule, decided_by) },
	{ "headings", offsetof(struct rule, headings) },
	{ "include", offsetof(struct rule, include) },
	{ "exclude", offsetof(struct rule, exclude) },
	{ "examples_match", offsetof(struct rule, examples_match) },
	{ "examples_no_match", offsetof(struct rule, examples_no_match) },
};

static const struct rule_list *list_of(const struct rule *rule, size_t list)
{
	return (const struct rule_list *)(const void *)((const char *)rule + lists[list].offset);
}

static int add_lists(struct buf *out, size_t index, const struct rule *rule)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (add_list(out, index, lists[i].member, list_of(rule, i)))
			return -1;
	return add_allows(out, index, rule);
}

static int add_list_members(struct buf *out, size_t index, const struct rule *rule)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const char *member = lists[i].member;
		size_t count = list_of(rule, i)->count;

		if (count && buf_addf(out, "\t\t.%s = { %s_%zu, %zu },\n", member, member, index, count))
			return -1;
	}
	return 0;
}

static int add_text_member(struct buf *out, const char *member, const char *text)
{
	return buf_addf(out, "\t\t.%s = ", member) || add_literal(out, text) || buf_add_text(out, ",\n");
}

static int add_numbers(struct buf *out, const struct rule *rule)
{
	return buf_addf(out,
			"\t\t.kind = %d, .severity = %d, .confidence = %d, .scope = %d,\n"
			"\t\t.secret_group = %u, .min_entropy_centibits = %u,\n"
			"\t\t.keywords_nocase = %d, .keyword_starts = %d, .table = %d,\n"
			"\t\t.keyword_reach = %u, .also_reach = %u,\n",
			(int)rule->kind, (int)rule->severity, (int)rule->confidence, (int)rule->scope,
			rule->secret_group, rule->min_entropy_centibits, rule->keywords_nocase, rule->keyword_starts,
			(int)rule->table, rule->keyword_reach, rule->also_reach);
}

static int add_rule(struct buf *out, size_t index, const struct rule *rule)
{
	if (buf_add_text(out, "\t{\n") || add_text_member(out, "id", rule->id) ||
	    add_text_member(out, "title", rule->title) || add_text_member(out, "remediation", rule->remediation) ||
	    add_text_member(out, "regex", rule->regex) || add_text_member(out, "source", "built in") ||
	    add_numbers(out, rule) || add_list_members(out, index, rule))
		return -1;
	if (rule->allow_count &&
	    buf_addf(out, "\t\t.allows = allows_%zu, .allow_count = %zu,\n", index, rule->allow_count))
		return -1;
	return buf_add_text(out, "\t},\n");
}

/* C promises literals of up to 4095 bytes only; a pattern may be longer, and our compilers do not mind. */
static int generate(const struct ruleset *set, struct buf *out)
{
	if (buf_add_text(out, "/* Made by rulec from the files in rules/. Do not edit. */\n"
			      "#include \"scanner/match/ruleset.h\"\n\n"
			      "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n\n"))
		return -1;
	for (size_t i = 0; i < ruleset_count(set); i++)
		if (add_lists(out, i, ruleset_at(set, i)))
			return -1;
	if (buf_add_text(out, "\nconst struct rule rules_builtin[] = {\n"))
		return -1;
	for (size_t i = 0; i < ruleset_count(set); i++)
		if (add_rule(out, i, ruleset_at(set, i)))
			return -1;
	return buf_addf(out, "};\nconst size_t rules_builtin_count = %zu;\n", ruleset_count(set));
}

static int compile(const char *path, char **inputs, int count, struct err *err)
{
	DEFER(ruleset_freep) struct ruleset *set = ruleset_new();
	DEFER(buf_done) struct buf out = BUF_INIT(OUT_BYTES);
	struct file_replace file;

	if (!set)
		return err_nomem(err);
	for (int i = 0; i < count; i++)
		if (ruleset_read(set, inputs[i], err))
			return -1;
	if (generate(set, &out))
		return err_nomem(err);
	if (file_replace_open(&file, path, 0644, err))
		return -1;
	if (file_write_full(file.fd, buf_view(&out))) {
		int errnum = errno;

		file_replace_abort(&file);
		return err_set(err, ERR_IO, errnum, "cannot write '%s'", path);
	}
	return file_replace_commit(&file, err);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;

	log_init("rulec", LOG_INFO);
	if (argc < 3) {
		log_error("usage: rulec OUT.c RULES.yaml ...");
		return 2;
	}
	if (compile(argv[1], argv + 2, argc - 2, &err)) {
		log_error("%s", err.text);
		return 1;
	}
	return 0;
}
