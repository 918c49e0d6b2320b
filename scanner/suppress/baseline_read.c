/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a baseline: an object of the schema skant-baseline/1, or the array that gitleaks 8 writes (report.Finding). */
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/json_reader.h"
#include "scanner/suppress/baseline_set.h"
#include "scanner/suppress/suppress.h"

#define SCHEMA_STEM "skant-baseline/"
#define SCHEMA SCHEMA_STEM "1"

enum { PATH, RULE, ID, OTHER, TEXTS };

struct reading {
	struct baseline *b;
	const char *path;
	struct view text;
	struct buf store[TEXTS]; /* texts of the entry at hand */
	bool has_schema;
	struct err *err;
};

static const char *text_of(const struct reading *r, unsigned which)
{
	return r->store[which].len ? r->store[which].ptr : "";
}

static int refuse_at(const struct reading *r, size_t at, const char *what)
{
	size_t line, column;

	text_place(r->text, at, &line, &column);
	return err_set(r->err, ERR_CONFIG, 0, "%s:%zu:%zu: %s", r->path, line, column, what);
}

static int refuse(const struct reading *r, struct view value, const char *what)
{
	return refuse_at(r, (size_t)(value.ptr - r->text.ptr), what);
}

/* A text of the object, into which. 0; 1 when there is none of that name; -1. */
static int take(struct reading *r, struct view object, const char *key, unsigned which, const char *expected)
{
	struct view value = json_member(object, key);
	struct buf *store = &r->store[which];

	buf_clear(store);
	if (!value.len || json_type_of(value) == JSON_NULL)
		return 1;
	if (json_type_of(value) != JSON_STRING)
		return refuse(r, value, expected);
	if (json_add_string(store, value))
		return value.len > BASELINE_TEXT_BYTES ? refuse(r, value, "this text is longer than any is")
						       : err_nomem(r->err);
	return strlen(text_of(r, which)) == store->len ? 0 : refuse(r, value, "a text without \\u0000 was expected");
}

static bool is_secret_id(struct view v)
{
	struct view hex = view_sub(v, 7, v.len);

	for (size_t i = 0; i < hex.len; i++)
		if (!text_is_digit(hex.ptr[i]) && (hex.ptr[i] < 'a' || hex.ptr[i] > 'f'))
			return false;
	return v.len == SECRET_ID_BYTES - 1 && text_starts(v, VIEW("sha256:"));
}

static int put(struct reading *r, const struct baseline_entry *entry)
{
	return baseline_put(r->b, entry) ? err_nomem(r->err) : 0;
}

static int take_ours(struct reading *r, struct view object)
{
	struct baseline_entry entry = { .by = BASELINE_BY_SECRET };
	int path = take(r, object, "path", PATH, "a text \"path\" was expected");
	int rule = path < 0 ? -1 : take(r, object, "rule_id", RULE, "a text \"rule_id\" was expected");
	int in = rule < 0 ? -1 : take(r, object, "in", OTHER, "\"in\":\"history\" was expected");
	int id = in < 0 ? -1 : take(r, object, "secret_id", ID, "a text \"secret_id\" was expected");

	if (id < 0)
		return -1;
	if (rule == 1)
		return refuse(r, object, "this entry has no \"rule_id\"");
	if (id == 0 && !is_secret_id(buf_view(&r->store[ID])))
		return refuse(r, json_member(object, "secret_id"),
			      "\"sha256:\" and 32 lower-case hexadecimal digits were expected");
	if (id == 1) {
		id = take(r, object, "name", ID, "a text \"name\" was expected");
		entry.by = BASELINE_BY_NAME;
	}
	if (id)
		return id < 0 ? -1 : refuse(r, object, "this entry has neither \"secret_id\" nor \"name\"");
	if (in == 0 && !text_eq(buf_view(&r->store[OTHER]), VIEW("history")))
		return refuse(r, json_member(object, "in"), "\"history\" was expected");
	entry.id = text_of(r, ID);
	entry.path = text_of(r, PATH);
	entry.rule_id = text_of(r, RULE);
	entry.in_history = in == 0;
	return put(r, &entry);
}

/* The rule's name here, in place of gitleaks'. */
static const char *rule_here(const struct reading *r)
{
	return suppress_rule_here(buf_view(&r->store[RULE])).ptr;
}

/* What --redact leaves, or masks of ours, say nothing of the secret. */
static bool is_masked(struct view secret)
{
	return secret.len == 0 || text_find(secret, VIEW("...")) != SIZE_MAX ||
	       text_find(secret, VIEW("REDACTED")) == 0;
}

/* The fingerprint with the rule's name here, made of its parts: `commit:file:rule:line`. */
static int add_fingerprint(struct reading *r, struct buf *out, struct view object, bool has_commit)
{
	struct view line = json_member(object, "StartLine");
	uint64_t n;

	if (!line.len || text_u64(line, UINT64_MAX, &n))
		return refuse(r, line.len ? line : object,
			      "a number \"StartLine\" was expected, as gitleaks writes it");
	if (has_commit && buf_addf(out, "%s:", text_of(r, OTHER)))
		return err_nomem(r->err);
	return buf_addf(out, "%s:%s:%llu", text_of(r, PATH), rule_here(r), (unsigned long long)n) ? err_nomem(r->err)
												  : 0;
}

static int take_gitleaks(struct reading *r, struct view object)
{
	DEFER(buf_done) struct buf place = BUF_INIT(4 * BASELINE_TEXT_BYTES);
	struct baseline_entry entry = { .by = BASELINE_BY_PLACE };
	char id[SECRET_ID_BYTES];
	int ret = take(r, object, "RuleID", RULE, "a text \"RuleID\" was expected, as gitleaks writes it"), commit;
	struct view secret;

	if (ret == 0)
		ret = take(r, object, "File", PATH, "a text \"File\" was expected, as gitleaks writes it");
	if (ret || !r->store[RULE].len)
		return ret < 0 ? -1
			       : refuse(r, object, "\"RuleID\" and \"File\" were expected, as gitleaks writes them");
	commit = take(r, object, "Commit", OTHER, "a text \"Commit\" was expected, as gitleaks writes it");
	if (commit < 0 || take(r, object, "Secret", ID, "a text \"Secret\" was expected, as gitleaks writes it") < 0)
		return -1;
	secret = buf_view(&r->store[ID]);
	entry.is_foreign = !text_starts(buf_view(&r->store[RULE]), VIEW("anthropic")) &&
			   text_find(secret, VIEW("sk-ant-")) == SIZE_MAX;
	entry.in_history = commit == 0 && r->store[OTHER].len > 0;
	entry.path = text_of(r, PATH);
	entry.rule_id = rule_here(r);
	if (!is_masked(secret)) {
		secret_id(secret, id);
		r->b->whole_secrets++;
		entry.by = BASELINE_BY_SECRET;
		entry.id = id;
		return put(r, &entry);
	}
	if (add_fingerprint(r, &place, object, entry.in_history))
		return -1;
	entry.id = place.ptr;
	return put(r, &entry);
}

/* The reader's own words, with the place. */
static int refuse_syntax(const struct reading *r, size_t at)
{
	size_t line, column;

	text_place(r->text, at, &line, &column);
	r->err->kind = ERR_CONFIG;
	return err_prefix(r->err, "%s:%zu:%zu", r->path, line, column);
}

static int take_array(struct reading *r, struct json_reader *json, int (*take_entry)(struct reading *, struct view))
{
	struct view value;
	int ret = json_read_open(json, JSON_ARRAY);

	if (ret == 1)
		return refuse_at(r, (size_t)(json->at - json->start), "a list of findings was expected");
	while (ret == 0 && (ret = json_read_element(json)) == 0) {
		ret = json_read_value(json, &value);
		if (ret == 0 && json_type_of(value) != JSON_OBJECT)
			return refuse(r, value, "an object was expected");
		if (ret == 0 && take_entry(r, value))
			return -1;
	}
	return ret < 0 ? refuse_syntax(r, *json->failed_at) : 0;
}

static int take_schema(struct reading *r, struct json_reader *json)
{
	struct view value, text;

	if (json_read_value(json, &value))
		return refuse_syntax(r, *json->failed_at);
	buf_clear(&r->store[OTHER]);
	if (json_type_of(value) != JSON_STRING || value.len > BASELINE_TEXT_BYTES)
		return refuse(r, value, "\"" SCHEMA "\" was expected");
	if (json_add_string(&r->store[OTHER], value))
		return err_nomem(r->err);
	text = buf_view(&r->store[OTHER]);
	r->has_schema = text_eq(text, VIEW(SCHEMA));
	if (r->has_schema)
		return 0;
	if (text_starts(text, VIEW(SCHEMA_STEM)))
		return refuse(r, value,
			      "this baseline is of a newer version of skant; this one reads the schema " SCHEMA);
	if (text_starts(text, VIEW("skant-report/")) || text_starts(text, VIEW("skant-finding/")) ||
	    text_starts(text, VIEW("skant-summary/")))
		return refuse(r, value,
			      "this is a report; `skant baseline --report FILE -o BASELINE` makes a baseline of one in "
			      "the format jsonl");
	return refuse(r, value, "\"" SCHEMA "\" was expected");
}

static int take_object(struct reading *r, struct json_reader *json)
{
	bool has_findings = false;
	struct view key, value;
	int ret;

	while ((ret = json_read_member(json, &key, NULL)) == 0) {
		if (json_string_is(key, VIEW("schema"))) {
			if (take_schema(r, json))
				return -1;
			continue;
		}
		if (!r->has_schema)
			return refuse(r, key, "\"schema\":\"" SCHEMA "\" was expected first");
		if (json_string_is(key, VIEW("findings"))) {
			has_findings = true;
			if (take_array(r, json, take_ours))
				return -1;
		} else if (json_read_value(json, &value)) {
			return refuse_syntax(r, *json->failed_at);
		}
	}
	if (ret < 0)
		return refuse_syntax(r, *json->failed_at);
	return has_findings ? 0 : refuse_at(r, 0, "a list \"findings\" was expected in this baseline");
}

static int take_all(struct reading *r)
{
	size_t failed_at = 0;
	struct json_reader json = json_reader_of(r->text, r->err);
	struct view trimmed = text_trim(r->text);
	int ret;

	json.failed_at = &failed_at;
	if (!trimmed.len)
		return refuse_at(r, 0, "the file is empty; a baseline was expected, as `skant baseline` writes it");
	if (trimmed.ptr[0] == '[') {
		r->b->is_gitleaks = true;
		ret = take_array(r, &json, take_gitleaks);
	} else {
		ret = json_read_open(&json, JSON_OBJECT);
		if (ret == 1)
			return refuse_at(r, (size_t)(trimmed.ptr - r->text.ptr),
					 "a baseline was expected, as `skant baseline` writes it, or gitleaks' JSON "
					 "report");
		ret = ret < 0 ? refuse_syntax(r, failed_at) : take_object(r, &json);
	}
	if (ret)
		return -1;
	return json_read_end(&json) ? refuse_syntax(r, failed_at) : 0;
}

int baseline_parse(struct baseline *b, struct view text, const char *path, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct reading r = { .b = b, .path = path, .text = text, .err = err ? err : &ignored };
	int ret;

	for (size_t i = 0; i < TEXTS; i++)
		r.store[i] = (struct buf)BUF_INIT(BASELINE_TEXT_BYTES);
	ret = take_all(&r);
	for (size_t i = 0; i < TEXTS; i++)
		buf_wipe(&r.store[i]); /* gitleaks' reports hold keys */
	baseline_settle(b);
	return ret;
}

int baseline_read(struct baseline *b, const char *path, struct err *err)
{
	DEFER(buf_wipe) struct buf text = BUF_INIT(BASELINE_FILE_BYTES);

	return file_read(path, &text, err) || baseline_parse(b, buf_view(&text), path, err) ? -1 : 0;
}
