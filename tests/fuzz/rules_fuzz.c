/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a rule file: all of its rules or an error. The examples of what was taken are run. */
#include <stdlib.h>

#include "scanner/match/examples.h"
#include "scanner/match/ruleset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DEFER(ruleset_freep) struct ruleset *set = ruleset_new();
	struct err err = ERR_INIT;
	int failed = ruleset_parse(set, view_from(data, size), "f", &err);

	if ((failed != 0) != (err.kind != ERR_NONE) || (failed && ruleset_count(set)))
		abort();
	for (size_t i = 0; i < ruleset_count(set); i++) {
		err = (struct err)ERR_INIT;
		failed = examples_check(ruleset_at(set, i), &err);
		if ((failed != 0) != (err.kind != ERR_NONE))
			abort();
	}
	return 0;
}
