/* SPDX-License-Identifier: Apache-2.0 */
/* The organisation that both dialects show: made from the seed, changed by what clients write. */
#ifndef TESTS_MOCK_MODEL_H
#define TESTS_MOCK_MODEL_H

#include "tests/mock/rng.h"
#include "tests/mock/settings.h"

#define MODEL_LIVE_WORKSPACES 100 /* at most, the default one not counted */
#define MODEL_SERVICE_ACCOUNTS 3
#define MODEL_ROLES 4 /* of the directory */

struct user {
	struct ident id;
	char *email, *name;
	const char *role; /* of the organisation */
	int64_t added_us;
	bool is_removed;
};

struct workspace_member {
	size_t user; /* index */
	const char *role;
	int64_t added_us;
};

struct workspace { /* the first is the default one */
	struct ident id;
	char *name, *external_key_id, *tags, *residency; /* the last two are JSON; external_key_id may be NULL */
	const char *color;
	int64_t created_us, archived_us; /* archived_us 0: live */
	struct workspace_member *members;
	size_t member_count, member_cap;
};

enum key_owner { KEY_OF_WORKSPACE, KEY_OF_USER, KEY_OF_SERVICE };

struct key {
	struct ident id;
	char *name;
	char hint[40];
	const char *status;
	int64_t created_us, expires_us; /* expires_us 0: never */
	size_t workspace;               /* SIZE_MAX: the whole organisation's */
	size_t creator;                 /* user, or service account */
	enum key_owner owner;
	size_t principal; /* 1 + the user whom it acts for; 0: whoever made it, where it has an owner */
	bool by_service, has_scope, has_new_actor; /* which of the two shapes it is shown in */
	bool is_removed;
};

struct invite {
	struct ident id;
	char *email, *groups; /* groups: JSON */
	const char *role, *status;
	int64_t invited_us, expires_us, accepted_us;
	char *workspaces; /* of dialect cca: JSON */
};

struct group {
	struct ident id;
	char *name, *description, *restrictions; /* restrictions: JSON, or NULL */
	bool is_scim;
	int64_t created_us;
};

/* What a test says was used and billed, beside what follows from the seed (change.h). */
struct usage_extra {
	char *name, *model;
	char *workspace, *key; /* ids; NULL: the default workspace, the console */
	int64_t at_us;
	uint64_t input, output; /* tokens */
	uint64_t cost;          /* of it all; in billionths of a cent */
};

struct model {
	uint64_t seed;
	int64_t now_us; /* when it was made */
	uint64_t usage_daily;
	struct ident organization, organization_uuid, other_uuid;
	struct user *users;
	size_t user_count, user_cap;
	struct workspace *workspaces;
	size_t workspace_count, workspace_cap;
	struct key *keys;
	size_t key_count, key_cap;
	struct invite *invites;
	size_t invite_count, invite_cap;
	struct group *groups;
	size_t group_count, group_cap;
	struct usage_extra *extras;
	size_t extra_count, extra_cap;
	bool is_quiet; /* only the extras were used */
	struct ident services[MODEL_SERVICE_ACCOUNTS];
	uint64_t made; /* by clients: makes the ids of what they make */
};

void model_init(struct model *m, const struct settings *s, int64_t now_us);
void model_done(struct model *m);

/* NULL when there is none; removed users are none. The ids may be those of either dialect. */
struct user *model_user(struct model *m, struct view id);
struct workspace *model_workspace(struct model *m, struct view id);
struct key *model_key(struct model *m, struct view id);
struct invite *model_invite(struct model *m, struct view id);
struct group *model_group(struct model *m, struct view id);
struct user *model_user_by_email(struct model *m, struct view email);
struct workspace_member *model_member(struct model *m, struct workspace *w, struct view user_id);

/* A member that model_member gave leaves. */
void model_drop_member(struct workspace *w, struct workspace_member *member);
void model_add_member(struct workspace *w, size_t user, const char *role, int64_t now_us);

/* Each makes one of what clients may make; its texts are the caller's to fill in (heap). */
struct user *model_add_user(struct model *m, int64_t now_us);
struct key *model_add_key(struct model *m, int64_t now_us);         /* of the first user, in the default workspace */
struct usage_extra *model_extra(struct model *m, struct view name); /* the one of that name, or a new one */
struct workspace *model_add_workspace(struct model *m, int64_t now_us);
struct invite *model_add_invite(struct model *m, int64_t now_us);
struct group *model_add_group(struct model *m, int64_t now_us);

size_t model_live_workspaces(const struct model *m);
char *model_text(struct view v); /* a heap copy */

/* The same id in the other dialect: wrkspc_01X is ws_01X, apikey_ key_, invite_ inv_, rbac_group_ grp_. */
struct ident model_cca_id(const struct ident *id);

#endif
