/* SPDX-License-Identifier: Apache-2.0 */
/* What an access review says of its rows, in words. */
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/policy/accessaudit.h"

#define DAY_S 86400

/* The account that a row's keys belong to. */
static void service_facts(const struct org_key *key, struct access_facts *ret)
{
	ret->id = view_of(organization_owner(key).id);
	ret->role = VIEW("service_account");
}

static void place_facts(const struct access_review *r, const char *workspace_id, struct access_facts *ret)
{
	ret->workspace_id = view_of(workspace_id);
	ret->workspace = organization_workspace_name(r->org, view_of(workspace_id));
}

static void member_facts(const struct access_review *r, const struct org_member *member, struct access_facts *ret)
{
	const struct org_user *user = organization_user(r->org, view_of(member->user_id));

	ret->id = view_of(member->user_id);
	ret->role = view_of(member->role);
	if (user) {
		ret->email = view_of(user->email);
		ret->name = view_of(user->name);
	}
	place_facts(r, member->workspace_id, ret);
}

static void key_facts(const struct access_review *r, const struct org_key *key, struct access_facts *ret)
{
	*ret = (struct access_facts){ .id = view_of(key->id),
				      .name = view_of(key->name),
				      .since_s = key->created_at_s };
	if (key->place == ORG_KEY_IN_WORKSPACE || key->place == ORG_KEY_IN_DEFAULT_WORKSPACE)
		place_facts(r, key->workspace_id, ret);
}

void access_facts(const struct access_review *r, const struct access_row *row, struct access_facts *ret)
{
	const struct organization *org = r->org;
	const struct org_user *user;
	const struct org_invite *invite;

	*ret = (struct access_facts){ .since_s = 0 };
	switch (row->subject) {
	case ACCESS_OF_USER:
		user = &org->users[row->index];
		*ret = (struct access_facts){ .id = view_of(user->id),
					      .email = view_of(user->email),
					      .name = view_of(user->name),
					      .role = view_of(user->role),
					      .since_s = user->added_at_s };
		return;
	case ACCESS_OF_MEMBER:
		member_facts(r, &org->members[row->index], ret);
		return;
	case ACCESS_OF_INVITE:
		invite = &org->invites[row->index];
		*ret = (struct access_facts){ .id = view_of(invite->id),
					      .email = view_of(invite->email),
					      .role = view_of(invite->role),
					      .since_s = invite->invited_at_s };
		return;
	case ACCESS_OF_SERVICE_ACCOUNT:
		service_facts(&org->keys[row->index], ret);
		return;
	case ACCESS_OF_KEY:
		key_facts(r, &org->keys[row->index], ret);
		return;
	case ACCESS_OF_WORKSPACE:
		place_facts(r, org->workspaces[row->index].id, ret);
		ret->id = ret->workspace_id;
		ret->name = ret->workspace;
		ret->since_s = org->workspaces[row->index].created_at_s;
		return;
	case ACCESS_OF_ORGANIZATION:
	case ACCESS_SUBJECTS:
		break;
	}
	ret->id = view_of(org->id);
	ret->name = view_of(org->name);
}

static int add_named(struct buf *buf, const char *before, struct view name, const char *behind)
{
	return buf_add_text(buf, before) || text_add_clean(buf, name) || buf_add_text(buf, behind) ? -1 : 0;
}

static int add_owner(struct buf *buf, const struct org_key *key, const char *behind)
{
	const struct org_owner owner = organization_owner(key);

	return add_named(buf, owner.is_principal ? "belongs to " : "was made by ", view_of(owner.id), behind);
}

int access_add_why(const struct access_review *r, const struct access_row *row, struct buf *buf)
{
	const struct org_user *user;
	struct access_facts facts;

	access_facts(r, row, &facts);
	switch (row->subject) {
	case ACCESS_OF_USER:
		return add_named(buf, "role ", facts.role,
				 row->is_admin ? " in the organisation, which reaches every workspace"
					       : " in the organisation");
	case ACCESS_OF_MEMBER:
		user = row->is_inherited ? organization_user(r->org, facts.id) : NULL;
		if (user)
			return add_named(buf, "inherited from the role ", view_of(user->role), " in the organisation");
		if (!facts.role.len)
			return buf_add_text(buf, "is in this workspace; the API does not tell the role");
		return add_named(buf, "role ", facts.role, " in this workspace");
	case ACCESS_OF_INVITE:
		if (row->codes & UINT32_C(1) << ACCESS_INVITE_EXPIRED)
			return 0;
		return add_named(buf, "role ", facts.role, " as soon as the invitation is accepted");
	case ACCESS_OF_SERVICE_ACCOUNT:
		return buf_addf(buf, "has %zu active %s", row->count, row->count == 1 ? "key" : "keys");
	case ACCESS_OF_KEY:
		return add_owner(buf, &r->org->keys[row->index], "");
	case ACCESS_OF_ORGANIZATION:
	case ACCESS_OF_WORKSPACE:
	case ACCESS_SUBJECTS:
		break;
	}
	return 0;
}

/* ", at most 7d" */
static int add_limit(struct buf *buf, uint64_t limit_s)
{
	return buf_add_text(buf, "; the policy allows ") || text_add_duration(buf, limit_s * 1000) ? -1 : 0;
}

static int add_domains(struct buf *buf, const struct keyname_list *domains)
{
	for (size_t i = 0; i < domains->count; i++)
		if (buf_add_text(buf, i ? ", " : "") || text_add_clean(buf, view_of(domains->items[i])))
			return -1;
	return 0;
}

static int add_domain_text(const struct access_review *r, const struct access_facts *facts, struct buf *buf)
{
	const struct keyname_list *domains = &r->policy->access.email_domains;

	if (!facts->email.len)
		return buf_add_text(buf, "has no e-mail address; one in ") || add_domains(buf, domains) ||
				       buf_add_text(buf, " was expected")
			       ? -1
			       : 0;
	return add_named(buf, "the address ", facts->email, " is in none of the allowed domains: ") ||
			       add_domains(buf, domains)
		       ? -1
		       : 0;
}

static int add_invite_text(const struct access_review *r, const struct access_row *row, enum access_code code,
			   struct buf *buf)
{
	const struct org_invite *invite = &r->org->invites[row->index];
	int64_t days = (r->now_s - invite->invited_at_s) / DAY_S;

	if (code == ACCESS_INVITE_OPEN)
		return buf_addf(buf, "open for %lld day%s", (long long)days, text_plural((uint64_t)days)) ||
				       add_limit(buf, r->policy->access.invite_max_age_s) ||
				       buf_add_text(buf, "; revoke it or have it accepted")
			       ? -1
			       : 0;
	if (!invite->expires_at_s)
		return buf_add_text(buf, "expired without an answer");
	return buf_add_text(buf, "expired without an answer at ") || clock_add_rfc3339(buf, invite->expires_at_s) ? -1
														  : 0;
}

static int add_role_text(const struct access_row *row, const struct access_facts *facts, struct buf *buf)
{
	if (!facts->role.len)
		return buf_add_text(buf, "the API tells no role, so nobody can say what it may do");
	return add_named(buf, "what the role ", facts->role,
			 row->subject == ACCESS_OF_MEMBER ? " may do in a workspace is not known here"
							  : " may do in the organisation is not known here");
}

int access_add_text(const struct access_review *r, const struct access_row *row, enum access_code code, struct buf *buf)
{
	struct access_facts facts;

	access_facts(r, row, &facts);
	switch (code) {
	case ACCESS_TOO_MANY_ADMINS:
		return buf_addf(buf, "%zu admins; the policy allows %llu", row->count,
				(unsigned long long)r->policy->access.max_admins);
	case ACCESS_EMAIL_DOMAIN:
		return add_domain_text(r, &facts, buf);
	case ACCESS_INVITE_OPEN:
	case ACCESS_INVITE_EXPIRED:
		return add_invite_text(r, row, code, buf);
	case ACCESS_MEMBER_GONE:
		return buf_add_text(buf, "is in the workspace, but is no user of the organisation any more");
	case ACCESS_CREATOR_GONE:
		return add_owner(buf, &r->org->keys[row->index],
				 ", who is no user of the organisation any more; replace and archive it");
	case ACCESS_UNKNOWN_ROLE:
		return add_role_text(row, &facts, buf);
	case ACCESS_NO_WORKSPACE_ADMIN:
		return buf_add_text(buf, "has no admin of its own; only admins of the organisation look after it");
	case ACCESS_NO_WORKSPACE:
		return buf_add_text(buf, "is in no workspace but, it may be, the default one, which the API does not "
					 "list");
	case ACCESS_SERVICE_ACCOUNT:
		return buf_addf(buf, "has %zu active %s; no person signs in as it", row->count,
				row->count == 1 ? "key" : "keys");
	case ACCESS_CODES:
		break;
	}
	return 0;
}
