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
	FACT_OTHER_ID,   /* of what the event is about: the first other member whose name ends in _id ... */
	FACT_OTHER_TYPE, /* ... and that name without it */
	FACT_EMAIL,
	FACT_NAME,
	FACT_ROLE,
	FACT_OLD_ROLE,
	FACT_URL,
	FACT_METHOD,
	FACT_STATUS,
	FACT_ENABLED,
	FACT_UPDATES, /* as it stands in the sentence: "status: active -> inactive" */
	FACT_SCOPES,
	FACT_MESSAGE,
	FACT_TITLE,
	FACT_SEVERITY,
	FACT_KIND,
	FACT_MASKED,
	FACT_SUGGESTION,
	FACT_EVENT,
	FACT_TEAM,
	FACT_FEATURE,
	FACT_SCHEMA,
	FACT_COUNT,
};

struct event_facts {
	struct view facts[FACT_COUNT]; /* unescaped text; VIEW_NONE: not known */
};

/* --- where members go (event_members.c) --- */

/* The objects of a body that are looked into. */
enum event_level {
	EVENT_LEVEL_ACTIVITY,
	EVENT_LEVEL_INGEST,
	EVENT_LEVEL_OWN,
	EVENT_LEVEL_ACTOR,
	EVENT_LEVEL_DETAILS,
	EVENT_LEVEL_PEER,
	EVENT_LEVEL_RECORD,
	EVENT_LEVEL_USAGE,
	EVENT_LEVELS,
};

/* Where a member goes: a field, a fact behind the fields, or the object of a level. Of several members that go to one
 * place the first one that is there counts. */
struct event_member {
	struct view key;
	int to;
};

#define EVENT_TO_FACT(fact) (EVENT_FIELD_COUNT + (int)(fact))
#define EVENT_TO_LEVEL(level) (-1 - (int)(level))
#define EVENT_TO_NOTHING (EVENT_FIELD_COUNT + (int)FACT_COUNT) /* known, and not looked at */

struct event_members {
	const struct event_member *members;
	size_t count;
	bool has_target; /* a member whose name ends in _id, and that is not in the table, tells what it is about */
};
extern const struct event_members event_members[EVENT_LEVELS];

/* --- what a type stands for (event_kind.c) --- */

struct event_kind {
	enum event_class class;
	enum event_severity severity;
	/* The sentence: {name} is replaced; [a part] is left out unless all its names are known. */
	const char *sentence;
};

/* Of the event's origin, type, fields and facts. */
struct event_kind event_kind_of(const struct event *event, const struct event_facts *facts);

/* --- sentences (event_text.c) --- */

/* What the next two may need of buf beyond what is in it. */
#define EVENT_SENTENCE_ROOM (4 * (size_t)EVENT_MESSAGE_BYTES)
#define EVENT_UPDATES_ROOM ((size_t)EVENT_MESSAGE_BYTES)

/* Appends the sentence, clean and masked, at most EVENT_MESSAGE_BYTES. 0 or -1. */
[[nodiscard]] int event_add_sentence(struct buf *buf, const struct event *event, const struct event_facts *facts,
				     const char *sentence);

/* Appends what an array of updates says: "status: active -> inactive, name: a -> b". 0 or -1. */
[[nodiscard]] int event_add_updates(struct buf *buf, struct view updates);

#endif
