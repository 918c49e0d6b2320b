/* SPDX-License-Identifier: Apache-2.0 */
/* What the API said no with, read from a reply that may be anything: JSON of the API's, a page of a proxy, nothing. */
#ifndef COMMON_API_REFUSAL_H
#define COMMON_API_REFUSAL_H

#include "common/api/client.h"
#include "common/api/retry.h"

/* Reads body (of which at most API_ERROR_BYTES are looked at). ret->type and ret->message are empty when there is no
 * error object in it; also is masked wherever it stands. What retry.h wants to know goes into t. 0, or -1 without
 * memory. */
[[nodiscard]] int refusal_read(unsigned status, struct view body, struct view also, struct api_refusal *ret,
			       struct retry_try *t, struct err *err);

/* Appends "403 permission_error: message", or what else the reply tells: that a redirect is not followed, that not the
 * API answered but a proxy (content_type, cleaned and masked as the rest; not a byte of the body). 0, or -1 as
 * buf_add. */
[[nodiscard]] int refusal_add_text(struct buf *buf, const struct api_refusal *refusal, struct view content_type,
				   struct view also);

#endif
