/* SPDX-License-Identifier: Apache-2.0 */
/* What usage records come to, by groups. Tallies of parts of the input can be joined; the outcome is the same whichever
 * part a record was in, as all sums are exact. */
#ifndef ADMIN_ESTIMATE_TALLY_H
#define ADMIN_ESTIMATE_TALLY_H

#include "admin/usage_record.h"
#include "common/base/intern.h"

enum estimate_part { /* what records are grouped by; the first ones are texts, as enum usage_text */
		     ESTIMATE_MODEL,
		     ESTIMATE_TEAM,
		     ESTIMATE_FEATURE,
		     ESTIMATE_STOP_REASON,
		     ESTIMATE_KEY,
		     ESTIMATE_DAY,
		     ESTIMATE_MONTH,
		     ESTIMATE_PARTS,
};
#define ESTIMATE_PART_WORDS "team, feature, model, day, month, stop_reason, key"
extern const char *const estimate_part_names[ESTIMATE_PARTS];

struct estimate_query {
	const struct prices *prices;
	unsigned parts;       /* set of 1 << estimate_part */
	int64_t from_s, to_s; /* of the records that count; to_s is exclusive */
};

struct estimate_sums {
	uint64_t records, unpriced; /* unpriced: of the records, those that the list has no price for */
	decimal_units tokens[PRICE_KINDS];
	decimal_units units; /* 10^-PRICE_SCALE USD, of those with a price */
};

struct estimate_group {
	int32_t key[ESTIMATE_PARTS]; /* numbers of texts; days since 1970; months since the year 0 */
	struct estimate_sums sums;
};

struct estimate_model;

struct estimate_tally {
	const struct estimate_query *query;
	struct intern names;
	struct estimate_group *groups;
	size_t count, cap;
	struct hashindex index;        /* of the groups */
	struct estimate_model *models; /* by the number of the name; what is known of each */
	size_t model_count;
	int64_t month_day; /* the day that the month is known of */
	int32_t month;
	bool has_month;
};

void estimate_tally_init(struct estimate_tally *tally, const struct estimate_query *query);
void estimate_tally_done(struct estimate_tally *tally);

/* 0, or -1 with ERR_NOMEM or ERR_LIMIT. */
[[nodiscard]] int estimate_tally_add(struct estimate_tally *tally, const struct usage_record *record, struct err *err);
[[nodiscard]] int estimate_tally_join(struct estimate_tally *into, const struct estimate_tally *from, struct err *err);

void estimate_sums_add(struct estimate_sums *into, const struct estimate_sums *sums);

/* The text of a number in a group's key; 0 is the empty text, and names are 1 to names.count. */
struct view estimate_tally_name(const struct estimate_tally *tally, uint32_t number);

/* How many records of the model with that number had no price. */
uint64_t estimate_tally_unpriced(const struct estimate_tally *tally, uint32_t model);

#endif
