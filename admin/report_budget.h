/* SPDX-License-Identifier: Apache-2.0 */
/* The budgets of a report: what each period has used, where it leads, and months with budgets as lines across. */
#ifndef ADMIN_REPORT_BUDGET_H
#define ADMIN_REPORT_BUDGET_H

#include "admin/report.h"

/* Writes the chart of all cost by month, charts of what has a monthly budget, and the table of all budgets. 0, or -1
 * without memory (or with sums of more than 38 digits). */
[[nodiscard]] int report_budgets(struct html *h, const struct report *r);

/* Inside of it: */

/* What counts for the budget in each month of r->whole. 0 or -1. */
[[nodiscard]] int report_budget_months(const struct report *r, const struct policy_budget *budget,
				       struct decimal *ret_months);
/* What it has used in its period (a month, a day) that the last day told is in. 0 or -1. */
[[nodiscard]] int report_budget_used(const struct report *r, const struct policy_budget *budget, struct decimal *ret);

/* --- report_budget_chart.c --- */
[[nodiscard]] int report_budget_charts(struct html *h, const struct report *r);

#endif
