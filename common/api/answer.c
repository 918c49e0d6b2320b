/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that give one record. */
#include <string.h>

#include "common/api/record.h"
#include "common/sys/json.h"

static int read_json(void *context, struct view body, struct err *err)
{
	return json_whole(body, context, err) ? err_prefix(err, "the reply") : 0;
}

int api_answer_get(struct api *api, enum api_operation operation, const struct api_argument *arguments, size_t count,
		   const struct record_type *type, struct api_answer *answer, void *ret, struct err *err)
{
	struct view json;
	const struct api_reading reading = { read_json, &json };

	*answer = (struct api_answer){ 0 };
	if (type)
		memset(ret, 0, type->size);
	if (api_reader_init(&answer->reader, api_profile(api)->dialect, operation, err) ||
	    api_call_read(api, operation, arguments, count, &reading, &answer->reply, &answer->refusal, err))
		return -1;
	if (type && answer->reply.was_sent && record_read(&answer->reader, type, json, ret, err))
		return err_prefix(err, "the reply to %s", api_operation_name(operation));
	return 0;
}

void api_answer_done(struct api_answer *answer)
{
	api_reply_done(&answer->reply);
	api_reader_done(&answer->reader);
}
