/* SPDX-License-Identifier: Apache-2.0 */
/* One stream, such as standard input, as a source. */
#ifndef SCANNER_SOURCE_STREAM_H
#define SCANNER_SOURCE_STREAM_H

#include "common/base/err.h"
#include "scanner/item.h"

/* Reads fd to its end as one item named label. 0, or -1 with err when there is no memory. */
[[nodiscard]] int stream_scan(int fd, const char *label, const struct item_sink *sink, struct err *err);

#endif
