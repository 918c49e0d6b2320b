/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/bounds.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "forwarder/event_facts.h"

#define VALUE_BYTES 200 /* of one text in a sentence */
#define UPDATE_BYTES 60 /* of one value in a list of updates */
#define UPDATES_BYTES 600
#define DOTS "..."

/* The names in sentences. Several rows of one name: the first whose text is known. */
enum from { FROM_FIELD, FROM_FACT, FROM_TYPE, FROM_NOBODY };

#define NAME(text, from, which)                                                                                        \
	{                                                                                                              \
		{ "" text, sizeof(text) - 1 }, (from), (which)                                                         \
	}

static const struct name {
	struct view name;
	enum from from;
	int which;
} names[] = {
	NAME("who", FROM_FIELD, EVENT_ACTOR_EMAIL),
	NAME("who", FROM_FIELD, EVENT_ACTOR_ID),
	NAME("who", FROM_FIELD, EVENT_ACTOR_TYPE),
	NAME("who", FROM_NOBODY, 0),
	NAME("type", FROM_TYPE, 0),
	NAME("target", FROM_FIELD, EVENT_TARGET_ID),
	NAME("key", FROM_FIELD, EVENT_API_KEY_ID),
	NAME("workspace", FROM_FIELD, EVENT_WORKSPACE_ID),
	NAME("updates", FROM_FACT, FACT_UPDATES),
	NAME("url", FROM_FACT, FACT_URL),
	NAME("method", FROM_FACT, FACT_METHOD),
	NAME("status", FROM_FACT, FACT_STATUS),
	NAME("person", FROM_FACT, FACT_EMAIL),
	NAME("person", FROM_FACT, FACT_USER_ID),
	NAME("person", FROM_FIELD, EVENT_TARGET_ID),
	NAME("role", FROM_FACT, FACT_ROLE),
	NAME("old_role", FROM_FACT, FACT_OLD_ROLE),
	NAME("name", FROM_FACT, FACT_NAME),
	NAME("scopes", FROM_FACT, FACT_SCOPES),
	NAME("model", FROM_FIELD, EVENT_MODEL),
	NAME("input_tokens", FROM_FIELD, EVENT_INPUT_TOKENS),
	NAME("output_tokens", FROM_FIELD, EVENT_OUTPUT_TOKENS),
	NAME("latency", FROM_FIELD, EVENT_LATENCY_MS),
	NAME("stop", FROM_FIELD, EVENT_STOP_REASON),
	NAME("title", FROM_FACT, FACT_TITLE),
	NAME("title", FROM_FIELD, EVENT_RULE),
	NAME("masked", FROM_FACT, FACT_MASKED),
	NAME("path", FROM_FIELD, EVENT_PATH),
	NAME("line", FROM_FIELD, EVENT_LINE),
	NAME("suggestion", FROM_FACT, FACT_SUGGESTION),
	NAME("event", FROM_FACT, FACT_EVENT),
	NAME("team", FROM_FACT, FACT_TEAM),
	NAME("feature", FROM_FACT, FACT_FEATURE),
	NAME("message", FROM_FACT, FACT_MESSAGE),
	NAME("anything", FROM_FACT, FACT_MESSAGE),
	NAME("anything", FROM_TYPE, 0),
};

/* A text as a part of something: at most so many bytes, cut between characters. */
static int add_part(struct buf *buf, struct view v, size_t most)
{
	size_t len = most;

	if (v.len <= most)
		return buf_add(buf, v);
	while (len > 0 && ((unsigned char)v.ptr[len] & 0xC0) == 0x80)
		len--;
	return buf_add(buf, view_sub(v, 0, len)) || buf_add_text(buf, DOTS) ? -1 : 0;
}

/* A value of an update, whatever it is. */
static int add_value(struct buf *buf, struct view value)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);

	if (json_type_of(value) == JSON_STRING && json_text(value, &text, &value))
		return -1;
	return add_part(buf, value, UPDATE_BYTES);
}

static int add_update(struct buf *buf, struct view update)
{
	static const char *const keys[] = { "type", "previous_value", "current_value" };
	static const char *const before[] = { "", ": ", " -> " };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct view value = json_member(update, keys[i]);

		if (value.len && (buf_add_text(buf, before[i]) || add_value(buf, value)))
			return -1;
	}
	return 0;
}

int event_add_updates(struct buf *buf, struct view updates)
{
	size_t start = buf->len;
	struct view update;

	while (json_each(&updates, &update)) {
		if (json_type_of(update) != JSON_OBJECT)
			continue;
		if (buf->len > start && buf_add_text(buf, ", "))
			return -1;
		if (buf->len - start > UPDATES_BYTES)
			return buf_add_text(buf, DOTS);
		if (add_update(buf, update))
			return -1;
	}
	return 0;
}

/* --- sentences --- */

struct sentence {
	const struct event *event;
	const struct event_facts *facts;
	struct buf *out;
	size_t start; /* in out */
};

static struct view value_of(const struct sentence *s, const struct name *n)
{
	switch (n->from) {
	case FROM_FIELD:
		return s->event->fields[n->which];
	case FROM_FACT:
		return s->facts->facts[n->which];
	case FROM_TYPE:
		return s->event->type;
	case FROM_NOBODY:
		break;
	}
	return VIEW("somebody");
}

static size_t most_of(const struct name *n)
{
	if (n->from != FROM_FACT)
		return VALUE_BYTES;
	return n->which == FACT_MESSAGE ? EVENT_MESSAGE_BYTES : n->which == FACT_UPDATES ? UPDATES_BYTES : VALUE_BYTES;
}

/* 1 it was added, 0 it is not known, -1. What is beyond the longest sentence is left out here already. */
static int add_name(struct sentence *s, struct view name)
{
	if (s->out->len - s->start >= EVENT_MESSAGE_BYTES)
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct name *n = &names[i];
		struct view value;

		if (!text_eq(name, n->name))
			continue;
		value = value_of(s, n);
		if (value.len)
			return add_part(s->out, value, most_of(n)) ? -1 : 1;
	}
	return 0;
}

/* A run of text and {names}. *ret_is_known: all of the names were. */
static int add_run(struct sentence *s, struct view run, bool *ret_is_known)
{
	*ret_is_known = true;
	while (run.len) {
		size_t open = text_find_byte(run, '{'), close;
		int status;

		if (buf_add(s->out, view_sub(run, 0, open)))
			return -1;
		if (open == SIZE_MAX)
			break;
		run = view_sub(run, open + 1, SIZE_MAX);
		close = text_find_byte(run, '}');
		status = add_name(s, view_sub(run, 0, close));
		if (status < 0 || (status == 0 && buf_add_byte(s->out, '?')))
			return -1;
		*ret_is_known = *ret_is_known && status;
		run = view_sub(run, close + 1, SIZE_MAX);
	}
	return 0;
}

static int add_all(struct sentence *s, struct view rest)
{
	while (rest.len) {
		size_t open = text_find_byte(rest, '['), close, start;
		bool is_known;

		if (add_run(s, view_sub(rest, 0, open), &is_known))
			return -1;
		if (open == SIZE_MAX)
			break;
		rest = view_sub(rest, open + 1, SIZE_MAX);
		close = text_find_byte(rest, ']');
		start = s->out->len;
		if (add_run(s, view_sub(rest, 0, close), &is_known))
			return -1;
		if (!is_known)
			buf_cut(s->out, start);
		rest = view_sub(rest, close + 1, SIZE_MAX);
	}
	return 0;
}

/* Printable ASCII without anything that could be a key: most sentences. */
static bool is_fit(struct view v)
{
	unsigned char is_odd = 0;

	for (size_t i = 0; i < v.len; i++)
		is_odd |= (unsigned char)((unsigned char)(v.ptr[i] - 0x20) > 0x7E - 0x20);
	return !is_odd && text_find(v, VIEW("sk-ant-")) == SIZE_MAX;
}

/* Masks keys, then cleans: cleaning would leave a key whole, and what it adds must not be taken for one. */
static int make_fit(struct sentence *s)
{
	DEFER(buf_done)
	struct buf masked = BUF_INIT(8 * EVENT_MESSAGE_BYTES), clean = BUF_INIT(32 * EVENT_MESSAGE_BYTES);
	struct view raw = view_sub(buf_view(s->out), s->start, SIZE_MAX);

	if (secret_add_masked_text(&masked, raw, VIEW_NONE) || text_add_clean(&clean, buf_view(&masked)))
		return -1;
	buf_cut(s->out, s->start);
	return buf_add(s->out, view_sub(buf_view(&clean), 0, 2 * EVENT_MESSAGE_BYTES));
}

/* Not longer than a sentence may be. */
static int shorten(struct sentence *s)
{
	size_t most = s->start + EVENT_MESSAGE_BYTES - (sizeof(DOTS) - 1);

	if (s->out->len - s->start <= EVENT_MESSAGE_BYTES)
		return 0;
	while (most > s->start && ((unsigned char)s->out->ptr[most] & 0xC0) == 0x80)
		most--;
	buf_cut(s->out, most);
	return buf_add_text(s->out, DOTS);
}

int event_add_sentence(struct buf *buf, const struct event *event, const struct event_facts *facts,
		       const char *sentence)
{
	struct sentence s = { .event = event, .facts = facts, .out = buf, .start = buf->len };

	if (add_all(&s, view_of(sentence)))
		return -1;
	if (!is_fit(view_sub(buf_view(buf), s.start, SIZE_MAX)) && make_fit(&s))
		return -1;
	return shorten(&s);
}
