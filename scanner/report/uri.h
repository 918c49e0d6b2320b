/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as URI references (RFC 3986). */
#ifndef SCANNER_REPORT_URI_H
#define SCANNER_REPORT_URI_H

#include "common/base/buf.h"

/* Appends path as a URI reference: a relative one stays relative, an absolute one becomes file:///..., a Windows path
 * with a drive (`C:\a`) file:///C:/a. Bytes that have no place in a path are percent-encoded, whatever they
 * are; `.` segments and doubled slashes, which say nothing, are left out; an empty path is `.`. *ret_is_below says
 * whether it is relative and stays below where it starts. 0, or -1 as buf_add. */
[[nodiscard]] int uri_add(struct buf *out, struct view path, bool *ret_is_below);

#endif
