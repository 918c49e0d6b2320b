/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "admin/facts.h"
#include "common/base/text.h"
#include "common/govern/directory.h"

static const struct organization *list_of(struct session *s, struct directory **directory, enum directory_part part,
					  struct err *err)
{
	if (!*directory)
		*directory = directory_read(s->api, part, err);
	return *directory ? directory_get(*directory) : NULL;
}

static const char *find_workspace(const struct organization *org, const char *name, size_t *ret_count)
{
	const char *active = NULL, *archived = NULL;
	size_t active_count = 0, archived_count = 0;

	for (size_t i = 0; i < org->workspace_count; i++) {
		const struct org_workspace *workspace = &org->workspaces[i];

		if (strcmp(workspace->name, name) != 0)
			continue;
		if (workspace->archived_at_s) {
			archived = workspace->id;
			archived_count++;
		} else {
			active = workspace->id;
			active_count++;
		}
	}
	*ret_count = active ? active_count : archived_count;
	return active ? active : archived;
}

int lookup_workspace(struct session *s, const char *given, const char **ret, struct err *err)
{
	const struct organization *org;
	size_t count;

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
	*ret = find_workspace(org, given, &count);
	if (count > 1)
		return err_set(err, ERR_USAGE, 0, "%zu workspaces are called '%s': an id was expected", count, given);
	return *ret ? 0 : facts_refuse_workspace(org, given, err);
}

static const char *find_user(const struct organization *org, const char *address, size_t *ret_count)
{
	const char *found = NULL;

	*ret_count = 0;
	for (size_t i = 0; i < org->user_count; i++)
		if (text_eq_nocase(view_of(org->users[i].email), view_of(address))) {
			found = org->users[i].id;
			++*ret_count;
		}
	return found;
}

int lookup_user(struct session *s, const char *given, const char **ret, struct err *err)
{
	const struct organization *org;
	size_t count;

	*ret = given;
	if (!strchr(given, '@'))
		return 0;
	org = list_of(s, &s->people, DIRECTORY_USERS, err);
	if (!org)
		return err_prefix(err, "asking who is meant (an id needs no asking)");
	*ret = find_user(org, given, &count);
	if (count > 1)
		return err_set(err, ERR_USAGE, 0, "%zu users have the address '%s': an id was expected", count, given);
	return *ret ? 0 : err_set(err, ERR_USAGE, 0, "no user of the organisation has the address '%s'", given);
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
