/* SPDX-License-Identifier: Apache-2.0 */
/* What the lists of people, invitations and members lack, though it is there. */
#include "common/api/endpoint_invite.h"
#include "common/api/endpoint_member.h"
#include "common/api/endpoint_user.h"
#include "common/base/text.h"
#include "forwarder/feed/access.h"

static int take_user(void *context, const struct page_item *item, struct err *err)
{
	struct lists *l = &((struct access_feed *)context)->lists;
	struct view kept = item->value;
	struct api_user user;
	int answer;

	if (roster_is(kept, "gone"))
		return 0;
	buf_clear(&l->store);
	user = (struct api_user){ .id = roster_text(kept, "id", &l->store) };
	if (organization_user(l->org, user.id))
		return 0;
	answer = lists_ask(l, DIRECTORY_USERS, user.id, VIEW_NONE, err);
	if (answer == LISTS_GONE)
		return directory_put_gone(l->directory, user.id, err);
	if (answer != LISTS_UNKNOWN)
		return answer < 0 ? -1 : 0;
	user.email = roster_text(kept, "email", &l->store);
	user.role = roster_text(kept, "role", &l->store);
	return directory_put_user(l->directory, &user, err);
}

static int take_invite(void *context, const struct page_item *item, struct err *err)
{
	struct lists *l = &((struct access_feed *)context)->lists;
	struct view kept = item->value;
	struct api_invite invite;
	int answer;

	if (roster_is(kept, "gone"))
		return 0;
	buf_clear(&l->store);
	invite = (struct api_invite){ .id = roster_text(kept, "id", &l->store) };
	if (organization_invite(l->org, invite.id))
		return 0;
	answer = lists_ask(l, DIRECTORY_INVITES, invite.id, VIEW_NONE, err);
	if (answer != LISTS_UNKNOWN)
		return answer < 0 ? -1 : 0;
	invite.email = roster_text(kept, "email", &l->store);
	invite.role = roster_text(kept, "role", &l->store);
	invite.status = roster_text(kept, "status", &l->store);
	invite.invited_at = roster_time(kept, "invited_at");
	invite.expires_at = roster_time(kept, "expires_at");
	return directory_put_invite(l->directory, &invite, err);
}

/* Workspaces are all there (lists_read): of one that is not, or is archived, nobody is a member. */
static int take_member(void *context, const struct page_item *item, struct err *err)
{
	struct lists *l = &((struct access_feed *)context)->lists;
	struct view kept = item->value;
	const struct org_workspace *w;
	struct api_member m;
	int answer;

	if (roster_is(kept, "gone"))
		return 0;
	buf_clear(&l->store);
	m = (struct api_member){ .workspace_id = roster_text(kept, "workspace_id", &l->store),
				 .user_id = roster_text(kept, "user_id", &l->store) };
	w = organization_workspace(l->org, m.workspace_id);
	if (!w || w->archived_at_s || organization_member(l->org, m.workspace_id, m.user_id))
		return 0;
	answer = lists_ask(l, DIRECTORY_MEMBERS, m.user_id, m.workspace_id, err);
	if (answer != LISTS_UNKNOWN)
		return answer < 0 ? -1 : 0;
	m.workspace_role = roster_text(kept, "role", &l->store);
	return directory_put_member(l->directory, &m, err);
}

/* Who was told to be in a workspace and no user stays gone until a list has them again: that is no news. */
static int take_finding(void *context, const struct page_item *item, struct err *err)
{
	struct lists *l = &((struct access_feed *)context)->lists;
	struct view kept = item->value;

	if (roster_is(kept, "gone"))
		return 0;
	buf_clear(&l->store);
	if (!text_eq(roster_text(kept, "code", &l->store), view_of(access_codes[ACCESS_MEMBER_GONE])))
		return 0;
	return directory_put_gone(l->directory, roster_text(kept, "id", &l->store), err);
}

int access_complete(struct access_feed *f, struct err *err)
{
	struct lists *l = &f->lists;

	if (roster_each(ACCESS_USERS, &l->env, take_user, f, err) ||
	    roster_each(ACCESS_INVITES, &l->env, take_invite, f, err) ||
	    roster_each(ACCESS_MEMBERS, &l->env, take_member, f, err) ||
	    roster_each(ACCESS_FINDINGS, &l->env, take_finding, f, err))
		return -1;
	directory_settle(l->directory);
	for (size_t i = 0; i < l->org->member_count; i++)
		if (lists_ask_person(l, view_of(l->org->members[i].user_id), err))
			return -1;
	return 0;
}
