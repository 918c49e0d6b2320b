/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of prices and models: the ids and aliases of a list, each there once, found by name. */
#ifndef COMMON_POLICY_NAMELIST_H
#define COMMON_POLICY_NAMELIST_H

#include "common/sys/conf.h"

struct namelist_entry {
	const char *name; /* the document's */
	const struct conf_node *node;
	size_t owner; /* the model that it names */
	bool is_alias;
};

struct namelist { /* all zero is an empty one */
	struct namelist_entry *entries;
	size_t count, cap;
};

/* Reads `id` and the list `aliases` of one model's mapping. 0 or -1; *ret_id is the id. */
[[nodiscard]] int namelist_read(struct namelist *list, const struct conf_node *model, size_t owner, const char **ret_id,
				struct err *err);
/* Once all are there: makes them findable. -1: two are the same; err names the second. */
[[nodiscard]] int namelist_sort(struct namelist *list, struct err *err);
/* NULL: nothing has that name. */
const struct namelist_entry *namelist_find(const struct namelist *list, struct view name);
void namelist_done(struct namelist *list);

/* Checks the root of such a document: a mapping whose keys are among known, with `version: 1` and the list `models`,
 * which is neither empty nor longer than MODELS_MAX. 0 or -1. */
[[nodiscard]] int namelist_root(const struct conf *conf, const char *const *known, size_t count,
				const struct conf_node **ret_models, struct err *err);

#endif
