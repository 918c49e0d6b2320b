/* SPDX-License-Identifier: Apache-2.0 */
/* An organisation as the API lists it: people, invitations, workspaces, who is in them, keys. Plain data for checks and
 * reports (common/govern/directory.h reads it). Texts are never NULL ("" = not told); times are seconds since 1970, 0 =
 * not told. Lists are sorted by id. */
#ifndef COMMON_POLICY_ORGANIZATION_H
#define COMMON_POLICY_ORGANIZATION_H

#include "common/base/buf.h"

#define ORG_DEFAULT_WORKSPACE "Default" /* its name: the API gives none, and no id in most replies */
#define ORG_WORKSPACE_ID "wrkspc_"      /* what ids of workspaces begin with */
#define ORG_KEY_PLACE_UNSURE "Default or organisation-wide" /* ORG_KEY_PLACE_UNKNOWN in words */
#define ORG_KEY_ID "apikey_"                                /* those of keys */

struct org_user {
	const char *id, *email, *name, *role;
	int64_t added_at_s;
};

struct org_invite {
	const char *id, *email, *role, *status;
	int64_t invited_at_s, expires_at_s;
};

struct org_workspace {
	const char *id, *name;
	const char *workspace_geo, *default_inference_geo;
	const char *allowed_inference_geos; /* with commas between them; "unrestricted" */
	int64_t created_at_s, archived_at_s;
};

struct org_member {
	const char *workspace_id, *user_id, *role; /* sorted by workspace, then user */
};

enum org_key_place {
	ORG_KEY_PLACE_UNKNOWN, /* the default workspace or organisation-wide: the reply does not say */
	ORG_KEY_IN_WORKSPACE,
	ORG_KEY_IN_DEFAULT_WORKSPACE,
	ORG_KEY_ORGANIZATION_WIDE,
};

struct org_key {
	const char *id, *name, *hint, *status;
	const char *workspace_id; /* "" in the default workspace unless the reply has its real id */
	enum org_key_place place;
	const char *created_by_id, *created_by_type; /* type: "user", "service_account" */
	int64_t created_at_s, expires_at_s;          /* expires_at_s 0: it does not expire */
	const char *principal_id, *principal_type;   /* whom it acts for; "" of a workspace's key */
};

struct organization {
	const char *id, *name;
	const char *default_workspace_id; /* as newer replies tell it; "" when none did */
	struct org_user *users;
	size_t user_count;
	struct org_invite *invites;
	size_t invite_count;
	struct org_workspace *workspaces; /* archived ones too; without the default one, as the API's list */
	size_t workspace_count;
	struct org_member *members; /* of workspaces that are not archived */
	size_t member_count;
	struct org_key *keys;
	size_t key_count;
	/* People who were asked for by themselves and are not there, sorted. NULL: nobody was asked for, and who is not
	 * listed is gone; else who is neither listed nor in here may be there. */
	const char **gone;
	size_t gone_count;
};

/* NULL when there is none of that id. */
const struct org_user *organization_user(const struct organization *org, struct view id);
const struct org_workspace *organization_workspace(const struct organization *org, struct view id);
const struct org_key *organization_key(const struct organization *org, struct view id);
const struct org_invite *organization_invite(const struct organization *org, struct view id);
const struct org_member *organization_member(const struct organization *org, struct view workspace_id,
					     struct view user_id);

/* Whether it is known that no user of the organisation has this id. */
bool organization_is_gone(const struct organization *org, struct view user_id);

/* Who answers for a key: whom it acts for, where the reply tells one, else who made it. id "" = not told. */
struct org_owner {
	const char *id;
	bool is_user, is_service; /* neither: the reply does not tell, and the id does not show it */
	bool is_principal;        /* it acts for the owner; else the owner made it */
};
struct org_owner organization_owner(const struct org_key *key);

/* Whether a key belongs to a user who is gone. Of service accounts the API has no list: theirs never do. */
bool organization_is_orphan(const struct organization *org, const struct org_key *key);

/* The name to show for a workspace id: "Default" for an empty one and the default one's, the id itself when nobody
 * knows it. */
struct view organization_workspace_name(const struct organization *org, struct view id);

/* Where a key is, to show: its workspace's name, "Default", "organisation-wide", or "" when the API does not tell. */
struct view organization_key_workspace(const struct organization *org, const struct org_key *key);

/* Whether a key is in the workspace of this id or name. The default one has no id in most replies: it is asked for as
 * "Default", and a key that may be in it counts as there, as it does for the policy. */
bool organization_key_is_in(const struct organization *org, const struct org_key *key, struct view workspace);

#endif
