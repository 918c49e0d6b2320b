/* SPDX-License-Identifier: Apache-2.0 */
#include "common/govern/directory.h"

#include <stdlib.h>
#include <string.h>

#include "common/api/endpoint_invite.h"
#include "common/api/endpoint_key.h"
#include "common/api/endpoint_member.h"
#include "common/api/endpoint_org.h"
#include "common/api/endpoint_user.h"
#include "common/api/endpoint_workspace.h"
#include "common/api/page.h"
#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/base/textpool.h"
#include "common/sys/json.h"

struct directory {
	struct organization org;
	struct textpool texts;
	struct api *api;
	size_t user_cap, invite_cap, workspace_cap, member_cap, key_cap;
};

void directory_free(struct directory *directory)
{
	if (!directory)
		return;
	textpool_done(&directory->texts);
	free(directory->org.users);
	free(directory->org.invites);
	free(directory->org.workspaces);
	free(directory->org.members);
	free(directory->org.keys);
	free(directory);
}

void directory_freep(struct directory **directory)
{
	directory_free(*directory);
	*directory = NULL;
}

const struct organization *directory_get(const struct directory *directory)
{
	return &directory->org;
}

/* ---- records ---- */

/* Absent and null are "". 0 or -1 without memory. */
static int keep(struct directory *d, struct view text, const char **ret)
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

#define ROOM(d, list, count, cap, max, what, err)                                                                      \
	room((d)->org.list, (d)->org.count, &(d)->cap, sizeof(*(d)->org.list), max, what, err)

/* Reads one row and puts it into its list. */
typedef int add_fn(struct directory *d, struct api_reader *reader, struct view row, struct err *err);

static int add_membership(struct directory *d, struct view workspace, struct view user, struct view role,
			  struct err *err)
{
	struct org_member *grown = ROOM(d, members, member_count, member_cap, DIRECTORY_MEMBERS_MAX, "members", err);
	struct org_member one;

	if (!grown)
		return -1;
	d->org.members = grown;
	if (keep(d, workspace, &one.workspace_id) || keep(d, user, &one.user_id) || keep(d, role, &one.role))
		return err_nomem(err);
	grown[d->org.member_count++] = one;
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

static int add_user(struct directory *d, struct api_reader *reader, struct view row, struct err *err)
{
	struct org_user *grown = ROOM(d, users, user_count, user_cap, DIRECTORY_USERS_MAX, "users", err);
	struct org_user one;
	struct api_user user;

	if (!grown)
		return -1;
	d->org.users = grown;
	if (api_user_read(reader, row, &user, err))
		return -1;
	if (keep(d, user.id, &one.id) || keep(d, user.email, &one.email) || keep(d, user.name, &one.name) ||
	    keep(d, user.role, &one.role))
		return err_nomem(err);
	one.added_at_s = seconds_of(&user.added_at);
	grown[d->org.user_count++] = one;
	return record_is_absent(user.workspace_ids) ? 0 : add_workspace_ids(d, &user, err);
}

static int add_invite(struct directory *d, struct api_reader *reader, struct view row, struct err *err)
{
	struct org_invite *grown =
		ROOM(d, invites, invite_count, invite_cap, DIRECTORY_INVITES_MAX, "invitations", err);
	struct org_invite one;
	struct api_invite invite;

	if (!grown)
		return -1;
	d->org.invites = grown;
	if (api_invite_read(reader, row, &invite, err))
		return -1;
	if (keep(d, invite.id, &one.id) || keep(d, invite.email, &one.email) || keep(d, invite.role, &one.role) ||
	    keep(d, invite.status, &one.status))
		return err_nomem(err);
	one.invited_at_s = seconds_of(&invite.invited_at);
	one.expires_at_s = seconds_of(&invite.expires_at);
	grown[d->org.invite_count++] = one;
	return 0;
}

/* "unrestricted", or what a list names. */
static int keep_geos(struct directory *d, struct view json, const char **ret)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES);
	const enum json_type type = record_is_absent(json) ? JSON_NULL : json_type_of(json);

	if ((type == JSON_STRING && json_add_string(&text, json)) ||
	    (type == JSON_ARRAY && record_add_texts(&text, json, VIEW(","))))
		return -1;
	return keep(d, buf_view(&text), ret);
}

static int add_workspace(struct directory *d, struct api_reader *reader, struct view row, struct err *err)
{
	struct org_workspace *grown =
		ROOM(d, workspaces, workspace_count, workspace_cap, WORKSPACES_MAX, "workspaces", err);
	struct org_workspace one;
	struct api_workspace w;

	if (!grown)
		return -1;
	d->org.workspaces = grown;
	if (api_workspace_read(reader, row, &w, err))
		return -1;
	if (keep(d, w.id, &one.id) || keep(d, w.name, &one.name) || keep(d, w.workspace_geo, &one.workspace_geo) ||
	    keep(d, w.default_inference_geo, &one.default_inference_geo) ||
	    keep_geos(d, w.allowed_inference_geos, &one.allowed_inference_geos))
		return err_nomem(err);
	one.created_at_s = seconds_of(&w.created_at);
	one.archived_at_s = seconds_of(&w.archived_at);
	grown[d->org.workspace_count++] = one;
	return 0;
}

static int add_member(struct directory *d, struct api_reader *reader, struct view row, struct err *err)
{
	struct api_member member;

	if (api_member_read(reader, row, &member, err))
		return -1;
	return add_membership(d, member.workspace_id, member.user_id, member.workspace_role, err);
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

static int add_key(struct directory *d, struct api_reader *reader, struct view row, struct err *err)
{
	struct org_key *grown = ROOM(d, keys, key_count, key_cap, DIRECTORY_KEYS_MAX, "keys", err);
	struct org_key one;
	struct api_key key;

	if (!grown)
		return -1;
	d->org.keys = grown;
	if (api_key_read(reader, row, &key, err))
		return -1;
	if (keep(d, key.id, &one.id) || keep(d, key.name, &one.name) || keep(d, key.partial_key_hint, &one.hint) ||
	    keep(d, key.status, &one.status) || keep(d, workspace_of(&key), &one.workspace_id) ||
	    keep(d, key.created_by_id, &one.created_by_id) || keep(d, key.created_by_type, &one.created_by_type))
		return err_nomem(err);
	one.place = place_of(&key);
	if (one.place == ORG_KEY_IN_DEFAULT_WORKSPACE && *one.workspace_id)
		d->org.default_workspace_id = one.workspace_id;
	one.created_at_s = seconds_of(&key.created_at);
	one.expires_at_s = seconds_of(&key.expires_at);
	grown[d->org.key_count++] = one;
	return 0;
}

/* ---- lists ---- */

static int read_rows(struct directory *d, struct page_walk *walk, struct api_reader *reader, add_fn *add,
		     struct err *err)
{
	struct view row;
	int status;

	while ((status = page_row(walk, &row, err)) == 1)
		if (add(d, reader, row, err))
			return -1;
	return status;
}

/* argument may be NULL. */
static int read_list(struct directory *d, enum api_operation operation, const struct api_argument *argument,
		     add_fn *add, struct err *err)
{
	struct api_reader reader;
	struct page_walk walk;
	int ret;

	if (api_reader_init(&reader, api_profile(d->api)->dialect, operation, err))
		return -1;
	page_start(&walk, d->api, operation, argument, argument ? 1 : 0, 0);
	ret = read_rows(d, &walk, &reader, add, err);
	page_done(&walk);
	api_reader_done(&reader);
	return ret;
}

static int compare_texts(const char *a, const char *b)
{
	return text_cmp(view_of(a), view_of(b));
}

/* Each record but a member's has its id first. */
static int by_id(const void *a, const void *b)
{
	return compare_texts(*(const char *const *)a, *(const char *const *)b);
}

static int by_membership(const void *a, const void *b)
{
	const struct org_member *x = a, *y = b;
	int order = compare_texts(x->workspace_id, y->workspace_id);

	return order ? order : compare_texts(x->user_id, y->user_id);
}

/* Sorts, and leaves one of equals: a list that changes while its pages are read may give a record twice. */
static void settle(void *list, size_t *count, size_t size, int (*compare)(const void *, const void *))
{
	char *items = list;
	size_t kept = 0;

	if (!*count)
		return;
	qsort(list, *count, size, compare);
	for (size_t i = 1; i < *count; i++)
		if (compare(items + kept * size, items + i * size) && ++kept != i)
			memcpy(items + kept * size, items + i * size, size);
	*count = kept + 1;
}

#define SETTLE(d, list, count, compare) settle((d)->org.list, &(d)->org.count, sizeof(*(d)->org.list), compare)

static int read_members(struct directory *d, struct err *err)
{
	if (api_profile(d->api)->dialect == API_CCA)
		return 0; /* users said it */
	for (size_t i = 0; i < d->org.workspace_count; i++) {
		const struct api_argument of = { "workspace_id", view_of(d->org.workspaces[i].id) };

		if (!d->org.workspaces[i].archived_at_s && read_list(d, API_MEMBER_LIST, &of, add_member, err))
			return -1;
	}
	return 0;
}

/* Is it the default workspace, which no list has? 1, 0 or -1. */
static int ask_default(struct directory *d, const char *id, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	struct api_workspace workspace;
	struct err why = ERR_INIT;

	if (api_workspace_get(d->api, view_of(id), &answer, &workspace, &why) == 0)
		return text_eq(workspace.name, organization_workspace_name(&d->org, VIEW_NONE));
	return why.kind == ERR_REFUSED ? 0 : err_set(err, why.kind, why.errnum, "%s", why.text);
}

/* Newer replies give keys of the default workspace its id and say no more. Such an id is in no list of workspaces; one
 * made since the list was read is not either, so the API is asked. */
static int find_default(struct directory *d, struct err *err)
{
	const char *asked = "";
	unsigned asks = 0;

	for (size_t i = 0; i < d->org.key_count && !*d->org.default_workspace_id; i++) {
		const struct org_key *key = &d->org.keys[i];
		int answer;

		if (key->place != ORG_KEY_IN_WORKSPACE || text_eq(view_of(key->workspace_id), view_of(asked)) ||
		    organization_workspace(&d->org, view_of(key->workspace_id)))
			continue;
		if (asks++ == DIRECTORY_ASKED_MAX)
			return 0;
		answer = ask_default(d, key->workspace_id, err);
		if (answer < 0)
			return -1;
		asked = key->workspace_id;
		if (answer)
			d->org.default_workspace_id = asked;
	}
	return 0;
}

static void mark_default(struct directory *d)
{
	const struct view id = view_of(d->org.default_workspace_id);

	for (size_t i = 0; i < d->org.key_count && id.len; i++)
		if (text_eq(view_of(d->org.keys[i].workspace_id), id))
			d->org.keys[i].place = ORG_KEY_IN_DEFAULT_WORKSPACE;
}

static int read_keys(struct directory *d, bool has_workspaces, struct err *err)
{
	if (read_list(d, API_KEY_LIST, NULL, add_key, err))
		return -1;
	SETTLE(d, keys, key_count, by_id);
	if (has_workspaces && find_default(d, err))
		return -1;
	mark_default(d);
	return 0;
}

static int read_org(struct directory *d, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	struct api_org org;

	if (api_org_get(d->api, &answer, &org, err))
		return -1;
	return keep(d, org.id, &d->org.id) || keep(d, org.name, &d->org.name) ? err_nomem(err) : 0;
}

static int read_parts(struct directory *d, unsigned parts, struct err *err)
{
	const struct api_argument archived = { "include_archived", VIEW("true") };

	if (((parts & DIRECTORY_ORG) && read_org(d, err)) ||
	    ((parts & DIRECTORY_USERS) && read_list(d, API_USER_LIST, NULL, add_user, err)) ||
	    ((parts & DIRECTORY_INVITES) && read_list(d, API_INVITE_LIST, NULL, add_invite, err)) ||
	    ((parts & DIRECTORY_WORKSPACES) && read_list(d, API_WORKSPACE_LIST, &archived, add_workspace, err)))
		return -1;
	SETTLE(d, users, user_count, by_id);
	SETTLE(d, invites, invite_count, by_id);
	SETTLE(d, workspaces, workspace_count, by_id);
	if (((parts & DIRECTORY_MEMBERS) && read_members(d, err)) ||
	    ((parts & DIRECTORY_KEYS) && read_keys(d, parts & DIRECTORY_WORKSPACES, err)))
		return -1;
	if (!(parts & DIRECTORY_MEMBERS))
		d->org.member_count = 0;
	SETTLE(d, members, member_count, by_membership);
	return 0;
}

struct directory *directory_read(struct api *api, unsigned parts, struct err *err)
{
	DEFER(directory_freep) struct directory *directory = calloc(1, sizeof(*directory));

	if (!directory) {
		(void)err_nomem(err);
		return NULL;
	}
	directory->api = api;
	directory->org.id = directory->org.name = directory->org.default_workspace_id = "";
	if (read_parts(directory, parts, err))
		return NULL;
	return TAKE(directory);
}
