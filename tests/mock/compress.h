/* SPDX-License-Identifier: Apache-2.0 */
/* Content coding gzip (RFC 9110, section 8.4.1.3; RFC 1952). */
#ifndef TESTS_MOCK_COMPRESS_H
#define TESTS_MOCK_COMPRESS_H

#include "common/base/buf.h"

void compress_gzip(struct view plain, struct buf *out); /* appends */

#endif
