/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "admin/facts.h"
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/govern/directory.h"

#define MATCHES_SHOWN 3 /* ids that a message names */

static const struct organization *list_of(struct session *s, struct directory **directory, enum directory_part part,
					  struct err *err)
{
	if (!*directory)
		*directory = directory_read(s->api, part, err);
	return *directory ? directory_get(*directory) : NULL;
}

/* Ids that have what is given. */
struct matches {
	const char *ids[MATCHES_SHOWN]; /* the first of them */
	size_t count;
};

static void add_match(struct matches *m, const char *id)
{
	if (m->count < MATCHES_SHOWN)
		m->ids[m->count] = id;
	m->count++;
}

/* more: "workspaces are called". */
static int refuse_several(const struct matches *m, const char *more, const char *given, struct err *err)
{
	DEFER(buf_done) struct buf ids = BUF_INIT(ERR_TEXT_BYTES);

	for (size_t i = 0; i < m->count && i < MATCHES_SHOWN; i++)
		if (buf_add_text(&ids, i ? ", " : "") || text_add_clean(&ids, view_of(m->ids[i])))
			return err_nomem(err);
	return err_set(err, ERR_USAGE, 0, "%zu %s '%s': an id was expected: %s%s", m->count, more, given, ids.ptr,
		       m->count > MATCHES_SHOWN ? ", ..." : "");
}

static struct matches find_workspaces(const struct organization *org, const char *name)
{
	struct matches active = { .count = 0 }, archived = { .count = 0 };

	for (size_t i = 0; i < org->workspace_count; i++) {
		const struct org_workspace *workspace = &org->workspaces[i];

		if (strcmp(workspace->name, name) == 0)
			add_match(workspace->archived_at_s ? &archived : &active, workspace->id);
	}
	return active.count ? active : archived;
}

int lookup_workspace(struct session *s, const char *given, const char **ret, struct err *err)
{
	const struct organization *org;
	struct matches m;

	*ret = given;
	if (s->profile.dialect != API_PLATFORM || text_starts(view_of(given), VIEW(ORG_WORKSPACE_ID)))
		return 0;
	if (strcmp(given, ORG_DEFAULT_WORKSPACE) == 0)
		return err_set(
			err, ERR_USAGE, 0,
			"the default workspace has no id that the API could be asked with here; keys audit, cost "
			"and usage messages take its name");
	org = list_of(s, &s->workspaces, DIRECTORY_WORKSPACES, err);
	if (!org)
		return err_prefix(err, "asking which workspace is meant (its id needs no asking)");
	m = find_workspaces(org, given);
	if (m.count > 1)
		return refuse_several(&m, "workspaces are called", given, err);
	if (!m.count)
		return facts_refuse_workspace(org, given, err);
	*ret = m.ids[0];
	return 0;
}

static struct matches find_users(const struct organization *org, const char *address)
{
	struct matches m = { .count = 0 };

	for (size_t i = 0; i < org->user_count; i++)
		if (text_eq_nocase(view_of(org->users[i].email), view_of(address)))
			add_match(&m, org->users[i].id);
	return m;
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
		return refuse_several(&m, "users have the address", given, err);
	if (!m.count)
		return err_set(err, ERR_USAGE, 0, "no user of the organisation has the address '%s'", given);
	*ret = m.ids[0];
	return 0;
}

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
