/* SPDX-License-Identifier: Apache-2.0 */
/* Prints a list of the API's, page after page, with --limit and --page-size. */
#ifndef ADMIN_LIST_H
#define ADMIN_LIST_H

#include "admin/session.h"

struct listing {
	enum api_operation operation;
	const struct filters *arguments;
	const struct column *columns;
	size_t column_count;
	/* Which rows count: 1 or 0; -1 with err. NULL = all. */
	int (*keep)(void *context, struct view row, struct err *err);
	void *context;
};

/* 0 or -1. Whole pages are written at once. */
[[nodiscard]] int list_print(struct session *s, const struct listing *listing, struct err *err);

#endif
