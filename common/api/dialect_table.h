/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the two dialects. */
#ifndef COMMON_API_DIALECT_TABLE_H
#define COMMON_API_DIALECT_TABLE_H

#include "common/api/dialect.h"

extern const struct api_route platform_routes[API_OPERATIONS];
/* Without messages and models, which are the platform's. */
extern const struct api_route cca_routes[API_OPERATIONS];

/* A parameter whose name goes as it is. */
#define SAME(text) .name = (text), .wire = (text)
#define PATH(text)                                                                                                     \
	{                                                                                                              \
		SAME(text), .required = true                                                                           \
	}
#define QUERY(text)                                                                                                    \
	{                                                                                                              \
		SAME(text)                                                                                             \
	}
#define QUERY_LIST(text)                                                                                               \
	{                                                                                                              \
		SAME(text), .form = API_LIST                                                                           \
	}
/* One of the values of known (space-separated), or several in a list. */
#define QUERY_OF(text, known)                                                                                          \
	{                                                                                                              \
		SAME(text), .values = (known), .is_closed = true                                                       \
	}
#define QUERY_LIST_OF(text, known)                                                                                     \
	{                                                                                                              \
		SAME(text), .form = API_LIST, .values = (known), .is_closed = true                                     \
	}
#define BODY_OF(text, known)                                                                                           \
	{                                                                                                              \
		SAME(text), .in_body = true, .required = true, .values = (known), .is_closed = true                    \
	}
#define BODY(text)                                                                                                     \
	{                                                                                                              \
		SAME(text), .in_body = true                                                                            \
	}
#define BODY_REQUIRED(text)                                                                                            \
	{                                                                                                              \
		SAME(text), .in_body = true, .required = true                                                          \
	}
#define BODY_JSON(text)                                                                                                \
	{                                                                                                              \
		SAME(text), .form = API_JSON, .in_body = true                                                          \
	}
#define LIMIT(most)                                                                                                    \
	{                                                                                                              \
		SAME("limit"), .form = API_NUMBER, .max = (most)                                                       \
	}
#define PAGES_BY_ID(most) LIMIT(most), QUERY("after_id"), QUERY("before_id")
#define PAGES_BY_TOKEN(most) LIMIT(most), QUERY("page")
#define END                                                                                                            \
	{                                                                                                              \
		.name = NULL                                                                                           \
	}

#define PARAMETERS(...)                                                                                                \
	(const struct api_parameter[])                                                                                 \
	{                                                                                                              \
		__VA_ARGS__, END                                                                                       \
	}
#define NO_PARAMETERS                                                                                                  \
	(const struct api_parameter[])                                                                                 \
	{                                                                                                              \
		END                                                                                                    \
	}

#endif
