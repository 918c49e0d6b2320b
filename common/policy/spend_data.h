/* SPDX-License-Identifier: Apache-2.0 */
/* What a struct spend holds. Only for common/policy/spend*.c.
 *
 * Rows are small and many: texts are numbers, and what belongs to a group is a chain of indices. */
#ifndef COMMON_POLICY_SPEND_DATA_H
#define COMMON_POLICY_SPEND_DATA_H

#include "common/base/intern.h"
#include "common/policy/spend.h"

#define SPEND_NONE UINT32_MAX /* the end of a chain; no key is known */

enum spend_text { SPEND_WORKSPACE, SPEND_MODEL, SPEND_TIER, SPEND_WINDOW, SPEND_GEO, SPEND_TEXTS };

struct spend_group {
	int32_t day;
	uint32_t texts[SPEND_TEXTS];
	uint32_t usage, bills; /* the first ones */
};

struct spend_usage {
	uint64_t counts[SPEND_KINDS];
	uint32_t group, api_key, next;
};

/* units in parts, as a decimal_units would want to be aligned. */
struct spend_amount {
	uint32_t units[sizeof(decimal_units) / sizeof(uint32_t)];
};

struct spend_bill {
	struct spend_amount amount;
	uint32_t next;
	uint8_t kind, scale;
};

/* A share while its day and workspace are looked at. */
struct spend_part {
	uint32_t group, api_key;
	uint8_t kind, scale;
	struct spend_amount amount;
	uint64_t weight, count;
};

/* Usage rows of the day and workspace that is looked at; told: a bit for each kind that came with a share. */
struct spend_seen {
	uint32_t usage;
	uint8_t told;
};

struct spend_scratch {
	struct spend_part *parts;
	size_t part_count, part_cap;
	struct spend_seen *seen;
	size_t seen_count, seen_cap;
};

struct spend {
	struct intern texts;
	struct spend_group *groups;
	size_t group_count, group_cap;
	struct hashindex group_index;
	struct spend_usage *usage;
	size_t usage_count, usage_cap;
	struct hashindex usage_index;
	struct spend_bill *bills;
	size_t bill_count, bill_cap;
	/* Once settled: */
	uint32_t *ranks;               /* of texts */
	uint32_t *order;               /* of groups, by day, workspace and the rest */
	struct spend_scratch *scratch; /* has room for every day and workspace */
};

static inline struct decimal spend_get(const struct spend_amount *amount, unsigned scale)
{
	struct decimal ret = { .scale = scale };

	__builtin_memcpy(&ret.units, amount, sizeof(ret.units));
	return ret;
}

static inline void spend_put(struct spend_amount *amount, uint8_t *scale, struct decimal value)
{
	__builtin_memcpy(amount, &value.units, sizeof(value.units));
	*scale = (uint8_t)value.scale;
}

/* Fills the scratch with the shares of one day and workspace: those of the groups order[from] to order[to - 1]. 0, or
 * -1 with err: ERR_NOMEM, ERR_LIMIT. */
[[nodiscard]] int spend_make(const struct spend *spend, size_t from, size_t to, struct err *err);

#endif
