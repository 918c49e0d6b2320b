/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of many reports, each once: the same secret at the same place of the same commit is one. Of findings in many
 * repositories (their origin names one) the same secret is one, wherever it stands: the others' paths become also_at,
 * and occurrences counts them. What comes of it does not depend on the order in which they come, or on what was joined
 * before. */
#ifndef SCANNER_JOINED_H
#define SCANNER_JOINED_H

#include "scanner/record.h"
#include "scanner/textset.h"

struct joined_entry {
	struct record *record;      /* owned */
	struct inventory_key *keys; /* of its finding, with their texts behind them; owned; NULL = none */
	struct textset places;      /* of one in many repositories: all its paths, up to JOINED_PLACES_MAX */
	uint64_t occurrences;
	char *also_at; /* of the record, once it was moved out; owned */
};

struct joined { /* all zero is empty */
	struct joined_entry *entries;
	size_t count, cap;
	size_t *slots; /* by hash, index + 1; 0 = free */
	size_t slot_count;
	uint64_t doubles; /* that were taken for one */
};

/* Takes a copy of f unless there is one like it; what is new, or more is known of, takes the place of what is not. 0,
 * or -1 when there is no memory. */
[[nodiscard]] int joined_add(struct joined *j, const struct finding *f);

/* Moves all of them out, by path and place, whatever the order they came in. NULL when there is no memory. Keys of an
 * inventory and lists of places stay j's. */
struct records *joined_take(struct joined *j);
void joined_done(struct joined *j);

#endif
