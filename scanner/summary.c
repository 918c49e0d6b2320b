/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/summary.h"

uint64_t summary_findings(const struct summary *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i <= SEVERITY_CRITICAL; i++)
		n += s->findings[i];
	return n;
}
