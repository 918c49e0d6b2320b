/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of key names: a name or a JSON object a line, a JSON array (as `skantctl keys list -o json` writes), JSON lines
 * (as `skantctl keys export`), or CSV whose header has a column "name". What it is shows in its first line. */
#ifndef SCANNER_NAMES_LIST_H
#define SCANNER_NAMES_LIST_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* Is given each name with its line, from 1. 0, or -1 when there is no memory. */
typedef int names_taker(void *context, struct view name, size_t line);

/* path - is standard input. Empty lines are passed over, and objects with a schema and no name, which are heads. 0, or
 * -1 with err (ERR_USAGE: FILE:LINE, what is wrong and what was expected; ERR_IO, ERR_LIMIT, ERR_NOMEM). */
[[nodiscard]] int names_list_read(const char *path, names_taker *take, void *context, struct err *err);
/* The same of a text; path is for messages. */
[[nodiscard]] int names_list_parse(struct view text, const char *path, names_taker *take, void *context,
				   struct err *err);

#endif
