/* SPDX-License-Identifier: Apache-2.0 */
/* An API client that answers from a script and writes down what it was asked: for tests of what stands above it. */
#ifndef TESTS_SUPPORT_FAKE_API_H
#define TESTS_SUPPORT_FAKE_API_H

#include "common/api/client.h"

struct api {
	struct profile profile;
	const char *reply;     /* the body of the next call; NULL: it is refused */
	bool is_dry;           /* nothing is sent */
	struct buf method_log; /* "user.update id=user_1 role=admin\n" */
	struct buf target, body;
};

#define FAKE_API(its_dialect, its_reply)                                                                               \
	{                                                                                                              \
		.profile = { .dialect = (its_dialect) }, .reply = (its_reply), .method_log = BUF_INIT(1 << 16),        \
		.target = BUF_INIT(1 << 16), .body = BUF_INIT(1 << 16)                                                 \
	}

static inline void fake_api_done(struct api *api)
{
	buf_done(&api->method_log);
	buf_done(&api->target);
	buf_done(&api->body);
}

const struct profile *api_profile(const struct api *api)
{
	return &api->profile;
}

static inline int fake_log(struct api *api, enum api_operation operation, const struct api_argument *arguments,
			   size_t count)
{
	if (buf_add_text(&api->method_log, api_operation_name(operation)))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (buf_addf(&api->method_log, " %s=", arguments[i].name) ||
		    buf_add(&api->method_log, arguments[i].value))
			return -1;
	return buf_add_byte(&api->method_log, '\n');
}

int api_call(struct api *api, enum api_operation operation, const struct api_argument *arguments, size_t count,
	     struct api_reply *reply, struct api_refusal *refusal, struct err *err)
{
	buf_clear(&api->target);
	buf_clear(&api->body);
	if (api_write(api->profile.dialect, operation, arguments, count, &api->target, &api->body, err))
		return -1;
	if (fake_log(api, operation, arguments, count))
		return err_nomem(err);
	if (api->is_dry)
		return 0;
	if (!api->reply) {
		if (refusal)
			refusal->status = 403;
		return err_set(err, ERR_REFUSED, 0, "refused");
	}
	reply->status = 200;
	reply->was_sent = true;
	reply->body = (struct buf)BUF_INIT(1 << 20);
	return buf_add_text(&reply->body, api->reply) ? err_nomem(err) : 0;
}

int api_call_read(struct api *api, enum api_operation operation, const struct api_argument *arguments, size_t count,
		  const struct api_reading *reading, struct api_reply *reply, struct api_refusal *refusal,
		  struct err *err)
{
	if (api_call(api, operation, arguments, count, reply, refusal, err))
		return -1;
	if (reply->was_sent && reading->read(reading->context, buf_view(&reply->body), err))
		return err_prefix(err, "%s", api_operation_name(operation));
	return 0;
}

void api_reply_done(struct api_reply *reply)
{
	buf_done(&reply->body);
	buf_done(&reply->request_id);
	buf_done(&reply->organization);
}

#endif
