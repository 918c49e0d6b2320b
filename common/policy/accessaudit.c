/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/accessaudit.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/policy/keyaudit.h"

const char *const access_codes[ACCESS_CODES] = {
	[ACCESS_TOO_MANY_ADMINS] = "too-many-admins",
	[ACCESS_EMAIL_DOMAIN] = "email-domain",
	[ACCESS_INVITE_OPEN] = "invite-open",
	[ACCESS_MEMBER_GONE] = "member-gone",
	[ACCESS_CREATOR_GONE] = "creator-gone",
	[ACCESS_UNKNOWN_ROLE] = "unknown-role",
	[ACCESS_NO_WORKSPACE_ADMIN] = "no-workspace-admin",
	[ACCESS_INVITE_EXPIRED] = "invite-expired",
	[ACCESS_NO_WORKSPACE] = "no-workspace",
	[ACCESS_SERVICE_ACCOUNT] = "service-account",
};

const char *const access_subject_names[ACCESS_SUBJECTS] = {
	[ACCESS_OF_ORGANIZATION] = "organization",
	[ACCESS_OF_USER] = "user",
	[ACCESS_OF_MEMBER] = "member",
	[ACCESS_OF_INVITE] = "invite",
	[ACCESS_OF_SERVICE_ACCOUNT] = "service-account",
	[ACCESS_OF_KEY] = "key",
	[ACCESS_OF_WORKSPACE] = "workspace",
};

/* The first ones are those of admins; from REACHING_ROLES on a person reaches nothing without a workspace. */
#define ADMIN_ROLES 4
#define REACHING_ROLES 6
static const char *const roles[] = { "admin",   "owner",   "primary_owner",    "membership_admin",
				     "billing", "managed", "claude_code_user", "developer",
				     "user" };

/* Workspace roles, the admin's first. */
static const char *const workspace_roles[] = { "workspace_admin", "workspace_billing", "workspace_developer",
					       "workspace_restricted_developer", "workspace_user" };

static size_t index_of(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return SIZE_MAX;
}

static size_t role_index(const char *role)
{
	return index_of(roles, ARRAY_LEN(roles), role);
}

static bool is_workspace_admin(const char *role)
{
	return strcmp(role, workspace_roles[0]) == 0;
}

bool access_is_admin_role(struct view role)
{
	for (size_t i = 0; i < ADMIN_ROLES; i++)
		if (text_eq(role, view_of(roles[i])))
			return true;
	return false;
}

bool access_is_domain_allowed(const struct keyname_list *domains, struct view email)
{
	size_t at = email.len;

	if (!domains->count)
		return true;
	while (at > 0 && email.ptr[at - 1] != '@')
		at--;
	if (at == 0)
		return false;
	for (size_t i = 0; i < domains->count; i++)
		if (text_eq_nocase(view_sub(email, at, SIZE_MAX), view_of(domains->items[i])))
			return true;
	return false;
}

#define BIT(code) (UINT32_C(1) << (code))

static int add_row(struct access_review *r, const struct access_row *row, struct err *err)
{
	struct access_row *grown;

	if (r->row_count >= ACCESS_ROWS_MAX)
		return err_set(err, ERR_LIMIT, 0, "the organisation has more than %u accesses", ACCESS_ROWS_MAX);
	grown = grow_items(r->rows, r->row_count, &r->row_cap, sizeof(*r->rows));
	if (!grown)
		return err_nomem(err);
	r->rows = grown;
	r->rows[r->row_count++] = *row;
	for (unsigned code = 0; code < ACCESS_CODES; code++)
		if (row->codes & BIT(code)) {
			r->counts.codes[code]++;
			(*(code < ACCESS_NOTES ? &r->counts.violations : &r->counts.notes))++;
		}
	return 0;
}

static int add_organization(struct access_review *r, struct err *err)
{
	struct access_row row = { .subject = ACCESS_OF_ORGANIZATION };
	uint64_t most = r->policy->access.max_admins;

	for (size_t i = 0; i < r->org->user_count; i++)
		row.count += access_is_admin_role(view_of(r->org->users[i].role));
	if (most && row.count > most)
		row.codes = BIT(ACCESS_TOO_MANY_ADMINS);
	r->counts.people = r->org->user_count;
	r->counts.admins = row.count;
	return add_row(r, &row, err);
}

/* Which users are in a workspace: a flag for each; NULL when there is no memory. */
static bool *find_members(const struct organization *org)
{
	bool *is_member = calloc(org->user_count + 1, sizeof(*is_member));

	for (size_t i = 0; is_member && i < org->member_count; i++) {
		const struct org_user *user = organization_user(org, view_of(org->members[i].user_id));

		if (user)
			is_member[user - org->users] = true;
	}
	return is_member;
}

static int add_users(struct access_review *r, bool sees_members, struct err *err)
{
	DEFER(freep) bool *is_member = sees_members ? find_members(r->org) : NULL;

	if (sees_members && !is_member)
		return err_nomem(err);
	for (size_t i = 0; i < r->org->user_count; i++) {
		const struct org_user *user = &r->org->users[i];
		size_t role = role_index(user->role);
		struct access_row row = { .subject = ACCESS_OF_USER, .index = i, .is_admin = role < ADMIN_ROLES };

		if (!access_is_domain_allowed(&r->policy->access.email_domains, view_of(user->email)))
			row.codes |= BIT(ACCESS_EMAIL_DOMAIN);
		if (role == SIZE_MAX)
			row.codes |= BIT(ACCESS_UNKNOWN_ROLE);
		else if (role >= REACHING_ROLES && is_member && !is_member[i])
			row.codes |= BIT(ACCESS_NO_WORKSPACE);
		if (add_row(r, &row, err))
			return -1;
	}
	return 0;
}

/* Admins and billing members of the organisation have their place in each workspace by that. */
static bool is_inherited(const struct org_user *user, const char *role)
{
	if (is_workspace_admin(role))
		return access_is_admin_role(view_of(user->role));
	return strcmp(role, "workspace_billing") == 0;
}

static int add_members(struct access_review *r, struct err *err)
{
	for (size_t i = 0; i < r->org->member_count; i++) {
		const struct org_member *member = &r->org->members[i];
		const struct org_user *user = organization_user(r->org, view_of(member->user_id));
		struct access_row row = { .subject = ACCESS_OF_MEMBER,
					  .index = i,
					  .is_admin = is_workspace_admin(member->role),
					  .is_inherited = user && is_inherited(user, member->role) };

		if (organization_is_gone(r->org, view_of(member->user_id)))
			row.codes |= BIT(ACCESS_MEMBER_GONE);
		if (member->role[0] && index_of(workspace_roles, ARRAY_LEN(workspace_roles), member->role) == SIZE_MAX)
			row.codes |= BIT(ACCESS_UNKNOWN_ROLE);
		if (add_row(r, &row, err))
			return -1;
	}
	r->counts.members = r->org->member_count;
	return 0;
}

static uint32_t judge_open_invite(const struct access_review *r, const struct org_invite *invite)
{
	const struct policy_access *access = &r->policy->access;
	uint32_t codes = 0;

	if (access->invite_max_age_s && invite->invited_at_s && r->now_s > invite->invited_at_s &&
	    (uint64_t)(r->now_s - invite->invited_at_s) > access->invite_max_age_s)
		codes |= BIT(ACCESS_INVITE_OPEN);
	if (!access_is_domain_allowed(&access->email_domains, view_of(invite->email)))
		codes |= BIT(ACCESS_EMAIL_DOMAIN);
	if (role_index(invite->role) == SIZE_MAX)
		codes |= BIT(ACCESS_UNKNOWN_ROLE);
	return codes;
}

static int add_invites(struct access_review *r, struct err *err)
{
	for (size_t i = 0; i < r->org->invite_count; i++) {
		const struct org_invite *invite = &r->org->invites[i];
		struct access_row row = { .subject = ACCESS_OF_INVITE,
					  .index = i,
					  .is_admin = access_is_admin_role(view_of(invite->role)) };
		bool is_pending = strcmp(invite->status, "pending") == 0;

		if (!is_pending && strcmp(invite->status, "expired") != 0)
			continue;
		if (!is_pending || (invite->expires_at_s && invite->expires_at_s <= r->now_s)) {
			row.codes = BIT(ACCESS_INVITE_EXPIRED);
			row.is_admin = false;
		} else {
			row.codes = judge_open_invite(r, invite);
			r->counts.open_invites++;
		}
		if (add_row(r, &row, err))
			return -1;
	}
	return 0;
}

static const char *owner_of(const struct organization *org, size_t key)
{
	return organization_owner(&org->keys[key]).id;
}

static int compare_owners(const void *a, const void *b, void *context)
{
	const struct organization *org = ((const struct access_review *)context)->org;
	size_t left = *(const size_t *)a;
	size_t right = *(const size_t *)b;
	int order = strcmp(owner_of(org, left), owner_of(org, right));

	return order ? order : (left > right) - (left < right);
}

static int add_service_accounts(struct access_review *r, struct err *err)
{
	DEFER(freep) size_t *keys = calloc(r->org->key_count + 1, sizeof(*keys));
	size_t count = 0;
	size_t end;

	if (!keys)
		return err_nomem(err);
	for (size_t i = 0; i < r->org->key_count; i++)
		if (keyaudit_judges(&r->org->keys[i], r->now_s) && organization_owner(&r->org->keys[i]).is_service)
			keys[count++] = i;
	qsort_r(keys, count, sizeof(*keys), compare_owners, r);
	for (size_t i = 0; i < count; i = end) {
		struct access_row row = { .subject = ACCESS_OF_SERVICE_ACCOUNT,
					  .index = keys[i],
					  .codes = BIT(ACCESS_SERVICE_ACCOUNT) };

		for (end = i; end < count && strcmp(owner_of(r->org, keys[end]), owner_of(r->org, keys[i])) == 0; end++)
			row.count++;
		r->counts.service_accounts++;
		if (add_row(r, &row, err))
			return -1;
	}
	return 0;
}

static int add_keys(struct access_review *r, struct err *err)
{
	for (size_t i = 0; i < r->org->key_count; i++) {
		const struct org_key *key = &r->org->keys[i];
		struct access_row row = { .subject = ACCESS_OF_KEY, .index = i, .codes = BIT(ACCESS_CREATOR_GONE) };

		if (!keyaudit_judges(key, r->now_s))
			continue;
		r->counts.keys++;
		if (!organization_is_orphan(r->org, key))
			continue;
		if (add_row(r, &row, err))
			return -1;
	}
	return 0;
}

/* Members stand sorted by workspace: *at is where those of this one begin, and then where the next one's do. */
static bool has_own_admin(const struct organization *org, const char *workspace_id, size_t *at)
{
	bool found = false;

	while (*at < org->member_count && strcmp(org->members[*at].workspace_id, workspace_id) < 0)
		(*at)++;
	for (; *at < org->member_count && strcmp(org->members[*at].workspace_id, workspace_id) == 0; (*at)++) {
		const struct org_member *member = &org->members[*at];
		const struct org_user *user = organization_user(org, view_of(member->user_id));

		found |= user && is_workspace_admin(member->role) && !is_inherited(user, member->role);
	}
	return found;
}

static int add_workspaces(struct access_review *r, struct err *err)
{
	size_t member = 0;

	for (size_t i = 0; i < r->org->workspace_count; i++) {
		struct access_row row = { .subject = ACCESS_OF_WORKSPACE,
					  .index = i,
					  .codes = BIT(ACCESS_NO_WORKSPACE_ADMIN) };

		if (r->org->workspaces[i].archived_at_s)
			continue;
		r->counts.workspaces++;
		if (!has_own_admin(r->org, r->org->workspaces[i].id, &member) && add_row(r, &row, err))
			return -1;
	}
	return 0;
}

int access_make(struct access_review *ret, const struct organization *org, const struct policy *policy,
		const struct access_seen *seen, int64_t now_s, struct err *err)
{
	*ret = (struct access_review){ .org = org, .policy = policy, .seen = *seen, .now_s = now_s };
	if (add_organization(ret, err) || add_users(ret, seen->members, err) ||
	    (seen->members && add_members(ret, err)) || add_invites(ret, err))
		return -1;
	if (seen->keys && (add_service_accounts(ret, err) || add_keys(ret, err)))
		return -1;
	return seen->members ? add_workspaces(ret, err) : 0;
}

void access_done(struct access_review *review)
{
	free(review->rows);
	*review = (struct access_review){ .org = NULL };
}
