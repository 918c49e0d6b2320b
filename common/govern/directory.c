/* SPDX-License-Identifier: Apache-2.0 */
#include "common/govern/directory.h"

#include <stdlib.h>
#include <string.h>

#include "common/api/endpoint_org.h"
#include "common/api/endpoint_workspace.h"
#include "common/api/page.h"
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/govern/directory_inside.h"

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
	free(directory->org.gone);
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

static int read_rows(struct directory *d, struct page_walk *walk, struct api_reader *reader, directory_add *add,
		     struct err *err)
{
	struct view row;
	int status;

	while ((status = page_row(walk, &row, err)) == 1)
		if (add(d, reader, row, err))
			return -1;
	return status;
}

int directory_read_list(struct directory *d, enum api_operation operation, const struct api_argument *argument,
			directory_add *add, struct err *err)
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
static void settle(void *list, size_t *count, size_t *added, size_t size, int (*compare)(const void *, const void *))
{
	char *items = list;
	size_t kept = 0;

	if (!*added)
		return;
	*count += *added;
	*added = 0;
	qsort(list, *count, size, compare);
	for (size_t i = 1; i < *count; i++)
		if (compare(items + kept * size, items + i * size) && ++kept != i)
			memcpy(items + kept * size, items + i * size, size);
	*count = kept + 1;
}

#define SETTLE(d, which, compare)                                                                                      \
	settle((d)->org.which##s, &(d)->org.which##_count, &(d)->added.which, sizeof(*(d)->org.which##s), compare)

/* Newer replies give keys of the default workspace its id and say no more. */
static void mark_default(struct directory *d)
{
	const struct view id = view_of(d->org.default_workspace_id);

	for (size_t i = 0; i < d->org.key_count && id.len; i++)
		if (text_eq(view_of(d->org.keys[i].workspace_id), id))
			d->org.keys[i].place = ORG_KEY_IN_DEFAULT_WORKSPACE;
}

void directory_settle(struct directory *d)
{
	SETTLE(d, user, by_id);
	SETTLE(d, invite, by_id);
	SETTLE(d, workspace, by_id);
	SETTLE(d, member, by_membership);
	SETTLE(d, key, by_id);
	mark_default(d);
}

static int read_members(struct directory *d, struct err *err)
{
	if (api_profile(d->api)->dialect == API_CCA)
		return 0; /* users said it */
	for (size_t i = 0; i < d->org.workspace_count; i++) {
		const struct api_argument of = { "workspace_id", view_of(d->org.workspaces[i].id) };

		if (!d->org.workspaces[i].archived_at_s &&
		    directory_read_list(d, API_MEMBER_LIST, &of, directory_add_member, err))
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

static int read_keys(struct directory *d, bool has_workspaces, struct err *err)
{
	if (directory_read_list(d, API_KEY_LIST, NULL, directory_add_key, err))
		return -1;
	directory_settle(d);
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
	return directory_keep(d, org.id, &d->org.id) || directory_keep(d, org.name, &d->org.name) ? err_nomem(err) : 0;
}

static int read_parts(struct directory *d, unsigned parts, struct err *err)
{
	const struct api_argument archived = { "include_archived", VIEW("true") };

	if (((parts & DIRECTORY_ORG) && read_org(d, err)) ||
	    ((parts & DIRECTORY_USERS) && directory_read_list(d, API_USER_LIST, NULL, directory_add_user, err)) ||
	    ((parts & DIRECTORY_INVITES) && directory_read_list(d, API_INVITE_LIST, NULL, directory_add_invite, err)) ||
	    ((parts & DIRECTORY_WORKSPACES) &&
	     directory_read_list(d, API_WORKSPACE_LIST, &archived, directory_add_workspace, err)))
		return -1;
	directory_settle(d);
	if (!(parts & DIRECTORY_MEMBERS))
		d->org.member_count = 0;
	if (((parts & DIRECTORY_MEMBERS) && read_members(d, err)) ||
	    ((parts & DIRECTORY_KEYS) && read_keys(d, parts & DIRECTORY_WORKSPACES, err)))
		return -1;
	directory_settle(d);
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
	directory->parts = parts;
	directory->org.id = directory->org.name = directory->org.default_workspace_id = "";
	if (read_parts(directory, parts, err))
		return NULL;
	return TAKE(directory);
}
