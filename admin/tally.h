/* SPDX-License-Identifier: Apache-2.0 */
/* Sums by groups. */
#ifndef ADMIN_TALLY_H
#define ADMIN_TALLY_H

#include "admin/facet.h"
#include "common/base/decimal.h"
#include "common/base/intern.h"

#define TALLY_COUNTS 12

struct tally_row {
	uint32_t dims[FACETS_MAX]; /* numbers of texts */
	struct decimal amount;     /* money, or what rows are sorted by */
	uint64_t counts[TALLY_COUNTS];
};

struct tally {
	struct facets facets;
	struct intern texts;
	struct tally_row *rows;
	size_t count, cap;
	struct hashindex index;
	struct tally_row total; /* dims are of no meaning */
};

void tally_init(struct tally *tally, const struct facets *facets);
void tally_done(struct tally *tally);

/* Adds to the row of these facts; counts (TALLY_COUNTS) may be NULL. 0, or -1 with ERR_NOMEM or ERR_LIMIT (more than
 * TALLY_ROWS_MAX rows, or a sum that cannot be counted). */
[[nodiscard]] int tally_add(struct tally *tally, const struct facts *facts, struct decimal amount,
			    const uint64_t *counts, struct err *err);

/* The text of a row's i-th dimension. */
struct view tally_text(const struct tally *tally, const struct tally_row *row, size_t i);

/* The row that differs from row in the one dimension only, where it has value; NULL: there is none. */
const struct tally_row *tally_neighbour(const struct tally *tally, const struct tally_row *row, size_t dimension,
					struct view value);

/* Pointers to the rows, the caller's to free: by dimensions of time, rising, then by amount, falling, then by texts.
 * 0, or -1 with ERR_NOMEM. */
[[nodiscard]] int tally_sorted(const struct tally *tally, const struct tally_row ***ret, struct err *err);

/* part / whole in per cent, rounded half away from zero to two digits. false when whole is 0. */
bool tally_percent(struct decimal part, struct decimal whole, struct decimal *ret);

#endif
