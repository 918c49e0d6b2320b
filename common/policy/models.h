/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's models: rules/models.yaml, built in. Which are aliases of which, when each retires; and whether the
 * policy allows one. */
#ifndef COMMON_POLICY_MODELS_H
#define COMMON_POLICY_MODELS_H

#include "common/base/err.h"
#include "common/policy/policy.h"

struct models;

enum model_state { MODEL_ACTIVE, MODEL_DEPRECATED, MODEL_RETIRED, MODEL_STATES };
extern const char *const model_state_names[MODEL_STATES]; /* "active", "deprecated", "retired" */

struct model {
	const char *id;         /* dated, or dateless and pinned all the same (from 4.6 on) */
	enum model_state state; /* on the day asked for */
	int64_t retires_day;    /* since 1970-01-01; INT64_MAX: no day is known */
	bool is_earliest;       /* "not before": the day may yet be put off */
	bool is_alias;          /* it was asked for by a name that may move to another model */
};

/* The built-in list, or one of the same form (rules/README.md has the grammar). NULL with err (`file:line:column: what,
 * and what was expected`). */
struct models *models_builtin(struct err *err);
struct models *models_parse(struct view text, const char *name, struct err *err);
void models_free(struct models *models);
void models_freep(struct models **models);

/* false: nobody knows it. */
bool models_find(const struct models *models, struct view name, int64_t today, struct model *ret);

/* The ids of all, 0 to models_count() - 1, in the order of the list. */
size_t models_count(const struct models *models);
const char *models_id(const struct models *models, size_t i);

/* Ids and aliases, in the order of text_cmp. */
size_t models_name_count(const struct models *models);
const char *models_name(const struct models *models, size_t i);

enum model_violation {
	MODEL_NOT_ALLOWED = 1 << 0,
	MODEL_NOT_PINNED = 1 << 1,
	MODEL_RETIRES = 1 << 2, /* within warn_days, or has retired, or is deprecated */
	MODEL_UNKNOWN = 1 << 3, /* not in the list; judged by its name all the same */
};
#define MODEL_VIOLATIONS 4
extern const char *const model_violation_codes[MODEL_VIOLATIONS]; /* of bit i: "not-allowed", "not-pinned", ... */

/* The set of what is wrong with a workspace's use of a model. All names of one model are allowed when one of them is;
 * a day that is only the earliest one (is_earliest) counts for MODEL_RETIRES as any other. */
unsigned models_check(const struct models *models, const struct policy_models *policy, struct view name, int64_t today,
		      unsigned warn_days);

#endif
