/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/policy_models.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/glob.h"
#include "common/base/text.h"
#include "common/policy/policy_read.h"

struct checking {
	const struct policy *policy;
	const struct policy_known *known;
	const struct policy_teller *teller;
	const char **names; /* of all models */
	size_t count;
};

static bool is_pattern(const char *text)
{
	return strpbrk(text, "*?[\\") != NULL;
}

static bool is_known(const struct checking *c, const char *text)
{
	for (size_t i = 0; i < c->count; i++)
		if (text_eq(view_of(text), view_of(c->names[i])) || glob_match(view_of(text), view_of(c->names[i]), 0))
			return true;
	return false;
}

/* Appends "policy.yaml:4:12: ", where that is known. */
static int add_place(const struct policy *policy, const char *text, struct buf *buf)
{
	unsigned line, column;

	if (!policy_place(policy, text, &line, &column))
		return 0;
	return buf_addf(buf, "%s:%u:%u: ", policy->path, line, column);
}

static int tell(const struct checking *c, const char *section, const char *text, struct err *err)
{
	DEFER(buf_done) struct buf place = BUF_INIT(CONFIG_PATH_BYTES), why = BUF_INIT(ERR_TEXT_BYTES);
	const char *nearest = is_pattern(text) ? NULL : text_nearest(view_of(text), c->names, c->count);

	if (add_place(c->policy, text, &place) ||
	    (c->known->unlisted && buf_addf(&why, " (the provider's list was not read: %s)", c->known->unlisted)))
		return err_nomem(err);
	if (is_pattern(text))
		return policy_tell(c->teller, section, "unmatched-pattern", true, err,
				   "%sno model that is known matches the pattern '%s'%s", place.ptr ? place.ptr : "",
				   text, why.ptr ? why.ptr : "");
	return policy_tell(c->teller, section, "unknown-model", c->known->unlisted != NULL, err,
			   "%sno model that is known is called '%s'%s%s%s%s", place.ptr ? place.ptr : "", text,
			   nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "",
			   why.ptr ? why.ptr : "");
}

static int check_all(const struct checking *c, struct err *err)
{
	const struct policy *policy = c->policy;

	for (size_t i = 0; i < policy->model_count; i++) {
		const struct policy_models *models = &policy->models[i];
		const char *section = models->workspace ? "models.workspaces" : "models.default";

		if (i && models->allow.items == policy->models[0].allow.items)
			continue; /* the default's */
		for (size_t k = 0; k < models->allow.count; k++)
			if (!is_known(c, models->allow.items[k]) && tell(c, section, models->allow.items[k], err))
				return -1;
	}
	return 0;
}

int policy_check_models(const struct policy *policy, const struct policy_known *known,
			const struct policy_teller *teller, struct err *err)
{
	const size_t own = models_name_count(known->models);
	DEFER(freep) const char **names = calloc(own + known->listed_count + 1, sizeof(*names));
	struct checking c = { policy, known, teller, names, own + known->listed_count };

	if (!names)
		return err_nomem(err);
	for (size_t i = 0; i < own; i++)
		names[i] = models_name(known->models, i);
	for (size_t i = 0; i < known->listed_count; i++)
		names[own + i] = known->listed[i];
	return check_all(&c, err);
}
