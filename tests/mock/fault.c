/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/fault.h"

#include <string.h>

#include "tests/mock/compress.h"
#include "tests/mock/must.h"
#include "tests/mock/record.h"
#include "tests/mock/when.h"

#define COMPRESS_FROM 1024 /* smaller bodies are sent as they are */

bool fault_replaces(const struct fault *f)
{
	return f && (f->status || f->has_body || f->location || f->oversized);
}

static const char *type_of(unsigned status)
{
	static const struct {
		unsigned status;
		const char *type;
	} types[] = {
		{ 401, "authentication_error" }, { 402, "billing_error" },  { 403, "permission_error" },
		{ 404, "not_found_error" },      { 409, "conflict_error" }, { 413, "request_too_large" },
		{ 429, "rate_limit_error" },     { 504, "timeout_error" },  { 529, "overloaded_error" },
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].status == status)
			return types[i].type;
	return status >= 500 ? "api_error" : "invalid_request_error";
}

/* A JSON string of so many bytes in all, so that only its size is wrong. */
static void fill(struct buf *body, uint64_t bytes)
{
	buf_clear(body);
	must(buf_reserve(body, bytes + 1) || buf_add_byte(body, '"'));
	memset(body->ptr + body->len, 'x', bytes > 2 ? bytes - 2 : 0);
	body->len += bytes > 2 ? bytes - 2 : 0;
	must(buf_add_byte(body, '"'));
}

static void replace(struct call *c)
{
	const struct fault *f = c->fault;

	c->rp->status = f->status ? f->status : f->location ? 302 : 200;
	c->rp->shared = VIEW_NONE;
	http_reply_drop(c->rp, "content-encoding");
	if (f->has_body) {
		buf_clear(&c->rp->body);
		must(buf_add(&c->rp->body, buf_view(&f->body)));
	} else if (f->oversized) {
		fill(&c->rp->body, f->oversized);
	} else if (f->location) {
		buf_clear(&c->rp->body);
	} else if (c->rp->status >= 400) {
		call_fail(c, f->status, type_of(f->status), "The mock's script says so.");
	}
	if (f->location)
		http_reply_header(c->rp, "location", "%s", f->location);
}

static void add_headers(struct call *c)
{
	const struct fault *f = c->fault;

	if (f->content_type)
		http_reply_header(c->rp, "content-type", "%s", f->content_type);
	if (f->retry_after)
		http_reply_header(c->rp, "retry-after", "%s", f->retry_after);
	if (f->should_retry)
		http_reply_header(c->rp, "x-should-retry", "%s", f->should_retry);
	for (size_t i = 0; i < f->header_count; i++) {
		if (f->headers[i].value)
			http_reply_header(c->rp, f->headers[i].name, "%s", f->headers[i].value);
		else
			http_reply_drop(c->rp, f->headers[i].name);
	}
}

/* Bodies that are shared are copied before they are harmed. */
static void own_body(struct http_reply *rp)
{
	struct view shared = rp->shared;

	if (!shared.len)
		return;
	rp->shared = VIEW_NONE;
	buf_clear(&rp->body);
	must(buf_add(&rp->body, shared));
}

static void gzip_body(struct http_reply *rp)
{
	struct buf packed = BUF_INIT(HTTP_BODY_BYTES);

	compress_gzip(buf_view(&rp->body), &packed);
	buf_done(&rp->body);
	rp->body = packed;
	http_reply_header(rp, "content-encoding", "gzip");
}

/* Some bytes in the middle are turned over: the header is fine, the data or its sum is not. */
static void spoil_gzip(struct http_reply *rp)
{
	if (!http_reply_get(rp, "content-encoding"))
		gzip_body(rp);
	for (size_t i = rp->body.len / 2; i < rp->body.len / 2 + 8 && i < rp->body.len; i++)
		rp->body.ptr[i] = (char)~rp->body.ptr[i];
}

static void spoil_body(struct call *c)
{
	struct http_reply *rp = c->rp;

	if (c->fault->body_fault == BODY_FINE)
		return;
	own_body(rp);
	if (c->fault->body_fault == BODY_BAD_GZIP)
		spoil_gzip(rp);
	else if (c->fault->body_fault == BODY_TRUNCATED_JSON)
		buf_cut(&rp->body, rp->body.len / 2);
	else if (rp->body.len)
		rp->body.ptr[rp->body.len / 2] = '\x01';
}

static void add_date(struct call *c)
{
	DEFER(buf_done) struct buf date = BUF_INIT(64);
	int64_t skew = c->fault ? c->fault->clock_skew_s * WHEN_SECOND : 0;

	when_add_http(&date, c->now_us + skew);
	http_reply_header(c->rp, "date", "%s", date.ptr);
}

void fault_apply(struct call *c, struct wire_fault *ret_wire)
{
	add_date(c);
	if (c->fault) {
		if (fault_replaces(c->fault))
			replace(c);
		spoil_body(c);
		*ret_wire = c->fault->wire;
		for (uint64_t i = 0; i < c->fault->late_count; i++)
			record_add(c, "platform_api_key_created",
				   c->now_us - (int64_t)c->fault->late_seconds * WHEN_SECOND, c->now_us);
	}
	if (!c->rp->shared.len && c->rp->body.len >= COMPRESS_FROM && http_wants_gzip(c->rq) &&
	    !http_reply_get(c->rp, "content-encoding"))
		gzip_body(c->rp);
	if (c->fault)
		add_headers(c);
}

void fault_describe(const struct fault *f, struct buf *buf)
{
	static const char *const bodies[] = { "", "bad_gzip ", "invalid_json ", "truncate_json " };

	if (!f)
		return;
	if (f->status)
		must(buf_addf(buf, "status %u ", f->status));
	must(buf_addf(buf, "%s%s%s%s%s%s%s%s%s%s%s%s", f->retry_after ? "retry_after " : "",
		      f->should_retry ? "x_should_retry " : "", f->has_body ? "body " : "",
		      f->oversized ? "oversized " : "", f->location ? "redirect " : "", bodies[f->body_fault],
		      f->duplicate ? "duplicate " : "", f->late_count ? "late " : "",
		      f->is_out_of_order ? "out_of_order " : "", f->has_expired_cursor ? "expired_cursor " : "",
		      f->clock_skew_s ? "clock_skew " : "", f->wire.wrong_length ? "wrong_length " : ""));
	if (f->wire.delay_ms || f->wire.bytes_per_s)
		must(buf_add_text(buf, "slow "));
	if (f->wire.has_cut)
		must(buf_addf(buf, "cut %llu ", (unsigned long long)f->wire.cut_at));
	if (f->wire.has_reset)
		must(buf_addf(buf, "reset_at %llu ", (unsigned long long)f->wire.reset_at));
	buf_cut(buf, buf->len ? buf->len - 1 : 0);
}
