/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of `skantctl report` are made from, and their parts. */
#ifndef ADMIN_REPORT_H
#define ADMIN_REPORT_H

#include "admin/report_sums.h"
#include "admin/session.h"
#include "common/govern/directory.h"
#include "common/html/html.h"
#include "common/html/page.h"
#include "common/policy/keyaudit.h"

enum report_part { REPORT_KEYS = 1 << 0, REPORT_USAGE = 1 << 1, REPORT_ACCESS = 1 << 2 };

struct report {
	struct session *s;
	unsigned parts;
	int64_t now_s, from_s, to_s; /* what usage is told of: [from_s, to_s), whole days */
	int64_t used_from_s;         /* since when a key that was not used is unused; INT64_MAX: nobody is asked */
	const struct policy *policy;
	struct directory *directory;
	const struct organization *org;
	bool has_keys, has_usage; /* were read */
	struct sums sums;
	/* The same with all of the first month, for what months are compared with: &sums, or &earlier when there are
	 * budgets and from_s is no first day of a month. */
	const struct sums *whole;
	struct sums earlier;
};

/* Sections in the order of the page; each writes what stands in it. The ids are those of the page's links. */
extern const struct html_section report_keys_sections[], report_usage_sections[], report_access_sections[];
extern const size_t report_keys_count, report_usage_count, report_access_count;

[[nodiscard]] int report_keys_write(struct html *h, const struct report *r, struct err *err);
[[nodiscard]] int report_usage_write(struct html *h, const struct report *r, struct err *err);
[[nodiscard]] int report_access_write(struct html *h, const struct report *r, struct err *err);

/* What all of them share: a tile with a whole number, and the date of a moment as a cell's text ("" of 0). */
void report_tile(struct html *h, const char *label, uint64_t number, const char *level);
[[nodiscard]] int report_add_date(struct buf *buf, int64_t unix_s);

#endif
