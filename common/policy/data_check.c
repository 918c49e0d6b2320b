/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/data_check.h"

#include "common/base/text.h"

#define ANY_REGION VIEW("unrestricted")
#define GEOS "data.allowed_inference_geos"

struct checking {
	const struct policy *policy;
	const struct policy_teller *teller;
	const char *unasked; /* why the organisation was not asked; NULL: it was */
	const char *allowed; /* the policy's regions, with commas */
};

static bool is_allowed(const struct checking *c, struct view region)
{
	const struct keyname_list *geos = &c->policy->data.inference_geos;

	for (size_t i = 0; i < geos->count; i++)
		if (text_eq(view_of(geos->items[i]), region))
			return true;
	return false;
}

static int check_regions(const struct checking *c, const struct org_workspace *w, struct err *err)
{
	struct view rest = view_of(w->allowed_inference_geos);

	if (text_eq(rest, ANY_REGION))
		return policy_tell(c->teller, GEOS, "region", false, err,
				   "the workspace '%s' may use any region, where the policy allows %s", w->name,
				   c->allowed);
	while (rest.len) {
		size_t comma = text_find_byte(rest, ',');
		struct view one = text_trim(view_from(rest.ptr, comma == SIZE_MAX ? rest.len : comma));

		rest = comma == SIZE_MAX ? VIEW_NONE : view_from(rest.ptr + comma + 1, rest.len - comma - 1);
		if (one.len && !is_allowed(c, one) &&
		    policy_tell(c->teller, GEOS, "region", false, err,
				"the workspace '%s' may use the region '%.*s', where the policy allows %s", w->name,
				(int)one.len, one.ptr, c->allowed))
			return -1;
	}
	return 0;
}

static int check_workspace(const struct checking *c, const struct org_workspace *w, struct err *err)
{
	const struct view standard = view_of(w->default_inference_geo);

	if (!*w->allowed_inference_geos && !standard.len)
		return policy_tell(c->teller, GEOS, "not-shown", true, err,
				   "the API does not show the regions of the workspace '%s'", w->name);
	if (check_regions(c, w, err))
		return -1;
	if (standard.len && !is_allowed(c, standard))
		return policy_tell(c->teller, GEOS, "default-region", false, err,
				   "requests of the workspace '%s' go to '%s' unless they say otherwise, where the "
				   "policy allows %s",
				   w->name, w->default_inference_geo, c->allowed);
	return 0;
}

static int check_geos(struct checking *c, const struct organization *org, struct err *err)
{
	const struct keyname_list *geos = &c->policy->data.inference_geos;
	DEFER(buf_done) struct buf allowed = BUF_INIT(16 * ERR_TEXT_BYTES);

	if (!geos->count)
		return 0;
	if (!org)
		return policy_tell(c->teller, GEOS, "not-checked", true, err,
				   "the regions of workspaces were not compared with the policy: %s", c->unasked);
	for (size_t i = 0; i < geos->count; i++)
		if (buf_addf(&allowed, "%s%s", i ? ", " : "", geos->items[i]))
			return err_nomem(err);
	c->allowed = allowed.ptr;
	for (size_t i = 0; i < org->workspace_count; i++)
		if (!org->workspaces[i].archived_at_s && check_workspace(c, &org->workspaces[i], err))
			return -1;
	return policy_tell(c->teller, GEOS, "not-shown", true, err,
			   "the default workspace is in no list of the API: its regions cannot be checked");
}

/* --- the audit feed of regulated departments --- */

bool data_needs_recording(const struct policy *policy)
{
	for (size_t i = 0; i < policy->department_count; i++)
		if (policy->departments[i].regulated)
			return true;
	return false;
}

static int check_recording(const struct checking *c, enum data_recording recording, struct err *err)
{
	if (c->unasked && data_needs_recording(c->policy))
		return policy_tell(c->teller, "departments", "not-checked", true, err,
				   "whether the Compliance API is on, without which the regulated departments have no "
				   "audit feed, was not asked: %s",
				   c->unasked);
	if (recording == DATA_RECORDING_UNKNOWN && data_needs_recording(c->policy))
		return policy_tell(c->teller, "departments", "not-shown", true, err,
				   "the API does not say whether the Compliance API is on, without which the regulated "
				   "departments have no audit feed");
	if (recording != DATA_RECORDING_OFF)
		return 0;
	for (size_t i = 0; i < c->policy->department_count; i++)
		if (c->policy->departments[i].regulated &&
		    policy_tell(c->teller, "departments", "audit-off", false, err,
				"the department '%s' is regulated, and the Compliance API is off: nothing is recorded",
				c->policy->departments[i].name))
			return -1;
	return 0;
}

/* --- what the API shows nowhere --- */

static int tell_unseen(const struct checking *c, struct err *err)
{
	const struct policy_data *data = &c->policy->data;

	if ((data->retention_s || data->retention_regulated_s) &&
	    policy_tell(c->teller, "data.retention", "not-shown", true, err,
			"the API does not show how long the provider keeps data: ask it in the Console"))
		return -1;
	if (!data->is_given)
		return 0;
	return policy_tell(c->teller, "data.include_content", "not-shown", true, err,
			   "the API does not show whether content is recorded: skantd's feeds say it of themselves "
			   "(content_on)");
}

int data_check(const struct policy *policy, const struct organization *org, const struct data_facts *facts,
	       const struct policy_teller *teller, struct err *err)
{
	struct checking c = { .policy = policy, .teller = teller, .unasked = facts->unasked };

	return check_recording(&c, facts->recording, err) || check_geos(&c, facts->unasked ? NULL : org, err) ||
			       tell_unseen(&c, err)
		       ? -1
		       : 0;
}
