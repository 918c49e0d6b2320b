/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a rule file: all of its rules or an error. */
#include <stdlib.h>

#include "scanner/match/ruleset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DEFER(ruleset_freep) struct ruleset *set = ruleset_new();
	struct err err = ERR_INIT;
	int failed = ruleset_parse(set, view_from(data, size), "f", &err);

	if ((failed != 0) != (err.kind != ERR_NONE) || (failed && ruleset_count(set)))
		abort();
	return 0;
}
