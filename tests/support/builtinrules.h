/* SPDX-License-Identifier: Apache-2.0 */
/* For tests and fuzzers that need the built-in rules and change none. */
#ifndef TESTS_SUPPORT_BUILTINRULES_H
#define TESTS_SUPPORT_BUILTINRULES_H

#include <stdlib.h>

#include "scanner/match/ruleset.h"

/* Made at the first call, kept until the program ends. */
static inline struct ruleset *builtin_rules(void)
{
	static struct ruleset *set;

	if (!set) {
		set = ruleset_new();
		if (!set || ruleset_add(set, rules_builtin, rules_builtin_count, NULL))
			abort();
	}
	return set;
}

#endif
