/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/found.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/sys/json.h"
#include "scanner/pyregex.h"

#define MEMBER_BYTES JSON_RECORD_BYTES
#define ID_DIGITS_MIN 40 /* of an object */
#define ID_DIGITS_MAX 64

static const char *const in_names[FOUND_INS] = { "blob", "commit", "tag" };
static const char *const by_names[FOUND_BYS] = { "ref", "stash", "reflog", "unreachable", "" };

struct reading {
	struct found *found;
	const struct ruleset *rules;
	const char *only;
	struct buf text; /* of the member at hand */
	struct err *err; /* what was wrong */
	size_t record;   /* from 1 */
	bool has_summary;
};

/* The text of a member, borrowed until the next call; nothing when it is absent or no text. *ret_failed: no memory. */
static struct view member(struct reading *r, struct view object, const char *key, bool *ret_failed)
{
	struct view value = json_member(object, key);

	buf_clear(&r->text);
	if (!value.len || json_type_of(value) != JSON_STRING)
		return VIEW_NONE;
	*ret_failed |= json_add_string(&r->text, value) != 0;
	return buf_view(&r->text);
}

static bool is_true(struct view object, const char *key)
{
	struct view value = json_member(object, key);

	return value.len && json_type_of(value) == JSON_TRUE;
}

static unsigned one_of(struct view text, const char *const *names, unsigned count, unsigned otherwise)
{
	for (unsigned i = 0; i < count; i++)
		if (text_eq(text, view_of(names[i])))
			return i;
	return otherwise;
}

static bool is_hex(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!text_is_digit(v.ptr[i]) && (v.ptr[i] < 'a' || v.ptr[i] > 'f'))
			return false;
	return true;
}

static bool is_object_id(struct view v)
{
	return (v.len == ID_DIGITS_MIN || v.len == ID_DIGITS_MAX) && is_hex(v);
}

static bool is_secret_id(struct view v)
{
	return v.len == SECRET_ID_BYTES - 1 && text_starts(v, VIEW("sha256:")) && is_hex(view_sub(v, 7, v.len));
}

/* The key of that id; it is made when there is none yet. NULL when there is no memory. */
static struct found_key *key_of(struct found *f, struct view id)
{
	size_t low = 0, high = f->key_count;
	struct found_key *grown;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = text_cmp(view_of(f->keys[middle].id), id);

		if (order == 0)
			return &f->keys[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	grown = f->keys;
	if ((f->key_count & (f->key_count - 1)) == 0) { /* at each power of two there is no room left */
		grown = reallocarray(f->keys, f->key_count ? 2 * f->key_count : 1, sizeof(*grown));
		if (!grown)
			return NULL;
		f->keys = grown;
	}
	memmove(&grown[low + 1], &grown[low], (f->key_count - low) * sizeof(*grown));
	f->key_count++;
	grown[low] = (struct found_key){ .masked = NULL };
	memcpy(grown[low].id, id.ptr, id.len);
	return &grown[low];
}

static int keep(char **at, struct view text)
{
	if (!text.len)
		return 0;
	free(*at);
	*at = strndup(text.ptr, text.len);
	return *at ? 0 : -1;
}

/* No branch leads to a blob: one that a report says to is not to be deleted. */
static bool is_straight(struct view ref)
{
	return text_starts(ref, VIEW("refs/")) && !text_starts(ref, VIEW("refs/heads/"));
}

/* The texts of the array refs. */
static int take_refs(struct reading *r, struct view record, bool straight_only, struct textset *set)
{
	struct view cursor = json_member(record, "refs"), value;

	if (!cursor.len || json_type_of(cursor) != JSON_ARRAY)
		return 0;
	while (json_each(&cursor, &value)) {
		buf_clear(&r->text);
		if (json_type_of(value) != JSON_STRING)
			continue;
		if (json_add_string(&r->text, value) ||
		    ((!straight_only || is_straight(buf_view(&r->text))) && textset_add(set, buf_view(&r->text))))
			return -1;
	}
	return 0;
}

static int take_key(struct reading *r, struct view record, enum found_in in, enum found_by by)
{
	bool failed = false;
	struct view id = member(r, record, "secret_id", &failed), text;
	struct found_key *key;

	if (failed)
		return -1;
	if (!is_secret_id(id))
		return err_set(r->err, ERR_USAGE, 0, "record %zu has no secret_id of the form sha256:HEX", r->record);
	key = key_of(r->found, id);
	if (!key)
		return -1;
	key->count[in]++;
	key->by[by] = true;
	key->at_head |= is_true(record, "at_head");
	text = member(r, record, "masked", &failed);
	if (failed || (!key->masked && keep(&key->masked, text)))
		return -1;
	text = member(r, record, "date", &failed);
	if (failed || ((!key->since || text_cmp(text, view_of(key->since)) < 0) && keep(&key->since, text)))
		return -1;
	return take_refs(r, record, false, &key->refs);
}

static bool is_for_python(const struct rule *rule, bool *ret_failed)
{
	DEFER(buf_done) struct buf out = BUF_INIT(PYREGEX_BYTES);
	int ret = pyregex_add(&out, view_of(rule->regex));

	*ret_failed |= ret < 0;
	return ret == 0;
}

/* A blob: a pattern finds the key in it, or it is named. */
static int place_blob(struct reading *r, struct view record, bool has_pattern)
{
	struct view via = json_member(record, "via"), id;
	bool failed = false, has_commit = member(r, record, "commit", &failed).len != 0;

	if (!failed && !has_commit && take_refs(r, record, true, &r->found->straight))
		return -1;
	if (has_pattern && !via.len) {
		r->found->in_blobs = true;
		return failed ? -1 : 0;
	}
	id = member(r, record, "object", &failed);
	return failed || textset_add(&r->found->strip, id) ? -1 : 0;
}

/* A commit or a tag: in its message, or in the names of those who made it. */
static int place_message(struct reading *r, struct view record, bool has_pattern)
{
	bool failed = false;
	struct view line = member(r, record, "line_text", &failed);

	if (failed)
		return -1;
	if (!has_pattern)
		r->found->beyond++;
	else if (text_starts(line, VIEW("author ")) || text_starts(line, VIEW("committer ")) ||
		 text_starts(line, VIEW("tagger ")))
		r->found->in_people = true;
	r->found->in_messages |= has_pattern;
	return 0;
}

static int take_history(struct reading *r, struct view record, size_t rule, enum found_in in)
{
	bool failed = false, has_pattern = is_for_python(ruleset_at(r->rules, rule), &failed);
	struct view from = member(r, record, "from", &failed);
	enum found_by by = (enum found_by)one_of(from, by_names, FOUND_BYS, FOUND_BY_UNKNOWN);

	if (failed || take_key(r, record, in, by))
		return -1;
	r->found->rules[rule] = true;
	r->found->by[by] = true;
	if (by == FOUND_BY_REFLOG || by == FOUND_BY_NOTHING)
		return 0; /* no rewriting is needed to be rid of it */
	return in == FOUND_IN_BLOB ? place_blob(r, record, has_pattern) : place_message(r, record, has_pattern);
}

static size_t index_of(const struct ruleset *rules, struct view id)
{
	size_t count = ruleset_count(rules);

	for (size_t i = 0; i < count; i++)
		if (text_eq(view_of(ruleset_at(rules, i)->id), id))
			return i;
	return count;
}

static int take_finding(struct reading *r, struct view record)
{
	bool failed = false, is_allowed = text_eq(member(r, record, "status", &failed), VIEW("allowed"));
	struct view id = member(r, record, "rule_id", &failed);
	size_t rule = index_of(r->rules, id);
	unsigned in;

	if (failed)
		return -1;
	if (json_member(record, "repository").len)
		return err_set(
			r->err, ERR_USAGE, 0,
			"it is about many repositories, and tells one place of each key: `skant git REPOSITORY -f "
			"jsonl` makes a report of one");
	if (is_allowed || (r->only && !text_eq(id, view_of(r->only))))
		return 0;
	if (rule == ruleset_count(r->rules))
		return textset_add(&r->found->unknown, id);
	if (ruleset_at(r->rules, rule)->kind == KIND_KEYNAME) {
		r->found->names++;
		return 0;
	}
	in = one_of(member(r, record, "object_type", &failed), in_names, FOUND_INS, FOUND_INS);
	if (failed)
		return -1;
	if (in == FOUND_INS || !is_object_id(member(r, record, "object", &failed))) {
		r->found->in_files++;
		return failed ? -1 : 0;
	}
	return take_history(r, record, rule, (enum found_in)in);
}

static int take_findings(struct reading *r, struct view report)
{
	struct view cursor = json_member(report, "findings"), value;

	if (!cursor.len || json_type_of(cursor) != JSON_ARRAY)
		return 0;
	while (json_each(&cursor, &value)) {
		r->record++;
		if (json_type_of(value) == JSON_OBJECT && take_finding(r, value))
			return -1;
	}
	return 0;
}

static void take_summary(struct reading *r, struct view record)
{
	struct view summary = json_member(record, "summary");

	r->has_summary = true;
	r->found->incomplete |= !summary.len || json_type_of(summary) != JSON_OBJECT || !is_true(summary, "complete");
}

static int take_record(struct reading *r, struct view record)
{
	bool failed = false;
	struct view schema = json_type_of(record) == JSON_OBJECT ? member(r, record, "schema", &failed) : VIEW_NONE;
	bool is_report = text_eq(schema, VIEW("skant-report/1")), is_end = text_eq(schema, VIEW("skant-summary/1"));

	if (failed)
		return -1;
	if (text_eq(schema, VIEW("skant-finding/1"))) {
		r->record++;
		return take_finding(r, record);
	}
	if (!is_report && !is_end)
		return err_set(r->err, ERR_USAGE, 0,
			       "it is no report of skant in the format json or jsonl, such as `skant git -f jsonl` "
			       "writes");
	take_summary(r, record);
	return is_report ? take_findings(r, record) : 0;
}

static int take_all(struct reading *r, struct view rest)
{
	struct view record;
	int ret;

	for (ret = json_next(&rest, &record, r->err); ret == 0; ret = json_next(&rest, &record, r->err))
		if (take_record(r, record))
			return r->err->kind == ERR_NONE ? err_nomem(r->err) : -1;
	if (ret > 0)
		return 0;
	r->err->kind = ERR_USAGE;
	return err_prefix(r->err, "behind record %zu", r->record);
}

int found_read(struct found *f, struct view report, const struct ruleset *rules, const char *only, struct err *err)
{
	struct reading r = { .found = f, .rules = rules, .only = only, .text = BUF_INIT(MEMBER_BYTES), .err = err };
	int ret;

	*f = (struct found){ .key_count = 0 };
	ret = take_all(&r, report);
	f->incomplete |= !r.has_summary;
	buf_done(&r.text);
	if (ret)
		found_done(f);
	return ret;
}

void found_done(struct found *f)
{
	for (size_t i = 0; i < f->key_count; i++) {
		free(f->keys[i].masked);
		free(f->keys[i].since);
		textset_done(&f->keys[i].refs);
	}
	free(f->keys);
	textset_done(&f->strip);
	textset_done(&f->straight);
	textset_done(&f->unknown);
	*f = (struct found){ .key_count = 0 };
}
