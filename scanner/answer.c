/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/answer.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json.h"

void answer_done(struct answer *answer)
{
	buf_wipe(&answer->reason);
	buf_wipe(&answer->organization);
}

/* "sha256:" and 32 hex digits */
static int take_id(struct answer *answer, struct view object, struct err *err)
{
	DEFER(buf_done) struct buf id = BUF_INIT(VERIFY_ANSWER_BYTES);
	struct view value = json_member(object, "secret_id");

	if (!value.len || json_type_of(value) != JSON_STRING)
		return err_set(err, ERR_FORMAT, 0, "it has no secret_id");
	if (json_add_string(&id, value))
		return err_nomem(err);
	if (id.len != SECRET_ID_BYTES - 1 || !text_starts(buf_view(&id), VIEW("sha256:")) ||
	    strspn(id.ptr + 7, "0123456789abcdef") != SECRET_ID_BYTES - 8)
		return err_set(err, ERR_FORMAT, 0, "its secret_id is not of the form sha256:HEX");
	memcpy(answer->id, id.ptr, SECRET_ID_BYTES);
	return 0;
}

static int take_state(struct answer *answer, struct view object, struct err *err)
{
	struct view value = json_member(object, "verified");

	if (value.len && json_type_of(value) == JSON_STRING)
		for (unsigned i = VERIFIED_LIVE; i < VERIFIED_COUNT; i++)
			if (json_string_is(value, view_of(verified_names[i]))) {
				answer->state = (enum verified)i;
				return 0;
			}
	return err_set(err, ERR_FORMAT, 0, "its member verified is none of live, dead, unknown");
}

static int add_reason(struct answer *answer, struct view value)
{
	if (!value.len || json_type_of(value) != JSON_STRING || answer->reason.len >= VERIFY_REASON_BYTES)
		return 0;
	if (answer->reason.len && buf_add_text(&answer->reason, "; "))
		return -1;
	return json_add_string(&answer->reason, value);
}

static int take_reasons(struct answer *answer, struct view object)
{
	struct view cursor = json_member(object, "reasons"), value;

	if (add_reason(answer, json_member(object, "reason")))
		return -1;
	if (cursor.len && json_type_of(cursor) == JSON_ARRAY)
		while (json_each(&cursor, &value))
			if (add_reason(answer, value))
				return -1;
	buf_cut(&answer->reason, VERIFY_REASON_BYTES);
	return 0;
}

int answer_read(struct answer *answer, struct view line, struct err *err)
{
	struct view object, organization;

	*answer = (struct answer)ANSWER_INIT;
	if (line.len > VERIFY_ANSWER_BYTES)
		return err_set(err, ERR_FORMAT, 0, "it is longer than %u bytes", VERIFY_ANSWER_BYTES);
	if (json_whole(line, &object, err))
		return -1;
	if (json_type_of(object) != JSON_OBJECT)
		return err_set(err, ERR_FORMAT, 0, "it is no JSON object");
	if (take_id(answer, object, err) || take_state(answer, object, err))
		return -1;
	organization = json_member(object, "organization_id");
	if (take_reasons(answer, object) || (organization.len && json_type_of(organization) == JSON_STRING &&
					     json_add_string(&answer->organization, organization)))
		return err_nomem(err);
	return 0;
}
