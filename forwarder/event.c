/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/event.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/glob.h"
#include "common/base/text.h"
#include "common/sys/json_reader.h"
#include "forwarder/event_facts.h"

#define STORE_MAX_BYTES (2 * (size_t)JSON_RECORD_BYTES + (1u << 20))
/* Room beside the unescaped texts and the lists that are joined, none of which is longer than what it was in the body:
 * the sentence. */
#define STORE_EXTRA_BYTES (2 * (size_t)EVENT_MESSAGE_BYTES)

const struct event_class_info event_classes[EVENT_CLASS_COUNT] = {
#define EVENT_CLASS_INFO(id, name, message_id) { name, message_id },
	EVENT_CLASSES(EVENT_CLASS_INFO)
#undef EVENT_CLASS_INFO
};

const char *const event_severity_names[EVENT_SEVERITIES] = { "emerg",   "alert",  "crit", "err",
							     "warning", "notice", "info", "debug" };

const struct event_field_info event_fields[EVENT_FIELD_COUNT] = {
#define EVENT_FIELD_INFO(id, journal, parameter, member)                                                               \
	{ journal, parameter, member,                                                                                  \
	  EVENT_##id == EVENT_INPUT_TOKENS || EVENT_##id == EVENT_OUTPUT_TOKENS || EVENT_##id == EVENT_LATENCY_MS ||   \
		  EVENT_##id == EVENT_LINE || EVENT_##id == EVENT_PEER_UID || EVENT_##id == EVENT_PEER_PID },
	EVENT_FIELDS(EVENT_FIELD_INFO)
#undef EVENT_FIELD_INFO
};

/* The objects of a body that are looked into. */
enum level { TOP, ACTOR, DETAILS, PEER, RECORD, USAGE, LEVELS };

#define FACT(name) (EVENT_FIELD_COUNT + FACT_##name)
#define INTO(level) (-1 - (int)(level))

/* Where a member goes: a field, a fact behind the fields, or the object of the next level. Of several members that go
 * to one place the first one that is there counts. */
struct member {
	const char *key;
	int to;
};

static const struct member activity_members[] = {
	{ "actor", INTO(ACTOR) },
	{ "details", INTO(DETAILS) },
	{ "created_at", EVENT_CREATED_AT },
	{ "timestamp", EVENT_CREATED_AT },
	{ "organization_id", EVENT_ORGANIZATION_ID },
	{ "organization_uuid", EVENT_ORGANIZATION_ID },
	{ "workspace_id", EVENT_WORKSPACE_ID },
	{ "workspace", EVENT_WORKSPACE_ID },
	{ "model", EVENT_MODEL },
	{ "request_id", EVENT_REQUEST_ID },
	{ "api_key_id", FACT(KEY_ID) },
	{ "admin_api_key_id", FACT(KEY_ID) },
	{ "user_id", FACT(USER_ID) },
	{ "deleted_user_id", FACT(USER_ID) },
	{ "invite_id", FACT(INVITE_ID) },
	{ "file_id", FACT(FILE_ID) },
	{ "session_id", FACT(SESSION_ID) },
	{ "agent_id", FACT(AGENT_ID) },
	{ "claude_chat_id", FACT(CHAT_ID) },
	{ "target_id", FACT(TARGET_ID) },
	{ "resource_id", FACT(TARGET_ID) },
	{ "invited_email", FACT(EMAIL) },
	{ "deleted_user_email", FACT(EMAIL) },
	{ "user_email", FACT(EMAIL) },
	{ "api_key_name", FACT(NAME) },
	{ "current_role", FACT(ROLE) },
	{ "invited_role", FACT(ROLE) },
	{ "role", FACT(ROLE) },
	{ "previous_role", FACT(OLD_ROLE) },
	{ "url", FACT(URL) },
	{ "request_method", FACT(METHOD) },
	{ "status_code", FACT(STATUS) },
	{ "compliance_api_enabled", FACT(ENABLED) },
	{ "updates", FACT(UPDATES) },
	{ NULL, 0 },
};

static const struct member actor_members[] = {
	{ "type", EVENT_ACTOR_TYPE },
	{ "email_address", EVENT_ACTOR_EMAIL },
	{ "unauthenticated_email_address", EVENT_ACTOR_EMAIL },
	{ "ip_address", EVENT_ACTOR_IP },
	{ "user_agent", EVENT_ACTOR_USER_AGENT },
	{ "user_id", FACT(ACTOR_USER_ID) },
	{ "api_key_id", FACT(ACTOR_KEY_ID) },
	{ "admin_api_key_id", FACT(ACTOR_KEY_ID) },
	{ "service_account_id", FACT(ACTOR_OTHER_ID) },
	{ "subject", FACT(ACTOR_OTHER_ID) },
	{ "external_client_id", FACT(ACTOR_OTHER_ID) },
	{ "directory_id", FACT(ACTOR_OTHER_ID) },
	{ "service", FACT(ACTOR_OTHER_ID) },
	{ NULL, 0 },
};

/* What the cca dialect says of a call, and applications of theirs. */
static const struct member details_members[] = {
	{ "model", EVENT_MODEL },
	{ "input_tokens", EVENT_INPUT_TOKENS },
	{ "output_tokens", EVENT_OUTPUT_TOKENS },
	{ "stop_reason", EVENT_STOP_REASON },
	{ "latency_ms", EVENT_LATENCY_MS },
	{ "tools_used", EVENT_TOOLS_USED },
	{ "request_id", EVENT_REQUEST_ID },
	{ "usage", INTO(USAGE) },
	{ NULL, 0 },
};

static const struct member usage_members[] = {
	{ "input_tokens", EVENT_INPUT_TOKENS },
	{ "output_tokens", EVENT_OUTPUT_TOKENS },
	{ NULL, 0 },
};

static const struct member ingest_members[] = {
	{ "peer", INTO(PEER) },
	{ "record", INTO(RECORD) },
	{ NULL, 0 },
};

static const struct member peer_members[] = {
	{ "uid", EVENT_PEER_UID },
	{ "pid", EVENT_PEER_PID },
	{ NULL, 0 },
};

static const struct member record_members[] = {
	{ "schema", FACT(SCHEMA) },
	{ "timestamp", EVENT_CREATED_AT },
	{ "event", FACT(EVENT) },
	{ "organization_id", EVENT_ORGANIZATION_ID },
	{ "workspace", EVENT_WORKSPACE_ID },
	{ "workspace_id", EVENT_WORKSPACE_ID },
	{ "api_key_id", FACT(KEY_ID) },
	{ "user_id", FACT(ACTOR_USER_ID) },
	{ "model", EVENT_MODEL },
	{ "input_tokens", EVENT_INPUT_TOKENS },
	{ "output_tokens", EVENT_OUTPUT_TOKENS },
	{ "usage", INTO(USAGE) },
	{ "stop_reason", EVENT_STOP_REASON },
	{ "latency_ms", EVENT_LATENCY_MS },
	{ "tools_used", EVENT_TOOLS_USED },
	{ "request_id", EVENT_REQUEST_ID },
	{ "team", FACT(TEAM) },
	{ "rule_id", EVENT_RULE },
	{ "path", EVENT_PATH },
	{ "start_line", EVENT_LINE },
	{ "secret_id", EVENT_SECRET_ID },
	{ "fingerprint", EVENT_FINGERPRINT },
	{ "title", FACT(TITLE) },
	{ "severity", FACT(SEVERITY) },
	{ "kind", FACT(KIND) },
	{ "masked", FACT(MASKED) },
	{ "name", FACT(NAME) },
	{ "suggestion", FACT(SUGGESTION) },
	{ "email", EVENT_ACTOR_EMAIL },
	{ NULL, 0 },
};

static const struct member own_members[] = {
	{ "time", EVENT_CREATED_AT }, { "message", FACT(MESSAGE) }, { "alert", FACT(KIND) },
	{ "state", FACT(STATE) },     { "feed", FACT(NAME) },       { NULL, 0 },
};

static const struct member *const nested[LEVELS] = {
	[ACTOR] = actor_members,   [DETAILS] = details_members, [PEER] = peer_members,
	[RECORD] = record_members, [USAGE] = usage_members,
};

/* --- reading --- */

struct reading {
	struct event *event;
	struct event_facts *facts;
};

static struct view *place_of(const struct reading *r, int to)
{
	return to < EVENT_FIELD_COUNT ? &r->event->fields[to] : &r->facts->facts[to - EVENT_FIELD_COUNT];
}

/* A list of texts as one: "bash,web_search". */
static int join(struct buf *store, struct view array, struct view *ret)
{
	size_t start = store->len;
	struct view value;

	while (json_each(&array, &value)) {
		if (json_type_of(value) != JSON_STRING)
			continue;
		if ((store->len > start && buf_add_byte(store, ',')) || json_add_string(store, value))
			return -1;
	}
	*ret = view_sub(buf_view(store), start, SIZE_MAX);
	return 0;
}

static int take_value(const struct reading *r, int to, struct view value)
{
	struct view *place = place_of(r, to);

	if (place->ptr)
		return 0;
	switch (json_type_of(value)) {
	case JSON_STRING:
		return json_text(value, &r->event->store, place);
	case JSON_NUMBER:
	case JSON_TRUE:
	case JSON_FALSE:
		*place = value;
		return 0;
	case JSON_ARRAY:
		if (to == EVENT_TOOLS_USED)
			return join(&r->event->store, value, place);
		if (to == FACT(UPDATES))
			*place = value;
		return 0;
	case JSON_NULL:
	case JSON_OBJECT:
		break;
	}
	return 0;
}

static const struct member *find(const struct member *members, struct view quoted)
{
	struct view key = view_sub(quoted, 1, quoted.len - 2);

	for (const struct member *m = members; m->key; m++)
		if (m->key[0] == key.ptr[0] && text_eq(key, view_of(m->key)))
			return m;
	return NULL;
}

/* The members of the object that the reader stands before. 0; -1 when it is no JSON (or no memory: *ret_is_nomem). */
static int read_object(struct json_reader *json, const struct reading *r, const struct member *members,
		       bool *ret_is_nomem)
{
	struct view key, value;
	int status = json_read_open(json, JSON_OBJECT);

	if (status == 1)
		return json_read_value(json, &value);
	while (status == 0 && (status = json_read_member(json, &key, NULL)) == 0) {
		const struct member *m = key.len > 2 ? find(members, key) : NULL;

		if (m && m->to < 0) {
			status = read_object(json, r, nested[-1 - m->to], ret_is_nomem);
			continue;
		}
		status = json_read_value(json, &value);
		if (status == 0 && m && take_value(r, m->to, value)) {
			*ret_is_nomem = true;
			return -1;
		}
	}
	return status < 0 ? -1 : 0;
}

static const struct member *members_of(enum event_origin origin)
{
	switch (origin) {
	case EVENT_INGEST:
		return ingest_members;
	case EVENT_OWN:
		return own_members;
	case EVENT_PLATFORM:
	case EVENT_CCA:
		break;
	}
	return activity_members;
}

static struct view first_of(const struct event_facts *f, const enum event_fact *facts, size_t count, size_t *ret_which)
{
	for (size_t i = 0; i < count; i++)
		if (f->facts[facts[i]].len) {
			*ret_which = i;
			return f->facts[facts[i]];
		}
	return VIEW_NONE;
}

/* Fields that are chosen among several members. */
static void choose(struct event *e, const struct event_facts *f)
{
	static const enum event_fact actors[] = { FACT_ACTOR_USER_ID, FACT_ACTOR_KEY_ID, FACT_ACTOR_OTHER_ID };
	static const enum event_fact targets[] = { FACT_TARGET_ID, FACT_FILE_ID,   FACT_SESSION_ID, FACT_AGENT_ID,
						   FACT_CHAT_ID,   FACT_INVITE_ID, FACT_USER_ID,    FACT_KEY_ID };
	static const char *const target_types[] = { "resource", "file",   "session", "agent",
						    "chat",     "invite", "user",    "api_key" };
	bool is_activity = e->origin == EVENT_PLATFORM || e->origin == EVENT_CCA;
	size_t which = 0;

	e->fields[EVENT_ACTIVITY_ID] = e->id;
	e->fields[EVENT_ACTIVITY_TYPE] = e->type;
	e->fields[EVENT_ACTOR_ID] = first_of(f, actors, ARRAY_LEN(actors), &which);
	e->fields[EVENT_API_KEY_ID] = f->facts[FACT_KEY_ID].len ? f->facts[FACT_KEY_ID] : f->facts[FACT_ACTOR_KEY_ID];
	/* In cca the members of a call tell who made it. */
	if (e->origin == EVENT_CCA && !e->fields[EVENT_ACTOR_ID].len)
		e->fields[EVENT_ACTOR_ID] = f->facts[FACT_USER_ID].len ? f->facts[FACT_USER_ID] : f->facts[FACT_KEY_ID];
	if (!is_activity || e->origin == EVENT_CCA)
		return;
	e->fields[EVENT_TARGET_ID] = first_of(f, targets, ARRAY_LEN(targets), &which);
	if (e->fields[EVENT_TARGET_ID].len)
		e->fields[EVENT_TARGET_TYPE] = view_of(target_types[which]);
	else if (e->fields[EVENT_WORKSPACE_ID].len) {
		e->fields[EVENT_TARGET_ID] = e->fields[EVENT_WORKSPACE_ID];
		e->fields[EVENT_TARGET_TYPE] = VIEW("workspace");
	}
}

static int prepare(struct event *e, struct err *err)
{
	if (!e->store.max)
		e->store = (struct buf)BUF_INIT(STORE_MAX_BYTES);
	buf_clear(&e->store);
	memset(e->fields, 0, sizeof(e->fields));
	/* Views into the store have to stay where they are. */
	return buf_reserve(&e->store, e->body.len + STORE_EXTRA_BYTES) ? err_nomem(err) : 0;
}

int event_read(struct event *e, struct err *err)
{
	struct event_facts facts = { .facts = { { .len = 0 } } };
	const struct reading reading = { .event = e, .facts = &facts };
	struct json_reader json = json_reader_of(e->body, NULL);
	const struct event_kind *kind;
	bool is_nomem = false;
	size_t start;

	if (prepare(e, err))
		return -1;
	/* A body that is no JSON has no fields. */
	if (read_object(&json, &reading, members_of(e->origin), &is_nomem) && is_nomem)
		return err_nomem(err);
	choose(e, &facts);
	kind = event_kind_of(e, &facts);
	e->class = kind->class;
	e->severity = kind->severity;
	start = e->store.len;
	if (event_add_sentence(&e->store, e, &facts, kind->sentence))
		return err_nomem(err);
	e->message = view_sub(buf_view(&e->store), start, SIZE_MAX);
	return 0;
}

void event_done(struct event *e)
{
	buf_done(&e->store);
}

/* --- filters --- */

static bool in_list(char *const *list, struct view v)
{
	for (; *list; list++)
		if (text_eq(v, view_of(*list)))
			return true;
	return false;
}

static bool matches(char *const *globs, struct view v)
{
	for (; *globs; globs++)
		if (glob_match(view_of(*globs), v, 0))
			return true;
	return false;
}

bool event_passes(const struct event *e, const struct event_filter *f)
{
	const struct view *fields = e->fields;

	if (e->severity > f->severity)
		return false;
	if ((f->types && !matches(f->types, e->type)) || (f->feeds && !in_list(f->feeds, e->feed)) ||
	    (f->classes && !in_list(f->classes, view_of(event_classes[e->class].name))) ||
	    (f->workspaces && !in_list(f->workspaces, fields[EVENT_WORKSPACE_ID])))
		return false;
	return !f->actors || in_list(f->actors, fields[EVENT_ACTOR_ID]) ||
	       in_list(f->actors, fields[EVENT_API_KEY_ID]) || in_list(f->actors, fields[EVENT_ACTOR_EMAIL]);
}
