/* SPDX-License-Identifier: Apache-2.0 */
/* The budgets of a report: what each period has used, where it leads, and months with budgets as lines across. */
#ifndef ADMIN_REPORT_BUDGET_H
#define ADMIN_REPORT_BUDGET_H

#include "admin/report.h"

/* Writes the chart of all cost by month, charts of what has a monthly budget, and the table of all budgets. 0, or -1
 * without memory. */
[[nodiscard]] int report_budgets(struct html *h, const struct report *r);

#endif
