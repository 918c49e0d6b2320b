/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl org show. */
#include "admin/cmd.h"
#include "common/api/endpoint_org.h"

static const struct column columns[] = { { "id", "id" }, { "name", "name" } };

int cmd_org_show(struct session *s, char **, size_t count, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	struct api_org org;

	if (session_args(NULL, 0, count, err) || api_org_get(s->api, &answer, &org, err))
		return -1;
	return session_print(s, API_ORG_GET, columns, ARRAY_LEN(columns), buf_view(&answer.reply.body), err);
}
