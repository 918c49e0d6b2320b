/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of event: what the body says that is no field of its own, and the sentences that are made of it. */
#ifndef FORWARDER_EVENT_FACTS_H
#define FORWARDER_EVENT_FACTS_H

#include "forwarder/event.h"

/* Members that only the sentence, the class or the choice of a field needs. */
enum event_fact {
	FACT_ACTOR_USER_ID,
	FACT_ACTOR_KEY_ID,
	FACT_ACTOR_OTHER_ID,
	FACT_KEY_ID,
	FACT_USER_ID,
	FACT_INVITE_ID,
	FACT_FILE_ID,
	FACT_SESSION_ID,
	FACT_AGENT_ID,
	FACT_CHAT_ID,
	FACT_TARGET_ID,
	FACT_EMAIL,
	FACT_NAME,
	FACT_ROLE,
	FACT_OLD_ROLE,
	FACT_URL,
	FACT_METHOD,
	FACT_STATUS,
	FACT_ENABLED,
	FACT_UPDATES, /* JSON */
	FACT_MESSAGE,
	FACT_TITLE,
	FACT_SEVERITY,
	FACT_KIND,
	FACT_MASKED,
	FACT_SUGGESTION,
	FACT_EVENT,
	FACT_TEAM,
	FACT_SCHEMA,
	FACT_STATE,
	FACT_COUNT,
};

struct event_facts {
	struct view facts[FACT_COUNT]; /* unescaped text; VIEW_NONE: not known */
};

/* What an event's type stands for. */
struct event_kind {
	const char *type; /* a glob */
	enum event_class class;
	enum event_severity severity;
	/* The sentence: {name} is replaced; [a part] is left out unless all its names are known. */
	const char *sentence;
};

/* Of the event's origin, type and facts; never NULL. */
const struct event_kind *event_kind_of(const struct event *event, const struct event_facts *facts);

/* Appends the sentence, clean and masked, at most EVENT_MESSAGE_BYTES. 0 or -1. */
[[nodiscard]] int event_add_sentence(struct buf *buf, const struct event *event, const struct event_facts *facts,
				     const char *sentence);

#endif
