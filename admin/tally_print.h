/* SPDX-License-Identifier: Apache-2.0 */
/* Prints sums by groups: in a table money and numbers as people read them, and a row of the totals; elsewhere exact. */
#ifndef ADMIN_TALLY_PRINT_H
#define ADMIN_TALLY_PRINT_H

#include "admin/naming.h"
#include "admin/tally.h"
#include "common/sys/jsonw.h"

struct tally_printing {
	const struct session *s;
	const struct tally *tally;
	struct naming *naming;
	/* What stands behind the groups: columns, and what writes these members of a row; is_total: of all of them. */
	const struct column *columns;
	size_t column_count;
	void (*write)(void *context, struct jsonw *w, const struct tally_row *row, bool is_total);
	void *context;
	bool has_names_only; /* users are addresses, keys are names: there are no ids */
};

[[nodiscard]] int tally_print(const struct tally_printing *printing, struct err *err);

/* Members for tally_printing's write. */
void tally_write_money(const struct session *s, struct jsonw *w, const char *key, struct decimal amount);
void tally_write_count(const struct session *s, struct jsonw *w, const char *key, uint64_t count);
void tally_write_number(const struct session *s, struct jsonw *w, const char *key, struct decimal number); /* whole */
/* part of whole in per cent; null when whole is 0. */
void tally_write_percent(const struct session *s, struct jsonw *w, const char *key, struct decimal part,
			 struct decimal whole);

#endif
