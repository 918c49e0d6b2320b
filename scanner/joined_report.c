/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/joined_report.h"

#include "scanner/outlet.h"

static void count_verdicts(struct outlet *o, const struct records *r)
{
	for (const struct record *i = r->first; i; i = i->next)
		if (i->finding.status == STATUS_NEW && i->finding.verdict.state != VERIFIED_NOT)
			o->summary.verified[i->finding.verdict.state]++;
}

int joined_report(struct joined *j, const struct joined_report *q, struct summary *s, int *ret_worst)
{
	struct records *r = joined_take(j);
	struct outlet outlet;

	if (!r)
		return -1;
	outlet_init(&outlet, &(const struct outlet_options){ .reports = q->reports,
							     .report_count = q->report_count,
							     .suppress = q->suppress,
							     .min_confidence = CONFIDENCE_LOW,
							     .verbose = q->verbose,
							     .is_told = q->is_told });
	count_verdicts(&outlet, r);
	(void)outlet_take(&outlet, r); /* reports_close tells why */
	for (size_t i = 0; i <= SEVERITY_CRITICAL; i++)
		s->findings[i] = outlet.summary.findings[i];
	for (size_t i = 0; i < VERIFIED_COUNT; i++)
		s->verified[i] = outlet.summary.verified[i];
	*ret_worst = outlet.worst;
	outlet_done(&outlet);
	return 0;
}
