/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/event.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/glob.h"
#include "common/base/text.h"
#include "common/sys/json_reader.h"
#include "forwarder/event_facts.h"

#define STORE_MAX_BYTES (2 * (size_t)JSON_RECORD_BYTES + (1u << 20))
#define NUMBER_BYTES 40                     /* longest text of a number that is one */
#define STORE_KEPT_BYTES ((size_t)64 << 10) /* of a store, for the next event */

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
		  EVENT_##id == EVENT_LINE || EVENT_##id == EVENT_THRESHOLD || EVENT_##id == EVENT_PEER_UID ||         \
		  EVENT_##id == EVENT_PEER_PID },
	EVENT_FIELDS(EVENT_FIELD_INFO)
#undef EVENT_FIELD_INFO
};

/* --- reading --- */

struct reading {
	struct json_reader json;
	struct event *event;
	struct event_facts facts;
	bool is_nomem;
};

static struct view *place_of(struct reading *r, int to)
{
	return to < EVENT_FIELD_COUNT ? &r->event->fields[to] : &r->facts.facts[to - EVENT_FIELD_COUNT];
}

/* A list of texts as one: "bash,web_search". */
static int join(struct buf *store, struct view array)
{
	size_t start = store->len;
	struct view value;

	while (json_each(&array, &value)) {
		if (json_type_of(value) != JSON_STRING)
			continue;
		if ((store->len > start && buf_add_byte(store, ',')) || json_add_string(store, value))
			return -1;
	}
	return 0;
}

/* What is made of a list; nothing of one that nobody asks for. */
static int take_list(struct reading *r, int to, struct view value)
{
	struct buf *store = &r->event->store;
	size_t start = store->len;

	if (to == EVENT_TO_FACT(FACT_UPDATES)) {
		if (event_add_updates(store, value))
			return -1;
	} else if (to == EVENT_TOOLS_USED || to == EVENT_VIOLATIONS || to == EVENT_TO_FACT(FACT_SCOPES)) {
		if (join(store, value))
			return -1;
	} else {
		return 0;
	}
	*place_of(r, to) = view_sub(buf_view(store), start, SIZE_MAX);
	return 0;
}

static int take_value(struct reading *r, int to, struct view value)
{
	enum json_type type = json_type_of(value);

	if (place_of(r, to)->ptr)
		return 0;
	if (to < EVENT_FIELD_COUNT && event_fields[to].is_number && (type != JSON_NUMBER || value.len > NUMBER_BYTES))
		return 0;
	switch (type) {
	case JSON_STRING:
		return json_text(value, &r->event->store, place_of(r, to));
	case JSON_NUMBER:
	case JSON_TRUE:
	case JSON_FALSE:
		*place_of(r, to) = value;
		return 0;
	case JSON_ARRAY:
		return take_list(r, to, value);
	case JSON_NULL:
	case JSON_OBJECT:
		break;
	}
	return 0;
}

/* What the event is about, by a member that only its type has: "claude_project_id". */
static int take_target(struct reading *r, struct view key, struct view value)
{
	static const struct view ending = { "_id", 3 };
	struct view *id = place_of(r, EVENT_TO_FACT(FACT_OTHER_ID));

	if (id->ptr || key.len <= ending.len || !text_ends(key, ending) || json_type_of(value) != JSON_STRING)
		return 0;
	*place_of(r, EVENT_TO_FACT(FACT_OTHER_TYPE)) = view_sub(key, 0, key.len - ending.len);
	return json_text(value, &r->event->store, id);
}

static const struct event_member *find(const struct event_members *members, struct view key)
{
	for (size_t i = 0; i < members->count; i++) {
		const struct event_member *m = &members->members[i];

		if (m->key.len == key.len && memcmp(m->key.ptr, key.ptr, key.len) == 0)
			return m;
	}
	return NULL;
}

/* The text of a key; of one with an escape, which nobody writes but may, behind what the store holds. */
static int key_text(struct reading *r, struct view quoted, bool is_escaped, struct view *ret)
{
	*ret = view_sub(quoted, 1, quoted.len - 2);
	return is_escaped ? json_text(quoted, &r->event->store, ret) : 0;
}

static int read_level(struct reading *r, enum event_level level);

static int read_member(struct reading *r, const struct event_members *members, struct view key)
{
	const struct event_member *m = find(members, key);
	struct view value;
	int status = 0;

	if (m && m->to < 0)
		return read_level(r, (enum event_level)(-1 - m->to));
	if (json_read_value(&r->json, &value))
		return -1;
	if (m && m->to != EVENT_TO_NOTHING)
		status = take_value(r, m->to, value);
	else if (!m && members->has_target)
		status = take_target(r, key, value);
	r->is_nomem |= status < 0;
	return status;
}

/* The members of the object that the reader stands before, if it is one. 0; -1 when it is no JSON, or without memory
 * (is_nomem). */
static int read_level(struct reading *r, enum event_level level)
{
	struct view quoted, key;
	bool is_escaped;
	int status = json_read_open(&r->json, JSON_OBJECT);

	if (status == 1)
		return json_read_value(&r->json, &key);
	while (status == 0 && (status = json_read_member(&r->json, &quoted, &is_escaped)) == 0) {
		if (key_text(r, quoted, is_escaped, &key)) {
			r->is_nomem = true;
			return -1;
		}
		status = read_member(r, &event_members[level], key);
	}
	return status < 0 ? -1 : 0;
}

static enum event_level level_of(enum event_origin origin)
{
	switch (origin) {
	case EVENT_INGEST:
		return EVENT_LEVEL_INGEST;
	case EVENT_OWN:
		return EVENT_LEVEL_OWN;
	case EVENT_PLATFORM:
	case EVENT_CCA:
		break;
	}
	return EVENT_LEVEL_ACTIVITY;
}

/* --- fields that are chosen among several members --- */

static struct view first_of(struct view a, struct view b, struct view c)
{
	return a.len ? a : b.len ? b : c;
}

/* What the event is about. The workspace is where it happened, unless there is nothing else. */
static void choose_target(struct event *e, const struct view *facts)
{
	const struct {
		struct view id, type;
	} targets[] = {
		{ facts[FACT_OTHER_ID], facts[FACT_OTHER_TYPE] },
		{ facts[FACT_USER_ID], VIEW("user") },
		{ facts[FACT_KEY_ID], VIEW("api_key") },
		{ e->fields[EVENT_WORKSPACE_ID], VIEW("workspace") },
	};
	/* In cca, a key and a user beside the type tell who did it. */
	size_t count = e->origin == EVENT_CCA ? 1 : ARRAY_LEN(targets);

	for (size_t i = 0; i < count; i++)
		if (targets[i].id.len) {
			e->fields[EVENT_TARGET_ID] = targets[i].id;
			e->fields[EVENT_TARGET_TYPE] = targets[i].type;
			return;
		}
}

static void choose(struct event *e, const struct view *facts)
{
	struct view *fields = e->fields;
	struct view by = first_of(facts[FACT_ACTOR_USER_ID], facts[FACT_ACTOR_KEY_ID], facts[FACT_ACTOR_OTHER_ID]);

	fields[EVENT_ACTIVITY_ID] = e->id;
	fields[EVENT_ACTIVITY_TYPE] = e->type;
	fields[EVENT_API_KEY_ID] = first_of(facts[FACT_KEY_ID], facts[FACT_ACTOR_KEY_ID], VIEW_NONE);
	if (e->origin == EVENT_CCA)
		by = first_of(by, facts[FACT_USER_ID], facts[FACT_KEY_ID]);
	fields[EVENT_ACTOR_ID] = by;
	if (e->origin != EVENT_INGEST)
		choose_target(e, facts);
}

static int prepare(struct event *e, struct err *err)
{
	size_t room = EVENT_SENTENCE_ROOM + EVENT_UPDATES_ROOM;

	if (!e->store.max)
		e->store = (struct buf)BUF_INIT(STORE_MAX_BYTES);
	buf_clear(&e->store);
	memset(e->fields, 0, sizeof(e->fields));
	e->message = VIEW_NONE;
	/* Views into the store have to stay where they are. Only what has an escape, or stands in a list, is copied. */
	if (text_find_byte(e->body, '\\') != SIZE_MAX || text_find_byte(e->body, '[') != SIZE_MAX)
		room += e->body.len;
	if (e->store.cap > STORE_KEPT_BYTES && room < STORE_KEPT_BYTES)
		buf_done(&e->store); /* one large event leaves no large store behind */
	return buf_reserve(&e->store, room) ? err_nomem(err) : 0;
}

int event_read(struct event *e, struct err *err)
{
	struct reading r = { .json = json_reader_of(e->body, NULL), .event = e };
	struct event_kind kind;
	size_t start;

	if (prepare(e, err))
		return -1;
	/* What is no JSON any more has no fields from there on. */
	if (read_level(&r, level_of(e->origin)) && r.is_nomem)
		return err_nomem(err);
	choose(e, r.facts.facts);
	kind = event_kind_of(e, &r.facts);
	e->class = kind.class;
	e->severity = kind.severity;
	start = e->store.len;
	if (event_add_sentence(&e->store, e, &r.facts, kind.sentence))
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

bool event_is_probe(struct view type, struct view id)
{
	return text_eq(type, VIEW(EVENT_PROBE_TYPE)) && text_starts(id, VIEW(EVENT_PROBE_ID));
}

bool event_filter_takes_all(const struct event_filter *f)
{
	return !f->types && !f->feeds && !f->classes && !f->actors && !f->workspaces && f->severity == EVENT_DEBUG;
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
