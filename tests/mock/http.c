/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/http.h"

#include <string.h>

#include "common/base/grow.h"
#include "common/base/text.h"
#include "tests/mock/must.h"

#define UNEXPECTED_BYTES 4096
#define HEADER_VALUE_BYTES (1u << 20)

void http_request_init(struct http_request *rq, const char *method, const char *target)
{
	struct view all;
	size_t question;

	*rq = (struct http_request){ .method = method, .body = BUF_INIT(HTTP_REQUEST_BYTES) };
	rq->target = must_have(strdup(target));
	all = view_of(rq->target);
	question = text_find_byte(all, '?');
	rq->path = question == SIZE_MAX ? all : view_sub(all, 0, question);
	rq->query = question == SIZE_MAX ? VIEW_NONE : view_sub(all, question + 1, all.len);
}

void http_request_done(struct http_request *rq)
{
	free(rq->target);
	free(rq->headers);
	free(rq->args);
	free(rq->arg_text);
	buf_wipe(&rq->body);
}

void http_add_header(struct http_request *rq, struct view name, struct view value)
{
	rq->headers = must_have(grow_items(rq->headers, rq->header_count, &rq->header_cap, sizeof(*rq->headers)));
	rq->headers[rq->header_count++] = (struct http_field){ name, value };
}

struct view http_header(const struct http_request *rq, const char *name)
{
	for (size_t i = 0; i < rq->header_count; i++)
		if (text_eq_nocase(rq->headers[i].name, view_of(name)))
			return rq->headers[i].value;
	return VIEW_NONE;
}

static int hex(char c)
{
	if (text_is_digit(c))
		return c - '0';
	c = text_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes v behind *at, which moves on. */
static int decode(struct view v, char **at, struct view *ret)
{
	char *start = *at;

	for (size_t i = 0; i < v.len; i++) {
		char c = v.ptr[i] == '+' ? ' ' : v.ptr[i];

		if (c == '%') {
			if (i + 2 >= v.len || hex(v.ptr[i + 1]) < 0 || hex(v.ptr[i + 2]) < 0)
				return -1;
			c = (char)(hex(v.ptr[i + 1]) << 4 | hex(v.ptr[i + 2]));
			i += 2;
		}
		if (c == '\0')
			return -1;
		*(*at)++ = c;
	}
	*ret = view_from(start, (size_t)(*at - start));
	return 0;
}

int http_decode_query(struct http_request *rq)
{
	struct view rest = rq->query;
	size_t cap = 0;
	char *at;

	rq->arg_text = must_have(malloc(rest.len + 1));
	at = rq->arg_text;
	while (rest.len) {
		size_t end = text_find_byte(rest, '&');
		struct view one = view_sub(rest, 0, end), name, value;
		size_t equals = text_find_byte(one, '=');

		rest = end == SIZE_MAX ? VIEW_NONE : view_sub(rest, end + 1, rest.len);
		if (decode(view_sub(one, 0, equals), &at, &name) ||
		    decode(equals == SIZE_MAX ? VIEW_NONE : view_sub(one, equals + 1, one.len), &at, &value))
			return -1;
		rq->args = must_have(grow_items(rq->args, rq->arg_count, &cap, sizeof(*rq->args)));
		rq->args[rq->arg_count++] = (struct http_field){ name, value };
	}
	return 0;
}

struct view http_arg(const struct http_request *rq, const char *name)
{
	for (size_t i = 0; i < rq->arg_count; i++)
		if (text_eq(rq->args[i].name, view_of(name)))
			return rq->args[i].value;
	return VIEW_NONE;
}

void http_reply_init(struct http_reply *rp)
{
	*rp = (struct http_reply){ .status = 200,
				   .body = BUF_INIT(HTTP_BODY_BYTES),
				   .unexpected = BUF_INIT(UNEXPECTED_BYTES) };
}

void http_reply_done(struct http_reply *rp)
{
	for (size_t i = 0; i < rp->header_count; i++) {
		free(rp->headers[i].name);
		free(rp->headers[i].value);
	}
	buf_done(&rp->body);
	buf_done(&rp->unexpected);
}

struct view http_reply_body(const struct http_reply *rp)
{
	return rp->shared.len ? rp->shared : buf_view(&rp->body);
}

void http_reply_header(struct http_reply *rp, const char *name, const char *fmt, ...)
{
	struct buf value = BUF_INIT(HEADER_VALUE_BYTES);
	va_list args;

	va_start(args, fmt);
	must(buf_addvf(&value, fmt, args));
	va_end(args);
	must(buf_add_text(&value, "")); /* an empty value is a string too */
	http_reply_drop(rp, name);
	must(rp->header_count == HTTP_REPLY_HEADERS);
	rp->headers[rp->header_count++] = (struct http_header){
		.name = must_have(strdup(name)),
		.value = value.len ? must_have(buf_detach(&value)) : must_have(strdup("")),
	};
	buf_done(&value);
}

static bool is_header(const struct http_header *header, const char *name)
{
	return text_eq_nocase(view_of(header->name), view_of(name));
}

const char *http_reply_get(const struct http_reply *rp, const char *name)
{
	for (size_t i = 0; i < rp->header_count; i++)
		if (is_header(&rp->headers[i], name))
			return rp->headers[i].value;
	return NULL;
}

void http_reply_drop(struct http_reply *rp, const char *name)
{
	for (size_t i = 0; i < rp->header_count; i++) {
		if (!is_header(&rp->headers[i], name))
			continue;
		free(rp->headers[i].name);
		free(rp->headers[i].value);
		rp->headers[i] = rp->headers[--rp->header_count];
		return;
	}
}

const char *http_reason(unsigned status)
{
	static const struct {
		unsigned status;
		const char *reason;
	} reasons[] = {
		{ 200, "OK" },
		{ 302, "Found" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 402, "Payment Required" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 413, "Content Too Large" },
		{ 429, "Too Many Requests" },
		{ 500, "Internal Server Error" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 529, "Site Is Overloaded" },
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Status";
}

bool http_wants_gzip(const struct http_request *rq)
{
	struct view rest = http_header(rq, "accept-encoding");

	while (rest.len) {
		size_t comma = text_find_byte(rest, ',');
		struct view one = text_trim(view_sub(rest, 0, comma));

		rest = comma == SIZE_MAX ? VIEW_NONE : view_sub(rest, comma + 1, rest.len);
		if (text_eq_nocase(text_trim(view_sub(one, 0, text_find_byte(one, ';'))), VIEW("gzip")))
			return true;
	}
	return false;
}
