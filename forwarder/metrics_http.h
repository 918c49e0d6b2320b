/* SPDX-License-Identifier: Apache-2.0 */
/* The metrics over HTTP, for whoever collects them: GET /metrics on a loopback address or a socket in the file system,
 * and nothing else. The only file that sees libmicrohttpd. */
#ifndef FORWARDER_METRICS_HTTP_H
#define FORWARDER_METRICS_HTTP_H

#include "common/base/buf.h"
#include "common/base/err.h"

struct metrics_http;

/* listen: "127.0.0.1:9187", "[::1]:9187", or the absolute path of a socket, which whatever group the folder gives it to
 * may use. write appends the metrics; it is called from a thread of ours. NULL with err. */
struct metrics_http *metrics_http_new(const char *listen, int (*write)(void *context, struct buf *out), void *context,
				      struct err *err);
void metrics_http_free(struct metrics_http *http);

#endif
