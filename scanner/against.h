/* SPDX-License-Identifier: Apache-2.0 */
/* rules check --against: the text that rules are measured with. */
#ifndef SCANNER_AGAINST_H
#define SCANNER_AGAINST_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* Appends the files below path, as `skant dir` reads them, until text is full. 0, or -1 with err: there is nothing. */
[[nodiscard]] int against_read(const char *path, struct buf *text, struct err *err);

#endif
