/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "admin/facts.h"
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/govern/directory.h"
#include "common/sys/redact.h"

#define MATCHES_SHOWN 8 /* that a message names */

/* parts: of directory.h. */
static const struct organization *list_of(struct session *s, struct directory **directory, unsigned parts,
					  struct err *err)
{
	if (!*directory)
		*directory = directory_read(s->api, parts, err);
	return *directory ? directory_get(*directory) : NULL;
}

/* Such as a variable of a shell that was never set: nobody is asked about it. */
static int refuse_empty(struct err *err)
{
	return err_set(err, ERR_USAGE, 0, "an id or a name was expected, and it is empty");
}

/* What has the name that is given. */
struct matches {
	size_t at[MATCHES_SHOWN]; /* the first of them: places in their list */
	size_t count;
};

static void add_match(struct matches *m, size_t at)
{
	if (m->count < MATCHES_SHOWN)
		m->at[m->count] = at;
	m->count++;
}

/* Tells one of a list, so that it can be chosen. 0, or -1 as buf_add. */
typedef int add_one(struct buf *buf, const struct organization *org, size_t at);

/* more: "workspaces are called". */
static int refuse_several(const struct matches *m, const struct organization *org, add_one *add, const char *more,
			  const char *given, struct err *err)
{
	DEFER(buf_done) struct buf all = BUF_INIT(OUTPUT_PENDING_BYTES);

	for (size_t i = 0; i < m->count && i < MATCHES_SHOWN; i++)
		if (buf_add_text(&all, i ? ", " : "") || add(&all, org, m->at[i]))
			return err_nomem(err);
	return err_set(err, ERR_USAGE, 0, "%zu %s '%s': an id was expected: %s%s", m->count, more, given, all.ptr,
		       m->count > MATCHES_SHOWN ? ", ..." : "");
}

/* ---- workspaces ---- */

static struct matches find_workspaces(const struct organization *org, const char *name)
{
	struct matches active = { .count = 0 }, archived = { .count = 0 };

	for (size_t i = 0; i < org->workspace_count; i++)
		if (strcmp(org->workspaces[i].name, name) == 0)
			add_match(org->workspaces[i].archived_at_s ? &archived : &active, i);
	return active.count ? active : archived;
}

static int add_workspace(struct buf *buf, const struct organization *org, size_t at)
{
	return buf_add_text(buf, org->workspaces[at].id);
}

int lookup_workspace(struct session *s, const char *given, const char **ret, struct err *err)
{
	const struct organization *org;
	struct matches m;

	*ret = given;
	if (!*given)
		return refuse_empty(err);
	if (s->profile.dialect != API_PLATFORM || text_starts(view_of(given), VIEW(ORG_WORKSPACE_ID)))
		return 0;
	if (strcmp(given, ORG_DEFAULT_WORKSPACE) == 0)
		return err_set(
			err, ERR_USAGE, 0,
			"the default workspace has no id that the API could be asked with here; commands about keys, "
			"cost and usage messages take its name");
	org = list_of(s, &s->workspaces, DIRECTORY_WORKSPACES, err);
	if (!org)
		return err_prefix(err, "asking which workspace is meant (its id needs no asking)");
	m = find_workspaces(org, given);
	if (m.count > 1)
		return refuse_several(&m, org, add_workspace, "workspaces are called", given, err);
	if (!m.count)
		return facts_refuse_workspace(org, given, err);
	*ret = org->workspaces[m.at[0]].id;
	return 0;
}

/* ---- people ---- */

static struct matches find_users(const struct organization *org, const char *address)
{
	struct matches m = { .count = 0 };

	for (size_t i = 0; i < org->user_count; i++)
		if (text_eq_nocase(view_of(org->users[i].email), view_of(address)))
			add_match(&m, i);
	return m;
}

static int add_user(struct buf *buf, const struct organization *org, size_t at)
{
	return buf_add_text(buf, org->users[at].id);
}

int lookup_user(struct session *s, const char *given, const char **ret, struct err *err)
{
	const struct organization *org;
	struct matches m;

	*ret = given;
	if (!strchr(given, '@'))
		return 0;
	org = list_of(s, &s->people, DIRECTORY_USERS, err);
	if (!org)
		return err_prefix(err, "asking who is meant (an id needs no asking)");
	m = find_users(org, given);
	if (m.count > 1)
		return refuse_several(&m, org, add_user, "users have the address", given, err);
	if (!m.count)
		return err_set(err, ERR_USAGE, 0, "no user of the organisation has the address '%s'", given);
	*ret = org->users[m.at[0]].id;
	return 0;
}

/* ---- invitations ---- */

static struct matches find_invites(const struct organization *org, const char *address)
{
	struct matches pending = { .count = 0 }, past = { .count = 0 };

	for (size_t i = 0; i < org->invite_count; i++)
		if (text_eq_nocase(view_of(org->invites[i].email), view_of(address)))
			add_match(strcmp(org->invites[i].status, "pending") == 0 ? &pending : &past, i);
	return pending.count ? pending : past;
}

static int add_invite(struct buf *buf, const struct organization *org, size_t at)
{
	return buf_addf(buf, "%s (%s)", org->invites[at].id, org->invites[at].status);
}

int lookup_invite(struct session *s, const char *given, const char **ret, struct err *err)
{
	const struct organization *org;
	struct matches m;

	*ret = given;
	if (!strchr(given, '@'))
		return 0;
	org = list_of(s, &s->invites, DIRECTORY_INVITES, err);
	if (!org)
		return err_prefix(err, "asking which invitation is meant (its id needs no asking)");
	m = find_invites(org, given);
	if (m.count > 1)
		return refuse_several(&m, org, add_invite, "invitations are for", given, err);
	if (!m.count)
		return err_set(err, ERR_USAGE, 0, "there is no invitation for '%s'", given);
	*ret = org->invites[m.at[0]].id;
	return 0;
}

/* ---- keys ---- */

static struct matches find_keys(const struct organization *org, const char *name, const char *workspace)
{
	struct matches m = { .count = 0 };

	for (size_t i = 0; i < org->key_count; i++)
		if (strcmp(org->keys[i].name, name) == 0 &&
		    (!workspace || organization_key_is_in(org, &org->keys[i], view_of(workspace))))
			add_match(&m, i);
	return m;
}

static int add_key(struct buf *buf, const struct organization *org, size_t at)
{
	const struct org_key *key = &org->keys[at];
	struct view workspace = organization_key_workspace(org, key);

	if (!workspace.len)
		workspace = VIEW(ORG_KEY_PLACE_UNSURE);
	return buf_addf(buf, "%s (%.*s, %s)", key->id, (int)workspace.len, workspace.ptr, key->status);
}

static int refuse_key(const struct organization *org, const char *given, const char *workspace, struct err *err)
{
	const struct matches elsewhere = find_keys(org, given, NULL);

	if (!elsewhere.count)
		return facts_refuse_key(org, given, err);
	return err_set(err, ERR_USAGE, 0, "there is no key '%s' in workspace '%s'", given, workspace);
}

int lookup_key(struct session *s, const char *given, const char *workspace, const char **ret, struct err *err)
{
	const struct texts places = { .items = { workspace }, .count = workspace ? 1 : 0 };
	const struct organization *org;
	struct matches m;

	*ret = given;
	if (!*given)
		return refuse_empty(err);
	if (redact_is_key(view_of(given)))
		return err_set(err, ERR_USAGE, 0,
			       "a key itself is no argument, as others can read it there: its id or name was expected");
	if (text_starts(view_of(given), VIEW(ORG_KEY_ID)))
		return workspace
			       ? err_set(err, ERR_USAGE, 0, "--workspace goes with a key's name; '%s' is an id", given)
			       : 0;
	org = list_of(s, &s->keys, DIRECTORY_KEYS | DIRECTORY_WORKSPACES, err);
	if (!org)
		return err_prefix(err, "asking which key is meant (its id needs no asking)");
	if (facts_check_places(org, &places, err))
		return -1;
	m = find_keys(org, given, workspace);
	if (m.count > 1)
		return refuse_several(&m, org, add_key, "keys are called", given, err);
	if (!m.count)
		return refuse_key(org, given, workspace, err);
	*ret = org->keys[m.at[0]].id;
	return 0;
}

/* ---- several ---- */

typedef int lookup_one(struct session *s, const char *given, const char **ret, struct err *err);

static int look_all_up(struct session *s, lookup_one *one, const struct texts *given, struct texts *ret,
		       struct err *err)
{
	ret->count = 0;
	for (size_t i = 0; i < given->count; i++)
		if (one(s, given->items[i], &ret->items[ret->count++], err))
			return -1;
	return 0;
}

int lookup_workspaces(struct session *s, const struct texts *given, struct texts *ret, struct err *err)
{
	return look_all_up(s, lookup_workspace, given, ret, err);
}

int lookup_users(struct session *s, const struct texts *given, struct texts *ret, struct err *err)
{
	return look_all_up(s, lookup_user, given, ret, err);
}
