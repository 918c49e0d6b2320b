/* SPDX-License-Identifier: Apache-2.0 */
/* The headers of a reply that skant looks at: few, bounded, visible ASCII. Others are passed over. */
#ifndef COMMON_API_TRANSPORT_HEADERS_H
#define COMMON_API_TRANSPORT_HEADERS_H

#include "common/base/buf.h"

struct transport_headers {
	struct buf text;           /* "name: value\n", names in lower case */
	bool is_full, is_complete; /* the empty line behind them came */
	uint64_t content_length;   /* 0 = not told */
	bool is_encoded, is_gzip;  /* content-encoding: another than identity, gzip */
};

/* Takes one line as it came: a status line begins anew (a 100 before a 200), a header that is wanted is kept. 0, or -1
 * without memory. Lines beyond API_HEADERS_BYTES, values that are longer than API_HEADER_BYTES or hold other bytes are
 * passed over. */
[[nodiscard]] int transport_headers_take(struct transport_headers *headers, struct view line);

/* Cuts the next one off *rest, which starts as text. */
bool transport_headers_next(struct view *rest, struct view *ret_name, struct view *ret_value);

void transport_headers_clear(struct transport_headers *headers);
void transport_headers_done(struct transport_headers *headers);

#endif
