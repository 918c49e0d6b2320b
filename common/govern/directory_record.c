/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the API's lists as those of an organisation. */
#include <stdlib.h>

#include "common/api/endpoint_invite.h"
#include "common/api/endpoint_key.h"
#include "common/api/endpoint_member.h"
#include "common/api/endpoint_user.h"
#include "common/api/endpoint_workspace.h"
#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/govern/directory_inside.h"
#include "common/sys/json.h"

int directory_keep(struct directory *d, struct view text, const char **ret)
{
	*ret = textpool_add(&d->texts, text);
	return *ret ? 0 : -1;
}

static int64_t seconds_of(const struct api_time *time)
{
	return time->is_known ? time->unix_s : 0;
}

/* Room for one more of a list; NULL with err. */
static void *room(void *items, size_t count, size_t *cap, size_t size, unsigned max, const char *what, struct err *err)
{
	void *grown;

	if (count >= max) {
		(void)err_set(err, ERR_LIMIT, 0, "the API lists more than %u %s", max, what);
		return NULL;
	}
	grown = grow_items(items, count, cap, size);
	if (!grown)
		(void)err_nomem(err);
	return grown;
}

/* Where the next one of a list goes. */
#define AT(d, which) ((d)->org.which##_count + (d)->added.which)
#define ROOM(d, which, max, what, err)                                                                                 \
	room((d)->org.which##s, AT(d, which), &(d)->cap.which, sizeof(*(d)->org.which##s), max, what, err)

static int add_membership(struct directory *d, struct view workspace, struct view user, struct view role,
			  struct err *err)
{
	struct org_member *grown = ROOM(d, member, DIRECTORY_MEMBERS_MAX, "members", err);
	struct org_member one;

	if (!grown)
		return -1;
	d->org.members = grown;
	if (directory_keep(d, workspace, &one.workspace_id) || directory_keep(d, user, &one.user_id) ||
	    directory_keep(d, role, &one.role))
		return err_nomem(err);
	grown[AT(d, member)] = one;
	d->added.member++;
	return 0;
}

/* What the dialect cca says of memberships: an array of workspaces in each user. */
static int add_workspace_ids(struct directory *d, const struct api_user *user, struct err *err)
{
	DEFER(buf_done) struct buf id = BUF_INIT(JSON_RECORD_BYTES);
	struct view ids = user->workspace_ids, value;

	if (json_type_of(ids) != JSON_ARRAY)
		return 0;
	while (json_each(&ids, &value)) {
		buf_clear(&id);
		if (json_type_of(value) != JSON_STRING)
			continue;
		if (json_add_string(&id, value))
			return err_nomem(err);
		if (add_membership(d, buf_view(&id), user->id, VIEW_NONE, err))
			return -1;
	}
	return 0;
}

int directory_put_user(struct directory *d, const struct api_user *user, struct err *err)
{
	struct org_user *grown = ROOM(d, user, DIRECTORY_USERS_MAX, "users", err);
	struct org_user one;

	if (!grown)
		return -1;
	d->org.users = grown;
	if (directory_keep(d, user->id, &one.id) || directory_keep(d, user->email, &one.email) ||
	    directory_keep(d, user->name, &one.name) || directory_keep(d, user->role, &one.role))
		return err_nomem(err);
	one.added_at_s = seconds_of(&user->added_at);
	grown[AT(d, user)] = one;
	d->added.user++;
	return record_is_absent(user->workspace_ids) ? 0 : add_workspace_ids(d, user, err);
}

int directory_add_user(struct directory *d, struct api_reader *reader, struct view row, struct err *err)
{
	struct api_user user;

	return api_user_read(reader, row, &user, err) ? -1 : directory_put_user(d, &user, err);
}

int directory_put_invite(struct directory *d, const struct api_invite *invite, struct err *err)
{
	struct org_invite *grown = ROOM(d, invite, DIRECTORY_INVITES_MAX, "invitations", err);
	struct org_invite one;

	if (!grown)
		return -1;
	d->org.invites = grown;
	if (directory_keep(d, invite->id, &one.id) || directory_keep(d, invite->email, &one.email) ||
	    directory_keep(d, invite->role, &one.role) || directory_keep(d, invite->status, &one.status))
		return err_nomem(err);
	one.invited_at_s = seconds_of(&invite->invited_at);
	one.expires_at_s = seconds_of(&invite->expires_at);
	grown[AT(d, invite)] = one;
	d->added.invite++;
	return 0;
}

int directory_add_invite(struct directory *d, struct api_reader *reader, struct view row, struct err *err)
{
	struct api_invite invite;

	return api_invite_read(reader, row, &invite, err) ? -1 : directory_put_invite(d, &invite, err);
}

/* "unrestricted", or what a list names. */
static int keep_geos(struct directory *d, struct view json, const char **ret)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);
	const enum json_type type = record_is_absent(json) ? JSON_NULL : json_type_of(json);

	if ((type == JSON_STRING && json_add_string(&text, json)) ||
	    (type == JSON_ARRAY && record_add_texts(&text, json, VIEW(","))))
		return -1;
	return directory_keep(d, buf_view(&text), ret);
}

int directory_put_workspace(struct directory *d, const struct api_workspace *w, struct err *err)
{
	struct org_workspace *grown = ROOM(d, workspace, WORKSPACES_MAX, "workspaces", err);
	struct org_workspace one;

	if (!grown)
		return -1;
	d->org.workspaces = grown;
	if (directory_keep(d, w->id, &one.id) || directory_keep(d, w->name, &one.name) ||
	    directory_keep(d, w->workspace_geo, &one.workspace_geo) ||
	    directory_keep(d, w->default_inference_geo, &one.default_inference_geo) ||
	    keep_geos(d, w->allowed_inference_geos, &one.allowed_inference_geos))
		return err_nomem(err);
	one.created_at_s = seconds_of(&w->created_at);
	one.archived_at_s = seconds_of(&w->archived_at);
	grown[AT(d, workspace)] = one;
	d->added.workspace++;
	return 0;
}

int directory_add_workspace(struct directory *d, struct api_reader *reader, struct view row, struct err *err)
{
	struct api_workspace w;

	return api_workspace_read(reader, row, &w, err) ? -1 : directory_put_workspace(d, &w, err);
}

int directory_put_member(struct directory *d, const struct api_member *member, struct err *err)
{
	return add_membership(d, member->workspace_id, member->user_id, member->workspace_role, err);
}

int directory_add_member(struct directory *d, struct api_reader *reader, struct view row, struct err *err)
{
	struct api_member member;

	return api_member_read(reader, row, &member, err) ? -1 : directory_put_member(d, &member, err);
}

/* The real id where the API tells it: of the default workspace only newer replies do. */
static struct view workspace_of(const struct api_key *key)
{
	if (api_key_place(key) == API_KEY_ORGANIZATION_WIDE)
		return VIEW_NONE;
	return key->workspace_id.len ? key->workspace_id : key->scope_workspace_id;
}

static enum org_key_place place_of(const struct api_key *key)
{
	switch (api_key_place(key)) {
	case API_KEY_IN_WORKSPACE:
		return ORG_KEY_IN_WORKSPACE;
	case API_KEY_IN_DEFAULT_WORKSPACE:
		return ORG_KEY_IN_DEFAULT_WORKSPACE;
	case API_KEY_ORGANIZATION_WIDE:
		return ORG_KEY_ORGANIZATION_WIDE;
	case API_KEY_PLACE_UNKNOWN:
		break;
	}
	return ORG_KEY_PLACE_UNKNOWN;
}

int directory_put_key(struct directory *d, const struct api_key *key, enum org_key_place place, struct err *err)
{
	struct org_key *grown = ROOM(d, key, DIRECTORY_KEYS_MAX, "keys", err);
	struct org_key one;

	if (!grown)
		return -1;
	d->org.keys = grown;
	if (directory_keep(d, key->id, &one.id) || directory_keep(d, key->name, &one.name) ||
	    directory_keep(d, key->partial_key_hint, &one.hint) || directory_keep(d, key->status, &one.status) ||
	    directory_keep(d, workspace_of(key), &one.workspace_id) ||
	    directory_keep(d, key->created_by_id, &one.created_by_id) ||
	    directory_keep(d, key->created_by_type, &one.created_by_type) ||
	    directory_keep(d, key->principal_id, &one.principal_id) ||
	    directory_keep(d, key->principal_type, &one.principal_type))
		return err_nomem(err);
	one.place = place;
	if (one.place == ORG_KEY_IN_DEFAULT_WORKSPACE && *one.workspace_id)
		d->org.default_workspace_id = one.workspace_id;
	one.created_at_s = seconds_of(&key->created_at);
	one.expires_at_s = seconds_of(&key->expires_at);
	grown[AT(d, key)] = one;
	d->added.key++;
	return 0;
}

int directory_add_key(struct directory *d, struct api_reader *reader, struct view row, struct err *err)
{
	struct api_key key;

	return api_key_read(reader, row, &key, err) ? -1 : directory_put_key(d, &key, place_of(&key), err);
}
