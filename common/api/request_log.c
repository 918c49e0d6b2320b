/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/request_log.h"

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/jsonw.h"

#define NS_PER_MS UINT64_C(1'000'000)

static const char *const faults[TRANSPORT_FAULTS] = {
	[TRANSPORT_NO_CONNECT] = "no-connection",
	[TRANSPORT_NO_TLS] = "no-tls",
	[TRANSPORT_UNTRUSTED] = "untrusted",
	[TRANSPORT_UNSENT] = "unsent",
	[TRANSPORT_RESET] = "reset",
	[TRANSPORT_TIMEOUT] = "timeout",
	[TRANSPORT_CUT] = "cut",
	[TRANSPORT_BAD_CODING] = "bad-coding",
	[TRANSPORT_NO_HTTP] = "no-http",
	[TRANSPORT_TOO_LARGE] = "too-large",
	[TRANSPORT_STOPPED] = "stopped",
	[TRANSPORT_NO_MEMORY] = "no-memory",
};

void request_log_add(int fd, const struct transport_request *request, const struct transport_reply *reply,
		     enum transport_fault fault)
{
	struct view path = view_sub(request->target, 0, text_find_byte(request->target, '?'));
	DEFER(buf_done) struct buf line = BUF_INIT(8 * API_TARGET_BYTES);
	DEFER(buf_done) struct buf time = BUF_INIT(64), id = BUF_INIT(4 * API_HEADER_BYTES);
	struct jsonw w;

	if (fd < 0 || clock_add_rfc3339(&time, clock_unix_s()) ||
	    secret_add_masked_text(&id, transport_header(reply, "request-id"), request->credential))
		return;
	jsonw_init(&w, &line, 0);
	jsonw_object(&w);
	jsonw_member(&w, "time", buf_view(&time));
	jsonw_member_text(&w, "method", request->method);
	jsonw_member(&w, "path", path);
	if (reply->status)
		jsonw_member_u64(&w, "status", reply->status);
	if (id.len)
		jsonw_member(&w, "request_id", buf_view(&id));
	jsonw_member_text(&w, "fault", faults[fault]);
	jsonw_member_u64(&w, "duration_ms", reply->duration_ns / NS_PER_MS);
	jsonw_end(&w);
	if (jsonw_ok(&w) && buf_add_byte(&line, '\n') == 0)
		(void)file_write_full(fd, buf_view(&line));
}
