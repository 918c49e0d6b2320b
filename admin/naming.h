/* SPDX-License-Identifier: Apache-2.0 */
/* What ids stand for: names of workspaces, keys and people, and what the names of keys tell by the policy. */
#ifndef ADMIN_NAMING_H
#define ADMIN_NAMING_H

#include "admin/facet.h"
#include "admin/session.h"
#include "common/base/intern.h"
#include "common/govern/directory.h"
#include "common/policy/policy_read.h"

struct naming {
	struct directory *directory;        /* NULL: nothing was asked for */
	const struct organization *org;     /* empty then */
	const struct policy *policy;        /* the session's, or policy_standard */
	struct intern told_ids, told_names; /* of workspaces, as rows told them: naming_tell_workspace */
	uint32_t *told;
	size_t told_cap;
	const struct org_key *last_key; /* whose name has been taken apart */
	struct keyname_parts last_parts;
};

/* Reads what facets need: lists of the API's (where the dialect has them), the policy for names and departments, and
 * when it wants_policy. naming_done is due in any case. 0, or -1 with err. */
[[nodiscard]] int naming_open(struct naming *naming, struct session *s, unsigned facets, bool wants_policy,
			      struct err *err);
void naming_done(struct naming *naming);

/* Names, empty when nobody knows them. The workspace with an empty id is "Default". */
struct view naming_workspace(const struct naming *naming, struct view id);
struct view naming_key(const struct naming *naming, struct view id);
struct view naming_user(const struct naming *naming, struct view id); /* the address */

/* What the name of a key tells; all empty when it is not as the policy wants it. */
const struct keyname_parts *naming_parts(struct naming *naming, struct view key_id);

/* The department of a workspace; empty: it is in none. */
struct view naming_department(const struct naming *naming, struct view workspace_id);

/* Notes a name that came with a row (cca has no list of workspaces). 0, or -1 with ERR_NOMEM. */
[[nodiscard]] int naming_tell_workspace(struct naming *naming, struct view id, struct view name, struct err *err);

#endif
