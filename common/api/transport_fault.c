/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/transport_fault.h"

#include "common/base/secret.h"

/* "<before> HOST<after>: <reason>". */
static const struct {
	enum err_kind kind;
	const char *before, *after;
	bool has_reason;
} tellings[TRANSPORT_FAULTS] = {
	[TRANSPORT_NO_CONNECT] = { ERR_LATER, "cannot connect to", "", true },
	[TRANSPORT_NO_TLS] = { ERR_LATER, "cannot make a TLS connection with", "", true },
	[TRANSPORT_UNTRUSTED] = { ERR_CONFIG, "the certificate of", " cannot be verified, and nothing was sent", true },
	[TRANSPORT_UNSENT] = { ERR_LATER, "the connection to", " ended before the request was sent", true },
	[TRANSPORT_RESET] = { ERR_LATER, "the connection to", " broke after the request was sent", true },
	[TRANSPORT_TIMEOUT] = { ERR_LATER, "no whole answer came in time from", "", true },
	[TRANSPORT_CUT] = { ERR_LATER, "the answer was cut short by", "", true },
	[TRANSPORT_BAD_CODING] = { ERR_FORMAT, "the answer of", " cannot be decoded (content-encoding)", true },
	[TRANSPORT_NO_HTTP] = { ERR_FORMAT, "what answers at", " speaks no HTTP", true },
	[TRANSPORT_TOO_LARGE] = { ERR_LIMIT, "the answer of", " is larger than is taken", false },
	[TRANSPORT_STOPPED] = { ERR_LATER, "stopped while waiting for", "", false },
};

int transport_tell(enum transport_fault fault, struct view host, struct view reason, struct view credential,
		   struct err *err)
{
	DEFER(buf_done) struct buf clean = BUF_INIT(4 * ERR_TEXT_BYTES);
	bool has_reason = tellings[fault].has_reason;

	if (fault == TRANSPORT_NO_MEMORY || secret_add_masked_text(&clean, reason, credential))
		return err_nomem(err);
	return err_set(err, tellings[fault].kind, 0, "%s %.*s%s%s%s", tellings[fault].before, (int)host.len, host.ptr,
		       tellings[fault].after, has_reason ? ": " : "", has_reason && clean.ptr ? clean.ptr : "");
}
