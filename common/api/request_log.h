/* SPDX-License-Identifier: Apache-2.0 */
/* The request log: a line a try, JSON, for the operator who has to prove what was asked. */
#ifndef COMMON_API_REQUEST_LOG_H
#define COMMON_API_REQUEST_LOG_H

#include "common/api/transport.h"

/* Writes {"time","method","path","status","request_id","duration_ms"} and, after a fault, "fault", as one write (the
 * file is opened with O_APPEND, so that lines of several processes stay whole). The path goes without its query, which
 * may name people; no header, no body. A line that cannot be written is lost: what it tells of has happened. fd -1:
 * nothing. */
void request_log_add(int fd, const struct transport_request *request, const struct transport_reply *reply,
		     enum transport_fault fault);

#endif
