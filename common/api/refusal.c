/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/refusal.h"

#include <string.h>

#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/json.h"

#define CONTENT_TYPE_SHOWN 64

/* Copies what fits of clean text; a character is kept whole or not at all. */
static void store(char *ret, size_t size, struct view text)
{
	size_t len = 0;

	while (len < text.len) {
		size_t next = text_utf8_len(view_sub(text, len, text.len));

		next = next ? next : 1;
		if (len + next >= size)
			break;
		len += next;
	}
	if (len)
		memcpy(ret, text.ptr, len);
	ret[len] = '\0';
}

/* The text of a string value, masked and cleaned; nothing when it is no string. */
static int store_string(struct view value, struct view also, char *ret, size_t size, struct err *err)
{
	DEFER(buf_wipe) struct buf text = BUF_INIT(API_ERROR_BYTES);
	DEFER(buf_done) struct buf masked = BUF_INIT(4 * (size_t)API_ERROR_BYTES);
	DEFER(buf_done) struct buf clean = BUF_INIT(32 * (size_t)API_ERROR_BYTES);

	ret[0] = '\0';
	if (value.len == 0 || json_type_of(value) != JSON_STRING)
		return 0;
	if (json_add_string(&text, value) || secret_add_masked_text(&masked, buf_view(&text), also) ||
	    text_add_clean(&clean, buf_view(&masked)))
		return err_nomem(err);
	store(ret, size, buf_view(&clean));
	return 0;
}

/* The object behind key, or nothing. */
static struct view object_of(struct view parent, const char *key)
{
	struct view value = parent.len && json_type_of(parent) == JSON_OBJECT ? json_member(parent, key) : VIEW_NONE;

	return value.len && json_type_of(value) == JSON_OBJECT ? value : VIEW_NONE;
}

int refusal_read(unsigned status, struct view body, struct view also, struct api_refusal *ret, struct retry_try *t,
		 struct err *err)
{
	char code[RETRY_WORD_BYTES] = "", id[RETRY_WORD_BYTES] = "";
	struct view whole, error;

	*ret = (struct api_refusal){ .status = status };
	if (json_whole(view_sub(body, 0, API_ERROR_BYTES), &whole, NULL) || json_type_of(whole) != JSON_OBJECT)
		return 0;
	error = object_of(whole, "error");
	if (error.len == 0)
		return 0;
	if (store_string(json_member(error, "type"), also, ret->type, sizeof(ret->type), err) ||
	    store_string(json_member(error, "message"), also, ret->message, sizeof(ret->message), err))
		return -1;
	if (object_of(error, "details").len &&
	    store_string(json_member(object_of(error, "details"), "error_code"), also, code, sizeof(code), err))
		return -1;
	if (store_string(json_member(whole, "request_id"), also, id, sizeof(id), err))
		return -1;
	retry_set_error(t, view_of(ret->type), view_of(code));
	ret->is_spend_limit = t->is_spend_limit;
	if (!t->request_id[0])
		retry_header(t, VIEW("request-id"), view_of(id), 0);
	return 0;
}

static int add_content_type(struct buf *buf, struct view type, struct view also)
{
	struct view shown = text_trim(view_sub(type, 0, text_find_byte(type, ';')));
	DEFER(buf_done) struct buf masked = BUF_INIT(4 * API_HEADER_BYTES);

	if (shown.len == 0)
		return buf_add_text(buf, "the answer has no content-type");
	if (buf_add_text(buf, "the answer is ") ||
	    secret_add_masked_text(&masked, view_sub(shown, 0, API_HEADER_BYTES), also))
		return -1;
	return text_add_clean(buf, view_sub(buf_view(&masked), 0, CONTENT_TYPE_SHOWN));
}

/* What to do about answers whose own words do not tell. */
static const char *hint_of(const struct api_refusal *r)
{
	struct view message = view_of(r->message);

	if (text_find(message, VIEW("organization has been disabled")) != SIZE_MAX)
		return " (no key of this organization can be used)";
	if (r->status == 400 && text_find(message, VIEW("reached your specified")) != SIZE_MAX)
		return " (a spend limit of the organization's own: no retry helps before it is raised or begins anew)";
	return "";
}

int refusal_add_text(struct buf *buf, const struct api_refusal *r, struct view content_type, struct view also)
{
	if (buf_addf(buf, "%u", r->status))
		return -1;
	if (r->status >= 300 && r->status <= 399)
		return buf_add_text(buf, ", a redirect, which is not followed, as the key would go along: the base "
					 "URL has to be the API's own");
	if (r->type[0] && buf_addf(buf, " %s", r->type))
		return -1;
	if (r->message[0])
		return buf_addf(buf, ": %s%s", r->message, hint_of(r));
	if (r->type[0])
		return 0;
	if (buf_add_text(buf, ": ") || add_content_type(buf, content_type, also))
		return -1;
	return buf_add_text(buf, ", without the API's error object: a proxy or a load balancer on the way answered");
}
