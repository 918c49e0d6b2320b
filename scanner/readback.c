/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/readback.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/policy/keyname.h"
#include "common/sys/json.h"

#define RULE_ID_BYTES 64
#define VIA_BYTES 1024
#define MEMBERS_MAX 64 /* of a record */
#define OBJECT_ID_DIGITS 64
#define TEXTS_BYTES (2u * REPORT_TEXT_BYTES)

struct readback_rule {
	struct rule rule;
	struct readback_rule *next;
};

struct reading {
	struct readback *r;
	struct view keys[MEMBERS_MAX], values[MEMBERS_MAX]; /* of the record, in its order; keys with their quotes */
	size_t count;
	struct err *err;
};

void readback_init(struct readback *r, const struct ruleset *rules)
{
	*r = (struct readback){ .rules = rules, .texts = BUF_INIT(TEXTS_BYTES) };
}

void readback_done(struct readback *r)
{
	struct readback_rule *next;

	for (struct readback_rule *m = r->made; m; m = next) {
		next = m->next;
		free(m);
	}
	buf_done(&r->texts);
}

const struct rule *readback_made(const struct readback *r, size_t index)
{
	size_t left = r->made_count;

	for (const struct readback_rule *m = r->made; m; m = m->next) /* the last one first */
		if (--left == index)
			return &m->rule;
	return NULL;
}

/* The members of a record are walked once: each is asked for. Those behind MEMBERS_MAX are none that is known here. */
static void list_members(struct reading *g, struct view object)
{
	while (g->count < MEMBERS_MAX && json_each_member(&object, &g->keys[g->count], &g->values[g->count]))
		g->count++;
}

static struct view member(const struct reading *g, const char *key)
{
	for (size_t i = 0; i < g->count; i++)
		if (json_string_is(g->keys[i], view_of(key)))
			return g->values[i];
	return VIEW_NONE;
}

static int refuse(const struct reading *g, const char *key, const char *expected)
{
	return err_set(g->err, ERR_FORMAT, 0, "\"%s\": %s was expected", key, expected);
}

/* Appends the text of a value. What stands behind a NUL byte is no part of any text of a finding. */
static int add_text(struct reading *g, struct view value)
{
	struct buf *texts = &g->r->texts;
	size_t start = texts->len, nul;

	if (json_add_string(texts, value))
		return err_nomem(g->err);
	nul = text_find_byte(view_sub(buf_view(texts), start, texts->len), '\0');
	if (nul != SIZE_MAX)
		buf_cut(texts, start + nul);
	return 0;
}

/* *ret is NULL when there is no such member. The texts do not move: all fit into what was reserved. */
static int take_value(struct reading *g, const char *key, struct view value, const char **ret)
{
	size_t start = g->r->texts.len;

	*ret = NULL;
	if (!value.len || json_type_of(value) == JSON_NULL)
		return 0;
	if (json_type_of(value) != JSON_STRING)
		return refuse(g, key, "a text");
	if (add_text(g, value) || buf_add_byte(&g->r->texts, '\0'))
		return g->err->kind == ERR_NONE ? err_nomem(g->err) : -1;
	*ret = g->r->texts.ptr + start;
	return 0;
}

static int take_text_of(struct reading *g, struct view object, const char *key, const char **ret)
{
	return take_value(g, key, json_member(object, key), ret);
}

static int take_text(struct reading *g, const char *key, const char **ret)
{
	return take_value(g, key, member(g, key), ret);
}

static int take_needed(struct reading *g, const char *key, const char **ret)
{
	if (take_text(g, key, ret))
		return -1;
	return *ret ? 0 : refuse(g, key, "a text, which is missing,");
}

/* The texts of an array with a separator between them. */
static int take_list(struct reading *g, const char *key, const char *separator, const char **ret)
{
	struct view cursor = member(g, key), value;
	size_t start = g->r->texts.len;

	*ret = NULL;
	if (!cursor.len)
		return 0;
	if (json_type_of(cursor) != JSON_ARRAY)
		return refuse(g, key, "a list of texts");
	for (bool any = false; json_each(&cursor, &value); any = true) {
		if (json_type_of(value) != JSON_STRING)
			return refuse(g, key, "a list of texts");
		if ((any && buf_add_text(&g->r->texts, separator)) || add_text(g, value))
			return g->err->kind == ERR_NONE ? err_nomem(g->err) : -1;
	}
	if (buf_add_byte(&g->r->texts, '\0'))
		return err_nomem(g->err);
	*ret = g->r->texts.ptr + start;
	return 0;
}

static int take_number(struct reading *g, const char *key, uint64_t standard, uint64_t *ret)
{
	struct view value = member(g, key);

	*ret = standard;
	return !value.len || text_u64(value, UINT64_MAX, ret) == 0 ? 0 : refuse(g, key, "a number");
}

static bool are_of(const char *text, const char *more, size_t max)
{
	size_t len = 0;

	for (; text[len]; len++)
		if (!text_is_alnum(text[len]) && !strchr(more, text[len]))
			return false;
	return len > 0 && len <= max;
}

static bool is_secret_id(const char *text)
{
	return strlen(text) == SECRET_ID_BYTES - 1 && text_starts(view_of(text), VIEW("sha256:")) &&
	       strspn(text + 7, "0123456789abcdef") == SECRET_ID_BYTES - 8;
}

/* Index of the text of a member in names; count when it has none. */
static int take_choice(struct reading *g, const char *key, const char *const *names, unsigned count, unsigned *ret)
{
	size_t start = g->r->texts.len;
	const char *text;

	*ret = count;
	if (take_text(g, key, &text))
		return -1;
	for (unsigned i = 0; text && i < count; i++)
		if (names[i] && strcmp(names[i], text) == 0)
			*ret = i;
	buf_cut(&g->r->texts, start);
	return !text || *ret < count ? 0 : refuse(g, key, "a word that this version of skant knows");
}

/* A set of names as bits; what is not known here is passed over. */
static int take_bits(struct reading *g, const char *key, const char *const *names, unsigned count, uint32_t *ret)
{
	struct view cursor = member(g, key), value;

	*ret = 0;
	if (!cursor.len)
		return 0;
	if (json_type_of(cursor) != JSON_ARRAY)
		return refuse(g, key, "a list of words");
	while (json_each(&cursor, &value))
		for (unsigned i = 0; json_type_of(value) == JSON_STRING && i < count; i++)
			if (json_string_is(value, view_of(names[i])))
				*ret |= 1u << i;
	return 0;
}

static const char *put_text(char **at, const char *text)
{
	char *copy = *at;
	size_t len = strlen(text) + 1;

	memcpy(copy, text, len);
	*at += len;
	return copy;
}

static const struct rule *make_rule(struct reading *g, const struct rule *like)
{
	const char *remediation = like->remediation ? like->remediation : "";
	size_t size = strlen(like->id) + strlen(like->title) + strlen(remediation) + 3;
	struct readback_rule *m;
	char *at;

	if (g->r->made_count == RULES_MAX) {
		(void)err_set(g->err, ERR_LIMIT, 0, "more than %d rules that are not known here, see --rules",
			      RULES_MAX);
		return NULL;
	}
	m = malloc(sizeof(*m) + size);
	if (!m) {
		(void)err_nomem(g->err);
		return NULL;
	}
	*m = (struct readback_rule){ .rule = *like, .next = g->r->made };
	at = (char *)(m + 1);
	m->rule.id = put_text(&at, like->id);
	m->rule.title = put_text(&at, like->title);
	m->rule.remediation = put_text(&at, remediation);
	g->r->made = m;
	g->r->made_count++;
	return &m->rule;
}

static int take_rule(struct reading *g, struct finding *f)
{
	struct rule like = { .source = "a report", .regex = "", .confidence = CONFIDENCE_HIGH };
	const struct rule *known;
	unsigned kind;

	if (take_needed(g, "rule_id", &like.id) || take_text(g, "title", &like.title) ||
	    take_text(g, "remediation", &like.remediation) ||
	    take_choice(g, "kind", rule_kind_names, ARRAY_LEN(rule_kind_names), &kind))
		return -1;
	if (!are_of(like.id, "-", RULE_ID_BYTES))
		return refuse(g, "rule_id", "an id of letters, digits and '-'");
	if (kind == ARRAY_LEN(rule_kind_names))
		return refuse(g, "kind", "a text, which is missing,");
	like.kind = (enum rule_kind)kind;
	like.severity = f->severity;
	like.title = like.title ? like.title : like.id;
	known = ruleset_find(g->r->rules, view_of(like.id));
	if (known && known->kind == like.kind) {
		f->rule = known;
		return 0;
	}
	for (const struct readback_rule *m = g->r->made; m; m = m->next)
		if (m->rule.kind == like.kind && strcmp(m->rule.id, like.id) == 0) {
			f->rule = &m->rule;
			return 0;
		}
	f->rule = make_rule(g, &like);
	return f->rule ? 0 : -1;
}

static int take_levels(struct reading *g, struct finding *f)
{
	unsigned severity, confidence, status, verified;

	if (take_choice(g, "severity", severity_names, ARRAY_LEN(severity_names), &severity) ||
	    take_choice(g, "confidence", confidence_names, ARRAY_LEN(confidence_names), &confidence) ||
	    take_choice(g, "status", finding_status_names, STATUS_COUNT, &status) ||
	    take_choice(g, "verified", verified_names, VERIFIED_COUNT, &verified))
		return -1;
	if (severity == ARRAY_LEN(severity_names))
		return refuse(g, "severity", "a text, which is missing,");
	f->severity = (enum severity)severity;
	f->confidence = confidence < ARRAY_LEN(confidence_names) ? (enum confidence)confidence : CONFIDENCE_HIGH;
	f->status = status < STATUS_COUNT ? (enum finding_status)status : STATUS_NEW;
	f->verdict.state = verified < VERIFIED_COUNT ? (enum verified)verified : VERIFIED_NOT;
	return take_text(g, "verified_reason", &f->verdict.reason) ||
			       take_text(g, "verified_organization_id", &f->verdict.organization)
		       ? -1
		       : 0;
}

/* Of a member: path is that of the container, `!` and what leads to the member. */
static int take_container(struct reading *g, struct finding *f)
{
	struct view path = view_of(f->path);
	const char *container, *member;

	if (take_text(g, "container", &container) || take_text(g, "member", &member))
		return -1;
	if (!container || !member)
		return 0;
	f->inside_len = path.len - strlen(container);
	f->own_len = strlen(member);
	if (!text_starts(path, view_of(container)) || f->inside_len <= f->own_len ||
	    path.ptr[path.len - f->inside_len] != '!' || !text_ends(path, view_of(member)))
		return refuse(g, "container\" and \"member", "the parts of the path");
	return 0;
}

static int take_place(struct reading *g, struct finding *f)
{
	if (take_needed(g, "path", &f->path) || take_number(g, "start_line", 1, &f->start_line) ||
	    take_number(g, "start_column", 1, &f->start_column) ||
	    take_number(g, "end_line", f->start_line, &f->end_line) ||
	    take_number(g, "end_column", f->start_column, &f->end_column) ||
	    take_number(g, "start_column_utf16", f->start_column, &f->start_utf16) ||
	    take_number(g, "end_column_utf16", f->end_column, &f->end_utf16) || take_number(g, "offset", 0, &f->offset))
		return -1;
	f->below = f->path;
	return take_container(g, f);
}

/* "4.52" */
static int take_entropy(struct reading *g, struct finding *f)
{
	struct view value = member(g, "entropy"), fraction;
	size_t point = text_find_byte(value, '.');
	uint64_t whole, hundredths = 0;

	if (!value.len)
		return 0;
	fraction = point == SIZE_MAX ? VIEW_NONE : view_sub(value, point + 1, value.len);
	if (text_u64(view_sub(value, 0, point), 8, &whole) || fraction.len > 2 ||
	    (fraction.len && text_u64(fraction, 99, &hundredths)))
		return refuse(g, "entropy", "a number of bits with at most two decimals");
	f->entropy_centibits = (unsigned)(100 * whole + (fraction.len == 1 ? 10 * hundredths : hundredths));
	return 0;
}

/* The line that is shown, cut where what was found stands: where its column says, or where it first does. */
static int take_line(struct reading *g, struct finding *f)
{
	struct view shown = view_of(f->masked), line;
	size_t at = (size_t)(f->start_column - 1);
	const char *text;
	char *cut;

	f->line_before = f->line_after = "";
	if (take_text(g, "line_text", &text))
		return -1;
	if (!text)
		return 0;
	line = view_of(text);
	if (at >= line.len || !text_starts(view_sub(line, at, line.len), shown))
		at = text_find(line, shown);
	if (at == SIZE_MAX)
		return 0;
	cut = g->r->texts.ptr + (text - g->r->texts.ptr);
	f->line_before = text;
	f->line_after = text + at + shown.len;
	if (shown.len == 0)
		return 0;
	cut[at] = '\0';
	return 0;
}

static int take_secret(struct reading *g, struct finding *f)
{
	bool is_name = f->rule->kind == KIND_KEYNAME;
	const char *id;

	if (take_needed(g, "secret_id", &id) || take_needed(g, is_name ? "name" : "masked", &f->masked))
		return -1;
	if (!is_secret_id(id))
		return refuse(g, "secret_id", "\"sha256:\" and 32 lower-case hexadecimal digits");
	memcpy(f->secret_id, id, SECRET_ID_BYTES);
	return take_bits(g, "checks", check_names, CHECK_COUNT, &f->checks) ||
			       take_bits(g, "violations", keyname_codes, KEYNAME_VIOLATIONS, &f->violations) ||
			       take_text(g, "suggestion", &f->suggestion) || take_entropy(g, f) ||
			       take_text(g, "allowed_by", &f->allowed_by) || take_line(g, f)
		       ? -1
		       : 0;
}

static int take_via(struct reading *g, struct finding *f)
{
	if (take_list(g, "via", ",", &f->via))
		return -1;
	if (f->via && !*f->via)
		f->via = NULL;
	return !f->via || are_of(f->via, ",.:+_-", VIA_BYTES) ? 0 : refuse(g, "via", "a list of names of encodings");
}

static bool is_object_id(const char *text) /* or nothing */
{
	size_t digits = strspn(text ? text : "", "0123456789abcdef");

	return !text || (digits <= OBJECT_ID_DIGITS && text[digits] == '\0');
}

static int take_origin(struct reading *g, struct finding *f)
{
	static const char *const types[] = { "blob", "commit", "tag" };
	struct origin *o = &f->origin;
	const struct {
		const char *key, **text;
		bool is_id;
	} texts[] = { { "object", &o->object, true },          { "commit", &o->commit, true },
		      { "last_commit", &o->last, true },       { "author", &o->author, false },
		      { "email", &o->email, false },           { "date", &o->date, false },
		      { "message", &o->message, false },       { "from", &o->reached, false },
		      { "repository", &o->repository, false }, { "untrusted_allow", &o->untrusted, false } };
	unsigned type;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (take_text(g, texts[i].key, texts[i].text))
			return -1;
		else if (texts[i].is_id && !is_object_id(*texts[i].text))
			return refuse(g, texts[i].key, "an id in lower-case hexadecimal digits");
	if (take_choice(g, "object_type", types, ARRAY_LEN(types), &type) || take_list(g, "refs", "\n", &o->refs) ||
	    take_list(g, "also_at", "//", &o->also_at) || take_number(g, "occurrences", 0, &o->occurrences))
		return -1;
	o->object_type = type < ARRAY_LEN(types) ? types[type] : NULL;
	o->is_known = o->object || o->commit || o->repository || o->untrusted;
	o->at_head = text_eq(member(g, "at_head"), VIEW("true"));
	return o->object && !o->object_type ? refuse(g, "object_type", "blob, commit or tag") : 0;
}

static int take_inventory_key(struct reading *g, struct view object, struct inventory_key *key)
{
	*key = (struct inventory_key){ .hint = "" };
	if (take_text_of(g, object, "id", &key->id) || take_text_of(g, object, "name", &key->name) ||
	    take_text_of(g, object, "status", &key->status) ||
	    take_text_of(g, object, "workspace_id", &key->workspace_id) ||
	    take_text_of(g, object, "workspace", &key->workspace) ||
	    take_text_of(g, object, "created_at", &key->created_at) ||
	    take_text_of(g, object, "expires_at", &key->expires_at))
		return -1;
	if ((key->created_at && clock_parse_time(view_of(key->created_at), &key->created_s, NULL)) ||
	    (key->expires_at && clock_parse_time(view_of(key->expires_at), &key->expires_s, NULL)))
		return refuse(g, "inventory", "times such as 2026-11-24T13:49:09Z");
	return 0;
}

/* The first of the keys that share a hint. */
static int take_candidates(struct reading *g, struct view cursor, size_t *ret_count)
{
	bool is_list = cursor.len && json_type_of(cursor) == JSON_ARRAY;
	struct view value;

	while (is_list && *ret_count < INVENTORY_SHOWN && json_each(&cursor, &value)) {
		if (json_type_of(value) != JSON_OBJECT)
			return refuse(g, "inventory", "a list of keys");
		if (take_inventory_key(g, value, &g->r->keys[(*ret_count)++]))
			return -1;
	}
	return 0;
}

static int take_inventory(struct reading *g, struct finding *f)
{
	struct view inventory = member(g, "inventory"), candidates;
	uint64_t count = 1;
	size_t n = 0;

	if (!inventory.len)
		return 0;
	if (json_type_of(inventory) != JSON_OBJECT)
		return refuse(g, "inventory", "an object");
	candidates = json_member(inventory, "candidates");
	if (candidates.len && text_u64(candidates, EXPORT_BYTES, &count))
		return refuse(g, "inventory", "a number \"candidates\"");
	if (candidates.len ? take_candidates(g, json_member(inventory, "keys"), &n)
			   : take_inventory_key(g, inventory, &g->r->keys[n++]))
		return -1;
	if (n < count && n < INVENTORY_SHOWN)
		return refuse(g, "inventory", "as many keys as there are candidates");
	f->inventory = g->r->keys;
	f->inventory_count = (size_t)count;
	return 0;
}

int readback_finding(struct readback *r, struct view object, struct finding *ret, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct reading g = { .r = r, .err = err ? err : &ignored };

	*ret = (struct finding){ .masked = "" };
	buf_clear(&r->texts);
	list_members(&g, object);
	/* each text and its end take less room than the text in its quotes; a separator, than quotes and a comma */
	if (object.len >= TEXTS_BYTES / 2)
		return err_set(g.err, ERR_FORMAT, 0, "a finding of at most %u bytes was expected", TEXTS_BYTES / 2);
	if (buf_reserve(&r->texts, object.len + 1))
		return err_nomem(g.err);
	return take_levels(&g, ret) || take_rule(&g, ret) || take_place(&g, ret) || take_secret(&g, ret) ||
			       take_via(&g, ret) || take_origin(&g, ret) || take_inventory(&g, ret)
		       ? -1
		       : 0;
}
