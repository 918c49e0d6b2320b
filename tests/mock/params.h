/* SPDX-License-Identifier: Apache-2.0 */
/* What a call takes, as tables, and the check of a request against them: whatever a table does not name is refused. */
#ifndef TESTS_MOCK_PARAMS_H
#define TESTS_MOCK_PARAMS_H

#include "tests/mock/http.h"

enum param_kind {
	PARAM_END,    /* closes a table */
	PARAM_COUNT,  /* 1 to max */
	PARAM_TEXT,   /* anything but nothing */
	PARAM_ID,     /* begins with one of `allowed` */
	PARAM_CHOICE, /* one of `allowed` */
	PARAM_TIME,   /* RFC 3339 with a zone */
	PARAM_DATE,   /* YYYY-MM-DD */
	PARAM_BOOL,   /* true, false */
};

struct param { /* one of the query; it may come more than once when its name ends in [] */
	const char *name;
	enum param_kind kind;
	const char *allowed; /* space-separated */
	uint64_t max;
	bool is_required;
};

enum member_kind { MEMBER_END, MEMBER_STRING, MEMBER_NUMBER, MEMBER_BOOL, MEMBER_OBJECT, MEMBER_ARRAY };

struct member { /* one of the body's object */
	const char *name;
	enum member_kind kind;
	const char *allowed; /* of a string or an array of strings: its values, space-separated; NULL: any */
	bool is_required;
};

/* Whether word is in the space-separated list. */
bool params_among(const char *list, struct view word);

/* 0, or -1 and the provider's message in why. */
[[nodiscard]] int params_check(const struct param *table, const struct http_request *rq, struct buf *why);
[[nodiscard]] int params_check_body(const struct member *table, struct view body, struct buf *why);

#endif
