/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl org: the organisation, and what the Compliance API sees of it. */
#include "admin/cmd.h"
#include "admin/list.h"
#include "common/api/endpoint_compliance.h"
#include "common/api/endpoint_org.h"
#include "common/api/page.h"
#include "common/base/text.h"

static const struct column columns[] = { { "id", "id" }, { "name", "name" } };
static const struct column org_columns[] = { { "id", "uuid" }, { "name", "name" }, { "created_at", "created_at" } };
static const struct column user_columns[] = {
	{ "id", "id" },
	{ "email", "email" },
	{ "name", "full_name" },
	{ "role", "organization_role" },
	{ "created_at", "created_at" },
};

int cmd_org_show(struct session *s, char **, size_t count, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	struct api_org org;

	if (session_args(NULL, 0, count, err) || api_org_get(s->api, &answer, &org, err))
		return -1;
	return session_print(s, API_ORG_GET, columns, ARRAY_LEN(columns), buf_view(&answer.reply.body), err);
}

int cmd_org_list(struct session *s, char **, size_t count, struct err *err)
{
	struct filters arguments = { .count = 0 };
	struct listing listing = {
		API_COMPLIANCE_ORG_LIST, &arguments, org_columns, ARRAY_LEN(org_columns), NULL, NULL
	};

	if (session_args(NULL, 0, count, err))
		return -1;
	return list_print(s, &listing, err);
}

/* An organisation for a sentence that names several. */
static int name_org(struct buf *all, const struct api_compliance_org *org)
{
	return buf_add_text(all, all->len ? ", " : "") || text_add_clean(all, org->uuid) || buf_add_text(all, " (") ||
			       text_add_clean(all, org->name) || buf_add_byte(all, ')')
		       ? -1
		       : 0;
}

/* The first organisation's id goes into id, and a sentence that names them all into all. */
static int read_orgs(struct page_walk *walk, struct api_reader *reader, struct buf *id, struct buf *all,
		     struct err *err)
{
	struct api_compliance_org org;
	struct view row;
	size_t count = 0;
	int status;

	while ((status = page_row(walk, &row, err)) == 1) {
		if (api_compliance_org_read(reader, row, &org, err))
			return -1;
		if ((++count <= ORGS_TOLD && name_org(all, &org)) || (count == 1 && buf_add(id, org.uuid)))
			return err_nomem(err);
	}
	if (status < 0)
		return -1;
	if (!count)
		return err_set(err, ERR_REFUSED, 0, "the Compliance API lists no organisation");
	if (count > 1)
		return err_set(err, ERR_USAGE, 0,
			       "the Compliance API lists %zu organisations; `org users ID` says which: %s%s", count,
			       all->ptr, count > ORGS_TOLD ? ", ..." : "");
	return 0;
}

/* The only organisation that there is. */
static int find_org(struct session *s, struct buf *id, struct err *err)
{
	DEFER(buf_done) struct buf all = BUF_INIT(API_REPLY_BYTES);
	struct api_reader reader;
	struct page_walk walk;
	int ret;

	if (api_reader_init(&reader, s->profile.dialect, API_COMPLIANCE_ORG_LIST, err))
		return -1;
	page_start(&walk, s->api, API_COMPLIANCE_ORG_LIST, NULL, 0, 0);
	ret = read_orgs(&walk, &reader, id, &all, err);
	page_done(&walk);
	api_reader_done(&reader);
	return ret;
}

int cmd_org_users(struct session *s, char **args, size_t count, struct err *err)
{
	DEFER(buf_done) struct buf id = BUF_INIT(API_REPLY_BYTES);
	struct filters arguments = { .count = 0 };
	struct listing listing = { API_COMPLIANCE_USER_LIST, &arguments, user_columns,
				   ARRAY_LEN(user_columns),  NULL,       NULL };

	if (count > 1)
		return session_args("at most one organisation's id", 1, count, err);
	if (!count && find_org(s, &id, err))
		return -1;
	filters_add(&arguments, "organization_id", count ? args[0] : id.ptr);
	return list_print(s, &listing, err);
}
