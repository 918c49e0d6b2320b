/* SPDX-License-Identifier: Apache-2.0 */
/* What the API offers, as data: one table says for each operation and dialect the method, the path, the parameters
 * with their names, the pagination and the kinds of key that may. Code above it uses the names of the `platform`
 * dialect (the provider's published API) throughout, for parameters and response keys alike, and does not know which
 * one is spoken. */
#ifndef COMMON_API_DIALECT_H
#define COMMON_API_DIALECT_H

#include "common/base/buf.h"
#include "common/base/err.h"

enum api_dialect { API_PLATFORM, API_CCA, API_DIALECTS };

extern const char *const api_dialect_names[API_DIALECTS]; /* "platform", "cca" */

enum api_operation {
	API_ORG_GET,
	API_USER_LIST,
	API_USER_GET,
	API_USER_UPDATE,
	API_USER_DELETE,
	API_INVITE_LIST,
	API_INVITE_GET,
	API_INVITE_CREATE,
	API_INVITE_DELETE,
	API_WORKSPACE_LIST,
	API_WORKSPACE_GET,
	API_WORKSPACE_CREATE,
	API_WORKSPACE_UPDATE,
	API_WORKSPACE_ARCHIVE,
	API_MEMBER_LIST,
	API_MEMBER_GET,
	API_MEMBER_ADD,
	API_MEMBER_UPDATE,
	API_MEMBER_DELETE,
	API_KEY_LIST,
	API_KEY_GET,
	API_KEY_UPDATE,
	API_RATELIMIT_LIST,           /* the organisation's */
	API_WORKSPACE_RATELIMIT_LIST, /* what a workspace overrides */
	API_COMPLIANCE_SETTINGS_GET,
	API_USAGE_MESSAGES,
	API_USAGE_CLAUDE_CODE,
	API_COST,
	API_ACTIVITY_LIST,
	API_COMPLIANCE_ORG_LIST,
	API_COMPLIANCE_USER_LIST,
	API_GROUP_LIST,
	API_GROUP_GET,
	API_GROUP_MEMBER_LIST,
	API_GROUP_CREATE,
	API_MESSAGE_CREATE,
	API_MESSAGE_COUNT,
	API_MODEL_LIST,
	API_MODEL_GET,
	API_OPERATIONS,
};

enum api_paging {
	API_NO_PAGES,
	API_PAGES_BY_ID,    /* after_id = last_id until has_more is false */
	API_PAGES_BY_TOKEN, /* page = next_page until has_more is false or next_page is null */
};

/* How a parameter's value is written. */
enum api_form {
	API_TEXT,
	API_NUMBER,   /* decimal; in a body without quotes */
	API_BOOL,     /* true or false */
	API_LIST,     /* repeated name[]=value; in a body an array */
	API_TIME,     /* an RFC 3339 time or date (UTC midnight) given; the time sent */
	API_JSON,     /* body only: a complete JSON value, taken as it is */
	API_DAY,      /* an RFC 3339 time or date given; its UTC date sent */
	API_LAST_DAY, /* the same of an exclusive end: the date of the second before */
};

struct api_parameter {
	const char *name; /* as code above the table says: the platform dialect's name without [] */
	const char *wire; /* as it is sent, without []; "filters.user_id" is a member of a member of the body */
	enum api_form form;
	bool in_body;
	bool required;
	/* Values that the dialect calls otherwise: "workspace_developer=developer ..." (ours=wire), or NULL. */
	const char *values;
	bool is_closed; /* no other values than those: an unknown one is ERR_USAGE. Either name may be given */
	uint64_t max;   /* of an API_NUMBER; of limit: the largest page. 0 = none */
	/* Where the largest page is another one for some values of bucket_width: "1h=168 1m=1440", or NULL. */
	const char *max_by_width;
};

/* A response key that the dialect calls otherwise. */
struct api_rename {
	const char *name, *wire;
	const char *values; /* as in api_parameter, or NULL */
};

struct api_route {
	const char *method; /* "GET"; NULL: the dialect lacks the operation */
	const char *path;   /* "/v1/organizations/users/{id}": {name} is filled from the parameter of that name */
	enum api_paging paging;
	unsigned credentials; /* bit set of the kinds that may (1 << kind) */
	bool repeatable;      /* may be sent again when it may have been carried out: reads, and PUT */
	const struct api_parameter *parameters; /* NULL-name-terminated */
	const struct api_rename *renames;       /* NULL-name-terminated, or NULL */
};

/* "user.list": the operation's name in messages. */
const char *api_operation_name(enum api_operation operation);

/* The route; NULL with ERR_USAGE that names the operation and the dialect when the dialect lacks it. */
const struct api_route *api_route(enum api_dialect dialect, enum api_operation operation, struct err *err);

/* The route's parameter of that name; NULL when it has none. */
const struct api_parameter *api_parameter_of(const struct api_route *route, const char *name);

/* Cuts the first pair off *rest, which is a parameter's values, "ours=wire ours=wire ..."; one word alone is both.
 * false at the end. */
bool api_next_value(struct view *rest, struct view *ours, struct view *wire);

/* Index of a dialect's name; -1 with ERR_CONFIG that lists both. */
[[nodiscard]] int api_dialect_of(struct view name, enum api_dialect *ret, struct err *err);

/* The largest page of a call with this bucket_width (empty = none given), of its parameter limit. 0: any. */
uint64_t api_page_max(const struct api_parameter *limit, struct view bucket_width);

/* What the dialect calls the response key, and what we call a value that it gives there (the text itself when there is
 * no other name for it). */
const char *api_wire_key(const struct api_route *route, const char *name);
struct view api_our_value(const struct api_route *route, const char *name, struct view wire);

/* One parameter of a call, by our name; several of one name make a list. */
struct api_argument {
	const char *name;
	struct view value;
};

/* Writes a call: the path with its arguments percent-encoded (RFC 3986, section 2.1) and the query behind it into
 * target, the JSON body (nothing for a call without one) into body. ERR_USAGE, naming operation and parameter: one that
 * the dialect's route lacks, a required one that is missing, an empty id or one with a byte outside [A-Za-z0-9_.:-], a
 * number, date or time that is none, a page size beyond max, a second value where there is no list, after_id beside
 * before_id. Nothing was sent then. */
[[nodiscard]] int api_write(enum api_dialect dialect, enum api_operation operation,
			    const struct api_argument *arguments, size_t count, struct buf *target, struct buf *body,
			    struct err *err);

#endif
