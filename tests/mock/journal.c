/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/journal.h"

#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "tests/mock/fault.h"
#include "tests/mock/must.h"

#define LINE_BYTES (1u << 20)

/* A key that was sent in a place where it does not belong is seen by its mask. */
static void masked_member(struct jsonw *w, const char *key, struct view text)
{
	DEFER(buf_wipe) struct buf masked = BUF_INIT(LINE_BYTES);

	must(secret_add_masked_text(&masked, text, VIEW_NONE));
	jsonw_member(w, key, buf_view(&masked));
}

static void write_headers(struct jsonw *w, const struct http_request *rq)
{
	jsonw_key(w, "headers");
	jsonw_array(w);
	for (size_t i = 0; i < rq->header_count; i++)
		jsonw_string(w, rq->headers[i].name);
	jsonw_end(w);
}

void journal_write(struct call *c)
{
	DEFER(buf_done) struct buf line = BUF_INIT(LINE_BYTES), fault = BUF_INIT(1024);
	struct jsonw w;

	if (c->mock->log_fd < 0)
		return;
	fault_describe(c->fault, &fault);
	jsonw_init(&w, &line, 0);
	jsonw_object(&w);
	jsonw_member_u64(&w, "n", c->mock->requests);
	jsonw_member_u64(&w, "time_us", (uint64_t)clock_unix_ns() / 1000);
	jsonw_member_text(&w, "method", c->rq->method);
	masked_member(&w, "path", c->rq->path);
	masked_member(&w, "query", c->rq->query);
	write_headers(&w, c->rq);
	jsonw_member_text(&w, "credential", cred_names[c->cred]);
	jsonw_member_u64(&w, "body_bytes", c->rq->body.len);
	jsonw_member_u64(&w, "status", c->rp->status);
	jsonw_member_text(&w, "request_id", c->request_id.text);
	jsonw_member_u64(&w, "reply_bytes", http_reply_body(c->rp).len);
	if (fault.len)
		jsonw_member(&w, "fault", buf_view(&fault));
	if (c->rp->unexpected.len)
		masked_member(&w, "unexpected", buf_view(&c->rp->unexpected));
	jsonw_end(&w);
	must(!jsonw_ok(&w) || buf_add_byte(&line, '\n') || file_write_full(c->mock->log_fd, buf_view(&line)));
}
