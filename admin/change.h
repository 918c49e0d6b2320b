/* SPDX-License-Identifier: Apache-2.0 */
/* What commands that change something share: the question before, and what is said afterwards. */
#ifndef ADMIN_CHANGE_H
#define ADMIN_CHANGE_H

#include "admin/session.h"

struct change {
	enum api_operation operation;
	const struct column *columns; /* of what the API answers; NULL: the object is gone */
	size_t column_count;
};

#define CHANGE_GO 2

/* Asks, unless --yes or --dry-run was given. CHANGE_GO; 1 when the answer was no; -1 with err: no terminal to ask on,
 * or the dialect lacks the operation. */
PRINTF_LIKE(4, 5)
[[nodiscard]] int change_ask(struct session *s, const struct change *change, struct err *err, const char *fmt, ...);

/* A warning before the question; a key pasted by mistake is masked. 0, or -1 with ERR_NOMEM. */
PRINTF_LIKE(2, 3)
[[nodiscard]] int change_warn(struct err *err, const char *fmt, ...);

/* Prints what the API answered (nothing after a dry run): the sentence and the object; a table of what is gone has just
 * the sentence in it. 0 or -1. */
PRINTF_LIKE(5, 6)
[[nodiscard]] int change_print(struct session *s, const struct change *change, const struct api_answer *answer,
			       struct err *err, const char *fmt, ...);

#endif
