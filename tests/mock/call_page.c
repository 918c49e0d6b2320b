/* SPDX-License-Identifier: Apache-2.0 */
/* Lists in the style page, next_page. */
#include <string.h>

#include "common/base/digest.h"
#include "common/base/text.h"
#include "tests/mock/call.h"
#include "tests/mock/must.h"

#define TOKEN_BYTES 64
#define TOKEN_MARK 16 /* hex digits of the digest */

/* What a token holds for: the path, the body but its page, and all parameters but page and limit. */
static void add_mark(const struct call *c, struct buf *buf)
{
	unsigned char sum[DIGEST_SHA256_BYTES];
	struct digest_sha256 d;

	digest_sha256_init(&d);
	digest_sha256_add(&d, c->rq->path);
	for (size_t i = 0; i < c->rq->arg_count; i++) {
		if (text_eq(c->rq->args[i].name, VIEW("page")) || text_eq(c->rq->args[i].name, VIEW("limit")))
			continue;
		digest_sha256_add(&d, c->rq->args[i].name);
		digest_sha256_add(&d, VIEW("="));
		digest_sha256_add(&d, c->rq->args[i].value);
		digest_sha256_add(&d, VIEW("&"));
	}
	digest_sha256_end(&d, sum);
	must(digest_add_hex(buf, sum, TOKEN_MARK / 2));
}

void call_add_token(const struct call *c, struct buf *buf, uint64_t offset)
{
	must(buf_add_text(buf, "page_"));
	add_mark(c, buf);
	must(buf_addf(buf, "%llx", (unsigned long long)offset));
}

static int parse_hex(struct view v, uint64_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < v.len; i++) {
		char c = text_lower(v.ptr[i]);

		if (!text_is_digit(c) && (c < 'a' || c > 'f'))
			return -1;
		*ret = *ret << 4 | (uint64_t)(text_is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	return v.len && v.len <= 15 ? 0 : -1;
}

int call_read_token(struct call *c, struct view token, uint64_t *ret_offset)
{
	DEFER(buf_done) struct buf mark = BUF_INIT(TOKEN_BYTES);

	*ret_offset = 0;
	if (!token.ptr)
		return 0;
	must(buf_add_text(&mark, "page_"));
	add_mark(c, &mark);
	if (text_starts(token, buf_view(&mark)) && parse_hex(view_sub(token, mark.len, token.len), ret_offset) == 0)
		return 0;
	call_refuse(c, 400, "invalid_request_error", "The page parameter is not a token of this list.");
	return -1;
}

static void close_page(struct call *c, bool has_more, size_t next, bool with_more)
{
	DEFER(buf_done) struct buf token = BUF_INIT(TOKEN_BYTES);

	jsonw_end(&c->w);
	if (with_more) {
		jsonw_key(&c->w, "has_more");
		jsonw_bool(&c->w, has_more);
	}
	if (has_more)
		call_add_token(c, &token, next);
	call_or_null(&c->w, "next_page", has_more ? token.ptr : NULL);
	jsonw_end(&c->w);
}

void call_list_pages(struct call *c, const struct list *list, uint64_t standard_limit, bool with_more)
{
	uint64_t limit = call_count(c, "limit", standard_limit), taken = 0, offset;
	bool has_more = false;
	size_t i;

	if (call_read_token(c, http_arg(c->rq, "page"), &offset))
		return;
	for (uint64_t left = c->fault && offset ? c->fault->duplicate : 0; left && offset; offset--)
		left -= !list->shows || list->shows(c, offset - 1);
	jsonw_object(&c->w);
	jsonw_key(&c->w, "data");
	jsonw_array(&c->w);
	for (i = offset; i < list->count; i++) {
		if (list->shows && !list->shows(c, i))
			continue;
		if (taken++ == limit) {
			has_more = true;
			break;
		}
		list->render(c, i);
	}
	close_page(c, has_more, i, with_more);
}
