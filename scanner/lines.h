/* SPDX-License-Identifier: Apache-2.0 */
/* A text file, or standard input, line by line: no more of it is held than the longest line. */
#ifndef SCANNER_LINES_H
#define SCANNER_LINES_H

#include "common/base/buf.h"
#include "common/base/err.h"

struct lines {
	const char *path; /* for messages: "standard input" for - */
	int fd;
	size_t number;  /* of the line that was read last, from 1 */
	bool has_ended; /* that line ended in \n; else the file ended there */
	struct buf held;
	size_t at, max; /* of held: where the next line starts; longest line */
	bool at_end;
};

/* path - is standard input; it is kept, not copied. max_bytes: of one line. 0, or -1 with err. lines_close either
 * way. */
[[nodiscard]] int lines_open(struct lines *l, const char *path, size_t max_bytes, struct err *err);

/* The next line, without its end (\n or \r\n); good until the next call. 0; 1 at the end; -1 with err (ERR_IO,
 * ERR_NOMEM; ERR_LIMIT: FILE:LINE, the line is too long, and the next call goes on behind it). */
[[nodiscard]] int lines_next(struct lines *l, struct view *ret, struct err *err);

void lines_close(struct lines *l); /* wipes what was held */

#endif
