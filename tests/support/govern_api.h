/* SPDX-License-Identifier: Apache-2.0 */
/* An API client that answers each call by what it asks: for tests of what reads several lists. */
#ifndef TESTS_SUPPORT_GOVERN_API_H
#define TESTS_SUPPORT_GOVERN_API_H

#include "common/api/client.h"
#include "common/base/text.h"

/* The first reply whose call is the one asked for counts: the operation, and arguments that the call has to have. A
 * call without a reply is refused. */
struct govern_reply {
	const char *call; /* "member.list workspace_id=wrkspc_1" */
	const char *body;
};

struct api {
	struct profile profile;
	const struct govern_reply *replies; /* the last has no call */
	struct buf asked;                   /* a line for each call */
};

#define GOVERN_API(its_dialect, its_replies)                                                                           \
	{                                                                                                              \
		.profile = { .dialect = (its_dialect) }, .replies = (its_replies), .asked = BUF_INIT(1 << 20)          \
	}

static inline void govern_api_done(struct api *api)
{
	buf_done(&api->asked);
}

const struct profile *api_profile(const struct api *api)
{
	return &api->profile;
}

/* Is each word of call but the operation one of the line's? */
static inline bool govern_fits(struct view line, struct view call)
{
	while (call.len) {
		size_t len = text_find_byte(call, ' ');
		struct view word = view_sub(call, 0, len);
		size_t at = text_find(line, word);

		if (at == SIZE_MAX || (at + word.len < line.len && line.ptr[at + word.len] != ' '))
			return false;
		call = view_sub(call, word.len + 1, call.len);
	}
	return true;
}

static inline const char *govern_find(const struct api *api, struct view line)
{
	for (const struct govern_reply *r = api->replies; r->call; r++)
		if (govern_fits(line, view_of(r->call)))
			return r->body;
	return NULL;
}

int api_call(struct api *api, enum api_operation operation, const struct api_argument *arguments, size_t count,
	     struct api_reply *reply, struct api_refusal *refusal, struct err *err)
{
	size_t start = api->asked.len;
	const char *body;

	if (!api_route(api->profile.dialect, operation, err))
		return -1;
	if (buf_add_text(&api->asked, api_operation_name(operation)))
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		if (buf_addf(&api->asked, " %s=", arguments[i].name) || buf_add(&api->asked, arguments[i].value))
			return err_nomem(err);
	body = govern_find(api, view_sub(buf_view(&api->asked), start, api->asked.len));
	if (buf_add_byte(&api->asked, '\n'))
		return err_nomem(err);
	if (!body) {
		if (refusal)
			refusal->status = 404;
		return err_set(err, ERR_REFUSED, 0, "%s: refused", api_operation_name(operation));
	}
	reply->status = 200;
	reply->was_sent = true;
	buf_clear(&reply->body);
	reply->body.max = 1 << 20;
	return buf_add_text(&reply->body, body) ? err_nomem(err) : 0;
}

int api_call_read(struct api *api, enum api_operation operation, const struct api_argument *arguments, size_t count,
		  const struct api_reading *reading, struct api_reply *reply, struct api_refusal *refusal,
		  struct err *err)
{
	if (api_call(api, operation, arguments, count, reply, refusal, err))
		return -1;
	return reading->read(reading->context, buf_view(&reply->body), err);
}

void api_reply_done(struct api_reply *reply)
{
	buf_done(&reply->body);
	buf_done(&reply->request_id);
	buf_done(&reply->organization);
}

#endif
