/* SPDX-License-Identifier: Apache-2.0 */
/* What usage and cost can be grouped by. */
#ifndef ADMIN_FACET_H
#define ADMIN_FACET_H

#include "admin/options.h"

enum facet {
	FACET_TIME, /* of --bucket */
	FACET_MONTH,
	FACET_DAY,
	FACET_WORKSPACE,
	FACET_DEPARTMENT,
	FACET_TEAM,
	FACET_ENVIRONMENT,
	FACET_PURPOSE,
	FACET_KEY,
	FACET_USER,
	FACET_ACCOUNT,
	FACET_SERVICE_ACCOUNT,
	FACET_PROJECT,
	FACET_MODEL,
	FACET_KIND,
	FACET_TIER,
	FACET_WINDOW,
	FACET_GEO,
	FACET_TERMINAL,
	FACETS,
};

#define FACET(facet) (1u << (facet))
/* What the name of a key tells. */
#define FACETS_OF_NAMES (FACET(FACET_TEAM) | FACET(FACET_ENVIRONMENT) | FACET(FACET_PURPOSE))
#define FACETS_OF_KEYS (FACETS_OF_NAMES | FACET(FACET_KEY))
#define FACETS_OF_TIME (FACET(FACET_TIME) | FACET(FACET_MONTH) | FACET(FACET_DAY))

#define FACETS_MAX 6 /* that one command groups by */

extern const char *const facet_words[FACETS]; /* as --group-by takes them */

struct facets {
	enum facet items[FACETS_MAX];
	size_t count;
	unsigned set; /* FACET() of each */
};

/* Reads --group-by, which takes words of allowed (a set), or "total" (no groups); standard counts when it is not given.
 * Those of time come first. what is told, for messages: "cost in the dialect cca". 0, or -1 with ERR_USAGE. */
[[nodiscard]] int facets_read(const struct texts *group_by, const char *standard, unsigned allowed, const char *what,
			      struct facets *ret, struct err *err);
/* Adds one that is not there, in the first place. 0, or -1 with ERR_USAGE when there are too many. */
[[nodiscard]] int facets_add_first(struct facets *facets, enum facet facet, struct err *err);

/* The values of one row; empty: none, or (workspace) the default one. Views of what they were made of. */
struct facts {
	struct view values[FACETS];
};

/* FACET_KEY of what was used in the Console. */
#define FACT_CONSOLE "Console"

#endif
