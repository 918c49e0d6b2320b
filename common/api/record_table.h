/* SPDX-License-Identifier: Apache-2.0 */
/* How the endpoints write their tables of members. */
#ifndef COMMON_API_RECORD_TABLE_H
#define COMMON_API_RECORD_TABLE_H

#include "common/api/record.h"

/* tag is the struct's, member its member; JSON calls it the same, or json_name. */
#define FIELD_AS(tag, member, json_name, its_form)                                                                     \
	{                                                                                                              \
		.name = (json_name), .offset = offsetof(struct tag, member), .form = (its_form)                        \
	}
#define FIELD(tag, member, its_form) FIELD_AS(tag, member, #member, its_form)
#define REQUIRED(tag, member, its_form)                                                                                \
	{                                                                                                              \
		.name = #member, .offset = offsetof(struct tag, member), .form = (its_form), .is_required = true       \
	}

#define RECORD_TYPE(tag, its_what, its_fields)                                                                         \
	{                                                                                                              \
		.what = (its_what), .fields = (its_fields), .count = ARRAY_LEN(its_fields),                            \
		.size = sizeof(struct tag), .raw_offset = offsetof(struct tag, raw)                                    \
	}

#endif
