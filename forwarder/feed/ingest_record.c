/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/ingest_record.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "common/sys/redact.h"

#define NS_PER_S INT64_C(1'000'000'000)
#define STORE_BYTES (64u << 10) /* of unescaped texts, each of them limited */
#define OUR_TYPES "skantd."     /* what types of skantd's own events begin with: heartbeats, alerts */
#define DEPTH_OF_OURS 16        /* levels that are put around a record until it stands in a SIEM's document */

enum { STRING = 1u << 0, COUNT = 1u << 1, STRINGS = 1u << 2, OBJECT = 1u << 3, NOTHING = 1u << 4, NAME = 1u << 5 };

/* One member that is known. Those that are not are nobody's business here. */
struct member {
	const char *name;
	unsigned types; /* any of these */
	bool is_required;
	bool must_be_no_key; /* a key in it is a mistake of the sender's that masking would hide */
};

/* What the sender makes up, on both kinds of records. */
#define OF_ALL                                                                                                         \
	{                                                                                                              \
		"idempotency_key", STRING, false, false                                                                \
	}

static const struct member event_members[] = {
	{ "event", NAME, true, false },
	{ "timestamp", STRING | NOTHING, false, false },
	{ "organization_id", STRING | NOTHING, false, false },
	{ "workspace", STRING | NOTHING, false, false },
	{ "workspace_id", STRING | NOTHING, false, false },
	{ "api_key_id", STRING | NOTHING, false, true },
	{ "user_id", STRING | NOTHING, false, false },
	{ "team", STRING | NOTHING, false, false },
	{ "feature", STRING | NOTHING, false, false },
	{ "model", STRING | NOTHING, false, false },
	{ "input_tokens", COUNT | NOTHING, false, false },
	{ "output_tokens", COUNT | NOTHING, false, false },
	{ "usage", OBJECT | NOTHING, false, false },
	{ "tools_used", STRINGS | NOTHING, false, false },
	{ "stop_reason", STRING | NOTHING, false, false },
	{ "latency_ms", COUNT | NOTHING, false, false },
	{ "request_id", STRING | NOTHING, false, false },
	OF_ALL,
};

static const struct member finding_members[] = {
	{ "schema", STRING, true, false },
	{ "rule_id", STRING, true, false },
	{ "kind", STRING, true, false },
	{ "severity", STRING, true, false },
	{ "confidence", STRING, false, false },
	{ "title", STRING, false, false },
	{ "path", STRING, false, false },
	{ "start_line", COUNT, false, false },
	{ "start_column", COUNT, false, false },
	{ "end_line", COUNT, false, false },
	{ "end_column", COUNT, false, false },
	{ "offset", COUNT, false, false },
	{ "masked", STRING, false, false },
	{ "name", STRING, false, false },
	{ "violations", STRINGS, false, false },
	{ "suggestion", STRING, false, false },
	{ "secret_id", STRING, false, false },
	{ "fingerprint", STRING, false, false },
	{ "via", STRINGS, false, false },
	{ "commit", STRING, false, false },
	{ "author", STRING, false, false },
	{ "email", STRING, false, false },
	{ "date", STRING, false, false },
	{ "message", STRING, false, false },
	{ "status", STRING, false, false },
	{ "inventory", OBJECT, false, false },
	{ "line_text", STRING, false, false },
	{ "remediation", STRING, false, false },
	OF_ALL,
};

static const struct member summary_members[] = {
	{ "schema", STRING, true, false },
	{ "summary", OBJECT, true, false },
};

static const struct {
	const char *schema; /* NULL: it has none, but an "event" */
	const struct member *members;
	size_t count;
} kinds[] = {
	[INGEST_EVENT] = { NULL, event_members, ARRAY_LEN(event_members) },
	[INGEST_FINDING] = { "skant-finding/1", finding_members, ARRAY_LEN(finding_members) },
	[INGEST_SUMMARY] = { "skant-summary/1", summary_members, ARRAY_LEN(summary_members) },
};
#define MEMBERS_MAX 64
_Static_assert(ARRAY_LEN(finding_members) <= MEMBERS_MAX, "a bit for each member");

/* --- types --- */

/* Digits: neither a sign nor a fraction nor an exponent. */
static bool is_count(struct view value)
{
	uint64_t n;

	return json_type_of(value) == JSON_NUMBER && text_u64(value, INT64_MAX, &n) == 0;
}

static bool are_strings(struct view value)
{
	struct view element;

	if (json_type_of(value) != JSON_ARRAY)
		return false;
	while (json_each(&value, &element))
		if (json_type_of(element) != JSON_STRING)
			return false;
	return true;
}

static bool is_of(struct view value, unsigned types)
{
	enum json_type type = json_type_of(value);

	return (types & (STRING | NAME) && type == JSON_STRING) || (types & NOTHING && type == JSON_NULL) ||
	       (types & OBJECT && type == JSON_OBJECT) || (types & COUNT && is_count(value)) ||
	       (types & STRINGS && are_strings(value));
}

static const char *expected(unsigned types)
{
	if (types & (STRING | NAME))
		return "a string";
	if (types & COUNT)
		return "a whole number from 0 on";
	return types & STRINGS ? "an array of strings" : "an object";
}

/* --- a record --- */

/* How many levels are within each other in a valid value. */
static unsigned depth_of(struct view value)
{
	unsigned depth = 0, most = 0;

	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		if (c == '"')
			for (i++; value.ptr[i] != '"'; i++)
				i += value.ptr[i] == '\\';
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		most = depth > most ? depth : most;
	}
	return most;
}

static int find_kind(struct view object, enum ingest_kind *ret, struct err *err)
{
	struct view schema = json_member(object, "schema");

	*ret = INGEST_EVENT;
	if (!schema.len && json_member(object, "event").len)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].schema && schema.len && json_type_of(schema) == JSON_STRING &&
		    json_string_is(schema, view_of(kinds[i].schema))) {
			*ret = (enum ingest_kind)i;
			return 0;
		}
	return err_set(
		err, ERR_FORMAT, 0,
		"a record of an unknown kind: a member \"event\", or \"schema\":\"skant-finding/1\" was expected");
}

static int check_member(const struct member *m, struct view value, struct ingest_record *r, struct err *err)
{
	struct view text;

	if (!is_of(value, m->types))
		return err_set(err, ERR_FORMAT, 0, "\"%s\" is not what it should be: %s was expected%s", m->name,
			       expected(m->types), m->types & NOTHING ? ", or null" : "");
	if (!m->must_be_no_key || json_type_of(value) != JSON_STRING)
		return 0;
	buf_clear(&r->store);
	if (json_text(value, &r->store, &text))
		return err_set(err, ERR_LIMIT, 0, "\"%s\" is too long", m->name);
	if (!redact_is_key(text))
		return 0;
	buf_wipe(&r->store);
	r->store = (struct buf)BUF_INIT(STORE_BYTES);
	return err_set(err, ERR_FORMAT, 0, "\"%s\" holds a key itself: the key's id was expected (apikey_...)",
		       m->name);
}

static const struct member *find_member(enum ingest_kind kind, struct view key)
{
	for (size_t i = 0; i < kinds[kind].count; i++)
		if (json_string_is(key, view_of(kinds[kind].members[i].name)))
			return &kinds[kind].members[i];
	return NULL;
}

/* A member that is there twice is two answers to one question: readers would not agree on which. */
static int check_members(struct ingest_record *r, struct err *err)
{
	const struct member *members = kinds[r->kind].members;
	struct view rest = r->value, key, value;
	uint64_t seen = 0;

	while (json_each_member(&rest, &key, &value)) {
		const struct member *m = find_member(r->kind, key);
		uint64_t bit = m ? UINT64_C(1) << (m - members) : 0;

		if (!m)
			continue;
		if (seen & bit)
			return err_set(err, ERR_FORMAT, 0, "\"%s\" is there twice", m->name);
		seen |= bit;
		if (check_member(m, value, r, err))
			return -1;
	}
	for (size_t i = 0; i < kinds[r->kind].count; i++)
		if (members[i].is_required && !(seen >> i & 1))
			return err_set(err, ERR_FORMAT, 0, "\"%s\" was expected", members[i].name);
	return 0;
}

/* A text that becomes a part of what events are found by. */
static int take_text(struct ingest_record *r, const char *name, size_t max, struct view *ret, struct err *err)
{
	struct view value = json_member(r->value, name);

	*ret = VIEW_NONE;
	if (!value.len)
		return 0;
	if (json_text(value, &r->store, ret) || ret->len > max || !ret->len)
		return err_set(err, ERR_FORMAT, 0, "\"%s\" has no or too many bytes: 1 to %zu were expected", name,
			       max);
	return 0;
}

static int take_type(struct ingest_record *r, struct err *err)
{
	DEFER(buf_done) struct buf clean = BUF_INIT(4 * PAGE_TYPE_BYTES);

	if (r->kind != INGEST_EVENT) {
		r->type = VIEW("finding");
		return 0;
	}
	if (take_text(r, "event", PAGE_TYPE_BYTES, &r->type, err))
		return -1;
	if (text_add_clean(&clean, r->type))
		return err_nomem(err);
	if (!text_eq(buf_view(&clean), r->type) || redact_is_key(r->type))
		return err_set(err, ERR_FORMAT, 0, "\"event\" is no name: printable text was expected");
	if (text_starts(r->type, VIEW(OUR_TYPES)))
		return err_set(err, ERR_FORMAT, 0,
			       "\"event\" begins with \"" OUR_TYPES "\": only skantd itself tells such events");
	return 0;
}

static void take_time(struct ingest_record *r)
{
	struct view value = json_member(r->value, "timestamp"), text;
	int64_t unix_s;
	uint32_t ns;

	r->has_time = value.len && json_type_of(value) == JSON_STRING && json_text(value, &r->store, &text) == 0 &&
		      clock_parse_time(text, &unix_s, &ns) == 0 && unix_s >= 0 && unix_s < INT64_MAX / NS_PER_S;
	r->time_ns = r->has_time ? unix_s * NS_PER_S + ns : 0;
}

int ingest_record_read(struct view line, struct ingest_record *r, struct err *err)
{
	if (!r->store.max)
		r->store = (struct buf)BUF_INIT(STORE_BYTES);
	if (json_whole(line, &r->value, err))
		return -1;
	if (json_type_of(r->value) != JSON_OBJECT)
		return err_set(err, ERR_FORMAT, 0, "a JSON object was expected");
	if (depth_of(r->value) > JSON_DEPTH - DEPTH_OF_OURS)
		return err_set(err, ERR_LIMIT, 0, "more than %d levels within each other", JSON_DEPTH - DEPTH_OF_OURS);
	if (find_kind(r->value, &r->kind, err) || check_members(r, err))
		return -1;
	buf_clear(&r->store);
	/* Views into the store have to stay. */
	if (buf_reserve(&r->store, STORE_BYTES - 1))
		return err_nomem(err);
	take_time(r);
	return take_type(r, err) || take_text(r, "idempotency_key", PAGE_ID_BYTES, &r->key, err) ? -1 : 0;
}

void ingest_record_done(struct ingest_record *r)
{
	buf_done(&r->store);
}

int ingest_record_add_body(const struct ingest_record *r, const struct ingest_sender *sender, struct buf *body,
			   bool *ret_redacted, struct err *err)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(JSON_RECORD_BYTES);
	size_t start = body->len;
	struct view record;

	if (redact_json(r->value, &masked, &record, ret_redacted, err))
		return -1;
	if (buf_addf(body, "{\"peer\":{\"uid\":%" PRIu32 ",\"gid\":%" PRIu32 ",\"pid\":%" PRId32 "},\"record\":",
		     sender->uid, sender->gid, sender->pid) ||
	    buf_add(body, record) || buf_add_byte(body, '}')) {
		buf_cut(body, start);
		return err_nomem(err);
	}
	if (body->len - start <= JSON_RECORD_BYTES)
		return 0;
	buf_cut(body, start);
	return err_set(err, ERR_LIMIT, 0, "a record of more than %u bytes", JSON_RECORD_BYTES);
}

int ingest_record_add_id(const struct ingest_record *r, const struct ingest_sender *sender, struct buf *id)
{
	unsigned char hash[DIGEST_SHA256_BYTES];

	if (!r->key.len)
		return 0;
	digest_sha256(r->key, hash);
	return buf_addf(id, "key:%" PRIu32 ":", sender->uid) || digest_add_hex(id, hash, sizeof(hash)) ? -1 : 0;
}
