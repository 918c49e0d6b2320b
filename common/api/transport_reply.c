/* SPDX-License-Identifier: Apache-2.0 */
/* Replies once they are there: nothing of libcurl's. */
#include "common/api/transport.h"

#include "common/base/text.h"

struct view transport_header(const struct transport_reply *reply, const char *name)
{
	struct view rest = buf_view(&reply->headers.text), found, value;

	while (transport_headers_next(&rest, &found, &value))
		if (text_eq_nocase(found, view_of(name)))
			return value;
	return VIEW_NONE;
}

void transport_reply_clear(struct transport_reply *reply)
{
	buf_clear(&reply->body);
	transport_headers_clear(&reply->headers);
	reply->status = reply->http_version = 0;
	reply->duration_ns = 0;
}

void transport_reply_done(struct transport_reply *reply)
{
	buf_done(&reply->body);
	transport_headers_done(&reply->headers);
}
