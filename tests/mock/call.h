/* SPDX-License-Identifier: Apache-2.0 */
/* One call on its way through a handler. */
#ifndef TESTS_MOCK_CALL_H
#define TESTS_MOCK_CALL_H

#include "common/sys/jsonw.h"
#include "tests/mock/mock.h"
#include "tests/mock/params.h"

#define BY(cred) (1u << (cred))

struct call;

struct route {
	const char *method, *pattern; /* {} in the pattern is an id */
	void (*answer)(struct call *c);
	unsigned creds;    /* set of BY */
	const char *scope; /* that a compliance key needs */
	const struct param *params;
	const struct member *body; /* NULL: none may come */
};

struct call {
	struct mock *mock;
	struct model *model;
	const struct http_request *rq;
	struct http_reply *rp;
	const struct route *route;
	const struct fault *fault; /* what a list is to do wrong, or NULL */
	enum cred cred;
	int64_t now_us;
	struct ident request_id;
	struct jsonw w;      /* into the reply's body */
	const void *context; /* the handler's own, for its list */
};

/* A reply that refuses. The second also holds the request to be one that ought not to have been sent. */
PRINTF_LIKE(4, 5) void call_fail(struct call *c, unsigned status, const char *type, const char *fmt, ...);
PRINTF_LIKE(4, 5) void call_refuse(struct call *c, unsigned status, const char *type, const char *fmt, ...);
void call_not_found(struct call *c, const char *what);

/* Parameters, checked by the route's table before. */
uint64_t call_count(const struct call *c, const char *name, uint64_t standard);
bool call_arg_is(const struct call *c, const char *name, const char *value);
/* Whether the parameter was not given, or one of its values is this. */
bool call_selects(const struct call *c, const char *name, const char *value);
int64_t call_time(const struct call *c, const char *name, int64_t standard);

/* Members of the body. NULL when absent or null; the text is the caller's to free. */
char *call_text(const struct call *c, const char *name);
struct view call_member(const struct call *c, const char *name); /* VIEW_NONE when absent or null */

/* JSON. */
void call_when(struct jsonw *w, const char *key, int64_t us); /* 0: null */
void call_null(struct jsonw *w, const char *key);
void call_or_null(struct jsonw *w, const char *key, const char *text);

/* A list of `count` things. Parts that `shows` refuses do not exist for it. */
struct list {
	const struct call *call;
	size_t count;
	bool (*shows)(const struct call *c, size_t index);      /* NULL: all */
	struct ident (*id)(const struct call *c, size_t index); /* for lists by ids */
	void (*render)(struct call *c, size_t index);
};

/* Answers in the style after_id, before_id, first_id, last_id. */
void call_list_ids(struct call *c, const struct list *list);
/* Answers in the style page, next_page. with_more: has_more is told as well. */
void call_list_pages(struct call *c, const struct list *list, uint64_t standard_limit, bool with_more);

/* The page parameter's token, which holds for the very same other parameters only. */
void call_add_token(const struct call *c, struct buf *buf, uint64_t offset);
/* 0, or -1: answered. Without a page it is 0. */
[[nodiscard]] int call_read_token(struct call *c, struct view token, uint64_t *ret_offset);

/* Something the client did: an activity of both dialects. fields: further members of the platform's, `"a":1,...`. */
void call_record(struct call *c, const char *type, const char *cca_type, struct view fields);

#endif
