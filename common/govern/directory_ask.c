/* SPDX-License-Identifier: Apache-2.0 */
/* One of a list, asked for by itself. */
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/govern/directory_inside.h"

#define NOT_FOUND 404

/* Appends it where it is there: 1; else 0. -1 with err. */
static int ask(struct directory *d, enum api_operation operation, const struct api_argument *arguments, size_t count,
	       directory_add *add, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	struct api_reader reader;
	struct err why = ERR_INIT;
	int status;

	if (api_answer_get(d->api, operation, arguments, count, NULL, &answer, NULL, &why)) {
		if (why.kind == ERR_REFUSED && answer.refusal.status == NOT_FOUND)
			return 0;
		return err_set(err, why.kind, 0, "%s", why.text);
	}
	if (api_reader_init(&reader, api_profile(d->api)->dialect, operation, err))
		return -1;
	status = add(d, &reader, buf_view(&answer.reply.body), err);
	api_reader_done(&reader);
	return status ? -1 : 1;
}

/* Members of a workspace that the list of workspaces lacked were not read with the others. */
static int ask_workspace(struct directory *d, struct view id, struct err *err)
{
	const struct api_argument by_id = { "id", id }, of = { "workspace_id", id };
	int status = ask(d, API_WORKSPACE_GET, &by_id, 1, directory_add_workspace, err);
	const struct org_workspace *w;

	if (status <= 0)
		return status;
	directory_settle(d);
	w = organization_workspace(&d->org, id);
	if (!w || w->archived_at_s || !(d->parts & DIRECTORY_MEMBERS))
		return 1;
	return directory_read_list(d, API_MEMBER_LIST, &of, directory_add_member, err) ? -1 : 1;
}

int directory_ask(struct directory *d, enum directory_part part, struct view id, struct view of, struct err *err)
{
	const struct api_argument by_id = { "id", id }, member[] = { { "workspace_id", of }, { "user_id", id } };
	int status = -1;

	switch (part) {
	case DIRECTORY_USERS:
		status = ask(d, API_USER_GET, &by_id, 1, directory_add_user, err);
		break;
	case DIRECTORY_INVITES:
		status = ask(d, API_INVITE_GET, &by_id, 1, directory_add_invite, err);
		break;
	case DIRECTORY_WORKSPACES:
		status = ask_workspace(d, id, err);
		break;
	case DIRECTORY_MEMBERS:
		status = ask(d, API_MEMBER_GET, member, ARRAY_LEN(member), directory_add_member, err);
		break;
	case DIRECTORY_KEYS:
		status = ask(d, API_KEY_GET, &by_id, 1, directory_add_key, err);
		break;
	case DIRECTORY_ORG:
		return err_set(err, ERR_USAGE, 0, "the organisation is in no list");
	}
	if (status > 0)
		directory_settle(d);
	return status;
}

/* --- people who are gone --- */

int directory_put_gone(struct directory *d, struct view user_id, struct err *err)
{
	struct organization *org = &d->org;
	const char **grown = grow_items(org->gone, org->gone_count, &d->gone_cap, sizeof(*grown));
	const char *id;
	size_t at = org->gone_count;

	if (!grown)
		return err_nomem(err);
	org->gone = grown;
	if (!user_id.len)
		return 0;
	while (at > 0 && text_cmp(view_of(grown[at - 1]), user_id) > 0)
		at--;
	if (at > 0 && text_eq(view_of(grown[at - 1]), user_id))
		return 0;
	if (directory_keep(d, user_id, &id))
		return err_nomem(err);
	memmove(grown + at + 1, grown + at, (org->gone_count - at) * sizeof(*grown));
	grown[at] = id;
	org->gone_count++;
	return 0;
}

/* One whom something refers to. left: how many may be asked for. */
static int ask_person(struct directory *d, struct view id, unsigned *left, struct err *err)
{
	int answer = 0;

	if (!id.len || organization_user(&d->org, id) || organization_is_gone(&d->org, id))
		return 0;
	if (*left) {
		(*left)--;
		answer = directory_ask(d, DIRECTORY_USERS, id, VIEW_NONE, err);
	}
	return answer ? answer < 0 ? -1 : 0 : directory_put_gone(d, id, err);
}

int directory_ask_people(struct directory *d, struct err *err)
{
	unsigned left = DIRECTORY_PEOPLE_MAX;

	if (directory_put_gone(d, VIEW_NONE, err))
		return -1;
	for (size_t i = 0; i < d->org.key_count; i++) {
		const struct org_owner owner = organization_owner(&d->org.keys[i]);

		if (owner.is_user && text_eq(view_of(d->org.keys[i].status), VIEW("active")) &&
		    ask_person(d, view_of(owner.id), &left, err))
			return -1;
	}
	for (size_t i = 0; i < d->org.member_count; i++)
		if (ask_person(d, view_of(d->org.members[i].user_id), &left, err))
			return -1;
	return 0;
}
