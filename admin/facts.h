/* SPDX-License-Identifier: Apache-2.0 */
/* What a row of a report is about, in the words that it can be grouped and chosen by. */
#ifndef ADMIN_FACTS_H
#define ADMIN_FACTS_H

#include "admin/naming.h"

#define FACTS_DAY_BYTES 10  /* 2026-11-24 */
#define FACTS_MONTH_BYTES 7 /* 2026-11 */

/* What a command's rows can be grouped by (FACET() of each), in each dialect. */
struct facts_words {
	const char *what, *what_cca; /* is told, for messages */
	const char *standard;        /* --group-by when it is not given */
	unsigned platform, cca;
};

/* Reads --group-by; *ret_set gets that and what options choose by, which the dialect has to tell as well. 0, or -1 with
 * ERR_USAGE. */
[[nodiscard]] int facts_read_words(const struct session *s, const struct facts_words *words, struct facets *facets,
				   unsigned *ret_set, struct err *err);

/* Makes the facts of rows, one after the other. */
struct facts_maker {
	const struct options *o;
	struct naming *naming;
	unsigned set; /* what is grouped and chosen by */
	struct facts facts;
	int64_t day;
	char day_text[FACTS_DAY_BYTES + 1];
};

/* set: what is grouped by; what options choose by is added. */
void facts_init(struct facts_maker *maker, const struct options *o, struct naming *naming, unsigned set);

/* What options choose by. */
unsigned facts_chosen(const struct options *o);
/* Whether the values of an option choose what has this id and name; none choose everything. */
bool facts_choose(const struct texts *texts, struct view id, struct view name);

/* Whether what options choose by is there: names of workspaces, keys and teams that nobody has would look like no use
 * and no cost. Ids are not judged: what is gone was used. After naming_open with what facts_chosen tells; the dialect
 * cca has no such lists. 0, or -1 with ERR_USAGE. */
[[nodiscard]] int facts_check_chosen(const struct session *s, const struct naming *naming, struct err *err);
/* That no workspace, or key, has this id or name; the nearest name is told. -1 with ERR_USAGE. */
int facts_refuse_workspace(const struct organization *org, const char *given, struct err *err);
int facts_refuse_key(const struct organization *org, const char *given, struct err *err);
/* The same of workspaces alone, where ids are judged, too: what is there now is asked for. */
[[nodiscard]] int facts_check_places(const struct organization *org, const struct texts *places, struct err *err);

/* Each sets what follows from it. An api_key without ptr: none is known; an empty one: the Console. day: since 1970. */
void facts_set_workspace(struct facts_maker *maker, struct view id);
void facts_set_key(struct facts_maker *maker, struct view api_key);
[[nodiscard]] int facts_set_day(struct facts_maker *maker, int64_t day, struct err *err);
static inline void facts_set(struct facts_maker *maker, enum facet facet, struct view value)
{
	maker->facts.values[facet] = value;
}

/* Whether the row is one of those that options choose. */
bool facts_are_chosen(struct facts_maker *maker);

#endif
