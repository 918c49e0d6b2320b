/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/bounds.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "forwarder/event_facts.h"

#define VALUE_BYTES 200 /* of one text in a sentence */
#define DOTS "..."

/* The names in sentences. Several texts of one name: the first that is known. */
enum from { FROM_FIELD, FROM_FACT, FROM_TYPE, FROM_UPDATES };

static const struct name {
	const char *name;
	enum from from;
	int which;
} names[] = {
	{ "who", FROM_FIELD, EVENT_ACTOR_EMAIL },
	{ "who", FROM_FIELD, EVENT_ACTOR_ID },
	{ "who", FROM_FIELD, EVENT_ACTOR_TYPE },
	{ "type", FROM_TYPE, 0 },
	{ "key", FROM_FIELD, EVENT_API_KEY_ID },
	{ "workspace", FROM_FIELD, EVENT_WORKSPACE_ID },
	{ "target", FROM_FIELD, EVENT_TARGET_ID },
	{ "model", FROM_FIELD, EVENT_MODEL },
	{ "input_tokens", FROM_FIELD, EVENT_INPUT_TOKENS },
	{ "output_tokens", FROM_FIELD, EVENT_OUTPUT_TOKENS },
	{ "latency", FROM_FIELD, EVENT_LATENCY_MS },
	{ "path", FROM_FIELD, EVENT_PATH },
	{ "line", FROM_FIELD, EVENT_LINE },
	{ "person", FROM_FACT, FACT_EMAIL },
	{ "person", FROM_FACT, FACT_USER_ID },
	{ "person", FROM_FACT, FACT_INVITE_ID },
	{ "email", FROM_FACT, FACT_EMAIL },
	{ "name", FROM_FACT, FACT_NAME },
	{ "role", FROM_FACT, FACT_ROLE },
	{ "old_role", FROM_FACT, FACT_OLD_ROLE },
	{ "url", FROM_FACT, FACT_URL },
	{ "method", FROM_FACT, FACT_METHOD },
	{ "status", FROM_FACT, FACT_STATUS },
	{ "enabled", FROM_FACT, FACT_ENABLED },
	{ "updates", FROM_UPDATES, 0 },
	{ "message", FROM_FACT, FACT_MESSAGE },
	{ "title", FROM_FACT, FACT_TITLE },
	{ "masked", FROM_FACT, FACT_MASKED },
	{ "suggestion", FROM_FACT, FACT_SUGGESTION },
	{ "event", FROM_FACT, FACT_EVENT },
	{ "team", FROM_FACT, FACT_TEAM },
};

struct sentence {
	const struct event *event;
	const struct event_facts *facts;
	struct buf raw; /* before it is cleaned */
};

/* A text as a part of the sentence: not longer than a part may be, cut between characters. */
static int add_part(struct buf *buf, struct view v, size_t most)
{
	size_t len = v.len;

	if (len <= most)
		return buf_add(buf, v);
	len = most;
	while (len > 0 && ((unsigned char)v.ptr[len] & 0xC0) == 0x80)
		len--;
	return buf_add(buf, view_sub(v, 0, len)) || buf_add_text(buf, DOTS) ? -1 : 0;
}

/* "status: active -> inactive, name: a -> b" */
static int add_updates(struct buf *buf, struct view updates)
{
	bool is_first = true;
	struct view update;

	while (json_each(&updates, &update)) {
		static const char *const keys[] = { "type", "previous_value", "current_value" };
		static const char *const before[] = { "", ": ", " -> " };

		if (json_type_of(update) != JSON_OBJECT || (!is_first && buf_add_text(buf, ", ")))
			continue;
		is_first = false;
		for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
			DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);
			struct view value = json_member(update, keys[i]), plain = value;

			if (!value.len || buf_add_text(buf, before[i]))
				continue;
			if (json_type_of(value) == JSON_STRING && json_text(value, &text, &plain))
				return -1;
			if (add_part(buf, plain, VALUE_BYTES / 4))
				return -1;
		}
	}
	return 0;
}

static struct view value_of(const struct sentence *s, const struct name *n)
{
	switch (n->from) {
	case FROM_FIELD:
		return s->event->fields[n->which];
	case FROM_FACT:
		return s->facts->facts[n->which];
	case FROM_TYPE:
		return s->event->type;
	case FROM_UPDATES:
		break;
	}
	return s->facts->facts[FACT_UPDATES];
}

/* 1 it was added, 0 it is not known, -1. */
static int add_name(struct sentence *s, struct view name)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct view value;

		if (!text_eq(name, view_of(names[i].name)))
			continue;
		value = value_of(s, &names[i]);
		if (!value.len)
			continue;
		if (names[i].from == FROM_UPDATES)
			return add_updates(&s->raw, value) ? -1 : 1;
		return add_part(&s->raw, value,
				names[i].from == FROM_FACT && names[i].which == FACT_MESSAGE ? EVENT_MESSAGE_BYTES
											     : VALUE_BYTES)
			       ? -1
			       : 1;
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

		if (buf_add(&s->raw, view_sub(run, 0, open)))
			return -1;
		if (open == SIZE_MAX)
			break;
		run = view_sub(run, open + 1, SIZE_MAX);
		close = text_find_byte(run, '}');
		status = add_name(s, view_sub(run, 0, close));
		if (status < 0)
			return -1;
		if (!status && buf_add_byte(&s->raw, '?'))
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
		start = s->raw.len;
		if (add_run(s, view_sub(rest, 0, close), &is_known))
			return -1;
		if (!is_known)
			buf_cut(&s->raw, start);
		rest = view_sub(rest, close + 1, SIZE_MAX);
	}
	return 0;
}

int event_add_sentence(struct buf *buf, const struct event *event, const struct event_facts *facts,
		       const char *sentence)
{
	struct sentence s = { .event = event, .facts = facts, .raw = BUF_INIT(4 * EVENT_MESSAGE_BYTES) };
	DEFER(buf_done)
	struct buf masked = BUF_INIT(8 * EVENT_MESSAGE_BYTES), clean = BUF_INIT(32 * EVENT_MESSAGE_BYTES);
	int status = add_all(&s, view_of(sentence));

	/* Keys are masked first: cleaning would leave them whole, and what it adds must not be taken for one. */
	if (!status)
		status = secret_add_masked_text(&masked, buf_view(&s.raw), VIEW_NONE) ||
			 text_add_clean(&clean, buf_view(&masked));
	buf_done(&s.raw);
	return status || add_part(buf, buf_view(&clean), EVENT_MESSAGE_BYTES - sizeof(DOTS)) ? -1 : 0;
}
